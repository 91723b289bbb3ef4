/* SPDX-License-Identifier: MIT */
/* Tokens as they are given and as anybody may write them, and scenarios that
 * do not keep their word. */
#include "scene.h"

#include <stdlib.h>

static const uint32_t choices[] = {3, 2, 4, 0};

static int replay(const char *token, char *outcome, struct dmasim_diag *diag)
{
	struct scene s = {.alternatives = choices};
	const struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};

	return dmasim_explore_replay(&cfg, token, outcome, diag);
}

static void every_token_gives_its_outcome_again(void **state)
{
	struct scene s = {.alternatives = choices, .preferred = 1};
	const struct dmasim_explore_config cfg = {.run = scene_run, .ctx = &s};
	struct dmasim_exploration *x = scene_explore(&cfg);
	struct dmasim_explore_outcome o;
	char outcome[DMASIM_EXPLORE_OUTCOME];
	size_t i;

	(void)state;
	for (i = 0; dmasim_exploration_outcome(x, i, &o); i++) {
		struct dmasim_diag diag;

		assert_int_equal(
		        dmasim_explore_replay(&cfg, o.token, outcome, &diag),
		        DMASIM_OK);
		assert_string_equal(outcome, o.text);
		assert_string_equal(diag.text, "");
	}
	assert_int_equal(i, 24);
	dmasim_exploration_destroy(x);
}

static void a_token_says_what_deviates(void **state)
{
	char outcome[DMASIM_EXPLORE_OUTCOME];

	(void)state;
	assert_int_equal(replay("x1", outcome, NULL), DMASIM_OK);
	assert_string_equal(outcome, "000");
	assert_int_equal(replay("x1-2:3", outcome, NULL), DMASIM_OK);
	assert_string_equal(outcome, "003");
	assert_int_equal(replay("x1-0:2-0:1-0:3", outcome, NULL), DMASIM_OK);
	assert_string_equal(outcome, "213");
}

static void what_is_no_token_is_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "x",
	        "x2",
	        "X1",
	        "x1-",
	        "x1-1",
	        "x1-1:",
	        "x1-:1",
	        "x1 ",
	        "x1-0:1 ",
	        "x1--1:1",
	        "x1-1:-1",
	        "x1-a:1",
	        "x1-0:1-",
	        "x1:1",
	        "x1-0:b",
	        "x1-0x1:1",
	        "x1-+1:1",
	        "x1- 1:1",
	        "x1-1:1,",
	        "x1-4294967296:1",
	        "x1-0:4294967296",
	        "x1-99999999999999999999999999999999:1",
	};
	char outcome[DMASIM_EXPLORE_OUTCOME];
	struct dmasim_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(replay(bad[i], outcome, &diag),
		                 DMASIM_E_FORMAT);
		assert_non_null(strstr(diag.text, "token: "));
		assert_string_equal(outcome, "");
	}
	replay("x1-0:1+", outcome, &diag);
	assert_string_equal(diag.text, "token: wrong before character 8");
}

static void huge_tokens_are_refused(void **state)
{
	size_t size = DMASIM_EXPLORE_TOKEN_MAX + 2;
	char *token = malloc(size);
	char outcome[DMASIM_EXPLORE_OUTCOME];
	struct dmasim_diag diag;

	(void)state;
	assert_non_null(token);
	memset(token, '1', size - 1);
	token[size - 1] = '\0';
	token[0] = 'x';
	assert_int_equal(replay(token, outcome, &diag), DMASIM_E_FORMAT);
	assert_string_equal(diag.text, "token: longer than 1048576 characters");
	/* The longest one is read whole: 262,143 items, which fit nothing. */
	for (size_t i = 2; i + 4 < size; i += 4)
		memcpy(token + i, "-9:1", 4);
	token[2 + (size - 4) / 4 * 4] = '\0';
	assert_int_equal(replay(token, outcome, &diag), DMASIM_E_STATE);
	assert_string_equal(diag.text,
	                    "token: the scenario ended before choice 9");
	free(token);
}

