/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_MAP_INTERNAL_H
#define DMASIM_MAP_INTERNAL_H

#include "dmasim/mem.h"
#include "sparse_internal.h"

/*
 * RAM: 60 ns to the first byte (our choice, as the header says), then the
 * peak rate of one DDR4-2400 channel, 19.2 GB/s (JEDEC JESD79-4: 2400 MT/s on
 * 64 data lines), which is 52 ps a byte. MMIO: 100 ns (our choice).
 */
#define MAP_RAM_LATENCY  (60 * DMASIM_NS)
#define MAP_RAM_PER_BYTE 52u
#define MAP_MMIO_LATENCY (100 * DMASIM_NS)

/** Longest name of a region, with its NUL. */
#define MAP_NAME_MAX 128

struct map_region {
	uint64_t base;
	uint64_t size;
	char *name;
	bool ram;
	struct dmasim_port port; /**< MMIO only */
};

struct map_regions {
	/** In address order. */
	struct map_region *r;
	size_t len, cap;
};

struct dmasim_map {
	struct dmasim_kernel *kernel;
	uint64_t ram_latency, ram_per_byte, mmio_latency;
	struct map_regions regions;
	/** The region of the last access. */
	size_t last;
	struct sparse ram;
};

/** Copies the name. OK, E_INVAL, E_RANGE, E_OVERLAP, E_NOMEM. */
int map_regions_add(struct map_regions *rs, const struct map_region *region);
void map_regions_free(struct map_regions *rs);

#endif
