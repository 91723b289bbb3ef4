/* SPDX-License-Identifier: MIT */
/*
 * The hazard checker: what every reader should see, and what it did see.
 *
 * Only reads and write-backs are judged. A stale copy that nobody reads, or
 * that is invalidated in time, is as it should be.
 */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int dmasim_checker_create(const struct dmasim_checker_config *cfg,
                          struct dmasim_checker **out)
{
	uint32_t line = cfg->line_size ? cfg->line_size : 64;
	struct dmasim_checker *c;

	*out = NULL;
	if (!cfg->kernel || line < 16 || line > CACHE_MAX_LINE ||
	    (line & (line - 1)))
		return DMASIM_E_INVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return DMASIM_E_NOMEM;
	c->kernel = cfg->kernel;
	c->line_size = line;
	c->line_shift = (uint32_t)__builtin_ctz(line);
	c->max_findings = cfg->max_findings ? cfg->max_findings : 1000;
	*out = c;
	return DMASIM_OK;
}

void dmasim_checker_destroy(struct dmasim_checker *c)
{
	if (!c)
		return;
	shadow_free_all(c);
	sites_free(&c->sites);
	names_free(c);
	notes_free(&c->notes);
	order_free(&c->order);
	free(c->agents);
	free(c->findings);
	free(c->keys);
	free(c);
}

int dmasim_agent_add(struct dmasim_checker *c, const char *name,
                     enum dmasim_agent_kind kind, uint32_t *agent)
{
	*agent = 0;
	if (c->agent_len == c->agent_cap) {
		uint32_t cap = c->agent_cap ? 2 * c->agent_cap : 16;
		void *grown = realloc(c->agents, cap * sizeof(*c->agents));

		if (!grown)
			return DMASIM_E_NOMEM;
		c->agents = grown;
		c->agent_cap = cap;
	}
	snprintf(c->agents[c->agent_len].name,
	         sizeof(c->agents[c->agent_len].name), "%s", name);
	c->agents[c->agent_len].kind = kind;
	*agent = ++c->agent_len;
	return DMASIM_OK;
}

const char *dmasim_agent_name(const struct dmasim_checker *c, uint32_t agent)
{
	if (!agent || agent > c->agent_len)
		return "unknown agent";
	return c->agents[agent - 1].name;
}

void check_attach(struct dmasim_checker *c, const struct dmasim_map *map,
                  uint64_t period)
{
	c->map = map;
	c->period = period;
}

uint32_t check_line_size(const struct dmasim_checker *c)
{
	return c->line_size;
}

static uint32_t offset_in(const struct dmasim_checker *c, uint64_t addr)
{
	return (uint32_t)addr & (c->line_size - 1);
}

static void set_record(struct hazard *h, const struct shadow *s,
                       uint16_t record, bool writer)
{
	const struct record *r = record ? &s->records[record - 1] : NULL;

	if (!r)
		return;
	if (writer) {
		h->writer = r->site;
		h->writer_time = r->time;
		h->writer_request = r->request;
	} else {
		h->reader = r->site;
		h->reader_time = r->time;
		h->reader_request = r->request;
	}
}

static void set_reader(struct dmasim_checker *c, struct hazard *h,
                       const struct check_who *who)
{
	h->reader = site_number(c, who);
	h->reader_time = dmasim_now(c->kernel);
	h->reader_request = who->origin->request;
}

/*
 * Two parties of the coherent domain can miss one another only because they
 * use other attributes for the same bytes: that is its own kind.
 */
static enum dmasim_finding_kind mismatch_or(const struct dmasim_checker *c,
                                            const struct hazard *h,
                                            enum dmasim_finding_kind other)
{
	const struct site *a = site_get(c, h->reader);
	const struct site *b = site_get(c, h->writer);

	return a && b && a->member && b->member &&
	                       dmasim_attr_mismatch(&a->attr, &b->attr)
	               ? DMASIM_MISMATCHED_ALIAS
	               : other;
}

/* How many bytes from @i on have the writer of byte @i, at most what a
 * finding holds; the last of them is a wrong one. */
static uint32_t wrong_span(const struct shadow *s, const uint8_t *line,
                           uint32_t i, uint32_t end)
{
	uint32_t span = 1;

	for (uint32_t j = i; j < end && j < i + DMASIM_FINDING_BYTES &&
	                     s->writer[j] == s->writer[i];
	     j++)
		if (line[j] != s->golden[j])
			span = j - i + 1;
	return span;
}

