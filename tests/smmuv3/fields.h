/* SPDX-License-Identifier: MIT */
/* Structures explained field by field: what was said. */
#ifndef DMASIM_TESTS_FIELDS_H
#define DMASIM_TESTS_FIELDS_H

#include "check.h"

#include "dmasim/smmuv3.h"

#define MAX 64

static struct dmasim_field f[MAX];

static inline const struct dmasim_field *field(size_t n, const char *name)
{
	for (size_t i = 0; i < n && i < MAX; i++)
		if (strcmp(f[i].name, name) == 0)
			return &f[i];
	return NULL;
}

static inline void has(size_t n, const char *name, uint64_t value)
{
	const struct dmasim_field *p = field(n, name);

	if (!p)
		fail_msg("no field %s", name);
	else
		assert_int_equal(p->value, value);
}

static inline void says(size_t n, const char *name, const char *text)
{
	const struct dmasim_field *p = field(n, name);

	if (!p)
		fail_msg("no field %s", name);
	else if (!text)
		assert_null(p->text);
	else
		assert_string_equal(p->text, text);
}

static inline void lacks(size_t n, const char *name)
{
	if (field(n, name))
		fail_msg("field %s should not be there", name);
}

#endif
