/* SPDX-License-Identifier: MIT */
/* Probing a virtio-blk device, in the order of virtio 1.3, 3.1.1. */
#include <stdio.h>

#include "blk_internal.h"

/** Longest wait for a reset to show. */
#define RESET_TIMEOUT DMASIM_SEC

/** Who sets the machine up attaches the stream before any driver runs, so
 * that a driver without the DMA API still has a translating SMMU before it.
 */
static int find_smmu(struct dmasim_blk_drv *d)
{
	const struct dmasim_disk_info *info = &d->t.info;
	struct dmasim_smmu_drv *smmu = d->cfg.smmu;

	if (info->smmu < 0 || !smmu)
		return DMASIM_OK;
	if (drv_smmu_index(smmu) != (size_t)info->smmu)
		return drv_blk_fail(d, DMASIM_E_INVAL,
		                    "the disk is behind another SMMU");
	d->smmu = smmu;
	if (drv_smmu_attached(smmu, info->stream_id))
		return DMASIM_OK;
	return dmasim_smmu_drv_attach(smmu, info->stream_id, DMASIM_DOMAIN_DMA);
}

static int reset_device(struct dmasim_blk_drv *d)
{
	uint64_t start = dmasim_now(d->guest->kernel);
	uint8_t status;
	int rc = d->t.ops->set_status(&d->t, 0);

	while (!rc) {
		rc = d->t.ops->get_status(&d->t, &status);
		if (rc || !status)
			break;
		if (dmasim_now(d->guest->kernel) - start > RESET_TIMEOUT)
			return drv_blk_fail(d, DMASIM_E_TIMEOUT,
			                    "the reset does not end");
		rc = dmasim_cpu_delay(d->guest->cpu, DMASIM_MS);
	}
	return rc;
}

static int choose_mode(struct dmasim_blk_drv *d)
{
	const struct dmasim_policy_input in = {
	        .version_1 = d->features & DMASIM_VIRTIO_F_VERSION_1,
	        .access_platform =
	                d->features & DMASIM_VIRTIO_F_ACCESS_PLATFORM,
	        .arm = true,
	};

	switch (d->cfg.mapping) {
	case DMASIM_MAPPING_PHYSICAL:
		d->mode = DMASIM_DMA_PHYSICAL;
		break;
	case DMASIM_MAPPING_COHERENT:
		d->mode = DMASIM_DMA_COHERENT;
		break;
	case DMASIM_MAPPING_NONCOHERENT:
		d->mode = DMASIM_DMA_NONCOHERENT;
		break;
	case DMASIM_MAPPING_IOMMU:
		d->mode = DMASIM_DMA_IOMMU;
		break;
	case DMASIM_MAPPING_AUTO:
		if (!dmasim_policy_use_dma_api(d->cfg.policy, &in))
			d->mode = DMASIM_DMA_PHYSICAL;
		else if (d->smmu)
			d->mode = DMASIM_DMA_IOMMU;
		else
			d->mode = d->t.info.coherent ? DMASIM_DMA_COHERENT
			                             : DMASIM_DMA_NONCOHERENT;
		break;
	}
	if (d->mode == DMASIM_DMA_IOMMU && !d->smmu)
		return drv_blk_fail(d, DMASIM_E_INVAL,
		                    "the disk is not behind an SMMU that has "
		                    "a driver");
	return DMASIM_OK;
}

static int negotiate(struct dmasim_blk_drv *d)
{
	const uint64_t known = BLK_F_RO | BLK_F_FLUSH |
	                       DMASIM_VIRTIO_F_VERSION_1 |
	                       DMASIM_VIRTIO_F_ACCESS_PLATFORM |
	                       DMASIM_VIRTIO_F_ORDER_PLATFORM;
	uint64_t offered;
	uint8_t status;
	int rc = d->t.ops->get_features(&d->t, &offered);

	if (rc)
		return rc;
	if (d->t.modern && !(offered & DMASIM_VIRTIO_F_VERSION_1))
		return drv_blk_fail(d, DMASIM_E_UNSUPPORTED,
		                    "a modern transport without VERSION_1");
	d->features = offered & known;
	rc = choose_mode(d);
	if (rc)
		return rc;
	/* To take it and then hand out physical addresses would be a lie. */
	if (d->mode == DMASIM_DMA_PHYSICAL)
		d->features &= ~DMASIM_VIRTIO_F_ACCESS_PLATFORM;
	rc = d->t.ops->set_features(&d->t, d->features);
	if (rc || !d->t.modern)
		return rc;
	rc = d->t.ops->set_status(&d->t, VIRTIO_S_ACKNOWLEDGE |
	                                         VIRTIO_S_DRIVER |
	                                         VIRTIO_S_FEATURES_OK);
	if (!rc)
		rc = d->t.ops->get_status(&d->t, &status);
	if (rc)
		return rc;
	if (!(status & VIRTIO_S_FEATURES_OK))
		return drv_blk_fail(d, DMASIM_E_DEVICE,
		                    "the device refuses the features 0x%llx",
		                    (unsigned long long)d->features);
	return DMASIM_OK;
}

