/* SPDX-License-Identifier: MIT */
/* Legacy virtio-pci, driver side (virtio 1.3, 4.1.4.10): the function is set
 * up through ECAM, its registers are in an I/O BAR. */
#include "virtio_drv_internal.h"

/* Configuration space. */
#define CFG_SIZE        0x1000u
#define CFG_ID          0x00u
#define CFG_COMMAND     0x04u
#define CFG_REVISION    0x08u
#define CFG_BAR0        0x10u
#define CFG_SUBSYSTEM   0x2cu
#define CFG_COMMAND_IO  0x1u
#define CFG_COMMAND_DMA 0x4u
#define CFG_BAR_IO      0x1u
#define CFG_BAR_IO_MASK 0xfffffffcu

#define PCI_VENDOR_VIRTIO 0x1af4u
#define PCI_DEVICE_FIRST  0x1000u /**< of the transitional devices */
#define PCI_DEVICE_LAST   0x103fu

/* The I/O BAR, without MSI-X. */
#define IO_SIZE         0x14u
#define IO_FEATURES     0x00u
#define IO_DRV_FEATURES 0x04u
#define IO_QUEUE_PFN    0x08u
#define IO_QUEUE_NUM    0x0cu
#define IO_QUEUE_SEL    0x0eu
#define IO_NOTIFY       0x10u
#define IO_STATUS       0x12u
#define IO_ISR          0x13u
#define IO_CONFIG       0x14u

#define IO_READ(t, reg, size, value, what)                                     \
	drv_reg_read((t)->guest, (t)->regs + (reg), size, value,               \
	             DMASIM_AT(what))
#define IO_WRITE(t, reg, size, value, what)                                    \
	drv_reg_write((t)->guest, (t)->regs + (reg), size, value,              \
	              DMASIM_AT(what))

/** A legacy block device is what this driver is for. */
static int pci_identify(struct drv_virtio *t, uint64_t ecam)
{
	struct dmasim_guest *g = t->guest;
	uint64_t id, revision, subsystem;
	int rc = drv_reg_read(g, ecam + CFG_ID, 4, &id,
	                      DMASIM_AT("PCI vendor and device"));

	if (!rc)
		rc = drv_reg_read(g, ecam + CFG_REVISION, 1, &revision,
		                  DMASIM_AT("PCI revision"));
	if (!rc)
		rc = drv_reg_read(g, ecam + CFG_SUBSYSTEM, 4, &subsystem,
		                  DMASIM_AT("PCI subsystem"));
	if (rc)
		return rc;
	if ((id & 0xffff) != PCI_VENDOR_VIRTIO || id >> 16 < PCI_DEVICE_FIRST ||
	    id >> 16 > PCI_DEVICE_LAST || revision ||
	    subsystem >> 16 != VIRTIO_ID_BLOCK)
		return DMASIM_E_NOTFOUND;
	return DMASIM_OK;
}

/** Size BAR 0 and give it a place in the I/O window. */
static int pci_assign_bar(struct drv_virtio *t, uint64_t ecam, uint64_t *offset)
{
	struct dmasim_guest *g = t->guest;
	const struct dmasim_disk_info *info = &t->info;
	uint64_t bar, size;
	int rc = drv_reg_write(g, ecam + CFG_COMMAND, 2, 0,
	                       DMASIM_AT("PCI command"));

	if (!rc)
		rc = drv_reg_write(g, ecam + CFG_BAR0, 4, UINT32_MAX,
		                   DMASIM_AT("PCI BAR 0, size"));
	if (!rc)
		rc = drv_reg_read(g, ecam + CFG_BAR0, 4, &bar,
		                  DMASIM_AT("PCI BAR 0, size"));
	if (rc)
		return rc;
	if (!(bar & CFG_BAR_IO) || !(bar & CFG_BAR_IO_MASK))
		return DMASIM_E_UNSUPPORTED;
	size = (~(bar & CFG_BAR_IO_MASK) & UINT32_MAX) + 1;
	/* The device may decode 16 bits of I/O addresses only. */
	size &= 0xffff;
	if (size < IO_SIZE || !drv_power_of_two(size))
		return DMASIM_E_UNSUPPORTED;
	rc = drv_guest_io_bar(g, info->pci_io_cpu, info->pci_io_size, info->bdf,
	                      size, offset);
	return rc ? rc
	          : drv_reg_write(g, ecam + CFG_BAR0, 4,
	                          info->pci_io_bus + *offset,
	                          DMASIM_AT("PCI BAR 0"));
}

