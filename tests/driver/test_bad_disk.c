/* SPDX-License-Identifier: MIT */
/* Devices that are no disks, refuse to start, answer late, wrong or never. */
#include "blk_rig.h"
#include "stub.h"

#include <stdlib.h>

/* The device's registers, of its own room. */
enum dmasim_result virtio_mmio_access(void *obj, struct dmasim_txn *txn);

#define DISK0 0xa000000ull
#define DISK1 0xa000200ull
#define ECAM  0x4010000000ull

/* Registers of virtio-mmio. */
#define R_MAGIC    0x000
#define R_VERSION  0x004
#define R_DEVICE   0x008
#define R_FEATURES 0x010
#define R_NUM_MAX  0x034
#define R_PFN      0x040
#define R_READY    0x044
#define R_NOTIFY   0x050
#define R_STATUS   0x070
#define R_CONFGEN  0x0fc

struct bad {
	struct disk d;
	struct stub stub;
	uint64_t regs;
	size_t index;
};

/** A guest on a machine whose disk has the stub before it. */
static void open_bad(struct bad *b, size_t index)
{
	struct dmasim_disk_info info;

	memset(b, 0, sizeof(*b));
	b->index = index;
	rig_open(&b->d.r, &(struct rig_options){0});
	assert_int_equal(dmasim_machine_disk(b->d.r.m, index, &info), 0);
	b->regs = info.regs;
	b->stub.inner = (struct dmasim_port){virtio_mmio_access,
	                                     dmasim_blk_virtio(info.blk)};
	stub_install(&b->stub, &b->d.r, info.regs);
}

static int create(struct bad *b)
{
	return dmasim_blk_drv_create(
	        &(struct dmasim_blk_drv_config){.guest = b->d.r.g,
	                                        .smmu = b->d.r.smmu,
	                                        .disk = b->index},
	        &b->d.blk);
}

static void close_bad(struct bad *b)
{
	b->stub.fail_after = 0;
	close_disk(&b->d);
}

/** Probe with one register that reads as it should not. */
static int probe_with(size_t disk, uint64_t reg, uint64_t value)
{
	struct bad b;
	int rc;

	open_bad(&b, disk);
	stub_add(&b.stub, reg, value);
	rc = create(&b);
	close_bad(&b);
	return rc;
}

