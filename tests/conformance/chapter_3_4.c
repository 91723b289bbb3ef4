/* SPDX-License-Identifier: MIT */
/* IHI 0070, 3.4: address sizes, every row. Tables of 52 bits are in
 * tests/smmuv3/test_lpa.c. */
#include "nest.h"

#define VA  (N_VA + 0x124)
#define OAS 40u
#define TOP (1ull << OAS)

#define OPTIONS NEST_FULL, .oas_bits = OAS

static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52};

/* ---- no translation ---- */

/* SMMUEN = 0: aborted, and no record. */
RIG_TEST(s3_4_disabled, OPTIONS)
{
	rig_w32(r, CR0, EN_CMDQ | EN_EVENTQ);
	assert_int_equal(rig_dma(r, DMASIM_READ, 1, TOP, 4), DMASIM_TXN_ABORT);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, 1, 1ull << 63, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
	rig_dma(r, DMASIM_READ, 1, TOP - 4, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, TOP - 4);
}

/* Config 0b100: F_ADDR_SIZE of stage 1. */
RIG_TEST(s3_4_bypass, OPTIONS)
{
	tables_ste_config(&r->t, &r->streams, N_SID, 4);
	for (unsigned bit = OAS; bit < 64; bit++) {
		assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, 1ull << bit, 4),
		                 DMASIM_TXN_ABORT);
		rig_expect(r, EV(EV_F_ADDR_SIZE, N_SID), EV_IN | EV_READ,
		           1ull << bit, 0);
	}
	rig_dma(r, DMASIM_READ, N_SID, TOP - 4, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, TOP - 4);
}

/* S1DSS bypasses stage 1 alone: the same. */
RIG_TEST(s3_4_bypass_by_s1dss, OPTIONS)
{
	struct tables_half h;

	rig_stream(r, N_SID, 1, &h);
	rig_ste_word(r, N_SID, 0, 0, 1ull << 59);
	rig_ste_word(r, N_SID, 1, 3, 1);
	rig_dma(r, DMASIM_WRITE, N_SID, TOP, 4);
	rig_expect(r, EV(EV_F_ADDR_SIZE, N_SID), EV_IN, TOP, 0);
	assert_int_equal(rig_pa(r, N_SID, N_PA), N_PA);
}

/* Stage 1 bypassed before stage 2: IAS, which is OAS without AArch32. S2R and
 * S2S are not asked. */
RIG_TEST(s3_4_ias, OPTIONS)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	for (unsigned i = 0; i < 2; i++) {
		if (i == 0) {
			n.ste.config = 6;
		} else {
			n.ste.config = 7;
			n.ste.s1cdmax = 1;
			n.ste.s1dss = 1;
		}
		n.ste.s2r = 0;
		n.ste.s2s = 1;
		nest_write(&n);
		assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, TOP, 4),
		                 DMASIM_TXN_ABORT);
		nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, TOP, 0);
		/* Inside IAS, beyond S2T0SZ: stage 2's own fault. */
		n.ste.s2r = 1;
		n.ste.s2s = 0;
		nest_write(&n);
		assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, TOP - 8, 4),
		                 DMASIM_TXN_ABORT);
		nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ,
		            TOP - 8, TOP - 0x1000);
	}
}

/* ---- stage 1 ---- */

