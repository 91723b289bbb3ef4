/* SPDX-License-Identifier: MIT */
/* Performance monitor counter groups: filters, overflow, messages, cycles. */
#include "pmcg.h"

static groups one = {{.counters = 4}};
static groups small = {{.counters = 3,
                        .counter_bits = 32,
                        .single_filter = true,
                        .no_capture = true,
                        .no_msi = true,
                        .events = 0x3}};
static groups secure = {{.counters = 2, .secure = true}};
static groups many = {{.counters = 1},
                      {.counters = 2, .counter_bits = 36, .cycle = 500},
                      {.counters = 0},
                      {.counters = 1}};
static groups wide32 = {{.counters = 1, .counter_bits = 32}};
static groups wide36 = {{.counters = 1, .counter_bits = 36}};
static groups wide40 = {{.counters = 1, .counter_bits = 40}};
static groups wide44 = {{.counters = 1, .counter_bits = 44}};
static groups wide48 = {{.counters = 1, .counter_bits = 48}};

/* ---- filters ---- */

static uint64_t of(struct rig *r, uint32_t sid, uint32_t flags)
{
	uint64_t was = r64(r, EVCNTR(0));

	rig_dma_flags(r, DMASIM_READ, sid, VA, flags);
	return r64(r, EVCNTR(0)) - was;
}

RIG_TEST(filters, .pmcg = one)
{
	count(r, 0, 1, 5);
	assert_int_equal(of(r, 5, 0), 1);
	assert_int_equal(of(r, 4, 0), 0);
	assert_int_equal(of(r, 7, 0), 0);
	/* Two low bits are open. */
	count(r, 0, SPAN | 1, 5);
	assert_int_equal(of(r, 3, 0), 0);
	assert_int_equal(of(r, 4, 0), 1);
	assert_int_equal(of(r, 7, 0), 1);
	assert_int_equal(of(r, 8, 0), 0);
	/* One. */
	count(r, 0, SPAN | 1, 6);
	assert_int_equal(of(r, 6, 0), 1);
	assert_int_equal(of(r, 7, 0), 1);
	assert_int_equal(of(r, 5, 0), 0);
	/* All, both ways. */
	for (unsigned i = 0; i < 2; i++) {
		count(r, 0, SPAN | 1, i ? 0xffff : 0x7fff);
		assert_int_equal(of(r, 0, 0), 1);
		assert_int_equal(of(r, 0xffff, 0), 1);
		/* A StreamID that is not one. */
		assert_int_equal(of(r, 0x12345, 0), 1);
		/* Secure streams are not observed. */
		assert_int_equal(of(r, 5, DMASIM_TXN_SEC_SID), 0);
	}
	/* Events without a stream have no filter. */
	count(r, 0, 0, 5);
	pass(r, 10 * DMASIM_NS);
	assert_int_equal(r64(r, EVCNTR(0)), 11 + 10);
}

