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
	/* 13.1.7: what does not allocate is not transient. */
	if (!(a.alloc & (DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE)))
		a.alloc = 0;
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

/* 5.4, MAIR1: as the Arm ARM has it; what is UNPREDICTABLE there acts as
 * Device by bits 3:2, or as Write-Through with a transient inner hint. */
struct dmasim_attr smmu_attr_mair(uint8_t byte)
{
	unsigned outer = byte >> 4, inner = byte & 15, alloc;

	if (outer == 0)
		return device(inner >> 2);
	alloc = mair_alloc(inner);
	if (inner == 0)
		alloc = DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE |
		        DMASIM_ALLOC_TRANSIENT;
	return smmu_attr_normal(mair_cacheability(inner),
	                        mair_cacheability(outer), alloc, SH_ISH);
}

/* MemAttr of an STE, GBPA, an interrupt configuration or a stage 2 leaf
 * (5.2): outer in bits 3:2, inner in bits 1:0; outer 0 is Device, and inner 0,
 * which is reserved, acts as Device-nGnRnE. */
struct dmasim_attr smmu_attr_memattr(uint8_t memattr, uint64_t sh)
{
	static const uint8_t code[] = {DMASIM_NC, DMASIM_NC, DMASIM_WT,
	                               DMASIM_WB};
	unsigned outer = (memattr >> 2) & 3, inner = memattr & 3;

	if (outer == 0 || inner == 0)
		return device(outer == 0 ? inner : 0);
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
	if (!o->mtcfg && !(o->alloccfg & 8) && o->shcfg == CFG_SH_INCOMING)
		return settle(attr);
	if (o->mtcfg) {
		struct dmasim_attr was = attr;

		attr = smmu_attr_memattr(o->memattr, SH_NSH);
		if (dmasim_attr_cacheable(&attr)) {
			attr.share = was.share;
			/* What had no hints gets those of the default. */
			if (dmasim_attr_cacheable(&was))
				attr.alloc = was.alloc;
		}
	}
	/* ALLOCCFG 1RWT: replace the hints, of what has any. */
	if ((o->alloccfg & 8) && dmasim_attr_cacheable(&attr)) {
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

struct dmasim_attr smmu_attr_hints(struct dmasim_attr attr,
                                   struct dmasim_attr input)
{
	const uint8_t allocate = DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE;

	if (!dmasim_attr_cacheable(&input) || !dmasim_attr_cacheable(&attr))
		return attr;
	attr.alloc = (uint8_t)((attr.alloc & input.alloc & allocate) |
	                       ((attr.alloc | input.alloc) &
	                        DMASIM_ALLOC_TRANSIENT));
	return settle(attr);
}

/* 13.1.5: the stronger of each: Device over Normal, Non-cacheable over
 * Write-Through over Write-Back, Outer over Inner over Non-shareable. Stage 2
 * has no hints. */
static struct dmasim_attr combine(struct dmasim_attr a, struct dmasim_attr b)
{
	a.type = a.type > b.type ? a.type : b.type;
	a.inner = a.inner < b.inner ? a.inner : b.inner;
	a.outer = a.outer < b.outer ? a.outer : b.outer;
	a.share = a.share > b.share ? a.share : b.share;
	return settle(a);
}

/* MemAttr with FWB (Arm ARM D8.6.6): bit 2 set, and then ... */
#define FWB_NC     5
#define FWB_WB     6
#define FWB_STAGE1 7

struct dmasim_attr smmu_attr_stage2(struct dmasim_attr attr, uint8_t memattr,
                                    uint64_t sh, bool fwb)
{
	struct dmasim_attr wb = smmu_attr_normal(
	        DMASIM_WB, DMASIM_WB, DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE,
	        (unsigned)sh);

	if (!fwb)
		return combine(attr, smmu_attr_memattr(memattr, sh));
	switch (memattr & 7) {
	case FWB_STAGE1:
		return combine(attr, wb);
	case FWB_WB:
		if (dmasim_attr_cacheable(&attr))
			wb.alloc = attr.alloc;
		if (attr.share > wb.share)
			wb.share = attr.share;
		return settle(wb);
	case FWB_NC:
		if (attr.type != DMASIM_NORMAL)
			return attr;
		return smmu_attr_normal(DMASIM_NC, DMASIM_NC, 0, SH_OSH);
	case 4:
		/* Reserved: the strongest. */
		return device(0);
	default:
		return combine(attr, device(memattr & 3));
	}
}

bool smmu_attr_stage2_device(uint8_t memattr, bool fwb)
{
	return fwb ? (memattr & 7) <= 4
	           : smmu_attr_memattr(memattr, SH_NSH).type != DMASIM_NORMAL;
}

bool smmu_attr_sound(const struct dmasim_attr *a)
{
	return a->type <= DMASIM_DEVICE_NGNRNE && a->inner <= DMASIM_WB &&
	       a->outer <= DMASIM_WB && a->share <= DMASIM_OSH &&
	       a->alloc < 2 * DMASIM_ALLOC_TRANSIENT;
}
