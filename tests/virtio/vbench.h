/* SPDX-License-Identifier: MIT */
/*
 * A machine without CPU for tests of virtio devices: RAM, a spy before it as
 * the device's DMA port, and a driver that writes rings straight into RAM.
 */
#ifndef DMASIM_TESTS_VBENCH_H
#define DMASIM_TESTS_VBENCH_H

#include "check.h"

#include <stdlib.h>

#include "dmasim/virtio.h"
#include "spy.h"

#define VB_RAM      0x80000000ull
#define VB_RAM_SIZE 0x1000000ull
#define VB_RING     (VB_RAM + 0x10000)
#define VB_DATA     (VB_RAM + 0x100000)
#define VB_ECAM     0x30000000ull
#define VB_IO       0x20000000ull
#define VB_LINE     42u
#define VB_STREAM   0x77u

#define VB_NEXT     1u
#define VB_WRITE    2u
#define VB_INDIRECT 4u

enum vb_transport {
	VB_MMIO1,
	VB_MMIO2,
	VB_PCI,
};

struct vbench {
	struct dmasim_kernel *k;
	struct dmasim_irqc *ic;
	struct dmasim_map *map;
	struct dmasim_pci_host *host;
	struct spy spy;
	struct dmasim_port dma;
	struct dmasim_virtio *v;
	enum vb_transport transport;
	struct dmasim_port regs;
	uint64_t features; /**< what the driver accepts */
	/* The ring, as the driver sees it. */
	uint16_t size;
	uint64_t desc, avail, used;
	uint16_t avail_idx, used_seen;
	unsigned warnings;
	char last[256];
};

static inline void vb_log(void *ctx, enum dmasim_log_level level,
                          const char *source, const char *text)
{
	struct vbench *b = ctx;

	(void)source;
	if (level == DMASIM_LOG_WARNING) {
		b->warnings++;
		snprintf(b->last, sizeof(b->last), "%s", text);
	}
}

/** Everything but the device. */
static inline int vb_open(struct vbench *b)
{
	struct dmasim_kernel_config kc = {.log = vb_log, .log_ctx = b};
	struct dmasim_map_config mc = {0};
	struct dmasim_pci_host_config hc = {
	        .name = "pcie",
	        .ecam_base = VB_ECAM,
	        .ecam_size = 0x100000,
	        .io = {VB_IO, 0, 0x10000},
	};

	memset(b, 0, sizeof(*b));
	if (dmasim_kernel_create(&kc, &b->k) ||
	    dmasim_irqc_create(b->k, "gic", &b->ic))
		return 1;
	mc.kernel = b->k;
	if (dmasim_map_create(&mc, &b->map) ||
	    dmasim_map_add_ram(b->map, "ram", VB_RAM, VB_RAM_SIZE))
		return 1;
	hc.kernel = b->k;
	hc.map = b->map;
	for (uint32_t i = 0; i < 4; i++)
		hc.intx[i] = (struct dmasim_irq){b->ic, VB_LINE + i};
	if (dmasim_pci_host_create(&hc, &b->host))
		return 1;
	b->dma = spy_port(&b->spy, b->k, dmasim_map_port(b->map));
	b->regs = dmasim_map_port(b->map);
	return 0;
}

/** Everything but the device, which goes before. */
static inline void vb_close(struct vbench *b)
{
	dmasim_pci_host_destroy(b->host);
	dmasim_map_destroy(b->map);
	dmasim_irqc_destroy(b->ic);
	dmasim_kernel_destroy(b->k);
}

static inline struct dmasim_irq vb_irq(struct vbench *b)
{
	return (struct dmasim_irq){b->ic, VB_LINE};
}

/* Registers. */

static inline enum dmasim_result vb_bus(struct vbench *b, enum dmasim_op op,
                                        uint64_t addr, uint32_t size,
                                        uint64_t *value)
{
	uint8_t d[16] = {0};
	struct dmasim_txn t = {
	        .op = op,
	        .addr = addr,
	        .offset = addr,
	        .size = size,
	        .data = d,
	        .attr = dmasim_attr_device,
	};
	enum dmasim_result r;

	for (uint32_t i = 0; i < 8; i++)
		d[i] = (uint8_t)(*value >> (8 * i));
	r = dmasim_access(&b->regs, &t);
	*value = 0;
	for (uint32_t i = 0; i < size && i < 8; i++)
		*value |= (uint64_t)d[i] << (8 * i);
	return r;
}

