/* SPDX-License-Identifier: MIT */
/* Shortcuts: see shortcut.c. */
#ifndef SMMUV3_SHORTCUT_INTERNAL_H
#define SMMUV3_SHORTCUT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dmasim/txn.h"

/* What of a client's transaction decides its translation, beside the address
 * and the kind of access. */
struct smmu_view {
	uint32_t sid, ssid, flags;
	struct dmasim_attr attr;
	uint32_t number; /* 0: none */
	/* Of the SMMU, when it got its number: never 0. */
	uint64_t gen;
};

/* Bits of an address below the least page; there are fewer kinds of access. */
#define SMMU_HIT_OPS 0xfffull

struct smmu_hit {
	uint64_t page; /* bit n: a shortcut for accesses of enum dmasim_op n */
	uint64_t pa;
	uint32_t view; /* smmu_view.number */
	uint32_t slot; /* of the TLB */
	uint16_t flags;
	struct dmasim_attr attr;
};

struct smmu_shortcuts {
	struct smmu_view *view;
	struct smmu_hit *hit;
	uint32_t view_mask, hit_mask;
	uint32_t numbers; /* given to views so far */
};

static inline struct smmu_view *smmu_view_slot(const struct smmu_shortcuts *t,
                                               const struct dmasim_txn *txn)
{
	return &t->view[(txn->stream_id + 31 * txn->substream_id) &
	                t->view_mask];
}

/* Neighbouring pages have neighbouring places; those of another stream are
 * some way off. */
static inline struct smmu_hit *smmu_hit_slot(const struct smmu_shortcuts *t,
                                             const struct smmu_view *v,
                                             uint64_t addr)
{
	return &t->hit[((uint32_t)(addr >> 12) + 1021 * v->sid) & t->hit_mask];
}

static inline bool smmu_attr_same(const struct dmasim_attr *a,
                                  const struct dmasim_attr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

#endif
