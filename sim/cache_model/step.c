/* SPDX-License-Identifier: MIT */
/* What hardware does unasked, at a moment that somebody names. */
#include "memsys_internal.h"

static struct ms_port *cached_port(const struct dmasim_memsys *ms, uint32_t cpu)
{
	for (uint32_t i = 0; i < ms->port_count; i++)
		if (ms->ports[i]->kind == DMASIM_PORT_CACHED &&
		    ms->ports[i]->cached_index == cpu)
			return ms->ports[i];
	return NULL;
}

int dmasim_memsys_prefetch(struct dmasim_memsys *ms, uint32_t cpu, uint64_t pa,
                           const struct dmasim_attr *attr)
{
	struct ms_port *p = cached_port(ms, cpu);
	struct dmasim_region_info info;

	if (!p)
		return DMASIM_E_RANGE;
	if (attr->type != DMASIM_NORMAL || attr->inner == DMASIM_NC)
		return DMASIM_E_INVAL;
	if (!p->l1 || dmasim_map_find(ms->map, pa, &info) || !info.ram)
		return DMASIM_E_NOTFOUND;
	return ms_prefetch(p, ms_line(ms, pa), attr);
}

/* Where @cpu has the line. OK, E_RANGE, E_NOTFOUND. */
static int find_copy(const struct dmasim_memsys *ms, uint32_t cpu, uint64_t pa,
                     struct ms_copy *copy)
{
	struct cache *c = ms->shared;
	int32_t way;

	if (cpu != DMASIM_SHARED_CACHE) {
		const struct ms_port *p = cached_port(ms, cpu);

		if (!p)
			return DMASIM_E_RANGE;
		c = p->l1;
	}
	way = c && pa <= DMASIM_PA_MAX ? cache_find(c, ms_line(ms, pa)) : -1;
	if (way < 0)
		return DMASIM_E_NOTFOUND;
	*copy = (struct ms_copy){c, (uint32_t)way};
	return DMASIM_OK;
}

int dmasim_memsys_evict(struct dmasim_memsys *ms, uint32_t cpu, uint64_t pa)
{
	struct ms_copy copy;
	int status = find_copy(ms, cpu, pa, &copy);

	if (!status)
		ms_evict(ms, &copy);
	return status;
}

int dmasim_memsys_clean(struct dmasim_memsys *ms, uint32_t cpu, uint64_t pa)
{
	struct ms_copy copy;
	int status = find_copy(ms, cpu, pa, &copy);

	if (!status)
		ms_push_down(ms, &copy);
	return status;
}