/** For PCI @reg is an offset in the I/O BAR, else in the registers. */
static inline uint64_t vb_reg_addr(struct vbench *b, uint64_t reg)
{
	return b->transport == VB_PCI ? VB_IO + 0x1000 + reg : reg;
}

static inline uint32_t vb_rd(struct vbench *b, uint64_t reg, uint32_t size)
{
	uint64_t v = 0;

	assert_int_equal(vb_bus(b, DMASIM_READ, vb_reg_addr(b, reg), size, &v),
	                 DMASIM_TXN_OK);
	return (uint32_t)v;
}

static inline void vb_wr(struct vbench *b, uint64_t reg, uint32_t size,
                         uint64_t v)
{
	assert_int_equal(vb_bus(b, DMASIM_WRITE, vb_reg_addr(b, reg), size, &v),
	                 DMASIM_TXN_OK);
}

/* RAM. */

static inline void vb_store(struct vbench *b, uint64_t addr, uint64_t v,
                            unsigned size)
{
	uint8_t d[8];

	for (unsigned i = 0; i < 8; i++)
		d[i] = (uint8_t)(v >> (8 * i));
	assert_int_equal(dmasim_map_load(b->map, addr, d, size), DMASIM_OK);
}

static inline uint64_t vb_load(struct vbench *b, uint64_t addr, unsigned size)
{
	uint8_t d[8] = {0};
	uint64_t v = 0;

	assert_int_equal(dmasim_map_peek(b->map, addr, d, size), DMASIM_OK);
	for (unsigned i = 0; i < size; i++)
		v |= (uint64_t)d[i] << (8 * i);
	return v;
}

/* The driver. */

static inline uint8_t vb_status(struct vbench *b)
{
	return (uint8_t)(b->transport == VB_PCI ? vb_rd(b, 0x12, 1)
	                                        : vb_rd(b, 0x70, 4));
}

static inline void vb_set_status(struct vbench *b, uint8_t s)
{
	if (b->transport == VB_PCI)
		vb_wr(b, 0x12, 1, s);
	else
		vb_wr(b, 0x70, 4, s);
}

static inline uint32_t vb_isr(struct vbench *b)
{
	uint32_t isr;

	if (b->transport == VB_PCI)
		return vb_rd(b, 0x13, 1);
	isr = vb_rd(b, 0x60, 4);
	vb_wr(b, 0x64, 4, isr);
	return isr;
}

static inline void vb_kick(struct vbench *b)
{
	if (b->transport == VB_PCI)
		vb_wr(b, 0x10, 2, 0);
	else
		vb_wr(b, 0x50, 4, 0);
}

static inline void vb_set_ring(struct vbench *b, uint64_t base, uint16_t size)
{
	b->size = size;
	b->desc = base;
	b->avail = base + 16ull * size;
	b->used = (b->avail + 6 + 2ull * size + 4095) & ~4095ull;
	b->avail_idx = 0;
	b->used_seen = 0;
	for (uint64_t a = base; a < b->used + 6 + 8ull * size; a += 2)
		vb_store(b, a, 0, 2);
}

static inline void vb_queue_mmio(struct vbench *b)
{
	vb_wr(b, 0x30, 4, 0);
	vb_wr(b, 0x38, 4, b->size);
	if (b->transport == VB_MMIO1) {
		vb_wr(b, 0x3c, 4, 4096);
		vb_wr(b, 0x40, 4, b->desc >> 12);
		return;
	}
	vb_wr(b, 0x80, 4, (uint32_t)b->desc);
	vb_wr(b, 0x84, 4, b->desc >> 32);
	vb_wr(b, 0x90, 4, (uint32_t)b->avail);
	vb_wr(b, 0x94, 4, b->avail >> 32);
	vb_wr(b, 0xa0, 4, (uint32_t)b->used);
	vb_wr(b, 0xa4, 4, b->used >> 32);
	vb_wr(b, 0x44, 4, 1);
}

