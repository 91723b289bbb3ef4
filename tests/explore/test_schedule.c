/* SPDX-License-Identifier: MIT */
/* Schedules as files: what they answer, what they refuse, and that a recording
 * gives the same run again. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "dmasim/schedule.h"

static struct dmasim_schedule *parse(const char *text)
{
	struct dmasim_schedule *s;
	struct dmasim_diag diag = {""};

	assert_int_equal(dmasim_schedule_parse(text, strlen(text), &s, &diag),
	                 DMASIM_OK);
	assert_string_equal(diag.text, "");
	return s;
}

static uint32_t ask(struct dmasim_choice *c, enum dmasim_choice_point point,
                    uint32_t alternatives)
{
	const struct dmasim_choice_query q = {.point = point,
	                                      .alternatives = alternatives,
	                                      .preferred = 1,
	                                      .who = "test",
	                                      .where = 0x40};

	return dmasim_choose(c, &q);
}

static struct dmasim_choice *choice_of(struct dmasim_schedule *s)
{
	const struct dmasim_choice_config cfg = dmasim_schedule_choice(s);
	struct dmasim_choice *c;

	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_OK);
	return c;
}

static void every_point_has_its_own_answers(void **state)
{
	struct dmasim_schedule *s = parse("# by hand\n"
	                                  "nc-hit 2\n"
	                                  "\t victim-way 3 x 2 # twice\r\n"
	                                  "nc-hit 0 x 1\n\n"
	                                  "store-drain 0 always");
	struct dmasim_choice *c = choice_of(s);

	(void)state;
	assert_int_equal(ask(c, DMASIM_CHOICE_VICTIM_WAY, 4), 3);
	assert_int_equal(ask(c, DMASIM_CHOICE_NC_HIT, 3), 2);
	assert_int_equal(ask(c, DMASIM_CHOICE_VICTIM_WAY, 4), 3);
	assert_int_equal(ask(c, DMASIM_CHOICE_NC_HIT, 3), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask(c, DMASIM_CHOICE_STORE_DRAIN, 2), 0);
	/* Behind the end of its lines a point takes the preferred answer. */
	assert_int_equal(ask(c, DMASIM_CHOICE_VICTIM_WAY, 4), 1);
	assert_int_equal(ask(c, DMASIM_CHOICE_ARBITER, 4), 1);
	assert_int_equal(dmasim_schedule_check(s, NULL), DMASIM_OK);
	dmasim_choice_destroy(c);
	dmasim_schedule_destroy(s);
}

static void nothing_that_does_not_fit_is_silent(void **state)
{
	struct dmasim_schedule *s = parse("nc-hit 0\nnc-hit 7\nnc-hit 9\n");
	struct dmasim_choice *c = choice_of(s);
	struct dmasim_diag diag;

	(void)state;
	assert_int_equal(ask(c, DMASIM_CHOICE_NC_HIT, 3), 0);
	assert_int_equal(dmasim_schedule_check(s, &diag), DMASIM_E_FORMAT);
	assert_string_equal(diag.text,
	                    "line 2: the run asked for fewer answers "
	                    "of nc-hit");
	assert_int_equal(ask(c, DMASIM_CHOICE_NC_HIT, 3), 1);
	assert_int_equal(ask(c, DMASIM_CHOICE_NC_HIT, 3), 1);
	assert_int_equal(dmasim_schedule_check(s, &diag), DMASIM_E_FORMAT);
	assert_string_equal(diag.text, "line 2: 7 is no answer to a choice "
	                               "between 0 and 2");
	dmasim_choice_destroy(c);
	dmasim_schedule_destroy(s);
}

static void the_first_line_left_over_is_named(void **state)
{
	struct dmasim_schedule *s = parse("\n\nstore-drain 1 always\n"
	                                  "victim-way 1 x 3\n");
	struct dmasim_choice *c = choice_of(s);
	struct dmasim_diag diag;

	(void)state;
	assert_int_equal(dmasim_schedule_check(s, &diag), DMASIM_E_FORMAT);
	assert_string_equal(diag.text,
	                    "line 3: the run asked for fewer answers "
	                    "of store-drain");
	assert_int_equal(ask(c, DMASIM_CHOICE_STORE_DRAIN, 2), 1);
	assert_int_equal(ask(c, DMASIM_CHOICE_VICTIM_WAY, 2), 1);
	assert_int_equal(ask(c, DMASIM_CHOICE_VICTIM_WAY, 2), 1);
	assert_int_equal(dmasim_schedule_check(s, &diag), DMASIM_E_FORMAT);
	assert_string_equal(diag.text,
	                    "line 4: the run asked for fewer answers "
	                    "of victim-way");
	dmasim_choice_destroy(c);
	dmasim_schedule_destroy(s);
}