static void other_devices_are_not_taken(void **state)
{
	(void)state;
	assert_int_equal(probe_with(BOARD_MMIO1, R_MAGIC, 0x12345678),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(probe_with(BOARD_MMIO1, R_DEVICE, 0),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(probe_with(BOARD_MMIO1, R_DEVICE, 1),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(probe_with(BOARD_MMIO1, R_VERSION, 0),
	                 DMASIM_E_UNSUPPORTED);
	assert_int_equal(probe_with(BOARD_MMIO1, R_VERSION, 3),
	                 DMASIM_E_UNSUPPORTED);
	/* The register says which version it is, whatever the tree says. */
	assert_int_equal(probe_with(BOARD_MMIO2, R_VERSION, 2), DMASIM_OK);
}

static void a_reset_that_never_ends_times_out(void **state)
{
	(void)state;
	assert_int_equal(probe_with(BOARD_MMIO2, R_STATUS, 0x40),
	                 DMASIM_E_TIMEOUT);
}

static void refused_features_end_the_probe(void **state)
{
	(void)state;
	/* A modern device must offer VERSION_1, and keep FEATURES_OK. */
	assert_int_equal(probe_with(BOARD_MMIO2, R_FEATURES, 0),
	                 DMASIM_E_UNSUPPORTED);
	assert_int_equal(probe_with(BOARD_MMIO2, R_FEATURES, UINT32_MAX),
	                 DMASIM_E_DEVICE);
	assert_int_equal(probe_with(BOARD_MMIO2, R_STATUS, 0), DMASIM_E_DEVICE);
}

static void impossible_queues_end_the_probe(void **state)
{
	static const uint64_t sizes[] = {0, 3, 65536, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		assert_int_equal(probe_with(BOARD_MMIO1, R_NUM_MAX, sizes[i]),
		                 DMASIM_E_DEVICE);
		assert_int_equal(probe_with(BOARD_MMIO2, R_NUM_MAX, sizes[i]),
		                 DMASIM_E_DEVICE);
	}
	assert_int_equal(probe_with(BOARD_MMIO1, R_PFN, 1), DMASIM_E_EXISTS);
	assert_int_equal(probe_with(BOARD_MMIO2, R_READY, 1), DMASIM_E_EXISTS);
}

static void a_configuration_that_never_settles_ends_the_probe(void **state)
{
	struct bad b;

	(void)state;
	open_bad(&b, BOARD_MMIO2);
	stub_add(&b.stub, R_CONFGEN, 0);
	b.stub.rules[0].step = 1;
	assert_int_equal(create(&b), DMASIM_E_DEVICE);
	/* One change is no harm. */
	b.stub.rules[0].step = 0;
	assert_int_equal(create(&b), DMASIM_OK);
	assert_int_equal(dmasim_blk_drv_capacity(b.d.blk), 2048);
	close_bad(&b);
}

/* Any access to a register may be refused by the bus. */
static void refused_accesses_end_the_work(void **state)
{
	(void)state;
	for (size_t disk = BOARD_MMIO1; disk <= BOARD_MMIO2; disk++) {
		uint64_t n = 0;
		int rc;

		do {
			uint8_t buf[512] = {0};
			struct bad b;

			open_bad(&b, disk);
			b.stub.fail_after = ++n;
			rc = create(&b);
			if (!rc)
				rc = dmasim_blk_drv_read(b.d.blk, 0, buf, 1);
			assert_true(rc == DMASIM_OK || rc == DMASIM_E_FAULT);
			close_bad(&b);
		} while (rc);
		assert_true(n > 20);
	}
}

static void a_ring_too_high_for_a_page_number_is_refused(void **state)
{
	static const size_t disks[] = {BOARD_MMIO1, BOARD_PCI};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct disk d;

		rig_open(&d.r,
		         &(struct rig_options){
		                 .no_smmu = true,
		                 .ring_address = 0x100000000000,
		                 .edits = {{"/* more memory */",
		                            ", <0x1000 0x0 0x0 0x100000>"}}});
		assert_int_equal(
		        dmasim_blk_drv_create(
		                &(struct dmasim_blk_drv_config){
		                        .guest = d.r.g, .disk = disks[i]},
		                &d.blk),
		        DMASIM_E_RANGE);
		rig_close(&d.r);
	}
}

/* A PCI function that is another, or whose BAR is no use. */
static int probe_function(uint64_t reg, uint64_t value)
{
	const uint64_t fn = 0x10000; /* 00:02.0 */
	struct stub ecam = {0};
	struct disk d;
	int rc;

	rig_open(&d.r, &(struct rig_options){.no_smmu = true});
	/* The one that is looked at comes first. */
	stub_add(&ecam, fn + reg, value);
	stub_add(&ecam, fn + 0x00, 0x10011af4);
	stub_add(&ecam, fn + 0x08, 0);
	stub_add(&ecam, fn + 0x10, 0xffffff81);
	stub_add(&ecam, fn + 0x2c, 0x00021af4);
	stub_install(&ecam, &d.r, ECAM);
	rc = dmasim_blk_drv_create(
	        &(struct dmasim_blk_drv_config){.guest = d.r.g,
	                                        .disk = BOARD_PCI},
	        &d.blk);
	rig_close(&d.r);
	return rc;
}

static void other_functions_are_not_taken(void **state)
{
	(void)state;
	assert_int_equal(probe_function(0, UINT32_MAX), DMASIM_E_NOTFOUND);
	assert_int_equal(probe_function(0, 0x10008086), DMASIM_E_NOTFOUND);
	assert_int_equal(probe_function(0, 0x0fff1af4), DMASIM_E_NOTFOUND);
	assert_int_equal(probe_function(0, 0x10421af4), DMASIM_E_NOTFOUND);
	assert_int_equal(probe_function(8, 1), DMASIM_E_NOTFOUND);
	assert_int_equal(probe_function(0x2c, 0x00011af4), DMASIM_E_NOTFOUND);
}

static void bars_of_no_use_are_refused(void **state)
{
	(void)state;
	/* Memory, absent, too small, with a hole, too large. */
	assert_int_equal(probe_function(0x10, 0xffffff80),
	                 DMASIM_E_UNSUPPORTED);
	assert_int_equal(probe_function(0x10, 1), DMASIM_E_UNSUPPORTED);
	assert_int_equal(probe_function(0x10, 0xfffffff1),
	                 DMASIM_E_UNSUPPORTED);
	assert_int_equal(probe_function(0x10, 0xffffff41),
	                 DMASIM_E_UNSUPPORTED);
	assert_int_equal(probe_function(0x10, 0xffff0001),
	                 DMASIM_E_UNSUPPORTED);
	/* A function without its registers: the bus refuses. */
	assert_int_equal(probe_function(0x10, 0xffffff81), DMASIM_E_FAULT);
}

static void no_io_window_is_no_place_for_a_bar(void **state)
{
	struct dmasim_guest *g;
	struct rig r;
	uint64_t offset;

	(void)state;
	rig_open(&r, &(struct rig_options){.no_smmu = true});
	g = r.g;
	assert_int_equal(drv_guest_io_bar(g, 0, 0, 0x10, 0x80, &offset),
	                 DMASIM_E_FULL);
	rig_close(&r);
}

/** The test endpoint writes for the disk. */
static void forge(struct disk *d, uint64_t pa, uint64_t value, uint32_t size)
{
	assert_int_equal(rig_dma(&d->r, DMASIM_WRITE, pa, &value, size),
	                 DMASIM_TXN_OK);
}

/** A disk that never sees its kicks; what it "answers" is forged. */
static void open_deaf(struct bad *b)
{
	open_bad(b, BOARD_MMIO1);
	stub_add(&b->stub, R_NOTIFY, 0);
	b->stub.rules[0].drop = true;
	assert_int_equal(create(b), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_attach(b->d.r.smmu, BOARD_TESTDEV,
	                                        DMASIM_DOMAIN_BYPASS),
	                 DMASIM_OK);
}

static void no_answer_is_a_hang(void **state)
{
	uint8_t buf[512];
	struct bad b;
	char id[20];

	(void)state;
	open_deaf(&b);
	assert_int_equal(dmasim_blk_drv_read(b.d.blk, 5, buf, 1),
	                 DMASIM_E_HANG);
	assert_string_equal(
	        dmasim_blk_drv_error(b.d.blk),
	        "request 1 (read, sector 5, 512 bytes): no answer, and nothing "
	        "is left to happen; avail.idx written 1, used.idx seen 0, "
	        "device status 0x07");
	/* It stays lost. */
	assert_int_equal(dmasim_blk_drv_get_id(b.d.blk, id), DMASIM_E_HANG);
	assert_int_equal(dmasim_blk_drv_flush(b.d.blk), DMASIM_E_HANG);
	close_bad(&b);
}

static void lies_in_the_ring_break_it(void **state)
{
	static const struct {
		uint64_t id;
		const char *text;
	} cases[] = {
	        {300, "virtqueue 0: used id 300 is out of range"},
	        {5, "virtqueue 0: used id 5 is not a head"},
	        {1, "virtqueue 0: used id 1 is not a head"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t desc, avail, used, pa;
		uint8_t buf[512];
		struct bad b;

		open_deaf(&b);
		dmasim_vring_addresses(dmasim_blk_drv_vring(b.d.blk), &desc,
		                       &avail, &used, &pa);
		forge(&b.d, used + 4, cases[i].id, 8);
		forge(&b.d, used + 2, 1, 2);
		assert_int_equal(dmasim_blk_drv_read(b.d.blk, 0, buf, 1),
		                 DMASIM_E_DEVICE);
		assert_string_equal(dmasim_blk_drv_error(b.d.blk),
		                    cases[i].text);
		assert_int_equal(dmasim_blk_drv_read(b.d.blk, 0, buf, 1),
		                 DMASIM_E_HANG);
		close_bad(&b);
	}
}

static void a_status_that_was_never_written_is_an_error(void **state)
{
	uint64_t desc, avail, used, pa;
	uint8_t buf[512];
	struct bad b;

	(void)state;
	open_deaf(&b);
	dmasim_vring_addresses(dmasim_blk_drv_vring(b.d.blk), &desc, &avail,
	                       &used, &pa);
	forge(&b.d, used + 4, 0, 8);
	forge(&b.d, used + 2, 1, 2);
	memset(buf, 0xaa, sizeof(buf));
	assert_int_equal(dmasim_blk_drv_read(b.d.blk, 0, buf, 1),
	                 DMASIM_E_DEVICE);
	assert_non_null(strstr(dmasim_blk_drv_error(b.d.blk),
	                       "status 0xff (never written)"));
	assert_int_equal(buf[0], 0xaa);
	close_bad(&b);
}

/* The ring says nonsense: a modern device asks for a reset, by interrupt. */
static void a_device_that_gives_up_says_so(void **state)
{
	uint64_t desc, avail, used, pa;
	uint8_t buf[512];
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2});
	dmasim_vring_addresses(d.blk->vring, &desc, &avail, &used, &pa);
	/* More entries at once than the ring has. */
	d.blk->vring->avail_idx = 999;
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1),
	                 DMASIM_E_DEVICE);
	assert_string_equal(dmasim_blk_drv_error(d.blk),
	                    "request 1: the device asks for a reset");
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1), DMASIM_E_HANG);
	close_disk(&d);
}

