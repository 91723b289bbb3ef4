/* SPDX-License-Identifier: MIT */
/*
 * Which rings explain the faults of a stream. Every index that was accessed
 * anchors a ring of each size; what else was accessed is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain_internal.h"

/** Rings that one call looks for; the caller takes out what is explained and
 * asks again. Bounds the time that a hostile log can take. */
#define MAX_ANCHORS 64u

#define BIT(field) (1u << (field))
#define AVAIL_FIELDS                                                           \
	(BIT(RING_AVAIL_FLAGS) | BIT(RING_AVAIL_IDX) | BIT(RING_AVAIL_RING) |  \
	 BIT(RING_USED_EVENT))
#define USED_FIELDS                                                            \
	(BIT(RING_USED_FLAGS) | BIT(RING_USED_IDX) | BIT(RING_USED_ID) |       \
	 BIT(RING_USED_LEN) | BIT(RING_AVAIL_EVENT))

/** Equal accesses, counted. */
struct seen {
	struct ring_access access;
	size_t count;
};

struct anchor {
	uint64_t part; /**< address of the avail or used ring */
	bool used;
	bool order; /**< avail->idx, then avail->flags */
};

struct found {
	struct ring ring;
	size_t records;
	bool order;
};

struct search {
	const struct dmasim_explain_options *opt;
	struct seen *seen;
	size_t seen_count, total;
	struct anchor anchors[2 * MAX_ANCHORS];
	size_t anchor_count;
	struct found *found;
	size_t found_count, found_room;
};

/* ---- what was accessed ---- */

static int compare_access(const void *a, const void *b)
{
	const struct ring_access *x = &((const struct seen *)a)->access;
	const struct ring_access *y = &((const struct seen *)b)->access;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->may_read != y->may_read)
		return x->may_read ? 1 : -1;
	return (x->may_write ? 1 : 0) - (y->may_write ? 1 : 0);
}

static void add_anchor(struct search *s, uint64_t part, bool used, bool order)
{
	size_t same = 0;

	for (size_t i = 0; i < s->anchor_count; i++) {
		if (s->anchors[i].used != used)
			continue;
		same++;
		if (s->anchors[i].part != part)
			continue;
		s->anchors[i].order |= order;
		return;
	}
	if (same < MAX_ANCHORS)
		s->anchors[s->anchor_count++] = (struct anchor){
		        .part = part, .used = used, .order = order};
}

/** Accesses in order, anchors, and the accesses sorted and counted. */
static int collect(struct search *s,
                   const struct dmasim_log_record *const *records, size_t count)
{
	struct seen *seen = calloc(count + 1, sizeof(*seen));
	size_t n = 0;

	if (!seen)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < count; i++) {
		seen[n].count = 1;
		n += ring_access_of(records[i], &seen[n].access);
	}
	for (size_t i = 0; i < n; i++) {
		const struct ring_access *a = &seen[i].access;
		const struct ring_access *b = &seen[i + 1].access;

		if (a->addr % 4 != 2)
			continue;
		if (a->may_read)
			add_anchor(s, a->addr - 2, false,
			           i + 1 < n && b->may_read &&
			                   b->addr == a->addr - 2);
		if (a->may_write)
			add_anchor(s, a->addr - 2, true, false);
	}
	qsort(seen, n, sizeof(*seen), compare_access);
	s->seen = seen;
	s->total = count;
	for (size_t i = 0; i < n; i++) {
		struct seen *last =
		        &seen[s->seen_count ? s->seen_count - 1 : 0];

		if (s->seen_count && compare_access(last, &seen[i]) == 0)
			last->count++;
		else
			seen[s->seen_count++] = seen[i];
	}
	return DMASIM_OK;
}

/** Records that @r explains; *@fields is the set of fields. */
static size_t explained(const struct search *s, const struct ring *r,
                        unsigned *fields)
{
	size_t low = 0, high = s->seen_count, records = 0;
	uint64_t first, end;

	ring_span(r, &first, &end);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->seen[mid].access.addr < first)
			low = mid + 1;
		else
			high = mid;
	}
	*fields = 0;
	for (; low < s->seen_count && s->seen[low].access.addr < end; low++) {
		unsigned index;
		enum ring_field field =
		        ring_match(r, &s->seen[low].access, &index);

		if (field == RING_NONE)
			continue;
		*fields |= BIT(field);
		records += s->seen[low].count;
	}
	return records;
}

