/* SPDX-License-Identifier: MIT */
/* Records of stalled transactions: held until there is room, never lost. */
#include "clients.h"

#define SID   5u
#define OTHER 6u
#define VA    0x12345000ull
#define PA    (RIG_DATA + 0x7000)
#define CD_S  (1ull << 44)
#define OVF   (1u << 31)

#define FIRST_FAULT(stag) EV_IN | EV_READ | EV_STALLED(stag)

/* A stream that stalls, with nothing mapped. */
static uint64_t stalling(struct rig *r, uint32_t sid, struct tables_half *h)
{
	uint64_t cd = rig_stream(r, sid, (uint16_t)sid, h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	return cd;
}

static void map(struct rig *r, struct tables_half *h, uint64_t va)
{
	tables_map(&r->t, h, va, PA + (va - VA), 3, LEAF_RW);
}

static enum dmasim_result read4(struct clients *cs, unsigned i)
{
	return client_access(cs, i, DMASIM_READ, SID, VA + 0x1000 * i, 4);
}

static void stats(struct rig *r, struct dmasim_smmu_stats *st)
{
	dmasim_smmu_get_stats(r->smmu, st);
}

STALL_TEST(a_full_queue_holds_records_without_overflow, STALL_IDS,
           .queue_log2 = 1)
{
	struct dmasim_smmu_stats st;
	struct tables_half h;
	uint64_t record[4];

	stalling(r, SID, &h);
	for (unsigned i = 0; i < 4; i++)
		read4(cs, i);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 2);
	/* 4.7.1: a record that nobody can have seen cannot be answered. */
	rig_cmd(r, cmd_resume(SID, 2, RESUME_ABORT));
	assert_true(client_waits(cs, 2));
	for (unsigned i = 0; i < 4; i++) {
		assert_true(rig_event(r, record));
		rig_settle(r);
		assert_int_equal(record[1], FIRST_FAULT(i));
		assert_int_equal(record[2], VA + 0x1000 * i);
	}
	rig_expect_none(r);
	assert_int_equal(rig_r32(r, EVENTQ_PROD) & OVF, 0);
	stats(r, &st);
	assert_int_equal(st.records_lost, 0);
	rig_cmd(r, cmd_resume(SID, 2, RESUME_ABORT));
	client_ended(cs, 2, DMASIM_TXN_ABORT);
}

/* Others are lost all the same. */
STALL_TEST(terminated_records_are_lost_beside_stalls, STALL_IDS,
           .queue_log2 = 1)
{
	struct dmasim_smmu_stats st;
	struct tables_half h;
	uint64_t record[4];

	stalling(r, SID, &h);
	for (unsigned i = 0; i < 3; i++)
		read4(cs, i);
	assert_int_equal(client_access(cs, 8, DMASIM_READ, 300, VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_settle(r);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF | 2);
	stats(r, &st);
	assert_int_equal(st.records_lost, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(rig_event(r, record));
		rig_settle(r);
		assert_int_equal(record[0], EV(0x10, SID));
	}
	rig_expect_none(r);
}

STALL_TEST(a_disabled_queue_holds_records, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_PENDING);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
}

/* 7.2.2: the record whose write aborts is lost; those after it are held until
 * the error is acknowledged. */
STALL_TEST(an_aborted_queue_holds_records, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	r->refuse_from = r->evtq;
	r->refuse_to = r->evtq + 32;
	read4(cs, 0);
	read4(cs, 1);
	assert_int_equal(rig_r32(r, GERROR), 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	r->refuse_to = 0;
	rig_w32(r, GERRORN, 4);
	rig_settle(r);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(1), VA + 0x1000, 0);
	/* The lost one can only be ended. */
	rig_cmd(r, cmd_stall_term(SID));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	client_ended(cs, 1, DMASIM_TXN_ABORT);
}

/* 7.2.1: what was invalidated while the record was held makes it stale; the
 * transaction is tried again when there is room. */
STALL_TEST(a_stale_record_is_not_written, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	read4(cs, 0);
	read4(cs, 1);
	map(r, &h, VA);
	tables_map(&r->t, &h, VA + 0x1000, PA, 3, LEAF_RW & ~LEAF_AP1);
	rig_cmd(r, cmd_tlbi(0x11, 0, SID, 0));
	rig_cmd(r, cmd_sync(0));
	rig_settle(r);
	assert_true(client_waits(cs, 0));
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	client_ended(cs, 0, DMASIM_TXN_OK);
	assert_true(client_waits(cs, 1));
	rig_expect(r, EV(0x13, SID), FIRST_FAULT(2), VA + 0x1000, 0);
}

/* Without an invalidation the record stands. */
STALL_TEST(a_held_record_is_written_as_it_was, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	read4(cs, 0);
	map(r, &h, VA);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	assert_true(client_waits(cs, 0));
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
}

/* What is terminated while its record is held leaves none (4.7.2). */
STALL_TEST(a_terminated_stall_leaves_no_record, STALL_IDS)
{
	struct tables_half h, h2;

	stalling(r, SID, &h);
	stalling(r, OTHER, &h2);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	read4(cs, 0);
	client_access(cs, 8, DMASIM_READ, OTHER, VA, 4);
	read4(cs, 1);
	rig_cmd(r, cmd_stall_term(SID));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	client_ended(cs, 1, DMASIM_TXN_ABORT);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	rig_expect(r, EV(0x10, OTHER), FIRST_FAULT(1), VA, 0);
	assert_true(client_waits(cs, 8));
}

/* Records wait for a write on its way; what ends meanwhile is taken out. */
RIG_TEST(a_stall_ends_in_the_fifo, STALL_IDS, .pend = true)
{
	static struct clients cs;
	struct tables_half h;
	uint64_t record[4];

	clients_open(&cs, r, "clients");
	stalling(r, SID, &h);
	r->pend_causes = 1u << DMASIM_CAUSE_EVTQ;
	for (unsigned i = 0; i < 3; i++) {
		const struct dmasim_txn t = {
		        .op = DMASIM_READ,
		        .cause = DMASIM_CAUSE_DMA,
		        .stream_id = SID,
		        .addr = VA + 0x1000 * i,
		        .size = 4,
		        .data = cs.c[i].data,
		        .done = {cs.actor, 7, i},
		};

		cs.c[i].t = t;
		assert_int_equal(dmasim_access(&r->client, &cs.c[i].t),
		                 DMASIM_TXN_PENDING);
	}
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_settle(r);
	for (unsigned i = 0; i < 3; i++)
		client_ended(&cs, i, DMASIM_TXN_ABORT);
	/* The first was being written. */
	assert_true(rig_event(r, record));
	assert_int_equal(record[2], VA);
	rig_expect_none(r);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(a_full_queue_holds_records_without_overflow),
        STALL_CASE(terminated_records_are_lost_beside_stalls),
        STALL_CASE(a_disabled_queue_holds_records),
        STALL_CASE(an_aborted_queue_holds_records),
        STALL_CASE(a_stale_record_is_not_written),
        STALL_CASE(a_held_record_is_written_as_it_was),
        STALL_CASE(a_terminated_stall_leaves_no_record),
        cmocka_unit_test(a_stall_ends_in_the_fifo),
};

CHECK_MAIN(tests)
