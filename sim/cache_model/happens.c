/* SPDX-License-Identifier: MIT */
/*
 * Missing barriers and missing maintenance, also where this run got away with
 * it.
 *
 * A reader that has seen a newer write of somebody's (the flag) believes that
 * the older ones (the data) are there. It is right if the flag was ordered
 * behind the data (DMB ST, STLR, a DSB behind maintenance), and its read of
 * the data behind that of the flag (DMB LD, LDAR). A write that is read before
 * any newer one of that agent's is a flag itself: such bytes are polled, and
 * are never reported.
 *
 * A barrier that has happened before the flag was read, or a load barrier that
 * has happened since the data was written, is taken for order, too: the
 * reader may have been told in a way that is not seen here.
 */
#include "checker_internal.h"

#include <string.h>

/** A flag is not longer than this. */
#define FLAG_MAX 8u

/* What one read or write is judged with. */
struct scene {
	struct dmasim_checker *c;
	const struct check_who *who;
	struct shadow *s;
	struct order_place p;
	const uint8_t *line; /* as if the data were a whole line */
	uint32_t from, to;   /* of the bytes of one record, in the line */
};

static bool caches(const struct dmasim_checker *c, uint32_t agent,
                   const struct dmasim_attr *attr)
{
	enum dmasim_agent_kind kind = c->agents[agent - 1].kind;

	return (kind == DMASIM_AGENT_CPU || kind == DMASIM_AGENT_HOST) &&
	       attr->type == DMASIM_NORMAL && attr->inner != DMASIM_NC;
}

/* The write lies in a cache, and the reader looks into memory, or the
 * reverse: only maintenance brings it across. */
static bool needs_maintenance(const struct scene *t, const struct site *writer)
{
	if (writer->past == t->who->past)
		return false;
	if (writer->past)
		return caches(t->c, t->who->agent, &t->who->attr);
	return caches(t->c, writer->agent, &writer->attr) &&
	       writer->attr.inner == DMASIM_WB;
}

static void report(const struct scene *t, const struct record *r,
                   enum dmasim_finding_kind kind, enum hazard_why why,
                   const struct order_flag *flag)
{
	uint32_t n = t->to - t->from;
	struct hazard h = {
	        .kind = kind,
	        .severity = DMASIM_POTENTIAL,
	        .why = why,
	        .maybe = t->p.maybe && why == HAZARD_CONSUMER,
	        .addr = t->s->line + t->from,
	        .size = n < DMASIM_FINDING_BYTES ? n : DMASIM_FINDING_BYTES,
	        .seen = t->line + t->from,
	        .shadow = t->s,
	        .reader = site_number(t->c, t->who),
	        .reader_time = dmasim_now(t->c->kernel),
	        .reader_request = t->who->origin->request,
	        .writer = r->site,
	        .writer_time = r->time,
	        .writer_request = r->request,
	};

	if (flag) {
		h.flag_addr = flag->addr;
		h.flag_write = flag->write_site;
		h.flag_read = flag->read_site;
	}
	report_finding(t->c, &h);
}

static bool is_sync(const struct scene *t)
{
	return mask_next(t->s->sync, t->from, t->to, true) < t->to ||
	       order_is_racy(&t->c->order, t->s->line + t->from,
	                     t->to - t->from);
}

/* The bytes are polled. What was said of them is taken back. */
static void make_sync(const struct scene *t)
{
	if (mask_next(t->s->sync, t->from, t->to, false) == t->to)
		return;
	mask_set(t->s->sync, t->from, t->to - t->from);
	report_retract(t->c, t->s->line + t->from, t->to - t->from);
}

/* Bytes of @r that were brought across by luck, or by maintenance that nobody
 * has waited for. */
