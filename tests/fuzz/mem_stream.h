/* SPDX-License-Identifier: MIT */
/*
 * A memory system driven by bytes: accesses, maintenance and barriers of
 * several CPUs and devices, evictions and prefetches, time and saved state as
 * one stream; choice points are answered from it, too.
 *
 * With bit 0 of the first byte clear, all agents are coherent: whatever
 * happens, every read equals that of a flat array, and the checker has nothing
 * to say. With it set, any attributes and any port may be used: nothing
 * crashes, hangs or is left without an answer, and saved state comes back as
 * it was.
 *
 * Four bytes choose the configuration; then each byte names an operation, and
 * its operands follow. What is missing at the end is 0.
 */
#ifndef DMASIM_TESTS_FUZZ_MEM_STREAM_H
#define DMASIM_TESTS_FUZZ_MEM_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* Returns a number that depends on all that could be seen, so that two runs
 * can be compared; calls abort() where a promise is broken. */
uint64_t fuzz_memsys(const uint8_t *data, size_t size);

#endif
