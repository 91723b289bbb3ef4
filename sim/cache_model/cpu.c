/* SPDX-License-Identifier: MIT */
/* CPU agents: their creation, mappings and clocks. */
#include "cpu_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DEPTH   8u
#define DEFAULT_DELAY   DMASIM_US
#define DEFAULT_QUANTUM DMASIM_US
#define PAGE            4096u

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
	cpu->stores = calloc(cpu->depth + 1u, sizeof(*cpu->stores));
	cpu->waiter = dmasim_waiter_of(cpu->kernel);
	if (!cpu->stores || !cpu->waiter)
		status = DMASIM_E_NOMEM;
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
	free(cpu->mappings);
	free(cpu->stores);
	free(cpu->window);
	free(cpu);
}

/* The first mapping that ends behind @va. */
static size_t first_behind(const struct dmasim_cpu *cpu, uint64_t va)
{
	size_t lo = 0, hi = cpu->mapping_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct cpu_mapping *m = &cpu->mappings[mid];

		if (m->va + (m->size - 1) < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int dmasim_cpu_map(struct dmasim_cpu *cpu, uint64_t va, uint64_t pa,
                   uint64_t size, const struct dmasim_attr *attr)
{
	struct cpu_mapping *m;
	size_t i;

	if (!attr || !size || va % PAGE || pa % PAGE || size % PAGE)
		return DMASIM_E_INVAL;
	if (size - 1 > UINT64_MAX - va || pa > DMASIM_PA_MAX ||
	    size - 1 > DMASIM_PA_MAX - pa)
		return DMASIM_E_RANGE;
	i = first_behind(cpu, va);
	if (i < cpu->mapping_len && cpu->mappings[i].va <= va + (size - 1))
		return DMASIM_E_OVERLAP;
	if (cpu->mapping_len == cpu->mapping_cap) {
		size_t cap = cpu->mapping_cap ? 2 * cpu->mapping_cap : 16;

		m = realloc(cpu->mappings, cap * sizeof(*m));
		if (!m)
			return DMASIM_E_NOMEM;
		cpu->mappings = m;
		cpu->mapping_cap = cap;
	}
	m = &cpu->mappings[i];
	memmove(m + 1, m, (cpu->mapping_len - i) * sizeof(*m));
	*m = (struct cpu_mapping){va, pa, size, *attr};
	cpu->mapping_len++;
	return DMASIM_OK;
}

int dmasim_cpu_unmap(struct dmasim_cpu *cpu, uint64_t va)
{
	size_t i = first_behind(cpu, va);

	if (i == cpu->mapping_len || cpu->mappings[i].va != va)
		return DMASIM_E_NOTFOUND;
	cpu->mapping_len--;
	memmove(&cpu->mappings[i], &cpu->mappings[i + 1],
	        (cpu->mapping_len - i) * sizeof(*cpu->mappings));
	return DMASIM_OK;
}

const struct cpu_mapping *cpu_find(const struct dmasim_cpu *cpu, uint64_t va)
{
	size_t i = first_behind(cpu, va);

	if (i < cpu->mapping_len && cpu->mappings[i].va <= va)
		return &cpu->mappings[i];
	return NULL;
}

int dmasim_cpu_translate(const struct dmasim_cpu *cpu, uint64_t va,
                         uint64_t *pa, struct dmasim_attr *attr)
{
	const struct cpu_mapping *m = cpu_find(cpu, va);

	if (!m)
		return DMASIM_E_NOTFOUND;
	*pa = m->pa + (va - m->va);
	if (attr)
		*attr = m->attr;
	return DMASIM_OK;
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
