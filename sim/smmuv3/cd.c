/* SPDX-License-Identifier: MIT */
/* Context descriptors: where they lie (5.2, 5.3) and what they say (5.4). */
#include "smmuv3_internal.h"

/* What is fetched here is read, whatever the access was. */
static void quirk_fetch_read(const struct smmu_ctx *c, struct smmu_event *e)
{
	if (smmu_quirk(c->smmu, SMMU_QUIRK_S2_FETCH_READ))
		e->rnw = true;
}

/* 5.2: with stage 2 the address is an IPA. A failed fetch caches nothing. */
static enum smmu_step read_cd(struct smmu_ctx *c, const struct smmu_ste *ste,
                              uint64_t addr, uint32_t size, uint8_t *data,
                              struct smmu_event *e)
{
	struct smmu_read r = {
	        .addr = addr,
	        .size = size,
	        .attr = ste->cd_attr,
	        .cause = DMASIM_CAUSE_CD,
	        .flags = smmu_bank_flags(c->req.bank),
	        .what = size == CD_SIZE ? "CD fetch" : "L1CD fetch",
	};
	enum smmu_step step;

	if (ste->s2) {
		/* 3.10.2.2: a Secure stream's CDs are at Secure IPAs. */
		const struct smmu_ipa in = {
		        .addr = addr,
		        .need = SMMU_PERM_PR,
		        .class = EVT_CLASS_CD,
		};

		/* 3.4: nothing says so in the record, either. */
		if (smmu_quirk(c->smmu, SMMU_QUIRK_S2_INPUT_SILENT) &&
		    addr >> c->smmu->caps.oas != 0)
			return SMMU_FAULT;
		step = smmu_stage2_own(c, ste, &in, e, &r.addr, &r.attr,
		                       &r.flags);
		if (step == SMMU_FAULT)
			quirk_fetch_read(c, e);
		if (step != SMMU_OK)
			return step;
	}
	step = smmu_read(c, &r, data);
	if (step == SMMU_FAULT) {
		e->type = SMMU_F_CD_FETCH;
		e->fetch = r.addr;
	}
	return step;
}

/* S1Fmt: linear, or two levels with leaves of 64 (4 KiB) or 1024 (64 KiB)
 * descriptors; the reserved value acts as linear. Tables are aligned to their
 * size; lower address bits are taken as 0. */
static enum smmu_step cd_addr(struct smmu_ctx *c, const struct smmu_ste *ste,
                              uint32_t ssid, struct smmu_event *e,
                              uint64_t *addr)
{
	uint64_t base = ste->s1contextptr;
	unsigned split = ste->s1fmt == STE_S1FMT_4K ? 6 : 10, l1_log2;
	uint8_t data[L1CD_SIZE];
	enum smmu_step step;
	uint64_t l1cd;

	if (ste->s1cdmax == 0 || ste->s1fmt == STE_S1FMT_LINEAR ||
	    ste->s1fmt > STE_S1FMT_64K) {
		base &= ~(((uint64_t)CD_SIZE << ste->s1cdmax) - 1);
		*addr = base + (uint64_t)ssid * CD_SIZE;
		return SMMU_OK;
	}
	l1_log2 = ste->s1cdmax > split ? ste->s1cdmax - split : 0;
	base &= ~(((uint64_t)L1CD_SIZE << l1_log2) - 1);
	step = read_cd(c, ste, base + (uint64_t)(ssid >> split) * L1CD_SIZE,
	               L1CD_SIZE, data, e);
	if (step != SMMU_OK)
		return step;
	l1cd = smmu_le64(data);
	smmu_watch_level1(c, l1cd);
	base = l1cd & L1CD_L2PTR & ~(((uint64_t)CD_SIZE << split) - 1);
	/* 7.3.9: an invalid level-1 descriptor is a bad SubstreamID, and so is
	 * one that points beyond OAS (3.4.3). An IPA is left to stage 2. */
	if (!(l1cd & L1CD_V) || (!ste->s2 && base >> c->smmu->caps.oas != 0)) {
		e->type = SMMU_C_BAD_SUBSTREAMID;
		return SMMU_FAULT;
	}
	*addr = base + (uint64_t)(ssid & ((1u << split) - 1)) * CD_SIZE;
	return SMMU_OK;
}

