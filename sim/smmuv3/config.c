/* SPDX-License-Identifier: MIT */
/* The stream table (5.1), stream table entries (5.2) and their caches. */
#include "smmuv3_internal.h"

#define KEY_VALID      SMMU_BIT(63)
#define KEY_BANK_SHIFT 62

/* 3.17, 3.21: by Security state, StreamID and (CD) SubstreamID. */
static uint64_t ste_key(const struct smmu_bank *b, uint32_t sid)
{
	return KEY_VALID | (uint64_t)b->id << KEY_BANK_SHIFT | sid;
}

static uint64_t cd_key(const struct smmu_bank *b, uint32_t sid, uint32_t ssid)
{
	return KEY_VALID | (uint64_t)b->id << KEY_BANK_SHIFT |
	       (uint64_t)sid << 20 | ssid;
}

static bool key_of(const struct smmu_bank *b, uint64_t key)
{
	return key != 0 && (key >> KEY_BANK_SHIFT & 1) == b->id;
}

static uint32_t cd_key_sid(uint64_t key)
{
	return (uint32_t)(key >> 20);
}

const struct smmu_ste *smmu_cached_ste(struct smmu_bank *b, uint32_t sid)
{
	struct dmasim_smmu *s = b->smmu;
	uint32_t slot = smmu_cache_find(&s->ste_cache, ste_key(b, sid));

	return slot == SMMU_NO_SLOT ? NULL : &s->ste[slot];
}

const struct smmu_cd *smmu_cached_cd(struct smmu_bank *b, uint32_t sid,
                                     uint32_t ssid)
{
	struct dmasim_smmu *s = b->smmu;
	uint32_t slot = smmu_cache_find(&s->cd_cache, cd_key(b, sid, ssid));

	return slot == SMMU_NO_SLOT ? NULL : &s->cd[slot];
}

void smmu_cache_cd(struct smmu_bank *b, uint32_t sid, uint32_t ssid,
                   const struct smmu_cd *cd)
{
	struct dmasim_smmu *s = b->smmu;
	uint32_t slot = smmu_cache_add(s, &s->cd_cache, cd_key(b, sid, ssid));

	s->gen++;
	if (slot != SMMU_NO_SLOT)
		s->cd[slot] = *cd;
	if (ssid > s->max_ssid)
		s->max_ssid = ssid;
}

/* The STE of @sid and all CDs that were reached by it, one by one if that is
 * less work than to look at everything. */
static bool drop_stream(struct smmu_bank *b, uint32_t sid, bool ste)
{
	struct dmasim_smmu *s = b->smmu;

	if (s->max_ssid >= smmu_cache_slots(&s->cd_cache) / SMMU_CACHE_WAYS)
		return false;
	if (ste)
		smmu_cache_drop(&s->ste_cache, ste_key(b, sid));
	for (uint32_t ssid = 0; ssid <= s->max_ssid; ssid++)
		smmu_cache_drop(&s->cd_cache, cd_key(b, sid, ssid));
	return true;
}

static void drop_streams(struct smmu_bank *b, uint32_t first, uint32_t last)
{
	struct smmu_cache *stes = &b->smmu->ste_cache;
	struct smmu_cache *cds = &b->smmu->cd_cache;

	for (uint32_t i = 0; i < smmu_cache_slots(stes); i++) {
		uint32_t sid = (uint32_t)stes->key[i];

		if (key_of(b, stes->key[i]) && sid >= first && sid <= last)
			stes->key[i] = 0;
	}
	for (uint32_t i = 0; i < smmu_cache_slots(cds); i++) {
		uint32_t sid = cd_key_sid(cds->key[i]);

		if (key_of(b, cds->key[i]) && sid >= first && sid <= last)
			cds->key[i] = 0;
	}
}

/* 4.3.1, 4.3.2: with a stream's STE go the CDs that were reached by it. */
void smmu_config_inval_sid(struct smmu_bank *b, uint32_t first, uint32_t last,
                           bool leaf)
{
	struct dmasim_smmu *s = b->smmu;
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_L1STD_CACHE,
	        .alternatives = 2,
	        .who = s->name,
	        .where = first,
	};

	s->epoch++;
	s->gen++;
	if (first != last || !drop_stream(b, first, true))
		drop_streams(b, first, last);
	/* A leaf invalidation need not drop level-1 descriptors, and may: a
	 * choice point, where 1 keeps them. */
	if (!leaf || dmasim_choose(s->cfg.choice, &q) == 0)
		smmu_cache_clear(&s->l1std_cache);
}

