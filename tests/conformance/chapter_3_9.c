/* SPDX-License-Identifier: MIT */
/* IHI 0070, 3.9, 13.6, 13.7: PCIe ATS, as its tables say. */
#include "ats_asks.h"
#include "endpoint.h"
#include "nest.h"

#define ATS_NEST NEST_BUT(0u, I0_ATS, 0u, 0u, 0u, 0u)

#define TRANSLATED DMASIM_TXN_ATS_TRANSLATED

static void translating(struct rig *r, struct nest *n, unsigned eats)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.eats = eats;
	rig_w32(r, CR0, EN_ALL | CR0_ATSCHK_BIT);
	nest_write(n);
}

/* The record of a refused request of one translation, reading and writing. */
static void refused(struct rig *r, uint32_t sid, uint64_t va, bool recorded)
{
	assert_int_equal(ats_result(r, sid, va), ATS_UR);
	if (recorded)
		rig_expect(r, EV(5, sid), 1ull << 31 | 1ull << 30 | 1, va, 0);
	rig_expect_none(r);
}

/* The first table of 3.9.1.2. */
RIG_TEST(s3_9_1_2_refusals, ATS_NEST)
{
	struct nest n;

	translating(r, &n, 0);
	refused(r, n.sid, N_VA, true);
	n.ste.eats = 1;
	n.ste.config = 0;
	nest_write(&n);
	refused(r, n.sid, N_VA, false);
	n.ste.config = 4;
	nest_write(&n);
	refused(r, n.sid, N_VA, true);
	n.ste.config = 7;
	n.ste.eats = 2;
	rig_w32(r, CR0, EN_ALL);
	nest_write(&n);
	refused(r, n.sid, N_VA, true);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	refused(r, n.sid, N_VA, true);
}

/* The second: one fault after the other is put right. */
RIG_TEST(s3_9_1_2_errors_and_denials, ATS_NEST)
{
	struct nest n;
	uint64_t e;

	translating(r, &n, 1);
	nest_map1(&n, N_VA, 1ull << 50, 3, LEAF_RW & ~LEAF_AF & ~LEAF_AP1);
	n.cd.ips = 5;
	n.cd.invalid = true;
	n.ste.invalid = true;
	nest_write(&n);
	/* C_BAD_STREAMID, C_BAD_STE, C_BAD_SUBSTREAMID, C_BAD_CD. */
	assert_int_equal(ats_result(r, 300, N_VA), ATS_CA);
	assert_int_equal(ats_result(r, n.sid, N_VA), ATS_CA);
	n.ste.invalid = false;
	nest_write(&n);
	assert_int_equal(ats_ask(r, n.sid, N_VA, DMASIM_TXN_SSV, 1, &e, 1),
	                 ATS_CA);
	assert_int_equal(ats_result(r, n.sid, N_VA), ATS_CA);
	n.cd.invalid = false;
	nest_write(&n);
	/* F_ADDR_SIZE, F_ACCESS, F_PERMISSION, then stage 2's. */
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_map1(&n, N_VA, N_IPA + 0x1000, 3, LEAF_RW & ~LEAF_AF & ~LEAF_AP1);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_map1(&n, N_VA, N_IPA + 0x1000, 3, LEAF_RW & ~LEAF_AP1);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_map1(&n, N_VA, N_IPA + 0x1000, 3, LEAF_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == 0);
	nest_map2(&n, N_IPA + 0x1000, N_PA, 3, S2_RW);
	rig_flush(r);
	assert_true(ats_entry(r, n.sid, N_VA, 0) == (N_PA | ATS_RW));
	/* Nothing of all this is recorded. */
	rig_expect_none(r);
}

