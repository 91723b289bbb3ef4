/* SPDX-License-Identifier: MIT */
/* What stands between the caches and RAM, if the tree says how long things
 * take. */
#include "plat_internal.h"

/** As many as there are masters, so that each has its own port. */
static uint32_t master_count(const struct plat_desc *d)
{
	size_t n =
	        2 + d->cpus + d->smmu_count + d->disk_count + d->testdev_count;

	return n < DMASIM_INTERCONNECT_PORTS ? (uint32_t)n
	                                     : DMASIM_INTERCONNECT_PORTS;
}

int plat_build_timing(struct dmasim_machine *m, const struct plat_desc *d,
                      struct dmasim_port *memory)
{
	const struct dmasim_dram_config dram = {
	        .kernel = m->kernel,
	        .map = m->map,
	        .timing = d->timing.dram,
	};
	struct dmasim_interconnect_config way = {
	        .kernel = m->kernel,
	        .choice = m->choice,
	        .down = memory,
	        .ports = master_count(d),
	        .timing = d->timing.interconnect,
	};
	int status = dmasim_dram_create(&dram, &m->dram);

	if (status == DMASIM_E_INVAL)
		return plat_fail(&d->tree, d->timing_node,
		                 "dmasim,dram-...: no such DRAM can be");
	if (status != DMASIM_OK)
		return status;
	*memory = dmasim_dram_port(m->dram);
	status = dmasim_interconnect_create(&way, &m->interconnect);
	if (status == DMASIM_E_INVAL)
		return plat_fail(&d->tree, d->timing_node,
		                 "dmasim,interconnect-...: no such "
		                 "interconnect can be");
	if (status != DMASIM_OK)
		return status;
	m->timing = d->timing;
	return dmasim_interconnect_port(m->interconnect,
	                                DMASIM_PORT_BY_INITIATOR, memory);
}

/** What the tree says of a cache stands; how long it takes, the profile says,
 * or what it says of the next level. */
static void described(const struct plat_cache_desc *c,
                      const struct dmasim_timing_cache *p, uint32_t cycles,
                      struct dmasim_cache_config *cfg)
{
	if (c->size)
		*cfg = (struct dmasim_cache_config){
		        .size = c->size,
		        .ways = c->ways,
		        .cycles = p->cycles ? p->cycles : cycles};
}

void plat_timed_caches(const struct plat_desc *d,
                       struct dmasim_memsys_config *cfg)
{
	const struct dmasim_timing_profile *p = &d->timing;
	bool private_l2 = p->l2.size || d->l3.size;

	cfg->timing = p;
	if (!cfg->line_size)
		cfg->line_size = p->line_size;
	described(&d->l1, &p->l1, 0, &cfg->l1);
	/* next-level-cache: the private one where the profile has one, or
	 * where the tree has another behind it. */
	if (private_l2)
		described(&d->l2, &p->l2, p->shared.cycles, &cfg->l2);
	else
		described(&d->l2, &p->shared, 0, &cfg->shared);
	described(&d->l3, &p->shared, 0, &cfg->shared);
	described(&d->system, &p->system, p->shared.cycles, &cfg->system);
	cfg->l1.replacement = d->replacement;
	cfg->l2.replacement = d->replacement;
	cfg->shared.replacement = d->replacement;
	cfg->system.replacement = d->replacement;
}

bool dmasim_machine_timing(struct dmasim_machine *m,
                           struct dmasim_machine_timing *timing)
{
	if (!m->dram)
		return false;
	timing->profile = &m->timing;
	timing->dram = m->dram;
	timing->interconnect = m->interconnect;
	return true;
}
