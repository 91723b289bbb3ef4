/* SPDX-License-Identifier: MIT */
/*
 * What the caches keep, and which command makes it go: a stale entry is used
 * until it is invalidated, and not one access longer.
 */
#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

/* A stream with a page at VA that has been used, and whose descriptor then
 * changed in memory. */
struct stale {
	struct tables_half h;
	uint64_t cd;
};

static struct stale make_stale(struct rig *r, uint32_t sid, uint16_t asid,
                               uint64_t leaf)
{
	struct stale s;

	s.cd = rig_stream(r, sid, asid, &s.h);
	tables_map(&r->t, &s.h, VA, PA, 3, leaf);
	assert_int_equal(rig_pa(r, sid, VA), PA);
	tables_map(&r->t, &s.h, VA, NEW, 3, leaf);
	assert_int_equal(rig_pa(r, sid, VA), PA);
	return s;
}

#define STALE(sid) assert_int_equal(rig_pa(r, sid, VA), PA)
#define FRESH(sid) assert_int_equal(rig_pa(r, sid, VA), NEW)

RIG_TEST(nothing_but_an_invalidation_helps, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_sync(0));
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	rig_cmd(r, cmd_cfgi_range(0, 31));
	STALE(SID);
	/* An unmapped page stays usable as well. */
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	FRESH(SID);
}

RIG_TEST(by_address, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA - 0x1000));
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA + 0x1000));
	rig_cmd(r, cmd_tlbi(0x12, 0, 2, VA));
	STALE(SID);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA | 1)); /* Leaf */
	FRESH(SID);
}

RIG_TEST(by_address_of_all_asids, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	make_stale(r, SID + 1, 2, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x13, 0, 0, VA - 0x1000));
	STALE(SID);
	rig_cmd(r, cmd_tlbi(0x13, 0, 0, VA));
	FRESH(SID);
	FRESH(SID + 1);
}

RIG_TEST(by_asid, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	make_stale(r, SID + 1, 2, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x11, 0, 3, 0));
	STALE(SID);
	rig_cmd(r, cmd_tlbi(0x11, 0, 1, 0));
	FRESH(SID);
	STALE(SID + 1);
}

RIG_TEST(all, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x10, 0, 0, 0));
	FRESH(SID);
}

RIG_TEST(all_non_secure, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	FRESH(SID);
}

/* Entries are tagged by ASID, not by stream: two streams of one ASID share. */
RIG_TEST(streams_of_one_asid_share_entries, 0)
{
	struct stale s = make_stale(r, SID, 1, LEAF_RW);

	tables_ste_stage1(&r->t, &r->streams, SID + 1, s.cd);
	STALE(SID + 1);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	FRESH(SID + 1);
}

RIG_TEST(global_entries_match_every_asid, 0)
{
	struct tables_half other;

	make_stale(r, SID, 1, LEAF_RW & ~LEAF_NG);
	/* Another space that maps VA elsewhere: it promised not to. */
	rig_stream(r, SID + 1, 2, &other);
	tables_map(&r->t, &other, VA, NEW, 3, LEAF_RW);
	STALE(SID + 1);
	/* By ASID alone they stay. */
	rig_cmd(r, cmd_tlbi(0x11, 0, 1, 0));
	STALE(SID);
	/* By address and any ASID they go. */
	rig_cmd(r, cmd_tlbi(0x12, 0, 9, VA));
	FRESH(SID);
	FRESH(SID + 1);
}

RIG_TEST(qemu_keeps_global_entries_by_asid, .profile = DMASIM_SMMU_QEMU_7_2)
{
	struct tables_half other;

	make_stale(r, SID, 1, LEAF_RW & ~LEAF_NG);
	rig_stream(r, SID + 1, 2, &other);
	tables_map(&r->t, &other, VA, NEW, 3, LEAF_RW);
	FRESH(SID + 1);
}

/* ---- VMIDs ---- */

RIG_TEST(vmids_are_ignored_without_stage_2, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0x1234, 1, VA));
	FRESH(SID);
}

