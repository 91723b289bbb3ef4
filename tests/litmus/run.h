/* SPDX-License-Identifier: MIT */
/* A litmus test on the simulator, over all schedules. */
#ifndef DMASIM_TESTS_LITMUS_RUN_H
#define DMASIM_TESTS_LITMUS_RUN_H

#include "outcome.h"

#include "dmasim/kernel.h"

struct run_config {
	/** Most runs, unless the test states less; 0: no bound. */
	uint64_t max_runs;
	/** Look for hazards. */
	bool checker;
	/** Run schedules that differ only in the order of independent actions,
	 * too. */
	bool every_order;
	/** Below RUN_SHAPES: which caches there are. */
	unsigned shape;
	/** Not 0: so many runs at random, in which the hardware does whatever
	 * it may, too. */
	uint64_t storm;
	/** Of every run's kernel. NULL: native; no trace. */
	const struct dmasim_backend *backend;
	dmasim_trace_fn *trace;
	void *trace_ctx;
};

#define RUN_SHAPES 6u

const char *run_shape_name(unsigned shape);

struct run_result {
	struct outcomes outcomes;
	uint64_t runs;
	bool complete; /**< no schedule is left */
	/** Findings that were met: a bit for each dmasim_finding_kind. */
	uint32_t kinds;
	/** By finding of the test: met with its place and remedy. */
	bool met[4];
	/** Of the first finding that the test does not state. */
	char unexpected[2048];
	/** What went wrong; empty: nothing. */
	char error[256];
};

/** False: see r->error. */
bool litmus_run(const struct litmus *t, const struct run_config *cfg,
                struct run_result *r);
void run_result_free(struct run_result *r);

#endif
