/* SPDX-License-Identifier: MIT */
/*
 * The window of a CPU: accesses that are handed over without waiting, and
 * then performed one by one in any order that the architecture allows (the
 * multi-copy-atomic model of Arm ARM B2.3). Whoever performs them chooses
 * among those that may be next; over all choices of all CPUs come the
 * outcomes of a litmus test.
 *
 * To perform an access is to send its transaction down. A load may also be
 * performed by forwarding: from the youngest older store to its bytes, before
 * that is performed. What is ordered:
 * - accesses to the same bytes: a store after every older access, a load
 *   after older loads, and after the older store unless it is forwarded;
 * - by dependencies: address and data; control before a store; control and
 *   ISB before anything; an address before every later store;
 * - by DMB and DSB of a domain other than NSH; acquire, release, RCsc;
 * - exclusive accesses among themselves; Device accesses without Reordering
 *   among themselves, and neither speculatively;
 * - maintenance with accesses to the same line, and by DMB and DSB.
 * Barriers are no accesses: they are performed by themselves as soon as
 * everything before them is.
 *
 * An atomic is performed as one: its load and its store are not apart. What
 * depends on the status of an exclusive store waits for that store.
 *
 * Every other call of dmasim/cpu.h that accesses memory, maintains or orders
 * it retires the window first, and the window takes an access only when the
 * store buffer is empty: it empties it.
 */
#ifndef DMASIM_CPU_WINDOW_H
#define DMASIM_CPU_WINDOW_H

#include "dmasim/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Accesses in flight, and results that are kept. */
#define DMASIM_WINDOW 64u

/** The bit of a token in the masks below. */
static inline uint64_t dmasim_token_bit(uint32_t token)
{
	return UINT64_C(1) << (token % DMASIM_WINDOW);
}

/** All zero: a plain load; va and size are always needed. */
struct dmasim_insn {
	enum dmasim_op op;
	/** Of a load: PLAIN, ACQUIRE, ACQUIRE_PC; of a store: PLAIN, RELEASE;
	 * of an atomic: all but ACQUIRE_PC. */
	enum dmasim_order order;
	enum dmasim_barrier barrier;
	enum dmasim_shareability domain; /**< of the barrier */
	/** DMASIM_TXN_EXCLUSIVE, _PRIVILEGED, _SECURE. */
	uint32_t flags;
	/** Within one mapping. By set and way: the operand. */
	uint64_t va;
	/** Bytes: 1, 2, 4, 8. A store of 0 may be larger, up to 2048, a
	 * multiple of 8 and aligned to its size (DC ZVA); maintenance by
	 * address covers every line that it touches. */
	uint32_t size;
	uint64_t value;   /**< stored, or the operand */
	uint64_t compare; /**< of CAS */
	/** Masks of older tokens, dmasim_token_bit(). Control dependencies
	 * hold for everything that is issued later, too. */
	uint64_t address_dep, data_dep, control_dep;
	/** Token + 1 of a load whose result is added to value; 0: none. It is
	 * a data dependency. */
	uint32_t data_from;
	/** An ISB lies between the branch on control_dep and this. */
	bool control_isb;
	/** Further tokens that are ordered before this and everything issued
	 * later: branches before an earlier ISB. */
	uint64_t isb_dep;
	struct dmasim_origin origin;
};

/** Hand @insn over. OK; E_INVAL; E_NOTFOUND: not mapped; E_STATE: the access
 * DMASIM_WINDOW before it has not been performed; and, as the store buffer is
 * emptied and barriers may be performed, what dmasim_cpu_barrier() returns.
 * The first token is 0. */
DMASIM_API int dmasim_cpu_issue(struct dmasim_cpu *cpu,
                                const struct dmasim_insn *insn,
                                uint32_t *token);
/** At most @max tokens that may be performed next, in program order. Returns
 * how many; 0: all have been performed. */
DMASIM_API uint32_t dmasim_cpu_ready(const struct dmasim_cpu *cpu,
                                     uint32_t *tokens, uint32_t max);
/** OK; E_STATE: it may not be performed yet, or has been; E_NOTFOUND; else as
 * dmasim_cpu_read(): then it counts as performed, and has no result. */
DMASIM_API int dmasim_cpu_perform(struct dmasim_cpu *cpu, uint32_t token);
/** What a load got, an atomic's old value, or an exclusive store's status (0:
 * it wrote; 1: it did not). 0 for the others. OK; E_STATE: not yet;
 * E_NOTFOUND: never issued, or DMASIM_WINDOW later ones were; or the error of
 * dmasim_cpu_perform(). */
DMASIM_API int dmasim_cpu_result(const struct dmasim_cpu *cpu, uint32_t token,
                                 uint64_t *value);
/** Perform all that is left, in program order. OK, or the first error. */
DMASIM_API int dmasim_cpu_retire(struct dmasim_cpu *cpu);

#ifdef __cplusplus
}
#endif
#endif
