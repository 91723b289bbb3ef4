/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 13: attribute transformation. All pairs of both stages
 * are in tests/smmuv3/test_combine.c. */
#include "nest.h"

#define VA (N_VA + 0x124)
#define RA DMASIM_ALLOC_READ
#define WA DMASIM_ALLOC_WRITE
#define TR DMASIM_ALLOC_TRANSIENT
#define WB_IN                                                                  \
	((struct dmasim_attr){DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_NSH, \
	                      RA | WA})
#define NC_IN                                                                  \
	((struct dmasim_attr){DMASIM_NORMAL, DMASIM_NC, DMASIM_NC, DMASIM_OSH, \
	                      0})

static const struct rig_access *come_out(struct rig *r, enum dmasim_op op,
                                         uint64_t va, struct dmasim_attr in,
                                         uint32_t flags)
{
	struct dmasim_txn t = {
	        .op = op,
	        .cause = DMASIM_CAUSE_DMA,
	        .stream_id = N_SID,
	        .addr = va,
	        .size = 4,
	        .attr = in,
	        .flags = flags,
	        .data = r->buf,
	};

	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	return rig_last(r, DMASIM_CAUSE_DMA);
}

static void named(struct rig *r, uint64_t va, struct dmasim_attr in,
                  uint32_t flags, const char *name)
{
	char buf[48];

	dmasim_attr_name(&come_out(r, DMASIM_READ, va, in, flags)->attr, buf,
	                 sizeof(buf));
	assert_string_equal(buf, name);
}

static uint64_t leaf2(unsigned memattr, unsigned sh)
{
	return (S2_RW & ~(DMASIM_TABLES_MEMATTR(15) | DMASIM_TABLES_SH(3))) |
	       DMASIM_TABLES_MEMATTR(memattr) | DMASIM_TABLES_SH(sh);
}

/* 13.1.2: writes and atomics are data, whatever the client and INSTCFG say;
 * the output carries what was decided. */
RIG_TEST(s13_1_2_writes_are_data, NEST_FULL)
{
	static const enum dmasim_op ops[] = {DMASIM_READ, DMASIM_WRITE,
	                                     DMASIM_ATOMIC_SET};

	for (unsigned i = 0; i < 24; i++) {
		const struct dmasim_tables_ste ste = {
		        .config = 4, .shcfg = 1, .instcfg = i >> 1 & 3};
		enum dmasim_op op = ops[i / 8];
		bool inst = i & 1;

		dmasim_tables_write_ste(
		        &r->t, tables_ste(&r->t, &r->streams, N_SID), &ste);
		rig_flush(r);
		if (ste.instcfg >= 2)
			inst = ste.instcfg == 3;
		if (op != DMASIM_READ)
			inst = false;
		assert_int_equal(come_out(r, op, N_PA, WB_IN,
		                          i & 1 ? DMASIM_TXN_INSTRUCTION : 0)
		                         ->flags,
		                 inst ? DMASIM_TXN_INSTRUCTION : 0);
	}
}

/* 13.1.4: PRIVCFG, for all kinds of accesses. */
RIG_TEST(s13_1_4_privcfg, NEST_FULL)
{
	for (unsigned i = 0; i < 16; i++) {
		const struct dmasim_tables_ste ste = {
		        .config = 4, .shcfg = 1, .privcfg = i >> 1 & 3};
		bool priv = ste.privcfg >= 2 ? ste.privcfg == 3 : i & 1;

		dmasim_tables_write_ste(
		        &r->t, tables_ste(&r->t, &r->streams, N_SID), &ste);
		rig_flush(r);
		assert_int_equal(come_out(r, i & 8 ? DMASIM_WRITE : DMASIM_READ,
		                          N_PA, WB_IN, i & 1)
		                         ->flags,
		                 priv ? DMASIM_TXN_PRIVILEGED : 0);
	}
}

/* 13.1.3, 13.1.4: made cacheable by an override, with hints of the default;
 * hints and shareability of what is not cacheable are left. */
RIG_TEST(s13_1_4_bypass_overrides, NEST_FULL)
{
	struct dmasim_tables_ste ste = {
	        .config = 4, .mtcfg = 1, .memattr = 15, .shcfg = 3};
	uint64_t at = tables_ste(&r->t, &r->streams, N_SID);

	dmasim_tables_write_ste(&r->t, at, &ste);
	named(r, N_PA, NC_IN, 0, "Normal WB ISH");
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc, RA | WA);
	ste.memattr = 5;
	ste.alloccfg = 15;
	dmasim_tables_write_ste(&r->t, at, &ste);
	rig_flush(r);
	named(r, N_PA, WB_IN, 0, "Normal NC");
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc, 0);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_OSH);
	ste.memattr = 2;
	dmasim_tables_write_ste(&r->t, at, &ste);
	rig_flush(r);
	named(r, N_PA, WB_IN, 0, "Device-nGRE");
}

