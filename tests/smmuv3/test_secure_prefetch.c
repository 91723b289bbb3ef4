/* SPDX-License-Identifier: MIT */
/* 4.2.1, 4.2.2: prefetches of Secure streams read what is Secure, and NS says
 * in which space the address is. */
#include "nest.h"

#define SECURE DMASIM_TXN_SECURE
#define CONFIG 0x01u
#define ADDR   0x02u
#define SSEC   (1ull << 10)
#define NS     (1ull << 10)
/* Where the Secure IPA space has N_IPA. */
#define N_PA_S (N_PA + 0x10000)

/* A Secure stream with stage 2 alone, and a table for each IPA space. */
static void two_spaces(struct rig *r, struct secure *s, struct nest *n)
{
	struct tables_half shared;

	secure_open(s, r);
	nest_new(r, n, &(struct nest_options){.secure = s});
	shared = n->s2;
	n->s2.ttb = 0;
	assert_int_equal(dmasim_tables_space_new(&r->t, &n->s2), DMASIM_OK);
	nest_map2(n, N_IPA, N_PA_S, 3, S2_RW);
	n->ste.s_s2ttb = n->s2.ttb;
	n->s2 = shared;
	n->ste.config = 6;
	nest_write(n);
	r->logged = 0;
}

static void prefetch(struct secure *s, unsigned op, uint64_t d0, uint64_t d1)
{
	secure_cmd(s, (struct tables_cmd){op | (uint64_t)N_SID << 32 | d0, d1});
	secure_expect_none(s);
}

/* What a transaction reads for itself, and where it comes out. */
static unsigned walks(struct secure *s, uint32_t flags, uint64_t pa)
{
	s->r->logged = 0;
	assert_int_equal(secure_dma(s, DMASIM_READ, N_SID, N_IPA, flags),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(s->r, DMASIM_CAUSE_DMA)->addr, pa);
	return rig_count(s->r, DMASIM_CAUSE_WALK);
}

RIG_TEST(configuration, NEST_SECURE)
{
	struct secure s;
	struct nest n;

	two_spaces(r, &s, &n);
	prefetch(&s, CONFIG, SSEC, 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
	assert_true(rig_last(r, DMASIM_CAUSE_STE)->flags & SECURE);
	r->logged = 0;
	assert_int_not_equal(walks(&s, SECURE, N_PA_S), 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
	/* Of the Non-secure stream of that number: it has no STE. */
	prefetch(&s, CONFIG, 0, 0);
	rig_last(r, DMASIM_CAUSE_STE);
	assert_false(rig_last(r, DMASIM_CAUSE_STE)->flags & SECURE);
}

RIG_TEST(a_secure_address, NEST_SECURE)
{
	struct secure s;
	struct nest n;

	two_spaces(r, &s, &n);
	prefetch(&s, ADDR, SSEC, N_IPA);
	assert_int_not_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	assert_int_equal(walks(&s, SECURE, N_PA_S), 0);
	assert_int_not_equal(walks(&s, 0, N_PA), 0);
}

RIG_TEST(a_nonsecure_address, NEST_SECURE)
{
	struct secure s;
	struct nest n;

	two_spaces(r, &s, &n);
	prefetch(&s, ADDR, SSEC, N_IPA | NS);
	assert_int_not_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	assert_int_equal(walks(&s, 0, N_PA), 0);
	assert_int_not_equal(walks(&s, SECURE, N_PA_S), 0);
}

/* 4.2: SSec on the Non-secure queue is CERROR_ILL. */
RIG_TEST(secure_streams_of_the_other_queue, NEST_SECURE)
{
	struct secure s;
	struct nest n;

	two_spaces(r, &s, &n);
	rig_secure(r, false);
	rig_cmd(r,
	        (struct tables_cmd){CONFIG | SSEC | (uint64_t)N_SID << 32, 0});
	assert_int_equal(rig_r32(r, CMDQ_CONS) >> 24, 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration),
        cmocka_unit_test(a_secure_address),
        cmocka_unit_test(a_nonsecure_address),
        cmocka_unit_test(secure_streams_of_the_other_queue),
};

CHECK_MAIN(tests)
