/* SPDX-License-Identifier: MIT */
/* SMMUs and PCI host bridges of the tree. */
#include <string.h>

#include "plat_internal.h"

int plat_port_kind(const struct plat_tree *t, int node,
                   enum dmasim_port_kind *kind)
{
	for (int i = node; i >= 0; i = t->nodes[i].parent) {
		const char *value;
		int status = plat_string(t, i, "dmasim,port", &value);

		if (status != DMASIM_OK)
			return status;
		if (!value)
			continue;
		if (strcmp(value, "coherent") == 0)
			*kind = DMASIM_PORT_COHERENT;
		else if (strcmp(value, "non-coherent") == 0)
			*kind = DMASIM_PORT_NONCOHERENT;
		else if (strcmp(value, "host-cpu") == 0)
			*kind = DMASIM_PORT_CACHED;
		else
			return plat_fail(t, i,
			                 "dmasim,port: '%s' is none of "
			                 "coherent, non-coherent, host-cpu",
			                 value);
		return DMASIM_OK;
	}
	/* Firmware that tells the truth. */
	*kind = plat_dma_coherent(t, node) ? DMASIM_PORT_COHERENT
	                                   : DMASIM_PORT_NONCOHERENT;
	return DMASIM_OK;
}

static int smmu_interrupts(const struct plat_tree *t, int node,
                           struct plat_smmu_desc *s)
{
	const char *name;
	int status;

	s->evtq = s->priq = s->sync = s->gerror = PLAT_NO_LINE;
	for (uint32_t i = 0;; i++) {
		uint32_t line;

		status = plat_string_at(t, node, "interrupt-names", (int)i,
		                        &name);
		if (status != DMASIM_OK || !name)
			return status;
		status = plat_interrupt(t, node, i, &line);
		if (status == DMASIM_E_NOTFOUND)
			return plat_fail(t, node,
			                 "interrupt-names: '%s' has no entry "
			                 "in interrupts",
			                 name);
		if (status != DMASIM_OK)
			return status;
		if (strcmp(name, "eventq") == 0)
			s->evtq = line;
		else if (strcmp(name, "priq") == 0)
			s->priq = line;
		else if (strcmp(name, "cmdq-sync") == 0)
			s->sync = line;
		else if (strcmp(name, "gerror") == 0)
			s->gerror = line;
		else if (strcmp(name, "combined") == 0)
			s->evtq = s->priq = s->sync = s->gerror = line;
		else
			return plat_fail(t, node,
			                 "interrupt-names: '%s' is none of "
			                 "eventq, priq, cmdq-sync, gerror, "
			                 "combined",
			                 name);
	}
}

int plat_describe_smmu(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	struct plat_smmu_desc *s = &d->smmu[d->smmu_count];
	uint64_t size;
	uint32_t cells = 0;
	int status;

	if (d->smmu_count == PLAT_SMMU_MAX)
		return plat_fail(t, node, "more than %d SMMUs", PLAT_SMMU_MAX);
	*s = (struct plat_smmu_desc){.node = node};
	status = plat_reg(t, node, 0, &s->base, &size);
	if (status != DMASIM_OK)
		return status;
	if (size < DMASIM_SMMU_REGS_SIZE)
		return plat_fail(
		        t, node, "reg: 0x%llx bytes, an SMMUv3 has 0x%x",
		        (unsigned long long)size, DMASIM_SMMU_REGS_SIZE);
	status = plat_u32(t, node, "#iommu-cells", &cells);
	if (status == DMASIM_OK && cells != 1)
		status = plat_fail(t, node, "#iommu-cells: %u, 1 expected",
		                   cells);
	if (status == DMASIM_OK)
		status = smmu_interrupts(t, node, s);
	if (status == DMASIM_OK)
		status = plat_port_kind(t, node, &s->port);
	if (status == DMASIM_OK)
		status = plat_inner_domain(t, node, &s->inner_domain);
	if (status == DMASIM_OK)
		status = plat_describe_smmu_own(t, node, s);
	if (status != DMASIM_OK)
		return status;
	/* Pages beyond the first two may be left out, and not be reached. */
	if (s->frame > size)
		s->frame = size;
	status = plat_claim(d, node, "registers", s->base, s->frame);
	if (status != DMASIM_OK)
		return status;
	s->coherent = plat_dma_coherent(t, node);
	d->smmu_count++;
	return DMASIM_OK;
}

/* PCI bus binding: the space code in phys.hi. */
#define PCI_SPACE(hi) (((hi) >> 24) & 3u)
#define PCI_IO        1u
#define PCI_MEM32     2u
#define PCI_MEM64     3u

