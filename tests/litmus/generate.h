/* SPDX-License-Identifier: MIT */
/*
 * Tests from cycles of edges, in the manner of diy: each edge goes from one
 * access to the next, and the outcome asked for is the one in which all hold.
 *
 * Between agents: Rfe (write to the read of it), Fre (read to a write after
 * what it read), Coe (write to a later write). Within one: Po, a fence (Dmb,
 * DmbLd, DmbSt, Dsb, DsbLd, DsbSt), Addr, Data, Ctrl or CtrlIsb, then s or d
 * (same or different location), then the kinds of both ends (R, W); Amo and
 * Lxsx, a read and the write of the same atomic or exclusive pair. ":A", ":Q"
 * (reads), ":L" (writes) after an edge make its target an acquire, RCpc
 * acquire or release.
 */
#ifndef DMASIM_TESTS_LITMUS_GENERATE_H
#define DMASIM_TESTS_LITMUS_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CYCLE_EDGES 8

/** Write the test of a cycle such as "PodWW Rfe PodRR Fre" as a litmus file
 * named @name (NULL: the cycle), with the outcome of the cycle as a verdict
 * @verdict ("must" or "never"). NULL: without a verdict, and outcomes have all
 * last values. False: it is no cycle that makes a test. */
bool cycle_litmus(const char *cycle, const char *name, const char *verdict,
                  char *text, size_t size);

struct generator;

struct generator *generator_new(uint64_t seed);
void generator_free(struct generator *g);
/** The next test, other than all before it. */
void generator_next(struct generator *g, char *text, size_t size);

#endif
