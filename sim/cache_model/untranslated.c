/* SPDX-License-Identifier: MIT */
/* DMA addresses where physical ones belong, and the reverse. */
#include "checker_internal.h"

#include <stdio.h>

static const struct dma_note *note_by_pa(const struct dmasim_checker *c,
                                         uint32_t stream, uint64_t pa)
{
	struct dma_note *n;
	size_t from = 0;

	while ((n = note_next(&c->notes, pa, &from)))
		if (n->stream == stream && pa >= n->pa && pa - n->pa < n->size)
			return n;
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
