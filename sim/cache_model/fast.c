/* SPDX-License-Identifier: MIT */
/*
 * Where accesses enter, and the common ones in one go: reads and writes of
 * write-back memory, within a line, that hit in the L1, or miss there while no
 * other private cache has the line and the shared cache or RAM does.
 *
 * What they do is what request.c, access.c and evict.c do with them, step by
 * step: the same states, statistics, times and notes to the checker. All that
 * is left out are the questions whose answers are known. Anything else goes
 * there, before anything has happened here.
 */
#include "memsys_internal.h"

#include <string.h>

#define OTHER_WAYS                                                             \
	(DMASIM_TXN_DEBUG | DMASIM_TXN_NO_SNOOP | DMASIM_TXN_EXCLUSIVE |       \
	 DMASIM_TXN_EARLY | DMASIM_TXN_TAKEN)

void ms_prepare_fast(struct dmasim_memsys *ms)
{
	const struct dmasim_port map = dmasim_map_port(ms->map);
	const struct cache *shared = ms->shared;

	/* The line that was used last is never the one to go. */
	ms->direct =
	        ms->l1_config.size && !ms->l2_config.size && shared &&
	        shared->ways > 1 && shared->replacement == DMASIM_REPLACE_LRU &&
	        ms->l1_config.replacement == DMASIM_REPLACE_LRU &&
	        !ms->system && !ms->filter && ms->memory.access == map.access &&
	        ms->memory.obj == map.obj && dmasim_choice_fixed(ms->choice);
	dmasim_txn_init(&ms->fill);
	ms->fill.cause = DMASIM_CAUSE_FILL;
	ms->fill.size = ms->line_size;
	dmasim_txn_init(&ms->writeback);
	ms->writeback.op = DMASIM_WRITE;
	ms->writeback.cause = DMASIM_CAUSE_WRITEBACK;
	ms->writeback.origin.what = "write-back";
	ms->fill.attr = ms->writeback.attr = dmasim_attr_wb;
}

/* Most accesses are of a register's size: spare them the call. */
static inline void copy(uint8_t *to, const uint8_t *from, uint32_t n)
{
	if (n == 8)
		memcpy(to, from, 8);
	else if (n == 4)
		memcpy(to, from, 4);
	else
		memcpy(to, from, n);
}

/* Likewise for the usual line. */
static inline void copy_line(uint8_t *to, const uint8_t *from, uint32_t n)
{
	if (n == 64)
		memcpy(to, from, 64);
	else
		memcpy(to, from, n);
}

static inline void merge_line(uint8_t *to, const uint8_t *from,
                              const uint64_t *mask, uint32_t n)
{
	if (n == 64)
		cache_copy_marked(to, from, mask, 64);
	else
		cache_copy_marked(to, from, mask, n);
}

/* Apart, so that a hit without it needs few registers. */
__attribute__((noinline)) static void tell_checker(const struct ms_port *p,
                                                   const struct dmasim_txn *txn)
{
	const struct check_who who = {
	        .agent = txn->initiator,
	        .attr = txn->attr,
	        .member = true,
	        .cause = txn->cause,
	        .origin = &txn->origin,
	        .txn = txn,
	};

	if (txn->op == DMASIM_READ)
		check_read(p->ms->checker, &who, txn->addr, txn->data,
		           txn->size);
	else
		check_write(p->ms->checker, &who, txn->addr, txn->data,
		            txn->size);
}

/* The access itself, to a line that is there. */
static inline void use(struct ms_port *p, struct dmasim_txn *txn, uint32_t way,
                       uint64_t latency)
{
	struct dmasim_memsys *ms = p->ms;
	struct cache *c = p->l1;
	uint32_t off = (uint32_t)txn->addr & (ms->line_size - 1);

	if (txn->op == DMASIM_READ) {
		copy(txn->data, cache_data(c, way) + off, txn->size);
		c->stats.reads++;
	} else {
		copy(cache_data(c, way) + off, txn->data, txn->size);
		mask_set(cache_dirty(c, way), off, txn->size);
		c->stats.writes++;
	}
	cache_touch(c, way);
	ms_charge(ms, txn, latency);
	if (ms->checker)
		tell_checker(p, txn);
}

/* Dirty bytes of the shared cache to RAM. */
static void write_out(struct dmasim_memsys *ms, uint32_t way)
{
	struct cache *c = ms->shared;
	uint64_t line = cache_number(c, way), addr = line << ms->line_shift;
	const uint64_t *dirty = cache_dirty(c, way);
	uint32_t from = mask_next(dirty, 0, ms->line_size, true);
	enum dmasim_result r = DMASIM_TXN_OK;

	if (ms->checker)
		check_writeback(ms->checker, addr, cache_data(c, way), dirty);
	while (r == DMASIM_TXN_OK && from < ms->line_size) {
		uint32_t to = mask_next(dirty, from, ms->line_size, false);

		ms->writeback.addr = addr + from;
		ms->writeback.data = cache_data(c, way) + from;
		ms->writeback.size = to - from;
		r = dmasim_access(&ms->memory, &ms->writeback);
		from = mask_next(dirty, to, ms->line_size, true);
	}
	ms_written_back(ms, line, r);
	c->stats.writebacks++;
}

