/* SPDX-License-Identifier: MIT */
/*
 * The event heap: entries ordered by (time, priority, sequence), each in a
 * slot that keeps its number while the entry is pending, and an index from
 * tickets to slots. A ticket is the sequence number, so that it is the same
 * after a restore.
 */
#ifndef DMASIM_KERNEL_HEAP_INTERNAL_H
#define DMASIM_KERNEL_HEAP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dmasim/kernel.h"

#define HEAP_NO_SLOT   UINT32_MAX
#define HEAP_MAX_SLOTS (UINT32_C(1) << 30)

enum heap_kind {
	HEAP_FREE,
	HEAP_CALL,
	HEAP_PROC,
	HEAP_NOTIFY,
};

struct heap_key {
	uint64_t time;
	uint64_t seq;
	int32_t prio;
};

struct heap_item {
	struct heap_key key;
	uint32_t slot;
};

struct heap_slot {
	/** Place in items; the next free slot while HEAP_FREE. */
	uint32_t pos;
	enum heap_kind kind;
	bool ticketed;
	union {
		struct dmasim_call call;
		struct dmasim_proc *proc;
		struct dmasim_event *event;
	} u;
};

struct heap_ticket {
	uint64_t seq;
	uint32_t slot;
};

struct heap {
	struct heap_item *items;
	struct heap_slot *slots;
	uint32_t len;
	uint32_t cap;
	uint32_t free_slot;
	/** Open addressing; a seq of 0 is an empty place. */
	struct heap_ticket *tickets;
	uint32_t ticket_len;
	uint32_t ticket_cap;
};

typedef bool heap_match_fn(const struct heap_slot *slot, const void *ctx);

void heap_free(struct heap *h);
/** Room for @n entries in all. OK, E_NOMEM. */
int heap_reserve(struct heap *h, size_t n);
/** Room for one more ticket. OK, E_NOMEM. */
int heap_reserve_ticket(struct heap *h);
/** There must be room. Returns the slot. */
uint32_t heap_push(struct heap *h, const struct heap_key *key,
                   const struct heap_slot *what);
/** Remember the sequence number of @slot as a ticket. False: it is taken. */
bool heap_add_ticket(struct heap *h, uint32_t slot);
/** The slot of a ticket, or HEAP_NO_SLOT. */
uint32_t heap_find_ticket(const struct heap *h, uint64_t seq);
/** Take out the first entry; the heap must not be empty. */
void heap_pop(struct heap *h, struct heap_key *key, struct heap_slot *what);
void heap_remove(struct heap *h, uint32_t slot);
void heap_remove_if(struct heap *h, heap_match_fn *match, const void *ctx);
void heap_clear(struct heap *h);

static inline const struct heap_key *heap_top(const struct heap *h)
{
	return &h->items[0].key;
}

static inline const struct heap_key *heap_key_of(const struct heap *h,
                                                 uint32_t slot)
{
	return &h->items[h->slots[slot].pos].key;
}

static inline bool heap_before(const struct heap_key *a,
                               const struct heap_key *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->prio != b->prio)
		return a->prio < b->prio;
	return a->seq < b->seq;
}

#endif
