/* SPDX-License-Identifier: MIT */
/* Coroutines of the native back end. */
#ifndef DMASIM_KERNEL_COR_INTERNAL_H
#define DMASIM_KERNEL_COR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

/* x86-64 switches without a system call; DMASIM_COR_UCONTEXT picks the way of
 * all other machines there too. */
#if !(defined(__x86_64__) && defined(__LP64__)) && !defined(DMASIM_COR_UCONTEXT)
#define DMASIM_COR_UCONTEXT 1
#endif

#ifdef DMASIM_COR_UCONTEXT
#include <ucontext.h>
struct cor_context {
	ucontext_t uc;
};
#else
struct cor_context {
	/** Callee-saved registers lie there, and where to go on. */
	void *sp;
};
#endif

typedef void cor_fn(void *ctx, void *arg);

struct cor {
	struct cor_context self;
	/** Where resume was called; valid while the coroutine runs. */
	struct cor_context caller;
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

/** The first switch to @c calls @entry(@arg), which never returns. */
void cor_context_init(struct cor_context *c, char *stack, size_t size,
                      void (*entry)(void *), void *arg);
void cor_context_switch(struct cor_context *from, struct cor_context *to);

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
