/* SPDX-License-Identifier: MIT */
/* The command queue: order, wrap, errors, CMD_SYNC and its signals. */
#include "rig.h"

#define CERROR(n) ((uint32_t)(n) << 24)

static uint64_t syncs(struct rig *r)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, 76});
}

static uint64_t gerrors(struct rig *r)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, 77});
}

static uint64_t sevs(struct rig *r)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, 90});
}

/* Put a command where PROD points, without telling. */
static void stage(struct rig *r, uint32_t index, struct tables_cmd c)
{
	uint32_t mask = (1u << r->queue_log2) - 1;

	tables_set(&r->t, r->cmdq + 16ull * (index & mask), c.d0);
	tables_set(&r->t, r->cmdq + 16ull * (index & mask) + 8, c.d1);
}

RIG_TEST(commands_are_consumed_in_order, 0)
{
	struct dmasim_smmu_stats st;

	for (uint32_t i = 0; i < 5; i++)
		stage(r, i, cmd_sync(1));
	rig_w32(r, CMDQ_PROD, 5);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 5);
	assert_int_equal(syncs(r), 5);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.commands, 5);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CMDQ), 5);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CMDQ)->size, 16);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CMDQ)->attr.inner, DMASIM_WB);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CMDQ)->attr.share,
	                 DMASIM_ISH);
}

RIG_TEST(the_queue_wraps, .queue_log2 = 2)
{
	for (unsigned i = 0; i < 19; i++) {
		rig_cmd(r, cmd_sync(1));
		assert_int_equal(rig_r32(r, CMDQ_CONS), (i + 1) % 8);
	}
	assert_int_equal(syncs(r), 19);
}

RIG_TEST(a_full_queue, .queue_log2 = 2)
{
	for (uint32_t i = 0; i < 4; i++)
		stage(r, i, cmd_sync(1));
	rig_w32(r, CMDQ_PROD, 4);
	assert_int_equal(syncs(r), 4);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 4);
}

RIG_TEST(a_queue_of_one, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, 0);
	rig_w64(r, CMDQ_BASE, r->cmdq);
	rig_w32(r, CR0, EN_ALL);
	stage(r, 0, cmd_sync(1));
	rig_w32(r, CMDQ_PROD, 1);
	rig_w32(r, CMDQ_PROD, 0);
	assert_int_equal(syncs(r), 2);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 0);
}

RIG_TEST(size_is_capped, .off = true, .idr_clear = {0, 0x1f << 21},
         .idr_set = {0, 2 << 21})
{
	rig_enable(r);
	rig_w32(r, CR0, 0);
	rig_w64(r, CMDQ_BASE, r->cmdq | 31);
	rig_w32(r, CR0, EN_ALL);
	for (uint32_t i = 0; i < 4; i++)
		stage(r, i, cmd_sync(1));
	rig_w32(r, CMDQ_PROD, 7);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 7);
	assert_int_equal(syncs(r), 7);
}

RIG_TEST(nothing_runs_while_disabled, .off = true)
{
	rig_enable(r);
	rig_w32(r, CR0, EN_SMMU);
	stage(r, 0, cmd_sync(1));
	rig_w32(r, CMDQ_PROD, 1);
	assert_int_equal(syncs(r), 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(syncs(r), 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
}

RIG_TEST(commands_take_time, 0)
{
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .offset = CMDQ_PROD,
	                       .size = 4,
	                       .data = (uint8_t[]){3, 0, 0, 0}};

	for (uint32_t i = 0; i < 3; i++)
		stage(r, i, cmd_sync(0));
	assert_int_equal(dmasim_access(&r->regs, &t), DMASIM_TXN_OK);
	assert_in_range(t.latency, 3 * 62 * DMASIM_NS, 3 * 80 * DMASIM_NS);
}

/* ---- errors ---- */

/* @c stops the queue with @error; a driver puts a CMD_SYNC in its place. */
static void expect_error(struct rig *r, struct tables_cmd c, unsigned error)
{
	uint32_t prod = rig_r32(r, CMDQ_PROD), gerror = rig_r32(r, GERROR);
	uint64_t irqs = gerrors(r);

	rig_cmd(r, c);
	assert_int_equal(rig_r32(r, CMDQ_CONS), CERROR(error) | prod);
	assert_int_equal(rig_r32(r, GERROR), gerror ^ 1);
	assert_int_equal(gerrors(r), irqs + 1);
	/* Nothing moves until the error is acknowledged. */
	stage(r, prod + 1, cmd_sync(0));
	rig_w32(r, CMDQ_PROD, prod + 2);
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xffff, prod);
	stage(r, prod, cmd_sync(0));
	rig_w32(r, GERRORN, gerror ^ 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xffff, prod + 2);
	assert_int_equal(rig_r32(r, GERROR), gerror ^ 1);
}

