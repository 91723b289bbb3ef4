/* SPDX-License-Identifier: MIT */
/* ATS with both stages, flag updates, and transactions marked translated. */
#include "ats_asks.h"
#include "nest.h"

#define NW  DMASIM_TXN_ATS_NO_WRITE
#define SSV DMASIM_TXN_SSV
#define EXE DMASIM_TXN_INSTRUCTION
#define PRV DMASIM_TXN_PRIVILEGED

/* NS1ATS is 0: split stages are there. */
#define ATS_NEST  NEST_BUT(0u, I0_ATS, 0u, 0u, 0u, 0u)
#define ATSRECERR (1u << 23)
#define PASIDTT   (1u << 16)

#define R DMASIM_ATS_R
#define W DMASIM_ATS_W
#define X DMASIM_ATS_EXEC

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
#define ATS_CASE(name) cmocka_unit_test(name), cmocka_unit_test(name##_pend)

static void nested(struct rig *r, struct nest *n, unsigned eats)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.eats = eats;
	rig_w32(r, CR0, EN_ALL | CR0_ATSCHK_BIT);
	nest_write(n);
}

/* ---- both stages ---- */

ATS_TEST(full_ats_gives_physical_addresses, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | ATS_RW));
		/* The second time from the TLB. */
		assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 1);
	}
	/* The smaller of both sizes. */
	nest_map2(&n, N_IPA & ~0x1fffffull, 0x80000000, 2, S2_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) ==
	            ((0x80000000 | (N_IPA & 0x1ff000)) | ATS_RW));
	rig_expect_none(r);
}

ATS_TEST(rights_are_those_of_both_stages, ATS_NEST)
{
	static const struct {
		uint64_t leaf1, leaf2;
		uint32_t flags;
		uint64_t bits;
	} cases[] = {
	        {LEAF_RW, S2_RO, 0, R},
	        {LEAF_RO, S2_RW, 0, R},
	        {LEAF_RW, S2_WO, 0, W},
	        {LEAF_RO, S2_WO, 0, 0},
	        {LEAF_RW, S2_WO, NW, 0},
	        {LEAF_RW & ~LEAF_AP1, S2_RW, 0, 0},
	        {LEAF_RW,
	         S2_RW & ~(DMASIM_TABLES_S2_READ | DMASIM_TABLES_S2_WRITE), 0,
	         0},
	        {LEAF_RW, S2_RW & ~LEAF_AF, 0, 0},
	};
	struct nest n;

	nested(r, &n, 1);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		nest_map1(&n, N_VA, N_IPA, 3, cases[i].leaf1);
		nest_map2(&n, N_IPA, N_PA, 3, cases[i].leaf2);
		rig_flush(r);
		for (unsigned j = 0; j < 2; j++) {
			uint64_t e = ats_entry(r, n.sid, N_VA, cases[i].flags);

			if ((e & 0xfff) != cases[i].bits)
				fail_msg("case %u: 0x%llx", i,
				         (unsigned long long)e);
		}
	}
	rig_expect_none(r);
}

/* Stage 2 may fault anywhere: denied, and nothing is recorded. */
ATS_TEST(stage_2_faults_deny, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	/* For the page, a descriptor, the CD: unmapped, then no right. */
	nest_map2(&n, N_IPA, 1ull << 52, 3, S2_RW & ~1ull);
	nest_set2(&n, N_IPA, 3, 0);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW);
	nest_guard(&n, nest_at1(&n, N_VA, 3), S2_WO);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_guard(&n, nest_at1(&n, N_VA, 3), S2_RW);
	nest_guard(&n, n.cd_at, S2_RW & ~LEAF_AF);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_guard(&n, n.cd_at, S2_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | ATS_RW));
	rig_expect_none(r);
}

/* 3.9.1.2: an address that stage 1 does not grant is not looked up. */
ATS_TEST(stage_2_is_not_asked_in_vain, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	n.ste.s2ha = 1;
	nest_write(&n);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AP1);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~LEAF_AF);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & LEAF_AF, 0);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | ATS_RW));
	assert_true((nest_get2(&n, N_IPA, 3) & LEAF_AF) != 0);
}

