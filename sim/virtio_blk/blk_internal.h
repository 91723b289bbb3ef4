/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_BLK_INTERNAL_H
#define DMASIM_BLK_INTERNAL_H

#include "disk_internal.h"

/* Feature bits (virtio 1.3, 5.2.3), as masks. */
#define VBLK_F_SEG_MAX  (1ull << 2)
#define VBLK_F_RO       (1ull << 5)
#define VBLK_F_BLK_SIZE (1ull << 6)
#define VBLK_F_FLUSH    (1ull << 9)

/* Configuration (virtio 1.3, 5.2.4). */
#define VBLK_CONFIG_CAPACITY 0u
#define VBLK_CONFIG_SEG_MAX  12u
#define VBLK_CONFIG_BLK_SIZE 20u
#define VBLK_CONFIG_SIZE     60u

/* Requests (virtio 1.3, 5.2.6). */
#define VBLK_HEADER_SIZE 16u
#define VBLK_ID_SIZE     20u

enum vblk_type {
	VBLK_T_IN = 0,
	VBLK_T_OUT = 1,
	VBLK_T_FLUSH = 4,
	VBLK_T_GET_ID = 8,
};

enum vblk_status {
	VBLK_S_OK = 0,
	VBLK_S_IOERR = 1,
	VBLK_S_UNSUPP = 2,
};

#define VBLK_QUEUE_SIZE 256u
#define VBLK_CHUNK      65536u

struct dmasim_blk {
	struct dmasim_blk_config cfg;
	struct dmasim_virtio *virtio;
	struct dmasim_blk_stats stats;
	uint8_t id[VBLK_ID_SIZE];
	uint8_t config[VBLK_CONFIG_SIZE];
	uint8_t buffer[VBLK_CHUNK];
};

/** The serve of struct dmasim_virtio_ops. */
int64_t vblk_serve(void *obj, struct dmasim_virtio_chain *chain);

#endif
