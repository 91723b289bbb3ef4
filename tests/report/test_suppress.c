/* SPDX-License-Identifier: MIT */
/* Files of suppressions: what they match, and what is wrong with them. */
#include "check.h"
#include "sample.h"

#include <stdlib.h>

static struct dmasim_suppressions *parse(const char *text)
{
	struct dmasim_suppressions *s;
	struct dmasim_diag diag = {""};

	if (dmasim_suppressions_parse(text, strlen(text), "supp", &s, &diag))
		fail_msg("%s", diag.text);
	return s;
}

static bool matches(const char *text, const struct dmasim_finding *f)
{
	struct dmasim_suppressions *s = parse(text);
	bool yes = dmasim_suppressed(s, f);

	dmasim_suppressions_destroy(s);
	return yes;
}

static void what_matches(void **state)
{
	struct dmasim_finding f = sample(DMASIM_STALE_READ, DMASIM_OBSERVED);

	(void)state;
	assert_true(matches("STALE_READ", &f));
	assert_true(matches("* # all of them", &f));
	assert_false(matches("LOST_WRITE\n", &f));
	assert_false(matches("", &f));
	assert_false(matches("# STALE_READ\n\n \t\r\n", &f));
	assert_true(matches("LOST_WRITE\nSTALE_READ\n", &f));
	assert_true(matches("* addr=0x80001008-0x80001008", &f));
	assert_true(matches("*\taddr=0x80001000+9\r\n", &f));
	assert_false(matches("* addr=0x80001000+8", &f));
	assert_false(matches("* addr=0x80001009-0xffffffffffffffff", &f));
	assert_true(matches("* source=drv/ring.c", &f));
	assert_true(matches("* source=drv/*", &f));
	assert_true(matches("* source=*ring.c:42", &f));
	assert_false(matches("* source=*ring.c:43", &f));
	assert_false(matches("* source=other/*", &f));
	assert_true(matches("STALE_READ addr=0-0x90000000 source=drv/*", &f));
	assert_false(matches("STALE_READ addr=0-1 source=drv/*", &f));
	/* Either party will do. */
	f.writer = f.reader;
	f.reader.known = false;
	assert_true(matches("* source=drv/*", &f));
	f.writer.file[0] = '\0';
	assert_false(matches("* source=*", &f));
}

static void what_was_not_used(void **state)
{
	const struct dmasim_finding f =
	        sample(DMASIM_STALE_READ, DMASIM_OBSERVED);
	struct dmasim_suppressions *s =
	        parse("# none\nLOST_WRITE  # not here\nSTALE_READ\n*\n");
	struct dmasim_finding_report *r;
	json_t *j;
	char *text;

	(void)state;
	assert_int_equal(dmasim_finding_report_create(s, DMASIM_POTENTIAL, &r),
	                 DMASIM_OK);
	assert_int_equal(dmasim_finding_report_add(r, &f), DMASIM_OK);
	assert_int_equal(dmasim_finding_report_count(r), 0);
	assert_int_equal(dmasim_finding_report_suppressed(r), 1);
	assert_string_equal(dmasim_suppressions_unused(s, 0),
	                    "line 2: LOST_WRITE");
	assert_string_equal(dmasim_suppressions_unused(s, 1), "line 4: *");
	assert_null(dmasim_suppressions_unused(s, 2));
	text = dmasim_finding_report_write(r, DMASIM_REPORT_JSON);
	j = json_loads(text, 0, NULL);
	assert_int_equal(
	        json_array_size(json_object_get(j, "unused_suppressions")), 2);
	json_decref(j);
	free(text);
	dmasim_finding_report_destroy(r);
	dmasim_suppressions_destroy(s);
}

static void refused(const char *text, size_t size, const char *words)
{
	struct dmasim_suppressions *s;
	struct dmasim_diag diag = {""};

	assert_int_equal(
	        dmasim_suppressions_parse(text, size, "supp", &s, &diag),
	        DMASIM_E_FORMAT);
	assert_null(s);
	if (!strstr(diag.text, words))
		fail_msg("\"%s\" without \"%s\"", diag.text, words);
}

static void bad_lines(void **state)
{
	static const char *const bad[][2] = {
	        {"*\nSTALE", "supp: line 2: 'STALE' is no kind"},
	        {"* addr=", "line 1: '' is no range"},
	        {"* addr=5", "is no range"},
	        {"* addr=5-4", "is no range"},
	        {"* addr=5-4x", "is no range"},
	        {"* addr=-4", "is no range"},
	        {"* addr=x-4", "is no range"},
	        {"* addr=1+0", "is no range"},
	        {"* addr=2+0xffffffffffffffff", "is no range"},
	        {"* source=", "neither addr=RANGE nor source=PATTERN"},
	        {"\n\n* what", "line 3: 'what' is neither"},
	};
	char longest[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused(bad[i][0], strlen(bad[i][0]), bad[i][1]);
	memset(longest, 'a', sizeof(longest));
	refused(longest, sizeof(longest), "line 1: the line is too long");
	refused("*\0\n", 3, "no text");
	memcpy(longest, "* source=", 9);
	refused(longest, 400, "neither");
}

/* Of any bytes, a result or one clear error. */
static void any_bytes(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	const char *words = "* STALE_READ addr= 0x1 -+ source= \n#\t";

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		struct dmasim_suppressions *s;
		struct dmasim_diag diag = {""};
		char text[48];
		int status;

		for (unsigned i = 0; i < sizeof(text); i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			text[i] = seed % 20 ? words[(seed >> 8) % 38]
			                    : (char)(seed >> 16);
		}
		status = dmasim_suppressions_parse(text, sizeof(text), "x", &s,
		                                   &diag);
		assert_true(status == DMASIM_OK ||
		            strncmp(diag.text, "x: line ", 8) == 0);
		dmasim_suppressions_destroy(s);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matches),
        cmocka_unit_test(what_was_not_used),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(any_bytes),
};

CHECK_MAIN(tests)
