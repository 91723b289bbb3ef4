/* SPDX-License-Identifier: MIT */
/*
 * The model with its caches and the second walker, which is asked for every
 * mixture of what caches may still have: random changes of descriptors and
 * configuration, and random invalidations that cover them or do not.
 * DMASIM_SMMU_REF_SEED=N runs scene N alone; DMASIM_SMMU_REF_COUNT is the
 * number of accesses instead of CASES.
 */
#include <stdlib.h>

#include "compare.h"
#include "gen.h"
#include "history.h"
#include "steps.h"

#define STEPS 48u
#define RUNS  4000u

/* A scene where a range goes on after the last address: rare. */
#define RANGE_PAST_THE_TOP 169189
/* A table descriptor that points to the Command queue: rare. */
#define TABLE_IN_QUEUE 214712

struct tally {
	unsigned long cases, vague, ok, stale, runs, commands, changes;
};

struct run {
	struct explorer e;
	struct gen_scene *g;
	struct history *h;
	const struct machine_seen *seen;
	bool vague;
};

/* ---- the reference's view ---- */

static unsigned ref_choose(void *ctx, unsigned n, enum ref_choice why)
{
	struct run *run = ctx;

	(void)why;
	return explorer_choose(&run->e, n);
}

/* A word as it was before the access: updates of it come after. */
static bool memory_before(const struct run *run, uint64_t pa, uint64_t *value)
{
	const struct machine_seen *s = run->seen;

	for (unsigned i = 0; i < s->written && i < 64; i++)
		if (s->writes[i].pa == pa) {
			*value = s->writes[i].old;
			return true;
		}
	return dmasim_tables_get(&run->g->host, pa, value) == DMASIM_OK;
}

static uint64_t choose_version(struct run *run, const struct word_history *w,
                               const struct ref_read *r)
{
	uint64_t values[HISTORY_VERSIONS] = {0};
	unsigned n = 0;

	/* The newest first. */
	for (unsigned i = w->n; i-- > 0;) {
		bool again = false;

		for (unsigned j = 0; j < n; j++)
			again |= values[j] == w->v[i].value;
		if (!again && history_kept(run->h, &w->v[i], r))
			values[n++] = w->v[i].value;
	}
	return n > 1 ? values[explorer_choose(&run->e, n)] : values[0];
}

static bool ref_read(void *ctx, const struct ref_read *r, uint64_t *words)
{
	struct run *run = ctx;
	const struct word_history *w;

	if (r->what == REF_TT1 || r->what == REF_TT2) {
		/* Tables that overlap with what else is followed, or with
		 * queues, which change while a stalled access waits. */
		run->vague |= history_is_structure(run->h, r->pa) ||
		              (r->pa >= QUEUES && r->pa < QUEUES_END);
		w = history_of(run->h, r->pa);
		if (w) {
			*words = choose_version(run, w, r);
			return true;
		}
	}
	for (unsigned i = 0; i < r->words; i++)
		if (!memory_before(run, r->pa + 8ull * i, &words[i]))
			return false;
	return true;
}

static unsigned cd_leaf(const struct gen_scene *g)
{
	return g->cds.s1fmt == 1 ? 6 : 10;
}

static bool ref_cached(void *ctx, enum ref_what what, uint32_t sid,
                       uint32_t ssid, uint64_t *words)
{
	struct run *run = ctx;
	const struct gen_scene *g = run->g;
	const struct structure *s = &run->h->structures[what];
	unsigned kept[HISTORY_VERSIONS], n = 0, i;
	unsigned split = g->setup.streams.split;

	/* Other streams are not followed: they may share an L1STD. */
	if (sid != g->sid) {
		run->vague |= split && sid >> split == g->sid >> split;
		return false;
	}
	/* Other CDs are not followed. */
	if ((what == REF_CD && ssid != g->ssid) ||
	    (what == REF_L1CD && ssid >> cd_leaf(g) != g->ssid >> cd_leaf(g)))
		run->vague = true;
	if (!s->pa)
		return false;
	for (i = s->n; i-- > 0;)
		if (history_config_kept(run->h, what, s->v[i].to, sid, ssid))
			kept[n++] = i;
	/* 0: it is fetched. */
	i = n ? explorer_choose(&run->e, n + 1) : 0;
	if (i == 0)
		return false;
	memcpy(words, s->v[kept[i - 1]].words, 8ull * s->words);
	return true;
}

