/* SPDX-License-Identifier: MIT */
/*
 * What the views share: one line as it is now, in all places (struct
 * view_line), words for events, and JSON.
 */
#ifndef DMASIM_VIEW_INTERNAL_H
#define DMASIM_VIEW_INTERNAL_H

#include <stddef.h>

#include "dmasim/view.h"

#define VIEW_NAME 72

/** In place of a dmasim_line_place: what an agent without a cache in between
 * read or wrote last. */
#define VIEW_SEES (DMASIM_PLACE_STORE_BUFFER + 1)

struct view_lane {
	/** A dmasim_line_place, or VIEW_SEES. */
	unsigned place;
	/** The cache's number; of VIEW_SEES the agent. */
	uint32_t who;
	char name[VIEW_NAME];
	/** The name is only a number so far. */
	bool nameless;
	/** The agent whose it is; 0: nobody's alone. */
	uint32_t owner;
	char state;
	uint8_t *data;
	uint64_t *known, *dirty, *stale;
};

/** A line, in all places that ever held it. The first lane is memory's. */
struct view_line {
	const struct dmasim_view_config *cfg;
	uint64_t addr;
	uint32_t size, words;
	struct view_lane *lanes;
	size_t count, cap;
	/** Every byte as it was written last. */
	uint8_t *newest;
};

/** @first: the event with which a life begins that has been going on for
 * some time; NULL: nothing has happened yet. OK, E_NOMEM (and nothing is
 * held). */
int view_line_init(struct view_line *l, const struct dmasim_view_config *cfg,
                   uint64_t addr, const struct dmasim_line_event *first);
void view_line_fini(struct view_line *l);
/** Take @e in, which is of this line. *@out: the lane it is about; NULL:
 * none. OK, E_NOMEM. */
int view_line_apply(struct view_line *l, const struct dmasim_line_event *e,
                    struct view_lane **out);
/** A line that was met. */
struct view_line_slot {
	uint64_t addr;
	bool used;
	uint32_t agent; /**< the first one there */
	size_t line;    /**< VIEW_NO_LINE: not followed */
};

/** Those that a view follows, in the order in which they were met. */
struct view_lines {
	struct view_line **line;
	size_t count, cap;
	/** All that were met: a power of two of places. */
	struct view_line_slot *slots;
	size_t slot_count, used;
};

/** The one that @e is of, made if @cfg wants it and there is room for another.
 * *@index is VIEW_NO_LINE if not. OK, E_NOMEM. */
int view_lines_get(struct view_lines *s, const struct dmasim_view_config *cfg,
                   const struct dmasim_line_event *e, size_t *index);
void view_lines_fini(struct view_lines *s);
/** What view_lines_get() gives for lines that are not followed. */
#define VIEW_NO_LINE SIZE_MAX

/** Look at memory, and compare all with the newest bytes. */
void view_line_compare(struct view_line *l);

static inline bool view_bit(const uint64_t *mask, uint32_t i)
{
	return mask[i / 64] >> (i % 64) & 1;
}

static inline void view_set_bit(uint64_t *mask, uint32_t i, bool on)
{
	uint64_t bit = UINT64_C(1) << (i % 64);

	mask[i / 64] = on ? mask[i / 64] | bit : mask[i / 64] & ~bit;
}

/** READ, WRITE and their likes: something reached bytes of the line. */
bool view_is_access(const struct dmasim_line_event *e);
bool view_is_write(const struct dmasim_line_event *e);
bool view_is_atomic(const struct dmasim_line_event *e);
/** The read of an atomic: its write follows at once, and is the access. */
bool view_is_half(const struct dmasim_line_event *e);
/** The bytes that the agent read or wrote, e->size of them; NULL: not known. */
const uint8_t *view_bytes(const struct dmasim_line_event *e);
bool view_same_origin(const struct dmasim_origin *a,
                      const struct dmasim_origin *b);

/* names.c. Each writes at most @size bytes with the NUL. */
void view_agent_name(const struct dmasim_view_config *cfg, uint32_t agent,
                     char *buf, size_t size);
/** "cpu0 L1". False: whose it is is not known from the event. */
bool view_place_name(const struct dmasim_view_config *cfg,
                     const struct dmasim_line_event *e, char *buf, size_t size);
/** Whose it is; 0: all's, or not known. */
uint32_t view_place_owner(const struct dmasim_view_config *cfg,
                          const struct dmasim_line_event *e);
/** What lies at @addr: "tx packet+0x0", or its address. */
void view_object_name(const struct dmasim_view_config *cfg, uint64_t addr,
                      char *buf, size_t size);
/** "reads virtqueue 0 used.idx, 2 bytes: 01 00" */
void view_access_text(const struct dmasim_view_config *cfg,
                      const struct dmasim_line_event *e, char *buf,
                      size_t size);
/** With which attributes; for one that does not look into the caches although
 * they are cacheable, just that. @buf of at least 48 bytes; returns it. */
const char *view_alias_name(const struct dmasim_line_event *e, char *buf,
                            size_t size);
/** "cpu0 L1 gives the line up" */
void view_effect_text(const struct dmasim_line_event *e, const char *place,
                      char *buf, size_t size);
/** "file:line (what)", "read avail.idx, queue 0, request 3", or "". */
void view_origin_text(const struct dmasim_origin *o, char *buf, size_t size);
/** "12.345 ns" */
void view_time_text(uint64_t ps, char *buf, size_t size);

/* json.c: pieces of JSON that may stand inside a <script> too. */
/** Bytes as a string of hexadecimal digits. */
void view_json_hex(FILE *out, const uint8_t *bytes, size_t n);
/** A mask as a string, a digit for four bits, bit 0 first. */
void view_json_mask(FILE *out, const uint64_t *mask, uint32_t bits);

/** malloc'ed; NULL: no memory. */
char *view_format(const char *fmt, ...) DMASIM_PRINTF(1, 2);
char *view_format_va(const char *fmt, va_list ap);

#endif
