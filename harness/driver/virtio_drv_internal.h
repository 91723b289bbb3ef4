/* SPDX-License-Identifier: MIT */
/* Transports, as the drivers of devices use them. */
#ifndef VIRTIO_DRV_INTERNAL_H
#define VIRTIO_DRV_INTERNAL_H

#include "driver_internal.h"

/* virtio 1.3, 2.1: device status. */
#define VIRTIO_S_ACKNOWLEDGE 0x01u
#define VIRTIO_S_DRIVER      0x02u
#define VIRTIO_S_DRIVER_OK   0x04u
#define VIRTIO_S_FEATURES_OK 0x08u
#define VIRTIO_S_NEEDS_RESET 0x40u
#define VIRTIO_S_FAILED      0x80u

#define VIRTIO_ID_BLOCK 2u
/** Interrupt status: the configuration changed (4.1.4.5, 4.2.2). */
#define VIRTIO_ISR_CONFIG 2u

struct drv_virtio;

/** Where the device finds a queue. */
struct drv_queue_address {
	uint16_t queue, size;
	uint64_t desc, avail, used;
};

/** Each returns OK or an error of the register accesses, beside those named.
 */
struct drv_virtio_ops {
	/** Find the device. E_NOTFOUND: another one or none is there;
	 * E_UNSUPPORTED. */
	int (*probe)(struct drv_virtio *t);
	int (*get_status)(struct drv_virtio *t, uint8_t *status);
	int (*set_status)(struct drv_virtio *t, uint8_t status);
	int (*get_features)(struct drv_virtio *t, uint64_t *features);
	int (*set_features)(struct drv_virtio *t, uint64_t features);
	int (*get_config)(struct drv_virtio *t, uint32_t offset, uint8_t *buf,
	                  uint32_t size);
	/** *@size 0: there is no such queue. E_EXISTS: it is in use. */
	int (*queue_size)(struct drv_virtio *t, uint16_t queue, uint32_t *size);
	/** E_RANGE: the device cannot be told that address. */
	int (*queue_setup)(struct drv_virtio *t,
	                   const struct drv_queue_address *a);
	int (*notify)(struct drv_virtio *t, uint16_t queue);
	/** Read and acknowledge. */
	int (*interrupt)(struct drv_virtio *t, uint32_t *isr);
};

struct drv_virtio {
	const struct drv_virtio_ops *ops;
	struct dmasim_guest *guest;
	struct dmasim_disk_info info;
	uint64_t regs; /**< virtual address of the registers */
	bool modern;
};

extern const struct drv_virtio_ops drv_virtio_mmio;
extern const struct drv_virtio_ops drv_virtio_pci;

#endif
