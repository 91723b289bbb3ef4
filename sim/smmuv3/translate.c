/* SPDX-License-Identifier: MIT */
/*
 * One request through configuration and tables: what a client's transaction,
 * an ATS request, an address translation operation and a prefetch share.
 */
#include <stddef.h>
#include <string.h>

#include "smmuv3_internal.h"

/* A request on its way; ste and cd point into caches until something is
 * read. */
struct job {
	struct smmu_ctx *c;
	const struct smmu_request *q;
	struct smmu_event *e;
	struct smmu_xlate *x;
	const struct smmu_ste *ste;
	const struct smmu_cd *cd;
	struct smmu_override ovr;
	bool s1, s2; /* stages that translate this request */
	uint8_t need;
};

/* 13.1.1, 16.7.2.2: every access needs one or two rights of its privilege. An
 * atomic reads and writes whatever INSTCFG says; maintenance needs what a read
 * needs. */
uint8_t smmu_need(uint32_t flags, enum dmasim_op op)
{
	unsigned need = SMMU_PERM_PR;

	if (op == DMASIM_WRITE)
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

/* ---- without translation ---- */

/* 13.1.2: writes are data. */
static uint32_t access_flags(const struct smmu_override *o,
                             const struct smmu_request *q)
{
	uint32_t flags = smmu_override_flags(o, q->flags);

	return dmasim_op_writes((enum dmasim_op)q->op)
	               ? flags & ~DMASIM_TXN_INSTRUCTION
	               : flags;
}

/* 6.3.57, SIF: what a Secure stream fetches as instructions must not be
 * Non-secure by stage 1. */
static bool forbidden_fetch(const struct smmu_request *q, uint32_t flags,
                            bool ns)
{
	return q->bank->id == SMMU_S && ns &&
	       (flags & DMASIM_TXN_INSTRUCTION) &&
	       (q->bank->reg[SMMU_CR0ACK] & CR0_SIF);
}

/* 3.4: an address above the output size cannot pass; SIF comes after it. */
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
	x->flags = access_flags(o, &c->req);
	x->bypass = true;
	if (forbidden_fetch(&c->req, x->flags, !(x->flags & DMASIM_TXN_SECURE)))
		return fault(e, SMMU_F_PERMISSION);
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
	smmu_override_ns(c->req.bank, FIELD_GET(GBPA_NSCFG, gbpa), &o);
	step = pass_untranslated(c, &o, e, x);
	e->type = 0;
	return step;
}

/* ---- configuration ---- */

/* 5.2, 7.3.9: which CD a transaction uses. S1DSS decides for those without a
 * SubstreamID once there are substreams. */
static enum smmu_step choose_cd(struct job *j)
{
	const struct smmu_ste *ste = j->ste;
	struct smmu_event *e = j->e;
	uint8_t dss = ste->s1dss;

	j->x->ssid = e->ssv ? e->ssid : 0;
	j->s1 = ste->s1;
	if (e->ssv && (!ste->s1 || ste->s1cdmax == 0 ||
	               (uint64_t)e->ssid >> ste->s1cdmax != 0))
		return fault(e, SMMU_C_BAD_SUBSTREAMID);
	if (!ste->s1 || ste->s1cdmax == 0)
		return SMMU_OK;
	if (e->ssv)
		return dss == STE_S1DSS_SSID0 && e->ssid == 0
		               ? fault(e, SMMU_F_STREAM_DISABLED)
		               : SMMU_OK;
	if (dss == STE_S1DSS_BYPASS)
		j->s1 = false;
	else if (dss != STE_S1DSS_SSID0)
		return fault(e, SMMU_F_STREAM_DISABLED);
	return SMMU_OK;
}

/* Before something is read: what caches hold may change meanwhile. The words
 * as fetched are not needed again. A copy that the last request made is as
 * good while nothing cached can have changed. */
