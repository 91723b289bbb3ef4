/* SPDX-License-Identifier: MIT */
/* The coherent domain: where copies of a line are, and how they move. */
#include "memsys_internal.h"

#include <string.h>

static void note_history(struct dmasim_memsys *ms, uint64_t line,
                         const struct cache *c, enum check_event event)
{
	uint32_t agent = 0;

	if (!ms->checker)
		return;
	for (uint32_t i = 0; i < ms->upper_count; i++)
		if (ms->upper[i] == c)
			agent = ms->upper_agent[i];
	check_event(ms->checker, line << ms->line_shift,
	            agent ? agent : ms->shared_agent, event);
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
	note_history(ms, line, c, event);
}

bool ms_find_upper(const struct dmasim_memsys *ms, uint64_t line,
                   const struct cache *except, struct ms_copy *copy)
{
	for (uint32_t i = 0; i < ms->upper_count; i++) {
		struct cache *c = ms->upper[i];
		int32_t way = c == except ? -1 : cache_find(c, line);

		if (way >= 0) {
			*copy = (struct ms_copy){c, (uint32_t)way};
			return true;
		}
	}
	return false;
}

bool ms_find_newest(const struct dmasim_memsys *ms, uint64_t line,
                    struct ms_copy *copy)
{
	int32_t way;

	if (ms_find_upper(ms, line, NULL, copy))
		return true;
	way = ms->shared ? cache_find(ms->shared, line) : -1;
	if (way < 0)
		return false;
	*copy = (struct ms_copy){ms->shared, (uint32_t)way};
	return true;
}

bool ms_gather(const struct dmasim_memsys *ms, uint64_t line, uint8_t *data,
               uint64_t *mask)
{
	struct ms_copy newest;
	uint32_t words = (ms->line_size + 63) / 64;
	int32_t way = ms->shared ? cache_find(ms->shared, line) : -1;
	bool any = false;

	memset(mask, 0, words * sizeof(*mask));
	if (!ms_find_newest(ms, line, &newest))
		return false;
	memcpy(data, cache_data(newest.cache, newest.way), ms->line_size);
	for (uint32_t i = 0; i < words; i++) {
		mask[i] = cache_dirty(newest.cache, newest.way)[i];
		if (way >= 0)
			mask[i] |= cache_dirty(ms->shared, (uint32_t)way)[i];
		any |= mask[i] != 0;
	}
	return any;
}

static void tell_writeback(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_WRITEBACK, copy->cache,
		              copy->cache->lines[copy->way].tag - 1, NULL);
}

/* Put a dirty line of an upper cache over the L2's copy. */
static void merge_into_l2(struct dmasim_memsys *ms, const struct ms_copy *copy,
                          uint32_t way)
{
	const uint64_t *from = cache_dirty(copy->cache, copy->way);
	uint64_t *to = cache_dirty(ms->shared, way);

	memcpy(cache_data(ms->shared, way), cache_data(copy->cache, copy->way),
	       ms->line_size);
	for (uint32_t i = 0; i < ms->shared->words; i++)
		to[i] |= from[i];
	ms->shared->lines[way].state = CACHE_MODIFIED;
	ms->shared->stats.writes++;
	copy->cache->stats.writebacks++;
	cache_make_clean(copy->cache, copy->way);
	tell_writeback(ms, copy);
}

static uint64_t write_back(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	uint64_t latency =
	        ms_writeback(ms, copy->cache->lines[copy->way].tag - 1,
	                     cache_data(copy->cache, copy->way),
	                     cache_dirty(copy->cache, copy->way));

	copy->cache->stats.writebacks++;
	cache_make_clean(copy->cache, copy->way);
	tell_writeback(ms, copy);
	return latency;
}

/* An upper cache that wrote the same bytes has the newer ones: the L2's never
 * need to reach memory. */
static void hide_older(struct dmasim_memsys *ms, uint64_t line, uint32_t way)
{
	uint64_t *mask = cache_dirty(ms->shared, way), any = 0;
	struct ms_copy copy;

	if (!ms_find_upper(ms, line, NULL, &copy))
		return;
	for (uint32_t i = 0; i < ms->shared->words; i++) {
		mask[i] &= ~cache_dirty(copy.cache, copy.way)[i];
		any |= mask[i];
	}
	if (!any)
		cache_make_clean(ms->shared, way);
}

