/* SPDX-License-Identifier: MIT */
/* What is run, what is left out, and what is said of it. */
#include "scene.h"

#include <stdlib.h>

static const uint32_t three_two[] = {3, 2, 0};
static const uint32_t ten_bits[] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0};

static const char *outcome_at(const struct dmasim_exploration *x, size_t i)
{
	struct dmasim_explore_outcome o;

	assert_true(dmasim_exploration_outcome(x, i, &o));
	return o.text;
}

static void every_answer_once_in_order(void **state)
{
	struct scene s = {.alternatives = three_two, .preferred = 1};
	const struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};
	struct dmasim_exploration *x = scene_explore(&cfg);
	const struct dmasim_explore_summary *sum =
	        dmasim_exploration_summary(x);
	static const char *const order[] = {"11", "10", "01", "00", "21", "20"};
	struct dmasim_explore_outcome o;

	(void)state;
	assert_int_equal(s.runs, 6);
	assert_int_equal(sum->runs, 6);
	assert_true(sum->complete);
	assert_int_equal(sum->cuts, 0);
	assert_int_equal(sum->choices, 12);
	assert_int_equal(sum->most_choices, 2);
	assert_int_equal(sum->outcomes, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(outcome_at(x, i), order[i]);
	assert_false(dmasim_exploration_outcome(x, 6, &o));
	assert_true(dmasim_exploration_find(x, "00", &o));
	assert_int_equal(o.count, 1);
	assert_int_equal(o.deviations, 2);
	assert_string_equal(o.token, "x1-0:0-0:0");
	assert_false(dmasim_exploration_find(x, "22", &o));
	dmasim_exploration_destroy(x);
}

static void nothing_to_choose(void **state)
{
	static const uint32_t none[] = {1, 0};
	struct scene s = {.alternatives = none};
	const struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};
	struct dmasim_exploration *x = scene_explore(&cfg);
	char text[512];

	(void)state;
	assert_int_equal(dmasim_exploration_summary(x)->runs, 1);
	assert_true(dmasim_exploration_summary(x)->complete);
	dmasim_exploration_text(x, text, sizeof(text));
	assert_string_equal(text, "1 run, depth first: complete\n"
	                          "  0 choices, at most 0 in a run\n"
	                          "  1 outcome\n"
	                          "           1 x  0   token x1\n");
	dmasim_exploration_destroy(x);
}

static void same_outcomes_are_counted(void **state)
{
	struct scene s = {.alternatives = ten_bits, .sum = true};
	const struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};
	struct dmasim_exploration *x = scene_explore(&cfg);
	/* 10 over k. */
	static const unsigned counts[] = {1,   10,  45, 120, 210, 252,
	                                  210, 120, 45, 10,  1};

	(void)state;
	assert_int_equal(s.runs, 1024);
	assert_int_equal(dmasim_exploration_summary(x)->outcomes, 11);
	for (unsigned i = 0; i <= 10; i++) {
		struct dmasim_explore_outcome o;
		char text[8];

		snprintf(text, sizeof(text), "%u", i);
		assert_true(dmasim_exploration_find(x, text, &o));
		assert_int_equal(o.count, counts[i]);
		assert_int_equal(o.deviations, i);
	}
	dmasim_exploration_destroy(x);
}

/* The first run of an outcome need not be the simplest. */
static int late_simple(void *ctx, struct dmasim_choice *c, char *outcome,
                       size_t size)
{
	bool a = scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 0) == 1;
	bool b = scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 1) == 1;
	bool d = scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 2) == 1;

	(void)ctx;
	snprintf(outcome, size, "%s", a || (b && d) ? "bad" : "good");
	return DMASIM_OK;
}

static void the_simplest_token_is_kept(void **state)
{
	const struct dmasim_explore_config cfg = {.run = late_simple};
	struct dmasim_exploration *x = scene_explore(&cfg);
	struct dmasim_explore_outcome o;
	char outcome[DMASIM_EXPLORE_OUTCOME];

	(void)state;
	assert_true(dmasim_exploration_find(x, "bad", &o));
	assert_int_equal(o.count, 5);
	assert_int_equal(o.deviations, 1);
	assert_string_equal(o.token, "x1-0:1");
	assert_int_equal(dmasim_explore_replay(&cfg, o.token, outcome, NULL),
	                 DMASIM_OK);
	assert_string_equal(outcome, "bad");
	dmasim_exploration_destroy(x);
}

