/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 as its driver sees it: registers, structures and commands of
 * IHI 0070. Kept apart from the model's own definitions, so that an error in
 * either one shows.
 */
#ifndef SMMU_HW_H
#define SMMU_HW_H

#include <stdint.h>

#define HW_MASK(hi, lo)  ((~0ull >> (63 - (hi))) & (~0ull << (lo)))
#define HW_BIT(n)        (1ull << (n))
#define HW_GET(mask, v)  (((v) & (mask)) / ((mask) & -(mask)))
#define HW_PREP(mask, v) (((uint64_t)(v) * ((mask) & -(mask))) & (mask))

/* 6.3: registers, and their fields. */
#define HW_IDR0             0x0
#define HW_IDR0_ST_LEVEL    HW_MASK(28, 27)
#define HW_IDR0_STALL_MODEL HW_MASK(25, 24)
#define HW_IDR0_TTENDIAN    HW_MASK(22, 21)
#define HW_IDR0_ASID16      HW_BIT(12)
#define HW_IDR0_HYP         HW_BIT(9)
#define HW_IDR0_TTF         HW_MASK(3, 2)
#define HW_IDR0_S1P         HW_BIT(1)
#define HW_IDR1             0x4
#define HW_IDR1_PRESET      HW_MASK(30, 29)
#define HW_IDR1_CMDQS       HW_MASK(25, 21)
#define HW_IDR1_EVENTQS     HW_MASK(20, 16)
#define HW_IDR1_SIDSIZE     HW_MASK(5, 0)
#define HW_IDR3             0xc
#define HW_IDR3_RIL         HW_BIT(10)
#define HW_IDR5             0x14
#define HW_IDR5_GRAN4K      HW_BIT(4)
#define HW_IDR5_OAS         HW_MASK(2, 0)
#define HW_CR0              0x20
#define HW_CR0ACK           0x24
#define HW_CR0_CMDQEN       HW_BIT(3)
#define HW_CR0_EVENTQEN     HW_BIT(2)
#define HW_CR0_SMMUEN       HW_BIT(0)
#define HW_CR1              0x28
#define HW_CR1_TABLE_SH     HW_MASK(11, 10)
#define HW_CR1_TABLE_OC     HW_MASK(9, 8)
#define HW_CR1_TABLE_IC     HW_MASK(7, 6)
#define HW_CR1_QUEUE_SH     HW_MASK(5, 4)
#define HW_CR1_QUEUE_OC     HW_MASK(3, 2)
#define HW_CR1_QUEUE_IC     HW_MASK(1, 0)
#define HW_CR1_WB           1
#define HW_CR2              0x2c
#define HW_CR2_PTM          HW_BIT(2)
#define HW_CR2_RECINVSID    HW_BIT(1)
#define HW_GBPA             0x44
#define HW_GBPA_UPDATE      HW_BIT(31)
#define HW_GBPA_ABORT       HW_BIT(20)
#define HW_IRQ_CTRL         0x50
#define HW_IRQ_CTRLACK      0x54
#define HW_IRQ_EVENTQ       HW_BIT(2)
#define HW_IRQ_GERROR       HW_BIT(0)
#define HW_GERROR           0x60
#define HW_GERRORN          0x64
#define HW_GERROR_CMDQ      HW_BIT(0)
#define HW_GERROR_EVENTQ    HW_BIT(2)
#define HW_GERROR_SFM       HW_BIT(8)
#define HW_GERROR_IRQ_CFG0  0x68
#define HW_STRTAB_BASE      0x80
#define HW_STRTAB_CFG       0x88
#define HW_STRTAB_CFG_FMT   HW_MASK(17, 16)
#define HW_STRTAB_CFG_SPLIT HW_MASK(10, 6)
#define HW_STRTAB_CFG_LOG2  HW_MASK(5, 0)
#define HW_STRTAB_2LEVEL    1
#define HW_BASE_RA          HW_BIT(62)
#define HW_CMDQ_BASE        0x90
#define HW_CMDQ_PROD        0x98
#define HW_CMDQ_CONS        0x9c
#define HW_CMDQ_CONS_ERR    HW_MASK(30, 24)
#define HW_EVENTQ_BASE      0xa0
#define HW_EVENTQ_IRQ_CFG0  0xb0
#define HW_EVENTQ_PROD      0x100a8
#define HW_EVENTQ_CONS      0x100ac
#define HW_EVENTQ_OVF       HW_BIT(31)

