/* SPDX-License-Identifier: MIT */
/* What cached entries were made from, and whose commands are done. */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

bool smmu_watch_init(struct dmasim_smmu *s)
{
	size_t n = smmu_cache_slots(&s->ste_cache);
	struct smmu_watch *w;

	if (!s->cfg.checker)
		return true;
	w = calloc(1, sizeof(*w));
	s->watch = w;
	if (!w)
		return false;
	/* One more: a cache may have no slot. */
	w->tlb = calloc(smmu_tlb_slots(&s->tlb) + (size_t)1, sizeof(*w->tlb));
	w->walks = calloc(smmu_tlb_slots(&s->walks) + (size_t)1,
	                  sizeof(*w->walks));
	w->ste = calloc(n + 1, sizeof(*w->ste));
	w->cd = calloc(n + 1, sizeof(*w->cd));
	w->l1std = calloc(n + 1, sizeof(*w->l1std));
	return w->tlb && w->walks && w->ste && w->cd && w->l1std;
}

void smmu_watch_free(struct dmasim_smmu *s)
{
	struct smmu_watch *w = s->watch;

	if (!w)
		return;
	free(w->tlb);
	free(w->walks);
	free(w->ste);
	free(w->cd);
	free(w->l1std);
	free(w);
}

void smmu_watch_reset(struct dmasim_smmu *s)
{
	for (unsigned i = 0; s->watch && i < SMMU_BANKS; i++)
		s->watch->drivers[i].count = 0;
}

/* ---- commands ---- */

void smmu_watch_driver(struct dmasim_smmu *s, uint32_t agent)
{
	if (s->watch)
		s->watch->agent = agent;
}

void smmu_watch_handed(const struct smmu_cmdq *q)
{
	struct dmasim_smmu *s = q->bank->smmu;
	struct smmu_drivers *d;
	uint32_t agent, i = 0;

	if (!s->watch)
		return;
	d = &s->watch->drivers[q->bank->id];
	agent = s->watch->agent;
	while (i < d->count &&
	       !(d->done[i].agent == agent && d->queue[i] == q->id))
		i++;
	/* Of more agents than there are CPUs nothing is known. */
	if (i == SMMU_DRIVERS)
		return;
	if (i == d->count) {
		d->count++;
		d->done[i] = (struct dmasim_carried_out){agent, 0};
		d->queue[i] = q->id;
	}
	d->handed[i] = dmasim_now(s->cfg.kernel);
}

/* 4.7.3: what came before a CMD_SYNC is done. Only with an empty queue that is
 * all that its drivers have asked for. */
void smmu_watch_carried_out(const struct smmu_cmdq *q)
{
	struct smmu_watch *w = q->bank->smmu->watch;
	struct smmu_drivers *d = w ? &w->drivers[q->bank->id] : NULL;

	for (uint32_t i = 0; d && i < d->count; i++)
		if (d->queue[i] == q->id)
			d->done[i].time = d->handed[i];
}

/* ---- reads ---- */

static struct smmu_chain *chain_of(struct smmu_ctx *c, unsigned stage)
{
	return &c->trail.stage[stage - SMMU_STAGE1];
}

void smmu_watch_begin(struct smmu_ctx *c, unsigned stage,
                      const struct smmu_tt *tt)
{
	struct smmu_chain *chain = chain_of(c, stage);

	chain->n = 0;
	chain->level = (int8_t)tt->level;
	chain->endi = tt->endi;
}

void smmu_watch_read(struct smmu_ctx *c, unsigned stage, int level,
                     uint64_t word)
{
	struct smmu_chain *chain = chain_of(c, stage);

	/* The same level again: somebody else changed it meanwhile. */
	chain->n = (uint8_t)(level - chain->level);
	chain->at[chain->n] = c->trail.read;
	chain->at[chain->n++].word = word;
}

void smmu_watch_update(struct smmu_ctx *c, unsigned stage, uint64_t word)
{
	struct smmu_chain *chain = chain_of(c, stage);

	chain->at[chain->n - 1].word = word;
}

void smmu_watch_level1(struct smmu_ctx *c, uint64_t word)
{
	c->trail.level1 = c->trail.read;
	c->trail.level1.word = word;
	c->trail.two_level = true;
}

/* ---- what is kept ---- */

void smmu_watch_keep(struct smmu_ctx *c, unsigned stages, uint32_t slot)
{
	struct smmu_watch *w = c->smmu->watch;

	if (!w || slot == SMMU_NO_SLOT)
		return;
	memcpy(w->tlb[slot], c->trail.stage, sizeof(w->tlb[slot]));
	if (!(stages & SMMU_STAGE1))
		w->tlb[slot][0].n = 0;
	if (!(stages & SMMU_STAGE2))
		w->tlb[slot][1].n = 0;
}

void smmu_watch_keep_table(struct smmu_ctx *c, unsigned stage, uint32_t slot)
{
	struct smmu_watch *w = c->smmu->watch;

	if (w && slot != SMMU_NO_SLOT)
		w->walks[slot] = *chain_of(c, stage);
}

void smmu_watch_keep_ste(struct smmu_ctx *c, uint32_t slot)
{
	struct smmu_watch *w = c->smmu->watch;

	if (w && slot != SMMU_NO_SLOT)
		w->ste[slot] = (struct smmu_origin){
		        c->trail.read, c->trail.level1, c->trail.two_level};
}

void smmu_watch_keep_cd(struct smmu_ctx *c, uint32_t ssid,
                        const struct smmu_source *read)
{
	struct dmasim_smmu *s = c->smmu;
	const struct smmu_cd *cd =
	        smmu_cached_cd(c->req.bank, c->req.sid, ssid);

	if (s->watch && cd)
		s->watch->cd[cd - s->cd] = (struct smmu_origin){
		        *read, c->trail.level1, c->trail.two_level};
}

void smmu_watch_keep_l1std(struct smmu_ctx *c, uint32_t slot)
{
	struct smmu_watch *w = c->smmu->watch;

	if (w && slot != SMMU_NO_SLOT)
		w->l1std[slot] = c->trail.level1;
}