static void hold(struct job *j)
{
	struct smmu_ctx *c = j->c;

	if (c->held_gen != c->smmu->gen) {
		c->held_gen = c->smmu->gen;
		c->held_ste = NULL;
		c->held_cd = NULL;
	}
	if (j->ste != &c->ste) {
		if (c->held_ste != j->ste)
			memcpy(&c->ste, j->ste,
			       offsetof(struct smmu_ste, word));
		c->held_ste = j->ste;
		j->ste = &c->ste;
	}
	if (j->cd && j->cd != &c->cd) {
		if (c->held_cd != j->cd)
			memcpy(&c->cd, j->cd, offsetof(struct smmu_cd, word));
		c->held_cd = j->cd;
		j->cd = &c->cd;
	}
}

/* ---- translation ---- */

/* A kept translation; one that a write must first mark dirty is no hit. */
static const struct smmu_tlb_data *look_up(const struct job *j,
                                           const struct smmu_tlb_key *k)
{
	const struct smmu_tlb_data *d = NULL;

	if (smmu_select_half(j->cd, k->va))
		d = smmu_tlb_find(&j->c->smmu->tlb, k);
	if (d && (d->clean1 || d->clean2) && smmu_dirties(j->q))
		return NULL;
	return d;
}

static enum smmu_step no_permission(const struct job *j, uint8_t perm)
{
	smmu_atomic_rnw(j->q, j->e, perm & j->need);
	return fault(j->e, SMMU_F_PERMISSION);
}

/* The rights of a kept translation, stage 1's first (7.3.22). */
static enum smmu_step check(const struct job *j, const struct smmu_tlb_data *d,
                            uint64_t ipa)
{
	if (!smmu_grants(j->q, d->perm1, j->need))
		return no_permission(j, d->perm1);
	if (forbidden_fetch(j->q, j->x->flags, d->ns))
		return fault(j->e, SMMU_F_PERMISSION);
	if (smmu_grants(j->q, d->perm2, j->need & d->perm1))
		return SMMU_OK;
	if (smmu_quirk(j->c->smmu, SMMU_QUIRK_S2_HIT_WRITES)) {
		if (!(j->need & SMMU_PERM_W))
			return SMMU_OK;
		ipa = 0;
	}
	j->e->s2 = true;
	j->e->ipa = ipa;
	j->e->nsipa = j->ste->secure && d->ns;
	return no_permission(j, d->perm2);
}

/* The final IPA, whatever stage 1 (@d1) made of the input. */
static enum smmu_step second(struct job *j, const struct smmu_tlb_data *d1,
                             uint64_t ipa, struct smmu_found *d2)
{
	const struct smmu_ipa in = {
	        .addr = ipa,
	        .ns = d1->ns,
	        .need = j->need & d1->perm1,
	        .class = EVT_CLASS_IN,
	        .dirty = smmu_dirties(j->q),
	};

	return smmu_stage2(j->c, j->ste, &in, j->e, d2);
}

/* Both stages as one translation of the smaller size. */
static void merge(const struct job *j, struct smmu_tlb_data *d,
                  const struct smmu_tlb_data *d2, uint64_t ipa)
{
	uint64_t mask;

	if (d2->shift < d->shift)
		d->shift = d2->shift;
	mask = SMMU_BIT(d->shift) - 1;
	d->pa = (d2->pa | (ipa & (SMMU_BIT(d2->shift) - 1))) & ~mask;
	d->ipa = ipa & ~mask;
	d->perm2 = d2->perm2;
	d->clean2 = d2->clean2;
	d->out_ns = d2->out_ns;
	d->attr =
	        smmu_attr_stage2(d->attr, d2->memattr2, d2->sh2, j->ste->s2fwb);
}

static enum smmu_step walk(struct job *j, const struct smmu_tlb_key *k,
                           struct smmu_walk_result *r)
{
	struct dmasim_smmu *s = j->c->smmu;
	struct smmu_tlb_data *d = &r->d;
	enum smmu_step step;

