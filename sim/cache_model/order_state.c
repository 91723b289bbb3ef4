/* SPDX-License-Identifier: MIT */
/* Saving and restoring what happens before what. */
#include "checker_internal.h"

#include <stdlib.h>

void clock_save(const struct order_clock *clock, struct dmasim_writer *w)
{
	dmasim_put_u32(w, clock ? clock->len : 0);
	for (uint32_t i = 0; clock && i < clock->len; i++) {
		dmasim_put_u64(w, clock->of[i].seen);
		dmasim_put_u64(w, clock->of[i].done);
	}
}

int clock_restore(struct order_clock **out, struct dmasim_reader *r)
{
	uint32_t len = dmasim_get_count(r, UINT32_MAX, 16);
	struct order_clock *clock = len ? clock_new(len) : NULL;

	*out = clock;
	if (len && !clock)
		return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < len; i++) {
		clock->of[i].seen = dmasim_get_u64(r);
		clock->of[i].done = dmasim_get_u64(r);
	}
	return DMASIM_OK;
}

static void put_flag(const struct order_flag *f, struct dmasim_writer *w)
{
	dmasim_put_u64(w, f->write);
	dmasim_put_u64(w, f->stores);
	dmasim_put_u64(w, f->read);
	dmasim_put_u64(w, f->seq);
	dmasim_put_u64(w, f->addr);
	dmasim_put_u32(w, f->write_site);
	dmasim_put_u32(w, f->read_site);
	dmasim_put_u8(w, f->doorbell);
}

static uint32_t get_site(struct dmasim_reader *r, uint32_t sites)
{
	uint32_t site = dmasim_get_u32(r);

	if (site <= sites)
		return site;
	dmasim_reader_fail(r, "no site %u", site);
	return 0;
}

static void get_flag(struct order_flag *f, uint32_t sites,
                     struct dmasim_reader *r)
{
	f->write = dmasim_get_u64(r);
	f->stores = dmasim_get_u64(r);
	f->read = dmasim_get_u64(r);
	f->seq = dmasim_get_u64(r);
	f->addr = dmasim_get_u64(r);
	f->write_site = get_site(r, sites);
	f->read_site = get_site(r, sites);
	f->doorbell = dmasim_get_u8(r) != 0;
}

static void put_read(const struct order_read *e, struct dmasim_writer *w)
{
	dmasim_put_u64(w, e->addr);
	dmasim_put_u64(w, e->number);
	dmasim_put_u64(w, e->loads);
	dmasim_put_u64(w, e->seq);
	dmasim_put_u64(w, e->time);
	dmasim_put_u64(w, e->request);
	dmasim_put_u32(w, e->size);
	dmasim_put_u32(w, e->site);
	dmasim_put_bytes(w, e->data, sizeof(e->data));
}

static void get_read(struct order_read *e, uint32_t sites,
                     struct dmasim_reader *r)
{
	e->addr = dmasim_get_u64(r);
	e->number = dmasim_get_u64(r);
	e->loads = dmasim_get_u64(r);
	e->seq = dmasim_get_u64(r);
	e->time = dmasim_get_u64(r);
	e->request = dmasim_get_u64(r);
	e->size = dmasim_get_u32(r);
	e->site = get_site(r, sites);
	dmasim_get_bytes(r, e->data, sizeof(e->data));
}

/* What was read in one piece lies within a line. */
static void check_reads(const struct order_agent *o, uint32_t line_size,
                        struct dmasim_reader *r)
{
	for (uint32_t i = 0; i < o->read_count; i++) {
		const struct order_read *e = &o->reads[i];

		if (e->size > line_size - (e->addr & (line_size - 1)))
			dmasim_reader_fail(r, "a read of %u bytes at 0x%llx",
			                   e->size,
			                   (unsigned long long)e->addr);
	}
}

static void put_agent(const struct order_agent *o, struct dmasim_writer *w)
{
	uint32_t reads =
	        o->read_count < ORDER_READS ? o->read_count : ORDER_READS;

	dmasim_put_u64(w, o->last);
	dmasim_put_u64(w, o->stores);
	dmasim_put_u64(w, o->done);
	dmasim_put_u64(w, o->load_barrier);
	dmasim_put_u64(w, o->load_barrier_seq);
	dmasim_put_u64(w, o->published);
	clock_save(o->base, w);
	dmasim_put_u32(w, o->pending_len);
	for (uint32_t i = 0; i < o->pending_len; i++) {
		const struct order_acquired *a = &o->pending[i];

		dmasim_put_u64(w, a->number);
		dmasim_put_u32(w, a->from);
		dmasim_put_u64(w, a->mark.seen);
		dmasim_put_u64(w, a->mark.done);
		clock_save(a->clock, w);
	}
	dmasim_put_u32(w, o->flag_len);
	for (uint32_t i = 0; i < o->flag_len; i++)
		put_flag(&o->flags[i], w);
	dmasim_put_u32(w, reads);
	for (uint32_t i = o->read_count - reads; i != o->read_count; i++)
		put_read(&o->reads[i % ORDER_READS], w);
}

static int get_pending(struct order_agent *o, uint32_t agents,
                       struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, ORDER_PENDING, 32);
	int status = DMASIM_OK;

	for (uint32_t i = 0; i < count && !status; i++) {
		struct order_acquired *a = &o->pending[i];

		a->number = dmasim_get_u64(r);
		a->from = dmasim_get_u32(r);
		a->mark.seen = dmasim_get_u64(r);
		a->mark.done = dmasim_get_u64(r);
		status = clock_restore(&a->clock, r);
		o->pending_len++;
		if (!a->from || a->from > agents)
			dmasim_reader_fail(r, "no agent %u", a->from);
	}
	return status;
}