/* Each counter has its own filter, or all have that of counter 0. */
RIG_TEST(own_filters, .pmcg = one)
{
	count(r, 0, 1, 4);
	count(r, 1, 1, 5);
	rig_dma(r, DMASIM_READ, 5, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	assert_int_equal(r64(r, EVCNTR(1)), 1);
}

RIG_TEST(common_filter, .pmcg = small)
{
	count(r, 0, 0, 4);
	count(r, 1, 1, 5);
	assert_int_equal(r32(r, SMR(1)), 0);
	rig_dma(r, DMASIM_READ, 5, VA, 4);
	assert_int_equal(r32(r, 4), 0);
	rig_dma(r, DMASIM_READ, 4, VA, 4);
	assert_int_equal(r32(r, 4), 1);
}

RIG_TEST(secure_observation, .pmcg = secure)
{
	const uint32_t sec = DMASIM_TXN_SEC_SID;

	put(r, 0, SCR, DMASIM_TXN_SECURE, 7);
	/* One side or the other. */
	count(r, 0, SEC | 1, 5);
	assert_int_equal(of(r, 5, sec), 1);
	assert_int_equal(of(r, 5, 0), 0);
	count(r, 0, 1, 5);
	assert_int_equal(of(r, 5, sec), 0);
	assert_int_equal(of(r, 5, 0), 1);
	count(r, 0, SEC | SPAN | 1, 0x7fff);
	assert_int_equal(of(r, 9, sec), 1);
	assert_int_equal(of(r, 9, 0), 0);
	/* Both, whatever FILTER_SEC_SID says. */
	for (unsigned i = 0; i < 2; i++) {
		count(r, 0, (i ? SEC : 0) | SPAN | 1, 0xffff);
		assert_int_equal(of(r, 9, sec), 1);
		assert_int_equal(of(r, 9, 0), 1);
	}
	/* Without observation the bit counts as 0. */
	put(r, 0, SCR, DMASIM_TXN_SECURE, 6);
	assert_int_equal(of(r, 9, sec), 0);
	assert_int_equal(of(r, 9, 0), 1);
	count(r, 0, SEC | 1, 5);
	assert_int_equal(r32(r, EVTYPER(0)), SEC | 1);
	assert_int_equal(of(r, 5, sec), 0);
	assert_int_equal(of(r, 5, 0), 1);
}

RIG_TEST(secure_registers, .pmcg = secure, .off = true)
{
	/* At reset: Non-secure accesses and messages, no observation. */
	assert_int_equal(get(r, 0, SCR, DMASIM_TXN_SECURE), 0x80000006);
	assert_int_equal(r32(r, SCR), 0);
	w32(r, SCR, 0);
	put(r, 0, SCR, DMASIM_TXN_SECURE, 0xffffffff);
	assert_int_equal(get(r, 0, SCR, DMASIM_TXN_SECURE), 0x80000007);
	w32(r, CR, 1);
	assert_int_equal(r32(r, CR), 1);
	/* NSRA = 0. */
	put(r, 0, SCR, DMASIM_TXN_SECURE, 0);
	assert_int_equal(get(r, 0, SCR, DMASIM_TXN_SECURE), 0x80000000);
	for (uint32_t i = 0; i < 0x1000; i += 4) {
		assert_int_equal(r32(r, i), 0);
		w32(r, i, 0);
	}
	assert_int_equal(get(r, 0, CR, DMASIM_TXN_SECURE), 1);
	/* The alias comes with Root state only. */
	put(r, 0, 0xe40, DMASIM_TXN_SECURE, 7);
	assert_int_equal(get(r, 0, 0xe40, DMASIM_TXN_SECURE), 0);
	assert_int_equal(get(r, 0, SCR, DMASIM_TXN_SECURE), 0x80000000);
}

/* ---- overflow ---- */

RIG_TEST(overflow, .pmcg = one)
{
	count_all(r, 0, 1);
	w64(r, EVCNTR(0), ~0ull);
	w64(r, EVCNTR(1), ~0ull);
	w64(r, INTENSET, 2);
	w32(r, G_IRQ_CTRL, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	assert_int_equal(r64(r, OVSSET), 1);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 0);
	/* With its bit, and whatever OVS was. */
	w64(r, EVCNTR(0), ~0ull);
	w64(r, INTENSET, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
	/* It goes on counting. */
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 1);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
	w32(r, G_IRQ_CTRL, 0);
	w64(r, EVCNTR(0), ~0ull);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
	/* Two at once are one interrupt. */
	count_all(r, 1, 1);
	w64(r, EVCNTR(0), ~0ull);
	w64(r, OVSCLR, ~0ull);
	w32(r, G_IRQ_CTRL, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, OVSCLR), 3);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 2);
}

