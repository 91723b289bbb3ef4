/* SPDX-License-Identifier: MIT */
/* STE and CD: each member alone gives its own bits, by the layouts of 5.2 and
 * 5.4 written down here a second time as word and mask. */
#include "rig.h"

struct one {
	const char *name;
	size_t offset;
	uint64_t value; /* the widest that fits */
	unsigned word;  /* where it goes */
	uint64_t bits;
	uint64_t too_wide; /* and this does not fit; 0: everything does */
};

#define STE(name, value, word, bits, too_wide)                                 \
	{                                                                      \
#name, offsetof(struct dmasim_tables_ste, name), value, word,  \
		        bits, too_wide                                         \
	}
#define CD(name, value, word, bits, too_wide)                                  \
	{                                                                      \
#name, offsetof(struct dmasim_tables_cd, name), value, word,   \
		        bits, too_wide                                         \
	}

static const struct one of_ste[] = {
        STE(config, 7, 0, 0xe, 8),
        STE(s1fmt, 3, 0, 0x30, 4),
        STE(s1contextptr, 0x00ffffffffffffc0, 0, 0x00ffffffffffffc0, 0x20),
        STE(s1contextptr, 0x40, 0, 0x40, 1ull << 56),
        STE(s1cdmax, 31, 0, 0xf800000000000000, 32),
        STE(s1dss, 3, 1, 0x3, 4),
        STE(s1cir, 3, 1, 0xc, 4),
        STE(s1cor, 3, 1, 0x30, 4),
        STE(s1csh, 3, 1, 0xc0, 4),
        STE(s2hwu, 15, 1, 0xf00, 16),
        STE(dre, 1, 1, 0x1000, 2),
        STE(cont, 15, 1, 0x1e000, 16),
        STE(dcp, 1, 1, 0x20000, 2),
        STE(ppar, 1, 1, 0x40000, 2),
        STE(mev, 1, 1, 0x80000, 2),
        STE(sw_reserved, 15, 1, 0xf00000, 16),
        STE(s1pie, 1, 1, 0x1000000, 2),
        STE(s2fwb, 1, 1, 0x2000000, 2),
        STE(s1mpam, 1, 1, 0x4000000, 2),
        STE(s1stalld, 1, 1, 0x8000000, 2),
        STE(eats, 3, 1, 0x30000000, 4),
        STE(strw, 3, 1, 0xc0000000, 4),
        STE(memattr, 15, 1, 0xf00000000, 16),
        STE(mtcfg, 1, 1, 0x1000000000, 2),
        STE(alloccfg, 15, 1, 0x1e000000000, 16),
        STE(shcfg, 3, 1, 0x300000000000, 4),
        STE(nscfg, 3, 1, 0xc00000000000, 4),
        STE(privcfg, 3, 1, 0x3000000000000, 4),
        STE(instcfg, 3, 1, 0xc000000000000, 4),
        STE(s2vmid, 0xffff, 2, 0xffff, 0x10000),
        STE(s2t0sz, 63, 2, 0x3f00000000, 64),
        STE(s2sl0, 3, 2, 0xc000000000, 8),
        STE(s2sl0, 4, 3, 0x4, 8),
        STE(s2ir0, 3, 2, 0x30000000000, 4),
        STE(s2or0, 3, 2, 0xc0000000000, 4),
        STE(s2sh0, 3, 2, 0x300000000000, 4),
        STE(s2tg, 3, 2, 0xc00000000000, 4),
        STE(s2ps, 7, 2, 0x7000000000000, 8),
        STE(s2aa64, 1, 2, 0x8000000000000, 2),
        STE(s2endi, 1, 2, 0x10000000000000, 2),
        STE(s2affd, 1, 2, 0x20000000000000, 2),
        STE(s2ptw, 1, 2, 0x40000000000000, 2),
        STE(s2hd, 1, 2, 0x80000000000000, 2),
        STE(s2ha, 1, 2, 0x100000000000000, 2),
        STE(s2s, 1, 2, 0x200000000000000, 2),
        STE(s2r, 1, 2, 0x400000000000000, 2),
        STE(s2haft, 1, 2, 0x800000000000000, 2),
        STE(s2pie, 1, 2, 0x1000000000000000, 2),
        STE(s2poe, 1, 2, 0x2000000000000000, 2),
        STE(s2nsw, 1, 3, 0x1, 2),
        STE(s2nsa, 1, 3, 0x2, 2),
        STE(s2ds, 1, 3, 0x8, 2),
        STE(s2ttb, 0x00fffffffffffff0, 3, 0x00fffffffffffff0, 8),
        STE(partid, 0xffff, 4, 0xffff0000, 0x10000),
        STE(s_s2t0sz, 63, 4, 0x3f00000000, 64),
        STE(s_s2sl0, 3, 4, 0xc000000000, 8),
        STE(s_s2sl0, 4, 6, 0x4, 8),
        STE(s_s2tg, 3, 4, 0xc00000000000, 4),
        STE(pmg, 0xff, 5, 0xff, 0x100),
        STE(mpam_ns, 1, 5, 0x100, 2),
        STE(vmsptr, 0x00fffffffffff000, 5, 0x00fffffffffff000, 0x800),
        STE(s2sw, 1, 6, 0x1, 2),
        STE(s2sa, 1, 6, 0x2, 2),
        STE(s_s2ttb, 0x00fffffffffffff0, 6, 0x00fffffffffffff0, 1ull << 56),
};

