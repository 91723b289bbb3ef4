/* SPDX-License-Identifier: MIT */
/* The DMA API with an IOMMU. */
#include "dma_rig.h"

#include <stdlib.h>

static void iommu_addresses_are_mapped_and_unmapped(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, buf, b, v = 0;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU,
	                                    .coherent = true});
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(dma, 0xfffff000);
	assert_int_equal(va, DMASIM_LINEAR_BASE + pa);
	cpu_put(&t, va, 0x1234);
	dmasim_cpu_barrier(t.r.cpu, DMASIM_DMB_ST, DMASIM_HERE);
	assert_int_equal(device_get(&t, dma), 0x1234);
	/* The offset in the page stays; two pages are touched. */
	assert_int_equal(
	        dmasim_guest_alloc(t.r.g, 2 * RIG_PAGE, RIG_PAGE, &buf),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_dma_map(t.d, buf + 0xff8, 16, DMASIM_FROM_DEVICE, &b),
	        DMASIM_OK);
	assert_int_equal(b, 0xffffcff8);
	device_put(&t, b + 8, 0x5678);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 16, DMASIM_FROM_DEVICE),
	                 DMASIM_OK);
	assert_int_equal(cpu_get(&t, DMASIM_LINEAR_BASE + buf + 0x1000),
	                 0x5678);
	assert_int_equal(rig_dma(&t.r, DMASIM_READ, b, &v, 8),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(dmasim_smmu_drv_poll(t.r.smmu), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_event_count(t.r.smmu), 1);
	assert_int_equal(dmasim_smmu_drv_event(t.r.smmu, 0)[0] & 0xff, 0x10);
	assert_int_equal(dmasim_smmu_drv_event(t.r.smmu, 0)[2], b);
	rig_assert_clean(&t.r);
	close_dma(&t);
}

static void a_buffer_to_the_device_is_read_only(void **state)
{
	struct dma_rig t;
	uint64_t buf, b, v = 1;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU,
	                                    .coherent = true});
	buf = page(&t);
	assert_int_equal(dmasim_dma_map(t.d, buf, 64, DMASIM_TO_DEVICE, &b),
	                 DMASIM_OK);
	assert_int_equal(device_get(&t, b), 0);
	assert_int_equal(rig_dma(&t.r, DMASIM_WRITE, b, &v, 8),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(dmasim_smmu_drv_poll(t.r.smmu), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_event(t.r.smmu, 0)[0] & 0xff, 0x13);
	close_dma(&t);
}

static void iommu_without_coherence_maintains_the_caches(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, buf, b;

	(void)state;
	open_dma(&t, &(struct rig_options){.edits = {NONCOHERENT_PORT}},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU});
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(va, DMASIM_NC_BASE + pa);
	cpu_put(&t, va, 0x1234);
	dmasim_cpu_barrier(t.r.cpu, DMASIM_DMB_ST, DMASIM_HERE);
	assert_int_equal(device_get(&t, dma), 0x1234);
	buf = page(&t);
	cpu_put(&t, DMASIM_LINEAR_BASE + buf, 0x77);
	assert_int_equal(dmasim_dma_map(t.d, buf, 64, DMASIM_BIDIRECTIONAL, &b),
	                 DMASIM_OK);
	assert_int_equal(device_get(&t, b), 0x77);
	device_put(&t, b, 0x88);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 64, DMASIM_BIDIRECTIONAL),
	                 DMASIM_OK);
	assert_int_equal(cpu_get(&t, DMASIM_LINEAR_BASE + buf), 0x88);
	rig_assert_clean(&t.r);
	close_dma(&t);
}

static void iommu_addresses_keep_below_a_limit(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, first;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU,
	                                    .coherent = true,
	                                    .limit = 0x2fff});
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &first, &pa), DMASIM_OK);
	assert_int_equal(first, 0x2000);
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(dma, 0x1000);
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa),
	                 DMASIM_E_RANGE);
	close_dma(&t);
}

