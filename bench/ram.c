/* SPDX-License-Identifier: MIT */
/* Accesses to RAM through the map's port: 128 pages of descriptors, read in
 * random order, beside the same reads of an array. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include "dmasim/mem.h"

#define RAM   0x80000000ull
#define BYTES (128u * 4096u)

struct ram_bench {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_port port;
	uint8_t *plain;
	uint64_t state;
	uint32_t size;
};

static void must(int status)
{
	if (status != DMASIM_OK)
		abort();
}

static void setup(struct ram_bench *b)
{
	*b = (struct ram_bench){.state = BENCH_SEED};
	must(dmasim_kernel_create(NULL, &b->kernel));
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = b->kernel},
	                       &b->map));
	must(dmasim_map_add_ram(b->map, "ram", RAM, 16ull * BYTES));
	b->port = dmasim_map_port(b->map);
	b->plain = malloc(BYTES);
	if (!b->plain)
		abort();
	memset(b->plain, 0x5a, BYTES);
	must(dmasim_map_load(b->map, RAM, b->plain, BYTES));
}

static void teardown(struct ram_bench *b)
{
	free(b->plain);
	dmasim_map_destroy(b->map);
	dmasim_kernel_destroy(b->kernel);
}

static void move(struct ram_bench *b, enum dmasim_op op, uint64_t n)
{
	uint8_t data[64] = {0};

	for (uint64_t i = 0; i < n; i++) {
		struct dmasim_txn txn;

		dmasim_txn_init(&txn);
		txn.op = op;
		txn.addr = RAM + (bench_random(&b->state) & (BYTES - b->size));
		txn.size = b->size;
		txn.attr = dmasim_attr_wb;
		txn.data = data;
		if (dmasim_access(&b->port, &txn) != DMASIM_TXN_OK)
			abort();
		bench_use(data[0]);
	}
}

static void run_read(void *ctx, uint64_t n)
{
	move(ctx, DMASIM_READ, n);
}

static void run_write(void *ctx, uint64_t n)
{
	move(ctx, DMASIM_WRITE, n);
}

static void run_cas(void *ctx, uint64_t n)
{
	move(ctx, DMASIM_ATOMIC_CAS, n);
}

static void run_plain(void *ctx, uint64_t n)
{
	struct ram_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = bench_random(&b->state) & (BYTES - b->size), v;

		memcpy(&v, b->plain + at, sizeof(v));
		bench_use(v);
	}
}

void bench_ram(void)
{
	static const struct {
		const char *name;
		bench_fn *fn;
		uint32_t size;
	} cases[] = {
	        {"RAM, read of 8 bytes", run_read, 8},
	        {"RAM, read of 64 bytes", run_read, 64},
	        {"RAM, write of 8 bytes", run_write, 8},
	        {"RAM, compare and swap of 8 bytes", run_cas, 8},
	};
	struct ram_bench b;

	setup(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		b.size = cases[i].size;
		bench_line(cases[i].name, bench_time(cases[i].fn, &b, 2000000),
		           "load from an array",
		           bench_time(run_plain, &b, 5000000));
	}
	teardown(&b);
}
