/* SPDX-License-Identifier: MIT */
/*
 * The register file (IHI 0070, chapter 6): one table gives offsets, sizes,
 * access, write conditions, writable bits and reset values. Offsets that are
 * not here are RAZ/WI: reserved, or of features that are not implemented.
 */
#ifndef SMMUV3_SPEC_REGS_H
#define SMMUV3_SPEC_REGS_H

#include "spec/bits.h"

enum smmu_access {
	SMMU_RO,
	SMMU_RW,
};

/** What has to be off while a register is written; the write is
 * CONSTRAINED UNPREDICTABLE otherwise (6.3). */
enum smmu_guard {
	SMMU_GUARD_NONE,
	SMMU_GUARD_SMMUEN,
	SMMU_GUARD_CMDQEN,
	SMMU_GUARD_EVENTQEN,
	SMMU_GUARD_GERROR_IRQEN,
	SMMU_GUARD_EVENTQ_IRQEN,
	/** Table attributes by SMMUEN, queue attributes by the queues. */
	SMMU_GUARD_CR1,
	/** An address translation operation that runs. */
	SMMU_GUARD_GATOS,
	SMMU_GUARD_VATOS,
	/** The same, and SMMUEN has to be on. */
	SMMU_GUARD_GATOS_CTRL,
	SMMU_GUARD_VATOS_CTRL,
};

/* 6.3.1 - 6.3.6: identification. */
#define IDR0_S2P         SMMU_BIT(0)
#define IDR0_S1P         SMMU_BIT(1)
#define IDR0_TTF         SMMU_BITS(3, 2)
#define IDR0_COHACC      SMMU_BIT(4)
#define IDR0_BTM         SMMU_BIT(5)
#define IDR0_HTTU        SMMU_BITS(7, 6)
#define IDR0_DORMHINT    SMMU_BIT(8)
#define IDR0_HYP         SMMU_BIT(9)
#define IDR0_ATS         SMMU_BIT(10)
#define IDR0_NS1ATS      SMMU_BIT(11)
#define IDR0_ASID16      SMMU_BIT(12)
#define IDR0_MSI         SMMU_BIT(13)
#define IDR0_SEV         SMMU_BIT(14)
#define IDR0_ATOS        SMMU_BIT(15)
#define IDR0_PRI         SMMU_BIT(16)
#define IDR0_VMW         SMMU_BIT(17)
#define IDR0_VMID16      SMMU_BIT(18)
#define IDR0_CD2L        SMMU_BIT(19)
#define IDR0_VATOS       SMMU_BIT(20)
#define IDR0_TTENDIAN    SMMU_BITS(22, 21)
#define IDR0_STALL_MODEL SMMU_BITS(25, 24)
#define IDR0_ATSRECERR   SMMU_BIT(23)
#define IDR0_TERM_MODEL  SMMU_BIT(26)
#define IDR0_ST_LEVEL    SMMU_BITS(28, 27)

#define TTENDIAN_MIXED 0
#define TTENDIAN_LE    2
#define TTENDIAN_BE    3
#define TTF_AARCH64    2
#define STALL_BOTH     0
#define STALL_NONE     1
#define STALL_ALWAYS   2

#define IDR1_SIDSIZE        SMMU_BITS(5, 0)
#define IDR1_SSIDSIZE       SMMU_BITS(10, 6)
#define IDR1_PRIQS          SMMU_BITS(15, 11)
#define IDR1_EVENTQS        SMMU_BITS(20, 16)
#define IDR1_CMDQS          SMMU_BITS(25, 21)
#define IDR1_ATTR_PERMS_OVR SMMU_BIT(26)
#define IDR1_ATTR_TYPES_OVR SMMU_BIT(27)
#define IDR1_ECMDQ          SMMU_BIT(31)

#define IDR2_BA_VATOS SMMU_BITS(9, 0)

#define IDR3_HAD  SMMU_BIT(2)
#define IDR3_XNX  SMMU_BIT(4)
#define IDR3_RIL  SMMU_BIT(10)
#define IDR3_BBML SMMU_BITS(12, 11)
#define IDR3_S2PI SMMU_BIT(19)

