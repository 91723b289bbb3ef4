/* SPDX-License-Identifier: MIT */
/* Tables that walks went through are kept: what they shorten, what they are
 * tagged with, and what makes them go. */
#include "nest.h"

#define VA  N_VA
#define PA  (RIG_DATA + 0x7000)
#define NXT (VA + 0x1000) /* in the same tables */

/* Descriptors of stage 1 (or, with @stage2, of stage 2) that an access to @va
 * reads. */
static unsigned reads(struct rig *r, uint32_t sid, uint64_t va, bool stage2)
{
	unsigned n = 0;

	r->logged = 0;
	assert_int_equal(rig_dma(r, DMASIM_READ, sid, va, 4), DMASIM_TXN_OK);
	for (unsigned i = 0; i < r->logged; i++)
		n += r->log[i].cause == DMASIM_CAUSE_WALK &&
		     (strncmp(r->log[i].what, "stage 2", 7) == 0) == stage2;
	return n;
}

/* Stage 1 alone: @sid with pages at VA and NXT. */
static void open_one(struct rig *r, uint32_t sid, uint16_t asid,
                     struct tables_half *h)
{
	rig_stream(r, sid, asid, h);
	tables_map(&r->t, h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, h, NXT, PA + 0x1000, 3, LEAF_RW);
}

RIG_TEST(walks_start_below, NEST_FULL)
{
	struct tables_half h;

	open_one(r, N_SID, 1, &h);
	tables_map(&r->t, &h, VA + 0x200000, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, VA + 0x40000000, PA, 3, LEAF_RW);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	assert_int_equal(reads(r, N_SID, NXT, false), 1);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x1000);
	/* Another table of level 3; of level 2. */
	assert_int_equal(reads(r, N_SID, VA + 0x200000, false), 2);
	assert_int_equal(reads(r, N_SID, VA + 0x40000000, false), 3);
	/* From the TLB. */
	assert_int_equal(reads(r, N_SID, VA, false), 0);
}

/* A table that was changed is not seen until it is invalidated. */
RIG_TEST(tables_go_stale, NEST_FULL)
{
	struct tables_half h;
	uint64_t at, other;

	open_one(r, N_SID, 1, &h);
	assert_int_equal(rig_pa(r, N_SID, VA), PA);
	other = tables_alloc(&r->t, 4096, 4096);
	tables_set(&r->t,
	           other + (tables_descriptor(&r->t, &h, NXT, 3) & 0xfff),
	           LEAF_RW | 3 | (PA + 0x5000));
	at = tables_descriptor(&r->t, &h, VA, 2);
	tables_set(&r->t, at, other | 3);
	assert_int_equal(rig_pa(r, N_SID, NXT), PA + 0x1000);
	/* Leaf: the last level alone. */
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, NXT | 1));
	assert_int_equal(rig_pa(r, N_SID, NXT), PA + 0x1000);
	/* All levels, by any address below the table. */
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, NXT | 1));
	assert_int_equal(rig_pa(r, N_SID, NXT), PA + 0x5000);
}

/* What is invalid is not kept. */
RIG_TEST(invalid_is_not_kept, NEST_FULL)
{
	struct tables_half h;
	uint64_t at, was;

	open_one(r, N_SID, 1, &h);
	at = tables_descriptor(&r->t, &h, VA, 1);
	was = tables_get(&r->t, at);
	tables_set(&r->t, at, 0);
	rig_dma(r, DMASIM_READ, N_SID, VA, 4);
	rig_expect(r, EV(EV_F_TRANSLATION, N_SID), EV_IN | EV_READ, VA, 0);
	tables_set(&r->t, at, was);
	assert_int_equal(rig_pa(r, N_SID, VA), PA);
}

/* Limits of the tables above are kept with it. */
RIG_TEST(limits_are_kept, NEST_FULL)
{
	struct tables_half h;
	uint64_t at;

	open_one(r, N_SID, 1, &h);
	at = tables_descriptor(&r->t, &h, VA, 1);
	tables_set(&r->t, at,
	           tables_get(&r->t, at) | DMASIM_TABLES_APTABLE(2) |
	                   DMASIM_TABLES_UXNTABLE);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	assert_int_equal(reads(r, N_SID, NXT, false), 1);
	rig_dma(r, DMASIM_WRITE, N_SID, NXT, 4);
	rig_expect(r, EV(EV_F_PERMISSION, N_SID), EV_IN, NXT, 0);
	rig_dma_flags(r, DMASIM_READ, N_SID, NXT, DMASIM_TXN_INSTRUCTION);
	rig_expect(r, EV(EV_F_PERMISSION, N_SID), EV_IN | EV_READ | EV_IND, NXT,
	           0);
}

/* ---- tags ---- */

