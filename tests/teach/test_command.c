/* SPDX-License-Identifier: MIT */
/* dmasim teach, as a teacher uses it: lists, tells, prints sources, compiles.
 */
#include <jansson.h>

#include "e2e/command.h"

static const char program[] =
        "#include <dmasim/lesson.h>\n"
        "static void story(struct dmasim_stage *s, bool fixed)\n"
        "{\n"
        "	struct dmasim_agent *cpu = lesson_cpu(s, 0);\n"
        "	struct dmasim_agent *nic =\n"
        "	        lesson_device(s, \"nic\", DMASIM_PORT_NONCOHERENT);\n"
        "	struct dmasim_area *a = lesson_area(s, \"mine\", 64);\n"
        "	lesson_watch(a, 0);\n"
        "	lesson_write32(cpu, a, 0, 1);\n"
        "	if (fixed)\n"
        "		lesson_clean(cpu, a);\n"
        "	lesson_read32(nic, a, 0);\n"
        "	%s\n"
        "}\n"
        "DMASIM_LESSON(mine) = {.name = \"mine\", .title = \"Mine\",\n"
        "	.text = \"T.\", .finding = %s, .story = story};\n";

/* That program with a line and a kind, as @dir/lesson's.c; the path. */
static char *source_in(const char *dir, const char *line, const char *kind)
{
	static char path[128];
	char text[2048];

	snprintf(path, sizeof(path), "%s/my lesson.c", dir);
	snprintf(text, sizeof(text), program, line, kind);
	write_file(path, text, strlen(text));
	return path;
}

/* dmasim-uninstalled.pc says what this build needs. */
static void use_build_tree(void)
{
	setenv("PKG_CONFIG_PATH", DMASIM_BINARY_DIR, 1);
	unsetenv("CC");
	unsetenv("PKG_CONFIG");
}

static void lists(void **state)
{
	struct result r = RUN("teach");
	json_t *j;

	(void)state;
	assert_int_equal(r.status, 0);
	expect_text(r.out, "missing-clean      Missing clean:");
	expect_text(r.out, "uncleaned-ste ");
	end_result(&r);
	r = RUN("teach", "--json");
	j = json_loads(r.out, 0, NULL);
	assert_non_null(j);
	assert_true(json_array_size(json_object_get(j, "lessons")) == 9);
	json_decref(j);
	end_result(&r);
}

static void tells(void **state)
{
	struct result r = RUN("teach", "missing-clean");

	(void)state;
	assert_int_equal(r.status, 0);
	expect_text(r.out, "==> The checker finds it: STALE_READ.");
	expect_text(r.out, "==> No finding: this is right.");
	assert_string_equal(r.err, "");
	assert_null(strstr(r.out, "\033"));
	end_result(&r);
	r = RUN("teach", "--json", "--seed", "3", "missing-clean");
	assert_int_equal(r.status, 0);
	expect_text(r.out, "\"schema\":\"dmasim.teach.1\",\"status\":\"ok\"");
	end_result(&r);
}

static void files_beside(void **state)
{
	char dir[] = TEMP_FOLDER, html[64], trace[64], *text;
	struct result r;
	size_t size;

	(void)state;
	make_folder(dir);
	snprintf(html, sizeof(html), "%s/p.html", dir);
	snprintf(trace, sizeof(trace), "%s/t", dir);
	r = RUN("teach", "--html", html, "--trace", trace, "stale-tlb");
	assert_int_equal(r.status, 0);
	text = read_file(html, &size);
	expect_text(text, "</html>");
	free(text);
	text = read_file(trace, &size);
	expect_text(text, "nic: write ");
	free(text);
	end_result(&r);
	remove_folder(dir);
}

static void prints_a_source_that_compiles(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r, own;

	(void)state;
	use_build_tree();
	make_folder(dir);
	r = RUN("teach", "--source", "early-invalidate");
	assert_int_equal(r.status, 0);
	expect_text(r.out, "DMASIM_LESSON(early_invalidate)");
	snprintf(path, sizeof(path), "%s/copy.c", dir);
	write_file(path, r.out, r.out_size);
	end_result(&r);
	own = RUN("teach", path);
	if (own.status != 0)
		fail_msg("%d: %s", own.status, own.err);
	expect_text(own.out, "==> The checker finds it: STALE_READ.");
	expect_text(own.out, "/copy.c:");
	expect_text(own.out, ": lesson_invalidate(cpu, sector);");
	end_result(&own);
	remove_folder(dir);
}