void smmu_config_inval_cd(struct smmu_bank *b, uint32_t sid, bool all,
                          uint32_t ssid)
{
	struct dmasim_smmu *s = b->smmu;
	struct smmu_cache *cds = &s->cd_cache;

	s->epoch++;
	s->gen++;
	if (!all)
		smmu_cache_drop(cds, cd_key(b, sid, ssid));
	else if (!drop_stream(b, sid, false))
		for (uint32_t i = 0; i < smmu_cache_slots(cds); i++)
			if (key_of(b, cds->key[i]) &&
			    cd_key_sid(cds->key[i]) == sid)
				cds->key[i] = 0;
}

/* 7.3.3: recorded only when CR2.RECINVSID is set. */
static enum smmu_step bad_streamid(const struct smmu_bank *b,
                                   struct smmu_event *e)
{
	e->type = SMMU_C_BAD_STREAMID;
	e->silent = !(b->reg[SMMU_CR2] & CR2_RECINVSID) &&
	            !smmu_quirk(b->smmu, SMMU_QUIRK_RECORD_BAD_SID);
	return SMMU_FAULT;
}

static enum smmu_step read_table(struct smmu_ctx *c, uint64_t addr,
                                 uint32_t size, const char *what, uint8_t *data,
                                 struct smmu_event *e)
{
	const struct smmu_bank *b = c->req.bank;
	uint64_t cr1 = b->reg[SMMU_CR1];
	const struct smmu_read r = {
	        .addr = addr,
	        .size = size,
	        .attr = smmu_attr_cr1(FIELD_GET(CR1_TABLE_IC, cr1),
	                              FIELD_GET(CR1_TABLE_OC, cr1),
	                              FIELD_GET(CR1_TABLE_SH, cr1),
	                              b->reg[SMMU_STRTAB_BASE] & STRTAB_BASE_RA
	                                      ? DMASIM_ALLOC_READ
	                                      : 0),
	        .cause = DMASIM_CAUSE_STE,
	        .flags = smmu_bank_flags(b),
	        .what = what,
	};
	enum smmu_step step = smmu_read(c, &r, data);

	if (step == SMMU_FAULT) {
		e->type = SMMU_F_STE_FETCH;
		e->fetch = addr;
	}
	return step;
}

static enum smmu_step read_l1std(struct smmu_ctx *c, uint64_t addr,
                                 struct smmu_event *e, uint64_t *l1std)
{
	struct dmasim_smmu *s = c->smmu;
	bool cached = !smmu_quirk(s, SMMU_QUIRK_NO_L1STD_CACHE);
	uint64_t key =
	        KEY_VALID | (uint64_t)c->req.bank->id << KEY_BANK_SHIFT | addr;
	uint32_t slot = smmu_cache_find(&s->l1std_cache, key);
	uint8_t data[L1STD_SIZE];
	enum smmu_step step;

	if (slot != SMMU_NO_SLOT && cached) {
		*l1std = s->l1std[slot];
		smmu_watch_l1std(c, slot);
		return SMMU_OK;
	}
	step = read_table(c, addr, L1STD_SIZE, "L1STD fetch", data, e);
	if (step != SMMU_OK)
		return step;
	*l1std = smmu_le64(data);
	smmu_watch_level1(c, *l1std);
	if (cached && !(c->req.flags & DMASIM_TXN_DEBUG) && smmu_fresh(c)) {
		slot = smmu_cache_add(s, &s->l1std_cache, key);
		if (slot != SMMU_NO_SLOT)
			s->l1std[slot] = *l1std;
		smmu_watch_keep_l1std(c, slot);
	}
	return SMMU_OK;
}

/* 6.3.25: SPLIT 6, 8 and 10; others act as 6. */
static unsigned split_of(const struct smmu_bank *b)
{
	uint64_t cfg = b->reg[SMMU_STRTAB_BASE_CFG];
	unsigned split = (unsigned)FIELD_GET(STRTAB_BASE_CFG_SPLIT, cfg);

	if (b->sticky_split != 0)
		return b->sticky_split - 1u;
	return split == 8 || split == 10 ? split : 6;
}

/* 5.1: Span 1 to 11, and at most SPLIT + 1, gives 2^(Span - 1) entries; any
 * other value makes the descriptor invalid. */
