/* SPDX-License-Identifier: MIT */
/* Saving and restoring the caches. */
#include "memsys_internal.h"

#include <stdlib.h>

#define MEMSYS_TAG     "MSYS"
#define MEMSYS_VERSION 1

int dmasim_memsys_save(const struct dmasim_memsys *ms, struct dmasim_writer *w)
{
	if (ms->active_first)
		return DMASIM_E_STATE;
	dmasim_put_begin(w, MEMSYS_TAG, MEMSYS_VERSION);
	dmasim_put_u32(w, ms->line_size);
	dmasim_put_u32(w, ms->evict_cursor);
	dmasim_put_u32(w, ms->upper_count);
	for (uint32_t i = 0; i < ms->upper_count; i++)
		cache_save(ms->upper[i], w);
	dmasim_put_u8(w, ms->shared != NULL);
	if (ms->shared)
		cache_save(ms->shared, w);
	dmasim_put_end(w);
	return DMASIM_OK;
}

/* An empty cache like @old, filled from the blob. */
static struct cache *get_cache(const struct dmasim_memsys *ms,
                               const struct cache *old, struct dmasim_reader *r)
{
	const struct dmasim_cache_config cfg = {
	        .size = old->sets * old->ways * old->line_size,
	        .ways = old->ways,
	};
	struct cache *c;

	if (cache_create(&cfg, ms->line_size, ms->period, &c))
		return NULL;
	c->latency = old->latency;
	cache_restore(c, r);
	return c;
}

static bool exclusive_elsewhere(struct cache *const *upper, uint32_t count,
                                uint32_t self)
{
	const struct cache *c = upper[self];

	for (uint32_t i = 0; i < c->sets * c->ways; i++) {
		if (c->lines[i].state < CACHE_EXCLUSIVE)
			continue;
		for (uint32_t j = 0; j < count; j++)
			if (j != self &&
			    cache_find(upper[j], c->lines[i].tag - 1) >= 0)
				return true;
	}
	return false;
}

static void free_caches(struct cache **upper, uint32_t count,
                        struct cache *shared)
{
	for (uint32_t i = 0; i < count; i++)
		cache_destroy(upper[i]);
	free(upper);
	cache_destroy(shared);
}

static int get_caches(const struct dmasim_memsys *ms, struct dmasim_reader *r,
                      struct cache **upper, struct cache **shared)
{
	for (uint32_t i = 0; i < ms->upper_count; i++) {
		upper[i] = get_cache(ms, ms->upper[i], r);
		if (!upper[i])
			return DMASIM_E_NOMEM;
		if (dmasim_reader_status(r))
			return dmasim_reader_status(r);
	}
	if (dmasim_get_u8(r) != (ms->shared != NULL))
		return dmasim_reader_fail(r, "another number of levels");
	if (ms->shared) {
		*shared = get_cache(ms, ms->shared, r);
		if (!*shared)
			return DMASIM_E_NOMEM;
	}
	if (dmasim_reader_status(r))
		return dmasim_reader_status(r);
	for (uint32_t i = 0; i < ms->upper_count; i++)
		if (exclusive_elsewhere(upper, ms->upper_count, i))
			return dmasim_reader_fail(
			        r,
			        "a line is exclusive in cache %u and held "
			        "elsewhere",
			        i);
	return DMASIM_OK;
}

/* The caches of @ms take the place of the old ones, port by port. */
static void install(struct dmasim_memsys *ms, struct cache **upper,
                    struct cache *shared)
{
	for (uint32_t i = 0; i < ms->upper_count; i++)
		for (uint32_t j = 0; j < ms->port_count; j++)
			if (ms->ports[j]->l1 == ms->upper[i])
				ms->ports[j]->l1 = upper[i];
	free_caches(ms->upper, ms->upper_count, ms->shared);
	ms->upper = upper;
	ms->upper_cap = ms->upper_count;
	ms->shared = shared;
}

int dmasim_memsys_restore(struct dmasim_memsys *ms, struct dmasim_reader *r)
{
	struct cache **upper, *shared = NULL;
	uint32_t cursor;
	int status;

	if (ms->active_first)
		return DMASIM_E_STATE;
	upper = calloc(ms->upper_count + 1u, sizeof(struct cache *));
	if (!upper)
		return DMASIM_E_NOMEM;
	dmasim_get_begin(r, MEMSYS_TAG, MEMSYS_VERSION);
	if (dmasim_get_u32(r) != ms->line_size)
		dmasim_reader_fail(r, "another line size");
	cursor = dmasim_get_u32(r);
	if (dmasim_get_u32(r) != ms->upper_count)
		dmasim_reader_fail(r, "another number of caches");
	status = dmasim_reader_status(r);
	if (!status)
		status = get_caches(ms, r, upper, &shared);
	dmasim_get_end(r);
	if (!status)
		status = dmasim_reader_status(r);
	if (status) {
		free_caches(upper, ms->upper_count, shared);
		return status;
	}
	install(ms, upper, shared);
	ms->evict_cursor = cursor;
	return DMASIM_OK;
}
