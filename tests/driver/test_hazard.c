/* SPDX-License-Identifier: MIT */
/* What goes wrong between driver and device, and what the checker says; and
 * that it says nothing where the two agree. */
#include "blk_rig.h"

#include <stdlib.h>

#include "smmu_drv_internal.h"

#define KVMTOOL_COHERENT                                                       \
	{                                                                      \
		"dmasim,device = \"blk\";",                                    \
		        "dmasim,device = \"blk\"; dma-coherent;"               \
	}
#define DISK0_NONCOHERENT                                                      \
	{                                                                      \
		"dma-coherent; /* disk 0 */", ""                               \
	}

/** Patterns over the whole disk, some written twice; all read back. */
static void much_io(struct disk *d)
{
	uint8_t out[3 * 512], in[3 * 512];

	for (unsigned i = 0; i < 60; i++) {
		uint64_t sector = (i * 37u) % 100;

		rig_pattern(out, sizeof(out), i);
		assert_int_equal(dmasim_blk_drv_write(d->blk, sector, out, 3),
		                 DMASIM_OK);
		memset(in, 0xee, sizeof(in));
		assert_int_equal(dmasim_blk_drv_read(d->blk, sector, in, 3),
		                 DMASIM_OK);
		assert_memory_equal(in, out, sizeof(in));
	}
	assert_int_equal(dmasim_blk_drv_flush(d->blk), DMASIM_OK);
}

/** The disk of a tree answers under a configuration, without a finding. */
static void passes(const struct rig_options *o,
                   struct dmasim_blk_drv_config cfg)
{
	struct disk d;

	open_disk(&d, o, cfg);
	much_io(&d);
	rig_assert_clean(&d.r);
	close_disk(&d);
}

/** It hangs on the first request; leaves the rig open. */
static void hangs(struct disk *d, const struct rig_options *o,
                  struct dmasim_blk_drv_config cfg)
{
	uint8_t buf[512] = {0};

	open_disk(d, o, cfg);
	assert_int_equal(dmasim_blk_drv_read(d->blk, 0, buf, 1), DMASIM_E_HANG);
	/* The buffers are the device's for good. */
	assert_int_equal(dmasim_blk_drv_read(d->blk, 0, buf, 1), DMASIM_E_HANG);
	assert_non_null(strstr(dmasim_blk_drv_error(d->blk),
	                       "request 1 (read, sector 0, 512 bytes): no "
	                       "answer"));
}

/* The mismatched alias: the driver's ring is not cacheable, the device reads
 * and writes it through the cache of its host. */
static void kvmtool_hangs(enum dmasim_policy policy)
{
	const struct dmasim_finding *f;
	struct disk d;

	hangs(&d, &(struct rig_options){.tree = RIG_KVMTOOL},
	      (struct dmasim_blk_drv_config){.policy = policy});
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_NONCOHERENT);
	assert_non_null(strstr(dmasim_blk_drv_error(d.blk),
	                       "avail.idx written 1, used.idx seen 0"));
	f = dmasim_finding_get(dmasim_machine_checker(d.r.m), 0);
	assert_non_null(f);
	assert_int_equal(f->kind, DMASIM_MISMATCHED_ALIAS);
	assert_string_equal(f->object, "virtqueue 0 used.idx");
	assert_string_equal(f->reader.agent, "cpu0");
	assert_non_null(strstr(f->reader.where, "harness/driver/vring.c:"));
	assert_string_equal(f->reader.alias, "Normal NC");
	assert_string_equal(f->writer.agent, "virtio-blk 0");
	assert_non_null(strstr(f->writer.where, "write used.idx, queue 0"));
	assert_string_equal(f->writer.alias, "Normal WB ISH");
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 1);
	close_disk(&d);
}

static void kvmtool_hangs_with_the_dma_api(void **state)
{
	(void)state;
	kvmtool_hangs(DMASIM_POLICY_DMA_API);
}

