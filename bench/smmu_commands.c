/* SPDX-License-Identifier: MIT */
/* Invalidations through the command queue, each with its CMD_SYNC, one write
 * of CMDQ_PROD and one read of CMDQ_CONS; beside removing the same from a
 * flat hash map. */
#include "smmu_rig.h"

#include <stdio.h>

/* Opcodes (4.1.1). */
#define CFGI_STE     0x03ull
#define TLBI_NH_ASID 0x11ull
#define TLBI_NH_VA   0x12ull
#define SYNC         0x46ull

#define ASIDS          64u
#define PAGES_PER_ASID 1024u
#define KEY_SID_SHIFT  40u

static void with_sync(struct smmu_rig *r, uint64_t word0, uint64_t word1)
{
	smmu_rig_command(r, word0, word1);
	smmu_rig_command(r, SYNC, 0);
	smmu_rig_go(r);
}

/* ---- by address ---- */

static void fill_pages(void *ctx, uint64_t n)
{
	smmu_rig_run(ctx, n);
}

static void fill_map(void *ctx, uint64_t n)
{
	(void)n;
	smmu_rig_fill_baseline(ctx);
}

static void by_va(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint64_t i = 0; i < n; i++)
		with_sync(r, TLBI_NH_VA,
		          SMMU_RIG_IOVA + ((uint64_t)r->order[i] << 12));
}

static void by_va_baseline(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint64_t i = 0; i < n; i++)
		baseline_map_drop(r->baseline, smmu_rig_key(0, r->order[i]));
}

/* ---- by address space ---- */

static void fill_asids(void *ctx, uint64_t n)
{
	for (uint32_t sid = 0; sid < n; sid++)
		for (uint32_t page = 0; page < PAGES_PER_ASID; page++)
			if (!smmu_rig_access(ctx, sid, page))
				return;
}

static void fill_map_asids(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint32_t sid = 0; sid < n; sid++)
		for (uint32_t page = 0; page < PAGES_PER_ASID; page++)
			baseline_map_put(r->baseline, smmu_rig_key(sid, page),
			                 page);
}

static void by_asid(void *ctx, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		with_sync(ctx, i << 48 | TLBI_NH_ASID, 0);
}

static void by_asid_baseline(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint64_t i = 0; i < n; i++)
		baseline_map_drop_all(r->baseline, KEY_SID_SHIFT, i);
}

/* ---- configuration ---- */

/* All streams are there; those that were removed come back. */
static void fill_streams(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	if (r->at == 0)
		smmu_rig_run(r, r->o.streams);
	for (uint32_t sid = 0; sid < n; sid++)
		if (!smmu_rig_access(r, sid, r->order[sid]))
			return;
}

static void by_stream(void *ctx, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		with_sync(ctx, i << 32 | CFGI_STE, 1);
}

static void by_stream_baseline(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint64_t i = 0; i < n; i++)
		baseline_map_drop(r->baseline,
		                  smmu_rig_key((uint32_t)i, r->order[i]));
}

/* ---- */

struct command_case {
	const char *name;
	struct smmu_rig_options o;
	bench_fn *fill, *fn, *fill_baseline, *baseline;
	uint64_t n;
};

static const struct command_case cases[] = {
        {"CMD_TLBI_NH_VA + SYNC, 65,536 pages",
         {.order = SMMU_RIG_SHUFFLED, .tlb = 131072},
         fill_pages,
         by_va,
         fill_map,
         by_va_baseline,
         65536},
        {"CMD_TLBI_NH_ASID + SYNC, 64 x 1,024 pages",
         {.streams = ASIDS, .tlb = 131072, .config = 2 * ASIDS},
         fill_asids,
         by_asid,
         fill_map_asids,
         by_asid_baseline,
         ASIDS},
        {"CMD_CFGI_STE + SYNC, 65,536 streams",
         {.streams = 65536, .tlb = 131072, .config = 131072},
         fill_streams,
         by_stream,
         fill_map,
         by_stream_baseline,
         1024},
};

void bench_smmu_commands(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct command_case *c = &cases[i];
		struct smmu_rig r;
		double ns;

		smmu_rig_open(&r, &c->o);
		ns = bench_time_prepared(c->fill, c->fn, &r, c->n);
		bench_line(c->name, ns, "removal from a flat hash map",
		           bench_time_prepared(c->fill_baseline, c->baseline,
		                               &r, c->n));
		printf("%-44s %10.0f /s\n", "", 1e9 / ns);
		smmu_rig_close(&r);
	}
}
