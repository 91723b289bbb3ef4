/* SPDX-License-Identifier: MIT */
/* The DMA API without an IOMMU: what CPU and device see, through a real port.
 */
#include "dma_rig.h"

#include <stdlib.h>

static void bad_configurations_are_refused(void **state)
{
	struct rig r;
	struct dmasim_dma *d;
	struct dmasim_dma_config cfg = {0};

	(void)state;
	rig_open(&r, &(struct rig_options){0});
	assert_int_equal(dmasim_dma_create(NULL, &d), DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_create(&cfg, &d), DMASIM_E_INVAL);
	cfg.guest = r.g;
	assert_int_equal(dmasim_dma_create(&cfg, NULL), DMASIM_E_INVAL);
	cfg.mode = DMASIM_DMA_IOMMU; /* and no SMMU */
	assert_int_equal(dmasim_dma_create(&cfg, &d), DMASIM_E_INVAL);
	cfg.mode = (enum dmasim_dma_mode)7;
	assert_int_equal(dmasim_dma_create(&cfg, &d), DMASIM_E_INVAL);
	cfg.mode = DMASIM_DMA_COHERENT;
	cfg.smmu = r.smmu;
	assert_int_equal(dmasim_dma_create(&cfg, &d), DMASIM_E_INVAL);
	dmasim_dma_destroy(NULL);
	rig_close(&r);
}

static void modes_have_names(void **state)
{
	(void)state;
	assert_string_equal(dmasim_dma_mode_name(DMASIM_DMA_PHYSICAL),
	                    "physical");
	assert_string_equal(dmasim_dma_mode_name(DMASIM_DMA_NONCOHERENT),
	                    "direct, non-coherent");
	assert_string_equal(dmasim_dma_mode_name(DMASIM_DMA_COHERENT),
	                    "direct, coherent");
	assert_string_equal(dmasim_dma_mode_name(DMASIM_DMA_IOMMU), "iommu");
	assert_string_equal(dmasim_dma_mode_name((enum dmasim_dma_mode)4),
	                    "unknown mode");
}

static void physical_addresses_are_given_out_as_they_are(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, buf, b;

	(void)state;
	/* Neither offset nor limit counts for a driver without the DMA API. */
	open_dma(&t, &(struct rig_options){.edits = {NO_IOMMU}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_PHYSICAL,
	                                    .offset = 0x80000000,
	                                    .limit = 0xffff});
	assert_int_equal(dmasim_dma_mode(t.d), DMASIM_DMA_PHYSICAL);
	assert_int_equal(drv_dma_max_pa(t.d), UINT64_MAX);
	assert_int_equal(dmasim_dma_alloc(t.d, 1, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(dma, pa);
	assert_int_equal(va, DMASIM_LINEAR_BASE + pa);
	buf = page(&t);
	assert_int_equal(dmasim_dma_map(t.d, buf + 5, 9, DMASIM_TO_DEVICE, &b),
	                 DMASIM_OK);
	assert_int_equal(b, buf + 5);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 9, DMASIM_TO_DEVICE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_dma_free(t.d, 1, va, dma, pa), DMASIM_OK);
	close_dma(&t);
}

static void coherent_memory_needs_no_maintenance(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, buf, b;

	(void)state;
	open_dma(&t, &(struct rig_options){.edits = {NO_IOMMU}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_COHERENT});
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(va, DMASIM_LINEAR_BASE + pa);
	cpu_put(&t, va, 0x1111);
	dmasim_cpu_barrier(t.r.cpu, DMASIM_DMB_ST, DMASIM_HERE);
	/* Dirty in the cache, and the device sees it there. */
	assert_int_equal(in_ram(&t, pa), 0);
	assert_int_equal(device_get(&t, dma), 0x1111);
	buf = page(&t);
	assert_int_equal(dmasim_dma_map(t.d, buf, 8, DMASIM_FROM_DEVICE, &b),
	                 DMASIM_OK);
	device_put(&t, b, 0x2222);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 8, DMASIM_FROM_DEVICE),
	                 DMASIM_OK);
	assert_int_equal(cpu_get(&t, DMASIM_LINEAR_BASE + buf), 0x2222);
	rig_assert_clean(&t.r);
	close_dma(&t);
}

