/* SPDX-License-Identifier: MIT */
/*
 * STE and CD from their members. Positions are the bit numbers of 5.2 and
 * 5.4; no field crosses a word but the four that are given as two words.
 */
#include "dmasim/smmu_tables.h"

struct field {
	uint16_t offset; /* of the member */
	uint16_t bit;    /* lowest */
	uint8_t width;
	uint8_t low; /* of the member's bits, the first one that is stored */
};

#define MEMBER(type, name) ((uint16_t)offsetof(struct type, name))
#define STE(name, bit, width)                                                  \
	{                                                                      \
		MEMBER(dmasim_tables_ste, name), bit, width, 0                 \
	}
#define STE_FROM(name, bit, width, low)                                        \
	{                                                                      \
		MEMBER(dmasim_tables_ste, name), bit, width, low               \
	}
#define CD(name, bit, width)                                                   \
	{                                                                      \
		MEMBER(dmasim_tables_cd, name), bit, width, 0                  \
	}
#define CD_FROM(name, bit, width, low)                                         \
	{                                                                      \
		MEMBER(dmasim_tables_cd, name), bit, width, low                \
	}

static const struct field ste_fields[] = {
        STE(config, 1, 3),
        STE(s1fmt, 4, 2),
        STE_FROM(s1contextptr, 6, 50, 6),
        STE(s1cdmax, 59, 5),
        STE(s1dss, 64, 2),
        STE(s1cir, 66, 2),
        STE(s1cor, 68, 2),
        STE(s1csh, 70, 2),
        STE(s2hwu, 72, 4),
        STE(dre, 76, 1),
        STE(cont, 77, 4),
        STE(dcp, 81, 1),
        STE(ppar, 82, 1),
        STE(mev, 83, 1),
        STE(sw_reserved, 84, 4),
        STE(s1pie, 88, 1),
        STE(s2fwb, 89, 1),
        STE(s1mpam, 90, 1),
        STE(s1stalld, 91, 1),
        STE(eats, 92, 2),
        STE(strw, 94, 2),
        STE(memattr, 96, 4),
        STE(mtcfg, 100, 1),
        STE(alloccfg, 101, 4),
        STE(shcfg, 108, 2),
        STE(nscfg, 110, 2),
        STE(privcfg, 112, 2),
        STE(instcfg, 114, 2),
        STE(s2vmid, 128, 16),
        STE(s2t0sz, 160, 6),
        STE(s2sl0, 166, 2),
        STE(s2ir0, 168, 2),
        STE(s2or0, 170, 2),
        STE(s2sh0, 172, 2),
        STE(s2tg, 174, 2),
        STE(s2ps, 176, 3),
        STE(s2aa64, 179, 1),
        STE(s2endi, 180, 1),
        STE(s2affd, 181, 1),
        STE(s2ptw, 182, 1),
        STE(s2hd, 183, 1),
        STE(s2ha, 184, 1),
        STE(s2s, 185, 1),
        STE(s2r, 186, 1),
        STE(s2haft, 187, 1),
        STE(s2pie, 188, 1),
        STE(s2poe, 189, 1),
        STE(s2nsw, 192, 1),
        STE(s2nsa, 193, 1),
        STE_FROM(s2sl0, 194, 1, 2),
        STE(s2ds, 195, 1),
        STE_FROM(s2ttb, 196, 52, 4),
        STE(partid, 272, 16),
        STE(s_s2t0sz, 288, 6),
        STE(s_s2sl0, 294, 2),
        STE(s_s2tg, 302, 2),
        STE(pmg, 320, 8),
        STE(mpam_ns, 328, 1),
        STE_FROM(vmsptr, 332, 44, 12),
        STE(s2sw, 384, 1),
        STE(s2sa, 385, 1),
        STE_FROM(s_s2sl0, 386, 1, 2),
        STE_FROM(s_s2ttb, 388, 52, 4),
};

static const struct field cd_fields[] = {
        CD(t0sz, 0, 6),
        CD(tg0, 6, 2),
        CD(ir0, 8, 2),
        CD(or0, 10, 2),
        CD(sh0, 12, 2),
        CD(epd0, 14, 1),
        CD(endi, 15, 1),
        CD(t1sz, 16, 6),
        CD(tg1, 22, 2),
        CD(ir1, 24, 2),
        CD(or1, 26, 2),
        CD(sh1, 28, 2),
        CD(epd1, 30, 1),
        CD(ips, 32, 3),
        CD(affd, 35, 1),
        CD(wxn, 36, 1),
        CD(uwxn, 37, 1),
        CD(tbi0, 38, 1),
        CD(tbi1, 39, 1),
        CD(pan, 40, 1),
        CD(aa64, 41, 1),
        CD(hd, 42, 1),
        CD(ha, 43, 1),
        CD(s, 44, 1),
        CD(r, 45, 1),
        CD(a, 46, 1),
        CD(aset, 47, 1),
        CD(asid, 48, 16),
        CD(nscfg0, 64, 1),
        CD(had0, 65, 1),
        CD(e0pd0, 66, 1),
        CD(haft, 67, 1),
        CD_FROM(ttb0, 68, 52, 4),
        CD(pnch, 122, 1),
        CD(epan, 123, 1),
        CD(hwu0, 124, 4),
        CD(nscfg1, 128, 1),
        CD(had1, 129, 1),
        CD(e0pd1, 130, 1),
        CD(aie, 131, 1),
        CD_FROM(ttb1, 132, 52, 4),
        CD(ds, 186, 1),
        CD(pie, 187, 1),
        CD(hwu1, 188, 4),
        CD(mair, 192, 64),
        CD(amair, 256, 64),
        CD(partid, 352, 16),
        CD(pmg, 368, 8),
        CD(piiu, 384, 48),
        CD(piip, 448, 48),
};

