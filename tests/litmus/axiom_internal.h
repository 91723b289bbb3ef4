/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_LITMUS_AXIOM_INTERNAL_H
#define DMASIM_TESTS_LITMUS_AXIOM_INTERNAL_H

#include "axiom.h"

#define AX_EVENTS 48
#define AX_WRITES 8  /* to one location, the initial one included */
#define AX_READS  10 /* of one location */

/** A set of events. */
typedef uint64_t ax_set;

static inline ax_set ax_bit(int e)
{
	return UINT64_C(1) << e;
}

/** One memory effect. Initial writes come first, one for each location. */
struct ax_event {
	int agent; /**< -1: initial */
	const struct litmus_insn *insn;
	/** Place of its instruction in the program of its agent. */
	int place;
	int location;
	bool write;
	/** The other half of a successful read-modify-write; -1. */
	int partner;
};

struct ax_graph {
	const struct litmus *t;
	int count;
	struct ax_event ev[AX_EVENTS];
	ax_set reads, writes;
	/** By location. */
	ax_set at[LITMUS_LOCATIONS];
	/** Event number of each agent's instruction's halves; -1. */
	int read_of[LITMUS_AGENTS][LITMUS_INSNS];
	int write_of[LITMUS_AGENTS][LITMUS_INSNS];
	/** Success of each store exclusive and compare-and-swap, assumed. */
	bool success[LITMUS_AGENTS][LITMUS_INSNS];
	/** Rows: what comes after an event. */
	ax_set po[AX_EVENTS], po_loc[AX_EVENTS];
	/** Locally ordered before. */
	ax_set lob[AX_EVENTS];
};

/** Put all effects of the instructions into the graph, as `success` says.
 * False: too many. */
bool ax_events(struct ax_graph *g);
/** Compute lob. */
void ax_local_order(struct ax_graph *g);
/** No event comes after itself. */
bool ax_acyclic(const ax_set *after, int count);

#endif