static void masked_points_take_the_preferred_answer(void **state)
{
	static const enum dmasim_choice_point points[] = {
	        DMASIM_CHOICE_VICTIM_WAY, DMASIM_CHOICE_ARBITER};
	struct scene s = {
	        .alternatives = three_two, .points = points, .preferred = 1};
	const struct dmasim_explore_config cfg = {
	        .run = scene_run,
	        .ctx = &s,
	        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_ARBITER)};
	struct dmasim_exploration *x = scene_explore(&cfg);
	const struct dmasim_explore_summary *sum =
	        dmasim_exploration_summary(x);
	char text[512], outcome[DMASIM_EXPLORE_OUTCOME];
	struct dmasim_explore_outcome o;

	(void)state;
	assert_int_equal(sum->runs, 2);
	assert_true(sum->complete);
	assert_int_equal(sum->masked[DMASIM_CHOICE_VICTIM_WAY], 2);
	assert_string_equal(outcome_at(x, 1), "10");
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "  not covered: victim-way (2 choices "
	                             "took the preferred answer)\n"));
	/* The token counts the masked choices, too. */
	assert_true(dmasim_exploration_find(x, "10", &o));
	assert_string_equal(o.token, "x1-1:0");
	assert_int_equal(dmasim_explore_replay(&cfg, o.token, outcome, NULL),
	                 DMASIM_OK);
	assert_string_equal(outcome, "10");
	dmasim_exploration_destroy(x);
}

static void the_bound_on_runs_is_kept(void **state)
{
	struct scene s = {.alternatives = ten_bits};
	struct dmasim_explore_config cfg = {
	        .run = scene_run, .ctx = &s, .max_runs = 100};
	struct dmasim_exploration *x = scene_explore(&cfg);
	char text[16384];

	(void)state;
	assert_int_equal(s.runs, 100);
	assert_int_equal(dmasim_exploration_summary(x)->cuts,
	                 DMASIM_EXPLORE_CUT_RUNS);
	assert_false(dmasim_exploration_summary(x)->complete);
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "100 runs, depth first: not complete\n"));
	assert_non_null(strstr(text, "  ended by the bound of 100 runs\n"));
	dmasim_exploration_destroy(x);
	/* A bound that is just enough cuts nothing. */
	cfg.max_runs = 1024;
	x = scene_explore(&cfg);
	assert_true(dmasim_exploration_summary(x)->complete);
	dmasim_exploration_destroy(x);
}

static void the_bound_on_depth_is_kept(void **state)
{
	struct scene s = {.alternatives = ten_bits};
	const struct dmasim_explore_config cfg = {
	        .run = scene_run, .ctx = &s, .max_depth = 3};
	struct dmasim_exploration *x = scene_explore(&cfg);
	const struct dmasim_explore_summary *sum =
	        dmasim_exploration_summary(x);
	char text[1024];

	(void)state;
	assert_int_equal(sum->runs, 8);
	assert_int_equal(sum->cuts, DMASIM_EXPLORE_CUT_DEPTH);
	assert_int_equal(sum->too_deep, 8 * 7);
	assert_string_equal(outcome_at(x, 7), "1110000000");
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "  not covered: 56 choices beyond the "
	                             "first 3 of their run\n"));
	dmasim_exploration_destroy(x);
}

static void the_bound_on_deviations_is_kept(void **state)
{
	struct scene s = {.alternatives = ten_bits, .sum = true};
	const struct dmasim_explore_config cfg = {
	        .run = scene_run, .ctx = &s, .max_deviations = 2};
	struct dmasim_exploration *x = scene_explore(&cfg);
	const struct dmasim_explore_summary *sum =
	        dmasim_exploration_summary(x);
	char text[1024];

	(void)state;
	assert_int_equal(sum->runs, 1 + 10 + 45);
	assert_int_equal(sum->outcomes, 3);
	assert_int_equal(sum->cuts, DMASIM_EXPLORE_CUT_DEVIATIONS);
	/* After the second of the pairs (i, j): 9 - j of each. */
	assert_int_equal(sum->too_deviant, 120);
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "  not covered: 120 answers beyond 2 that "
	                             "are not the preferred ones\n"));
	dmasim_exploration_destroy(x);
}

