/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "virtio_internal.h"

#define VIRTIO_STATE_TAG     "VIRT"
#define VIRTIO_STATE_VERSION 1u

static void put_queue(struct dmasim_writer *w, const struct virtio_queue *q)
{
	dmasim_put_u32(w, q->size);
	dmasim_put_u8(w, q->ready);
	dmasim_put_u8(w, q->kicked);
	dmasim_put_u64(w, q->desc);
	dmasim_put_u64(w, q->avail);
	dmasim_put_u64(w, q->used);
	dmasim_put_u32(w, q->last_avail);
	dmasim_put_u32(w, q->used_idx);
	dmasim_put_u32(w, q->outstanding);
	dmasim_put_u32(w, q->pfn);
	dmasim_put_u32(w, q->align);
}

int dmasim_virtio_save(const struct dmasim_virtio *v, struct dmasim_writer *w)
{
	if (v->engine->live)
		return DMASIM_E_STATE;
	dmasim_put_begin(w, VIRTIO_STATE_TAG, VIRTIO_STATE_VERSION);
	dmasim_put_u8(w, (uint8_t)v->transport);
	dmasim_put_u64(w, v->accepted);
	dmasim_put_u8(w, v->status);
	dmasim_put_u8(w, v->isr);
	dmasim_put_u8(w, v->broken);
	dmasim_put_string(w, v->error);
	dmasim_put_u32(w, v->config_generation);
	dmasim_put_u64(w, v->requests);
	dmasim_put_u32(w, v->queue_select);
	dmasim_put_u32(w, v->device_features_select);
	dmasim_put_u32(w, v->driver_features_select);
	dmasim_put_u32(w, v->page_size);
	dmasim_put_u32(w, v->cfg.queues);
	for (unsigned i = 0; i < v->cfg.queues; i++)
		put_queue(w, &v->queues[i]);
	dmasim_put_end(w);
	return DMASIM_OK;
}

static bool get_bool(struct dmasim_reader *r)
{
	uint8_t b = dmasim_get_u8(r);

	if (b > 1)
		dmasim_reader_fail(r, "flag is %u", b);
	return b == 1;
}

static uint16_t get_u16(struct dmasim_reader *r)
{
	uint32_t v = dmasim_get_u32(r);

	if (v > UINT16_MAX)
		dmasim_reader_fail(r, "0x%x is more than 16 bits", v);
	return (uint16_t)v;
}

static void get_queue(const struct dmasim_virtio *v, struct dmasim_reader *r,
                      struct virtio_queue *q)
{
	q->size = get_u16(r);
	q->ready = get_bool(r);
	q->kicked = get_bool(r);
	q->desc = dmasim_get_u64(r);
	q->avail = dmasim_get_u64(r);
	q->used = dmasim_get_u64(r);
	q->last_avail = get_u16(r);
	q->used_idx = get_u16(r);
	q->outstanding = dmasim_get_u32(r);
	q->pfn = dmasim_get_u32(r);
	q->align = dmasim_get_u32(r);
	if (!virtio_power_of_two(q->size) || q->size > v->cfg.queue_size)
		dmasim_reader_fail(r, "queue of %u entries", q->size);
	else if (q->ready && !virtio_queue_valid(q))
		dmasim_reader_fail(r, "ring at 0x%llx, 0x%llx, 0x%llx",
		                   (unsigned long long)q->desc,
		                   (unsigned long long)q->avail,
		                   (unsigned long long)q->used);
	else if (q->kicked && !q->ready)
		dmasim_reader_fail(r, "kick of a queue without a ring");
}

/** The device's part, into a copy. */
static void get_device(struct dmasim_virtio *v, struct dmasim_reader *r)
{
	uint8_t transport = dmasim_get_u8(r);

	if (transport != v->transport)
		dmasim_reader_fail(r, "transport %u", transport);
	v->accepted = dmasim_get_u64(r);
	v->status = dmasim_get_u8(r);
	v->isr = dmasim_get_u8(r);
	v->broken = get_bool(r);
	dmasim_get_string(r, v->error, sizeof(v->error));
	v->config_generation = dmasim_get_u32(r);
	v->requests = dmasim_get_u64(r);
	v->queue_select = get_u16(r);
	v->device_features_select = dmasim_get_u32(r);
	v->driver_features_select = dmasim_get_u32(r);
	v->page_size = dmasim_get_u32(r);
	/* Until FEATURES_OK a modern driver may ask for anything. */
	if ((v->accepted & ~v->offered) &&
	    (virtio_legacy(v) || (v->status & VIRTIO_STATUS_FEATURES_OK)))
		dmasim_reader_fail(r, "features 0x%llx",
		                   (unsigned long long)v->accepted);
}

int dmasim_virtio_restore(struct dmasim_virtio *v, struct dmasim_reader *r)
{
	struct dmasim_virtio read = *v;
	struct virtio_queue *queues;
	uint32_t count;

	if (v->engine->live)
		return DMASIM_E_STATE;
	if (!dmasim_get_begin(r, VIRTIO_STATE_TAG, VIRTIO_STATE_VERSION))
		return dmasim_reader_status(r);
	queues = calloc(v->cfg.queues, sizeof(*queues));
	if (!queues)
		return DMASIM_E_NOMEM;
	get_device(&read, r);
	count = dmasim_get_count(r, v->cfg.queues, 1);
	if (count != v->cfg.queues)
		dmasim_reader_fail(r, "%u queues", count);
	for (uint32_t i = 0; i < count; i++) {
		get_queue(v, r, &queues[i]);
		queues[i].generation = v->queues[i].generation + 1;
	}
	dmasim_get_end(r);
	if (!dmasim_reader_status(r)) {
		*v = read;
		memcpy(v->queues, queues, v->cfg.queues * sizeof(*queues));
	}
	free(queues);
	return dmasim_reader_status(r);
}
