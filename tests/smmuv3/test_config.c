/* SPDX-License-Identifier: MIT */
/* Stream tables, STEs and CDs: where they are, what is ILLEGAL in them. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

#define D0(type) EV(type, SID)

static uint64_t one_page(struct rig *r, uint32_t sid)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, sid, (uint16_t)sid, &h);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	return cd;
}

/* A read that ends in this record, which has the common fields only. */
static void bad(struct rig *r, unsigned type)
{
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, D0(type), 0, 0, 0);
}

static void good(struct rig *r)
{
	rig_flush(r);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_expect_none(r);
}

/* ---- stream tables ---- */

RIG_TEST(linear_table_covers_all_streams, .log2size = 4)
{
	for (uint32_t sid = 0; sid < 16; sid++) {
		one_page(r, sid);
		assert_int_equal(rig_pa(r, sid, VA + 4 * sid), PA + 4 * sid);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_STE)->addr,
		                 r->streams.base + 64 * sid);
	}
	rig_dma(r, DMASIM_READ, 16, VA, 4);
	rig_expect(r, EV(2, 16), 0, 0, 0);
	rig_dma(r, DMASIM_READ, 0xffffffff, VA, 4);
	rig_expect(r, EV(2, 0xffffffffu), 0, 0, 0);
}

static void two_levels(struct rig *r)
{
	uint32_t sids[] = {0, 1, 63, 64, 255, 256, 1023, 1024, 4095};

	for (unsigned i = 0; i < 9; i++) {
		one_page(r, sids[i]);
		assert_int_equal(rig_pa(r, sids[i], VA), PA);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_STE)->addr,
		                 tables_ste(&r->t, &r->streams, sids[i]));
	}
	rig_dma(r, DMASIM_READ, 4096, VA, 4);
	rig_expect(r, EV(2, 4096), 0, 0, 0);
}

RIG_TEST(split_6, .log2size = 12, .split = 6)
{
	two_levels(r);
}

RIG_TEST(split_8, .log2size = 12, .split = 8)
{
	two_levels(r);
}

RIG_TEST(split_10, .log2size = 12, .split = 10)
{
	two_levels(r);
}

RIG_TEST(reserved_split_acts_as_6, .log2size = 12, .split = 6, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, STRTAB_BASE_CFG, 1u << 16 | 7u << 6 | 12);
	rig_w32(r, CR0, EN_ALL);
	two_levels(r);
}

RIG_TEST(reserved_format_is_linear, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, STRTAB_BASE_CFG, 3u << 16 | 8u << 6 | 8);
	rig_w32(r, CR0, EN_ALL);
	one_page(r, SID);
	good(r);
}

RIG_TEST(format_is_linear_without_2_level_support, .off = true,
         .idr_clear = {3u << 27})
{
	rig_enable(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, STRTAB_BASE_CFG, 1u << 16 | 8u << 6 | 8);
	rig_w32(r, CR0, EN_ALL);
	one_page(r, SID);
	good(r);
}

RIG_TEST(log2size_is_capped_to_sidsize, .off = true, .idr_clear = {0, 0x3f},
         .idr_set = {0, 4})
{
	rig_enable(r);
	one_page(r, SID);
	good(r);
	rig_dma(r, DMASIM_READ, 16, VA, 4);
	rig_expect(r, EV(2, 16), 0, 0, 0);
}

RIG_TEST(base_is_aligned_to_the_table, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w64(r, STRTAB_BASE, r->streams.base + 0x40);
	rig_w32(r, CR0, EN_ALL);
	one_page(r, SID);
	good(r);
}

/* Span n covers 2^(n - 1) STEs; 0, more than 11, or more than SPLIT + 1 is no
 * table at all. */
RIG_TEST(span, .log2size = 12, .split = 8)
{
	uint64_t l1 = r->streams.base, desc;

	one_page(r, SID);
	good(r);
	desc = tables_get(&r->t, l1) & ~0x1full;
	tables_set(&r->t, l1, desc | 4); /* 8 STEs */
	good(r);
	tables_set(&r->t, l1, desc | 3); /* 4 STEs */
	bad(r, 2);
	tables_set(&r->t, l1, desc | 0);
	bad(r, 2);
	tables_set(&r->t, l1, desc | 10);
	bad(r, 2);
	tables_set(&r->t, l1, desc | 31);
	bad(r, 2);
	tables_set(&r->t, l1, desc | 9);
	good(r);
}

