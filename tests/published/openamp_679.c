/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/OpenAMP/open-amp/issues/679
 *
 * As reported: an endpoint announcement is written into a shared buffer, and
 * the other processor, which is not coherent with this one, is told of it
 * without a flush of what was written; it reads what was there before. (The
 * maintainer answers that the enqueue function flushes; the reporter's flush
 * helped. What is shown here is the order that the report describes.)
 */
#include "bug.h"

#define BUFFER 0x1000u
#define SIZE   0x40u

static bool run(struct bug_machine *m, bool fixed)
{
	bool right = true;

	/* The buffer was used before: its line is in the cache. */
	for (unsigned i = 0; i < SIZE; i += 8)
		LOAD(m, 0, BUG_WB + BUFFER + i, 8);
	m->writer_line = __LINE__ + 2;
	for (unsigned i = 0; i < SIZE; i += 8)
		STORE(m, 0, BUG_WB + BUFFER + i, 8, 0xa0 + i);
	if (fixed)
		CLEAN(m, 0, BUG_WB + BUFFER, SIZE);
	BARRIER(m, 0, DMASIM_DSB);
	/* Hardware may have written it back: then nobody notices. */
	if (bug_maybe(m, DMASIM_CHOICE_CLEAN_EARLY)) {
		(void)dmasim_memsys_clean(m->ms, 0, BUG_RAM + BUFFER);
		(void)dmasim_memsys_clean(m->ms, DMASIM_SHARED_CACHE,
		                          BUG_RAM + BUFFER);
	}
	for (unsigned i = 0; i < SIZE; i += 8)
		right &= bug_dma_read(m, BUG_RAM + BUFFER + i, 8,
		                      "read a message") == 0xa0 + i;
	return right;
}

const struct bug bug_openamp_679 = {
        .name = "open-amp 679",
        .link = "https://github.com/OpenAMP/open-amp/issues/679",
        .run = run,
        .device = DMASIM_PORT_NONCOHERENT,
        .device_name = "remote processor",
        .kind = DMASIM_STALE_READ,
        .remedy = "DC CVAC",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_CLEAN_EARLY)};
