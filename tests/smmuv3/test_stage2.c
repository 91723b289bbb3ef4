/* SPDX-License-Identifier: MIT */
/* Stage 2 alone: walks, permissions, and the records of their faults. */
#include "nest.h"

/* A stream whose only stage is 2, with N_IPA mapped. */
static void only2(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	n->ste.config = 6;
	nest_write(n);
}

static enum dmasim_result at_ipa(struct nest *n, enum dmasim_op op,
                                 uint32_t flags)
{
	return rig_dma_flags(n->r, op, n->sid, N_IPA + 0x124, flags);
}

static void fault2(struct nest *n, unsigned type, uint64_t word1)
{
	nest_expect(n, type, EV_S2 | EV_IN | word1, N_IPA + 0x124, N_IPA);
}

RIG_TEST(translates_an_ipa, NEST_FULL)
{
	struct dmasim_smmu_stats st;
	struct nest n;

	only2(r, &n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA + 8), N_PA + 8);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 0);
	/* 39 bits: levels 1, 2 and 3. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 3);
	assert_string_equal(rig_last(r, DMASIM_CAUSE_WALK)->what,
	                    "stage 2 level 3 descriptor");
	assert_int_equal(rig_pa(r, N_SID, N_IPA + 0xffc), N_PA + 0xffc);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 3);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.tlb_misses, 1);
	assert_int_equal(st.tlb_hits, 1);
	assert_int_equal(st.walks, 1);
	assert_int_equal(st.walk_reads, 3);
	rig_expect_none(r);
}

RIG_TEST(pending_memory, NEST_FULL, .pend = true)
{
	struct nest n;

	only2(r, &n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA + 8), N_PA + 8);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 3);
	nest_set2(&n, N_IPA, 3, 0);
	rig_flush(r);
	assert_int_equal(at_ipa(&n, DMASIM_WRITE, 0), DMASIM_TXN_ABORT);
	fault2(&n, EV_F_TRANSLATION, 0);
}

/* ---- geometry ---- */

/* One leaf at @ipa in tables as @s says; false: no such tables. */
static bool check_mapping(struct rig *r, struct tables_half s, int level,
                          uint64_t ipa)
{
	uint64_t was = r->t.next, size, pa, at, in;
	struct dmasim_tables_ste ste = {.config = 6, .shcfg = 1, .s2ps = 6};

	s.stage2 = true;
	if (dmasim_tables_space_new(&r->t, &s) != DMASIM_OK)
		return false;
	size = 1ull << dmasim_tables_level_shift(&s, level);
	/* A block may be far larger than the memory that there is. */
	pa = size <= RIG_RAM_SIZE / 2 ? RIG_DATA & (0 - size) : 0;
	in = (ipa & (size - 1)) | 0x124;
	ipa &= ((1ull << (64 - s.tsz)) - 1) & (0 - size);
	assert_int_equal(dmasim_tables_descriptor(&r->t, &s, ipa, level, &at),
	                 DMASIM_OK);
	dmasim_tables_write(&r->t, &s, at,
	                    (s.ds ? S2_RW & ~DMASIM_TABLES_SH(3) : S2_RW) |
	                            dmasim_tables_place(&s, pa) |
	                            (level == 3 ? 3 : 1));
	dmasim_tables_ste_stage2(&ste, &s, false);
	dmasim_tables_write_ste(&r->t, tables_ste(&r->t, &r->streams, N_SID),
	                        &ste);
	rig_flush(r);
	r->logged = 0;
	rig_dma(r, DMASIM_READ, N_SID, ipa + in, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, pa + in);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK),
	                 level - dmasim_tables_start_level(&s) + 1);
	rig_expect_none(r);
	r->t.next = was;
	return true;
}

static unsigned every_size(struct rig *r, unsigned granule, bool ds,
                           bool concat)
{
	unsigned n = 0;

	for (unsigned tsz = 12; tsz <= 48; tsz++)
		n += check_mapping(r,
		                   (struct tables_half){.tsz = tsz,
		                                        .granule = granule,
		                                        .ds = ds,
		                                        .concat = concat},
		                   3, 0x000a5a5a12345678ull);
	return n;
}

/* Arm ARM D8.2: every input size from the level that it needs. */
RIG_TEST(every_input_size, NEST_FULL, .oas_bits = 52)
{
	assert_int_equal(every_size(r, 12, false, false), 48 - 16 + 1);
	assert_int_equal(every_size(r, 12, true, false), 48 - 12 + 1);
	/* 16 KiB has a level 0 with DS alone. */
	assert_int_equal(every_size(r, 14, false, false), 48 - 17 + 1);
	assert_int_equal(every_size(r, 14, true, false), 48 - 12 + 1);
	assert_int_equal(every_size(r, 16, false, false), 47 - 12 + 1);
}

