/* SPDX-License-Identifier: MIT */
/* Block devices and DMA test endpoints of the tree. */
#include <string.h>

#include "plat_internal.h"

#define MMIO_SIZE 0x200u

/** An SMMU of the tree that is not disabled: it has been described. */
static int find_smmu(const struct plat_desc *d, int node)
{
	int i = (int)d->smmu_count - 1;

	while (i > 0 && d->smmu[i].node != node)
		i--;
	return i;
}

static int find_host(const struct plat_desc *d, int node)
{
	for (size_t i = 0; i < d->host_count; i++)
		if (d->host[i].node == node)
			return (int)i;
	return -1;
}

/** Coherence, stream and reach of a device. @host is its bridge's node or
 * -1. */
static int describe_master(const struct plat_desc *d, int node, int host,
                           uint16_t bdf, struct plat_master_desc *m)
{
	const struct plat_tree *t = &d->tree;
	struct plat_stream stream;
	int status;

	m->coherent = plat_dma_coherent(t, node);
	status = plat_port_kind(t, node, &m->port);
	if (status == DMASIM_OK)
		status = plat_inner_domain(t, node, &m->inner_domain);
	if (status == DMASIM_OK)
		status =
		        plat_dma_ranges(t, node, &m->dma_offset, &m->dma_limit);
	if (status == DMASIM_OK)
		status = host < 0 ? plat_iommus(t, node, &stream)
		                  : plat_iommu_map(t, host, bdf, &stream);
	if (status != DMASIM_OK)
		return status;
	m->smmu = stream.iommu < 0 ? -1 : find_smmu(d, stream.iommu);
	m->stream_id = m->smmu < 0 ? bdf : stream.id;
	if (m->smmu >= 0 && m->dma_offset)
		return plat_fail(t, node,
		                 "dma-ranges with an offset in front of an "
		                 "SMMU are not modelled");
	return DMASIM_OK;
}

static int describe_features(const struct plat_tree *t, int node,
                             uint64_t *features)
{
	static const struct {
		const char *name;
		uint64_t mask;
	} known[] = {
	        {"notify-on-empty", DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY},
	        {"any-layout", DMASIM_VIRTIO_F_ANY_LAYOUT},
	        {"indirect-desc", DMASIM_VIRTIO_F_INDIRECT_DESC},
	        {"event-idx", DMASIM_VIRTIO_F_EVENT_IDX},
	        {"version-1", DMASIM_VIRTIO_F_VERSION_1},
	        {"access-platform", DMASIM_VIRTIO_F_ACCESS_PLATFORM},
	        {"order-platform", DMASIM_VIRTIO_F_ORDER_PLATFORM},
	};
	const size_t count = sizeof(known) / sizeof(*known);

	for (int i = 0;; i++) {
		const char *name;
		size_t k = 0;
		int status =
		        plat_string_at(t, node, "dmasim,features", i, &name);

		if (status != DMASIM_OK || !name)
			return status;
		while (k < count && strcmp(known[k].name, name) != 0)
			k++;
		if (k == count)
			return plat_fail(t, node,
			                 "dmasim,features: no feature is "
			                 "called '%s'",
			                 name);
		*features |= known[k].mask;
	}
}

/** Properties of our own that both transports know. */
static int describe_virtio(const struct plat_tree *t, int node,
                           struct plat_disk_desc *b)
{
	const char *fault;
	int status = plat_u32(t, node, "dmasim,queue-size", &b->queue_size);

	if (status == DMASIM_OK)
		status = plat_string(t, node, "dmasim,serial", &b->serial);
	if (status == DMASIM_OK)
		status = plat_string(t, node, "dmasim,ring-fault", &fault);
	if (status == DMASIM_OK)
		status = describe_features(t, node, &b->features);
	if (status != DMASIM_OK)
		return status;
	if (b->queue_size > 32768 || (b->queue_size & (b->queue_size - 1)))
		return plat_fail(t, node,
		                 "dmasim,queue-size: %u, a power of two up to "
		                 "32768 expected",
		                 b->queue_size);
	if (b->serial && strlen(b->serial) > 20)
		return plat_fail(t, node,
		                 "dmasim,serial: %zu characters, at most 20",
		                 strlen(b->serial));
	if (!fault || strcmp(fault, "stop") == 0)
		b->ring_fault = DMASIM_RING_FAULT_STOP;
	else if (strcmp(fault, "2017") == 0)
		b->ring_fault = DMASIM_RING_FAULT_2017;
	else if (strcmp(fault, "ignore") == 0)
		b->ring_fault = DMASIM_RING_FAULT_IGNORE;
	else
		return plat_fail(t, node,
		                 "dmasim,ring-fault: '%s' is none of stop, "
		                 "2017, ignore",
		                 fault);
	return DMASIM_OK;
}

