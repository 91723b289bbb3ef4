/* SPDX-License-Identifier: MIT */
/* The virtio-blk driver against the real device, on every transport. */
#include "blk_rig.h"

#include <stdlib.h>
#include <unistd.h>

#define SECTORS 8u

/** Write, read back, look at the backend, flush, ask for the id. */
static void exercise(struct disk *d, size_t index)
{
	uint8_t out[SECTORS * 512], in[SECTORS * 512];
	char id[20];

	rig_pattern(out, sizeof(out), 1);
	assert_int_equal(dmasim_blk_drv_capacity(d->blk), 2048);
	assert_int_equal(dmasim_blk_drv_write(d->blk, 16, out, SECTORS), 0);
	assert_int_equal(
	        dmasim_disk_read(d->r.disk[index], 16 * 512, in, sizeof(in)),
	        0);
	assert_memory_equal(in, out, sizeof(in));
	memset(in, 0, sizeof(in));
	assert_int_equal(dmasim_blk_drv_read(d->blk, 16, in, SECTORS), 0);
	assert_memory_equal(in, out, sizeof(in));
	/* What was never written is zero. */
	assert_int_equal(dmasim_blk_drv_read(d->blk, 2047, in, 1), 0);
	for (unsigned i = 0; i < 512; i++)
		assert_int_equal(in[i], 0);
	assert_int_equal(dmasim_blk_drv_flush(d->blk), 0);
	assert_int_equal(dmasim_blk_drv_get_id(d->blk, id), 0);
	assert_string_equal(dmasim_blk_drv_error(d->blk), "");
	rig_assert_clean(&d->r);
}

static struct dmasim_blk_stats stats(struct disk *d, size_t index)
{
	struct dmasim_disk_info info;
	struct dmasim_blk_stats st;

	assert_int_equal(dmasim_machine_disk(d->r.m, index, &info), 0);
	dmasim_blk_get_stats(info.blk, &st);
	return st;
}

static void mmio_version_1(void **state)
{
	struct disk d;
	char id[20];

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1});
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
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2});
	exercise(&d, BOARD_MMIO2);
	assert_int_equal(stats(&d, BOARD_MMIO2).flushes, 1);
	close_disk(&d);
}

static void mmio_version_2_behind_the_smmu(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2_SMMU});
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_IOMMU);
	exercise(&d, BOARD_MMIO2_SMMU);
	assert_int_equal(dmasim_smmu_drv_event_count(d.r.smmu), 0);
	close_disk(&d);
}

static void legacy_pci_behind_the_smmu(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_PCI});
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_IOMMU);
	exercise(&d, BOARD_PCI);
	assert_int_equal(dmasim_smmu_drv_event_count(d.r.smmu), 0);
	close_disk(&d);
}

/* An SMMU without a driver is off and lets all pass. */
static void legacy_pci_without_an_smmu_driver(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){.no_smmu = true},
	          (struct dmasim_blk_drv_config){.disk = BOARD_PCI});
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_COHERENT);
	exercise(&d, BOARD_PCI);
	close_disk(&d);
}

static void a_bus_with_an_offset_and_a_limit(void **state)
{
	uint64_t desc, avail, used, pa;
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_BUS});
	dmasim_vring_addresses(dmasim_blk_drv_vring(d.blk), &desc, &avail,
	                       &used, &pa);
	assert_true(pa < 0x81000000);
	assert_int_equal(desc, pa - 0x80000000);
	exercise(&d, BOARD_BUS);
	close_disk(&d);
}

/* All disks of all platforms. */
static void the_platforms_disks(void **state)
{
	static const char *const trees[] = {RIG_FVP, RIG_QEMU};

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		struct dmasim_disk_info info;
		size_t disks = 0;

		do {
			struct disk d;

			open_disk(
			        &d, &(struct rig_options){.tree = trees[t]},
			        (struct dmasim_blk_drv_config){.disk = disks});
			exercise(&d, disks);
			disks++;
			info.smmu = dmasim_machine_disk(d.r.m, disks, &info);
			close_disk(&d);
		} while (info.smmu != DMASIM_E_NOTFOUND);
		assert_int_equal(disks, t == 0 ? 2 : 3);
	}
}

