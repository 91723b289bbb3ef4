/* SPDX-License-Identifier: MIT */
/*
 * What stands between a device and its IOMMU or memory: a tag that names the
 * device, and the bus of dma-ranges, where what a device calls A is A + offset
 * behind it, and nothing lies above a limit.
 */
#include <stdlib.h>
#include <string.h>

#include "plat_internal.h"

static enum dmasim_result tag_access(void *obj, struct dmasim_txn *txn)
{
	struct plat_tag *t = obj;

	if (txn->initiator == 0)
		txn->initiator = t->agent;
	return dmasim_access(&t->down, txn);
}

struct dmasim_port plat_tag_port(struct plat_tag *t,
                                 const struct dmasim_port *down, uint32_t agent)
{
	*t = (struct plat_tag){*down, agent};
	return (struct dmasim_port){tag_access, t};
}

/** An access that is under way below, in the addresses of below. */
struct held {
	struct dmasim_txn txn;
	struct dmasim_txn *above;
	uint64_t id;
	struct held *next;
};

struct plat_window {
	struct dmasim_kernel *kernel;
	struct dmasim_port down;
	uint64_t offset, limit;
	uint32_t actor;
	uint64_t next_id;
	struct held *held;
};

static void on_done(void *obj, uint32_t op, uint64_t id)
{
	struct plat_window *w = obj;
	struct held **at = &w->held;
	struct held *h;

	(void)op;
	while (*at && (*at)->id != id)
		at = &(*at)->next;
	h = *at;
	if (!h)
		return;
	*at = h->next;
	h->above->latency = h->txn.latency;
	dmasim_complete(w->kernel, h->above, h->txn.result, 0);
	free(h);
}

static enum dmasim_result window_access(void *obj, struct dmasim_txn *txn)
{
	struct plat_window *w = obj;
	enum dmasim_result r;
	struct held *h;

	if (txn->op == DMASIM_BARRIER)
		return dmasim_access(&w->down, txn);
	if (txn->addr > w->limit || txn->size - 1u > w->limit - txn->addr)
		return DMASIM_TXN_DECODE;
	h = malloc(sizeof(*h));
	if (!h)
		return DMASIM_TXN_SLAVE;
	h->txn = *txn;
	h->above = txn;
	h->id = ++w->next_id;
	h->txn.addr += w->offset;
	/* A master that cannot wait must not be made to. */
	if (txn->done.actor)
		h->txn.done =
		        (struct dmasim_call){.actor = w->actor, .arg = h->id};
	r = dmasim_access(&w->down, &h->txn);
	if (r == DMASIM_TXN_PENDING) {
		h->next = w->held;
		w->held = h;
		return r;
	}
	txn->latency = h->txn.latency;
	free(h);
	return r;
}

int plat_window_create(struct dmasim_kernel *k, const char *name,
                       struct plat_window **out)
{
	struct plat_window *w = calloc(1, sizeof(*w));
	int status;

	if (!w)
		return DMASIM_E_NOMEM;
	w->kernel = k;
	status = dmasim_actor_register(k, name, on_done, w, &w->actor);
	if (status != DMASIM_OK) {
		free(w);
		return status;
	}
	*out = w;
	return DMASIM_OK;
}

void plat_window_destroy(struct plat_window *w)
{
	if (!w)
		return;
	dmasim_actor_unregister(w->kernel, w->actor);
	while (w->held) {
		struct held *h = w->held;

		w->held = h->next;
		free(h);
	}
	free(w);
}

struct dmasim_port plat_window_port(struct plat_window *w,
                                    const struct dmasim_port *down,
                                    uint64_t offset, uint64_t limit)
{
	w->down = *down;
	w->offset = offset;
	w->limit = limit;
	return (struct dmasim_port){window_access, w};
}

bool plat_window_busy(const struct plat_window *w)
{
	return w && w->held;
}
