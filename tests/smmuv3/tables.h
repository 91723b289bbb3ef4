/* SPDX-License-Identifier: MIT */
/*
 * Builds what an SMMU reads: stream tables, context descriptors, translation
 * tables and commands, in simulated memory. Written from the layouts of the
 * specification, apart from those of the model, so that one checks the other.
 */
#ifndef DMASIM_TESTS_TABLES_H
#define DMASIM_TESTS_TABLES_H

#include <stdbool.h>

#include "dmasim/mem.h"

struct tables {
	struct dmasim_map *map;
	uint64_t next, end; /* memory that is still free */
};

/* Zeroed; 0 when there is no room. */
uint64_t tables_alloc(struct tables *t, uint64_t size, uint64_t align);
uint64_t tables_get(const struct tables *t, uint64_t pa);
void tables_set(const struct tables *t, uint64_t pa, uint64_t value);

/* ---- stream tables ---- */

struct tables_streams {
	uint64_t base;
	unsigned log2size, split; /* split 0: linear */
};

/* What STRTAB_BASE_CFG has to hold. */
uint32_t tables_streams_cfg(const struct tables_streams *st);
bool tables_streams_new(struct tables *t, struct tables_streams *st,
                        unsigned log2size, unsigned split);
/* Where the STE lies; makes the second level if it is missing. */
uint64_t tables_ste(struct tables *t, const struct tables_streams *st,
                    uint32_t sid);
/* V, and Config = @config. */
void tables_ste_config(struct tables *t, const struct tables_streams *st,
                       uint32_t sid, unsigned config);
/* Config = 0b101: one CD at @cd, Write-Back Inner Shareable. */
void tables_ste_stage1(struct tables *t, const struct tables_streams *st,
                       uint32_t sid, uint64_t cd);

/* ---- address spaces ---- */

/* One half of an address space. */
struct tables_half {
	uint64_t ttb;
	unsigned tsz;
	unsigned granule; /* 12, 14, 16 */
	bool upper;
	bool big_endian;
};

/* Attributes of leaves; MAIR index 0 is Write-Back, 1 Non-cacheable, 2
 * Device-nGnRE. */
#define LEAF_RW     0x0000000000000f41ull /* AF, ISH, nG, AP 01, index 0 */
#define LEAF_RO     0x0000000000000fc1ull
#define LEAF_AP1    (1ull << 6)
#define LEAF_AP2    (1ull << 7)
#define LEAF_AF     (1ull << 10)
#define LEAF_NG     (1ull << 11)
#define LEAF_PXN    (1ull << 53)
#define LEAF_UXN    (1ull << 54)
#define LEAF_NC     (1ull << 2)
#define LEAF_DEV    (2ull << 2)
#define TABLES_MAIR 0x00000000000444ffull

bool tables_half_new(struct tables *t, struct tables_half *h, unsigned tsz,
                     unsigned granule);
/* The address of the descriptor of @va at @level; makes the tables above. */
uint64_t tables_descriptor(struct tables *t, const struct tables_half *h,
                           uint64_t va, unsigned level);
/* A leaf at @level (3: page). The type bits are put in. */
void tables_map(struct tables *t, const struct tables_half *h, uint64_t va,
                uint64_t pa, unsigned level, uint64_t leaf);
/* A context descriptor over @low and @high (NULL: EPD), 48-bit outputs, R, A,
 * AA64, V. */
void tables_cd(struct tables *t, uint64_t cd, const struct tables_half *low,
               const struct tables_half *high, uint16_t asid);

/* ---- commands ---- */

struct tables_cmd {
	uint64_t d0, d1;
};

struct tables_cmd cmd_cfgi_ste(uint32_t sid, bool leaf);
struct tables_cmd cmd_cfgi_range(uint32_t sid, unsigned range);
struct tables_cmd cmd_cfgi_cd(uint32_t sid, uint32_t ssid);
struct tables_cmd cmd_cfgi_cd_all(uint32_t sid);
struct tables_cmd cmd_tlbi(uint8_t op, uint16_t vmid, uint16_t asid,
                           uint64_t va);
/* NUM, SCALE, TG and TTL beside. */
struct tables_cmd cmd_tlbi_range(uint8_t op, uint16_t asid, uint64_t va,
                                 const unsigned num_scale_tg_ttl[4]);
struct tables_cmd cmd_sync(unsigned cs);
struct tables_cmd cmd_sync_msi(uint64_t addr, uint32_t data);

#endif
