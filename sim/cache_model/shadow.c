/* SPDX-License-Identifier: MIT */
/* The shadow of each line: golden bytes, writers, history. */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Lines of a usual host. */
#define SHADOW_ALIGN 64u
/** What of a shadow is worth fetching ahead. */
#define SHADOW_EXPECTED 384u

static uint64_t hash_page(uint64_t page)
{
	page *= 0x9e3779b97f4a7c15ull;
	return page ^ page >> 32;
}

static size_t place_of(const struct shadow_page *table, size_t cap,
                       uint64_t page)
{
	size_t at = (size_t)hash_page(page) & (cap - 1);

	while (table[at].page && table[at].page != page + 1)
		at = (at + 1) & (cap - 1);
	return at;
}

static bool grow(struct dmasim_checker *c)
{
	size_t cap = c->page_cap ? 2 * c->page_cap : 64;
	struct shadow_page *table = calloc(cap, sizeof(*table));

	if (!table)
		return false;
	for (size_t i = 0; i < c->page_cap; i++)
		if (c->pages[i].page)
			table[place_of(table, cap, c->pages[i].page - 1)] =
			        c->pages[i];
	free(c->pages);
	c->pages = table;
	c->page_cap = cap;
	return true;
}

static uint32_t lines_of_page(const struct dmasim_checker *c)
{
	return SHADOW_PAGE / c->line_size;
}

static uint32_t mask_words(uint32_t line_size)
{
	return (line_size + 63) / 64;
}

static uint32_t step_of(uint32_t line_size)
{
	uint32_t size = (uint32_t)sizeof(struct shadow) +
	                mask_words(line_size) * (uint32_t)sizeof(uint64_t) +
	                line_size * (1 + (uint32_t)sizeof(uint16_t));

	return (size + SHADOW_ALIGN - 1) & ~(SHADOW_ALIGN - 1);
}

/* Remembered, so that the next line of it is found at once. */
static const struct shadow_page *find_page(struct dmasim_checker *c,
                                           uint64_t page)
{
	struct shadow_page *recent = &c->recent[page % SHADOW_RECENT];

	if (recent->page == page + 1)
		return recent;
	if (!c->page_cap)
		return NULL;
	*recent = c->pages[place_of(c->pages, c->page_cap, page)];
	return recent->page ? recent : NULL;
}

static const struct shadow_page *make_page(struct dmasim_checker *c,
                                           uint64_t page)
{
	const struct shadow_page *found = find_page(c, page);
	struct shadow_page made = {.page = page + 1};

	if (found)
		return found;
	if (4 * c->page_len >= 3 * c->page_cap && !grow(c))
		return NULL;
	c->shadow_step = step_of(c->line_size);
	made.block = calloc(1, (size_t)c->shadow_step * lines_of_page(c) +
	                               SHADOW_ALIGN);
	if (!made.block)
		return NULL;
	made.shadows = (uint8_t *)made.block + SHADOW_ALIGN -
	               (uintptr_t)made.block % SHADOW_ALIGN;
	c->pages[place_of(c->pages, c->page_cap, page)] = made;
	c->page_len++;
	return find_page(c, page);
}

static inline struct shadow *line_of(const struct dmasim_checker *c,
                                     const struct shadow_page *page,
                                     uint64_t addr)
{
	uint32_t at = (uint32_t)addr & (SHADOW_PAGE - 1);

	/* The line size is a power of two. */
	return (struct shadow *)(void *)(page->shadows +
	                                 (size_t)c->shadow_step *
	                                         (at >> c->line_shift));
}

struct shadow *shadow_find(const struct dmasim_checker *c, uint64_t addr)
{
	uint64_t page = addr >> SHADOW_PAGE_SHIFT;
	const struct shadow_page *p;
	struct shadow *s;

	if (!c->page_cap)
		return NULL;
	p = &c->pages[place_of(c->pages, c->page_cap, page)];
	s = p->page ? line_of(c, p, addr) : NULL;
	return s && s->golden ? s : NULL;
}

struct shadow *shadow_of_page(const struct dmasim_checker *c,
                              const struct shadow_page *page, uint32_t i)
{
	struct shadow *s = line_of(c, page, (uint64_t)i << c->line_shift);

	return s->golden ? s : NULL;
}

static int compare_pages(const void *a, const void *b)
{
	uint64_t x = ((const struct shadow_page *)a)->page;
	uint64_t y = ((const struct shadow_page *)b)->page;

	return (x > y) - (x < y);
}

struct shadow_page *shadow_pages(const struct dmasim_checker *c)
{
	struct shadow_page *sorted =
	        malloc((c->page_len + 1) * sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < c->page_cap; i++)
		if (c->pages[i].page)
			sorted[n++] = c->pages[i];
	qsort(sorted, n, sizeof(*sorted), compare_pages);
	return sorted;
}

struct shadow *shadow_new(struct dmasim_checker *c, uint64_t line)
{
	const struct shadow_page *page =
	        make_page(c, line >> SHADOW_PAGE_SHIFT);
	struct shadow *s;

	if (!page)
		return NULL;
	s = line_of(c, page, line);
	s->line = line;
	s->sync = (uint64_t *)(s + 1);
	s->golden = (uint8_t *)(s->sync + mask_words(c->line_size));
	s->writer = (uint16_t *)(void *)(s->golden + c->line_size);
	s->records = s->first_records;
	s->record_cap = SHADOW_RECORDS;
	c->shadow_len++;
	return s;
}

