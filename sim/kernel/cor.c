/* SPDX-License-Identifier: MIT */
/*
 * Coroutines and their stacks. AddressSanitizer and valgrind must be told
 * about stacks: the one at each switch, the other once for each mapping.
 */
#include "cor_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COR_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define COR_ASAN 1
#endif

#ifdef COR_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define asan_leave(fake, base, size)                                           \
	__sanitizer_start_switch_fiber(fake, base, size)
#define asan_arrive(fake, base, size)                                          \
	__sanitizer_finish_switch_fiber(fake, base, size)
#define asan_forget(p, n) __asan_unpoison_memory_region(p, n)
#else
#define asan_leave(fake, base, size)  ((void)0)
#define asan_arrive(fake, base, size) ((void)0)
#define asan_forget(p, n)             ((void)0)
#endif

#ifdef DMASIM_HAVE_VALGRIND
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0u
#define VALGRIND_STACK_DEREGISTER(id)       ((void)(id))
#endif

static size_t cor_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

size_t cor_stack_size(size_t want)
{
	size_t page = cor_page();

	if (want > SIZE_MAX / 2)
		return 0;
	return (want + page - 1) / page * page;
}

struct cor *cor_create(size_t stack_size)
{
	struct cor *c = calloc(1, sizeof(*c));
	size_t guard = cor_page();

	if (!c)
		return NULL;
	c->stack_size = stack_size;
	c->map_size = stack_size + guard;
	c->map = mmap(NULL, c->map_size, PROT_READ | PROT_WRITE,
	              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (c->map == MAP_FAILED) {
		free(c);
		return NULL;
	}
	/* Stacks grow down: an overflow hits the guard page. */
	if (mprotect(c->map, guard, PROT_NONE)) {
		munmap(c->map, c->map_size);
		free(c);
		return NULL;
	}
	c->stack = (char *)c->map + guard;
	c->valgrind_id =
	        VALGRIND_STACK_REGISTER(c->stack, c->stack + stack_size);
	return c;
}

void cor_destroy(struct cor *c)
{
	VALGRIND_STACK_DEREGISTER(c->valgrind_id);
	asan_forget(c->stack, c->stack_size);
	munmap(c->map, c->map_size);
	free(c);
}

static void cor_entry(void *arg)
{
	struct cor *c = arg;

	asan_arrive(NULL, &c->caller_stack, &c->caller_size);
	c->fn(c->ctx, c->arg);
	c->ended = true;
	/* NULL: this stack's frames are gone for good. */
	asan_leave(NULL, c->caller_stack, c->caller_size);
	cor_context_switch(&c->self, &c->caller);
}

void cor_start(struct cor *c, cor_fn *fn, void *ctx, void *arg)
{
	c->fn = fn;
	c->ctx = ctx;
	c->arg = arg;
	c->ended = false;
	c->fake = NULL;
	/* The last user's frames never returned: forget their red zones. */
	asan_forget(c->stack, c->stack_size);
	cor_context_init(&c->self, c->stack, c->stack_size, cor_entry, c);
}

void cor_resume(struct cor *c)
{
	asan_leave(&c->caller_fake, c->stack, c->stack_size);
	cor_context_switch(&c->caller, &c->self);
	asan_arrive(c->caller_fake, NULL, NULL);
}

void cor_yield(struct cor *c)
{
	asan_leave(&c->fake, c->caller_stack, c->caller_size);
	cor_context_switch(&c->self, &c->caller);
	asan_arrive(c->fake, &c->caller_stack, &c->caller_size);
}
