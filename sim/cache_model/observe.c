/* SPDX-License-Identifier: MIT */
/* Telling observers what happens to lines. */
#include "memsys_internal.h"
#include "observe_internal.h"

#include <stdlib.h>

int dmasim_memsys_observe(struct dmasim_memsys *ms, dmasim_line_observer_fn *fn,
                          void *ctx)
{
	struct ms_observer *grown;

	if (!fn)
		return DMASIM_E_INVAL;
	grown = realloc(ms->observers,
	                (ms->observer_count + 1u) * sizeof(*grown));
	if (!grown)
		return DMASIM_E_NOMEM;
	ms->observers = grown;
	ms->observers[ms->observer_count++] = (struct ms_observer){fn, ctx};
	ms_update_attention(ms);
	return DMASIM_OK;
}

void dmasim_memsys_unobserve(struct dmasim_memsys *ms,
                             dmasim_line_observer_fn *fn, void *ctx)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < ms->observer_count; i++)
		if (ms->observers[i].fn != fn || ms->observers[i].ctx != ctx)
			ms->observers[kept++] = ms->observers[i];
	ms->observer_count = kept;
	ms_update_attention(ms);
}

void ms_tell_event(struct dmasim_memsys *ms, struct dmasim_line_event *e)
{
	e->time = dmasim_now(ms->kernel);
	if (e->txn)
		e->time += dmasim_txn_ahead(e->txn);
	for (uint32_t i = 0; i < ms->observer_count; i++)
		ms->observers[i].fn(ms->observers[i].ctx, e);
}

static void tell(struct dmasim_memsys *ms, struct dmasim_line_event *e)
{
	const struct dmasim_txn *txn = ms->now ? ms->now->txn : NULL;

	if (txn) {
		e->agent = txn->initiator;
		e->origin = &txn->origin;
		e->attr = &txn->attr;
		e->txn = txn;
	}
	ms_tell_event(ms, e);
}

void ms_tell_cache(struct dmasim_memsys *ms, enum dmasim_line_event_kind kind,
                   const struct cache *c, uint64_t line,
                   const struct ms_bytes *bytes)
{
	static const char letters[CACHE_STATES] = {'I', 'S', 'E', 'M', 'O'};
	int32_t way = cache_find(c, line);
	struct dmasim_line_event e = {
	        .line = line << ms->line_shift,
	        .place = c->place,
	        .cpu = c->port ? c->port->cached_index : 0,
	        .kind = kind,
	        .state = 'I',
	};

	if (way >= 0) {
		e.state = letters[cache_state(c, (uint32_t)way)];
		e.data = cache_data(c, (uint32_t)way);
		e.dirty = cache_dirty(c, (uint32_t)way);
	}
	if (bytes) {
		e.offset = bytes->offset;
		e.size = bytes->size;
		e.bytes = bytes->bytes;
	}
	tell(ms, &e);
}

void ms_tell_memory(struct dmasim_memsys *ms, enum dmasim_line_event_kind kind,
                    uint64_t addr, const struct ms_bytes *bytes)
{
	struct dmasim_line_event e = {
	        .place = DMASIM_PLACE_MEMORY,
	        .kind = kind,
	        .state = 'I',
	};

	for (uint32_t pos = 0; pos < bytes->size; pos += e.size) {
		e.offset = (uint32_t)(addr + pos) & (ms->line_size - 1);
		e.line = addr + pos - e.offset;
		e.size = ms->line_size - e.offset;
		if (e.size > bytes->size - pos)
			e.size = bytes->size - pos;
		e.bytes = bytes->bytes ? bytes->bytes + pos : NULL;
		tell(ms, &e);
	}
}

bool ms_observed(const struct dmasim_memsys *ms)
{
	return ms->observer_count != 0;
}

/* Pieces of a store lie within one line or fill several. */
void ms_tell_store(struct dmasim_memsys *ms, uint32_t cpu,
                   struct dmasim_txn *txn)
{
	struct dmasim_line_event e = {
	        .agent = ms->ports[cpu]->agent,
	        .place = DMASIM_PLACE_STORE_BUFFER,
	        .cpu = cpu,
	        .kind = DMASIM_LINE_WRITE,
	        .state = 'I',
	        .origin = &txn->origin,
	        .attr = &txn->attr,
	        .txn = txn,
	};
	uint64_t addr = txn->addr, end = txn->addr + txn->size;

