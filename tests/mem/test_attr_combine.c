/* SPDX-License-Identifier: MIT */
/* Stage 1 and stage 2 attributes combined: the tables of Arm ARM D8.6, every
 * row of them, for every stage 1 attribute. */
#include "check.h"

#include "dmasim/attr.h"

#define D(t)                                                                   \
	{                                                                      \
		.type = DMASIM_DEVICE_##t, .share = DMASIM_OSH                 \
	}
#define N(i, o)                                                                \
	{                                                                      \
		.inner = DMASIM_##i, .outer = DMASIM_##o, .share = DMASIM_ISH  \
	}

/* What stage 1 may say, and one letter for each below. */
static const struct dmasim_attr stage1[] = {
        D(NGNRNE), D(NGNRE),  D(NGRE),   D(GRE),    N(NC, NC),
        N(NC, WT), N(NC, WB), N(WT, NC), N(WT, WT), N(WT, WB),
        N(WB, NC), N(WB, WT), N(WB, WB),
};
/* Four Device types, then inner and outer of Normal. */
static const char *const letters[] = {"E",  "e",  "r",  "g",  "nn", "nt", "nb",
                                      "tn", "tt", "tb", "bn", "bt", "bb"};

#define STAGE1 (sizeof(stage1) / sizeof(*stage1))

static const char *text_of(const struct dmasim_attr *a)
{
	for (size_t i = 0; i < STAGE1; i++)
		if (stage1[i].type == a->type && stage1[i].inner == a->inner &&
		    stage1[i].outer == a->outer)
			return letters[i];
	return "?";
}

struct row {
	unsigned mem;
	/** For each of stage1[]; NULL: reserved. */
	const char *result;
};

static const struct row without_fwb[] = {
        {0x0, "E E E E E E E E E E E E E"},
        {0x1, "E e e e e e e e e e e e e"},
        {0x2, "E e r r r r r r r r r r r"},
        {0x3, "E e r g g g g g g g g g g"},
        {0x4, NULL},
        /* Outer NC; inner NC, WT, WB. */
        {0x5, "E e r g nn nn nn nn nn nn nn nn nn"},
        {0x6, "E e r g nn nn nn tn tn tn tn tn tn"},
        {0x7, "E e r g nn nn nn tn tn tn bn bn bn"},
        {0x8, NULL},
        {0x9, "E e r g nn nt nt nn nt nt nn nt nt"},
        {0xa, "E e r g nn nt nt tn tt tt tn tt tt"},
        {0xb, "E e r g nn nt nt tn tt tt bn bt bt"},
        {0xc, NULL},
        {0xd, "E e r g nn nt nb nn nt nb nn nt nb"},
        {0xe, "E e r g nn nt nb tn tt tb tn tt tb"},
        {0xf, "E e r g nn nt nb tn tt tb bn bt bb"},
};

static const struct row with_fwb[] = {
        {0x0, "E E E E E E E E E E E E E"},
        {0x1, "E e e e e e e e e e e e e"},
        {0x2, "E e r r r r r r r r r r r"},
        {0x3, "E e r g g g g g g g g g g"},
        {0x4, NULL},
        {0x5, "E e r g nn nn nn nn nn nn nn nn nn"},
        {0x6, "bb bb bb bb bb bb bb bb bb bb bb bb bb"},
        {0x7, "E e r g nn nt nb tn tt tb bn bt bb"},
        {0x8, NULL},
        {0xf, NULL},
};

