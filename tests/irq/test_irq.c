/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdlib.h>

#include "dmasim/irq.h"

struct bench {
	struct dmasim_kernel *k;
	struct dmasim_irqc *ic;
	uint32_t calls;
	uint32_t last;
	struct dmasim_irq chained;
	/* Written by processes, checked after the run. */
	int rc[4];
	uint64_t when[4];
	uint64_t timeout;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	b->timeout = DMASIM_FOREVER;
	return dmasim_kernel_create(NULL, &b->k) ||
	       dmasim_irqc_create(b->k, "gic", &b->ic);
}

static int teardown(void **state)
{
	struct bench *b = *state;

	dmasim_irqc_destroy(b->ic);
	dmasim_kernel_destroy(b->k);
	free(b);
	return 0;
}

static struct dmasim_irq wire(struct bench *b, uint32_t line)
{
	return (struct dmasim_irq){.irqc = b->ic, .line = line};
}

static void count_call(void *ctx, uint32_t line)
{
	struct bench *b = ctx;

	b->calls++;
	b->last = line;
	dmasim_irq_set(b->chained, true);
}

static void level_rises_and_falls(void **state)
{
	struct bench *b = *state;
	struct dmasim_irq irq = wire(b, 5);

	assert_int_equal(dmasim_irq_attach(irq, count_call, b), DMASIM_OK);
	assert_false(dmasim_irq_level(irq));
	dmasim_irq_set(irq, true);
	dmasim_irq_set(irq, true);
	assert_true(dmasim_irq_level(irq));
	assert_int_equal(dmasim_irq_count(irq), 1);
	assert_int_equal(b->calls, 1);
	assert_int_equal(b->last, 5);
	dmasim_irq_set(irq, false);
	assert_false(dmasim_irq_level(irq));
	dmasim_irq_set(irq, true);
	assert_int_equal(dmasim_irq_count(irq), 2);
	assert_int_equal(dmasim_irq_count(wire(b, 4)), 0);
	assert_int_equal(dmasim_irq_attach(irq, NULL, NULL), DMASIM_OK);
	dmasim_irq_pulse(irq);
	assert_int_equal(b->calls, 2);
	assert_int_equal(dmasim_irq_count(irq), 3);
}

static void handler_may_raise_another_line(void **state)
{
	struct bench *b = *state;

	b->chained = wire(b, 7);
	dmasim_irq_attach(wire(b, 6), count_call, b);
	dmasim_irq_pulse(wire(b, 6));
	assert_true(dmasim_irq_level(wire(b, 7)));
	assert_int_equal(dmasim_irq_count(wire(b, 7)), 1);
}

static void unconnected_and_unknown_lines(void **state)
{
	struct bench *b = *state;
	struct dmasim_irq none = {0};
	struct dmasim_irq far = wire(b, DMASIM_IRQ_LINES);

	dmasim_irq_set(none, true);
	dmasim_irq_pulse(none);
	dmasim_irq_set(far, true);
	dmasim_irq_pulse(far);
	assert_false(dmasim_irq_level(none));
	assert_false(dmasim_irq_level(far));
	assert_int_equal(dmasim_irq_count(none), 0);
	assert_int_equal(dmasim_irq_attach(none, count_call, b),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_irq_attach(far, count_call, b), DMASIM_E_RANGE);
	assert_int_equal(dmasim_irq_wait(none, 1), DMASIM_E_INVAL);
	assert_int_equal(dmasim_irq_wait(far, 1), DMASIM_E_RANGE);
}

static void bad_arguments(void **state)
{
	struct bench *b = *state;
	struct dmasim_irqc *ic;

	assert_int_equal(dmasim_irqc_create(NULL, "x", &ic), DMASIM_E_INVAL);
	assert_int_equal(dmasim_irqc_create(b->k, NULL, &ic), DMASIM_E_INVAL);
	assert_int_equal(dmasim_irqc_create(b->k, "x", NULL), DMASIM_E_INVAL);
	dmasim_irqc_destroy(NULL);
}

