/* SPDX-License-Identifier: MIT */
/* Actors, and calls to them at a later time. */
#include "kernel_internal.h"

#include <stdlib.h>
#include <string.h>

static struct kernel_actor *actor_find(const struct dmasim_kernel *k,
                                       uint32_t actor)
{
	if (!actor || actor > k->actor_len || !k->actors[actor - 1].name)
		return NULL;
	return &k->actors[actor - 1];
}

uint32_t dmasim_actor_find(const struct dmasim_kernel *k, const char *name)
{
	for (uint32_t i = 0; i < k->actor_len; i++)
		if (k->actors[i].name && strcmp(k->actors[i].name, name) == 0)
			return i + 1;
	return 0;
}

int dmasim_actor_register(struct dmasim_kernel *k, const char *name,
                          dmasim_call_fn *fn, void *obj, uint32_t *actor)
{
	struct kernel_actor *a;

	*actor = 0;
	if (!name || !name[0] || strlen(name) >= DMASIM_ACTOR_NAME_MAX || !fn)
		return DMASIM_E_INVAL;
	if (dmasim_actor_find(k, name))
		return DMASIM_E_EXISTS;
	if (k->actor_len == k->actor_cap) {
		uint32_t cap = k->actor_cap ? 2 * k->actor_cap : 16;

		a = realloc(k->actors, cap * sizeof(*a));
		if (!a)
			return DMASIM_E_NOMEM;
		k->actors = a;
		k->actor_cap = cap;
	}
	a = &k->actors[k->actor_len];
	*a = (struct kernel_actor){kernel_strdup(name), fn, obj};
	if (!a->name)
		return DMASIM_E_NOMEM;
	*actor = ++k->actor_len;
	return DMASIM_OK;
}

static bool actor_calls(const struct heap_slot *slot, const void *ctx)
{
	return slot->kind == HEAP_CALL &&
	       slot->u.call.actor == *(const uint32_t *)ctx;
}

void dmasim_actor_unregister(struct dmasim_kernel *k, uint32_t actor)
{
	struct kernel_actor *a = actor_find(k, actor);

	if (!a)
		return;
	heap_remove_if(&k->heap, actor_calls, &actor);
	free(a->name);
	a->name = NULL;
}

const char *dmasim_actor_name(const struct dmasim_kernel *k, uint32_t actor)
{
	const struct kernel_actor *a = actor_find(k, actor);

	return a ? a->name : NULL;
}

int dmasim_call_at(struct dmasim_kernel *k, uint64_t time, int prio,
                   const struct dmasim_call *call, uint64_t *ticket)
{
	struct heap_slot what = {.kind = HEAP_CALL, .u.call = *call};
	uint32_t slot;

	if (ticket)
		*ticket = 0;
	if (!actor_find(k, call->actor) || time == DMASIM_FOREVER)
		return DMASIM_E_INVAL;
	if (kernel_reserve(k) || (ticket && heap_reserve_ticket(&k->heap)))
		return DMASIM_E_NOMEM;
	slot = kernel_push(k, time, prio, &what);
	if (ticket) {
		heap_add_ticket(&k->heap, slot);
		*ticket = heap_key_of(&k->heap, slot)->seq;
	}
	return DMASIM_OK;
}

int dmasim_cancel(struct dmasim_kernel *k, uint64_t ticket)
{
	uint32_t slot = heap_find_ticket(&k->heap, ticket);

	if (slot == HEAP_NO_SLOT)
		return DMASIM_E_NOTFOUND;
	heap_remove(&k->heap, slot);
	return DMASIM_OK;
}
