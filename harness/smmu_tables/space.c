/* SPDX-License-Identifier: MIT */
/* Translation tables of stage 1 and stage 2 (Arm ARM D8.2.8 to D8.3.1). */
#include "dmasim/smmu_tables.h"

#define TYPE_MASK  3ull
#define TYPE_BLOCK 1ull
#define TYPE_TABLE 3ull /* and page */

static unsigned bits_per_level(const struct dmasim_tables_space *s)
{
	return s->granule - 3;
}

static unsigned input_bits(const struct dmasim_tables_space *s)
{
	return 64 - s->tsz;
}

unsigned dmasim_tables_level_shift(const struct dmasim_tables_space *s,
                                   int level)
{
	return s->granule + (unsigned)(3 - level) * bits_per_level(s);
}

int dmasim_tables_start_level(const struct dmasim_tables_space *s)
{
	int level = 3;

	while (dmasim_tables_level_shift(s, level - 1) < input_bits(s))
		level--;
	return s->concat ? level + 1 : level;
}

/* Bits that index the start level: more than one table's with concat. */
static unsigned start_bits(const struct dmasim_tables_space *s)
{
	return input_bits(s) -
	       dmasim_tables_level_shift(s, dmasim_tables_start_level(s));
}

static bool can_be(const struct dmasim_tables_space *s)
{
	int level;

	if (s->granule != 12 && s->granule != 14 && s->granule != 16)
		return false;
	if (s->tsz < (s->ds || s->granule == 16 ? 12 : 16) ||
	    s->tsz > (s->granule == 16 ? 47 : 48))
		return false;
	if (s->stage2 ? s->upper : s->concat)
		return false;
	level = dmasim_tables_start_level(s);
	if (level > 3 || (s->concat && start_bits(s) > bits_per_level(s) + 4))
		return false;
	/* Tables D8-26 and D8-30: with 16 KiB stage 2 has a level 0 only with
	 * DS. */
	return !(s->stage2 && s->granule == 14 && level == 0 && !s->ds);
}

int dmasim_tables_space_new(struct dmasim_tables *t,
                            struct dmasim_tables_space *s)
{
	uint64_t size, pa;
	int rc;

	s->ttb = 0;
	if (!can_be(s))
		return DMASIM_E_INVAL;
	/* D8.2.5.2: aligned to its size; 64 bytes with 52-bit addresses. */
	size = 8ull << start_bits(s);
	if (size < 64)
		size = 64;
	rc = dmasim_tables_alloc(t, size, size, &pa);
	if (rc == DMASIM_OK)
		s->ttb = pa + t->shift;
	return rc;
}

uint64_t dmasim_tables_place(const struct dmasim_tables_space *s, uint64_t a)
{
	uint64_t low = ~((1ull << s->granule) - 1);

	/* 64 KiB: OA[51:48] in [15:12]. DS: OA[49:48] in place, OA[51:50] in
	 * [9:8]. */
	if (s->granule == 16)
		return (a & low & 0x0000ffffffffffffull) | (a >> 48 & 0xf)
		                                                   << 12;
	if (s->ds)
		return (a & low & 0x0003ffffffffffffull) | (a >> 50 & 3) << 8;
	return a & low & 0x0000ffffffffffffull;
}

/* The reverse: what a descriptor points to. */
static uint64_t target(const struct dmasim_tables_space *s, uint64_t d)
{
	uint64_t low = ~((1ull << s->granule) - 1);

	if (s->granule == 16)
		return (d & low & 0x0000ffffffffffffull) | (d >> 12 & 0xf)
		                                                   << 48;
	if (s->ds)
		return (d & low & 0x0003ffffffffffffull) | (d >> 8 & 3) << 50;
	return d & low & 0x0000ffffffffffffull;
}

int dmasim_tables_read(const struct dmasim_tables *t,
                       const struct dmasim_tables_space *s, uint64_t pa,
                       uint64_t *value)
{
	int rc = dmasim_tables_get(t, pa, value);

	if (s->big_endian)
		*value = __builtin_bswap64(*value);
	return rc;
}

