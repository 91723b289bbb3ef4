/* SPDX-License-Identifier: MIT */
/* Context descriptors: where they lie (5.2, 5.3) and what they say (5.4). */
#include "smmuv3_internal.h"

static enum smmu_step read_cd(struct smmu_ctx *c, const struct smmu_ste *ste,
                              uint64_t addr, uint32_t size, uint8_t *data,
                              struct smmu_event *e)
{
	const struct smmu_read r = {
	        .addr = addr,
	        .size = size,
	        .attr = ste->cd_attr,
	        .cause = DMASIM_CAUSE_CD,
	        .flags = smmu_bank_flags(c->req.bank),
	        .what = size == CD_SIZE ? "CD fetch" : "L1CD fetch",
	};
	enum smmu_step step = smmu_read(c, &r, data);

	if (step == SMMU_FAULT) {
		e->type = SMMU_F_CD_FETCH;
		e->fetch = addr;
	}
	return step;
}

/* S1Fmt: linear, or two levels with leaves of 64 (4 KiB) or 1024 (64 KiB)
 * descriptors. The reserved value acts as linear: unconfirmed. Tables are
 * aligned to their size; lower address bits are taken as 0. */
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
	/* 7.3.9: an invalid level-1 descriptor is a bad SubstreamID. */
	if (!(l1cd & L1CD_V)) {
		e->type = SMMU_C_BAD_SUBSTREAMID;
		return SMMU_FAULT;
	}
	base = l1cd & L1CD_L2PTR & ~(((uint64_t)CD_SIZE << split) - 1);
	*addr = base + (uint64_t)(ssid & ((1u << split) - 1)) * CD_SIZE;
	return SMMU_OK;
}

/* TG0 and TG1; 0: reserved or not implemented. */
static uint8_t granule(const struct smmu_caps *caps, uint64_t tg, bool upper)
{
	static const uint8_t tg0[] = {[CD_TG0_4K] = 12,
	                              [CD_TG0_64K] = 16,
	                              [CD_TG0_16K] = 14,
	                              [3] = 0};
	static const uint8_t tg1[] = {[0] = 0,
	                              [CD_TG1_16K] = 14,
	                              [CD_TG1_4K] = 12,
	                              [CD_TG1_64K] = 16};
	uint8_t log2 = upper ? tg1[tg & 3] : tg0[tg & 3];

	if ((log2 == 12 && !caps->gran4k) || (log2 == 14 && !caps->gran16k) ||
	    (log2 == 16 && !caps->gran64k))
		return 0;
	return log2;
}

/* One half; EPD leaves its fields unchecked. False: ILLEGAL. */
static bool decode_half(const struct dmasim_smmu *s, unsigned half,
                        struct smmu_cd *cd)
{
	const uint64_t *word = cd->word;
	/* The fields of TTB1 lie 16 bits above those of TTB0. */
	uint64_t tcr = word[0] >> (half ? 16 : 0), ttb = word[1 + half];
	struct smmu_tt *tt = &cd->tt[half];

	tt->epd = FIELD_GET(CD0_EPD0, tcr);
	if (tt->epd)
		return true;
	tt->tsz = (uint8_t)FIELD_GET(CD0_T0SZ, tcr);
	tt->granule = granule(&s->caps, FIELD_GET(CD0_TG0, tcr), half != 0);
	tt->ttb = ttb & CD1_TTB;
	if (smmu_quirk(s, SMMU_QUIRK_POINTER_BITS))
		tt->ttb &= SMMU_BITS(50, 0);
	tt->had = s->caps.had && (ttb & CD1_HAD);
	tt->tbi = word[0] &
	          (half && !smmu_quirk(s, SMMU_QUIRK_TBI1_IS_TBI0) ? CD0_TBI1
	                                                           : CD0_TBI0);
	tt->attr =
	        smmu_attr_tcr(FIELD_GET(CD0_IR0, tcr), FIELD_GET(CD0_OR0, tcr),
	                      FIELD_GET(CD0_SH0, tcr));
	return tt->tsz >= CD_TSZ_MIN && tt->tsz <= CD_TSZ_MAX &&
	       tt->granule != 0 && tt->ttb >> cd->oas == 0;
}

