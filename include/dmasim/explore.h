/* SPDX-License-Identifier: MIT */
/*
 * Exploration of choice points: a scenario is run again and again, each time
 * from its start with other answers, until every answer of every choice was
 * tried or a bound is met. What it found, what it left out, and for every
 * outcome a token that gives that run again.
 *
 * The scenario must be deterministic: the same answers lead to the same
 * questions. One that is not is found out, and named.
 */
#ifndef DMASIM_EXPLORE_H
#define DMASIM_EXPLORE_H

#include <stdbool.h>

#include "dmasim/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest outcome, with its NUL. */
#define DMASIM_EXPLORE_OUTCOME 256
/** Longest token that a replay takes, without its NUL. */
#define DMASIM_EXPLORE_TOKEN_MAX (1u << 20)
/** The bit of a choice point in a mask. */
#define DMASIM_EXPLORE_POINT(p) (UINT64_C(1) << (p))

/** Run the scenario once, from its start, on a machine of its own that asks
 * @choice; write what came of it into @outcome (@size is
 * DMASIM_EXPLORE_OUTCOME). Anything but OK ends the exploration. */
typedef int dmasim_explore_fn(void *ctx, struct dmasim_choice *choice,
                              char *outcome, size_t size);
/** Called when a choice is met for the first time: *@hash stands for the whole
 * state of the machine and of the scenario. False: no hash for this one. */
typedef bool dmasim_explore_hash_fn(void *ctx, uint64_t *hash);
/** True: this outcome is all that was wanted. */
typedef bool dmasim_explore_enough_fn(void *ctx, const char *outcome);

enum dmasim_explore_strategy {
	/** The preferred answers first; then the last choice changes first. */
	DMASIM_EXPLORE_DEPTH_FIRST,
	/** Answers by a generator: max_runs runs, never complete. */
	DMASIM_EXPLORE_RANDOM,
};

struct dmasim_explore_config {
	dmasim_explore_fn *run;
	void *ctx; /**< of all callbacks */
	enum dmasim_explore_strategy strategy;
	/** DMASIM_EXPLORE_POINT()s to explore; other choices take the
	 * preferred answer. 0: all. */
	uint64_t points;
	/** 0: 100,000. */
	uint64_t max_runs;
	/** Explored choices in a run; later ones take the preferred answer.
	 * 0: 10,000. */
	uint32_t max_depth;
	/** Answers in a run that differ from the preferred ones. 0: no bound.
	 */
	uint32_t max_deviations;
	/** Different outcomes kept; runs with further ones are counted.
	 * 0: 1,024. */
	uint32_t max_outcomes;
	/** A state that was met before, no deeper and with no more deviations,
	 * is not explored again. NULL: states are not compared. */
	dmasim_explore_hash_fn *hash;
	/** States kept, 24 bytes each. 0: 1,000,000. */
	uint32_t max_states;
	/** May be NULL. */
	dmasim_explore_enough_fn *enough;
	/** RANDOM: the seed; a choice deviates once in @odds (0: all answers
	 * are equally likely). */
	uint64_t seed;
	uint32_t odds;
};

/* What ended the exploration or left a part out. */
#define DMASIM_EXPLORE_CUT_RUNS       0x01u
#define DMASIM_EXPLORE_CUT_DEPTH      0x02u
#define DMASIM_EXPLORE_CUT_DEVIATIONS 0x04u
#define DMASIM_EXPLORE_CUT_OUTCOMES   0x08u
#define DMASIM_EXPLORE_CUT_ENOUGH     0x10u
#define DMASIM_EXPLORE_CUT_RANDOM     0x20u

struct dmasim_explore_summary {
	uint64_t runs;
	/** Every answer of every choice of the mask was tried: no cuts. */
	bool complete;
	uint32_t cuts; /**< DMASIM_EXPLORE_CUT_* */
	/** Choices of the mask that were met in all runs, and most in one. */
	uint64_t choices, most_choices;
	/** By choice point: met, but outside of the mask. */
	uint64_t masked[DMASIM_CHOICE_POINTS];
	/** Choices beyond max_depth that took the preferred answer. */
	uint64_t too_deep;
	/** Answers that were not tried because of max_deviations. */
	uint64_t too_deviant;
	/** Runs that met a state that was explored already. */
	uint64_t merged;
	/** Runs whose outcome was not kept. */
	uint64_t other_outcomes;
	size_t outcomes;
};

struct dmasim_explore_outcome {
	const char *text;
	uint64_t count; /**< runs that gave it */
	/** Of those with the fewest deviations, the first. */
	const char *token;
	uint32_t deviations;
};

struct dmasim_exploration;

/** @diag may be NULL. OK; E_INVAL; E_NOMEM; E_STATE: the same answers led to
 * other questions; or what the scenario returned: @diag then has the token. */
DMASIM_API int dmasim_explore(const struct dmasim_explore_config *cfg,
                              struct dmasim_exploration **out,
                              struct dmasim_diag *diag);
DMASIM_API void dmasim_exploration_destroy(struct dmasim_exploration *x);
DMASIM_API const struct dmasim_explore_summary *
dmasim_exploration_summary(const struct dmasim_exploration *x);
/** In the order in which they were met first. False past the end. */
DMASIM_API bool dmasim_exploration_outcome(const struct dmasim_exploration *x,
                                           size_t index,
                                           struct dmasim_explore_outcome *o);
/** By its text. False: no run gave it. */
DMASIM_API bool dmasim_exploration_find(const struct dmasim_exploration *x,
                                        const char *text,
                                        struct dmasim_explore_outcome *o);
/** Runs, bounds, what was not covered, and the outcomes with their tokens, in
 * lines. Returns the length as snprintf does. */
DMASIM_API int dmasim_exploration_text(const struct dmasim_exploration *x,
                                       char *buf, size_t size);

/**
 * Run once with the answers of @token, which does not depend on the mask or
 * the bounds of @cfg. @outcome has DMASIM_EXPLORE_OUTCOME bytes.
 *
 * A token is "x1" and, for each answer that is not the preferred one,
 * "-SKIP:ANSWER": SKIP choices take the preferred one before it.
 *
 * OK; E_INVAL; E_NOMEM; E_FORMAT: no token; E_STATE: it does not fit this
 * scenario (@diag says where); or what the scenario returned.
 */
DMASIM_API int dmasim_explore_replay(const struct dmasim_explore_config *cfg,
                                     const char *token, char *outcome,
                                     struct dmasim_diag *diag);

#ifdef __cplusplus
}
#endif
#endif
