/* SPDX-License-Identifier: MIT */
/* Each litmus file is a case, by its name: its verdicts against the axiomatic
 * checker. */
#include "axiom.h"
#include "catalogue.h"

#include <stdio.h>
#include <string.h>

/* Verdicts that the model contradicts. */
static int against_model(const struct litmus *t)
{
	struct axiom_result r;
	const char *why;
	int wrong = 0;

	if (!axiom_applies(t, &why)) {
		printf("no model: %s\n", why);
		return 0;
	}
	if (!axiom_allowed(t, &r)) {
		printf("%s: more than the model takes\n", t->file);
		return 1;
	}
	for (int i = 0; i < t->verdict_count; i++) {
		const struct litmus_verdict *v = &t->verdict[i];
		bool allowed = outcomes_match(t, &r.allowed, v);

		if (allowed == (v->kind == LITMUS_MUST))
			continue;
		printf("%s:%d: the model %s this\n", t->file, v->line,
		       allowed ? "allows" : "forbids");
		wrong++;
	}
	printf("%zu outcomes allowed, of %llu executions\n", r.allowed.count,
	       (unsigned long long)r.candidates);
	outcomes_free(&r.allowed);
	return wrong;
}

static int run(const char *path)
{
	struct litmus t;
	char err[256];

	if (!catalogue_load(path, &t, err, sizeof(err))) {
		printf("%s\n", err);
		return 1;
	}
	if (!t.verdict_count) {
		printf("%s: no verdict\n", t.file);
		return 1;
	}
	return against_model(&t);
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && strcmp(argv[1], "--list") == 0;
	struct catalogue c;
	int failures = 0;

	if (!catalogue_open(&c))
		return 1;
	for (int i = 0; i < c.count; i++) {
		char name[LITMUS_NAME];

		catalogue_name(c.path[i], name);
		if (strcmp(catalogue_find(&c, name), c.path[i]) != 0) {
			fprintf(stderr, "%s: a second file of this name\n",
			        c.path[i]);
			failures++;
		}
		if (list)
			printf("%s\n", name);
		else if (argc < 2 || strcmp(argv[1], name) == 0)
			failures += run(c.path[i]);
	}
	catalogue_close(&c);
	return failures != 0;
}
