/* SPDX-License-Identifier: MIT */
/*
 * A mutant is run with the preferred choices and with some seeds. Without a
 * finding the explorer takes over, up to a bound. If nothing ever goes wrong,
 * the step was not needed.
 */
#include "mutate.h"
#include "rig.h"

#include <stdlib.h>

#define SEEDS   4u
#define SINGLES 50u

struct scenario {
	const struct prog *p;
	struct prog_result last;
};

static int run(void *ctx, struct dmasim_choice *choice, char *outcome,
               size_t size)
{
	struct scenario *s = ctx;

	prog_run(s->p, &(struct prog_run_config){.choice = choice}, &s->last);
	snprintf(outcome, size, "%d %u", (int)s->last.end, s->last.found_count);
	return DMASIM_OK;
}

static bool not_clean(void *ctx, const char *outcome)
{
	(void)ctx;
	return strcmp(outcome, "0 0") != 0;
}

/* ---- place ---- */

struct span {
	unsigned first, last;
};

static void stretch(struct span *s, unsigned first, unsigned last)
{
	if (!first)
		return;
	if (!s->first || first < s->first)
		s->first = first;
	if (last > s->last)
		s->last = last;
}

static void party(const struct prog *p, struct span *s, unsigned step,
                  bool device, uint64_t request)
{
	stretch(s, step, step);
	if (device && request && request <= p->reqs)
		stretch(s, p->req[request - 1].kick, p->req[request - 1].wait);
}

static bool passes(const struct prog_step *s)
{
	return s->op == PROG_MAP || s->op == PROG_UNMAP ||
	       s->op == PROG_SYNC_DEV || s->op == PROG_SYNC_CPU;
}

static bool covers(const struct prog *p, const struct prog_step *s,
                   uint64_t addr)
{
	const struct prog_buf *b = &p->buf[p->req[s->what].buf];
	uint64_t at = BUFS_AT + b->at + s->off;

	return passes(s) && !b->both && addr >= at && addr - at < s->len;
}

/* A finding about whose turn it is has one party: the step is missing between
 * the last one that passed these bytes on and the access. */
static void since_last_pass(const struct prog *p, const struct mutation *m,
                            uint64_t addr, struct span *s)
{
	unsigned access = s->first;

	if (!passes(&(struct prog_step){.op = (uint8_t)m->op}))
		return;
	s->first = 1;
	for (unsigned i = 0; i < p->steps; i++) {
		const struct prog_step *t = &p->step[i];

		if (covers(p, t, addr) && t->id < access && t->id != m->id &&
		    t->id > s->first)
			s->first = t->id;
	}
}

/* "mapped at program:N" is a place, too. */
static void told(struct span *s, const char *remedy)
{
	const char *at = remedy;

	while ((at = strstr(at, PROG_FILE ":"))) {
		unsigned step;

		at += strlen(PROG_FILE ":");
		step = (unsigned)strtoul(at, NULL, 10);
		stretch(s, step, step);
	}
}

/* Between what the two parties did, the step is missing. */
static bool placed(const struct prog *p, const struct mutation *m,
                   const struct prog_found *f)
{
	struct span s = {0};
	unsigned first = m->id, last = m->id;

	if (m->to && m->to < first)
		first = m->to;
	if (m->to > last)
		last = m->to;
	party(p, &s, f->reader, f->reader_is_device, f->reader_request);
	party(p, &s, f->writer, f->writer_is_device, f->writer_request);
	if (!f->writer && !f->writer_is_device)
		since_last_pass(p, m, f->addr, &s);
	if (f->smmu)
		s.last = p->step[p->steps - 1].id;
	told(&s, f->remedy);
	return s.first <= last && first <= s.last;
}

static bool in_buffer(const struct prog *p, unsigned b, uint64_t addr)
{
	uint64_t at = BUFS_AT + p->buf[b].at;

	return addr >= at && addr < at + p->buf[b].size;
}

