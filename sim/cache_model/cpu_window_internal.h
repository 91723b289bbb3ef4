/* SPDX-License-Identifier: MIT */
/* The window of a CPU: what is in a slot. */
#ifndef DMASIM_CPU_WINDOW_INTERNAL_H
#define DMASIM_CPU_WINDOW_INTERNAL_H

#include "cpu_internal.h"
#include "dmasim/cpu_window.h"

#define WINDOW_ZVA_MAX 2048u
#define WINDOW_NONE    UINT32_MAX

enum window_state {
	/** Never used. */
	WINDOW_FREE,
	WINDOW_WAITING,
	/** Its transaction is down there. */
	WINDOW_FLYING,
	WINDOW_PERFORMED,
};

struct window_slot {
	struct dmasim_insn insn;
	enum window_state state;
	uint32_t token;
	/** The bytes that it touches; of maintenance: whole lines. By set and
	 * way: none. */
	uint64_t pa;
	uint64_t size;
	struct dmasim_attr attr;
	struct dmasim_program_order po;
	/** Slots that must be performed before this one. */
	uint64_t after;
	/** Slots whose results its own bytes are made of. */
	uint64_t data_after;
	/** Of a load: the slot of the youngest older store to its bytes,
	 * while that has not been performed; WINDOW_NONE. */
	uint32_t source;
	bool forwards;
	/** OK, or what went wrong. */
	int status;
	/** The result; of a store, its data once it is known. */
	uint64_t value;
};

struct cpu_window {
	struct window_slot slot[DMASIM_WINDOW];
	uint32_t next;
	/** Slots that have not been performed. */
	uint64_t left;
	/** Of those: whose results branches, ISBs and addresses so far depend
	 * on. */
	uint64_t branches, isbs, addresses;
	/** The same, as the highest number of any, performed or not. */
	uint64_t branch_number, isb_number, address_number;
};

static inline bool window_loads(const struct window_slot *s)
{
	return s->insn.op == DMASIM_READ || dmasim_op_is_atomic(s->insn.op);
}

static inline bool window_stores(const struct window_slot *s)
{
	return dmasim_op_writes(s->insn.op);
}

static inline bool window_accesses(const struct window_slot *s)
{
	return s->insn.op <= DMASIM_ATOMIC_CAS;
}

/* cpu_window_rules.c */
/** Find out what @s, the youngest, must come after. */
void window_order(struct cpu_window *w, struct window_slot *s);

#endif
