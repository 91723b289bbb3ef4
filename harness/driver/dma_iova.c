/* SPDX-License-Identifier: MIT */
/* Bus addresses for dma-iommu: from the top down, each aligned to its size,
 * the highest gap first. */
#include <string.h>

#include "dma_internal.h"

/** Linux's caches of freed ranges hold powers of two of up to 32 pages. */
#define IOVA_CACHED_MAX (32 * DRV_PAGE_SIZE)

int drv_iova_alloc(struct drv_iovas *v, uint64_t size, uint64_t max,
                   uint64_t *iova)
{
	uint64_t align = drv_power_of_two_above(size);
	uint64_t end = drv_align_down(max + 1, DRV_PAGE_SIZE); /* exclusive */
	size_t i;
	int rc;

	if (size < IOVA_CACHED_MAX)
		size = align;
	for (i = 0;; i++) {
		uint64_t low = i < v->count ? v->used[i].base + v->used[i].size
		                            : DRV_PAGE_SIZE;
		uint64_t start;

		/* Address 0 is never given: drivers take it for an error. */
		start = end >= size ? drv_align_down(end - size, align) : 0;
		if (start >= low)
			break;
		if (i == v->count)
			return DMASIM_E_FULL;
		if (v->used[i].base < end)
			end = v->used[i].base;
	}
	rc = drv_grow(&v->used, &v->cap, v->count + 1, sizeof(*v->used));
	if (rc)
		return rc;
	memmove(&v->used[i + 1], &v->used[i],
	        (v->count - i) * sizeof(*v->used));
	*iova = drv_align_down(end - size, align);
	v->used[i] = (struct drv_iova){*iova, size};
	v->count++;
	return DMASIM_OK;
}

void drv_iova_free(struct drv_iovas *v, uint64_t iova)
{
	for (size_t i = 0; i < v->count; i++) {
		if (v->used[i].base != iova)
			continue;
		v->count--;
		memmove(&v->used[i], &v->used[i + 1],
		        (v->count - i) * sizeof(*v->used));
		return;
	}
}
