/* SPDX-License-Identifier: MIT */
/*
 * What the memory system tells the checker. All ranges lie within one line.
 */
#ifndef DMASIM_CHECK_INTERNAL_H
#define DMASIM_CHECK_INTERNAL_H

#include "dmasim/finding.h"
#include "dmasim/mem.h"

/** Who makes an access, and how it reaches the bytes. */
struct check_who {
	uint32_t agent;
	/** As used at the port. */
	struct dmasim_attr attr;
	/** The port belongs to the coherent domain. */
	bool member;
	/** Past the caches, at memory itself. */
	bool past;
	enum dmasim_cause cause;
	const struct dmasim_origin *origin;
	/** NULL: not known. */
	const struct dmasim_txn *txn;
};

/** State changes of a line, for the history in a finding. */
enum check_event {
	CHECK_FILL,
	CHECK_SHARE,
	CHECK_DIRTY,
	CHECK_WRITEBACK,
	CHECK_EVICT,
	CHECK_CLEAN,
	CHECK_INVALIDATE,
	CHECK_SNOOPED,
	CHECK_WRITE_PAST,
	CHECK_WRITE_SNOOPING,
	CHECK_EVENTS,
};

/** RAM is what is true of bytes that nobody has written yet. */
void check_attach(struct dmasim_checker *c, const struct dmasim_map *map,
                  uint64_t period);
uint32_t check_line_size(const struct dmasim_checker *c);

/** The line of @addr is read or written soon: the host may fetch what is known
 * of it. */
void check_expect(struct dmasim_checker *c, uint64_t addr);
/** A barrier or maintenance, once, when it is performed. */
void check_order(struct dmasim_checker *c, const struct dmasim_txn *txn);
/** @data was read at @addr. */
void check_read(struct dmasim_checker *c, const struct check_who *who,
                uint64_t addr, const uint8_t *data, uint32_t n);
/** @data was written at @addr: it is what everybody should see from now. */
void check_write(struct dmasim_checker *c, const struct check_who *who,
                 uint64_t addr, const uint8_t *data, uint32_t n);
/** The bytes of @mask are about to be written from a cache to RAM. */
void check_writeback(struct dmasim_checker *c, uint64_t line,
                     const uint8_t *data, const uint64_t *mask);
/** The dirty bytes of @mask are about to be dropped. */
void check_discard(struct dmasim_checker *c, const struct check_who *who,
                   uint64_t line, const uint8_t *data, const uint64_t *mask);
void check_event(struct dmasim_checker *c, uint64_t line, uint32_t agent,
                 enum check_event event);

#endif
