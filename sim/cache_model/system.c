/* SPDX-License-Identifier: MIT */
/*
 * The system cache: in front of memory, behind the point of coherency. All
 * accesses to RAM go through it, so it is transparent to everybody; only time,
 * and what RAM itself holds, tell that it is there.
 */
#include "memsys_internal.h"

#include <string.h>

static bool serve_read(struct dmasim_memsys *ms, struct ms_op *op)
{
	struct cache *c = ms->system;
	int32_t way = cache_find(c, op->first);
	uint32_t off = (uint32_t)op->sub.addr & (ms->line_size - 1);

	c->stats.reads++;
	if (way < 0) {
		c->stats.read_misses++;
		return false;
	}
	memcpy(op->sub.data, cache_data(c, (uint32_t)way) + off, op->sub.size);
	cache_touch(c, (uint32_t)way);
	return true;
}

static void put_bytes(struct dmasim_memsys *ms, uint32_t way, uint32_t off,
                      const uint8_t *data, uint32_t n)
{
	struct cache *c = ms->system;

	memcpy(cache_data(c, way) + off, data, n);
	mask_set(cache_dirty(c, way), off, n);
	cache_set_state(c, way, CACHE_MODIFIED);
	cache_touch(c, way);
	c->stats.writes++;
}

static bool serve_write(struct dmasim_memsys *ms, struct ms_op *op)
{
	struct cache *c = ms->system;
	int32_t found = cache_find(c, op->first);
	uint32_t off = (uint32_t)op->sub.addr & (ms->line_size - 1);
	uint32_t way = (uint32_t)found;

	if (found < 0) {
		c->stats.write_misses++;
		/* What is not known of the line is not fetched. */
		if (op->sub.size < ms->line_size)
			return false;
		way = ms_take_way(ms, c, op->first, true);
	}
	put_bytes(ms, way, off, op->sub.data, op->sub.size);
	return true;
}

bool ms_system_serves(struct dmasim_memsys *ms, struct ms_op *op)
{
	if (op->below || op->kind == MS_OP_PASS)
		return false;
	op->sub.latency += ms->system->latency;
	return op->kind == MS_OP_READ ? serve_read(ms, op)
	                              : serve_write(ms, op);
}

void ms_system_filled(struct dmasim_memsys *ms, struct ms_op *op)
{
	uint32_t way;

	if (op->kind != MS_OP_READ || op->result != DMASIM_TXN_OK ||
	    op->sub.size < ms->line_size ||
	    cache_find(ms->system, op->first) >= 0)
		return;
	way = ms_take_way(ms, ms->system, op->first, true);
	memcpy(cache_data(ms->system, way), op->buf, ms->line_size);
	if (ms->observer_count)
		ms_tell_cache(ms, DMASIM_LINE_FILL, ms->system, op->first,
		              NULL);
}

void ms_system_clean(struct dmasim_memsys *ms, uint64_t first, uint64_t last)
{
	for (uint64_t line = first; line <= last; line++) {
		int32_t way = cache_find(ms->system, line);

		if (way >= 0 && cache_is_dirty(ms->system, (uint32_t)way))
			ms_write_out(ms, &(struct ms_copy){ms->system,
			                                   (uint32_t)way});
	}
}

static bool has_all(const struct dmasim_memsys *ms, const struct ms_op *op)
{
	for (uint64_t line = op->first; line <= op->last; line++)
		if (cache_find(ms->system, line) < 0)
			return false;
	return true;
}

/* Every line of the access is here. */
static void pass_here(struct dmasim_memsys *ms, struct ms_op *op)
{
	for (uint32_t pos = 0, n; pos < op->sub.size; pos += n) {
		uint64_t addr = op->sub.addr + pos;
		uint32_t off = (uint32_t)addr & (ms->line_size - 1);
		uint32_t way =
		        (uint32_t)cache_find(ms->system, ms_line(ms, addr));

		n = ms->line_size - off;
		if (n > op->sub.size - pos)
			n = op->sub.size - pos;
		if (op->sub.op == DMASIM_WRITE) {
			put_bytes(ms, way, off, op->sub.data + pos, n);
			continue;
		}
		memcpy(op->sub.data + pos, cache_data(ms->system, way) + off,
		       n);
		cache_touch(ms->system, way);
		ms->system->stats.reads++;
	}
}

bool ms_system_passes(struct ms_req *rq, struct ms_op *op)
{
	struct dmasim_memsys *ms = rq->port->ms;
	bool read = op->sub.op == DMASIM_READ;

	ms_charge(ms, rq->txn, ms->system->latency);
	if ((read || op->sub.op == DMASIM_WRITE) && has_all(ms, op)) {
		pass_here(ms, op);
		return true;
	}
	ms_system_clean(ms, op->first, op->last);
	for (uint64_t line = op->first; !read && line <= op->last; line++) {
		int32_t way = cache_find(ms->system, line);

		if (way >= 0)
			ms_evict(ms,
			         &(struct ms_copy){ms->system, (uint32_t)way});
	}
	return false;
}