/* Bits of a structure that translations keep together. */
struct group {
	uint64_t mask[4];
};

static const struct group cd_groups[] = {
        /* T0SZ, TG0; T1SZ, TG1; DS: what tables are like */
        {{0x0000000000ff00ffull, 0, 0x0400000000000000ull, 0}},
        /* TTB0; TTB1 */
        {{0, 0x000ffffffffffff0ull, 0x000ffffffffffff0ull, 0}},
        /* EPD0; EPD1 */
        {{0x0000000040004000ull, 0, 0, 0}},
        /* ENDI */
        {{0x0000000000008000ull, 0, 0, 0}},
        /* IPS */
        {{0x0000000700000000ull, 0, 0, 0}},
        /* TBI0, TBI1 */
        {{0x000000c000000000ull, 0, 0, 0}},
        /* MAIR */
        {{0, 0, 0, ~0ull}},
        /* WXN, PAN; EPAN */
        {{0x0000011000000000ull, 0x0800000000000000ull, 0, 0}},
        /* AFFD, HD, HA; HAFT */
        {{0x00000c0800000000ull, 0x8, 0, 0}},
        /* E0PD0, E0PD1 */
        {{0, 0x4, 0x4, 0}},
        /* SH0, SH1 */
        {{0x0000000030003000ull, 0, 0, 0}},
};

static const struct group ste_groups[] = {
        /* S2T0SZ, S2SL0, S2TG; S2SL0_2, S2DS */
        {{0, 0, 0x0000c0ff00000000ull, 0xc}},
        /* S2TTB */
        {{0, 0, 0, 0x000ffffffffffff0ull}},
        /* S2PS */
        {{0, 0, 0x0007000000000000ull, 0}},
        /* S2ENDI */
        {{0, 0, 0x0010000000000000ull, 0}},
        /* S2AFFD, S2HD, S2HA, S2HAFT */
        {{0, 0, 0x09a0000000000000ull, 0}},
        /* S2PTW */
        {{0, 0, 0x0040000000000000ull, 0}},
        /* S2FWB */
        {{0, 0x02000000, 0, 0}},
        /* S2SH0 */
        {{0, 0, 0x0000300000000000ull, 0}},
};

static bool same_bits(const struct group *g, const uint64_t *a,
                      const uint64_t *b)
{
	for (unsigned i = 0; i < 4; i++)
		if ((a[i] ^ b[i]) & g->mask[i])
			return false;
	return true;
}

static void choose_group(struct run *run, const struct group *g,
                         enum ref_what what, const struct ref_tags *tags,
                         uint64_t words[8])
{
	const struct structure *s = &run->h->structures[what];
	const uint64_t *from[HISTORY_VERSIONS + 1] = {words};
	unsigned n = 1, chosen;

	for (unsigned i = s->n; i-- > 0;) {
		bool again = false;

		for (unsigned j = 0; j < n; j++)
			again |= same_bits(g, from[j], s->v[i].words);
		if (!again &&
		    history_walk_kept(run->h, what, s->v[i].to, run->g->sid,
		                      run->g->ssid, tags))
			from[n++] = s->v[i].words;
	}
	chosen = n > 1 ? explorer_choose(&run->e, n) : 0;
	for (unsigned i = 0; i < 4; i++)
		words[i] = (words[i] & ~g->mask[i]) |
		           (from[chosen][i] & g->mask[i]);
}

