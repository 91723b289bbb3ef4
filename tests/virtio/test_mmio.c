/* SPDX-License-Identifier: MIT */
/* virtio-mmio, register by register. */
#include "toy.h"

#define V1   1u
#define V2   2u
#define BOTH 3u

enum { R = 1, W = 2, RW = 3 };

static const struct {
	uint32_t offset;
	unsigned access, versions;
} regs[] = {
        {0x00, R, BOTH}, {0x04, R, BOTH}, {0x08, R, BOTH},  {0x0c, R, BOTH},
        {0x10, R, BOTH}, {0x14, W, BOTH}, {0x20, W, BOTH},  {0x24, W, BOTH},
        {0x28, W, V1},   {0x30, W, BOTH}, {0x34, R, BOTH},  {0x38, W, BOTH},
        {0x3c, W, V1},   {0x40, RW, V1},  {0x44, RW, V2},   {0x50, W, BOTH},
        {0x60, R, BOTH}, {0x64, W, BOTH}, {0x70, RW, BOTH}, {0x80, W, V2},
        {0x84, W, V2},   {0x90, W, V2},   {0x94, W, V2},    {0xa0, W, V2},
        {0xa4, W, V2},   {0xac, W, V2},   {0xb0, R, V2},    {0xb4, R, V2},
        {0xb8, R, V2},   {0xbc, R, V2},   {0xfc, R, V2},
};

static unsigned access_of(uint32_t offset, unsigned version)
{
	for (size_t i = 0; i < sizeof(regs) / sizeof(*regs); i++)
		if (regs[i].offset == offset && (regs[i].versions & version))
			return regs[i].access;
	return 0;
}

static void every_offset(struct toy *t, enum vb_transport transport)
{
	struct vbench *b = &t->b;

	toy_plug(t, transport);
	for (uint32_t off = 0; off < 0x100; off += 4) {
		unsigned a = access_of(off, transport == VB_MMIO1 ? V1 : V2);
		unsigned before = b->warnings;
		uint32_t v = vb_rd(b, off, 4);

		/* What is not there reads zero and ignores writes, and says
		 * so. */
		assert_int_equal(b->warnings - before, !(a & R));
		if (!(a & R))
			assert_int_equal(v, 0);
		if (a & W)
			continue;
		vb_wr(b, off, 4, 0xffffffff);
		assert_int_equal(b->warnings - before, !(a & R) + 1);
		assert_int_equal(vb_rd(b, off, 4), v);
	}
}

static void every_offset_version_1(void **state)
{
	every_offset(*state, VB_MMIO1);
}

static void every_offset_version_2(void **state)
{
	every_offset(*state, VB_MMIO2);
}

static void identity(void **state)
{
	struct toy *t = *state;

	toy_plug(t, VB_MMIO1);
	assert_int_equal(vb_rd(&t->b, 0x00, 4), 0x74726976);
	assert_int_equal(vb_rd(&t->b, 0x04, 4), 1);
	assert_int_equal(vb_rd(&t->b, 0x08, 4), 4);
	assert_int_equal(vb_rd(&t->b, 0x0c, 4), 0x4d534d44);
	dmasim_virtio_destroy(t->b.v);
	toy_plug(t, VB_MMIO2);
	assert_int_equal(vb_rd(&t->b, 0x04, 4), 2);
	assert_int_equal(vb_rd(&t->b, 0xb0, 4), 0xffffffff);
	assert_int_equal(vb_rd(&t->b, 0xbc, 4), 0xffffffff);
	vb_wr(&t->b, 0xac, 4, 3);
}

static void access_sizes(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint64_t v = 0;

	toy_plug(t, VB_MMIO2);
	for (uint32_t size = 1; size <= 8; size++) {
		if (size == 4)
			continue;
		assert_int_equal(vb_bus(b, DMASIM_READ, 0x00, size, &v),
		                 DMASIM_TXN_SLAVE);
		assert_int_equal(vb_bus(b, DMASIM_WRITE, 0x70, size, &v),
		                 DMASIM_TXN_SLAVE);
	}
	assert_int_equal(vb_bus(b, DMASIM_READ, 0x02, 4, &v), DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_READ, 0x101, 2, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_READ, 0x100, 3, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_READ, 0x100, 16, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_READ, 1ull << 40, 4, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_ATOMIC_ADD, 0x70, 4, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_CLEAN, 0x00, 64, &v), DMASIM_TXN_OK);
	assert_int_equal(vb_bus(b, DMASIM_BARRIER, 0, 0, &v), DMASIM_TXN_OK);
	assert_int_equal(vb_status(b), 0);
}

