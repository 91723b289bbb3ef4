/* SPDX-License-Identifier: MIT */
/* Translation requests at the ends of what there is: granules, addresses,
 * records. */
#include "ats_asks.h"

#define SID     5u
#define VA      0x12345000ull
#define PA      (RIG_DATA + 0x8000)
#define EATS(n) ((uint64_t)(n) << 28)

/* A stream with ATS; its tables have granules of 2^@granule. */
static void setup(struct rig *r, unsigned granule, struct tables_half *h)
{
	uint64_t cd = tables_alloc(&r->t, 64, 64);

	assert_true(tables_half_new(&r->t, h, 16, granule));
	tables_cd(&r->t, cd, h, NULL, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	rig_ste_word(r, SID, 1, 0, EATS(1));
}

/* 3.9.1: the STU is the smallest granule there is, and what is denied has its
 * size. */
static void denied(struct rig *r, unsigned granule)
{
	struct tables_half h;
	uint64_t e;

	setup(r, granule, &h);
	e = ats_entry(r, SID, VA, 0);
	assert_int_equal(e & (DMASIM_ATS_R | DMASIM_ATS_W), 0);
	assert_int_equal(dmasim_ats_shift(e), granule);
}

RIG_TEST(denied_4k, .idr_set = {1u << 10})
{
	denied(r, 12);
}

RIG_TEST(denied_16k, .idr_set = {1u << 10},
         .idr_clear = {0, 0, 0, 0, 0, 1u << 4})
{
	denied(r, 14);
}

RIG_TEST(denied_64k, .idr_set = {1u << 10},
         .idr_clear = {0, 0, 0, 0, 0, 3u << 4})
{
	denied(r, 16);
}

/* Nothing comes after the last page: what more is asked for has no answer. */
RIG_TEST(the_last_page, .idr_set = {1u << 10})
{
	struct tables_half h;
	uint64_t e[2];

	setup(r, 12, &h);
	assert_int_equal(ats_ask(r, SID, UINT64_MAX - 7, 0, 0, e, 2),
	                 ATS_SUCCESS);
	assert_int_equal(e[0] & (DMASIM_ATS_R | DMASIM_ATS_W), 0);
	assert_int_equal(dmasim_ats_shift(e[0]), 12);
	assert_true(e[1] == DMASIM_ATS_NONE);
	rig_expect_none(r);
}

/* CR2.REC_CFG_ATS asks for a record of what is wrong with the STE; a look that
 * leaves no trace has none. */
RIG_TEST(errors_of_a_debugger, .off = true, .idr_set = {1u << 10 | 1u << 23})
{
	uint64_t e;

	rig_enable(r);
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3 | 1u << 1);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(ats_ask(r, SID, VA, DMASIM_TXN_DEBUG, 0, &e, 1),
	                 ATS_CA);
	rig_expect_none(r);
	assert_int_equal(ats_ask(r, SID, VA, 0, 0, &e, 1), ATS_CA);
	rig_expect(r, EV(4, SID), 0, 0, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(denied_4k),
        cmocka_unit_test(denied_16k),
        cmocka_unit_test(denied_64k),
        cmocka_unit_test(the_last_page),
        cmocka_unit_test(errors_of_a_debugger),
};

CHECK_MAIN(tests)
