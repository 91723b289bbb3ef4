/* SPDX-License-Identifier: MIT */
/* A scenario of plain choices for tests of the explorer. */
#ifndef DMASIM_TESTS_EXPLORE_SCENE_H
#define DMASIM_TESTS_EXPLORE_SCENE_H

#include "check.h"

#include "dmasim/explore.h"

struct scene {
	/** Alternatives of each choice, in order; 0 ends. */
	const uint32_t *alternatives;
	/** Points of the choices; NULL: all VICTIM_WAY. */
	const enum dmasim_choice_point *points;
	uint32_t preferred;
	/** The outcome is the sum of the answers instead of their list. */
	bool sum;
	unsigned runs;
};

static inline uint32_t scene_choose(struct dmasim_choice *c,
                                    enum dmasim_choice_point point,
                                    uint32_t alternatives, uint32_t preferred,
                                    uint64_t where)
{
	const struct dmasim_choice_query q = {.point = point,
	                                      .alternatives = alternatives,
	                                      .preferred = preferred,
	                                      .who = "scene",
	                                      .where = where};

	return dmasim_choose(c, &q);
}

static inline int scene_run(void *ctx, struct dmasim_choice *c, char *outcome,
                            size_t size)
{
	struct scene *s = ctx;
	size_t used = 0;
	uint32_t sum = 0;

	s->runs++;
	for (size_t i = 0; s->alternatives[i]; i++) {
		uint32_t a = scene_choose(
		        c, s->points ? s->points[i] : DMASIM_CHOICE_VICTIM_WAY,
		        s->alternatives[i], s->preferred, i);

		sum += a;
		if (!s->sum && used < size)
			used += (size_t)snprintf(outcome + used, size - used,
			                         "%u", a);
	}
	if (s->sum)
		snprintf(outcome, size, "%u", sum);
	return DMASIM_OK;
}

static inline struct dmasim_exploration *
scene_explore(const struct dmasim_explore_config *cfg)
{
	struct dmasim_exploration *x;
	struct dmasim_diag diag;

	assert_int_equal(dmasim_explore(cfg, &x, &diag), DMASIM_OK);
	assert_string_equal(diag.text, "");
	return x;
}

#endif
