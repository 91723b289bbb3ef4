/* SPDX-License-Identifier: MIT */
/*
 * The line between the kernel and a back end. The kernel owns the heap and
 * takes every decision about order; a back end keeps time and switches
 * stacks. Both sides call each other through tables of functions only, so a
 * back end in another shared library needs no hidden symbol of this one.
 */
#ifndef DMASIM_KERNEL_BACKEND_INTERNAL_H
#define DMASIM_KERNEL_BACKEND_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dmasim/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BACKEND_DEFAULT_STACK (256u * 1024u)
#define BACKEND_MIN_STACK     (16u * 1024u)

/** What the kernel offers to a back end. */
struct backend_host {
	/** True: bring the clock to *@time, then call dispatch. False: this
	 * run is over. */
	bool (*next)(struct dmasim_kernel *k, uint64_t *time);
	/** Take the step that next announced. Returns the coroutine that must
	 * run now until it yields or ends, or NULL. */
	void *(*dispatch)(struct dmasim_kernel *k);
	/** The body of a process, called on its coroutine; may throw if the
	 * user's code is C++. */
	void (*body)(struct dmasim_proc *p);
	/** The body has ended; @p must not be used by the back end again. */
	void (*ended)(struct dmasim_proc *p);
	const char *(*proc_name)(const struct dmasim_proc *p);
};

struct dmasim_backend {
	const char *name;
	/** A process whose own entry is the next one may go on without a
	 * switch: the clock needs no help from the back end. */
	bool inline_resume;
	/** Nothing can be opened, run or closed now, because this back end is
	 * at work further up the stack, perhaps for another kernel. NULL:
	 * never. */
	bool (*busy)(void);
	/** OK, E_NOMEM, E_KERNEL. */
	int (*open)(struct dmasim_kernel *k, const struct backend_host *host,
	            void **be);
	/** No process is alive. */
	void (*close)(void *be);
	/** Loop over next and dispatch. OK, E_KERNEL (after dmasim_fail()). */
	int (*run)(void *be);
	/** Give @p a coroutine, new or reused; it has not run yet. */
	int (*attach)(void *be, size_t stack_size, struct dmasim_proc *p,
	              void **cor);
	/** Called on @cor: return to the loop until dispatch returns it. */
	void (*yield)(void *be, void *cor);
};

#ifdef __cplusplus
}
#endif
#endif