void ms_push_down(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	uint64_t line = copy->cache->lines[copy->way].tag - 1;
	int32_t way;

	if (copy->cache == ms->shared && cache_is_dirty(ms->shared, copy->way))
		hide_older(ms, line, copy->way);
	if (!cache_is_dirty(copy->cache, copy->way))
		return;
	if (!ms->shared || copy->cache == ms->shared) {
		write_back(ms, copy);
		return;
	}
	way = cache_find(ms->shared, line);
	if (way < 0) {
		way = (int32_t)ms_take_way(ms, ms->shared, line);
		ms->shared->stats.write_misses++;
	}
	cache_touch(ms->shared, (uint32_t)way);
	merge_into_l2(ms, copy, (uint32_t)way);
}

uint64_t ms_clean_line(struct dmasim_memsys *ms, uint64_t line)
{
	int32_t way = ms->shared ? cache_find(ms->shared, line) : -1;
	struct ms_copy copy;

	if (ms_find_upper(ms, line, NULL, &copy) &&
	    cache_is_dirty(copy.cache, copy.way)) {
		if (way < 0)
			return write_back(ms, &copy);
		merge_into_l2(ms, &copy, (uint32_t)way);
	}
	if (way < 0 || !cache_is_dirty(ms->shared, (uint32_t)way))
		return 0;
	return write_back(ms, &(struct ms_copy){ms->shared, (uint32_t)way});
}

void ms_drop_upper(struct dmasim_memsys *ms, uint64_t line,
                   const struct cache *except, enum check_event event)
{
	for (uint32_t i = 0; i < ms->upper_count; i++) {
		struct cache *c = ms->upper[i];
		int32_t way = c == except ? -1 : cache_find(c, line);

		if (way < 0)
			continue;
		c->stats.snoops++;
		cache_drop(c, (uint32_t)way);
		ms_note(ms, line, c, event);
	}
}

void ms_drop_line(struct dmasim_memsys *ms, uint64_t line,
                  enum check_event event)
{
	int32_t way = ms->shared ? cache_find(ms->shared, line) : -1;

	ms_drop_upper(ms, line, NULL, event);
	if (way >= 0) {
		ms->shared->stats.snoops++;
		cache_drop(ms->shared, (uint32_t)way);
		ms_note(ms, line, ms->shared, event);
	}
}

void ms_share_upper(struct dmasim_memsys *ms, uint64_t line,
                    const struct cache *except)
{
	for (uint32_t i = 0; i < ms->upper_count; i++) {
		struct cache *c = ms->upper[i];
		int32_t way = c == except ? -1 : cache_find(c, line);

		if (way < 0)
			continue;
		c->stats.snoops++;
		if (c->lines[way].state == CACHE_SHARED)
			continue;
		c->lines[way].state = CACHE_SHARED;
		ms_note(ms, line, c, CHECK_SHARE);
	}
}

void ms_evict(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	uint64_t line = copy->cache->lines[copy->way].tag - 1;

	/* A clean line is no news for a history: memory or the next level
	 * has it. */
	if (cache_is_dirty(copy->cache, copy->way)) {
		note_history(ms, line, copy->cache, CHECK_EVICT);
		ms_push_down(ms, copy);
	}
	cache_drop(copy->cache, copy->way);
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_EVICT, copy->cache, line, NULL);
}

uint32_t ms_take_way(struct dmasim_memsys *ms, struct cache *c, uint64_t line)
{
	uint32_t way = cache_victim(c, line);

	if (c->lines[way].tag) {
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
		ms_evict(ms, &(struct ms_copy){c, way});
	}
	c->lines[way].tag = line + 1;
	c->lines[way].state = CACHE_SHARED;
	cache_touch(c, way);
	return way;
}

/* An implementation may evict a line at any time. One that did nothing else
 * would never be asked: so it is asked about one line at each miss, in turn. */
void ms_spontaneous_evict(struct dmasim_memsys *ms, struct cache *c)
{
	uint32_t way = ms->evict_cursor % (c->sets * c->ways);
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_SPONTANEOUS_EVICT,
	        .alternatives = 2,
	        .who = "memsys",
	};

	ms->evict_cursor++;
	if (!c->lines[way].tag || way == c->recent)
		return;
	q.where = (c->lines[way].tag - 1) << ms->line_shift;
	if (dmasim_choose(ms->choice, &q) == 1)
		ms_evict(ms, &(struct ms_copy){c, way});
}
