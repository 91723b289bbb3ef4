/* SPDX-License-Identifier: MIT */
/* The memory system: its parts and its ports. */
#include "memsys_internal.h"
#include "dmasim/timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPUS 64u

static bool is_default(const struct dmasim_cache_config *c)
{
	return !c->size && !c->ways && !c->cycles;
}

struct ms_port *ms_cached_port(const struct dmasim_memsys *ms, uint32_t index)
{
	if (index < ms->cpus)
		return ms->ports[index];
	for (uint32_t i = ms->cpus; i < ms->port_count; i++)
		if (ms->ports[i]->kind == DMASIM_PORT_CACHED &&
		    ms->ports[i]->cached_index == index)
			return ms->ports[i];
	return NULL;
}

/* A private cache of @p. */
static int give_cache(struct dmasim_memsys *ms, struct ms_port *p,
                      const struct dmasim_cache_config *cfg, struct cache **out)
{
	struct cache *c;
	int status;

	if (ms->upper_count == ms->upper_cap) {
		uint32_t cap = ms->upper_cap ? 2 * ms->upper_cap : 8;
		struct cache **upper =
		        realloc(ms->upper, cap * sizeof(struct cache *));

		if (!upper)
			return DMASIM_E_NOMEM;
		ms->upper = upper;
		ms->upper_cap = cap;
	}
	status = cache_create(cfg, ms->line_size, ms->period, &c);
	if (status)
		return status;
	c->port = p;
	ms->upper[ms->upper_count++] = c;
	*out = c;
	return DMASIM_OK;
}

static int give_caches(struct dmasim_memsys *ms, struct ms_port *p)
{
	int status = DMASIM_OK;

	if (ms->l1_config.size)
		status = give_cache(ms, p, &ms->l1_config, &p->l1);
	if (!status && ms->l2_config.size) {
		status = give_cache(ms, p, &ms->l2_config, &p->l2);
		if (!status)
			p->l2->place = DMASIM_PLACE_L2;
	}
	/* Not this port, then: its L1 goes, too. */
	if (status && p->l1)
		cache_destroy(ms->upper[--ms->upper_count]);
	return status;
}

static int add_port(struct dmasim_memsys *ms,
                    const struct dmasim_device_port_config *cfg, bool cpu,
                    struct ms_port **out)
{
	struct ms_port *p;
	int status;

