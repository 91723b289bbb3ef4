/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/apache/nuttx/pull/19506
 *
 * The SD card driver of the STM32H7 invalidated the receive buffer before the
 * transfer only. A line that the processor prefetches while the DMA is under
 * way is old when the driver reads the sector. Fixed by a second invalidation
 * after the transfer.
 */
#include "bug.h"

#define SECTOR 0x1000u
#define SIZE   512u

static bool run(struct bug_machine *m, bool fixed)
{
	bool right = true;

	/* The sector that the buffer held before. */
	for (unsigned i = 0; i < SIZE; i += 8)
		STORE(m, 0, BUG_WB + SECTOR + i, 8, 0x1111);
	CLEAN(m, 0, BUG_WB + SECTOR, SIZE);
	INVALIDATE(m, 0, BUG_WB + SECTOR, SIZE);
	BARRIER(m, 0, DMASIM_DSB);
	for (unsigned i = 0; i < SIZE; i += 64) {
		/* Any time before the DMA reaches the line. */
		if (bug_maybe(m, DMASIM_CHOICE_SPECULATIVE_FILL))
			(void)dmasim_memsys_prefetch(m->ms, 0,
			                             BUG_RAM + SECTOR + i,
			                             &dmasim_attr_wb);
		for (unsigned j = i; j < i + 64; j += 8)
			bug_dma_write(m, BUG_RAM + SECTOR + j, 8, 0x2222,
			              "receive a sector");
	}
	if (fixed) {
		INVALIDATE(m, 0, BUG_WB + SECTOR, SIZE);
		BARRIER(m, 0, DMASIM_DSB);
	}
	m->reader_line = __LINE__ + 2;
	for (unsigned i = 0; i < SIZE; i += 8)
		right &= LOAD(m, 0, BUG_WB + SECTOR + i, 8) == 0x2222;
	return right;
}

const struct bug bug_nuttx_19506 = {
        .name = "nuttx 19506",
        .link = "https://github.com/apache/nuttx/pull/19506",
        .run = run,
        .device = DMASIM_PORT_NONCOHERENT,
        .device_name = "sdmmc",
        .kind = DMASIM_STALE_READ,
        .remedy = "dma_sync_single_for_cpu",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_SPECULATIVE_FILL)};
