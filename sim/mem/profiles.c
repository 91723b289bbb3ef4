/* SPDX-License-Identifier: MIT */
/* The profiles: numbers alone. Where each is from, docs/timing.md says. */
#include "dmasim/timing.h"

#include <string.h>

#define KIB 1024u
#define MIB (1024u * 1024u)

#define DDR3_1600                                                              \
	.ranks = 1, .banks = 8, .row_bytes = 8 * KIB, .burst_bytes = 64,       \
	.interleave = 64, .burst = 5000, .rcd = 13750, .cl = 13750,            \
	.rp = 13750, .ras = 35000, .wr = 15000, .rfc = 260000,                 \
	.refi = 7800000, .fixed = 20000

#define DDR4_2400                                                              \
	.ranks = 1, .banks = 16, .row_bytes = 8 * KIB, .burst_bytes = 64,      \
	.interleave = 256, .burst = 3332, .rcd = 14160, .cl = 14160,           \
	.rp = 14160, .ras = 32000, .wr = 15000, .rfc = 350000,                 \
	.refi = 7800000, .fixed = 20000

#define DDR4_3200                                                              \
	.ranks = 1, .banks = 16, .row_bytes = 8 * KIB, .burst_bytes = 64,      \
	.interleave = 256, .burst = 2500, .rcd = 13750, .cl = 13750,           \
	.rp = 13750, .ras = 32000, .wr = 15000, .rfc = 350000,                 \
	.refi = 7800000, .fixed = 20000

#define LPDDR3_1600                                                            \
	.ranks = 1, .banks = 8, .row_bytes = 4 * KIB, .burst_bytes = 32,       \
	.interleave = 64, .burst = 5000, .rcd = 18000, .cl = 15000,            \
	.rp = 18000, .ras = 42000, .wr = 15000, .rfc = 130000,                 \
	.refi = 3900000, .fixed = 20000

static const struct dmasim_timing_profile profiles[] = {
        {
                .name = "generic",
                .period = 1000,
                .line_size = 64,
                .l1 = {32 * KIB, 4, 3},
                .shared = {512 * KIB, 8, 12},
                .snoop_cycles = 6,
                .hop_cycles = 9,
                .store_buffer = 8,
                .interconnect = {.period = 1000, .cycles = 0, .bytes = 16},
                .dram = {.channels = 1, DDR4_2400},
        },
        {
                .name = "cortex-a53-like",
                .period = 833,
                .line_size = 64,
                .l1 = {32 * KIB, 4, 3},
                .shared = {512 * KIB, 16, 13},
                .snoop_cycles = 6,
                .hop_cycles = 9,
                .store_buffer = 8,
                .interconnect = {.period = 1876, .cycles = 18, .bytes = 16},
                .dram = {.channels = 1, DDR3_1600},
        },
        {
                .name = "cortex-a72-like",
                .period = 556,
                .line_size = 64,
                .l1 = {32 * KIB, 2, 4},
                .shared = {1 * MIB, 16, 15},
                .snoop_cycles = 10,
                .hop_cycles = 9,
                .store_buffer = 16,
                .interconnect = {.period = 1876, .cycles = 18, .bytes = 16},
                .dram = {.channels = 2, LPDDR3_1600},
        },
        {
                .name = "neoverse-n1-like",
                .period = 400,
                .line_size = 64,
                .l1 = {64 * KIB, 4, 4},
                .l2 = {1 * MIB, 8, 7},
                .system = {32 * MIB, 16, 38},
                .snoop_cycles = 40,
                .filter_entries = 128 * KIB,
                .filter_ways = 16,
                .filter_cycles = 2,
                .hop_cycles = 25,
                .store_buffer = 16,
                .interconnect = {.period = 556, .cycles = 9, .bytes = 32},
                .dram = {.channels = 8, DDR4_3200},
        },
};

#define COUNT (sizeof(profiles) / sizeof(*profiles))

const struct dmasim_timing_profile *dmasim_timing_profile_at(size_t index)
{
	return index < COUNT ? &profiles[index] : NULL;
}

const struct dmasim_timing_profile *dmasim_timing_profile_get(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}
