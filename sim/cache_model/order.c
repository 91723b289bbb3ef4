/* SPDX-License-Identifier: MIT */
/* Agents' programs: places, what was read and not yet ordered, signals. */
#include "checker_internal.h"

#include <stdlib.h>
#include <string.h>

struct order_agent *order_agent(struct dmasim_checker *c, uint32_t agent)
{
	struct order *order = &c->order;

	if (!agent || agent > c->agent_len)
		return NULL;
	/* For all at once, so that nobody's place moves while another's is
	 * looked up. */
	if (order->len < c->agent_len) {
		uint32_t len = c->agent_len;
		struct order_agent *grown =
		        realloc(order->agents, len * sizeof(*grown));

		if (!grown) {
			dmasim_fail(c->kernel, "checker: no memory");
			return NULL;
		}
		memset(grown + order->len, 0,
		       (len - order->len) * sizeof(*grown));
		order->agents = grown;
		order->len = len;
	}
	return &order->agents[agent - 1];
}

struct order_flag *order_flag(struct order_agent *o, uint32_t of)
{
	if (of > o->flag_len) {
		struct order_flag *grown =
		        realloc(o->flags, of * sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + o->flag_len, 0,
		       (of - o->flag_len) * sizeof(*grown));
		o->flags = grown;
		o->flag_len = of;
	}
	return &o->flags[of - 1];
}

static void promote(struct order_agent *o, uint32_t i)
{
	struct order_acquired *a = &o->pending[i];

	/* Without memory it is forgotten, and the run fails elsewhere. */
	(void)clock_join(&o->base, a->clock, a->from, &a->mark);
	clock_put(a->clock);
	o->pending_len--;
	memmove(a, a + 1, (o->pending_len - i) * sizeof(*a));
}

/* Accesses from now on are ordered behind loads up to @loads. */
static void promote_up_to(struct order_agent *o, uint64_t loads)
{
	for (uint32_t i = 0; i < o->pending_len;) {
		if (o->pending[i].number <= loads)
			promote(o, i);
		else
			i++;
	}
}

bool order_place(struct dmasim_checker *c, const struct check_who *who,
                 struct order_place *p)
{
	struct order_agent *o = order_agent(c, who->agent);
	const struct dmasim_program_order *po = who->txn ? &who->txn->po : NULL;

	if (!o)
		return false;
	if (!po || !po->number) {
		uint64_t before = o->last++;

		*p = (struct order_place){o->last, before, before,
		                          before,  false,  true};
		return true;
	}
	*p = (struct order_place){po->number,   po->loads, po->stores,
	                          po->complete, po->maybe, false};
	if (o->last < p->number)
		o->last = p->number;
	/* What orders this access alone, a release, orders no later one. */
	if (o->pending_len && !dmasim_order_releases(who->txn->order))
		promote_up_to(o, p->loads);
	return true;
}

static void raise_to(uint64_t *a, uint64_t b)
{
	if (*a < b)
		*a = b;
}

struct order_mark order_known(const struct order_agent *o, uint32_t of,
                              uint64_t loads)
{
	struct order_mark k = {0, 0};

	if (o->base && of <= o->base->len)
		k = o->base->of[of - 1];
	for (uint32_t i = 0; i < o->pending_len; i++) {
		const struct order_acquired *a = &o->pending[i];

		if (a->number > loads)
			continue;
		if (a->from == of) {
			raise_to(&k.seen, a->mark.seen);
			raise_to(&k.done, a->mark.done);
		}
		if (a->clock && of <= a->clock->len) {
			raise_to(&k.seen, a->clock->of[of - 1].seen);
			raise_to(&k.done, a->clock->of[of - 1].done);
		}
	}
	return k;
}