static void overflow_at(struct rig *r, unsigned bits)
{
	uint64_t max = UINT64_MAX >> (64 - bits);
	uint32_t f = bits > 32 ? WIDE : 0;

	put(r, 0, 0, f, ~0ull);
	assert_int_equal(get(r, 0, 0, f), max);
	put(r, 0, 0, f, max - 1);
	count_all(r, 0, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(get(r, 0, 0, f), max);
	assert_int_equal(r64(r, OVSSET), 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(get(r, 0, 0, f), 0);
	assert_int_equal(r64(r, OVSSET), 1);
	assert_int_equal((r32(r, CFGR) >> 8 & 63) + 1, bits);
}

RIG_TEST(sizes_32, .pmcg = wide32)
{
	overflow_at(r, 32);
}

RIG_TEST(sizes_36, .pmcg = wide36)
{
	overflow_at(r, 36);
}

RIG_TEST(sizes_40, .pmcg = wide40)
{
	overflow_at(r, 40);
}

RIG_TEST(sizes_44, .pmcg = wide44)
{
	overflow_at(r, 44);
}

RIG_TEST(sizes_48, .pmcg = wide48)
{
	overflow_at(r, 48);
}

RIG_TEST(capture, .pmcg = one)
{
	count_all(r, 0, 1);
	count_all(r, 1, CAP | 1);
	count(r, 2, 0, 0);
	w64(r, EVCNTR(0), 100);
	w64(r, EVCNTR(3), 33);
	pass(r, 5 * DMASIM_NS);
	w32(r, CAPR, 0);
	assert_int_equal(r64(r, SVR(0)), 0);
	w32(r, CAPR, 1);
	assert_int_equal(r32(r, CAPR), 0);
	assert_int_equal(r64(r, SVR(0)), 100);
	assert_int_equal(r64(r, SVR(1)), 0);
	assert_int_equal(r64(r, SVR(2)), 5);
	assert_int_equal(r64(r, SVR(3)), 33);
	/* By an overflow: the values after it. */
	w64(r, EVCNTR(1), ~0ull);
	pass(r, 5 * DMASIM_NS);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, SVR(0)), 101);
	assert_int_equal(r64(r, SVR(1)), 0);
	assert_int_equal(r64(r, SVR(2)), 10);
	/* Not by that of another counter. */
	w64(r, EVCNTR(0), ~0ull);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, SVR(0)), 101);
}

RIG_TEST(no_capture, .pmcg = small)
{
	w32(r, 0, 5);
	w32(r, CAPR, 1);
	assert_int_equal(r32(r, 0x600), 0);
	assert_int_equal(r32(r, EVTYPER(0)), 0);
}

/* ---- cycles ---- */

RIG_TEST(cycles, .pmcg = many)
{
	for (unsigned g = 0; g < 2; g++) {
		put(r, g, CNTENSET, WIDE, 1);
		put(r, g, CR, 0, 1);
	}
	pass(r, 1000 * DMASIM_NS);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1000);
	assert_int_equal(get(r, 1, EVCNTR(0), WIDE), 2000);
	/* A cycle begins where the last ended. */
	pass(r, 700);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1000);
	assert_int_equal(get(r, 1, EVCNTR(0), WIDE), 2001);
	pass(r, 300);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1001);
	assert_int_equal(get(r, 1, EVCNTR(0), WIDE), 2002);
	/* What is switched off stands still. */
	put(r, 0, CR, 0, 0);
	pass(r, 1000 * DMASIM_NS);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1001);
	put(r, 0, CR, 0, 1);
	pass(r, DMASIM_NS);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1002);
	/* What passed before it is switched off counts. */
	pass(r, 5 * DMASIM_NS);
	put(r, 0, CR, 0, 0);
	pass(r, 5 * DMASIM_NS);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1007);
	put(r, 0, CR, 0, 1);
	/* A write of the value counts from there. */
	pass(r, 5 * DMASIM_NS);
	put(r, 0, EVCNTR(0), WIDE, 5);
	pass(r, DMASIM_NS);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 6);
	/* Nobody waits for an overflow: nothing is left to run. */
	assert_int_equal(dmasim_pending_calls(r->k), 0);
}