/* ---- what is believed ---- */

static bool several(unsigned fields)
{
	return (fields & (fields - 1)) != 0;
}

/**
 * An access at an odd multiple of two is common in network buffers. A ring
 * is believed if it lies where rings lie (a page for a legacy block, a cache
 * line for another), or if several of its fields were accessed.
 */
static bool believable(const struct ring *r, unsigned fields)
{
	if (r->layout == DMASIM_LAYOUT_LEGACY && ring_page_aligned(r))
		return true;
	if (r->desc % 16)
		return false;
	return r->avail % 64 == 0 || several(fields);
}

static bool in_ram(const struct search *s, const struct ring *r)
{
	uint64_t first, end;

	if (!s->opt->ram)
		return true;
	ring_span(r, &first, &end);
	/* Of an open ring only its beginning is certain. */
	if (r->used == 0)
		end = first + 6;
	for (size_t i = 0; i < s->opt->ram_count; i++) {
		const struct dmasim_ram_range *ram = &s->opt->ram[i];

		if (first >= ram->base && first - ram->base < ram->size &&
		    end - first <= ram->size - (first - ram->base))
			return true;
	}
	return false;
}

static int keep(struct search *s, const struct ring *r, size_t records,
                bool order)
{
	struct found *f;

	if (!in_ram(s, r))
		return DMASIM_OK;
	for (size_t i = 0; i < s->found_count; i++) {
		f = &s->found[i];
		if (f->ring.layout == r->layout && f->ring.size == r->size &&
		    f->ring.avail == r->avail && f->ring.used == r->used) {
			f->order |= order;
			return DMASIM_OK;
		}
	}
	if (s->found_count == s->found_room) {
		size_t room = s->found_room ? s->found_room * 2 : 64;

		f = realloc(s->found, room * sizeof(*f));
		if (!f)
			return DMASIM_E_NOMEM;
		s->found = f;
		s->found_room = room;
	}
	s->found[s->found_count++] =
	        (struct found){.ring = *r, .records = records, .order = order};
	return DMASIM_OK;
}

static bool make_ring(const struct anchor *a, enum dmasim_layout layout,
                      unsigned size, uint64_t align, struct ring *r)
{
	return a->used ? ring_from_used(layout, size, a->part, align, r)
	               : ring_from_avail(layout, size, a->part, align, r);
}

static int try_legacy(struct search *s, const struct anchor *a, unsigned size)
{
	unsigned fields;
	struct ring r;
	size_t records;

	if (a->used && a->part % RING_PAGE)
		return DMASIM_OK;
	if (!make_ring(a, DMASIM_LAYOUT_LEGACY, size, RING_PAGE, &r))
		return DMASIM_OK;
	records = explained(s, &r, &fields);
	return believable(&r, fields) ? keep(s, &r, records, a->order)
	                              : DMASIM_OK;
}

/**
 * A modern ring's parts may lie anywhere. Drivers allocate them as one block
 * nevertheless, with the used ring at a cache line, a page or the four bytes
 * that it needs: then the used ring's fields tell the size.
 */
static int try_modern_block(struct search *s, const struct anchor *a,
                            unsigned size, size_t open_records)
{
	static const uint64_t aligns[] = {64, RING_PAGE, 4};
	int status = DMASIM_OK;

	for (size_t i = 0; i < 3 && status == DMASIM_OK; i++) {
		unsigned fields;
		struct ring r;
		size_t records;

		if (!make_ring(a, DMASIM_LAYOUT_MODERN, size, aligns[i], &r))
			continue;
		records = explained(s, &r, &fields);
		if (records <= open_records || !(fields & USED_FIELDS) ||
		    !believable(&r, fields) ||
		    (a->used && !several(fields & USED_FIELDS)))
			continue;
		status = keep(s, &r, records, a->order);
	}
	return status;
}

