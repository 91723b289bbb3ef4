/* SPDX-License-Identifier: MIT */
/* The coherent domain: where copies of a line are, and how they move. */
#include "memsys_internal.h"

#include <string.h>

void ms_note_history(struct dmasim_memsys *ms, uint64_t line,
                     const struct cache *c, enum check_event event)
{
	if (ms->checker)
		check_event(ms->checker, line << ms->line_shift,
		            c->port ? c->port->agent : ms->shared_agent, event);
}

void ms_note(struct dmasim_memsys *ms, uint64_t line, const struct cache *c,
             enum check_event event)
{
	static const enum dmasim_line_event_kind kinds[CHECK_EVENTS] = {
	        [CHECK_FILL] = DMASIM_LINE_FILL,
	        [CHECK_SHARE] = DMASIM_LINE_SHARE,
	        [CHECK_CLEAN] = DMASIM_LINE_CLEAN,
	        [CHECK_INVALIDATE] = DMASIM_LINE_INVALIDATE,
	        [CHECK_SNOOPED] = DMASIM_LINE_SNOOPED,
	};

	/* Observers are told of a first write as of every write. */
	if (ms->observer_count && event != CHECK_DIRTY)
		ms_tell_cache(ms, kinds[event], c, line, NULL);
	ms_note_history(ms, line, c, event);
}

struct ms_view ms_view_of(const struct ms_req *rq)
{
	const struct ms_port *p = rq->port;
	struct ms_view v = {
	        .ms = p->ms,
	        .port = p,
	        .own = true,
	        .maintenance = dmasim_op_is_maintenance(rq->txn->op),
	        .share = rq->attr.share,
	};

	/* The outer cacheability governs the shared cache; maintenance of a
	 * CPU's own reaches it, too. */
	v.shared = p->domain == 0 || v.share == DMASIM_OSH;
	if (!v.maintenance && p->kind == DMASIM_PORT_CACHED)
		v.shared = v.shared && rq->attr.outer != DMASIM_NC;
	return v;
}

struct ms_view ms_view_all(struct dmasim_memsys *ms)
{
	return (struct ms_view){.ms = ms,
	                        .shared = true,
	                        .maintenance = true,
	                        .share = DMASIM_OSH};
}

static bool meets(const struct ms_view *v, const struct cache *c, uint32_t way)
{
	bool inner;

	if (c->port == v->port)
		return v->own;
	inner = v->port && c->port->domain == v->port->domain;
	if (v->maintenance)
		return v->share == DMASIM_OSH ||
		       (v->share == DMASIM_ISH && inner);
	if (v->share == DMASIM_NSH || cache_share(c, way) == DMASIM_NSH)
		return false;
	return inner ||
	       (v->share == DMASIM_OSH && cache_share(c, way) == DMASIM_OSH);
}

bool ms_next(const struct ms_view *v, uint64_t line, uint32_t *i,
             struct ms_copy *copy)
{
	while (*i < v->ms->upper_count) {
		struct cache *c = v->ms->upper[(*i)++];
		int32_t way = cache_find(c, line);

		if (way >= 0 && meets(v, c, (uint32_t)way)) {
			*copy = (struct ms_copy){c, (uint32_t)way};
			return true;
		}
	}
	return false;
}

int32_t ms_shared_way(const struct ms_view *v, uint64_t line)
{
	const struct cache *c = v->ms->shared;
	int32_t way = c && v->shared ? cache_find(c, line) : -1;

	/* Another domain sees what is kept coherent with it. */
	if (way >= 0 && !v->maintenance && v->port && v->port->domain &&
	    cache_share(c, (uint32_t)way) != DMASIM_OSH)
		return -1;
	return way;
}

bool ms_find_upper(const struct ms_view *v, uint64_t line, struct ms_copy *copy)
{
	struct ms_copy next;
	bool found = false;

	for (uint32_t i = 0; ms_next(v, line, &i, &next);) {
		if (found && !cache_is_dirty(next.cache, next.way))
			continue;
		*copy = next;
		found = true;
	}
	return found;
}

