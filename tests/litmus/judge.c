/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include "dmasim/finding.h"

#include <string.h>

/** Unless a file states another one. */
#define BOUND 200000u

static void judge_verdicts(const struct litmus *t, struct judgement *j,
                           FILE *out)
{
	for (int i = 0; i < t->verdict_count; i++) {
		const struct litmus_verdict *v = &t->verdict[i];
		bool must = v->kind == LITMUS_MUST;

		if (outcomes_match(t, &j->run.outcomes, v) != must) {
			fprintf(out, "%s:%d: %s\n", t->file, v->line,
			        must ? "no run gives this"
			             : "a run gives this");
			j->wrong++;
		}
		if (!j->no_model &&
		    outcomes_match(t, &j->model.allowed, v) != must) {
			fprintf(out, "%s:%d: the model %s this\n", t->file,
			        v->line, must ? "forbids" : "allows");
			j->wrong++;
		}
	}
	if (!t->verdict_count) {
		fprintf(out, "%s: no verdict\n", t->file);
		j->wrong++;
	}
}

static void judge_model(const struct litmus *t, struct judgement *j, FILE *out)
{
	char text[512];

	for (size_t i = 0; i < j->run.outcomes.count; i++) {
		const struct outcome *o = &j->run.outcomes.list[i];

		if (outcomes_has(&j->model.allowed, o))
			continue;
		outcome_text(t, o, text, sizeof(text));
		fprintf(out, "%s: the model forbids %s\n", t->file, text);
		j->wrong++;
	}
	for (size_t i = 0; i < j->model.allowed.count; i++)
		j->omitted += !outcomes_has(&j->run.outcomes,
		                            &j->model.allowed.list[i]);
}

static bool is_stated(const struct litmus *t, const char *kind)
{
	for (int i = 0; i < t->finding_count; i++)
		if (strcmp(t->finding[i].kind, kind) == 0)
			return true;
	return false;
}

static void judge_findings(const struct litmus *t, struct judgement *j,
                           FILE *out)
{
	for (int i = 0; i < t->finding_count; i++) {
		if (j->run.met[i]) {
			j->found++;
			continue;
		}
		fprintf(out, "%s: no finding %s as it is stated\n", t->file,
		        t->finding[i].kind);
		j->missed++;
	}
	for (int k = 0; k < DMASIM_FINDING_KINDS; k++)
		if ((j->run.kinds >> k & 1) &&
		    !is_stated(t, dmasim_finding_kind_name(
		                          (enum dmasim_finding_kind)k)))
			j->false_alarms++;
	if (j->false_alarms)
		fprintf(out, "%s: not stated:\n%s", t->file, j->run.unexpected);
	j->wrong += j->missed + j->false_alarms;
}

/* A hazard that is known not to be found counts, but is no complaint. */
static void judge_missed(const struct litmus *t, struct judgement *j, FILE *out)
{
	j->missed++;
	for (int k = 0; k < DMASIM_FINDING_KINDS; k++)
		if ((j->run.kinds >> k & 1) &&
		    strcmp(t->missed, dmasim_finding_kind_name(
		                              (enum dmasim_finding_kind)k)) ==
		            0) {
			fprintf(out, "%s: %s is found now: state it\n", t->file,
			        t->missed);
			j->wrong++;
		}
}

void judge(const struct litmus *t, struct judgement *j, FILE *out)
{
	const struct run_config cfg = {.max_runs = BOUND, .checker = true};

	memset(j, 0, sizeof(*j));
	if (!litmus_run(t, &cfg, &j->run)) {
		fprintf(out, "%s: %s\n", t->file, j->run.error);
		j->wrong++;
		return;
	}
	if (!j->run.complete && !t->bound) {
		fprintf(out, "%s: more than %u runs\n", t->file, BOUND);
		j->wrong++;
	}
	if (axiom_applies(t, &j->no_model) && !axiom_allowed(t, &j->model)) {
		fprintf(out, "%s: more than the model takes\n", t->file);
		j->wrong++;
		return;
	}
	judge_verdicts(t, j, out);
	if (!j->no_model)
		judge_model(t, j, out);
	if (t->finding_stated)
		judge_findings(t, j, out);
	if (*t->missed)
		judge_missed(t, j, out);
}

void judgement_free(struct judgement *j)
{
	run_result_free(&j->run);
	outcomes_free(&j->model.allowed);
}

void judge_text(const struct litmus *t, const struct judgement *j, FILE *out)
{
	char text[512];

	fprintf(out, "%s\n%llu runs, %s\n", t->name,
	        (unsigned long long)j->run.runs,
	        j->run.complete ? "all schedules" : "the bound");
	if (j->no_model)
		fprintf(out, "no model: %s\n", j->no_model);
	for (size_t i = 0; i < j->run.outcomes.count; i++) {
		outcome_text(t, &j->run.outcomes.list[i], text, sizeof(text));
		fprintf(out, "outcome %s\n", text);
	}
	for (size_t i = 0; i < j->model.allowed.count; i++) {
		const struct outcome *o = &j->model.allowed.list[i];

		if (outcomes_has(&j->run.outcomes, o))
			continue;
		outcome_text(t, o, text, sizeof(text));
		fprintf(out, "allowed, omitted %s\n", text);
	}
	for (int k = 0; k < DMASIM_FINDING_KINDS; k++)
		if (j->run.kinds >> k & 1)
			fprintf(out, "finding %s\n",
			        dmasim_finding_kind_name(
			                (enum dmasim_finding_kind)k));
}

static void verdict_cell(const struct litmus *t, enum litmus_verdict_kind kind,
                         FILE *out)
{
	const char *separator = "";

	for (int i = 0; i < t->verdict_count; i++) {
		const struct litmus_verdict *v = &t->verdict[i];

		if (v->kind != kind)
			continue;
		fputs(separator, out);
		for (int k = 0; k < v->term_count; k++) {
			const struct litmus_term *term = &v->term[k];
			const struct litmus_agent *a =
			        &t->agent[term->agent < 0 ? 0 : term->agent];

			if (term->agent < 0)
				fprintf(out, "%s%s", k ? " " : "",
				        t->location[term->index].name);
			else
				fprintf(out, "%s%s:%s", k ? " " : "", a->name,
				        a->reg[term->index].name);
			fprintf(out, "=%llu", (unsigned long long)term->value);
		}
		separator = "; ";
	}
}

void judge_row(const struct litmus *t, const struct judgement *j, FILE *out)
{
	fprintf(out, "| `%s` | ", t->name);
	verdict_cell(t, LITMUS_MUST, out);
	fputs(" | ", out);
	verdict_cell(t, LITMUS_NEVER, out);
	fputs(" | ", out);
	for (int i = 0; i < t->finding_count; i++)
		fprintf(out, "%s%s", i ? ", " : "", t->finding[i].kind);
	if (t->finding_stated && !t->finding_count)
		fputs("none", out);
	if (*t->missed)
		fprintf(out, "missed: %s", t->missed);
	fprintf(out, " | %llu%s | %zu | ", (unsigned long long)j->run.runs,
	        j->run.complete ? "" : " (bound)", j->run.outcomes.count);
	if (j->no_model)
		fputs("- |\n", out);
	else
		fprintf(out, "%zu |\n", j->omitted);
}