/* Tables D8-21 to D8-41: 2 to 16 tables side by side. */
RIG_TEST(concatenated_tables, NEST_FULL, .oas_bits = 52)
{
	/* Four sizes at each of the levels 1, 2 and 3; with DS also 0. */
	assert_int_equal(every_size(r, 12, false, true), 12);
	assert_int_equal(every_size(r, 12, true, true), 16);
	/* Two tables at level 1 stand for level 0. */
	assert_int_equal(every_size(r, 14, false, true), 9);
	assert_int_equal(every_size(r, 14, true, true), 12);
	assert_int_equal(every_size(r, 16, false, true), 8);
}

static void block(struct rig *r, unsigned granule, unsigned tsz, bool ds,
                  int level)
{
	assert_true(check_mapping(
	        r,
	        (struct tables_half){.tsz = tsz, .granule = granule, .ds = ds},
	        level, 0x000a5a5a12345678ull));
}

RIG_TEST(blocks, NEST_FULL, .oas_bits = 52)
{
	block(r, 12, 16, false, 2);
	block(r, 12, 16, false, 1);
	block(r, 12, 12, true, 0);
	block(r, 12, 34, false, 2);
	block(r, 14, 17, false, 2);
	block(r, 14, 12, true, 1);
	block(r, 16, 12, false, 2);
	block(r, 16, 12, false, 1);
}

static void no_block(struct rig *r, unsigned granule, unsigned tsz, bool ds,
                     int level)
{
	struct tables_half s = {
	        .tsz = tsz, .granule = granule, .ds = ds, .stage2 = true};
	struct dmasim_tables_ste ste = {
	        .config = 6, .shcfg = 1, .s2ps = 6, .s2r = 1};
	uint64_t at;

	assert_int_equal(dmasim_tables_space_new(&r->t, &s), DMASIM_OK);
	assert_int_equal(dmasim_tables_descriptor(&r->t, &s, 0, level, &at),
	                 DMASIM_OK);
	tables_set(&r->t, at, S2_RW | 1);
	dmasim_tables_ste_stage2(&ste, &s, false);
	dmasim_tables_write_ste(&r->t, tables_ste(&r->t, &r->streams, N_SID),
	                        &ste);
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, 0x1234, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, N_SID), EV_S2 | EV_IN | EV_READ, 0x1234, 0x1000);
}

RIG_TEST(no_blocks_at_these_levels, NEST_FULL, .oas_bits = 52)
{
	no_block(r, 12, 16, false, 0);
	no_block(r, 12, 12, true, -1);
	no_block(r, 14, 17, false, 1);
	no_block(r, 14, 12, true, 0);
	/* Type 0b01 at the last level is reserved. */
	no_block(r, 12, 25, false, 3);
	no_block(r, 16, 25, false, 3);
}

/* Without 52-bit addresses 64 KiB has no level 1 blocks. */
RIG_TEST(no_large_block_without_lpa, NEST_FULL)
{
	no_block(r, 16, 16, false, 1);
}

RIG_TEST(big_endian, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.endi2 = true});
	n.ste.config = 6;
	nest_write(&n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA + 8), N_PA + 8);
	/* Read the other way round nothing is valid. */
	n.ste.s2endi = 0;
	nest_write(&n);
	assert_int_equal(at_ipa(&n, DMASIM_READ, 0), DMASIM_TXN_ABORT);
	fault2(&n, EV_F_TRANSLATION, EV_READ);
}

/* ---- permissions ---- */

RIG_TEST(read_and_write, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	for (unsigned ap = 0; ap < 4; ap++) {
		uint64_t leaf = (S2_RW & ~(3ull << 6)) | (uint64_t)ap << 6;

		nest_map2(&n, N_IPA, N_PA, 3, leaf);
		rig_flush(r);
		/* The second time, if it was allowed, from the TLB. */
		for (unsigned twice = 0; twice < 2; twice++) {
			assert_int_equal(at_ipa(&n, DMASIM_READ, 0),
			                 ap & 1 ? DMASIM_TXN_OK
			                        : DMASIM_TXN_ABORT);
			if (!(ap & 1))
				fault2(&n, EV_F_PERMISSION, EV_READ);
			assert_int_equal(at_ipa(&n, DMASIM_WRITE, 0),
			                 ap & 2 ? DMASIM_TXN_OK
			                        : DMASIM_TXN_ABORT);
			if (!(ap & 2))
				fault2(&n, EV_F_PERMISSION, 0);
		}
		rig_expect_none(r);
	}
}

