/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 9: address translation operations. */
#include "atos.h"

#define BOTH .idr_set = {IDR0_ATOS | IDR0_VATOS | IDR0_S2P | IDR0_S1P}

/* 9: what a transaction would come out at, with one stage or both. */
RIG_TEST(s9_results, BOTH)
{
	struct nested n;

	nested_open(r, &n, 7);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(ask(r, IPA | S2 | READ), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	nested_open(r, &n, 5);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	nested_open(r, &n, 6);
	assert_int_equal(ask(r, IPA | S2 | READ), WB_ISH | PA);
}

RIG_TEST(s9_results_pending, BOTH, .pend = true)
{
	struct nested n;

	nested_open(r, &n, 7);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(ask(r, IPA | S2 | READ), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
}

/* 9: the groups do not affect one another. */
RIG_TEST(s9_groups, BOTH, .pend = true)
{
	struct nested n;

	nested_open(r, &n, 7);
	rig_w32(r, 0x180, VMID);
	rig_w64(r, GATOS + 8, SID);
	rig_w64(r, GATOS + 0x10, VA | S12 | READ);
	rig_w64(r, VATOS + 8, SID);
	rig_w64(r, VATOS + 0x10, (VA + 0x1000) | S1 | READ);
	rig_w32(r, GATOS, 1);
	rig_w32(r, VATOS, 1);
	assert_int_equal(rig_r32(r, GATOS) + rig_r32(r, VATOS), 2);
	rig_settle(r);
	assert_int_equal(rig_r64(r, GATOS + 0x18), WB_ISH | PA);
	assert_int_equal(rig_r64(r, VATOS + 0x18), fails(0x10));
	assert_int_equal(rig_r64(r, GATOS + 8), SID);
}

/* 9: no event and no stall, whatever CD and STE say of faults. */
RIG_TEST(s9_no_events, BOTH)
{
	struct nested n;

	nested_open(r, &n, 7);
	assert_int_equal(ask(r, (VA + 0x1000) | S12 | READ), fails(0x10));
	stage2_set(r, &n, IPA, 0);
	assert_int_equal(ask(r, VA | S12 | READ), fails_for(0x10, 3, IPA));
	/* RAZ/WI of a CD makes no result either. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_READ | EV_IN | 1ull << 39, VA, IPA);
}

/* 9: each stage's rights count where that stage takes part. */
RIG_TEST(s9_permissions, BOTH)
{
	struct nested n;

	nested_open(r, &n, 7);
	stage2_set(r, &n, IPA, PA | 3 | (LEAF_S2 & ~DMASIM_TABLES_S2_WRITE));
	assert_int_equal(ask(r, VA | S1 | WRITE), WB_ISH | IPA);
	assert_int_equal(ask(r, VA | S12 | WRITE), fails_for(0x13, 3, IPA));
	assert_int_equal(ask(r, VA | S12 | READ), WB_ISH | PA);
	/* WXN is stage 1's. */
	tables_set(&r->t, n.cd, tables_get(&r->t, n.cd) | CD0_WXN);
	stage2_set(r, &n, IPA, PA | 3 | LEAF_S2);
	assert_int_equal(ask(r, VA | S1 | READ | ATOS_ADDR_IND), fails(0x13));
	assert_int_equal(ask(r, VA | S12 | READ | ATOS_ADDR_IND), fails(0x13));
	assert_int_equal(ask(r, IPA | S2 | READ | ATOS_ADDR_IND), WB_ISH | PA);
	/* What stage 1 forbids does not matter for stage 2 alone. */
	tables_map(&r->t, &n.s1, VA, IPA, 3, LEAF_RO);
	rig_flush(r);
	assert_int_equal(ask(r, VA | S1 | WRITE), fails(0x13));
	assert_int_equal(ask(r, IPA | S2 | WRITE), WB_ISH | PA);
}

/* 9.1.1: RUN needs SMMUEN; the result is there when RUN is 0. */
RIG_TEST(s9_1_1_run, BOTH, .pend = true)
{
	struct nested n;

	nested_open(r, &n, 5);
	rig_w64(r, GATOS + 8, SID);
	rig_w64(r, GATOS + 0x10, VA | S1 | READ);
	rig_w32(r, GATOS, 1);
	for (unsigned steps = 0; rig_r32(r, GATOS) == 1; steps++) {
		assert_true(steps < 50);
		assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
	}
	assert_int_equal(rig_r64(r, GATOS + 0x18), WB_ISH | IPA);
	rig_w32(r, GATOS, 1);
	rig_w32(r, CR0, 0);
	assert_int_equal(rig_r32(r, GATOS), 0);
	rig_w32(r, GATOS, 1);
	assert_int_equal(rig_r32(r, GATOS), 0);
	rig_settle(r);
}

/* 9.1.1: SMMUEN ends an operation that runs. */
RIG_TEST(s9_1_1_smmuen, BOTH, .pend = true)
{
	struct nested n;

	nested_open(r, &n, 7);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t base = i ? VATOS : GATOS;

		rig_w64(r, base + 8, SID);
		rig_w64(r, base + 0x10, VA | S1 | READ);
		rig_w32(r, base, 1);
	}
	rig_w32(r, CR0, 0);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t base = i ? VATOS : GATOS;

		assert_int_equal(rig_r32(r, base), 0);
		assert_int_equal(rig_r64(r, base + 0x18), fails(0xfd));
	}
	rig_settle(r);
}

/* 9.1.3: TYPE against what this SMMU has, and what the stream has. */
static void types(struct rig *r)
{
	/* By Config 0 to 7, for stage 1, 2 and both. */
	static const uint8_t want[8][3] = {
	        {0xfe, 0xfe, 0xfe}, {0xfe, 0xfe, 0xfe}, {0xfe, 0xfe, 0xfe},
	        {0xfe, 0xfe, 0xfe}, {0xfe, 0xfe, 0xfe}, {0, 0xfe, 0xfe},
	        {0xfe, 0, 0xfe},    {0, 0, 0},
	};
	struct nested n;

	for (unsigned config = 0; config < 8; config++) {
		nested_open(r, &n, config);
		assert_int_equal(ask(r, VA | READ), fails(0xff));
		for (uint64_t type = 1; type < 4; type++) {
			uint64_t addr = type == 2 ? IPA : VA;
			uint64_t par = ask(r, addr | type << 10 | READ);
			uint8_t code = want[config][type - 1];

			if (code)
				assert_int_equal(par, fails(code));
			else
				assert_int_equal(par & 1, 0);
		}
	}
	/* A SubstreamID is for stage 1. */
	assert_int_equal(ask_at(r, GATOS, SSV | SID, IPA | S2 | READ),
	                 fails(0xff));
}

RIG_TEST(s9_1_3_type, BOTH)
{
	types(r);
}

RIG_TEST(s9_1_3_type_pending, BOTH, .pend = true)
{
	types(r);
}

RIG_TEST(s9_1_3_without_stage_1, .idr_set = {IDR0_ATOS | IDR0_S2P},
         .idr_clear = {IDR0_S1P})
{
	struct nested n;

	nested_open(r, &n, 6);
	assert_int_equal(ask(r, IPA | S1 | READ), fails(0xff));
	assert_int_equal(ask(r, IPA | S12 | READ), fails(0xff));
	assert_int_equal(ask(r, IPA | S2 | READ), WB_ISH | PA);
}

RIG_TEST(s9_1_3_without_stage_2, .idr_set = {IDR0_ATOS},
         .idr_clear = {IDR0_S2P})
{
	struct nested n;

	nested_open(r, &n, 5);
	assert_int_equal(ask(r, VA | S2 | READ), fails(0xff));
	assert_int_equal(ask(r, VA | S12 | READ), fails(0xff));
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
}

/* 9.1.3: S1DSS = 1 does not make INV_STAGE: stage 1 passes its input on. */
RIG_TEST(s9_1_3_s1dss, BOTH)
{
	struct nested n;

	nested_open(r, &n, 7);
	n.ste.s1cdmax = 1;
	n.ste.s1dss = 1;
	nested_write(r, &n);
	assert_int_equal(ask(r, IPA | S1 | READ) & ATOS_PAR_ADDR, IPA);
	assert_int_equal(ask(r, IPA | S12 | READ), WB_ISH | PA);
	/* Stage 2 has nothing there. */
	assert_int_equal(ask(r, VA | S1 | READ) & ATOS_PAR_ADDR, VA);
	assert_int_equal(ask(r, VA | S12 | READ), fails_for(0x10, 3, VA));
	/* Beyond the input size of stage 1. */
	assert_int_equal(ask(r, 1ull << 55 | S1 | READ), fails(0x11));
	assert_int_equal(ask(r, 1ull << 55 | S12 | READ), fails(0x11));
	assert_int_equal(ask_at(r, GATOS, SSV | SID, VA | S12 | READ),
	                 WB_ISH | PA);
}

/* ---- 9.1.4: what PAR says of a fault, row by row ---- */

/* Any: errors in invocation name no stage. */
RIG_TEST(s9_1_4_invocation, BOTH)
{
	struct nested n;

	nested_open(r, &n, 6);
	assert_int_equal(ask(r, IPA | READ), fails_for(0xff, 0, 0));
	assert_int_equal(ask(r, IPA | S1 | READ), fails_for(0xfe, 0, 0));
	assert_int_equal(ask(r, IPA | S12 | READ), fails_for(0xfe, 0, 0));
}

static void abort_at(struct rig *r, uint64_t at)
{
	r->refuse_from = at;
	r->refuse_to = at + 8;
	rig_flush(r);
}

/* TYPE 1, a stream of stage 1 or of both: aborts of the bus. */
static void stage1_aborts(struct rig *r, unsigned config)
{
	struct nested n;

	nested_open(r, &n, config);
	abort_at(r, n.leaf);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x0b));
	abort_at(r, n.cd);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x09));
	abort_at(r, n.ste_at);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x03));
	r->refuse_to = 0;
	rig_flush(r);
	assert_int_equal(ask(r, (VA + 0x1000) | S1 | READ), fails(0x10));
	tables_map(&r->t, &n.s1, VA, IPA, 3, LEAF_RO & ~LEAF_AF);
	rig_flush(r);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x12));
	tables_set(&r->t, n.cd, 0);
	rig_flush(r);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x0a));
}

