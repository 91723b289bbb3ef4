/* SPDX-License-Identifier: MIT */
/*
 * Performance monitor counter groups (IHI 0070, chapter 10): one table gives
 * the registers of a group. What is not here is RAZ/WI: reserved, or of MPAM
 * and Root state, which the model does not have.
 */
#ifndef SMMUV3_SPEC_PMCG_H
#define SMMUV3_SPEC_PMCG_H

#include "spec/bits.h"

#define PMCG_PAGE_SIZE 0x1000u
#define PMCG_COUNTERS  64u

/* 10.3: architected events. */
#define PMCG_EV_CYCLES         0
#define PMCG_EV_TRANSACTION    1
#define PMCG_EV_TLB_MISS       2
#define PMCG_EV_CONFIG_MISS    3
#define PMCG_EV_WALK           4
#define PMCG_EV_CONFIG_ACCESS  5
#define PMCG_EV_ATS_REQUEST    6
#define PMCG_EV_ATS_TRANSLATED 7
#define PMCG_EVENTS            8

#define PMCG_EVTYPER_EVENT    SMMU_BITS(15, 0)
#define PMCG_EVTYPER_SID_SPAN SMMU_BIT(29)
#define PMCG_EVTYPER_SEC_SID  SMMU_BIT(30)
#define PMCG_EVTYPER_OVFCAP   SMMU_BIT(31)
#define PMCG_EVTYPER_FILTER   (PMCG_EVTYPER_SID_SPAN | PMCG_EVTYPER_SEC_SID)

#define PMCG_CAPR_CAPTURE SMMU_BIT(0)

#define PMCG_SCR_SO           SMMU_BIT(0)
#define PMCG_SCR_NSRA         SMMU_BIT(1)
#define PMCG_SCR_NSMSI        SMMU_BIT(2)
#define PMCG_SCR_READS_AS_ONE SMMU_BIT(31)

#define PMCG_CFGR_NCTR            SMMU_BITS(5, 0)
#define PMCG_CFGR_SIZE            SMMU_BITS(13, 8)
#define PMCG_CFGR_RELOC_CTRS      SMMU_BIT(20)
#define PMCG_CFGR_MSI             SMMU_BIT(21)
#define PMCG_CFGR_CAPTURE         SMMU_BIT(22)
#define PMCG_CFGR_SID_FILTER_TYPE SMMU_BIT(23)

#define PMCG_CR_E             SMMU_BIT(0)
#define PMCG_IRQ_CTRL_IRQEN   SMMU_BIT(0)
#define PMCG_IRQ_CFG0_ADDR    SMMU_BITS(55, 2)
#define PMCG_IRQ_CFG2_MEMATTR SMMU_BITS(3, 0)
#define PMCG_IRQ_CFG2_SH      SMMU_BITS(5, 4)
#define PMCG_IRQ_STATUS_ABT   SMMU_BIT(0)

enum pmcg_access {
	PMCG_RO,
	PMCG_RW,
	PMCG_WO,
	/** Bits written as 1 are set, or cleared, in one bitmap. */
	PMCG_W1S,
	PMCG_W1C,
};

enum pmcg_place {
	PMCG_PAGE0,
	/** In page 1 where CFGR.RELOC_CTRS is 1. */
	PMCG_MOVES,
};

/* name, offset, size (0: a counter's), registers, access, place. */
#define PMCG_REGS(X)                                                           \
	X(EVCNTR, 0x000, 0, PMCG_COUNTERS, RW, MOVES)                          \
	X(EVTYPER, 0x400, 4, PMCG_COUNTERS, RW, PAGE0)                         \
	X(SVR, 0x600, 0, PMCG_COUNTERS, RO, MOVES)                             \
	X(SMR, 0xa00, 4, PMCG_COUNTERS, RW, PAGE0)                             \
	X(CNTENSET0, 0xc00, 8, 1, W1S, PAGE0)                                  \
	X(CNTENCLR0, 0xc20, 8, 1, W1C, PAGE0)                                  \
	X(INTENSET0, 0xc40, 8, 1, W1S, PAGE0)                                  \
	X(INTENCLR0, 0xc60, 8, 1, W1C, PAGE0)                                  \
	X(OVSCLR0, 0xc80, 8, 1, W1C, MOVES)                                    \
	X(OVSSET0, 0xcc0, 8, 1, W1S, MOVES)                                    \
	X(CAPR, 0xd88, 4, 1, WO, MOVES)                                        \
	X(SCR, 0xdf8, 4, 1, RW, PAGE0)                                         \
	X(CFGR, 0xe00, 4, 1, RO, PAGE0)                                        \
	X(CR, 0xe04, 4, 1, RW, PAGE0)                                          \
	X(CEID0, 0xe20, 8, 1, RO, PAGE0)                                       \
	X(IRQ_CTRL, 0xe50, 4, 1, RW, PAGE0)                                    \
	X(IRQ_CTRLACK, 0xe54, 4, 1, RO, PAGE0)                                 \
	X(IRQ_CFG0, 0xe58, 8, 1, RW, PAGE0)                                    \
	X(IRQ_CFG1, 0xe60, 4, 1, RW, PAGE0)                                    \
	X(IRQ_CFG2, 0xe64, 4, 1, RW, PAGE0)                                    \
	X(IRQ_STATUS, 0xe68, 4, 1, RO, PAGE0)                                  \
	X(AIDR, 0xe70, 4, 1, RO, PAGE0)                                        \
	X(PMDEVARCH, 0xfbc, 4, 1, RO, PAGE0)                                   \
	X(PMDEVTYPE, 0xfcc, 4, 1, RO, PAGE0)                                   \
	X(CIDR0, 0xff0, 4, 1, RO, PAGE0)                                       \
	X(CIDR1, 0xff4, 4, 1, RO, PAGE0)                                       \
	X(CIDR2, 0xff8, 4, 1, RO, PAGE0)                                       \
	X(CIDR3, 0xffc, 4, 1, RO, PAGE0)

enum pmcg_reg {
#define X(name, offset, size, count, access, place) PMCG_##name,
	PMCG_REGS(X)
#undef X
	        PMCG_REG_COUNT
};

/* 10.5.2.29: what the identification registers say. */
#define PMCG_ID_PMDEVARCH 0x47702a56u
#define PMCG_ID_PMDEVTYPE 0x56u
#define PMCG_ID_CIDR0     0x0du
#define PMCG_ID_CIDR1     0x90u
#define PMCG_ID_CIDR2     0x05u
#define PMCG_ID_CIDR3     0xb1u

#endif
