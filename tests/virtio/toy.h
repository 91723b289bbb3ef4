/* SPDX-License-Identifier: MIT */
/* A device type for tests: it answers what it reads, each byte plus one. */
#ifndef DMASIM_TESTS_TOY_H
#define DMASIM_TESTS_TOY_H

#include "vbench.h"

#define TOY_MAX 65536u

struct toy {
	struct vbench b;
	struct dmasim_virtio_config cfg;
	unsigned served, resets;
	/** What to return instead, if negative. */
	int64_t fail;
	/** First thing: try ranges that the chain does not have. */
	bool probe;
	int probe_rc[4];
	uint64_t readable, writable;
	uint8_t config[8];
	uint32_t config_offset, config_size;
	uint8_t buf[TOY_MAX];
};

static inline void toy_reset(void *obj)
{
	((struct toy *)obj)->resets++;
}

static inline void toy_config_read(void *obj, uint32_t offset, uint8_t *buf,
                                   uint32_t size)
{
	const struct toy *t = obj;

	for (uint32_t i = 0; i < size; i++)
		buf[i] = offset + i < sizeof(t->config) ? t->config[offset + i]
		                                        : 0;
}

static inline void toy_config_write(void *obj, uint32_t offset,
                                    const uint8_t *buf, uint32_t size)
{
	struct toy *t = obj;

	t->config_offset = offset;
	t->config_size = size;
	for (uint32_t i = 0; i < size; i++)
		if (offset + i < sizeof(t->config))
			t->config[offset + i] = buf[i];
}

static inline void toy_probe(struct toy *t, struct dmasim_virtio_chain *c)
{
	t->probe_rc[0] =
	        dmasim_chain_read(c, t->readable + 1, t->buf, 0, "probe");
	t->probe_rc[1] =
	        dmasim_chain_read(c, 1, t->buf, (uint32_t)t->readable, "probe");
	t->probe_rc[2] =
	        dmasim_chain_write(c, t->writable + 1, t->buf, 0, "probe");
	t->probe_rc[3] = dmasim_chain_write(c, 1, t->buf, (uint32_t)t->writable,
	                                    "probe");
}

static inline int64_t toy_serve(void *obj, struct dmasim_virtio_chain *c)
{
	struct toy *t = obj;
	uint64_t readable = dmasim_chain_readable(c);
	uint64_t writable = dmasim_chain_writable(c);
	uint32_t in, out;
	int rc;

	t->readable = readable;
	t->writable = writable;
	if (t->probe)
		toy_probe(t, c);
	if (t->fail)
		return t->fail;
	in = readable < TOY_MAX ? (uint32_t)readable : TOY_MAX;
	out = writable < TOY_MAX ? (uint32_t)writable : TOY_MAX;
	rc = dmasim_chain_read(c, 0, t->buf, in, "read question");
	if (rc)
		return rc;
	for (uint32_t i = 0; i < out; i++)
		t->buf[i] = (uint8_t)((i < in ? t->buf[i] : 0) + 1);
	rc = dmasim_chain_write(c, 0, t->buf, out, "write answer");
	if (rc)
		return rc;
	t->served++;
	return out;
}

static const struct dmasim_virtio_ops toy_ops = {
        .name = "toy",
        .device_id = 4,
        .reset = toy_reset,
        .config_read = toy_config_read,
        .config_write = toy_config_write,
        .serve = toy_serve,
};

/** A toy whose device is not plugged yet. */
static inline int toy_setup(void **state)
{
	struct toy *t = calloc(1, sizeof(*t));

	*state = t;
	if (vb_open(&t->b))
		return 1;
	t->cfg = (struct dmasim_virtio_config){
	        .kernel = t->b.k,
	        .name = "toy 0",
	        .ops = &toy_ops,
	        .obj = t,
	        .dma = t->b.dma,
	        .stream_id = VB_STREAM,
	        .features = DMASIM_VIRTIO_F_INDIRECT_DESC |
	                    DMASIM_VIRTIO_F_EVENT_IDX |
	                    DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY |
	                    DMASIM_VIRTIO_F_ANY_LAYOUT |
	                    DMASIM_VIRTIO_F_ACCESS_PLATFORM,
	        .queues = 2,
	        .queue_size = 256,
	};
	return 0;
}

static inline int toy_teardown(void **state)
{
	struct toy *t = *state;

	dmasim_virtio_destroy(t->b.v);
	vb_close(&t->b);
	free(t);
	return 0;
}

static inline void toy_plug(struct toy *t, enum vb_transport transport)
{
	assert_int_equal(dmasim_virtio_create(&t->cfg, &t->b.v), DMASIM_OK);
	vb_plug(&t->b, transport);
}

/** Plugged, with a ring of @size entries, running. */
static inline void toy_begin(struct toy *t, enum vb_transport transport,
                             uint16_t size)
{
	toy_plug(t, transport);
	vb_start(&t->b, transport == VB_PCI ? t->cfg.queue_size : size);
	t->b.spy.count = 0;
}

/** Descriptors 0 and 1: 8 bytes to the device, 8 bytes from it. */
static inline void toy_ask(struct toy *t, uint64_t question)
{
	vb_store(&t->b, VB_DATA, question, 8);
	vb_store(&t->b, VB_DATA + 0x1000, 0, 8);
	vb_desc(&t->b, 0, VB_DATA, 8, vb_flags(VB_NEXT, 1));
	vb_desc(&t->b, 1, VB_DATA + 0x1000, 8, VB_WRITE);
	vb_post(&t->b, 0);
}

static inline uint64_t toy_answer(struct toy *t)
{
	return vb_load(&t->b, VB_DATA + 0x1000, 8);
}

/** Reset, start again, and see that a request works. */
static inline void toy_works(struct toy *t)
{
	uint32_t id, len;

	t->fail = 0;
	t->b.spy.fault_to = 0;
	vb_start(&t->b, t->b.size);
	toy_ask(t, 0x1122334455667788);
	vb_kick(&t->b);
	vb_run(&t->b);
	assert_true(vb_get(&t->b, &id, &len));
	assert_int_equal(id, 0);
	assert_int_equal(len, 8);
	assert_int_equal(toy_answer(t), 0x1223344556677889);
	assert_string_equal(dmasim_virtio_error(t->b.v), "");
	assert_int_equal(dmasim_virtio_outstanding(t->b.v), 0);
}

#define TOY_CASE(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, toy_setup, toy_teardown)

#endif
