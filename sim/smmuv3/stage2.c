/* SPDX-License-Identifier: MIT */
/*
 * Accesses to an IPA: from the TLB or by a walk (3.4, 5.2), for the client's
 * access and for the SMMU's own.
 */
#include "smmuv3_internal.h"

/* 7.3.13: CLASS and IPA. */
enum smmu_step smmu_fault_stage2(const struct smmu_ipa *in,
                                 struct smmu_event *e, uint8_t type)
{
	e->type = type;
	e->s2 = true;
	e->class = in->class;
	e->ipa = in->addr;
	/* 7.3: of Secure streams, which alone have two spaces. */
	e->nsipa = e->bank->id == SMMU_S && in->ns;
	e->ttrnw = in->class == EVT_CLASS_TT && !(in->need & SMMU_PERM_W);
	return SMMU_FAULT;
}

/* A kept translation answers unless a write has to mark the page first. */
static const struct smmu_tlb_data *find_stage2(struct smmu_ctx *c,
                                               const struct smmu_ste *ste,
                                               const struct smmu_ipa *in,
                                               struct smmu_tlb_key *k)
{
	const struct smmu_tlb_data *d;

	*k = (struct smmu_tlb_key){
	        .va = in->addr,
	        .vmid = ste->vmid,
	        .world = smmu_ipa_world(ste, in->ns),
	};
	if (in->addr >> (64 - ste->s2tt[smmu_ipa_space(ste, in->ns)].tsz) != 0)
		return NULL;
	d = smmu_tlb_find(&c->smmu->tlb, k);
	if (d && d->clean2 && in->dirty && (d->perm2 & in->need & SMMU_PERM_W))
		return NULL;
	return d;
}

/* 7.3.16. */
static enum smmu_step kept_rights(struct smmu_ctx *c,
                                  const struct smmu_ste *ste,
                                  const struct smmu_ipa *in,
                                  struct smmu_event *e, uint8_t perm)
{
	if (smmu_ipa_grants(&c->req, in, perm, in->need))
		return SMMU_OK;
	if (in->class == EVT_CLASS_IN)
		smmu_atomic_rnw(&c->req, e, perm & in->need);
	if (ste->s1 || !smmu_quirk(c->smmu, SMMU_QUIRK_S2_HIT_WRITES))
		return smmu_fault_stage2(in, e, SMMU_F_PERMISSION);
	if (!(in->need & SMMU_PERM_W))
		return SMMU_FAULT;
	smmu_fault_stage2(in, e, SMMU_F_PERMISSION);
	e->ipa = 0;
	return SMMU_FAULT;
}

enum smmu_step smmu_stage2(struct smmu_ctx *c, const struct smmu_ste *ste,
                           const struct smmu_ipa *in, struct smmu_event *e,
                           struct smmu_found *out)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_tlb_key k;
	const struct smmu_tlb_data *d = find_stage2(c, ste, in, &k);
	enum smmu_step step;

	out->d = d;
	if (d) {
		smmu_watch_ipa(c, ste, in->addr, d);
		return kept_rights(c, ste, in, e, d->perm2);
	}
	out->d = &out->walked;
	step = smmu_walk_stage2(c, ste, in, e, &out->walked);
	if (step == SMMU_OK && !smmu_leaves_no_trace(&c->req) &&
	    smmu_fresh(c)) {
		out->walked.slot =
		        smmu_tlb_add(s, &s->tlb, &k, false, &out->walked);
		smmu_watch_keep(c, SMMU_STAGE2, out->walked.slot);
	}
	return step;
}

/* Tables lie in few kinds of memory: the last answer is kept. */
static const struct smmu_combined *combine(struct dmasim_smmu *s,
                                           const struct dmasim_attr *attr,
                                           const struct smmu_tlb_data *d,
                                           bool fwb)
{
	struct smmu_combined *last = &s->combined;

	if (last->kept && smmu_attr_same(&last->asked, attr) &&
	    last->memattr2 == d->memattr2 && last->sh2 == d->sh2 &&
	    last->fwb == fwb)
		return last;
	*last = (struct smmu_combined){
	        .kept = true,
	        .fwb = fwb,
	        .memattr2 = d->memattr2,
	        .sh2 = d->sh2,
	        .asked = *attr,
	        .attr = smmu_attr_stage2(*attr, d->memattr2, d->sh2, fwb),
	        .device = smmu_attr_stage2_device(d->memattr2, fwb),
	};
	return last;
}

enum smmu_step smmu_stage2_own(struct smmu_ctx *c, const struct smmu_ste *ste,
                               const struct smmu_ipa *in, struct smmu_event *e,
                               uint64_t *pa, struct dmasim_attr *attr,
                               uint32_t *flags)
{
	const struct smmu_combined *both;
	struct smmu_found found;
	enum smmu_step step = smmu_stage2(c, ste, in, e, &found);
	const struct smmu_tlb_data *d = found.d;

	if (step != SMMU_OK)
		return step;
	both = combine(c->smmu, attr, d, ste->s2fwb);
	/* 5.2, S2PTW: tables and CDs in Device memory are refused, or with
	 * PTWNNC read as Normal Non-cacheable memory. */
	if (both->device && ste->s2ptw)
		return smmu_fault_stage2(in, e, SMMU_F_PERMISSION);
	if (both->device && c->smmu->caps.ptwnnc)
		*attr = smmu_attr_normal(DMASIM_NC, DMASIM_NC, 0, SH_OSH);
	else
		*attr = both->attr;
	*pa = d->pa | (in->addr & (SMMU_BIT(d->shift) - 1));
	*flags = ste->secure && !d->out_ns ? DMASIM_TXN_SECURE : 0;
	return SMMU_OK;
}
