/* SPDX-License-Identifier: MIT */
/* Memory attributes (chapter 13) in the codings of the structures. */
#include "smmuv3_internal.h"

static uint8_t share_of(uint64_t sh)
{
	switch (sh) {
	case SH_OSH:
		return DMASIM_OSH;
	case SH_ISH:
		return DMASIM_ISH;
	default:
		return DMASIM_NSH;
	}
}

/* 13.1.3: Device and Normal iNC-oNC are always Outer Shareable. */
static struct dmasim_attr settle(struct dmasim_attr a)
{
	if (!dmasim_attr_cacheable(&a)) {
		a.inner = DMASIM_NC;
		a.outer = DMASIM_NC;
		a.share = DMASIM_OSH;
		a.alloc = 0;
	}
	return a;
}

struct dmasim_attr smmu_attr_normal(unsigned inner, unsigned outer,
                                    unsigned alloc, unsigned sh)
{
	struct dmasim_attr a = {
	        .type = DMASIM_NORMAL,
	        .inner = (uint8_t)inner,
	        .outer = (uint8_t)outer,
	        .share = share_of(sh),
	        .alloc = (uint8_t)alloc,
	};

	return settle(a);
}

/* 6.3.11: CR1 codes 0 NC, 1 WB, 2 WT; 3 is reserved and acts as 0. */
struct dmasim_attr smmu_attr_cr1(uint64_t ic, uint64_t oc, uint64_t sh,
                                 unsigned alloc)
{
	static const uint8_t code[] = {DMASIM_NC, DMASIM_WB, DMASIM_WT,
	                               DMASIM_NC};

	return smmu_attr_normal(code[ic & 3], code[oc & 3], alloc,
	                        (unsigned)sh);
}

/* 5.2, 5.4: STE and CD code 0 NC, 1 WB with allocation on write, 2 WT, 3 WB
 * without. */
struct dmasim_attr smmu_attr_tcr(uint64_t ir, uint64_t or, uint64_t sh)
{
	static const uint8_t code[] = {DMASIM_NC, DMASIM_WB, DMASIM_WT,
	                               DMASIM_WB};
	unsigned alloc = DMASIM_ALLOC_READ;

	if ((ir & 3) == 1)
		alloc |= DMASIM_ALLOC_WRITE;
	return smmu_attr_normal(code[ir & 3], code[or & 3], alloc,
	                        (unsigned)sh);
}

static uint8_t mair_cacheability(unsigned nibble)
{
	if (nibble == 4)
		return DMASIM_NC;
	/* 00RW and 10RW: Write-Through; 01RW and 11RW: Write-Back. */
	return nibble & 4 ? DMASIM_WB : DMASIM_WT;
}

static unsigned mair_alloc(unsigned nibble)
{
	unsigned alloc = 0;

	if (nibble == 4)
		return 0;
	if (nibble & 1)
		alloc |= DMASIM_ALLOC_WRITE;
	if (nibble & 2)
		alloc |= DMASIM_ALLOC_READ;
	if (!(nibble & 8))
		alloc |= DMASIM_ALLOC_TRANSIENT;
	return alloc;
}

static struct dmasim_attr device(unsigned code)
{
	static const uint8_t type[] = {DMASIM_DEVICE_NGNRNE,
	                               DMASIM_DEVICE_NGNRE, DMASIM_DEVICE_NGRE,
	                               DMASIM_DEVICE_GRE};
	struct dmasim_attr a = {.type = type[code & 3]};

	return settle(a);
}

/* Arm ARM, MAIR_ELx. 0xf0 is tagged Write-Back; the other bytes with only one
 * nibble of 0 are UNPREDICTABLE and act as Device. */
struct dmasim_attr smmu_attr_mair(uint8_t byte)
{
	unsigned outer = byte >> 4, inner = byte & 15;

	if (byte == 0xf0)
		inner = outer;
	if (outer == 0 || inner == 0)
		return device(inner >> 2);
	return smmu_attr_normal(mair_cacheability(inner),
	                        mair_cacheability(outer), mair_alloc(inner),
	                        SH_ISH);
}

/* MemAttr of an STE, GBPA or an interrupt configuration (6.3.14): outer in
 * bits 3:2, inner in bits 1:0; outer 0 is Device. Inner 0 is reserved. */
struct dmasim_attr smmu_attr_memattr(uint8_t memattr, uint64_t sh)
{
	static const uint8_t code[] = {DMASIM_NC, DMASIM_NC, DMASIM_WT,
	                               DMASIM_WB};
	unsigned outer = (memattr >> 2) & 3, inner = memattr & 3;

	if (outer == 0)
		return device(inner);
	return smmu_attr_normal(code[inner], code[outer],
	                        DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE,
	                        (unsigned)sh);
}

struct dmasim_attr smmu_attr_share(struct dmasim_attr attr, uint64_t sh)
{
	attr.share = share_of(sh);
	return settle(attr);
}

/* 13.1.2: type, then allocation and shareability; what says "use incoming"
 * stays. */
struct dmasim_attr smmu_attr_override(struct dmasim_attr attr,
                                      const struct smmu_override *o)
{
	if (o->mtcfg) {
		uint8_t share = attr.share;

		attr = smmu_attr_memattr(o->memattr, SH_NSH);
		if (dmasim_attr_cacheable(&attr))
			attr.share = share;
	}
	/* ALLOCCFG 1RWT: replace the hints. */
	if (o->alloccfg & 8) {
		attr.alloc = 0;
		if (o->alloccfg & 4)
			attr.alloc |= DMASIM_ALLOC_READ;
		if (o->alloccfg & 2)
			attr.alloc |= DMASIM_ALLOC_WRITE;
		if (o->alloccfg & 1)
			attr.alloc |= DMASIM_ALLOC_TRANSIENT;
	}
	if (o->shcfg != CFG_SH_INCOMING)
		attr.share = share_of(o->shcfg);
	return settle(attr);
}

bool smmu_attr_sound(const struct dmasim_attr *a)
{
	return a->type <= DMASIM_DEVICE_NGNRNE && a->inner <= DMASIM_WB &&
	       a->outer <= DMASIM_WB && a->share <= DMASIM_OSH &&
	       a->alloc < 2 * DMASIM_ALLOC_TRANSIENT;
}
