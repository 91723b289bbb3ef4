/* SPDX-License-Identifier: MIT */
/* Processes and events. */
#include "fixture.h"

static struct journal journal;

static void start(void)
{
	journal_clear(&journal);
	journal.k = new_kernel();
}

static void run(void)
{
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), DMASIM_OK);
}

/* arg: a letter; waits 10 ns three times. */
static void ticker(void *arg)
{
	for (int i = 0; i < 3; i++) {
		note(&journal, arg);
		if (dmasim_wait(journal.k, 10 * DMASIM_NS))
			return;
	}
	note(&journal, "end");
}

static void processes_interleave_in_order(void **state)
{
	struct dmasim_proc *a, *b;

	(void)state;
	start();
	a = new_proc(journal.k, "a", ticker, "a");
	b = new_proc(journal.k, "b", ticker, "b");
	assert_int_equal(dmasim_live_processes(journal.k), 2);
	assert_false(dmasim_proc_done(a));
	assert_int_equal(dmasim_run_until(journal.k, 15 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "0:a 0:b 10:a 10:b ");
	assert_false(dmasim_proc_done(a));
	run();
	assert_string_equal(journal.text, "0:a 0:b 10:a 10:b 20:a 20:b "
	                                  "30:end 30:end ");
	assert_true(dmasim_proc_done(a));
	assert_true(dmasim_proc_done(b));
	assert_int_equal(dmasim_live_processes(journal.k), 0);
	dmasim_kernel_destroy(journal.k);
}

static void spawn_inside_runs_now(void *arg)
{
	note(&journal, "outer");
	new_proc(journal.k, "inner", ticker, "inner");
	note(&journal, "spawned");
	(void)arg;
}

static void process_starts_at_the_current_instant(void **state)
{
	(void)state;
	start();
	assert_int_equal(dmasim_run_until(journal.k, 7 * DMASIM_NS), 0);
	new_proc(journal.k, NULL, spawn_inside_runs_now, NULL);
	assert_int_equal(dmasim_run_until(journal.k, 7 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "7:outer 7:spawned 7:inner ");
	dmasim_kernel_destroy(journal.k);
}

static void zero_wait(void *arg)
{
	note(&journal, arg);
	dmasim_wait(journal.k, 0);
	note(&journal, arg);
}

static void zero_wait_lets_others_run(void **state)
{
	(void)state;
	start();
	new_proc(journal.k, "a", zero_wait, "a");
	new_proc(journal.k, "b", zero_wait, "b");
	run();
	assert_string_equal(journal.text, "0:a 0:b 0:a 0:b ");
	dmasim_kernel_destroy(journal.k);
}

static void waits_outside_a_process_are_refused(void **state)
{
	struct dmasim_event *e;

	(void)state;
	start();
	e = new_event(journal.k);
	assert_string_equal(dmasim_event_label(e), "event");
	assert_int_equal(dmasim_wait(journal.k, 1), DMASIM_E_STATE);
	assert_int_equal(dmasim_event_wait(e, 1), DMASIM_E_STATE);
	assert_false(dmasim_in_process(journal.k));
	dmasim_event_destroy(e);
	dmasim_event_destroy(NULL);
	dmasim_kernel_destroy(journal.k);
}

struct waiter {
	struct dmasim_event *e;
	uint64_t timeout;
	const char *name;
	int result;
};

static void wait_once(void *arg)
{
	struct waiter *w = arg;

	w->result = dmasim_event_wait(w->e, w->timeout);
	note(&journal, w->name);
}

static void event_wakes_in_order_of_waits(void **state)
{
	struct waiter w[4];

	(void)state;
	start();
	w[0].e = new_event(journal.k);
	for (int i = 0; i < 4; i++) {
		w[i] = (struct waiter){w[0].e, DMASIM_FOREVER,
		                       (const char *[]){"a", "b", "c", "d"}[i],
		                       1};
		new_proc(journal.k, w[i].name, wait_once, &w[i]);
	}
	run();
	assert_string_equal(journal.text, "");
	assert_int_equal(dmasim_live_processes(journal.k), 4);
	assert_int_equal(dmasim_event_notify(w[0].e, 5 * DMASIM_NS), 0);
	assert_int_equal(dmasim_event_notify(w[0].e, 5 * DMASIM_NS), 0);
	run();
	assert_string_equal(journal.text, "5:a 5:b 5:c 5:d ");
	for (int i = 0; i < 4; i++)
		assert_int_equal(w[i].result, DMASIM_OK);
	/* Nobody waits: the notification is not remembered. */
	assert_int_equal(dmasim_event_notify(w[0].e, 0), 0);
	w[0].timeout = 3 * DMASIM_NS;
	new_proc(journal.k, "a", wait_once, &w[0]);
	run();
	assert_int_equal(w[0].result, DMASIM_E_TIMEOUT);
	assert_int_equal(dmasim_now(journal.k), 8 * DMASIM_NS);
	dmasim_event_destroy(w[0].e);
	dmasim_kernel_destroy(journal.k);
}

static void event_before_after_and_at_the_timeout(void **state)
{
	struct waiter w[3];
	struct dmasim_event *e;

	(void)state;
	start();
	e = new_event(journal.k);
	w[0] = (struct waiter){e, 9 * DMASIM_NS, "early", 1};
	w[1] = (struct waiter){e, 10 * DMASIM_NS, "same", 1};
	w[2] = (struct waiter){e, 11 * DMASIM_NS, "late", 1};
	/* Notified first, so that it precedes the timeout of its instant. */
	assert_int_equal(dmasim_event_notify(e, 10 * DMASIM_NS), 0);
	for (int i = 0; i < 3; i++)
		new_proc(journal.k, w[i].name, wait_once, &w[i]);
	run();
	assert_string_equal(journal.text, "9:early 10:same 10:late ");
	assert_int_equal(w[0].result, DMASIM_E_TIMEOUT);
	assert_int_equal(w[1].result, DMASIM_OK);
	assert_int_equal(w[2].result, DMASIM_OK);
	/* The timeout that did not happen left nothing behind. */
	assert_int_equal(dmasim_now(journal.k), 10 * DMASIM_NS);
	dmasim_event_destroy(e);
	dmasim_kernel_destroy(journal.k);
}

static void event_leaves_from_the_middle_of_the_queue(void **state)
{
	struct waiter w[3];
	struct dmasim_event *e;

	(void)state;
	start();
	e = new_event(journal.k);
	w[0] = (struct waiter){e, DMASIM_FOREVER, "a", 1};
	w[1] = (struct waiter){e, 1 * DMASIM_NS, "b", 1};
	w[2] = (struct waiter){e, 2 * DMASIM_NS, "c", 1};
	for (int i = 0; i < 3; i++)
		new_proc(journal.k, w[i].name, wait_once, &w[i]);
	run();
	assert_string_equal(journal.text, "1:b 2:c ");
	assert_int_equal(dmasim_event_notify(e, 0), 0);
	run();
	assert_string_equal(journal.text, "1:b 2:c 2:a ");
	dmasim_event_destroy(e);
	dmasim_kernel_destroy(journal.k);
}

static void destroying_an_event_ends_its_waits(void **state)
{
	struct waiter w;
	struct dmasim_event *others[2];

	(void)state;
	start();
	others[0] = new_event(journal.k);
	w = (struct waiter){new_event(journal.k), DMASIM_FOREVER, "w", 1};
	others[1] = new_event(journal.k);
	new_proc(journal.k, "w", wait_once, &w);
	run();
	assert_int_equal(dmasim_event_notify(w.e, 50 * DMASIM_NS), 0);
	assert_int_equal(dmasim_event_notify(others[0], 2 * DMASIM_NS), 0);
	dmasim_event_destroy(w.e);
	run();
	assert_int_equal(w.result, DMASIM_E_CANCELED);
	assert_int_equal(dmasim_now(journal.k), 2 * DMASIM_NS);
	dmasim_event_destroy(others[0]);
	/* This one outlives its kernel. */
	dmasim_kernel_destroy(journal.k);
	assert_int_equal(dmasim_event_notify(others[1], 0), DMASIM_E_STATE);
	assert_int_equal(dmasim_event_wait(others[1], 0), DMASIM_E_STATE);
	dmasim_event_destroy(others[1]);
}

/* Notifies itself first, which must not satisfy the wait that follows. */
static void notify_then_wait(void *arg)
{
	struct waiter *w = arg;

	dmasim_event_notify(w->e, 0);
	wait_once(w);
	dmasim_event_notify(w->e, 0);
}

static void processes_hand_over_by_events(void **state)
{
	struct waiter w[2];
	struct dmasim_event *e;

	(void)state;
	start();
	e = new_event(journal.k);
	w[0] = (struct waiter){e, DMASIM_FOREVER, "first", 1};
	w[1] = (struct waiter){e, 20 * DMASIM_NS, "second", 1};
	new_proc(journal.k, "first", wait_once, &w[0]);
	new_proc(journal.k, "second", notify_then_wait, &w[1]);
	run();
	assert_string_equal(journal.text, "0:first 20:second ");
	assert_int_equal(w[0].result, DMASIM_OK);
	assert_int_equal(w[1].result, DMASIM_E_TIMEOUT);
	dmasim_event_destroy(e);
	dmasim_kernel_destroy(journal.k);
}

static void forever(void *arg)
{
	*(int *)arg = dmasim_wait(journal.k, DMASIM_FOREVER);
}

static void waiting_forever_leaves_the_heap_idle(void **state)
{
	struct dmasim_proc *p;
	int result = 1;

	(void)state;
	start();
	p = new_proc(journal.k, "forever", forever, &result);
	run();
	assert_int_equal(dmasim_pending_calls(journal.k), 0);
	assert_int_equal(dmasim_live_processes(journal.k), 1);
	assert_int_equal(result, 1);
	dmasim_proc_cancel(p);
	run();
	assert_int_equal(result, DMASIM_E_CANCELED);
	dmasim_kernel_destroy(journal.k);
}

static void nearly_forever(void *arg)
{
	int *results = arg;

	results[0] = dmasim_wait(journal.k, DMASIM_FOREVER - 2);
	results[1] = dmasim_wait(journal.k, DMASIM_FOREVER - 2);
}

static void time_saturates(void **state)
{
	int results[2] = {1, 1};

	(void)state;
	start();
	assert_int_equal(dmasim_run_until(journal.k, 100), 0);
	new_proc(journal.k, "end of time", nearly_forever, results);
	run();
	assert_int_equal(results[0], DMASIM_OK);
	assert_int_equal(results[1], DMASIM_OK);
	assert_true(dmasim_now(journal.k) == DMASIM_FOREVER - 1);
	dmasim_kernel_destroy(journal.k);
}

static void stop_and_fail(void *arg)
{
	note(&journal, "stop");
	dmasim_stop(journal.k);
	dmasim_wait(journal.k, 0);
	note(&journal, "fail");
	dmasim_fail(journal.k, "from a process");
	dmasim_wait(journal.k, 1000);
	note(&journal, "on");
	*(bool *)arg = true;
}

static void process_stops_and_fails_the_run(void **state)
{
	bool ended = false;

	(void)state;
	start();
	new_proc(journal.k, "p", stop_and_fail, &ended);
	assert_int_equal(dmasim_run_until(journal.k, 2000), 0);
	assert_string_equal(journal.text, "0:stop ");
	assert_int_equal(dmasim_run_until(journal.k, 2000), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(journal.k), "from a process");
	assert_int_equal(dmasim_now(journal.k), 0);
	assert_int_equal(dmasim_run_until(journal.k, 2000), 0);
	assert_true(ended);
	assert_string_equal(journal.text, "0:stop 0:fail 1:on ");
	assert_int_equal(dmasim_now(journal.k), 2000);
	dmasim_kernel_destroy(journal.k);
}

static void run_one_steps_processes(void **state)
{
	(void)state;
	start();
	new_proc(journal.k, "p", ticker, "p");
	assert_int_equal(dmasim_run_one(journal.k), 0);
	assert_string_equal(journal.text, "0:p ");
	assert_int_equal(dmasim_run_one(journal.k), 0);
	assert_string_equal(journal.text, "0:p 10:p ");
	assert_int_equal(dmasim_now(journal.k), 10 * DMASIM_NS);
	dmasim_kernel_destroy(journal.k);
}

/* A limit between two waits of a process that is alone. */
static void limit_falls_into_a_wait(void **state)
{
	(void)state;
	start();
	new_proc(journal.k, "p", ticker, "p");
	assert_int_equal(dmasim_run_idle(journal.k, 25 * DMASIM_NS),
	                 DMASIM_E_TIMEOUT);
	assert_string_equal(journal.text, "0:p 10:p 20:p ");
	assert_int_equal(dmasim_now(journal.k), 25 * DMASIM_NS);
	run();
	assert_string_equal(journal.text, "0:p 10:p 20:p 30:end ");
	dmasim_kernel_destroy(journal.k);
}

static int recurse(int depth)
{
	volatile char pad[512];

	pad[0] = (char)depth;
	if (depth == 0)
		return pad[0];
	return recurse(depth - 1) + (pad[0] != (char)depth);
}

static void deep(void *arg)
{
	int depth = *(int *)arg;

	*(int *)arg = recurse(depth);
	dmasim_wait(journal.k, 1);
	*(int *)arg += recurse(depth);
}

static void stack_size_is_honoured(void **state)
{
	int depth = 5000;

	(void)state;
	start();
	/* A stack of another size is free, and must not be taken. */
	new_proc(journal.k, "shallow", ticker, "s");
	run();
	assert_int_equal(dmasim_spawn(journal.k,
	                              &(struct dmasim_proc_config){
	                                      .name = "deep",
	                                      .fn = deep,
	                                      .arg = &depth,
	                                      .stack_size = 16u << 20},
	                              NULL),
	                 0);
	run();
	assert_int_equal(depth, 0);
	dmasim_kernel_destroy(journal.k);
}

static void spawn_arguments(void **state)
{
	struct dmasim_proc *p = (struct dmasim_proc *)&journal;

	(void)state;
	start();
	assert_int_equal(
	        dmasim_spawn(journal.k,
	                     &(struct dmasim_proc_config){.name = "none"}, &p),
	        DMASIM_E_INVAL);
	assert_null(p);
	assert_int_equal(dmasim_spawn(journal.k,
	                              &(struct dmasim_proc_config){
	                                      .fn = ticker,
	                                      .arg = "x",
	                                      .stack_size = SIZE_MAX - 5},
	                              &p),
	                 DMASIM_E_NOMEM);
	assert_null(p);
	/* Raised to the least that works. */
	assert_int_equal(
	        dmasim_spawn(journal.k,
	                     &(struct dmasim_proc_config){
	                             .fn = ticker, .arg = "x", .stack_size = 1},
	                     &p),
	        DMASIM_OK);
	run();
	assert_true(dmasim_proc_done(p));
	dmasim_kernel_destroy(journal.k);
}

struct spawner {
	uint32_t actor;
	unsigned ran;
};

static void short_life(void *arg)
{
	struct spawner *s = arg;

	dmasim_wait(journal.k, 1);
	s->ran++;
}

static void spawn_next(void *obj, uint32_t op, uint64_t arg)
{
	struct spawner *s = obj;

	dmasim_spawn(journal.k,
	             &(struct dmasim_proc_config){
	                     .name = "short", .fn = short_life, .arg = s},
	             NULL);
	if (arg)
		dmasim_call_at(journal.k, dmasim_now(journal.k) + 2, 0,
		               &(struct dmasim_call){s->actor, op, arg - 1},
		               NULL);
}

/* A device that spawns a process for each kick must not grow. */
static void short_processes_are_recycled(void **state)
{
	enum { COUNT = 100000 };
	struct spawner s = {.ran = 0};

	(void)state;
	start();
	s.actor = new_actor(journal.k, "spawner", spawn_next, &s);
	spawn_next(&s, 0, COUNT - 1);
	run();
	assert_int_equal(s.ran, COUNT);
	assert_int_equal(dmasim_live_processes(journal.k), 0);
	dmasim_kernel_destroy(journal.k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_interleave_in_order),
        cmocka_unit_test(process_starts_at_the_current_instant),
        cmocka_unit_test(zero_wait_lets_others_run),
        cmocka_unit_test(waits_outside_a_process_are_refused),
        cmocka_unit_test(event_wakes_in_order_of_waits),
        cmocka_unit_test(event_before_after_and_at_the_timeout),
        cmocka_unit_test(event_leaves_from_the_middle_of_the_queue),
        cmocka_unit_test(destroying_an_event_ends_its_waits),
        cmocka_unit_test(processes_hand_over_by_events),
        cmocka_unit_test(waiting_forever_leaves_the_heap_idle),
        cmocka_unit_test(time_saturates),
        cmocka_unit_test(process_stops_and_fails_the_run),
        cmocka_unit_test(run_one_steps_processes),
        cmocka_unit_test(limit_falls_into_a_wait),
        cmocka_unit_test(stack_size_is_honoured),
        cmocka_unit_test(spawn_arguments),
        cmocka_unit_test(short_processes_are_recycled),
};

CHECK_MAIN(tests)
