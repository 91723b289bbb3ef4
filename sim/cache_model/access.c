/* SPDX-License-Identifier: MIT */
/* What one access does to one line, on each path. */
#include "memsys_internal.h"

#include <string.h>

static uint8_t *piece_data(const struct ms_req *rq)
{
	return rq->txn->data + rq->pos;
}

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

/* Read [addr, addr + n) of one line from memory into op->buf. */
static enum dmasim_result fetch(struct ms_req *rq, uint64_t addr, uint32_t n,
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

/* The line's bytes and state for the port's cache, from wherever they are. */
static enum dmasim_result obtain(struct ms_req *rq, uint64_t line, bool whole,
                                 enum cache_state *state)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = rq->port->l1;
	bool exclusive = rq->txn->op != DMASIM_READ;
	int32_t way = ms->shared ? cache_find(ms->shared, line) : -1;
	enum dmasim_result r;
	struct ms_copy other;
	struct ms_op *op;

	*state = CACHE_EXCLUSIVE;
	if (ms_find_upper(ms, line, c, &other)) {
		ms_charge(ms, rq->txn,
		          ms->snoop_latency + other.cache->latency);
		ms_push_down(ms, &other);
		memcpy(ms->scratch, cache_data(other.cache, other.way),
		       ms->line_size);
		if (exclusive) {
			ms_drop_upper(ms, line, c, CHECK_SNOOPED);
		} else {
			ms_share_upper(ms, line, c);
			*state = CACHE_SHARED;
		}
		return DMASIM_TXN_OK;
	}
	if (way >= 0) {
		memcpy(ms->scratch, cache_data(ms->shared, (uint32_t)way),
		       ms->line_size);
		cache_touch(ms->shared, (uint32_t)way);
		return DMASIM_TXN_OK;
	}
	/* Every byte is about to be written: nothing to fetch. */
	if (whole)
		return DMASIM_TXN_OK;
	r = fetch(rq, line << ms->line_shift, ms->line_size, &op);
	if (r != DMASIM_TXN_OK)
		return r;
	memcpy(ms->scratch, op->buf, ms->line_size);
	ms_op_put(ms, op);
	if (ms->shared) {
		uint32_t w = ms_take_way(ms, ms->shared, line);

		memcpy(cache_data(ms->shared, w), ms->scratch, ms->line_size);
		ms->shared->stats.read_misses++;
	}
	return DMASIM_TXN_OK;
}

static enum dmasim_result fill(struct ms_req *rq, uint64_t line, bool whole,
                               uint32_t *way)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = rq->port->l1;
	enum cache_state state;
	enum dmasim_result r;

	/* A second try after a wait was counted the first time. */
	if (!rq->have && !rq->fill && rq->txn->op == DMASIM_READ)
		c->stats.read_misses++;
	else if (!rq->have && !rq->fill)
		c->stats.write_misses++;
	if (!rq->have && ms->shared) {
		ms_charge(ms, rq->txn, ms->shared->latency);
		ms->shared->stats.reads++;
	}
	r = obtain(rq, line, whole, &state);
	if (r != DMASIM_TXN_OK)
		return r;
	*way = ms_take_way(ms, c, line);
	memcpy(cache_data(c, *way), ms->scratch, ms->line_size);
	c->lines[*way].state = state;
	ms_note(ms, line, c, CHECK_FILL);
	return DMASIM_TXN_OK;
}

/* Make the line writable in its cache: nobody else has it. */
static void own_line(struct ms_req *rq, uint64_t line, uint32_t way)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = rq->port->l1;

	if (c->lines[way].state == CACHE_SHARED) {
		ms_charge(ms, rq->txn, ms->snoop_latency);
		ms_drop_upper(ms, line, c, CHECK_SNOOPED);
	}
	if (c->lines[way].state != CACHE_MODIFIED)
		ms_note(ms, line, c, CHECK_DIRTY);
	c->lines[way].state = CACHE_MODIFIED;
}

static void tell_use(struct ms_req *rq, uint32_t off, uint32_t n)
{
	const struct ms_bytes bytes = {off, n};
	uint64_t line = ms_line(rq->port->ms, rq->txn->addr + rq->pos);

	if (rq->txn->op != DMASIM_WRITE)
		ms_tell_cache(rq->port->ms, DMASIM_LINE_READ, rq->port->l1,
		              line, &bytes);
	if (rq->txn->op != DMASIM_READ)
		ms_tell_cache(rq->port->ms, DMASIM_LINE_WRITE, rq->port->l1,
		              line, &bytes);
}

