/* SPDX-License-Identifier: MIT */
/* The file of suppressions: docs/findings.md has the format. */
#include "report_internal.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LENGTH 512u

struct suppression {
	bool any_kind, used;
	enum dmasim_finding_kind kind;
	uint64_t first, last;
	char source[256]; /**< "": any */
	char text[LINE_MAX_LENGTH + 32];
};

struct dmasim_suppressions {
	struct suppression *s;
	size_t count, cap;
};

/* What a line says wrongly. */
struct complaint {
	char text[256];
};

static bool parse_kind(const char *word, struct suppression *s)
{
	s->any_kind = strcmp(word, "*") == 0;
	if (s->any_kind)
		return true;
	for (unsigned k = 0; k < DMASIM_FINDING_KINDS; k++) {
		s->kind = (enum dmasim_finding_kind)k;
		if (strcmp(word, dmasim_finding_kind_name(s->kind)) == 0)
			return true;
	}
	return false;
}

/* A number, all of the text up to @end. */
static bool parse_number(const char *text, const char *end, uint64_t *value)
{
	char *stop;

	if (text == end || !isdigit((unsigned char)*text))
		return false;
	*value = strtoull(text, &stop, 0);
	return stop == end;
}

static bool parse_range(const char *text, struct suppression *s)
{
	const char *mark = strpbrk(text, "-+");
	uint64_t second;

	if (!mark || !parse_number(text, mark, &s->first) ||
	    !parse_number(mark + 1, text + strlen(text), &second))
		return false;
	if (*mark == '-') {
		s->last = second;
		return s->last >= s->first;
	}
	if (!second || second - 1 > UINT64_MAX - s->first)
		return false;
	s->last = s->first + (second - 1);
	return true;
}

static bool parse_word(const char *word, bool first, struct suppression *s,
                       struct complaint *why)
{
	if (first) {
		if (parse_kind(word, s))
			return true;
		snprintf(why->text, sizeof(why->text),
		         "'%.64s' is no kind of finding", word);
		return false;
	}
	if (strncmp(word, "addr=", 5) == 0) {
		if (parse_range(word + 5, s))
			return true;
		snprintf(why->text, sizeof(why->text),
		         "'%.64s' is no range such as 0x1000-0x1fff or "
		         "0x1000+0x100",
		         word + 5);
		return false;
	}
	if (strncmp(word, "source=", 7) == 0 && word[7] &&
	    strlen(word + 7) < sizeof(s->source)) {
		snprintf(s->source, sizeof(s->source), "%s", word + 7);
		return true;
	}
	snprintf(why->text, sizeof(why->text),
	         "'%.64s' is neither addr=RANGE nor source=PATTERN", word);
	return false;
}

/* True: it holds a suppression, or nothing (then *@empty), or a complaint. */
static bool parse_line(char *line, unsigned number, struct suppression *s,
                       bool *empty, struct complaint *why)
{
	char *rest = NULL, *word;
	bool first = true;

	line[strcspn(line, "#")] = '\0';
	*s = (struct suppression){.last = UINT64_MAX};
	snprintf(s->text, sizeof(s->text), "line %u: %s", number, line);
	for (size_t n = strlen(s->text);
	     n && isspace((unsigned char)s->text[n - 1]); n--)
		s->text[n - 1] = '\0';
	for (word = strtok_r(line, " \t\r", &rest); word;
	     word = strtok_r(NULL, " \t\r", &rest)) {
		if (!parse_word(word, first, s, why))
			return false;
		first = false;
	}
	*empty = first;
	return true;
}

static int add(struct dmasim_suppressions *all, const struct suppression *s)
{
	if (all->count == all->cap) {
		size_t cap = all->cap ? 2 * all->cap : 16;
		struct suppression *grown =
		        realloc(all->s, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		all->s = grown;
		all->cap = cap;
	}
	all->s[all->count++] = *s;
	return DMASIM_OK;
}

static int take_line(struct dmasim_suppressions *all, const char *text,
                     size_t length, unsigned number, struct complaint *why)
{
	char line[LINE_MAX_LENGTH + 1];
	struct suppression s;
	bool empty = true;

	if (length > LINE_MAX_LENGTH || memchr(text, '\0', length)) {
		snprintf(why->text, sizeof(why->text),
		         "the line is too long, or no text");
		return DMASIM_E_FORMAT;
	}
	memcpy(line, text, length);
	line[length] = '\0';
	if (!parse_line(line, number, &s, &empty, why))
		return DMASIM_E_FORMAT;
	return empty ? DMASIM_OK : add(all, &s);
}

int dmasim_suppressions_parse(const char *text, size_t size, const char *name,
                              struct dmasim_suppressions **out,
                              struct dmasim_diag *diag)
{
	struct dmasim_suppressions *all = calloc(1, sizeof(*all));
	int status = all ? DMASIM_OK : DMASIM_E_NOMEM;
	struct complaint why = {""};
	unsigned number = 0;

	*out = NULL;
	for (size_t at = 0, n; at < size && !status; at += n + 1) {
		const char *end = memchr(text + at, '\n', size - at);

		n = end ? (size_t)(end - (text + at)) : size - at;
		status = take_line(all, text + at, n, ++number, &why);
	}
	if (status) {
		if (status == DMASIM_E_FORMAT)
			snprintf(diag->text, sizeof(diag->text),
			         "%s: line %u: %s", name, number, why.text);
		dmasim_suppressions_destroy(all);
		return status;
	}
	*out = all;
	return DMASIM_OK;
}

void dmasim_suppressions_destroy(struct dmasim_suppressions *s)
{
	if (!s)
		return;
	free(s->s);
	free(s);
}

static bool party_matches(const char *pattern, const struct dmasim_party *p)
{
	char place[160];

	if (!p->known || !p->file[0])
		return false;
	snprintf(place, sizeof(place), "%s:%u", p->file, p->line);
	return fnmatch(pattern, p->file, 0) == 0 ||
	       fnmatch(pattern, place, 0) == 0;
}

bool dmasim_suppressed(struct dmasim_suppressions *all,
                       const struct dmasim_finding *f)
{
	for (size_t i = 0; i < all->count; i++) {
		struct suppression *s = &all->s[i];

		if ((!s->any_kind && s->kind != f->kind) ||
		    f->addr < s->first || f->addr > s->last ||
		    (s->source[0] && !party_matches(s->source, &f->reader) &&
		     !party_matches(s->source, &f->writer)))
			continue;
		s->used = true;
		return true;
	}
	return false;
}

const char *dmasim_suppressions_unused(const struct dmasim_suppressions *all,
                                       size_t index)
{
	for (size_t i = 0; i < all->count; i++)
		if (!all->s[i].used && index-- == 0)
			return all->s[i].text;
	return NULL;
}
