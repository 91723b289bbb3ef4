/* SPDX-License-Identifier: MIT */
/*
 * An SMMU with its tables. Streams 0 .. streams-1 have a CD and an ASID each
 * and share one stage 1: consecutive 4 KiB pages from SMMU_RIG_IOVA, four
 * levels. Nested, stage 2 maps the guest's tables and pages in four levels as
 * well, so that a cold translation reads 24 descriptors.
 */
#ifndef DMASIM_BENCH_SMMU_RIG_H
#define DMASIM_BENCH_SMMU_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "bench.h"
#include "dmasim/cache.h"
#include "dmasim/smmu_tables.h"
#include "dmasim/smmuv3.h"

#define SMMU_RIG_IOVA   (4ull << 39)
#define SMMU_RIG_OFFSET 0x80u

enum smmu_rig_order {
	SMMU_RIG_SEQUENTIAL,
	SMMU_RIG_SHUFFLED, /* Fisher-Yates, xorshift64, BENCH_SEED */
};

struct smmu_rig_options {
	uint32_t pages;   /**< mapped; a power of two. 0: 65,536 */
	uint32_t used;    /**< pages used, a power of two. 0: all */
	uint32_t streams; /**< a power of two. 0: 1 */
	enum smmu_rig_order order;
	/** Entries; 0: the model's own choice. */
	uint32_t tlb, config;
	/** TLB and walk cache are off; configuration stays cached. */
	bool cold;
	bool nested;
	/** The SMMU's own accesses go through the memory system as a coherent
	 * agent's, with time; else to RAM, without. */
	bool timed;
};

struct smmu_rig {
	struct smmu_rig_options o;
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_memsys *memsys;
	struct dmasim_smmu *smmu;
	struct dmasim_port regs, port, ram;
	struct baseline_map *baseline;
	/** The pages used, in the order of the accesses. */
	uint32_t *order;
	uint64_t at; /**< the next of them */
	uint32_t cmdq_prod;
};

void smmu_rig_open(struct smmu_rig *r, const struct smmu_rig_options *o);
void smmu_rig_close(struct smmu_rig *r);

/** A read of 8 bytes of page @page by stream @sid. False: it is refused. */
bool smmu_rig_access(struct smmu_rig *r, uint32_t sid, uint32_t page);
/** bench_fn of a struct smmu_rig: translations in order, streams round
 * robin, and the same of the flat hash map. */
void smmu_rig_run(void *ctx, uint64_t n);
void smmu_rig_run_baseline(void *ctx, uint64_t n);
/** What the flat map has for the page of a stream. */
uint64_t smmu_rig_key(uint32_t sid, uint32_t page);
void smmu_rig_fill_baseline(struct smmu_rig *r);

/** Put a command at the end of the queue; smmu_rig_go() lets the SMMU see it
 * and waits until it was consumed. */
void smmu_rig_command(struct smmu_rig *r, uint64_t word0, uint64_t word1);
void smmu_rig_go(struct smmu_rig *r);

#endif
