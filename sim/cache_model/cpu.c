/* SPDX-License-Identifier: MIT */
/* CPU agents: their creation, mappings and clocks. */
#include "cpu_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DEPTH   8u
#define DEFAULT_DELAY   DMASIM_US
#define DEFAULT_QUANTUM DMASIM_US

static int register_actor(struct dmasim_cpu *cpu)
{
	char name[48];
	int status;

	snprintf(name, sizeof(name), "cpu%u.drain", cpu->index);
	for (unsigned i = 1;; i++) {
		status = dmasim_actor_register(
		        cpu->kernel, name, cpu_drain_call, cpu, &cpu->actor);
		if (status != DMASIM_E_EXISTS)
			return status;
		snprintf(name, sizeof(name), "cpu%u.%u.drain", cpu->index, i);
	}
}

static int check_config(const struct dmasim_cpu_config *cfg)
{
	if (!cfg->kernel || !cfg->memsys ||
	    (cfg->store_buffer > CPU_MAX_STORE &&
	     cfg->store_buffer != UINT32_MAX))
		return DMASIM_E_INVAL;
	return DMASIM_OK;
}

static void take_config(struct dmasim_cpu *cpu,
                        const struct dmasim_cpu_config *cfg)
{
	cpu->kernel = cfg->kernel;
	cpu->memsys = cfg->memsys;
	cpu->choice = cfg->choice;
	cpu->index = cfg->index;
	cpu->stage2 = cfg->stage2;
	cpu->fwb = cfg->fwb;
	cpu->depth = cfg->store_buffer ? cfg->store_buffer : DEFAULT_DEPTH;
	if (cpu->depth == UINT32_MAX)
		cpu->depth = 0;
	cpu->drain_delay = cfg->drain_delay ? cfg->drain_delay : DEFAULT_DELAY;
	cpu->quantum = cfg->quantum ? cfg->quantum : DEFAULT_QUANTUM;
}

int dmasim_cpu_create(const struct dmasim_cpu_config *cfg,
                      struct dmasim_cpu **out)
{
	struct dmasim_cpu *cpu;
	int status = check_config(cfg);

	*out = NULL;
	if (status)
		return status;
	cpu = calloc(1, sizeof(*cpu));
	if (!cpu)
		return DMASIM_E_NOMEM;
	take_config(cpu, cfg);
	status = dmasim_memsys_cpu_port(cfg->memsys, cfg->index, &cpu->port)
	                 ? DMASIM_E_INVAL
	                 : DMASIM_OK;
	if (cfg->port)
		cpu->port = *cfg->port;
	if (cpu_make_ring(cpu))
		status = DMASIM_E_NOMEM;
	cpu->waiter = dmasim_waiter_of(cpu->kernel);
	if (!cpu->waiter)
		status = DMASIM_E_NOMEM;
	if (!status && cfg->early_loads && cfg->choice)
		status = cpu_early_create(cpu);
	if (!status)
		status = register_actor(cpu);
	if (!status)
		status = dmasim_event_create(cpu->kernel, "store left",
		                             &cpu->left);
	if (status) {
		dmasim_cpu_destroy(cpu);
		return status;
	}
	*out = cpu;
	return DMASIM_OK;
}

void dmasim_cpu_destroy(struct dmasim_cpu *cpu)
{
	if (!cpu)
		return;
	dmasim_actor_unregister(cpu->kernel, cpu->actor);
	dmasim_event_destroy(cpu->left);
	free(cpu->stage1.m);
	free(cpu->stage2_table.m);
	free(cpu->stale);
	free(cpu->stores);
	free(cpu->window);
	free(cpu->early);
	free(cpu);
}

int cpu_sync(struct dmasim_cpu *cpu)
{
	struct dmasim_kernel *k = cpu->kernel;
	uint64_t dt = cpu->local, now = dmasim_now(k);

	if (!dt)
		return DMASIM_OK;
	if (dmasim_in_process(k)) {
		cpu->local = 0;
		return dmasim_wait(k, dt);
	}
	if (dmasim_running(k))
		return DMASIM_OK;
	cpu->local = 0;
	if (dt >= DMASIM_FOREVER - now)
		dt = DMASIM_FOREVER - 1 - now;
	return dmasim_run_until(k, now + dt);
}

int dmasim_cpu_delay(struct dmasim_cpu *cpu, uint64_t dt)
{
	if (dmasim_running(cpu->kernel) && !dmasim_in_process(cpu->kernel))
		return DMASIM_E_STATE;
	/* What comes after a wait was not in flight before it. */
	cpu_drop_early(cpu, 0, UINT64_MAX);
	cpu->local +=
	        dt < UINT64_MAX - cpu->local ? dt : UINT64_MAX - cpu->local;
	return cpu_sync(cpu);
}

uint32_t dmasim_cpu_index(const struct dmasim_cpu *cpu)
{
	return cpu->index;
}

struct dmasim_kernel *dmasim_cpu_kernel(struct dmasim_cpu *cpu)
{
	return cpu->kernel;
}

uint32_t dmasim_cpu_line_size(const struct dmasim_cpu *cpu)
{
	return dmasim_memsys_line_size(cpu->memsys);
}

/* Constant sizes, so that a little-endian host makes it one load. */
static inline uint64_t load(const uint8_t *b, uint32_t size)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < size; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

static inline void store(uint8_t *b, uint32_t size, uint64_t v)
{
	for (uint32_t i = 0; i < size; i++)
		b[i] = (uint8_t)(v >> (8 * i));
}

int dmasim_cpu_get(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                   uint64_t *value, struct dmasim_origin origin)
{
	uint8_t b[8];
	int status;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return DMASIM_E_INVAL;
	status = dmasim_cpu_read(cpu, va, b, size, origin);
	if (status)
		return status;
	if (size == 8)
		*value = load(b, 8);
	else if (size == 4)
		*value = load(b, 4);
	else
		*value = load(b, size);
	return DMASIM_OK;
}

int dmasim_cpu_put(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                   uint64_t value, struct dmasim_origin origin)
{
	uint8_t b[8];

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return DMASIM_E_INVAL;
	store(b, 8, value);
	return dmasim_cpu_write(cpu, va, b, size, origin);
}