static void noncoherent_memory_is_an_uncached_alias(void **state)
{
	struct dma_rig t;
	struct dmasim_attr attr;
	uint64_t va, dma, pa, got;

	(void)state;
	open_dma(&t,
	         &(struct rig_options){.edits = {NO_IOMMU, NONCOHERENT_PORT}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT});
	assert_int_equal(dmasim_dma_alloc(t.d, RIG_PAGE + 1, &va, &dma, &pa),
	                 DMASIM_OK);
	assert_int_equal(va, DMASIM_NC_BASE + pa);
	assert_int_equal(dma, pa);
	assert_int_equal(dmasim_cpu_translate(t.r.cpu, va + 2 * RIG_PAGE - 1,
	                                      &got, &attr),
	                 DMASIM_OK);
	assert_memory_equal(&attr, &dmasim_attr_nc, sizeof(attr));
	cpu_put(&t, va, 0x3333);
	dmasim_cpu_barrier(t.r.cpu, DMASIM_DMB_ST, DMASIM_HERE);
	assert_int_equal(in_ram(&t, pa), 0x3333);
	assert_int_equal(device_get(&t, dma), 0x3333);
	device_put(&t, dma + 8, 0x4444);
	assert_int_equal(cpu_get(&t, va + 8), 0x4444);
	rig_assert_clean(&t.r);
	assert_int_equal(dmasim_dma_free(t.d, RIG_PAGE + 1, va, dma, pa),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_translate(t.r.cpu, va, &got, NULL),
	                 DMASIM_E_NOTFOUND);
	close_dma(&t);
}

/* Pages that were dirty before must not come down on the device's bytes. */
static void noncoherent_memory_leaves_no_line_behind(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, old;

	(void)state;
	open_dma(&t,
	         &(struct rig_options){.edits = {NO_IOMMU, NONCOHERENT_PORT}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT});
	old = page(&t);
	cpu_put(&t, DMASIM_LINEAR_BASE + old, 0xdead);
	dmasim_guest_free(t.r.g, old, RIG_PAGE);
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(pa, old);
	assert_int_equal(device_get(&t, dma), 0);
	device_put(&t, dma, 0x5555);
	assert_int_equal(dmasim_memsys_flush(dmasim_machine_memsys(t.r.m)),
	                 DMASIM_OK);
	assert_int_equal(cpu_get(&t, va), 0x5555);
	rig_assert_clean(&t.r);
	close_dma(&t);
}

static void noncoherent_buffers_are_cleaned_and_invalidated(void **state)
{
	struct dma_rig t;
	uint64_t buf, va, dma;

	(void)state;
	open_dma(&t,
	         &(struct rig_options){.edits = {NO_IOMMU, NONCOHERENT_PORT}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT});
	buf = page(&t);
	va = DMASIM_LINEAR_BASE + buf;
	cpu_put(&t, va, 0x6666);
	assert_int_not_equal(in_ram(&t, buf), 0x6666);
	assert_int_equal(dmasim_dma_map(t.d, buf, 256, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_OK);
	assert_int_equal(device_get(&t, dma), 0x6666);
	assert_int_equal(dmasim_dma_unmap(t.d, dma, 256, DMASIM_TO_DEVICE),
	                 DMASIM_OK);
	/* Also what the device shall overwrite is cleaned (Linux 6.1). */
	cpu_put(&t, va + 8, 0x7777);
	assert_int_equal(
	        dmasim_dma_map(t.d, buf, 256, DMASIM_FROM_DEVICE, &dma),
	        DMASIM_OK);
	assert_int_equal(in_ram(&t, buf + 8), 0x7777);
	device_put(&t, dma, 0x8888);
	assert_int_equal(dmasim_dma_unmap(t.d, dma, 256, DMASIM_FROM_DEVICE),
	                 DMASIM_OK);
	assert_int_equal(cpu_get(&t, va), 0x8888);
	assert_int_equal(cpu_get(&t, va + 8), 0x7777);
	rig_assert_clean(&t.r);
	close_dma(&t);
}

/* Bytes in RAM change under a mapped buffer; a read of the CPU put its lines
 * into the cache first. */
static uint64_t seen_after(enum dmasim_dma_dir dir, uint64_t offset)
{
	struct dma_rig t;
	uint64_t buf, dma, fresh = 0x9999, v;

	open_dma(&t,
	         &(struct rig_options){.edits = {NO_IOMMU}, .no_checker = true},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT});
	buf = page(&t);
	assert_int_equal(dmasim_dma_map(t.d, buf, 64, dir, &dma), DMASIM_OK);
	(void)cpu_get(&t, DMASIM_LINEAR_BASE + buf + offset);
	assert_int_equal(dmasim_map_load(dmasim_machine_map(t.r.m),
	                                 buf + offset, &fresh, 8),
	                 DMASIM_OK);
	assert_int_equal(dmasim_dma_unmap(t.d, dma, 64, dir), DMASIM_OK);
	v = cpu_get(&t, DMASIM_LINEAR_BASE + buf + offset);
	close_dma(&t);
	return v;
}