RIG_TEST(overflow_of_cycles, .pmcg = one)
{
	count(r, 0, 0, 0);
	w64(r, EVCNTR(0), ~99ull);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	w64(r, INTENSET, 1);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	w32(r, G_IRQ_CTRL, 1);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	pass(r, 99 * DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 0);
	pass(r, DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
	assert_int_equal(r64(r, OVSSET), 1);
	/* 2^64 cycles do not end. */
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	/* Another value, another time. */
	w64(r, EVCNTR(0), ~99ull);
	w64(r, EVCNTR(0), ~49ull);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	pass(r, 50 * DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 2);
	/* Off again in time. */
	w64(r, EVCNTR(0), ~99ull);
	w32(r, G_IRQ_CTRL, 0);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	pass(r, 100 * DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 2);
	/* Seen when somebody looks. */
	w64(r, EVCNTR(0), ~9ull);
	w64(r, OVSCLR, 1);
	pass(r, 10 * DMASIM_NS);
	assert_int_equal(r64(r, OVSSET), 1);
}

RIG_TEST(cycles_again_and_again, .pmcg = wide32)
{
	count(r, 0, 0, 0);
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	for (unsigned i = 1; i < 4; i++) {
		pass(r, (1ull << 32) * DMASIM_NS);
		assert_int_equal(dmasim_irq_count(line(r, 0)), i);
		assert_int_equal(dmasim_pending_calls(r->k), 1);
	}
	assert_int_equal(r32(r, 0), 0);
}

/* The earliest of several is waited for. */
RIG_TEST(cycles_of_several, .pmcg = one)
{
	static const uint64_t left[3] = {200, 100, 300};

	for (unsigned i = 0; i < 3; i++) {
		count(r, i, 0, 0);
		w64(r, EVCNTR(i), 0 - left[i]);
	}
	w64(r, INTENSET, 7);
	w32(r, G_IRQ_CTRL, 1);
	for (unsigned i = 1; i < 4; i++) {
		assert_int_equal(dmasim_pending_calls(r->k), 1);
		pass(r, 99 * DMASIM_NS);
		assert_int_equal(dmasim_irq_count(line(r, 0)), i - 1);
		pass(r, DMASIM_NS);
		assert_int_equal(dmasim_irq_count(line(r, 0)), i);
	}
	assert_int_equal(dmasim_pending_calls(r->k), 0);
}

RIG_TEST(captured_at_the_cycle, .pmcg = one)
{
	count(r, 0, CAP, 0);
	count(r, 1, 0, 0);
	w64(r, EVCNTR(0), ~99ull);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	pass(r, 150 * DMASIM_NS);
	assert_int_equal(r64(r, SVR(0)), 0);
	assert_int_equal(r64(r, SVR(1)), 100);
	assert_int_equal(r64(r, EVCNTR(0)), 50);
}

/* A look in the instant in which an overflow is due, before its call runs. */
RIG_TEST(seen_before_the_call, .pmcg = one)
{
	const struct dmasim_call first = {r->actor, RIG_NOBODY, 0};
	struct dmasim_reader *rd;
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;

	count(r, 0, 0, 0);
	w64(r, EVCNTR(0), ~2ull);
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	assert_int_equal(dmasim_call_at(r->k, 3 * DMASIM_NS, -1, &first, NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
	assert_int_equal(dmasim_now(r->k), 3 * DMASIM_NS);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	assert_int_equal(r64(r, OVSSET), 1);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	/* What is saved now is sound. */
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(r->smmu, rd), DMASIM_OK);
	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
	pass(r, DMASIM_US);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
}

/* ---- messages ---- */

RIG_TEST(messages, .pmcg = one)
{
	const struct rig_access *a;

	message(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 0);
	a = rig_last(r, DMASIM_CAUSE_MSI);
	assert_string_equal(a->what, "counter group MSI");
	assert_int_equal(a->attr.inner, DMASIM_WB);
	assert_int_equal(a->attr.share, DMASIM_ISH);
	assert_int_equal(a->flags & DMASIM_TXN_SECURE, 0);
	assert_int_equal(r32(r, IRQ_STATUS), 0);
	/* Locked while it is on. */
	w64(r, G_IRQ_CFG0, 0);
	w32(r, G_IRQ_CFG1, 0);
	w32(r, G_IRQ_CFG2, 0);
	assert_int_equal(r64(r, G_IRQ_CFG0), RIG_MSI);
	assert_int_equal(r32(r, G_IRQ_CFG1), 0x1234);
	assert_int_equal(r32(r, G_IRQ_CFG2), 0x3f);
	assert_non_null(strstr(r->warnings, "PMCG_IRQ_CFG0 ignored"));
}

RIG_TEST(messages_that_abort, .pmcg = one)
{
	message(r);
	r->refuse_from = RIG_MSI;
	r->refuse_to = RIG_MSI + 4;
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r32(r, IRQ_STATUS), 1);
	/* Off does not clear it; on does. */
	w32(r, G_IRQ_CTRL, 0);
	assert_int_equal(r32(r, IRQ_STATUS), 1);
	w32(r, G_IRQ_CTRL, 1);
	assert_int_equal(r32(r, IRQ_STATUS), 0);
	w64(r, EVCNTR(0), ~0ull);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r32(r, IRQ_STATUS), 1);
	/* On stays on. */
	w32(r, G_IRQ_CTRL, 1);
	assert_int_equal(r32(r, IRQ_STATUS), 1);
}