static void bad_lines_are_named(void **state)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
	        {"nc-hit", "line 1: 'nc-hit' has no answer"},
	        {"nc-hits 1", "line 1: 'nc-hits' is no choice point"},
	        {"nc-hi 1", "line 1: 'nc-hi' is no choice point"},
	        {"\nnc-hit one", "line 2: 'one' is no answer: a number"},
	        {"nc-hit -1", "line 1: '-1' is no answer: a number"},
	        {"nc-hit 4294967296",
	         "line 1: '4294967296' is no answer: a number"},
	        {"nc-hit 1 y 2", "line 1: 'y' is neither 'x' nor 'always'"},
	        {"nc-hit 1 x", "line 1: 'x' lacks how often"},
	        {"nc-hit 1 x 0", "line 1: '0' is no number above 0"},
	        {"nc-hit 1 x 18446744073709551615",
	         "line 1: '18446744073709551615' is no number above 0"},
	        {"nc-hit 1 x 2 3", "line 1: '2' is not the end of the line"},
	        {"nc-hit 1 always # all\nnc-hit 0",
	         "line 2: 'nc-hit' has an answer for always already"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct dmasim_schedule *s;
		struct dmasim_diag diag;

		assert_int_equal(dmasim_schedule_parse(bad[i].text,
		                                       strlen(bad[i].text), &s,
		                                       &diag),
		                 DMASIM_E_FORMAT);
		assert_string_equal(diag.text, bad[i].message);
		assert_null(s);
	}
}

static void any_bytes_are_parsed_or_refused(void **state)
{
	static const char alphabet[] = "nc-hit 10x#\nalways\t\xff";
	uint64_t seed = 0x9e3779b97f4a7c15ull;
	unsigned good = 0;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		char text[24] = "nc-hit 1";
		size_t size = n % 2 ? 8 : 0;
		struct dmasim_schedule *s;

		while (size < sizeof(text) && (seed & 0xf00)) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			text[size++] = alphabet[seed % (sizeof(alphabet) - 1)];
		}
		seed += 0x100;
		good += dmasim_schedule_parse(text, size, &s, NULL) ==
		        DMASIM_OK;
		dmasim_schedule_destroy(s);
	}
	assert_true(good > 100);
}

static uint32_t scene(struct dmasim_choice *c)
{
	uint32_t sum = 0;

	for (int i = 0; i < 200; i++) {
		sum = 31 * sum + ask(c, DMASIM_CHOICE_VICTIM_WAY, 4);
		sum = 31 * sum + ask(c, DMASIM_CHOICE_STORE_DRAIN, 2);
		if (i % 50 == 0)
			sum = 31 * sum + ask(c, DMASIM_CHOICE_NC_HIT, 3);
	}
	return sum;
}

static void a_recording_gives_the_run_again(void **state)
{
	const struct dmasim_choice_config seeded = {.mode = DMASIM_CHOICE_SEED,
	                                            .seed = 7};
	struct dmasim_schedule *s;
	struct dmasim_choice *c;
	struct dmasim_diag diag = {""};
	uint32_t sum;
	char *text;

	(void)state;
	assert_int_equal(dmasim_schedule_record(&seeded, &s), DMASIM_OK);
	c = choice_of(s);
	sum = scene(c);
	assert_int_equal(dmasim_schedule_check(s, &diag), DMASIM_OK);
	text = dmasim_schedule_text(s);
	assert_non_null(text);
	dmasim_choice_destroy(c);
	dmasim_schedule_destroy(s);

	s = parse(text);
	c = choice_of(s);
	assert_int_equal(scene(c), sum);
	assert_int_equal(dmasim_schedule_check(s, &diag), DMASIM_OK);
	dmasim_choice_destroy(c);
	c = choice_of(s);
	assert_int_not_equal(scene(c), sum);
	dmasim_choice_destroy(c);
	dmasim_schedule_destroy(s);
	free(text);
}

static void a_recording_of_defaults_is_short(void **state)
{
	struct dmasim_schedule *s;
	struct dmasim_choice *c;
	char *text;

	(void)state;
	assert_int_equal(dmasim_schedule_record(NULL, &s), DMASIM_OK);
	text = dmasim_schedule_text(s);
	assert_string_equal(text, "");
	free(text);
	c = choice_of(s);
	scene(c);
	text = dmasim_schedule_text(s);
	assert_string_equal(text, "victim-way 1 x 200 # test 0x40\n"
	                          "store-drain 1 x 200 # test 0x40\n"
	                          "nc-hit 1 x 4 # test 0x40\n");
	free(text);
	dmasim_choice_destroy(c);
	dmasim_schedule_destroy(s);
}

static void a_bad_source_of_answers_is_refused(void **state)
{
	const struct dmasim_choice_config bad = {
	        .mode = DMASIM_CHOICE_CALLBACK};
	struct dmasim_schedule *s;

	(void)state;
	assert_int_equal(dmasim_schedule_record(&bad, &s), DMASIM_E_INVAL);
	assert_null(s);
	dmasim_schedule_destroy(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_point_has_its_own_answers),
	        cmocka_unit_test(nothing_that_does_not_fit_is_silent),
	        cmocka_unit_test(the_first_line_left_over_is_named),
	        cmocka_unit_test(bad_lines_are_named),
	        cmocka_unit_test(any_bytes_are_parsed_or_refused),
	        cmocka_unit_test(a_recording_gives_the_run_again),
	        cmocka_unit_test(a_recording_of_defaults_is_short),
	        cmocka_unit_test(a_bad_source_of_answers_is_refused),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
