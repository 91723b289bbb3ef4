/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks: each prints ns per operation, beside a plain baseline that does
 * the same work without a model, and the ratio. CPU time, median of 7.
 */
#ifndef DMASIM_BENCH_H
#define DMASIM_BENCH_H

#include <stdint.h>

/** Does @n operations. */
typedef void bench_fn(void *ctx, uint64_t n);

/** Median CPU time in ns per operation over 7 repetitions of @n. */
double bench_time(bench_fn *fn, void *ctx, uint64_t n);
/** The same for work that uses something up: @prepare(@ctx, @n) comes before
 * each @n operations, and is not counted. */
double bench_time_prepared(bench_fn *prepare, bench_fn *fn, void *ctx,
                           uint64_t n);
/** One line: name, ours, baseline (and its name), ratio. */
void bench_line(const char *name, double ns, const char *baseline,
                double baseline_ns);
/** The same as millions in a second, and ours as a part of the baseline's. */
void bench_rate(const char *name, double ns, const char *baseline,
                double baseline_ns);
/** Keep the compiler from dropping the work. */
void bench_use(uint64_t value);

#define BENCH_SEED 0x9E3779B97F4A7C15ull

/** xorshift64 (13, 7, 17). */
uint64_t bench_random(uint64_t *state);

/* The baselines. */

/** Tags-only two-level LRU cache, one look-up of an 8-byte access. */
struct baseline_cache;
struct baseline_cache *baseline_cache_create(void);
void baseline_cache_access(struct baseline_cache *c, uint64_t addr, int write);
uint64_t baseline_cache_misses(const struct baseline_cache *c, int level);
void baseline_cache_destroy(struct baseline_cache *c);

/** A flat open-addressing hash map from page number to page number, at most
 * half full. No key is UINT64_MAX. */
struct baseline_map;
struct baseline_map *baseline_map_create(uint32_t pages);
void baseline_map_put(struct baseline_map *m, uint64_t key, uint64_t value);
uint64_t baseline_map_get(const struct baseline_map *m, uint64_t key);
void baseline_map_drop(struct baseline_map *m, uint64_t key);
/** Drop every key that is @prefix above @shift bits. */
void baseline_map_drop_all(struct baseline_map *m, unsigned shift,
                           uint64_t prefix);
void baseline_map_destroy(struct baseline_map *m);

void bench_ram(void);
void bench_memory(void);
void bench_timing(void);
void bench_smmu(void);
void bench_smmu_commands(void);
void bench_machine(void);

#endif
