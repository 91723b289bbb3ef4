/* SPDX-License-Identifier: MIT */
/*
 * Operations on memory, and the requests that wait for them.
 *
 * Memory usually answers at once, and then none of this is kept. When it
 * answers PENDING, the operation holds its lines until the completion comes:
 * then its owner goes on, and after it those that waited, in order. Whoever
 * goes on tries again from the start of its piece, and may wait again.
 */
#include "memsys_internal.h"

#include <stdlib.h>
#include <string.h>

static struct ms_op *op_new(struct dmasim_memsys *ms)
{
	struct ms_op *op;

	if (ms->op_count == ms->op_cap) {
		uint32_t cap = ms->op_cap ? 2 * ms->op_cap : 8;
		struct ms_op **ops =
		        realloc(ms->ops, cap * sizeof(struct ms_op *));

		if (!ops)
			return NULL;
		ms->ops = ops;
		ms->op_cap = cap;
	}
	op = calloc(1, sizeof(*op));
	if (!op)
		return NULL;
	op->buf = malloc(ms->line_size);
	if (!op->buf) {
		free(op);
		return NULL;
	}
	op->index = ms->op_count;
	ms->ops[ms->op_count++] = op;
	return op;
}

struct ms_op *ms_op_get(struct dmasim_memsys *ms)
{
	struct ms_op *op = ms->free_ops;

	if (op)
		ms->free_ops = op->next;
	else
		op = op_new(ms);
	if (!op) {
		dmasim_fail(ms->kernel, "memsys: no memory");
		return NULL;
	}
	op->latency = 0;
	op->ahead = 0;
	op->next_run = 0;
	op->writeback = false;
	op->below = false;
	op->owner = NULL;
	op->next = NULL;
	return op;
}

void ms_op_put(struct dmasim_memsys *ms, struct ms_op *op)
{
	op->next = ms->free_ops;
	ms->free_ops = op;
}

static void free_req(struct ms_req *rq)
{
	if (rq->fill)
		free(rq->txn);
	free(rq);
}

void ms_free_pending(struct dmasim_memsys *ms)
{
	for (uint32_t i = 0; i < ms->op_count; i++) {
		struct ms_op *op = ms->ops[i];

		if (op->active && op->owner)
			free_req(op->owner);
		while (op->active && op->first_waiting) {
			struct ms_req *rq = op->first_waiting;

			op->first_waiting = rq->next;
			free_req(rq);
		}
		free(op->buf);
		free(op);
	}
	free(ms->ops);
}

struct ms_op *ms_holder(const struct dmasim_memsys *ms, uint64_t first,
                        uint64_t last)
{
	struct ms_op *op;

	for (op = ms->active_first; op; op = op->next)
		if (op->first <= last && first <= op->last)
			return op;
	return NULL;
}

static void activate(struct dmasim_memsys *ms, struct ms_op *op)
{
	op->active = true;
	op->first_waiting = NULL;
	op->next = NULL;
	if (ms->active_last)
		ms->active_last->next = op;
	else
		ms->active_first = op;
	ms->active_last = op;
	ms_update_attention(ms);
}

static void deactivate(struct dmasim_memsys *ms, struct ms_op *op)
{
	struct ms_op **link = &ms->active_first, *before = NULL;

	while (*link != op) {
		before = *link;
		link = &before->next;
	}
	*link = op->next;
	if (ms->active_last == op)
		ms->active_last = before;
	op->active = false;
	ms_update_attention(ms);
}

/* The request outlives its caller's stack from here on. */
static struct ms_req *keep(struct ms_req *rq)
{
	struct dmasim_txn *txn = rq->txn;
	struct ms_req *kept;

	if (rq->kept)
		return rq;
	if (rq->fill) {
		txn = malloc(sizeof(*txn));
		if (!txn)
			return NULL;
		*txn = *rq->txn;
	}
	kept = malloc(sizeof(*kept));
	if (!kept) {
		if (rq->fill)
			free(txn);
		return NULL;
	}
	*kept = *rq;
	kept->txn = txn;
	kept->kept = true;
	return kept;
}

enum dmasim_result ms_wait(struct ms_req *rq, struct ms_op *op)
{
	struct ms_req *kept = keep(rq), **link;

	if (!kept) {
		dmasim_fail(rq->port->ms->kernel, "memsys: no memory");
		return DMASIM_TXN_SLAVE;
	}
	link = &op->first_waiting;
	/* A write-back has the newest bytes: it goes before all requests. */
	while (*link &&
	       (kept->path != MS_WRITEBACK || (*link)->path == MS_WRITEBACK))
		link = &(*link)->next;
	kept->next = *link;
	*link = kept;
	return DMASIM_TXN_PENDING;
}

/* The next run of marked bytes at or behind next_run; false if none. */
static bool next_run(const struct dmasim_memsys *ms, struct ms_op *op)
{
	uint32_t end = ms->line_size;
	uint32_t from = mask_next(op->mask, op->next_run, end, true);
	uint32_t to = mask_next(op->mask, from, end, false);

	if (from == end)
		return false;
	op->sub.addr = (op->first << ms->line_shift) + from;
	op->sub.data = op->buf + from;
	op->sub.size = to - from;
	op->next_run = to;
	return true;
}

