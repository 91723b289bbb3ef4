/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 7: the records of every event, and which comes first. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

#define D0(type) EV(type, SID)
/* SSV, and SubstreamID 2. */
#define SS2 (1ull << 11 | 2ull << 12)

struct space {
	struct tables_half h;
	uint64_t cd, ste;
};

/* A stream with substreams 0 and 2 that both map VA. */
static struct space setup(struct rig *r)
{
	struct space s;

	s.cd = tables_alloc(&r->t, 256, 256);
	assert_true(tables_half_new(&r->t, &s.h, 16, 12));
	tables_map(&r->t, &s.h, VA, PA, 3, LEAF_RW);
	tables_cd(&r->t, s.cd, &s.h, NULL, 1);
	tables_cd(&r->t, s.cd + 128, &s.h, NULL, 2);
	tables_ste_stage1(&r->t, &r->streams, SID, s.cd);
	rig_ste_word(r, SID, 0, 0, 2ull << 59);
	/* Without SubstreamID: terminate. */
	rig_ste_word(r, SID, 1, 3, 0);
	s.ste = tables_ste(&r->t, &r->streams, SID);
	return s;
}

static void ss2(struct rig *r, uint64_t va)
{
	rig_flush(r);
	assert_int_equal(rig_dma_ssid(r, SID, 2, va), DMASIM_TXN_ABORT);
}

RIG_TEST(s7_3_3_c_bad_streamid, 0)
{
	assert_int_equal(rig_dma_ssid(r, 256, 2, VA), DMASIM_TXN_ABORT);
	rig_expect(r, EV(2, 256) | SS2, 0, 0, 0);
}

RIG_TEST(s7_3_4_f_ste_fetch, 0)
{
	struct space s = setup(r);

	r->refuse_from = s.ste;
	r->refuse_to = s.ste + 64;
	ss2(r, VA);
	rig_expect(r, D0(3) | SS2, 0, 0, s.ste);
}

RIG_TEST(s7_3_5_c_bad_ste, 0)
{
	setup(r);
	rig_ste_word(r, SID, 0, 1, 0);
	ss2(r, VA);
	rig_expect(r, D0(4) | SS2, 0, 0, 0);
}

RIG_TEST(s7_3_7_f_stream_disabled, 0)
{
	setup(r);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(6), 0, 0, 0);
}

RIG_TEST(s7_3_9_c_bad_substreamid, 0)
{
	setup(r);
	rig_dma_ssid(r, SID, 4, VA);
	/* SSV is 0 although the SubstreamID is valid. */
	rig_expect(r, D0(8) | 4 << 12, 0, 0, 0);
}

RIG_TEST(s7_3_10_f_cd_fetch, 0)
{
	struct space s = setup(r);

	r->refuse_from = s.cd + 128;
	r->refuse_to = s.cd + 192;
	ss2(r, VA);
	rig_expect(r, D0(9) | SS2, 0, 0, s.cd + 128);
}

RIG_TEST(s7_3_11_c_bad_cd, 0)
{
	struct space s = setup(r);

	tables_set(&r->t, s.cd + 128, 0);
	ss2(r, VA);
	rig_expect(r, D0(10) | SS2, 0, 0, 0);
}

RIG_TEST(s7_3_12_f_walk_eabt, 0)
{
	struct space s = setup(r);
	uint64_t at = tables_descriptor(&r->t, &s.h, VA, 2);

	r->refuse_from = at;
	r->refuse_to = at + 8;
	ss2(r, VA + 1);
	rig_expect(r, D0(0x0b) | SS2, EV_TT | EV_READ, VA + 1, at);
	rig_dma_flags(r, DMASIM_WRITE, SID, VA, 0);
	rig_expect(r, D0(6), 0, 0, 0);
}

RIG_TEST(s7_3_13_f_translation, 0)
{
	setup(r);
	ss2(r, VA + 0x1003);
	rig_expect(r, D0(0x10) | SS2, EV_IN | EV_READ, VA + 0x1003, 0);
}