static bool is_pending(const struct order_agent *o, uint64_t number,
                       uint32_t from, const struct order_mark *mark,
                       const struct order_clock *clock)
{
	for (uint32_t i = 0; i < o->pending_len; i++) {
		const struct order_acquired *a = &o->pending[i];

		if (a->number <= number && a->from == from &&
		    a->mark.seen >= mark->seen && a->mark.done >= mark->done &&
		    a->clock == clock)
			return true;
	}
	return false;
}

void order_acquire(struct dmasim_checker *c, struct order_agent *o,
                   const struct order_place *p, uint32_t from,
                   const struct order_mark *mark, struct order_clock *clock)
{
	if (clock_has(o->base, clock, from, mark))
		return;
	if (p->in_order) {
		if (!clock_join(&o->base, clock, from, mark))
			dmasim_fail(c->kernel, "checker: no memory");
		return;
	}
	if (is_pending(o, p->number, from, mark, clock))
		return;
	if (o->pending_len == ORDER_PENDING)
		promote(o, 0);
	o->pending[o->pending_len++] = (struct order_acquired){
	        p->number, from, *mark, clock_get(clock)};
}

struct order_clock *order_release(struct dmasim_checker *c,
                                  struct order_agent *o, uint64_t loads)
{
	struct order_clock *clock = clock_get(o->base);

	for (uint32_t i = 0; i < o->pending_len; i++) {
		const struct order_acquired *a = &o->pending[i];

		if (a->number <= loads &&
		    !clock_join(&clock, a->clock, a->from, &a->mark))
			dmasim_fail(c->kernel, "checker: no memory");
	}
	return clock;
}

static void barrier(struct dmasim_checker *c, struct order_agent *o,
                    const struct dmasim_txn *txn)
{
	enum dmasim_barrier b = txn->barrier;

	if (txn->attr.share == DMASIM_NSH)
		return;
	if (b != DMASIM_DMB_LD && b != DMASIM_DSB_LD)
		raise_to(&o->stores, txn->po.number);
	if (b == DMASIM_DSB)
		raise_to(&o->done, txn->po.number);
	if (b != DMASIM_DMB_ST && b != DMASIM_DSB_ST) {
		o->load_barrier = txn->po.number;
		o->load_barrier_seq = c->order.seq;
		promote_up_to(o, txn->po.number);
	}
}

/* The first maintenance of each write that the line has counts. */
static void maintained(struct dmasim_checker *c, struct order_agent *o,
                       const struct dmasim_txn *txn)
{
	uint64_t mask = ~(uint64_t)(c->line_size - 1);
	uint64_t number = txn->po.number ? txn->po.number : ++o->last;
	uint64_t end = txn->addr + (txn->size - 1);
	bool clean = txn->op != DMASIM_INVALIDATE;
	bool invalidate = txn->op == DMASIM_INVALIDATE ||
	                  txn->op == DMASIM_CLEAN_INVALIDATE;

	for (uint64_t line = txn->addr & mask; line <= end;
	     line += c->line_size) {
		struct shadow *s = shadow_find(c, line);

		for (uint32_t i = 0; s && i < s->record_len; i++) {
			struct record *r = &s->records[i];

			if (!r->refs || r->maintained)
				continue;
			if (site_get(c, r->site)->past ? !invalidate
			                               : !clean && !invalidate)
				continue;
			r->maintained = number;
			r->maintainer = txn->initiator;
		}
	}
}

void check_order(struct dmasim_checker *c, const struct dmasim_txn *txn)
{
	struct order_agent *o = order_agent(c, txn->initiator);

	c->order.seq++;
	if (!o)
		return;
	raise_to(&o->last, txn->po.number);
	if (txn->op == DMASIM_BARRIER)
		barrier(c, o, txn);
	else if (dmasim_op_is_set_way(txn->op))
		c->order.set_way = c->order.seq;
	else if (txn->op != DMASIM_CLEAN_POU && txn->size &&
	         txn->size - 1 <= UINT64_MAX - txn->addr)
		maintained(c, o, txn);
}

