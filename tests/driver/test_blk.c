/* SPDX-License-Identifier: MIT */
/* The virtio-blk driver against the real device, on every transport. */
#include "rig.h"

#include <stdlib.h>

#define SECTORS 8u

struct disk {
	struct rig rig;
	struct dmasim_blk_drv *blk;
};

static void open_disk(struct disk *d, const struct rig_options *o, size_t index)
{
	rig_open(&d->rig, o);
	assert_int_equal(
	        dmasim_blk_drv_create(
	                &(struct dmasim_blk_drv_config){.guest = d->rig.g,
	                                                .smmu = d->rig.smmu,
	                                                .disk = index},
	                &d->blk),
	        DMASIM_OK);
}

static void close_disk(struct disk *d)
{
	assert_int_equal(dmasim_blk_drv_destroy(d->blk), DMASIM_OK);
	rig_close(&d->rig);
}

/** Write, read back, look at the backend, flush, ask for the id. */
static void exercise(struct disk *d, size_t index)
{
	uint8_t out[SECTORS * 512], in[SECTORS * 512];
	char id[20];

	rig_pattern(out, sizeof(out), 1);
	assert_int_equal(dmasim_blk_drv_capacity(d->blk), 2048);
	assert_int_equal(dmasim_blk_drv_write(d->blk, 16, out, SECTORS), 0);
	assert_int_equal(
	        dmasim_disk_read(d->rig.disk[index], 16 * 512, in, sizeof(in)),
	        0);
	assert_memory_equal(in, out, sizeof(in));
	memset(in, 0, sizeof(in));
	assert_int_equal(dmasim_blk_drv_read(d->blk, 16, in, SECTORS), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(dmasim_blk_drv_flush(d->blk), 0);
	assert_int_equal(dmasim_blk_drv_get_id(d->blk, id), 0);
	assert_string_equal(dmasim_blk_drv_error(d->blk), "");
	rig_assert_clean(&d->rig);
}

static void mmio_version_1(void **state)
{
	struct disk d;
	char id[20];

	(void)state;
	open_disk(&d, &(struct rig_options){0}, BOARD_MMIO1);
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_COHERENT);
	exercise(&d, BOARD_MMIO1);
	assert_int_equal(dmasim_blk_drv_get_id(d.blk, id), 0);
	assert_memory_equal(id, "board disk 0", 13);
	close_disk(&d);
}

static void mmio_version_2(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0}, BOARD_MMIO2);
	exercise(&d, BOARD_MMIO2);
	close_disk(&d);
}

static void mmio_version_2_behind_the_smmu(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0}, BOARD_MMIO2_SMMU);
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_IOMMU);
	exercise(&d, BOARD_MMIO2_SMMU);
	assert_int_equal(dmasim_smmu_drv_event_count(d.rig.smmu), 0);
	close_disk(&d);
}

static void legacy_pci_behind_the_smmu(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0}, BOARD_PCI);
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_IOMMU);
	exercise(&d, BOARD_PCI);
	assert_int_equal(dmasim_smmu_drv_event_count(d.rig.smmu), 0);
	close_disk(&d);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mmio_version_1),
        cmocka_unit_test(mmio_version_2),
        cmocka_unit_test(mmio_version_2_behind_the_smmu),
        cmocka_unit_test(legacy_pci_behind_the_smmu),
};
CHECK_MAIN(tests)
