/* SPDX-License-Identifier: MIT */
/* Address translation operations: what a result says, and what is in the way
 * of one. */
#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

#define WITH_ATOS .idr_set = {IDR0_ATOS}

/* ADDR: a read of @va for @type, and what else. */
#define S1    (1ull << 10)
#define S2    (2ull << 10)
#define S12   (3ull << 10)
#define READ  ATOS_ADDR_RNW
#define WRITE 0ull

static uint64_t ask_sid(struct rig *r, uint64_t sid, uint64_t addr)
{
	rig_w64(r, 0x108, sid);
	rig_w64(r, 0x110, addr);
	rig_w32(r, 0x100, 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, 0x100), 0);
	rig_expect_none(r);
	return rig_r64(r, 0x118);
}

static uint64_t ask(struct rig *r, uint64_t addr)
{
	return ask_sid(r, SID, addr);
}

static uint64_t fails(unsigned code)
{
	return 1 | (uint64_t)code << 4;
}

/* WB RA WA, Inner Shareable: what LEAF_RW gives. */
#define WB_ISH (0xffull << 56 | 3ull << 8)

static void maps(struct rig *r, struct tables_half *h)
{
	rig_stream(r, SID, 1, h);
	tables_map(&r->t, h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, h, VA + 0x1000, PA, 3, LEAF_RO);
	tables_map(&r->t, h, VA + 0x2000, PA, 3,
	           (LEAF_RW & ~LEAF_AP1) | LEAF_PXN);
	tables_map(&r->t, h, VA + 0x3000, PA, 3, LEAF_RW & ~LEAF_AF);
}

/* ---- success ---- */

static void translates(struct rig *r)
{
	struct tables_half h;

	maps(r, &h);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | PA);
	assert_int_equal(ask(r, VA | S1 | WRITE), WB_ISH | PA);
	assert_int_equal(ask(r, (VA + 0x1000) | S1 | READ), WB_ISH | PA);
	/* The permissions asked for are those of ADDR. */
	assert_int_equal(ask(r, (VA + 0x1000) | S1 | WRITE), fails(0x13));
	assert_int_equal(ask(r, (VA + 0x2000) | S1 | READ), fails(0x13));
	assert_int_equal(ask(r, (VA + 0x2000) | S1 | READ | ATOS_ADDR_PNU),
	                 WB_ISH | PA);
	assert_int_equal(ask(r, (VA + 0x2000) | S1 | READ | ATOS_ADDR_PNU |
	                                ATOS_ADDR_IND),
	                 fails(0x13));
	/* InD does not count for a write. */
	assert_int_equal(
	        ask(r, (VA + 0x2000) | S1 | ATOS_ADDR_PNU | ATOS_ADDR_IND),
	        WB_ISH | PA);
	assert_int_equal(ask(r, (VA + 0x3000) | S1 | READ), fails(0x12));
	assert_int_equal(ask(r, (VA + 0x4000) | S1 | READ), fails(0x10));
	assert_int_equal(ask(r, (1ull << 63) | VA | S1 | READ), fails(0x10));
}

RIG_TEST(translates_at_once, WITH_ATOS)
{
	translates(r);
}

RIG_TEST(translates_pending, WITH_ATOS, .pend = true)
{
	translates(r);
}

RIG_TEST(sizes, WITH_ATOS)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA & ~0x1fffffull, 0x40200000, 2, LEAF_RW);
	tables_map(&r->t, &h, 1ull << 30, 0x80000000, 1, LEAF_RW);
	assert_int_equal(ask(r, VA | S1 | READ),
	                 WB_ISH | 1 << 11 | 0x40200000 | 1 << 20);
	assert_int_equal(ask(r, (1ull << 30) | 0x5000 | S1 | READ),
	                 WB_ISH | 1 << 11 | 0x80000000 | 1 << 29);
}

static void page_of(struct rig *r, unsigned granule, uint64_t pa)
{
	uint64_t cd = tables_alloc(&r->t, 64, 64);
	struct tables_half h;

	tables_half_new(&r->t, &h, 16, granule);
	tables_cd(&r->t, cd, &h, NULL, (uint16_t)granule);
	tables_ste_stage1(&r->t, &r->streams, SID + granule, cd);
	tables_map(&r->t, &h, 0, pa, 3, LEAF_RW);
}

