/* SPDX-License-Identifier: MIT */
/*
 * Level-1 stream table descriptor (5.1) and stream table entry (5.2). The
 * digit is the 64-bit word.
 */
#ifndef SMMUV3_SPEC_STE_H
#define SMMUV3_SPEC_STE_H

#include "spec/bits.h"

#define L1STD_SIZE  8u
#define L1STD_SPAN  SMMU_BITS(4, 0)
#define L1STD_L2PTR SMMU_BITS(51, 6)

#define STE_SIZE  64u
#define STE_WORDS 8u

#define STE0_V            SMMU_BIT(0)
#define STE0_CONFIG       SMMU_BITS(3, 1)
#define STE0_S1FMT        SMMU_BITS(5, 4)
#define STE0_S1CONTEXTPTR SMMU_BITS(55, 6)
#define STE0_S1CDMAX      SMMU_BITS(63, 59)

#define STE1_S1DSS    SMMU_BITS(1, 0)
#define STE1_S1CIR    SMMU_BITS(3, 2)
#define STE1_S1COR    SMMU_BITS(5, 4)
#define STE1_S1CSH    SMMU_BITS(7, 6)
#define STE1_DRE      SMMU_BIT(12)
#define STE1_CONT     SMMU_BITS(16, 13)
#define STE1_DCP      SMMU_BIT(17)
#define STE1_PPAR     SMMU_BIT(18)
#define STE1_MEV      SMMU_BIT(19)
#define STE1_S2FWB    SMMU_BIT(25)
#define STE1_S1MPAM   SMMU_BIT(26)
#define STE1_S1STALLD SMMU_BIT(27)
#define STE1_EATS     SMMU_BITS(29, 28)
#define STE1_STRW     SMMU_BITS(31, 30)
#define STE1_MEMATTR  SMMU_BITS(35, 32)
#define STE1_MTCFG    SMMU_BIT(36)
#define STE1_ALLOCCFG SMMU_BITS(40, 37)
#define STE1_SHCFG    SMMU_BITS(45, 44)
#define STE1_NSCFG    SMMU_BITS(47, 46)
#define STE1_PRIVCFG  SMMU_BITS(49, 48)
#define STE1_INSTCFG  SMMU_BITS(51, 50)

#define STE2_S2VMID SMMU_BITS(15, 0)
#define STE2_S2T0SZ SMMU_BITS(37, 32)
#define STE2_S2SL0  SMMU_BITS(39, 38)
#define STE2_S2IR0  SMMU_BITS(41, 40)
#define STE2_S2OR0  SMMU_BITS(43, 42)
#define STE2_S2SH0  SMMU_BITS(45, 44)
#define STE2_S2TG   SMMU_BITS(47, 46)
#define STE2_S2PS   SMMU_BITS(50, 48)
#define STE2_S2AA64 SMMU_BIT(51)
#define STE2_S2ENDI SMMU_BIT(52)
#define STE2_S2AFFD SMMU_BIT(53)
#define STE2_S2PTW  SMMU_BIT(54)
#define STE2_S2HD   SMMU_BIT(55)
#define STE2_S2HA   SMMU_BIT(56)
#define STE2_S2S    SMMU_BIT(57)
#define STE2_S2R    SMMU_BIT(58)
#define STE2_S2HAFT SMMU_BIT(59)
#define STE2_S2PIE  SMMU_BIT(60)
#define STE2_S2POE  SMMU_BIT(61)

#define STE3_S2NSW   SMMU_BIT(0)
#define STE3_S2NSA   SMMU_BIT(1)
#define STE3_S2SL0_2 SMMU_BIT(2)
#define STE3_S2DS    SMMU_BIT(3)
#define STE3_S2TTB   SMMU_BITS(51, 4)

#define STE4_S_S2T0SZ SMMU_BITS(37, 32)
#define STE4_S_S2SL0  SMMU_BITS(39, 38)
#define STE4_S_S2TG   SMMU_BITS(47, 46)

#define STE6_S2SW      SMMU_BIT(0)
#define STE6_S2SA      SMMU_BIT(1)
#define STE6_S_S2SL0_2 SMMU_BIT(2)
#define STE6_S_S2TTB   SMMU_BITS(51, 4)

/* Config (5.2): bit 2 off aborts; bits 0 and 1 switch the stages on. */
#define STE_CONFIG_BYPASS 4
#define STE_CONFIG_S1     5
#define STE_CONFIG_S2     6
#define STE_CONFIG_NESTED 7

/* EATS. */
#define STE_EATS_NONE  0
#define STE_EATS_FULL  1
#define STE_EATS_SPLIT 2

/* STRW, where the stream table's Security state lets it choose. */
#define STE_STRW_EL1 0
#define STE_STRW_EL3 1
#define STE_STRW_EL2 2

#define STE_S1FMT_LINEAR 0
#define STE_S1FMT_4K     1
#define STE_S1FMT_64K    2

#define STE_S1DSS_TERMINATE 0
#define STE_S1DSS_BYPASS    1
#define STE_S1DSS_SSID0     2

/* PRIVCFG, INSTCFG, SHCFG and the shareability of every structure. */
#define CFG_PRIV_UNPRIVILEGED 2
#define CFG_PRIV_PRIVILEGED   3
#define CFG_INST_DATA         2
#define CFG_INST_INSTRUCTION  3
#define CFG_NS_SECURE         2
#define CFG_NS_NONSECURE      3
#define CFG_SH_INCOMING       1
#define SH_NSH                0
#define SH_OSH                2
#define SH_ISH                3

#endif
