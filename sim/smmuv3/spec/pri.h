/* SPDX-License-Identifier: MIT */
/* Entries of the PRI queue (chapter 8): two 64-bit words. */
#ifndef SMMUV3_SPEC_PRI_H
#define SMMUV3_SPEC_PRI_H

#include "spec/bits.h"

#define PRI_SIZE 16u

#define PRI0_SID  SMMU_BITS(31, 0)
#define PRI0_SSID SMMU_BITS(51, 32)
#define PRI0_PRIV SMMU_BIT(58)
#define PRI0_X    SMMU_BIT(59)
#define PRI0_R    SMMU_BIT(60)
#define PRI0_W    SMMU_BIT(61)
#define PRI0_LAST SMMU_BIT(62)
#define PRI0_SSV  SMMU_BIT(63)

#define PRI1_GROUP SMMU_BITS(8, 0)
#define PRI1_ADDR  SMMU_BITS(63, 12)

#endif
