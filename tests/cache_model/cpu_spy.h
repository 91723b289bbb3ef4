/* SPDX-License-Identifier: MIT */
/* CPUs whose every transaction is written down on its way down. */
#ifndef DMASIM_TESTS_CPU_SPY_H
#define DMASIM_TESTS_CPU_SPY_H

#include "rig.h"

#define SPY_MAX 4096u

struct cpu_spy {
	struct rig *rig;
	struct dmasim_port below;
	/** A CPU of the rig's first port, with the rig's mappings. */
	struct dmasim_cpu *cpu;
	uint32_t len;
	struct dmasim_txn seen[SPY_MAX];
	/** The first 8 bytes as they came (reads: as they went). */
	uint64_t bytes[SPY_MAX];
};

/** @cfg: kernel, memsys, choice and port are filled in. */
struct cpu_spy *cpu_spy_new(struct rig *r, struct dmasim_cpu_config cfg);
void cpu_spy_free(struct cpu_spy *s);
/** The last transaction of this kind; fails if there is none. */
const struct dmasim_txn *cpu_spy_last(const struct cpu_spy *s,
                                      enum dmasim_op op);
/** How many of this kind went down. */
unsigned cpu_spy_count(const struct cpu_spy *s, enum dmasim_op op);

#endif