static void judge_maintenance(const struct scene *t, const struct record *r,
                              const struct order_agent *o)
{
	const struct site *writer = site_get(t->c, r->site);
	const struct order_agent *m;
	enum dmasim_finding_kind kind = DMASIM_STALE_READ;
	struct order_mark known;

	if (!needs_maintenance(t, writer) || r->seq < t->c->order.set_way)
		return;
	if (!r->maintained) {
		if (!owner_maintains(t->c, t->s->line + t->from))
			return;
		if (writer->member && t->who->member &&
		    dmasim_attr_mismatch(&writer->attr, &t->who->attr))
			kind = DMASIM_MISMATCHED_ALIAS;
		report(t, r, kind, HAZARD_UNMAINTAINED, NULL);
		return;
	}
	m = order_agent(t->c, r->maintainer);
	if (!m || m->done >= r->maintained || is_sync(t))
		return;
	if (r->maintainer == t->who->agent) {
		if (t->p.complete >= r->maintained)
			return;
	} else {
		known = order_known(o, r->maintainer, t->p.loads);
		if (known.done >= r->maintained)
			return;
	}
	report(t, r, DMASIM_MISSING_BARRIER, HAZARD_MAINTENANCE, NULL);
}

static void judge_order(const struct scene *t, const struct record *r,
                        struct order_agent *o, uint32_t writer)
{
	struct order_mark known = order_known(o, writer, t->p.loads);
	const struct order_flag *f = order_flag(o, writer);

	if (!f || r->number <= known.seen)
		return;
	if (f->write <= r->number)
		make_sync(t);
	else if (is_sync(t) || (!t->p.in_order && f->read >= t->p.number))
		return;
	else if (f->stores < r->number)
		report(t, r, DMASIM_MISSING_BARRIER,
		       f->doorbell ? HAZARD_DOORBELL : HAZARD_PRODUCER, f);
	else if (!t->p.in_order && !(o->load_barrier_seq > r->seq &&
	                             o->load_barrier < t->p.number))
		report(t, r, DMASIM_MISSING_BARRIER, HAZARD_CONSUMER, f);
}

static bool is_special(const struct dmasim_txn *txn)
{
	return txn && (dmasim_op_is_atomic(txn->op) ||
	               txn->order != DMASIM_ORDER_PLAIN ||
	               txn->flags & DMASIM_TXN_EXCLUSIVE);
}

/* Loads that were made before the flag's, but come behind it in the program,
 * and missed what the flag announces. */
static void find_early(struct scene *t, const struct order_agent *o,
                       const struct order_flag *f, uint32_t writer)
{
	for (uint32_t i = 0; i < ORDER_READS; i++) {
		const struct order_read *e = &o->reads[i];
		struct shadow *s;
		const struct record *r;
		uint32_t off;
		struct hazard h = {.kind = DMASIM_MISSING_BARRIER,
		                   .why = HAZARD_CONSUMER};

		if (!e->size || e->number <= t->p.number ||
		    e->loads >= t->p.number)
			continue;
		s = shadow_find(t->c,
		                e->addr & ~(uint64_t)(t->c->line_size - 1));
		off = (uint32_t)(e->addr & (t->c->line_size - 1));
		if (!s || !s->writer[off])
			continue;
		r = &s->records[s->writer[off] - 1];
		if (site_get(t->c, r->site)->agent != writer ||
		    r->seq < e->seq || r->number >= f->write ||
		    memcmp(e->data, s->golden + off,
		           e->size < 8 ? e->size : 8) == 0)
			continue;
		h.addr = e->addr;
		h.size = e->size < 8 ? e->size : 8;
		h.seen = e->data;
		h.expected = s->golden + off;
		h.shadow = s;
		h.reader = e->site;
		h.reader_time = e->time;
		h.reader_request = e->request;
		h.writer = r->site;
		h.writer_time = r->time;
		h.writer_request = r->request;
		h.flag_addr = f->addr;
		h.flag_write = f->write_site;
		h.flag_read = f->read_site;
		if (f->stores < r->number)
			h.why = HAZARD_PRODUCER;
		report_finding(t->c, &h);
	}
}

/* The whole read is of one short write: it may have been polled. */
static void take_flag(struct scene *t, const struct record *r,
                      struct order_agent *o, uint32_t writer,
                      const struct order_mark *mark)
{
	struct order_flag *f = order_flag(o, writer);
	struct order_agent *a = order_agent(t->c, writer);
	uint32_t size = t->who->txn ? t->who->txn->size : t->to - t->from;

	if (!f || !a || f->write >= r->number || size > FLAG_MAX ||
	    r->size > FLAG_MAX || t->to - t->from != size)
		return;
	*f = (struct order_flag){
	        .write = r->number,
	        .stores = mark->seen,
	        .read = t->p.number,
	        .seq = t->c->order.seq,
	        .addr = t->s->line + t->from,
	        .write_site = r->site,
	        .read_site = site_number(t->c, t->who),
	};
	if (a->published < r->number)
		a->published = r->number;
	if (!t->p.in_order && o->last > t->p.number)
		find_early(t, o, f, writer);
}

