/* SPDX-License-Identifier: MIT */
/* Saving and restoring what the watch knows of entries that are cached. */
#include "smmuv3_internal.h"

static void put_source(const struct smmu_source *src, struct dmasim_writer *w)
{
	dmasim_put_u64(w, src->addr);
	dmasim_put_u64(w, src->word);
	dmasim_put_u64(w, src->time);
}

static void get_source(struct smmu_source *src, struct dmasim_reader *r)
{
	src->addr = dmasim_get_u64(r);
	src->word = dmasim_get_u64(r);
	src->time = dmasim_get_u64(r);
	if (src->addr > DMASIM_PA_MAX)
		dmasim_reader_fail(r, "SMMU watch: no such address");
}

static void put_chain(const struct smmu_chain *chain, struct dmasim_writer *w)
{
	dmasim_put_u8(w, chain->n);
	dmasim_put_u8(w, (uint8_t)(chain->level + 1));
	dmasim_put_u8(w, chain->endi);
	for (uint8_t i = 0; i < chain->n; i++)
		put_source(&chain->at[i], w);
}

static void get_chain(struct smmu_chain *chain, struct dmasim_reader *r)
{
	uint8_t n = dmasim_get_u8(r), first = dmasim_get_u8(r);

	chain->n = 0;
	chain->endi = dmasim_get_u8(r) & 1;
	if (n > SMMU_CHAIN_MAX || first > 1 + PTE_LAST_LEVEL ||
	    first + n > 2 + PTE_LAST_LEVEL) {
		dmasim_reader_fail(r, "SMMU watch: no such walk");
		return;
	}
	chain->level = (int8_t)(first - 1);
	for (uint8_t i = 0; i < n; i++)
		get_source(&chain->at[i], r);
	chain->n = n;
}

static void put_origin(const struct smmu_origin *o, struct dmasim_writer *w)
{
	dmasim_put_u8(w, o->two_level);
	put_source(&o->self, w);
	put_source(&o->level1, w);
}

static void get_origin(struct smmu_origin *o, struct dmasim_reader *r)
{
	o->two_level = dmasim_get_u8(r) & 1;
	get_source(&o->self, r);
	get_source(&o->level1, r);
}

static void put_drivers(const struct smmu_drivers *d, struct dmasim_writer *w)
{
	dmasim_put_u32(w, d->count);
	for (uint32_t i = 0; i < d->count; i++) {
		dmasim_put_u32(w, d->done[i].agent);
		dmasim_put_u32(w, d->queue[i]);
		dmasim_put_u64(w, d->handed[i]);
		dmasim_put_u64(w, d->done[i].time);
	}
}

static void get_drivers(struct smmu_drivers *d, struct dmasim_reader *r)
{
	uint32_t n = dmasim_get_count(r, SMMU_DRIVERS, 24);

	for (uint32_t i = 0; i < n; i++) {
		d->done[i].agent = dmasim_get_u32(r);
		d->queue[i] = dmasim_get_u32(r);
		d->handed[i] = dmasim_get_u64(r);
		d->done[i].time = dmasim_get_u64(r);
	}
	d->count = n;
}

void smmu_watch_save(const struct dmasim_smmu *s, struct dmasim_writer *w)
{
	const struct smmu_watch *k = s->watch;
	uint32_t n = smmu_cache_slots(&s->ste_cache);

	dmasim_put_u8(w, k != NULL);
	if (!k)
		return;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		put_drivers(&k->drivers[i], w);
	for (uint32_t i = 0; i < smmu_tlb_slots(&s->tlb); i++) {
		if (s->tlb.tag[i].page == 0)
			continue;
		put_chain(&k->tlb[i][0], w);
		put_chain(&k->tlb[i][1], w);
	}
	for (uint32_t i = 0; i < smmu_tlb_slots(&s->walks); i++)
		if (s->walks.tag[i].page != 0)
			put_chain(&k->walks[i], w);
	for (uint32_t i = 0; i < n; i++) {
		if (s->ste_cache.key[i] != 0)
			put_origin(&k->ste[i], w);
		if (s->cd_cache.key[i] != 0)
			put_origin(&k->cd[i], w);
		if (s->l1std_cache.key[i] != 0)
			put_source(&k->l1std[i], w);
	}
}

static void get_walks(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	struct smmu_watch *k = s->watch;

	for (uint32_t i = 0; i < smmu_tlb_slots(&s->tlb); i++) {
		if (s->tlb.tag[i].page == 0)
			continue;
		get_chain(&k->tlb[i][0], r);
		get_chain(&k->tlb[i][1], r);
	}
	for (uint32_t i = 0; i < smmu_tlb_slots(&s->walks); i++) {
		if (s->walks.tag[i].page == 0)
			continue;
		get_chain(&k->walks[i], r);
		/* The walk goes on with the level after the last. */
		if (k->walks[i].level + k->walks[i].n != s->walks.data[i].level)
			dmasim_reader_fail(r, "SMMU watch: no such table");
	}
}

void smmu_watch_restore(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	uint32_t n = smmu_cache_slots(&s->ste_cache);
	struct smmu_watch *k = s->watch;

	if (dmasim_get_u8(r) != (k != NULL)) {
		dmasim_reader_fail(r, "SMMU: another checker setting");
		return;
	}
	if (!k)
		return;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		get_drivers(&k->drivers[i], r);
	get_walks(s, r);
	for (uint32_t i = 0; i < n; i++) {
		if (s->ste_cache.key[i] != 0)
			get_origin(&k->ste[i], r);
		if (s->cd_cache.key[i] != 0)
			get_origin(&k->cd[i], r);
		if (s->l1std_cache.key[i] != 0)
			get_source(&k->l1std[i], r);
	}
}
