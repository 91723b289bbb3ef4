/* SPDX-License-Identifier: MIT */
/*
 * The named table of latencies, in cycles of the memory system's clock. An
 * access costs what its path costs: each look-up, each hop, each snoop that
 * somebody answers, and below the caches what the address map charges.
 */
#ifndef DMASIM_TIMING_INTERNAL_H
#define DMASIM_TIMING_INTERNAL_H

enum {
	/* One cycle at 1 GHz: our choice, for readable numbers. */
	TIMING_PERIOD_PS = 1000,
	/* A hit in L1: our choice, next to gem5's 2 + 2 for a classic L1
	 * (configs/common/Caches.py: tag or data 2, response 2). */
	TIMING_L1 = 3,
	/* A look-up in L2, hit or miss: our choice, next to the 13 cycles
	 * that a Cortex-A53 L1 miss costs when L2 hits (Hennessy and
	 * Patterson, Computer Architecture, 6th edition, 2.6). */
	TIMING_L2 = 12,
	/* A snoop that finds a copy: 2 cycles through the cluster's crossbar
	 * (gem5 src/mem/XBar.py, L2XBar: frontend 1, response 1) and 4 for
	 * the answer (SystemXBar: snoop_response_latency 4). The look-up in
	 * the snooped L1 comes on top. */
	TIMING_SNOOP = 6,
	/* The hop between the caches or a device and memory or MMIO: gem5's
	 * SystemXBar, frontend 3, forward 4, response 2. */
	TIMING_HOP = 9,
};

#endif
