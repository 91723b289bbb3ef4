/* SPDX-License-Identifier: MIT */
/*
 * Translation table walks (3.4, 7.3.22; Arm ARM D8.2 to D8.4): one walker for
 * both stages. Descriptors of stage 1 are themselves reached through stage 2
 * where that translates.
 */
#include "smmuv3_internal.h"

struct walk {
	struct smmu_ctx *c;
	const struct smmu_ste *ste;
	const struct smmu_cd *cd; /* NULL: stage 2 */
	const struct smmu_tt *tt;
	struct smmu_event *e;
	const struct smmu_ipa *ipa; /* stage 2: the access */
	uint64_t in;
	uint64_t quirks;
	uint8_t need;
	bool nested;    /* descriptors are reached through stage 2 */
	bool watched;   /* there is a watch */
	uint64_t table; /* address in the tables' own address space */
	int level;
	unsigned shift; /* log2 of what a descriptor of this level covers */
	uint64_t mask;  /* of its offset in the table */
	const char *const *what; /* by level: what it is called */
	bool ns;                 /* the table is in Non-secure memory */
	/* What the tables above leave of permissions. */
	uint8_t limit;
	/* The descriptor in hand, and how it was reached. */
	uint64_t desc;
	struct smmu_read at;
};

static unsigned stage_of(const struct walk *w)
{
	return w->ipa ? SMMU_STAGE2 : SMMU_STAGE1;
}

static bool w_quirk(const struct walk *w, enum smmu_quirk quirk)
{
	return w->quirks >> quirk & 1;
}

/* 7.3.13: CLASS and IPA of a fault by the stage that met it. */
static enum smmu_step fault(struct walk *w, uint8_t type)
{
	struct smmu_event *e = w->e;

	e->type = type;
	e->class = EVT_CLASS_IN;
	return w->ipa ? smmu_fault_stage2(w->ipa, e, type) : SMMU_FAULT;
}

/* Of what is needed, @perm is granted. */
static enum smmu_step forbidden(struct walk *w, uint8_t perm)
{
	if (!w->ipa || w->ipa->class == EVT_CLASS_IN)
		smmu_atomic_rnw(&w->c->req, w->e, perm & w->need);
	return fault(w, SMMU_F_PERMISSION);
}

/* 7.3.12: an abort names the physical address of the descriptor. */
static enum smmu_step walk_abort(struct walk *w)
{
	fault(w, SMMU_F_WALK_EABT);
	if (!w->ipa)
		w->e->class = EVT_CLASS_TT;
	w->e->fetch = w->at.addr;
	return SMMU_FAULT;
}

/* ---- descriptors ---- */

static uint64_t swapped(const struct walk *w, uint64_t v)
{
	return w->tt->endi ? __builtin_bswap64(v) : v;
}

/* log2 of what a descriptor of this level covers. */
static unsigned shift_of(const struct smmu_tt *tt, int level)
{
	return tt->granule +
	       (unsigned)(PTE_LAST_LEVEL - level) * (tt->granule - 3u);
}

/* A table below the first: it has the size of the granule. */
static inline void enter(struct walk *w, int level)
{
	w->level = level;
	w->shift = shift_of(w->tt, level);
	w->mask = SMMU_BIT(w->tt->granule) - PTE_SIZE;
}

/* The descriptor in hand, of stage 1, through stage 2. */
static enum smmu_step locate_nested(struct walk *w, uint8_t need)
{
	const struct smmu_tt *tt = w->tt;
	bool base = w_quirk(w, SMMU_QUIRK_S2_TT_BASE);
	uint64_t beyond = base ? w->at.addr - w->table : 0;
	const struct smmu_ipa ipa = {
	        .addr = w->at.addr - beyond,
	        .ns = w->ns,
	        .need = need,
	        .class = EVT_CLASS_TT,
	        .dirty = need & SMMU_PERM_W,
	};
	enum smmu_step step;

	w->at.attr = tt->attr;
	if (base && ipa.addr >> tt->oas != 0)
		return smmu_fault_stage2(&ipa, w->e, SMMU_F_ADDR_SIZE);
	step = smmu_stage2_own(w->c, w->ste, &ipa, w->e, &w->at.addr,
	                       &w->at.attr, &w->at.flags);
	w->at.addr += beyond;
	return step;
}

/* Where the descriptor of this level is, and with what attributes. */
static inline enum smmu_step locate(struct walk *w, uint8_t need)
{
	w->at.addr = w->table + (w->in >> w->shift << 3 & w->mask);
	w->at.flags = w->ste->secure && !w->ns ? DMASIM_TXN_SECURE : 0;
	w->at.what = w->what[w->level];
	return w->nested ? locate_nested(w, need) : SMMU_OK;
}

