/* SPDX-License-Identifier: MIT */
#include "enumerate.h"

#include <stdlib.h>
#include <string.h>

/** A set of actions that need not happen next. */
struct sleep {
	int count;
	struct action action[ENUMERATE_ACTIONS];
};

struct node {
	/** Of a pick within an action; otherwise 0. */
	uint32_t alternatives;
	int count, chosen;
	struct action action[ENUMERATE_ACTIONS];
	/** Those that were tried here are added. */
	struct sleep sleep;
};

struct enumeration {
	uint64_t max_runs, runs;
	bool started, exhausted, failed;
	/** 0: all, in order. */
	uint64_t seed;
	int depth, length;
	/** What sleeps where the schedule goes on. */
	struct sleep now;
	struct node node[ENUMERATE_DEPTH];
};

struct enumeration *enumeration_new(uint64_t max_runs)
{
	struct enumeration *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->max_runs = max_runs;
	return e;
}

struct enumeration *enumeration_random(uint64_t seed, uint64_t runs)
{
	struct enumeration *e = enumeration_new(runs);

	e->seed = seed;
	return e;
}

static uint32_t at_random(struct enumeration *e, uint32_t n)
{
	e->seed ^= e->seed << 13;
	e->seed ^= e->seed >> 7;
	e->seed ^= e->seed << 17;
	return (uint32_t)((e->seed >> 20) % n);
}

void enumeration_free(struct enumeration *e)
{
	free(e);
}

static bool sleeps(const struct sleep *s, uint32_t id)
{
	for (int i = 0; i < s->count; i++)
		if (s->action[i].id == id)
			return true;
	return false;
}

static void put_to_sleep(struct sleep *s, const struct action *a)
{
	if (!sleeps(s, a->id) && s->count < ENUMERATE_ACTIONS)
		s->action[s->count++] = *a;
}

/* The first action from @from on that does not sleep; -1. */
static int awake(const struct node *n, int from)
{
	for (int i = from; i < n->count; i++)
		if (!sleeps(&n->sleep, n->action[i].id))
			return i;
	return -1;
}

/* Go on behind a node: what depends on the chosen action wakes up. */
static void pass(struct enumeration *e, const struct node *n)
{
	const struct action *chosen = &n->action[n->chosen];

	e->now.count = 0;
	for (int i = 0; i < n->sleep.count; i++)
		if (n->alternatives ||
		    !(n->sleep.action[i].touches & chosen->touches))
			e->now.action[e->now.count++] = n->sleep.action[i];
}

/* The next answer of the last node that has one. */
static bool advance(struct enumeration *e)
{
	for (; e->length; e->length--) {
		struct node *n = &e->node[e->length - 1];

		if (n->alternatives) {
			if (++n->chosen < (int)n->alternatives)
				return true;
			continue;
		}
		put_to_sleep(&n->sleep, &n->action[n->chosen]);
		n->chosen = awake(n, 0);
		if (n->chosen >= 0)
			return true;
	}
	return false;
}

bool enumeration_begin(struct enumeration *e)
{
	if (e->failed || e->exhausted ||
	    (e->max_runs && e->runs == e->max_runs))
		return false;
	if (e->seed)
		return true;
	if (e->started && !advance(e)) {
		e->exhausted = true;
		return false;
	}
	e->started = true;
	e->depth = 0;
	e->now.count = 0;
	return true;
}

/* The next node of this run: a known one, or a new one. */
static struct node *step(struct enumeration *e, bool *is_new)
{
	struct node *n = &e->node[e->depth];

	*is_new = e->depth == e->length;
	if (e->depth == ENUMERATE_DEPTH) {
		e->failed = true;
		return NULL;
	}
	e->depth++;
	if (*is_new) {
		e->length++;
		n->chosen = 0;
		n->alternatives = 0;
		n->count = 0;
		n->sleep = e->now;
	}
	return n;
}

int enumeration_choose(struct enumeration *e, const struct action *actions,
                       int count)
{
	bool is_new;
	struct node *n;

	if (e->seed)
		return (int)at_random(e, (uint32_t)count);
	n = step(e, &is_new);
	if (!n)
		return -1;
	if (is_new) {
		n->count = count;
		memcpy(n->action, actions, (size_t)count * sizeof(*actions));
		n->chosen = awake(n, 0);
		if (n->chosen < 0) {
			e->length--;
			return -1;
		}
	} else if (n->count != count || n->alternatives ||
	           n->action[n->chosen].id != actions[n->chosen].id) {
		e->failed = true;
		return -1;
	}
	pass(e, n);
	return n->chosen;
}

uint32_t enumeration_pick(struct enumeration *e, uint32_t alternatives)
{
	bool is_new;
	struct node *n;

	if (e->seed)
		return at_random(e, alternatives);
	n = step(e, &is_new);
	if (!n)
		return 0;
	if (is_new)
		n->alternatives = alternatives;
	else if (n->alternatives != alternatives)
		e->failed = true;
	pass(e, n);
	return (uint32_t)n->chosen;
}

void enumeration_done(struct enumeration *e)
{
	e->runs++;
	if (e->depth != e->length)
		e->failed = true;
}

uint64_t enumeration_runs(const struct enumeration *e)
{
	return e->runs;
}

bool enumeration_complete(const struct enumeration *e)
{
	return e->exhausted && !e->failed;
}

bool enumeration_failed(const struct enumeration *e)
{
	return e->failed;
}
