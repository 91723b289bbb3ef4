/* SPDX-License-Identifier: MIT */
/*
 * A snoop filter: a directory of the lines that private caches may hold. A
 * line that is not in it need not be looked for. Caches do not tell it of
 * evictions, so it may name lines that nobody has any more; each line that
 * somebody has is in it. When a set of it is full, the line that goes is taken
 * from all private caches: back-invalidation.
 */
#ifndef DMASIM_SNOOP_FILTER_INTERNAL_H
#define DMASIM_SNOOP_FILTER_INTERNAL_H

#include "dmasim/cache.h"

struct ms_filter {
	uint32_t sets, ways;
	uint64_t latency;
	uint64_t clock;
	/** Line + 1; 0: free. */
	uint64_t *tag;
	uint64_t *stamp;
	struct dmasim_snoop_filter_stats stats;
};

/** OK, E_INVAL, E_NOMEM. */
int filter_create(const struct dmasim_snoop_filter_config *cfg, uint64_t period,
                  struct ms_filter **out);
void filter_destroy(struct ms_filter *f);
/** Whether somebody may have the line. Counts as a look-up. */
bool filter_look(struct ms_filter *f, uint64_t line);
/** A cache has the line. The line that had to make room, + 1; 0: none. */
uint64_t filter_add(struct ms_filter *f, uint64_t line);
bool filter_has(const struct ms_filter *f, uint64_t line);
void filter_save(const struct ms_filter *f, struct dmasim_writer *w);
/** Into one of the same shape that is empty. */
void filter_restore(struct ms_filter *f, struct dmasim_reader *r);

#endif
