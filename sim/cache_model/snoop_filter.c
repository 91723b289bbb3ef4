/* SPDX-License-Identifier: MIT */
/* The snoop filter's directory, and what it costs. */
#include "memsys_internal.h"
#include "snoop_filter_internal.h"

#include <stdlib.h>

#define FILTER_MAX      (1u << 20)
#define FILTER_WAYS_MAX 64u
#define FILTER_CYCLES   10000u

int filter_create(const struct dmasim_snoop_filter_config *cfg, uint64_t period,
                  struct ms_filter **out)
{
	uint32_t sets = cfg->ways ? cfg->entries / cfg->ways : 0;
	struct ms_filter *f;

	*out = NULL;
	if (!sets || cfg->entries > FILTER_MAX || cfg->ways > FILTER_WAYS_MAX ||
	    sets * cfg->ways != cfg->entries || sets & (sets - 1) ||
	    cfg->cycles > FILTER_CYCLES)
		return DMASIM_E_INVAL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return DMASIM_E_NOMEM;
	f->sets = sets;
	f->ways = cfg->ways;
	f->latency = cfg->cycles * period;
	f->tag = calloc(cfg->entries, sizeof(*f->tag));
	f->stamp = calloc(cfg->entries, sizeof(*f->stamp));
	if (!f->tag || !f->stamp) {
		filter_destroy(f);
		return DMASIM_E_NOMEM;
	}
	*out = f;
	return DMASIM_OK;
}

void filter_destroy(struct ms_filter *f)
{
	if (!f)
		return;
	free(f->tag);
	free(f->stamp);
	free(f);
}

static size_t set_of(const struct ms_filter *f, uint64_t line)
{
	return (size_t)(line & (f->sets - 1)) * f->ways;
}

/** Where the line is, or its set's end. */
static size_t find(const struct ms_filter *f, uint64_t line)
{
	size_t i = set_of(f, line), end = i + f->ways;

	while (i < end && f->tag[i] != line + 1)
		i++;
	return i;
}

bool filter_has(const struct ms_filter *f, uint64_t line)
{
	return find(f, line) < set_of(f, line) + f->ways;
}

bool filter_look(struct ms_filter *f, uint64_t line)
{
	bool has = filter_has(f, line);

	f->stats.looks++;
	f->stats.hits += has;
	return has;
}

uint64_t filter_add(struct ms_filter *f, uint64_t line)
{
	size_t i = find(f, line), first = set_of(f, line);
	uint64_t victim = 0;

	if (i == first + f->ways) {
		/* A free one has the least stamp. */
		i = first;
		for (size_t j = first; j < first + f->ways; j++)
			if (f->stamp[j] < f->stamp[i])
				i = j;
		victim = f->tag[i];
	}
	f->tag[i] = line + 1;
	f->stamp[i] = ++f->clock;
	f->stats.back_invalidations += victim != 0;
	return victim;
}

void filter_save(const struct ms_filter *f, struct dmasim_writer *w)
{
	size_t total = (size_t)f->sets * f->ways;
	uint32_t count = 0;

	for (size_t i = 0; i < total; i++)
		count += f->tag[i] != 0;
	dmasim_put_u32(w, f->sets);
	dmasim_put_u32(w, f->ways);
	dmasim_put_u64(w, f->clock);
	dmasim_put_u64(w, f->stats.looks);
	dmasim_put_u64(w, f->stats.hits);
	dmasim_put_u64(w, f->stats.back_invalidations);
	dmasim_put_u32(w, count);
	for (size_t i = 0; i < total; i++) {
		if (!f->tag[i])
			continue;
		dmasim_put_u32(w, (uint32_t)i);
		dmasim_put_u64(w, f->tag[i]);
		dmasim_put_u64(w, f->stamp[i]);
	}
}

void filter_restore(struct ms_filter *f, struct dmasim_reader *r)
{
	uint32_t total = f->sets * f->ways, count;

	if (dmasim_get_u32(r) != f->sets || dmasim_get_u32(r) != f->ways) {
		dmasim_reader_fail(r, "another snoop filter");
		return;
	}
	f->clock = dmasim_get_u64(r);
	f->stats.looks = dmasim_get_u64(r);
	f->stats.hits = dmasim_get_u64(r);
	f->stats.back_invalidations = dmasim_get_u64(r);
	count = dmasim_get_count(r, total, 20);
	for (uint32_t n = 0; n < count; n++) {
		uint32_t i = dmasim_get_u32(r);
		uint64_t tag = dmasim_get_u64(r), stamp = dmasim_get_u64(r);

		if (i >= total || !tag || f->tag[i] || filter_has(f, tag - 1) ||
		    (tag - 1) % f->sets != i / f->ways || !stamp ||
		    stamp > f->clock) {
			dmasim_reader_fail(r, "entry %u of the snoop filter",
			                   i);
			return;
		}
		f->tag[i] = tag;
		f->stamp[i] = stamp;
	}
}

void ms_filter_look(struct ms_req *rq, uint64_t line, bool found)
{
	struct dmasim_memsys *ms = rq->port->ms;

	if (!ms->filter)
		return;
	ms_charge(ms, rq->txn, ms->filter->latency);
	if (!filter_look(ms->filter, line) || found)
		return;
	/* Somebody is asked who has evicted it since. */
	ms_charge(ms, rq->txn, ms->snoop_latency);
}

void ms_filter_filled(struct dmasim_memsys *ms, uint64_t line)
{
	const struct ms_view all = ms_view_all(ms);
	uint64_t victim = ms->filter ? filter_add(ms->filter, line) : 0;
	struct ms_copy copy;

	for (uint32_t i = 0; victim && ms_next(&all, victim - 1, &i, &copy);) {
		copy.cache->stats.snoops++;
		ms_evict(ms, &copy);
	}
}

int dmasim_memsys_filter_stats(const struct dmasim_memsys *ms,
                               struct dmasim_snoop_filter_stats *s)
{
	if (!ms->filter)
		return DMASIM_E_NOTFOUND;
	*s = ms->filter->stats;
	return DMASIM_OK;
}
