/* SPDX-License-Identifier: MIT */
/* Resets, queue resets and destruction while a request is served. */
#include "toy.h"

/** Run until the spy has seen @n accesses. */
static void run_to(struct vbench *b, size_t n)
{
	while (b->spy.count < n)
		assert_int_equal(dmasim_run_one(b->k), DMASIM_OK);
}

/** Reset at every access of a request; nothing may happen afterwards. */
static void reset_at_every_access(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	b->features = DMASIM_VIRTIO_F_EVENT_IDX;
	toy_plug(t, VB_MMIO2);
	for (size_t n = 0; n < 12; n++) {
		uint16_t used;

		vb_start(b, 16);
		b->spy.pend = DMASIM_US;
		b->spy.count = 0;
		toy_ask(t, n);
		vb_kick(b);
		run_to(b, n);
		/* The next access is on its way or yet to come. */
		assert_int_equal(dmasim_live_processes(b->k), 1);
		vb_set_status(b, 0);
		assert_int_equal(vb_status(b), 0);
		assert_int_equal(dmasim_virtio_outstanding(b->v), 0);
		used = vb_used_idx(b);
		vb_run(b);
		assert_true(b->spy.count <= n + 1);
		assert_true(vb_used_idx(b) <= used + 1);
		assert_false(dmasim_irq_level(vb_irq(b)));
		assert_int_equal(dmasim_live_processes(b->k), 0);
		b->spy.pend = 0;
		toy_works(t);
	}
	/* One at the start, one of each end, one of each check. */
	assert_int_equal(t->resets, 3 * 12);
}

/** The same between the waits of a device that nothing delays. */
static void reset_at_every_wait(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_plug(t, VB_MMIO2);
	for (unsigned n = 1; n < 3; n++) {
		size_t seen;

		vb_start(b, 16);
		toy_ask(t, n);
		vb_kick(b);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(dmasim_run_one(b->k), DMASIM_OK);
		assert_int_equal(dmasim_live_processes(b->k), 1);
		seen = b->spy.count;
		vb_set_status(b, 0);
		vb_run(b);
		assert_int_equal(b->spy.count, seen);
		assert_int_equal(vb_rd(b, 0x60, 4), 0);
		toy_works(t);
	}
}

static uint32_t latest(void *ctx, const struct dmasim_choice_query *q)
{
	(void)ctx;
	return q->alternatives - 1;
}

static void reset_before_a_late_device_looks(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	struct dmasim_choice_config cc = {.mode = DMASIM_CHOICE_CALLBACK,
	                                  .fn = latest};

	assert_int_equal(dmasim_choice_create(&cc, &t->cfg.choice), DMASIM_OK);
	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, DMASIM_US), DMASIM_OK);
	assert_int_equal(dmasim_live_processes(b->k), 1);
	vb_set_status(b, 0);
	vb_run(b);
	assert_int_equal(b->spy.count, 0);
	toy_works(t);
	dmasim_virtio_destroy(b->v);
	b->v = NULL;
	dmasim_choice_destroy(t->cfg.choice);
}

/** Between the two reads that the profile of 2017 makes on a fault. */
static void reset_between_the_reads_of_2017(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	t->cfg.ring_fault = DMASIM_RING_FAULT_2017;
	toy_begin(t, VB_MMIO1, 16);
	b->spy.pend = DMASIM_US;
	b->spy.fault_to = UINT64_MAX;
	toy_ask(t, 1);
	vb_kick(b);
	run_to(b, 1);
	/* The second is on its way. */
	while (b->spy.pended < 2)
		assert_int_equal(dmasim_run_one(b->k), DMASIM_OK);
	vb_set_status(b, 0);
	vb_run(b);
	assert_string_equal(dmasim_virtio_error(b->v), "");
	b->spy.pend = 0;
	toy_works(t);
}

static void broken_legacy_device_stays_down_until_reset(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	size_t seen;

	toy_begin(t, VB_MMIO1, 16);
	vb_post(b, 99);
	vb_kick(b);
	vb_run(b);
	seen = b->spy.count;
	vb_set_status(b, 3);
	vb_set_status(b, 7);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, seen);
	toy_works(t);
}