static void device_configuration(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint64_t v = 0x1122334455667788;

	toy_plug(t, VB_MMIO2);
	assert_int_equal(vb_bus(b, DMASIM_WRITE, 0x100, 8, &v), DMASIM_TXN_OK);
	assert_int_equal(vb_bus(b, DMASIM_READ, 0x100, 8, &v), DMASIM_TXN_OK);
	assert_true(v == 0x1122334455667788);
	assert_int_equal(vb_rd(b, 0x107, 1), 0x11);
	assert_int_equal(vb_rd(b, 0x102, 2), 0x5566);
	assert_int_equal(vb_rd(b, 0x108, 4), 0);
	assert_int_equal(vb_rd(b, 0x1fc, 4), 0);
	vb_wr(b, 0x1fc, 4, 1);
	assert_int_equal(t->config_offset, 0xfc);
}

static void device_without_config_write(void **state)
{
	struct toy *t = *state;
	struct dmasim_virtio_ops ops = toy_ops;

	ops.config_write = NULL;
	t->cfg.ops = &ops;
	toy_plug(t, VB_MMIO2);
	t->config[0] = 7;
	vb_wr(&t->b, 0x100, 1, 9);
	assert_int_equal(vb_rd(&t->b, 0x100, 1), 7);
	dmasim_virtio_destroy(t->b.v);
	toy_plug(t, VB_PCI);
	vb_wr(&t->b, 0x14, 1, 9);
	assert_int_equal(vb_rd(&t->b, 0x14, 1), 7);
	dmasim_virtio_destroy(t->b.v);
	t->b.v = NULL;
}

static void features_version_2(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO2);
	/* NOTIFY_ON_EMPTY and ANY_LAYOUT go, VERSION_1 comes. */
	assert_int_equal(vb_rd(b, 0x10, 4), 0x30000000);
	vb_wr(b, 0x14, 4, 1);
	assert_int_equal(vb_rd(b, 0x10, 4), 0x3);
	vb_wr(b, 0x14, 4, 2);
	assert_int_equal(vb_rd(b, 0x10, 4), 0);
	vb_wr(b, 0x14, 4, 0xffffffff);
	assert_int_equal(vb_rd(b, 0x10, 4), 0);
	/* Refused: without VERSION_1; with what was not offered. */
	vb_set_status(b, 3);
	vb_wr(b, 0x20, 4, 0x10000000);
	vb_set_status(b, 11);
	assert_int_equal(vb_status(b), 3);
	vb_wr(b, 0x24, 4, 1);
	vb_wr(b, 0x20, 4, 0x101);
	vb_set_status(b, 11);
	assert_int_equal(vb_status(b), 3);
	assert_non_null(strstr(b->last, "0x10110000000 are refused"));
	/* DRIVER_OK needs FEATURES_OK. */
	vb_set_status(b, 7);
	assert_int_equal(vb_status(b), 3);
	vb_wr(b, 0x20, 4, 1);
	vb_set_status(b, 11);
	assert_int_equal(vb_status(b), 11);
	/* Final now. */
	vb_wr(b, 0x20, 4, 0);
	vb_set_status(b, 15);
	assert_int_equal(vb_status(b), 15);
	vb_wr(b, 0x24, 4, 7);
	assert_int_equal(b->warnings, 4);
}

static void feature_words_that_do_not_exist(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO2);
	vb_set_status(b, 3);
	vb_wr(b, 0x24, 4, 2);
	vb_wr(b, 0x20, 4, 0);
	assert_int_equal(b->warnings, 0);
	vb_wr(b, 0x20, 4, 1);
	assert_int_equal(b->warnings, 1);
	vb_wr(b, 0x24, 4, 1);
	vb_wr(b, 0x20, 4, 1);
	vb_set_status(b, 11);
	assert_int_equal(vb_status(b), 11);
}