static void long_transfers_are_split(void **state)
{
	const size_t size = 700 * 512;
	uint8_t *out = malloc(size), *in = malloc(size);
	struct disk d;

	(void)state;
	assert_true(out && in);
	rig_pattern(out, size, 5);
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2_SMMU});
	assert_int_equal(dmasim_blk_drv_write(d.blk, 1348, out, 700), 0);
	assert_int_equal(stats(&d, BOARD_MMIO2_SMMU).writes, 3);
	assert_int_equal(dmasim_blk_drv_read(d.blk, 1348, in, 700), 0);
	assert_int_equal(stats(&d, BOARD_MMIO2_SMMU).reads, 3);
	assert_memory_equal(in, out, size);
	rig_assert_clean(&d.r);
	close_disk(&d);
	free(out);
	free(in);
}

/* More requests than the ring has entries, on two disks in turns. */
static void rings_go_round_on_two_disks(void **state)
{
	struct dmasim_blk_drv *two;
	uint8_t out[512], in[512];
	struct disk d;

	(void)state;
	open_disk(
	        &d,
	        &(struct rig_options){.edits = {{"/* disk 3 */",
	                                         "dmasim,queue-size = <4>;"}}},
	        (struct dmasim_blk_drv_config){.disk = BOARD_PCI});
	assert_int_equal(
	        dmasim_blk_drv_create(
	                &(struct dmasim_blk_drv_config){.guest = d.r.g,
	                                                .smmu = d.r.smmu,
	                                                .disk = BOARD_MMIO1},
	                &two),
	        DMASIM_OK);
	for (unsigned i = 0; i < 40; i++) {
		struct dmasim_blk_drv *b = i & 1 ? two : d.blk;

		rig_pattern(out, sizeof(out), i);
		assert_int_equal(dmasim_blk_drv_write(b, i, out, 1), 0);
		assert_int_equal(dmasim_blk_drv_read(b, i, in, 1), 0);
		assert_memory_equal(in, out, sizeof(in));
	}
	rig_assert_clean(&d.r);
	assert_int_equal(dmasim_blk_drv_destroy(two), DMASIM_OK);
	close_disk(&d);
}

static void requests_beyond_the_disk_are_refused(void **state)
{
	uint8_t buf[1024];
	struct disk d;
	char id[20];

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1});
	assert_int_equal(dmasim_blk_drv_read(d.blk, 2047, buf, 2),
	                 DMASIM_E_RANGE);
	assert_string_equal(dmasim_blk_drv_error(d.blk),
	                    "sectors 2047+2: the disk has 2048");
	assert_int_equal(dmasim_blk_drv_write(d.blk, UINT64_MAX, buf, 1),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 0), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, NULL, 1),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_read(NULL, 0, buf, 1), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_write(d.blk, 0, buf, 0),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_write(d.blk, 0, NULL, 1),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_write(NULL, 0, buf, 1), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_flush(NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_get_id(NULL, id), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_get_id(d.blk, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_read(d.blk, 2046, buf, 2), DMASIM_OK);
	close_disk(&d);
}

static void a_read_only_disk_is_not_written(void **state)
{
	char path[] = "/tmp/dmasim-disk-XXXXXX";
	uint8_t out[512], in[512];
	struct dmasim_diag diag;
	struct dmasim_disk *image;
	struct disk d;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	rig_pattern(out, sizeof(out), 9);
	assert_int_equal(write(fd, out, sizeof(out)), sizeof(out));
	close(fd);
	assert_int_equal(dmasim_disk_file(path, true, &image, &diag), 0);
	open_disk(&d, &(struct rig_options){.disk = image},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1});
	assert_int_equal(dmasim_blk_drv_capacity(d.blk), 1);
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, in, 1), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(dmasim_blk_drv_write(d.blk, 0, out, 1),
	                 DMASIM_E_DEVICE);
	assert_string_equal(dmasim_blk_drv_error(d.blk),
	                    "the disk is read-only");
	/* A driver that does not care is refused by the device. */
	d.blk->features &= ~BLK_F_RO;
	assert_int_equal(dmasim_blk_drv_write(d.blk, 0, out, 1),
	                 DMASIM_E_DEVICE);
	assert_non_null(strstr(dmasim_blk_drv_error(d.blk),
	                       "(write, sector 0): status 0x01 (error)"));
	/* That was an answer: the next request goes on. */
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, in, 1), 0);
	close_disk(&d);
	unlink(path);
}

