/* SPDX-License-Identifier: MIT */
/* What would have prevented a finding, in the words of the Linux DMA API and
 * of the architecture. */
#include "checker_internal.h"

static const char *mismatched(const struct site *reader,
                              const struct site *writer)
{
	const struct site *cpu = reader, *other = writer;

	if (cpu->cause != DMASIM_CAUSE_CPU) {
		cpu = writer;
		other = reader;
	}
	if (cpu->cause != DMASIM_CAUSE_CPU)
		return "give both devices' accesses the same memory type, "
		       "cacheability and shareability";
	if (other->cause == DMASIM_CAUSE_CPU)
		return "use one mapping for these bytes, or clean and "
		       "invalidate (DC CIVAC + DSB) between accesses through "
		       "the one and the other";
	if (!dmasim_attr_cacheable(&cpu->attr) &&
	    dmasim_attr_cacheable(&other->attr))
		return "map the memory as the device does: add dma-coherent "
		       "to the device's node, so that dma_alloc_coherent() "
		       "gives cacheable memory, or make the device's accesses "
		       "non-cacheable";
	if (dmasim_attr_cacheable(&cpu->attr) &&
	    !dmasim_attr_cacheable(&other->attr))
		return "map the memory as the device does: remove "
		       "dma-coherent from the device's node, so that "
		       "dma_alloc_coherent() gives non-cacheable memory, or "
		       "make the device's accesses cacheable";
	return "give the CPU's mapping and the device's accesses the same "
	       "memory type, cacheability and shareability";
}

static const char *stale(const struct site *reader, const struct site *writer)
{
	if (!writer || !reader)
		return "let one side finish before the other reads";
	if (!writer->past && reader->past)
		return "dma_map_single() or dma_sync_single_for_device() "
		       "(DC CVAC + DSB) after the last write and before the "
		       "device is told";
	if (writer->past && !reader->past)
		return "dma_unmap_single() or dma_sync_single_for_cpu() "
		       "(DC IVAC + DSB) after the device has finished and "
		       "before the CPU reads";
	return "maintain the line by address (DC CIVAC + DSB) between the "
	       "write and the read";
}

const char *remedy_for(enum dmasim_finding_kind kind, const struct site *reader,
                       const struct site *writer)
{
	switch (kind) {
	case DMASIM_STALE_READ:
		return stale(reader, writer);
	case DMASIM_LOST_WRITE:
		return "dma_map_single() or dma_sync_single_for_device() "
		       "(DC CIVAC + DSB) before the device may write, and no "
		       "CPU write to the line until it has finished; keep "
		       "other data out of the buffer's lines";
	case DMASIM_DISCARDED_WRITE:
		return "clean before (DC CVAC) or use DC CIVAC instead of "
		       "DC IVAC; keep data that the CPU writes out of the "
		       "lines of a buffer that the device writes "
		       "(ARCH_DMA_MINALIGN)";
	case DMASIM_MISMATCHED_ALIAS:
		return mismatched(reader, writer);
	default:
		return "";
	}
}