static int host_window(struct plat_desc *d, int node,
                       const struct plat_cells *c, uint32_t at, uint32_t pa)
{
	struct plat_host_desc *h = &d->host[d->host_count];
	struct dmasim_pci_window w = {
	        .pci_base = plat_cell_number(c, at + 1, 2),
	        .cpu_base = plat_cell_number(c, at + 3, pa),
	        .size = plat_cell_number(c, at + 3 + pa, 2),
	};
	uint32_t space = PCI_SPACE(plat_cell(c, at));
	struct dmasim_pci_window *to = space == PCI_IO      ? &h->io
	                               : space == PCI_MEM32 ? &h->mem32
	                                                    : &h->mem64;
	const char *what = space == PCI_IO      ? "I/O window"
	                   : space == PCI_MEM32 ? "32-bit memory window"
	                                        : "64-bit memory window";
	int status;

	if (space < PCI_IO)
		return plat_fail(&d->tree, node,
		                 "ranges: phys.hi 0x%x names configuration "
		                 "space",
		                 plat_cell(c, at));
	if (w.size == 0 || w.pci_base + (w.size - 1) < w.pci_base ||
	    (space != PCI_MEM64 && w.pci_base + (w.size - 1) > UINT32_MAX))
		return plat_fail(&d->tree, node,
		                 "ranges: %s of 0x%llx bytes at bus address "
		                 "0x%llx",
		                 what, (unsigned long long)w.size,
		                 (unsigned long long)w.pci_base);
	if (to->size)
		return plat_fail(&d->tree, node, "ranges: more than one %s",
		                 what);
	status = plat_translate(&d->tree, node, d->tree.nodes[node].parent,
	                        &w.cpu_base, w.size);
	if (status != DMASIM_OK)
		return status;
	*to = w;
	return plat_claim(d, node, what, w.cpu_base, w.size);
}

static int host_windows(struct plat_desc *d, int node)
{
	uint32_t na, ns, pa, unused, entry;
	struct plat_cells c;
	int status = plat_bus_cells(&d->tree, node, &na, &ns);

	if (status == DMASIM_OK)
		status = plat_bus_cells(&d->tree, d->tree.nodes[node].parent,
		                        &pa, &unused);
	if (status == DMASIM_OK)
		status = plat_get_cells(&d->tree, node, "ranges", &c);
	if (status != DMASIM_OK)
		return status;
	if (na != 3 || ns != 2)
		return plat_fail(&d->tree, node,
		                 "a PCI bus has #address-cells 3 and "
		                 "#size-cells 2, not %u and %u",
		                 na, ns);
	entry = na + pa + ns;
	if (pa < 1 || pa > 2 || c.count % entry)
		return plat_fail(&d->tree, node,
		                 "ranges: %u cells do not fit entries of %u",
		                 c.count, entry);
	for (uint32_t at = 0; at < c.count && status == DMASIM_OK; at += entry)
		status = host_window(d, node, &c, at, pa);
	return status;
}

static int host_buses(struct plat_desc *d, int node)
{
	struct plat_host_desc *h = &d->host[d->host_count];
	struct plat_cells c;
	int status = plat_get_cells(&d->tree, node, "bus-range", &c);

	if (status != DMASIM_OK)
		return status;
	if (h->ecam_size >> 20 == 0)
		return plat_fail(&d->tree, node,
		                 "reg: 0x%llx bytes of ECAM, less than one "
		                 "bus (1 MiB)",
		                 (unsigned long long)h->ecam_size);
	h->bus_max = 0xff;
	if (h->ecam_size >> 20 < 0x100)
		h->bus_max = (uint32_t)(h->ecam_size >> 20) - 1;
	if (c.data) {
		if (c.count != 2)
			return plat_fail(&d->tree, node,
			                 "bus-range: %u cells, 2 expected",
			                 c.count);
		h->bus_min = plat_cell(&c, 0);
		h->bus_max = plat_cell(&c, 1);
	}
	if (h->bus_min > h->bus_max || h->bus_max > 0xff ||
	    h->bus_max - h->bus_min >= h->ecam_size >> 20)
		return plat_fail(&d->tree, node,
		                 "bus-range: %u to %u do not fit 0x%llx bytes "
		                 "of ECAM",
		                 h->bus_min, h->bus_max,
		                 (unsigned long long)h->ecam_size);
	h->ecam_size = (uint64_t)(h->bus_max - h->bus_min + 1) << 20;
	return DMASIM_OK;
}

int plat_describe_host(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	struct plat_host_desc *h = &d->host[d->host_count];
	int status;

	if (d->host_count == PLAT_HOST_MAX)
		return plat_fail(t, node, "more than %d PCI host bridges",
		                 PLAT_HOST_MAX);
	*h = (struct plat_host_desc){.node = node};
	status = plat_reg(t, node, 0, &h->ecam_base, &h->ecam_size);
	if (status == DMASIM_OK)
		status = host_buses(d, node);
	if (status == DMASIM_OK)
		status =
		        plat_claim(d, node, "ECAM", h->ecam_base, h->ecam_size);
	if (status == DMASIM_OK)
		status = host_windows(d, node);
	for (uint32_t pin = 0; pin < 4 && status == DMASIM_OK; pin++) {
		h->intx[pin] = PLAT_NO_LINE;
		status = plat_pci_interrupt(t, node, h->bus_min << 8, pin + 1,
		                            &h->intx[pin]);
		if (status == DMASIM_E_NOTFOUND)
			status = DMASIM_OK;
	}
	if (status == DMASIM_OK)
		d->host_count++;
	return status;
}
