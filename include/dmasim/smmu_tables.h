/* SPDX-License-Identifier: MIT */
/*
 * Builds what an SMMUv3 reads: stream tables, context descriptors and
 * translation tables, in simulated memory, as the memory of a driver or a
 * hypervisor holds them. Commands are in smmu_commands.h. Written from the
 * layouts of the specification (IHI 0070 chapter 5, Arm ARM D8.3), apart from
 * those of the model, so that one checks the other.
 *
 * Everything here writes RAM itself, behind all caches. Nothing is freed; a
 * builder takes memory from the front of what it was given. A new table is
 * zero: no entry of it is valid.
 *
 * Addresses that functions take and return are those of RAM, except where a
 * comment says "as the SMMU sees it": RAM's plus dmasim_tables.shift.
 */
#ifndef DMASIM_SMMU_TABLES_H
#define DMASIM_SMMU_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/mem.h"
#include "dmasim/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where tables are built: RAM of @map in [next, end), all free. */
struct dmasim_tables {
	struct dmasim_map *map;
	uint64_t next, end;
	/** What is added to an address of RAM before it is written into a
	 * structure: a guest's tables hold intermediate addresses. 0: the two
	 * are the same. */
	uint64_t shift;
};

/** Zeroed memory. @align: a power of two. OK, E_INVAL (size 0, alignment),
 * E_FULL (less is left), E_RANGE (not all RAM). @pa is 0 after an error. */
DMASIM_API int dmasim_tables_alloc(struct dmasim_tables *t, uint64_t size,
                                   uint64_t align, uint64_t *pa);
/** A little-endian 64-bit word. OK, E_RANGE (not RAM; @value is 0 then). */
DMASIM_API int dmasim_tables_get(const struct dmasim_tables *t, uint64_t pa,
                                 uint64_t *value);
/** OK, E_RANGE. */
DMASIM_API int dmasim_tables_set(const struct dmasim_tables *t, uint64_t pa,
                                 uint64_t value);

/* ---- stream tables (3.3.1, 5.1, 5.2) ---- */

struct dmasim_tables_streams {
	uint64_t base;     /**< for STRTAB_BASE.ADDR */
	unsigned log2size; /**< bits of a StreamID */
	unsigned split;    /**< 6, 8, 10: 2-level; 0: linear */
};

/** An empty table for StreamIDs of @log2size bits. OK, E_INVAL (@split is
 * none of 0, 6, 8, 10; @log2size above 32, or above 24 if linear), and what
 * dmasim_tables_alloc() returns. */
DMASIM_API int dmasim_tables_streams_new(struct dmasim_tables *t,
                                         struct dmasim_tables_streams *st,
                                         unsigned log2size, unsigned split);
/** What STRTAB_BASE_CFG has to hold for @st. */
DMASIM_API uint32_t
dmasim_tables_streams_cfg(const struct dmasim_tables_streams *st);
/** Where the STE of @sid lies; makes its level-2 table if there is none. OK,
 * E_INVAL (@sid has more bits than the table), E_RANGE (the table is not in
 * RAM), and what dmasim_tables_alloc() returns. @ste is 0 after an error. */
DMASIM_API int dmasim_tables_ste(struct dmasim_tables *t,
                                 const struct dmasim_tables_streams *st,
                                 uint32_t sid, uint64_t *ste);

/**
 * An STE. Each member is the field of its name (5.2) and 0 unless given; V is
 * 1 unless @invalid. s2sl0 and s_s2sl0 have three bits: SL0_2 above SL0.
 * s2hwu is S2HWU62 to 59. Pointers and tables are addresses, in place.
 */
struct dmasim_tables_ste {
	bool invalid;
	/** 0: abort; 4: bypass; bit 0: stage 1; bit 1: stage 2. */
	uint64_t config;
	uint64_t strw, cont, dre, dcp, ppar, mev, eats, s1mpam, s1pie;
	uint64_t mtcfg, memattr, alloccfg, shcfg, nscfg, privcfg, instcfg;
	/* stage 1; see dmasim_tables_ste_cds() */
	uint64_t s1fmt, s1contextptr, s1cdmax, s1dss, s1cir, s1cor, s1csh;
	uint64_t s1stalld;
	/* stage 2; see dmasim_tables_ste_stage2() */
	uint64_t s2vmid, s2t0sz, s2sl0, s2ir0, s2or0, s2sh0, s2tg, s2ps;
	uint64_t s2aa64, s2endi, s2affd, s2ptw, s2hd, s2ha, s2s, s2r, s2haft;
	uint64_t s2pie, s2poe, s2fwb, s2hwu, s2ds, s2ttb, s2nsw, s2nsa;
	uint64_t s_s2t0sz, s_s2sl0, s_s2tg, s_s2ttb, s2sw, s2sa;
	uint64_t partid, pmg, mpam_ns, vmsptr, sw_reserved;
};