static void kvmtool_hangs_with_linux_4_10_rc6(void **state)
{
	(void)state;
	kvmtool_hangs(DMASIM_POLICY_LINUX_4_10_RC6);
}

static void kvmtool_passes_with_linux_6_1(void **state)
{
	(void)state;
	passes(&(struct rig_options){.tree = RIG_KVMTOOL},
	       (struct dmasim_blk_drv_config){.policy =
	                                              DMASIM_POLICY_LINUX_6_1});
}

static void kvmtool_passes_with_dma_coherent(void **state)
{
	(void)state;
	passes(&(struct rig_options){.tree = RIG_KVMTOOL,
	                             .edits = {KVMTOOL_COHERENT}},
	       (struct dmasim_blk_drv_config){0});
}

static void kvmtool_passes_with_coherent_mapping(void **state)
{
	(void)state;
	passes(&(struct rig_options){.tree = RIG_KVMTOOL},
	       (struct dmasim_blk_drv_config){.mapping =
	                                              DMASIM_MAPPING_COHERENT});
}

static void a_noncoherent_device_and_driver_agree(void **state)
{
	(void)state;
	passes(&(struct rig_options){.edits = {DISK0_NONCOHERENT}},
	       (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1});
}

static void a_noncoherent_device_behind_the_smmu_passes(void **state)
{
	(void)state;
	passes(
	        &(struct rig_options){
	                .edits = {{"dma-coherent; /* disk 2 */", ""},
	                          {"dma-coherent; /* smmu */", ""}}},
	        (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2_SMMU});
}

/* A driver more careful than it need be: the device snoops. */
static void a_noncoherent_driver_on_a_coherent_device_passes(void **state)
{
	(void)state;
	passes(&(struct rig_options){0},
	       (struct dmasim_blk_drv_config){
	               .disk = BOARD_MMIO1,
	               .mapping = DMASIM_MAPPING_NONCOHERENT});
	passes(&(struct rig_options){.tree = RIG_FVP},
	       (struct dmasim_blk_drv_config){.disk = 1});
}

/* The device looks into memory, the driver's index is in the cache. */
static void a_cached_ring_hides_from_a_noncoherent_device(void **state)
{
	const struct dmasim_finding *f = NULL;
	struct disk d;

	(void)state;
	hangs(&d, &(struct rig_options){.edits = {DISK0_NONCOHERENT}},
	      (struct dmasim_blk_drv_config){
	              .disk = BOARD_MMIO1, .policy = DMASIM_POLICY_LINUX_6_1});
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_PHYSICAL);
	f = dmasim_finding_get(dmasim_machine_checker(d.r.m), 0);
	assert_non_null(f);
	assert_string_equal(f->object, "virtqueue 0 avail.idx");
	assert_string_equal(f->reader.agent, "virtio-blk 0");
	assert_non_null(strstr(f->writer.where, "harness/driver/vring.c:"));
	close_disk(&d);
}

/* Evictions, drains and delays as a seed wills them: correct is correct. */
static void every_seed_passes(void **state)
{
	static const struct {
		const char *from, *to;
		size_t disk;
	} cases[] = {
	        {"dma-coherent; /* disk 0 */", "", BOARD_MMIO1},
	        {"/* disk 3 */", "", BOARD_PCI},
	        {"dma-coherent; /* smmu */", "", BOARD_MMIO2_SMMU},
	        {"dma-coherent; /* disk 1 */", "", BOARD_MMIO2},
	};

	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = seed};
		size_t i = seed % 4;

		passes(&(struct rig_options){.choice = &choice,
		                             .edits = {{cases[i].from,
		                                        cases[i].to}}},
		       (struct dmasim_blk_drv_config){.disk = cases[i].disk});
	}
}

