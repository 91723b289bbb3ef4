/* SPDX-License-Identifier: MIT */
/*
 * Notes by physical address: each page that one touches has a list of them.
 * Pages stay when their notes go, so that memory is proportional to the pages
 * that were ever mapped; a note of more than NOTE_PAGES_MAX pages is in one
 * list that is looked at for every address.
 */
#include "checker_internal.h"

#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct note_page *pages, size_t cap, uint64_t page)
{
	uint64_t h = page * 0x9e3779b97f4a7c15ull;
	size_t at = (size_t)(h ^ h >> 32) & (cap - 1);

	while (pages[at].page && pages[at].page != page + 1)
		at = (at + 1) & (cap - 1);
	return at;
}

static bool grow_pages(struct notes *n)
{
	size_t cap = n->page_cap ? 2 * n->page_cap : 64;
	struct note_page *pages = calloc(cap, sizeof(*pages));

	if (!pages)
		return false;
	for (size_t i = 0; i < n->page_cap; i++)
		if (n->pages[i].page)
			pages[place_of(pages, cap, n->pages[i].page - 1)] =
			        n->pages[i];
	free(n->pages);
	n->pages = pages;
	n->page_cap = cap;
	return true;
}

static bool add_to_page(struct notes *n, uint64_t page, struct dma_note *note)
{
	struct note_page *p;

	if (4 * (n->page_len + 1) > 3 * n->page_cap && !grow_pages(n))
		return false;
	p = &n->pages[place_of(n->pages, n->page_cap, page)];
	if (!p->page) {
		p->page = page + 1;
		n->page_len++;
	}
	if (p->len == p->cap) {
		uint32_t cap = p->cap ? 2 * p->cap : 4;
		struct dma_note **grown =
		        realloc(p->notes, cap * sizeof(struct dma_note *));

		if (!grown)
			return false;
		p->notes = grown;
		p->cap = cap;
	}
	p->notes[p->len++] = note;
	return true;
}

static void drop_from(struct dma_note **list, size_t *len,
                      const struct dma_note *note)
{
	for (size_t i = 0; i < *len; i++) {
		if (list[i] != note)
			continue;
		memmove(&list[i], &list[i + 1],
		        (--*len - i) * sizeof(struct dma_note *));
		return;
	}
}

static uint64_t first_page(const struct dma_note *n)
{
	return n->pa >> NOTE_PAGE_SHIFT;
}

static uint64_t last_page(const struct dma_note *n)
{
	return (n->pa + (n->size - 1)) >> NOTE_PAGE_SHIFT;
}

static bool is_large(const struct dma_note *n)
{
	return last_page(n) - first_page(n) >= NOTE_PAGES_MAX;
}

static bool add_large(struct notes *n, struct dma_note *note)
{
	if (n->large_len == n->large_cap) {
		size_t cap = n->large_cap ? 2 * n->large_cap : 8;
		struct dma_note **grown =
		        realloc(n->large, cap * sizeof(struct dma_note *));

		if (!grown)
			return false;
		n->large = grown;
		n->large_cap = cap;
	}
	n->large[n->large_len++] = note;
	return true;
}

int note_index(struct notes *n, struct dma_note *note)
{
	if (is_large(note))
		return add_large(n, note) ? DMASIM_OK : DMASIM_E_NOMEM;
	for (uint64_t page = first_page(note); page <= last_page(note);
	     page++) {
		if (add_to_page(n, page, note))
			continue;
		note_unindex(n, note);
		return DMASIM_E_NOMEM;
	}
	return DMASIM_OK;
}

static void drop_from_page(const struct notes *n, uint64_t page,
                           const struct dma_note *note)
{
	struct note_page *p;
	size_t len;

	if (!n->page_cap)
		return;
	p = &n->pages[place_of(n->pages, n->page_cap, page)];
	len = p->len;
	drop_from(p->notes, &len, note);
	p->len = (uint32_t)len;
}

void note_unindex(struct notes *n, struct dma_note *note)
{
	if (is_large(note)) {
		drop_from(n->large, &n->large_len, note);
		return;
	}
	for (uint64_t page = first_page(note); page <= last_page(note); page++)
		drop_from_page(n, page, note);
}

struct dma_note *note_next(const struct notes *n, uint64_t addr, size_t *from)
{
	const struct note_page *p = NULL;
	size_t in_page = 0, i = (*from)++;

	if (n->page_cap) {
		p = &n->pages[place_of(n->pages, n->page_cap,
		                       addr >> NOTE_PAGE_SHIFT)];
		in_page = p->len;
	}
	if (i < in_page)
		return p->notes[i];
	return i - in_page < n->large_len ? n->large[i - in_page] : NULL;
}

void note_pages_free(struct notes *n)
{
	for (size_t i = 0; i < n->page_cap; i++)
		free(n->pages[i].notes);
	free(n->pages);
	free(n->large);
}