/* Tables belong to an ASID even where what they map is global. */
RIG_TEST(tagged_by_asid, NEST_FULL)
{
	struct tables_half h, g;

	open_one(r, N_SID, 1, &h);
	open_one(r, 6, 2, &g);
	tables_map(&r->t, &g, NXT, PA + 0x5000, 3, LEAF_RW);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	assert_int_equal(reads(r, 6, NXT, false), 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x5000);
	tables_map(&r->t, &h, VA + 0x2000, PA, 3, LEAF_RW & ~LEAF_NG);
	assert_int_equal(reads(r, N_SID, VA + 0x2000, false), 1);
	/* Streams of one ASID share them. */
	open_one(r, 7, 1, &g);
	assert_int_equal(reads(r, 7, NXT, false), 1);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x1000);
}

RIG_TEST(tagged_by_vmid, NEST_FULL)
{
	struct tables_half h, g;

	open_one(r, N_SID, 1, &h);
	open_one(r, 6, 1, &g);
	rig_ste_word(r, 6, 2, 0, 9);
	tables_map(&r->t, &g, NXT, PA + 0x5000, 3, LEAF_RW);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	assert_int_equal(reads(r, 6, NXT, false), 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x5000);
}

/* The worlds of Non-secure streams. */
RIG_TEST(tagged_by_world, NEST_FULL)
{
	struct tables_half h, g;

	open_one(r, N_SID, 0, &h);
	open_one(r, 6, 0, &g);
	rig_ste_word(r, 6, 1, 0, 2ull << 30);
	tables_map(&r->t, &g, NXT, PA + 0x5000, 3, LEAF_RW);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	assert_int_equal(reads(r, 6, NXT, false), 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x5000);
}

/* The halves are told apart by the address. */
RIG_TEST(halves_apart, NEST_FULL)
{
	uint64_t high = 0xffff000000000000 | VA, cd;
	struct tables_half low, up;

	open_one(r, N_SID, 1, &low);
	cd = tables_alloc(&r->t, 64, 64);
	up = (struct tables_half){.tsz = 16, .granule = 12, .upper = true};
	assert_int_equal(dmasim_tables_space_new(&r->t, &up), DMASIM_OK);
	tables_cd(&r->t, cd, &low, &up, 1);
	tables_ste_stage1(&r->t, &r->streams, N_SID, cd);
	tables_map(&r->t, &up, high + 0x1000, PA + 0x5000, 3, LEAF_RW);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	assert_int_equal(reads(r, N_SID, high + 0x1000, false), 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x5000);
	assert_int_equal(reads(r, N_SID, NXT, false), 1);
}

/* An address space set up anew with another granule: what is kept cannot be
 * read so. */
RIG_TEST(other_granule, NEST_FULL)
{
	struct tables_half h, g;

	open_one(r, N_SID, 1, &h);
	assert_int_equal(reads(r, N_SID, VA, false), 4);
	rig_stream(r, 6, 1, &g);
	assert_true(tables_half_new(&r->t, &g, 16, 14));
	tables_cd(&r->t,
	          tables_get(&r->t, tables_ste(&r->t, &r->streams, 6)) &
	                  0x000fffffffffffc0,
	          &g, NULL, 1);
	tables_map(&r->t, &g, VA + 0x4000, RIG_DATA + 0x8000, 3, LEAF_RW);
	assert_int_equal(reads(r, 6, VA + 0x4000, false), 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr,
	                 RIG_DATA + 0x8000);
}

/* ---- stage 2 ---- */

static void open_nest(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	nest_map1(n, NXT, N_IPA + 0x1000, 3, LEAF_RW);
	nest_map2(n, N_IPA + 0x1000, N_PA + 0x1000, 3, S2_RW);
}

/* Both stages: the last descriptor of each, because the pages of the tables
 * themselves are in the TLB. */
RIG_TEST(both_stages, NEST_FULL, .pend = true)
{
	struct nest n;

	open_nest(r, &n);
	nest_ok(&n, DMASIM_READ);
	assert_int_equal(reads(r, N_SID, NXT, false), 1);
	n.sid = 6;
	nest_write_ste(&n);
	rig_cmd(r, cmd_tlbi(0x12, 3, 7, NXT | 1));
	rig_cmd(r, cmd_tlbi(0x2a, 3, 0, (N_IPA + 0x1000) | 1));
	assert_int_equal(reads(r, 6, NXT, true), 1);
}

