/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 10: performance monitors. */
#include "pmcg.h"

static groups two = {{.counters = 4}, {.counters = 2, .events = 0x7}};
static groups single = {{.counters = 4, .single_filter = true}};
static groups moved = {{.counters = 4, .page1 = true}};
static groups secure = {{.counters = 4, .secure = true}};

static void use(struct rig *r, uint32_t sid)
{
	rig_dma(r, DMASIM_READ, sid, VA, 4);
}

/* 10.2: a group is free-standing, and not all support the same events. */
RIG_TEST(s10_2_groups, .pmcg = two)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (unsigned g = 0; g < 2; g++) {
		put(r, g, EVTYPER(0), 0, SPAN | 4);
		put(r, g, EVTYPER(1), 0, SPAN | 1);
		put(r, g, SMR(0), 0, ~0u);
		put(r, g, SMR(1), 0, ~0u);
		put(r, g, CNTENSET, WIDE, 3);
		put(r, g, CR, 0, 1);
	}
	use(r, SID);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 4);
	assert_int_equal(get(r, 1, EVCNTR(0), WIDE), 0);
	assert_int_equal(get(r, 0, EVCNTR(1), WIDE), 1);
	assert_int_equal(get(r, 1, EVCNTR(1), WIDE), 1);
}

/* 10.2: any counter of a group counts any of its events, and several may
 * count the same. */
RIG_TEST(s10_2_counters, .pmcg = two)
{
	for (unsigned e = 1; e < 6; e++) {
		struct tables_half h;

		rig_stream(r, SID, 1, &h);
		tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
		rig_flush(r);
		for (unsigned i = 0; i < 4; i++) {
			w64(r, EVCNTR(i), 0);
			count_all(r, i, e);
		}
		use(r, SID);
		assert_true(r64(r, EVCNTR(0)) > 0);
		for (unsigned i = 1; i < 4; i++)
			assert_int_equal(r64(r, EVCNTR(i)), r64(r, EVCNTR(0)));
	}
}

/* 10.2: while SMMUEN is 0 the events of streams count here, by the same
 * rules. */
RIG_TEST(s10_2_smmuen, .pmcg = two)
{
	rig_w32(r, CR0, 0);
	count(r, 0, 1, SID);
	use(r, SID);
	use(r, SID + 1);
	assert_int_equal(r64(r, EVCNTR(0)), 1);
}

/* 10.2.1: an overflow does not stop the counter, and its bit of OVS does not
 * stop what the next one does. */
RIG_TEST(s10_2_1_overflow, .pmcg = two)
{
	count(r, 0, 1, SID);
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	for (unsigned i = 1; i < 4; i++) {
		w64(r, EVCNTR(0), UINT64_MAX);
		use(r, SID);
		use(r, SID);
		assert_int_equal(r64(r, EVCNTR(0)), 1);
		assert_int_equal(r64(r, OVSSET), 1);
		assert_int_equal(dmasim_irq_count(line(r, 0)), i);
	}
}

/* 10.2.1: the interrupt comes when OVS, the value and what was captured are
 * to be seen. */
static struct {
	struct rig *r;
	uint64_t value, ovs, captured;
} handler;

static void on_irq(void *ctx, uint32_t irq)
{
	(void)ctx;
	(void)irq;
	handler.value = r64(handler.r, EVCNTR(0));
	handler.ovs = r64(handler.r, OVSSET);
	handler.captured = r64(handler.r, SVR(1));
}

RIG_TEST(s10_2_1_order, .pmcg = two)
{
	handler.r = r;
	handler.value = 77;
	assert_int_equal(dmasim_irq_attach(line(r, 0), on_irq, NULL),
	                 DMASIM_OK);
	count(r, 0, CAP | 1, SID);
	w64(r, EVCNTR(0), UINT64_MAX);
	w64(r, EVCNTR(1), 123);
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	use(r, SID);
	assert_int_equal(handler.value, 0);
	assert_int_equal(handler.ovs, 1);
	assert_int_equal(handler.captured, 123);
}

