/* SPDX-License-Identifier: MIT */
/* IHI 0070, 3.13: access flag and dirty state: every state of a descriptor,
 * with every setting, under every access. Races and aborts are in
 * tests/smmuv3/test_httu.c. */
#include "nest.h"

#define VA (N_VA + 0x124)

/* A descriptor, and how its stage is set up. */
struct state {
	bool af, writable, dbm;
	bool ha, hd, affd;
};

static struct state state_of(unsigned i)
{
	return (struct state){.af = i & 1,
	                      .writable = i & 2,
	                      .dbm = i & 4,
	                      .ha = i & 8,
	                      .hd = i & 16,
	                      .affd = i & 32};
}
#define STATES 64u

static const enum dmasim_op ops[] = {DMASIM_READ, DMASIM_WRITE,
                                     DMASIM_ATOMIC_SWAP, DMASIM_CLEAN,
                                     DMASIM_INVALIDATE};
#define OPS (sizeof(ops) / sizeof(*ops))

static bool modifies(enum dmasim_op op)
{
	return op == DMASIM_WRITE || op == DMASIM_ATOMIC_SWAP;
}

/* What 3.13.1 to 3.13.3 say becomes of it: 0, or the fault. */
static unsigned outcome(struct state *s, enum dmasim_op op)
{
	bool updates = s->ha; /* HD counts with HA alone */

	if (!s->af && !updates && !s->affd)
		return EV_F_ACCESS;
	if (modifies(op) && !s->writable && !(updates && s->hd && s->dbm))
		return EV_F_PERMISSION;
	if (updates)
		s->af = true;
	if (modifies(op))
		s->writable = true;
	return 0;
}

static uint64_t leaf1(const struct state *s)
{
	uint64_t bits = s->writable ? LEAF_RW : LEAF_RO;

	return (s->af ? bits : bits & ~LEAF_AF) |
	       (s->dbm ? DMASIM_TABLES_DBM : 0);
}

static uint64_t leaf2(const struct state *s)
{
	uint64_t bits = s->writable ? S2_RW : S2_RO;

	return (s->af ? bits : bits & ~DMASIM_TABLES_AF) |
	       (s->dbm ? DMASIM_TABLES_DBM : 0);
}

/* An access to N_VA in this state of stage 1 (or of stage 2), the other stage
 * being as good as can be. */
static void one_case(struct nest *n, bool stage2, const struct state *was,
                     enum dmasim_op op)
{
	struct state s = *was;
	unsigned want = outcome(&s, op);
	uint64_t word1 =
	        EV_IN | (modifies(op) ? 0 : EV_READ) | (stage2 ? EV_S2 : 0);

	nest_map1(n, N_VA, N_IPA, 3, stage2 ? LEAF_RW : leaf1(was));
	nest_map2(n, N_IPA, N_PA, 3, stage2 ? leaf2(was) : S2_RW);
	nest_write(n);
	if (want == 0) {
		nest_ok(n, op);
	} else {
		nest_fault(n, op);
		nest_expect(n, want, word1, VA, stage2 ? N_IPA : 0);
	}
	/* After a permission fault it is UNKNOWN whether AF is set; here it
	 * is not, as for the other faults. */
	assert_int_equal(nest_get1(n, N_VA, 3),
	                 (stage2 ? LEAF_RW : leaf1(&s)) | 3 | N_IPA);
	assert_int_equal(nest_get2(n, N_IPA, 3),
	                 (stage2 ? leaf2(&s) : S2_RW) | 3 | N_PA);
}

RIG_TEST(s3_13_stage1, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	for (unsigned i = 0; i < STATES * OPS; i++) {
		struct state s = state_of(i % STATES);

		n.cd.ha = s.ha;
		n.cd.hd = s.hd;
		n.cd.affd = s.affd;
		one_case(&n, false, &s, ops[i / STATES]);
	}
}

RIG_TEST(s3_13_stage2, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	for (unsigned i = 0; i < STATES * OPS; i++) {
		struct state s = state_of(i % STATES);

		n.ste.s2ha = s.ha;
		n.ste.s2hd = s.hd;
		n.ste.s2affd = s.affd;
		one_case(&n, true, &s, ops[i / STATES]);
	}
}

/* Access flags alone (IDR0.HTTU = 1): no dirty state. */
RIG_TEST(s3_13_access_flag_alone, NEST_BUT(I0_HTTU, I0_HTTU_AF, 0u, 0u, 0u, 0u))
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.cd.ha = n.ste.s2ha = 1;
	for (unsigned i = 0; i < 8 * OPS; i++) {
		struct state s = state_of(i % 8);

		s.ha = true;
		one_case(&n, i & 1, &s, ops[i / 8]);
	}
}

/* After the first access, from the TLB, each access does what it would do to
 * the descriptor as it stands. */
