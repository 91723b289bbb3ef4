/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_KERNEL_INTERNAL_H
#define DMASIM_KERNEL_INTERNAL_H

#include "backend_internal.h"
#include "heap_internal.h"

#define KERNEL_ERROR_TEXT 512

struct kernel_actor {
	/** NULL: unregistered. Numbers are not used twice. */
	char *name;
	dmasim_call_fn *fn;
	void *obj;
};

struct dmasim_proc {
	struct dmasim_kernel *k;
	char *name;
	dmasim_proc_fn *fn;
	void *arg;
	void *cor;
	/** The entry that resumes it; HEAP_NO_SLOT while there is none. */
	uint32_t slot;
	/** What the current wait will return. */
	int result;
	bool canceled;
	bool done;
	/** Somebody holds the handle: keep the memory. */
	bool held;
	/** Live processes in spawn order; the free list uses next alone. */
	struct dmasim_proc *prev, *next;
	/** The event it waits for, and its neighbours in order of waits. */
	struct dmasim_event *event;
	struct dmasim_proc *wait_prev, *wait_next;
};

struct dmasim_event {
	/** NULL once the kernel is gone. */
	struct dmasim_kernel *k;
	char *name;
	struct dmasim_proc *first, *last;
	struct dmasim_event *prev, *next;
};

struct dmasim_kernel {
	const struct dmasim_backend *backend;
	void *be;
	struct dmasim_kernel_config cfg;

	uint64_t now;
	uint64_t next_seq;
	struct heap heap;

	struct kernel_actor *actors;
	uint32_t actor_len, actor_cap;

	/* The run that is going on. */
	bool running;
	bool stopping;
	bool failed;
	bool destroying;
	/** Bring the clock to the limit when nothing is due before it. */
	bool until;
	uint64_t limit;
	/** Entries left. Inside an entry: 0 (a single step) or without end. */
	uint64_t budget;
	char error[KERNEL_ERROR_TEXT];

	struct dmasim_proc *current;
	struct dmasim_proc *live_first, *live_last;
	struct dmasim_proc *free_procs;
	/** Ended, but somebody holds the handle. */
	struct dmasim_proc *held_procs;
	size_t live;

	struct dmasim_event *events;
	struct kernel_local *locals;
};

/* kernel.c */
extern const struct backend_host kernel_host;
bool kernel_next(struct dmasim_kernel *k, uint64_t *time);
/** now + @dt, short of DMASIM_FOREVER. */
uint64_t kernel_after(const struct dmasim_kernel *k, uint64_t dt);
/** Keep room for one entry more than the processes may need, so that no
 * wait can fail for want of memory. OK, E_NOMEM. */
int kernel_reserve(struct dmasim_kernel *k);
uint32_t kernel_push(struct dmasim_kernel *k, uint64_t time, int prio,
                     const struct heap_slot *what);

/* proc.c */
void kernel_body(struct dmasim_proc *p);
void kernel_ended(struct dmasim_proc *p);
const char *kernel_proc_name(const struct dmasim_proc *p);
/** End the current wait of @p with @result, at this instant. */
void kernel_wake(struct dmasim_proc *p, int result);
/** The current process waits until its entry runs. Returns its result. */
int kernel_suspend(struct dmasim_kernel *k);
/** Its only entry from now on is at @time (DMASIM_FOREVER: none). */
void kernel_schedule(struct dmasim_proc *p, uint64_t time);
void kernel_free_procs(struct dmasim_kernel *k);

/* event.c */
void kernel_fire(struct dmasim_event *e);
void kernel_unwait(struct dmasim_proc *p);
void kernel_detach_events(struct dmasim_kernel *k);

/* local.c */
void kernel_free_locals(struct dmasim_kernel *k);

/* log.c */
char *kernel_strdup(const char *s);

#endif
