/* SPDX-License-Identifier: MIT */
/* The SMMU driver: streams, domains and mappings, as a device meets them. */
#include "smmu_rig.h"

#include <stdlib.h>

/* streams.txt and mappings.tsv of a recording of Linux 6.1. */
static void tables_are_those_of_linux(void **state)
{
	struct found f;
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){.edits = {PROFILE("qemu-7.2")}});
	assert_int_equal(map(&r, 0xfffd6000, 0x80334000, 0x1000), DMASIM_OK);
	f = find(&r, STREAM, 0xfffd6008);
	assert_int_equal(f.rc, DMASIM_OK);
	assert_int_equal(word(&r, f.ste), f.cd | 0xb);
	assert_int_equal(word(&r, f.ste + 8), 0xd6);
	assert_int_equal(word(&r, f.ste + 16), 0);
	assert_int_equal(word(&r, f.cd), 0x0001e204c0003510);
	assert_int_equal(word(&r, f.cd + 8) & 0xfff, 0);
	assert_int_equal(word(&r, f.cd + 16), 0);
	assert_int_equal(word(&r, f.cd + 24), 0xfffffffff404ff44);
	assert_int_equal(f.level, 3);
	assert_int_equal(f.pte & 0xfff, 0xfffd6000 >> 9 & 0xff8);
	assert_int_equal(word(&r, f.pte), 0x80334f47);
	/* The stream beside it has no domain: V = 1, abort. */
	assert_int_equal(word(&r, f.ste + 64), 1);
	assert_int_equal(word(&r, f.ste + 72), 0x0000100000000000);
	rig_close(&r);
}

static void descriptors_say_what_was_asked(void **state)
{
	struct found f;
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(dmasim_smmu_drv_map(r.smmu, STREAM, 0x1000, RAM,
	                                     0x1000, false, true),
	                 DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_map(r.smmu, STREAM, 0x2000, RAM,
	                                     0x1000, true, false),
	                 DMASIM_OK);
	assert_int_equal(map(&r, MIB2, RAM, MIB2), DMASIM_OK);
	f = find(&r, STREAM, 0x1000);
	assert_int_equal(word(&r, f.pte), RAM | 0xfc7);
	assert_int_equal(word(&r, f.pte + 8), RAM | 0xe43);
	f = find(&r, STREAM, MIB2 + 0x12345);
	assert_int_equal(f.level, 2);
	assert_int_equal(word(&r, f.pte), RAM | 0xf45);
	rig_close(&r);
}