/* By IPA the tables of stage 2 go, and those of stage 1 stay. */
RIG_TEST(stage2_by_ipa, NEST_FULL)
{
	struct nest n;

	open_nest(r, &n);
	nest_ok(&n, DMASIM_READ);
	/* Another address: below the same level 3 table. */
	rig_cmd(r, cmd_tlbi(0x2a, 3, 0, N_IPA));
	r->logged = 0;
	assert_int_equal(reads(r, N_SID, NXT, true), 3);
	rig_cmd(r, cmd_tlbi(0x12, 3, 7, NXT | 1));
	assert_int_equal(reads(r, N_SID, NXT, false), 1);
	/* Of another VMID: nothing. */
	rig_cmd(r, cmd_tlbi(0x2a, 4, 0, N_IPA));
	rig_cmd(r, cmd_tlbi(0x12, 3, 7, NXT | 1));
	assert_int_equal(reads(r, N_SID, NXT, true), 0);
	/* Leaf: the tables stay. */
	rig_cmd(r, cmd_tlbi(0x2a, 3, 0, (N_IPA + 0x1000) | 1));
	rig_cmd(r, cmd_tlbi(0x12, 3, 7, NXT | 1));
	assert_int_equal(reads(r, N_SID, NXT, true), 1);
}

/* What an invalidation of each scope leaves of stage 1 and of stage 2: how
 * many descriptors the next walk reads. */
static void scope(struct nest *n, struct tables_cmd c, unsigned of1,
                  unsigned of2)
{
	struct rig *r = n->r;

	rig_flush(r);
	nest_ok(n, DMASIM_READ);
	rig_cmd(r, c);
	assert_int_equal(reads(r, N_SID, NXT, false), of1);
	rig_flush(r);
	nest_ok(n, DMASIM_READ);
	rig_cmd(r, c);
	assert_int_equal(reads(r, N_SID, NXT, true), of2);
}

RIG_TEST(scopes, NEST_FULL)
{
	unsigned all2;
	struct nest n;

	open_nest(r, &n);
	rig_flush(r);
	/* The tables' pages, three levels for the first of them, and one for
	 * each page after that; the data's. */
	all2 = reads(r, N_SID, NXT, true);
	assert_in_range(all2, 6, 20);
	/* NH_ALL, NH_ASID, NH_VA, NH_VAA: stage 1. */
	scope(&n, cmd_tlbi(0x10, 3, 0, 0), 4, 1);
	scope(&n, cmd_tlbi(0x11, 3, 7, 0), 4, 1);
	scope(&n, cmd_tlbi(0x12, 3, 7, NXT), 4, 1);
	scope(&n, cmd_tlbi(0x13, 3, 0, NXT), 4, 1);
	/* Of others: nothing. */
	scope(&n, cmd_tlbi(0x10, 4, 0, 0), 1, 1);
	scope(&n, cmd_tlbi(0x11, 3, 8, 0), 1, 1);
	scope(&n, cmd_tlbi(0x12, 3, 7, VA + (1ull << 40)), 1, 1);
	/* S12_VMALL, NSNH_ALL: both, but for the CD that is cached. */
	scope(&n, cmd_tlbi(0x28, 3, 0, 0), 4, all2 - 1);
	scope(&n, cmd_tlbi(0x30, 0, 0, 0), 4, all2 - 1);
	scope(&n, cmd_tlbi(0x28, 4, 0, 0), 1, 1);
}

/* ---- capacity ---- */

/* More tables than there is room for: slower, and right. */
RIG_TEST(more_tables_than_room, NEST_FULL)
{
	struct tables_half h;

	rig_stream(r, N_SID, 1, &h);
	for (uint64_t i = 0; i < 1500; i++)
		tables_map(&r->t, &h, i << 21, PA + (i & 7) * 0x1000, 3,
		           LEAF_RW);
	for (unsigned twice = 0; twice < 2; twice++) {
		rig_cmd(r, cmd_tlbi(0x11, 0, 2, 0));
		for (uint64_t i = 0; i < 1500; i++)
			assert_int_equal(rig_pa(r, N_SID, i << 21),
			                 PA + (i & 7) * 0x1000);
	}
}

/* A look leaves no tables behind. */
RIG_TEST(debug_accesses, NEST_FULL)
{
	struct tables_half h;

	open_one(r, N_SID, 1, &h);
	rig_dma_flags(r, DMASIM_READ, N_SID, VA, DMASIM_TXN_DEBUG);
	assert_int_equal(reads(r, N_SID, NXT, false), 4);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_start_below),
        cmocka_unit_test(tables_go_stale),
        cmocka_unit_test(invalid_is_not_kept),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(tagged_by_asid),
        cmocka_unit_test(tagged_by_vmid),
        cmocka_unit_test(tagged_by_world),
        cmocka_unit_test(halves_apart),
        cmocka_unit_test(other_granule),
        cmocka_unit_test(both_stages),
        cmocka_unit_test(stage2_by_ipa),
        cmocka_unit_test(scopes),
        cmocka_unit_test(more_tables_than_room),
        cmocka_unit_test(debug_accesses),
};

CHECK_MAIN(tests)
