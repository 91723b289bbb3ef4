/* SPDX-License-Identifier: MIT */
/* Coroutines of the native back end. */
#ifndef DMASIM_KERNEL_COR_INTERNAL_H
#define DMASIM_KERNEL_COR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

typedef void cor_fn(void *ctx, void *arg);

struct cor {
	ucontext_t self;
	/** Where resume was called; valid while the coroutine runs. */
	ucontext_t caller;
	cor_fn *fn;
	void *ctx, *arg;
	bool ended;
	/** The mapping: one guard page, then the stack. */
	void *map;
	size_t map_size;
	char *stack;
	size_t stack_size;
	unsigned valgrind_id;
	/* AddressSanitizer's view of both stacks. */
	void *fake, *caller_fake;
	const void *caller_stack;
	size_t caller_size;
	struct cor *next;
};

/** @want in whole pages; 0: absurd. */
size_t cor_stack_size(size_t want);
/** @stack_size from cor_stack_size(). NULL: no memory. */
struct cor *cor_create(size_t stack_size);
void cor_destroy(struct cor *c);
/** The next resume calls @fn(@ctx, @arg) on the coroutine's stack. */
void cor_start(struct cor *c, cor_fn *fn, void *ctx, void *arg);
void cor_resume(struct cor *c);
void cor_yield(struct cor *c);

#endif
