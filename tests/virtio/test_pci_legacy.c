/* SPDX-License-Identifier: MIT */
/* Legacy virtio-pci: configuration space, the I/O BAR, INTx. */
#include "toy.h"

static uint64_t cfg(struct vbench *b, uint32_t reg, uint32_t size)
{
	uint64_t v = 0;

	assert_int_equal(vb_bus(b, DMASIM_READ, VB_ECAM + reg, size, &v),
	                 DMASIM_TXN_OK);
	return v;
}

static void set_cfg(struct vbench *b, uint32_t reg, uint32_t size, uint64_t v)
{
	assert_int_equal(vb_bus(b, DMASIM_WRITE, VB_ECAM + reg, size, &v),
	                 DMASIM_TXN_OK);
}

static void identity_in_configuration_space(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_PCI);
	assert_int_equal(cfg(b, 0x00, 4), 0x10051af4);
	assert_int_equal(cfg(b, 0x08, 4), 0x00ff0000);
	assert_int_equal(cfg(b, 0x2c, 4), 0x00041af4);
	assert_int_equal(cfg(b, 0x3d, 1), 1);
	set_cfg(b, 0x10, 4, 0xffffffff);
	assert_int_equal(cfg(b, 0x10, 4), 0xffffff81);
}

static void numbers_of_device_types(void **state)
{
	struct toy *t = *state;
	static const struct {
		uint32_t id, pci, class_code;
	} rows[] = {
	        {1, 0x1000, 0x020000}, {2, 0x1001, 0x010000},
	        {3, 0x1003, 0x078000}, {4, 0x1005, 0x00ff00},
	        {5, 0x1002, 0x00ff00}, {8, 0x1004, 0x010000},
	        {9, 0x1009, 0x000200},
	};
	struct dmasim_virtio_ops ops = toy_ops;

	t->cfg.ops = &ops;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ops.device_id = rows[i].id;
		toy_plug(t, VB_PCI);
		assert_int_equal(cfg(&t->b, 0x02, 2), rows[i].pci);
		assert_int_equal(cfg(&t->b, 0x08, 4), rows[i].class_code << 8);
		assert_int_equal(cfg(&t->b, 0x2e, 2), rows[i].id);
		dmasim_virtio_destroy(t->b.v);
	}
	ops.device_id = 23;
	assert_int_equal(dmasim_virtio_create(&t->cfg, &t->b.v), DMASIM_OK);
	assert_int_equal(dmasim_virtio_pci_legacy(t->b.v, t->b.host, 0),
	                 DMASIM_E_UNSUPPORTED);
	dmasim_virtio_destroy(t->b.v);
	t->b.v = NULL;
}

static void bad_arguments(void **state)
{
	struct toy *t = *state;
	struct dmasim_port port;

	toy_plug(t, VB_PCI);
	assert_int_equal(dmasim_virtio_pci_legacy(NULL, t->b.host, 8),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_virtio_pci_legacy(t->b.v, NULL, 8),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_virtio_pci_legacy(t->b.v, t->b.host, 8),
	                 DMASIM_E_STATE);
	assert_int_equal(dmasim_virtio_mmio(t->b.v, 1, vb_irq(&t->b), &port),
	                 DMASIM_E_STATE);
	dmasim_virtio_destroy(t->b.v);
	assert_int_equal(cfg(&t->b, 0, 4), 0xffffffff);
	assert_int_equal(dmasim_virtio_create(&t->cfg, &t->b.v), DMASIM_OK);
	assert_int_equal(dmasim_virtio_pci_legacy(t->b.v, t->b.host, 0x4000),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_virtio_pci_legacy(t->b.v, t->b.host, 8),
	                 DMASIM_OK);
}

static void registers(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_PCI);
	assert_int_equal(vb_rd(b, 0x00, 4), 0x39000000);
	vb_wr(b, 0x04, 4, 0xffffffff);
	assert_int_equal(vb_rd(b, 0x04, 4), 0x39000000);
	assert_int_equal(vb_rd(b, 0x08, 4), 0);
	assert_int_equal(vb_rd(b, 0x0c, 2), 256);
	assert_int_equal(vb_rd(b, 0x0e, 2), 0);
	vb_wr(b, 0x0e, 2, 2);
	assert_int_equal(vb_rd(b, 0x0e, 2), 2);
	assert_int_equal(vb_rd(b, 0x0c, 2), 0);
	assert_int_equal(vb_rd(b, 0x08, 4), 0);
	vb_wr(b, 0x08, 4, 0x80010);
	assert_int_equal(b->warnings, 1);
	vb_wr(b, 0x0e, 2, 1);
	assert_int_equal(vb_rd(b, 0x0c, 2), 256);
	vb_wr(b, 0x08, 4, 0x80010);
	assert_int_equal(vb_rd(b, 0x08, 4), 0x80010);
	assert_int_equal(vb_rd(b, 0x10, 2), 0);
	vb_wr(b, 0x10, 2, 0xffff);
	assert_int_equal(b->warnings, 2);
	/* What only the device writes. */
	vb_wr(b, 0x00, 4, 0);
	vb_wr(b, 0x0c, 2, 4);
	vb_wr(b, 0x13, 1, 1);
	assert_int_equal(b->warnings, 5);
	assert_int_equal(vb_rd(b, 0x0c, 2), 256);
	assert_int_equal(vb_rd(b, 0x13, 1), 0);
}

