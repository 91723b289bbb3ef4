/* SPDX-License-Identifier: MIT */
/* Calls, their order, tickets and runs. */
#include "fixture.h"

static struct journal journal;

/* Note the operation as a letter. */
static void letter(void *obj, uint32_t op, uint64_t arg)
{
	const char text[2] = {(char)op, '\0'};

	(void)arg;
	note(obj, text);
}

static uint64_t call(struct journal *j, uint32_t actor, uint64_t ns, int prio,
                     char op)
{
	uint64_t ticket;

	assert_int_equal(
	        dmasim_call_at(j->k, ns * DMASIM_NS, prio,
	                       &(struct dmasim_call){actor, (uint32_t)op, 0},
	                       &ticket),
	        DMASIM_OK);
	assert_int_not_equal(ticket, 0);
	return ticket;
}

static uint32_t start(struct journal *j)
{
	journal_clear(j);
	j->k = new_kernel();
	return new_actor(j->k, "letters", letter, j);
}

static void order_by_time_then_priority_then_sequence(void **state)
{
	uint32_t a = start(&journal);

	(void)state;
	call(&journal, a, 30, 0, 'g');
	call(&journal, a, 10, 5, 'd');
	call(&journal, a, 10, -5, 'a');
	call(&journal, a, 10, 0, 'b');
	call(&journal, a, 10, 0, 'c');
	call(&journal, a, 20, INT32_MAX, 'f');
	call(&journal, a, 20, INT32_MIN, 'e');
	assert_int_equal(dmasim_pending_calls(journal.k), 7);
	assert_int_equal(dmasim_next_time(journal.k), 10 * DMASIM_NS);
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text,
	                    "10:a 10:b 10:c 10:d 20:e 20:f 30:g ");
	assert_int_equal(dmasim_now(journal.k), 30 * DMASIM_NS);
	assert_int_equal(dmasim_pending_calls(journal.k), 0);
	assert_true(dmasim_next_time(journal.k) == DMASIM_FOREVER);
	dmasim_kernel_destroy(journal.k);
}

static void many_calls_run_sorted(void **state)
{
	enum { COUNT = 3000 };
	uint32_t a = start(&journal);
	uint64_t x = 1, last = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		call(&journal, a, (x >> 33) % 1000, (int)(x >> 20 & 7), 'x');
	}
	for (int i = 0; i < COUNT; i++) {
		uint64_t t = dmasim_next_time(journal.k);

		assert_true(t >= last);
		assert_int_equal(dmasim_run_one(journal.k), DMASIM_OK);
		assert_int_equal(dmasim_now(journal.k), t);
		last = t;
	}
	assert_int_equal(dmasim_run_one(journal.k), DMASIM_E_NOTFOUND);
	dmasim_kernel_destroy(journal.k);
}

static void past_means_now(void **state)
{
	uint32_t a = start(&journal);

	(void)state;
	assert_int_equal(dmasim_run_until(journal.k, 50 * DMASIM_NS), 0);
	call(&journal, a, 10, 0, 'p');
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, "50:p ");
	/* A run to the past runs nothing and does not turn the clock back. */
	call(&journal, a, 60, 0, 'q');
	assert_int_equal(dmasim_run_until(journal.k, 20 * DMASIM_NS), 0);
	assert_int_equal(dmasim_now(journal.k), 50 * DMASIM_NS);
	dmasim_kernel_destroy(journal.k);
}

