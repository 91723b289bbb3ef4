/* SPDX-License-Identifier: MIT */
/* Both stages: what goes through stage 2, sizes, hits, records. */
#include "nest.h"

#define VA (N_VA + 0x124)

static void nested(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
}

RIG_TEST(translates_through_both, NEST_FULL)
{
	struct dmasim_smmu_stats st;
	struct nest n;

	nested(r, &n);
	nest_ok(&n, DMASIM_READ);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 1);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CD)->addr, n.cd_at);
	nest_ok(&n, DMASIM_WRITE);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.walks, 1);
	assert_int_equal(st.tlb_hits, 1);
	assert_int_equal(st.tlb_misses, 1);
}

/* Every descriptor and the CD are found by their intermediate addresses. */
RIG_TEST(every_access_is_translated, NEST_FULL)
{
	struct nest n;

	nested(r, &n);
	for (int level = 0; level <= 3; level++) {
		uint64_t at = nest_at1(&n, N_VA, level);
		/* Somewhere else, with the same contents. */
		uint64_t page = at & ~0xfffull, to = RIG_DATA + 0x200000;

		for (unsigned i = 0; i < 4096; i += 8)
			tables_set(&r->t, to + i, tables_get(&r->t, page + i));
		nest_map2(&n, NEST_IPA(page), to, 3, S2_RW);
		tables_set(&r->t, at, 0);
		rig_flush(r);
		nest_ok(&n, DMASIM_READ);
		tables_set(&r->t, at, tables_get(&r->t, to + (at & 0xfff)));
		nest_guard(&n, at, S2_RW);
	}
}

static void all_granules(struct rig *r, unsigned g1, unsigned g2, bool concat)
{
	struct nest n;
	uint64_t was = r->t.next;

	nest_new(r, &n,
	         &(struct nest_options){.granule1 = g1,
	                                .granule2 = g2,
	                                .tsz2 = concat && g2 == 14   ? 26
	                                        : concat && g2 == 12 ? 30
	                                        : concat             ? 31
	                                                             : 25,
	                                .endi1 = g1 == 14,
	                                .endi2 = g2 != 12,
	                                .concat = concat});
	rig_flush(r);
	nest_ok(&n, DMASIM_READ);
	nest_ok(&n, DMASIM_WRITE);
	r->t.next = was;
}

RIG_TEST(granules, NEST_FULL)
{
	static const unsigned g[] = {12, 14, 16};

	for (unsigned i = 0; i < 9; i++)
		all_granules(r, g[i % 3], g[i / 3], false);
}

RIG_TEST(granules_with_concatenated_tables, NEST_FULL)
{
	static const unsigned g[] = {12, 14, 16};

	for (unsigned i = 0; i < 6; i++)
		all_granules(r, g[i % 3], g[i / 3], true);
}

RIG_TEST(granules_in_pending_memory, NEST_FULL, .pend = true)
{
	all_granules(r, 12, 16, false);
	all_granules(r, 16, 12, false);
	all_granules(r, 14, 14, true);
}

/* Hardly anything is kept: a walk that waits finds what it read all the same,
 * and nothing twice. */
RIG_TEST(tiny_caches, NEST_FULL, .pend = true, .tlb_entries = 1,
         .config_entries = 1)
{
	struct nest n;

	nested(r, &n);
	n.cd.ha = n.cd.hd = n.ste.s2ha = n.ste.s2hd = 1;
	nest_map1(&n, N_VA, N_IPA, 3, (LEAF_RO & ~LEAF_AF) | DMASIM_TABLES_DBM);
	nest_map2(&n, N_IPA, N_PA, 3,
	          (S2_RO & ~DMASIM_TABLES_AF) | DMASIM_TABLES_DBM);
	nest_write(&n);
	for (unsigned twice = 0; twice < 2; twice++) {
		nest_ok(&n, DMASIM_READ);
		nest_ok(&n, DMASIM_WRITE);
	}
	assert_int_equal(nest_get1(&n, N_VA, 3) & (LEAF_AF | LEAF_AP2),
	                 LEAF_AF);
	assert_true(nest_get2(&n, N_IPA, 3) & DMASIM_TABLES_S2_WRITE);
}