static void features_version_1(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO1);
	assert_int_equal(vb_rd(b, 0x10, 4), 0x39000000);
	vb_wr(b, 0x14, 4, 1);
	assert_int_equal(vb_rd(b, 0x10, 4), 0);
	/* FEATURES_OK and the like do not exist. */
	vb_set_status(b, 0x3f);
	assert_int_equal(vb_status(b), 7);
	vb_wr(b, 0x20, 4, 0xffffffff);
	assert_int_equal(b->warnings, 1);
	vb_set_status(b, 0);
	vb_set_status(b, 0x83);
	assert_int_equal(vb_status(b), 0x83);
	vb_wr(b, 0x20, 4, 0xffffffff);
	assert_int_equal(b->warnings, 1);
}

static void status_bits_stay_until_reset(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO2);
	vb_set_status(b, 1);
	vb_set_status(b, 2);
	assert_int_equal(vb_status(b), 3);
	assert_int_equal(b->warnings, 1);
	/* The driver cannot ask for a reset in the device's name. */
	vb_set_status(b, 0x73);
	assert_int_equal(vb_status(b), 3);
	vb_set_status(b, 0x83);
	assert_int_equal(vb_status(b), 0x83);
	vb_wr(b, 0x70, 4, 0x100);
	assert_int_equal(vb_status(b), 0);
	assert_int_equal(dmasim_virtio_status(b->v), 0);
	assert_int_equal(t->resets, 1);
}

static void queue_registers_version_2(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO2);
	vb_set_ring(b, VB_RING, 16);
	assert_int_equal(vb_rd(b, 0x34, 4), 256);
	vb_wr(b, 0x30, 4, 2);
	assert_int_equal(vb_rd(b, 0x34, 4), 0);
	vb_wr(b, 0x44, 4, 1);
	assert_int_equal(vb_rd(b, 0x44, 4), 0);
	assert_int_equal(b->warnings, 1);
	vb_wr(b, 0x30, 4, 0x10000);
	assert_int_equal(vb_rd(b, 0x34, 4), 0);
	vb_wr(b, 0x30, 4, 1);
	assert_int_equal(vb_rd(b, 0x34, 4), 256);
	/* Sizes that no queue has. */
	vb_wr(b, 0x38, 4, 0);
	vb_wr(b, 0x38, 4, 24);
	vb_wr(b, 0x38, 4, 512);
	vb_wr(b, 0x38, 4, 0x10001);
	assert_int_equal(b->warnings, 5);
	vb_queue_mmio(b);
	assert_int_equal(vb_rd(b, 0x44, 4), 1);
	/* In use: nothing moves. */
	vb_wr(b, 0x38, 4, 8);
	for (uint32_t off = 0x80; off <= 0xa4; off += 0x10) {
		vb_wr(b, off, 4, 0);
		vb_wr(b, off + 4, 4, 0);
	}
	vb_wr(b, 0x44, 4, 1);
	assert_int_equal(b->warnings, 12);
	vb_wr(b, 0x44, 4, 0);
	assert_int_equal(vb_rd(b, 0x44, 4), 0);
}

static void rings_that_cannot_be(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	static const struct {
		uint64_t desc, avail, used;
		bool valid;
	} rows[] = {
	        {VB_RING, VB_RING + 0x1000, VB_RING + 0x2000, true},
	        {VB_RING + 8, VB_RING + 0x1000, VB_RING + 0x2000, false},
	        {VB_RING, VB_RING + 0x1001, VB_RING + 0x2000, false},
	        {VB_RING, VB_RING + 0x1002, VB_RING + 0x2000, true},
	        {VB_RING, VB_RING + 0x1000, VB_RING + 0x2002, false},
	        {VB_RING, VB_RING + 0x1000, VB_RING + 0x2004, true},
	        {UINT64_MAX - 15, VB_RING, VB_RING, false},
	        {UINT64_MAX - 255, VB_RING, VB_RING, false},
	        {UINT64_MAX - 511, VB_RING, VB_RING, true},
	        {VB_RING, UINT64_MAX - 1, VB_RING, false},
	        {VB_RING, VB_RING, UINT64_MAX - 3, false},
	        {0, 0, 0, true},
	};

	toy_plug(t, VB_MMIO2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		b->size = 16;
		b->desc = rows[i].desc;
		b->avail = rows[i].avail;
		b->used = rows[i].used;
		vb_queue_mmio(b);
		assert_int_equal(vb_rd(b, 0x44, 4), rows[i].valid);
		vb_wr(b, 0x44, 4, 0);
	}
}

