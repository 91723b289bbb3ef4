/* SPDX-License-Identifier: MIT */
/* IHI 0070, 5.2: every ILLEGAL STE (5.2.2) one by one, with its legal
 * neighbours, and the fields that mean nothing here. */
#include <stddef.h>

#include "nest.h"

#define TTENDIAN (3u << 21)
#define LE_ONLY  (2u << 21)
#define BE_ONLY  (3u << 21)

#define FIELD(name) offsetof(struct dmasim_tables_ste, name)

static void with(struct nest *n, size_t field, uint64_t value)
{
	memcpy((char *)&n->ste + field, &value, sizeof(value));
	nest_write(n);
}

/* The type of the record that a read gives; 0: it goes through. */
static unsigned outcome(struct nest *n)
{
	uint64_t va = n->ste.config == 6   ? N_IPA
	              : n->ste.config == 4 ? N_PA
	                                   : N_VA;
	uint64_t record[4];

	if (rig_dma(n->r, DMASIM_READ, n->sid, va, 4) == DMASIM_TXN_OK)
		return 0;
	return rig_event(n->r, record) ? record[0] & 0xff : 256;
}

/* One field of a good STE has another value, which is or is not ILLEGAL. */
static void bad(struct nest *n, size_t field, uint64_t value)
{
	const struct dmasim_tables_ste good = n->ste;

	with(n, field, value);
	nest_fault(n, DMASIM_READ);
	rig_expect(n->r, EV(EV_C_BAD_STE, n->sid), 0, 0, 0);
	n->ste = good;
	nest_write(n);
	assert_int_equal(outcome(n), 0);
}

static void fine(struct nest *n, size_t field, uint64_t value)
{
	const struct dmasim_tables_ste good = n->ste;

	with(n, field, value);
	assert_int_equal(outcome(n), 0);
	n->ste = good;
	nest_write(n);
}

static void start(struct rig *r, struct nest *n, unsigned config)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.config = config;
	nest_write(n);
}

/* ---- V and Config ---- */

RIG_TEST(s5_2_v, NEST_FULL)
{
	struct nest n;

	start(r, &n, 7);
	n.ste.invalid = true;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	rig_expect(r, EV(EV_C_BAD_STE, N_SID), 0, 0, 0);
}

/* 0b0xx: aborts without a record, and nothing else is looked at. */
RIG_TEST(s5_2_config_abort, NEST_FULL)
{
	struct nest n;

	start(r, &n, 7);
	n.ste.s2tg = 3;
	n.ste.strw = 3;
	n.ste.s1cdmax = 31;
	for (unsigned config = 0; config < 4; config++) {
		with(&n, FIELD(config), config);
		nest_fault(&n, DMASIM_READ);
		rig_expect_none(r);
	}
}

/* 0b100: what belongs to the stages is IGNORED. */
RIG_TEST(s5_2_config_bypass, NEST_FULL)
{
	struct nest n;

	start(r, &n, 4);
	n.ste.s2tg = 3;
	n.ste.s2aa64 = 0;
	n.ste.s1cdmax = 31;
	n.ste.s1stalld = 1;
	n.ste.eats = 2;
	n.ste.strw = 3;
	fine(&n, FIELD(s2vmid), 0xffff);
}

RIG_TEST(s5_2_no_stage1, NEST_BUT(2u, 0u, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 6);
	assert_int_equal(outcome(&n), 0);
	bad(&n, FIELD(config), 5);
	bad(&n, FIELD(config), 7);
	/* STRW is IGNORED. */
	fine(&n, FIELD(strw), 3);
}

RIG_TEST(s5_2_no_stage2, NEST_LESS(I0_S2P, 0u, 0u))
{
	struct nest n;

	start(r, &n, 4);
	bad(&n, FIELD(config), 6);
	bad(&n, FIELD(config), 7);
	/* S2VMID is RES0 then. */
	fine(&n, FIELD(s2vmid), 0xffff);
}

/* ---- stage 1 ---- */

RIG_TEST(s5_2_s1fmt_without_cd2l, NEST_BUT(I0_CD2L, 0u, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 7);
	n.ste.s1cdmax = 2;
	n.ste.s1dss = 2;
	nest_write(&n);
	bad(&n, FIELD(s1fmt), 1);
	bad(&n, FIELD(s1fmt), 2);
	/* The reserved value acts as linear. */
	fine(&n, FIELD(s1fmt), 3);
	/* Without substreams it is IGNORED, and so is it in stage 2. */
	n.ste.s1cdmax = 0;
	fine(&n, FIELD(s1fmt), 1);
	n.ste.config = 6;
	n.ste.s1cdmax = 2;
	fine(&n, FIELD(s1fmt), 2);
}