static void only_what_the_device_may_write_is_invalidated(void **state)
{
	(void)state;
	assert_int_equal(seen_after(DMASIM_TO_DEVICE, 8), 0);
	assert_int_equal(seen_after(DMASIM_FROM_DEVICE, 8), 0x9999);
	assert_int_equal(seen_after(DMASIM_BIDIRECTIONAL, 8), 0x9999);
	/* Nor is the line behind the buffer. */
	assert_int_equal(seen_after(DMASIM_FROM_DEVICE, 64), 0);
}

/* A buffer that begins and ends within lines: its neighbours' bytes, written
 * while it was mapped, are still there afterwards. */
static void mapped_buffers_change_hands_in_parts(void **state)
{
	uint64_t buf, va, dma, late = 0x9999;
	struct dma_rig t;

	(void)state;
	open_dma(&t,
	         &(struct rig_options){.edits = {NO_IOMMU, NONCOHERENT_PORT}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT});
	buf = page(&t);
	va = DMASIM_LINEAR_BASE + buf;
	cpu_put(&t, va, 0x1111);
	assert_int_equal(
	        dmasim_dma_map(t.d, buf, 256, DMASIM_BIDIRECTIONAL, &dma),
	        DMASIM_OK);
	device_put(&t, dma + 64, 0x2222);
	assert_int_equal(dmasim_dma_sync(t.d, dma + 64, 64, DMASIM_SYNC_TO_CPU),
	                 DMASIM_OK);
	assert_int_equal(cpu_get(&t, va + 64), 0x2222);
	cpu_put(&t, va + 64, 0x3333);
	assert_int_equal(
	        dmasim_dma_sync(t.d, dma + 64, 64, DMASIM_SYNC_TO_DEVICE),
	        DMASIM_OK);
	assert_int_equal(in_ram(&t, buf + 64), 0x3333);
	assert_int_equal(device_get(&t, dma + 64), 0x3333);
	rig_assert_clean(&t.r);
	/* The checker was told whose turn it is: not the CPU's. */
	assert_int_equal(dmasim_cpu_store(t.r.cpu, va + 64, 8, late),
	                 DMASIM_OK);
	dmasim_cpu_barrier(t.r.cpu, DMASIM_DSB, DMASIM_HERE);
	assert_int_equal(
	        dmasim_finding_get(dmasim_machine_checker(t.r.m), 0)->kind,
	        DMASIM_OWNERSHIP);
	close_dma(&t);
}

