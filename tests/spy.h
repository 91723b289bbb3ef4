/* SPDX-License-Identifier: MIT */
/*
 * A port for tests that stands before another one: it keeps what passes, can
 * refuse an address range, and can make every access PENDING first.
 */
#ifndef DMASIM_TESTS_SPY_H
#define DMASIM_TESTS_SPY_H

#include <string.h>

#include "dmasim/txn.h"

#define SPY_LOG   4096u
#define SPY_SLOTS 16u

struct spy_entry {
	enum dmasim_op op;
	uint64_t addr;
	uint32_t size;
	uint32_t stream_id;
	const char *what;
	uint32_t queue;
	uint64_t request;
	enum dmasim_result result;
};

struct spy {
	struct dmasim_kernel *k;
	struct dmasim_port inner;
	/** What lies in [fault_from, fault_to) is refused with fault. */
	uint64_t fault_from, fault_to;
	enum dmasim_result fault;
	/** The number of accesses that are let through before that. */
	uint64_t fault_after;
	/** Every access waits this long before it is done; 0: none does. */
	uint64_t pend;
	uint32_t actor;
	struct dmasim_txn *slots[SPY_SLOTS];
	uint64_t pended;
	struct spy_entry log[SPY_LOG];
	size_t count;
	bool full;
};

static inline enum dmasim_result spy_do(struct spy *s, struct dmasim_txn *txn)
{
	enum dmasim_result r;

	if (txn->addr + txn->size > s->fault_from && txn->addr < s->fault_to &&
	    s->fault_after == 0) {
		r = s->fault;
	} else {
		if (s->fault_after && s->fault_to)
			s->fault_after--;
		r = s->inner.access(s->inner.obj, txn);
	}
	if (s->count == SPY_LOG) {
		s->full = true;
		return r;
	}
	s->log[s->count++] = (struct spy_entry){
	        .op = txn->op,
	        .addr = txn->addr,
	        .size = txn->size,
	        .stream_id = txn->stream_id,
	        .what = txn->origin.what,
	        .queue = txn->origin.queue,
	        .request = txn->origin.request,
	        .result = r,
	};
	return r;
}

static inline void spy_resume(void *obj, uint32_t op, uint64_t arg)
{
	struct spy *s = obj;
	struct dmasim_txn *txn = s->slots[arg];

	(void)op;
	s->slots[arg] = NULL;
	dmasim_complete(s->k, txn, spy_do(s, txn), 0);
}

static inline enum dmasim_result spy_access(void *obj, struct dmasim_txn *txn)
{
	struct spy *s = obj;
	struct dmasim_call call = {.actor = s->actor};

	if (!s->pend)
		return spy_do(s, txn);
	for (uint32_t i = 0; i < SPY_SLOTS; i++) {
		if (s->slots[i])
			continue;
		s->slots[i] = txn;
		s->pended++;
		call.arg = i;
		dmasim_call_at(s->k, dmasim_now(s->k) + s->pend, 0, &call,
		               NULL);
		return DMASIM_TXN_PENDING;
	}
	return DMASIM_TXN_SLAVE;
}

static inline struct dmasim_port
spy_port(struct spy *s, struct dmasim_kernel *k, struct dmasim_port inner)
{
	*s = (struct spy){.k = k, .inner = inner, .fault = DMASIM_TXN_ABORT};
	dmasim_actor_register(k, "spy", spy_resume, s, &s->actor);
	return (struct dmasim_port){.access = spy_access, .obj = s};
}

#endif