static void access_sizes(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	static const uint8_t sizes[0x14] = {
	        [0x00] = 4, [0x04] = 4, [0x08] = 4, [0x0c] = 2,
	        [0x0e] = 2, [0x10] = 2, [0x12] = 1, [0x13] = 1};
	uint64_t v = 0;

	toy_plug(t, VB_PCI);
	for (uint32_t off = 0; off < 0x14; off++)
		for (uint32_t size = 1; size <= 8; size++)
			assert_int_equal(vb_bus(b, DMASIM_READ,
			                        vb_reg_addr(b, off), size, &v),
			                 size == sizes[off] ? DMASIM_TXN_OK
			                                    : DMASIM_TXN_SLAVE);
	/* The device's configuration takes any of them. */
	v = 0x04030201;
	assert_int_equal(vb_bus(b, DMASIM_WRITE, vb_reg_addr(b, 0x15), 4, &v),
	                 DMASIM_TXN_OK);
	assert_int_equal(vb_rd(b, 0x14, 4), 0x03020100);
	assert_int_equal(vb_rd(b, 0x18, 1), 4);
	assert_int_equal(vb_rd(b, 0x17, 2), 0x0403);
	assert_int_equal(vb_rd(b, 0x7c, 4), 0);
	assert_int_equal(vb_bus(b, DMASIM_READ, vb_reg_addr(b, 0x14), 8, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_ATOMIC_ADD, vb_reg_addr(b, 0), 4, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(vb_bus(b, DMASIM_CLEAN, vb_reg_addr(b, 0), 4, &v),
	                 DMASIM_TXN_OK);
	/* Behind the BAR nothing answers. */
	assert_int_equal(vb_bus(b, DMASIM_READ, vb_reg_addr(b, 0x80), 4, &v),
	                 DMASIM_TXN_DECODE);
}

static void isr_is_cleared_by_reading(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_PCI, 256);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_true(dmasim_irq_level(vb_irq(b)));
	assert_int_equal(cfg(b, 0x06, 2) & 8, 8);
	assert_int_equal(vb_rd(b, 0x13, 1), 1);
	assert_false(dmasim_irq_level(vb_irq(b)));
	assert_int_equal(vb_rd(b, 0x13, 1), 0);
	dmasim_virtio_config_changed(b->v);
	assert_true(dmasim_irq_level(vb_irq(b)));
	assert_int_equal(vb_rd(b, 0x13, 1), 2);
	/* With the pin held back by the command register. */
	set_cfg(b, 0x04, 2, 0x405);
	dmasim_virtio_config_changed(b->v);
	assert_false(dmasim_irq_level(vb_irq(b)));
	assert_int_equal(vb_rd(b, 0x13, 1), 2);
}

static void ring_layout_is_aligned_to_4096(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_PCI, 256);
	assert_int_equal(b->avail, VB_RING + 0x1000);
	assert_int_equal(b->used, VB_RING + 0x2000);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	vb_expect(b, 0, "read avail.idx", VB_RING + 0x1002, 2);
	vb_expect(b, 7, "write used.idx", VB_RING + 0x2002, 2);
}

static void pfn_zero_takes_the_queue_back(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_PCI, 256);
	vb_wr(b, 0x08, 4, 0);
	assert_int_equal(vb_rd(b, 0x08, 4), 0);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, 0);
	vb_wr(b, 0x08, 4, VB_RING >> 12);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

static void no_dma_without_bus_master(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_PCI, 256);
	set_cfg(b, 0x04, 2, 1);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, 0);
	assert_non_null(strstr(dmasim_virtio_error(b->v), "read avail.idx"));
	set_cfg(b, 0x04, 2, 5);
	toy_works(t);
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(identity_in_configuration_space),
        TOY_CASE(numbers_of_device_types),
        TOY_CASE(bad_arguments),
        TOY_CASE(registers),
        TOY_CASE(access_sizes),
        TOY_CASE(isr_is_cleared_by_reading),
        TOY_CASE(ring_layout_is_aligned_to_4096),
        TOY_CASE(pfn_zero_takes_the_queue_back),
        TOY_CASE(no_dma_without_bus_master),
};

CHECK_MAIN(tests)
