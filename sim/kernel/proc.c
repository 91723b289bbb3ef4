/* SPDX-License-Identifier: MIT */
/* Processes: at most one heap entry each, and a coroutine of the back end. */
#include "kernel_internal.h"

#include <stdlib.h>

static struct dmasim_proc *proc_new(struct dmasim_kernel *k, const char *name)
{
	struct dmasim_proc *p = k->free_procs;
	struct dmasim_proc *rest = NULL;
	char *copy = kernel_strdup(name ? name : "process");

	if (!copy)
		return NULL;
	if (p) {
		rest = p->next;
	} else {
		p = malloc(sizeof(*p));
		if (!p) {
			free(copy);
			return NULL;
		}
	}
	k->free_procs = rest;
	*p = (struct dmasim_proc){.k = k, .name = copy, .slot = HEAP_NO_SLOT};
	return p;
}

static void proc_recycle(struct dmasim_proc *p)
{
	struct dmasim_proc **list =
	        p->held ? &p->k->held_procs : &p->k->free_procs;

	free(p->name);
	p->name = NULL;
	p->next = *list;
	*list = p;
}

static void proc_free_list(struct dmasim_proc *p)
{
	while (p) {
		struct dmasim_proc *next = p->next;

		free(p->name);
		free(p);
		p = next;
	}
}

void kernel_free_procs(struct dmasim_kernel *k)
{
	proc_free_list(k->live_first);
	proc_free_list(k->free_procs);
	proc_free_list(k->held_procs);
}

static void proc_link(struct dmasim_proc *p)
{
	struct dmasim_kernel *k = p->k;

	p->prev = k->live_last;
	p->next = NULL;
	if (p->prev)
		p->prev->next = p;
	else
		k->live_first = p;
	k->live_last = p;
	k->live++;
}

static void proc_unlink(struct dmasim_proc *p)
{
	struct dmasim_kernel *k = p->k;

	if (p->prev)
		p->prev->next = p->next;
	else
		k->live_first = p->next;
	if (p->next)
		p->next->prev = p->prev;
	else
		k->live_last = p->prev;
	k->live--;
}

int dmasim_spawn(struct dmasim_kernel *k, const struct dmasim_proc_config *cfg,
                 struct dmasim_proc **out)
{
	struct dmasim_proc *p;
	size_t stack =
	        cfg->stack_size ? cfg->stack_size : BACKEND_DEFAULT_STACK;
	int status;

	if (out)
		*out = NULL;
	if (!cfg->fn)
		return DMASIM_E_INVAL;
	if (k->destroying)
		return DMASIM_E_STATE;
	if (kernel_reserve(k))
		return DMASIM_E_NOMEM;
	p = proc_new(k, cfg->name);
	if (!p)
		return DMASIM_E_NOMEM;
	p->fn = cfg->fn;
	p->arg = cfg->arg;
	if (stack < BACKEND_MIN_STACK)
		stack = BACKEND_MIN_STACK;
	status = k->backend->attach(k->be, stack, p, &p->cor);
	if (status) {
		proc_recycle(p);
		return status;
	}
	p->held = out != NULL;
	proc_link(p);
	kernel_schedule(p, k->now);
	if (out)
		*out = p;
	return DMASIM_OK;
}

void kernel_body(struct dmasim_proc *p)
{
	p->fn(p->arg);
}

void kernel_ended(struct dmasim_proc *p)
{
	p->done = true;
	p->k->current = NULL;
	proc_unlink(p);
	proc_recycle(p);
}

const char *kernel_proc_name(const struct dmasim_proc *p)
{
	return p->name;
}

void kernel_schedule(struct dmasim_proc *p, uint64_t time)
{
	struct heap_slot what = {.kind = HEAP_PROC, .u.proc = p};

	if (p->slot != HEAP_NO_SLOT)
		heap_remove(&p->k->heap, p->slot);
	p->slot = HEAP_NO_SLOT;
	if (time != DMASIM_FOREVER)
		p->slot = kernel_push(p->k, time, 0, &what);
}

void kernel_wake(struct dmasim_proc *p, int result)
{
	kernel_unwait(p);
	p->result = result;
	kernel_schedule(p, p->k->now);
}

int kernel_suspend(struct dmasim_kernel *k)
{
	struct dmasim_proc *p = k->current;
	uint64_t time;

	/* Nothing runs before this process goes on: no switch is needed. */
	if (k->backend->inline_resume && kernel_next(k, &time) && k->heap.len &&
	    k->heap.items[0].slot == p->slot &&
	    heap_top(&k->heap)->time <= k->limit) {
		heap_remove(&k->heap, p->slot);
		p->slot = HEAP_NO_SLOT;
		k->now = time;
	} else {
		k->current = NULL;
		k->backend->yield(k->be, p->cor);
	}
	kernel_unwait(p);
	return p->canceled ? DMASIM_E_CANCELED : p->result;
}

bool dmasim_proc_done(const struct dmasim_proc *p)
{
	return p->done;
}

void dmasim_proc_cancel(struct dmasim_proc *p)
{
	struct dmasim_kernel *k = p->k;

	if (p->done || p->canceled)
		return;
	p->canceled = true;
	if (p == k->current)
		return;
	/* It may be due at this instant already: then it keeps its place. */
	if (p->event || p->slot == HEAP_NO_SLOT ||
	    heap_key_of(&k->heap, p->slot)->time > k->now)
		kernel_wake(p, DMASIM_E_CANCELED);
}

bool dmasim_in_process(const struct dmasim_kernel *k)
{
	return k->current != NULL;
}

size_t dmasim_live_processes(const struct dmasim_kernel *k)
{
	return k->live;
}

int dmasim_wait(struct dmasim_kernel *k, uint64_t dt)
{
	struct dmasim_proc *p = k->current;

	if (!p)
		return DMASIM_E_STATE;
	if (p->canceled)
		return DMASIM_E_CANCELED;
	p->result = DMASIM_OK;
	kernel_schedule(p, dt == DMASIM_FOREVER ? dt : kernel_after(k, dt));
	return kernel_suspend(k);
}
