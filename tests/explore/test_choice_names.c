/* SPDX-License-Identifier: MIT */
/* Every choice point has a name of its own, and a row in docs/memory.md. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/choice.h"

static char *page(void)
{
	FILE *f = fopen(DMASIM_SOURCE_DIR "/docs/memory.md", "rb");
	char *text = calloc(1, 1 << 16);

	assert_non_null(f);
	assert_non_null(text);
	assert_in_range(fread(text, 1, (1 << 16) - 1, f), 1, (1 << 16) - 2);
	fclose(f);
	return text;
}

static void names_are_told_apart(void **state)
{
	(void)state;
	for (int i = 0; i < DMASIM_CHOICE_POINTS; i++) {
		const char *name = dmasim_choice_name(i);

		assert_string_not_equal(name, "unknown");
		/* A schedule's line has room for it. */
		assert_in_range(strlen(name), 1, 31);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, dmasim_choice_name(j));
	}
	assert_string_equal(dmasim_choice_name(DMASIM_CHOICE_POINTS),
	                    "unknown");
}

static void names_are_in_the_table(void **state)
{
	char *text = page(), quoted[40];

	(void)state;
	for (int i = 0; i < DMASIM_CHOICE_POINTS; i++) {
		snprintf(quoted, sizeof(quoted), "`%s`", dmasim_choice_name(i));
		if (!strstr(text, quoted))
			fail_msg("docs/memory.md lacks %s", quoted);
	}
	free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_are_told_apart),
	        cmocka_unit_test(names_are_in_the_table),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