static void the_bound_on_outcomes_is_kept(void **state)
{
	struct scene s = {.alternatives = ten_bits};
	const struct dmasim_explore_config cfg = {
	        .run = scene_run, .ctx = &s, .max_outcomes = 100};
	struct dmasim_exploration *x = scene_explore(&cfg);
	const struct dmasim_explore_summary *sum =
	        dmasim_exploration_summary(x);
	struct dmasim_explore_outcome o;
	char text[16384];

	(void)state;
	assert_int_equal(sum->outcomes, 100);
	assert_int_equal(sum->other_outcomes, 924);
	assert_int_equal(sum->cuts, DMASIM_EXPLORE_CUT_OUTCOMES);
	assert_true(dmasim_exploration_find(x, "0001100011", &o));
	assert_false(dmasim_exploration_find(x, "1111111111", &o));
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "  not kept: the outcomes of 924 runs, "
	                             "beyond 100\n"));
	dmasim_exploration_destroy(x);
}

static bool is_seven(void *ctx, const char *outcome)
{
	(void)ctx;
	return strcmp(outcome, "7") == 0;
}

static void an_outcome_can_be_enough(void **state)
{
	struct scene s = {.alternatives = ten_bits, .sum = true};
	const struct dmasim_explore_config cfg = {
	        .run = scene_run, .ctx = &s, .enough = is_seven};
	struct dmasim_exploration *x = scene_explore(&cfg);
	char text[1024];

	(void)state;
	/* The first with seven ones is 0001111111. */
	assert_int_equal(s.runs, 128);
	assert_int_equal(dmasim_exploration_summary(x)->cuts,
	                 DMASIM_EXPLORE_CUT_ENOUGH);
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "  ended by an outcome that was looked "
	                             "for\n"));
	dmasim_exploration_destroy(x);
}

/* A million choices in one run need no stack and no end. */
static int long_run(void *ctx, struct dmasim_choice *c, char *outcome,
                    size_t size)
{
	uint32_t sum = 0;

	(void)ctx;
	for (unsigned i = 0; i < 1000000; i++)
		sum += scene_choose(c, DMASIM_CHOICE_NC_HIT, 3, 0, i);
	snprintf(outcome, size, "%u", sum);
	return DMASIM_OK;
}

static void long_runs_are_no_problem(void **state)
{
	const struct dmasim_explore_config cfg = {.run = long_run,
	                                          .max_depth = UINT32_MAX,
	                                          .max_deviations = 1,
	                                          .max_runs = 10};
	struct dmasim_exploration *x = scene_explore(&cfg);
	struct dmasim_explore_outcome o;

	(void)state;
	assert_int_equal(dmasim_exploration_summary(x)->most_choices, 1000000);
	assert_true(dmasim_exploration_find(x, "2", &o));
	assert_string_equal(o.token, "x1-999999:2");
	dmasim_exploration_destroy(x);
}

/* Bits are set in any order; their number is all that is left of them. */
struct counting {
	uint32_t step, ones;
	bool blind;
};

static int counting_run(void *ctx, struct dmasim_choice *c, char *outcome,
                        size_t size)
{
	struct counting *s = ctx;

	s->ones = 0;
	for (s->step = 0; s->step < 12; s->step++)
		s->ones += scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, s->step);
	snprintf(outcome, size, "%u", s->ones);
	return DMASIM_OK;
}

static bool counting_hash(void *ctx, uint64_t *hash)
{
	const struct counting *s = ctx;

	*hash = s->ones;
	return !s->blind;
}

static void states_met_before_are_not_explored_again(void **state)
{
	struct counting s = {0};
	struct dmasim_explore_config cfg = {
	        .run = counting_run, .ctx = &s, .hash = counting_hash};
	struct dmasim_exploration *x = scene_explore(&cfg);
	const struct dmasim_explore_summary *sum =
	        dmasim_exploration_summary(x);
	char text[1024];

	(void)state;
	assert_true(sum->complete);
	assert_int_equal(sum->outcomes, 13);
	/* A run for each of the 78 states, and one more for each that has
	 * none after it that is new. */
	assert_in_range(sum->runs, 70, 100);
	assert_true(sum->merged > 0);
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(
	        strstr(text, " runs met a state that was explored already\n"));
	dmasim_exploration_destroy(x);

	/* A scenario that has no hash is explored whole. */
	s.blind = true;
	x = scene_explore(&cfg);
	assert_int_equal(dmasim_exploration_summary(x)->runs, 4096);
	dmasim_exploration_destroy(x);

	/* With few states remembered it takes longer, to the same end. */
	s.blind = false;
	cfg.max_states = 20;
	x = scene_explore(&cfg);
	assert_in_range(dmasim_exploration_summary(x)->runs, 101, 4096);
	assert_int_equal(dmasim_exploration_summary(x)->outcomes, 13);
	dmasim_exploration_destroy(x);
}

