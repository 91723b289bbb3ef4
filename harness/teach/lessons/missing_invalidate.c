/* SPDX-License-Identifier: MIT */
/* The device fills a buffer; the driver reads it through its cache. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_NONCOHERENT);
	struct dmasim_area *packet = lesson_area(s, "rx packet", 64);

	lesson_watch(packet, 0);
	lesson_say(s, "The driver looked into the buffer before: its line is "
	              "still in the CPU's cache, clean.");
	lesson_read32(cpu, packet, 0);

	lesson_say(s,
	           "The nic receives a packet and writes it to memory, past "
	           "every cache. The copy in the CPU's cache is old now, and "
	           "nobody tells it.");
	lesson_write32(nic, packet, 0, 0xaabbccdd);

	if (fixed) {
		lesson_say(s,
		           "dma_unmap_single(dev, dma, len, DMA_FROM_DEVICE) "
		           "invalidates the lines of the buffer, now that the "
		           "device is done.");
		lesson_invalidate(cpu, packet);
	}

	lesson_say(s, "The driver reads the packet%s.",
	           fixed ? ": a miss, so the line comes from memory"
	                 : ": a hit, on the old copy");
	lesson_read32(cpu, packet, 0);
}

DMASIM_LESSON(missing_invalidate) = {
        .name = "missing-invalidate",
        .title = "Missing invalidate: the driver reads an old copy",
        .text = "A device that does not snoop writes to memory and leaves the "
                "caches as they are. A line that a CPU had read before stays "
                "valid there, with the bytes of before.\n\n"
                "So what a device has written must be invalidated in the "
                "caches after it has finished and before the driver looks. "
                "Without it the driver sees the old packet, or half of the "
                "new one, depending on what else has gone through the cache.",
        .remedy = "dma_unmap_single(..., DMA_FROM_DEVICE), or "
                  "dma_sync_single_for_cpu() for a buffer that stays mapped, "
                  "after the device has finished and before the first read. "
                  "On Arm it becomes DC IVAC for every line, and a DSB.",
        .finding = DMASIM_STALE_READ,
        .story = story,
};