int dmasim_tables_write(const struct dmasim_tables *t,
                        const struct dmasim_tables_space *s, uint64_t pa,
                        uint64_t value)
{
	return dmasim_tables_set(
	        t, pa, s->big_endian ? __builtin_bswap64(value) : value);
}

/* The top byte is free: TBI may take it for a tag. */
static bool inside(const struct dmasim_tables_space *s, uint64_t va)
{
	if (s->stage2)
		return va >> input_bits(s) == 0;
	return ((va >> 55 & 1) != 0) == s->upper;
}

/* The table below the entry at @pa; made if there is none. */
static int next_table(struct dmasim_tables *t,
                      const struct dmasim_tables_space *s, uint64_t pa,
                      uint64_t *table)
{
	uint64_t desc, size = 1ull << s->granule;
	int rc = dmasim_tables_read(t, s, pa, &desc);

	if (rc != DMASIM_OK)
		return rc;
	if ((desc & TYPE_MASK) == TYPE_TABLE) {
		*table = target(s, desc) - t->shift;
		return DMASIM_OK;
	}
	if ((desc & TYPE_MASK) == TYPE_BLOCK)
		return DMASIM_E_EXISTS;
	rc = dmasim_tables_alloc(t, size, size, table);
	if (rc != DMASIM_OK)
		return rc;
	return dmasim_tables_write(t, s, pa,
	                           dmasim_tables_place(s, *table + t->shift) |
	                                   TYPE_TABLE);
}

int dmasim_tables_descriptor(struct dmasim_tables *t,
                             const struct dmasim_tables_space *s, uint64_t va,
                             int level, uint64_t *pa)
{
	uint64_t table = s->ttb - t->shift, at;
	uint64_t offset = va & ((1ull << input_bits(s)) - 1);
	int first = dmasim_tables_start_level(s);

	*pa = 0;
	if (level < first || level > 3 || !inside(s, va))
		return DMASIM_E_INVAL;
	for (int l = first;; l++) {
		unsigned n = l == first ? start_bits(s) : bits_per_level(s);
		int rc;

		at = table + 8 * (offset >> dmasim_tables_level_shift(s, l) &
		                  ((1ull << n) - 1));
		if (l == level)
			break;
		rc = next_table(t, s, at, &table);
		if (rc != DMASIM_OK)
			return rc;
	}
	*pa = at;
	return DMASIM_OK;
}

/* Tables D8-16, D8-26, D8-35: where blocks are. */
static bool has_leaf(const struct dmasim_tables_space *s, int level)
{
	switch (s->granule) {
	case 12:
		return level >= (s->ds ? 0 : 1);
	case 14:
		return level >= (s->ds ? 1 : 2);
	default:
		return level >= 1;
	}
}

int dmasim_tables_map(struct dmasim_tables *t,
                      const struct dmasim_tables_space *s, uint64_t va,
                      const struct dmasim_tables_leaf *leaf)
{
	uint64_t size, at, place;
	int rc;

	if (leaf->level > 3 || !has_leaf(s, leaf->level))
		return DMASIM_E_INVAL;
	size = 1ull << dmasim_tables_level_shift(s, leaf->level);
	if (leaf->pa & (size - 1) || leaf->pa >> DMASIM_PA_BITS != 0)
		return DMASIM_E_INVAL;
	rc = dmasim_tables_descriptor(t, s, va, leaf->level, &at);
	if (rc != DMASIM_OK)
		return rc;
	place = dmasim_tables_place(s, ~0ull);
	/* nT lies where a block's address has no bits. */
	if (leaf->level != 3)
		place &= ~DMASIM_TABLES_NT;
	return dmasim_tables_write(
	        t, s, at,
	        (leaf->bits & ~place & ~TYPE_MASK) |
	                dmasim_tables_place(s, leaf->pa) |
	                (leaf->level == 3 ? TYPE_TABLE : TYPE_BLOCK));
}
