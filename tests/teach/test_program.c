/* SPDX-License-Identifier: MIT */
/* A lesson as a program of its own, without the command: its options. */
#include "e2e/command.h"

#include "dmasim/lesson.h"

static void nothing(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_area *area = lesson_area(s, "area", 64);

	(void)fixed;
	lesson_watch(area, 0);
	lesson_read32(lesson_cpu(s, 0), area, 0);
}

static void impossible(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_cpu(s, 9);
}

static const struct dmasim_lesson harmless = {
        .name = "harmless", .title = "t", .story = nothing};
static const struct dmasim_lesson wrong = {
        .name = "wrong", .title = "t", .story = impossible};

/* Run its main() in a child, so that stdout is its own. */
static struct result run_lesson(const struct dmasim_lesson *l, const char *a,
                                const char *b)
{
	FILE *out = tmpfile(), *err = tmpfile();
	struct result r = {0};
	size_t size;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		char *argv[] = {(char *)(uintptr_t) "lesson",
		                (char *)(uintptr_t)a, (char *)(uintptr_t)b,
		                NULL};
		int argc = !a ? 1 : !b ? 2 : 3;

		if (dup2(fileno(out), 1) < 0 || dup2(fileno(err), 2) < 0)
			exit(99);
		/* exit(): so that coverage is written. */
		exit(dmasim_lesson_main(argc, argv, l));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	r.out = slurp(out, &r.out_size);
	r.err = slurp(err, &size);
	fclose(out);
	fclose(err);
	return r;
}

static void options(void **state)
{
	static const struct {
		const struct dmasim_lesson *lesson;
		const char *a, *b;
		int status;
		const char *out, *err;
	} ways[] = {
	        {&harmless, NULL, NULL, 1, "==> Not as told", ""},
	        {&harmless, "--help", NULL, 0, "Usage: LESSON", ""},
	        {&harmless, "--json", NULL, 1, "\"status\":\"finding\"", ""},
	        {&harmless, "--seed", "7", 1, "==> Not as told", ""},
	        {&harmless, "--seed", "x", 2, "", "--seed: not a number"},
	        {&harmless, "--seed", "-1", 2, "", "--seed: not a number"},
	        {&harmless, "--seed", "", 2, "", "--seed: not a number"},
	        {&harmless, "--seed", "99999999999999999999", 2, "",
	         "--seed: not a number"},
	        {&harmless, "--seed", NULL, 2, "", "--seed: needs an argument"},
	        {&harmless, "--html", "/dev/null", 1, "==> Not as told", ""},
	        {&harmless, "--html", "/nonexistent/x", 2, "", "No such file"},
	        {&harmless, "--html", "/dev/full", 3, "",
	         "/dev/full: cannot write it"},
	        {&harmless, "--other", NULL, 2, "", "--other: no such option"},
	        {&harmless, "--json", "--x<", 2,
	         "\"bad-input\",\"error\":{\"place\":\"--x\\u003c\"",
	         "no such option"},
	        {&wrong, NULL, NULL, 2, "", "wrong: wrong: cpu9: "},
	        {&wrong, "--json", NULL, 2, "\"bad-input\"", "cpu9: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct result r =
		        run_lesson(ways[i].lesson, ways[i].a, ways[i].b);

		if (r.status != ways[i].status)
			fail_msg("%zu: %d: %s", i, r.status, r.err);
		expect_text(r.out, ways[i].out);
		expect_text(r.err, ways[i].err);
		end_result(&r);
	}
}

static void full_stdout(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		char *argv[] = {(char *)(uintptr_t) "lesson", NULL};

		if (!freopen("/dev/full", "w", stdout) ||
		    !freopen("/dev/null", "w", stderr))
			exit(99);
		exit(dmasim_lesson_main(1, argv, &harmless));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(options),
        cmocka_unit_test(full_stdout),
};

CHECK_MAIN(tests)
