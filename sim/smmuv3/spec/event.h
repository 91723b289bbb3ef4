/* SPDX-License-Identifier: MIT */
/* Event records (7.3): four 64-bit words. */
#ifndef SMMUV3_SPEC_EVENT_H
#define SMMUV3_SPEC_EVENT_H

#include "spec/bits.h"

#define EVENT_SIZE  32u
#define EVENT_WORDS 4u

/* name, number */
#define SMMU_EVENTS(X)                                                         \
	X(F_UUT, 0x01)                                                         \
	X(C_BAD_STREAMID, 0x02)                                                \
	X(F_STE_FETCH, 0x03)                                                   \
	X(C_BAD_STE, 0x04)                                                     \
	X(F_BAD_ATS_TREQ, 0x05)                                                \
	X(F_STREAM_DISABLED, 0x06)                                             \
	X(F_TRANSL_FORBIDDEN, 0x07)                                            \
	X(C_BAD_SUBSTREAMID, 0x08)                                             \
	X(F_CD_FETCH, 0x09)                                                    \
	X(C_BAD_CD, 0x0a)                                                      \
	X(F_WALK_EABT, 0x0b)                                                   \
	X(F_TRANSLATION, 0x10)                                                 \
	X(F_ADDR_SIZE, 0x11)                                                   \
	X(F_ACCESS, 0x12)                                                      \
	X(F_PERMISSION, 0x13)                                                  \
	X(F_TLB_CONFLICT, 0x20)                                                \
	X(F_CFG_CONFLICT, 0x21)                                                \
	X(E_PAGE_REQUEST, 0x24)                                                \
	X(F_VMS_FETCH, 0x25)

enum smmu_event_type {
#define X(name, code) SMMU_##name = (code),
	SMMU_EVENTS(X)
#undef X
};

#define EVT0_TYPE SMMU_BITS(7, 0)
#define EVT0_SSV  SMMU_BIT(11)
#define EVT0_SSID SMMU_BITS(31, 12)
#define EVT0_SID  SMMU_BITS(63, 32)

#define EVT1_REASON SMMU_BITS(15, 0)
#define EVT1_STAG   SMMU_BITS(15, 0)
#define EVT1_GPCF   SMMU_BIT(16)
#define EVT1_STALL  SMMU_BIT(31)
#define EVT1_PNU    SMMU_BIT(33)
#define EVT1_IND    SMMU_BIT(34)
#define EVT1_RNW    SMMU_BIT(35)
#define EVT1_NSIPA  SMMU_BIT(38)
#define EVT1_S2     SMMU_BIT(39)
#define EVT1_CLASS  SMMU_BITS(41, 40)
#define EVT1_TTRNW  SMMU_BIT(44)

#define EVT2_ADDR SMMU_BITS(63, 0)

#define EVT3_FETCHADDR SMMU_BITS(55, 3)
#define EVT3_IPA       SMMU_BITS(55, 12)

/* F_BAD_ATS_TREQ (7.3.6). */
#define EBT1_SPAN SMMU_BITS(3, 0)
#define EBT1_PRIV SMMU_BIT(28)
#define EBT1_X    SMMU_BIT(29)
#define EBT1_W    SMMU_BIT(30)
#define EBT1_R    SMMU_BIT(31)

/* E_PAGE_REQUEST (7.3.19). */
#define EPR1_UX   SMMU_BIT(33)
#define EPR1_UW   SMMU_BIT(34)
#define EPR1_UR   SMMU_BIT(35)
#define EPR1_PX   SMMU_BIT(37)
#define EPR1_PW   SMMU_BIT(38)
#define EPR1_PR   SMMU_BIT(39)
#define EPR1_SPAN SMMU_BITS(51, 44)

/* The page address of both. */
#define EVT2_PAGE SMMU_BITS(63, 12)

#define EVT_CLASS_CD 0
#define EVT_CLASS_TT 1
#define EVT_CLASS_IN 2

#endif