static void take(struct scene *t, const struct record *r, struct order_agent *o,
                 uint32_t writer)
{
	const struct order_agent *a = order_agent(t->c, writer);
	struct order_mark mark = {r->stores, r->complete};

	if (!a)
		return;
	/* Barriers that have happened by now. */
	if (mark.seen < a->stores)
		mark.seen = a->stores;
	if (mark.done < a->done)
		mark.done = a->done;
	order_acquire(t->c, o, &t->p, writer, &mark, r->clock);
	take_flag(t, r, o, writer, &mark);
}

/* The next run of bytes with one record behind t->to, up to @end. */
static const struct record *next_run(struct scene *t, uint32_t end)
{
	uint16_t record;

	t->from = t->to;
	if (t->from >= end)
		return NULL;
	record = t->s->writer[t->from];
	while (t->to < end && t->s->writer[t->to] == record)
		t->to++;
	return record ? &t->s->records[record - 1] : next_run(t, end);
}

static void remember(struct scene *t, struct order_agent *o, uint64_t addr,
                     const uint8_t *data, uint32_t n)
{
	struct order_read *e = &o->reads[o->read_count++ % ORDER_READS];

	e->addr = addr;
	e->size = n;
	e->number = t->p.number;
	e->loads = t->p.loads;
	e->seq = t->c->order.seq;
	e->time = dmasim_now(t->c->kernel);
	e->site = site_number(t->c, t->who);
	e->request = t->who->origin->request;
	memcpy(e->data, data, n < 8 ? n : 8);
}

/* More than one CPU and its shared cache. */
static bool others(const struct dmasim_checker *c)
{
	return c->agent_len > 2;
}

void happens_read(struct dmasim_checker *c, const struct check_who *who,
                  struct shadow *s, uint64_t addr, const uint8_t *data,
                  uint32_t n)
{
	uint32_t off = (uint32_t)(addr - s->line);
	struct scene t = {.c = c, .who = who, .s = s, .line = data - off};
	struct order_agent *o;
	const struct record *r;
	uint32_t writer;

	if (!order_place(c, who, &t.p))
		return;
	o = order_agent(c, who->agent);
	c->order.seq++;
	for (t.to = off;
	     s->sole != who->agent && (r = next_run(&t, off + n));) {
		writer = site_get(c, r->site)->agent;
		if (!writer)
			continue;
		if (is_special(who->txn))
			make_sync(&t);
		judge_maintenance(&t, r, o);
		if (writer != who->agent)
			judge_order(&t, r, o, writer);
	}
	for (t.to = off;
	     s->sole != who->agent && (r = next_run(&t, off + n));) {
		writer = site_get(c, r->site)->agent;
		if (writer && writer != who->agent)
			take(&t, r, o, writer);
	}
	if (c->order.pair_len)
		order_pairs(c, who, &t.p, addr, n, false);
	if (others(c))
		remember(&t, o, addr, data, n);
}

bool happens_always(const struct dmasim_checker *c)
{
	return others(c) || c->order.pair_len;
}

