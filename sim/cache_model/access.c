/* SPDX-License-Identifier: MIT */
/* What one access does to one line of its own caches, or the shared one. */
#include "memsys_internal.h"

#include <string.h>

/* Another private cache has the line: the state that ours gets, its bytes in
 * scratch, and in @dirty those that came along. */
static enum cache_state take_from(struct ms_req *rq, const struct ms_view *v,
                                  const struct ms_copy *other, uint64_t *dirty)
{
	struct dmasim_memsys *ms = v->ms;
	uint64_t line = cache_number(other->cache, other->way);

	ms_charge(ms, rq->txn, ms->snoop_latency + other->cache->latency);
	if (ms->protocol == DMASIM_MESI)
		ms_push_down(ms, other);
	memcpy(ms->scratch, cache_data(other->cache, other->way),
	       ms->line_size);
	if (rq->txn->op == DMASIM_READ) {
		ms_share_upper(v, line);
		return CACHE_SHARED;
	}
	memcpy(dirty, cache_dirty(other->cache, other->way),
	       other->cache->words * sizeof(*dirty));
	ms_drop_upper(v, line, CHECK_SNOOPED);
	return CACHE_EXCLUSIVE;
}

/* A cache of another domain becomes the owner: the shared cache is not below
 * it, and gives the line up with what it has dirty. */
static void take_shared(const struct ms_view *v, uint64_t line, uint64_t *dirty)
{
	struct dmasim_memsys *ms = v->ms;
	int32_t way = v->port->domain ? ms_shared_way(v, line) : -1;

	if (way < 0)
		return;
	for (uint32_t w = 0; w < ms->shared->words; w++)
		dirty[w] |= cache_dirty(ms->shared, (uint32_t)way)[w];
	ms->shared->stats.snoops++;
	cache_drop(ms->shared, (uint32_t)way);
	ms_note(ms, line, ms->shared, CHECK_SNOOPED);
}

/* Hints (Arm ARM B2.7): whether a miss of this kind takes a place. */
static bool allocates(const struct ms_req *rq)
{
	uint32_t hint = rq->txn->op == DMASIM_READ ? DMASIM_ALLOC_READ
	                                           : DMASIM_ALLOC_WRITE;

	return rq->fill || rq->attr.alloc & hint;
}

static bool lasting(const struct ms_req *rq)
{
	return !(rq->attr.alloc & DMASIM_ALLOC_TRANSIENT);
}

/* The line from memory, into scratch and perhaps the shared cache. */
static enum dmasim_result from_memory(struct ms_req *rq,
                                      const struct ms_view *v, uint64_t line)
{
	struct dmasim_memsys *ms = v->ms;
	struct ms_op *op;
	enum dmasim_result r =
	        ms_fetch(rq, line << ms->line_shift, ms->line_size, &op);

	if (r != DMASIM_TXN_OK)
		return r;
	memcpy(ms->scratch, op->buf, ms->line_size);
	ms_op_put(ms, op);
	if (ms->shared && v->shared && v->port->domain == 0) {
		ms->shared->stats.read_misses++;
		if (lasting(rq)) {
			uint32_t way = ms_take_way(ms, ms->shared, line, true);

			memcpy(cache_data(ms->shared, way), ms->scratch,
			       ms->line_size);
			cache_set_attr(ms->shared, way, rq->attr.share,
			               rq->attr.outer);
			if (ms->observer_count)
				ms_tell_cache(ms, DMASIM_LINE_FILL, ms->shared,
				              line, NULL);
		}
	}
	return DMASIM_TXN_OK;
}

/* The line's bytes and state for the port's cache, from wherever they are. */
static enum dmasim_result obtain(struct ms_req *rq, uint64_t line, bool whole,
                                 enum cache_state *state, uint64_t *dirty)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct ms_view v = ms_view_of(rq);
	int32_t way = ms_shared_way(&v, line);
	struct ms_copy other;
	bool found;

	*state = CACHE_EXCLUSIVE;
	v.own = false;
	found = ms_find_upper(&v, line, &other);
	if (!rq->have)
		ms_filter_look(rq, line, found);
	if (found) {
		*state = take_from(rq, &v, &other, dirty);
		if (rq->txn->op != DMASIM_READ)
			take_shared(&v, line, dirty);
		return DMASIM_TXN_OK;
	}
	if (ms->shared && way >= 0) {
		memcpy(ms->scratch, cache_data(ms->shared, (uint32_t)way),
		       ms->line_size);
		cache_touch(ms->shared, (uint32_t)way);
		if (rq->txn->op != DMASIM_READ)
			take_shared(&v, line, dirty);
		else if (rq->port->domain)
			*state = CACHE_SHARED;
		return DMASIM_TXN_OK;
	}
	/* Every byte is about to be written: nothing to fetch. */
	return whole ? DMASIM_TXN_OK : from_memory(rq, &v, line);
}

/* Dirty bytes of a line are between two private caches. Room made for it may
 * evict the shared cache's copy meanwhile: it must not write older ones. */
