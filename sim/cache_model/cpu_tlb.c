/* SPDX-License-Identifier: MIT */
/*
 * The TLB of a CPU, or rather what of it matters: translations that the tables
 * no longer have. Arm ARM D8.16: an entry may stay until a TLBI for it is
 * complete; and to change a valid translation takes break-before-make.
 */
#include "cpu_internal.h"
#include "dmasim/cpu_map.h"

#include <stdlib.h>

#define PAGE 4096u

/** Entries that are kept; the oldest is evicted for another. */
#define TLB_MAX 256u

const char *dmasim_remap_fault_name(enum dmasim_remap_fault f)
{
	switch (f) {
	case DMASIM_REMAP_LIVE:
		return "a valid entry was changed in place";
	case DMASIM_REMAP_NO_TLBI:
		return "the old entry was not invalidated";
	case DMASIM_REMAP_EARLY_TLBI:
		return "no DSB between the break and the TLBI";
	case DMASIM_REMAP_NO_DSB:
		return "no DSB after the TLBI";
	}
	return "unknown";
}

static bool touches(const struct cpu_mapping *m, uint64_t va, uint64_t size)
{
	return m->va <= va + (size - 1) && va <= m->va + (m->size - 1);
}

static void remove_stale(struct dmasim_cpu *cpu, size_t i)
{
	cpu->stale_len--;
	for (; i < cpu->stale_len; i++)
		cpu->stale[i] = cpu->stale[i + 1];
}

int cpu_tlb_add(struct dmasim_cpu *cpu, const struct cpu_stale *s)
{
	if (cpu->stale_len == TLB_MAX)
		remove_stale(cpu, 0);
	if (cpu->stale_len == cpu->stale_cap) {
		size_t cap = cpu->stale_cap ? 2 * cpu->stale_cap : 8;
		struct cpu_stale *all = realloc(cpu->stale, cap * sizeof(*all));

		if (!all)
			return DMASIM_E_NOMEM;
		cpu->stale = all;
		cpu->stale_cap = cap;
	}
	cpu->stale[cpu->stale_len++] = *s;
	return DMASIM_OK;
}

int cpu_tlb_keep(struct dmasim_cpu *cpu, const struct cpu_mapping *m)
{
	return cpu_tlb_add(cpu, &(struct cpu_stale){.old = *m});
}

bool cpu_tlb_holds(const struct dmasim_cpu *cpu, uint64_t va, uint64_t size)
{
	for (size_t i = 0; i < cpu->stale_len; i++)
		if (touches(&cpu->stale[i].old, va, size))
			return true;
	return false;
}

const struct cpu_mapping *cpu_tlb_use(struct dmasim_cpu *cpu, uint64_t va)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_TLB_STALE,
	        .alternatives = 2,
	        .who = "cpu",
	        .where = va,
	};

	for (size_t i = cpu->stale_len; i-- > 0;) {
		if (!touches(&cpu->stale[i].old, va, 1))
			continue;
		if (!cpu->choice || !dmasim_choose(cpu->choice, &q))
			return NULL;
		cpu->tlb_stats.stale++;
		return &cpu->stale[i].old;
	}
	return NULL;
}

static void report(struct dmasim_cpu *cpu, enum dmasim_remap_fault fault,
                   const struct cpu_mapping *old, const struct cpu_mapping *now)
{
	uint64_t va = old->va > now->va ? old->va : now->va;
	uint64_t old_last = old->va + (old->size - 1);
	uint64_t now_last = now->va + (now->size - 1);
	struct dmasim_remap_report r = {
	        .fault = fault,
	        .va = va,
	        .size = (old_last < now_last ? old_last : now_last) - va + 1,
	        .old_pa = old->pa + (va - old->va),
	        .new_pa = now->pa + (va - now->va),
	        .old_attr = old->attr,
	        .new_attr = now->attr,
	};

	if (r.old_pa == r.new_pa &&
	    !dmasim_attr_mismatch(&r.old_attr, &r.new_attr))
		return;
	cpu->tlb_stats.faults++;
	dmasim_log(cpu->kernel, DMASIM_LOG_WARNING, "cpu",
	           "cpu%u: 0x%llx mapped anew without break-before-make: %s",
	           cpu->index, (unsigned long long)va,
	           dmasim_remap_fault_name(fault));
	if (cpu->remap_fn)
		cpu->remap_fn(cpu->remap_ctx, cpu, &r);
}

