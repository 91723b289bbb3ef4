/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_EXPLORE_INTERNAL_H
#define DMASIM_EXPLORE_INTERNAL_H

#include "dmasim/explore.h"

/** One explored choice of the current run. */
struct explore_frame {
	uint64_t index; /**< among all choices of the run */
	uint64_t what;  /**< a hash of the question */
	uint32_t alternatives;
	uint32_t preferred;
	/** Answers begun: the preferred one, then the others in order. */
	uint32_t tried;
};

/** @tried'th answer, from 1. */
static inline uint32_t explore_answer(const struct explore_frame *f)
{
	if (f->tried == 1)
		return f->preferred;
	return f->tried - 2 < f->preferred ? f->tried - 2 : f->tried - 1;
}

struct explore_outcome {
	char *text, *token;
	uint64_t hash, count;
	uint32_t deviations;
};

/** Outcomes, and an open hash table of their numbers + 1. */
struct explore_outcomes {
	struct explore_outcome *list;
	uint32_t *slots;
	size_t len, cap, slot_count;
};

struct explore_state {
	uint64_t hash;
	uint32_t depth, deviations;
	bool used;
};

struct explore_states {
	struct explore_state *slots;
	size_t len, slot_count;
};

struct dmasim_exploration {
	struct dmasim_explore_config cfg;
	struct dmasim_explore_summary sum;
	struct explore_frame *frames;
	size_t len, cap;
	struct explore_outcomes outcomes;
	struct explore_states states;
	uint64_t random;
	/* Of the run that is under way. */
	size_t at; /**< frames passed */
	uint64_t asked;
	uint32_t deviations;
	bool merged;
	int status;
	struct dmasim_diag *diag;
};

uint64_t explore_hash_text(const char *text);
uint64_t explore_hash_mix(uint64_t hash, uint64_t v);

/** The token of the current run. NULL: no memory. */
char *explore_token(const struct dmasim_exploration *x);

/** Count @text, and keep @x's current run if it is the simplest for it.
 * OK, E_NOMEM. */
int explore_count_outcome(struct dmasim_exploration *x, const char *text);
void explore_outcomes_free(struct explore_outcomes *o);

/** *@known: explored before, no deeper and with no more deviations. OK,
 * E_NOMEM. */
int explore_state_met(struct dmasim_exploration *x, uint64_t hash, bool *known);

#endif
