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

#define ATS_FLAGS (DMASIM_TXN_ATS_REQUEST | DMASIM_TXN_ATS_TRANSLATED)

static struct smmu_bank *bank_of(struct dmasim_smmu *s,
                                 const struct dmasim_txn *txn)
{
	return &s->bank[txn->flags & DMASIM_TXN_SEC_SID ? SMMU_S : SMMU_NS];
}

static uint64_t substream_of(const struct dmasim_txn *txn)
{
	return (txn->flags & DMASIM_TXN_SSV ? SMMU_BIT(32) | txn->substream_id
	                                    : 0) |
	       (txn->flags & DMASIM_TXN_SEC_SID ? SMMU_BIT(33) : 0) |
	       (txn->flags & ATS_FLAGS ? SMMU_BIT(34) : 0);
}

/* The configuration that a hit on this port finds at once. */
static void remember(struct smmu_ctx *c, const struct smmu_xlate *x)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_port *p = c->port;

	p->ste = smmu_cached_ste(c->req.bank, c->req.sid);
	p->cd = x->stage1 ? smmu_cached_cd(c->req.bank, c->req.sid, x->ssid)
	                  : NULL;
	p->sid = c->req.sid;
	p->substream = substream_of(c->txn);
	p->gen = s->gen;
	/* What asks for more than rights takes the long way; a restored
	 * transaction that comes back is looked for first. */
	p->ready = p->ste && (p->cd || !x->stage1) && !p->ste->secure &&
	           !(p->cd && (p->cd->tt[0].e0pd || p->cd->tt[1].e0pd)) &&
	           s->stalls.detached == 0;
}

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

/* What is left of @c's transaction ends without effect. */
static enum dmasim_result ended(struct smmu_ctx *c, bool raz_wi)
{
	struct dmasim_txn *txn = c->txn;

	if (!raz_wi)
		return DMASIM_TXN_ABORT;
	/* What is not a read returns nothing that could be zero. */
	if (txn->data && txn->op != DMASIM_WRITE)
		memset(txn->data + c->offset, 0, txn->size - c->offset);
	return DMASIM_TXN_OK;
}

/* 3.12: a transaction that cannot stall although it should is aborted, and
 * recorded with Stall = 0. */
static enum dmasim_result fault(struct smmu_ctx *c, struct smmu_event *e)
{
	bool debug = c->txn->flags & DMASIM_TXN_DEBUG;

	if (e->may_stall && !debug && smmu_stall(c, e))
		return DMASIM_TXN_PENDING;
	if (!debug) {
		if (e->type != 0 && (e->may_stall || !e->silent))
			smmu_record(e, c->txn);
		note_fault(c, e);
	}
	return ended(c, e->raz_wi && !e->may_stall);
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
	txn->op = (enum dmasim_op)c->op;
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
	c->op = (uint8_t)txn->op;
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
	txn->op = (enum dmasim_op)x->op;
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

/* Reasons in F_UUT, ours (7.3.2). */
#define UUT_WRAP         1u /* the address wraps around */
#define UUT_ATOMIC       2u /* an atomic crosses mappings */
#define UUT_ADDRESS_TYPE 3u /* a translation request, and translated */

/* 16.7.1: kinds of transactions that are refused. The record has the
 * attributes as they came in. */
static enum dmasim_result unsupported(struct smmu_ctx *c, uint16_t reason)
{
	const struct smmu_request *q = &c->req;
	const struct smmu_event e = {
	        .type = SMMU_F_UUT,
	        .bank = q->bank,
	        .sid = q->sid,
	        .ssv = q->ssv,
	        .ssid = q->ssid,
	        .input = c->txn->addr,
	        .rnw = !dmasim_op_writes(q->op),
	        .pnu = q->flags & DMASIM_TXN_PRIVILEGED,
	        .ind = !dmasim_op_writes(q->op) &&
	               (q->flags & DMASIM_TXN_INSTRUCTION),
	        .reason = reason,
	};

	/* 3.9.1.3: of translated transactions there is no record. */
	if (!(q->flags & DMASIM_TXN_DEBUG) && q->kind == SMMU_KIND_CLIENT)
		smmu_record(&e, c->txn);
	return DMASIM_TXN_ABORT;
}

static enum dmasim_result run(struct smmu_ctx *c)
{
	struct dmasim_txn *txn = c->txn;

