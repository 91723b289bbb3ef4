/* SPDX-License-Identifier: MIT */
/* Strings of JSON: whatever goes in, JSON comes out. */
#include <jansson.h>

#include "view_rig.h"

static char *written(const char *text)
{
	struct output o;

	open_output(&o);
	dmasim_view_json_string(o.f, text);
	end_output(&o);
	return o.text;
}

static void expect(const char *text, const char *json)
{
	char *got = written(text);

	assert_string_equal(got, json);
	free(got);
}

static void escapes(void **state)
{
	(void)state;
	expect("", "\"\"");
	expect("plain", "\"plain\"");
	expect("\"\\", "\"\\u0022\\u005c\"");
	expect("<>&'", "\"\\u003c\\u003e\\u0026\\u0027\"");
	expect("\n\t\x7f", "\"\\u000a\\u0009\\u007f\"");
	expect("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
	       "\"\\u2028\\u2029\xe2\x80\xaa\"");
	expect("\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80",
	       "\"\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80\"");
}

/* Alone, cut off, too long, surrogates, beyond the last. */
static void no_utf8(void **state)
{
	(void)state;
	expect("\x80", "\"\\ufffd\"");
	expect("\xc3", "\"\\ufffd\"");
	expect("\xc3(", "\"\\ufffd(\"");
	expect("\xe4\xb8", "\"\\ufffd\\ufffd\"");
	expect("\xf0\x9f\x98", "\"\\ufffd\\ufffd\\ufffd\"");
	expect("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	expect("\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"");
	expect("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	expect("\xf0\x80\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	expect("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	expect("\xf5\x80", "\"\\ufffd\\ufffd\"");
}

/* Random bytes: a parser that checks UTF-8 takes each. */
static void random_bytes(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[16];
		json_t *j;
		char *json;
		size_t n = rig_random(&seed) % 15;

		for (size_t k = 0; k < n; k++)
			text[k] = (char)(1 + rig_random(&seed) % 255);
		text[n] = '\0';
		json = written(text);
		j = json_loads(json, JSON_DECODE_ANY, NULL);
		if (!j)
			fail_msg("not JSON: %s", json);
		assert_null(strpbrk(json, "<>&'"));
		json_decref(j);
		free(json);
	}
}

static char *wrapped(const char *text, const char *indent)
{
	struct output o;

	open_output(&o);
	dmasim_view_wrap(text, indent, o.f);
	end_output(&o);
	return o.text;
}

static void wraps(void **state)
{
	char *text = wrapped("a b\nc\n\nd", "  ");

	(void)state;
	assert_string_equal(text, "  a b c\n\n  d\n");
	free(text);
	text = wrapped("", "");
	assert_string_equal(text, "\n");
	free(text);
	text = wrapped("0123456789012345678901234567890123456789 "
	               "0123456789012345678901234567890123456789 x",
	               "");
	assert_string_equal(text, "0123456789012345678901234567890123456789\n"
	                          "0123456789012345678901234567890123456789 "
	                          "x\n");
	free(text);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(no_utf8),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(wraps),
};

CHECK_MAIN(tests)
