/* SPDX-License-Identifier: MIT */
/*
 * Stalled transactions as saved state. Their fields stand for them; the
 * transactions themselves belong to clients, which hand them in again after
 * the restore.
 */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

#define KNOWN_FLAGS                                                            \
	(DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION | DMASIM_TXN_SECURE |  \
	 DMASIM_TXN_SSV | DMASIM_TXN_NO_SNOOP | DMASIM_TXN_SEC_SID)

/* Bits of an event. */
#define EVENT_RNW   0x01u
#define EVENT_PNU   0x02u
#define EVENT_IND   0x04u
#define EVENT_S2    0x08u
#define EVENT_TTRNW 0x10u
#define EVENT_NSIPA 0x20u
#define EVENT_BITS  0x3fu

static bool saved(const struct smmu_ctx *c)
{
	return c->state == SMMU_CTX_STALLED || c->state == SMMU_CTX_WAITING ||
	       c->state == SMMU_CTX_DECIDED;
}

/* The bytes that a read has got before it stalled. */
static uint32_t read_so_far(const struct smmu_ctx *c)
{
	return c->req.op == DMASIM_READ ? c->offset : 0;
}

static void save_event(const struct smmu_event *e, struct dmasim_writer *w)
{
	dmasim_put_u8(w, e->type);
	dmasim_put_u8(w, e->class);
	dmasim_put_u8(
	        w,
	        (uint8_t)((e->rnw ? EVENT_RNW : 0) | (e->pnu ? EVENT_PNU : 0) |
	                  (e->ind ? EVENT_IND : 0) | (e->s2 ? EVENT_S2 : 0) |
	                  (e->ttrnw ? EVENT_TTRNW : 0) |
	                  (e->nsipa ? EVENT_NSIPA : 0)));
	dmasim_put_u64(w, e->input);
	dmasim_put_u64(w, e->ipa);
}

static void save_one(const struct smmu_ctx *c, struct dmasim_writer *w)
{
	const struct dmasim_smmu *s = c->smmu;
	const struct dmasim_txn *txn = c->txn;

	dmasim_put_u8(w, c->state);
	dmasim_put_u8(w, c->req.op);
	dmasim_put_u32(w, c->req.sid);
	dmasim_put_u32(w, c->req.ssid);
	dmasim_put_u32(w, c->req.flags);
	dmasim_put_u64(w, txn ? txn->addr : c->addr);
	dmasim_put_u32(w, txn ? txn->size : c->size);
	dmasim_put_u32(w, c->offset);
	dmasim_put_u64(w, c->latency);
	dmasim_put_call(w, s->cfg.kernel, txn ? &txn->done : &c->done);
	dmasim_put_u32(w, c->stall.stag);
	dmasim_put_u8(w, c->stall.record);
	dmasim_put_u8(w, c->stall.verdict);
	dmasim_put_u8(w, c->epoch != s->epoch);
	save_event(&c->stall.e, w);
	if (read_so_far(c) != 0)
		dmasim_put_bytes(w, txn ? txn->data : c->stall.read,
		                 read_so_far(c));
}

/* In an order that a restore finds again: by STAG, then what stands in
 * line. */
void smmu_stalls_save(const struct dmasim_smmu *s, struct dmasim_writer *w)
{
	const struct smmu_stalls *t = &s->stalls;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->ctxs; i++)
		n += saved(s->ctx[i]);
	dmasim_put_u32(w, t->max);
	dmasim_put_u32(w, t->next);
	dmasim_put_u32(w, n);
	for (uint32_t i = 0; i < t->max; i++)
		if (t->slot[i] && t->slot[i]->stall.record != SMMU_STALL_HELD)
			save_one(t->slot[i], w);
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		for (const struct smmu_ctx *c = s->bank[i].evtq.held.first; c;
		     c = c->stall.next)
			save_one(c, w);
	for (const struct smmu_ctx *c = t->waiting.first; c; c = c->stall.next)
		save_one(c, w);
	for (const struct smmu_ctx *c = t->decided.first; c; c = c->stall.next)
		save_one(c, w);
}

