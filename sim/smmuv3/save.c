/* SPDX-License-Identifier: MIT */
/*
 * The state of an SMMU: registers, caches, statistics, stalled transactions.
 * STEs and CDs are saved as the words that were fetched and decoded again, so
 * that a blob cannot hold a configuration that no fetch could give.
 */
#include <string.h>

#include "smmuv3_internal.h"

#define TAG     "SMU3"
#define VERSION 3u

static bool busy(const struct dmasim_smmu *s)
{
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		const struct smmu_bank *b = &s->bank[i];

		if (smmu_cmdq_busy(b) || b->evtq.count != 0 ||
		    b->msis.count != 0)
			return true;
	}
	return s->priq.count != 0 || s->atcs_used != 0 || smmu_pmcg_busy(s);
}

/* Nothing is on its way but transactions that are stalled. */
static bool only_stalled(const struct dmasim_smmu *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->ctxs; i++) {
		uint8_t state = s->ctx[i]->state;

		n += state == SMMU_CTX_STALLED || state == SMMU_CTX_WAITING ||
		     state == SMMU_CTX_DECIDED;
	}
	return n == s->ctxs_busy;
}

static void save_stats(const struct dmasim_smmu_stats *t,
                       struct dmasim_writer *w)
{
	dmasim_put_u64(w, t->transactions);
	dmasim_put_u64(w, t->tlb_hits);
	dmasim_put_u64(w, t->tlb_misses);
	dmasim_put_u64(w, t->walks);
	dmasim_put_u64(w, t->walk_reads);
	dmasim_put_u64(w, t->ste_fetches);
	dmasim_put_u64(w, t->cd_fetches);
	dmasim_put_u64(w, t->commands);
	dmasim_put_u64(w, t->records);
	dmasim_put_u64(w, t->records_lost);
	dmasim_put_u64(w, t->records_merged);
	dmasim_put_u64(w, t->stalls);
	dmasim_put_u64(w, t->page_requests);
	dmasim_put_u64(w, t->page_requests_lost);
	dmasim_put_u64(w, t->atc_invalidations);
	dmasim_put_u64(w, t->ats_requests);
}

static void restore_stats(struct dmasim_smmu_stats *t, struct dmasim_reader *r)
{
	t->transactions = dmasim_get_u64(r);
	t->tlb_hits = dmasim_get_u64(r);
	t->tlb_misses = dmasim_get_u64(r);
	t->walks = dmasim_get_u64(r);
	t->walk_reads = dmasim_get_u64(r);
	t->ste_fetches = dmasim_get_u64(r);
	t->cd_fetches = dmasim_get_u64(r);
	t->commands = dmasim_get_u64(r);
	t->records = dmasim_get_u64(r);
	t->records_lost = dmasim_get_u64(r);
	t->records_merged = dmasim_get_u64(r);
	t->stalls = dmasim_get_u64(r);
	t->page_requests = dmasim_get_u64(r);
	t->page_requests_lost = dmasim_get_u64(r);
	t->atc_invalidations = dmasim_get_u64(r);
	t->ats_requests = dmasim_get_u64(r);
}

static void save_bank(const struct smmu_bank *b, struct dmasim_writer *w)
{
	dmasim_put_u32(w, SMMU_REG_COUNT);
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		dmasim_put_u64(w, b->reg[i]);
	dmasim_put_u8(w, b->sticky_split);
	smmu_ecmdq_save(b, w);
}

int dmasim_smmu_save(const struct dmasim_smmu *s, struct dmasim_writer *w)
{
	if (busy(s) || !only_stalled(s))
		return DMASIM_E_STATE;
	dmasim_put_begin(w, TAG, VERSION);
	dmasim_put_u8(w, s->failed);
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		save_bank(&s->bank[i], w);
	save_stats(&s->stats, w);
	smmu_cache_save(&s->ste_cache, w);
	for (uint32_t i = 0; i < smmu_cache_slots(&s->ste_cache); i++) {
		if (s->ste_cache.key[i] == 0)
			continue;
		dmasim_put_u8(w, s->ste[i].e2h);
		for (unsigned j = 0; j < STE_WORDS; j++)
			dmasim_put_u64(w, s->ste[i].word[j]);
	}
	smmu_cache_save(&s->cd_cache, w);
	for (uint32_t i = 0; i < smmu_cache_slots(&s->cd_cache); i++) {
		if (s->cd_cache.key[i] == 0)
			continue;
		dmasim_put_u8(w, s->cd[i].world);
		dmasim_put_u8(w,
		              (uint8_t)(s->cd[i].s1stalld | s->cd[i].s2 << 1));
		for (unsigned j = 0; j < CD_WORDS; j++)
			dmasim_put_u64(w, s->cd[i].word[j]);
	}
	smmu_cache_save(&s->l1std_cache, w);
	for (uint32_t i = 0; i < smmu_cache_slots(&s->l1std_cache); i++)
		if (s->l1std_cache.key[i])
			dmasim_put_u64(w, s->l1std[i]);
	smmu_tlb_save(&s->tlb, w);
	smmu_tlb_save(&s->walks, w);
	smmu_pmcg_save(s, w);
	smmu_time_save(s, w);
	smmu_watch_save(s, w);
	smmu_stalls_save(s, w);
	dmasim_put_end(w);
	return DMASIM_OK;
}