/* Every T0SZ and T1SZ: the last address inside, the first outside. */
RIG_TEST(s3_4_input_of_stage1, NEST_FULL)
{
	for (unsigned tsz = 16; tsz <= 48; tsz++) {
		uint64_t was = r->t.next, size = 1ull << (64 - tsz);
		uint64_t cd = tables_alloc(&r->t, 64, 64);
		struct tables_half low,
		        high = {.tsz = tsz, .granule = 12, .upper = true};

		assert_true(tables_half_new(&r->t, &low, tsz, 12));
		assert_int_equal(dmasim_tables_space_new(&r->t, &high),
		                 DMASIM_OK);
		tables_cd(&r->t, cd, &low, &high, 1);
		tables_ste_stage1(&r->t, &r->streams, N_SID, cd);
		tables_map(&r->t, &low, size - 0x1000, N_PA, 3, LEAF_RW);
		tables_map(&r->t, &high, 0 - size, N_PA, 3, LEAF_RW);
		/* What an address beyond would be, cut short. */
		tables_map(&r->t, &low, 0, N_PA, 3, LEAF_RW);
		tables_map(&r->t, &high, 0ull - 0x1000, N_PA, 3, LEAF_RW);
		rig_flush(r);
		assert_int_equal(rig_pa(r, N_SID, size - 4), N_PA + 0xffc);
		assert_int_equal(rig_pa(r, N_SID, 0 - size), N_PA);
		rig_dma(r, DMASIM_READ, N_SID, size, 4);
		rig_expect(r, EV(EV_F_TRANSLATION, N_SID), EV_IN | EV_READ,
		           size, 0);
		rig_dma(r, DMASIM_READ, N_SID, 0 - size - 4, 4);
		rig_expect(r, EV(EV_F_TRANSLATION, N_SID), EV_IN | EV_READ,
		           0 - size - 4, 0);
		r->t.next = was;
	}
}

/* IPS, capped to OAS: leaves and tables. */
RIG_TEST(s3_4_output_of_stage1, OPTIONS)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, N_SID, 1, &h), was;

	for (unsigned ips = 0; ips < 8; ips++) {
		unsigned bits = ips < 2 ? sizes[ips] : OAS;
		uint64_t w = tables_get(&r->t, cd) & ~(7ull << 32);

		tables_set(&r->t, cd, w | (uint64_t)ips << 32);
		tables_map(&r->t, &h, N_VA, (1ull << bits) - 0x1000, 3,
		           LEAF_RW);
		rig_flush(r);
		rig_dma(r, DMASIM_READ, N_SID, VA, 4);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr,
		                 (1ull << bits) - 0x1000 + 0x124);
		tables_map(&r->t, &h, N_VA, 1ull << bits, 3, LEAF_RW);
		rig_flush(r);
		rig_dma(r, DMASIM_READ, N_SID, VA, 4);
		rig_expect(r, EV(EV_F_ADDR_SIZE, N_SID), EV_IN | EV_READ, VA,
		           0);
		was = tables_get(&r->t, tables_descriptor(&r->t, &h, N_VA, 0));
		tables_set(&r->t, tables_descriptor(&r->t, &h, N_VA, 0),
		           was | 1ull << bits);
		rig_flush(r);
		rig_dma(r, DMASIM_WRITE, N_SID, VA, 4);
		rig_expect(r, EV(EV_F_ADDR_SIZE, N_SID), EV_IN, VA, 0);
		tables_set(&r->t, tables_descriptor(&r->t, &h, N_VA, 0), was);
	}
}

/* ---- stage 2 ---- */

/* S2T0SZ. */
RIG_TEST(s3_4_input_of_stage2, NEST_FULL)
{
	for (unsigned tsz = 16; tsz <= 48; tsz++) {
		uint64_t was = r->t.next, size = 1ull << (64 - tsz), at;
		struct tables_half s = {
		        .tsz = tsz, .granule = 12, .stage2 = true};
		struct dmasim_tables_ste ste = {
		        .config = 6, .shcfg = 1, .s2ps = 5, .s2r = 1};

		assert_int_equal(dmasim_tables_space_new(&r->t, &s), DMASIM_OK);
		dmasim_tables_ste_stage2(&ste, &s, false);
		assert_int_equal(dmasim_tables_descriptor(
		                         &r->t, &s, size - 0x1000, 3, &at),
		                 DMASIM_OK);
		tables_set(&r->t, at, S2_RW | 3 | N_PA);
		/* What an address beyond would be, cut short. */
		tables_map(&r->t, &s, 0, N_PA, 3, S2_RW);
		dmasim_tables_write_ste(
		        &r->t, tables_ste(&r->t, &r->streams, N_SID), &ste);
		rig_flush(r);
		assert_int_equal(rig_pa(r, N_SID, size - 4), N_PA + 0xffc);
		rig_dma(r, DMASIM_READ, N_SID, size, 4);
		/* 48 bits are IAS as well. */
		if (tsz == 16)
			rig_expect(r, EV(EV_F_ADDR_SIZE, N_SID),
			           EV_IN | EV_READ, size, 0);
		else
			rig_expect(r, EV(EV_F_TRANSLATION, N_SID),
			           EV_S2 | EV_IN | EV_READ, size, size);
		r->t.next = was;
	}
}

