/* SPDX-License-Identifier: MIT */
/* Translations of one stream: 65,536 consecutive 4 KiB pages from IOVA
 * 4 << 39, read at page offset 0x80, context cached. */
#include "bench.h"

#include <stdlib.h>

#include "dmasim/smmuv3.h"

#define RAM      0x80000000ull
#define RAM_SIZE 0x40000000ull
#define STRTAB   (RAM + 0x10000)
#define CD       (RAM + 0x20000)
#define CMDQ     (RAM + 0x30000)
#define EVTQ     (RAM + 0x40000)
#define L0       (RAM + 0x100000)
#define L1       (RAM + 0x101000)
#define L2                                                                     \
	(RAM + 0x102000) /* one page maps 1 GiB: 65,536 pages need 256 MiB     \
	                  */
#define L3    (RAM + 0x200000) /* 128 pages */
#define PAGES 65536u
#define IOVA  (4ull << 39)

struct smmu_bench {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_smmu *smmu;
	struct dmasim_port regs, port;
	struct baseline_map *baseline;
	uint32_t mask; /* pages used, minus 1 */
	uint64_t state;
};

static void must(int status)
{
	if (status != DMASIM_OK)
		abort();
}

static enum dmasim_result sink(void *obj, struct dmasim_txn *txn)
{
	(void)obj;
	bench_use(txn->addr);
	return DMASIM_TXN_OK;
}

static void poke(struct smmu_bench *b, uint64_t addr, uint64_t value)
{
	must(dmasim_map_load(b->map, addr, &value, sizeof(value)));
}

static void reg(struct smmu_bench *b, uint64_t offset, uint64_t value,
                uint32_t size)
{
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .offset = offset,
	                         .size = size,
	                         .attr = dmasim_attr_device,
	                         .data = (uint8_t *)&value};

	if (dmasim_access(&b->regs, &txn) != DMASIM_TXN_OK)
		abort();
}

/* A linear stream table of two entries, one CD, four levels. */
static void build_tables(struct smmu_bench *b)
{
	poke(b, STRTAB, CD | 0xb);          /* V, Config = stage 1 */
	poke(b, STRTAB + 8, 0xd6);          /* S1CIR, S1COR: WB; S1CSH: ISH */
	poke(b, CD, 0x0001e205c0003510ull); /* T0SZ 16, 4 KiB, A, R, AA64 */
	poke(b, CD + 8, L0);
	poke(b, CD + 24, 0xff);
	poke(b, L0 + 8 * (IOVA >> 39), L1 | 3);
	poke(b, L1, L2 | 3);
	for (uint64_t i = 0; i < PAGES / 512; i++)
		poke(b, L2 + 8 * i, (L3 + 0x1000 * i) | 3);
	for (uint64_t i = 0; i < PAGES; i++)
		poke(b, L3 + 8 * i,
		     ((RAM + 0x1000000 + (i << 12 & 0xfffffff)) | 0xf43));
}

static void setup(struct smmu_bench *b, uint32_t tlb_entries)
{
	struct dmasim_smmu_config cfg = {
	        .name = "smmu", .coherent = true, .tlb_entries = tlb_entries};
	struct dmasim_port below = {sink, NULL};

	*b = (struct smmu_bench){.state = 0x9E3779B97F4A7C15ull};
	must(dmasim_kernel_create(NULL, &b->kernel));
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = b->kernel},
	                       &b->map));
	must(dmasim_map_add_ram(b->map, "ram", RAM, RAM_SIZE));
	cfg.kernel = b->kernel;
	cfg.mem = dmasim_map_port(b->map);
	must(dmasim_smmu_create(&cfg, &b->smmu));
	b->regs = dmasim_smmu_regs(b->smmu);
	must(dmasim_smmu_attach(b->smmu, &below, &b->port));
	build_tables(b);
	reg(b, 0x80, STRTAB, 8);
	reg(b, 0x88, 1, 4);
	reg(b, 0x90, CMDQ | 4, 8);
	reg(b, 0xa0, EVTQ | 4, 8);
	reg(b, 0x28, 0xd75, 4);
	reg(b, 0x20, 0xd, 4);
	b->baseline = baseline_map_create(PAGES);
	for (uint64_t i = 0; i < PAGES; i++)
		baseline_map_put(b->baseline, (IOVA >> 12) + i, RAM + i);
}

static void teardown(struct smmu_bench *b)
{
	baseline_map_destroy(b->baseline);
	dmasim_smmu_destroy(b->smmu);
	dmasim_map_destroy(b->map);
	dmasim_kernel_destroy(b->kernel);
}

static void run(void *ctx, uint64_t n)
{
	struct smmu_bench *b = ctx;
	uint64_t data;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t page = bench_random(&b->state) & b->mask;
		struct dmasim_txn txn = {.op = DMASIM_READ,
		                         .addr = IOVA + (page << 12) + 0x80,
		                         .size = 8,
		                         .attr = dmasim_attr_wb,
		                         .data = (uint8_t *)&data};

		if (dmasim_access(&b->port, &txn) != DMASIM_TXN_OK)
			abort();
	}
}

static void run_baseline(void *ctx, uint64_t n)
{
	struct smmu_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t page = bench_random(&b->state) & b->mask;

		bench_use(baseline_map_get(b->baseline, (IOVA >> 12) + page));
	}
}

void bench_smmu(void)
{
	static const struct {
		const char *name;
		uint32_t tlb, pages;
	} cases[] = {
	        {"translation, TLB hit, 1 page", 2048, 1},
	        {"translation, TLB hit, 64 pages", 2048, 64},
	        /* One entry: nearly every access walks four levels. */
	        {"translation, 4-level walk, 65,536 pages", 1, PAGES},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct smmu_bench b;

		setup(&b, cases[i].tlb);
		b.mask = cases[i].pages - 1;
		bench_line(cases[i].name, bench_time(run, &b, 1000000),
		           "flat hash-map look-up",
		           bench_time(run_baseline, &b, 5000000));
		teardown(&b);
	}
}
