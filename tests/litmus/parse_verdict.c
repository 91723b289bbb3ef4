/* SPDX-License-Identifier: MIT */
/* What may come of a test: verdicts and findings. */
#include "parse_internal.h"

#include <stdio.h>
#include <string.h>

/* `P1:R0=1` or `x=2` */
static bool parse_term(struct parser *ps, struct litmus_term *term)
{
	struct litmus *t = ps->t;
	char word[40], *colon;

	if (!parse_word(ps, word, sizeof(word)))
		return parse_fail(ps, "'%c' is not expected", *ps->p);
	colon = strchr(word, ':');
	term->agent = -1;
	if (colon) {
		*colon = '\0';
		term->agent = parse_find_agent(t, word);
		if (term->agent < 0)
			return parse_fail(ps, "there is no agent '%s'", word);
		term->index = parse_find_reg(&t->agent[term->agent], colon + 1);
		if (term->index < 0)
			return parse_fail(ps, "%s loads no '%s'", word,
			                  colon + 1);
	} else {
		term->index = parse_find_location(t, word);
		if (term->index < 0 || t->location[term->index].signal)
			return parse_fail(ps, "there is no location '%s'",
			                  word);
		t->location[term->index].final = true;
	}
	if (!parse_char(ps, '='))
		return parse_fail(ps, "'=' is missing");
	return parse_number(ps, &term->value);
}

bool parse_verdict(struct parser *ps, enum litmus_verdict_kind kind)
{
	struct litmus_verdict *v = &ps->t->verdict[ps->t->verdict_count];

	if (ps->t->verdict_count == LITMUS_VERDICTS)
		return parse_fail(ps, "more than %d verdicts", LITMUS_VERDICTS);
	v->kind = kind;
	v->line = ps->line;
	do {
		if (v->term_count == LITMUS_TERMS)
			return parse_fail(ps, "more than %d terms",
			                  LITMUS_TERMS);
		if (!parse_term(ps, &v->term[v->term_count++]))
			return false;
	} while (!parse_end(ps));
	ps->t->verdict_count++;
	return true;
}

/* `finding none`, `finding missed KIND`, `finding KIND [at P1:2] [remedy WORD]`
 */
bool parse_finding(struct parser *ps)
{
	struct litmus *t = ps->t;
	struct litmus_finding *f = &t->finding[t->finding_count];
	char word[32], *colon;
	int n;

	if (t->finding_count == 4)
		return parse_fail(ps, "more than 4 findings");
	if (!parse_word(ps, f->kind, sizeof(f->kind)))
		return parse_fail(ps, "which finding?");
	if (strcmp(f->kind, "missed") == 0)
		return parse_word(ps, t->missed, sizeof(t->missed)) ||
		       parse_fail(ps, "which finding is missed?");
	f->agent = f->insn = -1;
	t->finding_stated = true;
	if (strcmp(f->kind, "none") == 0) {
		if (t->finding_count)
			return parse_fail(ps, "one or none?");
		return parse_end(ps) || parse_fail(ps, "none has no place");
	}
	while (parse_word(ps, word, sizeof(word))) {
		if (strcmp(word, "remedy") == 0) {
			if (!parse_word(ps, f->remedy, sizeof(f->remedy)))
				return parse_fail(ps, "which remedy?");
			continue;
		}
		if (strcmp(word, "at") || !parse_word(ps, word, sizeof(word)))
			return parse_fail(ps, "'%s' is not expected", word);
		colon = strchr(word, ':');
		if (!colon || sscanf(colon + 1, "%d", &n) != 1)
			return parse_fail(ps, "'%s' is no AGENT:NUMBER", word);
		*colon = '\0';
		f->agent = parse_find_agent(t, word);
		f->insn = n - 1;
		if (f->agent < 0 || n < 1 || n > t->agent[f->agent].insn_count)
			return parse_fail(ps, "%s has no instruction %d", word,
			                  n);
	}
	t->finding_count++;
	return true;
}