/* 13.1.1: an atomic reads and writes; it is recorded as a read only where it
 * could write. */
RIG_TEST(atomics, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	for (unsigned twice = 0; twice < 2; twice++)
		assert_int_equal(at_ipa(&n, DMASIM_ATOMIC_ADD, 0),
		                 DMASIM_TXN_OK);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RO);
	rig_flush(r);
	for (unsigned twice = 0; twice < 2; twice++) {
		assert_int_equal(at_ipa(&n, DMASIM_ATOMIC_ADD, 0),
		                 DMASIM_TXN_ABORT);
		fault2(&n, EV_F_PERMISSION, 0);
		assert_int_equal(at_ipa(&n, DMASIM_READ, 0), DMASIM_TXN_OK);
	}
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	rig_flush(r);
	for (unsigned twice = 0; twice < 2; twice++) {
		assert_int_equal(at_ipa(&n, DMASIM_ATOMIC_ADD, 0),
		                 DMASIM_TXN_ABORT);
		fault2(&n, EV_F_PERMISSION, EV_READ);
		assert_int_equal(at_ipa(&n, DMASIM_WRITE, 0), DMASIM_TXN_OK);
	}
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~(3ull << 6));
	rig_flush(r);
	at_ipa(&n, DMASIM_ATOMIC_ADD, 0);
	fault2(&n, EV_F_PERMISSION, 0);
}

/* Two privileges that fetch; bit 0: privileged may, bit 1: unprivileged. */
static void fetches(struct rig *r, const uint8_t allowed[4])
{
	struct nest n;

	only2(r, &n);
	for (unsigned i = 0; i < 8; i++) {
		unsigned xn = i >> 1, priv = i & 1;
		uint32_t flags = DMASIM_TXN_INSTRUCTION |
		                 (priv ? DMASIM_TXN_PRIVILEGED : 0);
		bool may = allowed[xn] & (priv ? 1 : 2);

		nest_map2(&n, N_IPA, N_PA, 3, S2_RW | DMASIM_TABLES_S2_XN(xn));
		rig_flush(r);
		assert_int_equal(at_ipa(&n, DMASIM_READ, flags),
		                 may ? DMASIM_TXN_OK : DMASIM_TXN_ABORT);
		if (!may)
			fault2(&n, EV_F_PERMISSION,
			       EV_READ | EV_IND | (priv ? EV_PNU : 0));
		/* Data is another matter. */
		assert_int_equal(
		        at_ipa(&n, DMASIM_READ, flags & DMASIM_TXN_PRIVILEGED),
		        DMASIM_TXN_OK);
	}
}

/* Arm ARM D8.4.2, FEAT_XNX: XN[1:0] for each privilege. */
RIG_TEST(execute, NEST_FULL)
{
	fetches(r, (const uint8_t[]){3, 2, 0, 1});
}

/* Bit 54 alone, for both. */
RIG_TEST(execute_without_xnx, NEST_LESS(0u, I3_XNX, 0u))
{
	fetches(r, (const uint8_t[]){3, 3, 0, 0});
}

/* A page may be executed and not read. */
RIG_TEST(execute_only, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~(3ull << 6));
	rig_flush(r);
	assert_int_equal(at_ipa(&n, DMASIM_READ, DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_OK);
	at_ipa(&n, DMASIM_READ, 0);
	fault2(&n, EV_F_PERMISSION, EV_READ);
}

/* ---- the other faults ---- */

RIG_TEST(access_flag, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~DMASIM_TABLES_AF);
	rig_flush(r);
	at_ipa(&n, DMASIM_READ, 0);
	fault2(&n, EV_F_ACCESS, EV_READ);
	n.ste.s2affd = 1;
	nest_write(&n);
	assert_int_equal(at_ipa(&n, DMASIM_READ, 0), DMASIM_TXN_OK);
	rig_expect_none(r);
}

RIG_TEST(walk_aborts, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	for (int level = 1; level <= 3; level++) {
		uint64_t at = nest_at2(&n, N_IPA, level);

		rig_flush(r);
		nest_refuse(&n, at);
		at_ipa(&n, DMASIM_WRITE, 0);
		nest_expect(&n, EV_F_WALK_EABT, EV_S2 | EV_IN, N_IPA + 0x124,
		            at);
	}
}

