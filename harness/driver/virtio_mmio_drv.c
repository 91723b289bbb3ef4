/* SPDX-License-Identifier: MIT */
/* virtio-mmio, driver side: version 2 (virtio 1.3, 4.2.2) and version 1
 * (4.2.4). */
#include "virtio_drv_internal.h"

#define MMIO_SIZE          0x200u
#define MMIO_MAGIC         0x000u
#define MMIO_VERSION       0x004u
#define MMIO_DEVICE_ID     0x008u
#define MMIO_FEATURES      0x010u
#define MMIO_FEATURES_SEL  0x014u
#define MMIO_DRV_FEATURES  0x020u
#define MMIO_DRV_SEL       0x024u
#define MMIO_PAGE_SIZE     0x028u /**< version 1 */
#define MMIO_QUEUE_SEL     0x030u
#define MMIO_QUEUE_NUM_MAX 0x034u
#define MMIO_QUEUE_NUM     0x038u
#define MMIO_QUEUE_ALIGN   0x03cu /**< version 1 */
#define MMIO_QUEUE_PFN     0x040u /**< version 1 */
#define MMIO_QUEUE_READY   0x044u
#define MMIO_NOTIFY        0x050u
#define MMIO_ISR           0x060u
#define MMIO_ISR_ACK       0x064u
#define MMIO_STATUS        0x070u
#define MMIO_DESC          0x080u
#define MMIO_AVAIL         0x090u
#define MMIO_USED          0x0a0u
#define MMIO_GENERATION    0x0fcu
#define MMIO_CONFIG        0x100u
#define MMIO_MAGIC_VALUE   0x74726976u /**< "virt" */

#define MMIO_READ(t, reg, value, what)                                         \
	drv_reg_read((t)->guest, (t)->regs + (reg), 4, value, DMASIM_AT(what))
#define MMIO_WRITE(t, reg, value, what)                                        \
	drv_reg_write((t)->guest, (t)->regs + (reg), 4, value, DMASIM_AT(what))

static int mmio_probe(struct drv_virtio *t)
{
	uint64_t magic, version, id;
	int rc = dmasim_guest_ioremap(t->guest, t->info.regs, MMIO_SIZE,
	                              &t->regs);

	if (!rc)
		rc = MMIO_READ(t, MMIO_MAGIC, &magic, "MagicValue");
	if (!rc)
		rc = MMIO_READ(t, MMIO_VERSION, &version, "Version");
	if (!rc)
		rc = MMIO_READ(t, MMIO_DEVICE_ID, &id, "DeviceID");
	if (rc)
		return rc;
	if (magic != MMIO_MAGIC_VALUE || id != VIRTIO_ID_BLOCK)
		return DMASIM_E_NOTFOUND;
	if (version < 1 || version > 2)
		return DMASIM_E_UNSUPPORTED;
	t->modern = version == 2;
	/* A version 1 device counts the ring's place in pages of this size. */
	return t->modern ? DMASIM_OK
	                 : MMIO_WRITE(t, MMIO_PAGE_SIZE, DRV_PAGE_SIZE,
	                              "GuestPageSize");
}

static int mmio_get_status(struct drv_virtio *t, uint8_t *status)
{
	uint64_t v;
	int rc = MMIO_READ(t, MMIO_STATUS, &v, "Status");

	if (!rc)
		*status = (uint8_t)v;
	return rc;
}

static int mmio_set_status(struct drv_virtio *t, uint8_t status)
{
	return MMIO_WRITE(t, MMIO_STATUS, status, "Status");
}

static int mmio_get_features(struct drv_virtio *t, uint64_t *features)
{
	uint64_t high, low;
	int rc = MMIO_WRITE(t, MMIO_FEATURES_SEL, 1, "DeviceFeaturesSel");

	if (!rc)
		rc = MMIO_READ(t, MMIO_FEATURES, &high, "DeviceFeatures");
	if (!rc)
		rc = MMIO_WRITE(t, MMIO_FEATURES_SEL, 0, "DeviceFeaturesSel");
	if (!rc)
		rc = MMIO_READ(t, MMIO_FEATURES, &low, "DeviceFeatures");
	if (!rc)
		*features = high << 32 | low;
	return rc;
}

static int mmio_set_features(struct drv_virtio *t, uint64_t features)
{
	int rc = MMIO_WRITE(t, MMIO_DRV_SEL, 1, "DriverFeaturesSel");

	if (!rc)
		rc = MMIO_WRITE(t, MMIO_DRV_FEATURES, features >> 32,
		                "DriverFeatures");
	if (!rc)
		rc = MMIO_WRITE(t, MMIO_DRV_SEL, 0, "DriverFeaturesSel");
	return rc ? rc
	          : MMIO_WRITE(t, MMIO_DRV_FEATURES, features & UINT32_MAX,
	                       "DriverFeatures");
}

