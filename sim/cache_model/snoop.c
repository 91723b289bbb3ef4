/* SPDX-License-Identifier: MIT */
/* Accesses that allocate nowhere: snooping the caches, or past them. */
#include "memsys_internal.h"

#include <string.h>

/* An own operation that is done, or one that is ready to be issued. */
static struct ms_op *own_op(struct ms_req *rq, enum ms_op_kind kind,
                            uint64_t first, uint64_t last)
{
	struct ms_op *op = rq->have;

	if (op) {
		rq->have = NULL;
		return op;
	}
	op = ms_op_get(rq->port->ms);
	if (!op)
		return NULL;
	op->kind = kind;
	op->first = first;
	op->last = last;
	op->sub = *rq->txn;
	if (kind != MS_OP_PASS) {
		op->sub.op = kind == MS_OP_READ ? DMASIM_READ : DMASIM_WRITE;
		op->sub.data = op->buf;
		op->sub.flags = 0;
	}
	return op;
}

enum dmasim_result ms_fetch(struct ms_req *rq, uint64_t addr, uint32_t n,
                            struct ms_op **out)
{
	struct dmasim_memsys *ms = rq->port->ms;
	bool done = rq->have != NULL;
	struct ms_op *op =
	        own_op(rq, MS_OP_READ, ms_line(ms, addr), ms_line(ms, addr));
	enum dmasim_result r;

	if (!op)
		return DMASIM_TXN_SLAVE;
	if (!done) {
		op->sub.cause = DMASIM_CAUSE_FILL;
		op->sub.addr = addr;
		op->sub.size = n;
		r = ms_issue(rq, op);
		if (r == DMASIM_TXN_PENDING)
			return r;
	}
	ms_charge(ms, rq->txn, ms->hop_latency + op->latency);
	r = op->result;
	if (r != DMASIM_TXN_OK) {
		ms_op_put(ms, op);
		return r;
	}
	*out = op;
	return DMASIM_TXN_OK;
}

void ms_report(struct ms_req *rq, uint64_t addr, const uint8_t *data,
               uint32_t n, bool write)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct check_who who;

	/* Nothing to judge before it is an access of the program. */
	if (rq->txn->flags & DMASIM_TXN_EARLY)
		return;
	ms_who(rq, &who);
	if (write)
		check_write(ms->checker, &who, addr, data, n);
	else
		check_read(ms->checker, &who, addr, data, n);
}

/*
 * IHI 0070, 3.22: after a destructive read nobody needs the bytes; whether
 * the caches make use of that is open. Only whole lines are dropped.
 */
static void destroy(struct ms_req *rq, const struct ms_view *v, uint64_t line,
                    uint32_t n)
{
	struct dmasim_memsys *ms = v->ms;
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_DESTRUCTIVE_READ,
	        .alternatives = 2,
	        .who = "memsys",
	        .where = line << ms->line_shift,
	};

	if (rq->txn->flags & DMASIM_TXN_DESTRUCTIVE && n == ms->line_size &&
	    dmasim_choose(ms->choice, &q) == 1)
		ms_drop_line(v, line, CHECK_SNOOPED);
}

static enum dmasim_result snooping_read(struct ms_req *rq, uint64_t addr,
                                        uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct ms_view v = ms_view_of(rq);
	const struct ms_bytes bytes = {.size = n, .bytes = ms_piece_data(rq)};
	uint64_t line = ms_line(ms, addr);
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	struct ms_copy copy;
	struct ms_op *op;
	enum dmasim_result r;
	bool found = !rq->have && ms_find_newest(&v, line, &copy);

	if (!rq->have)
		ms_filter_look(rq, line, found);
	if (found) {
		memcpy(ms_piece_data(rq),
		       cache_data(copy.cache, copy.way) + off, n);
		copy.cache->stats.snoops++;
		ms_charge(ms, rq->txn,
		          ms->hop_latency + ms->snoop_latency +
		                  copy.cache->latency);
		destroy(rq, &v, line, n);
	} else {
		r = ms_fetch(rq, addr, n, &op);
		if (r != DMASIM_TXN_OK)
			return r;
		memcpy(ms_piece_data(rq), op->buf, n);
		ms_op_put(ms, op);
	}
	ms_exclusive_note(rq, line);
	if (ms->checker)
		ms_report(rq, addr, ms_piece_data(rq), n, false);
	if (ms->observer_count)
		ms_tell_memory(ms, DMASIM_LINE_SNOOP_READ, addr, &bytes);
	return DMASIM_TXN_OK;
}

static void renew(struct cache *c, int32_t way, const uint8_t *data)
{
	if (way < 0)
		return;
	memcpy(cache_data(c, (uint32_t)way), data, c->line_size);
	cache_make_clean(c, (uint32_t)way);
}

