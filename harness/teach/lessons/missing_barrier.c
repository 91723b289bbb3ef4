/* SPDX-License-Identifier: MIT */
/* A descriptor and the index that announces it, and nothing between them. */
#include <dmasim/lesson.h>

/* The device looks for work, and takes what is announced. */
static bool look(struct dmasim_agent *nic, struct dmasim_area *index,
                 struct dmasim_area *descriptor)
{
	if (lesson_read16(nic, index, 0) == 0)
		return false;
	lesson_read32(nic, descriptor, 0);
	return true;
}

static void story(struct dmasim_stage *s, bool fixed)
{
	/* Its stores wait in a store buffer until they can leave. */
	struct dmasim_agent *cpu = lesson_buffered_cpu(s, 0);
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_COHERENT);
	struct dmasim_area *ring = lesson_area(s, "ring", 64);
	struct dmasim_area *descriptor = lesson_part(ring, "descriptor", 0, 4);
	struct dmasim_area *index = lesson_part(ring, "index", 8, 2);
	bool done;

	lesson_watch(ring, 0);
	lesson_choose(s, DMASIM_CHOICE_STORE_DRAIN, 0);
	lesson_say(s, "The driver writes a descriptor. The store waits in the "
	              "CPU's store buffer; nobody else sees it yet.");
	lesson_write32(cpu, descriptor, 0, 0x4000c0de);
	if (fixed) {
		lesson_say(s, "dma_wmb(): what comes after it becomes visible "
		              "after what came before it.");
		lesson_barrier(cpu, DMASIM_DMB_ST);
	}

	lesson_say(s,
	           "It writes the index that announces the descriptor. Now "
	           "one of the two stores leaves. %s.",
	           fixed ? "The index may not overtake"
	                 : "Nothing says which: it is the index");
	lesson_choose(s, DMASIM_CHOICE_STORE_ORDER, 1);
	lesson_choose(s, DMASIM_CHOICE_STORE_DRAIN, 1);
	lesson_write16(cpu, index, 0, 1);

	lesson_say(s, "The nic polls%s.",
	           fixed ? ", and finds nothing to do yet"
	                 : ". The index says that there is a descriptor, and "
	                   "the nic takes what it finds there");
	done = look(nic, index, descriptor);
	lesson_say(s, done ? "The descriptor arrives, too late."
	                   : "The barrier of the doorbell lets the last store "
	                     "out, and the nic looks again.");
	lesson_barrier(cpu, DMASIM_DSB_ST);
	if (!done)
		look(nic, index, descriptor);
}

DMASIM_LESSON(missing_barrier) = {
        .name = "missing-barrier",
        .title = "Missing barrier: the index overtakes the descriptor",
        .text = "Stores of an Arm CPU to different addresses become visible "
                "in any order. A driver that writes a descriptor and then the "
                "index of its ring has to say that the order matters: the "
                "device, which watches the index, may otherwise see it first "
                "and fetch a descriptor that is not there yet.\n\n"
                "Coherence does not help: every byte is right, only too late. "
                "It happens once in a million times, on one machine and "
                "not on another.",
        .remedy = "dma_wmb() between the descriptor and the index (a DMB ST "
                  "for the outer domain), virtio_wmb() in a virtqueue, or a "
                  "store-release of the index. On the reading side, dma_rmb() "
                  "between the index and what it announces.",
        .finding = DMASIM_MISSING_BARRIER,
        .story = story,
};