/* The table of 3.9.1.3. */
RIG_TEST(s3_9_1_3_translated_transactions, ATS_NEST)
{
	static const struct {
		uint8_t config, eats;
		bool check, forbidden, passes;
	} rows[] = {
	        {0, 1, false, false, true}, {4, 1, false, false, true},
	        {7, 0, false, false, true}, {0, 1, true, false, false},
	        {4, 1, true, true, false},  {7, 0, true, true, false},
	        {7, 1, true, false, true},
	};
	struct nest n;

	translating(r, &n, 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_w32(r, CR0, EN_ALL | (rows[i].check ? CR0_ATSCHK_BIT : 0));
		n.ste.config = rows[i].config;
		n.ste.eats = rows[i].eats;
		nest_write(&n);
		assert_int_equal(rig_dma_flags(r, DMASIM_READ, n.sid, RIG_DATA,
		                               TRANSLATED),
		                 rows[i].passes ? DMASIM_TXN_OK
		                                : DMASIM_TXN_ABORT);
		if (rows[i].forbidden)
			rig_expect(r, EV(7, n.sid), EV_READ, RIG_DATA, 0);
		rig_expect_none(r);
	}
	rig_w32(r, CR0, EN_EVENTQ);
	assert_int_equal(
	        rig_dma_flags(r, DMASIM_WRITE, n.sid, RIG_DATA, TRANSLATED),
	        DMASIM_TXN_ABORT);
	rig_expect(r, EV(7, n.sid), 0, RIG_DATA, 0);
}

/* 3.9.1.4, 3.9.1.5. */
RIG_TEST(s3_9_1_4_timeouts, ATS_NEST)
{
	static struct endpoint ep;

	endpoint_open(&ep, r, N_SID, N_SID, DMASIM_US);
	ep.answer = DMASIM_ATS_LATER;
	rig_cmd(r, cmd_atc_inv(N_SID, N_VA, 0));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 1);
	rig_w32(r, GERRORN, 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xfffff, 2);
	ep.answer = DMASIM_ATS_UNSUPPORTED;
	rig_cmd(r, cmd_atc_inv(N_SID, N_VA, 0));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xfffff, 4);
	assert_int_equal(rig_r32(r, GERROR), 1);
}

/* 13.6.3: what a split-stage answer leads to is translated by stage 2. */
RIG_TEST(s13_6_3_split_stages, ATS_NEST)
{
	struct nest n;
	uint64_t e;

	translating(r, &n, 2);
	e = ats_entry(r, n.sid, N_VA, 0);
	assert_true(e == (N_IPA | ATS_RW));
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, n.sid,
	                               dmasim_ats_address(e) + 8, TRANSLATED),
	                 DMASIM_TXN_OK);
	assert_true(rig_last(r, DMASIM_CAUSE_DMA)->addr == N_PA + 8);
	/* Stage 2 changed since. */
	nest_set2(&n, N_IPA, 3, 0);
	rig_flush(r);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, n.sid,
	                               dmasim_ats_address(e) + 8, TRANSLATED),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ, N_IPA + 8,
	            N_IPA);
}

/* 13.6.4. */
RIG_TEST(s13_6_4_skipping_stage_1, ATS_NEST)
{
	struct nest n;
	uint64_t e;

	translating(r, &n, 1);
	n.ste.config = 5;
	n.ste.s1cdmax = 1;
	n.ste.s1dss = 1;
	nest_write(&n);
	e = ats_entry(r, n.sid, N_VA, DMASIM_TXN_ATS_NO_WRITE);
	assert_int_equal(e & (ATS_RW | DMASIM_ATS_U), ATS_RW);
	assert_true(dmasim_ats_address(e) == 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s3_9_1_2_refusals),
        cmocka_unit_test(s3_9_1_2_errors_and_denials),
        cmocka_unit_test(s3_9_1_3_translated_transactions),
        cmocka_unit_test(s3_9_1_4_timeouts),
        cmocka_unit_test(s13_6_3_split_stages),
        cmocka_unit_test(s13_6_4_skipping_stage_1),
};

CHECK_MAIN(tests)