static enum smmu_step read_descriptor(struct walk *w)
{
	enum smmu_step step = locate(w, SMMU_PERM_PR);

	if (step != SMMU_OK)
		return step;
	step = smmu_read_word(w->c, &w->at, &w->desc);
	if (step == SMMU_FAULT)
		return walk_abort(w);
	if (step != SMMU_OK)
		return step;
	if (w->watched)
		smmu_watch_read(w->c, stage_of(w), w->level, w->desc);
	w->desc = swapped(w, w->desc);
	w->c->walk_reads++;
	return SMMU_OK;
}

/* 3.13: replace the descriptor by @new, unless somebody else changed it:
 * *@again. A descriptor of stage 1 is written through stage 2. */
static enum smmu_step update(struct walk *w, uint64_t new, bool *again)
{
	const struct smmu_swap swap = {
	        .old = swapped(w, w->desc),
	        .new = swapped(w, new),
	};
	uint64_t seen;
	enum smmu_step step;

	/* 9: as if it had been updated, wherever it lies. */
	if (w->c->req.no_httu) {
		w->desc = new;
		return SMMU_OK;
	}
	step = locate(w, SMMU_PERM_PW);
	if (step != SMMU_OK)
		return step;
	if (smmu_leaves_no_trace(&w->c->req)) {
		w->desc = new;
		return SMMU_OK;
	}
	step = smmu_cas(w->c, &w->at, &swap, &seen);
	if (step == SMMU_FAULT)
		return walk_abort(w);
	if (step != SMMU_OK)
		return step;
	*again = seen != swap.old;
	if (*again)
		return SMMU_OK;
	w->desc = new;
	if (w->watched)
		smmu_watch_update(w->c, stage_of(w), swapped(w, new));
	return SMMU_OK;
}

/* 3.4: an output above the effective size is F_ADDR_SIZE, for tables as for
 * leaves. */
static bool too_big(const struct walk *w, uint64_t addr,
                    enum smmu_quirk unchecked)
{
	return addr >> w->tt->oas != 0 && !w_quirk(w, unchecked);
}

/* ---- tables ---- */

/* Arm ARM D8.4.1: what a table descriptor takes away from all below. */
static void limit_below(struct walk *w)
{
	uint8_t all = SMMU_PERM_ALL;

	if (w->ipa || w->tt->had)
		return;
	if (w->desc & PTE_APTABLE1)
		all &= (uint8_t)~SMMU_PERM_W;
	if (w->desc & PTE_UXNTABLE)
		all &= (uint8_t)~SMMU_PERM_UX;
	if (smmu_world_single(w->cd->world)) {
		/* One privilege: UXNTable is XNTable, the rest is RES0. */
		if (w->desc & PTE_UXNTABLE)
			all &= (uint8_t)~SMMU_PERM_PX;
	} else {
		if (w->desc & PTE_APTABLE0)
			all &= (uint8_t) ~(SMMU_PERM_UR | SMMU_PERM_UW);
		if (w->desc & PTE_PXNTABLE)
			all &= (uint8_t)~SMMU_PERM_PX;
	}
	w->limit &= all;
}

/* What bits 63:59 of a table descriptor say. */
static enum smmu_step limits(struct walk *w)
{
	if (w_quirk(w, SMMU_QUIRK_APTABLE_EARLY)) {
		if (!w->ipa && !w->tt->had && (w->desc & PTE_APTABLE1) &&
		    (w->need & SMMU_PERM_W))
			return fault(w, SMMU_F_PERMISSION);
	} else {
		limit_below(w);
	}
	/* NSTable counts in tables that are Secure themselves. */
	if (!w->ipa && w->ste->secure)
		w->ns |= (w->desc & PTE_NSTABLE) != 0;
	return SMMU_OK;
}

static inline enum smmu_step table(struct walk *w)
{
	uint64_t next = smmu_tt_address(w->tt, w->desc, w->tt->granule);

	if (too_big(w, next, SMMU_QUIRK_NO_TABLE_SIZE))
		return fault(w, SMMU_F_ADDR_SIZE);
	if (w->desc & PTE_LIMITS) {
		enum smmu_step step = limits(w);

		if (step != SMMU_OK)
			return step;
	}
	w->table = next;
	enter(w, w->level + 1);
	return SMMU_OK;
}

/* ---- walk cache: the table that the walk goes on from ---- */

