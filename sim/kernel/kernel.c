/* SPDX-License-Identifier: MIT */
/* Kernels and their runs: what is due, and when a run is over. */
#include "kernel_internal.h"

#include <stdlib.h>

const char *dmasim_backend_name(const struct dmasim_backend *b)
{
	return b->name;
}

static bool backend_busy(const struct dmasim_backend *b)
{
	return b->busy && b->busy();
}

int dmasim_kernel_create(const struct dmasim_kernel_config *cfg,
                         struct dmasim_kernel **out)
{
	struct dmasim_kernel *k;
	int status;

	*out = NULL;
	if (cfg && cfg->backend && backend_busy(cfg->backend))
		return DMASIM_E_STATE;
	k = calloc(1, sizeof(*k));
	if (!k)
		return DMASIM_E_NOMEM;
	if (cfg)
		k->cfg = *cfg;
	k->backend = k->cfg.backend ? k->cfg.backend : dmasim_backend_native();
	k->next_seq = 1;
	status = k->backend->open(k, &kernel_host, &k->be);
	if (status) {
		free(k);
		return status;
	}
	*out = k;
	return DMASIM_OK;
}

/*
 * A canceled process runs to its end in one go, because its waits return at
 * once. It runs through the heap like any other, alone on it.
 */
static void kernel_end_processes(struct dmasim_kernel *k)
{
	k->destroying = true;
	for (struct dmasim_proc *p = k->live_first; p; p = p->next) {
		p->canceled = true;
		p->slot = HEAP_NO_SLOT;
		kernel_unwait(p);
	}
	while (k->live_first) {
		struct dmasim_proc *p = k->live_first;

		heap_clear(&k->heap);
		kernel_schedule(p, k->now);
		k->failed = false;
		k->stopping = false;
		k->running = true;
		k->until = false;
		k->limit = k->now;
		k->budget = 1;
		if (k->backend->run(k->be) || k->live_first == p)
			break;
	}
	k->running = false;
}

void dmasim_kernel_destroy(struct dmasim_kernel *k)
{
	if (!k)
		return;
	if (k->running || backend_busy(k->backend)) {
		dmasim_log(k, DMASIM_LOG_ERROR, "kernel",
		           "destroy refused inside a run");
		return;
	}
	kernel_end_processes(k);
	k->backend->close(k->be);
	kernel_free_locals(k);
	kernel_detach_events(k);
	kernel_free_procs(k);
	for (uint32_t i = 0; i < k->actor_len; i++)
		free(k->actors[i].name);
	free(k->actors);
	heap_free(&k->heap);
	free(k);
}

uint64_t dmasim_now(const struct dmasim_kernel *k)
{
	return k->now;
}

uint64_t kernel_after(const struct dmasim_kernel *k, uint64_t dt)
{
	/* The last instant is DMASIM_FOREVER - 1. */
	return dt < DMASIM_FOREVER - k->now ? k->now + dt : DMASIM_FOREVER - 1;
}

int kernel_reserve(struct dmasim_kernel *k)
{
	return heap_reserve(&k->heap, (size_t)k->heap.len + k->live + 1);
}

uint32_t kernel_push(struct dmasim_kernel *k, uint64_t time, int prio,
                     const struct heap_slot *what)
{
	const struct heap_key key = {
	        .time = time < k->now ? k->now : time,
	        .prio = prio,
	        .seq = k->next_seq++,
	};

	return heap_push(&k->heap, &key, what);
}

static bool kernel_due(const struct dmasim_kernel *k)
{
	return k->heap.len && heap_top(&k->heap)->time <= k->limit;
}

bool kernel_next(struct dmasim_kernel *k, uint64_t *time)
{
	if (k->stopping || k->failed || !k->budget)
		return false;
	if (kernel_due(k)) {
		*time = heap_top(&k->heap)->time;
		return true;
	}
	*time = k->limit;
	/* An idle run whose next entry lies behind the limit ends there. */
	return (k->until || k->heap.len) && k->now < k->limit;
}

static void *kernel_dispatch(struct dmasim_kernel *k)
{
	struct heap_key key;
	struct heap_slot e;
	struct kernel_actor *actor;

	if (!kernel_due(k)) {
		k->now = k->limit;
		return NULL;
	}
	heap_pop(&k->heap, &key, &e);
	k->now = key.time;
	k->budget--;
	if (e.kind == HEAP_PROC) {
		e.u.proc->slot = HEAP_NO_SLOT;
		k->current = e.u.proc;
		return e.u.proc->cor;
	}
	if (e.kind == HEAP_NOTIFY) {
		kernel_fire(e.u.event);
		return NULL;
	}
	actor = &k->actors[e.u.call.actor - 1];
	/* Last, because a C++ callback may throw through this frame. */
	actor->fn(actor->obj, e.u.call.op, e.u.call.arg);
	return NULL;
}

const struct backend_host kernel_host = {
        .next = kernel_next,
        .dispatch = kernel_dispatch,
        .body = kernel_body,
        .ended = kernel_ended,
        .proc_name = kernel_proc_name,
};

static int kernel_run(struct dmasim_kernel *k, bool until, uint64_t limit,
                      uint64_t budget)
{
	int status;

	if (k->running || backend_busy(k->backend))
		return DMASIM_E_STATE;
	if (!k->failed) {
		k->error[0] = '\0';
		k->stopping = false;
		k->until = until;
		k->limit = limit;
		k->budget = budget;
		k->running = true;
		k->backend->run(k->be);
		k->running = false;
	}
	status = k->failed ? DMASIM_E_KERNEL : DMASIM_OK;
	k->failed = false;
	return status;
}

int dmasim_run_until(struct dmasim_kernel *k, uint64_t time)
{
	if (time == DMASIM_FOREVER)
		return DMASIM_E_INVAL;
	return kernel_run(k, true, time, UINT64_MAX);
}

int dmasim_run_idle(struct dmasim_kernel *k, uint64_t limit)
{
	int status = kernel_run(k, false, limit, UINT64_MAX);

	if (status)
		return status;
	return k->stopping || !k->heap.len ? DMASIM_OK : DMASIM_E_TIMEOUT;
}

int dmasim_run_one(struct dmasim_kernel *k)
{
	if (!k->running && !k->failed && !k->heap.len)
		return DMASIM_E_NOTFOUND;
	return kernel_run(k, false, DMASIM_FOREVER, 1);
}

void dmasim_stop(struct dmasim_kernel *k)
{
	k->stopping = true;
}

const char *dmasim_kernel_error(const struct dmasim_kernel *k)
{
	return k->error;
}

bool dmasim_running(const struct dmasim_kernel *k)
{
	return k->running;
}

size_t dmasim_pending_calls(const struct dmasim_kernel *k)
{
	return k->heap.len;
}

uint64_t dmasim_next_time(const struct dmasim_kernel *k)
{
	return k->heap.len ? heap_top(&k->heap)->time : DMASIM_FOREVER;
}
