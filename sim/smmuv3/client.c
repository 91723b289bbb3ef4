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
static struct dmasim_attr final_attr(uint32_t flags, struct dmasim_attr attr)
{
	if ((flags & DMASIM_TXN_NO_SNOOP) && dmasim_attr_cacheable(&attr))
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
	txn->ahead -= c->latency;
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
	txn->attr = x->attr;
	txn->flags = x->flags;
	txn->op = (enum dmasim_op)x->op;
	txn->ahead += c->latency;
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

/* A hit, without any access of ours, will be one again. */
static void note_hit(struct smmu_ctx *c, const struct smmu_xlate *x)
{
	const struct dmasim_txn *txn = c->txn;

	if (x->slot != SMMU_NO_SLOT && c->logged == 0 && x->op == txn->op &&
	    txn->op <= DMASIM_ATOMIC_CAS &&
	    !(txn->flags & (DMASIM_TXN_DEBUG | ATS_FLAGS)))
		smmu_shortcut_add(c->smmu, txn, c->req.addr, x);
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
		x.attr = final_attr(txn->flags, x.attr);
		note_hit(c, &x);
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

static enum dmasim_result no_memory(const struct dmasim_smmu *s)
{
	dmasim_log(s->cfg.kernel, DMASIM_LOG_ERROR, s->name,
	           "out-of-memory: a transaction is aborted");
	return DMASIM_TXN_ABORT;
}

/* Apart, so that smmu_client_access() saves no registers for it. */
__attribute__((noinline)) static enum dmasim_result slow(struct smmu_port *p,
                                                         struct dmasim_txn *txn)
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
	if (!restored && smmu_ctx_get(s, &c) != DMASIM_OK)
		return no_memory(s);
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

/* The shortcut for @txn, if there is one. It is for accesses within a page. */
static inline const struct smmu_hit *shortcut(const struct dmasim_smmu *s,
                                              const struct dmasim_txn *txn)
{
	const struct smmu_view *v = smmu_view_slot(&s->shortcuts, txn);
	const struct smmu_hit *h = smmu_hit_slot(&s->shortcuts, v, txn->addr);

	if (smmu_view_is(s, v, txn) && h->view == v->number &&
	    ((h->page ^ txn->addr) & ~SMMU_HIT_OPS) == 0 &&
	    (h->page >> txn->op & 1) && txn->size != 0 &&
	    (txn->addr & SMMU_HIT_OPS) + txn->size <= SMMU_HIT_OPS + 1 &&
	    s->depth < MAX_DEPTH && s->pmu_events == 0 &&
	    s->stalls.detached == 0)
		return h;
	return NULL;
}

/* As pass(), for a client that can wait. */
__attribute__((noinline)) static enum dmasim_result
pass_or_wait(struct smmu_port *p, struct dmasim_txn *txn,
             const struct smmu_hit *h, uint64_t latency)
{
	const struct smmu_xlate x = {
	        .pa = h->pa | (txn->addr & SMMU_HIT_OPS),
	        .attr = h->attr,
	        .flags = h->flags,
	        .op = (uint8_t)txn->op,
	};
	struct smmu_ctx *c;
	enum dmasim_result r;

	if (smmu_ctx_get(p->smmu, &c) != DMASIM_OK)
		return no_memory(p->smmu);
	begin(c, p, txn);
	c->epoch = p->smmu->epoch;
	c->latency = latency;
	r = forward(c, &x, txn->size);
	if (r != DMASIM_TXN_PENDING)
		smmu_ctx_put(c);
	return r;
}

/* As forward(), for a client that takes no PENDING: all of it goes on, and
 * nothing has to be kept for later. */
static enum dmasim_result pass(const struct smmu_port *p,
                               struct dmasim_txn *txn, const struct smmu_hit *h)
{
	struct dmasim_attr attr = txn->attr;
	uint64_t addr = txn->addr;
	uint32_t flags = txn->flags;
	enum dmasim_result r;

	txn->addr = h->pa | (addr & SMMU_HIT_OPS);
	txn->attr = h->attr;
	txn->flags = h->flags;
	r = dmasim_access(&p->down, txn);
	txn->addr = addr;
	txn->attr = attr;
	txn->flags = flags;
	return r;
}

enum dmasim_result smmu_client_access(void *obj, struct dmasim_txn *txn)
{
	struct smmu_port *p = obj;
	struct dmasim_smmu *s = p->smmu;
	const struct smmu_hit *h = shortcut(s, txn);
	uint64_t latency = 0;
	enum dmasim_result r;

	if (!h)
		return slow(p, txn);
	s->stats.transactions++;
	s->stats.tlb_hits++;
	if (s->watch)
		smmu_watch_fast(s, txn, h->slot);
	if (s->timed)
		latency = smmu_time_lookup(
		        p, h->slot, dmasim_now(s->cfg.kernel) + txn->latency);
	s->depth++;
	r = txn->done.actor == 0 ? pass(p, txn, h)
	                         : pass_or_wait(p, txn, h, latency);
	s->depth--;
	if (r != DMASIM_TXN_PENDING)
		txn->latency += latency;
	return r;
}