RIG_TEST(s9_1_4_stage_1_only, BOTH)
{
	stage1_aborts(r, 5);
}

RIG_TEST(s9_1_4_stage_1_of_both, BOTH)
{
	stage1_aborts(r, 7);
}

/* TYPE 1 on both: trouble of stage 2 counts as an abort of what was to be
 * fetched, and nothing of stage 2 is said. */
static void synthetic(struct rig *r)
{
	struct nested n;
	uint64_t at;

	nested_open(r, &n, 7);
	stage2_set(r, &n, n.cd, 0);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x09));
	assert_int_equal(dmasim_tables_descriptor(&r->t, &n.s2, n.cd, 3, &at),
	                 DMASIM_OK);
	abort_at(r, at);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x09));
	r->refuse_to = 0;
	stage2_set(r, &n, n.cd, n.cd | 3 | LEAF_S2);
	stage2_set(r, &n, n.leaf, 0);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x0b));
	assert_int_equal(dmasim_tables_descriptor(&r->t, &n.s2,
	                                          n.leaf & ~0xfffull, 3, &at),
	                 DMASIM_OK);
	abort_at(r, at);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x0b));
	r->refuse_to = 0;
	stage2_set(r, &n, n.leaf, (n.leaf & ~0xfffull) | 3 | LEAF_S2);
	/* The IPA that comes out is not looked at. */
	stage2_set(r, &n, IPA, 0);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
}

