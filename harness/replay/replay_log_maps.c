/* SPDX-License-Identifier: MIT */
/*
 * What the trace lines of iommu:map and iommu:unmap say about an address: a
 * tree over all addresses that begin or end a mapping keeps, for each range,
 * the last line that covers it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "replay_log_internal.h"

/** An address this far behind a mapping's end counts as past it. */
#define NEAR_BYTES 0x10000u

/** A line or a fault, in time. */
struct moment {
	bool has_time;
	uint64_t time_us;
	unsigned line;
	bool added;
	size_t index;
};

struct history {
	const struct rl *r;
	uint64_t *edges; /**< sorted; range i is [edges[i], edges[i + 1]) */
	size_t edge_count;
	size_t *last; /**< tree: line index + 1 that covers the whole node */
	size_t leaves;
	bool by_time;
};

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/** Edges at or below @addr. */
static size_t edges_below(const struct history *h, uint64_t addr)
{
	size_t low = 0, high = h->edge_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (h->edges[mid] <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int make_edges(struct history *h)
{
	size_t maps = dmasim_log_map_count(h->r->log), n = 0;

	h->edges = calloc(2 * maps, sizeof(*h->edges));
	if (!h->edges)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < maps; i++) {
		const struct dmasim_log_map *m =
		        dmasim_log_map_get(h->r->log, i);

		h->edges[n++] = m->iova;
		h->edges[n++] = m->iova + m->size;
	}
	qsort(h->edges, n, sizeof(*h->edges), compare_u64);
	for (size_t i = 0; i < n; i++)
		if (h->edge_count == 0 ||
		    h->edges[h->edge_count - 1] != h->edges[i])
			h->edges[h->edge_count++] = h->edges[i];
	h->leaves = 1;
	while (h->leaves < h->edge_count)
		h->leaves *= 2;
	h->last = calloc(2 * h->leaves, sizeof(*h->last));
	return h->last ? DMASIM_OK : DMASIM_E_NOMEM;
}

/** Line @index covers the ranges from @from to below @to. Lines come in the
 * order of time, so the larger number is the later one. */
static void cover(struct history *h, size_t from, size_t to, size_t index)
{
	for (from += h->leaves, to += h->leaves; from < to;
	     from /= 2, to /= 2) {
		if (from % 2)
			h->last[from++] = index + 1;
		if (to % 2)
			h->last[--to] = index + 1;
	}
}

/** The last line that covers @addr, in order of @order; NULL: none. */
static const struct dmasim_log_map *
covering(const struct history *h, const struct moment *order, uint64_t addr)
{
	size_t n = edges_below(h, addr), last = 0;

	if (n == 0)
		return NULL;
	for (size_t i = n - 1 + h->leaves; i > 0; i /= 2)
		if (h->last[i] > last)
			last = h->last[i];
	return last ? dmasim_log_map_get(h->r->log, order[last - 1].index)
	            : NULL;
}

/* ---- words ---- */

static void say_range(const struct dmasim_log_map *m, char *buf, size_t size)
{
	snprintf(buf, size, "%s %u (0x%llx bytes at 0x%llx)",
	         m->added ? "line of the trace" : "line", m->line,
	         (unsigned long long)m->size, (unsigned long long)m->iova);
}

static void say_unmapped(const struct history *h, struct rl_record *rec,
                         const struct dmasim_log_map *m)
{
	const struct dmasim_log_record *l = rec->log;
	char range[96], before[48] = "";

	say_range(m, range, sizeof(range));
	if (h->by_time && l->has_time && l->time_us >= m->time_us) {
		uint64_t us = l->time_us - m->time_us;

		snprintf(before, sizeof(before), " %llu.%03llu ms before",
		         (unsigned long long)(us / 1000),
		         (unsigned long long)(us % 1000));
	}
	snprintf(rec->history, sizeof(rec->history), "unmapped%s, by %s",
	         before, range);
}

static void say_mapped(struct rl_record *rec, const struct dmasim_log_map *m)
{
	const uint64_t *w = rec->log->words;
	char range[96];

	say_range(m, range, sizeof(range));
	if (evt_type(w) == EVT_F_PERMISSION)
		snprintf(rec->history, sizeof(rec->history),
		         "mapped by %s, without the right to %s", range,
		         w[1] & EVT1_IND   ? "execute"
		         : w[1] & EVT1_RNW ? "read"
		                           : "write");
	else
		snprintf(rec->history, sizeof(rec->history),
		         "mapped by %s: for another device, or not as the "
		         "SMMU sees it",
		         range);
}

/** Nothing covers @addr: does a mapping that is there end just below? */
static void say_never(const struct history *h, const struct moment *order,
                      struct rl_record *rec)
{
	uint64_t addr = rec->log->words[2];
	size_t n = edges_below(h, addr);
	const struct dmasim_log_map *m = NULL;
	char range[96];

	if (n > 0 && addr - h->edges[n - 1] < NEAR_BYTES && h->edges[n - 1])
		m = covering(h, order, h->edges[n - 1] - 1);
	if (!m || m->unmap) {
		snprintf(rec->history, sizeof(rec->history), "never mapped");
		return;
	}
	say_range(m, range, sizeof(range));
	snprintf(rec->history, sizeof(rec->history),
	         "0x%llx bytes past the end of the mapping of %s",
	         (unsigned long long)(addr - h->edges[n - 1]), range);
}

static void say(const struct history *h, const struct moment *order,
                struct rl_record *rec)
{
	const struct dmasim_log_map *m;

	if (!evt_has_address(evt_type(rec->log->words)) ||
	    rec->log->mask[2] != ~0ull)
		return;
	m = covering(h, order, rec->log->words[2]);
	if (!m)
		say_never(h, order, rec);
	else if (m->unmap)
		say_unmapped(h, rec, m);
	else
		say_mapped(rec, m);
}

/* ---- order ---- */

/** By printk's and the trace's clock where all lines have it, which is the
 * same one; else by line. */
static int compare_times(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static int compare_lines(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	/* Another text without times: what it says counts as before. */
	if (x->added != y->added)
		return x->added ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static bool before(const struct history *h, const struct moment *map,
                   const struct moment *fault)
{
	if (h->by_time)
		return map->time_us <= fault->time_us;
	return map->added || map->line < fault->line;
}

static struct moment *list_maps(struct history *h)
{
	size_t n = dmasim_log_map_count(h->r->log);
	struct moment *list = calloc(n, sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		const struct dmasim_log_map *m =
		        dmasim_log_map_get(h->r->log, i);

		h->by_time &= m->has_time;
		list[i] = (struct moment){m->has_time, m->time_us, m->line,
		                          m->added, i};
	}
	return list;
}

static struct moment *list_faults(struct history *h)
{
	struct moment *list = calloc(h->r->count, sizeof(*list));

	for (size_t i = 0; list && i < h->r->count; i++) {
		const struct dmasim_log_record *l = h->r->records[i].log;

		h->by_time &= l->has_time;
		list[i] = (struct moment){l->has_time, l->time_us, l->line,
		                          false, i};
	}
	return list;
}

static void sweep(struct history *h, struct moment *maps, size_t map_count,
                  struct moment *faults)
{
	int (*compare)(const void *, const void *) =
	        h->by_time ? compare_times : compare_lines;
	size_t next = 0;

	qsort(maps, map_count, sizeof(*maps), compare);
	qsort(faults, h->r->count, sizeof(*faults), compare);
	for (size_t i = 0; i < h->r->count; i++) {
		for (; next < map_count && before(h, &maps[next], &faults[i]);
		     next++) {
			const struct dmasim_log_map *m =
			        dmasim_log_map_get(h->r->log, maps[next].index);

			if (m->size)
				cover(h, edges_below(h, m->iova) - 1,
				      edges_below(h, m->iova + m->size) - 1,
				      next);
		}
		say(h, maps, &h->r->records[faults[i].index]);
	}
}

int rl_history(struct rl *r)
{
	struct history h = {.r = r, .by_time = true};
	size_t map_count = dmasim_log_map_count(r->log);
	struct moment *maps, *faults;
	int status;

	if (map_count == 0)
		return DMASIM_OK;
	maps = list_maps(&h);
	faults = list_faults(&h);
	status = maps && faults ? make_edges(&h) : DMASIM_E_NOMEM;
	if (status == DMASIM_OK)
		sweep(&h, maps, map_count, faults);
	free(maps);
	free(faults);
	free(h.edges);
	free(h.last);
	return status;
}