RIG_TEST(s7_3_14_f_addr_size, .oas_bits = 40)
{
	struct space s = setup(r);

	tables_map(&r->t, &s.h, VA, 1ull << 40, 3, LEAF_RW);
	ss2(r, VA);
	rig_expect(r, D0(0x11) | SS2, EV_IN | EV_READ, VA, 0);
}

RIG_TEST(s7_3_15_f_access, 0)
{
	struct space s = setup(r);

	tables_map(&r->t, &s.h, VA, PA, 3, LEAF_RW & ~LEAF_AF);
	ss2(r, VA);
	rig_expect(r, D0(0x12) | SS2, EV_IN | EV_READ, VA, 0);
}

RIG_TEST(s7_3_16_f_permission, 0)
{
	struct space s = setup(r);

	tables_map(&r->t, &s.h, VA, PA, 3, LEAF_RW & ~LEAF_AP1);
	ss2(r, VA);
	rig_expect(r, D0(0x13) | SS2, EV_IN | EV_READ, VA, 0);
}

/* 7.3: PnU, InD and RnW of each kind of access; InD is 0 for writes. */
RIG_TEST(s7_3_access_fields, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	for (unsigned i = 0; i < 8; i++) {
		bool write = i & 1, priv = i & 2, inst = i & 4;
		uint64_t want = EV_IN | (write ? 0 : EV_READ) |
		                (priv ? EV_PNU : 0) |
		                (inst && !write ? EV_IND : 0);

		rig_dma_flags(r, write ? DMASIM_WRITE : DMASIM_READ, SID, VA,
		              (priv ? DMASIM_TXN_PRIVILEGED : 0) |
		                      (inst ? DMASIM_TXN_INSTRUCTION : 0));
		rig_expect(r, D0(0x10), want, VA, 0);
	}
}

/* 7.3: all 64 bits of the address are as presented. */
RIG_TEST(s7_3_input_address, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 38); /* TBI0 */
	rig_dma(r, DMASIM_READ, SID, 0xa500000012345677, 1);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0xa500000012345677, 0);
}

/* ---- 7.3.22: which of several faults is recorded ---- */

RIG_TEST(s7_3_22_configuration_before_translation, 0)
{
	struct space s = setup(r);
	uint64_t at = tables_descriptor(&r->t, &s.h, VA, 3);

	/* Everything is wrong; it is put right from the outside in. */
	tables_set(&r->t, at, 0);
	tables_set(&r->t, s.cd + 128, tables_get(&r->t, s.cd + 128) | 3 << 6);
	rig_ste_word(r, SID, 0, 1, 0);
	ss2(r, VA);
	rig_expect(r, D0(4) | SS2, 0, 0, 0);
	rig_ste_word(r, SID, 0, 31ull << 59, 1);
	/* No substreams now: before the CD is read. */
	ss2(r, VA);
	rig_expect(r, D0(8) | 2 << 12, 0, 0, 0);
	rig_ste_word(r, SID, 0, 0, 2ull << 59);
	r->refuse_from = s.cd + 128;
	r->refuse_to = s.cd + 192;
	ss2(r, VA);
	rig_expect(r, D0(9) | SS2, 0, 0, s.cd + 128);
	r->refuse_to = 0;
	ss2(r, VA);
	rig_expect(r, D0(10) | SS2, 0, 0, 0);
	tables_cd(&r->t, s.cd + 128, &s.h, NULL, 2);
	ss2(r, VA);
	rig_expect(r, D0(0x10) | SS2, EV_IN | EV_READ, VA, 0);
}

/* At a leaf: size, access flag, permission. */
RIG_TEST(s7_3_22_order_at_a_leaf, .oas_bits = 44)
{
	struct space s = setup(r);
	uint64_t bad = LEAF_RO & ~(LEAF_AF | LEAF_AP1);

	tables_map(&r->t, &s.h, VA, PA | 1ull << 45, 3, bad);
	ss2(r, VA);
	rig_expect(r, D0(0x11) | SS2, EV_IN | EV_READ, VA, 0);
	tables_map(&r->t, &s.h, VA, PA, 3, bad);
	ss2(r, VA);
	rig_expect(r, D0(0x12) | SS2, EV_IN | EV_READ, VA, 0);
	tables_map(&r->t, &s.h, VA, PA, 3, bad | LEAF_AF);
	ss2(r, VA);
	rig_expect(r, D0(0x13) | SS2, EV_IN | EV_READ, VA, 0);
}

