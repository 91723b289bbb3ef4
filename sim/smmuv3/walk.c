/* SPDX-License-Identifier: MIT */
/*
 * Stage 1 translation table walk (3.4, 7.3.22; Arm ARM D8.2, D8.3): VMSAv8-64
 * with 4, 16 and 64 KiB granules, 48-bit addresses.
 */
#include "smmuv3_internal.h"

struct walk {
	struct smmu_ctx *c;
	const struct smmu_cd *cd;
	const struct smmu_tt *tt;
	struct smmu_event *e;
	uint64_t va, table;
	unsigned level;
	/* Limits that the tables above put on permissions. */
	bool no_unpriv, no_write, uxn, pxn;
};

static enum smmu_step fault(struct walk *w, uint8_t type)
{
	w->e->type = type;
	w->e->class = EVT_CLASS_IN;
	return SMMU_FAULT;
}

static uint64_t swap64(uint64_t v)
{
	return __builtin_bswap64(v);
}

static enum smmu_step read_descriptor(struct walk *w, uint64_t *desc)
{
	static const char *const what[] = {
	        "level 0 descriptor", "level 1 descriptor",
	        "level 2 descriptor", "level 3 descriptor"};
	unsigned stride = w->tt->granule - 3u, shift;
	struct smmu_read r = {
	        .size = PTE_SIZE,
	        .attr = w->tt->attr,
	        .cause = DMASIM_CAUSE_WALK,
	        .flags = smmu_bank_flags(w->c->req.bank),
	        .what = what[w->level],
	};
	uint64_t index;
	uint8_t data[PTE_SIZE];
	enum smmu_step step;

	shift = w->tt->granule + (PTE_LAST_LEVEL - w->level) * stride;
	/* Above the input size all bits are alike: the first table is smaller
	 * than a granule, and its index as well. */
	index = (w->va & (UINT64_MAX >> w->tt->tsz)) >> shift;
	index &= (1ull << stride) - 1;
	r.addr = w->table + index * PTE_SIZE;
	step = smmu_read(w->c, &r, data);
	if (step == SMMU_FAULT) {
		w->e->type = SMMU_F_WALK_EABT;
		w->e->class = EVT_CLASS_TT;
		w->e->fetch = r.addr;
		return step;
	}
	*desc = smmu_le64(data);
	if (w->cd->endi)
		*desc = swap64(*desc);
	w->c->walk_reads++;
	return step;
}

/* Arm ARM D8.3.1: a block may stand at levels 1 and 2 with 4 KiB, at level 2
 * with 16 and 64 KiB. */
static bool block_allowed(const struct walk *w)
{
	if (smmu_quirk(w->c->smmu, SMMU_QUIRK_BLOCK_ANY_LEVEL))
		return true;
	return w->level == 2 || (w->level == 1 && w->tt->granule == 12);
}

/* 3.4.1: an output above the effective size is F_ADDR_SIZE, for tables as for
 * leaves. */
static bool too_big(const struct walk *w, uint64_t addr, uint32_t unchecked)
{
	return addr >> w->cd->oas != 0 && !smmu_quirk(w->c->smmu, unchecked);
}

static enum smmu_step table(struct walk *w, uint64_t desc, uint8_t need)
{
	uint64_t next = desc & PTE_ADDR & UINT64_MAX << w->tt->granule;

	if (too_big(w, next, SMMU_QUIRK_NO_TABLE_SIZE))
		return fault(w, SMMU_F_ADDR_SIZE);
	if (!w->tt->had) {
		if (smmu_quirk(w->c->smmu, SMMU_QUIRK_APTABLE_EARLY)) {
			if ((desc & PTE_APTABLE1) &&
			    (need & (SMMU_PERM_PW | SMMU_PERM_UW)))
				return fault(w, SMMU_F_PERMISSION);
		} else {
			w->no_unpriv |= (desc & PTE_APTABLE0) != 0;
			w->no_write |= (desc & PTE_APTABLE1) != 0;
			w->uxn |= (desc & PTE_UXNTABLE) != 0;
			w->pxn |= (desc & PTE_PXNTABLE) != 0;
		}
	}
	w->table = next;
	w->level++;
	return SMMU_OK;
}

/* Arm ARM D8.4: permissions of EL1 and EL0 from AP[2:1], UXN and PXN, limited
 * by the tables, WXN, and PAN (5.4). */
