/* SPDX-License-Identifier: MIT */
/* Split virtqueues as arithmetic (virtio 1.3, 2.7). */
#include <stdio.h>

#include "explain_internal.h"

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

/* 2.7.6 and 2.7.8: flags, idx, the ring, and the event field of the other
 * side behind it. */
static uint64_t avail_bytes(unsigned size)
{
	return 4 + 2ull * size + 2;
}

static uint64_t used_bytes(unsigned size)
{
	return 4 + 8ull * size + 2;
}

static bool fits(struct ring *r)
{
	uint64_t desc_bytes = 16ull * r->size;

	if (r->avail < desc_bytes || r->used < r->avail ||
	    r->used > UINT64_MAX - used_bytes(r->size))
		return false;
	r->desc = r->avail - desc_bytes;
	return true;
}

bool ring_from_avail(enum dmasim_layout layout, unsigned size, uint64_t avail,
                     uint64_t align, struct ring *r)
{
	uint64_t end;

	*r = (struct ring){.layout = layout, .size = size, .avail = avail};
	if (align == 0)
		return avail <= UINT64_MAX - avail_bytes(RING_MAX_SIZE);
	if (avail > UINT64_MAX - avail_bytes(size) - align)
		return false;
	end = avail + avail_bytes(size);
	r->used = align_up(end, align);
	return fits(r);
}

bool ring_from_used(enum dmasim_layout layout, unsigned size, uint64_t used,
                    uint64_t align, struct ring *r)
{
	uint64_t desc_bytes = 16ull * size;
	uint64_t before;

	*r = (struct ring){.layout = layout, .size = size, .used = used};
	if (layout == DMASIM_LAYOUT_LEGACY) {
		before = align_up(desc_bytes + avail_bytes(size), align);
		if (used < before)
			return false;
		r->avail = used - before + desc_bytes;
	} else {
		before = align_up(avail_bytes(size), align);
		if (used < before)
			return false;
		r->avail = used - before;
	}
	return fits(r);
}

void ring_span(const struct ring *r, uint64_t *first, uint64_t *end)
{
	if (r->used == 0) {
		*first = r->avail;
		*end = r->avail +
		       avail_bytes(r->size ? r->size : RING_MAX_SIZE);
		return;
	}
	*first = r->desc;
	*end = r->used + used_bytes(r->size);
}

bool ring_page_aligned(const struct ring *r)
{
	uint64_t base = r->layout == DMASIM_LAYOUT_LEGACY ? r->desc : r->avail;

	return base % RING_PAGE == 0;
}

/* 2.7.5: address, length, flags, next. */
static enum ring_field match_desc(uint64_t offset, unsigned *index)
{
	*index = (unsigned)(offset / 16);
	switch (offset % 16) {
	case 0:
		return RING_DESC_ADDR;
	case 4:
		return RING_DESC_ADDR_HIGH;
	case 8:
		return RING_DESC_LEN;
	case 12:
		return RING_DESC_FLAGS;
	case 14:
		return RING_DESC_NEXT;
	default:
		return RING_NONE;
	}
}

static enum ring_field match_avail(unsigned size, uint64_t offset,
                                   unsigned *index)
{
	*index = 0;
	if (offset % 2)
		return RING_NONE;
	if (offset == 0)
		return RING_AVAIL_FLAGS;
	if (offset == 2)
		return RING_AVAIL_IDX;
	*index = (unsigned)((offset - 4) / 2);
	if (*index < (size ? size : RING_MAX_SIZE))
		return RING_AVAIL_RING;
	return size && *index == size ? RING_USED_EVENT : RING_NONE;
}

static enum ring_field match_used(unsigned size, uint64_t offset,
                                  unsigned *index)
{
	*index = 0;
	if (offset == 0)
		return RING_USED_FLAGS;
	if (offset == 2)
		return RING_USED_IDX;
	if (offset < 4 || offset % 4)
		return RING_NONE;
	*index = (unsigned)((offset - 4) / 8);
	if (*index < size)
		return offset % 8 == 4 ? RING_USED_ID : RING_USED_LEN;
	return *index == size && offset % 8 == 4 ? RING_AVAIL_EVENT : RING_NONE;
}

enum ring_field ring_match(const struct ring *r, const struct ring_access *a,
                           unsigned *index)
{
	bool whole = r->used != 0;
	enum ring_field field = RING_NONE;

	*index = 0;
	if (a->may_read && whole && a->addr >= r->desc && a->addr < r->avail)
		return match_desc(a->addr - r->desc, index);
	if (a->may_read && a->addr >= r->avail && (!whole || a->addr < r->used))
		field = match_avail(r->size, a->addr - r->avail, index);
	if (field != RING_NONE || !whole || a->addr < r->used)
		return field;
	field = match_used(r->size, a->addr - r->used, index);
	/* Devices write the used ring; some read back its first two fields. */
	if (!a->may_write && field != RING_USED_FLAGS && field != RING_USED_IDX)
		return RING_NONE;
	return field;
}

void ring_field_name(enum ring_field field, unsigned index, char *buf,
                     size_t size)
{
	static const char *const before[] = {
	        "?",
	        "desc[",
	        "desc[",
	        "desc[",
	        "desc[",
	        "desc[",
	        "avail->flags",
	        "avail->idx",
	        "avail->ring[",
	        "used_event",
	        "used->flags",
	        "used->idx",
	        "used->ring[",
	        "used->ring[",
	        "avail_event",
	};
	static const char *const after[] = {
	        "",  "].addr", "].addr+4", "].len", "].flags", "].next", "", "",
	        "]", "",       "",         "",      "].id",    "].len",  "",
	};

	if (after[field][0])
		snprintf(buf, size, "%s%u%s", before[field], index,
		         after[field]);
	else
		snprintf(buf, size, "%s", before[field]);
}

bool ring_access_of(const struct dmasim_log_record *r, struct ring_access *a)
{
	bool known = (r->mask[1] & EVT1_RNW) != 0;
	bool read = (r->words[1] & EVT1_RNW) != 0;

	if (!evt_has_address(evt_type(r->words)) || r->mask[2] != ~0ull)
		return false;
	*a = (struct ring_access){
	        .addr = r->words[2],
	        .may_read = !known || read,
	        .may_write = !known || !read,
	};
	return true;
}
