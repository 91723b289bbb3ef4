/* SPDX-License-Identifier: MIT */
/* Saved DMA API: what is mapped, and the bus addresses in use. */
#include <stdlib.h>

#include "dma_internal.h"

#define DMA_TAG     "DMA "
#define DMA_VERSION 1u

int dmasim_dma_save(const struct dmasim_dma *d, struct dmasim_writer *w)
{
	if (!d || !w)
		return DMASIM_E_INVAL;
	dmasim_put_begin(w, DMA_TAG, DMA_VERSION);
	dmasim_put_u8(w, (uint8_t)d->cfg.mode);
	dmasim_put_u8(w, d->coherent);
	dmasim_put_u32(w, (uint32_t)d->count);
	for (size_t i = 0; i < d->count; i++) {
		dmasim_put_u64(w, d->maps[i].dma);
		dmasim_put_u64(w, d->maps[i].pa);
		dmasim_put_u64(w, d->maps[i].size);
		dmasim_put_u64(w, d->maps[i].va);
		dmasim_put_u8(w, (uint8_t)d->maps[i].dir);
	}
	dmasim_put_u32(w, (uint32_t)d->iovas.count);
	for (size_t i = 0; i < d->iovas.count; i++) {
		dmasim_put_u64(w, d->iovas.used[i].base);
		dmasim_put_u64(w, d->iovas.used[i].size);
	}
	dmasim_put_end(w);
	return DMASIM_OK;
}

static int get_maps(const struct dmasim_dma *d, struct dmasim_reader *r,
                    struct drv_dma_state *s)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 33);

	for (uint32_t i = 0; i < n; i++) {
		struct dma_mapping m = {.dma = dmasim_get_u64(r)};
		uint8_t dir;

		m.pa = dmasim_get_u64(r);
		m.size = dmasim_get_u64(r);
		m.va = dmasim_get_u64(r);
		dir = dmasim_get_u8(r);
		m.dir = (enum dmasim_dma_dir)dir;
		if (dir > DMASIM_BIDIRECTIONAL || !m.size ||
		    !drv_pages_is_ram(&d->guest->pages, m.pa, m.size))
			return dmasim_reader_fail(r, "a mapping of 0x%llx",
			                          (unsigned long long)m.pa);
		if (drv_grow(&s->maps, &s->cap, i + 1, sizeof(*s->maps)))
			return DMASIM_E_NOMEM;
		s->maps[s->count++] = m;
	}
	return dmasim_reader_status(r);
}

/** In falling order, apart from one another. */
static int get_iovas(struct dmasim_reader *r, struct drv_iovas *v)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 16);
	uint64_t above = DMA_IOVA_MAX + 1;

	for (uint32_t i = 0; i < n; i++) {
		struct drv_iova e = {.base = dmasim_get_u64(r)};

		e.size = dmasim_get_u64(r);
		if (!e.size || (e.base | e.size) % DRV_PAGE_SIZE ||
		    e.base > above || e.size > above - e.base)
			return dmasim_reader_fail(r, "bus addresses 0x%llx",
			                          (unsigned long long)e.base);
		if (drv_grow(&v->used, &v->cap, i + 1, sizeof(*v->used)))
			return DMASIM_E_NOMEM;
		v->used[v->count++] = e;
		above = e.base;
	}
	return dmasim_reader_status(r);
}

void drv_dma_drop(struct drv_dma_state *s)
{
	free(s->maps);
	free(s->iovas.used);
}

int drv_dma_parse(const struct dmasim_dma *d, struct dmasim_reader *r,
                  struct drv_dma_state *s)
{
	int rc;

	*s = (struct drv_dma_state){.maps = NULL};
	dmasim_get_begin(r, DMA_TAG, DMA_VERSION);
	if (dmasim_get_u8(r) != d->cfg.mode || dmasim_get_u8(r) != d->coherent)
		dmasim_reader_fail(r, "another kind of DMA");
	rc = get_maps(d, r, s);
	if (!rc)
		rc = get_iovas(r, &s->iovas);
	dmasim_get_end(r);
	if (!rc)
		rc = dmasim_reader_status(r);
	if (rc)
		drv_dma_drop(s);
	return rc;
}

void drv_dma_commit(struct dmasim_dma *d, const struct drv_dma_state *s)
{
	free(d->maps);
	free(d->iovas.used);
	d->maps = s->maps;
	d->count = s->count;
	d->cap = s->cap;
	d->iovas = s->iovas;
}

int dmasim_dma_restore(struct dmasim_dma *d, struct dmasim_reader *r)
{
	struct drv_dma_state s;
	int rc;

	if (!d || !r)
		return DMASIM_E_INVAL;
	rc = drv_dma_parse(d, r, &s);
	if (!rc)
		drv_dma_commit(d, &s);
	return rc;
}
