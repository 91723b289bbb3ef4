/* SPDX-License-Identifier: MIT */
/* What a simulator without data, attributes or time would cost. */
#include "bench.h"

#include <stdlib.h>

#define LINE_BITS 6

struct way {
	uint64_t tag;
	uint32_t used;
	uint8_t valid, dirty;
};

struct level {
	uint32_t sets, ways, clock;
	uint64_t misses;
	struct way *way;
};

struct baseline_cache {
	struct level l1, l2;
};

static void level_init(struct level *l, uint32_t sets, uint32_t ways)
{
	l->sets = sets;
	l->ways = ways;
	l->way = calloc((size_t)sets * ways, sizeof(*l->way));
	if (!l->way)
		abort();
}

/* Returns 1 on a hit; on a miss that drops a dirty line, its number is in
 * *victim. */
static int level_access(struct level *l, uint64_t line, int write,
                        uint64_t *victim)
{
	struct way *set = l->way + (line & (l->sets - 1)) * l->ways;
	struct way *old = set;

	l->clock++;
	for (struct way *w = set; w < set + l->ways; w++) {
		if (w->valid && w->tag == line) {
			w->used = l->clock;
			w->dirty |= (uint8_t)write;
			return 1;
		}
		if (!w->valid || (old->valid && w->used < old->used))
			old = w;
	}
	l->misses++;
	*victim = old->valid && old->dirty ? old->tag : UINT64_MAX;
	*old = (struct way){line, l->clock, 1, (uint8_t)write};
	return 0;
}

struct baseline_cache *baseline_cache_create(void)
{
	struct baseline_cache *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	level_init(&c->l1, 128, 4);
	level_init(&c->l2, 1024, 8);
	return c;
}

void baseline_cache_access(struct baseline_cache *c, uint64_t addr, int write)
{
	uint64_t line = addr >> LINE_BITS, victim, ignored;

	if (level_access(&c->l1, line, write, &victim))
		return;
	level_access(&c->l2, line, 0, &ignored);
	if (victim != UINT64_MAX)
		level_access(&c->l2, victim, 1, &ignored);
}

uint64_t baseline_cache_misses(const struct baseline_cache *c, int level)
{
	return level == 1 ? c->l1.misses : c->l2.misses;
}

void baseline_cache_destroy(struct baseline_cache *c)
{
	free(c->l1.way);
	free(c->l2.way);
	free(c);
}

struct slot {
	uint64_t key, value;
};

struct baseline_map {
	uint64_t mask;
	unsigned shift;
	struct slot *slot;
};

#define EMPTY UINT64_MAX

static uint64_t home(const struct baseline_map *m, uint64_t key)
{
	return key * 0x9e3779b97f4a7c15ull >> m->shift;
}

static uint64_t map_slot(const struct baseline_map *m, uint64_t key)
{
	uint64_t i = home(m, key);

	while (m->slot[i].key != EMPTY && m->slot[i].key != key)
		i = (i + 1) & m->mask;
	return i;
}

struct baseline_map *baseline_map_create(uint32_t pages)
{
	struct baseline_map *m = calloc(1, sizeof(*m));
	uint64_t size = 16;

	if (!m)
		abort();
	m->shift = 60;
	while (size < 2ull * pages) {
		size *= 2;
		m->shift--;
	}
	m->mask = size - 1;
	m->slot = malloc(size * sizeof(*m->slot));
	if (!m->slot)
		abort();
	for (uint64_t i = 0; i < size; i++)
		m->slot[i].key = EMPTY;
	return m;
}

void baseline_map_put(struct baseline_map *m, uint64_t key, uint64_t value)
{
	m->slot[map_slot(m, key)] = (struct slot){key, value};
}

uint64_t baseline_map_get(const struct baseline_map *m, uint64_t key)
{
	return m->slot[map_slot(m, key)].value;
}

/* Empty slot @i; what was put behind it for want of room moves up. */
static void vacate(struct baseline_map *m, uint64_t i)
{
	uint64_t j = i;

	for (;;) {
		m->slot[i].key = EMPTY;
		do {
			j = (j + 1) & m->mask;
			if (m->slot[j].key == EMPTY)
				return;
		} while (((j - home(m, m->slot[j].key)) & m->mask) <
		         ((j - i) & m->mask));
		m->slot[i] = m->slot[j];
		i = j;
	}
}

void baseline_map_drop(struct baseline_map *m, uint64_t key)
{
	uint64_t i = map_slot(m, key);

	if (m->slot[i].key != EMPTY)
		vacate(m, i);
}

void baseline_map_drop_all(struct baseline_map *m, unsigned shift,
                           uint64_t prefix)
{
	uint64_t first = 0;

	/* From an empty slot on, nothing moves to where the scan was. */
	while (m->slot[first].key != EMPTY)
		first++;
	for (uint64_t n = 1; n <= m->mask;) {
		uint64_t i = (first + n) & m->mask;

		if (m->slot[i].key != EMPTY &&
		    m->slot[i].key >> shift == prefix)
			vacate(m, i);
		else
			n++;
	}
}

void baseline_map_destroy(struct baseline_map *m)
{
	free(m->slot);
	free(m);
}
