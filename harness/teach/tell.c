/* SPDX-License-Identifier: MIT */
/* Telling a lesson: the story twice, what it led to, and the outputs. */
#include <stdlib.h>
#include <string.h>

#include "teach_internal.h"

#define RUNS        2
#define SOURCE_MAX  (256 * 1024)
#define LINE_LENGTH 160

static const char *const run_names[RUNS] = {"as it goes wrong", "with the fix"};

struct telling {
	const struct dmasim_lesson *lesson;
	const struct dmasim_lesson_options *options;
	struct dmasim_stage *stages[RUNS];
	char verdicts[RUNS][256];
	bool as_told;
	/* The source, and the line of it that was asked for last. */
	char *source;
	bool source_tried;
	char line[LINE_LENGTH];
};

static char *load(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = f ? malloc(SOURCE_MAX + 1) : NULL;

	if (text)
		text[fread(text, 1, SOURCE_MAX, f)] = '\0';
	if (f)
		fclose(f);
	return text;
}

/* Line @line of the source, or NULL. There is one file: a lesson's. */
static const char *source_line(void *ctx, const char *file, uint32_t line)
{
	struct telling *t = ctx;
	const char *at = t->options->source;
	size_t n;

	if (!at && !t->source_tried) {
		t->source_tried = true;
		t->source = load(file);
	}
	at = at ? at : t->source;
	while (at && --line) {
		at = strchr(at, '\n');
		at += at != NULL;
	}
	if (!at)
		return NULL;
	n = strcspn(at, "\n");
	n = n < LINE_LENGTH ? n : LINE_LENGTH - 1;
	memcpy(t->line, at, n);
	t->line[n] = '\0';
	return t->line;
}

/* One sentence on what the run led to. */
static void judge(struct telling *t, int run)
{
	const struct dmasim_checker *c = t->stages[run]->checker;
	enum dmasim_finding_kind wanted = t->lesson->finding;
	size_t count = dmasim_finding_count(c), found = 0;
	char *verdict = t->verdicts[run];
	size_t size = sizeof(t->verdicts[run]);

	for (size_t i = 0; i < count; i++)
		found += dmasim_finding_get(c, i)->kind == wanted;
	if (run == 0 && found)
		snprintf(verdict, size, "The checker finds it: %s.",
		         dmasim_finding_kind_name(wanted));
	else if (run == 0)
		snprintf(verdict, size,
		         "Not as told: the lesson is about %s, and %s.",
		         dmasim_finding_kind_name(wanted),
		         count ? "the checker finds something else"
		               : "the checker finds nothing");
	else if (!count)
		snprintf(verdict, size, "No finding: this is right.");
	else
		snprintf(verdict, size,
		         "Not as told: with the fix the checker still finds "
		         "%s.",
		         dmasim_finding_kind_name(
		                 dmasim_finding_get(c, 0)->kind));
	t->as_told &= run == 0 ? found != 0 : !count;
}

static int run_story(struct telling *t, int run, struct dmasim_diag *diag)
{
	struct dmasim_stage *s;
	int status = stage_create(t->options, &t->stages[run]);

	if (status)
		return dmasim_diag_set(diag, status, "%s",
		                       dmasim_strerror(status));
	s = t->stages[run];
	s->view_config.source = source_line;
	s->view_config.source_ctx = t;
	t->lesson->story(s, run == 1);
	if (stage_ok(s) && !s->view)
		stage_fail(s, DMASIM_E_STATE, NULL,
		           "the story watches no line: lesson_watch()");
	if (stage_ok(s) && dmasim_line_view_status(s->view))
		stage_fail(s, dmasim_line_view_status(s->view), NULL, "view");
	if (stage_ok(s)) {
		judge(t, run);
		return DMASIM_OK;
	}
	*diag = s->diag;
	return s->status == DMASIM_E_NOMEM ? DMASIM_E_NOMEM : DMASIM_E_INVAL;
}

