/* SPDX-License-Identifier: MIT */
/*
 * The axiomatic checker: which outcomes the Arm memory model allows (DDI 0487,
 * B2.3), by enumerating executions. It knows nothing of the simulator.
 */
#ifndef DMASIM_TESTS_LITMUS_AXIOM_H
#define DMASIM_TESTS_LITMUS_AXIOM_H

#include "outcome.h"

/** The model says something of this test: every agent reaches every location
 * through the same attributes, coherently, and no cache line is discarded.
 * False: @why is a constant that says why not. */
bool axiom_applies(const struct litmus *t, const char **why);

struct axiom_result {
	struct outcomes allowed;
	uint64_t candidates; /**< executions that were looked at */
};

/** E.g. more events than it can take: false. */
bool axiom_allowed(const struct litmus *t, struct axiom_result *r);

#endif
