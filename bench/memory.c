/* SPDX-License-Identifier: MIT */
/* Loads through the caches: hits alone, and a mixed trace of 8-byte accesses
 * (60 % sequential in 1 MiB, 30 % in 16 KiB, 10 % in 64 MiB; 30 % writes). */
#include "bench.h"

#include <stdlib.h>

#include "dmasim/cache.h"

#define RAM      0x10000000ull
#define RAM_SIZE 0x40000000ull
#define SEED     0x9E3779B97F4A7C15ull

struct memory_bench {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_port cpu;
	struct baseline_cache *baseline;
	uint64_t state, sequence;
};

static void must(int status)
{
	if (status != DMASIM_OK)
		abort();
}

static void setup(struct memory_bench *b, int checked)
{
	*b = (struct memory_bench){.state = SEED};
	must(dmasim_kernel_create(NULL, &b->kernel));
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = b->kernel},
	                       &b->map));
	must(dmasim_map_add_ram(b->map, "ram", RAM, RAM_SIZE));
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
	must(dmasim_memsys_cpu_port(b->ms, 0, &b->cpu));
	b->baseline = baseline_cache_create();
}

static void teardown(struct memory_bench *b)
{
	baseline_cache_destroy(b->baseline);
	dmasim_memsys_destroy(b->ms);
	dmasim_checker_destroy(b->checker);
	dmasim_map_destroy(b->map);
	dmasim_kernel_destroy(b->kernel);
}

/* The next access of the mixed trace. */
static uint64_t mixed(struct memory_bench *b, int *write)
{
	uint64_t r = bench_random(&b->state);
	unsigned kind = (unsigned)(r % 100);

	*write = (r >> 8) % 100 < 30;
	if (kind < 60)
		return RAM + (b->sequence++ * 8 & 0xfffff);
	if (kind < 90)
		return RAM + 0x10000000 + ((r >> 16 & 0x3fff) & ~7ull);
	return RAM + 0x30000000 + ((r >> 16 & 0x3ffffff) & ~7ull);
}

static void access_one(struct memory_bench *b, uint64_t addr, int write)
{
	uint64_t data = addr;
	struct dmasim_txn txn = {
	        .op = write ? DMASIM_WRITE : DMASIM_READ,
	        .addr = addr,
	        .size = 8,
	        .attr = dmasim_attr_wb,
	        .data = (uint8_t *)&data,
	        .origin = DMASIM_HERE,
	};

	if (dmasim_access(&b->cpu, &txn) != DMASIM_TXN_OK)
		abort();
	bench_use(data);
}

static void run_hits(void *ctx, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		access_one(ctx, RAM + (i * 8 & 0x1fff), 0);
}

static void run_hits_baseline(void *ctx, uint64_t n)
{
	struct memory_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++)
		baseline_cache_access(b->baseline, RAM + (i * 8 & 0x1fff), 0);
}

static void run_mixed(void *ctx, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		int write;
		uint64_t addr = mixed(ctx, &write);

		access_one(ctx, addr, write);
	}
}

static void run_mixed_baseline(void *ctx, uint64_t n)
{
	struct memory_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++) {
		int write;
		uint64_t addr = mixed(b, &write);

		baseline_cache_access(b->baseline, addr, write);
	}
}

void bench_memory(void)
{
	const char *tags = "tags-only two-level cache";

	for (int checked = 0; checked < 2; checked++) {
		struct memory_bench b;

		setup(&b, checked);
		bench_line(checked ? "cached load, hit, checker on"
		                   : "cached load, hit",
		           bench_time(run_hits, &b, 2000000), tags,
		           bench_time(run_hits_baseline, &b, 2000000));
		bench_line(checked ? "mixed trace, checker on" : "mixed trace",
		           bench_time(run_mixed, &b, 1000000), tags,
		           bench_time(run_mixed_baseline, &b, 1000000));
		teardown(&b);
	}
}