static void run_until_includes_its_end(void **state)
{
	uint32_t a = start(&journal);

	(void)state;
	call(&journal, a, 10, 0, 'a');
	call(&journal, a, 20, 0, 'b');
	call(&journal, a, 21, 0, 'c');
	assert_int_equal(dmasim_run_until(journal.k, 20 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "10:a 20:b ");
	assert_int_equal(dmasim_now(journal.k), 20 * DMASIM_NS);
	assert_int_equal(dmasim_run_until(journal.k, 20 * DMASIM_NS), 0);
	assert_int_equal(dmasim_run_until(journal.k, 100 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "10:a 20:b 21:c ");
	assert_int_equal(dmasim_now(journal.k), 100 * DMASIM_NS);
	assert_int_equal(dmasim_run_until(journal.k, DMASIM_FOREVER),
	                 DMASIM_E_INVAL);
	dmasim_kernel_destroy(journal.k);
}

static void run_idle_tells_idle_from_limit(void **state)
{
	uint32_t a = start(&journal);

	(void)state;
	assert_int_equal(dmasim_run_idle(journal.k, 5 * DMASIM_NS), 0);
	assert_int_equal(dmasim_now(journal.k), 0);
	call(&journal, a, 10, 0, 'a');
	call(&journal, a, 30, 0, 'b');
	assert_int_equal(dmasim_run_idle(journal.k, 20 * DMASIM_NS),
	                 DMASIM_E_TIMEOUT);
	assert_int_equal(dmasim_now(journal.k), 20 * DMASIM_NS);
	assert_int_equal(dmasim_run_idle(journal.k, 3 * DMASIM_NS),
	                 DMASIM_E_TIMEOUT);
	assert_int_equal(dmasim_now(journal.k), 20 * DMASIM_NS);
	assert_int_equal(dmasim_run_idle(journal.k, 30 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "10:a 30:b ");
	dmasim_kernel_destroy(journal.k);
}

static void cancel_by_ticket(void **state)
{
	uint32_t a = start(&journal);
	uint64_t t[200];

	(void)state;
	for (int i = 0; i < 200; i++)
		t[i] = call(&journal, a, (uint64_t)(i * 7 % 20), 0, 'x');
	for (int i = 0; i < 200; i++)
		if (i != 13)
			assert_int_equal(dmasim_cancel(journal.k, t[i]), 0);
	for (int i = 0; i < 200; i++)
		if (i != 13)
			assert_int_equal(dmasim_cancel(journal.k, t[i]),
			                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_pending_calls(journal.k), 1);
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, "11:x ");
	assert_int_equal(dmasim_cancel(journal.k, t[13]), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cancel(journal.k, 0), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cancel(journal.k, UINT64_MAX),
	                 DMASIM_E_NOTFOUND);
	dmasim_kernel_destroy(journal.k);
}

/* A slot that is used again must not make an old ticket valid again. */
static void old_ticket_never_names_a_new_call(void **state)
{
	uint32_t a = start(&journal);
	uint64_t old = call(&journal, a, 10, 0, 'a');
	uint64_t fresh;

	(void)state;
	assert_int_equal(dmasim_cancel(journal.k, old), 0);
	for (int i = 0; i < 1000; i++) {
		fresh = call(&journal, a, 10, 0, 'b');
		assert_int_not_equal(fresh, old);
		assert_int_equal(dmasim_cancel(journal.k, old),
		                 DMASIM_E_NOTFOUND);
		assert_int_equal(dmasim_cancel(journal.k, fresh), 0);
	}
	dmasim_kernel_destroy(journal.k);
}

/* Random calls, cancels and steps against a model that is a plain array. */
static void heap_agrees_with_a_model(void **state)
{
	enum { COUNT = 400, STEPS = 20000 };
	static struct {
		uint64_t ticket, time;
		int prio;
	} model[COUNT];
	uint32_t a = start(&journal);
	uint64_t x = 42;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		uint32_t r;

		x = x * 6364136223846793005u + 1442695040888963407u;
		r = (uint32_t)(x >> 33);
		journal_clear(&journal);
		if (n < COUNT && r % 8 < 4) {
			uint64_t ns = dmasim_now(journal.k) / DMASIM_NS +
			              (r >> 8) % 50;
			int prio = (int)((r >> 16) % 3);

			model[n].ticket = call(&journal, a, ns, prio, 'x');
			model[n].time = ns * DMASIM_NS;
			model[n++].prio = prio;
		} else if (n && r % 8 < 6) {
			size_t v = (r >> 8) % n;

			assert_int_equal(
			        dmasim_cancel(journal.k, model[v].ticket), 0);
			model[v] = model[--n];
		} else if (n) {
			size_t first = 0;

			for (size_t v = 1; v < n; v++)
				if (model[v].time < model[first].time ||
				    (model[v].time == model[first].time &&
				     (model[v].prio < model[first].prio ||
				      (model[v].prio == model[first].prio &&
				       model[v].ticket < model[first].ticket))))
					first = v;
			assert_int_equal(dmasim_next_time(journal.k),
			                 model[first].time);
			assert_int_equal(dmasim_run_one(journal.k), 0);
			assert_int_equal(
			        dmasim_cancel(journal.k, model[first].ticket),
			        DMASIM_E_NOTFOUND);
			model[first] = model[--n];
		}
		assert_int_equal(dmasim_pending_calls(journal.k), n);
	}
	dmasim_kernel_destroy(journal.k);
}

struct chain {
	struct journal *j;
	uint32_t actor;
	uint64_t victim;
	int canceled;
	int unregister_others;
	uint32_t other;
};

static void chain_step(void *obj, uint32_t op, uint64_t arg)
{
	struct chain *c = obj;

	letter(c->j, op, arg);
	if (c->victim)
		c->canceled = dmasim_cancel(c->j->k, c->victim);
	if (c->unregister_others)
		dmasim_actor_unregister(c->j->k, c->other);
	if (arg)
		dmasim_call_at(c->j->k, dmasim_now(c->j->k), 0,
		               &(struct dmasim_call){c->actor, op + 1, arg - 1},
		               NULL);
}

static void callbacks_may_call_and_cancel(void **state)
{
	struct chain c = {.j = &journal};
	uint32_t a = start(&journal);

	(void)state;
	c.actor = new_actor(journal.k, "chain", chain_step, &c);
	c.victim = call(&journal, a, 5, 0, 'V');
	call(&journal, a, 5, 0, 'K');
	assert_int_equal(dmasim_call_at(journal.k, 5 * DMASIM_NS, -1,
	                                &(struct dmasim_call){c.actor, 'a', 3},
	                                NULL),
	                 0);
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, "5:a 5:K 5:b 5:c 5:d ");
	/* The first step found it; the later ones did not. */
	assert_int_equal(c.canceled, DMASIM_E_NOTFOUND);
	dmasim_kernel_destroy(journal.k);
}

