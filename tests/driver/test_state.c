/* SPDX-License-Identifier: MIT */
/* Saved drivers: they go on where they were; bad blobs change nothing. */
#include "scene.h"

#include <stdlib.h>

#include "dma_internal.h"

#define STREAM BOARD_TESTDEV

struct blob {
	uint8_t *data;
	size_t size;
};

/** Which objects a blob holds. */
enum part {
	PART_MACHINE = 1,
	PART_DRIVERS = 2,
};

static void setup(struct scene *s, size_t disk)
{
	*s = (struct scene){.disk = disk};
	rig_open(&s->r, &(struct rig_options){0});
	assert_int_equal(
	        dmasim_smmu_drv_attach(s->r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_blk_drv_create(
	                &(struct dmasim_blk_drv_config){.guest = s->r.g,
	                                                .smmu = s->r.smmu,
	                                                .disk = disk},
	                &s->blk),
	        DMASIM_OK);
}

static void teardown(struct scene *s)
{
	assert_int_equal(dmasim_blk_drv_destroy(s->blk), DMASIM_OK);
	rig_close(&s->r);
}

/** After a blob that did not belong here, the end may complain. */
static void teardown_any(struct scene *s)
{
	(void)dmasim_blk_drv_destroy(s->blk);
	(void)dmasim_smmu_drv_destroy(s->r.smmu);
	s->r.smmu = NULL;
	rig_close(&s->r);
}

static struct blob save(struct scene *s, int parts)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	struct blob b;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	if (parts & PART_MACHINE)
		assert_int_equal(dmasim_machine_save(s->r.m, w), DMASIM_OK);
	if (parts & PART_DRIVERS) {
		assert_int_equal(dmasim_guest_save(s->r.g, w), DMASIM_OK);
		assert_int_equal(dmasim_smmu_drv_save(s->r.smmu, w), DMASIM_OK);
		assert_int_equal(dmasim_blk_drv_save(s->blk, w), DMASIM_OK);
	}
	assert_int_equal(dmasim_writer_result(w, &data, &b.size), DMASIM_OK);
	b.data = malloc(b.size);
	assert_non_null(b.data);
	memcpy(b.data, data, b.size);
	dmasim_writer_destroy(w);
	return b;
}

static int restore(struct scene *s, const uint8_t *data, size_t size, int parts)
{
	struct dmasim_reader *r;
	int rc = DMASIM_OK;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	if (parts & PART_MACHINE)
		rc = dmasim_machine_restore(s->r.m, r);
	if (!rc && parts & PART_DRIVERS) {
		rc = dmasim_guest_restore(s->r.g, r);
		if (!rc)
			rc = dmasim_smmu_drv_restore(s->r.smmu, r);
		if (!rc)
			rc = dmasim_blk_drv_restore(s->blk, r);
	}
	dmasim_reader_destroy(r);
	return rc;
}

static void io(struct scene *s, unsigned from, unsigned to)
{
	uint8_t out[1024], in[1024];

	for (unsigned i = from; i < to; i++) {
		rig_pattern(out, sizeof(out), i);
		assert_int_equal(dmasim_blk_drv_write(s->blk, 2 * i, out, 2),
		                 DMASIM_OK);
		assert_int_equal(dmasim_blk_drv_read(s->blk, 2 * i, in, 2),
		                 DMASIM_OK);
		assert_memory_equal(in, out, sizeof(in));
	}
}

/** What was written before the state was saved. */
static void look_back(struct scene *s, unsigned to)
{
	uint8_t out[1024], in[1024];

	for (unsigned i = 0; i < to; i++) {
		rig_pattern(out, sizeof(out), i);
		assert_int_equal(dmasim_blk_drv_read(s->blk, 2 * i, in, 2),
		                 DMASIM_OK);
		assert_memory_equal(in, out, sizeof(in));
	}
}

/** A buffer that stays mapped, a fault that is recorded. */
static void use_iommu(struct scene *s)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_smmu_drv_map(s->r.smmu, STREAM, 0x1000, RAM1,
	                                     0x1000, true, true),
	                 DMASIM_OK);
	assert_int_equal(rig_dma(&s->r, DMASIM_READ, 0x5000, &v, 8),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(dmasim_smmu_drv_poll(s->r.smmu), DMASIM_OK);
}