RIG_TEST(granules, WITH_ATOS)
{
	page_of(r, 14, 0x41234000);
	page_of(r, 16, 0x41230000);
	assert_int_equal(ask_sid(r, SID + 14, 0x3000 | S1 | READ),
	                 WB_ISH | 1 << 11 | 0x41234000 | 1 << 13);
	assert_int_equal(ask_sid(r, SID + 16, 0xf000 | S1 | READ),
	                 WB_ISH | 1 << 11 | 0x41230000 | 1 << 15);
}

/* The eight bytes of MAIR, and what a result says of each. */
RIG_TEST(attributes, WITH_ATOS)
{
	/* Inner and outer have one set of hints here: the inner's. */
	static const uint8_t mair[8] = {0x00, 0x04, 0x08, 0x0c,
	                                0x44, 0xbb, 0x77, 0x4f};
	uint64_t word = 0, cd;
	struct tables_half h;

	cd = rig_stream(r, SID, 1, &h);
	for (unsigned i = 0; i < 8; i++)
		word |= (uint64_t)mair[i] << (8 * i);
	tables_set(&r->t, cd + 24, word);
	for (unsigned i = 0; i < 8; i++) {
		uint64_t va = 0x1000ull * i, par;
		/* Device and Non-cacheable are Outer Shareable. */
		unsigned sh = i < 5 ? 2 : 0;

		tables_map(&r->t, &h, va, PA, 3,
		           LEAF_AF | LEAF_AP1 | (uint64_t)i << 2);
		par = ask(r, va | S1 | READ);
		assert_int_equal(par >> 56, mair[i]);
		assert_int_equal(par >> 8 & 3, sh);
	}
	tables_map(&r->t, &h, 0x8000, PA, 3,
	           LEAF_AF | LEAF_AP1 | 5 << 2 | 2 << 8);
	assert_int_equal(ask(r, 0x8000 | S1 | READ) >> 8 & 3, 2);
	tables_map(&r->t, &h, 0x9000, PA, 3,
	           LEAF_AF | LEAF_AP1 | 5 << 2 | 3 << 8);
	assert_int_equal(ask(r, 0x9000 | S1 | READ) >> 8 & 3, 3);
	/* Write-Back without hints, Write-Through with one. */
	tables_set(&r->t, cd + 24, 0xccaa);
	rig_flush(r);
	assert_int_equal(ask(r, 0x0000 | S1 | READ) >> 56, 0xaa);
	assert_int_equal(ask(r, 0x1000 | S1 | READ) >> 56, 0xcc);
}

/* 13.1.2: the overrides of an STE do not touch operations. */
RIG_TEST(no_overrides, WITH_ATOS)
{
	struct tables_half h;

	maps(r, &h);
	/* MTCFG to Device, privileged, instruction. */
	rig_ste_word(r, SID, 1, 0,
	             STE1_MTCFG | FIELD_PREP(STE1_PRIVCFG, 3) |
	                     FIELD_PREP(STE1_INSTCFG, 3));
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | PA);
	assert_int_equal(ask(r, (VA + 0x2000) | S1 | READ), fails(0x13));
}

RIG_TEST(uses_and_fills_caches, WITH_ATOS)
{
	struct dmasim_smmu_stats st;
	struct tables_half h;

	maps(r, &h);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | PA);
	r->logged = 0;
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.transactions, 1);
	assert_int_equal(st.walks, 1);
}

/* ---- streams ---- */

