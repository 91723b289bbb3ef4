/* SPDX-License-Identifier: MIT */
/* Schedules at work: answers are taken from the runs of their point, or
 * appended to them. */
#include "schedule_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FOR_EVER UINT64_MAX

bool schedule_append(struct dmasim_schedule *s, const struct schedule_run *run)
{
	struct schedule_point *p = &s->points[run->point];

	if (s->len == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 32;
		struct schedule_run *grown =
		        realloc(s->runs, cap * sizeof(*grown));

		if (!grown)
			return false;
		s->runs = grown;
		s->cap = cap;
	}
	s->runs[s->len++] = *run;
	if (p->last)
		s->runs[p->last - 1].next = s->len;
	else
		p->now = s->len;
	p->last = s->len;
	return true;
}

void dmasim_schedule_destroy(struct dmasim_schedule *s)
{
	if (!s)
		return;
	dmasim_choice_destroy(s->inner);
	free(s->runs);
	free(s);
}

int dmasim_schedule_record(const struct dmasim_choice_config *inner,
                           struct dmasim_schedule **out)
{
	struct dmasim_schedule *s = calloc(1, sizeof(*s));
	int status;

	*out = NULL;
	if (!s)
		return DMASIM_E_NOMEM;
	s->recording = true;
	status = dmasim_choice_create(inner, &s->inner);
	if (status) {
		dmasim_schedule_destroy(s);
		return status;
	}
	*out = s;
	return DMASIM_OK;
}

static uint32_t record(struct dmasim_schedule *s,
                       const struct dmasim_choice_query *q)
{
	const struct schedule_point *p = &s->points[q->point];
	struct schedule_run run = {
	        .point = q->point,
	        .answer = dmasim_choose(s->inner, q),
	        .count = 1,
	        .who = q->who,
	        .where = q->where,
	};

	if (p->last && s->runs[p->last - 1].answer == run.answer)
		s->runs[p->last - 1].count++;
	else if (!schedule_append(s, &run))
		s->lost = true;
	return run.answer;
}

static uint32_t answer(void *ctx, const struct dmasim_choice_query *q)
{
	struct dmasim_schedule *s = ctx;
	struct schedule_point *p = &s->points[q->point];
	const struct schedule_run *run;

	if (s->recording)
		return record(s, q);
	if (!p->now)
		return q->preferred;
	run = &s->runs[p->now - 1];
	if (run->count != FOR_EVER && ++p->used == run->count) {
		p->now = run->next;
		p->used = 0;
	} else if (run->count == FOR_EVER) {
		p->used = 1;
	}
	if (run->answer < q->alternatives)
		return run->answer;
	if (!s->bad_line) {
		s->bad_line = run->line;
		s->bad_answer = run->answer;
		s->bad_alternatives = q->alternatives;
	}
	return q->preferred;
}

struct dmasim_choice_config dmasim_schedule_choice(struct dmasim_schedule *s)
{
	return (struct dmasim_choice_config){
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = answer, .fn_ctx = s};
}

/* The first line of the file with an answer that nobody asked for. */
static const struct schedule_run *left_over(const struct dmasim_schedule *s)
{
	const struct schedule_run *first = NULL;

	for (uint32_t i = 0; i < DMASIM_CHOICE_POINTS; i++) {
		const struct schedule_point *p = &s->points[i];
		const struct schedule_run *run =
		        p->now ? &s->runs[p->now - 1] : NULL;

		if (!run || (run->count == FOR_EVER && p->used))
			continue;
		if (!first || run->line < first->line)
			first = run;
	}
	return first;
}

int dmasim_schedule_check(const struct dmasim_schedule *s,
                          struct dmasim_diag *diag)
{
	const struct schedule_run *run;

	if (s->recording)
		return s->lost ? DMASIM_E_NOMEM : DMASIM_OK;
	if (s->bad_line)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "line %u: %u is no answer to a choice "
		                       "between 0 and %u",
		                       s->bad_line, s->bad_answer,
		                       s->bad_alternatives - 1);
	run = left_over(s);
	if (!run)
		return DMASIM_OK;
	return dmasim_diag_set(diag, DMASIM_E_FORMAT,
	                       "line %u: the run asked for fewer answers of %s",
	                       run->line, dmasim_choice_name(run->point));
}

char *dmasim_schedule_text(const struct dmasim_schedule *s)
{
	/* The longest name has fewer than 32 characters, so has who asks. */
	const size_t most = 160;
	size_t size = (s->len + 1) * most, used = 0;
	char *text = malloc(size);

	if (!text)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0; i < s->len; i++) {
		const struct schedule_run *run = &s->runs[i];

		used += (size_t)snprintf(text + used, most, "%s %u",
		                         dmasim_choice_name(run->point),
		                         run->answer);
		if (run->count > 1)
			used += (size_t)snprintf(text + used, most,
			                         " x %" PRIu64, run->count);
		used += (size_t)snprintf(text + used, most,
		                         " # %.31s 0x%" PRIx64 "\n",
		                         run->who ? run->who : "?", run->where);
	}
	return text;
}
