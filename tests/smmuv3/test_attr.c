/* SPDX-License-Identifier: MIT */
/* The attributes that come out of stage 1, and those of own accesses. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

/* A stream with one page of @leaf at VA. */
static uint64_t one_page(struct rig *r, uint64_t leaf)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_map(&r->t, &h, VA, PA, 3, leaf);
	return cd;
}

static void check_attr(struct rig *r, uint64_t leaf, uint64_t mair,
                       const char *name)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);
	char buf[48];

	tables_set(&r->t, cd + 24, mair);
	tables_map(&r->t, &h, VA, PA, 3, leaf);
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	dmasim_attr_name(&rig_last(r, DMASIM_CAUSE_DMA)->attr, buf,
	                 sizeof(buf));
	assert_string_equal(buf, name);
}

RIG_TEST(attributes_come_from_mair_and_sh, 0)
{
	uint64_t nsh = LEAF_RW & ~(3ull << 8), osh = nsh | 2ull << 8;

	check_attr(r, LEAF_RW, TABLES_MAIR, "Normal WB ISH");
	check_attr(r, osh, TABLES_MAIR, "Normal WB OSH");
	check_attr(r, nsh, TABLES_MAIR, "Normal WB NSH");
	check_attr(r, LEAF_RW | LEAF_NC, TABLES_MAIR, "Normal NC");
	check_attr(r, LEAF_RW | LEAF_DEV, TABLES_MAIR, "Device-nGnRE");
	check_attr(r, LEAF_RW, 0x00, "Device-nGnRnE");
	check_attr(r, LEAF_RW, 0x08, "Device-nGRE");
	check_attr(r, LEAF_RW, 0x0c, "Device-GRE");
	check_attr(r, LEAF_RW, 0xbb, "Normal WT ISH");
	check_attr(r, LEAF_RW, 0x33, "Normal WT ISH");
	check_attr(r, LEAF_RW, 0x77, "Normal WB ISH");
	/* 5.4, MAIR1: inner 0 with an outer type is Write-Through. */
	check_attr(r, LEAF_RW, 0xf0, "Normal inner WT outer WB ISH");
	check_attr(r, LEAF_RW, 0x40, "Normal inner WT outer NC ISH");
}

RIG_TEST(allocation_hints_come_from_mair, 0)
{
	one_page(r, LEAF_RW);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc,
	                 DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE);
}

/* IR0 1 allocates on writes, 3 does not. */
RIG_TEST(walks_have_allocation_hints, 0)
{
	uint64_t cd = one_page(r, LEAF_RW);

	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_WALK)->attr.alloc,
	                 DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 3 << 8);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_WALK)->attr.alloc,
	                 DMASIM_ALLOC_READ);
}

RIG_TEST(no_snoop_makes_cacheable_memory_nc, 0)
{
	struct tables_half h;
	const struct rig_access *a;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, VA + 0x1000, PA, 3, LEAF_RW | LEAF_DEV);
	rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_NO_SNOOP);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.inner, DMASIM_NC);
	assert_int_equal(a->attr.outer, DMASIM_NC);
	assert_int_equal(a->attr.share, DMASIM_OSH);
	rig_dma_flags(r, DMASIM_READ, SID, VA + 0x1000, DMASIM_TXN_NO_SNOOP);
	a = rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->attr.type, DMASIM_DEVICE_NGNRE);
}

RIG_TEST(own_accesses_use_the_programmed_attributes, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h), w = tables_get(&r->t, cd);
	uint64_t ste = tables_ste(&r->t, &r->streams, SID);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	/* S1CIR WT, S1COR NC, S1CSH OSH; IR0 NC, OR0 NC, SH0 NSH. */
	tables_set(&r->t, ste + 8, 2 << 2 | 2 << 6);
	tables_set(&r->t, cd, w & ~0x3f00ull);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_STE)->attr.inner, DMASIM_WB);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_STE)->attr.share, DMASIM_ISH);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CD)->attr.inner, DMASIM_WT);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CD)->attr.outer, DMASIM_NC);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CD)->attr.share, DMASIM_OSH);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_WALK)->attr.inner, DMASIM_NC);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_WALK)->attr.share,
	                 DMASIM_OSH);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_come_from_mair_and_sh),
        cmocka_unit_test(allocation_hints_come_from_mair),
        cmocka_unit_test(walks_have_allocation_hints),
        cmocka_unit_test(no_snoop_makes_cacheable_memory_nc),
        cmocka_unit_test(own_accesses_use_the_programmed_attributes),
};

CHECK_MAIN(tests)