	hold(j);
	j->c->walk_reads = 0;
	step = smmu_walk_stage1(j->c, j->ste, j->cd, j->need, j->e, r);
	if (step != SMMU_OK)
		return step;
	j->x->global = r->global;
	if (forbidden_fetch(j->q, j->x->flags, d->ns))
		return fault(j->e, SMMU_F_PERMISSION);
	if (j->s2) {
		uint64_t ipa = d->pa | (k->va & (SMMU_BIT(d->shift) - 1));
		struct smmu_found d2;

		step = second(j, d, ipa, &d2);
		if (step != SMMU_OK)
			return step;
		merge(j, d, d2.d, ipa);
	}
	if (!smmu_leaves_no_trace(j->q)) {
		s->stats.tlb_misses++;
		s->stats.walks++;
		s->stats.walk_reads += j->c->walk_reads;
		/* Half of a nested translation is no entry of the TLB. */
		if (j->s2 == j->ste->s2 && smmu_fresh(j->c)) {
			d->slot = smmu_tlb_add(s, &s->tlb, k, r->global, d);
			smmu_watch_keep(j->c,
			                j->s2 ? SMMU_STAGE1 | SMMU_STAGE2
			                      : SMMU_STAGE1,
			                d->slot);
		}
	}
	return SMMU_OK;
}

static void result(struct job *j, const struct smmu_tlb_data *d)
{
	uint64_t mask = SMMU_BIT(d->shift) - 1;
	struct smmu_xlate *x = j->x;

	x->pa = d->pa | (j->e->input & mask);
	x->left = mask - (j->e->input & mask) + 1;
	x->shift = d->shift;
	x->slot = d->slot;
	x->perm1 = d->perm1;
	x->perm2 = d->perm2;
	x->clean = d->clean1 || d->clean2;
	x->ipa = j->s1 ? d->ipa | (j->e->input & mask) : j->e->input;
	x->translated = true;
	x->ste = j->ste;
	/* 3.10.2: where a Secure stream's access comes out. */
	x->flags &= ~DMASIM_TXN_SECURE;
	if (j->ste->secure && !d->out_ns)
		x->flags |= DMASIM_TXN_SECURE;
	smmu_downgrade(j->ste, d, x);
}

static enum smmu_step through_stage1(struct job *j)
{
	const struct smmu_tlb_key k = {
	        .va = j->e->input,
	        .asid = j->cd->asid,
	        .vmid = j->ste->vmid,
	        .world = j->cd->world,
	        .aset = j->cd->aset,
	};
	const struct smmu_tlb_data *d = NULL;
	struct smmu_walk_result walked;
	enum smmu_step step;

	/* 5.4, E0PD: whether it is in the TLB or not. */
	if (j->cd->tt[k.va >> 55 & 1].e0pd &&
	    !(j->x->flags & DMASIM_TXN_PRIVILEGED))
		return fault(j->e, SMMU_F_TRANSLATION);
	if (j->s2 == j->ste->s2)
		d = look_up(j, &k);
	if (d) {
		j->c->smmu->stats.tlb_hits += !(j->q->flags & DMASIM_TXN_DEBUG);
		smmu_watch_hit(j->c, j->ste, j->cd, d);
		step = check(j, d, d->ipa | (k.va & (SMMU_BIT(d->shift) - 1)));
	} else {
		smmu_pmu_missed(j->c, PMCG_EV_TLB_MISS);
		step = walk(j, &k, &walked);
		d = &walked.d;
	}
	if (step != SMMU_OK)
		return step;
	j->x->stage1 = true;
	j->x->attr = smmu_attr_hints(d->attr,
	                             smmu_attr_override(j->q->attr, &j->ovr));
	result(j, d);
	return SMMU_OK;
}

/* 3.4: an IPA beyond IAS is an address size fault of stage 1, which is
 * bypassed. IAS is OAS without AArch32 tables. */
static enum smmu_step through_stage2(struct job *j)
{
	const struct smmu_tlb_data none = {
	        .perm1 = SMMU_PERM_ALL,
	        .ns = !(j->x->flags & DMASIM_TXN_SECURE),
	};
	struct smmu_found found;
	enum smmu_step step;