/* S2PS, capped to OAS: leaves and tables. */
RIG_TEST(s3_4_output_of_stage2, OPTIONS)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	for (unsigned ps = 0; ps < 8; ps++) {
		unsigned bits = ps < 2 ? sizes[ps] : OAS;
		uint64_t last = (1ull << bits) - 0x1000, was;

		n.ste.s2ps = ps;
		nest_map2(&n, N_IPA, last, 3, S2_RW);
		nest_write(&n);
		rig_dma(r, DMASIM_READ, N_SID, N_IPA, 4);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, last);
		nest_map2(&n, N_IPA, 1ull << bits, 3, S2_RW);
		rig_flush(r);
		rig_dma(r, DMASIM_READ, N_SID, N_IPA, 4);
		nest_expect(&n, EV_F_ADDR_SIZE, EV_S2 | EV_IN | EV_READ, N_IPA,
		            N_IPA);
		was = nest_get2(&n, N_IPA, 1);
		nest_set2(&n, N_IPA, 1, was | 1ull << bits);
		rig_flush(r);
		rig_dma(r, DMASIM_READ, N_SID, N_IPA, 4);
		nest_expect(&n, EV_F_ADDR_SIZE, EV_S2 | EV_IN | EV_READ, N_IPA,
		            N_IPA);
		nest_set2(&n, N_IPA, 1, was);
	}
}

/* ---- 3.4.1 ---- */

/* TBI is of the CD: with stage 1 bypassed the top byte counts. */
RIG_TEST(s3_4_1_tbi, NEST_FULL)
{
	uint64_t tagged = 0xa500000000000000;
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.cd.tbi0 = 1;
	n.ste.s1cdmax = 1;
	n.ste.s1dss = 2;
	nest_write(&n);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(rig_pa(r, N_SID, tagged | VA), N_PA + 0x124);
	/* 7.3: and the record has it. */
	nest_set2(&n, N_IPA, 3, 0);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, N_SID, tagged | VA, 4);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ, tagged | VA,
	            N_IPA);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW);
	n.ste.s1dss = 1;
	nest_write(&n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA), N_PA);
	rig_dma(r, DMASIM_READ, N_SID, tagged | N_IPA, 4);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, tagged | N_IPA, 0);
}

/* ---- 3.4.3: accesses of the SMMU's own ---- */

RIG_TEST(s3_4_3_s1contextptr, OPTIONS)
{
	struct tables_half h;
	struct nest n;

	rig_stream(r, 6, 1, &h);
	rig_ste_word(r, 6, 0, 0, TOP);
	rig_dma(r, DMASIM_READ, 6, VA, 4);
	rig_expect(r, EV(EV_C_BAD_STE, 6), 0, 0, 0);
	/* An IPA: here it is ILLEGAL as well. */
	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s1contextptr |= TOP;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_C_BAD_STE, 0, 0, 0);
}

