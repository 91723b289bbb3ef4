/* SPDX-License-Identifier: MIT */
/* Memory attributes: chapter 13, Arm ARM D8.6. */
#include "ref_internal.h"

#define RA DMASIM_ALLOC_READ
#define WA DMASIM_ALLOC_WRITE
#define TR DMASIM_ALLOC_TRANSIENT

static bool cacheable(const struct ref_attr *a)
{
	return a->type == DMASIM_NORMAL &&
	       (a->inner != DMASIM_NC || a->outer != DMASIM_NC);
}

struct ref_attr ref_input_attr(const struct dmasim_attr *a)
{
	return (struct ref_attr){a->type,  a->inner, a->outer,
	                         a->share, a->alloc, a->alloc};
}

/* 13.1.7. */
static unsigned level_hints(enum dmasim_cacheability c, unsigned hints)
{
	if (c == DMASIM_NC)
		return 0;
	return hints & (RA | WA) ? hints : 0;
}

void ref_consistent(struct ref_attr *a)
{
	if (a->type != DMASIM_NORMAL)
		a->inner = a->outer = DMASIM_NC;
	if (!cacheable(a))
		a->share = DMASIM_OSH;
	a->inner_hints = level_hints(a->inner, a->inner_hints);
	a->outer_hints = level_hints(a->outer, a->outer_hints);
}

/* Table D8-96; what is reserved there is Device-nGnRnE in STE.MemAttr. */
static struct ref_attr of_memattr(uint64_t m)
{
	static const enum dmasim_memtype device[] = {
	        DMASIM_DEVICE_NGNRNE, DMASIM_DEVICE_NGNRE, DMASIM_DEVICE_NGRE,
	        DMASIM_DEVICE_GRE};
	static const enum dmasim_cacheability level[] = {DMASIM_NC, DMASIM_NC,
	                                                 DMASIM_WT, DMASIM_WB};
	struct ref_attr a = {.type = DMASIM_NORMAL};

	if (m < 4)
		a.type = device[m];
	else if ((m & 3) == 0)
		a.type = DMASIM_DEVICE_NGNRNE;
	if (a.type == DMASIM_NORMAL) {
		a.inner = level[m & 3];
		a.outer = level[m >> 2];
	}
	return a;
}

/* 13.1.4, and the overrides of 5.2 and 6.3.14. */
void ref_apply_override(struct ref *r, const struct ref_override *o)
{
	static const enum dmasim_shareability sh[] = {DMASIM_NSH, DMASIM_NSH,
	                                              DMASIM_OSH, DMASIM_ISH};
	bool was_cacheable = cacheable(&r->attr);
	/* IDR1.ATTR_TYPES_OVR, ATTR_PERMS_OVR. */
	bool types = field(r->regs->idr1, 27, 27) != 0;
	bool perms = field(r->regs->idr1, 26, 26) != 0;

	if (types) {
		if (o->mtcfg) {
			struct ref_attr m = of_memattr(o->memattr);

			r->attr.type = m.type;
			r->attr.inner = m.inner;
			r->attr.outer = m.outer;
			if (!was_cacheable)
				r->attr.inner_hints = r->attr.outer_hints =
				        RA | WA;
		}
		if (field(o->alloccfg, 3, 3) &&
		    (o->mtcfg ||
		     r->env->choose(r->env->ctx, 2, REF_CHOICE_ALLOCCFG)))
			r->attr.inner_hints = r->attr.outer_hints =
			        (field(o->alloccfg, 2, 2) ? RA : 0) |
			        (field(o->alloccfg, 1, 1) ? WA : 0) |
			        (field(o->alloccfg, 0, 0) ? TR : 0);
		if (o->shcfg != 1)
			r->attr.share = sh[o->shcfg];
	}
	if (perms) {
		if (o->privcfg >= 2)
			r->priv = o->privcfg == 3;
		if (o->instcfg >= 2)
			r->inst = o->instcfg == 3;
		if (r->regs->secure && o->nscfg >= 2)
			r->ns = o->nscfg == 3;
	}
	/* 13.1.2: writes are data. */
	if (r->txn->write)
		r->inst = false;
	ref_consistent(&r->attr);
}

/* A nibble of MAIR for Normal memory. */
static enum dmasim_cacheability mair_level(unsigned n, unsigned *hints)
{
	unsigned rw = (n & 2 ? RA : 0) | (n & 1 ? WA : 0);

