/* SPDX-License-Identifier: MIT */
/*
 * A split virtqueue, driver side, in the order of accesses and barriers of
 * Linux's virtio_ring.c. Free descriptors and chains are kept in the
 * driver's own memory, so that a device cannot lead it astray.
 */
#include "vring_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each access names its field; the line is the caller's. */
#define VRING_PUT(v, offset, size, value, what)                                \
	dmasim_cpu_put((v)->guest->cpu, (v)->va + (offset), size, value,       \
	               DMASIM_AT(what))
#define VRING_GET(v, offset, size, value, what)                                \
	dmasim_cpu_get((v)->guest->cpu, (v)->va + (offset), size, value,       \
	               DMASIM_AT(what))

static void describe(void *ctx, uint64_t offset, char *buf, size_t size)
{
	const struct dmasim_vring *v = ctx;
	char field[48];

	drv_vring_field(&v->layout, offset, field, sizeof(field));
	(void)snprintf(buf, size, "virtqueue %u %s", v->cfg.queue, field);
}

/** virtio 1.3, 2.7.10 and 2.7.13.4.1: flags are hints, but whoever writes its
 * index looks at the other's wish afterwards, or both may go to sleep. */
static int note_order(struct dmasim_vring *v)
{
	struct dmasim_checker *c = v->guest->checker;
	uint64_t avail = v->pa + v->layout.avail, used = v->pa + v->layout.used;
	int rc = dmasim_note_racy(c, avail + VRING_AVAIL_FLAGS, 2);

	if (!rc)
		rc = dmasim_note_racy(c, used + VRING_USED_FLAGS, 2);
	if (!rc)
		rc = dmasim_note_dekker(c, avail + VRING_AVAIL_IDX, 2,
		                        used + VRING_USED_FLAGS, 2);
	if (!rc)
		rc = dmasim_note_dekker(c, used + VRING_USED_IDX, 2,
		                        avail + VRING_AVAIL_FLAGS, 2);
	return rc;
}

int drv_vring_name(struct dmasim_vring *v)
{
	char name[32];
	int rc;

	if (!v->guest->checker)
		return DMASIM_OK;
	(void)snprintf(name, sizeof(name), "virtqueue %u", v->cfg.queue);
	rc = dmasim_name_region(v->guest->checker, v->pa, v->layout.total, name,
	                        describe, v);
	return rc ? rc : note_order(v);
}

static int barrier(struct dmasim_vring *v, enum dmasim_barrier weak,
                   enum dmasim_barrier strong, struct dmasim_origin origin)
{
	return dmasim_cpu_barrier(v->guest->cpu,
	                          v->cfg.weak_barriers ? weak : strong, origin);
}

static int vring_init(struct dmasim_vring *v)
{
	/* A modern ring is packed to cache lines, a legacy one to pages. */
	drv_vring_layout(&v->layout, v->cfg.size,
	                 v->cfg.legacy ? DRV_PAGE_SIZE : 64);
	v->slots = calloc(v->cfg.size, sizeof(*v->slots));
	if (!v->slots)
		return DMASIM_E_NOMEM;
	for (unsigned i = 0; i < v->cfg.size; i++)
		v->slots[i].next = (uint16_t)(i + 1);
	v->free_count = v->cfg.size;
	return drv_dma_alloc_ring(v->cfg.dma, v->layout.total, &v->va, &v->dma,
	                          &v->pa);
}

int dmasim_vring_create(const struct dmasim_vring_config *cfg,
                        struct dmasim_vring **out)
{
	struct dmasim_vring *v;
	int rc;

	if (!cfg || !cfg->guest || !cfg->dma || !out ||
	    !drv_power_of_two(cfg->size) || cfg->size > VRING_MAX_SIZE)
		return DMASIM_E_INVAL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return DMASIM_E_NOMEM;
	v->cfg = *cfg;
	v->guest = cfg->guest;
	rc = vring_init(v);
	if (rc) {
		free(v->slots);
		free(v);
		return rc;
	}
	rc = drv_vring_name(v);
	if (rc) {
		(void)dmasim_vring_destroy(v);
		return rc;
	}
	*out = v;
	return DMASIM_OK;
}

int dmasim_vring_destroy(struct dmasim_vring *v)
{
	int rc;

	if (!v)
		return DMASIM_OK;
	if (v->guest->checker) {
		dmasim_note_order_end(v->guest->checker, v->pa,
		                      v->layout.total);
		dmasim_unname_region(v->guest->checker, v->pa, v->layout.total);
	}
	rc = dmasim_dma_free(v->cfg.dma, v->layout.total, v->va, v->dma, v->pa);
	free(v->slots);
	free(v);
	return rc;
}

void dmasim_vring_addresses(const struct dmasim_vring *v, uint64_t *desc,
                            uint64_t *avail, uint64_t *used, uint64_t *pa)
{
	*desc = v->dma;
	*avail = v->dma + v->layout.avail;
	*used = v->dma + v->layout.used;
	*pa = v->pa;
}

static int write_desc(struct dmasim_vring *v, uint16_t i,
                      const struct dmasim_sg *sg, bool last)
{
	uint64_t at = (uint64_t)VRING_DESC_SIZE * i;
	uint16_t flags = (uint16_t)((sg->device_writes ? VRING_F_WRITE : 0) |
	                            (last ? 0 : VRING_F_NEXT));
	int rc = VRING_PUT(v, at + VRING_DESC_FLAGS, 2, flags, "desc.flags");

	if (!rc)
		rc = VRING_PUT(v, at + VRING_DESC_ADDR, 8, sg->dma,
		               "desc.addr");
	if (!rc)
		rc = VRING_PUT(v, at + VRING_DESC_LEN, 4, sg->size, "desc.len");
	return rc ? rc
	          : VRING_PUT(v, at + VRING_DESC_NEXT, 2, v->slots[i].next,
	                      "desc.next");
}

