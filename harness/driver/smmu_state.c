/* SPDX-License-Identifier: MIT */
/* Saved SMMU drivers: tables, domains, queues and the records read. */
#include <stdlib.h>
#include <string.h>

#include "dma_internal.h"
#include "smmu_drv_internal.h"

#define SMMU_TAG     "SMDR"
#define SMMU_VERSION 1u

static void put_mem(struct dmasim_writer *w, const struct smmu_mem *m)
{
	dmasim_put_u64(w, m->va);
	dmasim_put_u64(w, m->dma);
	dmasim_put_u64(w, m->pa);
	dmasim_put_u64(w, m->size);
}

static void put_streams(struct dmasim_writer *w,
                        const struct dmasim_smmu_drv *d)
{
	dmasim_put_u32(w, (uint32_t)d->stream_count);
	for (size_t i = 0; i < d->stream_count; i++) {
		const struct smmu_stream *s = &d->streams[i];

		dmasim_put_u32(w, s->sid);
		dmasim_put_u8(w, (uint8_t)s->type);
		dmasim_put_u8(w, s->domain != NULL);
		if (!s->domain)
			continue;
		dmasim_put_u32(w, s->domain->asid);
		put_mem(w, &s->domain->cd);
		dmasim_put_u32(w, (uint32_t)s->domain->page_count);
		for (size_t p = 0; p < s->domain->page_count; p++)
			dmasim_put_u64(w, s->domain->pages[p]);
	}
}

int dmasim_smmu_drv_save(const struct dmasim_smmu_drv *d,
                         struct dmasim_writer *w)
{
	int rc;

	if (!d || !w)
		return DMASIM_E_INVAL;
	dmasim_put_begin(w, SMMU_TAG, SMMU_VERSION);
	dmasim_put_u8(w, d->two_level);
	dmasim_put_u32(w, d->strtab_log2);
	dmasim_put_u32(w, d->cmdq.log2);
	dmasim_put_u32(w, d->evtq.log2);
	put_mem(w, &d->strtab);
	put_mem(w, &d->cmdq.mem);
	put_mem(w, &d->evtq.mem);
	dmasim_put_u32(w, d->cmdq.ptr);
	dmasim_put_u32(w, d->cmdq.other);
	dmasim_put_u32(w, d->evtq.ptr);
	dmasim_put_u32(w, d->ovack);
	dmasim_put_u8(w, d->overflowed);
	dmasim_put_u8(w, d->evtq_irq);
	dmasim_put_u8(w, d->gerror_irq);
	dmasim_put_u32(w, (uint32_t)d->l2_count);
	for (size_t i = 0; i < d->l2_count; i++) {
		dmasim_put_u32(w, d->l2[i].index);
		put_mem(w, &d->l2[i].mem);
	}
	put_streams(w, d);
	dmasim_put_u32(w, (uint32_t)d->record_count);
	for (size_t i = 0; i < d->record_count; i++)
		for (unsigned j = 0; j < 4; j++)
			dmasim_put_u64(w, d->records[i].word[j]);
	rc = dmasim_dma_save(d->dma, w);
	dmasim_put_end(w);
	return rc;
}

static void get_mem(const struct dmasim_smmu_drv *d, struct dmasim_reader *r,
                    uint64_t size, struct smmu_mem *m)
{
	m->va = dmasim_get_u64(r);
	m->dma = dmasim_get_u64(r);
	m->pa = dmasim_get_u64(r);
	m->size = dmasim_get_u64(r);
	if (m->size != size || !drv_state_pages(d->guest, m->pa, m->size))
		dmasim_reader_fail(r, "memory of the SMMU at 0x%llx",
		                   (unsigned long long)m->pa);
}

/** What the probe found must be the same. */
static void get_queues(struct dmasim_smmu_drv *d, struct dmasim_reader *r)
{
	uint64_t table = d->two_level ? 8ull << (d->strtab_log2 - SMMU_SPLIT)
	                              : (uint64_t)HW_STE_SIZE << d->strtab_log2;

	if (dmasim_get_u8(r) != d->two_level ||
	    dmasim_get_u32(r) != d->strtab_log2 ||
	    dmasim_get_u32(r) != d->cmdq.log2 ||
	    dmasim_get_u32(r) != d->evtq.log2)
		dmasim_reader_fail(r, "the driver of another SMMU");
	get_mem(d, r, table, &d->strtab);
	get_mem(d, r, smmu_queue_size(&d->cmdq) * d->cmdq.entry, &d->cmdq.mem);
	get_mem(d, r, smmu_queue_size(&d->evtq) * d->evtq.entry, &d->evtq.mem);
	d->cmdq.ptr = dmasim_get_u32(r) & smmu_queue_mask(&d->cmdq);
	d->cmdq.other = dmasim_get_u32(r);
	d->evtq.ptr = dmasim_get_u32(r) & smmu_queue_mask(&d->evtq);
	d->ovack = dmasim_get_u32(r) & (uint32_t)HW_EVENTQ_OVF;
	d->overflowed = dmasim_get_u8(r) != 0;
	d->evtq_irq = dmasim_get_u8(r) != 0;
	d->gerror_irq = dmasim_get_u8(r) != 0;
}