/* ---- restore ---- */

static bool event_sound(const struct smmu_event *e, uint8_t bits)
{
	return e->type >= SMMU_F_TRANSLATION && e->type <= SMMU_F_PERMISSION &&
	       e->class <= EVT_CLASS_IN && (bits & ~EVENT_BITS) == 0;
}

static bool restore_event(struct smmu_ctx *c, struct dmasim_reader *r)
{
	struct smmu_event *e = &c->stall.e;
	uint8_t bits;

	*e = (struct smmu_event){
	        .type = dmasim_get_u8(r),
	        .bank = c->req.bank,
	        .sid = c->req.sid,
	        .ssid = c->req.ssid,
	        .ssv = c->req.ssv,
	        .may_stall = true,
	        .stall = true,
	        .stag = c->stall.stag,
	};
	e->class = dmasim_get_u8(r);
	bits = dmasim_get_u8(r);
	e->rnw = bits & EVENT_RNW;
	e->pnu = bits & EVENT_PNU;
	e->ind = bits & EVENT_IND;
	e->s2 = bits & EVENT_S2;
	e->ttrnw = bits & EVENT_TTRNW;
	e->nsipa = bits & EVENT_NSIPA;
	e->input = dmasim_get_u64(r);
	e->ipa = dmasim_get_u64(r);
	return event_sound(e, bits);
}

static bool request_sound(const struct smmu_ctx *c)
{
	const struct smmu_request *q = &c->req;
	return q->op <= DMASIM_CLEAN_INVALIDATE && q->ssid <= 0xfffff &&
	       (q->flags & ~KNOWN_FLAGS) == 0 && c->size != 0 &&
	       c->addr <= UINT64_MAX - (c->size - 1) && c->offset < c->size &&
	       (c->offset == 0 || !dmasim_op_is_atomic(q->op)) &&
	       c->done.actor != 0;
}

static bool state_sound(const struct smmu_ctx *c)
{
	const struct smmu_stall *st = &c->stall;
	const struct smmu_stalls *t = &c->smmu->stalls;

	if (st->verdict >= SMMU_VERDICTS || !saved(c))
		return false;
	return c->state != SMMU_CTX_STALLED ||
	       (st->stag < t->max && !t->slot[st->stag] &&
	        (st->record == SMMU_STALL_HELD ||
	         st->record == SMMU_STALL_RECORDED));
}

static bool restore_fields(struct smmu_ctx *c, struct dmasim_reader *r)
{
	struct dmasim_smmu *s = c->smmu;
	uint32_t stag;
	uint8_t state = dmasim_get_u8(r);

	c->txn = NULL;
	c->req = (struct smmu_request){.kind = SMMU_KIND_CLIENT,
	                               .op = dmasim_get_u8(r)};
	c->req.sid = dmasim_get_u32(r);
	c->req.ssid = dmasim_get_u32(r);
	c->req.flags = dmasim_get_u32(r);
	c->req.ssv = c->req.flags & DMASIM_TXN_SSV;
	c->req.bank =
	        &s->bank[c->req.flags & DMASIM_TXN_SEC_SID ? SMMU_S : SMMU_NS];
	c->addr = dmasim_get_u64(r);
	c->size = dmasim_get_u32(r);
	c->offset = dmasim_get_u32(r);
	c->latency = dmasim_get_u64(r);
	dmasim_get_call(r, s->cfg.kernel, &c->done);
	stag = dmasim_get_u32(r);
	c->stall.stag = (uint16_t)stag;
	c->stall.record = dmasim_get_u8(r);
	c->stall.verdict = dmasim_get_u8(r);
	c->epoch = s->epoch - (dmasim_get_u8(r) != 0);
	if (!restore_event(c, r) || stag > UINT16_MAX)
		return false;
	c->state = state;
	return request_sound(c) && state_sound(c);
}

