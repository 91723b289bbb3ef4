/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPEATS 7

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_time_prepared(bench_fn *prepare, bench_fn *fn, void *ctx,
                           uint64_t n)
{
	double t[REPEATS];

	for (int i = -1; i < REPEATS; i++) { /* the first warms up */
		double start;

		if (prepare)
			prepare(ctx, n);
		start = cpu_ns();
		fn(ctx, n);
		if (i >= 0)
			t[i] = (cpu_ns() - start) / (double)n;
	}
	qsort(t, REPEATS, sizeof(*t), compare);
	return t[REPEATS / 2];
}

double bench_time(bench_fn *fn, void *ctx, uint64_t n)
{
	return bench_time_prepared(NULL, fn, ctx, n);
}

void bench_line(const char *name, double ns, const char *baseline,
                double baseline_ns)
{
	printf("%-44s %10.1f ns   %-34s %8.1f ns   %6.1f x\n", name, ns,
	       baseline, baseline_ns, ns / baseline_ns);
	fflush(stdout);
}

void bench_rate(const char *name, double ns, const char *baseline,
                double baseline_ns)
{
	printf("%-44s %10.1f M/s  %-34s %8.1f M/s  %6.2f x\n", name, 1e3 / ns,
	       baseline, 1e3 / baseline_ns, baseline_ns / ns);
	fflush(stdout);
}

void bench_use(uint64_t value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

uint64_t bench_random(uint64_t *state)
{
	uint64_t r = *state;

	r ^= r << 13;
	r ^= r >> 7;
	r ^= r << 17;
	*state = r;
	return r;
}

/* With arguments: only the groups that they name. */
static int wanted(const char *group, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], group) == 0)
			return 1;
	return argc < 2;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} groups[] = {
	        {"ram", bench_ram},
	        {"memory", bench_memory},
	        {"timing", bench_timing},
	        {"smmu", bench_smmu},
	        {"commands", bench_smmu_commands},
	        {"machine", bench_machine},
	};

	printf("%-44s %13s   %-34s %11s   %8s\n", "operation", "dmasim",
	       "baseline", "", "ratio");
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (wanted(groups[i].name, argc, argv))
			groups[i].run();
	return 0;
}
