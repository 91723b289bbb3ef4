/* SPDX-License-Identifier: MIT */
/*
 * Random coherent traffic for the memory system's shapes: every access is
 * checked against a flat array, and all promises of the caches after each.
 */
#ifndef DMASIM_TESTS_CACHE_TRAFFIC_H
#define DMASIM_TESTS_CACHE_TRAFFIC_H

#include "rig.h"

#define AREA 2048u

struct traffic {
	struct rig *r;
	const struct dmasim_port *ports[8];
	uint32_t port_count;
	/** Cacheability and shareability of all; hints vary. */
	struct dmasim_attr attr;
	/** Write-through mappings of the same memory, too. */
	bool mixed;
	/** Whose caches the hardware fills: two numbers. */
	uint32_t filled[2];
	uint64_t seed;
	uint8_t model[AREA];
	/** Who has reserved what, by ports. */
	bool reserved[8];
	uint32_t reserved_line[8];
	unsigned exclusives, failed;
};

enum shape {
	L1_SHARED,
	L1_L2_SHARED,
	L1_L2,
	L1_ONLY,
	SHARED_ONLY,
	NONE,
	SHAPES,
};

/** Caches of a few lines. */
struct rig_config shaped(enum shape shape, uint32_t line,
                         enum dmasim_replacement replace);
/** CPUs, the host and, if @device, the coherent device, all write-back. */
void traffic_begin(struct traffic *t, struct rig *r, bool device);
void traffic_add(struct traffic *t, const struct dmasim_port *p);
void traffic_steps(struct traffic *t, uint64_t seed, unsigned count);
/** Memory holds what was written, the checker found nothing; frees the rig. */
void traffic_end(struct traffic *t);

#endif