static void expect_consumed(struct rig *r, struct tables_cmd c)
{
	rig_cmd(r, c);
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xffff, rig_r32(r, CMDQ_PROD));
	assert_int_equal(rig_r32(r, GERROR), rig_r32(r, GERRORN));
}

RIG_TEST(unknown_commands, .queue_log2 = 10)
{
	static const uint8_t known[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
	                                0x10, 0x11, 0x12, 0x13, 0x30, 0x46};

	for (unsigned op = 0; op < 256; op++) {
		struct tables_cmd c = {op, 0};

		if (memchr(known, (int)op, sizeof(known)))
			expect_consumed(r, c);
		else
			expect_error(r, c, 1);
	}
}

RIG_TEST(qemu_consumes_commands_of_absent_features,
         .profile = DMASIM_SMMU_QEMU_7_2, .queue_log2 = 10)
{
	static const uint8_t known[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
	                                0x10, 0x11, 0x12, 0x13, 0x18, 0x1a,
	                                0x20, 0x21, 0x22, 0x23, 0x28, 0x2a,
	                                0x30, 0x40, 0x41, 0x44, 0x45, 0x46};

	for (unsigned op = 0; op < 256; op++) {
		struct tables_cmd c = {op, 0};

		if (memchr(known, (int)op, sizeof(known)))
			expect_consumed(r, c);
		else
			expect_error(r, c, 1);
	}
	expect_consumed(r, cmd_sync(3));
	assert_int_equal(syncs(r), 1);
	/* A range of nothing is not refused. */
	expect_consumed(r,
	                cmd_tlbi_range(0x12, 1, 0, (unsigned[]){0, 0, 1, 0}));
}

/* A feature that IDRn shows makes its commands legal. */
RIG_TEST(commands_of_features_that_are_shown, .queue_log2 = 10,
         .idr_set = {1 | 1u << 9 | 1u << 10 | 1u << 16},
         .idr_clear = {3u << 24})
{
	static const uint8_t now[] = {0x20, 0x21, 0x22, 0x23, 0x28,
	                              0x2a, 0x40, 0x41, 0x44, 0x45};

	for (unsigned i = 0; i < sizeof(now); i++)
		expect_consumed(r, (struct tables_cmd){now[i], 0});
	/* EL3 belongs to the Secure queue whatever there is. */
	expect_error(r, (struct tables_cmd){0x18, 0}, 1);
}

RIG_TEST(stage_1_commands_without_stage_1, .idr_clear = {2})
{
	for (uint8_t op = 0x10; op < 0x14; op++)
		expect_error(r, cmd_tlbi(op, 0, 0, 0), 1);
	/* 4.3.3, 4.3.4. */
	expect_error(r, cmd_cfgi_cd(5, 0), 1);
	expect_error(r, cmd_cfgi_cd_all(5), 1);
	expect_consumed(r, cmd_tlbi(0x30, 0, 0, 0));
}

RIG_TEST(secure_streams_cannot_be_named, 0)
{
	for (uint64_t op = 1; op < 7; op++)
		expect_error(r, (struct tables_cmd){op | 1 << 10, 0}, 1);
}