static void raise_later(void *obj, uint32_t op, uint64_t arg)
{
	struct bench *b = obj;

	if (op == 0)
		dmasim_irq_set(wire(b, (uint32_t)arg), true);
	else if (op == 1)
		dmasim_irq_pulse(wire(b, (uint32_t)arg));
	else if (op == 2)
		dmasim_irq_set(wire(b, (uint32_t)arg), false);
	else if (op == 4)
		dmasim_fail(b->k, "broken");
	else
		b->rc[3] = dmasim_irq_wait(wire(b, (uint32_t)arg), 1);
}

static void call(struct bench *b, uint32_t actor, uint64_t t, uint32_t op)
{
	struct dmasim_call c = {.actor = actor, .op = op, .arg = 3};

	assert_int_equal(dmasim_call_at(b->k, t, 0, &c, NULL), DMASIM_OK);
}

static uint32_t actor(struct bench *b)
{
	uint32_t a = 0;

	assert_int_equal(
	        dmasim_actor_register(b->k, "raiser", raise_later, b, &a),
	        DMASIM_OK);
	return a;
}

static void wait_outside_a_run(void **state)
{
	struct bench *b = *state;
	uint32_t a = actor(b);

	call(b, a, 100, 0);
	call(b, a, 500, 2);
	assert_int_equal(dmasim_irq_wait(wire(b, 3), 50), DMASIM_E_TIMEOUT);
	assert_int_equal(dmasim_now(b->k), 50);
	/* What happens at the deadline is in time. */
	assert_int_equal(dmasim_irq_wait(wire(b, 3), 50), DMASIM_OK);
	assert_int_equal(dmasim_now(b->k), 100);
	/* A level stays pending. */
	assert_int_equal(dmasim_irq_wait(wire(b, 3), 0), DMASIM_OK);
	assert_int_equal(dmasim_run_until(b->k, 500), DMASIM_OK);
	assert_int_equal(dmasim_irq_wait(wire(b, 3), DMASIM_FOREVER),
	                 DMASIM_E_HANG);
	/* An edge is taken once. */
	dmasim_irq_pulse(wire(b, 3));
	assert_int_equal(dmasim_irq_wait(wire(b, 3), 10), DMASIM_OK);
	assert_int_equal(dmasim_irq_wait(wire(b, 3), 10), DMASIM_E_HANG);
}

static void wait_ends_when_the_run_fails(void **state)
{
	struct bench *b = *state;
	uint32_t a = actor(b);

	call(b, a, 10, 4);
	assert_int_equal(dmasim_irq_wait(wire(b, 3), 100), DMASIM_E_KERNEL);
}

static void long_timeouts_do_not_wrap(void **state)
{
	struct bench *b = *state;
	uint32_t a = actor(b);

	assert_int_equal(dmasim_run_until(b->k, 50), DMASIM_OK);
	call(b, a, 100, 1);
	assert_int_equal(dmasim_irq_wait(wire(b, 3), DMASIM_FOREVER - 1),
	                 DMASIM_OK);
	assert_int_equal(dmasim_now(b->k), 100);
}

static void wait_in_a_callback_is_refused(void **state)
{
	struct bench *b = *state;
	uint32_t a = actor(b);

	call(b, a, 10, 3);
	dmasim_run_idle(b->k, 1000);
	assert_int_equal(b->rc[3], DMASIM_E_STATE);
	dmasim_irq_set(wire(b, 3), true);
	call(b, a, 10, 3);
	dmasim_run_idle(b->k, 1000);
	assert_int_equal(b->rc[3], DMASIM_OK);
}

static void waiter(void *arg)
{
	struct bench *b = arg;

	for (int i = 0; i < 3; i++) {
		b->rc[i] = dmasim_irq_wait(wire(b, 3), b->timeout);
		b->when[i] = dmasim_now(b->k);
	}
}