static uint64_t ones(unsigned n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

/* A member may be stored in two fields: its bits of both are its own. */
static uint64_t stored_bits(const struct field *f, size_t n, uint16_t offset)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++)
		if (f[i].offset == offset)
			bits |= ones(f[i].width) << f[i].low;
	return bits;
}

static int pack(const struct field *f, size_t n, const void *from,
                uint64_t words[8])
{
	for (unsigned i = 0; i < 8; i++)
		words[i] = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t v =
		        *(const uint64_t *)(const void *)((const char *)from +
		                                          f[i].offset);

		if (v & ~stored_bits(f, n, f[i].offset))
			return DMASIM_E_INVAL;
		v = v >> f[i].low & ones(f[i].width);
		words[f[i].bit / 64] |= v << (f[i].bit % 64);
	}
	return DMASIM_OK;
}

int dmasim_tables_pack_ste(const struct dmasim_tables_ste *ste,
                           uint64_t words[8])
{
	int rc = pack(ste_fields, sizeof(ste_fields) / sizeof(ste_fields[0]),
	              ste, words);

	words[0] |= ste->invalid ? 0 : 1;
	return rc;
}

int dmasim_tables_pack_cd(const struct dmasim_tables_cd *cd, uint64_t words[8])
{
	int rc = pack(cd_fields, sizeof(cd_fields) / sizeof(cd_fields[0]), cd,
	              words);

	words[0] |= cd->invalid ? 0 : 1ull << 31;
	return rc;
}

static int write_words(const struct dmasim_tables *t, uint64_t pa,
                       const uint64_t words[8])
{
	int rc = DMASIM_OK;

	for (unsigned i = 8; i-- > 0 && rc == DMASIM_OK;)
		rc = dmasim_tables_set(t, pa + 8ull * i, words[i]);
	return rc;
}

int dmasim_tables_write_ste(const struct dmasim_tables *t, uint64_t pa,
                            const struct dmasim_tables_ste *ste)
{
	uint64_t words[8];
	int rc = dmasim_tables_pack_ste(ste, words);

	return rc == DMASIM_OK ? write_words(t, pa, words) : rc;
}

int dmasim_tables_write_cd(const struct dmasim_tables *t, uint64_t pa,
                           const struct dmasim_tables_cd *cd)
{
	uint64_t words[8];
	int rc = dmasim_tables_pack_cd(cd, words);

	return rc == DMASIM_OK ? write_words(t, pa, words) : rc;
}

void dmasim_tables_ste_cds(struct dmasim_tables_ste *ste,
                           const struct dmasim_tables_cds *cds)
{
	ste->s1fmt = cds->s1fmt;
	ste->s1contextptr = cds->base;
	ste->s1cdmax = cds->s1cdmax;
	ste->s1cir = 1;
	ste->s1cor = 1;
	ste->s1csh = 3;
}

/* TG0 and S2TG; TG1. */
static uint64_t tg0(unsigned granule)
{
	return granule == 12 ? 0 : granule == 16 ? 1 : 2;
}

static uint64_t tg1(unsigned granule)
{
	return granule == 12 ? 2 : granule == 16 ? 3 : 1;
}

void dmasim_tables_cd_stage1(struct dmasim_tables_cd *cd,
                             const struct dmasim_tables_space *low,
                             const struct dmasim_tables_space *high)
{
	cd->aa64 = 1;
	cd->epd0 = low == NULL;
	cd->epd1 = high == NULL;
	if (low) {
		cd->t0sz = low->tsz;
		cd->tg0 = tg0(low->granule);
		cd->ttb0 = low->ttb;
		cd->ir0 = cd->or0 = 1;
		cd->sh0 = 3;
	}
	if (high) {
		cd->t1sz = high->tsz;
		cd->tg1 = tg1(high->granule);
		cd->ttb1 = high->ttb;
		cd->ir1 = cd->or1 = 1;
		cd->sh1 = 3;
	}
	cd->endi = (low && low->big_endian) || (high && high->big_endian);
	cd->ds = (low && low->ds) || (high && high->ds);
}

/* Arm ARM tables D8-19, D8-29, D8-38: SL2:SL0 of a start level. */
static uint64_t sl0(const struct dmasim_tables_space *s)
{
	static const uint8_t of_4k[] = {4, 2, 1, 0, 3}; /* from level -1 */
	int level = dmasim_tables_start_level(s);

	return s->granule == 12 ? of_4k[level + 1] : (uint64_t)(3 - level);
}

void dmasim_tables_ste_stage2(struct dmasim_tables_ste *ste,
                              const struct dmasim_tables_space *s, bool secure)
{
	ste->s2aa64 = 1;
	ste->s2endi = s->big_endian;
	ste->s2ds = s->ds;
	ste->s2ir0 = ste->s2or0 = 1;
	ste->s2sh0 = 3;
	if (secure) {
		ste->s_s2t0sz = s->tsz;
		ste->s_s2sl0 = sl0(s);
		ste->s_s2tg = tg0(s->granule);
		ste->s_s2ttb = s->ttb;
	} else {
		ste->s2t0sz = s->tsz;
		ste->s2sl0 = sl0(s);
		ste->s2tg = tg0(s->granule);
		ste->s2ttb = s->ttb;
	}
}