/* ---- split stages (13.6.3) ---- */

ATS_TEST(split_stages_give_intermediate_addresses, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_IPA | ATS_RW));
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_IPA | R));
	/* The smaller of both sizes, all the same. */
	nest_map1(&n, N_VA & ~0x1fffffull, N_IPA & ~0x1fffffull, 2, LEAF_RW);
	nest_map2(&n, (N_IPA & ~0x1fffffull) | (N_VA & 0x1ff000), N_PA, 3,
	          S2_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) ==
	            ((N_IPA & ~0x1fffffull) | (N_VA & 0x1ff000) | ATS_RW));
	/* Without ATSCHK it counts as off. */
	rig_w32(r, CR0, EN_ALL);
	rig_flush(r);
	assert_int_equal(ats_result(r, n.sid, N_VA), ATS_UR);
	rig_expect(r, EV(5, n.sid), 1ull << 31 | 1ull << 30 | 1, N_VA, 0);
}

/* 13.6.4, 13.6.5: S1DSS skips stage 1 for requests without a PASID. */
ATS_TEST(stage_1_skipped, ATS_NEST)
{
	struct nest n;
	uint64_t e;

	nested(r, &n, 1);
	n.ste.s1cdmax = 1;
	n.ste.s1dss = 1;
	nest_write(&n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_IPA, 0) == (N_PA | R));
	assert_true(ats_entry(r, n.sid, N_IPA + 0x1000, 0) == 0);
	n.ste.eats = 2;
	nest_write(&n);
	assert_true(ats_entry(r, n.sid, N_IPA, 0) == (N_IPA | R));
	nest_map2(&n, NEST_SHIFT | 0xc0200000, 0x80000000, 2, S2_RW);
	rig_flush(r);
	e = ats_entry(r, n.sid, NEST_SHIFT | 0xc0234000, 0);
	assert_int_equal(dmasim_ats_shift(e), 21);
	assert_true(dmasim_ats_address(e) == (NEST_SHIFT | 0xc0200000));
	/* Beyond IAS: an address size fault, and so denied. */
	assert_true(ats_entry(r, n.sid, 1ull << 60, 0) == 0);
	rig_expect_none(r);
}

/* ---- flags (3.13.7) ---- */

#define DBM DMASIM_TABLES_DBM

ATS_TEST(requests_set_the_access_flag, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AF);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, NW) == 0);
	n.cd.ha = 1;
	nest_write(&n);
	assert_true(ats_entry(r, n.sid, N_VA, NW) == (N_PA | ATS_RW));
	assert_true((nest_get1(&n, N_VA, 3) & LEAF_AF) != 0);
}

/* A page is marked dirty for NW = 0 alone. */
ATS_TEST(requests_mark_pages_dirty, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO | DBM);
	/* HD = 0: read-only it is. */
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | R));
	n.cd.ha = n.cd.hd = 1;
	nest_write(&n);
	for (unsigned i = 0; i < 2; i++)
		assert_true(ats_entry(r, n.sid, N_VA, NW) == (N_PA | R));
	assert_true((nest_get1(&n, N_VA, 3) & LEAF_AP2) != 0);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | ATS_RW));
	assert_int_equal(nest_get1(&n, N_VA, 3) & LEAF_AP2, 0);
	/* Dirty now: also for who does not ask. */
	assert_true(ats_entry(r, n.sid, N_VA, NW) == (N_PA | ATS_RW));
	/* Not where the privilege has no right to write. */
	nest_map1(&n, N_VA, N_IPA, 3, (LEAF_RO | DBM) & ~LEAF_AP1);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	assert_true((nest_get1(&n, N_VA, 3) & LEAF_AP2) != 0);
}

