/* SPDX-License-Identifier: MIT */
/* What each kind of finding is, and which party's place to show. */
#include "report_internal.h"

const char *dmasim_finding_kind_help(enum dmasim_finding_kind kind)
{
	static const char *const help[DMASIM_FINDING_KINDS] = {
	        [DMASIM_STALE_READ] =
	                "A read returned older bytes than those written last: "
	                "cache maintenance is missing between the write and "
	                "the read.",
	        [DMASIM_LOST_WRITE] =
	                "A dirty cache line was written back over bytes that "
	                "somebody wrote to memory meanwhile.",
	        [DMASIM_DISCARDED_WRITE] =
	                "Bytes that were written into a cache were invalidated "
	                "before they had reached memory.",
	        [DMASIM_MISMATCHED_ALIAS] =
	                "Two mappings of the same bytes differ in memory type, "
	                "cacheability or shareability, and one side missed "
	                "what the other wrote.",
	        [DMASIM_SHARED_LINE] =
	                "A buffer that a non-coherent device writes shares a "
	                "cache line with other data, which a CPU wrote while "
	                "the device owned the buffer.",
	        [DMASIM_MISSING_BARRIER] =
	                "Nothing orders a write before the flag or doorbell "
	                "that announces it, or a read after that of the flag.",
	        [DMASIM_OWNERSHIP] =
	                "A CPU touched a DMA buffer while the device owned it, "
	                "or the device one that the CPU owned, or against the "
	                "direction of its mapping.",
	        [DMASIM_USE_AFTER_UNMAP] =
	                "A device reached a buffer after it had been unmapped, "
	                "maybe by a translation that an IOMMU still kept.",
	        [DMASIM_OVERREACH] =
	                "A device touched bytes that it can reach and that "
	                "belong to no buffer of its own.",
	        [DMASIM_UNTRANSLATED] =
	                "A physical address was used where an IOMMU "
	                "translates, or an IOVA where it does not.",
	        [DMASIM_STALE_TRANSLATION] =
	                "An IOMMU used a translation or configuration that "
	                "memory no longer holds: an invalidation is missing.",
	};

	return (size_t)kind < DMASIM_FINDING_KINDS ? help[kind] : "";
}

const struct dmasim_party *report_place(const struct dmasim_finding *f)
{
	if (f->reader.known && f->reader.file[0])
		return &f->reader;
	if (f->writer.known && f->writer.file[0])
		return &f->writer;
	return NULL;
}