/* What the register can hold, beside @v: what the others do. */
static bool reg_sound(const struct smmu_bank *b, enum smmu_reg reg,
                      const uint64_t v[SMMU_REG_COUNT])
{
	switch (reg) {
	case SMMU_CR0ACK:
		return v[reg] == v[SMMU_CR0];
	case SMMU_IRQ_CTRLACK:
		return v[reg] == v[SMMU_IRQ_CTRL];
	/* What these begin is over when the write is. */
	case SMMU_INIT:
	case SMMU_GATOS_CTRL:
	case SMMU_VATOS_CTRL:
		return v[reg] == 0;
	case SMMU_GATOS_PAR:
	case SMMU_VATOS_PAR:
		return v[reg] == 0 ||
		       smmu_has(b, (enum smmu_feature)smmu_reg_info(b, reg)
		                           ->feature);
	case SMMU_GERROR:
		return (v[reg] & ~b->mask[reg]) == 0;
	default:
		/* Identification: the blob of another SMMU. */
		if (smmu_reg_info(b, reg)->access == SMMU_RO)
			return v[reg] == b->reg[reg];
		return (v[reg] & ~b->mask[reg]) == 0;
	}
}

static void restore_bank(struct smmu_bank *b, struct dmasim_reader *r)
{
	uint64_t v[SMMU_REG_COUNT];

	if (dmasim_get_u32(r) != SMMU_REG_COUNT) {
		dmasim_reader_fail(r, "SMMU: another register file");
		return;
	}
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		v[i] = dmasim_get_u64(r);
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++) {
		const char *name = smmu_reg_info(b, (enum smmu_reg)i)->name;

		if (!reg_sound(b, (enum smmu_reg)i, v)) {
			dmasim_reader_fail(r, "SMMU: no such value of %s",
			                   name ? name : "what is absent");
			return;
		}
	}
	memcpy(b->reg, v, sizeof(v));
	b->sticky_split = dmasim_get_u8(r);
	if (b->sticky_split > 1 + FIELD_GET(STRTAB_BASE_CFG_SPLIT, UINT64_MAX))
		dmasim_reader_fail(r, "SMMU: no such SPLIT");
	smmu_ecmdq_restore(b, r);
}

static void restore_configs(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	uint8_t flags;

	smmu_cache_restore(&s->ste_cache, r);
	for (uint32_t i = 0; i < smmu_cache_slots(&s->ste_cache); i++) {
		if (s->ste_cache.key[i] == 0)
			continue;
		s->ste[i] = (struct smmu_ste){
		        .secure = s->ste_cache.key[i] >> 62 & 1,
		        .e2h = dmasim_get_u8(r),
		};
		for (unsigned j = 0; j < STE_WORDS; j++)
			s->ste[i].word[j] = dmasim_get_u64(r);
		if (smmu_decode_ste(s, &s->ste[i]) != SMMU_OK)
			dmasim_reader_fail(r, "SMMU: a cached STE is ILLEGAL");
	}
	smmu_cache_restore(&s->cd_cache, r);
	for (uint32_t i = 0; i < smmu_cache_slots(&s->cd_cache); i++) {
		if (s->cd_cache.key[i] == 0)
			continue;
		if ((s->cd_cache.key[i] & 0xfffff) > s->max_ssid)
			s->max_ssid = s->cd_cache.key[i] & 0xfffff;
		s->cd[i] = (struct smmu_cd){.world = dmasim_get_u8(r)};
		flags = dmasim_get_u8(r);
		s->cd[i].s1stalld = flags & 1;
		s->cd[i].s2 = flags & 2;
		if (s->cd[i].world > SMMU_WORLD_EL3)
			dmasim_reader_fail(r, "SMMU: no such StreamWorld");
		for (unsigned j = 0; j < CD_WORDS; j++)
			s->cd[i].word[j] = dmasim_get_u64(r);
		if (smmu_decode_cd(s, &s->cd[i]) != SMMU_OK)
			dmasim_reader_fail(r, "SMMU: a cached CD is ILLEGAL");
	}
	smmu_cache_restore(&s->l1std_cache, r);
	for (uint32_t i = 0; i < smmu_cache_slots(&s->l1std_cache); i++)
		if (s->l1std_cache.key[i] != 0)
			s->l1std[i] = dmasim_get_u64(r);
}

int dmasim_smmu_reset(struct dmasim_smmu *s)
{
	if (busy(s) || s->ctxs_busy != s->stalls.detached)
		return DMASIM_E_STATE;
	smmu_stalls_drop(s);
	smmu_reset(s);
	return DMASIM_OK;
}

int dmasim_smmu_restore(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	int status;

	/* A stalled transaction has a client that waits, unless it was restored
	 * itself. */
	if (busy(s) || s->ctxs_busy != s->stalls.detached)
		return DMASIM_E_STATE;
	smmu_stalls_drop(s);
	smmu_reset(s);
	dmasim_get_begin(r, TAG, VERSION);
	s->failed = dmasim_get_u8(r) & 1;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		restore_bank(&s->bank[i], r);
	restore_stats(&s->stats, r);
	if (dmasim_reader_status(r) == DMASIM_OK)
		restore_configs(s, r);
	if (dmasim_reader_status(r) == DMASIM_OK)
		smmu_tlb_restore(&s->tlb, r, false);
	if (dmasim_reader_status(r) == DMASIM_OK)
		smmu_tlb_restore(&s->walks, r, true);
	if (dmasim_reader_status(r) == DMASIM_OK)
		smmu_pmcg_restore(s, r);
	if (dmasim_reader_status(r) == DMASIM_OK)
		smmu_time_restore(s, r);
	if (dmasim_reader_status(r) == DMASIM_OK)
		smmu_watch_restore(s, r);
	status = dmasim_reader_status(r);
	if (status == DMASIM_OK)
		status = smmu_stalls_restore(s, r);
	dmasim_get_end(r);
	if (status == DMASIM_OK)
		status = dmasim_reader_status(r);
	if (status != DMASIM_OK) {
		/* Nothing half-restored is left behind. */
		smmu_stalls_drop(s);
		smmu_reset(s);
	}
	return status;
}