void shadow_free_all(struct dmasim_checker *c)
{
	for (size_t i = 0; i < c->page_cap; i++) {
		const struct shadow_page *page = &c->pages[i];

		for (uint32_t j = 0; page->page && j < lines_of_page(c); j++) {
			struct shadow *s = shadow_of_page(c, page, j);

			if (!s)
				continue;
			for (uint16_t k = 0; k < s->record_len; k++)
				clock_put(s->records[k].clock);
			free(s->below);
			if (s->records != s->first_records)
				free(s->records);
		}
		free(page->block);
	}
	free(c->pages);
	c->pages = NULL;
	c->page_len = 0;
	c->page_cap = 0;
	c->shadow_len = 0;
	memset(c->recent, 0, sizeof(c->recent));
}

__attribute__((noinline)) static struct shadow *make(struct dmasim_checker *c,
                                                     uint64_t line)
{
	struct shadow *s = shadow_new(c, line);

	if (!s)
		dmasim_fail(c->kernel, "checker: no memory");
	/* Nobody has written it through the caches yet, so that RAM holds
	 * what everybody sees. */
	else if (c->map)
		dmasim_map_peek(c->map, line, s->golden, c->line_size);
	return s;
}

struct shadow *shadow_get(struct dmasim_checker *c, uint64_t addr)
{
	const struct shadow_page *page =
	        find_page(c, addr >> SHADOW_PAGE_SHIFT);
	struct shadow *s = page ? line_of(c, page, addr) : NULL;

	if (s && s->golden)
		return s;
	return make(c, addr & ~(uint64_t)(c->line_size - 1));
}

void check_expect(struct dmasim_checker *c, uint64_t addr)
{
	const struct shadow_page *page =
	        find_page(c, addr >> SHADOW_PAGE_SHIFT);
	const uint8_t *s;

	if (!page)
		return;
	s = (const uint8_t *)line_of(c, page, addr);
	for (uint32_t at = 0; at < c->shadow_step && at < SHADOW_EXPECTED;
	     at += SHADOW_ALIGN)
		__builtin_prefetch(s + at, 1);
}

bool shadow_reserve(struct shadow *s, uint32_t count)
{
	struct record *grown;

	if (count <= s->record_cap)
		return true;
	grown = realloc(s->records == s->first_records ? NULL : s->records,
	                count * sizeof(*grown));
	if (!grown)
		return false;
	if (s->records == s->first_records)
		memcpy(grown, s->first_records, s->record_len * sizeof(*grown));
	s->records = grown;
	s->record_cap = (uint16_t)count;
	return true;
}

uint16_t shadow_record(struct shadow *s, const struct record *r)
{
	uint16_t n = s->free_record;

	if (n) {
		s->free_record = (uint16_t)s->records[n - 1].site;
	} else {
		/* Two references per byte bound it far below the type's. */
		if (s->record_len == s->record_cap &&
		    !shadow_reserve(s, 2u * s->record_cap))
			return 0;
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
		clock_put(s->records[old - 1].clock);
		s->records[old - 1].clock = NULL;
		s->records[old - 1].site = s->free_record;
		s->free_record = old;
	}
}

/* All of these bytes have one record, and it has no others. */
static bool sole_record(const struct shadow *s, uint32_t from, uint32_t n)
{
	uint16_t record = s->writer[from];

	if (!record || s->records[record - 1].refs != n)
		return false;
	for (uint32_t i = from + 1; i < from + n; i++)
		if (s->writer[i] != record)
			return false;
	return true;
}

/* Nothing can come between these two in their agent's program. */
static bool next_in_program(const struct record *a, const struct record *b)
{
	bool in_order =
	        a->stores == a->number - 1 && b->stores == b->number - 1;

	return b->number - a->number <= 1 && a->clock == b->clock &&
	       (in_order ||
	        (a->stores == b->stores && a->complete == b->complete));
}

/* A place in the code that writes a whole structure does so with one. */
static bool same_as_last(const struct shadow *s, const struct record *r)
{
	const struct record *last =
	        s->last_record ? &s->records[s->last_record - 1] : NULL;

	return last && last->refs && last->site == r->site &&
	       last->time == r->time && last->request == r->request &&
	       last->flags == r->flags && !last->maintained &&
	       next_in_program(last, r);
}

/* @last speaks for @r as well, and takes over what it refers to. */
static void join_last(struct record *last, const struct record *r)
{
	uint32_t refs = last->refs, size = (uint32_t)last->size + r->size;

	clock_put(last->clock);
	*last = *r;
	last->refs = refs;
	last->size = size < UINT16_MAX ? (uint16_t)size : UINT16_MAX;
}

bool shadow_written(struct shadow *s, uint32_t from, uint32_t n,
                    const struct record *r)
{
	uint16_t record = s->last_record;

	if (!same_as_last(s, r)) {
		if (sole_record(s, from, n)) {
			record = s->writer[from];
			clock_put(s->records[record - 1].clock);
			s->records[record - 1] = *r;
			s->records[record - 1].refs = n;
			s->last_record = record;
			return true;
		}
		record = shadow_record(s, r);
		if (!record)
			return false;
		s->last_record = record;
	} else {
		join_last(&s->records[record - 1], r);
	}
	for (uint32_t i = from; i < from + n; i++)
		if (s->writer[i] != record)
			shadow_assign(s, s->writer, i, record);
	return true;
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
