/* SPDX-License-Identifier: MIT */
/* The enumeration of schedules, on toys whose number of schedules is known. */
#include "check.h"

#include "enumerate.h"

#include <stdlib.h>

struct toy {
	/** Agents with `length` actions each, that touch these. */
	int agents, length;
	uint64_t touches[4];
	uint64_t max_runs;
};

/* Run all schedules; how many ended, and how many different orders of the
 * actions on place 0 they had. */
static uint64_t explore(const struct toy *t, unsigned *orders, bool *complete)
{
	struct enumeration *e = enumeration_new(t->max_runs);
	bool seen[4096] = {false};
	uint64_t runs;

	*orders = 0;
	while (enumeration_begin(e)) {
		int done[4] = {0}, left = t->agents * t->length;
		unsigned order = 1;

		while (left) {
			struct action a[4];
			int count = 0, at, id;

			for (int i = 0; i < t->agents; i++)
				if (done[i] < t->length)
					a[count++] = (struct action){
					        (uint32_t)(i * 8 + done[i]),
					        t->touches[i]};
			at = enumeration_choose(e, a, count);
			if (at < 0)
				break;
			id = (int)a[at].id / 8;
			if (t->touches[id] & 1)
				order = order << 2 | (unsigned)id;
			done[id]++;
			left--;
		}
		if (left)
			continue;
		enumeration_done(e);
		order %= 4096;
		*orders += !seen[order];
		seen[order] = true;
	}
	assert_false(enumeration_failed(e));
	*complete = enumeration_complete(e);
	runs = enumeration_runs(e);
	enumeration_free(e);
	return runs;
}

static void dependent_actions_in_every_order(void **state)
{
	const struct toy two = {2, 2, {1, 1}, 0}, three = {3, 1, {1, 1, 1}, 0};
	unsigned orders;
	bool complete;

	(void)state;
	assert_int_equal(explore(&two, &orders, &complete), 6);
	assert_int_equal(orders, 6);
	assert_true(complete);
	assert_int_equal(explore(&three, &orders, &complete), 6);
	assert_int_equal(orders, 6);
}

static void independent_actions_in_one(void **state)
{
	const struct toy apart = {3, 2, {1, 2, 4}, 0};
	const struct toy pair = {3, 2, {1, 1, 2}, 0};
	unsigned orders;
	bool complete;

	(void)state;
	assert_int_equal(explore(&apart, &orders, &complete), 1);
	assert_true(complete);
	assert_int_equal(explore(&pair, &orders, &complete), 6);
	assert_int_equal(orders, 6);
}

static void a_bound_is_told(void **state)
{
	const struct toy two = {2, 2, {1, 1}, 5};
	unsigned orders;
	bool complete;

	(void)state;
	assert_int_equal(explore(&two, &orders, &complete), 5);
	assert_false(complete);
}

static void picks_multiply(void **state)
{
	struct enumeration *e = enumeration_new(0);
	const struct action a[] = {{0, 1}, {1, 1}};
	unsigned seen = 0;

	(void)state;
	while (enumeration_begin(e)) {
		int first = enumeration_choose(e, a, 2);
		uint32_t p = enumeration_pick(e, 3);
		const struct action *rest = &a[1 - first];

		assert_int_equal(enumeration_choose(e, rest, 1), 0);
		enumeration_done(e);
		seen |= 1u << ((uint32_t)first * 3 + p);
	}
	assert_int_equal(seen, 0x3f);
	assert_int_equal(enumeration_runs(e), 6);
	enumeration_free(e);
}

static void other_actions_are_noticed(void **state)
{
	struct enumeration *e = enumeration_new(0);
	const struct action a[] = {{0, 1}, {1, 1}};

	(void)state;
	assert_true(enumeration_begin(e));
	assert_int_equal(enumeration_choose(e, a, 2), 0);
	enumeration_done(e);
	assert_true(enumeration_begin(e));
	assert_int_equal(enumeration_choose(e, a, 1), -1);
	assert_true(enumeration_failed(e));
	assert_false(enumeration_begin(e));
	enumeration_free(e);
}

static void endless_runs_are_noticed(void **state)
{
	struct enumeration *e = enumeration_new(0);
	int n = 0;

	(void)state;
	assert_true(enumeration_begin(e));
	for (uint32_t i = 0; !enumeration_failed(e); i++, n++) {
		const struct action a = {i, 1};

		enumeration_choose(e, &a, 1);
	}
	assert_int_equal(n, ENUMERATE_DEPTH + 1);
	assert_int_equal(enumeration_pick(e, 2), 0);
	enumeration_free(e);
}

/* Runs at random differ, and are the same each time. */
static void random_runs(void **state)
{
	const struct action a[] = {{0, 1}, {1, 1}, {2, 1}};
	unsigned long long first[2] = {0};

	(void)state;
	for (int again = 0; again < 2; again++) {
		struct enumeration *e = enumeration_random(5, 100);
		unsigned seen = 0;

		while (enumeration_begin(e)) {
			int at = enumeration_choose(e, a, 3);
			uint32_t p = enumeration_pick(e, 2);

			seen |= 1u << (at * 2 + (int)p);
			first[again] = first[again] * 7 + (unsigned)at;
			enumeration_done(e);
		}
		assert_int_equal(seen, 0x3f);
		assert_int_equal(enumeration_runs(e), 100);
		assert_false(enumeration_complete(e));
		assert_false(enumeration_failed(e));
		enumeration_free(e);
	}
	assert_true(first[0] == first[1]);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dependent_actions_in_every_order),
        cmocka_unit_test(independent_actions_in_one),
        cmocka_unit_test(a_bound_is_told),
        cmocka_unit_test(picks_multiply),
        cmocka_unit_test(other_actions_are_noticed),
        cmocka_unit_test(random_runs),
        cmocka_unit_test(endless_runs_are_noticed),
};

CHECK_MAIN(tests)
