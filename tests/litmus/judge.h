/* SPDX-License-Identifier: MIT */
/* One file of the catalogue, run and judged. */
#ifndef DMASIM_TESTS_LITMUS_JUDGE_H
#define DMASIM_TESTS_LITMUS_JUDGE_H

#include "axiom.h"
#include "run.h"

#include <stdio.h>

struct judgement {
	struct run_result run;
	struct axiom_result model;
	/** NULL: the axiomatic model covers the test. */
	const char *no_model;
	/** Outcomes that the model allows and no run gave. */
	size_t omitted;
	/** Of the findings: stated and met; stated, not met; met, not stated.
	 * Of a test that states none of it: 0. */
	unsigned found, missed, false_alarms;
	/** Complaints. */
	unsigned wrong;
};

/** Run @t, and complain on @out about all that is not as it should be:
 * verdicts that the runs or the model contradict, outcomes that the model
 * forbids, findings, schedules that were left out. */
void judge(const struct litmus *t, struct judgement *j, FILE *out);
void judgement_free(struct judgement *j);
/** What is checked in beside the file. */
void judge_text(const struct litmus *t, const struct judgement *j, FILE *out);
/** The test's row of the table in docs/litmus.md. */
void judge_row(const struct litmus *t, const struct judgement *j, FILE *out);

#endif
