/* SPDX-License-Identifier: MIT */
/*
 * Lessons: a story of a driver and a device, told twice: as it goes wrong,
 * and with the fix. A lesson is one short source file:
 *
 *     #include <dmasim/lesson.h>
 *
 *     static void story(struct dmasim_stage *s, bool fixed)
 *     {
 *             struct dmasim_agent *cpu = lesson_cpu(s, 0);
 *             struct dmasim_agent *nic = lesson_device(s, "nic",
 *                                              DMASIM_PORT_NONCOHERENT);
 *             struct dmasim_area *packet = lesson_area(s, "packet", 64);
 *
 *             lesson_watch(packet, 0);
 *             lesson_say(s, "The driver fills the packet.");
 *             lesson_write32(cpu, packet, 0, 0x11223344);
 *             if (fixed)
 *                     lesson_clean(cpu, packet);
 *             lesson_read32(nic, packet, 0);
 *     }
 *
 *     DMASIM_LESSON(my_lesson) = {
 *             .name = "my-lesson", .title = "...", .finding =
 *             DMASIM_STALE_READ, .story = story,
 *     };
 *
 * `dmasim teach FILE.c` compiles and runs it. Without the command:
 * cc FILE.c $(pkg-config --cflags --libs dmasim), a program with the options
 * --html FILE and --json.
 *
 * The machine of a lesson: two CPUs with one cache each, lines of 64 bytes,
 * 16 MiB of RAM that they map Normal Write-Back, and what the story adds.
 * Nothing happens in it that the story does not say. A call that cannot be done
 * ends the lesson with the place and the reason; what follows it does nothing.
 */
#ifndef DMASIM_LESSON_H
#define DMASIM_LESSON_H

#include <stdio.h>

#include "dmasim/smmu_commands.h"
#include "dmasim/smmuv3.h"
#include "dmasim/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_stage;
/** A CPU or a device. */
struct dmasim_agent;
/** Named bytes in RAM, in pages of their own. */
struct dmasim_area;

struct dmasim_lesson {
	const char *name; /**< "missing-clean" */
	const char *title;
	/** What it teaches: paragraphs, separated by empty lines. */
	const char *text;
	const char *remedy;
	/** What the story must lead to unless it is fixed. */
	enum dmasim_finding_kind finding;
	void (*story)(struct dmasim_stage *s, bool fixed);
};

/** Defines the lesson @id, and the program that tells it. */
#ifdef DMASIM_LESSON_BUILT_IN
#define DMASIM_LESSON(id)                                                      \
	extern const struct dmasim_lesson id;                                  \
	const struct dmasim_lesson id
#else
#define DMASIM_LESSON(id)                                                      \
	extern const struct dmasim_lesson id;                                  \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		return dmasim_lesson_main(argc, argv, &id);                    \
	}                                                                      \
	const struct dmasim_lesson id
#endif

/* ---- who and what there is ---- */

/** CPU 0 or 1, without a store buffer: its stores are seen at once. */
DMASIM_API struct dmasim_agent *dmasim_lesson_cpu(struct dmasim_stage *s,
                                                  uint32_t index);
/** The same with a store buffer, where stores wait until a barrier, or until
 * lesson_choose() lets them go. */
DMASIM_API struct dmasim_agent *
dmasim_lesson_buffered_cpu(struct dmasim_stage *s, uint32_t index);
/** @kind: DMASIM_PORT_COHERENT snoops the caches, NONCOHERENT goes to memory
 * past them, CACHED has a cache of its own (a process of the host). */
DMASIM_API struct dmasim_agent *
dmasim_lesson_device(struct dmasim_stage *s, const char *name,
                     enum dmasim_port_kind kind);
/** Zeroed, on a line of its own. */
DMASIM_API struct dmasim_area *
dmasim_lesson_area(struct dmasim_stage *s, const char *name, uint32_t size);
/** Some bytes of @whole under a name of their own. */
DMASIM_API struct dmasim_area *dmasim_lesson_part(struct dmasim_area *whole,
                                                  const char *name,
                                                  uint32_t offset,
                                                  uint32_t size);
/** From now on this CPU or device reaches @area with these attributes. */
DMASIM_API void dmasim_lesson_map(struct dmasim_agent *agent,
                                  struct dmasim_area *area,
                                  const struct dmasim_attr *attr);
/** The line that the lesson shows. From here on every act is a step. */
DMASIM_API void dmasim_lesson_watch(struct dmasim_area *area, uint32_t offset);
DMASIM_API struct dmasim_checker *dmasim_lesson_checker(struct dmasim_stage *s);

/* ---- what happens; each is a step ---- */

/** Stands above the next step. */
DMASIM_API void dmasim_lesson_say(struct dmasim_stage *s, const char *fmt, ...)
        DMASIM_PRINTF(2, 3);
/** @size: 1, 2, 4, 8. Little-endian. */
DMASIM_API void dmasim_lesson_write(struct dmasim_agent *agent,
                                    struct dmasim_area *area, uint32_t offset,
                                    uint32_t size, uint64_t value,
                                    struct dmasim_origin origin);
