/* SPDX-License-Identifier: MIT */
/* A block device on the bench of the virtio tests. */
#ifndef DMASIM_TESTS_BBENCH_H
#define DMASIM_TESTS_BBENCH_H

#include "dmasim/virtio_blk.h"
#include "virtio/vbench.h"

#define BB_SECTORS 2048u
#define BB_HEADER  VB_DATA
#define BB_STATUS  (VB_DATA + 0x100)
#define BB_BUFFER  (VB_DATA + 0x10000)

enum {
	BB_IN = 0,
	BB_OUT = 1,
	BB_FLUSH = 4,
	BB_GET_ID = 8,
};

struct bbench {
	struct vbench b;
	struct dmasim_disk *disk;
	struct dmasim_blk *blk;
	struct dmasim_blk_config cfg;
	uint32_t len; /**< used.len of the last request */
};

static inline int bb_setup(void **state)
{
	struct bbench *bb = calloc(1, sizeof(*bb));

	*state = bb;
	if (vb_open(&bb->b) ||
	    dmasim_disk_memory(BB_SECTORS * 512ull, &bb->disk))
		return 1;
	bb->cfg = (struct dmasim_blk_config){
	        .kernel = bb->b.k,
	        .name = "virtio-blk 0",
	        .dma = bb->b.dma,
	        .stream_id = VB_STREAM,
	        .disk = bb->disk,
	        .serial = "dmasim-0001",
	        .features = DMASIM_VIRTIO_F_INDIRECT_DESC |
	                    DMASIM_VIRTIO_F_EVENT_IDX |
	                    DMASIM_VIRTIO_F_ACCESS_PLATFORM,
	};
	return 0;
}

static inline int bb_teardown(void **state)
{
	struct bbench *bb = *state;

	dmasim_blk_destroy(bb->blk);
	dmasim_disk_destroy(bb->disk);
	vb_close(&bb->b);
	free(bb);
	return 0;
}

static inline void bb_plug(struct bbench *bb, enum vb_transport t)
{
	assert_int_equal(dmasim_blk_create(&bb->cfg, &bb->blk), DMASIM_OK);
	bb->b.v = dmasim_blk_virtio(bb->blk);
	vb_plug(&bb->b, t);
}

static inline void bb_begin(struct bbench *bb, enum vb_transport t)
{
	bb_plug(bb, t);
	vb_start(&bb->b, t == VB_PCI ? 256 : 64);
	bb->b.spy.count = 0;
}

static inline void bb_header(struct bbench *bb, uint32_t type, uint64_t sector)
{
	vb_store(&bb->b, BB_HEADER, type, 4);
	vb_store(&bb->b, BB_HEADER + 4, 0, 4);
	vb_store(&bb->b, BB_HEADER + 8, sector, 8);
	vb_store(&bb->b, BB_STATUS, 0xee, 1);
}

/** Kick with what was posted, and take the answer: the status byte, or -1. */
static inline int bb_finish(struct bbench *bb)
{
	uint32_t id;

	vb_kick(&bb->b);
	vb_run(&bb->b);
	if (!vb_get(&bb->b, &id, &bb->len))
		return -1;
	return (int)vb_load(&bb->b, BB_STATUS, 1);
}

/** Header, data, status; @size bytes of data at BB_BUFFER. */
static inline int bb_request(struct bbench *bb, uint32_t type, uint64_t sector,
                             uint32_t size)
{
	uint32_t dir = type == BB_OUT ? 0 : VB_WRITE;

	bb_header(bb, type, sector);
	vb_desc(&bb->b, 0, BB_HEADER, 16, vb_flags(VB_NEXT, size ? 1 : 2));
	vb_desc(&bb->b, 1, BB_BUFFER, size, vb_flags(VB_NEXT | dir, 2));
	vb_desc(&bb->b, 2, BB_STATUS, 1, VB_WRITE);
	vb_post(&bb->b, 0);
	return bb_finish(bb);
}

static inline void bb_fill(struct bbench *bb, uint8_t *buf, uint32_t size,
                           uint32_t seed)
{
	for (uint32_t i = 0; i < size; i++) {
		seed = seed * 1664525u + 1013904223u;
		buf[i] = (uint8_t)(seed >> 24);
	}
	assert_int_equal(dmasim_map_load(bb->b.map, BB_BUFFER, buf, size),
	                 DMASIM_OK);
}

static inline void bb_buffer_is(struct bbench *bb, const uint8_t *buf,
                                uint32_t size)
{
	uint8_t *got = malloc(size);

	assert_int_equal(dmasim_map_peek(bb->b.map, BB_BUFFER, got, size),
	                 DMASIM_OK);
	assert_memory_equal(got, buf, size);
	free(got);
}

#define BB_CASE(fn) cmocka_unit_test_setup_teardown(fn, bb_setup, bb_teardown)

#endif
