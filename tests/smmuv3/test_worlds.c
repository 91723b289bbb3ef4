/* SPDX-License-Identifier: MIT */
/* StreamWorlds (3.3.4, 5.2 STRW): what each regime has, and its tags. */
#include "nest.h"

#define VA 0x12345000ull
#define PA (RIG_DATA + 0x7000)

enum world {
	NS_EL1,
	NS_EL2, /* or EL2-E2H, by CR2 */
	S_EL1,
	S_EL2,
	EL3,
	WORLDS,
};

static const uint8_t strw[WORLDS] = {0, 2, 0, 2, 1};

/* A stream of stage 1 alone in one world, with a page at VA. */
struct stream {
	struct rig *r;
	struct secure *s; /* NULL: Non-secure */
	uint32_t sid;
	struct tables_half h;
	uint64_t cd_at;
	struct dmasim_tables_cd cd;
	struct dmasim_tables_ste ste;
};

static void write_ste(struct stream *x)
{
	struct tables *t = &x->r->t;

	dmasim_tables_write_ste(
	        t,
	        tables_ste(t, x->s ? &x->s->streams : &x->r->streams, x->sid),
	        &x->ste);
}

static void write_cd(struct stream *x)
{
	dmasim_tables_write_cd(&x->r->t, x->cd_at, &x->cd);
}

static void leaf(struct stream *x, uint64_t pa, uint64_t bits)
{
	tables_map(&x->r->t, &x->h, VA, pa, 3, bits);
}

static void open_stream(struct rig *r, struct secure *s, struct stream *x,
                        uint32_t sid, enum world w)
{
	struct dmasim_tables_cds one;

	*x = (struct stream){.r = r, .s = w >= S_EL1 ? s : NULL, .sid = sid};
	x->cd_at = tables_alloc(&r->t, 64, 64);
	one = (struct dmasim_tables_cds){.base = x->cd_at};
	assert_true(tables_half_new(&r->t, &x->h, 25, 12));
	x->cd = (struct dmasim_tables_cd){
	        .ips = 5, .r = 1, .a = 1, .asid = 1, .mair = TABLES_MAIR};
	dmasim_tables_cd_stage1(&x->cd, &x->h, NULL);
	x->ste = (struct dmasim_tables_ste){
	        .config = 5, .shcfg = 1, .strw = strw[w]};
	dmasim_tables_ste_cds(&x->ste, &one);
	write_cd(x);
	write_ste(x);
	leaf(x, PA, LEAF_RW);
}

static enum dmasim_result dma(struct stream *x, enum dmasim_op op, uint64_t va,
                              uint32_t flags)
{
	return rig_dma_flags(x->r, op, x->sid, va,
	                     flags | (x->s ? DMASIM_TXN_SEC_SID : 0));
}

static uint64_t pa_of(struct stream *x)
{
	return dma(x, DMASIM_READ, VA, 0) == DMASIM_TXN_OK
	               ? rig_last(x->r, DMASIM_CAUSE_DMA)->addr
	               : UINT64_MAX;
}

static void expect(struct stream *x, unsigned type, uint64_t word1, uint64_t va)
{
	if (x->s)
		secure_expect(x->s, EV(type, x->sid), word1, va, 0);
	else
		rig_expect(x->r, EV(type, x->sid), word1, va, 0);
}

static void bad_ste(struct stream *x)
{
	assert_int_equal(dma(x, DMASIM_READ, VA, 0), DMASIM_TXN_ABORT);
	if (x->s)
		secure_expect(x->s, EV(4, x->sid), 0, 0, 0);
	else
		rig_expect(x->r, EV(4, x->sid), 0, 0, 0);
}

/* ---- regimes of one table ---- */

