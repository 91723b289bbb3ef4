/* SPDX-License-Identifier: MIT */
/* Stream table entries (5.2): what their words say, and what is ILLEGAL. */
#include "smmuv3_internal.h"

/* 5.2, 6.3.14: what replaces attributes of incoming transactions, where IDR1
 * has the override. */
struct smmu_override smmu_decode_override(const struct dmasim_smmu *s,
                                          uint64_t ste1)
{
	struct smmu_override o = smmu_no_override();

	if (s->caps.types_ovr) {
		o.mtcfg = FIELD_GET(STE1_MTCFG, ste1);
		o.memattr = (uint8_t)FIELD_GET(STE1_MEMATTR, ste1);
		o.shcfg = (uint8_t)FIELD_GET(STE1_SHCFG, ste1);
		if (!smmu_quirk(s, SMMU_QUIRK_NO_ALLOCCFG))
			o.alloccfg = (uint8_t)FIELD_GET(STE1_ALLOCCFG, ste1);
	}
	if (!s->caps.perms_ovr)
		return o;
	if (FIELD_GET(STE1_PRIVCFG, ste1) == CFG_PRIV_UNPRIVILEGED)
		o.flags_and &= ~DMASIM_TXN_PRIVILEGED;
	if (FIELD_GET(STE1_PRIVCFG, ste1) == CFG_PRIV_PRIVILEGED)
		o.flags_or |= DMASIM_TXN_PRIVILEGED;
	if (FIELD_GET(STE1_INSTCFG, ste1) == CFG_INST_DATA)
		o.flags_and &= ~DMASIM_TXN_INSTRUCTION;
	if (FIELD_GET(STE1_INSTCFG, ste1) == CFG_INST_INSTRUCTION)
		o.flags_or |= DMASIM_TXN_INSTRUCTION;
	return o;
}

/* 5.2, 6.3.63, NSCFG: where a Secure stream's access goes when stage 1 does not
 * translate. Others are always Non-secure. */
void smmu_override_ns(const struct smmu_bank *b, uint64_t nscfg,
                      struct smmu_override *o)
{
	if (b->id == SMMU_NS ||
	    (b->smmu->caps.perms_ovr && nscfg == CFG_NS_NONSECURE))
		o->flags_and &= ~DMASIM_TXN_SECURE;
	else if (b->smmu->caps.perms_ovr && nscfg == CFG_NS_SECURE)
		o->flags_or |= DMASIM_TXN_SECURE;
}

/* 5.2, STRW: the StreamWorld. False: ILLEGAL. */
static bool decode_world(const struct dmasim_smmu *s, struct smmu_ste *ste)
{
	uint64_t strw = FIELD_GET(STE1_STRW, ste->word[1]);
	bool unused = !s->caps.s1p || (!ste->secure && !s->caps.hyp) ||
	              ste->s2 || !ste->s1;

	ste->world = ste->secure ? SMMU_WORLD_S_EL1 : SMMU_WORLD_NS_EL1;
	if (unused || strw == STE_STRW_EL1)
		return true;
	if (strw == STE_STRW_EL2) {
		if (ste->secure && !s->caps.sel2)
			return false;
		if (ste->secure)
			ste->world = ste->e2h ? SMMU_WORLD_S_EL2_E2H
			                      : SMMU_WORLD_S_EL2;
		else
			ste->world = ste->e2h ? SMMU_WORLD_NS_EL2_E2H
			                      : SMMU_WORLD_NS_EL2;
		return true;
	}
	ste->world = SMMU_WORLD_EL3;
	return ste->secure && strw == STE_STRW_EL3;
}

