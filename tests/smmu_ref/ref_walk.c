/* SPDX-License-Identifier: MIT */
/* Walks of both stages: Arm ARM D8.2, D8.3, D8.5; 3.4, 3.13, 7.3.22. */
#include "ref_internal.h"

/* The access flag; S2AP[1]. */
#define AF    (1ull << 10)
#define DIRTY (1ull << 7)

/* What one stage translates with. */
struct stage {
	bool s2;
	uint64_t ttb;
	unsigned tsz, granule, out_bits;
	int start;
	bool ds, big_endian, had, haft;
	enum ref_class class; /* of stage 2 */
	bool ns;              /* stage 1: CD.NSCFGx; stage 2: the IPA's space */
	uint64_t in;          /* with all its bits */
};

/* A descriptor, where it lies, and what was above it. */
struct found {
	uint64_t desc, pa, ipa, out;
	int level;
	bool ns; /* the table is in Non-secure memory */
	struct ref_limits limits;
};

static uint64_t mask(unsigned n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

static unsigned shift(const struct stage *s, int level)
{
	return s->granule + (unsigned)(3 - level) * (s->granule - 3);
}

static bool fault(struct ref *r, enum ref_event e, const struct stage *s)
{
	const struct ref_cause c = {.s2 = s->s2,
	                            .class = s->s2 ? s->class : CLASS_IN,
	                            .ipa = s->in,
	                            .nsipa = s->ns,
	                            .rnw = !r->txn->write,
	                            .ttrnw = true};

	return ref_translation_fault(r, e, &c);
}

void ref_update(struct ref *r, const struct ref_update *u)
{
	struct ref_out *out = r->out;

	for (unsigned i = 0; i < out->updated; i++)
		if (out->updates[i].pa == u->pa) {
			out->updates[i].set |= u->set;
			out->updates[i].clear |= u->clear;
			out->updates[i].may |= u->may;
			return;
		}
	if (out->updated < REF_UPDATES)
		out->updates[out->updated++] = *u;
}

/* Of bits of the descriptor: big-endian ones lie swapped. */
static void update(struct ref *r, const struct stage *s, struct ref_update u)
{
	if (s->big_endian) {
		u.set = __builtin_bswap64(u.set);
		u.clear = __builtin_bswap64(u.clear);
		u.may = __builtin_bswap64(u.may);
	}
	ref_update(r, &u);
}

/* The address in a descriptor (D8.3.1). */
static uint64_t address_of(struct ref *r, const struct stage *s, uint64_t d)
{
	uint64_t low = ~mask(s->granule);

	if (s->granule == 16) {
		uint64_t a = d & mask(48) & low;

		if (ref_oas(r) > 48)
			return a | field(d, 15, 12) << 48;
		/* IMPLEMENTATION DEFINED without 52-bit addresses. */
		if (field(d, 15, 12))
			r->out->vague = true;
		return a;
	}
	if (s->ds)
		return (d & mask(50) & low) | field(d, 9, 8) << 50;
	return d & mask(48) & low;
}

/* Tables D8-17, D8-27, D8-36. */
static bool has_block(const struct ref *r, const struct stage *s, int level)
{
	if (level == 2)
		return true;
	if (s->granule == 12)
		return level == 1 || (level == 0 && s->ds);
	if (s->granule == 14)
		return level == 1 && s->ds;
	return level == 1 && ref_oas(r) > 48;
}

/* Read the descriptor at f->ipa: through stage 2 if there is one. */
static bool fetch(struct ref *r, const struct stage *s, struct found *f)
{
	const struct ref_access read = {.read = true,
	                                .priv = true,
	                                .ns = f->ns,
	                                .may_dirty =
	                                        bits(r->walk_cd, 43, 43) != 0};
	struct ref_read what = {.what = s->s2 ? REF_TT2 : REF_TT1,
	                        .words = 1,
	                        .level = f->level,
	                        .granule = s->granule,
	                        .big_endian = s->big_endian,
	                        .in = s->in,
	                        .tags = &r->tags};

	f->pa = f->ipa;
	if (!s->s2 && r->stage2 &&
	    !ref_stage2(r, f->ipa, CLASS_TT, &read, &f->pa))
		return false;
	what.pa = f->pa;
	if (!r->env->read(r->env->ctx, &what, &f->desc))
		return ref_walk_fault(r, s->s2, s->s2 ? s->class : CLASS_TT,
		                      f->pa);
	if (s->big_endian)
		f->desc = __builtin_bswap64(f->desc);
	return true;
}

/* 3.13.6: writes the AF of a table. Of stage 1: through stage 2. */
static bool table_flag(struct ref *r, const struct stage *s,
                       const struct found *f)
{
	const struct ref_access write = {
	        .write = true, .priv = true, .ns = f->ns};
	uint64_t pa = f->pa;

	if (!s->haft || field(f->desc, 10, 10))
		return true;
	if (!s->s2 && r->stage2 &&
	    !ref_stage2(r, f->ipa, CLASS_TT, &write, &pa))
		return false;
	update(r, s, (struct ref_update){.pa = pa, .set = AF});
	return true;
}

/* APTable, UXNTable (XNTable), PXNTable: [62:61], [60], [59]. */
static void limit(const struct stage *s, struct found *f)
{
	/* NSTable [63] (D8.4.6.1). */
	if (!s->s2)
		f->ns |= field(f->desc, 63, 63) != 0;
	if (s->s2 || s->had)
		return;
	f->limits.aptable |= (unsigned)field(f->desc, 62, 61);
	f->limits.xntable |= field(f->desc, 60, 60) != 0;
	f->limits.pxntable |= field(f->desc, 59, 59) != 0;
}

/* Whether granule, size and start level fit one another. */
static bool sound(struct ref *r, const struct stage *s)
{
	unsigned in_bits = 64 - s->tsz;

	if (s->granule != 0 && s->start >= -1 && s->start <= 3 &&
	    in_bits > shift(s, s->start) &&
	    in_bits - shift(s, s->start) <= s->granule + 1)
		return true;
	r->out->impossible = true;
	return false;
}

/* From the start level to the leaf: F_WALK_EABT, F_TRANSLATION, F_ADDR_SIZE. */
static bool walk(struct ref *r, const struct stage *s, struct found *f)
{
	unsigned in_bits = 64 - s->tsz;
	unsigned index_bits = in_bits - shift(s, s->start);
	uint64_t va = s->in & mask(in_bits), table;
	/* D8.2.5.2; with 52-bit addresses at least 64 bytes. */
	uint64_t align = 8ull << index_bits;
	bool leaf;

	if (s->out_bits >= 52 && align < 64)
		align = 64;
	table = s->ttb & ~(align - 1);
	*f = (struct found){.level = s->start, .ns = s->ns};
	for (;; f->level++) {
		f->ipa = table +
		         8 * (va >> shift(s, f->level) & mask(index_bits));
		if (!fetch(r, s, f))
			return false;
		if (!field(f->desc, 0, 0))
			return fault(r, F_TRANSLATION, s);
		if (!field(f->desc, 1, 1) &&
		    (f->level == 3 || !has_block(r, s, f->level)))
			return fault(r, F_TRANSLATION, s);
		leaf = f->level == 3 || !field(f->desc, 1, 1);
		f->out = address_of(r, s, f->desc);
		/* What a block does not use of it is RES0. */
		if (leaf)
			f->out &= ~mask(shift(s, f->level));
		if (above(f->out, s->out_bits))
			return fault(r, F_ADDR_SIZE, s);
		if (leaf)
			break;
		if (!table_flag(r, s, f))
			return false;
		limit(s, f);
		table = f->out;
		index_bits = s->granule - 3;
	}
	f->out |= va & mask(shift(s, f->level));
	return true;
}

/* ---- stage 2 ---- */

static struct stage of_s2(const struct ref *r, uint64_t ipa, enum ref_class c,
                          bool ns)
{
	const uint64_t *ste = r->walk_ste;
	/* 3.10.2.2: Secure IPAs have a table of their own. */
	bool secure = r->regs->secure && !ns;
	struct stage s = {.s2 = true, .class = c, .in = ipa, .ns = ns};
	uint64_t sl0 = secure ? bits(ste, 295, 294) | bits(ste, 386, 386) << 2
	                      : bits(ste, 167, 166) | bits(ste, 194, 194) << 2;

	s.ttb = (secure ? bits(ste, 435, 388) : bits(ste, 243, 196)) << 4;
	s.tsz = (unsigned)(secure ? bits(ste, 293, 288) : bits(ste, 165, 160));
	s.granule = ref_tg0(secure ? bits(ste, 303, 302) : bits(ste, 175, 174));
	s.out_bits = ref_capped_size(r, bits(ste, 178, 176));
	s.ds = s.granule != 16 && field(r->regs->idr5, 7, 7) &&
	       bits(ste, 195, 195);
	s.start = ref_s2_start(s.granule, s.ds, sl0);
	s.big_endian = bits(ste, 180, 180) != 0;
	s.haft = field(r->regs->idr0, 7, 6) == 3 && bits(ste, 187, 187);
	return s;
}

/* S2HD with S2HA (STE[183], STE[184]), and DBM. */
static bool s2_clean(const struct ref *r, uint64_t d)
{
	return bits(r->walk_ste, 184, 184) && bits(r->walk_ste, 183, 183) &&
	       field(d, 51, 51) && !field(d, 7, 7);
}

static bool s2_permission(struct ref *r, const struct stage *s,
                          const struct found *f, const struct ref_access *a)
{
	struct ref_cause c = {.s2 = true,
	                      .class = s->class,
	                      .ipa = s->in,
	                      .nsipa = s->ns,
	                      .rnw = !r->txn->write,
	                      .ttrnw = !a->write};
	const struct ref_access only_read = {.read = true, .priv = a->priv};
	const struct ref_attr wb = {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB,
	                            DMASIM_ISH,    3,         3};
	uint64_t d = f->desc;
	unsigned memattr = (unsigned)field(d, 5, 2);

	/* S2PTW (STE[182]): no tables and CDs in Device memory. */
	if (s->class != CLASS_IN && bits(r->walk_ste, 182, 182) &&
	    ref_s2_is_device(r, memattr, &wb))
		return ref_translation_fault(r, F_PERMISSION, &c);
	if (a->may_dirty && s2_clean(r, d))
		update(r, s,
		       (struct ref_update){.pa = f->pa, .may = AF | DIRTY});
	if (a->write && s2_clean(r, d)) {
		d |= 1ull << 7;
		/* RKTXCF: it may be updated even if the read is refused. */
		update(r, s,
		       (struct ref_update){.pa = f->pa, .set = AF | DIRTY});
	}
	if (ref_s2_allowed(r, d, a))
		return true;
	/* 13.1.1: an atomic that lacks the read alone. */
	if (a->read && a->write && field(d, 7, 7) &&
	    !ref_s2_allowed(r, d, &only_read))
		c.rnw = true;
	return ref_translation_fault(r, F_PERMISSION, &c);
}

/* Table D8-96, D8-101, D8-102: what is reserved. */
static void vague_s2(struct ref *r, const struct stage *s, uint64_t d)
{
	unsigned memattr = (unsigned)field(d, 5, 2);
	bool fwb = field(r->regs->idr3, 8, 8) && bits(r->walk_ste, 89, 89);

	if (!s->ds && field(d, 9, 8) == 1)
		r->out->vague = true;
	if (fwb ? memattr == 4 || memattr >= 8
	        : memattr >= 4 && (memattr & 3) == 0)
		r->out->vague = true;
}

/* 3.10.2.2: S2NSW [192], S2NSA [193]; S2SW [384], S2SA [385]. */
static bool output_ns(const struct ref *r, bool ns)
{
	const uint64_t *ste = r->walk_ste;
	bool secure_out = bits(ste, 384, 384) || bits(ste, 385, 385);

	if (!r->regs->secure)
		return true;
	if (!ns)
		return secure_out;
	return secure_out || bits(ste, 192, 192) || bits(ste, 193, 193);
}

bool ref_stage2(struct ref *r, uint64_t ipa, enum ref_class c,
                const struct ref_access *a, uint64_t *pa)
{
	unsigned sh;
	struct stage s;
	struct found f;

	ref_copy(r->walk_ste, r->ste);
	if (r->env->walk_ste)
		r->env->walk_ste(r->env->ctx, &r->tags, r->walk_ste);
	s = of_s2(r, ipa, c, a->ns);
	/* 3.4: the range of S2T0SZ. */
	if (!sound(r, &s))
		return false;
	if (above(ipa, 64 - s.tsz))
		return fault(r, F_TRANSLATION, &s);
	if (!walk(r, &s, &f))
		return false;
	/* AF: S2HA, else S2AFFD (STE[181]). */
	if (!field(f.desc, 10, 10)) {
		if (bits(r->walk_ste, 184, 184))
			update(r, &s,
			       (struct ref_update){.pa = f.pa, .set = AF});
		else if (!bits(r->walk_ste, 181, 181))
			return fault(r, F_ACCESS, &s);
	}
	vague_s2(r, &s, f.desc);
	if (!s2_permission(r, &s, &f, a))
		return false;
	*pa = f.out;
	if (c == CLASS_IN) {
		/* S2DS: S2SH0 (STE[173:172]) instead of the descriptor's. */
		sh = (unsigned)(s.ds ? bits(r->walk_ste, 173, 172)
		                     : field(f.desc, 9, 8));
		ref_s2_attr(r, (unsigned)field(f.desc, 5, 2), sh);
		r->ns = output_ns(r, a->ns);
	}
	return true;
}

/* ---- stage 1 ---- */

static struct stage of_s1(const struct ref *r, uint64_t va, bool upper)
{
	const uint64_t *cd = r->walk_cd;
	struct stage s = {.in = va};

	s.tsz = (unsigned)(upper ? bits(cd, 21, 16) : bits(cd, 5, 0));
	s.granule = upper ? ref_tg1(bits(cd, 23, 22)) : ref_tg0(bits(cd, 7, 6));
	s.ttb = (upper ? bits(cd, 179, 132) : bits(cd, 115, 68)) << 4;
	s.out_bits = ref_capped_size(r, bits(cd, 34, 32));
	s.ds = s.granule != 16 && field(r->regs->idr5, 7, 7) &&
	       bits(cd, 186, 186);
	s.big_endian = bits(cd, 15, 15) != 0;
	/* NSCFG0, NSCFG1: of Secure streams. */
	s.ns = !r->regs->secure ||
	       (upper ? bits(cd, 128, 128) : bits(cd, 64, 64));
	/* IDR3.HAD; HAD0, HAD1. */
	s.had = field(r->regs->idr3, 2, 2) &&
	        (upper ? bits(cd, 129, 129) : bits(cd, 65, 65));
	s.haft = field(r->regs->idr0, 7, 6) == 3 && bits(cd, 67, 67);
	/* Tables D8-18, D8-28, D8-37. */
	s.start = 3;
	while (s.granule && s.start > -1 && shift(&s, s.start - 1) < 64 - s.tsz)
		s.start--;
	return s;
}

/* 3.4.1: the bits above the range are alike; TBI leaves out the top byte. */
static bool in_range(const struct ref *r, const struct stage *s, bool upper)
{
	bool tbi = upper ? bits(r->walk_cd, 39, 39) : bits(r->walk_cd, 38, 38);
	unsigned n = 64 - s->tsz, top = tbi ? 56 : 64;
	uint64_t high = (s->in & mask(top)) >> n;

	return high == (upper ? mask(top - n) : 0);
}

bool ref_late_update(struct ref *r)
{
	const struct ref_access write = {
	        .write = true, .priv = true, .ns = r->late_ns};
	uint64_t pa = r->late_ipa;

	if (!r->late)
		return true;
	if (r->stage2 && !ref_stage2(r, pa, CLASS_TT, &write, &pa))
		return false;
	ref_update(r, &(struct ref_update){.pa = pa,
	                                   .set = r->late_set,
	                                   .clear = r->late_clear});
	return true;
}

/* An update of the leaf: AF, and AP[2] if it was clean. If stage 2 refuses it,
 * that may be seen before or after a fault of the access itself. */
static bool s1_update(struct ref *r, const struct stage *s,
                      const struct found *f, bool af, bool dirty)
{
	uint64_t set = 1ull << 10, clear = dirty ? 1ull << 7 : 0;

	if (!af && !dirty)
		return true;
	r->late = true;
	r->late_ipa = f->ipa;
	r->late_ns = f->ns;
	r->late_set = s->big_endian ? __builtin_bswap64(set) : set;
	r->late_clear = s->big_endian ? __builtin_bswap64(clear) : clear;
	if (r->stage2 && r->env->choose(r->env->ctx, 2, REF_CHOICE_UPDATE_LAST))
		return true;
	if (!ref_late_update(r))
		return false;
	r->late = false;
	return true;
}

static bool s1_permission_fault(struct ref *r, const struct ref_perms *p,
                                const struct ref_access *a)
{
	struct ref_cause c = {.class = CLASS_IN, .rnw = !r->txn->write};
	struct ref_access only_write = *a;

	only_write.read = false;
	if (a->read && a->write && ref_s1_allowed(r, p, &only_write))
		c.rnw = true;
	return ref_translation_fault(r, F_PERMISSION, &c);
}

/* The leaf of stage 1: access flag, permissions, attributes, updates. */
static bool s1_leaf(struct ref *r, const struct stage *s, const struct found *f,
                    bool upper)
{
	const struct ref_access a = {.read = r->txn->read && !r->inst,
	                             .write = r->txn->write,
	                             .exec = r->inst,
	                             .priv = r->priv};
	bool ha = bits(r->walk_cd, 43, 43) != 0, dirty = false;
	bool af = !field(f->desc, 10, 10);
	struct ref_perms p = ref_s1_perms(r, f->desc, &f->limits);
	unsigned index = (unsigned)field(f->desc, 4, 2), sh;

	/* AFFD (CD[35]) counts without HA. */
	if (af && !ha && !bits(r->walk_cd, 35, 35))
		return fault(r, F_ACCESS, s);
	if (a.write && ha && bits(r->walk_cd, 42, 42) &&
	    field(f->desc, 51, 51) && field(f->desc, 7, 7)) {
		struct ref_perms w =
		        ref_s1_perms(r, f->desc & ~(1ull << 7), &f->limits);
		struct ref_access only_write = a;

		only_write.read = false;
		/* Clean counts as writable; it is updated if nothing else
		 * forbids the access. */
		dirty = ref_s1_allowed(r, &w, &a);
		if (ref_s1_allowed(r, &w, &only_write))
			p = w;
	}
	r->ns = f->ns || field(f->desc, 5, 5);
	if (ref_s1_allowed(r, &p, &a) && ref_forbidden_fetch(r, r->ns) &&
	    !s1_update(r, s, f, af && ha, false))
		return false;
	if (!ref_s1_allowed(r, &p, &a) || ref_forbidden_fetch(r, r->ns)) {
		if (af && ha)
			update(r, s,
			       (struct ref_update){.pa = f->pa, .set = AF});
		return s1_permission_fault(r, &p, &a);
	}
	if (!s1_update(r, s, f, af && ha, dirty))
		return false;
	if (!s->ds && field(f->desc, 9, 8) == 1)
		r->out->vague = true;
	/* DS: SH0, SH1 (CD[13:12], CD[29:28]) instead of the descriptor's. */
	if (!s->ds)
		sh = (unsigned)field(f->desc, 9, 8);
	else
		sh = (unsigned)(upper ? bits(r->walk_cd, 29, 28)
		                      : bits(r->walk_cd, 13, 12));
	ref_s1_attr(r, bits(r->walk_cd, 199 + 8 * index, 192 + 8 * index), sh);
	return true;
}

bool ref_stage1(struct ref *r, uint64_t va, uint64_t *ipa)
{
	bool one_el = r->tags.world == REF_EL2;
	bool upper = !one_el && field(va, 55, 55);
	struct stage s = of_s1(r, va, upper);
	struct found f;

	/* EPD0, EPD1; E0PD0, E0PD1 where IDR3.E0PD. */
	if (!one_el) {
		if (upper ? bits(r->walk_cd, 30, 30) : bits(r->walk_cd, 14, 14))
			return fault(r, F_TRANSLATION, &s);
		if (!r->priv && field(r->regs->idr3, 13, 13) &&
		    (upper ? bits(r->walk_cd, 130, 130)
		           : bits(r->walk_cd, 66, 66)))
			return fault(r, F_TRANSLATION, &s);
	}
	if (!sound(r, &s))
		return false;
	if (!in_range(r, &s, upper))
		return fault(r, F_TRANSLATION, &s);
	if (!walk(r, &s, &f) || !s1_leaf(r, &s, &f, upper))
		return false;
	*ipa = f.out;
	return true;
}
