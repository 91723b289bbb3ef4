/* SPDX-License-Identifier: MIT */
/* Secure streams (3.10): which address space every access is in. */
#include "nest.h"

#define VA     (N_VA + 0x124)
#define SECURE DMASIM_TXN_SECURE
#define SIF    (1u << 5)
/* Where the Secure IPA space has N_IPA, if it has tables of its own. */
#define N_PA_S (N_PA + 0x10000)

struct sec {
	struct secure s;
	struct nest n;
	struct tables_half s2; /* of Secure IPAs */
};

static void open_sec(struct rig *r, struct sec *x, unsigned config)
{
	secure_open(&x->s, r);
	nest_new(r, &x->n, &(struct nest_options){.secure = &x->s});
	x->n.ste.config = config;
	if (config == 5) {
		/* Stage 1 alone: everything at its address in RAM. */
		x->n.ste.s1contextptr = x->n.cd_at;
		x->n.cd.ttb0 -= NEST_SHIFT;
		for (int level = 0; level < 3; level++) {
			uint64_t d = nest_get1(&x->n, N_VA, level);

			nest_set1(&x->n, N_VA, level, d - NEST_SHIFT);
			x->n.guest.shift = 0;
			x->n.s1.ttb = x->n.cd.ttb0;
		}
		nest_map1(&x->n, N_VA, N_PA, 3, LEAF_RW);
	}
	nest_write(&x->n);
}

/* Another table for the Secure IPA space, of the guest and N_IPA. */
static void second_table(struct sec *x)
{
	struct tables_half shared = x->n.s2;

	x->n.s2.ttb = 0;
	assert_int_equal(dmasim_tables_space_new(&x->n.r->t, &x->n.s2),
	                 DMASIM_OK);
	for (uint64_t at = NEST_GUEST; at < NEST_GUEST + NEST_GUEST_SIZE;
	     at += 0x1000)
		nest_map2(&x->n, NEST_IPA(at), at, 3, S2_RW);
	nest_map2(&x->n, N_IPA, N_PA_S, 3, S2_RW);
	x->s2 = x->n.s2;
	x->n.s2 = shared;
	x->n.ste.s_s2ttb = x->s2.ttb;
	nest_write(&x->n);
}

/* Flags of the last access that came out; it must be at @pa. */
static uint32_t space_of(struct sec *x, uint64_t va, uint32_t flags,
                         uint64_t pa)
{
	const struct rig_access *a;

	assert_int_equal(secure_dma(&x->s, DMASIM_READ, N_SID, va, flags),
	                 DMASIM_TXN_OK);
	secure_expect_none(&x->s);
	a = rig_last(x->n.r, DMASIM_CAUSE_DMA);
	assert_int_equal(a->addr, pa);
	return a->flags & SECURE;
}

/* The address spaces of the SMMU's own accesses of one kind, by the name it
 * begins with. */
static void own(const struct rig *r, const char *what, uint32_t space)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->logged; i++) {
		if (strncmp(r->log[i].what, what, strlen(what)) != 0)
			continue;
		assert_int_equal(r->log[i].flags & SECURE, space);
		n++;
	}
	assert_true(n > 0);
}

/* ---- stage 1 ---- */

RIG_TEST(structures_are_secure, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 5);
	assert_int_equal(space_of(&x, VA, SECURE, N_PA + 0x124), SECURE);
	own(r, "STE", SECURE);
	own(r, "CD", SECURE);
	own(r, "level", SECURE);
	/* 13.4.2: the input's NS plays no part. */
	secure_reset(&x.s);
	assert_int_equal(space_of(&x, VA, 0, N_PA + 0x124), SECURE);
}

RIG_TEST(ns_of_the_leaf, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 5);
	nest_map1(&x.n, N_VA, N_PA, 3, LEAF_RW | DMASIM_TABLES_NS);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(space_of(&x, VA, SECURE, N_PA + 0x124), 0);
	own(r, "level", SECURE);
}

/* NSTable: the tables below, and what they map. */
RIG_TEST(ns_table, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 5);
	nest_set1(&x.n, N_VA, 1,
	          nest_get1(&x.n, N_VA, 1) | DMASIM_TABLES_NSTABLE);
	nest_write(&x.n);
	assert_int_equal(space_of(&x, VA, SECURE, N_PA + 0x124), 0);
	own(r, "level 0", SECURE);
	own(r, "level 1", SECURE);
	own(r, "level 2", 0);
	own(r, "level 3", 0);
	/* From a table that was kept, too. */
	nest_map1(&x.n, N_VA + 0x1000, N_PA + 0x1000, 3, LEAF_RW);
	r->logged = 0;
	assert_int_equal(space_of(&x, N_VA + 0x1000, SECURE, N_PA + 0x1000), 0);
	own(r, "level 3", 0);
}

