/* SPDX-License-Identifier: MIT */
/* Translations: hits on few and on many pages, of one stream and of 65,536,
 * walks from the table that the walk cache has, and cold ones; each beside a
 * look-up of the page in a flat hash map. */
#include "smmu_rig.h"

#include <stdio.h>
#include <stdlib.h>

#define M (1u << 20)
/* Room for every page with a good spread over the sets. */
#define ROOM(pages) (2u * (pages))
#define SHUFFLED    .order = SMMU_RIG_SHUFFLED

struct smmu_case {
	const char *name;
	uint64_t n;
	struct smmu_rig_options o;
	/* Descriptors that each translation reads; 0: it hits. */
	unsigned reads;
};

#define HIT(text, ...)                                                         \
	{                                                                      \
		.name = (text), .n = 4 * M, .o = { __VA_ARGS__ }               \
	}
/* A TLB of four entries: next to nothing hits it. */
#define WALK(text, ...)                                                        \
	{                                                                      \
		.name = (text), .n = M, .reads = 1,                            \
		.o = {.tlb = 1,                                                \
		      __VA_ARGS__ }                                            \
	}
#define COLD(text, descriptors, ...)                                           \
	{                                                                      \
		.name = (text), .n = M, .reads = (descriptors),                \
		.o = {.cold = true,                                            \
		      __VA_ARGS__ }                                            \
	}

static const struct smmu_case cases[] = {
        HIT("TLB hit, 1 page", .used = 1),
        HIT("TLB hit, 64 pages in order", .used = 64),
        HIT("TLB hit, 64 pages shuffled", .used = 64, SHUFFLED),
        HIT("TLB hit, 1,024 pages shuffled", .used = 1024, SHUFFLED),
        HIT("TLB hit, 65,536 pages shuffled", SHUFFLED, .tlb = ROOM(65536)),
        HIT("TLB hit, 2^20 pages shuffled", SHUFFLED, .pages = M,
            .tlb = ROOM(M)),
        HIT("TLB hit, 65,536 streams in turn", .streams = 65536,
            .tlb = 2 * ROOM(65536), .config = ROOM(65536)),
        WALK("walk-cache hit, 512 pages shuffled", .used = 512, SHUFFLED),
        COLD("cold walk, 4 reads, 65,536 pages in order", 4, .used = 65536),
        COLD("cold walk, 4 reads, 65,536 pages shuffled", 4, SHUFFLED),
        COLD("cold nested walk, 24 reads, in order", 24, .nested = true),
        COLD("cold nested walk, 24 reads, shuffled", 24, .nested = true,
             SHUFFLED),
        HIT("timed: TLB hit, 64 pages shuffled", .timed = true, .used = 64,
            SHUFFLED),
        COLD("timed: cold walk, 4 reads, shuffled", 4, .timed = true, SHUFFLED),
        COLD("timed: cold nested walk, 24 reads, shuffled", 24, .timed = true,
             .nested = true, SHUFFLED),
};

/* Everything once, so that what can be resident is. */
static bool warm_up(struct smmu_rig *r)
{
	uint32_t n = r->o.used > r->o.streams ? r->o.used : r->o.streams;

	if (!smmu_rig_access(r, 0, r->order[0]))
		return false;
	smmu_rig_run(r, n);
	return true;
}

/* The figure is of what it says it is of; a few hits do not matter. */
static void check(const struct smmu_case *c,
                  const struct dmasim_smmu_stats *before,
                  const struct dmasim_smmu_stats *after)
{
	uint64_t all = after->transactions - before->transactions;
	uint64_t reads = after->walk_reads - before->walk_reads;
	uint64_t expected = all * c->reads;

	if (reads >= expected - expected / 100 &&
	    reads <= expected + expected / 100)
		return;
	printf("%-44s %llu translations read %llu descriptors\n", c->name,
	       (unsigned long long)all, (unsigned long long)reads);
}

static void run_case(const struct smmu_case *c)
{
	struct dmasim_smmu_stats before, after;
	struct smmu_rig r;
	double ns;

	smmu_rig_open(&r, &c->o);
	if (warm_up(&r)) {
		dmasim_smmu_get_stats(r.smmu, &before);
		ns = bench_time(smmu_rig_run, &r, c->n);
		dmasim_smmu_get_stats(r.smmu, &after);
		bench_line(c->name, ns, "flat hash-map look-up",
		           bench_time(smmu_rig_run_baseline, &r, c->n));
		check(c, &before, &after);
	} else {
		printf("%-44s not translated\n", c->name);
	}
	smmu_rig_close(&r);
}

void bench_smmu(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		run_case(&cases[i]);
}
