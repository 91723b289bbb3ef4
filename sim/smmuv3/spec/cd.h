/* SPDX-License-Identifier: MIT */
/*
 * Level-1 context descriptor (5.3) and context descriptor (5.4).
 */
#ifndef SMMUV3_SPEC_CD_H
#define SMMUV3_SPEC_CD_H

#include "spec/bits.h"

#define L1CD_SIZE  8u
#define L1CD_V     SMMU_BIT(0)
#define L1CD_L2PTR SMMU_BITS(55, 12)

#define CD_SIZE  64u
#define CD_WORDS 8u

#define CD0_T0SZ SMMU_BITS(5, 0)
#define CD0_TG0  SMMU_BITS(7, 6)
#define CD0_IR0  SMMU_BITS(9, 8)
#define CD0_OR0  SMMU_BITS(11, 10)
#define CD0_SH0  SMMU_BITS(13, 12)
#define CD0_EPD0 SMMU_BIT(14)
#define CD0_ENDI SMMU_BIT(15)
#define CD0_T1SZ SMMU_BITS(21, 16)
#define CD0_TG1  SMMU_BITS(23, 22)
#define CD0_IR1  SMMU_BITS(25, 24)
#define CD0_OR1  SMMU_BITS(27, 26)
#define CD0_SH1  SMMU_BITS(29, 28)
#define CD0_EPD1 SMMU_BIT(30)
#define CD0_V    SMMU_BIT(31)
#define CD0_IPS  SMMU_BITS(34, 32)
#define CD0_AFFD SMMU_BIT(35)
#define CD0_WXN  SMMU_BIT(36)
#define CD0_UWXN SMMU_BIT(37)
#define CD0_TBI0 SMMU_BIT(38)
#define CD0_TBI1 SMMU_BIT(39)
#define CD0_PAN  SMMU_BIT(40)
#define CD0_AA64 SMMU_BIT(41)
#define CD0_HD   SMMU_BIT(42)
#define CD0_HA   SMMU_BIT(43)
#define CD0_S    SMMU_BIT(44)
#define CD0_R    SMMU_BIT(45)
#define CD0_A    SMMU_BIT(46)
#define CD0_ASET SMMU_BIT(47)
#define CD0_ASID SMMU_BITS(63, 48)

/* Words 1 and 2 are alike: TTB0 and TTB1. */
#define CD1_NSCFG SMMU_BIT(0)
#define CD1_HAD   SMMU_BIT(1)
#define CD1_E0PD  SMMU_BIT(2)
#define CD1_HAFT  SMMU_BIT(3) /* of word 1 alone */
#define CD1_TTB   SMMU_BITS(51, 4)
#define CD1_PNCH  SMMU_BIT(58) /* of word 1 alone */
#define CD1_HWU   SMMU_BITS(63, 60)
#define CD1_EPAN  SMMU_BIT(59) /* of word 1 alone */
#define CD2_AIE   SMMU_BIT(3)  /* of word 2 alone, as the next two */
#define CD2_DS    SMMU_BIT(58)
#define CD2_PIE   SMMU_BIT(59)

#define CD_MAIR_WORD  3
#define CD_AMAIR_WORD 4

/* TG0 and TG1 are coded differently. */
#define CD_TG0_4K  0
#define CD_TG0_64K 1
#define CD_TG0_16K 2
#define CD_TG1_16K 1
#define CD_TG1_4K  2
#define CD_TG1_64K 3

/* 5.4: the sizes of a table's input. */
#define TSZ_MIN       16
#define TSZ_MIN_52    12
#define TSZ_MAX       39
#define TSZ_MAX_STT   48 /* IDR3.STT, 4 and 16 KiB */
#define TSZ_MAX_STT64 47

#endif
