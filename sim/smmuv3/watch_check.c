/* SPDX-License-Identifier: MIT */
/*
 * The use of cached entries, against what memory holds. What lies below a
 * changed table or structure says nothing: the first difference ends a check.
 */
#include <stdio.h>
#include <string.h>

#include "smmuv3_internal.h"

/* A use of what is kept. */
struct use {
	struct dmasim_smmu *s;
	const struct dmasim_txn *txn;
	uint8_t bank;
	uint32_t ssid;
	const struct smmu_ste *ste;
	const struct smmu_cd *cd;
	uint64_t va, ipa; /* inputs of the stages */
};

enum what {
	WHAT_STE,
	WHAT_L1STD,
	WHAT_CD,
	WHAT_L1CD,
	WHAT_TABLE,
	WHAT_LEAF,
};

/* What was found to differ, for explain(). */
struct changed {
	const struct use *u;
	enum what what;
	unsigned stage;
	int level;
};

/* ---- what is missing ---- */

/* 4.3: for which commands are needed. */
static void explain_config(const struct changed *x, char *buf, size_t size)
{
	static const char *const name[] = {
	        "STE",
	        "level 1 stream table descriptor",
	        "CD",
	        "level 1 CD table descriptor",
	};
	const struct use *u = x->u;
	bool cd = x->what >= WHAT_CD;
	bool level1 = x->what == WHAT_L1STD || x->what == WHAT_L1CD;
	char ssid[48] = "";

	if (cd)
		snprintf(ssid, sizeof(ssid), ", SubstreamID %u",
		         (unsigned)u->ssid);
	snprintf(buf, size,
	         "the SMMU keeps the %s of StreamID %u%s: CMD_CFGI_%s with %s%s"
	         "%s, then CMD_SYNC, after the write",
	         name[x->what], (unsigned)u->txn->stream_id, ssid,
	         cd ? "CD" : "STE", cd ? "both" : "this StreamID",
	         u->bank == SMMU_S ? ", SSec = 1" : "",
	         level1 ? ", Leaf = 0" : "");
}

/* 4.4: by StreamWorld. */
static const char *tlbi_name(uint8_t world)
{
	switch (world) {
	case SMMU_WORLD_NS_EL1:
	case SMMU_WORLD_S_EL1:
		return "NH_VA";
	case SMMU_WORLD_EL3:
		return "EL3_VA";
	case SMMU_WORLD_S_EL2:
	case SMMU_WORLD_S_EL2_E2H:
		return "S_EL2_VA";
	default:
		return "EL2_VA";
	}
}

/* Which address spaces a stage 1 invalidation is for, as in a command. */
static void space_name(const struct use *u, char *buf, size_t size)
{
	uint8_t world = u->cd->world;

	if (world == SMMU_WORLD_NS_EL1 || world == SMMU_WORLD_S_EL1)
		snprintf(buf, size, "VMID %u, ASID %u, ", u->ste->vmid,
		         u->cd->asid);
	else if (smmu_world_single(world))
		buf[0] = '\0';
	else
		snprintf(buf, size, "ASID %u, ", u->cd->asid);
}

static void explain_walk(const struct changed *x, char *buf, size_t size)
{
	const struct use *u = x->u;
	const char *kind = x->what == WHAT_TABLE ? "table" : "leaf";
	const char *leaf = x->what == WHAT_TABLE ? ", Leaf = 0" : "";
	char space[48];

	if (x->stage == SMMU_STAGE1) {
		space_name(u, space, sizeof(space));
		snprintf(buf, size,
		         "the SMMU keeps the level %d %s of address 0x%llx: "
		         "CMD_TLBI_%s with %sthat address%s, then CMD_SYNC, "
		         "after the write",
		         x->level, kind, (unsigned long long)u->va,
		         tlbi_name(u->cd->world), space, leaf);
		return;
	}
	snprintf(buf, size,
	         "the SMMU keeps the stage 2 level %d %s of IPA 0x%llx: "
	         "CMD_TLBI_%sS2_IPA with VMID %u, that address%s%s, then "
	         "CMD_SYNC, after the write",
	         x->level, kind, (unsigned long long)u->ipa,
	         u->ste->secure ? "S_" : "", u->ste->vmid, leaf,
	         u->ste->s1 ? ", and CMD_TLBI_NH_ALL with that VMID" : "");
}

static void explain(void *ctx, char *buf, size_t size)
{
	const struct changed *x = ctx;

	if (x->what < WHAT_TABLE)
		explain_config(x, buf, size);
	else
		explain_walk(x, buf, size);
}

