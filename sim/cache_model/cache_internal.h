/* SPDX-License-Identifier: MIT */
/*
 * One cache: sets and ways of lines with their bytes, a dirty bit per byte
 * and a MESI state. It knows nothing of other caches.
 */
#ifndef DMASIM_CACHE_INTERNAL_H
#define DMASIM_CACHE_INTERNAL_H

#include "dmasim/cache.h"

enum cache_state {
	CACHE_INVALID,
	CACHE_SHARED,
	CACHE_EXCLUSIVE,
	/** Exclusive, with at least one dirty byte. In the L2, which is not
	 * a party to MESI, a line is SHARED or, if dirty, MODIFIED. */
	CACHE_MODIFIED,
};

struct cache_line {
	/** Line number + 1; 0 while invalid. */
	uint64_t tag;
	/** The cache's clock at the last use. */
	uint64_t stamp;
	enum cache_state state;
};

struct cache {
	uint32_t sets, ways;
	uint32_t line_size;
	/** 64-bit words of dirty bits of a line. */
	uint32_t words;
	uint64_t clock;
	/** Index of the line used last. */
	uint32_t recent;
	/** Ps of one look-up. */
	uint64_t latency;
	/** For observers: enum dmasim_line_place, and the CPU whose it is. */
	uint8_t place;
	uint32_t owner;
	struct cache_line *lines;
	uint64_t *dirty;
	uint8_t *data;
	struct dmasim_cache_stats stats;
};

#define CACHE_MAX_LINE  2048u
#define CACHE_MAX_WORDS (CACHE_MAX_LINE / 64)
#define CACHE_MAX_SIZE  (1u << 30)

/** OK, E_INVAL (geometry), E_NOMEM. */
int cache_create(const struct dmasim_cache_config *cfg, uint32_t line_size,
                 uint64_t period, struct cache **out);
void cache_destroy(struct cache *c);
/** A way of @line's set that is free, or else the least recently used one. */
uint32_t cache_victim(const struct cache *c, uint64_t line);
void cache_drop(struct cache *c, uint32_t way);
bool cache_is_dirty(const struct cache *c, uint32_t way);
void cache_make_clean(struct cache *c, uint32_t way);
void cache_save(const struct cache *c, struct dmasim_writer *w);
/** Into a cache of the same geometry; to be thrown away after an error. */
void cache_restore(struct cache *c, struct dmasim_reader *r);

static inline uint32_t cache_set(const struct cache *c, uint64_t line)
{
	return (uint32_t)(line & (c->sets - 1)) * c->ways;
}

/** Index of the line, or -1. */
static inline int32_t cache_find(const struct cache *c, uint64_t line)
{
	uint64_t tag = line + 1;
	const struct cache_line *set;

	if (c->lines[c->recent].tag == tag)
		return (int32_t)c->recent;
	set = &c->lines[cache_set(c, line)];
	for (uint32_t i = 0; i < c->ways; i++)
		if (set[i].tag == tag)
			return (int32_t)(set - c->lines) + (int32_t)i;
	return -1;
}

static inline void cache_touch(struct cache *c, uint32_t way)
{
	c->recent = way;
	c->lines[way].stamp = ++c->clock;
}

static inline uint8_t *cache_data(const struct cache *c, uint32_t way)
{
	return c->data + (size_t)way * c->line_size;
}

static inline uint64_t *cache_dirty(const struct cache *c, uint32_t way)
{
	return c->dirty + (size_t)way * c->words;
}

/** Set the bits [from, from + n) of a mask of bytes. */
static inline void mask_set(uint64_t *mask, uint32_t from, uint32_t n)
{
	while (n) {
		uint32_t bit = from % 64;
		uint32_t part = n < 64 - bit ? n : 64 - bit;
		uint64_t ones =
		        part == 64 ? UINT64_MAX : (UINT64_C(1) << part) - 1;

		mask[from / 64] |= ones << bit;
		from += part;
		n -= part;
	}
}

/** The first bit at or behind @from that is @set, at most @end. */
static inline uint32_t mask_next(const uint64_t *mask, uint32_t from,
                                 uint32_t end, bool set)
{
	while (from < end) {
		uint64_t word = set ? mask[from / 64] : ~mask[from / 64];

		word >>= from % 64;
		if (word) {
			from += (uint32_t)__builtin_ctzll(word);
			return from < end ? from : end;
		}
		from = (from / 64 + 1) * 64;
	}
	return end;
}

static inline bool mask_test(const uint64_t *mask, uint32_t bit)
{
	return mask[bit / 64] >> (bit % 64) & 1;
}

#endif