static const struct one of_cd[] = {
        CD(t0sz, 63, 0, 0x3f, 64),
        CD(tg0, 3, 0, 0xc0, 4),
        CD(ir0, 3, 0, 0x300, 4),
        CD(or0, 3, 0, 0xc00, 4),
        CD(sh0, 3, 0, 0x3000, 4),
        CD(epd0, 1, 0, 0x4000, 2),
        CD(endi, 1, 0, 0x8000, 2),
        CD(t1sz, 63, 0, 0x3f0000, 64),
        CD(tg1, 3, 0, 0xc00000, 4),
        CD(ir1, 3, 0, 0x3000000, 4),
        CD(or1, 3, 0, 0xc000000, 4),
        CD(sh1, 3, 0, 0x30000000, 4),
        CD(epd1, 1, 0, 0x40000000, 2),
        CD(ips, 7, 0, 0x700000000, 8),
        CD(affd, 1, 0, 0x800000000, 2),
        CD(wxn, 1, 0, 0x1000000000, 2),
        CD(uwxn, 1, 0, 0x2000000000, 2),
        CD(tbi0, 1, 0, 0x4000000000, 2),
        CD(tbi1, 1, 0, 0x8000000000, 2),
        CD(pan, 1, 0, 0x10000000000, 2),
        CD(aa64, 1, 0, 0x20000000000, 2),
        CD(hd, 1, 0, 0x40000000000, 2),
        CD(ha, 1, 0, 0x80000000000, 2),
        CD(s, 1, 0, 0x100000000000, 2),
        CD(r, 1, 0, 0x200000000000, 2),
        CD(a, 1, 0, 0x400000000000, 2),
        CD(aset, 1, 0, 0x800000000000, 2),
        CD(asid, 0xffff, 0, 0xffff000000000000, 0x10000),
        CD(nscfg0, 1, 1, 0x1, 2),
        CD(had0, 1, 1, 0x2, 2),
        CD(e0pd0, 1, 1, 0x4, 2),
        CD(haft, 1, 1, 0x8, 2),
        CD(ttb0, 0x00fffffffffffff0, 1, 0x00fffffffffffff0, 8),
        CD(pnch, 1, 1, 0x400000000000000, 2),
        CD(epan, 1, 1, 0x800000000000000, 2),
        CD(hwu0, 15, 1, 0xf000000000000000, 16),
        CD(nscfg1, 1, 2, 0x1, 2),
        CD(had1, 1, 2, 0x2, 2),
        CD(e0pd1, 1, 2, 0x4, 2),
        CD(aie, 1, 2, 0x8, 2),
        CD(ttb1, 0x00fffffffffffff0, 2, 0x00fffffffffffff0, 1ull << 56),
        CD(ds, 1, 2, 0x400000000000000, 2),
        CD(pie, 1, 2, 0x800000000000000, 2),
        CD(hwu1, 15, 2, 0xf000000000000000, 16),
        CD(mair, ~0ull, 3, ~0ull, 0),
        CD(amair, ~0ull, 4, ~0ull, 0),
        CD(partid, 0xffff, 5, 0xffff00000000, 0x10000),
        CD(pmg, 0xff, 5, 0xff000000000000, 0x100),
        CD(piiu, 0xffffffffffff, 6, 0xffffffffffff, 1ull << 48),
        CD(piip, 0xffffffffffff, 7, 0xffffffffffff, 1ull << 48),
};

static void *member(void *structure, const struct one *o)
{
	return (char *)structure + o->offset;
}

static void only(const uint64_t words[8], const struct one *o)
{
	for (unsigned i = 0; i < 8; i++)
		if (words[i] != (i == o->word ? o->bits : 0))
			fail_msg("%s: word %u is 0x%016llx", o->name, i,
			         (unsigned long long)words[i]);
}