static uint8_t permissions(const struct walk *w, uint64_t desc)
{
	const struct smmu_cd *cd = w->cd;
	bool unpriv = (desc & PTE_AP1) && !w->no_unpriv;
	bool write = !(desc & PTE_AP2) && !w->no_write;
	uint8_t p = SMMU_PERM_PR;

	if (smmu_quirk(w->c->smmu, SMMU_QUIRK_AP2_ONLY)) {
		p = SMMU_PERM_PR | SMMU_PERM_PX | SMMU_PERM_UR | SMMU_PERM_UX;
		return desc & PTE_AP2 ? p : p | SMMU_PERM_PW | SMMU_PERM_UW;
	}
	if (write)
		p |= SMMU_PERM_PW;
	if (unpriv)
		p |= SMMU_PERM_UR;
	if (unpriv && write)
		p |= SMMU_PERM_UW;
	if (!(desc & PTE_UXN) && !w->uxn)
		p |= SMMU_PERM_UX;
	/* What EL0 can write, EL1 never executes. */
	if (!(desc & PTE_PXN) && !w->pxn && !(p & SMMU_PERM_UW))
		p |= SMMU_PERM_PX;
	if (cd->wxn) {
		if (p & SMMU_PERM_UW)
			p &= (uint8_t)~SMMU_PERM_UX;
		if (p & SMMU_PERM_PW)
			p &= (uint8_t)~SMMU_PERM_PX;
	}
	if (cd->pan && unpriv)
		p &= (uint8_t) ~(SMMU_PERM_PR | SMMU_PERM_PW);
	return p;
}

/* 7.3.22: at a leaf the output size comes first, then the access flag, then
 * the permissions. */
static enum smmu_step leaf(struct walk *w, uint64_t desc, uint8_t need,
                           struct smmu_tlb_data *out)
{
	const struct dmasim_smmu *s = w->c->smmu;
	unsigned stride = w->tt->granule - 3u;
	bool size_last = smmu_quirk(s, SMMU_QUIRK_SIZE_LAST), big;

	out->level = (uint8_t)w->level;
	out->shift = (uint8_t)(w->tt->granule +
	                       (PTE_LAST_LEVEL - w->level) * stride);
	out->pa = desc & PTE_ADDR & UINT64_MAX << out->shift;
	out->perm = permissions(w, desc);
	out->attr = smmu_attr_share(w->cd->mair[FIELD_GET(PTE_ATTRINDX, desc)],
	                            FIELD_GET(PTE_SH, desc));
	big = too_big(w, out->pa, SMMU_QUIRK_NO_LEAF_SIZE);
	if (big && !size_last)
		return fault(w, SMMU_F_ADDR_SIZE);
	if (!(desc & PTE_AF) && !w->cd->affd &&
	    !smmu_quirk(s, SMMU_QUIRK_NO_AF))
		return fault(w, SMMU_F_ACCESS);
	if ((out->perm & need) != need)
		return fault(w, SMMU_F_PERMISSION);
	if (big)
		return fault(w, SMMU_F_ADDR_SIZE);
	return SMMU_OK;
}

/* The level and the base of the first table, by the size of the input. */
static void start(struct walk *w)
{
	unsigned stride = w->tt->granule - 3u, input = 64u - w->tt->tsz;
	unsigned levels = (input - w->tt->granule + stride - 1) / stride;
	unsigned bits = input - w->tt->granule - (levels - 1) * stride;

	w->level = PTE_LAST_LEVEL + 1 - levels;
	w->table = w->tt->ttb & ~(((uint64_t)PTE_SIZE << bits) - 1);
}

enum smmu_step smmu_walk(struct smmu_ctx *c, const struct smmu_cd *cd,
                         uint8_t need, struct smmu_event *e,
                         struct smmu_tlb_data *out, bool *global)
{
	struct walk w = {.c = c, .cd = cd, .e = e, .va = e->input};
	enum smmu_step step;
	uint64_t desc;

	c->walk_reads = 0;
	w.tt = smmu_select_half(cd, w.va);
	if (!w.tt)
		return fault(&w, SMMU_F_TRANSLATION);
	start(&w);
	for (;;) {
		step = read_descriptor(&w, &desc);
		if (step != SMMU_OK)
			return step;
		if (!(desc & PTE_VALID))
			return fault(&w, SMMU_F_TRANSLATION);
		if (w.level == PTE_LAST_LEVEL || !(desc & PTE_TABLE))
			break;
		step = table(&w, desc, need);
		if (step != SMMU_OK)
			return step;
	}
	if (w.level == PTE_LAST_LEVEL ? !(desc & PTE_TABLE)
	                              : !block_allowed(&w))
		return fault(&w, SMMU_F_TRANSLATION);
	*global =
	        !(desc & PTE_NG) && !smmu_quirk(c->smmu, SMMU_QUIRK_NO_GLOBAL);
	return leaf(&w, desc, need, out);
}