static void a_restored_machine_goes_on(void **state)
{
	static const size_t disks[] = {BOARD_MMIO1, BOARD_MMIO2_SMMU,
	                               BOARD_PCI};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct scene a, b;
		struct blob blob, second;
		uint64_t v = 0;

		setup(&a, disks[i]);
		io(&a, 0, 5);
		use_iommu(&a);
		blob = save(&a, PART_MACHINE | PART_DRIVERS);
		/* Another history, and other places in memory. */
		setup(&b, disks[i]);
		io(&b, 20, 22);
		assert_int_equal(restore(&b, blob.data, blob.size,
		                         PART_MACHINE | PART_DRIVERS),
		                 DMASIM_OK);
		assert_int_equal(dmasim_now(b.r.k), dmasim_now(a.r.k));
		assert_int_equal(dmasim_smmu_drv_event_count(b.r.smmu), 1);
		assert_memory_equal(dmasim_smmu_drv_event(b.r.smmu, 0),
		                    dmasim_smmu_drv_event(a.r.smmu, 0), 32);
		assert_int_equal(rig_dma(&b.r, DMASIM_READ, 0x1000, &v, 8),
		                 DMASIM_TXN_OK);
		assert_int_equal(rig_dma(&a.r, DMASIM_READ, 0x1000, &v, 8),
		                 DMASIM_TXN_OK);
		look_back(&a, 5);
		look_back(&b, 5);
		io(&a, 5, 9);
		io(&b, 5, 9);
		/* The same to the picosecond and the byte. */
		assert_int_equal(dmasim_now(b.r.k), dmasim_now(a.r.k));
		free(blob.data);
		blob = save(&a, PART_DRIVERS);
		second = save(&b, PART_DRIVERS);
		assert_int_equal(blob.size, second.size);
		assert_memory_equal(blob.data, second.data, blob.size);
		assert_int_equal(
		        dmasim_smmu_drv_unmap(b.r.smmu, STREAM, 0x1000, 0x1000),
		        DMASIM_OK);
		rig_assert_clean(&b.r);
		free(blob.data);
		free(second.data);
		teardown(&a);
		teardown(&b);
	}
}

