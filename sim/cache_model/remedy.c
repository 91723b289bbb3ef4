/* SPDX-License-Identifier: MIT */
/* What would have prevented a finding, in the words of the Linux DMA API and
 * of the architecture, and where. */
#include "checker_internal.h"

#include <stdio.h>

/* What a remedy is made from. */
struct sides {
	const struct site *reader, *writer;
	/** Where they are, for people. */
	char at_reader[112], at_writer[112];
	char note[104];
	char mapped[128];
};

static void place(const struct site *s, char *buf, size_t size)
{
	if (!s)
		snprintf(buf, size, "it");
	else if (s->file)
		snprintf(buf, size, "%s:%u", s->file, s->line);
	else
		snprintf(buf, size, "\"%s\"", s->what ? s->what : "access");
}

static bool is_cpu(const struct site *s)
{
	return s && s->cause == DMASIM_CAUSE_CPU;
}

static void mismatched(const struct sides *s, char *buf, size_t size)
{
	const struct site *cpu = s->reader, *other = s->writer;
	const char *at = s->at_reader;

	if (!is_cpu(cpu)) {
		cpu = s->writer;
		other = s->reader;
		at = s->at_writer;
	}
	if (!is_cpu(cpu))
		snprintf(buf, size,
		         "give both devices' accesses the same memory type, "
		         "cacheability and shareability");
	else if (is_cpu(other))
		snprintf(buf, size,
		         "use one mapping for these bytes, or clean and "
		         "invalidate (DC CIVAC + DSB) between %s and %s",
		         s->at_writer, s->at_reader);
	else if (!dmasim_attr_cacheable(&cpu->attr) &&
	         dmasim_attr_cacheable(&other->attr))
		snprintf(buf, size,
		         "map the memory as the device does: add dma-coherent "
		         "to the device's node, so that dma_alloc_coherent() "
		         "gives cacheable memory, or make the device's "
		         "accesses non-cacheable (the CPU's is %s)",
		         at);
	else if (dmasim_attr_cacheable(&cpu->attr) &&
	         !dmasim_attr_cacheable(&other->attr))
		snprintf(buf, size,
		         "map the memory as the device does: remove "
		         "dma-coherent from the device's node, so that "
		         "dma_alloc_coherent() gives non-cacheable memory, or "
		         "make the device's accesses cacheable (the CPU's is "
		         "%s)",
		         at);
	else
		snprintf(buf, size,
		         "give the CPU's mapping and the device's accesses the "
		         "same memory type, cacheability and shareability "
		         "(the CPU's is %s)",
		         at);
}

static void stale(const struct sides *s, char *buf, size_t size)
{
	if (!s->writer || !s->reader)
		snprintf(buf, size,
		         "let one side finish before the other reads");
	else if (!s->writer->past && s->reader->past)
		snprintf(buf, size,
		         "dma_map_single() or dma_sync_single_for_device() "
		         "after %s and before the device is told; DC CVAC + "
		         "DSB",
		         s->at_writer);
	else if (s->writer->past && !s->reader->past)
		snprintf(buf, size,
		         "dma_unmap_single() or dma_sync_single_for_cpu() "
		         "before %s and after the device has finished; DC IVAC "
		         "+ DSB",
		         s->at_reader);
	else
		snprintf(buf, size,
		         "maintain the line by address between %s and %s; DC "
		         "CIVAC + DSB",
		         s->at_writer, s->at_reader);
}

static void lost(const struct sides *s, char *buf, size_t size)
{
	snprintf(buf, size,
	         "dma_map_single() or dma_sync_single_for_device() after %s "
	         "and before the device may write, and no CPU write to the "
	         "line until it has finished; DC CIVAC + DSB; keep other data "
	         "out of the buffer's lines",
	         s->at_reader);
}

static void discarded(const struct sides *s, char *buf, size_t size)
{
	snprintf(buf, size,
	         "clean after %s and before %s (DC CVAC + DSB), or use DC "
	         "CIVAC instead of DC IVAC there; keep data that the CPU "
	         "writes out of the lines of a buffer that the device writes "
	         "(ARCH_DMA_MINALIGN)",
	         s->at_writer, s->at_reader);
}

static void shared(const struct sides *s, char *buf, size_t size)
{
	snprintf(buf, size,
	         "give %s%s lines of its own: align and pad it to the cache "
	         "line (ARCH_DMA_MINALIGN, kmalloc() or "
	         "____cacheline_aligned), or let the write at %s wait until "
	         "dma_unmap_single() or dma_sync_single_for_cpu()",
	         s->note, s->mapped, s->at_reader);
}

