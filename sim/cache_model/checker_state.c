/* SPDX-License-Identifier: MIT */
/* Saving and restoring the checker: sites, shadows, names, notes. Findings
 * are in finding_state.c. */
#include "checker_internal.h"

#include <stdlib.h>
#include <string.h>

#define CHECKER_TAG     "CHKR"
#define CHECKER_VERSION 3

/** Longest string of a site in a blob. */
#define SITE_STRING_MAX 512

static void put_optional(struct dmasim_writer *w, const char *s)
{
	dmasim_put_u8(w, s != NULL);
	dmasim_put_string(w, s);
}

static const char *get_optional(struct dmasim_reader *r, char *buf, size_t size)
{
	uint8_t present = dmasim_get_u8(r);

	dmasim_get_string(r, buf, size);
	return present ? buf : NULL;
}

static void put_sites(const struct sites *sites, struct dmasim_writer *w)
{
	dmasim_put_u32(w, sites->len);
	for (uint32_t i = 0; i < sites->len; i++) {
		const struct site *s = &sites->s[i];

		dmasim_put_u32(w, s->agent);
		dmasim_put_u32(w, s->line);
		dmasim_put_u32(w, s->queue);
		dmasim_put_u8(w, (uint8_t)s->cause);
		dmasim_put_u8(w, s->attr.type);
		dmasim_put_u8(w, s->attr.inner);
		dmasim_put_u8(w, s->attr.outer);
		dmasim_put_u8(w, s->attr.share);
		dmasim_put_u8(w, s->attr.alloc);
		dmasim_put_u8(w, s->member);
		dmasim_put_u8(w, s->past);
		put_optional(w, s->file);
		put_optional(w, s->what);
	}
}

static int get_sites(struct sites *sites, struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX - 1, 30);

	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		char file[SITE_STRING_MAX], what[SITE_STRING_MAX];
		struct site s;

		s.agent = dmasim_get_u32(r);
		s.line = dmasim_get_u32(r);
		s.queue = dmasim_get_u32(r);
		s.cause = dmasim_get_u8(r);
		s.attr.type = dmasim_get_u8(r);
		s.attr.inner = dmasim_get_u8(r);
		s.attr.outer = dmasim_get_u8(r);
		s.attr.share = dmasim_get_u8(r);
		s.attr.alloc = dmasim_get_u8(r);
		s.member = dmasim_get_u8(r) != 0;
		s.past = dmasim_get_u8(r) != 0;
		s.file = get_optional(r, file, sizeof(file));
		s.what = get_optional(r, what, sizeof(what));
		if (!dmasim_reader_status(r) && site_restore(sites, &s))
			return DMASIM_E_NOMEM;
	}
	return dmasim_reader_status(r);
}

static void put_history(const struct shadow *s, struct dmasim_writer *w)
{
	uint32_t n = s->events < SHADOW_HISTORY ? s->events : SHADOW_HISTORY;

	dmasim_put_u32(w, n);
	for (uint32_t i = s->events - n; i != s->events; i++) {
		const struct history *h = &s->history[i % SHADOW_HISTORY];

		dmasim_put_u64(w, h->time);
		dmasim_put_u32(w, h->agent);
		dmasim_put_u32(w, h->event);
		dmasim_put_u32(w, h->count);
	}
}

static void get_history(struct shadow *s, struct dmasim_reader *r)
{
	s->events = dmasim_get_count(r, SHADOW_HISTORY, 20);
	for (uint32_t i = 0; i < s->events; i++) {
		struct history *h = &s->history[i];
		uint32_t event;

		h->time = dmasim_get_u64(r);
		h->agent = dmasim_get_u32(r);
		event = dmasim_get_u32(r);
		h->count = (uint16_t)dmasim_get_u32(r);
		if (event >= CHECK_EVENTS) {
			dmasim_reader_fail(r, "no line event %u", event);
			event = 0;
		}
		h->event = (uint16_t)event;
	}
}

