/* SPDX-License-Identifier: MIT */
/*
 * What is performed before what in a window. A performed access takes its
 * place in the order in which memory effects complete (Arm ARM B2.3.10.2:
 * External completion requirement), so that only local order is needed here:
 * what is ordered locally waits, and everything else is free.
 */
#include "cpu_window_internal.h"

static bool overlap(const struct window_slot *a, const struct window_slot *b)
{
	return a->pa < b->pa + b->size && b->pa < a->pa + a->size;
}

static bool acquires(const struct window_slot *s)
{
	return window_loads(s) && dmasim_order_acquires(s->insn.order);
}

static bool releases(const struct window_slot *s)
{
	return window_stores(s) && dmasim_order_releases(s->insn.order);
}

static bool maintains(const struct window_slot *s)
{
	return dmasim_op_is_maintenance(s->insn.op);
}

static bool exclusive(const struct window_slot *s)
{
	return (s->insn.flags & DMASIM_TXN_EXCLUSIVE) != 0;
}

/* Arm ARM B2.10.2: nR. */
static bool keeps_order(const struct window_slot *s)
{
	return window_accesses(s) && (s->attr.type == DMASIM_DEVICE_NGNRE ||
	                              s->attr.type == DMASIM_DEVICE_NGNRNE);
}

/* B2.3.7, the first half of Barrier-ordered-before and DSB-ordered-before:
 * what the barrier @b waits for. */
static bool before_barrier(const struct window_slot *a,
                           const struct window_slot *b)
{
	switch (b->insn.barrier) {
	case DMASIM_DMB_LD:
	case DMASIM_DSB_LD:
		return window_loads(a);
	case DMASIM_DMB_ST:
	case DMASIM_DSB_ST:
		return window_stores(a);
	case DMASIM_DMB:
	case DMASIM_DSB:
	default:
		return a->insn.op != DMASIM_BARRIER;
	}
}

/* The second half: what waits for the barrier @a. DMB LD and ST say nothing
 * about maintenance. */
static bool behind_barrier(const struct window_slot *a,
                           const struct window_slot *b)
{
	switch (a->insn.barrier) {
	case DMASIM_DMB_LD:
		return window_accesses(b);
	case DMASIM_DMB_ST:
		return window_stores(b);
	case DMASIM_DMB:
	case DMASIM_DSB_LD:
	case DMASIM_DSB_ST:
	case DMASIM_DSB:
	default:
		return true;
	}
}

static bool by_barrier(const struct window_slot *a, const struct window_slot *b)
{
	if (b->insn.op == DMASIM_BARRIER)
		return b->insn.domain != DMASIM_NSH && before_barrier(a, b);
	return a->insn.op == DMASIM_BARRIER && a->insn.domain != DMASIM_NSH &&
	       behind_barrier(a, b);
}

/* B2.3.7, Barrier-ordered-before, acquire and release. */
static bool by_kind(const struct window_slot *a, const struct window_slot *b)
{
	if (!window_accesses(a) || !window_accesses(b))
		return false;
	if (acquires(a) || releases(b))
		return true;
	return releases(a) && acquires(b) &&
	       b->insn.order != DMASIM_ORDER_ACQUIRE_PC;
}

/*
 * Same location. Local memory write successor: a store comes after all. Of
 * loads, a younger one must not see an older value. Of a store and a younger
 * load see window_order(). Same-Cache-Line-ordered-before: maintenance, whose
 * bytes are those of its lines.
 */
static bool by_location(const struct window_slot *a,
                        const struct window_slot *b)
{
	if (a->insn.op == DMASIM_BARRIER || b->insn.op == DMASIM_BARRIER ||
	    !overlap(a, b))
		return false;
	return window_stores(b) || maintains(a) || maintains(b) ||
	       !window_stores(a);
}

static bool before(const struct window_slot *a, const struct window_slot *b)
{
	return by_barrier(a, b) || by_kind(a, b) || by_location(a, b) ||
	       (exclusive(a) && exclusive(b)) ||
	       (keeps_order(a) && keeps_order(b));
}

