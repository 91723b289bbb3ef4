/* SPDX-License-Identifier: MIT */
#include "tables.h"

void tables_ste_config(struct dmasim_tables *t,
                       const struct dmasim_tables_streams *st, uint32_t sid,
                       unsigned config)
{
	const struct dmasim_tables_ste ste = {.config = config, .shcfg = 1};
	uint64_t pa = tables_ste(t, st, sid);

	dmasim_tables_write_ste(t, pa, &ste);
}

void tables_ste_stage1(struct dmasim_tables *t,
                       const struct dmasim_tables_streams *st, uint32_t sid,
                       uint64_t cd)
{
	struct dmasim_tables_ste ste = {.config = 5, .shcfg = 1};
	const struct dmasim_tables_cds one = {.base = cd};
	uint64_t pa = tables_ste(t, st, sid);

	dmasim_tables_ste_cds(&ste, &one);
	dmasim_tables_write_ste(t, pa, &ste);
}

bool tables_half_new(struct dmasim_tables *t, struct dmasim_tables_space *h,
                     unsigned tsz, unsigned granule)
{
	*h = (struct dmasim_tables_space){.tsz = tsz, .granule = granule};
	return dmasim_tables_space_new(t, h) == DMASIM_OK;
}

uint64_t tables_descriptor(struct dmasim_tables *t,
                           const struct dmasim_tables_space *h, uint64_t va,
                           unsigned level)
{
	struct dmasim_tables_space half = *h;
	uint64_t pa;

	/* Which half is told by the address alone. */
	half.upper = !h->stage2 && (va >> 55 & 1) != 0;
	dmasim_tables_descriptor(t, &half, va, (int)level, &pa);
	return pa;
}

void tables_map(struct dmasim_tables *t, const struct dmasim_tables_space *h,
                uint64_t va, uint64_t pa, unsigned level, uint64_t leaf)
{
	uint64_t at = tables_descriptor(t, h, va, level);

	/* Any bits at all: tests want wrong ones too. */
	dmasim_tables_write(t, h, at,
	                    (leaf & ~3ull) | pa | (level == 3 ? 3 : 1));
}

void tables_cd(struct dmasim_tables *t, uint64_t cd,
               const struct dmasim_tables_space *low,
               const struct dmasim_tables_space *high, uint16_t asid)
{
	struct dmasim_tables_cd c = {.ips = 5,
	                             .r = 1,
	                             .a = 1,
	                             .aset = 1,
	                             .asid = asid,
	                             .mair = TABLES_MAIR};

	dmasim_tables_cd_stage1(&c, low, high);
	dmasim_tables_write_cd(t, cd, &c);
}

/* ---- commands ---- */

struct tables_cmd cmd_cfgi_cd(uint32_t sid, uint32_t ssid)
{
	return dmasim_tables_cfgi_cd(sid, ssid, true);
}

struct tables_cmd cmd_tlbi(uint8_t op, uint16_t vmid, uint16_t asid,
                           uint64_t va)
{
	struct tables_cmd c = dmasim_tables_tlbi(&(
	        struct dmasim_tables_tlbi_fields){.vmid = vmid, .asid = asid});

	/* Reserved opcodes, Leaf and reserved bits of the address too. */
	c.d0 |= op;
	c.d1 = va;
	return c;
}

struct tables_cmd cmd_tlbi_range(uint8_t op, uint16_t asid, uint64_t va,
                                 const unsigned num_scale_tg_ttl[4])
{
	struct tables_cmd c = cmd_tlbi(op, 0, asid, va);

	c.d0 |= (uint64_t)num_scale_tg_ttl[0] << 12 |
	        (uint64_t)num_scale_tg_ttl[1] << 20;
	c.d1 |= (uint64_t)num_scale_tg_ttl[2] << 10 |
	        (uint64_t)num_scale_tg_ttl[3] << 8;
	return c;
}

struct tables_cmd cmd_sync(unsigned cs)
{
	struct tables_cmd c = dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE);

	c.d0 |= (uint64_t)cs << 12;
	return c;
}
