/* SPDX-License-Identifier: MIT */
/* VMSAv8-64 descriptors (Arm ARM D8.3). */
#ifndef SMMUV3_SPEC_PTE_H
#define SMMUV3_SPEC_PTE_H

#include "spec/bits.h"

#define PTE_SIZE 8u

#define PTE_VALID SMMU_BIT(0)
/* Below level 3: a table rather than a block. At level 3: must be 1. */
#define PTE_TABLE SMMU_BIT(1)
#define PTE_ADDR  SMMU_BITS(47, 12)
/* 52-bit addresses: with 64 KiB, bits 15:12 are the address bits 51:48; with
 * TCR.DS, bits 49:12 lie in place and bits 9:8 are the address bits 51:50. */
#define PTE_ADDR_64K_HIGH SMMU_BITS(15, 12)
#define PTE_ADDR_DS       SMMU_BITS(49, 12)
#define PTE_ADDR_DS_HIGH  SMMU_BITS(9, 8)

/* Blocks and pages, stage 1. */
#define PTE_ATTRINDX SMMU_BITS(4, 2)
#define PTE_NS       SMMU_BIT(5)
#define PTE_AP       SMMU_BITS(7, 6)
#define PTE_AP1      SMMU_BIT(6) /* unprivileged access */
#define PTE_AP2      SMMU_BIT(7) /* read-only */
#define PTE_SH       SMMU_BITS(9, 8)
#define PTE_AF       SMMU_BIT(10)
#define PTE_NG       SMMU_BIT(11)
#define PTE_NT       SMMU_BIT(16)
#define PTE_DBM      SMMU_BIT(51)
#define PTE_CONT     SMMU_BIT(52)
#define PTE_PXN      SMMU_BIT(53)
#define PTE_UXN      SMMU_BIT(54)
#define PTE_SW       SMMU_BITS(58, 55)

/* Blocks and pages, stage 2. */
#define PTE2_MEMATTR     SMMU_BITS(5, 2)
#define PTE2_MEMATTR_FWB SMMU_BITS(4, 2) /* STE.S2FWB: what counts of it */
#define MEMATTR_WB       0xf
#define MEMATTR_NOTAG    4 /* FEAT_MTE_PERM */
#define PTE2_S2AP        SMMU_BITS(7, 6)
#define PTE2_R           SMMU_BIT(6)
#define PTE2_W           SMMU_BIT(7)
#define PTE2_XN          SMMU_BITS(54, 53) /* with FEAT_XNX; else bit 54 */
#define PTE2_XN1         SMMU_BIT(54)

/* Tables, stage 1: limits on what lies below. */
#define PTE_PXNTABLE SMMU_BIT(59)
#define PTE_UXNTABLE SMMU_BIT(60)
#define PTE_APTABLE  SMMU_BITS(62, 61)
#define PTE_APTABLE0 SMMU_BIT(61) /* no unprivileged access */
#define PTE_APTABLE1 SMMU_BIT(62) /* no write */
#define PTE_NSTABLE  SMMU_BIT(63)
#define PTE_LIMITS   SMMU_BITS(63, 59) /* all of them */

#define PTE_LAST_LEVEL 3

#endif
