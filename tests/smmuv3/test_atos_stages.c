/* SPDX-License-Identifier: MIT */
/* Address translation operations through one stage and two: sizes,
 * attributes, flags that are updated or not, and what is kept. */
#include "atos.h"

#define BOTH IDR0_ATOS | IDR0_VATOS | IDR0_S2P

/* ---- sizes ---- */

/* A block or a page of each stage: the smaller one counts for both. */
static void sizes(struct rig *r, unsigned level1, unsigned level2)
{
	const uint64_t big = 1ull << 11 | 1ull << 20;
	const uint64_t va = 0x80000000, ipa = 0xc0000000, pa = RIG_DATA;
	const struct dmasim_tables_leaf leaf = {
	        .pa = pa, .level = (int)level2, .bits = LEAF_S2};
	struct nested n;

	nested_open(r, &n, 7);
	tables_map(&r->t, &n.s1, va, ipa, level1, LEAF_RW);
	assert_int_equal(dmasim_tables_map(&r->t, &n.s2, ipa, &leaf),
	                 DMASIM_OK);
	for (unsigned level = 0; level <= level1; level++) {
		uint64_t at = tables_descriptor(&r->t, &n.s1, va, level);

		stage2_map(r, &n, at, at & ~0xfffull, LEAF_S2);
	}
	rig_flush(r);
	assert_int_equal(ask(r, va | S1 | READ),
	                 WB_ISH | ipa | (level1 == 2 ? big : 0));
	assert_int_equal(ask(r, ipa | S2 | READ),
	                 WB_ISH | pa | (level2 == 2 ? big : 0));
	assert_int_equal(ask(r, va | S12 | READ),
	                 WB_ISH | pa | (level1 == 2 && level2 == 2 ? big : 0));
}

RIG_TEST(size_of_pages, .idr_set = {BOTH})
{
	sizes(r, 3, 3);
}

RIG_TEST(size_of_blocks, .idr_set = {BOTH})
{
	sizes(r, 2, 2);
}

RIG_TEST(size_of_a_block_in_pages, .idr_set = {BOTH})
{
	sizes(r, 2, 3);
}

RIG_TEST(size_of_a_page_in_a_block, .idr_set = {BOTH})
{
	sizes(r, 3, 2);
}

/* ---- attributes ---- */

static uint64_t with_memattr(struct rig *r, struct nested *n, unsigned memattr,
                             unsigned sh)
{
	const uint64_t bits =
	        LEAF_S2 & ~(DMASIM_TABLES_MEMATTR(15) | DMASIM_TABLES_SH(3));

	stage2_set(r, n, IPA,
	           PA | 3 | bits | DMASIM_TABLES_MEMATTR(memattr) |
	                   DMASIM_TABLES_SH(sh));
	return ask(r, IPA | S2 | READ);
}

/* 6.3.40: those of stage 2 alone, with both hints and not transient. */
RIG_TEST(attributes_of_stage_2, .idr_set = {BOTH})
{
	static const uint8_t want[16] = {0x00, 0x04, 0x08, 0x0c, 0,    0x44,
	                                 0x4b, 0x4f, 0,    0xb4, 0xbb, 0xbf,
	                                 0,    0xf4, 0xfb, 0xff};
	static const uint8_t sh[] = {0, 0, 2, 3};
	struct nested n;

	nested_open(r, &n, 6);
	for (unsigned memattr = 0; memattr < 16; memattr++) {
		bool device = memattr < 4, nc = memattr == 5;

		if (memattr % 4 == 0 && !device)
			continue; /* reserved */
		for (unsigned s = 0; s < 4; s++) {
			uint64_t par;

			if (s == 1)
				continue; /* reserved */
			par = with_memattr(r, &n, memattr, s);
			assert_int_equal(par >> 56, want[memattr]);
			assert_int_equal(par >> 8 & 3,
			                 device || nc ? 2 : sh[s]);
		}
	}
}