static void spawn(struct bench *b, dmasim_proc_fn *fn)
{
	struct dmasim_proc_config cfg = {.name = "cpu", .fn = fn, .arg = b};

	assert_int_equal(dmasim_spawn(b->k, &cfg, NULL), DMASIM_OK);
}

static void wait_in_a_process(void **state)
{
	struct bench *b = *state;
	uint32_t a = actor(b);

	call(b, a, 100, 1);
	call(b, a, 300, 0);
	spawn(b, waiter);
	assert_int_equal(dmasim_run_idle(b->k, 1000), DMASIM_OK);
	assert_int_equal(b->rc[0], DMASIM_OK);
	assert_int_equal(b->when[0], 100);
	assert_int_equal(b->rc[1], DMASIM_OK);
	assert_int_equal(b->when[1], 300);
	assert_int_equal(b->rc[2], DMASIM_OK);
	assert_int_equal(b->when[2], 300);
}

static void process_wait_times_out(void **state)
{
	struct bench *b = *state;
	uint32_t a = actor(b);

	/* The level is gone again before the waiter runs: it sleeps on, and
	 * only for what is left. */
	b->timeout = 200;
	call(b, a, 100, 0);
	call(b, a, 100, 2);
	spawn(b, waiter);
	assert_int_equal(dmasim_run_idle(b->k, 10000), DMASIM_OK);
	assert_int_equal(b->rc[0], DMASIM_E_TIMEOUT);
	assert_int_equal(b->when[0], 200);
	assert_int_equal(b->when[1], 400);
}

static void waiter_outlives_the_controller(void **state)
{
	struct bench *b = *state;

	spawn(b, waiter);
	assert_int_equal(dmasim_run_until(b->k, 10), DMASIM_OK);
	dmasim_kernel_destroy(b->k);
	assert_int_equal(b->rc[0], DMASIM_E_CANCELED);
	assert_int_equal(b->rc[2], DMASIM_E_CANCELED);
	assert_int_equal(dmasim_kernel_create(NULL, &b->k), DMASIM_OK);
}

static enum dmasim_result bell(struct bench *b, enum dmasim_op op,
                               uint64_t offset, uint32_t size, uint8_t *data)
{
	struct dmasim_port p = dmasim_irqc_doorbell(b->ic);
	struct dmasim_txn t = {
	        .op = op,
	        .offset = offset,
	        .size = size,
	        .data = data,
	};

	return dmasim_access(&p, &t);
}

static void doorbell_makes_messages_pending(void **state)
{
	struct bench *b = *state;
	uint8_t d[8] = {0xfb, 0x03}; /* 1019, the last line */

	dmasim_irq_attach(wire(b, 1019), count_call, b);
	assert_int_equal(bell(b, DMASIM_WRITE, 0x40, 4, d), DMASIM_TXN_OK);
	assert_int_equal(b->calls, 1);
	assert_int_equal(dmasim_irq_wait(wire(b, 1019), 0), DMASIM_OK);
	d[0] = 0xfc;
	assert_int_equal(bell(b, DMASIM_WRITE, 0x40, 4, d), DMASIM_TXN_OK);
	memset(d, 0xff, sizeof(d));
	assert_int_equal(bell(b, DMASIM_WRITE, 0x40, 4, d), DMASIM_TXN_OK);
	assert_int_equal(b->calls, 1);
}

