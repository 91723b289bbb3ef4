/* SPDX-License-Identifier: MIT */
/* Legacy virtio-pci (virtio 1.3, 4.1.4.10; virtio 0.9.5, 2.1 and 2.2). */
#include "virtio_internal.h"

#define PCI_VENDOR_VIRTIO 0x1af4u
#define PCI_LEGACY_BAR    128u

/* name, offset, size */
#define LEGACY_REGISTERS(X)                                                    \
	X(HOST_FEATURES, 0x00, 4)                                              \
	X(GUEST_FEATURES, 0x04, 4)                                             \
	X(QUEUE_PFN, 0x08, 4)                                                  \
	X(QUEUE_SIZE, 0x0c, 2)                                                 \
	X(QUEUE_SELECT, 0x0e, 2)                                               \
	X(QUEUE_NOTIFY, 0x10, 2)                                               \
	X(STATUS, 0x12, 1)                                                     \
	X(ISR, 0x13, 1)

enum legacy_register {
#define X(name, offset, size) LEGACY_##name = (offset),
	LEGACY_REGISTERS(X)
#undef X
	/* Device configuration follows, as MSI-X is not there. */
	LEGACY_CONFIG = 0x14,
};

/** Size of each register, at its offset. */
static const uint8_t reg_size[LEGACY_CONFIG] = {
#define X(name, offset, size) [offset] = (size),
        LEGACY_REGISTERS(X)
#undef X
};

/* Device IDs that the legacy interface has numbers and classes for. */
static const struct legacy_id {
	uint32_t device_id;
	uint16_t pci_device;
	uint32_t class_code;
} legacy_ids[] = {
        {1, 0x1000, 0x020000}, /* network card */
        {2, 0x1001, 0x010000}, /* block device */
        {3, 0x1003, 0x078000}, /* console */
        {4, 0x1005, 0x00ff00}, /* entropy source */
        {5, 0x1002, 0x00ff00}, /* memory balloon */
        {8, 0x1004, 0x010000}, /* SCSI host */
        {9, 0x1009, 0x000200}, /* 9P transport */
};

static uint32_t legacy_read(struct dmasim_virtio *v, enum legacy_register reg)
{
	const struct virtio_queue *q = virtio_selected(v);
	uint32_t value;

	switch (reg) {
	case LEGACY_HOST_FEATURES:
		return virtio_read_features(v, 0);
	case LEGACY_GUEST_FEATURES:
		return (uint32_t)v->accepted;
	case LEGACY_QUEUE_PFN:
		return q ? q->pfn : 0;
	case LEGACY_QUEUE_SIZE:
		return q ? q->size : 0;
	case LEGACY_QUEUE_SELECT:
		return v->queue_select;
	case LEGACY_STATUS:
		return v->status;
	case LEGACY_ISR:
		/* 4.1.4.5: reading acknowledges. */
		value = v->isr;
		virtio_interrupt_clear(v, UINT8_MAX);
		return value;
	default:
		return 0;
	}
}

static void legacy_write_pfn(struct dmasim_virtio *v, uint32_t pfn)
{
	struct virtio_queue *q = virtio_selected(v);

	if (!q) {
		virtio_warn(v, "queue %u does not exist", v->queue_select);
		return;
	}
	q->align = VRING_LEGACY_PCI_ALIGN;
	virtio_queue_set_pfn(v, q, pfn, VRING_LEGACY_PCI_ALIGN);
}

static void legacy_write(struct dmasim_virtio *v, enum legacy_register reg,
                         uint32_t value)
{
	switch (reg) {
	case LEGACY_GUEST_FEATURES:
		virtio_write_features(v, 0, value);
		break;
	case LEGACY_QUEUE_PFN:
		legacy_write_pfn(v, value);
		break;
	case LEGACY_QUEUE_SELECT:
		v->queue_select = (uint16_t)value;
		break;
	case LEGACY_QUEUE_NOTIFY:
		virtio_kick(v, value);
		break;
	case LEGACY_STATUS:
		virtio_set_status(v, (uint8_t)value);
		break;
	default:
		virtio_warn(v, "write of read-only register 0x%02x",
		            (unsigned)reg);
		break;
	}
}

enum dmasim_result virtio_pci_access(void *obj, unsigned index,
                                     struct dmasim_txn *txn)
{
	struct dmasim_virtio *v = obj;
	enum legacy_register reg = (enum legacy_register)txn->offset;

	(void)index;
	if (dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	/* An I/O access is one, two or four bytes. */
	if (dmasim_op_is_atomic(txn->op) || txn->size > 4 || txn->size == 3)
		return DMASIM_TXN_SLAVE;
	if (txn->offset >= LEGACY_CONFIG)
		return virtio_config_access(v, LEGACY_CONFIG, txn);
	if (reg_size[txn->offset] != txn->size)
		return DMASIM_TXN_SLAVE;
	if (txn->op == DMASIM_READ) {
		virtio_put(txn->data, legacy_read(v, reg), txn->size);
		virtio_note(v, txn, false);
	} else {
		uint8_t data[4] = {0};

		virtio_note(v, txn, reg == LEGACY_QUEUE_NOTIFY);
		for (uint32_t i = 0; i < txn->size; i++)
			data[i] = txn->data[i];
		legacy_write(v, reg, virtio_get32(data));
	}
	return DMASIM_TXN_OK;
}

static const struct legacy_id *legacy_find(uint32_t device_id)
{
	for (size_t i = 0; i < sizeof(legacy_ids) / sizeof(*legacy_ids); i++)
		if (legacy_ids[i].device_id == device_id)
			return &legacy_ids[i];
	return NULL;
}

int dmasim_virtio_pci_legacy(struct dmasim_virtio *v,
                             struct dmasim_pci_host *host, uint16_t bdf)
{
	struct dmasim_pci_function_config f = {
	        .bdf = bdf,
	        .vendor = PCI_VENDOR_VIRTIO,
	        .subsystem_vendor = PCI_VENDOR_VIRTIO,
	        .interrupt_pin = 1,
	        .bars[0] = {DMASIM_BAR_IO, PCI_LEGACY_BAR},
	        .bar_access = virtio_pci_access,
	        .obj = v,
	};
	const struct legacy_id *id;
	int status;

	if (!v || !host)
		return DMASIM_E_INVAL;
	id = legacy_find(v->cfg.ops->device_id);
	if (!id)
		return DMASIM_E_UNSUPPORTED;
	if (v->transport != VIRTIO_TRANSPORT_NONE)
		return DMASIM_E_STATE;
	f.device = id->pci_device;
	f.subsystem = (uint16_t)id->device_id;
	f.class_code = id->class_code;
	status = dmasim_pci_add(host, &f, &v->function);
	if (status)
		return status;
	return virtio_attach(v, VIRTIO_TRANSPORT_PCI_LEGACY);
}
