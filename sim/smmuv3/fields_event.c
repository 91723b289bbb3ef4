/* SPDX-License-Identifier: MIT */
/* Layouts as data: what `decode`, reports and tests say about an event record
 * (7.3). */
#include "fields_internal.h"
#include "spec/event.h"

void smmu_put_field(struct smmu_fields *o, const struct smmu_layout *l)
{
	uint64_t value = FIELD_GET(l->mask, o->word[l->word]);
	struct dmasim_field f = {
	        .name = l->name,
	        .word = l->word,
	        .hi = (uint8_t)(63 - __builtin_clzll(l->mask)),
	        .lo = (uint8_t)__builtin_ctzll(l->mask),
	        .value = l->in_place ? o->word[l->word] & l->mask : value,
	        .text = value < 16 && !l->in_place ? l->text[value] : NULL,
	};

	if (o->count < o->max)
		o->field[o->count] = f;
	o->count++;
}

void smmu_put_fields(struct smmu_fields *o, const struct smmu_layout *l,
                     size_t n)
{
	for (size_t i = 0; i < n; i++)
		smmu_put_field(o, &l[i]);
}

const char *dmasim_event_name(uint8_t type)
{
	switch (type) {
#define X(name, code)                                                          \
	case (code):                                                           \
		return #name;
		SMMU_EVENTS(X)
#undef X
	default:
		return NULL;
	}
}

static const struct smmu_layout evt_common[] = {
        {.name = "Event number", .word = 0, .mask = EVT0_TYPE},
        {.name = "SSV", .word = 0, .mask = EVT0_SSV},
        {.name = "StreamID", .word = 0, .mask = EVT0_SID},
};
static const struct smmu_layout evt_ssid = {
        .name = "SubstreamID", .word = 0, .mask = EVT0_SSID};
static const struct smmu_layout evt_stall[] = {
        {.name = "Stall",
         .word = 1,
         .mask = EVT1_STALL,
         .text = {"terminated", "stalled"}},
};
static const struct smmu_layout evt_stag = {
        .name = "STAG", .word = 1, .mask = EVT1_STAG};
static const struct smmu_layout evt_access[] = {
        {.name = "PnU",
         .word = 1,
         .mask = EVT1_PNU,
         .text = {"unprivileged", "privileged"}},
        {.name = "InD",
         .word = 1,
         .mask = EVT1_IND,
         .text = {"data", "instruction"}},
        {.name = "RnW", .word = 1, .mask = EVT1_RNW, .text = {"write", "read"}},
};
static const struct smmu_layout evt_stage[] = {
        {.name = "S2",
         .word = 1,
         .mask = EVT1_S2,
         .text = {"stage 1", "stage 2"}},
        {.name = "CLASS",
         .word = 1,
         .mask = EVT1_CLASS,
         .text = {"CD: fetching a context descriptor",
                  "TT: reading a translation table", "IN: the input address",
                  "reserved"}},
};
static const struct smmu_layout evt_ttrnw = {
        .name = "TTRnW",
        .word = 1,
        .mask = EVT1_TTRNW,
        .text = {"table write", "table read"}};
static const struct smmu_layout evt_input = {
        .name = "InputAddr", .word = 2, .in_place = true, .mask = EVT2_ADDR};
static const struct smmu_layout evt_reason[] = {
        {.name = "Reason", .word = 1, .mask = EVT1_REASON},
};
static const struct smmu_layout evt_gpcf = {
        .name = "GPCF", .word = 1, .mask = EVT1_GPCF};
static const struct smmu_layout evt_fetch = {.name = "FetchAddr",
                                             .word = 3,
                                             .in_place = true,
                                             .mask = EVT3_FETCHADDR};
static const struct smmu_layout evt_ipa[] = {
        {.name = "NSIPA", .word = 1, .mask = EVT1_NSIPA},
        {.name = "IPA", .word = 3, .in_place = true, .mask = EVT3_IPA},
};
static const struct smmu_layout evt_ats[] = {
        {.name = "R", .word = 1, .mask = EBT1_R},
        {.name = "W", .word = 1, .mask = EBT1_W},
        {.name = "X", .word = 1, .mask = EBT1_X},
        {.name = "PRIV",
         .word = 1,
         .mask = EBT1_PRIV,
         .text = {"unprivileged", "privileged"}},
        {.name = "Span", .word = 1, .mask = EBT1_SPAN},
        {.name = "InputAddr", .word = 2, .in_place = true, .mask = EVT2_PAGE},
};
static const struct smmu_layout evt_page[] = {
        {.name = "uX", .word = 1, .mask = EPR1_UX},
        {.name = "uW", .word = 1, .mask = EPR1_UW},
        {.name = "uR", .word = 1, .mask = EPR1_UR},
        {.name = "pX", .word = 1, .mask = EPR1_PX},
        {.name = "pW", .word = 1, .mask = EPR1_PW},
        {.name = "pR", .word = 1, .mask = EPR1_PR},
        {.name = "Span", .word = 1, .mask = EPR1_SPAN},
        {.name = "InputAddr", .word = 2, .in_place = true, .mask = EVT2_PAGE},
};