static void states_and_bounds_go_together(void **state)
{
	struct counting s = {0};
	const struct dmasim_explore_config cfg = {.run = counting_run,
	                                          .ctx = &s,
	                                          .hash = counting_hash,
	                                          .max_deviations = 5};
	struct dmasim_exploration *x = scene_explore(&cfg);

	(void)state;
	/* Nothing within the bound is lost: 0 .. 5 ones. */
	assert_int_equal(dmasim_exploration_summary(x)->outcomes, 6);
	dmasim_exploration_destroy(x);
}

/* One bit, forgotten at once; then it may be set thrice. The state after the
 * forgotten bit is met first with a deviation less. */
static int forgetful_run(void *ctx, struct dmasim_choice *c, char *outcome,
                         size_t size)
{
	struct counting *s = ctx;
	uint32_t bit;

	s->ones = 0;
	bit = scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 1, 99);
	(void)bit;
	for (s->step = 0; s->step < 3; s->step++)
		s->ones += scene_choose(c, DMASIM_CHOICE_NC_HIT, 2,
		                        bit && s->step == 0, s->step);
	snprintf(outcome, size, "%u", s->ones);
	return DMASIM_OK;
}

static void fewer_deviations_open_a_state_again(void **state)
{
	struct counting s = {0};
	const struct dmasim_explore_config cfg = {.run = forgetful_run,
	                                          .ctx = &s,
	                                          .hash = counting_hash,
	                                          .max_deviations = 2};
	struct dmasim_exploration *x = scene_explore(&cfg);

	(void)state;
	/* 3 = the preferred one and two more. */
	assert_int_equal(dmasim_exploration_summary(x)->outcomes, 4);
	dmasim_exploration_destroy(x);
}

static void random_walks_repeat_and_replay(void **state)
{
	struct scene s = {.alternatives = ten_bits};
	struct dmasim_explore_config cfg = {.run = scene_run,
	                                    .ctx = &s,
	                                    .strategy = DMASIM_EXPLORE_RANDOM,
	                                    .max_runs = 50,
	                                    .seed = 7};
	struct dmasim_exploration *x = scene_explore(&cfg);
	struct dmasim_exploration *y = scene_explore(&cfg);
	struct dmasim_explore_outcome a, b;
	char text[8192], outcome[DMASIM_EXPLORE_OUTCOME];
	size_t i;

	(void)state;
	assert_int_equal(dmasim_exploration_summary(x)->runs, 50);
	assert_int_equal(dmasim_exploration_summary(x)->cuts,
	                 DMASIM_EXPLORE_CUT_RUNS | DMASIM_EXPLORE_CUT_RANDOM);
	for (i = 0; dmasim_exploration_outcome(x, i, &a); i++) {
		assert_true(dmasim_exploration_outcome(y, i, &b));
		assert_string_equal(a.text, b.text);
		assert_string_equal(a.token, b.token);
		assert_int_equal(
		        dmasim_explore_replay(&cfg, a.token, outcome, NULL),
		        DMASIM_OK);
		assert_string_equal(outcome, a.text);
	}
	assert_true(i > 30);
	dmasim_exploration_text(x, text, sizeof(text));
	assert_non_null(strstr(text, "50 runs, at random: not complete\n"));
	dmasim_exploration_destroy(y);
	dmasim_exploration_destroy(x);
}

static void random_walks_keep_their_odds_and_bounds(void **state)
{
	static const uint32_t wide[] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0};
	struct scene s = {.alternatives = wide, .preferred = 3};
	struct dmasim_explore_config cfg = {.run = scene_run,
	                                    .ctx = &s,
	                                    .strategy = DMASIM_EXPLORE_RANDOM,
	                                    .max_runs = 1000,
	                                    .max_outcomes = 2000,
	                                    .odds = 10};
	struct dmasim_exploration *x = scene_explore(&cfg);
	struct dmasim_explore_outcome o;
	uint64_t deviations = 0, answers[4] = {0};

	(void)state;
	for (size_t i = 0; dmasim_exploration_outcome(x, i, &o); i++) {
		deviations += o.count * o.deviations;
		for (const char *c = o.text; *c; c++)
			answers[*c - '0'] += o.count;
	}
	/* 10,000 choices, one of ten deviates, to any of three. */
	assert_in_range(deviations, 900, 1100);
	assert_int_equal(answers[0] + answers[1] + answers[2], deviations);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(answers[i], 280, 390);
	dmasim_exploration_destroy(x);

	cfg.odds = 0;
	cfg.max_deviations = 2;
	x = scene_explore(&cfg);
	for (size_t i = 0; dmasim_exploration_outcome(x, i, &o); i++)
		assert_in_range(o.deviations, 0, 2);
	assert_true(dmasim_exploration_summary(x)->cuts &
	            DMASIM_EXPLORE_CUT_DEVIATIONS);
	dmasim_exploration_destroy(x);
}

