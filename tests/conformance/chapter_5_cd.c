/* SPDX-License-Identifier: MIT */
/* IHI 0070, 5.4: every ILLEGAL CD (5.4.2) one by one, with its legal
 * neighbours, and the fields that mean nothing here. */
#include <stddef.h>

#include "nest.h"

#define TTENDIAN   (3u << 21)
#define LE_ONLY    (2u << 21)
#define BE_ONLY    (3u << 21)
#define TERM_MODEL (1u << 26)

#define FIELD(name) offsetof(struct dmasim_tables_cd, name)

static void with(struct nest *n, size_t field, uint64_t value)
{
	memcpy((char *)&n->cd + field, &value, sizeof(value));
	nest_write(n);
}

static unsigned outcome(struct nest *n)
{
	uint64_t record[4];

	if (rig_dma(n->r, DMASIM_READ, n->sid, N_VA, 4) == DMASIM_TXN_OK)
		return 0;
	return rig_event(n->r, record) ? record[0] & 0xff : 256;
}

static void bad(struct nest *n, size_t field, uint64_t value)
{
	const struct dmasim_tables_cd good = n->cd;

	with(n, field, value);
	nest_fault(n, DMASIM_READ);
	rig_expect(n->r, EV(EV_C_BAD_CD, n->sid), 0, 0, 0);
	n->cd = good;
	nest_write(n);
	assert_int_equal(outcome(n), 0);
}

static void fine(struct nest *n, size_t field, uint64_t value)
{
	const struct dmasim_tables_cd good = n->cd;

	with(n, field, value);
	assert_int_equal(outcome(n), 0);
	n->cd = good;
	nest_write(n);
}

static void start(struct rig *r, struct nest *n)
{
	nest_new(r, n, &(struct nest_options){0});
	nest_write(n);
	assert_int_equal(outcome(n), 0);
}

/* ---- V, AA64, ENDI, ASID ---- */

RIG_TEST(s5_4_v, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	n.cd.invalid = true;
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	rig_expect(r, EV(EV_C_BAD_CD, N_SID), 0, 0, 0);
}

RIG_TEST(s5_4_aa64, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	bad(&n, FIELD(aa64), 0);
}

/* IGNORED where both halves are. */
RIG_TEST(s5_4_endi_little, NEST_BUT(TTENDIAN, LE_ONLY, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n);
	bad(&n, FIELD(endi), 1);
	n.cd.epd0 = 1;
	with(&n, FIELD(endi), 1);
	assert_int_equal(outcome(&n), EV_F_TRANSLATION);
}

RIG_TEST(s5_4_endi_big, NEST_BUT(TTENDIAN, BE_ONLY, 0u, 0u, 0u, 0u))
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.endi1 = true, .endi2 = true});
	nest_write(&n);
	assert_int_equal(outcome(&n), 0);
	bad(&n, FIELD(endi), 0);
}

RIG_TEST(s5_4_asid, NEST_LESS(I0_ASID16, 0u, 0u), .s_idr = {0, 1u << 31 | 16u})
{
	struct nest n;

	/* Bit 12 is set by the profile. */
	start(r, &n);
	fine(&n, FIELD(asid), 0xff);
	bad(&n, FIELD(asid), 0x100);
	bad(&n, FIELD(asid), 0x8007);
	/* IGNORED in a world without ASIDs. */
	n.ste.config = 5;
	n.ste.s1contextptr = n.cd_at;
	n.ste.strw = 2;
	with(&n, FIELD(asid), 0x100);
	assert_int_not_equal(outcome(&n), EV_C_BAD_CD);
}

RIG_TEST(s5_4_asid_16_bits, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	fine(&n, FIELD(asid), 0xffff);
}

/* ---- A, S (5.5) ---- */

RIG_TEST(s5_4_a_term_model_1, NEST_BUT(0u, TERM_MODEL, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n);
	bad(&n, FIELD(a), 0);
}

