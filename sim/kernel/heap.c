/* SPDX-License-Identifier: MIT */
#include "heap_internal.h"

#include <stdlib.h>

#define HEAP_FIRST_CAP 16u

void heap_free(struct heap *h)
{
	free(h->items);
	free(h->slots);
	free(h->tickets);
}

int heap_reserve(struct heap *h, size_t n)
{
	struct heap_item *items;
	struct heap_slot *slots;
	uint32_t cap = h->cap ? h->cap : HEAP_FIRST_CAP;

	if (n <= h->cap)
		return DMASIM_OK;
	if (n > HEAP_MAX_SLOTS)
		return DMASIM_E_NOMEM;
	while (cap < n)
		cap *= 2;
	items = realloc(h->items, cap * sizeof(*items));
	if (!items)
		return DMASIM_E_NOMEM;
	h->items = items;
	slots = realloc(h->slots, cap * sizeof(*slots));
	if (!slots)
		return DMASIM_E_NOMEM;
	h->slots = slots;
	if (!h->cap)
		h->free_slot = HEAP_NO_SLOT;
	for (uint32_t i = cap; i > h->cap; i--) {
		slots[i - 1] = (struct heap_slot){.pos = h->free_slot,
		                                  .kind = HEAP_FREE};
		h->free_slot = i - 1;
	}
	h->cap = cap;
	return DMASIM_OK;
}

static void heap_place(struct heap *h, uint32_t pos,
                       const struct heap_item *item)
{
	h->items[pos] = *item;
	h->slots[item->slot].pos = pos;
}

static void heap_up(struct heap *h, uint32_t pos)
{
	const struct heap_item item = h->items[pos];

	while (pos > 0) {
		uint32_t parent = (pos - 1) / 2;

		if (!heap_before(&item.key, &h->items[parent].key))
			break;
		heap_place(h, pos, &h->items[parent]);
		pos = parent;
	}
	heap_place(h, pos, &item);
}

static void heap_down(struct heap *h, uint32_t pos)
{
	const struct heap_item item = h->items[pos];

	for (;;) {
		uint32_t child = 2 * pos + 1;

		if (child >= h->len)
			break;
		if (child + 1 < h->len &&
		    heap_before(&h->items[child + 1].key, &h->items[child].key))
			child++;
		if (!heap_before(&h->items[child].key, &item.key))
			break;
		heap_place(h, pos, &h->items[child]);
		pos = child;
	}
	heap_place(h, pos, &item);
}

uint32_t heap_push(struct heap *h, const struct heap_key *key,
                   const struct heap_slot *what)
{
	uint32_t slot = h->free_slot;
	uint32_t pos = h->len++;

	h->free_slot = h->slots[slot].pos;
	h->slots[slot] = *what;
	h->slots[slot].ticketed = false;
	h->items[pos] = (struct heap_item){.key = *key, .slot = slot};
	heap_up(h, pos);
	return slot;
}

/* Neighbouring numbers land far from each other (2^64 / golden ratio): their
 * own low bits would pile up into long runs. */
static uint32_t ticket_home(const struct heap *h, uint64_t seq)
{
	return (uint32_t)(seq * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	       (h->ticket_cap - 1);
}

static uint32_t ticket_place(const struct heap *h, uint64_t seq)
{
	uint32_t i = ticket_home(h, seq);

	while (h->tickets[i].seq && h->tickets[i].seq != seq)
		i = (i + 1) & (h->ticket_cap - 1);
	return i;
}

int heap_reserve_ticket(struct heap *h)
{
	struct heap old = *h;

	/* At most half full, so that a probe always ends soon. */
	if (2 * (h->ticket_len + 1) <= h->ticket_cap)
		return DMASIM_OK;
	h->ticket_cap = old.ticket_cap ? 2 * old.ticket_cap : HEAP_FIRST_CAP;
	h->tickets = calloc(h->ticket_cap, sizeof(*h->tickets));
	if (!h->tickets) {
		*h = old;
		return DMASIM_E_NOMEM;
	}
	for (uint32_t i = 0; i < old.ticket_cap; i++)
		if (old.tickets[i].seq)
			h->tickets[ticket_place(h, old.tickets[i].seq)] =
			        old.tickets[i];
	free(old.tickets);
	return DMASIM_OK;
}

bool heap_add_ticket(struct heap *h, uint32_t slot)
{
	uint64_t seq = heap_key_of(h, slot)->seq;
	uint32_t i = ticket_place(h, seq);

	if (h->tickets[i].seq)
		return false;
	h->tickets[i] = (struct heap_ticket){.seq = seq, .slot = slot};
	h->ticket_len++;
	h->slots[slot].ticketed = true;
	return true;
}

uint32_t heap_find_ticket(const struct heap *h, uint64_t seq)
{
	uint32_t i;

	if (!h->ticket_len || !seq)
		return HEAP_NO_SLOT;
	i = ticket_place(h, seq);
	return h->tickets[i].seq ? h->tickets[i].slot : HEAP_NO_SLOT;
}

/* Close the gap, so that no probe ends before the ticket it looks for. */
static void ticket_remove(struct heap *h, uint64_t seq)
{
	const uint32_t mask = h->ticket_cap - 1;
	uint32_t gap = ticket_place(h, seq);

	for (uint32_t i = (gap + 1) & mask; h->tickets[i].seq;
	     i = (i + 1) & mask) {
		uint32_t home = ticket_home(h, h->tickets[i].seq);

		if (((i - home) & mask) >= ((i - gap) & mask)) {
			h->tickets[gap] = h->tickets[i];
			gap = i;
		}
	}
	h->tickets[gap].seq = 0;
	h->ticket_len--;
}

static void heap_release(struct heap *h, const struct heap_item *item)
{
	struct heap_slot *slot = &h->slots[item->slot];

	if (slot->ticketed)
		ticket_remove(h, item->key.seq);
	slot->kind = HEAP_FREE;
	slot->pos = h->free_slot;
	h->free_slot = item->slot;
}

void heap_remove(struct heap *h, uint32_t slot)
{
	uint32_t pos = h->slots[slot].pos;
	const struct heap_item gone = h->items[pos];

	h->len--;
	if (pos != h->len) {
		heap_place(h, pos, &h->items[h->len]);
		if (heap_before(&h->items[pos].key, &gone.key))
			heap_up(h, pos);
		else
			heap_down(h, pos);
	}
	heap_release(h, &gone);
}

void heap_pop(struct heap *h, struct heap_key *key, struct heap_slot *what)
{
	const struct heap_item top = h->items[0];

	*key = top.key;
	*what = h->slots[top.slot];
	h->len--;
	if (h->len) {
		h->items[0] = h->items[h->len];
		heap_down(h, 0);
	}
	heap_release(h, &top);
}

void heap_remove_if(struct heap *h, heap_match_fn *match, const void *ctx)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < h->len; i++) {
		const struct heap_item item = h->items[i];

		if (match(&h->slots[item.slot], ctx))
			heap_release(h, &item);
		else
			heap_place(h, kept++, &item);
	}
	h->len = kept;
	for (uint32_t i = kept / 2; i > 0; i--)
		heap_down(h, i - 1);
}

static bool heap_match_all(const struct heap_slot *slot, const void *ctx)
{
	(void)slot;
	(void)ctx;
	return true;
}

void heap_clear(struct heap *h)
{
	heap_remove_if(h, heap_match_all, NULL);
}