/* ---- sizes: the smaller of the two is what one entry covers ---- */

RIG_TEST(stage1_block_over_stage2_pages, NEST_FULL)
{
	uint64_t va = 0x40000000, ipa = NEST_IPA(RIG_DATA) & ~0x1fffffull;
	struct nest n;

	nested(r, &n);
	nest_map1(&n, va, ipa, 2, LEAF_RW);
	nest_map2(&n, ipa, N_PA, 3, S2_RW);
	nest_map2(&n, ipa + 0x1000, N_PA + 0x3000, 3, S2_RO);
	for (unsigned twice = 0; twice < 2; twice++) {
		assert_int_equal(rig_pa(r, N_SID, va + 0xffc), N_PA + 0xffc);
		assert_int_equal(rig_pa(r, N_SID, va + 0x1004), N_PA + 0x3004);
	}
	rig_dma(r, DMASIM_WRITE, N_SID, va + 0x1004, 4);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, va + 0x1004,
	            ipa + 0x1000);
	rig_dma(r, DMASIM_READ, N_SID, va + 0x2004, 4);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ, va + 0x2004,
	            ipa + 0x2000);
	/* By the address of one page all of the block goes, and the other
	 * parts are translated anew. */
	nest_map2(&n, ipa, N_PA + 0x5000, 3, S2_RW);
	rig_cmd(r, cmd_tlbi(0x28, 3, 0, 0));
	assert_int_equal(rig_pa(r, N_SID, va), N_PA + 0x5000);
	nest_map2(&n, ipa, N_PA, 3, S2_RW);
	rig_cmd(r, cmd_tlbi(0x2a, 3, 0, ipa));
	assert_int_equal(rig_pa(r, N_SID, va), N_PA + 0x5000);
	rig_cmd(r, cmd_tlbi(0x12, 3, 7, va + 0x1ff000));
	assert_int_equal(rig_pa(r, N_SID, va), N_PA);
}

RIG_TEST(stage1_pages_in_stage2_block, NEST_FULL)
{
	uint64_t block = RIG_RAM + 0x02200000, ipa = NEST_IPA(block);
	struct nest n;

	nested(r, &n);
	nest_map2(&n, ipa, block, 2, S2_RW);
	nest_map1(&n, N_VA, ipa + 0x5000, 3, LEAF_RW);
	nest_map1(&n, N_VA + 0x1000, ipa + 0x3000, 3, LEAF_RO);
	for (unsigned twice = 0; twice < 2; twice++) {
		assert_int_equal(rig_pa(r, N_SID, N_VA + 4), block + 0x5004);
		assert_int_equal(rig_pa(r, N_SID, N_VA + 0x1ffc),
		                 block + 0x3ffc);
	}
	rig_dma(r, DMASIM_WRITE, N_SID, N_VA + 0x1004, 4);
	nest_expect(&n, EV_F_PERMISSION, EV_IN, N_VA + 0x1004, 0);
}

/* 3.4: an IPA beyond the range of stage 2. */
RIG_TEST(ipa_out_of_range, NEST_FULL)
{
	struct nest n;

	nested(r, &n);
	nest_map1(&n, N_VA, 1ull << 39, 3, LEAF_RW);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN, VA, 1ull << 39);
}

