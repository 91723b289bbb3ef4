/* SPDX-License-Identifier: MIT */
/* ATS translation requests of stage 1: entries, rights, refusals. */
#include "ats_asks.h"
#include "clients.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define SSV DMASIM_TXN_SSV
#define NW  DMASIM_TXN_ATS_NO_WRITE
#define EXE DMASIM_TXN_INSTRUCTION
#define PRV DMASIM_TXN_PRIVILEGED

#define ATS_ON   .idr_set = {1u << 10}
#define EATS(n)  ((uint64_t)(n) << 28)
#define SSID_CDS 2

/* A stream with ATS, SubstreamIDs 0 to 3 with one address space each, and
 * CD 0 for requests without. */
static uint64_t setup(struct rig *r, struct tables_half *h)
{
	uint64_t cd = tables_alloc(&r->t, 256, 256);

	assert_true(tables_half_new(&r->t, h, 16, 12));
	for (unsigned i = 0; i < 4; i++)
		tables_cd(&r->t, cd + 64 * i, h, NULL, (uint16_t)(1 + i));
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	rig_ste_word(r, SID, 0, 0, 2ull << 59);
	/* S1DSS 2, EATS 1. */
	rig_ste_word(r, SID, 1, 3, 2 | EATS(1));
	return cd;
}

/* Every case also with all accesses pending. */
#define ATS_TEST(name, ...)                                                    \
	static void name##_case(struct rig *r);                                \
	RIG_TEST(name, __VA_ARGS__)                                            \
	{                                                                      \
		name##_case(r);                                                \
	}                                                                      \
	RIG_TEST(name##_pend, .pend = true, __VA_ARGS__)                       \
	{                                                                      \
		name##_case(r);                                                \
	}                                                                      \
	static void name##_case(struct rig *r)

/* ---- sizes ---- */

ATS_TEST(pages_and_blocks, ATS_ON)
{
	struct tables_half h;
	uint64_t e;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, 0x40000000, 0x80000000, 2, LEAF_RW);
	tables_map(&r->t, &h, 0x8040000000, 0xc0000000, 1, LEAF_RW);
	assert_true(ats_entry(r, SID, VA + 0xabc, 0) == (PA | ATS_RW));
	e = ats_entry(r, SID, 0x40123456, 0);
	assert_true(e == (0x800ff000 | DMASIM_ATS_S | ATS_RW));
	assert_int_equal(dmasim_ats_shift(e), 21);
	assert_true(dmasim_ats_address(e) == 0x80000000);
	e = ats_entry(r, SID, 0x8071234567, 0);
	assert_int_equal(dmasim_ats_shift(e), 30);
	assert_true(dmasim_ats_address(e) == 0xc0000000);
	rig_expect_none(r);
}

/* A hit gives the same as a walk. */
ATS_TEST(from_the_tlb, ATS_ON)
{
	struct tables_half h;
	uint64_t first;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	first = ats_entry(r, SID, VA, 0);
	r->logged = 0;
	assert_true(ats_entry(r, SID, VA, 0) == first);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	/* Transactions use what requests have found, and the reverse. */
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
}

/* All entries of an answer have the size of the first. */
ATS_TEST(several_translations, ATS_ON)
{
	struct tables_half h;
	uint64_t e[16];

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, VA + 0x1000, PA + 0x5000, 3, LEAF_RO);
	tables_map(&r->t, &h, VA + 0x3000, PA, 3, LEAF_RW);
	assert_int_equal(ats_ask(r, SID, VA, 0, 0, e, 16), ATS_SUCCESS);
	assert_true(e[0] == (PA | ATS_RW));
	assert_true(e[1] == ((PA + 0x5000) | DMASIM_ATS_R));
	assert_true(e[2] == 0);
	assert_true(e[3] == (PA | ATS_RW));
	for (unsigned i = 4; i < 16; i++)
		assert_true(e[i] == 0);
	/* A block behind pages ends it. */
	tables_map(&r->t, &h, 0x3ffff000, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, 0x40000000, 0x80000000, 2, LEAF_RW);
	assert_int_equal(ats_ask(r, SID, 0x3ffff000, 0, 0, e, 3), ATS_SUCCESS);
	assert_true(e[0] == (PA | ATS_RW));
	assert_true(e[1] == DMASIM_ATS_NONE);
	assert_true(e[2] == DMASIM_ATS_NONE);
	/* Blocks follow one another at their size. */
	tables_map(&r->t, &h, 0x40200000, 0xc0000000, 2, LEAF_RW);
	assert_int_equal(ats_ask(r, SID, 0x40001000, 0, 0, e, 3), ATS_SUCCESS);
	assert_true(dmasim_ats_address(e[0]) == 0x80000000);
	assert_true(dmasim_ats_address(e[1]) == 0xc0000000);
	/* What denies has the size of the first, too. */
	assert_int_equal(dmasim_ats_shift(e[2]), 21);
	assert_int_equal(e[2] & ATS_RW, 0);
}

