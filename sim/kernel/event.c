/* SPDX-License-Identifier: MIT */
/* Events: a queue of waiting processes. */
#include "kernel_internal.h"

#include <stdlib.h>

int dmasim_event_create(struct dmasim_kernel *k, const char *name,
                        struct dmasim_event **out)
{
	struct dmasim_event *e = calloc(1, sizeof(*e));

	*out = NULL;
	if (!e)
		return DMASIM_E_NOMEM;
	e->name = kernel_strdup(name ? name : "event");
	if (!e->name) {
		free(e);
		return DMASIM_E_NOMEM;
	}
	e->k = k;
	e->next = k->events;
	if (e->next)
		e->next->prev = e;
	k->events = e;
	*out = e;
	return DMASIM_OK;
}

const char *dmasim_event_label(const struct dmasim_event *e)
{
	return e->name;
}

static bool event_notifies(const struct heap_slot *slot, const void *ctx)
{
	return slot->kind == HEAP_NOTIFY && slot->u.event == ctx;
}

void dmasim_event_destroy(struct dmasim_event *e)
{
	if (!e)
		return;
	if (e->k) {
		heap_remove_if(&e->k->heap, event_notifies, e);
		while (e->first)
			kernel_wake(e->first, DMASIM_E_CANCELED);
		if (e->prev)
			e->prev->next = e->next;
		else
			e->k->events = e->next;
		if (e->next)
			e->next->prev = e->prev;
	}
	free(e->name);
	free(e);
}

void kernel_detach_events(struct dmasim_kernel *k)
{
	for (struct dmasim_event *e = k->events; e; e = e->next)
		e->k = NULL;
}

void kernel_fire(struct dmasim_event *e)
{
	while (e->first)
		kernel_wake(e->first, DMASIM_OK);
}

int dmasim_event_notify(struct dmasim_event *e, uint64_t dt)
{
	struct heap_slot what = {.kind = HEAP_NOTIFY, .u.event = e};
	struct dmasim_kernel *k = e->k;

	if (!k)
		return DMASIM_E_STATE;
	if (dt == 0) {
		kernel_fire(e);
		return DMASIM_OK;
	}
	if (kernel_reserve(k))
		return DMASIM_E_NOMEM;
	kernel_push(k, kernel_after(k, dt), 0, &what);
	return DMASIM_OK;
}

static void event_append(struct dmasim_event *e, struct dmasim_proc *p)
{
	p->event = e;
	p->wait_next = NULL;
	p->wait_prev = e->last;
	if (e->last)
		e->last->wait_next = p;
	else
		e->first = p;
	e->last = p;
}

void kernel_unwait(struct dmasim_proc *p)
{
	struct dmasim_event *e = p->event;

	if (!e)
		return;
	if (p->wait_prev)
		p->wait_prev->wait_next = p->wait_next;
	else
		e->first = p->wait_next;
	if (p->wait_next)
		p->wait_next->wait_prev = p->wait_prev;
	else
		e->last = p->wait_prev;
	p->event = NULL;
}

int dmasim_event_wait(struct dmasim_event *e, uint64_t timeout)
{
	struct dmasim_kernel *k = e->k;
	struct dmasim_proc *p = k ? k->current : NULL;

	if (!p)
		return DMASIM_E_STATE;
	if (p->canceled)
		return DMASIM_E_CANCELED;
	event_append(e, p);
	p->result = DMASIM_E_TIMEOUT;
	kernel_schedule(p, timeout == DMASIM_FOREVER
	                           ? timeout
	                           : kernel_after(k, timeout));
	return kernel_suspend(k);
}
