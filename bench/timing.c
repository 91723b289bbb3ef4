/* SPDX-License-Identifier: MIT */
/*
 * What time costs: the first accesses of T10M through a CPU with RAM of
 * constant latency, in functional mode, and with the interconnect and DRAM of
 * each profile, by the same caches. How long the simulated run takes is on
 * the line's end.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "dmasim/cpu.h"
#include "t10m.h"

#define ACCESSES 1000000u

struct timing_bench {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_dram *dram;
	struct dmasim_interconnect *interconnect;
	struct dmasim_port memory;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	uint64_t runs;
};

static void must(int status)
{
	if (status != DMASIM_OK)
		abort();
}

static void put_between(struct timing_bench *b,
                        const struct dmasim_timing_profile *p)
{
	const struct dmasim_dram_config dram = {
	        .kernel = b->kernel, .map = b->map, .timing = p->dram};
	const struct dmasim_interconnect_config way = {
	        .kernel = b->kernel,
	        .down = &b->memory,
	        .ports = 2,
	        .timing = p->interconnect,
	};

	must(dmasim_dram_create(&dram, &b->dram));
	b->memory = dmasim_dram_port(b->dram);
	must(dmasim_interconnect_create(&way, &b->interconnect));
	must(dmasim_interconnect_port(b->interconnect, DMASIM_PORT_BY_INITIATOR,
	                              &b->memory));
}

static void open_system(struct timing_bench *b,
                        const struct dmasim_timing_profile *p, int functional)
{
	struct dmasim_memsys_config cfg = {.cpus = 1,
	                                   .no_timing = functional != 0};

	*b = (struct timing_bench){0};
	must(dmasim_kernel_create(NULL, &b->kernel));
	must(dmasim_map_create(
	        &(struct dmasim_map_config){.kernel = b->kernel,
	                                    .ram_latency =
	                                            p ? DMASIM_FOREVER : 0},
	        &b->map));
	must(dmasim_map_add_ram(b->map, "ram", T10M_RAM, T10M_RAM_SIZE));
	b->memory = dmasim_map_port(b->map);
	if (p)
		put_between(b, p);
	cfg.kernel = b->kernel;
	cfg.map = b->map;
	cfg.memory = &b->memory;
	must(dmasim_memsys_create(&cfg, &b->ms));
	must(dmasim_cpu_create(&(struct dmasim_cpu_config){.kernel = b->kernel,
	                                                   .memsys = b->ms},
	                       &b->cpu));
	must(dmasim_cpu_map(b->cpu, T10M_RAM, T10M_RAM, T10M_RAM_SIZE,
	                    &dmasim_attr_wb));
}

static void close_system(struct timing_bench *b)
{
	dmasim_cpu_destroy(b->cpu);
	dmasim_memsys_destroy(b->ms);
	dmasim_interconnect_destroy(b->interconnect);
	dmasim_dram_destroy(b->dram);
	dmasim_map_destroy(b->map);
	dmasim_kernel_destroy(b->kernel);
}

static void run(void *ctx, uint64_t n)
{
	struct timing_bench *b = ctx;
	struct t10m t;
	uint64_t v = 0;

	t10m_start(&t);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t a = t10m_next(&t);

		if (a & 1)
			must(dmasim_cpu_store(b->cpu, a & ~7ull, 8, i));
		else
			must(dmasim_cpu_load(b->cpu, a, 8, &v));
	}
	must(dmasim_cpu_barrier(b->cpu, DMASIM_DSB, DMASIM_HERE));
	bench_use(v);
	b->runs++;
}

static double measure(const struct dmasim_timing_profile *p, int functional,
                      double *simulated)
{
	struct timing_bench b;
	double ns;

	open_system(&b, p, functional);
	ns = bench_time(run, &b, ACCESSES);
	*simulated = (double)dmasim_now(b.kernel) / (double)b.runs / 1e9;
	close_system(&b);
	return ns;
}

void bench_timing(void)
{
	double plain_ms, ms, plain = measure(NULL, 0, &plain_ms);
	double functional = measure(NULL, 1, &ms);
	const struct dmasim_timing_profile *p;

	bench_line("T10M, 1 M accesses: functional mode", functional,
	           "constant RAM latency", plain);
	printf("%44s %10.2f ms simulated, constant: %.2f ms\n", "", ms,
	       plain_ms);
	for (size_t i = 0; (p = dmasim_timing_profile_at(i)); i++) {
		char name[64];
		double ns = measure(p, 0, &ms);

		snprintf(name, sizeof(name), "the same, memory of %s", p->name);
		bench_line(name, ns, "constant RAM latency", plain);
		printf("%44s %10.2f ms simulated\n", "", ms);
	}
}