RIG_TEST(s9_1_4_stage_1_synthetic, BOTH)
{
	synthetic(r);
}

RIG_TEST(s9_1_4_stage_1_synthetic_pending, BOTH, .pend = true)
{
	synthetic(r);
}

/* TYPE 2: always the input of stage 2, and no address; but an address that
 * stage 1 could not have put out is a fault of stage 1. */
static void stage_2(struct rig *r)
{
	struct nested n;
	uint64_t at;

	nested_open(r, &n, 7);
	assert_int_equal(ask(r, 0x99000 | S2 | READ), fails_for(0x10, 3, 0));
	stage2_set(r, &n, IPA, PA | 3 | (LEAF_S2 & ~DMASIM_TABLES_AF));
	assert_int_equal(ask(r, IPA | S2 | READ), fails_for(0x12, 3, 0));
	stage2_set(r, &n, IPA, PA | 3 | (LEAF_S2 & ~DMASIM_TABLES_S2_WRITE));
	assert_int_equal(ask(r, IPA | S2 | WRITE), fails_for(0x13, 3, 0));
	assert_int_equal(dmasim_tables_descriptor(&r->t, &n.s2, IPA, 3, &at),
	                 DMASIM_OK);
	abort_at(r, at);
	assert_int_equal(ask(r, IPA | S2 | READ), fails_for(0x0b, 3, 0));
	r->refuse_to = 0;
	/* S2PS = 36 bits. */
	n.ste.s2ps = 1;
	nested_write(r, &n);
	stage2_set(r, &n, IPA, 1ull << 36 | 3 | LEAF_S2);
	assert_int_equal(ask(r, IPA | S2 | READ), fails_for(0x11, 3, 0));
	assert_int_equal(ask(r, 1ull << 50 | S2 | READ), fails_for(0x11, 0, 0));
	/* Beyond S2T0SZ, within IAS. */
	assert_int_equal(ask(r, 1ull << 41 | S2 | READ), fails_for(0x10, 3, 0));
	/* Faults of neither stage: the table gives REASON 3 here. */
	assert_int_equal(ask_at(r, GATOS, 300, IPA | S2 | READ),
	                 fails_for(0x02, 3, 0));
	abort_at(r, n.ste_at);
	assert_int_equal(ask(r, IPA | S2 | READ), fails_for(0x03, 3, 0));
}

