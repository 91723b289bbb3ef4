/* SPDX-License-Identifier: MIT */
/*
 * The DMA API of one device, as arm64 Linux 6.1 implements it: physical
 * addresses, dma-direct with or without coherence, and dma-iommu.
 */
#include "dma_internal.h"

#include <stdlib.h>
#include <string.h>

int dmasim_dma_create(const struct dmasim_dma_config *cfg,
                      struct dmasim_dma **out)
{
	struct dmasim_dma *d;

	if (!cfg || !cfg->guest || !out)
		return DMASIM_E_INVAL;
	if (cfg->mode > DMASIM_DMA_IOMMU ||
	    (cfg->mode == DMASIM_DMA_IOMMU) != (cfg->smmu != NULL))
		return DMASIM_E_INVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return DMASIM_E_NOMEM;
	d->cfg = *cfg;
	d->guest = cfg->guest;
	d->coherent = cfg->mode == DMASIM_DMA_PHYSICAL ||
	              cfg->mode == DMASIM_DMA_COHERENT ||
	              (cfg->mode == DMASIM_DMA_IOMMU && cfg->coherent);
	/* A driver that gives out physical addresses tells nobody. */
	d->unnoted = !d->guest->checker || cfg->mode == DMASIM_DMA_PHYSICAL;
	if (!d->unnoted &&
	    dmasim_note_watch(d->guest->checker, 0, cfg->stream_id)) {
		free(d);
		return DMASIM_E_NOMEM;
	}
	*out = d;
	return DMASIM_OK;
}

void dmasim_dma_destroy(struct dmasim_dma *d)
{
	if (!d)
		return;
	/* A device that was left with its buffers must be quiet by now. */
	while (d->count) {
		const struct dma_mapping m = d->maps[d->count - 1];

		if (m.va)
			(void)dmasim_dma_free(d, m.size, m.va, m.dma, m.pa);
		else
			(void)dmasim_dma_unmap(d, m.dma, m.size, m.dir);
	}
	if (!d->unnoted)
		dmasim_note_unwatch(d->guest->checker, 0, d->cfg.stream_id);
	free(d->maps);
	free(d->iovas.used);
	free(d);
}

enum dmasim_dma_mode dmasim_dma_mode(const struct dmasim_dma *d)
{
	return d->cfg.mode;
}

const char *dmasim_dma_mode_name(enum dmasim_dma_mode mode)
{
	switch (mode) {
	case DMASIM_DMA_PHYSICAL:
		return "physical";
	case DMASIM_DMA_NONCOHERENT:
		return "direct, non-coherent";
	case DMASIM_DMA_COHERENT:
		return "direct, coherent";
	case DMASIM_DMA_IOMMU:
		return "iommu";
	}
	return "unknown mode";
}

uint64_t drv_dma_max_pa(const struct dmasim_dma *d)
{
	uint64_t max;

	if (d->cfg.mode == DMASIM_DMA_PHYSICAL ||
	    d->cfg.mode == DMASIM_DMA_IOMMU || !d->cfg.limit)
		return UINT64_MAX;
	max = d->cfg.limit + d->cfg.offset;
	return max < d->cfg.limit ? UINT64_MAX : max;
}

