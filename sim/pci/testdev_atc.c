/* SPDX-License-Identifier: MIT */
/*
 * The address translation cache of the DMA test endpoint (PCIe ATS and PRI):
 * an access with FLAGS.ATS goes out in parts, each with a cached translation;
 * what is not cached is asked for, and what is denied may be requested as a
 * page first.
 */
#include <string.h>

#include "testdev_internal.h"

static uint64_t get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void set_status(struct dmasim_testdev *t, enum testdev_atc_status s)
{
	*testdev_reg(t, TESTDEV_ATC_STATUS) = s;
}

static void count(struct dmasim_testdev *t)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < TESTDEV_ATC_SIZE; i++)
		n += t->atc.line[i].entry != 0;
	*testdev_reg(t, TESTDEV_ATC_COUNT) = n;
}

/* ---- the cache ---- */

static bool privileged(const struct dmasim_txn *x)
{
	return (x->flags & DMASIM_TXN_SSV) &&
	       (x->flags & DMASIM_TXN_PRIVILEGED);
}

/* The tags of a translation of @x. */
static bool of_context(const struct testdev_atc_line *l,
                       const struct dmasim_txn *x)
{
	bool ssv = x->flags & DMASIM_TXN_SSV;

	return l->entry && l->stream_id == x->stream_id &&
	       l->pasid_valid == ssv && (!ssv || l->pasid == x->substream_id) &&
	       l->priv == privileged(x);
}

static struct testdev_atc_line *look_up(struct dmasim_testdev *t, uint64_t at)
{
	for (unsigned i = 0; i < TESTDEV_ATC_SIZE; i++) {
		struct testdev_atc_line *l = &t->atc.line[i];

		if (of_context(l, &t->txn) && at >= l->first && at <= l->last)
			return l;
	}
	return NULL;
}

/* What @x needs of an entry. */
static uint64_t needs(const struct dmasim_txn *x)
{
	uint64_t need = x->op == DMASIM_WRITE ? DMASIM_ATS_W : DMASIM_ATS_R;

	if (dmasim_op_is_atomic(x->op))
		need |= DMASIM_ATS_W;
	else if (x->op == DMASIM_READ && (x->flags & DMASIM_TXN_SSV) &&
	         (x->flags & DMASIM_TXN_INSTRUCTION))
		need |= DMASIM_ATS_EXEC;
	return need;
}

static void keep(struct dmasim_testdev *t, uint64_t at, uint64_t entry)
{
	const struct dmasim_txn *x = &t->txn;
	struct testdev_atc_line *l = look_up(t, at);
	unsigned shift = dmasim_ats_shift(entry);
	uint64_t low = shift > 63 ? UINT64_MAX : (1ull << shift) - 1;

	if (!l) {
		l = &t->atc.line[t->atc.next];
		t->atc.next = (t->atc.next + 1) % TESTDEV_ATC_SIZE;
	}
	*l = (struct testdev_atc_line){
	        .entry = entry,
	        .first = at & ~low,
	        .last = at | low,
	        .stream_id = x->stream_id,
	        .pasid = x->substream_id,
	        .pasid_valid = x->flags & DMASIM_TXN_SSV,
	        .priv = privileged(x),
	};
	count(t);
}

/* ---- an access ---- */

static void complete(struct dmasim_testdev *t, enum dmasim_result r)
{
	t->txn.result = r;
	testdev_access_done(t);
}

static void send(struct dmasim_testdev *t, enum testdev_phase phase)
{
	struct dmasim_txn *p = &t->atc.part;

	p->cause = DMASIM_CAUSE_DMA;
	p->initiator = t->cfg.agent;
	p->stream_id = t->txn.stream_id;
	p->substream_id = t->txn.substream_id;
	p->attr = t->txn.attr;
	p->done = (struct dmasim_call){.actor = t->actor, .op = phase};
	dmasim_access(&t->cfg.dma, p);
}

