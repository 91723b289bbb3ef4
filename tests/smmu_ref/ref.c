/* SPDX-License-Identifier: MIT */
/* One transaction, from the registers to its end: 3.3, 7.3.22. */
#include "ref_internal.h"

/* ---- how it ends ---- */

static uint64_t common(const struct ref *r, enum ref_event e)
{
	return (uint64_t)e | (uint64_t)r->txn->ssv << 11 |
	       (uint64_t)(r->txn->ssv ? r->txn->ssid : 0) << 12 |
	       (uint64_t)r->txn->sid << 32;
}

/* PnU [33], InD [34], RnW [35] of word 1. */
static uint64_t nature(const struct ref *r, bool rnw)
{
	return (uint64_t)r->priv << 33 | (uint64_t)r->inst << 34 |
	       (uint64_t)rnw << 35;
}

bool ref_config_fault(struct ref *r, enum ref_event e)
{
	r->out->kind = REF_ABORT;
	/* RECINVSID (CR2[1]). */
	r->out->event = e != C_BAD_STREAMID || field(r->regs->cr2, 1, 1);
	r->out->record[0] = common(r, e);
	/* 7.3.9 has no SSV, 7.3.7 no SubstreamID either. */
	if (e == C_BAD_SUBSTREAMID)
		r->out->record[0] &= ~(1ull << 11);
	if (e == F_STREAM_DISABLED)
		r->out->record[0] &= ~0xfffff800ull;
	return false;
}

bool ref_fetch_fault(struct ref *r, enum ref_event e, uint64_t pa)
{
	ref_config_fault(r, e);
	r->out->record[3] = pa & 0x00fffffffffffff8ull;
	return false;
}

bool ref_walk_fault(struct ref *r, bool s2, enum ref_class c, uint64_t pa)
{
	ref_fetch_fault(r, F_WALK_EABT, pa);
	r->out->record[1] = nature(r, !r->txn->write) | (uint64_t)s2 << 39 |
	                    (uint64_t)c << 40;
	r->out->record[2] = r->txn->addr;
	return false;
}

bool ref_translation_fault(struct ref *r, enum ref_event e,
                           const struct ref_cause *c)
{
	/* 5.5: CD.A, R, S; STE.S2R, S2S. */
	bool a = c->s2 || bits(r->cd, 46, 46);
	bool rec = c->s2 ? bits(r->ste, 186, 186) : bits(r->cd, 45, 45);
	bool s = c->s2 ? bits(r->ste, 185, 185) : bits(r->cd, 44, 44);

	if (c->always_abort) {
		a = rec = true;
		s = false;
	}
	r->out->kind = s ? REF_STALL : a ? REF_ABORT : REF_RAZWI;
	r->out->event = s || rec;
	r->out->record[0] = common(r, e);
	r->out->record[1] = nature(r, c->rnw) | (uint64_t)s << 31 |
	                    (uint64_t)c->s2 << 39 | (uint64_t)c->class << 40;
	if (e == F_PERMISSION && c->class == CLASS_TT)
		r->out->record[1] |= (uint64_t)c->ttrnw << 44;
	r->out->record[2] = r->txn->addr;
	if (c->s2)
		r->out->record[3] = c->ipa & 0x00fffffffffff000ull;
	if (c->s2 && r->regs->secure)
		r->out->record[1] |= (uint64_t)c->nsipa << 38;
	return false;
}

/* ---- the stream table (3.3.1, 5.1, 6.3.24, 6.3.25) ---- */

static bool read_words(struct ref *r, enum ref_what what, uint64_t pa,
                       uint64_t *words)
{
	const struct ref_read read = {
	        .what = what,
	        .pa = pa,
	        .words = what == REF_STE || what == REF_CD ? 8 : 1,
	        .sid = r->txn->sid,
	        .ssid = r->txn->ssv ? r->txn->ssid : 0};

	return r->env->read(r->env->ctx, &read, words);
}

static bool cached(struct ref *r, enum ref_what what, uint64_t *words)
{
	return r->env->cached &&
	       r->env->cached(r->env->ctx, what, r->txn->sid,
	                      r->txn->ssv ? r->txn->ssid : 0, words);
}

