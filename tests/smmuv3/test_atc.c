/* SPDX-License-Identifier: MIT */
/* CMD_ATC_INV: what endpoints are told, and what CMD_SYNC says of it. */
#include "clients.h"
#include "endpoint.h"

#include <stdlib.h>

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

static struct endpoint ep;

/* The command is refused, and out of the way again. */
static void illegal(struct rig *r, struct tables_cmd c)
{
	uint32_t cons = rig_r32(r, CMDQ_CONS) & 0xfffff;

	rig_cmd(r, c);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24 | cons);
	rig_w32(r, CMDQ_PROD, cons);
	rig_w32(r, GERRORN, rig_r32(r, GERROR));
}

RIG_TEST(spans_are_aligned, ATS_IDS)
{
	endpoint_open(&ep, r, SID, SID + 3, 0);
	ep.answer = DMASIM_ATS_DONE;
	rig_cmd(r, cmd_atc_inv(SID, 0x1234567000, 0));
	rig_cmd(r, cmd_atc_inv(SID + 3, 0x1234567000, 4));
	rig_cmd(r, cmd_atc_inv(SID, 0xfff0000000000000, 20));
	rig_cmd(r, cmd_atc_inv(SID, 0x1234567000, 52));
	rig_cmd(r, cmd_atc_inv(SID, 0xf234567000000000, 51));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(ep.invs, 5);
	assert_int_equal(ep.inv[0].first, 0x1234567000);
	assert_int_equal(ep.inv[0].last, 0x1234567fff);
	assert_int_equal(ep.inv[0].stream_id, SID);
	assert_int_equal(ep.inv[1].first, 0x1234560000);
	assert_int_equal(ep.inv[1].last, 0x123456ffff);
	assert_int_equal(ep.inv[1].stream_id, SID + 3);
	assert_int_equal(ep.inv[2].first, 0xfff0000000000000);
	assert_int_equal(ep.inv[2].last, 0xfff00000ffffffff);
	assert_int_equal(ep.inv[3].first, 0);
	assert_true(ep.inv[3].last == UINT64_MAX);
	assert_int_equal(ep.inv[4].first, 1ull << 63);
	assert_true(ep.inv[4].last == UINT64_MAX);
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 6);
}

RIG_TEST(pasid_and_global, ATS_IDS)
{
	struct tables_cmd c = cmd_atc_inv(SID, VA, 0);

	endpoint_open(&ep, r, SID, SID, 0);
	c.d0 |= 1u << 9;
	/* Global is for invalidations with a PASID. */
	rig_cmd(r, c);
	assert_false(ep.inv[0].pasid_valid);
	assert_false(ep.inv[0].global);
	rig_cmd(r, with_ssid(c, 0xabcde));
	assert_true(ep.inv[1].pasid_valid);
	assert_true(ep.inv[1].global);
	assert_int_equal(ep.inv[1].pasid, 0xabcde);
	rig_cmd(r, with_ssid(cmd_atc_inv(SID, VA, 0), 0));
	assert_true(ep.inv[2].pasid_valid);
	assert_false(ep.inv[2].global);
	assert_int_equal(ep.inv[2].pasid, 0);
}

/* SSIDSIZE 0: as if SSV were 0. */
RIG_TEST(without_pasids, .idr_set = {1u << 10}, .idr_clear = {0, 0x7c0})
{
	endpoint_open(&ep, r, SID, SID, 0);
	rig_cmd(r, with_ssid(cmd_atc_inv(SID, VA, 0), 3));
	assert_int_equal(ep.invs, 1);
	assert_false(ep.inv[0].pasid_valid);
	assert_int_equal(ep.inv[0].pasid, 0);
}

RIG_TEST(illegal_invalidations, ATS_IDS)
{
	endpoint_open(&ep, r, SID, SID, 0);
	illegal(r, cmd_atc_inv(SID, VA, 53));
	illegal(r, cmd_atc_inv(SID, VA, 63));
	assert_int_equal(ep.invs, 0);
}

RIG_TEST(no_ats_no_command, 0)
{
	endpoint_open(&ep, r, SID, SID, 0);
	illegal(r, cmd_atc_inv(SID, VA, 0));
	assert_int_equal(ep.invs, 0);
}

/* 4.5.1: without SMMUEN, and to streams without an endpoint: nothing. */
RIG_TEST(ignored_invalidations, ATS_IDS)
{
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	rig_cmd(r, cmd_atc_inv(SID + 1, VA, 0));
	rig_cmd(r, cmd_atc_inv(SID - 1, VA, 0));
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_cmd(r, cmd_atc_inv(SID, VA, 0));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(ep.invs, 0);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 4);
	assert_int_equal(rig_r32(r, GERROR), 0);
}

