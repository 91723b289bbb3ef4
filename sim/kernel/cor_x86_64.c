/* SPDX-License-Identifier: MIT */
/* The switch on x86-64, in a few nanoseconds. */
#include "cor_internal.h"

#include <stdint.h>

#ifndef DMASIM_COR_UCONTEXT

/*
 * System V ABI, x86-64: rbx, rbp, r12 to r15 and the control words of SSE and
 * x87 belong to the caller. They are pushed on the stack that is left, and
 * the stack pointer tells where they are.
 */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl cor_swap\n"
        ".hidden cor_swap\n"
        ".type cor_swap, @function\n"
        "cor_swap:\n"
        "	.cfi_startproc\n"
        "	pushq %rbp\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	pushq %rbx\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r12\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r13\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r14\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r15\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	subq $8, %rsp\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	stmxcsr (%rsp)\n"
        "	fnstcw 4(%rsp)\n"
        "	movq %rsp, (%rdi)\n"
        "	movq %rsi, %rsp\n"
        "	ldmxcsr (%rsp)\n"
        "	fldcw 4(%rsp)\n"
        "	addq $8, %rsp\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %r15\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %r14\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %r13\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %r12\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %rbx\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %rbp\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	ret\n"
        "	.cfi_endproc\n"
        ".size cor_swap, . - cor_swap\n"
        /* The outermost frame: nothing returns or unwinds through it. */
        ".p2align 4\n"
        ".globl cor_first\n"
        ".hidden cor_first\n"
        ".type cor_first, @function\n"
        "cor_first:\n"
        "	.cfi_startproc\n"
        "	.cfi_undefined %rip\n"
        "	movq %r12, %rdi\n"
        "	call *%r13\n"
        "	ud2\n"
        "	.cfi_endproc\n"
        ".size cor_first, . - cor_first\n");

void cor_swap(void **from, void *to);
void cor_first(void);

/* What cor_swap pops, in ascending addresses. */
struct cor_frame {
	uint32_t mxcsr;
	uint16_t x87cw;
	uint16_t pad;
	uint64_t r15, r14, r13, r12, rbx, rbp, rip;
	/** Keeps the stack aligned for the call that cor_first makes. */
	uint64_t top[2];
};

void cor_context_init(struct cor_context *c, char *stack, size_t size,
                      void (*entry)(void *), void *arg)
{
	struct cor_frame *f =
	        (struct cor_frame *)(void *)(stack + size - sizeof(*f));

	/* The control words that a program starts with. */
	*f = (struct cor_frame){
	        .mxcsr = 0x1f80,
	        .x87cw = 0x037f,
	        .r12 = (uintptr_t)arg,
	        .r13 = (uintptr_t)entry,
	        .rip = (uintptr_t)cor_first,
	};
	c->sp = f;
}

void cor_context_switch(struct cor_context *from, struct cor_context *to)
{
	cor_swap(&from->sp, to->sp);
}

#endif
