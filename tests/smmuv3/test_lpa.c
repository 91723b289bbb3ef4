/* SPDX-License-Identifier: MIT */
/* 52-bit addresses (LPA, LPA2) and small tables (STT), both stages. */
#include "nest.h"

#define FULL52  NEST_FULL, .oas_bits = 52
#define LEAF_DS (LEAF_RW & ~(3ull << 8)) /* SH is part of the address */

/* Stage 1 alone. */
struct one {
	struct rig *r;
	struct tables_half h;
	struct dmasim_tables_cd cd;
	uint64_t cd_at;
};

static bool open_one(struct rig *r, struct one *o, struct tables_half h)
{
	*o = (struct one){.r = r, .h = h};
	if (dmasim_tables_space_new(&r->t, &o->h) != DMASIM_OK)
		return false;
	o->cd_at = tables_alloc(&r->t, 64, 64);
	o->cd = (struct dmasim_tables_cd){
	        .ips = 6, .r = 1, .a = 1, .asid = 1, .mair = TABLES_MAIR};
	dmasim_tables_cd_stage1(&o->cd, h.upper ? NULL : &o->h,
	                        h.upper ? &o->h : NULL);
	dmasim_tables_write_cd(&r->t, o->cd_at, &o->cd);
	tables_ste_stage1(&r->t, &r->streams, N_SID, o->cd_at);
	rig_flush(r);
	r->logged = 0;
	return true;
}

static void rewrite(struct one *o)
{
	dmasim_tables_write_cd(&o->r->t, o->cd_at, &o->cd);
	rig_flush(o->r);
	o->r->logged = 0;
}

static void map_one(struct one *o, uint64_t va, int level, uint64_t desc)
{
	uint64_t at;

	assert_int_equal(
	        dmasim_tables_descriptor(&o->r->t, &o->h, va, level, &at),
	        DMASIM_OK);
	dmasim_tables_write(&o->r->t, &o->h, at, desc);
}

static void comes_out(struct rig *r, uint64_t va, uint64_t pa)
{
	rig_dma(r, DMASIM_READ, N_SID, va, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, pa);
	rig_expect_none(r);
}

static void aborts(struct rig *r, uint64_t va, unsigned type)
{
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, va, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(type, N_SID), EV_IN | EV_READ, va, 0);
}

/* ---- input sizes ---- */

static unsigned every_size(struct rig *r, unsigned granule, bool ds, bool upper)
{
	unsigned n = 0;

	for (unsigned tsz = 12; tsz <= 48; tsz++) {
		uint64_t was = r->t.next, va, ones = 0;
		struct one o;

		if (!open_one(r, &o,
		              (struct tables_half){.tsz = tsz,
		                                   .granule = granule,
		                                   .ds = ds,
		                                   .upper = upper}))
			continue;
		va = 0x0009a5a512340000ull & ((1ull << (64 - tsz)) - 1);
		if (upper)
			ones = 0 - (1ull << (64 - tsz));
		map_one(&o, va | ones, 3, LEAF_DS | 3 | RIG_DATA);
		comes_out(r, (va | ones) + 0x124, RIG_DATA + 0x124);
		/* One bit beyond the range. */
		if (tsz > 12)
			aborts(r, (va | ones) ^ 1ull << (64 - tsz), 0x10);
		r->t.next = was;
		n++;
	}
	return n;
}

/* 5.4, T0SZ: 12 where IDR5.VAX and the table allow it; 48 with STT, and 47
 * with 64 KiB. */
RIG_TEST(every_input_size, FULL52)
{
	for (unsigned upper = 0; upper < 2; upper++) {
		assert_int_equal(every_size(r, 12, false, upper), 33);
		assert_int_equal(every_size(r, 12, true, upper), 37);
		assert_int_equal(every_size(r, 14, false, upper), 33);
		assert_int_equal(every_size(r, 14, true, upper), 37);
		assert_int_equal(every_size(r, 16, false, upper), 36);
	}
}

static void levels(struct rig *r, unsigned tsz, unsigned granule,
                   const char *first, unsigned reads)
{
	struct one o;

	assert_true(open_one(r, &o,
	                     (struct tables_half){.tsz = tsz,
	                                          .granule = granule,
	                                          .ds = granule != 16}));
	map_one(&o, 0, 3, LEAF_DS | 3 | RIG_DATA);
	comes_out(r, 0x124, RIG_DATA + 0x124);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), reads);
	for (unsigned i = 0; i < r->logged; i++) {
		if (r->log[i].cause != DMASIM_CAUSE_WALK)
			continue;
		assert_string_equal(r->log[i].what, first);
		break;
	}
}