/* The names of the ring's fields go where the ring is. */
static void names_follow_a_ring_that_moved(void **state)
{
	uint64_t desc, avail, used, pa, taken;
	const struct dmasim_checker *c;
	struct scene a, b;
	struct blob blob;
	char text[96];

	(void)state;
	setup(&a, BOARD_MMIO1);
	io(&a, 0, 1);
	blob = save(&a, PART_MACHINE | PART_DRIVERS);
	b = (struct scene){.disk = BOARD_MMIO1};
	rig_open(&b.r, &(struct rig_options){0});
	assert_int_equal(
	        dmasim_smmu_drv_attach(b.r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_guest_alloc(b.r.g, 64 * RIG_PAGE, RIG_PAGE, &taken),
	        DMASIM_OK);
	assert_int_equal(dmasim_blk_drv_create(
	                         &(struct dmasim_blk_drv_config){
	                                 .guest = b.r.g, .smmu = b.r.smmu},
	                         &b.blk),
	                 DMASIM_OK);
	assert_int_not_equal(a.blk->vring->pa, b.blk->vring->pa);
	assert_int_equal(
	        restore(&b, blob.data, blob.size, PART_MACHINE | PART_DRIVERS),
	        DMASIM_OK);
	dmasim_vring_addresses(b.blk->vring, &desc, &avail, &used, &pa);
	assert_int_equal(pa, a.blk->vring->pa);
	c = dmasim_machine_checker(b.r.m);
	dmasim_describe(c, pa + (used - desc) + 2, text, sizeof(text));
	assert_string_equal(text, "virtqueue 0 used.idx");
	look_back(&b, 1);
	free(blob.data);
	teardown(&a);
	teardown(&b);
}

static void a_blob_cut_short_changes_nothing(void **state)
{
	struct blob blob, before, after;
	struct scene a, b;

	(void)state;
	setup(&a, BOARD_PCI);
	io(&a, 0, 2);
	use_iommu(&a);
	blob = save(&a, PART_DRIVERS);
	setup(&b, BOARD_PCI);
	before = save(&b, PART_DRIVERS);
	for (size_t n = 0; n < blob.size; n++) {
		int rc = restore(&b, blob.data, n, PART_DRIVERS);

		assert_int_equal(rc, DMASIM_E_FORMAT);
		/* What came before the cut was restored: undo it. */
		assert_int_equal(
		        restore(&b, before.data, before.size, PART_DRIVERS),
		        DMASIM_OK);
	}
	after = save(&b, PART_DRIVERS);
	assert_int_equal(after.size, before.size);
	assert_memory_equal(after.data, before.data, before.size);
	io(&b, 0, 2);
	free(blob.data);
	free(before.data);
	free(after.data);
	teardown(&a);
	teardown(&b);
}

/* Whatever a blob says: no crash, neither now nor when it is used. */
static void a_corrupted_blob_is_survived(void **state)
{
	uint64_t seed = 42;
	struct blob blob;
	struct scene a;

	(void)state;
	setup(&a, BOARD_MMIO2_SMMU);
	io(&a, 0, 2);
	use_iommu(&a);
	blob = save(&a, PART_DRIVERS);
	for (unsigned round = 0; round < 400; round++) {
		uint8_t *bad = malloc(blob.size), buf[512] = {0};

		assert_non_null(bad);
		memcpy(bad, blob.data, blob.size);
		for (unsigned n = 0; n <= round % 3; n++) {
			seed = seed * 6364136223846793005ull +
			       1442695040888963407ull;
			bad[(seed >> 20) % blob.size] = (uint8_t)(seed >> 55);
		}
		if (restore(&a, bad, blob.size, PART_DRIVERS) == DMASIM_OK) {
			(void)dmasim_blk_drv_read(a.blk, 0, buf, 1);
			(void)dmasim_smmu_drv_poll(a.r.smmu);
			(void)dmasim_smmu_drv_map(a.r.smmu, STREAM, 0x2000,
			                          RAM1, 0x1000, true, true);
			(void)dmasim_smmu_drv_unmap(a.r.smmu, STREAM, 0x2000,
			                            0x1000);
		}
		assert_int_equal(
		        restore(&a, blob.data, blob.size, PART_DRIVERS),
		        DMASIM_OK);
		free(bad);
	}
	free(blob.data);
	teardown_any(&a);
}

/** Change one field of a good blob by its value's place; all are refused. */
static void bad_fields_are_refused(void **state)
{
	static const struct {
		size_t offset; /**< in the guest's section, behind its header */
		uint8_t value;
	} guest[] = {
	        {16, 9},    /* regions of RAM */
	        {20, 1},    /* base of the first */
	        {52, 0xff}, /* free extents */
	        {56, 0xff}, /* base of the first, not aligned */
	        {65, 0x01}, /* its size */
	};
	struct dmasim_reader *r;
	struct blob blob;
	struct scene a;

	(void)state;
	setup(&a, BOARD_MMIO1);
	blob = save(&a, PART_DRIVERS);
	for (size_t i = 0; i < sizeof(guest) / sizeof(*guest); i++) {
		uint8_t old = blob.data[guest[i].offset];

		blob.data[guest[i].offset] = guest[i].value;
		assert_int_equal(dmasim_reader_create(blob.data, blob.size, &r),
		                 DMASIM_OK);
		assert_int_equal(dmasim_guest_restore(a.r.g, r),
		                 DMASIM_E_FORMAT);
		dmasim_reader_destroy(r);
		blob.data[guest[i].offset] = old;
	}
	assert_int_equal(restore(&a, blob.data, blob.size, PART_DRIVERS),
	                 DMASIM_OK);
	free(blob.data);
	teardown(&a);
}

/* Every byte of a blob, with values of every kind. */
static void any_byte_may_be_wrong(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0xff};
	unsigned refused = 0;
	struct blob blob;
	struct scene a;

	(void)state;
	setup(&a, BOARD_PCI);
	io(&a, 0, 1);
	use_iommu(&a);
	blob = save(&a, PART_DRIVERS);
	for (size_t i = 0; i < blob.size; i++) {
		uint8_t old = blob.data[i];

		for (unsigned v = 0; v < sizeof(values); v++) {
			int rc;

			blob.data[i] = values[v];
			rc = restore(&a, blob.data, blob.size, PART_DRIVERS);
			assert_true(rc == DMASIM_OK || rc == DMASIM_E_FORMAT);
			refused += rc != DMASIM_OK;
		}
		blob.data[i] = old;
	}
	assert_true(refused > 500);
	assert_int_equal(restore(&a, blob.data, blob.size, PART_DRIVERS),
	                 DMASIM_OK);
	io(&a, 1, 2);
	free(blob.data);
	teardown(&a);
}