static void check_use(struct ms_req *rq, uint64_t addr, uint32_t n,
                      const uint8_t *bytes)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct check_who who;

	ms_who(rq, &who);
	/* An atomic leaves the old value in data. */
	if (rq->txn->op != DMASIM_WRITE)
		check_read(ms->checker, &who, addr, piece_data(rq), n);
	if (rq->txn->op != DMASIM_READ)
		check_write(ms->checker, &who, addr, bytes, n);
}

static void use_line(struct ms_req *rq, uint64_t addr, uint32_t n, uint32_t way)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = rq->port->l1;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	uint8_t *bytes = cache_data(c, way) + off, *data = piece_data(rq);
	enum dmasim_op op = rq->txn->op;

	cache_touch(c, way);
	if (op == DMASIM_READ)
		memcpy(data, bytes, n);
	else if (op == DMASIM_WRITE)
		memcpy(bytes, data, n);
	else
		dmasim_atomic_apply(op, bytes, data, n);
	if (op != DMASIM_READ) {
		mask_set(cache_dirty(c, way), off, n);
		c->stats.writes++;
	} else {
		c->stats.reads++;
	}
	if (ms->observer_count)
		tell_use(rq, off, n);
	if (ms->checker)
		check_use(rq, addr, n, bytes);
}

enum dmasim_result ms_cached_piece(struct ms_req *rq, uint64_t addr, uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = rq->port->l1;
	uint64_t line = ms_line(ms, addr);
	int32_t found = cache_find(c, line);
	uint32_t way = (uint32_t)found;
	bool missed = found < 0;

	/* A speculative fill of what is there. */
	if (rq->fill && !missed && !rq->have)
		return DMASIM_TXN_OK;
	if (!rq->have)
		ms_charge(ms, rq->txn, c->latency);
	if (missed) {
		bool whole = rq->txn->op == DMASIM_WRITE && n == ms->line_size;
		enum dmasim_result r = fill(rq, line, whole, &way);

		if (r != DMASIM_TXN_OK)
			return r;
	}
	if (rq->fill)
		return DMASIM_TXN_OK;
	if (rq->txn->op != DMASIM_READ)
		own_line(rq, line, way);
	use_line(rq, addr, n, way);
	if (missed && ms->choice)
		ms_spontaneous_evict(ms, c);
	return DMASIM_TXN_OK;
}

static void report(struct ms_req *rq, uint64_t addr, const uint8_t *data,
                   uint32_t n, bool write)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct check_who who;

	ms_who(rq, &who);
	if (write)
		check_write(ms->checker, &who, addr, data, n);
	else
		check_read(ms->checker, &who, addr, data, n);
}

static enum dmasim_result snooping_read(struct ms_req *rq, uint64_t addr,
                                        uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	struct ms_copy copy;
	struct ms_op *op;
	enum dmasim_result r;

	if (!rq->have && ms_find_newest(ms, ms_line(ms, addr), &copy)) {
		memcpy(piece_data(rq), cache_data(copy.cache, copy.way) + off,
		       n);
		copy.cache->stats.snoops++;
		ms_charge(ms, rq->txn,
		          ms->hop_latency + ms->snoop_latency +
		                  copy.cache->latency);
	} else {
		r = fetch(rq, addr, n, &op);
		if (r != DMASIM_TXN_OK)
			return r;
		memcpy(piece_data(rq), op->buf, n);
		ms_op_put(ms, op);
	}
	if (ms->checker)
		report(rq, addr, piece_data(rq), n, false);
	if (ms->observer_count)
		ms_tell_memory(ms, DMASIM_LINE_SNOOP_READ, addr, n);
	return DMASIM_TXN_OK;
}

/* The line as it will be, in the copies that a write-through leaves. */
static void update_copies(struct ms_req *rq, uint64_t line, const uint8_t *data)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *levels[] = {rq->port->l1, ms->shared};

	ms_drop_upper(ms, line, rq->port->l1, CHECK_SNOOPED);
	for (size_t i = 0; i < 2; i++) {
		int32_t way = levels[i] ? cache_find(levels[i], line) : -1;

		if (way < 0)
			continue;
		memcpy(cache_data(levels[i], (uint32_t)way), data,
		       ms->line_size);
		cache_make_clean(levels[i], (uint32_t)way);
	}
}