/** A modern avail ring whose other parts are not known. */
static int try_modern_open(struct search *s, const struct anchor *a,
                           size_t *records)
{
	unsigned fields;
	struct ring r;

	*records = 0;
	if (a->used || !ring_from_avail(DMASIM_LAYOUT_MODERN,
	                                s->opt->queue_size, a->part, 0, &r))
		return DMASIM_OK;
	*records = explained(s, &r, &fields);
	return believable(&r, fields & AVAIL_FIELDS)
	               ? keep(s, &r, *records, a->order)
	               : DMASIM_OK;
}

static bool wanted(const struct search *s, enum dmasim_layout layout)
{
	return !s->opt->has_layout || s->opt->layout == layout;
}

static int try_anchor(struct search *s, const struct anchor *a)
{
	int status = DMASIM_OK;
	size_t open_records;

	for (unsigned size = 1; size <= RING_MAX_SIZE; size *= 2) {
		if (s->opt->queue_size && s->opt->queue_size != size)
			continue;
		if (status == DMASIM_OK && wanted(s, DMASIM_LAYOUT_LEGACY))
			status = try_legacy(s, a, size);
	}
	if (status != DMASIM_OK || !wanted(s, DMASIM_LAYOUT_MODERN))
		return status;
	status = try_modern_open(s, a, &open_records);
	for (unsigned size = 1; size <= RING_MAX_SIZE; size *= 2) {
		if (s->opt->queue_size && s->opt->queue_size != size)
			continue;
		if (status == DMASIM_OK)
			status = try_modern_block(s, a, size, open_records);
	}
	return status;
}

/* ---- ranks ---- */

/** 3: legacy blocks at a page, modern rings, legacy blocks elsewhere. */
static unsigned layout_rank(const struct dmasim_explanation *e)
{
	if (e->layout == DMASIM_LAYOUT_MODERN)
		return 1;
	return e->page_aligned ? 0 : 2;
}

static unsigned profile_rank(const struct dmasim_explanation *e)
{
	return 2u - e->profile_size - e->profile_order;
}

static int compare_rank(const struct dmasim_explanation *x,
                        const struct dmasim_explanation *y)
{
	unsigned a, b;

	if (x->records != y->records)
		return x->records > y->records ? -1 : 1;
	a = profile_rank(x) * 4 + layout_rank(x);
	b = profile_rank(y) * 4 + layout_rank(y);
	if (a != b)
		return a < b ? -1 : 1;
	/* An open size ranks behind every known one. */
	a = x->queue_size - 1;
	b = y->queue_size - 1;
	if (a != b)
		return a < b ? -1 : 1;
	return (y->page_aligned ? 1 : 0) - (x->page_aligned ? 1 : 0);
}

static int compare_explanations(const void *a, const void *b)
{
	const struct dmasim_explanation *x = a, *y = b;
	int rank = compare_rank(x, y);

	if (rank)
		return rank;
	if (x->avail != y->avail)
		return x->avail < y->avail ? -1 : 1;
	/* No ring is found twice. */
	return x->used < y->used ? -1 : 1;
}

static void give_reason(struct dmasim_explanation *e, size_t total,
                        unsigned profile_size)
{
	char size[64], order[64] = "";

	if (e->queue_size == 0)
		snprintf(size, sizeof(size), "the size is open");
	else if (e->profile_size)
		snprintf(size, sizeof(size), "%u entries as in the profile",
		         e->queue_size);
	else
		snprintf(size, sizeof(size), "%u entries, the profile has %u%s",
		         e->queue_size, profile_size,
		         e->queue_size == profile_size ? " at a page" : "");
	if (e->profile_order)
		snprintf(order, sizeof(order),
		         "avail->idx, then avail->flags as in the profile; ");
	snprintf(e->reason, sizeof(e->reason),
	         "explains %zu of %zu record%s; %s; %s%s, %s a page boundary",
	         e->records, total, total == 1 ? "" : "s", size, order,
	         e->layout == DMASIM_LAYOUT_LEGACY ? "legacy" : "modern",
	         e->page_aligned ? "at" : "not at");
}