/* 5.4.1: no unprivileged accesses, one table, no ASID. */
static void single(struct rig *r, struct secure *s, enum world w)
{
	struct stream x;

	open_stream(r, s, &x, 20, w);
	/* What belongs to TTB1, and EPD, is not there. */
	x.cd.epd0 = 1;
	x.cd.epd1 = 0;
	x.cd.t1sz = 63;
	x.cd.tg1 = 0;
	x.cd.ttb1 = 0xffffffffff000;
	x.cd.pan = x.cd.epan = 1;
	x.cd.e0pd0 = 1;
	write_cd(&x);
	/* AP[1] counts as 1 whoever accesses. */
	leaf(&x, PA, LEAF_RW & ~LEAF_AP1);
	assert_int_equal(dma(&x, DMASIM_READ, VA, 0), DMASIM_TXN_OK);
	assert_int_equal(dma(&x, DMASIM_WRITE, VA, 0), DMASIM_TXN_OK);
	assert_int_equal(dma(&x, DMASIM_WRITE, VA, DMASIM_TXN_PRIVILEGED),
	                 DMASIM_TXN_OK);
	/* It is not executable for being writable by EL0: there is none. */
	assert_int_equal(dma(&x, DMASIM_READ, VA, DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_OK);
	/* The upper half does not exist. */
	assert_int_equal(dma(&x, DMASIM_READ, 0xffffffff12345000, 0),
	                 DMASIM_TXN_ABORT);
	expect(&x, 0x10, EV_IN | EV_READ, 0xffffffff12345000);
}

/* Bit 54 is XN for all, bit 53 nothing; the record tells the privilege as it
 * came. */
static void single_xn(struct rig *r, struct secure *s, enum world w)
{
	struct stream x;

	open_stream(r, s, &x, 21, w);
	leaf(&x, PA, LEAF_RW | LEAF_PXN);
	for (unsigned priv = 0; priv < 2; priv++)
		assert_int_equal(
		        dma(&x, DMASIM_READ, VA, DMASIM_TXN_INSTRUCTION | priv),
		        DMASIM_TXN_OK);
	x.sid = 22;
	write_ste(&x);
	tables_map(&r->t, &x.h, VA + 0x1000, PA, 3, LEAF_RW | LEAF_UXN);
	for (unsigned priv = 0; priv < 2; priv++) {
		assert_int_equal(dma(&x, DMASIM_READ, VA + 0x1000,
		                     DMASIM_TXN_INSTRUCTION | priv),
		                 DMASIM_TXN_ABORT);
		expect(&x, 0x13, EV_IN | EV_READ | EV_IND | (priv ? EV_PNU : 0),
		       VA + 0x1000);
		assert_int_equal(dma(&x, DMASIM_READ, VA + 0x1000, priv),
		                 DMASIM_TXN_OK);
	}
}

/* Limits of tables: XNTable and no writes; the others are RES0. WXN. */
static void single_limits(struct rig *r, struct secure *s, enum world w)
{
	uint64_t va = VA + 0x40000000, at, was;
	struct stream x;

	open_stream(r, s, &x, 23, w);
	x.cd.wxn = 1;
	write_cd(&x);
	tables_map(&r->t, &x.h, va, PA, 3, LEAF_RW);
	tables_map(&r->t, &x.h, va + 0x1000, PA, 3, LEAF_RO);
	dma(&x, DMASIM_READ, va, DMASIM_TXN_INSTRUCTION);
	expect(&x, 0x13, EV_IN | EV_READ | EV_IND, va);
	assert_int_equal(
	        dma(&x, DMASIM_READ, va + 0x1000, DMASIM_TXN_INSTRUCTION),
	        DMASIM_TXN_OK);
	va = VA + 0x80000000;
	tables_map(&r->t, &x.h, va, PA, 3, LEAF_RW);
	tables_map(&r->t, &x.h, va + 0x1000, PA, 3, LEAF_RO);
	at = tables_descriptor(&r->t, &x.h, va, 1);
	was = tables_get(&r->t, at);
	tables_set(&r->t, at,
	           was | DMASIM_TABLES_APTABLE(1) | DMASIM_TABLES_PXNTABLE);
	assert_int_equal(dma(&x, DMASIM_WRITE, va, 0), DMASIM_TXN_OK);
	assert_int_equal(
	        dma(&x, DMASIM_READ, va + 0x1000, DMASIM_TXN_INSTRUCTION),
	        DMASIM_TXN_OK);
	va = VA + 0xc0000000;
	tables_map(&r->t, &x.h, va, PA, 3, LEAF_RW);
	at = tables_descriptor(&r->t, &x.h, va, 1);
	was = tables_get(&r->t, at);
	tables_set(&r->t, at,
	           was | DMASIM_TABLES_APTABLE(2) | DMASIM_TABLES_UXNTABLE);
	dma(&x, DMASIM_WRITE, va, 0);
	expect(&x, 0x13, EV_IN, va);
	dma(&x, DMASIM_READ, va, DMASIM_TXN_INSTRUCTION);
	expect(&x, 0x13, EV_IN | EV_READ | EV_IND, va);
	assert_int_equal(dma(&x, DMASIM_READ, va, 0), DMASIM_TXN_OK);
}

/* 3.17: no ASID, no VMID, nG means nothing. */
static void single_tags(struct rig *r, struct secure *s, enum world w)
{
	struct stream x, y;

	open_stream(r, s, &x, 24, w);
	tables_map(&r->t, &x.h, VA + 0x100000, PA, 3, LEAF_RW);
	assert_int_equal(dma(&x, DMASIM_READ, VA + 0x100000, 0), DMASIM_TXN_OK);
	open_stream(r, s, &y, 25, w);
	y.cd.asid = 0xabcd;
	y.cd.aset = 1;
	y.ste.s2vmid = 77;
	write_cd(&y);
	write_ste(&y);
	/* An address space that has nothing there hits the other's entry. */
	assert_int_equal(dma(&y, DMASIM_READ, VA + 0x100000, 0), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA);
}

static void single_world(struct rig *r, enum world w)
{
	struct secure s;

	secure_open(&s, r);
	single(r, &s, w);
	/* The next has other tables, and there is no ASID to tell. */
	secure_reset(&s);
	single_xn(r, &s, w);
	secure_reset(&s);
	single_limits(r, &s, w);
	secure_reset(&s);
	single_tags(r, &s, w);
	secure_expect_none(&s);
}

RIG_TEST(ns_el2, NEST_SECURE)
{
	single_world(r, NS_EL2);
}

RIG_TEST(s_el2, NEST_SECURE)
{
	single_world(r, S_EL2);
}

RIG_TEST(el3, NEST_SECURE)
{
	single_world(r, EL3);
}

/* ---- regimes of two tables ---- */

static void two_tables(struct rig *r, struct secure *s, enum world w)
{
	struct tables_half high;
	struct stream x, y;

	open_stream(r, s, &x, 30, w);
	assert_true(tables_half_new(&r->t, &high, 25, 12));
	high.upper = true;
	dmasim_tables_cd_stage1(&x.cd, &x.h, &high);
	write_cd(&x);
	tables_map(&r->t, &high, 0xffffffff12345000, PA + 0x1000, 3, LEAF_RW);
	assert_int_equal(pa_of(&x), PA);
	assert_int_equal(dma(&x, DMASIM_READ, 0xffffffff12345000, 0),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x1000);
	/* AP[1]. */
	tables_map(&r->t, &x.h, VA + 0x1000, PA, 3, LEAF_RW & ~LEAF_AP1);
	dma(&x, DMASIM_READ, VA + 0x1000, 0);
	expect(&x, 0x13, EV_IN | EV_READ, VA + 0x1000);
	assert_int_equal(
	        dma(&x, DMASIM_READ, VA + 0x1000, DMASIM_TXN_PRIVILEGED),
	        DMASIM_TXN_OK);
	/* Another ASID has another entry. */
	open_stream(r, s, &y, 31, w);
	y.cd.asid = 2;
	write_cd(&y);
	leaf(&y, PA + 0x5000, LEAF_RW);
	assert_int_equal(pa_of(&y), PA + 0x5000);
	assert_int_equal(pa_of(&x), PA);
	/* The same ASID, the same. */
	open_stream(r, s, &y, 32, w);
	leaf(&y, PA + 0x5000, LEAF_RW);
	assert_int_equal(pa_of(&y), PA);
	/* Global, of the same ASET. */
	open_stream(r, s, &y, 33, w);
	y.cd.asid = 3;
	write_cd(&y);
	tables_map(&r->t, &x.h, VA + 0x2000, PA, 3, LEAF_RW & ~LEAF_NG);
	assert_int_equal(dma(&x, DMASIM_READ, VA + 0x2000, 0), DMASIM_TXN_OK);
	assert_int_equal(dma(&y, DMASIM_READ, VA + 0x2000, 0), DMASIM_TXN_OK);
	open_stream(r, s, &y, 34, w);
	y.cd.asid = 4;
	y.cd.aset = 1;
	write_cd(&y);
	dma(&y, DMASIM_READ, VA + 0x2000, 0);
	expect(&y, 0x10, EV_IN | EV_READ, VA + 0x2000);
}

RIG_TEST(el1, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	two_tables(r, &s, NS_EL1);
	two_tables(r, &s, S_EL1);
}

/* CR2.E2H: 3.17.5. */
RIG_TEST(el2_e2h, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	rig_w32(r, CR0, EN_CMDQ | EN_EVENTQ);
	rig_w32(r, S(CR0), EN_CMDQ | EN_EVENTQ);
	rig_w32(r, CR2, 3);
	rig_w32(r, S(CR2), 1);
	rig_w32(r, CR0, EN_ALL);
	rig_w32(r, S(CR0), EN_ALL);
	two_tables(r, &s, NS_EL2);
	two_tables(r, &s, S_EL2);
	single_tags(r, &s, EL3);
}

/* Each side has its own E2H. */
RIG_TEST(e2h_of_one_side, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	rig_w32(r, S(CR0), EN_CMDQ | EN_EVENTQ);
	rig_w32(r, S(CR2), 1);
	rig_w32(r, S(CR0), EN_ALL);
	two_tables(r, &s, S_EL2);
	single(r, &s, NS_EL2);
}

/* ---- no world sees another's ---- */

RIG_TEST(worlds_apart, NEST_SECURE)
{
	struct stream x[WORLDS];
	struct secure s;

	secure_open(&s, r);
	for (unsigned w = 0; w < WORLDS; w++) {
		open_stream(r, &s, &x[w], 40 + w, (enum world)w);
		leaf(&x[w], PA + 0x1000 * w, LEAF_RW);
	}
	for (unsigned twice = 0; twice < 2; twice++)
		for (unsigned w = 0; w < WORLDS; w++)
			assert_int_equal(pa_of(&x[w]), PA + 0x1000 * w);
	/* Global entries neither. */
	secure_reset(&s);
	for (unsigned w = 0; w < WORLDS; w++)
		leaf(&x[w], PA + 0x1000 * w, LEAF_RW & ~LEAF_NG);
	for (unsigned twice = 0; twice < 2; twice++)
		for (unsigned w = 0; w < WORLDS; w++)
			assert_int_equal(pa_of(&x[w]), PA + 0x1000 * w);
}

/* 3.10.2.2: stage 1 alone of a Secure stream has VMID 0, whatever S2VMID. */
RIG_TEST(secure_stage1_has_vmid_0, NEST_SECURE)
{
	struct stream x, y;
	struct secure s;

	secure_open(&s, r);
	open_stream(r, &s, &x, 50, S_EL1);
	open_stream(r, &s, &y, 51, S_EL1);
	y.ste.s2vmid = 9;
	write_ste(&y);
	leaf(&y, PA + 0x1000, LEAF_RW);
	assert_int_equal(pa_of(&x), PA);
	assert_int_equal(pa_of(&y), PA);
	/* Non-secure: S2VMID counts. */
	open_stream(r, &s, &x, 52, NS_EL1);
	open_stream(r, &s, &y, 53, NS_EL1);
	y.ste.s2vmid = 9;
	write_ste(&y);
	leaf(&y, PA + 0x1000, LEAF_RW);
	assert_int_equal(pa_of(&x), PA);
	assert_int_equal(pa_of(&y), PA + 0x1000);
}

/* ---- STRW: which are there ---- */

RIG_TEST(reserved_worlds, NEST_SECURE)
{
	struct secure s;
	struct stream x;

	secure_open(&s, r);
	for (unsigned bad = 1; bad < 4; bad += 2) {
		open_stream(r, &s, &x, 60 + bad, NS_EL1);
		x.ste.strw = bad;
		write_ste(&x);
		bad_ste(&x);
	}
	open_stream(r, &s, &x, 64, S_EL1);
	x.ste.strw = 3;
	write_ste(&x);
	bad_ste(&x);
}

RIG_TEST(no_secure_el2, NEST_FULL, .s_idr = {0, 1u << 31 | 16u})
{
	struct secure s;
	struct stream x;

	secure_open(&s, r);
	open_stream(r, &s, &x, 60, S_EL2);
	bad_ste(&x);
	open_stream(r, &s, &x, 61, EL3);
	assert_int_equal(pa_of(&x), PA);
	/* Stage 2 of a Secure stream neither. */
	x.sid = 62;
	x.ste.config = 6;
	write_ste(&x);
	bad_ste(&x);
	x.sid = 63;
	x.ste.config = 7;
	x.ste.strw = 0;
	write_ste(&x);
	bad_ste(&x);
}

/* Without Hyp, or with stage 2, STRW is IGNORED: EL1. */
RIG_TEST(world_is_ignored, NEST_LESS(I0_HYP, 0u, 0u))
{
	struct stream x, y;

	for (unsigned i = 1; i < 4; i++) {
		open_stream(r, NULL, &x, 60 + i, NS_EL1);
		x.ste.strw = i;
		x.cd.asid = i;
		write_ste(&x);
		write_cd(&x);
		leaf(&x, PA + 0x1000 * i, LEAF_RW);
		assert_int_equal(pa_of(&x), PA + 0x1000 * i);
	}
	/* It shares entries with the EL1 world. */
	open_stream(r, NULL, &y, 70, NS_EL1);
	y.cd.asid = 3;
	write_cd(&y);
	assert_int_equal(pa_of(&y), PA + 0x3000);
}

RIG_TEST(stage2_is_el1, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	for (unsigned i = 0; i < 4; i++) {
		n.ste.strw = i;
		nest_write(&n);
		nest_ok(&n, DMASIM_READ);
		/* AP[1] counts. */
		nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AP1);
		rig_flush(r);
		nest_fault(&n, DMASIM_READ);
		nest_expect(&n, EV_F_PERMISSION, EV_IN | EV_READ, N_VA + 0x124,
		            0);
		nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW);
	}
}