static void other_configurations_are_refused(void **state)
{
	struct scene a, b;
	struct blob blob;

	(void)state;
	setup(&a, BOARD_MMIO2_SMMU);
	blob = save(&a, PART_DRIVERS);
	/* Another layout of the ring; another mode. */
	setup(&b, BOARD_PCI);
	assert_int_equal(restore(&b, blob.data, blob.size, PART_DRIVERS),
	                 DMASIM_E_FORMAT);
	teardown_any(&b);
	setup(&b, BOARD_MMIO2);
	assert_int_equal(restore(&b, blob.data, blob.size, PART_DRIVERS),
	                 DMASIM_E_FORMAT);
	teardown_any(&b);
	free(blob.data);
	teardown(&a);
}

static void missing_arguments_are_refused(void **state)
{
	struct dmasim_writer *w;
	struct dmasim_reader *r;
	struct scene a;

	(void)state;
	setup(&a, BOARD_MMIO1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_reader_create((const uint8_t *)"", 0, &r),
	                 DMASIM_OK);
	assert_int_equal(dmasim_guest_save(NULL, w), DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_save(a.r.g, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_restore(NULL, r), DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_restore(a.r.g, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_save(NULL, w), DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_save(a.blk->dma, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_restore(NULL, r), DMASIM_E_INVAL);
	assert_int_equal(dmasim_dma_restore(a.blk->dma, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_save(NULL, w), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_save(a.blk->vring, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_restore(NULL, r), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_restore(a.blk->vring, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_save(NULL, w), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_save(a.blk, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_restore(NULL, r), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_drv_restore(a.blk, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_save(NULL, w), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_save(a.r.smmu, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_restore(NULL, r), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_restore(a.r.smmu, NULL),
	                 DMASIM_E_INVAL);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
	teardown(&a);
}

/* The parts by themselves. */
static void dma_and_ring_are_restored_alone(void **state)
{
	struct dmasim_writer *w;
	struct dmasim_reader *r;
	const uint8_t *data;
	struct scene a;
	size_t size;

	(void)state;
	setup(&a, BOARD_MMIO2_SMMU);
	io(&a, 0, 3);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_dma_save(a.blk->dma, w), DMASIM_OK);
	assert_int_equal(dmasim_vring_save(a.blk->vring, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	/* What the device does not know of. */
	a.blk->vring->avail_idx = 77;
	a.blk->vring->broken = true;
	a.blk->dma->iovas.count = 0;
	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	assert_int_equal(dmasim_dma_restore(a.blk->dma, r), DMASIM_OK);
	assert_int_equal(dmasim_vring_restore(a.blk->vring, r), DMASIM_OK);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
	io(&a, 3, 5);
	teardown(&a);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_machine_goes_on),
        cmocka_unit_test(names_follow_a_ring_that_moved),
        cmocka_unit_test(a_blob_cut_short_changes_nothing),
        cmocka_unit_test(a_corrupted_blob_is_survived),
        cmocka_unit_test(bad_fields_are_refused),
        cmocka_unit_test(any_byte_may_be_wrong),
        cmocka_unit_test(other_configurations_are_refused),
        cmocka_unit_test(missing_arguments_are_refused),
        cmocka_unit_test(dma_and_ring_are_restored_alone),
};
CHECK_MAIN(tests)
