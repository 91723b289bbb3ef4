/* SPDX-License-Identifier: MIT */
/*
 * One request through configuration and tables: what a client's transaction,
 * an ATS request, an address translation operation and a prefetch share.
 */
#include "smmuv3_internal.h"

/* Every access needs one or two rights of its privilege. An atomic reads and
 * writes; an invalidation may discard what others wrote, and counts as a
 * write. */
uint8_t smmu_need(uint32_t flags, enum dmasim_op op)
{
	unsigned need = SMMU_PERM_PR;

	if (op == DMASIM_WRITE || op == DMASIM_INVALIDATE)
		need = SMMU_PERM_PW;
	else if (dmasim_op_is_atomic(op))
		need = SMMU_PERM_PR | SMMU_PERM_PW;
	else if (flags & DMASIM_TXN_INSTRUCTION)
		need = SMMU_PERM_PX;
	if (!(flags & DMASIM_TXN_PRIVILEGED))
		need <<= SMMU_PERM_UNPRIV_SHIFT;
	return (uint8_t)need;
}

static enum smmu_step fault(struct smmu_event *e, uint8_t type)
{
	e->type = type;
	e->class = EVT_CLASS_IN;
	return SMMU_FAULT;
}

/* ---- one fragment ---- */

/* 3.4: an address above the output size cannot pass. */
static enum smmu_step pass_untranslated(const struct smmu_ctx *c,
                                        const struct smmu_override *o,
                                        struct smmu_event *e,
                                        struct smmu_xlate *x)
{
	const struct dmasim_smmu *s = c->smmu;

	x->pa = e->input;
	x->left = UINT64_MAX - e->input;
	if (!smmu_quirk(s, SMMU_QUIRK_NO_BYPASS_SIZE)) {
		if (e->input >> s->caps.oas != 0)
			return fault(e, SMMU_F_ADDR_SIZE);
		x->left = SMMU_BIT(s->caps.oas) - e->input;
	}
	x->attr = smmu_attr_override(c->req.attr, o);
	x->flags = smmu_override_flags(o, c->req.flags);
	x->bypass = true;
	return SMMU_OK;
}

/* 6.3.14: with SMMUEN = 0 nothing is translated and nothing recorded. */
static enum smmu_step disabled(const struct smmu_ctx *c, struct smmu_event *e,
                               struct smmu_xlate *x)
{
	const struct dmasim_smmu *s = c->smmu;
	uint64_t gbpa = c->req.bank->reg[SMMU_GBPA];
	struct smmu_override o = smmu_decode_override(
	        s, FIELD_PREP(STE1_MEMATTR, FIELD_GET(GBPA_MEMATTR, gbpa)) |
	                   FIELD_PREP(STE1_MTCFG, FIELD_GET(GBPA_MTCFG, gbpa)) |
	                   FIELD_PREP(STE1_ALLOCCFG,
	                              FIELD_GET(GBPA_ALLOCCFG, gbpa)) |
	                   FIELD_PREP(STE1_SHCFG, FIELD_GET(GBPA_SHCFG, gbpa)) |
	                   FIELD_PREP(STE1_PRIVCFG,
	                              FIELD_GET(GBPA_PRIVCFG, gbpa)) |
	                   FIELD_PREP(STE1_INSTCFG,
	                              FIELD_GET(GBPA_INSTCFG, gbpa)));
	enum smmu_step step;

	if (gbpa & GBPA_ABORT)
		return SMMU_FAULT;
	step = pass_untranslated(c, &o, e, x);
	e->type = 0;
	return step;
}

/* 5.2, 7.3.9: which CD a transaction uses. S1DSS decides for those without a
 * SubstreamID once there are substreams. */
static enum smmu_step choose_cd(const struct smmu_ste *ste,
                                struct smmu_event *e, uint32_t *ssid,
                                bool *bypass)
{
	uint8_t dss = ste->s1dss;

	*ssid = e->ssv ? e->ssid : 0;
	*bypass = ste->kind == SMMU_STE_BYPASS;
	if (e->ssv && (*bypass || ste->s1cdmax == 0 ||
	               (uint64_t)e->ssid >> ste->s1cdmax != 0))
		return fault(e, SMMU_C_BAD_SUBSTREAMID);
	if (*bypass || ste->s1cdmax == 0)
		return SMMU_OK;
	if (e->ssv)
		return dss == STE_S1DSS_SSID0 && e->ssid == 0
		               ? fault(e, SMMU_F_STREAM_DISABLED)
		               : SMMU_OK;
	*bypass = dss == STE_S1DSS_BYPASS;
	return *bypass || dss == STE_S1DSS_SSID0
	               ? SMMU_OK
	               : fault(e, SMMU_F_STREAM_DISABLED);
}