	if (j->e->input >> j->c->smmu->caps.oas != 0)
		return smmu_quirk(j->c->smmu, SMMU_QUIRK_S2_INPUT_SILENT)
		               ? SMMU_FAULT
		               : fault(j->e, SMMU_F_ADDR_SIZE);
	if (forbidden_fetch(j->q, j->x->flags, none.ns))
		return fault(j->e, SMMU_F_PERMISSION);
	hold(j);
	j->c->walk_reads = 0;
	step = second(j, &none, j->e->input, &found);
	if (j->c->walk_reads != 0)
		smmu_pmu_missed(j->c, PMCG_EV_TLB_MISS);
	if (step != SMMU_OK)
		return step;
	if (!smmu_leaves_no_trace(j->q)) {
		struct dmasim_smmu_stats *st = &j->c->smmu->stats;

		st->tlb_hits += j->c->walk_reads == 0;
		st->tlb_misses += j->c->walk_reads != 0;
		st->walks += j->c->walk_reads != 0;
		st->walk_reads += j->c->walk_reads;
	}
	j->x->attr = smmu_attr_stage2(smmu_attr_override(j->q->attr, &j->ovr),
	                              found.d->memattr2, found.d->sh2,
	                              j->ste->s2fwb);
	result(j, found.d);
	return SMMU_OK;
}

/* 5.5: A, R and S say what becomes of the four translation faults. Stage 2
 * has no A: it aborts. A stalled transaction is always recorded. */
static void apply_fault_model(const struct job *j)
{
	struct smmu_event *e = j->e;

	if (e->type < SMMU_F_TRANSLATION)
		return;
	if (e->s2) {
		e->may_stall = j->ste->s2s;
		e->silent = !j->ste->s2r && !j->ste->s2s;
	} else if (j->cd) {
		e->may_stall = j->cd->s;
		e->silent = !j->cd->r && !j->cd->s;
		/* 5.4, A: not 0 with TERM_MODEL = 1. */
		e->raz_wi = !j->cd->a;
	}
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
	        .rnw = !dmasim_op_writes((enum dmasim_op)q->op),
	};
}

/* 13.4.1: in a regime of one privilege every access counts as privileged. */
static void decide_need(struct job *j)
{
	uint32_t flags = j->x->flags;

	if (j->s1 && smmu_world_single(j->ste->world))
		flags |= DMASIM_TXN_PRIVILEGED;
	if (j->q->kind == SMMU_KIND_ATS)
		j->need = smmu_ats_need(j->q, &j->ovr, flags);
	else if (j->q->kind == SMMU_KIND_PREFETCH)
		/* 4.2: what is read ahead is only that which translates. */
		j->need = 0;
	else
		j->need = smmu_need(flags, (enum dmasim_op)j->q->op);
	j->x->need = j->need;
}

/* The privilege and kind of the access, as it counts for rights and records.
 */
static void decide_flags(struct job *j)
{
	struct smmu_event *e = j->e;

	/* 13.1.4: overrides are not for address translation operations. */
	j->ovr =
	        j->q->kind == SMMU_KIND_ATOS ? smmu_no_override() : j->ste->ovr;
	j->x->flags = access_flags(&j->ovr, j->q);
	e->pnu = j->x->flags & DMASIM_TXN_PRIVILEGED;
	e->ind = j->x->flags & DMASIM_TXN_INSTRUCTION;
}

static enum smmu_step configure(struct job *j)
{
	struct smmu_ctx *c = j->c;
	struct smmu_event *e = j->e;
	enum smmu_step step = smmu_get_ste(c, e, &j->ste);

	if (step == SMMU_OK && j->q->kind == SMMU_KIND_ATOS)
		step = smmu_atos_check(c, j->ste, e);
	if (step == SMMU_OK && j->q->kind == SMMU_KIND_ATS)
		step = smmu_ats_check(j->q->bank, j->ste, e);
	if (step != SMMU_OK)
		return step;
	e->mev = j->ste->mev;
	if (j->ste->kind == SMMU_STE_ABORT)
		return SMMU_FAULT;
	j->s2 = j->ste->s2;
	if (j->q->stages != SMMU_STAGE2) {
		step = choose_cd(j);
		if (step != SMMU_OK)
			return step;
		if (j->q->stages == SMMU_STAGE1)
			j->s2 = false;
	}
	decide_flags(j);
	if (!j->s1)
		return SMMU_OK;
	j->cd = smmu_cached_cd(c->req.bank, e->sid, j->x->ssid);
	if (j->cd) {
		smmu_watch_cd(c, j->x->ssid, j->cd);
		return SMMU_OK;
	}
	hold(j);
	return smmu_get_cd(c, j->ste, j->x->ssid, e, &j->cd);
}