/* The new bytes, and with them what the caches have dirty in the line. */
static void prepare_write(struct ms_req *rq, struct ms_op *op, uint64_t addr,
                          uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	uint64_t line = op->first;

	if (ms_gather(ms, line, op->buf, op->mask))
		ms_charge(ms, rq->txn, ms->snoop_latency);
	for (uint32_t i = off; i < off + n; i++)
		op->mask[i / 64] &= ~(UINT64_C(1) << (i % 64));
	if (ms->checker)
		check_writeback(ms->checker, line << ms->line_shift, op->buf,
		                op->mask);
	memcpy(op->buf + off, piece_data(rq), n);
	mask_set(op->mask, off, n);
	if (rq->write_through)
		update_copies(rq, line, op->buf);
	else
		ms_drop_line(ms, line, CHECK_SNOOPED);
}

static enum dmasim_result snooping_write(struct ms_req *rq, uint64_t addr,
                                         uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t line = ms_line(ms, addr);
	bool done = rq->have != NULL;
	struct ms_op *op = own_op(rq, MS_OP_WRITE, line, line);
	enum dmasim_result r;

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
	if (r == DMASIM_TXN_OK && ms->observer_count)
		ms_tell_memory(ms, DMASIM_LINE_SNOOP_WRITE, addr, n);
	if (r == DMASIM_TXN_OK && ms->checker) {
		check_event(ms->checker, line << ms->line_shift,
		            rq->txn->initiator, CHECK_WRITE_SNOOPING);
		report(rq, addr, piece_data(rq), n, true);
	}
	return r;
}

/* @rq's own access as memory saw it, line by line. */
static void report_passed(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;
	uint8_t now[8];

	if (dmasim_op_is_atomic(txn->op)) {
		report(rq, txn->addr, txn->data, txn->size, false);
		dmasim_map_peek(ms->map, txn->addr, now, txn->size);
		report(rq, txn->addr, now, txn->size, true);
		return;
	}
	for (uint32_t pos = 0, n; pos < txn->size; pos += n) {
		uint64_t addr = txn->addr + pos;

		n = ms->line_size - ((uint32_t)addr & (ms->line_size - 1));
		if (n > txn->size - pos)
			n = txn->size - pos;
		report(rq, addr, txn->data + pos, n, txn->op == DMASIM_WRITE);
	}
}

static void tell_passed(struct dmasim_memsys *ms, const struct dmasim_txn *txn)
{
	if (txn->op != DMASIM_WRITE)
		ms_tell_memory(ms, DMASIM_LINE_PAST_READ, txn->addr, txn->size);
	if (txn->op != DMASIM_READ)
		ms_tell_memory(ms, DMASIM_LINE_PAST_WRITE, txn->addr,
		               txn->size);
}

enum dmasim_result ms_past(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct dmasim_txn *txn = rq->txn;
	bool done = rq->have != NULL;
	struct dmasim_region_info info;
	struct ms_op *op = own_op(rq, MS_OP_PASS, 1, 0);
	enum dmasim_result r;
	bool ram;

	if (!op)
		return DMASIM_TXN_SLAVE;
	ram = dmasim_map_find(ms->map, txn->addr, &info) == DMASIM_OK &&
	      info.ram;
	if (!done) {
		/* Registers are not held: their device may need memory
		 * before it answers. */
		if (ram) {
			op->first = ms_line(ms, txn->addr);
			op->last = ms_line(ms, txn->addr + txn->size - 1);
		}
		r = ms_issue(rq, op);
		if (r == DMASIM_TXN_PENDING)
			return r;
	}
	txn->offset = op->sub.offset;
	ms_charge(ms, txn, ms->hop_latency + op->latency);
	r = op->result;
	ms_op_put(ms, op);
	if (r == DMASIM_TXN_OK && ram && ms->checker)
		report_passed(rq);
	if (r == DMASIM_TXN_OK && ram && ms->observer_count)
		tell_passed(ms, txn);
	return r;
}

/* Atomics of ports without a cache, and of write-through mappings, happen in
 * memory, after the caches have given up the line. */
static enum dmasim_result far_atomic(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct ms_op *holder;

	if (!rq->have) {
		ms_charge(ms, rq->txn, ms_clean_line(ms, line));
		ms_drop_line(ms, line, CHECK_SNOOPED);
		holder = ms_holder(ms, line, line);
		if (holder)
			return ms_wait(rq, holder);
	}
	return ms_past(rq);
}

enum dmasim_result ms_snooping_piece(struct ms_req *rq, uint64_t addr,
                                     uint32_t n)
{
	if (rq->txn->op == DMASIM_READ)
		return snooping_read(rq, addr, n);
	if (rq->txn->op == DMASIM_WRITE)
		return snooping_write(rq, addr, n);
	return far_atomic(rq, ms_line(rq->port->ms, addr));
}