/* A place in the shared cache, by the rules of ms_take_way(). */
static uint32_t take_shared(struct dmasim_memsys *ms, uint64_t line)
{
	struct cache *c = ms->shared;
	uint32_t way = cache_oldest(c, line);

	if (cache_is_dirty(c, way)) {
		uint64_t old = cache_number(c, way);
		uint64_t *dirty = cache_dirty(c, way), any = 0;

		ms_note_history(ms, old, c, CHECK_EVICT);
		/* What a private cache has dirty is newer. */
		for (uint32_t i = 0; i < ms->upper_count; i++) {
			const struct cache *u = ms->upper[i];
			int32_t found = cache_find(u, old);

			if (found < 0 ||
			    !ms_above_shared(
			            ms, &(struct ms_copy){ms->upper[i],
			                                  (uint32_t)found}))
				continue;
			for (uint32_t w = 0; w < c->words; w++)
				dirty[w] &= ~cache_dirty(u, (uint32_t)found)[w];
		}
		for (uint32_t w = 0; w < c->words; w++)
			any |= dirty[w];
		if (any)
			write_out(ms, way);
		memset(dirty, 0, c->words * sizeof(*dirty));
	}
	cache_install(c, way, line, true);
	return way;
}

/* The victim's dirty bytes, from an L1 into the shared cache. */
static void push_down(struct dmasim_memsys *ms, struct cache *from,
                      uint32_t way)
{
	struct cache *to = ms->shared;
	uint64_t line = cache_number(from, way);
	uint64_t *dirty = cache_dirty(from, way);
	int32_t found = cache_find(to, line);
	uint32_t at = (uint32_t)found;

	ms_note_history(ms, line, from, CHECK_EVICT);
	if (found < 0) {
		at = take_shared(ms, line);
		to->stats.write_misses++;
		copy_line(cache_data(to, at), cache_data(from, way),
		          ms->line_size);
		cache_set_attr(to, at, cache_share(from, way),
		               cache_outer(from, way));
	}
	cache_touch(to, at);
	merge_line(cache_data(to, at), cache_data(from, way), dirty,
	           ms->line_size);
	for (uint32_t w = 0; w < to->words; w++) {
		cache_dirty(to, at)[w] |= dirty[w];
		dirty[w] = 0;
	}
	cache_set_state(to, at, CACHE_MODIFIED);
	to->stats.writes++;
	from->stats.writebacks++;
}

/* A place in the port's L1. */
static uint32_t take_own(struct ms_port *p, uint64_t line)
{
	struct cache *c = p->l1;
	uint32_t way = cache_oldest(c, line);
	const struct ms_copy copy = {c, way};

	if (cache_is_dirty(c, way)) {
		if (cache_outer(c, way) == DMASIM_WB)
			push_down(p->ms, c, way);
		else
			ms_evict(p->ms, &copy);
	}
	cache_install(c, way, line, true);
	return way;
}

/* Nobody else of the private caches has it. */
static bool alone(const struct ms_port *p, uint64_t line)
{
	const struct dmasim_memsys *ms = p->ms;

	for (uint32_t i = 0; i < ms->upper_count; i++)
		if (ms->upper[i] != p->l1 &&
		    cache_find(ms->upper[i], line) >= 0)
			return false;
	return true;
}

/* Hints as access.c takes them; a write of a whole line fetches nothing. */
static bool is_simple_miss(const struct ms_port *p,
                           const struct dmasim_txn *txn)
{
	uint32_t hint =
	        txn->op == DMASIM_READ ? DMASIM_ALLOC_READ : DMASIM_ALLOC_WRITE;

	return p->ms->direct && !p->domain && txn->attr.alloc & hint &&
	       txn->attr.outer == DMASIM_WB && txn->size < p->ms->line_size;
}

/* The line from RAM, into the shared cache. */
static uint32_t fetch(struct ms_port *p, const struct dmasim_txn *txn,
                      uint64_t line)
{
	struct dmasim_memsys *ms = p->ms;
	uint32_t way;

	ms->shared->stats.read_misses++;
	way = take_shared(ms, line);
	ms->fill.addr = line << ms->line_shift;
	ms->fill.data = cache_data(ms->shared, way);
	ms->fill.initiator = txn->initiator;
	ms->fill.latency = 0;
	dmasim_access(&ms->memory, &ms->fill);
	cache_set_attr(ms->shared, way, txn->attr.share, txn->attr.outer);
	return way;
}

/* The checker will be told of the line, and of what makes room for it: both
 * are often far away for the host. */