/* Dependency-ordered-before, Instruction-fetch-barrier-ordered-before. A
 * Device access is never speculative, so a load from there waits as a store
 * does. */
static uint64_t dependencies(const struct cpu_window *w,
                             const struct window_slot *s)
{
	uint64_t mask = s->insn.address_dep | s->insn.data_dep | w->isbs;
	bool device = window_accesses(s) && s->attr.type != DMASIM_NORMAL;

	if (window_stores(s) || maintains(s) || device)
		mask |= w->branches;
	if (window_stores(s) || device)
		mask |= w->addresses;
	return mask;
}

/* Can the load @s take its bytes out of the store @from? Of mismatched aliases
 * each looks where its own attributes say. */
static bool can_forward(const struct window_slot *from,
                        const struct window_slot *s)
{
	return from->insn.op == DMASIM_WRITE && !exclusive(from) &&
	       s->insn.op == DMASIM_READ && !exclusive(s) &&
	       s->attr.type == DMASIM_NORMAL && from->pa <= s->pa &&
	       s->pa + s->size <= from->pa + from->size &&
	       !dmasim_attr_mismatch(&from->attr, &s->attr);
}

/* A load of the same bytes that is older than the store which @s may take
 * them from: whatever it gets is older, too. */
static bool before_source(const struct window_slot *a,
                          const struct window_slot *s)
{
	return s->source != WINDOW_NONE && s->forwards &&
	       a->insn.op == DMASIM_READ && overlap(a, s) && !by_kind(a, s);
}

/* @a is an older store to bytes that @s loads. Only the youngest one may be
 * forwarded, and only if it has them all; else all of them come first. */
static void take_source(struct window_slot *s, const struct window_slot *a)
{
	uint32_t slot = a->token % DMASIM_WINDOW;

	if (s->source == WINDOW_NONE) {
		s->source = slot;
		s->forwards = can_forward(a, s);
	}
	if (!s->forwards)
		s->after |= UINT64_C(1) << slot;
}

static uint64_t max_number(const struct cpu_window *w, uint64_t mask,
                           uint64_t least)
{
	for (uint32_t i = 0; i < DMASIM_WINDOW; i++)
		if (mask >> i & 1 && w->slot[i].po.number > least)
			least = w->slot[i].po.number;
	return least;
}

/* What the transaction says about its place: the dependencies as well. */
static void place(const struct cpu_window *w, struct window_slot *s)
{
	uint64_t n = max_number(w, s->insn.address_dep | s->insn.data_dep,
	                        w->isb_number);

	if (window_stores(s) || maintains(s)) {
		if (n < w->branch_number)
			n = w->branch_number;
		if (n < w->address_number)
			n = w->address_number;
	}
	if (s->po.loads < n)
		s->po.loads = n;
	s->po.maybe = false;
}

void window_order(struct cpu_window *w, struct window_slot *s)
{
	const struct dmasim_insn *in = &s->insn;
	uint64_t isb = in->isb_dep | (in->control_isb ? in->control_dep : 0);

	w->branches |= in->control_dep & w->left;
	w->isbs |= isb & w->left;
	w->branch_number = max_number(w, in->control_dep, w->branch_number);
	w->isb_number = max_number(w, isb, w->isb_number);
	place(w, s);
	s->after = dependencies(w, s) & w->left;
	s->data_after = (in->address_dep | in->data_dep) & w->left;
	s->source = WINDOW_NONE;
	/* From the youngest to the oldest. */
	for (uint32_t back = 1; back < DMASIM_WINDOW; back++) {
		uint32_t i = (s->token - back) % DMASIM_WINDOW;
		const struct window_slot *a = &w->slot[i];

		if (!(w->left >> i & 1))
			continue;
		if (before(a, s)) {
			if (!before_source(a, s))
				s->after |= UINT64_C(1) << i;
		} else if (window_stores(a) && window_accesses(s) &&
		           overlap(a, s)) {
			take_source(s, a);
		}
	}
	/* Even a load may have an address that others wait for. */
	if (window_accesses(s)) {
		w->addresses |= in->address_dep & w->left;
		w->address_number =
		        max_number(w, in->address_dep, w->address_number);
	}
}
