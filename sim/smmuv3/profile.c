/* SPDX-License-Identifier: MIT */
/* Implementation profiles, and the capabilities that their registers give. */
#include <string.h>

#include "smmuv3_internal.h"

const char *dmasim_smmu_profile_name(enum dmasim_smmu_profile profile)
{
	return (unsigned)profile < DMASIM_SMMU_PROFILES
	               ? smmu_profiles[profile].name
	               : "?";
}

int dmasim_smmu_profile_parse(const char *name,
                              enum dmasim_smmu_profile *profile)
{
	for (unsigned i = 0; i < DMASIM_SMMU_PROFILES; i++) {
		if (strcmp(name, smmu_profiles[i].name) == 0) {
			*profile = (enum dmasim_smmu_profile)i;
			return DMASIM_OK;
		}
	}
	return DMASIM_E_NOTFOUND;
}

const struct smmu_profile *smmu_profile_get(unsigned profile)
{
	return profile < DMASIM_SMMU_PROFILES ? &smmu_profiles[profile] : NULL;
}

const char *smmu_quirk_name(unsigned bit)
{
	static const char *const names[] = {
#define X(name, text) #name,
	        SMMU_QUIRK_LIST(X)
#undef X
	};

	return bit < SMMU_QUIRK_COUNT ? names[bit] : NULL;
}

const char *smmu_quirk_text(unsigned bit)
{
	static const char *const texts[] = {
#define X(name, text) text,
	        SMMU_QUIRK_LIST(X)
#undef X
	};

	return bit < SMMU_QUIRK_COUNT ? texts[bit] : NULL;
}

/* 6.3.6: the coding of output sizes in IDR5.OAS, CD.IPS and STE.S2PS. */
static int size_code(unsigned bits)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52};

	for (int i = 0; i < (int)sizeof(sizes); i++)
		if (sizes[i] == bits)
			return i;
	return -1;
}

/* 5.4, 6.3.6: reserved codes act as the largest size. */
static unsigned size_bits(uint64_t code)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};

	return sizes[code & 7];
}

unsigned smmu_output_bits(uint64_t ips, unsigned oas)
{
	unsigned bits = size_bits(ips);

	return bits < oas ? bits : oas;
}

static int apply_config(uint32_t idr[SMMU_IDRS],
                        const struct dmasim_smmu_config *cfg)
{
	if (cfg->sid_bits > 32 || cfg->ssid_bits_plus1 > 21)
		return DMASIM_E_INVAL;
	idr[0] = (uint32_t)FIELD_SET(IDR0_COHACC, idr[0], cfg->coherent);
	/* 6.3.2: ECMDQs need COHACC. */
	if (!cfg->coherent)
		idr[1] &= (uint32_t)~IDR1_ECMDQ;
	for (unsigned i = 0; i < SMMU_IDRS; i++)
		if (cfg->idr_valid & 1u << i)
			idr[i] = cfg->idr[i];
	if (cfg->oas_bits != 0) {
		int code = size_code(cfg->oas_bits);

		if (code < 0)
			return DMASIM_E_INVAL;
		idr[5] = (uint32_t)FIELD_SET(IDR5_OAS, idr[5], (unsigned)code);
	}
	if (cfg->sid_bits != 0)
		idr[1] = (uint32_t)FIELD_SET(IDR1_SIDSIZE, idr[1],
		                             cfg->sid_bits);
	if (cfg->ssid_bits_plus1 != 0)
		idr[1] = (uint32_t)FIELD_SET(IDR1_SSIDSIZE, idr[1],
		                             cfg->ssid_bits_plus1 - 1u);
	return DMASIM_OK;
}

static uint8_t at_most(uint64_t value, unsigned max)
{
	return (uint8_t)(value < max ? value : max);
}