static void an_unknown_request_is_unsupported(void **state)
{
	const struct blk_request r = {.type = 99, .bytes = 0};
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2});
	assert_int_equal(drv_blk_request(d.blk, &r), DMASIM_E_DEVICE);
	assert_non_null(strstr(dmasim_blk_drv_error(d.blk),
	                       "status 0x02 (unsupported)"));
	close_disk(&d);
}

static void bad_configurations_are_refused(void **state)
{
	struct dmasim_blk_drv_config cfg = {0};
	struct dmasim_blk_drv *b;
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){0});
	assert_int_equal(dmasim_blk_drv_create(NULL, &b), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_create(&cfg, &b), DMASIM_E_INVAL);
	cfg.guest = r.g;
	assert_int_equal(dmasim_blk_drv_create(&cfg, NULL), DMASIM_E_INVAL);
	cfg.policy = DMASIM_POLICIES;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &b), DMASIM_E_INVAL);
	cfg.policy = DMASIM_POLICY_DMA_API;
	cfg.mapping = (enum dmasim_driver_mapping)9;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &b), DMASIM_E_INVAL);
	cfg.mapping = DMASIM_MAPPING_AUTO;
	cfg.disk = 17;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &b), DMASIM_E_NOTFOUND);
	/* IOMMU addresses need an SMMU before the disk. */
	cfg.disk = BOARD_MMIO1;
	cfg.smmu = r.smmu;
	cfg.mapping = DMASIM_MAPPING_IOMMU;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &b), DMASIM_E_INVAL);
	assert_non_null(strstr(r.log.text, "not behind an SMMU"));
	assert_int_equal(dmasim_blk_drv_destroy(NULL), DMASIM_OK);
	rig_close(&r);
}

static void the_driver_of_another_smmu_is_refused(void **state)
{
	struct dmasim_blk_drv_config cfg = {.disk = BOARD_PCI};
	struct dmasim_blk_drv *b;
	struct rig r;

	(void)state;
	rig_open(&r,
	         &(struct rig_options){
	                 .smmu = {.smmu = 1},
	                 .edits = {{"/* more devices */",
	                            "smmu@2b600000 { compatible = "
	                            "\"arm,smmu-v3\"; reg = <0x0 0x2b600000 "
	                            "0x0 0x20000>; #iommu-cells = <1>; };"}}});
	cfg.guest = r.g;
	cfg.smmu = r.smmu;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &b), DMASIM_E_INVAL);
	assert_non_null(strstr(r.log.text, "behind another SMMU"));
	rig_close(&r);
}

