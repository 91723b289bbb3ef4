/* SPDX-License-Identifier: MIT */
/* Saving and restoring the caches. */
#include "memsys_internal.h"

#include <stdlib.h>
#include <string.h>

#define MEMSYS_TAG     "MSYS"
#define MEMSYS_VERSION 3

static void put_optional(const struct cache *c, struct dmasim_writer *w)
{
	dmasim_put_u8(w, c != NULL);
	if (c)
		cache_save(c, w);
}

static void put_attr(const struct dmasim_attr *a, struct dmasim_writer *w)
{
	dmasim_put_u8(w, a->type);
	dmasim_put_u8(w, a->inner);
	dmasim_put_u8(w, a->outer);
	dmasim_put_u8(w, a->share);
	dmasim_put_u8(w, a->alloc);
}

int dmasim_memsys_save(const struct dmasim_memsys *ms, struct dmasim_writer *w)
{
	if (ms->active_first)
		return DMASIM_E_STATE;
	dmasim_put_begin(w, MEMSYS_TAG, MEMSYS_VERSION);
	dmasim_put_u32(w, ms->line_size);
	dmasim_put_u8(w, (uint8_t)ms->protocol);
	dmasim_put_u32(w, ms->evict_cursor);
	dmasim_put_u32(w, ms->ask_every);
	dmasim_put_u32(w, ms->until_asked);
	dmasim_put_u32(w, ms->reach_next);
	for (uint32_t i = 0; i < MS_REACH; i++) {
		dmasim_put_u32(w, ms->reach[i].port);
		dmasim_put_u64(w, ms->reach[i].line);
		put_attr(&ms->reach[i].attr, w);
	}
	dmasim_put_u32(w, ms->port_count);
	for (uint32_t i = 0; i < ms->port_count; i++) {
		const struct ms_port *p = ms->ports[i];

		dmasim_put_u8(w, p->reserved);
		dmasim_put_u64(w, p->reserved ? p->reserved_line : 0);
	}
	dmasim_put_u32(w, ms->upper_count);
	for (uint32_t i = 0; i < ms->upper_count; i++)
		cache_save(ms->upper[i], w);
	put_optional(ms->shared, w);
	put_optional(ms->system, w);
	dmasim_put_u8(w, ms->filter != NULL);
	if (ms->filter)
		filter_save(ms->filter, w);
	dmasim_put_end(w);
	return DMASIM_OK;
}

/** What a blob holds, before it takes the place of what there is. */
struct saved {
	struct cache **upper, *shared, *system;
	struct ms_filter *filter;
	uint32_t cursor, until_asked, reach_next;
	struct ms_reach reach[MS_REACH];
	/** Of each port: its line + 1; 0: no reservation. */
	uint64_t *reserved;
};

/* An empty cache like @old, filled from the blob. */
static struct cache *get_cache(const struct dmasim_memsys *ms,
                               const struct cache *old, struct dmasim_reader *r)
{
	const struct dmasim_cache_config cfg = {
	        .size = cache_total(old) * old->line_size,
	        .ways = old->ways,
	        .replacement = old->replacement,
	};
	struct cache *c;

	if (cache_create(&cfg, ms->line_size, ms->period, &c))
		return NULL;
	c->latency = old->latency;
	c->place = old->place;
	c->port = old->port;
	cache_restore(c, r);
	return c;
}

/* Lines of two private caches are copies of one that break a promise. */
static bool clash(const struct cache *a, uint32_t way, const struct cache *b,
                  uint32_t other)
{
	uint8_t sa = cache_share(a, way), sb = cache_share(b, other);

	if (a->port == b->port)
		return true;
	if (sa == DMASIM_NSH || sb == DMASIM_NSH ||
	    (a->port->domain != b->port->domain &&
	     (sa != DMASIM_OSH || sb != DMASIM_OSH)))
		return false;
	return cache_state(a, way) == CACHE_EXCLUSIVE ||
	       cache_state(a, way) == CACHE_MODIFIED ||
	       (cache_is_dirty(a, way) && cache_is_dirty(b, other));
}

