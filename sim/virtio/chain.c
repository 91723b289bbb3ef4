/* SPDX-License-Identifier: MIT */
/* Descriptor chains: checked as they are read, then used as two streams. */
#include <string.h>

#include "virtio_internal.h"

/** A descriptor table: the queue's, or an indirect one. */
struct desc_table {
	uint64_t addr;
	uint32_t entries;
	bool indirect;
};

struct descriptor {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

static enum virtio_ring_result bad_chain(struct virtio_engine *e,
                                         const char *why, uint64_t value)
{
	virtio_break(e->v, "queue %u: request %llu: bad chain: %s (0x%llx)",
	             e->queue, (unsigned long long)e->request, why,
	             (unsigned long long)value);
	return VIRTIO_RING_STOP;
}

static enum virtio_ring_result read_descriptor(struct virtio_engine *e,
                                               const struct desc_table *t,
                                               uint32_t index,
                                               struct descriptor *d)
{
	uint8_t data[VRING_DESC_SIZE];
	struct dmasim_txn txn = {
	        .op = DMASIM_READ,
	        .addr = t->addr + (uint64_t)VRING_DESC_SIZE * index,
	        .size = sizeof(data),
	        .data = data,
	        .origin = {.what = t->indirect ? "read indirect desc"
	                                       : "read desc"},
	};

