/* SPDX-License-Identifier: MIT */
/* Translations: hits on few and on many pages, of one stream and of 65,536,
 * and cold walks; each beside a look-up of the page in a flat hash map. */
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
	/* Look-ups of the TLB that miss: none, or all but a few. */
	bool misses;
};

#define HIT(text, ...)                                                         \
	{                                                                      \
		.name = (text), .n = 4 * M, .o = { __VA_ARGS__ }               \
	}
#define COLD(text, ...)                                                        \
	{                                                                      \
		.name = (text), .n = M, .misses = true,                        \
		.o = {.tlb = 1,                                                \
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
            .tlb = ROOM(65536), .config = ROOM(65536)),
        COLD("cold walk, 65,536 pages in order", .used = 65536),
        COLD("cold walk, 65,536 pages shuffled", SHUFFLED),
        COLD("cold nested walk, 65,536 pages in order", .nested = true),
        COLD("cold nested walk, 65,536 pages shuffled", .nested = true,
             SHUFFLED),
        HIT("timed: TLB hit, 64 pages shuffled", .timed = true, .used = 64,
            SHUFFLED),
        COLD("timed: cold walk, 65,536 pages shuffled", .timed = true,
             SHUFFLED),
        COLD("timed: cold nested walk, shuffled", .timed = true, .nested = true,
             SHUFFLED),
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

/* The figure is of what it says it is of. */
static void check(const struct smmu_case *c,
                  const struct dmasim_smmu_stats *before,
                  const struct dmasim_smmu_stats *after)
{
	uint64_t all = after->transactions - before->transactions;
	uint64_t misses = after->tlb_misses - before->tlb_misses;

	if (c->misses ? misses >= all - all / 1000 : misses == 0)
		return;
	printf("%-44s %llu of %llu look-ups missed\n", c->name,
	       (unsigned long long)misses, (unsigned long long)all);
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