/* Go on with @op as far as memory answers at once. */
static enum dmasim_result advance(struct dmasim_memsys *ms, struct ms_op *op)
{
	do {
		op->sub.latency = 0;
		op->sub.ahead = op->ahead + op->latency;
		op->sub.done = (struct dmasim_call){.actor = ms->actor,
		                                    .arg = op->index};
		if (ms->system && ms_system_serves(ms, op))
			op->result = DMASIM_TXN_OK;
		else
			op->result = dmasim_access(&ms->memory, &op->sub);
		if (op->result == DMASIM_TXN_PENDING)
			return DMASIM_TXN_PENDING;
		op->latency += op->sub.latency;
	} while (op->kind == MS_OP_WRITE && op->result == DMASIM_TXN_OK &&
	         next_run(ms, op));
	if (ms->system)
		ms_system_filled(ms, op);
	return DMASIM_TXN_OK;
}

/* @rq is either one's own operation, or NULL for a write-back. */
static enum dmasim_result start(struct dmasim_memsys *ms, struct ms_op *op,
                                struct ms_req *rq)
{
	/* Nobody writes nothing: there is a first run. */
	if (op->kind == MS_OP_WRITE)
		next_run(ms, op);
	if (advance(ms, op) != DMASIM_TXN_PENDING)
		return DMASIM_TXN_OK;
	activate(ms, op);
	if (rq) {
		op->owner = keep(rq);
		if (!op->owner)
			dmasim_fail(ms->kernel, "memsys: no memory");
	}
	return DMASIM_TXN_PENDING;
}

enum dmasim_result ms_issue(struct ms_req *rq, struct ms_op *op)
{
	op->ahead = dmasim_txn_ahead(rq->txn) + rq->port->ms->hop_latency;
	return start(rq->port->ms, op, rq);
}

void ms_written_back(struct dmasim_memsys *ms, uint64_t line,
                     enum dmasim_result r)
{
	if (r != DMASIM_TXN_OK)
		dmasim_log(ms->kernel, DMASIM_LOG_WARNING, "memsys",
		           "write-back of line 0x%llx: %s",
		           (unsigned long long)line << ms->line_shift,
		           dmasim_result_name(r));
}

enum dmasim_result ms_run_writeback(struct dmasim_memsys *ms, struct ms_op *op)
{
	/* The system cache's have been told of when they came there. */
	if (ms->checker && !op->below)
		check_writeback(ms->checker, op->first << ms->line_shift,
		                op->buf, op->mask);
	if (start(ms, op, NULL) == DMASIM_TXN_PENDING)
		return DMASIM_TXN_PENDING;
	ms_written_back(ms, op->first, op->result);
	return DMASIM_TXN_OK;
}

uint64_t ms_writeback(struct dmasim_memsys *ms, const struct ms_copy *copy)
{
	uint64_t line = cache_number(copy->cache, copy->way);
	struct ms_op *op = ms_op_get(ms), *holder;
	uint64_t latency;

	if (!op)
		return 0;
	op->kind = MS_OP_WRITE;
	op->writeback = true;
	op->below = copy->cache == ms->system;
	op->ahead = ms->now ? dmasim_txn_ahead(ms->now->txn) : 0;
	op->first = line;
	op->last = line;
	memcpy(op->buf, cache_data(copy->cache, copy->way), ms->line_size);
	memcpy(op->mask, cache_dirty(copy->cache, copy->way),
	       copy->cache->words * sizeof(*op->mask));
	op->sub = (struct dmasim_txn){
	        .op = DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_WRITEBACK,
	        .attr = dmasim_attr_wb,
	        .origin = {.what = "write-back"},
	};
	holder = ms_holder(ms, line, line);
	if (holder) {
		struct ms_req rq = {
		        .port = ms->ports[0], .path = MS_WRITEBACK, .op = op};

		ms_wait(&rq, holder);
		return 0;
	}
	if (ms_run_writeback(ms, op) == DMASIM_TXN_PENDING)
		return 0;
	latency = op->latency;
	ms_op_put(ms, op);
	return latency;
}

static void resume(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	enum dmasim_result r = ms_run(rq);

	if (r == DMASIM_TXN_PENDING)
		return;
	if (ms->traced && rq->path != MS_WRITEBACK && !rq->fill)
		ms_trace(rq->port, rq->txn, r);
	/* A master that named no completion cannot be told. */
	if (rq->path != MS_WRITEBACK && rq->txn->done.actor)
		dmasim_complete(ms->kernel, rq->txn, r, 0);
	free_req(rq);
}

void ms_completed(void *obj, uint32_t call_op, uint64_t arg)
{
	struct dmasim_memsys *ms = obj;
	struct ms_op *op = arg < ms->op_count ? ms->ops[arg] : NULL;
	struct ms_req *owner, *rq;

	(void)call_op;
	if (!op || !op->active)
		return;
	op->result = op->sub.result;
	op->latency += op->sub.latency;
	if (op->kind == MS_OP_WRITE && op->result == DMASIM_TXN_OK &&
	    next_run(ms, op) && advance(ms, op) == DMASIM_TXN_PENDING)
		return;
	deactivate(ms, op);
	if (ms->system)
		ms_system_filled(ms, op);
	owner = op->owner;
	rq = op->first_waiting;
	if (op->writeback)
		ms_written_back(ms, op->first, op->result);
	if (owner) {
		owner->have = op;
		resume(owner);
	} else {
		ms_op_put(ms, op);
	}
	while (rq) {
		struct ms_req *next = rq->next;

		resume(rq);
		rq = next;
	}
}