/* January 2017: a stream that translates, a driver that does not map. */
static void the_fvp_of_2017_faults(void **state)
{
	static const uint64_t records[2][4] = {
	        {0x00000000fffff010, 0x0000020800000000, 0x00000008fa081002, 0},
	        {0x00000000fffff010, 0x0000020800000000, 0x00000008fa081000, 0},
	};
	const struct dmasim_finding *f;
	struct disk d;

	(void)state;
	hangs(&d,
	      &(struct rig_options){.tree = RIG_FVP,
	                            .ring_address = 0x8fa080000},
	      (struct dmasim_blk_drv_config){.policy =
	                                             DMASIM_POLICY_LINUX_6_1});
	assert_int_equal(dmasim_blk_drv_mode(d.blk), DMASIM_DMA_PHYSICAL);
	assert_int_equal(dmasim_smmu_drv_event_count(d.r.smmu), 2);
	for (size_t i = 0; i < 2; i++)
		assert_memory_equal(dmasim_smmu_drv_event(d.r.smmu, i),
		                    records[i], sizeof(records[i]));
	assert_int_equal(rig_findings(&d.r, DMASIM_UNTRANSLATED), 2);
	f = dmasim_finding_get(dmasim_machine_checker(d.r.m), 0);
	assert_int_equal(f->addr, 0x8fa081002);
	assert_string_equal(f->object, "virtqueue 0 avail.idx");
	assert_non_null(strstr(f->reader.where, "read avail.idx, queue 0"));
	close_disk(&d);
}

static void the_fvp_of_2017_passes_with_the_dma_api(void **state)
{
	(void)state;
	passes(&(struct rig_options){.tree = RIG_FVP},
	       (struct dmasim_blk_drv_config){0});
	passes(&(struct rig_options){.tree = RIG_FVP},
	       (struct dmasim_blk_drv_config){
	               .policy = DMASIM_POLICY_LINUX_4_10_RC6});
}

/* Addresses of the IOMMU for a device whose stream bypasses it. */
static void iovas_without_translation_are_found(void **state)
{
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_PCI});
	/* Behind the driver's back: its mappings stay. */
	assert_int_equal(drv_smmu_ste_plain(d.r.smmu, 0x10, HW_CONFIG_BYP),
	                 DMASIM_OK);
	{
		uint8_t buf[512] = {0};

		assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1),
		                 DMASIM_E_HANG);
	}
	assert_true(rig_findings(&d.r, DMASIM_UNTRANSLATED) > 0);
	close_disk(&d);
}

/* Header, data and status are in lines of their own, whatever their size. */
static void buffers_share_no_line(void **state)
{
	static const char *const lines[] = {"16", "128", "2048"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char cpu[128];

		snprintf(cpu, sizeof(cpu),
		         "device_type = \"cpu\"; d-cache-line-size = <%s>; "
		         "d-cache-size = <0x8000>; d-cache-sets = <%s>;",
		         lines[i], i == 2 ? "4" : "64");
		passes(
		        &(struct rig_options){
		                .edits = {DISK0_NONCOHERENT,
		                          {"device_type = \"cpu\";", cpu}}},
		        (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1});
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(kvmtool_hangs_with_the_dma_api),
        cmocka_unit_test(kvmtool_hangs_with_linux_4_10_rc6),
        cmocka_unit_test(kvmtool_passes_with_linux_6_1),
        cmocka_unit_test(kvmtool_passes_with_dma_coherent),
        cmocka_unit_test(kvmtool_passes_with_coherent_mapping),
        cmocka_unit_test(a_noncoherent_device_and_driver_agree),
        cmocka_unit_test(a_noncoherent_device_behind_the_smmu_passes),
        cmocka_unit_test(a_noncoherent_driver_on_a_coherent_device_passes),
        cmocka_unit_test(a_cached_ring_hides_from_a_noncoherent_device),
        cmocka_unit_test(every_seed_passes),
        cmocka_unit_test(the_fvp_of_2017_faults),
        cmocka_unit_test(the_fvp_of_2017_passes_with_the_dma_api),
        cmocka_unit_test(iovas_without_translation_are_found),
        cmocka_unit_test(buffers_share_no_line),
};
CHECK_MAIN(tests)
