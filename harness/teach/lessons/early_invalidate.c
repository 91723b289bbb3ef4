/* SPDX-License-Identifier: MIT */
/* The driver invalidates before the DMA, and the hardware prefetches. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *disk =
	        lesson_device(s, "disk", DMASIM_PORT_NONCOHERENT);
	struct dmasim_area *sector = lesson_area(s, "sector", 64);

	lesson_watch(sector, 0);
	lesson_say(s, "The driver has used the buffer before.");
	lesson_read32(cpu, sector, 0);

	lesson_say(s, "It gives the buffer to the disk, and invalidates it "
	              "first. That much is right: no dirty line may be written "
	              "back over what the disk is going to write.");
	lesson_invalidate(cpu, sector);

	lesson_say(s, "The DMA takes its time. Meanwhile the CPU's prefetcher "
	              "runs ahead of some loop next to the buffer. It may fill "
	              "any line of a cacheable mapping, at any time.");
	lesson_prefetch(cpu, sector, 0);

	lesson_say(s, "Now the disk writes. Memory is new, and the prefetched "
	              "line is old.");
	lesson_write32(disk, sector, 0, 0x600dda7a);

	if (fixed) {
		lesson_say(s,
		           "dma_sync_single_for_cpu() invalidates once more, "
		           "after the DMA. Whatever was prefetched is gone.");
		lesson_invalidate(cpu, sector);
	}
	lesson_say(s, "The driver reads the sector.");
	lesson_read32(cpu, sector, 0);
}

DMASIM_LESSON(early_invalidate) = {
        .name = "early-invalidate",
        .title = "Invalidate too early: the prefetcher brings the line back",
        .text = "Many drivers invalidate a receive buffer once, when they "
                "hand it to the device, and read it when the interrupt "
                "comes. In a simple CPU that works.\n\n"
                "But a line that is mapped cacheable may come back at any "
                "moment: by speculation, by a prefetcher, by an access to its "
                "neighbour. If that happens between the invalidate and the "
                "device's write, the driver reads the old bytes. The first "
                "invalidate keeps dirty lines from being written back over "
                "the DMA; only a second one, after the DMA, makes the CPU see "
                "it.",
        .remedy = "Both halves: dma_map_single(..., DMA_FROM_DEVICE) or "
                  "dma_sync_single_for_device() before the DMA, and "
                  "dma_sync_single_for_cpu() or dma_unmap_single() after it, "
                  "before the read. On Arm each is DC IVAC and DSB.",
        .finding = DMASIM_STALE_READ,
        .story = story,
};