static int describe_mmio(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	struct plat_disk_desc *b = &d->disk[d->disk_count];
	uint64_t size;
	int status;

	if (d->disk_count == PLAT_DISK_MAX)
		return plat_fail(t, node, "more than %d disks", PLAT_DISK_MAX);
	*b = (struct plat_disk_desc){.node = node,
	                             .transport = DMASIM_TRANSPORT_MMIO,
	                             .mmio_version = 1,
	                             .host = -1,
	                             .line = PLAT_NO_LINE};
	status = plat_reg(t, node, 0, &b->regs, &size);
	if (status == DMASIM_OK && size < MMIO_SIZE)
		status = plat_fail(t, node,
		                   "reg: 0x%llx bytes, virtio-mmio has 0x%x",
		                   (unsigned long long)size, MMIO_SIZE);
	if (status == DMASIM_OK)
		status = plat_u32(t, node, "dmasim,virtio-version",
		                  &b->mmio_version);
	if (status != DMASIM_OK)
		return status;
	if (b->mmio_version < 1 || b->mmio_version > 2)
		return plat_fail(t, node,
		                 "dmasim,virtio-version: %u, 1 or 2 expected",
		                 b->mmio_version);
	if (b->mmio_version == 2)
		b->features = DMASIM_VIRTIO_F_VERSION_1;
	status = describe_virtio(t, node, b);
	if (status == DMASIM_OK)
		status = describe_master(d, node, -1, 0, &b->master);
	if (status == DMASIM_OK)
		status = plat_interrupt(t, node, 0, &b->line);
	if (status == DMASIM_E_NOTFOUND)
		status = plat_fail(t, node, "interrupts: missing");
	if (status == DMASIM_OK)
		status = plat_claim(d, node, "registers", b->regs, MMIO_SIZE);
	if (status == DMASIM_OK)
		d->disk_count++;
	return status;
}

/** PCI bus binding: reg begins with the function's configuration address. */
static int describe_bdf(const struct plat_desc *d, int node, int host,
                        uint16_t *bdf)
{
	const struct plat_tree *t = &d->tree;
	const struct plat_host_desc *h = &d->host[host];
	struct plat_cells c;
	uint32_t bus;
	int status = plat_get_cells(t, node, "reg", &c);

	if (status != DMASIM_OK)
		return status;
	if (c.count < 5)
		return plat_fail(t, node,
		                 "reg: %u cells; 5 say which function it is",
		                 c.count);
	if (plat_cell(&c, 0) & 0xff0000ffu)
		return plat_fail(t, node,
		                 "reg: 0x%x is not the configuration address "
		                 "of a function",
		                 plat_cell(&c, 0));
	*bdf = (uint16_t)(plat_cell(&c, 0) >> 8);
	bus = *bdf >> 8;
	if (bus < h->bus_min || bus > h->bus_max)
		return plat_fail(t, node, "reg: bus %u is not in %u to %u", bus,
		                 h->bus_min, h->bus_max);
	for (size_t i = 0; i < d->disk_count; i++)
		if (d->disk[i].host == host && d->disk[i].bdf == *bdf)
			return plat_fail(t, node, "reg: function used twice");
	for (size_t i = 0; i < d->testdev_count; i++)
		if (d->testdev[i].host == host && d->testdev[i].bdf == *bdf)
			return plat_fail(t, node, "reg: function used twice");
	return DMASIM_OK;
}

static int describe_pci_disk(struct plat_desc *d, int node, int host)
{
	const struct plat_tree *t = &d->tree;
	struct plat_host_desc *h = &d->host[host];
	struct plat_disk_desc *b = &d->disk[d->disk_count];
	int status;

	if (d->disk_count == PLAT_DISK_MAX)
		return plat_fail(t, node, "more than %d disks", PLAT_DISK_MAX);
	*b = (struct plat_disk_desc){.node = node,
	                             .transport = DMASIM_TRANSPORT_PCI_LEGACY,
	                             .host = host};
	if (h->io.size == 0)
		return plat_fail(t, node,
		                 "a legacy virtio-pci device needs an I/O "
		                 "window in ranges of its bridge");
	status = describe_bdf(d, node, host, &b->bdf);
	if (status == DMASIM_OK)
		status = describe_virtio(t, node, b);
	if (status == DMASIM_OK)
		status = describe_master(d, node, h->node, b->bdf, &b->master);
	if (status == DMASIM_OK)
		status = plat_pci_interrupt(t, h->node, b->bdf, 1, &b->line);
	if (status == DMASIM_E_NOTFOUND)
		b->line = PLAT_NO_LINE;
	else if (status != DMASIM_OK)
		return status;
	b->regs = h->ecam_base + ((uint64_t)(b->bdf - (h->bus_min << 8)) << 12);
	d->disk_count++;
	return DMASIM_OK;
}