static int get_agent(struct order_agent *o, uint32_t agents, uint32_t sites,
                     struct dmasim_reader *r)
{
	uint32_t count;
	int status;

	o->last = dmasim_get_u64(r);
	o->stores = dmasim_get_u64(r);
	o->done = dmasim_get_u64(r);
	o->load_barrier = dmasim_get_u64(r);
	o->load_barrier_seq = dmasim_get_u64(r);
	o->published = dmasim_get_u64(r);
	status = clock_restore(&o->base, r);
	if (!status)
		status = get_pending(o, agents, r);
	if (status)
		return status;
	count = dmasim_get_count(r, agents, 49);
	if (count) {
		o->flags = calloc(count, sizeof(*o->flags));
		if (!o->flags)
			return DMASIM_E_NOMEM;
		o->flag_len = count;
	}
	for (uint32_t i = 0; i < count; i++)
		get_flag(&o->flags[i], sites, r);
	o->read_count = dmasim_get_count(r, ORDER_READS, 64);
	for (uint32_t i = 0; i < o->read_count; i++)
		get_read(&o->reads[i], sites, r);
	return dmasim_reader_status(r);
}

static void put_half(const struct order_half *h, struct dmasim_writer *w)
{
	dmasim_put_u32(w, h->agent);
	dmasim_put_u32(w, h->store_site);
	dmasim_put_u32(w, h->load_site);
	dmasim_put_u64(w, h->store);
	dmasim_put_u64(w, h->store_time);
	dmasim_put_u64(w, h->load);
	dmasim_put_u64(w, h->load_stores);
	dmasim_put_u64(w, h->load_time);
	dmasim_put_u64(w, h->load_addr);
}

static void get_half(struct order_half *h, uint32_t sites,
                     struct dmasim_reader *r)
{
	h->agent = dmasim_get_u32(r);
	h->store_site = get_site(r, sites);
	h->load_site = get_site(r, sites);
	h->store = dmasim_get_u64(r);
	h->store_time = dmasim_get_u64(r);
	h->load = dmasim_get_u64(r);
	h->load_stores = dmasim_get_u64(r);
	h->load_time = dmasim_get_u64(r);
	h->load_addr = dmasim_get_u64(r);
}

static void put_range(const struct order_range *range, struct dmasim_writer *w)
{
	dmasim_put_u64(w, range->first);
	dmasim_put_u64(w, range->last);
}

static struct order_range get_range(struct dmasim_reader *r)
{
	struct order_range range = {.first = dmasim_get_u64(r)};

	range.last = dmasim_get_u64(r);
	if (range.last < range.first)
		dmasim_reader_fail(r, "a range that ends before it begins");
	return range;
}

static int get_pair(struct order_pair *p, uint32_t sites,
                    struct dmasim_reader *r)
{
	uint32_t count;

	p->store = get_range(r);
	p->load = get_range(r);
	count = dmasim_get_count(r, UINT32_MAX, 60);
	p->halves = calloc(count + (size_t)1, sizeof(*p->halves));
	if (!p->halves)
		return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < count; i++)
		get_half(&p->halves[p->len++], sites, r);
	return dmasim_reader_status(r);
}

void order_save(const struct order *order, struct dmasim_writer *w)
{
	dmasim_put_u64(w, order->seq);
	dmasim_put_u64(w, order->set_way);
	dmasim_put_u32(w, order->len);
	for (uint32_t i = 0; i < order->len; i++)
		put_agent(&order->agents[i], w);
	dmasim_put_u32(w, (uint32_t)order->racy_len);
	for (size_t i = 0; i < order->racy_len; i++)
		put_range(&order->racy[i], w);
	dmasim_put_u32(w, (uint32_t)order->pair_len);
	for (size_t i = 0; i < order->pair_len; i++) {
		const struct order_pair *p = &order->pairs[i];

		put_range(&p->store, w);
		put_range(&p->load, w);
		dmasim_put_u32(w, p->len);
		for (uint32_t j = 0; j < p->len; j++)
			put_half(&p->halves[j], w);
	}
}

static int get_agents(struct order *order, uint32_t agents, uint32_t sites,
                      struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, agents, 64);
	int status = dmasim_reader_status(r);

	order->agents = calloc(count + (size_t)1, sizeof(*order->agents));
	if (!order->agents)
		return DMASIM_E_NOMEM;
	order->len = count;
	for (uint32_t i = 0; i < count && !status; i++)
		status = get_agent(&order->agents[i], agents, sites, r);
	return status;
}

int order_restore(struct order *order, uint32_t agents, uint32_t sites,
                  uint32_t line_size, struct dmasim_reader *r)
{
	uint32_t count;
	int status;

	order->seq = dmasim_get_u64(r);
	order->set_way = dmasim_get_u64(r);
	status = get_agents(order, agents, sites, r);
	if (status)
		return status;
	for (uint32_t i = 0; i < order->len; i++)
		check_reads(&order->agents[i], line_size, r);
	count = dmasim_get_count(r, UINT32_MAX, 16);
	order->racy = calloc(count + (size_t)1, sizeof(*order->racy));
	if (!order->racy)
		return DMASIM_E_NOMEM;
	order->racy_len = order->racy_cap = count;
	for (uint32_t i = 0; i < count; i++)
		order->racy[i] = get_range(r);
	count = dmasim_get_count(r, UINT32_MAX, 36);
	order->pairs = calloc(count + (size_t)1, sizeof(*order->pairs));
	if (!order->pairs)
		return DMASIM_E_NOMEM;
	order->pair_cap = count;
	for (uint32_t i = 0; i < count && !status; i++)
		status = get_pair(&order->pairs[order->pair_len++], sites, r);
	return status ? status : dmasim_reader_status(r);
}
