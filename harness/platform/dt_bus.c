/* SPDX-License-Identifier: MIT */
/* Addresses: reg, ranges, dma-ranges, dma-coherent (Devicetree Specification
 * 2.3.5 to 2.3.10), and the stream of a device (IOMMU bindings). */
#include "dt_internal.h"

#define PCI_CELLS 3

int plat_bus_cells(const struct plat_tree *t, int node, uint32_t *address,
                   uint32_t *size)
{
	int status;

	/* 2.3.5: the defaults are 2 and 1; a node never inherits them. */
	*address = 2;
	*size = 1;
	status = plat_u32(t, node, "#address-cells", address);
	if (status == DMASIM_OK)
		status = plat_u32(t, node, "#size-cells", size);
	if (status != DMASIM_OK)
		return status;
	if (*address > PCI_CELLS)
		return plat_fail(t, node, "#address-cells: %u, at most 3",
		                 *address);
	if (*size > 2)
		return plat_fail(t, node, "#size-cells: %u, at most 2", *size);
	return DMASIM_OK;
}

int plat_reg(const struct plat_tree *t, int node, uint32_t index,
             uint64_t *base, uint64_t *size)
{
	int bus = t->nodes[node].parent;
	uint32_t na, ns, entry;
	struct plat_cells c;
	int status = plat_bus_cells(t, bus, &na, &ns);

	if (status == DMASIM_OK)
		status = plat_get_cells(t, node, "reg", &c);
	if (status != DMASIM_OK)
		return status;
	if (!c.data)
		return plat_fail(t, node, "reg: missing");
	if (na < 1 || na > 2 || ns < 1)
		return plat_fail(t, node,
		                 "reg: the parent has #address-cells %u and "
		                 "#size-cells %u, which give no memory address",
		                 na, ns);
	entry = na + ns;
	if (c.count == 0 || c.count % entry)
		return plat_fail(t, node,
		                 "reg: %u cells, a multiple of %u expected",
		                 c.count, entry);
	if (index >= c.count / entry)
		return DMASIM_E_NOTFOUND;
	*base = plat_cell_number(&c, index * entry, na);
	*size = plat_cell_number(&c, index * entry + na, ns);
	if (*size && *base + (*size - 1) < *base)
		return plat_fail(
		        t, node, "reg: 0x%llx bytes at 0x%llx wrap around",
		        (unsigned long long)*size, (unsigned long long)*base);
	return plat_translate(t, node, bus, base, *size);
}

/** One entry of ranges or dma-ranges: child, parent and length, without the
 * cell that says which space of PCI is meant. */
struct range {
	uint64_t child, parent, size;
};

struct ranges {
	struct plat_cells cells;
	uint32_t na, pa, ns;
	uint32_t count;
};

static int open_ranges(const struct plat_tree *t, int bus, const char *prop,
                       struct ranges *r)
{
	uint32_t unused, entry;
	int status = plat_bus_cells(t, bus, &r->na, &r->ns);

	r->count = 0;
	if (status == DMASIM_OK)
		status = plat_bus_cells(t, t->nodes[bus].parent, &r->pa,
		                        &unused);
	if (status == DMASIM_OK)
		status = plat_get_cells(t, bus, prop, &r->cells);
	if (status != DMASIM_OK || r->cells.count == 0)
		return status;
	entry = r->na + r->pa + r->ns;
	if (r->na < 1 || r->pa < 1 || r->pa > 2 || r->ns < 1 ||
	    r->cells.count % entry)
		return plat_fail(t, bus,
		                 "%s: %u cells do not fit entries of %u + %u "
		                 "+ %u cells",
		                 prop, r->cells.count, r->na, r->pa, r->ns);
	r->count = r->cells.count / entry;
	return DMASIM_OK;
}