/* Stage 1 read-only: neither stage becomes dirty. */
ATS_TEST(read_only_stage_1_marks_nothing, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	n.cd.ha = n.cd.hd = n.ste.s2ha = n.ste.s2hd = 1;
	nest_write(&n);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO | DBM);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | R));
	assert_int_equal(nest_get2(&n, N_IPA, 3) & DMASIM_TABLES_S2_WRITE, 0);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, NW) == (N_PA | R));
	assert_int_equal(nest_get2(&n, N_IPA, 3) & DMASIM_TABLES_S2_WRITE, 0);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | ATS_RW));
	assert_true((nest_get2(&n, N_IPA, 3) & DMASIM_TABLES_S2_WRITE) != 0);
	/* With split stages a writable-clean page of stage 2 counts. */
	n.ste.eats = 2;
	nest_write(&n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO | DBM);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_IPA | ATS_RW));
}

/* ---- transactions marked translated (3.9.1.3) ---- */

static enum dmasim_result translated(struct rig *r, enum dmasim_op op,
                                     uint32_t sid, uint64_t addr,
                                     uint32_t flags)
{
	return rig_dma_flags(r, op, sid, addr,
	                     flags | DMASIM_TXN_ATS_TRANSLATED);
}

static void passes(struct rig *r, uint32_t sid, uint64_t addr, uint64_t pa)
{
	assert_int_equal(translated(r, DMASIM_READ, sid, addr, 0),
	                 DMASIM_TXN_OK);
	assert_true(rig_last(r, DMASIM_CAUSE_DMA)->addr == pa);
	/* Downstream it is an access as any other. */
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags, 0);
	rig_expect_none(r);
}

static void forbidden(struct rig *r, uint32_t sid, uint64_t addr)
{
	assert_int_equal(translated(r, DMASIM_READ, sid, addr, 0),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(7, sid), EV_READ, addr, 0);
	assert_int_equal(translated(r, DMASIM_WRITE, sid, addr, SSV | PRV),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(7, sid), 0, addr, 0);
}

static void silent(struct rig *r, uint32_t sid, uint64_t addr)
{
	assert_int_equal(translated(r, DMASIM_READ, sid, addr, 0),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

/* ATSCHK 0: nothing is looked up, but the size. */
ATS_TEST(without_atschk_they_pass, ATS_NEST, .oas_bits = 44)
{
	rig_w32(r, CR0, EN_ALL);
	passes(r, 300, RIG_DATA + 0x123, RIG_DATA + 0x123);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_NSH);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.inner, DMASIM_WB);
	/* 13.6.2.1: No_snoop counts as ever. */
	assert_int_equal(
	        translated(r, DMASIM_READ, 300, RIG_DATA, DMASIM_TXN_NO_SNOOP),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.inner, DMASIM_NC);
	silent(r, 300, 1ull << 44);
	rig_w32(r, CR0, EN_EVENTQ);
	forbidden(r, 300, RIG_DATA);
}

RIG_TEST(without_ats_none_pass, 0)
{
	silent(r, N_SID, RIG_DATA);
	rig_w32(r, CR0, EN_EVENTQ);
	silent(r, N_SID, RIG_DATA);
}

ATS_TEST(with_atschk_eats_decides, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 1);
	passes(r, n.sid, RIG_DATA, RIG_DATA);
	silent(r, n.sid, 1ull << 52);
	n.ste.eats = 0;
	nest_write(&n);
	forbidden(r, n.sid, RIG_DATA + 0x123);
	n.ste.eats = 3;
	nest_write(&n);
	forbidden(r, n.sid, RIG_DATA);
	/* Bypass forbids whatever EATS is; abort does it in silence. */
	n.ste.eats = 1;
	n.ste.config = 4;
	nest_write(&n);
	forbidden(r, n.sid, RIG_DATA);
	n.ste.config = 0;
	nest_write(&n);
	silent(r, n.sid, RIG_DATA);
}

