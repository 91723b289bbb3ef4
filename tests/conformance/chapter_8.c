/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 8: the PRI queue. */
#include "endpoint.h"

#define SID     5u
#define EN_PRIQ 2u
#define OVF     (1u << 31)

static struct endpoint ep;
static uint64_t priq;

static void setup(struct rig *r)
{
	endpoint_open(&ep, r, SID, SID, 0);
	priq = tables_alloc(&r->t, 32, 32);
	rig_w64(r, PRIQ_BASE, priq | 1);
	rig_w32(r, CR0, EN_ALL | EN_PRIQ);
}

static void ppr(unsigned group, bool last, int64_t pasid)
{
	const struct dmasim_page_request q = {
	        .stream_id = SID,
	        .pasid_valid = pasid >= 0,
	        .pasid = pasid >= 0 ? (uint32_t)pasid : 0,
	        .last = last,
	        .read = true,
	        .group = (uint16_t)group,
	        .addr = 0x7000,
	};

	assert_int_equal(ep.host.page_request(ep.host.obj, &q), DMASIM_OK);
}

static void marker(void)
{
	const struct dmasim_page_request q = {
	        .stream_id = SID, .pasid_valid = true, .last = true};

	assert_int_equal(ep.host.page_request(ep.host.obj, &q), DMASIM_OK);
}

/* 8: the message as PCIe has it. */
RIG_TEST(s8_format, ATS_IDS)
{
	setup(r);
	ppr(3, true, 0x12345);
	assert_true(tables_get(&r->t, priq) ==
	            (SID | 0x12345ull << 32 | 1ull << 60 | 1ull << 62 |
	             1ull << 63));
	assert_int_equal(tables_get(&r->t, priq + 8), 0x7003);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 1);
}

/* 8.1. */
RIG_TEST(s8_1_overflow, ATS_IDS)
{
	setup(r);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	ppr(0, true, -1);
	ppr(1, true, -1);
	endpoint_expect_none(&ep);
	ppr(2, false, -1);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 2);
	ppr(2, true, -1);
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_SUCCESS);
	marker();
	endpoint_expect_none(&ep);
	/* STE.PPAR. */
	ppr(3, true, 9);
	endpoint_expect(&ep, SID, 3, -1, DMASIM_PRI_SUCCESS);
	rig_ste_word(r, SID, 1, 0, 1ull << 18);
	rig_flush(r);
	ppr(3, true, 9);
	endpoint_expect(&ep, SID, 3, 9, DMASIM_PRI_SUCCESS);
	rig_ste_word(r, SID, 0, 1, 0);
	rig_flush(r);
	ppr(3, true, 9);
	endpoint_expect(&ep, SID, 3, -1, DMASIM_PRI_FAILURE);
	/* 8.1.1: consumed and acknowledged in one write. */
	rig_w32(r, PRIQ_CONS, OVF | 2);
	ppr(4, true, -1);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 3);
	rig_expect_none(r);
}

/* 8.2. */
RIG_TEST(s8_2_no_queue, ATS_IDS)
{
	setup(r);
	r->refuse_from = priq;
	r->refuse_to = priq + 16;
	ppr(0, false, 9);
	endpoint_expect(&ep, SID, 0, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(rig_r32(r, GERROR), 1u << 3);
	r->refuse_to = 0;
	ppr(1, true, 9);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_FAILURE);
	marker();
	endpoint_expect_none(&ep);
	rig_w32(r, GERRORN, 1u << 3);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ | EN_PRIQ);
	ppr(2, true, -1);
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_FAILURE);
	rig_w32(r, CR0, EN_ALL | EN_PRIQ);
	ppr(3, true, -1);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 1);
}

/* 8.3. */
RIG_TEST(s8_3_codes, ATS_IDS)
{
	static const enum dmasim_pri_code codes[] = {
	        DMASIM_PRI_FAILURE, DMASIM_PRI_INVALID, DMASIM_PRI_SUCCESS};

	setup(r);
	for (unsigned i = 0; i < 3; i++) {
		rig_cmd(r, with_ssid(cmd_pri_resp(SID, 100 + i, i), 7));
		endpoint_expect(&ep, SID, 100 + i, 7, codes[i]);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s8_format),
        cmocka_unit_test(s8_1_overflow),
        cmocka_unit_test(s8_2_no_queue),
        cmocka_unit_test(s8_3_codes),
};

CHECK_MAIN(tests)
