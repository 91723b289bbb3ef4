/* SPDX-License-Identifier: MIT */
/*
 * The way of a request: which path its attributes, its port and its address
 * give it, and then line by line, in address order.
 */
#include "memsys_internal.h"

#include <string.h>

/*
 * A port with caches: the inner cacheability governs the private levels, the
 * outer one the shared cache. Where that is not below the port, what is
 * cacheable in outer levels alone is coherent with it by snooping.
 */
static enum ms_path path_of_cached(struct ms_req *rq)
{
	const struct ms_port *p = rq->port;
	const struct dmasim_memsys *ms = p->ms;
	bool read = rq->txn->op == DMASIM_READ;
	bool outer = rq->attr.outer != DMASIM_NC;

	if (p->l1 && rq->attr.inner != DMASIM_NC) {
		if (read || rq->attr.inner == DMASIM_WB)
			return MS_CACHED;
		rq->write_through = true;
		return MS_SNOOPING;
	}
	if (outer && p->domain && rq->attr.share != DMASIM_NSH)
		return MS_SNOOPING;
	if (!outer || p->domain || !ms->shared)
		return MS_PAST;
	if (read || rq->attr.outer == DMASIM_WB)
		return MS_SHARED;
	rq->write_through = true;
	return MS_SNOOPING;
}

/*
 * Arm ARM B2.7: only Normal memory that is cacheable in some level may be
 * cached. PCIe No_snoop gives up coherency, so it counts as Non-cacheable.
 * Registers are never cached, whatever a mapping says. What goes past the
 * caches counts as outer shareable.
 */
static void choose_path(struct ms_req *rq)
{
	const struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;
	enum dmasim_port_kind kind = rq->port->kind;

	rq->attr = txn->attr;
	rq->path = MS_PAST;
	if (dmasim_attr_cacheable(&txn->attr) &&
	    kind != DMASIM_PORT_NONCOHERENT &&
	    (ms->upper_count || ms->shared) &&
	    !(txn->flags & DMASIM_TXN_NO_SNOOP) &&
	    dmasim_map_is_ram(ms->map, txn->addr, txn->size)) {
		if (kind == DMASIM_PORT_CACHED)
			rq->path = path_of_cached(rq);
		else if (txn->attr.share != DMASIM_NSH)
			rq->path = MS_SNOOPING;
	}
	if (rq->path == MS_PAST) {
		rq->attr = dmasim_attr_wb;
		rq->attr.share = DMASIM_OSH;
	}
}

/*
 * A choice point: a Non-cacheable access to a line that a cache of its domain
 * holds may use it, or make the access to memory after a clean. Returns true
 * when the past path is the one to take.
 */
static bool goes_past(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_NC_HIT,
	        .alternatives = 3,
	        .who = "memsys",
	};
	const struct ms_view v = ms_view_of(rq);
	uint64_t last = ms_line(ms, rq->txn->addr + rq->txn->size - 1);
	struct ms_copy copy;
	uint32_t answer;

	/* Device memory is not looked for in any cache. */
	if (rq->asked || !ms->choice || rq->txn->attr.type != DMASIM_NORMAL ||
	    rq->port->kind == DMASIM_PORT_NONCOHERENT ||
	    !dmasim_map_is_ram(ms->map, rq->txn->addr, rq->txn->size))
		return true;
	q.where = ms_line(ms, rq->txn->addr);
	while (q.where <= last && !ms_find_newest(&v, q.where, &copy))
		q.where++;
	if (q.where > last)
		return true;
	rq->asked = true;
	q.where <<= ms->line_shift;
	answer = dmasim_choose(ms->choice, &q);
	if (answer == 1) {
		rq->path = rq->port->l1 ? MS_CACHED : MS_SNOOPING;
		return false;
	}
	for (uint64_t line = ms_line(ms, q.where); answer == 2 && line <= last;
	     line++)
		ms_charge(ms, rq->txn, ms_clean_line(&v, line));
	return true;
}

