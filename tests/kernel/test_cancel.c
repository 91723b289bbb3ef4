/* SPDX-License-Identifier: MIT */
/* The end of processes that still wait. */
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

/* Spawned by those that end. */
static void child(void *arg)
{
	note(&journal, arg);
}

/* Holds memory while it waits, and waits again although it was canceled. */
struct stubborn {
	struct dmasim_event *e;
	int results[4];
	bool at_end_in_process;
	int spawn_at_end;
	const char *name;
};

static void stubborn(void *arg)
{
	struct stubborn *s = arg;
	char *memory = malloc(1000);

	memset(memory, 1, 1000);
	s->results[0] = s->e ? dmasim_event_wait(s->e, DMASIM_FOREVER)
	                     : dmasim_wait(journal.k, DMASIM_SEC);
	s->results[1] = dmasim_wait(journal.k, 5);
	s->results[2] =
	        s->e ? dmasim_event_wait(s->e, 0) : dmasim_wait(journal.k, 0);
	s->results[3] = memory[999];
	s->at_end_in_process =
	        dmasim_in_process(journal.k) && dmasim_running(journal.k);
	s->spawn_at_end = dmasim_spawn(
	        journal.k,
	        &(struct dmasim_proc_config){.fn = child, .arg = "never"},
	        NULL);
	if (s->e)
		dmasim_event_notify(s->e, 0);
	note(&journal, s->name);
	free(memory);
}

static void destroy_cancels_in_spawn_order(void **state)
{
	struct stubborn s[4] = {{.name = "a"},
	                        {.name = "b"},
	                        {.name = "c"},
	                        {.name = "unstarted"}};
	struct dmasim_event *e;

	(void)state;
	start();
	e = s[1].e = s[2].e = new_event(journal.k);
	for (int i = 0; i < 3; i++)
		new_proc(journal.k, s[i].name, stubborn, &s[i]);
	assert_int_equal(dmasim_run_until(journal.k, 10 * DMASIM_NS), 0);
	new_proc(journal.k, s[3].name, stubborn, &s[3]);
	dmasim_kernel_destroy(journal.k);
	assert_string_equal(journal.text, "10:a 10:b 10:c 10:unstarted ");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(s[i].results[0], DMASIM_E_CANCELED);
		assert_int_equal(s[i].results[1], DMASIM_E_CANCELED);
		assert_int_equal(s[i].results[2], DMASIM_E_CANCELED);
		assert_int_equal(s[i].results[3], 1);
		assert_true(s[i].at_end_in_process);
		assert_int_equal(s[i].spawn_at_end, DMASIM_E_STATE);
	}
	dmasim_event_destroy(e);
}

static void cancel_one_process(void **state)
{
	struct stubborn s[3] = {
	        {.name = "time"}, {.name = "event"}, {.name = "unstarted"}};
	struct dmasim_proc *p[3];

	(void)state;
	start();
	s[1].e = new_event(journal.k);
	for (int i = 0; i < 3; i++) {
		if (i == 2)
			assert_int_equal(
			        dmasim_run_until(journal.k, 3 * DMASIM_NS), 0);
		p[i] = new_proc(journal.k, s[i].name, stubborn, &s[i]);
	}
	for (int i = 2; i >= 0; i--) {
		dmasim_proc_cancel(p[i]);
		dmasim_proc_cancel(p[i]);
	}
	/* They end at this instant, in the order of their entries. */
	assert_int_equal(dmasim_run_until(journal.k, 3 * DMASIM_NS), 0);
	assert_memory_equal(journal.text, "3:unstarted 3:event 3:time ", 27);
	for (int i = 0; i < 3; i++) {
		assert_true(dmasim_proc_done(p[i]));
		assert_int_equal(s[i].results[0], DMASIM_E_CANCELED);
		assert_int_equal(s[i].results[2], DMASIM_E_CANCELED);
		assert_int_equal(s[i].spawn_at_end, DMASIM_OK);
		dmasim_proc_cancel(p[i]);
	}
	run();
	dmasim_event_destroy(s[1].e);
	dmasim_kernel_destroy(journal.k);
}

static struct dmasim_proc *self;

static void cancel_self(void *arg)
{
	int *results = arg;

	results[0] = dmasim_wait(journal.k, 1);
	dmasim_proc_cancel(self);
	results[1] = dmasim_wait(journal.k, 1);
	results[2] = dmasim_wait(journal.k, DMASIM_FOREVER);
}

static void process_cancels_itself(void **state)
{
	int results[3];

	(void)state;
	start();
	self = new_proc(journal.k, "self", cancel_self, results);
	run();
	assert_int_equal(results[0], DMASIM_OK);
	assert_int_equal(results[1], DMASIM_E_CANCELED);
	assert_int_equal(results[2], DMASIM_E_CANCELED);
	assert_int_equal(dmasim_now(journal.k), 1);
	dmasim_kernel_destroy(journal.k);
}

static void cancel_of_the_ended_does_nothing(void **state)
{
	struct dmasim_proc *p;

	(void)state;
	start();
	p = new_proc(journal.k, "p", child, "ran");
	run();
	assert_true(dmasim_proc_done(p));
	dmasim_proc_cancel(p);
	assert_int_equal(dmasim_pending_calls(journal.k), 0);
	run();
	assert_string_equal(journal.text, "0:ran ");
	dmasim_kernel_destroy(journal.k);
}

static void cancel_keeps_the_place_of_what_is_due(void **state)
{
	struct dmasim_proc *p;

	(void)state;
	start();
	p = new_proc(journal.k, "a", child, "a");
	new_proc(journal.k, "b", child, "b");
	dmasim_proc_cancel(p);
	run();
	assert_string_equal(journal.text, "0:a 0:b ");
	dmasim_kernel_destroy(journal.k);
}

struct pair {
	struct dmasim_proc *other;
	const char *name;
};

static void cancels_the_other(void *arg)
{
	struct pair *pair = arg;

	if (dmasim_wait(journal.k, DMASIM_SEC) == DMASIM_E_CANCELED)
		dmasim_proc_cancel(pair->other);
	note(&journal, pair->name);
}

/* When all end, one may still cancel another that has not had its turn. */
static void processes_cancel_each_other_at_the_end(void **state)
{
	struct pair a = {.name = "a"}, b = {.name = "b"};

	(void)state;
	start();
	b.other = new_proc(journal.k, "a", cancels_the_other, &a);
	a.other = new_proc(journal.k, "b", cancels_the_other, &b);
	assert_int_equal(dmasim_run_until(journal.k, 10 * DMASIM_NS), 0);
	dmasim_kernel_destroy(journal.k);
	assert_string_equal(journal.text, "10:a 10:b ");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_of_the_ended_does_nothing),
        cmocka_unit_test(cancel_keeps_the_place_of_what_is_due),
        cmocka_unit_test(processes_cancel_each_other_at_the_end),
        cmocka_unit_test(destroy_cancels_in_spawn_order),
        cmocka_unit_test(cancel_one_process),
        cmocka_unit_test(process_cancels_itself),
};

CHECK_MAIN(tests)
