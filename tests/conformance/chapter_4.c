/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 4: commands. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

static struct tables_half stale(struct rig *r, uint64_t leaf)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, leaf);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	tables_map(&r->t, &h, VA, NEW, 3, leaf);
	return h;
}

/* 4.1.2: a prefetch changes nothing that can be seen. */
RIG_TEST(s4_2_prefetch, 0)
{
	stale(r, LEAF_RW);
	rig_cmd(r, (struct tables_cmd){0x01 | (uint64_t)SID << 32, 0});
	rig_cmd(r, (struct tables_cmd){0x02 | (uint64_t)SID << 32, VA});
	rig_cmd(r, (struct tables_cmd){0x01 | 99ull << 32, 0});
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_expect_none(r);
}

/* 4.3.2: Range n covers 2^(n + 1) streams, and the low bits do not count. */
RIG_TEST(s4_3_2_ste_range, 0)
{
	for (unsigned range = 0; range < 5; range++) {
		uint32_t size = 2u << range, base = size;

		for (uint32_t sid = 0; sid < 3 * size; sid++) {
			tables_ste_config(&r->t, &r->streams, sid, 4);
			rig_flush(r);
		}
		for (uint32_t sid = 0; sid < 3 * size; sid++) {
			rig_pa(r, sid, RIG_DATA);
			tables_ste_config(&r->t, &r->streams, sid, 0);
		}
		rig_cmd(r, cmd_cfgi_range(base + size - 1, range));
		/* The cache holds the last 64 at least. */
		assert_int_equal(rig_pa(r, base, RIG_DATA), UINT64_MAX);
		assert_int_equal(rig_pa(r, base + size - 1, RIG_DATA),
		                 UINT64_MAX);
		assert_int_equal(rig_pa(r, base + size, RIG_DATA), RIG_DATA);
		rig_flush(r);
	}
}

/* 4.4.2.1: by ASID, global translations stay. */
RIG_TEST(s4_4_2_asid_and_global, 0)
{
	stale(r, LEAF_RW & ~LEAF_NG);
	rig_cmd(r, cmd_tlbi(0x11, 0, 1, 0));
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_cmd(r, cmd_tlbi(0x10, 0, 0, 0));
	assert_int_equal(rig_pa(r, SID, VA), NEW);
}

/* 4.4.1: what Linux 7.2 sends for one 4 KiB page, for 2 MiB, for an area. */
RIG_TEST(s4_4_1_what_linux_sends, 0)
{
	static const unsigned forms[][4] = {
	        {0, 0, 1, 3}, {0, 9, 1, 0}, {3, 1, 1, 3}, {31, 3, 1, 3}};

	for (unsigned i = 0; i < 4; i++) {
		stale(r, LEAF_RW);
		rig_cmd(r, cmd_tlbi_range(0x12, 1, VA, forms[i]));
		assert_int_equal(rig_pa(r, SID, VA), NEW);
		rig_flush(r);
	}
}

/* 4.7.3: CMD_SYNC signals when everything before it has taken effect. */
static void effect_is_there(struct rig *r, const struct dmasim_txn *txn)
{
	uint8_t data[4];
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 4,
	                       .data = data};

	if (txn->cause != DMASIM_CAUSE_MSI)
		return;
	r->hook = NULL;
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
}

RIG_TEST(s4_7_3_sync_comes_last, 0)
{
	stale(r, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	r->hook = effect_is_there;
	rig_cmd(r, cmd_sync_msi(RIG_MSI, 1));
	assert_null(r->hook);
}

/* 4.7.3: records of what a client has seen terminated are visible. */
RIG_TEST(s4_7_3_sync_and_records, 0)
{
	stale(r, LEAF_RW);
	rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4);
	rig_cmd(r, cmd_sync(0));
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA + 0x1000, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s4_2_prefetch),
        cmocka_unit_test(s4_3_2_ste_range),
        cmocka_unit_test(s4_4_2_asid_and_global),
        cmocka_unit_test(s4_4_1_what_linux_sends),
        cmocka_unit_test(s4_7_3_sync_comes_last),
        cmocka_unit_test(s4_7_3_sync_and_records),
};

CHECK_MAIN(tests)
