/* SPDX-License-Identifier: MIT */
/*
 * Exclusive monitors (Arm ARM B2.12). The reservation granule is a line. A
 * port has one reservation, which is its local monitor; a write of anybody
 * else to the line clears it, on whatever way the write went, which is the
 * global one. Its own plain writes leave it alone.
 */
#include "memsys_internal.h"

static void release(struct ms_port *p)
{
	if (!p->reserved)
		return;
	p->reserved = false;
	p->ms->reservations--;
	ms_update_attention(p->ms);
}

static void reserve(struct ms_port *p, uint64_t line)
{
	p->ms->reservations += !p->reserved;
	p->reserved = true;
	p->reserved_line = line;
	ms_update_attention(p->ms);
}

bool ms_exclusive_lost(struct ms_req *rq)
{
	struct ms_port *p = rq->port;
	const struct dmasim_txn *txn = rq->txn;

	/* A write that has already been let go cannot fail any more. */
	if (!(txn->flags & DMASIM_TXN_EXCLUSIVE) || txn->op != DMASIM_WRITE ||
	    rq->have)
		return false;
	if (p->reserved && p->reserved_line == ms_line(p->ms, txn->addr))
		return false;
	release(p);
	return true;
}

void ms_exclusive_note(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	bool exclusive = rq->txn->flags & DMASIM_TXN_EXCLUSIVE;

	if (rq->txn->op == DMASIM_READ) {
		if (exclusive)
			reserve(rq->port, line);
		return;
	}
	for (uint32_t i = 0; ms->reservations && i < ms->port_count; i++) {
		struct ms_port *p = ms->ports[i];

		if (p->reserved && p->reserved_line == line &&
		    (p != rq->port || exclusive))
			release(p);
	}
}
