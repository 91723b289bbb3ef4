/* SPDX-License-Identifier: MIT */
/* Saved virtio-blk drivers, with their ring and their mappings. */
#include "blk_internal.h"
#include "dma_internal.h"

#define BLK_TAG     "BLKD"
#define BLK_VERSION 1u

int dmasim_blk_drv_save(const struct dmasim_blk_drv *d, struct dmasim_writer *w)
{
	int rc;

	if (!d || !w)
		return DMASIM_E_INVAL;
	dmasim_put_begin(w, BLK_TAG, BLK_VERSION);
	dmasim_put_u8(w, (uint8_t)d->mode);
	dmasim_put_u64(w, d->features);
	dmasim_put_u64(w, d->capacity);
	dmasim_put_u8(w, d->irq);
	dmasim_put_u8(w, d->dead);
	dmasim_put_u64(w, d->requests);
	dmasim_put_u64(w, d->header.pa);
	dmasim_put_u64(w, d->data.pa);
	dmasim_put_string(w, d->error);
	rc = dmasim_dma_save(d->dma, w);
	if (!rc)
		rc = dmasim_vring_save(d->vring, w);
	dmasim_put_end(w);
	return rc;
}

static void get_fields(struct dmasim_blk_drv *d, struct dmasim_reader *r)
{
	if (dmasim_get_u8(r) != d->mode)
		dmasim_reader_fail(r, "a driver of another mode");
	d->features = dmasim_get_u64(r);
	d->capacity = dmasim_get_u64(r);
	d->irq = dmasim_get_u8(r) != 0;
	d->dead = dmasim_get_u8(r) != 0;
	d->requests = dmasim_get_u64(r);
	d->header.pa = dmasim_get_u64(r);
	d->data.pa = dmasim_get_u64(r);
	d->status.pa = d->header.pa + dmasim_cpu_line_size(d->guest->cpu);
	if (!drv_state_pages(d->guest, d->header.pa, DRV_PAGE_SIZE) ||
	    !drv_state_pages(d->guest, d->data.pa, BLK_MAX_BYTES))
		dmasim_reader_fail(r, "buffers outside of RAM");
	dmasim_get_string(r, d->error, sizeof(d->error));
}

int dmasim_blk_drv_restore(struct dmasim_blk_drv *d, struct dmasim_reader *r)
{
	struct drv_dma_state dma;
	struct dmasim_vring ring;
	struct dmasim_blk_drv fresh;
	int rc;

	if (!d || !r)
		return DMASIM_E_INVAL;
	fresh = *d;
	dmasim_get_begin(r, BLK_TAG, BLK_VERSION);
	get_fields(&fresh, r);
	rc = drv_dma_parse(d->dma, r, &dma);
	if (rc)
		return rc;
	rc = drv_vring_parse(d->vring, r, &ring);
	if (rc) {
		drv_dma_drop(&dma);
		return rc;
	}
	dmasim_get_end(r);
	*d = fresh;
	drv_dma_commit(d->dma, &dma);
	drv_vring_commit(d->vring, &ring);
	return DMASIM_OK;
}
