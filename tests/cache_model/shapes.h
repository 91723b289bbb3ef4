/* SPDX-License-Identifier: MIT */
/* Small programs of several CPUs, and all the orders in which their windows
 * may perform them. */
#ifndef DMASIM_TESTS_SHAPES_H
#define DMASIM_TESTS_SHAPES_H

#include "rig.h"

#include "dmasim/cpu_window.h"

#define SHAPE_CPUS     4u
#define SHAPE_OPS      8u
#define SHAPE_PLACES   4u
#define SHAPE_OUTCOMES 64u

/** One instruction. Dependencies: number of an older one of this CPU, from
 * 1. */
struct shape_op {
	enum dmasim_op op;
	/** Of the four locations, each in a line of its own. */
	unsigned place;
	uint64_t value, compare;
	enum dmasim_order order;
	enum dmasim_barrier barrier;
	bool local, exclusive, isb, nc;
	unsigned addr, data, ctrl;
	/** 0: 8 bytes at offset 0. */
	uint32_t size, offset;
};

struct shape {
	const char *name;
	unsigned cpus;
	struct shape_op op[SHAPE_CPUS][SHAPE_OPS];
	/** What can be seen, and what must not: the results of loads and
	 * exclusive stores in order, '|', what the locations hold in the end;
	 * '?' for anything. */
	const char *allowed[6], *forbidden[4];
};

struct shape_result {
	unsigned runs, count;
	char outcome[SHAPE_OUTCOMES][64];
};

#define LD(p)                                                                  \
	{                                                                      \
		.op = DMASIM_READ, .place = (p), .size = 8                     \
	}
#define ST(p, v)                                                               \
	{                                                                      \
		.op = DMASIM_WRITE, .place = (p), .value = (v), .size = 8      \
	}
#define FENCE(k)                                                               \
	{                                                                      \
		.op = DMASIM_BARRIER, .barrier = (k)                           \
	}
#define LDX(p, ...)                                                            \
	{                                                                      \
		.op = DMASIM_READ, .place = (p), .size = 8, __VA_ARGS__        \
	}
#define STX(p, v, ...)                                                         \
	{                                                                      \
		.op = DMASIM_WRITE, .place = (p), .value = (v), .size = 8,     \
		__VA_ARGS__                                                    \
	}
#define DC(p)                                                                  \
	{                                                                      \
		.op = DMASIM_CLEAN, .place = (p), .size = 8                    \
	}

/** All orders, @r of at least as many CPUs. */
void shape_run(struct rig *r, const struct shape *s, struct shape_result *out);
/** Does an outcome like @pattern occur? */
bool shape_seen(const struct shape_result *out, const char *pattern);
/** Run it and hold it against what it says; says why it fails. */
void shape_check(struct rig *r, const struct shape *s);

#endif