RIG_TEST(substreams, WITH_ATOS)
{
	struct tables_half h[2];
	struct dmasim_tables_cds cds;
	uint64_t cd, v = ATOS_SID_SSID_VALID | SID, one = 1ull << 32;

	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 2, 0), DMASIM_OK);
	for (unsigned i = 0; i < 2; i++) {
		tables_half_new(&r->t, &h[i], 16, 12);
		assert_int_equal(dmasim_tables_cd(&r->t, &cds, i, &cd),
		                 DMASIM_OK);
		tables_cd(&r->t, cd, &h[i], NULL, (uint16_t)(i + 1));
		tables_map(&r->t, &h[i], VA, PA + 0x1000 * i, 3, LEAF_RW);
	}
	tables_ste_stage1(&r->t, &r->streams, SID, cds.base);
	rig_ste_word(r, SID, 0, 0, FIELD_PREP(STE0_S1CDMAX, 2));
	/* S1DSS = 0. */
	assert_int_equal(ask_sid(r, SID, VA | S1 | READ), fails(0x06));
	assert_int_equal(ask_sid(r, v | one, VA | S1 | READ),
	                 WB_ISH | (PA + 0x1000));
	assert_int_equal(ask_sid(r, v, VA | S1 | READ), WB_ISH | PA);
	assert_int_equal(ask_sid(r, v | 4 * one, VA | S1 | READ), fails(0x08));
	/* A descriptor that is not valid. */
	assert_int_equal(ask_sid(r, v | 3 * one, VA | S1 | READ), fails(0x0a));
	/* S1DSS = 2: SubstreamID 0 is what has none. */
	rig_ste_word(r, SID, 1, 0, FIELD_PREP(STE1_S1DSS, 2));
	rig_flush(r);
	assert_int_equal(ask_sid(r, SID, VA | S1 | READ), WB_ISH | PA);
	assert_int_equal(ask_sid(r, v, VA | S1 | READ), fails(0x06));
	/* S1DSS = 1: the address as it is, in the smallest size. */
	rig_ste_word(r, SID, 1, FIELD_PREP(STE1_S1DSS, 3),
	             FIELD_PREP(STE1_S1DSS, 1));
	rig_flush(r);
	assert_int_equal(ask_sid(r, SID, VA | S1 | READ) & ATOS_PAR_ADDR, VA);
	assert_int_equal(ask_sid(r, SID, VA | S1 | READ) & 0xcff, 0);
	assert_int_equal(ask_sid(r, SID, 1ull << 50 | S1 | READ), fails(0x11));
}

static void bypass(struct rig *r, unsigned granule)
{
	uint64_t cd = tables_alloc(&r->t, 4 * 64, 4 * 64), size;
	struct tables_half h;

	tables_half_new(&r->t, &h, 16, granule);
	tables_cd(&r->t, cd, &h, NULL, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	rig_ste_word(r, SID, 0, 0, FIELD_PREP(STE0_S1CDMAX, 2));
	rig_ste_word(r, SID, 1, 0, FIELD_PREP(STE1_S1DSS, 1));
	size = 1ull << granule;
	assert_int_equal(ask(r, 0x12347000 | S1 | READ) &
	                         (ATOS_PAR_ADDR | ATOS_PAR_SIZE),
	                 (0x12347000 & ~(size - 1)) | size >> 1 | 1 << 11);
}

RIG_TEST(bypass_in_16_kib, .idr_set = {IDR0_ATOS},
         .idr_clear = {0, 0, 0, 0, 0, IDR5_GRAN4K})
{
	bypass(r, 14);
}

RIG_TEST(bypass_in_64_kib, .idr_set = {IDR0_ATOS},
         .idr_clear = {0, 0, 0, 0, 0, IDR5_GRAN4K | IDR5_GRAN16K})
{
	bypass(r, 16);
}

RIG_TEST(faults_of_configuration, WITH_ATOS)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	/* Whether it would be recorded does not matter. */
	assert_int_equal(ask_sid(r, 300, VA | S1 | READ), fails(0x02));
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, CR2, 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(ask_sid(r, 300, VA | S1 | READ), fails(0x02));
	rig_ste_word(r, SID + 1, 0, 0, 0x5 << 1);
	assert_int_equal(ask_sid(r, SID + 1, VA | S1 | READ), fails(0x04));
	tables_set(&r->t, cd, 0);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x0a));
	r->refuse_from = cd;
	r->refuse_to = cd + 64;
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x09));
	r->refuse_from = 0;
	r->refuse_to = RIG_RAM;
	r->refuse_from = r->streams.base;
	r->refuse_to = r->refuse_from + 0x10000;
	rig_flush(r);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x03));
}