/* CD.NSCFG0. */
RIG_TEST(ns_of_the_start, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 5);
	x.n.cd.nscfg1 = 1;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, VA, SECURE, N_PA + 0x124), SECURE);
	x.n.cd.nscfg0 = 1;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, VA, SECURE, N_PA + 0x124), 0);
	own(r, "CD", SECURE);
	own(r, "level", 0);
}

/* Stream @sid as the other, but with an ASID of its own, and what it maps. */
static void twin(struct sec *x, uint32_t sid, uint64_t asid, uint64_t pa)
{
	nest_map1(&x->n, N_VA, pa, 3, LEAF_RW & ~LEAF_NG);
	x->n.sid = sid;
	x->n.cd_at += 64;
	x->n.ste.s1contextptr = x->n.cd_at;
	x->n.cd.asid = asid;
	nest_write_ste(&x->n);
	nest_write_cd(&x->n);
}

static uint64_t twin_pa(struct sec *x)
{
	secure_dma(&x->s, DMASIM_READ, x->n.sid, N_VA, SECURE);
	secure_expect_none(&x->s);
	return rig_last(x->n.r, DMASIM_CAUSE_DMA)->addr;
}

/* 3.17.1: what comes from Non-secure tables is never global. */
RIG_TEST(ns_is_not_global, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 5);
	twin(&x, 10, 8, N_PA);
	assert_int_equal(twin_pa(&x), N_PA);
	twin(&x, 11, 9, N_PA + 0x1000);
	assert_int_equal(twin_pa(&x), N_PA);
	secure_reset(&x.s);
	/* Though the leaf says so. */
	x.n.cd.nscfg0 = 1;
	twin(&x, 12, 10, N_PA);
	assert_int_equal(twin_pa(&x), N_PA);
	twin(&x, 13, 11, N_PA + 0x1000);
	assert_int_equal(twin_pa(&x), N_PA + 0x1000);
}

/* 13.1.2: of a Non-secure stream all is Non-secure, whatever it says. */
RIG_TEST(nonsecure_streams, NEST_SECURE)
{
	struct secure s;
	struct nest n;

	secure_open(&s, r);
	nest_new(r, &n, &(struct nest_options){0});
	n.cd.nscfg0 = 1;
	n.ste.nscfg = 2;
	nest_write(&n);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, N_SID, VA, SECURE),
	                 DMASIM_TXN_OK);
	for (unsigned i = 0; i < r->logged; i++)
		assert_int_equal(r->log[i].flags & SECURE, 0);
	n.ste.config = 4;
	nest_write(&n);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, N_SID, N_PA, SECURE),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags & SECURE, 0);
	rig_w32(r, CR0, 0);
	rig_dma_flags(r, DMASIM_READ, N_SID, N_PA, SECURE);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags & SECURE, 0);
}

/* ---- without translation ---- */

/* NSCFG: 0 and 1 take what comes, 2 Secure, 3 Non-secure. */
static const uint32_t by_nscfg[4][2] = {
        {0, SECURE}, {0, SECURE}, {SECURE, SECURE}, {0, 0}};

RIG_TEST(nscfg_of_bypass, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 4);
	for (unsigned i = 0; i < 8; i++) {
		x.n.ste.nscfg = i >> 1;
		nest_write(&x.n);
		assert_int_equal(space_of(&x, N_PA, i & 1 ? SECURE : 0, N_PA),
		                 by_nscfg[i >> 1][i & 1]);
	}
}

/* Without ATTR_PERMS_OVR it is fixed to what comes. */
RIG_TEST(nscfg_is_not_there, .idr_clear = {0, 1u << 26},
         .s_idr = {0, 1u << 31 | 16u})
{
	struct secure s;

	secure_open(&s, r);
	for (unsigned i = 0; i < 8; i++) {
		const struct dmasim_tables_ste ste = {
		        .config = 4, .shcfg = 1, .nscfg = i >> 1};

		dmasim_tables_write_ste(&r->t, tables_ste(&r->t, &s.streams, i),
		                        &ste);
		secure_dma(&s, DMASIM_READ, i, N_PA, i & 1 ? SECURE : 0);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags & SECURE,
		                 i & 1 ? SECURE : 0);
	}
}

