/* SPDX-License-Identifier: MIT */
/* Implementation profiles, and the capabilities that their registers give. */
#include <string.h>

#include "smmuv3_internal.h"

#define Q(name) SMMU_QUIRK_##name

/* Both QEMU versions; docs/profiles.md. */
#define QUIRKS_QEMU                                                            \
	(Q(NO_PNU_IND) | Q(CD_FETCH_WORD2) | Q(RECORD_BAD_SID) |               \
	 Q(SPAN_BAD_STE) | Q(FMT_STICKY) | Q(NO_L1STD_CACHE) |                 \
	 Q(POINTER_BITS) | Q(AP2_ONLY) | Q(APTABLE_EARLY) | Q(NO_TABLE_SIZE) | \
	 Q(BLOCK_ANY_LEVEL) | Q(TBI1_IS_TBI0) | Q(NO_GLOBAL) |                 \
	 Q(NO_BYPASS_SIZE) | Q(UNGUARDED) | Q(PAGE_ALIAS) |                    \
	 Q(QUEUE_UNALIGNED) | Q(EVTQ_FULL_ABT) | Q(EVTQ_ABT_GOES_ON) |         \
	 Q(EVTQ_IRQ_EACH) | Q(CMD_TOLERANT) | Q(SYNC_CS3))

/* PrimeCell identification that QEMU shows. */
#define PIDR_QEMU                                                              \
	{                                                                      \
		0x04, 0x00, 0x00, 0x00, 0x84, 0xb4, 0xf0, 0x10                 \
	}

/* What the profiles without a recording show: that which works here. */
#define IDR0_OWN                                                               \
	(FIELD_PREP(IDR0_S1P, 1) | FIELD_PREP(IDR0_TTF, TTF_AARCH64) |         \
	 FIELD_PREP(IDR0_ASID16, 1) | FIELD_PREP(IDR0_MSI, 1) |                \
	 FIELD_PREP(IDR0_SEV, 1) | FIELD_PREP(IDR0_CD2L, 1) |                  \
	 FIELD_PREP(IDR0_TTENDIAN, TTENDIAN_MIXED) |                           \
	 FIELD_PREP(IDR0_STALL_MODEL, STALL_NONE) |                            \
	 FIELD_PREP(IDR0_TERM_MODEL, 1) | FIELD_PREP(IDR0_ST_LEVEL, 1))
#define IDR1_OWN                                                               \
	(FIELD_PREP(IDR1_SIDSIZE, 16) | FIELD_PREP(IDR1_SSIDSIZE, 20) |        \
	 FIELD_PREP(IDR1_EVENTQS, 19) | FIELD_PREP(IDR1_CMDQS, 19))
#define IDR1_OVERRIDES                                                         \
	(FIELD_PREP(IDR1_ATTR_PERMS_OVR, 1) |                                  \
	 FIELD_PREP(IDR1_ATTR_TYPES_OVR, 1))
#define IDR3_OWN (FIELD_PREP(IDR3_HAD, 1) | FIELD_PREP(IDR3_RIL, 1))
#define IDR5_4K_64K                                                            \
	(FIELD_PREP(IDR5_OAS, 5) | FIELD_PREP(IDR5_GRAN4K, 1) |                \
	 FIELD_PREP(IDR5_GRAN64K, 1))

static const struct smmu_profile profiles[DMASIM_SMMU_PROFILES] = {
        [DMASIM_SMMU_ARCH] =
                {
                        .name = "arch",
                        .idr = {IDR0_OWN, IDR1_OWN | IDR1_OVERRIDES, 0,
                                IDR3_OWN, 0,
                                IDR5_4K_64K | FIELD_PREP(IDR5_GRAN16K, 1)},
                        .aidr = 2, /* SMMUv3.2 */
                        .gbpa = 0x1000,
                },
        [DMASIM_SMMU_FVP_2017] =
                {
                        .name = "fvp-2017",
                        .idr = {IDR0_OWN, IDR1_OWN, 0, 0, 0, IDR5_4K_64K},
                        .gbpa = 0x1000,
                        .quirks = Q(SSID_ONES),
                },
        [DMASIM_SMMU_QEMU_7_2] =
                {
                        .name = "qemu-7.2",
                        .idr = {0x0d40101a, 0x02730010, 0, 0x00001404, 0,
                                0x00000074},
                        .aidr = 1,
                        .pidr = PIDR_QEMU,
                        .quirks = QUIRKS_QEMU | Q(CLASS_ZERO) | Q(NO_AF) |
                                  Q(NO_LEAF_SIZE) | Q(INPUT_48) | Q(NO_GBPA),
                },
        [DMASIM_SMMU_QEMU_10] =
                {
                        .name = "qemu-10",
                        .idr = {0x0d44101b, 0x02730010, 0, 0x00001414, 0,
                                0x00000074},
                        .aidr = 1,
                        .gbpa = 0x1000,
                        .pidr = PIDR_QEMU,
                        .quirks = QUIRKS_QEMU | Q(SIZE_LAST),
                },
};

const char *dmasim_smmu_profile_name(enum dmasim_smmu_profile profile)
{
	return (unsigned)profile < DMASIM_SMMU_PROFILES ? profiles[profile].name
	                                                : "?";
}

int dmasim_smmu_profile_parse(const char *name,
                              enum dmasim_smmu_profile *profile)
{
	for (unsigned i = 0; i < DMASIM_SMMU_PROFILES; i++) {
		if (strcmp(name, profiles[i].name) == 0) {
			*profile = (enum dmasim_smmu_profile)i;
			return DMASIM_OK;
		}
	}
	return DMASIM_E_NOTFOUND;
}

const struct smmu_profile *smmu_profile_get(unsigned profile)
{
	return profile < DMASIM_SMMU_PROFILES ? &profiles[profile] : NULL;
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

/* Reserved codes act as the largest size: unconfirmed, docs/smmuv3.md. */
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

static int apply_config(uint32_t idr[6], const struct dmasim_smmu_config *cfg)
{
	if (cfg->sid_bits > 32 || cfg->ssid_bits_plus1 > 21)
		return DMASIM_E_INVAL;
	idr[0] = (uint32_t)FIELD_SET(IDR0_COHACC, idr[0], cfg->coherent);
	for (unsigned i = 0; i < 6; i++)
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

int smmu_caps_init(struct smmu_caps *caps, const struct smmu_profile *p,
                   const struct dmasim_smmu_config *cfg)
{
	uint32_t *idr = caps->idr;
	int status;

	memcpy(idr, p->idr, sizeof(caps->idr));
	status = apply_config(idr, cfg);
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
	caps->ttendian = (uint8_t)FIELD_GET(IDR0_TTENDIAN, idr[0]);
	caps->perms_ovr = FIELD_GET(IDR1_ATTR_PERMS_OVR, idr[1]);
	caps->types_ovr = FIELD_GET(IDR1_ATTR_TYPES_OVR, idr[1]);
	caps->had = FIELD_GET(IDR3_HAD, idr[3]);
	caps->ril = FIELD_GET(IDR3_RIL, idr[3]);
	caps->gran4k = FIELD_GET(IDR5_GRAN4K, idr[5]);
	caps->gran16k = FIELD_GET(IDR5_GRAN16K, idr[5]);
	caps->gran64k = FIELD_GET(IDR5_GRAN64K, idr[5]);
	return DMASIM_OK;
}
