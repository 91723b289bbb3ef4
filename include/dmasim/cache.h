/* SPDX-License-Identifier: MIT */
/*
 * The memory system above the address map: an L1 and a private L2 per CPU, a
 * shared cache, ports for devices, and a system-level cache in front of
 * memory. Caches hold real bytes with per-byte dirtiness; RAM holds other
 * real bytes. What a read returns is what that path sees.
 *
 * Coherency: CPUs and coherent ports form one inner-shareable domain.
 * A non-cacheable access goes past the caches without looking into them
 * (a choice point), and a non-coherent port does so for every access.
 */
#ifndef DMASIM_CACHE_H
#define DMASIM_CACHE_H

#include "dmasim/choice.h"
#include "dmasim/finding.h"
#include "dmasim/line.h"
#include "dmasim/mem.h"
#include "dmasim/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which line of a full set goes. Each is only the preferred answer of
 * DMASIM_CHOICE_VICTIM_WAY. */
enum dmasim_replacement {
	DMASIM_REPLACE_LRU,
	/** A tree of bits; ways must be a power of two. */
	DMASIM_REPLACE_PLRU,
	/** Meant for the choice point; without one, in turn. */
	DMASIM_REPLACE_RANDOM,
};

enum dmasim_protocol {
	DMASIM_MESI,
	/** A dirty line that others read stays dirty (Owned). */
	DMASIM_MOESI,
};

struct dmasim_cache_config {
	/** Bytes: ways lines in a power of two of sets. 0, with ways or cycles
	 * set: this level is absent. */
	uint32_t size;
	uint32_t ways;   /**< 1 .. 32 */
	uint32_t cycles; /**< latency of a hit */
	enum dmasim_replacement replacement;
};

/** A directory of the lines that private caches may hold. When it is full, a
 * line that it forgets is taken from them (back-invalidation). */
struct dmasim_snoop_filter_config {
	/** Lines: ways in a power of two of sets, up to 1 Mi. 0: there is
	 * none; where copies are is known, and to know it costs nothing. */
	uint32_t entries;
	uint32_t ways;   /**< 1 .. 64 */
	uint32_t cycles; /**< of a look-up */
};

struct dmasim_snoop_filter_stats {
	uint64_t looks, hits, back_invalidations;
};

struct dmasim_memsys_config {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_choice *choice;   /**< NULL: defaults */
	struct dmasim_checker *checker; /**< NULL: off */
	uint32_t cpus;                  /**< 1 .. 64 */
	/** Bytes; a power of two, 16 .. 2048. 0: 64. */
	uint32_t line_size;
	/** Where numbers come from that are not given here (caches that are
	 * all-zero, clock, snoops, hops). NULL: "generic", which is what
	 * follows calls the default. Not used after creation. */
	const struct dmasim_timing_profile *timing;
	/** Clock period in ps. 0: 1000 (1 GHz). */
	uint64_t period;
	/** Of each CPU and cached port. All-zero: 32 KiB, 4 ways, 3 cycles. */
	struct dmasim_cache_config l1;
	/** Of each, too, behind its L1, which it has no line in common with.
	 * Absent without a size; E_INVAL without an L1. */
	struct dmasim_cache_config l2;
	/** Of all together, before the point of coherency. All-zero: 512 KiB,
	 * 8 ways, 12 cycles. Without an L1 it is the first level; without
	 * both, all goes to memory. */
	struct dmasim_cache_config shared;
	/** Behind the point of coherency, in front of memory for everybody.
	 * Absent without a size. */
	struct dmasim_cache_config system;
	/** Without entries: the profile's. */
	struct dmasim_snoop_filter_config snoop_filter;
	enum dmasim_protocol protocol;
	/** Ask the choice about fills, evictions and cleans of lines in use
	 * before every n-th access of a CPU or cached port. 0: never, only
	 * about an eviction and a prefetch at a miss. */
	uint32_t ask_every;
	/** Functional mode: every latency is 0. */
	bool no_timing;
	/** What lies below the caches; it may pend. NULL: the map itself.
	 * (The map still says what is RAM.) */
	const struct dmasim_port *memory;
};

enum dmasim_port_kind {
	/** Snoops every cache of the domain; allocates nowhere. */
	DMASIM_PORT_COHERENT,
	/** Goes to memory past all caches. */
	DMASIM_PORT_NONCOHERENT,
	/** Has an L1 of its own, as a CPU: a host process that emulates a
	 * device and maps the guest's RAM cacheable. */
	DMASIM_PORT_CACHED,
};

