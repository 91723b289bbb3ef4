/* SPDX-License-Identifier: MIT */
/* The virtio-blk driver: its life and its requests by sectors. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "blk_internal.h"

int drv_blk_fail(struct dmasim_blk_drv *d, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(d->error, sizeof(d->error), fmt, ap);
	va_end(ap);
	dmasim_log(d->guest->kernel, DMASIM_LOG_ERROR, "virtio-blk driver",
	           "disk %zu: %s", d->cfg.disk, d->error);
	return status;
}

void drv_blk_irq(void *ctx, uint32_t line)
{
	struct dmasim_blk_drv *d = ctx;

	(void)line;
	d->irq = true;
}

int dmasim_blk_drv_create(const struct dmasim_blk_drv_config *cfg,
                          struct dmasim_blk_drv **out)
{
	struct dmasim_blk_drv *d;
	int rc;

	if (!cfg || !cfg->guest || !out || cfg->policy >= DMASIM_POLICIES ||
	    cfg->mapping > DMASIM_MAPPING_IOMMU)
		return DMASIM_E_INVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return DMASIM_E_NOMEM;
	d->cfg = *cfg;
	d->guest = cfg->guest;
	d->timeout = cfg->timeout ? cfg->timeout : DMASIM_SEC;
	rc = drv_blk_probe(d);
	if (rc) {
		(void)dmasim_blk_drv_destroy(d);
		return rc;
	}
	*out = d;
	return DMASIM_OK;
}

static void free_buffer(struct dmasim_blk_drv *d, struct blk_buffer *b,
                        uint64_t size)
{
	if (!b->pa)
		return;
	if (d->guest->checker)
		dmasim_unname_region(d->guest->checker, b->pa, size);
	dmasim_guest_free(d->guest, b->pa, size);
}

int dmasim_blk_drv_destroy(struct dmasim_blk_drv *d)
{
	int rc, first = DMASIM_OK;

	if (!d)
		return DMASIM_OK;
	/* After a reset the device touches no memory any more. */
	if (d->probed)
		first = d->t.ops->set_status(&d->t, 0);
	drv_irq_free(d->guest, d->t.info.irq, d);
	rc = dmasim_vring_destroy(d->vring);
	first = first ? first : rc;
	dmasim_dma_destroy(d->dma);
	free_buffer(d, &d->header, DRV_PAGE_SIZE);
	free_buffer(d, &d->data, BLK_MAX_BYTES);
	free(d);
	return first;
}

uint64_t dmasim_blk_drv_capacity(const struct dmasim_blk_drv *d)
{
	return d->capacity;
}

struct dmasim_vring *dmasim_blk_drv_vring(struct dmasim_blk_drv *d)
{
	return d->vring;
}

enum dmasim_dma_mode dmasim_blk_drv_mode(const struct dmasim_blk_drv *d)
{
	return d->mode;
}

const char *dmasim_blk_drv_error(const struct dmasim_blk_drv *d)
{
	return d->error;
}

/** Split what is too long for one request. */
static int transfer(struct dmasim_blk_drv *d, struct blk_request r,
                    uint32_t sectors)
{
	uint8_t *in = r.in;
	const uint8_t *out = r.out;

	if (r.sector > d->capacity || sectors > d->capacity - r.sector)
		return drv_blk_fail(d, DMASIM_E_RANGE,
		                    "sectors %llu+%u: the disk has %llu",
		                    (unsigned long long)r.sector, sectors,
		                    (unsigned long long)d->capacity);
	while (sectors) {
		uint32_t n = BLK_MAX_BYTES / DMASIM_SECTOR;
		int rc;

		n = n < sectors ? n : sectors;
		r.bytes = n * DMASIM_SECTOR;
		r.in = in;
		r.out = out;
		rc = drv_blk_request(d, &r);
		if (rc)
			return rc;
		sectors -= n;
		r.sector += n;
		in = in ? in + r.bytes : NULL;
		out = out ? out + r.bytes : NULL;
	}
	return DMASIM_OK;
}

int dmasim_blk_drv_read(struct dmasim_blk_drv *d, uint64_t sector, void *buf,
                        uint32_t sectors)
{
	struct blk_request r = {.type = BLK_T_IN, .sector = sector, .in = buf};

	if (!d || !buf || !sectors)
		return DMASIM_E_INVAL;
	return transfer(d, r, sectors);
}

int dmasim_blk_drv_write(struct dmasim_blk_drv *d, uint64_t sector,
                         const void *buf, uint32_t sectors)
{
	struct blk_request r = {
	        .type = BLK_T_OUT, .sector = sector, .out = buf};

	if (!d || !buf || !sectors)
		return DMASIM_E_INVAL;
	if (d->features & BLK_F_RO)
		return drv_blk_fail(d, DMASIM_E_DEVICE,
		                    "the disk is read-only");
	return transfer(d, r, sectors);
}

int dmasim_blk_drv_flush(struct dmasim_blk_drv *d)
{
	const struct blk_request r = {.type = BLK_T_FLUSH};

	if (!d)
		return DMASIM_E_INVAL;
	/* Without the feature the device writes through. */
	return d->features & BLK_F_FLUSH ? drv_blk_request(d, &r) : DMASIM_OK;
}

int dmasim_blk_drv_get_id(struct dmasim_blk_drv *d, char id[20])
{
	const struct blk_request r = {
	        .type = BLK_T_GET_ID, .bytes = BLK_ID_SIZE, .in = id};

	return d && id ? drv_blk_request(d, &r) : DMASIM_E_INVAL;
}