/* 5.4: what both halves have in common. */
static void half_common(const struct dmasim_smmu *s, const struct smmu_cd *cd,
                        struct smmu_tt *tt)
{
	uint64_t word = cd->word[0];

	tt->oas = (uint8_t)smmu_output_bits(FIELD_GET(CD0_IPS, word),
	                                    s->caps.oas);
	tt->ds = s->caps.ds && tt->granule != 16 && (cd->word[2] & CD2_DS);
	tt->lpa = s->caps.oas == 52 && tt->granule == 16;
	tt->endi = word & CD0_ENDI;
	tt->affd = word & CD0_AFFD;
	tt->ha = word & CD0_HA;
	/* HD without HA acts as neither. */
	tt->hd = tt->ha && (word & CD0_HD);
}

/* One half; EPD leaves its fields unchecked, and a regime of one table has no
 * upper half and no EPD. False: ILLEGAL. */
static bool decode_half(const struct dmasim_smmu *s, unsigned half,
                        struct smmu_cd *cd)
{
	const struct smmu_caps *caps = &s->caps;
	const uint64_t *word = cd->word;
	/* The fields of TTB1 lie 16 bits above those of TTB0. */
	uint64_t tcr = word[0] >> (half ? 16 : 0), ttb = word[1 + half];
	bool single = smmu_world_single(cd->world);
	struct smmu_tt *tt = &cd->tt[half];
	unsigned min, max = TSZ_MAX, ttb_bits;

	tt->epd = single ? half != 0 : (tcr & CD0_EPD0) != 0;
	if (tt->epd)
		return true;
	tt->tsz = (uint8_t)FIELD_GET(CD0_T0SZ, tcr);
	tt->granule = smmu_granule(caps, FIELD_GET(CD0_TG0, tcr), half != 0);
	if (tt->granule == 0)
		return false;
	half_common(s, cd, tt);
	tt->ttb = ttb & CD1_TTB;
	if (smmu_quirk(s, SMMU_QUIRK_POINTER_BITS))
		tt->ttb &= SMMU_BITS(50, 0);
	tt->had = caps->had && (ttb & CD1_HAD);
	tt->e0pd = caps->e0pd && !single && (ttb & CD1_E0PD);
	tt->ns = ttb & CD1_NSCFG;
	tt->tbi = word[0] &
	          (half && !smmu_quirk(s, SMMU_QUIRK_TBI1_IS_TBI0) ? CD0_TBI1
	                                                           : CD0_TBI0);
	tt->sh = (uint8_t)FIELD_GET(CD0_SH0, tcr);
	tt->attr = smmu_attr_tcr(FIELD_GET(CD0_IR0, tcr),
	                         FIELD_GET(CD0_OR0, tcr), tt->sh);
	if (caps->stt)
		max = tt->granule == 16 ? TSZ_MAX_STT64 : TSZ_MAX_STT;
	min = caps->vax52 && (tt->granule == 16 || tt->ds) ? TSZ_MIN_52
	                                                   : TSZ_MIN;
	/* 5.4, TTB0: inside the output size, and 48 bits where descriptors
	 * have no more. */
	ttb_bits = tt->granule == 16 || tt->ds || tt->oas < 48 ? tt->oas : 48;
	if (tt->tsz < min || tt->tsz > max || tt->ttb >> ttb_bits != 0)
		return false;
	smmu_tt_start_stage1(tt);
	return true;
}

/* 5.4.2: what makes a CD ILLEGAL whichever half is used. */
static bool illegal(const struct dmasim_smmu *s, const struct smmu_cd *cd)
{
	const struct smmu_caps *caps = &s->caps;
	uint64_t word = cd->word[0];
	bool secure = cd->world >= SMMU_WORLD_S_EL1;
	bool endi = word & CD0_ENDI, stall = word & CD0_S;
	unsigned model = smmu_stall_model(&s->bank[secure]);

	/* AArch32 tables do not exist here (TTF). */
	if (!(word & CD0_V) || !(word & CD0_AA64))
		return true;
	/* TERM_MODEL = 1 knows no RAZ/WI. */
	if (!(word & CD0_A) && caps->term_abort)
		return true;
	if (stall ? model == STALL_NONE || cd->s1stalld : model == STALL_FORCED)
		return true;
	if (((word & (CD0_HA | CD0_HD)) && caps->httu == 0) ||
	    ((word & CD0_HD) && caps->httu == 1))
		return true;
	if (!(cd->tt[0].epd && cd->tt[1].epd) &&
	    (endi ? caps->ttendian == TTENDIAN_LE
	          : caps->ttendian == TTENDIAN_BE))
		return true;
	return !smmu_world_single(cd->world) && !caps->asid16 &&
	       FIELD_GET(CD0_ASID, word) > UINT8_MAX;
}

