/* SPDX-License-Identifier: MIT */
#include "cpu_spy.h"

#include <stdlib.h>

static enum dmasim_result spy_access(void *obj, struct dmasim_txn *txn)
{
	struct cpu_spy *s = obj;
	uint32_t n = txn->size < 8 ? txn->size : 8, at = s->len++ % SPY_MAX;
	enum dmasim_result r;

	s->seen[at] = *txn;
	s->bytes[at] = 0;
	if (txn->data && txn->op != DMASIM_READ)
		memcpy(&s->bytes[at], txn->data, n);
	r = dmasim_access(&s->below, txn);
	if (txn->data && txn->op == DMASIM_READ && r == DMASIM_TXN_OK)
		memcpy(&s->bytes[at], txn->data, n);
	return r;
}

struct cpu_spy *cpu_spy_new(struct rig *r, struct dmasim_cpu_config cfg)
{
	struct cpu_spy *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->rig = r;
	assert_int_equal(dmasim_memsys_cpu_port(r->ms, cfg.index, &s->below),
	                 DMASIM_OK);
	cfg.kernel = r->k;
	cfg.memsys = r->ms;
	cfg.choice = r->choice;
	cfg.port = &(struct dmasim_port){spy_access, s};
	assert_int_equal(dmasim_cpu_create(&cfg, &s->cpu), DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(s->cpu, RIG_WB, RIG_RAM, RIG_SIZE,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(s->cpu, RIG_NC, RIG_RAM, RIG_SIZE,
	                                &dmasim_attr_nc),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(s->cpu, RIG_DEV, RIG_MMIO, 0x1000,
	                                &dmasim_attr_device),
	                 DMASIM_OK);
	return s;
}

static uint32_t reply(void *ctx, const struct dmasim_choice_query *q)
{
	struct cpu_answers *a = ctx;

	a->asked[q->point]++;
	a->alternatives[q->point] = q->alternatives;
	return a->told[q->point] ? a->value[q->point] : q->preferred;
}

struct cpu_spy *cpu_spy_asking(struct cpu_answers *a,
                               struct dmasim_cpu_config cfg)
{
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = reply, .fn_ctx = a};

	memset(a, 0, sizeof(*a));
	return cpu_spy_new(rig_new(&(struct rig_config){.choice = &choice}),
	                   cfg);
}

void cpu_answer(struct cpu_answers *a, enum dmasim_choice_point point,
                uint32_t value)
{
	a->told[point] = true;
	a->value[point] = value;
}

void cpu_spy_free_all(struct cpu_spy *s)
{
	struct rig *r = s->rig;

	cpu_spy_free(s);
	rig_free(r);
}

void cpu_spy_free(struct cpu_spy *s)
{
	dmasim_cpu_destroy(s->cpu);
	free(s);
}

const struct dmasim_txn *cpu_spy_last(const struct cpu_spy *s,
                                      enum dmasim_op op)
{
	for (uint32_t i = s->len; i-- > 0;)
		if (s->seen[i % SPY_MAX].op == op)
			return &s->seen[i % SPY_MAX];
	fail_msg("no %s", dmasim_op_name(op));
	return NULL;
}

unsigned cpu_spy_count(const struct cpu_spy *s, enum dmasim_op op)
{
	unsigned n = 0;

	assert_true(s->len <= SPY_MAX);
	for (uint32_t i = 0; i < s->len; i++)
		n += s->seen[i].op == op;
	return n;
}