RIG_TEST(s9_1_4_stage_2, BOTH)
{
	stage_2(r);
}

RIG_TEST(s9_1_4_stage_2_pending, BOTH, .pend = true)
{
	stage_2(r);
}

/* TYPE 3: what stage 2 was needed for, and the IPA of its faults. */
static void both(struct rig *r)
{
	struct nested n;
	uint64_t at, of[3];

	nested_open(r, &n, 7);
	of[0] = n.cd;
	of[1] = n.leaf;
	of[2] = IPA;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t page = of[i] & ~0xfffull;
		uint64_t good = (i == 2 ? PA : page) | 3 | LEAF_S2;

		stage2_set(r, &n, page, 0);
		assert_int_equal(ask(r, VA | S12 | READ),
		                 fails_for(0x10, i + 1, page));
		stage2_set(r, &n, page, good & ~DMASIM_TABLES_AF);
		assert_int_equal(ask(r, VA | S12 | READ),
		                 fails_for(0x12, i + 1, page));
		stage2_set(r, &n, page, good & ~DMASIM_TABLES_S2_READ);
		assert_int_equal(ask(r, VA | S12 | READ),
		                 fails_for(0x13, i + 1, page));
		/* An abort has no IPA. */
		assert_int_equal(
		        dmasim_tables_descriptor(&r->t, &n.s2, page, 3, &at),
		        DMASIM_OK);
		abort_at(r, at);
		assert_int_equal(ask(r, VA | S12 | READ),
		                 fails_for(0x0b, i + 1, 0));
		r->refuse_to = 0;
		stage2_set(r, &n, page, good);
	}
	/* Stage 1, and neither. */
	assert_int_equal(ask(r, (VA + 0x1000) | S12 | READ),
	                 fails_for(0x10, 0, 0));
	abort_at(r, n.leaf);
	assert_int_equal(ask(r, VA | S12 | READ), fails_for(0x0b, 0, 0));
	abort_at(r, n.cd);
	assert_int_equal(ask(r, VA | S12 | READ), fails_for(0x09, 0, 0));
	r->refuse_to = 0;
	tables_set(&r->t, n.cd, 0);
	rig_flush(r);
	assert_int_equal(ask(r, VA | S12 | READ), fails_for(0x0a, 0, 0));
}

