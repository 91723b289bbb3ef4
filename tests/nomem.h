/* SPDX-License-Identifier: MIT */
/*
 * A host that runs out of memory: link with --wrap for the four functions
 * below, and the allocation that nomem_after counts down to fails, once.
 */
#ifndef DMASIM_TESTS_NOMEM_H
#define DMASIM_TESTS_NOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/** 0: nothing fails. */
static unsigned nomem_after;

static inline bool nomem_now(void)
{
	return nomem_after && --nomem_after == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t size)
{
	return nomem_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return nomem_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return nomem_now() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return nomem_now() ? NULL : __real_strdup(s);
}

#endif
