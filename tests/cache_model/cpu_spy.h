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

/** Answers points as told, the others by default. */
struct cpu_answers {
	bool told[DMASIM_CHOICE_POINTS];
	uint32_t value[DMASIM_CHOICE_POINTS];
	unsigned asked[DMASIM_CHOICE_POINTS];
	/** Of the last query of a point. */
	uint32_t alternatives[DMASIM_CHOICE_POINTS];
};

/** A rig that asks @a, and a spy of it. */
struct cpu_spy *cpu_spy_asking(struct cpu_answers *a,
                               struct dmasim_cpu_config cfg);
/** Answer @point with @value from now on. */
void cpu_answer(struct cpu_answers *a, enum dmasim_choice_point point,
                uint32_t value);
/** With its rig. */
void cpu_spy_free_all(struct cpu_spy *s);

/** @cfg: kernel, memsys, choice and port are filled in. */
struct cpu_spy *cpu_spy_new(struct rig *r, struct dmasim_cpu_config cfg);
void cpu_spy_free(struct cpu_spy *s);
/** The last transaction of this kind; fails if there is none. */
const struct dmasim_txn *cpu_spy_last(const struct cpu_spy *s,
                                      enum dmasim_op op);
/** How many of this kind went down. */
unsigned cpu_spy_count(const struct cpu_spy *s, enum dmasim_op op);

#endif
