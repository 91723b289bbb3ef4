/* SPDX-License-Identifier: MIT */
/* Which STE and CD are ILLEGAL: 5.2.2 and 5.4.2. */
#include "ref_internal.h"

static unsigned of_size(uint64_t ps)
{
	static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52, 56};

	return sizes[ps];
}

static unsigned minor(const struct ref *r)
{
	return (unsigned)field(r->regs->aidr, 3, 0);
}

unsigned ref_oas(const struct ref *r)
{
	return of_size(field(r->regs->idr5, 2, 0));
}

/* 3.4: 40 at least where VMSAv8-32 is implemented (IDR0.TTF[0]). */
unsigned ref_ias(const struct ref *r)
{
	unsigned oas = ref_oas(r);

	return field(r->regs->idr0, 2, 2) && oas < 40 ? 40 : oas;
}

/* 5.2, S2PS; 5.4, IPS. */
unsigned ref_capped_size(const struct ref *r, uint64_t ps)
{
	unsigned size, oas = ref_oas(r);

	if (ps == 7 && minor(r) < 4)
		ps = 6;
	if (ps >= 6 && minor(r) == 0)
		ps = 5;
	size = of_size(ps);
	return size < oas ? size : oas;
}

unsigned ref_tg0(uint64_t tg)
{
	static const unsigned granule[] = {12, 16, 14, 0};

	return granule[tg];
}

unsigned ref_tg1(uint64_t tg)
{
	static const unsigned granule[] = {0, 14, 12, 16};

	return granule[tg];
}

/* IDR5.GRAN4K, GRAN16K, GRAN64K. */
static bool granule_supported(const struct ref *r, unsigned granule)
{
	return (granule == 12 && field(r->regs->idr5, 4, 4)) ||
	       (granule == 14 && field(r->regs->idr5, 5, 5)) ||
	       (granule == 16 && field(r->regs->idr5, 6, 6));
}

/* IDR3.STT. */
static unsigned tsz_max(const struct ref *r, unsigned granule)
{
	if (!field(r->regs->idr3, 9, 9))
		return 39;
	return granule == 16 ? 47 : 48;
}

/* DS acts where IDR5.DS says so. */
static bool ds_on(const struct ref *r, uint64_t ds)
{
	return field(r->regs->idr5, 7, 7) && ds;
}

/* STES2T0SZInvalid(). */
static bool s2t0sz_invalid(const struct ref *r, unsigned granule, unsigned t)
{
	unsigned least;

	if (minor(r) == 0)
		least = 0;
	else if (granule == 16 || ds_on(r, bits(r->ste, 195, 195)))
		least = 12;
	else
		least = 16;
	if (64 - ref_ias(r) > least)
		least = 64 - ref_ias(r);
	return t < least || t > tsz_max(r, granule);
}

int ref_s2_start(unsigned granule, bool ds, uint64_t sl0)
{
	/* Tables D8-19, D8-29, D8-38. */
	static const int of_4k[] = {2, 1, 0, 3};

	if (granule == 12) {
		if (ds && sl0 >= 4)
			return sl0 == 4 ? -1 : 4;
		return of_4k[sl0 & 3];
	}
	sl0 &= 3;
	if (granule == 16)
		return sl0 == 3 ? 4 : 3 - (int)sl0;
	return 3 - (int)sl0;
}

/* Tables D8-20 to D8-24, D8-30 to D8-33, D8-39 to D8-41: the first and the
 * last T0SZ of each start level; 0, 0: none. */
static bool t0sz_fits(unsigned granule, bool ds, int level, unsigned t)
{
	static const struct {
		unsigned first, last;
	} fits[3][5] = {
	        /* level -1, 0, 1, 2, 3 */
	        {{12, 15}, {12, 24}, {21, 33}, {30, 42}, {39, 48}},
	        {{0, 0}, {12, 16}, {13, 27}, {24, 38}, {35, 48}},
	        {{0, 0}, {0, 0}, {12, 21}, {18, 34}, {31, 47}},
	};
	unsigned g = (granule - 12) / 2;

	/* With 16 KiB there is a level 0 with DS only. */
	if (granule == 14 && level == 0 && !ds)
		return false;
	return t >= fits[g][level + 1].first && t <= fits[g][level + 1].last;
}

/* S2InvalidSL() of the Arm ARM (J1.1.4): start levels that only larger
 * physical addresses, or small tables, have. */
static bool start_invalid(const struct ref *r, unsigned granule, int level)
{
	unsigned oas = ref_oas(r);

	if (granule == 12)
		return level == 4 || (level == -1 && oas < 52) ||
		       (level == 0 && oas < 44) ||
		       (level == 3 && !field(r->regs->idr3, 9, 9));
	if (granule == 14)
		return (level == 0 && oas < 52) || (level == 1 && oas < 42);
	return level == 4 || (level == 1 && oas < 44);
}