RIG_TEST(s5_4_a_term_model_0, NEST_LESS(TERM_MODEL, 0u, 0u))
{
	struct nest n;

	start(r, &n);
	fine(&n, FIELD(a), 0);
	/* It acts: RAZ/WI, with a record. */
	n.cd.a = 0;
	nest_map1(&n, N_VA, N_IPA, 3, 0);
	nest_write(&n);
	memset(r->buf, 0xff, 4);
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, N_VA, 4),
	                 DMASIM_TXN_OK);
	assert_memory_equal(r->buf, "\0\0\0\0", 4);
	nest_expect(&n, EV_F_ACCESS, EV_IN | EV_READ, N_VA, 0);
	/* Stage 2 has no A. */
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RW);
	nest_set2(&n, N_IPA, 3, 0);
	nest_write(&n);
	assert_int_equal(outcome(&n), EV_F_TRANSLATION);
	assert_int_equal(r->txn.result, DMASIM_TXN_ABORT);
}

RIG_TEST(s5_4_s, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	fine(&n, FIELD(s), 1);
	n.ste.s1stalld = 1;
	nest_write(&n);
	bad(&n, FIELD(s), 1);
}

RIG_TEST(s5_4_s_no_stall, NEST_BUT(0u, 1u << 24, 0u, 0u, 0u, 0u))
{
	struct nest n;

	start(r, &n);
	bad(&n, FIELD(s), 1);
}

RIG_TEST(s5_4_s_forced, NEST_BUT(0u, 2u << 24, 0u, 0u, 0u, 0u))
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2s = 1;
	n.cd.s = 1;
	nest_write(&n);
	assert_int_equal(outcome(&n), 0);
	bad(&n, FIELD(s), 0);
}

/* R: no record of the four translation faults. */
RIG_TEST(s5_4_r, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	n.cd.r = 0;
	nest_map1(&n, N_VA, N_IPA, 3, LEAF_RO);
	nest_write(&n);
	nest_fault(&n, DMASIM_WRITE);
	rig_expect_none(r);
	/* Those of stage 2 are not CD.R's. */
	nest_map2(&n, N_IPA, N_PA, 3, S2_WO);
	nest_write(&n);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN | EV_READ, N_VA + 0x124,
	            N_IPA);
}

/* ---- HA, HD ---- */

static void httu(struct rig *r, bool ha, bool hd)
{
	struct nest n;

	start(r, &n);
	if (ha)
		fine(&n, FIELD(ha), 1);
	else
		bad(&n, FIELD(ha), 1);
	if (hd)
		fine(&n, FIELD(hd), 1);
	else
		bad(&n, FIELD(hd), 1);
}

RIG_TEST(s5_4_ha_hd, NEST_FULL)
{
	httu(r, true, true);
}

RIG_TEST(s5_4_hd_without_dirty, NEST_BUT(I0_HTTU, I0_HTTU_AF, 0u, 0u, 0u, 0u))
{
	httu(r, true, false);
}

RIG_TEST(s5_4_ha_without_httu, NEST_LESS(I0_HTTU, 0u, 0u))
{
	httu(r, false, false);
}

/* ---- TxSZ, TGx, TTBx, EPDx: both halves ---- */

/* All granules and sizes: T0SZ or T1SZ from @low, or @low_wide with 64 KiB or
 * DS, to @high, or @high_64k. */
struct range {
	unsigned low, low_wide, high, high_64k;
};

static bool legal(const struct range *w, unsigned tg, unsigned tsz, bool ds,
                  bool upper)
{
	static const uint8_t granule[2][4] = {{12, 16, 14, 0}, {0, 14, 12, 16}};
	unsigned g = granule[upper][tg];

	if (g == 0)
		return false;
	return tsz >= (g == 16 || ds ? w->low_wide : w->low) &&
	       tsz <= (g == 16 ? w->high_64k : w->high);
}