/** 0 if it was refused. */
DMASIM_API uint64_t dmasim_lesson_read(struct dmasim_agent *agent,
                                       struct dmasim_area *area,
                                       uint32_t offset, uint32_t size,
                                       struct dmasim_origin origin);
/** DMASIM_CLEAN, INVALIDATE or CLEAN_INVALIDATE of the whole area, with the
 * DSB that completes it. */
DMASIM_API void dmasim_lesson_maintain(struct dmasim_agent *cpu,
                                       enum dmasim_op op,
                                       struct dmasim_area *area,
                                       struct dmasim_origin origin);
DMASIM_API void dmasim_lesson_barrier(struct dmasim_agent *cpu,
                                      enum dmasim_barrier kind,
                                      struct dmasim_origin origin);
enum dmasim_lesson_dma {
	DMASIM_LESSON_MAP,
	DMASIM_LESSON_SYNC_FOR_CPU,
	DMASIM_LESSON_SYNC_FOR_DEVICE,
	DMASIM_LESSON_UNMAP,
};
/** A call of the DMA API: who owns @area from now on, and the maintenance, if
 * @device is not coherent. */
DMASIM_API void
dmasim_lesson_dma(struct dmasim_agent *cpu, struct dmasim_agent *device,
                  struct dmasim_area *area, enum dmasim_lesson_dma call,
                  enum dmasim_dma_dir direction, struct dmasim_origin origin);
/** The hardware fills the line of @area's byte into this CPU's cache, as it
 * may at any time. */
DMASIM_API void dmasim_lesson_prefetch(struct dmasim_agent *cpu,
                                       struct dmasim_area *area,
                                       uint32_t offset);
/** The CPU's caches, and then the shared one, evict that line. */
DMASIM_API void dmasim_lesson_evict(struct dmasim_agent *cpu,
                                    struct dmasim_area *area, uint32_t offset);
/** From now on that choice is always answered so (dmasim/choice.h). Not a
 * step. */
DMASIM_API void dmasim_lesson_choose(struct dmasim_stage *s,
                                     enum dmasim_choice_point point,
                                     uint32_t answer);
/** Let time pass. */
DMASIM_API void dmasim_lesson_wait(struct dmasim_stage *s, uint64_t ps);

#define lesson_cpu(s, index)          dmasim_lesson_cpu(s, index)
#define lesson_buffered_cpu(s, index) dmasim_lesson_buffered_cpu(s, index)
#define lesson_device(s, name, kind)  dmasim_lesson_device(s, name, kind)
#define lesson_area(s, name, size)    dmasim_lesson_area(s, name, size)
#define lesson_part(area, name, off, size)                                     \
	dmasim_lesson_part(area, name, off, size)
#define lesson_map(agent, area, attr)   dmasim_lesson_map(agent, area, attr)
#define lesson_watch(area, offset)      dmasim_lesson_watch(area, offset)
#define lesson_say                      dmasim_lesson_say
#define lesson_choose(s, point, answer) dmasim_lesson_choose(s, point, answer)
#define lesson_wait(s, ps)              dmasim_lesson_wait(s, ps)
#define lesson_prefetch(cpu, area, off) dmasim_lesson_prefetch(cpu, area, off)
#define lesson_evict(cpu, area, off)    dmasim_lesson_evict(cpu, area, off)
#define lesson_write16(agent, area, off, v)                                    \
	dmasim_lesson_write(agent, area, off, 2, v, DMASIM_HERE)
#define lesson_write32(agent, area, off, v)                                    \
	dmasim_lesson_write(agent, area, off, 4, v, DMASIM_HERE)
#define lesson_write64(agent, area, off, v)                                    \
	dmasim_lesson_write(agent, area, off, 8, v, DMASIM_HERE)
#define lesson_read16(agent, area, off)                                        \
	dmasim_lesson_read(agent, area, off, 2, DMASIM_HERE)
#define lesson_read32(agent, area, off)                                        \
	dmasim_lesson_read(agent, area, off, 4, DMASIM_HERE)
#define lesson_read64(agent, area, off)                                        \
	dmasim_lesson_read(agent, area, off, 8, DMASIM_HERE)
/** DC CVAC, DC IVAC, DC CIVAC, each with DSB. */
#define lesson_clean(cpu, area)                                                \
	dmasim_lesson_maintain(cpu, DMASIM_CLEAN, area, DMASIM_HERE)
#define lesson_invalidate(cpu, area)                                           \
	dmasim_lesson_maintain(cpu, DMASIM_INVALIDATE, area, DMASIM_HERE)
#define lesson_flush(cpu, area)                                                \
	dmasim_lesson_maintain(cpu, DMASIM_CLEAN_INVALIDATE, area, DMASIM_HERE)
#define lesson_dma_map_single(cpu, device, area, dir)                          \
	dmasim_lesson_dma(cpu, device, area, DMASIM_LESSON_MAP, dir,           \
	                  DMASIM_HERE)