/* ---- checks ---- */

static bool note(const struct changed *x, struct dmasim_kept *k)
{
	const struct use *u = x->u;
	const struct smmu_drivers *d = &u->s->watch->drivers[u->bank];

	k->txn = u->txn;
	k->carried_out = d->done;
	k->carried_outs = d->count;
	k->explain = explain;
	k->ctx = (void *)(uintptr_t)x;
	return dmasim_note_kept(u->s->cfg.checker, k);
}

/* Arm ARM D8.3: bits that translate nothing: of a leaf those for software and
 * the attributes that no SMMU looks at, of a table also what is reserved. The
 * access flag has done its service once there is an entry. */
#define LEAF_IGNORED  (SMMU_BITS(63, 55) | SMMU_BIT(10))
#define TABLE_IGNORED (SMMU_BITS(58, 52) | SMMU_BITS(11, 10) | SMMU_BITS(7, 2))

static bool check_descriptor(const struct changed *x,
                             const struct smmu_source *src, bool endi)
{
	uint64_t relevant =
	        ~(x->what == WHAT_TABLE ? TABLE_IGNORED : LEAF_IGNORED);
	const struct use *u = x->u;
	uint8_t seen[PTE_SIZE], mask[PTE_SIZE];
	struct dmasim_kept k = {
	        .addr = src->addr,
	        .size = PTE_SIZE,
	        .seen = seen,
	        .relevant = mask,
	        .since = src->time,
	        .valid = endi ? PTE_SIZE - 1 : 0,
	        /* 3.12, 3.9: a stalled transaction and an ATS request find
	         * another translation later; others have none. */
	        .strict = !(x->stage == SMMU_STAGE1 ? u->cd && u->cd->s
	                                            : u->ste->s2s) &&
	                  !(u->txn->flags & DMASIM_TXN_ATS_REQUEST),
	};

	smmu_put_le64(seen, src->word);
	smmu_put_le64(mask, endi ? __builtin_bswap64(relevant) : relevant);
	return note(x, &k);
}

/* @leaf: the last is one. */
static bool check_chain(const struct use *u, const struct smmu_chain *chain,
                        unsigned stage, bool leaf)
{
	for (uint8_t i = 0; i < chain->n; i++) {
		const struct changed x = {
		        .u = u,
		        .what = leaf && i + 1 == chain->n ? WHAT_LEAF
		                                          : WHAT_TABLE,
		        .stage = stage,
		        .level = chain->level + i,
		};

		if (check_descriptor(&x, &chain->at[i], chain->endi))
			return true;
	}
	return false;
}

static bool check_word(const struct use *u, enum what what,
                       const struct smmu_source *src)
{
	const struct changed x = {.u = u, .what = what};
	uint8_t seen[8];
	struct dmasim_kept k = {
	        .addr = src->addr,
	        .size = sizeof(seen),
	        .seen = seen,
	        .since = src->time,
	        .valid = sizeof(seen),
	};

	smmu_put_le64(seen, src->word);
	return note(&x, &k);
}

/* The STE or CD (@what) that was read as @word; @what + 1 led to it. */
static bool check_config(const struct use *u, enum what what,
                         const struct smmu_origin *o, const uint64_t *word)
{
	const struct changed x = {.u = u, .what = what};
	uint8_t seen[STE_SIZE];
	struct dmasim_kept k = {
	        .addr = o->self.addr,
	        .size = sizeof(seen),
	        .seen = seen,
	        .since = o->self.time,
	        .valid = sizeof(seen),
	};

	_Static_assert(STE_SIZE == CD_SIZE, "one buffer for both");
	if (o->two_level && check_word(u, what + 1, &o->level1))
		return true;
	for (unsigned i = 0; i < STE_WORDS; i++)
		smmu_put_le64(seen + 8 * (size_t)i, word[i]);
	return note(&x, &k);
}

static bool check_ste(const struct use *u, const struct smmu_ste *ste)
{
	return check_config(u, WHAT_STE, &u->s->watch->ste[ste - u->s->ste],
	                    ste->word);
}

static bool check_cd(const struct use *u, const struct smmu_cd *cd)
{
	return check_config(u, WHAT_CD, &u->s->watch->cd[cd - u->s->cd],
	                    cd->word);
}

