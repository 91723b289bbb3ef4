/* SPDX-License-Identifier: MIT */
/*
 * Short names for dmasim/smmu_tables.h in the SMMU's tests, with the values
 * that most of them want. What fails gives an address of 0.
 */
#ifndef DMASIM_TESTS_TABLES_H
#define DMASIM_TESTS_TABLES_H

#include "dmasim/smmu_commands.h"
#include "dmasim/smmu_tables.h"

#define tables             dmasim_tables
#define tables_streams     dmasim_tables_streams
#define tables_half        dmasim_tables_space
#define tables_cmd         dmasim_tables_cmd
#define tables_set         dmasim_tables_set
#define tables_streams_cfg dmasim_tables_streams_cfg

static inline uint64_t tables_alloc(struct dmasim_tables *t, uint64_t size,
                                    uint64_t align)
{
	uint64_t pa;

	dmasim_tables_alloc(t, size, align, &pa);
	return pa;
}

static inline uint64_t tables_get(const struct dmasim_tables *t, uint64_t pa)
{
	uint64_t v;

	dmasim_tables_get(t, pa, &v);
	return v;
}

static inline bool tables_streams_new(struct dmasim_tables *t,
                                      struct dmasim_tables_streams *st,
                                      unsigned log2size, unsigned split)
{
	return dmasim_tables_streams_new(t, st, log2size, split) == DMASIM_OK;
}

static inline uint64_t tables_ste(struct dmasim_tables *t,
                                  const struct dmasim_tables_streams *st,
                                  uint32_t sid)
{
	uint64_t ste;

	dmasim_tables_ste(t, st, sid, &ste);
	return ste;
}

/* V, and Config = @config; SHCFG: use incoming. */
void tables_ste_config(struct dmasim_tables *t,
                       const struct dmasim_tables_streams *st, uint32_t sid,
                       unsigned config);
/* Config = 0b101: one CD at @cd, Write-Back Inner Shareable. */
void tables_ste_stage1(struct dmasim_tables *t,
                       const struct dmasim_tables_streams *st, uint32_t sid,
                       uint64_t cd);

/* ---- address spaces ---- */

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

bool tables_half_new(struct dmasim_tables *t, struct dmasim_tables_space *h,
                     unsigned tsz, unsigned granule);
/* The address of the descriptor of @va at @level; makes the tables above. */
uint64_t tables_descriptor(struct dmasim_tables *t,
                           const struct dmasim_tables_space *h, uint64_t va,
                           unsigned level);
/* A leaf at @level (3: page). The type bits are put in. */
void tables_map(struct dmasim_tables *t, const struct dmasim_tables_space *h,
                uint64_t va, uint64_t pa, unsigned level, uint64_t leaf);
/* A context descriptor over @low and @high (NULL: EPD), 48-bit outputs, R, A,
 * AA64, V. */
void tables_cd(struct dmasim_tables *t, uint64_t cd,
               const struct dmasim_tables_space *low,
               const struct dmasim_tables_space *high, uint16_t asid);

/* ---- commands ---- */

#define cmd_cfgi_ste    dmasim_tables_cfgi_ste
#define cmd_cfgi_range  dmasim_tables_cfgi_ste_range
#define cmd_cfgi_cd_all dmasim_tables_cfgi_cd_all
#define cmd_sync_msi    dmasim_tables_sync_msi

/* Leaf. */
struct tables_cmd cmd_cfgi_cd(uint32_t sid, uint32_t ssid);
struct tables_cmd cmd_tlbi(uint8_t op, uint16_t vmid, uint16_t asid,
                           uint64_t va);
/* NUM, SCALE, TG and TTL beside. */
struct tables_cmd cmd_tlbi_range(uint8_t op, uint16_t asid, uint64_t va,
                                 const unsigned num_scale_tg_ttl[4]);
/* Any value of CS, the reserved one too. */
struct tables_cmd cmd_sync(unsigned cs);

#endif
