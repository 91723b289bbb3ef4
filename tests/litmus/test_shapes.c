/* SPDX-License-Identifier: MIT */
/*
 * The catalogue on other caches, and in a storm: STORM runs at random in which
 * lines are filled, evicted and cleaned at any time. A case for each shape of
 * the caches, and each with a storm. What must be possible depends on the
 * caches; what must not be does not, nor what the model allows, nor that
 * correct code gives no finding.
 */
#include "axiom.h"
#include "catalogue.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 3000u

static unsigned against_model(const struct litmus *t,
                              const struct run_result *r)
{
	struct axiom_result model;
	unsigned wrong = 0;
	const char *why;
	char text[512];

	if (!axiom_applies(t, &why) || !axiom_allowed(t, &model))
		return 0;
	for (size_t i = 0; i < r->outcomes.count; i++) {
		if (outcomes_has(&model.allowed, &r->outcomes.list[i]))
			continue;
		outcome_text(t, &r->outcomes.list[i], text, sizeof(text));
		printf("%s: the model forbids %s\n", t->file, text);
		wrong++;
	}
	outcomes_free(&model.allowed);
	return wrong;
}

static unsigned against_file(const struct litmus *t, const struct run_result *r)
{
	unsigned wrong = 0;

	for (int i = 0; i < t->verdict_count; i++)
		if (t->verdict[i].kind == LITMUS_NEVER &&
		    outcomes_match(t, &r->outcomes, &t->verdict[i])) {
			printf("%s:%d: a run gives this\n", t->file,
			       t->verdict[i].line);
			wrong++;
		}
	if (t->finding_stated && !t->finding_count && r->kinds) {
		printf("%s: not stated:\n%s", t->file, r->unexpected);
		wrong++;
	}
	return wrong;
}

static unsigned one(const char *path, const struct run_config *cfg,
                    uint64_t *runs)
{
	struct run_result r;
	struct litmus t;
	char err[256];
	unsigned wrong = 0;

	if (!catalogue_load(path, &t, err, sizeof(err))) {
		printf("%s\n", err);
		return 1;
	}
	if (t.quiet && cfg->storm)
		return 0;
	if (!litmus_run(&t, cfg, &r)) {
		printf("%s: %s\n", t.file, r.error);
		wrong++;
	} else {
		wrong = against_model(&t, &r) + against_file(&t, &r);
	}
	*runs += r.runs;
	run_result_free(&r);
	return wrong;
}

static unsigned run_case(const char *name)
{
	struct run_config cfg = {.checker = true, .max_runs = BOUND};
	struct catalogue c;
	unsigned wrong = 0;
	uint64_t runs = 0;
	char kind;

	if (sscanf(name, "%c%u", &kind, &cfg.shape) != 2 ||
	    cfg.shape >= RUN_SHAPES || !catalogue_open(&c))
		return 1;
	if (kind == 's')
		cfg.storm = STORM;
	for (int i = 0; i < c.count; i++)
		wrong += one(c.path[i], &cfg, &runs);
	printf("%s%s: %llu runs\n", run_shape_name(cfg.shape),
	       cfg.storm ? ", in a storm" : "", (unsigned long long)runs);
	catalogue_close(&c);
	return wrong;
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && strcmp(argv[1], "--list") == 0;
	unsigned wrong = 0;
	char name[8];

	for (unsigned i = 0; i < 2 * RUN_SHAPES; i++) {
		/* c0: the first shape, calm; s0: in a storm. */
		snprintf(name, sizeof(name), "%c%u", i % 2 ? 's' : 'c', i / 2);
		if (list)
			printf("%s\n", name);
		else if (argc < 2 || strcmp(argv[1], name) == 0)
			wrong += run_case(name);
	}
	return wrong != 0;
}
