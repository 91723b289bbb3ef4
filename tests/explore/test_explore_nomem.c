/* SPDX-License-Identifier: MIT */
/* Every allocation of an exploration fails once. */
#include "fail_alloc.h"
#include "dmasim/schedule.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>

/* As many outcomes and choices as make every table grow, some of which are
 * met again with fewer deviations. */
static int scenario(void *ctx, struct dmasim_choice *c, char *outcome,
                    size_t size)
{
	uint32_t *step = ctx;
	uint32_t sum = 0;

	for (*step = 0; *step < 70; ++*step) {
		uint32_t a = scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, 0, *step);

		sum += a * (70 - *step);
	}
	snprintf(outcome, size, "%u", sum % 64);
	return DMASIM_OK;
}

static bool hash(void *ctx, uint64_t *h)
{
	const uint32_t *step = ctx;

	*h = *step;
	return false;
}

static bool every_step(void *ctx, uint64_t *h)
{
	(void)hash(ctx, h);
	return true;
}

static void explore_with(dmasim_explore_hash_fn *fn, unsigned at_least)
{
	uint32_t step = 0;
	const struct dmasim_explore_config cfg = {
	        .run = scenario, .ctx = &step, .hash = fn, .max_runs = 200};
	int status = DMASIM_E_NOMEM;
	unsigned failures = 0;

	for (int after = 0; status; after++) {
		struct dmasim_exploration *x;

		fail_alloc_after = after;
		fail_alloc_hit = false;
		status = dmasim_explore(&cfg, &x, NULL);
		fail_alloc_after = -1;
		/* The record of a choice object does without. */
		if (!fail_alloc_hit || !status) {
			assert_int_equal(status, DMASIM_OK);
			dmasim_exploration_destroy(x);
			status = fail_alloc_hit ? DMASIM_E_NOMEM : DMASIM_OK;
			continue;
		}
		assert_int_equal(status, DMASIM_E_NOMEM);
		assert_null(x);
		failures++;
	}
	assert_true(failures >= at_least);
}

static void exploring_survives_no_memory(void **state)
{
	(void)state;
	explore_with(hash, 150);
	explore_with(every_step, 5);
}

static void replaying_survives_no_memory(void **state)
{
	uint32_t step;
	const struct dmasim_explore_config cfg = {.run = scenario,
	                                          .ctx = &step};
	char outcome[DMASIM_EXPLORE_OUTCOME];

	(void)state;
	for (int after = 0; after < 2; after++) {
		fail_alloc_after = after;
		assert_int_equal(
		        dmasim_explore_replay(&cfg, "x1-3:1", outcome, NULL),
		        DMASIM_E_NOMEM);
	}
	fail_alloc_after = -1;
	assert_int_equal(dmasim_explore_replay(&cfg, "x1-3:1", outcome, NULL),
	                 DMASIM_OK);
	assert_string_equal(outcome, "3");
}

static int breaks(void *ctx, struct dmasim_choice *c, char *outcome,
                  size_t size)
{
	(void)ctx;
	(void)c;
	(void)outcome;
	(void)size;
	/* The token that the message wants. */
	fail_alloc_after = 0;
	return DMASIM_E_HANG;
}

static void a_token_may_be_lost(void **state)
{
	const struct dmasim_explore_config cfg = {.run = breaks};
	struct dmasim_exploration *x;
	struct dmasim_diag diag;

	(void)state;
	assert_int_equal(dmasim_explore(&cfg, &x, &diag), DMASIM_E_HANG);
	assert_non_null(strstr(diag.text, "(token lost)"));
	fail_alloc_after = -1;
}

/* 40 lines: the table of runs grows. */
static void schedules_without_memory(void **state)
{
	char text[40 * 16] = "";
	int status = DMASIM_E_NOMEM;

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(text, i % 2 ? "nc-hit 1\n" : "nc-hit 0\n");
	for (int after = 0; status; after++) {
		struct dmasim_schedule *s;

		fail_alloc_after = after;
		fail_alloc_hit = false;
		status = dmasim_schedule_parse(text, strlen(text), &s, NULL);
		fail_alloc_after = -1;
		assert_int_equal(status,
		                 fail_alloc_hit ? DMASIM_E_NOMEM : DMASIM_OK);
		dmasim_schedule_destroy(s);
	}
}

static void recordings_without_memory(void **state)
{
	bool hit = true;

	(void)state;
	for (int after = 0; hit; after++) {
		struct dmasim_choice_config cfg;
		struct dmasim_schedule *s = NULL;
		struct dmasim_choice *c = NULL;
		char *text = NULL;
		int status;

		fail_alloc_after = after;
		fail_alloc_hit = false;
		status = dmasim_schedule_record(NULL, &s);
		if (!status) {
			cfg = dmasim_schedule_choice(s);
			status = dmasim_choice_create(&cfg, &c);
		}
		for (uint32_t i = 0; !status && i < 70; i++)
			scene_choose(c, DMASIM_CHOICE_NC_HIT, 2, i % 2, i);
		if (!status)
			status = dmasim_schedule_check(s, NULL);
		if (!status)
			text = dmasim_schedule_text(s);
		fail_alloc_after = -1;
		hit = fail_alloc_hit;
		/* The record of a choice object does without. */
		if (!hit)
			assert_non_null(text);
		free(text);
		dmasim_choice_destroy(c);
		dmasim_schedule_destroy(s);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(exploring_survives_no_memory),
	        cmocka_unit_test(replaying_survives_no_memory),
	        cmocka_unit_test(a_token_may_be_lost),
	        cmocka_unit_test(schedules_without_memory),
	        cmocka_unit_test(recordings_without_memory),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
