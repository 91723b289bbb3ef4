/* SPDX-License-Identifier: MIT */
/* A page is taken away from a device, and the SMMU's TLB is forgotten. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_COHERENT);
	struct dmasim_area *page = lesson_area(s, "page", 4096);
	struct dmasim_area *descriptor;

	lesson_smmu(nic, .noncoherent = false);
	descriptor = lesson_dma_map(nic, page);
	lesson_watch(page, 0);
	lesson_say(s,
	           "The page is mapped for the nic, which receives into it. "
	           "The SMMU walks its tables once and keeps the translation "
	           "in its TLB.");
	lesson_write32(nic, page, 0, 0x11111111);

	lesson_say(s,
	           "The driver takes the page away: it clears the descriptor, "
	           "and makes that visible.");
	lesson_write64(cpu, descriptor, 0, 0);
	lesson_barrier(cpu, DMASIM_DSB_ST);
	if (fixed) {
		lesson_say(s, "And the TLB: what it keeps of the page must go, "
		              "and CMD_SYNC waits until no access uses it any "
		              "more. Only then is the page free.");
		lesson_tlbi(cpu, nic, page);
	}

	lesson_say(s, "The page has a new owner now, with something of its own "
	              "in it.");
	lesson_write32(cpu, page, 0, 0x5ec4e7);

	lesson_say(s,
	           "A late packet: the nic writes to the address that it "
	           "still knows%s.",
	           fixed ? ". The SMMU walks, finds nothing, refuses, and "
	                   "records an event: the page is safe"
	                 : ", and the TLB still translates it");
	lesson_write32(nic, page, 0, 0xdeadbeef);
	lesson_read32(cpu, page, 0);
}

DMASIM_LESSON(stale_tlb) = {
        .name = "stale-tlb",
        .title = "Stale TLB entry: the device keeps a page that it lost",
        .text = "An SMMU keeps translations. Clearing a descriptor in memory "
                "changes nothing for those that it has: until it is told "
                "with a command, and has said that it is done, a device "
                "reaches the page as before.\n\n"
                "If the page is freed and used again in between, the device "
                "writes into somebody else's memory: a corruption that shows "
                "far away from its cause, or a hole through which a device "
                "reads secrets.",
        .remedy = "Unmap in this order: clear the descriptor, DSB, "
                  "CMD_TLBI_NH_VA for its address, CMD_SYNC, wait until that "
                  "is consumed, and only then free the page. dma_unmap_*() "
                  "and iommu_unmap() do it; a driver of its own tables must.",
        .finding = DMASIM_USE_AFTER_UNMAP,
        .story = story,
};
