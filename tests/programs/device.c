/* SPDX-License-Identifier: MIT */
/* The device: takes requests from the ring, moves their data, says so. */
#include "rig.h"

#define LOOK_PS (2 * DMASIM_US)

static bool dma(struct prog_rig *g, enum dmasim_op op, uint64_t addr,
                void *data, uint32_t size, const char *what)
{
	struct dmasim_txn txn = {
	        .op = op,
	        .cause = DMASIM_CAUSE_DMA,
	        .initiator = g->agent,
	        .addr = addr,
	        .size = size,
	        .data = data,
	        .attr = dmasim_attr_wb,
	        .stream_id = STREAM,
	        .origin = {.what = what, .request = g->served + 1u}};
	int rc = dmasim_access_wait(g->k, &g->dma, &txn);

	if (!rc && txn.latency)
		rc = dmasim_wait(g->k, txn.latency);
	if (rc || txn.result != DMASIM_TXN_OK) {
		rig_fail(g, PROG_FAULT, "request %u: %s at 0x%llx is refused",
		         g->served + 1u, what, (unsigned long long)addr);
		return false;
	}
	return true;
}

/* The data that a driver gave, or what the device makes of it. */
static bool move(struct prog_rig *g, const struct prog_req *q, uint64_t addr)
{
	uint8_t *golden = g->golden[q->buf] + q->off;
	uint8_t data[4096];

	if (q->dir != PROG_FROM_DEVICE) {
		if (!dma(g, DMASIM_READ, addr, data, q->len, "read data"))
			return false;
		if (memcmp(data, golden, q->len) != 0)
			rig_fail(g, PROG_WRONG,
			         "request %u: the device read wrong data",
			         g->served + 1u);
	}
	if (q->dir == PROG_TO_DEVICE)
		return true;
	for (unsigned i = 0; i < q->len; i++)
		golden[i] = data[i] = ++g->fill ? g->fill : ++g->fill;
	return dma(g, DMASIM_WRITE, addr, data, q->len, "write data");
}

static uint64_t word(const uint8_t *b, unsigned n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | b[n];
	return v;
}

static void set_word(uint8_t *b, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * i));
}

static bool serve_request(struct prog_rig *g, const struct prog_req *q)
{
	uint64_t ring = g->both_dma;
	uint8_t d[16], used[8];

	if (!dma(g, DMASIM_READ, ring + RING_DESC + 16ull * g->served, d, 16,
	         "read descriptor"))
		return false;
	if (word(d + 8, 4) != q->len || word(d + 12, 2) != q->dir ||
	    word(d + 14, 2) != g->served + 1u) {
		rig_fail(g, PROG_WRONG, "request %u: an old descriptor",
		         g->served + 1u);
		return false;
	}
	if (!move(g, q, word(d, 8)))
		return false;
	set_word(used, 8, (g->served + 1ull) * 0x100000001ull);
	if (!dma(g, DMASIM_WRITE, ring + RING_USED + 8ull * g->served, used, 8,
	         "write used element"))
		return false;
	set_word(used, 4, g->served + 1ull);
	if (!dma(g, DMASIM_WRITE, ring + RING_DONE, used, 4,
	         "write used index"))
		return false;
	g->served++;
	g->irqs++;
	return dmasim_event_notify(g->irq, 0) == DMASIM_OK;
}

static bool serve(struct prog_rig *g)
{
	const struct prog_req *q = &g->p->req[g->served];

	if (q->gone) {
		g->served++;
		g->irqs++;
		return true;
	}
	return serve_request(g, q);
}

static bool look(struct prog_rig *g)
{
	uint8_t b[4];
	uint64_t index;

	if (!dma(g, DMASIM_READ, g->both_dma + RING_INDEX, b, 4, "read index"))
		return false;
	index = word(b, 4);
	if (index > g->p->reqs) {
		rig_fail(g, PROG_WRONG, "an index of %llu",
		         (unsigned long long)index);
		return false;
	}
	while (g->served < index)
		if (!serve(g))
			return false;
	return true;
}

void rig_device(void *rig)
{
	struct prog_rig *g = rig;
	unsigned seen = 0;

	while (g->done_cpus < g->p->m.cpus) {
		int rc = DMASIM_OK;

		if (g->p->m.device_polls)
			rc = dmasim_wait(g->k, LOOK_PS);
		else if (seen == g->kicks)
			rc = dmasim_event_wait(g->bell, LOOK_PS);
		if (rc && rc != DMASIM_E_TIMEOUT)
			return;
		if (!g->p->m.device_polls && seen == g->kicks)
			continue;
		seen = g->kicks;
		if (!look(g))
			return;
	}
}
