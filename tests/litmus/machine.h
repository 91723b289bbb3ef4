/* SPDX-License-Identifier: MIT */
/* One run of a litmus test: a machine of its own, from its start. */
#ifndef DMASIM_TESTS_LITMUS_MACHINE_H
#define DMASIM_TESTS_LITMUS_MACHINE_H

#include "enumerate.h"
#include "run.h"

#include "dmasim/cpu_window.h"

/** What is worked out once for a test. */
struct plan {
	const struct litmus *t;
	bool checker, every_order, storm;
	unsigned shape;
	struct dmasim_kernel_config kernel;
	/** Choice points that are enumerated: a bit each. */
	uint64_t points;
	/** What the instructions of devices are called. */
	char what[LITMUS_AGENTS][LITMUS_INSNS][40];
};

struct machine_agent {
	/** CPUs: their number; cached ports follow them. */
	uint32_t cpu_index;
	struct dmasim_cpu *cpu;
	struct dmasim_port port;
	uint32_t number; /**< of the checker */
	/** The next instruction to issue, or to do. */
	int next;
	uint32_t token[LITMUS_INSNS];
	bool issued[LITMUS_INSNS];
	/** Tokens of branches so far, and of those before an ISB. */
	uint64_t branches, addresses, isbs;
	uint64_t reg[LITMUS_REGS]; /**< of a device */
	bool bell, irq;
	int irq_from; /**< which agent raised it */
	/** Locations that the driver has mapped for this device. */
	uint32_t mapped;
	/** The checker knows that it uses nothing else. */
	bool watched;
};

struct machine {
	const struct plan *plan;
	struct enumeration *e;
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_choice *choice;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct machine_agent agent[LITMUS_AGENTS];
	uint32_t steps_done;
	const char *error;
};

/** NULL: out of memory, or a plan that the simulator refuses. */
struct machine *machine_new(const struct plan *plan, struct enumeration *e);
void machine_free(struct machine *m);
/** Do everything, as @e chooses. False: given up, or m->error. */
bool machine_run(struct machine *m);
bool machine_outcome(struct machine *m, struct outcome *o);

#endif
