/* SPDX-License-Identifier: MIT */
/*
 * The register files (IHI 0070, 6.2): a table for each programming interface
 * gives offsets, sizes, access, write conditions, features, writable bits and
 * reset values. What is not here is RAZ/WI: reserved, or of a feature that
 * the model does not have (MPAM, DPT). Control pages of ECMDQs: ecmdq.c.
 */
#ifndef SMMUV3_SPEC_REGS_TABLE_H
#define SMMUV3_SPEC_REGS_TABLE_H

#include "spec/regs.h"

enum smmu_access {
	SMMU_RO,
	SMMU_RW,
};

/** Offsets are within a page; those of the Secure half of page 0 start at
 * that half, where the two tables agree. */
enum smmu_page {
	SMMU_PAGE_0,
	SMMU_PAGE_1,
	SMMU_PAGE_VATOS,
};

/** What has to be off while a register is written; the write is
 * CONSTRAINED UNPREDICTABLE otherwise (6.3). */
enum smmu_guard {
	SMMU_GUARD_NONE,
	SMMU_GUARD_SMMUEN,
	SMMU_GUARD_CMDQEN,
	SMMU_GUARD_EVENTQEN,
	SMMU_GUARD_PRIQEN,
	SMMU_GUARD_GERROR_IRQEN,
	SMMU_GUARD_EVENTQ_IRQEN,
	SMMU_GUARD_PRIQ_IRQEN,
	/** An address translation operation that runs. */
	SMMU_GUARD_GATOS,
	SMMU_GUARD_VATOS,
	/** The same, and SMMUEN has to be on. */
	SMMU_GUARD_GATOS_CTRL,
	SMMU_GUARD_VATOS_CTRL,
	/** Table attributes by SMMUEN, queue attributes by the queues. */
	SMMU_GUARD_CR1,
};

/** Without it, a register is RES0. */
enum smmu_feature {
	SMMU_HAS_ALWAYS,
	SMMU_HAS_MSI,
	SMMU_HAS_PRI,
	SMMU_HAS_PRI_MSI,
	SMMU_HAS_ATOS,
	SMMU_HAS_VATOS,
	SMMU_HAS_S2PI,
};

#define SMMU_MASK_Q_BASE (Q_BASE_HINT | Q_BASE_ADDR | Q_BASE_LOG2SIZE)
#define SMMU_MASK_Q_PTR  (Q_OVERFLOW | Q_INDEX)
#define SMMU_MASK_STRTAB_CFG                                                   \
	(STRTAB_BASE_CFG_FMT | STRTAB_BASE_CFG_SPLIT | STRTAB_BASE_CFG_LOG2SIZE)
#define SMMU_MASK_IRQ_CFG2 (IRQ_CFG2_SH | IRQ_CFG2_MEMATTR)
#define SMMU_MASK_ATOS_ADDR                                                    \
	(ATOS_ADDR_ADDR | ATOS_ADDR_TYPE | ATOS_ADDR_PNU | ATOS_ADDR_RNW |     \
	 ATOS_ADDR_IND | ATOS_ADDR_HTTUI)
#define SMMU_MASK_ATOS_SID (ATOS_SID_SSID_VALID | ATOS_SID_SSID | ATOS_SID_SID)

/* name, page, offset, size, access, guard, feature, writable bits, reset
 * value. Which of the bits there are depends on IDRn (regs_mask.c), which are
 * the profile's (profile.c). */