static bool stage_2(const uint64_t *record)
{
	return FIELD_GET(EVT1_S2, record[1]);
}

static bool table_access(const uint64_t *record)
{
	return FIELD_GET(EVT0_TYPE, record[0]) == SMMU_F_PERMISSION &&
	       FIELD_GET(EVT1_CLASS, record[1]) == EVT_CLASS_TT;
}

static void translation_fields(struct smmu_fields *o, const uint64_t *record)
{
	PUT_ALL(o, evt_stall);
	if (FIELD_GET(EVT1_STALL, record[1]))
		smmu_put_field(o, &evt_stag);
	PUT_ALL(o, evt_access);
	PUT_ALL(o, evt_stage);
	if (table_access(record))
		smmu_put_field(o, &evt_ttrnw);
	smmu_put_field(o, &evt_input);
	if (stage_2(record))
		PUT_ALL(o, evt_ipa);
}

static void event_body(struct smmu_fields *o, const uint64_t *record)
{
	switch (FIELD_GET(EVT0_TYPE, record[0])) {
	case SMMU_F_UUT:
		PUT_ALL(o, evt_reason);
		PUT_ALL(o, evt_access);
		smmu_put_field(o, &evt_input);
		break;
	case SMMU_F_STE_FETCH:
	case SMMU_F_CD_FETCH:
	case SMMU_F_VMS_FETCH:
		PUT_ALL(o, evt_reason);
		smmu_put_field(o, &evt_gpcf);
		smmu_put_field(o, &evt_fetch);
		break;
	case SMMU_F_TRANSL_FORBIDDEN:
		smmu_put_field(o, &evt_access[2]);
		smmu_put_field(o, &evt_input);
		break;
	case SMMU_F_BAD_ATS_TREQ:
		PUT_ALL(o, evt_ats);
		break;
	case SMMU_F_WALK_EABT:
		PUT_ALL(o, evt_reason);
		smmu_put_field(o, &evt_gpcf);
		PUT_ALL(o, evt_access);
		PUT_ALL(o, evt_stage);
		smmu_put_field(o, &evt_input);
		smmu_put_field(o, &evt_fetch);
		break;
	case SMMU_F_TRANSLATION:
	case SMMU_F_ADDR_SIZE:
	case SMMU_F_ACCESS:
	case SMMU_F_PERMISSION:
		translation_fields(o, record);
		break;
	case SMMU_F_TLB_CONFLICT:
		PUT_ALL(o, evt_reason);
		PUT_ALL(o, evt_access);
		smmu_put_field(o, &evt_stage[0]);
		smmu_put_field(o, &evt_input);
		if (stage_2(record))
			smmu_put_field(o, &evt_ipa[1]);
		break;
	case SMMU_F_CFG_CONFLICT:
		PUT_ALL(o, evt_reason);
		break;
	case SMMU_E_PAGE_REQUEST:
		PUT_ALL(o, evt_page);
		break;
	default:
		break;
	}
}

size_t dmasim_event_fields(const uint64_t record[4], struct dmasim_field *f,
                           size_t max)
{
	struct smmu_fields o = {.word = record, .field = f, .max = max};
	uint64_t type = FIELD_GET(EVT0_TYPE, record[0]);

	PUT_ALL(&o, evt_common);
	/* 7.3.9: C_BAD_SUBSTREAMID has one without SSV. */
	if (FIELD_GET(EVT0_SSV, record[0]) || type == SMMU_C_BAD_SUBSTREAMID)
		smmu_put_field(&o, &evt_ssid);
	event_body(&o, record);
	return o.count;
}

void dmasim_event_defined(const uint64_t record[4], uint64_t mask[4])
{
	uint64_t type = FIELD_GET(EVT0_TYPE, record[0]);

	for (int i = 0; i < 4; i++)
		mask[i] = UINT64_MAX;
	if (!FIELD_GET(EVT0_SSV, record[0]) && type != SMMU_C_BAD_SUBSTREAMID)
		mask[0] &= ~EVT0_SSID;
	if (type < SMMU_F_TRANSLATION || type > SMMU_F_PERMISSION)
		return;
	if (!stage_2(record)) {
		mask[1] &= ~EVT1_NSIPA;
		mask[3] &= ~EVT3_IPA;
	}
	if (!table_access(record))
		mask[1] &= ~EVT1_TTRNW;
	if (!FIELD_GET(EVT1_STALL, record[1]))
		mask[1] &= ~EVT1_STAG;
}