static void small_buffers_are_enough_for_a_part(void **state)
{
	struct scene s = {.alternatives = three_two};
	const struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};
	struct dmasim_exploration *x = scene_explore(&cfg);
	char whole[1024], part[20];
	int n = dmasim_exploration_text(x, whole, sizeof(whole));

	(void)state;
	assert_int_equal(n, strlen(whole));
	assert_int_equal(dmasim_exploration_text(x, part, sizeof(part)), n);
	assert_memory_equal(part, whole, sizeof(part) - 1);
	assert_int_equal(part[sizeof(part) - 1], 0);
	assert_int_equal(dmasim_exploration_text(x, NULL, 0), n);
	dmasim_exploration_destroy(x);
}

static void wrong_arguments_are_refused(void **state)
{
	struct scene s = {.alternatives = three_two};
	struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};
	struct dmasim_exploration *x;

	(void)state;
	assert_int_equal(dmasim_explore(&cfg, NULL, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_explore(NULL, &x, NULL), DMASIM_E_INVAL);
	assert_null(x);
	cfg.strategy = (enum dmasim_explore_strategy)2;
	assert_int_equal(dmasim_explore(&cfg, &x, NULL), DMASIM_E_INVAL);
	cfg.strategy = DMASIM_EXPLORE_DEPTH_FIRST;
	cfg.run = NULL;
	assert_int_equal(dmasim_explore(&cfg, &x, NULL), DMASIM_E_INVAL);
	dmasim_exploration_destroy(NULL);
}

static int ask_nonsense(void *ctx, struct dmasim_choice *c, char *outcome,
                        size_t size)
{
	(void)ctx;
	/* A point of somebody else, a preference that does not exist, and
	 * nobody who asks. */
	snprintf(outcome, size, "%u%u%u",
	         scene_choose(c, (enum dmasim_choice_point)77, 3, 1, 0),
	         scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 9, 0),
	         dmasim_choose(
	                 c, &(struct dmasim_choice_query){.alternatives = 2}));
	return DMASIM_OK;
}

static void odd_questions_are_answered(void **state)
{
	const struct dmasim_explore_config cfg = {.run = ask_nonsense};
	struct dmasim_exploration *x = scene_explore(&cfg);

	(void)state;
	assert_int_equal(dmasim_exploration_summary(x)->runs, 4);
	assert_string_equal(outcome_at(x, 0), "110");
	assert_string_equal(outcome_at(x, 3), "101");
	dmasim_exploration_destroy(x);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_answer_once_in_order),
	        cmocka_unit_test(nothing_to_choose),
	        cmocka_unit_test(same_outcomes_are_counted),
	        cmocka_unit_test(the_simplest_token_is_kept),
	        cmocka_unit_test(masked_points_take_the_preferred_answer),
	        cmocka_unit_test(the_bound_on_runs_is_kept),
	        cmocka_unit_test(the_bound_on_depth_is_kept),
	        cmocka_unit_test(the_bound_on_deviations_is_kept),
	        cmocka_unit_test(the_bound_on_outcomes_is_kept),
	        cmocka_unit_test(an_outcome_can_be_enough),
	        cmocka_unit_test(long_runs_are_no_problem),
	        cmocka_unit_test(states_met_before_are_not_explored_again),
	        cmocka_unit_test(states_and_bounds_go_together),
	        cmocka_unit_test(fewer_deviations_open_a_state_again),
	        cmocka_unit_test(random_walks_repeat_and_replay),
	        cmocka_unit_test(random_walks_keep_their_odds_and_bounds),
	        cmocka_unit_test(small_buffers_are_enough_for_a_part),
	        cmocka_unit_test(wrong_arguments_are_refused),
	        cmocka_unit_test(odd_questions_are_answered),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
