/* SPDX-License-Identifier: MIT */
/*
 * CASES generated tests on the simulator, each on another set of caches in
 * turn: what it gives is a subset of what
 * the model allows, and what the model allows and it does not give is as
 * listed in expected/generated*.txt.
 *
 * test_litmus_generated --write FILE: write that listing anew.
 */
#include "axiom.h"
#include "catalogue.h"
#include "generate.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include <stdio.h>

#define SEED UINT64_C(0x5eed1234)

struct totals {
	unsigned long long runs, outcomes, allowed, omitted, agents[5];
	unsigned wrong;
};

static void compare(const struct litmus *t, const struct axiom_result *model,
                    const struct run_result *run, struct totals *all,
                    FILE *listing)
{
	char text[512];

	for (size_t i = 0; i < run->outcomes.count; i++) {
		if (outcomes_has(&model->allowed, &run->outcomes.list[i]))
			continue;
		outcome_text(t, &run->outcomes.list[i], text, sizeof(text));
		printf("%s: the model forbids %s\n", t->name, text);
		all->wrong++;
	}
	for (size_t i = 0; i < model->allowed.count; i++) {
		if (outcomes_has(&run->outcomes, &model->allowed.list[i]))
			continue;
		outcome_text(t, &model->allowed.list[i], text, sizeof(text));
		fprintf(listing, "%s %s\n", t->name, text);
		all->omitted++;
	}
}

static void one(const char *file, unsigned shape, struct totals *all,
                FILE *listing)
{
	const struct run_config cfg = {.max_runs = 1000000, .shape = shape};
	struct axiom_result model;
	struct run_result run;
	struct litmus t;
	char err[256];

	if (!litmus_parse("generated", file, &t, err, sizeof(err))) {
		printf("%s\n%s", err, file);
		all->wrong++;
		return;
	}
	if (!litmus_run(&t, &cfg, &run) || !run.complete) {
		printf("%s: %s\n", t.name,
		       *run.error ? run.error : "more than the bound");
		all->wrong++;
	} else if (!axiom_allowed(&t, &model)) {
		printf("%s: more than the model takes\n", t.name);
		all->wrong++;
	} else {
		compare(&t, &model, &run, all, listing);
		all->runs += run.runs;
		all->outcomes += run.outcomes.count;
		all->allowed += model.allowed.count;
		all->agents[t.agent_count]++;
		outcomes_free(&model.allowed);
	}
	run_result_free(&run);
}

/* The listing has tests in the order of the generator: that of the long run
 * begins with that of the short one. */
static unsigned settle(const char *text, const char *path)
{
	char *known;
	unsigned wrong;
	FILE *f;

	if (path) {
		f = fopen(path, "w");
		if (!f)
			return 1;
		fputs(text, f);
		return fclose(f) != 0;
	}
	known = catalogue_read("expected/generated.txt");
	if (!known)
		known = calloc(1, 1);
	wrong = !known || strncmp(known, text, strlen(text)) != 0 ||
	        (CASES >= 10000 && strcmp(known, text) != 0);
	if (wrong)
		printf("expected/generated.txt is not up to date; omitted:\n%s",
		       text);
	free(known);
	return wrong;
}

int main(int argc, char **argv)
{
	const char *path =
	        argc > 2 && strcmp(argv[1], "--write") == 0 ? argv[2] : NULL;
	struct generator *g = generator_new(SEED);
	struct totals all = {0};
	char file[4096], *text = NULL;
	size_t size = 0;
	FILE *listing;

	if (argc > 1 && strcmp(argv[1], "--list") == 0) {
		printf("all\n");
		generator_free(g);
		return 0;
	}
	listing = open_memstream(&text, &size);
	if (!listing || !g)
		abort();
	for (int i = 0; i < CASES; i++) {
		generator_next(g, file, sizeof(file));
		one(file, (unsigned)i % RUN_SHAPES, &all, listing);
	}
	fclose(listing);
	printf("%d tests (%llu with 2 agents, %llu with 3, %llu with 4), %llu "
	       "runs: %llu outcomes, all allowed; allowed %llu, omitted %llu\n",
	       CASES, all.agents[2], all.agents[3], all.agents[4], all.runs,
	       all.outcomes, all.allowed, all.omitted);
	all.wrong += settle(text, path);
	free(text);
	generator_free(g);
	return all.wrong != 0;
}