static void table_key(const struct walk *w, struct smmu_tlb_key *k)
{
	*k = (struct smmu_tlb_key){
	        .va = w->in,
	        .vmid = w->ste->vmid,
	};
	if (w->ipa) {
		k->world = smmu_ipa_world(w->ste, w->ipa->ns);
		return;
	}
	k->world = w->cd->world;
	k->asid = w->cd->asid;
}

static void keep_table(struct walk *w)
{
	struct dmasim_smmu *s = w->c->smmu;
	const struct smmu_tlb_data d = {
	        .pa = w->table,
	        .perm1 = w->limit,
	        .shift = (uint8_t)shift_of(w->tt, w->level - 1),
	        .level = (int16_t)w->level,
	        .granule = w->tt->granule,
	        .ns = w->ns,
	};
	struct smmu_tlb_key k;
	uint32_t slot;

	if (smmu_leaves_no_trace(&w->c->req) || !smmu_fresh(w->c))
		return;
	table_key(w, &k);
	slot = smmu_tlb_add(s, &s->walks, &k, false, &d);
	smmu_watch_keep_table(w->c, stage_of(w), slot);
}

static void find_table(struct walk *w)
{
	const struct dmasim_smmu *s = w->c->smmu;
	const struct smmu_tlb_data *d;
	struct smmu_tlb_key k;

	table_key(w, &k);
	d = smmu_tlb_find(&s->walks, &k);
	/* Another granule: this address space was set up anew without an
	 * invalidation; what is kept cannot be read so. */
	if (!d || d->granule != w->tt->granule || d->level <= w->tt->level)
		return;
	w->table = d->pa;
	w->limit = d->perm1;
	enter(w, d->level);
	w->ns = d->ns;
	smmu_watch_table(w->c, w->ste, w->cd, w->in, d);
}

/* ---- permissions ---- */

/* Arm ARM D8.4: permissions of stage 1 where it is known whether the page is
 * @writable, limited by tables, WXN and PAN (5.4). */
static uint8_t stage1_permissions(const struct walk *w, bool writable)
{
	const struct smmu_cd *cd = w->cd;
	bool single = smmu_world_single(cd->world);
	bool unpriv = !single && (w->desc & PTE_AP1);
	uint8_t p = SMMU_PERM_PR | SMMU_PERM_PX | SMMU_PERM_UX;

	if (w_quirk(w, SMMU_QUIRK_AP2_ONLY)) {
		p |= SMMU_PERM_UR;
		return writable ? p | SMMU_PERM_W : p;
	}
	if (writable)
		p |= SMMU_PERM_PW;
	if (unpriv)
		p |= SMMU_PERM_UR;
	if (unpriv && writable)
		p |= SMMU_PERM_UW;
	p &= w->limit;
	/* With one privilege bit 54 is XN, and PXN is RES0. */
	if (w->desc & PTE_UXN)
		p &= single ? (uint8_t)~SMMU_PERM_PX : (uint8_t)~SMMU_PERM_UX;
	/* What EL0 can write, EL1 never executes. */
	if (!single && ((w->desc & PTE_PXN) || (p & SMMU_PERM_UW)))
		p &= (uint8_t)~SMMU_PERM_PX;
	if (cd->wxn && (p & SMMU_PERM_UW))
		p &= (uint8_t)~SMMU_PERM_UX;
	if (cd->wxn && (p & SMMU_PERM_PW))
		p &= (uint8_t)~SMMU_PERM_PX;
	if (cd->pan && ((p & (SMMU_PERM_UR | SMMU_PERM_UW)) ||
	                (cd->epan && (p & SMMU_PERM_UX))))
		p &= (uint8_t) ~(SMMU_PERM_PR | SMMU_PERM_PW);
	return p;
}

/* Arm ARM D8.4.2: S2AP, and XN for both privileges or, with FEAT_XNX, each. */
static uint8_t stage2_permissions(const struct walk *w, bool writable)
{
	uint8_t p = 0;

	if (w->desc & PTE2_R)
		p |= SMMU_PERM_PR | SMMU_PERM_UR;
	if (writable)
		p |= SMMU_PERM_W;
	if (w_quirk(w, SMMU_QUIRK_AP2_ONLY))
		return w->desc & PTE2_R ? p | SMMU_PERM_PX | SMMU_PERM_UX : p;
	if (!w->c->smmu->caps.xnx) {
		if (!(w->desc & PTE2_XN1))
			p |= SMMU_PERM_PX | SMMU_PERM_UX;
		return p;
	}
	switch (FIELD_GET(PTE2_XN, w->desc)) {
	case 0:
		return p | SMMU_PERM_PX | SMMU_PERM_UX;
	case 1:
		return p | SMMU_PERM_UX;
	case 2:
		return p;
	default:
		return p | SMMU_PERM_PX;
	}
}

