/* SPDX-License-Identifier: MIT */
/* The switch on any machine; it asks the host kernel to keep the signal mask.
 */
#include "cor_internal.h"

#include <stdint.h>

#ifdef DMASIM_COR_UCONTEXT

/* makecontext() passes ints only: pointers travel in two halves. */
static void *cor_join(unsigned hi, unsigned lo)
{
	return (void *)((uintptr_t)((uint64_t)hi << 32) | lo);
}

static unsigned cor_high(uintptr_t p)
{
	return (unsigned)((uint64_t)p >> 32);
}

static void cor_trampoline(unsigned entry_hi, unsigned entry_lo,
                           unsigned arg_hi, unsigned arg_lo)
{
	uintptr_t entry = (uintptr_t)cor_join(entry_hi, entry_lo);

	((void (*)(void *))entry)(cor_join(arg_hi, arg_lo));
}

void cor_context_init(struct cor_context *c, char *stack, size_t size,
                      void (*entry)(void *), void *arg)
{
	uintptr_t e = (uintptr_t)entry, a = (uintptr_t)arg;

	getcontext(&c->uc);
	c->uc.uc_stack.ss_sp = stack;
	c->uc.uc_stack.ss_size = size;
	c->uc.uc_link = NULL;
	makecontext(&c->uc, (void (*)(void))cor_trampoline, 4, cor_high(e),
	            (unsigned)e, cor_high(a), (unsigned)a);
}

void cor_context_switch(struct cor_context *from, struct cor_context *to)
{
	swapcontext(&from->uc, &to->uc);
}

#endif
