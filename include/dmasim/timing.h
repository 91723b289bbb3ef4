/* SPDX-License-Identifier: MIT */
/*
 * What lies between the caches and RAM, in time: an interconnect and DRAM.
 * Both are ports that add to a transaction's latency and hand it on; bytes,
 * faults and order are those of what lies below. Neither is needed: without
 * them the map's own constant is what RAM costs.
 *
 * Masters have clocks of their own, so that accesses come out of order: each
 * carries when it arrives (dmasim_txn_ahead()). What is busy is kept in slots
 * of time, from now to some microseconds ahead; an access takes the first
 * time that is free when it arrives or later, even if it is asked for after
 * another one that comes later. So, for the same arrivals, more accesses
 * never make one of them faster. (An open row is another matter: as with a
 * line in a cache, whoever opened it did so for all.) docs/timing.md.
 */
#ifndef DMASIM_TIMING_H
#define DMASIM_TIMING_H

#include "dmasim/choice.h"
#include "dmasim/mem.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- DRAM ---- */

/** Which bits of an address say what, from the highest ones down. */
enum dmasim_dram_order {
	/** A row's bytes are neighbours, then come the banks: streams have
	 * row hits, and other streams have other banks. */
	DMASIM_DRAM_ROW_BANK_COLUMN,
	/** Each bank is one piece of memory. */
	DMASIM_DRAM_BANK_ROW_COLUMN,
	/** Neighbouring bursts lie in different banks. */
	DMASIM_DRAM_ROW_COLUMN_BANK,
};

/** Times in ps, at most 1 ms each; JEDEC's names. */
struct dmasim_dram_timing {
	uint32_t channels, ranks; /**< powers of two, up to 16 and 8 */
	/** Of a rank; a power of two, up to 64, and 1024 in all. */
	uint32_t banks;
	uint32_t row_bytes;   /**< of a bank; a power of two */
	uint32_t burst_bytes; /**< a power of two, at most a row */
	/** Bytes before the next channel; a power of two, a burst to a row. */
	uint32_t interleave;
	enum dmasim_dram_order order;
	uint64_t burst; /**< the data bus is busy for one burst; not 0 */
	uint64_t rcd;   /**< from opening a row to a column */
	uint64_t cl;    /**< from a column to its data */
	uint64_t rp;    /**< closing a row */
	uint64_t ras;   /**< a row stays open at least this long */
	uint64_t wr;    /**< after a write, before its row is closed */
	uint64_t rfc;   /**< a refresh of a rank; less than refi */
	uint64_t refi;  /**< between two of them; 0: none */
	uint64_t fixed; /**< controller and PHY, there and back */
};

struct dmasim_dram_config {
	struct dmasim_kernel *kernel;
	/** Says what is RAM; the rest passes untouched. Its own constant
	 * should be DMASIM_FOREVER (none). */
	struct dmasim_map *map;
	/** NULL: the map itself. */
	const struct dmasim_port *down;
	struct dmasim_dram_timing timing;
};

struct dmasim_dram_stats {
	uint64_t reads, writes; /**< accesses */
	/** Bursts whose row was open, whose bank was closed, and where
	 * another row had to be closed first. */
	uint64_t hits, closed, conflicts;
	uint64_t refreshes; /**< bursts that waited for one */
	uint64_t waited;    /**< ps, for a busy bank, bus or a refresh */
	uint64_t latency;   /**< ps, of all accesses */
};

struct dmasim_dram;

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_dram_create(const struct dmasim_dram_config *cfg,
                                  struct dmasim_dram **out);
DMASIM_API void dmasim_dram_destroy(struct dmasim_dram *d);
DMASIM_API struct dmasim_port dmasim_dram_port(struct dmasim_dram *d);
DMASIM_API void dmasim_dram_stats(const struct dmasim_dram *d,
                                  struct dmasim_dram_stats *s);
DMASIM_API void dmasim_dram_save(const struct dmasim_dram *d,
                                 struct dmasim_writer *w);
/** Into one of the same configuration. OK, E_FORMAT, E_NOMEM; after an error
 * it is as it was. */
