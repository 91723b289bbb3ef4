/* SPDX-License-Identifier: MIT */
/* Cache maintenance, by address and by set and way (Arm ARM D7.5). */
#include "memsys_internal.h"

/*
 * DC IVAC and DC ISW may be performed as a clean and invalidate. It is a
 * choice point when there is something to lose.
 */
static bool invalidate_cleans(struct dmasim_memsys *ms, uint64_t line)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_IVAC_CLEANS,
	        .alternatives = 2,
	        .who = "memsys",
	        .where = line << ms->line_shift,
	};

	return dmasim_choose(ms->choice, &q) == 1;
}

/* Dirty bytes of a line are lost. */
static void discard(struct ms_req *rq, const struct cache *c, uint64_t line,
                    const uint8_t *data, const uint64_t *mask)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct check_who who;

	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_DISCARD, c, line, NULL);
	if (!ms->checker)
		return;
	ms_who(rq, &who);
	check_discard(ms->checker, &who, line << ms->line_shift, data, mask);
}

/* To the point of unification, where instruction fetches and the walkers of
 * the CPUs look: the shared cache, or else memory. */
static void clean_to_unification(struct ms_req *rq, const struct ms_view *v,
                                 uint64_t line)
{
	struct dmasim_memsys *ms = v->ms;
	struct ms_copy copy;

	for (uint32_t i = 0; ms_next(v, line, &i, &copy);)
		ms_charge(ms, rq->txn, ms_push_down(ms, &copy));
}

static bool cleans_only(enum dmasim_op op)
{
	return op == DMASIM_CLEAN || op == DMASIM_CLEAN_POU ||
	       op == DMASIM_CLEAN_POP;
}

/* An observer sees the instruction itself, whatever it found. */
static void tell_instruction(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	enum dmasim_line_event_kind kind = cleans_only(rq->txn->op)
	                                           ? DMASIM_LINE_CLEAN
	                                           : DMASIM_LINE_INVALIDATE;

	if (rq->port->l1)
		ms_tell_cache(ms, kind, rq->port->l1, line, NULL);
	else
		ms_tell_memory(ms, kind, line << ms->line_shift,
		               &(struct ms_bytes){.size = ms->line_size});
}

/* The caches' part of an operation to a line that some of them have. */
static void maintain_caches(struct ms_req *rq, const struct ms_view *v,
                            uint64_t line)
{
	struct dmasim_memsys *ms = v->ms;
	enum dmasim_op op = rq->txn->op;
	uint64_t mask[CACHE_MAX_WORDS];
	struct ms_copy copy;

	ms_find_newest(v, line, &copy);
	if (op == DMASIM_INVALIDATE && ms_gather(v, line, ms->scratch, mask)) {
		if (invalidate_cleans(ms, line))
			op = DMASIM_CLEAN_INVALIDATE;
		else
			discard(rq, copy.cache, line, ms->scratch, mask);
	}
	if (op == DMASIM_CLEAN_POU)
		clean_to_unification(rq, v, line);
	else if (op != DMASIM_INVALIDATE)
		ms_charge(ms, rq->txn, ms_clean_line(v, line));
	if (cleans_only(op))
		ms_note_history(ms, line, copy.cache, CHECK_CLEAN);
	else
		ms_drop_line(v, line, CHECK_INVALIDATE);
}

enum dmasim_result ms_maintain_line(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct ms_view v = ms_view_of(rq);
	struct ms_op *holder;
	struct ms_copy copy;
	bool told, found;

	if (!rq->cleaned) {
		rq->cleaned = true;
		/* Its own copy's end is news enough. */
		told = !cleans_only(rq->txn->op) && rq->port->l1 &&
		       cache_find(rq->port->l1, line) >= 0;
		ms_charge(ms, rq->txn, ms->hop_latency);
		found = ms_find_newest(&v, line, &copy);
		ms_filter_look(rq, line, found);
		if (found) {
			ms_charge(ms, rq->txn, ms->snoop_latency);
			maintain_caches(rq, &v, line);
		}
		if (ms->observer_count && !told)
			tell_instruction(rq, line);
	}
	/* It is complete when memory has the bytes. */
	holder = ms_holder(ms, line, line);
	if (!holder && rq->txn->op == DMASIM_CLEAN_POP && ms->system) {
		ms_system_clean(ms, line, line);
		holder = ms_holder(ms, line, line);
	}
	if (holder)
		return ms_wait(rq, holder);
	rq->cleaned = false;
	return DMASIM_TXN_OK;
}

