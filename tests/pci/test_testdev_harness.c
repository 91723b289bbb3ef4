/* SPDX-License-Identifier: MIT */
/* The test endpoint as a harness uses it, and its saved state. */
#include "testdev_bench.h"

static void harness_call(void **state)
{
	struct td_bench *tb = *state;
	struct dmasim_testdev_access a = {.op = DMASIM_WRITE};
	enum dmasim_result r = DMASIM_TXN_ABORT;
	uint64_t latency = 0;
	uint8_t d[16] = {1, 2, 3, 4};

	a.addr = RAM + 8;
	a.size = 4;
	a.flags = DMASIM_TXN_PRIVILEGED | DMASIM_TXN_SSV;
	a.stream_id = UINT32_MAX;
	a.substream_id = 5;
	a.data = d;
	a.what = "poke";
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, &latency),
	                 DMASIM_OK);
	assert_int_equal(r, DMASIM_TXN_OK);
	assert_true(latency > 0);
	assert_int_equal(rd(&tb->b, RAM + 8, 4), 0x04030201);
	assert_int_equal(tb->seen.stream_id, BDF);
	assert_int_equal(tb->seen.substream_id, 5);
	assert_int_equal(tb->seen.flags, a.flags);
	assert_string_equal(tb->seen.origin.what, "poke");
	assert_int_equal(tb->seen.attr.inner, DMASIM_WB);
	a.attr = dmasim_attr_nc;
	a.op = DMASIM_ATOMIC_SWAP;
	d[0] = 9;
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, &latency),
	                 DMASIM_OK);
	assert_int_equal(d[0], 1);
	assert_int_equal(tb->seen.attr.inner, DMASIM_NC);
	/* Through PENDING, outside any run. */
	tb->b.spy.pend = 700;
	a.op = DMASIM_READ;
	a.what = NULL;
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, &latency),
	                 DMASIM_OK);
	assert_int_equal(r, DMASIM_TXN_OK);
	assert_int_equal(d[0], 9);
	assert_int_equal(dmasim_now(tb->b.k), 700);
	assert_string_equal(tb->seen.origin.what, "test access");
	a.addr = 0x1000;
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, &latency),
	                 DMASIM_OK);
	assert_int_equal(r, DMASIM_TXN_DECODE);
}

struct late {
	struct dmasim_testdev *t;
	int rc;
};

static void call_from_a_callback(void *obj, uint32_t op, uint64_t arg)
{
	struct late *l = obj;
	enum dmasim_result r;
	uint8_t d[4];
	struct dmasim_testdev_access a = {
	        .op = DMASIM_READ, .addr = RAM, .size = 4, .data = d};

	(void)op;
	(void)arg;
	l->rc = dmasim_testdev_dma(l->t, &a, &r, NULL);
}

static void harness_call_cannot_wait_in_a_callback(void **state)
{
	struct td_bench *tb = *state;
	struct late l = {.t = tb->t};
	struct dmasim_call c = {0};

	assert_int_equal(dmasim_actor_register(tb->b.k, "late",
	                                       call_from_a_callback, &l,
	                                       &c.actor),
	                 DMASIM_OK);
	tb->b.spy.pend = 5;
	assert_int_equal(dmasim_call_at(tb->b.k, 1, 0, &c, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(tb->b.k, 1000), DMASIM_OK);
	assert_int_equal(l.rc, DMASIM_E_STATE);
}

static void harness_call_with_bad_arguments(void **state)
{
	struct td_bench *tb = *state;
	uint8_t d[16];
	const struct dmasim_testdev_access good = {
	        .op = DMASIM_READ, .addr = RAM, .size = 4, .data = d};
	struct dmasim_testdev_access a;
	enum dmasim_result r;

#define BAD(field, value)                                                      \
	a = good;                                                              \
	a.field = value;                                                       \
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, NULL),              \
	                 DMASIM_E_INVAL)
	BAD(size, 0);
	BAD(size, 65537);
	BAD(data, NULL);
	BAD(op, DMASIM_CLEAN);
	BAD(op, DMASIM_BARRIER);
	BAD(attr.type, 5);
	BAD(attr.inner, 3);
	BAD(attr.outer, 3);
	BAD(attr.share, 3);
	a = good;
	a.op = DMASIM_ATOMIC_ADD;
	a.size = 3;
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, NULL),
	                 DMASIM_E_INVAL);
