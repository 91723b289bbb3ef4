/* SPDX-License-Identifier: MIT */
/* From a cache to the next level: write-backs, victims, room for a line. */
#include "memsys_internal.h"

#include <string.h>

static void tell_writeback(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_WRITEBACK, copy->cache,
		              cache_number(copy->cache, copy->way), NULL);
}

static void cleaned(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	copy->cache->stats.writebacks++;
	cache_make_clean(copy->cache, copy->way);
	tell_writeback(ms, copy);
}

uint64_t ms_write_out(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	uint64_t latency = ms_writeback(ms, copy);

	cleaned(ms, copy);
	return latency;
}

void ms_merge_shared(struct dmasim_memsys *ms, const struct ms_copy *copy,
                     uint32_t way)
{
	cache_merge(ms->shared, way, cache_data(copy->cache, copy->way),
	            cache_dirty(copy->cache, copy->way));
	ms->shared->stats.writes++;
	cleaned(ms, copy);
}

bool ms_above_shared(const struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	return ms->shared && copy->cache->port &&
	       copy->cache->port->domain == 0 &&
	       cache_outer(copy->cache, copy->way) != DMASIM_NC;
}

void ms_hide_shared(struct dmasim_memsys *ms, uint32_t way,
                    const uint64_t *newer)
{
	uint64_t *mask = cache_dirty(ms->shared, way), any = 0;

	for (uint32_t w = 0; w < ms->shared->words; w++) {
		mask[w] &= ~newer[w];
		any |= mask[w];
	}
	if (!any)
		cache_make_clean(ms->shared, way);
}

static void hide_older(struct dmasim_memsys *ms, uint64_t line, uint32_t way)
{
	const struct ms_view all = ms_view_all(ms);
	struct ms_copy copy;

	for (uint32_t i = 0; ms_next(&all, line, &i, &copy);)
		if (ms_above_shared(ms, &copy))
			ms_hide_shared(ms, way,
			               cache_dirty(copy.cache, copy.way));
}

/* A private line's dirty bytes go to the shared cache, which need not have
 * the line. */
static uint64_t push_to_shared(struct dmasim_memsys *ms,
                               const struct ms_copy *copy)
{
	uint64_t line = cache_number(copy->cache, copy->way);
	int32_t found = cache_find(ms->shared, line);
	bool through = cache_outer(copy->cache, copy->way) == DMASIM_WT;
	uint32_t way = (uint32_t)found;

	if (found < 0 && through)
		return ms_write_out(ms, copy);
	if (found < 0) {
		way = ms_take_way(ms, ms->shared, line, true);
		ms->shared->stats.write_misses++;
		memcpy(cache_data(ms->shared, way),
		       cache_data(copy->cache, copy->way), ms->line_size);
		cache_set_attr(ms->shared, way,
		               cache_share(copy->cache, copy->way),
		               cache_outer(copy->cache, copy->way));
		if (ms->observer_count)
			ms_tell_cache(ms, DMASIM_LINE_FILL, ms->shared, line,
			              NULL);
	}
	cache_touch(ms->shared, way);
	ms_merge_shared(ms, copy, way);
	/* Outer write-through: no dirty bytes stay there. */
	return through ? ms_write_out(ms, &(struct ms_copy){ms->shared, way})
	               : 0;
}

uint64_t ms_push_down(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	if (copy->cache == ms->shared && cache_is_dirty(ms->shared, copy->way))
		hide_older(ms, cache_number(ms->shared, copy->way), copy->way);
	if (!cache_is_dirty(copy->cache, copy->way))
		return 0;
	if (ms_above_shared(ms, copy))
		return push_to_shared(ms, copy);
	return ms_write_out(ms, copy);
}

static void tell_evict(struct dmasim_memsys *ms, const struct cache *c,
                       uint64_t line)
{
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_EVICT, c, line, NULL);
}

void ms_evict(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	uint64_t line = cache_number(copy->cache, copy->way);

	/* A clean line is no news for a history: memory or the next level
	 * has it. */
	if (cache_is_dirty(copy->cache, copy->way)) {
		if (copy->cache != ms->system)
			ms_note_history(ms, line, copy->cache, CHECK_EVICT);
		ms_push_down(ms, copy);
	}
	cache_drop(copy->cache, copy->way);
	tell_evict(ms, copy->cache, line);
}

/* From an L1 to the L2 behind it, as it is. */
static void demote(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	struct cache *from = copy->cache, *to = from->port->l2;
	uint64_t line = cache_number(from, copy->way);
	uint32_t way = ms_take_way(ms, to, line, true);

	memcpy(cache_data(to, way), cache_data(from, copy->way), ms->line_size);
	memcpy(cache_dirty(to, way), cache_dirty(from, copy->way),
	       to->words * sizeof(*to->dirty));
	cache_set_state(to, way, cache_state(from, copy->way));
	cache_set_attr(to, way, cache_share(from, copy->way),
	               cache_outer(from, copy->way));
	to->stats.writes += cache_is_dirty(from, copy->way);
	from->stats.writebacks += cache_is_dirty(from, copy->way);
	cache_drop(from, copy->way);
	tell_evict(ms, from, line);
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_FILL, to, line, NULL);
}

uint32_t ms_take_way(struct dmasim_memsys *ms, struct cache *c, uint64_t line,
                     bool lasting)
{
	uint32_t way = cache_victim(c, line);

	if (cache_valid(c, way)) {
		uint32_t set = cache_set(c, line);
		const struct dmasim_choice_query q = {
		        .point = DMASIM_CHOICE_VICTIM_WAY,
		        .alternatives = c->ways,
		        .preferred = way - set,
		        .who = "memsys",
		        .where = line << ms->line_shift,
		};

		if (ms->choice)
			way = set + dmasim_choose(ms->choice, &q);
		if (c->place == DMASIM_PLACE_L1 && c->port->l2)
			demote(ms, &(struct ms_copy){c, way});
		else
			ms_evict(ms, &(struct ms_copy){c, way});
	}
	cache_install(c, way, line, lasting);
	return way;
}