/* 10.2.1: a capture is complete when the write of CAPR is. */
RIG_TEST(s10_2_1_capture, .pmcg = two)
{
	for (unsigned i = 0; i < 4; i++)
		w64(r, EVCNTR(i), i + 5);
	w32(r, CAPR, 1);
	for (unsigned i = 0; i < 4; i++) {
		w64(r, EVCNTR(i), 0);
		assert_int_equal(r64(r, SVR(i)), i + 5);
	}
}

/* 10.2.1: edge or message; the message has its own attributes, whatever
 * IDR0.COHACC says. */
RIG_TEST(s10_2_1_message, .pmcg = two)
{
	message(r);
	use(r, SID);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.outer, DMASIM_WB);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 0);
}

/* 10.3, event 0: the time base does not stop with the traffic. */
RIG_TEST(s10_3_event_0, .pmcg = two)
{
	count(r, 0, 0, 0);
	pass(r, DMASIM_US);
	assert_int_equal(r64(r, EVCNTR(0)), 1000);
	rig_w32(r, CR0, 0);
	pass(r, DMASIM_US);
	assert_int_equal(r64(r, EVCNTR(0)), 2000);
}

static void stream(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
}

/* 10.3, event 1: each transaction, those that miss and those that are
 * terminated among them. */
RIG_TEST(s10_3_event_1, .pmcg = two)
{
	stream(r);
	count_all(r, 0, 1);
	use(r, SID);
	use(r, SID);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA + 0x1000, 4),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(r64(r, EVCNTR(0)), 3);
}

/* 10.3, events 2 and 3: once for each transaction that no cache could
 * serve. */
RIG_TEST(s10_3_events_2_and_3, .pmcg = two)
{
	stream(r);
	count_all(r, 0, 2);
	count_all(r, 1, 3);
	use(r, SID);
	use(r, SID);
	assert_int_equal(r64(r, EVCNTR(0)), 1);
	assert_int_equal(r64(r, EVCNTR(1)), 1);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	use(r, SID);
	assert_int_equal(r64(r, EVCNTR(0)), 2);
	assert_int_equal(r64(r, EVCNTR(1)), 1);
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	use(r, SID);
	assert_int_equal(r64(r, EVCNTR(0)), 2);
	assert_int_equal(r64(r, EVCNTR(1)), 2);
	rig_cmd(r, cmd_cfgi_cd(SID, 0));
	use(r, SID);
	assert_int_equal(r64(r, EVCNTR(1)), 3);
}

/* 10.3, events 4 and 5: each access to a table, and no queue. */
RIG_TEST(s10_3_events_4_and_5, .pmcg = two)
{
	stream(r);
	count_all(r, 0, 4);
	count_all(r, 1, 5);
	use(r, SID);
	assert_int_equal(r64(r, EVCNTR(0)), 4);
	assert_int_equal(r64(r, EVCNTR(1)), 2);
	rig_cmd(r, cmd_sync_msi(RIG_MSI, 1));
	use(r, 300);
	assert_int_equal(r64(r, EVCNTR(0)), 4);
	assert_int_equal(r64(r, EVCNTR(1)), 2);
	/* A table of streams in two levels, an access that aborts. */
	rig_cmd(r, cmd_cfgi_ste(SID, false));
	r->refuse_from = r->streams.base;
	r->refuse_to = r->refuse_from + 0x10000;
	use(r, SID);
	assert_int_equal(r64(r, EVCNTR(1)), 3);
}

