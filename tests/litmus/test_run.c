/* SPDX-License-Identifier: MIT */
/* The runner itself: what it refuses, its bounds, and that leaving out orders
 * of independent actions leaves out no outcome. */
#include "check.h"

#include "axiom.h"
#include "catalogue.h"
#include "generate.h"
#include "run.h"

static void parse(const char *text, struct litmus *t)
{
	char err[256];

	if (!litmus_parse("t", text, t, err, sizeof(err)))
		fail_msg("%s", err);
}

static bool same(const struct outcomes *a, const struct outcomes *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!outcomes_has(b, &a->list[i]))
			return false;
	return a->count == b->count;
}

/* Both ways; false: every order was too much. */
static bool compare(const struct litmus *t, bool checker, uint64_t *saved)
{
	const struct run_config few = {.checker = checker};
	const struct run_config all = {
	        .checker = checker, .every_order = true, .max_runs = 20000};
	struct run_result a, b;
	bool complete;

	if (!litmus_run(t, &few, &a) || !litmus_run(t, &all, &b))
		fail_msg("%s", a.error);
	complete = b.complete;
	if (complete) {
		assert_true(a.complete);
		if (!same(&a.outcomes, &b.outcomes))
			fail_msg("%s: outcomes differ", t->name);
		if (a.kinds != b.kinds)
			fail_msg("%s: findings differ", t->name);
		assert_true(a.runs <= b.runs);
		*saved += b.runs - a.runs;
	}
	run_result_free(&a);
	run_result_free(&b);
	return complete;
}

static void no_outcome_of_generated_tests_is_left_out(void **state)
{
	struct generator *g = generator_new(3);
	int compared = 0;
	uint64_t saved = 0;
	char text[4096];
	struct litmus t;

	(void)state;
	for (int i = 0; i < 60; i++) {
		generator_next(g, text, sizeof(text));
		parse(text, &t);
		compared += compare(&t, false, &saved);
	}
	generator_free(g);
	assert_true(compared >= 50);
	assert_true(saved > 0);
}

static void no_finding_of_files_is_left_out(void **state)
{
	struct catalogue c;
	uint64_t saved = 0;
	int compared = 0;
	char err[256];
	struct litmus t;

	(void)state;
	assert_true(catalogue_open(&c));
	for (int i = 0; i < c.count; i++) {
		if (!catalogue_load(c.path[i], &t, err, sizeof(err)))
			fail_msg("%s", err);
		compared += compare(&t, true, &saved);
	}
	assert_true(compared * 10 >= c.count * 9);
	assert_true(saved > 0);
	catalogue_close(&c);
}

/* The comparison would notice an ordering that the simulator lacks: outcomes of
 * message passing without barriers are not those that the model allows with
 * them. */
static void a_missing_order_is_noticed(void **state)
{
	static const char *const weak[] = {"PodWW Rfe DmbdRR Fre",
	                                   "DmbdWW Rfe PodRR Fre",
	                                   "PodWR Fre DmbdWR Fre"};
	static const char *const strong[] = {"DmbdWW Rfe DmbdRR Fre",
	                                     "DmbdWW Rfe DmbdRR Fre",
	                                     "DmbdWR Fre DmbdWR Fre"};
	const struct run_config cfg = {0};
	struct axiom_result model;
	struct run_result r;
	char text[4096];
	struct litmus t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		unsigned forbidden = 0;

		assert_true(cycle_litmus(strong[i], "t", "never", text,
		                         sizeof(text)));
		parse(text, &t);
		assert_true(axiom_allowed(&t, &model));
		assert_true(
		        cycle_litmus(weak[i], "t", "must", text, sizeof(text)));
		parse(text, &t);
		assert_true(litmus_run(&t, &cfg, &r));
		for (size_t k = 0; k < r.outcomes.count; k++)
			forbidden += !outcomes_has(&model.allowed,
			                           &r.outcomes.list[k]);
		assert_int_equal(forbidden, 1);
		assert_true(outcomes_match(&t, &r.outcomes, &t.verdict[0]));
		outcomes_free(&model.allowed);
		run_result_free(&r);
	}
}

#define TWO                                                                    \
	"litmus t\nshows it\ninit x=0 y=0\nagent P cpu\nagent Q cpu\n%s\n"     \
	"program\nP | Q\nSTR 1, x | LDR R0, y\nSTR 1, y | LDR R1, x\n%s"

static struct run_result run(const char *head, const char *rows,
                             uint64_t max_runs)
{
	const struct run_config cfg = {.max_runs = max_runs};
	struct run_result r;
	struct litmus t;
	char text[2048];

	snprintf(text, sizeof(text), TWO, head, rows);
	parse(text, &t);
	litmus_run(&t, &cfg, &r);
	return r;
}

static void bounds_are_kept(void **state)
{
	struct run_result r = run("", "", 0);

	(void)state;
	assert_true(r.complete && r.runs > 3);
	assert_int_equal(r.outcomes.count, 4);
	run_result_free(&r);
	r = run("", "", 2);
	assert_int_equal(r.runs, 2);
	assert_false(r.complete);
	run_result_free(&r);
	r = run("bound 3", "", 0);
	assert_int_equal(r.runs, 3);
	assert_false(r.complete);
	run_result_free(&r);
}

static void refusals(void **state)
{
	struct run_result r = run("choices weather", "", 0);
	char rows[2048] = "";

	(void)state;
	assert_string_equal(r.error, "no such choice point");
	run_result_free(&r);
	for (int i = 0; i < 14; i++)
		snprintf(rows + strlen(rows), 64, "LDR A%d, x | LDR A%d, x\n",
		         i, i);
	snprintf(rows + strlen(rows), 64, "\nfinal x y\n");
	r = run("init a=0 b=0", rows, 1);
	assert_string_equal(r.error, "");
	run_result_free(&r);
	snprintf(rows + strlen(rows), 64, "must a=0\n");
	r = run("init a=0 b=0", rows, 1);
	assert_string_equal(r.error, "too many values");
	run_result_free(&r);
}

/* What is wrong with a run ends it, with the reason. */
static void broken_runs(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	        /* The interrupt comes only after the doorbell. */
	        {"litmus t\nshows it\ninit x=0\nagent P cpu\nagent D coherent\n"
	         "program\nP | D\nWAIT IRQ | WAIT BELL\nBELL D | IRQ P\n",
	         "somebody waits for ever"},
	        {"litmus t\nshows it\ninit x=0\nagent P cpu ngnrne\n"
	         "env evict x from P\nprogram\nP\nLDR R0, x\n",
	         ""},
	};
	const struct run_config cfg = {0};
	struct run_result r;
	struct litmus t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		parse(cases[i].text, &t);
		assert_int_equal(litmus_run(&t, &cfg, &r), !*cases[i].error);
		assert_string_equal(r.error, cases[i].error);
		run_result_free(&r);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_outcome_of_generated_tests_is_left_out),
        cmocka_unit_test(no_finding_of_files_is_left_out),
        cmocka_unit_test(a_missing_order_is_noticed),
        cmocka_unit_test(bounds_are_kept),
        cmocka_unit_test(refusals),
        cmocka_unit_test(broken_runs),
};

CHECK_MAIN(tests)
