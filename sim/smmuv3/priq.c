/* SPDX-License-Identifier: MIT */
/*
 * The PRI queue (chapter 8): page requests of endpoints become entries, or are
 * answered at once.
 *
 * As in the event queue, what becomes of a request is decided when its turn
 * comes: while an entry is written the next ones wait in a FIFO.
 */
#include <inttypes.h>

#include "smmuv3_internal.h"

static struct smmu_bank *bank(struct dmasim_smmu *s)
{
	return &s->bank[SMMU_NS];
}

/* 8: LWR = 0b100 with a PASID. */
static bool stop_marker(const struct dmasim_page_request *r)
{
	return r->pasid_valid && r->last && !r->write && !r->read;
}

static void respond(struct dmasim_smmu *s, const struct dmasim_pri_response *r)
{
	const struct smmu_ats *a = smmu_ats_of(s, r->stream_id);

	if (dmasim_tracing(s->cfg.kernel))
		dmasim_trace(s->cfg.kernel, s->name,
		             "page response StreamID 0x%" PRIx32
		             " group %u code %d",
		             r->stream_id, (unsigned)r->group, (int)r->code);
	if (a && a->cfg.endpoint.page_response)
		a->cfg.endpoint.page_response(a->cfg.endpoint.obj, r);
}

/* 8.2: the answer to a request that found no queue: no PASID, and Failure. */
static void refuse(struct dmasim_smmu *s, const struct dmasim_page_request *q)
{
	const struct dmasim_pri_response r = {
	        .stream_id = q->stream_id,
	        .group = q->group,
	        .code = DMASIM_PRI_FAILURE,
	};

	if (!stop_marker(q))
		respond(s, &r);
}

/* ---- overflow (8.1) ---- */

static void respond_success(struct dmasim_smmu *s, uint32_t sid, uint16_t group,
                            const uint32_t *pasid)
{
	const struct dmasim_pri_response r = {
	        .stream_id = sid,
	        .group = group,
	        .pasid_valid = pasid != NULL,
	        .pasid = pasid ? *pasid : 0,
	        .code = DMASIM_PRI_SUCCESS,
	};

	respond(s, &r);
}

/* 8.1: errors on the way to STE.PPAR, where software asks for them. */
static void record_ppar_error(const struct smmu_ctx *c,
                              const struct smmu_event *e)
{
	const struct smmu_bank *b = c->req.bank;

	if ((b->reg[SMMU_CR2] & CR2_REC_CFG_ATS) && e->type != 0 && !e->silent)
		smmu_record(e, NULL);
}

/* STE.PPAR says whether the answer has the PASID; without an STE it is a
 * Failure. @c has the request: the StreamID, the PASID, the group in size. */
static void check_ppar(struct smmu_ctx *c)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_event e = {
	        .bank = c->req.bank,
	        .sid = c->req.sid,
	        .ssv = c->req.ssv,
	        .ssid = c->req.ssid,
	};
	const struct smmu_ste *ste;
	enum smmu_step step;
	uint32_t sid = c->req.sid, pasid = c->req.ssid;
	uint16_t group = (uint16_t)c->size;
	bool ppar;

	if (c->logged == 0 || c->epoch != s->epoch) {
		c->logged = 0;
		c->epoch = s->epoch;
	}
	c->replayed = 0;
	step = smmu_get_ste(c, &e, &ste);
	if (step == SMMU_PENDING)
		return;
	ppar = step == SMMU_OK && ste->ppar;
	smmu_ctx_put(c);
	if (step == SMMU_OK) {
		respond_success(s, sid, group, ppar ? &pasid : NULL);
	} else {
		const struct dmasim_page_request q = {.stream_id = sid,
		                                      .group = group};

		record_ppar_error(c, &e);
		refuse(s, &q);
	}
}

void smmu_pri_fetched(struct smmu_ctx *c)
{
	check_ppar(c);
}

static void answer_overflow(struct dmasim_smmu *s,
                            const struct dmasim_page_request *q)
{
	struct smmu_ctx *c;

	if (!q->pasid_valid || s->caps.pps) {
		respond_success(s, q->stream_id, q->group,
		                q->pasid_valid ? &q->pasid : NULL);
		return;
	}
	if (smmu_ctx_get(s, &c) != DMASIM_OK) {
		refuse(s, q);
		return;
	}
	c->txn = NULL;
	c->port = NULL;
	c->req = (struct smmu_request){
	        .bank = bank(s),
	        .kind = SMMU_KIND_PRI,
	        .sid = q->stream_id,
	        .ssv = true,
	        .ssid = q->pasid,
	};
	c->size = q->group;
	check_ppar(c);
}