static bool walk_inconsistent(const struct ref *r, unsigned granule, unsigned t,
                              uint64_t sl0)
{
	bool ds = ds_on(r, bits(r->ste, 195, 195));
	int level = ref_s2_start(granule, ds, sl0);

	return start_invalid(r, granule, level) ||
	       !t0sz_fits(granule, ds, level, t);
}

/* S2TTB and CD.TTBx: 48 bits unless 64 KiB or DS. */
static bool ttb_outside(uint64_t ttb, unsigned size, unsigned granule, bool ds)
{
	if (granule != 16 && !ds && size > 48)
		size = 48;
	return above(ttb, size);
}

/* IDR0 shows EffectiveSMMU_IDR0_STALL_MODEL(). */
static uint64_t stall_model(const struct ref *r)
{
	return field(r->regs->secure ? r->regs->s_idr0 : r->regs->idr0, 25, 24);
}

static bool endianness_bad(const struct ref *r, uint64_t endi)
{
	uint64_t tt = field(r->regs->idr0, 22, 21);

	return (tt == 2 && endi) || (tt == 3 && !endi);
}

static bool strw_unused(const struct ref *r, uint64_t config)
{
	return !field(r->regs->idr0, 1, 1) ||
	       (!r->regs->secure && !field(r->regs->idr0, 9, 9)) ||
	       (config & 2) || config == 4;
}

/* S_IDR1.SEL2. */
static bool sel2(const struct ref *r)
{
	return field(r->regs->s_idr1, 29, 29) != 0;
}

static bool strw_illegal(const struct ref *r, uint64_t config)
{
	uint64_t strw = bits(r->ste, 95, 94);

	if (strw_unused(r, config))
		return false;
	if (!r->regs->secure)
		return strw & 1;
	return strw == 3 || (strw == 2 && !sel2(r) && config == 5);
}

static bool eats_illegal(const struct ref *r, uint64_t config)
{
	uint64_t eats = bits(r->ste, 93, 92), s2s = bits(r->ste, 185, 185);

	if (r->regs->secure || !field(r->regs->idr0, 10, 10) ||
	    (config & 3) == 0)
		return false;
	if (eats == 2)
		return config != 7 || s2s || field(r->regs->idr0, 11, 11);
	return eats == 1 && s2s && (config & 2);
}

static bool s1_illegal(const struct ref *r, uint64_t config)
{
	uint64_t ssidsize = field(r->regs->idr1, 10, 6);
	uint64_t s1cdmax = bits(r->ste, 63, 59), fmt = bits(r->ste, 5, 4);
	uint64_t ptr = bits(r->ste, 55, 6) << 6;

	if (bits(r->ste, 91, 91) && stall_model(r) != 0)
		return true;
	if (ssidsize && s1cdmax > ssidsize)
		return true;
	if (ssidsize && s1cdmax && !field(r->regs->idr0, 19, 19) &&
	    (fmt == 1 || fmt == 2))
		return true;
	/* Address bits [55:52] came with 56-bit addresses; before them they
	 * are RES0. */
	if (above(ptr, 52))
		r->out->vague = true;
	/* 3.4.3 (1) and (2). */
	if (!(config & 2))
		return above(ptr, ref_oas(r));
	return above(ptr, ref_ias(r)) &&
	       r->env->choose(r->env->ctx, 2, REF_CHOICE_CD_IPA) == 0;
}

static bool s2_flags_illegal(const struct ref *r)
{
	uint64_t s2s = bits(r->ste, 185, 185), httu;
	uint64_t ha = bits(r->ste, 184, 184), hd = bits(r->ste, 183, 183);

	if ((stall_model(r) == 1 && s2s) || (stall_model(r) == 2 && !s2s))
		return true;
	/* S2AA64 = 0 (VMSAv8-32) is not one of this walker's. */
	if (!bits(r->ste, 179, 179) || !field(r->regs->idr0, 3, 3))
		return true;
	httu = field(r->regs->idr0, 7, 6);
	if ((ha || hd) && httu == 0)
		return true;
	if (hd && httu == 1)
		return true;
	return httu == 3 && bits(r->ste, 187, 187) && !ha;
}

/* One table of stage 2. */
static bool s2_table_illegal(const struct ref *r, unsigned granule,
                             uint64_t ttb, unsigned t, uint64_t sl0)
{
	unsigned size = ref_capped_size(r, bits(r->ste, 178, 176));

	return !granule_supported(r, granule) ||
	       ttb_outside(ttb, size, granule,
	                   ds_on(r, bits(r->ste, 195, 195))) ||
	       s2t0sz_invalid(r, granule, t) ||
	       walk_inconsistent(r, granule, t, sl0);
}