/* Everything that @from did and made visible. */
static struct order_mark made_visible(const struct dmasim_checker *c,
                                      uint32_t from,
                                      const struct order_agent *o)
{
	if (c->agents[from - 1].kind == DMASIM_AGENT_CPU)
		return (struct order_mark){o->stores, o->done};
	return (struct order_mark){o->last, o->last};
}

static void signal_to(struct dmasim_checker *c, uint32_t from, uint32_t to)
{
	struct order_agent *b = order_agent(c, to);
	const struct order_agent *a = order_agent(c, from);
	struct order_mark mark;

	if (!a || !b)
		return;
	mark = made_visible(c, from, a);
	if (!clock_join(&b->base, a->base, from, &mark))
		dmasim_fail(c->kernel, "checker: no memory");
}

void dmasim_note_signal(struct dmasim_checker *c, uint32_t from, uint32_t to)
{
	if (to) {
		signal_to(c, from, to);
		return;
	}
	for (uint32_t i = 1; i <= c->agent_len; i++)
		if (i != from && c->agents[i - 1].kind == DMASIM_AGENT_CPU)
			signal_to(c, from, i);
}

static void doorbell(struct dmasim_checker *c, const struct dmasim_txn *mmio,
                     uint32_t agent)
{
	const struct check_who who = {.agent = mmio->initiator,
	                              .attr = mmio->attr,
	                              .member = true,
	                              .past = true,
	                              .cause = mmio->cause,
	                              .origin = &mmio->origin,
	                              .txn = mmio};
	struct order_agent *b = order_agent(c, agent), *a;
	struct order_place p;
	struct order_flag *f;
	struct order_mark mark;
	struct order_clock *clock;

	if (!b || !order_place(c, &who, &p))
		return;
	a = order_agent(c, mmio->initiator);
	f = order_flag(b, mmio->initiator);
	mark = (struct order_mark){p.stores, p.complete};
	raise_to(&mark.seen, a->stores);
	raise_to(&mark.done, a->done);
	clock = order_release(c, a, p.loads);
	if (!f || !clock_join(&b->base, clock, mmio->initiator, &mark))
		dmasim_fail(c->kernel, "checker: no memory");
	clock_put(clock);
	if (!f || f->write >= p.number)
		return;
	*f = (struct order_flag){.write = p.number,
	                         .stores = mark.seen,
	                         .read = b->last,
	                         .seq = ++c->order.seq,
	                         .addr = mmio->addr,
	                         .write_site = site_number(c, &who),
	                         .doorbell = true};
	raise_to(&a->published, p.number);
}

static void register_read(struct dmasim_checker *c,
                          const struct dmasim_txn *mmio, uint32_t agent)
{
	const struct check_who who = {.agent = mmio->initiator, .txn = mmio};
	struct order_agent *b;
	const struct order_agent *a = order_agent(c, agent);
	struct order_mark mark;
	struct order_place p;

	if (!a || !order_place(c, &who, &p))
		return;
	b = order_agent(c, mmio->initiator);
	mark = made_visible(c, agent, a);
	order_acquire(c, b, &p, agent, &mark, a->base);
}

void dmasim_note_doorbell(struct dmasim_checker *c,
                          const struct dmasim_txn *mmio, uint32_t agent)
{
	if (!mmio->initiator || mmio->initiator == agent)
		return;
	if (mmio->op == DMASIM_READ)
		register_read(c, mmio, agent);
	else
		doorbell(c, mmio, agent);
}

void order_free(struct order *order)
{
	for (uint32_t i = 0; i < order->len; i++) {
		struct order_agent *o = &order->agents[i];

		for (uint32_t j = 0; j < o->pending_len; j++)
			clock_put(o->pending[j].clock);
		clock_put(o->base);
		free(o->flags);
	}
	for (size_t i = 0; i < order->pair_len; i++)
		free(order->pairs[i].halves);
	free(order->pairs);
	free(order->racy);
	free(order->agents);
	*order = (struct order){0};
}