RIG_TEST(s5_2_s1cdmax, .idr_clear = {0, 31u << 6}, .idr_set = {I0_S2P, 5u << 6})
{
	struct nest n;

	start(r, &n, 7);
	n.ste.s1dss = 2;
	for (unsigned max = 0; max <= 5; max++)
		fine(&n, FIELD(s1cdmax), max);
	bad(&n, FIELD(s1cdmax), 6);
	bad(&n, FIELD(s1cdmax), 31);
	n.ste.config = 6;
	fine(&n, FIELD(s1cdmax), 6);
}

RIG_TEST(s5_2_no_substreams, .idr_clear = {0, 31u << 6}, .idr_set = {I0_S2P})
{
	struct nest n;

	start(r, &n, 7);
	fine(&n, FIELD(s1cdmax), 1);
}

static void s1stalld(struct rig *r, bool legal)
{
	struct nest n;

	start(r, &n, 7);
	n.cd.s = n.ste.s2s = (rig_r32(r, IDR0) >> 24 & 3) == 2;
	nest_write(&n);
	if (legal)
		fine(&n, FIELD(s1stalld), 1);
	else
		bad(&n, FIELD(s1stalld), 1);
	n.ste.config = 6;
	fine(&n, FIELD(s1stalld), 1);
}

RIG_TEST(s5_2_s1stalld, NEST_FULL)
{
	s1stalld(r, true);
}

RIG_TEST(s5_2_s1stalld_no_stall, NEST_BUT(0u, 1u << 24, 0u, 0u, 0u, 0u))
{
	s1stalld(r, false);
}

RIG_TEST(s5_2_s1stalld_forced, NEST_BUT(0u, 2u << 24, 0u, 0u, 0u, 0u))
{
	s1stalld(r, false);
}

/* 3.4.3: above OAS, whichever stage makes the address. */
RIG_TEST(s5_2_s1contextptr, NEST_FULL, .oas_bits = 40)
{
	struct nest n;

	start(r, &n, 7);
	bad(&n, FIELD(s1contextptr), 1ull << 40);
	n.ste.config = 6;
	fine(&n, FIELD(s1contextptr), 1ull << 40);
}

/* ---- STRW, S2VMID ---- */

RIG_TEST(s5_2_strw, NEST_FULL)
{
	struct nest n;

	start(r, &n, 7);
	/* IGNORED with stage 2. */
	fine(&n, FIELD(strw), 1);
	fine(&n, FIELD(strw), 3);
	n.ste.config = 5;
	n.ste.s1contextptr = n.cd_at;
	n.ste.strw = 1;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	rig_expect(r, EV(EV_C_BAD_STE, N_SID), 0, 0, 0);
	with(&n, FIELD(strw), 3);
	nest_fault(&n, DMASIM_READ);
	rig_expect(r, EV(EV_C_BAD_STE, N_SID), 0, 0, 0);
}

RIG_TEST(s5_2_s2vmid, NEST_LESS(I0_VMID16, 0u, 0u))
{
	struct nest n;

	start(r, &n, 7);
	fine(&n, FIELD(s2vmid), 0xff);
	bad(&n, FIELD(s2vmid), 0x100);
	bad(&n, FIELD(s2vmid), 0x8003);
	/* Stage 1 alone carries a VMID as well, but not in EL2's world. */
	n.ste.config = 5;
	n.ste.s1contextptr = n.cd_at;
	n.ste.s2vmid = 0x100;
	nest_write(&n);
	assert_int_equal(outcome(&n), EV_C_BAD_STE);
	with(&n, FIELD(strw), 2);
	assert_int_not_equal(outcome(&n), EV_C_BAD_STE);
}

RIG_TEST(s5_2_s2vmid_16_bits, NEST_FULL)
{
	struct nest n;

	start(r, &n, 7);
	fine(&n, FIELD(s2vmid), 0xffff);
}

/* ---- EATS ---- */

