/* SPDX-License-Identifier: MIT */
/* The event queue: wrap, overflow, errors, interrupts and their messages. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull

#define OVF (1u << 31)

static uint64_t irqs(struct rig *r)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, 74});
}

static uint64_t gerrors(struct rig *r)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, 77});
}

/* Stream SID translates nothing: every access makes a record. */
static void setup(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
}

static void fault(struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4),
		                 DMASIM_TXN_ABORT);
}

static uint64_t lost(struct rig *r)
{
	struct dmasim_smmu_stats st;

	dmasim_smmu_get_stats(r->smmu, &st);
	return st.records_lost;
}

RIG_TEST(records_are_32_bytes_at_prod, .queue_log2 = 2)
{
	setup(r);
	for (unsigned i = 0; i < 11; i++) {
		uint64_t record[4];

		fault(r, 1);
		assert_int_equal(rig_r32(r, EVENTQ_PROD), (i + 1) % 8);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_EVTQ)->addr,
		                 r->evtq + 32 * (i % 4));
		assert_int_equal(rig_last(r, DMASIM_CAUSE_EVTQ)->size, 32);
		assert_true(rig_event(r, record));
		assert_int_equal(record[0], EV(0x10, SID));
		assert_false(rig_event(r, record));
	}
	assert_int_equal(rig_last(r, DMASIM_CAUSE_EVTQ)->attr.inner, DMASIM_WB);
	assert_int_equal(r->records, 11);
	assert_true(r->seen[0].caused);
	assert_false(r->seen[0].lost);
}

RIG_TEST(the_hook_sees_the_record, 0)
{
	setup(r);
	fault(r, 1);
	assert_int_equal(r->seen[0].record[0], EV(0x10, SID));
	assert_int_equal(r->seen[0].record[1], EV_IN | EV_READ);
	assert_int_equal(r->seen[0].record[2], VA);
}

RIG_TEST(a_disabled_queue_discards, .off = true)
{
	setup(r);
	rig_enable(r);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	fault(r, 3);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	assert_int_equal(lost(r), 3);
	assert_true(r->seen[2].lost);
	assert_int_equal(irqs(r), 0);
}

/* ---- overflow ---- */

RIG_TEST(overflow_toggles_once, .queue_log2 = 2)
{
	setup(r);
	fault(r, 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 4);
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF | 4);
	fault(r, 5);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF | 4);
	assert_int_equal(lost(r), 6);
	/* No error: a full queue is none. */
	assert_int_equal(rig_r32(r, GERROR), 0);
}

RIG_TEST(recording_goes_on_before_the_acknowledgement, .queue_log2 = 2)
{
	setup(r);
	fault(r, 5);
	rig_w32(r, EVENTQ_CONS, 1);
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF | 5);
	/* Full again: the overflow is unacknowledged, nothing toggles. */
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF | 5);
	rig_w32(r, EVENTQ_CONS, OVF | 1);
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 5);
	rig_w32(r, EVENTQ_CONS, 5);
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 6);
}

RIG_TEST(qemu_raises_an_error_instead, .profile = DMASIM_SMMU_QEMU_10,
         .queue_log2 = 1)
{
	setup(r);
	fault(r, 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 2);
	assert_int_equal(rig_r32(r, GERROR), 4);
	assert_int_equal(gerrors(r), 1);
	/* And goes on as soon as there is room. */
	rig_w32(r, EVENTQ_CONS, 1);
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 3);
	rig_w32(r, GERRORN, 4);
	fault(r, 1);
	assert_int_equal(rig_r32(r, GERROR), 0);
}

/* ---- write aborts ---- */

RIG_TEST(a_write_abort_stops_recording, 0)
{
	setup(r);
	r->refuse_from = r->evtq;
	r->refuse_to = r->evtq + 4096;
	fault(r, 1);
	assert_int_equal(rig_r32(r, GERROR), 4);
	assert_int_equal(gerrors(r), 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	assert_int_equal(irqs(r), 0);
	assert_int_equal(lost(r), 1);
	/* Not writable until it is acknowledged. */
	r->refuse_to = 0;
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	assert_int_equal(lost(r), 2);
	rig_w32(r, GERRORN, 4);
	fault(r, 1);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1);
}

/* ---- interrupts ---- */