static bool l1std(struct ref *r, uint64_t split, uint64_t log2size,
                  uint64_t *ste)
{
	uint64_t sid = r->txn->sid, size = 64, l1, d, span, n;

	if (log2size > split && 8ull << (log2size - split) > size)
		size = 8ull << (log2size - split);
	l1 = (r->regs->strtab_base & 0x00ffffffffffffc0ull & ~(size - 1)) +
	     8 * (sid >> split);
	if (!cached(r, REF_L1STD, &d) && !read_words(r, REF_L1STD, l1, &d))
		return ref_fetch_fault(r, F_STE_FETCH, l1);
	span = field(d, 4, 0);
	if (span == 0 || span > 11 || span > split + 1)
		return ref_config_fault(r, C_BAD_STREAMID);
	n = sid & ((1ull << split) - 1);
	if (n >= 1ull << (span - 1))
		return ref_config_fault(r, C_BAD_STREAMID);
	*ste = (field(d, 55, 6) << 6 & ~((64ull << (span - 1)) - 1)) + 64 * n;
	return true;
}

/* Where the STE lies. */
static bool ste_address(struct ref *r, uint64_t *ste)
{
	uint32_t cfg = r->regs->strtab_base_cfg;
	uint64_t log2size = field(cfg, 5, 0), split = field(cfg, 10, 6);
	uint64_t sidsize =
	        field(r->regs->secure ? r->regs->s_idr1 : r->regs->idr1, 5, 0);
	uint64_t used = log2size < sidsize ? log2size : sidsize;

	if (above(r->txn->sid, (unsigned)used))
		return ref_config_fault(r, C_BAD_STREAMID);
	if (split != 6 && split != 8 && split != 10)
		split = 6;
	/* IDR0.ST_LEVEL; FMT. */
	if (field(r->regs->idr0, 28, 27) && field(cfg, 17, 16) == 1)
		return l1std(r, split, log2size, ste);
	*ste = (r->regs->strtab_base & 0x00ffffffffffffc0ull &
	        ~((64ull << log2size) - 1)) +
	       64ull * r->txn->sid;
	return true;
}

static bool find_ste(struct ref *r)
{
	uint64_t ste = 0;

	if (!cached(r, REF_STE, r->ste)) {
		if (!ste_address(r, &ste))
			return false;
		/* 3.4.3 (5). */
		if (above(ste, ref_oas(r)))
			r->out->vague = true;
		if (!read_words(r, REF_STE, ste, r->ste))
			return ref_fetch_fault(r, F_STE_FETCH, ste);
	}
	if (ref_ste_illegal(r))
		return ref_config_fault(r, C_BAD_STE);
	return true;
}

/* ---- context descriptors (3.3.2, 5.2, 5.3) ---- */

/* SubstreamIDs; tells whether stage 1 translates. */
static bool substream(struct ref *r)
{
	uint64_t s1cdmax = bits(r->ste, 63, 59), s1dss = bits(r->ste, 65, 64);
	bool s1 = bits(r->ste, 1, 1) != 0;

	r->stage1 = s1;
	if (!field(r->regs->idr1, 10, 6))
		s1cdmax = 0;
	if (r->txn->ssv) {
		if (!s1 || s1cdmax == 0 ||
		    above(r->txn->ssid, (unsigned)s1cdmax))
			return ref_config_fault(r, C_BAD_SUBSTREAMID);
		if (s1dss == 2 && r->txn->ssid == 0)
			return ref_config_fault(r, F_STREAM_DISABLED);
	} else if (s1 && s1cdmax > 0) {
		if (s1dss == 0 || s1dss == 3)
			return ref_config_fault(r, F_STREAM_DISABLED);
		r->stage1 = s1dss == 2;
	}
	return true;
}

/* CLASS = CD: a read of @ipa through stage 2, if there is one. */
static bool cd_address(struct ref *r, uint64_t ipa, uint64_t *pa)
{
	/* Of a Secure stream it is a Secure IPA. */
	const struct ref_access read = {
	        .read = true, .priv = true, .ns = !r->regs->secure};

	*pa = ipa;
	return !r->stage2 || ref_stage2(r, ipa, CLASS_CD, &read, pa);
}

