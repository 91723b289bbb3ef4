/* SPDX-License-Identifier: MIT */
/* Tables of trees that are refused: each names the node and what is wrong. */
#ifndef DMASIM_TESTS_PLATFORM_MALFORMED_H
#define DMASIM_TESTS_PLATFORM_MALFORMED_H

#include "plat_internal.h"
#include "tree.h"

struct edit {
	const char *old, *new;
};

struct malformed {
	const char *name;
	struct edit edits[3];
	size_t disks;
	const char *message;
};

static inline void refused(void **state)
{
	const struct malformed *c = *state;
	struct plat_desc *d = calloc(1, sizeof(*d));
	struct dmasim_diag diag = {""};
	char *text = tree_base();
	struct tree t;
	int status;

	assert_non_null(d);
	for (size_t i = 0; i < 3 && c->edits[i].old; i++)
		text = tree_replace(text, c->edits[i].old, c->edits[i].new);
	t = tree_compile(text);
	status = plat_describe(t.fdt, t.size, c->disks, &diag, d);
	free(d);
	free(t.fdt);
	if (strncmp(diag.text, c->message, strlen(c->message)) != 0)
		fail_msg("expected '%s'\n     got '%s'", c->message, diag.text);
	assert_int_equal(status, DMASIM_E_FORMAT);
}

/** main() of a program of such cases. */
#define MALFORMED_MAIN(cases)                                                  \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		struct CMUnitTest t[sizeof(cases) / sizeof(*(cases))];         \
		const size_t n = sizeof(t) / sizeof(*t);                       \
                                                                               \
		/* cmocka's state is not const; the cases are only read. */    \
		for (size_t i = 0; i < n; i++)                                 \
			t[i] = (struct CMUnitTest){                            \
			        .name = (cases)[i].name,                       \
			        .test_func = refused,                          \
			        .initial_state =                               \
			                (void *)(uintptr_t) & (cases)[i],      \
			};                                                     \
		return check_main(argc, argv, t, n);                           \
	}

#endif