/* The walk goes down: what is wrong above hides what is wrong below. */
RIG_TEST(s7_3_22_outer_levels_first, .oas_bits = 44)
{
	struct space s = setup(r);
	uint64_t l1 = tables_descriptor(&r->t, &s.h, VA, 1);
	uint64_t l2 = tables_descriptor(&r->t, &s.h, VA, 2);
	uint64_t was = tables_get(&r->t, l1);

	tables_set(&r->t, l2, 0);
	tables_set(&r->t, l1, was | 1ull << 45);
	ss2(r, VA);
	rig_expect(r, D0(0x11) | SS2, EV_IN | EV_READ, VA, 0);
	tables_set(&r->t, l1, was);
	r->refuse_from = l2;
	r->refuse_to = l2 + 8;
	ss2(r, VA);
	rig_expect(r, D0(0x0b) | SS2, EV_TT | EV_READ, VA, l2);
	r->refuse_to = 0;
	ss2(r, VA);
	rig_expect(r, D0(0x10) | SS2, EV_IN | EV_READ, VA, 0);
}

/* ---- 7.1, 7.4, 7.5 ---- */

/* 7.1: ERR is there when GERROR tells of it. */
static void err_is_there(struct rig *r, const struct dmasim_txn *txn)
{
	if (txn->cause != DMASIM_CAUSE_MSI)
		return;
	r->hook = NULL;
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
	assert_int_equal(rig_r32(r, GERROR), 1);
}

RIG_TEST(s7_1_err_before_gerror, .off = true)
{
	rig_enable(r);
	rig_w32(r, IRQ_CTRL, 0);
	rig_w64(r, GERROR_IRQ_CFG0, RIG_MSI);
	rig_w32(r, IRQ_CTRL, 1);
	r->hook = err_is_there;
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_null(r->hook);
}

/* 7.4: an overflow is no global error. */
RIG_TEST(s7_4_overflow, .queue_log2 = 1)
{
	for (unsigned i = 0; i < 3; i++)
		rig_dma(r, DMASIM_READ, 300, VA, 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1u << 31 | 2);
	assert_int_equal(rig_r32(r, GERROR), 0);
	/* Acknowledged by making OVACKFLG equal. */
	rig_w32(r, EVENTQ_CONS, 1u << 31 | 2);
	rig_dma(r, DMASIM_READ, 300, VA, 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1u << 31 | 3);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s7_3_3_c_bad_streamid),
        cmocka_unit_test(s7_3_4_f_ste_fetch),
        cmocka_unit_test(s7_3_5_c_bad_ste),
        cmocka_unit_test(s7_3_7_f_stream_disabled),
        cmocka_unit_test(s7_3_9_c_bad_substreamid),
        cmocka_unit_test(s7_3_10_f_cd_fetch),
        cmocka_unit_test(s7_3_11_c_bad_cd),
        cmocka_unit_test(s7_3_12_f_walk_eabt),
        cmocka_unit_test(s7_3_13_f_translation),
        cmocka_unit_test(s7_3_14_f_addr_size),
        cmocka_unit_test(s7_3_15_f_access),
        cmocka_unit_test(s7_3_16_f_permission),
        cmocka_unit_test(s7_3_access_fields),
        cmocka_unit_test(s7_3_input_address),
        cmocka_unit_test(s7_3_22_configuration_before_translation),
        cmocka_unit_test(s7_3_22_order_at_a_leaf),
        cmocka_unit_test(s7_3_22_outer_levels_first),
        cmocka_unit_test(s7_1_err_before_gerror),
        cmocka_unit_test(s7_4_overflow),
};

CHECK_MAIN(tests)
