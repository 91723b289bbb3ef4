/* SPDX-License-Identifier: MIT */
/* The machine that mem_stream.c drives. */
#ifndef DMASIM_TESTS_FUZZ_MEM_MACHINE_H
#define DMASIM_TESTS_FUZZ_MEM_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "dmasim/cache.h"

#define MEM_RAM   0x40000000ull
#define MEM_SIZE  0x4000u
#define MEM_REGS  0x50000000ull
#define MEM_SLOTS 8u
#define MEM_PORTS 8u
#define MEM_MOST  512u
/** More than all caches have lines. */
#define MEM_WAITING 4096u

struct mem_slot {
	struct dmasim_txn txn;
	bool busy;
	uint8_t data[MEM_MOST];
};

struct mem_fuzz {
	const uint8_t *in;
	size_t left;
	bool any, pend;
	uint64_t digest;

	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_choice *choice;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	uint32_t cpus, line;
	struct dmasim_port ram;
	/** CPUs, a cached one, a coherent one, and one that is not. */
	struct dmasim_port port[MEM_PORTS];
	uint32_t ports, coherent_ports;

	uint32_t actor;
	struct dmasim_txn *waiting[MEM_WAITING];
	uint32_t waiting_count, waiting_next;
	struct mem_slot slot[MEM_SLOTS];
	uint64_t seen_events;

	/** What every coherent agent sees. */
	uint8_t flat[MEM_SIZE];
	/** Of each port the line that it may hold reserved, + 1. */
	uint64_t reserved[MEM_PORTS];
	/** A place to go back to. */
	struct dmasim_writer *kept;
	uint8_t kept_flat[MEM_SIZE];
	uint64_t kept_reserved[MEM_PORTS];
};

void mem_must(int ok, const char *what);
void mem_see(struct mem_fuzz *z, uint64_t v);
uint64_t mem_take(struct mem_fuzz *z, unsigned bytes);

void mem_open(struct mem_fuzz *z);
void mem_close(struct mem_fuzz *z);
/** Time passes until every access has its answer. */
void mem_settle(struct mem_fuzz *z);
bool mem_busy(const struct mem_fuzz *z);
/** Start the access in @slot, which is not busy. */
void mem_start(struct mem_fuzz *z, uint32_t slot,
               const struct dmasim_port *port);
/** Everything that can be saved, out and in again, and out: the same bytes. */
void mem_round_trip(struct mem_fuzz *z);
void mem_keep(struct mem_fuzz *z);
void mem_go_back(struct mem_fuzz *z);
/** Any bytes for a state: taken whole or refused whole. */
void mem_hostile_state(struct mem_fuzz *z);

#endif
