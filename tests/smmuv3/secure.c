/* SPDX-License-Identifier: MIT */
#include "secure.h"

#define QUEUE_LOG2 6u
#define WRAP       ((2u << QUEUE_LOG2) - 1)
#define INDEX      ((1u << QUEUE_LOG2) - 1)

void secure_open(struct secure *s, struct rig *r)
{
	*s = (struct secure){.r = r};
	rig_secure(r, true);
	assert_true(tables_streams_new(&r->t, &s->streams, 8, 0));
	s->cmdq = tables_alloc(&r->t, 16ull << QUEUE_LOG2, 16ull << QUEUE_LOG2);
	s->evtq = tables_alloc(&r->t, 32ull << QUEUE_LOG2, 32ull << QUEUE_LOG2);
	rig_w32(r, S(CR1), 0xd75);
	rig_w64(r, S(STRTAB_BASE), s->streams.base);
	rig_w32(r, S(STRTAB_BASE_CFG), tables_streams_cfg(&s->streams));
	rig_w64(r, S(CMDQ_BASE), s->cmdq | QUEUE_LOG2);
	rig_w64(r, S(EVENTQ_BASE), s->evtq | QUEUE_LOG2);
	rig_w32(r, S(IRQ_CTRL), 5);
	rig_w32(r, S(CR0), EN_ALL);
	assert_int_equal(rig_r32(r, S(CR0ACK)), EN_ALL);
	r->logged = 0;
}

void secure_reset(struct secure *s)
{
	struct rig *r = s->r;
	uint32_t cr0 = rig_r32(r, CR0), s_cr0 = rig_r32(r, S(CR0));

	rig_w32(r, CR0, cr0 & ~EN_SMMU);
	rig_w32(r, S(CR0), s_cr0 & ~EN_SMMU);
	rig_w32(r, S_INIT, 1);
	rig_w32(r, CR0, cr0);
	rig_w32(r, S(CR0), s_cr0);
	r->logged = 0;
}

void secure_cmd(struct secure *s, struct tables_cmd c)
{
	struct rig *r = s->r;
	uint32_t prod = rig_r32(r, S(CMDQ_PROD));
	uint64_t at = s->cmdq + 16ull * (prod & INDEX);

	tables_set(&r->t, at, c.d0);
	tables_set(&r->t, at + 8, c.d1);
	rig_w32(r, S(CMDQ_PROD), (prod + 1) & WRAP);
	rig_settle(r);
	/* ERR keeps what it was. */
	assert_int_equal(rig_r32(r, S(CMDQ_CONS)) & 0xfffff, (prod + 1) & WRAP);
}

enum dmasim_result secure_dma(struct secure *s, enum dmasim_op op, uint32_t sid,
                              uint64_t va, uint32_t flags)
{
	return rig_dma_flags(s->r, op, sid, va, flags | DMASIM_TXN_SEC_SID);
}

static bool next_event(struct secure *s, uint64_t record[4])
{
	struct rig *r = s->r;
	uint32_t prod = rig_r32(r, S_EVENTQ_PROD);
	uint32_t cons = rig_r32(r, S_EVENTQ_CONS);

	if (((prod ^ cons) & WRAP) == 0)
		return false;
	for (unsigned i = 0; i < 4; i++)
		record[i] = tables_get(&r->t, s->evtq + 32ull * (cons & INDEX) +
		                                      8 * i);
	rig_w32(r, S_EVENTQ_CONS, (cons & 1u << 31) | ((cons + 1) & WRAP));
	return true;
}

void secure_expect(struct secure *s, uint64_t d0, uint64_t d1, uint64_t d2,
                   uint64_t d3)
{
	uint64_t record[4];

	if (!next_event(s, record))
		fail_msg("no record, expected 0x%016llx",
		         (unsigned long long)d0);
	assert_int_equal(record[0], d0);
	assert_int_equal(record[1], d1);
	assert_int_equal(record[2], d2);
	assert_int_equal(record[3], d3);
	secure_expect_none(s);
}

void secure_expect_none(struct secure *s)
{
	uint64_t record[4];

	if (next_event(s, record))
		fail_msg("a record that should not be: 0x%016llx 0x%016llx",
		         (unsigned long long)record[0],
		         (unsigned long long)record[1]);
	rig_expect_none(s->r);
}
