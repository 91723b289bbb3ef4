/* SPDX-License-Identifier: MIT */
/* A counter of the driver lies in the same line as a receive buffer. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_NONCOHERENT);
	struct dmasim_area *context = lesson_area(s, "driver context", 128);
	/* struct { u32 irqs; u8 status[4]; }: the nic writes status. */
	struct dmasim_area *irqs = lesson_part(context, "irqs", 0, 4);
	struct dmasim_area *status =
	        lesson_part(context, "status", fixed ? 64 : 4, 4);

	lesson_watch(irqs, 0);
	lesson_say(s, "The driver maps the status, for the nic to write. %s.",
	           fixed ? "It has a line of its own: ____cacheline_aligned"
	                 : "Right beside it, in the same line, is a counter");
	lesson_dma_map_single(cpu, nic, status, DMASIM_FROM_DEVICE);

	lesson_say(s,
	           "While the nic works, the driver counts: its line is dirty "
	           "in the cache now, with all that it holds.");
	lesson_write32(cpu, irqs, 0, 7);

	lesson_say(s, "The nic writes its status to memory.");
	lesson_write32(nic, status, 0, 0x00000001);

	lesson_say(s,
	           "The status is unmapped, which invalidates it in the cache, "
	           "so that the driver sees what the nic wrote. %s.",
	           fixed ? "Nothing else is in that line"
	                 : "The counter is in the same line, and goes with it");
	lesson_dma_unmap_single(cpu, nic, status, DMASIM_FROM_DEVICE);

	lesson_say(s, "Both are read.");
	lesson_read32(cpu, status, 0);
	lesson_read32(cpu, irqs, 0);
}

DMASIM_LESSON(shared_line) = {
        .name = "shared-line",
        .title = "Shared line: a DMA buffer and its neighbour",
        .text = "Caches know lines, not variables. Maintenance of four bytes "
                "acts on all 64 of their line.\n\n"
                "If a variable of the driver lies in the line of a DMA "
                "buffer, then cleaning that line writes the variable's "
                "neighbours over what the device has written, and "
                "invalidating it throws the variable away. No order of the "
                "steps is right: the two must not share a line.",
        .remedy = "Give a DMA buffer lines of its own: kmalloc() it apart "
                  "(ARCH_DMA_MINALIGN), or align it and pad it with "
                  "____cacheline_aligned. Never map a member of a structure "
                  "that the CPU uses meanwhile.",
        .finding = DMASIM_SHARED_LINE,
        .story = story,
};