	*hints = 0;
	if (n == 4)
		return DMASIM_NC;
	*hints = rw | (n < 8 ? TR : 0);
	return n < 4 || (n >= 8 && n < 12) ? DMASIM_WT : DMASIM_WB;
}

/* 5.4, MAIR; with what is reserved defined. */
static struct ref_attr of_mair(unsigned m)
{
	static const enum dmasim_memtype device[] = {
	        DMASIM_DEVICE_NGNRNE, DMASIM_DEVICE_NGNRE, DMASIM_DEVICE_NGRE,
	        DMASIM_DEVICE_GRE};
	struct ref_attr a = {.type = DMASIM_NORMAL};
	unsigned inner = m & 15;

	if (m >> 4 == 0) {
		a.type = device[inner >> 2];
		return a;
	}
	if (inner == 0)
		inner = 3; /* Write-Through Transient, RW = 0b11 */
	a.outer = mair_level(m >> 4, &a.outer_hints);
	a.inner = mair_level(inner, &a.inner_hints);
	return a;
}

static enum dmasim_shareability of_sh(unsigned sh)
{
	return sh == 2 ? DMASIM_OSH : sh == 3 ? DMASIM_ISH : DMASIM_NSH;
}

/* 13.1.5: no-allocate and transient win. */
static unsigned combine_hints(unsigned a, unsigned b)
{
	return (a & b & (RA | WA)) | ((a | b) & TR);
}

static void note_mixed(struct ref *r)
{
	if ((r->attr.inner == DMASIM_NC) != (r->attr.outer == DMASIM_NC))
		r->out->hints_vague = true;
}

/* 13.4.2. */
void ref_s1_attr(struct ref *r, uint64_t mair, unsigned share)
{
	struct ref_attr s1 = of_mair((unsigned)mair);

	note_mixed(r);
	if (cacheable(&r->attr)) {
		s1.inner_hints =
		        combine_hints(s1.inner_hints, r->attr.inner_hints);
		s1.outer_hints =
		        combine_hints(s1.outer_hints, r->attr.outer_hints);
	}
	s1.share = of_sh(share);
	r->attr = s1;
}

/* Device types from the weakest to the strongest, as the enumeration is. */
static struct ref_attr combine_types(const struct ref_attr *in,
                                     const struct ref_attr *s2)
{
	struct ref_attr a = *in;

	if (in->type != DMASIM_NORMAL || s2->type != DMASIM_NORMAL) {
		a.type = in->type > s2->type ? in->type : s2->type;
		a.inner = a.outer = DMASIM_NC;
		return a;
	}
	if (s2->inner < a.inner)
		a.inner = s2->inner;
	if (s2->outer < a.outer)
		a.outer = s2->outer;
	return a;
}

/* Tables D8-97, D8-98; D8-100, D8-101 with FWB (IDR3[8], STE[89]). */
static struct ref_attr s2_type(const struct ref *r, unsigned memattr,
                               const struct ref_attr *in)
{
	struct ref_attr a = *in, s2;

	if (!field(r->regs->idr3, 8, 8) || !bits(r->walk_ste, 89, 89)) {
		s2 = of_memattr(memattr);
		return combine_types(in, &s2);
	}
	if (!(memattr & 4)) {
		s2 = of_memattr(memattr & 3);
		return combine_types(in, &s2);
	}
	if ((memattr & 3) == 1 && a.type == DMASIM_NORMAL)
		a.inner = a.outer = DMASIM_NC;
	if ((memattr & 3) == 2) {
		a.type = DMASIM_NORMAL;
		a.inner = a.outer = DMASIM_WB;
	}
	return a;
}

bool ref_s2_is_device(const struct ref *r, unsigned memattr,
                      const struct ref_attr *in)
{
	return s2_type(r, memattr, in).type != DMASIM_NORMAL;
}

void ref_s2_attr(struct ref *r, unsigned memattr, unsigned share)
{
	struct ref_attr in = r->attr, a;
	enum dmasim_shareability s2 = of_sh(share);

	note_mixed(r);
	if (!cacheable(&in) && in.share != DMASIM_OSH &&
	    r->env->choose(r->env->ctx, 2, REF_CHOICE_SHARE))
		in.share = DMASIM_OSH;
	a = s2_type(r, memattr, &in);
	/* RTHYXB, RTBQKG, RWYQVN. */
	r->out->hints_vague |= r->stage1 && !cacheable(&in);
	if (!cacheable(&in))
		a.inner_hints = a.outer_hints = RA | WA;
	/* Table D8-103: the order of the enumeration. */
	a.share = in.share > s2 ? in.share : s2;
	r->attr = a;
}
