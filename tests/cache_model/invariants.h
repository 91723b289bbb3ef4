/* SPDX-License-Identifier: MIT */
/* What the memory system promises of its caches at every moment. */
#ifndef DMASIM_TESTS_CACHE_INVARIANTS_H
#define DMASIM_TESTS_CACHE_INVARIANTS_H

#include "dmasim/cache.h"

/**
 * The first broken promise (sim/cache_model/memsys_internal.h) in words, in
 * @buf; NULL: all are kept. @coherent: no mapping disagrees with another and
 * nobody goes past the caches, so clean bytes must be those of memory. No
 * operation may be pending.
 */
const char *broken_promise(const struct dmasim_memsys *ms, bool coherent,
                           char *buf, size_t size);

#endif