/* 6.3.36: with LO, each request with Last, also one that overflows. */
static bool last_only(struct dmasim_smmu *s)
{
	return bank(s)->reg[SMMU_PRIQ_IRQ_CFG2] & IRQ_CFG2_LO;
}

static void overflow(struct dmasim_smmu *s, const struct dmasim_page_request *q)
{
	struct smmu_bank *b = bank(s);

	if (((b->reg[SMMU_PRIQ_PROD] ^ b->reg[SMMU_PRIQ_CONS]) & Q_OVERFLOW) ==
	    0)
		b->reg[SMMU_PRIQ_PROD] ^= Q_OVERFLOW;
	s->stats.page_requests_lost++;
	if (q->last && last_only(s))
		smmu_signal(b, SMMU_IRQ_PRIQ);
	if (q->last && !stop_marker(q))
		answer_overflow(s, q);
}

/* ---- the queue ---- */

static void pop(struct smmu_priq *q)
{
	q->head = (q->head + 1) % SMMU_PRI_FIFO;
	q->count--;
}

/* 8.2: PRIQEN counts with SMMUEN alone. */
static bool enabled(const struct smmu_bank *b)
{
	return (b->reg[SMMU_CR0ACK] & CR0_PRIQEN) && !b->smmu->failed &&
	       (b->reg[SMMU_CR0ACK] & CR0_SMMUEN) &&
	       !((b->reg[SMMU_GERROR] ^ b->reg[SMMU_GERRORN]) &
	         GERROR_PRIQ_ABT_ERR);
}

/* 8.1: unlike in the event queue, an overflow stops everything until it is
 * acknowledged. */
static bool full(const struct smmu_bank *b, unsigned log2)
{
	uint64_t diff = b->reg[SMMU_PRIQ_PROD] ^ b->reg[SMMU_PRIQ_CONS];

	return (diff & Q_OVERFLOW) ||
	       (diff & (SMMU_BIT(log2 + 1) - 1)) == SMMU_BIT(log2);
}

static void encode(const struct dmasim_page_request *r, uint8_t *data)
{
	smmu_put_le64(data, FIELD_PREP(PRI0_SID, r->stream_id) |
	                            FIELD_PREP(PRI0_SSID, r->pasid) |
	                            FIELD_PREP(PRI0_SSV, r->pasid_valid) |
	                            FIELD_PREP(PRI0_LAST, r->last) |
	                            FIELD_PREP(PRI0_W, r->write) |
	                            FIELD_PREP(PRI0_R, r->read) |
	                            FIELD_PREP(PRI0_X, r->exec) |
	                            FIELD_PREP(PRI0_PRIV, r->priv));
	smmu_put_le64(data + 8,
	              (r->addr & PRI1_ADDR) | FIELD_PREP(PRI1_GROUP, r->group));
}

static void write_entry(struct dmasim_smmu *s, uint64_t addr)
{
	struct smmu_bank *b = bank(s);
	struct smmu_priq *q = &s->priq;
	uint64_t cr1 = b->reg[SMMU_CR1], base = b->reg[SMMU_PRIQ_BASE];
	const struct smmu_read w = {
	        .addr = addr,
	        .size = PRI_SIZE,
	        .attr = smmu_attr_cr1(FIELD_GET(CR1_QUEUE_IC, cr1),
	                              FIELD_GET(CR1_QUEUE_OC, cr1),
	                              FIELD_GET(CR1_QUEUE_SH, cr1),
	                              base & Q_BASE_HINT ? DMASIM_ALLOC_WRITE
	                                                 : 0),
	        .cause = DMASIM_CAUSE_PRIQ,
	        .what = "page request write",
	};

	encode(&q->fifo[q->head], q->data);
	smmu_own_txn(&q->txn, &w, q->data);
	q->txn.op = DMASIM_WRITE;
	q->txn.done = (struct dmasim_call){s->actor, SMMU_CALL_PRIQ, 0};
	if (dmasim_access(&s->cfg.mem, &q->txn) == DMASIM_TXN_PENDING)
		q->waiting = true;
	else
		smmu_priq_written(s);
}

/* What becomes of the request at the head. */
static void handle_one(struct dmasim_smmu *s)
{
	struct smmu_bank *b = bank(s);
	struct smmu_priq *q = &s->priq;
	const struct dmasim_page_request r = q->fifo[q->head];
	uint64_t base, prod = b->reg[SMMU_PRIQ_PROD];
	unsigned log2;

	base = smmu_queue_base(s, b->reg[SMMU_PRIQ_BASE], s->caps.priq_log2, 4,
	                       &log2);
	if (!enabled(b)) {
		pop(q);
		s->stats.page_requests_lost++;
		refuse(s, &r);
	} else if (full(b, log2)) {
		pop(q);
		overflow(s, &r);
	} else {
		write_entry(s, base + (prod & (SMMU_BIT(log2) - 1)) * PRI_SIZE);
	}
}