/* Errors of the configuration abort; CR2.REC_CFG_ATS records them. */
static void errors(struct rig *r, bool recorded)
{
	struct nest n;
	uint64_t ste;

	nested(r, &n, 1);
	ste = tables_ste(&r->t, &r->streams, n.sid);
	translated(r, DMASIM_READ, 300, RIG_DATA, 0);
	if (recorded)
		rig_expect(r, EV(2, 300), 0, 0, 0);
	rig_flush(r);
	r->refuse_from = ste;
	r->refuse_to = ste + 64;
	translated(r, DMASIM_READ, n.sid, RIG_DATA, 0);
	if (recorded)
		rig_expect(r, EV(3, n.sid), 0, 0, ste);
	r->refuse_to = 0;
	n.ste.invalid = true;
	nest_write(&n);
	translated(r, DMASIM_READ, n.sid, RIG_DATA, 0);
	if (recorded)
		rig_expect(r, EV(4, n.sid), 0, 0, 0);
	rig_expect_none(r);
}

ATS_TEST(errors_are_silent, NEST_BUT(0u, I0_ATS | ATSRECERR, 0u, 0u, 0u, 0u))
{
	errors(r, false);
}

/* RECINVSID does not matter for these. */
ATS_TEST(or_recorded_on_demand,
         NEST_BUT(0u, I0_ATS | ATSRECERR, 0u, 0u, 0u, 0u))
{
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3);
	errors(r, true);
}

/* Split stages: the address is intermediate. */
ATS_TEST(stage_2_translates_them, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 2);
	passes(r, n.sid, N_IPA + 0x124, N_PA + 0x124);
	/* In parts, where pages end. */
	nest_map2(&n, N_IPA + 0x1000, N_PA + 0x5000, 3, S2_RW);
	tables_set(&r->t, N_PA + 0xff8, 0x1111111111111111);
	tables_set(&r->t, N_PA + 0x5000, 0x2222222222222222);
	rig_w32(r, CR0, EN_ALL | CR0_ATSCHK_BIT);
	{
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .cause = DMASIM_CAUSE_DMA,
		                       .stream_id = n.sid,
		                       .addr = N_IPA + 0xff8,
		                       .size = 16,
		                       .flags = DMASIM_TXN_ATS_TRANSLATED,
		                       .data = r->buf};

		assert_int_equal(dmasim_access_wait(r->k, &r->client, &t),
		                 DMASIM_OK);
		assert_int_equal(t.result, DMASIM_TXN_OK);
		assert_int_equal(r->buf[0], 0x11);
		assert_int_equal(r->buf[8], 0x22);
		assert_int_equal(t.flags, DMASIM_TXN_ATS_TRANSLATED);
	}
	/* An untranslated access of the same stream is as ever. */
	nest_ok(&n, DMASIM_READ);
	passes(r, n.sid, N_IPA + 0x124, N_PA + 0x124);
	nest_ok(&n, DMASIM_WRITE);
}

ATS_TEST(faults_of_stage_2_are_recorded, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 2);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	assert_int_equal(translated(r, DMASIM_WRITE, n.sid, N_IPA + 4, 0),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA + 4, N_IPA);
	assert_int_equal(translated(r, DMASIM_READ, n.sid, N_IPA + 0x1000, 0),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ,
	            N_IPA + 0x1000, N_IPA + 0x1000);
	/* Beyond IAS: stage 1's, although it is not used. */
	assert_int_equal(translated(r, DMASIM_READ, n.sid, 1ull << 60, 0),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, 1ull << 60, 0);
	/* S2R. */
	n.ste.s2r = 0;
	nest_write(&n);
	silent(r, n.sid, N_IPA + 0x1000);
}

/* Without a PASID such transactions are unprivileged data (13.7), unless the
 * STE says otherwise. */
ATS_TEST(privilege_of_translated_transactions, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 2);
	assert_int_equal(
	        translated(r, DMASIM_READ, n.sid, N_IPA + 0x1000, PRV | EXE),
	        DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ,
	            N_IPA + 0x1000, N_IPA + 0x1000);
	/* Nor with one, where it does not come with them (PASIDTT 0). */
	assert_int_equal(translated(r, DMASIM_READ, n.sid, N_IPA + 0x1000,
	                            PRV | EXE | SSV),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ,
	            N_IPA + 0x1000, N_IPA + 0x1000);
	n.ste.privcfg = 3;
	n.ste.instcfg = 3;
	nest_write(&n);
	assert_int_equal(translated(r, DMASIM_READ, n.sid, N_IPA + 0x1000, 0),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_TRANSLATION,
	            EV_S2 | EV_IN | EV_READ | EV_PNU | EV_IND, N_IPA + 0x1000,
	            N_IPA + 0x1000);
}