static enum dmasim_result run_piece(struct ms_req *rq, uint64_t addr,
                                    uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t line = ms_line(ms, addr);
	struct ms_op *holder =
	        ms->active_first ? ms_holder(ms, line, line) : NULL;

	if (holder)
		return ms_wait(rq, holder);
	if (rq->path == MS_MAINTAIN)
		return ms_maintain_line(rq, line);
	if (rq->path == MS_CACHED)
		return ms_cached_piece(rq, addr, n);
	if (rq->path == MS_SHARED)
		return ms_shared_piece(rq, addr, n);
	return ms_snooping_piece(rq, addr, n);
}

static enum dmasim_result run_past(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;
	struct ms_op *holder = NULL;

	if (ms->active_first && !rq->have &&
	    dmasim_map_is_ram(ms->map, txn->addr, txn->size))
		holder = ms_holder(ms, ms_line(ms, txn->addr),
		                   ms_line(ms, txn->addr + txn->size - 1));
	return holder ? ms_wait(rq, holder) : ms_past(rq);
}

static enum dmasim_result run_writeback(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct ms_op *holder = ms_holder(ms, rq->op->first, rq->op->last);

	if (holder)
		return ms_wait(rq, holder);
	if (ms_run_writeback(ms, rq->op) == DMASIM_TXN_OK)
		ms_op_put(ms, rq->op);
	return DMASIM_TXN_OK;
}

static enum dmasim_result run(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;
	enum dmasim_result r = DMASIM_TXN_OK;

	if (rq->path == MS_WRITEBACK)
		return run_writeback(rq);
	if (rq->path == MS_SET_WAY)
		return ms_maintain_set_way(rq);
	if (rq->path == MS_PAST && (rq->have || goes_past(rq)))
		return run_past(rq);
	while (r == DMASIM_TXN_OK && rq->pos < txn->size) {
		uint64_t addr = txn->addr + rq->pos;
		uint32_t left = txn->size - rq->pos;
		uint32_t n =
		        ms->line_size - ((uint32_t)addr & (ms->line_size - 1));

		if (n > left)
			n = left;
		r = run_piece(rq, addr, n);
		if (r == DMASIM_TXN_OK)
			rq->pos += n;
	}
	return r;
}

enum dmasim_result ms_run(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct ms_req *before = ms->now;
	enum dmasim_result r;

	/* A register's device may make accesses of its own. */
	ms->now = rq->path == MS_WRITEBACK ? NULL : rq;
	r = run(rq);
	ms->now = before;
	return r;
}

/* Dirty bytes on their way to memory, or about to be. */
static void look_at_writes(const struct dmasim_memsys *ms, uint64_t addr,
                           uint32_t n, uint8_t *data)
{
	const struct ms_op *op =
	        ms_holder(ms, ms_line(ms, addr), ms_line(ms, addr));
	const struct ms_req *rq = op ? op->first_waiting : NULL;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);

	while (op) {
		for (uint32_t i = 0; op->kind == MS_OP_WRITE && i < n; i++)
			if (mask_test(op->mask, off + i))
				data[i] = op->buf[off + i];
		op = rq ? rq->op : NULL;
		rq = rq ? rq->next : NULL;
	}
}

/* What @rq's path sees of one line. */
static void look_at_line(struct ms_req *rq, const struct ms_view *v,
                         uint64_t addr, uint32_t n, uint8_t *data)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t line = ms_line(ms, addr);
	int32_t way = ms->system ? cache_find(ms->system, line) : -1;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	struct ms_copy copy;

	if (way >= 0)
		memcpy(data, cache_data(ms->system, (uint32_t)way) + off, n);
	if (rq->path == MS_PAST)
		return;
	if (ms_find_newest(v, line, &copy))
		memcpy(data, cache_data(copy.cache, copy.way) + off, n);
	else
		look_at_writes(ms, addr, n, data);
}