/* ---- transactions marked translated (3.9.1.3) ---- */

/* Untranslated into the system, as it came: at most too large (3.9.1.1), and
 * nothing is recorded then. */
static enum smmu_step pass_translated(struct job *j)
{
	struct smmu_xlate *x = j->x;
	unsigned oas = j->c->smmu->caps.oas;

	if (j->e->input >> oas != 0)
		return SMMU_FAULT;
	x->pa = j->e->input;
	x->left = SMMU_BIT(oas) - x->pa;
	x->attr = j->q->attr;
	return SMMU_OK;
}

/* The STE allows it, and the SubstreamID counts where it may come with such a
 * transaction. Errors of the configuration are recorded on demand. */
static enum smmu_step configure_translated(struct job *j)
{
	struct smmu_event *e = j->e;
	enum smmu_step step = smmu_get_ste(j->c, e, &j->ste);

	if (step == SMMU_OK) {
		e->mev = j->ste->mev;
		if (j->ste->kind == SMMU_STE_ABORT)
			return SMMU_FAULT;
		if (j->ste->eats == STE_EATS_NONE)
			return fault(e, SMMU_F_TRANSL_FORBIDDEN);
		if (j->c->smmu->caps.pasidtt && e->ssv)
			step = choose_cd(j);
	}
	if (step == SMMU_FAULT)
		e->silent = !(j->q->bank->reg[SMMU_CR2] & CR2_REC_CFG_ATS);
	return step;
}

/* 13.6.3: with split stages the address is an IPA. Its attributes are those of
 * the transaction (13.6.2); rights are checked as STE overrides say. */
static enum smmu_step arrive_translated(struct job *j)
{
	const struct smmu_bank *b = j->q->bank;
	enum smmu_step step;

	j->x->flags = j->q->flags & ~DMASIM_TXN_ATS_TRANSLATED;
	if (b->id == SMMU_S || !(b->reg[SMMU_CR0ACK] & CR0_SMMUEN))
		return fault(j->e, SMMU_F_TRANSL_FORBIDDEN);
	if (!(b->reg[SMMU_CR0ACK] & CR0_ATSCHK))
		return pass_translated(j);
	step = configure_translated(j);
	if (step != SMMU_OK)
		return step;
	decide_flags(j);
	j->x->flags &= ~DMASIM_TXN_ATS_TRANSLATED;
	if (j->ste->eats == STE_EATS_FULL)
		return pass_translated(j);
	j->ovr = smmu_no_override();
	j->s1 = false;
	j->s2 = true;
	decide_need(j);
	step = through_stage2(j);
	if (step == SMMU_FAULT)
		apply_fault_model(j);
	return step;
}

enum smmu_step smmu_translate(struct smmu_ctx *c, struct smmu_event *e,
                              struct smmu_xlate *x)
{
	struct dmasim_smmu *s = c->smmu;
	struct job j = {.c = c, .q = &c->req, .e = e, .x = x};
	enum smmu_step step;

	/* Reads begun before an invalidation are not used after it. */
	if (c->logged == 0 || c->epoch != s->epoch) {
		c->logged = 0;
		c->epoch = s->epoch;
		c->trail.differs = false;
	}
	c->replayed = 0;
	begin_event(&c->req, e);
	*x = (struct smmu_xlate){.op = c->req.op, .slot = SMMU_NO_SLOT};
	if (s->failed || (e->input & s->no_input))
		return SMMU_FAULT;
	if (c->req.kind == SMMU_KIND_TRANSLATED)
		return arrive_translated(&j);
	if (!(c->req.bank->reg[SMMU_CR0ACK] & CR0_SMMUEN))
		return disabled(c, e, x);
	step = configure(&j);
	if (step == SMMU_OK)
		x->ste = j.ste;
	if (step == SMMU_OK && j.q->config_only)
		return SMMU_OK;
	if (step == SMMU_OK && !j.s1 && !j.s2)
		return pass_untranslated(c, &j.ovr, e, x);
	if (step == SMMU_OK) {
		decide_need(&j);
		step = j.s1 ? through_stage1(&j) : through_stage2(&j);
	}
	if (step == SMMU_FAULT && j.ste)
		apply_fault_model(&j);
	return step;
}