static void ref_walk_cd(void *ctx, const struct ref_tags *tags, uint64_t cd[8])
{
	for (size_t i = 0; i < sizeof(cd_groups) / sizeof(*cd_groups); i++)
		choose_group(ctx, &cd_groups[i], REF_CD, tags, cd);
}

static void ref_walk_ste(void *ctx, const struct ref_tags *tags,
                         uint64_t ste[8])
{
	for (size_t i = 0; i < sizeof(ste_groups) / sizeof(*ste_groups); i++)
		choose_group(ctx, &ste_groups[i], REF_STE, tags, ste);
}

/* ---- scenes ---- */

static void follow(struct gen_scene *g, struct history *h)
{
	uint64_t words[8], l1;
	unsigned split = g->setup.streams.split;

	*h = (struct history){.now = 1};
	steps_read(g, g->ste_pa, 8, words);
	history_structure(h, REF_STE, g->ste_pa, words);
	if (split) {
		l1 = g->setup.streams.base + 8ull * (g->sid >> split);
		steps_read(g, l1, 1, words);
		history_structure(h, REF_L1STD, l1, words);
	}
	if (!(g->ste.config & 1))
		return;
	steps_read(g, g->cd_pa, 8, words);
	history_structure(h, REF_CD, g->cd_pa, words);
	if (!g->cds.s1cdmax || !g->cds.s1fmt)
		return;
	l1 = g->cds.base -
	     (g->ste.config & 2 ? g->guest.shift : g->host.shift) +
	     8ull * (g->ssid >> cd_leaf(g));
	steps_read(g, l1, 1, words);
	history_structure(h, REF_L1CD, l1, words);
}

static void print_history(const struct gen_scene *g, const struct history *h)
{
	for (unsigned i = 0; i < h->n_words; i++)
		for (unsigned j = 0; j < h->words[i].n; j++)
			print_error("%llx: %016llx from %u to %u\n",
			            (unsigned long long)h->words[i].pa,
			            (unsigned long long)h->words[i].v[j].value,
			            h->words[i].v[j].from, h->words[i].v[j].to);
	for (unsigned i = 0; i <= REF_CD; i++)
		for (unsigned j = 0; j < h->structures[i].n; j++) {
			const struct structure_version *v =
			        &h->structures[i].v[j];

			print_error("structure %u: %016llx %016llx %016llx "
			            "%016llx from %u to %u\n",
			            i, (unsigned long long)v->words[0],
			            (unsigned long long)v->words[1],
			            (unsigned long long)v->words[2],
			            (unsigned long long)v->words[3], v->from,
			            v->to);
		}
	for (unsigned i = 0; i < h->n_commands; i++) {
		const struct command *c = &h->commands[i];

		print_error("at %u: kind %u vmid %x asid %x address %llx span "
		            "%llx leaf %d granule %u level %u\n",
		            c->time, c->kind, c->vmid, c->asid,
		            (unsigned long long)c->address,
		            (unsigned long long)c->span, c->leaf, c->granule,
		            c->level);
	}
	print_error("IDR0 %08x IDR1 %08x IDR3 %08x IDR5 %08x\n", g->ids.idr[0],
	            g->ids.idr[1], g->ids.idr[3], g->ids.idr[5]);
}

/* What the second walker says of a mixture; the first that fits ends it. */
static bool explained(struct run *run, const struct ref_txn *t,
                      struct outcomes *o, struct tally *y)
{
	static struct ref_out out;
	struct machine *m = &run->g->m;
	const struct ref_env env = {.ctx = run,
	                            .read = ref_read,
	                            .choose = ref_choose,
	                            .cached = ref_cached,
	                            .walk_cd = ref_walk_cd,
	                            .walk_ste = ref_walk_ste};
	unsigned runs = 0;