/** The eight words. OK, E_INVAL (a member is wider than its field). */
DMASIM_API int dmasim_tables_pack_ste(const struct dmasim_tables_ste *ste,
                                      uint64_t words[8]);
/** Pack to @pa, the word that holds V last. OK, E_INVAL, E_RANGE. */
DMASIM_API int dmasim_tables_write_ste(const struct dmasim_tables *t,
                                       uint64_t pa,
                                       const struct dmasim_tables_ste *ste);

/* ---- context descriptors (5.3, 5.4) ---- */

/** A table of CDs. */
struct dmasim_tables_cds {
	uint64_t base;    /**< as the SMMU sees it, for S1ContextPtr */
	unsigned s1cdmax; /**< bits of a SubstreamID; 0: one CD */
	unsigned s1fmt;   /**< 0: linear; 1, 2: leaves of 4 KiB, 64 KiB */
};

/** An empty table. OK, E_INVAL (@s1cdmax above 20, @s1fmt above 2), and what
 * dmasim_tables_alloc() returns. */
DMASIM_API int dmasim_tables_cds_new(struct dmasim_tables *t,
                                     struct dmasim_tables_cds *cds,
                                     unsigned s1cdmax, unsigned s1fmt);
/** Where the CD of @ssid lies; makes its leaf table if there is none. Errors
 * as dmasim_tables_ste(). */
DMASIM_API int dmasim_tables_cd(struct dmasim_tables *t,
                                const struct dmasim_tables_cds *cds,
                                uint32_t ssid, uint64_t *cd);
/** Let @ste point to @cds, fetched as Write-Back Inner Shareable: s1fmt,
 * s1contextptr, s1cdmax, s1cir, s1cor, s1csh. */
DMASIM_API void dmasim_tables_ste_cds(struct dmasim_tables_ste *ste,
                                      const struct dmasim_tables_cds *cds);

/** A CD, as struct dmasim_tables_ste. hwu0 and hwu1 are HWUx62 to 59. See
 * dmasim_tables_cd_stage1(). */
struct dmasim_tables_cd {
	bool invalid;
	uint64_t t0sz, tg0, ir0, or0, sh0, epd0, ttb0, tbi0, had0, e0pd0;
	uint64_t t1sz, tg1, ir1, or1, sh1, epd1, ttb1, tbi1, had1, e0pd1;
	uint64_t nscfg0, nscfg1, hwu0, hwu1;
	uint64_t endi, ips, affd, wxn, uwxn, pan, epan, aa64, hd, ha, haft;
	uint64_t s, r, a, aset, asid, ds, pnch, aie, pie, piiu, piip;
	uint64_t mair, amair, partid, pmg;
};

/** OK, E_INVAL (a member is wider than its field). */
DMASIM_API int dmasim_tables_pack_cd(const struct dmasim_tables_cd *cd,
                                     uint64_t words[8]);
/** Pack to @pa, the word that holds V last. OK, E_INVAL, E_RANGE. */
DMASIM_API int dmasim_tables_write_cd(const struct dmasim_tables *t,
                                      uint64_t pa,
                                      const struct dmasim_tables_cd *cd);

/* ---- translation tables (Arm ARM D8.2, D8.3) ---- */

/** The tables of one half of a stage 1 address space, or of stage 2. */
struct dmasim_tables_space {
	/** As the SMMU sees it. */
	uint64_t ttb;
	unsigned tsz;     /**< addresses have 64 - tsz bits: 12 to 48 */
	unsigned granule; /**< 12, 14, 16: log2 of the size of a page */
	bool upper;       /**< stage 1 through TTB1 */
	bool big_endian;
	/** CD.DS, STE.S2DS: 52-bit addresses with 4 and 16 KiB. */
	bool ds;
	bool stage2;
	/** Stage 2: start one level lower than need be, with up to 16 tables
	 * side by side. */
	bool concat;
};

/** An empty start table for @s; all but ttb is given. OK, E_INVAL (values
 * that no SMMU takes), and what dmasim_tables_alloc() returns. */
DMASIM_API int dmasim_tables_space_new(struct dmasim_tables *t,
                                       struct dmasim_tables_space *s);