static bool has_notes(const struct dmasim_checker *c)
{
	return c->notes.len || c->notes.watch_len;
}

static void stale_read(struct dmasim_checker *c, struct shadow *s,
                       const struct check_who *who, const uint8_t *data,
                       uint32_t off, uint32_t n)
{
	/* As if the data were a whole line. */
	const uint8_t *line = data - off;
	uint32_t i = off;
	struct hazard h = {.shadow = s};

	while (i < off + n) {
		if (line[i] == s->golden[i]) {
			i++;
			continue;
		}
		/* RAM was loaded from outside: nobody's write was missed. */
		if (!s->writer[i]) {
			s->golden[i] = line[i];
			i++;
			continue;
		}
		h.addr = s->line + i;
		h.size = wrong_span(s, line, i, off + n);
		h.seen = line + i;
		h.expected = s->golden + i;
		set_record(&h, s, s->writer[i], true);
		set_reader(c, &h, who);
		h.kind = mismatch_or(c, &h, DMASIM_STALE_READ);
		report_finding(c, &h);
		i += h.size;
	}
}

/* Most accesses are of a register's size: spare them the call. */
static inline bool same_bytes(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint64_t x, y;

	if (n != 8)
		return memcmp(a, b, n) == 0;
	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return x == y;
}

void check_read(struct dmasim_checker *c, const struct check_who *who,
                uint64_t addr, const uint8_t *data, uint32_t n)
{
	struct shadow *s = shadow_get(c, addr);
	uint32_t off = offset_in(c, addr);
	uint32_t flags = 0;

	if (!s)
		return;
	if (has_notes(c))
		flags = owner_check(c, who, s, addr, data, n, false);
	/* That somebody else's turn was not waited for says it all. */
	if (flags)
		return;
	/* Bytes that a CPU read ahead were the newest then; what has been
	 * written since is a matter of order alone. */
	if (who->txn && who->txn->flags & DMASIM_TXN_TAKEN &&
	    !same_bytes(s->golden + off, data, n))
		return;
	if (!same_bytes(s->golden + off, data, n) &&
	    !order_is_racy(&c->order, addr, n))
		stale_read(c, s, who, data, off, n);
	else if ((s->sole && s->sole != who->agent) || happens_always(c))
		happens_read(c, who, s, addr, data, n);
}

/* Whose dirty bytes a write past the caches may be hiding: the last that was
 * made through them. What is kept from before such a write is never asked. */
static void keep_below(struct dmasim_checker *c, struct shadow *s, uint32_t off,
                       uint32_t n)
{
	for (uint32_t i = off; i < off + n; i++) {
		const struct record *r =
		        s->writer[i] ? &s->records[s->writer[i] - 1] : NULL;

		if (r && !site_get(c, r->site)->past &&
		    shadow_below(s, c->line_size))
			shadow_assign(s, s->below, i, s->writer[i]);
	}
}

void check_write(struct dmasim_checker *c, const struct check_who *who,
                 uint64_t addr, const uint8_t *data, uint32_t n)
{
	struct shadow *s = shadow_get(c, addr);
	uint32_t off = offset_in(c, addr);
	struct record r = {.site = site_number(c, who),
	                   .time = dmasim_now(c->kernel),
	                   .request = who->origin->request};

	if (s && has_notes(c))
		r.flags = (uint16_t)owner_check(c, who, s, addr, data, n, true);
	if (s)
		happens_write(c, who, s, addr, data, n, &r);
	if (s && r.site && who->past) {
		check_event(c, s->line, who->agent, CHECK_WRITE_PAST);
		keep_below(c, s, off, n);
	}
	if (!s || !r.site || !shadow_written(s, off, n, &r)) {
		clock_put(r.clock);
		dmasim_fail(c->kernel, "checker: no memory");
		return;
	}
	memcpy(s->golden + off, data, n);
}

static bool next_marked(const struct dmasim_checker *c, const uint64_t *mask,
                        uint32_t *i)
{
	*i = mask_next(mask, *i, c->line_size, true);
	return *i < c->line_size;
}

/* The marked bytes from @i on that are wrong in the same way. */
static uint32_t lost_span(const struct dmasim_checker *c,
                          const struct shadow *s, const uint8_t *data,
                          const uint64_t *mask, uint32_t i)
{
	uint32_t span = 0;

	while (i + span < c->line_size && span < DMASIM_FINDING_BYTES &&
	       mask_test(mask, i + span) &&
	       data[i + span] != s->golden[i + span] &&
	       s->writer[i + span] == s->writer[i])
		span++;
	return span;
}

