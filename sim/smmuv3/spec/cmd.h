/* SPDX-License-Identifier: MIT */
/* Commands (chapter 4): two 64-bit words. */
#ifndef SMMUV3_SPEC_CMD_H
#define SMMUV3_SPEC_CMD_H

#include "spec/bits.h"

#define CMD_SIZE 16u

/* name, opcode */
#define SMMU_CMDS(X)                                                           \
	X(PREFETCH_CONFIG, 0x01)                                               \
	X(PREFETCH_ADDR, 0x02)                                                 \
	X(CFGI_STE, 0x03)                                                      \
	X(CFGI_STE_RANGE, 0x04)                                                \
	X(CFGI_CD, 0x05)                                                       \
	X(CFGI_CD_ALL, 0x06)                                                   \
	X(CFGI_VMS_PIDM, 0x07)                                                 \
	X(TLBI_NH_ALL, 0x10)                                                   \
	X(TLBI_NH_ASID, 0x11)                                                  \
	X(TLBI_NH_VA, 0x12)                                                    \
	X(TLBI_NH_VAA, 0x13)                                                   \
	X(TLBI_EL3_ALL, 0x18)                                                  \
	X(TLBI_EL3_VA, 0x1a)                                                   \
	X(TLBI_EL2_ALL, 0x20)                                                  \
	X(TLBI_EL2_ASID, 0x21)                                                 \
	X(TLBI_EL2_VA, 0x22)                                                   \
	X(TLBI_EL2_VAA, 0x23)                                                  \
	X(TLBI_S12_VMALL, 0x28)                                                \
	X(TLBI_S2_IPA, 0x2a)                                                   \
	X(TLBI_NSNH_ALL, 0x30)                                                 \
	X(ATC_INV, 0x40)                                                       \
	X(PRI_RESP, 0x41)                                                      \
	X(RESUME, 0x44)                                                        \
	X(STALL_TERM, 0x45)                                                    \
	X(SYNC, 0x46)                                                          \
	X(TLBI_S_EL2_ALL, 0x50)                                                \
	X(TLBI_S_EL2_ASID, 0x51)                                               \
	X(TLBI_S_EL2_VA, 0x52)                                                 \
	X(TLBI_S_EL2_VAA, 0x53)                                                \
	X(TLBI_S_S12_VMALL, 0x58)                                              \
	X(TLBI_S_S2_IPA, 0x5a)                                                 \
	X(TLBI_SNH_ALL, 0x60)                                                  \
	X(DPTI_ALL, 0x70)                                                      \
	X(DPTI_PA, 0x73)

enum smmu_opcode {
#define X(name, code) SMMU_CMD_##name = (code),
	SMMU_CMDS(X)
#undef X
};

#define CMD0_OP   SMMU_BITS(7, 0)
#define CMD0_SSEC SMMU_BIT(10)
#define CMD0_SSV  SMMU_BIT(11)
#define CMD0_SSID SMMU_BITS(31, 12)
#define CMD0_SID  SMMU_BITS(63, 32)

#define CFGI1_LEAF  SMMU_BIT(0)
#define CFGI1_RANGE SMMU_BITS(4, 0)

/* 4.2.2; the place of NS is unconfirmed. */
#define PREFETCH1_SIZE   SMMU_BITS(4, 0)
#define PREFETCH1_STRIDE SMMU_BITS(9, 5)
#define PREFETCH1_NS     SMMU_BIT(10)
#define PREFETCH1_ADDR   SMMU_BITS(63, 12)

#define TLBI0_NUM      SMMU_BITS(16, 12)
#define TLBI0_SCALE    SMMU_BITS(24, 20)
#define TLBI0_SCALE_DS SMMU_BITS(25, 20) /* IDR5.DS */
#define TLBI0_VMID     SMMU_BITS(47, 32)
#define TLBI0_ASID     SMMU_BITS(63, 48)
#define TLBI1_LEAF     SMMU_BIT(0)
#define TLBI1_NS       SMMU_BIT(1) /* S_S2_IPA */
#define TLBI1_TTL      SMMU_BITS(9, 8)
#define TLBI1_TG       SMMU_BITS(11, 10)
#define TLBI1_ADDR     SMMU_BITS(63, 12)

/* 4.4.1.1: larger values of SCALE act as this one. */
#define TLBI_SCALE_MAX 39

#define ATC0_GLOBAL SMMU_BIT(9)
#define ATC1_SIZE   SMMU_BITS(5, 0)
#define ATC1_ADDR   SMMU_BITS(63, 12)

#define PRI1_PRGINDEX SMMU_BITS(8, 0)
#define PRI1_RESP     SMMU_BITS(13, 12)

#define RESUME0_AC   SMMU_BIT(12)
#define RESUME0_AB   SMMU_BIT(13)
#define RESUME1_STAG SMMU_BITS(15, 0)

#define SYNC0_CS      SMMU_BITS(13, 12)
#define SYNC0_MSH     SMMU_BITS(23, 22)
#define SYNC0_MSIATTR SMMU_BITS(27, 24)
#define SYNC0_MSIDATA SMMU_BITS(63, 32)
#define SYNC1_MSIADDR SMMU_BITS(55, 2)

#define SYNC_CS_NONE 0
#define SYNC_CS_IRQ  1
#define SYNC_CS_SEV  2

/* 7.1: CMDQ_CONS.ERR. */
#define CERROR_NONE         0
#define CERROR_ILL          1
#define CERROR_ABT          2
#define CERROR_ATC_INV_SYNC 3

#endif
