/* SPDX-License-Identifier: MIT */
/* Device side of a split virtqueue (virtio 1.3, 2.7). */
#include <string.h>

#include "virtio_internal.h"

static bool what_is(const struct dmasim_txn *txn, const char *what)
{
	return strcmp(txn->origin.what, what) == 0;
}

static const char *const read_avail_idx = "read avail.idx";

static enum virtio_ring_result ring_fault(struct virtio_engine *e,
                                          const struct dmasim_txn *failed)
{
	struct dmasim_virtio *v = e->v;
	const struct virtio_queue *q = &v->queues[e->queue];

	if (v->cfg.ring_fault == DMASIM_RING_FAULT_2017 &&
	    what_is(failed, read_avail_idx)) {
		uint8_t flags[2];
		struct dmasim_txn look = {
		        .op = DMASIM_READ,
		        .addr = q->avail + VRING_AVAIL_FLAGS,
		        .size = sizeof(flags),
		        .data = flags,
		        .origin = {.what = "read avail.flags"},
		};

		if (virtio_engine_access(e, &look) == DMASIM_E_CANCELED)
			return VIRTIO_RING_STOP;
	}
	virtio_break(v, "queue %u: %s at 0x%llx was refused: %s", e->queue,
	             failed->origin.what, (unsigned long long)failed->addr,
	             dmasim_result_name(failed->result));
	return VIRTIO_RING_STOP;
}

enum virtio_ring_result virtio_ring_access(struct virtio_engine *e,
                                           struct dmasim_txn *txn)
{
	int status = virtio_engine_access(e, txn);

	if (status == DMASIM_OK)
		return VIRTIO_RING_OK;
	if (status == DMASIM_E_CANCELED)
		return VIRTIO_RING_STOP;
	if (e->v->cfg.ring_fault != DMASIM_RING_FAULT_IGNORE)
		return ring_fault(e, txn);
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0, txn->size);
	return VIRTIO_RING_OK;
}

static enum virtio_ring_result ring_read16(struct virtio_engine *e,
                                           uint64_t addr, uint16_t *value,
                                           const char *what)
{
	uint8_t data[2];
	struct dmasim_txn txn = {
	        .op = DMASIM_READ,
	        .addr = addr,
	        .size = sizeof(data),
	        .data = data,
	        .origin = {.what = what},
	};
	enum virtio_ring_result r = virtio_ring_access(e, &txn);

	*value = r == VIRTIO_RING_OK ? (uint16_t)virtio_get16(data) : 0;
	return r;
}

static enum virtio_ring_result ring_write(struct virtio_engine *e,
                                          uint64_t addr, uint64_t value,
                                          uint32_t size, const char *what)
{
	uint8_t data[8];
	struct dmasim_txn txn = {
	        .op = DMASIM_WRITE,
	        .addr = addr,
	        .size = size,
	        .data = data,
	        .origin = {.what = what},
	};

	virtio_put(data, value, size);
	return virtio_ring_access(e, &txn);
}

/** virtio 1.3, 2.7.7.2 and 2.7.10: does the driver want to know? */
static enum virtio_ring_result ring_wants_interrupt(struct virtio_engine *e,
                                                    bool empty, bool *wants)
{
	struct dmasim_virtio *v = e->v;
	const struct virtio_queue *q = &v->queues[e->queue];
	uint16_t used = q->used_idx;
	enum virtio_ring_result r;
	uint16_t value;

	*wants = true;
	if (empty && virtio_has(v, DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY))
		return VIRTIO_RING_OK;
	if (virtio_has(v, DMASIM_VIRTIO_F_EVENT_IDX)) {
		r = ring_read16(e, q->avail + VRING_AVAIL_RING + 2ull * q->size,
		                &value, "read used_event");
		/* The question is asked after every element, so the index
		 * passes the event exactly when it stands one behind. */
		*wants = value == (uint16_t)(used - 1);
	} else {
		r = ring_read16(e, q->avail + VRING_AVAIL_FLAGS, &value,
		                "read avail.flags");
		*wants = !(value & VRING_AVAIL_NO_INTR);
	}
	return r;
}

/** virtio 1.3, 2.7.8: the element first, then the index, then the
 * interrupt; each is seen by the driver no earlier than it is done. */
