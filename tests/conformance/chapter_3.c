/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 3: operation. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

#define D0(type) EV(type, SID)

static struct tables_half one_page(struct rig *r, uint64_t leaf)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, leaf);
	return h;
}

/* 3.3.1: of a 2-level table only the part that is used need exist. */
RIG_TEST(s3_3_1_second_level_on_demand, .log2size = 16, .split = 8)
{
	one_page(r, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_dma(r, DMASIM_READ, 0x0100, VA, 4);
	rig_expect(r, EV(2, 0x0100), 0, 0, 0);
	rig_dma(r, DMASIM_READ, 0xffff, VA, 4);
	rig_expect(r, EV(2, 0xffff), 0, 0, 0);
}

/* 3.4: the address of an access is within the table's range, or it is a
 * translation fault, not an address size fault. */
RIG_TEST(s3_4_input_beyond_the_table, 0)
{
	one_page(r, LEAF_RW);
	for (unsigned bit = 48; bit < 64; bit++) {
		uint64_t va = VA | 1ull << bit;

		rig_dma(r, DMASIM_READ, SID, va, 4);
		rig_expect(r, D0(0x10), EV_IN | EV_READ, va, 0);
	}
}

/* 3.4: the last address that fits, and the first that does not. */
RIG_TEST(s3_4_output_limit, .oas_bits = 44)
{
	struct tables_half h = one_page(r, LEAF_RW);

	tables_map(&r->t, &h, VA, 0xffffffff000, 3, LEAF_RW);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0xffc, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, 0xffffffffffc);
	tables_map(&r->t, &h, VA + 0x1000, 0x100000000000, 3, LEAF_RW);
	rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4);
	rig_expect(r, D0(0x11), EV_IN | EV_READ, VA + 0x1000, 0);
}

/* 3.5.1: a queue is empty when PROD equals CONS, wrap bit included. */
RIG_TEST(s3_5_1_wrap_bit, .queue_log2 = 1)
{
	one_page(r, LEAF_RW);
	rig_w32(r, EVENTQ_CONS, 2);
	/* PROD 0, CONS 2: full, as the wrap bits differ. */
	rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1u << 31);
	rig_w32(r, EVENTQ_CONS, 0);
	rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1u << 31 | 1);
}

/* 3.11: enabling invalidates nothing: software does. */
RIG_TEST(s3_11_caches_survive_disabling, 0)
{
	struct tables_half h = one_page(r, LEAF_RW);

	assert_int_equal(rig_pa(r, SID, VA), PA);
	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_flush(r);
	assert_int_equal(rig_pa(r, SID, VA), NEW);
}

/* 3.12.1: a terminated transaction aborts, and is recorded. */
RIG_TEST(s3_12_1_terminate, 0)
{
	one_page(r, LEAF_RW);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA + 0x1000, 64),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, D0(0x10), EV_IN, VA + 0x1000, 0);
}

/* 3.17: an ASID is of the SMMU, not of a stream. */
RIG_TEST(s3_17_tags, 0)
{
	struct tables_half h = one_page(r, LEAF_RW), other;

	assert_int_equal(rig_pa(r, SID, VA), PA);
	/* The same ASID in another space, which software must not do. */
	rig_stream(r, SID + 1, 1, &other);
	assert_int_equal(rig_pa(r, SID + 1, VA), PA);
	/* Another ASID. */
	rig_stream(r, SID + 2, 2, &other);
	rig_dma(r, DMASIM_READ, SID + 2, VA, 4);
	rig_expect(r, EV(0x10, SID + 2), EV_IN | EV_READ, VA, 0);
	(void)h;
}

/* 3.18: the record is there before the message that tells of it. */
static void record_is_there(struct rig *r, const struct dmasim_txn *txn)
{
	if (txn->cause != DMASIM_CAUSE_MSI)
		return;
	r->hook = NULL;
	assert_int_equal(tables_get(&r->t, r->evtq), D0(0x10));
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1);
}

RIG_TEST(s3_18_order_of_record_and_message, .off = true)
{
	one_page(r, LEAF_RW);
	rig_enable(r);
	rig_w32(r, IRQ_CTRL, 0);
	rig_w64(r, EVENTQ_IRQ_CFG0, RIG_MSI);
	rig_w32(r, EVENTQ_IRQ_CFG1, 9);
	rig_w32(r, IRQ_CTRL, 4);
	r->hook = record_is_there;
	rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4);
	assert_null(r->hook);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 9);
}

/* 3.21: STE and CD are read whole, descriptors as one word. */
RIG_TEST(s3_21_access_sizes, .log2size = 12, .split = 8)
{
	static const uint32_t sizes[] = {8, 64, 64, 8, 8, 8, 8, 4};

	one_page(r, LEAF_RW);
	r->logged = 0;
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(r->logged, 8);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(r->log[i].size, sizes[i]);
}

/* The contiguous hint may be used, and need not be (Arm ARM D8.6.1). */
RIG_TEST(d8_contiguous_hint_is_not_assumed, 0)
{
	struct tables_half h = one_page(r, LEAF_RW | 1ull << 52);

	tables_map(&r->t, &h, VA + 0x1000, NEW, 3, LEAF_RW | 1ull << 52);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(rig_pa(r, SID, VA + 0x1000), NEW);
}

/* Software bits and PBHA have no effect (Arm ARM D8.3). */
RIG_TEST(d8_ignored_bits, 0)
{
	one_page(r, LEAF_RW | 0xfull << 55 | 0xfull << 59 | 1ull << 51);
	assert_int_equal(rig_pa(r, SID, VA), PA);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s3_3_1_second_level_on_demand),
        cmocka_unit_test(s3_4_input_beyond_the_table),
        cmocka_unit_test(s3_4_output_limit),
        cmocka_unit_test(s3_5_1_wrap_bit),
        cmocka_unit_test(s3_11_caches_survive_disabling),
        cmocka_unit_test(s3_12_1_terminate),
        cmocka_unit_test(s3_17_tags),
        cmocka_unit_test(s3_18_order_of_record_and_message),
        cmocka_unit_test(s3_21_access_sizes),
        cmocka_unit_test(d8_contiguous_hint_is_not_assumed),
        cmocka_unit_test(d8_ignored_bits),
};

CHECK_MAIN(tests)