RIG_TEST(bad_streamid_needs_recinvsid, .log2size = 4, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, CR2, 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_dma(r, DMASIM_READ, 16, VA, 4), DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

RIG_TEST(ste_fetch_abort, .log2size = 12, .split = 8)
{
	uint64_t ste;

	one_page(r, SID);
	ste = tables_ste(&r->t, &r->streams, SID);
	r->refuse_from = ste;
	r->refuse_to = ste + 64;
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, D0(3), 0, 0, ste);
	r->refuse_from = r->streams.base;
	r->refuse_to = r->refuse_from + 8;
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(3), 0, 0, r->streams.base);
}

/* ---- STE ---- */

RIG_TEST(ste_valid_bit, 0)
{
	one_page(r, SID);
	rig_ste_word(r, SID, 0, 1, 0);
	bad(r, 4);
}

RIG_TEST(ste_abort_is_silent, 0)
{
	for (unsigned config = 0; config < 4; config++) {
		tables_ste_config(&r->t, &r->streams, SID, config);
		/* Nothing else is looked at. */
		rig_ste_word(r, SID, 0, 0, 31ull << 59);
		rig_flush(r);
		assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4),
		                 DMASIM_TXN_ABORT);
		assert_int_equal(rig_dma_ssid(r, SID, 1, VA), DMASIM_TXN_ABORT);
		rig_expect_none(r);
	}
}

RIG_TEST(stage_2_is_not_implemented, 0)
{
	tables_ste_config(&r->t, &r->streams, SID, 6);
	bad(r, 4);
	tables_ste_config(&r->t, &r->streams, SID, 7);
	bad(r, 4);
	assert_string_equal(r->warnings, "");
}

RIG_TEST(stage_1_that_is_not_implemented, .idr_clear = {2})
{
	one_page(r, SID);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(4), 0, 0, 0);
}

RIG_TEST(s1cdmax_above_ssidsize, .idr_clear = {0, 0x1f << 6},
         .idr_set = {0, 3 << 6})
{
	one_page(r, SID);
	rig_ste_word(r, SID, 1, 3, 2);
	rig_ste_word(r, SID, 0, 0, 3ull << 59);
	good(r);
	rig_ste_word(r, SID, 0, 31ull << 59, 4ull << 59);
	bad(r, 4);
}

RIG_TEST(two_level_cds_need_cd2l, .idr_clear = {1u << 19})
{
	one_page(r, SID);
	/* Without substreams the format does not count. */
	rig_ste_word(r, SID, 0, 0, 1 << 4);
	good(r);
	rig_ste_word(r, SID, 0, 0, 1ull << 59);
	bad(r, 4);
	rig_ste_word(r, SID, 0, 3 << 4, 2 << 4);
	bad(r, 4);
}

RIG_TEST(s1stalld_needs_the_stall_model, 0)
{
	one_page(r, SID);
	rig_ste_word(r, SID, 1, 0, 1 << 27);
	bad(r, 4);
}

RIG_TEST(s1stalld_is_fine_with_stalls, .idr_clear = {3u << 24})
{
	one_page(r, SID);
	rig_ste_word(r, SID, 1, 0, 1 << 27);
	good(r);
}

RIG_TEST(split_stage_ats_needs_both_stages, .idr_set = {1u << 10})
{
	one_page(r, SID);
	rig_ste_word(r, SID, 1, 0, 1 << 28);
	good(r);
	rig_ste_word(r, SID, 1, 3 << 28, 2 << 28);
	bad(r, 4);
}

RIG_TEST(eats_is_ignored_without_ats, 0)
{
	one_page(r, SID);
	rig_ste_word(r, SID, 1, 0, 2 << 28);
	good(r);
}

RIG_TEST(wide_vmid_needs_vmid16, .idr_set = {1})
{
	one_page(r, SID);
	rig_ste_word(r, SID, 2, 0, 0xff);
	good(r);
	rig_ste_word(r, SID, 2, 0, 0x100);
	bad(r, 4);
}

RIG_TEST(cd_pointer_above_oas, .oas_bits = 44)
{
	one_page(r, SID);
	rig_ste_word(r, SID, 0, 0, 1ull << 46);
	bad(r, 4);
}

RIG_TEST(strw_is_ignored_without_hyp, 0)
{
	one_page(r, SID);
	for (uint64_t strw = 1; strw < 4; strw++) {
		rig_ste_word(r, SID, 1, 3u << 30, strw << 30);
		good(r);
	}
}

/* ---- CD ---- */

static void cd_word(struct rig *r, uint64_t cd, uint64_t clear, uint64_t set)
{
	tables_set(&r->t, cd, (tables_get(&r->t, cd) & ~clear) | set);
}

