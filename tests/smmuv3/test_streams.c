/* SPDX-License-Identifier: MIT */
/* Substreams, bypass, overrides of attributes, and SMMUEN = 0. */
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

/* ---- substreams ---- */

/* CDs 0 and 2 map VA to PA and PA + 0x1000. */
static void substreams(struct rig *r, uint64_t cds)
{
	struct tables_half h[2];

	for (unsigned i = 0; i < 2; i++) {
		assert_true(tables_half_new(&r->t, &h[i], 16, 12));
		tables_map(&r->t, &h[i], VA, PA + 0x1000 * i, 3, LEAF_RW);
		tables_cd(&r->t, cds + 128 * i, &h[i], NULL, (uint16_t)(7 + i));
	}
}

static uint64_t linear_substreams(struct rig *r, unsigned dss)
{
	uint64_t cds = tables_alloc(&r->t, 64 * 8, 64 * 8);

	substreams(r, cds);
	tables_ste_stage1(&r->t, &r->streams, SID, cds);
	rig_ste_word(r, SID, 0, 0, 3ull << 59);
	rig_ste_word(r, SID, 1, 3, dss);
	return cds;
}

static void bad_ssid(struct rig *r, uint32_t ssid)
{
	assert_int_equal(rig_dma_ssid(r, SID, ssid, VA), DMASIM_TXN_ABORT);
	rig_expect(r, D0(8) | (uint64_t)ssid << 12, 0, 0, 0);
}

RIG_TEST(substream_chooses_the_cd, 0)
{
	linear_substreams(r, 0);
	assert_int_equal(rig_dma_ssid(r, SID, 0, VA), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA);
	assert_int_equal(rig_dma_ssid(r, SID, 2, VA), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x1000);
	bad_ssid(r, 8);
	bad_ssid(r, 0xfffff);
	/* CD 1 is not valid. */
	rig_dma_ssid(r, SID, 1, VA);
	rig_expect(r, D0(10) | 1 << 11 | 1 << 12, 0, 0, 0);
	/* A fault names the substream. */
	rig_dma_ssid(r, SID, 2, VA + 0x1000);
	rig_expect(r, D0(0x10) | 1 << 11 | 2 << 12, EV_IN | EV_READ,
	           VA + 0x1000, 0);
}

RIG_TEST(dss_terminate, 0)
{
	linear_substreams(r, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(6), 0, 0, 0);
	linear_substreams(r, 3);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(6), 0, 0, 0);
}

RIG_TEST(dss_bypass, 0)
{
	linear_substreams(r, 1);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 0);
	assert_int_equal(rig_dma_ssid(r, SID, 2, VA), DMASIM_TXN_OK);
}

RIG_TEST(dss_ssid0, 0)
{
	linear_substreams(r, 2);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(rig_dma_ssid(r, SID, 2, VA), DMASIM_TXN_OK);
	/* SubstreamID 0 itself is not to be used. */
	assert_int_equal(rig_dma_ssid(r, SID, 0, VA), DMASIM_TXN_ABORT);
	rig_expect(r, D0(6), 0, 0, 0);
}

RIG_TEST(substream_where_there_are_none, 0)
{
	one_page(r, SID);
	bad_ssid(r, 0);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	rig_flush(r);
	bad_ssid(r, 3);
}

static void two_level_cds(struct rig *r, unsigned fmt, unsigned leaf_log2)
{
	uint64_t l1 = tables_alloc(&r->t, 64, 64);
	uint64_t leaf =
	        tables_alloc(&r->t, 64ull << leaf_log2, 64ull << leaf_log2);
	uint32_t first = 1u << leaf_log2;

	substreams(r, leaf);
	tables_set(&r->t, l1 + 8, leaf | 1);
	tables_ste_stage1(&r->t, &r->streams, SID, l1);
	rig_ste_word(r, SID, 0, 0, fmt << 4 | (uint64_t)(leaf_log2 + 1) << 59);
	assert_int_equal(rig_dma_ssid(r, SID, first, VA), DMASIM_TXN_OK);
	assert_string_equal(rig_last(r, DMASIM_CAUSE_CD)->what, "CD fetch");
	assert_int_equal(rig_dma_ssid(r, SID, first + 2, VA), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x1000);
	/* L1CD.V = 0. */
	bad_ssid(r, 1);
	bad_ssid(r, 2 * first);
	r->refuse_from = l1;
	r->refuse_to = l1 + 8;
	rig_dma_ssid(r, SID, 1, VA);
	rig_expect(r, D0(9) | 1 << 11 | 1 << 12, 0, 0, l1);
}

RIG_TEST(two_level_cds_of_4k, 0)
{
	two_level_cds(r, 1, 6);
}

RIG_TEST(two_level_cds_of_64k, 0)
{
	two_level_cds(r, 2, 10);
}

RIG_TEST(reserved_cd_format_is_linear, 0)
{
	linear_substreams(r, 0);
	rig_ste_word(r, SID, 0, 0, 3 << 4);
	assert_int_equal(rig_dma_ssid(r, SID, 2, VA), DMASIM_TXN_OK);
}

/* ---- bypass, and SMMUEN = 0 ---- */

