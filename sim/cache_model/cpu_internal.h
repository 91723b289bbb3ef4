/* SPDX-License-Identifier: MIT */
/* A CPU agent: mappings, store buffer, local clock. */
#ifndef DMASIM_CPU_INTERNAL_H
#define DMASIM_CPU_INTERNAL_H

#include "dmasim/cpu.h"
#include "dmasim/cpu_map.h"
#include "dmasim/cpu_ordered.h"
#include "strings_internal.h"

/** Accesses are made in pieces that do not cross a multiple of it. */
#define CPU_PIECE     64u
#define CPU_MAX_STORE 65536u

/** The longest line of a memory system. */
#define CPU_MAX_LINE 2048u
/** Maintenance that may be delayed at a time. */
#define CPU_MAX_DELAYED 16u

struct cpu_mapping {
	uint64_t va, pa;
	uint64_t size;
	struct dmasim_attr attr;
	/** Of stage 2, instead. */
	struct dmasim_s2_attr s2;
};

/** Mappings by (virtual, or intermediate) address. */
struct cpu_table {
	struct cpu_mapping *m;
	size_t len, cap;
};

enum cpu_stale_state {
	/** The tables have changed, and no DSB has made it visible. */
	CPU_STALE_NEW,
	CPU_STALE_VISIBLE,
	/** Gone at the next DSB. */
	CPU_STALE_INVALIDATED,
};

/** A translation that the tables have no longer, but the TLB may. */
struct cpu_stale {
	struct cpu_mapping old;
	enum cpu_stale_state state;
	/** A TLBI came while it was new. */
	bool early;
};

/** What one step of an access works on. */
struct cpu_piece {
	uint64_t pa;
	uint32_t size;
	struct dmasim_attr attr;
};

/** Maintenance by address, or by set and way. */
struct cpu_maintenance {
	enum dmasim_op op;
	uint64_t pa;
	uint32_t size;
	struct dmasim_attr attr;
	struct dmasim_origin origin;
	struct dmasim_program_order po;
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
/** Maintenance is delayed. */
#define CPU_SPECIAL_DELAYED 2u
/** It may load early. */
#define CPU_SPECIAL_EARLY 4u

struct cpu_early;

/** A store that waits to leave. */
struct cpu_store {
	uint64_t pa;
	/** When it must leave at the latest. */
	uint64_t due;
	uint32_t size;
	struct dmasim_attr attr;
	struct dmasim_origin origin;
	struct dmasim_program_order po;
	/** Stores before this number leave first. */
	uint64_t after;
	/** An STLR. */
	bool release;
	/** It has left; older ones have not. */
	bool gone;
	uint8_t data[CPU_PIECE];
};

/** A power of two. */
#define CPU_GRANULES 256u

struct dmasim_cpu {
	struct dmasim_kernel *kernel;
	struct dmasim_memsys *memsys;
	struct dmasim_choice *choice;
	struct dmasim_waiter *waiter;
	struct dmasim_port port;
	uint32_t index;
	uint32_t actor;
	bool stage2, fwb;
	uint64_t drain_delay, quantum;
	/** Ps that this CPU is ahead of the kernel. */
	uint64_t local;
	struct cpu_order order;
	/** CPU_SPECIAL_*: why an access may not go straight on. */
	uint32_t special;
	/** NULL until it is used. */
	struct cpu_window *window;

	struct cpu_table stage1, stage2_table;
	/** Where the last access went, both stages in one; size 0: nowhere. No
	 * stale entry touches it. */
	struct cpu_mapping hot;
	struct cpu_stale *stale;
	size_t stale_len, stale_cap;
	struct dmasim_tlb_stats tlb_stats;
	dmasim_remap_fn *remap_fn;
	void *remap_ctx;

	struct cpu_maintenance delayed[CPU_MAX_DELAYED];
	uint32_t delayed_len;
	/** NULL until it is used. */
	struct cpu_early *early;

	/** A ring; see cpu_store_at(). The first has not left. */
	struct cpu_store *stores;
	/** At most so many are used of the ring, which is a power of two. */
	uint32_t depth, ring_mask;
	/** How many stores that have not left touch some granule of 8 bytes,
	 * by its number's last bits: a load of none need not look. */
	uint32_t granules[CPU_GRANULES];
	uint64_t first, next;
	/** A barrier has put the stores before this number before all that
	 * follow. */
	uint64_t store_after;
	/** The youngest release is before this number. */
	uint64_t release_end;
	/** One is on its way; this is its transaction. */
	struct dmasim_txn *flying;
	uint64_t flying_number;
	/** The drain call is on the heap. */
	bool armed;
	/** A store was refused after it had left; the next barrier tells. */
	bool fault;
	/** Fires when a store that was flying has left. */
	struct dmasim_event *left;
};

/* cpu.c */
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

/** HCR_EL2.VM (Arm ARM D7.5): its DC IVAC does not discard. */
static inline bool cpu_under_stage2(const struct dmasim_cpu *cpu)
{
	return cpu->stage2 || cpu->stage2_table.len;
}

/* cpu_state.c */
void cpu_put_attr(struct dmasim_writer *w, const struct dmasim_attr *a);
void cpu_get_attr(struct dmasim_reader *r, struct dmasim_attr *a);

/* cpu_map.c */
/** Is it made of pages that there are? OK, E_INVAL, E_RANGE. */
int cpu_check_range(const struct cpu_mapping *m);
/** OK, E_INVAL, E_RANGE, E_OVERLAP, E_NOMEM. */
int cpu_table_add(struct cpu_table *t, const struct cpu_mapping *m);
/** The translation of @va: a run of addresses around it. A choice point if the
 * TLB may have another one. False: none. */
bool cpu_lookup(struct dmasim_cpu *cpu, uint64_t va, struct cpu_mapping *out);
/** The same, and remember it. */
bool cpu_find_hot(struct dmasim_cpu *cpu, uint64_t va, struct cpu_mapping *out);
/** Every byte of [va, va+size) has a mapping; size is not 0. */
bool cpu_covered(const struct dmasim_cpu *cpu, uint64_t va, uint64_t size);

/* cpu_tlb.c */
int cpu_tlb_add(struct dmasim_cpu *cpu, const struct cpu_stale *s);
/** The tables are about to lose @m. OK, E_NOMEM. */
int cpu_tlb_keep(struct dmasim_cpu *cpu, const struct cpu_mapping *m);
/** Does a stale entry touch [va, va+size)? */
bool cpu_tlb_holds(const struct dmasim_cpu *cpu, uint64_t va, uint64_t size);
/** The stale entry that this access uses; NULL: none. */
const struct cpu_mapping *cpu_tlb_use(struct dmasim_cpu *cpu, uint64_t va);
/** A mapping was changed in place; was made. */
void cpu_tlb_changed(struct dmasim_cpu *cpu, const struct cpu_mapping *old,
                     const struct cpu_mapping *now);
void cpu_tlb_made(struct dmasim_cpu *cpu, const struct cpu_mapping *now);
void cpu_tlb_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind);