RIG_TEST(s5_2_eats, NEST_BUT(0u, I0_ATS, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 7);
	for (unsigned eats = 0; eats < 4; eats++)
		fine(&n, FIELD(eats), eats);
	n.ste.s2s = 1;
	nest_write(&n);
	bad(&n, FIELD(eats), 1);
	bad(&n, FIELD(eats), 2);
	/* Reserved: as 0. */
	fine(&n, FIELD(eats), 3);
	/* Split stages need both. */
	n.ste.s2s = 0;
	n.ste.config = 6;
	nest_write(&n);
	bad(&n, FIELD(eats), 2);
	fine(&n, FIELD(eats), 1);
	n.ste.s2s = 1;
	nest_write(&n);
	bad(&n, FIELD(eats), 1);
	/* S2S is IGNORED without stage 2. */
	n.ste.config = 4;
	fine(&n, FIELD(eats), 2);
	fine(&n, FIELD(eats), 1);
}

RIG_TEST(s5_2_eats_ns1ats, NEST_BUT(0u, I0_ATS | I0_NS1ATS, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 7);
	bad(&n, FIELD(eats), 2);
	fine(&n, FIELD(eats), 1);
}

RIG_TEST(s5_2_eats_without_ats, NEST_LESS(I0_ATS, 0u, 0u))
{
	struct nest n;

	start(r, &n, 6);
	n.ste.s2s = 1;
	for (unsigned eats = 0; eats < 4; eats++)
		fine(&n, FIELD(eats), eats);
}

/* ---- stage 2 ---- */

RIG_TEST(s5_2_s2aa64, NEST_FULL)
{
	struct nest n;

	start(r, &n, 7);
	bad(&n, FIELD(s2aa64), 0);
}

static void s2httu(struct rig *r, bool ha, bool hd)
{
	struct nest n;

	for (unsigned config = 6; config < 8; config++) {
		start(r, &n, config);
		if (ha)
			fine(&n, FIELD(s2ha), 1);
		else
			bad(&n, FIELD(s2ha), 1);
		if (hd)
			fine(&n, FIELD(s2hd), 1);
		else
			bad(&n, FIELD(s2hd), 1);
	}
	n.ste.config = 4;
	n.ste.s2ha = 1;
	fine(&n, FIELD(s2hd), 1);
}

RIG_TEST(s5_2_s2ha_s2hd, NEST_FULL)
{
	s2httu(r, true, true);
}

RIG_TEST(s5_2_s2hd_without_dirty, NEST_BUT(I0_HTTU, I0_HTTU_AF, 0u, 0u, 0u, 0u))
{
	s2httu(r, true, false);
}

RIG_TEST(s5_2_s2ha_without_httu, NEST_LESS(I0_HTTU, 0u, 0u))
{
	s2httu(r, false, false);
}

RIG_TEST(s5_2_s2endi_little, NEST_BUT(TTENDIAN, LE_ONLY, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 6);
	bad(&n, FIELD(s2endi), 1);
	n.ste.config = 4;
	fine(&n, FIELD(s2endi), 1);
}

RIG_TEST(s5_2_s2endi_big, NEST_BUT(TTENDIAN, BE_ONLY, 0u, 0u, 0u, 0u))
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.endi2 = true});
	n.ste.config = 6;
	nest_write(&n);
	assert_int_equal(outcome(&n), 0);
	bad(&n, FIELD(s2endi), 0);
}

/* 5.5: S2S against STALL_MODEL. */
RIG_TEST(s5_2_s2s, NEST_FULL)
{
	struct nest n;

	start(r, &n, 6);
	fine(&n, FIELD(s2s), 0);
	fine(&n, FIELD(s2s), 1);
}

RIG_TEST(s5_2_s2s_no_stall, NEST_BUT(0u, 1u << 24, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 6);
	bad(&n, FIELD(s2s), 1);
	n.ste.config = 4;
	fine(&n, FIELD(s2s), 1);
}

RIG_TEST(s5_2_s2s_forced, NEST_BUT(0u, 2u << 24, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n, 6);
	n.ste.s2s = 1;
	nest_write(&n);
	bad(&n, FIELD(s2s), 0);
	n.ste.config = 4;
	fine(&n, FIELD(s2s), 0);
}