static bool ask(struct dmasim_testdev *t, uint64_t at)
{
	const struct dmasim_txn *x = &t->txn;
	bool writes = dmasim_op_writes(x->op);

	t->atc.part = (struct dmasim_txn){
	        .op = DMASIM_READ,
	        .addr = at & ~0xfffull,
	        .size = sizeof(t->atc.answer),
	        .flags = x->flags | DMASIM_TXN_ATS_REQUEST |
	                 (writes ? 0 : DMASIM_TXN_ATS_NO_WRITE),
	        .data = t->atc.answer,
	        .origin = {.what = "translation request"},
	        .result = DMASIM_TXN_PENDING,
	};
	t->atc.translating = true;
	t->atc.discard = false;
	send(t, TESTDEV_TRANSLATE);
	return t->atc.part.result != DMASIM_TXN_PENDING;
}

static bool pass(struct dmasim_testdev *t, const struct testdev_atc_line *l,
                 uint64_t at)
{
	const struct dmasim_txn *x = &t->txn;
	uint32_t n = x->size - t->atc.done;

	if (l->last - at < n - 1)
		n = (uint32_t)(l->last - at) + 1;
	t->atc.part = (struct dmasim_txn){
	        .op = x->op,
	        .addr = dmasim_ats_address(l->entry) + (at - l->first),
	        .size = n,
	        .flags = x->flags | DMASIM_TXN_ATS_TRANSLATED,
	        .data = t->buffer + t->atc.done,
	        .origin = {.what = "translated test access"},
	        .result = DMASIM_TXN_PENDING,
	};
	t->atc.in_flight = true;
	send(t, TESTDEV_PIECE);
	return t->atc.part.result != DMASIM_TXN_PENDING;
}

/* What was translated so far and is not enough. False: it waits for a page. */
static bool denied(struct dmasim_testdev *t, uint64_t at)
{
	const struct dmasim_txn *x = &t->txn;
	const struct dmasim_page_request r = {
	        .stream_id = x->stream_id,
	        .pasid_valid = x->flags & DMASIM_TXN_SSV,
	        .pasid = x->substream_id,
	        .last = true,
	        .read = x->op != DMASIM_WRITE,
	        .write = dmasim_op_writes(x->op),
	        .exec = needs(x) & DMASIM_ATS_EXEC,
	        .priv = privileged(x),
	        .group = t->atc.group,
	        .addr = at,
	};

	set_status(t, TESTDEV_ATC_DENIED);
	if (!(*testdev_reg(t, TESTDEV_FLAGS) & TESTDEV_FLAG_PRI) ||
	    t->atc.paged || !t->atc.host.page_request)
		return true;
	t->atc.paging = true;
	++*testdev_reg(t, TESTDEV_PAGE_REQUESTS);
	if (t->atc.host.page_request(t->atc.host.obj, &r) == DMASIM_OK)
		return false;
	t->atc.paging = false;
	set_status(t, TESTDEV_ATC_PAGE_FAILED);
	return true;
}

/* The answer to a request. False: it was refused. */
static bool answered(struct dmasim_testdev *t, uint64_t at)
{
	const struct dmasim_txn *p = &t->atc.part;
	uint64_t entry = get64(t->atc.answer);

	t->atc.translating = false;
	t->txn.latency += p->latency;
	if (p->result != DMASIM_TXN_OK) {
		set_status(t, p->result == DMASIM_TXN_DECODE
		                      ? TESTDEV_ATC_UNSUPPORTED
		                      : TESTDEV_ATC_ABORTED);
		return false;
	}
	/* Invalidated on its way: it is asked for again. */
	if (t->atc.discard)
		return true;
	*testdev_reg(t, TESTDEV_ATC_ENTRY_LOW) = (uint32_t)entry;
	*testdev_reg(t, TESTDEV_ATC_ENTRY_HIGH) = (uint32_t)(entry >> 32);
	t->atc.asked = true;
	if (entry & (DMASIM_ATS_R | DMASIM_ATS_W)) {
		set_status(t, TESTDEV_ATC_GRANTED);
		keep(t, at, entry);
	}
	return true;
}