RIG_TEST(where_walks_start, FULL52)
{
	levels(r, 12, 12, "level -1 descriptor", 5);
	levels(r, 15, 12, "level -1 descriptor", 5);
	levels(r, 16, 12, "level 0 descriptor", 4);
	levels(r, 12, 14, "level 0 descriptor", 4);
	levels(r, 17, 14, "level 1 descriptor", 3);
	levels(r, 12, 16, "level 1 descriptor", 3);
	levels(r, 22, 16, "level 2 descriptor", 2);
	levels(r, 42, 12, "level 2 descriptor", 2);
	levels(r, 43, 12, "level 3 descriptor", 1);
	levels(r, 39, 14, "level 3 descriptor", 1);
	levels(r, 35, 16, "level 3 descriptor", 1);
}

/* ---- output addresses ---- */

/* 64 KiB: bits 51:48 lie in 15:12. */
RIG_TEST(lpa_leaf, FULL52)
{
	struct one o;

	open_one(r, &o, (struct tables_half){.tsz = 16, .granule = 16});
	map_one(&o, 0, 3, LEAF_RW | 3 | 0x0000800012340000 | 0xa000);
	comes_out(r, 0x124, 0x000a800012340124);
	map_one(&o, 1ull << 29, 2, LEAF_RW | 1 | 0x0000800020000000 | 0x5000);
	comes_out(r, 0x20010124, 0x0005800020010124);
	map_one(&o, 1ull << 42, 1, LEAF_RW | 1 | 0x0000840000000000 | 0xf000);
	comes_out(r, (1ull << 42) + 0x20010124, 0x000f840020010124);
	/* 48 bits by IPS. */
	o.cd.ips = 5;
	rewrite(&o);
	aborts(r, 0x124, 0x11);
	map_one(&o, 0, 3, LEAF_RW | 3 | 0x0000800012340000);
	comes_out(r, 0x124, 0x0000800012340124);
}

/* Where OAS is 48 bits, 15:12 mean nothing; IPS is capped. */
RIG_TEST(no_lpa, NEST_FULL)
{
	struct one o;

	open_one(r, &o, (struct tables_half){.tsz = 16, .granule = 16});
	map_one(&o, 0, 3, LEAF_RW | 3 | 0x0000800012340000 | 0xa000);
	comes_out(r, 0x124, 0x0000800012340124);
}

/* DS: bits 49:48 in place, 51:50 in 9:8; shareability is SH0. */
static void ds_leaves(struct rig *r, unsigned granule)
{
	uint64_t addr = 0x0002800012340000;
	struct one o;

	open_one(r, &o,
	         (struct tables_half){
	                 .tsz = 12, .granule = granule, .ds = true});
	map_one(&o, 0, 3, LEAF_DS | 3 | addr | 3ull << 8);
	comes_out(r, 0x124, addr + 0x000c000000000124);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_ISH);
	o.cd.sh0 = 2;
	rewrite(&o);
	comes_out(r, 0x124, addr + 0x000c000000000124);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_OSH);
	o.cd.ips = 5;
	rewrite(&o);
	aborts(r, 0x124, 0x11);
	map_one(&o, 0, 3, LEAF_DS | 3 | 0x0000800012340000 | 1ull << 8);
	rig_flush(r);
	aborts(r, 0x124, 0x11);
	/* Without DS the same descriptor has 48 bits. */
	o.cd.ips = 6;
	rewrite(&o);
	comes_out(r, 0x124, 0x0004800012340124);
}

RIG_TEST(ds_leaf_4k, FULL52)
{
	ds_leaves(r, 12);
}

RIG_TEST(ds_leaf_16k, FULL52)
{
	ds_leaves(r, 14);
}

RIG_TEST(ds_blocks, FULL52)
{
	struct one o;

	open_one(r, &o,
	         (struct tables_half){.tsz = 12, .granule = 12, .ds = true});
	map_one(&o, 1ull << 39, 0, LEAF_DS | 1 | 0x0001008000000000 | 2u << 8);
	comes_out(r, (1ull << 39) + 0x2468, 0x0009008000002468);
	open_one(r, &o,
	         (struct tables_half){.tsz = 12, .granule = 14, .ds = true});
	map_one(&o, 1ull << 36, 1, LEAF_DS | 1 | 0x0001001000000000 | 2u << 8);
	comes_out(r, (1ull << 36) + 0x2468, 0x0009001000002468);
}

