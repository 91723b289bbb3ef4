/* SPDX-License-Identifier: MIT */
/* The DMA test endpoint on a host bridge, with a spy before memory. */
#ifndef DMASIM_TESTS_TESTDEV_BENCH_H
#define DMASIM_TESTS_TESTDEV_BENCH_H

#include "pci_bench.h"

#define BDF  DMASIM_PCI_BDF(0, 1, 0)
#define REGS MEM32_CPU

enum {
	TRIGGER = 0x00,
	IOVA = 0x04,
	LENGTH = 0x0c,
	RESULT = 0x10,
	DOORBELL = 0x14,
	ATTRS = 0x18,
	PHYS = 0x1c,
	OP = 0x40,
	FLAGS = 0x44,
	STREAM = 0x48,
	SUBSTREAM = 0x4c,
	ATTRIBUTE = 0x50,
	BUS_RESULT = 0x54,
	LATENCY = 0x58,
	DATA = 0x1000,
};

struct td_bench {
	struct bench b;
	struct dmasim_testdev *t;
	/** The last transaction as the DMA port saw it. */
	struct dmasim_txn seen;
	struct dmasim_port memory;
};

static inline enum dmasim_result look(void *obj, struct dmasim_txn *txn)
{
	struct td_bench *tb = obj;

	tb->seen = *txn;
	return tb->memory.access(tb->memory.obj, txn);
}

static inline int setup(void **state)
{
	struct td_bench *tb = calloc(1, sizeof(*tb));
	void *inner = NULL;
	struct dmasim_testdev_config c = {0};

	if (bench_setup(&inner))
		return 1;
	memcpy(&tb->b, inner, sizeof(tb->b));
	free(inner);
	*state = tb;
	tb->memory = dmasim_map_port(tb->b.map);
	c.kernel = tb->b.k;
	c.host = tb->b.host;
	c.bdf = BDF;
	c.dma = spy_port(&tb->b.spy, tb->b.k, (struct dmasim_port){look, tb});
	c.physical = c.dma;
	c.agent = 9;
	if (dmasim_testdev_create(&c, &tb->t))
		return 1;
	wr(&tb->b, cfg_addr(BDF, 0x10), 4, REGS);
	wr(&tb->b, cfg_addr(BDF, 0x04), 2, 6);
	return 0;
}

static inline int teardown(void **state)
{
	struct td_bench *tb = *state;

	dmasim_testdev_destroy(tb->t);
	dmasim_pci_host_destroy(tb->b.host);
	dmasim_map_destroy(tb->b.map);
	dmasim_irqc_destroy(tb->b.ic);
	dmasim_kernel_destroy(tb->b.k);
	free(tb);
	return 0;
}

static inline void set(struct td_bench *tb, unsigned reg, uint64_t v)
{
	wr(&tb->b, REGS + reg, 4, (uint32_t)v);
}

static inline uint32_t get(struct td_bench *tb, unsigned reg)
{
	return (uint32_t)rd(&tb->b, REGS + reg, 4);
}

static inline void arm(struct td_bench *tb, uint32_t op, uint64_t iova,
                       uint32_t len)
{
	set(tb, OP, op);
	set(tb, IOVA, iova);
	set(tb, IOVA + 4, iova >> 32);
	set(tb, LENGTH, len);
	set(tb, DOORBELL, 1);
	assert_int_equal(get(tb, RESULT), 0xfffffffe);
	assert_int_equal(get(tb, DOORBELL), 1);
}

static inline uint32_t run(struct td_bench *tb, uint32_t op, uint64_t iova,
                           uint32_t len)
{
	arm(tb, op, iova, len);
	assert_int_equal(get(tb, TRIGGER), 0);
	return get(tb, RESULT);
}

#endif