RIG_TEST(entries_carry_vmids_with_stage_2, .idr_set = {1 | 1u << 18})
{
	struct stale s;

	s.cd = rig_stream(r, SID, 1, &s.h);
	rig_ste_word(r, SID, 2, 0, 0x1234);
	tables_map(&r->t, &s.h, VA, PA, 3, LEAF_RW);
	STALE(SID);
	tables_map(&r->t, &s.h, VA, NEW, 3, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0x34, 1, VA));
	rig_cmd(r, cmd_tlbi(0x10, 0x34, 0, 0));
	rig_cmd(r, cmd_tlbi(0x28, 0x34, 0, 0));
	STALE(SID);
	rig_cmd(r, cmd_tlbi(0x28, 0x1234, 0, 0));
	FRESH(SID);
	tables_map(&r->t, &s.h, VA, PA, 3, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x2a, 0x1234, 0, VA));
	FRESH(SID);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	STALE(SID);
}

RIG_TEST(vmids_of_8_bits, .idr_set = {1}, .idr_clear = {1u << 18})
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x10, 0x100, 0, 0));
	FRESH(SID);
}

RIG_TEST(asids_of_8_bits, .idr_clear = {1u << 12})
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x11, 0, 0x101, 0));
	FRESH(SID);
}

/* ---- blocks and ranges ---- */

RIG_TEST(a_block_goes_by_any_of_its_addresses, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, 0x40000000, RIG_DATA, 2, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, 0x401ff000), RIG_DATA + 0x1ff000);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 3);
	/* One entry for all of it. */
	assert_int_equal(rig_pa(r, SID, 0x40000000), RIG_DATA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 3);
	tables_map(&r->t, &h, 0x40000000, RIG_RAM, 2, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, 0x401fe000));
	assert_int_equal(rig_pa(r, SID, 0x40000000), RIG_RAM);
}

static void fill(struct rig *r, struct tables_half *h, unsigned pages,
                 uint64_t pa)
{
	for (unsigned i = 0; i < pages; i++)
		tables_map(&r->t, h, VA + 0x1000ull * i, pa, 3, LEAF_RW);
}

static unsigned stale_pages(struct rig *r, unsigned pages)
{
	unsigned n = 0;

	for (unsigned i = 0; i < pages; i++)
		n += rig_pa(r, SID, VA + 0x1000ull * i) == PA;
	return n;
}

/* Bytes = (NUM + 1) << SCALE << granule. */
RIG_TEST(by_range, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	fill(r, &h, 16, PA);
	assert_int_equal(stale_pages(r, 16), 16);
	fill(r, &h, 16, NEW);
	rig_cmd(r,
	        cmd_tlbi_range(0x12, 1, VA + 0x2000, (unsigned[]){2, 0, 1, 3}));
	assert_int_equal(stale_pages(r, 16), 13);
	assert_int_equal(rig_pa(r, SID, VA + 0x1000), PA);
	assert_int_equal(rig_pa(r, SID, VA + 0x2000), NEW);
	assert_int_equal(rig_pa(r, SID, VA + 0x4000), NEW);
	assert_int_equal(rig_pa(r, SID, VA + 0x5000), PA);
	rig_cmd(r,
	        cmd_tlbi_range(0x12, 1, VA + 0x8000, (unsigned[]){0, 2, 1, 0}));
	assert_int_equal(stale_pages(r, 16), 9);
	/* For all ASIDs, and so long that every entry is looked at. */
	rig_cmd(r, cmd_tlbi_range(0x13, 0, 0, (unsigned[]){31, 31, 1, 0}));
	assert_int_equal(stale_pages(r, 16), 0);
}

RIG_TEST(a_long_range_of_one_asid, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi_range(0x12, 1, 0, (unsigned[]){31, 20, 1, 0}));
	FRESH(SID);
}

RIG_TEST(level_hint_is_taken_at_its_word, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r, cmd_tlbi_range(0x12, 1, VA, (unsigned[]){0, 0, 1, 2}));
	STALE(SID);
	rig_cmd(r, cmd_tlbi_range(0x12, 1, VA, (unsigned[]){0, 0, 1, 3}));
	FRESH(SID);
}