static void reset_and_restart_during_an_access(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint32_t id, len;

	toy_plug(t, VB_MMIO1);
	for (size_t n = 0; n < 10; n++) {
		vb_start(b, 16);
		b->spy.pend = DMASIM_US;
		b->spy.count = 0;
		toy_ask(t, 0xff);
		vb_kick(b);
		run_to(b, n);
		/* The new ring lies elsewhere; the old process serves it, once
		 * its access is over. */
		vb_start_at(b, VB_RING + 0x8000, 32);
		toy_ask(t, 0x10);
		vb_kick(b);
		vb_run(b);
		assert_true(vb_get(b, &id, &len));
		assert_false(vb_get(b, &id, &len));
		assert_int_equal(toy_answer(t), 0x0101010101010111);
		assert_int_equal(dmasim_virtio_outstanding(b->v), 0);
		b->spy.pend = 0;
	}
}

static void queue_taken_back_while_it_is_served(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, 5 * DMASIM_US), DMASIM_OK);
	assert_int_equal(dmasim_virtio_outstanding(b->v), 1);
	vb_wr(b, 0x44, 4, 0);
	assert_int_equal(vb_rd(b, 0x44, 4), 0);
	assert_int_equal(dmasim_virtio_outstanding(b->v), 0);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 0);
	/* Given again, from the start. */
	vb_set_ring(b, VB_RING, 16);
	vb_queue_mmio(b);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

static void other_queue_goes_on_when_one_is_taken_back(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO1, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, 5 * DMASIM_US), DMASIM_OK);
	vb_wr(b, 0x30, 4, 1);
	vb_wr(b, 0x40, 4, 0);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

/** Destroy the device at every access, then the kernel or go on running. */
static void destroy(struct toy *t, bool go_on)
{
	struct vbench *b = &t->b;

	for (size_t n = 0; n < 10; n++) {
		vb_close(b);
		assert_int_equal(vb_open(b), 0);
		t->cfg.kernel = b->k;
		t->cfg.dma = b->dma;
		toy_plug(t, VB_MMIO2);
		vb_start(b, 16);
		b->spy.pend = DMASIM_US;
		b->spy.count = 0;
		toy_ask(t, 1);
		vb_kick(b);
		run_to(b, n);
		dmasim_virtio_destroy(b->v);
		b->v = NULL;
		assert_int_equal(dmasim_live_processes(b->k), 1);
		if (!go_on)
			continue;
		vb_run(b);
		assert_true(b->spy.count <= n + 1);
		assert_int_equal(dmasim_live_processes(b->k), 0);
	}
}

static void destroyed_with_its_kernel(void **state)
{
	destroy(*state, false);
}

static void destroyed_while_the_kernel_goes_on(void **state)
{
	destroy(*state, true);
}

static void kernel_ends_before_the_device(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, 5 * DMASIM_US), DMASIM_OK);
	/* The process leaves; the device stays as it was. */
	dmasim_kernel_destroy(b->k);
	assert_int_equal(dmasim_virtio_outstanding(b->v), 1);
	dmasim_virtio_destroy(b->v);
	b->v = NULL;
	dmasim_pci_host_destroy(b->host);
	dmasim_irqc_destroy(b->ic);
	dmasim_map_destroy(b->map);
	assert_int_equal(vb_open(b), 0);
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(reset_at_every_access),
        TOY_CASE(reset_at_every_wait),
        TOY_CASE(reset_before_a_late_device_looks),
        TOY_CASE(reset_between_the_reads_of_2017),
        TOY_CASE(broken_legacy_device_stays_down_until_reset),
        TOY_CASE(reset_and_restart_during_an_access),
        TOY_CASE(queue_taken_back_while_it_is_served),
        TOY_CASE(other_queue_goes_on_when_one_is_taken_back),
        TOY_CASE(destroyed_with_its_kernel),
        TOY_CASE(destroyed_while_the_kernel_goes_on),
        TOY_CASE(kernel_ends_before_the_device),
};

CHECK_MAIN(tests)