#define IDR5_OAS       SMMU_BITS(2, 0)
#define IDR5_GRAN4K    SMMU_BIT(4)
#define IDR5_GRAN16K   SMMU_BIT(5)
#define IDR5_GRAN64K   SMMU_BIT(6)
#define IDR5_DS        SMMU_BIT(7)
#define IDR5_STALL_MAX SMMU_BITS(31, 16)

/* 6.3.45, 6.3.91: at most 256 pages of at most 256 queues. */
#define IDR6_LOG2NUMQ SMMU_BITS(19, 16)
#define IDR6_LOG2NUMP SMMU_BITS(27, 24)
#define IDR6_LOG2MAX  8u

/* 6.3.52 - 6.3.55. Fields that IDRn has too are at the same place. */
#define S_IDR0_ECMDQ       SMMU_BIT(31)
#define S_IDR1_S_SIDSIZE   SMMU_BITS(5, 0)
#define S_IDR1_SEL2        SMMU_BIT(29)
#define S_IDR1_SECURE_IMPL SMMU_BIT(31)
#define S_IDR3_SAMS        SMMU_BIT(6)

/* 6.3.9: control. */
#define CR0_SMMUEN   SMMU_BIT(0)
#define CR0_PRIQEN   SMMU_BIT(1)
#define CR0_EVENTQEN SMMU_BIT(2)
#define CR0_CMDQEN   SMMU_BIT(3)
#define CR0_NSSTALLD SMMU_BIT(9) /* S_CR0 alone */

#define CR1_QUEUE_IC SMMU_BITS(1, 0)
#define CR1_QUEUE_OC SMMU_BITS(3, 2)
#define CR1_QUEUE_SH SMMU_BITS(5, 4)
#define CR1_TABLE_IC SMMU_BITS(7, 6)
#define CR1_TABLE_OC SMMU_BITS(9, 8)
#define CR1_TABLE_SH SMMU_BITS(11, 10)
#define CR1_QUEUE    SMMU_BITS(5, 0)
#define CR1_TABLE    SMMU_BITS(11, 6)

#define CR2_E2H       SMMU_BIT(0)
#define CR2_RECINVSID SMMU_BIT(1)
#define CR2_PTM       SMMU_BIT(2)

/* 6.3.14: behaviour while SMMUEN is 0. The low fields are laid out as the
 * override fields of an STE are. */
#define GBPA_MEMATTR  SMMU_BITS(3, 0)
#define GBPA_MTCFG    SMMU_BIT(4)
#define GBPA_ALLOCCFG SMMU_BITS(11, 8)
#define GBPA_SHCFG    SMMU_BITS(13, 12)
#define GBPA_PRIVCFG  SMMU_BITS(17, 16)
#define GBPA_INSTCFG  SMMU_BITS(19, 18)
#define GBPA_ABORT    SMMU_BIT(20)
#define GBPA_UPDATE   SMMU_BIT(31)
#define GBPA_FIELDS                                                            \
	(GBPA_MEMATTR | GBPA_MTCFG | GBPA_ALLOCCFG | GBPA_SHCFG |              \
	 GBPA_PRIVCFG | GBPA_INSTCFG | GBPA_ABORT)

#define IRQ_CTRL_GERROR SMMU_BIT(0)
#define IRQ_CTRL_PRIQ   SMMU_BIT(1)
#define IRQ_CTRL_EVENTQ SMMU_BIT(2)

#define GERROR_CMDQ_ERR           SMMU_BIT(0)
#define GERROR_EVENTQ_ABT_ERR     SMMU_BIT(2)
#define GERROR_PRIQ_ABT_ERR       SMMU_BIT(3)
#define GERROR_MSI_CMDQ_ABT_ERR   SMMU_BIT(4)
#define GERROR_MSI_EVENTQ_ABT_ERR SMMU_BIT(5)
#define GERROR_MSI_PRIQ_ABT_ERR   SMMU_BIT(6)
#define GERROR_MSI_GERROR_ABT_ERR SMMU_BIT(7)
#define GERROR_SFM_ERR            SMMU_BIT(8)
#define GERROR_ALL                (SMMU_BITS(8, 2) | GERROR_CMDQ_ERR)