#define SMMU_REGS_SHARED(X)                                                    \
	X(IDR0, 0, 0x000, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(IDR1, 0, 0x004, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(IDR2, 0, 0x008, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(IDR3, 0, 0x00c, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(IDR4, 0, 0x010, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(CR0ACK, 0, 0x024, 4, RO, NONE, ALWAYS, 0, 0)                         \
	X(CR1, 0, 0x028, 4, RW, CR1, ALWAYS, CR1_QUEUE | CR1_TABLE, 0)         \
	X(S2PII, 0, 0x030, 8, RW, NONE, S2PI, UINT64_MAX, 0)                   \
	X(AGBPA, 0, 0x048, 4, RW, NONE, ALWAYS, 0, 0)                          \
	X(IRQ_CTRLACK, 0, 0x054, 4, RO, NONE, ALWAYS, 0, 0)                    \
	X(GERROR, 0, 0x060, 4, RO, NONE, ALWAYS, 0, 0)                         \
	X(GERROR_IRQ_CFG0, 0, 0x068, 8, RW, GERROR_IRQEN, MSI, IRQ_CFG0_ADDR,  \
	  0)                                                                   \
	X(GERROR_IRQ_CFG1, 0, 0x070, 4, RW, GERROR_IRQEN, MSI, UINT32_MAX, 0)  \
	X(GERROR_IRQ_CFG2, 0, 0x074, 4, RW, GERROR_IRQEN, MSI,                 \
	  SMMU_MASK_IRQ_CFG2, 0)                                               \
	X(STRTAB_BASE, 0, 0x080, 8, RW, SMMUEN, ALWAYS,                        \
	  STRTAB_BASE_RA | STRTAB_BASE_ADDR, 0)                                \
	X(STRTAB_BASE_CFG, 0, 0x088, 4, RW, SMMUEN, ALWAYS,                    \
	  SMMU_MASK_STRTAB_CFG, 0)                                             \
	X(CMDQ_BASE, 0, 0x090, 8, RW, CMDQEN, ALWAYS, SMMU_MASK_Q_BASE, 0)     \
	X(CMDQ_PROD, 0, 0x098, 4, RW, NONE, ALWAYS, Q_INDEX, 0)                \
	X(CMDQ_CONS, 0, 0x09c, 4, RW, CMDQEN, ALWAYS, CMDQ_CONS_ERR | Q_INDEX, \
	  0)                                                                   \
	X(EVENTQ_BASE, 0, 0x0a0, 8, RW, EVENTQEN, ALWAYS, SMMU_MASK_Q_BASE, 0) \
	X(EVENTQ_IRQ_CFG0, 0, 0x0b0, 8, RW, EVENTQ_IRQEN, MSI, IRQ_CFG0_ADDR,  \
	  0)                                                                   \
	X(EVENTQ_IRQ_CFG1, 0, 0x0b8, 4, RW, EVENTQ_IRQEN, MSI, UINT32_MAX, 0)  \
	X(EVENTQ_IRQ_CFG2, 0, 0x0bc, 4, RW, EVENTQ_IRQEN, MSI,                 \
	  SMMU_MASK_IRQ_CFG2, 0)                                               \
	X(GATOS_CTRL, 0, 0x100, 4, RW, GATOS_CTRL, ATOS, ATOS_CTRL_RUN, 0)     \
	X(GATOS_PAR, 0, 0x118, 8, RO, NONE, ATOS, 0, 0)                        \
	X(VATOS_SEL, 0, 0x180, 4, RW, VATOS, VATOS, VATOS_SEL_VMID, 0)         \
	X(IDR6, 0, 0x190, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(VATOS_CTRL, VATOS, 0xa00, 4, RW, VATOS_CTRL, VATOS, ATOS_CTRL_RUN,   \
	  0)                                                                   \
	X(VATOS_ADDR, VATOS, 0xa10, 8, RW, VATOS, VATOS, SMMU_MASK_ATOS_ADDR,  \
	  0)                                                                   \
	X(VATOS_PAR, VATOS, 0xa18, 8, RO, NONE, VATOS, 0, 0)

/* Where the interfaces differ: Non-secure ... */
#define SMMU_REGS_NS(X)                                                        \
	X(IDR5, 0, 0x014, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(IIDR, 0, 0x018, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(AIDR, 0, 0x01c, 4, RO, NONE, ALWAYS, 0, 0)                           \
	X(CR0, 0, 0x020, 4, RW, NONE, ALWAYS,                                  \
	  CR0_SMMUEN | CR0_QUEUES | CR0_ATSCHK | CR0_VMW, 0)                   \
	X(CR2, 0, 0x02c, 4, RW, SMMUEN, ALWAYS,                                \
	  CR2_E2H | CR2_RECINVSID | CR2_PTM | CR2_REC_CFG_ATS, 0)              \
	X(STATUSR, 0, 0x040, 4, RO, NONE, ALWAYS, 0, 0)                        \
	X(GBPA, 0, 0x044, 4, RW, NONE, ALWAYS, GBPA_FIELDS, 0x1000)            \
	X(IRQ_CTRL, 0, 0x050, 4, RW, NONE, ALWAYS,                             \
	  IRQ_CTRL_GERROR | IRQ_CTRL_PRIQ | IRQ_CTRL_EVENTQ, 0)                \
	X(GERRORN, 0, 0x064, 4, RW, NONE, ALWAYS, GERROR_ALL, 0)               \
	X(PRIQ_BASE, 0, 0x0c0, 8, RW, PRIQEN, PRI, SMMU_MASK_Q_BASE, 0)        \
	X(PRIQ_IRQ_CFG0, 0, 0x0d0, 8, RW, PRIQ_IRQEN, PRI_MSI, IRQ_CFG0_ADDR,  \
	  0)                                                                   \
	X(PRIQ_IRQ_CFG1, 0, 0x0d8, 4, RW, PRIQ_IRQEN, PRI_MSI, UINT32_MAX, 0)  \
	X(PRIQ_IRQ_CFG2, 0, 0x0dc, 4, RW, PRIQ_IRQEN, PRI,                     \
	  SMMU_MASK_IRQ_CFG2 | IRQ_CFG2_LO, 0)                                 \
	X(GATOS_SID, 0, 0x108, 8, RW, GATOS, ATOS, SMMU_MASK_ATOS_SID, 0)      \
	X(GATOS_ADDR, 0, 0x110, 8, RW, GATOS, ATOS, SMMU_MASK_ATOS_ADDR, 0)    \
	X(VATOS_SID, VATOS, 0xa08, 8, RW, VATOS, VATOS, SMMU_MASK_ATOS_SID, 0) \
	X(PIDR4, 0, 0xfd0, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR5, 0, 0xfd4, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR6, 0, 0xfd8, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR7, 0, 0xfdc, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR0, 0, 0xfe0, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR1, 0, 0xfe4, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR2, 0, 0xfe8, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(PIDR3, 0, 0xfec, 4, RO, NONE, ALWAYS, 0, 0)                          \
	X(CIDR0, 0, 0xff0, 4, RO, NONE, ALWAYS, 0, 0x0d)                       \
	X(CIDR1, 0, 0xff4, 4, RO, NONE, ALWAYS, 0, 0xf0)                       \
	X(CIDR2, 0, 0xff8, 4, RO, NONE, ALWAYS, 0, 0x05)                       \
	X(CIDR3, 0, 0xffc, 4, RO, NONE, ALWAYS, 0, 0xb1)                       \
	X(EVENTQ_PROD, 1, 0x0a8, 4, RW, EVENTQEN, ALWAYS, SMMU_MASK_Q_PTR, 0)  \
	X(EVENTQ_CONS, 1, 0x0ac, 4, RW, NONE, ALWAYS, SMMU_MASK_Q_PTR, 0)      \
	X(PRIQ_PROD, 1, 0x0c8, 4, RW, PRIQEN, PRI, SMMU_MASK_Q_PTR, 0)         \
	X(PRIQ_CONS, 1, 0x0cc, 4, RW, NONE, PRI, SMMU_MASK_Q_PTR, 0)

/* ... and Secure. */
#define SMMU_REGS_S(X)                                                         \
	X(CR0, 0, 0x020, 4, RW, NONE, ALWAYS,                                  \
	  CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN | CR0_SIF | CR0_VMW |         \
	          CR0_NSSTALLD,                                                \
	  0)                                                                   \
	X(CR2, 0, 0x02c, 4, RW, SMMUEN, ALWAYS,                                \
	  CR2_E2H | CR2_RECINVSID | CR2_PTM, 0)                                \
	X(INIT, 0, 0x03c, 4, RW, NONE, ALWAYS, INIT_INV_ALL, 0)                \
	X(GBPA, 0, 0x044, 4, RW, NONE, ALWAYS, GBPA_FIELDS | GBPA_NSCFG,       \
	  0x1000)                                                              \
	X(IRQ_CTRL, 0, 0x050, 4, RW, NONE, ALWAYS,                             \
	  IRQ_CTRL_GERROR | IRQ_CTRL_EVENTQ, 0)                                \
	X(GERRORN, 0, 0x064, 4, RW, NONE, ALWAYS, GERROR_ALL & ~GERROR_PRIQ,   \
	  0)                                                                   \
	X(EVENTQ_PROD, 0, 0x0a8, 4, RW, EVENTQEN, ALWAYS, SMMU_MASK_Q_PTR, 0)  \
	X(EVENTQ_CONS, 0, 0x0ac, 4, RW, NONE, ALWAYS, SMMU_MASK_Q_PTR, 0)      \
	X(GATOS_SID, 0, 0x108, 8, RW, GATOS, ATOS,                             \
	  SMMU_MASK_ATOS_SID | ATOS_SID_SSEC, 0)                               \
	X(GATOS_ADDR, 0, 0x110, 8, RW, GATOS, ATOS,                            \
	  SMMU_MASK_ATOS_ADDR | ATOS_ADDR_NS, 0)                               \
	X(VATOS_SID, VATOS, 0xa08, 8, RW, VATOS, VATOS,                        \
	  SMMU_MASK_ATOS_SID | ATOS_SID_SSEC, 0)

enum smmu_reg {
#define X(name, page, offset, size, access, guard, feature, mask, reset)       \
	SMMU_##name,
	SMMU_REGS_SHARED(X) SMMU_REGS_NS(X)
#undef X
	        SMMU_INIT, /* Secure only */
	SMMU_REG_COUNT
};

struct smmu_reg_info {
	const char *name; /* NULL: this interface has no such register */
	uint32_t offset;
	uint8_t size;
	uint8_t page;    /* enum smmu_page */
	uint8_t access;  /* enum smmu_access */
	uint8_t guard;   /* enum smmu_guard */
	uint8_t feature; /* enum smmu_feature */
	uint64_t mask;
	uint64_t reset;
};

#endif