	for (; addr < end; addr += e.size) {
		e.offset = (uint32_t)addr & (ms->line_size - 1);
		e.line = addr - e.offset;
		e.size = ms->line_size - e.offset;
		if (e.size > end - addr)
			e.size = (uint32_t)(end - addr);
		e.bytes = txn->data + (addr - txn->addr);
		ms_tell_event(ms, &e);
	}
}

void ms_tell_barrier(const struct ms_port *p, const struct dmasim_txn *txn)
{
	struct dmasim_line_event e = {
	        .agent = txn->initiator,
	        .place = DMASIM_PLACE_STORE_BUFFER,
	        .cpu = p->cached_index,
	        .kind = DMASIM_LINE_BARRIER,
	        .state = 'I',
	        .origin = &txn->origin,
	        .attr = &txn->attr,
	        .txn = txn,
	};

	ms_tell_event(p->ms, &e);
}

void ms_tell_taken(const struct ms_port *p, const struct dmasim_txn *txn)
{
	uint32_t mask = p->ms->line_size - 1;
	struct dmasim_line_event e = {
	        .agent = txn->initiator,
	        .place = DMASIM_PLACE_STORE_BUFFER,
	        .cpu = p->cached_index,
	        .kind = DMASIM_LINE_READ,
	        .state = 'I',
	        .origin = &txn->origin,
	        .attr = &txn->attr,
	        .txn = txn,
	};

	for (uint32_t pos = 0; pos < txn->size; pos += e.size) {
		e.offset = (uint32_t)(txn->addr + pos) & mask;
		e.line = txn->addr + pos - e.offset;
		e.size = mask + 1 - e.offset;
		if (e.size > txn->size - pos)
			e.size = txn->size - pos;
		e.bytes = txn->data + pos;
		ms_tell_event(p->ms, &e);
	}
}

uint64_t dmasim_memsys_period(const struct dmasim_memsys *ms)
{
	return ms->period;
}

const char *dmasim_line_event_name(enum dmasim_line_event_kind k)
{
	static const char *const names[] = {
	        [DMASIM_LINE_FILL] = "fill",
	        [DMASIM_LINE_READ] = "read",
	        [DMASIM_LINE_WRITE] = "write",
	        [DMASIM_LINE_SHARE] = "share",
	        [DMASIM_LINE_CLEAN] = "clean",
	        [DMASIM_LINE_EVICT] = "evict",
	        [DMASIM_LINE_INVALIDATE] = "invalidate",
	        [DMASIM_LINE_SNOOPED] = "snooped",
	        [DMASIM_LINE_WRITEBACK] = "write-back",
	        [DMASIM_LINE_DISCARD] = "discard",
	        [DMASIM_LINE_PAST_READ] = "read past caches",
	        [DMASIM_LINE_PAST_WRITE] = "write past caches",
	        [DMASIM_LINE_SNOOP_READ] = "snooping read",
	        [DMASIM_LINE_SNOOP_WRITE] = "snooping write",
	        [DMASIM_LINE_BARRIER] = "barrier",
	};

	return (unsigned)k < DMASIM_LINE_EVENTS ? names[k] : "unknown";
}

const char *dmasim_line_place_name(enum dmasim_line_place p)
{
	static const char *const names[] = {
	        [DMASIM_PLACE_L1] = "L1",
	        [DMASIM_PLACE_L2] = "L2",
	        [DMASIM_PLACE_SHARED] = "shared cache",
	        [DMASIM_PLACE_SYSTEM] = "system cache",
	        [DMASIM_PLACE_MEMORY] = "memory",
	        [DMASIM_PLACE_STORE_BUFFER] = "store buffer",
	};

	return (unsigned)p <= DMASIM_PLACE_STORE_BUFFER ? names[p] : "unknown";
}
