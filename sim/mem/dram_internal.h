/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_DRAM_INTERNAL_H
#define DMASIM_DRAM_INTERNAL_H

#include "dmasim/timing.h"
#include "occupancy_internal.h"

/* Slots as long as a burst: some 4 us ahead where that is 4 ns. Our choice. */
#define DRAM_SLOTS 1024u

#define DRAM_ROWS 4u

/** A row that was opened. */
struct dram_row {
	uint64_t row;
	uint64_t at; /**< by the arrival of the access that opened it */
	/** From then on it gives data, and from then on it may be closed. */
	uint64_t open, ready;
};

struct dram_bank {
	struct occupancy busy;
	/** In the order of time; accesses may come from between two. */
	struct dram_row rows[DRAM_ROWS];
	uint32_t row_count;
};

struct dmasim_dram {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_port down;
	struct dmasim_dram_timing t;
	/** Bits of an address. */
	uint32_t burst_shift, channel_shift, channel_bits, bank_bits,
	        column_bits;
	uint32_t bank_count; /**< in all */
	struct dram_bank *banks;
	struct occupancy *buses;
	struct dmasim_dram_stats stats;
};

#endif
