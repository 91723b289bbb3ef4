/* SPDX-License-Identifier: MIT */
/*
 * The pipeline: a client transaction goes in, is taken apart at the borders of
 * its mappings, and each fragment comes out translated, in address order. The
 * first fault ends it.
 *
 * The client's own transaction goes downstream, with address, attributes and
 * completion replaced while a fragment is there, so that a hit costs no copy.
 */
#include <string.h>

#include "smmuv3_internal.h"

/* Accesses that pass through this SMMU while one of them is served: a device
 * that is reached by its own DMA. More than this is a loop of the guest's. */
#define MAX_DEPTH 32u

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

static uint32_t override_flags(const struct smmu_override *o, uint32_t flags)
{
	return (flags & o->flags_and) | o->flags_or;
}

static uint64_t substream_of(const struct dmasim_txn *txn)
{
	return txn->flags & DMASIM_TXN_SSV ? SMMU_BIT(32) | txn->substream_id
	                                   : 0;
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
	x->attr = smmu_attr_override(c->txn->attr, o);
	x->flags = override_flags(o, c->txn->flags);
	x->bypass = true;
	return SMMU_OK;
}

/* 6.3.14: with SMMUEN = 0 nothing is translated and nothing recorded. */
static enum smmu_step disabled(const struct smmu_ctx *c, struct smmu_event *e,
                               struct smmu_xlate *x)
{
	const struct dmasim_smmu *s = c->smmu;
	uint64_t gbpa = s->reg[SMMU_GBPA];
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
	bool debug = c->txn->flags & DMASIM_TXN_DEBUG, global;
	uint8_t need = smmu_need(x->flags, c->txn->op);
	struct smmu_tlb_data walked;
	uint64_t mask;

	if (smmu_select_half(cd, e->input))
		d = smmu_tlb_find(&s->tlb, &k);
	if (d) {
		s->stats.tlb_hits += !debug;
		if ((d->perm & need) != need)
			return fault(e, SMMU_F_PERMISSION);
	} else {
		enum smmu_step step =
		        smmu_walk(c, cd, need, e, &walked, &global);

		if (step != SMMU_OK)
			return step;
		if (!debug)
			fill(c, &k, global, &walked);
		d = &walked;
	}
	mask = SMMU_BIT(d->shift) - 1;
	x->pa = d->pa | (e->input & mask);
	x->left = mask - (e->input & mask) + 1;
	x->attr = d->attr;
	return SMMU_OK;
}

/* 5.5: R and A of the CD say what becomes of the four translation faults. */
static void apply_fault_model(const struct dmasim_smmu *s,
                              const struct smmu_cd *cd, struct smmu_event *e)
{
	if (e->type < SMMU_F_TRANSLATION)
		return;
	e->silent = !cd->r;
	e->raz_wi = !cd->a && !s->caps.term_abort;
}

static void remember(struct smmu_ctx *c, uint32_t ssid)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_port *p = c->port;

	p->ste = smmu_cached_ste(s, c->txn->stream_id);
	p->cd = smmu_cached_cd(s, c->txn->stream_id, ssid);
	p->sid = c->txn->stream_id;
	p->substream = substream_of(c->txn);
	p->gen = s->gen;
	p->ready = p->ste && p->cd;
}