/* 13.1.5: both stages: the stronger of each. */
RIG_TEST(attributes_of_both, .idr_set = {BOTH})
{
	struct nested n;

	nested_open(r, &n, 7);
	with_memattr(r, &n, 15, 2);
	assert_int_equal(ask(r, VA | S12 | READ), 0xffull << 56 | 2 << 8 | PA);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	with_memattr(r, &n, 10, 0);
	assert_int_equal(ask(r, VA | S12 | READ), 0xbbull << 56 | 3 << 8 | PA);
	with_memattr(r, &n, 5, 3);
	assert_int_equal(ask(r, VA | S12 | READ), 0x44ull << 56 | 2 << 8 | PA);
	with_memattr(r, &n, 1, 3);
	assert_int_equal(ask(r, VA | S12 | READ), 0x04ull << 56 | 2 << 8 | PA);
	/* Device of stage 1 stays what it is. */
	with_memattr(r, &n, 15, 3);
	tables_map(&r->t, &n.s1, VA, IPA, 3, LEAF_RW | LEAF_DEV);
	rig_flush(r);
	assert_int_equal(ask(r, VA | S12 | READ), 0x04ull << 56 | 2 << 8 | PA);
}

/* 13.1.6: S2FWB counts for operations. */
RIG_TEST(forced_write_back, .idr_set = {BOTH, 0, 0, 1u << 8})
{
	struct nested n;

	nested_open(r, &n, 7);
	n.ste.s2fwb = 1;
	nested_write(r, &n);
	tables_map(&r->t, &n.s1, VA, IPA, 3, LEAF_RW | LEAF_NC);
	/* Stage 1's, which alone is the weakest. */
	assert_int_equal(with_memattr(r, &n, 7, 3), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S12 | READ), 0x44ull << 56 | 2 << 8 | PA);
	/* Write-Back whatever stage 1 says; and Non-cacheable. */
	assert_int_equal(with_memattr(r, &n, 6, 3), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S12 | READ) >> 60, 0xf);
	assert_int_equal(with_memattr(r, &n, 5, 3),
	                 0x44ull << 56 | 2 << 8 | PA);
}

