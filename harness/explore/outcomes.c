/* SPDX-License-Identifier: MIT */
/* Outcomes in the order in which they came, found by a hash of their text. */
#include "explore_internal.h"

#include <stdlib.h>
#include <string.h>

static uint32_t *slot_of(const struct explore_outcomes *o, const char *text,
                         uint64_t hash)
{
	size_t i = (size_t)hash & (o->slot_count - 1);

	while (o->slots[i]) {
		const struct explore_outcome *e = &o->list[o->slots[i] - 1];

		if (e->hash == hash && strcmp(e->text, text) == 0)
			break;
		i = (i + 1) & (o->slot_count - 1);
	}
	return &o->slots[i];
}

static int grow(struct explore_outcomes *o)
{
	size_t cap = o->cap ? 2 * o->cap : 16;
	struct explore_outcome *list = realloc(o->list, cap * sizeof(*list));
	uint32_t *slots = calloc(2 * cap, sizeof(*slots));

	if (list)
		o->list = list;
	if (!list || !slots) {
		free(slots);
		return DMASIM_E_NOMEM;
	}
	free(o->slots);
	o->slots = slots;
	o->cap = cap;
	o->slot_count = 2 * cap;
	for (size_t i = 0; i < o->len; i++)
		*slot_of(o, o->list[i].text, o->list[i].hash) = (uint32_t)i + 1;
	return DMASIM_OK;
}

static int add(struct dmasim_exploration *x, const char *text, uint64_t hash)
{
	struct explore_outcomes *o = &x->outcomes;
	struct explore_outcome e = {
	        .hash = hash, .count = 1, .deviations = x->deviations};
	size_t size = strlen(text) + 1;
	int status = o->len == o->cap ? grow(o) : DMASIM_OK;

	if (status)
		return status;
	e.text = malloc(size);
	e.token = explore_token(x);
	if (!e.text || !e.token) {
		free(e.text);
		free(e.token);
		return DMASIM_E_NOMEM;
	}
	memcpy(e.text, text, size);
	*slot_of(o, text, hash) = (uint32_t)o->len + 1;
	o->list[o->len++] = e;
	return DMASIM_OK;
}

int explore_count_outcome(struct dmasim_exploration *x, const char *text)
{
	struct explore_outcomes *o = &x->outcomes;
	uint64_t hash = explore_hash_text(text);
	uint32_t number = o->slot_count ? *slot_of(o, text, hash) : 0;
	struct explore_outcome *e;
	char *token;

	if (!number) {
		if (o->len < x->cfg.max_outcomes)
			return add(x, text, hash);
		x->sum.other_outcomes++;
		return DMASIM_OK;
	}
	e = &o->list[number - 1];
	e->count++;
	if (x->deviations >= e->deviations)
		return DMASIM_OK;
	token = explore_token(x);
	if (!token)
		return DMASIM_E_NOMEM;
	free(e->token);
	e->token = token;
	e->deviations = x->deviations;
	return DMASIM_OK;
}

void explore_outcomes_free(struct explore_outcomes *o)
{
	for (size_t i = 0; i < o->len; i++) {
		free(o->list[i].text);
		free(o->list[i].token);
	}
	free(o->list);
	free(o->slots);
}

bool dmasim_exploration_outcome(const struct dmasim_exploration *x,
                                size_t index, struct dmasim_explore_outcome *o)
{
	const struct explore_outcome *e;

	if (index >= x->outcomes.len)
		return false;
	e = &x->outcomes.list[index];
	*o = (struct dmasim_explore_outcome){.text = e->text,
	                                     .count = e->count,
	                                     .token = e->token,
	                                     .deviations = e->deviations};
	return true;
}

bool dmasim_exploration_find(const struct dmasim_exploration *x,
                             const char *text, struct dmasim_explore_outcome *o)
{
	const struct explore_outcomes *all = &x->outcomes;
	uint32_t number = 0;

	if (all->slot_count)
		number = *slot_of(all, text, explore_hash_text(text));
	return number && dmasim_exploration_outcome(x, number - 1, o);
}