/* Endpoints that take no invalidations. */
RIG_TEST(endpoints_without_functions, ATS_IDS)
{
	const struct dmasim_smmu_ats_config cfg = {.first_sid = SID,
	                                           .last_sid = SID};

	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, NULL),
	                 DMASIM_OK);
	rig_cmd(r, cmd_atc_inv(SID, VA, 0));
	rig_cmd(r, cmd_pri_resp(SID, 1, 2));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3);
}

RIG_TEST(endpoints_do_not_share_streams, ATS_IDS)
{
	struct dmasim_smmu_ats_config cfg = {.first_sid = 8, .last_sid = 15};
	struct dmasim_ats_host host;

	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &host),
	                 DMASIM_OK);
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &host),
	                 DMASIM_E_EXISTS);
	cfg.first_sid = cfg.last_sid = 15;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &host),
	                 DMASIM_E_EXISTS);
	cfg.first_sid = 0;
	cfg.last_sid = 8;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &host),
	                 DMASIM_E_EXISTS);
	cfg.last_sid = 7;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &host),
	                 DMASIM_OK);
	cfg.first_sid = 17;
	cfg.last_sid = 16;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &host),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, NULL, &host),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_attach_ats(NULL, &cfg, &host),
	                 DMASIM_E_INVAL);
}

/* ---- CMD_SYNC ---- */

static void put(struct rig *r, uint32_t at, struct tables_cmd c)
{
	tables_set(&r->t, r->cmdq + 16ull * at, c.d0);
	tables_set(&r->t, r->cmdq + 16ull * at + 8, c.d1);
}

/* Up to DMASIM_US from now. */
static void a_while(struct rig *r)
{
	assert_int_equal(dmasim_run_until(r->k, dmasim_now(r->k) + DMASIM_US),
	                 DMASIM_OK);
}

static void sync_waits(struct rig *r)
{
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	put(r, 0, cmd_atc_inv(SID, VA, 0));
	put(r, 1, cmd_atc_inv(SID, VA + 0x1000, 0));
	put(r, 2, cmd_sync_msi(RIG_MSI, 0x99));
	put(r, 3, cmd_atc_inv(SID, VA + 0x2000, 0));
	rig_w32(r, CMDQ_PROD, 4);
	a_while(r);
	/* The commands are consumed, the SYNC is not. */
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	assert_int_equal(ep.invs, 2);
	endpoint_end(&ep, 1, true, 0);
	a_while(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0);
	endpoint_end(&ep, 0, true, 0);
	a_while(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 4);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x99);
	assert_int_equal(ep.invs, 3);
	endpoint_end(&ep, 2, true, 0);
	rig_settle(r);
	/* The timeouts went with them: nothing was left for a minute. */
	assert_true(dmasim_now(r->k) < DMASIM_SEC);
}

RIG_TEST(sync_waits_for_endpoints, ATS_IDS)
{
	sync_waits(r);
}

RIG_TEST(sync_waits_for_endpoints_pend, ATS_IDS, .pend = true)
{
	sync_waits(r);
}

/* 3.9.1.4: CERROR_ATC_INV_SYNC, at the SYNC; the next one completes. */
static void sync_fails(struct rig *r, bool timeout)
{
	endpoint_open(&ep, r, SID, SID, 500 * DMASIM_NS);
	ep.answer = DMASIM_ATS_LATER;
	put(r, 0, cmd_atc_inv(SID, VA, 0));
	put(r, 1, cmd_atc_inv(SID, VA, 1));
	put(r, 2, cmd_sync_msi(RIG_MSI, 0x99));
	rig_w32(r, CMDQ_PROD, 3);
	endpoint_end(&ep, 0, true, 0);
	if (!timeout)
		endpoint_end(&ep, 1, false, 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 2);
	assert_int_equal(rig_r32(r, GERROR), 1);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0);
	/* Late is as good as never. */
	endpoint_end(&ep, 1, true, 0);
	rig_settle(r);
	rig_w32(r, GERRORN, 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xfffff, 3);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x99);
}

RIG_TEST(an_endpoint_that_fails, ATS_IDS)
{
	sync_fails(r, false);
}

RIG_TEST(an_endpoint_that_fails_pend, ATS_IDS, .pend = true)
{
	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	sync_fails(r, false);
}

RIG_TEST(an_endpoint_that_never_answers, ATS_IDS)
{
	sync_fails(r, true);
}

