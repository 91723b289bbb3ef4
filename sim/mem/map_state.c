/* SPDX-License-Identifier: MIT */
/* Saving and restoring RAM: its regions and the pages that are not zero. */
#include "map_internal.h"

#include <stdlib.h>
#include <string.h>

#define MAP_TAG     "MAP "
#define MAP_VERSION 1

static void put_regions(const struct map_regions *rs, struct dmasim_writer *w)
{
	uint32_t count = 0;

	for (size_t i = 0; i < rs->len; i++)
		count += rs->r[i].ram;
	dmasim_put_u32(w, count);
	for (size_t i = 0; i < rs->len; i++) {
		if (!rs->r[i].ram)
			continue;
		dmasim_put_string(w, rs->r[i].name);
		dmasim_put_u64(w, rs->r[i].base);
		dmasim_put_u64(w, rs->r[i].size);
	}
}

/* A page that holds zeros again is like one that was never written. */
static const uint8_t *next_page(const struct sparse *s, uint64_t *number)
{
	const uint8_t *page;

	while ((page = sparse_next(s, number)) &&
	       sparse_zero(page, SPARSE_PAGE))
		++*number;
	return page;
}

int dmasim_map_save(const struct dmasim_map *m, struct dmasim_writer *w)
{
	uint64_t number = 0, pages = 0;
	const uint8_t *page;

	for (; next_page(&m->ram, &number); number++)
		pages++;
	if (pages > UINT32_MAX)
		return DMASIM_E_RANGE;
	dmasim_put_begin(w, MAP_TAG, MAP_VERSION);
	put_regions(&m->regions, w);
	dmasim_put_u32(w, (uint32_t)pages);
	for (number = 0; (page = next_page(&m->ram, &number)); number++) {
		dmasim_put_u64(w, number);
		dmasim_put_bytes(w, page, SPARSE_PAGE);
	}
	dmasim_put_end(w);
	return DMASIM_OK;
}

static int get_regions(struct map_regions *rs, struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX, 20);

	for (uint32_t i = 0; i < count; i++) {
		char name[MAP_NAME_MAX];
		struct map_region region = {.name = name, .ram = true};
		int status;

		dmasim_get_string(r, name, sizeof(name));
		region.base = dmasim_get_u64(r);
		region.size = dmasim_get_u64(r);
		if (dmasim_reader_status(r))
			return dmasim_reader_status(r);
		if (region.base % SPARSE_PAGE || region.size % SPARSE_PAGE)
			return dmasim_reader_fail(r,
			                          "RAM \"%s\" is not a "
			                          "whole number of pages",
			                          name);
		status = map_regions_add(rs, &region);
		if (status == DMASIM_E_NOMEM)
			return status;
		if (status)
			return dmasim_reader_fail(r, "RAM \"%s\": %s", name,
			                          dmasim_strerror(status));
	}
	return DMASIM_OK;
}

static bool in_ram(const struct map_regions *rs, uint64_t addr)
{
	for (size_t i = 0; i < rs->len; i++)
		if (rs->r[i].ram && addr >= rs->r[i].base &&
		    addr - rs->r[i].base < rs->r[i].size)
			return true;
	return false;
}

static int get_pages(const struct map_regions *rs, struct sparse *ram,
                     struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX, 8 + SPARSE_PAGE);
	uint64_t least = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t number = dmasim_get_u64(r);
		uint8_t page[SPARSE_PAGE];

		dmasim_get_bytes(r, page, sizeof(page));
		if (dmasim_reader_status(r))
			return dmasim_reader_status(r);
		if (number < least || number > DMASIM_PA_MAX >> SPARSE_SHIFT ||
		    !in_ram(rs, number << SPARSE_SHIFT))
			return dmasim_reader_fail(
			        r, "page 0x%llx is out of order or outside RAM",
			        (unsigned long long)number);
		if (!sparse_write(ram, number << SPARSE_SHIFT, page,
		                  sizeof(page)))
			return DMASIM_E_NOMEM;
		least = number + 1;
	}
	return DMASIM_OK;
}

static int copy_mmio(struct map_regions *to, const struct map_regions *from)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < from->len && !status; i++)
		if (!from->r[i].ram)
			status = map_regions_add(to, &from->r[i]);
	return status;
}

int dmasim_map_restore(struct dmasim_map *m, struct dmasim_reader *r)
{
	struct map_regions regions = {0};
	struct sparse ram = {0};
	int status = copy_mmio(&regions, &m->regions);

	dmasim_get_begin(r, MAP_TAG, MAP_VERSION);
	if (!status)
		status = get_regions(&regions, r);
	if (!status)
		status = get_pages(&regions, &ram, r);
	dmasim_get_end(r);
	if (!status)
		status = dmasim_reader_status(r);
	if (status) {
		map_regions_free(&regions);
		sparse_free(&ram);
		return status;
	}
	map_regions_free(&m->regions);
	sparse_free(&m->ram);
	m->regions = regions;
	m->ram = ram;
	m->last = 0;
	return DMASIM_OK;
}