static enum dmasim_result with_pasid(struct rig *r, struct nest *n,
                                     uint64_t addr, uint32_t ssid)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = n->sid,
	                       .substream_id = ssid,
	                       .addr = addr,
	                       .size = 4,
	                       .flags = DMASIM_TXN_ATS_TRANSLATED | SSV | PRV,
	                       .data = r->buf};

	assert_int_equal(dmasim_access_wait(r->k, &r->client, &t), DMASIM_OK);
	rig_settle(r);
	return t.result;
}

/* IDR3.PASIDTT: with it, and then the SubstreamID is checked. */
ATS_TEST(pasids_of_translated_transactions,
         NEST_BUT(0u, I0_ATS | ATSRECERR, 0u, PASIDTT, 0u, 0u))
{
	struct nest n;

	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3);
	nested(r, &n, 2);
	n.ste.s1cdmax = 2;
	n.ste.s1dss = 2;
	nest_write(&n);
	assert_int_equal(with_pasid(r, &n, N_IPA + 0x1000, 3),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, n.sid) | 1 << 11 | 3 << 12,
	           EV_S2 | EV_IN | EV_READ | EV_PNU, N_IPA + 0x1000,
	           N_IPA + 0x1000);
	assert_int_equal(with_pasid(r, &n, N_IPA, 3), DMASIM_TXN_OK);
	assert_int_equal(with_pasid(r, &n, N_IPA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, EV(8, n.sid) | 4 << 12, 0, 0, 0);
	assert_int_equal(with_pasid(r, &n, N_IPA, 0), DMASIM_TXN_ABORT);
	rig_expect(r, EV(6, n.sid), 0, 0, 0);
	/* Without one there is nothing to check. */
	passes(r, n.sid, N_IPA, N_PA);
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 0);
	rig_w32(r, CR0, EN_ALL | CR0_ATSCHK_BIT);
	assert_int_equal(with_pasid(r, &n, N_IPA, 4), DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

/* 3.9.1.3: no F_UUT for these. */
ATS_TEST(unsupported_translated_transactions, ATS_NEST)
{
	struct nest n;

	nested(r, &n, 2);
	nest_map2(&n, N_IPA + 0x1000, N_PA + 0x1000, 3, S2_RW);
	assert_int_equal(
	        translated(r, DMASIM_ATOMIC_ADD, n.sid, N_IPA + 0xffe, 0),
	        DMASIM_TXN_ABORT);
	assert_int_equal(translated(r, DMASIM_READ, n.sid, UINT64_MAX - 1, 0),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

static const struct CMUnitTest tests[] = {
        ATS_CASE(full_ats_gives_physical_addresses),
        ATS_CASE(rights_are_those_of_both_stages),
        ATS_CASE(stage_2_faults_deny),
        ATS_CASE(stage_2_is_not_asked_in_vain),
        ATS_CASE(split_stages_give_intermediate_addresses),
        ATS_CASE(stage_1_skipped),
        ATS_CASE(requests_set_the_access_flag),
        ATS_CASE(requests_mark_pages_dirty),
        ATS_CASE(read_only_stage_1_marks_nothing),
        ATS_CASE(without_atschk_they_pass),
        cmocka_unit_test(without_ats_none_pass),
        ATS_CASE(with_atschk_eats_decides),
        ATS_CASE(errors_are_silent),
        ATS_CASE(or_recorded_on_demand),
        ATS_CASE(stage_2_translates_them),
        ATS_CASE(faults_of_stage_2_are_recorded),
        ATS_CASE(privilege_of_translated_transactions),
        ATS_CASE(pasids_of_translated_transactions),
        ATS_CASE(unsupported_translated_transactions),
};

CHECK_MAIN(tests)
