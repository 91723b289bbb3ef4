/* SPDX-License-Identifier: MIT */
#ifndef DMA_INTERNAL_H
#define DMA_INTERNAL_H

#include "driver_internal.h"

/** Linux's first choice: bus addresses of 32 bits. */
#define DMA_IOVA_MAX 0xffffffffull

/** A range of bus addresses in use. */
struct drv_iova {
	uint64_t base, size;
};

/* In falling order of addresses. */
struct drv_iovas {
	struct drv_iova *used;
	size_t count, cap;
};

/** The highest free @size bytes, a multiple of the page size, that end at or
 * below @max, aligned to @size rounded up to a power of two; a small size is
 * rounded up as well. OK, E_FULL, E_NOMEM. */
int drv_iova_alloc(struct drv_iovas *v, uint64_t size, uint64_t max,
                   uint64_t *iova);
void drv_iova_free(struct drv_iovas *v, uint64_t iova);

/** What is mapped, so that unmap finds the physical address. */
struct dma_mapping {
	uint64_t dma, pa, size;
	uint64_t va; /**< of an allocation; 0: a buffer */
	enum dmasim_dma_dir dir;
};

struct dmasim_dma {
	struct dmasim_dma_config cfg;
	struct dmasim_guest *guest;
	bool coherent; /**< no maintenance, no non-cacheable aliases */
	bool unnoted;  /**< the checker is not told what is mapped */
	struct dma_mapping *maps;
	size_t count, cap;
	struct drv_iovas iovas;
};

/** What a blob holds, until all of it was read. */
struct drv_dma_state {
	struct dma_mapping *maps;
	size_t count, cap;
	struct drv_iovas iovas;
};

/** OK, E_FORMAT, E_NOMEM; then @s holds nothing. */
int drv_dma_parse(const struct dmasim_dma *d, struct dmasim_reader *r,
                  struct drv_dma_state *s);
void drv_dma_drop(struct drv_dma_state *s);
/** Takes what @s holds. */
void drv_dma_commit(struct dmasim_dma *d, const struct drv_dma_state *s);

#endif