static void what_the_device_only_reads_is_not_invalidated(void **state)
{
	struct dma_rig t;
	uint64_t buf, dma;

	(void)state;
	open_dma(&t,
	         &(struct rig_options){.edits = {NO_IOMMU, NONCOHERENT_PORT},
	                               .no_checker = true},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT});
	buf = page(&t);
	assert_int_equal(dmasim_dma_map(t.d, buf, 64, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_OK);
	cpu_put(&t, DMASIM_LINEAR_BASE + buf, 0x5555);
	assert_int_equal(dmasim_dma_sync(t.d, dma, 64, DMASIM_SYNC_TO_CPU),
	                 DMASIM_OK);
	/* Still dirty in the cache. */
	assert_int_equal(cpu_get(&t, DMASIM_LINEAR_BASE + buf), 0x5555);
	assert_int_equal(in_ram(&t, buf), 0);
	close_dma(&t);
	/* Nor is anything where the device is coherent. */
	open_dma(&t, &(struct rig_options){.edits = {NO_IOMMU}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_COHERENT});
	buf = page(&t);
	cpu_put(&t, DMASIM_LINEAR_BASE + buf, 0x6666);
	assert_int_equal(
	        dmasim_dma_map(t.d, buf, 64, DMASIM_BIDIRECTIONAL, &dma),
	        DMASIM_OK);
	assert_int_equal(dmasim_dma_sync(t.d, dma, 64, DMASIM_SYNC_TO_CPU),
	                 DMASIM_OK);
	assert_int_equal(dmasim_dma_sync(t.d, dma, 64, DMASIM_SYNC_TO_DEVICE),
	                 DMASIM_OK);
	assert_int_equal(in_ram(&t, buf), 0);
	rig_assert_clean(&t.r);
	close_dma(&t);
}

static void only_mappings_change_hands(void **state)
{
	uint64_t buf, va, pa, dma, both;
	struct dma_rig t;

	(void)state;
	open_dma(&t, &(struct rig_options){.edits = {NO_IOMMU}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_COHERENT});
	buf = page(&t);
	assert_int_equal(dmasim_dma_alloc(t.d, 64, &va, &both, &pa), DMASIM_OK);
	assert_int_equal(
	        dmasim_dma_map(t.d, buf + 64, 64, DMASIM_TO_DEVICE, &dma),
	        DMASIM_OK);
	assert_int_equal(dmasim_dma_sync(NULL, dma, 64, DMASIM_SYNC_TO_CPU),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_sync(t.d, dma, 0, DMASIM_SYNC_TO_CPU),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_sync(t.d, dma - 1, 2, DMASIM_SYNC_TO_CPU),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_sync(t.d, dma + 1, 64, DMASIM_SYNC_TO_CPU),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_sync(t.d, dma + 64, 1, DMASIM_SYNC_TO_CPU),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_sync(t.d, both, 8, DMASIM_SYNC_TO_CPU),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_sync(t.d, dma + 63, 1, DMASIM_SYNC_TO_CPU),
	                 DMASIM_OK);
	close_dma(&t);
}

static void neighbours_in_a_shared_line_survive(void **state)
{
	static const struct {
		uint64_t offset, size;
	} cases[] = {{8, 128}, {0, 72}, {8, 56}, {72, 16}, {8, 64}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t before = cases[i].offset - 8;
		uint64_t after = cases[i].offset + cases[i].size;
		struct dma_rig t;
		uint64_t buf, dma;

		open_dma(&t,
		         &(struct rig_options){.edits = {NO_IOMMU},
		                               .no_checker = true},
		         (struct dmasim_dma_config){
		                 .mode = DMASIM_DMA_NONCOHERENT});
		buf = page(&t);
		assert_int_equal(dmasim_dma_map(t.d, buf + cases[i].offset,
		                                cases[i].size,
		                                DMASIM_FROM_DEVICE, &dma),
		                 DMASIM_OK);
		assert_int_equal(dma, buf + cases[i].offset);
		if (cases[i].offset)
			cpu_put(&t, DMASIM_LINEAR_BASE + buf + before, 0xb);
		cpu_put(&t, DMASIM_LINEAR_BASE + buf + after, 0xa);
		assert_int_equal(dmasim_dma_unmap(t.d, dma, cases[i].size,
		                                  DMASIM_FROM_DEVICE),
		                 DMASIM_OK);
		if (cases[i].offset)
			assert_int_equal(
			        cpu_get(&t, DMASIM_LINEAR_BASE + buf + before),
			        0xb);
		assert_int_equal(cpu_get(&t, DMASIM_LINEAR_BASE + buf + after),
		                 0xa);
		close_dma(&t);
	}
}