RIG_TEST(cd_fetch_abort, 0)
{
	uint64_t cd = one_page(r, SID);

	r->refuse_from = cd;
	r->refuse_to = cd + 64;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, D0(9), 0, 0, cd);
}

/* Each of these alone makes a CD ILLEGAL. */
RIG_TEST(cd_illegal, .idr_clear = {3u << 21}, .idr_set = {2u << 21})
{
	static const struct {
		uint64_t clear, set;
	} cases[] = {
	        {1ull << 31, 0},           /* V */
	        {1ull << 41, 0},           /* AA64 */
	        {1ull << 46, 0},           /* A, with TERM_MODEL = 1 */
	        {0, 1ull << 44},           /* S, with STALL_MODEL = 1 */
	        {0, 1ull << 43},           /* HA, with HTTU = 0 */
	        {0, 1ull << 42},           /* HD */
	        {0, 1ull << 15},           /* ENDI, with little-endian only */
	        {0x3f, 15},                /* T0SZ */
	        {0x3f, 0},                 /* T0SZ */
	        {0x3f, 40},                /* T0SZ */
	        {0, 3 << 6},               /* TG0 reserved */
	        {1ull << 30, 0},           /* TTB1 with T1SZ 0 */
	        {1ull << 30, 25ull << 16}, /* TG1 0 is reserved */
	};
	uint64_t cd = one_page(r, SID), was = tables_get(&r->t, cd);

	good(r);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cd_word(r, cd, cases[i].clear, cases[i].set);
		bad(r, 10);
		tables_set(&r->t, cd, was);
	}
	good(r);
	/* IPS 0: 32 bits. */
	cd_word(r, cd, 7ull << 32, 0);
	tables_set(&r->t, cd + 8, tables_get(&r->t, cd + 8) | 1ull << 33);
	bad(r, 10);
	cd_word(r, cd, 0, 5ull << 32);
	tables_set(&r->t, cd + 8, tables_get(&r->t, cd + 8) | 1ull << 50);
	bad(r, 10);
}

RIG_TEST(reserved_ips_is_the_largest, 0)
{
	uint64_t cd = one_page(r, SID);

	for (uint64_t ips = 5; ips < 8; ips++) {
		cd_word(r, cd, 7ull << 32, ips << 32);
		good(r);
	}
}

RIG_TEST(unchecked_half, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	/* EPD1 = 1: whatever TTB1, T1SZ and TG1 hold. */
	tables_set(&r->t, cd + 16, UINT64_MAX);
	cd_word(r, cd, 0x3full << 16, 0);
	good(r);
	/* Both halves off: nothing translates, and that is not ILLEGAL. */
	cd_word(r, cd, 0x3f, 1 << 14);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, VA, 0);
}

RIG_TEST(granules_that_are_not_implemented, .idr_clear = {0, 0, 0, 0, 0, 0x70},
         .idr_set = {0})
{
	uint64_t cd = one_page(r, SID);

	for (uint64_t tg = 0; tg < 3; tg++) {
		cd_word(r, cd, 3 << 6, tg << 6);
		bad(r, 10);
	}
}

RIG_TEST(wide_asid_needs_asid16, .idr_clear = {1u << 12})
{
	uint64_t cd = one_page(r, SID);

	good(r);
	cd_word(r, cd, 0, 0xffull << 48);
	good(r);
	cd_word(r, cd, 0, 1ull << 56);
	bad(r, 10);
}

RIG_TEST(big_endian_only, .idr_set = {3u << 21})
{
	uint64_t cd = one_page(r, SID);

	bad(r, 10);
	(void)cd;
}

RIG_TEST(forced_stalls_need_s, .idr_clear = {3u << 24}, .idr_set = {2u << 24})
{
	one_page(r, SID);
	bad(r, 10);
}

RIG_TEST(dirty_state_needs_httu_2, .idr_set = {1u << 6})
{
	uint64_t cd = one_page(r, SID);

	cd_word(r, cd, 0, 1ull << 43);
	good(r);
	cd_word(r, cd, 0, 1ull << 42);
	bad(r, 10);
}

RIG_TEST(faults_that_are_not_recorded, 0)
{
	uint64_t cd = one_page(r, SID);

	cd_word(r, cd, 1ull << 45, 0); /* R = 0 */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
	/* R is about translation faults alone. */
	r->refuse_from = tables_get(&r->t, cd + 8);
	r->refuse_to = r->refuse_from + 4096;
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4);
	rig_expect(r, D0(0x0b), EV_TT | EV_READ, VA + 0x1000, r->refuse_from);
}

