/* SPDX-License-Identifier: MIT */
/* Each allocation of a lesson fails once: it is told so, or goes as told. */
#include <stdlib.h>

#include "check.h"

#include "fail_alloc.h"
#include "lessons.h"

static void each_fails(const struct dmasim_lesson *l)
{
	struct dmasim_lesson_options o = {0};
	bool hit = true;
	unsigned failures = 0;

	o.source = "";
	for (int n = 0; hit; n++) {
		struct dmasim_diag diag;
		bool told;
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		status = dmasim_lesson_tell(l, &o, &told, &diag);
		fail_alloc_after = -1;
		hit = fail_alloc_hit;
		if (!hit) {
			assert_int_equal(status, DMASIM_OK);
			assert_true(told);
		}
		if (status != DMASIM_OK) {
			failures++;
			assert_true(diag.text[0] != '\0');
		}
	}
	assert_true(failures > 50);
}

#define LESSON_TEST(id)                                                        \
	static void test_##id(void **state)                                    \
	{                                                                      \
		(void)state;                                                   \
		each_fails(&id);                                               \
	}
LESSONS(LESSON_TEST)

#define LESSON_CASE(id) cmocka_unit_test(test_##id),
static const struct CMUnitTest tests[] = {LESSONS(LESSON_CASE)};

CHECK_MAIN(tests)
