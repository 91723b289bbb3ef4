/* SPDX-License-Identifier: MIT */
/* DMA mappings as the driver made them, and addresses that do not fit. */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first note of @stream that ends behind @dma, or of a later stream. */
static size_t first_note(const struct dmasim_checker *c, uint32_t stream,
                         uint64_t dma)
{
	size_t lo = 0, hi = c->note_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct dma_note *n = &c->notes[mid];

		if (n->stream < stream ||
		    (n->stream == stream && n->dma + (n->size - 1) < dma))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int insert_note(struct dmasim_checker *c, const struct dma_note *note)
{
	size_t i;

	if (c->note_len == c->note_cap) {
		size_t cap = c->note_cap ? 2 * c->note_cap : 32;
		struct dma_note *grown =
		        realloc(c->notes, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		c->notes = grown;
		c->note_cap = cap;
	}
	i = first_note(c, note->stream, note->dma);
	memmove(&c->notes[i + 1], &c->notes[i],
	        (c->note_len - i) * sizeof(*c->notes));
	c->notes[i] = *note;
	c->note_len++;
	return DMASIM_OK;
}

int dmasim_note_map(struct dmasim_checker *c, uint32_t stream_id, uint64_t dma,
                    uint64_t pa, uint64_t size)
{
	const struct dma_note note = {stream_id, dma, pa, size};

	if (!size || size - 1 > UINT64_MAX - dma || size - 1 > UINT64_MAX - pa)
		return DMASIM_E_INVAL;
	/* The newest mapping of an address is the one that counts. */
	dmasim_note_unmap(c, stream_id, dma, size);
	return insert_note(c, &note);
}

/* Take [dma, end] out of note @i. True if the note is still there. */
static bool cut_note(struct dmasim_checker *c, size_t i, uint64_t dma,
                     uint64_t end)
{
	struct dma_note *n = &c->notes[i], tail = *n;
	uint64_t last = n->dma + (n->size - 1);

	if (last > end) {
		tail.dma = end + 1;
		tail.pa += tail.dma - n->dma;
		tail.size = last - end;
	}
	if (n->dma < dma) {
		n->size = dma - n->dma;
		/* Without memory the tail is forgotten. */
		if (last > end)
			insert_note(c, &tail);
		return true;
	}
	if (last > end) {
		*n = tail;
		return true;
	}
	c->note_len--;
	memmove(n, n + 1, (c->note_len - i) * sizeof(*n));
	return false;
}

void dmasim_note_unmap(struct dmasim_checker *c, uint32_t stream_id,
                       uint64_t dma, uint64_t size)
{
	uint64_t end =
	        size - 1 > UINT64_MAX - dma ? UINT64_MAX : dma + (size - 1);
	size_t i = first_note(c, stream_id, dma);

	while (size && i < c->note_len && c->notes[i].stream == stream_id &&
	       c->notes[i].dma <= end)
		if (cut_note(c, i, dma, end))
			i++;
}

static const struct dma_note *note_by_dma(const struct dmasim_checker *c,
                                          uint32_t stream, uint64_t dma)
{
	size_t i = first_note(c, stream, dma);

	if (i < c->note_len && c->notes[i].stream == stream &&
	    c->notes[i].dma <= dma)
		return &c->notes[i];
	return NULL;
}

static const struct dma_note *note_by_pa(const struct dmasim_checker *c,
                                         uint32_t stream, uint64_t pa)
{
	for (size_t i = first_note(c, stream, 0);
	     i < c->note_len && c->notes[i].stream == stream; i++)
		if (pa >= c->notes[i].pa &&
		    pa - c->notes[i].pa < c->notes[i].size)
			return &c->notes[i];
	return NULL;
}

static void untranslated(struct dmasim_checker *c, const struct dmasim_txn *txn,
                         uint64_t pa, const char *remedy)
{
	const struct check_who who = {
	        .agent = txn->initiator,
	        .attr = txn->attr,
	        .cause = txn->cause,
	        .origin = &txn->origin,
	};
	const struct hazard h = {
	        .kind = DMASIM_UNTRANSLATED,
	        .addr = txn->addr,
	        .pa = pa,
	        .reader = site_number(c, &who),
	        .reader_time = dmasim_now(c->kernel),
	        .reader_request = txn->origin.request,
	        .remedy = remedy,
	};

	report_finding(c, &h);
}

void dmasim_note_dma_fault(struct dmasim_checker *c,
                           const struct dmasim_txn *txn, bool ram)
{
	const struct dma_note *note;
	char remedy[256], object[96];
	uint64_t dma;

	/* Mapped, and refused all the same: another fault. */
	if (note_by_dma(c, txn->stream_id, txn->addr))
		return;
	note = note_by_pa(c, txn->stream_id, txn->addr);
	if (!note && !ram && !names_known(c, txn->addr))
		return;
	if (names_known(c, txn->addr))
		dmasim_describe(c, txn->addr, object, sizeof(object));
	else
		snprintf(object, sizeof(object), "RAM");
	dma = note ? note->dma + (txn->addr - note->pa) : 0;
	if (note)
		snprintf(remedy, sizeof(remedy),
		         "0x%llx is the physical address of %s; stream %u "
		         "translates: give the device 0x%llx, the DMA address "
		         "of the mapping, not the physical one",
		         (unsigned long long)txn->addr, object, txn->stream_id,
		         (unsigned long long)dma);
	else
		snprintf(remedy, sizeof(remedy),
		         "0x%llx is the physical address of %s; stream %u "
		         "translates: map it with the DMA API "
		         "(dma_alloc_coherent(), dma_map_single()) and give "
		         "the device the DMA address",
		         (unsigned long long)txn->addr, object, txn->stream_id);
	untranslated(c, txn, txn->addr, remedy);
}

void dmasim_note_dma_bypass(struct dmasim_checker *c,
                            const struct dmasim_txn *txn)
{
	const struct dma_note *note = note_by_dma(c, txn->stream_id, txn->addr);
	char remedy[256], object[96];
	uint64_t pa;

	if (!note || note->dma == note->pa)
		return;
	pa = note->pa + (txn->addr - note->dma);
	if (names_known(c, pa))
		dmasim_describe(c, pa, object, sizeof(object));
	else
		snprintf(object, sizeof(object), "RAM");
	snprintf(remedy, sizeof(remedy),
	         "0x%llx is the DMA address of %s (physical 0x%llx), but "
	         "stream %u is not translated: attach the device to its domain "
	         "before it "
	         "starts, or give it physical addresses",
	         (unsigned long long)txn->addr, object, (unsigned long long)pa,
	         txn->stream_id);
	untranslated(c, txn, pa, remedy);
}