RIG_TEST(upper_half, NEST_FULL)
{
	struct tables_half high = {.tsz = 16, .granule = 14, .upper = true};
	uint64_t va = 0xffffffff12344000, at;
	struct nest n;

	nested(r, &n);
	assert_int_equal(dmasim_tables_space_new(&n.guest, &high), DMASIM_OK);
	dmasim_tables_cd_stage1(&n.cd, &n.s1, &high);
	n.cd.asid = 7;
	assert_int_equal(dmasim_tables_descriptor(&n.guest, &high, va, 3, &at),
	                 DMASIM_OK);
	tables_set(&r->t, at, LEAF_RW | 3 | N_IPA);
	nest_write(&n);
	assert_int_equal(rig_pa(r, N_SID, va + 0x10), N_PA + 0x10);
	/* 16 KiB at stage 1 is no more than the page at stage 2. */
	rig_dma(r, DMASIM_READ, N_SID, va + 0x1010, 4);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ, va + 0x1010,
	            N_IPA + 0x1000);
	nest_guard(&n, at, S2_WO);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, N_SID, va, 4);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT | EV_TTR | EV_READ, va,
	            NEST_IPA(at & ~0xfffull));
}

/* ---- hits ---- */

/* A kept translation gives the same records as a walk. */
RIG_TEST(hit_without_permission, NEST_FULL)
{
	struct nest n;

	nested(r, &n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO | DMASIM_TABLES_S2_XN(2));
	rig_flush(r);
	nest_ok(&n, DMASIM_READ);
	for (unsigned twice = 0; twice < 2; twice++) {
		nest_fault(&n, DMASIM_WRITE);
		nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, VA, N_IPA);
		nest_fault(&n, DMASIM_ATOMIC_SET);
		nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, VA, N_IPA);
		rig_dma_flags(r, DMASIM_READ, N_SID, VA,
		              DMASIM_TXN_INSTRUCTION);
		nest_expect(&n, EV_F_PERMISSION,
		            EV_S2 | EV_IN | EV_READ | EV_IND, VA, N_IPA);
	}
	/* Write only: a hit by a write, then reads and atomics. */
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	rig_flush(r);
	nest_ok(&n, DMASIM_WRITE);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ, VA, N_IPA);
	nest_fault(&n, DMASIM_ATOMIC_CAS);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ, VA, N_IPA);
}

/* Stage 1 is asked first. */
RIG_TEST(both_forbid, NEST_FULL)
{
	struct nest n;

	nested(r, &n);
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	for (unsigned twice = 0; twice < 2; twice++) {
		nest_fault(&n, DMASIM_WRITE);
		nest_expect(&n, EV_F_PERMISSION, EV_IN, VA, 0);
		nest_ok(&n, DMASIM_READ);
	}
}

/* 4.4.5: TLBI_S2_IPA takes what stage 2 made alone. An entry of both stages
 * stays until stage 1 is invalidated by VMID. */
RIG_TEST(invalidation_by_ipa, NEST_FULL)
{
	struct nest n;

	nested(r, &n);
	nest_ok(&n, DMASIM_READ);
	nest_map2(&n, N_IPA, N_PA + 0x1000, 3, S2_RW);
	rig_cmd(r, cmd_tlbi(0x2a, 3, 0, N_IPA));
	nest_ok(&n, DMASIM_READ);
	/* NH_ALL of the VMID completes it. */
	rig_cmd(r, cmd_tlbi(0x10, 3, 0, 0));
	assert_int_equal(rig_pa(r, N_SID, VA), N_PA + 0x1124);
	/* S12_VMALL needs no other; that of another VMID does nothing. */
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW);
	rig_cmd(r, cmd_tlbi(0x28, 4, 0, 0));
	assert_int_equal(rig_pa(r, N_SID, VA), N_PA + 0x1124);
	rig_cmd(r, cmd_tlbi(0x28, 3, 0, 0));
	nest_ok(&n, DMASIM_READ);
	/* NH_ALL alone leaves the part of stage 2. */
	nest_map2(&n, N_IPA, N_PA + 0x1000, 3, S2_RW);
	rig_cmd(r, cmd_tlbi(0x10, 3, 0, 0));
	nest_ok(&n, DMASIM_READ);
}

