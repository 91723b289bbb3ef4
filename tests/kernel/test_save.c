/* SPDX-License-Identifier: MIT */
/* The saved heap and clock. */
#include "fixture.h"

#include "dmasim/state.h"

static struct journal journal;

static void letter(void *obj, uint32_t op, uint64_t arg)
{
	const char text[3] = {(char)op, (char)arg, '\0'};

	note(obj, text);
	if (op == 'R' && arg > 'a' && arg <= 'z')
		dmasim_call_at(journal.k, dmasim_now(journal.k) + DMASIM_NS, -3,
		               &(struct dmasim_call){1, op, arg - 1}, NULL);
}

static struct dmasim_kernel *machine(void)
{
	struct dmasim_kernel *k = new_kernel();

	new_actor(k, "alpha", letter, &journal);
	new_actor(k, "beta", letter, &journal);
	journal.k = k;
	journal_clear(&journal);
	return k;
}

static uint64_t call(uint32_t actor, uint64_t ns, int prio, char op, char arg)
{
	uint64_t ticket;

	assert_int_equal(
	        dmasim_call_at(journal.k, ns * DMASIM_NS, prio,
	                       &(struct dmasim_call){actor, (uint32_t)op,
	                                             (uint64_t)arg},
	                       &ticket),
	        DMASIM_OK);
	return ticket;
}

struct blob {
	uint8_t data[4096];
	size_t size;
};

static void save(struct dmasim_kernel *k, struct blob *b)
{
	struct dmasim_writer *w;
	const uint8_t *data;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_kernel_save(k, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &b->size), DMASIM_OK);
	assert_true(b->size <= sizeof(b->data));
	memcpy(b->data, data, b->size);
	dmasim_writer_destroy(w);
}

static int restore(struct dmasim_kernel *k, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r;
	int status;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	status = dmasim_kernel_restore(k, r);
	if (status == DMASIM_E_FORMAT)
		assert_string_not_equal(dmasim_reader_error(r), "");
	dmasim_reader_destroy(r);
	return status;
}

/* Half of a scenario, ready to be saved. Returns two tickets. */
static void scenario(uint64_t tickets[2])
{
	call(1, 1, 0, 'R', 'z');
	call(2, 5, INT32_MIN, 'm', '1');
	call(2, 5, INT32_MAX, 'M', '1');
	tickets[0] = call(2, 50, 7, 'x', 'x');
	call(1, 40, -1, 'b', 'b');
	call(1, 40, 0, 'c', 'c');
	tickets[1] = call(1, 40, -1, 'd', 'd');
	assert_int_equal(dmasim_cancel(journal.k, call(1, 41, 0, 'n', 'n')), 0);
	assert_int_equal(dmasim_run_until(journal.k, 20 * DMASIM_NS), 0);
}