/* Invalidations that waited for an access with a translation of theirs. */
static void release(struct dmasim_testdev *t)
{
	if (*testdev_reg(t, TESTDEV_ATC_CTRL) & TESTDEV_CTRL_HOLD)
		return;
	for (unsigned i = 0; i < t->atc.pendings; i++)
		dmasim_call_at(t->cfg.kernel, dmasim_now(t->cfg.kernel), 0,
		               &t->atc.pending[i], NULL);
	t->atc.pendings = 0;
}

/* A translated part ended. False: with an error. */
static bool passed(struct dmasim_testdev *t)
{
	const struct dmasim_txn *p = &t->atc.part;

	t->atc.in_flight = false;
	t->txn.latency += p->latency;
	release(t);
	if (p->result != DMASIM_TXN_OK)
		return false;
	t->atc.done += p->size;
	t->atc.asked = t->atc.paged = false;
	return true;
}

void testdev_atc_run(struct dmasim_testdev *t)
{
	const uint32_t size = t->txn.size;

	while (t->atc.done < size) {
		uint64_t at = t->txn.addr + t->atc.done;
		const struct testdev_atc_line *l = look_up(t, at);
		uint64_t need = needs(&t->txn);

		if (l && (l->entry & need) == need) {
			if (!t->atc.asked)
				set_status(t, TESTDEV_ATC_HIT);
			/* An atomic is one access. */
			if (dmasim_op_is_atomic(t->txn.op) &&
			    l->last - at < size - 1) {
				complete(t, DMASIM_TXN_SLAVE);
				return;
			}
			if (!pass(t, l, at))
				return;
			if (!passed(t)) {
				complete(t, t->atc.part.result);
				return;
			}
		} else if (t->atc.asked) {
			if (denied(t, at))
				complete(t, DMASIM_TXN_ABORT);
			return;
		} else {
			if (!ask(t, at))
				return;
			if (!answered(t, at)) {
				complete(t, t->atc.part.result);
				return;
			}
		}
	}
	complete(t, DMASIM_TXN_OK);
}

void testdev_atc_start(struct dmasim_testdev *t)
{
	t->atc.done = 0;
	t->atc.asked = t->atc.paged = false;
	set_status(t, TESTDEV_ATC_NONE);
	/* Addresses do not wrap around. */
	if (t->txn.addr > UINT64_MAX - (t->txn.size - 1))
		complete(t, DMASIM_TXN_SLAVE);
	else
		testdev_atc_run(t);
}

void testdev_atc_step(struct dmasim_testdev *t, enum testdev_phase phase)
{
	uint64_t at = t->txn.addr + t->atc.done;
	bool ok = true;

	if (phase == TESTDEV_TRANSLATE) {
		ok = answered(t, at);
	} else if (phase == TESTDEV_PIECE) {
		ok = passed(t);
	} else {
		/* TESTDEV_PAGED: ask again. */
		t->atc.asked = false;
		if (*testdev_reg(t, TESTDEV_PAGE_RESPONSE) !=
		    DMASIM_PRI_SUCCESS) {
			set_status(t, TESTDEV_ATC_PAGE_FAILED);
			complete(t, DMASIM_TXN_ABORT);
			return;
		}
		t->atc.paged = true;
	}
	if (ok)
		testdev_atc_run(t);
	else
		complete(t, t->atc.part.result);
}

/* ---- what the IOMMU says ---- */

static bool hits(const struct testdev_atc_line *l,
                 const struct dmasim_ats_invalidation *inv)
{
	return l->entry && l->stream_id == inv->stream_id &&
	       l->pasid_valid == inv->pasid_valid &&
	       (!inv->pasid_valid || l->pasid == inv->pasid ||
	        (inv->global && (l->entry & DMASIM_ATS_GLOBAL))) &&
	       l->first <= inv->last && l->last >= inv->first;
}

