/* SPDX-License-Identifier: MIT */
/* Event records (7.3): which fields each type has, and which records may be
 * merged (7.3.1). What is undefined is 0. */
#include <string.h>

#include "smmuv3_internal.h"

enum {
	HAS_SSID = 0x001,      /* SSV, SubstreamID */
	HAS_ONLY_SSID = 0x002, /* SubstreamID, always valid */
	HAS_REASON = 0x004,    /* GPCF is 0: there are no granule checks */
	HAS_RNW = 0x008,
	HAS_PRIV = 0x010, /* PnU, InD */
	HAS_S2 = 0x020,   /* NSIPA goes with it */
	HAS_CLASS = 0x040,
	HAS_STALL = 0x080, /* STAG goes with it */
	HAS_INPUT = 0x100,
	HAS_IPA = 0x200, /* if S2 */
	HAS_FETCH = 0x400,
	HAS_TTRNW = 0x800,
	HAS_ATS = 0x1000,
	HAS_PAGES = 0x2000,
};

#define FETCH_FIELDS  (HAS_SSID | HAS_REASON | HAS_FETCH)
#define ACCESS_FIELDS (HAS_SSID | HAS_RNW | HAS_PRIV | HAS_INPUT)
#define TRANSLATION_FIELDS                                                     \
	(ACCESS_FIELDS | HAS_S2 | HAS_CLASS | HAS_STALL | HAS_IPA)

static const uint16_t fields_of[] = {
        [SMMU_F_UUT] = ACCESS_FIELDS | HAS_REASON,
        [SMMU_C_BAD_STREAMID] = HAS_SSID,
        [SMMU_F_STE_FETCH] = FETCH_FIELDS,
        [SMMU_C_BAD_STE] = HAS_SSID,
        [SMMU_F_BAD_ATS_TREQ] = HAS_SSID | HAS_ATS,
        [SMMU_F_STREAM_DISABLED] = 0,
        [SMMU_F_TRANSL_FORBIDDEN] = HAS_RNW | HAS_INPUT,
        [SMMU_C_BAD_SUBSTREAMID] = HAS_ONLY_SSID,
        [SMMU_F_CD_FETCH] = FETCH_FIELDS,
        [SMMU_C_BAD_CD] = HAS_SSID,
        [SMMU_F_WALK_EABT] =
                ACCESS_FIELDS | HAS_REASON | HAS_S2 | HAS_CLASS | HAS_FETCH,
        [SMMU_F_TRANSLATION] = TRANSLATION_FIELDS,
        [SMMU_F_ADDR_SIZE] = TRANSLATION_FIELDS,
        [SMMU_F_ACCESS] = TRANSLATION_FIELDS,
        [SMMU_F_PERMISSION] = TRANSLATION_FIELDS | HAS_TTRNW,
        [SMMU_F_TLB_CONFLICT] = ACCESS_FIELDS | HAS_REASON | HAS_S2 | HAS_IPA,
        [SMMU_F_CFG_CONFLICT] = HAS_SSID | HAS_REASON,
        [SMMU_E_PAGE_REQUEST] = HAS_SSID | HAS_PAGES,
        [SMMU_F_VMS_FETCH] = FETCH_FIELDS,
};

static uint16_t fields(uint8_t type)
{
	return type < sizeof(fields_of) / sizeof(*fields_of) ? fields_of[type]
	                                                     : 0;
}

static uint64_t word0(const struct smmu_bank *b, const struct smmu_event *e,
                      uint16_t has)
{
	bool ssv = (has & HAS_SSID) && e->ssv;
	uint32_t ssid = ssv || (has & HAS_ONLY_SSID) ? e->ssid : 0;

	if (!ssv && !(has & HAS_ONLY_SSID) &&
	    smmu_quirk(b->smmu, SMMU_QUIRK_SSID_ONES))
		ssid = 0xfffff;
	return FIELD_PREP(EVT0_TYPE, e->type) | FIELD_PREP(EVT0_SSV, ssv) |
	       FIELD_PREP(EVT0_SSID, ssid) | FIELD_PREP(EVT0_SID, e->sid);
}

