/* SPDX-License-Identifier: MIT */
/*
 * Choice points: everything that the architecture leaves open is answered by
 * one object per machine: fixed defaults, a seeded generator, a recorded
 * schedule, or a caller's function. Nothing else in dmasim is random.
 */
#ifndef DMASIM_CHOICE_H
#define DMASIM_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/state.h"
#include "dmasim/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dmasim_choice_point {
	/** Which way of a full set is replaced. Default: least recently used
	 * (the asker passes it). */
	DMASIM_CHOICE_VICTIM_WAY,
	/** Drain the oldest store of a store buffer now (1) or later (0). */
	DMASIM_CHOICE_STORE_DRAIN,
	/** A non-cacheable access that hits a cache: 0 miss past it, 1 use the
	 * line, 2 clean the line and miss past it. */
	DMASIM_CHOICE_NC_HIT,
	/** DC IVAC of a dirty line by an agent without stage 2: 0 discard,
	 * 1 clean and invalidate. */
	DMASIM_CHOICE_IVAC_CLEANS,
	/** Evict a line now although there is room (1) or not (0). */
	DMASIM_CHOICE_SPONTANEOUS_EVICT,
	/** Which requester an arbiter serves first. */
	DMASIM_CHOICE_ARBITER,
	/** Device: serve a kick now (0) or n microseconds later. */
	DMASIM_CHOICE_DEVICE_DELAY,
	/** SMMU: what an L1STD's caching does to a lazily filled table. */
	DMASIM_CHOICE_L1STD_CACHE,
	/** SMMU: an event like the newest one, where it may be merged: make
	 * a record of its own (0) or none (1). */
	DMASIM_CHOICE_EVENT_MERGE,
	/** Fill a line that is not cached, through a cacheable mapping that
	 * some agent has used: 0 none, n the n-th of those there are. */
	DMASIM_CHOICE_SPECULATIVE_FILL,
	/** After a miss, fill the next line, too (1) or not (0). */
	DMASIM_CHOICE_PREFETCH,
	/** Write a dirty line back and keep it: 0 none, n the n-th. */
	DMASIM_CHOICE_CLEAN_EARLY,
	/** A destructive read (IHI 0070, 3.22): 0 is a read, 1 also discards
	 * the line, dirty or not. */
	DMASIM_CHOICE_DESTRUCTIVE_READ,
	/** CPU: which of the stores in its buffer that may leave does: 0 the
	 * oldest, n the n-th after it. */
	DMASIM_CHOICE_STORE_ORDER,
	/** CPU: a store that may be gathered with the one before it is (1) or
	 * goes by itself (0). */
	DMASIM_CHOICE_GATHER,
	/** CPU: maintenance by address is performed at once (0), or at the
	 * latest by what is ordered behind it (1). */
	DMASIM_CHOICE_MAINTENANCE_DELAY,
	/** CPU that may load early (dmasim/cpu.h): 0 nothing, n the n-th of
	 * the lines that it used last is read ahead. */
	DMASIM_CHOICE_EARLY_LOAD,
	/** CPU: an access to a page whose mapping has changed uses what is
	 * there now (0), or the entry of its TLB that was not invalidated
	 * (1). */
	DMASIM_CHOICE_TLB_STALE,
	DMASIM_CHOICE_POINTS,
};

struct dmasim_choice_query {
	enum dmasim_choice_point point;
	/** Answers are 0 .. alternatives - 1; at least 1. */
	uint32_t alternatives;
	uint32_t preferred;
	/** Who asks: a constant name and a number (CPU, port, line address). */
	const char *who;
	uint64_t where;
};

struct dmasim_choice;

typedef uint32_t dmasim_choice_fn(void *ctx,
                                  const struct dmasim_choice_query *q);

enum dmasim_choice_mode {
	/** The preferred alternative, always. */
	DMASIM_CHOICE_DEFAULTS,
	DMASIM_CHOICE_SEED,
	DMASIM_CHOICE_SCHEDULE,
	DMASIM_CHOICE_CALLBACK,
};

struct dmasim_choice_config {
	enum dmasim_choice_mode mode;
	uint64_t seed;
	/** SCHEDULE: the answers in order; defaults after its end. Borrowed. */
	const uint32_t *schedule;
	size_t schedule_len;
	dmasim_choice_fn *fn;
	void *fn_ctx;
};

/** @cfg NULL: DEFAULTS. OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_choice_create(const struct dmasim_choice_config *cfg,
                                    struct dmasim_choice **out);
DMASIM_API void dmasim_choice_destroy(struct dmasim_choice *c);
/** Every answer is the preferred one, and nothing is recorded: NULL, and mode
 * DEFAULTS. Then there is no need to ask. */
DMASIM_API bool dmasim_choice_fixed(const struct dmasim_choice *c);
/** @c NULL: the preferred one. The result is always < alternatives (an
 * answer beyond them becomes the last one). */
DMASIM_API uint32_t dmasim_choose(struct dmasim_choice *c,
                                  const struct dmasim_choice_query *q);
/** Every answer given so far to a query of more than one alternative, for
 * replaying as a schedule. Empty with DEFAULTS (an empty schedule replays
 * those), and NULL if memory for it ran out. */
DMASIM_API const uint32_t *dmasim_choice_record(const struct dmasim_choice *c,
                                                size_t *len);
DMASIM_API const char *dmasim_choice_name(enum dmasim_choice_point p);
/** OK, E_NOMEM (the record was lost). */
DMASIM_API int dmasim_choice_save(const struct dmasim_choice *c,
                                  struct dmasim_writer *w);
/** Into an object of the same mode. OK, E_FORMAT, E_NOMEM; after an error it
 * is as it was. */
DMASIM_API int dmasim_choice_restore(struct dmasim_choice *c,
                                     struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
