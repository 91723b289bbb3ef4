/* SPDX-License-Identifier: MIT */
/*
 * The seeded generator is the 64-bit mixer "SplitMix": a counter stepped by
 * the odd constant 2^64 / golden ratio, finalised by two multiply-xorshift
 * rounds. Its whole state is the counter, so it saves as one number, and it
 * is fixed here so that a seed means the same on every machine.
 */
#include "dmasim/choice.h"

#include <stdlib.h>
#include <string.h>

#define CHOICE_TAG     "CHOI"
#define CHOICE_VERSION 1u

struct dmasim_choice {
	struct dmasim_choice_config cfg;
	uint64_t counter;
	uint32_t *record;
	size_t len, cap;
	/** Memory ran out: the record has a hole and is worth nothing. */
	bool lost;
};

int dmasim_choice_create(const struct dmasim_choice_config *cfg,
                         struct dmasim_choice **out)
{
	struct dmasim_choice *c;

	*out = NULL;
	if (cfg && ((unsigned)cfg->mode > DMASIM_CHOICE_CALLBACK ||
	            (cfg->mode == DMASIM_CHOICE_CALLBACK && !cfg->fn) ||
	            (cfg->schedule_len && !cfg->schedule)))
		return DMASIM_E_INVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return DMASIM_E_NOMEM;
	if (cfg)
		c->cfg = *cfg;
	c->counter = c->cfg.seed;
	*out = c;
	return DMASIM_OK;
}

void dmasim_choice_destroy(struct dmasim_choice *c)
{
	if (!c)
		return;
	free(c->record);
	free(c);
}

bool dmasim_choice_fixed(const struct dmasim_choice *c)
{
	return !c || c->cfg.mode == DMASIM_CHOICE_DEFAULTS;
}

static uint64_t choice_random(struct dmasim_choice *c)
{
	uint64_t z = c->counter += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void choice_append(struct dmasim_choice *c, uint32_t answer)
{
	if (c->lost)
		return;
	if (c->len == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		uint32_t *record = NULL;

		/* A saved record has a 32-bit length. */
		if (cap <= UINT32_MAX)
			record = realloc(c->record, cap * sizeof(*record));

		if (!record) {
			c->lost = true;
			return;
		}
		c->record = record;
		c->cap = cap;
	}
	c->record[c->len++] = answer;
}

static uint32_t choice_answer(struct dmasim_choice *c,
                              const struct dmasim_choice_query *q)
{
	switch (c->cfg.mode) {
	case DMASIM_CHOICE_SEED:
		/* Scale 32 good bits instead of a modulo. */
		return (uint32_t)(((choice_random(c) >> 32) *
		                   q->alternatives) >>
		                  32);
	case DMASIM_CHOICE_SCHEDULE:
		return c->len < c->cfg.schedule_len ? c->cfg.schedule[c->len]
		                                    : q->preferred;
	case DMASIM_CHOICE_CALLBACK:
		return c->cfg.fn(c->cfg.fn_ctx, q);
	case DMASIM_CHOICE_DEFAULTS:
	default:
		return q->preferred;
	}
}

uint32_t dmasim_choose(struct dmasim_choice *c,
                       const struct dmasim_choice_query *q)
{
	uint32_t answer = q->preferred;

	/* One alternative is no choice: it is neither asked nor recorded. */
	if (q->alternatives <= 1)
		return 0;
	if (c)
		answer = choice_answer(c, q);
	if (answer >= q->alternatives)
		answer = q->alternatives - 1;
	if (c && c->cfg.mode != DMASIM_CHOICE_DEFAULTS)
		choice_append(c, answer);
	return answer;
}

const uint32_t *dmasim_choice_record(const struct dmasim_choice *c, size_t *len)
{
	*len = c->lost ? 0 : c->len;
	return c->lost ? NULL : c->record;
}

const char *dmasim_choice_name(enum dmasim_choice_point p)
{
	switch (p) {
	case DMASIM_CHOICE_VICTIM_WAY:
		return "victim-way";
	case DMASIM_CHOICE_STORE_DRAIN:
		return "store-drain";
	case DMASIM_CHOICE_NC_HIT:
		return "nc-hit";
	case DMASIM_CHOICE_IVAC_CLEANS:
		return "ivac-cleans";
	case DMASIM_CHOICE_SPONTANEOUS_EVICT:
		return "spontaneous-evict";
	case DMASIM_CHOICE_ARBITER:
		return "arbiter";
	case DMASIM_CHOICE_DEVICE_DELAY:
		return "device-delay";
	case DMASIM_CHOICE_L1STD_CACHE:
		return "l1std-cache";
	case DMASIM_CHOICE_EVENT_MERGE:
		return "event-merge";
	case DMASIM_CHOICE_SPECULATIVE_FILL:
		return "speculative-fill";
	case DMASIM_CHOICE_PREFETCH:
		return "prefetch";
	case DMASIM_CHOICE_CLEAN_EARLY:
		return "clean-early";
	case DMASIM_CHOICE_DESTRUCTIVE_READ:
		return "destructive-read";
	case DMASIM_CHOICE_STORE_ORDER:
		return "store-order";
	case DMASIM_CHOICE_GATHER:
		return "gather";
	case DMASIM_CHOICE_MAINTENANCE_DELAY:
		return "maintenance-delay";
	case DMASIM_CHOICE_EARLY_LOAD:
		return "early-load";
	case DMASIM_CHOICE_TLB_STALE:
		return "tlb-stale";
	case DMASIM_CHOICE_POINTS:
		break;
	}
	return "unknown";
}

int dmasim_choice_save(const struct dmasim_choice *c, struct dmasim_writer *w)
{
	if (c->lost)
		return DMASIM_E_NOMEM;
	dmasim_put_begin(w, CHOICE_TAG, CHOICE_VERSION);
	dmasim_put_u32(w, (uint32_t)c->cfg.mode);
	dmasim_put_u64(w, c->counter);
	dmasim_put_u32(w, (uint32_t)c->len);
	for (size_t i = 0; i < c->len; i++)
		dmasim_put_u32(w, c->record[i]);
	dmasim_put_end(w);
	return DMASIM_OK;
}

int dmasim_choice_restore(struct dmasim_choice *c, struct dmasim_reader *r)
{
	uint32_t mode, n;
	uint64_t counter;
	uint32_t *record;

	dmasim_get_begin(r, CHOICE_TAG, CHOICE_VERSION);
	mode = dmasim_get_u32(r);
	if (mode != (uint32_t)c->cfg.mode)
		dmasim_reader_fail(r, "choices of another mode");
	counter = dmasim_get_u64(r);
	n = dmasim_get_count(r, UINT32_MAX, sizeof(uint32_t));
	record = malloc((size_t)n * sizeof(*record) + 1);
	if (!record)
		return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < n; i++)
		record[i] = dmasim_get_u32(r);
	dmasim_get_end(r);
	if (dmasim_reader_status(r)) {
		free(record);
		return dmasim_reader_status(r);
	}
	free(c->record);
	c->record = record;
	c->len = c->cap = n;
	c->lost = false;
	c->counter = counter;
	return DMASIM_OK;
}