static void unregister_drops_pending_calls(void **state)
{
	struct chain c = {.j = &journal, .unregister_others = 1};
	uint32_t a = start(&journal);
	uint32_t b = new_actor(journal.k, "other", letter, &journal);
	uint64_t ticket;

	(void)state;
	c.actor = new_actor(journal.k, "chain", chain_step, &c);
	c.other = b;
	for (uint64_t i = 0; i < 40; i++)
		call(&journal, i % 2 ? a : b, 10 + i, 0, i % 2 ? 'a' : 'b');
	ticket = call(&journal, b, 12, 0, 'b');
	call(&journal, c.actor, 10, -1, 'U');
	assert_int_equal(dmasim_run_until(journal.k, 16 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "10:U 11:a 13:a 15:a ");
	assert_int_equal(dmasim_cancel(journal.k, ticket), DMASIM_E_NOTFOUND);
	assert_null(dmasim_actor_name(journal.k, b));
	assert_int_equal(dmasim_actor_find(journal.k, "other"), 0);
	assert_int_equal(dmasim_call_at(journal.k, 0, 0,
	                                &(struct dmasim_call){b, 'x', 0}, NULL),
	                 DMASIM_E_INVAL);
	/* The name is free again, the number is not. */
	c.other = new_actor(journal.k, "other", letter, &journal);
	assert_int_not_equal(c.other, b);
	dmasim_actor_unregister(journal.k, b);
	dmasim_actor_unregister(journal.k, 0);
	assert_string_equal(dmasim_actor_name(journal.k, c.other), "other");
	dmasim_kernel_destroy(journal.k);
}

/* What is left is a heap again, whatever was taken out of it. */
static void order_survives_unregister(void **state)
{
	uint64_t x = 5, last;

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		uint32_t a = start(&journal);
		uint32_t b = new_actor(journal.k, "other", letter, &journal);

		for (unsigned i = 0; i < 200; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			call(&journal, (x >> 60) % 4 ? b : a, (x >> 33) % 1000,
			     0, 'x');
		}
		dmasim_actor_unregister(journal.k, b);
		assert_in_range(dmasim_pending_calls(journal.k), 20, 100);
		last = 0;
		while (dmasim_pending_calls(journal.k)) {
			assert_true(dmasim_next_time(journal.k) >= last);
			last = dmasim_next_time(journal.k);
			assert_int_equal(dmasim_run_one(journal.k), 0);
		}
		dmasim_kernel_destroy(journal.k);
	}
}