/** Bytes for version 1, as Linux does; words for version 2. */
static int mmio_config_once(struct drv_virtio *t, uint32_t offset, uint8_t *buf,
                            uint32_t size)
{
	uint32_t step = t->modern && size % 4 == 0 ? 4 : 1;

	for (uint32_t i = 0; i < size; i += step) {
		uint64_t v;
		int rc = drv_reg_read(t->guest,
		                      t->regs + MMIO_CONFIG + offset + i, step,
		                      &v, DMASIM_AT("device configuration"));

		if (rc)
			return rc;
		for (uint32_t b = 0; b < step; b++)
			buf[i + b] = (uint8_t)(v >> (8 * b));
	}
	return DMASIM_OK;
}

/** 2.5.1: read again if the generation changed meanwhile. */
static int mmio_get_config(struct drv_virtio *t, uint32_t offset, uint8_t *buf,
                           uint32_t size)
{
	uint64_t before, after;
	int rc;

	if (!t->modern)
		return mmio_config_once(t, offset, buf, size);
	for (unsigned tries = 0; tries < 100; tries++) {
		rc = MMIO_READ(t, MMIO_GENERATION, &before, "ConfigGeneration");
		if (!rc)
			rc = mmio_config_once(t, offset, buf, size);
		if (!rc)
			rc = MMIO_READ(t, MMIO_GENERATION, &after,
			               "ConfigGeneration");
		if (rc || before == after)
			return rc;
	}
	return DMASIM_E_DEVICE;
}

static int mmio_queue_size(struct drv_virtio *t, uint16_t queue, uint32_t *size)
{
	uint64_t used, max;
	int rc = MMIO_WRITE(t, MMIO_QUEUE_SEL, queue, "QueueSel");

	if (!rc)
		rc = MMIO_READ(t, t->modern ? MMIO_QUEUE_READY : MMIO_QUEUE_PFN,
		               &used, "QueueReady or QueuePFN");
	if (!rc)
		rc = MMIO_READ(t, MMIO_QUEUE_NUM_MAX, &max, "QueueNumMax");
	if (rc)
		return rc;
	*size = (uint32_t)max;
	return used ? DMASIM_E_EXISTS : DMASIM_OK;
}

static int mmio_setup_legacy(struct drv_virtio *t,
                             const struct drv_queue_address *a)
{
	uint64_t pfn = a->desc >> DRV_PAGE_SHIFT;
	int rc;

	if (pfn > UINT32_MAX)
		return DMASIM_E_RANGE;
	rc = MMIO_WRITE(t, MMIO_QUEUE_ALIGN, DRV_PAGE_SIZE, "QueueAlign");
	return rc ? rc : MMIO_WRITE(t, MMIO_QUEUE_PFN, pfn, "QueuePFN");
}

static int mmio_setup_address(struct drv_virtio *t, uint32_t reg, uint64_t addr)
{
	int rc = MMIO_WRITE(t, reg, addr & UINT32_MAX, "queue address, low");

	return rc ? rc
	          : MMIO_WRITE(t, reg + 4, addr >> 32, "queue address, high");
}

static int mmio_queue_setup(struct drv_virtio *t,
                            const struct drv_queue_address *a)
{
	int rc = MMIO_WRITE(t, MMIO_QUEUE_SEL, a->queue, "QueueSel");

	if (!rc)
		rc = MMIO_WRITE(t, MMIO_QUEUE_NUM, a->size, "QueueNum");
	if (!rc && !t->modern)
		return mmio_setup_legacy(t, a);
	if (!rc)
		rc = mmio_setup_address(t, MMIO_DESC, a->desc);
	if (!rc)
		rc = mmio_setup_address(t, MMIO_AVAIL, a->avail);
	if (!rc)
		rc = mmio_setup_address(t, MMIO_USED, a->used);
	return rc ? rc : MMIO_WRITE(t, MMIO_QUEUE_READY, 1, "QueueReady");
}

static int mmio_notify(struct drv_virtio *t, uint16_t queue)
{
	return MMIO_WRITE(t, MMIO_NOTIFY, queue, "QueueNotify");
}

static int mmio_interrupt(struct drv_virtio *t, uint32_t *isr)
{
	uint64_t v;
	int rc = MMIO_READ(t, MMIO_ISR, &v, "InterruptStatus");

	if (rc)
		return rc;
	*isr = (uint32_t)v;
	return MMIO_WRITE(t, MMIO_ISR_ACK, v, "InterruptACK");
}

const struct drv_virtio_ops drv_virtio_mmio = {
        .probe = mmio_probe,
        .get_status = mmio_get_status,
        .set_status = mmio_set_status,
        .get_features = mmio_get_features,
        .set_features = mmio_set_features,
        .get_config = mmio_get_config,
        .queue_size = mmio_queue_size,
        .queue_setup = mmio_queue_setup,
        .notify = mmio_notify,
        .interrupt = mmio_interrupt,
};
