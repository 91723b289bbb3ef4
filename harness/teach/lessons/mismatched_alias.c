/* SPDX-License-Identifier: MIT */
/* The driver's ring is non-cacheable; the host reaches it through a cache. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *guest = lesson_cpu(s, 0);
	/* A process of the host that emulates the device: it has a cache. */
	struct dmasim_agent *host =
	        lesson_device(s, "host", DMASIM_PORT_CACHED);
	struct dmasim_area *ring = lesson_area(s, "avail ring", 64);

	lesson_map(guest, ring, fixed ? &dmasim_attr_wb : &dmasim_attr_nc);
	lesson_watch(ring, 2);
	if (fixed)
		lesson_say(s, "The node of the device says dma-coherent: the "
		              "driver's ring is Normal Write-Back, as the host "
		              "maps it. The host reads the index: 0.");
	else
		lesson_say(s,
		           "The node of the device lacks dma-coherent, so "
		           "dma_alloc_coherent() gave the driver a ring that "
		           "is Normal Non-cacheable. The host reads the index "
		           "of the ring through its cache: 0.");
	lesson_read16(host, ring, 2);

	lesson_say(s, "The driver adds a buffer and stores the new index%s.",
	           fixed ? ". The host's copy is taken away"
	                 : ", to memory. The host's copy stays");
	lesson_write16(guest, ring, 2, 1);
	lesson_barrier(guest, DMASIM_DSB_ST);

	lesson_say(s, "The driver kicks the device, and the host looks for the "
	              "new index.");
	lesson_read16(host, ring, 2);
}

DMASIM_LESSON(mismatched_alias) = {
        .name = "mismatched-alias",
        .title = "Mismatched alias: two mappings, two truths",
        .text = "The same bytes of memory are mapped twice with different "
                "attributes: Normal Non-cacheable by the guest's driver, "
                "Normal Write-Back by the host that emulates the device. "
                "Hardware keeps caches coherent with one another, but an "
                "access that goes past the caches is not its business.\n\n"
                "Then each side sees the other's writes late or never. The "
                "queue stands still, and nothing is wrong with the code of "
                "either. One line of a device tree is missing.",
        .remedy = "Let both sides agree: add dma-coherent to the device's "
                  "node (or _CCA in ACPI), so that the driver's "
                  "dma_alloc_coherent() gives cacheable memory; or let the "
                  "hypervisor combine the attributes to Write-Back "
                  "(FEAT_S2FWB).",
        .finding = DMASIM_MISMATCHED_ALIAS,
        .story = story,
};