static void a_restored_heap_goes_on_as_the_original(void **state)
{
	struct dmasim_kernel *original = machine(), *copy;
	uint64_t tickets[2];
	static char expected[sizeof(journal.text)];
	struct blob first, second;

	(void)state;
	scenario(tickets);
	save(original, &first);
	save(original, &second);
	assert_int_equal(first.size, second.size);
	assert_memory_equal(first.data, second.data, first.size);
	journal_clear(&journal);
	assert_int_equal(dmasim_cancel(original, tickets[0]), 0);
	call(1, 40, -1, 'l', 'l');
	assert_int_equal(dmasim_run_idle(original, DMASIM_FOREVER), 0);
	memcpy(expected, journal.text, sizeof(expected));
	save(original, &second);

	copy = machine();
	assert_int_equal(restore(copy, first.data, first.size), DMASIM_OK);
	assert_int_equal(dmasim_now(copy), 20 * DMASIM_NS);
	/* Tickets of the original are good in the copy. */
	assert_int_equal(dmasim_cancel(copy, tickets[0]), 0);
	assert_int_equal(dmasim_cancel(copy, tickets[0]), DMASIM_E_NOTFOUND);
	call(1, 40, -1, 'l', 'l');
	assert_int_equal(dmasim_run_idle(copy, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, expected);
	save(copy, &first);
	assert_int_equal(first.size, second.size);
	assert_memory_equal(first.data, second.data, first.size);
	dmasim_kernel_destroy(original);
	dmasim_kernel_destroy(copy);
}

static void a_restore_may_turn_the_clock_back(void **state)
{
	struct dmasim_kernel *k = machine();
	struct blob b;

	(void)state;
	save(k, &b);
	for (int i = 0; i < 3; i++) {
		journal_clear(&journal);
		call(1, 3, 0, 'a', '1');
		assert_int_equal(dmasim_run_until(k, 9 * DMASIM_NS), 0);
		assert_string_equal(journal.text, "3:a1 ");
		assert_int_equal(restore(k, b.data, b.size), DMASIM_OK);
		assert_int_equal(dmasim_now(k), 0);
	}
	dmasim_kernel_destroy(k);
}

static void actors_are_found_by_name(void **state)
{
	struct dmasim_kernel *k = machine();
	struct blob b;

	(void)state;
	call(2, 1, 0, 'B', 'B');
	save(k, &b);
	dmasim_kernel_destroy(k);

	k = new_kernel();
	assert_int_equal(restore(k, b.data, b.size), DMASIM_E_FORMAT);
	assert_int_equal(dmasim_pending_calls(k), 0);
	new_actor(k, "gamma", letter, NULL);
	new_actor(k, "other", letter, NULL);
	new_actor(k, "beta", letter, &journal);
	journal.k = k;
	journal_clear(&journal);
	assert_int_equal(restore(k, b.data, b.size), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, "1:BB ");
	dmasim_kernel_destroy(k);
}

static void truncated_at_every_length(void **state)
{
	struct dmasim_kernel *k = machine();
	uint64_t tickets[2];
	struct blob b;

	(void)state;
	scenario(tickets);
	save(k, &b);
	dmasim_kernel_destroy(k);
	k = machine();
	assert_int_equal(dmasim_run_until(k, 3), 0);
	for (size_t n = 0; n < b.size; n++) {
		/* An exact copy, so that a sanitizer sees each overrun. */
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, b.data, n);
		cut = realloc(cut, n ? n : 1);
		assert_int_equal(restore(k, cut, n), DMASIM_E_FORMAT);
		free(cut);
		assert_int_equal(dmasim_now(k), 3);
		assert_int_equal(dmasim_pending_calls(k), 0);
	}
	assert_int_equal(restore(k, b.data, b.size), DMASIM_OK);
	dmasim_kernel_destroy(k);
}

static void corrupted_at_random(void **state)
{
	struct dmasim_kernel *k = machine();
	uint64_t tickets[2], x = 7;
	unsigned refused = 0;
	struct blob good, bad;

	(void)state;
	scenario(tickets);
	save(k, &good);
	dmasim_kernel_destroy(k);
	for (int i = 0; i < 3000; i++) {
		int status;

		bad = good;
		for (int flips = i % 4; flips >= 0; flips--) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			bad.data[(x >> 33) % bad.size] ^=
			        (uint8_t)(1u << (x >> 60 & 7));
		}
		k = machine();
		status = restore(k, bad.data, bad.size);
		assert_true(status == DMASIM_OK || status == DMASIM_E_FORMAT);
		if (status) {
			refused++;
			assert_int_equal(dmasim_pending_calls(k), 0);
		}
		/* What was taken must be fit to run. */
		assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), 0);
		dmasim_kernel_destroy(k);
	}
	/* Times and arguments may be anything, the rest may not. */
	assert_in_range(refused, 1000, 2900);
}

/* Each of the rules that the reader checks, broken by hand. */
struct entry {
	uint64_t time, seq;
	uint32_t prio;
	const char *name;
};

static int restore_entries(uint64_t now, uint64_t next_seq,
                           const struct entry *e, unsigned n)
{
	struct dmasim_kernel *k = machine();
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;
	int status;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "KERN", 1);
	dmasim_put_u64(w, now);
	dmasim_put_u64(w, next_seq);
	dmasim_put_u32(w, n);
	for (unsigned i = 0; i < n; i++) {
		dmasim_put_u64(w, e[i].time);
		dmasim_put_u64(w, e[i].seq);
		dmasim_put_u32(w, e[i].prio);
		dmasim_put_string(w, e[i].name);
		dmasim_put_u32(w, 'o');
		dmasim_put_u64(w, 'a');
	}
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	status = restore(k, data, size);
	dmasim_writer_destroy(w);
	dmasim_kernel_destroy(k);
	return status;
}

