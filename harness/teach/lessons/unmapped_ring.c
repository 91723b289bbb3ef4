/* SPDX-License-Identifier: MIT */
/* A device behind an SMMU is given the physical address of its ring. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *disk =
	        lesson_device(s, "virtio-blk", DMASIM_PORT_COHERENT);
	struct dmasim_area *ring = lesson_area(s, "avail ring", 64);

	lesson_smmu(disk, .noncoherent = false);
	lesson_watch(ring, 0);
	lesson_say(s, "The driver makes a ring and puts a request into it: "
	              "avail.idx becomes 1.");
	lesson_write16(cpu, ring, 2, 1);

	if (fixed) {
		lesson_say(s,
		           "It asks the DMA API for the address that the "
		           "device has to use. The ring is mapped in the "
		           "tables of the SMMU, and the address is an IOVA.");
		lesson_dma_map(disk, ring);
	} else {
		lesson_say(s, "It tells the device virt_to_phys(ring): the "
		              "legacy way of virtio, from the days when no "
		              "IOMMU stood in between.");
		lesson_give(disk, ring, lesson_address(ring));
	}
	lesson_barrier(cpu, DMASIM_DSB_ST);

	lesson_say(
	        s, "Kicked, the device reads avail.idx%s.",
	        fixed ? " at that IOVA, and the SMMU translates it"
	              : ". The SMMU has no translation for that address: it "
	                "refuses, writes an event record, and the disk hangs");
	lesson_read16(disk, ring, 2);
}

DMASIM_LESSON(unmapped_ring) = {
        .name = "unmapped-ring",
        .title = "Unmapped ring: a physical address where an IOVA belongs",
        .text = "Behind an IOMMU a device does not use physical addresses. "
                "What the driver writes into a ring, a descriptor or a "
                "register of the device has to come from the DMA API, which "
                "maps the memory and returns an IOVA.\n\n"
                "Legacy virtio drivers skipped that. In January 2017 the "
                "first machine with a virtio disk behind an SMMUv3 answered "
                "with two event records, F_TRANSLATION at the physical "
                "address of the ring. `dmasim replay "
                "traces/2017-01-fvp-virtio-blk.log` shows them.",
        .remedy = "Take every address that a device gets from the DMA API: "
                  "dma_alloc_coherent() for rings, dma_map_single() or "
                  "dma_map_page() for buffers. For virtio: "
                  "VIRTIO_F_ACCESS_PLATFORM.",
        .finding = DMASIM_UNTRANSLATED,
        .story = story,
};