/** Numbers of records in a blob: in the order in which bytes refer to them,
 * so that a line is saved alike whatever it went through. */
struct numbering {
	uint16_t of[2 * CACHE_MAX_LINE + 2];
	uint16_t order[2 * CACHE_MAX_LINE + 1];
	uint16_t count;
};

static void number_records(const struct dmasim_checker *c, const uint16_t *map,
                           struct numbering *n)
{
	for (uint32_t i = 0; map && i < c->line_size; i++) {
		if (!map[i] || n->of[map[i]])
			continue;
		n->order[n->count] = map[i];
		n->of[map[i]] = ++n->count;
	}
}

static void put_map(const struct dmasim_checker *c, const uint16_t *map,
                    const struct numbering *n, struct dmasim_writer *w)
{
	dmasim_put_u8(w, map != NULL);
	for (uint32_t i = 0; map && i < c->line_size; i++) {
		dmasim_put_u8(w, (uint8_t)n->of[map[i]]);
		dmasim_put_u8(w, (uint8_t)(n->of[map[i]] >> 8));
	}
}

static void get_map(const struct dmasim_checker *c, struct shadow *s,
                    uint16_t *map, struct dmasim_reader *r)
{
	for (uint32_t i = 0; i < c->line_size; i++) {
		uint16_t record = dmasim_get_u8(r);

		record = (uint16_t)(record | dmasim_get_u8(r) << 8);
		if (record > s->record_len) {
			dmasim_reader_fail(r, "no record %u", record);
			return;
		}
		if (record)
			s->records[record - 1].refs++;
		map[i] = record;
	}
}

static void put_shadow(const struct dmasim_checker *c, const struct shadow *s,
                       struct dmasim_writer *w)
{
	struct numbering n;

	memset(n.of, 0, (s->record_len + 1u) * sizeof(*n.of));
	n.count = 0;
	number_records(c, s->writer, &n);
	number_records(c, s->below, &n);
	dmasim_put_u64(w, s->line);
	dmasim_put_bytes(w, s->golden, c->line_size);
	put_history(s, w);
	dmasim_put_u32(w, s->sole);
	for (uint32_t i = 0; i < (c->line_size + 63) / 64; i++)
		dmasim_put_u64(w, s->sync[i]);
	dmasim_put_u32(w, n.count);
	for (uint32_t i = 0; i < n.count; i++) {
		const struct record *rec = &s->records[n.order[i] - 1];

		dmasim_put_u32(w, rec->site);
		dmasim_put_u8(w, (uint8_t)rec->flags);
		dmasim_put_u32(w, rec->size);
		dmasim_put_u64(w, rec->time);
		dmasim_put_u64(w, rec->request);
		dmasim_put_u64(w, rec->number);
		dmasim_put_u64(w, rec->stores);
		dmasim_put_u64(w, rec->complete);
		dmasim_put_u64(w, rec->seq);
		dmasim_put_u64(w, rec->maintained);
		dmasim_put_u32(w, rec->maintainer);
		clock_save(rec->clock, w);
	}
	dmasim_put_u32(w, s->last_record ? n.of[s->last_record] : 0);
	put_map(c, s->writer, &n, w);
	put_map(c, s->below, &n, w);
}

static int get_records(const struct dmasim_checker *c, struct shadow *s,
                       struct dmasim_reader *r)
{
	/* Each byte names two at most. */
	uint32_t count = dmasim_get_count(r, 2 * c->line_size + 1, 77), last;