static uint32_t log2_up(uint32_t v)
{
	uint32_t bits = 0;

	while (bits < 32 && UINT64_C(1) << bits < v)
		bits++;
	return bits;
}

/*
 * DC CSW, ISW, CISW: bits 3:1 of the operand are the level less one; the way
 * is in the highest bits of 32, the set begins at the bit of the line size.
 * A way, set or level that is not there is UNPREDICTABLE: here, nothing.
 */
static bool by_set_way(const struct ms_port *p, uint64_t operand,
                       struct ms_copy *copy)
{
	struct cache *const levels[] = {p->l1, p->l2,
	                                p->domain ? NULL : p->ms->shared};
	uint32_t level = (uint32_t)operand >> 1 & 7, n = 0;
	uint32_t way_bits, way, set;

	copy->cache = NULL;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i] && n++ == level)
			copy->cache = levels[i];
	if (!copy->cache || p->kind != DMASIM_PORT_CACHED)
		return false;
	way_bits = log2_up(copy->cache->ways);
	way = way_bits ? (uint32_t)operand >> (32 - way_bits) : 0;
	set = (uint32_t)((operand & UINT32_MAX) >> p->ms->line_shift) &
	      (uint32_t)((UINT64_C(1) << log2_up(copy->cache->sets)) - 1);
	copy->way = set * copy->cache->ways + way;
	return way < copy->cache->ways && cache_valid(copy->cache, copy->way);
}

enum dmasim_result ms_maintain_set_way(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	enum dmasim_op op = rq->txn->op;
	struct ms_op *holder;
	struct ms_copy copy;
	uint64_t line;

	if (!by_set_way(rq->port, rq->txn->addr, &copy))
		return DMASIM_TXN_OK;
	line = cache_number(copy.cache, copy.way);
	holder = ms_holder(ms, line, line);
	if (holder)
		return ms_wait(rq, holder);
	ms_charge(ms, rq->txn, copy.cache->latency);
	if (op == DMASIM_INVALIDATE_SW &&
	    cache_is_dirty(copy.cache, copy.way)) {
		if (invalidate_cleans(ms, line))
			op = DMASIM_CLEAN_INVALIDATE_SW;
		else
			discard(rq, copy.cache, line,
			        cache_data(copy.cache, copy.way),
			        cache_dirty(copy.cache, copy.way));
	}
	if (op != DMASIM_INVALIDATE_SW)
		ms_charge(ms, rq->txn, ms_push_down(ms, &copy));
	if (op == DMASIM_CLEAN_SW) {
		ms_note(ms, line, copy.cache, CHECK_CLEAN);
	} else {
		cache_drop(copy.cache, copy.way);
		ms_note(ms, line, copy.cache, CHECK_INVALIDATE);
	}
	holder = ms_holder(ms, line, line);
	return holder ? ms_wait(rq, holder) : DMASIM_TXN_OK;
}

static void clean_cache(struct dmasim_memsys *ms, struct cache *c)
{
	const struct ms_view all = ms_view_all(ms);

	for (uint32_t i = 0; i < cache_total(c); i++)
		if (cache_valid(c, i))
			ms_clean_line(&all, cache_number(c, i));
}

static int run_until_done(struct dmasim_memsys *ms)
{
	while (ms->active_first) {
		int status = dmasim_run_one(ms->kernel);

		if (status)
			return status == DMASIM_E_NOTFOUND ? DMASIM_E_HANG
			                                   : status;
	}
	return DMASIM_OK;
}

int dmasim_memsys_flush(struct dmasim_memsys *ms)
{
	int status;

	for (uint32_t i = 0; i < ms->upper_count; i++)
		clean_cache(ms, ms->upper[i]);
	if (ms->shared)
		clean_cache(ms, ms->shared);
	status = run_until_done(ms);
	if (status || !ms->system)
		return status;
	for (uint32_t i = 0; i < cache_total(ms->system); i++)
		if (cache_is_dirty(ms->system, i))
			ms_write_out(ms, &(struct ms_copy){ms->system, i});
	return run_until_done(ms);
}