/* 5.2, S2VMID: which translations carry it. False: ILLEGAL. */
static bool decode_vmid(const struct dmasim_smmu *s, struct smmu_ste *ste)
{
	uint64_t vmid = FIELD_GET(STE2_S2VMID, ste->word[2]);

	ste->vmid = 0;
	if (ste->secure ? !s->caps.sel2 || !ste->s2 : !s->caps.s2p)
		return true;
	if (ste->world != SMMU_WORLD_NS_EL1 && ste->world != SMMU_WORLD_S_EL1)
		return true;
	ste->vmid = (uint16_t)vmid;
	return vmid <= UINT8_MAX || s->caps.vmid16;
}

/* 5.2, EATS; Config 0b100 counts as 0b00, and so do reserved values. */
static bool decode_eats(const struct dmasim_smmu *s, struct smmu_ste *ste)
{
	uint64_t eats = FIELD_GET(STE1_EATS, ste->word[1]);
	bool s2s = ste->word[2] & STE2_S2S;

	ste->eats = STE_EATS_NONE;
	if (!s->caps.ats || ste->secure || (!ste->s1 && !ste->s2))
		return true;
	if (eats == STE_EATS_SPLIT) {
		ste->eats = STE_EATS_SPLIT;
		return ste->s1 && ste->s2 && !s2s && !s->caps.ns1ats;
	}
	if (eats == STE_EATS_FULL) {
		ste->eats = STE_EATS_FULL;
		return !(ste->s2 && s2s);
	}
	return true;
}

/* 5.2.2: stage 1. */
static bool stage1_legal(const struct dmasim_smmu *s, struct smmu_ste *ste)
{
	const struct smmu_caps *caps = &s->caps;
	const uint64_t *word = ste->word;
	unsigned stall = smmu_stall_model(&s->bank[ste->secure]);

	if (!caps->s1p)
		return false;
	ste->s1stalld = word[1] & STE1_S1STALLD;
	if (ste->s1stalld && stall != STALL_BOTH)
		return false;
	/* Without substreams S1CDMax is IGNORED. */
	ste->s1cdmax = caps->ssid_bits == 0
	                       ? 0
	                       : (uint8_t)FIELD_GET(STE0_S1CDMAX, word[0]);
	if (ste->s1cdmax > caps->ssid_bits)
		return false;
	ste->s1fmt = (uint8_t)FIELD_GET(STE0_S1FMT, word[0]);
	if (ste->s1cdmax != 0 && !caps->cd2l &&
	    (ste->s1fmt == STE_S1FMT_4K || ste->s1fmt == STE_S1FMT_64K))
		return false;
	ste->s1dss = (uint8_t)FIELD_GET(STE1_S1DSS, word[1]);
	ste->s1contextptr = word[0] & STE0_S1CONTEXTPTR;
	ste->cd_attr = smmu_attr_tcr(FIELD_GET(STE1_S1CIR, word[1]),
	                             FIELD_GET(STE1_S1COR, word[1]),
	                             FIELD_GET(STE1_S1CSH, word[1]));
	if (smmu_quirk(s, SMMU_QUIRK_POINTER_BITS)) {
		ste->s1contextptr &= SMMU_BITS(47, 0);
		return true;
	}
	/* 3.4.3: beyond OAS, or IAS, which is the same without AArch32. */
	return ste->s1contextptr >> caps->oas == 0;
}

/* What both tables of stage 2 have in common. */
static void stage2_common(const struct dmasim_smmu *s,
                          const struct smmu_ste *ste, struct smmu_tt *tt)
{
	uint64_t word = ste->word[2];

	tt->oas = (uint8_t)smmu_output_bits(FIELD_GET(STE2_S2PS, word),
	                                    s->caps.oas);
	tt->ds = s->caps.ds && tt->granule != 16 && (ste->word[3] & STE3_S2DS);
	tt->lpa = s->caps.oas == 52 && tt->granule == 16;
	tt->sh = (uint8_t)FIELD_GET(STE2_S2SH0, word);
	tt->attr = smmu_attr_tcr(FIELD_GET(STE2_S2IR0, word),
	                         FIELD_GET(STE2_S2OR0, word), tt->sh);
	tt->endi = word & STE2_S2ENDI;
	tt->affd = word & STE2_S2AFFD;
	tt->ha = (word & STE2_S2HA) && s->caps.httu != 0;
	/* HD without HA acts as neither. */
	tt->hd = tt->ha && (word & STE2_S2HD);
}