static bool about(const struct prog *p, const struct mutation *m,
                  const struct prog_found *f)
{
	switch (m->op) {
	case PROG_MAP:
	case PROG_UNMAP:
	case PROG_SYNC_DEV:
	case PROG_SYNC_CPU:
		return in_buffer(p, p->req[m->what].buf, f->addr) ||
		       f->addr >> 16 == IOVA_SLOT >> 16;
	case PROG_CLEAN:
	case PROG_INVAL:
		return in_buffer(p, m->what, f->addr);
	default:
		return true;
	}
}

/* ---- kind ---- */

static bool fits(const struct mutation *m, enum dmasim_finding_kind k)
{
	switch (m->op) {
	case PROG_WMB:
	case PROG_MB:
	case PROG_RMB:
	case PROG_ACQ:
	case PROG_REL:
		return k == DMASIM_MISSING_BARRIER || k == DMASIM_OWNERSHIP;
	case PROG_DSB:
		return k == DMASIM_MISSING_BARRIER || k == DMASIM_STALE_READ ||
		       k == DMASIM_STALE_TRANSLATION ||
		       k == DMASIM_USE_AFTER_UNMAP;
	case PROG_PT_SET:
	case PROG_PT_CLEAN:
	case PROG_TLBI:
	case PROG_SYNC:
		return k == DMASIM_STALE_TRANSLATION ||
		       k == DMASIM_USE_AFTER_UNMAP || k == DMASIM_STALE_READ ||
		       k == DMASIM_UNTRANSLATED;
	default:
		return k == DMASIM_STALE_READ || k == DMASIM_LOST_WRITE ||
		       k == DMASIM_DISCARDED_WRITE || k == DMASIM_OWNERSHIP ||
		       k == DMASIM_OVERREACH || k == DMASIM_UNTRANSLATED ||
		       k == DMASIM_USE_AFTER_UNMAP ||
		       k == DMASIM_MISSING_BARRIER;
	}
}

static bool remedy_names(const struct mutation *m, const char *remedy)
{
	static const char *const words[PROG_OPS] = {
	        [PROG_MAP] = "dma_map_single",
	        [PROG_UNMAP] = "dma_unmap_single",
	        [PROG_SYNC_DEV] = "dma_sync_single_for_device",
	        [PROG_SYNC_CPU] = "dma_sync_single_for_cpu",
	        [PROG_CLEAN] = "DC C",
	        [PROG_INVAL] = "DC IVAC",
	        [PROG_DSB] = "DSB",
	        [PROG_WMB] = "wmb",
	        [PROG_MB] = "wmb",
	        [PROG_RMB] = "rmb",
	        [PROG_ACQ] = "DMB",
	        [PROG_REL] = "DMB",
	        [PROG_PT_CLEAN] = "DC CVAC",
	        [PROG_TLBI] = "TLBI",
	        [PROG_SYNC] = "CMD_SYNC"};

	return words[m->op] && strstr(remedy, words[m->op]);
}

static bool named(const struct prog *p, const struct mutation *m,
                  struct judgement *j)
{
	const struct prog_result *r = &j->last;
	bool found = false;

	for (unsigned i = 0; i < r->found_count && i < PROG_FOUND; i++) {
		const struct prog_found *f = &r->found[i];

		if (!fits(m, f->kind) || !placed(p, m, f) || !about(p, m, f))
			continue;
		if (!found)
			j->kind = f->kind;
		found = true;
		j->remedy |= remedy_names(m, f->remedy);
	}
	return found;
}

/* A run that was not clean. */
static void decide(const struct prog *p, const struct mutation *m,
                   struct judgement *j)
{
	const struct prog_result *r = &j->last;

	if (r->found_count) {
		j->verdict = named(p, m, j) ? VERDICT_FOUND : VERDICT_UNNAMED;
		return;
	}
	/* The SMMU's record names the address that has no leaf. */
	j->by_fault = r->end == PROG_FAULT &&
	              (m->op == PROG_PT_SET || m->op == PROG_PT_CLEAN ||
	               m->op == PROG_DSB);
	j->verdict = j->by_fault ? VERDICT_FOUND : VERDICT_MISSED;
}

