/* SPDX-License-Identifier: MIT */
/* Where the parts of a split virtqueue lie (virtio 1.3, 2.7). */
#include <stdio.h>

#include "vring_internal.h"

void drv_vring_layout(struct vring_layout *l, uint16_t size, uint64_t align)
{
	l->size = size;
	l->avail = (uint64_t)VRING_DESC_SIZE * size;
	/* used_event follows the available ring. */
	l->used = drv_align_up(l->avail + VRING_AVAIL_RING + 2ull * size + 2,
	                       align);
	/* avail_event follows the used ring. */
	l->total = l->used + VRING_USED_RING +
	           (uint64_t)VRING_USED_ELEM * size + 2;
}

static void desc_field(uint64_t offset, char *buf, size_t size)
{
	uint64_t at = offset % VRING_DESC_SIZE;
	const char *field = at < VRING_DESC_LEN     ? "addr"
	                    : at < VRING_DESC_FLAGS ? "len"
	                    : at < VRING_DESC_NEXT  ? "flags"
	                                            : "next";

	(void)snprintf(buf, size, "desc[%llu].%s",
	               (unsigned long long)(offset / VRING_DESC_SIZE), field);
}

static void avail_field(const struct vring_layout *l, uint64_t offset,
                        char *buf, size_t size)
{
	uint64_t n = (offset - VRING_AVAIL_RING) / 2;

	if (offset < VRING_AVAIL_IDX)
		(void)snprintf(buf, size, "avail.flags");
	else if (offset < VRING_AVAIL_RING)
		(void)snprintf(buf, size, "avail.idx");
	else if (n < l->size)
		(void)snprintf(buf, size, "avail.ring[%llu]",
		               (unsigned long long)n);
	else
		(void)snprintf(buf, size,
		               n == l->size ? "avail.used_event" : "padding");
}

static void used_field(const struct vring_layout *l, uint64_t offset, char *buf,
                       size_t size)
{
	uint64_t n = (offset - VRING_USED_RING) / VRING_USED_ELEM;

	if (offset < VRING_USED_IDX)
		(void)snprintf(buf, size, "used.flags");
	else if (offset < VRING_USED_RING)
		(void)snprintf(buf, size, "used.idx");
	else if (n < l->size)
		(void)snprintf(buf, size, "used.ring[%llu].%s",
		               (unsigned long long)n,
		               (offset - VRING_USED_RING) % VRING_USED_ELEM < 4
		                       ? "id"
		                       : "len");
	else
		(void)snprintf(buf, size,
		               offset < l->total - l->used ? "used.avail_event"
		                                           : "padding");
}

void drv_vring_field(const struct vring_layout *l, uint64_t offset, char *buf,
                     size_t size)
{
	if (offset < l->avail)
		desc_field(offset, buf, size);
	else if (offset < l->used)
		avail_field(l, offset - l->avail, buf, size);
	else
		used_field(l, offset - l->used, buf, size);
}