bool ms_find_newest(const struct ms_view *v, uint64_t line,
                    struct ms_copy *copy)
{
	int32_t way;

	if (ms_find_upper(v, line, copy))
		return true;
	way = ms_shared_way(v, line);
	if (way < 0)
		return false;
	*copy = (struct ms_copy){v->ms->shared, (uint32_t)way};
	return true;
}

bool ms_gather(const struct ms_view *v, uint64_t line, uint8_t *data,
               uint64_t *mask)
{
	const struct dmasim_memsys *ms = v->ms;
	uint32_t words = (ms->line_size + 63) / 64;
	int32_t way = ms_shared_way(v, line);
	struct ms_copy copy;
	bool any = false;

	memset(mask, 0, words * sizeof(*mask));
	if (!ms_find_newest(v, line, &copy))
		return false;
	memcpy(data, cache_data(copy.cache, copy.way), ms->line_size);
	if (way >= 0)
		memcpy(mask, cache_dirty(ms->shared, (uint32_t)way),
		       words * sizeof(*mask));
	/* Where mappings do not agree, several may be dirty. */
	for (uint32_t i = 0; ms_next(v, line, &i, &copy);) {
		const uint64_t *dirty = cache_dirty(copy.cache, copy.way);
		const uint8_t *bytes = cache_data(copy.cache, copy.way);

		for (uint32_t at = 0; (at = mask_next(dirty, at, ms->line_size,
		                                      true)) < ms->line_size;
		     at++)
			data[at] = bytes[at];
		for (uint32_t w = 0; w < words; w++)
			mask[w] |= dirty[w];
	}
	for (uint32_t w = 0; w < words; w++)
		any |= mask[w] != 0;
	return any;
}

uint64_t ms_clean_line(const struct ms_view *v, uint64_t line)
{
	struct dmasim_memsys *ms = v->ms;
	int32_t way = ms_shared_way(v, line);
	struct ms_copy copy;
	uint64_t cost = 0;

	for (uint32_t i = 0; ms_next(v, line, &i, &copy);) {
		if (!cache_is_dirty(copy.cache, copy.way))
			continue;
		if (way >= 0 && ms_above_shared(ms, &copy))
			ms_merge_shared(ms, &copy, (uint32_t)way);
		else
			cost += ms_write_out(ms, &copy);
	}
	if (way >= 0 && cache_is_dirty(ms->shared, (uint32_t)way))
		cost += ms_write_out(
		        ms, &(struct ms_copy){ms->shared, (uint32_t)way});
	return cost;
}

void ms_drop_upper(const struct ms_view *v, uint64_t line,
                   enum check_event event)
{
	struct ms_copy copy;

	for (uint32_t i = 0; ms_next(v, line, &i, &copy);) {
		copy.cache->stats.snoops++;
		cache_drop(copy.cache, copy.way);
		ms_note(v->ms, line, copy.cache, event);
	}
}

void ms_drop_line(const struct ms_view *v, uint64_t line,
                  enum check_event event)
{
	int32_t way = ms_shared_way(v, line);

	ms_drop_upper(v, line, event);
	if (way >= 0) {
		v->ms->shared->stats.snoops++;
		cache_drop(v->ms->shared, (uint32_t)way);
		ms_note(v->ms, line, v->ms->shared, event);
	}
}

void ms_share_upper(const struct ms_view *v, uint64_t line)
{
	struct ms_copy copy;

	for (uint32_t i = 0; ms_next(v, line, &i, &copy);) {
		enum cache_state before = cache_state(copy.cache, copy.way);

		copy.cache->stats.snoops++;
		if (before == CACHE_SHARED || before == CACHE_OWNED)
			continue;
		cache_set_state(copy.cache, copy.way,
		                before == CACHE_MODIFIED ? CACHE_OWNED
		                                         : CACHE_SHARED);
		ms_note(v->ms, line, copy.cache, CHECK_SHARE);
	}
}
