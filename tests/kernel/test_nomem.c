/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a scenario fails once: each call says E_NOMEM or works
 * without it, nothing leaks, and what existed before goes on. The linker
 * leads the room's allocations here (--wrap).
 */
#include "check.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "dmasim/choice.h"
#include "dmasim/kernel.h"
#include "dmasim/state.h"

#include "heap_internal.h"

/* Allocations until the one that fails; negative: none. */
static int countdown = -1;
static unsigned outstanding;
/* While a run goes on: nothing in it may ask for memory. */
static bool in_run;
static unsigned asked_in_run;

static bool refuse(void)
{
	asked_in_run += in_run;
	if (countdown < 0)
		return false;
	return countdown-- == 0;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_mmap(void *p, size_t n, int prot, int flags, int fd, off_t off);
int __real_mprotect(void *p, size_t n, int prot);
void __real_free(void *p);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t off);
int __wrap_mprotect(void *p, size_t n, int prot);
void __wrap_free(void *p);

void *__wrap_malloc(size_t n)
{
	void *p = refuse() ? NULL : __real_malloc(n);

	outstanding += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = refuse() ? NULL : __real_calloc(n, size);

	outstanding += p != NULL;
	return p;
}

void *__wrap_realloc(void *p, size_t n)
{
	void *q = refuse() ? NULL : __real_realloc(p, n);

	outstanding += q && !p;
	return q;
}

void *__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t off)
{
	return refuse() ? MAP_FAILED : __real_mmap(p, n, prot, flags, fd, off);
}

int __wrap_mprotect(void *p, size_t n, int prot)
{
	return refuse() ? -1 : __real_mprotect(p, n, prot);
}

void __wrap_free(void *p)
{
	outstanding -= p != NULL;
	__real_free(p);
}

struct scene {
	struct dmasim_kernel *k;
	struct dmasim_event *e;
	uint32_t actors[20];
	unsigned calls, ends, refused, wrong;
};

/* Count a status: fine, refused for memory, or something else. */
static bool ok(struct scene *s, int status)
{
	s->refused += status == DMASIM_E_NOMEM;
	s->wrong += status != DMASIM_E_NOMEM && status != DMASIM_OK;
	return status == DMASIM_OK;
}

static void called(void *obj, uint32_t op, uint64_t arg)
{
	struct scene *s = obj;

	(void)op;
	(void)arg;
	s->calls++;
}

static void waiter(void *arg)
{
	struct scene *s = arg;

	s->wrong += dmasim_wait(s->k, 5) != DMASIM_OK;
	s->wrong += dmasim_event_wait(s->e, 5) != DMASIM_E_TIMEOUT;
	s->wrong += dmasim_event_wait(s->e, DMASIM_FOREVER) != DMASIM_OK;
	s->ends++;
}

static void run(struct scene *s)
{
	in_run = true;
	s->wrong += dmasim_run_idle(s->k, DMASIM_FOREVER) != DMASIM_OK;
	in_run = false;
}

static unsigned fill(struct scene *s)
{
	unsigned expected = 0;
	char name[16];
	uint64_t ticket;

	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "actor %u", i);
		ok(s,
		   dmasim_actor_register(s->k, name, called, s, &s->actors[i]));
	}
	for (unsigned i = 0; i < 100; i++) {
		const struct dmasim_call c = {.actor = s->actors[i % 20]};
		int status =
		        dmasim_call_at(s->k, i, 0, &c, i % 2 ? &ticket : NULL);

		if (c.actor && ok(s, status))
			expected++;
	}
	return expected;
}

static void spawn(struct scene *s, unsigned *processes)
{
	const struct dmasim_proc_config cfg = {
	        .name = "w", .fn = waiter, .arg = s};

	for (unsigned i = 0; i < 3; i++)
		if (ok(s, dmasim_spawn(s->k, &cfg, NULL)))
			++*processes;
}

static void save_and_restore(struct scene *s, bool *saved)
{
	struct dmasim_writer *w;
	struct dmasim_reader *r;
	const uint8_t *data;
	size_t size, pending = dmasim_pending_calls(s->k);
	int status;

	*saved = false;
	if (!ok(s, dmasim_writer_create(&w)))
		return;
	if (ok(s, dmasim_kernel_save(s->k, w)) &&
	    ok(s, dmasim_writer_result(w, &data, &size)) &&
	    ok(s, dmasim_reader_create(data, size, &r))) {
		while (dmasim_pending_calls(s->k))
			dmasim_run_one(s->k);
		status = dmasim_kernel_restore(s->k, r);
		*saved = ok(s, status);
		s->wrong +=
		        dmasim_pending_calls(s->k) != (*saved ? pending : 0);
		dmasim_reader_destroy(r);
	}
	dmasim_writer_destroy(w);
}