static enum dmasim_ats_answer
invalidate(void *obj, const struct dmasim_ats_invalidation *inv)
{
	struct dmasim_testdev *t = obj;
	uint32_t ctrl = *testdev_reg(t, TESTDEV_ATC_CTRL);

	for (unsigned i = 0; i < TESTDEV_ATC_SIZE; i++)
		if (hits(&t->atc.line[i], inv))
			t->atc.line[i].entry = 0;
	count(t);
	++*testdev_reg(t, TESTDEV_ATC_INVALIDATED);
	t->atc.discard = true;
	if (!(ctrl & TESTDEV_CTRL_BITS) && !t->atc.in_flight)
		return DMASIM_ATS_DONE;
	if (t->atc.pendings == TESTDEV_INVALIDATIONS)
		return DMASIM_ATS_UNSUPPORTED;
	t->atc.pending[t->atc.pendings++] =
	        ctrl & TESTDEV_CTRL_FAIL ? inv->failed : inv->done;
	if (!t->atc.in_flight)
		release(t);
	return DMASIM_ATS_LATER;
}

static void page_response(void *obj, const struct dmasim_pri_response *r)
{
	struct dmasim_testdev *t = obj;
	const struct dmasim_call call = {.actor = t->actor,
	                                 .op = TESTDEV_PAGED};

	if (!t->atc.paging || r->group != t->atc.group)
		return;
	t->atc.paging = false;
	t->atc.group = (t->atc.group + 1) & 511;
	*testdev_reg(t, TESTDEV_PAGE_RESPONSE) = (uint32_t)r->code;
	dmasim_call_at(t->cfg.kernel, dmasim_now(t->cfg.kernel), 0, &call,
	               NULL);
}

void testdev_atc_control(struct dmasim_testdev *t)
{
	if (!t->atc.in_flight)
		release(t);
}

struct dmasim_ats_endpoint dmasim_testdev_ats(struct dmasim_testdev *t)
{
	return (struct dmasim_ats_endpoint){invalidate, page_response, t};
}

void dmasim_testdev_set_ats_host(struct dmasim_testdev *t,
                                 const struct dmasim_ats_host *host)
{
	t->atc.host = *host;
}

/* ---- saved state ---- */

void testdev_atc_save(const struct dmasim_testdev *t, struct dmasim_writer *w)
{
	dmasim_put_u32(w, t->atc.next);
	dmasim_put_u32(w, t->atc.group);
	for (unsigned i = 0; i < TESTDEV_ATC_SIZE; i++) {
		const struct testdev_atc_line *l = &t->atc.line[i];

		dmasim_put_u64(w, l->entry);
		dmasim_put_u64(w, l->first);
		dmasim_put_u32(w, l->stream_id);
		dmasim_put_u32(w, l->pasid);
		dmasim_put_u8(w, l->pasid_valid);
		dmasim_put_u8(w, l->priv);
	}
}

void testdev_atc_restore(struct testdev_atc *atc, struct dmasim_reader *r)
{
	uint32_t next = dmasim_get_u32(r), group = dmasim_get_u32(r);

	if (next >= TESTDEV_ATC_SIZE || group > 511) {
		dmasim_reader_fail(r,
		                   "test endpoint: no such place in the ATC");
		return;
	}
	atc->next = next;
	atc->group = (uint16_t)group;
	for (unsigned i = 0; i < TESTDEV_ATC_SIZE; i++) {
		struct testdev_atc_line *l = &atc->line[i];
		unsigned shift;
		uint64_t low;

		l->entry = dmasim_get_u64(r);
		shift = dmasim_ats_shift(l->entry);
		low = shift > 63 ? UINT64_MAX : (1ull << shift) - 1;
		/* What it covers follows from the entry. */
		l->first = dmasim_get_u64(r) & ~low;
		l->last = l->first | low;
		l->stream_id = dmasim_get_u32(r);
		l->pasid = dmasim_get_u32(r);
		l->pasid_valid = dmasim_get_u8(r) & 1;
		l->priv = dmasim_get_u8(r) & 1;
	}
}