static void actor_arguments(void **state)
{
	char name[DMASIM_ACTOR_NAME_MAX + 1];
	uint32_t a = start(&journal), b = 1;

	(void)state;
	assert_int_equal(
	        dmasim_actor_register(journal.k, "letters", letter, NULL, &b),
	        DMASIM_E_EXISTS);
	assert_int_equal(b, 0);
	assert_int_equal(
	        dmasim_actor_register(journal.k, NULL, letter, NULL, &b),
	        DMASIM_E_INVAL);
	assert_int_equal(dmasim_actor_register(journal.k, "", letter, NULL, &b),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_actor_register(journal.k, "x", NULL, NULL, &b),
	                 DMASIM_E_INVAL);
	memset(name, 'n', sizeof(name));
	name[DMASIM_ACTOR_NAME_MAX] = '\0';
	assert_int_equal(
	        dmasim_actor_register(journal.k, name, letter, NULL, &b),
	        DMASIM_E_INVAL);
	name[DMASIM_ACTOR_NAME_MAX - 1] = '\0';
	b = new_actor(journal.k, name, letter, NULL);
	assert_string_equal(dmasim_actor_name(journal.k, b), name);
	assert_int_equal(dmasim_actor_find(journal.k, name), b);
	assert_int_equal(dmasim_actor_find(journal.k, "letters"), a);
	assert_null(dmasim_actor_name(journal.k, 0));
	assert_null(dmasim_actor_name(journal.k, 77));
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "actor %d", i);
		new_actor(journal.k, name, letter, NULL);
	}
	assert_int_equal(dmasim_actor_find(journal.k, "actor 39"), b + 40);
	assert_int_equal(dmasim_call_at(journal.k, 0, 0,
	                                &(struct dmasim_call){0, 0, 0}, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_call_at(journal.k, 0, 0,
	                                &(struct dmasim_call){1000, 0, 0},
	                                NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_call_at(journal.k, DMASIM_FOREVER, 0,
	                                &(struct dmasim_call){a, 'x', 0}, NULL),
	                 DMASIM_E_INVAL);
	dmasim_kernel_destroy(journal.k);
}

struct nested {
	struct dmasim_kernel *k;
	int until, idle, one;
	bool running, in_process;
};

static void run_again(void *obj, uint32_t op, uint64_t arg)
{
	struct nested *n = obj;

	(void)op;
	(void)arg;
	n->until = dmasim_run_until(n->k, DMASIM_SEC);
	n->idle = dmasim_run_idle(n->k, DMASIM_SEC);
	n->one = dmasim_run_one(n->k);
	n->running = dmasim_running(n->k);
	n->in_process = dmasim_in_process(n->k);
}

static void run_inside_a_run_is_refused(void **state)
{
	struct nested n = {.k = new_kernel()};
	uint32_t a = new_actor(n.k, "nested", run_again, &n);

	(void)state;
	assert_false(dmasim_running(n.k));
	assert_int_equal(dmasim_call_at(n.k, 5, 0,
	                                &(struct dmasim_call){.actor = a},
	                                NULL),
	                 0);
	assert_int_equal(dmasim_run_idle(n.k, DMASIM_FOREVER), 0);
	assert_int_equal(n.until, DMASIM_E_STATE);
	assert_int_equal(n.idle, DMASIM_E_STATE);
	assert_int_equal(n.one, DMASIM_E_STATE);
	assert_true(n.running);
	assert_false(n.in_process);
	assert_false(dmasim_running(n.k));
	assert_int_equal(dmasim_now(n.k), 5);
	dmasim_kernel_destroy(n.k);
}

/* 's' stops, 'f' fails twice, anything else is noted. */
static void control(void *obj, uint32_t op, uint64_t arg)
{
	struct journal *j = obj;

	letter(j, op, arg);
	if (op == 's')
		dmasim_stop(j->k);
	if (op == 'f') {
		dmasim_fail(j->k, "first %d", 1);
		dmasim_fail(j->k, "second");
	}
}

static void stop_ends_the_run_after_the_entry(void **state)
{
	uint32_t a;

	(void)state;
	start(&journal);
	a = new_actor(journal.k, "control", control, &journal);
	/* Outside a run there is nothing to stop. */
	dmasim_stop(journal.k);
	call(&journal, a, 1, 0, 's');
	call(&journal, a, 1, 0, 'a');
	call(&journal, a, 2, 0, 's');
	call(&journal, a, 3, 0, 'b');
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, "1:s ");
	assert_int_equal(dmasim_run_until(journal.k, 10 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "1:s 1:a 2:s ");
	assert_int_equal(dmasim_now(journal.k), 2 * DMASIM_NS);
	assert_int_equal(dmasim_run_until(journal.k, 10 * DMASIM_NS), 0);
	assert_string_equal(journal.text, "1:s 1:a 2:s 3:b ");
	assert_int_equal(dmasim_now(journal.k), 10 * DMASIM_NS);
	dmasim_kernel_destroy(journal.k);
}

static void fail_ends_the_run_and_the_next_goes_on(void **state)
{
	uint32_t a;

	(void)state;
	start(&journal);
	a = new_actor(journal.k, "control", control, &journal);
	assert_string_equal(dmasim_kernel_error(journal.k), "");
	call(&journal, a, 1, 0, 'f');
	call(&journal, a, 1, 0, 'b');
	assert_int_equal(dmasim_run_until(journal.k, 10 * DMASIM_NS),
	                 DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(journal.k), "first 1");
	assert_int_equal(dmasim_now(journal.k), DMASIM_NS);
	assert_int_equal(dmasim_run_until(journal.k, 10 * DMASIM_NS), 0);
	assert_string_equal(dmasim_kernel_error(journal.k), "");
	assert_string_equal(journal.text, "1:f 1:b ");
	/* Outside a run, the next one fails and runs nothing. */
	call(&journal, a, 20, 0, 'c');
	dmasim_fail(journal.k, "between runs");
	assert_int_equal(dmasim_run_one(journal.k), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(journal.k), "between runs");
	assert_string_equal(journal.text, "1:f 1:b ");
	assert_int_equal(dmasim_run_idle(journal.k, DMASIM_FOREVER), 0);
	assert_string_equal(journal.text, "1:f 1:b 20:c ");
	dmasim_kernel_destroy(journal.k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_by_time_then_priority_then_sequence),
        cmocka_unit_test(many_calls_run_sorted),
        cmocka_unit_test(past_means_now),
        cmocka_unit_test(run_until_includes_its_end),
        cmocka_unit_test(run_idle_tells_idle_from_limit),
        cmocka_unit_test(cancel_by_ticket),
        cmocka_unit_test(old_ticket_never_names_a_new_call),
        cmocka_unit_test(heap_agrees_with_a_model),
        cmocka_unit_test(callbacks_may_call_and_cancel),
        cmocka_unit_test(unregister_drops_pending_calls),
        cmocka_unit_test(order_survives_unregister),
        cmocka_unit_test(actor_arguments),
        cmocka_unit_test(run_inside_a_run_is_refused),
        cmocka_unit_test(stop_ends_the_run_after_the_entry),
        cmocka_unit_test(fail_ends_the_run_and_the_next_goes_on),
};

CHECK_MAIN(tests)
