/* SPDX-License-Identifier: MIT */
/* The Secure programming interface of the rig's SMMU, set up: a stream table
 * and queues of its own. */
#ifndef DMASIM_TESTS_SECURE_SIDE_H
#define DMASIM_TESTS_SECURE_SIDE_H

#include "rig.h"

/* S_IDR0 with a STALL_MODEL, S_IDR1: SECURE_IMPL, SEL2, 16 bits. */
#define SECURE_IDS(model)                                                      \
	.s_idr = {(uint32_t)(model) << 24, 1u << 31 | 1u << 29 | 16u}

#define SECURE_QUEUE 6u

struct secure_side {
	struct rig *r;
	struct tables_streams streams;
	uint64_t cmdq, evtq;
};

static inline void secure_w32(struct secure_side *s, uint32_t reg, uint32_t v)
{
	rig_secure(s->r, true);
	rig_w32(s->r, S(reg), v);
	rig_secure(s->r, false);
}

static inline uint32_t secure_r32(struct secure_side *s, uint32_t reg)
{
	uint32_t v;

	rig_secure(s->r, true);
	v = rig_r32(s->r, S(reg));
	rig_secure(s->r, false);
	return v;
}

static inline void secure_w64(struct secure_side *s, uint32_t reg, uint64_t v)
{
	rig_secure(s->r, true);
	rig_w64(s->r, S(reg), v);
	rig_secure(s->r, false);
}

static inline void secure_open(struct secure_side *s, struct rig *r)
{
	s->r = r;
	s->cmdq = tables_alloc(&r->t, 16u << SECURE_QUEUE, 16u << SECURE_QUEUE);
	s->evtq = tables_alloc(&r->t, 32u << SECURE_QUEUE, 32u << SECURE_QUEUE);
	assert_true(tables_streams_new(&r->t, &s->streams, 8, 0));
	secure_w32(s, CR1, 0xd75);
	secure_w32(s, CR2, 2);
	secure_w64(s, STRTAB_BASE, s->streams.base);
	secure_w32(s, STRTAB_BASE_CFG, tables_streams_cfg(&s->streams));
	secure_w64(s, CMDQ_BASE, s->cmdq | SECURE_QUEUE);
	secure_w32(s, CMDQ_PROD, 0);
	secure_w32(s, CMDQ_CONS, 0);
	secure_w64(s, EVENTQ_BASE, s->evtq | SECURE_QUEUE);
	secure_w32(s, 0xa8, 0);
	secure_w32(s, 0xac, 0);
	secure_w32(s, CR0, EN_ALL);
}

static inline void secure_cmd(struct secure_side *s, struct tables_cmd c)
{
	uint32_t prod = secure_r32(s, CMDQ_PROD);
	uint32_t mask = (1u << SECURE_QUEUE) - 1;
	uint64_t at = s->cmdq + 16ull * (prod & mask);

	tables_set(&s->r->t, at, c.d0);
	tables_set(&s->r->t, at + 8, c.d1);
	secure_w32(s, CMDQ_PROD, (prod + 1) & (2 * mask + 1));
	rig_settle(s->r);
}

static inline bool secure_event(struct secure_side *s, uint64_t record[4])
{
	uint32_t prod = secure_r32(s, 0xa8), cons = secure_r32(s, 0xac);
	uint32_t mask = (1u << SECURE_QUEUE) - 1;

	if (((prod ^ cons) & (2 * mask + 1)) == 0)
		return false;
	for (unsigned i = 0; i < 4; i++)
		record[i] = tables_get(&s->r->t,
		                       s->evtq + 32ull * (cons & mask) + 8 * i);
	secure_w32(s, 0xac, (cons + 1) & (2 * mask + 1));
	return true;
}

/* The only record there. */
static inline void secure_expect(struct secure_side *s, uint64_t d0,
                                 uint64_t d1, uint64_t d2)
{
	uint64_t record[4];

	assert_true(secure_event(s, record));
	assert_int_equal(record[0], d0);
	assert_int_equal(record[1], d1);
	assert_int_equal(record[2], d2);
	assert_int_equal(record[3], 0);
	assert_false(secure_event(s, record));
}

/* A stream whose low half is @h, all empty; returns its CD. */
static inline uint64_t secure_stream(struct secure_side *s, uint32_t sid,
                                     struct tables_half *h)
{
	uint64_t cd = tables_alloc(&s->r->t, 64, 64);

	assert_true(tables_half_new(&s->r->t, h, 16, 12));
	tables_cd(&s->r->t, cd, h, NULL, 1);
	tables_ste_stage1(&s->r->t, &s->streams, sid, cd);
	return cd;
}

#endif
