/* SPDX-License-Identifier: MIT */
/* The profiles. docs/profiles.md has the source of each value. */
#include "smmuv3_internal.h"

#define Q(name) ((uint64_t)1 << SMMU_QUIRK_##name)

/* Both QEMU versions; docs/profiles.md. */
#define QUIRKS_QEMU                                                            \
	(Q(NO_PNU_IND) | Q(CD_FETCH_WORD2) | Q(RECORD_BAD_SID) |               \
	 Q(SPAN_BAD_STE) | Q(FMT_STICKY) | Q(NO_L1STD_CACHE) |                 \
	 Q(NO_WALK_CACHE) | Q(NO_PREFETCH) | Q(POINTER_BITS) | Q(AP2_ONLY) |   \
	 Q(APTABLE_EARLY) | Q(NO_TABLE_SIZE) | Q(BLOCK_ANY_LEVEL) |            \
	 Q(TBI1_IS_TBI0) | Q(NO_GLOBAL) | Q(NO_BYPASS_SIZE) | Q(CR2_KEPT) |    \
	 Q(UNGUARDED) | Q(PAGE_ALIAS) | Q(QUEUE_UNALIGNED) |                   \
	 Q(EVTQ_FULL_ABT) | Q(EVTQ_ABT_GOES_ON) | Q(EVTQ_IRQ_EACH) |           \
	 Q(CMD_TOLERANT) | Q(SYNC_CS3) | Q(S1_FIELDS))
/* Of a QEMU with stage 2. */
#define QUIRKS_QEMU_S2                                                         \
	(Q(S2_RANGE_BY_PS) | Q(S2_NO_HTTU) | Q(S2_ONE_TABLE) | Q(S2_NO_PTW) |  \
	 Q(S2_TT_BASE) | Q(S2_INPUT_SILENT) | Q(S2_HIT_WRITES) |               \
	 Q(S2_FETCH_READ) | Q(S2_NO_TTRNW) | Q(S2_IPA_WHOLE))

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

/* SMMUv3.4, without what docs/profiles.md gives a reason for. */
#define IDR0_FULL                                                              \
	(IDR0_S2P | IDR0_S1P | FIELD_PREP(IDR0_TTF, TTF_AARCH64) |             \
	 FIELD_PREP(IDR0_HTTU, 2) | IDR0_HYP | IDR0_ATS | IDR0_ASID16 |        \
	 IDR0_MSI | IDR0_SEV | IDR0_ATOS | IDR0_PRI | IDR0_VMW | IDR0_VMID16 | \
	 IDR0_CD2L | IDR0_VATOS | IDR0_ATSRECERR |                             \
	 FIELD_PREP(IDR0_ST_LEVEL, 1))
#define IDR1_FULL                                                              \
	(FIELD_PREP(IDR1_SIDSIZE, 32) | FIELD_PREP(IDR1_SSIDSIZE, 20) |        \
	 FIELD_PREP(IDR1_PRIQS, 19) | FIELD_PREP(IDR1_EVENTQS, 19) |           \
	 FIELD_PREP(IDR1_CMDQS, 19) | IDR1_OVERRIDES | IDR1_ECMDQ)
#define IDR3_FULL                                                              \
	(IDR3_HAD | IDR3_XNX | IDR3_FWB | IDR3_STT | IDR3_RIL |                \
	 FIELD_PREP(IDR3_BBML, 2) | IDR3_E0PD | IDR3_PTWNNC | IDR3_PASIDTT |   \
	 IDR3_EPAN | IDR3_MTEPERM)
#define IDR5_FULL                                                              \
	(FIELD_PREP(IDR5_OAS, 6) | IDR5_GRAN4K | IDR5_GRAN16K | IDR5_GRAN64K | \
	 IDR5_DS | FIELD_PREP(IDR5_VAX, 1) | FIELD_PREP(IDR5_STALL_MAX, 64))
#define IDR6_FULL (FIELD_PREP(IDR6_LOG2NUMQ, 3))

const struct smmu_profile smmu_profiles[DMASIM_SMMU_PROFILES] = {
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
                        .quirks = QUIRKS_QEMU | QUIRKS_QEMU_S2 | Q(SIZE_LAST),
                },
        [DMASIM_SMMU_ARCH_FULL] =
                {
                        .name = "arch-full",
                        .idr = {IDR0_FULL, IDR1_FULL, 0, IDR3_FULL, 0,
                                IDR5_FULL, IDR6_FULL},
                        .s_idr = {FIELD_PREP(IDR0_MSI, 1) | S_IDR0_ECMDQ,
                                  S_IDR1_SECURE_IMPL | S_IDR1_SEL2 |
                                          FIELD_PREP(S_IDR1_S_SIDSIZE, 32),
                                  FIELD_PREP(IDR2_BA_VATOS, 1), 0, 0, 0,
                                  IDR6_FULL},
                        .aidr = 4, /* SMMUv3.4 */
                        .gbpa = 0x1000,
                },
        [DMASIM_SMMU_MMU_600_LIKE] =
                {
                        .name = "mmu-600-like",
                        .idr = {0x080f7e0b, 0x0e739d18, 0, 0x0000003c, 0,
                                0x00400075},
                        .s_idr = {0x00002000, 0x80000018, 0, 0x00000040},
                        .iidr = 0x4832243b,
                        .aidr = 1,
                        .pidr = {0x04, 0, 0, 0, 0x83, 0xb4, 0x2b, 0x00},
                        .quirks = Q(NO_MERGE) | Q(NO_ALLOCCFG),
                        .tlb_entries = 2048,
                        .config_entries = 256,
                        .walk_entries = 2048,
                },
        [DMASIM_SMMU_MMU_700_LIKE] =
                {
                        .name = "mmu-700-like",
                        .idr = {0x080f768b, 0x0e739d20, 0, 0x0000173c, 0,
                                0x02000475},
                        .s_idr = {0x00002000, 0xa0000020, 0, 0x00000040},
                        .iidr = 0x4871243b,
                        .aidr = 2,
                        .pidr = {0x04, 0, 0, 0, 0x87, 0xb4, 0x1b, 0x00},
                        .quirks = Q(NO_MERGE),
                        .tlb_entries = 4096,
                        .config_entries = 1024,
                        .walk_entries = 8192,
                },
};