RIG_TEST(s9_1_4_both, BOTH)
{
	both(r);
}

RIG_TEST(s9_1_4_both_pending, BOTH, .pend = true)
{
	both(r);
}

/* 9.1.5: the order of errors: each is put right in turn. */
static void priorities(struct rig *r)
{
	struct nested n;
	uint64_t sid = SSV | 3ull << 32 | 300;

	nested_open(r, &n, 5);
	n.ste.config = 4;
	n.ste.s2vmid = 0x100; /* no 16-bit VMIDs: ILLEGAL with stage 1 */
	nested_write(r, &n);
	abort_at(r, n.ste_at);
	rig_flush(r);
	/* Before any structure. */
	assert_int_equal(ask_at(r, GATOS, sid, VA | READ), fails(0xff));
	assert_int_equal(ask_at(r, GATOS, sid, VA | S1 | READ), fails(0x02));
	sid = SSV | 3ull << 32 | SID;
	assert_int_equal(ask_at(r, GATOS, sid, VA | S1 | READ), fails(0x03));
	r->refuse_to = 0;
	assert_int_equal(ask_at(r, GATOS, sid, VA | S1 | READ), fails(0xfe));
	n.ste.config = 5;
	nested_write(r, &n);
	assert_int_equal(ask_at(r, GATOS, sid, VA | S1 | READ), fails(0x04));
	n.ste.s2vmid = VMID;
	n.ste.s1cdmax = 1;
	nested_write(r, &n);
	assert_int_equal(ask_at(r, GATOS, sid, VA | S1 | READ), fails(0x08));
	tables_set(&r->t, n.cd, 0);
	abort_at(r, n.cd);
	rig_flush(r);
	assert_int_equal(ask_at(r, GATOS, SID, VA | S1 | READ), fails(0x06));
	assert_int_equal(ask_at(r, GATOS, SSV | SID, VA | S1 | READ),
	                 fails(0x09));
	r->refuse_to = 0;
	assert_int_equal(ask_at(r, GATOS, SSV | SID, VA | S1 | READ),
	                 fails(0x0a));
	tables_cd(&r->t, n.cd, &n.s1, NULL, 1);
	rig_flush(r);
	assert_int_equal(ask_at(r, GATOS, SSV | SID, VA | S1 | READ),
	                 WB_ISH | IPA);
}

RIG_TEST(s9_1_5_priorities, BOTH)
{
	priorities(r);
}

RIG_TEST(s9_1_5_priorities_pending, BOTH, .pend = true)
{
	priorities(r);
}

/* ---- 9.1.6: VATOS ---- */

static uint64_t vask(struct rig *r, uint64_t addr)
{
	return ask_at(r, VATOS, SID, addr);
}

/* What the interface is for, by the stream and its VMID. */
static void vatos(struct rig *r)
{
	/* By Config 4 to 7, with the VMID and with another. */
	static const uint8_t want[4][2] = {
	        {0x04, 0x04}, {0, 0x04}, {0xfe, 0x04}, {0, 0x04}};
	struct nested n;

	for (unsigned config = 0; config < 8; config++) {
		nested_open(r, &n, config);
		for (unsigned other = 0; other < 2; other++) {
			uint8_t code =
			        config < 4 ? 0x04 : want[config - 4][other];

			rig_w32(r, 0x180, VMID + other);
			assert_int_equal(vask(r, VA | S1 | READ),
			                 code ? fails(code) : WB_ISH | IPA);
		}
	}
}

RIG_TEST(s9_1_6_vatos, BOTH)
{
	vatos(r);
}

