/* SPDX-License-Identifier: MIT */
/* Fields of registers (IHI 0070, chapter 6). spec/regs_table.h has the
 * registers. */
#ifndef SMMUV3_SPEC_REGS_H
#define SMMUV3_SPEC_REGS_H

#include "spec/bits.h"

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
#define STALL_BOTH     0 /* stall and terminate */
#define STALL_NONE     1
#define STALL_FORCED   2

#define IDR1_SIDSIZE        SMMU_BITS(5, 0)
#define IDR1_SSIDSIZE       SMMU_BITS(10, 6)
#define IDR1_PRIQS          SMMU_BITS(15, 11)
#define IDR1_EVENTQS        SMMU_BITS(20, 16)
#define IDR1_CMDQS          SMMU_BITS(25, 21)
#define IDR1_ATTR_PERMS_OVR SMMU_BIT(26)
#define IDR1_ATTR_TYPES_OVR SMMU_BIT(27)
#define IDR1_ECMDQ          SMMU_BIT(31)

#define IDR2_BA_VATOS SMMU_BITS(9, 0)

#define IDR3_HAD     SMMU_BIT(2)
#define IDR3_PBHA    SMMU_BIT(3)
#define IDR3_XNX     SMMU_BIT(4)
#define IDR3_PPS     SMMU_BIT(5)
#define IDR3_FWB     SMMU_BIT(8)
#define IDR3_STT     SMMU_BIT(9)
#define IDR3_RIL     SMMU_BIT(10)
#define IDR3_BBML    SMMU_BITS(12, 11)
#define IDR3_E0PD    SMMU_BIT(13)
#define IDR3_PTWNNC  SMMU_BIT(14)
#define IDR3_PASIDTT SMMU_BIT(16)
#define IDR3_EPAN    SMMU_BIT(17)
#define IDR3_S2PI    SMMU_BIT(19)
#define IDR3_MTEPERM SMMU_BIT(22)

#define IDR5_OAS       SMMU_BITS(2, 0)
#define IDR5_GRAN4K    SMMU_BIT(4)
#define IDR5_GRAN16K   SMMU_BIT(5)
#define IDR5_GRAN64K   SMMU_BIT(6)
#define IDR5_DS        SMMU_BIT(7)
#define IDR5_VAX       SMMU_BITS(11, 10)
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
#define CR0_ATSCHK   SMMU_BIT(4)
#define CR0_SIF      SMMU_BIT(5) /* S_CR0 */
#define CR0_VMW      SMMU_BITS(8, 6)
#define CR0_NSSTALLD SMMU_BIT(9) /* S_CR0 */
#define CR0_QUEUES   (CR0_PRIQEN | CR0_EVENTQEN | CR0_CMDQEN)

#define VMW_MAX 4

#define CR1_QUEUE_IC SMMU_BITS(1, 0)
#define CR1_QUEUE_OC SMMU_BITS(3, 2)
#define CR1_QUEUE_SH SMMU_BITS(5, 4)
#define CR1_TABLE_IC SMMU_BITS(7, 6)
#define CR1_TABLE_OC SMMU_BITS(9, 8)
#define CR1_TABLE_SH SMMU_BITS(11, 10)
#define CR1_QUEUE    SMMU_BITS(5, 0)
#define CR1_TABLE    SMMU_BITS(11, 6)

#define CR2_E2H         SMMU_BIT(0)
#define CR2_RECINVSID   SMMU_BIT(1)
#define CR2_PTM         SMMU_BIT(2)
#define CR2_REC_CFG_ATS SMMU_BIT(3)

#define INIT_INV_ALL SMMU_BIT(0)

/* 6.3.14: behaviour while SMMUEN is 0. The low fields are laid out as the
 * override fields of an STE are. */
#define GBPA_MEMATTR  SMMU_BITS(3, 0)
#define GBPA_MTCFG    SMMU_BIT(4)
#define GBPA_ALLOCCFG SMMU_BITS(11, 8)
#define GBPA_SHCFG    SMMU_BITS(13, 12)
#define GBPA_NSCFG    SMMU_BITS(15, 14) /* S_GBPA */
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
#define GERROR_CMDQP_ERR          SMMU_BIT(9)
#define GERROR_ALL                (SMMU_BITS(9, 2) | GERROR_CMDQ_ERR)
#define GERROR_PRIQ               (GERROR_PRIQ_ABT_ERR | GERROR_MSI_PRIQ_ABT_ERR)
#define GERROR_MSI                SMMU_BITS(7, 4)

#define IRQ_CFG0_ADDR    SMMU_BITS(55, 2)
#define IRQ_CFG2_MEMATTR SMMU_BITS(3, 0)
#define IRQ_CFG2_SH      SMMU_BITS(5, 4)
#define IRQ_CFG2_LO      SMMU_BIT(31) /* PRIQ */

#define STRTAB_BASE_ADDR         SMMU_BITS(55, 6)
#define STRTAB_BASE_RA           SMMU_BIT(62)
#define STRTAB_BASE_CFG_LOG2SIZE SMMU_BITS(5, 0)
#define STRTAB_BASE_CFG_SPLIT    SMMU_BITS(10, 6)
#define STRTAB_BASE_CFG_FMT      SMMU_BITS(17, 16)
#define STRTAB_FMT_2LVL          1

#define Q_BASE_LOG2SIZE SMMU_BITS(4, 0)
#define Q_BASE_ADDR     SMMU_BITS(55, 5)
#define Q_BASE_HINT     SMMU_BIT(62) /* RA of a queue read, WA of one written */
/* PROD and CONS: index and wrap bit. Bit 31 is OVFLG in EVENTQ_PROD and
 * OVACKFLG in EVENTQ_CONS. */
#define Q_INDEX       SMMU_BITS(19, 0)
#define Q_OVERFLOW    SMMU_BIT(31)
#define CMDQ_CONS_ERR SMMU_BITS(30, 24)

/* 6.3.107 - 6.3.109 */
#define ECMDQ_PROD_ERRACK     SMMU_BIT(23)
#define ECMDQ_PROD_EN         SMMU_BIT(31)
#define ECMDQ_CONS_ERR        SMMU_BIT(23)
#define ECMDQ_CONS_ERR_REASON SMMU_BITS(26, 24)
#define ECMDQ_CONS_ENACK      SMMU_BIT(31)
/* 6.3.49: registers, in a page of 64 KiB. */
#define CMDQ_PAGE_BASE_FIXED 3u

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

/* 6.1 */
#define SMMU_PAGE_SIZE   0x10000u
#define SMMU_SECURE_HALF 0x8000u /* of page 0 */

#endif
