/* SPDX-License-Identifier: MIT */
/*
 * Each lesson goes as it is told, and says to the byte what golden/ has, on
 * both kernels. After a change that is meant, golden.sh writes those anew.
 */
#include <jansson.h>
#include <stdlib.h>

#include "check.h"
#include "lessons.h"
#ifdef HAVE_SYSTEMC
#include "dmasim/systemc.h"
#endif

struct told {
	char *text, *json, *html;
	size_t text_size, json_size, html_size;
	bool as_told;
};

static struct told tell(const struct dmasim_lesson *l, const void *source,
                        const struct dmasim_backend *backend)
{
	struct dmasim_lesson_options o = {.backend = backend, .source = source};
	struct dmasim_diag diag;
	struct told t;
	int status;

	o.out = open_memstream(&t.text, &t.text_size);
	o.json = open_memstream(&t.json, &t.json_size);
	o.html = open_memstream(&t.html, &t.html_size);
	assert_non_null(o.html);
	status = dmasim_lesson_tell(l, &o, &t.as_told, &diag);
	if (status != DMASIM_OK)
		fail_msg("%s: %s", l->name, diag.text);
	fclose(o.out);
	fclose(o.json);
	fclose(o.html);
	return t;
}

static void forget(struct told *t)
{
	free(t->text);
	free(t->json);
	free(t->html);
}

/* NULL: there is no such file. */
static char *golden(const char *name)
{
	char path[512];
	char *text = calloc(1, 1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/teach/golden/%s.txt",
	         DMASIM_SOURCE_DIR, name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing", path);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static void expect_golden(const char *name, const char *text)
{
	char *want = golden(name);
	size_t at = 0;

	while (want[at] && want[at] == text[at])
		at++;
	if (want[at] != text[at])
		fail_msg("%s differs from its golden text from byte %zu on:\n"
		         "--- wanted\n%.300s\n--- got\n%.300s",
		         name, at, want + at, text + at);
	free(want);
}

/* A run has exactly the findings that the lesson is about. */
static void expect_findings(const json_t *run, const char *kind)
{
	const json_t *found = json_object_get(run, "findings");

	assert_true(json_array_size(found) > 0);
	for (size_t i = 0; i < json_array_size(found); i++)
		assert_string_equal(json_string_value(json_array_get(found, i)),
		                    kind);
}

static void expect_json(const struct dmasim_lesson *l, const struct told *t)
{
	json_error_t error;
	json_t *j = json_loadb(t->json, t->json_size, JSON_REJECT_DUPLICATES,
	                       &error);
	const json_t *runs;

	if (!j)
		fail_msg("%s: %s", l->name, error.text);
	assert_string_equal(json_string_value(json_object_get(j, "schema")),
	                    "dmasim.teach.1");
	assert_string_equal(json_string_value(json_object_get(j, "status")),
	                    "ok");
	runs = json_object_get(j, "runs");
	assert_int_equal(json_array_size(runs), 2);
	expect_findings(json_array_get(runs, 0),
	                dmasim_finding_kind_name(l->finding));
	assert_int_equal(json_array_size(json_object_get(
	                         json_array_get(runs, 1), "findings")),
	                 0);
	json_decref(j);
}

static void as_told(const struct dmasim_lesson *l, const void *source)
{
	struct told t = tell(l, source, NULL);

	assert_true(t.as_told);
	expect_golden(l->name, t.text);
	expect_json(l, &t);
	assert_non_null(strstr(t.html, "</html>"));
#ifdef HAVE_SYSTEMC
	struct told s = tell(l, source, dmasim_backend_systemc());

	assert_true(s.as_told);
	assert_string_equal(s.text, t.text);
	assert_string_equal(s.json, t.json);
	assert_string_equal(s.html, t.html);
	forget(&s);
#endif
	forget(&t);
}

/* Lines of source: a lesson is short. */
static void is_short(const char *source)
{
	unsigned lines = 0;

	for (; *source; source++)
		lines += *source == '\n';
	assert_true(lines <= 100);
}

#define LESSON_TEST(id)                                                        \
	static void test_##id(void **state)                                    \
	{                                                                      \
		(void)state;                                                   \
		is_short((const char *)lesson_source_##id);                    \
		as_told(&id, lesson_source_##id);                              \
	}
LESSONS(LESSON_TEST)

/* Without its source at hand a lesson shows places alone; here its path is
 * relative to the tree, which is not where tests run. */
static void without_source(void **state)
{
	struct told t = tell(&missing_clean, NULL, NULL);

	(void)state;
	assert_true(t.as_told);
	assert_non_null(strstr(t.text, "missing_clean.c:"));
	assert_null(strstr(t.text, "lesson_write32"));
	forget(&t);
}

/* What a story leaves open is answered from a seed, the same each time. */
static void seeds(void **state)
{
	struct dmasim_lesson_options o = {.has_seed = true};
	struct dmasim_diag diag;
	bool told;

	(void)state;
	for (o.seed = 0; o.seed < 20; o.seed++)
		assert_int_equal(
		        dmasim_lesson_tell(&mismatched_alias, &o, &told, &diag),
		        DMASIM_OK);
}

#define LESSON_CASE(id) cmocka_unit_test(test_##id),
static const struct CMUnitTest tests[] = {
        LESSONS(LESSON_CASE) cmocka_unit_test(without_source),
        cmocka_unit_test(seeds)};

CHECK_MAIN(tests)
