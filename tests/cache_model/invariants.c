/* SPDX-License-Identifier: MIT */
#include "invariants.h"

#include <stdio.h>
#include <string.h>

#include "memsys_internal.h"

struct look {
	const struct dmasim_memsys *ms;
	bool coherent;
	char *buf;
	size_t size;
	bool broken;
};

static void complain(struct look *l, const struct cache *c, uint64_t line,
                     const char *what)
{
	if (!l->broken)
		snprintf(l->buf, l->size, "%s of cpu %u, line 0x%llx: %s",
		         dmasim_line_place_name(c->place),
		         c->port ? c->port->cached_index : 0,
		         (unsigned long long)line << l->ms->line_shift, what);
	l->broken = true;
}

static bool meet(const struct cache *a, uint32_t way, const struct cache *b,
                 uint32_t other)
{
	if (cache_share(a, way) == DMASIM_NSH ||
	    cache_share(b, other) == DMASIM_NSH)
		return false;
	return a->port->domain == b->port->domain ||
	       (cache_share(a, way) == DMASIM_OSH &&
	        cache_share(b, other) == DMASIM_OSH);
}

/* Bits say what states say. */
static void look_at_state(struct look *l, const struct cache *c, uint32_t way)
{
	uint64_t line = cache_number(c, way), any = 0;
	enum cache_state state = cache_state(c, way);

	for (uint32_t w = 0; w < c->words; w++)
		any |= cache_dirty(c, way)[w];
	if ((any != 0) != cache_is_dirty(c, way))
		complain(l, c, line, "dirty bits do not fit the state");
	if (state == CACHE_INVALID)
		complain(l, c, line, "valid and INVALID");
	if (c->place >= DMASIM_PLACE_SHARED && state != CACHE_SHARED &&
	    state != CACHE_MODIFIED)
		complain(l, c, line, "not a state of a shared cache");
	if (state == CACHE_OWNED && l->ms->protocol == DMASIM_MESI)
		complain(l, c, line, "OWNED in MESI");
	for (uint32_t i = 1; i < c->ways; i++)
		if (c->lines[way - way % c->ways + (way + i) % c->ways].tag ==
		    c->lines[way].tag)
			complain(l, c, line, "twice in one set");
}

/* Two private copies. */
static void look_at_pair(struct look *l, const struct cache *a, uint32_t way,
                         const struct cache *b, uint32_t other)
{
	uint64_t line = cache_number(a, way);
	enum cache_state state = cache_state(a, way);

	if (a->port == b->port)
		complain(l, a, line, "in both levels of one CPU");
	if (!meet(a, way, b, other))
		return;
	if (state == CACHE_EXCLUSIVE || state == CACHE_MODIFIED)
		complain(l, a, line, "owned alone and held elsewhere");
	if (cache_is_dirty(a, way) && cache_is_dirty(b, other))
		complain(l, a, line, "dirty twice");
	if (l->coherent &&
	    memcmp(cache_data(a, way), cache_data(b, other), a->line_size) != 0)
		complain(l, a, line, "two copies differ");
}

/* A byte that nobody has dirty is memory's. */
static void look_at_bytes(struct look *l, const struct cache *c, uint32_t way)
{
	const struct dmasim_memsys *ms = l->ms;
	const struct ms_view all =
	        ms_view_all((struct dmasim_memsys *)(uintptr_t)ms);
	uint64_t line = cache_number(c, way), mask[CACHE_MAX_WORDS] = {0};
	int32_t s = ms_shared_way(&all, line);
	int32_t y = ms->system ? cache_find(ms->system, line) : -1;
	uint8_t memory[CACHE_MAX_LINE];
	struct ms_copy copy;

	dmasim_map_peek(ms->map, line << ms->line_shift, memory, c->line_size);
	if (y >= 0 && c != ms->system)
		memcpy(memory, cache_data(ms->system, (uint32_t)y),
		       c->line_size);
	if (c == ms->system)
		memcpy(mask, cache_dirty(c, way), c->words * sizeof(*mask));
	for (uint32_t i = 0; c != ms->system && ms_next(&all, line, &i, &copy);)
		for (uint32_t w = 0; w < c->words; w++)
			mask[w] |= cache_dirty(copy.cache, copy.way)[w];
	for (uint32_t w = 0; c != ms->system && s >= 0 && w < c->words; w++)
		mask[w] |= cache_dirty(ms->shared, (uint32_t)s)[w];
	for (uint32_t i = 0; i < c->line_size; i++)
		if (!mask_test(mask, i) && cache_data(c, way)[i] != memory[i])
			complain(l, c, line, "a clean byte is not memory's");
}

static void look_at_cache(struct look *l, const struct cache *c)
{
	for (uint32_t way = 0; way < cache_total(c); way++) {
		if (!cache_valid(c, way))
			continue;
		if (c->port && l->ms->filter &&
		    !filter_has(l->ms->filter, cache_number(c, way)))
			complain(l, c, cache_number(c, way),
			         "not in the snoop filter");
		look_at_state(l, c, way);
		if (l->coherent || c == l->ms->system)
			look_at_bytes(l, c, way);
		for (uint32_t i = 0; c->port && i < l->ms->upper_count; i++) {
			const struct cache *o = l->ms->upper[i];
			int32_t other =
			        o == c ? -1
			               : cache_find(o, cache_number(c, way));

			if (other >= 0)
				look_at_pair(l, c, way, o, (uint32_t)other);
		}
	}
}

const char *broken_promise(const struct dmasim_memsys *ms, bool coherent,
                           char *buf, size_t size)
{
	struct look l = {
	        .ms = ms, .coherent = coherent, .buf = buf, .size = size};

	for (uint32_t i = 0; i < ms->upper_count; i++)
		look_at_cache(&l, ms->upper[i]);
	if (ms->shared)
		look_at_cache(&l, ms->shared);
	if (ms->system)
		look_at_cache(&l, ms->system);
	return l.broken ? buf : NULL;
}
