/* SPDX-License-Identifier: MIT */
/* What rooms keep once per kernel. */
#include "fixture.h"

static const char key_a, key_b;
static char order[8];

static void fini_a(void *local)
{
	strcat(order, *(int *)local == 5 ? "a" : "?");
}

static void fini_b(void *local)
{
	strcat(order, *(int *)local == 6 ? "b" : "?");
}

static void locals_belong_to_their_kernel(void **state)
{
	struct dmasim_kernel *k = new_kernel(), *other = new_kernel();
	int *a, *b;

	(void)state;
	a = dmasim_kernel_local(k, &key_a, sizeof(*a), fini_a);
	b = dmasim_kernel_local(k, &key_b, sizeof(*b), fini_b);
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(*a | *b, 0);
	*a = 5;
	*b = 6;
	assert_ptr_equal(dmasim_kernel_local(k, &key_a, sizeof(*a), fini_a), a);
	assert_ptr_not_equal(
	        dmasim_kernel_local(other, &key_a, sizeof(*a), NULL), a);
	assert_null(dmasim_kernel_local(other, &key_b, SIZE_MAX, NULL));
	dmasim_kernel_destroy(other);
	assert_string_equal(order, "");
	dmasim_kernel_destroy(k);
	assert_string_equal(order, "ba");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(locals_belong_to_their_kernel),
};

CHECK_MAIN(tests)