static void doorbell_other_accesses(void **state)
{
	struct bench *b = *state;
	uint8_t d[16];

	for (uint64_t off = 0; off < 0x1000; off += 4) {
		memset(d, 0xa5, sizeof(d));
		assert_int_equal(bell(b, DMASIM_READ, off, 4, d),
		                 DMASIM_TXN_OK);
		assert_int_equal(d[0] | d[1] | d[2] | d[3], 0);
		assert_int_equal(d[4], 0xa5);
		if (off != 0x40)
			assert_int_equal(bell(b, DMASIM_WRITE, off, 4, d),
			                 DMASIM_TXN_OK);
	}
	for (uint32_t line = 0; line < DMASIM_IRQ_LINES; line++)
		assert_int_equal(dmasim_irq_count(wire(b, line)), 0);
	memset(d, 0, sizeof(d));
	assert_int_equal(bell(b, DMASIM_WRITE, 0x40, 1, d), DMASIM_TXN_SLAVE);
	assert_int_equal(bell(b, DMASIM_WRITE, 0x40, 8, d), DMASIM_TXN_SLAVE);
	assert_int_equal(bell(b, DMASIM_WRITE, 0x42, 4, d), DMASIM_TXN_SLAVE);
	assert_int_equal(bell(b, DMASIM_READ, 0x40, 2, d), DMASIM_TXN_SLAVE);
	assert_int_equal(bell(b, DMASIM_ATOMIC_ADD, 0x40, 4, d),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(bell(b, DMASIM_CLEAN, 0x40, 64, NULL), DMASIM_TXN_OK);
	assert_int_equal(bell(b, DMASIM_BARRIER, 0, 0, NULL), DMASIM_TXN_OK);
	assert_int_equal(dmasim_irq_count(wire(b, 0)), 0);
}

static void doorbell_debug_write_has_no_effect(void **state)
{
	struct bench *b = *state;
	struct dmasim_port p = dmasim_irqc_doorbell(b->ic);
	uint8_t d[4] = {9};
	struct dmasim_txn t = {
	        .op = DMASIM_WRITE,
	        .flags = DMASIM_TXN_DEBUG,
	        .offset = 0x40,
	        .size = 4,
	        .data = d,
	};

	assert_int_equal(dmasim_access(&p, &t), DMASIM_TXN_OK);
	assert_int_equal(dmasim_irq_count(wire(b, 9)), 0);
}

static struct dmasim_writer *saved(struct bench *b, const uint8_t **data,
                                   size_t *size)
{
	struct dmasim_writer *w = NULL;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	/* As part of a machine's state. */
	dmasim_put_begin(w, "TEST", 1);
	assert_int_equal(dmasim_irqc_save(b->ic, w), DMASIM_OK);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, data, size), DMASIM_OK);
	return w;
}

static int restored(struct dmasim_irqc *ic, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r = NULL;
	int rc;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	dmasim_get_begin(r, "TEST", 1);
	rc = dmasim_irqc_restore(ic, r);
	dmasim_reader_destroy(r);
	return rc;
}

static void save_and_restore(void **state)
{
	struct bench *b = *state;
	struct dmasim_irqc *other = NULL;
	struct dmasim_irq o = {0};
	const uint8_t *data;
	size_t size;
	struct dmasim_writer *w;

	dmasim_irq_set(wire(b, 0), true);
	dmasim_irq_pulse(wire(b, 77));
	dmasim_irq_set(wire(b, 1019), true);
	dmasim_irq_set(wire(b, 1019), false);
	w = saved(b, &data, &size);
	assert_int_equal(dmasim_irqc_create(b->k, "gic", &other), DMASIM_OK);
	o.irqc = other;
	o.line = 12;
	dmasim_irq_set(o, true);
	assert_int_equal(restored(other, data, size), DMASIM_OK);
	assert_false(dmasim_irq_level(o));
	assert_int_equal(dmasim_irq_count(o), 0);
	o.line = 0;
	assert_true(dmasim_irq_level(o));
	o.line = 1019;
	assert_false(dmasim_irq_level(o));
	assert_int_equal(dmasim_irq_count(o), 1);
	o.line = 77;
	assert_int_equal(dmasim_irq_wait(o, 0), DMASIM_OK);
	assert_int_equal(dmasim_irq_wait(o, 0), DMASIM_E_HANG);
	dmasim_irqc_destroy(other);
	dmasim_writer_destroy(w);
}

