/* SPDX-License-Identifier: MIT */
/* DMA mappings as the driver made them, and addresses that do not fit. */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first note of @stream that ends behind @dma, or of a later stream. */
static size_t first_note(const struct notes *notes, uint32_t stream,
                         uint64_t dma)
{
	size_t lo = 0, hi = notes->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct dma_note *n = notes->by_dma[mid];

		if (n->stream < stream ||
		    (n->stream == stream && n->dma + (n->size - 1) < dma))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int insert_note(struct notes *notes, const struct dma_note *note)
{
	struct dma_note *n;
	size_t i;

	if (notes->len == notes->cap) {
		size_t cap = notes->cap ? 2 * notes->cap : 32;
		struct dma_note **grown =
		        realloc(notes->by_dma, cap * sizeof(struct dma_note *));

		if (!grown)
			return DMASIM_E_NOMEM;
		notes->by_dma = grown;
		notes->cap = cap;
	}
	n = malloc(sizeof(*n));
	if (!n)
		return DMASIM_E_NOMEM;
	*n = *note;
	if (note_index(notes, n)) {
		free(n);
		return DMASIM_E_NOMEM;
	}
	i = first_note(notes, n->stream, n->dma);
	memmove(&notes->by_dma[i + 1], &notes->by_dma[i],
	        (notes->len - i) * sizeof(struct dma_note *));
	notes->by_dma[i] = n;
	notes->len++;
	return DMASIM_OK;
}

int note_restore(struct notes *notes, const struct dma_note *note)
{
	struct dma_note n = *note;

	n.name = strings_keep(&notes->strings, note->name);
	return n.name ? insert_note(notes, &n) : DMASIM_E_NOMEM;
}

static uint32_t site_of(struct dmasim_checker *c,
                        const struct dmasim_origin *by)
{
	const struct check_who who = {.origin = by};

	return by->file || by->what ? site_number(c, &who) : 0;
}

int dmasim_note_buffer(struct dmasim_checker *c,
                       const struct dmasim_dma_buffer *b)
{
	struct dma_note n = {
	        .stream = b->stream_id,
	        .dma = b->dma,
	        .pa = b->pa,
	        .size = b->size,
	        .first = b->pa,
	        .last = b->pa + (b->size - 1),
	        .direction = b->direction,
	        .both = b->both,
	        .coherent = b->coherent,
	        .request = b->request,
	        .at = b->at,
	        .name = b->name ? b->name : "",
	};

	if (!b->size || b->size - 1 > UINT64_MAX - b->dma ||
	    b->size - 1 > UINT64_MAX - b->pa ||
	    (unsigned)b->direction > DMASIM_BIDIRECTIONAL)
		return DMASIM_E_INVAL;
	n.site = site_of(c, &b->by);
	dmasim_note_unmap(c, b->stream_id, b->dma, b->size);
	return note_restore(&c->notes, &n);
}

int dmasim_note_map(struct dmasim_checker *c, uint32_t stream_id, uint64_t dma,
                    uint64_t pa, uint64_t size)
{
	const struct dmasim_dma_buffer b = {
	        .stream_id = stream_id,
	        .dma = dma,
	        .pa = pa,
	        .size = size,
	        .direction = DMASIM_BIDIRECTIONAL,
	        .both = true,
	};

	return dmasim_note_buffer(c, &b);
}

/* Note @n is now [dma, dma + size) of what it was. */
static void shrink(struct notes *notes, struct dma_note *n, uint64_t dma,
                   uint64_t size)
{
	note_unindex(notes, n);
	n->pa += dma - n->dma;
	n->dma = dma;
	n->size = size;
	/* Without memory its pages do not know it: nothing is found there. */
	(void)note_index(notes, n);
}

static void remove_note(struct notes *notes, size_t i)
{
	note_unindex(notes, notes->by_dma[i]);
	free(notes->by_dma[i]);
	notes->len--;
	memmove(&notes->by_dma[i], &notes->by_dma[i + 1],
	        (notes->len - i) * sizeof(struct dma_note *));
}

/* Take [dma, end] out of note @i. True if the note is still there. */
static bool cut_note(struct notes *notes, size_t i, uint64_t dma, uint64_t end)
{
	struct dma_note *n = notes->by_dma[i], tail = *n;
	uint64_t last = n->dma + (n->size - 1);

	if (last > end) {
		tail.dma = end + 1;
		tail.pa += tail.dma - n->dma;
		tail.size = last - end;
	}
	if (n->dma < dma) {
		shrink(notes, n, n->dma, dma - n->dma);
		/* Without memory the tail is forgotten. */
		if (last > end)
			insert_note(notes, &tail);
		return true;
	}
	if (last > end) {
		shrink(notes, n, tail.dma, tail.size);
		return true;
	}
	remove_note(notes, i);
	return false;
}

static uint64_t end_of(uint64_t dma, uint64_t size)
{
	return size - 1 > UINT64_MAX - dma ? UINT64_MAX : dma + (size - 1);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void bury(struct notes *notes, const struct dma_note *n, uint64_t dma,
                 uint64_t end)
{
	uint64_t from = max(n->dma, dma);
	uint64_t to = min(n->dma + (n->size - 1), end);

	notes->graves[notes->buried++ % NOTE_GRAVES] = (struct note_grave){
	        .stream = n->stream,
	        .first = n->pa + (from - n->dma),
	        .last = n->pa + (to - n->dma),
	        .name = n->name,
	        .request = n->request,
	};
}

void dmasim_note_unmap(struct dmasim_checker *c, uint32_t stream_id,
                       uint64_t dma, uint64_t size)
{
	struct notes *notes = &c->notes;
	uint64_t end = end_of(dma, size);
	size_t i = first_note(notes, stream_id, dma);

	while (size && i < notes->len &&
	       notes->by_dma[i]->stream == stream_id &&
	       notes->by_dma[i]->dma <= end) {
		bury(notes, notes->by_dma[i], dma, end);
		if (cut_note(notes, i, dma, end))
			i++;
	}
}

/* Whose turn it is from now on. */
struct turn {
	bool cpus;
	struct dmasim_program_place at;
};

/* The part [from, to] of note @i becomes a note of its own. */
static int set_owner(struct notes *notes, size_t i, uint64_t from, uint64_t to,
                     const struct turn *turn)
{
	struct dma_note *n = notes->by_dma[i], part = *n;

	if (n->cpus == turn->cpus)
		return DMASIM_OK;
	if (from == n->dma && to == n->dma + (n->size - 1)) {
		n->cpus = turn->cpus;
		n->at = turn->at;
		return DMASIM_OK;
	}
	part.pa += from - part.dma;
	part.dma = from;
	part.size = to - from + 1;
	part.cpus = turn->cpus;
	part.at = turn->at;
	cut_note(notes, i, from, to);
	return insert_note(notes, &part);
}

int dmasim_note_sync(struct dmasim_checker *c, uint32_t stream_id, uint64_t dma,
                     uint64_t size, enum dmasim_sync to,
                     struct dmasim_program_place at)
{
	const struct turn turn = {to == DMASIM_SYNC_TO_CPU, at};
	struct notes *notes = &c->notes;
	uint64_t end = end_of(dma, size), from = dma;
	int status = DMASIM_OK;

	while (size && !status) {
		size_t i = first_note(notes, stream_id, from);
		const struct dma_note *n =
		        i < notes->len ? notes->by_dma[i] : NULL;
		uint64_t last;

		if (!n || n->stream != stream_id || n->dma > end)
			break;
		last = min(n->dma + (n->size - 1), end);
		status = set_owner(notes, i, max(n->dma, from), last, &turn);
		if (last == end)
			break;
		from = last + 1;
	}
	return status;
}

int note_add_watch(struct notes *n, uint32_t agent, uint32_t stream)
{
	if (n->watch_len == n->watch_cap) {
		size_t cap = n->watch_cap ? 2 * n->watch_cap : 8;
		struct note_watch *grown =
		        realloc(n->watches, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		n->watches = grown;
		n->watch_cap = cap;
	}
	n->watches[n->watch_len++] = (struct note_watch){agent, stream};
	return DMASIM_OK;
}

int dmasim_note_watch(struct dmasim_checker *c, uint32_t agent,
                      uint32_t stream_id)
{
	return note_add_watch(&c->notes, agent, stream_id);
}

void dmasim_note_unwatch(struct dmasim_checker *c, uint32_t agent,
                         uint32_t stream_id)
{
	struct notes *n = &c->notes;

	for (size_t i = n->watch_len; i--;) {
		if (n->watches[i].agent != agent ||
		    n->watches[i].stream != stream_id)
			continue;
		n->watches[i] = n->watches[--n->watch_len];
		return;
	}
}

bool note_overlaps(const struct notes *n, uint32_t stream, uint64_t dma,
                   uint64_t size)
{
	size_t i = first_note(n, stream, dma);

	return i < n->len && n->by_dma[i]->stream == stream &&
	       n->by_dma[i]->dma <= end_of(dma, size);
}

void notes_free(struct notes *n)
{
	for (size_t i = 0; i < n->len; i++)
		free(n->by_dma[i]);
	free(n->by_dma);
	free(n->watches);
	note_pages_free(n);
	strings_free(&n->strings);
	*n = (struct notes){0};
}

void note_title(const struct dmasim_checker *c, const struct dma_note *n,
                char *buf, size_t size)
{
	char name[80] = "the buffer";

	if (n->name[0])
		snprintf(name, sizeof(name), "%s", n->name);
	else if (names_known(c, n->first))
		dmasim_describe(c, n->first, name, sizeof(name));
	if (n->request)
		snprintf(buf, size, "%s of request %llu", name,
		         (unsigned long long)n->request);
	else
		snprintf(buf, size, "%s", name);
}

struct dma_note *note_by_dma(const struct dmasim_checker *c, uint32_t stream,
                             uint64_t dma)
{
	size_t i = first_note(&c->notes, stream, dma);
	struct dma_note *n = i < c->notes.len ? c->notes.by_dma[i] : NULL;

	return n && n->stream == stream && n->dma <= dma ? n : NULL;
}
