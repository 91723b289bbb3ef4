/* SPDX-License-Identifier: MIT */
/* Stage 1 and stage 2 attributes combined (Arm ARM D8.6). */
#include "dmasim/attr.h"

#define RESERVED 0xffu

/* Table D8-96: two bits each for outer and inner, 0 where it is reserved. */
static uint8_t cacheability(unsigned bits)
{
	static const uint8_t of[] = {RESERVED, DMASIM_NC, DMASIM_WT, DMASIM_WB};

	return of[bits & 3];
}

/* D8.6.5 and D8.6.6: Device where MemAttr[3:2], or [2] with FWB, are 0. The
 * encodings run from the strictest to the loosest. */
static uint8_t device_type(unsigned mem)
{
	return (uint8_t)(DMASIM_DEVICE_NGNRNE - (mem & 3));
}

static uint8_t strictest(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

static uint8_t least(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

/* D8.6.2, D8.6.7: what is not cached counts as Outer Shareable. */
static uint8_t share_of(const struct dmasim_attr *a)
{
	return dmasim_attr_cacheable(a) ? a->share : DMASIM_OSH;
}

/* Tables D8-97 and D8-98. */
static int combine(const struct dmasim_attr *s1, unsigned mem,
                   struct dmasim_attr *out)
{
	uint8_t outer = cacheability(mem >> 2), inner = cacheability(mem);

	if (mem >> 2 == 0) {
		out->type = strictest(s1->type, device_type(mem));
		return DMASIM_OK;
	}
	if (outer == RESERVED || inner == RESERVED)
		return DMASIM_E_INVAL;
	out->outer = least(s1->outer, outer);
	out->inner = least(s1->inner, inner);
	return DMASIM_OK;
}

/* Table D8-101. */
static int combine_fwb(const struct dmasim_attr *s1, unsigned mem,
                       struct dmasim_attr *out)
{
	switch (mem) {
	case 0:
	case 1:
	case 2:
	case 3:
		out->type = strictest(s1->type, device_type(mem));
		return DMASIM_OK;
	case 5:
		out->inner = out->outer = DMASIM_NC;
		return DMASIM_OK;
	case DMASIM_S2_FWB_WB:
		out->type = DMASIM_NORMAL;
		out->inner = out->outer = DMASIM_WB;
		return DMASIM_OK;
	case DMASIM_S2_FWB_STAGE1:
		return DMASIM_OK;
	default:
		return DMASIM_E_INVAL;
	}
}

int dmasim_attr_combine(const struct dmasim_attr *s1,
                        const struct dmasim_s2_attr *s2, bool fwb,
                        struct dmasim_attr *out)
{
	struct dmasim_attr a = *s1;
	uint8_t share = share_of(s1);
	int status;

	if (s2->mem > 0xf || s2->share > DMASIM_OSH)
		return DMASIM_E_INVAL;
	status = fwb ? combine_fwb(s1, s2->mem, &a) : combine(s1, s2->mem, &a);
	if (status)
		return status;
	if (a.type != DMASIM_NORMAL)
		a.inner = a.outer = DMASIM_NC;
	if (!dmasim_attr_cacheable(&a)) {
		a.share = DMASIM_OSH;
		a.alloc = 0;
	} else {
		/* Table D8-103, whose order is that of our numbers. */
		a.share = strictest(share, s2->share);
		if (!dmasim_attr_cacheable(s1))
			a.alloc = DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE;
	}
	*out = a;
	return DMASIM_OK;
}