/** A bus address for [pa, pa + size), mapped if need be. */
static int dma_translate(struct dmasim_dma *d, uint64_t pa, uint64_t size,
                         bool writable, uint64_t *dma)
{
	const struct dmasim_dma_config *c = &d->cfg;
	uint64_t first = drv_align_down(pa, DRV_PAGE_SIZE);
	uint64_t length, max = DMA_IOVA_MAX;
	int rc;

	if (c->mode == DMASIM_DMA_PHYSICAL) {
		*dma = pa;
		return DMASIM_OK;
	}
	if (c->mode != DMASIM_DMA_IOMMU) {
		/* dma-ranges: bus address = physical address - offset. */
		if (pa < c->offset)
			return DMASIM_E_RANGE;
		*dma = pa - c->offset;
		if (c->limit && (*dma > c->limit || c->limit - *dma < size - 1))
			return DMASIM_E_RANGE;
		return DMASIM_OK;
	}
	if (c->limit && c->limit < max)
		max = c->limit;
	length = drv_align_up(pa + size, DRV_PAGE_SIZE) - first;
	rc = drv_iova_alloc(&d->iovas, length, max, dma);
	if (rc)
		return rc == DMASIM_E_FULL ? DMASIM_E_RANGE : rc;
	rc = dmasim_smmu_drv_map(c->smmu, c->stream_id, *dma, first, length,
	                         writable, d->coherent);
	if (rc) {
		drv_iova_free(&d->iovas, *dma);
		return rc;
	}
	*dma += pa - first;
	return DMASIM_OK;
}

static int dma_untranslate(struct dmasim_dma *d, uint64_t dma, uint64_t size)
{
	uint64_t first = drv_align_down(dma, DRV_PAGE_SIZE);
	int rc;

	if (d->cfg.mode != DMASIM_DMA_IOMMU)
		return DMASIM_OK;
	rc = dmasim_smmu_drv_unmap(d->cfg.smmu, d->cfg.stream_id, first,
	                           drv_align_up(dma + size, DRV_PAGE_SIZE) -
	                                   first);
	drv_iova_free(&d->iovas, first);
	return rc;
}

/** Forget @m; the bus address ends to be valid. */
static int dma_remove(struct dmasim_dma *d, struct dma_mapping *m)
{
	uint64_t dma = m->dma, size = m->size;
	size_t i = (size_t)(m - d->maps);

	d->count--;
	memmove(m, m + 1, (d->count - i) * sizeof(*m));
	if (!d->unnoted)
		dmasim_note_unmap(d->guest->checker, d->cfg.stream_id, dma,
		                  size);
	return dma_untranslate(d, dma, size);
}

static int dma_note(struct dmasim_dma *d, const struct dma_mapping *m)
{
	const struct dmasim_dma_buffer b = {
	        .stream_id = d->cfg.stream_id,
	        .dma = m->dma,
	        .pa = m->pa,
	        .size = m->size,
	        .direction = m->dir,
	        .both = m->va != 0,
	        .coherent = d->coherent,
	        .at = dmasim_cpu_place(d->guest->cpu),
	};

	return dmasim_note_buffer(d->guest->checker, &b);
}

/** Translate, and note what was mapped. */
static int dma_add(struct dmasim_dma *d, const struct dma_mapping *m,
                   uint64_t *dma)
{
	bool writable = m->dir != DMASIM_TO_DEVICE;
	int rc = drv_grow(&d->maps, &d->cap, d->count + 1, sizeof(*d->maps));

	if (rc)
		return rc;
	rc = dma_translate(d, m->pa, m->size, writable, dma);
	if (rc)
		return rc;
	d->maps[d->count] = *m;
	d->maps[d->count++].dma = *dma;
	if (d->unnoted)
		return DMASIM_OK;
	rc = dma_note(d, &d->maps[d->count - 1]);
	if (rc)
		(void)dma_remove(d, &d->maps[d->count - 1]);
	return rc;
}

static struct dma_mapping *dma_find(struct dmasim_dma *d, uint64_t dma,
                                    uint64_t size, uint64_t va)
{
	for (size_t i = d->count; i-- > 0;) {
		struct dma_mapping *m = &d->maps[i];

		if (m->dma == dma && m->size == size && m->va == va)
			return m;
	}
	return NULL;
}

/** Maintenance of a buffer through the linear map, completed by a DSB. */
static int dma_sync(struct dmasim_dma *d, enum dmasim_op op, uint64_t pa,
                    uint64_t size, struct dmasim_origin origin)
{
	struct dmasim_cpu *cpu = d->guest->cpu;
	int rc = dmasim_cpu_maintain(cpu, op, drv_va(pa), size, origin);

	return rc ? rc : dmasim_cpu_barrier(cpu, DMASIM_DSB, origin);
}

