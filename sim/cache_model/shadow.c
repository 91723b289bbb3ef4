/* SPDX-License-Identifier: MIT */
/* The shadow of each line: golden bytes, writers, history. */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_line(uint64_t line)
{
	line *= 0x9e3779b97f4a7c15ull;
	return line ^ line >> 32;
}

static size_t place_of(const struct shadow_slot *table, size_t cap,
                       uint64_t line)
{
	size_t at = (size_t)hash_line(line) & (cap - 1);

	while (table[at].shadow && table[at].line != line)
		at = (at + 1) & (cap - 1);
	return at;
}

static bool grow(struct dmasim_checker *c)
{
	size_t cap = c->shadow_cap ? 2 * c->shadow_cap : 1024;
	struct shadow_slot *table = calloc(cap, sizeof(*table));

	if (!table)
		return false;
	for (size_t i = 0; i < c->shadow_cap; i++)
		if (c->shadows[i].shadow)
			table[place_of(table, cap, c->shadows[i].line)] =
			        c->shadows[i];
	free(c->shadows);
	c->shadows = table;
	c->shadow_cap = cap;
	return true;
}

bool shadow_insert(struct dmasim_checker *c, struct shadow *s)
{
	if (4 * c->shadow_len >= 3 * c->shadow_cap && !grow(c))
		return false;
	c->shadows[place_of(c->shadows, c->shadow_cap, s->line)] =
	        (struct shadow_slot){s->line, s};
	c->shadow_len++;
	return true;
}

struct shadow *shadow_find(const struct dmasim_checker *c, uint64_t line)
{
	if (!c->shadow_cap)
		return NULL;
	return c->shadows[place_of(c->shadows, c->shadow_cap, line)].shadow;
}

struct shadow *shadow_new(uint32_t line_size)
{
	/* One block: the writers, then the bytes, behind the structure. */
	struct shadow *s =
	        calloc(1, sizeof(*s) + line_size * (sizeof(*s->writer) + 1));

	if (!s)
		return NULL;
	s->writer = (uint16_t *)(s + 1);
	s->golden = (uint8_t *)(s->writer + line_size);
	return s;
}

void shadow_free(struct shadow *s)
{
	if (!s)
		return;
	free(s->below);
	free(s->records);
	free(s);
}

void shadow_free_all(struct dmasim_checker *c)
{
	for (size_t i = 0; i < c->shadow_cap; i++)
		shadow_free(c->shadows[i].shadow);
	free(c->shadows);
	c->shadows = NULL;
	c->shadow_len = 0;
	c->shadow_cap = 0;
	memset(c->recent, 0, sizeof(c->recent));
}

static struct shadow *make(struct dmasim_checker *c, uint64_t line)
{
	struct shadow *s = shadow_new(c->line_size);

	if (s) {
		s->line = line;
		/* Nobody has written it through the caches yet, so that RAM
		 * holds what everybody sees. */
		if (c->map)
			dmasim_map_peek(c->map, line, s->golden, c->line_size);
		if (shadow_insert(c, s))
			return s;
	}
	shadow_free(s);
	dmasim_fail(c->kernel, "checker: no memory");
	return NULL;
}

struct shadow *shadow_get(struct dmasim_checker *c, uint64_t addr)
{
	uint64_t line = addr & ~(uint64_t)(c->line_size - 1);
	struct shadow **recent =
	        &c->recent[line / c->line_size % SHADOW_RECENT];

	if (*recent && (*recent)->line == line)
		return *recent;
	*recent = shadow_find(c, line);
	if (!*recent)
		*recent = make(c, line);
	return *recent;
}

uint16_t shadow_record(struct shadow *s, const struct record *r)
{
	uint16_t n = s->free_record;

	if (n) {
		s->free_record = (uint16_t)s->records[n - 1].site;
	} else {
		/* Two references per byte bound it far below the type's. */
		if (s->record_len == s->record_cap) {
			uint16_t cap = s->record_cap
			                       ? (uint16_t)(2 * s->record_cap)
			                       : 4;
			struct record *grown =
			        realloc(s->records, cap * sizeof(*grown));

			if (!grown)
				return 0;
			s->records = grown;
			s->record_cap = cap;
		}
		n = ++s->record_len;
	}
	s->records[n - 1] = *r;
	s->records[n - 1].refs = 0;
	return n;
}

void shadow_assign(struct shadow *s, uint16_t *map, uint32_t i, uint16_t record)
{
	uint16_t old = map[i];

	/* The new reference first: both may be one record. */
	if (record)
		s->records[record - 1].refs++;
	map[i] = record;
	if (old && --s->records[old - 1].refs == 0) {
		s->records[old - 1].site = s->free_record;
		s->free_record = old;
	}
}

uint16_t *shadow_below(struct shadow *s, uint32_t line_size)
{
	if (!s->below)
		s->below = calloc(line_size, sizeof(*s->below));
	return s->below;
}

static const char *event_text(unsigned event)
{
	static const char *const text[CHECK_EVENTS] = {
	        [CHECK_FILL] = "fills",
	        [CHECK_SHARE] = "shares",
	        [CHECK_DIRTY] = "writes (dirty)",
	        [CHECK_WRITEBACK] = "dirty bytes go to memory",
	        [CHECK_EVICT] = "evicts",
	        [CHECK_CLEAN] = "cleaned",
	        [CHECK_INVALIDATE] = "invalidated",
	        [CHECK_SNOOPED] = "gives up by snoop",
	        [CHECK_WRITE_PAST] = "writes past the caches",
	        [CHECK_WRITE_SNOOPING] = "writes, snooping",
	};

	return text[event];
}

void shadow_history(const struct dmasim_checker *c, const struct shadow *s,
                    char *buf, size_t size)
{
	uint32_t n = s->events < SHADOW_HISTORY ? s->events : SHADOW_HISTORY;
	size_t used = 0;

	buf[0] = '\0';
	for (uint32_t i = s->events - n; i != s->events; i++) {
		const struct history *h = &s->history[i % SHADOW_HISTORY];
		const char *agent =
		        h->agent ? dmasim_agent_name(c, h->agent) : "";
		char times[16] = "";
		int len;

		if (h->count > 1)
			snprintf(times, sizeof(times), " x%u", h->count);
		len = snprintf(
		        buf + used, size - used, "%st=%llu.%03llu ns %s%s%s%s",
		        used ? "; " : "", (unsigned long long)(h->time / 1000),
		        (unsigned long long)(h->time % 1000), agent,
		        h->agent ? " " : "", event_text(h->event), times);
		if (len < 0 || (size_t)len >= size - used) {
			/* Whole entries only. */
			buf[used] = '\0';
			return;
		}
		used += (size_t)len;
	}
}

void check_event(struct dmasim_checker *c, uint64_t line, uint32_t agent,
                 enum check_event event)
{
	struct shadow *s = shadow_get(c, line);
	struct history *h;

	if (!s)
		return;
	h = &s->history[(s->events - 1) % SHADOW_HISTORY];
	if (s->events && h->agent == agent && h->event == event) {
		h->time = dmasim_now(c->kernel);
		if (h->count < UINT16_MAX)
			h->count++;
		return;
	}
	h = &s->history[s->events++ % SHADOW_HISTORY];
	*h = (struct history){
	        .time = dmasim_now(c->kernel),
	        .agent = agent,
	        .event = (uint16_t)event,
	        .count = 1,
	};
}
