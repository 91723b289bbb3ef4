/* SPDX-License-Identifier: MIT */
/* What hardware does unasked, at a moment that somebody names. */
#include "memsys_internal.h"

int dmasim_memsys_prefetch(struct dmasim_memsys *ms, uint32_t cpu, uint64_t pa,
                           const struct dmasim_attr *attr)
{
	struct ms_port *p = ms_cached_port(ms, cpu);

	if (!p)
		return DMASIM_E_RANGE;
	if (attr->type != DMASIM_NORMAL || attr->inner == DMASIM_NC)
		return DMASIM_E_INVAL;
	if (!p->l1 || !dmasim_map_is_ram(ms->map, pa, 1))
		return DMASIM_E_NOTFOUND;
	return ms_prefetch(p, ms_line(ms, pa), attr);
}

static bool in_cache(struct cache *c, uint64_t line, struct ms_copy *copy)
{
	int32_t way = c ? cache_find(c, line) : -1;

	*copy = (struct ms_copy){c, (uint32_t)way};
	return way >= 0;
}

/* Where @cpu has the line. OK, E_RANGE, E_NOTFOUND. */
static int find_copy(const struct dmasim_memsys *ms, uint32_t cpu, uint64_t pa,
                     struct ms_copy *copy)
{
	uint64_t line = ms_line(ms, pa);
	const struct ms_port *p;

	if (pa > DMASIM_PA_MAX)
		return DMASIM_E_NOTFOUND;
	if (cpu == DMASIM_SHARED_CACHE)
		return in_cache(ms->shared, line, copy) ? DMASIM_OK
		                                        : DMASIM_E_NOTFOUND;
	if (cpu == DMASIM_SYSTEM_CACHE)
		return in_cache(ms->system, line, copy) ? DMASIM_OK
		                                        : DMASIM_E_NOTFOUND;
	p = ms_cached_port(ms, cpu);
	if (!p)
		return DMASIM_E_RANGE;
	return in_cache(p->l1, line, copy) || in_cache(p->l2, line, copy)
	               ? DMASIM_OK
	               : DMASIM_E_NOTFOUND;
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