RIG_TEST(granule_hint_is_taken_at_its_word, 0)
{
	struct tables_half h;
	uint64_t cd = tables_alloc(&r->t, 64, 64);

	assert_true(tables_half_new(&r->t, &h, 16, 14));
	tables_cd(&r->t, cd, &h, NULL, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	tables_map(&r->t, &h, 0x10000, RIG_DATA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, 0x10000), RIG_DATA);
	tables_map(&r->t, &h, 0x10000, RIG_RAM, 3, LEAF_RW);
	/* 4 KiB, and 64 KiB: not of this granule. */
	rig_cmd(r, cmd_tlbi_range(0x12, 1, 0x10000, (unsigned[]){7, 0, 1, 0}));
	rig_cmd(r, cmd_tlbi_range(0x12, 1, 0x10000, (unsigned[]){1, 0, 3, 0}));
	assert_int_equal(rig_pa(r, SID, 0x10000), RIG_DATA);
	/* 16 KiB with TTL 1: no such leaf, so no hint. */
	rig_cmd(r, cmd_tlbi_range(0x12, 1, 0x10000, (unsigned[]){1, 0, 2, 1}));
	assert_int_equal(rig_pa(r, SID, 0x10000), RIG_RAM);
}

RIG_TEST(a_range_does_not_wrap, 0)
{
	struct tables_half low, high;
	uint64_t cd = rig_stream(r, SID, 1, &low), top = 0xfffffffffffff000;

	assert_true(tables_half_new(&r->t, &high, 16, 12));
	tables_cd(&r->t, cd, &low, &high, 1);
	tables_map(&r->t, &low, 0, PA, 3, LEAF_RW);
	tables_map(&r->t, &high, top, PA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, 0), PA);
	assert_int_equal(rig_pa(r, SID, top), PA);
	tables_map(&r->t, &low, 0, NEW, 3, LEAF_RW);
	tables_map(&r->t, &high, top, NEW, 3, LEAF_RW);
	rig_cmd(r, cmd_tlbi_range(0x12, 1, top, (unsigned[]){3, 0, 1, 0}));
	assert_int_equal(rig_pa(r, SID, top), NEW);
	assert_int_equal(rig_pa(r, SID, 0), PA);
}

RIG_TEST(range_fields_are_ignored_without_ril, .idr_clear = {0, 0, 0, 1u << 10})
{
	make_stale(r, SID, 1, LEAF_RW);
	rig_cmd(r,
	        cmd_tlbi_range(0x12, 1, VA - 0x1000, (unsigned[]){7, 0, 1, 2}));
	STALE(SID);
	rig_cmd(r, cmd_tlbi_range(0x12, 1, VA, (unsigned[]){0, 0, 1, 2}));
	FRESH(SID);
}

/* ---- capacity ---- */

RIG_TEST(a_small_tlb_forgets, .tlb_entries = 4)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	fill(r, &h, 8, PA);
	assert_int_equal(stale_pages(r, 8), 8);
	fill(r, &h, 8, NEW);
	/* Four of the eight are still there: the last ones. */
	assert_int_equal(rig_pa(r, SID, VA + 0x7000), PA);
	assert_int_equal(rig_pa(r, SID, VA), NEW);
}

RIG_TEST(a_large_tlb_does_not, .tlb_entries = 4096)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	fill(r, &h, 64, PA);
	assert_int_equal(stale_pages(r, 64), 64);
	fill(r, &h, 64, NEW);
	assert_int_equal(stale_pages(r, 64), 64);
}

static uint32_t last_way(void *ctx, const struct dmasim_choice_query *q)
{
	unsigned *asked = ctx;

	*asked += q->point == DMASIM_CHOICE_VICTIM_WAY;
	return q->alternatives - 1;
}