static int print_text(const struct telling *t, FILE *out)
{
	const struct dmasim_lesson *l = t->lesson;
	int status = DMASIM_OK;

	fprintf(out, "Lesson %s: %s\n\n", l->name, l->title);
	dmasim_view_wrap(l->text ? l->text : "", "", out);
	fputs("\nOf the line: M modified, O owned, E exclusive, S shared, I "
	      "not here. Of a byte:\n"
	      "* dirty, ! stale (not what was written last), % both, . not "
	      "held.\n",
	      out);
	for (int i = 0; i < RUNS && status == DMASIM_OK; i++) {
		fprintf(out, "\n%d of %d: %s\n\n", i + 1, RUNS, run_names[i]);
		status = dmasim_line_view_text(t->stages[i]->view, out,
		                               t->options->colour);
		fprintf(out, "==> %s\n", t->verdicts[i]);
	}
	if (l->remedy) {
		fputs("\nRemedy\n", out);
		dmasim_view_wrap(l->remedy, "  ", out);
	}
	return ferror(out) ? DMASIM_E_IO : status;
}

static int print_html(const struct telling *t, FILE *out)
{
	struct dmasim_page_run runs[RUNS];
	char title[256];
	struct dmasim_view_page page = {.title = title,
	                                .text = t->lesson->text,
	                                .remedy = t->lesson->remedy,
	                                .runs = runs,
	                                .run_count = RUNS};

	snprintf(title, sizeof(title), "%s", t->lesson->title);
	for (int i = 0; i < RUNS; i++)
		runs[i] = (struct dmasim_page_run){.name = run_names[i],
		                                   .verdict = t->verdicts[i],
		                                   .view = t->stages[i]->view};
	return dmasim_view_html(&page, out);
}

static int print_json(const struct telling *t, FILE *out)
{
	int status = DMASIM_OK;

	fprintf(out, "{\"schema\":\"dmasim.teach.1\",\"status\":\"%s\",",
	        t->as_told ? "ok" : "finding");
	fputs("\"lesson\":", out);
	dmasim_view_json_string(out, t->lesson->name);
	fputs(",\"title\":", out);
	dmasim_view_json_string(out, t->lesson->title);
	fputs(",\"runs\":[", out);
	for (int i = 0; i < RUNS && status == DMASIM_OK; i++) {
		const struct dmasim_checker *c = t->stages[i]->checker;

		fprintf(out, "%s{\"findings\":[", i ? ",\n" : "\n");
		for (size_t k = 0; k < dmasim_finding_count(c); k++)
			fprintf(out, "%s\"%s\"", k ? "," : "",
			        dmasim_finding_kind_name(
			                dmasim_finding_get(c, k)->kind));
		fputs("],\"life\":", out);
		status = dmasim_line_view_json(t->stages[i]->view, out,
		                               run_names[i]);
		putc('}', out);
	}
	fputs("]}\n", out);
	return ferror(out) ? DMASIM_E_IO : status;
}

int dmasim_lesson_tell(const struct dmasim_lesson *lesson,
                       const struct dmasim_lesson_options *o, bool *as_told,
                       struct dmasim_diag *diag)
{
	struct telling t = {.lesson = lesson, .options = o, .as_told = true};
	int status = DMASIM_OK;

	*as_told = false;
	diag->text[0] = '\0';
	for (int i = 0; i < RUNS && status == DMASIM_OK; i++)
		status = run_story(&t, i, diag);
	if (status == DMASIM_OK && o->out)
		status = print_text(&t, o->out);
	if (status == DMASIM_OK && o->json)
		status = print_json(&t, o->json);
	if (status == DMASIM_OK && o->html)
		status = print_html(&t, o->html);
	if (status == DMASIM_OK)
		*as_told = t.as_told;
	else if (!diag->text[0])
		(void)dmasim_diag_set(diag, status, "%s",
		                      dmasim_strerror(status));
	for (int i = 0; i < RUNS; i++)
		stage_destroy(t.stages[i]);
	free(t.source);
	return status;
}
