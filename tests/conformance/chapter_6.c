/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 6: registers. */
#include "rig.h"

#define SID 5u

/* 6.2: the event queue's pointers live in page 1. */
RIG_TEST(s6_2_page_1, .off = true)
{
	rig_w32(r, EVENTQ_PROD, 0x80000007);
	rig_w32(r, EVENTQ_CONS, 0x80000003);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0x80000007);
	assert_int_equal(rig_r32(r, EVENTQ_CONS), 0x80000003);
	assert_int_equal(rig_r32(r, 0xa8), 0);
	assert_int_equal(rig_r32(r, 0xac), 0);
}

/* 6.3.1: what is shown is what there is. */
RIG_TEST(s6_3_1_identification, 0)
{
	uint32_t idr0 = rig_r32(r, 0x00), idr1 = rig_r32(r, 0x04);
	uint32_t idr5 = rig_r32(r, 0x14);

	assert_int_equal(idr0 & 3, 2);             /* stage 1 */
	assert_int_equal(idr0 >> 2 & 3, 2);        /* AArch64 tables */
	assert_int_equal(idr0 >> 6 & 3, 0);        /* HTTU */
	assert_int_equal(idr0 >> 9 & 3, 0);        /* HYP, ATS */
	assert_int_equal(idr0 >> 15 & 7, 0);       /* ATOS, PRI, VMW */
	assert_int_equal(idr0 >> 24 & 3, 1);       /* no stalls */
	assert_int_equal(idr1 >> 11 & 0x1f, 0);    /* PRI queue */
	assert_int_equal(idr1 >> 28, 0);           /* presets, ECMDQ */
	assert_int_equal(rig_r32(r, 0x0c), 0x404); /* HAD, RIL */
	assert_int_equal(idr5, 0x75);              /* 48 bits, granules */
	assert_int_equal(rig_r32(r, 0x1c), 2);     /* SMMUv3.2 */
	assert_int_equal(rig_r32(r, 0x10), 0);
}

/* 6.3.9: a field of CR0 acts once CR0ACK shows it. */
RIG_TEST(s6_3_9_acknowledge, .off = true)
{
	for (uint32_t v = 0; v < 16; v++) {
		rig_w32(r, CR0, v);
		assert_int_equal(rig_r32(r, CR0ACK), v & 0xd);
	}
}

/* 6.3.14: GBPA acts on what comes in while SMMUEN is 0, and then only. */
RIG_TEST(s6_3_14_gbpa, 0)
{
	tables_ste_config(&r->t, &r->streams, SID, 4);
	rig_w32(r, GBPA, 1u << 31 | 1u << 20 | 1u << 12);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
	rig_w32(r, CR0, 0);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), UINT64_MAX);
	rig_w32(r, GBPA, 1u << 31 | 1u << 12);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
}

/* 6.3.19: an active error is not toggled again; an acknowledged one is. */
RIG_TEST(s6_3_19_gerror, 0)
{
	for (unsigned i = 0; i < 4; i++) {
		uint32_t gerror = rig_r32(r, GERROR);

		rig_w32(r, CMDQ_PROD, i + 1);
		rig_cmd(r, (struct tables_cmd){0xff, 0});
		tables_set(&r->t, r->cmdq + 16ull * i, 0xff);
		rig_w32(r, GERRORN, gerror);
		assert_int_equal((rig_r32(r, GERROR) ^ gerror) & 1, 1);
		tables_set(&r->t, r->cmdq + 16ull * i, 0x46);
		tables_set(&r->t, r->cmdq + 16ull * i + 16, 0x46);
		rig_w32(r, GERRORN, rig_r32(r, GERROR));
		rig_w32(r, CR0, EN_SMMU | EN_EVENTQ);
		rig_w32(r, CMDQ_CONS, i + 1);
		rig_w32(r, CMDQ_PROD, i + 1);
		rig_w32(r, CR0, EN_ALL);
	}
}

/* 6.3.24: LOG2SIZE 0 is a table of one stream. */
RIG_TEST(s6_3_24_one_stream, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, STRTAB_BASE_CFG, 0);
	rig_w32(r, CR0, EN_ALL);
	tables_ste_config(&r->t, &r->streams, 0, 4);
	assert_int_equal(rig_pa(r, 0, RIG_DATA), RIG_DATA);
	rig_dma(r, DMASIM_READ, 1, RIG_DATA, 4);
	rig_expect(r, EV(2, 1), 0, 0, 0);
}

/* 6.3.26: a queue's base is aligned to its size. */
RIG_TEST(s6_3_26_base_alignment, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_SMMU);
	rig_w64(r, EVENTQ_BASE, (r->evtq + 0x20) | r->queue_log2);
	rig_w32(r, CR0, EN_ALL);
	rig_dma(r, DMASIM_READ, 300, RIG_DATA, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_EVTQ)->addr, r->evtq);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s6_2_page_1),
        cmocka_unit_test(s6_3_1_identification),
        cmocka_unit_test(s6_3_9_acknowledge),
        cmocka_unit_test(s6_3_14_gbpa),
        cmocka_unit_test(s6_3_19_gerror),
        cmocka_unit_test(s6_3_24_one_stream),
        cmocka_unit_test(s6_3_26_base_alignment),
};

CHECK_MAIN(tests)