static void begin_event(const struct smmu_ctx *c, struct smmu_event *e)
{
	const struct dmasim_txn *txn = c->txn;

	*e = (struct smmu_event){
	        .sid = txn->stream_id,
	        .ssv = txn->flags & DMASIM_TXN_SSV,
	        .ssid = txn->substream_id & 0xfffff,
	        .input = txn->addr + c->offset,
	        .rnw = !dmasim_op_writes(txn->op) &&
	               txn->op != DMASIM_INVALIDATE,
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

	begin_event(c, e);
	*x = (struct smmu_xlate){0};
	if (e->input & s->no_input)
		return SMMU_FAULT;
	if (!(s->reg[SMMU_CR0ACK] & CR0_SMMUEN))
		return disabled(c, e, x);
	step = smmu_get_ste(c, e, &ste);
	if (step != SMMU_OK)
		return step;
	if (ste.kind == SMMU_STE_ABORT)
		return SMMU_FAULT;
	step = choose_cd(&ste, e, &ssid, &bypass);
	if (step != SMMU_OK)
		return step;
	x->flags = override_flags(&ste.ovr, c->txn->flags);
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
	if (step == SMMU_OK && !(c->txn->flags & DMASIM_TXN_DEBUG))
		remember(c, ssid);
	return step;
}

/* ---- a whole transaction ---- */

static void note_fault(struct smmu_ctx *c, const struct smmu_event *e)
{
	struct dmasim_smmu *s = c->smmu;
	struct dmasim_region_info info;
	struct dmasim_txn copy = *c->txn;

	if (!s->cfg.checker || e->type != SMMU_F_TRANSLATION)
		return;
	copy.addr = e->input;
	dmasim_note_dma_fault(s->cfg.checker, &copy,
	                      s->cfg.map &&
	                              dmasim_map_find(s->cfg.map, e->input,
	                                              &info) == DMASIM_OK &&
	                              info.ram);
}

static enum dmasim_result terminate(struct smmu_ctx *c,
                                    const struct smmu_event *e)
{
	struct dmasim_txn *txn = c->txn;

	if (!(txn->flags & DMASIM_TXN_DEBUG)) {
		if (e->type != 0 && !e->silent)
			smmu_record(c->smmu, e, txn);
		note_fault(c, e);
	}
	if (!e->raz_wi)
		return DMASIM_TXN_ABORT;
	/* What is not a read returns nothing that could be zero. */
	if (txn->data && txn->op != DMASIM_WRITE)
		memset(txn->data + c->offset, 0, txn->size - c->offset);
	return DMASIM_TXN_OK;
}

/* PCIe No_snoop: cacheable memory is accessed as iNC-oNC-OSH (13.1.4). */
static struct dmasim_attr final_attr(const struct dmasim_txn *txn,
                                     struct dmasim_attr attr)
{
	if ((txn->flags & DMASIM_TXN_NO_SNOOP) && dmasim_attr_cacheable(&attr))
		return smmu_attr_normal(DMASIM_NC, DMASIM_NC, 0, SH_OSH);
	return attr;
}

static void give_back(struct smmu_ctx *c)
{
	struct dmasim_txn *txn = c->txn;

	txn->addr = c->addr;
	txn->size = c->size;
	txn->data = c->data;
	txn->attr = c->attr;
	txn->flags = c->flags;
	txn->done = c->done;
}

/* Hand @n bytes of the client's transaction on. */
static enum dmasim_result forward(struct smmu_ctx *c,
                                  const struct smmu_xlate *x, uint32_t n)
{
	struct dmasim_txn *txn = c->txn;
	struct dmasim_smmu *s = c->smmu;
	enum dmasim_result r;

	c->addr = txn->addr;
	c->size = txn->size;
	c->data = txn->data;
	c->attr = txn->attr;
	c->flags = txn->flags;
	c->done = txn->done;
	c->fragment = n;
	if (x->bypass && s->cfg.checker && !(txn->flags & DMASIM_TXN_DEBUG))
		dmasim_note_dma_bypass(s->cfg.checker, txn);
	txn->addr = x->pa;
	txn->size = n;
	if (txn->data)
		txn->data += c->offset;
	txn->attr = final_attr(txn, x->attr);
	txn->flags = x->flags;
	/* A master that cannot take PENDING says so by actor 0: let the
	 * target see that. */
	if (txn->done.actor != 0)
		txn->done =
		        (struct dmasim_call){s->actor, SMMU_CALL_CLIENT, c->id};
	r = dmasim_access(&c->port->down, txn);
	if (r == DMASIM_TXN_PENDING) {
		c->state = SMMU_CTX_CLIENT;
		return r;
	}
	give_back(c);
	return r;
}

static enum dmasim_result run(struct smmu_ctx *c)
{
	struct dmasim_smmu *s = c->smmu;
	struct dmasim_txn *txn = c->txn;

	for (;;) {
		struct smmu_event e;
		struct smmu_xlate x;
		enum dmasim_result r;
		enum smmu_step step;
		uint32_t n;

		if (c->logged == 0 || c->epoch != s->epoch) {
			c->logged = 0;
			c->epoch = s->epoch;
		}
		step = smmu_translate(c, &e, &x);
		if (step == SMMU_PENDING)
			return DMASIM_TXN_PENDING;
		if (step == SMMU_FAULT)
			return terminate(c, &e);
		n = txn->size - c->offset;
		if (x.left < n)
			n = (uint32_t)x.left;
		/* An atomic is one access: it cannot be taken apart. */
		if (n < txn->size && dmasim_op_is_atomic(txn->op))
			return DMASIM_TXN_SLAVE;
		r = forward(c, &x, n);
		if (r == DMASIM_TXN_PENDING)
			return r;
		c->offset += n;
		c->logged = 0;
		if (r != DMASIM_TXN_OK || c->offset == txn->size)
			return r;
	}
}

static void charge(const struct smmu_ctx *c)
{
	if (!(c->txn->flags & DMASIM_TXN_DEBUG))
		c->txn->latency += c->latency + c->smmu->cfg.lookup_latency;
}

/* Answer a client that waits. */
static void finish(struct smmu_ctx *c, enum dmasim_result r)
{
	struct dmasim_smmu *s = c->smmu;
	struct dmasim_txn *txn = c->txn;

	charge(c);
	smmu_ctx_put(c);
	if (dmasim_complete(s->cfg.kernel, txn, r, 0) != DMASIM_OK)
		dmasim_log(s->cfg.kernel, DMASIM_LOG_ERROR, s->name,
		           "lost-completion: a transaction that was pending "
		           "names nobody to complete to");
}

/* Go on with a transaction whose client waits. */
static void resume(struct smmu_ctx *c)
{
	enum dmasim_result r = run(c);

	if (r != DMASIM_TXN_PENDING)
		finish(c, r);
}

void smmu_ctx_fetched(struct smmu_ctx *c)
{
	smmu_ctx_log_fetch(c);
	resume(c);
}

void smmu_ctx_forwarded(struct smmu_ctx *c)
{
	enum dmasim_result r = c->txn->result;

	c->state = SMMU_CTX_RUNNING;
	give_back(c);
	c->offset += c->fragment;
	c->logged = 0;
	if (r == DMASIM_TXN_OK && c->offset < c->txn->size)
		resume(c);
	else
		finish(c, r);
}

static enum dmasim_result slow(struct smmu_port *p, struct dmasim_txn *txn)
{
	struct dmasim_smmu *s = p->smmu;
	struct smmu_ctx *c;
	enum dmasim_result r;

	if (txn->op == DMASIM_BARRIER)
		return dmasim_access(&p->down, txn);
	if (txn->size == 0 || txn->addr > UINT64_MAX - (txn->size - 1))
		return DMASIM_TXN_SLAVE;
	if (s->depth >= MAX_DEPTH) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
		           "access-loop: accesses that cause one another "
		           "are aborted");
		return DMASIM_TXN_ABORT;
	}
	if (smmu_ctx_get(s, &c) != DMASIM_OK) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_ERROR, s->name,
		           "out-of-memory: a transaction is aborted");
		return DMASIM_TXN_ABORT;
	}
	c->port = p;
	c->txn = txn;
	s->stats.transactions += !(txn->flags & DMASIM_TXN_DEBUG);
	s->depth++;
	r = run(c);
	s->depth--;
	if (r == DMASIM_TXN_PENDING)
		return r;
	charge(c);
	smmu_ctx_put(c);
	return r;
}