/* Where DS is not there it is IGNORED: 48 bits, SH in the descriptor. */
RIG_TEST(no_ds, NEST_LESS(0u, 0u, I5_DS), .oas_bits = 52)
{
	struct one o;

	open_one(r, &o,
	         (struct tables_half){.tsz = 16, .granule = 12, .ds = true});
	map_one(&o, 0, 3, LEAF_DS | 3 | 0x0003800012345000 | 2ull << 8);
	comes_out(r, 0x124, 0x0000800012345124);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_OSH);
	o.cd.t0sz = 15;
	rewrite(&o);
	rig_dma(r, DMASIM_READ, N_SID, 0x124, 4);
	rig_expect(r, EV(EV_C_BAD_CD, N_SID), 0, 0, 0);
}

/* Tables are found at 52-bit addresses as well: 7.3.12 names where. */
static void far_table(struct rig *r, struct one *o, int level, uint64_t desc,
                      uint64_t fetch)
{
	map_one(o, 0, level, desc | 3);
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, 0x124, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(EV_F_WALK_EABT, N_SID), EV_TT | EV_READ, 0x124, fetch);
}

RIG_TEST(tables_at_52_bits, FULL52)
{
	struct one o;

	open_one(r, &o, (struct tables_half){.tsz = 16, .granule = 16});
	far_table(r, &o, 1, 0x0000800012340000 | 0xa000, 0x000a800012340000);
	open_one(r, &o,
	         (struct tables_half){.tsz = 16, .granule = 12, .ds = true});
	far_table(r, &o, 0, 0x0002800012345000 | 1u << 8, 0x0006800012345000);
	o.cd.ips = 5;
	rewrite(&o);
	aborts(r, 0x124, 0x11);
	open_one(r, &o,
	         (struct tables_half){.tsz = 16, .granule = 14, .ds = true});
	far_table(r, &o, 0, 0x0002800012344000 | 3u << 8, 0x000e800012344000);
}

/* 5.4, TTB0: any address inside IPS, aligned to 64 bytes at least; 48 bits
 * where descriptors have no more. */
static void far_ttb(struct rig *r, unsigned granule, bool ds, bool legal)
{
	struct one o;

	open_one(r, &o,
	         (struct tables_half){.tsz = 16, .granule = granule, .ds = ds});
	o.cd.ttb0 = 0x0009000012340000;
	rewrite(&o);
	rig_dma(r, DMASIM_READ, N_SID, 0x124, 4);
	if (!legal)
		rig_expect(r, EV(EV_C_BAD_CD, N_SID), 0, 0, 0);
	else
		rig_expect(r, EV(EV_F_WALK_EABT, N_SID), EV_TT | EV_READ, 0x124,
		           0x0009000012340000);
	o.cd.ips = 5;
	rewrite(&o);
	rig_dma(r, DMASIM_READ, N_SID, 0x124, 4);
	rig_expect(r, EV(EV_C_BAD_CD, N_SID), 0, 0, 0);
}

RIG_TEST(ttb_at_52_bits, FULL52)
{
	far_ttb(r, 12, false, false);
	far_ttb(r, 12, true, true);
	far_ttb(r, 14, false, false);
	far_ttb(r, 14, true, true);
	far_ttb(r, 16, false, true);
}

/* A start table of two entries: bits 5:4 of TTB do not count. */
static void small_start(struct rig *r, uint64_t ttb_bits, uint64_t start)
{
	struct one o;

	/* 64 KiB, 17 bits: one level of two entries. */
	open_one(r, &o, (struct tables_half){.tsz = 47, .granule = 16});
	o.cd.ttb0 |= ttb_bits;
	rewrite(&o);
	tables_set(&r->t, o.h.ttb + start, LEAF_RW | 3 | RIG_DATA);
	comes_out(r, 0x124, RIG_DATA + 0x124);
}

RIG_TEST(start_is_aligned_to_64_bytes, FULL52)
{
	small_start(r, 0x30, 0);
}

RIG_TEST(start_is_aligned_to_its_size, NEST_FULL)
{
	small_start(r, 0x30, 0x30);
}