	if (ms->port_count == ms->port_cap) {
		uint32_t cap = ms->port_cap ? 2 * ms->port_cap : 8;
		struct ms_port **ports =
		        realloc(ms->ports, cap * sizeof(struct ms_port *));

		if (!ports)
			return DMASIM_E_NOMEM;
		ms->ports = ports;
		ms->port_cap = cap;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return DMASIM_E_NOMEM;
	p->ms = ms;
	p->kind = cfg->kind;
	p->cpu = cpu;
	p->domain = cfg->inner_domain;
	snprintf(p->name, sizeof(p->name), "%s", cfg->name);
	/* Numbers tell masters apart where there is no checker, too: those
	 * that it would give, the shared cache's included. */
	p->agent = ms->port_count + (cpu ? 1 : 2);
	status = ms->checker ? dmasim_agent_add(ms->checker, cfg->name,
	                                        cfg->agent_kind, &p->agent)
	                     : DMASIM_OK;
	p->cached_index = ms->cached_ports;
	if (!status && cfg->kind == DMASIM_PORT_CACHED)
		status = give_caches(ms, p);
	if (status) {
		free(p);
		return status;
	}
	ms->cached_ports += cfg->kind == DMASIM_PORT_CACHED;
	ms->ports[ms->port_count++] = p;
	*out = p;
	return DMASIM_OK;
}

static int check_config(const struct dmasim_memsys_config *cfg)
{
	uint32_t line = cfg->line_size ? cfg->line_size : 64;

	if (!cfg->kernel || !cfg->map || !cfg->cpus || cfg->cpus > MAX_CPUS ||
	    line < 16 || line > CACHE_MAX_LINE || (line & (line - 1)))
		return DMASIM_E_INVAL;
	if ((unsigned)cfg->protocol > DMASIM_MOESI ||
	    (cfg->l2.size && !cfg->l1.size && !is_default(&cfg->l1)))
		return DMASIM_E_INVAL;
	if (cfg->checker && check_line_size(cfg->checker) != line)
		return DMASIM_E_INVAL;
	return DMASIM_OK;
}

/* What the caller did not say is as in the profile. */
static struct dmasim_cache_config
or_profile(const struct dmasim_cache_config *c,
           const struct dmasim_timing_cache *p)
{
	if (!is_default(c))
		return *c;
	return (struct dmasim_cache_config){.size = p->size,
	                                    .ways = p->ways,
	                                    .cycles = p->cycles,
	                                    .replacement = c->replacement};
}

static const struct dmasim_timing_profile *
timing_of(const struct dmasim_memsys_config *cfg)
{
	return cfg->timing ? cfg->timing : dmasim_timing_profile_at(0);
}

static void take_config(struct dmasim_memsys *ms,
                        const struct dmasim_memsys_config *cfg)
{
	const struct dmasim_timing_profile *t = timing_of(cfg);

	ms->kernel = cfg->kernel;
	ms->traced = dmasim_tracing(cfg->kernel);
	ms->map = cfg->map;
	ms->choice = cfg->choice;
	ms->checker = cfg->checker;
	ms->memory = cfg->memory ? *cfg->memory : dmasim_map_port(cfg->map);
	ms->cpus = cfg->cpus;
	ms->line_size = cfg->line_size ? cfg->line_size : 64;
	while (1u << ms->line_shift < ms->line_size)
		ms->line_shift++;
	ms->protocol = cfg->protocol;
	ms->no_timing = cfg->no_timing;
	ms->ask_every = cfg->choice ? cfg->ask_every : 0;
	ms->until_asked = ms->ask_every;
	ms->period = cfg->period ? cfg->period : t->period;
	ms->snoop_latency = t->snoop_cycles * ms->period;
	ms->hop_latency = t->hop_cycles * ms->period;
	ms->l1_config = or_profile(&cfg->l1, &t->l1);
	ms->l2_config = or_profile(&cfg->l2, &t->l2);
	/* The profile's private L2 is nothing without an L1. */
	if (!ms->l1_config.size)
		ms->l2_config.size = 0;
}

static int make_caches(struct dmasim_memsys *ms,
                       const struct dmasim_memsys_config *cfg)
{
	struct dmasim_cache_config shared =
	        or_profile(&cfg->shared, &timing_of(cfg)->shared);
	struct dmasim_cache_config system =
	        or_profile(&cfg->system, &timing_of(cfg)->system);
	int status;

	if (shared.size) {
		status = cache_create(&shared, ms->line_size, ms->period,
		                      &ms->shared);
		if (status)
			return status;
		ms->shared->place = DMASIM_PLACE_SHARED;
	}
	if (!system.size)
		return DMASIM_OK;
	status = cache_create(&system, ms->line_size, ms->period, &ms->system);
	if (!status)
		ms->system->place = DMASIM_PLACE_SYSTEM;
	return status;
}

static int make_filter(struct dmasim_memsys *ms,
                       const struct dmasim_memsys_config *cfg)
{
	const struct dmasim_timing_profile *t = timing_of(cfg);
	struct dmasim_snoop_filter_config filter = cfg->snoop_filter;

	if (!filter.entries)
		filter = (struct dmasim_snoop_filter_config){
		        .entries = t->filter_entries,
		        .ways = t->filter_ways,
		        .cycles = t->filter_cycles,
		};
	return filter.entries ? filter_create(&filter, ms->period, &ms->filter)
	                      : DMASIM_OK;
}

static int register_actor(struct dmasim_memsys *ms)
{
	char name[32] = "memsys";
	int status;

	for (unsigned i = 1;; i++) {
		status = dmasim_actor_register(ms->kernel, name, ms_completed,
		                               ms, &ms->actor);
		if (status != DMASIM_E_EXISTS)
			return status;
		snprintf(name, sizeof(name), "memsys.%u", i);
	}
}

static int make_cpu_ports(struct dmasim_memsys *ms)
{
	int status = DMASIM_OK;

	for (uint32_t i = 0; i < ms->cpus && !status; i++) {
		char name[16];
		const struct dmasim_device_port_config port = {
		        .name = name,
		        .kind = DMASIM_PORT_CACHED,
		        .agent_kind = DMASIM_AGENT_CPU,
		};
		struct ms_port *p;

		snprintf(name, sizeof(name), "cpu%u", i);
		status = add_port(ms, &port, true, &p);
	}
	return status;
}

int dmasim_memsys_create(const struct dmasim_memsys_config *cfg,
                         struct dmasim_memsys **out)
{
	struct dmasim_memsys *ms;
	int status = check_config(cfg);