RIG_TEST(s5_2_s2tg, .idr_set = {I0_S2P}, .idr_clear = {0, 0, 0, 0, 0, 1u << 6})
{
	struct nest n;

	/* 39 bits from level 1: right for 4 and 16 KiB. */
	start(r, &n, 6);
	bad(&n, FIELD(s2tg), 3);
	n.ste.s2sl0 = 1;
	n.ste.s2t0sz = 30;
	with(&n, FIELD(s2tg), 1);
	nest_fault(&n, DMASIM_READ);
	rig_expect(r, EV(EV_C_BAD_STE, N_SID), 0, 0, 0);
}

/* The effective S2PS; 48 bits where descriptors have no more. */
RIG_TEST(s5_2_s2ttb, NEST_FULL, .oas_bits = 52)
{
	static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
	struct nest n;

	start(r, &n, 6);
	for (unsigned ps = 0; ps < 8; ps++) {
		unsigned top = bits[ps] < 48 ? bits[ps] : 48;

		n.ste.s2ps = ps;
		nest_write(&n);
		bad(&n, FIELD(s2ttb), 1ull << top);
		with(&n, FIELD(s2ttb), n.s2.ttb | 1ull << (top - 1));
		assert_int_equal(outcome(&n), EV_F_WALK_EABT);
		n.ste.s2ttb = n.s2.ttb;
	}
	/* DS: all of S2PS. */
	n.ste.s2ds = 1;
	with(&n, FIELD(s2ttb), n.s2.ttb | 1ull << 51);
	assert_int_equal(outcome(&n), EV_F_WALK_EABT);
	n.ste.s2ps = 5;
	with(&n, FIELD(s2ttb), n.s2.ttb | 1ull << 48);
	assert_int_equal(outcome(&n), EV_C_BAD_STE);
}

/* ---- S2T0SZ, S2SL0, S2TG: tables D8-19 to D8-41 of the Arm ARM ---- */

struct walk_start {
	unsigned tg, sl, low, high;
	unsigned low_ds;   /* with DS (or, 64 KiB, OAS 52); 0: never without */
	unsigned high_stt; /* with STT */
	unsigned oas;      /* at least */
};

static const struct walk_start starts[] = {
        {0, 4, 99, 0, 12, 15, 0},   {0, 2, 16, 24, 12, 24, 44},
        {0, 1, 21, 33, 21, 33, 0},  {0, 0, 30, 39, 30, 42, 0},
        {0, 3, 99, 0, 99, 48, 0},   {2, 3, 99, 0, 12, 16, 0},
        {2, 2, 16, 27, 13, 27, 42}, {2, 1, 24, 38, 24, 38, 0},
        {2, 0, 35, 39, 35, 48, 0},  {1, 2, 16, 21, 12, 21, 44},
        {1, 1, 18, 34, 18, 34, 0},  {1, 0, 31, 39, 31, 47, 0},
};

static bool legal_start(const struct dmasim_tables_ste *s, unsigned oas,
                        bool stt, bool ds_there)
{
	bool ds = ds_there && s->s2ds && s->s2tg != 1;
	bool wide = s->s2tg == 1 ? oas == 52 : ds;
	/* SL2 counts with 4 KiB and DS alone. */
	unsigned sl = ds && s->s2tg == 0 ? (unsigned)s->s2sl0
	                                 : (unsigned)s->s2sl0 & 3;

	if (s->s2t0sz < 64 - oas)
		return false;
	for (unsigned i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		const struct walk_start *w = &starts[i];
		unsigned low = wide ? w->low_ds : w->low;
		unsigned high = stt || w->high == 0 ? w->high_stt : w->high;

		if (w->tg != s->s2tg || w->sl != sl)
			continue;
		/* Level 3 with 4 KiB is for small tables alone. */
		if (w->tg == 0 && sl == 3)
			low = stt ? 39 : 99;
		return oas >= w->oas && s->s2t0sz >= low && s->s2t0sz <= high;
	}
	return false;
}

static void every_start(struct rig *r, unsigned oas, bool stt, bool ds_there)
{
	unsigned legal = 0;
	struct nest n;

	start(r, &n, 6);
	n.ste.s2ttb = 0;
	for (unsigned i = 0; i < 4096; i++) {
		bool want;

		n.ste.s2t0sz = i & 63;
		n.ste.s2sl0 = i >> 6 & 7;
		n.ste.s2tg = i >> 9 & 3;
		n.ste.s2ds = i >> 11;
		nest_write(&n);
		want = legal_start(&n.ste, oas, stt, ds_there);
		legal += want;
		if ((outcome(&n) != EV_C_BAD_STE) != want)
			fail_msg("S2TG %u S2SL0 %u S2T0SZ %u S2DS %u",
			         (unsigned)n.ste.s2tg, (unsigned)n.ste.s2sl0,
			         (unsigned)n.ste.s2t0sz, (unsigned)n.ste.s2ds);
	}
	assert_in_range(legal, 100, 1000);
}