/* 10.4: the section's own examples of spans. */
RIG_TEST(s10_4_spans, .pmcg = two, .idr_clear = {0, 0x3f}, .idr_set = {0, 32})
{
	static const struct {
		uint32_t smr, first, last;
	} span[] = {
	        {0x001bf7f7, 0x001bf7f0, 0x001bf7ff},
	        {0x001bf7f6, 0x001bf7f6, 0x001bf7f7},
	        {0x001bf5ff, 0x001bf400, 0x001bf7ff},
	        {0x7fffffff, 0, 0xffffffff},
	        {0xffffffff, 0, 0xffffffff},
	};

	for (unsigned i = 0; i < sizeof(span) / sizeof(*span); i++) {
		w64(r, EVCNTR(0), 0);
		count(r, 0, SPAN | 1, span[i].smr);
		use(r, span[i].first);
		use(r, span[i].last);
		assert_int_equal(r64(r, EVCNTR(0)), 2);
		if (i > 2)
			continue;
		use(r, span[i].first - 1);
		use(r, span[i].last + 1);
		assert_int_equal(r64(r, EVCNTR(0)), 2);
	}
	/* Without a span the whole StreamID counts. */
	w64(r, EVCNTR(0), 0);
	count(r, 0, 1, 0x7fffffff);
	use(r, 0x7fffffff);
	use(r, 0x7ffffffe);
	use(r, 0xffffffff);
	assert_int_equal(r64(r, EVCNTR(0)), 1);
}

/* 10.4: SID_FILTER_TYPE = 1: the filter of counter 0 is that of all. */
RIG_TEST(s10_4_filter_type, .pmcg = single)
{
	assert_int_equal(r32(r, CFGR) >> 23 & 1, 1);
	count(r, 0, 4, SID);
	for (unsigned i = 1; i < 4; i++) {
		count(r, i, SPAN | 1, ~0u);
		assert_int_equal(r32(r, EVTYPER(i)), 1);
		assert_int_equal(r32(r, SMR(i)), 0);
	}
	use(r, SID);
	use(r, SID + 1);
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(r64(r, EVCNTR(i)), 1);
}

/* 10.4.1: StreamID bits that there are not read as 0. */
RIG_TEST(s10_4_1_size, .pmcg = two, .idr_clear = {0, 0x3f}, .idr_set = {0, 9})
{
	w32(r, SMR(0), ~0u);
	assert_int_equal(r32(r, SMR(0)), 0x1ff);
	/* All of those there are: all streams. */
	count(r, 0, SPAN | 1, ~0u);
	use(r, 0x1ff);
	use(r, 0);
	assert_int_equal(r64(r, EVCNTR(0)), 2);
}

/* 10.5: 32-bit accesses to halves; what is read-only stays. */
RIG_TEST(s10_5_accesses, .pmcg = two, .off = true)
{
	w32(r, EVCNTR(2) + 4, 0x89abcdef);
	w32(r, EVCNTR(2), 0x01234567);
	assert_int_equal(r64(r, EVCNTR(2)), 0x89abcdef01234567);
	assert_int_equal(r32(r, EVCNTR(2) + 4), 0x89abcdef);
	w64(r, SVR(2), 1);
	assert_int_equal(r64(r, SVR(2)), 0);
	w64(r, CEID0, 0);
	assert_int_equal(r64(r, CEID0), 0x3f);
	w32(r, CFGR, 0);
	assert_int_equal(r32(r, CFGR) & 63, 3);
}

/* 10.5.1: RELOC_CTRS. */
RIG_TEST(s10_5_1_page_1, .pmcg = moved)
{
	count_all(r, 0, 1);
	use(r, SID);
	assert_int_equal(get(r, 0x100, EVCNTR(0), WIDE), 1);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	put(r, 0x100, EVCNTR(0), WIDE, UINT64_MAX);
	use(r, SID);
	assert_int_equal(r64(r, OVSSET), 0);
	assert_int_equal(get(r, 0x100, OVSSET, WIDE), 1);
	put(r, 0x100, OVSCLR, WIDE, 1);
	assert_int_equal(get(r, 0x100, OVSCLR, WIDE), 0);
	put(r, 0x100, CAPR, 0, 1);
	assert_int_equal(get(r, 0x100, SVR(0), WIDE), 0);
}