static int get_l2(struct dmasim_smmu_drv *d, struct dmasim_reader *r)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 36);

	for (uint32_t i = 0; i < n; i++) {
		struct smmu_l2 l2 = {.index = dmasim_get_u32(r)};

		get_mem(d, r, (uint64_t)HW_STE_SIZE << SMMU_SPLIT, &l2.mem);
		if (dmasim_reader_status(r))
			break;
		if (drv_grow(&d->l2, &d->l2_cap, i + 1, sizeof(*d->l2)))
			return DMASIM_E_NOMEM;
		d->l2[d->l2_count++] = l2;
	}
	return dmasim_reader_status(r);
}

static int get_pages(struct dmasim_smmu_drv *d, struct dmasim_reader *r,
                     struct smmu_domain *domain)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 8);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t pa = dmasim_get_u64(r);

		if (!drv_state_pages(d->guest, pa, DRV_PAGE_SIZE))
			return dmasim_reader_fail(r, "a table at 0x%llx",
			                          (unsigned long long)pa);
		if (drv_grow(&domain->pages, &domain->page_cap, i + 1,
		             sizeof(*domain->pages)))
			return DMASIM_E_NOMEM;
		domain->pages[domain->page_count++] = pa;
	}
	if (!n)
		return dmasim_reader_fail(r, "a domain without tables");
	domain->root = domain->pages[0];
	return DMASIM_OK;
}

static int get_domain(struct dmasim_smmu_drv *d, struct dmasim_reader *r,
                      struct smmu_stream *s)
{
	struct smmu_domain *domain = calloc(1, sizeof(*domain));

	if (!domain)
		return DMASIM_E_NOMEM;
	s->domain = domain;
	domain->asid = (uint16_t)dmasim_get_u32(r);
	get_mem(d, r, HW_CD_SIZE, &domain->cd);
	return get_pages(d, r, domain);
}

static int get_streams(struct dmasim_smmu_drv *d, struct dmasim_reader *r)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 6);
	int rc = DMASIM_OK;

	for (uint32_t i = 0; i < n && !rc; i++) {
		struct smmu_stream s = {.sid = dmasim_get_u32(r)};
		uint8_t type = dmasim_get_u8(r), has = dmasim_get_u8(r);

		if (has != (type == DMASIM_DOMAIN_DMA) ||
		    type > DMASIM_DOMAIN_DMA)
			return dmasim_reader_fail(r, "stream %u of type %u",
			                          s.sid, type);
		s.type = (enum dmasim_domain)type;
		if (drv_grow(&d->streams, &d->stream_cap, i + 1,
		             sizeof(*d->streams)))
			return DMASIM_E_NOMEM;
		if (has)
			rc = get_domain(d, r, &s);
		d->streams[d->stream_count++] = s;
	}
	return rc ? rc : dmasim_reader_status(r);
}

static int get_records(struct dmasim_smmu_drv *d, struct dmasim_reader *r)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 32);

	for (uint32_t i = 0; i < n; i++) {
		if (drv_grow(&d->records, &d->record_cap, i + 1,
		             sizeof(*d->records)))
			return DMASIM_E_NOMEM;
		for (unsigned j = 0; j < 4; j++)
			d->records[i].word[j] = dmasim_get_u64(r);
		d->record_count++;
	}
	return dmasim_reader_status(r);
}

/** The lists of @d, but not what they name in simulated memory. */
static void drop_lists(struct dmasim_smmu_drv *d)
{
	for (size_t i = 0; i < d->stream_count; i++) {
		if (!d->streams[i].domain)
			continue;
		free(d->streams[i].domain->pages);
		free(d->streams[i].domain);
	}
	free(d->streams);
	free(d->l2);
	free(d->records);
}

int dmasim_smmu_drv_restore(struct dmasim_smmu_drv *d, struct dmasim_reader *r)
{
	struct dmasim_smmu_drv fresh;
	struct drv_dma_state dma;
	int rc;

	if (!d || !r)
		return DMASIM_E_INVAL;
	fresh = *d;
	fresh.l2 = NULL;
	fresh.streams = NULL;
	fresh.records = NULL;
	fresh.l2_count = fresh.stream_count = fresh.record_count = 0;
	fresh.l2_cap = fresh.stream_cap = fresh.record_cap = 0;
	dmasim_get_begin(r, SMMU_TAG, SMMU_VERSION);
	get_queues(&fresh, r);
	rc = get_l2(&fresh, r);
	if (!rc)
		rc = get_streams(&fresh, r);
	if (!rc)
		rc = get_records(&fresh, r);
	if (!rc)
		rc = drv_dma_parse(d->dma, r, &dma);
	dmasim_get_end(r);
	if (rc) {
		drop_lists(&fresh);
		return rc;
	}
	drop_lists(d);
	*d = fresh;
	drv_dma_commit(d->dma, &dma);
	return DMASIM_OK;
}
