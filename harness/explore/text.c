/* SPDX-License-Identifier: MIT */
/* The report: what was run, what was not, and what came of it. */
#include "explore_internal.h"

#include <stdarg.h>
#include <stdio.h>

struct text {
	char *buf;
	size_t size, used;
};

static void put(struct text *t, const char *fmt, ...) DMASIM_PRINTF(2, 3);

static void put(struct text *t, const char *fmt, ...)
{
	size_t left = t->used < t->size ? t->size - t->used : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(left ? t->buf + t->used : NULL, left, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->used += (size_t)n;
}

typedef unsigned long long ull;

static void put_head(struct text *t, const struct dmasim_exploration *x)
{
	const struct dmasim_explore_summary *s = &x->sum;

	put(t, "%llu run%s, %s: %s\n", (ull)s->runs, s->runs == 1 ? "" : "s",
	    x->cfg.strategy == DMASIM_EXPLORE_RANDOM ? "at random"
	                                             : "depth first",
	    s->complete ? "complete" : "not complete");
	put(t, "  %llu choices, at most %llu in a run\n", (ull)s->choices,
	    (ull)s->most_choices);
	if (s->merged)
		put(t, "  %llu runs met a state that was explored already\n",
		    (ull)s->merged);
	if (s->cuts & DMASIM_EXPLORE_CUT_RUNS)
		put(t, "  ended by the bound of %llu runs\n",
		    (ull)x->cfg.max_runs);
	if (s->cuts & DMASIM_EXPLORE_CUT_ENOUGH)
		put(t, "  ended by an outcome that was looked for\n");
}

static void put_not_covered(struct text *t, const struct dmasim_exploration *x)
{
	const struct dmasim_explore_summary *s = &x->sum;

	if (s->too_deep)
		put(t,
		    "  not covered: %llu choices beyond the first %u of their "
		    "run\n",
		    (ull)s->too_deep, x->cfg.max_depth);
	if (s->too_deviant)
		put(t,
		    "  not covered: %llu answers beyond %u that are not the "
		    "preferred ones\n",
		    (ull)s->too_deviant, x->cfg.max_deviations);
	for (unsigned p = 0; p < DMASIM_CHOICE_POINTS; p++)
		if (s->masked[p])
			put(t,
			    "  not covered: %s (%llu choices took the "
			    "preferred answer)\n",
			    dmasim_choice_name((enum dmasim_choice_point)p),
			    (ull)s->masked[p]);
	if (s->other_outcomes)
		put(t, "  not kept: the outcomes of %llu runs, beyond %u\n",
		    (ull)s->other_outcomes, x->cfg.max_outcomes);
}

int dmasim_exploration_text(const struct dmasim_exploration *x, char *buf,
                            size_t size)
{
	struct text t = {.buf = buf, .size = size};
	struct dmasim_explore_outcome o;

	if (size)
		buf[0] = '\0';
	put_head(&t, x);
	put_not_covered(&t, x);
	put(&t, "  %zu outcome%s\n", x->outcomes.len,
	    x->outcomes.len == 1 ? "" : "s");
	for (size_t i = 0; dmasim_exploration_outcome(x, i, &o); i++)
		put(&t, "    %8llu x  %s   token %s\n", (ull)o.count, o.text,
		    o.token);
	return (int)t.used;
}