static void every_size(struct rig *r, const struct range *w)
{
	struct nest n;

	start(r, &n);
	for (unsigned i = 0; i < 1024; i++) {
		unsigned tsz = i & 63, tg = i >> 6 & 3;
		bool ds = i & 256, upper = i & 512;

		n.cd.ds = ds;
		n.cd.epd0 = upper;
		n.cd.epd1 = !upper;
		/* What is disabled is IGNORED. */
		n.cd.t0sz = upper ? 0 : tsz;
		n.cd.tg0 = upper ? 3 : tg;
		n.cd.ttb0 = upper ? 0xffffffffffff0 : 0;
		n.cd.t1sz = upper ? tsz : 0;
		n.cd.tg1 = upper ? tg : 0;
		n.cd.ttb1 = upper ? 0 : 0xffffffffffff0;
		nest_write(&n);
		if ((outcome(&n) != EV_C_BAD_CD) !=
		    legal(w, tg, tsz, ds, upper))
			fail_msg("TG%u %u T%uSZ %u DS %u", upper, tg, upper,
			         tsz, ds);
	}
}

RIG_TEST(s5_4_txsz_all, NEST_FULL, .oas_bits = 52)
{
	every_size(r, &(struct range){16, 12, 48, 47});
}

RIG_TEST(s5_4_txsz_without_stt, NEST_LESS(0u, I3_STT, 0u), .oas_bits = 52)
{
	every_size(r, &(struct range){16, 12, 39, 39});
}

RIG_TEST(s5_4_txsz_without_vax, NEST_LESS(0u, 0u, I5_VAX), .oas_bits = 52)
{
	every_size(r, &(struct range){16, 16, 48, 47});
}

RIG_TEST(s5_4_tg_unsupported, NEST_BUT(0u, 0u, 0u, 0u, 7u << 4, 1u << 4))
{
	struct nest n;

	start(r, &n);
	for (unsigned tg = 1; tg < 4; tg++)
		bad(&n, FIELD(tg0), tg);
	n.cd.epd1 = 0;
	n.cd.t1sz = 16;
	n.cd.tg1 = 2;
	n.cd.ttb1 = n.cd.ttb0;
	nest_write(&n);
	assert_int_equal(outcome(&n), 0);
	bad(&n, FIELD(tg1), 0);
	bad(&n, FIELD(tg1), 1);
	bad(&n, FIELD(tg1), 3);
}

/* The effective IPS, or 48 bits. */
RIG_TEST(s5_4_ttb, NEST_FULL, .oas_bits = 52)
{
	static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
	struct nest n;

	start(r, &n);
	n.cd.epd1 = 0;
	n.cd.t1sz = 16;
	n.cd.tg1 = 2;
	for (unsigned ips = 0; ips < 8; ips++) {
		unsigned top = bits[ips] < 48 ? bits[ips] : 48;

		n.cd.ips = ips;
		n.cd.ttb0 = n.cd.ttb1 = 0;
		with(&n, FIELD(ttb0), 1ull << top);
		assert_int_equal(outcome(&n), EV_C_BAD_CD);
		with(&n, FIELD(ttb0), 1ull << (top - 1));
		assert_int_equal(outcome(&n), EV_F_TRANSLATION);
		with(&n, FIELD(ttb1), 1ull << top);
		assert_int_equal(outcome(&n), EV_C_BAD_CD);
		with(&n, FIELD(ttb1), 1ull << (top - 1));
		assert_int_equal(outcome(&n), EV_F_TRANSLATION);
	}
}

/* OAS caps IPS. */
RIG_TEST(s5_4_ttb_and_oas, NEST_FULL, .oas_bits = 40)
{
	struct nest n;

	start(r, &n);
	bad(&n, FIELD(ttb0), 1ull << 40);
	n.cd.ips = 1;
	with(&n, FIELD(ttb0), 1ull << 36);
	assert_int_equal(outcome(&n), EV_C_BAD_CD);
}

/* EPD: an access there faults; the other half goes on. */
RIG_TEST(s5_4_epd, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	rig_dma(r, DMASIM_READ, N_SID, 0xffff800000000000, 4);
	nest_expect(&n, EV_F_TRANSLATION, EV_IN | EV_READ, 0xffff800000000000,
	            0);
	n.cd.epd0 = 1;
	nest_write(&n);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_TRANSLATION, EV_IN, N_VA + 0x124, 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 1);
}