/* ---- stage 2 ---- */

RIG_TEST(stage2_leaves, FULL52)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.granule2 = 16});
	n.ste.config = 6;
	nest_set2(&n, N_IPA, 3, S2_RW | 3 | 0x0000800012340000 | 0xa000);
	nest_write(&n);
	comes_out(r, N_IPA + 0x124, 0x000a800012340124);
	n.ste.s2ps = 5;
	nest_write(&n);
	rig_dma(r, DMASIM_READ, N_SID, N_IPA, 4);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_S2 | EV_IN | EV_READ, N_IPA, N_IPA);
}

RIG_TEST(stage2_ds, FULL52)
{
	uint64_t leaf = (S2_RW & ~DMASIM_TABLES_SH(3)) | 3 |
	                0x0002800012340000 | 2ull << 8;
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.tsz2 = 12, .ds2 = true});
	n.ste.config = 6;
	/* What the map of the guest has in its SH is address here. */
	nest_set2(&n, N_IPA, 3, leaf);
	assert_int_equal(n.ste.s2sl0, 4);
	nest_write(&n);
	comes_out(r, N_IPA + 0x124, 0x000a800012340124);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_ISH);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 5);
	n.ste.s2sh0 = 2;
	nest_write(&n);
	comes_out(r, N_IPA + 0x124, 0x000a800012340124);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_OSH);
}

/* Both stages with 52 bits: an IPA above 48 bits. */
RIG_TEST(nested_52_bits, FULL52)
{
	uint64_t ipa = 0x0007000012340000;
	struct nest n;

	nest_new(r, &n,
	         &(struct nest_options){.granule1 = 16,
	                                .tsz1 = 12,
	                                .granule2 = 16,
	                                .tsz2 = 12});
	nest_map1(&n, 0x000b5a5a12340000, ipa, 3, LEAF_RW);
	nest_map2(&n, ipa, N_PA, 3, S2_RW);
	rig_flush(r);
	comes_out(r, 0x000b5a5a12340124, N_PA + 0x124);
	nest_map2(&n, ipa, N_PA, 3, S2_RO);
	rig_flush(r);
	rig_dma(r, DMASIM_WRITE, N_SID, 0x000b5a5a12340124, 4);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, 0x000b5a5a12340124,
	            ipa);
	/* IPS of 48 bits: stage 1's own fault. */
	n.cd.ips = 5;
	nest_write(&n);
	aborts(r, 0x000b5a5a12340124, 0x11);
}

RIG_TEST(nested_ds, FULL52, .pend = true)
{
	uint64_t va = 0xfff95a5a12340000, ipa = 0x0005000012340000;
	struct tables_half high = {
	        .tsz = 12, .granule = 14, .ds = true, .upper = true};
	struct nest n;
	uint64_t at;

	nest_new(r, &n, &(struct nest_options){.granule2 = 16, .tsz2 = 12});
	assert_int_equal(dmasim_tables_space_new(&n.guest, &high), DMASIM_OK);
	dmasim_tables_cd_stage1(&n.cd, NULL, &high);
	n.cd.epd0 = 1;
	assert_int_equal(dmasim_tables_descriptor(&n.guest, &high, va, 3, &at),
	                 DMASIM_OK);
	tables_set(&r->t, at, LEAF_DS | 3 | dmasim_tables_place(&high, ipa));
	nest_map2(&n, ipa, N_PA, 3, S2_RW);
	nest_write(&n);
	comes_out(r, va + 0x124, N_PA + 0x124);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_input_size),
        cmocka_unit_test(where_walks_start),
        cmocka_unit_test(lpa_leaf),
        cmocka_unit_test(no_lpa),
        cmocka_unit_test(ds_leaf_4k),
        cmocka_unit_test(ds_leaf_16k),
        cmocka_unit_test(ds_blocks),
        cmocka_unit_test(no_ds),
        cmocka_unit_test(tables_at_52_bits),
        cmocka_unit_test(ttb_at_52_bits),
        cmocka_unit_test(start_is_aligned_to_64_bytes),
        cmocka_unit_test(start_is_aligned_to_its_size),
        cmocka_unit_test(stage2_leaves),
        cmocka_unit_test(stage2_ds),
        cmocka_unit_test(nested_52_bits),
        cmocka_unit_test(nested_ds),
};

CHECK_MAIN(tests)