/* 5.2, S1Fmt: bits of the pointer within the table. */
static void vague_base(struct ref *r, uint64_t base, uint64_t size)
{
	if (base & (size - 1))
		r->out->vague = true;
}

static bool l1cd(struct ref *r, uint64_t base, unsigned leaf, uint64_t *cd)
{
	uint64_t ssid = r->txn->ssv ? r->txn->ssid : 0, pa, d, l2;
	uint64_t s1cdmax = bits(r->ste, 63, 59), size = 64;

	if (s1cdmax > leaf && 8ull << (s1cdmax - leaf) > size)
		size = 8ull << (s1cdmax - leaf);
	vague_base(r, base, size);
	base &= ~(size - 1);
	if (!cached(r, REF_L1CD, &d)) {
		if (!cd_address(r, base + 8 * (ssid >> leaf), &pa))
			return false;
		if (!read_words(r, REF_L1CD, pa, &d))
			return ref_fetch_fault(r, F_CD_FETCH, pa);
	}
	if (!field(d, 0, 0))
		return ref_config_fault(r, C_BAD_SUBSTREAMID);
	l2 = field(d, 55, 12) << 12 & ~((64ull << leaf) - 1);
	/* As for S1ContextPtr. */
	if (above(l2, 52))
		r->out->vague = true;
	/* 3.4.3 (3) and (4). */
	if (above(l2, r->stage2 ? ref_ias(r) : ref_oas(r)) &&
	    (!r->stage2 ||
	     r->env->choose(r->env->ctx, 2, REF_CHOICE_CD_IPA) == 0))
		return ref_config_fault(r, C_BAD_SUBSTREAMID);
	*cd = l2 + 64 * (ssid & ((1ull << leaf) - 1));
	return true;
}

static bool fetch_cd(struct ref *r)
{
	uint64_t base = bits(r->ste, 55, 6) << 6, fmt = bits(r->ste, 5, 4);
	uint64_t s1cdmax = bits(r->ste, 63, 59), cd = 0, pa;

	if (!field(r->regs->idr1, 10, 6))
		s1cdmax = 0;
	if (s1cdmax == 0)
		cd = base;
	else if (fmt == 1 || fmt == 2) {
		if (!l1cd(r, base, fmt == 1 ? 6 : 10, &cd))
			return false;
	} else {
		vague_base(r, base, 64ull << s1cdmax);
		cd = (base & ~((64ull << s1cdmax) - 1)) +
		     64ull * (r->txn->ssv ? r->txn->ssid : 0);
	}
	if (!cd_address(r, cd, &pa))
		return false;
	if (!read_words(r, REF_CD, pa, r->cd))
		return ref_fetch_fault(r, F_CD_FETCH, pa);
	return true;
}

static bool find_cd(struct ref *r)
{
	if (!cached(r, REF_CD, r->cd) && !fetch_cd(r))
		return false;
	if (ref_cd_illegal(r))
		return ref_config_fault(r, C_BAD_CD);
	r->tags.asid = (uint16_t)bits(r->cd, 63, 48);
	return true;
}

/* ---- all of it ---- */

static void choose_world(struct ref *r)
{
	uint64_t config = bits(r->ste, 3, 1);

	/* STRW; CR2.E2H. */
	r->tags.world = REF_EL1;
	if (config == 5 && r->regs->secure && bits(r->ste, 95, 94) == 1)
		r->tags.world = REF_EL2; /* EL3 translates alike */
	if (config == 5 && (r->regs->secure || field(r->regs->idr0, 9, 9)) &&
	    bits(r->ste, 95, 94) == 2)
		r->tags.world =
		        field(r->regs->cr2, 0, 0) ? REF_EL2_E2H : REF_EL2;
	if (r->tags.world == REF_EL1 && field(r->regs->idr0, 0, 0))
		r->tags.vmid = (uint16_t)bits(r->ste, 143, 128);
	r->tags.va = r->txn->addr;
}

