/* SPDX-License-Identifier: MIT */
/*
 * Accesses of a CPU that have an order or a reservation: LDAR, LDAPR, STLR,
 * atomics with acquire and release, LDXR and STXR and their forms; and the
 * maintenance that is not by address.
 */
#ifndef DMASIM_CPU_ORDERED_H
#define DMASIM_CPU_ORDERED_H

#include "dmasim/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which access: 1, 2, 4 or 8 bytes, aligned to their size. */
struct dmasim_ordered {
	enum dmasim_order order;
	uint64_t va;
	uint32_t size;
	struct dmasim_origin origin;
};

#define DMASIM_ORDERED(how, at, bytes)                                         \
	(&(const struct dmasim_ordered){.order = (how),                        \
	                                .va = (at),                            \
	                                .size = (bytes),                       \
	                                .origin = DMASIM_HERE})

/*
 * All: E_INVAL: size, alignment, or an order that the instruction does not
 * have; else as dmasim_cpu_read().
 */
/** PLAIN, ACQUIRE (LDAR), ACQUIRE_PC (LDAPR). */
DMASIM_API int dmasim_cpu_read_order(struct dmasim_cpu *cpu,
                                     const struct dmasim_ordered *at,
                                     uint64_t *value);
/** PLAIN, RELEASE (STLR). */
DMASIM_API int dmasim_cpu_write_order(struct dmasim_cpu *cpu,
                                      const struct dmasim_ordered *at,
                                      uint64_t value);
/** All but ACQUIRE_PC. @data as in dmasim_cpu_atomic(). */
DMASIM_API int dmasim_cpu_atomic_order(struct dmasim_cpu *cpu,
                                       enum dmasim_op op,
                                       const struct dmasim_ordered *at,
                                       void *data);
/** PLAIN (LDXR), ACQUIRE (LDAXR): loads, and reserves for this CPU. */
DMASIM_API int dmasim_cpu_load_exclusive(struct dmasim_cpu *cpu,
                                         const struct dmasim_ordered *at,
                                         uint64_t *value);
/** PLAIN (STXR), RELEASE (STLXR): stores if the reservation is still there,
 * and says so in @stored. It is gone in any case. */
DMASIM_API int dmasim_cpu_store_exclusive(struct dmasim_cpu *cpu,
                                          const struct dmasim_ordered *at,
                                          uint64_t value, bool *stored);

/** DC ZVA: stores zeros to the whole line of @va. A store in every respect.
 * E_INVAL: the line is Device memory. */
DMASIM_API int dmasim_cpu_zva(struct dmasim_cpu *cpu, uint64_t va,
                              struct dmasim_origin origin);
/** By set and way, of this CPU's own caches: @operand is that of the
 * instruction (Arm ARM C5.3, DC ISW). A level, set or way that there is not:
 * nothing happens. E_INVAL for other @op. */
DMASIM_API int dmasim_cpu_maintain_set_way(struct dmasim_cpu *cpu,
                                           enum dmasim_op op, uint64_t operand,
                                           struct dmasim_origin origin);

#ifdef __cplusplus
}
#endif
#endif
