/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_SCHEDULE_INTERNAL_H
#define DMASIM_SCHEDULE_INTERNAL_H

#include <stdbool.h>

#include "dmasim/schedule.h"

/** Equal answers in a row, of one point. */
struct schedule_run {
	uint32_t point;
	uint32_t answer;
	/** UINT64_MAX: for ever. */
	uint64_t count;
	/** Of the file. */
	uint32_t line;
	/** The point's next run, plus one; 0: none. */
	size_t next;
	/** Of a recording: who asked first. */
	const char *who;
	uint64_t where;
};

/** Where one choice point is. */
struct schedule_point {
	/** Runs, plus one; 0: none. */
	size_t now, last;
	/** Answers of the current run that were given. */
	uint64_t used;
};

struct dmasim_schedule {
	bool recording;
	/** A recording's own source of answers. */
	struct dmasim_choice *inner;
	struct schedule_run *runs;
	size_t len, cap;
	struct schedule_point points[DMASIM_CHOICE_POINTS];
	/** The first answer that did not fit; 0: none. */
	uint32_t bad_line, bad_answer, bad_alternatives;
	bool lost;
};

/** False: no memory. */
bool schedule_append(struct dmasim_schedule *s, const struct schedule_run *run);

#endif