RIG_TEST(s3_4_3_l1cd, OPTIONS)
{
	struct dmasim_tables_cds cds;
	struct tables_half h;
	struct nest n;
	uint64_t l1;

	/* A PA: a bad SubstreamID. */
	rig_stream(r, 6, 1, &h);
	l1 = tables_alloc(&r->t, 4096, 4096);
	tables_set(&r->t, l1, TOP | 1);
	tables_ste_stage1(&r->t, &r->streams, 6, l1);
	rig_ste_word(r, 6, 0, 0, 7ull << 59 | 1u << 4);
	rig_dma_ssid(r, 6, 3, VA);
	rig_expect(r, EV(8, 6) | 3 << 12, 0, 0, 0);
	/* An IPA: a translation fault of stage 2, with all of it. */
	nest_new(r, &n, &(struct nest_options){0});
	assert_int_equal(dmasim_tables_cds_new(&n.guest, &cds, 7, 1),
	                 DMASIM_OK);
	tables_set(&r->t, cds.base - NEST_SHIFT, TOP | 0x1000 | 1);
	dmasim_tables_ste_cds(&n.ste, &cds);
	nest_write(&n);
	rig_dma_ssid(r, N_SID, 3, VA);
	rig_expect(r, EV(EV_F_TRANSLATION, N_SID) | 1u << 11 | 3u << 12,
	           EV_S2 | EV_CD | EV_READ, VA, TOP | 0x1000);
}

/* The address of an STE: a failed fetch. */
RIG_TEST(s3_4_3_ste, OPTIONS, .log2size = 10, .split = 6)
{
	uint64_t record[4];

	tables_set(&r->t, r->streams.base, TOP | 7);
	rig_dma(r, DMASIM_READ, N_SID, VA, 4);
	assert_true(rig_event(r, record));
	assert_int_equal(record[0], EV(3, N_SID));
}

/* Queues and messages: truncated. */
RIG_TEST(s3_4_3_queues, OPTIONS)
{
	rig_w32(r, CR0, 0);
	rig_w64(r, CMDQ_BASE, TOP << 3 | r->cmdq | r->queue_log2);
	rig_w64(r, EVENTQ_BASE, TOP << 3 | r->evtq | r->queue_log2);
	rig_w32(r, CR0, EN_ALL);
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), rig_r32(r, CMDQ_PROD));
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CMDQ)->addr, r->cmdq);
	rig_dma(r, DMASIM_READ, 300, VA, 4);
	rig_expect(r, EV(2, 300), 0, 0, 0);
	rig_cmd(r, cmd_sync_msi(TOP << 3 | RIG_MSI, 1));
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->addr, RIG_MSI);
}

/* Walks after the first: address size faults of their stage. TTB itself is
 * checked with its structure. */
RIG_TEST(s3_4_3_walks, OPTIONS)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2ttb |= TOP;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_C_BAD_STE, 0, 0, 0);
	n.ste.s2ttb &= ~TOP;
	n.cd.ttb0 |= TOP;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_C_BAD_CD, 0, 0, 0);
	n.cd.ttb0 &= ~TOP;
	nest_set1(&n, N_VA, 0, nest_get1(&n, N_VA, 0) | TOP);
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, VA, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s3_4_disabled),
        cmocka_unit_test(s3_4_bypass),
        cmocka_unit_test(s3_4_bypass_by_s1dss),
        cmocka_unit_test(s3_4_ias),
        cmocka_unit_test(s3_4_input_of_stage1),
        cmocka_unit_test(s3_4_output_of_stage1),
        cmocka_unit_test(s3_4_input_of_stage2),
        cmocka_unit_test(s3_4_output_of_stage2),
        cmocka_unit_test(s3_4_1_tbi),
        cmocka_unit_test(s3_4_3_s1contextptr),
        cmocka_unit_test(s3_4_3_l1cd),
        cmocka_unit_test(s3_4_3_ste),
        cmocka_unit_test(s3_4_3_queues),
        cmocka_unit_test(s3_4_3_walks),
};

CHECK_MAIN(tests)