static bool clashes(struct cache *const *upper, uint32_t count, uint32_t self)
{
	const struct cache *c = upper[self];

	for (uint32_t i = 0; i < cache_total(c); i++) {
		for (uint32_t j = 0; j < count && cache_valid(c, i); j++) {
			int32_t way = j == self
			                      ? -1
			                      : cache_find(upper[j],
			                                   cache_number(c, i));

			if (way >= 0 && clash(c, i, upper[j], (uint32_t)way))
				return true;
		}
	}
	return false;
}

static void free_saved(const struct dmasim_memsys *ms, struct saved *s)
{
	for (uint32_t i = 0; s->upper && i < ms->upper_count; i++)
		cache_destroy(s->upper[i]);
	free(s->upper);
	cache_destroy(s->shared);
	cache_destroy(s->system);
	filter_destroy(s->filter);
	free(s->reserved);
}

static int get_optional(const struct dmasim_memsys *ms, const struct cache *old,
                        struct dmasim_reader *r, struct cache **out)
{
	if (dmasim_get_u8(r) != (old != NULL))
		return dmasim_reader_fail(r, "another number of levels");
	if (!old)
		return dmasim_reader_status(r);
	*out = get_cache(ms, old, r);
	return *out ? dmasim_reader_status(r) : DMASIM_E_NOMEM;
}

static int get_caches(const struct dmasim_memsys *ms, struct dmasim_reader *r,
                      struct saved *s)
{
	int status;

	if (dmasim_get_u32(r) != ms->upper_count)
		return dmasim_reader_fail(r, "another number of caches");
	s->upper = calloc(ms->upper_count + 1u, sizeof(struct cache *));
	if (!s->upper)
		return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < ms->upper_count; i++) {
		s->upper[i] = get_cache(ms, ms->upper[i], r);
		if (!s->upper[i])
			return DMASIM_E_NOMEM;
		if (dmasim_reader_status(r))
			return dmasim_reader_status(r);
	}
	status = get_optional(ms, ms->shared, r, &s->shared);
	if (!status)
		status = get_optional(ms, ms->system, r, &s->system);
	for (uint32_t i = 0; !status && i < ms->upper_count; i++)
		if (clashes(s->upper, ms->upper_count, i))
			status = dmasim_reader_fail(
			        r,
			        "a line is exclusive in cache %u and held "
			        "elsewhere",
			        i);
	return status;
}

/* Each line that a private cache holds is in it. */
static int get_filter(const struct dmasim_memsys *ms, struct dmasim_reader *r,
                      struct saved *s)
{
	struct dmasim_snoop_filter_config cfg;
	int status;

	if (dmasim_get_u8(r) != (ms->filter != NULL))
		return dmasim_reader_fail(r, "another snoop filter");
	if (!ms->filter)
		return dmasim_reader_status(r);
	cfg = (struct dmasim_snoop_filter_config){
	        .entries = ms->filter->sets * ms->filter->ways,
	        .ways = ms->filter->ways,
	};
	status = filter_create(&cfg, ms->period, &s->filter);
	if (status)
		return status;
	s->filter->latency = ms->filter->latency;
	filter_restore(s->filter, r);
	for (uint32_t i = 0; i < ms->upper_count; i++)
		for (uint32_t j = 0; j < cache_total(s->upper[i]); j++)
			if (cache_valid(s->upper[i], j) &&
			    !filter_has(s->filter,
			                cache_number(s->upper[i], j)))
				return dmasim_reader_fail(
				        r,
				        "a line of cache %u is not in the "
				        "snoop filter",
				        i);
	return dmasim_reader_status(r);
}

static void get_reach(const struct dmasim_memsys *ms, struct dmasim_reader *r,
                      struct saved *s)
{
	s->reach_next = dmasim_get_u32(r);
	for (uint32_t i = 0; i < MS_REACH; i++) {
		struct ms_reach *reach = &s->reach[i];

		reach->port = dmasim_get_u32(r);
		reach->line = dmasim_get_u64(r);
		reach->attr.type = dmasim_get_u8(r);
		reach->attr.inner = dmasim_get_u8(r);
		reach->attr.outer = dmasim_get_u8(r);
		reach->attr.share = dmasim_get_u8(r);
		reach->attr.alloc = dmasim_get_u8(r);
		if (reach->port && (reach->port > ms->cached_ports ||
		                    reach->line > ms_line(ms, DMASIM_PA_MAX) ||
		                    reach->attr.type != DMASIM_NORMAL ||
		                    reach->attr.inner == DMASIM_NC ||
		                    reach->attr.inner > DMASIM_WB ||
		                    reach->attr.outer > DMASIM_WB ||
		                    reach->attr.share > DMASIM_OSH))
			dmasim_reader_fail(r, "line in reach %u", i);
	}
}

