/* SPDX-License-Identifier: MIT */
/* Copies of strings, one per content, that live as long as their pool. */
#ifndef DMASIM_STRINGS_INTERNAL_H
#define DMASIM_STRINGS_INTERNAL_H

#include <stddef.h>

struct strings {
	char **s;
	size_t len, cap;
};

/** The pool's copy of @s; NULL for NULL, and without memory. */
const char *strings_keep(struct strings *pool, const char *s);
void strings_free(struct strings *pool);

#endif
