/* SPDX-License-Identifier: MIT */
/* Mappings of a CPU: the tables of both stages, and looking things up. */
#include "cpu_internal.h"
#include "dmasim/cpu_map.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

/* The first mapping that ends behind @va. */
static size_t first_behind(const struct cpu_table *t, uint64_t va)
{
	size_t lo = 0, hi = t->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct cpu_mapping *m = &t->m[mid];

		if (m->va + (m->size - 1) < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct cpu_mapping *table_find(const struct cpu_table *t, uint64_t va)
{
	size_t i = first_behind(t, va);

	return i < t->len && t->m[i].va <= va ? &t->m[i] : NULL;
}

int cpu_check_range(const struct cpu_mapping *m)
{
	if (!m->size || m->va % PAGE || m->pa % PAGE || m->size % PAGE)
		return DMASIM_E_INVAL;
	if (m->size - 1 > UINT64_MAX - m->va || m->pa > DMASIM_PA_MAX ||
	    m->size - 1 > DMASIM_PA_MAX - m->pa)
		return DMASIM_E_RANGE;
	return DMASIM_OK;
}

int cpu_table_add(struct cpu_table *t, const struct cpu_mapping *m)
{
	int status = cpu_check_range(m);
	struct cpu_mapping *at;
	size_t i;

	if (status)
		return status;
	i = first_behind(t, m->va);
	if (i < t->len && t->m[i].va <= m->va + (m->size - 1))
		return DMASIM_E_OVERLAP;
	if (t->len == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 16;

		at = realloc(t->m, cap * sizeof(*at));
		if (!at)
			return DMASIM_E_NOMEM;
		t->m = at;
		t->cap = cap;
	}
	at = &t->m[i];
	memmove(at + 1, at, (t->len - i) * sizeof(*at));
	*at = *m;
	t->len++;
	return DMASIM_OK;
}

static void table_remove(struct cpu_table *t, const struct cpu_mapping *m)
{
	size_t i = (size_t)(m - t->m);

	t->len--;
	memmove(&t->m[i], &t->m[i + 1], (t->len - i) * sizeof(*t->m));
}

int dmasim_cpu_map(struct dmasim_cpu *cpu, uint64_t va, uint64_t pa,
                   uint64_t size, const struct dmasim_attr *attr)
{
	struct cpu_mapping m = {.va = va, .pa = pa, .size = size};
	int status;

	if (!attr)
		return DMASIM_E_INVAL;
	m.attr = *attr;
	status = cpu_table_add(&cpu->stage1, &m);
	if (status)
		return status;
	cpu->hot.size = 0;
	cpu_tlb_made(cpu, &m);
	return DMASIM_OK;
}

int dmasim_cpu_unmap(struct dmasim_cpu *cpu, uint64_t va)
{
	const struct cpu_mapping *m = table_find(&cpu->stage1, va);
	int status;

	if (!m || m->va != va)
		return DMASIM_E_NOTFOUND;
	status = cpu_tlb_keep(cpu, m);
	if (status)
		return status;
	table_remove(&cpu->stage1, m);
	cpu->hot.size = 0;
	return DMASIM_OK;
}

int dmasim_cpu_remap(struct dmasim_cpu *cpu, uint64_t va, uint64_t pa,
                     const struct dmasim_attr *attr)
{
	struct cpu_mapping *m = table_find(&cpu->stage1, va);
	struct cpu_mapping old, now;
	int status;

	if (!attr)
		return DMASIM_E_INVAL;
	if (!m || m->va != va)
		return DMASIM_E_NOTFOUND;
	old = now = *m;
	now.pa = pa;
	now.attr = *attr;
	status = cpu_check_range(&now);
	if (status)
		return status;
	if (old.pa != pa || dmasim_attr_mismatch(&old.attr, attr)) {
		status = cpu_tlb_keep(cpu, m);
		if (status)
			return status;
		cpu_tlb_changed(cpu, &old, &now);
	}
	*m = now;
	cpu->hot.size = 0;
	return DMASIM_OK;
}

int dmasim_cpu_map_stage2(struct dmasim_cpu *cpu, uint64_t ipa, uint64_t pa,
                          uint64_t size, const struct dmasim_s2_attr *attr)
{
	struct cpu_mapping m = {.va = ipa, .pa = pa, .size = size};
	struct dmasim_attr out;
	int status;

	if (!attr || dmasim_attr_combine(&dmasim_attr_wb, attr, cpu->fwb, &out))
		return DMASIM_E_INVAL;
	m.s2 = *attr;
	status = cpu_table_add(&cpu->stage2_table, &m);
	cpu->hot.size = 0;
	return status;
}

int dmasim_cpu_unmap_stage2(struct dmasim_cpu *cpu, uint64_t ipa)
{
	const struct cpu_mapping *m = table_find(&cpu->stage2_table, ipa);

	if (!m || m->va != ipa)
		return DMASIM_E_NOTFOUND;
	table_remove(&cpu->stage2_table, m);
	cpu->hot.size = 0;
	return DMASIM_OK;
}

/* What @m, of stage 1, makes of @va: the run of addresses around it that both
 * stages map alike. */
static bool both_stages(const struct dmasim_cpu *cpu,
                        const struct cpu_mapping *m, uint64_t va,
                        struct cpu_mapping *out)
{
	const struct cpu_mapping *s2;
	uint64_t ipa, before, behind;

	*out = *m;
	if (!cpu->stage2_table.len)
		return true;
	ipa = m->pa + (va - m->va);
	s2 = table_find(&cpu->stage2_table, ipa);
	if (!s2)
		return false;
	before = ipa - s2->va;
	if (before > va - m->va)
		before = va - m->va;
	behind = s2->size - (ipa - s2->va);
	if (behind > m->size - (va - m->va))
		behind = m->size - (va - m->va);
	out->va = va - before;
	out->pa = s2->pa + (ipa - s2->va) - before;
	out->size = before + behind;
	/* That it is not reserved was seen when it was mapped. */
	return dmasim_attr_combine(&m->attr, &s2->s2, cpu->fwb, &out->attr) ==
	       DMASIM_OK;
}

static bool live(const struct dmasim_cpu *cpu, uint64_t va,
                 struct cpu_mapping *out)
{
	const struct cpu_mapping *m = table_find(&cpu->stage1, va);

	return m && both_stages(cpu, m, va, out);
}

/* Only the page of @va: its neighbours may have other answers. */
static void clip(struct cpu_mapping *m, uint64_t va)
{
	uint64_t page = va & ~(uint64_t)(PAGE - 1);

	m->pa += page - m->va;
	m->va = page;
	m->size = PAGE;
}

bool cpu_lookup(struct dmasim_cpu *cpu, uint64_t va, struct cpu_mapping *out)
{
	bool found = live(cpu, va, out);
	const struct cpu_mapping *old;

	if (!cpu->stale_len)
		return found;
	old = cpu_tlb_use(cpu, va);
	if (old) {
		found = both_stages(cpu, old, va, out);
		if (found)
			clip(out, va);
	} else if (found && cpu_tlb_holds(cpu, out->va, out->size)) {
		clip(out, va);
	}
	return found;
}

bool cpu_covered(const struct dmasim_cpu *cpu, uint64_t va, uint64_t size)
{
	if (size - 1 > UINT64_MAX - va)
		return false;
	while (size) {
		struct cpu_mapping m;
		uint64_t n = PAGE - va % PAGE;

		if (live(cpu, va, &m))
			n = m.size - (va - m.va);
		else if (!cpu_tlb_holds(cpu, va, 1))
			return false;
		if (size <= n)
			return true;
		va += n;
		size -= n;
	}
	return true;
}

bool cpu_find_hot(struct dmasim_cpu *cpu, uint64_t va, struct cpu_mapping *out)
{
	if (!cpu_lookup(cpu, va, out))
		return false;
	cpu->hot = *out;
	/* The next access is asked again. */
	if (cpu->stale_len && cpu_tlb_holds(cpu, out->va, out->size))
		cpu->hot.size = 0;
	return true;
}

int dmasim_cpu_translate(const struct dmasim_cpu *cpu, uint64_t va,
                         uint64_t *pa, struct dmasim_attr *attr)
{
	struct cpu_mapping m;

	if (!live(cpu, va, &m))
		return DMASIM_E_NOTFOUND;
	*pa = m.pa + (va - m.va);
	if (attr)
		*attr = m.attr;
	return DMASIM_OK;
}