static void the_policy_and_the_tree_choose_the_mode(void **state)
{
	static const struct {
		size_t disk;
		enum dmasim_policy policy;
		enum dmasim_driver_mapping mapping;
		enum dmasim_dma_mode mode;
	} cases[] = {
	        /* Legacy and coherent. */
	        {BOARD_MMIO1, DMASIM_POLICY_DMA_API, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_COHERENT},
	        {BOARD_MMIO1, DMASIM_POLICY_LINUX_4_10_RC6, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_COHERENT},
	        {BOARD_MMIO1, DMASIM_POLICY_LINUX_6_1, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_PHYSICAL},
	        /* Modern, without ACCESS_PLATFORM. */
	        {BOARD_MMIO2, DMASIM_POLICY_LINUX_4_10_RC6, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_PHYSICAL},
	        {BOARD_MMIO2, DMASIM_POLICY_LINUX_6_1, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_PHYSICAL},
	        /* Modern, with it, behind the SMMU. */
	        {BOARD_MMIO2_SMMU, DMASIM_POLICY_LINUX_6_1, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_IOMMU},
	        {BOARD_MMIO2_SMMU, DMASIM_POLICY_DMA_API,
	         DMASIM_MAPPING_PHYSICAL, DMASIM_DMA_PHYSICAL},
	        /* The option wins. */
	        {BOARD_MMIO1, DMASIM_POLICY_LINUX_6_1, DMASIM_MAPPING_COHERENT,
	         DMASIM_DMA_COHERENT},
	        {BOARD_MMIO1, DMASIM_POLICY_LINUX_6_1,
	         DMASIM_MAPPING_NONCOHERENT, DMASIM_DMA_NONCOHERENT},
	        {BOARD_PCI, DMASIM_POLICY_LINUX_6_1, DMASIM_MAPPING_IOMMU,
	         DMASIM_DMA_IOMMU},
	        {BOARD_PCI, DMASIM_POLICY_LINUX_6_1, DMASIM_MAPPING_AUTO,
	         DMASIM_DMA_PHYSICAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct disk d;

		open_disk(&d, &(struct rig_options){0},
		          (struct dmasim_blk_drv_config){
		                  .disk = cases[i].disk,
		                  .policy = cases[i].policy,
		                  .mapping = cases[i].mapping});
		assert_int_equal(dmasim_blk_drv_mode(d.blk), cases[i].mode);
		/* It does not promise what it does not keep. */
		if (cases[i].mode == DMASIM_DMA_PHYSICAL)
			assert_int_equal(
			        d.blk->features &
			                DMASIM_VIRTIO_F_ACCESS_PLATFORM,
			        0);
		close_disk(&d);
	}
}

static void ordering_as_of_the_platform_is_taken_up(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d,
	          &(struct rig_options){
	                  .edits = {{"dma-coherent; /* disk 1 */",
	                             "dma-coherent; dmasim,features = "
	                             "\"order-platform\";"}}},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2});
	assert_true(d.blk->features & DMASIM_VIRTIO_F_ORDER_PLATFORM);
	assert_false(d.blk->vring->cfg.weak_barriers);
	exercise(&d, BOARD_MMIO2);
	close_disk(&d);
}

/* The same device, driven again after the first driver left. */
static void a_device_can_be_probed_again(void **state)
{
	struct dmasim_blk_drv_config cfg = {.disk = BOARD_PCI};
	struct drv_extent before;
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0}, cfg);
	exercise(&d, BOARD_PCI);
	assert_int_equal(dmasim_blk_drv_destroy(d.blk), DMASIM_OK);
	before = d.r.g->pages.free[0];
	cfg.guest = d.r.g;
	cfg.smmu = d.r.smmu;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(dmasim_blk_drv_create(&cfg, &d.blk),
		                 DMASIM_OK);
		exercise(&d, BOARD_PCI);
		assert_int_equal(dmasim_blk_drv_destroy(d.blk), DMASIM_OK);
		/* Nothing leaked. */
		assert_memory_equal(&before, &d.r.g->pages.free[0],
		                    sizeof(before));
	}
	d.blk = NULL;
	close_disk(&d);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mmio_version_1),
        cmocka_unit_test(mmio_version_2),
        cmocka_unit_test(mmio_version_2_behind_the_smmu),
        cmocka_unit_test(legacy_pci_behind_the_smmu),
        cmocka_unit_test(legacy_pci_without_an_smmu_driver),
        cmocka_unit_test(a_bus_with_an_offset_and_a_limit),
        cmocka_unit_test(the_platforms_disks),
        cmocka_unit_test(long_transfers_are_split),
        cmocka_unit_test(rings_go_round_on_two_disks),
        cmocka_unit_test(requests_beyond_the_disk_are_refused),
        cmocka_unit_test(a_read_only_disk_is_not_written),
        cmocka_unit_test(an_unknown_request_is_unsupported),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(the_driver_of_another_smmu_is_refused),
        cmocka_unit_test(the_policy_and_the_tree_choose_the_mode),
        cmocka_unit_test(ordering_as_of_the_platform_is_taken_up),
        cmocka_unit_test(a_device_can_be_probed_again),
};
CHECK_MAIN(tests)
