/* SPDX-License-Identifier: MIT */
/*
 * Allocation failures for tests: a program linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc can make the n-th allocation
 * from now fail. Included by one source of the program.
 */
#ifndef DMASIM_TESTS_FAIL_ALLOC_H
#define DMASIM_TESTS_FAIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/** Allocations until the one that fails; negative: none does. */
static int fail_alloc_after = -1;
/** Set when one failed. */
static bool fail_alloc_hit;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static bool fail_alloc_now(void)
{
	if (fail_alloc_after < 0 || fail_alloc_after-- > 0)
		return false;
	fail_alloc_hit = true;
	return true;
}

void *__wrap_malloc(size_t n)
{
	return fail_alloc_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fail_alloc_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fail_alloc_now() ? NULL : __real_realloc(p, n);
}

#endif