static void every_field_of_an_ste(void **state)
{
	uint64_t words[8];

	(void)state;
	for (size_t i = 0; i < sizeof(of_ste) / sizeof(*of_ste); i++) {
		const struct one *o = &of_ste[i];
		struct dmasim_tables_ste ste = {.invalid = true};

		memcpy(member(&ste, o), &o->value, 8);
		assert_int_equal(dmasim_tables_pack_ste(&ste, words),
		                 DMASIM_OK);
		only(words, o);
		memcpy(member(&ste, o), &o->too_wide, 8);
		assert_int_equal(dmasim_tables_pack_ste(&ste, words),
		                 DMASIM_E_INVAL);
	}
}

static void every_field_of_a_cd(void **state)
{
	uint64_t words[8];

	(void)state;
	for (size_t i = 0; i < sizeof(of_cd) / sizeof(*of_cd); i++) {
		const struct one *o = &of_cd[i];
		struct dmasim_tables_cd cd = {.invalid = true};

		memcpy(member(&cd, o), &o->value, 8);
		assert_int_equal(dmasim_tables_pack_cd(&cd, words), DMASIM_OK);
		only(words, o);
		memcpy(member(&cd, o), &o->too_wide, 8);
		assert_int_equal(dmasim_tables_pack_cd(&cd, words),
		                 o->too_wide ? DMASIM_E_INVAL : DMASIM_OK);
	}
}

static void written_where_told(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_ste ste = {.config = 4, .shcfg = 1};
	struct dmasim_tables_cd cd = {.aa64 = 1, .mair = 0xff};

	assert_int_equal(dmasim_tables_write_ste(&r->t, RAM + 0x40, &ste),
	                 DMASIM_OK);
	assert_int_equal(word(r, RAM + 0x40), 0x9);
	assert_int_equal(word(r, RAM + 0x48), 0x100000000000);
	assert_int_equal(dmasim_tables_write_cd(&r->t, RAM + 0x80, &cd),
	                 DMASIM_OK);
	assert_int_equal(word(r, RAM + 0x80), 0x20080000000);
	assert_int_equal(word(r, RAM + 0x98), 0xff);
	assert_int_equal(dmasim_tables_write_ste(&r->t, RAM - 64, &ste),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_tables_write_cd(&r->t, RAM - 64, &cd),
	                 DMASIM_E_RANGE);
	ste.config = 8;
	cd.asid = 0x10000;
	assert_int_equal(dmasim_tables_write_ste(&r->t, RAM + 0x40, &ste),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_write_cd(&r->t, RAM + 0x80, &cd),
	                 DMASIM_E_INVAL);
	assert_int_equal(word(r, RAM + 0x40), 0x9);
}

static void an_ste_that_points_to_cds(void **state)
{
	const struct dmasim_tables_cds cds = {
	        .base = 0x80001000, .s1cdmax = 8, .s1fmt = 2};
	struct dmasim_tables_ste ste = {.config = 5, .s1dss = 2};
	uint64_t w[8];

	(void)state;
	dmasim_tables_ste_cds(&ste, &cds);
	assert_int_equal(dmasim_tables_pack_ste(&ste, w), DMASIM_OK);
	assert_int_equal(w[0], 0x400000008000102b);
	/* S1DSS 2, S1CIR 1, S1COR 1, S1CSH 3. */
	assert_int_equal(w[1], 0xd6);
}

static void a_cd_over_two_halves(void **state)
{
	const struct dmasim_tables_space low = {
	        .ttb = 0x80002000, .tsz = 25, .granule = 14};
	const struct dmasim_tables_space high = {.ttb = 0x80010000,
	                                         .tsz = 16,
	                                         .granule = 12,
	                                         .upper = true,
	                                         .big_endian = true};
	const struct dmasim_tables_space lpa2 = {
	        .ttb = 0x1000, .tsz = 12, .granule = 12, .ds = true};
	const struct dmasim_tables_space big = {.tsz = 22, .granule = 16};
	struct dmasim_tables_cd cd = {.invalid = true};
	uint64_t w[8];

	(void)state;
	dmasim_tables_cd_stage1(&cd, &low, &high);
	assert_int_equal(dmasim_tables_pack_cd(&cd, w), DMASIM_OK);
	/* AA64; T1SZ 16, TG1 2, IR1, OR1, SH1; ENDI; T0SZ 25, TG0 2. */
	assert_int_equal(w[0], 0x000002003590b599);
	assert_int_equal(w[1], 0x80002000);
	assert_int_equal(w[2], 0x80010000);

	cd = (struct dmasim_tables_cd){.invalid = true};
	dmasim_tables_cd_stage1(&cd, NULL, &big);
	assert_int_equal(dmasim_tables_pack_cd(&cd, w), DMASIM_OK);
	assert_int_equal(w[0], 0x0000020000004000 | 0x35d60000);
	cd = (struct dmasim_tables_cd){.invalid = true};
	dmasim_tables_cd_stage1(&cd, &big, &low);
	assert_int_equal(cd.tg0, 1);
	assert_int_equal(cd.tg1, 1);
	assert_int_equal(cd.endi, 0);

	cd = (struct dmasim_tables_cd){.invalid = true};
	dmasim_tables_cd_stage1(&cd, &lpa2, NULL);
	assert_int_equal(dmasim_tables_pack_cd(&cd, w), DMASIM_OK);
	assert_int_equal(w[0], 0x000002004000350c);
	assert_int_equal(w[2], 0x400000000000000);
}

