/* SPDX-License-Identifier: MIT */
/*
 * The saved heap: calls in the order in which they will run, with the names
 * of their actors. Sequence numbers are saved as well: they order what comes
 * later, and they are the tickets that devices hold.
 */
#include "dmasim/state.h"

#include "kernel_internal.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL_TAG     "KERN"
#define KERNEL_VERSION 1u
/* time, seq, prio, op, arg, length of a name of one character */
#define ENTRY_MIN_BYTES (8 + 8 + 4 + 4 + 8 + 4 + 1)

void dmasim_put_call(struct dmasim_writer *w, const struct dmasim_kernel *k,
                     const struct dmasim_call *call)
{
	dmasim_put_string(w, dmasim_actor_name(k, call->actor));
	dmasim_put_u32(w, call->op);
	dmasim_put_u64(w, call->arg);
}

void dmasim_get_call(struct dmasim_reader *r, const struct dmasim_kernel *k,
                     struct dmasim_call *call)
{
	char name[DMASIM_ACTOR_NAME_MAX];

	dmasim_get_string(r, name, sizeof(name));
	call->actor = dmasim_actor_find(k, name);
	call->op = dmasim_get_u32(r);
	call->arg = dmasim_get_u64(r);
	if (name[0] && !call->actor)
		dmasim_reader_fail(r, "no actor is called '%s'", name);
	if (dmasim_reader_status(r))
		*call = (struct dmasim_call){0};
}

static int entry_order(const void *a, const void *b)
{
	const struct heap_item *x = a, *y = b;

	return heap_before(&x->key, &y->key) ? -1 : 1;
}

static bool kernel_only_calls(const struct dmasim_kernel *k)
{
	for (uint32_t i = 0; i < k->heap.cap; i++)
		if (k->heap.slots[i].kind == HEAP_NOTIFY)
			return false;
	return !k->live;
}

int dmasim_kernel_save(const struct dmasim_kernel *k, struct dmasim_writer *w)
{
	struct heap_item *sorted;
	uint32_t n = k->heap.len;

	if (!kernel_only_calls(k))
		return DMASIM_E_STATE;
	sorted = malloc((size_t)n * sizeof(*sorted) + 1);
	if (!sorted)
		return DMASIM_E_NOMEM;
	if (n) {
		memcpy(sorted, k->heap.items, n * sizeof(*sorted));
		qsort(sorted, n, sizeof(*sorted), entry_order);
	}
	dmasim_put_begin(w, KERNEL_TAG, KERNEL_VERSION);
	dmasim_put_u64(w, k->now);
	dmasim_put_u64(w, k->next_seq);
	dmasim_put_u32(w, n);
	for (uint32_t i = 0; i < n; i++) {
		dmasim_put_u64(w, sorted[i].key.time);
		dmasim_put_u64(w, sorted[i].key.seq);
		dmasim_put_u32(w, (uint32_t)sorted[i].key.prio);
		dmasim_put_call(w, k, &k->heap.slots[sorted[i].slot].u.call);
	}
	dmasim_put_end(w);
	free(sorted);
	return DMASIM_OK;
}

/* One entry, checked against the clock and the entry before it. */
static void entry_read(struct dmasim_reader *r, const struct dmasim_kernel *k,
                       const struct heap_key *now, struct heap_key *key,
                       struct dmasim_call *call)
{
	const struct heap_key before = *key;
	uint32_t prio;

	key->time = dmasim_get_u64(r);
	key->seq = dmasim_get_u64(r);
	prio = dmasim_get_u32(r);
	key->prio = prio <= INT32_MAX ? (int32_t)prio
	                              : -(int32_t)(UINT32_MAX - prio) - 1;
	dmasim_get_call(r, k, call);
	if (!call->actor)
		dmasim_reader_fail(r, "a call without an actor");
	else if (key->time < now->time || key->time == DMASIM_FOREVER)
		dmasim_reader_fail(r, "a call outside of time");
	else if (!key->seq || key->seq >= now->seq)
		dmasim_reader_fail(r, "a sequence number never given");
	else if (before.seq && !heap_before(&before, key))
		dmasim_reader_fail(r, "calls out of order");
}

static int heap_read(struct dmasim_reader *r, const struct dmasim_kernel *k,
                     const struct heap_key *now, struct heap *h)
{
	uint32_t n = dmasim_get_count(r, HEAP_MAX_SLOTS, ENTRY_MIN_BYTES);
	struct heap_key key = {0};

	for (uint32_t i = 0; i < n; i++) {
		struct heap_slot what = {.kind = HEAP_CALL};

		entry_read(r, k, now, &key, &what.u.call);
		if (dmasim_reader_status(r))
			break;
		if (heap_reserve(h, (size_t)h->len + 1) ||
		    heap_reserve_ticket(h))
			return DMASIM_E_NOMEM;
		if (!heap_add_ticket(h, heap_push(h, &key, &what)))
			return dmasim_reader_fail(r, "a number given twice");
	}
	return dmasim_reader_status(r);
}

int dmasim_kernel_restore(struct dmasim_kernel *k, struct dmasim_reader *r)
{
	struct heap h = {0};
	struct heap_key now = {0};
	int status;

	if (k->running || k->live || k->heap.len)
		return DMASIM_E_STATE;
	dmasim_get_begin(r, KERNEL_TAG, KERNEL_VERSION);
	now.time = dmasim_get_u64(r);
	now.seq = dmasim_get_u64(r);
	if (now.time == DMASIM_FOREVER || !now.seq || now.seq > INT64_MAX)
		dmasim_reader_fail(r, "a clock out of range");
	status = heap_read(r, k, &now, &h);
	if (!status) {
		dmasim_get_end(r);
		status = dmasim_reader_status(r);
	}
	if (status) {
		heap_free(&h);
		return status;
	}
	heap_free(&k->heap);
	k->heap = h;
	k->now = now.time;
	k->next_seq = now.seq;
	return DMASIM_OK;
}