static void the_victim_is_a_choice(void **state)
{
	static struct rig rig;
	struct rig *r = &rig;
	unsigned asked = 0;
	struct dmasim_choice_config cc = {.mode = DMASIM_CHOICE_CALLBACK,
	                                  .fn = last_way,
	                                  .fn_ctx = &asked};
	struct rig_options o = {.tlb_entries = 4};
	struct tables_half h;

	(void)state;
	assert_int_equal(dmasim_choice_create(&cc, &o.choice), DMASIM_OK);
	rig_open(r, &o);
	rig_stream(r, SID, 1, &h);
	fill(r, &h, 5, PA);
	assert_int_equal(stale_pages(r, 5), 5);
	assert_int_equal(asked, 1);
	fill(r, &h, 5, NEW);
	/* The fourth page made room for the fifth. */
	assert_int_equal(rig_pa(r, SID, VA + 0x2000), PA);
	assert_int_equal(rig_pa(r, SID, VA + 0x4000), PA);
	assert_int_equal(rig_pa(r, SID, VA + 0x3000), NEW);
	rig_close(r);
	dmasim_choice_destroy(o.choice);
}

/* ---- configuration caches ---- */

RIG_TEST(an_ste_is_kept_until_cfgi, 0)
{
	make_stale(r, SID, 1, LEAF_RW);
	tables_ste_config(&r->t, &r->streams, SID, 0);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	rig_cmd(r, cmd_cfgi_ste(SID + 1, true));
	FRESH(SID);
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
}

RIG_TEST(a_range_of_stes, 0)
{
	for (uint32_t sid = 0; sid < 8; sid++) {
		tables_ste_config(&r->t, &r->streams, sid, 4);
		assert_int_equal(rig_pa(r, sid, RIG_DATA), RIG_DATA);
		tables_ste_config(&r->t, &r->streams, sid, 0);
	}
	/* 2^(1 + 1) streams from 4, whatever the low bits are. */
	rig_cmd(r, cmd_cfgi_range(5, 1));
	for (uint32_t sid = 0; sid < 8; sid++)
		assert_int_equal(rig_pa(r, sid, RIG_DATA),
		                 sid < 4 ? RIG_DATA : UINT64_MAX);
}

RIG_TEST(a_cd_is_kept_until_cfgi_cd, 0)
{
	struct stale s = make_stale(r, SID, 1, LEAF_RW);

	tables_set(&r->t, s.cd, 0);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	rig_cmd(r, cmd_cfgi_cd(SID, 1));
	rig_cmd(r, cmd_cfgi_cd(SID + 1, 0));
	rig_cmd(r, cmd_cfgi_cd_all(SID + 1));
	FRESH(SID);
	rig_cmd(r, cmd_cfgi_cd(SID, 0));
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, EV(10, SID), 0, 0, 0);
}

RIG_TEST(all_cds_of_a_stream, 0)
{
	struct stale s = make_stale(r, SID, 1, LEAF_RW);

	tables_set(&r->t, s.cd, 0);
	rig_cmd(r, cmd_cfgi_cd_all(SID));
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, EV(10, SID), 0, 0, 0);
}

/* 4.3.1: the CDs that were reached through an STE go with it. */
RIG_TEST(cfgi_ste_drops_its_cds, 0)
{
	struct stale s = make_stale(r, SID, 1, LEAF_RW);

	tables_set(&r->t, s.cd, 0);
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, EV(10, SID), 0, 0, 0);
}

RIG_TEST(what_is_illegal_is_not_cached, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h), w = tables_get(&r->t, cd);

	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	rig_ste_word(r, SID, 0, 1, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, EV(4, SID), 0, 0, 0);
	rig_ste_word(r, SID, 0, 0, 1);
	tables_set(&r->t, cd, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, EV(10, SID), 0, 0, 0);
	tables_set(&r->t, cd, w);
	FRESH(SID);
}

RIG_TEST(a_small_configuration_cache_forgets, .config_entries = 4)
{
	for (uint32_t sid = 0; sid < 16; sid++) {
		tables_ste_config(&r->t, &r->streams, sid, 4);
		assert_int_equal(rig_pa(r, sid, RIG_DATA), RIG_DATA);
	}
	for (uint32_t sid = 0; sid < 16; sid++)
		tables_ste_config(&r->t, &r->streams, sid, 0);
	assert_int_equal(rig_pa(r, 15, RIG_DATA), RIG_DATA);
	assert_int_equal(rig_pa(r, 0, RIG_DATA), UINT64_MAX);
}