RIG_TEST(a_range_of_nothing, 0)
{
	for (unsigned tg = 1; tg < 4; tg++)
		expect_error(
		        r,
		        cmd_tlbi_range(0x12, 1, 0, (unsigned[]){0, 0, tg, 0}),
		        1);
	expect_consumed(r,
	                cmd_tlbi_range(0x12, 1, 0, (unsigned[]){1, 0, 1, 0}));
}

RIG_TEST(sync_reserved_cs, 0)
{
	expect_error(r, cmd_sync(3), 1);
}

RIG_TEST(fetch_abort, 0)
{
	uint32_t prod = rig_r32(r, CMDQ_PROD);

	r->refuse_from = r->cmdq;
	r->refuse_to = r->cmdq + 16;
	rig_cmd(r, cmd_sync(1));
	assert_int_equal(rig_r32(r, CMDQ_CONS), CERROR(2) | prod);
	assert_int_equal(rig_r32(r, GERROR), 1);
	assert_int_equal(syncs(r), 0);
	/* Acknowledged, and fetched anew: no write of PROD is needed. */
	r->refuse_to = 0;
	rig_w32(r, GERRORN, 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), CERROR(2) | (prod + 1));
	assert_int_equal(syncs(r), 1);
}

RIG_TEST(the_error_interrupt_can_be_off, .off = true)
{
	rig_enable(r);
	rig_w32(r, IRQ_CTRL, 0);
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_int_equal(rig_r32(r, GERROR), 1);
	assert_int_equal(gerrors(r), 0);
}

/* 7.1: PROD may move back over what was not consumed. */
RIG_TEST(prod_may_move_back, 0)
{
	stage(r, 0, (struct tables_cmd){0xff, 0});
	stage(r, 1, cmd_sync(1));
	rig_w32(r, CMDQ_PROD, 2);
	assert_int_equal(rig_r32(r, CMDQ_CONS), CERROR(1));
	rig_w32(r, CMDQ_PROD, 0);
	rig_w32(r, GERRORN, 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), CERROR(1));
	assert_int_equal(rig_r32(r, GERROR), 1);
	rig_cmd(r, cmd_sync(1));
	assert_int_equal(syncs(r), 1);
}

/* ---- signals ---- */

RIG_TEST(sync_signals, 0)
{
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(syncs(r), 0);
	rig_cmd(r, cmd_sync(1));
	assert_int_equal(syncs(r), 1);
	/* SEV wakes CPUs that wait for an event; there is no interrupt. */
	rig_cmd(r, cmd_sync(2));
	assert_int_equal(syncs(r), 1);
	assert_int_equal(sevs(r), 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3);
}

RIG_TEST(sev_without_the_feature, .idr_clear = {1u << 14})
{
	rig_cmd(r, cmd_sync(2));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	assert_int_equal(syncs(r) + sevs(r), 0);
}

/* 3.4.3: what is written beyond the output size is cut off, after the
 * comparison to 0. */
RIG_TEST(message_addresses_are_cut_off, 0)
{
	rig_cmd(r, cmd_sync_msi(RIG_MSI | 1ull << 50, 0x77));
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->addr, RIG_MSI);
	rig_cmd(r, cmd_sync_msi(1ull << 50, 0x77));
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->addr, 0);
}

RIG_TEST(sync_is_not_gated, .off = true)
{
	rig_enable(r);
	rig_w32(r, IRQ_CTRL, 0);
	rig_cmd(r, cmd_sync(1));
	assert_int_equal(syncs(r), 1);
}

RIG_TEST(sync_message, 0)
{
	rig_cmd(r, cmd_sync_msi(RIG_MSI + 8, 0x12345678));
	assert_int_equal(tables_get(&r->t, RIG_MSI + 8), 0x12345678);
	/* The wire does not depend on the address. */
	assert_int_equal(syncs(r), 1);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->size, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.inner, DMASIM_WB);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.share, DMASIM_ISH);
	/* Address 0: the wire alone. */
	rig_cmd(r, cmd_sync_msi(0, 1));
	assert_int_equal(syncs(r), 2);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 1);
}