/* 6.3.52 - 6.3.56: what the Secure programming interface has. */
static void secure_caps(struct smmu_caps *caps,
                        const struct dmasim_smmu_config *cfg)
{
	uint32_t *s_idr = caps->s_idr;

	if (!cfg->coherent)
		s_idr[0] &= (uint32_t)~S_IDR0_ECMDQ;
	for (unsigned i = 0; i < SMMU_IDRS; i++)
		if (cfg->s_idr_valid & 1u << i)
			s_idr[i] = cfg->s_idr[i];
	s_idr[5] = 0;
	if (!FIELD_GET(S_IDR1_SECURE_IMPL, s_idr[1]))
		memset(s_idr, 0, sizeof(caps->s_idr));
	caps->secure = FIELD_GET(S_IDR1_SECURE_IMPL, s_idr[1]);
	caps->sel2 = FIELD_GET(S_IDR1_SEL2, s_idr[1]);
	caps->s_sid_bits = at_most(FIELD_GET(S_IDR1_S_SIDSIZE, s_idr[1]), 32);
	caps->s_msi = FIELD_GET(IDR0_MSI, s_idr[0]);
	caps->sams = FIELD_GET(S_IDR3_SAMS, s_idr[3]);
	caps->s_stall_model = (uint8_t)FIELD_GET(IDR0_STALL_MODEL, s_idr[0]);
	/* 6.3.1: the Secure side says which model there is. */
	if (caps->secure)
		caps->idr[0] = (uint32_t)FIELD_SET(
		        IDR0_STALL_MODEL, caps->idr[0], caps->s_stall_model);
}

/* 6.3.45: pages of ECMDQs of one Security state. */
static int ecmdq_caps(struct smmu_caps *caps, unsigned bank, uint32_t *idr6,
                      bool present)
{
	uint64_t pages = FIELD_GET(IDR6_LOG2NUMP, *idr6);
	uint64_t queues = FIELD_GET(IDR6_LOG2NUMQ, *idr6);

	if (!present) {
		*idr6 = 0;
		return DMASIM_OK;
	}
	if (pages > IDR6_LOG2MAX || queues > IDR6_LOG2MAX)
		return DMASIM_E_INVAL;
	caps->ecmdq_pages[bank] = 1u << pages;
	caps->ecmdq_log2[bank] = (uint8_t)queues;
	return DMASIM_OK;
}

/* 6.1: page 0, page 1, the VATOS pages where IDR2 puts them, and after them
 * the Command queue control pages: where those lie is IMPLEMENTATION
 * DEFINED. */
static int layout(struct smmu_caps *caps)
{
	uint32_t *vatos = caps->vatos_page, *ecmdq = caps->ecmdq_page;

	caps->pages = 2;
	if (caps->vatos)
		vatos[SMMU_NS] =
		        2 + (uint32_t)FIELD_GET(IDR2_BA_VATOS, caps->idr[2]);
	if (caps->vatos && caps->sel2)
		vatos[SMMU_S] =
		        2 + (uint32_t)FIELD_GET(IDR2_BA_VATOS, caps->s_idr[2]);
	if (vatos[SMMU_NS] != 0 && vatos[SMMU_NS] == vatos[SMMU_S])
		return DMASIM_E_INVAL;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		if (vatos[i] >= caps->pages)
			caps->pages = vatos[i] + 1;
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		if (caps->ecmdq_pages[i] != 0)
			ecmdq[i] = caps->pages;
		caps->pages += caps->ecmdq_pages[i];
	}
	return DMASIM_OK;
}

static int more_caps(struct smmu_caps *caps,
                     const struct dmasim_smmu_config *cfg)
{
	const uint32_t *idr = caps->idr;
	int status;

	secure_caps(caps, cfg);
	caps->priq_log2 = at_most(FIELD_GET(IDR1_PRIQS, idr[1]), 19);
	caps->atos = FIELD_GET(IDR0_ATOS, idr[0]);
	caps->vatos = caps->atos && FIELD_GET(IDR0_VATOS, idr[0]);
	caps->btm = FIELD_GET(IDR0_BTM, idr[0]);
	caps->sev = FIELD_GET(IDR0_SEV, idr[0]);
	caps->vmw = FIELD_GET(IDR0_VMW, idr[0]);
	caps->atsrecerr = FIELD_GET(IDR0_ATSRECERR, idr[0]);
	caps->s2pi = FIELD_GET(IDR3_S2PI, idr[3]);
	caps->ds = FIELD_GET(IDR5_DS, idr[5]);
	status = ecmdq_caps(caps, SMMU_NS, &caps->idr[6],
	                    FIELD_GET(IDR1_ECMDQ, idr[1]));
	if (status == DMASIM_OK)
		status = ecmdq_caps(caps, SMMU_S, &caps->s_idr[6],
		                    FIELD_GET(S_IDR0_ECMDQ, caps->s_idr[0]));
	return status == DMASIM_OK ? layout(caps) : status;
}