#define lesson_dma_sync_for_cpu(cpu, device, area, dir)                        \
	dmasim_lesson_dma(cpu, device, area, DMASIM_LESSON_SYNC_FOR_CPU, dir,  \
	                  DMASIM_HERE)
#define lesson_dma_sync_for_device(cpu, device, area, dir)                     \
	dmasim_lesson_dma(cpu, device, area, DMASIM_LESSON_SYNC_FOR_DEVICE,    \
	                  dir, DMASIM_HERE)
#define lesson_dma_unmap_single(cpu, device, area, dir)                        \
	dmasim_lesson_dma(cpu, device, area, DMASIM_LESSON_UNMAP, dir,         \
	                  DMASIM_HERE)
#define lesson_barrier(cpu, kind) dmasim_lesson_barrier(cpu, kind, DMASIM_HERE)

/* ---- an SMMUv3, with one stream ---- */

struct dmasim_lesson_smmu {
	/** Its own accesses do not snoop the caches. */
	bool noncoherent;
	/** The stream has no valid STE yet. */
	bool no_ste;
};

#define DMASIM_LESSON_STREAM 8u

/** Puts an SMMU in front of @device: what the device is given as an address
 * is translated from now on. */
DMASIM_API void dmasim_lesson_smmu(struct dmasim_agent *device,
                                   const struct dmasim_lesson_smmu *config);
/** The page of @area gets an IOVA, and @device is told it. Returns the
 * descriptor of that page, for the driver to change. */
DMASIM_API struct dmasim_area *
dmasim_lesson_dma_map(struct dmasim_agent *device, struct dmasim_area *area);
/** Tell @device this address of @area, rather than its IOVA or its physical
 * address. */
DMASIM_API void dmasim_lesson_give(struct dmasim_agent *device,
                                   struct dmasim_area *area, uint64_t dma);
DMASIM_API uint64_t dmasim_lesson_address(const struct dmasim_area *area);
/** The stream table entry, and what it has to hold. */
DMASIM_API struct dmasim_area *dmasim_lesson_ste(struct dmasim_agent *device,
                                                 uint64_t words[8]);
/** The CPU queues a command and a CMD_SYNC and waits for both. */
DMASIM_API void dmasim_lesson_command(struct dmasim_agent *cpu,
                                      const char *name,
                                      struct dmasim_tables_cmd cmd,
                                      struct dmasim_origin origin);
/** CMD_TLBI_NH_VA of the page that @device has @area at. */
DMASIM_API void dmasim_lesson_tlbi(struct dmasim_agent *cpu,
                                   struct dmasim_agent *device,
                                   struct dmasim_area *area,
                                   struct dmasim_origin origin);

#define lesson_smmu(device, ...)                                               \
	dmasim_lesson_smmu(device, &(struct dmasim_lesson_smmu){__VA_ARGS__})
#define lesson_dma_map(device, area)   dmasim_lesson_dma_map(device, area)
#define lesson_give(device, area, dma) dmasim_lesson_give(device, area, dma)
#define lesson_address(area)           dmasim_lesson_address(area)
#define lesson_ste(device, words)      dmasim_lesson_ste(device, words)
#define lesson_tlbi(cpu, device, area)                                         \
	dmasim_lesson_tlbi(cpu, device, area, DMASIM_HERE)
#define lesson_cfgi_ste(cpu)                                                   \
	dmasim_lesson_command(                                                 \
	        cpu, "CMD_CFGI_STE",                                           \
	        dmasim_tables_cfgi_ste(DMASIM_LESSON_STREAM, true),            \
	        DMASIM_HERE)

/* ---- telling it ---- */

struct dmasim_lesson_options {
	const struct dmasim_backend *backend; /**< NULL: native */
	/** What the story leaves open is answered from a seed. */
	bool has_seed;
	uint64_t seed;
	dmasim_trace_fn *trace;
	void *trace_ctx;
	FILE *out;   /**< the text; NULL: none */
	bool colour; /**< in the text */
	FILE *json;  /**< an object of the lesson; NULL: none */
	FILE *html;  /**< the page; NULL: none */
	/** The source, for the lines of it that views show. NULL: read from
	 * where the compiler found it, if it is there. */
	const char *source;
};

/**
 * Tell @lesson both ways. *@as_told: the first way led to the finding, and
 * the second to none. OK; E_INVAL: a call of the story could not be done, with
 * the place in @diag; E_IO: an output failed; E_NOMEM.
 */
DMASIM_API int dmasim_lesson_tell(const struct dmasim_lesson *lesson,
                                  const struct dmasim_lesson_options *o,
                                  bool *as_told, struct dmasim_diag *diag);
/** The program of a lesson. Exit status as of every verb of the command. */
DMASIM_API int dmasim_lesson_main(int argc, char **argv,
                                  const struct dmasim_lesson *lesson);

#ifdef __cplusplus
}
#endif
#endif
