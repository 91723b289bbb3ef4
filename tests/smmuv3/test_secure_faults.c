/* SPDX-License-Identifier: MIT */
/* Faults, stalls, ATS and PRI between the two Security states. */
#include "ats_asks.h"
#include "clients.h"
#include "endpoint.h"
#include "secure_side.h"

#define SID  5u
#define VA   0x12345000ull
#define PA   (RIG_DATA + 0x7000)
#define CD_S (1ull << 44)

#define STALLS                                                                 \
	SECURE_IDS(0), .idr_clear = {7u << 24}, .idr_set = {[5] = 4u << 16}

static struct secure_side side;
static struct tables_half hn, hs;

static void both(struct rig *r)
{
	uint64_t cd;

	secure_open(&side, r);
	cd = rig_stream(r, SID, 1, &hn);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	cd = secure_stream(&side, SID, &hs);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
}

static enum dmasim_result start(struct clients *cs, unsigned i, bool secure)
{
	const struct dmasim_txn t = {
	        .op = DMASIM_READ,
	        .stream_id = SID,
	        .addr = VA,
	        .size = 4,
	        .flags = secure ? DMASIM_TXN_SEC_SID | DMASIM_TXN_SECURE : 0,
	};

	return client_start(cs, i, &t);
}

/* 7.2.3: each stalls into its own queue; tags are shared, streams are not. */
STALL_TEST(stalls_have_a_security_state, STALLS)
{
	struct tables_cmd c = cmd_resume(SID, 0, RESUME_ABORT);

	both(r);
	assert_int_equal(start(cs, 0, true), DMASIM_TXN_PENDING);
	assert_int_equal(start(cs, 1, false), DMASIM_TXN_PENDING);
	secure_expect(&side, EV(0x10, SID), EV_IN | EV_READ | EV_STALLED(0),
	              VA);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ | EV_STALLED(1), VA, 0);
	/* The Non-secure queue does not reach the Secure one. */
	rig_cmd(r, c);
	assert_true(client_waits(cs, 0));
	/* Nor does the Secure one without SSec. */
	secure_cmd(&side, c);
	assert_true(client_waits(cs, 0));
	c.d0 |= SSEC;
	secure_cmd(&side, c);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	assert_true(client_waits(cs, 1));
	/* And it may speak for the other side. */
	secure_cmd(&side, cmd_resume(SID, 1, RESUME_ABORT));
	client_ended(cs, 1, DMASIM_TXN_ABORT);
}

STALL_TEST(stall_term_has_a_security_state, STALLS)
{
	struct tables_cmd c = cmd_stall_term(SID);

	both(r);
	start(cs, 0, true);
	start(cs, 1, false);
	rig_cmd(r, c);
	client_ended(cs, 1, DMASIM_TXN_ABORT);
	assert_true(client_waits(cs, 0));
	start(cs, 1, false);
	c.d0 |= SSEC;
	secure_cmd(&side, c);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	assert_true(client_waits(cs, 1));
}

STALL_TEST(smmuen_is_one_sides, STALLS)
{
	both(r);
	start(cs, 0, true);
	start(cs, 1, false);
	secure_w32(&side, CR0, EN_EVENTQ | EN_CMDQ);
	rig_settle(r);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	assert_true(client_waits(cs, 1));
	start(cs, 2, false);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_settle(r);
	client_ended(cs, 1, DMASIM_TXN_ABORT);
	client_ended(cs, 2, DMASIM_TXN_ABORT);
}

/* 3.12: S_CR0.NSSTALLD leaves Non-secure streams the terminate model. */
STALL_TEST(nsstalld_takes_stalls_away, STALLS)
{
	both(r);
	secure_w32(&side, CR0, EN_ALL | 1u << 9);
	/* S of the CD is ILLEGAL, and the commands are unknown. */
	assert_int_equal(start(cs, 1, false), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x0a, SID), 0, 0, 0);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
	/* Secure streams stall as before. */
	assert_int_equal(start(cs, 0, true), DMASIM_TXN_PENDING);
	secure_cmd(&side, cmd_stall_term(SID));
	assert_int_equal(secure_r32(&side, GERROR), 0);
	assert_true(client_waits(cs, 0));
}

/* What was cached while stalls were allowed does not stall either. */
STALL_TEST(nsstalld_and_a_cached_cd, STALLS)
{
	both(r);
	tables_map(&r->t, &hn, VA + 0x1000, PA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA + 0x1000), PA);
	secure_w32(&side, CR0, EN_ALL | 1u << 9);
	assert_int_equal(start(cs, 1, false), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA, 0);
}

/* A Secure CMD_SYNC is also for records of the other side (4.7.3). */
RIG_TEST(a_secure_sync_waits_for_both, STALLS, .pend = true)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 300,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};
	struct tables_cmd c = cmd_sync(0);

	both(r);
	r->pend_causes = 1u << DMASIM_CAUSE_EVTQ;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	tables_set(&r->t, side.cmdq, c.d0);
	tables_set(&r->t, side.cmdq + 8, c.d1);
	secure_w32(&side, CMDQ_PROD, 1);
	assert_int_equal(secure_r32(&side, CMDQ_CONS), 0);
	rig_settle(r);
	assert_int_equal(secure_r32(&side, CMDQ_CONS), 1);
	/* But not the reverse. */
	t.flags = DMASIM_TXN_SEC_SID;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	tables_set(&r->t, r->cmdq, c.d0);
	tables_set(&r->t, r->cmdq + 8, c.d1);
	rig_w32(r, CMDQ_PROD, 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	rig_settle(r);
}