static void expect(const struct dmasim_memsys *ms, uint64_t line, bool fetched)
{
	const struct cache *c = ms->shared;
	uint32_t victim;

	check_expect(ms->checker, line << ms->line_shift);
	if (!fetched)
		return;
	victim = cache_oldest(c, line);
	if (cache_is_dirty(c, victim))
		check_expect(ms->checker, cache_number(c, victim)
		                                  << ms->line_shift);
}

/* True: it has been served. False: nothing has happened. */
__attribute__((noinline)) static bool miss(struct ms_port *p,
                                           struct dmasim_txn *txn)
{
	struct dmasim_memsys *ms = p->ms;
	struct cache *c = p->l1, *shared = ms->shared;
	uint64_t line = ms_line(ms, txn->addr);
	uint64_t latency = c->latency;
	int32_t found;
	uint32_t from, way;

	if (!is_simple_miss(p, txn) || !alone(p, line))
		return false;
	found = cache_find(shared, line);
	if (found < 0 && !dmasim_map_expect(ms->map, txn->addr, txn->size))
		return false;
	if (ms->checker)
		expect(ms, line, found < 0);
	latency += shared->latency;
	shared->stats.reads++;
	if (found >= 0) {
		from = (uint32_t)found;
		cache_touch(shared, from);
	} else {
		from = fetch(p, txn, line);
		latency += ms->hop_latency + ms->fill.latency;
	}
	way = take_own(p, line);
	copy_line(cache_data(c, way), cache_data(shared, from), ms->line_size);
	cache_set_attr(c, way, txn->attr.share, txn->attr.outer);
	ms_note_history(ms, line, c, CHECK_FILL);
	if (txn->op == DMASIM_READ) {
		c->stats.read_misses++;
		cache_set_state(c, way, CACHE_EXCLUSIVE);
	} else {
		c->stats.write_misses++;
		ms_note_history(ms, line, c, CHECK_DIRTY);
		cache_set_state(c, way, CACHE_MODIFIED);
	}
	use(p, txn, way, latency);
	/* Where an eviction would be asked about next. */
	ms->evict_cursor += ms->choice != NULL;
	return true;
}

/* The first dirty byte is worth an entry in the history. */
static inline bool may_write(struct ms_port *p, uint64_t line, uint32_t way)
{
	enum cache_state state = cache_state(p->l1, way);

	if (state == CACHE_MODIFIED)
		return true;
	if (state != CACHE_EXCLUSIVE)
		return false;
	ms_note_history(p->ms, line, p->l1, CHECK_DIRTY);
	cache_set_state(p->l1, way, CACHE_MODIFIED);
	return true;
}

/* A plain read or write within one line that needs nobody else. */
static inline bool at_once(struct ms_port *p, struct dmasim_txn *txn)
{
	struct dmasim_memsys *ms = p->ms;
	struct cache *c = p->l1;
	uint32_t off = (uint32_t)txn->addr & (ms->line_size - 1);
	uint64_t line = ms_line(ms, txn->addr);
	int32_t way;

	if (!c || txn->op > DMASIM_WRITE || ms->attention || !txn->data ||
	    txn->attr.type != DMASIM_NORMAL || txn->attr.inner != DMASIM_WB ||
	    txn->size - 1 >= ms->line_size - off || txn->flags & OTHER_WAYS ||
	    txn->attr.alloc & DMASIM_ALLOC_TRANSIENT)
		return false;
	way = cache_find(c, line);
	if (way < 0)
		return miss(p, txn);
	if (txn->op != DMASIM_READ && !may_write(p, line, (uint32_t)way))
		return false;
	use(p, txn, (uint32_t)way, c->latency);
	return true;
}

__attribute__((noinline)) static enum dmasim_result
slowly(struct ms_port *p, struct dmasim_txn *txn)
{
	struct ms_req rq = {.port = p, .txn = txn};

	if (txn->op >= DMASIM_CLEAN && p->ms->checker)
		check_order(p->ms->checker, txn);
	if (p->ms->ask_every && p->kind == DMASIM_PORT_CACHED)
		ms_environment(p, txn);
	return ms_start(&rq);
}

static inline enum dmasim_result access_port(struct ms_port *p,
                                             struct dmasim_txn *txn)
{
	enum dmasim_result r = DMASIM_TXN_OK;

	if (!at_once(p, txn))
		r = slowly(p, txn);
	if (p->ms->traced && r != DMASIM_TXN_PENDING)
		ms_trace(p, txn, r);
	return r;
}

enum dmasim_result ms_cpu_access(void *port, struct dmasim_txn *txn)
{
	struct ms_port *p = port;

	txn->initiator = p->agent;
	return access_port(p, txn);
}

enum dmasim_result ms_device_access(void *port, struct dmasim_txn *txn)
{
	struct ms_port *p = port;

	if (!txn->initiator)
		txn->initiator = p->agent;
	return access_port(p, txn);
}
