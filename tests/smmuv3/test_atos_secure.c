/* SPDX-License-Identifier: MIT */
/* Address translation operations of the Secure programming interface. */
#include "atos.h"

#define SEL1 .s_idr = {0, S_IDR1_SECURE_IMPL | 16}
#define SEL2                                                                   \
	.s_idr = {0, S_IDR1_SECURE_IMPL | S_IDR1_SEL2 | 16,                    \
	          1 /* S_VATOS behind VATOS */}
#define BOTH .idr_set = {IDR0_ATOS | IDR0_VATOS | IDR0_S2P}

#define S_GATOS S(GATOS)
#define S_VATOS 0x30a00u
#define SSEC    ATOS_SID_SSEC
#define NS      ATOS_PAR_NS

struct secure {
	struct nested n;
	struct tables_streams streams[2]; /* Secure, Non-secure */
};

/* What follows is about the streams of that side. */
static void side(struct rig *r, struct secure *s, bool secure)
{
	r->streams = s->streams[secure ? 0 : 1];
}

/* The Secure side's caches emptied, and both on again. */
static void flush(struct rig *r)
{
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, S(CR0), 0);
	rig_w32(r, S_INIT, 1);
	rig_w32(r, CR0, EN_ALL);
	rig_w32(r, S(CR0), EN_SMMU);
}

static void write_ste(struct rig *r, struct secure *s)
{
	assert_int_equal(dmasim_tables_write_ste(&r->t, s->n.ste_at, &s->n.ste),
	                 DMASIM_OK);
	flush(r);
}

/* A Secure stream SID with stages @config; what NS says of stage 2 is in
 * both of its spaces. */
static void open_secure(struct rig *r, struct secure *s, unsigned config)
{
	rig_secure(r, true);
	s->streams[1] = r->streams;
	assert_true(tables_streams_new(&r->t, &s->streams[0], 8, 0));
	rig_w32(r, S(CR1), 0xd75);
	rig_w32(r, S(CR2), 2);
	rig_w64(r, S(STRTAB_BASE), s->streams[0].base);
	rig_w32(r, S(STRTAB_BASE_CFG), tables_streams_cfg(&s->streams[0]));
	rig_w32(r, S(CR0), EN_SMMU);
	side(r, s, true);
	nested_open(r, &s->n, config);
	if (config & 2) {
		dmasim_tables_ste_stage2(&s->n.ste, &s->n.s2, true);
		s->n.ste.s2nsa = 1;
		write_ste(r, s);
	}
}

static uint64_t sask(struct rig *r, uint64_t addr)
{
	return ask_at(r, S_GATOS, SSEC | SID, addr);
}

/* ---- Secure streams ---- */

static void stage1(struct rig *r)
{
	struct secure s;

	open_secure(r, &s, 5);
	r->logged = 0;
	assert_int_equal(sask(r, VA | S1 | READ), WB_ISH | IPA);
	/* Its structures are in Secure memory, as far as they say so. */
	assert_int_equal(rig_last(r, DMASIM_CAUSE_STE)->flags,
	                 DMASIM_TXN_SECURE);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CD)->flags,
	                 DMASIM_TXN_SECURE);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_WALK)->flags,
	                 DMASIM_TXN_SECURE);
	/* NS of the descriptor. */
	tables_map(&r->t, &s.n.s1, VA, IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	flush(r);
	assert_int_equal(sask(r, VA | S1 | READ), WB_ISH | NS | IPA);
	assert_int_equal(sask(r, (VA + 0x1000) | S1 | READ), fails(0x10));
	/* Secure stage 2 is not there: stages that the stream lacks. */
	assert_int_equal(sask(r, VA | S12 | READ), fails(0xfe));
	assert_int_equal(sask(r, VA | S2 | READ), fails(0xfe));
	assert_int_equal(sask(r, VA | READ), fails(0xff));
}

RIG_TEST(stage_1, BOTH, SEL1)
{
	stage1(r);
}

RIG_TEST(stage_1_pending, BOTH, SEL1, .pend = true)
{
	stage1(r);
}

