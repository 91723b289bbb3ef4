/* SPDX-License-Identifier: MIT */
/* IHI 0070, 7.3.12 to 7.3.16 and 7.3.22 with stage 2: the record of every
 * fault of every class of access, and which of several comes first. */
#include "nest.h"

#define VA (N_VA + 0x124)

/* An access that stage 2 translates on the way: at an address of RAM, or the
 * data itself. */
struct target {
	uint64_t ipa; /* its page */
	uint64_t pa;  /* where stage 2 puts the page */
	uint64_t class;
	bool tt;
};

/* The CD, the descriptors of the four levels of stage 1, the data. */
#define TARGETS 6u

static struct target target(struct nest *n, unsigned i)
{
	struct target t = {.ipa = N_IPA, .pa = N_PA, .class = EV_IN};
	uint64_t at;

	if (i == 5)
		return t;
	at = i == 0 ? n->cd_at : nest_at1(n, N_VA, (int)i - 1);
	t.pa = at & ~0xfffull;
	t.ipa = NEST_IPA(t.pa);
	t.class = i == 0 ? EV_CD : EV_TT;
	t.tt = i != 0;
	return t;
}

static void open_nest(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	/* 44 bits, so that an output can be too large. */
	n->ste.s2ps = 4;
	n->cd.ips = 4;
	nest_write(n);
}

/* An access of each kind, and the bits of its record. */
static const struct {
	enum dmasim_op op;
	uint32_t flags;
	uint64_t word1;
} kinds[] = {
        {DMASIM_READ, 0, EV_READ},
        {DMASIM_WRITE, 0, 0},
        {DMASIM_READ, DMASIM_TXN_PRIVILEGED, EV_READ | EV_PNU},
        {DMASIM_WRITE, DMASIM_TXN_PRIVILEGED, EV_PNU},
        {DMASIM_READ, DMASIM_TXN_INSTRUCTION, EV_READ | EV_IND},
        /* 13.1.2: writes are data. */
        {DMASIM_WRITE, DMASIM_TXN_INSTRUCTION, 0},
        {DMASIM_ATOMIC_EOR, 0, 0},
};

/* Each kind meets a fault that is recorded so. */
static void each_kind(struct nest *n, unsigned type, uint64_t word1,
                      uint64_t word3)
{
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		rig_flush(n->r);
		assert_int_equal(rig_dma_flags(n->r, kinds[k].op, N_SID, VA,
		                               kinds[k].flags),
		                 DMASIM_TXN_ABORT);
		nest_expect(n, type, word1 | kinds[k].word1, VA, word3);
	}
}

static void leaf_is(struct nest *n, const struct target *t, uint64_t pa,
                    uint64_t bits)
{
	nest_map2(n, t->ipa, pa, 3, bits);
	rig_flush(n->r);
}

/* Every class: @bits in the leaf of stage 2, @more above its address. */
static void every_class(struct rig *r, unsigned type, uint64_t more,
                        uint64_t bits)
{
	struct nest n;

	open_nest(r, &n);
	for (unsigned i = 0; i < TARGETS; i++) {
		struct target t = target(&n, i);

		leaf_is(&n, &t, t.pa | more, bits);
		each_kind(&n, type, EV_S2 | t.class, t.ipa);
		leaf_is(&n, &t, t.pa, S2_RW);
		nest_ok(&n, DMASIM_READ);
	}
}

RIG_TEST(s7_3_13_f_translation, NEST_FULL)
{
	struct nest n;

	open_nest(r, &n);
	for (unsigned i = 0; i < TARGETS; i++) {
		struct target t = target(&n, i);
		uint64_t was = nest_get2(&n, t.ipa, 3);

		nest_set2(&n, t.ipa, 3, 0);
		each_kind(&n, EV_F_TRANSLATION, EV_S2 | t.class, t.ipa);
		/* A reserved type. */
		nest_set2(&n, t.ipa, 3, (was & ~3ull) | 1);
		each_kind(&n, EV_F_TRANSLATION, EV_S2 | t.class, t.ipa);
		nest_set2(&n, t.ipa, 3, was);
	}
}