/* 10.5.2.5: a counter is on by its bit and by CR.E. */
RIG_TEST(s10_5_2_5_cnten, .pmcg = two)
{
	for (unsigned i = 0; i < 4; i++) {
		w64(r, EVCNTR(0), 0);
		count_all(r, 0, 1);
		w64(r, i & 1 ? CNTENSET : CNTENCLR, 1);
		w32(r, CR, i >> 1);
		use(r, SID);
		assert_int_equal(r64(r, EVCNTR(0)), i == 3);
	}
}

/* 10.5.2.19, 10.5.2.20: an update to 0 is done when the messages are. */
RIG_TEST(s10_5_2_19_update, .pmcg = two, .pend = true)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 300,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};

	message(r);
	assert_int_equal(r32(r, G_IRQ_ACK), 1);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	w32(r, G_IRQ_CTRL, 0);
	assert_int_equal(r32(r, G_IRQ_ACK), 1);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0);
	rig_settle(r);
	assert_int_equal(r32(r, G_IRQ_ACK), 0);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	/* Off: no more of them. */
	w64(r, EVCNTR(0), UINT64_MAX);
	r->logged = 0;
	dmasim_access(&r->client, &t);
	rig_settle(r);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 0);
	assert_int_equal(r64(r, OVSSET), 1);
}

/* 10.5.2.21: ADDR = 0 leaves the wire. */
RIG_TEST(s10_5_2_21_no_address, .pmcg = two)
{
	message(r);
	w32(r, G_IRQ_CTRL, 0);
	w64(r, G_IRQ_CFG0, 0);
	w32(r, G_IRQ_CTRL, 1);
	use(r, SID);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 0);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
}

/* 10.6: NSRA says who gets at the registers, SO what is observed. */
RIG_TEST(s10_6_secure, .pmcg = secure)
{
	count(r, 0, SPAN | 1, ~0u);
	rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_SEC_SID);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	put(r, 0, SCR, DMASIM_TXN_SECURE, 1);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	assert_int_equal(r32(r, CFGR), 0);
	rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_SEC_SID);
	use(r, SID);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE | DMASIM_TXN_SECURE), 2);
	w64(r, EVCNTR(0), 0);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE | DMASIM_TXN_SECURE), 2);
}

/* 10.6: a group without Secure state sees Non-secure streams alone. */
RIG_TEST(s10_6_no_secure, .pmcg = two)
{
	count(r, 0, SPAN | 1, ~0u);
	rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_SEC_SID);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	put(r, 0, SCR, DMASIM_TXN_SECURE, 1);
	assert_int_equal(get(r, 0, SCR, DMASIM_TXN_SECURE), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s10_2_groups),
        cmocka_unit_test(s10_2_counters),
        cmocka_unit_test(s10_2_smmuen),
        cmocka_unit_test(s10_2_1_overflow),
        cmocka_unit_test(s10_2_1_order),
        cmocka_unit_test(s10_2_1_capture),
        cmocka_unit_test(s10_2_1_message),
        cmocka_unit_test(s10_3_event_0),
        cmocka_unit_test(s10_3_event_1),
        cmocka_unit_test(s10_3_events_2_and_3),
        cmocka_unit_test(s10_3_events_4_and_5),
        cmocka_unit_test(s10_4_spans),
        cmocka_unit_test(s10_4_filter_type),
        cmocka_unit_test(s10_4_1_size),
        cmocka_unit_test(s10_5_accesses),
        cmocka_unit_test(s10_5_1_page_1),
        cmocka_unit_test(s10_5_2_5_cnten),
        cmocka_unit_test(s10_5_2_19_update),
        cmocka_unit_test(s10_5_2_21_no_address),
        cmocka_unit_test(s10_6_secure),
        cmocka_unit_test(s10_6_no_secure),
};

CHECK_MAIN(tests)