static void run_scene(struct scene *s)
{
	unsigned expected, processes = 0;
	bool saved;

	if (!ok(s, dmasim_kernel_create(NULL, &s->k)))
		return;
	if (ok(s, dmasim_event_create(s->k, "e", &s->e))) {
		expected = fill(s);
		save_and_restore(s, &saved);
		if (saved)
			expected *= 2;
		spawn(s, &processes);
		run(s);
		s->wrong += s->calls != expected;
		/* A second generation on recycled memory. */
		if (ok(s, dmasim_event_notify(s->e, 7)))
			run(s);
		else
			dmasim_event_notify(s->e, 0);
		spawn(s, &processes);
		run(s);
		dmasim_event_notify(s->e, 0);
		run(s);
		s->wrong += s->ends != processes;
		dmasim_event_destroy(s->e);
	}
	dmasim_kernel_destroy(s->k);
}

static void every_allocation_of_a_kernel_fails_once(void **state)
{
	unsigned before = outstanding, failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct scene s = {.k = NULL};

		countdown = n;
		run_scene(&s);
		if (countdown >= 0) {
			countdown = -1;
			assert_int_equal(s.refused, 0);
			assert_int_equal(s.calls, 200);
			assert_int_equal(s.ends, 6);
			break;
		}
		countdown = -1;
		failures++;
		assert_int_equal(s.refused, 1);
		assert_int_equal(s.wrong, 0);
		assert_int_equal(outstanding, before);
	}
	assert_in_range(failures, 40, 200);
	assert_int_equal(asked_in_run, 0);
	assert_int_equal(outstanding, before);
}

static void every_allocation_of_a_choice_fails_once(void **state)
{
	const struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_SEED};
	const struct dmasim_choice_query q = {.alternatives = 1000};
	unsigned before = outstanding;
	struct dmasim_choice *c = NULL, *copy;
	struct dmasim_writer *w;
	struct dmasim_reader *r;
	const uint8_t *data;
	size_t len, size;
	uint32_t first;

	(void)state;
	countdown = 0;
	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_E_NOMEM);
	assert_null(c);
	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_OK);
	countdown = 0;
	first = dmasim_choose(c, &q);
	countdown = -1;
	/* It still answers, but a record with a hole is none. */
	assert_int_equal(first, 883);
	assert_int_equal(dmasim_choose(c, &q), 431);
	assert_null(dmasim_choice_record(c, &len));
	assert_int_equal(len, 0);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_choice_save(c, w), DMASIM_E_NOMEM);
	dmasim_choice_destroy(c);

	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_OK);
	assert_int_equal(dmasim_choice_create(&cfg, &copy), DMASIM_OK);
	dmasim_choose(c, &q);
	assert_int_equal(dmasim_choice_save(c, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	countdown = 0;
	assert_int_equal(dmasim_choice_restore(copy, r), DMASIM_E_NOMEM);
	countdown = -1;
	dmasim_choice_record(copy, &len);
	assert_int_equal(len, 0);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
	dmasim_choice_destroy(c);
	dmasim_choice_destroy(copy);
	assert_int_equal(outstanding, before);
}

static void writers_and_readers_say_so(void **state)
{
	struct dmasim_writer *w;
	struct dmasim_reader *r;
	const uint8_t *data;
	size_t size;

	(void)state;
	countdown = 0;
	assert_int_equal(dmasim_writer_create(&w), DMASIM_E_NOMEM);
	assert_null(w);
	countdown = 0;
	assert_int_equal(dmasim_reader_create(NULL, 0, &r), DMASIM_E_NOMEM);
	assert_null(r);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "SECT", 1);
	countdown = 0;
	/* More than fits, so that the buffer must grow. */
	for (int i = 0; i < 100; i++)
		dmasim_put_u64(w, 1);
	dmasim_put_end(w);
	countdown = -1;
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_E_NOMEM);
	assert_null(data);
	dmasim_writer_destroy(w);
}

static void collect(void *ctx, uint64_t time, const char *source,
                    const char *text)
{
	(void)time;
	(void)source;
	*(size_t *)ctx = strlen(text);
}

static void long_messages_are_cut(void **state)
{
	size_t length = 0;
	const struct dmasim_kernel_config cfg = {.trace = collect,
	                                         .trace_ctx = &length};
	struct dmasim_kernel *k;

	(void)state;
	assert_int_equal(dmasim_kernel_create(&cfg, &k), DMASIM_OK);
	countdown = 0;
	dmasim_trace(k, "x", "%1000d", 1);
	countdown = -1;
	assert_int_equal(length, 255);
	dmasim_trace(k, "x", "%1000d", 1);
	assert_int_equal(length, 1000);
	countdown = 0;
	assert_null(dmasim_kernel_local(k, &cfg, 10, NULL));
	countdown = -1;
	dmasim_kernel_destroy(k);
}