struct dmasim_device_port_config {
	const char *name; /**< copied; the agent's name in findings */
	enum dmasim_port_kind kind;
	/** For the checker: CAUSE of an SMMU is named as SMMU. */
	enum dmasim_agent_kind agent_kind;
	/** Its inner-shareable domain. 0: the CPUs'. */
	uint32_t inner_domain;
};

struct dmasim_cache_stats {
	uint64_t reads, writes, read_misses, write_misses, writebacks, snoops;
};

/** OK, E_INVAL (geometry, line size), E_NOMEM. */
DMASIM_API int dmasim_memsys_create(const struct dmasim_memsys_config *cfg,
                                    struct dmasim_memsys **out);
DMASIM_API void dmasim_memsys_destroy(struct dmasim_memsys *ms);

/** Where CPU @cpu's accesses enter (used by dmasim/cpu.h). Sets
 * txn->initiator. */
DMASIM_API int dmasim_memsys_cpu_port(struct dmasim_memsys *ms, uint32_t cpu,
                                      struct dmasim_port *port);
/** A port for a device or an SMMU's own accesses. The port sets
 * txn->initiator if it is 0. @agent may be NULL. */
DMASIM_API int
dmasim_memsys_add_port(struct dmasim_memsys *ms,
                       const struct dmasim_device_port_config *cfg,
                       struct dmasim_port *port, uint32_t *agent);
DMASIM_API uint32_t dmasim_memsys_line_size(const struct dmasim_memsys *ms);
#define DMASIM_SYSTEM_LEVEL 4
/** level 1: CPU @cpu's L1 (cached ports follow the CPUs); then, if there is
 * one, its L2; then the shared cache; 4: the system cache. OK, E_NOTFOUND. */
DMASIM_API int dmasim_memsys_stats(const struct dmasim_memsys *ms, int level,
                                   uint32_t cpu, struct dmasim_cache_stats *s);
/** OK; E_NOTFOUND: there is none. */
DMASIM_API int dmasim_memsys_filter_stats(const struct dmasim_memsys *ms,
                                          struct dmasim_snoop_filter_stats *s);

/*
 * What the hardware may do at any time, done now. OK; E_RANGE: no such CPU
 * (cached ports follow the CPUs); E_NOTFOUND. Without host memory nothing is
 * done, and the kernel's run fails.
 */
#define DMASIM_SHARED_CACHE UINT32_MAX
#define DMASIM_SYSTEM_CACHE (UINT32_MAX - 1)
/** A speculative fill of the line at @pa through a mapping with @attr. If
 * memory pends, the line comes later. E_INVAL: these attributes are not
 * cached; E_NOTFOUND: no cache or no RAM there, or memory refused. */
DMASIM_API int dmasim_memsys_prefetch(struct dmasim_memsys *ms, uint32_t cpu,
                                      uint64_t pa,
                                      const struct dmasim_attr *attr);
/** Evict the line from that CPU's caches, or from the shared one: its dirty
 * bytes go one level down. E_NOTFOUND: it is not there. */
DMASIM_API int dmasim_memsys_evict(struct dmasim_memsys *ms, uint32_t cpu,
                                   uint64_t pa);
/** As dmasim_memsys_evict(), but the line stays, clean. */
DMASIM_API int dmasim_memsys_clean(struct dmasim_memsys *ms, uint32_t cpu,
                                   uint64_t pa);

/** The CPUs and the cached ports, in the order in which they are numbered as
 * "cpu" here and in dmasim/line.h; and the name of one (NULL: there is none),
 * good as long as the memory system. */
DMASIM_API uint32_t dmasim_memsys_cached_ports(const struct dmasim_memsys *ms);
DMASIM_API const char *dmasim_memsys_cached_name(const struct dmasim_memsys *ms,
                                                 uint32_t index);

/** Write every dirty line back: as an orderly power-down does. Not for the
 * models; for reports and images at the end of a run. */
DMASIM_API int dmasim_memsys_flush(struct dmasim_memsys *ms);

/** E_STATE while a transaction is pending. */
DMASIM_API int dmasim_memsys_save(const struct dmasim_memsys *ms,
                                  struct dmasim_writer *w);
DMASIM_API int dmasim_memsys_restore(struct dmasim_memsys *ms,
                                     struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
