/* SPDX-License-Identifier: MIT */
/* One request: build, map, expose, wait, unmap, look. */
#include <string.h>

#include "blk_internal.h"

#define STATUS_UNWRITTEN 0xffu

static const char *type_name(uint32_t type)
{
	switch (type) {
	case BLK_T_IN:
		return "read";
	case BLK_T_OUT:
		return "write";
	case BLK_T_FLUSH:
		return "flush";
	default:
		return "get-id";
	}
}

/** Header, data of a write, and a status that no device writes. */
static int fill_request(struct dmasim_blk_drv *d, const struct blk_request *r)
{
	struct dmasim_cpu *cpu = d->guest->cpu;
	uint64_t va = drv_va(d->header.pa);
	int rc = dmasim_cpu_put(cpu, va, 4, r->type,
	                        DMASIM_AT("request header, type"));

	if (!rc)
		rc = dmasim_cpu_put(cpu, va + 4, 4, 0,
		                    DMASIM_AT("request header, priority"));
	if (!rc)
		rc = dmasim_cpu_put(cpu, va + 8, 8, r->sector,
		                    DMASIM_AT("request header, sector"));
	if (!rc)
		rc = dmasim_cpu_put(cpu, drv_va(d->status.pa), 1,
		                    STATUS_UNWRITTEN,
		                    DMASIM_AT("request status"));
	if (!rc && r->out)
		rc = dmasim_cpu_write(cpu, drv_va(d->data.pa), r->out, r->bytes,
		                      DMASIM_AT("request data"));
	return rc;
}

static enum dmasim_dma_dir data_dir(const struct blk_request *r)
{
	return r->out ? DMASIM_TO_DEVICE : DMASIM_FROM_DEVICE;
}

/** Map the parts; *@count of @sg are filled, also on error. */
static int map_request(struct dmasim_blk_drv *d, const struct blk_request *r,
                       struct dmasim_sg sg[3], unsigned *count)
{
	int rc = dmasim_dma_map(d->dma, d->header.pa, BLK_HEADER_SIZE,
	                        DMASIM_TO_DEVICE, &d->header.dma);

	*count = 0;
	if (rc)
		return rc;
	sg[(*count)++] =
	        (struct dmasim_sg){d->header.dma, BLK_HEADER_SIZE, false};
	if (r->bytes) {
		rc = dmasim_dma_map(d->dma, d->data.pa, r->bytes, data_dir(r),
		                    &d->data.dma);
		if (rc)
			return rc;
		sg[(*count)++] =
		        (struct dmasim_sg){d->data.dma, r->bytes, r->in};
	}
	rc = dmasim_dma_map(d->dma, d->status.pa, 1, DMASIM_FROM_DEVICE,
	                    &d->status.dma);
	if (!rc)
		sg[(*count)++] = (struct dmasim_sg){d->status.dma, 1, true};
	return rc;
}

static int unmap_request(struct dmasim_blk_drv *d, const struct blk_request *r,
                         const struct dmasim_sg *sg, unsigned count)
{
	int first = DMASIM_OK;

	for (unsigned i = 0; i < count; i++) {
		enum dmasim_dma_dir dir = DMASIM_FROM_DEVICE;
		int rc;

		if (i == 0)
			dir = DMASIM_TO_DEVICE;
		else if (i == 1 && r->bytes)
			dir = data_dir(r);
		rc = dmasim_dma_unmap(d->dma, sg[i].dma, sg[i].size, dir);
		first = first ? first : rc;
	}
	return first;
}

static bool woken(void *ctx)
{
	const struct dmasim_blk_drv *d = ctx;

	return d->irq || (d->smmu && drv_smmu_pending(d->smmu));
}

static int lost(struct dmasim_blk_drv *d, const struct blk_request *r, int why)
{
	uint8_t status = 0;

	d->dead = true;
	(void)d->t.ops->get_status(&d->t, &status);
	return drv_blk_fail(
	        d, DMASIM_E_HANG,
	        "request %llu (%s, sector %llu, %u bytes): no answer%s; "
	        "avail.idx written %u, used.idx seen %u, device status "
	        "0x%02x%s",
	        (unsigned long long)d->requests, type_name(r->type),
	        (unsigned long long)r->sector, r->bytes,
	        why == DMASIM_E_HANG ? ", and nothing is left to happen"
	                             : " in time",
	        d->vring->avail_idx, d->vring->used_seen, status,
	        status & VIRTIO_S_NEEDS_RESET ? " (it asks for a reset)" : "");
}