RIG_TEST(raz_wi, .idr_clear = {1u << 26})
{
	uint64_t cd = one_page(r, SID);

	cd_word(r, cd, 1ull << 46, 0); /* A = 0 */
	memset(r->buf, 0x5a, 16);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 8),
	                 DMASIM_TXN_OK);
	for (int i = 0; i < 8; i++)
		assert_int_equal(r->buf[i], 0);
	assert_int_equal(r->buf[8], 0x5a);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, VA + 0x1000, 0);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA + 0x1000, 8),
	                 DMASIM_TXN_OK);
	rig_expect(r, D0(0x10), EV_IN, VA + 0x1000, 0);
	assert_int_equal(rig_dma(r, DMASIM_CLEAN, SID, VA + 0x1000, 8),
	                 DMASIM_TXN_OK);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, VA + 0x1000, 0);
	/* Other faults abort. */
	tables_set(&r->t, cd + 8, 0);
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, D0(0x0b), EV_TT | EV_READ, VA, 0);
}

/* A look at a stream that is not cached keeps nothing, and spoils nothing for
 * the streams that are. */
RIG_TEST(look_between_walks, 0)
{
	struct tables_half mine, other;

	rig_stream(r, 5, 1, &mine);
	for (unsigned i = 0; i < 3; i++)
		tables_map(&r->t, &mine, 0x1000 * i, RIG_DATA + 0x1000 * i, 3,
		           LEAF_RW);
	rig_ste_word(r, 5, 1, 0, 1u << 17); /* DCP */
	rig_stream(r, 6, 2, &other);
	tables_map(&r->t, &other, 0x2000, RIG_DATA + 0x5000, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, 5, 0), RIG_DATA);
	assert_int_equal(rig_pa(r, 5, 0x1000), RIG_DATA + 0x1000);
	rig_dma_flags(r, DMASIM_READ, 6, 0x2000, DMASIM_TXN_DEBUG);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr,
	                 RIG_DATA + 0x5000);
	/* The address comes by the CD, the directed prefetch by the STE. */
	rig_dma_flags(r, DMASIM_WRITE, 5, 0x2000, DMASIM_TXN_STASH);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr,
	                 RIG_DATA + 0x2000);
	assert_true(rig_last(r, DMASIM_CAUSE_DMA)->flags & DMASIM_TXN_STASH);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_table_covers_all_streams),
        cmocka_unit_test(split_6),
        cmocka_unit_test(split_8),
        cmocka_unit_test(split_10),
        cmocka_unit_test(reserved_split_acts_as_6),
        cmocka_unit_test(reserved_format_is_linear),
        cmocka_unit_test(format_is_linear_without_2_level_support),
        cmocka_unit_test(log2size_is_capped_to_sidsize),
        cmocka_unit_test(base_is_aligned_to_the_table),
        cmocka_unit_test(span),
        cmocka_unit_test(bad_streamid_needs_recinvsid),
        cmocka_unit_test(ste_fetch_abort),
        cmocka_unit_test(ste_valid_bit),
        cmocka_unit_test(ste_abort_is_silent),
        cmocka_unit_test(stage_2_is_not_implemented),
        cmocka_unit_test(stage_1_that_is_not_implemented),
        cmocka_unit_test(s1cdmax_above_ssidsize),
        cmocka_unit_test(two_level_cds_need_cd2l),
        cmocka_unit_test(s1stalld_needs_the_stall_model),
        cmocka_unit_test(s1stalld_is_fine_with_stalls),
        cmocka_unit_test(split_stage_ats_needs_both_stages),
        cmocka_unit_test(eats_is_ignored_without_ats),
        cmocka_unit_test(wide_vmid_needs_vmid16),
        cmocka_unit_test(cd_pointer_above_oas),
        cmocka_unit_test(strw_is_ignored_without_hyp),
        cmocka_unit_test(cd_fetch_abort),
        cmocka_unit_test(cd_illegal),
        cmocka_unit_test(reserved_ips_is_the_largest),
        cmocka_unit_test(unchecked_half),
        cmocka_unit_test(granules_that_are_not_implemented),
        cmocka_unit_test(wide_asid_needs_asid16),
        cmocka_unit_test(big_endian_only),
        cmocka_unit_test(forced_stalls_need_s),
        cmocka_unit_test(dirty_state_needs_httu_2),
        cmocka_unit_test(faults_that_are_not_recorded),
        cmocka_unit_test(raz_wi),
        cmocka_unit_test(look_between_walks),
};

CHECK_MAIN(tests)
