/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include <string.h>

uint64_t tables_alloc(struct tables *t, uint64_t size, uint64_t align)
{
	uint64_t pa = (t->next + align - 1) & ~(align - 1);

	if (pa + size > t->end)
		return 0;
	t->next = pa + size;
	for (uint64_t i = 0; i < size; i += 8)
		if (tables_get(t, pa + i) != 0)
			tables_set(t, pa + i, 0);
	return pa;
}

uint64_t tables_get(const struct tables *t, uint64_t pa)
{
	uint64_t v = 0;
	uint8_t b[8] = {0};

	if (dmasim_map_peek(t->map, pa, b, sizeof(b)) != DMASIM_OK)
		return 0;
	for (int i = 7; i >= 0; i--)
		v = v << 8 | b[i];
	return v;
}

void tables_set(const struct tables *t, uint64_t pa, uint64_t value)
{
	uint8_t b[8];

	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)(value >> (8 * i));
	dmasim_map_load(t->map, pa, b, sizeof(b));
}

/* ---- stream tables ---- */

uint32_t tables_streams_cfg(const struct tables_streams *st)
{
	return (st->split ? 1u << 16 : 0u) | st->split << 6 | st->log2size;
}

bool tables_streams_new(struct tables *t, struct tables_streams *st,
                        unsigned log2size, unsigned split)
{
	uint64_t size = split ? 8ull << (log2size - split) : 64ull << log2size;

	st->log2size = log2size;
	st->split = split;
	st->base = tables_alloc(t, size, size < 64 ? 64 : size);
	return st->base != 0;
}

uint64_t tables_ste(struct tables *t, const struct tables_streams *st,
                    uint32_t sid)
{
	uint64_t l1, desc, size;

	if (!st->split)
		return st->base + 64ull * sid;
	l1 = st->base + 8ull * (sid >> st->split);
	desc = tables_get(t, l1);
	if ((desc & 0x1f) == 0) {
		size = 64ull << st->split;
		desc = tables_alloc(t, size, size) | (st->split + 1);
		tables_set(t, l1, desc);
	}
	return (desc & ~0x3full) + 64ull * (sid & ((1u << st->split) - 1));
}

void tables_ste_config(struct tables *t, const struct tables_streams *st,
                       uint32_t sid, unsigned config)
{
	uint64_t ste = tables_ste(t, st, sid);

	tables_set(t, ste, 1 | (uint64_t)config << 1);
	/* SHCFG: use incoming. */
	tables_set(t, ste + 8, 1ull << 44);
}

void tables_ste_stage1(struct tables *t, const struct tables_streams *st,
                       uint32_t sid, uint64_t cd)
{
	uint64_t ste = tables_ste(t, st, sid);

	/* S1CIR, S1COR 1; S1CSH 3; SHCFG 1. */
	tables_set(t, ste + 8, 1ull << 2 | 1ull << 4 | 3ull << 6 | 1ull << 44);
	tables_set(t, ste, 1 | 5ull << 1 | cd);
}

/* ---- address spaces ---- */

static unsigned first_level(const struct tables_half *h)
{
	unsigned level = 3, bits = h->granule;

	while (bits + (h->granule - 3) < 64 - h->tsz) {
		bits += h->granule - 3;
		level--;
	}
	return level;
}

static unsigned level_shift(const struct tables_half *h, unsigned level)
{
	return h->granule + (3 - level) * (h->granule - 3);
}

bool tables_half_new(struct tables *t, struct tables_half *h, unsigned tsz,
                     unsigned granule)
{
	*h = (struct tables_half){.tsz = tsz, .granule = granule};
	h->ttb = tables_alloc(t, 1ull << granule, 1ull << granule);
	return h->ttb != 0;
}

static uint64_t as_stored(const struct tables_half *h, uint64_t v)
{
	return h->big_endian ? __builtin_bswap64(v) : v;
}