#undef BAD
	assert_int_equal(dmasim_testdev_dma(NULL, &good, &r, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_testdev_dma(tb->t, NULL, &r, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_testdev_dma(tb->t, &good, NULL, NULL),
	                 DMASIM_E_INVAL);
}

static struct dmasim_writer *saved(struct td_bench *tb, const uint8_t **data,
                                   size_t *size)
{
	struct dmasim_writer *w = NULL;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	/* As part of a machine's state. */
	dmasim_put_begin(w, "TEST", 1);
	assert_int_equal(dmasim_testdev_save(tb->t, w), DMASIM_OK);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, data, size), DMASIM_OK);
	return w;
}

static int restored(struct td_bench *tb, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r = NULL;
	int rc;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	dmasim_get_begin(r, "TEST", 1);
	rc = dmasim_testdev_restore(tb->t, r);
	dmasim_reader_destroy(r);
	return rc;
}

static void save_and_restore(void **state)
{
	struct td_bench *tb = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	set(tb, DATA + 4, 0xabcd);
	set(tb, STREAM, 77);
	arm(tb, 2, RAM, 8);
	w = saved(tb, &data, &size);
	set(tb, DATA + 4, 0);
	assert_int_equal(run(tb, 1, RAM, 4), 0);
	assert_int_equal(restored(tb, data, size), DMASIM_OK);
	assert_int_equal(get(tb, RESULT), 0xfffffffe);
	assert_int_equal(get(tb, STREAM), 77);
	assert_int_equal(get(tb, TRIGGER), 0);
	assert_int_equal(get(tb, RESULT), 0);
	assert_int_equal(rd(&tb->b, RAM, 8), 0xabcd00000000);
	/* Not while an access is pending. */
	tb->b.spy.pend = 10;
	run(tb, 1, RAM, 4);
	assert_int_equal(dmasim_testdev_save(tb->t, w), DMASIM_E_STATE);
	assert_int_equal(restored(tb, data, size), DMASIM_E_STATE);
	assert_int_equal(dmasim_run_idle(tb->b.k, 1000), DMASIM_OK);
	dmasim_writer_destroy(w);
}

static void restore_of_broken_blobs(void **state)
{
	struct td_bench *tb = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	uint8_t *copy;
	uint32_t seed = 3;
	size_t size;

	w = saved(tb, &data, &size);
	copy = malloc(size);
	memcpy(copy, data, size);
	for (size_t n = 0; n < size; n += n < 200 ? 1 : 97) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, copy, n);
		assert_int_not_equal(restored(tb, cut, n), DMASIM_OK);
		free(cut);
	}
	for (int i = 0; i < 2000; i++) {
		size_t at;
		uint8_t old;

		seed = seed * 1664525u + 1013904223u;
		at = (seed >> 8) % 130;
		old = copy[at];
		copy[at] = (uint8_t)(seed >> 24);
		if (restored(tb, copy, size) == DMASIM_OK) {
			get(tb, TRIGGER);
			get(tb, RESULT);
		}
		copy[at] = old;
	}
	assert_int_equal(restored(tb, copy, size), DMASIM_OK);
	free(copy);
	dmasim_writer_destroy(w);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct CMUnitTest tests[] = {
        CASE(harness_call),
        CASE(harness_call_cannot_wait_in_a_callback),
        CASE(harness_call_with_bad_arguments),
        CASE(save_and_restore),
        CASE(restore_of_broken_blobs),
};

CHECK_MAIN(tests)