/** Linux's arch_sync_dma_for_cpu(): invalidate; lines that the buffer only
 * shares are cleaned as well, so that their other bytes survive. */
static int dma_invalidate(struct dmasim_dma *d, uint64_t pa, uint64_t size)
{
	struct dmasim_cpu *cpu = d->guest->cpu;
	uint64_t line = dmasim_cpu_line_size(cpu);
	uint64_t start = drv_align_up(pa, line);
	uint64_t end = drv_align_down(pa + size, line);
	int rc = DMASIM_OK;

	if (start != pa)
		rc = dmasim_cpu_maintain(cpu, DMASIM_CLEAN_INVALIDATE,
		                         drv_va(pa), 1,
		                         DMASIM_AT("sync for cpu, first line"));
	if (!rc && end != pa + size && end >= start)
		rc = dmasim_cpu_maintain(cpu, DMASIM_CLEAN_INVALIDATE,
		                         drv_va(end), 1,
		                         DMASIM_AT("sync for cpu, last line"));
	if (!rc && end > start)
		rc = dmasim_cpu_maintain(cpu, DMASIM_INVALIDATE, drv_va(start),
		                         end - start,
		                         DMASIM_AT("sync for cpu"));
	return rc ? rc
	          : dmasim_cpu_barrier(cpu, DMASIM_DSB,
	                               DMASIM_AT("sync for cpu"));
}

/** The CPU's address of an allocation. A device that is not coherent gets
 * memory that the CPU reaches through a non-cacheable alias, of which no
 * line is left in a cache. */
static int dma_cpu_alias(struct dmasim_dma *d, uint64_t pa, uint64_t size,
                         uint64_t *va)
{
	int rc;

	*va = drv_va(pa);
	if (d->coherent)
		return DMASIM_OK;
	rc = dma_sync(d, DMASIM_CLEAN_INVALIDATE, pa, size,
	              DMASIM_AT("prepare coherent memory"));
	if (rc)
		return rc;
	*va = DMASIM_NC_BASE + pa;
	return dmasim_cpu_map(d->guest->cpu, *va, pa, size, &dmasim_attr_nc);
}

static int dma_alloc_pages(struct dmasim_dma *d, uint64_t size, bool ring,
                           uint64_t *va, uint64_t *dma, uint64_t *pa)
{
	struct dma_mapping m = {.dir = DMASIM_BIDIRECTIONAL};
	struct dmasim_guest *g = d->guest;
	uint64_t max = drv_dma_max_pa(d);
	uint64_t align;
	int rc;

	if (!size || size > DRV_PA_LIMIT)
		return DMASIM_E_INVAL;
	size = drv_align_up(size, DRV_PAGE_SIZE);
	/* Linux promises alignment to the power of two that holds it, and the
	 * tables of an SMMU rely on it. */
	align = drv_power_of_two_above(size);
	rc = ring ? drv_guest_alloc_ring(g, size, max, pa)
	          : drv_guest_alloc_below(g, size, align, max, pa);
	if (rc)
		return rc;
	rc = dma_cpu_alias(d, *pa, size, va);
	if (rc)
		goto free_pages;
	m.pa = *pa;
	m.size = size;
	m.va = *va;
	rc = dma_add(d, &m, dma);
	if (!rc)
		return DMASIM_OK;
	if (!d->coherent)
		(void)dmasim_cpu_unmap(g->cpu, *va);
free_pages:
	dmasim_guest_free(g, *pa, size);
	return rc;
}

int dmasim_dma_alloc(struct dmasim_dma *d, uint64_t size, uint64_t *va,
                     uint64_t *dma, uint64_t *pa)
{
	if (!d || !va || !dma || !pa)
		return DMASIM_E_INVAL;
	return dma_alloc_pages(d, size, false, va, dma, pa);
}

int drv_dma_alloc_ring(struct dmasim_dma *d, uint64_t size, uint64_t *va,
                       uint64_t *dma, uint64_t *pa)
{
	return dma_alloc_pages(d, size, true, va, dma, pa);
}