RIG_TEST(the_interrupt_is_for_not_empty, 0)
{
	uint64_t record[4];

	setup(r);
	fault(r, 3);
	assert_int_equal(irqs(r), 1);
	assert_true(rig_event(r, record));
	fault(r, 1);
	assert_int_equal(irqs(r), 1);
	while (rig_event(r, record))
		;
	fault(r, 1);
	assert_int_equal(irqs(r), 2);
}

RIG_TEST(qemu_interrupts_for_each_record, .profile = DMASIM_SMMU_QEMU_7_2)
{
	setup(r);
	fault(r, 3);
	assert_int_equal(irqs(r), 3);
}

RIG_TEST(the_interrupt_can_be_off, .off = true)
{
	setup(r);
	rig_enable(r);
	rig_w32(r, IRQ_CTRL, 1);
	fault(r, 1);
	assert_int_equal(irqs(r), 0);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1);
}

static void messages(struct rig *r, uint64_t evtq, uint64_t gerror)
{
	setup(r);
	rig_enable(r);
	rig_w32(r, IRQ_CTRL, 0);
	rig_w64(r, EVENTQ_IRQ_CFG0, evtq);
	rig_w32(r, EVENTQ_IRQ_CFG1, 0x1234);
	rig_w32(r, EVENTQ_IRQ_CFG2, 3 << 4 | 0xf);
	rig_w64(r, GERROR_IRQ_CFG0, gerror);
	rig_w32(r, GERROR_IRQ_CFG1, 0x5678);
	rig_w32(r, GERROR_IRQ_CFG2, 1);
	rig_w32(r, IRQ_CTRL, 5);
}

RIG_TEST(messages_beside_wires, .off = true)
{
	messages(r, RIG_MSI, RIG_MSI + 8);
	fault(r, 2);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 1);
	assert_string_equal(rig_last(r, DMASIM_CAUSE_MSI)->what,
	                    "event queue MSI");
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.inner, DMASIM_WB);
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_int_equal(tables_get(&r->t, RIG_MSI + 8), 0x5678);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.type,
	                 DMASIM_DEVICE_NGNRE);
	/* 3.18.2: the one does not replace the other. */
	assert_int_equal(irqs(r), 1);
	assert_int_equal(gerrors(r), 1);
}

RIG_TEST(event_message_abort, .off = true)
{
	messages(r, RIG_HOLE, RIG_MSI + 8);
	fault(r, 1);
	assert_int_equal(rig_r32(r, GERROR), 1 << 5);
	assert_int_equal(tables_get(&r->t, RIG_MSI + 8), 0x5678);
}

RIG_TEST(error_message_abort, .off = true)
{
	messages(r, RIG_MSI, RIG_HOLE);
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	/* 7.5.1: not again for its own sake, neither way. */
	assert_int_equal(rig_r32(r, GERROR), 1 | 1 << 7);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 1);
	assert_int_equal(gerrors(r), 1);
}

/* A record whose write makes another one. */
static void fault_again(struct rig *r, const struct dmasim_txn *txn)
{
	uint8_t data[4];
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 301,
	                       .addr = VA,
	                       .size = 4,
	                       .data = data};

	if (txn->cause != DMASIM_CAUSE_EVTQ)
		return;
	r->hook = NULL;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
}

RIG_TEST(a_record_inside_a_record_comes_after, 0)
{
	uint64_t record[4];

	r->hook = fault_again;
	rig_dma(r, DMASIM_READ, 300, VA, 4);
	assert_true(rig_event(r, record));
	assert_int_equal(record[0], EV(2, 300));
	rig_expect(r, EV(2, 301), 0, 0, 0);
}

/* Messages on their way: one that has not left speaks for those after it. */
RIG_TEST(waiting_messages_are_merged, .pend = true, .off = true)
{
	uint64_t record[4];

	messages(r, RIG_MSI, 0);
	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	for (unsigned i = 0; i < 4; i++) {
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .stream_id = 300,
		                       .addr = VA,
		                       .size = 4,
		                       .data = r->buf};

		dmasim_access(&r->client, &t);
		assert_true(rig_event(r, record));
	}
	rig_settle(r);
	/* The first, and one for the other three. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 2);
}

/* Of CMD_SYNC each one counts, and too many make the queue wait. */
RIG_TEST(waiting_sync_messages_are_all_sent, .pend = true)
{
	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	for (uint32_t i = 0; i < 32; i++) {
		struct tables_cmd c = cmd_sync_msi(RIG_MSI + 8ull * i, i + 1);

		tables_set(&r->t, r->cmdq + 16ull * i, c.d0);
		tables_set(&r->t, r->cmdq + 16ull * i + 8, c.d1);
	}
	rig_w32(r, CMDQ_PROD, 32);
	/* 4.7.3: each waits for the message of the one before. */
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 32);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 32);
	for (uint32_t i = 0; i < 32; i++)
		assert_int_equal(tables_get(&r->t, RIG_MSI + 8ull * i), i + 1);
}