static enum virtio_ring_result ring_push(struct virtio_engine *e, uint16_t head,
                                         uint32_t len, bool empty)
{
	struct virtio_queue *q = &e->v->queues[e->queue];
	uint64_t slot = q->used_idx & (q->size - 1u);
	uint16_t next = (uint16_t)(q->used_idx + 1);
	bool wants;

	if (ring_write(e, q->used + VRING_USED_RING + VRING_USED_ELEM * slot,
	               head | (uint64_t)len << 32, VRING_USED_ELEM,
	               "write used.ring"))
		return VIRTIO_RING_STOP;
	if (virtio_engine_sync(e))
		return VIRTIO_RING_STOP;
	if (ring_write(e, q->used + VRING_USED_IDX, next, 2, "write used.idx"))
		return VIRTIO_RING_STOP;
	q->used_idx = next;
	q->outstanding--;
	if (ring_wants_interrupt(e, empty, &wants) || virtio_engine_sync(e))
		return VIRTIO_RING_STOP;
	if (wants)
		virtio_interrupt(e->v, VIRTIO_ISR_QUEUE);
	return VIRTIO_RING_OK;
}

static enum virtio_ring_result ring_take(struct virtio_engine *e,
                                         uint16_t *head)
{
	struct virtio_queue *q = &e->v->queues[e->queue];
	uint64_t slot = q->last_avail & (q->size - 1u);

	if (ring_read16(e, q->avail + VRING_AVAIL_RING + 2 * slot, head,
	                "read avail.ring"))
		return VIRTIO_RING_STOP;
	e->v->requests++;
	q->outstanding++;
	q->last_avail++;
	if (*head >= q->size) {
		virtio_break(e->v,
		             "queue %u: avail.ring[%llu] names descriptor %u "
		             "of %u",
		             e->queue, (unsigned long long)slot, *head,
		             q->size);
		return VIRTIO_RING_STOP;
	}
	return virtio_chain_collect(e, *head);
}

/** Serve one chain; @empty: no other is known to wait behind it. */
static enum virtio_ring_result ring_serve_one(struct virtio_engine *e,
                                              bool empty)
{
	const struct dmasim_virtio_chain *c = &e->chain;
	struct dmasim_virtio *v = e->v;
	uint16_t head;
	int64_t len;

	if (ring_take(e, &head))
		return VIRTIO_RING_STOP;
	if (dmasim_tracing(e->kernel))
		dmasim_trace(e->kernel, v->name,
		             "request %llu: queue %u, head %u, reads %llu, "
		             "writes %llu bytes",
		             (unsigned long long)e->request, e->queue, head,
		             (unsigned long long)c->readable,
		             (unsigned long long)c->writable);
	e->debt += v->cfg.service_time;
	len = v->cfg.ops->serve(v->cfg.obj, &e->chain);
	if (len == DMASIM_E_CANCELED)
		return VIRTIO_RING_STOP;
	if (len < 0) {
		virtio_break(e->v, "queue %u: request %llu: %s", e->queue,
		             (unsigned long long)e->request,
		             dmasim_strerror((int)len));
		return VIRTIO_RING_STOP;
	}
	return ring_push(e, head, (uint32_t)len, empty);
}

/** virtio 1.3, 2.7.10: before it sleeps, the device says at which index it
 * wants the next kick, and looks once more. */
static enum virtio_ring_result ring_ask_for_kick(struct virtio_engine *e)
{
	const struct virtio_queue *q = &e->v->queues[e->queue];

	return ring_write(e,
	                  q->used + VRING_USED_RING +
	                          (uint64_t)VRING_USED_ELEM * q->size,
	                  q->last_avail, 2, "write avail_event");
}

/** How many chains the driver has made available since. */
static enum virtio_ring_result ring_pending(struct virtio_engine *e,
                                            uint16_t *pending)
{
	const struct virtio_queue *q = &e->v->queues[e->queue];
	uint16_t idx;

	e->request = e->v->requests + 1;
	if (virtio_engine_sync(e) ||
	    ring_read16(e, q->avail + VRING_AVAIL_IDX, &idx, read_avail_idx))
		return VIRTIO_RING_STOP;
	*pending = (uint16_t)(idx - q->last_avail);
	if (*pending <= q->size)
		return VIRTIO_RING_OK;
	virtio_break(e->v,
	             "queue %u: avail.idx is %u after %u; the queue has %u "
	             "entries",
	             e->queue, idx, q->last_avail, q->size);
	return VIRTIO_RING_STOP;
}

void virtio_serve_queue(struct virtio_engine *e, uint16_t index)
{
	bool asked = false;

	e->queue = index;
	for (;;) {
		uint16_t pending;

		if (ring_pending(e, &pending))
			return;
		if (!pending) {
			if (asked ||
			    !virtio_has(e->v, DMASIM_VIRTIO_F_EVENT_IDX))
				break;
			asked = true;
			if (ring_ask_for_kick(e))
				return;
			continue;
		}
		asked = false;
		while (pending--) {
			e->request = e->v->requests + 1;
			if (ring_serve_one(e, pending == 0))
				return;
		}
	}
}