#define IRQ_CFG0_ADDR    SMMU_BITS(51, 2)
#define IRQ_CFG2_MEMATTR SMMU_BITS(3, 0)
#define IRQ_CFG2_SH      SMMU_BITS(5, 4)

#define STRTAB_BASE_ADDR         SMMU_BITS(51, 6)
#define STRTAB_BASE_RA           SMMU_BIT(62)
#define STRTAB_BASE_CFG_LOG2SIZE SMMU_BITS(5, 0)
#define STRTAB_BASE_CFG_SPLIT    SMMU_BITS(10, 6)
#define STRTAB_BASE_CFG_FMT      SMMU_BITS(17, 16)
#define STRTAB_FMT_2LVL          1

#define Q_BASE_LOG2SIZE SMMU_BITS(4, 0)
#define Q_BASE_ADDR     SMMU_BITS(51, 5)
#define Q_BASE_HINT     SMMU_BIT(62) /* RA of a queue read, WA of one written */
/* PROD and CONS: index and wrap bit. Bit 31 is OVFLG in EVENTQ_PROD and
 * OVACKFLG in EVENTQ_CONS. */
#define Q_INDEX       SMMU_BITS(19, 0)
#define Q_OVERFLOW    SMMU_BIT(31)
#define CMDQ_CONS_ERR SMMU_BITS(30, 24)

/* 6.3.37 - 6.3.44, 6.3.83 - 6.3.86: address translation operations. */
#define ATOS_CTRL_RUN       SMMU_BIT(0)
#define ATOS_SID_SID        SMMU_BITS(31, 0)
#define ATOS_SID_SSID       SMMU_BITS(51, 32)
#define ATOS_SID_SSID_VALID SMMU_BIT(52)
#define ATOS_SID_SSEC       SMMU_BIT(53) /* Secure interface */
#define ATOS_ADDR_NS        SMMU_BIT(4)  /* Secure interface */
#define ATOS_ADDR_HTTUI     SMMU_BIT(6)
#define ATOS_ADDR_IND       SMMU_BIT(7)
#define ATOS_ADDR_RNW       SMMU_BIT(8)
#define ATOS_ADDR_PNU       SMMU_BIT(9)
#define ATOS_ADDR_TYPE      SMMU_BITS(11, 10)
#define ATOS_ADDR_ADDR      SMMU_BITS(63, 12)
#define ATOS_PAR_FAULT      SMMU_BIT(0)
#define ATOS_PAR_SH         SMMU_BITS(9, 8)
#define ATOS_PAR_NS         SMMU_BIT(10) /* Secure interface */
#define ATOS_PAR_SIZE       SMMU_BIT(11)
#define ATOS_PAR_ADDR       SMMU_BITS(55, 12)
#define ATOS_PAR_ATTR       SMMU_BITS(63, 56)
#define ATOS_PAR_REASON     SMMU_BITS(2, 1)
#define ATOS_PAR_NSIPA      SMMU_BIT(3) /* Secure interface */
#define ATOS_PAR_FAULTCODE  SMMU_BITS(11, 4)
#define ATOS_PAR_FADDR      SMMU_BITS(55, 12)
#define VATOS_SEL_VMID      SMMU_BITS(15, 0)

/* 9.1.5: results that are no event. */
#define ATOS_INTERNAL_ERR 0xfd
#define ATOS_INV_STAGE    0xfe
#define ATOS_INV_REQ      0xff

/* 9.1.4: not the encoding of an event's CLASS. */
#define ATOS_REASON_S1 0
#define ATOS_REASON_CD 1
#define ATOS_REASON_TT 2
#define ATOS_REASON_IN 3

#define SMMU_PAGE_SIZE 0x10000u
#define SMMU_PAGE1     0x10000u
/* Where the VATOS page is in the table below; smmu_caps.vatos_page says where
 * it is in the frame (6.1). */