RIG_TEST(records_and_commands_are_traced, .trace = true, .queue_log2 = 1)
{
	setup(r);
	r->trace[0] = '\0';
	fault(r, 3);
	rig_cmd(r, (struct tables_cmd){0x46, 0});
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_string_equal(
	        r->trace,
	        "record F_TRANSLATION 0x0000000500000010 0x0000020800000000 "
	        "0x0000000012345000 0x0000000000000000\n"
	        "record F_TRANSLATION 0x0000000500000010 0x0000020800000000 "
	        "0x0000000012345000 0x0000000000000000\n"
	        "lost F_TRANSLATION 0x0000000500000010 0x0000020800000000 "
	        "0x0000000012345000 0x0000000000000000\n"
	        "CMD_SYNC 0x0000000000000046 0x0000000000000000\n"
	        "unknown command 0x00000000000000ff 0x0000000000000000\n"
	        "command error 1\n");
}

/* ---- while a record is on its way ---- */

RIG_TEST(records_wait_for_the_one_before, .pend = true)
{
	struct dmasim_txn t[3] = {{0}};
	uint64_t record[4];

	setup(r);
	for (unsigned i = 0; i < 3; i++) {
		t[i] = (struct dmasim_txn){
		        .op = DMASIM_READ,
		        .stream_id = 300 + i, /* beyond the table */
		        .addr = VA,
		        .size = 4,
		        .data = r->buf,
		};
		assert_int_equal(dmasim_access(&r->client, &t[i]),
		                 DMASIM_TXN_ABORT);
	}
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(rig_event(r, record));
		assert_int_equal(record[0], EV(2, 300 + i));
	}
	/* The transactions were answered long before. */
	assert_false(r->seen[0].caused);
	assert_false(r->seen[2].caused);
	assert_int_equal(irqs(r), 1);
}

RIG_TEST(more_records_than_can_wait, .pend = true, .queue_log2 = 10)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 300,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};

	for (unsigned i = 0; i < 300; i++)
		dmasim_access(&r->client, &t);
	assert_int_equal(lost(r), 300 - 256);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF);
	rig_settle(r);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), OVF | 256);
}

/* Messages that have not left say the same: one is enough. */
RIG_TEST(messages_that_wait_are_one, .pend = true, .off = true)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 300,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};

	messages(r, RIG_MSI, RIG_MSI + 8);
	r->refuse_from = r->evtq;
	r->refuse_to = r->evtq + 32;
	dmasim_access(&r->client, &t);
	rig_w32(r, CMDQ_PROD, 1);
	tables_set(&r->t, r->cmdq, 0xff);
	rig_settle(r);
	assert_int_equal(rig_r32(r, GERROR), 5);
	assert_in_range(rig_count(r, DMASIM_CAUSE_MSI), 1, 2);
	assert_int_equal(tables_get(&r->t, RIG_MSI + 8), 0x5678);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_32_bytes_at_prod),
        cmocka_unit_test(the_hook_sees_the_record),
        cmocka_unit_test(a_disabled_queue_discards),
        cmocka_unit_test(overflow_toggles_once),
        cmocka_unit_test(recording_goes_on_before_the_acknowledgement),
        cmocka_unit_test(qemu_raises_an_error_instead),
        cmocka_unit_test(a_write_abort_stops_recording),
        cmocka_unit_test(the_interrupt_is_for_not_empty),
        cmocka_unit_test(qemu_interrupts_for_each_record),
        cmocka_unit_test(the_interrupt_can_be_off),
        cmocka_unit_test(messages_beside_wires),
        cmocka_unit_test(event_message_abort),
        cmocka_unit_test(error_message_abort),
        cmocka_unit_test(a_record_inside_a_record_comes_after),
        cmocka_unit_test(waiting_messages_are_merged),
        cmocka_unit_test(waiting_sync_messages_are_all_sent),
        cmocka_unit_test(records_and_commands_are_traced),
        cmocka_unit_test(records_wait_for_the_one_before),
        cmocka_unit_test(more_records_than_can_wait),
        cmocka_unit_test(messages_that_wait_are_one),
};

CHECK_MAIN(tests)
