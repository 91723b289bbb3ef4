/* SPDX-License-Identifier: MIT */
/*
 * Simulated accesses in a second: the trace T10M, and its hits alone, through
 * a CPU's port and through the C API of the CPU, with the checker off and on.
 * Each beside a cache model that has tags only.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "dmasim/cpu.h"
#include "t10m.h"

/* All of them hit once the first 16 KiB are cached. */
#define HITS 1000000u

struct memory_bench {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	struct dmasim_port port;
	struct baseline_cache *baseline;
	const uint64_t *trace;
	struct dmasim_txn txn;
	uint64_t data;
};

static void must(int status)
{
	if (status != DMASIM_OK)
		abort();
}

static void open_system(struct memory_bench *b, int checked)
{
	*b = (struct memory_bench){0};
	must(dmasim_kernel_create(NULL, &b->kernel));
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = b->kernel},
	                       &b->map));
	must(dmasim_map_add_ram(b->map, "ram", T10M_RAM, T10M_RAM_SIZE));
	if (checked)
		must(dmasim_checker_create(
		        &(struct dmasim_checker_config){.kernel = b->kernel},
		        &b->checker));
	must(dmasim_memsys_create(
	        &(struct dmasim_memsys_config){.kernel = b->kernel,
	                                       .map = b->map,
	                                       .checker = b->checker,
	                                       .cpus = 1},
	        &b->ms));
	must(dmasim_memsys_cpu_port(b->ms, 0, &b->port));
	must(dmasim_cpu_create(&(struct dmasim_cpu_config){.kernel = b->kernel,
	                                                   .memsys = b->ms},
	                       &b->cpu));
	must(dmasim_cpu_map(b->cpu, T10M_RAM, T10M_RAM, T10M_RAM_SIZE,
	                    &dmasim_attr_wb));
	dmasim_txn_init(&b->txn);
	b->txn.size = 8;
	b->txn.attr = dmasim_attr_wb;
	b->txn.data = (uint8_t *)&b->data;
	b->txn.origin = DMASIM_HERE;
	b->baseline = baseline_cache_create();
}

static void close_system(struct memory_bench *b)
{
	baseline_cache_destroy(b->baseline);
	dmasim_cpu_destroy(b->cpu);
	dmasim_memsys_destroy(b->ms);
	dmasim_checker_destroy(b->checker);
	dmasim_map_destroy(b->map);
	dmasim_kernel_destroy(b->kernel);
}

static void run_port(void *ctx, uint64_t n)
{
	struct memory_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++) {
		b->txn.op = DMASIM_READ;
		if (b->trace[i] & 1) {
			b->txn.op = DMASIM_WRITE;
			b->data = i + 1;
		}
		b->txn.addr = b->trace[i] & ~7ull;
		b->txn.latency = 0;
		if (dmasim_access(&b->port, &b->txn) != DMASIM_TXN_OK)
			abort();
	}
	bench_use(b->data);
}

static void run_cpu(void *ctx, uint64_t n)
{
	struct memory_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t addr = b->trace[i] & ~7ull;

		if (b->trace[i] & 1)
			must(dmasim_cpu_store(b->cpu, addr, 8, i + 1));
		else
			must(dmasim_cpu_load(b->cpu, addr, 8, &b->data));
	}
	bench_use(b->data);
}

static void run_baseline(void *ctx, uint64_t n)
{
	struct memory_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++)
		baseline_cache_access(b->baseline, b->trace[i] & ~7ull,
		                      (int)(b->trace[i] & 1));
}

static void rates(const char *what, const uint64_t *trace, uint32_t n)
{
	static const struct {
		const char *name;
		bench_fn *fn;
		int checked;
	} ways[] = {
	        {"port", run_port, 0},
	        {"port, checker on", run_port, 1},
	        {"CPU", run_cpu, 0},
	        {"CPU, checker on", run_cpu, 1},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct memory_bench b;
		char name[64];

		open_system(&b, ways[i].checked);
		b.trace = trace;
		snprintf(name, sizeof(name), "%s, %s", what, ways[i].name);
		bench_rate(name, bench_time(ways[i].fn, &b, n),
		           "tags-only two-level cache",
		           bench_time(run_baseline, &b, n));
		close_system(&b);
	}
}

void bench_memory(void)
{
	uint64_t *trace = malloc(T10M_ACCESSES * sizeof(*trace));
	struct t10m t;

	if (!trace)
		abort();
	t10m_start(&t);
	for (uint32_t i = 0; i < HITS;) {
		trace[i] = t10m_next(&t);
		i += (trace[i] & ~0x3fffull) == T10M_HOT;
	}
	rates("L1 hits", trace, HITS);
	t10m_start(&t);
	for (uint32_t i = 0; i < T10M_ACCESSES; i++)
		trace[i] = t10m_next(&t);
	rates("T10M", trace, T10M_ACCESSES);
	free(trace);
}
