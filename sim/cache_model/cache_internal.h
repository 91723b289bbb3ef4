/* SPDX-License-Identifier: MIT */
/*
 * One cache: sets and ways of lines with their bytes, a dirty bit per byte, a
 * state, and the attributes it was filled with. It knows nothing of other
 * caches. What is kept of a line is reached through functions alone.
 */
#ifndef DMASIM_CACHE_INTERNAL_H
#define DMASIM_CACHE_INTERNAL_H

#include "dmasim/cache.h"

enum cache_state {
	CACHE_INVALID,
	CACHE_SHARED,
	CACHE_EXCLUSIVE,
	/** Nobody else has it, with at least one dirty byte. In the shared
	 * and the system cache, which are no party to the protocol, a line is
	 * SHARED or, if dirty, MODIFIED. */
	CACHE_MODIFIED,
	/** Others may have it SHARED; it has dirty bytes. MOESI only. */
	CACHE_OWNED,
	CACHE_STATES,
};

/** A set of four ways lies in one line of a usual host. */
struct cache_line {
	/** Line number + 1; 0 while invalid. */
	uint64_t tag;
	/** The cache's clock at the last use. */
	uint32_t stamp;
	uint8_t state;
	/** enum dmasim_shareability of the access that filled it. */
	uint8_t share;
	/** enum dmasim_cacheability, the outer one, of that access. */
	uint8_t outer;
};

struct ms_port;

struct cache {
	uint32_t sets, ways;
	uint32_t line_size;
	/** 64-bit words of dirty bits of a line. */
	uint32_t words;
	uint32_t clock;
	/** Index of the line found last. */
	uint32_t recent;
	/** Ps of one look-up. */
	uint64_t latency;
	/** enum dmasim_line_place. */
	uint8_t place;
	enum dmasim_replacement replacement;
	/** Whose it is; NULL if all share it. */
	const struct ms_port *port;
	struct cache_line *lines;
	/** PLRU: of each set, which half was used last, node by node. */
	uint32_t *tree;
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
/** A way of @line's set that is free, or else the one that should go. */
uint32_t cache_victim(const struct cache *c, uint64_t line);
/** Copy the bytes of @mask to @to, eight at a time. */
void cache_copy_marked(uint8_t *to, const uint8_t *from, const uint64_t *mask,
                       uint32_t size);
/** Put @line there, SHARED and clean, as the one used last or, if it is not
 * @lasting, as the next to go. */
void cache_install(struct cache *c, uint32_t way, uint64_t line, bool lasting);
void cache_drop(struct cache *c, uint32_t way);
void cache_make_clean(struct cache *c, uint32_t way);
/** Copy the bytes of @mask from another copy, dirty. */
void cache_merge(struct cache *c, uint32_t way, const uint8_t *data,
                 const uint64_t *mask);
void cache_save(const struct cache *c, struct dmasim_writer *w);
/** Into a cache of the same geometry; to be thrown away after an error. */
void cache_restore(struct cache *c, struct dmasim_reader *r);
/** The clock has come round: small stamps, in the same order. */
void cache_renumber(struct cache *c);
void cache_tree_touch(struct cache *c, uint32_t way);

static inline uint32_t cache_set(const struct cache *c, uint64_t line)
{
	return (uint32_t)(line & (c->sets - 1)) * c->ways;
}

static inline uint32_t cache_total(const struct cache *c)
{
	return c->sets * c->ways;
}

/** Index of the line, or -1. Which way it is can rarely be foretold: so there
 * is no branch for it. */
static inline int32_t cache_find(const struct cache *c, uint64_t line)
{
	uint32_t first = cache_set(c, line), found = 0;
	const struct cache_line *set = &c->lines[first];
	uint64_t tag = line + 1;

	if (c->ways == 4)
		found = (uint32_t)(set[0].tag == tag) |
		        (uint32_t)(set[1].tag == tag) << 1 |
		        (uint32_t)(set[2].tag == tag) << 2 |
		        (uint32_t)(set[3].tag == tag) << 3;
	else
		for (uint32_t i = 0; i < c->ways; i++)
			found |= (uint32_t)(set[i].tag == tag) << i;
	return found ? (int32_t)first + __builtin_ctz(found) : -1;
}

/** The same for LRU, by one rule: free ways come before all others. */
static inline uint32_t cache_oldest(const struct cache *c, uint64_t line)
{
	uint32_t first = cache_set(c, line), victim = 0;
	const struct cache_line *set = &c->lines[first];
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < c->ways; i++) {
		uint64_t age = (uint64_t)(set[i].tag != 0) << 32 | set[i].stamp;

		victim = age < least ? i : victim;
		least = age < least ? age : least;
	}
	return first + victim;
}

static inline bool cache_valid(const struct cache *c, uint32_t way)
{
	return c->lines[way].tag != 0;
}

/** The number of a valid line. */
static inline uint64_t cache_number(const struct cache *c, uint32_t way)
{
	return c->lines[way].tag - 1;
}

static inline enum cache_state cache_state(const struct cache *c, uint32_t way)
{
	return (enum cache_state)c->lines[way].state;
}

static inline void cache_set_state(struct cache *c, uint32_t way,
                                   enum cache_state state)
{
	c->lines[way].state = (uint8_t)state;
}

static inline bool cache_is_dirty(const struct cache *c, uint32_t way)
{
	return c->lines[way].state >= CACHE_MODIFIED;
}

static inline uint8_t cache_share(const struct cache *c, uint32_t way)
{
	return c->lines[way].share;
}

static inline uint8_t cache_outer(const struct cache *c, uint32_t way)
{
	return c->lines[way].outer;
}

static inline void cache_set_attr(struct cache *c, uint32_t way, uint8_t share,
                                  uint8_t outer)
{
	c->lines[way].share = share;
	c->lines[way].outer = outer;
}

static inline void cache_touch(struct cache *c, uint32_t way)
{
	c->recent = way;
	if (c->tree)
		cache_tree_touch(c, way);
	c->lines[way].stamp = ++c->clock;
	if (c->clock == UINT32_MAX)
		cache_renumber(c);
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
