/* SPDX-License-Identifier: MIT */
/* Outcomes of a litmus test: the value of every register and of the locations
 * whose last value counts; and sets of them. */
#ifndef DMASIM_TESTS_LITMUS_OUTCOME_H
#define DMASIM_TESTS_LITMUS_OUTCOME_H

#include "litmus.h"

#define OUTCOME_VALUES 32

struct outcome {
	uint64_t value[OUTCOME_VALUES];
};

struct outcomes {
	/** In ascending order, each once. */
	struct outcome *list;
	size_t count, cap;
};

/** Registers of the agents in their order, then final locations. -1: more
 * than OUTCOME_VALUES. */
int outcome_values(const struct litmus *t);
/** Where a value stands; -1: not part of outcomes. */
int outcome_of_reg(const struct litmus *t, int agent, int reg);
int outcome_of_location(const struct litmus *t, int location);
/** "P0:R0=1 P0:R1=0 x=2", as snprintf. */
int outcome_text(const struct litmus *t, const struct outcome *o, char *buf,
                 size_t size);

/** True: it is new. */
bool outcomes_add(struct outcomes *s, const struct outcome *o);
bool outcomes_has(const struct outcomes *s, const struct outcome *o);
void outcomes_free(struct outcomes *s);

bool outcome_matches(const struct litmus *t, const struct outcome *o,
                     const struct litmus_verdict *v);
/** Is any of them as the verdict says? */
bool outcomes_match(const struct litmus *t, const struct outcomes *s,
                    const struct litmus_verdict *v);

#endif
