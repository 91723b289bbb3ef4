/* SPDX-License-Identifier: MIT */
/* Schedules as text. */
#include "schedule_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 4

struct word {
	const char *at;
	size_t size;
};

struct parser {
	struct dmasim_schedule *s;
	struct dmasim_diag *diag;
	uint32_t line;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The words of a line before its comment; WORDS + 1: there are more. */
static unsigned split(const char *at, const char *end, struct word *words)
{
	unsigned n = 0;

	for (;;) {
		const char *start;

		while (at < end && blank(*at))
			at++;
		if (at == end || *at == '#')
			return n;
		if (n == WORDS)
			return WORDS + 1;
		start = at;
		while (at < end && !blank(*at) && *at != '#')
			at++;
		words[n++] = (struct word){start, (size_t)(at - start)};
	}
}

static bool is(const struct word *w, const char *text)
{
	return strlen(text) == w->size && memcmp(w->at, text, w->size) == 0;
}

static bool number(const struct word *w, uint64_t most, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < w->size; i++) {
		unsigned digit = (unsigned char)w->at[i] - (unsigned)'0';

		if (digit > 9 || *value > (most - digit) / 10)
			return false;
		*value = 10 * *value + digit;
	}
	return true;
}

static int refuse(const struct parser *p, const struct word *w,
                  const char *reason)
{
	/* A message, not a place for a whole file. */
	int shown = (int)(w->size < 40 ? w->size : 40);

	return dmasim_diag_set(p->diag, DMASIM_E_FORMAT, "line %u: '%.*s' %s",
	                       p->line, shown, w->at, reason);
}

static int find_point(const struct parser *p, const struct word *w,
                      uint32_t *point)
{
	for (*point = 0; *point < DMASIM_CHOICE_POINTS; ++*point)
		if (is(w,
		       dmasim_choice_name((enum dmasim_choice_point) * point)))
			return DMASIM_OK;
	return refuse(p, w, "is no choice point");
}

/* "POINT ANSWER", "POINT ANSWER x COUNT" or "POINT ANSWER always". */
static int parse_line(const struct parser *p, const struct word *words,
                      unsigned n)
{
	struct schedule_run run = {.line = p->line, .count = 1};
	uint64_t answer;
	int status = find_point(p, &words[0], &run.point);
	const struct schedule_point *point;

	if (status)
		return status;
	if (n < 2)
		return refuse(p, &words[0], "has no answer");
	if (!number(&words[1], UINT32_MAX, &answer))
		return refuse(p, &words[1], "is no answer: a number");
	run.answer = (uint32_t)answer;
	if (n == 3 && is(&words[2], "always"))
		run.count = UINT64_MAX;
	else if (n > 2 && !is(&words[2], "x"))
		return refuse(p, &words[2], "is neither 'x' nor 'always'");
	else if (n == 3)
		return refuse(p, &words[2], "lacks how often");
	else if (n == 4 &&
	         (!number(&words[3], UINT64_MAX - 1, &run.count) || !run.count))
		return refuse(p, &words[3], "is no number above 0");
	else if (n > 4)
		return refuse(p, &words[3], "is not the end of the line");
	point = &p->s->points[run.point];
	if (point->last && p->s->runs[point->last - 1].count == UINT64_MAX)
		return refuse(p, &words[0], "has an answer for always already");
	return schedule_append(p->s, &run) ? DMASIM_OK : DMASIM_E_NOMEM;
}

int dmasim_schedule_parse(const char *text, size_t size,
                          struct dmasim_schedule **out,
                          struct dmasim_diag *diag)
{
	const char *at = text, *end = text + size;
	struct parser p = {.diag = diag};
	int status = DMASIM_OK;

	*out = NULL;
	p.s = calloc(1, sizeof(*p.s));
	if (!p.s)
		return DMASIM_E_NOMEM;
	while (at < end && !status) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct word words[WORDS];
		unsigned n;

		if (!stop)
			stop = end;
		p.line++;
		n = split(at, stop, words);
		if (n)
			status = parse_line(&p, words, n);
		at = stop < end ? stop + 1 : end;
	}
	if (status) {
		dmasim_schedule_destroy(p.s);
		return status;
	}
	*out = p.s;
	return DMASIM_OK;
}