static void tells_ones_own(void **state)
{
	char dir[] = TEMP_FOLDER, html[64], *path, *text;
	struct result r;
	size_t size;

	(void)state;
	use_build_tree();
	make_folder(dir);
	path = source_in(dir, "", "DMASIM_STALE_READ");
	snprintf(html, sizeof(html), "%s/p.html", dir);
	r = RUN("teach", "--html", html, "--seed", "7", path);
	if (r.status != 0)
		fail_msg("%d: %s", r.status, r.err);
	expect_text(r.out, "Lesson mine: Mine\n");
	expect_text(r.out, "my lesson.c:9: lesson_write32(cpu, a, 0, 1);");
	text = read_file(html, &size);
	expect_text(text, "<title>Mine</title>");
	free(text);
	end_result(&r);
	r = RUN("teach", "--json", path);
	assert_int_equal(r.status, 0);
	expect_text(r.out, "\"lesson\":\"mine\"");
	end_result(&r);
	remove_folder(dir);
}

static void ends_as_the_lesson_ends(void **state)
{
	static const struct {
		const char *line, *kind;
		int status;
		const char *message;
	} ways[] = {
	        {"", "DMASIM_LOST_WRITE", 1, ""},
	        {"lesson_write32(cpu, a, 64, 1);", "DMASIM_STALE_READ", 2,
	         "my lesson.c:13: mine: "},
	        {"__builtin_trap();", "DMASIM_STALE_READ", 2,
	         "the lesson ended with status "},
	        {"no_such_call();", "DMASIM_STALE_READ", 2,
	         "cc does not compile it"},
	};
	char dir[] = TEMP_FOLDER;

	(void)state;
	use_build_tree();
	make_folder(dir);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		const char *path = source_in(dir, ways[i].line, ways[i].kind);
		struct result r = RUN("teach", path);

		if (r.status != ways[i].status)
			fail_msg("%d, %d expected: %s", r.status,
			         ways[i].status, r.err);
		expect_text(r.err, ways[i].message);
		end_result(&r);
	}
	remove_folder(dir);
}

/* One clear message each when something that is needed is not there. */
static void what_is_missing(void **state)
{
	char dir[] = TEMP_FOLDER;
	struct result r;
	char *path;

	(void)state;
	make_folder(dir);
	path = source_in(dir, "", "DMASIM_STALE_READ");
	use_build_tree();
	setenv("CC", "/nonexistent/cc", 1);
	r = RUN("teach", path);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "dmasim: /nonexistent/cc: not found: a C compiler");
	end_result(&r);
	use_build_tree();
	setenv("PKG_CONFIG", "/nonexistent/pkg-config", 1);
	r = RUN("teach", path);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "dmasim: /nonexistent/pkg-config: not found");
	end_result(&r);
	use_build_tree();
	setenv("PKG_CONFIG_PATH", "/nonexistent", 1);
	setenv("PKG_CONFIG_LIBDIR", "/nonexistent", 1);
	r = RUN("teach", "--json", path);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "does not know the library dmasim: install it");
	expect_text(r.out, "\"status\": \"bad-input\"");
	end_result(&r);
	unsetenv("PKG_CONFIG_LIBDIR");
	setenv("TMPDIR", "/nonexistent", 1);
	use_build_tree();
	r = RUN("teach", path);
	assert_int_equal(r.status, 3);
	expect_text(r.err, "dmasim: /nonexistent/");
	end_result(&r);
	unsetenv("TMPDIR");
	remove_folder(dir);
}

static void refused(void **state)
{
	static const struct {
		const char *argv[4], *message;
	} bad[] = {
	        {{"no-such-lesson"}, "no such lesson"},
	        {{"--source", "x.c"}, "no such lesson"},
	        {{"missing-clean", "stale-tlb"}, "one lesson at a time"},
	        {{"--html", "/tmp/x"}, "needs a LESSON"},
	        {{"--source"}, "needs a LESSON"},
	        {{"--frobnicate"}, "no such option"},
	        {{"/nonexistent/x.c"}, "No such file"},
	        {{"--html", "/nonexistent/x", "stale-tlb"}, "No such file"},
	        {{"--trace", "/nonexistent/x", "stale-tlb"}, "No such file"},
	        {{"--trace", "/dev/null", "/dev/null.c"}, "only for"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct result r = RUN("teach", bad[i].argv[0], bad[i].argv[1],
		                      bad[i].argv[2], bad[i].argv[3]);

		if (r.status != 2)
			fail_msg("%s: %d", bad[i].argv[0], r.status);
		expect_text(r.err, bad[i].message);
		end_result(&r);
	}
}

static void full_disk(void **state)
{
	struct result r = RUN("teach", "--html", "/dev/full", "stale-tlb");

	(void)state;
	assert_int_equal(r.status, 3);
	expect_text(r.err, "dmasim: /dev/full: ");
	end_result(&r);
}

static void help(void **state)
{
	struct result r = RUN("teach", "--help");

	(void)state;
	assert_int_equal(r.status, 0);
	expect_text(r.out, "Usage: dmasim teach ");
	end_result(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(tells),
        cmocka_unit_test(files_beside),
        cmocka_unit_test(prints_a_source_that_compiles),
        cmocka_unit_test(tells_ones_own),
        cmocka_unit_test(ends_as_the_lesson_ends),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(refused),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(help),
};

CHECK_MAIN(tests)