static void a_full_heap_refuses_and_goes_on(void **state)
{
	struct scene s = {.calls = 0};
	struct dmasim_call call = {0, 0, 0};
	struct heap heap = {.cap = 0};
	struct dmasim_proc *p;
	unsigned expected = 0;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &s.k), DMASIM_OK);
	assert_int_equal(dmasim_event_create(s.k, "e", &s.e), DMASIM_OK);
	assert_int_equal(
	        dmasim_actor_register(s.k, "a", called, &s, &call.actor), 0);
	/* One ticket at a time takes the room of one. */
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t ticket;

		assert_int_equal(dmasim_call_at(s.k, 1, 0, &call, &ticket),
		                 DMASIM_OK);
		assert_int_equal(dmasim_cancel(s.k, ticket), DMASIM_OK);
		countdown = 0;
	}
	while (dmasim_call_at(s.k, 1, 0, &call, NULL) == DMASIM_OK) {
		expected++;
		countdown = 0;
	}
	countdown = 0;
	assert_int_equal(dmasim_event_notify(s.e, 5), DMASIM_E_NOMEM);
	countdown = 0;
	assert_int_equal(dmasim_spawn(s.k,
	                              &(struct dmasim_proc_config){.fn = waiter,
	                                                           .arg = &s},
	                              &p),
	                 DMASIM_E_NOMEM);
	countdown = -1;
	assert_null(p);
	assert_int_equal(dmasim_run_idle(s.k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(s.calls, expected);
	dmasim_event_destroy(s.e);
	dmasim_kernel_destroy(s.k);
	/* More than numbers of slots reach. */
	assert_int_equal(heap_reserve(&heap, (size_t)HEAP_MAX_SLOTS + 1),
	                 DMASIM_E_NOMEM);
	heap_free(&heap);
}

static void listener(void *arg)
{
	struct scene *s = arg;

	s->ends += dmasim_event_wait(s->e, DMASIM_FOREVER) == DMASIM_OK;
}

/* A process that waits for an event has no entry, but room for one. */
static void a_full_heap_has_room_for_those_who_wake(void **state)
{
	struct scene s = {.calls = 0};
	const struct dmasim_proc_config cfg = {.fn = listener, .arg = &s};
	struct dmasim_call call = {0, 0, 0};

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &s.k), DMASIM_OK);
	assert_int_equal(dmasim_event_create(s.k, "e", &s.e), DMASIM_OK);
	assert_int_equal(
	        dmasim_actor_register(s.k, "a", called, &s, &call.actor), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(dmasim_spawn(s.k, &cfg, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_until(s.k, 1), DMASIM_OK);
	do {
		countdown = 0;
	} while (dmasim_call_at(s.k, 1, 0, &call, NULL) == DMASIM_OK);
	in_run = true;
	assert_int_equal(dmasim_event_notify(s.e, 0), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(s.k, DMASIM_FOREVER), DMASIM_OK);
	in_run = false;
	countdown = -1;
	assert_int_equal(s.ends, 5);
	assert_int_equal(asked_in_run, 0);
	dmasim_event_destroy(s.e);
	dmasim_kernel_destroy(s.k);
}

/* A device that spawns a process for each kick must not grow. */
static void ended_processes_leave_nothing(void **state)
{
	struct scene s = {.calls = 0};
	const struct dmasim_proc_config cfg = {.fn = listener, .arg = &s};
	unsigned after_one = 0;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &s.k), DMASIM_OK);
	assert_int_equal(dmasim_event_create(s.k, "e", &s.e), DMASIM_OK);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(dmasim_spawn(s.k, &cfg, NULL), DMASIM_OK);
		assert_int_equal(dmasim_run_until(s.k, i), DMASIM_OK);
		assert_int_equal(dmasim_event_notify(s.e, 0), DMASIM_OK);
		assert_int_equal(dmasim_run_until(s.k, i), DMASIM_OK);
		if (i == 0)
			after_one = outstanding;
	}
	assert_int_equal(s.ends, 100);
	assert_int_equal(outstanding, after_one);
	dmasim_event_destroy(s.e);
	dmasim_kernel_destroy(s.k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_heap_has_room_for_those_who_wake),
        cmocka_unit_test(ended_processes_leave_nothing),
        cmocka_unit_test(a_full_heap_refuses_and_goes_on),
        cmocka_unit_test(every_allocation_of_a_kernel_fails_once),
        cmocka_unit_test(every_allocation_of_a_choice_fails_once),
        cmocka_unit_test(writers_and_readers_say_so),
        cmocka_unit_test(long_messages_are_cut),
};

CHECK_MAIN(tests)
