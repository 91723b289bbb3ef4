/* SPDX-License-Identifier: MIT */
/*
 * What happens to lines: for views, lessons and tests that watch a memory
 * system. Nobody who watches can change anything; a memory system without
 * observers spends nothing on it.
 */
#ifndef DMASIM_LINE_H
#define DMASIM_LINE_H

#include "dmasim/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_memsys;

enum dmasim_line_place {
	DMASIM_PLACE_L1,
	DMASIM_PLACE_L2, /**< the private one */
	DMASIM_PLACE_SHARED,
	DMASIM_PLACE_SYSTEM,
	DMASIM_PLACE_MEMORY,
	DMASIM_PLACE_STORE_BUFFER,
};

enum dmasim_line_event_kind {
	/** The line came into this cache. */
	DMASIM_LINE_FILL,
	/** Bytes of it were read or written in this cache, or by a CPU in
	 * its store buffer. */
	DMASIM_LINE_READ,
	DMASIM_LINE_WRITE,
	/** Another cache got a copy. */
	DMASIM_LINE_SHARE,
	/** An instruction of this CPU cleaned the line, wherever it was, or
	 * the memory at this place, for a port without caches. A WRITEBACK of
	 * each dirty copy comes before. */
	DMASIM_LINE_CLEAN,
	/** It left to make room, or because the hardware felt like it. */
	DMASIM_LINE_EVICT,
	/** Maintenance dropped it: for each copy; and where the CPU itself had
	 * none in its L1, once, as for CLEAN, for the instruction. */
	DMASIM_LINE_INVALIDATE,
	/** Another agent's access took it away. */
	DMASIM_LINE_SNOOPED,
	/** Dirty bytes were sent to the next level. */
	DMASIM_LINE_WRITEBACK,
	/** Dirty bytes are about to be dropped. */
	DMASIM_LINE_DISCARD,
	/** An access went to memory past the caches. */
	DMASIM_LINE_PAST_READ,
	DMASIM_LINE_PAST_WRITE,
	/** A coherent port read from this cache or memory, or wrote to memory
	 * after the caches had given the line up. */
	DMASIM_LINE_SNOOP_READ,
	DMASIM_LINE_SNOOP_WRITE,
	/** A barrier of CPU @cpu; no line. */
	DMASIM_LINE_BARRIER,
	DMASIM_LINE_EVENTS,
};

struct dmasim_line_event {
	uint64_t time;  /**< on the clock of whose access it is */
	uint64_t line;  /**< physical address of the line */
	uint32_t agent; /**< whose access caused it; 0: nobody's */
	enum dmasim_line_place place;
	/** Whose cache or store buffer (cached ports follow the CPUs); 0 for
	 * SHARED, SYSTEM and MEMORY. */
	uint32_t cpu;
	enum dmasim_line_event_kind kind;
	char state; /**< 'M', 'O', 'E', 'S', or 'I', after the event */
	/** The copy's bytes, a line of them; NULL: not in a cache. */
	const uint8_t *data;
	/** A bit for each dirty byte, in 64-bit words; NULL with data. */
	const uint64_t *dirty;
	/** The bytes of the line that the access touches. */
	uint32_t offset, size;
	/** READ, WRITE, PAST_*, SNOOP_*: what was read or written, size
	 * bytes. Else NULL. */
	const uint8_t *bytes;
	const struct dmasim_origin *origin; /**< NULL: no access's */
	const struct dmasim_attr *attr;     /**< NULL: no access's */
	/** The access itself, its data before or after; NULL: none. */
	const struct dmasim_txn *txn;
};

/** Everything in the event is valid during the call alone. It may not make
 * accesses. */
typedef void dmasim_line_observer_fn(void *ctx,
                                     const struct dmasim_line_event *e);

/** Called from now on, in the order in which they were added. OK, E_INVAL,
 * E_NOMEM. */
DMASIM_API int dmasim_memsys_observe(struct dmasim_memsys *ms,
                                     dmasim_line_observer_fn *fn, void *ctx);
/** No more. Not during a call of an observer. */
DMASIM_API void dmasim_memsys_unobserve(struct dmasim_memsys *ms,
                                        dmasim_line_observer_fn *fn, void *ctx);
/** Ps of a cycle of the CPUs' clock. */
DMASIM_API uint64_t dmasim_memsys_period(const struct dmasim_memsys *ms);
/** "fill" ... */
DMASIM_API const char *dmasim_line_event_name(enum dmasim_line_event_kind k);
/** "L1" ... */
DMASIM_API const char *dmasim_line_place_name(enum dmasim_line_place p);

#ifdef __cplusplus
}
#endif
#endif