static int rank(struct search *s, struct dmasim_explanation **out,
                size_t *count)
{
	unsigned profile =
	        s->opt->profile_queue_size ? s->opt->profile_queue_size : 256;
	struct dmasim_explanation *e;

	*out = NULL;
	*count = 0;
	if (s->found_count == 0)
		return DMASIM_OK;
	e = calloc(s->found_count, sizeof(*e));
	if (!e)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < s->found_count; i++) {
		const struct found *f = &s->found[i];
		const struct ring *r = &f->ring;

		e[i] = (struct dmasim_explanation){
		        .layout = r->layout,
		        .queue_size = r->size,
		        .base = r->layout == DMASIM_LAYOUT_LEGACY ? r->desc
		                                                  : r->avail,
		        .desc = r->desc,
		        .avail = r->avail,
		        .used = r->used,
		        .records = f->records,
		        .profile_order = f->order,
		        .page_aligned = ring_page_aligned(r),
		};
		/* A legacy ring of the profile's begins at a page: the device
		 * is told a page number. */
		e[i].profile_size = r->size == profile &&
		                    (e[i].page_aligned ||
		                     r->layout == DMASIM_LAYOUT_MODERN);
		give_reason(&e[i], s->total, profile);
	}
	qsort(e, s->found_count, sizeof(*e), compare_explanations);
	for (size_t i = 1; i < s->found_count; i++)
		e[i].equal_to_previous = compare_rank(&e[i - 1], &e[i]) == 0;
	*out = e;
	*count = s->found_count;
	return DMASIM_OK;
}

/* ---- entries ---- */

int explain_records(const struct dmasim_log_record *const *records,
                    size_t count, const struct dmasim_explain_options *opt,
                    struct dmasim_explanation **out, size_t *out_count)
{
	struct search s = {.opt = opt};
	unsigned n = opt->queue_size;
	int status;

	if (n > RING_MAX_SIZE || (n & (n - 1)))
		return DMASIM_E_INVAL;
	status = collect(&s, records, count);
	for (size_t i = 0; i < s.anchor_count && status == DMASIM_OK; i++)
		status = try_anchor(&s, &s.anchors[i]);
	if (status == DMASIM_OK)
		status = rank(&s, out, out_count);
	free(s.found);
	free(s.seen);
	return status;
}

int dmasim_explain(const struct dmasim_log *log, unsigned smmu,
                   uint32_t stream_id, const struct dmasim_explain_options *opt,
                   struct dmasim_explanation **out, size_t *count)
{
	static const struct dmasim_explain_options none;
	const struct dmasim_log_record **records =
	        calloc(dmasim_log_count(log) + 1, sizeof(*records));
	size_t n = 0;
	int status;

	if (!records)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < dmasim_log_count(log); i++) {
		const struct dmasim_log_record *r = dmasim_log_get(log, i);

		if (r->smmu == smmu && evt_stream(r->words) == stream_id)
			records[n++] = r;
	}
	status = explain_records(records, n, opt ? opt : &none, out, count);
	free(records);
	if (status != DMASIM_OK)
		return status;
	for (size_t i = 0; i < *count; i++)
		(*out)[i].stream_id = stream_id;
	return DMASIM_OK;
}

struct ring explain_ring(const struct dmasim_explanation *e)
{
	return (struct ring){
	        .layout = e->layout,
	        .size = e->queue_size,
	        .desc = e->desc,
	        .avail = e->avail,
	        .used = e->used,
	};
}

bool dmasim_explain_field(const struct dmasim_explanation *e,
                          const struct dmasim_log_record *r, char *buf,
                          size_t size)
{
	struct ring ring = explain_ring(e);
	struct ring_access a;
	enum ring_field field;
	unsigned index;

	if (evt_stream(r->words) != e->stream_id || !ring_access_of(r, &a))
		return false;
	field = ring_match(&ring, &a, &index);
	if (field == RING_NONE)
		return false;
	ring_field_name(field, index, buf, size);
	return true;
}
