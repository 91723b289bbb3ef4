/* SPDX-License-Identifier: MIT */
/* Streams and their domains: attach, map, unmap, find. */
#include <stdio.h>
#include <stdlib.h>

#include "smmu_drv_internal.h"

struct smmu_stream *drv_smmu_stream(const struct dmasim_smmu_drv *d,
                                    uint32_t sid)
{
	for (size_t i = 0; i < d->stream_count; i++) {
		if (d->streams[i].sid == sid)
			return &d->streams[i];
	}
	return NULL;
}

bool drv_smmu_attached(const struct dmasim_smmu_drv *d, uint32_t stream_id)
{
	return drv_smmu_stream(d, stream_id) != NULL;
}

/** The lowest ASID from 1 that no domain has; 0: none is left. */
static uint16_t free_asid(const struct dmasim_smmu_drv *d)
{
	uint32_t limit = 1u << d->asid_bits;

	for (uint32_t asid = 1; asid < limit; asid++) {
		size_t i = 0;

		while (i < d->stream_count &&
		       !(d->streams[i].domain &&
		         d->streams[i].domain->asid == asid))
			i++;
		if (i == d->stream_count)
			return (uint16_t)asid;
	}
	return 0;
}

static int tlb_invalidate_asid(struct dmasim_smmu_drv *d, uint16_t asid)
{
	const struct smmu_cmd cmd = {
	        {HW_CMD_TLBI_NH_ASID | HW_PREP(HW_CMD0_ASID, asid), 0}};

	return drv_smmu_issue(d, &cmd, 1, true);
}

int drv_smmu_domain_free(struct dmasim_smmu_drv *d, struct smmu_domain *domain)
{
	int rc = drv_smmu_mem_free(d, &domain->cd);

	for (size_t i = 0; i < domain->page_count; i++) {
		if (d->guest->checker)
			dmasim_unname_region(d->guest->checker,
			                     domain->pages[i], DRV_PAGE_SIZE);
		dmasim_guest_free(d->guest, domain->pages[i], DRV_PAGE_SIZE);
	}
	free(domain->pages);
	free(domain);
	return rc;
}

static int domain_create(struct dmasim_smmu_drv *d, uint32_t sid,
                         struct smmu_domain **out)
{
	struct smmu_domain *domain = calloc(1, sizeof(*domain));
	char what[48];
	int rc;

	if (!domain)
		return DMASIM_E_NOMEM;
	domain->asid = free_asid(d);
	rc = domain->asid ? DMASIM_OK : DMASIM_E_FULL;
	(void)snprintf(what, sizeof(what), "CD of stream %u", sid);
	if (!rc)
		rc = drv_smmu_mem_alloc(d, HW_CD_SIZE, what, &domain->cd);
	if (!rc)
		rc = drv_smmu_table_alloc(d, domain, &domain->root);
	if (!rc)
		rc = drv_smmu_cd_write(d, domain);
	if (rc) {
		(void)drv_smmu_domain_free(d, domain);
		return rc;
	}
	*out = domain;
	return DMASIM_OK;
}

/** Take the stream's domain away: its STE is a default one from here on. */
static int detach(struct dmasim_smmu_drv *d, struct smmu_stream *s)
{
	struct smmu_domain *domain = s->domain;
	int rc, rc2;

	if (!domain)
		return DMASIM_OK;
	rc = drv_smmu_ste_plain(d, s->sid,
	                        d->cfg.bypass_by_default ? HW_CONFIG_BYP
	                                                 : HW_CONFIG_ABORT);
	if (rc)
		return rc;
	s->domain = NULL;
	s->type = d->cfg.bypass_by_default ? DMASIM_DOMAIN_BYPASS
	                                   : DMASIM_DOMAIN_ABORT;
	rc = tlb_invalidate_asid(d, domain->asid);
	rc2 = drv_smmu_domain_free(d, domain);
	return rc ? rc : rc2;
}

static int attach_dma(struct dmasim_smmu_drv *d, struct smmu_stream *s)
{
	struct smmu_domain *domain;
	int rc = domain_create(d, s->sid, &domain);

	if (rc)
		return rc;
	rc = drv_smmu_ste_stage1(d, s->sid, domain);
	if (rc) {
		(void)drv_smmu_domain_free(d, domain);
		return rc;
	}
	s->domain = domain;
	s->type = DMASIM_DOMAIN_DMA;
	return tlb_invalidate_asid(d, domain->asid);
}

int dmasim_smmu_drv_attach(struct dmasim_smmu_drv *d, uint32_t stream_id,
                           enum dmasim_domain type)
{
	struct smmu_stream *s;
	uint64_t va, pa;
	int rc;