RIG_TEST(a_walk_that_aborts, WITH_ATOS)
{
	uint64_t cd = tables_alloc(&r->t, 64, 64);
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	h.ttb = RIG_HOLE;
	tables_cd(&r->t, cd, &h, NULL, 2);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x0b));
}

/* A leaf above the output size. */
RIG_TEST(address_size, WITH_ATOS, .oas_bits = 36)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, 1ull << 36, 3, LEAF_RW);
	assert_int_equal(ask(r, VA | S1 | READ), fails(0x11));
}

RIG_TEST(streams_without_stage_1, WITH_ATOS)
{
	/* Configured: abort, bypass. */
	tables_ste_config(&r->t, &r->streams, SID, 0);
	tables_ste_config(&r->t, &r->streams, SID + 1, 4);
	assert_int_equal(ask_sid(r, SID, VA | S1 | READ), fails(0xfe));
	assert_int_equal(ask_sid(r, SID + 1, VA | S1 | READ), fails(0xfe));
	/* What the stream is comes before its substreams. */
	assert_int_equal(
	        ask_sid(r, ATOS_SID_SSID_VALID | (SID + 1), VA | S1 | READ),
	        fails(0xfe));
}

/* ---- requests that are none ---- */

RIG_TEST(invalid_requests, WITH_ATOS)
{
	struct tables_half h;

	maps(r, &h);
	assert_int_equal(ask(r, VA | READ), fails(0xff));
	/* Before the stream is looked at. */
	assert_int_equal(ask_sid(r, 300, VA | READ), fails(0xff));
	/* This SMMU has stage 1 alone. */
	assert_int_equal(ask(r, VA | S2 | READ), fails(0xff));
	assert_int_equal(ask(r, VA | S12 | READ), fails(0xff));
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
}

RIG_TEST(no_stage_1, .idr_set = {IDR0_ATOS}, .idr_clear = {IDR0_S1P})
{
	assert_int_equal(ask(r, VA | S1 | READ), fails(0xff));
}

/* ---- registers ---- */

RIG_TEST(absent, .pend = true)
{
	rig_w64(r, 0x108, ~0ull);
	rig_w64(r, 0x110, ~0ull);
	rig_w32(r, 0x100, 1);
	rig_settle(r);
	for (uint32_t i = 0x100; i < 0x120; i += 8)
		assert_int_equal(rig_r64(r, i), 0);
	rig_w32(r, 0x180, 1);
	assert_int_equal(rig_r32(r, 0x180), 0);
}

RIG_TEST(registers, .idr_set = {IDR0_ATOS | IDR0_VATOS, 0, 3},
         .idr_clear = {0, IDR1_SSIDSIZE | IDR1_SIDSIZE})
{
	for (unsigned i = 0; i < 2; i++) {
		uint32_t base = i ? 0x50a00 : 0x100;

		/* No SubstreamIDs, one StreamID. */
		rig_w64(r, base + 8, ~0ull);
		assert_int_equal(rig_r64(r, base + 8), 0);
		rig_w64(r, base + 0x10, ~0ull);
		assert_int_equal(rig_r64(r, base + 0x10), ~0x3full);
		rig_w64(r, base + 0x18, ~0ull);
		assert_int_equal(rig_r64(r, base + 0x18), 0);
		/* 32 bits at a time. */
		rig_w32(r, base + 0x14, 7);
		assert_int_equal(rig_r32(r, base + 0x14), 7);
		assert_int_equal(rig_r32(r, base + 0x10), 0xffffffc0);
		assert_int_equal(rig_r32(r, base), 0);
	}
	/* 8-bit VMIDs. */
	rig_w32(r, 0x180, ~0u);
	assert_int_equal(rig_r32(r, 0x180), 0xff);
	/* Other pages are empty. */
	rig_w64(r, 0x20a08, ~0ull);
	assert_int_equal(rig_r64(r, 0x20a08), 0);
}