/** Device-readable elements come first (virtio 1.3, 2.7.4.2), and none is
 * empty. */
static bool chain_valid(const struct dmasim_vring *v,
                        const struct dmasim_sg *sg, unsigned count)
{
	if (!sg || !count || count > v->cfg.size)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!sg[i].size ||
		    (i && sg[i - 1].device_writes && !sg[i].device_writes))
			return false;
	}
	return true;
}

int dmasim_vring_add(struct dmasim_vring *v, const struct dmasim_sg *sg,
                     unsigned count, uint16_t *head)
{
	uint16_t i, first;
	uint64_t slot;
	int rc = DMASIM_OK;

	if (!v || !head || !chain_valid(v, sg, count))
		return DMASIM_E_INVAL;
	if (v->broken)
		return DMASIM_E_DEVICE;
	if (count > v->free_count)
		return DMASIM_E_FULL;
	first = i = v->free_head;
	for (unsigned n = 0; n < count && !rc; n++) {
		rc = write_desc(v, i, &sg[n], n + 1 == count);
		i = v->slots[i].next;
	}
	slot = v->avail_idx & (v->cfg.size - 1u);
	if (!rc)
		rc = VRING_PUT(v, v->layout.avail + VRING_AVAIL_RING + 2 * slot,
		               2, first, "avail.ring");
	/* The device must see the chain before the index that exposes it. */
	if (!rc)
		rc = barrier(v, DMASIM_DMB_ST, DMASIM_DSB_ST,
		             DMASIM_AT("before avail.idx"));
	if (!rc)
		rc = VRING_PUT(v, v->layout.avail + VRING_AVAIL_IDX, 2,
		               (uint16_t)(v->avail_idx + 1), "avail.idx");
	if (rc)
		return rc;
	v->avail_idx++;
	v->slots[first].count = (uint16_t)count;
	v->free_head = i;
	v->free_count = (uint16_t)(v->free_count - count);
	*head = first;
	return DMASIM_OK;
}

int dmasim_vring_should_kick(struct dmasim_vring *v, bool *kick)
{
	uint64_t flags;
	int rc;

	if (!v || !kick)
		return DMASIM_E_INVAL;
	/* The index must be out before the flag is looked at: otherwise both
	 * sides may go to sleep. */
	rc = barrier(v, DMASIM_DMB, DMASIM_DSB, DMASIM_AT("before used.flags"));
	if (!rc)
		rc = VRING_GET(v, v->layout.used + VRING_USED_FLAGS, 2, &flags,
		               "used.flags");
	if (rc)
		return rc;
	*kick = !(flags & VRING_USED_NO_NOTIFY);
	return DMASIM_OK;
}

/** Nothing that the device says is believed any more. */
static int broken(struct dmasim_vring *v, uint64_t id, const char *why)
{
	v->broken = true;
	(void)snprintf(v->error, sizeof(v->error),
	               "virtqueue %u: used id %llu %s", v->cfg.queue,
	               (unsigned long long)id, why);
	return DMASIM_E_DEVICE;
}

/** Give the chain of @head back to the free list. */
static void detach_chain(struct dmasim_vring *v, uint16_t head)
{
	uint16_t count = v->slots[head].count, last = head;

	for (unsigned n = 1; n < count; n++)
		last = v->slots[last].next;
	v->slots[head].count = 0;
	v->slots[last].next = v->free_head;
	v->free_head = head;
	v->free_count = (uint16_t)(v->free_count + count);
}

int dmasim_vring_get(struct dmasim_vring *v, uint16_t *head, uint32_t *len)
{
	uint64_t idx, at, id, written;
	int rc;

	if (!v || !head || !len)
		return DMASIM_E_INVAL;
	if (v->broken)
		return DMASIM_E_DEVICE;
	rc = VRING_GET(v, v->layout.used + VRING_USED_IDX, 2, &idx, "used.idx");
	if (rc)
		return rc;
	v->used_seen = (uint16_t)idx;
	if (v->used_seen == v->last_used)
		return DMASIM_E_NOTFOUND;
	/* The element is read after the index that exposes it. */
	rc = barrier(v, DMASIM_DMB_LD, DMASIM_DSB_LD,
	             DMASIM_AT("after used.idx"));
	at = v->layout.used + VRING_USED_RING +
	     (uint64_t)VRING_USED_ELEM * (v->last_used & (v->cfg.size - 1u));
	if (!rc)
		rc = VRING_GET(v, at, 4, &id, "used.ring.id");
	if (!rc)
		rc = VRING_GET(v, at + 4, 4, &written, "used.ring.len");
	if (rc)
		return rc;
	if (id >= v->cfg.size)
		return broken(v, id, "is out of range");
	if (!v->slots[id].count)
		return broken(v, id, "is not a head");
	detach_chain(v, (uint16_t)id);
	v->last_used++;
	*head = (uint16_t)id;
	*len = (uint32_t)written;
	return DMASIM_OK;
}

const char *dmasim_vring_error(const struct dmasim_vring *v)
{
	return v->error;
}
