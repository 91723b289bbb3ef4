/* SPDX-License-Identifier: MIT */
/*
 * The event queue (7.2, 7.4).
 *
 * A record is one 32-byte write. While one is pending, further records wait in
 * a FIFO; whether the queue is writable is decided when a record's turn comes.
 * One that finds it not writable is lost, unless its transaction is stalled:
 * then it is held until the queue is writable.
 */
#include <inttypes.h>
#include <string.h>

#include "smmuv3_internal.h"

static void report(struct smmu_bank *b, const uint64_t record[EVENT_WORDS],
                   bool lost, const struct dmasim_txn *cause)
{
	if (lost)
		b->smmu->stats.records_lost++;
	else
		b->smmu->stats.records++;
	if (dmasim_tracing(b->smmu->cfg.kernel))
		dmasim_trace(b->smmu->cfg.kernel, b->smmu->name,
		             "%s %s 0x%016" PRIx64 " 0x%016" PRIx64
		             " 0x%016" PRIx64 " 0x%016" PRIx64,
		             lost ? "lost" : "record",
		             dmasim_event_name((uint8_t)record[0]), record[0],
		             record[1], record[2], record[3]);
	if (b->smmu->cfg.on_event)
		b->smmu->cfg.on_event(b->smmu->cfg.on_event_ctx, record, lost,
		                      cause);
}

/* The record at the head is done with. */
static void pop(struct smmu_bank *b)
{
	struct smmu_evtq *q = &b->evtq;

	q->head = (q->head + 1) % SMMU_EVTQ_FIFO;
	q->count--;
	smmu_sync_record_gone(b, 0);
}

static struct smmu_ctx *stalled_at(const struct smmu_bank *b, uint32_t i)
{
	uint32_t ref = b->evtq.stalled[i];

	return ref ? b->smmu->ctx[ref - 1] : NULL;
}

static void tell(struct smmu_bank *b, bool lost)
{
	struct smmu_evtq *q = &b->evtq;
	struct smmu_ctx *c = stalled_at(b, q->head);
	const struct dmasim_txn *cause = c ? c->txn : q->cause;

	if (c)
		c->stall.record = SMMU_STALL_RECORDED;
	q->cause = NULL;
	if (lost)
		q->last_valid = false;
	report(b, q->fifo[q->head], lost, cause);
	pop(b);
}

/* 7.4: a record that finds the queue full toggles OVFLG, unless an overflow is
 * unacknowledged already. */
static void overflow(struct smmu_bank *b)
{
	if (smmu_quirk(b->smmu, SMMU_QUIRK_EVTQ_FULL_ABT)) {
		smmu_gerror(b, GERROR_EVENTQ_ABT_ERR);
		return;
	}
	if (((b->reg[SMMU_EVENTQ_PROD] ^ b->reg[SMMU_EVENTQ_CONS]) &
	     Q_OVERFLOW) == 0)
		b->reg[SMMU_EVENTQ_PROD] ^= Q_OVERFLOW;
}

static bool abort_active(const struct smmu_bank *b)
{
	return ((b->reg[SMMU_GERROR] ^ b->reg[SMMU_GERRORN]) &
	        GERROR_EVENTQ_ABT_ERR) &&
	       !smmu_quirk(b->smmu, SMMU_QUIRK_EVTQ_ABT_GOES_ON);
}

/* 7.2.1. */
enum writable {
	WRITABLE,
	FULL,
	OFF, /* disabled, or after an abort */
};

static enum writable writable(const struct smmu_bank *b)
{
	uint64_t diff = b->reg[SMMU_EVENTQ_PROD] ^ b->reg[SMMU_EVENTQ_CONS];
	unsigned log2;

	if (!(b->reg[SMMU_CR0ACK] & CR0_EVENTQEN) || b->smmu->failed)
		return OFF;
	smmu_queue_base(b->smmu, b->reg[SMMU_EVENTQ_BASE],
	                b->smmu->caps.eventq_log2, 5, &log2);
	if ((diff & (SMMU_BIT(log2 + 1) - 1)) == SMMU_BIT(log2))
		return FULL;
	return abort_active(b) ? OFF : WRITABLE;
}