	if (!shadow_reserve(s, count))
		return DMASIM_E_NOMEM;
	s->record_len = (uint16_t)count;
	for (uint32_t i = 0; i < count; i++)
		s->records[i] = (struct record){0};
	for (uint32_t i = 0; i < count; i++) {
		struct record *rec = &s->records[i];

		rec->site = dmasim_get_u32(r);
		rec->flags = dmasim_get_u8(r);
		rec->size = (uint16_t)dmasim_get_u32(r);
		rec->time = dmasim_get_u64(r);
		rec->request = dmasim_get_u64(r);
		rec->number = dmasim_get_u64(r);
		rec->stores = dmasim_get_u64(r);
		rec->complete = dmasim_get_u64(r);
		rec->seq = dmasim_get_u64(r);
		rec->maintained = dmasim_get_u64(r);
		rec->maintainer = dmasim_get_u32(r);
		if (clock_restore(&rec->clock, r))
			return DMASIM_E_NOMEM;
	}
	last = dmasim_get_u32(r);
	if (last > count)
		return dmasim_reader_fail(r, "no record %u", last);
	s->last_record = (uint16_t)last;
	return DMASIM_OK;
}

static int get_shadow(const struct dmasim_checker *c, struct shadow *s,
                      struct dmasim_reader *r)
{
	int status;

	dmasim_get_bytes(r, s->golden, c->line_size);
	get_history(s, r);
	s->sole = dmasim_get_u32(r);
	for (uint32_t i = 0; i < (c->line_size + 63) / 64; i++)
		s->sync[i] = dmasim_get_u64(r);
	status = get_records(c, s, r);
	if (status)
		return status;
	if (!dmasim_get_u8(r))
		return dmasim_reader_fail(r, "a line without writers");
	get_map(c, s, s->writer, r);
	if (dmasim_get_u8(r)) {
		if (!shadow_below(s, c->line_size))
			return DMASIM_E_NOMEM;
		get_map(c, s, s->below, r);
	}
	if (dmasim_reader_status(r))
		return dmasim_reader_status(r);
	for (uint32_t i = 0; i < s->record_len; i++) {
		const struct record *rec = &s->records[i];

		if (!rec->refs || !rec->site || rec->site > c->sites.len)
			return dmasim_reader_fail(
			        r, "a record of no byte or of site %u",
			        rec->site);
	}
	return DMASIM_OK;
}

static int put_shadows(const struct dmasim_checker *c, struct dmasim_writer *w)
{
	struct shadow_page *pages = shadow_pages(c);

	if (!pages)
		return DMASIM_E_NOMEM;
	dmasim_put_u32(w, (uint32_t)c->shadow_len);
	for (size_t i = 0; i < c->page_len; i++)
		for (uint32_t j = 0; j < SHADOW_PAGE / c->line_size; j++) {
			const struct shadow *s =
			        shadow_of_page(c, &pages[i], j);

			if (s)
				put_shadow(c, s, w);
		}
	free(pages);
	return DMASIM_OK;
}

static int get_shadows(struct dmasim_checker *c, struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX, c->line_size);
	int status = dmasim_reader_status(r);

	for (uint32_t i = 0; i < count && !status; i++) {
		uint64_t line = dmasim_get_u64(r);
		struct shadow *s;

		if (line % c->line_size || shadow_find(c, line))
			return dmasim_reader_fail(
			        r, "line 0x%llx twice or not aligned",
			        (unsigned long long)line);
		s = shadow_new(c, line);
		if (!s)
			return DMASIM_E_NOMEM;
		status = get_shadow(c, s, r);
	}
	return status;
}

static void put_names(const struct dmasim_checker *c, struct dmasim_writer *w)
{
	dmasim_put_u32(w, (uint32_t)c->region_len);
	for (size_t i = 0; i < c->region_len; i++) {
		dmasim_put_u64(w, c->regions[i].start);
		dmasim_put_u64(w, c->regions[i].end);
		dmasim_put_u64(w, c->regions[i].origin);
		dmasim_put_string(w, c->regions[i].name);
	}
}

/* Functions do not fit into a blob: a name takes the one that the same name
 * of the same place has in this program. */
static void adopt_function(const struct dmasim_checker *c, struct region *r)
{
	for (size_t i = 0; i < c->region_len; i++) {
		const struct region *old = &c->regions[i];

		if (old->origin == r->origin &&
		    strcmp(old->name, r->name) == 0) {
			r->describe = old->describe;
			r->ctx = old->ctx;
		}
	}
}

