/* SPDX-License-Identifier: MIT */
/*
 * What a driver knows of the SMMU (IHI 0070): register offsets, commands,
 * the fields of STE, CD and descriptors that a replay looks at. Kept apart
 * from the model's own layouts, so that a mistake there shows.
 */
#ifndef DMASIM_SNAPSHOT_REGS_H
#define DMASIM_SNAPSHOT_REGS_H

/* 6.2: registers. */
#define REG_CR0             0x20u
#define REG_CR0ACK          0x24u
#define REG_CR1             0x28u
#define REG_CR2             0x2cu
#define REG_GBPA            0x44u
#define REG_IRQ_CTRL        0x50u
#define REG_GERROR          0x60u
#define REG_GERRORN         0x64u
#define REG_STRTAB_BASE     0x80u
#define REG_STRTAB_BASE_CFG 0x88u
#define REG_CMDQ_BASE       0x90u
#define REG_CMDQ_PROD       0x98u
#define REG_CMDQ_CONS       0x9cu
#define REG_EVENTQ_BASE     0xa0u
#define REG_EVENTQ_PROD     0x100a8u
#define REG_EVENTQ_CONS     0x100acu

#define CR0_SMMUEN          0x1u
#define CR0_EVENTQEN        0x4u
#define CR0_CMDQEN          0x8u
#define CR2_RECINVSID       0x2u
#define GBPA_UPDATE         0x80000000u
#define GERROR_CMDQ_ERR     0x1u
#define CMDQ_CONS_ERR_SHIFT 24
#define CMDQ_CONS_ERR_MASK  0x7fu
#define IDR0_S2P            0x1u
#define IDR0_COHACC         0x10u
#define IDR1_SSIDSIZE(v)    ((unsigned)((v) >> 6 & 0x1f))
#define IDR5_OAS            0x7u

/* 6.3.24, 6.3.25: the stream table. */
#define STRTAB_ADDR     0x000fffffffffffc0ull
#define STRTAB_LOG2SIZE 0x3fu
#define STRTAB_SPLIT(v) ((unsigned)((v) >> 6 & 0x1f))
#define STRTAB_FMT(v)   ((unsigned)((v) >> 16 & 3))

/* 6.3.26 to 6.3.31: queues. */
#define Q_BASE_ADDR     0x000fffffffffffe0ull
#define Q_BASE_LOG2SIZE 0x1full
#define Q_LOG2_MAX      19u
#define Q_OVERFLOW      0x80000000u
#define CMD_SIZE        16u
#define EVENT_SIZE      32u

/* 4: commands. */
#define CMD_CFGI_STE       0x03u
#define CMD_CFGI_ALL       0x04u
#define CMD_CFGI_CD        0x05u
#define CMD_TLBI_NH_ALL    0x10u
#define CMD_TLBI_NH_ASID   0x11u
#define CMD_TLBI_NH_VA     0x12u
#define CMD_TLBI_S12_VMALL 0x28u
#define CMD_TLBI_S2_IPA    0x2au
#define CMD_TLBI_NSNH_ALL  0x30u
#define CMD_RESUME_ABORT   0x2044u
#define CMD_SYNC           0x46u
#define CMD1_RANGE_ALL     31u
#define CMD1_LEAF          1u

/* 5.1, 5.2: level-1 descriptor and STE. */
#define L1STD_SPAN       0x1full
#define STE_SIZE         64u
#define STE0_V           1ull
#define STE0_CONFIG(v)   ((unsigned)((v) >> 1 & 7))
#define STE0_CD_ADDR     0x000fffffffffffc0ull
#define STE0_S1CDMAX(v)  ((unsigned)((v) >> 59))
#define STE1_PRIVCFG     0x0003000000000000ull
#define STE1_INSTCFG     0x000c000000000000ull
#define STE_CONFIG_S1    1u
#define STE_CONFIG_S2    2u
#define STE_CONFIG_TRANS 4u
#define STE2_S2VMID(v)   ((uint16_t)(v))
#define STE2_S2T0SZ(v)   ((unsigned)((v) >> 32 & 0x3f))
#define STE2_S2SL0(v)    ((unsigned)((v) >> 38 & 3))
#define STE2_S2TG(v)     ((unsigned)((v) >> 46 & 3))
#define STE2_S2PS(v)     ((unsigned)((v) >> 48 & 7))
#define STE2_S2HD        0x0080000000000000ull
#define STE2_S2HA        0x0100000000000000ull
#define STE3_S2TTB       0x000ffffffffffff0ull

/* 5.4: CD. */
#define CD0_T0SZ(v)  ((unsigned)((v)&0x3f))
#define CD0_TG0(v)   ((unsigned)((v) >> 6 & 3))
#define CD0_V        0x80000000ull
#define CD0_IPS(v)   ((unsigned)((v) >> 32 & 7))
#define CD0_PAN      0x10000000000ull
#define CD0_ASID(v)  ((uint16_t)((v) >> 48))
#define CD1_TTB_ADDR 0x000ffffffffffff0ull

/* VMSAv8-64 descriptors (Arm ARM D8.3). */
#define PTE_VALID    0x1ull
#define PTE_TABLE    0x2ull
#define PTE_AP1      0x40ull
#define PTE_AP2      0x80ull
#define PTE2_R       0x40ull
#define PTE2_W       0x80ull
#define PTE_AF       0x400ull
#define PTE_APTABLE0 0x2000000000000000ull
#define PTE_APTABLE1 0x4000000000000000ull
#define PTE_ADDR     0x0000fffffffff000ull

/* 7.3: event records. */
#define EVT_BAD_STREAMID 0x02u
#define EVT_STE_FETCH    0x03u
#define EVT_BAD_STE      0x04u
#define EVT_CD_FETCH     0x09u
#define EVT_BAD_CD       0x0au
#define EVT_WALK_EABT    0x0bu
#define EVT_TRANSLATION  0x10u
#define EVT_ADDR_SIZE    0x11u
#define EVT_ACCESS       0x12u
#define EVT_PERMISSION   0x13u
#define EVT1_STALL       0x0000000080000000ull
#define EVT1_STAG        0xffffull
#define EVT1_PNU         0x0000000200000000ull
#define EVT1_IND         0x0000000400000000ull
#define EVT1_RNW         0x0000000800000000ull
#define EVT1_S2          0x0000008000000000ull
#define EVT1_CLASS       0x0000030000000000ull
#define EVT1_CLASS_TT    0x0000010000000000ull
#define EVT1_CLASS_IN    0x0000020000000000ull
#define EVT1_TTRNW       0x0000100000000000ull
#define EVT3_IPA         0x00fffffffffff000ull

#endif