int smmu_caps_init(struct smmu_caps *caps, const struct smmu_profile *p,
                   const struct dmasim_smmu_config *cfg)
{
	uint32_t *idr = caps->idr;
	int status;

	*caps = (struct smmu_caps){0};
	memcpy(idr, p->idr, sizeof(caps->idr));
	memcpy(caps->s_idr, p->s_idr, sizeof(caps->s_idr));
	status = apply_config(idr, cfg);
	if (status == DMASIM_OK)
		status = more_caps(caps, cfg);
	if (status != DMASIM_OK)
		return status;
	caps->sid_bits = at_most(FIELD_GET(IDR1_SIDSIZE, idr[1]), 32);
	caps->ssid_bits = at_most(FIELD_GET(IDR1_SSIDSIZE, idr[1]), 20);
	caps->cmdq_log2 = at_most(FIELD_GET(IDR1_CMDQS, idr[1]), 19);
	caps->eventq_log2 = at_most(FIELD_GET(IDR1_EVENTQS, idr[1]), 19);
	caps->oas = (uint8_t)size_bits(FIELD_GET(IDR5_OAS, idr[5]));
	caps->s1p = FIELD_GET(IDR0_S1P, idr[0]);
	caps->s2p = FIELD_GET(IDR0_S2P, idr[0]);
	caps->st_2lvl = FIELD_GET(IDR0_ST_LEVEL, idr[0]) != 0;
	caps->cd2l = FIELD_GET(IDR0_CD2L, idr[0]);
	caps->asid16 = FIELD_GET(IDR0_ASID16, idr[0]);
	caps->vmid16 = FIELD_GET(IDR0_VMID16, idr[0]);
	caps->hyp = FIELD_GET(IDR0_HYP, idr[0]);
	caps->ats = FIELD_GET(IDR0_ATS, idr[0]);
	caps->pri = FIELD_GET(IDR0_PRI, idr[0]);
	caps->msi = FIELD_GET(IDR0_MSI, idr[0]);
	caps->term_abort = FIELD_GET(IDR0_TERM_MODEL, idr[0]);
	caps->stall_model = (uint8_t)FIELD_GET(IDR0_STALL_MODEL, idr[0]);
	caps->stall_max = (uint16_t)FIELD_GET(IDR5_STALL_MAX, idr[5]);
	caps->ttendian = (uint8_t)FIELD_GET(IDR0_TTENDIAN, idr[0]);
	caps->perms_ovr = FIELD_GET(IDR1_ATTR_PERMS_OVR, idr[1]);
	caps->types_ovr = FIELD_GET(IDR1_ATTR_TYPES_OVR, idr[1]);
	caps->had = FIELD_GET(IDR3_HAD, idr[3]);
	caps->pasidtt = FIELD_GET(IDR3_PASIDTT, idr[3]);
	caps->pps = FIELD_GET(IDR3_PPS, idr[3]);
	caps->ril = FIELD_GET(IDR3_RIL, idr[3]);
	caps->stt = FIELD_GET(IDR3_STT, idr[3]);
	caps->fwb = FIELD_GET(IDR3_FWB, idr[3]);
	caps->xnx = FIELD_GET(IDR3_XNX, idr[3]);
	caps->e0pd = FIELD_GET(IDR3_E0PD, idr[3]);
	caps->epan = FIELD_GET(IDR3_EPAN, idr[3]);
	caps->ptwnnc = FIELD_GET(IDR3_PTWNNC, idr[3]);
	caps->mteperm = FIELD_GET(IDR3_MTEPERM, idr[3]);
	caps->vax52 = FIELD_GET(IDR5_VAX, idr[5]) != 0;
	caps->httu = (uint8_t)FIELD_GET(IDR0_HTTU, idr[0]);
	caps->ns1ats = FIELD_GET(IDR0_NS1ATS, idr[0]);
	caps->gran4k = FIELD_GET(IDR5_GRAN4K, idr[5]);
	caps->gran16k = FIELD_GET(IDR5_GRAN16K, idr[5]);
	caps->gran64k = FIELD_GET(IDR5_GRAN64K, idr[5]);
	return DMASIM_OK;
}