static void check_row(const struct row *row, bool fwb)
{
	const struct dmasim_s2_attr s2 = {(uint8_t)row->mem, DMASIM_ISH};
	struct dmasim_attr out;
	char text[64] = "";

	for (size_t i = 0; i < STAGE1; i++) {
		int status = dmasim_attr_combine(&stage1[i], &s2, fwb, &out);

		assert_int_equal(status,
		                 row->result ? DMASIM_OK : DMASIM_E_INVAL);
		if (status)
			continue;
		if (i)
			strcat(text, " ");
		strcat(text, text_of(&out));
		/* What is not cached is Outer Shareable, without hints. */
		if (!dmasim_attr_cacheable(&out)) {
			assert_int_equal(out.share, DMASIM_OSH);
			assert_int_equal(out.alloc, 0);
		}
	}
	if (row->result)
		assert_string_equal(text, row->result);
}

static void types_and_cacheability(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(without_fwb) / sizeof(*without_fwb); i++)
		check_row(&without_fwb[i], false);
	assert_int_equal(sizeof(without_fwb) / sizeof(*without_fwb), 16);
}

static void forced_write_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(with_fwb) / sizeof(*with_fwb); i++)
		check_row(&with_fwb[i], true);
}

static void shareability(void **state)
{
	static const uint8_t result[3][3] = {
	        /* Stage 1 NSH, ISH, OSH; stage 2 NSH, ISH, OSH. */
	        {DMASIM_NSH, DMASIM_ISH, DMASIM_OSH},
	        {DMASIM_ISH, DMASIM_ISH, DMASIM_OSH},
	        {DMASIM_OSH, DMASIM_OSH, DMASIM_OSH},
	};
	struct dmasim_attr a = dmasim_attr_wb, out;

	(void)state;
	for (uint8_t i = 0; i < 3; i++)
		for (uint8_t j = 0; j < 3; j++)
			for (unsigned fwb = 0; fwb < 2; fwb++) {
				struct dmasim_s2_attr s2 = {
				        fwb ? DMASIM_S2_FWB_STAGE1
				            : DMASIM_S2_NORMAL,
				        j};

				a.share = i;
				assert_int_equal(
				        dmasim_attr_combine(&a, &s2, fwb, &out),
				        DMASIM_OK);
				assert_int_equal(out.share, result[i][j]);
			}
	/* Stage 1 Non-cacheable, made cacheable: Outer Shareable goes in. */
	a = dmasim_attr_nc;
	a.share = DMASIM_NSH;
	assert_int_equal(
	        dmasim_attr_combine(
	                &a,
	                &(struct dmasim_s2_attr){DMASIM_S2_FWB_WB, DMASIM_ISH},
	                true, &out),
	        DMASIM_OK);
	assert_int_equal(out.share, DMASIM_OSH);
}

/* RTHYXB, RTBQKG. */
static void hints(void **state)
{
	const struct dmasim_s2_attr force = {DMASIM_S2_FWB_WB, DMASIM_ISH};
	struct dmasim_attr out;

	(void)state;
	assert_int_equal(
	        dmasim_attr_combine(&dmasim_attr_wt, &force, true, &out),
	        DMASIM_OK);
	assert_int_equal(out.alloc, DMASIM_ALLOC_READ);
	assert_int_equal(
	        dmasim_attr_combine(&dmasim_attr_device, &force, true, &out),
	        DMASIM_OK);
	assert_int_equal(out.alloc, DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE);
	assert_int_equal(out.inner, DMASIM_WB);
}

static void refused(void **state)
{
	struct dmasim_s2_attr s2 = {0x10, DMASIM_ISH};
	struct dmasim_attr out;

	(void)state;
	assert_int_equal(dmasim_attr_combine(&dmasim_attr_wb, &s2, false, &out),
	                 DMASIM_E_INVAL);
	s2 = (struct dmasim_s2_attr){DMASIM_S2_NORMAL, DMASIM_SY};
	assert_int_equal(dmasim_attr_combine(&dmasim_attr_wb, &s2, false, &out),
	                 DMASIM_E_INVAL);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_cacheability),
        cmocka_unit_test(forced_write_back),
        cmocka_unit_test(shareability),
        cmocka_unit_test(hints),
        cmocka_unit_test(refused),
};

CHECK_MAIN(tests)