/* ---- small rules of stage 1 ---- */

/* 5.4, E0PD: unprivileged accesses fault as if nothing were mapped. */
static void no_el0(struct stream *x, uint32_t flags)
{
	assert_int_equal(dma(x, DMASIM_READ, VA, flags), DMASIM_TXN_ABORT);
	expect(x, 0x10,
	       EV_IN | EV_READ | (flags & DMASIM_TXN_INSTRUCTION ? EV_IND : 0),
	       VA);
	assert_int_equal(dma(x, DMASIM_READ, VA, flags | DMASIM_TXN_PRIVILEGED),
	                 DMASIM_TXN_OK);
}

RIG_TEST(e0pd, NEST_FULL)
{
	struct stream x;

	open_stream(r, NULL, &x, 10, NS_EL1);
	x.cd.e0pd0 = 1;
	write_cd(&x);
	leaf(&x, PA, LEAF_RO);
	for (unsigned twice = 0; twice < 2; twice++) {
		no_el0(&x, 0);
		no_el0(&x, DMASIM_TXN_INSTRUCTION);
	}
	/* Of the other half. */
	x.cd.e0pd0 = 0;
	x.cd.e0pd1 = 1;
	write_cd(&x);
	rig_flush(r);
	assert_int_equal(pa_of(&x), PA);
}

