/* SPDX-License-Identifier: MIT */
/* The Secure programming interface of a rig, on beside the other. */
#ifndef DMASIM_TESTS_SECURE_H
#define DMASIM_TESTS_SECURE_H

#include "rig.h"

#define S_EVENTQ_PROD S(0xa8)
#define S_EVENTQ_CONS S(0xac)

struct secure {
	struct rig *r;
	struct tables_streams streams;
	uint64_t cmdq, evtq;
};

/* A stream table for StreamIDs of 8 bits, and queues; register accesses are
 * Secure from here on. */
void secure_open(struct secure *s, struct rig *r);
/* Nothing is cached any more, of either side: S_INIT. */
void secure_reset(struct secure *s);
void secure_cmd(struct secure *s, struct tables_cmd c);
/* An access of a Secure stream; DMASIM_TXN_SECURE in @flags is its own. */
enum dmasim_result secure_dma(struct secure *s, enum dmasim_op op, uint32_t sid,
                              uint64_t va, uint32_t flags);
/* The only record of the Secure event queue, and none of the other. */
void secure_expect(struct secure *s, uint64_t d0, uint64_t d1, uint64_t d2,
                   uint64_t d3);
void secure_expect_none(struct secure *s);

#endif
