/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdlib.h>

#include "dmasim/choice.h"

static struct dmasim_choice *make(const struct dmasim_choice_config *cfg)
{
	struct dmasim_choice *c;

	assert_int_equal(dmasim_choice_create(cfg, &c), DMASIM_OK);
	return c;
}

static uint32_t ask(struct dmasim_choice *c, uint32_t alternatives,
                    uint32_t preferred)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_VICTIM_WAY,
	        .alternatives = alternatives,
	        .preferred = preferred,
	        .who = "test",
	};

	return dmasim_choose(c, &q);
}

static void defaults_prefer(void **state)
{
	struct dmasim_choice *c = make(NULL);
	size_t len = 1;

	(void)state;
	assert_int_equal(ask(c, 8, 5), 5);
	assert_int_equal(ask(c, 8, 9), 7);
	assert_int_equal(ask(c, 1, 3), 0);
	assert_int_equal(ask(c, 0, 3), 0);
	assert_int_equal(ask(NULL, 8, 5), 5);
	assert_int_equal(ask(NULL, 8, 9), 7);
	dmasim_choice_record(c, &len);
	assert_int_equal(len, 0);
	dmasim_choice_destroy(c);
	dmasim_choice_destroy(NULL);
}

/* Fixed for ever: a seed in a report must mean the same later on. */
static void seeds_have_known_answers(void **state)
{
	static const uint32_t expected[8] = {883, 431, 26,  970,
	                                     106, 327, 173, 771};
	const struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_SEED,
	                                         .seed = 0};
	struct dmasim_choice *c = make(&cfg);

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(ask(c, 1000, 0), expected[i]);
	dmasim_choice_destroy(c);
}

static void seeds_repeat_and_differ(void **state)
{
	struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_SEED};
	unsigned seen[7] = {0}, differ = 0;
	struct dmasim_choice *a, *b, *other;

	(void)state;
	cfg.seed = 11;
	a = make(&cfg);
	b = make(&cfg);
	cfg.seed = 12;
	other = make(&cfg);
	for (int i = 0; i < 7000; i++) {
		uint32_t answer = ask(a, 7, 3);

		assert_true(answer < 7);
		assert_int_equal(answer, ask(b, 7, 0));
		differ += answer != ask(other, 7, 3);
		seen[answer]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_in_range(differ, 5000, 6999);
	dmasim_choice_destroy(a);
	dmasim_choice_destroy(b);
	dmasim_choice_destroy(other);
}

static void a_record_replays_as_a_schedule(void **state)
{
	const struct dmasim_choice_config seed = {.mode = DMASIM_CHOICE_SEED,
	                                          .seed = 99};
	struct dmasim_choice_config schedule = {.mode = DMASIM_CHOICE_SCHEDULE};
	struct dmasim_choice *c = make(&seed), *replay;
	uint32_t answers[500];
	size_t len;

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		answers[i] = ask(c, 2 + i % 9, 1);
	/* Not a choice, so not in the record. */
	ask(c, 1, 0);
	schedule.schedule = dmasim_choice_record(c, &len);
	schedule.schedule_len = len;
	assert_int_equal(len, 500);
	replay = make(&schedule);
	for (uint32_t i = 0; i < 500; i++) {
		assert_int_equal(ask(replay, 2 + i % 9, 0), answers[i]);
		assert_int_equal(ask(replay, 1, 0), 0);
	}
	/* After its end, the preferred one. */
	assert_int_equal(ask(replay, 9, 4), 4);
	dmasim_choice_record(replay, &len);
	assert_int_equal(len, 501);
	dmasim_choice_destroy(replay);
	dmasim_choice_destroy(c);
}

static void hostile_schedules_stay_in_range(void **state)
{
	static const uint32_t schedule[3] = {UINT32_MAX, 8, 7};
	const struct dmasim_choice_config cfg = {
	        .mode = DMASIM_CHOICE_SCHEDULE,
	        .schedule = schedule,
	        .schedule_len = 3,
	};
	struct dmasim_choice *c = make(&cfg);

	(void)state;
	assert_int_equal(ask(c, 8, 0), 7);
	assert_int_equal(ask(c, 8, 0), 7);
	assert_int_equal(ask(c, 8, 0), 7);
	dmasim_choice_destroy(c);
}

static uint32_t callback(void *ctx, const struct dmasim_choice_query *q)
{
	unsigned *calls = ctx;

	++*calls;
	return q->point == DMASIM_CHOICE_VICTIM_WAY && q->alternatives == 4
	               ? q->preferred + 1
	               : 1000;
}