RIG_TEST(s9_1_6_vatos_pending, BOTH, .pend = true)
{
	vatos(r);
}

/* The type is looked at first, then the stream. */
RIG_TEST(s9_1_6_order, BOTH)
{
	struct nested n;

	nested_open(r, &n, 7);
	rig_w32(r, 0x180, VMID);
	for (uint64_t type = 0; type < 4; type++)
		if (type != 1)
			assert_int_equal(
			        ask_at(r, VATOS, 300, VA | type << 10 | READ),
			        fails(0xff));
	assert_int_equal(ask_at(r, VATOS, 300, VA | S1 | READ), fails(0x02));
	abort_at(r, n.ste_at);
	assert_int_equal(vask(r, VA | S1 | READ), fails(0x03));
	r->refuse_to = 0;
	/* The VMID before the CD. */
	tables_set(&r->t, n.cd, 0);
	rig_flush(r);
	assert_int_equal(vask(r, VA | S1 | READ), fails(0x0a));
	rig_w32(r, 0x180, VMID + 1);
	assert_int_equal(vask(r, VA | S1 | READ), fails(0x04));
}

/* 9.1.6, 5.2: streams of EL2 have no VMID. */
RIG_TEST(s9_1_6_el2, .idr_set = {IDR0_ATOS | IDR0_VATOS | IDR0_S2P | IDR0_HYP})
{
	struct nested n;

	nested_open(r, &n, 5);
	rig_w32(r, 0x180, VMID);
	assert_int_equal(vask(r, VA | S1 | READ), WB_ISH | IPA);
	n.ste.strw = 2;
	nested_write(r, &n);
	assert_int_equal(vask(r, VA | S1 | READ), fails(0x04));
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
}

/* 9.1.6: without stage 2 there are no VMIDs, and no stream that VATOS may
 * tell of. */
RIG_TEST(s9_1_6_no_stage_2, .idr_set = {IDR0_ATOS | IDR0_VATOS},
         .idr_clear = {IDR0_S2P})
{
	struct nested n;

	nested_open(r, &n, 5);
	rig_w32(r, 0x180, VMID);
	assert_int_equal(vask(r, VA | S1 | READ), fails(0x04));
	rig_w32(r, 0x180, 0);
	assert_int_equal(vask(r, VA | S1 | READ), fails(0x04));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s9_results),
        cmocka_unit_test(s9_results_pending),
        cmocka_unit_test(s9_groups),
        cmocka_unit_test(s9_no_events),
        cmocka_unit_test(s9_permissions),
        cmocka_unit_test(s9_1_1_run),
        cmocka_unit_test(s9_1_1_smmuen),
        cmocka_unit_test(s9_1_3_type),
        cmocka_unit_test(s9_1_3_type_pending),
        cmocka_unit_test(s9_1_3_without_stage_1),
        cmocka_unit_test(s9_1_3_without_stage_2),
        cmocka_unit_test(s9_1_3_s1dss),
        cmocka_unit_test(s9_1_4_invocation),
        cmocka_unit_test(s9_1_4_stage_1_only),
        cmocka_unit_test(s9_1_4_stage_1_of_both),
        cmocka_unit_test(s9_1_4_stage_1_synthetic),
        cmocka_unit_test(s9_1_4_stage_1_synthetic_pending),
        cmocka_unit_test(s9_1_4_stage_2),
        cmocka_unit_test(s9_1_4_stage_2_pending),
        cmocka_unit_test(s9_1_4_both),
        cmocka_unit_test(s9_1_4_both_pending),
        cmocka_unit_test(s9_1_5_priorities),
        cmocka_unit_test(s9_1_5_priorities_pending),
        cmocka_unit_test(s9_1_6_vatos),
        cmocka_unit_test(s9_1_6_vatos_pending),
        cmocka_unit_test(s9_1_6_order),
        cmocka_unit_test(s9_1_6_el2),
        cmocka_unit_test(s9_1_6_no_stage_2),
};

CHECK_MAIN(tests)