static void finish(struct ref *r, uint64_t pa)
{
	/* 13.6.1.1. */
	ref_consistent(&r->attr);
	if (r->txn->no_snoop && r->attr.type == DMASIM_NORMAL) {
		r->attr.inner = r->attr.outer = DMASIM_NC;
		ref_consistent(&r->attr);
	}
	r->out->kind = REF_OK;
	r->out->pa = pa;
	r->out->attr = r->attr;
	r->out->ns = r->ns;
}

/* SMMUEN = 0 (3.4, 6.3.14). */
static void disabled(struct ref *r)
{
	uint32_t g = r->regs->gbpa;
	const struct ref_override o = {.mtcfg = field(g, 4, 4) != 0,
	                               .memattr = field(g, 3, 0),
	                               .shcfg = field(g, 13, 12),
	                               .alloccfg = field(g, 11, 8),
	                               .privcfg = field(g, 17, 16),
	                               .instcfg = field(g, 19, 18),
	                               .nscfg = field(g, 15, 14)};

	if (field(g, 20, 20) || above(r->txn->addr, ref_oas(r))) {
		r->out->kind = REF_ABORT;
		return;
	}
	ref_apply_override(r, &o);
	if (ref_forbidden_fetch(r, r->ns))
		r->out->kind = REF_ABORT;
	else
		finish(r, r->txn->addr);
}

static void overrides(struct ref *r)
{
	const struct ref_override o = {.mtcfg = bits(r->ste, 100, 100) != 0,
	                               .memattr = bits(r->ste, 99, 96),
	                               .shcfg = bits(r->ste, 109, 108),
	                               .alloccfg = bits(r->ste, 104, 101),
	                               .privcfg = bits(r->ste, 113, 112),
	                               .instcfg = bits(r->ste, 115, 114),
	                               .nscfg = bits(r->ste, 111, 110)};

	ref_apply_override(r, &o);
}

static bool translate(struct ref *r, uint64_t *pa)
{
	const struct ref_cause bypass = {
	        .class = CLASS_IN, .rnw = !r->txn->write, .always_abort = true};
	struct ref_access a = {.read = r->txn->read && !r->inst,
	                       .write = r->txn->write,
	                       .exec = r->inst,
	                       .priv = r->priv};
	uint64_t ipa = r->txn->addr;

	if (r->stage1 && !ref_stage1(r, r->txn->addr, &ipa))
		return false;
	/* 3.4: bypassed addresses against IAS, or OAS with both bypassed. */
	if (!r->stage1 && above(ipa, r->stage2 ? ref_ias(r) : ref_oas(r)))
		return ref_translation_fault(r, F_ADDR_SIZE, &bypass);
	if (!r->stage1 && ref_forbidden_fetch(r, r->ns))
		return ref_translation_fault(r, F_PERMISSION, &bypass);
	a.ns = r->ns;
	*pa = ipa;
	if (r->stage2 && !ref_stage2(r, ipa, CLASS_IN, &a, pa))
		return false;
	return ref_late_update(r);
}

void ref_run(const struct ref_regs *regs, const struct ref_env *env,
             const struct ref_txn *txn, struct ref_out *out)
{
	struct ref r = {.regs = regs,
	                .env = env,
	                .txn = txn,
	                .out = out,
	                .priv = txn->priv,
	                .inst = txn->inst && !txn->write,
	                .ns = !regs->secure || txn->ns,
	                .attr = ref_input_attr(&txn->attr)};
	uint64_t pa;

	*out = (struct ref_out){.kind = REF_ABORT};
	if (!field(regs->cr0, 0, 0)) {
		disabled(&r);
		return;
	}
	if (!find_ste(&r) || bits(r.ste, 3, 1) < 4 || !substream(&r))
		return;
	r.stage2 = bits(r.ste, 2, 2) != 0;
	choose_world(&r);
	overrides(&r);
	if (r.stage1 && !find_cd(&r))
		return;
	ref_copy(r.walk_cd, r.cd);
	r.tags.stage1 = r.stage1;
	r.tags.nested = r.stage1 && r.stage2;
	if (r.stage1 && env->walk_cd)
		env->walk_cd(env->ctx, &r.tags, r.walk_cd);
	if (translate(&r, &pa))
		finish(&r, pa);
}