/* Nothing comes after the last address. */
ATS_TEST(the_end_of_the_address_space, ATS_ON)
{
	struct tables_half low, high;
	uint64_t cd = setup(r, &low), e[2];

	high = (struct tables_half){.upper = true, .tsz = 16, .granule = 12};
	assert_int_equal(dmasim_tables_space_new(&r->t, &high), DMASIM_OK);
	tables_cd(&r->t, cd, &low, &high, 1);
	tables_map(&r->t, &high, 0xfffffffffffff000, PA, 3, LEAF_RW);
	assert_int_equal(ats_ask(r, SID, 0xfffffffffffff000, 0, 0, e, 2),
	                 ATS_SUCCESS);
	assert_true(e[0] == (PA | ATS_RW));
	assert_true(e[1] == DMASIM_ATS_NONE);
}

/* Denied: the size of the STU, which is the smallest granule. */
ATS_TEST(the_stu_is_the_smallest_granule, ATS_ON,
         .idr_clear = {0, 0, 0, 0, 0, 3u << 4})
{
	struct tables_half h;
	uint64_t cd = tables_alloc(&r->t, 64, 64), e;

	assert_true(tables_half_new(&r->t, &h, 16, 16));
	tables_cd(&r->t, cd, &h, NULL, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	rig_ste_word(r, SID, 1, 0, EATS(1));
	e = ats_entry(r, SID, VA, 0);
	assert_int_equal(dmasim_ats_shift(e), 16);
	assert_int_equal(e & ATS_RW, 0);
}

/* ---- rights (13.7) ---- */

struct rights {
	uint64_t leaf;
	uint32_t flags;
	uint64_t bits;
};

#define R DMASIM_ATS_R
#define W DMASIM_ATS_W
#define X DMASIM_ATS_EXEC
#define P DMASIM_ATS_PRIV

ATS_TEST(rights_are_those_of_the_tables, ATS_ON)
{
	static const struct rights cases[] = {
	        /* The table of 13.7, for VMSAv8-64. */
	        {LEAF_RO, SSV | NW, R},
	        {LEAF_RW, SSV, R | W},
	        {LEAF_RO, SSV, R},
	        {LEAF_RO & ~LEAF_AP2 & ~LEAF_AP1, SSV | PRV, R | W | P},
	        {LEAF_RW | LEAF_UXN, SSV | NW | EXE, R | W},
	        {LEAF_RW | LEAF_UXN, SSV, R | W},
	        {LEAF_RW, SSV | EXE, R | W | X},
	        {LEAF_RW & ~LEAF_AP1, SSV | EXE, 0},
	        /* Unprivileged requests of privileged pages, and the other way.
	         */
	        {LEAF_RW & ~LEAF_AP1, SSV, 0},
	        {LEAF_RO, SSV | PRV | EXE, R | X | P},
	        {LEAF_RO | LEAF_PXN, SSV | PRV | EXE, R | P},
	        {LEAF_RW & ~LEAF_AP1 & ~LEAF_AF, SSV | PRV, P},
	        /* Without a PASID there is no Exe and no Priv. */
	        {LEAF_RW, PRV | EXE, R | W},
	        {LEAF_RW & ~LEAF_AP1, PRV, 0},
	        {0, SSV, 0},
	};
	struct tables_half h;

	setup(r, &h);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t e, at = tables_descriptor(&r->t, &h, VA, 3);

		if (cases[i].leaf)
			tables_map(&r->t, &h, VA, PA, 3, cases[i].leaf);
		else
			tables_set(&r->t, at, 0);
		rig_flush(r);
		assert_int_equal(ats_ask(r, SID, VA, cases[i].flags, 1, &e, 1),
		                 ATS_SUCCESS);
		if ((e & 0xfff) != cases[i].bits)
			fail_msg("case %u: 0x%llx", i, (unsigned long long)e);
		assert_true((e & ~0xfffull) ==
		            (cases[i].bits & (R | W) ? PA : 0));
	}
	rig_expect_none(r);
}