/* 13.1.5.1: the three examples. */
RIG_TEST(s13_1_5_examples, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	/* iWB-oNC and Device-nGnRE. */
	n.cd.mair = 0x4f;
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(1, 0));
	nest_write(&n);
	named(r, VA, WB_IN, 0, "Device-nGnRE");
	/* Device-nGnRE and Device-nGnRnE. */
	n.cd.mair = 0x04;
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(0, 0));
	nest_write(&n);
	named(r, VA, WB_IN, 0, "Device-nGnRnE");
	/* iWB-oNC-ISH, and iWT-oWT-OSH. */
	n.cd.mair = 0x4f;
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(10, 2));
	nest_write(&n);
	named(r, VA, WB_IN, 0, "Normal inner WT outer NC OSH");
}

/* 13.1.6: forced to Write-Back; and only where S2FWB says so. */
RIG_TEST(s13_1_6_fwb, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2fwb = 1;
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(6, 3));
	for (unsigned i = 0; i < 3; i++) {
		nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW | (uint64_t)i << 2);
		nest_write(&n);
		/* Device and Non-cacheable are Outer Shareable before. */
		named(r, VA, WB_IN, 0,
		      i == 0 ? "Normal WB ISH" : "Normal WB OSH");
	}
	n.ste.s2fwb = 0;
	nest_write(&n);
	named(r, VA, WB_IN, 0, "Device-nGnRE");
	/* Stage 2 alone: the input in place of stage 1. */
	n.ste.s2fwb = 1;
	n.ste.config = 6;
	nest_write(&n);
	named(r, N_IPA, NC_IN, 0, "Normal WB OSH");
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(5, 3));
	nest_write(&n);
	named(r, N_IPA, WB_IN, 0, "Normal NC");
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(7, 3));
	nest_write(&n);
	named(r, N_IPA, WB_IN, 0, "Normal WB ISH");
	named(r, N_IPA, NC_IN, 0, "Normal NC");
}

/* 13.1.7: no allocation, no transience. */
RIG_TEST(s13_1_7_consistent, NEST_FULL)
{
	struct dmasim_attr in = WB_IN;

	tables_ste_config(&r->t, &r->streams, N_SID, 4);
	for (unsigned alloc = 0; alloc < 8; alloc++) {
		in.alloc = (uint8_t)alloc;
		assert_int_equal(
		        come_out(r, DMASIM_READ, N_PA, in, 0)->attr.alloc,
		        alloc & (RA | WA) ? alloc : 0);
	}
	/* Whatever a client claims of Device and Non-cacheable. */
	in = (struct dmasim_attr){DMASIM_DEVICE_GRE, DMASIM_NC, DMASIM_NC,
	                          DMASIM_NSH, RA | TR};
	assert_int_equal(come_out(r, DMASIM_READ, N_PA, in, 0)->attr.share,
	                 DMASIM_OSH);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc, 0);
}

/* 13.2: GBPA, while the SMMU is off. */
RIG_TEST(s13_2_gbpa, NEST_FULL)
{
	rig_w32(r, CR0, 0);
	rig_w32(r, GBPA, 1u << 31 | 1u << 12);
	named(r, N_PA, WB_IN, 0, "Normal WB NSH");
	rig_w32(r, GBPA, 1u << 31 | 3u << 12 | 1u << 4 | 15);
	named(r, N_PA, NC_IN, 0, "Normal WB ISH");
	rig_w32(r, GBPA, 1u << 31 | 2u << 12 | 12u << 8);
	named(r, N_PA, WB_IN, 0, "Normal WB OSH");
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc, RA);
	rig_w32(r, GBPA, 1u << 31 | 1u << 12 | 3u << 16 | 3u << 18);
	assert_int_equal(come_out(r, DMASIM_READ, N_PA, WB_IN, 0)->flags,
	                 DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION);
	assert_int_equal(come_out(r, DMASIM_WRITE, N_PA, WB_IN, 0)->flags,
	                 DMASIM_TXN_PRIVILEGED);
	rig_w32(r, GBPA, 1u << 31 | 1u << 20);
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, N_PA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

/* 13.4.2: stage 1 replaces type and shareability; hints are combined. */
RIG_TEST(s13_4_2_stage1, NEST_FULL)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, N_SID, 1, &h);
	struct dmasim_attr in = WB_IN;

	tables_map(&r->t, &h, N_VA, N_PA, 3, LEAF_RW);
	tables_set(&r->t, cd + 24, 0xee); /* Write-Back, read-allocate */
	named(r, VA, NC_IN, 0, "Normal WB ISH");
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc, RA);
	in.alloc = WA;
	assert_int_equal(come_out(r, DMASIM_READ, VA, in, 0)->attr.alloc, 0);
	in.alloc = RA | TR;
	assert_int_equal(come_out(r, DMASIM_READ, VA, in, 0)->attr.alloc,
	                 RA | TR);
}

