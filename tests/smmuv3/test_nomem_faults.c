/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail where faults, page requests and invalidations are
 * under way: what cannot be kept ends, and what cannot be put off is done at
 * once.
 */
#include "fail_alloc.h"

#include "clients.h"
#include "endpoint.h"

#include <stdlib.h>

#define SID     5u
#define VA      0x12345000ull
#define PA      (RIG_DATA + 0x7000)
#define CD_S    (1ull << 44)
#define EN_PRIQ 2u

/* From here on the next call at a later time needs an allocation; they are for
 * nobody. */
static void fill_heap(struct rig *r)
{
	const struct dmasim_call call = {r->actor, RIG_NOBODY, 0};
	int status;

	do {
		fail_alloc_after = 0;
		status = dmasim_call_at(r->k, dmasim_now(r->k) + 1, 0, &call,
		                        NULL);
		fail_alloc_after = -1;
	} while (status == DMASIM_OK);
	assert_int_equal(status, DMASIM_E_NOMEM);
}

/* The first command of the queue; its first allocation fails. */
static void cmd_failing(struct rig *r, struct tables_cmd c)
{
	tables_set(&r->t, r->cmdq, c.d0);
	tables_set(&r->t, r->cmdq + 8, c.d1);
	fail_alloc_hit = false;
	fail_alloc_after = 0;
	rig_w32(r, CMDQ_PROD, 1);
	rig_settle(r);
	fail_alloc_after = -1;
	assert_true(fail_alloc_hit);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
}

RIG_TEST(attaching_an_endpoint, ATS_IDS)
{
	const struct dmasim_smmu_ats_config cfg = {.first_sid = SID,
	                                           .last_sid = SID};

	fail_alloc_after = 0;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, NULL),
	                 DMASIM_E_NOMEM);
	fail_alloc_after = -1;
	/* The streams are still free. */
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, NULL),
	                 DMASIM_OK);
}

/* 3.9.1.5: without a limit of time it has failed, and CMD_SYNC says so. */
RIG_TEST(an_invalidation_without_an_end, ATS_IDS)
{
	static struct endpoint ep;

	endpoint_open(&ep, r, SID, SID, 0);
	ep.answer = DMASIM_ATS_LATER;
	fill_heap(r);
	cmd_failing(r, cmd_atc_inv(SID, VA, 0));
	assert_int_equal(ep.invs, 1);
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 1);
	/* The endpoint is too late. */
	endpoint_end(&ep, 0, true, 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 1);
}

/* 8.1: an answer that would need STE.PPAR is a Failure. */
RIG_TEST(an_answer_to_an_overflow, ATS_IDS)
{
	const struct dmasim_page_request first = {
	        .stream_id = SID, .last = true, .read = true};
	const struct dmasim_page_request second = {.stream_id = SID,
	                                           .pasid_valid = true,
	                                           .pasid = 3,
	                                           .last = true,
	                                           .read = true,
	                                           .group = 1};
	static struct endpoint ep;

	endpoint_open(&ep, r, SID, SID, 0);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	rig_w64(r, PRIQ_BASE, tables_alloc(&r->t, 16, 16));
	rig_w32(r, CR0, EN_ALL | EN_PRIQ);
	assert_int_equal(ep.host.page_request(ep.host.obj, &first), DMASIM_OK);
	fail_alloc_after = 0;
	assert_int_equal(ep.host.page_request(ep.host.obj, &second), DMASIM_OK);
	fail_alloc_after = -1;
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(ep.host.page_request(ep.host.obj, &second), DMASIM_OK);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_SUCCESS);
}

/* 4.2: a prefetch is a hint. */
RIG_TEST(prefetches, 0)
{
	const struct tables_cmd c = {1 | (uint64_t)SID << 32, 0};
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	cmd_failing(r, c);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
	rig_cmd(r, c);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_expect_none(r);
}

static void stalled(struct rig *r, struct clients *cs, struct tables_half *h)
{
	uint64_t cd;

	clients_open(cs, r, "clients");
	cd = rig_stream(r, SID, 1, h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	tables_map(&r->t, h, VA, PA, 3, LEAF_RW);
	/* The second half of it stalls. */
	assert_int_equal(client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16),
	                 DMASIM_TXN_PENDING);
}

/* 4.7.1: what CMD_RESUME decides cannot come later, and so comes at once. */
RIG_TEST(a_decision, STALL_IDS)
{
	static struct clients cs;
	struct tables_half h;

	stalled(r, &cs, &h);
	tables_map(&r->t, &h, VA + 0x1000, PA + 0x1000, 3, LEAF_RW);
	fill_heap(r);
	cmd_failing(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(&cs, 0, DMASIM_TXN_OK);
	clients_close(&cs);
}

/* The blob goes to another SMMU, one of whose allocations fails. */
static int restored(const uint8_t *blob, size_t size, int after)
{
	static const struct rig_options o = {STALL_IDS};
	static struct clients cs;
	static struct rig r;
	struct dmasim_reader *reader;
	int status;

	rig_open(&r, &o);
	clients_open(&cs, &r, "clients");
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	fail_alloc_after = after;
	status = dmasim_smmu_restore(r.smmu, reader);
	fail_alloc_after = -1;
	dmasim_reader_destroy(reader);
	/* All of it, or nothing. */
	assert_int_equal(rig_r32(&r, CR0ACK), status == DMASIM_OK ? EN_ALL : 0);
	if (status != DMASIM_OK)
		assert_int_equal(clients_restore(&cs, blob, size), DMASIM_OK);
	clients_close(&cs);
	rig_close(&r);
	return status;
}

RIG_TEST(restoring_a_stall, STALL_IDS)
{
	static struct clients cs;
	struct tables_half h;
	uint8_t *blob;
	size_t size;

	stalled(r, &cs, &h);
	blob = clients_save(&cs, &size);
	/* The list of contexts, the context, what had been read. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(restored(blob, size, i), DMASIM_E_NOMEM);
	assert_int_equal(restored(blob, size, 3), DMASIM_OK);
	free(blob);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(attaching_an_endpoint),
        cmocka_unit_test(an_invalidation_without_an_end),
        cmocka_unit_test(an_answer_to_an_overflow),
        cmocka_unit_test(prefetches),
        cmocka_unit_test(a_decision),
        cmocka_unit_test(restoring_a_stall),
};

CHECK_MAIN(tests)