RIG_TEST(bypass_keeps_address_and_attributes, 0)
{
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_pa(r, SID, RIG_DATA + 0x123), RIG_DATA + 0x123);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.inner, DMASIM_WB);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_NSH);
	/* In one piece, however many pages. */
	r->logged = 0;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, RIG_DATA, 8192),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 1);
}

RIG_TEST(bypass_above_the_output_size, .oas_bits = 44)
{
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, 1ull << 44, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, D0(0x11), EV_IN, 1ull << 44, 0);
	/* Up to the limit it passes: there is no memory, that is all. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, (1ull << 44) - 4, 8),
	                 DMASIM_TXN_DECODE);
	rig_expect_none(r);
}

RIG_TEST(overrides, 0)
{
	const struct rig_access *a;

	tables_ste_config(&r->t, &r->streams, SID, 4);
	/* MTCFG, MemAttr oWT-iWT, SHCFG ISH, ALLOCCFG: write and transient. */
	rig_ste_word(r, SID, 1, UINT64_MAX,
	             0xaull << 32 | 1ull << 36 | 0xbull << 37 | 3ull << 44);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.inner, DMASIM_WT);
	assert_int_equal(a->attr.outer, DMASIM_WT);
	assert_int_equal(a->attr.share, DMASIM_ISH);
	assert_int_equal(a->attr.alloc,
	                 DMASIM_ALLOC_WRITE | DMASIM_ALLOC_TRANSIENT);
	/* The type changes, the shareability is the client's. */
	rig_ste_word(r, SID, 1, UINT64_MAX,
	             0xfull << 32 | 1ull << 36 | 0xcull << 37 | 1ull << 44);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.inner, DMASIM_WB);
	assert_int_equal(a->attr.share, DMASIM_NSH);
	assert_int_equal(a->attr.alloc, DMASIM_ALLOC_READ);
	/* Device. */
	rig_ste_word(r, SID, 1, UINT64_MAX, 1ull << 32 | 1ull << 36);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.type, DMASIM_DEVICE_NGNRE);
	assert_int_equal(a->attr.share, DMASIM_OSH);
}

RIG_TEST(privilege_overrides, 0)
{
	one_page(r, SID);
	rig_ste_word(r, SID, 1, 0xfull << 48, 2ull << 48 | 2ull << 50);
	rig_dma_flags(r, DMASIM_READ, SID, VA,
	              DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags, 0);
	rig_ste_word(r, SID, 1, 0xfull << 48, 3ull << 48 | 3ull << 50);
	rig_flush(r);
	rig_dma_flags(r, DMASIM_READ, SID, VA + 0x1000, 0);
	rig_expect(r, D0(0x10), EV_IN | EV_READ | EV_PNU | EV_IND, VA + 0x1000,
	           0);
	/* Writes stay data. */
	rig_dma_flags(r, DMASIM_WRITE, SID, VA + 0x1000, 0);
	rig_expect(r, D0(0x10), EV_IN | EV_PNU, VA + 0x1000, 0);
}

RIG_TEST(overrides_that_are_not_implemented, .idr_clear = {0, 3u << 26})
{
	const struct rig_access *a;

	tables_ste_config(&r->t, &r->streams, SID, 4);
	rig_ste_word(r, SID, 1, UINT64_MAX,
	             1ull << 32 | 1ull << 36 | 0xfull << 48);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.inner, DMASIM_WB);
	assert_int_equal(a->attr.share, DMASIM_NSH);
	assert_int_equal(a->flags, 0);
}

RIG_TEST(disabled_passes, .off = true, .oas_bits = 44)
{
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
	assert_int_equal(rig_dma_ssid(r, SID, 3, RIG_DATA), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
	/* Out of range: aborted, and no record. */
	rig_w32(r, CR0, EN_EVENTQ);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, 1ull << 44, 4),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	assert_int_equal(r->records, 0);
}

RIG_TEST(disabled_aborts_by_gbpa, .off = true)
{
	rig_w32(r, GBPA, 0x80101000);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(r->records, 0);
}

RIG_TEST(disabled_overrides_by_gbpa, .off = true)
{
	const struct rig_access *a;

	/* MTCFG Device-nGnRE, PRIVCFG privileged. */
	rig_w32(r, GBPA, 0x80000000 | 1 | 1 << 4 | 3 << 16);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.type, DMASIM_DEVICE_NGNRE);
	assert_int_equal(a->flags, DMASIM_TXN_PRIVILEGED);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(substream_chooses_the_cd),
        cmocka_unit_test(dss_terminate),
        cmocka_unit_test(dss_bypass),
        cmocka_unit_test(dss_ssid0),
        cmocka_unit_test(substream_where_there_are_none),
        cmocka_unit_test(two_level_cds_of_4k),
        cmocka_unit_test(two_level_cds_of_64k),
        cmocka_unit_test(reserved_cd_format_is_linear),
        cmocka_unit_test(bypass_keeps_address_and_attributes),
        cmocka_unit_test(bypass_above_the_output_size),
        cmocka_unit_test(overrides),
        cmocka_unit_test(privilege_overrides),
        cmocka_unit_test(overrides_that_are_not_implemented),
        cmocka_unit_test(disabled_passes),
        cmocka_unit_test(disabled_aborts_by_gbpa),
        cmocka_unit_test(disabled_overrides_by_gbpa),
};

CHECK_MAIN(tests)