RIG_TEST(s3_13_second_access, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.cd.ha = n.cd.hd = n.ste.s2ha = n.ste.s2hd = 1;
	for (unsigned i = 0; i < 64 * OPS * OPS; i++) {
		struct state s1 = state_of(i & 7), s2 = state_of(i >> 3 & 7);
		unsigned pair = i / 64;

		s1.ha = s1.hd = s2.ha = s2.hd = true;
		nest_map1(&n, N_VA, N_IPA, 3, leaf1(&s1));
		nest_map2(&n, N_IPA, N_PA, 3, leaf2(&s2));
		nest_write(&n);
		for (unsigned k = 0; k < 2; k++) {
			enum dmasim_op op = ops[k ? pair / OPS : pair % OPS];
			unsigned f1 = outcome(&s1, op);
			unsigned f2 = f1 ? 0 : outcome(&s2, op);

			if (f1 || f2) {
				nest_fault(&n, op);
				nest_expect(&n, EV_F_PERMISSION,
				            EV_IN | (f2 ? EV_S2 : 0), VA,
				            f2 ? N_IPA : 0);
				continue;
			}
			nest_ok(&n, op);
		}
		assert_int_equal(nest_get2(&n, N_IPA, 3),
		                 leaf2(&s2) | 3 | N_PA);
		assert_int_equal(nest_get1(&n, N_VA, 3),
		                 leaf1(&s1) | 3 | N_IPA);
	}
}

/* 3.13.3.1: an APTable that takes writing away leaves nothing to mark. */
RIG_TEST(s3_13_3_aptable, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.cd.ha = n.cd.hd = 1;
	nest_set1(&n, N_VA, 0,
	          nest_get1(&n, N_VA, 0) | DMASIM_TABLES_APTABLE(2));
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO | DMASIM_TABLES_DBM);
	nest_write(&n);
	nest_ok(&n, DMASIM_READ);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_PERMISSION, EV_IN, VA, 0);
	assert_int_equal(nest_get1(&n, N_VA, 3),
	                 LEAF_RO | DMASIM_TABLES_DBM | 3 | N_IPA);
	/* With HAD it counts for nothing. */
	n.cd.had0 = 1;
	nest_write(&n);
	nest_ok(&n, DMASIM_WRITE);
}

/* 3.13.5: all descriptors that one access needs. */
RIG_TEST(s3_13_5_every_descriptor, NEST_FULL)
{
	uint64_t clean = (S2_RO & ~DMASIM_TABLES_AF) | DMASIM_TABLES_DBM;
	uint64_t both = DMASIM_TABLES_AF | DMASIM_TABLES_S2_WRITE;
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.cd.ha = n.cd.hd = n.ste.s2ha = n.ste.s2hd = 1;
	for (int level = 0; level <= 3; level++)
		nest_guard(&n, nest_at1(&n, N_VA, level), clean);
	nest_guard(&n, n.cd_at, clean);
	nest_map1(&n, N_VA, N_IPA, 3, (LEAF_RO & ~LEAF_AF) | DMASIM_TABLES_DBM);
	nest_map2(&n, N_IPA, N_PA, 3, clean);
	nest_write(&n);
	nest_ok(&n, DMASIM_WRITE);
	for (int level = 0; level <= 3; level++) {
		uint64_t page = nest_at1(&n, N_VA, level) & ~0xfffull;

		/* Only the last is written to. */
		assert_int_equal(nest_get2(&n, NEST_IPA(page), 3) & both,
		                 level == 3 ? both : DMASIM_TABLES_AF);
	}
	assert_int_equal(nest_get2(&n, NEST_IPA(n.cd_at), 3) & both,
	                 DMASIM_TABLES_AF);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & both, both);
}

/* 3.13.2: none while the SMMU is disabled or the stage is not used. */
RIG_TEST(s3_13_2_not_in_use, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 4;
	n.ste.s2ha = n.cd.ha = 1;
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW & ~LEAF_AF);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~DMASIM_TABLES_AF);
	nest_write(&n);
	rig_dma(r, DMASIM_WRITE, N_SID, N_PA, 4);
	n.ste.config = 6;
	nest_write(&n);
	rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4);
	assert_int_equal(nest_get1(&n, N_VA, 3) & LEAF_AF, 0);
	assert_true(nest_get2(&n, N_IPA, 3) & DMASIM_TABLES_AF);
	rig_expect_none(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s3_13_stage1),
        cmocka_unit_test(s3_13_stage2),
        cmocka_unit_test(s3_13_access_flag_alone),
        cmocka_unit_test(s3_13_second_access),
        cmocka_unit_test(s3_13_3_aptable),
        cmocka_unit_test(s3_13_5_every_descriptor),
        cmocka_unit_test(s3_13_2_not_in_use),
};

CHECK_MAIN(tests)