/* 13.4.3: what privilege means to stage 2 is FEAT_XNX's. */
RIG_TEST(s13_4_3_privilege, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	/* Stage 1: privileged only; stage 2 does not care. */
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO & ~LEAF_AP1);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW | DMASIM_TABLES_S2_XN(1));
	rig_flush(r);
	come_out(r, DMASIM_READ, VA, WB_IN, DMASIM_TXN_PRIVILEGED);
	/* ... but for execution. */
	rig_dma_flags(r, DMASIM_READ, N_SID, VA,
	              DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION);
	nest_expect(&n, EV_F_PERMISSION,
	            EV_S2 | EV_IN | EV_READ | EV_PNU | EV_IND, VA, N_IPA);
	come_out(r, DMASIM_READ, VA, WB_IN, DMASIM_TXN_INSTRUCTION);
}

/* 13.6.1.1: No_snoop comes last. */
RIG_TEST(s13_6_1_no_snoop, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2fwb = 1;
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(6, 3));
	nest_write(&n);
	named(r, VA, WB_IN, 0, "Normal WB ISH");
	named(r, VA, WB_IN, DMASIM_TXN_NO_SNOOP, "Normal NC");
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_OSH);
	nest_map2(&n, N_IPA, N_PA, 3, leaf2(2, 3));
	nest_write(&n);
	named(r, VA, WB_IN, DMASIM_TXN_NO_SNOOP, "Device-nGRE");
}

/* ---- 16.7.2: cache maintenance ---- */

static void maintenance(struct nest *n, uint64_t bits1, uint64_t bits2,
                        bool allowed, enum dmasim_op becomes)
{
	struct rig *r = n->r;

	nest_map1(n, N_VA, N_IPA, 3, bits1);
	nest_map2(n, N_IPA, N_PA, 3, bits2);
	nest_write(n);
	for (unsigned twice = 0; twice < 2 && allowed; twice++) {
		nest_ok(n, DMASIM_CLEAN);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op,
		                 DMASIM_CLEAN);
		nest_ok(n, DMASIM_CLEAN_INVALIDATE);
		nest_ok(n, DMASIM_INVALIDATE);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op, becomes);
	}
	if (allowed)
		return;
	for (unsigned i = 0; i < 3; i++) {
		nest_fault(n, (enum dmasim_op)(DMASIM_CLEAN + i));
		/* Recorded as reads. */
		nest_expect(n, EV_F_PERMISSION,
		            EV_IN | EV_READ | (bits1 & LEAF_AP1 ? EV_S2 : 0),
		            VA, bits1 & LEAF_AP1 ? N_IPA : 0);
	}
}

RIG_TEST(s16_7_2_maintenance, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	/* DRE = 0: an invalidation always cleans. */
	maintenance(&n, LEAF_RW, S2_RW, true, DMASIM_CLEAN_INVALIDATE);
	n.ste.dre = 1;
	maintenance(&n, LEAF_RW, S2_RW, true, DMASIM_INVALIDATE);
	/* Without the right to write, of either stage, it cleans. */
	maintenance(&n, LEAF_RO, S2_RW, true, DMASIM_CLEAN_INVALIDATE);
	maintenance(&n, LEAF_RW, S2_RO, true, DMASIM_CLEAN_INVALIDATE);
	/* The right to read is needed. */
	maintenance(&n, LEAF_RW & ~LEAF_AP1, S2_RW, false, DMASIM_CLEAN);
	maintenance(&n, LEAF_RW, S2_WO, false, DMASIM_CLEAN);
}

/* As an instruction it needs execute permission in place of reading. */
RIG_TEST(s16_7_2_2_instruction, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	n.ste.instcfg = 3;
	n.ste.dre = 1;
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	nest_write(&n);
	assert_int_equal(rig_dma(r, DMASIM_INVALIDATE, N_SID, N_IPA, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op, DMASIM_INVALIDATE);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW | DMASIM_TABLES_S2_XN(2));
	nest_write(&n);
	assert_int_equal(rig_dma(r, DMASIM_INVALIDATE, N_SID, N_IPA, 4),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ | EV_IND,
	            N_IPA, N_IPA);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s13_1_2_writes_are_data),
        cmocka_unit_test(s13_1_4_privcfg),
        cmocka_unit_test(s13_1_4_bypass_overrides),
        cmocka_unit_test(s13_1_5_examples),
        cmocka_unit_test(s13_1_6_fwb),
        cmocka_unit_test(s13_1_7_consistent),
        cmocka_unit_test(s13_2_gbpa),
        cmocka_unit_test(s13_4_2_stage1),
        cmocka_unit_test(s13_4_3_privilege),
        cmocka_unit_test(s13_6_1_no_snoop),
        cmocka_unit_test(s16_7_2_maintenance),
        cmocka_unit_test(s16_7_2_2_instruction),
};

CHECK_MAIN(tests)
