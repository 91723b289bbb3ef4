/* SPDX-License-Identifier: MIT */
/*
 * A CPU agent: driver-side code reaches physical memory through its
 * mappings, store buffer and L1. Every access takes the place in the source
 * that makes it; the macros at the end fill it in.
 *
 * A call works in a process of the kernel (it may wait), and outside any run
 * (then it runs the kernel while it waits). It is E_STATE in a callback that
 * would have to wait.
 *
 * Time: a CPU keeps a local clock and lets it pass at the end of a quantum
 * and at every point where agents can observe one another: accesses to
 * Device memory, barriers, cache maintenance, dmasim_cpu_delay().
 */
#ifndef DMASIM_CPU_H
#define DMASIM_CPU_H

#include "dmasim/cache.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_cpu;

struct dmasim_cpu_config {
	struct dmasim_kernel *kernel;
	struct dmasim_memsys *memsys;
	struct dmasim_choice *choice;
	uint32_t index;
	/** Stores that may wait in the store buffer. 0: 8; UINT32_MAX: none. */
	uint32_t store_buffer;
	/** A store drains at latest this long after it entered. 0: 1 us. */
	uint64_t drain_delay;
	/** Ps of local time before the CPU lets time pass. 0: 1 us. */
	uint64_t quantum;
	/** It runs under stage 2 (a guest): DC IVAC acts as DC CIVAC. */
	bool stage2;
	/** FEAT_S2FWB is in use (dmasim/cpu_map.h). */
	bool fwb;
	/** Plain loads of Normal memory may be performed early: each asks
	 * DMASIM_CHOICE_EARLY_LOAD, by default for nothing. Off: never. Its
	 * place is C code: address dependencies cannot be seen, and are not
	 * kept. */
	bool early_loads;
	/** Where its accesses go instead of the memory system's port for it:
	 * something that looks at them and hands them on. NULL: none. */
	const struct dmasim_port *port;
};

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_cpu_create(const struct dmasim_cpu_config *cfg,
                                 struct dmasim_cpu **out);
DMASIM_API void dmasim_cpu_destroy(struct dmasim_cpu *cpu);

/** Map [va, va+size) to pa with @attr. Multiples of 4 KiB. Two mappings may
 * share physical memory: that is an alias. OK, E_INVAL, E_RANGE, E_OVERLAP
 * (of virtual addresses), E_NOMEM. */
DMASIM_API int dmasim_cpu_map(struct dmasim_cpu *cpu, uint64_t va, uint64_t pa,
                              uint64_t size, const struct dmasim_attr *attr);
/** Remove the mapping that starts at @va. Until a TLBI the CPU may still use
 * it (dmasim/cpu_map.h). OK, E_NOTFOUND, E_NOMEM. */
DMASIM_API int dmasim_cpu_unmap(struct dmasim_cpu *cpu, uint64_t va);
/** OK, E_NOTFOUND. @attr may be NULL. */
DMASIM_API int dmasim_cpu_translate(const struct dmasim_cpu *cpu, uint64_t va,
                                    uint64_t *pa, struct dmasim_attr *attr);

/*
 * Accesses. OK; E_NOTFOUND: no mapping covers it; E_FAULT: the bus refused;
 * E_CANCELED, E_HANG, E_STATE as dmasim_access_wait().
 */
DMASIM_API int dmasim_cpu_read(struct dmasim_cpu *cpu, uint64_t va, void *buf,
                               uint32_t size, struct dmasim_origin origin);
DMASIM_API int dmasim_cpu_write(struct dmasim_cpu *cpu, uint64_t va,
                                const void *buf, uint32_t size,
                                struct dmasim_origin origin);
/** @data: operand in, old value out (CAS: operand, comparand). */
DMASIM_API int dmasim_cpu_atomic(struct dmasim_cpu *cpu, enum dmasim_op op,
                                 uint64_t va, void *data, uint32_t size,
                                 struct dmasim_origin origin);
/** Maintenance by address (CLEAN = DC CVAC, INVALIDATE = DC IVAC,
 * CLEAN_INVALIDATE = DC CIVAC, CLEAN_POU = DC CVAU, CLEAN_POP = DC CVAP) of
 * every line that [va, va+size) touches. Complete only after a DSB. E_INVAL
 * for any other @op. */
DMASIM_API int dmasim_cpu_maintain(struct dmasim_cpu *cpu, enum dmasim_op op,
                                   uint64_t va, uint64_t size,
                                   struct dmasim_origin origin);
/** Of the whole system (SY). E_INVAL; E_FAULT: a store before it was refused
 * after it had left the store buffer. */
DMASIM_API int dmasim_cpu_barrier(struct dmasim_cpu *cpu,
                                  enum dmasim_barrier kind,
                                  struct dmasim_origin origin);
/** Of one shareability domain (Arm ARM B2.6). NSH says nothing to other
 * agents. */
DMASIM_API int dmasim_cpu_barrier_domain(struct dmasim_cpu *cpu,
                                         enum dmasim_barrier kind,
                                         enum dmasim_shareability share,
                                         struct dmasim_origin origin);
/** Let the local clock and @dt pass. */
DMASIM_API int dmasim_cpu_delay(struct dmasim_cpu *cpu, uint64_t dt);

/** Where it stands in its program, for notes. */
DMASIM_API struct dmasim_program_place
dmasim_cpu_place(const struct dmasim_cpu *cpu);
DMASIM_API uint32_t dmasim_cpu_index(const struct dmasim_cpu *cpu);
DMASIM_API struct dmasim_kernel *dmasim_cpu_kernel(struct dmasim_cpu *cpu);
/** The CPU's line size, for drivers that align. */
DMASIM_API uint32_t dmasim_cpu_line_size(const struct dmasim_cpu *cpu);

DMASIM_API int dmasim_cpu_save(const struct dmasim_cpu *cpu,
                               struct dmasim_writer *w);
DMASIM_API int dmasim_cpu_restore(struct dmasim_cpu *cpu,
                                  struct dmasim_reader *r);

/* Little-endian accesses that know their source line. */
DMASIM_API int dmasim_cpu_get(struct dmasim_cpu *cpu, uint64_t va,
                              uint32_t size, uint64_t *value,
                              struct dmasim_origin origin);
DMASIM_API int dmasim_cpu_put(struct dmasim_cpu *cpu, uint64_t va,
                              uint32_t size, uint64_t value,
                              struct dmasim_origin origin);
#define dmasim_cpu_load(cpu, va, size, value)                                  \
	dmasim_cpu_get(cpu, va, size, value, DMASIM_HERE)
#define dmasim_cpu_store(cpu, va, size, value)                                 \
	dmasim_cpu_put(cpu, va, size, value, DMASIM_HERE)

#ifdef __cplusplus
}
#endif
#endif
