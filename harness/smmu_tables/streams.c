/* SPDX-License-Identifier: MIT */
/* Tables of STEs and of CDs: one or two levels (3.3.1, 3.3.2). */
#include "dmasim/smmu_tables.h"

#define STE_SIZE 64u
#define CD_SIZE  64u
#define L1_SIZE  8u
/* The bits of an L1STD's L2Ptr and of an L1CD's L2Ptr (5.1, 5.3). */
#define L1STD_SPAN 0x1full
#define L1STD_PTR  0x00ffffffffffffc0ull
#define L1CD_V     1ull
#define L1CD_PTR   0x00fffffffffff000ull

uint32_t dmasim_tables_streams_cfg(const struct dmasim_tables_streams *st)
{
	/* 6.3.25: FMT [17:16], SPLIT [10:6], LOG2SIZE [5:0]. */
	return (st->split ? 1u << 16 : 0u) | st->split << 6 | st->log2size;
}

int dmasim_tables_streams_new(struct dmasim_tables *t,
                              struct dmasim_tables_streams *st,
                              unsigned log2size, unsigned split)
{
	uint64_t size;

	if (split != 0 && split != 6 && split != 8 && split != 10)
		return DMASIM_E_INVAL;
	if (log2size > (split ? 32u : 24u))
		return DMASIM_E_INVAL;
	*st = (struct dmasim_tables_streams){.log2size = log2size,
	                                     .split = split};
	if (!split)
		size = (uint64_t)STE_SIZE << log2size;
	else
		size = (uint64_t)L1_SIZE
		       << (log2size > split ? log2size - split : 0);
	/* 6.3.24: aligned to its size, and to 64 bytes. */
	return dmasim_tables_alloc(t, size, size < 64 ? 64 : size, &st->base);
}

int dmasim_tables_ste(struct dmasim_tables *t,
                      const struct dmasim_tables_streams *st, uint32_t sid,
                      uint64_t *ste)
{
	uint64_t l1, desc, size;
	int rc;

	*ste = 0;
	if ((uint64_t)sid >> st->log2size != 0)
		return DMASIM_E_INVAL;
	if (!st->split) {
		*ste = st->base + (uint64_t)STE_SIZE * sid;
		return DMASIM_OK;
	}
	l1 = st->base + (uint64_t)L1_SIZE * (sid >> st->split);
	rc = dmasim_tables_get(t, l1, &desc);
	if (rc != DMASIM_OK)
		return rc;
	if ((desc & L1STD_SPAN) == 0) {
		size = (uint64_t)STE_SIZE << st->split;
		rc = dmasim_tables_alloc(t, size, size, &desc);
		if (rc != DMASIM_OK)
			return rc;
		/* 5.1: Span = log2(STEs) + 1. */
		desc = (desc + t->shift) | (st->split + 1);
		rc = dmasim_tables_set(t, l1, desc);
		if (rc != DMASIM_OK)
			return rc;
	}
	*ste = (desc & L1STD_PTR) - t->shift +
	       (uint64_t)STE_SIZE * (sid & ((1u << st->split) - 1));
	return DMASIM_OK;
}

/* log2 of the CDs of a leaf. */
static unsigned leaf_bits(const struct dmasim_tables_cds *cds)
{
	return cds->s1fmt == 1 ? 6 : 10;
}

static bool two_level(const struct dmasim_tables_cds *cds)
{
	return cds->s1fmt != 0 && cds->s1cdmax != 0;
}

int dmasim_tables_cds_new(struct dmasim_tables *t,
                          struct dmasim_tables_cds *cds, unsigned s1cdmax,
                          unsigned s1fmt)
{
	uint64_t size, pa;
	unsigned leaf;
	int rc;

	if (s1cdmax > 20 || s1fmt > 2)
		return DMASIM_E_INVAL;
	*cds = (struct dmasim_tables_cds){.s1cdmax = s1cdmax, .s1fmt = s1fmt};
	leaf = leaf_bits(cds);
	if (!two_level(cds))
		size = (uint64_t)CD_SIZE << s1cdmax;
	else
		size = (uint64_t)L1_SIZE
		       << (s1cdmax > leaf ? s1cdmax - leaf : 0);
	/* 5.2, S1Fmt: aligned to its size, and to 64 bytes. */
	rc = dmasim_tables_alloc(t, size, size < 64 ? 64 : size, &pa);
	if (rc == DMASIM_OK)
		cds->base = pa + t->shift;
	return rc;
}

int dmasim_tables_cd(struct dmasim_tables *t,
                     const struct dmasim_tables_cds *cds, uint32_t ssid,
                     uint64_t *cd)
{
	uint64_t l1, desc, size;
	unsigned leaf = leaf_bits(cds);
	int rc;

	*cd = 0;
	if ((uint64_t)ssid >> cds->s1cdmax != 0)
		return DMASIM_E_INVAL;
	if (!two_level(cds)) {
		*cd = cds->base - t->shift + (uint64_t)CD_SIZE * ssid;
		return DMASIM_OK;
	}
	l1 = cds->base - t->shift + (uint64_t)L1_SIZE * (ssid >> leaf);
	rc = dmasim_tables_get(t, l1, &desc);
	if (rc != DMASIM_OK)
		return rc;
	if ((desc & L1CD_V) == 0) {
		size = (uint64_t)CD_SIZE << leaf;
		rc = dmasim_tables_alloc(t, size, size, &desc);
		if (rc != DMASIM_OK)
			return rc;
		desc = (desc + t->shift) | L1CD_V;
		rc = dmasim_tables_set(t, l1, desc);
		if (rc != DMASIM_OK)
			return rc;
	}
	*cd = (desc & L1CD_PTR) - t->shift +
	      (uint64_t)CD_SIZE * (ssid & ((1u << leaf) - 1));
	return DMASIM_OK;
}