/* A changed configuration is no reason to stop. */
static void a_changed_configuration_is_no_answer(void **state)
{
	struct dmasim_disk_info info;
	uint8_t buf[512];
	struct disk d;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO2});
	assert_int_equal(dmasim_machine_disk(d.r.m, BOARD_MMIO2, &info), 0);
	d.blk->irq = true;
	dmasim_virtio_config_changed(dmasim_blk_virtio(info.blk));
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1), DMASIM_OK);
	close_disk(&d);
}

static void a_slow_device_times_out(void **state)
{
	uint8_t buf[512];
	struct disk d;

	(void)state;
	/* The device takes 10 us for a request. */
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1,
	                                         .timeout = 2 * DMASIM_US});
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1), DMASIM_E_HANG);
	assert_non_null(
	        strstr(dmasim_blk_drv_error(d.blk), "no answer in time"));
	close_disk(&d);
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_MMIO1,
	                                         .timeout = 50 * DMASIM_US});
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1), DMASIM_OK);
	close_disk(&d);
}

/* An interrupt that is wired to nothing: the last look finds the answer. */
static void a_lost_interrupt_is_made_up_for(void **state)
{
	uint8_t buf[512];
	struct disk d;

	(void)state;
	open_disk(&d,
	          &(struct rig_options){
	                  .edits = {{"interrupt-map-mask = <0x0 0x0 0x0 0x7>;",
	                             ""},
	                            {"interrupt-map =", "not-a-map ="}}},
	          (struct dmasim_blk_drv_config){.disk = BOARD_PCI});
	assert_null(d.blk->t.info.irq.irqc);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(dmasim_blk_drv_read(d.blk, i, buf, 1),
		                 DMASIM_OK);
	close_disk(&d);
}

