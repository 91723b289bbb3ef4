/* SPDX-License-Identifier: MIT */
/* Block requests of a broken or evil driver. */
#include "bbench.h"

static void stops(struct bbench *bb)
{
	vb_post(&bb->b, 0);
	assert_int_equal(bb_finish(bb), -1);
	assert_int_equal(vb_status(&bb->b), 0x4f);
	vb_start(&bb->b, 16);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
}

static void chains_without_room(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;

	bb_begin(bb, VB_MMIO2);
	vb_start(b, 16);
	bb_header(bb, BB_IN, 0);
	/* No status. */
	vb_desc(b, 0, BB_HEADER, 16, 0);
	stops(bb);
	/* No header. */
	vb_desc(b, 0, BB_BUFFER, 512, VB_WRITE);
	stops(bb);
	/* A header of 15 bytes. */
	vb_desc(b, 0, BB_HEADER, 15, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, BB_STATUS, 1, VB_WRITE);
	stops(bb);
}

static uint32_t rng(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void fuzz_chain(struct vbench *b, uint32_t *seed, uint16_t i)
{
	static const uint32_t sizes[] = {1, 16, 512, 1024, 513, 17, 4096, 100};
	uint64_t h = VB_DATA + 64u * i;

	vb_store(b, h, rng(seed) % 8 ? rng(seed) % 10 : rng(seed), 8);
	vb_store(b, h + 8,
	         rng(seed) % 4 ? rng(seed) % (BB_SECTORS + 4)
	                       : (uint64_t)rng(seed) << 32 | rng(seed),
	         8);
	vb_desc(b, (uint16_t)(3 * i), rng(seed) % 16 ? h : rng(seed),
	        rng(seed) % 8 ? 16 : sizes[rng(seed) % 8],
	        vb_flags(VB_NEXT, 3u * i + 1));
	vb_desc(b, (uint16_t)(3 * i + 1),
	        rng(seed) % 8 ? BB_BUFFER + rng(seed) % 0x10000
	                      : b->desc + rng(seed) % 0x3000,
	        rng(seed) % 64 ? sizes[rng(seed) % 8] : rng(seed),
	        vb_flags(VB_NEXT | (rng(seed) & VB_WRITE), 3u * i + 2));
	vb_desc(b, (uint16_t)(3 * i + 2), h + 32,
	        rng(seed) % 16 ? 1 : sizes[rng(seed) % 8],
	        rng(seed) % 16 ? VB_WRITE : rng(seed) & 0xffff);
	vb_post(b, (uint16_t)(rng(seed) % 16 ? 3 * i : rng(seed) % 20));
}

static void fuzz(struct bbench *bb, uint32_t seed, unsigned rounds)
{
	struct vbench *b = &bb->b;
	struct dmasim_blk_stats s;
	unsigned resets = 0;

	for (unsigned i = 0; i < rounds; i++) {
		uint64_t limit = dmasim_now(b->k) + 10 * DMASIM_MS;

		for (uint16_t n = 0; n < 4; n++)
			fuzz_chain(b, &seed, n);
		if (rng(&seed) % 8 == 0) {
			b->spy.fault_to = UINT64_MAX;
			b->spy.fault_after = 1 + rng(&seed) % 60;
		}
		b->spy.count = 0;
		vb_kick(b);
		if (dmasim_run_idle(b->k, limit) != DMASIM_OK ||
		    dmasim_virtio_error(b->v)[0]) {
			resets++;
			b->spy.fault_to = 0;
			b->spy.fault_after = 0;
			vb_start(b, 16);
			vb_run(b);
		}
	}
	dmasim_blk_get_stats(bb->blk, &s);
	assert_true(resets > 10);
	assert_true(s.bytes_read > 0 && s.bytes_written > 0);
	assert_true(s.errors > 0 && s.unsupported > 0 && s.ids > 0);
	b->spy.fault_to = 0;
	vb_start(b, 16);
	vb_run(b);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
}

static void fuzzed_requests(void **state)
{
	struct bbench *bb = *state;

	bb->cfg.queue_size = 16;
	bb->b.features = DMASIM_VIRTIO_F_INDIRECT_DESC;
	bb_plug(bb, VB_MMIO2);
	vb_start(&bb->b, 16);
	fuzz(bb, 4711, 3000);
}

static void fuzzed_requests_legacy(void **state)
{
	struct bbench *bb = *state;

	bb->cfg.queue_size = 16;
	bb->b.features = DMASIM_VIRTIO_F_EVENT_IDX;
	bb->cfg.ring_fault = DMASIM_RING_FAULT_2017;
	bb_plug(bb, VB_PCI);
	vb_start(&bb->b, 16);
	fuzz(bb, 815, 2000);
}

static const struct CMUnitTest tests[] = {
        BB_CASE(chains_without_room),
        BB_CASE(fuzzed_requests),
        BB_CASE(fuzzed_requests_legacy),
};

CHECK_MAIN(tests)