/* 13.2: S_GBPA.NSCFG, with S_CR0.SMMUEN = 0. */
RIG_TEST(nscfg_of_gbpa, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 7);
	rig_w32(r, S(CR0), 0);
	for (unsigned i = 0; i < 8; i++) {
		rig_w32(r, S(GBPA), 1u << 31 | 1u << 12 | (i >> 1) << 14);
		assert_int_equal(space_of(&x, N_PA, i & 1 ? SECURE : 0, N_PA),
		                 by_nscfg[i >> 1][i & 1]);
	}
}

/* ---- stage 2: two IPA spaces ---- */

/* 3.10.2.2: the table, the space of walks, and the space that comes out. */
static void check_spaces(struct sec *x, bool ns_ipa, unsigned bits)
{
	bool nsw = bits & 1, nsa = bits & 2, sw = bits & 4, sa = bits & 8;
	bool out_ns = ns_ipa ? nsw || nsa || sw || sa : sw || sa;

	assert_int_equal(space_of(x, N_IPA, 0, ns_ipa ? N_PA : N_PA_S),
	                 out_ns ? 0 : SECURE);
	own(x->n.r, "stage 2", (ns_ipa ? nsw : sw) ? 0 : SECURE);
}

RIG_TEST(stage2_spaces, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 6);
	second_table(&x);
	for (unsigned i = 0; i < 32; i++) {
		x.n.ste.s2nsw = i & 1;
		x.n.ste.s2nsa = i >> 1 & 1;
		x.n.ste.s2sw = i >> 2 & 1;
		x.n.ste.s2sa = i >> 3 & 1;
		x.n.ste.nscfg = i & 16 ? 3 : 2;
		nest_write(&x.n);
		check_spaces(&x, i & 16, i);
		/* And from the TLB. */
		check_spaces(&x, i & 16, i);
	}
}

/* With stage 1, its NS chooses; CDs and tables are Secure IPAs. */
RIG_TEST(nested_spaces, NEST_SECURE, .pend = true)
{
	struct sec x;

	open_sec(r, &x, 7);
	second_table(&x);
	x.n.ste.s2nsa = 1;
	nest_write(&x.n);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(space_of(&x, VA, 0, N_PA_S + 0x124), SECURE);
	nest_map1(&x.n, N_VA, N_IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	nest_write(&x.n);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(space_of(&x, VA, 0, N_PA + 0x124), 0);
	own(r, "CD", SECURE);
	own(r, "level", SECURE);
	/* A Secure IPA that stage 2 leads out. */
	x.n.ste.s2sa = 1;
	nest_map1(&x.n, N_VA, N_IPA, 3, LEAF_RW);
	nest_write(&x.n);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(space_of(&x, VA, SECURE, N_PA_S + 0x124), 0);
	own(r, "level", 0);
	own(r, "stage 2", SECURE);
	/* And a Non-secure one that it leads nowhere else. */
	x.n.ste.s2sa = x.n.ste.s2nsa = 0;
	nest_map1(&x.n, N_VA, N_IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	nest_write(&x.n);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(space_of(&x, VA, 0, N_PA + 0x124), SECURE);
	x.n.ste.s2nsa = 1;
	/* Tables in the Non-secure IPA space are translated there. */
	x.n.cd.nscfg0 = 1;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, VA, 0, N_PA + 0x124), 0);
	own(r, "CD", SECURE);
	own(r, "level", 0);
	own(r, "stage 2", SECURE);
}

/* S1DSS: stage 2 alone, and NSCFG chooses the space. */
RIG_TEST(bypass_of_stage1, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 7);
	second_table(&x);
	x.n.ste.s1cdmax = 1;
	x.n.ste.s1dss = 1;
	x.n.ste.nscfg = 2;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, N_IPA, 0, N_PA_S), SECURE);
	x.n.ste.nscfg = 3;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, N_IPA, SECURE, N_PA), SECURE);
	x.n.ste.s2nsa = 1;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, N_IPA, SECURE, N_PA), 0);
}

/* 3.13: updates go where the descriptors are: of stage 2, by S2SW; of stage 1,
 * where stage 2 leads. */
static void update(struct sec *x, bool sw)
{
	struct rig *r = x->n.r;
	unsigned n = 0;

	x->n.ste.s2sw = sw;
	nest_map1(&x->n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AF);
	nest_map2(&x->n, N_IPA, N_PA, 3, S2_RW & ~DMASIM_TABLES_AF);
	nest_write(&x->n);
	assert_int_equal(space_of(x, VA, SECURE, N_PA + 0x124),
	                 sw ? 0 : SECURE);
	for (unsigned i = 0; i < r->logged; i++) {
		if (r->log[i].op != DMASIM_ATOMIC_CAS)
			continue;
		assert_int_equal(r->log[i].flags & SECURE, sw ? 0 : SECURE);
		n++;
	}
	assert_int_equal(n, 2);
}