static void mapped_pages_are_reached_and_others_are_not(void **state)
{
	const uint64_t *e;
	struct rig r;
	uint64_t v = 0;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	set_word(&r, RAM + 0x1ff8, 0x1122334455667788);
	assert_int_equal(map(&r, 0x7fff0000, RAM, 0x2000), DMASIM_OK);
	assert_int_equal(rig_dma(&r, DMASIM_READ, 0x7fff1ff8, &v, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 0x1122334455667788);
	assert_int_equal(touch(&r, 0x7fff2000), DMASIM_TXN_ABORT);
	assert_int_equal(touch(&r, 0x7ffeffff), DMASIM_TXN_ABORT);
	assert_int_equal(dmasim_smmu_drv_poll(r.smmu), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_event_count(r.smmu), 2);
	e = dmasim_smmu_drv_event(r.smmu, 1);
	assert_int_equal(e[0], 0x0000000800000010);
	assert_int_equal(e[1], 0x0000020800000000);
	assert_int_equal(e[2], 0x7ffeffff);
	assert_null(dmasim_smmu_drv_event(r.smmu, 2));
	/* The five lines of the kernel's log. */
	assert_non_null(strstr(r.log.text,
	                       "2b400000.smmu: event 0x10 received:\n"
	                       "2b400000.smmu: \t0x0000000800000010\n"
	                       "2b400000.smmu: \t0x0000020800000000\n"
	                       "2b400000.smmu: \t0x000000007fff2000\n"
	                       "2b400000.smmu: \t0x0000000000000000\n"));
	dmasim_smmu_drv_clear_events(r.smmu);
	assert_int_equal(dmasim_smmu_drv_event_count(r.smmu), 0);
	rig_close(&r);
}

static void big_ranges_get_the_largest_leaves(void **state)
{
	const struct {
		uint64_t iova;
		int level;
	} probes[] = {
	        {0x3fffc000, 3}, {0x40000000, 2}, {0x407fffff, 2},
	        {0x40800000, 3}, {0x40801fff, 3},
	};
	const size_t count = sizeof(probes) / sizeof(*probes);
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	/* 16 KiB before a 2 MiB boundary, four blocks, and 8 KiB behind. */
	assert_int_equal(map(&r, 0x3fffc000, RAM + MIB2 - 0x4000,
	                     0x4000 + 4 * MIB2 + 0x2000),
	                 DMASIM_OK);
	for (size_t i = 0; i < count; i++) {
		struct found f = find(&r, STREAM, probes[i].iova);

		assert_int_equal(f.rc, DMASIM_OK);
		assert_int_equal(f.level, probes[i].level);
		assert_int_equal(touch(&r, probes[i].iova), DMASIM_TXN_OK);
	}
	assert_int_equal(touch(&r, 0x40802000), DMASIM_TXN_ABORT);
	assert_int_equal(touch(&r, 0x3fffbfff), DMASIM_TXN_ABORT);
	assert_events(&r, "10 10 ");
	assert_int_equal(unmap(&r, 0x3fffc000, 0x4000 + 4 * MIB2 + 0x2000),
	                 DMASIM_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(touch(&r, probes[i].iova), DMASIM_TXN_ABORT);
	rig_close(&r);
}

static void a_gigabyte_is_one_leaf(void **state)
{
	struct found f;
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(map(&r, 0x8000000000, 0x80000000, 0x40000000),
	                 DMASIM_OK);
	f = find(&r, STREAM, 0x8003ffffff);
	assert_int_equal(f.rc, DMASIM_OK);
	assert_int_equal(f.level, 1);
	assert_int_equal(touch(&r, 0x8003ffffff), DMASIM_TXN_OK);
	assert_int_equal(unmap(&r, 0x8000000000, 0x40000000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x8003ffffff), DMASIM_TXN_ABORT);
	rig_close(&r);
}

/* A table that was used stays where a block would fit. */
static void a_table_in_the_way_of_a_block_is_filled(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(map(&r, MIB2, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(unmap(&r, MIB2, 0x1000), DMASIM_OK);
	assert_int_equal(map(&r, MIB2, RAM, MIB2), DMASIM_OK);
	assert_int_equal(find(&r, STREAM, 2 * MIB2 - 1).level, 3);
	assert_int_equal(touch(&r, 2 * MIB2 - 1), DMASIM_TXN_OK);
	assert_int_equal(unmap(&r, MIB2, MIB2), DMASIM_OK);
	rig_close(&r);
}

static void what_is_mapped_is_not_mapped_again(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(map(&r, 0x3000, RAM, 0x1000), DMASIM_OK);
	/* All or nothing: 0x2000 is not left behind, 0x3000 stays. */
	assert_int_equal(map(&r, 0x2000, RAM, 0x2000), DMASIM_E_EXISTS);
	assert_int_equal(find(&r, STREAM, 0x2000).rc, DMASIM_E_NOTFOUND);
	assert_int_equal(touch(&r, 0x3000), DMASIM_TXN_OK);
	assert_int_equal(map(&r, 0x3000, RAM, 0x1000), DMASIM_E_EXISTS);
	/* Below a block, and over one. */
	assert_int_equal(map(&r, MIB2, RAM, MIB2), DMASIM_OK);
	assert_int_equal(map(&r, MIB2 + 0x1000, RAM, 0x1000), DMASIM_E_EXISTS);
	assert_int_equal(map(&r, MIB2, RAM, MIB2), DMASIM_E_EXISTS);
	rig_close(&r);
}

static void unmapping_is_strict(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(unmap(&r, 0x1000, 0x1000), DMASIM_E_NOTFOUND);
	assert_int_equal(map(&r, 0x1000, RAM, 0x2000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	/* What came before the hole is unmapped, and invalidated. */
	assert_int_equal(unmap(&r, 0x1000, 0x3000), DMASIM_E_NOTFOUND);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_ABORT);
	/* A block is not split. */
	assert_int_equal(map(&r, MIB2, RAM, MIB2), DMASIM_OK);
	assert_int_equal(unmap(&r, MIB2, 0x1000), DMASIM_E_INVAL);
	assert_int_equal(unmap(&r, MIB2 + 0x1000, MIB2), DMASIM_E_INVAL);
	assert_int_equal(touch(&r, MIB2), DMASIM_TXN_OK);
	rig_close(&r);
}

static void bad_ranges_are_refused(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(map(&r, 0x1000, RAM, 0), DMASIM_E_INVAL);
	assert_int_equal(map(&r, 0x1001, RAM, 0x1000), DMASIM_E_INVAL);
	assert_int_equal(map(&r, 0x1000, RAM + 8, 0x1000), DMASIM_E_INVAL);
	assert_int_equal(map(&r, 0x1000, RAM, 0x800), DMASIM_E_INVAL);
	assert_int_equal(map(&r, 1ull << 48, RAM, 0x1000), DMASIM_E_RANGE);
	assert_int_equal(map(&r, (1ull << 48) - 0x1000, RAM, 0x2000),
	                 DMASIM_E_RANGE);
	assert_int_equal(map(&r, 0x1000, 1ull << 48, 0x1000), DMASIM_E_RANGE);
	assert_int_equal(dmasim_smmu_drv_map(NULL, STREAM, 0x1000, RAM, 0x1000,
	                                     true, true),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_map(r.smmu, 77, 0x1000, RAM, 0x1000,
	                                     true, true),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(unmap(&r, 0x1000, 0), DMASIM_E_INVAL);
	assert_int_equal(unmap(&r, 0x1000, 0x10), DMASIM_E_INVAL);
	assert_int_equal(unmap(&r, 1ull << 48, 0x1000), DMASIM_E_RANGE);
	assert_int_equal(dmasim_smmu_drv_unmap(NULL, STREAM, 0x1000, 0x1000),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_unmap(r.smmu, 77, 0x1000, 0x1000),
	                 DMASIM_E_NOTFOUND);
	rig_close(&r);
}

static void find_names_what_is_there(void **state)
{
	struct found f;
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){0});
	assert_int_equal(find(&r, STREAM, 0).rc, DMASIM_E_NOTFOUND);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	assert_int_equal(find(&r, STREAM + 1, 0).rc, DMASIM_E_NOTFOUND);
	/* Nothing is mapped: STE and CD are named all the same. */
	f = find(&r, STREAM, 0);
	assert_int_equal(f.rc, DMASIM_E_NOTFOUND);
	assert_int_equal(word(&r, f.ste), f.cd | 0xb);
	assert_int_equal(find(&r, STREAM, 1ull << 48).rc, DMASIM_E_NOTFOUND);
	assert_int_equal(find(&r, 1u << 20, 0).rc, DMASIM_E_RANGE);
	assert_int_equal(dmasim_smmu_drv_find(NULL, STREAM, 0, &f.ste, &f.cd,
	                                      &f.pte, &f.level),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_find(r.smmu, STREAM, 0, NULL, &f.cd,
	                                      &f.pte, &f.level),
	                 DMASIM_E_INVAL);
	rig_close(&r);
}

/* With range invalidation and, on the model of 2017, without. */
static void unmapped_pages_leave_the_tlb(void **state)
{
	static const char *const nodes[] = {
	        "dma-coherent; dmasim,profile = \"arch\";",
	        "dma-coherent; dmasim,profile = \"fvp-2017\";",
	        "dma-coherent; dmasim,profile = \"qemu-7.2\";",
	        "dma-coherent; dmasim,profile = \"qemu-10\";",
	};

	(void)state;
	for (size_t p = 0; p < sizeof(nodes) / sizeof(*nodes); p++) {
		struct rig r;

		open_dma(&r,
		         &(struct rig_options){.edits = {SMMU_NODE(nodes[p])}});
		assert_int_equal(map(&r, 0x100000, RAM, 0x65000), DMASIM_OK);
		for (uint64_t i = 0; i < 0x65; i++)
			assert_int_equal(touch(&r, 0x100000 + (i << 12)),
			                 DMASIM_TXN_OK);
		/* 100 of 101 pages: more than one batch of commands. */
		assert_int_equal(unmap(&r, 0x100000, 0x64000), DMASIM_OK);
		for (uint64_t i = 0; i < 0x64; i++)
			assert_int_equal(touch(&r, 0x100000 + (i << 12)),
			                 DMASIM_TXN_ABORT);
		assert_int_equal(touch(&r, 0x164000), DMASIM_TXN_OK);
		rig_close(&r);
	}
}

static void streams_have_domains_of_their_own(void **state)
{
	struct found f, g;
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, 0x200, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_map(r.smmu, 0x200, 0x1000, RAM, 0x1000,
	                                     true, true),
	                 DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_ABORT);
	f = find(&r, STREAM, 0);
	g = find(&r, 0x200, 0x1000);
	assert_int_equal(g.rc, DMASIM_OK);
	assert_int_equal(word(&r, f.cd) >> 48, 1);
	assert_int_equal(word(&r, g.cd) >> 48, 2);
	/* The first ASID that is free again is taken. */
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_ABORT),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, 0x300, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	f = find(&r, 0x300, 0);
	assert_int_equal(word(&r, f.cd) >> 48, 1);
	rig_close(&r);
}

static void streams_abort_bypass_or_translate(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){0});
	/* No second-level table: not a stream of ours. */
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_ABORT);
	assert_events(&r, "02 ");
	assert_false(drv_smmu_attached(r.smmu, STREAM));
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_ABORT),
	        DMASIM_OK);
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_ABORT);
	assert_events(&r, "");
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_BYPASS),
	        DMASIM_OK);
	assert_true(drv_smmu_attached(r.smmu, STREAM));
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_OK);
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_E_NOTFOUND);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_ABORT);
	assert_events(&r, "10 ");
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	/* A new domain is empty. */
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_ABORT);
	assert_events(&r, "10 ");
	assert_int_equal(
	        dmasim_smmu_drv_attach(NULL, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, (enum dmasim_domain)9),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, 0x10000, DMASIM_DOMAIN_DMA),
	        DMASIM_E_RANGE);
	rig_close(&r);
}

