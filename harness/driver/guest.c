/* SPDX-License-Identifier: MIT */
/* The guest: its linear map, its pages and its device registers. */
#include <stdlib.h>
#include <string.h>

#include "driver_internal.h"

/** I/O ports below are left alone, as Linux does on a generic host bridge. */
#define GUEST_IO_MIN 0x1000ull

/** Map all RAM that the linear map can hold, and fill the page allocator. */
static int guest_map_ram(struct dmasim_guest *g)
{
	uint64_t base, size;
	int rc;

	for (size_t i = 0;
	     dmasim_machine_ram(g->machine, i, &base, &size) == DMASIM_OK;
	     i++) {
		uint64_t start, end;

		if (base >= DRV_PA_LIMIT)
			continue;
		start = drv_align_up(base, DRV_PAGE_SIZE);
		end = size < DRV_PA_LIMIT - base ? base + size : DRV_PA_LIMIT;
		end = drv_align_down(end, DRV_PAGE_SIZE);
		if (start >= end)
			continue;
		rc = dmasim_cpu_map(g->cpu, drv_va(start), start, end - start,
		                    &dmasim_attr_wb);
		if (rc)
			return rc;
		rc = drv_pages_add(&g->pages, start, end - start);
		if (rc) {
			(void)dmasim_cpu_unmap(g->cpu, drv_va(start));
			return rc;
		}
	}
	return g->pages.ram_count ? DMASIM_OK : DMASIM_E_NOTFOUND;
}

static int guest_init(struct dmasim_guest *g,
                      const struct dmasim_guest_config *cfg)
{
	int rc;

	g->machine = cfg->machine;
	g->kernel = dmasim_machine_kernel(cfg->machine);
	g->checker = dmasim_machine_checker(cfg->machine);
	g->cpu = dmasim_machine_cpu(cfg->machine, cfg->cpu);
	if (!g->cpu)
		return DMASIM_E_NOTFOUND;
	rc = dmasim_event_create(g->kernel, "guest wake", &g->wake);
	if (rc)
		return rc;
	rc = guest_map_ram(g);
	if (rc)
		return rc;
	return cfg->ring_address ? drv_pages_wish(&g->pages, cfg->ring_address)
	                         : DMASIM_OK;
}

int dmasim_guest_create(const struct dmasim_guest_config *cfg,
                        struct dmasim_guest **out)
{
	struct dmasim_guest *g;
	int rc;

	if (!cfg || !cfg->machine || !out)
		return DMASIM_E_INVAL;
	g = calloc(1, sizeof(*g));
	if (!g)
		return DMASIM_E_NOMEM;
	rc = guest_init(g, cfg);
	if (rc) {
		dmasim_guest_destroy(g);
		return rc;
	}
	*out = g;
	return DMASIM_OK;
}

void dmasim_guest_destroy(struct dmasim_guest *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->io_count; i++)
		(void)dmasim_cpu_unmap(g->cpu, DMASIM_IO_BASE + g->io_pages[i]);
	for (size_t i = 0; i < g->pages.ram_count; i++)
		(void)dmasim_cpu_unmap(g->cpu, drv_va(g->pages.ram[i].base));
	for (size_t i = 0; i < g->irq_count; i++)
		(void)dmasim_irq_attach(g->irqs[i].irq, NULL, NULL);
	dmasim_event_destroy(g->wake);
	drv_pages_destroy(&g->pages);
	free(g->io_pages);
	free(g->irqs);
	free(g->bars);
	free(g);
}

struct dmasim_cpu *dmasim_guest_cpu(struct dmasim_guest *g)
{
	return g->cpu;
}

struct dmasim_machine *dmasim_guest_machine(struct dmasim_guest *g)
{
	return g->machine;
}

int drv_guest_zero(struct dmasim_guest *g, uint64_t pa, uint64_t size)
{
	static const uint8_t zeros[DRV_PAGE_SIZE];

	for (uint64_t done = 0; done < size; done += DRV_PAGE_SIZE) {
		int rc = dmasim_cpu_write(g->cpu, drv_va(pa + done), zeros,
		                          (uint32_t)DRV_PAGE_SIZE,
		                          DMASIM_AT("zero a page"));

		if (rc)
			return rc;
	}
	return DMASIM_OK;
}

int drv_guest_alloc_below(struct dmasim_guest *g, uint64_t size, uint64_t align,
                          uint64_t max, uint64_t *pa)
{
	int rc = drv_pages_alloc(&g->pages, size, align, max, pa);

	if (rc)
		return rc;
	rc = drv_guest_zero(g, *pa, size);
	if (rc)
		drv_pages_free(&g->pages, *pa, size);
	return rc;
}