static void carry(struct ms_port *p, uint64_t line, uint8_t outer,
                  const uint64_t *dirty)
{
	struct dmasim_memsys *ms = p->ms;
	int32_t way = ms->shared && !p->domain && outer != DMASIM_NC
	                      ? cache_find(ms->shared, line)
	                      : -1;

	if (way >= 0)
		ms_hide_shared(ms, (uint32_t)way, dirty);
}

static bool any(const uint64_t *mask, uint32_t words)
{
	uint64_t bits = 0;

	for (uint32_t w = 0; w < words; w++)
		bits |= mask[w];
	return bits != 0;
}

static enum dmasim_result fill(struct ms_req *rq, uint64_t line, bool whole,
                               uint32_t *way)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = rq->port->l1;
	uint64_t dirty[CACHE_MAX_WORDS];
	enum cache_state state;
	enum dmasim_result r;

	memset(dirty, 0, c->words * sizeof(*dirty));
	/* A second try after a wait was counted the first time. */
	if (!rq->have && ms->shared && rq->port->domain == 0 &&
	    rq->attr.outer != DMASIM_NC) {
		ms_charge(ms, rq->txn, ms->shared->latency);
		ms->shared->stats.reads++;
	}
	r = obtain(rq, line, whole, &state, dirty);
	if (r != DMASIM_TXN_OK)
		return r;
	carry(rq->port, line, rq->attr.outer, dirty);
	*way = ms_take_way(ms, c, line, lasting(rq));
	memcpy(cache_data(c, *way), ms->scratch, ms->line_size);
	memcpy(cache_dirty(c, *way), dirty, c->words * sizeof(*dirty));
	cache_set_state(c, *way, any(dirty, c->words) ? CACHE_MODIFIED : state);
	cache_set_attr(c, *way, rq->attr.share, rq->attr.outer);
	ms_note(ms, line, c, CHECK_FILL);
	ms_filter_filled(ms, line);
	return DMASIM_TXN_OK;
}

/* The line moves from the L2 up to the L1, as it is. */
static int32_t promote(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *from = rq->port->l2, *to = rq->port->l1;
	int32_t found = cache_find(from, line);
	uint64_t dirty[CACHE_MAX_WORDS];
	enum cache_state state;
	uint8_t share, outer;
	uint32_t way;

	if (found < 0)
		return -1;
	state = cache_state(from, (uint32_t)found);
	share = cache_share(from, (uint32_t)found);
	outer = cache_outer(from, (uint32_t)found);
	memcpy(ms->scratch, cache_data(from, (uint32_t)found), ms->line_size);
	memcpy(dirty, cache_dirty(from, (uint32_t)found),
	       from->words * sizeof(*dirty));
	cache_drop(from, (uint32_t)found);
	carry(rq->port, line, outer, dirty);
	way = ms_take_way(ms, to, line, true);
	memcpy(cache_data(to, way), ms->scratch, ms->line_size);
	memcpy(cache_dirty(to, way), dirty, to->words * sizeof(*dirty));
	cache_set_state(to, way, state);
	cache_set_attr(to, way, share, outer);
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_FILL, to, line, NULL);
	return (int32_t)way;
}

void ms_own_line(struct ms_req *rq, struct cache *c, uint32_t way)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t line = cache_number(c, way);
	enum cache_state state = cache_state(c, way);

	if (state == CACHE_SHARED || state == CACHE_OWNED) {
		struct ms_view v = ms_view_of(rq);
		struct ms_copy other;

		/* The line is coherent as far as it was filled. */
		v.own = false;
		v.share = cache_share(c, way);
		v.shared = v.share == DMASIM_OSH;
		ms_charge(ms, rq->txn, ms->snoop_latency);
		ms_filter_look(rq, line, true);
		if (ms_find_upper(&v, line, &other))
			for (uint32_t w = 0; w < c->words; w++)
				cache_dirty(c, way)[w] |=
				        cache_dirty(other.cache, other.way)[w];
		ms_drop_upper(&v, line, CHECK_SNOOPED);
		take_shared(&v, line, cache_dirty(c, way));
	}
	if (!cache_is_dirty(c, way))
		ms_note(ms, line, c, CHECK_DIRTY);
	cache_set_state(c, way, CACHE_MODIFIED);
}

static void tell_use(struct ms_req *rq, const struct cache *c, uint64_t addr,
                     uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint64_t line = ms_line(ms, addr);
	struct ms_bytes b = {.offset = (uint32_t)addr & (ms->line_size - 1),
	                     .size = n,
	                     .bytes = ms_piece_data(rq)};

	if (rq->txn->op != DMASIM_WRITE)
		ms_tell_cache(ms, DMASIM_LINE_READ, c, line, &b);
	if (rq->txn->op == DMASIM_READ)
		return;
	b.bytes = cache_data(c, (uint32_t)cache_find(c, line)) + b.offset;
	ms_tell_cache(ms, DMASIM_LINE_WRITE, c, line, &b);
}

