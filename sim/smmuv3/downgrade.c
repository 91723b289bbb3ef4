/* SPDX-License-Identifier: MIT */
/*
 * Transactions that ask for more than data (3.22, 16.7.2): what the stream and
 * the translation do not allow of it is taken away, and the rest passes.
 */
#include "smmuv3_internal.h"

/* Written as it stands, and not by marking the page dirty first. */
static bool may_discard(const struct smmu_ste *ste,
                        const struct smmu_tlb_data *d, uint32_t flags)
{
	uint8_t need = smmu_need(flags, DMASIM_WRITE);

	return ste->dre && !d->clean1 && !d->clean2 &&
	       (d->perm1 & d->perm2 & need) == need;
}

void smmu_downgrade(const struct smmu_ste *ste, const struct smmu_tlb_data *d,
                    struct smmu_xlate *x)
{
	/* An invalidation cleans first, a destructive read becomes a read. */
	if (!may_discard(ste, d, x->flags)) {
		if (x->op == DMASIM_INVALIDATE)
			x->op = DMASIM_CLEAN_INVALIDATE;
		x->flags &= ~DMASIM_TXN_DESTRUCTIVE;
	}
	if (!ste->dcp)
		x->flags &= ~DMASIM_TXN_STASH;
	/* 3.22.3: there is nothing to allocate or to discard elsewhere. */
	if (!dmasim_attr_cacheable(&x->attr))
		x->flags &= ~(DMASIM_TXN_DESTRUCTIVE | DMASIM_TXN_STASH);
}
