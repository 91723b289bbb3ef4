/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_SMMU_REF_STEPS_H
#define DMASIM_TESTS_SMMU_REF_STEPS_H

#include "gen.h"
#include "history.h"

void steps_read(struct gen_scene *g, uint64_t pa, unsigned n, uint64_t *words);
/* One bit of a structure, or all as at first. */
void steps_change_structure(struct gen_scene *g, struct history *h,
                            enum ref_what what);
void steps_change_descriptor(struct gen_scene *g, struct history *h);
/* One invalidation and a CMD_SYNC. */
void steps_invalidate(struct gen_scene *g, struct history *h);

#endif