RIG_TEST(updates, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 7);
	x.n.cd.ha = x.n.ste.s2ha = 1;
	update(&x, true);
	update(&x, false);
}

/* 7.3: NSIPA says which of the two. */
RIG_TEST(nsipa, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 7);
	second_table(&x);
	nest_map2(&x.n, N_IPA, N_PA, 3, S2_RO);
	nest_map1(&x.n, N_VA, N_IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	nest_write(&x.n);
	for (unsigned twice = 0; twice < 2; twice++) {
		nest_fault(&x.n, DMASIM_WRITE);
		nest_expect(&x.n, EV_F_PERMISSION, EV_S2 | EV_NSIPA | EV_IN, VA,
		            N_IPA);
		nest_ok(&x.n, DMASIM_READ);
	}
	x.n.s2 = x.s2;
	nest_map2(&x.n, N_IPA, N_PA_S, 3, S2_RO);
	nest_map1(&x.n, N_VA, N_IPA, 3, LEAF_RW);
	nest_write(&x.n);
	for (unsigned twice = 0; twice < 2; twice++) {
		nest_fault(&x.n, DMASIM_WRITE);
		nest_expect(&x.n, EV_F_PERMISSION, EV_S2 | EV_IN, VA, N_IPA);
		space_of(&x, VA, 0, N_PA_S + 0x124);
	}
	nest_guard(&x.n, nest_at1(&x.n, N_VA, 3), 0);
	nest_write(&x.n);
	nest_fault(&x.n, DMASIM_WRITE);
	nest_expect(&x.n, EV_F_ACCESS, EV_S2 | EV_TT, VA,
	            NEST_IPA(nest_at1(&x.n, N_VA, 3)) & ~0xfffull);
}

/* The Secure table's own geometry: each field checked by itself. */
RIG_TEST(secure_table_illegal, NEST_SECURE)
{
	struct dmasim_tables_ste good;
	struct sec x;

	open_sec(r, &x, 6);
	good = x.n.ste;
	for (unsigned i = 0; i < 4; i++) {
		x.n.ste = good;
		if (i == 0)
			x.n.ste.s_s2tg = 3;
		if (i == 1)
			x.n.ste.s_s2t0sz = 49;
		if (i == 2)
			x.n.ste.s_s2sl0 = 0;
		if (i == 3)
			x.n.ste.s_s2ttb = 1ull << 48;
		nest_write(&x.n);
		assert_int_equal(secure_dma(&x.s, DMASIM_READ, N_SID, N_IPA, 0),
		                 DMASIM_TXN_ABORT);
		secure_expect(&x.s, EV(EV_C_BAD_STE, N_SID), 0, 0, 0);
	}
	/* Of a Non-secure stream these fields are nothing. */
	x.n.secure = NULL;
	x.n.flags = 0;
	x.n.ste.s_s2tg = 3;
	nest_write(&x.n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA), N_PA);
}

/* Secure VMIDs are a space of their own. */
RIG_TEST(vmids_apart, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 7);
	nest_ok(&x.n, DMASIM_READ);
	x.n.secure = NULL;
	x.n.flags = 0;
	nest_write_ste(&x.n);
	nest_map1(&x.n, N_VA, N_IPA + 0x1000, 3, LEAF_RW);
	nest_map2(&x.n, N_IPA + 0x1000, N_PA + 0x1000, 3, S2_RW);
	assert_int_equal(rig_pa(r, N_SID, VA), N_PA + 0x1124);
	x.n.secure = &x.s;
	x.n.flags = SECURE | DMASIM_TXN_SEC_SID;
	nest_ok(&x.n, DMASIM_READ);
}

/* ---- SIF (6.3.57) ---- */

