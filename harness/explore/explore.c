/* SPDX-License-Identifier: MIT */
/*
 * Depth first without recursion: the frames are the explored choices of the
 * current run. The next run repeats them up to the last one that has an answer
 * left, takes that answer, and prefers from there on.
 */
#include "explore_internal.h"

#include <stdlib.h>
#include <string.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t explore_hash_text(const char *text)
{
	uint64_t h = FNV_BASIS;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * FNV_PRIME;
	return h;
}

uint64_t explore_hash_mix(uint64_t hash, uint64_t v)
{
	for (unsigned i = 0; i < 64; i += 8)
		hash = (hash ^ (v >> i & 0xff)) * FNV_PRIME;
	return hash;
}

static uint64_t hash_query(const struct dmasim_choice_query *q)
{
	uint64_t h = explore_hash_text(q->who ? q->who : "");

	h = explore_hash_mix(h, (uint64_t)q->point);
	h = explore_hash_mix(h, q->alternatives);
	h = explore_hash_mix(h, q->preferred);
	return explore_hash_mix(h, q->where);
}

static uint64_t next_random(struct dmasim_exploration *x)
{
	uint64_t z = x->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* How many answers the generator passes over. */
static uint32_t random_tried(struct dmasim_exploration *x,
                             const struct explore_frame *f)
{
	uint64_t r = next_random(x);

	if (x->cfg.max_deviations && x->deviations >= x->cfg.max_deviations) {
		x->sum.too_deviant += f->alternatives - 1;
		return 1;
	}
	if (!x->cfg.odds)
		return 1 + (uint32_t)((r >> 32) * f->alternatives >> 32);
	if (r % x->cfg.odds)
		return 1;
	r = next_random(x);
	return 2 + (uint32_t)((r >> 32) * (f->alternatives - 1) >> 32);
}

static void fail(struct dmasim_exploration *x, int status)
{
	if (!x->status)
		x->status = status;
}

static int push(struct dmasim_exploration *x, const struct explore_frame *f)
{
	if (x->len == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 64;
		struct explore_frame *frames =
		        realloc(x->frames, cap * sizeof(*frames));

		if (!frames)
			return DMASIM_E_NOMEM;
		x->frames = frames;
		x->cap = cap;
	}
	x->frames[x->len++] = *f;
	return DMASIM_OK;
}

/* Whether the state at this choice was explored: then nothing that follows is
 * worth exploring. */
static bool merge(struct dmasim_exploration *x, uint64_t what)
{
	uint64_t hash;
	int status;

	if (x->merged || !x->cfg.hash || !x->cfg.hash(x->cfg.ctx, &hash))
		return x->merged;
	status = explore_state_met(x, explore_hash_mix(what, hash), &x->merged);
	if (status)
		fail(x, status);
	x->sum.merged += x->merged;
	return x->merged;
}

static uint32_t new_choice(struct dmasim_exploration *x,
                           const struct dmasim_choice_query *q)
{
	struct explore_frame f = {.index = x->asked - 1,
	                          .what = hash_query(q),
	                          .alternatives = q->alternatives,
	                          .preferred = q->preferred,
	                          .tried = 1};
	int status;

	if (f.preferred >= f.alternatives)
		f.preferred = f.alternatives - 1;
	if (x->len >= x->cfg.max_depth) {
		x->sum.too_deep++;
		return f.preferred;
	}
	if (merge(x, f.what))
		return f.preferred;
	if (x->cfg.strategy == DMASIM_EXPLORE_RANDOM)
		f.tried = random_tried(x, &f);
	status = push(x, &f);
	if (status) {
		fail(x, status);
		return f.preferred;
	}
	x->at++;
	x->deviations += f.tried != 1;
	return explore_answer(&f);
}

static uint32_t old_choice(struct dmasim_exploration *x,
                           const struct dmasim_choice_query *q)
{
	const struct explore_frame *f = &x->frames[x->at++];

	if (f->index != x->asked - 1 || f->what != hash_query(q)) {
		fail(x, dmasim_diag_set(
		                x->diag, DMASIM_E_STATE,
		                "run %llu: the scenario is not deterministic: "
		                "choice %llu was another one before (now %s "
		                "by %s)",
		                (unsigned long long)x->sum.runs + 1,
		                (unsigned long long)x->asked - 1,
		                dmasim_choice_name(q->point),
		                q->who ? q->who : "nobody"));
		return q->preferred;
	}
	x->deviations += f->tried != 1;
	return explore_answer(f);
}

static uint32_t choose(void *ctx, const struct dmasim_choice_query *q)
{
	struct dmasim_exploration *x = ctx;

	x->asked++;
	if (x->status || (unsigned)q->point >= DMASIM_CHOICE_POINTS)
		return q->preferred;
	if (!(x->cfg.points & DMASIM_EXPLORE_POINT(q->point))) {
		x->sum.masked[q->point]++;
		return q->preferred;
	}
	x->sum.choices++;
	return x->at < x->len ? old_choice(x, q) : new_choice(x, q);
}

static int run_scenario(struct dmasim_exploration *x, char *outcome)
{
	const struct dmasim_choice_config cfg = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = choose, .fn_ctx = x};
	struct dmasim_choice *choice;
	char *token;
	int status = dmasim_choice_create(&cfg, &choice);

	if (status)
		return status;
	x->at = 0;
	x->asked = 0;
	x->deviations = 0;
	x->merged = false;
	outcome[0] = '\0';
	status =
	        x->cfg.run(x->cfg.ctx, choice, outcome, DMASIM_EXPLORE_OUTCOME);
	outcome[DMASIM_EXPLORE_OUTCOME - 1] = '\0';
	dmasim_choice_destroy(choice);
	if (x->status)
		return x->status;
	if (status) {
		token = explore_token(x);
		dmasim_diag_set(x->diag, status, "run %llu: %s (token %s)",
		                (unsigned long long)x->sum.runs + 1,
		                dmasim_strerror(status),
		                token ? token : "lost");
		free(token);
		return status;
	}
	if (x->at < x->len)
		return dmasim_diag_set(
		        x->diag, DMASIM_E_STATE,
		        "run %llu: the scenario is not deterministic: it ended "
		        "before choice %llu",
		        (unsigned long long)x->sum.runs + 1,
		        (unsigned long long)x->frames[x->at].index);
	return DMASIM_OK;
}

