/* SPDX-License-Identifier: MIT */
/* What only the driver knows of its flags: pairs whose store and load must
 * keep their order, and hints that anybody may read at any time. */
#include "checker_internal.h"

#include <stdlib.h>

static bool overlaps(const struct order_range *r, uint64_t addr, uint32_t n)
{
	return r->first <= addr + (n - 1) && r->last >= addr;
}

bool order_is_racy(const struct order *order, uint64_t addr, uint32_t n)
{
	for (size_t i = 0; i < order->racy_len; i++)
		if (overlaps(&order->racy[i], addr, n))
			return true;
	return false;
}

static bool same(const struct order_range *a, const struct order_range *b)
{
	return a->first == b->first && a->last == b->last;
}

static bool fits(uint64_t addr, uint64_t size)
{
	return size && size - 1 <= UINT64_MAX - addr;
}

int dmasim_note_racy(struct dmasim_checker *c, uint64_t addr, uint64_t size)
{
	const struct order_range range = {addr, addr + (size - 1)};
	struct order *o = &c->order;

	if (!fits(addr, size))
		return DMASIM_E_INVAL;
	for (size_t i = 0; i < o->racy_len; i++)
		if (same(&o->racy[i], &range))
			return DMASIM_OK;
	if (o->racy_len == o->racy_cap) {
		size_t cap = o->racy_cap ? 2 * o->racy_cap : 16;
		struct order_range *grown =
		        realloc(o->racy, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		o->racy = grown;
		o->racy_cap = cap;
	}
	o->racy[o->racy_len++] = range;
	return DMASIM_OK;
}

int dmasim_note_dekker(struct dmasim_checker *c, uint64_t store,
                       uint64_t store_size, uint64_t load, uint64_t load_size)
{
	const struct order_pair pair = {
	        .store = {store, store + (store_size - 1)},
	        .load = {load, load + (load_size - 1)},
	};
	struct order *o = &c->order;

	if (!fits(store, store_size) || !fits(load, load_size))
		return DMASIM_E_INVAL;
	for (size_t i = 0; i < o->pair_len; i++)
		if (same(&o->pairs[i].store, &pair.store) &&
		    same(&o->pairs[i].load, &pair.load))
			return DMASIM_OK;
	if (o->pair_len == o->pair_cap) {
		size_t cap = o->pair_cap ? 2 * o->pair_cap : 8;
		struct order_pair *grown =
		        realloc(o->pairs, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		o->pairs = grown;
		o->pair_cap = cap;
	}
	o->pairs[o->pair_len++] = pair;
	return DMASIM_OK;
}

static bool within(const struct order_range *r, uint64_t addr, uint64_t end)
{
	return r->first >= addr && r->last <= end;
}

void dmasim_note_order_end(struct dmasim_checker *c, uint64_t addr,
                           uint64_t size)
{
	struct order *o = &c->order;
	uint64_t end = addr + (size - 1);
	size_t racy = 0, pairs = 0;

	if (!fits(addr, size))
		return;
	for (size_t i = 0; i < o->racy_len; i++)
		if (!within(&o->racy[i], addr, end))
			o->racy[racy++] = o->racy[i];
	o->racy_len = racy;
	for (size_t i = 0; i < o->pair_len; i++) {
		if (within(&o->pairs[i].store, addr, end))
			free(o->pairs[i].halves);
		else
			o->pairs[pairs++] = o->pairs[i];
	}
	o->pair_len = pairs;
}

static struct order_half *half_of(struct dmasim_checker *c,
                                  struct order_pair *pair, uint32_t agent)
{
	struct order_half *grown;

	for (uint32_t i = 0; i < pair->len; i++)
		if (pair->halves[i].agent == agent)
			return &pair->halves[i];
	grown = realloc(pair->halves, (pair->len + 1) * sizeof(*grown));
	if (!grown) {
		dmasim_fail(c->kernel, "checker: no memory");
		return NULL;
	}
	pair->halves = grown;
	grown[pair->len] = (struct order_half){.agent = agent};
	return &grown[pair->len++];
}

/* The load may have been made before the store. */
static void overtaken(struct dmasim_checker *c, const struct order_half *h)
{
	struct hazard found = {
	        .kind = DMASIM_MISSING_BARRIER,
	        .severity = DMASIM_POTENTIAL,
	        .why = HAZARD_STORE_LOAD,
	        .addr = h->load_addr,
	        .reader = h->load_site,
	        .reader_time = h->load_time,
	        .writer = h->store_site,
	        .writer_time = h->store_time,
	};

	if (h->store > h->load_stores && h->store < h->load)
		report_finding(c, &found);
}

void order_pairs(struct dmasim_checker *c, const struct check_who *who,
                 const struct order_place *p, uint64_t addr, uint32_t n,
                 bool write)
{
	for (size_t i = 0; i < c->order.pair_len; i++) {
		struct order_pair *pair = &c->order.pairs[i];
		struct order_half *h;

		if (!overlaps(write ? &pair->store : &pair->load, addr, n))
			continue;
		h = half_of(c, pair, who->agent);
		if (!h)
			return;
		if (write) {
			h->store = p->number;
			h->store_site = site_number(c, who);
			h->store_time = dmasim_now(c->kernel);
		} else {
			h->load = p->number;
			h->load_stores = p->stores;
			h->load_site = site_number(c, who);
			h->load_time = dmasim_now(c->kernel);
			h->load_addr = addr;
		}
		/* The store may arrive behind the load. */
		overtaken(c, h);
	}
}
