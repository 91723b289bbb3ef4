/* SPDX-License-Identifier: MIT */
/*
 * Waiting for transactions. They live in slots of the kernel rather than on
 * a stack, because a process that is canceled leaves while the transaction
 * still belongs to whoever returned PENDING.
 */
#include "dmasim/txn.h"

#include <stdlib.h>
#include <string.h>

enum slot_state {
	SLOT_FREE,
	SLOT_TAKEN,
	SLOT_WAITING,
	SLOT_DONE,
	/** Nobody waits any more; the completion frees it. */
	SLOT_ORPHAN,
};

struct slot {
	/** First, so that a transaction leads to its slot. */
	struct dmasim_txn txn;
	enum slot_state state;
	uint32_t index;
	/** Tells a late completion of an earlier use from this one's. */
	uint32_t generation;
	uint32_t capacity;
	uint8_t *buffer;
	struct dmasim_event *event;
	struct slot *next_free;
	uint8_t small[64];
};

struct dmasim_waiter {
	struct dmasim_kernel *kernel;
	uint32_t actor;
	struct slot **slots;
	uint32_t len, cap;
	struct slot *free_slots;
};

static void slot_free(struct dmasim_waiter *w, struct slot *s)
{
	s->state = SLOT_FREE;
	s->next_free = w->free_slots;
	w->free_slots = s;
}

static void completed(void *obj, uint32_t op, uint64_t arg)
{
	struct dmasim_waiter *w = obj;
	uint32_t index = (uint32_t)arg;
	struct slot *s;

	(void)op;
	/* A restored heap may name slots that this program does not have. */
	if (index >= w->len || w->slots[index]->generation != arg >> 32)
		return;
	s = w->slots[index];
	if (s->state == SLOT_ORPHAN) {
		slot_free(w, s);
	} else if (s->state == SLOT_WAITING) {
		s->state = SLOT_DONE;
		if (s->event)
			dmasim_event_notify(s->event, 0);
	}
}

static void waiter_fini(void *local)
{
	struct dmasim_waiter *w = local;

	for (uint32_t i = 0; i < w->len; i++) {
		dmasim_event_destroy(w->slots[i]->event);
		if (w->slots[i]->buffer != w->slots[i]->small)
			free(w->slots[i]->buffer);
		free(w->slots[i]);
	}
	free(w->slots);
}

struct dmasim_waiter *dmasim_waiter_of(struct dmasim_kernel *k)
{
	static const char key;
	struct dmasim_waiter *w =
	        dmasim_kernel_local(k, &key, sizeof(*w), waiter_fini);

	if (w && !w->actor) {
		w->kernel = k;
		if (dmasim_actor_register(k, "waiter", completed, w, &w->actor))
			return NULL;
	}
	return w;
}

static struct slot *slot_new(struct dmasim_waiter *w)
{
	struct slot *s;

	if (w->len == w->cap) {
		uint32_t cap = w->cap ? 2 * w->cap : 8;
		struct slot **slots =
		        realloc(w->slots, cap * sizeof(struct slot *));

		if (!slots)
			return NULL;
		w->slots = slots;
		w->cap = cap;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->buffer = s->small;
	s->capacity = sizeof(s->small);
	s->index = w->len;
	w->slots[w->len++] = s;
	slot_free(w, s);
	return s;
}

static bool slot_grow(struct slot *s, uint32_t size)
{
	uint8_t *buffer = malloc(size);

	if (!buffer)
		return false;
	if (s->buffer != s->small)
		free(s->buffer);
	s->buffer = buffer;
	s->capacity = size;
	return true;
}

struct dmasim_txn *dmasim_waiter_get(struct dmasim_waiter *w, uint32_t size)
{
	struct slot *s = w->free_slots;

	if (!s)
		s = slot_new(w);
	if (!s || (size > s->capacity && !slot_grow(s, size)))
		return NULL;
	w->free_slots = s->next_free;
	s->state = SLOT_TAKEN;
	s->generation++;
	s->txn.data = size ? s->buffer : NULL;
	s->txn.done = (struct dmasim_call){
	        .actor = w->actor,
	        .arg = (uint64_t)s->generation << 32 | s->index,
	};
	return &s->txn;
}

void dmasim_waiter_put(struct dmasim_waiter *w, struct dmasim_txn *txn)
{
	slot_free(w, (struct slot *)txn);
}

static int wait_in_process(struct dmasim_waiter *w, struct slot *s)
{
	int status = DMASIM_OK;

	if (!s->event)
		status = dmasim_event_create(w->kernel, "transaction",
		                             &s->event);
	while (!status && s->state == SLOT_WAITING)
		status = dmasim_event_wait(s->event, DMASIM_FOREVER);
	return status;
}

static int wait_outside(struct dmasim_waiter *w, struct slot *s)
{
	int status = DMASIM_OK;

	while (!status && s->state == SLOT_WAITING)
		status = dmasim_run_one(w->kernel);
	return status == DMASIM_E_NOTFOUND ? DMASIM_E_HANG : status;
}

static int wait_for(struct dmasim_waiter *w, struct slot *s)
{
	int status;

	s->state = SLOT_WAITING;
	if (dmasim_in_process(w->kernel))
		status = wait_in_process(w, s);
	else if (!dmasim_running(w->kernel))
		status = wait_outside(w, s);
	else
		status = DMASIM_E_STATE;
	if (s->state == SLOT_DONE) {
		/* It is complete: an end of the run comes after that. */
		s->state = SLOT_TAKEN;
		return DMASIM_OK;
	}
	s->state = SLOT_ORPHAN;
	return status;
}

int dmasim_waiter_access(struct dmasim_waiter *w,
                         const struct dmasim_port *port, struct dmasim_txn *txn)
{
	if (dmasim_access(port, txn) != DMASIM_TXN_PENDING)
		return DMASIM_OK;
	return wait_for(w, (struct slot *)txn);
}

static uint32_t data_size(const struct dmasim_txn *txn)
{
	if (!txn->data)
		return 0;
	return txn->op == DMASIM_ATOMIC_CAS && txn->size <= 8 ? 2 * txn->size
	                                                      : txn->size;
}

int dmasim_access_wait(struct dmasim_kernel *k, const struct dmasim_port *port,
                       struct dmasim_txn *txn)
{
	struct dmasim_waiter *w = dmasim_waiter_of(k);
	uint32_t size = data_size(txn);
	struct dmasim_txn *copy = w ? dmasim_waiter_get(w, size) : NULL;
	uint8_t *data = txn->data, *copied;
	struct dmasim_call done;
	int status;

	if (!copy)
		return DMASIM_E_NOMEM;
	done = copy->done;
	copied = copy->data;
	*copy = *txn;
	copy->done = done;
	copy->data = copied;
	if (size)
		memcpy(copied, data, size);
	status = dmasim_waiter_access(w, port, copy);
	if (status)
		return status;
	*txn = *copy;
	txn->data = data;
	if (size && txn->op != DMASIM_WRITE)
		memcpy(data, copied, txn->size);
	dmasim_waiter_put(w, copy);
	return DMASIM_OK;
}