/* Upper levels, too. */
RIG_TEST(s7_3_13_f_translation_of_tables, NEST_FULL)
{
	struct nest n;

	open_nest(r, &n);
	for (int level = 1; level < 3; level++) {
		uint64_t was = nest_get2(&n, N_IPA, level);

		nest_set2(&n, N_IPA, level, 0);
		rig_flush(r);
		nest_fault(&n, DMASIM_READ);
		/* The guest's tables are in the same level 1 entry. */
		if (level == 1)
			nest_expect(&n, EV_F_TRANSLATION,
			            EV_S2 | EV_CD | EV_READ, VA,
			            NEST_IPA(n.cd_at));
		else
			nest_expect(&n, EV_F_TRANSLATION,
			            EV_S2 | EV_IN | EV_READ, VA, N_IPA);
		nest_set2(&n, N_IPA, level, was);
	}
}

/* Beyond S2T0SZ: the CD, TTB0, a table, the data. */
RIG_TEST(s7_3_13_input_range, NEST_FULL)
{
	uint64_t high = 1ull << 40, was;
	struct nest n;

	open_nest(r, &n);
	n.ste.s1contextptr |= high;
	nest_write(&n);
	each_kind(&n, EV_F_TRANSLATION, EV_S2 | EV_CD,
	          NEST_IPA(n.cd_at) | high);
	n.ste.s1contextptr &= ~high;
	n.cd.ttb0 |= high;
	nest_write(&n);
	each_kind(&n, EV_F_TRANSLATION, EV_S2 | EV_TT,
	          (NEST_IPA(nest_at1(&n, N_VA, 0)) & ~0xfffull) | high);
	n.cd.ttb0 &= ~high;
	nest_write(&n);
	was = nest_get1(&n, N_VA, 2);
	nest_set1(&n, N_VA, 2, was | high);
	each_kind(&n, EV_F_TRANSLATION, EV_S2 | EV_TT,
	          (was & 0xfffffffff000) | high);
	nest_set1(&n, N_VA, 2, was);
	nest_map1(&n, N_VA, N_IPA | high, 3, LEAF_RW);
	each_kind(&n, EV_F_TRANSLATION, EV_S2 | EV_IN, N_IPA | high);
}

RIG_TEST(s7_3_14_f_addr_size, NEST_FULL)
{
	every_class(r, EV_F_ADDR_SIZE, 1ull << 44, S2_RW);
}

RIG_TEST(s7_3_14_f_addr_size_of_tables, NEST_FULL)
{
	struct nest n;
	uint64_t was;

	open_nest(r, &n);
	was = nest_get2(&n, N_IPA, 2);
	nest_set2(&n, N_IPA, 2, was | 1ull << 45);
	each_kind(&n, EV_F_ADDR_SIZE, EV_S2 | EV_IN, N_IPA);
}

/* 3.4: that of stage 1, by IPS. */
RIG_TEST(s7_3_14_f_addr_size_stage1, NEST_FULL)
{
	struct nest n;
	uint64_t was;

	open_nest(r, &n);
	nest_map1(&n, N_VA, 1ull << 44, 3, LEAF_RW);
	each_kind(&n, EV_F_ADDR_SIZE, EV_IN, 0);
	was = nest_get1(&n, N_VA, 1);
	nest_set1(&n, N_VA, 1, was | 1ull << 47);
	each_kind(&n, EV_F_ADDR_SIZE, EV_IN, 0);
}

RIG_TEST(s7_3_15_f_access, NEST_FULL)
{
	every_class(r, EV_F_ACCESS, 0, S2_RW & ~DMASIM_TABLES_AF);
}