static int get_range(const struct plat_tree *t, int bus, const char *prop,
                     const struct ranges *r, uint32_t index, struct range *out)
{
	uint32_t at = index * (r->na + r->pa + r->ns);
	uint32_t skip = r->na == PCI_CELLS ? 1 : 0;

	out->child = plat_cell_number(&r->cells, at + skip, r->na - skip);
	out->parent = plat_cell_number(&r->cells, at + r->na, r->pa);
	out->size = plat_cell_number(&r->cells, at + r->na + r->pa, r->ns);
	if (out->size == 0 || out->child + (out->size - 1) < out->child ||
	    out->parent + (out->size - 1) < out->parent)
		return plat_fail(t, bus,
		                 "%s: entry %u is empty or wraps around: "
		                 "0x%llx bytes at 0x%llx",
		                 prop, index, (unsigned long long)out->size,
		                 (unsigned long long)out->child);
	return DMASIM_OK;
}

/** Through one bus, by @prop. */
static int cross(const struct plat_tree *t, int node, int bus, const char *prop,
                 uint64_t *addr, uint64_t size)
{
	uint64_t last = size ? size - 1 : 0;
	struct ranges r;
	int status = open_ranges(t, bus, prop, &r);

	if (status != DMASIM_OK)
		return status;
	/* 2.3.8: an empty value means that both spaces are one. */
	if (r.cells.data && r.count == 0)
		return DMASIM_OK;
	for (uint32_t i = 0; i < r.count; i++) {
		struct range e;

		status = get_range(t, bus, prop, &r, i, &e);
		if (status != DMASIM_OK)
			return status;
		if (*addr < e.child || *addr - e.child > e.size - 1 ||
		    last > e.size - 1 - (*addr - e.child))
			continue;
		*addr = *addr - e.child + e.parent;
		return DMASIM_OK;
	}
	return plat_fail(t, node,
	                 "0x%llx bytes at 0x%llx: no entry in %s of the parent "
	                 "bus holds them",
	                 (unsigned long long)size, (unsigned long long)*addr,
	                 prop);
}

int plat_translate(const struct plat_tree *t, int node, int bus, uint64_t *addr,
                   uint64_t size)
{
	int status = DMASIM_OK;

	for (; bus > 0 && status == DMASIM_OK; bus = t->nodes[bus].parent)
		status = cross(t, node, bus, "ranges", addr, size);
	return status;
}

bool plat_dma_coherent(const struct plat_tree *t, int node)
{
	for (; node >= 0; node = t->nodes[node].parent) {
		if (plat_has(t, node, "dma-coherent"))
			return true;
		if (plat_has(t, node, "dma-noncoherent"))
			return false;
	}
	return false;
}

int plat_dma_ranges(const struct plat_tree *t, int node, uint64_t *offset,
                    uint64_t *limit)
{
	struct ranges r = {0};
	int bus = t->nodes[node].parent;
	int status = DMASIM_OK;

	*offset = 0;
	*limit = UINT64_MAX;
	/* The nearest bus that has entries limits the device. */
	for (; bus > 0; bus = t->nodes[bus].parent) {
		status = open_ranges(t, bus, "dma-ranges", &r);
		if (status != DMASIM_OK || r.count)
			break;
	}
	for (uint32_t i = 0; i < r.count && status == DMASIM_OK; i++) {
		struct range e;
		uint64_t pa;
		int up = t->nodes[bus].parent;

		status = get_range(t, bus, "dma-ranges", &r, i, &e);
		pa = e.parent;
		for (; up > 0 && status == DMASIM_OK; up = t->nodes[up].parent)
			if (plat_has(t, up, "dma-ranges"))
				status = cross(t, bus, up, "dma-ranges", &pa,
				               e.size);
		if (status != DMASIM_OK)
			return status;
		if (i > 0 && pa - e.child != *offset)
			return plat_fail(t, bus,
			                 "dma-ranges: entries with different "
			                 "offsets are not modelled");
		*offset = pa - e.child;
		if (i == 0 || e.child + (e.size - 1) > *limit)
			*limit = e.child + (e.size - 1);
	}
	return status;
}