	if (c->req.kind == SMMU_KIND_ATS)
		return smmu_ats_run(c);
	for (;;) {
		struct smmu_event e;
		struct smmu_xlate x;
		enum dmasim_result r;
		enum smmu_step step;
		uint32_t n;

		c->req.addr = txn->addr + c->offset;
		step = smmu_translate(c, &e, &x);
		if (step == SMMU_PENDING)
			return DMASIM_TXN_PENDING;
		smmu_pmu_request(c);
		smmu_time_fragment(c, &x);
		if (step == SMMU_FAULT)
			return fault(c, &e);
		if (x.translated &&
		    !(txn->flags & (DMASIM_TXN_DEBUG | ATS_FLAGS)))
			remember(c, &x);
		n = txn->size - c->offset;
		if (x.left < n)
			n = (uint32_t)x.left;
		/* An atomic is one access: it cannot be taken apart. */
		if (n < txn->size && dmasim_op_is_atomic(txn->op))
			return unsupported(c, UUT_ATOMIC);
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
		c->txn->latency += c->latency;
}

void smmu_ctx_finish(struct smmu_ctx *c, enum dmasim_result r)
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

void smmu_ctx_resume(struct smmu_ctx *c)
{
	enum dmasim_result r = run(c);

	if (r != DMASIM_TXN_PENDING)
		smmu_ctx_finish(c, r);
}

void smmu_ctx_terminate(struct smmu_ctx *c, bool raz_wi)
{
	note_fault(c, &c->stall.e);
	smmu_ctx_finish(c, ended(c, raz_wi));
}

void smmu_ctx_fetched(struct smmu_ctx *c)
{
	smmu_ctx_log_fetch(c);
	if (c->req.kind == SMMU_KIND_ATOS)
		smmu_atos_fetched(c);
	else if (c->req.kind == SMMU_KIND_PRI)
		smmu_pri_fetched(c);
	else if (c->req.kind == SMMU_KIND_PREFETCH)
		smmu_prefetch_run(c);
	else
		smmu_ctx_resume(c);
}

void smmu_ctx_forwarded(struct smmu_ctx *c)
{
	struct dmasim_smmu *s = c->smmu;
	enum dmasim_result r = c->txn->result;

	c->state = SMMU_CTX_RUNNING;
	give_back(c);
	c->offset += c->fragment;
	c->logged = 0;
	if (r == DMASIM_TXN_OK && c->offset < c->txn->size)
		smmu_ctx_resume(c);
	else
		smmu_ctx_finish(c, r);
	smmu_sync_poll(s);
}

/* Attributes of a PCIe transaction come with a PASID; translated ones have one
 * only where the SMMU says so (3.9.1.3, 13.7). */
static void begin_pcie(struct smmu_ctx *c)
{
	struct smmu_request *q = &c->req;

	if (q->flags & DMASIM_TXN_ATS_REQUEST) {
		q->kind = SMMU_KIND_ATS;
	} else {
		q->kind = SMMU_KIND_TRANSLATED;
		q->ssv = q->ssv && c->smmu->caps.pasidtt;
	}
	if (!q->ssv)
		q->flags &= ~(DMASIM_TXN_SSV | DMASIM_TXN_PRIVILEGED |
		              DMASIM_TXN_INSTRUCTION);
}

/* 3.10.1: SEC_SID says whose stream table a StreamID belongs to. */
static void begin(struct smmu_ctx *c, struct smmu_port *p,
                  struct dmasim_txn *txn)
{
	c->port = p;
	c->txn = txn;
	c->req = (struct smmu_request){
	        .bank = bank_of(p->smmu, txn),
	        .kind = SMMU_KIND_CLIENT,
	        .op = (uint8_t)txn->op,
	        .sid = txn->stream_id,
	        .ssv = txn->flags & DMASIM_TXN_SSV,
	        .ssid = txn->substream_id & 0xfffff,
	        .flags = txn->flags,
	        .addr = txn->addr,
	        .attr = txn->attr,
	};
	if (txn->flags & ATS_FLAGS)
		begin_pcie(c);
}

/* 5.2, EATS: without ATS no such transactions pass. */
static enum dmasim_result arrive(struct smmu_ctx *c)
{
	const struct dmasim_txn *txn = c->txn;

	if ((txn->flags & ATS_FLAGS) == ATS_FLAGS)
		return unsupported(c, UUT_ADDRESS_TYPE);
	if (c->req.kind == SMMU_KIND_TRANSLATED && !c->smmu->caps.ats)
		return DMASIM_TXN_ABORT;
	if (txn->addr > UINT64_MAX - (txn->size - 1) &&
	    c->req.kind != SMMU_KIND_ATS)
		return unsupported(c, UUT_WRAP);
	return run(c);
}

/* A transaction that was stalled when the state was saved. */
static enum dmasim_result come_back(struct smmu_ctx *c, struct smmu_port *p,
                                    struct dmasim_txn *txn)
{
	enum dmasim_result r;

	begin(c, p, txn);
	if (c->state != SMMU_CTX_DECIDED)
		return DMASIM_TXN_PENDING;
	c->state = SMMU_CTX_RUNNING;
	c->logged = 0;
	if (c->stall.verdict == SMMU_VERDICT_RETRY) {
		r = run(c);
	} else {
		note_fault(c, &c->stall.e);
		r = ended(c, c->stall.verdict == SMMU_VERDICT_RAZ_WI);
	}
	smmu_stall_admit(c->smmu);
	return r;
}

static enum dmasim_result slow(struct smmu_port *p, struct dmasim_txn *txn)
{
	struct dmasim_smmu *s = p->smmu;
	struct smmu_ctx *c;
	enum dmasim_result r;
	bool restored;