static void write_record(struct smmu_bank *b)
{
	struct smmu_evtq *q = &b->evtq;
	uint64_t prod = b->reg[SMMU_EVENTQ_PROD], cr1 = b->reg[SMMU_CR1];
	uint64_t base = b->reg[SMMU_EVENTQ_BASE];
	struct smmu_read w = {
	        .size = EVENT_SIZE,
	        .attr = smmu_attr_cr1(FIELD_GET(CR1_QUEUE_IC, cr1),
	                              FIELD_GET(CR1_QUEUE_OC, cr1),
	                              FIELD_GET(CR1_QUEUE_SH, cr1),
	                              base & Q_BASE_HINT ? DMASIM_ALLOC_WRITE
	                                                 : 0),
	        .cause = DMASIM_CAUSE_EVTQ,
	        .what = "event record write",
	        .flags = smmu_bank_flags(b),
	};
	unsigned log2;

	w.addr = smmu_queue_base(b->smmu, base, b->smmu->caps.eventq_log2, 5,
	                         &log2);
	w.addr += (prod & (SMMU_BIT(log2) - 1)) * EVENT_SIZE;
	for (unsigned i = 0; i < EVENT_WORDS; i++)
		smmu_put_le64(q->data + 8 * (size_t)i, q->fifo[q->head][i]);
	smmu_own_txn(&q->txn, &w, q->data);
	q->txn.op = DMASIM_WRITE;
	q->txn.done =
	        (struct dmasim_call){b->smmu->actor, SMMU_CALL_EVTQ, b->id};
	if (dmasim_access(&b->smmu->cfg.mem, &q->txn) == DMASIM_TXN_PENDING)
		q->waiting = true;
	else
		smmu_evtq_written(b);
}

static void hold(struct smmu_bank *b, struct smmu_ctx *c)
{
	c->stall.record = SMMU_STALL_HELD;
	smmu_ctx_append(&b->evtq.held, c);
}

/* The record at the head, or its loss. */
static void write_one(struct smmu_bank *b)
{
	struct smmu_evtq *q = &b->evtq;
	enum writable w = writable(b);

	if (w == WRITABLE) {
		write_record(b);
	} else if (q->stalled[q->head]) {
		/* 7.4: never lost, and no overflow. */
		hold(b, stalled_at(b, q->head));
		q->cause = NULL;
		pop(b);
	} else {
		if (w == FULL)
			overflow(b);
		tell(b, true);
	}
}

/* The write of the record at the head is done. */
void smmu_evtq_written(struct smmu_bank *b)
{
	uint64_t prod = b->reg[SMMU_EVENTQ_PROD];
	uint64_t cons = b->reg[SMMU_EVENTQ_CONS], mask;
	unsigned log2;

	if (b->evtq.txn.result != DMASIM_TXN_OK) {
		/* 7.2.1: the record is lost, and nothing is written until the
		 * error is acknowledged. */
		tell(b, true);
		smmu_gerror(b, GERROR_EVENTQ_ABT_ERR);
		return;
	}
	smmu_queue_base(b->smmu, b->reg[SMMU_EVENTQ_BASE],
	                b->smmu->caps.eventq_log2, 5, &log2);
	mask = SMMU_BIT(log2 + 1) - 1;
	b->reg[SMMU_EVENTQ_PROD] = (prod & Q_OVERFLOW) | ((prod + 1) & mask);
	tell(b, false);
	/* 3.18: when the queue changes from empty to not empty. */
	if (((prod ^ cons) & mask) == 0 ||
	    smmu_quirk(b->smmu, SMMU_QUIRK_EVTQ_IRQ_EACH))
		smmu_signal(b, SMMU_IRQ_EVENTQ);
}

static void push(struct smmu_bank *b, const uint64_t record[EVENT_WORDS],
                 const struct smmu_ctx *stalled)
{
	struct smmu_evtq *q = &b->evtq;
	uint32_t at = (q->head + q->count++) % SMMU_EVTQ_FIFO;

	memcpy(q->fifo[at], record, EVENT_SIZE);
	q->stalled[at] = stalled ? stalled->id + 1 : 0;
}

static void push_stall(struct smmu_bank *b, struct smmu_ctx *c)
{
	uint64_t record[EVENT_WORDS];

	smmu_build_record(b, &c->stall.e, record);
	c->stall.record = SMMU_STALL_QUEUED;
	b->evtq.last_valid = false;
	push(b, record, c);
}

/* 7.2.1, 4.7.3: a record that was held while something was invalidated may be
 * out of date: its transaction is tried again instead. */
static void write_held(struct smmu_bank *b)
{
	struct smmu_ctx *c = b->evtq.held.first;

	smmu_ctx_unlink(&b->evtq.held, c);
	if (c->epoch != b->smmu->epoch)
		smmu_stall_retry(c);
	else
		push_stall(b, c);
}

void smmu_evtq_run(struct smmu_bank *b)
{
	struct smmu_evtq *q = &b->evtq;

	if (q->running)
		return;
	q->running = true;
	while (!q->waiting) {
		if (q->count != 0)
			write_one(b);
		else if (q->held.first && writable(b) == WRITABLE)
			write_held(b);
		else
			break;
	}
	q->running = false;
	smmu_sync_poll(b->smmu);
}

void smmu_record_stall(struct smmu_ctx *c)
{
	struct smmu_bank *b = c->stall.e.bank;

	if (b->evtq.held.first || b->evtq.count == SMMU_EVTQ_FIFO)
		hold(b, c);
	else
		push_stall(b, c);
	smmu_evtq_run(b);
}