static void no_fetch(struct sec *x, uint64_t va)
{
	assert_int_equal(secure_dma(&x->s, DMASIM_READ, N_SID, va,
	                            DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_ABORT);
	secure_expect(&x->s, EV(EV_F_PERMISSION, N_SID),
	              EV_IN | EV_READ | EV_IND, va, 0);
}

RIG_TEST(fetch_through_stage1, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 5);
	nest_map1(&x.n, N_VA, N_PA, 3, LEAF_RW | DMASIM_TABLES_NS);
	assert_int_equal(space_of(&x, VA, DMASIM_TXN_INSTRUCTION, N_PA + 0x124),
	                 0);
	rig_w32(r, S(CR0), EN_ALL | SIF);
	secure_reset(&x.s);
	no_fetch(&x, VA);
	assert_int_equal(space_of(&x, VA, 0, N_PA + 0x124), 0);
	no_fetch(&x, VA);
	/* By INSTCFG; and data by INSTCFG. */
	x.n.ste.instcfg = 3;
	nest_write(&x.n);
	secure_dma(&x.s, DMASIM_READ, N_SID, VA, 0);
	secure_expect(&x.s, EV(EV_F_PERMISSION, N_SID),
	              EV_IN | EV_READ | EV_IND, VA, 0);
	x.n.ste.instcfg = 2;
	nest_write(&x.n);
	space_of(&x, VA, DMASIM_TXN_INSTRUCTION, N_PA + 0x124);
	/* CD.R governs the record. */
	x.n.ste.instcfg = 0;
	x.n.cd.r = 0;
	nest_write(&x.n);
	assert_int_equal(secure_dma(&x.s, DMASIM_READ, N_SID, VA,
	                            DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_ABORT);
	secure_expect_none(&x.s);
	/* Secure memory is all right. */
	nest_map1(&x.n, N_VA, N_PA, 3, LEAF_RW);
	nest_write(&x.n);
	space_of(&x, VA, DMASIM_TXN_INSTRUCTION, N_PA + 0x124);
}

RIG_TEST(fetch_without_stage1, NEST_SECURE)
{
	struct sec x;

	open_sec(r, &x, 4);
	rig_w32(r, S(CR0), EN_ALL | SIF);
	secure_reset(&x.s);
	no_fetch(&x, N_PA);
	/* An address that is too large is so first (7.3.22). */
	secure_dma(&x.s, DMASIM_READ, N_SID, 1ull << 60,
	           DMASIM_TXN_INSTRUCTION);
	secure_expect(&x.s, EV(EV_F_ADDR_SIZE, N_SID), EV_IN | EV_READ | EV_IND,
	              1ull << 60, 0);
	space_of(&x, N_PA, DMASIM_TXN_INSTRUCTION | SECURE, N_PA);
	x.n.ste.nscfg = 2;
	nest_write(&x.n);
	space_of(&x, N_PA, DMASIM_TXN_INSTRUCTION, N_PA);
	/* Stage 2 alone: the IPA space counts. */
	x.n.ste.config = 6;
	x.n.ste.s2sa = 1;
	nest_write(&x.n);
	assert_int_equal(space_of(&x, N_IPA, DMASIM_TXN_INSTRUCTION, N_PA), 0);
	x.n.ste.nscfg = 0;
	nest_write(&x.n);
	no_fetch(&x, N_IPA);
	/* Nested, by what stage 1 says. */
	x.n.ste.config = 7;
	nest_write(&x.n);
	space_of(&x, VA, DMASIM_TXN_INSTRUCTION, N_PA + 0x124);
	nest_map1(&x.n, N_VA, N_IPA, 3, LEAF_RW | DMASIM_TABLES_NS);
	nest_write(&x.n);
	no_fetch(&x, VA);
	/* Disabled: aborted without a record. */
	rig_w32(r, S(CR0), EN_EVENTQ | SIF);
	assert_int_equal(secure_dma(&x.s, DMASIM_READ, N_SID, N_PA,
	                            DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_ABORT);
	secure_expect_none(&x.s);
	assert_int_equal(space_of(&x, N_PA, 0, N_PA), 0);
	assert_int_equal(
	        space_of(&x, N_PA, DMASIM_TXN_INSTRUCTION | SECURE, N_PA),
	        SECURE);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(structures_are_secure),
        cmocka_unit_test(ns_of_the_leaf),
        cmocka_unit_test(ns_table),
        cmocka_unit_test(ns_of_the_start),
        cmocka_unit_test(ns_is_not_global),
        cmocka_unit_test(nonsecure_streams),
        cmocka_unit_test(nscfg_of_bypass),
        cmocka_unit_test(nscfg_is_not_there),
        cmocka_unit_test(nscfg_of_gbpa),
        cmocka_unit_test(stage2_spaces),
        cmocka_unit_test(nested_spaces),
        cmocka_unit_test(bypass_of_stage1),
        cmocka_unit_test(updates),
        cmocka_unit_test(nsipa),
        cmocka_unit_test(secure_table_illegal),
        cmocka_unit_test(vmids_apart),
        cmocka_unit_test(fetch_through_stage1),
        cmocka_unit_test(fetch_without_stage1),
};

CHECK_MAIN(tests)