/* TTRnW is 1 for the reads of a walk, whatever was to be done. */
RIG_TEST(s7_3_16_f_permission, NEST_FULL)
{
	struct nest n;

	open_nest(r, &n);
	for (unsigned i = 0; i < TARGETS - 1; i++) {
		struct target t = target(&n, i);

		leaf_is(&n, &t, t.pa, S2_WO);
		each_kind(&n, EV_F_PERMISSION,
		          EV_S2 | t.class | (t.tt ? EV_TTR : 0), t.ipa);
		/* Execute-never and read-only do not matter for these. */
		leaf_is(&n, &t, t.pa, S2_RO | DMASIM_TABLES_S2_XN(2));
		nest_ok(&n, DMASIM_WRITE);
		leaf_is(&n, &t, t.pa, S2_RW);
	}
	nest_map2(&n, N_IPA, N_PA, 3,
	          (S2_RW & ~(3ull << 6)) | DMASIM_TABLES_S2_XN(2));
	each_kind(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA);
}

/* The same from entries of the TLB. */
RIG_TEST(s7_3_16_f_permission_hit, NEST_FULL)
{
	struct nest n;

	open_nest(r, &n);
	for (unsigned i = 1; i < TARGETS - 1; i++) {
		struct target t = target(&n, i);

		leaf_is(&n, &t, t.pa, S2_WO);
		/* By another stream of stage 2 alone, of this VMID. */
		n.sid = 6;
		n.ste.config = 6;
		nest_write_ste(&n);
		assert_int_equal(rig_dma(r, DMASIM_WRITE, 6, t.ipa + 0xff8, 4),
		                 DMASIM_TXN_OK);
		n.sid = N_SID;
		n.ste.config = 7;
		nest_fault(&n, DMASIM_WRITE);
		nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT | EV_TTR, VA,
		            t.ipa);
		leaf_is(&n, &t, t.pa, S2_RW);
	}
}

/* An update that stage 2 refuses: TTRnW is 0. */
RIG_TEST(s7_3_16_f_permission_update, NEST_FULL)
{
	struct target t;
	struct nest n;

	open_nest(r, &n);
	n.cd.ha = 1;
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AF);
	nest_write(&n);
	t = target(&n, 4);
	leaf_is(&n, &t, t.pa, S2_RO);
	for (unsigned k = 0; k < 4; k += 2) {
		rig_flush(r);
		rig_dma_flags(r, kinds[k].op, N_SID, VA,
		              kinds[k].flags | DMASIM_TXN_PRIVILEGED);
		nest_expect(&n, EV_F_PERMISSION,
		            EV_S2 | EV_TT | EV_READ | EV_PNU, VA, t.ipa);
	}
}

RIG_TEST(s7_3_12_f_walk_eabt, NEST_FULL)
{
	struct nest n;

	open_nest(r, &n);
	for (unsigned i = 0; i < TARGETS; i++) {
		struct target t = target(&n, i);
		uint64_t at = nest_at2(&n, t.ipa, 3);

		nest_refuse(&n, at);
		each_kind(&n, EV_F_WALK_EABT, EV_S2 | t.class, at);
	}
	/* Those of stage 1 themselves: the address after stage 2. */
	for (int level = 0; level <= 3; level++) {
		uint64_t at = nest_at1(&n, N_VA, level), page = at & ~0xfffull;
		uint64_t to = RIG_DATA + 0x200000;

		nest_map2(&n, NEST_IPA(page), to, 3, S2_RW);
		nest_refuse(&n, to + (at & 0xfff));
		each_kind(&n, EV_F_WALK_EABT, EV_TT, to + (at & 0xfff));
		nest_guard(&n, page, S2_RW);
	}
	nest_refuse(&n, n.cd_at);
	rig_flush(r);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_CD_FETCH, 0, 0, n.cd_at);
}

/* ---- 7.3.22 ---- */

/* What can go wrong at stage 2 with one access, in its order; all is wrong at
 * first, and is put right one by one. */