/* Tables D8-19, D8-29 and D8-38. */
static void every_start_level_of_stage_2(void **state)
{
	static const struct {
		unsigned granule, tsz;
		bool ds, concat;
		uint64_t sl0, tg;
	} all[] = {
	        {12, 12, true, false, 4, 0},  {12, 16, false, false, 2, 0},
	        {12, 12, true, true, 2, 0},   {12, 25, false, false, 1, 0},
	        {12, 24, false, true, 1, 0},  {12, 34, false, false, 0, 0},
	        {12, 30, false, true, 0, 0},  {12, 43, false, false, 3, 0},
	        {12, 39, false, true, 3, 0},  {14, 12, true, false, 3, 2},
	        {14, 16, false, true, 2, 2},  {14, 17, false, false, 2, 2},
	        {14, 28, false, false, 1, 2}, {14, 24, false, true, 1, 2},
	        {14, 39, false, false, 0, 2}, {14, 35, false, true, 0, 2},
	        {16, 12, false, false, 2, 1}, {16, 21, false, false, 2, 1},
	        {16, 18, false, true, 1, 1},  {16, 22, false, false, 1, 1},
	        {16, 31, false, true, 0, 1},  {16, 35, false, false, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const struct dmasim_tables_space s = {.ttb = 0x80000000,
		                                      .tsz = all[i].tsz,
		                                      .granule = all[i].granule,
		                                      .ds = all[i].ds,
		                                      .concat = all[i].concat,
		                                      .stage2 = true};
		struct dmasim_tables_ste ste = {.config = 6};

		dmasim_tables_ste_stage2(&ste, &s, false);
		assert_int_equal(ste.s2sl0, all[i].sl0);
		assert_int_equal(ste.s2tg, all[i].tg);
		assert_int_equal(ste.s2ds, all[i].ds);
		dmasim_tables_ste_stage2(&ste, &s, true);
		assert_int_equal(ste.s_s2sl0, all[i].sl0);
	}
}

static void an_ste_with_stage_2(void **state)
{
	const struct dmasim_tables_space ns = {.ttb = 0x80001000,
	                                       .tsz = 24,
	                                       .granule = 12,
	                                       .stage2 = true,
	                                       .concat = true,
	                                       .big_endian = true};
	const struct dmasim_tables_space sec = {
	        .ttb = 0x90000000, .tsz = 22, .granule = 16, .stage2 = true};
	struct dmasim_tables_ste ste = {.invalid = true, .s2vmid = 3};
	uint64_t w[8];

	(void)state;
	dmasim_tables_ste_stage2(&ste, &ns, false);
	assert_int_equal(dmasim_tables_pack_ste(&ste, w), DMASIM_OK);
	/* ENDI, AA64; TG 0, SH 3, OR 1, IR 1, SL0 1, T0SZ 24; VMID. */
	assert_int_equal(w[2], 0x0018355800000003);
	assert_int_equal(w[3], 0x80001000);
	dmasim_tables_ste_stage2(&ste, &sec, true);
	assert_int_equal(dmasim_tables_pack_ste(&ste, w), DMASIM_OK);
	assert_int_equal(w[2], 0x0008355800000003);
	assert_int_equal(w[4], 0x0000405600000000);
	assert_int_equal(w[6], 0x90000000);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_an_ste),
        cmocka_unit_test(every_field_of_a_cd),
        CASE(written_where_told),
        cmocka_unit_test(an_ste_that_points_to_cds),
        cmocka_unit_test(a_cd_over_two_halves),
        cmocka_unit_test(every_start_level_of_stage_2),
        cmocka_unit_test(an_ste_with_stage_2),
};

CHECK_MAIN(tests)