/* Somebody has read a newer flag of this agent's, and then these bytes. */
static void find_late(struct scene *t, const struct record *w, uint64_t addr,
                      const uint8_t *data, uint32_t n)
{
	uint32_t me = t->who->agent;

	for (uint32_t b = 0; b < t->c->order.len; b++) {
		const struct order_agent *o = &t->c->order.agents[b];
		const struct order_flag *f =
		        me <= o->flag_len ? &o->flags[me - 1] : NULL;

		if (b + 1 == me || !f || f->write <= w->number ||
		    f->stores >= w->number)
			continue;
		for (uint32_t i = 0; i < ORDER_READS; i++) {
			const struct order_read *e = &o->reads[i];
			uint32_t size = e->size < 8 ? e->size : 8;
			struct hazard h = {
			        .kind = DMASIM_MISSING_BARRIER,
			        .why = f->doorbell ? HAZARD_DOORBELL
			                           : HAZARD_PRODUCER,
			        .addr = e->addr,
			        .shadow = t->s,
			        .reader = e->site,
			        .reader_time = e->time,
			        .reader_request = e->request,
			        .writer = w->site,
			        .writer_time = w->time,
			        .writer_request = w->request,
			        .flag_addr = f->addr,
			        .flag_write = f->write_site,
			        .flag_read = f->read_site,
			};

			if (!e->size || e->seq <= f->seq ||
			    e->number <= f->read || e->addr < addr ||
			    e->addr >= addr + n)
				continue;
			if (size > addr + n - e->addr)
				size = (uint32_t)(addr + n - e->addr);
			h.size = size;
			h.seen = e->data;
			h.expected = data + (e->addr - addr);
			if (memcmp(h.seen, h.expected, size) != 0)
				report_finding(t->c, &h);
		}
	}
}

/* A dirty line may yet be evicted over these bytes. */
static void judge_overwrite(struct scene *t)
{
	uint32_t end = t->to;
	const struct record *r;

	if (!t->who->past)
		return;
	for (t->to = t->from; (r = next_run(t, end));) {
		const struct site *old = site_get(t->c, r->site);
		enum dmasim_finding_kind kind = DMASIM_LOST_WRITE;
		struct hazard h = {.severity = DMASIM_POTENTIAL,
		                   .why = HAZARD_UNMAINTAINED,
		                   .lost = true,
		                   .addr = t->s->line + t->from,
		                   .shadow = t->s};

		if (!old->agent || old->past || r->maintained || r->flags ||
		    !owner_maintains(t->c, t->s->line + t->from) ||
		    r->seq < t->c->order.set_way ||
		    !caches(t->c, old->agent, &old->attr) ||
		    old->attr.inner != DMASIM_WB)
			continue;
		if (old->member && t->who->member &&
		    dmasim_attr_mismatch(&old->attr, &t->who->attr))
			kind = DMASIM_MISMATCHED_ALIAS;
		h.kind = kind;
		h.size = t->to - t->from < DMASIM_FINDING_BYTES
		                 ? t->to - t->from
		                 : DMASIM_FINDING_BYTES;
		h.seen = t->s->golden + t->from;
		h.expected = t->line + t->from;
		h.reader = r->site;
		h.reader_time = r->time;
		h.reader_request = r->request;
		h.writer = site_number(t->c, t->who);
		h.writer_time = dmasim_now(t->c->kernel);
		h.writer_request = t->who->origin->request;
		report_finding(t->c, &h);
	}
}

void happens_write(struct dmasim_checker *c, const struct check_who *who,
                   struct shadow *s, uint64_t addr, const uint8_t *data,
                   uint32_t n, struct record *r)
{
	uint32_t off = (uint32_t)(addr - s->line);
	struct scene t = {.c = c, .who = who, .s = s, .line = data - off};
	struct order_agent *o;
	bool atomic = who->txn && dmasim_op_is_atomic(who->txn->op);

	if (!order_place(c, who, &t.p))
		return;
	o = order_agent(c, who->agent);
	r->seq = ++c->order.seq;
	r->number = t.p.number;
	r->stores = t.p.stores;
	r->complete = t.p.complete;
	r->size = (uint16_t)n;
	/* Arm ARM B2.3.7, atomic-ordered-before: the store of an atomic
	 * passes on what its load brought. */
	r->clock = order_release(c, o, atomic ? t.p.number : t.p.loads);
	t.from = off;
	t.to = off + n;
	if (is_special(who->txn))
		make_sync(&t);
	if (s->sole != who->agent)
		judge_overwrite(&t);
	if (o->published > r->number)
		find_late(&t, r, addr, data, n);
	if (c->order.pair_len)
		order_pairs(c, who, &t.p, addr, n, true);
	if (!s->sole)
		s->sole = who->agent;
	else if (s->sole != who->agent)
		s->sole = SHADOW_SHARED;
}
