/* SPDX-License-Identifier: MIT */
/*
 * Shortcuts: what came of hits, kept by what they depend on. That is the
 * page, the kind of access, what else the transaction carries (its view), and
 * the contents of caches and registers (the generation). Whatever equals a
 * hit in all of these gets what the hit got, so that no rule of the
 * architecture is told twice.
 *
 * A view is numbered anew with each generation, and a shortcut names its view
 * by number: what is out of date matches nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

static uint32_t power_of_two(uint32_t least)
{
	uint32_t n = 1;

	while (n < least)
		n *= 2;
	return n;
}

int smmu_shortcuts_init(struct smmu_shortcuts *t, uint32_t views, uint32_t hits)
{
	views = power_of_two(views);
	hits = power_of_two(hits);
	t->view = calloc(views, sizeof(*t->view));
	t->hit = calloc(hits, sizeof(*t->hit));
	t->view_mask = views - 1;
	t->hit_mask = hits - 1;
	return t->view && t->hit ? DMASIM_OK : DMASIM_E_NOMEM;
}

void smmu_shortcuts_free(struct smmu_shortcuts *t)
{
	free(t->view);
	free(t->hit);
}

/* The view of @txn, made if need be. */
static const struct smmu_view *view_of(struct dmasim_smmu *s,
                                       const struct dmasim_txn *txn)
{
	struct smmu_shortcuts *t = &s->shortcuts;
	struct smmu_view *v = smmu_view_slot(t, txn);

	if (smmu_view_is(s, v, txn))
		return v;
	/* Before a number comes twice, everything goes. */
	if (++t->numbers == 0) {
		memset(t->hit, 0, (t->hit_mask + 1ull) * sizeof(*t->hit));
		t->numbers = 1;
		s->gen++;
	}
	*v = (struct smmu_view){
	        .sid = txn->stream_id,
	        .ssid = txn->substream_id,
	        .flags = txn->flags,
	        .attr = txn->attr,
	        .gen = s->gen,
	        .number = t->numbers,
	};
	return v;
}

void smmu_shortcut_add(struct dmasim_smmu *s, const struct dmasim_txn *txn,
                       uint64_t addr, const struct smmu_xlate *x)
{
	const struct smmu_view *v = view_of(s, txn);
	struct smmu_hit *h = smmu_hit_slot(&s->shortcuts, v, addr);
	const struct smmu_hit hit = {
	        .page = addr & ~SMMU_HIT_OPS,
	        .pa = x->pa & ~SMMU_HIT_OPS,
	        .view = v->number,
	        .slot = x->slot,
	        .flags = (uint16_t)x->flags,
	        .attr = x->attr,
	};
	uint64_t ops = 1u << txn->op;

	if (x->flags > UINT16_MAX)
		return;
	/* Another kind of access with the same outcome is added. */
	if (h->view == hit.view && (h->page & ~SMMU_HIT_OPS) == hit.page &&
	    h->pa == hit.pa && h->slot == hit.slot && h->flags == hit.flags &&
	    memcmp(&h->attr, &hit.attr, sizeof(hit.attr)) == 0)
		ops |= h->page & SMMU_HIT_OPS;
	*h = hit;
	h->page |= ops;
	s->tlb.data[x->slot].shortcut = true;
}
