/* SPDX-License-Identifier: MIT */
/*
 * Each bug over all choices of its points: the faulty driver goes wrong under
 * some, and in every run that does the finding has the kind, the line and the
 * remedy; the fixed one never goes wrong, and nothing is found.
 */
#include "machine.h"

struct scenario {
	const struct bug *bug;
	bool fixed, fwb;
};

static bool names_line(const struct dmasim_party *p, unsigned line)
{
	char text[32];

	snprintf(text, sizeof(text), ".c:%u", line);
	return p->known && strstr(p->where, text);
}

/* "K": the expected finding, whole; "k": it lacks something. */
static char judge(const struct bug_machine *m, const struct bug *b)
{
	for (size_t i = 0; i < dmasim_finding_count(m->checker); i++) {
		const struct dmasim_finding *f =
		        dmasim_finding_get(m->checker, i);

		if (f->kind != b->kind)
			continue;
		if (strstr(f->remedy, b->remedy) &&
		    (!m->reader_line ||
		     names_line(&f->reader, m->reader_line)) &&
		    (!m->writer_line || names_line(&f->writer, m->writer_line)))
			return 'K';
		return 'k';
	}
	return dmasim_finding_count(m->checker) ? '?' : '-';
}

static int run(void *ctx, struct dmasim_choice *choice, char *outcome,
               size_t size)
{
	const struct scenario *s = ctx;
	const struct bug_run_config cfg = {.choice = choice, .fwb = s->fwb};
	struct bug_machine m = {0};
	bool right;
	char found;

	assert_int_equal(bug_open(&m, s->bug, &cfg), 0);
	right = s->bug->run(&m, s->fixed);
	found = judge(&m, s->bug);
	if (found == 'k' || found == '?' ||
	    ((s->fixed || s->fwb) && found != '-')) {
		char text[4096];

		dmasim_finding_text(dmasim_finding_get(m.checker, 0), text,
		                    sizeof(text));
		print_error("%s", text);
	}
	bug_close(&m);
	snprintf(outcome, size, "%s, %s",
	         right       ? "right"
	         : m.symptom ? m.symptom
	                     : "wrong",
	         found == 'K'   ? "found"
	         : found == '-' ? "nothing found"
	                        : "found something else");
	return DMASIM_OK;
}

static struct dmasim_exploration *explore(struct scenario *s)
{
	const struct dmasim_explore_config cfg = {
	        .run = run, .ctx = s, .points = s->bug->points};
	struct dmasim_exploration *x;
	struct dmasim_diag diag;
	char text[2048];

	if (dmasim_explore(&cfg, &x, &diag))
		fail_msg("%s", diag.text);
	dmasim_exploration_text(x, text, sizeof(text));
	print_message("%s, %s: %s", s->bug->name,
	              s->fixed ? "fixed"
	              : s->fwb ? "faulty, with FWB"
	                       : "faulty",
	              text);
	assert_true(dmasim_exploration_summary(x)->complete);
	return x;
}

static bool gave(const struct dmasim_exploration *x, const char *text)
{
	struct dmasim_explore_outcome o;

	return dmasim_exploration_find(x, text, &o);
}

static void always_right(struct scenario *s)
{
	struct dmasim_exploration *x = explore(s);

	assert_true(gave(x, "right, nothing found"));
	assert_int_equal(dmasim_exploration_summary(x)->outcomes, 1);
	dmasim_exploration_destroy(x);
}

static void check(const struct bug *b)
{
	struct scenario s = {.bug = b};
	struct dmasim_exploration *x = explore(&s);
	struct dmasim_explore_outcome o;
	char text[64];

	snprintf(text, sizeof(text), "%s, found",
	         b->symptom ? b->symptom : "wrong");
	assert_true(gave(x, text));
	for (size_t i = 0; dmasim_exploration_outcome(x, i, &o); i++) {
		assert_null(strstr(o.text, "something else"));
		if (strstr(o.text, "nothing found"))
			assert_string_equal(o.text, "right, nothing found");
	}
	dmasim_exploration_destroy(x);

	s.fixed = true;
	always_right(&s);
	if (b->guest) {
		s = (struct scenario){.bug = b, .fwb = true};
		always_right(&s);
	}
}

static void firecracker_5536(void **state)
{
	(void)state;
	check(&bug_firecracker_5536);
}

static void firecracker_2169(void **state)
{
	(void)state;
	check(&bug_firecracker_2169);
}

static void cloud_hypervisor_2179(void **state)
{
	(void)state;
	check(&bug_cloud_hypervisor_2179);
}

static void nuttx_19506(void **state)
{
	(void)state;
	check(&bug_nuttx_19506);
}

static void openamp_679(void **state)
{
	(void)state;
	check(&bug_openamp_679);
}

static void sddf_740_753(void **state)
{
	(void)state;
	check(&bug_sddf_740);
}

static void aros_972(void **state)
{
	(void)state;
	check(&bug_aros_972);
}

static void asterinas_3291(void **state)
{
	(void)state;
	check(&bug_asterinas_3291);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(firecracker_5536),
	        cmocka_unit_test(firecracker_2169),
	        cmocka_unit_test(cloud_hypervisor_2179),
	        cmocka_unit_test(nuttx_19506),
	        cmocka_unit_test(openamp_679),
	        cmocka_unit_test(sddf_740_753),
	        cmocka_unit_test(aros_972),
	        cmocka_unit_test(asterinas_3291),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