/* STE.PRIVCFG and INSTCFG (13.7.1); Priv stays that of the request. */
ATS_TEST(overrides_count, ATS_ON)
{
	static const struct {
		uint64_t ste1, leaf;
		uint32_t flags;
		uint64_t bits;
	} cases[] = {
	        /* PRIVCFG unprivileged: the example of 13.7.1. */
	        {2ull << 48, LEAF_RO, SSV | PRV, R | P},
	        {2ull << 48, LEAF_RW & ~LEAF_AP1, SSV | PRV, P},
	        {3ull << 48, LEAF_RW & ~LEAF_AP1, SSV, R | W},
	        {3ull << 48, LEAF_RW & ~LEAF_AP1, 0, R | W},
	        /* INSTCFG instruction: R is X. */
	        {3ull << 50, LEAF_RO, SSV | NW, R},
	        {3ull << 50, LEAF_RO | LEAF_UXN, SSV | NW, 0},
	        {3ull << 50, LEAF_RW | LEAF_UXN, SSV, W},
	        {3ull << 50, LEAF_RO, SSV | EXE, R | X},
	        /* INSTCFG data: X is R. */
	        {2ull << 50, LEAF_RO | LEAF_UXN, SSV | EXE, R | X},
	        {2ull << 50, LEAF_RO | LEAF_UXN, SSV, R},
	};
	struct tables_half h;

	setup(r, &h);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t e;

		rig_ste_word(r, SID, 1, 0xfull << 48, cases[i].ste1);
		tables_map(&r->t, &h, VA, PA, 3, cases[i].leaf);
		rig_flush(r);
		assert_int_equal(ats_ask(r, SID, VA, cases[i].flags, 1, &e, 1),
		                 ATS_SUCCESS);
		if ((e & 0xfff) != cases[i].bits)
			fail_msg("case %u: 0x%llx", i, (unsigned long long)e);
	}
}

/* Faults of the translation deny, whatever the fault model says. */
ATS_TEST(translation_faults_deny, ATS_ON, .oas_bits = 44)
{
	struct tables_half h;
	uint64_t cd = setup(r, &h);

	for (unsigned a = 0; a < 2; a++) {
		tables_map(&r->t, &h, VA, PA, 3, LEAF_RW & ~LEAF_AF);
		tables_map(&r->t, &h, VA + 0x1000, 1ull << 45, 3, LEAF_RW);
		rig_flush(r);
		assert_true(ats_entry(r, SID, VA, 0) == 0);
		assert_true(ats_entry(r, SID, VA + 0x1000, 0) == 0);
		assert_true(ats_entry(r, SID, VA + 0x2000, 0) == 0);
		/* Outside of the tables' range. */
		assert_true(ats_entry(r, SID, 1ull << 50, 0) == 0);
		/* Once more without R. */
		tables_set(&r->t, cd, tables_get(&r->t, cd) & ~(1ull << 45));
	}
	rig_expect_none(r);
}