/* ---- level-1 descriptors ---- */

/* Stream 5 was refused while its part of the table was missing; then the
 * driver puts it in. */
static void lazy(struct rig *r)
{
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	rig_expect(r, EV(2, SID), 0, 0, 0);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	/* The empty descriptor may be cached. */
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	rig_expect(r, EV(2, SID), 0, 0, 0);
}

RIG_TEST(a_leaf_invalidation_drops_level_1_by_default, .log2size = 12,
         .split = 8)
{
	lazy(r);
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
}

static uint32_t keep(void *ctx, const struct dmasim_choice_query *q)
{
	(void)ctx;
	return q->point == DMASIM_CHOICE_L1STD_CACHE ? 1 : q->preferred;
}

static void a_leaf_invalidation_need_not_drop_level_1(void **state)
{
	static struct rig rig;
	struct rig *r = &rig;
	struct dmasim_choice_config cc = {.mode = DMASIM_CHOICE_CALLBACK,
	                                  .fn = keep};
	struct rig_options o = {.log2size = 12, .split = 8};

	(void)state;
	assert_int_equal(dmasim_choice_create(&cc, &o.choice), DMASIM_OK);
	rig_open(r, &o);
	lazy(r);
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	rig_expect(r, EV(2, SID), 0, 0, 0);
	rig_cmd(r, cmd_cfgi_ste(SID, false));
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
	rig_close(r);
	dmasim_choice_destroy(o.choice);
}

RIG_TEST(qemu_does_not_cache_level_1, .profile = DMASIM_SMMU_QEMU_7_2,
         .log2size = 12, .split = 8)
{
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	rig_expect(r, EV(2, SID), 0, 0, 0);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_but_an_invalidation_helps),
        cmocka_unit_test(by_address),
        cmocka_unit_test(by_address_of_all_asids),
        cmocka_unit_test(by_asid),
        cmocka_unit_test(all),
        cmocka_unit_test(all_non_secure),
        cmocka_unit_test(streams_of_one_asid_share_entries),
        cmocka_unit_test(global_entries_match_every_asid),
        cmocka_unit_test(qemu_keeps_global_entries_by_asid),
        cmocka_unit_test(vmids_are_ignored_without_stage_2),
        cmocka_unit_test(entries_carry_vmids_with_stage_2),
        cmocka_unit_test(vmids_of_8_bits),
        cmocka_unit_test(asids_of_8_bits),
        cmocka_unit_test(a_block_goes_by_any_of_its_addresses),
        cmocka_unit_test(by_range),
        cmocka_unit_test(a_long_range_of_one_asid),
        cmocka_unit_test(level_hint_is_taken_at_its_word),
        cmocka_unit_test(granule_hint_is_taken_at_its_word),
        cmocka_unit_test(a_range_does_not_wrap),
        cmocka_unit_test(range_fields_are_ignored_without_ril),
        cmocka_unit_test(a_small_tlb_forgets),
        cmocka_unit_test(a_large_tlb_does_not),
        cmocka_unit_test(the_victim_is_a_choice),
        cmocka_unit_test(an_ste_is_kept_until_cfgi),
        cmocka_unit_test(a_range_of_stes),
        cmocka_unit_test(a_cd_is_kept_until_cfgi_cd),
        cmocka_unit_test(all_cds_of_a_stream),
        cmocka_unit_test(cfgi_ste_drops_its_cds),
        cmocka_unit_test(what_is_illegal_is_not_cached),
        cmocka_unit_test(a_small_configuration_cache_forgets),
        cmocka_unit_test(a_leaf_invalidation_drops_level_1_by_default),
        cmocka_unit_test(a_leaf_invalidation_need_not_drop_level_1),
        cmocka_unit_test(qemu_does_not_cache_level_1),
};

CHECK_MAIN(tests)
