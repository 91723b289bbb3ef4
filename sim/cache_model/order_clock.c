/* SPDX-License-Identifier: MIT */
/* Clocks: what is known of each agent. Shared, and copied when they change. */
#include "order_internal.h"

#include <stdlib.h>
#include <string.h>

struct order_clock *clock_get(struct order_clock *clock)
{
	if (clock)
		clock->refs++;
	return clock;
}

void clock_put(struct order_clock *clock)
{
	if (clock && --clock->refs == 0)
		free(clock);
}

struct order_clock *clock_new(uint32_t len)
{
	struct order_clock *c =
	        calloc(1, sizeof(*c) + len * sizeof(struct order_mark));

	if (c) {
		c->refs = 1;
		c->len = len;
	}
	return c;
}

static bool covers(const struct order_mark *a, const struct order_mark *b)
{
	return a->seen >= b->seen && a->done >= b->done;
}

static struct order_mark mark_of(const struct order_clock *c, uint32_t i)
{
	return c && i < c->len ? c->of[i] : (struct order_mark){0, 0};
}

bool clock_has(const struct order_clock *clock, const struct order_clock *other,
               uint32_t agent, const struct order_mark *mark)
{
	struct order_mark have = mark_of(clock, agent - 1);

	if (!covers(&have, mark))
		return false;
	for (uint32_t i = 0; other && other != clock && i < other->len; i++) {
		have = mark_of(clock, i);
		if (!covers(&have, &other->of[i]))
			return false;
	}
	return true;
}

static void raise_mark(struct order_mark *a, const struct order_mark *b)
{
	if (a->seen < b->seen)
		a->seen = b->seen;
	if (a->done < b->done)
		a->done = b->done;
}

bool clock_join(struct order_clock **clock, const struct order_clock *other,
                uint32_t agent, const struct order_mark *mark)
{
	struct order_clock *old = *clock, *c = old;
	uint32_t len = old ? old->len : 0;

	if (clock_has(old, other, agent, mark))
		return true;
	if (len < agent)
		len = agent;
	if (other && len < other->len)
		len = other->len;
	if (!old || old->refs > 1 || old->len < len) {
		c = clock_new(len);
		if (!c)
			return false;
		if (old)
			memcpy(c->of, old->of, old->len * sizeof(c->of[0]));
		clock_put(old);
		*clock = c;
	}
	raise_mark(&c->of[agent - 1], mark);
	for (uint32_t i = 0; other && i < other->len; i++)
		raise_mark(&c->of[i], &other->of[i]);
	return true;
}