RIG_TEST(sid_bits, .idr_set = {IDR0_ATOS | IDR0_VATOS | IDR0_VMID16})
{
	for (unsigned i = 0; i < 2; i++) {
		uint32_t base = i ? 0x20a00 : 0x100;

		rig_w64(r, base + 8, ~0ull);
		assert_int_equal(rig_r64(r, base + 8), 0x1fffff0000ffff);
	}
	rig_w32(r, 0x180, ~0u);
	assert_int_equal(rig_r32(r, 0x180), 0xffff);
}

RIG_TEST(run_needs_smmuen, WITH_ATOS)
{
	struct tables_half h;

	maps(r, &h);
	rig_w32(r, CR0, 0);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | S1 | READ);
	rig_w32(r, 0x100, 1);
	assert_int_equal(rig_r32(r, 0x100), 0);
	assert_int_equal(rig_r64(r, 0x118), 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_r32(r, 0x100), 0);
	assert_int_equal(rig_r64(r, 0x118), 0);
	/* RUN = 0 starts nothing. */
	rig_w32(r, 0x100, 0);
	assert_int_equal(rig_r64(r, 0x118), 0);
	rig_w32(r, 0x100, ~0u);
	assert_int_equal(rig_r64(r, 0x118), WB_ISH | PA);
}

/* 6.3.37: while RUN is 1 the group takes no writes. */
RIG_TEST(locked_while_running, WITH_ATOS, .pend = true)
{
	struct tables_half h;

	maps(r, &h);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | S1 | READ);
	rig_w32(r, 0x100, 1);
	rig_w64(r, 0x108, 300);
	rig_w64(r, 0x110, 0);
	rig_w32(r, 0x100, 0);
	rig_w32(r, 0x100, 1);
	assert_int_equal(rig_r32(r, 0x100), 1);
	assert_int_equal(rig_r64(r, 0x108), SID);
	assert_int_equal(rig_r64(r, 0x110), VA | S1 | READ);
	assert_non_null(strstr(r->warnings, "GATOS_SID ignored while RUN = 1"));
	rig_settle(r);
	assert_int_equal(rig_r32(r, 0x100), 0);
	assert_int_equal(rig_r64(r, 0x118), WB_ISH | PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
}

RIG_TEST(smmuen_ends_it, WITH_ATOS, .pend = true)
{
	struct dmasim_writer *w;
	struct tables_half h;

	maps(r, &h);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | S1 | READ);
	rig_w32(r, 0x100, 1);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(rig_r32(r, 0x100), 0);
	assert_int_equal(rig_r64(r, 0x118), fails(0xfd));
	/* The read that is still under way belongs to nobody. */
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	rig_settle(r);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	dmasim_writer_destroy(w);
	assert_int_equal(rig_r64(r, 0x118), fails(0xfd));
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | PA);
}

/* A new operation while the read of one that was ended is under way. */
RIG_TEST(again_after_smmuen, WITH_ATOS, .pend = true)
{
	struct tables_half h;

	maps(r, &h);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | S1 | READ);
	rig_w32(r, 0x100, 1);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(ask(r, (VA + 0x4000) | S1 | READ), fails(0x10));
}

/* An SMMU that guards nothing takes RUN twice, and runs once. */
RIG_TEST(unguarded, WITH_ATOS, .pend = true, .profile = DMASIM_SMMU_QEMU_10)
{
	struct tables_half h;

	maps(r, &h);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | S1 | READ);
	rig_w32(r, 0x100, 1);
	rig_w32(r, 0x100, 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, 0x100), 0);
	assert_int_equal(rig_r64(r, 0x118) & ATOS_PAR_ADDR, PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
}

/* 9.1.5: a fault that has no name. */
RIG_TEST(unnamed_fault, WITH_ATOS, .profile = DMASIM_SMMU_QEMU_7_2)
{
	struct tables_half h;

	maps(r, &h);
	assert_int_equal(ask(r, 1ull << 48 | S1 | READ), fails(0xfd));
}