/* 6.3.57: instructions from Non-secure memory, with SIF. */
RIG_TEST(instruction_fetch, BOTH, SEL1)
{
	struct secure s;

	open_secure(r, &s, 5);
	tables_map(&r->t, &s.n.s1, VA, IPA, 3,
	           (LEAF_RO & ~LEAF_AP1) | DMASIM_TABLES_NS);
	flush(r);
	assert_int_equal(
	        sask(r, VA | S1 | READ | ATOS_ADDR_IND | ATOS_ADDR_PNU),
	        WB_ISH | NS | IPA);
	rig_w32(r, S(CR0), 0);
	rig_w32(r, S(CR0), EN_SMMU | CR0_SIF);
	assert_int_equal(
	        sask(r, VA | S1 | READ | ATOS_ADDR_IND | ATOS_ADDR_PNU),
	        fails(0x13));
	assert_int_equal(sask(r, VA | S1 | READ | ATOS_ADDR_PNU),
	                 WB_ISH | NS | IPA);
}

/* ---- which side ---- */

/* 9.1.2: SSEC chooses the stream table; the Non-secure interface has no
 * SSEC, and so no way to a Secure stream. */
RIG_TEST(sides, BOTH, SEL1)
{
	struct secure s;
	struct nested ns;

	open_secure(r, &s, 5);
	side(r, &s, false);
	nested_open(r, &ns, 5);
	tables_map(&r->t, &ns.s1, VA, IPA + 0x5000, 3, LEAF_RW);
	rig_flush(r);
	assert_int_equal(sask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(ask_at(r, S_GATOS, SID, VA | S1 | READ),
	                 WB_ISH | NS | (IPA + 0x5000));
	assert_int_equal(ask_at(r, GATOS, SSEC | SID, VA | S1 | READ),
	                 WB_ISH | (IPA + 0x5000));
	assert_int_equal(rig_r64(r, GATOS + 8), SID);
	/* One group does not see another's registers. */
	assert_int_equal(rig_r64(r, S_GATOS + 8), SID);
	assert_int_equal(rig_r64(r, S_GATOS + 0x18),
	                 WB_ISH | NS | (IPA + 0x5000));
	/* Non-secure software sees none of it. */
	rig_secure(r, false);
	for (uint32_t at = 0; at < 0x20; at += 8)
		assert_int_equal(rig_r64(r, S_GATOS + at), 0);
	rig_w64(r, S_GATOS + 0x10, 0);
	rig_secure(r, true);
	assert_int_equal(rig_r64(r, S_GATOS + 0x10), VA | S1 | READ);
}

/* 9: what has to be on. */
RIG_TEST(enables, BOTH, SEL1)
{
	struct secure s;
	struct nested ns;

	open_secure(r, &s, 5);
	side(r, &s, false);
	nested_open(r, &ns, 5);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(sask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(ask_at(r, S_GATOS, SID, VA | S1 | READ), fails(0xfd));
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(ask_at(r, S_GATOS, SID, VA | S1 | READ),
	                 WB_ISH | NS | IPA);
	rig_w32(r, S(CR0), 0);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | IPA);
	rig_w64(r, S_GATOS + 0x10, 0);
	rig_w32(r, S_GATOS, 1);
	assert_int_equal(rig_r32(r, S_GATOS), 0);
	assert_int_equal(rig_r64(r, S_GATOS + 0x18), WB_ISH | NS | IPA);
}

/* An operation ends with the SMMUEN of its interface, and with that of its
 * stream. */
RIG_TEST(ended, BOTH, SEL1, .pend = true)
{
	struct secure s;
	struct nested ns;

	open_secure(r, &s, 5);
	side(r, &s, false);
	nested_open(r, &ns, 5);
	for (unsigned i = 0; i < 4; i++) {
		bool secure = i & 1, by_ns = i & 2;

		flush(r);
		rig_w64(r, S_GATOS + 8, SID | (secure ? SSEC : 0));
		rig_w64(r, S_GATOS + 0x10, VA | S1 | READ);
		rig_w32(r, S_GATOS, 1);
		assert_int_equal(rig_r32(r, S_GATOS), 1);
		if (by_ns)
			rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
		else
			rig_w32(r, S(CR0), 0);
		/* A Secure stream does not care for the other side. */
		assert_int_equal(rig_r32(r, S_GATOS), secure && by_ns);
		rig_settle(r);
		assert_int_equal(rig_r64(r, S_GATOS + 0x18),
		                 secure && by_ns ? WB_ISH | IPA : fails(0xfd));
	}
}

/* ---- Secure stage 2 ---- */

RIG_TEST(both_stages, BOTH, SEL2)
{
	struct secure s;

	open_secure(r, &s, 7);
	assert_int_equal(sask(r, VA | S12 | READ), WB_ISH | PA);
	assert_int_equal(sask(r, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(sask(r, IPA | S2 | READ), WB_ISH | PA);
	/* ADDR.NS: the other IPA space, whose outputs are Non-secure. */
	assert_int_equal(sask(r, IPA | S2 | READ | ATOS_ADDR_NS),
	                 WB_ISH | NS | PA);
	/* It does not count where stage 1 says which space. */
	assert_int_equal(sask(r, VA | S12 | READ | ATOS_ADDR_NS), WB_ISH | PA);
	assert_int_equal(sask(r, VA | S1 | READ | ATOS_ADDR_NS), WB_ISH | IPA);
	tables_map(&r->t, &s.n.s1, VA, IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	flush(r);
	assert_int_equal(sask(r, VA | S12 | READ), WB_ISH | NS | PA);
}

/* Two spaces with tables of their own. */
RIG_TEST(spaces, BOTH, SEL2)
{
	struct dmasim_tables_space other = {
	        .tsz = 24, .granule = 12, .stage2 = true};
	const struct dmasim_tables_leaf leaf = {
	        .pa = PA + 0x3000, .level = 3, .bits = LEAF_S2};
	struct secure s;

	open_secure(r, &s, 6);
	assert_int_equal(dmasim_tables_space_new(&r->t, &other), DMASIM_OK);
	assert_int_equal(dmasim_tables_map(&r->t, &other, IPA, &leaf),
	                 DMASIM_OK);
	dmasim_tables_ste_stage2(&s.n.ste, &other, false);
	write_ste(r, &s);
	assert_int_equal(sask(r, IPA | S2 | READ), WB_ISH | PA);
	assert_int_equal(sask(r, IPA | S2 | READ | ATOS_ADDR_NS),
	                 WB_ISH | NS | (PA + 0x3000));
}

/* 6.3.86: NSIPA beside an address, of Secure streams alone. */
RIG_TEST(space_of_faults, BOTH, SEL2)
{
	struct secure s;
	struct nested ns;

	open_secure(r, &s, 7);
	stage2_set(r, &s.n, IPA, 0);
	flush(r);
	assert_int_equal(sask(r, VA | S12 | READ), fails_for(0x10, 3, IPA));
	tables_map(&r->t, &s.n.s1, VA, IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	flush(r);
	assert_int_equal(sask(r, VA | S12 | READ),
	                 fails_for(0x10, 3, IPA) | ATOS_PAR_NSIPA);
	/* No address, no space. */
	assert_int_equal(sask(r, IPA | S2 | READ | ATOS_ADDR_NS),
	                 fails_for(0x10, 3, 0));
	/* By ADDR.NS, where stage 1 is bypassed. */
	s.n.ste.s1cdmax = 1;
	s.n.ste.s1dss = 1;
	write_ste(r, &s);
	assert_int_equal(sask(r, IPA | S12 | READ | ATOS_ADDR_NS),
	                 fails_for(0x10, 3, IPA) | ATOS_PAR_NSIPA);
	assert_int_equal(sask(r, IPA | S12 | READ), fails_for(0x10, 3, IPA));
	/* A Non-secure stream has one space. */
	side(r, &s, false);
	nested_open(r, &ns, 7);
	stage2_set(r, &ns, IPA, 0);
	assert_int_equal(ask_at(r, S_GATOS, SID, VA | S12 | READ),
	                 fails_for(0x10, 3, IPA));
}

/* ---- S_VATOS ---- */

static uint64_t vask(struct rig *r, unsigned vmid, uint64_t sid, uint64_t addr)
{
	rig_w32(r, S(0x180), vmid);
	return ask_at(r, S_VATOS, sid, addr);
}

/* 9.1.6: Secure streams, those of stage 1 alone with VMID 0. */
RIG_TEST(vatos, BOTH, SEL2)
{
	struct secure s;

	open_secure(r, &s, 7);
	assert_int_equal(vask(r, VMID, SID, VA | S1 | READ), WB_ISH | IPA);
	assert_int_equal(vask(r, 0, SID, VA | S1 | READ), fails(0x04));
	assert_int_equal(vask(r, VMID, SID, VA | S12 | READ), fails(0xff));
	/* The Non-secure interface has its own selection and stream table. */
	rig_w32(r, 0x180, VMID);
	assert_int_equal(ask_at(r, VATOS, SID, VA | S1 | READ), fails(0x04));
	s.n.ste.config = 5;
	write_ste(r, &s);
	assert_int_equal(vask(r, VMID, SID, VA | S1 | READ), fails(0x04));
	assert_int_equal(vask(r, 0, SID, VA | S1 | READ), WB_ISH | IPA);
	/* EL3 has no VMIDs. */
	s.n.ste.strw = 1;
	write_ste(r, &s);
	assert_int_equal(vask(r, 0, SID, VA | S1 | READ), fails(0x04));
	assert_int_equal(sask(r, VA | S1 | READ) & 1, 0);
	s.n.ste.strw = 0;
	s.n.ste.config = 6;
	write_ste(r, &s);
	assert_int_equal(vask(r, VMID, SID, VA | S1 | READ), fails(0xfe));
	/* A stream that the other side alone has. */
	side(r, &s, false);
	nested_open(r, &s.n, 7);
	s.n.ste_at = tables_ste(&r->t, &r->streams, SID + 1);
	nested_write(r, &s.n);
	assert_int_equal(vask(r, VMID, SID + 1, VA | S1 | READ), fails(0x04));
}

RIG_TEST(no_secure_vatos, BOTH, SEL1)
{
	rig_secure(r, true);
	rig_w32(r, S(0x180), 7);
	assert_int_equal(rig_r32(r, S(0x180)), 0);
	rig_w64(r, S_GATOS + 0x10, ~0ull);
	assert_int_equal(rig_r64(r, S_GATOS + 0x10), ~0x3full);
	rig_w64(r, GATOS + 0x10, ~0ull);
	assert_int_equal(rig_r64(r, GATOS + 0x10), ~0x3full);
}

RIG_TEST(registers, BOTH, SEL2)
{
	rig_secure(r, true);
	rig_w64(r, S_GATOS + 0x10, ~0ull);
	assert_int_equal(rig_r64(r, S_GATOS + 0x10), ~0x2full);
	/* NS is of S_GATOS alone. */
	rig_w64(r, GATOS + 0x10, ~0ull);
	assert_int_equal(rig_r64(r, GATOS + 0x10), ~0x3full);
	rig_w64(r, S_VATOS + 0x10, ~0ull);
	assert_int_equal(rig_r64(r, S_VATOS + 0x10), ~0x3full);
	/* SSEC is RES1 in S_VATOS_SID: here a bit without effect. */
	rig_w64(r, S_VATOS + 8, SSEC);
	assert_int_equal(rig_r64(r, S_VATOS + 8), SSEC);
	rig_w64(r, VATOS + 8, ~0ull);
	assert_int_equal(rig_r64(r, VATOS + 8) & SSEC, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_1),           cmocka_unit_test(stage_1_pending),
        cmocka_unit_test(instruction_fetch), cmocka_unit_test(sides),
        cmocka_unit_test(enables),           cmocka_unit_test(ended),
        cmocka_unit_test(both_stages),       cmocka_unit_test(spaces),
        cmocka_unit_test(space_of_faults),   cmocka_unit_test(vatos),
        cmocka_unit_test(no_secure_vatos),   cmocka_unit_test(registers),
};

CHECK_MAIN(tests)