/** Reset to DRIVER_OK, with the ring at @base. */
static inline void vb_start_at(struct vbench *b, uint64_t base, uint16_t size)
{
	vb_set_ring(b, base, size);
	vb_set_status(b, 0);
	vb_set_status(b, 1);
	vb_set_status(b, 3);
	if (b->transport == VB_PCI) {
		vb_wr(b, 0x04, 4, (uint32_t)b->features);
		vb_wr(b, 0x0e, 2, 0);
		vb_wr(b, 0x08, 4, base >> 12);
		vb_set_status(b, 7);
		return;
	}
	vb_wr(b, 0x24, 4, 0);
	vb_wr(b, 0x20, 4, (uint32_t)b->features);
	if (b->transport == VB_MMIO1) {
		vb_wr(b, 0x28, 4, 4096);
		vb_queue_mmio(b);
		vb_set_status(b, 7);
		return;
	}
	vb_wr(b, 0x24, 4, 1);
	vb_wr(b, 0x20, 4, (b->features >> 32) | 1);
	vb_set_status(b, 11);
	assert_int_equal(vb_status(b), 11);
	vb_queue_mmio(b);
	vb_set_status(b, 15);
}

static inline void vb_start(struct vbench *b, uint16_t size)
{
	vb_start_at(b, VB_RING, size);
}

/** Put the device, created on b->dma, behind a transport. */
static inline void vb_plug(struct vbench *b, enum vb_transport t)
{
	b->transport = t;
	if (t == VB_PCI) {
		uint64_t v = 0x1000;

		b->regs = dmasim_map_port(b->map);
		assert_int_equal(dmasim_virtio_pci_legacy(b->v, b->host, 0),
		                 DMASIM_OK);
		vb_bus(b, DMASIM_WRITE, VB_ECAM + 0x10, 4, &v);
		v = 5;
		vb_bus(b, DMASIM_WRITE, VB_ECAM + 0x04, 2, &v);
		return;
	}
	assert_int_equal(dmasim_virtio_mmio(b->v, t == VB_MMIO1 ? 1 : 2,
	                                    vb_irq(b), &b->regs),
	                 DMASIM_OK);
}

static inline void vb_desc_at(struct vbench *b, uint64_t table, uint16_t i,
                              uint64_t addr, uint32_t len, uint32_t flags_next)
{
	uint64_t a = table + 16ull * i;

	vb_store(b, a, addr, 8);
	vb_store(b, a + 8, len, 4);
	/* flags in the low half, next in the high half */
	vb_store(b, a + 12, flags_next, 4);
}

static inline uint32_t vb_flags(uint32_t flags, uint32_t next)
{
	return flags | next << 16;
}

static inline void vb_desc(struct vbench *b, uint16_t i, uint64_t addr,
                           uint32_t len, uint32_t flags_next)
{
	vb_desc_at(b, b->desc, i, addr, len, flags_next);
}

/** Make @head available, without a kick. */
static inline void vb_post(struct vbench *b, uint16_t head)
{
	vb_store(b, b->avail + 4 + 2ull * (b->avail_idx % b->size), head, 2);
	b->avail_idx++;
	vb_store(b, b->avail + 2, b->avail_idx, 2);
}

static inline void vb_run(struct vbench *b)
{
	assert_int_equal(dmasim_run_idle(b->k, dmasim_now(b->k) + DMASIM_SEC),
	                 DMASIM_OK);
}

static inline uint16_t vb_used_idx(struct vbench *b)
{
	return (uint16_t)vb_load(b, b->used + 2, 2);
}

/** Take one used element. */
static inline bool vb_get(struct vbench *b, uint32_t *id, uint32_t *len)
{
	uint64_t a = b->used + 4 + 8ull * (b->used_seen % b->size);

	if (vb_used_idx(b) == b->used_seen)
		return false;
	*id = (uint32_t)vb_load(b, a, 4);
	*len = (uint32_t)vb_load(b, a + 4, 4);
	b->used_seen++;
	return true;
}

/** The @n-th access that the spy saw has this name and address. */
static inline void vb_expect(struct vbench *b, size_t n, const char *what,
                             uint64_t addr, uint32_t size)
{
	assert_true(n < b->spy.count);
	assert_string_equal(b->spy.log[n].what, what);
	assert_int_equal(b->spy.log[n].addr, addr);
	assert_int_equal(b->spy.log[n].size, size);
	assert_int_equal(b->spy.log[n].stream_id, VB_STREAM);
}

#endif
