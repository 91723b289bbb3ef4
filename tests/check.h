/* SPDX-License-Identifier: MIT */
/*
 * The frame of every cmocka program: `--list` prints the cases, one argument
 * runs that case alone, no argument runs all.
 */
#ifndef DMASIM_TESTS_CHECK_H
#define DMASIM_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static inline int check_main(int argc, char **argv,
                             const struct CMUnitTest *tests, size_t count)
{
	if (argc > 1 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < count; i++)
			printf("%s\n", tests[i].name);
		return 0;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	/* The runner returns the number of failures: 256 would be 0. */
	return _cmocka_run_group_tests("cases", tests, count, NULL, NULL) != 0;
}

#define CHECK_MAIN(tests)                                                      \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		return check_main(argc, argv, (tests),                         \
		                  sizeof(tests) / sizeof(*(tests)));           \
	}

#endif
