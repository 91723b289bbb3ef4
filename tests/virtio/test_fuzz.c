/* SPDX-License-Identifier: MIT */
/* Rings and register accesses of seeded noise, thousands of each. */
#include "toy.h"

static uint32_t rng(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static uint64_t fuzz_address(uint32_t *seed, const struct vbench *b)
{
	switch (rng(seed) % 8) {
	case 0:
		return rng(seed);
	case 1:
		return (uint64_t)rng(seed) << 32 | rng(seed);
	case 2:
		return UINT64_MAX - rng(seed) % 64;
	case 3:
		return b->desc + rng(seed) % 0x2000;
	case 4:
		return b->desc + 16ull * (rng(seed) % 64);
	default:
		return VB_DATA + rng(seed) % 0x10000;
	}
}

static uint32_t fuzz_length(uint32_t *seed)
{
	switch (rng(seed) % 8) {
	case 0:
		return 0;
	case 1:
		return rng(seed);
	case 2:
		return UINT32_MAX - rng(seed) % 16;
	case 3:
		return 16 * (rng(seed) % 40);
	default:
		return rng(seed) % 600;
	}
}

static void fuzz_ring(struct vbench *b, uint32_t *seed)
{
	for (uint16_t i = 0; i < b->size; i++) {
		uint32_t flags = rng(seed) % 4 ? rng(seed) & 3 : rng(seed);

		vb_desc(b, i, fuzz_address(seed, b), fuzz_length(seed),
		        vb_flags(flags & 0xffff,
		                 rng(seed) %
		                         (rng(seed) % 8 ? b->size : 65536u)));
		vb_store(b, b->avail + 4 + 2u * i,
		         rng(seed) % 16 ? rng(seed) % b->size : rng(seed), 2);
	}
	b->avail_idx = (uint16_t)(b->avail_idx + rng(seed) % (b->size + 1u));
	vb_store(b, b->avail + 2,
	         rng(seed) % 32 ? b->avail_idx : rng(seed) & 0xffff, 2);
}

static void fuzz(struct toy *t, uint32_t seed, unsigned rounds)
{
	struct vbench *b = &t->b;
	unsigned broken = 0;

	vb_start(b, t->cfg.queue_size);
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t limit = dmasim_now(b->k) + 10 * DMASIM_MS;

		fuzz_ring(b, &seed);
		if (rng(&seed) % 16 == 0)
			b->spy.fault_after = 1 + rng(&seed) % 30;
		b->spy.fault_to = b->spy.fault_after ? UINT64_MAX : 0;
		b->spy.count = 0;
		vb_kick(b);
		/* What a ring that rewrites itself does has an end in time. */
		if (dmasim_run_idle(b->k, limit) != DMASIM_OK ||
		    dmasim_virtio_error(b->v)[0]) {
			broken++;
			b->spy.fault_to = 0;
			b->spy.fault_after = 0;
			vb_start(b, t->cfg.queue_size);
			vb_run(b);
		}
	}
	/* Some of it is well-formed, most is not. */
	assert_true(broken > rounds / 4);
	assert_true(t->served > 0);
	assert_int_equal(dmasim_live_processes(b->k), 0);
	toy_works(t);
}

static void fuzzed_rings_modern(void **state)
{
	struct toy *t = *state;

	t->cfg.queue_size = 8;
	t->b.features =
	        DMASIM_VIRTIO_F_INDIRECT_DESC | DMASIM_VIRTIO_F_EVENT_IDX;
	toy_plug(t, VB_MMIO2);
	fuzz(t, 0x12345678, 3000);
}

static void fuzzed_rings_legacy_pci(void **state)
{
	struct toy *t = *state;

	t->cfg.queue_size = 16;
	t->b.features = DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY;
	toy_plug(t, VB_PCI);
	fuzz(t, 0x9e3779b9, 2000);
}

static void fuzzed_rings_pended(void **state)
{
	struct toy *t = *state;

	t->cfg.queue_size = 8;
	t->b.features = DMASIM_VIRTIO_F_INDIRECT_DESC;
	toy_plug(t, VB_MMIO1);
	t->b.spy.pend = 50;
	fuzz(t, 0xdeadbeef, 1500);
}

static void fuzzed_rings_ignoring_faults(void **state)
{
	struct toy *t = *state;

	t->cfg.queue_size = 8;
	t->cfg.ring_fault = DMASIM_RING_FAULT_IGNORE;
	t->b.features = DMASIM_VIRTIO_F_INDIRECT_DESC;
	toy_plug(t, VB_MMIO2);
	fuzz(t, 0x0badcafe, 1500);
}

static void fuzzed_registers(struct toy *t, enum vb_transport transport)
{
	struct vbench *b = &t->b;
	uint32_t seed = 99;

	t->cfg.queue_size = 16;
	toy_plug(t, transport);
	for (unsigned i = 0; i < 30000; i++) {
		static const uint32_t values[] = {
		        0,  1,  2,    3,       7,          11,
		        15, 16, 4096, 0x80010, 0x80010000, 0xffffffff};
		uint32_t off, size;
		uint64_t v;

		seed = seed * 1664525u + 1013904223u;
		off = (seed >> 16) & 0x1fc;
		size = seed & 0x800 ? 4 : 1u << ((seed >> 9) & 3);
		v = seed & 0x100 ? seed : values[(seed >> 12) % 12];
		vb_bus(b, seed & 1 ? DMASIM_WRITE : DMASIM_READ, off, size, &v);
		if (i % 64 == 0) {
			b->spy.count = 0;
			dmasim_run_idle(b->k, dmasim_now(b->k) + DMASIM_MS);
		}
	}
	vb_set_status(b, 0);
	vb_run(b);
	vb_set_ring(b, VB_RING, 16);
	toy_works(t);
}

static void fuzzed_registers_version_1(void **state)
{
	fuzzed_registers(*state, VB_MMIO1);
}

static void fuzzed_registers_version_2(void **state)
{
	fuzzed_registers(*state, VB_MMIO2);
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(fuzzed_rings_modern),
        TOY_CASE(fuzzed_rings_legacy_pci),
        TOY_CASE(fuzzed_rings_pended),
        TOY_CASE(fuzzed_rings_ignoring_faults),
        TOY_CASE(fuzzed_registers_version_1),
        TOY_CASE(fuzzed_registers_version_2),
};

CHECK_MAIN(tests)