/* The write of the request at the head is done. */
void smmu_priq_written(struct dmasim_smmu *s)
{
	struct smmu_bank *b = bank(s);
	struct smmu_priq *q = &s->priq;
	const struct dmasim_page_request r = q->fifo[q->head];
	uint64_t prod = b->reg[SMMU_PRIQ_PROD], mask;
	bool was_empty;
	unsigned log2;

	q->waiting = false;
	pop(q);
	if (q->txn.result != DMASIM_TXN_OK) {
		/* 8.2: a synchronous abort: the request is lost, and answered
		 * so. */
		smmu_gerror(b, GERROR_PRIQ_ABT_ERR);
		s->stats.page_requests_lost++;
		refuse(s, &r);
		return;
	}
	smmu_queue_base(s, b->reg[SMMU_PRIQ_BASE], s->caps.priq_log2, 4, &log2);
	mask = SMMU_BIT(log2 + 1) - 1;
	was_empty = ((prod ^ b->reg[SMMU_PRIQ_CONS]) & mask) == 0;
	b->reg[SMMU_PRIQ_PROD] = (prod & Q_OVERFLOW) | ((prod + 1) & mask);
	if (last_only(s) ? r.last : was_empty)
		smmu_signal(b, SMMU_IRQ_PRIQ);
}

void smmu_priq_run(struct dmasim_smmu *s)
{
	struct smmu_priq *q = &s->priq;

	if (q->running)
		return;
	q->running = true;
	while (q->count != 0 && !q->waiting)
		handle_one(s);
	q->running = false;
}

static bool sound(const struct smmu_ats *a, const struct dmasim_page_request *r)
{
	return r->stream_id >= a->cfg.first_sid &&
	       r->stream_id <= a->cfg.last_sid && r->group <= 511 &&
	       (!r->pasid_valid || r->pasid <= 0xfffff);
}

int smmu_page_request(void *obj, const struct dmasim_page_request *r)
{
	const struct smmu_ats *a = obj;
	struct dmasim_smmu *s = a->smmu;
	struct smmu_priq *q = &s->priq;
	struct dmasim_page_request in;

	if (!r || !sound(a, r))
		return DMASIM_E_INVAL;
	in = *r;
	/* 8: without PASIDs, and without a PASID, these are 0. */
	in.pasid_valid = r->pasid_valid && s->caps.ssid_bits != 0;
	if (!in.pasid_valid) {
		in.pasid = 0;
		in.exec = in.priv = false;
	}
	s->stats.page_requests++;
	/* 8.2: a request of a Secure stream is refused. */
	if (in.secure || !s->caps.pri) {
		s->stats.page_requests_lost++;
		refuse(s, &in);
	} else if (q->count == SMMU_PRI_FIFO) {
		/* As if the queue in memory were full. */
		overflow(s, &in);
	} else {
		q->fifo[(q->head + q->count++) % SMMU_PRI_FIFO] = in;
		smmu_priq_run(s);
	}
	return DMASIM_OK;
}

/* 4.5.2. */
unsigned smmu_cmd_pri_resp(struct smmu_bank *b, const uint64_t *cmd)
{
	static const enum dmasim_pri_code codes[] = {
	        DMASIM_PRI_FAILURE, DMASIM_PRI_INVALID, DMASIM_PRI_SUCCESS};
	struct dmasim_smmu *s = b->smmu;
	uint64_t resp = FIELD_GET(PRI1_RESP, cmd[1]);
	bool ssv = (cmd[0] & CMD0_SSV) && s->caps.ssid_bits != 0;
	struct dmasim_pri_response r = {
	        .stream_id = (uint32_t)FIELD_GET(CMD0_SID, cmd[0]),
	        .pasid_valid = ssv,
	        .pasid = ssv ? (uint32_t)FIELD_GET(CMD0_SSID, cmd[0]) : 0,
	        .group = (uint16_t)FIELD_GET(PRI1_PRGINDEX, cmd[1]),
	};

	if (!smmu_ats_commands(b, s->caps.pri))
		return smmu_quirk(s, SMMU_QUIRK_CMD_TOLERANT) ? CERROR_NONE
		                                              : CERROR_ILL;
	if (resp >= sizeof(codes) / sizeof(*codes))
		return CERROR_ILL;
	r.code = codes[resp];
	if (smmu_ats_operates(b))
		respond(s, &r);
	return CERROR_NONE;
}