static enum smmu_step ste_addr_l2(const struct smmu_bank *b, uint64_t l1std,
                                  unsigned split, struct smmu_event *e,
                                  uint64_t *addr)
{
	const struct dmasim_smmu *s = b->smmu;
	unsigned span = (unsigned)FIELD_GET(L1STD_SPAN, l1std);
	uint64_t ptr = l1std & L1STD_L2PTR;
	uint32_t index = e->sid & ((1u << split) - 1);

	if (smmu_quirk(s, SMMU_QUIRK_SPAN_BAD_STE)) {
		if (span == 0)
			return bad_streamid(b, e);
		if (index >= 1ull << span) {
			e->type = SMMU_C_BAD_STE;
			return SMMU_FAULT;
		}
		if (smmu_quirk(s, SMMU_QUIRK_POINTER_BITS))
			ptr = l1std & ~L1STD_SPAN;
	} else {
		if (span == 0 || span > 11 || span > split + 1 ||
		    index >= 1u << (span - 1))
			return bad_streamid(b, e);
		ptr &= ~(((uint64_t)STE_SIZE << (span - 1)) - 1);
	}
	*addr = ptr + (uint64_t)index * STE_SIZE;
	return SMMU_OK;
}

static enum smmu_step ste_addr(struct smmu_ctx *c, struct smmu_event *e,
                               uint64_t *addr)
{
	const struct dmasim_smmu *s = c->smmu;
	const struct smmu_bank *b = c->req.bank;
	uint64_t cfg = b->reg[SMMU_STRTAB_BASE_CFG];
	uint64_t base = b->reg[SMMU_STRTAB_BASE] & STRTAB_BASE_ADDR;
	unsigned log2size = (unsigned)FIELD_GET(STRTAB_BASE_CFG_LOG2SIZE, cfg);
	unsigned split = split_of(b), l1_log2;
	enum smmu_step step;
	uint64_t l1std;

	/* 6.3.24: LOG2SIZE is capped to SIDSIZE. */
	if (log2size > s->caps.sid_bits)
		log2size = s->caps.sid_bits;
	if ((uint64_t)e->sid >> log2size != 0)
		return bad_streamid(b, e);
	/* FMT is reserved without 2-level support; other codes are linear. */
	if (!s->caps.st_2lvl ||
	    (FIELD_GET(STRTAB_BASE_CFG_FMT, cfg) != STRTAB_FMT_2LVL &&
	     b->sticky_split == 0)) {
		base &= ~(((uint64_t)STE_SIZE << log2size) - 1);
		*addr = base + (uint64_t)e->sid * STE_SIZE;
		return SMMU_OK;
	}
	l1_log2 = log2size > split ? log2size - split : 0;
	base &= ~(((uint64_t)L1STD_SIZE << l1_log2) - 1);
	step = read_l1std(c, base + (uint64_t)(e->sid >> split) * L1STD_SIZE, e,
	                  &l1std);
	if (step != SMMU_OK)
		return step;
	return ste_addr_l2(b, l1std, split, e, addr);
}

enum smmu_step smmu_get_ste(struct smmu_ctx *c, struct smmu_event *e,
                            const struct smmu_ste **ste)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_bank *b = c->req.bank;
	uint8_t data[STE_SIZE];
	enum smmu_step step;
	uint64_t addr;

	*ste = smmu_cached_ste(b, e->sid);
	if (*ste) {
		smmu_watch_ste(c, *ste);
		return SMMU_OK;
	}
	c->trail.two_level = false;
	smmu_pmu_missed(c, PMCG_EV_CONFIG_MISS);
	step = ste_addr(c, e, &addr);
	if (step != SMMU_OK)
		return step;
	step = read_table(c, addr, STE_SIZE, "STE fetch", data, e);
	if (step != SMMU_OK)
		return step;
	c->held_ste = NULL;
	c->ste = (struct smmu_ste){
	        .secure = b->id == SMMU_S,
	        .e2h = b->reg[SMMU_CR2] & CR2_E2H,
	};
	for (unsigned i = 0; i < STE_WORDS; i++)
		c->ste.word[i] = smmu_le64(data + 8 * (size_t)i);
	if (smmu_decode_ste(s, &c->ste) != SMMU_OK) {
		e->type = SMMU_C_BAD_STE;
		return SMMU_FAULT;
	}
	if (!(c->req.flags & DMASIM_TXN_DEBUG)) {
		uint32_t slot = smmu_fresh(c)
		                        ? smmu_cache_add(s, &s->ste_cache,
		                                         ste_key(b, e->sid))
		                        : SMMU_NO_SLOT;

		s->stats.ste_fetches++;
		s->gen++;
		if (slot != SMMU_NO_SLOT)
			s->ste[slot] = c->ste;
		smmu_watch_keep_ste(c, slot);
	}
	*ste = &c->ste;
	return SMMU_OK;
}