static int describe_testdev(struct plat_desc *d, int node, int host)
{
	const struct plat_tree *t = &d->tree;
	struct plat_testdev_desc *e = &d->testdev[d->testdev_count];
	int status;

	if (d->testdev_count == PLAT_TESTDEV_MAX)
		return plat_fail(t, node, "more than %d test endpoints",
		                 PLAT_TESTDEV_MAX);
	*e = (struct plat_testdev_desc){.node = node, .host = host};
	status = describe_bdf(d, node, host, &e->bdf);
	if (status == DMASIM_OK)
		status = describe_master(d, node, d->host[host].node, e->bdf,
		                         &e->master);
	if (status == DMASIM_OK)
		d->testdev_count++;
	return status;
}

static int describe_device(struct plat_desc *d, int node, const char *kind)
{
	const struct plat_tree *t = &d->tree;
	int host = find_host(d, t->nodes[node].parent);
	bool mmio = plat_compatible(t, node, "virtio,mmio");

	if (strcmp(kind, "none") == 0)
		return DMASIM_OK;
	if (mmio && strcmp(kind, "blk") == 0)
		return describe_mmio(d, node);
	if (host >= 0 && strcmp(kind, "blk-legacy") == 0)
		return describe_pci_disk(d, node, host);
	if (host >= 0 && strcmp(kind, "testdev") == 0)
		return describe_testdev(d, node, host);
	return plat_fail(t, node,
	                 "dmasim,device: '%s': a virtio,mmio node takes blk "
	                 "or none; a child of a PCI host bridge takes "
	                 "blk-legacy, testdev or none",
	                 kind);
}

/** A tree that knows nothing of us: as QEMU does it, disks are plugged into
 * the virtio-mmio slots from the highest address down. */
static int place_disks(struct plat_desc *d, size_t disks)
{
	const struct plat_tree *t = &d->tree;
	uint64_t below = UINT64_MAX;

	for (size_t n = 0; n < disks; n++) {
		uint64_t best = 0;
		int best_node = -1, status;

		for (int i = 0; i < t->count; i++) {
			uint64_t base, size;

			if (!t->nodes[i].enabled ||
			    !plat_compatible(t, i, "virtio,mmio"))
				continue;
			status = plat_reg(t, i, 0, &base, &size);
			if (status != DMASIM_OK)
				return status;
			if (base < below && (best_node < 0 || base > best)) {
				best = base;
				best_node = i;
			}
		}
		if (best_node < 0)
			return plat_fail(t, 0,
			                 "%zu disks, but the tree has %zu "
			                 "virtio,mmio nodes",
			                 disks, n);
		status = describe_mmio(d, best_node);
		if (status != DMASIM_OK)
			return status;
		below = best;
	}
	return DMASIM_OK;
}

/** A bridge wires the pins of its devices either straight to the four lines
 * or rotated by device number. Another interrupt-map has no such bridge. */
static int check_wiring(struct plat_desc *d, int host)
{
	struct plat_host_desc *h = &d->host[host];
	bool straight = true, rotated = true;

	for (size_t i = 0; i < d->disk_count; i++) {
		const struct plat_disk_desc *b = &d->disk[i];

		if (b->host != host)
			continue;
		straight &= b->line == h->intx[0];
		rotated &= b->line == h->intx[(b->bdf >> 3 & 0x1f) % 4];
	}
	h->straight = !rotated;
	if (straight || rotated)
		return DMASIM_OK;
	return plat_fail(&d->tree, h->node,
	                 "interrupt-map: INTA of the devices is wired neither "
	                 "straight nor rotated by device number");
}

int plat_describe_devices(struct plat_desc *d, size_t disks)
{
	const struct plat_tree *t = &d->tree;
	bool ours = false;

	for (int i = 0; i < t->count; i++) {
		const char *kind;
		int status = plat_string(t, i, "dmasim,device", &kind);

		if (status != DMASIM_OK)
			return status;
		if (!kind)
			continue;
		ours = true;
		if (!t->nodes[i].enabled)
			continue;
		status = describe_device(d, i, kind);
		if (status != DMASIM_OK)
			return status;
	}
	if (!ours)
		return place_disks(d, disks);
	for (size_t i = 0; i < d->host_count; i++) {
		int status = check_wiring(d, (int)i);

		if (status != DMASIM_OK)
			return status;
	}
	if (disks > d->disk_count)
		return plat_fail(t, 0, "%zu disks, but the tree has %zu", disks,
		                 d->disk_count);
	return DMASIM_OK;
}
