/* SPDX-License-Identifier: MIT */
/* Saving and restoring what is busy, blobs that lie, and no memory. */
#include "timing_rig.h"

#include "fail_alloc.h"

/* Some accesses by several ports, the way of DRAM and that of the
 * interconnect; the sum of what they cost depends on all before. */
static uint64_t work(const struct timing_rig *r, uint64_t seed, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t addr = RAM + rig_random(&seed) % (RAM_SIZE - 512);
		uint64_t at = rig_random(&seed) % 1000000;
		enum dmasim_op op =
		        rig_random(&seed) % 3 ? DMASIM_READ : DMASIM_WRITE;

		sum = sum * 31 + rig_cost(&r->port, op, addr, 64, at);
		sum = sum * 31 +
		      rig_cost(&r->ic_port[i % 4], op, addr, 500, at);
	}
	return sum;
}

static void save(const struct timing_rig *r, struct dmasim_writer **w,
                 const uint8_t **blob, size_t *size)
{
	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	dmasim_dram_save(r->dram, *w);
	dmasim_interconnect_save(r->ic, *w);
	assert_int_equal(dmasim_writer_result(*w, blob, size), DMASIM_OK);
}

static int restore(struct timing_rig *r, const uint8_t *blob, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	status = dmasim_dram_restore(r->dram, reader);
	if (!status)
		status = dmasim_interconnect_restore(r->ic, reader);
	dmasim_reader_destroy(reader);
	return status;
}

static struct timing_rig *fresh(const struct dmasim_dram_timing *t)
{
	struct timing_rig *r;

	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, t, &round_way);
	return r;
}

static void goes_on(void **state)
{
	struct timing_rig *r = *state, *other, *idle;
	struct dmasim_dram_stats a, b;
	struct dmasim_interconnect_stats c, d;
	struct dmasim_writer *w, *again;
	const uint8_t *blob, *blob2;
	size_t size, size2;

	work(r, 1, 300);
	/* What lies behind is not saved, what lies ahead is. */
	assert_int_equal(dmasim_run_until(r->k, 500000), DMASIM_OK);
	save(r, &w, &blob, &size);
	other = fresh(&round_dram);
	assert_int_equal(dmasim_run_until(other->k, 500000), DMASIM_OK);
	work(other, 7, 10);
	assert_int_equal(restore(other, blob, size), DMASIM_OK);
	save(other, &again, &blob2, &size2);
	assert_int_equal(size, size2);
	assert_memory_equal(blob, blob2, size);
	assert_true(work(r, 2, 300) == work(other, 2, 300));
	dmasim_dram_stats(r->dram, &a);
	dmasim_dram_stats(other->dram, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	for (uint32_t i = 0; i < 4; i++) {
		dmasim_interconnect_stats(r->ic, i, &c);
		dmasim_interconnect_stats(other->ic, i, &d);
		assert_memory_equal(&c, &d, sizeof(c));
	}
	/* It was not nothing. */
	rig_free(other);
	other = fresh(&round_dram);
	assert_int_equal(dmasim_run_until(other->k, 500000), DMASIM_OK);
	assert_int_equal(restore(other, blob, size), DMASIM_OK);
	idle = fresh(&round_dram);
	assert_true(work(other, 2, 300) != work(idle, 2, 300));
	rig_free(idle);
	rig_free(other);
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(again);
}

/* A queue beyond the slots survives, too. */
static void long_queue(void **state)
{
	struct timing_rig *r = *state, *other = fresh(&round_dram);
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;

	for (unsigned i = 0; i < 2000; i++)
		rig_cost(&r->ic_port[0], DMASIM_READ, RAM, 64, 0);
	save(r, &w, &blob, &size);
	assert_int_equal(restore(other, blob, size), DMASIM_OK);
	assert_true(rig_cost(&r->ic_port[0], DMASIM_READ, RAM, 64, 0) ==
	            rig_cost(&other->ic_port[0], DMASIM_READ, RAM, 64, 0));
	dmasim_writer_destroy(w);
	rig_free(other);
}

static void another_shape(void **state)
{
	struct timing_rig *r = *state, *other;
	struct dmasim_dram_timing t = round_dram;
	struct dmasim_interconnect_config ic = {.kernel = r->k,
	                                        .down = &r->below,
	                                        .ports = 3,
	                                        .timing = round_way};
	struct dmasim_reader *reader;
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;

	work(r, 3, 50);
	save(r, &w, &blob, &size);
	t.banks = 8;
	other = fresh(&t);
	assert_int_equal(restore(other, blob, size), DMASIM_E_FORMAT);
	rig_free(other);
	t = round_dram;
	t.channels = 2;
	t.banks = 2;
	other = fresh(&t);
	assert_int_equal(restore(other, blob, size), DMASIM_E_FORMAT);
	dmasim_writer_destroy(w);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_interconnect_save(r->ic, w);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	dmasim_interconnect_destroy(other->ic);
	assert_int_equal(dmasim_interconnect_create(&ic, &other->ic),
	                 DMASIM_OK);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_interconnect_restore(other->ic, reader),
	                 DMASIM_E_FORMAT);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
	rig_free(other);
}

/* Cut short, and with bytes changed: refused or taken, and never broken. What
 * was refused left everything as it was. */