/* A hit on one mapping, by a stream whose configuration was used last. */
static bool fast(const struct smmu_port *p, const struct dmasim_txn *txn,
                 struct smmu_xlate *x)
{
	const struct dmasim_smmu *s = p->smmu;
	const struct smmu_tlb_data *d;
	struct smmu_tlb_key k;
	uint64_t mask;
	uint8_t need;

	if (p->gen != s->gen || !p->ready || p->sid != txn->stream_id ||
	    p->substream != substream_of(txn) || txn->op > DMASIM_ATOMIC_CAS ||
	    (txn->flags & DMASIM_TXN_DEBUG) || (txn->addr & s->no_input) ||
	    txn->size == 0 || s->depth >= MAX_DEPTH ||
	    !smmu_select_half(p->cd, txn->addr))
		return false;
	k.va = txn->addr;
	k.asid = p->cd->asid;
	k.vmid = p->ste->vmid;
	k.world = p->ste->world;
	d = smmu_tlb_find(&s->tlb, &k);
	if (!d)
		return false;
	x->flags = override_flags(&p->ste->ovr, txn->flags);
	need = smmu_need(x->flags, txn->op);
	mask = SMMU_BIT(d->shift) - 1;
	if ((d->perm & need) != need ||
	    (txn->addr & mask) + (txn->size - 1) > mask)
		return false;
	x->pa = d->pa | (txn->addr & mask);
	x->attr = d->attr;
	x->bypass = false;
	return true;
}

enum dmasim_result smmu_client_access(void *obj, struct dmasim_txn *txn)
{
	struct smmu_port *p = obj;
	struct dmasim_smmu *s = p->smmu;
	struct smmu_xlate x;
	struct smmu_ctx *c;
	enum dmasim_result r;

	if (!fast(p, txn, &x) || smmu_ctx_get(s, &c) != DMASIM_OK)
		return slow(p, txn);
	c->port = p;
	c->txn = txn;
	s->stats.transactions++;
	s->stats.tlb_hits++;
	s->depth++;
	r = forward(c, &x, txn->size);
	s->depth--;
	if (r != DMASIM_TXN_PENDING) {
		txn->latency += s->cfg.lookup_latency;
		smmu_ctx_put(c);
	}
	return r;
}
