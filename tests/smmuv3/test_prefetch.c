/* SPDX-License-Identifier: MIT */
/* CMD_PREFETCH_CONFIG and CMD_PREFETCH_ADDR: what is read ahead, and that
 * nothing of it is a fault. Transactions with hints: what passes of them. */
#include "rig.h"

#define SID    5u
#define VA     0x10000000ull
#define CONFIG 0x01u
#define ADDR   0x02u

static void setup(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	for (unsigned i = 0; i < 8; i++)
		tables_map(&r->t, &h, VA + 0x1000ull * i,
		           RIG_DATA + 0x1000ull * i, 3, LEAF_RW);
	r->logged = 0;
}

static void prefetch(struct rig *r, uint8_t op, uint32_t sid, uint64_t d1)
{
	rig_cmd(r, (struct tables_cmd){op | (uint64_t)sid << 32, d1});
	rig_settle(r);
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_expect_none(r);
}

/* Reads that a transaction makes for itself. */
static void dma_reads(struct rig *r, uint64_t va, unsigned config,
                      unsigned walk)
{
	r->logged = 0;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, va, 4), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE) +
	                         rig_count(r, DMASIM_CAUSE_CD),
	                 config);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), walk);
}

static void configuration(struct rig *r)
{
	setup(r);
	prefetch(r, CONFIG, SID, 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	dma_reads(r, VA, 0, 4);
}

RIG_TEST(configuration_at_once, 0)
{
	configuration(r);
}

RIG_TEST(configuration_pending, .pend = true)
{
	configuration(r);
}

static void addresses(struct rig *r)
{
	setup(r);
	/* 2^2 pages, one after the other. */
	prefetch(r, ADDR, SID, VA | 2);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4 + 3);
	for (unsigned i = 0; i < 4; i++)
		dma_reads(r, VA + 0x1000ull * i, 0, 0);
	dma_reads(r, VA + 0x4000, 0, 1);
	rig_flush(r);
	/* 2^1, two pages apart. */
	prefetch(r, ADDR, SID, VA | 1 << 5 | 1);
	dma_reads(r, VA, 0, 0);
	dma_reads(r, VA + 0x2000, 0, 0);
	dma_reads(r, VA + 0x1000, 0, 1);
}

RIG_TEST(addresses_at_once, 0)
{
	addresses(r);
}

RIG_TEST(addresses_pending, .pend = true)
{
	addresses(r);
}

/* 4.2: what is wrong with the stream or the address is nobody's fault. */
RIG_TEST(nothing_is_a_fault, 0)
{
	setup(r);
	prefetch(r, CONFIG, 300, 0);     /* beyond the table */
	prefetch(r, CONFIG, SID + 1, 0); /* V = 0 */
	prefetch(r, ADDR, SID + 1, VA);
	prefetch(r, ADDR, SID, VA + 0x100000); /* not mapped */
	prefetch(r, ADDR, SID, 1ull << 60);
	prefetch(r, ADDR, SID, VA | 31); /* far too many */
	assert_true(rig_count(r, DMASIM_CAUSE_WALK) < 600);
}

/* No more than half of the TLB, which the next ones would take away again. */
RIG_TEST(a_small_tlb, .tlb_entries = 4)
{
	setup(r);
	prefetch(r, ADDR, SID, VA | 3);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4 + 1);
	dma_reads(r, VA + 0x1000, 0, 0);
	dma_reads(r, VA, 0, 0);
}

/* A page that lies behind one that is not mapped is reached all the same. */
RIG_TEST(holes_are_passed, 0)
{
	setup(r);
	prefetch(r, ADDR, SID, (VA - 0x1000) | 1);
	dma_reads(r, VA, 0, 0);
}

RIG_TEST(with_a_substream, 0)
{
	setup(r);
	/* There are none: nothing comes of it. */
	rig_cmd(r,
	        (struct tables_cmd){
	                ADDR | 1u << 11 | 1u << 12 | (uint64_t)SID << 32, VA});
	rig_expect_none(r);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 0);
}