/* The stage 2 translation of a table is kept, and used for the next walk. */
RIG_TEST(tables_are_kept_translated, NEST_FULL)
{
	unsigned walks;
	struct nest n;

	nested(r, &n);
	nest_map1(&n, N_VA + 0x1000, N_IPA + 0x1000, 3, LEAF_RW);
	nest_map2(&n, N_IPA + 0x1000, N_PA + 0x1000, 3, S2_RW);
	nest_ok(&n, DMASIM_READ);
	walks = rig_count(r, DMASIM_CAUSE_WALK);
	assert_int_equal(rig_pa(r, N_SID, N_VA + 0x1000), N_PA + 0x1000);
	/* The last level of both stages: everything above is known. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), walks + 2);
}

/* ---- one stage of two ---- */

/* 5.2, S1DSS: no SubstreamID, and stage 2 alone. */
RIG_TEST(bypass_of_stage1, NEST_FULL)
{
	struct dmasim_tables_cds cds;
	struct nest n;
	uint64_t at;

	nested(r, &n);
	assert_int_equal(dmasim_tables_cds_new(&n.guest, &cds, 2, 0),
	                 DMASIM_OK);
	assert_int_equal(dmasim_tables_cd(&n.guest, &cds, 2, &at), DMASIM_OK);
	dmasim_tables_write_cd(&n.guest, at, &n.cd);
	dmasim_tables_ste_cds(&n.ste, &cds);
	n.ste.s1dss = 1;
	nest_write_ste(&n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA + 0x10), N_PA + 0x10);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 0);
	rig_dma(r, DMASIM_READ, N_SID, N_VA, 4);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ, N_VA, N_VA);
	/* With one, both. */
	assert_int_equal(rig_dma_ssid(r, N_SID, 2, N_VA), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, N_PA);
	/* 3.4: bypassed, and above IAS: a fault of stage 1. */
	rig_dma(r, DMASIM_READ, N_SID, 1ull << 48, 4);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, 1ull << 48, 0);
}

/* Two-level CD tables: both levels are found through stage 2. */
RIG_TEST(two_level_cds, NEST_FULL)
{
	struct dmasim_tables_cds cds;
	uint64_t at, l1;
	struct nest n;

	nested(r, &n);
	assert_int_equal(dmasim_tables_cds_new(&n.guest, &cds, 10, 1),
	                 DMASIM_OK);
	l1 = cds.base - NEST_SHIFT + 8 * (0x155 >> 6);
	assert_int_equal(dmasim_tables_cd(&n.guest, &cds, 0x155, &at),
	                 DMASIM_OK);
	dmasim_tables_write_cd(&n.guest, at, &n.cd);
	dmasim_tables_ste_cds(&n.ste, &cds);
	nest_write_ste(&n);
	assert_int_equal(rig_dma_ssid(r, N_SID, 0x155, VA), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 2);
	nest_guard(&n, l1, S2_WO);
	rig_flush(r);
	rig_dma_ssid(r, N_SID, 0x155, VA);
	rig_expect(r, EV(0x13, N_SID) | 1 << 11 | 0x155 << 12,
	           EV_S2 | EV_CD | EV_READ, VA, NEST_IPA(l1) & ~0xfffull);
	nest_guard(&n, l1, S2_RW);
	nest_guard(&n, at, 0);
	rig_flush(r);
	rig_dma_ssid(r, N_SID, 0x155, VA);
	rig_expect(r, EV(0x12, N_SID) | 1 << 11 | 0x155 << 12,
	           EV_S2 | EV_CD | EV_READ, VA, NEST_IPA(at) & ~0xfffull);
}

/* 3.17: stage 1 alone with the VMID of a nested stream would hit its entries;
 * with another it does not. */
