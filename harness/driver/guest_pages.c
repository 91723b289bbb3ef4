/* SPDX-License-Identifier: MIT */
/* The page allocator: free extents of RAM, taken from the top. */
#include <stdlib.h>
#include <string.h>

#include "driver_internal.h"

int drv_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : 8;
	void *old;

	if (need <= *cap)
		return DMASIM_OK;
	while (n < need)
		n *= 2;
	/* Copied as bytes: @p points to a pointer of any type. */
	memcpy(&old, p, sizeof(old));
	old = realloc(old, n * size);
	if (!old)
		return DMASIM_E_NOMEM;
	memcpy(p, &old, sizeof(old));
	*cap = n;
	return DMASIM_OK;
}

void drv_pages_destroy(struct drv_pages *p)
{
	free(p->ram);
	free(p->free);
}

/** Taking or giving a range adds at most one extent. */
static int pages_reserve(struct drv_pages *p)
{
	return drv_grow(&p->free, &p->free_cap, p->free_count + 1,
	                sizeof(*p->free));
}

/** The first free extent that ends after @pa. */
static size_t pages_lower(const struct drv_pages *p, uint64_t pa)
{
	size_t i = 0;

	while (i < p->free_count && p->free[i].base + p->free[i].size <= pa)
		i++;
	return i;
}

static void pages_remove(struct drv_pages *p, size_t i)
{
	p->free_count--;
	memmove(&p->free[i], &p->free[i + 1],
	        (p->free_count - i) * sizeof(*p->free));
}

static void pages_insert(struct drv_pages *p, size_t i, struct drv_extent e)
{
	memmove(&p->free[i + 1], &p->free[i],
	        (p->free_count - i) * sizeof(*p->free));
	p->free[i] = e;
	p->free_count++;
}

/** Give [pa, pa + size) to the free list, joining it with its neighbours. */
static void pages_give(struct drv_pages *p, uint64_t pa, uint64_t size)
{
	size_t i = pages_lower(p, pa);
	struct drv_extent e = {pa, size};

	if (i < p->free_count && p->free[i].base == pa + size) {
		e.size += p->free[i].size;
		pages_remove(p, i);
	}
	if (i > 0 && p->free[i - 1].base + p->free[i - 1].size == pa)
		p->free[i - 1].size += e.size;
	else
		pages_insert(p, i, e);
}

/** Take [pa, pa + size) out of extent @i, which holds it. */
static void pages_take(struct drv_pages *p, size_t i, uint64_t pa,
                       uint64_t size)
{
	struct drv_extent e = p->free[i];
	uint64_t end = e.base + e.size;

	pages_remove(p, i);
	if (pa + size < end)
		pages_insert(p, i,
		             (struct drv_extent){pa + size, end - pa - size});
	if (pa > e.base)
		pages_insert(p, i, (struct drv_extent){e.base, pa - e.base});
}

int drv_pages_add(struct drv_pages *p, uint64_t base, uint64_t size)
{
	int rc = drv_grow(&p->ram, &p->ram_cap, p->ram_count + 1,
	                  sizeof(*p->ram));

	if (rc)
		return rc;
	p->ram[p->ram_count++] = (struct drv_extent){base, size};
	rc = pages_reserve(p);
	if (rc)
		return rc;
	pages_give(p, base, size);
	return DMASIM_OK;
}

bool drv_pages_is_ram(const struct drv_pages *p, uint64_t pa, uint64_t size)
{
	for (size_t i = 0; i < p->ram_count; i++) {
		const struct drv_extent *e = &p->ram[i];

		if (pa >= e->base && pa - e->base < e->size &&
		    size <= e->size - (pa - e->base))
			return true;
	}
	return false;
}

/** Whether all of it is free, and in which extent. */
static bool pages_find(const struct drv_pages *p, uint64_t pa, uint64_t size,
                       size_t *index)
{
	*index = pages_lower(p, pa);
	return *index < p->free_count && p->free[*index].base <= pa &&
	       p->free[*index].base + p->free[*index].size - pa >= size;
}

