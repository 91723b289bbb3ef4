/* SPDX-License-Identifier: MIT */
/*
 * A stream whose stage 1 tables and CD lie in a guest's memory, and the stage
 * 2 that maps it: intermediate addresses are those of RAM plus NEST_SHIFT.
 */
#ifndef DMASIM_TESTS_NEST_H
#define DMASIM_TESTS_NEST_H

#include "rig.h"
#include "secure.h"

#define NEST_SHIFT      0x100000000ull
#define NEST_GUEST      (RIG_RAM + 0x01000000ull)
#define NEST_GUEST_SIZE 0x00080000ull
/* Intermediate address of guest memory at a RAM address. */
#define NEST_IPA(ram) ((ram) + NEST_SHIFT)

/* The page that every nested stream maps; aligned to 64 KiB. */
#define N_SID 5u
#define N_VA  0x0000000012340000ull
#define N_IPA NEST_IPA(RIG_DATA + 0x70000)
#define N_PA  (RIG_DATA + 0x90000)

/* Leaves of stage 2: Write-Back, Inner Shareable. */
#define S2_RW                                                                  \
	(DMASIM_TABLES_MEMATTR(15) | DMASIM_TABLES_S2_READ |                   \
	 DMASIM_TABLES_S2_WRITE | DMASIM_TABLES_SH(3) | DMASIM_TABLES_AF)
#define S2_RO (S2_RW & ~DMASIM_TABLES_S2_WRITE)
#define S2_WO (S2_RW & ~DMASIM_TABLES_S2_READ)

/* Words of records. */
#define EV_NSIPA (1ull << 38)
#define EV_S2    (1ull << 39)
#define EV_CD    0ull
#define EV_TTR   (1ull << 44) /* TTRnW */

enum {
	EV_F_CD_FETCH = 0x09,
	EV_C_BAD_STE = 0x04,
	EV_C_BAD_CD = 0x0a,
	EV_F_WALK_EABT = 0x0b,
	EV_F_TRANSLATION = 0x10,
	EV_F_ADDR_SIZE = 0x11,
	EV_F_ACCESS = 0x12,
	EV_F_PERMISSION = 0x13,
};

/* Bits of IDR0, IDR3 and IDR5. */
#define I0_S2P     (1u << 0)
#define I0_HTTU    (3u << 6)
#define I0_HTTU_AF (1u << 6)
#define I0_HTTU_AD (2u << 6)
#define I0_HYP     (1u << 9)
#define I0_ATS     (1u << 10)
#define I0_NS1ATS  (1u << 11)
#define I0_ASID16  (1u << 12)
#define I0_VMW     (1u << 17)
#define I0_VMID16  (1u << 18)
#define I0_CD2L    (1u << 19)
#define I0_STALL   (3u << 24)
#define I3_XNX     (1u << 4)
#define I3_FWB     (1u << 8)
#define I3_STT     (1u << 9)
#define I3_E0PD    (1u << 13)
#define I3_PTWNNC  (1u << 14)
#define I3_EPAN    (1u << 17)
#define I5_DS      (1u << 7)
#define I5_VAX     (1u << 10)

#define NEST_I0 (I0_S2P | I0_HTTU_AD | I0_HYP | I0_VMW | I0_VMID16)
#define NEST_I3 (I3_XNX | I3_FWB | I3_STT | I3_E0PD | I3_EPAN)
#define NEST_I5 (I5_DS | I5_VAX)
/* Options: what translation can have, both stages, stalls; without some bits
 * and with others. */
#define NEST_BUT(no0, yes0, no3, yes3, no5, yes5)                              \
	.idr_clear = {I0_STALL | I0_HTTU | (no0), 0, 0,                        \
	              I3_PTWNNC | (no3),          0, (no5)},                   \
	.idr_set = {                                                           \
	        (NEST_I0 & ~(no0)) | (yes0), 0, 0,                             \
	        (NEST_I3 & ~(no3)) | (yes3), 0, (NEST_I5 & ~(no5)) | (yes5)}
#define NEST_LESS(no0, no3, no5) NEST_BUT(no0, 0u, no3, 0u, no5, 0u)
#define NEST_FULL                NEST_LESS(0u, 0u, 0u)
/* ... and Secure streams with their own stage 2. */
#define NEST_SECURE NEST_FULL, .s_idr = {1u << 13, 1u << 31 | 1u << 29 | 16u}

struct nest_options {
	uint32_t sid;                /* 0: N_SID */
	unsigned tsz1, granule1;     /* 0: 16, 12 */
	unsigned tsz2, granule2;     /* 0: 25, 12 */
	bool endi1, endi2, ds1, ds2; /* big-endian, 52-bit */
	bool concat;                 /* stage 2 starts one level lower */
	uint16_t vmid, asid;         /* 0: 3, 7 */
	/* A Secure stream: one table serves both IPA spaces. */
	struct secure *secure;
};

struct nest {
	struct rig *r;
	uint32_t sid;
	struct secure *secure;
	uint32_t flags; /* of its accesses: Secure streams' are Secure */
	struct tables guest;
	struct tables_half s1, s2;
	struct dmasim_tables_ste ste;
	struct dmasim_tables_cd cd;
	uint64_t cd_at; /* of RAM; in a page of its own */
};

/* N_VA to N_IPA to N_PA, all allowed; both structures as they are then. */
void nest_new(struct rig *r, struct nest *n, const struct nest_options *o);
/* Both structures as they stand, and nothing of them cached. */
void nest_write(struct nest *n);
/* Only the STE, only the CD; caches are left alone. */
void nest_write_ste(struct nest *n);
void nest_write_cd(struct nest *n);
/* Leaves; the caches are left alone. */
void nest_map1(struct nest *n, uint64_t va, uint64_t ipa, unsigned level,
               uint64_t bits);
void nest_map2(struct nest *n, uint64_t ipa, uint64_t pa, unsigned level,
               uint64_t bits);
/* Where the descriptors are, in RAM. */
uint64_t nest_at1(struct nest *n, uint64_t va, int level);
uint64_t nest_at2(struct nest *n, uint64_t ipa, int level);
/* Their values. */
uint64_t nest_get1(struct nest *n, uint64_t va, int level);
void nest_set1(struct nest *n, uint64_t va, int level, uint64_t value);
uint64_t nest_get2(struct nest *n, uint64_t ipa, int level);
void nest_set2(struct nest *n, uint64_t ipa, int level, uint64_t value);
/* The page of guest memory that holds @ram, with other bits in its leaf of
 * stage 2. */
void nest_guard(struct nest *n, uint64_t ram, uint64_t bits);
/* A read (or write) of N_VA that must come out at N_PA, or be aborted. */
void nest_ok(struct nest *n, enum dmasim_op op);
void nest_fault(struct nest *n, enum dmasim_op op);
/* One record, of the stream's only fault. */
void nest_expect(struct nest *n, unsigned type, uint64_t word1, uint64_t va,
                 uint64_t word3);
/* Refuse accesses to the eight bytes at @pa; 0: none. */
void nest_refuse(struct nest *n, uint64_t pa);

#endif