static void restore_of_broken_blobs(void **state)
{
	struct bench *b = *state;
	const uint8_t *data;
	size_t size;
	struct dmasim_writer *w;
	uint8_t *copy;
	uint32_t seed = 1;

	dmasim_irq_set(wire(b, 3), true);
	dmasim_irq_pulse(wire(b, 77));
	w = saved(b, &data, &size);
	copy = malloc(size);
	memcpy(copy, data, size);
	for (size_t n = 0; n < size; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, copy, n);
		assert_int_not_equal(restored(b->ic, cut, n), DMASIM_OK);
		free(cut);
	}
	assert_true(dmasim_irq_level(wire(b, 3)));
	for (int i = 0; i < 2000; i++) {
		size_t at;
		uint8_t old;

		seed = seed * 1664525u + 1013904223u;
		at = (seed >> 8) % size;
		old = copy[at];
		copy[at] = (uint8_t)(seed >> 24);
		restored(b->ic, copy, size);
		copy[at] = old;
	}
	assert_int_equal(restored(b->ic, copy, size), DMASIM_OK);
	free(copy);
	dmasim_writer_destroy(w);
}

/** A blob of one or two lines with the given contents. */
static int restore_made(struct bench *b, uint32_t line, uint8_t flags,
                        uint32_t line2)
{
	struct dmasim_writer *w = NULL;
	const uint8_t *data;
	size_t size;
	int rc;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "TEST", 1);
	dmasim_put_begin(w, "IRQC", 1);
	dmasim_put_u32(w, 2);
	dmasim_put_u32(w, line);
	dmasim_put_u8(w, flags);
	dmasim_put_u64(w, 1);
	dmasim_put_u32(w, line2);
	dmasim_put_u8(w, 0);
	dmasim_put_u64(w, 1);
	dmasim_put_end(w);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	rc = restored(b->ic, data, size);
	dmasim_writer_destroy(w);
	return rc;
}

static void restore_checks_every_field(void **state)
{
	struct bench *b = *state;

	assert_int_equal(restore_made(b, 1, 3, 2), DMASIM_OK);
	assert_int_equal(restore_made(b, 2, 3, 1), DMASIM_E_FORMAT);
	assert_int_equal(restore_made(b, 2, 3, 2), DMASIM_E_FORMAT);
	assert_int_equal(restore_made(b, 1, 4, 2), DMASIM_E_FORMAT);
	assert_int_equal(restore_made(b, 1, 0, 1020), DMASIM_E_FORMAT);
	assert_true(dmasim_irq_level(wire(b, 1)));
}

static void write_down(void *ctx, uint32_t line, bool level)
{
	char *text = ctx;
	size_t used = strlen(text);

	snprintf(text + used, 64 - used, "%u%c ", line, level ? '+' : '-');
}

static void a_watcher_sees_every_change(void **state)
{
	struct bench *b = *state;
	char text[64] = "";

	dmasim_irqc_watch(b->ic, write_down, text);
	dmasim_irq_set(wire(b, 3), true);
	dmasim_irq_set(wire(b, 3), true);
	dmasim_irq_pulse(wire(b, 4));
	dmasim_irq_set(wire(b, 3), false);
	assert_string_equal(text, "3+ 4+ 4- 3- ");
	dmasim_irqc_watch(b->ic, NULL, NULL);
	dmasim_irq_pulse(wire(b, 4));
	assert_string_equal(text, "3+ 4+ 4- 3- ");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct CMUnitTest tests[] = {
        CASE(level_rises_and_falls),
        CASE(handler_may_raise_another_line),
        CASE(unconnected_and_unknown_lines),
        CASE(bad_arguments),
        CASE(wait_outside_a_run),
        CASE(wait_ends_when_the_run_fails),
        CASE(long_timeouts_do_not_wrap),
        CASE(wait_in_a_callback_is_refused),
        CASE(wait_in_a_process),
        CASE(process_wait_times_out),
        CASE(waiter_outlives_the_controller),
        CASE(doorbell_makes_messages_pending),
        CASE(doorbell_other_accesses),
        CASE(doorbell_debug_write_has_no_effect),
        CASE(a_watcher_sees_every_change),
        CASE(save_and_restore),
        CASE(restore_of_broken_blobs),
        CASE(restore_checks_every_field),
};

CHECK_MAIN(tests)
