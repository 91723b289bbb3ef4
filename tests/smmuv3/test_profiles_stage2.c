/* SPDX-License-Identifier: MIT */
/* What QEMU 10 makes of stage 2 (docs/profiles.md), quirk by quirk. */
#include "nest.h"

#define QEMU .profile = DMASIM_SMMU_QEMU_10

/* Stage 2 alone. */
static void only2(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.config = 6;
	n->ste.s2ps = 4;
	nest_write(n);
}

/* Both, as QEMU takes them: 44 bits of output, no upper half. */
static void both(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.s2ps = 4;
	n->cd.ips = 4;
	nest_write(n);
}

static enum dmasim_result dma(struct nest *n, enum dmasim_op op, uint64_t va)
{
	return rig_dma(n->r, op, n->sid, va, 4);
}

RIG_TEST(ipa_is_whole, QEMU)
{
	struct nest n;

	only2(r, &n);
	nest_set2(&n, N_IPA, 3, 0);
	rig_flush(r);
	dma(&n, DMASIM_READ, N_IPA + 0x124);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ,
	            N_IPA + 0x124, N_IPA + 0x124);
}

/* Permissions, but no execution; the access flag first, the size last. */
RIG_TEST(leaves, QEMU)
{
	struct nest n;
	uint64_t leaf;

	only2(r, &n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO | DMASIM_TABLES_S2_XN(2));
	rig_flush(r);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, N_SID, N_IPA,
	                               DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_OK);
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	rig_flush(r);
	rig_dma_flags(r, DMASIM_READ, N_SID, N_IPA, DMASIM_TXN_INSTRUCTION);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ, N_IPA, N_IPA);
	leaf = nest_get2(&n, N_IPA, 3) | 1ull << 46;
	nest_set2(&n, N_IPA, 3, leaf & ~(uint64_t)DMASIM_TABLES_AF);
	rig_flush(r);
	dma(&n, DMASIM_READ, N_IPA);
	nest_expect(&n, EV_F_ACCESS, EV_S2 | EV_IN | EV_READ, N_IPA, N_IPA);
	nest_set2(&n, N_IPA, 3, leaf);
	dma(&n, DMASIM_READ, N_IPA);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ, N_IPA, N_IPA);
	dma(&n, DMASIM_WRITE, N_IPA);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_S2 | EV_IN, N_IPA, N_IPA);
}