/* A look: what this path would see, without a trace of it. */
static enum dmasim_result look(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct dmasim_txn *txn = rq->txn;
	const struct ms_view v = ms_view_of(rq);

	if (txn->op != DMASIM_READ ||
	    dmasim_map_peek(ms->map, txn->addr, txn->data, txn->size))
		return DMASIM_TXN_SLAVE;
	for (uint32_t pos = 0, n; pos < txn->size; pos += n) {
		uint64_t addr = txn->addr + pos;

		n = ms->line_size - ((uint32_t)addr & (ms->line_size - 1));
		if (n > txn->size - pos)
			n = txn->size - pos;
		look_at_line(rq, &v, addr, n, txn->data + pos);
	}
	return DMASIM_TXN_OK;
}

/* Arm ARM B2.2: an atomic access is atomic as a whole only if it is aligned;
 * here one that crosses a line is refused, and an exclusive one likewise. */
static bool well_formed(const struct ms_req *rq)
{
	const struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;
	bool one_line = ms_line(ms, txn->addr) ==
	                ms_line(ms, txn->addr + txn->size - 1);

	if (dmasim_op_is_maintenance(txn->op))
		return true;
	if (!txn->data)
		return false;
	if (txn->flags & DMASIM_TXN_EXCLUSIVE &&
	    (dmasim_op_is_atomic(txn->op) || !one_line))
		return false;
	if (!dmasim_op_is_atomic(txn->op))
		return true;
	return (txn->size == 1 || txn->size == 2 || txn->size == 4 ||
	        txn->size == 8) &&
	       one_line;
}

/* Maintenance reaches what is cached by address, whatever is there. */
static enum dmasim_result start_maintenance(struct ms_req *rq)
{
	rq->attr = rq->txn->attr;
	if (!dmasim_attr_cacheable(&rq->attr))
		rq->attr.share = DMASIM_OSH;
	if (rq->txn->flags & DMASIM_TXN_DEBUG)
		return DMASIM_TXN_SLAVE;
	if (rq->port->kind == DMASIM_PORT_NONCOHERENT)
		return DMASIM_TXN_OK;
	rq->path = MS_MAINTAIN;
	return ms_run(rq);
}

/* A load that got its bytes early: it is in its place now, and all that is
 * left to do is to say so. */
static enum dmasim_result taken(struct ms_req *rq)
{
	struct dmasim_memsys *ms = rq->port->ms;
	const struct dmasim_txn *txn = rq->txn;

	for (uint32_t pos = 0, n; pos < txn->size; pos += n) {
		uint64_t addr = txn->addr + pos;

		n = ms->line_size - ((uint32_t)addr & (ms->line_size - 1));
		if (n > txn->size - pos)
			n = txn->size - pos;
		if (ms->checker)
			ms_report(rq, addr, txn->data + pos, n, false);
	}
	if (ms->observer_count)
		ms_tell_taken(rq->port, txn);
	return DMASIM_TXN_OK;
}

enum dmasim_result ms_start(struct ms_req *rq)
{
	const struct dmasim_txn *txn = rq->txn;

	/* What is ordered is what the master issues: an access that
	 * completed is seen by all. */
	if (txn->op == DMASIM_BARRIER) {
		if (rq->port->ms->observer_count)
			ms_tell_barrier(rq->port, txn);
		return DMASIM_TXN_OK;
	}
	if (dmasim_op_is_set_way(txn->op)) {
		rq->path = MS_SET_WAY;
		return ms_run(rq);
	}
	if (!txn->size || txn->addr > DMASIM_PA_MAX ||
	    txn->size - 1 > DMASIM_PA_MAX - txn->addr)
		return DMASIM_TXN_DECODE;
	if (!well_formed(rq))
		return DMASIM_TXN_SLAVE;
	if (dmasim_op_is_maintenance(txn->op))
		return start_maintenance(rq);
	choose_path(rq);
	if (txn->flags & DMASIM_TXN_DEBUG)
		return look(rq);
	if (txn->flags & DMASIM_TXN_TAKEN)
		return taken(rq);
	return ms_run(rq);
}
