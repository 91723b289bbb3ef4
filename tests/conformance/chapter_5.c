/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 5: structures, bit by bit. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

static uint64_t one_page(struct rig *r)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	return cd;
}

/* The type of the record of a read at VA; 0: it passes, ~0: no record. */
static uint64_t outcome(struct rig *r)
{
	uint64_t record[4];

	rig_flush(r);
	if (rig_dma(r, DMASIM_READ, SID, VA, 4) == DMASIM_TXN_OK) {
		rig_expect_none(r);
		return 0;
	}
	return rig_event(r, record) ? record[0] & 0xff : UINT64_MAX;
}

/* 5.1: L2Ptr is aligned to the table that Span says. */
RIG_TEST(s5_1_l2ptr_alignment, .log2size = 12, .split = 8)
{
	uint64_t desc;

	one_page(r);
	desc = tables_get(&r->t, r->streams.base);
	tables_set(&r->t, r->streams.base, desc | 0x40);
	assert_int_equal(outcome(r), 0);
}

/* 5.2: each bit of an STE's first word, for a stage 1 stream without
 * substreams. */
RIG_TEST(s5_2_word_0, 0)
{
	/* V, stage 2, and a CD above the output size. */
	const uint64_t illegal = 1ull << 0 | 1ull << 2 | 0xffull << 48;
	/* Bypass, another CD, substreams: other tests. */
	const uint64_t other = 1ull << 1 | 0x0000ffffffffffc0 | 31ull << 59;
	uint64_t at, was;

	one_page(r);
	at = tables_ste(&r->t, &r->streams, SID);
	was = tables_get(&r->t, at);
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t want = 0;

		if (other >> bit & 1)
			continue;
		if (illegal >> bit & 1)
			want = 4;
		else if (bit == 3)
			want = UINT64_MAX; /* abort, without a record */
		tables_set(&r->t, at, was ^ 1ull << bit);
		assert_int_equal(outcome(r), want);
	}
}

/* 5.2: the whole second word does not matter to a stage 1 stream, but for
 * S1STALLD. */
RIG_TEST(s5_2_word_1, 0)
{
	uint64_t at, was;

	one_page(r);
	at = tables_ste(&r->t, &r->streams, SID) + 8;
	was = tables_get(&r->t, at);
	for (unsigned bit = 0; bit < 64; bit++) {
		/* Privileged instruction fetches: no right to. */
		if (bit >= 48 && bit < 52)
			continue;
		tables_set(&r->t, at, was ^ 1ull << bit);
		assert_int_equal(outcome(r), bit == 27 ? 4 : 0);
	}
}

/* 5.2: the words of stage 2 do not matter without it. */
RIG_TEST(s5_2_stage_2_words, 0)
{
	one_page(r);
	for (unsigned word = 2; word < 8; word++)
		rig_ste_word(r, SID, word, 0, UINT64_MAX);
	assert_int_equal(outcome(r), 0);
}

/* 5.4: each bit of a CD's first word, with EPD1 = 1, little-endian only. */
RIG_TEST(s5_4_word_0, .idr_clear = {3u << 21}, .idr_set = {2u << 21})
{
	/* T0SZ 0 and 48, ENDI, EPD1 (T1SZ is 0), V, AA64, HD, HA, S, A. */
	const uint64_t illegal =
	        3ull << 4 | 1ull << 15 | 3ull << 30 | 0xfull << 41 | 1ull << 46;
	/* Tables of another granule; T0SZ 17 to 24 are smaller, and fit. */
	const uint64_t misfit = 3ull << 6;
	uint64_t cd = one_page(r), was = tables_get(&r->t, cd);

	for (unsigned bit = 0; bit < 64; bit++) {
		tables_set(&r->t, cd, was ^ 1ull << bit);
		if (misfit >> bit & 1)
			assert_int_not_equal(outcome(r), 0);
		else if (bit == 14) /* EPD0 */
			assert_int_equal(outcome(r), 0x10);
		else
			assert_int_equal(outcome(r),
			                 illegal >> bit & 1 ? 10 : 0);
	}
}

/* 5.4: of the address bits of TTB0, those above the output size count. */
RIG_TEST(s5_4_ttb0, 0)
{
	uint64_t cd = one_page(r), ttb = tables_get(&r->t, cd + 8);

	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t want = 0;

		if (bit >= 48 && bit < 52)
			want = 10;
		else if (bit >= 12 && bit < 48)
			continue; /* another table */
		tables_set(&r->t, cd + 8, ttb ^ 1ull << bit);
		assert_int_equal(outcome(r), want);
	}
}

/* 5.4: what TTB1 and the rest hold does not matter. */
RIG_TEST(s5_4_other_words, 0)
{
	uint64_t cd = one_page(r);

	tables_set(&r->t, cd + 16, UINT64_MAX);
	for (unsigned word = 4; word < 8; word++)
		tables_set(&r->t, cd + 8 * word, UINT64_MAX);
	assert_int_equal(outcome(r), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s5_1_l2ptr_alignment),
        cmocka_unit_test(s5_2_word_0),
        cmocka_unit_test(s5_2_word_1),
        cmocka_unit_test(s5_2_stage_2_words),
        cmocka_unit_test(s5_4_word_0),
        cmocka_unit_test(s5_4_ttb0),
        cmocka_unit_test(s5_4_other_words),
};

CHECK_MAIN(tests)
