/* SPDX-License-Identifier: MIT */
/*
 * The geometry of VMSAv8-64 tables (Arm ARM D8.2, D8.3): where a walk starts,
 * what a descriptor points to, where a leaf may stand.
 */
#include "smmuv3_internal.h"

uint8_t smmu_granule(const struct smmu_caps *caps, uint64_t tg, bool upper)
{
	static const uint8_t tg0[] = {[CD_TG0_4K] = 12,
	                              [CD_TG0_64K] = 16,
	                              [CD_TG0_16K] = 14,
	                              [3] = 0};
	static const uint8_t tg1[] = {[0] = 0,
	                              [CD_TG1_16K] = 14,
	                              [CD_TG1_4K] = 12,
	                              [CD_TG1_64K] = 16};
	uint8_t log2 = upper ? tg1[tg & 3] : tg0[tg & 3];

	if ((log2 == 12 && !caps->gran4k) || (log2 == 14 && !caps->gran16k) ||
	    (log2 == 16 && !caps->gran64k))
		return 0;
	return log2;
}

/* A table is aligned to its size; with 52-bit outputs to 64 bytes at least
 * (5.2, S2TTB; 5.4, TTB0). */
static void align(struct smmu_tt *tt)
{
	unsigned log2 = tt->bits + 3u;

	if (tt->oas == 52 && log2 < 6)
		log2 = 6;
	tt->ttb &= UINT64_MAX << log2;
}

/* Arm ARM D8.2.4: as few levels as the input size needs; it is more than a
 * page. */
void smmu_tt_start_stage1(struct smmu_tt *tt)
{
	unsigned stride = tt->granule - 3u, input = 64u - tt->tsz;
	unsigned levels = (input - tt->granule + stride - 1) / stride;

	tt->level = (int16_t)(PTE_LAST_LEVEL + 1 - (int)levels);
	tt->bits = (uint8_t)(input - tt->granule - (levels - 1) * stride);
	align(tt);
}

/* Arm ARM D8.2.5: the level of a starting level code, SL2:SL0; or 4. */
static int stage2_level(const struct smmu_caps *caps, const struct smmu_tt *tt,
                        unsigned sl)
{
	/* A start at level 0, or at level 1 with 64 KiB, needs output sizes
	 * that make sense of it. */
	unsigned big = tt->granule == 14 ? 42 : 44;

	if (sl == 2 && caps->oas < big)
		return 4;
	switch (tt->granule) {
	case 12:
		if (sl == 4)
			return tt->ds ? -1 : 4;
		if (sl == 3)
			return caps->stt ? 3 : 4;
		return sl < 3 ? 2 - (int)sl : 4;
	case 14:
		if (sl == 3)
			return tt->ds ? 0 : 4;
		return sl < 3 ? 3 - (int)sl : 4;
	default:
		return sl < 3 ? 3 - (int)sl : 4;
	}
}

/* Arm ARM D8.2.5: up to 16 tables side by side stand for one more level. */
bool smmu_tt_start_stage2(const struct smmu_caps *caps, struct smmu_tt *tt,
                          unsigned sl)
{
	int stride = tt->granule - 3, input = 64 - tt->tsz;
	int level = stage2_level(caps, tt, sl), bits;

	if (level > PTE_LAST_LEVEL)
		return false;
	bits = input - tt->granule - (PTE_LAST_LEVEL - level) * stride;
	if (bits < 1 || bits > stride + 4)
		return false;
	tt->level = (int16_t)level;
	tt->bits = (uint8_t)bits;
	align(tt);
	return true;
}

bool smmu_tt_block(const struct smmu_tt *tt, int level)
{
	switch (tt->granule) {
	case 12:
		return level == 2 || level == 1 || (level == 0 && tt->ds);
	case 14:
		return level == 2 || (level == 1 && tt->ds);
	default:
		return level == 2 || (level == 1 && tt->lpa);
	}
}