DMASIM_API int dmasim_dram_restore(struct dmasim_dram *d,
                                   struct dmasim_reader *r);

/* ---- interconnect ---- */

enum dmasim_arbitration {
	/** A port that has had less than its part of the present slot of
	 * time is served in it; who had more makes up for it later. */
	DMASIM_ROUND_ROBIN,
	/** In the order in which accesses are made. */
	DMASIM_FIRST_COME,
};

struct dmasim_interconnect_timing {
	uint64_t period; /**< of its clock in ps, at most 1 ms; not 0 */
	uint32_t cycles; /**< there and back, when idle; at most 10,000 */
	uint32_t bytes;  /**< in a cycle, 1 to 4096 */
	enum dmasim_arbitration arbitration;
};

#define DMASIM_INTERCONNECT_PORTS 64u

struct dmasim_interconnect_config {
	struct dmasim_kernel *kernel;
	/** DMASIM_CHOICE_ARBITER: two ports at the same instant: who made his
	 * access first (0), or the other one (1). NULL: defaults. */
	struct dmasim_choice *choice;
	const struct dmasim_port *down;
	uint32_t ports; /**< 1 .. DMASIM_INTERCONNECT_PORTS */
	struct dmasim_interconnect_timing timing;
};

struct dmasim_interconnect_stats {
	uint64_t accesses, bytes;
	uint64_t waited; /**< ps, for others */
};

struct dmasim_interconnect;

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int
dmasim_interconnect_create(const struct dmasim_interconnect_config *cfg,
                           struct dmasim_interconnect **out);
DMASIM_API void dmasim_interconnect_destroy(struct dmasim_interconnect *ic);
/** The port of whoever an access is from (txn->initiator; the ports are dealt
 * out in turn): for the memory side of a memory system. */
#define DMASIM_PORT_BY_INITIATOR UINT32_MAX
/** OK, E_RANGE. */
DMASIM_API int dmasim_interconnect_port(struct dmasim_interconnect *ic,
                                        uint32_t index,
                                        struct dmasim_port *port);
/** Of one port. OK, E_RANGE. */
DMASIM_API int dmasim_interconnect_stats(const struct dmasim_interconnect *ic,
                                         uint32_t index,
                                         struct dmasim_interconnect_stats *s);
DMASIM_API void dmasim_interconnect_save(const struct dmasim_interconnect *ic,
                                         struct dmasim_writer *w);
/** As dmasim_dram_restore(). */
DMASIM_API int dmasim_interconnect_restore(struct dmasim_interconnect *ic,
                                           struct dmasim_reader *r);

/* ---- profiles ---- */

struct dmasim_timing_cache {
	uint32_t size; /**< bytes; 0: there is none */
	uint32_t ways;
	uint32_t cycles; /**< of a look-up, of the CPUs' clock */
};

/** The numbers of one kind of machine; docs/timing.md has the source of each.
 * None of them stands for a product. */
struct dmasim_timing_profile {
	const char *name;
	uint64_t period; /**< of the CPUs' clock, ps */
	uint32_t line_size;
	/** Of each CPU, of each behind that, of all together, and behind the
	 * point of coherency. */
	struct dmasim_timing_cache l1, l2, shared, system;
	/** A snoop that finds a copy, beside the look-up in that cache. */
	uint32_t snoop_cycles;
	/** From the caches to what lies below them, there and back. */
	uint32_t hop_cycles;
	/** Snoop filter: lines (0: none, as dmasim_snoop_filter_config says),
	 * ways, and cycles of a look-up. */
	uint32_t filter_entries, filter_ways, filter_cycles;
	uint32_t store_buffer; /**< stores */
	struct dmasim_interconnect_timing interconnect;
	struct dmasim_dram_timing dram;
};

/** "generic", "cortex-a53-like", "cortex-a72-like", "neoverse-n1-like"; NULL if
 * there is none of that name. */
DMASIM_API const struct dmasim_timing_profile *
dmasim_timing_profile_get(const char *name);
/** By index, "generic" first; NULL past the end. */
DMASIM_API const struct dmasim_timing_profile *
dmasim_timing_profile_at(size_t index);

#ifdef __cplusplus
}
#endif
#endif
