/* SPDX-License-Identifier: MIT */
/* A memory system for tests, with every kind of port and a memory below it
 * that can pend and refuse. */
#ifndef DMASIM_TESTS_CACHE_RIG_H
#define DMASIM_TESTS_CACHE_RIG_H

#include "check.h"

#include "dmasim/cpu.h"

#define RIG_CPUS 4u
#define RIG_RAM  0x80000000ull
#define RIG_SIZE 0x100000ull
#define RIG_MMIO 0x9000000ull
/** Virtual addresses of the CPUs: aliases of RIG_RAM, and the registers. */
#define RIG_WB  0x10000000ull
#define RIG_NC  0x20000000ull
#define RIG_WT  0x30000000ull
#define RIG_DEV 0x40000000ull

/** Memory that answers late. */
struct slow {
	struct dmasim_kernel *k;
	struct dmasim_port inner;
	uint32_t actor;
	/** 0: at once; DMASIM_FOREVER: never. */
	uint64_t delay;
	/** More than that at random, up to delay. */
	uint64_t seed;
	struct dmasim_txn *held[256];
	unsigned in_flight, most;
	uint64_t accesses, reads, writes;
	/** Bytes that arrived in writes. */
	uint64_t written;
	/** [from, to) is refused with this. */
	uint64_t from, to;
	enum dmasim_result refusal;
	enum dmasim_cause last_cause;
};

struct rig {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_choice *choice;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu[RIG_CPUS];
	uint32_t cpus;
	/** CPU ports themselves, past store buffers. */
	struct dmasim_port core[RIG_CPUS];
	struct dmasim_port coherent, noncoherent, host;
	/** With domains: of inner domain 1. */
	struct dmasim_port foreign, foreign_device;
	uint32_t coherent_agent, noncoherent_agent, host_agent;
	struct slow slow;
	/** What the registers saw. */
	unsigned register_accesses;
	uint64_t register_offset;
	uint32_t line;
};

struct rig_config {
	uint32_t cpus; /**< 0: 2 */
	uint32_t line_size;
	struct dmasim_cache_config l1, l2, shared, system;
	struct dmasim_snoop_filter_config snoop_filter;
	enum dmasim_protocol protocol;
	uint32_t ask_every;
	bool no_checker, no_timing, domains;
	const struct dmasim_choice_config *choice;
	uint32_t store_buffer;
	uint64_t delay;
	size_t max_findings;
};

struct rig *rig_new(const struct rig_config *cfg);
void rig_free(struct rig *r);
/** As fixtures of cmocka, for the default configuration. */
int rig_setup(void **state);
int rig_teardown(void **state);

/** One access; waits if need be. */
enum dmasim_result rig_access(struct rig *r, const struct dmasim_port *port,
                              struct dmasim_txn *txn);
enum dmasim_result rig_move(struct rig *r, const struct dmasim_port *port,
                            enum dmasim_op op, uint64_t addr, void *data,
                            uint32_t size, const struct dmasim_attr *attr);
uint64_t rig_read(struct rig *r, const struct dmasim_port *port, uint64_t addr,
                  const struct dmasim_attr *attr);
void rig_write(struct rig *r, const struct dmasim_port *port, uint64_t addr,
               uint64_t value, const struct dmasim_attr *attr);
/** What RAM itself holds. */
uint64_t rig_ram(struct rig *r, uint64_t addr);
/** A device's access with a name. */
uint64_t rig_dma_read(struct rig *r, const struct dmasim_port *port,
                      uint64_t addr, const char *what);
void rig_dma_write(struct rig *r, const struct dmasim_port *port, uint64_t addr,
                   uint64_t value, const char *what);
/** Findings of this kind. */
unsigned rig_findings(const struct rig *r, enum dmasim_finding_kind kind);

/** No finding at all; prints those that there are. */
void rig_no_findings(const struct rig *r);

static inline uint64_t rig_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#endif