/** What an interrupt brings: acknowledge it, and see whether the device gave
 * up. */
static int handle_irq(struct dmasim_blk_drv *d)
{
	uint8_t status;
	uint32_t isr;
	int rc;

	if (d->smmu && drv_smmu_pending(d->smmu)) {
		rc = dmasim_smmu_drv_poll(d->smmu);
		if (rc)
			return rc;
	}
	if (!d->irq)
		return DMASIM_OK;
	d->irq = false;
	rc = d->t.ops->interrupt(&d->t, &isr);
	if (rc || !(isr & VIRTIO_ISR_CONFIG))
		return rc;
	rc = d->t.ops->get_status(&d->t, &status);
	if (rc || !(status & VIRTIO_S_NEEDS_RESET))
		return rc;
	d->dead = true;
	return drv_blk_fail(d, DMASIM_E_DEVICE,
	                    "request %llu: the device asks for a reset",
	                    (unsigned long long)d->requests);
}

/** Sleep until the device answers, as long as it may take; then look once
 * more, for an interrupt that was lost. */
static int wait_answer(struct dmasim_blk_drv *d, const struct blk_request *r)
{
	uint64_t start = dmasim_now(d->guest->kernel);
	uint16_t head;
	uint32_t len;

	for (;;) {
		uint64_t passed = dmasim_now(d->guest->kernel) - start;
		uint64_t left = passed < d->timeout ? d->timeout - passed : 0;
		int why = drv_wait(d->guest, woken, d, left), rc;

		if (why && why != DMASIM_E_TIMEOUT && why != DMASIM_E_HANG)
			return why;
		rc = handle_irq(d);
		if (rc)
			return rc;
		rc = dmasim_vring_get(d->vring, &head, &len);
		if (rc == DMASIM_E_DEVICE) {
			d->dead = true;
			return drv_blk_fail(d, rc, "%s",
			                    dmasim_vring_error(d->vring));
		}
		if (rc != DMASIM_E_NOTFOUND)
			return rc;
		if (why)
			return lost(d, r, why);
	}
}

static int expose_request(struct dmasim_blk_drv *d, const struct dmasim_sg *sg,
                          unsigned count)
{
	uint16_t head;
	bool kick;
	int rc;

	/* An interrupt from before has nothing to say about this request. */
	d->irq = false;
	rc = dmasim_vring_add(d->vring, sg, count, &head);
	if (!rc)
		rc = dmasim_vring_should_kick(d->vring, &kick);
	if (!rc && kick)
		rc = d->t.ops->notify(&d->t, 0);
	return rc;
}

static int check_answer(struct dmasim_blk_drv *d, const struct blk_request *r)
{
	struct dmasim_cpu *cpu = d->guest->cpu;
	uint64_t status;
	int rc = dmasim_cpu_get(cpu, drv_va(d->status.pa), 1, &status,
	                        DMASIM_AT("request status"));

	if (!rc && status == BLK_S_OK && r->in)
		rc = dmasim_cpu_read(cpu, drv_va(d->data.pa), r->in, r->bytes,
		                     DMASIM_AT("request data"));
	if (rc || status == BLK_S_OK)
		return rc;
	return drv_blk_fail(d, DMASIM_E_DEVICE,
	                    "request %llu (%s, sector %llu): status 0x%02x%s",
	                    (unsigned long long)d->requests, type_name(r->type),
	                    (unsigned long long)r->sector, (unsigned)status,
	                    status == STATUS_UNWRITTEN ? " (never written)"
	                    : status == BLK_S_UNSUPP   ? " (unsupported)"
	                                               : " (error)");
}

int drv_blk_request(struct dmasim_blk_drv *d, const struct blk_request *r)
{
	struct dmasim_sg sg[3];
	unsigned count;
	int rc;

	/* The buffers still belong to the device. */
	if (d->dead)
		return DMASIM_E_HANG;
	d->requests++;
	d->error[0] = '\0';
	rc = fill_request(d, r);
	if (rc)
		return rc;
	rc = map_request(d, r, sg, &count);
	if (rc) {
		(void)unmap_request(d, r, sg, count);
		return rc;
	}
	rc = expose_request(d, sg, count);
	if (!rc)
		rc = wait_answer(d, r);
	if (rc) {
		d->dead = true;
		return rc;
	}
	rc = unmap_request(d, r, sg, count);
	return rc ? rc : check_answer(d, r);
}