#define SMMU_VATOS_BASE 0x20000u

/* name, offset, size, access, guard, writable bits, reset value.
 * Identification values are the profile's (profile.c). */
#define SMMU_REGS(X)                                                           \
	X(IDR0, 0x0000, 4, RO, NONE, 0, 0)                                     \
	X(IDR1, 0x0004, 4, RO, NONE, 0, 0)                                     \
	X(IDR2, 0x0008, 4, RO, NONE, 0, 0)                                     \
	X(IDR3, 0x000c, 4, RO, NONE, 0, 0)                                     \
	X(IDR4, 0x0010, 4, RO, NONE, 0, 0)                                     \
	X(IDR5, 0x0014, 4, RO, NONE, 0, 0)                                     \
	X(IIDR, 0x0018, 4, RO, NONE, 0, 0)                                     \
	X(AIDR, 0x001c, 4, RO, NONE, 0, 0)                                     \
	X(CR0, 0x0020, 4, RW, NONE, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN, 0) \
	X(CR0ACK, 0x0024, 4, RO, NONE, 0, 0)                                   \
	X(CR1, 0x0028, 4, RW, CR1, CR1_QUEUE | CR1_TABLE, 0)                   \
	X(CR2, 0x002c, 4, RW, SMMUEN, CR2_E2H | CR2_RECINVSID | CR2_PTM, 0)    \
	X(STATUSR, 0x0040, 4, RO, NONE, 0, 0)                                  \
	X(GBPA, 0x0044, 4, RW, NONE, GBPA_FIELDS, 0x1000)                      \
	X(AGBPA, 0x0048, 4, RW, NONE, 0, 0)                                    \
	X(IRQ_CTRL, 0x0050, 4, RW, NONE, IRQ_CTRL_GERROR | IRQ_CTRL_EVENTQ, 0) \
	X(IRQ_CTRLACK, 0x0054, 4, RO, NONE, 0, 0)                              \
	X(GERROR, 0x0060, 4, RO, NONE, 0, 0)                                   \
	X(GERRORN, 0x0064, 4, RW, NONE, GERROR_ALL, 0)                         \
	X(GERROR_IRQ_CFG0, 0x0068, 8, RW, GERROR_IRQEN, IRQ_CFG0_ADDR, 0)      \
	X(GERROR_IRQ_CFG1, 0x0070, 4, RW, GERROR_IRQEN, UINT32_MAX, 0)         \
	X(GERROR_IRQ_CFG2, 0x0074, 4, RW, GERROR_IRQEN,                        \
	  IRQ_CFG2_SH | IRQ_CFG2_MEMATTR, 0)                                   \
	X(STRTAB_BASE, 0x0080, 8, RW, SMMUEN,                                  \
	  STRTAB_BASE_RA | STRTAB_BASE_ADDR, 0)                                \
	X(STRTAB_BASE_CFG, 0x0088, 4, RW, SMMUEN,                              \
	  STRTAB_BASE_CFG_FMT | STRTAB_BASE_CFG_SPLIT |                        \
	          STRTAB_BASE_CFG_LOG2SIZE,                                    \
	  0)                                                                   \
	X(CMDQ_BASE, 0x0090, 8, RW, CMDQEN,                                    \
	  Q_BASE_HINT | Q_BASE_ADDR | Q_BASE_LOG2SIZE, 0)                      \
	X(CMDQ_PROD, 0x0098, 4, RW, NONE, Q_INDEX, 0)                          \
	X(CMDQ_CONS, 0x009c, 4, RW, CMDQEN, CMDQ_CONS_ERR | Q_INDEX, 0)        \
	X(EVENTQ_BASE, 0x00a0, 8, RW, EVENTQEN,                                \
	  Q_BASE_HINT | Q_BASE_ADDR | Q_BASE_LOG2SIZE, 0)                      \
	X(EVENTQ_IRQ_CFG0, 0x00b0, 8, RW, EVENTQ_IRQEN, IRQ_CFG0_ADDR, 0)      \
	X(EVENTQ_IRQ_CFG1, 0x00b8, 4, RW, EVENTQ_IRQEN, UINT32_MAX, 0)         \
	X(EVENTQ_IRQ_CFG2, 0x00bc, 4, RW, EVENTQ_IRQEN,                        \
	  IRQ_CFG2_SH | IRQ_CFG2_MEMATTR, 0)                                   \
	X(GATOS_CTRL, 0x0100, 4, RW, GATOS_CTRL, ATOS_CTRL_RUN, 0)             \
	X(GATOS_SID, 0x0108, 8, RW, GATOS,                                     \
	  ATOS_SID_SSEC | ATOS_SID_SSID_VALID | ATOS_SID_SSID | ATOS_SID_SID,  \
	  0)                                                                   \
	X(GATOS_ADDR, 0x0110, 8, RW, GATOS,                                    \
	  ATOS_ADDR_ADDR | SMMU_BITS(11, 6) | ATOS_ADDR_NS, 0)                 \
	X(GATOS_PAR, 0x0118, 8, RO, NONE, 0, 0)                                \
	X(VATOS_SEL, 0x0180, 4, RW, VATOS, VATOS_SEL_VMID, 0)                  \
	X(PIDR4, 0x0fd0, 4, RO, NONE, 0, 0)                                    \
	X(PIDR5, 0x0fd4, 4, RO, NONE, 0, 0)                                    \
	X(PIDR6, 0x0fd8, 4, RO, NONE, 0, 0)                                    \
	X(PIDR7, 0x0fdc, 4, RO, NONE, 0, 0)                                    \
	X(PIDR0, 0x0fe0, 4, RO, NONE, 0, 0)                                    \
	X(PIDR1, 0x0fe4, 4, RO, NONE, 0, 0)                                    \
	X(PIDR2, 0x0fe8, 4, RO, NONE, 0, 0)                                    \
	X(PIDR3, 0x0fec, 4, RO, NONE, 0, 0)                                    \
	X(CIDR0, 0x0ff0, 4, RO, NONE, 0, 0x0d)                                 \
	X(CIDR1, 0x0ff4, 4, RO, NONE, 0, 0xf0)                                 \
	X(CIDR2, 0x0ff8, 4, RO, NONE, 0, 0x05)                                 \
	X(CIDR3, 0x0ffc, 4, RO, NONE, 0, 0xb1)                                 \
	X(EVENTQ_PROD, SMMU_PAGE1 + 0x00a8, 4, RW, EVENTQEN,                   \
	  Q_OVERFLOW | Q_INDEX, 0)                                             \
	X(EVENTQ_CONS, SMMU_PAGE1 + 0x00ac, 4, RW, NONE, Q_OVERFLOW | Q_INDEX, \
	  0)                                                                   \
	X(VATOS_CTRL, SMMU_VATOS_BASE + 0x0a00, 4, RW, VATOS_CTRL,             \
	  ATOS_CTRL_RUN, 0)                                                    \
	X(VATOS_SID, SMMU_VATOS_BASE + 0x0a08, 8, RW, VATOS,                   \
	  ATOS_SID_SSID_VALID | ATOS_SID_SSID | ATOS_SID_SID, 0)               \
	X(VATOS_ADDR, SMMU_VATOS_BASE + 0x0a10, 8, RW, VATOS,                  \
	  ATOS_ADDR_ADDR | SMMU_BITS(11, 6), 0)                                \
	X(VATOS_PAR, SMMU_VATOS_BASE + 0x0a18, 8, RO, NONE, 0, 0)

enum smmu_reg {
#define X(name, offset, size, access, guard, mask, reset) SMMU_##name,
	SMMU_REGS(X)
#undef X
	        SMMU_REG_COUNT
};

struct smmu_reg_info {
	const char *name;
	uint32_t offset;
	uint8_t size;
	uint8_t access; /* enum smmu_access */
	uint8_t guard;  /* enum smmu_guard */
	uint64_t mask;
	uint64_t reset;
};

#endif