int drv_guest_alloc_ring(struct dmasim_guest *g, uint64_t size, uint64_t max,
                         uint64_t *pa)
{
	int rc;

	if (!g->pages.ring.size)
		return drv_guest_alloc_below(g, size, DRV_PAGE_SIZE, max, pa);
	if (g->pages.ring.base > max || max - g->pages.ring.base < size - 1)
		return DMASIM_E_RANGE;
	rc = drv_pages_alloc_ring(&g->pages, size, pa);
	if (rc)
		return rc;
	rc = drv_guest_zero(g, *pa, size);
	if (rc)
		drv_pages_free(&g->pages, *pa, size);
	return rc;
}

int dmasim_guest_alloc(struct dmasim_guest *g, uint64_t size, uint64_t align,
                       uint64_t *pa)
{
	if (!g || !pa)
		return DMASIM_E_INVAL;
	return drv_guest_alloc_below(g, size, align, UINT64_MAX, pa);
}

int dmasim_guest_alloc_at(struct dmasim_guest *g, uint64_t pa, uint64_t size)
{
	return g ? drv_pages_alloc_at(&g->pages, pa, size) : DMASIM_E_INVAL;
}

void dmasim_guest_free(struct dmasim_guest *g, uint64_t pa, uint64_t size)
{
	if (g)
		drv_pages_free(&g->pages, pa, size);
}

/** Map one page of registers unless it is mapped already. */
static int guest_io_page(struct dmasim_guest *g, uint64_t pa)
{
	int rc;

	for (size_t i = 0; i < g->io_count; i++) {
		if (g->io_pages[i] == pa)
			return DMASIM_OK;
	}
	rc = drv_grow(&g->io_pages, &g->io_cap, g->io_count + 1,
	              sizeof(*g->io_pages));
	if (rc)
		return rc;
	rc = dmasim_cpu_map(g->cpu, DMASIM_IO_BASE + pa, pa, DRV_PAGE_SIZE,
	                    &dmasim_attr_device);
	if (!rc)
		g->io_pages[g->io_count++] = pa;
	return rc;
}

int dmasim_guest_ioremap(struct dmasim_guest *g, uint64_t pa, uint64_t size,
                         uint64_t *va)
{
	uint64_t first, last;

	if (!g || !va || !size)
		return DMASIM_E_INVAL;
	if (pa >= DRV_PA_LIMIT || size > DRV_PA_LIMIT - pa)
		return DMASIM_E_RANGE;
	first = drv_align_down(pa, DRV_PAGE_SIZE);
	last = drv_align_down(pa + size - 1, DRV_PAGE_SIZE);
	for (uint64_t page = first; page <= last; page += DRV_PAGE_SIZE) {
		int rc;

		/* A Device alias of RAM would be a bug of the caller's. */
		if (drv_pages_is_ram(&g->pages, page, DRV_PAGE_SIZE))
			return DMASIM_E_INVAL;
		rc = guest_io_page(g, page);
		if (rc)
			return rc;
	}
	*va = DMASIM_IO_BASE + pa;
	return DMASIM_OK;
}

int drv_guest_io_bar(struct dmasim_guest *g, uint64_t window,
                     uint64_t window_size, uint16_t bdf, uint64_t size,
                     uint64_t *offset)
{
	uint64_t next = window_size > 2 * GUEST_IO_MIN ? GUEST_IO_MIN : 0;
	int rc;

	for (size_t i = 0; i < g->bar_count; i++) {
		const struct drv_io_bar *b = &g->bars[i];

		if (b->window != window)
			continue;
		if (b->bdf == bdf && b->size == size) {
			*offset = b->offset;
			return DMASIM_OK;
		}
		if (b->offset + b->size > next)
			next = b->offset + b->size;
	}
	next = drv_align_up(next, size);
	if (next > window_size || size > window_size - next)
		return DMASIM_E_FULL;
	rc = drv_grow(&g->bars, &g->bar_cap, g->bar_count + 1,
	              sizeof(*g->bars));
	if (rc)
		return rc;
	g->bars[g->bar_count++] = (struct drv_io_bar){window, bdf, next, size};
	*offset = next;
	return DMASIM_OK;
}

int drv_reg_read(struct dmasim_guest *g, uint64_t va, uint32_t size,
                 uint64_t *value, struct dmasim_origin origin)
{
	return dmasim_cpu_get(g->cpu, va, size, value, origin);
}

int drv_reg_write(struct dmasim_guest *g, uint64_t va, uint32_t size,
                  uint64_t value, struct dmasim_origin origin)
{
	int rc = dmasim_cpu_barrier(g->cpu, DMASIM_DMB_ST, origin);

	return rc ? rc : dmasim_cpu_put(g->cpu, va, size, value, origin);
}
