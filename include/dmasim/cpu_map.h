/* SPDX-License-Identifier: MIT */
/*
 * Mappings of a CPU that have two stages or change while they are in use
 * (Arm ARM D8.5, D8.6, D8.16).
 *
 * A CPU may keep any translation in its TLB until it is invalidated: an access
 * to a page whose mapping was removed or changed uses the new state or the old
 * entry, a choice point (DMASIM_CHOICE_TLB_STALE). Preferred is the new state:
 * an entry may have been evicted at any time, and what is shown without being
 * asked for is what the tables say. The architected sequence to change a
 * mapping is break (dmasim_cpu_unmap()), DSB, TLBI, DSB, whatever maintenance
 * the new attributes need, make (dmasim_cpu_map()); any other way is reported.
 */
#ifndef DMASIM_CPU_MAP_H
#define DMASIM_CPU_MAP_H

#include "dmasim/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Stage 2: map [ipa, ipa+size) to pa. From the first on, the physical
 * addresses of dmasim_cpu_map() are intermediate ones, attributes are combined
 * by dmasim_attr_combine() with dmasim_cpu_config.fwb, and DC IVAC acts as DC
 * CIVAC. An access that stage 2 does not map is E_NOTFOUND. Changes of stage 2
 * take effect at once. Multiples of 4 KiB. OK, E_INVAL (also a reserved
 * attribute), E_RANGE, E_OVERLAP, E_NOMEM. */
DMASIM_API int dmasim_cpu_map_stage2(struct dmasim_cpu *cpu, uint64_t ipa,
                                     uint64_t pa, uint64_t size,
                                     const struct dmasim_s2_attr *attr);
/** Remove the stage 2 mapping that starts at @ipa. OK, E_NOTFOUND. */
DMASIM_API int dmasim_cpu_unmap_stage2(struct dmasim_cpu *cpu, uint64_t ipa);

/** Change the mapping that starts at @va in place: without break-before-make,
 * so that it is reported unless nothing changes. OK, E_NOTFOUND, E_INVAL,
 * E_RANGE, E_NOMEM. */
DMASIM_API int dmasim_cpu_remap(struct dmasim_cpu *cpu, uint64_t va,
                                uint64_t pa, const struct dmasim_attr *attr);
/** TLBI VAE1 for every page of [va, va+size): complete at the next full DSB,
 * and in vain for what no DSB has made visible before. Of this CPU alone: a
 * broadcast is one for each. OK, E_INVAL (not multiples of 4 KiB), E_NOMEM. */
DMASIM_API int dmasim_cpu_tlbi(struct dmasim_cpu *cpu, uint64_t va,
                               uint64_t size);

enum dmasim_remap_fault {
	/** It was valid, and was changed in place. */
	DMASIM_REMAP_LIVE,
	/** The old entry was not invalidated. */
	DMASIM_REMAP_NO_TLBI,
	/** It was, before a DSB had made the break visible. */
	DMASIM_REMAP_EARLY_TLBI,
	/** It was, and no DSB has completed that. */
	DMASIM_REMAP_NO_DSB,
};

/** A mapping of [va, va+size) that was made while the TLB may still hold
 * another one. */
struct dmasim_remap_report {
	enum dmasim_remap_fault fault;
	uint64_t va, size;
	/** Where @va led, and leads. */
	uint64_t old_pa, new_pa;
	struct dmasim_attr old_attr, new_attr;
};

typedef void dmasim_remap_fn(void *ctx, const struct dmasim_cpu *cpu,
                             const struct dmasim_remap_report *report);

/** Whom to tell; NULL: nobody. It is logged as a warning in any case. */
DMASIM_API void dmasim_cpu_on_remap(struct dmasim_cpu *cpu, dmasim_remap_fn *fn,
                                    void *ctx);
DMASIM_API const char *dmasim_remap_fault_name(enum dmasim_remap_fault f);

struct dmasim_tlb_stats {
	/** Accesses through an entry that the tables no longer have. */
	uint64_t stale;
	/** Reports. */
	uint64_t faults;
};
DMASIM_API void dmasim_cpu_tlb_stats(const struct dmasim_cpu *cpu,
                                     struct dmasim_tlb_stats *s);

#ifdef __cplusplus
}
#endif
#endif