/* True: it was not clean. */
static bool explore(struct scenario *s, struct judgement *j,
                    const struct dmasim_explore_config *cfg)
{
	struct dmasim_explore_outcome o;
	struct dmasim_exploration *x;
	struct dmasim_diag diag;
	bool unclean = false;

	if (dmasim_explore(cfg, &x, &diag))
		fail_msg("program %llu: %s", (unsigned long long)s->p->seed,
		         diag.text);
	j->runs += dmasim_exploration_summary(x)->runs;
	for (size_t i = 0; dmasim_exploration_outcome(x, i, &o); i++) {
		if (!not_clean(NULL, o.text))
			continue;
		unclean = true;
		snprintf(j->token, sizeof(j->token), "%s", o.token);
		break;
	}
	dmasim_exploration_destroy(x);
	j->explored = unclean;
	j->last = s->last;
	return unclean;
}

void judge(const struct prog *p, const struct prog *mutant,
           const struct mutation *m, struct judgement *j)
{
	/* Many answers that are not the preferred ones, some, and few: bugs
	 * differ in what they need. The first are as a seed gives them. */
	static const struct {
		uint32_t odds, runs;
	} walks[] = {{0, SEEDS}, {4, 40}, {16, 50}, {64, 60}};
	struct scenario s = {.p = mutant};
	struct dmasim_explore_config cfg = {.run = run,
	                                    .ctx = &s,
	                                    .enough = not_clean,
	                                    .strategy = DMASIM_EXPLORE_RANDOM,
	                                    .seed = mutant->seed};
	char outcome[DMASIM_EXPLORE_OUTCOME];
	bool unclean;

	memset(j, 0, sizeof(*j));
	run(&s, NULL, outcome, sizeof(outcome));
	j->runs = 1;
	j->last = s.last;
	unclean = not_clean(NULL, outcome);
	for (unsigned i = 0; !unclean && i < 4; i++) {
		cfg.odds = walks[i].odds;
		cfg.max_runs = walks[i].runs;
		unclean = explore(&s, j, &cfg);
		j->explored = unclean && i > 0;
	}
	/* The last choices, one by one: what comes before the end of a
	 * program is met more often. */
	if (!unclean) {
		cfg.strategy = DMASIM_EXPLORE_DEPTH_FIRST;
		cfg.max_deviations = 1;
		cfg.max_runs = SINGLES;
		unclean = explore(&s, j, &cfg);
	}
	if (unclean)
		decide(p, m, j);
	else
		j->verdict = VERDICT_HARMLESS;
}

/* ---- smaller ---- */

static bool still(const struct prog *p, const struct mutation *m,
                  enum verdict v)
{
	struct prog_result *r = test_malloc(sizeof(*r));
	struct judgement *j = test_malloc(sizeof(*j));
	struct prog *mutant = test_malloc(sizeof(*mutant));
	bool yes;

	prog_run(p, &(struct prog_run_config){0}, r);
	yes = r->end == PROG_OK && !r->found_count;
	mutate_again(p, m, mutant);
	if (yes)
		judge(p, mutant, m, j);
	yes = yes && j->verdict == v;
	test_free(mutant);
	test_free(j);
	test_free(r);
	return yes;
}

void shrink(struct prog *p, const struct mutation *m, enum verdict v)
{
	unsigned groups = 0;

	for (unsigned i = 0; i < p->steps; i++)
		if (p->step[i].group > groups)
			groups = p->step[i].group;
	for (unsigned group = 1; group <= groups; group++) {
		struct prog small = *p;
		bool needed = false;

		for (unsigned i = 0; i < p->steps; i++)
			needed |= p->step[i].group == group &&
			          (p->step[i].id == m->id ||
			           p->step[i].id == m->to);
		prog_drop(&small, group);
		if (!needed && still(&small, m, v))
			*p = small;
	}
}