uint64_t tables_descriptor(struct tables *t, const struct tables_half *h,
                           uint64_t va, unsigned level)
{
	uint64_t table = h->ttb, mask = (1ull << (h->granule - 3)) - 1;
	uint64_t offset = va & ((1ull << (64 - h->tsz)) - 1);

	for (unsigned l = first_level(h);; l++) {
		uint64_t pa =
		        table + 8 * ((offset >> level_shift(h, l)) & mask);
		uint64_t desc = as_stored(h, tables_get(t, pa));

		if (l == level)
			return pa;
		if ((desc & 3) != 3) {
			desc = tables_alloc(t, 1ull << h->granule,
			                    1ull << h->granule) |
			       3;
			tables_set(t, pa, as_stored(h, desc));
		}
		table = desc & 0x0000fffffffff000ull &
		        ~((1ull << h->granule) - 1);
	}
}

void tables_map(struct tables *t, const struct tables_half *h, uint64_t va,
                uint64_t pa, unsigned level, uint64_t leaf)
{
	uint64_t type = level == 3 ? 3 : 1;

	tables_set(t, tables_descriptor(t, h, va, level),
	           as_stored(h, (leaf & ~3ull) | pa | type));
}

void tables_cd(struct tables *t, uint64_t cd, const struct tables_half *low,
               const struct tables_half *high, uint16_t asid)
{
	/* V, IPS 48 bits, AA64, R, A, ASET. */
	uint64_t w = 1ull << 31 | 5ull << 32 | 1ull << 41 | 1ull << 45 |
	             1ull << 46 | 1ull << 47 | (uint64_t)asid << 48;

	if (low) {
		unsigned tg = low->granule == 12   ? 0
		              : low->granule == 16 ? 1
		                                   : 2;

		w |= low->tsz | tg << 6 | 1 << 8 | 1 << 10 | 3 << 12;
		w |= low->big_endian ? 1 << 15 : 0;
		tables_set(t, cd + 8, low->ttb);
	} else {
		w |= 1 << 14;
	}
	if (high) {
		unsigned tg = high->granule == 12   ? 2
		              : high->granule == 16 ? 3
		                                    : 1;

		w |= (uint64_t)(high->tsz | tg << 6 | 1 << 8 | 1 << 10 |
		                3 << 12)
		     << 16;
		tables_set(t, cd + 16, high->ttb);
	} else {
		w |= 1 << 30;
	}
	tables_set(t, cd + 24, TABLES_MAIR);
	tables_set(t, cd, w);
}

/* ---- commands ---- */

struct tables_cmd cmd_cfgi_ste(uint32_t sid, bool leaf)
{
	return (struct tables_cmd){0x03 | (uint64_t)sid << 32, leaf};
}

struct tables_cmd cmd_cfgi_range(uint32_t sid, unsigned range)
{
	return (struct tables_cmd){0x04 | (uint64_t)sid << 32, range};
}

struct tables_cmd cmd_cfgi_cd(uint32_t sid, uint32_t ssid)
{
	return (struct tables_cmd){
	        0x05 | (uint64_t)ssid << 12 | (uint64_t)sid << 32, 1};
}

struct tables_cmd cmd_cfgi_cd_all(uint32_t sid)
{
	return (struct tables_cmd){0x06 | (uint64_t)sid << 32, 0};
}

struct tables_cmd cmd_tlbi(uint8_t op, uint16_t vmid, uint16_t asid,
                           uint64_t va)
{
	return (struct tables_cmd){
	        op | (uint64_t)vmid << 32 | (uint64_t)asid << 48, va};
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
	return (struct tables_cmd){0x46 | (uint64_t)cs << 12, 0};
}

struct tables_cmd cmd_sync_msi(uint64_t addr, uint32_t data)
{
	/* CS 1, MSH 3, MSIAttr Write-Back. */
	return (struct tables_cmd){0x46 | 1ull << 12 | 3ull << 22 |
	                                   0xfull << 24 | (uint64_t)data << 32,
	                           addr};
}