RIG_TEST(no_e0pd, NEST_LESS(0u, I3_E0PD, 0u))
{
	struct stream x;

	open_stream(r, NULL, &x, 10, NS_EL1);
	x.cd.e0pd0 = 1;
	write_cd(&x);
	assert_int_equal(pa_of(&x), PA);
}

/* 5.4, EPAN: pages that EL0 may only execute count for PAN, too. */
RIG_TEST(epan, NEST_FULL)
{
	uint64_t exec_only = LEAF_RW & ~LEAF_AP1;
	struct stream x;

	open_stream(r, NULL, &x, 10, NS_EL1);
	leaf(&x, PA, exec_only);
	x.cd.pan = 1;
	write_cd(&x);
	assert_int_equal(dma(&x, DMASIM_READ, VA, DMASIM_TXN_PRIVILEGED),
	                 DMASIM_TXN_OK);
	x.cd.epan = 1;
	write_cd(&x);
	rig_flush(r);
	for (unsigned write = 0; write < 2; write++) {
		dma(&x, write ? DMASIM_WRITE : DMASIM_READ, VA,
		    DMASIM_TXN_PRIVILEGED);
		expect(&x, 0x13, EV_IN | EV_PNU | (write ? 0 : EV_READ), VA);
	}
	leaf(&x, PA, exec_only | LEAF_UXN);
	rig_flush(r);
	assert_int_equal(dma(&x, DMASIM_READ, VA, DMASIM_TXN_PRIVILEGED),
	                 DMASIM_TXN_OK);
	/* Without PAN it is nothing. */
	leaf(&x, PA, exec_only);
	x.cd.pan = 0;
	write_cd(&x);
	rig_flush(r);
	assert_int_equal(dma(&x, DMASIM_READ, VA, DMASIM_TXN_PRIVILEGED),
	                 DMASIM_TXN_OK);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ns_el2),
        cmocka_unit_test(s_el2),
        cmocka_unit_test(el3),
        cmocka_unit_test(el1),
        cmocka_unit_test(el2_e2h),
        cmocka_unit_test(e2h_of_one_side),
        cmocka_unit_test(worlds_apart),
        cmocka_unit_test(secure_stage1_has_vmid_0),
        cmocka_unit_test(reserved_worlds),
        cmocka_unit_test(no_secure_el2),
        cmocka_unit_test(world_is_ignored),
        cmocka_unit_test(stage2_is_el1),
        cmocka_unit_test(e0pd),
        cmocka_unit_test(no_e0pd),
        cmocka_unit_test(epan),
};

CHECK_MAIN(tests)
