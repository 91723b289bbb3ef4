/* SPDX-License-Identifier: MIT */
/*
 * The fixed trace T10M of 8-byte accesses: 60 % run through 1 MiB in order,
 * 30 % fall into 16 KiB, 10 % into 64 MiB; 30 % are writes. The same
 * arithmetic has been run through other simulators, so that miss counts can be
 * compared. Shared by the benchmark and its test.
 */
#ifndef DMASIM_BENCH_T10M_H
#define DMASIM_BENCH_T10M_H

#include <stdint.h>

#define T10M_ACCESSES 10000000u
#define T10M_IN_ORDER 0x10000000ull
#define T10M_HOT      0x20000000ull
#define T10M_COLD     0x40000000ull
/** RAM that holds all three parts. */
#define T10M_RAM      0x10000000ull
#define T10M_RAM_SIZE 0x40000000ull

struct t10m {
	uint64_t state, in_order;
};

static inline void t10m_start(struct t10m *t)
{
	t->state = 0x9E3779B97F4A7C15ull;
	t->in_order = 0;
}

/** The next address, a multiple of 8; its lowest bit says that it is written.
 */
static inline uint64_t t10m_next(struct t10m *t)
{
	uint64_t r = t->state, part, write;

	r ^= r << 13;
	r ^= r >> 7;
	r ^= r << 17;
	t->state = r;
	part = r % 100;
	write = (r >> 8) % 100 < 30;
	if (part < 60)
		return T10M_IN_ORDER + (8 * t->in_order++ & 0xfffff) + write;
	if (part < 90)
		return T10M_HOT + (r >> 16 & 0x3ff8) + write;
	return T10M_COLD + (r >> 16 & 0x3fffff8) + write;
}

#endif
