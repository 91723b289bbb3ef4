/* SPDX-License-Identifier: MIT */
/* A DMA API for the test endpoint, and the endpoint as the device. */
#ifndef DMASIM_TESTS_DRIVER_DMA_RIG_H
#define DMASIM_TESTS_DRIVER_DMA_RIG_H

#include "dma_internal.h"
#include "rig.h"

#define STREAM BOARD_TESTDEV
#define RAM1   0x880000000ull

/* The endpoint's port by itself, without an SMMU before it. */
#define NO_IOMMU                                                               \
	{                                                                      \
		"iommu-map = <0x0 &smmu 0x0 0x10000>;", ""                     \
	}
#define NONCOHERENT_PORT                                                       \
	{                                                                      \
		"/* testdev */", "dmasim,port = \"non-coherent\";"             \
	}

struct dma_rig {
	struct rig r;
	struct dmasim_dma *d;
};

static inline void open_dma(struct dma_rig *t, const struct rig_options *o,
                            struct dmasim_dma_config cfg)
{
	rig_open(&t->r, o);
	cfg.guest = t->r.g;
	cfg.stream_id = STREAM;
	if (cfg.mode == DMASIM_DMA_IOMMU) {
		cfg.smmu = t->r.smmu;
		assert_int_equal(dmasim_smmu_drv_attach(t->r.smmu, STREAM,
		                                        DMASIM_DOMAIN_DMA),
		                 DMASIM_OK);
	}
	assert_int_equal(dmasim_dma_create(&cfg, &t->d), DMASIM_OK);
}

static inline void close_dma(struct dma_rig *t)
{
	dmasim_dma_destroy(t->d);
	rig_close(&t->r);
}

static inline uint64_t page(struct dma_rig *t)
{
	uint64_t pa;

	assert_int_equal(dmasim_guest_alloc(t->r.g, RIG_PAGE, RIG_PAGE, &pa),
	                 DMASIM_OK);
	return pa;
}

static inline void cpu_put(struct dma_rig *t, uint64_t va, uint64_t value)
{
	assert_int_equal(dmasim_cpu_store(t->r.cpu, va, 8, value), DMASIM_OK);
}

static inline uint64_t cpu_get(struct dma_rig *t, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(t->r.cpu, va, 8, &v), DMASIM_OK);
	return v;
}

static inline uint64_t in_ram(struct dma_rig *t, uint64_t pa)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_map_peek(dmasim_machine_map(t->r.m), pa, &v, 8),
	                 DMASIM_OK);
	return v;
}

static inline void device_put(struct dma_rig *t, uint64_t dma, uint64_t value)
{
	assert_int_equal(rig_dma(&t->r, DMASIM_WRITE, dma, &value, 8),
	                 DMASIM_TXN_OK);
}

static inline uint64_t device_get(struct dma_rig *t, uint64_t dma)
{
	uint64_t v = 0;

	assert_int_equal(rig_dma(&t->r, DMASIM_READ, dma, &v, 8),
	                 DMASIM_TXN_OK);
	return v;
}

#endif
