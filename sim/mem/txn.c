/* SPDX-License-Identifier: MIT */
/* Transactions: names, completion, and what an atomic does to memory. */
#include "dmasim/txn.h"

#include <string.h>

static const char *name_of(const char *const *names, size_t count, size_t i)
{
	return i < count ? names[i] : "unknown";
}

#define NAME_OF(names, i) name_of(names, sizeof(names) / sizeof(*(names)), i)

const char *dmasim_result_name(enum dmasim_result r)
{
	static const char *const names[] = {
	        [DMASIM_TXN_OK] = "ok",
	        [DMASIM_TXN_PENDING] = "pending",
	        [DMASIM_TXN_DECODE] = "decode error",
	        [DMASIM_TXN_SLAVE] = "slave error",
	        [DMASIM_TXN_ABORT] = "abort",
	        [DMASIM_TXN_EXCLUSIVE_FAIL] = "reservation lost",
	};

	return NAME_OF(names, (size_t)r);
}

const char *dmasim_op_name(enum dmasim_op op)
{
	static const char *const names[] = {
	        [DMASIM_READ] = "read",
	        [DMASIM_WRITE] = "write",
	        [DMASIM_ATOMIC_SWAP] = "atomic swap",
	        [DMASIM_ATOMIC_ADD] = "atomic add",
	        [DMASIM_ATOMIC_SET] = "atomic set",
	        [DMASIM_ATOMIC_CLR] = "atomic clear",
	        [DMASIM_ATOMIC_EOR] = "atomic eor",
	        [DMASIM_ATOMIC_CAS] = "atomic compare and swap",
	        [DMASIM_CLEAN] = "clean",
	        [DMASIM_INVALIDATE] = "invalidate",
	        [DMASIM_CLEAN_INVALIDATE] = "clean and invalidate",
	        [DMASIM_BARRIER] = "barrier",
	        [DMASIM_CLEAN_POU] = "clean to unification",
	        [DMASIM_CLEAN_POP] = "clean to persistence",
	        [DMASIM_CLEAN_SW] = "clean by set and way",
	        [DMASIM_INVALIDATE_SW] = "invalidate by set and way",
	        [DMASIM_CLEAN_INVALIDATE_SW] =
	                "clean and invalidate by set and way",
	};

	return NAME_OF(names, (size_t)op);
}

const char *dmasim_cause_name(enum dmasim_cause c)
{
	static const char *const names[] = {
	        [DMASIM_CAUSE_CPU] = "cpu",
	        [DMASIM_CAUSE_DMA] = "dma",
	        [DMASIM_CAUSE_WALK] = "walk",
	        [DMASIM_CAUSE_STE] = "ste",
	        [DMASIM_CAUSE_CD] = "cd",
	        [DMASIM_CAUSE_CMDQ] = "cmdq",
	        [DMASIM_CAUSE_PRIQ] = "page request queue",
	        [DMASIM_CAUSE_EVTQ] = "evtq",
	        [DMASIM_CAUSE_MSI] = "msi",
	        [DMASIM_CAUSE_WRITEBACK] = "writeback",
	        [DMASIM_CAUSE_FILL] = "fill",
	};

	return NAME_OF(names, (size_t)c);
}

int dmasim_complete(struct dmasim_kernel *k, struct dmasim_txn *txn,
                    enum dmasim_result r, uint64_t delay)
{
	uint64_t now = dmasim_now(k);

	if (!txn->done.actor || r == DMASIM_TXN_PENDING)
		return DMASIM_E_INVAL;
	/* Nobody but its owner looks at it before the completion runs. */
	txn->result = r;
	if (delay >= DMASIM_FOREVER - now)
		delay = DMASIM_FOREVER - 1 - now;
	return dmasim_call_at(k, now + delay, 0, &txn->done, NULL);
}

static inline uint64_t bytes_to(const uint8_t *p, uint32_t size)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < size; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline void to_bytes(uint8_t *p, uint32_t size, uint64_t v)
{
	for (uint32_t i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* With a constant size each of these is one move. */
static uint64_t get_le(const uint8_t *p, uint32_t size)
{
	switch (size) {
	case 8:
		return bytes_to(p, 8);
	case 4:
		return bytes_to(p, 4);
	default:
		return bytes_to(p, size);
	}
}

static void put_le(uint8_t *p, uint32_t size, uint64_t v)
{
	switch (size) {
	case 8:
		to_bytes(p, 8, v);
		break;
	case 4:
		to_bytes(p, 4, v);
		break;
	default:
		to_bytes(p, size, v);
	}
}

int dmasim_atomic_apply(enum dmasim_op op, uint8_t *mem, uint8_t *data,
                        uint32_t size)
{
	uint64_t old, operand, value;

	if (!dmasim_op_is_atomic(op) ||
	    (size != 1 && size != 2 && size != 4 && size != 8))
		return DMASIM_E_INVAL;
	old = get_le(mem, size);
	operand = get_le(data, size);
	value = operand;
	if (op == DMASIM_ATOMIC_ADD)
		value = old + operand;
	else if (op == DMASIM_ATOMIC_SET)
		value = old | operand;
	else if (op == DMASIM_ATOMIC_CLR)
		value = old & ~operand;
	else if (op == DMASIM_ATOMIC_EOR)
		value = old ^ operand;
	else if (op == DMASIM_ATOMIC_CAS && get_le(data + size, size) != old)
		value = old;
	put_le(mem, size, value);
	put_le(data, size, old);
	return DMASIM_OK;
}
