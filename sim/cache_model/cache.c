/* SPDX-License-Identifier: MIT */
#include "cache_internal.h"

#include <stdlib.h>
#include <string.h>

static bool power_of_two(uint32_t v)
{
	return v && !(v & (v - 1));
}

int cache_create(const struct dmasim_cache_config *cfg, uint32_t line_size,
                 uint64_t period, struct cache **out)
{
	struct cache *c;
	uint32_t lines = cfg->size / line_size;

	*out = NULL;
	if (!cfg->ways || cfg->ways > 32 || cfg->size > CACHE_MAX_SIZE ||
	    cfg->size % line_size || lines % cfg->ways ||
	    !power_of_two(lines / cfg->ways))
		return DMASIM_E_INVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return DMASIM_E_NOMEM;
	c->ways = cfg->ways;
	c->sets = lines / cfg->ways;
	c->line_size = line_size;
	c->words = (line_size + 63) / 64;
	c->latency = cfg->cycles * period;
	c->lines = calloc(lines, sizeof(*c->lines));
	c->dirty = calloc((size_t)lines * c->words, sizeof(*c->dirty));
	c->data = calloc(lines, line_size);
	if (!c->lines || !c->dirty || !c->data) {
		cache_destroy(c);
		return DMASIM_E_NOMEM;
	}
	*out = c;
	return DMASIM_OK;
}

void cache_destroy(struct cache *c)
{
	if (!c)
		return;
	free(c->lines);
	free(c->dirty);
	free(c->data);
	free(c);
}

uint32_t cache_victim(const struct cache *c, uint64_t line)
{
	uint32_t first = cache_set(c, line), victim = first;

	for (uint32_t i = first; i < first + c->ways; i++) {
		if (!c->lines[i].tag)
			return i;
		if (c->lines[i].stamp < c->lines[victim].stamp)
			victim = i;
	}
	return victim;
}

bool cache_is_dirty(const struct cache *c, uint32_t way)
{
	return c->lines[way].state == CACHE_MODIFIED;
}

void cache_make_clean(struct cache *c, uint32_t way)
{
	memset(cache_dirty(c, way), 0, c->words * sizeof(*c->dirty));
	if (c->lines[way].state == CACHE_MODIFIED)
		c->lines[way].state = CACHE_EXCLUSIVE;
}

void cache_drop(struct cache *c, uint32_t way)
{
	cache_make_clean(c, way);
	c->lines[way] = (struct cache_line){0};
}

static void put_stats(const struct dmasim_cache_stats *s,
                      struct dmasim_writer *w)
{
	dmasim_put_u64(w, s->reads);
	dmasim_put_u64(w, s->writes);
	dmasim_put_u64(w, s->read_misses);
	dmasim_put_u64(w, s->write_misses);
	dmasim_put_u64(w, s->writebacks);
	dmasim_put_u64(w, s->snoops);
}

static void get_stats(struct dmasim_cache_stats *s, struct dmasim_reader *r)
{
	s->reads = dmasim_get_u64(r);
	s->writes = dmasim_get_u64(r);
	s->read_misses = dmasim_get_u64(r);
	s->write_misses = dmasim_get_u64(r);
	s->writebacks = dmasim_get_u64(r);
	s->snoops = dmasim_get_u64(r);
}

void cache_save(const struct cache *c, struct dmasim_writer *w)
{
	uint32_t total = c->sets * c->ways, valid = 0;

	for (uint32_t i = 0; i < total; i++)
		valid += c->lines[i].tag != 0;
	dmasim_put_u32(w, c->sets);
	dmasim_put_u32(w, c->ways);
	dmasim_put_u64(w, c->clock);
	dmasim_put_u32(w, c->recent);
	put_stats(&c->stats, w);
	dmasim_put_u32(w, valid);
	for (uint32_t i = 0; i < total; i++) {
		if (!c->lines[i].tag)
			continue;
		dmasim_put_u32(w, i);
		dmasim_put_u64(w, c->lines[i].tag - 1);
		dmasim_put_u64(w, c->lines[i].stamp);
		dmasim_put_u8(w, (uint8_t)c->lines[i].state);
		for (uint32_t j = 0; j < c->words; j++)
			dmasim_put_u64(w, cache_dirty(c, i)[j]);
		dmasim_put_bytes(w, cache_data(c, i), c->line_size);
	}
}

static bool dirty_bits_fit(const struct cache *c, uint32_t way)
{
	const uint64_t *dirty = cache_dirty(c, way);
	bool any = false;

	for (uint32_t j = 0; j < c->words; j++)
		any |= dirty[j] != 0;
	if (any != (c->lines[way].state == CACHE_MODIFIED))
		return false;
	return c->line_size >= 64 || !(dirty[0] >> c->line_size);
}

static void restore_line(struct cache *c, uint32_t way, struct dmasim_reader *r)
{
	uint64_t line = dmasim_get_u64(r);
	uint64_t stamp = dmasim_get_u64(r);
	uint8_t state = dmasim_get_u8(r);

	for (uint32_t j = 0; j < c->words; j++)
		cache_dirty(c, way)[j] = dmasim_get_u64(r);
	dmasim_get_bytes(r, cache_data(c, way), c->line_size);
	if (dmasim_reader_status(r))
		return;
	c->lines[way].state = state;
	if (line > DMASIM_PA_MAX / c->line_size ||
	    way - way % c->ways != cache_set(c, line) ||
	    cache_find(c, line) >= 0 || stamp > c->clock ||
	    state == CACHE_INVALID || state > CACHE_MODIFIED ||
	    !dirty_bits_fit(c, way)) {
		dmasim_reader_fail(r, "cache line %u is not consistent", way);
		return;
	}
	c->lines[way].tag = line + 1;
	c->lines[way].stamp = stamp;
}

void cache_restore(struct cache *c, struct dmasim_reader *r)
{
	uint32_t total = c->sets * c->ways, count, next = 0;

	if (dmasim_get_u32(r) != c->sets || dmasim_get_u32(r) != c->ways) {
		dmasim_reader_fail(r, "another cache geometry");
		return;
	}
	c->clock = dmasim_get_u64(r);
	c->recent = dmasim_get_u32(r);
	get_stats(&c->stats, r);
	count = dmasim_get_count(r, total, 21 + c->line_size);
	if (c->recent >= total) {
		dmasim_reader_fail(r, "no line %u", c->recent);
		c->recent = 0;
	}
	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		uint32_t way = dmasim_get_u32(r);

		if (dmasim_reader_status(r))
			return;
		if (way < next || way >= total) {
			dmasim_reader_fail(r, "cache line %u out of order",
			                   way);
			return;
		}
		restore_line(c, way, r);
		next = way + 1;
	}
}