	o->n = 0;
	explorer_first(&run->e);
	do {
		struct outcome *one = &o->of[o->n];

		ref_run(&m->ref, &env, t, &out);
		if (out.impossible && ++runs < RUNS)
			continue;
		one->out = out;
		for (unsigned i = 0; i < out.updated; i++)
			memory_before(run, out.updates[i].pa, &one->old[i]);
		run->vague |= out.vague || run->e.overrun || ++runs == RUNS;
		if (run->vague || !compare_one(one, t, run->seen)) {
			y->runs += runs;
			y->stale += !run->vague && runs > 1;
			return true;
		}
		/* Some are enough to be shown. */
		if (o->n < 4)
			o->n++;
	} while (explorer_next(&run->e));
	return false;
}

static bool one_access(struct gen_scene *g, struct history *h, struct tally *y)
{
	static struct outcomes o;
	struct machine_seen s;
	struct run run = {.g = g, .h = h, .seen = &s};
	struct ref_txn t;

	gen_access(g, &t);
	if (t.ssv && rng_chance(&g->rng, 80))
		t.ssid = g->ssid;
	machine_access(&g->m, &t, &s);
	y->cases++;
	y->ok += s.outputs != 0;
	if (!explained(&run, &t, &o, y)) {
		compare_print(&o, &t, &s);
		print_history(g, h);
		return false;
	}
	y->vague += run.vague;
	for (unsigned i = 0; i < s.written && i < 64; i++) {
		h->full |= history_is_structure(h, s.writes[i].pa);
		history_set(h, s.writes[i].pa, s.writes[i].old,
		            s.writes[i].value);
	}
	return true;
}

static bool one_step(struct gen_scene *g, struct history *h, struct tally *y)
{
	unsigned what = (unsigned)rng_below(&g->rng, 100);

	h->now++;
	if (what < 50)
		return one_access(g, h, y);
	if (what < 80) {
		y->changes++;
		if (rng_chance(&g->rng, 70) && g->n_words)
			steps_change_descriptor(g, h);
		else
			steps_change_structure(
			        g, h, (enum ref_what)rng_below(&g->rng, 4));
		return true;
	}
	y->commands++;
	steps_invalidate(g, h);
	return true;
}

static bool one_scene(uint64_t seed, const struct machine_ids *all,
                      struct tally *y)
{
	static const uint32_t sizes[] = {0, 0, 2, 8};
	static struct gen_scene g;
	static struct history h;
	struct machine_ids ids = *all;
	bool equal = true;

	ids.tlb_entries = sizes[seed % 4];
	ids.config_entries = sizes[seed / 4 % 4];
	gen_open(&g, seed, &ids, false);
	follow(&g, &h);
	for (unsigned i = 0; equal && i < STEPS && !h.full; i++) {
		equal = one_step(&g, &h, y);
		if (!equal)
			print_error("seed %llu, step %u\n",
			            (unsigned long long)seed, i);
	}
	gen_close(&g);
	return equal;
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void cached_results_are_of_allowed_versions(void **state)
{
	static struct tally y;
	unsigned long cases = number("DMASIM_SMMU_REF_COUNT", CASES);
	unsigned long only = number("DMASIM_SMMU_REF_SEED", ~0ul);
	struct machine_ids all;

	(void)state;
	machine_probe(&all);
	if (only != ~0ul) {
		assert_true(one_scene(only, &all, &y));
		return;
	}
	assert_true(one_scene(RANGE_PAST_THE_TOP, &all, &y));
	assert_true(one_scene(TABLE_IN_QUEUE, &all, &y));
	for (uint64_t seed = 1; y.cases < cases; seed++)
		assert_true(one_scene(seed, &all, &y));
	print_message("%lu accesses: %lu let through, %lu not as memory is "
	              "now, %lu not compared; %lu changes, %lu "
	              "invalidations, %lu runs of the reference\n",
	              y.cases, y.ok, y.stale, y.vague, y.changes, y.commands,
	              y.runs);
	/* Both caches and changes must have had their say. */
	assert_true(y.ok > y.cases / 10);
	assert_true(y.stale > y.cases / 500);
	assert_true(y.vague < y.cases / 6);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cached_results_are_of_allowed_versions),
};

CHECK_MAIN(tests)