/* 9: STE overrides do not count at either stage. */
RIG_TEST(no_overrides, .idr_set = {BOTH})
{
	struct nested n;

	nested_open(r, &n, 7);
	n.ste.mtcfg = 1;
	n.ste.memattr = 1; /* Device */
	n.ste.alloccfg = 8;
	n.ste.shcfg = 0;
	n.ste.privcfg = 3;
	n.ste.instcfg = 3;
	nested_write(r, &n);
	assert_int_equal(ask(r, IPA | S2 | READ), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
}

/* ---- what is kept ---- */

/* A translation through both stages is no answer for stage 1 alone. */
RIG_TEST(kept_translations, .idr_set = {BOTH})
{
	struct nested n;

	nested_open(r, &n, 7);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_flush(r);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	/* What a transaction kept serves an operation. */
	r->logged = 0;
	assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	/* And the rights that it kept are looked at. */
	stage2_set(r, &n, IPA, PA | 3 | (LEAF_S2 & ~DMASIM_TABLES_S2_WRITE));
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(ask(r, VA | S12 | WRITE), fails_for(0x13, 3, IPA));
	tables_map(&r->t, &n.s1, VA, IPA, 3, LEAF_RO);
	rig_flush(r);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(ask(r, VA | S12 | WRITE), fails(0x13));
}

/* ---- HTTU ---- */

#define HTTU IDR0_HTTU

static void cd_flags(struct rig *r, struct nested *n, uint64_t flags)
{
	tables_set(&r->t, n->cd, tables_get(&r->t, n->cd) | flags);
	rig_flush(r);
}

static void set_leaf(struct rig *r, struct nested *n, uint64_t bits)
{
	tables_set(&r->t, n->leaf, IPA | 3 | bits);
	rig_flush(r);
}

#define CLEAN (LEAF_RO | DMASIM_TABLES_DBM)

RIG_TEST(access_flag, .idr_set = {BOTH | HTTU})
{
	struct nested n;
	uint64_t was;

	nested_open(r, &n, 5);
	/* Without HA there is nothing to inhibit. */
	set_leaf(r, &n, LEAF_RW & ~LEAF_AF);
	assert_int_equal(ask(r, VA | S1 | READ | ATOS_ADDR_HTTUI), fails(0x12));
	cd_flags(r, &n, CD0_HA);
	was = tables_get(&r->t, n.leaf);
	assert_int_equal(ask(r, VA | S1 | READ | ATOS_ADDR_HTTUI),
	                 WB_ISH | IPA);
	assert_int_equal(tables_get(&r->t, n.leaf), was);
	/* Nothing says that it has been accessed: a transaction marks it. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(tables_get(&r->t, n.leaf), was | LEAF_AF);
	set_leaf(r, &n, LEAF_RW & ~LEAF_AF);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(tables_get(&r->t, n.leaf), was | LEAF_AF);
}

static void dirty_state(struct rig *r)
{
	struct nested n;
	uint64_t clean;

	nested_open(r, &n, 5);
	cd_flags(r, &n, CD0_HA | CD0_HD);
	set_leaf(r, &n, CLEAN);
	clean = tables_get(&r->t, n.leaf);
	/* It counts as writable, and stays clean. */
	assert_int_equal(ask(r, VA | S1 | WRITE | ATOS_ADDR_HTTUI),
	                 WB_ISH | IPA);
	assert_int_equal(tables_get(&r->t, n.leaf), clean);
	/* A read does not make it dirty, a write does. */
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(tables_get(&r->t, n.leaf), clean);
	assert_int_equal(ask(r, VA | S1 | WRITE), WB_ISH | IPA);
	assert_int_equal(tables_get(&r->t, n.leaf), clean & ~LEAF_AP2);
	/* Clean again: what the operation kept is not what a write needs. */
	set_leaf(r, &n, CLEAN);
	assert_int_equal(ask(r, VA | S1 | WRITE | ATOS_ADDR_HTTUI),
	                 WB_ISH | IPA);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(tables_get(&r->t, n.leaf), clean & ~LEAF_AP2);
}

RIG_TEST(dirty_state_at_once, .idr_set = {BOTH | HTTU})
{
	dirty_state(r);
}

RIG_TEST(dirty_state_pending, .idr_set = {BOTH | HTTU}, .pend = true)
{
	dirty_state(r);
}

static uint64_t stage2_get(struct rig *r, struct nested *n, uint64_t ipa)
{
	uint64_t at;

	assert_int_equal(dmasim_tables_descriptor(&r->t, &n->s2,
	                                          ipa & ~0xfffull, 3, &at),
	                 DMASIM_OK);
	return tables_get(&r->t, at);
}

/* 9: what stage 2 has on the way is inhibited, too. */
RIG_TEST(flags_of_stage_2, .idr_set = {BOTH | HTTU})
{
	struct nested n;
	uint64_t of[4];

	nested_open(r, &n, 7);
	n.ste.s2ha = n.ste.s2hd = 1;
	nested_write(r, &n);
	of[0] = n.cd;
	of[1] = n.leaf;
	of[2] = tables_descriptor(&r->t, &n.s1, VA, 1);
	of[3] = IPA;
	for (unsigned i = 0; i < 4; i++) {
		uint64_t page = of[i] & ~0xfffull;
		uint64_t pa = i == 3 ? PA : page;
		uint64_t old = pa | 3 | (LEAF_S2 & ~DMASIM_TABLES_AF);

		stage2_set(r, &n, page, old);
		assert_int_equal(ask(r, VA | S12 | READ | ATOS_ADDR_HTTUI),
		                 WB_ISH | PA);
		assert_int_equal(stage2_get(r, &n, page), old);
		/* A CD may be kept all the same; translations and tables are
		 * not. */
		if (i == 0)
			rig_flush(r);
		assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
		assert_int_equal(stage2_get(r, &n, page),
		                 old | DMASIM_TABLES_AF);
	}
	/* Dirty state of the page itself, by stage 2 alone or by both. */
	for (unsigned i = 0; i < 2; i++) {
		uint64_t addr = i ? VA | S12 : IPA | S2;
		uint64_t clean = PA | 3 | DMASIM_TABLES_DBM |
		                 (LEAF_S2 & ~DMASIM_TABLES_S2_WRITE);

		stage2_set(r, &n, IPA, clean);
		assert_int_equal(ask(r, addr | WRITE | ATOS_ADDR_HTTUI),
		                 WB_ISH | PA);
		assert_int_equal(stage2_get(r, &n, IPA), clean);
		assert_int_equal(ask(r, addr | READ), WB_ISH | PA);
		assert_int_equal(stage2_get(r, &n, IPA), clean);
		assert_int_equal(ask(r, addr | WRITE), WB_ISH | PA);
		assert_int_equal(stage2_get(r, &n, IPA),
		                 clean | DMASIM_TABLES_S2_WRITE);
	}
}

/* 9: stage 1 alone leaves the page that comes out as it is. */
RIG_TEST(flags_of_the_final_page, .idr_set = {BOTH | HTTU})
{
	uint64_t old = PA | 3 | DMASIM_TABLES_DBM |
	               (LEAF_S2 & ~(DMASIM_TABLES_AF | DMASIM_TABLES_S2_WRITE));
	struct nested n;

	nested_open(r, &n, 7);
	n.ste.s2ha = n.ste.s2hd = 1;
	nested_write(r, &n);
	stage2_set(r, &n, IPA, old);
	assert_int_equal(ask(r, VA | S1 | WRITE), WB_ISH | IPA);
	assert_int_equal(stage2_get(r, &n, IPA), old);
}

/* An update of stage 1 is a write at stage 2, if it is made. */
RIG_TEST(updates_through_stage_2, .idr_set = {BOTH | HTTU})
{
	struct nested n;
	uint64_t page;

	nested_open(r, &n, 7);
	cd_flags(r, &n, CD0_HA | CD0_HD);
	page = n.leaf & ~0xfffull;
	set_leaf(r, &n, CLEAN & ~LEAF_AF);
	stage2_set(r, &n, page, page | 3 | (LEAF_S2 & ~DMASIM_TABLES_S2_WRITE));
	assert_int_equal(ask(r, VA | S12 | WRITE), fails_for(0x13, 2, page));
	assert_int_equal(ask(r, VA | S1 | WRITE), fails(0x0b));
	assert_int_equal(ask(r, VA | S12 | WRITE | ATOS_ADDR_HTTUI),
	                 WB_ISH | PA);
	assert_int_equal(ask(r, VA | S1 | WRITE | ATOS_ADDR_HTTUI),
	                 WB_ISH | IPA);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_of_pages),
        cmocka_unit_test(size_of_blocks),
        cmocka_unit_test(size_of_a_block_in_pages),
        cmocka_unit_test(size_of_a_page_in_a_block),
        cmocka_unit_test(attributes_of_stage_2),
        cmocka_unit_test(attributes_of_both),
        cmocka_unit_test(forced_write_back),
        cmocka_unit_test(no_overrides),
        cmocka_unit_test(kept_translations),
        cmocka_unit_test(access_flag),
        cmocka_unit_test(dirty_state_at_once),
        cmocka_unit_test(dirty_state_pending),
        cmocka_unit_test(flags_of_stage_2),
        cmocka_unit_test(flags_of_the_final_page),
        cmocka_unit_test(updates_through_stage_2),
};

CHECK_MAIN(tests)