/* The line as it will be, in the copies that a write-through leaves. */
static void update_copies(struct ms_req *rq, const struct ms_view *v,
                          uint64_t line, const uint8_t *data)
{
	const struct ms_port *p = rq->port;
	struct ms_view others = *v;

	others.own = false;
	ms_drop_upper(&others, line, CHECK_SNOOPED);
	renew(p->l1, p->l1 ? cache_find(p->l1, line) : -1, data);
	renew(p->l2, p->l2 ? cache_find(p->l2, line) : -1, data);
	renew(v->ms->shared, ms_shared_way(v, line), data);
}

/* The new bytes, and with them what the caches have dirty in the line. */
static void prepare_write(struct ms_req *rq, struct ms_op *op, uint64_t addr,
                          uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct ms_view v = ms_view_of(rq);
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	uint64_t line = op->first;
	struct ms_copy copy;

	ms_filter_look(rq, line, ms_find_upper(&v, line, &copy));
	if (ms_gather(&v, line, op->buf, op->mask))
		ms_charge(ms, rq->txn, ms->snoop_latency);
	for (uint32_t i = off; i < off + n; i++)
		op->mask[i / 64] &= ~(UINT64_C(1) << (i % 64));
	if (ms->checker)
		check_writeback(ms->checker, line << ms->line_shift, op->buf,
		                op->mask);
	memcpy(op->buf + off, ms_piece_data(rq), n);
	mask_set(op->mask, off, n);
	if (rq->write_through)
		update_copies(rq, &v, line, op->buf);
	else
		ms_drop_line(&v, line, CHECK_SNOOPED);
}

/* @rq's bytes of @addr are in the line now, wherever that is. */
static void written(struct ms_req *rq, uint64_t addr, uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct ms_bytes bytes = {.size = n, .bytes = ms_piece_data(rq)};
	uint64_t line = ms_line(ms, addr);

	ms_exclusive_note(rq, line);
	if (ms->checker) {
		check_event(ms->checker, line << ms->line_shift,
		            rq->txn->initiator, CHECK_WRITE_SNOOPING);
		ms_report(rq, addr, ms_piece_data(rq), n, true);
	}
	if (ms->observer_count)
		ms_tell_memory(ms, DMASIM_LINE_SNOOP_WRITE, addr, &bytes);
}

/*
 * A write that ends in the shared cache: a stash (IHI 0070, 3.22), if the
 * whole line is known; and a write through the inner levels of memory that is
 * write-back in the outer one, if the line is there. False: to memory with it.
 */
static bool write_to_shared(struct ms_req *rq, uint64_t addr, uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct ms_view v = ms_view_of(rq);
	bool stash = rq->txn->flags & DMASIM_TXN_STASH && !rq->write_through;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	uint64_t line = ms_line(ms, addr), mask[CACHE_MAX_WORDS];
	int32_t found = ms_shared_way(&v, line);
	uint32_t way = (uint32_t)found;
	struct ms_copy copy;

	if (!ms->shared || rq->port->domain || rq->attr.outer != DMASIM_WB ||
	    !(stash || (rq->write_through && found >= 0)) ||
	    (n < ms->line_size && !ms_find_newest(&v, line, &copy)))
		return false;
	ms_gather(&v, line, ms->scratch, mask);
	memcpy(ms->scratch + off, ms_piece_data(rq), n);
	mask_set(mask, off, n);
	v.own = !rq->write_through;
	ms_drop_upper(&v, line, CHECK_SNOOPED);
	if (found < 0) {
		way = ms_take_way(ms, ms->shared, line, true);
		cache_set_attr(ms->shared, way, rq->attr.share, DMASIM_WB);
		memcpy(cache_data(ms->shared, way), ms->scratch, ms->line_size);
		ms_note(ms, line, ms->shared, CHECK_FILL);
	}
	cache_merge(ms->shared, way, ms->scratch, mask);
	ms->shared->stats.writes++;
	v.shared = false;
	if (rq->write_through)
		update_copies(rq, &v, line, ms->scratch);
	ms_charge(ms, rq->txn, ms->hop_latency + ms->shared->latency);
	written(rq, addr, n);
	return true;
}

static enum dmasim_result snooping_write(struct ms_req *rq, uint64_t addr,
                                         uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t line = ms_line(ms, addr);
	bool done = rq->have != NULL;
	struct ms_op *op;
	enum dmasim_result r;

	if (!done && write_to_shared(rq, addr, n))
		return DMASIM_TXN_OK;
	op = own_op(rq, MS_OP_WRITE, line, line);
	if (!op)
		return DMASIM_TXN_SLAVE;
	if (!done) {
		prepare_write(rq, op, addr, n);
		r = ms_issue(rq, op);
		if (r == DMASIM_TXN_PENDING)
			return r;
	}
	ms_charge(ms, rq->txn, ms->hop_latency + op->latency);
	r = op->result;
	ms_op_put(ms, op);
	if (r == DMASIM_TXN_OK)
		written(rq, addr, n);
	return r;
}