/* The CPU wrote dirty bytes where it should not have: that is what was lost
 * for. @h's reader becomes that write. */
static void blame_owner(const struct dmasim_checker *c, struct hazard *h,
                        const struct record *dirty)
{
	const struct hazard was = *h;

	if (!(dirty->flags & (RECORD_OWNERSHIP | RECORD_SHARED_LINE)))
		return;
	h->kind = dirty->flags & RECORD_OWNERSHIP ? DMASIM_OWNERSHIP
	                                          : DMASIM_SHARED_LINE;
	h->reader = dirty->site;
	h->reader_time = dirty->time;
	h->reader_request = dirty->request;
	h->note = owner_of_line(c, h->addr);
	if (h->writer != h->reader)
		return;
	h->writer = was.reader;
	h->writer_time = was.reader_time;
	h->writer_request = was.reader_request;
}

/* Memory holds @data from now on: the newer bytes are gone. */
static void lost_write(struct dmasim_checker *c, struct shadow *s,
                       const uint8_t *data, uint32_t i, uint32_t span)
{
	struct hazard h = {
	        .addr = s->line + i,
	        .size = span,
	        .seen = data + i,
	        .expected = s->golden + i,
	        .shadow = s,
	        .lost = true,
	};

	set_record(&h, s, s->writer[i], true);
	set_record(&h, s, s->below ? s->below[i] : 0, false);
	h.kind = mismatch_or(c, &h, DMASIM_LOST_WRITE);
	if (s->below && s->below[i])
		blame_owner(c, &h, &s->records[s->below[i] - 1]);
	report_finding(c, &h);
}

void check_writeback(struct dmasim_checker *c, uint64_t line,
                     const uint8_t *data, const uint64_t *mask)
{
	struct shadow *s = shadow_get(c, line);
	uint32_t i = 0;

	while (s && next_marked(c, mask, &i)) {
		uint32_t span = lost_span(c, s, data, mask, i);

		if (!span) {
			i++;
			continue;
		}
		if (s->writer[i])
			lost_write(c, s, data, i, span);
		for (uint32_t j = i; j < i + span; j++) {
			s->golden[j] = data[j];
			shadow_assign(s, s->writer, j,
			              s->below ? s->below[j] : 0);
		}
		i += span;
	}
	if (s)
		check_event(c, s->line, 0, CHECK_WRITEBACK);
}

void check_discard(struct dmasim_checker *c, const struct check_who *who,
                   uint64_t line, const uint8_t *data, const uint64_t *mask)
{
	struct shadow *s = shadow_get(c, line);
	uint8_t ram[CACHE_MAX_LINE];
	uint32_t i = 0;
	struct hazard h = {.shadow = s};

	if (!s || dmasim_map_peek(c->map, line, ram, c->line_size))
		return;
	while (next_marked(c, mask, &i)) {
		/* Dirty, but not the newest: dropping it is right. */
		if (data[i] != s->golden[i] || ram[i] == data[i]) {
			i++;
			continue;
		}
		h.addr = s->line + i;
		h.size = lost_span(c, s, ram, mask, i);
		h.seen = ram + i;
		h.expected = s->golden + i;
		h.kind = DMASIM_DISCARDED_WRITE;
		h.note = NULL;
		set_record(&h, s, s->writer[i], true);
		set_reader(c, &h, who);
		if (s->writer[i])
			blame_owner(c, &h, &s->records[s->writer[i] - 1]);
		report_finding(c, &h);
		for (uint32_t j = i; j < i + h.size; j++) {
			s->golden[j] = ram[j];
			shadow_assign(s, s->writer, j, 0);
		}
		i += h.size;
	}
}

void dmasim_checker_forget(struct dmasim_checker *c, uint64_t addr,
                           uint64_t size)
{
	for (uint64_t at = addr; at - addr < size;
	     at += c->line_size - offset_in(c, at)) {
		struct shadow *s = shadow_find(c, at);
		uint32_t from = offset_in(c, at);

		for (uint32_t i = from;
		     s && i < c->line_size && s->line + i - addr < size; i++) {
			shadow_assign(s, s->writer, i, 0);
			if (s->below)
				shadow_assign(s, s->below, i, 0);
		}
	}
}