/* 5.4: what makes a CD ILLEGAL whichever half is used. */
static bool illegal(const struct dmasim_smmu *s, uint64_t word)
{
	const struct smmu_caps *caps = &s->caps;
	uint64_t httu = FIELD_GET(IDR0_HTTU, caps->idr[0]);
	bool endi = word & CD0_ENDI, stall = word & CD0_S;

	if (!(word & CD0_V) || !(word & CD0_AA64))
		return true;
	/* TERM_MODEL = 1 knows no RAZ/WI. */
	if (!(word & CD0_A) && caps->term_abort)
		return true;
	if (stall ? caps->stall_model == STALL_NONE : caps->stall_model == 2)
		return true;
	if (((word & CD0_HA) && httu == 0) || ((word & CD0_HD) && httu < 2))
		return true;
	if (endi ? caps->ttendian == TTENDIAN_LE
	         : caps->ttendian == TTENDIAN_BE)
		return true;
	return FIELD_GET(CD0_ASID, word) > UINT8_MAX && !caps->asid16;
}

enum smmu_step smmu_decode_cd(const struct dmasim_smmu *s, struct smmu_cd *cd)
{
	const uint64_t *word = cd->word;

	if (illegal(s, word[0]))
		return SMMU_FAULT;
	cd->oas = (uint8_t)smmu_output_bits(FIELD_GET(CD0_IPS, word[0]),
	                                    s->caps.oas);
	if (!decode_half(s, 0, cd) || !decode_half(s, 1, cd))
		return SMMU_FAULT;
	cd->asid = (uint16_t)FIELD_GET(CD0_ASID, word[0]);
	cd->affd = word[0] & CD0_AFFD;
	cd->wxn = word[0] & CD0_WXN;
	cd->pan = word[0] & CD0_PAN;
	cd->endi = word[0] & CD0_ENDI;
	cd->a = word[0] & CD0_A;
	cd->r = word[0] & CD0_R;
	cd->s = word[0] & CD0_S;
	for (unsigned i = 0; i < 8; i++)
		cd->mair[i] = smmu_attr_mair(
		        (uint8_t)(word[CD_MAIR_WORD] >> (8 * i)));
	return SMMU_OK;
}

enum smmu_step smmu_get_cd(struct smmu_ctx *c, const struct smmu_ste *ste,
                           uint32_t ssid, struct smmu_event *e,
                           struct smmu_cd *cd)
{
	struct dmasim_smmu *s = c->smmu;
	const struct smmu_cd *cached =
	        smmu_cached_cd(c->req.bank, e->sid, ssid);
	uint8_t data[CD_SIZE];
	enum smmu_step step;
	uint64_t addr;

	if (cached) {
		*cd = *cached;
		return SMMU_OK;
	}
	smmu_pmu_missed(c, PMCG_EV_CONFIG_MISS);
	step = cd_addr(c, ste, ssid, e, &addr);
	if (step != SMMU_OK)
		return step;
	step = read_cd(c, ste, addr, CD_SIZE, data, e);
	if (step != SMMU_OK)
		return step;
	*cd = (struct smmu_cd){0};
	for (unsigned i = 0; i < CD_WORDS; i++)
		cd->word[i] = smmu_le64(data + 8 * (size_t)i);
	if (smmu_decode_cd(s, cd) != SMMU_OK) {
		e->type = SMMU_C_BAD_CD;
		return SMMU_FAULT;
	}
	if (!(c->req.flags & DMASIM_TXN_DEBUG)) {
		s->stats.cd_fetches++;
		smmu_cache_cd(c->req.bank, e->sid, ssid, cd);
	}
	return SMMU_OK;
}