/* ---- leaves ---- */

/* 3.13.3: writable as it stands. */
static bool leaf_dirty(const struct walk *w)
{
	return w->ipa ? (w->desc & PTE2_W) != 0 : !(w->desc & PTE_AP2);
}

/* What the leaf grants, with a page that hardware may mark dirty counted as
 * writable. */
static void leaf_permissions(const struct walk *w, struct smmu_tlb_data *d)
{
	bool dirty = leaf_dirty(w);
	bool writable = dirty || (w->tt->hd && (w->desc & PTE_DBM));
	uint8_t perm = w->ipa ? stage2_permissions(w, writable)
	                      : stage1_permissions(w, writable);
	bool clean = !dirty && (perm & SMMU_PERM_W);

	if (w->ipa) {
		d->perm2 = perm;
		d->clean2 = clean;
	} else {
		d->perm1 = perm;
		d->clean1 = clean;
	}
}

/* 3.23.1: with MTEPERM 0b0100 is Write-Back; without it is reserved. The codes
 * of S2FWB ignore their top bit already. */
static uint8_t memattr2(const struct walk *w)
{
	uint8_t code = (uint8_t)FIELD_GET(PTE2_MEMATTR, w->desc);

	return w->c->smmu->caps.mteperm && !w->ste->s2fwb &&
	                       code == MEMATTR_NOTAG
	               ? MEMATTR_WB
	               : code;
}

static void leaf_attributes(const struct walk *w, struct smmu_tlb_data *d)
{
	uint64_t sh = w->tt->ds ? w->tt->sh : FIELD_GET(PTE_SH, w->desc);

	if (w->ipa) {
		d->memattr2 = memattr2(w);
		d->sh2 = (uint8_t)sh;
		d->out_ns =
		        w->ste->s2out_ns[smmu_ipa_space(w->ste, w->ipa->ns)];
		return;
	}
	d->attr = smmu_attr_share(w->cd->mair[FIELD_GET(PTE_ATTRINDX, w->desc)],
	                          sh);
	d->ns = w->ns || (w->desc & PTE_NS);
	d->out_ns = d->ns;
}

/* Access flag and dirty state (3.13). *@again: the descriptor changed under
 * us. */
static enum smmu_step leaf_flags(struct walk *w, const struct smmu_tlb_data *d,
                                 bool *again)
{
	uint8_t perm = w->ipa ? d->perm2 : d->perm1;
	bool clean = w->ipa ? d->clean2 : d->clean1;
	bool dirties = w->ipa ? w->ipa->dirty : smmu_dirties(&w->c->req);
	uint64_t new = w->desc;
	bool size_last = w_quirk(w, SMMU_QUIRK_SIZE_LAST), big;

	big = too_big(w, d->pa, SMMU_QUIRK_NO_LEAF_SIZE);
	if (big && !size_last)
		return fault(w, SMMU_F_ADDR_SIZE);
	if (!(w->desc & PTE_AF)) {
		if (w->tt->ha)
			new |= PTE_AF;
		else if (!w->tt->affd && !w_quirk(w, SMMU_QUIRK_NO_AF))
			return fault(w, SMMU_F_ACCESS);
	}
	if (!smmu_ipa_grants(&w->c->req, w->ipa, perm, w->need))
		return forbidden(w, perm);
	if (big)
		return fault(w, SMMU_F_ADDR_SIZE);
	if (clean && dirties && (w->need & perm & SMMU_PERM_W))
		new = w->ipa ? new | PTE2_W : new & ~PTE_AP2;
	return new == w->desc ? SMMU_OK : update(w, new, again);
}

/* 7.3.22: at a leaf the output size comes first, then the access flag, then
 * the permissions. */
static enum smmu_step leaf(struct walk *w, struct smmu_tlb_data *d, bool *again)
{
	uint64_t before = w->desc;
	enum smmu_step step;

	d->level = (int16_t)w->level;
	d->granule = w->tt->granule;
	d->shift = (uint8_t)w->shift;
	d->pa = smmu_tt_address(w->tt, w->desc, d->shift);
	leaf_permissions(w, d);
	step = leaf_flags(w, d, again);
	if (step != SMMU_OK || *again)
		return step;
	if (w->desc != before)
		leaf_permissions(w, d);
	leaf_attributes(w, d);
	return SMMU_OK;
}

/* ---- the walk ---- */

static bool is_leaf(const struct walk *w)
{
	return w->level == PTE_LAST_LEVEL || !(w->desc & PTE_TABLE);
}