static void order_of_stage2(struct nest *n, unsigned i)
{
	struct target t = target(n, i);
	uint64_t word1 = EV_S2 | t.class | EV_READ, at;
	const uint64_t worst = S2_WO & ~DMASIM_TABLES_AF;

	at = nest_at2(n, t.ipa, 3);
	nest_refuse(n, at);
	leaf_is(n, &t, t.pa | 1ull << 45, worst & ~3ull);
	nest_set2(n, t.ipa, 3, nest_get2(n, t.ipa, 3) & ~1ull);
	rig_flush(n->r);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_WALK_EABT, word1, VA, at);
	nest_refuse(n, 0);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_TRANSLATION, word1, VA, t.ipa);
	leaf_is(n, &t, t.pa | 1ull << 45, worst);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_ADDR_SIZE, word1, VA, t.ipa);
	leaf_is(n, &t, t.pa, worst);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_ACCESS, word1, VA, t.ipa);
	leaf_is(n, &t, t.pa, worst | DMASIM_TABLES_AF);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_PERMISSION, word1 | (t.tt ? EV_TTR : 0), VA, t.ipa);
	leaf_is(n, &t, t.pa, S2_RW);
}

/* A descriptor of stage 1: abort, validity, size. */
static void order_of_level(struct nest *n, int level)
{
	uint64_t at = nest_at1(n, N_VA, level), was = nest_get1(n, N_VA, level);

	order_of_stage2(n, (unsigned)level + 1);
	nest_refuse(n, at);
	nest_set1(n, N_VA, level, (was & ~1ull) | 1ull << 45);
	rig_flush(n->r);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_WALK_EABT, EV_TT | EV_READ, VA, at);
	nest_refuse(n, 0);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_TRANSLATION, EV_IN | EV_READ, VA, 0);
	nest_set1(n, N_VA, level, was | 1ull << 45);
	nest_fault(n, DMASIM_READ);
	nest_expect(n, EV_F_ADDR_SIZE, EV_IN | EV_READ, VA, 0);
	nest_set1(n, N_VA, level, was);
	rig_flush(n->r);
}

RIG_TEST(s7_3_22_nested, NEST_FULL, .pend = true)
{
	struct nest n;

	open_nest(r, &n);
	/* Wrong from the CD to the data. */
	n.cd.tg0 = 3;
	nest_map2(&n, N_IPA, N_PA, 3, 0);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO & ~(LEAF_AF | LEAF_AP1));
	nest_write(&n);
	order_of_stage2(&n, 0);
	nest_refuse(&n, n.cd_at);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_CD_FETCH, 0, 0, n.cd_at);
	nest_refuse(&n, 0);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_C_BAD_CD, 0, 0, 0);
	n.cd.tg0 = 0;
	n.cd.t0sz = 39;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_TRANSLATION, EV_IN | EV_READ, VA, 0);
	n.cd.t0sz = 16;
	nest_write(&n);
	for (int level = 0; level <= 3; level++)
		order_of_level(&n, level);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_ACCESS, EV_IN | EV_READ, VA, 0);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO & ~LEAF_AP1);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_PERMISSION, EV_IN | EV_READ, VA, 0);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW);
	order_of_stage2(&n, 5);
	nest_ok(&n, DMASIM_READ);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s7_3_13_f_translation),
        cmocka_unit_test(s7_3_13_f_translation_of_tables),
        cmocka_unit_test(s7_3_13_input_range),
        cmocka_unit_test(s7_3_14_f_addr_size),
        cmocka_unit_test(s7_3_14_f_addr_size_of_tables),
        cmocka_unit_test(s7_3_14_f_addr_size_stage1),
        cmocka_unit_test(s7_3_15_f_access),
        cmocka_unit_test(s7_3_16_f_permission),
        cmocka_unit_test(s7_3_16_f_permission_hit),
        cmocka_unit_test(s7_3_16_f_permission_update),
        cmocka_unit_test(s7_3_12_f_walk_eabt),
        cmocka_unit_test(s7_3_22_nested),
};

CHECK_MAIN(tests)