void smmu_forget_stall(struct smmu_ctx *c)
{
	struct smmu_evtq *q = &c->stall.e.bank->evtq;
	/* The one at the head is being written. */
	uint32_t kept = 1;

	if (c->stall.record == SMMU_STALL_HELD)
		smmu_ctx_unlink(&q->held, c);
	if (c->stall.record != SMMU_STALL_QUEUED)
		return;
	if (q->stalled[q->head] == c->id + 1)
		q->stalled[q->head] = 0;
	for (uint32_t i = kept; i < q->count; i++) {
		uint32_t at = (q->head + i) % SMMU_EVTQ_FIFO;
		uint32_t to = (q->head + kept) % SMMU_EVTQ_FIFO;

		if (q->stalled[at] == c->id + 1) {
			smmu_sync_record_gone(c->stall.e.bank, i);
			continue;
		}
		memmove(q->fifo[to], q->fifo[at], EVENT_SIZE);
		q->stalled[to] = q->stalled[at];
		kept++;
	}
	q->count = kept;
}

/* 7.3.1: what STE.MEV permits, and these four at any time. */
static bool may_merge(const struct smmu_event *e)
{
	return e->mev || e->type == SMMU_F_UUT ||
	       e->type == SMMU_C_BAD_STREAMID || e->type == SMMU_F_STE_FETCH ||
	       e->type == SMMU_C_BAD_STE;
}

/* Events that follow one another closely. */
#define MERGE_WINDOW DMASIM_US

/* The newest record is there for software to see, or will be. */
static bool last_unseen(const struct smmu_bank *b, uint64_t now)
{
	const struct smmu_evtq *q = &b->evtq;

	return q->last_valid && now - q->last_time <= MERGE_WINDOW &&
	       (q->count != 0 ||
	        ((b->reg[SMMU_EVENTQ_PROD] ^ b->reg[SMMU_EVENTQ_CONS]) &
	         Q_INDEX) != 0);
}

static bool merged(struct smmu_bank *b, const struct smmu_event *e,
                   const uint64_t record[EVENT_WORDS])
{
	const struct dmasim_choice_query query = {
	        .point = DMASIM_CHOICE_EVENT_MERGE,
	        .alternatives = 2,
	        .who = "smmu event",
	        .where = e->sid,
	};
	struct smmu_evtq *q = &b->evtq;
	uint64_t now = dmasim_now(b->smmu->cfg.kernel);

	if (may_merge(e) && !smmu_quirk(b->smmu, SMMU_QUIRK_NO_MERGE) &&
	    last_unseen(b, now) && smmu_records_alike(q->last, record) &&
	    dmasim_choose(b->smmu->cfg.choice, &query) == 1) {
		b->smmu->stats.records_merged++;
		return true;
	}
	memcpy(q->last, record, sizeof(q->last));
	q->last_time = now;
	q->last_valid = may_merge(e);
	return false;
}

void smmu_record(const struct smmu_event *e, const struct dmasim_txn *cause)
{
	struct smmu_bank *b = e->bank;
	struct smmu_evtq *q = &b->evtq;
	uint64_t record[EVENT_WORDS];

	smmu_build_record(b, e, record);
	if (merged(b, e, record))
		return;
	if (q->count == SMMU_EVTQ_FIFO) {
		/* No room before a write that takes its time: as if the queue
		 * in memory were full. */
		overflow(b);
		q->last_valid = false;
		report(b, record, true, cause);
		return;
	}
	if (q->count == 0)
		q->cause = cause;
	push(b, record, NULL);
	smmu_evtq_run(b);
	q->cause = NULL;
}

int dmasim_smmu_page_hint(struct dmasim_smmu *s,
                          const struct dmasim_smmu_page_hint *hint)
{
	struct smmu_event e = {.type = SMMU_E_PAGE_REQUEST};

	if (!s || !hint || hint->pages == 0 ||
	    (hint->flags & ~(DMASIM_TXN_SSV | DMASIM_TXN_SEC_SID)) ||
	    (hint->access & ~SMMU_PERM_ALL) || hint->substream_id > 0xfffff)
		return DMASIM_E_INVAL;
	e.bank = &s->bank[hint->flags & DMASIM_TXN_SEC_SID ? SMMU_S : SMMU_NS];
	e.sid = hint->stream_id;
	e.ssv = hint->flags & DMASIM_TXN_SSV;
	e.ssid = hint->substream_id;
	e.input = hint->addr;
	e.span = hint->pages;
	e.perm = hint->access;
	/* 7.2.1: it is about a translation, and there is none. */
	if (e.bank->reg[SMMU_CR0ACK] & CR0_SMMUEN)
		smmu_record(&e, NULL);
	return DMASIM_OK;
}