RIG_TEST(s5_2_walk_starts_52_bits, NEST_FULL, .oas_bits = 52)
{
	every_start(r, 52, true, true);
}

RIG_TEST(s5_2_walk_starts_48_bits, NEST_FULL)
{
	every_start(r, 48, true, true);
}

RIG_TEST(s5_2_walk_starts_42_bits, NEST_LESS(0u, I3_STT, 0u), .oas_bits = 42)
{
	every_start(r, 42, false, true);
}

RIG_TEST(s5_2_walk_starts_40_bits, NEST_LESS(0u, I3_STT, I5_DS), .oas_bits = 40)
{
	every_start(r, 40, false, false);
}

/* ---- what means nothing here ---- */

/* Hints, and fields of features that are not shown. */
RIG_TEST(s5_2_no_effect, NEST_FULL)
{
	static const size_t fields[] = {
	        FIELD(cont),  FIELD(dre),     FIELD(dcp),
	        FIELD(ppar),  FIELD(mev),     FIELD(s1mpam),
	        FIELD(s1pie), FIELD(s2haft),  FIELD(s2pie),
	        FIELD(s2poe), FIELD(s2hwu),   FIELD(partid),
	        FIELD(pmg),   FIELD(mpam_ns), FIELD(sw_reserved),
	        FIELD(nscfg), FIELD(s_s2tg),  FIELD(s2sw),
	        FIELD(s2sa),  FIELD(s2nsw),   FIELD(s2nsa),
	        FIELD(s2r),
	};
	struct nest n;

	start(r, &n, 7);
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct dmasim_tables_ste good = n.ste;

		with(&n, fields[i], 1);
		nest_ok(&n, DMASIM_READ);
		nest_ok(&n, DMASIM_WRITE);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags, 0);
		n.ste = good;
	}
	fine(&n, FIELD(vmsptr), 0x000ffffffffff000);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s5_2_v),
        cmocka_unit_test(s5_2_config_abort),
        cmocka_unit_test(s5_2_config_bypass),
        cmocka_unit_test(s5_2_no_stage1),
        cmocka_unit_test(s5_2_no_stage2),
        cmocka_unit_test(s5_2_s1fmt_without_cd2l),
        cmocka_unit_test(s5_2_s1cdmax),
        cmocka_unit_test(s5_2_no_substreams),
        cmocka_unit_test(s5_2_s1stalld),
        cmocka_unit_test(s5_2_s1stalld_no_stall),
        cmocka_unit_test(s5_2_s1stalld_forced),
        cmocka_unit_test(s5_2_s1contextptr),
        cmocka_unit_test(s5_2_strw),
        cmocka_unit_test(s5_2_s2vmid),
        cmocka_unit_test(s5_2_s2vmid_16_bits),
        cmocka_unit_test(s5_2_eats),
        cmocka_unit_test(s5_2_eats_ns1ats),
        cmocka_unit_test(s5_2_eats_without_ats),
        cmocka_unit_test(s5_2_s2aa64),
        cmocka_unit_test(s5_2_s2ha_s2hd),
        cmocka_unit_test(s5_2_s2hd_without_dirty),
        cmocka_unit_test(s5_2_s2ha_without_httu),
        cmocka_unit_test(s5_2_s2endi_little),
        cmocka_unit_test(s5_2_s2endi_big),
        cmocka_unit_test(s5_2_s2s),
        cmocka_unit_test(s5_2_s2s_no_stall),
        cmocka_unit_test(s5_2_s2s_forced),
        cmocka_unit_test(s5_2_s2tg),
        cmocka_unit_test(s5_2_s2ttb),
        cmocka_unit_test(s5_2_walk_starts_52_bits),
        cmocka_unit_test(s5_2_walk_starts_48_bits),
        cmocka_unit_test(s5_2_walk_starts_42_bits),
        cmocka_unit_test(s5_2_walk_starts_40_bits),
        cmocka_unit_test(s5_2_no_effect),
};

CHECK_MAIN(tests)
