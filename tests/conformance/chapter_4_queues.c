/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 4: commands of both queues, and what they guarantee. */
#include "nest.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

static uint64_t line(struct rig *r, uint32_t n)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, n});
}

static void put(struct rig *r, uint32_t i, uint64_t d0, uint64_t d1)
{
	tables_set(&r->t, r->cmdq + 16ull * i, d0);
	tables_set(&r->t, r->cmdq + 16ull * i + 8, d1);
}

/* 4.1.1: opcodes that are reserved, and those of an implementation. */
RIG_TEST(s4_1_1_reserved_opcodes, NEST_FULL, .queue_log2 = 9)
{
	static const uint8_t ranges[][2] = {
	        {0x00, 0x00}, {0x08, 0x0a}, {0x14, 0x17}, {0x19, 0x19},
	        {0x1b, 0x1f}, {0x24, 0x27}, {0x29, 0x29}, {0x2b, 0x2f},
	        {0x31, 0x3f}, {0x42, 0x43}, {0x47, 0x4f}, {0x54, 0x57},
	        {0x59, 0x59}, {0x5b, 0x5f}, {0x61, 0x6f}, {0x71, 0x72},
	        {0x74, 0x7f}, {0x80, 0x8f}, {0x90, 0xff}};

	for (unsigned i = 0; i < sizeof(ranges) / 2; i++) {
		for (unsigned op = ranges[i][0]; op <= ranges[i][1]; op++) {
			uint32_t at = rig_r32(r, CMDQ_CONS) & 0xfffff;
			uint32_t gerror = rig_r32(r, GERROR);

			rig_cmd(r, (struct tables_cmd){op, 0});
			assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24 | at);
			assert_int_equal(rig_r32(r, GERROR), gerror ^ 1);
			put(r, at & 0x1ff, 0x46, 0);
			rig_w32(r, GERRORN, gerror ^ 1);
		}
	}
}

/* 4.1.2: PROD bounds what is executed, and a write of it is all that it
 * takes. */
RIG_TEST(s4_1_2_nothing_beyond_prod, 0)
{
	for (uint32_t i = 0; i < 8; i++)
		put(r, i, cmd_sync(1).d0, 0);
	for (uint32_t i = 1; i <= 8; i++) {
		rig_w32(r, CMDQ_PROD, i);
		assert_int_equal(line(r, 76), i);
	}
}

/* 4.1.2: an event tells whoever waits that a full queue has room, with the
 * feature. */
RIG_TEST(s4_1_2_event_of_a_full_queue, .queue_log2 = 2)
{
	for (uint32_t i = 0; i < 4; i++)
		put(r, i, cmd_sync(0).d0, 0);
	rig_w32(r, CMDQ_PROD, 3);
	assert_int_equal(line(r, 90), 0);
	rig_w32(r, CMDQ_PROD, 7);
	assert_int_equal(line(r, 90), 1);
}

RIG_TEST(s4_1_2_no_event_without_sev, .queue_log2 = 2, .idr_clear = {1u << 14})
{
	for (uint32_t i = 0; i < 4; i++)
		put(r, i, cmd_sync(0).d0, 0);
	rig_w32(r, CMDQ_PROD, 4);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 4);
	assert_int_equal(line(r, 90), 0);
}

/* 4.1.3: consumption ends at the first error; what follows has no effect. */
RIG_TEST(s4_1_3_first_error, 0)
{
	put(r, 0, cmd_sync(1).d0, 0);
	put(r, 1, 0xff, 0);
	put(r, 2, cmd_sync(1).d0, 0);
	put(r, 3, 0, 0);
	rig_w32(r, CMDQ_PROD, 4);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24 | 1);
	assert_int_equal(line(r, 76), 1);
}

/* 4.1.5: what is reserved in a command does not count. */
RIG_TEST(s4_1_5_reserved_fields, 0)
{
	static const struct tables_cmd drops[] = {
	        {~0xffull | 0x30, UINT64_MAX},         /* TLBI_NSNH_ALL */
	        {1ull << 48 | 0xffffff11, UINT64_MAX}, /* TLBI_NH_ASID */
	        {1ull << 48 | 0xffffff12, VA | 0xfe},  /* TLBI_NH_VA */
	};
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	for (unsigned i = 0; i < sizeof(drops) / sizeof(*drops); i++) {
		tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
		rig_flush(r);
		assert_int_equal(rig_pa(r, SID, VA), PA);
		tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
		assert_int_equal(rig_pa(r, SID, VA), PA);
		rig_cmd(r, drops[i]);
		assert_int_equal(rig_pa(r, SID, VA), NEW);
	}
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_pa(r, SID, VA), NEW);
	/* CFGI_STE, but for SSec. */
	rig_cmd(r,
	        (struct tables_cmd){(uint64_t)SID << 32 | 0xfffffb03, ~1ull});
	assert_int_equal(rig_pa(r, SID, PA), PA);
	assert_int_equal(rig_r32(r, GERROR), 0);
}

/* 4.3.3, 4.3.4, 4.4.2: commands of stage 1 on an SMMU that has none. */
RIG_TEST(s4_3_3_without_stage_1, .idr_clear = {2}, .idr_set = {1})
{
	static const uint8_t ops[] = {0x05, 0x06, 0x10, 0x11, 0x12, 0x13};

	for (unsigned i = 0; i < sizeof(ops); i++) {
		uint32_t gerror = rig_r32(r, GERROR);

		rig_cmd(r, (struct tables_cmd){ops[i], 0});
		assert_int_equal(rig_r32(r, GERROR), gerror ^ 1);
		put(r, rig_r32(r, CMDQ_CONS) & 0x3f, 0x46, 0);
		rig_w32(r, GERRORN, gerror ^ 1);
	}
	/* Those of stage 2, and of all, are there. */
	rig_cmd(r, cmd_tlbi(0x28, 0, 0, 0));
	rig_cmd(r, cmd_tlbi(0x2a, 0, 0, 0));
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	assert_int_equal(rig_r32(r, GERROR), rig_r32(r, GERRORN));
}