static void broken_blobs(void **state)
{
	struct timing_rig *r = *state, *other = fresh(&round_dram), *same;
	struct dmasim_writer *w;
	const uint8_t *blob;
	uint8_t *copy;
	size_t size;
	unsigned refused = 0, taken = 0;
	uint64_t seed = 5;

	work(r, 4, 30);
	save(r, &w, &blob, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (size_t n = 0; n < size; n += 1 + n / 40)
		assert_int_equal(restore(other, blob, n), DMASIM_E_FORMAT);
	for (unsigned i = 0; i < 3000; i++) {
		memcpy(copy, blob, size);
		copy[rig_random(&seed) % size] ^=
		        (uint8_t)(1u << rig_random(&seed) % 8);
		if (i % 3 == 0)
			copy[rig_random(&seed) % size] = 0xff;
		same = fresh(&round_dram);
		if (restore(same, copy, size) == DMASIM_OK) {
			work(same, 6, 3);
			taken++;
		} else {
			refused++;
		}
		rig_free(same);
	}
	assert_true(refused > 100 && taken > 50);
	/* The first part of one that was cut in the second one was taken. */
	rig_free(other);
	other = fresh(&round_dram);
	same = fresh(&round_dram);
	assert_int_equal(restore(other, blob, 20), DMASIM_E_FORMAT);
	assert_true(work(other, 8, 100) == work(same, 8, 100));
	free(copy);
	dmasim_writer_destroy(w);
	rig_free(other);
	rig_free(same);
}

/* Each way in which numbers of a slot can be wrong. */
static void lying_slots(void **state)
{
	struct timing_rig *r = *state;
	/* tail, number, used, share of the first port. */
	static const uint64_t lies[][6] = {
	        {UINT64_MAX, 1, 5, 10, 10, 0},   /* tail */
	        {0, 2, 5, 10, 10, 0},            /* the same slot twice */
	        {0, 1, UINT64_MAX / 2, 1, 1, 0}, /* beyond time */
	        {0, 1, 5, 0, 0, 0},              /* an empty one */
	        {0, 1, 5, 4001, 4001, 0},        /* more than there is */
	        {0, 1, 5, 10, 11, 0},            /* a share of more */
	        {0, 1, 5, 10, 9, 0},             /* and of less */
	        {0, 2, 5, 10, 10, 2},            /* half of it is not there */
	        {0, 1, 5, 10, 10, 1},            /* fine */
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct dmasim_writer *w;
		struct dmasim_reader *reader;
		const uint8_t *blob;
		size_t size;

		assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
		dmasim_put_begin(w, "ICON", 1);
		dmasim_put_u32(w, 4);
		dmasim_put_u64(w, 0);
		dmasim_put_u32(w, 0);
		for (unsigned p = 0; p < 12; p++)
			dmasim_put_u64(w, 0);
		dmasim_put_u64(w, lies[i][0]);
		dmasim_put_u32(w, (uint32_t)lies[i][1]);
		for (uint64_t n = 0; n < lies[i][1] - (lies[i][5] == 2); n++) {
			dmasim_put_u64(w, lies[i][2]);
			dmasim_put_u64(w, lies[i][3]);
			dmasim_put_u64(w, lies[i][4]);
			for (unsigned p = 1; p < 4; p++)
				dmasim_put_u64(w, 0);
		}
		dmasim_put_end(w);
		assert_int_equal(dmasim_writer_result(w, &blob, &size),
		                 DMASIM_OK);
		assert_int_equal(dmasim_reader_create(blob, size, &reader),
		                 DMASIM_OK);
		assert_int_equal(dmasim_interconnect_restore(r->ic, reader),
		                 lies[i][5] == 1 ? DMASIM_OK : DMASIM_E_FORMAT);
		dmasim_reader_destroy(reader);
		dmasim_writer_destroy(w);
	}
}

static void no_memory(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;
	unsigned failures = 0;
	bool hit = true;

	work(r, 9, 50);
	save(r, &w, &blob, &size);
	for (int n = 0; hit; n++) {
		const struct dmasim_dram_config dram = {
		        .kernel = r->k, .map = r->map, .timing = round_dram};
		const struct dmasim_interconnect_config way = {
		        .kernel = r->k,
		        .down = &r->below,
		        .ports = 4,
		        .timing = round_way};
		struct dmasim_dram *d = NULL;
		struct dmasim_interconnect *ic = NULL;
		struct dmasim_reader *reader;
		int status;

		assert_int_equal(dmasim_reader_create(blob, size, &reader),
		                 DMASIM_OK);
		fail_alloc_after = n;
		fail_alloc_hit = false;
		status = dmasim_dram_create(&dram, &d);
		if (!status)
			status = dmasim_interconnect_create(&way, &ic);
		if (!status)
			status = dmasim_dram_restore(d, reader);
		if (!status)
			status = dmasim_interconnect_restore(ic, reader);
		fail_alloc_after = -1;
		hit = fail_alloc_hit;
		assert_int_equal(status, hit ? DMASIM_E_NOMEM : DMASIM_OK);
		failures += hit;
		dmasim_reader_destroy(reader);
		dmasim_interconnect_destroy(ic);
		dmasim_dram_destroy(d);
	}
	assert_true(failures > 15);
	dmasim_writer_destroy(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(goes_on),      TEST(long_queue),  TEST(another_shape),
        TEST(broken_blobs), TEST(lying_slots), TEST(no_memory),
};

CHECK_MAIN(tests)
