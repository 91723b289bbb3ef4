/* SPDX-License-Identifier: MIT */
/* Stalls of faults that stage 2 found (5.5, S2S), of every class. */
#include "clients.h"
#include "nest.h"

#include <stdlib.h>

#define VA      (N_VA + 0x124)
#define OPTIONS NEST_BUT(1u << 26, 0u, 0u, 0u, 0u, 4u << 16)

static void open_nest(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.s2s = 1;
	nest_write(n);
}

/* The client waits; the record is as said. The STAG. */
static uint16_t stalled(struct nest *n, struct clients *cs, unsigned i,
                        unsigned type, uint64_t word1, uint64_t ipa)
{
	uint64_t record[4];

	assert_true(client_waits(cs, i));
	assert_true(rig_event(n->r, record));
	assert_int_equal(record[0], EV(type, N_SID));
	assert_int_equal(record[1] & ~0xffffull, word1 | 1ull << 31);
	assert_int_equal(record[2], VA);
	assert_int_equal(record[3], ipa);
	rig_expect_none(n->r);
	return (uint16_t)record[1];
}

/* The page of a CD, of a descriptor of each level, of the data. */
static uint64_t page_of(struct nest *n, unsigned i, uint64_t *class)
{
	*class = i == 0 ? EV_CD : i == 5 ? EV_IN : EV_TT;
	if (i == 0)
		return n->cd_at;
	if (i == 5)
		return N_IPA - NEST_SHIFT;
	return nest_at1(n, N_VA, (int)i - 1) & ~0xfffull;
}

STALL_TEST(every_class, OPTIONS)
{
	struct nest n;

	open_nest(r, &n);
	for (unsigned i = 0; i < 6; i++) {
		uint64_t class, page = page_of(&n, i, &class);
		uint64_t ipa = NEST_IPA(page), was = nest_get2(&n, ipa, 3);
		uint16_t stag;

		nest_set2(&n, ipa, 3, 0);
		rig_flush(r);
		client_access(cs, i, DMASIM_READ, N_SID, VA, 4);
		stag = stalled(&n, cs, i, EV_F_TRANSLATION,
		               EV_S2 | class | EV_READ, ipa);
		/* Software puts it right; no invalidation is needed. */
		nest_set2(&n, ipa, 3, was);
		rig_cmd(r, cmd_resume(N_SID, stag, RESUME_RETRY));
		client_ended(cs, i, DMASIM_TXN_OK);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr,
		                 N_PA + 0x124);
	}
}

/* A retry that meets the next fault stalls again. */
STALL_TEST(one_after_the_other, OPTIONS)
{
	uint64_t table;
	uint16_t stag;
	struct nest n;

	open_nest(r, &n);
	table = nest_at1(&n, N_VA, 3) & ~0xfffull;
	nest_guard(&n, table, S2_RW & ~DMASIM_TABLES_AF);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	client_access(cs, 0, DMASIM_WRITE, N_SID, VA, 4);
	stag = stalled(&n, cs, 0, EV_F_ACCESS, EV_S2 | EV_TT, NEST_IPA(table));
	nest_guard(&n, table, S2_RW);
	rig_cmd(r, cmd_resume(N_SID, stag, RESUME_RETRY));
	stag = stalled(&n, cs, 0, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA);
	rig_cmd(r, cmd_resume(N_SID, stag, RESUME_ABORT));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
}

/* CD.S is for faults of stage 1, S2S for those of stage 2. */
STALL_TEST(whose_fault, OPTIONS)
{
	struct nest n;

	open_nest(r, &n);
	n.ste.s2s = 0;
	n.cd.s = 1;
	nest_map2(&n, N_IPA, N_PA, 3, 0);
	nest_write(&n);
	client_access(cs, 0, DMASIM_READ, N_SID, VA, 4);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_ACCESS, EV_S2 | EV_IN | EV_READ, VA, N_IPA);
	nest_map1(&n, N_VA, N_IPA, 3, 0);
	nest_write(&n);
	client_access(cs, 1, DMASIM_READ, N_SID, VA, 4);
	stalled(&n, cs, 1, EV_F_ACCESS, EV_IN | EV_READ, 0);
	rig_cmd(r, cmd_stall_term(N_SID));
	client_ended(cs, 1, DMASIM_TXN_ABORT);
	n.ste.s2s = 1;
	n.cd.s = 0;
	nest_write(&n);
	client_access(cs, 2, DMASIM_READ, N_SID, VA, 4);
	client_ended(cs, 2, DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_ACCESS, EV_IN | EV_READ, VA, 0);
}