/* @rq's own access as memory saw it, line by line. */
static void report_passed(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;
	uint8_t now[8];

	if (dmasim_op_is_atomic(txn->op)) {
		ms_report(rq, txn->addr, txn->data, txn->size, false);
		dmasim_map_peek(ms->map, txn->addr, now, txn->size);
		ms_report(rq, txn->addr, now, txn->size, true);
		return;
	}
	for (uint32_t pos = 0, n; pos < txn->size; pos += n) {
		uint64_t addr = txn->addr + pos;

		n = ms->line_size - ((uint32_t)addr & (ms->line_size - 1));
		if (n > txn->size - pos)
			n = txn->size - pos;
		ms_report(rq, addr, txn->data + pos, n,
		          txn->op == DMASIM_WRITE);
	}
}

static void tell_passed(struct dmasim_memsys *ms, const struct dmasim_txn *txn)
{
	struct ms_bytes b = {.size = txn->size, .bytes = txn->data};
	uint8_t now[8];

	if (txn->op != DMASIM_WRITE)
		ms_tell_memory(ms, DMASIM_LINE_PAST_READ, txn->addr, &b);
	if (txn->op == DMASIM_READ)
		return;
	if (dmasim_op_is_atomic(txn->op)) {
		dmasim_map_peek(ms->map, txn->addr, now, txn->size);
		b.bytes = now;
	}
	ms_tell_memory(ms, DMASIM_LINE_PAST_WRITE, txn->addr, &b);
}

static void passed(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;

	for (uint64_t line = ms_line(ms, txn->addr);
	     line <= ms_line(ms, txn->addr + txn->size - 1); line++)
		ms_exclusive_note(rq, line);
	if (ms->checker)
		report_passed(rq);
	if (ms->observer_count)
		tell_passed(ms, txn);
}

/* Start the access that goes past the caches before the point of coherency;
 * registers are not held: their device may need memory before it answers. */
static enum dmasim_result issue_past(struct ms_req *rq, struct ms_op *op,
                                     bool ram)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct ms_op *holder;

	if (!ram)
		return ms_issue(rq, op);
	op->first = ms_line(ms, rq->txn->addr);
	op->last = ms_line(ms, rq->txn->addr + rq->txn->size - 1);
	if (!ms->system)
		return ms_issue(rq, op);
	if (ms_system_passes(rq, op)) {
		op->result = DMASIM_TXN_OK;
		return DMASIM_TXN_OK;
	}
	/* What it had dirty is on its way to memory: after it. */
	holder = ms->active_first ? ms_holder(ms, op->first, op->last) : NULL;
	if (!holder)
		return ms_issue(rq, op);
	ms_op_put(ms, op);
	return ms_wait(rq, holder);
}

enum dmasim_result ms_past(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct dmasim_txn *txn = rq->txn;
	bool ram = dmasim_map_is_ram(ms->map, txn->addr, txn->size);
	bool done = rq->have != NULL;
	struct ms_op *op;
	enum dmasim_result r;

	if (ms_exclusive_lost(rq))
		return DMASIM_TXN_EXCLUSIVE_FAIL;
	op = own_op(rq, MS_OP_PASS, 1, 0);
	if (!op)
		return DMASIM_TXN_SLAVE;
	if (!done) {
		r = issue_past(rq, op, ram);
		if (r != DMASIM_TXN_OK)
			return r;
	}
	txn->offset = op->sub.offset;
	ms_charge(ms, txn, ms->hop_latency + op->latency);
	r = op->result;
	ms_op_put(ms, op);
	if (r == DMASIM_TXN_OK && ram)
		passed(rq);
	return r;
}

/* Atomics of ports without a cache, and of write-through mappings, happen in
 * memory, after the caches have given up the line. */
static enum dmasim_result far_atomic(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct ms_op *holder;

	if (!rq->have) {
		const struct ms_view v = ms_view_of(rq);

		ms_charge(ms, rq->txn, ms_clean_line(&v, line));
		ms_drop_line(&v, line, CHECK_SNOOPED);
		holder = ms_holder(ms, line, line);
		if (holder)
			return ms_wait(rq, holder);
	}
	return ms_past(rq);
}

enum dmasim_result ms_snooping_piece(struct ms_req *rq, uint64_t addr,
                                     uint32_t n)
{
	if (ms_exclusive_lost(rq))
		return DMASIM_TXN_EXCLUSIVE_FAIL;
	if (rq->txn->op == DMASIM_READ)
		return snooping_read(rq, addr, n);
	if (rq->txn->op == DMASIM_WRITE)
		return snooping_write(rq, addr, n);
	return far_atomic(rq, ms_line(rq->port->ms, addr));
}
