/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int outcome_of_reg(const struct litmus *t, int agent, int reg)
{
	int at = 0;

	for (int i = 0; i < agent; i++)
		at += t->agent[i].reg_count;
	return at + reg;
}

int outcome_of_location(const struct litmus *t, int location)
{
	int at = outcome_of_reg(t, t->agent_count, 0);

	if (!t->location[location].final)
		return -1;
	for (int i = 0; i < location; i++)
		at += t->location[i].final;
	return at;
}

int outcome_values(const struct litmus *t)
{
	int n = outcome_of_reg(t, t->agent_count, 0);

	for (int i = 0; i < t->location_count; i++)
		n += t->location[i].final;
	return n > OUTCOME_VALUES ? -1 : n;
}

int outcome_text(const struct litmus *t, const struct outcome *o, char *buf,
                 size_t size)
{
	int used = 0, at = 0;

	if (size)
		*buf = '\0';
	for (int i = 0; i < t->agent_count; i++)
		for (int r = 0; r < t->agent[i].reg_count; r++) {
			size_t room =
			        (size_t)used < size ? size - (size_t)used : 0;

			used += snprintf(buf + (room ? used : 0), room,
			                 "%s%s:%s=%" PRIu64, used ? " " : "",
			                 t->agent[i].name,
			                 t->agent[i].reg[r].name,
			                 o->value[at++]);
		}
	for (int l = 0; l < t->location_count; l++) {
		size_t room = (size_t)used < size ? size - (size_t)used : 0;

		if (!t->location[l].final)
			continue;
		used += snprintf(buf + (room ? used : 0), room, "%s%s=%" PRIu64,
		                 used ? " " : "", t->location[l].name,
		                 o->value[at++]);
	}
	return used;
}

static int compare(const struct outcome *a, const struct outcome *b)
{
	for (int i = 0; i < OUTCOME_VALUES; i++)
		if (a->value[i] != b->value[i])
			return a->value[i] < b->value[i] ? -1 : 1;
	return 0;
}

/* The first that is not less than @o. */
static size_t place(const struct outcomes *s, const struct outcome *o)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&s->list[mid], o) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool outcomes_has(const struct outcomes *s, const struct outcome *o)
{
	size_t at = place(s, o);

	return at < s->count && compare(&s->list[at], o) == 0;
}

bool outcomes_add(struct outcomes *s, const struct outcome *o)
{
	size_t at = place(s, o);

	if (at < s->count && compare(&s->list[at], o) == 0)
		return false;
	if (s->count == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 16;
		s->list = realloc(s->list, s->cap * sizeof(*s->list));
		if (!s->list)
			abort();
	}
	memmove(&s->list[at + 1], &s->list[at],
	        (s->count - at) * sizeof(*s->list));
	s->list[at] = *o;
	s->count++;
	return true;
}

void outcomes_free(struct outcomes *s)
{
	free(s->list);
	memset(s, 0, sizeof(*s));
}

bool outcome_matches(const struct litmus *t, const struct outcome *o,
                     const struct litmus_verdict *v)
{
	for (int i = 0; i < v->term_count; i++) {
		const struct litmus_term *term = &v->term[i];
		int at = term->agent >= 0
		                 ? outcome_of_reg(t, term->agent, term->index)
		                 : outcome_of_location(t, term->index);

		if (o->value[at] != term->value)
			return false;
	}
	return true;
}

bool outcomes_match(const struct litmus *t, const struct outcomes *s,
                    const struct litmus_verdict *v)
{
	for (size_t i = 0; i < s->count; i++)
		if (outcome_matches(t, &s->list[i], v))
			return true;
	return false;
}