RIG_TEST(while_disabled, 0)
{
	setup(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	prefetch(r, CONFIG, SID, 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
}

/* 3.13: a speculative read may set the access flag. It is never dirty. */
RIG_TEST(updates_the_access_flag, .idr_set = {2u << 6})
{
	struct tables_half h;
	uint64_t at, cd = rig_stream(r, SID, 1, &h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | 3ull << 42);
	tables_map(&r->t, &h, VA, RIG_DATA, 3,
	           (LEAF_RO & ~LEAF_AF) | 1ull << 51);
	at = tables_descriptor(&r->t, &h, VA, 3);
	prefetch(r, ADDR, SID, VA);
	assert_true(tables_get(&r->t, at) & LEAF_AF);
	assert_true(tables_get(&r->t, at) & LEAF_AP2);
}

RIG_TEST(qemu_does_nothing, .profile = DMASIM_SMMU_QEMU_10)
{
	setup(r);
	prefetch(r, ADDR, SID, VA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
}

/* ---- 3.22: destructive reads, and writes with a directed prefetch ---- */

#define DRE (1ull << 12)
#define DCP (1ull << 17)

static uint32_t passed(struct rig *r, enum dmasim_op op, uint32_t flag)
{
	assert_int_equal(rig_dma_flags(r, op, SID, VA, flag), DMASIM_TXN_OK);
	return rig_last(r, DMASIM_CAUSE_DMA)->flags & flag;
}

static void one_leaf(struct rig *r, uint64_t leaf, uint64_t ste1)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, RIG_DATA, 3, leaf);
	rig_ste_word(r, SID, 1, DRE | DCP, ste1);
	rig_flush(r);
}

RIG_TEST(destructive_reads, 0)
{
	one_leaf(r, LEAF_RW, 0);
	assert_int_equal(passed(r, DMASIM_READ, DMASIM_TXN_DESTRUCTIVE), 0);
	one_leaf(r, LEAF_RW, DRE);
	assert_int_not_equal(passed(r, DMASIM_READ, DMASIM_TXN_DESTRUCTIVE), 0);
	/* Found in the TLB as well. */
	assert_int_not_equal(passed(r, DMASIM_READ, DMASIM_TXN_DESTRUCTIVE), 0);
	/* Without the right to write, or of memory that is not cached. */
	one_leaf(r, LEAF_RO, DRE);
	assert_int_equal(passed(r, DMASIM_READ, DMASIM_TXN_DESTRUCTIVE), 0);
	one_leaf(r, LEAF_RW | LEAF_NC, DRE);
	assert_int_equal(passed(r, DMASIM_READ, DMASIM_TXN_DESTRUCTIVE), 0);
	/* Recorded as the read that it is. */
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, SID, VA + 0x1000,
	                               DMASIM_TXN_DESTRUCTIVE),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA + 0x1000, 0);
}

/* What hardware would have to mark dirty is not discarded, nor marked. */
RIG_TEST(destructive_reads_of_clean_pages, .idr_set = {2u << 6})
{
	struct tables_half h;
	uint64_t at, cd = rig_stream(r, SID, 1, &h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | 3ull << 42);
	tables_map(&r->t, &h, VA, RIG_DATA, 3, LEAF_RO | 1ull << 51);
	rig_ste_word(r, SID, 1, 0, DRE);
	at = tables_descriptor(&r->t, &h, VA, 3);
	assert_int_equal(passed(r, DMASIM_READ, DMASIM_TXN_DESTRUCTIVE), 0);
	assert_true(tables_get(&r->t, at) & LEAF_AP2);
}

RIG_TEST(directed_prefetch, 0)
{
	one_leaf(r, LEAF_RW, 0);
	assert_int_equal(passed(r, DMASIM_WRITE, DMASIM_TXN_STASH), 0);
	one_leaf(r, LEAF_RW, DCP);
	assert_int_not_equal(passed(r, DMASIM_WRITE, DMASIM_TXN_STASH), 0);
	/* 3.22.3: there is no cache to go to. */
	one_leaf(r, LEAF_RW | LEAF_NC, DCP);
	assert_int_equal(passed(r, DMASIM_WRITE, DMASIM_TXN_STASH), 0);
}

RIG_TEST(both_pass_a_bypass, 0)
{
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, SID, RIG_DATA,
	                               DMASIM_TXN_DESTRUCTIVE),
	                 DMASIM_TXN_OK);
	assert_true(rig_last(r, DMASIM_CAUSE_DMA)->flags &
	            DMASIM_TXN_DESTRUCTIVE);
	assert_int_equal(
	        rig_dma_flags(r, DMASIM_WRITE, SID, RIG_DATA, DMASIM_TXN_STASH),
	        DMASIM_TXN_OK);
	assert_true(rig_last(r, DMASIM_CAUSE_DMA)->flags & DMASIM_TXN_STASH);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration_at_once),
        cmocka_unit_test(configuration_pending),
        cmocka_unit_test(addresses_at_once),
        cmocka_unit_test(addresses_pending),
        cmocka_unit_test(nothing_is_a_fault),
        cmocka_unit_test(a_small_tlb),
        cmocka_unit_test(holes_are_passed),
        cmocka_unit_test(with_a_substream),
        cmocka_unit_test(while_disabled),
        cmocka_unit_test(updates_the_access_flag),
        cmocka_unit_test(qemu_does_nothing),
        cmocka_unit_test(destructive_reads),
        cmocka_unit_test(destructive_reads_of_clean_pages),
        cmocka_unit_test(directed_prefetch),
        cmocka_unit_test(both_pass_a_bypass),
};

CHECK_MAIN(tests)