/* CD.S has no effect on requests (5.5). */
RIG_TEST(requests_do_not_stall, .idr_clear = {7u << 24},
         .idr_set = {1u << 10, 0, 0, 0, 0, 4u << 16})
{
	static struct clients cs;
	const struct dmasim_txn t = {.op = DMASIM_READ,
	                             .stream_id = SID,
	                             .addr = VA,
	                             .size = 8,
	                             .flags = DMASIM_TXN_ATS_REQUEST};
	struct tables_half h;
	uint64_t cd;

	clients_open(&cs, r, "clients");
	cd = setup(r, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 44);
	assert_int_equal(client_start(&cs, 0, &t), DMASIM_TXN_OK);
	assert_int_equal(cs.c[0].data[0], 0);
	rig_expect_none(r);
	clients_close(&cs);
}

/* ---- Unsupported Request (3.9.1.2) ---- */

/* F_BAD_ATS_TREQ: what was asked for, before overrides. */
ATS_TEST(bad_requests_are_recorded, ATS_ON)
{
	struct tables_half h;
	uint64_t e[16];

	setup(r, &h);
	/* Privileged by override: not in the record. */
	rig_ste_word(r, SID, 1, EATS(3), 3ull << 48);
	assert_int_equal(ats_ask(r, SID, VA + 0x123, 0, 0, e, 1), ATS_UR);
	rig_expect(r, EV(5, SID), 1ull << 31 | 1ull << 30 | 1, VA, 0);
	assert_int_equal(ats_ask(r, SID, VA, NW | SSV | EXE | PRV, 3, e, 15),
	                 ATS_UR);
	rig_expect(r, EV(5, SID) | 1 << 11 | 3 << 12,
	           1ull << 31 | 1ull << 29 | 1ull << 28 | 15, VA, 0);
	assert_int_equal(ats_ask(r, SID, VA, NW | EXE | PRV, 3, e, 2), ATS_UR);
	rig_expect(r, EV(5, SID), 1ull << 31 | 2, VA, 0);
	/* Without SMMUEN. */
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(ats_ask(r, 300, VA, NW, 0, e, 1), ATS_UR);
	rig_expect(r, EV(5, 300), 1ull << 31 | 1, VA, 0);
}

ATS_TEST(eats_decides, ATS_ON)
{
	struct tables_half h;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (unsigned eats = 0; eats < 4; eats++) {
		enum dmasim_result want = eats == 1   ? ATS_SUCCESS
		                          : eats == 2 ? ATS_CA
		                                      : ATS_UR;

		rig_ste_word(r, SID, 1, EATS(3), EATS(eats));
		rig_flush(r);
		/* 2 without stage 2 is ILLEGAL; 3 is reserved without DPT. */
		assert_int_equal(ats_result(r, SID, VA), want);
		if (want == ATS_UR)
			rig_expect(r, EV(5, SID), 1ull << 31 | 1ull << 30 | 1,
			           VA, 0);
		else
			rig_expect_none(r);
	}
	/* Config 0b000: refused without a record; 0b100 with one. */
	tables_ste_config(&r->t, &r->streams, SID, 0);
	rig_ste_word(r, SID, 1, EATS(3), EATS(1));
	rig_flush(r);
	assert_int_equal(ats_result(r, SID, VA), ATS_UR);
	rig_expect_none(r);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	rig_ste_word(r, SID, 1, EATS(3), EATS(1));
	rig_flush(r);
	assert_int_equal(ats_result(r, SID, VA), ATS_UR);
	rig_expect(r, EV(5, SID), 1ull << 31 | 1ull << 30 | 1, VA, 0);
}

ATS_TEST(without_ats_there_are_no_requests, 0)
{
	struct tables_half h;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(ats_result(r, SID, VA), ATS_UR);
	rig_expect_none(r);
}

/* ---- Completer Abort ---- */

