/* SPDX-License-Identifier: MIT */
#ifndef BLK_INTERNAL_H
#define BLK_INTERNAL_H

#include "virtio_drv_internal.h"
#include "vring_internal.h"

/* virtio 1.3, 5.2. */
#define BLK_F_RO        (1ull << 5)
#define BLK_F_FLUSH     (1ull << 9)
#define BLK_T_IN        0u
#define BLK_T_OUT       1u
#define BLK_T_FLUSH     4u
#define BLK_T_GET_ID    8u
#define BLK_S_OK        0u
#define BLK_S_UNSUPP    2u
#define BLK_HEADER_SIZE 16u
#define BLK_ID_SIZE     20u

/** The largest request; longer ones are split. */
#define BLK_MAX_BYTES 0x20000u

/** A buffer of the driver's, in the linear map. */
struct blk_buffer {
	uint64_t pa;
	uint64_t dma; /**< while mapped */
};

struct blk_request {
	uint32_t type;
	uint64_t sector;
	uint32_t bytes; /**< of data; 0: none */
	void *in;       /**< what the device is asked for */
	const void *out;
};

struct dmasim_blk_drv {
	struct dmasim_blk_drv_config cfg;
	struct dmasim_guest *guest;
	struct dmasim_smmu_drv *smmu; /**< NULL: not behind one */
	struct drv_virtio t;
	struct dmasim_dma *dma;
	struct dmasim_vring *vring;
	enum dmasim_dma_mode mode;
	uint64_t features; /**< negotiated */
	uint64_t capacity; /**< sectors */
	bool probed;       /**< the device was found */
	bool irq;          /**< set by the handler, cleared by the wait */
	bool dead;         /**< a request was lost; the device still has it */
	uint64_t timeout;
	uint64_t requests; /**< so far */
	/** Header, data and status share no cache line. */
	struct blk_buffer header, data, status;
	char error[256];
};

/** Note and log what went wrong; returns @status. */
int drv_blk_fail(struct dmasim_blk_drv *d, int status, const char *fmt, ...)
        DMASIM_PRINTF(3, 4);
int drv_blk_probe(struct dmasim_blk_drv *d);
void drv_blk_irq(void *ctx, uint32_t line);
int drv_blk_request(struct dmasim_blk_drv *d, const struct blk_request *r);

#endif