/* Deviations of the frames before @n. */
static uint32_t deviations_before(const struct dmasim_exploration *x, size_t n)
{
	uint32_t d = 0;

	for (size_t i = 0; i < n; i++)
		d += x->frames[i].tried != 1;
	return d;
}

/* The next run's answers. False: there is none. */
static bool advance(struct dmasim_exploration *x)
{
	uint32_t before = deviations_before(x, x->len);

	if (x->cfg.strategy == DMASIM_EXPLORE_RANDOM) {
		x->len = 0;
		return true;
	}
	while (x->len) {
		struct explore_frame *f = &x->frames[x->len - 1];
		uint32_t left = f->alternatives - f->tried;

		before -= f->tried != 1;
		if (left && x->cfg.max_deviations &&
		    before >= x->cfg.max_deviations) {
			x->sum.too_deviant += left;
			left = 0;
		}
		if (left) {
			f->tried++;
			return true;
		}
		x->len--;
	}
	return false;
}

static int explore(struct dmasim_exploration *x)
{
	struct dmasim_explore_summary *sum = &x->sum;
	char outcome[DMASIM_EXPLORE_OUTCOME];
	int status;

	do {
		if (sum->runs == x->cfg.max_runs) {
			sum->cuts |= DMASIM_EXPLORE_CUT_RUNS;
			break;
		}
		status = run_scenario(x, outcome);
		if (!status)
			status = explore_count_outcome(x, outcome);
		if (status)
			return status;
		sum->runs++;
		if (x->len > sum->most_choices)
			sum->most_choices = x->len;
		if (x->cfg.enough && x->cfg.enough(x->cfg.ctx, outcome)) {
			sum->cuts |= DMASIM_EXPLORE_CUT_ENOUGH;
			break;
		}
	} while (advance(x));
	if (x->cfg.strategy == DMASIM_EXPLORE_RANDOM)
		sum->cuts |= DMASIM_EXPLORE_CUT_RANDOM;
	if (sum->too_deep)
		sum->cuts |= DMASIM_EXPLORE_CUT_DEPTH;
	if (sum->too_deviant)
		sum->cuts |= DMASIM_EXPLORE_CUT_DEVIATIONS;
	if (sum->other_outcomes)
		sum->cuts |= DMASIM_EXPLORE_CUT_OUTCOMES;
	sum->complete = !sum->cuts;
	sum->outcomes = x->outcomes.len;
	return DMASIM_OK;
}

static void set_defaults(struct dmasim_explore_config *cfg)
{
	if (!cfg->points)
		cfg->points = UINT64_MAX;
	if (!cfg->max_runs)
		cfg->max_runs = 100000;
	if (!cfg->max_depth)
		cfg->max_depth = 10000;
	if (!cfg->max_outcomes)
		cfg->max_outcomes = 1024;
	if (!cfg->max_states)
		cfg->max_states = 1000000;
}

int dmasim_explore(const struct dmasim_explore_config *cfg,
                   struct dmasim_exploration **out, struct dmasim_diag *diag)
{
	struct dmasim_exploration *x;
	int status;

	dmasim_diag_set(diag, DMASIM_OK, "%s", "");
	if (!out)
		return DMASIM_E_INVAL;
	*out = NULL;
	if (!cfg || !cfg->run ||
	    (unsigned)cfg->strategy > DMASIM_EXPLORE_RANDOM)
		return DMASIM_E_INVAL;
	x = calloc(1, sizeof(*x));
	if (!x)
		return DMASIM_E_NOMEM;
	x->cfg = *cfg;
	x->diag = diag;
	x->random = cfg->seed;
	set_defaults(&x->cfg);
	status = explore(x);
	x->diag = NULL;
	if (status) {
		dmasim_exploration_destroy(x);
		return status;
	}
	*out = x;
	return DMASIM_OK;
}

void dmasim_exploration_destroy(struct dmasim_exploration *x)
{
	if (!x)
		return;
	explore_outcomes_free(&x->outcomes);
	free(x->states.slots);
	free(x->frames);
	free(x);
}

const struct dmasim_explore_summary *
dmasim_exploration_summary(const struct dmasim_exploration *x)
{
	return &x->sum;
}
