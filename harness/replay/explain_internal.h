/* SPDX-License-Identifier: MIT */
/*
 * Rings as arithmetic (explain_ring.c), and the search for those that explain
 * the records of a stream (explain.c).
 */
#ifndef REPLAY_EXPLAIN_INTERNAL_H
#define REPLAY_EXPLAIN_INTERNAL_H

#include "replay_internal.h"

#define RING_MAX_SIZE 32768u
#define RING_PAGE     4096u

/* What devices access of a ring. */
enum ring_field {
	RING_NONE,
	RING_DESC_ADDR,
	RING_DESC_ADDR_HIGH,
	RING_DESC_LEN,
	RING_DESC_FLAGS,
	RING_DESC_NEXT,
	RING_AVAIL_FLAGS,
	RING_AVAIL_IDX,
	RING_AVAIL_RING,
	RING_USED_EVENT,
	RING_USED_FLAGS,
	RING_USED_IDX,
	RING_USED_ID,
	RING_USED_LEN,
	RING_AVAIL_EVENT,
};

struct ring {
	enum dmasim_layout layout;
	unsigned size; /**< 0: open */
	/** used 0: only the avail ring is known. */
	uint64_t desc, avail, used;
};

/** The ring of @size whose avail ring is at @avail, the used ring behind it
 * at a multiple of @align; @align 0: only the avail ring is known. False: it
 * does not fit the address space. */
bool ring_from_avail(enum dmasim_layout layout, unsigned size, uint64_t avail,
                     uint64_t align, struct ring *r);
/** The same from the used ring; legacy blocks begin at a page then. */
bool ring_from_used(enum dmasim_layout layout, unsigned size, uint64_t used,
                    uint64_t align, struct ring *r);
/** First byte, and first byte behind it. */
void ring_span(const struct ring *r, uint64_t *first, uint64_t *end);
bool ring_page_aligned(const struct ring *r);

/** One access: a record's address and direction; if the direction is not
 * known, both are allowed. */
struct ring_access {
	uint64_t addr;
	bool may_read, may_write;
};

enum ring_field ring_match(const struct ring *r, const struct ring_access *a,
                           unsigned *index);
/** "avail->ring[3]". */
void ring_field_name(enum ring_field field, unsigned index, char *buf,
                     size_t size);

/** False: a record without an address of the device. */
bool ring_access_of(const struct dmasim_log_record *r, struct ring_access *a);

/** As dmasim_explain(), for any list of records. */
int explain_records(const struct dmasim_log_record *const *records,
                    size_t count, const struct dmasim_explain_options *opt,
                    struct dmasim_explanation **out, size_t *out_count);
/** The ring of an explanation. */
struct ring explain_ring(const struct dmasim_explanation *e);

#endif