static bool leaf_allowed(const struct walk *w)
{
	if (w->level == PTE_LAST_LEVEL)
		return w->desc & PTE_TABLE;
	return smmu_tt_block(w->tt, w->level) ||
	       (w->level >= 0 && w_quirk(w, SMMU_QUIRK_BLOCK_ANY_LEVEL));
}

/* At the first table, or further on. */
static inline void start(struct walk *w)
{
	static const char *const what[2][5] = {
	        {"level -1 descriptor", "level 0 descriptor",
	         "level 1 descriptor", "level 2 descriptor",
	         "level 3 descriptor"},
	        {"stage 2 level -1 descriptor", "stage 2 level 0 descriptor",
	         "stage 2 level 1 descriptor", "stage 2 level 2 descriptor",
	         "stage 2 level 3 descriptor"},
	};
	const struct dmasim_smmu *s = w->c->smmu;
	const struct smmu_tt *tt = w->tt;

	w->quirks = s->profile->quirks;
	w->nested = !w->ipa && w->ste->s2;
	w->table = tt->ttb;
	w->level = tt->level;
	w->shift = shift_of(tt, tt->level);
	w->mask = (SMMU_BIT(tt->bits) - 1) * PTE_SIZE;
	w->what = &what[w->ipa != NULL][1];
	w->limit = SMMU_PERM_ALL;
	w->ns = tt->ns;
	w->at.size = PTE_SIZE;
	w->at.attr = tt->attr;
	w->at.cause = DMASIM_CAUSE_WALK;
	w->watched = s->watch != NULL;
	if (w->watched)
		smmu_watch_begin(w->c, stage_of(w), tt);
	if (s->walks.used != 0)
		find_table(w);
}

static enum smmu_step walk(struct walk *w, struct smmu_tlb_data *d)
{
	bool keep = w->c->smmu->walks.sets != 0;

	start(w);
	for (;;) {
		enum smmu_step step = read_descriptor(w);
		bool again = false;

		if (step != SMMU_OK)
			return step;
		if (!(w->desc & PTE_VALID))
			return fault(w, SMMU_F_TRANSLATION);
		if (!is_leaf(w)) {
			step = table(w);
			if (step != SMMU_OK)
				return step;
			if (keep)
				keep_table(w);
			continue;
		}
		if (!leaf_allowed(w))
			return fault(w, SMMU_F_TRANSLATION);
		step = leaf(w, d, &again);
		if (step != SMMU_OK || !again)
			return step;
	}
}

enum smmu_step smmu_walk_stage1(struct smmu_ctx *c, const struct smmu_ste *ste,
                                const struct smmu_cd *cd, uint8_t need,
                                struct smmu_event *e,
                                struct smmu_walk_result *out)
{
	struct walk w = {
	        .c = c,
	        .ste = ste,
	        .cd = cd,
	        .e = e,
	        .in = c->req.addr,
	        .need = need,
	};
	enum smmu_step step;

	w.tt = smmu_select_half(cd, w.in);
	if (!w.tt)
		return fault(&w, SMMU_F_TRANSLATION);
	out->d = (struct smmu_tlb_data){.perm2 = SMMU_PERM_ALL,
	                                .slot = SMMU_NO_SLOT};
	step = walk(&w, &out->d);
	/* 3.17.1: what a Secure stream finds in Non-secure memory is never
	 * global; where there are no ASIDs nG has no meaning. */
	out->global = !(w.desc & PTE_NG) && !(ste->secure && w.ns) &&
	              !smmu_world_single(cd->world) &&
	              !w_quirk(&w, SMMU_QUIRK_NO_GLOBAL);
	return step;
}

/* ---- stage 2 ---- */

enum smmu_step smmu_walk_stage2(struct smmu_ctx *c, const struct smmu_ste *ste,
                                const struct smmu_ipa *in, struct smmu_event *e,
                                struct smmu_tlb_data *out)
{
	struct walk w = {
	        .c = c,
	        .ste = ste,
	        .tt = &ste->s2tt[smmu_ipa_space(ste, in->ns)],
	        .e = e,
	        .ipa = in,
	        .in = in->addr,
	        .need = in->need,
	};

	*out = (struct smmu_tlb_data){.perm1 = SMMU_PERM_ALL,
	                              .slot = SMMU_NO_SLOT};
	/* 3.4: the input range of S2T0SZ. */
	if (in->addr >> (64 - w.tt->tsz) != 0)
		return fault(&w, SMMU_F_TRANSLATION);
	return walk(&w, out);
}