	*out = NULL;
	if (status)
		return status;
	ms = calloc(1, sizeof(*ms));
	if (!ms)
		return DMASIM_E_NOMEM;
	take_config(ms, cfg);
	if (ms->checker)
		check_attach(ms->checker, ms->map, ms->period);
	ms->scratch = calloc(1, ms->line_size);
	ms_update_attention(ms);
	status = ms->scratch ? register_actor(ms) : DMASIM_E_NOMEM;
	if (!status)
		status = make_caches(ms, cfg);
	if (!status)
		status = make_filter(ms, cfg);
	if (!status)
		status = make_cpu_ports(ms);
	if (!status && ms->checker)
		status = dmasim_agent_add(ms->checker,
		                          ms->l2_config.size ? "l3" : "l2",
		                          DMASIM_AGENT_CPU, &ms->shared_agent);
	if (status) {
		dmasim_memsys_destroy(ms);
		return status;
	}
	ms_prepare_fast(ms);
	*out = ms;
	return DMASIM_OK;
}

void dmasim_memsys_destroy(struct dmasim_memsys *ms)
{
	if (!ms)
		return;
	dmasim_actor_unregister(ms->kernel, ms->actor);
	ms_free_pending(ms);
	for (uint32_t i = 0; i < ms->port_count; i++)
		free(ms->ports[i]);
	for (uint32_t i = 0; i < ms->upper_count; i++)
		cache_destroy(ms->upper[i]);
	cache_destroy(ms->shared);
	cache_destroy(ms->system);
	filter_destroy(ms->filter);
	free(ms->ports);
	free(ms->upper);
	free(ms->scratch);
	free(ms->observers);
	free(ms);
}

void ms_who(const struct ms_req *rq, struct check_who *who)
{
	const struct dmasim_txn *txn = rq->txn;
	bool no_snoop = rq->port->kind == DMASIM_PORT_NONCOHERENT ||
	                txn->flags & DMASIM_TXN_NO_SNOOP;

	*who = (struct check_who){
	        .agent = txn->initiator,
	        .attr = no_snoop && txn->attr.type == DMASIM_NORMAL
	                        ? dmasim_attr_nc
	                        : txn->attr,
	        .member = rq->port->kind != DMASIM_PORT_NONCOHERENT,
	        .past = rq->path == MS_PAST,
	        .cause = txn->cause,
	        .origin = &txn->origin,
	        .txn = txn,
	};
}

int dmasim_memsys_cpu_port(struct dmasim_memsys *ms, uint32_t cpu,
                           struct dmasim_port *port)
{
	if (cpu >= ms->cpus)
		return DMASIM_E_RANGE;
	*port = (struct dmasim_port){ms_cpu_access, ms->ports[cpu]};
	return DMASIM_OK;
}

int dmasim_memsys_add_port(struct dmasim_memsys *ms,
                           const struct dmasim_device_port_config *cfg,
                           struct dmasim_port *port, uint32_t *agent)
{
	struct ms_port *p;
	int status;

	if (!cfg->name || cfg->kind > DMASIM_PORT_CACHED)
		return DMASIM_E_INVAL;
	status = add_port(ms, cfg, false, &p);
	if (status)
		return status;
	*port = (struct dmasim_port){ms_device_access, p};
	if (agent)
		*agent = p->agent;
	return DMASIM_OK;
}

uint32_t dmasim_memsys_line_size(const struct dmasim_memsys *ms)
{
	return ms->line_size;
}

int dmasim_memsys_stats(const struct dmasim_memsys *ms, int level, uint32_t cpu,
                        struct dmasim_cache_stats *s)
{
	const struct ms_port *p = ms_cached_port(ms, cpu);
	bool l2 = ms->l2_config.size;
	const struct cache *c = NULL;

	if (level == 1 && p)
		c = p->l1;
	else if (level == 2 && l2 && p)
		c = p->l2;
	else if (level == (l2 ? 3 : 2))
		c = ms->shared;
	else if (level == DMASIM_SYSTEM_LEVEL)
		c = ms->system;
	if (!c)
		return DMASIM_E_NOTFOUND;
	*s = c->stats;
	return DMASIM_OK;
}

uint32_t dmasim_memsys_cached_ports(const struct dmasim_memsys *ms)
{
	return ms->cached_ports;
}

const char *dmasim_memsys_cached_name(const struct dmasim_memsys *ms,
                                      uint32_t index)
{
	const struct ms_port *p = ms_cached_port(ms, index);

	return p ? p->name : NULL;
}
