/* SPDX-License-Identifier: MIT */
/*
 * All schedules of a run, depth first: the run is made again from its start
 * with the next schedule. Of schedules that differ only in the order of
 * independent actions one is made (sleep sets).
 */
#ifndef DMASIM_TESTS_LITMUS_ENUMERATE_H
#define DMASIM_TESTS_LITMUS_ENUMERATE_H

#include <stdbool.h>
#include <stdint.h>

#define ENUMERATE_ACTIONS 64
#define ENUMERATE_DEPTH   256

/** Something that can happen next. */
struct action {
	uint32_t id; /**< the same at every point of a schedule */
	/** What it touches: two that share a bit are not independent. */
	uint64_t touches;
};

struct enumeration;

/** At most @max_runs runs; 0: no bound. */
struct enumeration *enumeration_new(uint64_t max_runs);
/** Not all, but @runs at random. */
struct enumeration *enumeration_random(uint64_t seed, uint64_t runs);
void enumeration_free(struct enumeration *e);
/** Begin the next run. False: there is none. */
bool enumeration_begin(struct enumeration *e);
/** Which of @count actions happens; -1: other runs cover all that could follow:
 * give this one up. */
int enumeration_choose(struct enumeration *e, const struct action *actions,
                       int count);
/** An answer below @alternatives, within an action. */
uint32_t enumeration_pick(struct enumeration *e, uint32_t alternatives);
/** The run was made to its end. */
void enumeration_done(struct enumeration *e);
uint64_t enumeration_runs(const struct enumeration *e);
/** No schedule is left. */
bool enumeration_complete(const struct enumeration *e);
/** The same schedule led to other actions, or a run was too long. */
bool enumeration_failed(const struct enumeration *e);

#endif
