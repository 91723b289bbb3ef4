/* SPDX-License-Identifier: MIT */
/* A CPU agent: mappings, store buffer, local clock. */
#ifndef DMASIM_CPU_INTERNAL_H
#define DMASIM_CPU_INTERNAL_H

#include "dmasim/cpu.h"
#include "strings_internal.h"

/** Accesses are made in pieces that do not cross a multiple of it. */
#define CPU_PIECE     64u
#define CPU_MAX_STORE 65536u

struct cpu_mapping {
	uint64_t va, pa;
	uint64_t size;
	struct dmasim_attr attr;
};

/** What is ordered before the next access. Loads are ordered before later
 * loads and stores alike; stores are not (DMB ST). */
struct cpu_order {
	/** Of the youngest access. */
	uint64_t number;
	uint64_t loads;
	uint64_t stores_before_loads, stores_before_stores;
	uint64_t complete;
	/** The youngest release. */
	uint64_t released;
};

struct cpu_window;

/** Accesses of the window have not been performed. */
#define CPU_SPECIAL_WINDOW 1u

/** A store that waits to leave. */
struct cpu_store {
	uint64_t pa;
	/** When it must leave at the latest. */
	uint64_t due;
	uint32_t size;
	struct dmasim_attr attr;
	struct dmasim_origin origin;
	struct dmasim_program_order po;
	uint8_t data[CPU_PIECE];
};

struct dmasim_cpu {
	struct dmasim_kernel *kernel;
	struct dmasim_memsys *memsys;
	struct dmasim_choice *choice;
	struct dmasim_waiter *waiter;
	struct dmasim_port port;
	uint32_t index;
	uint32_t actor;
	bool stage2;
	uint64_t drain_delay, quantum;
	/** Ps that this CPU is ahead of the kernel. */
	uint64_t local;
	struct cpu_order order;
	/** CPU_SPECIAL_*: why an access may not go straight on. */
	uint32_t special;
	/** NULL until it is used. */
	struct cpu_window *window;

	/** By virtual address. */
	struct cpu_mapping *mappings;
	size_t mapping_len, mapping_cap, last;

	/** A ring of depth stores; number n lies at n % depth. They leave in
	 * the order of their numbers. */
	struct cpu_store *stores;
	uint32_t depth;
	uint64_t first, next;
	/** The first is on its way; this is its transaction. */
	struct dmasim_txn *flying;
	/** The drain call is on the heap. */
	bool armed;
	/** A store was refused after it had left; the next barrier tells. */
	bool fault;
	/** Fires when the first store has left. */
	struct dmasim_event *left;
};

/* cpu.c */
const struct cpu_mapping *cpu_find(const struct dmasim_cpu *cpu, uint64_t va);
/** Let the local clock pass. In a callback it cannot, and keeps it. */
int cpu_sync(struct dmasim_cpu *cpu);
/** What every transaction of this CPU has in common; its place in the program
 * is for the caller. */
void cpu_fill_txn(struct dmasim_txn *txn, enum dmasim_op op, uint64_t pa,
                  uint32_t size, const struct dmasim_attr *attr,
                  const struct dmasim_origin *origin);

/** The place of the access that is made now. */
static inline void cpu_place(struct dmasim_cpu *cpu, enum dmasim_op op,
                             struct dmasim_program_order *po)
{
	struct cpu_order *o = &cpu->order;

	po->number = ++o->number;
	po->loads = o->loads;
	po->stores = op == DMASIM_READ ? o->stores_before_loads
	                               : o->stores_before_stores;
	po->complete = o->complete;
	po->maybe = true;
}

/* cpu_access.c */
/** Hand @txn down and wait for it. Without OK it is no longer ours. OK: its
 * result is OK or EXCLUSIVE_FAIL. */
int cpu_send(struct dmasim_cpu *cpu, struct dmasim_txn *txn);
/** Let time pass if the quantum is over. */
int cpu_end_of_access(struct dmasim_cpu *cpu);
/** Have done what CPU_SPECIAL_* says must be done before an access. */
int cpu_settle(struct dmasim_cpu *cpu);

/* cpu_order.c */
/** The same, of an access with acquire or release semantics. */
void cpu_place_ordered(struct dmasim_cpu *cpu, enum dmasim_op op,
                       enum dmasim_order order,
                       struct dmasim_program_order *po);
/** The same, of a barrier of domain @share. */
void cpu_place_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                       enum dmasim_shareability share,
                       struct dmasim_program_order *po);

/* store_buffer.c */
static inline bool cpu_stores_empty(const struct dmasim_cpu *cpu)
{
	return cpu->first == cpu->next;
}

/** Put a store behind the others; makes room first. */
int cpu_store(struct dmasim_cpu *cpu, const struct cpu_store *store);
/** Wait until all stores before number @goal have left. */
int cpu_drain(struct dmasim_cpu *cpu, uint64_t goal);
/** Wait until no store to [pa, pa+size) is left. */
int cpu_drain_range(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size);
/** Bytes of [pa, pa+size) that stores have, into @buf, marked in @have. A
 * store through a mapping of other attributes is drained instead. */
int cpu_forward(struct dmasim_cpu *cpu, uint64_t pa, uint32_t size,
                const struct dmasim_attr *attr, uint8_t *buf, uint64_t *have);
void cpu_drain_call(void *obj, uint32_t op, uint64_t arg);

enum cpu_call {
	CPU_CALL_DUE,
	CPU_CALL_LEFT,
};

#endif