/* 5.2.2: a table of stage 2, and the code of its starting level. */
static bool stage2_table(const struct dmasim_smmu *s,
                         const struct smmu_ste *ste, struct smmu_tt *tt,
                         unsigned sl)
{
	const struct smmu_caps *caps = &s->caps;
	unsigned min, max = TSZ_MAX, ttb_bits, ias;

	if (tt->granule == 0)
		return false;
	stage2_common(s, ste, tt);
	if (caps->stt)
		max = tt->granule == 16 ? TSZ_MAX_STT64 : TSZ_MAX_STT;
	min = tt->granule == 16 || tt->ds ? TSZ_MIN_52 : TSZ_MIN;
	/* IAS is OAS without AArch32 tables. */
	ias = smmu_quirk(s, SMMU_QUIRK_S2_RANGE_BY_PS) ? tt->oas : caps->oas;
	if (min < 64 - ias)
		min = 64 - ias;
	if (tt->tsz < min || tt->tsz > max)
		return false;
	/* SL2 counts with 4 KiB and DS alone. */
	if (!(tt->ds && tt->granule == 12))
		sl &= 3;
	ttb_bits = tt->granule == 16 || tt->ds || tt->oas < 48 ? tt->oas : 48;
	if (tt->ttb >> ttb_bits != 0 || !smmu_tt_start_stage2(caps, tt, sl))
		return false;
	if (smmu_quirk(s, SMMU_QUIRK_S2_ONE_TABLE) &&
	    tt->bits > tt->granule - 3)
		tt->bits = (uint8_t)(tt->granule - 3);
	return true;
}

/* 3.10.2.2: where a Secure stream's IPA spaces have their tables, and lead. */
static bool stage2_secure(const struct dmasim_smmu *s, struct smmu_ste *ste)
{
	const uint64_t *word = ste->word;
	struct smmu_tt *ns = &ste->s2tt[SMMU_IPA_NS];
	struct smmu_tt *secure = &ste->s2tt[SMMU_IPA_SECURE];
	bool sw = word[6] & STE6_S2SW, sa = sw || (word[6] & STE6_S2SA);
	unsigned sl = (unsigned)FIELD_GET(STE4_S_S2SL0, word[4]) |
	              (word[6] & STE6_S_S2SL0_2 ? 4 : 0);

	ns->ns = word[3] & STE3_S2NSW;
	ste->s2out_ns[SMMU_IPA_NS] = ns->ns || sa || (word[3] & STE3_S2NSA);
	secure->ns = sw;
	ste->s2out_ns[SMMU_IPA_SECURE] = sa;
	secure->granule =
	        smmu_granule(&s->caps, FIELD_GET(STE4_S_S2TG, word[4]), false);
	secure->tsz = (uint8_t)FIELD_GET(STE4_S_S2T0SZ, word[4]);
	secure->ttb = word[6] & STE6_S_S2TTB;
	return stage2_table(s, ste, secure, sl);
}

/* 5.2.2: HTTU, endianness and fault model of stage 2. */
static bool stage2_flags_legal(const struct dmasim_smmu *s,
                               const struct smmu_ste *ste)
{
	const struct smmu_caps *caps = &s->caps;
	uint64_t word = ste->word[2];
	bool ha = word & STE2_S2HA, hd = word & STE2_S2HD;
	bool endi = word & STE2_S2ENDI, stall = word & STE2_S2S;
	unsigned model = smmu_stall_model(&s->bank[SMMU_NS]);

	if ((((ha || hd) && caps->httu == 0) || (hd && caps->httu == 1)) &&
	    !smmu_quirk(s, SMMU_QUIRK_S2_NO_HTTU))
		return false;
	if (endi ? caps->ttendian == TTENDIAN_LE
	         : caps->ttendian == TTENDIAN_BE)
		return false;
	return stall ? model != STALL_NONE : model != STALL_FORCED;
}

