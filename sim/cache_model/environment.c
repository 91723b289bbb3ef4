/* SPDX-License-Identifier: MIT */
/*
 * What the hardware does unasked, by choice points.
 *
 * At each miss it is asked whether one line is evicted, in turn, and whether
 * the next line is fetched, too. Where the configuration says so, it is also
 * asked before every n-th access of a CPU: about a fill of each line that has
 * been used before, and an eviction and a clean of each copy of one. With 1
 * an explorer reaches every state of the caches at every access.
 */
#include "memsys_internal.h"

/** Copies of the lines in reach that are asked about at once. */
#define CANDIDATES 32u
/** Prefetchers do not cross a page: they know physical addresses alone. */
#define PAGE_SHIFT 12

int ms_prefetch(struct ms_port *p, uint64_t line,
                const struct dmasim_attr *attr)
{
	struct dmasim_memsys *ms = p->ms;
	struct dmasim_txn txn = {
	        .cause = DMASIM_CAUSE_FILL,
	        .initiator = p->agent,
	        .addr = line << ms->line_shift,
	        .size = ms->line_size,
	        .attr = *attr,
	        .origin = {.what = "speculative fill"},
	};
	struct ms_req rq = {.port = p,
	                    .txn = &txn,
	                    .path = MS_CACHED,
	                    .attr = *attr,
	                    .fill = true};

	switch (ms_run(&rq)) {
	case DMASIM_TXN_OK:
	case DMASIM_TXN_PENDING:
		return DMASIM_OK;
	default:
		return DMASIM_E_NOTFOUND;
	}
}

static bool has_line(const struct ms_port *p, uint64_t line)
{
	return cache_find(p->l1, line) >= 0 ||
	       (p->l2 && cache_find(p->l2, line) >= 0);
}

/* An implementation may evict a line at any time. One that did nothing else
 * would never be asked: so it is asked about one line at each miss, in turn. */
static void spontaneous_evict(struct dmasim_memsys *ms, struct cache *c)
{
	uint32_t way = ms->evict_cursor % cache_total(c);
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_SPONTANEOUS_EVICT,
	        .alternatives = 2,
	        .who = "memsys",
	};

	ms->evict_cursor++;
	if (!cache_valid(c, way) || way == c->recent)
		return;
	q.where = cache_number(c, way) << ms->line_shift;
	if (dmasim_choose(ms->choice, &q) == 1)
		ms_evict(ms, &(struct ms_copy){c, way});
}

static void next_line(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t here = line << ms->line_shift, next = here + ms->line_size;
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_PREFETCH,
	        .alternatives = 2,
	        .who = "memsys",
	        .where = next,
	};

	if (next >> PAGE_SHIFT != here >> PAGE_SHIFT ||
	    !dmasim_map_is_ram(ms->map, next, ms->line_size) ||
	    has_line(rq->port, line + 1))
		return;
	if (dmasim_choose(ms->choice, &q) == 1)
		ms_prefetch(rq->port, line + 1, &rq->attr);
}

void ms_after_miss(struct ms_req *rq, struct cache *c, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;

	if (!ms->ask_every)
		spontaneous_evict(ms, c);
	if (rq->txn->op == DMASIM_READ && c == rq->port->l1)
		next_line(rq, line);
}

/* Remember that @p has a cacheable mapping of @line. */
static void remember(struct ms_port *p, uint64_t line,
                     const struct dmasim_attr *attr)
{
	struct dmasim_memsys *ms = p->ms;

	for (uint32_t i = 0; i < MS_REACH; i++)
		if (ms->reach[i].port == p->cached_index + 1 &&
		    ms->reach[i].line == line)
			return;
	ms->reach[ms->reach_next++ % MS_REACH] = (struct ms_reach){
	        .port = p->cached_index + 1, .line = line, .attr = *attr};
}

static uint32_t ask(struct dmasim_memsys *ms, enum dmasim_choice_point point,
                    uint32_t candidates, uint64_t addr)
{
	const struct dmasim_choice_query q = {
	        .point = point,
	        .alternatives = candidates + 1,
	        .who = "memsys",
	        .where = addr,
	};

	return candidates ? dmasim_choose(ms->choice, &q) : 0;
}

static void ask_fill(struct dmasim_memsys *ms, uint64_t addr)
{
	const struct ms_reach *candidate[MS_REACH];
	uint32_t n = 0, answer;

	for (uint32_t i = 0; i < MS_REACH; i++) {
		const struct ms_reach *reach = &ms->reach[i];
		const struct ms_port *p =
		        reach->port ? ms_cached_port(ms, reach->port - 1)
		                    : NULL;

		if (p && !has_line(p, reach->line))
			candidate[n++] = reach;
	}
	answer = ask(ms, DMASIM_CHOICE_SPECULATIVE_FILL, n, addr);
	if (answer)
		ms_prefetch(ms_cached_port(ms, candidate[answer - 1]->port - 1),
		            candidate[answer - 1]->line,
		            &candidate[answer - 1]->attr);
}

static bool first_of_line(const struct dmasim_memsys *ms, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (ms->reach[j].port && ms->reach[j].line == ms->reach[i].line)
			return false;
	return ms->reach[i].port != 0;
}

/* The copies of lines in reach, private ones first. */
static uint32_t copies(struct dmasim_memsys *ms, bool dirty,
                       struct ms_copy *list)
{
	const struct ms_view all = ms_view_all(ms);
	uint32_t n = 0;

	for (uint32_t i = 0; i < MS_REACH; i++) {
		uint64_t line = ms->reach[i].line;
		int32_t way;

		if (!first_of_line(ms, i))
			continue;
		for (uint32_t at = 0;
		     n < CANDIDATES && ms_next(&all, line, &at, &list[n]);)
			n += !dirty ||
			     cache_is_dirty(list[n].cache, list[n].way);
		way = ms_shared_way(&all, line);
		if (way < 0 || n == CANDIDATES)
			continue;
		list[n] = (struct ms_copy){ms->shared, (uint32_t)way};
		n += !dirty || cache_is_dirty(ms->shared, (uint32_t)way);
	}
	return n;
}

static void ask_all(struct dmasim_memsys *ms, uint64_t addr)
{
	struct ms_copy list[CANDIDATES];
	uint32_t answer;

	ask_fill(ms, addr);
	answer = ask(ms, DMASIM_CHOICE_SPONTANEOUS_EVICT,
	             copies(ms, false, list), addr);
	if (answer)
		ms_evict(ms, &list[answer - 1]);
	answer = ask(ms, DMASIM_CHOICE_CLEAN_EARLY, copies(ms, true, list),
	             addr);
	if (answer)
		ms_push_down(ms, &list[answer - 1]);
}

void ms_environment(struct ms_port *p, const struct dmasim_txn *txn)
{
	struct dmasim_memsys *ms = p->ms;

	if (txn->flags & DMASIM_TXN_DEBUG || txn->op == DMASIM_BARRIER ||
	    dmasim_op_is_set_way(txn->op) || !txn->size)
		return;
	if (!--ms->until_asked) {
		ms->until_asked = ms->ask_every;
		ask_all(ms, txn->addr);
	}
	if (p->l1 && txn->attr.type == DMASIM_NORMAL &&
	    txn->attr.inner != DMASIM_NC &&
	    dmasim_map_is_ram(ms->map, txn->addr, txn->size))
		remember(p, ms_line(ms, txn->addr), &txn->attr);
}
