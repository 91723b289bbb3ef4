/* SPDX-License-Identifier: MIT */
/* Every outcome that the second walker allows, and whether one is what the
 * model did. */
#ifndef DMASIM_TESTS_SMMU_REF_COMPARE_H
#define DMASIM_TESTS_SMMU_REF_COMPARE_H

#include "machine.h"

#define OUTCOMES 64
#define CHOICES  40

/* The choices of one run, to be made again with the last one changed. */
struct explorer {
	unsigned chosen[CHOICES], of[CHOICES];
	unsigned depth, used;
	bool overrun;
};

void explorer_first(struct explorer *e);
/* False: there are no more. */
bool explorer_next(struct explorer *e);
unsigned explorer_choose(struct explorer *e, unsigned n);

struct outcome {
	struct ref_out out;
	uint64_t old[REF_UPDATES]; /* the words before updates */
};

struct outcomes {
	struct outcome of[OUTCOMES];
	unsigned n;
	bool vague; /* or too many */
};

/* Adds @out with the words that it updates. */
void outcomes_add(struct outcomes *o, const struct machine *m,
                  const struct ref_out *out);
/* NULL: equal. Else what differs. */
const char *compare_one(const struct outcome *o, const struct ref_txn *t,
                        const struct machine_seen *s);
bool compare_any(const struct outcomes *o, const struct ref_txn *t,
                 const struct machine_seen *s);
void compare_print(const struct outcomes *o, const struct ref_txn *t,
                   const struct machine_seen *s);

#endif