RIG_TEST(hits_tell_less, QEMU)
{
	struct nest n;

	only2(r, &n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	assert_int_equal(dma(&n, DMASIM_READ, N_IPA + 8), DMASIM_TXN_OK);
	dma(&n, DMASIM_WRITE, N_IPA + 8);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA + 8, 0);
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	rig_flush(r);
	assert_int_equal(dma(&n, DMASIM_WRITE, N_IPA + 8), DMASIM_TXN_OK);
	assert_int_equal(dma(&n, DMASIM_READ, N_IPA + 8), DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

RIG_TEST(hits_of_two_stages_tell_less, QEMU)
{
	struct nest n;

	both(r, &n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	rig_flush(r);
	dma(&n, DMASIM_READ, N_VA);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ, N_VA, N_IPA);
	nest_ok(&n, DMASIM_WRITE);
	nest_ok(&n, DMASIM_READ);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	nest_ok(&n, DMASIM_READ);
	dma(&n, DMASIM_WRITE, N_VA);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_VA, 0);
}

/* An input above IAS, and a CD there. */
RIG_TEST(large_inputs_are_silent, QEMU)
{
	struct nest n;

	only2(r, &n);
	assert_int_equal(dma(&n, DMASIM_READ, 1ull << 44), DMASIM_TXN_ABORT);
	rig_expect_none(r);
	both(r, &n);
	n.ste.s1contextptr = 1ull << 44;
	nest_write(&n);
	assert_int_equal(dma(&n, DMASIM_READ, N_VA), DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

RIG_TEST(configuration, QEMU)
{
	struct nest n;

	only2(r, &n);
	n.ste.s2ha = 1;
	n.ste.s2hd = 1;
	nest_write(&n);
	assert_int_equal(dma(&n, DMASIM_READ, N_IPA), DMASIM_TXN_OK);
	/* The access flag is not set for it, either. */
	nest_set2(&n, N_IPA, 3,
	          nest_get2(&n, N_IPA, 3) & ~(uint64_t)DMASIM_TABLES_AF);
	rig_flush(r);
	dma(&n, DMASIM_READ, N_IPA);
	nest_expect(&n, EV_F_ACCESS, EV_S2 | EV_IN | EV_READ, N_IPA, N_IPA);
	only2(r, &n);
	/* 39 bits of input, 36 of output. */
	n.ste.s2ps = 1;
	nest_write(&n);
	dma(&n, DMASIM_READ, N_IPA);
	nest_expect(&n, EV_C_BAD_STE, 0, 0, 0);
	only2(r, &n);
	n.ste.s1stalld = 1;
	nest_write(&n);
	dma(&n, DMASIM_READ, N_IPA);
	nest_expect(&n, EV_C_BAD_STE, 0, 0, 0);
	only2(r, &n);
	n.ste.s1cdmax = 1;
	nest_write(&n);
	dma(&n, DMASIM_READ, N_IPA);
	nest_expect(&n, EV_C_BAD_STE, 0, 0, 0);
}

/* The second of two tables is read as the first. */
RIG_TEST(concatenated_tables, QEMU)
{
	struct nest n;
	uint64_t half;

	nest_new(r, &n, &(struct nest_options){.tsz2 = 24, .concat = true});
	n.ste.config = 6;
	n.ste.s2ps = 4;
	nest_write(&n);
	half = 1ull << 39;
	assert_int_equal(rig_pa(r, N_SID, N_IPA), N_PA);
	assert_int_equal(rig_pa(r, N_SID, N_IPA | half), N_PA);
}

/* Device memory does not keep tables back. */
RIG_TEST(no_ptw, QEMU)
{
	struct nest n;

	both(r, &n);
	n.ste.s2ptw = 1;
	nest_write(&n);
	nest_guard(&n, nest_at1(&n, N_VA, 3),
	           S2_RW & ~DMASIM_TABLES_MEMATTR(15));
	rig_flush(r);
	nest_ok(&n, DMASIM_READ);
}

/* Where a table begins is translated, not where the descriptor is. */
RIG_TEST(table_bases, QEMU)
{
	struct nest n;
	uint64_t table, pte;

	both(r, &n);
	table = nest_at1(&n, N_VA, 3) & ~0xfffull;
	nest_guard(&n, table, S2_WO);
	rig_flush(r);
	dma(&n, DMASIM_WRITE, N_VA);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT, N_VA, NEST_IPA(table));
	nest_guard(&n, table, S2_RW);
	rig_flush(r);
	nest_ok(&n, DMASIM_READ);
	/* Above the output size of stage 1. */
	pte = nest_get1(&n, N_VA, 2);
	nest_set1(&n, N_VA, 2, pte | 1ull << 46);
	rig_flush(r);
	dma(&n, DMASIM_READ, N_VA);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_S2 | EV_TT | EV_READ, N_VA,
	            ((pte | 1ull << 46) & 0x0000fffffffff000ull));
}

/* The CD and both TTBs, by an access that is a write. */
RIG_TEST(fetches_are_reads, QEMU)
{
	struct tables_half upper;
	struct nest n;

	both(r, &n);
	nest_guard(&n, n.cd_at, S2_WO);
	rig_flush(r);
	dma(&n, DMASIM_WRITE, N_VA);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_CD | EV_READ, N_VA,
	            NEST_IPA(n.cd_at));
	both(r, &n);
	upper = n.s1;
	upper.upper = true;
	dmasim_tables_cd_stage1(&n.cd, &n.s1, &upper);
	n.cd.ttb1 = n.cd.ttb0 + (1ull << 36);
	nest_write(&n);
	dma(&n, DMASIM_WRITE, N_VA);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_TT | EV_READ, N_VA,
	            n.cd.ttb1);
}

/* Memory that waits: what was found is found again. */
RIG_TEST(pending_memory, QEMU, .pend = true)
{
	struct nest n;

	both(r, &n);
	nest_ok(&n, DMASIM_WRITE);
	nest_guard(&n, n.cd_at, S2_WO);
	nest_write_ste(&n);
	rig_flush(r);
	dma(&n, DMASIM_WRITE, N_VA);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_CD | EV_READ, N_VA,
	            NEST_IPA(n.cd_at));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipa_is_whole),
        cmocka_unit_test(leaves),
        cmocka_unit_test(hits_tell_less),
        cmocka_unit_test(hits_of_two_stages_tell_less),
        cmocka_unit_test(large_inputs_are_silent),
        cmocka_unit_test(configuration),
        cmocka_unit_test(concatenated_tables),
        cmocka_unit_test(no_ptw),
        cmocka_unit_test(table_bases),
        cmocka_unit_test(fetches_are_reads),
        cmocka_unit_test(pending_memory),
};

CHECK_MAIN(tests)