/* The failure waits for a SYNC, also in saved state. */
RIG_TEST(a_failure_is_saved, ATS_IDS)
{
	static struct clients cs;
	struct dmasim_writer *w;
	uint8_t *blob;
	size_t size;

	clients_open(&cs, r, "clients");
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	put(r, 0, cmd_atc_inv(SID, VA, 0));
	rig_w32(r, CMDQ_PROD, 1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	endpoint_end(&ep, 0, false, 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, GERROR), 0);
	blob = clients_save(&cs, &size);
	assert_int_equal(clients_restore(&cs, blob, size), DMASIM_OK);
	free(blob);
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 1);
	clients_close(&cs);
}

/* 3.9.1.5: Unsupported Request is no error. */
RIG_TEST(an_endpoint_that_refuses, ATS_IDS)
{
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_UNSUPPORTED;
	rig_cmd(r, cmd_atc_inv(SID, VA, 0));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
}

/* More than can be outstanding: the queue waits. */
RIG_TEST(many_invalidations, ATS_IDS, .queue_log2 = 8)
{
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	for (uint32_t i = 0; i < 100; i++)
		put(r, i, cmd_atc_inv(SID, VA + 0x1000 * i, 0));
	put(r, 100, cmd_sync(0));
	rig_w32(r, CMDQ_PROD, 101);
	assert_int_equal(ep.invs, 64);
	for (unsigned i = 0; i < 100; i++) {
		endpoint_end(&ep, i, true, 0);
		a_while(r);
		assert_int_equal(ep.invs, i + 65 < 100 ? i + 65 : 100);
	}
	assert_int_equal(rig_r32(r, CMDQ_CONS), 101);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ep.inv[i].first, VA + 0x1000 * i);
}

/* Calls that name no invalidation: from a heap that was restored. */
RIG_TEST(calls_of_nobody, ATS_IDS)
{
	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	put(r, 0, cmd_atc_inv(SID, VA, 0));
	put(r, 1, cmd_sync(0));
	rig_w32(r, CMDQ_PROD, 2);
	ep.inv[1] = ep.inv[2] = ep.inv[0];
	ep.inv[1].done.arg += 1;
	ep.inv[2].done.arg += 1ull << 32;
	ep.inv[3] = ep.inv[0];
	ep.inv[3].done.arg = UINT64_MAX;
	for (unsigned i = 1; i < 4; i++)
		endpoint_end(&ep, i, true, 0);
	a_while(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	endpoint_end(&ep, 0, true, 0);
	endpoint_end(&ep, 0, false, 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
}

/* 4.5.1: transactions that used what was invalidated come first. */
RIG_TEST(sync_waits_for_what_is_on_its_way, ATS_IDS, .pend = true)
{
	static struct clients cs;
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};
	struct tables_half h;

	clients_open(&cs, r, "clients");
	endpoint_open(&ep, r, SID, SID, 0);
	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	client_access(&cs, 0, DMASIM_READ, SID, VA, 4);
	r->pend_causes = 1u << DMASIM_CAUSE_DMA;
	ep.answer = DMASIM_ATS_LATER;
	put(r, 0, cmd_atc_inv(SID, VA, 0));
	put(r, 1, cmd_sync(0));
	rig_w32(r, CMDQ_PROD, 2);
	/* Begun after the command, before its end. */
	t.done = (struct dmasim_call){cs.actor, 7, 1};
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_PENDING);
	endpoint_end(&ep, 0, true, 0);
	assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_aligned),
        cmocka_unit_test(pasid_and_global),
        cmocka_unit_test(without_pasids),
        cmocka_unit_test(illegal_invalidations),
        cmocka_unit_test(no_ats_no_command),
        cmocka_unit_test(ignored_invalidations),
        cmocka_unit_test(endpoints_without_functions),
        cmocka_unit_test(endpoints_do_not_share_streams),
        cmocka_unit_test(sync_waits_for_endpoints),
        cmocka_unit_test(sync_waits_for_endpoints_pend),
        cmocka_unit_test(an_endpoint_that_fails),
        cmocka_unit_test(an_endpoint_that_fails_pend),
        cmocka_unit_test(an_endpoint_that_never_answers),
        cmocka_unit_test(a_failure_is_saved),
        cmocka_unit_test(an_endpoint_that_refuses),
        cmocka_unit_test(many_invalidations),
        cmocka_unit_test(calls_of_nobody),
        cmocka_unit_test(sync_waits_for_what_is_on_its_way),
};

CHECK_MAIN(tests)
