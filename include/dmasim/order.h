/* SPDX-License-Identifier: MIT */
/*
 * Order: barriers, ordered accesses, and the place of an access in the
 * program of the agent that made it (Arm ARM B2.3).
 */
#ifndef DMASIM_ORDER_H
#define DMASIM_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum dmasim_barrier {
	DMASIM_DMB_LD,
	DMASIM_DMB_ST,
	DMASIM_DMB,
	DMASIM_DSB_LD,
	DMASIM_DSB_ST,
	DMASIM_DSB,
};

static inline bool dmasim_barrier_is_dsb(enum dmasim_barrier b)
{
	return b >= DMASIM_DSB_LD;
}

enum dmasim_order {
	DMASIM_ORDER_PLAIN,
	DMASIM_ORDER_ACQUIRE, /**< LDAR, LDAXR, LDADDA: RCsc */
	DMASIM_ORDER_RELEASE, /**< STLR, STLXR, LDADDL */
	DMASIM_ORDER_ACQ_REL, /**< atomics alone: LDADDAL */
	/** LDAPR: as ACQUIRE, but it may go before an older STLR to another
	 * location (RCpc). */
	DMASIM_ORDER_ACQUIRE_PC,
};

static inline bool dmasim_order_acquires(enum dmasim_order o)
{
	return o == DMASIM_ORDER_ACQUIRE || o == DMASIM_ORDER_ACQ_REL ||
	       o == DMASIM_ORDER_ACQUIRE_PC;
}

static inline bool dmasim_order_releases(enum dmasim_order o)
{
	return o == DMASIM_ORDER_RELEASE || o == DMASIM_ORDER_ACQ_REL;
}

/**
 * Where an access stands in its initiator's program, and which of the older
 * ones are ordered before it. Filled by CPUs when the access is made, so that
 * a store that leaves the store buffer late carries its own place.
 *
 * Barriers and maintenance have numbers of their own. Barriers of the domain
 * NSH order nothing here: they say nothing to another agent.
 */
struct dmasim_program_order {
	/** From 1. 0: the accesses of this initiator happen in the order in
	 * which they arrive (devices). The pieces into which a CPU cuts one
	 * access have one number each. */
	uint64_t number;
	/** Own loads up to this number are ordered before this access: by DMB
	 * LD, DMB, DSB, by being a release, by a dependency that was stated,
	 * or because that load acquires (which is then taken to hold for the
	 * loads before it, too: it errs to the side of order). */
	uint64_t loads;
	/** Own stores up to this number are ordered before this access: by
	 * DMB ST (before a store), DMB, DSB, or by being a release. Of an
	 * atomic: before its store. */
	uint64_t stores;
	/** A full DSB completed the own accesses and maintenance up to this
	 * number before this access was made. */
	uint64_t complete;
	/** A dependency of which only the program text knows may order it as
	 * well (plain accesses from C). */
	bool maybe;
};

#ifdef __cplusplus
}
#endif
#endif