static void impossible_heaps_are_refused(void **state)
{
	const struct entry good[2] = {{10, 2, 0, "alpha"}, {10, 3, 0, "beta"}};
	struct entry e[2];

	(void)state;
	assert_int_equal(restore_entries(5, 4, good, 2), DMASIM_OK);
	assert_int_equal(restore_entries(5, 1, NULL, 0), DMASIM_OK);
	/* The clock. */
	assert_int_equal(restore_entries(DMASIM_FOREVER, 4, NULL, 0),
	                 DMASIM_E_FORMAT);
	assert_int_equal(restore_entries(5, 0, NULL, 0), DMASIM_E_FORMAT);
	assert_int_equal(restore_entries(5, UINT64_MAX, NULL, 0),
	                 DMASIM_E_FORMAT);
	/* A call before now, or never. */
	assert_int_equal(restore_entries(11, 4, good, 2), DMASIM_E_FORMAT);
	memcpy(e, good, sizeof(e));
	e[1].time = DMASIM_FOREVER;
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
	/* Numbers: 0, not given yet, twice. */
	memcpy(e, good, sizeof(e));
	e[0].seq = 0;
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
	assert_int_equal(restore_entries(5, 3, good, 2), DMASIM_E_FORMAT);
	memcpy(e, good, sizeof(e));
	e[1].seq = 2;
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
	e[1].time = 11;
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
	/* Order: priorities are signed. */
	memcpy(e, good, sizeof(e));
	e[1].prio = UINT32_MAX;
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
	e[0].prio = 0x80000000;
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_OK);
	/* Actors. */
	memcpy(e, good, sizeof(e));
	e[1].name = "nobody";
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
	e[1].name = "";
	assert_int_equal(restore_entries(5, 4, e, 2), DMASIM_E_FORMAT);
}

static void wait_long(void *arg)
{
	dmasim_wait(arg, DMASIM_SEC);
}

static void save_and_restore_know_their_time(void **state)
{
	struct dmasim_kernel *k = machine();
	struct dmasim_writer *w;
	struct dmasim_proc *p;
	struct dmasim_event *e;
	struct blob b;

	(void)state;
	save(k, &b);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	p = new_proc(k, "p", wait_long, k);
	assert_int_equal(dmasim_kernel_save(k, w), DMASIM_E_STATE);
	assert_int_equal(restore(k, b.data, b.size), DMASIM_E_STATE);
	dmasim_proc_cancel(p);
	assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), 0);
	assert_int_equal(dmasim_kernel_save(k, w), DMASIM_OK);
	/* A notification names no actor. */
	e = new_event(k);
	assert_int_equal(dmasim_event_notify(e, 5), 0);
	assert_int_equal(dmasim_kernel_save(k, w), DMASIM_E_STATE);
	dmasim_event_destroy(e);
	assert_int_equal(dmasim_kernel_save(k, w), DMASIM_OK);
	call(1, 5, 0, 'a', 'a');
	assert_int_equal(restore(k, b.data, b.size), DMASIM_E_STATE);
	assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), 0);
	assert_int_equal(restore(k, b.data, b.size), DMASIM_OK);
	dmasim_writer_destroy(w);
	dmasim_kernel_destroy(k);
}

static void rooms_save_their_calls_by_name(void **state)
{
	struct dmasim_kernel *k = machine();
	struct dmasim_call c[2] = {{2, 77, 1234567890123}, {0, 5, 6}};
	struct dmasim_call got[3];
	struct dmasim_writer *w;
	struct dmasim_reader *r;
	const uint8_t *data;
	size_t size;

	(void)state;
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_call(w, k, &c[0]);
	dmasim_put_call(w, k, &c[1]);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	dmasim_kernel_destroy(k);

	k = new_kernel();
	new_actor(k, "beta", letter, NULL);
	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	memset(got, 0xff, sizeof(got));
	for (int i = 0; i < 2; i++)
		dmasim_get_call(r, k, &got[i]);
	assert_int_equal(dmasim_reader_status(r), DMASIM_OK);
	assert_int_equal(got[0].actor, 1);
	assert_int_equal(got[0].op, 77);
	assert_int_equal(got[0].arg, 1234567890123);
	assert_int_equal(got[1].actor, 0);
	assert_int_equal(got[1].op, 5);
	dmasim_get_call(r, k, &got[2]);
	assert_int_equal(dmasim_reader_status(r), DMASIM_E_FORMAT);
	assert_int_equal(got[2].op | got[2].arg | got[2].actor, 0);
	dmasim_reader_destroy(r);
	dmasim_kernel_destroy(k);

	k = new_kernel();
	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	dmasim_get_call(r, k, &got[0]);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 20: no actor is called 'beta'");
	assert_int_equal(got[0].op, 0);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
	dmasim_kernel_destroy(k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_heap_goes_on_as_the_original),
        cmocka_unit_test(a_restore_may_turn_the_clock_back),
        cmocka_unit_test(actors_are_found_by_name),
        cmocka_unit_test(truncated_at_every_length),
        cmocka_unit_test(corrupted_at_random),
        cmocka_unit_test(impossible_heaps_are_refused),
        cmocka_unit_test(save_and_restore_know_their_time),
        cmocka_unit_test(rooms_save_their_calls_by_name),
};

CHECK_MAIN(tests)
