/* SPDX-License-Identifier: MIT */
/*
 * An SMMU driven by bytes: registers, memory, transactions, page requests,
 * time and saved state as one stream. Nothing a guest or a device does may
 * crash it, hang it or leave a transaction without an answer. Shared by the
 * fuzzer and by the test that runs the kept corpus.
 *
 * The first byte chooses features; then each byte names an operation, and its
 * operands follow. What is missing at the end is 0.
 */
#ifndef DMASIM_TESTS_FUZZ_STREAM_H
#define DMASIM_TESTS_FUZZ_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* Returns a number that depends on all that could be seen, so that two runs
 * can be compared; calls abort() where a promise is broken. */
uint64_t fuzz_smmu(const uint8_t *data, size_t size);

#endif