/* 5.1, 5.2: stream table. */
#define HW_L1STD_SPAN    HW_MASK(4, 0)
#define HW_STE_SIZE      64u
#define HW_STE0_V        HW_BIT(0)
#define HW_STE0_CONFIG   HW_MASK(3, 1)
#define HW_CONFIG_ABORT  0
#define HW_CONFIG_BYP    4
#define HW_CONFIG_S1     5
#define HW_STE1_S1DSS    HW_MASK(1, 0)
#define HW_S1DSS_SSID0   2
#define HW_STE1_S1CIR    HW_MASK(3, 2)
#define HW_STE1_S1COR    HW_MASK(5, 4)
#define HW_STE1_S1CSH    HW_MASK(7, 6)
#define HW_STE1_S1STALLD HW_BIT(27)
#define HW_STE1_SHCFG    HW_MASK(45, 44)
#define HW_SHCFG_IN      1
#define HW_SH_ISH        3
#define HW_SH_OSH        2

/* 5.4: context descriptor. */
#define HW_CD_SIZE  64u
#define HW_CD_T0SZ  HW_MASK(5, 0)
#define HW_CD_IR0   HW_MASK(9, 8)
#define HW_CD_OR0   HW_MASK(11, 10)
#define HW_CD_SH0   HW_MASK(13, 12)
#define HW_CD_EPD1  HW_BIT(30)
#define HW_CD_V     HW_BIT(31)
#define HW_CD_IPS   HW_MASK(34, 32)
#define HW_CD_AA64  HW_BIT(41)
#define HW_CD_R     HW_BIT(45)
#define HW_CD_A     HW_BIT(46)
#define HW_CD_ASET  HW_BIT(47)
#define HW_CD_ASID  HW_MASK(63, 48)
#define HW_RGN_WBWA 1

/* 4: commands. */
#define HW_CMD_PREFETCH_CONFIG 0x01
#define HW_CMD_CFGI_STE        0x03
#define HW_CMD_CFGI_ALL        0x04
#define HW_CMD_TLBI_NH_ASID    0x11
#define HW_CMD_TLBI_NH_VA      0x12
#define HW_CMD_TLBI_EL2_ALL    0x20
#define HW_CMD_TLBI_NSNH_ALL   0x30
#define HW_CMD_SYNC            0x46
#define HW_CMD0_SID            HW_MASK(63, 32)
#define HW_CMD0_ASID           HW_MASK(63, 48)
#define HW_CMD0_SCALE          HW_MASK(24, 20)
#define HW_CMD0_NUM            HW_MASK(16, 12)
#define HW_CMD1_TG             HW_MASK(11, 10)
#define HW_CMD1_TTL            HW_MASK(9, 8)
#define HW_CMD1_LEAF           HW_BIT(0)
#define HW_CMD1_RANGE_ALL      31
#define HW_SYNC_CS             HW_MASK(13, 12)
#define HW_SYNC_MSH            HW_MASK(23, 22)
#define HW_SYNC_MSIATTR        HW_MASK(27, 24)
#define HW_CS_SEV              2
#define HW_MSIATTR_WB          0xf

/* VMSAv8-64 stage 1 descriptors. */
#define HW_PTE_VALID  HW_BIT(0)
#define HW_PTE_TYPE   HW_MASK(1, 0)
#define HW_PTE_BLOCK  1
#define HW_PTE_TABLE  3 /**< a page at level 3 */
#define HW_PTE_ATTR   HW_MASK(4, 2)
#define HW_PTE_UNPRIV HW_BIT(6)
#define HW_PTE_RDONLY HW_BIT(7)
#define HW_PTE_SH     HW_MASK(9, 8)
#define HW_PTE_AF     HW_BIT(10)
#define HW_PTE_NG     HW_BIT(11)
#define HW_PTE_ADDR   HW_MASK(47, 12)
/** MAIR of the CD: 0 Normal NC, 1 Normal WB, 2 Device-nGnRE, 3 inner NC and
 * outer WB; the rest is not used (Linux leaves ones there). */
#define HW_MAIR        0xfffffffff404ff44ull
#define HW_MAIR_IDX_NC 0
#define HW_MAIR_IDX_WB 1

#endif