	if (!d || type > DMASIM_DOMAIN_DMA)
		return DMASIM_E_INVAL;
	rc = drv_smmu_ste(d, stream_id, true, &va, &pa);
	if (rc)
		return rc;
	s = drv_smmu_stream(d, stream_id);
	if (!s) {
		rc = drv_grow(&d->streams, &d->stream_cap, d->stream_count + 1,
		              sizeof(*d->streams));
		if (rc)
			return rc;
		s = &d->streams[d->stream_count++];
		*s = (struct smmu_stream){.sid = stream_id};
	}
	rc = detach(d, s);
	if (rc)
		return rc;
	if (type == DMASIM_DOMAIN_DMA)
		return attach_dma(d, s);
	rc = drv_smmu_ste_plain(d, stream_id,
	                        type == DMASIM_DOMAIN_BYPASS ? HW_CONFIG_BYP
	                                                     : HW_CONFIG_ABORT);
	if (!rc)
		s->type = type;
	return rc;
}

/** The stream's page tables; NULL without any. */
static struct smmu_domain *find_domain(const struct dmasim_smmu_drv *d,
                                       uint32_t sid)
{
	const struct smmu_stream *s = drv_smmu_stream(d, sid);

	return s ? s->domain : NULL;
}

static bool range_fits(uint64_t addr, uint64_t size, unsigned bits)
{
	uint64_t limit = 1ull << bits;

	return addr < limit && size <= limit - addr;
}

int dmasim_smmu_drv_map(struct dmasim_smmu_drv *d, uint32_t stream_id,
                        uint64_t iova, uint64_t pa, uint64_t size,
                        bool writable, bool coherent)
{
	struct smmu_pt_range r = {.iova = iova, .pa = pa, .size = size};
	struct smmu_domain *domain;

	if (!d || !size || (iova | pa | size) % DRV_PAGE_SIZE)
		return DMASIM_E_INVAL;
	domain = find_domain(d, stream_id);
	if (!domain)
		return DMASIM_E_NOTFOUND;
	if (!range_fits(iova, size, SMMU_VA_BITS) ||
	    !range_fits(pa, size, d->oas_bits))
		return DMASIM_E_RANGE;
	r.prot = HW_PTE_NG | HW_PTE_AF | HW_PTE_UNPRIV |
	         HW_PREP(HW_PTE_SH, coherent ? HW_SH_ISH : HW_SH_OSH) |
	         HW_PREP(HW_PTE_ATTR,
	                 coherent ? HW_MAIR_IDX_WB : HW_MAIR_IDX_NC);
	if (!writable)
		r.prot |= HW_PTE_RDONLY;
	return drv_smmu_pt_map(d, domain, &r);
}

int dmasim_smmu_drv_unmap(struct dmasim_smmu_drv *d, uint32_t stream_id,
                          uint64_t iova, uint64_t size)
{
	struct smmu_domain *domain;

	if (!d || !size || (iova | size) % DRV_PAGE_SIZE)
		return DMASIM_E_INVAL;
	domain = find_domain(d, stream_id);
	if (!domain)
		return DMASIM_E_NOTFOUND;
	if (!range_fits(iova, size, SMMU_VA_BITS))
		return DMASIM_E_RANGE;
	return drv_smmu_pt_unmap(d, domain, iova, size);
}

int dmasim_smmu_drv_find(struct dmasim_smmu_drv *d, uint32_t stream_id,
                         uint64_t iova, uint64_t *ste, uint64_t *cd,
                         uint64_t *pte, int *level)
{
	struct smmu_domain *domain;
	uint64_t va, value;
	int rc;

	if (!d || !ste || !cd || !pte || !level)
		return DMASIM_E_INVAL;
	rc = drv_smmu_ste(d, stream_id, false, &va, ste);
	if (rc)
		return rc;
	domain = find_domain(d, stream_id);
	if (!domain)
		return DMASIM_E_NOTFOUND;
	*cd = domain->cd.pa;
	if (!range_fits(iova, 1, SMMU_VA_BITS))
		return DMASIM_E_NOTFOUND;
	rc = drv_smmu_walk(d, domain, iova, pte, &value, level);
	if (rc)
		return rc;
	return value & HW_PTE_VALID ? DMASIM_OK : DMASIM_E_NOTFOUND;
}

int dmasim_smmu_drv_invalidate(struct dmasim_smmu_drv *d, uint32_t stream_id)
{
	/* Leaf 0: the first-level descriptor goes as well. All of the TLB,
	 * because a changed CD may have another ASID. */
	const struct smmu_cmd cmds[] = {
	        {{HW_CMD_CFGI_STE | HW_PREP(HW_CMD0_SID, stream_id), 0}},
	        {{HW_CMD_TLBI_NSNH_ALL, 0}},
	};

	return d ? drv_smmu_issue(d, cmds, 2, true) : DMASIM_E_INVAL;
}