static void offsets_and_limits_of_the_bus_hold(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa;

	(void)state;
	/* Bus 0 .. 0x1fffff is RAM from 0x80000000 on. */
	open_dma(&t, &(struct rig_options){.edits = {NO_IOMMU}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_COHERENT,
	                                    .offset = 0x80000000,
	                                    .limit = 0x1fffff});
	assert_int_equal(drv_dma_max_pa(t.d), 0x801fffff);
	assert_int_equal(dmasim_dma_alloc(t.d, RIG_PAGE, &va, &dma, &pa),
	                 DMASIM_OK);
	assert_int_equal(pa, 0x801ff000);
	assert_int_equal(dma, 0x1ff000);
	assert_int_equal(dmasim_dma_alloc(t.d, 0x200000, &va, &dma, &pa),
	                 DMASIM_E_NOMEM);
	assert_int_equal(
	        dmasim_dma_map(t.d, 0x80200000 - 8, 8, DMASIM_TO_DEVICE, &dma),
	        DMASIM_OK);
	assert_int_equal(dma, 0x1ffff8);
	assert_int_equal(
	        dmasim_dma_map(t.d, 0x80200000 - 8, 9, DMASIM_TO_DEVICE, &dma),
	        DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_dma_map(t.d, 0x80200000, 1, DMASIM_TO_DEVICE, &dma),
	        DMASIM_E_RANGE);
	close_dma(&t);
	/* Memory below the offset has no bus address. */
	open_dma(&t, &(struct rig_options){.edits = {NO_IOMMU}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_NONCOHERENT,
	                                    .offset = RAM1,
	                                    .limit = UINT64_MAX});
	assert_int_equal(drv_dma_max_pa(t.d), UINT64_MAX);
	assert_int_equal(
	        dmasim_dma_map(t.d, 0x80000000, 8, DMASIM_TO_DEVICE, &dma),
	        DMASIM_E_RANGE);
	assert_int_equal(dmasim_dma_map(t.d, RAM1, 8, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_OK);
	assert_int_equal(dma, 0);
	/* Coherent memory comes from the first region, and goes back. */
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa),
	                 DMASIM_E_RANGE);
	close_dma(&t);
}

static void bad_arguments_are_refused(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_COHERENT});
	assert_int_equal(dmasim_dma_alloc(NULL, 8, &va, &dma, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_alloc(t.d, 0, &va, &dma, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_alloc(t.d, UINT64_MAX, &va, &dma, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_alloc(t.d, 8, NULL, &dma, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_free(NULL, 8, 0, 0, 0), DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_map(NULL, RAM1, 8, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_map(t.d, RAM1, 0, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_map(t.d, 0x1000, 8, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_dma_map(t.d, RAM1, UINT64_MAX, DMASIM_TO_DEVICE, &dma),
	        DMASIM_E_RANGE);
	assert_int_equal(dmasim_dma_unmap(NULL, 0, 8, DMASIM_TO_DEVICE),
	                 DMASIM_E_INVAL);
	close_dma(&t);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(modes_have_names),
        cmocka_unit_test(physical_addresses_are_given_out_as_they_are),
        cmocka_unit_test(coherent_memory_needs_no_maintenance),
        cmocka_unit_test(noncoherent_memory_is_an_uncached_alias),
        cmocka_unit_test(noncoherent_memory_leaves_no_line_behind),
        cmocka_unit_test(noncoherent_buffers_are_cleaned_and_invalidated),
        cmocka_unit_test(only_what_the_device_may_write_is_invalidated),
        cmocka_unit_test(mapped_buffers_change_hands_in_parts),
        cmocka_unit_test(what_the_device_only_reads_is_not_invalidated),
        cmocka_unit_test(only_mappings_change_hands),
        cmocka_unit_test(neighbours_in_a_shared_line_survive),
        cmocka_unit_test(offsets_and_limits_of_the_bus_hold),
        cmocka_unit_test(bad_arguments_are_refused),
};
CHECK_MAIN(tests)
