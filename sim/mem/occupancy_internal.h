/* SPDX-License-Identifier: MIT */
/*
 * What is busy when, for requests that do not come in the order of time.
 *
 * Time is cut into slots. Of each slot from now to some way ahead it is known
 * how much of it is taken, and by which port. A request takes what is free
 * from its arrival on. It can be cut in pieces, and it never looks at what
 * lies before its arrival, which makes it monotone: whatever a slot has less
 * of, a request finds later, and leaves less of in turn.
 *
 * No access arrives before the kernel's clock: slots that lie behind it are
 * forgotten. Requests that arrive beyond the last slot take nothing and wait
 * for nothing but a queue that is that long.
 */
#ifndef DMASIM_OCCUPANCY_INTERNAL_H
#define DMASIM_OCCUPANCY_INTERNAL_H

#include "dmasim/state.h"

/** No ps count beyond this one is added to. */
#define OCC_TIME_MAX (UINT64_C(1) << 62)

struct occ_slot {
	/** Which one it is: time / width. Another one than asked for: free. */
	uint64_t number;
	uint64_t used;
};

struct occupancy {
	uint64_t width; /**< ps */
	uint32_t slots; /**< a power of two */
	uint32_t ports;
	struct occ_slot *slot;
	/** Of each slot, by port; NULL with one port. */
	uint64_t *share;
	/** End of the queue beyond the last slot; 0: there is none. */
	uint64_t tail;
};

struct occ_request {
	uint64_t now, at; /**< now <= at <= OCC_TIME_MAX */
	uint64_t need;    /**< ps */
	uint32_t port;
	/** May take its part of a slot from ports that had more. */
	bool fair;
	/** Goes before all others that are in its first slot. */
	bool first;
};

/** OK, E_NOMEM. @o must be zero, or as occ_end() leaves it. */
int occ_begin(struct occupancy *o, uint64_t width, uint32_t slots,
              uint32_t ports);
void occ_end(struct occupancy *o);
/** When what @r needs has been had. */
uint64_t occ_take(struct occupancy *o, const struct occ_request *r);
void occ_save(const struct occupancy *o, uint64_t now, struct dmasim_writer *w);
/** Into one that is empty; the reader fails on what cannot be. */
void occ_restore(struct occupancy *o, struct dmasim_reader *r);

#endif
