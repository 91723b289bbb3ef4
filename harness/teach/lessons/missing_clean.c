/* SPDX-License-Identifier: MIT */
/* The driver fills a buffer; the device fetches it from memory. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_NONCOHERENT);
	struct dmasim_area *packet = lesson_area(s, "tx packet", 64);

	lesson_watch(packet, 0);
	lesson_say(s, "The driver fills the packet. Its stores stay in the "
	              "CPU's cache: the line is modified there, and memory "
	              "still holds what it held before.");
	lesson_write32(cpu, packet, 0, 0x11223344);

	if (fixed) {
		lesson_say(s,
		           "It maps the packet. For this device that means "
		           "DC CVAC of every line, so that dirty bytes go to "
		           "memory, and a DSB, which waits until they are "
		           "there.");
		lesson_dma_map_single(cpu, nic, packet, DMASIM_TO_DEVICE);
	}

	lesson_say(s,
	           "The driver rings the doorbell. The nic is not coherent: "
	           "it fetches the packet from memory, past every cache%s.",
	           fixed ? "" : ", and sends bytes that nobody wrote");
	lesson_read32(nic, packet, 0);
}

DMASIM_LESSON(missing_clean) = {
        .name = "missing-clean",
        .title = "Missing clean: the device sends yesterday's bytes",
        .text = "A store of a CPU ends in its cache. A device that does not "
                "snoop the caches reads memory, and there the bytes arrive "
                "only when the line is evicted, some time, or when the driver "
                "cleans it.\n\n"
                "So whatever a device is to read has to be cleaned to the "
                "point of coherency after the last store and before the "
                "device is told. It often works without: small caches evict "
                "early, and test machines are coherent.",
        .remedy = "Map the buffer after it has been filled: "
                  "dma_map_single(..., DMA_TO_DEVICE), or "
                  "dma_sync_single_for_device() for a buffer that stays "
                  "mapped. On Arm it becomes DC CVAC for every line, and a "
                  "DSB.",
        .finding = DMASIM_STALE_READ,
        .story = story,
};