	if (virtio_ring_access(e, &txn))
		return VIRTIO_RING_STOP;
	d->addr = virtio_get64(data);
	d->len = virtio_get32(data + 8);
	d->flags = (uint16_t)virtio_get16(data + 12);
	d->next = (uint16_t)virtio_get16(data + 14);
	return VIRTIO_RING_OK;
}

/** virtio 1.3, 2.7.5.3: an indirect table is not empty, holds whole
 * descriptors, ends the chain, and does not nest; WRITE in the descriptor
 * that refers to it is ignored. */
static enum virtio_ring_result enter_indirect(struct virtio_engine *e,
                                              const struct descriptor *d,
                                              struct desc_table *t)
{
	if (!virtio_has(e->v, DMASIM_VIRTIO_F_INDIRECT_DESC))
		return bad_chain(e, "INDIRECT was not negotiated", d->flags);
	if (t->indirect)
		return bad_chain(e, "INDIRECT in an indirect table", d->flags);
	if (d->flags & VRING_DESC_F_NEXT)
		return bad_chain(e, "INDIRECT with NEXT", d->flags);
	if (d->len == 0 || d->len % VRING_DESC_SIZE)
		return bad_chain(e, "size of an indirect table", d->len);
	if (d->addr > UINT64_MAX - d->len)
		return bad_chain(e, "indirect table wraps around", d->addr);
	t->addr = d->addr;
	t->entries = d->len / VRING_DESC_SIZE;
	t->indirect = true;
	return VIRTIO_RING_OK;
}

static enum virtio_ring_result add_segment(struct virtio_engine *e,
                                           const struct descriptor *d)
{
	struct dmasim_virtio_chain *c = &e->chain;
	bool writable = d->flags & VRING_DESC_F_WRITE;

	if (c->count == e->v->queues[e->queue].size)
		return bad_chain(e, "longer than the queue, or a loop",
		                 c->count);
	if (d->len == 0)
		return bad_chain(e, "descriptor of no bytes", d->addr);
	if (d->addr > UINT64_MAX - d->len)
		return bad_chain(e, "descriptor wraps around", d->addr);
	/* virtio 1.3, 2.7.4.2: device-readable before device-writable. */
	if (!writable && c->readers < c->count)
		return bad_chain(e, "readable after writable", d->addr);
	c->segments[c->count].addr = d->addr;
	c->segments[c->count].size = d->len;
	c->count++;
	if (writable) {
		c->writable += d->len;
	} else {
		c->readable += d->len;
		c->readers++;
	}
	/* virtio 1.3, 2.7.5: a chain describes at most 2^32 bytes. */
	if (c->readable + c->writable > 1ull << 32)
		return bad_chain(e, "more than 2^32 bytes",
		                 c->readable + c->writable);
	return VIRTIO_RING_OK;
}

enum virtio_ring_result virtio_chain_collect(struct virtio_engine *e,
                                             uint16_t head)
{
	const struct virtio_queue *q = &e->v->queues[e->queue];
	struct desc_table t = {.addr = q->desc, .entries = q->size};
	struct dmasim_virtio_chain *c = &e->chain;
	uint32_t index = head;

	*c = (struct dmasim_virtio_chain){.engine = e, .segments = c->segments};
	for (;;) {
		struct descriptor d;

		if (index >= t.entries)
			return bad_chain(e, "next beyond the table", index);
		if (read_descriptor(e, &t, index, &d))
			return VIRTIO_RING_STOP;
		if (d.flags & VRING_DESC_F_INDIRECT) {
			if (enter_indirect(e, &d, &t))
				return VIRTIO_RING_STOP;
			index = 0;
			continue;
		}
		if (add_segment(e, &d))
			return VIRTIO_RING_STOP;
		if (!(d.flags & VRING_DESC_F_NEXT))
			break;
		index = d.next;
	}
	c->read_at = (struct virtio_cursor){.segment = 0};
	c->write_at = (struct virtio_cursor){.segment = c->readers};
	return VIRTIO_RING_OK;
}

uint64_t dmasim_chain_readable(const struct dmasim_virtio_chain *c)
{
	return c->readable;
}

uint64_t dmasim_chain_writable(const struct dmasim_virtio_chain *c)
{
	return c->writable;
}

/** Move @at to the segment that holds @offset; streams are mostly used in
 * order, so the way is short. */
static void cursor_seek(const struct dmasim_virtio_chain *c,
                        struct virtio_cursor *at, uint32_t first,
                        uint64_t offset)
{
	if (offset < at->offset)
		*at = (struct virtio_cursor){.segment = first};
	while (offset - at->offset >= c->segments[at->segment].size) {
		at->offset += c->segments[at->segment].size;
		at->segment++;
	}
}

/** The access for the next bytes of the stream: within one segment, and not
 * across a 4 KiB boundary. */
static struct dmasim_txn next_burst(const struct dmasim_virtio_chain *c,
                                    const struct virtio_cursor *at,
                                    uint64_t offset, uint32_t left)
{
	const struct virtio_segment *s = &c->segments[at->segment];
	uint32_t inside = (uint32_t)(offset - at->offset);
	uint64_t addr = s->addr + inside;
	uint32_t size = VIRTIO_BURST - (uint32_t)(addr % VIRTIO_BURST);

	if (size > s->size - inside)
		size = s->size - inside;
	if (size > left)
		size = left;
	return (struct dmasim_txn){.addr = addr, .size = size};
}

int dmasim_chain_read(struct dmasim_virtio_chain *c, uint64_t offset, void *buf,
                      uint32_t size, const char *what)
{
	struct virtio_engine *e = c->engine;
	uint8_t *to = buf;

	if (offset > c->readable || size > c->readable - offset)
		return DMASIM_E_RANGE;
	while (size) {
		struct dmasim_txn txn;
		int status;

		cursor_seek(c, &c->read_at, 0, offset);
		txn = next_burst(c, &c->read_at, offset, size);
		txn.op = DMASIM_READ;
		txn.data = e->buffer;
		txn.origin.what = what;
		status = virtio_engine_access(e, &txn);
		if (status == DMASIM_E_CANCELED)
			return status;
		if (status) {
			if (e->v->cfg.ring_fault != DMASIM_RING_FAULT_IGNORE)
				return status;
			memset(e->buffer, 0, txn.size);
		}
		memcpy(to, e->buffer, txn.size);
		to += txn.size;
		offset += txn.size;
		size -= txn.size;
	}
	return DMASIM_OK;
}

int dmasim_chain_write(struct dmasim_virtio_chain *c, uint64_t offset,
                       const void *buf, uint32_t size, const char *what)
{
	struct virtio_engine *e = c->engine;
	const uint8_t *from = buf;

	if (offset > c->writable || size > c->writable - offset)
		return DMASIM_E_RANGE;
	while (size) {
		struct dmasim_txn txn;
		int status;

		cursor_seek(c, &c->write_at, c->readers, offset);
		txn = next_burst(c, &c->write_at, offset, size);
		txn.op = DMASIM_WRITE;
		txn.data = e->buffer;
		txn.origin.what = what;
		memcpy(e->buffer, from, txn.size);
		status = virtio_engine_access(e, &txn);
		if (status == DMASIM_E_CANCELED)
			return status;
		if (status && e->v->cfg.ring_fault != DMASIM_RING_FAULT_IGNORE)
			return status;
		from += txn.size;
		offset += txn.size;
		size -= txn.size;
	}
	return DMASIM_OK;
}