static void fill(struct smmu_ctx *c, const struct smmu_tlb_key *k, bool global,
                 const struct smmu_tlb_data *d)
{
	struct dmasim_smmu *s = c->smmu;

	s->stats.tlb_misses++;
	s->stats.walks++;
	s->stats.walk_reads += c->walk_reads;
	smmu_tlb_add(s, k, global, d);
}

static enum smmu_step stage1(struct smmu_ctx *c, const struct smmu_ste *ste,
                             const struct smmu_cd *cd, struct smmu_event *e,
                             struct smmu_xlate *x)
{
	struct dmasim_smmu *s = c->smmu;
	const struct smmu_tlb_key k = {
	        .va = e->input,
	        .asid = cd->asid,
	        .vmid = ste->vmid,
	        .world = ste->world,
	};
	const struct smmu_tlb_data *d = NULL;
	bool debug = c->req.flags & DMASIM_TXN_DEBUG, global;
	uint8_t need = smmu_need(x->flags, c->req.op);
	struct smmu_tlb_data walked;
	uint64_t mask;

	if (smmu_select_half(cd, e->input))
		d = smmu_tlb_find(&s->tlb, &k);
	if (d) {
		s->stats.tlb_hits += !debug;
		if ((d->perm & need) != need)
			return fault(e, SMMU_F_PERMISSION);
	} else {
		enum smmu_step step;

		smmu_pmu_missed(c, PMCG_EV_TLB_MISS);
		step = smmu_walk(c, cd, need, e, &walked, &global);
		if (step != SMMU_OK)
			return step;
		if (!debug)
			fill(c, &k, global, &walked);
		d = &walked;
	}
	mask = SMMU_BIT(d->shift) - 1;
	x->pa = d->pa | (e->input & mask);
	x->left = mask - (e->input & mask) + 1;
	x->shift = d->shift;
	x->attr = d->attr;
	return SMMU_OK;
}

/* 5.5: S, R and A of the CD say what becomes of the four translation faults. */
static void apply_fault_model(const struct dmasim_smmu *s,
                              const struct smmu_cd *cd, struct smmu_event *e)
{
	if (e->type < SMMU_F_TRANSLATION)
		return;
	e->may_stall = cd->s;
	e->silent = !cd->r;
	e->raz_wi = !cd->a && !s->caps.term_abort;
}

static void begin_event(const struct smmu_request *q, struct smmu_event *e)
{
	*e = (struct smmu_event){
	        .bank = q->bank,
	        .sid = q->sid,
	        .ssv = q->ssv,
	        .ssid = q->ssid,
	        .input = q->addr,
	        /* 16.7.2.2: maintenance is recorded as a read. */
	        .rnw = !dmasim_op_writes(q->op),
	};
}

enum smmu_step smmu_translate(struct smmu_ctx *c, struct smmu_event *e,
                              struct smmu_xlate *x)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_ste ste;
	struct smmu_cd cd;
	enum smmu_step step;
	uint32_t ssid;
	bool bypass;

	begin_event(&c->req, e);
	*x = (struct smmu_xlate){0};
	if (e->input & s->no_input)
		return SMMU_FAULT;
	if (!(c->req.bank->reg[SMMU_CR0ACK] & CR0_SMMUEN))
		return disabled(c, e, x);
	step = smmu_get_ste(c, e, &ste);
	if (step == SMMU_OK && c->req.kind == SMMU_KIND_ATOS)
		step = smmu_atos_check(c, &ste, e);
	if (step != SMMU_OK)
		return step;
	e->mev = FIELD_GET(STE1_MEV, ste.word[1]);
	if (ste.kind == SMMU_STE_ABORT)
		return SMMU_FAULT;
	step = choose_cd(&ste, e, &ssid, &bypass);
	if (step != SMMU_OK)
		return step;
	/* 13.1.2: overrides are not for these. */
	if (c->req.kind == SMMU_KIND_ATOS)
		ste.ovr = smmu_no_override();
	x->flags = smmu_override_flags(&ste.ovr, c->req.flags);
	e->pnu = x->flags & DMASIM_TXN_PRIVILEGED;
	e->ind = e->rnw && (x->flags & DMASIM_TXN_INSTRUCTION);
	if (bypass)
		return pass_untranslated(c, &ste.ovr, e, x);
	step = smmu_get_cd(c, &ste, ssid, e, &cd);
	if (step != SMMU_OK)
		return step;
	step = stage1(c, &ste, &cd, e, x);
	if (step == SMMU_FAULT)
		apply_fault_model(s, &cd, e);
	x->stage1 = true;
	x->ssid = ssid;
	return step;
}