static int get_reservations(const struct dmasim_memsys *ms,
                            struct dmasim_reader *r, struct saved *s)
{
	if (dmasim_get_u32(r) != ms->port_count)
		return dmasim_reader_fail(r, "another number of ports");
	s->reserved = calloc(ms->port_count, sizeof(*s->reserved));
	if (!s->reserved)
		return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < ms->port_count; i++) {
		uint8_t reserved = dmasim_get_u8(r);
		uint64_t line = dmasim_get_u64(r);

		if (reserved > 1 || line > ms_line(ms, DMASIM_PA_MAX))
			return dmasim_reader_fail(r, "reservation of port %u",
			                          i);
		s->reserved[i] = reserved ? line + 1 : 0;
	}
	return dmasim_reader_status(r);
}

static int get_all(const struct dmasim_memsys *ms, struct dmasim_reader *r,
                   struct saved *s)
{
	int status;

	dmasim_get_begin(r, MEMSYS_TAG, MEMSYS_VERSION);
	if (dmasim_get_u32(r) != ms->line_size)
		dmasim_reader_fail(r, "another line size");
	if (dmasim_get_u8(r) != (uint8_t)ms->protocol)
		dmasim_reader_fail(r, "another protocol");
	s->cursor = dmasim_get_u32(r);
	if (dmasim_get_u32(r) != ms->ask_every)
		dmasim_reader_fail(r, "another environment");
	s->until_asked = dmasim_get_u32(r);
	if (s->until_asked > ms->ask_every ||
	    (ms->ask_every && !s->until_asked))
		dmasim_reader_fail(r, "another environment");
	get_reach(ms, r, s);
	status = dmasim_reader_status(r);
	if (!status)
		status = get_reservations(ms, r, s);
	if (!status)
		status = get_caches(ms, r, s);
	if (!status)
		status = get_filter(ms, r, s);
	dmasim_get_end(r);
	return status ? status : dmasim_reader_status(r);
}

/* The blob's caches take the place of the old ones, port by port. */
static void install(struct dmasim_memsys *ms, struct saved *s)
{
	struct cache **upper = ms->upper, *shared = ms->shared,
	             *system = ms->system;
	struct ms_filter *filter = ms->filter;

	for (uint32_t i = 0; i < ms->upper_count; i++)
		for (uint32_t j = 0; j < ms->port_count; j++) {
			if (ms->ports[j]->l1 == upper[i])
				ms->ports[j]->l1 = s->upper[i];
			if (ms->ports[j]->l2 == upper[i])
				ms->ports[j]->l2 = s->upper[i];
		}
	ms->upper = s->upper;
	ms->upper_cap = ms->upper_count + 1u;
	ms->shared = s->shared;
	ms->system = s->system;
	ms->filter = s->filter;
	ms->evict_cursor = s->cursor;
	ms->until_asked = s->until_asked;
	ms->reach_next = s->reach_next;
	memcpy(ms->reach, s->reach, sizeof(ms->reach));
	ms->reservations = 0;
	for (uint32_t i = 0; i < ms->port_count; i++) {
		ms->ports[i]->reserved = s->reserved[i] != 0;
		ms->ports[i]->reserved_line =
		        s->reserved[i] ? s->reserved[i] - 1 : 0;
		ms->reservations += s->reserved[i] != 0;
	}
	ms_update_attention(ms);
	s->upper = upper;
	s->shared = shared;
	s->system = system;
	s->filter = filter;
}

int dmasim_memsys_restore(struct dmasim_memsys *ms, struct dmasim_reader *r)
{
	struct saved s = {0};
	int status;

	if (ms->active_first)
		return DMASIM_E_STATE;
	status = get_all(ms, r, &s);
	if (!status)
		install(ms, &s);
	free_saved(ms, &s);
	return status;
}
