/* SPDX-License-Identifier: MIT */
/* Saved guests: free pages, the ring's window, register pages, I/O BARs. */
#include <stdlib.h>

#include "driver_internal.h"

#define GUEST_TAG     "GEST"
#define GUEST_VERSION 1u

bool drv_state_pages(const struct dmasim_guest *g, uint64_t pa, uint64_t size)
{
	return size && !(pa % DRV_PAGE_SIZE) &&
	       drv_pages_is_ram(&g->pages, pa, size);
}

static void put_extents(struct dmasim_writer *w, const struct drv_extent *e,
                        size_t count)
{
	dmasim_put_u32(w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		dmasim_put_u64(w, e[i].base);
		dmasim_put_u64(w, e[i].size);
	}
}

int dmasim_guest_save(const struct dmasim_guest *g, struct dmasim_writer *w)
{
	if (!g || !w)
		return DMASIM_E_INVAL;
	dmasim_put_begin(w, GUEST_TAG, GUEST_VERSION);
	put_extents(w, g->pages.ram, g->pages.ram_count);
	put_extents(w, g->pages.free, g->pages.free_count);
	put_extents(w, &g->pages.ring, 1);
	dmasim_put_u32(w, (uint32_t)g->io_count);
	for (size_t i = 0; i < g->io_count; i++)
		dmasim_put_u64(w, g->io_pages[i]);
	dmasim_put_u32(w, (uint32_t)g->bar_count);
	for (size_t i = 0; i < g->bar_count; i++) {
		dmasim_put_u64(w, g->bars[i].window);
		dmasim_put_u32(w, g->bars[i].bdf);
		dmasim_put_u64(w, g->bars[i].offset);
		dmasim_put_u64(w, g->bars[i].size);
	}
	dmasim_put_end(w);
	return DMASIM_OK;
}

/** RAM is not restored: the machine must have the same. */
static void check_ram(const struct dmasim_guest *g, struct dmasim_reader *r)
{
	const struct drv_pages *p = &g->pages;

	if (dmasim_get_u32(r) != p->ram_count)
		dmasim_reader_fail(r, "a guest with other RAM");
	for (size_t i = 0; i < p->ram_count; i++) {
		uint64_t base = dmasim_get_u64(r), size = dmasim_get_u64(r);

		if (base != p->ram[i].base || size != p->ram[i].size)
			dmasim_reader_fail(r, "a guest with other RAM");
	}
}

/** In address order, apart from one another, in RAM. */
static int get_free(const struct dmasim_guest *g, struct dmasim_reader *r,
                    struct drv_pages *p)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 16);
	uint64_t end = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct drv_extent e = {.base = dmasim_get_u64(r)};

		e.size = dmasim_get_u64(r);
		if ((i && e.base <= end) || e.size % DRV_PAGE_SIZE ||
		    !drv_state_pages(g, e.base, e.size))
			return dmasim_reader_fail(r, "free pages at 0x%llx",
			                          (unsigned long long)e.base);
		if (drv_grow(&p->free, &p->free_cap, i + 1, sizeof(*p->free)))
			return DMASIM_E_NOMEM;
		p->free[p->free_count++] = e;
		end = e.base + e.size;
	}
	return dmasim_reader_status(r);
}

static int get_ring(const struct dmasim_guest *g, struct dmasim_reader *r,
                    struct drv_pages *p)
{
	if (dmasim_get_u32(r) != 1)
		dmasim_reader_fail(r, "one window of the ring expected");
	p->ring.base = dmasim_get_u64(r);
	p->ring.size = dmasim_get_u64(r);
	if (p->ring.size &&
	    (p->ring.size > DRV_RING_WINDOW || p->ring.size % DRV_PAGE_SIZE ||
	     !drv_state_pages(g, p->ring.base, p->ring.size)))
		dmasim_reader_fail(r, "the ring's window at 0x%llx",
		                   (unsigned long long)p->ring.base);
	return dmasim_reader_status(r);
}

static int get_io(struct dmasim_reader *r, struct dmasim_guest *fresh)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 8);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t pa = dmasim_get_u64(r);

		if (pa % DRV_PAGE_SIZE || pa >= DRV_PA_LIMIT)
			return dmasim_reader_fail(r, "registers at 0x%llx",
			                          (unsigned long long)pa);
		if (drv_grow(&fresh->io_pages, &fresh->io_cap, i + 1,
		             sizeof(*fresh->io_pages)))
			return DMASIM_E_NOMEM;
		fresh->io_pages[fresh->io_count++] = pa;
	}
	return dmasim_reader_status(r);
}

static int get_bars(struct dmasim_reader *r, struct dmasim_guest *fresh)
{
	uint32_t n = dmasim_get_count(r, UINT16_MAX, 28);

	for (uint32_t i = 0; i < n; i++) {
		struct drv_io_bar b = {.window = dmasim_get_u64(r)};

		b.bdf = (uint16_t)dmasim_get_u32(r);
		b.offset = dmasim_get_u64(r);
		b.size = dmasim_get_u64(r);
		if (b.offset > UINT32_MAX || b.size > UINT32_MAX)
			return dmasim_reader_fail(r, "an I/O BAR of 0x%llx",
			                          (unsigned long long)b.size);
		if (drv_grow(&fresh->bars, &fresh->bar_cap, i + 1,
		             sizeof(*fresh->bars)))
			return DMASIM_E_NOMEM;
		fresh->bars[fresh->bar_count++] = b;
	}
	return dmasim_reader_status(r);
}

static void free_lists(struct dmasim_guest *g)
{
	free(g->pages.free);
	free(g->io_pages);
	free(g->bars);
}

int dmasim_guest_restore(struct dmasim_guest *g, struct dmasim_reader *r)
{
	/* The new lists; the rest is that of @g. */
	struct dmasim_guest fresh = {.machine = NULL};
	int rc;

	if (!g || !r)
		return DMASIM_E_INVAL;
	dmasim_get_begin(r, GUEST_TAG, GUEST_VERSION);
	check_ram(g, r);
	rc = get_free(g, r, &fresh.pages);
	if (!rc)
		rc = get_ring(g, r, &fresh.pages);
	if (!rc)
		rc = get_io(r, &fresh);
	if (!rc)
		rc = get_bars(r, &fresh);
	dmasim_get_end(r);
	if (!rc)
		rc = dmasim_reader_status(r);
	if (rc) {
		free_lists(&fresh);
		return rc;
	}
	free_lists(g);
	g->pages.free = fresh.pages.free;
	g->pages.free_count = fresh.pages.free_count;
	g->pages.free_cap = fresh.pages.free_cap;
	g->pages.ring = fresh.pages.ring;
	g->io_pages = fresh.io_pages;
	g->io_count = fresh.io_count;
	g->io_cap = fresh.io_cap;
	g->bars = fresh.bars;
	g->bar_count = fresh.bar_count;
	g->bar_cap = fresh.bar_cap;
	return DMASIM_OK;
}