RIG_TEST(stage1_alone_beside_it, NEST_FULL)
{
	struct tables_half h;
	struct nest n;

	nested(r, &n);
	nest_ok(&n, DMASIM_READ);
	rig_stream(r, 6, 7, &h);
	tables_map(&r->t, &h, N_VA, RIG_DATA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, 6, N_VA), RIG_DATA);
	nest_ok(&n, DMASIM_READ);
	/* Software's mistake: two address spaces of one name. */
	rig_ste_word(r, 6, 2, 0xffff, 3);
	rig_cmd(r, cmd_cfgi_ste(6, true));
	assert_int_equal(rig_pa(r, 6, N_VA), N_PA);
}

/* ---- S2PTW (5.2) ---- */

static void device_table(struct rig *r, struct nest *n, unsigned memattr)
{
	nested(r, n);
	nest_guard(n, nest_at1(n, N_VA, 2),
	           (S2_RW & ~DMASIM_TABLES_MEMATTR(15)) |
	                   DMASIM_TABLES_MEMATTR(memattr));
	rig_flush(r);
}

RIG_TEST(protected_walks, NEST_FULL)
{
	struct nest n;
	uint64_t at;

	device_table(r, &n, 1);
	at = nest_at1(&n, N_VA, 2);
	nest_ok(&n, DMASIM_READ);
	n.ste.s2ptw = 1;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT | EV_TTR | EV_READ, VA,
	            NEST_IPA(at) & ~0xfffull);
	nest_guard(&n, at, S2_RW);
	nest_guard(&n, n.cd_at, S2_RW & ~DMASIM_TABLES_MEMATTR(15));
	nest_write(&n);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_CD, VA, NEST_IPA(n.cd_at));
	/* Data may be anywhere; so may everything with stage 2 alone. */
	nest_guard(&n, n.cd_at, S2_RW);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~DMASIM_TABLES_MEMATTR(15));
	nest_write(&n);
	nest_ok(&n, DMASIM_READ);
}

static void check_walk_type(struct rig *r, unsigned type, unsigned share)
{
	const struct rig_access *a = NULL;

	for (unsigned i = 0; i < r->logged; i++)
		if (r->log[i].cause == DMASIM_CAUSE_WALK &&
		    strcmp(r->log[i].what, "level 2 descriptor") == 0)
			a = &r->log[i];
	assert_non_null(a);
	assert_int_equal(a->attr.type, type);
	assert_int_equal(a->attr.share, share);
	assert_int_equal(a->attr.inner, DMASIM_NC);
}

RIG_TEST(device_tables, NEST_FULL)
{
	struct nest n;

	device_table(r, &n, 2);
	r->logged = 0;
	nest_ok(&n, DMASIM_READ);
	check_walk_type(r, DMASIM_DEVICE_NGRE, DMASIM_OSH);
}

RIG_TEST(device_tables_as_normal, NEST_BUT(0u, 0u, 0u, I3_PTWNNC, 0u, 0u))
{
	struct nest n;

	device_table(r, &n, 2);
	r->logged = 0;
	nest_ok(&n, DMASIM_READ);
	check_walk_type(r, DMASIM_NORMAL, DMASIM_OSH);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(translates_through_both),
        cmocka_unit_test(every_access_is_translated),
        cmocka_unit_test(granules),
        cmocka_unit_test(granules_with_concatenated_tables),
        cmocka_unit_test(granules_in_pending_memory),
        cmocka_unit_test(tiny_caches),
        cmocka_unit_test(stage1_block_over_stage2_pages),
        cmocka_unit_test(stage1_pages_in_stage2_block),
        cmocka_unit_test(ipa_out_of_range),
        cmocka_unit_test(upper_half),
        cmocka_unit_test(hit_without_permission),
        cmocka_unit_test(both_forbid),
        cmocka_unit_test(invalidation_by_ipa),
        cmocka_unit_test(tables_are_kept_translated),
        cmocka_unit_test(bypass_of_stage1),
        cmocka_unit_test(two_level_cds),
        cmocka_unit_test(stage1_alone_beside_it),
        cmocka_unit_test(protected_walks),
        cmocka_unit_test(device_tables),
        cmocka_unit_test(device_tables_as_normal),
};

CHECK_MAIN(tests)
