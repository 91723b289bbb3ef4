/* SPDX-License-Identifier: MIT */
/* The interconnect: hops, a way that all ports share, and who goes first. */
#include "dmasim/timing.h"
#include "occupancy_internal.h"

#include <stdlib.h>

#define IC_TAG     "ICON"
#define IC_VERSION 1

/* Some 4 us ahead where a slot is 4 ns: our choice. */
#define IC_SLOTS 1024u
#define IC_LINE  64u

#define IC_PERIOD_MAX DMASIM_MS
#define IC_CYCLES_MAX 10000u
#define IC_BYTES_MAX  4096u

struct ic_port {
	struct dmasim_interconnect *ic;
	struct dmasim_interconnect_stats stats;
};

struct dmasim_interconnect {
	struct dmasim_kernel *kernel;
	struct dmasim_choice *choice;
	struct dmasim_port down;
	struct dmasim_interconnect_timing timing;
	struct occupancy way;
	/** The access before: two of one instant are a tie. */
	uint64_t last_at;
	uint32_t last_port;
	uint32_t ports;
	struct ic_port port[DMASIM_INTERCONNECT_PORTS];
};

static uint64_t time_of(const struct dmasim_interconnect *ic, uint32_t bytes)
{
	uint64_t width = ic->timing.bytes;

	return ic->timing.period * ((bytes + width - 1) / width);
}

int dmasim_interconnect_create(const struct dmasim_interconnect_config *cfg,
                               struct dmasim_interconnect **out)
{
	const struct dmasim_interconnect_timing *t = &cfg->timing;
	struct dmasim_interconnect *ic;

	*out = NULL;
	if (!cfg->kernel || !cfg->down || !cfg->ports ||
	    cfg->ports > DMASIM_INTERCONNECT_PORTS || !t->period ||
	    t->period > IC_PERIOD_MAX || t->cycles > IC_CYCLES_MAX ||
	    !t->bytes || t->bytes > IC_BYTES_MAX ||
	    t->arbitration > DMASIM_FIRST_COME)
		return DMASIM_E_INVAL;
	ic = calloc(1, sizeof(*ic));
	if (!ic)
		return DMASIM_E_NOMEM;
	ic->kernel = cfg->kernel;
	ic->choice = cfg->choice;
	ic->down = *cfg->down;
	ic->timing = *t;
	ic->ports = cfg->ports;
	ic->last_at = DMASIM_FOREVER;
	for (uint32_t i = 0; i < ic->ports; i++)
		ic->port[i].ic = ic;
	/* A slot is what a line takes: a longer one would not see two of them
	 * that meet. */
	if (occ_begin(&ic->way, time_of(ic, IC_LINE), IC_SLOTS, cfg->ports)) {
		dmasim_interconnect_destroy(ic);
		return DMASIM_E_NOMEM;
	}
	*out = ic;
	return DMASIM_OK;
}

void dmasim_interconnect_destroy(struct dmasim_interconnect *ic)
{
	if (!ic)
		return;
	occ_end(&ic->way);
	free(ic);
}

/* Two ports at one instant. A choice point: the later call may go first. */
static bool overtakes(struct dmasim_interconnect *ic, uint64_t at,
                      uint32_t port)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_ARBITER,
	        .alternatives = 2,
	        .who = "interconnect",
	        .where = port,
	};
	bool tie = ic->last_at == at && ic->last_port != port;

	ic->last_at = at;
	ic->last_port = port;
	return tie && ic->choice && dmasim_choose(ic->choice, &q) == 1;
}

static void charge(struct dmasim_interconnect *ic, struct ic_port *p,
                   struct dmasim_txn *txn)
{
	const struct dmasim_interconnect_timing *t = &ic->timing;
	uint64_t idle = t->period * t->cycles;
	struct occ_request r = {
	        .now = dmasim_now(ic->kernel),
	        .need = time_of(ic, txn->size),
	        .port = (uint32_t)(p - ic->port),
	        .fair = t->arbitration == DMASIM_ROUND_ROBIN,
	};
	uint64_t cost = r.need;

