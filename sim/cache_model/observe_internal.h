/* SPDX-License-Identifier: MIT */
/* What a CPU's store buffer tells observers of the memory system. */
#ifndef DMASIM_OBSERVE_INTERNAL_H
#define DMASIM_OBSERVE_INTERNAL_H

#include "dmasim/line.h"

/** Whether anybody watches. */
bool ms_observed(const struct dmasim_memsys *ms);
/** @txn, which has not been made yet, waits in the store buffer of @cpu. */
void ms_tell_store(struct dmasim_memsys *ms, uint32_t cpu,
                   struct dmasim_txn *txn);

#endif