static uint64_t access_fields(const struct smmu_bank *b,
                              const struct smmu_event *e, uint16_t has)
{
	const struct dmasim_smmu *s = b->smmu;
	uint8_t class = e->class;
	uint64_t word = 0;

	if (has & HAS_RNW)
		word |= FIELD_PREP(EVT1_RNW, e->rnw);
	if ((has & HAS_PRIV) && !smmu_quirk(s, SMMU_QUIRK_NO_PNU_IND))
		word |= FIELD_PREP(EVT1_PNU, e->pnu) |
		        FIELD_PREP(EVT1_IND, e->ind);
	/* 7.3: NSIPA is 0 but for stage 2 of Secure streams. */
	if (has & HAS_S2)
		word |= FIELD_PREP(EVT1_S2, e->s2) |
		        FIELD_PREP(EVT1_NSIPA, e->s2 && e->nsipa);
	if ((has & HAS_STALL) && smmu_quirk(s, SMMU_QUIRK_CLASS_ZERO))
		class = 0;
	if (has & HAS_CLASS)
		word |= FIELD_PREP(EVT1_CLASS, class);
	return word;
}

/* 7.3.6: what was asked for, before overrides; reading always is. */
static uint64_t ats_fields(const struct smmu_event *e)
{
	return FIELD_PREP(EBT1_SPAN, e->span) | EBT1_R |
	       FIELD_PREP(EBT1_W, (e->perm & SMMU_PERM_PW) != 0) |
	       FIELD_PREP(EBT1_X, (e->perm & SMMU_PERM_PX) != 0) |
	       FIELD_PREP(EBT1_PRIV, e->pnu);
}

static uint64_t page_fields(const struct smmu_event *e)
{
	static const struct {
		uint8_t perm;
		uint64_t field;
	} bits[] = {
	        {SMMU_PERM_PR, EPR1_PR}, {SMMU_PERM_PW, EPR1_PW},
	        {SMMU_PERM_PX, EPR1_PX}, {SMMU_PERM_UR, EPR1_UR},
	        {SMMU_PERM_UW, EPR1_UW}, {SMMU_PERM_UX, EPR1_UX},
	};
	uint64_t word = FIELD_PREP(EPR1_SPAN, e->span);

	for (unsigned i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (e->perm & bits[i].perm)
			word |= bits[i].field;
	return word;
}

void smmu_build_record(const struct smmu_bank *b, const struct smmu_event *e,
                       uint64_t record[EVENT_WORDS])
{
	const uint16_t has = fields(e->type);

	memset(record, 0, EVENT_SIZE);
	record[0] = word0(b, e, has);
	record[1] = access_fields(b, e, has);
	if (has & HAS_REASON)
		record[1] |= FIELD_PREP(EVT1_REASON, e->reason);
	if ((has & HAS_STALL) && e->stall)
		record[1] |= EVT1_STALL | FIELD_PREP(EVT1_STAG, e->stag);
	/* 7.3.16: valid if a table access was refused by stage 2. */
	if ((has & HAS_TTRNW) && e->s2 && e->class == EVT_CLASS_TT &&
	    !smmu_quirk(b->smmu, SMMU_QUIRK_S2_NO_TTRNW))
		record[1] |= FIELD_PREP(EVT1_TTRNW, e->ttrnw);
	if (has & HAS_ATS)
		record[1] |= ats_fields(e);
	if (has & HAS_PAGES)
		record[1] |= page_fields(e);
	if (has & HAS_INPUT)
		record[2] = e->input;
	if (has & (HAS_ATS | HAS_PAGES))
		record[2] = e->input & EVT2_PAGE;
	if ((has & HAS_IPA) && e->s2)
		record[3] = smmu_quirk(b->smmu, SMMU_QUIRK_S2_IPA_WHOLE)
		                    ? e->ipa
		                    : e->ipa & EVT3_IPA;
	if (has & HAS_FETCH) {
		if (e->type == SMMU_F_CD_FETCH &&
		    smmu_quirk(b->smmu, SMMU_QUIRK_CD_FETCH_WORD2))
			record[2] = e->fetch;
		else
			record[3] = e->fetch & EVT3_FETCHADDR;
	}
}

/* 7.3.1: all fields have to be the same, but for the low bits of InputAddr
 * where 7.3.8 and 7.3.12 to 7.3.17 leave them out. Records with Stall do not
 * come here. */
bool smmu_records_alike(const uint64_t a[EVENT_WORDS],
                        const uint64_t b[EVENT_WORDS])
{
	uint8_t type = (uint8_t)FIELD_GET(EVT0_TYPE, a[0]);
	const uint16_t has = fields(type);
	uint64_t mask = UINT64_MAX;

	if ((has & HAS_INPUT) && type != SMMU_F_UUT)
		mask = EVT2_PAGE;
	return a[0] == b[0] && a[1] == b[1] && a[3] == b[3] &&
	       ((a[2] ^ b[2]) & mask) == 0;
}