static int pci_probe(struct drv_virtio *t)
{
	uint64_t ecam, offset;
	int rc = dmasim_guest_ioremap(t->guest, t->info.regs, CFG_SIZE, &ecam);

	if (!rc)
		rc = pci_identify(t, ecam);
	if (!rc)
		rc = pci_assign_bar(t, ecam, &offset);
	/* Without the bus master bit its DMA would go nowhere. */
	if (!rc)
		rc = drv_reg_write(t->guest, ecam + CFG_COMMAND, 2,
		                   CFG_COMMAND_IO | CFG_COMMAND_DMA,
		                   DMASIM_AT("PCI command"));
	return rc ? rc
	          : dmasim_guest_ioremap(t->guest, t->info.pci_io_cpu + offset,
	                                 IO_SIZE, &t->regs);
}

static int pci_get_status(struct drv_virtio *t, uint8_t *status)
{
	uint64_t v;
	int rc = IO_READ(t, IO_STATUS, 1, &v, "device status");

	if (!rc)
		*status = (uint8_t)v;
	return rc;
}

static int pci_set_status(struct drv_virtio *t, uint8_t status)
{
	return IO_WRITE(t, IO_STATUS, 1, status, "device status");
}

static int pci_get_features(struct drv_virtio *t, uint64_t *features)
{
	return IO_READ(t, IO_FEATURES, 4, features, "device features");
}

static int pci_set_features(struct drv_virtio *t, uint64_t features)
{
	return IO_WRITE(t, IO_DRV_FEATURES, 4, features & UINT32_MAX,
	                "driver features");
}

static int pci_get_config(struct drv_virtio *t, uint32_t offset, uint8_t *buf,
                          uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		uint64_t v;
		int rc = IO_READ(t, IO_CONFIG + offset + i, 1, &v,
		                 "device configuration");

		if (rc)
			return rc;
		buf[i] = (uint8_t)v;
	}
	return DMASIM_OK;
}

static int pci_queue_size(struct drv_virtio *t, uint16_t queue, uint32_t *size)
{
	uint64_t pfn, num;
	int rc = IO_WRITE(t, IO_QUEUE_SEL, 2, queue, "queue select");

	if (!rc)
		rc = IO_READ(t, IO_QUEUE_NUM, 2, &num, "queue size");
	if (!rc)
		rc = IO_READ(t, IO_QUEUE_PFN, 4, &pfn, "queue address");
	if (rc)
		return rc;
	*size = (uint32_t)num;
	return pfn ? DMASIM_E_EXISTS : DMASIM_OK;
}

static int pci_queue_setup(struct drv_virtio *t,
                           const struct drv_queue_address *a)
{
	uint64_t pfn = a->desc >> DRV_PAGE_SHIFT;
	int rc;

	if (pfn > UINT32_MAX)
		return DMASIM_E_RANGE;
	rc = IO_WRITE(t, IO_QUEUE_SEL, 2, a->queue, "queue select");
	return rc ? rc : IO_WRITE(t, IO_QUEUE_PFN, 4, pfn, "queue address");
}

static int pci_notify(struct drv_virtio *t, uint16_t queue)
{
	return IO_WRITE(t, IO_NOTIFY, 2, queue, "queue notify");
}

/** Reading acknowledges. */
static int pci_interrupt(struct drv_virtio *t, uint32_t *isr)
{
	uint64_t v;
	int rc = IO_READ(t, IO_ISR, 1, &v, "ISR status");

	if (!rc)
		*isr = (uint32_t)v;
	return rc;
}

const struct drv_virtio_ops drv_virtio_pci = {
        .probe = pci_probe,
        .get_status = pci_get_status,
        .set_status = pci_set_status,
        .get_features = pci_get_features,
        .set_features = pci_set_features,
        .get_config = pci_get_config,
        .queue_size = pci_queue_size,
        .queue_setup = pci_queue_setup,
        .notify = pci_notify,
        .interrupt = pci_interrupt,
};