/* 9: a result is not based on what an invalidation that completed removed. */
RIG_TEST(invalidation_while_running, WITH_ATOS, .pend = true)
{
	struct tables_half h;
	unsigned steps = 0;

	maps(r, &h);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | S1 | READ);
	rig_w32(r, 0x100, 1);
	while (steps++ < 5)
		assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
	assert_int_equal(rig_r32(r, 0x100), 1);
	/* Another table, after the descriptor that led to the old one was
	 * read. */
	tables_set(&r->t, tables_descriptor(&r->t, &h, VA, 2), 0);
	tables_map(&r->t, &h, VA, PA + 0x1000, 3, LEAF_RW);
	r->pend_causes = 1u << DMASIM_CAUSE_WALK;
	tables_set(&r->t, r->cmdq, 0x30);
	rig_w32(r, CMDQ_PROD, 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	rig_settle(r);
	assert_int_equal(rig_r64(r, 0x118), WB_ISH | (PA + 0x1000));
}

RIG_TEST(traced, WITH_ATOS, .trace = true)
{
	struct tables_half h;

	maps(r, &h);
	ask(r, VA | S1 | READ);
	assert_non_null(strstr(r->trace,
	                       "GATOS 0x0000000000000005 0x0000000012345500"
	                       ": 0xff00000042007300"));
}

/* ---- state ---- */

RIG_TEST(saved_and_restored, .idr_set = {IDR0_ATOS | IDR0_VATOS})
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	struct tables_half h;
	const uint8_t *data;
	size_t size;

	maps(r, &h);
	assert_int_equal(ask(r, VA | S1 | READ), WB_ISH | PA);
	rig_w32(r, 0x180, 9);
	rig_w64(r, 0x20a08, 77);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	ask(r, 0);
	rig_w64(r, 0x20a08, 0);
	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(r->smmu, rd), DMASIM_OK);
	assert_int_equal(rig_r64(r, 0x108), SID);
	assert_int_equal(rig_r64(r, 0x110), VA | S1 | READ);
	assert_int_equal(rig_r64(r, 0x118), WB_ISH | PA);
	assert_int_equal(rig_r32(r, 0x180), 9);
	assert_int_equal(rig_r64(r, 0x20a08), 77);
	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
}

/* A blob that says RUN: nothing would ever clear it. */
RIG_TEST(restored_running, WITH_ATOS)
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	const uint8_t *data;
	size_t size;

	r->smmu->bank[SMMU_NS].reg[SMMU_GATOS_CTRL] = 1;
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(r->smmu, rd), DMASIM_E_FORMAT);
	assert_non_null(strstr(dmasim_reader_error(rd), "GATOS_CTRL"));
	assert_int_equal(rig_r32(r, 0x100), 0);
	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(translates_at_once),
        cmocka_unit_test(translates_pending),
        cmocka_unit_test(sizes),
        cmocka_unit_test(granules),
        cmocka_unit_test(attributes),
        cmocka_unit_test(no_overrides),
        cmocka_unit_test(uses_and_fills_caches),
        cmocka_unit_test(substreams),
        cmocka_unit_test(bypass_in_16_kib),
        cmocka_unit_test(bypass_in_64_kib),
        cmocka_unit_test(faults_of_configuration),
        cmocka_unit_test(a_walk_that_aborts),
        cmocka_unit_test(address_size),
        cmocka_unit_test(streams_without_stage_1),
        cmocka_unit_test(invalid_requests),
        cmocka_unit_test(no_stage_1),
        cmocka_unit_test(absent),
        cmocka_unit_test(registers),
        cmocka_unit_test(sid_bits),
        cmocka_unit_test(run_needs_smmuen),
        cmocka_unit_test(locked_while_running),
        cmocka_unit_test(smmuen_ends_it),
        cmocka_unit_test(again_after_smmuen),
        cmocka_unit_test(unguarded),
        cmocka_unit_test(unnamed_fault),
        cmocka_unit_test(invalidation_while_running),
        cmocka_unit_test(traced),
        cmocka_unit_test(saved_and_restored),
        cmocka_unit_test(restored_running),
};

CHECK_MAIN(tests)