static int get_names(const struct dmasim_checker *c,
                     struct dmasim_checker *fresh, struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX, 28);
	int status = dmasim_reader_status(r);

	for (uint32_t i = 0; i < count && !status; i++) {
		uint64_t start = dmasim_get_u64(r), end = dmasim_get_u64(r);
		uint64_t origin = dmasim_get_u64(r);
		char name[128];
		struct region *region;

		dmasim_get_string(r, name, sizeof(name));
		status = dmasim_reader_status(r);
		if (!status && (end < start || origin > start))
			status = dmasim_reader_fail(r, "name \"%s\" of nothing",
			                            name);
		if (!status)
			status = dmasim_name_region(fresh, start, 1, name, NULL,
			                            NULL);
		if (status)
			break;
		region = &fresh->regions[fresh->region_len - 1];
		region->end = end;
		region->origin = origin;
		adopt_function(c, region);
	}
	return status;
}

int dmasim_checker_save(const struct dmasim_checker *c, struct dmasim_writer *w)
{
	int status;

	dmasim_put_begin(w, CHECKER_TAG, CHECKER_VERSION);
	dmasim_put_u32(w, c->line_size);
	dmasim_put_u32(w, c->agent_len);
	for (uint32_t i = 0; i < c->agent_len; i++)
		dmasim_put_string(w, c->agents[i].name);
	put_sites(&c->sites, w);
	status = put_shadows(c, w);
	put_names(c, w);
	notes_save(&c->notes, w);
	order_save(&c->order, w);
	findings_save(c, w);
	dmasim_put_end(w);
	return status;
}

static int get_agents(const struct dmasim_checker *c, struct dmasim_reader *r)
{
	bool same = dmasim_get_u32(r) == c->line_size;

	same &= dmasim_get_u32(r) == c->agent_len;
	for (uint32_t i = 0; same && i < c->agent_len; i++) {
		char name[sizeof(c->agents[i].name)];

		dmasim_get_string(r, name, sizeof(name));
		same = strcmp(name, c->agents[i].name) == 0;
	}
	if (dmasim_reader_status(r))
		return dmasim_reader_status(r);
	return same ? DMASIM_OK
	            : dmasim_reader_fail(r,
	                                 "another line size or other agents");
}

static void free_contents(struct dmasim_checker *c)
{
	shadow_free_all(c);
	sites_free(&c->sites);
	names_free(c);
	notes_free(&c->notes);
	order_free(&c->order);
	free(c->findings);
	free(c->keys);
}

int dmasim_checker_restore(struct dmasim_checker *c, struct dmasim_reader *r)
{
	struct dmasim_checker *fresh = malloc(sizeof(*fresh));
	int status;

	if (!fresh)
		return DMASIM_E_NOMEM;
	*fresh = (struct dmasim_checker){.kernel = c->kernel,
	                                 .map = c->map,
	                                 .line_size = c->line_size,
	                                 .line_shift = c->line_shift,
	                                 .period = c->period,
	                                 .max_findings = c->max_findings};
	dmasim_get_begin(r, CHECKER_TAG, CHECKER_VERSION);
	status = get_agents(c, r);
	if (!status)
		status = get_sites(&fresh->sites, r);
	if (!status)
		status = get_shadows(fresh, r);
	if (!status)
		status = get_names(c, fresh, r);
	if (!status)
		status = notes_restore(&fresh->notes, fresh->sites.len, r);
	if (!status)
		status = order_restore(&fresh->order, c->agent_len,
		                       fresh->sites.len, c->line_size, r);
	if (!status)
		status = findings_restore(fresh, r);
	dmasim_get_end(r);
	if (!status)
		status = dmasim_reader_status(r);
	if (status) {
		free_contents(fresh);
	} else {
		fresh->agents = c->agents;
		fresh->agent_len = c->agent_len;
		fresh->agent_cap = c->agent_cap;
		free_contents(c);
		*c = *fresh;
	}
	free(fresh);
	return status;
}