static void callbacks_answer(void **state)
{
	unsigned calls = 0;
	const struct dmasim_choice_config cfg = {
	        .mode = DMASIM_CHOICE_CALLBACK,
	        .fn = callback,
	        .fn_ctx = &calls,
	};
	struct dmasim_choice *c = make(&cfg);
	const uint32_t *record;
	size_t len;

	(void)state;
	assert_int_equal(ask(c, 4, 2), 3);
	assert_int_equal(ask(c, 5, 2), 4);
	assert_int_equal(ask(c, 1, 0), 0);
	assert_int_equal(calls, 2);
	record = dmasim_choice_record(c, &len);
	assert_int_equal(len, 2);
	assert_int_equal(record[0], 3);
	assert_int_equal(record[1], 4);
	dmasim_choice_destroy(c);
}

static void bad_configurations(void **state)
{
	struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_CALLBACK};
	struct dmasim_choice *c = (struct dmasim_choice *)&cfg;

	(void)state;
	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_E_INVAL);
	assert_null(c);
	cfg = (struct dmasim_choice_config){.mode = DMASIM_CHOICE_SCHEDULE,
	                                    .schedule_len = 1};
	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_E_INVAL);
	cfg = (struct dmasim_choice_config){.mode = (enum dmasim_choice_mode)9};
	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_E_INVAL);
}

static void points_have_names(void **state)
{
	(void)state;
	for (int a = 0; a < DMASIM_CHOICE_POINTS; a++) {
		const char *name =
		        dmasim_choice_name((enum dmasim_choice_point)a);

		assert_string_not_equal(name, "unknown");
		for (int b = 0; b < a; b++)
			assert_string_not_equal(
			        name, dmasim_choice_name(
			                      (enum dmasim_choice_point)b));
	}
	assert_string_equal(dmasim_choice_name(DMASIM_CHOICE_POINTS),
	                    "unknown");
	assert_string_equal(dmasim_choice_name((enum dmasim_choice_point)1000),
	                    "unknown");
}

static int restore(struct dmasim_choice *c, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r;
	int status;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	status = dmasim_choice_restore(c, r);
	dmasim_reader_destroy(r);
	return status;
}

static void saved_in_the_middle(void **state)
{
	const struct dmasim_choice_config seed = {.mode = DMASIM_CHOICE_SEED,
	                                          .seed = 5};
	struct dmasim_choice *c = make(&seed), *copy = make(&seed);
	struct dmasim_choice *defaults = make(NULL);
	const uint32_t *record, *record_copy;
	size_t len, len_copy, size;
	struct dmasim_writer *w;
	const uint8_t *data;

	(void)state;
	for (int i = 0; i < 20; i++)
		ask(c, 10, 0);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_choice_save(c, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	ask(copy, 3, 0);
	for (size_t n = 0; n < size; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, data, n);
		assert_int_equal(restore(copy, cut, n), DMASIM_E_FORMAT);
		free(cut);
		dmasim_choice_record(copy, &len);
		assert_int_equal(len, 1);
	}
	for (size_t bit = 0; bit < 8 * size; bit++) {
		uint8_t *bad = malloc(size);
		struct dmasim_choice *victim = make(&seed);
		int status;

		memcpy(bad, data, size);
		bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		status = restore(victim, bad, size);
		assert_true(status == DMASIM_OK || status == DMASIM_E_FORMAT);
		assert_true(ask(victim, 10, 0) < 10);
		dmasim_choice_destroy(victim);
		free(bad);
	}
	assert_int_equal(restore(defaults, data, size), DMASIM_E_FORMAT);
	assert_int_equal(restore(copy, data, size), DMASIM_OK);
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask(copy, 10, 0), ask(c, 10, 0));
	record = dmasim_choice_record(c, &len);
	record_copy = dmasim_choice_record(copy, &len_copy);
	assert_int_equal(len, 120);
	assert_int_equal(len_copy, 120);
	assert_memory_equal(record, record_copy, 120 * sizeof(*record));
	dmasim_writer_destroy(w);
	dmasim_choice_destroy(c);
	dmasim_choice_destroy(copy);
	dmasim_choice_destroy(defaults);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_prefer),
        cmocka_unit_test(seeds_have_known_answers),
        cmocka_unit_test(seeds_repeat_and_differ),
        cmocka_unit_test(a_record_replays_as_a_schedule),
        cmocka_unit_test(hostile_schedules_stay_in_range),
        cmocka_unit_test(callbacks_answer),
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(points_have_names),
        cmocka_unit_test(saved_in_the_middle),
};

CHECK_MAIN(tests)