static int read_capacity(struct dmasim_blk_drv *d)
{
	uint8_t bytes[8];
	int rc = d->t.ops->get_config(&d->t, 0, bytes, sizeof(bytes));

	if (rc)
		return rc;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		d->capacity |= (uint64_t)bytes[i] << (8 * i);
	return DMASIM_OK;
}

static int name_buffer(struct dmasim_blk_drv *d, const struct blk_buffer *b,
                       uint64_t size, const char *what)
{
	char name[64];

	if (!d->guest->checker)
		return DMASIM_OK;
	(void)snprintf(name, sizeof(name), "virtio-blk %zu %s", d->cfg.disk,
	               what);
	return dmasim_name_region(d->guest->checker, b->pa, size, name, NULL,
	                          NULL);
}

/** Header and status lie in one page, in lines of their own. */
static int alloc_buffers(struct dmasim_blk_drv *d)
{
	struct dmasim_guest *g = d->guest;
	uint64_t max = drv_dma_max_pa(d->dma);
	int rc = drv_guest_alloc_below(g, DRV_PAGE_SIZE, DRV_PAGE_SIZE, max,
	                               &d->header.pa);

	if (rc)
		return rc;
	d->status.pa = d->header.pa + dmasim_cpu_line_size(g->cpu);
	rc = drv_guest_alloc_below(g, BLK_MAX_BYTES, DRV_PAGE_SIZE, max,
	                           &d->data.pa);
	if (rc)
		return rc;
	rc = name_buffer(d, &d->header, BLK_HEADER_SIZE, "request header");
	if (!rc)
		rc = name_buffer(d, &d->status, 1, "request status");
	return rc ? rc
	          : name_buffer(d, &d->data, BLK_MAX_BYTES, "request data");
}

static int setup_dma(struct dmasim_blk_drv *d)
{
	const struct dmasim_disk_info *info = &d->t.info;
	const struct dmasim_dma_config cfg = {
	        .guest = d->guest,
	        .mode = d->mode,
	        .coherent = info->coherent,
	        .smmu = d->mode == DMASIM_DMA_IOMMU ? d->smmu : NULL,
	        .stream_id = info->stream_id,
	        .offset = info->dma_offset,
	        .limit = info->dma_limit,
	};
	int rc = dmasim_dma_create(&cfg, &d->dma);

	return rc ? rc : alloc_buffers(d);
}

static int setup_queue(struct dmasim_blk_drv *d)
{
	struct dmasim_vring_config cfg = {
	        .guest = d->guest,
	        .dma = d->dma,
	        .legacy = !d->t.modern,
	        .weak_barriers =
	                !(d->features & DMASIM_VIRTIO_F_ORDER_PLATFORM),
	        .agent_stream = d->t.info.stream_id,
	};
	struct drv_queue_address a = {.queue = 0};
	uint64_t pa;
	uint32_t size;
	int rc = d->t.ops->queue_size(&d->t, 0, &size);

	if (rc)
		return rc;
	if (size > VRING_MAX_SIZE || !drv_power_of_two(size))
		return drv_blk_fail(d, DMASIM_E_DEVICE, "a queue of %u entries",
		                    size);
	cfg.size = (uint16_t)size;
	rc = dmasim_vring_create(&cfg, &d->vring);
	if (rc)
		return rc;
	a.size = cfg.size;
	dmasim_vring_addresses(d->vring, &a.desc, &a.avail, &a.used, &pa);
	return d->t.ops->queue_setup(&d->t, &a);
}

static int start(struct dmasim_blk_drv *d)
{
	uint8_t status = VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER;
	int rc = reset_device(d);

	if (!rc)
		rc = d->t.ops->set_status(&d->t, VIRTIO_S_ACKNOWLEDGE);
	if (!rc)
		rc = d->t.ops->set_status(&d->t, status);
	if (!rc)
		rc = negotiate(d);
	if (!rc)
		rc = read_capacity(d);
	if (!rc)
		rc = setup_dma(d);
	if (!rc)
		rc = setup_queue(d);
	if (!rc)
		rc = drv_irq_request(d->guest, d->t.info.irq, drv_blk_irq, d);
	if (d->t.modern)
		status |= VIRTIO_S_FEATURES_OK;
	return rc ? rc
	          : d->t.ops->set_status(&d->t, status | VIRTIO_S_DRIVER_OK);
}

int drv_blk_probe(struct dmasim_blk_drv *d)
{
	int rc =
	        dmasim_machine_disk(d->guest->machine, d->cfg.disk, &d->t.info);

	if (rc)
		return rc;
	d->t.guest = d->guest;
	d->t.ops = d->t.info.transport == DMASIM_TRANSPORT_MMIO
	                   ? &drv_virtio_mmio
	                   : &drv_virtio_pci;
	rc = find_smmu(d);
	if (!rc)
		rc = d->t.ops->probe(&d->t);
	if (rc)
		return rc;
	d->probed = true;
	rc = start(d);
	if (rc) {
		(void)d->t.ops->set_status(&d->t, VIRTIO_S_FAILED);
		if (!d->error[0])
			(void)drv_blk_fail(d, rc, "probe failed: %s",
			                   dmasim_strerror(rc));
	}
	return rc;
}