RIG_TEST(sync_message_without_msi, .idr_clear = {1u << 13})
{
	rig_cmd(r, cmd_sync_msi(RIG_MSI, 0x12345678));
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0);
	assert_int_equal(syncs(r), 1);
}

RIG_TEST(sync_message_abort, 0)
{
	rig_cmd(r, cmd_sync_msi(RIG_HOLE, 1));
	assert_int_equal(rig_r32(r, GERROR), 1 << 4);
	assert_int_equal(gerrors(r), 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	/* Not toggled again while it is active. */
	rig_cmd(r, cmd_sync_msi(RIG_HOLE, 1));
	assert_int_equal(rig_r32(r, GERROR), 1 << 4);
	rig_w32(r, GERRORN, 1 << 4);
	rig_cmd(r, cmd_sync_msi(RIG_HOLE, 1));
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_int_equal(gerrors(r), 2);
}

/* Device memory in MSIAttr. */
RIG_TEST(message_attributes, 0)
{
	struct tables_cmd c = cmd_sync_msi(RIG_MSI, 1);

	c.d0 &= ~(0xfull << 24);
	c.d0 |= 1ull << 24;
	rig_cmd(r, c);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.type,
	                 DMASIM_DEVICE_NGNRE);
}

/* ---- a queue that feeds itself ---- */

static enum dmasim_result loop_access(void *obj, struct dmasim_txn *txn)
{
	struct rig *r = obj;

	txn->offset = txn->addr & (DMASIM_SMMU_REGS_SIZE - 1);
	return dmasim_access(&r->regs, txn);
}

/* The messages of two CMD_SYNCs set PROD so that there is always one more. */
RIG_TEST(a_queue_that_feeds_itself_lets_time_pass, .queue_log2 = 1)
{
	const struct dmasim_port regs = {loop_access, r};
	uint64_t base = 0x9050000;
	unsigned steps = 0;

	base &= ~(DMASIM_SMMU_REGS_SIZE - 1ull);
	assert_int_equal(dmasim_map_add_mmio(r->map, "smmu", base,
	                                     DMASIM_SMMU_REGS_SIZE, &regs),
	                 DMASIM_OK);
	stage(r, 0, cmd_sync_msi(base + CMDQ_PROD, 2));
	stage(r, 1, cmd_sync_msi(base + CMDQ_PROD, 1));
	rig_w32(r, CMDQ_PROD, 1);
	while (steps < 3 && dmasim_run_one(r->k) == DMASIM_OK)
		steps++;
	assert_int_equal(steps, 3);
	assert_true(dmasim_now(r->k) >= 2 * DMASIM_US);
	rig_w32(r, CR0, 0);
	rig_settle(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_consumed_in_order),
        cmocka_unit_test(the_queue_wraps),
        cmocka_unit_test(a_full_queue),
        cmocka_unit_test(a_queue_of_one),
        cmocka_unit_test(size_is_capped),
        cmocka_unit_test(nothing_runs_while_disabled),
        cmocka_unit_test(commands_take_time),
        cmocka_unit_test(unknown_commands),
        cmocka_unit_test(qemu_consumes_commands_of_absent_features),
        cmocka_unit_test(commands_of_features_that_are_shown),
        cmocka_unit_test(stage_1_commands_without_stage_1),
        cmocka_unit_test(secure_streams_cannot_be_named),
        cmocka_unit_test(a_range_of_nothing),
        cmocka_unit_test(sync_reserved_cs),
        cmocka_unit_test(fetch_abort),
        cmocka_unit_test(the_error_interrupt_can_be_off),
        cmocka_unit_test(prod_may_move_back),
        cmocka_unit_test(sync_signals),
        cmocka_unit_test(sev_without_the_feature),
        cmocka_unit_test(message_addresses_are_cut_off),
        cmocka_unit_test(sync_is_not_gated),
        cmocka_unit_test(sync_message),
        cmocka_unit_test(sync_message_without_msi),
        cmocka_unit_test(sync_message_abort),
        cmocka_unit_test(message_attributes),
        cmocka_unit_test(a_queue_that_feeds_itself_lets_time_pass),
};

CHECK_MAIN(tests)