/* cpu_maintain.c */
/** Perform what is delayed of the lines of [pa, pa+size). */
int cpu_perform_delayed(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size);
int cpu_perform_all_delayed(struct dmasim_cpu *cpu);

/* cpu_early.c */
int cpu_early_create(struct dmasim_cpu *cpu);
void cpu_early_save(const struct dmasim_cpu *cpu, struct dmasim_writer *w);
void cpu_early_restore(struct dmasim_cpu *fresh, struct dmasim_reader *r);
/** Before a load of @p: a choice point whether something is read ahead. */
int cpu_read_ahead(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                   const struct dmasim_origin *origin);
/** Bytes of @p that were read ahead and are not in @have yet, into @buf and
 * @have. The others of @p are read after it. */
int cpu_take_early(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                   uint8_t *buf, uint64_t *have,
                   const struct dmasim_origin *origin);
/** Nothing that was read ahead of [pa, pa+size) may be used any more. */
void cpu_drop_early(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size);

/* cpu_access.c */
/** Hand @txn down and wait for it. Without OK it is no longer ours. OK: its
 * result is OK or EXCLUSIVE_FAIL. */
int cpu_send(struct dmasim_cpu *cpu, struct dmasim_txn *txn);
/** Let time pass if the quantum is over. */
int cpu_end_of_access(struct dmasim_cpu *cpu);
/** Have done what CPU_SPECIAL_* says must be done before an access. */
int cpu_settle(struct dmasim_cpu *cpu);

/** What of [va, va+size) is one piece. False: nothing is mapped there. */
bool cpu_next_piece(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                    struct cpu_piece *p);
/** Do stores through such a mapping wait in the buffer? */
static inline bool cpu_buffers(const struct dmasim_cpu *cpu,
                               const struct dmasim_attr *attr)
{
	return cpu->depth && attr->type <= DMASIM_DEVICE_NGRE;
}
/** Put the store of @data to @p, an STLR, into the buffer. */
int cpu_buffer_release(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                       const uint8_t *data, const struct dmasim_origin *origin);

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

static inline struct cpu_store *cpu_store_at(const struct dmasim_cpu *cpu,
                                             uint64_t number)
{
	return &cpu->stores[number & cpu->ring_mask];
}

/** Some store may have bytes of [pa, pa + size). */
static inline bool cpu_may_have_stored(const struct dmasim_cpu *cpu,
                                       uint64_t pa, uint32_t size)
{
	uint64_t last = (pa + size - 1) / 8;
	uint32_t any = 0;

	for (uint64_t g = pa / 8; g <= last; g++)
		any |= cpu->granules[g % CPU_GRANULES];
	return any != 0;
}

/** An empty ring for cpu->depth stores. OK, E_NOMEM. */
int cpu_make_ring(struct dmasim_cpu *cpu);
/** Count the stores that are there. */
void cpu_count_stores(struct dmasim_cpu *cpu);
/** Put a store behind the others; makes room first. */
int cpu_store(struct dmasim_cpu *cpu, struct cpu_store *store);
/** Wait until all stores before number @goal have left. */
int cpu_drain(struct dmasim_cpu *cpu, uint64_t goal);
/** Wait until no store to [pa, pa+size) is left; older ones may go, too. */
int cpu_drain_range(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size);
/** Bytes of [pa, pa+size) that stores have, into @buf, marked in @have. A
 * store through a mapping of other attributes is drained instead. */
int cpu_forward(struct dmasim_cpu *cpu, uint64_t pa, uint32_t size,
                const struct dmasim_attr *attr, uint8_t *buf, uint64_t *have);
/** Which bytes of the piece at @pa stores have that wait. */
uint64_t cpu_stored_bytes(const struct dmasim_cpu *cpu, uint64_t pa);
void cpu_drain_call(void *obj, uint32_t op, uint64_t arg);

enum cpu_call {
	CPU_CALL_DUE,
	CPU_CALL_LEFT,
};

#endif