/* Faults of another stream wake the driver, which reads the queue and goes
 * back to wait. */
static void events_are_read_while_a_request_waits(void **state)
{
	uint8_t buf[512];
	struct disk d;
	uint64_t v = 0;

	(void)state;
	open_disk(&d, &(struct rig_options){0},
	          (struct dmasim_blk_drv_config){.disk = BOARD_PCI});
	assert_int_equal(dmasim_smmu_drv_attach(d.r.smmu, BOARD_TESTDEV,
	                                        DMASIM_DOMAIN_DMA),
	                 DMASIM_OK);
	assert_int_equal(rig_dma(&d.r, DMASIM_READ, 0, &v, 8),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(dmasim_smmu_drv_event_count(d.r.smmu), 0);
	assert_int_equal(dmasim_blk_drv_read(d.blk, 0, buf, 1), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_event_count(d.r.smmu), 1);
	close_disk(&d);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_devices_are_not_taken),
        cmocka_unit_test(a_reset_that_never_ends_times_out),
        cmocka_unit_test(refused_features_end_the_probe),
        cmocka_unit_test(impossible_queues_end_the_probe),
        cmocka_unit_test(a_configuration_that_never_settles_ends_the_probe),
        cmocka_unit_test(refused_accesses_end_the_work),
        cmocka_unit_test(a_ring_too_high_for_a_page_number_is_refused),
        cmocka_unit_test(other_functions_are_not_taken),
        cmocka_unit_test(bars_of_no_use_are_refused),
        cmocka_unit_test(no_io_window_is_no_place_for_a_bar),
        cmocka_unit_test(no_answer_is_a_hang),
        cmocka_unit_test(lies_in_the_ring_break_it),
        cmocka_unit_test(a_status_that_was_never_written_is_an_error),
        cmocka_unit_test(a_device_that_gives_up_says_so),
        cmocka_unit_test(a_changed_configuration_is_no_answer),
        cmocka_unit_test(a_slow_device_times_out),
        cmocka_unit_test(a_lost_interrupt_is_made_up_for),
        cmocka_unit_test(events_are_read_while_a_request_waits),
};
CHECK_MAIN(tests)