/* ---- ATS and PRI (3.9.1) ---- */

#define SECURE_ATS SECURE_IDS(1), .idr_set = {1u << 10 | 1u << 16, 7u << 11}

/* Requests of Secure streams, before anything is looked up. */
RIG_TEST(secure_requests_are_refused, SECURE_ATS)
{
	uint64_t e;

	secure_open(&side, r);
	assert_int_equal(ats_ask(r, 300, VA, DMASIM_TXN_SEC_SID, 0, &e, 1),
	                 ATS_UR);
	secure_expect(&side, EV(5, 300), 1ull << 31 | 1ull << 30 | 1, VA);
	rig_expect_none(r);
}

RIG_TEST(secure_translated_transactions_are_forbidden, SECURE_ATS)
{
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .stream_id = 300,
	                       .addr = PA,
	                       .size = 4,
	                       .flags = DMASIM_TXN_SEC_SID |
	                                DMASIM_TXN_ATS_TRANSLATED,
	                       .data = r->buf};

	secure_open(&side, r);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	secure_expect(&side, EV(7, 300), 0, PA);
	t.op = DMASIM_READ;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	secure_expect(&side, EV(7, 300), EV_READ, PA);
	rig_expect_none(r);
}

static struct endpoint ep;

/* 4.5: the Secure queue speaks to Non-secure streams. */
RIG_TEST(ats_commands_of_the_secure_queue, SECURE_ATS)
{
	secure_open(&side, r);
	endpoint_open(&ep, r, SID, SID, 0);
	secure_cmd(&side, cmd_atc_inv(SID, VA, 0));
	assert_int_equal(ep.invs, 1);
	secure_cmd(&side, cmd_pri_resp(SID, 4, 2));
	endpoint_expect(&ep, SID, 4, -1, DMASIM_PRI_SUCCESS);
	assert_int_equal(secure_r32(&side, GERROR), 0);
	/* Its own SMMUEN counts. */
	secure_w32(&side, CR0, EN_EVENTQ | EN_CMDQ);
	secure_cmd(&side, cmd_atc_inv(SID, VA, 0));
	secure_cmd(&side, cmd_pri_resp(SID, 4, 2));
	assert_int_equal(ep.invs, 1);
	endpoint_expect_none(&ep);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	secure_w32(&side, CR0, EN_ALL);
	secure_cmd(&side, cmd_atc_inv(SID, VA, 0));
	assert_int_equal(ep.invs, 2);
}

/* 3.9.1.4: who sent it hears of the failure; the others do not wait. */
RIG_TEST(a_failure_is_told_to_its_queue, SECURE_ATS)
{
	secure_open(&side, r);
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	tables_set(&r->t, r->cmdq, cmd_atc_inv(SID, VA, 0).d0);
	tables_set(&r->t, r->cmdq + 8, cmd_atc_inv(SID, VA, 0).d1);
	tables_set(&r->t, r->cmdq + 16, cmd_sync(0).d0);
	rig_w32(r, CMDQ_PROD, 2);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	tables_set(&r->t, side.cmdq, cmd_sync(0).d0);
	secure_w32(&side, CMDQ_PROD, 1);
	assert_int_equal(secure_r32(&side, CMDQ_CONS), 1);
	endpoint_end(&ep, 0, false, 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 1);
	assert_int_equal(secure_r32(&side, GERROR), 0);
}

/* S_IDR3.SAMS: no such commands. */
RIG_TEST(sams, .s_idr = {1u << 24, 1u << 31 | 16, 0, 1u << 6},
         .idr_set = {1u << 10 | 1u << 16, 7u << 11})
{
	secure_open(&side, r);
	endpoint_open(&ep, r, SID, SID, 0);
	secure_cmd(&side, cmd_atc_inv(SID, VA, 0));
	assert_int_equal(secure_r32(&side, CMDQ_CONS), 1u << 24);
	secure_w32(&side, CMDQ_PROD, 0);
	secure_w32(&side, GERRORN, 1);
	secure_cmd(&side, cmd_pri_resp(SID, 4, 2));
	assert_int_equal(secure_r32(&side, CMDQ_CONS), 1u << 24);
	assert_int_equal(ep.invs, 0);
	endpoint_expect_none(&ep);
	rig_cmd(r, cmd_atc_inv(SID, VA, 0));
	assert_int_equal(ep.invs, 1);
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(stalls_have_a_security_state),
        STALL_CASE(stall_term_has_a_security_state),
        STALL_CASE(smmuen_is_one_sides),
        STALL_CASE(nsstalld_takes_stalls_away),
        STALL_CASE(nsstalld_and_a_cached_cd),
        cmocka_unit_test(a_secure_sync_waits_for_both),
        cmocka_unit_test(secure_requests_are_refused),
        cmocka_unit_test(secure_translated_transactions_are_forbidden),
        cmocka_unit_test(ats_commands_of_the_secure_queue),
        cmocka_unit_test(a_failure_is_told_to_its_queue),
        cmocka_unit_test(sams),
};

CHECK_MAIN(tests)