void cpu_tlb_changed(struct dmasim_cpu *cpu, const struct cpu_mapping *old,
                     const struct cpu_mapping *now)
{
	report(cpu, DMASIM_REMAP_LIVE, old, now);
}

void cpu_tlb_made(struct dmasim_cpu *cpu, const struct cpu_mapping *now)
{
	for (size_t i = 0; i < cpu->stale_len; i++) {
		const struct cpu_stale *s = &cpu->stale[i];

		if (!touches(&s->old, now->va, now->size))
			continue;
		if (s->state == CPU_STALE_INVALIDATED)
			report(cpu, DMASIM_REMAP_NO_DSB, &s->old, now);
		else if (s->early)
			report(cpu, DMASIM_REMAP_EARLY_TLBI, &s->old, now);
		else
			report(cpu, DMASIM_REMAP_NO_TLBI, &s->old, now);
	}
}

/* Cut [va, last] out of the stale entry at @i; what is left of it at either
 * side becomes an entry of its own. */
static int split(struct dmasim_cpu *cpu, size_t i, uint64_t va, uint64_t last)
{
	struct cpu_stale *s = &cpu->stale[i], rest = *s;
	uint64_t end = s->old.va + (s->old.size - 1);
	int status = DMASIM_OK;

	if (last < end) {
		rest.old.va = last + 1;
		rest.old.pa += last + 1 - s->old.va;
		rest.old.size = end - last;
		s->old.size -= rest.old.size;
		status = cpu_tlb_add(cpu, &rest);
	}
	s = &cpu->stale[i];
	if (!status && s->old.va < va) {
		rest = *s;
		rest.old.size = va - s->old.va;
		s->old.pa += rest.old.size;
		s->old.va = va;
		s->old.size -= rest.old.size;
		status = cpu_tlb_add(cpu, &rest);
	}
	return status;
}

int dmasim_cpu_tlbi(struct dmasim_cpu *cpu, uint64_t va, uint64_t size)
{
	size_t n = cpu->stale_len;

	if (!size || va % PAGE || size % PAGE || size - 1 > UINT64_MAX - va)
		return DMASIM_E_INVAL;
	for (size_t i = 0; i < n; i++) {
		int status;

		if (!touches(&cpu->stale[i].old, va, size))
			continue;
		/* Without room for the rest, all of it goes: an entry may
		 * always be evicted. */
		status = cpu->stale_len + 2 > TLB_MAX
		                 ? DMASIM_OK
		                 : split(cpu, i, va, va + (size - 1));
		if (status)
			return status;
		if (cpu->stale[i].state == CPU_STALE_NEW)
			cpu->stale[i].early = true;
		else
			cpu->stale[i].state = CPU_STALE_INVALIDATED;
	}
	return DMASIM_OK;
}

void cpu_tlb_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind)
{
	size_t i = 0;

	if (kind != DMASIM_DSB && kind != DMASIM_DSB_ST)
		return;
	while (i < cpu->stale_len) {
		struct cpu_stale *s = &cpu->stale[i];

		if (s->state == CPU_STALE_INVALIDATED && kind == DMASIM_DSB) {
			remove_stale(cpu, i);
			continue;
		}
		if (s->state == CPU_STALE_NEW)
			s->state = CPU_STALE_VISIBLE;
		i++;
	}
}

void dmasim_cpu_on_remap(struct dmasim_cpu *cpu, dmasim_remap_fn *fn, void *ctx)
{
	cpu->remap_fn = fn;
	cpu->remap_ctx = ctx;
}

void dmasim_cpu_tlb_stats(const struct dmasim_cpu *cpu,
                          struct dmasim_tlb_stats *s)
{
	*s = cpu->tlb_stats;
}