/* 5.5: a stall is always recorded, whatever R says. */
STALL_TEST(recorded_without_r, OPTIONS)
{
	struct nest n;

	open_nest(r, &n);
	n.ste.s2r = 0;
	n.cd.r = 0;
	n.cd.s = 1;
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	nest_write(&n);
	client_access(cs, 0, DMASIM_WRITE, N_SID, VA, 4);
	stalled(&n, cs, 0, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO);
	nest_write(&n);
	client_access(cs, 1, DMASIM_WRITE, N_SID, VA, 4);
	stalled(&n, cs, 1, EV_F_PERMISSION, EV_IN, 0);
	rig_cmd(r, cmd_stall_term(N_SID));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	client_ended(cs, 1, DMASIM_TXN_ABORT);
}

/* 5.5: what is none of the four translation faults never stalls. */
STALL_TEST(external_aborts, OPTIONS)
{
	struct nest n;

	open_nest(r, &n);
	nest_refuse(&n, nest_at2(&n, N_IPA, 3));
	client_access(cs, 0, DMASIM_READ, N_SID, VA, 4);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_WALK_EABT, EV_S2 | EV_IN | EV_READ, VA,
	            nest_at2(&n, N_IPA, 3));
}

/* An update that stage 2 refuses can stall, and go on. */
STALL_TEST(update, OPTIONS)
{
	uint64_t table;
	uint16_t stag;
	struct nest n;

	open_nest(r, &n);
	n.cd.ha = 1;
	table = nest_at1(&n, N_VA, 3) & ~0xfffull;
	nest_guard(&n, table, S2_RO);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AF);
	nest_write(&n);
	client_access(cs, 0, DMASIM_READ, N_SID, VA, 4);
	stag = stalled(&n, cs, 0, EV_F_PERMISSION, EV_S2 | EV_TT | EV_READ,
	               NEST_IPA(table));
	nest_guard(&n, table, S2_RW);
	rig_cmd(r, cmd_tlbi(0x2a, 3, 0, NEST_IPA(table)));
	rig_cmd(r, cmd_resume(N_SID, stag, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
	assert_true(nest_get1(&n, N_VA, 3) & LEAF_AF);
}

/* A record that is held: saved, restored by itself, and written then. */
static void save_held(struct rig *r, struct clients *cs, uint32_t cr0)
{
	uint8_t *blob;
	size_t size;

	assert_true(client_waits(cs, 0));
	blob = clients_save(cs, &size);
	rig_w32(r, cr0, 0);
	rig_settle(r);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	assert_int_equal(clients_restore(cs, blob, size), DMASIM_OK);
	free(blob);
	rig_w32(r, cr0, EN_ALL);
	rig_settle(r);
}

/* 7.3.16, TTRnW: the descriptor was read, not written. */
STALL_TEST(saved_with_ttrnw, OPTIONS)
{
	uint64_t record[4], table;
	struct nest n;

	open_nest(r, &n);
	table = nest_at1(&n, N_VA, 3) & ~0xfffull;
	nest_guard(&n, table, S2_WO);
	nest_write(&n);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	client_access(cs, 0, DMASIM_WRITE, N_SID, VA, 4);
	save_held(r, cs, CR0);
	assert_true(rig_event(r, record));
	assert_int_equal(record[0], EV(EV_F_PERMISSION, N_SID));
	assert_int_equal(record[1], EV_S2 | EV_TT | EV_TTR | 1ull << 31);
	assert_int_equal(record[2], VA);
	assert_int_equal(record[3], NEST_IPA(table));
	rig_expect_none(r);
}

/* 7.3, NSIPA: a Non-secure address of a Secure stream. */
STALL_TEST(saved_with_nsipa, OPTIONS,
           .s_idr = {1u << 13, 1u << 31 | 1u << 29 | 16u})
{
	const struct dmasim_txn t = {.op = DMASIM_WRITE,
	                             .stream_id = N_SID,
	                             .addr = N_IPA,
	                             .size = 4,
	                             .flags = DMASIM_TXN_SEC_SID};
	struct secure s;
	struct nest n;

	secure_open(&s, r);
	nest_new(r, &n, &(struct nest_options){.secure = &s});
	n.ste.config = 6;
	n.ste.s2s = 1;
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	nest_write(&n);
	rig_w32(r, S(CR0), EN_SMMU | EN_CMDQ);
	client_start(cs, 0, &t);
	save_held(r, cs, S(CR0));
	secure_expect(&s, EV(EV_F_PERMISSION, N_SID),
	              EV_S2 | EV_NSIPA | EV_IN | 1ull << 31, N_IPA, N_IPA);
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(every_class),      STALL_CASE(one_after_the_other),
        STALL_CASE(whose_fault),      STALL_CASE(external_aborts),
        STALL_CASE(update),           STALL_CASE(recorded_without_r),
        STALL_CASE(saved_with_ttrnw), STALL_CASE(saved_with_nsipa),
};

CHECK_MAIN(tests)