static void queue_registers_version_1(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO1);
	vb_set_ring(b, VB_RING, 16);
	vb_wr(b, 0x30, 4, 0);
	vb_wr(b, 0x38, 4, 16);
	/* No page size, no alignment yet; then useless ones. */
	vb_wr(b, 0x40, 4, VB_RING >> 12);
	assert_int_equal(vb_rd(b, 0x40, 4), 0);
	vb_wr(b, 0x28, 4, 4096);
	vb_wr(b, 0x40, 4, VB_RING >> 12);
	vb_wr(b, 0x3c, 4, 3000);
	vb_wr(b, 0x40, 4, VB_RING >> 12);
	vb_wr(b, 0x3c, 4, 1);
	vb_wr(b, 0x40, 4, VB_RING >> 12);
	vb_wr(b, 0x3c, 4, 4096);
	vb_wr(b, 0x28, 4, 5000);
	vb_wr(b, 0x40, 4, VB_RING >> 12);
	vb_wr(b, 0x28, 4, 8);
	vb_wr(b, 0x40, 4, 1);
	assert_int_equal(vb_rd(b, 0x40, 4), 0);
	assert_int_equal(b->warnings, 6);
	/* The largest: no overflow. */
	vb_wr(b, 0x28, 4, 0x80000000);
	vb_wr(b, 0x3c, 4, 0x80000000);
	vb_wr(b, 0x40, 4, 0xffffffff);
	assert_int_equal(vb_rd(b, 0x40, 4), 0xffffffff);
	/* In use: it does not move. */
	vb_wr(b, 0x40, 4, 5);
	vb_wr(b, 0x3c, 4, 64);
	vb_wr(b, 0x38, 4, 8);
	assert_int_equal(vb_rd(b, 0x40, 4), 0xffffffff);
	assert_int_equal(b->warnings, 9);
	vb_wr(b, 0x40, 4, 0);
	assert_int_equal(vb_rd(b, 0x40, 4), 0);
	vb_wr(b, 0x30, 4, 7);
	vb_wr(b, 0x40, 4, 5);
	assert_int_equal(vb_rd(b, 0x40, 4), 0);
	assert_int_equal(b->warnings, 10);
}

/** As QEMU's own test does: pages and alignment of 512 bytes. */
static void small_pages_version_1(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO1);
	vb_set_ring(b, VB_RING, 32);
	b->used = VB_RING + 0x400;
	vb_set_status(b, 3);
	vb_wr(b, 0x28, 4, 512);
	vb_wr(b, 0x38, 4, 32);
	vb_wr(b, 0x3c, 4, 512);
	vb_wr(b, 0x40, 4, VB_RING / 512);
	vb_set_status(b, 7);
	/* 512 + 70 bytes: the used ring is in the third page of 512. */
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

/** Linux writes its page size when it finds the device, then resets it. */
static void page_size_outlives_a_reset(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO1);
	vb_wr(b, 0x28, 4, 4096);
	vb_set_status(b, 0);
	vb_set_status(b, 3);
	vb_set_ring(b, VB_RING, 16);
	vb_queue_mmio(b);
	vb_set_status(b, 7);
	assert_int_equal(vb_rd(b, 0x40, 4), VB_RING >> 12);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

static void used_ring_right_after_a_full_page(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	/* 1 entry: 16 + 8 bytes, aligned to 8: nothing is rounded. */
	toy_plug(t, VB_MMIO1);
	vb_set_ring(b, VB_RING, 1);
	b->used = VB_RING + 24;
	vb_set_status(b, 3);
	vb_wr(b, 0x28, 4, 4096);
	vb_wr(b, 0x38, 4, 1);
	vb_wr(b, 0x3c, 4, 8);
	vb_wr(b, 0x40, 4, VB_RING >> 12);
	vb_set_status(b, 7);
	vb_desc(b, 0, VB_DATA, 4, VB_WRITE);
	vb_post(b, 0);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
	assert_int_equal(t->served, 1);
}

static void kicks_at_the_wrong_time(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO2);
	vb_kick(b);
	assert_int_equal(b->warnings, 1);
	vb_wr(b, 0x50, 4, 2);
	vb_wr(b, 0x50, 4, 0xffffffff);
	assert_int_equal(b->warnings, 3);
	vb_start(b, 16);
	vb_set_status(b, 0);
	vb_set_status(b, 3);
	vb_queue_mmio(b);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(b->warnings, 4);
	vb_run(b);
	assert_int_equal(b->spy.count, 0);
}