/** The StreamID cell of an IOMMU specifier; the target must be an IOMMU. */
static int check_iommu(const struct plat_tree *t, int node, const char *prop,
                       uint32_t phandle, int *target)
{
	char path[PLAT_PATH_MAX];
	uint32_t cells = UINT32_MAX;
	int status = plat_target(t, node, prop, phandle, target);

	if (status != DMASIM_OK)
		return status;
	plat_path(t, *target, path, sizeof(path));
	status = plat_u32(t, *target, "#iommu-cells", &cells);
	if (status != DMASIM_OK)
		return status;
	if (cells == UINT32_MAX)
		return plat_fail(t, node,
		                 "%s: %s is no IOMMU (no #iommu-cells)", prop,
		                 path);
	if (cells != 1)
		return plat_fail(t, *target, "#iommu-cells: %u, 1 expected",
		                 cells);
	return DMASIM_OK;
}

static int finish_stream(const struct plat_tree *t, int node, const char *prop,
                         struct plat_stream *s)
{
	char path[PLAT_PATH_MAX];

	/* A disabled IOMMU is none, as for an operating system. */
	if (!t->nodes[s->iommu].enabled) {
		s->iommu = -1;
		return DMASIM_OK;
	}
	if (plat_compatible(t, s->iommu, "arm,smmu-v3"))
		return DMASIM_OK;
	plat_path(t, s->iommu, path, sizeof(path));
	return plat_fail(t, node, "%s: %s is not an arm,smmu-v3", prop, path);
}

int plat_iommus(const struct plat_tree *t, int node, struct plat_stream *s)
{
	struct plat_cells c;
	int status = plat_get_cells(t, node, "iommus", &c);

	*s = (struct plat_stream){.iommu = -1};
	if (status != DMASIM_OK || !c.data)
		return status;
	if (c.count < 1)
		return plat_fail(t, node, "iommus: empty");
	status = check_iommu(t, node, "iommus", plat_cell(&c, 0), &s->iommu);
	if (status != DMASIM_OK)
		return status;
	if (c.count != 2)
		return plat_fail(t, node,
		                 "iommus: %u cells; one stream (2 cells) is "
		                 "what this model knows",
		                 c.count);
	s->id = plat_cell(&c, 1);
	return finish_stream(t, node, "iommus", s);
}

int plat_iommu_map(const struct plat_tree *t, int host, uint32_t rid,
                   struct plat_stream *s)
{
	uint32_t mask = UINT32_MAX;
	struct plat_stream found = {.iommu = -1};
	struct plat_cells c;
	int status = plat_get_cells(t, host, "iommu-map", &c);

	*s = found;
	if (status == DMASIM_OK)
		status = plat_u32(t, host, "iommu-map-mask", &mask);
	if (status != DMASIM_OK || !c.data)
		return status;
	if (c.count == 0 || c.count % 4)
		return plat_fail(t, host,
		                 "iommu-map: %u cells, a multiple of 4 "
		                 "expected",
		                 c.count);
	rid &= mask;
	for (uint32_t i = 0; i < c.count; i += 4) {
		uint32_t base = plat_cell(&c, i);
		uint32_t out = plat_cell(&c, i + 2);
		uint32_t length = plat_cell(&c, i + 3);
		int target;

		status = check_iommu(t, host, "iommu-map", plat_cell(&c, i + 1),
		                     &target);
		if (status != DMASIM_OK)
			return status;
		if (length == 0 || base > 0xffff || length > 0x10000 - base ||
		    out > UINT32_MAX - (length - 1))
			return plat_fail(t, host,
			                 "iommu-map: entry %u maps 0x%x "
			                 "requesters from 0x%x to streams "
			                 "from 0x%x",
			                 i / 4, length, base, out);
		if (found.iommu < 0 && rid >= base && rid - base < length)
			found = (struct plat_stream){target, rid - base + out};
	}
	if (found.iommu < 0)
		return DMASIM_OK;
	*s = found;
	return finish_stream(t, host, "iommu-map", s);
}
