/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_BUG_MACHINE_H
#define DMASIM_TESTS_BUG_MACHINE_H

#include "bug.h"
#include "trace_hash.h"

struct bug_run_config {
	const struct dmasim_backend *backend; /**< NULL: native */
	struct dmasim_choice *choice;
	struct trace_hash *trace; /**< NULL: no trace */
	bool fwb;                 /**< guests have FEAT_S2FWB */
};

/** 0 if all of it could be made; @m is zero before. */
int bug_open(struct bug_machine *m, const struct bug *b,
             const struct bug_run_config *cfg);
void bug_close(struct bug_machine *m);

#endif
