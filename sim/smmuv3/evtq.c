/* SPDX-License-Identifier: MIT */
/*
 * Event records (7.3) and the event queue (7.2, 7.4).
 *
 * A record is one 32-byte write. While one is pending, further records wait in
 * a FIFO; whether the queue is writable is decided when a record's turn comes.
 */
#include <inttypes.h>
#include <string.h>

#include "smmuv3_internal.h"

static uint64_t walk_fields(const struct smmu_bank *b,
                            const struct smmu_event *e)
{
	uint8_t class = e->class;
	uint64_t word = FIELD_PREP(EVT1_RNW, e->rnw);

	if (!smmu_quirk(b->smmu, SMMU_QUIRK_NO_PNU_IND))
		word |= FIELD_PREP(EVT1_PNU, e->pnu) |
		        FIELD_PREP(EVT1_IND, e->ind);
	if (e->type != SMMU_F_WALK_EABT &&
	    smmu_quirk(b->smmu, SMMU_QUIRK_CLASS_ZERO))
		class = 0;
	return word | FIELD_PREP(EVT1_CLASS, class);
}

/* 7.3: which fields a record has. What is undefined is 0. */
void smmu_build_record(const struct smmu_bank *b, const struct smmu_event *e,
                       uint64_t record[EVENT_WORDS])
{
	bool ssv = e->ssv;
	uint32_t ssid = ssv ? e->ssid : 0;

	/* 7.3.7: only the StreamID; 7.3.9: the SubstreamID is valid without
	 * SSV. */
	if (e->type == SMMU_F_STREAM_DISABLED)
		ssid = 0;
	if (e->type == SMMU_F_STREAM_DISABLED ||
	    e->type == SMMU_C_BAD_SUBSTREAMID)
		ssv = false;
	if (!ssv && e->type != SMMU_C_BAD_SUBSTREAMID &&
	    smmu_quirk(b->smmu, SMMU_QUIRK_SSID_ONES))
		ssid = 0xfffff;
	memset(record, 0, EVENT_SIZE);
	record[0] = FIELD_PREP(EVT0_TYPE, e->type) | FIELD_PREP(EVT0_SSV, ssv) |
	            FIELD_PREP(EVT0_SSID, ssid) | FIELD_PREP(EVT0_SID, e->sid);
	switch (e->type) {
	case SMMU_F_CD_FETCH:
		if (smmu_quirk(b->smmu, SMMU_QUIRK_CD_FETCH_WORD2))
			record[2] = e->fetch;
		else
			record[3] = e->fetch & EVT3_FETCHADDR;
		break;
	case SMMU_F_STE_FETCH:
		record[3] = e->fetch & EVT3_FETCHADDR;
		break;
	case SMMU_F_WALK_EABT:
		record[3] = e->fetch & EVT3_FETCHADDR;
		record[1] = walk_fields(b, e);
		record[2] = e->input;
		break;
	case SMMU_F_TRANSLATION:
	case SMMU_F_ADDR_SIZE:
	case SMMU_F_ACCESS:
	case SMMU_F_PERMISSION:
		record[1] = walk_fields(b, e);
		record[2] = e->input;
		break;
	default:
		break;
	}
}

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
static void tell(struct smmu_bank *b, bool lost)
{
	struct smmu_evtq *q = &b->evtq;
	const struct dmasim_txn *cause = q->cause;

	q->cause = NULL;
	report(b, q->fifo[q->head], lost, cause);
	q->head = (q->head + 1) % SMMU_EVTQ_FIFO;
	q->count--;
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

/* The record at the head, or its loss. */
static void write_one(struct smmu_bank *b)
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
	if (!(b->reg[SMMU_CR0ACK] & CR0_EVENTQEN)) {
		tell(b, true);
		return;
	}
	if (((prod ^ b->reg[SMMU_EVENTQ_CONS]) & (SMMU_BIT(log2 + 1) - 1)) ==
	    SMMU_BIT(log2)) {
		overflow(b);
		tell(b, true);
		return;
	}
	if (abort_active(b)) {
		tell(b, true);
		return;
	}
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

void smmu_evtq_run(struct smmu_bank *b)
{
	struct smmu_evtq *q = &b->evtq;

	if (q->running)
		return;
	q->running = true;
	while (q->count != 0 && !q->waiting)
		write_one(b);
	q->running = false;
}

void smmu_record(const struct smmu_event *e, const struct dmasim_txn *cause)
{
	struct smmu_bank *b = e->bank;
	struct smmu_evtq *q = &b->evtq;
	uint64_t record[EVENT_WORDS];

	smmu_build_record(b, e, record);
	if (q->count == SMMU_EVTQ_FIFO) {
		/* No room before a write that takes its time: as if the queue
		 * in memory were full. */
		overflow(b);
		report(b, record, true, cause);
		return;
	}
	memcpy(q->fifo[(q->head + q->count) % SMMU_EVTQ_FIFO], record,
	       sizeof(record));
	if (q->count++ == 0)
		q->cause = cause;
	smmu_evtq_run(b);
	q->cause = NULL;
}