static bool check_entry(const struct use *u, const struct smmu_tlb_data *d)
{
	const struct smmu_chain *chain = u->s->watch->tlb[d->slot];

	return check_chain(u, &chain[0], SMMU_STAGE1, true) ||
	       check_chain(u, &chain[1], SMMU_STAGE2, true);
}

/* ---- uses by a context ---- */

/* Something is to be checked: an access that is served for the first time, not
 * one that is run again to where it had to wait. */
static bool used(const struct smmu_ctx *c, struct use *u)
{
	bool client =
	        c->req.kind == SMMU_KIND_CLIENT || c->req.kind == SMMU_KIND_ATS;

	*u = (struct use){
	        .s = c->smmu,
	        .txn = c->txn,
	        .bank = c->req.bank->id,
	};
	return c->smmu->watch && client && c->txn && !c->trail.differs &&
	       !(c->req.flags & DMASIM_TXN_DEBUG) && c->replayed == c->logged;
}

void smmu_watch_hit(struct smmu_ctx *c, const struct smmu_ste *ste,
                    const struct smmu_cd *cd, const struct smmu_tlb_data *d)
{
	struct use u;

	if (!used(c, &u))
		return;
	u.ste = ste;
	u.cd = cd;
	u.va = c->req.addr;
	u.ipa = d->ipa | (u.va & (SMMU_BIT(d->shift) - 1));
	c->trail.differs = check_entry(&u, d);
}

void smmu_watch_ipa(struct smmu_ctx *c, const struct smmu_ste *ste,
                    uint64_t ipa, const struct smmu_tlb_data *d)
{
	struct smmu_watch *w = c->smmu->watch;
	struct use u;

	if (w)
		c->trail.stage[1] = w->tlb[d->slot][1];
	if (!used(c, &u))
		return;
	u.ste = ste;
	u.ipa = ipa;
	c->trail.differs = check_entry(&u, d);
}

void smmu_watch_table(struct smmu_ctx *c, const struct smmu_ste *ste,
                      const struct smmu_cd *cd, uint64_t addr,
                      const struct smmu_tlb_data *d)
{
	struct smmu_chain *chain = &c->trail.stage[cd ? 0 : 1];
	struct use u;

	if (!c->smmu->watch)
		return;
	*chain = c->smmu->watch->walks[d->slot];
	if (!used(c, &u))
		return;
	u.ste = ste;
	u.cd = cd;
	u.va = addr;
	u.ipa = addr;
	c->trail.differs =
	        check_chain(&u, chain, cd ? SMMU_STAGE1 : SMMU_STAGE2, false);
}

void smmu_watch_ste(struct smmu_ctx *c, const struct smmu_ste *ste)
{
	struct use u;

	if (used(c, &u))
		c->trail.differs = check_ste(&u, ste);
}

void smmu_watch_cd(struct smmu_ctx *c, uint32_t ssid, const struct smmu_cd *cd)
{
	struct use u;

	if (!used(c, &u))
		return;
	u.ssid = ssid;
	c->trail.differs = check_cd(&u, cd);
}

void smmu_watch_l1std(struct smmu_ctx *c, uint32_t slot)
{
	struct smmu_watch *w = c->smmu->watch;
	struct use u;

	if (!w)
		return;
	c->trail.level1 = w->l1std[slot];
	c->trail.two_level = true;
	if (used(c, &u))
		c->trail.differs = check_word(&u, WHAT_L1STD, &c->trail.level1);
}

/* ---- the fast path ---- */

void smmu_watch_fast(struct dmasim_smmu *s, const struct dmasim_txn *txn,
                     uint32_t slot)
{
	struct use u = {.s = s, .txn = txn, .va = txn->addr, .ipa = txn->addr};
	const struct smmu_tlb_data *d = &s->tlb.data[slot];
	struct smmu_bank *b =
	        &s->bank[txn->flags & DMASIM_TXN_SEC_SID ? SMMU_S : SMMU_NS];

	u.bank = b->id;
	u.ssid = txn->flags & DMASIM_TXN_SSV ? txn->substream_id & 0xfffff : 0;
	u.ste = smmu_cached_ste(b, txn->stream_id);
	if (!u.ste || check_ste(&u, u.ste))
		return;
	if (s->watch->tlb[slot][0].n != 0) {
		u.ipa = d->ipa | (u.va & (SMMU_BIT(d->shift) - 1));
		u.cd = smmu_cached_cd(b, txn->stream_id, u.ssid);
		if (!u.cd || check_cd(&u, u.cd))
			return;
	}
	(void)check_entry(&u, d);
}