static void a_token_of_something_else_does_not_fit(void **state)
{
	char outcome[DMASIM_EXPLORE_OUTCOME];
	struct dmasim_diag diag;

	(void)state;
	assert_int_equal(replay("x1-1:2", outcome, &diag), DMASIM_E_STATE);
	assert_string_equal(diag.text, "token: choice 1 (victim-way) has 2 "
	                               "answers, not 2");
	assert_int_equal(replay("x1-0:1-3:1", outcome, &diag), DMASIM_E_STATE);
	assert_string_equal(diag.text,
	                    "token: the scenario ended before choice 4");
	assert_int_equal(replay("x1-4294967295:1-4294967295:1", outcome, &diag),
	                 DMASIM_E_STATE);
	assert_string_equal(diag.text, "token: the scenario ended before "
	                               "choice 4294967295");
}

static void wrong_arguments_are_refused(void **state)
{
	struct dmasim_explore_config cfg = {.run = scene_run};
	char outcome[DMASIM_EXPLORE_OUTCOME];

	(void)state;
	assert_int_equal(dmasim_explore_replay(NULL, "x1", outcome, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_explore_replay(&cfg, NULL, outcome, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_explore_replay(&cfg, "x1", NULL, NULL),
	                 DMASIM_E_INVAL);
	cfg.run = NULL;
	assert_int_equal(dmasim_explore_replay(&cfg, "x1", outcome, NULL),
	                 DMASIM_E_INVAL);
}

/* The second choice changes from the third run on. */
static int fickle(void *ctx, struct dmasim_choice *c, char *outcome,
                  size_t size)
{
	unsigned *runs = ctx;
	bool third = ++*runs == 3;

	scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, third);
	scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 5);
	scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 6);
	snprintf(outcome, size, "x");
	return DMASIM_OK;
}

/* The third run has no choices. */
static int short_lived(void *ctx, struct dmasim_choice *c, char *outcome,
                       size_t size)
{
	unsigned *runs = ctx;

	if (++*runs < 3) {
		scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 1);
		scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 2);
	}
	snprintf(outcome, size, "x");
	return DMASIM_OK;
}

static void fickle_scenarios_are_found_out(void **state)
{
	unsigned runs = 0;
	struct dmasim_explore_config cfg = {.run = fickle, .ctx = &runs};
	struct dmasim_exploration *x;
	struct dmasim_diag diag;

	(void)state;
	assert_int_equal(dmasim_explore(&cfg, &x, &diag), DMASIM_E_STATE);
	assert_null(x);
	assert_string_equal(diag.text,
	                    "run 3: the scenario is not deterministic: choice "
	                    "0 was another one before (now nc-hit by scene)");
	runs = 0;
	cfg.run = short_lived;
	assert_int_equal(dmasim_explore(&cfg, &x, &diag), DMASIM_E_STATE);
	assert_string_equal(diag.text,
	                    "run 3: the scenario is not deterministic: it "
	                    "ended before choice 0");
}

static int breaks(void *ctx, struct dmasim_choice *c, char *outcome,
                  size_t size)
{
	(void)ctx;
	/* A whole buffer without an end is cut, not overrun. */
	memset(outcome, 'a', size);
	scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, 1);
	if (scene_choose(c, DMASIM_CHOICE_NC_HIT, 3, 0, 2) == 2)
		return DMASIM_E_HANG;
	return DMASIM_OK;
}

static void a_scenario_that_fails_names_its_token(void **state)
{
	const struct dmasim_explore_config cfg = {.run = breaks};
	struct dmasim_exploration *x;
	struct dmasim_diag diag;
	char outcome[DMASIM_EXPLORE_OUTCOME];

	(void)state;
	assert_int_equal(dmasim_explore(&cfg, &x, &diag), DMASIM_E_HANG);
	assert_non_null(strstr(diag.text, "run 3: "));
	assert_non_null(strstr(diag.text, "(token x1-1:2)"));
	assert_int_equal(dmasim_explore_replay(&cfg, "x1-1:2", outcome, &diag),
	                 DMASIM_E_HANG);
	assert_int_equal(dmasim_explore_replay(&cfg, "x1", outcome, &diag),
	                 DMASIM_OK);
	assert_int_equal(strlen(outcome), DMASIM_EXPLORE_OUTCOME - 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_token_gives_its_outcome_again),
	        cmocka_unit_test(a_token_says_what_deviates),
	        cmocka_unit_test(what_is_no_token_is_refused),
	        cmocka_unit_test(huge_tokens_are_refused),
	        cmocka_unit_test(a_token_of_something_else_does_not_fit),
	        cmocka_unit_test(wrong_arguments_are_refused),
	        cmocka_unit_test(fickle_scenarios_are_found_out),
	        cmocka_unit_test(a_scenario_that_fails_names_its_token),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
