/* SPDX-License-Identifier: MIT */
/*
 * Fields of registers and in-memory structures: a mask with the bit numbers of
 * the specification, and get / prep / set on it.
 */
#ifndef SMMUV3_SPEC_BITS_H
#define SMMUV3_SPEC_BITS_H

#include <stdint.h>

/** Bits @hi down to @lo of a 64-bit word. */
#define SMMU_BITS(hi, lo) ((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))
#define SMMU_BIT(n)       SMMU_BITS(n, n)

/** The value of a field, right-aligned. */
#define FIELD_GET(mask, word) (((uint64_t)(word) & (mask)) / ((mask) & -(mask)))
/** A field with @value, in place. */
#define FIELD_PREP(mask, value)                                                \
	(((uint64_t)(value) * ((mask) & -(mask))) & (mask))
/** @word with the field replaced. */
#define FIELD_SET(mask, word, value)                                           \
	(((uint64_t)(word) & ~(mask)) | FIELD_PREP(mask, value))

static inline uint64_t smmu_le64(const uint8_t *p)
{
	/* Compilers know this form as one load, and a loop only at times. */
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

static inline void smmu_put_le64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline void smmu_put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

#endif