static int restore_read(struct smmu_ctx *c, struct dmasim_reader *r)
{
	uint32_t n = read_so_far(c);

	if (n == 0)
		return DMASIM_OK;
	if (n > dmasim_reader_left(r))
		return dmasim_reader_fail(r, "SMMU: data of a stalled read");
	c->stall.read = malloc(n);
	if (!c->stall.read)
		return DMASIM_E_NOMEM;
	dmasim_get_bytes(r, c->stall.read, n);
	return DMASIM_OK;
}

static int restore_one(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	struct smmu_stalls *t = &s->stalls;
	struct smmu_ctx *c;
	int status;

	if (smmu_ctx_get(s, &c) != DMASIM_OK)
		return DMASIM_E_NOMEM;
	if (!restore_fields(c, r)) {
		smmu_ctx_put(c);
		return dmasim_reader_fail(r, "SMMU: no such stalled "
		                             "transaction");
	}
	status = restore_read(c, r);
	if (status != DMASIM_OK) {
		smmu_ctx_put(c);
		return status;
	}
	t->detached++;
	if (c->state == SMMU_CTX_STALLED) {
		t->slot[c->stall.stag] = c;
		t->used++;
		if (c->stall.record == SMMU_STALL_HELD)
			smmu_ctx_append(&c->req.bank->evtq.held, c);
	} else {
		smmu_ctx_append(c->state == SMMU_CTX_WAITING ? &t->waiting
		                                             : &t->decided,
		                c);
	}
	return DMASIM_OK;
}

/* The least that one takes in a blob. */
#define MIN_BYTES 64u

int smmu_stalls_restore(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	struct smmu_stalls *t = &s->stalls;
	uint32_t next, n;
	int status = DMASIM_OK;

	if (dmasim_get_u32(r) != t->max)
		return dmasim_reader_fail(r, "SMMU: another STALL_MAX");
	next = dmasim_get_u32(r);
	if (next != 0 && next >= t->max)
		return dmasim_reader_fail(r, "SMMU: no such STAG");
	t->next = next;
	n = dmasim_get_count(r, t->max ? UINT32_MAX : 0, MIN_BYTES);
	for (uint32_t i = 0; i < n && status == DMASIM_OK; i++)
		status = restore_one(s, r);
	return status;
}

void smmu_stalls_drop(struct dmasim_smmu *s)
{
	struct smmu_stalls *t = &s->stalls;

	for (uint32_t i = 0; i < s->ctxs; i++) {
		struct smmu_ctx *c = s->ctx[i];

		if (!saved(c))
			continue;
		free(c->stall.read);
		c->stall.read = NULL;
		smmu_ctx_put(c);
	}
	for (uint32_t i = 0; i < t->max; i++)
		t->slot[i] = NULL;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		s->bank[i].evtq.held = (struct smmu_ctx_list){0};
	t->waiting = t->decided = (struct smmu_ctx_list){0};
	t->used = t->detached = t->next = 0;
}

/* ---- the client comes back ---- */

static bool same(const struct smmu_ctx *c, const struct dmasim_txn *txn)
{
	return c->req.op == (uint8_t)txn->op && c->req.sid == txn->stream_id &&
	       c->req.ssid == (txn->substream_id & 0xfffff) &&
	       c->req.flags == txn->flags && c->addr == txn->addr &&
	       c->size == txn->size && c->done.actor == txn->done.actor &&
	       c->done.op == txn->done.op && c->done.arg == txn->done.arg;
}

struct smmu_ctx *smmu_stall_attach(struct dmasim_smmu *s,
                                   struct dmasim_txn *txn)
{
	for (uint32_t i = 0; i < s->ctxs; i++) {
		struct smmu_ctx *c = s->ctx[i];

		if (!saved(c) || c->txn || !same(c, txn))
			continue;
		if (c->stall.read && txn->data)
			memcpy(txn->data, c->stall.read, read_so_far(c));
		free(c->stall.read);
		c->stall.read = NULL;
		s->stalls.detached--;
		if (c->state == SMMU_CTX_DECIDED)
			smmu_ctx_unlink(&s->stalls.decided, c);
		return c;
	}
	return NULL;
}