static void what_was_not_mapped_cannot_be_unmapped(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, buf, b;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU,
	                                    .coherent = true});
	buf = page(&t);
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(dmasim_dma_map(t.d, buf, 64, DMASIM_TO_DEVICE, &b),
	                 DMASIM_OK);
	assert_int_equal(dmasim_dma_unmap(t.d, b + 8, 64, DMASIM_TO_DEVICE),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 63, DMASIM_TO_DEVICE),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 64, DMASIM_FROM_DEVICE),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_free(t.d, 8, va, dma, pa + RIG_PAGE),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_free(t.d, 64, 0, b, buf),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 64, DMASIM_TO_DEVICE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_dma_unmap(t.d, b, 64, DMASIM_TO_DEVICE),
	                 DMASIM_E_NOTFOUND);
	close_dma(&t);
}

/* What a stream without a domain cannot map goes back where it came from. */
static void a_failed_mapping_leaks_nothing(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, first, again;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU});
	first = page(&t);
	dmasim_guest_free(t.r.g, first, RIG_PAGE);
	assert_int_equal(
	        dmasim_smmu_drv_attach(t.r.smmu, STREAM, DMASIM_DOMAIN_BYPASS),
	        DMASIM_OK);
	/* The domain's tables are free now: the top moved up. */
	again = page(&t);
	assert_true(again >= first);
	dmasim_guest_free(t.r.g, again, RIG_PAGE);
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_dma_map(t.d, RAM1, 8, DMASIM_TO_DEVICE, &dma),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(page(&t), again);
	assert_int_equal(t.d->iovas.count, 0);
	assert_int_equal(t.d->count, 0);
	close_dma(&t);
}

static void the_end_takes_what_was_left_mapped(void **state)
{
	struct dma_rig t;
	uint64_t va, dma, pa, b, v = 0;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU});
	assert_int_equal(dmasim_dma_alloc(t.d, 8, &va, &dma, &pa), DMASIM_OK);
	assert_int_equal(dmasim_dma_map(t.d, RAM1, 64, DMASIM_FROM_DEVICE, &b),
	                 DMASIM_OK);
	dmasim_dma_destroy(t.d);
	t.d = NULL;
	assert_int_equal(rig_dma(&t.r, DMASIM_READ, b, &v, 8),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(rig_dma(&t.r, DMASIM_READ, dma, &v, 8),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(dmasim_guest_alloc_at(t.r.g, pa, RIG_PAGE), DMASIM_OK);
	close_dma(&t);
}

/* The checker learns of mappings, and forgets them. */
static void the_checker_knows_what_is_mapped(void **state)
{
	struct dma_rig t;
	const struct dmasim_finding *f;
	uint64_t b, v = 0;

	(void)state;
	open_dma(&t, &(struct rig_options){0},
	         (struct dmasim_dma_config){.mode = DMASIM_DMA_IOMMU,
	                                    .coherent = true});
	assert_int_equal(
	        dmasim_dma_map(t.d, RAM1 + 0x40, 64, DMASIM_TO_DEVICE, &b),
	        DMASIM_OK);
	/* The device uses the physical address instead. */
	assert_int_equal(rig_dma(&t.r, DMASIM_READ, RAM1 + 0x40, &v, 8),
	                 DMASIM_TXN_ABORT);
	f = dmasim_finding_get(dmasim_machine_checker(t.r.m), 0);
	assert_non_null(f);
	assert_int_equal(f->kind, DMASIM_UNTRANSLATED);
	assert_non_null(strstr(f->remedy, "0xfffff040"));
	close_dma(&t);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(iommu_addresses_are_mapped_and_unmapped),
        cmocka_unit_test(a_buffer_to_the_device_is_read_only),
        cmocka_unit_test(iommu_without_coherence_maintains_the_caches),
        cmocka_unit_test(iommu_addresses_keep_below_a_limit),
        cmocka_unit_test(what_was_not_mapped_cannot_be_unmapped),
        cmocka_unit_test(a_failed_mapping_leaks_nothing),
        cmocka_unit_test(the_end_takes_what_was_left_mapped),
        cmocka_unit_test(the_checker_knows_what_is_mapped),
};
CHECK_MAIN(tests)
