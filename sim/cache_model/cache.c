/* SPDX-License-Identifier: MIT */
#include "cache_internal.h"

#include <stdlib.h>
#include <string.h>

static bool power_of_two(uint32_t v)
{
	return v && !(v & (v - 1));
}

static bool geometry_fits(const struct dmasim_cache_config *cfg,
                          uint32_t line_size)
{
	uint32_t lines = cfg->size / line_size;

	return cfg->ways && cfg->ways <= 32 && cfg->size <= CACHE_MAX_SIZE &&
	       cfg->size % line_size == 0 && lines % cfg->ways == 0 &&
	       power_of_two(lines / cfg->ways) &&
	       (unsigned)cfg->replacement <= DMASIM_REPLACE_RANDOM &&
	       (cfg->replacement != DMASIM_REPLACE_PLRU ||
	        power_of_two(cfg->ways));
}

int cache_create(const struct dmasim_cache_config *cfg, uint32_t line_size,
                 uint64_t period, struct cache **out)
{
	struct cache *c;
	uint32_t lines = cfg->size / line_size;
	bool tree = cfg->replacement == DMASIM_REPLACE_PLRU;

	*out = NULL;
	if (!geometry_fits(cfg, line_size))
		return DMASIM_E_INVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return DMASIM_E_NOMEM;
	c->ways = cfg->ways;
	c->sets = lines / cfg->ways;
	c->line_size = line_size;
	c->words = (line_size + 63) / 64;
	c->latency = cfg->cycles * period;
	c->replacement = cfg->replacement;
	/* No line has been used as late as now. */
	c->clock = 1;
	c->lines = calloc(lines, sizeof(*c->lines));
	c->dirty = calloc((size_t)lines * c->words, sizeof(*c->dirty));
	c->data = calloc(lines, line_size);
	if (tree)
		c->tree = calloc(c->sets, sizeof(*c->tree));
	if (!c->lines || !c->dirty || !c->data || (tree && !c->tree)) {
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
	free(c->tree);
	free(c->dirty);
	free(c->data);
	free(c);
}

/*
 * Tree PLRU: the ways of a set are the leaves of a binary tree whose node n
 * has the children 2n and 2n + 1, from 1. A bit says that the half on the
 * right is the older one.
 */
static void point(struct cache *c, uint32_t way, bool here)
{
	uint32_t in_set = way % c->ways, node = 1;
	uint32_t *tree = &c->tree[way / c->ways];

	for (uint32_t half = c->ways / 2; half; half /= 2) {
		uint32_t right = in_set / half % 2;

		if (right == here)
			*tree |= UINT32_C(1) << node;
		else
			*tree &= ~(UINT32_C(1) << node);
		node = 2 * node + right;
	}
}

void cache_tree_touch(struct cache *c, uint32_t way)
{
	point(c, way, false);
}

static uint32_t tree_victim(const struct cache *c, uint32_t first)
{
	uint32_t tree = c->tree[first / c->ways], node = 1;

	while (node < c->ways)
		node = 2 * node + (tree >> node & 1);
	return first + (node - c->ways);
}

uint32_t cache_victim(const struct cache *c, uint64_t line)
{
	uint32_t first = cache_set(c, line), victim = cache_oldest(c, line);

	if (!cache_valid(c, victim))
		return victim;
	if (c->tree)
		return tree_victim(c, first);
	if (c->replacement == DMASIM_REPLACE_RANDOM)
		return first + c->clock % c->ways;
	return victim;
}

void cache_install(struct cache *c, uint32_t way, uint64_t line, bool lasting)
{
	c->lines[way] =
	        (struct cache_line){.tag = line + 1, .state = CACHE_SHARED};
	if (lasting)
		cache_touch(c, way);
	else if (c->tree)
		point(c, way, true);
}

/* Stamps become ranks within the set, which is all that they are used for. */
void cache_renumber(struct cache *c)
{
	uint32_t rank[32];

	for (uint32_t first = 0; first < cache_total(c); first += c->ways) {
		struct cache_line *set = &c->lines[first];

		for (uint32_t i = 0; i < c->ways; i++) {
			rank[i] = 0;
			for (uint32_t j = 0; j < c->ways; j++)
				rank[i] += set[j].stamp < set[i].stamp;
		}
		for (uint32_t i = 0; i < c->ways; i++)
			set[i].stamp = rank[i];
	}
	c->clock = c->ways;
}

void cache_make_clean(struct cache *c, uint32_t way)
{
	memset(cache_dirty(c, way), 0, c->words * sizeof(*c->dirty));
	if (!cache_is_dirty(c, way))
		return;
	cache_set_state(c, way,
	                cache_state(c, way) == CACHE_OWNED ||
	                                c->place >= DMASIM_PLACE_SHARED
	                        ? CACHE_SHARED
	                        : CACHE_EXCLUSIVE);
}

void cache_drop(struct cache *c, uint32_t way)
{
	memset(cache_dirty(c, way), 0, c->words * sizeof(*c->dirty));
	c->lines[way] = (struct cache_line){0};
}

/* A byte of a mask as eight bytes of 0 or 0xff, in the order of memory. */
static inline uint64_t spread(uint64_t bits)
{
	uint64_t some = bits * 0x0101010101010101ull & 0x8040201008040201ull;
	uint64_t ones = (some + 0x7f7f7f7f7f7f7f7full) >> 7;
	uint64_t bytes = (ones & 0x0101010101010101ull) * 0xff;

	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(bytes)
	                                              : bytes;
}

void cache_copy_marked(uint8_t *to, const uint8_t *from, const uint64_t *mask,
                       uint32_t size)
{
	for (uint32_t at = 0; at < size; at += 8) {
		uint64_t take = spread(mask[at / 64] >> at % 64 & 0xff);
		uint64_t a, b;

		memcpy(&a, to + at, 8);
		memcpy(&b, from + at, 8);
		a = (a & ~take) | (b & take);
		memcpy(to + at, &a, 8);
	}
}

void cache_merge(struct cache *c, uint32_t way, const uint8_t *data,
                 const uint64_t *mask)
{
	uint64_t *dirty = cache_dirty(c, way);

	for (uint32_t i = 0; i < c->words; i++)
		dirty[i] |= mask[i];
	cache_set_state(c, way, CACHE_MODIFIED);
	cache_copy_marked(cache_data(c, way), data, mask, c->line_size);
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
	uint32_t total = cache_total(c), valid = 0;

	for (uint32_t i = 0; i < total; i++)
		valid += c->lines[i].tag != 0;
	dmasim_put_u32(w, c->sets);
	dmasim_put_u32(w, c->ways);
	dmasim_put_u8(w, (uint8_t)c->replacement);
	for (uint32_t i = 0; c->tree && i < c->sets; i++)
		dmasim_put_u32(w, c->tree[i]);
	dmasim_put_u32(w, c->clock);
	dmasim_put_u32(w, c->recent);
	put_stats(&c->stats, w);
	dmasim_put_u32(w, valid);
	for (uint32_t i = 0; i < total; i++) {
		if (!c->lines[i].tag)
			continue;
		dmasim_put_u32(w, i);
		dmasim_put_u64(w, c->lines[i].tag - 1);
		dmasim_put_u32(w, c->lines[i].stamp);
		dmasim_put_u8(w, c->lines[i].state);
		dmasim_put_u8(w, c->lines[i].share);
		dmasim_put_u8(w, c->lines[i].outer);
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
	if (any != cache_is_dirty(c, way))
		return false;
	return c->line_size >= 64 || !(dirty[0] >> c->line_size);
}

/* The shared and the system cache are no party to the protocol. */
static bool state_fits(const struct cache *c, uint8_t state)
{
	if (c->place >= DMASIM_PLACE_SHARED)
		return state == CACHE_SHARED || state == CACHE_MODIFIED;
	return state != CACHE_INVALID && state < CACHE_STATES;
}

static void restore_line(struct cache *c, uint32_t way, struct dmasim_reader *r)
{
	uint64_t line = dmasim_get_u64(r);
	struct cache_line l = {
	        .tag = line + 1,
	        .stamp = dmasim_get_u32(r),
	        .state = dmasim_get_u8(r),
	        .share = dmasim_get_u8(r),
	        .outer = dmasim_get_u8(r),
	};

	for (uint32_t j = 0; j < c->words; j++)
		cache_dirty(c, way)[j] = dmasim_get_u64(r);
	dmasim_get_bytes(r, cache_data(c, way), c->line_size);
	if (dmasim_reader_status(r))
		return;
	cache_set_state(c, way, (enum cache_state)l.state);
	if (line > DMASIM_PA_MAX / c->line_size ||
	    way - way % c->ways != cache_set(c, line) ||
	    cache_find(c, line) >= 0 || l.stamp > c->clock ||
	    !state_fits(c, l.state) || l.share > DMASIM_OSH ||
	    l.outer > DMASIM_WB || !dirty_bits_fit(c, way)) {
		dmasim_reader_fail(r, "cache line %u is not consistent", way);
		return;
	}
	c->lines[way] = l;
}

static void restore_geometry(struct cache *c, struct dmasim_reader *r)
{
	if (dmasim_get_u32(r) != c->sets || dmasim_get_u32(r) != c->ways ||
	    dmasim_get_u8(r) != (uint8_t)c->replacement) {
		dmasim_reader_fail(r, "another cache geometry");
		return;
	}
	for (uint32_t i = 0; c->tree && i < c->sets; i++)
		c->tree[i] = dmasim_get_u32(r);
	c->clock = dmasim_get_u32(r);
	if (!c->clock || c->clock == UINT32_MAX)
		dmasim_reader_fail(r, "a cache's clock at its end");
}

void cache_restore(struct cache *c, struct dmasim_reader *r)
{
	uint32_t total = cache_total(c), count, next = 0;

	restore_geometry(c, r);
	c->recent = dmasim_get_u32(r);
	get_stats(&c->stats, r);
	count = dmasim_get_count(r, total, 27 + c->line_size);
	if (c->recent >= total) {
		dmasim_reader_fail(r, "no line %u", c->recent);
		c->recent = 0;
	}
	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		uint32_t way = dmasim_get_u32(r);

		if (way < next || way >= total) {
			dmasim_reader_fail(r, "cache line %u out of order",
			                   way);
			return;
		}
		restore_line(c, way, r);
		next = way + 1;
	}
}