static void a_table_changed_by_hand_is_invalidated(void **state)
{
	struct found f;
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	f = find(&r, STREAM, 0x1000);
	/* Without its access flag the page faults, once the TLB knows. */
	set_word(&r, f.pte, word(&r, f.pte) & ~HW_PTE_AF);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	assert_int_equal(dmasim_smmu_drv_invalidate(r.smmu, STREAM), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_ABORT);
	assert_events(&r, "12 ");
	set_word(&r, f.ste, 0);
	assert_int_equal(dmasim_smmu_drv_invalidate(r.smmu, STREAM), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_ABORT);
	assert_events(&r, "04 ");
	assert_int_equal(dmasim_smmu_drv_invalidate(NULL, STREAM),
	                 DMASIM_E_INVAL);
	rig_close(&r);
}

/* Tables in which somebody wrote: the driver's own walk survives them. */
static void broken_tables_do_not_lead_the_driver_astray(void **state)
{
	static const uint64_t garbage[] = {
	        0x0000fffffffff003, /* a table outside of RAM */
	        0x0000000000001002, /* neither valid nor empty */
	        0xffffffffffffffff,
	};
	uint64_t root;
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
	root = word(&r, find(&r, STREAM, 0x1000).cd + 8);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		set_word(&r, root, garbage[i]);
		assert_int_not_equal(map(&r, 0x2000, RAM, 0x1000), DMASIM_OK);
		assert_int_not_equal(unmap(&r, 0x1000, 0x1000), DMASIM_OK);
		assert_int_equal(find(&r, STREAM, 0x1000).rc,
		                 DMASIM_E_NOTFOUND);
	}
	rig_close(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_those_of_linux),
        cmocka_unit_test(descriptors_say_what_was_asked),
        cmocka_unit_test(mapped_pages_are_reached_and_others_are_not),
        cmocka_unit_test(big_ranges_get_the_largest_leaves),
        cmocka_unit_test(a_gigabyte_is_one_leaf),
        cmocka_unit_test(a_table_in_the_way_of_a_block_is_filled),
        cmocka_unit_test(what_is_mapped_is_not_mapped_again),
        cmocka_unit_test(unmapping_is_strict),
        cmocka_unit_test(bad_ranges_are_refused),
        cmocka_unit_test(find_names_what_is_there),
        cmocka_unit_test(unmapped_pages_leave_the_tlb),
        cmocka_unit_test(streams_have_domains_of_their_own),
        cmocka_unit_test(streams_abort_bypass_or_translate),
        cmocka_unit_test(a_table_changed_by_hand_is_invalidated),
        cmocka_unit_test(broken_tables_do_not_lead_the_driver_astray),
};
CHECK_MAIN(tests)