static void ownership(const struct sides *s, const struct hazard *h, char *buf,
                      size_t size)
{
	const struct dma_note *n = h->note;

	if (is_cpu(s->reader))
		snprintf(buf, size,
		         "the device owns %s%s: dma_sync_single_for_cpu() or "
		         "dma_unmap_single() before %s%s",
		         s->note, s->mapped, s->at_reader,
		         n && n->coherent ? "" : "; DC IVAC + DSB");
	else if (n && n->cpus)
		snprintf(buf, size,
		         "the CPU owns %s%s: dma_sync_single_for_device() "
		         "before the device is told%s",
		         s->note, s->mapped,
		         n->coherent ? "" : "; DC CVAC + DSB");
	else
		snprintf(buf, size,
		         "%s%s is mapped %s: map it DMA_BIDIRECTIONAL, or "
		         "keep the device from %s",
		         s->note, s->mapped,
		         n && n->direction == DMASIM_TO_DEVICE
		                 ? "DMA_TO_DEVICE"
		                 : "DMA_FROM_DEVICE",
		         s->at_reader);
}

static void overreach(const struct sides *s, char *buf, size_t size)
{
	snprintf(buf, size,
	         "no buffer is mapped there: give the device addresses and "
	         "lengths of buffers only (dma_map_single() maps whole pages, "
	         "so an IOMMU lets it pass); look at the address and length "
	         "that %s was given",
	         s->at_reader);
}

static void missing_barrier(const struct dmasim_checker *c,
                            const struct hazard *h, const struct sides *s,
                            char *buf, size_t size)
{
	char flag[64], wrote[112], read[112];

	dmasim_describe(c, h->flag_addr, flag, sizeof(flag));
	place(site_get(c, h->flag_write), wrote, sizeof(wrote));
	place(site_get(c, h->flag_read), read, sizeof(read));
	switch (h->why) {
	case HAZARD_PRODUCER:
		snprintf(buf, size,
		         "the write at %s may be seen after that of %s at %s: "
		         "dma_wmb() (smp_wmb() between CPUs; DMB ST) or a "
		         "store-release (STLR) between them",
		         s->at_writer, flag, wrote);
		break;
	case HAZARD_DOORBELL:
		snprintf(buf, size,
		         "the write at %s may be seen after the doorbell at "
		         "%s: wmb() (DSB ST) or dma_wmb() (DMB OSHST) before "
		         "it, or writel() instead of writel_relaxed()",
		         s->at_writer, wrote);
		break;
	case HAZARD_CONSUMER:
		snprintf(buf, size,
		         "the read at %s may be made before that of %s at %s: "
		         "dma_rmb() (smp_rmb() between CPUs; DMB LD) or a "
		         "load-acquire (LDAR) between them%s",
		         s->at_reader, flag, read,
		         h->maybe ? ", unless the address of the one depends "
		                    "on the other"
		                  : "");
		break;
	case HAZARD_MAINTENANCE:
		snprintf(buf, size,
		         "nothing waits for the maintenance of what %s wrote "
		         "before %s: dsb(sy) (DSB) after the DC instruction",
		         s->at_writer, s->at_reader);
		break;
	default:
		snprintf(buf, size,
		         "the load at %s may be made before the store at %s is "
		         "seen: virtio_mb(), smp_mb() (DMB) between them",
		         s->at_reader, s->at_writer);
		break;
	}
}

static void unmapped(const struct sides *s, char *buf, size_t size)
{
	snprintf(buf, size,
	         "%s was unmapped before %s: dma_unmap_single() only after "
	         "the device has finished with it",
	         s->note, s->at_reader);
}

static void find_sides(const struct dmasim_checker *c, const struct hazard *h,
                       struct sides *s)
{
	*s = (struct sides){.reader = site_get(c, h->reader),
	                    .writer = site_get(c, h->writer)};
	place(s->reader, s->at_reader, sizeof(s->at_reader));
	place(s->writer, s->at_writer, sizeof(s->at_writer));
	snprintf(s->note, sizeof(s->note), "the buffer");
	if (!h->note)
		return;
	note_title(c, h->note, s->note, sizeof(s->note));
	if (h->note->site) {
		char at[100];

		place(site_get(c, h->note->site), at, sizeof(at));
		snprintf(s->mapped, sizeof(s->mapped), " (mapped at %s)", at);
	}
}

void remedy_text(const struct dmasim_checker *c, const struct hazard *h,
                 char *buf, size_t size)
{
	struct sides s;

	buf[0] = '\0';
	find_sides(c, h, &s);
	switch (h->kind) {
	case DMASIM_STALE_READ:
		stale(&s, buf, size);
		break;
	case DMASIM_LOST_WRITE:
		lost(&s, buf, size);
		break;
	case DMASIM_DISCARDED_WRITE:
		discarded(&s, buf, size);
		break;
	case DMASIM_MISMATCHED_ALIAS:
		mismatched(&s, buf, size);
		break;
	case DMASIM_SHARED_LINE:
		shared(&s, buf, size);
		break;
	case DMASIM_OWNERSHIP:
		ownership(&s, h, buf, size);
		break;
	case DMASIM_OVERREACH:
		overreach(&s, buf, size);
		break;
	case DMASIM_MISSING_BARRIER:
		missing_barrier(c, h, &s, buf, size);
		break;
	case DMASIM_USE_AFTER_UNMAP:
		unmapped(&s, buf, size);
		break;
	default:
		break;
	}
}