	if (txn->op == DMASIM_BARRIER)
		return dmasim_access(&p->down, txn);
	if (txn->size == 0)
		return DMASIM_TXN_SLAVE;
	if (s->depth >= MAX_DEPTH) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
		           "access-loop: accesses that cause one another "
		           "are aborted");
		return DMASIM_TXN_ABORT;
	}
	c = s->stalls.detached != 0 ? smmu_stall_attach(s, txn) : NULL;
	restored = c != NULL;
	if (!restored && smmu_ctx_get(s, &c) != DMASIM_OK) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_ERROR, s->name,
		           "out-of-memory: a transaction is aborted");
		return DMASIM_TXN_ABORT;
	}
	s->depth++;
	if (restored) {
		r = come_back(c, p, txn);
	} else {
		begin(c, p, txn);
		s->stats.transactions += !(txn->flags & DMASIM_TXN_DEBUG);
		r = arrive(c);
	}
	s->depth--;
	if (r == DMASIM_TXN_PENDING)
		return r;
	charge(c);
	smmu_ctx_put(c);
	return r;
}

/* What the configuration used last looks up for @va. False: no table maps
 * it. */
static bool key_of(const struct smmu_port *p, uint64_t va,
                   struct smmu_tlb_key *k)
{
	k->va = va;
	k->vmid = p->ste->vmid;
	if (!p->cd) {
		k->asid = 0;
		k->aset = false;
		k->world = SMMU_WORLD_NS_IPA;
		return va >> (64 - p->ste->s2tt[SMMU_IPA_NS].tsz) == 0;
	}
	k->asid = p->cd->asid;
	k->aset = p->cd->aset;
	k->world = p->cd->world;
	return smmu_select_half(p->cd, va) != NULL;
}

/* A hit on one mapping, by a stream whose configuration was used last. */
static bool fast(const struct smmu_port *p, const struct dmasim_txn *txn,
                 struct smmu_xlate *x)
{
	const struct dmasim_smmu *s = p->smmu;
	const struct smmu_tlb_data *d;
	struct dmasim_attr attr;
	struct smmu_tlb_key k;
	uint64_t mask;
	uint8_t need;

	if (p->gen != s->gen || !p->ready || p->sid != txn->stream_id ||
	    p->substream != substream_of(txn) || txn->op > DMASIM_ATOMIC_CAS ||
	    (txn->flags & DMASIM_TXN_DEBUG) || (txn->addr & s->no_input) ||
	    txn->size == 0 || s->depth >= MAX_DEPTH ||
	    !key_of(p, txn->addr, &k))
		return false;
	d = smmu_tlb_find(&s->tlb, &k);
	if (!d)
		return false;
	if (txn->flags & (DMASIM_TXN_DESTRUCTIVE | DMASIM_TXN_STASH))
		return false;
	x->op = (uint8_t)txn->op;
	x->flags = smmu_override_flags(&p->ste->ovr, txn->flags);
	if (txn->op != DMASIM_READ) {
		x->flags &= ~DMASIM_TXN_INSTRUCTION;
		if (d->clean1 || d->clean2)
			return false;
	}
	need = smmu_need(p->cd && smmu_world_single(p->cd->world)
	                         ? x->flags | DMASIM_TXN_PRIVILEGED
	                         : x->flags,
	                 txn->op);
	mask = SMMU_BIT(d->shift) - 1;
	if ((d->perm1 & d->perm2 & need) != need ||
	    (txn->addr & mask) + (txn->size - 1) > mask)
		return false;
	x->pa = d->pa | (txn->addr & mask);
	attr = smmu_attr_override(txn->attr, &p->ste->ovr);
	x->attr = p->cd ? smmu_attr_hints(d->attr, attr)
	                : smmu_attr_stage2(attr, d->memattr2, d->sh2,
	                                   p->ste->s2fwb);
	x->slot = d->slot;
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
	c->epoch = s->epoch;
	s->stats.transactions++;
	s->stats.tlb_hits++;
	smmu_pmu_count(s, PMCG_EV_TRANSACTION, bank_of(s, txn), txn->stream_id);
	if (s->timed)
		c->latency = smmu_time_lookup(
		        p, x.slot, dmasim_now(s->cfg.kernel) + txn->latency);
	s->depth++;
	r = forward(c, &x, txn->size);
	s->depth--;
	if (r != DMASIM_TXN_PENDING) {
		txn->latency += c->latency;
		smmu_ctx_put(c);
	}
	return r;
}