/* 5.5: S2R suppresses records; stage 2 always aborts. */
RIG_TEST(unrecorded, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	nest_set2(&n, N_IPA, 3, 0);
	n.ste.s2r = 0;
	nest_write(&n);
	assert_int_equal(at_ipa(&n, DMASIM_READ, 0), DMASIM_TXN_ABORT);
	rig_expect_none(r);
	/* An external abort is recorded all the same. */
	nest_refuse(&n, nest_at2(&n, N_IPA, 3));
	at_ipa(&n, DMASIM_WRITE, 0);
	nest_expect(&n, EV_F_WALK_EABT, EV_S2 | EV_IN, N_IPA + 0x124,
	            nest_at2(&n, N_IPA, 3));
}

/* 7.3.9: there are no substreams without stage 1. */
RIG_TEST(substreams, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	assert_int_equal(rig_dma_ssid(r, N_SID, 2, N_IPA), DMASIM_TXN_ABORT);
	rig_expect(r, EV(8, N_SID) | 2 << 12, 0, 0, 0);
}

/* 5.2: how the tables are read. */
RIG_TEST(attributes_of_walks, NEST_FULL)
{
	static const uint8_t cache[] = {DMASIM_NC, DMASIM_WB, DMASIM_WT,
	                                DMASIM_WB};
	static const uint8_t share[] = {DMASIM_NSH, DMASIM_NSH, DMASIM_OSH,
	                                DMASIM_ISH};
	struct nest n;

	only2(r, &n);
	for (unsigned i = 1; i < 64; i++) {
		const struct dmasim_attr *a;

		n.ste.s2ir0 = i & 3;
		n.ste.s2or0 = i >> 2 & 3;
		n.ste.s2sh0 = i >> 4;
		nest_write(&n);
		assert_int_equal(at_ipa(&n, DMASIM_READ, 0), DMASIM_TXN_OK);
		a = &rig_last(r, DMASIM_CAUSE_WALK)->attr;
		assert_int_equal(a->type, DMASIM_NORMAL);
		assert_int_equal(a->inner, cache[i & 3]);
		assert_int_equal(a->outer, cache[i >> 2 & 3]);
		assert_int_equal(a->share,
		                 (i & 15) == 0 ? DMASIM_OSH : share[i >> 4]);
	}
}

/* ---- tags ---- */

/* 3.17: translations of stage 2 are shared by VMID, whatever the stream. */
RIG_TEST(tagged_by_vmid, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	assert_int_equal(rig_pa(r, N_SID, N_IPA), N_PA);
	nest_map2(&n, N_IPA, N_PA + 0x1000, 3, S2_RW);
	n.sid = 6;
	nest_write_ste(&n);
	assert_int_equal(rig_pa(r, 6, N_IPA), N_PA);
	n.sid = 7;
	n.ste.s2vmid = 0x103;
	nest_write_ste(&n);
	assert_int_equal(rig_pa(r, 7, N_IPA), N_PA + 0x1000);
	assert_int_equal(rig_pa(r, N_SID, N_IPA), N_PA);
}

/* A transaction over two pages takes each as it is mapped. */
RIG_TEST(crosses_pages, NEST_FULL)
{
	struct nest n;

	only2(r, &n);
	nest_map2(&n, N_IPA + 0x1000, N_PA + 0x5000, 3, S2_RO);
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, N_IPA + 0xff8, 16),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, N_PA + 0x5000);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, N_SID, N_IPA + 0xff8, 16),
	                 DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA + 0x1000,
	            N_IPA + 0x1000);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(translates_an_ipa),
        cmocka_unit_test(pending_memory),
        cmocka_unit_test(every_input_size),
        cmocka_unit_test(concatenated_tables),
        cmocka_unit_test(blocks),
        cmocka_unit_test(no_blocks_at_these_levels),
        cmocka_unit_test(no_large_block_without_lpa),
        cmocka_unit_test(big_endian),
        cmocka_unit_test(read_and_write),
        cmocka_unit_test(atomics),
        cmocka_unit_test(execute),
        cmocka_unit_test(execute_without_xnx),
        cmocka_unit_test(execute_only),
        cmocka_unit_test(access_flag),
        cmocka_unit_test(walk_aborts),
        cmocka_unit_test(unrecorded),
        cmocka_unit_test(substreams),
        cmocka_unit_test(attributes_of_walks),
        cmocka_unit_test(tagged_by_vmid),
        cmocka_unit_test(crosses_pages),
};

CHECK_MAIN(tests)