static void configuration_errors(struct rig *r, bool recorded)
{
	struct tables_half h;
	uint64_t cd = setup(r, &h), ste, e, at;

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(ats_result(r, 300, VA), ATS_CA);
	if (recorded)
		rig_expect(r, EV(2, 300), 0, 0, 0);
	/* C_BAD_SUBSTREAMID, F_STREAM_DISABLED. */
	assert_int_equal(ats_ask(r, SID, VA, SSV, 4, &e, 1), ATS_CA);
	if (recorded)
		rig_expect(r, EV(8, SID) | 4 << 12, 0, 0, 0);
	assert_int_equal(ats_ask(r, SID, VA, SSV, 0, &e, 1), ATS_CA);
	if (recorded)
		rig_expect(r, EV(6, SID), 0, 0, 0);
	/* F_WALK_EABT. */
	at = tables_descriptor(&r->t, &h, VA, 3);
	r->refuse_from = at;
	r->refuse_to = at + 8;
	assert_int_equal(ats_ask(r, SID, VA, SSV, 1, &e, 1), ATS_CA);
	if (recorded)
		rig_expect(r, EV(0x0b, SID) | 1 << 11 | 1 << 12,
		           EV_TT | EV_READ, VA, at);
	/* F_CD_FETCH, C_BAD_CD. */
	r->refuse_from = cd + 128;
	r->refuse_to = cd + 192;
	assert_int_equal(ats_ask(r, SID, VA, SSV, 2, &e, 1), ATS_CA);
	if (recorded)
		rig_expect(r, EV(9, SID) | 1 << 11 | 2 << 12, 0, 0, cd + 128);
	r->refuse_to = 0;
	tables_set(&r->t, cd + 128, 0);
	assert_int_equal(ats_ask(r, SID, VA, SSV, 2, &e, 1), ATS_CA);
	if (recorded)
		rig_expect(r, EV(10, SID) | 1 << 11 | 2 << 12, 0, 0, 0);
	/* F_STE_FETCH, C_BAD_STE. */
	ste = tables_ste(&r->t, &r->streams, SID);
	r->refuse_from = ste;
	r->refuse_to = ste + 64;
	rig_flush(r);
	assert_int_equal(ats_result(r, SID, VA), ATS_CA);
	if (recorded)
		rig_expect(r, EV(3, SID), 0, 0, ste);
	r->refuse_to = 0;
	rig_ste_word(r, SID, 0, 1, 0);
	rig_flush(r);
	assert_int_equal(ats_result(r, SID, VA), ATS_CA);
	if (recorded)
		rig_expect(r, EV(4, SID), 0, 0, 0);
	rig_expect_none(r);
}

ATS_TEST(configuration_errors_abort, ATS_ON)
{
	configuration_errors(r, false);
}

ATS_TEST(and_are_recorded_on_demand, .idr_set = {1u << 10 | 1u << 23})
{
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3 | 1u << 1);
	rig_w32(r, CR0, EN_ALL);
	configuration_errors(r, true);
}

/* C_BAD_STREAMID needs RECINVSID, too. */
RIG_TEST(bad_streams_without_recinvsid, .idr_set = {1u << 10 | 1u << 23})
{
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(ats_result(r, 300, VA), ATS_CA);
	rig_expect_none(r);
}

/* An error behind the first entry ends the answer. */
ATS_TEST(errors_behind_the_first_entry, ATS_ON)
{
	struct tables_half h;
	uint64_t e[3], at;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, VA + 0x1000, PA, 3, LEAF_RW);
	at = tables_descriptor(&r->t, &h, VA + 0x1000, 3);
	r->refuse_from = at;
	r->refuse_to = at + 8;
	assert_int_equal(ats_ask(r, SID, VA, 0, 0, e, 3), ATS_SUCCESS);
	assert_true(e[0] == (PA | ATS_RW));
	assert_true(e[1] == DMASIM_ATS_NONE);
	assert_true(e[2] == DMASIM_ATS_NONE);
}

/* ---- stage 1 skipped (13.6.4) ---- */

