/* SPDX-License-Identifier: MIT */
/* A host bridge over a map with some RAM, and accessors for its ECAM. */
#ifndef DMASIM_TESTS_PCI_BENCH_H
#define DMASIM_TESTS_PCI_BENCH_H

#include "check.h"

#include <stdlib.h>

#include "dmasim/pci.h"
#include "spy.h"

#define ECAM      0x4010000000ull
#define IO_CPU    0x3eff0000ull
#define MEM32_CPU 0x10000000ull
#define MEM64_CPU 0x8000000000ull
#define RAM       0x40000000ull
#define RAM_SIZE  0x100000ull

struct bench {
	struct dmasim_kernel *k;
	struct dmasim_irqc *ic;
	struct dmasim_map *map;
	struct dmasim_port port;
	struct dmasim_pci_host *host;
	struct spy spy;
};

static inline struct dmasim_pci_host_config host_config(struct bench *b)
{
	struct dmasim_pci_host_config c = {
	        .kernel = b->k,
	        .name = "pcie",
	        .map = b->map,
	        .ecam_base = ECAM,
	        .ecam_size = 0x200000,
	        .io = {IO_CPU, 0, 0x10000},
	        .mem32 = {MEM32_CPU, MEM32_CPU, 0x10000000},
	        /* Bus addresses differ from those of the CPU. */
	        .mem64 = {MEM64_CPU, 0x1000000000ull, 0x100000000ull},
	};

	for (uint32_t i = 0; i < 4; i++)
		c.intx[i] = (struct dmasim_irq){b->ic, 3 + i};
	return c;
}

static inline int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct dmasim_map_config mc = {0};
	struct dmasim_pci_host_config hc;

	*state = b;
	if (dmasim_kernel_create(NULL, &b->k) ||
	    dmasim_irqc_create(b->k, "gic", &b->ic))
		return 1;
	mc.kernel = b->k;
	if (dmasim_map_create(&mc, &b->map) ||
	    dmasim_map_add_ram(b->map, "ram", RAM, RAM_SIZE))
		return 1;
	b->port = dmasim_map_port(b->map);
	hc = host_config(b);
	return dmasim_pci_host_create(&hc, &b->host);
}

static inline int bench_teardown(void **state)
{
	struct bench *b = *state;

	dmasim_pci_host_destroy(b->host);
	dmasim_map_destroy(b->map);
	dmasim_irqc_destroy(b->ic);
	dmasim_kernel_destroy(b->k);
	free(b);
	return 0;
}

static inline enum dmasim_result bus(struct bench *b, enum dmasim_op op,
                                     uint64_t addr, uint32_t size,
                                     uint64_t *value)
{
	uint8_t d[16] = {0};
	struct dmasim_txn t = {
	        .op = op,
	        .addr = addr,
	        .size = size,
	        .attr = dmasim_attr_device,
	        .data = d,
	};
	enum dmasim_result r;

	for (uint32_t i = 0; i < 8; i++)
		d[i] = (uint8_t)(*value >> (8 * i));
	r = dmasim_access(&b->port, &t);
	*value = 0;
	for (uint32_t i = 0; i < size && i < 8; i++)
		*value |= (uint64_t)d[i] << (8 * i);
	return r;
}

static inline uint64_t rd(struct bench *b, uint64_t addr, uint32_t size)
{
	uint64_t v = 0;

	assert_int_equal(bus(b, DMASIM_READ, addr, size, &v), DMASIM_TXN_OK);
	return v;
}

static inline void wr(struct bench *b, uint64_t addr, uint32_t size, uint64_t v)
{
	assert_int_equal(bus(b, DMASIM_WRITE, addr, size, &v), DMASIM_TXN_OK);
}

/** What answers at @addr: OK, DECODE ... */
static inline enum dmasim_result probe(struct bench *b, uint64_t addr,
                                       uint32_t size)
{
	uint64_t v = 0;

	return bus(b, DMASIM_READ, addr, size, &v);
}

static inline uint64_t cfg_addr(uint16_t bdf, unsigned reg)
{
	return ECAM + ((uint64_t)bdf << 12) + reg;
}

#endif