static bool s2_illegal(const struct ref *r)
{
	if (r->regs->secure && !sel2(r))
		return true;
	if (s2_flags_illegal(r) || endianness_bad(r, bits(r->ste, 180, 180)))
		return true;
	if (s2_table_illegal(r, ref_tg0(bits(r->ste, 175, 174)),
	                     bits(r->ste, 243, 196) << 4,
	                     (unsigned)bits(r->ste, 165, 160),
	                     bits(r->ste, 167, 166) | bits(r->ste, 194, 194)
	                                                      << 2))
		return true;
	return r->regs->secure &&
	       s2_table_illegal(r, ref_tg0(bits(r->ste, 303, 302)),
	                        bits(r->ste, 435, 388) << 4,
	                        (unsigned)bits(r->ste, 293, 288),
	                        bits(r->ste, 295, 294) | bits(r->ste, 386, 386)
	                                                         << 2);
}

/* IgnoreSTES2VMID(). */
static bool s2vmid_ignored(const struct ref *r, uint64_t config)
{
	if (r->regs->secure ? !sel2(r) || config == 5
	                    : !field(r->regs->idr0, 0, 0))
		return true;
	return config == 4 ||
	       (bits(r->ste, 95, 94) != 0 && !strw_unused(r, config));
}

bool ref_ste_illegal(const struct ref *r)
{
	uint64_t config = bits(r->ste, 3, 1);

	if (!bits(r->ste, 0, 0))
		return true;
	if (config < 4)
		return false;
	/* IDR0.S1P, S2P. */
	if ((config & 1) && !field(r->regs->idr0, 1, 1))
		return true;
	if ((config & 2) && !field(r->regs->idr0, 0, 0))
		return true;
	if (eats_illegal(r, config))
		return true;
	if (strw_illegal(r, config))
		return true;
	if ((config & 1) && s1_illegal(r, config))
		return true;
	if ((config & 2) && s2_illegal(r))
		return true;
	return !s2vmid_ignored(r, config) && !field(r->regs->idr0, 18, 18) &&
	       bits(r->ste, 143, 136) != 0;
}

/* CDTxSZInvalid(). */
static bool txsz_invalid(const struct ref *r, uint64_t t, unsigned granule)
{
	/* IDR5.VAX. */
	bool wide = field(r->regs->idr5, 11, 10) != 0 &&
	            (granule == 16 || ds_on(r, bits(r->cd, 186, 186)));

	return t < (wide ? 12 : 16) || t > tsz_max(r, granule);
}

static bool half_illegal(const struct ref *r, bool upper)
{
	unsigned granule = upper ? ref_tg1(bits(r->cd, 23, 22))
	                         : ref_tg0(bits(r->cd, 7, 6));
	uint64_t tsz = upper ? bits(r->cd, 21, 16) : bits(r->cd, 5, 0);
	uint64_t ttb = (upper ? bits(r->cd, 179, 132) : bits(r->cd, 115, 68))
	               << 4;

	return !granule_supported(r, granule) ||
	       txsz_invalid(r, tsz, granule) ||
	       ttb_outside(ttb, ref_capped_size(r, bits(r->cd, 34, 32)),
	                   granule, ds_on(r, bits(r->cd, 186, 186)));
}

static bool cd_flags_illegal(const struct ref *r)
{
	uint64_t s = bits(r->cd, 44, 44), httu = field(r->regs->idr0, 7, 6);
	uint64_t ha = bits(r->cd, 43, 43), hd = bits(r->cd, 42, 42);

	if (bits(r->ste, 91, 91) && s)
		return true;
	if (field(r->regs->idr0, 26, 26) && !bits(r->cd, 46, 46))
		return true;
	if ((stall_model(r) == 1 && s) || (stall_model(r) == 2 && !s))
		return true;
	/* AA64 = 0 (VMSAv8-32) is not one of this walker's. */
	if (!bits(r->cd, 41, 41) || !field(r->regs->idr0, 3, 3))
		return true;
	return ((ha || hd) && httu == 0) || (hd && httu == 1) ||
	       (httu == 3 && bits(r->cd, 67, 67) && !ha);
}

bool ref_cd_illegal(const struct ref *r)
{
	bool one_el = r->tags.world == REF_EL2;
	bool epd0 = bits(r->cd, 14, 14) && !one_el;
	bool epd1 = bits(r->cd, 30, 30) || one_el;

	if (!bits(r->cd, 31, 31) || cd_flags_illegal(r))
		return true;
	if ((!epd0 || !epd1) && endianness_bad(r, bits(r->cd, 15, 15)))
		return true;
	/* IDR0.ASID16. */
	if (!one_el && !field(r->regs->idr0, 12, 12) &&
	    bits(r->cd, 63, 56) != 0)
		return true;
	return (!epd0 && half_illegal(r, false)) ||
	       (!epd1 && half_illegal(r, true));
}
