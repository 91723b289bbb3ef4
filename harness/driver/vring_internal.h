/* SPDX-License-Identifier: MIT */
#ifndef VRING_INTERNAL_H
#define VRING_INTERNAL_H

#include "driver_internal.h"

#define VRING_MAX_SIZE 32768u

/* virtio 1.3, 2.7.5: descriptor. */
#define VRING_DESC_SIZE  16u
#define VRING_DESC_ADDR  0u
#define VRING_DESC_LEN   8u
#define VRING_DESC_FLAGS 12u
#define VRING_DESC_NEXT  14u
#define VRING_F_NEXT     1u
#define VRING_F_WRITE    2u
/* 2.7.6: available ring. */
#define VRING_AVAIL_FLAGS 0u
#define VRING_AVAIL_IDX   2u
#define VRING_AVAIL_RING  4u
/* 2.7.8: used ring. */
#define VRING_USED_FLAGS     0u
#define VRING_USED_IDX       2u
#define VRING_USED_RING      4u
#define VRING_USED_ELEM      8u
#define VRING_USED_NO_NOTIFY 1u

/** Offsets of the three parts in one block of memory. */
struct vring_layout {
	uint16_t size; /**< entries */
	uint64_t avail, used, total;
};

/** The used ring starts at a multiple of @align. */
void drv_vring_layout(struct vring_layout *l, uint16_t size, uint64_t align);
/** The field at @offset: "desc[3].addr", "avail.idx", "used.ring[0].len",
 * "padding". */
void drv_vring_field(const struct vring_layout *l, uint64_t offset, char *buf,
                     size_t size);

/** What a descriptor holds, out of the device's reach. */
struct vring_slot {
	uint16_t next;
	uint16_t count; /**< of a head: descriptors of the chain; else 0 */
};

struct dmasim_vring {
	struct dmasim_vring_config cfg;
	struct dmasim_guest *guest;
	struct vring_layout layout;
	uint64_t va, dma, pa;
	struct vring_slot *slots;
	uint16_t free_head, free_count;
	uint16_t avail_idx; /**< shadow */
	uint16_t last_used;
	/** avail.idx and used.idx as written and seen last, for messages. */
	uint16_t used_seen;
	bool broken;
	char error[128];
};

/** Name the ring's fields for findings. */
int drv_vring_name(struct dmasim_vring *v);
/** Read a blob into @fresh, which gets slots of its own. OK, E_FORMAT,
 * E_NOMEM. */
int drv_vring_parse(const struct dmasim_vring *v, struct dmasim_reader *r,
                    struct dmasim_vring *fresh);
/** Takes what @fresh holds. */
void drv_vring_commit(struct dmasim_vring *v, const struct dmasim_vring *fresh);

#endif