enum smmu_step smmu_decode_cd(const struct dmasim_smmu *s, struct smmu_cd *cd)
{
	const uint64_t *word = cd->word;
	bool single = smmu_world_single(cd->world);

	if (!decode_half(s, 0, cd) || !decode_half(s, 1, cd) || illegal(s, cd))
		return SMMU_FAULT;
	cd->asid = single ? 0 : (uint16_t)FIELD_GET(CD0_ASID, word[0]);
	cd->aset = word[0] & CD0_ASET;
	cd->wxn = word[0] & CD0_WXN;
	cd->pan = !single && (word[0] & CD0_PAN);
	cd->epan = s->caps.epan && (word[1] & CD1_EPAN);
	cd->a = word[0] & CD0_A;
	cd->r = word[0] & CD0_R;
	cd->s = word[0] & CD0_S;
	for (unsigned i = 0; i < 8; i++)
		cd->mair[i] = smmu_attr_mair(
		        (uint8_t)(word[CD_MAIR_WORD] >> (8 * i)));
	return SMMU_OK;
}

/* Both tables are looked for at once, whichever half the access is in. */
static enum smmu_step quirk_tables(struct smmu_ctx *c,
                                   const struct smmu_ste *ste,
                                   struct smmu_event *e)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct smmu_tt *tt = &c->cd.tt[i];
		const struct smmu_ipa in = {
		        .addr = tt->ttb,
		        .need = SMMU_PERM_PR,
		        .class = EVT_CLASS_TT,
		};
		struct dmasim_attr attr = tt->attr;
		enum smmu_step step;
		uint32_t flags;
		uint64_t pa;

		if (tt->epd)
			continue;
		step = smmu_stage2_own(c, ste, &in, e, &pa, &attr, &flags);
		if (step == SMMU_FAULT)
			quirk_fetch_read(c, e);
		if (step != SMMU_OK)
			return step;
	}
	return SMMU_OK;
}

enum smmu_step smmu_get_cd(struct smmu_ctx *c, const struct smmu_ste *ste,
                           uint32_t ssid, struct smmu_event *e,
                           const struct smmu_cd **cd)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_source read;
	uint8_t data[CD_SIZE];
	enum smmu_step step;
	uint64_t addr;

	*cd = smmu_cached_cd(c->req.bank, e->sid, ssid);
	if (*cd)
		return SMMU_OK;
	c->trail.two_level = false;
	smmu_pmu_missed(c, PMCG_EV_CONFIG_MISS);
	step = cd_addr(c, ste, ssid, e, &addr);
	if (step != SMMU_OK)
		return step;
	step = read_cd(c, ste, addr, CD_SIZE, data, e);
	if (step != SMMU_OK)
		return step;
	c->held_cd = NULL;
	read = c->trail.read;
	c->cd = (struct smmu_cd){
	        .world = ste->world,
	        .s1stalld = ste->s1stalld,
	        .s2 = ste->s2,
	};
	for (unsigned i = 0; i < CD_WORDS; i++)
		c->cd.word[i] = smmu_le64(data + 8 * (size_t)i);
	if (smmu_decode_cd(s, &c->cd) != SMMU_OK) {
		e->type = SMMU_C_BAD_CD;
		return SMMU_FAULT;
	}
	if (ste->s2 && smmu_quirk(s, SMMU_QUIRK_S2_TT_BASE)) {
		step = quirk_tables(c, ste, e);
		if (step != SMMU_OK)
			return step;
	}
	if (!(c->req.flags & DMASIM_TXN_DEBUG)) {
		s->stats.cd_fetches++;
		if (smmu_fresh(c)) {
			smmu_cache_cd(c->req.bank, e->sid, ssid, &c->cd);
			smmu_watch_keep_cd(c, ssid, &read);
		}
	}
	*cd = &c->cd;
	return SMMU_OK;
}