int drv_pages_wish(struct drv_pages *p, uint64_t pa)
{
	uint64_t size = DRV_RING_WINDOW;
	size_t i;

	if (pa % DRV_PAGE_SIZE)
		return DMASIM_E_INVAL;
	while (size && !pages_find(p, pa, size, &i))
		size -= DRV_PAGE_SIZE;
	if (!size)
		return DMASIM_E_RANGE;
	if (pages_reserve(p))
		return DMASIM_E_NOMEM;
	p->ring = (struct drv_extent){pa, size};
	pages_take(p, i, pa, size);
	return DMASIM_OK;
}

/** The highest place in the part of extent @e that lies in @ram and not above
 * @max. */
static bool pages_fit(const struct drv_extent *e, const struct drv_extent *ram,
                      const struct drv_extent *want, uint64_t max, uint64_t *pa)
{
	uint64_t align = want->base, size = want->size;
	uint64_t base = e->base > ram->base ? e->base : ram->base;
	uint64_t end = e->base + e->size;

	if (end > ram->base + ram->size)
		end = ram->base + ram->size;
	if (end - 1 > max)
		end = max + 1;
	if (end <= base || end - base < size)
		return false;
	*pa = drv_align_down(end - size, align);
	return *pa >= base;
}

int drv_pages_alloc(struct drv_pages *p, uint64_t size, uint64_t align,
                    uint64_t max, uint64_t *pa)
{
	struct drv_extent want = {.base = align};

	if (!size || size > DRV_PA_LIMIT || align < DRV_PAGE_SIZE ||
	    !drv_power_of_two(align))
		return DMASIM_E_INVAL;
	want.size = drv_align_up(size, DRV_PAGE_SIZE);
	if (pages_reserve(p))
		return DMASIM_E_NOMEM;
	for (size_t r = 0; r < p->ram_count; r++) {
		for (size_t i = p->free_count; i-- > 0;) {
			if (!pages_fit(&p->free[i], &p->ram[r], &want, max, pa))
				continue;
			pages_take(p, i, *pa, want.size);
			return DMASIM_OK;
		}
	}
	return DMASIM_E_NOMEM;
}

int drv_pages_alloc_at(struct drv_pages *p, uint64_t pa, uint64_t size)
{
	size_t i;

	if (!size || size > DRV_PA_LIMIT || pa % DRV_PAGE_SIZE)
		return DMASIM_E_INVAL;
	size = drv_align_up(size, DRV_PAGE_SIZE);
	if (!drv_pages_is_ram(p, pa, size))
		return DMASIM_E_RANGE;
	if (!pages_find(p, pa, size, &i))
		return DMASIM_E_EXISTS;
	if (pages_reserve(p))
		return DMASIM_E_NOMEM;
	pages_take(p, i, pa, size);
	return DMASIM_OK;
}

int drv_pages_alloc_ring(struct drv_pages *p, uint64_t size, uint64_t *pa)
{
	struct drv_extent e = p->ring;

	size = drv_align_up(size, DRV_PAGE_SIZE);
	if (size > e.size)
		return DMASIM_E_RANGE;
	if (pages_reserve(p))
		return DMASIM_E_NOMEM;
	if (size < e.size)
		pages_give(p, e.base + size, e.size - size);
	p->ring.size = 0;
	*pa = e.base;
	return DMASIM_OK;
}

void drv_pages_free(struct drv_pages *p, uint64_t pa, uint64_t size)
{
	size_t i;

	size = drv_align_up(size, DRV_PAGE_SIZE);
	if (!size || pa % DRV_PAGE_SIZE || !drv_pages_is_ram(p, pa, size))
		return;
	/* Nothing that is free already is taken a second time. */
	i = pages_lower(p, pa);
	if (i < p->free_count && p->free[i].base < pa + size)
		return;
	/* Without host memory for the list the pages stay in use. */
	if (pages_reserve(p))
		return;
	pages_give(p, pa, size);
}