	r.at = r.now + dmasim_txn_ahead(txn);
	/* At the end of time nothing is busy any more. */
	if (r.at >= r.now && r.at <= OCC_TIME_MAX) {
		r.first = overtakes(ic, r.at, r.port);
		cost = occ_take(&ic->way, &r) - r.at;
	}
	p->stats.accesses++;
	p->stats.bytes += txn->size;
	p->stats.waited += cost - r.need;
	txn->latency += idle + cost;
}

static enum dmasim_result port_access(void *obj, struct dmasim_txn *txn)
{
	struct ic_port *p = obj;

	if (txn->size && txn->data && !(txn->flags & DMASIM_TXN_DEBUG))
		charge(p->ic, p, txn);
	return dmasim_access(&p->ic->down, txn);
}

static enum dmasim_result shared_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_interconnect *ic = obj;

	return port_access(&ic->port[txn->initiator % ic->ports], txn);
}

int dmasim_interconnect_port(struct dmasim_interconnect *ic, uint32_t index,
                             struct dmasim_port *port)
{
	if (index == DMASIM_PORT_BY_INITIATOR) {
		*port = (struct dmasim_port){shared_access, ic};
		return DMASIM_OK;
	}
	if (index >= ic->ports)
		return DMASIM_E_RANGE;
	*port = (struct dmasim_port){port_access, &ic->port[index]};
	return DMASIM_OK;
}

int dmasim_interconnect_stats(const struct dmasim_interconnect *ic,
                              uint32_t index,
                              struct dmasim_interconnect_stats *s)
{
	if (index >= ic->ports)
		return DMASIM_E_RANGE;
	*s = ic->port[index].stats;
	return DMASIM_OK;
}

void dmasim_interconnect_save(const struct dmasim_interconnect *ic,
                              struct dmasim_writer *w)
{
	dmasim_put_begin(w, IC_TAG, IC_VERSION);
	dmasim_put_u32(w, ic->ports);
	dmasim_put_u64(w, ic->last_at);
	dmasim_put_u32(w, ic->last_port);
	for (uint32_t i = 0; i < ic->ports; i++) {
		dmasim_put_u64(w, ic->port[i].stats.accesses);
		dmasim_put_u64(w, ic->port[i].stats.bytes);
		dmasim_put_u64(w, ic->port[i].stats.waited);
	}
	occ_save(&ic->way, dmasim_now(ic->kernel), w);
	dmasim_put_end(w);
}

int dmasim_interconnect_restore(struct dmasim_interconnect *ic,
                                struct dmasim_reader *r)
{
	struct dmasim_interconnect_stats stats[DMASIM_INTERCONNECT_PORTS];
	struct occupancy fresh = {0};
	uint64_t last_at;
	uint32_t last_port;

	if (occ_begin(&fresh, ic->way.width, IC_SLOTS, ic->ports)) {
		occ_end(&fresh);
		return DMASIM_E_NOMEM;
	}
	dmasim_get_begin(r, IC_TAG, IC_VERSION);
	if (dmasim_get_u32(r) != ic->ports)
		dmasim_reader_fail(r, "another number of ports");
	last_at = dmasim_get_u64(r);
	last_port = dmasim_get_u32(r);
	for (uint32_t i = 0; i < ic->ports; i++) {
		stats[i].accesses = dmasim_get_u64(r);
		stats[i].bytes = dmasim_get_u64(r);
		stats[i].waited = dmasim_get_u64(r);
	}
	occ_restore(&fresh, r);
	dmasim_get_end(r);
	if (dmasim_reader_status(r)) {
		occ_end(&fresh);
		return dmasim_reader_status(r);
	}
	occ_end(&ic->way);
	ic->way = fresh;
	ic->last_at = last_at;
	ic->last_port = last_port;
	for (uint32_t i = 0; i < ic->ports; i++)
		ic->port[i].stats = stats[i];
	return DMASIM_OK;
}