/** The level at which walks begin: -1 to 3. */
DMASIM_API int dmasim_tables_start_level(const struct dmasim_tables_space *s);
/** How far the address is shifted right for the index at @level. */
DMASIM_API unsigned
dmasim_tables_level_shift(const struct dmasim_tables_space *s, int level);
/** An address in the place that a descriptor of @s has for it; bits that have
 * none are dropped. */
DMASIM_API uint64_t dmasim_tables_place(const struct dmasim_tables_space *s,
                                        uint64_t address);
/** The address of the descriptor of @va at @level; makes the tables above it
 * that are missing. OK, E_INVAL (no such level, or @va is outside), E_EXISTS
 * (a block is in the way), E_RANGE (a table is not in RAM), and what
 * dmasim_tables_alloc() returns. @pa is 0 after an error. */
DMASIM_API int dmasim_tables_descriptor(struct dmasim_tables *t,
                                        const struct dmasim_tables_space *s,
                                        uint64_t va, int level, uint64_t *pa);
/** The descriptor at @pa, in the byte order of @s. As dmasim_tables_get() and
 * dmasim_tables_set(). */
DMASIM_API int dmasim_tables_read(const struct dmasim_tables *t,
                                  const struct dmasim_tables_space *s,
                                  uint64_t pa, uint64_t *value);
DMASIM_API int dmasim_tables_write(const struct dmasim_tables *t,
                                   const struct dmasim_tables_space *s,
                                   uint64_t pa, uint64_t value);

struct dmasim_tables_leaf {
	/** The output address, as the SMMU sees it. */
	uint64_t pa;
	int level; /**< 3: a page; above: a block */
	/** Attributes and permissions. Type and address are put in. */
	uint64_t bits;
};

/** A leaf for @va. OK, E_INVAL (also a level that has no blocks, or an
 * output address that is not aligned to the leaf's size), and the other errors
 * of dmasim_tables_descriptor(). */
DMASIM_API int dmasim_tables_map(struct dmasim_tables *t,
                                 const struct dmasim_tables_space *s,
                                 uint64_t va,
                                 const struct dmasim_tables_leaf *leaf);

/** Describe @s (lower or upper half) in @cd: t?sz, tg?, ttb?, ir?, or?, sh?
 * (Write-Back Inner Shareable), endi, ds, aa64. NULL: EPD of that half. */
DMASIM_API void dmasim_tables_cd_stage1(struct dmasim_tables_cd *cd,
                                        const struct dmasim_tables_space *low,
                                        const struct dmasim_tables_space *high);
/** Describe @s in @ste: s2t0sz, s2sl0, s2tg, s2ttb, s2ir0, s2or0, s2sh0,
 * s2endi, s2ds, s2aa64; with @secure, the s_s2 ones of them. */
DMASIM_API void dmasim_tables_ste_stage2(struct dmasim_tables_ste *ste,
                                         const struct dmasim_tables_space *s,
                                         bool secure);

/** Bits of leaves. */
#define DMASIM_TABLES_ATTR(n)    ((uint64_t)(n) << 2) /**< stage 1: MAIR index */
#define DMASIM_TABLES_MEMATTR(n) ((uint64_t)(n) << 2) /**< stage 2 */
#define DMASIM_TABLES_NS         (1ull << 5)
#define DMASIM_TABLES_AP1        (1ull << 6) /**< stage 1: EL0 may access */
#define DMASIM_TABLES_AP2        (1ull << 7) /**< stage 1: no writes */
#define DMASIM_TABLES_S2_READ    (1ull << 6)
#define DMASIM_TABLES_S2_WRITE   (1ull << 7)
#define DMASIM_TABLES_SH(n)      ((uint64_t)(n) << 8) /**< unless DS */
#define DMASIM_TABLES_AF         (1ull << 10)
#define DMASIM_TABLES_NG         (1ull << 11) /**< stage 1 */
#define DMASIM_TABLES_NT         (1ull << 16) /**< blocks */
#define DMASIM_TABLES_DBM        (1ull << 51)
#define DMASIM_TABLES_CONT       (1ull << 52)
#define DMASIM_TABLES_PXN        (1ull << 53) /**< stage 1 */
#define DMASIM_TABLES_UXN        (1ull << 54)
#define DMASIM_TABLES_S2_XN(n)   ((uint64_t)(n) << 53)
/** Bits of table descriptors of stage 1. */
#define DMASIM_TABLES_PXNTABLE   (1ull << 59)
#define DMASIM_TABLES_UXNTABLE   (1ull << 60)
#define DMASIM_TABLES_APTABLE(n) ((uint64_t)(n) << 61)
#define DMASIM_TABLES_NSTABLE    (1ull << 63)

#ifdef __cplusplus
}
#endif
#endif
