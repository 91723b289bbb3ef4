/* SPDX-License-Identifier: MIT */
/*
 * The model without caches and the second walker, side by side: random
 * configurations, each with some accesses and some changes of one word.
 * DMASIM_SMMU_REF_SEED=N runs scene N alone; DMASIM_SMMU_REF_COUNT is the
 * number of accesses instead of CASES.
 */
#include <stdlib.h>

#include "compare.h"
#include "gen.h"

#define ACCESSES 16u

struct tally {
	unsigned long cases, vague, ok, raz, stalled, events[256], nested,
	        updates;
};

struct run {
	struct explorer e;
	struct machine *m;
	bool trace;
};

static bool ref_read(void *ctx, const struct ref_read *r, uint64_t *words)
{
	struct run *run = ctx;
	const struct dmasim_tables t = {.map = run->m->map};

	for (unsigned i = 0; i < r->words; i++)
		if (dmasim_tables_get(&t, r->pa + 8ull * i, &words[i]) !=
		    DMASIM_OK)
			return false;
	if (run->trace)
		print_error("  reads %u level %d at %llx: %016llx\n", r->what,
		            r->level, (unsigned long long)r->pa,
		            (unsigned long long)words[0]);
	return true;
}

static unsigned ref_choose(void *ctx, unsigned n, enum ref_choice why)
{
	struct run *run = ctx;

	(void)why;
	return explorer_choose(&run->e, n);
}

static void all_outcomes(struct machine *m, const struct ref_txn *t,
                         struct outcomes *o, bool trace)
{
	static struct ref_out out;
	struct run run = {.m = m, .trace = trace};
	const struct ref_env env = {
	        .ctx = &run, .read = ref_read, .choose = ref_choose};

	o->n = 0;
	o->vague = false;
	explorer_first(&run.e);
	do {
		ref_run(&m->ref, &env, t, &out);
		outcomes_add(o, m, &out);
		o->vague |= run.e.overrun;
		run.trace = false;
	} while (!o->vague && explorer_next(&run.e));
}

static void count(struct tally *y, const struct gen_scene *g,
                  const struct machine_seen *s)
{
	y->ok += s->outputs != 0;
	y->nested += s->outputs != 0 && g->ste.config == 7;
	y->raz += s->result == DMASIM_TXN_OK && s->outputs == 0;
	y->stalled += s->stalled;
	y->updates += s->written;
	if (s->events)
		y->events[s->record[0] & 0xff]++;
}

/* One bit, or all of them: returns what was there. */
static uint64_t mutate(struct gen_scene *g, const struct gen_word *w)
{
	uint64_t old, new, bit = 1ull << rng_below(&g->rng, 64);

	dmasim_tables_get(&g->host, w->pa, &old);
	new = old ^ (w->big_endian ? __builtin_bswap64(bit) : bit);
	if (rng_chance(&g->rng, 8))
		new = rng_chance(&g->rng, 50) ? 0 : rng_next(&g->rng);
	dmasim_tables_set(&g->host, w->pa, new);
	return old;
}

static bool one_access(struct gen_scene *g, struct tally *y)
{
	static struct outcomes o;
	struct machine_seen s;
	struct ref_txn t;

	gen_access(g, &t);
	all_outcomes(&g->m, &t, &o, false);
	machine_access(&g->m, &t, &s);
	y->cases++;
	if (o.vague) {
		y->vague++;
		return true;
	}
	count(y, g, &s);
	if (compare_any(&o, &t, &s))
		return true;
	compare_print(&o, &t, &s);
	/* The way, with what the model has written since. */
	all_outcomes(&g->m, &t, &o, true);
	return false;
}

static void print_scene(const struct gen_scene *g)
{
	uint64_t w[8];

	for (unsigned i = 0; i < 6; i++)
		print_error("IDR%u %08x ", i, g->ids.idr[i]);
	print_error("\nCR0 %x CR2 %x GBPA %x\nSTE", g->m.ref.cr0, g->m.ref.cr2,
	            g->m.ref.gbpa);
	for (unsigned i = 0; i < 8; i++) {
		dmasim_tables_get(&g->host, g->ste_pa + 8ull * i, &w[i]);
		print_error(" %016llx", (unsigned long long)w[i]);
	}
	print_error("\nCD ");
	for (unsigned i = 0; i < 5; i++) {
		dmasim_tables_get(&g->host, g->cd_pa + 8ull * i, &w[i]);
		print_error(" %016llx", (unsigned long long)w[i]);
	}
	print_error("\n");
}

static bool one_scene(uint64_t seed, const struct machine_ids *all,
                      struct tally *y)
{
	static struct gen_scene g;
	bool equal = true;

	gen_open(&g, seed, all, true);
	for (unsigned i = 0; equal && i < ACCESSES; i++) {
		const struct gen_word *w = NULL;
		uint64_t old = 0;

		if (g.n_words && rng_chance(&g.rng, 55)) {
			w = &g.words[rng_below(&g.rng, g.n_words)];
			old = mutate(&g, w);
		}
		equal = one_access(&g, y);
		if (!equal) {
			print_scene(&g);
			if (w)
				print_error("changed: %llx, was %016llx\n",
				            (unsigned long long)w->pa,
				            (unsigned long long)old);
			print_error("seed %llu, access %u\n",
			            (unsigned long long)seed, i);
		}
		if (w && rng_chance(&g.rng, 85))
			dmasim_tables_set(&g.host, w->pa, old);
	}
	gen_close(&g);
	return equal;
}

static void print_tally(const struct tally *y)
{
	print_message("%lu accesses: %lu let through (%lu nested), %lu "
	              "RAZ/WI, %lu stalled, %lu updates, %lu not compared\n",
	              y->cases, y->ok, y->nested, y->raz, y->stalled,
	              y->updates, y->vague);
	for (unsigned i = 0; i < 256; i++)
		if (y->events[i])
			print_message("  %-20s %lu\n",
			              dmasim_event_name((uint8_t)i),
			              y->events[i]);
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void model_and_reference_agree(void **state)
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
	for (uint64_t seed = 1; y.cases < cases; seed++)
		assert_true(one_scene(seed, &all, &y));
	print_tally(&y);
	/* A test that says nothing is no test. */
	assert_true(y.ok > y.cases / 5);
	assert_true(y.vague < y.cases / 10);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_and_reference_agree),
};

CHECK_MAIN(tests)
