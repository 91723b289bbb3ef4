/* SPDX-License-Identifier: MIT */
/*
 * Each litmus file is a case, by its name: all its schedules are run, and the
 * outcomes compared with its verdicts, with what the model allows, and with
 * the listing that is checked in. The case `table` runs all of them, and
 * compares the table in docs/litmus.md.
 *
 * test_litmus_files --write: write listings and table anew.
 */
#include "catalogue.h"
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#define DOCS  DMASIM_SOURCE_DIR "/docs/litmus.md"
#define BEGIN "<!-- table: written by test_litmus_files --write -->\n"
#define END   "<!-- end of table -->\n"

struct totals {
	unsigned files, found, missed, false_alarms, modelled;
	unsigned long long runs, outcomes, allowed, omitted;
};

static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static unsigned write_whole(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;

	if (f)
		ok &= fclose(f) == 0;
	if (!ok)
		printf("%s: cannot be written\n", path);
	return !ok;
}

/* Compare @text with the file, or write it there. */
static unsigned settle(const char *path, const char *text, bool write)
{
	char *known = read_whole(path);
	unsigned wrong = 0;

	if (known && strcmp(known, text) == 0) {
		free(known);
		return 0;
	}
	if (write) {
		wrong = write_whole(path, text);
	} else {
		printf("%s is not up to date; now:\n%s", path, text);
		wrong = 1;
	}
	free(known);
	return wrong;
}

static void count(struct totals *all, const struct judgement *j)
{
	all->files++;
	all->runs += j->run.runs;
	all->outcomes += j->run.outcomes.count;
	all->modelled += !j->no_model;
	all->allowed += j->model.allowed.count;
	all->omitted += j->omitted;
	all->found += j->found;
	all->missed += j->missed;
	all->false_alarms += j->false_alarms;
}

/* One file; its row goes to @table. */
static unsigned run(const char *path, bool write, FILE *table,
                    struct totals *all)
{
	char err[256], listing[512], name[LITMUS_NAME];
	struct judgement j;
	struct litmus t;
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!catalogue_load(path, &t, err, sizeof(err))) {
		printf("%s\n", err);
		return 1;
	}
	judge(&t, &j, stdout);
	out = open_memstream(&text, &size);
	if (!out)
		abort();
	judge_text(&t, &j, out);
	fclose(out);
	catalogue_name(path, name);
	snprintf(listing, sizeof(listing), "%s/tests/litmus/expected/%s.txt",
	         DMASIM_SOURCE_DIR, name);
	if (!j.wrong)
		j.wrong += settle(listing, text, write);
	judge_row(&t, &j, table);
	count(all, &j);
	free(text);
	judgement_free(&j);
	return j.wrong;
}

static double percent(unsigned part, unsigned other)
{
	return part + other ? 100.0 * part / (part + other) : 100.0;
}

static void sum_up(const struct totals *all, FILE *out)
{
	fprintf(out,
	        "%u files, %llu runs, %llu outcomes. The model covers %u of "
	        "the files and allows\n%llu outcomes in them, of which %llu "
	        "were never seen.\n\n",
	        all->files, all->runs, all->outcomes, all->modelled,
	        all->allowed, all->omitted);
	fprintf(out,
	        "Findings: %u stated and found, %u missed, %u false alarms: "
	        "precision %.0f %%, recall %.0f %%.\n",
	        all->found, all->missed, all->false_alarms,
	        percent(all->found, all->false_alarms),
	        percent(all->found, all->missed));
}

/* The document with @table in place of its own. */
static unsigned settle_docs(const char *table, bool write)
{
	char *docs = read_whole(DOCS), *begin, *end, *text = NULL;
	unsigned wrong;
	size_t size;
	FILE *out;

	begin = docs ? strstr(docs, BEGIN) : NULL;
	end = begin ? strstr(begin, END) : NULL;
	if (!end) {
		printf("%s has no table\n", DOCS);
		free(docs);
		return 1;
	}
	out = open_memstream(&text, &size);
	if (!out)
		abort();
	fprintf(out, "%.*s" BEGIN "%s%s", (int)(begin - docs), docs, table,
	        end);
	fclose(out);
	wrong = settle(DOCS, text, write);
	free(docs);
	free(text);
	return wrong;
}

static unsigned run_table(const struct catalogue *c, bool write)
{
	struct totals all = {0};
	char folder[32] = "", *text = NULL;
	unsigned wrong = 0;
	size_t size = 0;
	FILE *table = open_memstream(&text, &size);

	if (!table)
		abort();
	for (int i = 0; i < c->count; i++) {
		size_t n = strcspn(c->path[i], "/");

		if (strncmp(folder, c->path[i], n) != 0 || folder[n]) {
			snprintf(folder, sizeof(folder), "%.*s", (int)n,
			         c->path[i]);
			fprintf(table,
			        "\n### %s\n\n| test | must | never | finding | "
			        "runs | outcomes | omitted |\n"
			        "|---|---|---|---|---|---|---|\n",
			        folder);
		}
		wrong += run(c->path[i], write, table, &all);
	}
	fputs("\n", table);
	sum_up(&all, table);
	fputs("\n", table);
	fclose(table);
	sum_up(&all, stdout);
	wrong += settle_docs(text, write);
	free(text);
	return wrong;
}

static unsigned run_one(const struct catalogue *c, const char *name)
{
	const char *path = catalogue_find(c, name);
	struct totals all = {0};
	unsigned wrong;
	FILE *nowhere;

	if (!path) {
		printf("there is no file %s\n", name);
		return 1;
	}
	nowhere = fopen("/dev/null", "w");
	if (!nowhere)
		abort();
	wrong = run(path, false, nowhere, &all);
	fclose(nowhere);
	return wrong;
}

static unsigned list(const struct catalogue *c)
{
	unsigned wrong = 0;

	for (int i = 0; i < c->count; i++) {
		char name[LITMUS_NAME];

		catalogue_name(c->path[i], name);
		printf("%s\n", name);
		if (strcmp(catalogue_find(c, name), c->path[i]) != 0) {
			fprintf(stderr, "%s: a second file of this name\n",
			        c->path[i]);
			wrong++;
		}
	}
	printf("table\n");
	return wrong;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "table";
	struct catalogue c;
	unsigned wrong;

	if (!catalogue_open(&c))
		return 1;
	if (strcmp(what, "--list") == 0)
		wrong = list(&c);
	else if (strcmp(what, "--write") == 0)
		wrong = run_table(&c, true);
	else if (strcmp(what, "table") == 0)
		wrong = run_table(&c, false);
	else
		wrong = run_one(&c, what);
	catalogue_close(&c);
	return wrong != 0;
}