int dmasim_dma_free(struct dmasim_dma *d, uint64_t size, uint64_t va,
                    uint64_t dma, uint64_t pa)
{
	struct dma_mapping *m;
	int rc, rc2 = DMASIM_OK;

	if (!d)
		return DMASIM_E_INVAL;
	size = drv_align_up(size, DRV_PAGE_SIZE);
	m = dma_find(d, dma, size, va);
	if (!m || !va || m->pa != pa)
		return DMASIM_E_NOTFOUND;
	rc = dma_remove(d, m);
	if (!d->coherent) {
		/* Stores through the alias must not come after its end. */
		rc2 = dmasim_cpu_barrier(d->guest->cpu, DMASIM_DSB,
		                         DMASIM_AT("free coherent memory"));
		(void)dmasim_cpu_unmap(d->guest->cpu, va);
	}
	dmasim_guest_free(d->guest, pa, size);
	return rc ? rc : rc2;
}

int dmasim_dma_map(struct dmasim_dma *d, uint64_t pa, uint64_t size,
                   enum dmasim_dma_dir dir, uint64_t *dma)
{
	struct dma_mapping m = {.pa = pa, .size = size, .dir = dir};

	if (!d || !dma || !size)
		return DMASIM_E_INVAL;
	if (!drv_pages_is_ram(&d->guest->pages, pa, size))
		return DMASIM_E_RANGE;
	/* Linux 6.1 cleans for every direction: what the device does not
	 * write must be there when the CPU reads it again. */
	if (!d->coherent) {
		int rc = dma_sync(d, DMASIM_CLEAN, pa, size,
		                  DMASIM_AT("sync for device"));

		if (rc)
			return rc;
	}
	return dma_add(d, &m, dma);
}

int dmasim_dma_unmap(struct dmasim_dma *d, uint64_t dma, uint64_t size,
                     enum dmasim_dma_dir dir)
{
	struct dma_mapping *m;
	int rc = DMASIM_OK, rc2;

	if (!d)
		return DMASIM_E_INVAL;
	m = dma_find(d, dma, size, 0);
	if (!m || m->dir != dir)
		return DMASIM_E_NOTFOUND;
	if (!d->coherent && dir != DMASIM_TO_DEVICE)
		rc = dma_invalidate(d, m->pa, size);
	rc2 = dma_remove(d, m);
	return rc ? rc : rc2;
}

/** The buffer that [dma, dma + size) is a part of. */
static const struct dma_mapping *dma_holding(const struct dmasim_dma *d,
                                             uint64_t dma, uint64_t size)
{
	for (size_t i = d->count; i-- > 0;) {
		const struct dma_mapping *m = &d->maps[i];

		if (!m->va && dma >= m->dma && dma - m->dma < m->size &&
		    size <= m->size - (dma - m->dma))
			return m;
	}
	return NULL;
}

int dmasim_dma_sync(struct dmasim_dma *d, uint64_t dma, uint64_t size,
                    enum dmasim_sync to)
{
	const struct dma_mapping *m;
	int rc = DMASIM_OK;
	uint64_t pa;

	if (!d || !size)
		return DMASIM_E_INVAL;
	m = dma_holding(d, dma, size);
	if (!m)
		return DMASIM_E_NOTFOUND;
	pa = m->pa + (dma - m->dma);
	if (!d->coherent && to == DMASIM_SYNC_TO_DEVICE)
		rc = dma_sync(d, DMASIM_CLEAN, pa, size,
		              DMASIM_AT("sync for device"));
	else if (!d->coherent && m->dir != DMASIM_TO_DEVICE)
		rc = dma_invalidate(d, pa, size);
	if (rc || d->unnoted)
		return rc;
	return dmasim_note_sync(d->guest->checker, d->cfg.stream_id, dma, size,
	                        to, dmasim_cpu_place(d->guest->cpu));
}