/* 4.3.5, 4.6: MPAM and the DPT are absent. */
RIG_TEST(s4_3_5_absent_features, NEST_SECURE)
{
	static const uint8_t ops[] = {0x07, 0x70, 0x73};

	for (unsigned i = 0; i < sizeof(ops); i++) {
		uint32_t gerror = rig_r32(r, GERROR);

		rig_cmd(r, (struct tables_cmd){ops[i], 0});
		assert_int_equal(rig_r32(r, GERROR), gerror ^ 1);
		put(r, rig_r32(r, CMDQ_CONS) & 0x3f, 0x46, 0);
		rig_w32(r, GERRORN, gerror ^ 1);
	}
}

/* 4.4: without 16 bits of ASID and VMID, the upper halves do not count. */
RIG_TEST(s4_4_narrow_tags, NEST_LESS(I0_ASID16 | I0_VMID16, 0u, 0u))
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	rig_ste_word(r, SID, 2, 0xffff, 3);
	rig_flush(r);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0x5503, 0x2202, VA));
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_cmd(r, cmd_tlbi(0x12, 0x5503, 0x2201, VA));
	assert_int_equal(rig_pa(r, SID, VA), NEW);
}

/* 4.4.1: an address need not be that of the block's start. */
RIG_TEST(s4_4_inside_a_block, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, 0x40000000, RIG_DATA, 2, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, 0x40001000), RIG_DATA + 0x1000);
	tables_map(&r->t, &h, 0x40000000, RIG_RAM, 2, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, 0x401ff000));
	assert_int_equal(rig_pa(r, SID, 0x40001000), RIG_RAM + 0x1000);
}

/* 4.7.3: CMD_SYNCs of one queue complete in order, each after the message of
 * the one before it. */
static unsigned messages;

static void in_order(struct rig *r, const struct dmasim_txn *txn)
{
	if (txn->cause != DMASIM_CAUSE_MSI)
		return;
	for (unsigned i = 0; i < messages; i++)
		assert_int_equal(tables_get(&r->t, RIG_MSI + 8ull * i), i + 1);
	messages++;
}

RIG_TEST(s4_7_3_syncs_in_order, .pend = true)
{
	messages = 0;
	r->hook = in_order;
	for (uint32_t i = 0; i < 6; i++) {
		struct tables_cmd c = cmd_sync_msi(RIG_MSI + 8ull * i, i + 1);

		put(r, i, c.d0, c.d1);
	}
	rig_w32(r, CMDQ_PROD, 6);
	rig_settle(r);
	assert_int_equal(messages, 6);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 6);
}

/* 4.7.3: an aborted message is in GERROR when the next CMD_SYNC completes. */
RIG_TEST(s4_7_3_abort_is_seen_by_the_next, .pend = true)
{
	struct tables_cmd c = cmd_sync_msi(RIG_HOLE, 1);

	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	put(r, 0, c.d0, c.d1);
	put(r, 1, cmd_sync(1).d0, 0);
	rig_w32(r, CMDQ_PROD, 2);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	assert_int_equal(rig_r32(r, GERROR), 1 << 4);
}

/* 4.7.3: what a Secure CMD_SYNC says of its own side does not wait for the
 * other queue, whose error does not stop it. */
RIG_TEST(s4_7_3_queues_apart, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_int_equal(rig_r32(r, GERROR), 1);
	secure_cmd(&s, cmd_sync(1));
	assert_int_equal(line(r, 86), 1);
	assert_int_equal(line(r, 76), 0);
	assert_int_equal(rig_r32(r, S(GERROR)), 0);
}

/* 4.7.3: MSH and MSIAttr; Device and Non-cacheable are Outer Shareable
 * whatever MSH is. */
RIG_TEST(s4_7_3_message_attributes, 0)
{
	static const uint8_t share[] = {DMASIM_NSH, DMASIM_NSH, DMASIM_OSH,
	                                DMASIM_ISH};

	for (unsigned msh = 0; msh < 4; msh++) {
		rig_cmd(r, dmasim_tables_sync_msi_attr(RIG_MSI, 1, 15, msh));
		assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.share,
		                 share[msh]);
		rig_cmd(r, dmasim_tables_sync_msi_attr(RIG_MSI, 1, 5, msh));
		assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.share,
		                 DMASIM_OSH);
		rig_cmd(r, dmasim_tables_sync_msi_attr(RIG_MSI, 1, 0, msh));
		assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.type,
		                 DMASIM_DEVICE_NGNRNE);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->attr.share,
		                 DMASIM_OSH);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s4_1_1_reserved_opcodes),
        cmocka_unit_test(s4_1_2_nothing_beyond_prod),
        cmocka_unit_test(s4_1_2_event_of_a_full_queue),
        cmocka_unit_test(s4_1_2_no_event_without_sev),
        cmocka_unit_test(s4_1_3_first_error),
        cmocka_unit_test(s4_1_5_reserved_fields),
        cmocka_unit_test(s4_3_3_without_stage_1),
        cmocka_unit_test(s4_3_5_absent_features),
        cmocka_unit_test(s4_4_narrow_tags),
        cmocka_unit_test(s4_4_inside_a_block),
        cmocka_unit_test(s4_7_3_syncs_in_order),
        cmocka_unit_test(s4_7_3_abort_is_seen_by_the_next),
        cmocka_unit_test(s4_7_3_queues_apart),
        cmocka_unit_test(s4_7_3_message_attributes),
};

CHECK_MAIN(tests)