static void legacy_kick_before_driver_ok_is_kept(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO1, 16);
	vb_set_status(b, 3);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, 0);
	vb_set_status(b, 7);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

static void interrupt_status_and_acknowledge(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	assert_int_equal(vb_rd(b, 0xfc, 4), 0);
	dmasim_virtio_config_changed(b->v);
	assert_int_equal(vb_rd(b, 0xfc, 4), 1);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_rd(b, 0x60, 4), 3);
	vb_wr(b, 0x64, 4, 1);
	assert_int_equal(vb_rd(b, 0x60, 4), 2);
	assert_true(dmasim_irq_level(vb_irq(b)));
	vb_wr(b, 0x64, 4, 0xfffffffd);
	assert_true(dmasim_irq_level(vb_irq(b)));
	vb_wr(b, 0x64, 4, 2);
	assert_false(dmasim_irq_level(vb_irq(b)));
	/* Not before the driver is there; a reset takes it back. */
	dmasim_virtio_config_changed(b->v);
	assert_true(dmasim_irq_level(vb_irq(b)));
	vb_set_status(b, 0);
	assert_false(dmasim_irq_level(vb_irq(b)));
	dmasim_virtio_config_changed(b->v);
	assert_int_equal(vb_rd(b, 0x60, 4), 0);
	assert_int_equal(vb_rd(b, 0xfc, 4), 3);
}

static void bad_arguments(void **state)
{
	struct toy *t = *state;
	struct dmasim_virtio_config c;
	struct dmasim_virtio_ops ops;
	struct dmasim_port regs_port;
	struct dmasim_virtio *v = NULL;

#define BAD(field, value)                                                      \
	c = t->cfg;                                                            \
	c.field = value;                                                       \
	assert_int_equal(dmasim_virtio_create(&c, &v), DMASIM_E_INVAL)
	BAD(kernel, NULL);
	BAD(name, NULL);
	BAD(ops, NULL);
	BAD(dma.access, NULL);
	BAD(queues, 0);
	BAD(queues, 65);
	BAD(queue_size, 0);
	BAD(queue_size, 100);
	BAD(queue_size, 0x8001);
	BAD(ring_fault, (enum dmasim_ring_fault)3);
	ops = toy_ops;
	ops.serve = NULL;
	BAD(ops, &ops);
	ops = toy_ops;
	ops.name = NULL;
	BAD(ops, &ops);
	ops = toy_ops;
	ops.config_read = NULL;
	BAD(ops, &ops);
#undef BAD
	assert_int_equal(dmasim_virtio_create(NULL, &v), DMASIM_E_INVAL);
	assert_int_equal(dmasim_virtio_create(&t->cfg, NULL), DMASIM_E_INVAL);
	toy_plug(t, VB_MMIO2);
	v = t->b.v;
	assert_int_equal(dmasim_virtio_mmio(v, 2, vb_irq(&t->b), &regs_port),
	                 DMASIM_E_STATE);
	assert_int_equal(dmasim_virtio_mmio(v, 3, vb_irq(&t->b), &regs_port),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_virtio_mmio(v, 0, vb_irq(&t->b), &regs_port),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_virtio_mmio(NULL, 2, vb_irq(&t->b), &regs_port),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_virtio_mmio(v, 2, vb_irq(&t->b), NULL),
	                 DMASIM_E_INVAL);
	dmasim_virtio_destroy(NULL);
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(every_offset_version_1),
        TOY_CASE(every_offset_version_2),
        TOY_CASE(identity),
        TOY_CASE(access_sizes),
        TOY_CASE(device_configuration),
        TOY_CASE(device_without_config_write),
        TOY_CASE(features_version_2),
        TOY_CASE(feature_words_that_do_not_exist),
        TOY_CASE(features_version_1),
        TOY_CASE(status_bits_stay_until_reset),
        TOY_CASE(queue_registers_version_2),
        TOY_CASE(rings_that_cannot_be),
        TOY_CASE(queue_registers_version_1),
        TOY_CASE(small_pages_version_1),
        TOY_CASE(page_size_outlives_a_reset),
        TOY_CASE(used_ring_right_after_a_full_page),
        TOY_CASE(kicks_at_the_wrong_time),
        TOY_CASE(legacy_kick_before_driver_ok_is_kept),
        TOY_CASE(interrupt_status_and_acknowledge),
        TOY_CASE(bad_arguments),
};

CHECK_MAIN(tests)
