/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/asterinas/asterinas/pull/3291
 *
 * The virtio-blk driver handed the segments of a write to the device without
 * the synchronisation that its streaming DMA needs: a device that does not
 * snoop writes old bytes to the disk. Fixed by sync_to_device() of every
 * segment before the device is notified.
 */
#include "bug.h"

#define BLOCK 0x1000u
#define SIZE  512u

static bool run(struct bug_machine *m, bool fixed)
{
	bool right = true;

	m->writer_line = __LINE__ + 2;
	for (unsigned i = 0; i < SIZE; i += 8)
		STORE(m, 0, BUG_WB + BLOCK + i, 8, 0x4242 + i);
	if (fixed) {
		CLEAN(m, 0, BUG_WB + BLOCK, SIZE);
		BARRIER(m, 0, DMASIM_DSB);
	}
	/* Notify; a barrier there has no effect on caches. */
	BARRIER(m, 0, DMASIM_DSB_ST);
	for (unsigned i = 0; i < SIZE; i += 64) {
		if (bug_maybe(m, DMASIM_CHOICE_CLEAN_EARLY)) {
			(void)dmasim_memsys_clean(m->ms, 0,
			                          BUG_RAM + BLOCK + i);
			(void)dmasim_memsys_clean(m->ms, DMASIM_SHARED_CACHE,
			                          BUG_RAM + BLOCK + i);
		}
		for (unsigned j = i; j < i + 64; j += 8)
			right &= bug_dma_read(m, BUG_RAM + BLOCK + j, 8,
			                      "read data to write") ==
			         0x4242 + j;
	}
	return right;
}

const struct bug bug_asterinas_3291 = {
        .name = "asterinas 3291",
        .link = "https://github.com/asterinas/asterinas/pull/3291",
        .run = run,
        .device = DMASIM_PORT_NONCOHERENT,
        .device_name = "virtio-blk",
        .kind = DMASIM_STALE_READ,
        .remedy = "dma_sync_single_for_device",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_CLEAN_EARLY)};
