/* SPDX-License-Identifier: MIT */
/* States that were met at a choice: an open hash table that stops growing at
 * its bound. What it does not remember is explored again. */
#include "explore_internal.h"

#include <stdlib.h>

static struct explore_state *slot_of(const struct explore_states *s,
                                     uint64_t hash)
{
	size_t i = (size_t)hash & (s->slot_count - 1);

	while (s->slots[i].used && s->slots[i].hash != hash)
		i = (i + 1) & (s->slot_count - 1);
	return &s->slots[i];
}

static int grow(struct explore_states *s)
{
	struct explore_states bigger = {
	        .slot_count = s->slot_count ? 2 * s->slot_count : 64,
	        .len = s->len};

	bigger.slots = calloc(bigger.slot_count, sizeof(*bigger.slots));
	if (!bigger.slots)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < s->slot_count; i++)
		if (s->slots[i].used)
			*slot_of(&bigger, s->slots[i].hash) = s->slots[i];
	free(s->slots);
	*s = bigger;
	return DMASIM_OK;
}

int explore_state_met(struct dmasim_exploration *x, uint64_t hash, bool *known)
{
	const struct explore_state now = {.hash = hash,
	                                  .depth = (uint32_t)x->len,
	                                  .deviations = x->deviations,
	                                  .used = true};
	struct explore_states *s = &x->states;
	struct explore_state *slot;

	*known = false;
	if (2 * (s->len + 1) > s->slot_count) {
		int status = grow(s);

		if (status)
			return status;
	}
	slot = slot_of(s, hash);
	if (!slot->used) {
		if (s->len == x->cfg.max_states)
			return DMASIM_OK;
		s->len++;
		*slot = now;
		return DMASIM_OK;
	}
	/* Deeper, or with more deviations, less was left within the bounds. */
	*known = slot->depth <= now.depth && slot->deviations <= now.deviations;
	if (now.depth <= slot->depth && now.deviations <= slot->deviations)
		*slot = now;
	return DMASIM_OK;
}