ATS_TEST(stage_1_skipped_is_identity, ATS_ON, .oas_bits = 44)
{
	struct tables_half h;
	uint64_t e;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO);
	rig_ste_word(r, SID, 1, 3, 1);
	e = ats_entry(r, SID, VA, 0);
	assert_int_equal(e & 0xfff, ATS_RW | DMASIM_ATS_S);
	assert_int_equal(dmasim_ats_shift(e), 44);
	assert_true(dmasim_ats_address(e) == 0);
	/* Even for a request that does not ask for it. */
	assert_int_equal(ats_entry(r, SID, VA, NW | EXE | PRV) & 0xfff,
	                 ATS_RW | DMASIM_ATS_S);
	/* Beyond the output size: denied. */
	assert_true(ats_entry(r, SID, 1ull << 44, 0) == 0);
	/* With a PASID it is translated. */
	assert_int_equal(ats_ask(r, SID, VA, SSV, 1, &e, 1), ATS_SUCCESS);
	assert_true(e == (PA | DMASIM_ATS_R));
}

/* ---- malformed ---- */

RIG_TEST(requests_of_no_shape, ATS_ON)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 8,
	                       .flags = DMASIM_TXN_ATS_REQUEST,
	                       .data = r->buf};
	struct tables_half h;

	setup(r, &h);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	t.size = 12;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_SLAVE);
	t.size = 8 * 17;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_SLAVE);
	t.size = 8;
	t.op = DMASIM_WRITE;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_SLAVE);
	t.op = DMASIM_READ;
	t.data = NULL;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_SLAVE);
	rig_expect_none(r);
	/* Both address types at once. */
	t.data = r->buf;
	t.flags |= DMASIM_TXN_ATS_TRANSLATED;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

/* A look asks as well, and leaves nothing. */
RIG_TEST(a_look, ATS_ON)
{
	struct dmasim_smmu_stats st;
	struct tables_half h;

	setup(r, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_true(ats_entry(r, SID, VA, DMASIM_TXN_DEBUG) == (PA | ATS_RW));
	rig_ste_word(r, SID, 1, EATS(3), 0);
	rig_flush(r);
	assert_int_equal(
	        ats_ask(r, SID, VA, DMASIM_TXN_DEBUG, 0, &(uint64_t){0}, 1),
	        ATS_UR);
	rig_expect_none(r);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.ats_requests, 0);
	assert_int_equal(ats_result(r, SID, VA), ATS_UR);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.ats_requests, 1);
}

/* ---- entries ---- */

static void entries_have_sizes(void **state)
{
	(void)state;
	for (unsigned shift = 12; shift <= 64; shift++) {
		uint64_t pa = shift > 63 ? 0 : 5ull << shift;
		uint64_t e = dmasim_ats_entry(pa | 0x123, shift, ATS_RW);

		assert_int_equal(dmasim_ats_shift(e), shift);
		assert_true(dmasim_ats_address(e) == pa);
		assert_int_equal((e & DMASIM_ATS_S) != 0, shift > 12);
		assert_int_equal(e & 0x7ff, ATS_RW);
	}
	/* The examples of the PCIe specification. */
	assert_true(dmasim_ats_entry(0x10000, 13, 0) == (0x10000 | 0x800));
	assert_true(dmasim_ats_entry(0x10000, 14, 0) == (0x11000 | 0x800));
	assert_true(dmasim_ats_entry(0x200000, 21, 0) == (0x2ff000 | 0x800));
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(pages_and_blocks),
        STALL_CASE(from_the_tlb),
        STALL_CASE(several_translations),
        STALL_CASE(the_end_of_the_address_space),
        STALL_CASE(the_stu_is_the_smallest_granule),
        STALL_CASE(rights_are_those_of_the_tables),
        STALL_CASE(overrides_count),
        STALL_CASE(translation_faults_deny),
        cmocka_unit_test(requests_do_not_stall),
        STALL_CASE(bad_requests_are_recorded),
        STALL_CASE(eats_decides),
        STALL_CASE(without_ats_there_are_no_requests),
        STALL_CASE(configuration_errors_abort),
        STALL_CASE(and_are_recorded_on_demand),
        cmocka_unit_test(bad_streams_without_recinvsid),
        STALL_CASE(errors_behind_the_first_entry),
        STALL_CASE(stage_1_skipped_is_identity),
        cmocka_unit_test(requests_of_no_shape),
        cmocka_unit_test(a_look),
        cmocka_unit_test(entries_have_sizes),
};

CHECK_MAIN(tests)