/* ---- IPS ---- */

/* The output of stage 1, by IPS, whatever stage 2 could translate. */
RIG_TEST(s5_4_ips, NEST_FULL)
{
	static const unsigned bits[] = {32, 36, 40, 42, 44, 48};
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.tsz2 = 16});
	/* The guest's tables are above 4 GiB: 36 bits at least. */
	for (unsigned ips = 1; ips < 6; ips++) {
		uint64_t ipa = 1ull << (bits[ips] - 1);

		n.cd.ips = ips;
		nest_map1(&n, N_VA, ipa, 3, LEAF_RW);
		nest_map2(&n, ipa, N_PA, 3, S2_RW);
		nest_write(&n);
		nest_ok(&n, DMASIM_READ);
		if (bits[ips] == 48)
			continue;
		nest_map1(&n, N_VA, ipa << 1, 3, LEAF_RW);
		nest_map2(&n, ipa << 1, N_PA, 3, S2_RW);
		rig_flush(r);
		nest_fault(&n, DMASIM_READ);
		nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, N_VA + 0x124,
		            0);
	}
	n.cd.ips = 0;
	nest_write(&n);
	assert_int_equal(outcome(&n), EV_C_BAD_CD);
}

/* ---- HAD ---- */

RIG_TEST(s5_4_had, NEST_FULL)
{
	struct nest n;

	start(r, &n);
	nest_set1(&n, N_VA, 1,
	          nest_get1(&n, N_VA, 1) | DMASIM_TABLES_APTABLE(3));
	nest_write(&n);
	assert_int_equal(outcome(&n), EV_F_PERMISSION);
	fine(&n, FIELD(had0), 1);
	with(&n, FIELD(had1), 1);
	assert_int_equal(outcome(&n), EV_F_PERMISSION);
}

/* ---- what means nothing here ---- */

RIG_TEST(s5_4_no_effect, NEST_FULL)
{
	static const size_t fields[] = {
	        FIELD(uwxn),   FIELD(haft),   FIELD(pnch),  FIELD(aie),
	        FIELD(pie),    FIELD(piiu),   FIELD(piip),  FIELD(hwu0),
	        FIELD(hwu1),   FIELD(pmg),    FIELD(amair), FIELD(partid),
	        FIELD(nscfg0), FIELD(nscfg1),
	};
	struct nest n;

	start(r, &n);
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct dmasim_tables_cd good = n.cd;

		with(&n, fields[i], 1);
		nest_ok(&n, DMASIM_READ);
		nest_ok(&n, DMASIM_WRITE);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->flags, 0);
		n.cd = good;
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s5_4_v),
        cmocka_unit_test(s5_4_aa64),
        cmocka_unit_test(s5_4_endi_little),
        cmocka_unit_test(s5_4_endi_big),
        cmocka_unit_test(s5_4_asid),
        cmocka_unit_test(s5_4_asid_16_bits),
        cmocka_unit_test(s5_4_a_term_model_1),
        cmocka_unit_test(s5_4_a_term_model_0),
        cmocka_unit_test(s5_4_s),
        cmocka_unit_test(s5_4_s_no_stall),
        cmocka_unit_test(s5_4_s_forced),
        cmocka_unit_test(s5_4_r),
        cmocka_unit_test(s5_4_ha_hd),
        cmocka_unit_test(s5_4_hd_without_dirty),
        cmocka_unit_test(s5_4_ha_without_httu),
        cmocka_unit_test(s5_4_txsz_all),
        cmocka_unit_test(s5_4_txsz_without_stt),
        cmocka_unit_test(s5_4_txsz_without_vax),
        cmocka_unit_test(s5_4_tg_unsupported),
        cmocka_unit_test(s5_4_ttb),
        cmocka_unit_test(s5_4_ttb_and_oas),
        cmocka_unit_test(s5_4_epd),
        cmocka_unit_test(s5_4_ips),
        cmocka_unit_test(s5_4_had),
        cmocka_unit_test(s5_4_no_effect),
};

CHECK_MAIN(tests)