/* 5.2.2: stage 2. */
static bool stage2_legal(const struct dmasim_smmu *s, struct smmu_ste *ste)
{
	const uint64_t *word = ste->word;
	struct smmu_tt *tt = &ste->s2tt[SMMU_IPA_NS];
	unsigned sl = (unsigned)FIELD_GET(STE2_S2SL0, word[2]) |
	              (word[3] & STE3_S2SL0_2 ? 4 : 0);

	if (!s->caps.s2p || (ste->secure && !s->caps.sel2))
		return false;
	/* AArch32 tables do not exist here (TTF). */
	if (!(word[2] & STE2_S2AA64) || !stage2_flags_legal(s, ste))
		return false;
	ste->s2fwb = s->caps.fwb && (word[1] & STE1_S2FWB);
	ste->s2ptw = ste->s1 && (word[2] & STE2_S2PTW) &&
	             !smmu_quirk(s, SMMU_QUIRK_S2_NO_PTW);
	ste->s2s = word[2] & STE2_S2S;
	ste->s2r = word[2] & STE2_S2R;
	tt->granule =
	        smmu_granule(&s->caps, FIELD_GET(STE2_S2TG, word[2]), false);
	tt->tsz = (uint8_t)FIELD_GET(STE2_S2T0SZ, word[2]);
	tt->ttb = word[3] & STE3_S2TTB;
	if (!stage2_table(s, ste, tt, sl))
		return false;
	return !ste->secure || stage2_secure(s, ste);
}

/* Whatever the stages and IDR1.SSIDSIZE. */
static bool quirk_s1_fields(const struct dmasim_smmu *s, const uint64_t *word)
{
	return smmu_quirk(s, SMMU_QUIRK_S1_FIELDS) &&
	       ((word[1] & STE1_S1STALLD) ||
	        FIELD_GET(STE0_S1CDMAX, word[0]) > s->caps.ssid_bits);
}

enum smmu_step smmu_decode_ste(const struct dmasim_smmu *s,
                               struct smmu_ste *ste)
{
	const uint64_t *word = ste->word;
	unsigned config = (unsigned)FIELD_GET(STE0_CONFIG, word[0]);

	ste->kind = SMMU_STE_ABORT;
	if (!(word[0] & STE0_V))
		return SMMU_FAULT;
	/* Config 0b0xx: abort, and nothing else is looked at. */
	if (config < STE_CONFIG_BYPASS)
		return SMMU_OK;
	ste->ovr = smmu_decode_override(s, word[1]);
	smmu_override_ns(&s->bank[ste->secure], FIELD_GET(STE1_NSCFG, word[1]),
	                 &ste->ovr);
	ste->mev = word[1] & STE1_MEV;
	ste->dre = word[1] & STE1_DRE;
	ste->dcp = word[1] & STE1_DCP;
	ste->ppar = word[1] & STE1_PPAR;
	ste->s1 = config & 1;
	ste->s2 = config & 2;
	ste->kind = ste->s1 || ste->s2 ? SMMU_STE_TRANSLATE : SMMU_STE_BYPASS;
	if (ste->kind == SMMU_STE_TRANSLATE && quirk_s1_fields(s, word))
		return SMMU_FAULT;
	if ((ste->s1 && !stage1_legal(s, ste)) ||
	    (ste->s2 && !stage2_legal(s, ste)))
		return SMMU_FAULT;
	if (ste->kind == SMMU_STE_BYPASS)
		return SMMU_OK;
	return decode_world(s, ste) && decode_vmid(s, ste) &&
	                       decode_eats(s, ste)
	               ? SMMU_OK
	               : SMMU_FAULT;
}