/* Transactions overflow the counter while the message is on its way. */
RIG_TEST(messages_pending, .pmcg = one, .pend = true)
{
	struct dmasim_writer *w;

	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	message(r);
	r->logged = 0;
	for (unsigned i = 0; i < 3; i++) {
		w64(r, EVCNTR(0), ~0ull);
		rig_dma(r, DMASIM_READ, 300, VA, 4);
		if (i == 0)
			assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 1);
	}
	rig_settle(r);
	rig_settle(r);
	r->logged = 0;
	for (unsigned i = 0; i < 3; i++) {
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .stream_id = 300,
		                       .addr = VA,
		                       .size = 4,
		                       .data = r->buf};

		w64(r, EVCNTR(0), ~0ull);
		assert_int_equal(dmasim_access(&r->client, &t),
		                 DMASIM_TXN_ABORT);
	}
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	/* Off once what was sent has arrived. */
	w32(r, G_IRQ_CTRL, 0);
	assert_int_equal(r32(r, G_IRQ_CTRL), 0);
	assert_int_equal(r32(r, G_IRQ_ACK), 1);
	w32(r, G_IRQ_CFG1, 7);
	assert_int_equal(r32(r, G_IRQ_CFG1), 0x1234);
	rig_settle(r);
	assert_int_equal(r32(r, G_IRQ_ACK), 0);
	/* Those that came meanwhile are one. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 2);
	w32(r, G_IRQ_CFG1, 7);
	assert_int_equal(r32(r, G_IRQ_CFG1), 7);
}

RIG_TEST(space_of_messages, .pmcg = secure)
{
	for (uint32_t scr = 0; scr < 8; scr += 2) {
		put(r, 0, SCR, DMASIM_TXN_SECURE, 2);
		message(r);
		put(r, 0, SCR, DMASIM_TXN_SECURE, scr);
		r->logged = 0;
		rig_dma(r, DMASIM_READ, SID, VA, 4);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->flags &
		                         DMASIM_TXN_SECURE,
		                 scr == 0 ? DMASIM_TXN_SECURE : 0);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters),
        cmocka_unit_test(own_filters),
        cmocka_unit_test(common_filter),
        cmocka_unit_test(secure_observation),
        cmocka_unit_test(secure_registers),
        cmocka_unit_test(overflow),
        cmocka_unit_test(sizes_32),
        cmocka_unit_test(sizes_36),
        cmocka_unit_test(sizes_40),
        cmocka_unit_test(sizes_44),
        cmocka_unit_test(sizes_48),
        cmocka_unit_test(capture),
        cmocka_unit_test(no_capture),
        cmocka_unit_test(cycles),
        cmocka_unit_test(overflow_of_cycles),
        cmocka_unit_test(cycles_again_and_again),
        cmocka_unit_test(cycles_of_several),
        cmocka_unit_test(captured_at_the_cycle),
        cmocka_unit_test(seen_before_the_call),
        cmocka_unit_test(messages),
        cmocka_unit_test(messages_that_abort),
        cmocka_unit_test(messages_pending),
        cmocka_unit_test(space_of_messages),
};

CHECK_MAIN(tests)