/* The access itself, to a line that is there and, for a write, ours. */
static void use_line(struct ms_req *rq, struct cache *c, uint64_t addr,
                     uint32_t n, uint32_t way)
{
	struct dmasim_memsys *ms = rq->port->ms;
	uint32_t off = (uint32_t)addr & (ms->line_size - 1);
	uint8_t *bytes = cache_data(c, way) + off, *data = ms_piece_data(rq);
	enum dmasim_op op = rq->txn->op;

	if (lasting(rq))
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
	ms_exclusive_note(rq, ms_line(ms, addr));
	if (ms->checker) {
		/* An atomic leaves the old value in data. */
		if (op != DMASIM_WRITE)
			ms_report(rq, addr, data, n, false);
		if (op != DMASIM_READ)
			ms_report(rq, addr, bytes, n, true);
	}
	if (ms->observer_count)
		tell_use(rq, c, addr, n);
}

static void count_miss(struct ms_req *rq, struct cache *c)
{
	if (rq->have || rq->fill)
		return;
	if (rq->txn->op == DMASIM_READ)
		c->stats.read_misses++;
	else
		c->stats.write_misses++;
}

/* Into the L1, from the L2 or from outside. */
static enum dmasim_result bring(struct ms_req *rq, uint64_t line, bool whole,
                                uint32_t *way)
{
	struct cache *c2 = rq->port->l2;
	int32_t found;

	count_miss(rq, rq->port->l1);
	if (!c2)
		return fill(rq, line, whole, way);
	if (!rq->have && !rq->fill) {
		ms_charge(c2->port->ms, rq->txn, c2->latency);
		c2->stats.reads++;
	}
	found = promote(rq, line);
	if (found < 0) {
		if (!rq->have && !rq->fill)
			c2->stats.read_misses++;
		return fill(rq, line, whole, way);
	}
	*way = (uint32_t)found;
	return DMASIM_TXN_OK;
}

enum dmasim_result ms_cached_piece(struct ms_req *rq, uint64_t addr, uint32_t n)
{
	struct ms_port *p = rq->port;
	struct dmasim_memsys *ms = p->ms;
	struct cache *c = p->l1;
	uint64_t line = ms_line(ms, addr);
	int32_t found = cache_find(c, line);
	bool missed = found < 0 && (!p->l2 || cache_find(p->l2, line) < 0);
	uint32_t way = (uint32_t)found;
	enum dmasim_result r;

	/* A speculative fill of what is there. */
	if (rq->fill && !missed && !rq->have)
		return DMASIM_TXN_OK;
	if (ms_exclusive_lost(rq))
		return DMASIM_TXN_EXCLUSIVE_FAIL;
	if (!rq->have)
		ms_charge(ms, rq->txn, c->latency);
	if (missed && !allocates(rq)) {
		count_miss(rq, c);
		return ms_snooping_piece(rq, addr, n);
	}
	if (found < 0) {
		r = bring(rq, line,
		          rq->txn->op == DMASIM_WRITE && n == ms->line_size,
		          &way);
		if (r != DMASIM_TXN_OK)
			return r;
	}
	if (rq->fill)
		return DMASIM_TXN_OK;
	if (rq->txn->op != DMASIM_READ)
		ms_own_line(rq, c, way);
	use_line(rq, c, addr, n, way);
	if (missed && ms->choice)
		ms_after_miss(rq, c, line);
	return DMASIM_TXN_OK;
}

/* The shared cache as the first level: where there is no L1, and for what is
 * cacheable in the outer levels alone. */
enum dmasim_result ms_shared_piece(struct ms_req *rq, uint64_t addr, uint32_t n)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct cache *c = ms->shared;
	uint64_t line = ms_line(ms, addr);
	int32_t found = cache_find(c, line);
	uint32_t way = (uint32_t)found;
	struct ms_op *op;
	enum dmasim_result r;

	if (ms_exclusive_lost(rq))
		return DMASIM_TXN_EXCLUSIVE_FAIL;
	if (!rq->have)
		ms_charge(ms, rq->txn, c->latency);
	if (found < 0) {
		count_miss(rq, c);
		if (!allocates(rq))
			return ms_snooping_piece(rq, addr, n);
		if (rq->txn->op != DMASIM_WRITE || n != ms->line_size) {
			r = ms_fetch(rq, line << ms->line_shift, ms->line_size,
			             &op);
			if (r != DMASIM_TXN_OK)
				return r;
			memcpy(ms->scratch, op->buf, ms->line_size);
			ms_op_put(ms, op);
		}
		way = ms_take_way(ms, c, line, lasting(rq));
		memcpy(cache_data(c, way), ms->scratch, ms->line_size);
		cache_set_attr(c, way, rq->attr.share, rq->attr.outer);
		ms_note(ms, line, c, CHECK_FILL);
	}
	if (rq->txn->op != DMASIM_READ) {
		if (!cache_is_dirty(c, way))
			ms_note(ms, line, c, CHECK_DIRTY);
		cache_set_state(c, way, CACHE_MODIFIED);
	}
	use_line(rq, c, addr, n, way);
	if (found < 0 && ms->choice)
		ms_after_miss(rq, c, line);
	return DMASIM_TXN_OK;
}
