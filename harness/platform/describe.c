/* SPDX-License-Identifier: MIT */
/* From the tree to a description: memory, processors, caches, addresses. */
#include <stdlib.h>
#include <string.h>

#include "plat_internal.h"

#define PAGE 4096u

int plat_claim(struct plat_desc *d, int node, const char *what, uint64_t base,
               uint64_t size)
{
	if (base > DMASIM_PA_MAX || size - 1 > DMASIM_PA_MAX - base)
		return plat_fail(&d->tree, node,
		                 "%s: 0x%llx bytes at 0x%llx go beyond the "
		                 "52-bit physical address space",
		                 what, (unsigned long long)size,
		                 (unsigned long long)base);
	d->ranges[d->range_count++] = (struct plat_range){
	        .base = base, .size = size, .node = node, .what = what};
	return DMASIM_OK;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct plat_range *const *x = a, *const *y = b;

	if ((*x)->base != (*y)->base)
		return (*x)->base < (*y)->base ? -1 : 1;
	/* Claims are made in a fixed order: the later one is to blame. */
	return *x < *y ? -1 : 1;
}

int plat_check_overlap(const struct plat_desc *d)
{
	const struct plat_range *sorted[PLAT_RANGE_MAX];

	for (size_t i = 0; i < d->range_count; i++)
		sorted[i] = &d->ranges[i];
	qsort(sorted, d->range_count, sizeof(*sorted), compare_ranges);
	for (size_t i = 1; i < d->range_count; i++) {
		const struct plat_range *low = sorted[i - 1], *high = sorted[i];
		const struct plat_range *first = low < high ? low : high;
		const struct plat_range *second = low < high ? high : low;
		char path[PLAT_PATH_MAX];

		if (high->base - low->base >= low->size)
			continue;
		plat_path(&d->tree, first->node, path, sizeof(path));
		return plat_fail(&d->tree, second->node,
		                 "%s at 0x%llx (0x%llx bytes) overlaps %s of "
		                 "%s at 0x%llx (0x%llx bytes)",
		                 second->what, (unsigned long long)second->base,
		                 (unsigned long long)second->size, first->what,
		                 path, (unsigned long long)first->base,
		                 (unsigned long long)first->size);
	}
	return DMASIM_OK;
}

int plat_describe_memory(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	uint64_t base, size;
	int status;

	for (uint32_t i = 0;
	     (status = plat_reg(t, node, i, &base, &size)) == DMASIM_OK; i++) {
		if (size == 0)
			return plat_fail(t, node, "memory of size 0 at 0x%llx",
			                 (unsigned long long)base);
		if (base % PAGE || size % PAGE)
			return plat_fail(t, node,
			                 "memory: 0x%llx bytes at 0x%llx are "
			                 "not whole pages of 4 KiB",
			                 (unsigned long long)size,
			                 (unsigned long long)base);
		if (d->ram_count == PLAT_RAM_MAX)
			return plat_fail(t, node, "more than %d memory regions",
			                 PLAT_RAM_MAX);
		status = plat_claim(d, node, "memory", base, size);
		if (status != DMASIM_OK)
			return status;
		d->ram[d->ram_count++] = d->ranges[d->range_count - 1];
	}
	return status == DMASIM_E_NOTFOUND ? DMASIM_OK : status;
}

static bool is_memory(const struct plat_tree *t, int node)
{
	char name[16];

	if (plat_string_is(t, node, "device_type", "memory"))
		return true;
	plat_name(t, node, name, sizeof(name));
	return t->nodes[node].parent == 0 && strcmp(name, "memory") == 0 &&
	       !plat_has(t, node, "compatible") &&
	       !plat_has(t, node, "device_type");
}

static int describe_cpu(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	struct plat_cache_desc l1 = {0}, l2 = {0}, l3 = {0};
	uint64_t clock = 0, period = 0;
	int status = plat_cache(t, node, true, &l1);

	if (status == DMASIM_OK)
		status = plat_u64(t, node, "clock-frequency", &clock);
	if (status == DMASIM_OK)
		status = plat_next_caches(t, node, &l2, &l3);
	if (status != DMASIM_OK)
		return status;
	if (clock) {
		if (clock < 1000000 || clock > 1000000000000)
			return plat_fail(t, node,
			                 "clock-frequency: %llu Hz, from 1 "
			                 "MHz to 1 THz expected",
			                 (unsigned long long)clock);
		period = 1000000000000 / clock;
	}
	if (l1.line && l2.line && l1.line != l2.line)
		return plat_fail(t, node,
		                 "d-cache-line-size: %u, but %u in the next "
		                 "level",
		                 l1.line, l2.line);
	if (l2.line && l3.line && l2.line != l3.line)
		return plat_fail(t, node,
		                 "cache-line-size: %u, but %u in the next "
		                 "level",
		                 l2.line, l3.line);
	if (d->cpus == 0) {
		d->l1 = l1;
		d->l2 = l2;
		d->l3 = l3;
		d->period = period;
	} else if (memcmp(&d->l1, &l1, sizeof(l1)) != 0 ||
	           memcmp(&d->l2, &l2, sizeof(l2)) != 0 ||
	           memcmp(&d->l3, &l3, sizeof(l3)) != 0 ||
	           d->period != period) {
		return plat_fail(t, node,
		                 "caches or clock differ from those of the "
		                 "first CPU");
	}
	if (d->cpus == PLAT_CPU_MAX)
		return plat_fail(t, node, "more than %d CPUs", PLAT_CPU_MAX);
	d->cpus++;
	return DMASIM_OK;
}

int plat_describe_cpus(struct plat_desc *d)
{
	const struct plat_tree *t = &d->tree;

	for (int i = 0; i < t->count; i++) {
		char name[16];
		int status;

		if (!t->nodes[i].enabled || t->nodes[i].parent < 0)
			continue;
		plat_name(t, t->nodes[i].parent, name, sizeof(name));
		if (strcmp(name, "cpus") != 0 ||
		    t->nodes[t->nodes[i].parent].parent != 0)
			continue;
		plat_name(t, i, name, sizeof(name));
		if (!plat_string_is(t, i, "device_type", "cpu") &&
		    strcmp(name, "cpu") != 0)
			continue;
		status = describe_cpu(d, i);
		if (status != DMASIM_OK)
			return status;
	}
	/* A tree that is about devices only still has somebody to drive them.
	 */
	if (d->cpus == 0)
		d->cpus = 1;
	return DMASIM_OK;
}

/** GITS_TRANSLATER of an ITS lies in its second page of 64 KiB, and
 * GICM_SETSPI_NSR of a GICv2m frame in its first of 4 KiB. */
static int describe_doorbell(struct plat_desc *d, int node)
{
	bool its = plat_compatible(&d->tree, node, "arm,gic-v3-its");
	uint64_t base, size, at = its ? 0x10000 : 0;
	int status = plat_reg(&d->tree, node, 0, &base, &size);

	if (status != DMASIM_OK)
		return status;
	if (size < at + PAGE)
		return plat_fail(&d->tree, node, "reg: 0x%llx bytes, too small",
		                 (unsigned long long)size);
	if (d->doorbell_count == PLAT_DOORBELL_MAX)
		return plat_fail(&d->tree, node, "more than %d doorbells",
		                 PLAT_DOORBELL_MAX);
	status = plat_claim(d, node, "doorbell", base + at, PAGE);
	if (status == DMASIM_OK)
		d->doorbell[d->doorbell_count++] =
		        (struct plat_doorbell_desc){node, base + at};
	return status;
}

static int describe_node(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;

	if (!t->nodes[node].enabled)
		return DMASIM_OK;
	if (is_memory(t, node))
		return plat_describe_memory(d, node);
	if (plat_compatible(t, node, "arm,smmu-v3"))
		return plat_describe_smmu(d, node);
	if (plat_compatible(t, node, "pci-host-ecam-generic"))
		return plat_describe_host(d, node);
	if (plat_compatible(t, node, "arm,gic-v3-its") ||
	    plat_compatible(t, node, "arm,gic-v2m-frame"))
		return describe_doorbell(d, node);
	return DMASIM_OK;
}

int plat_describe(const void *fdt, size_t size, size_t disks,
                  struct dmasim_diag *diag, struct plat_desc *d)
{
	int status = plat_tree_open(fdt, size, diag, &d->tree);

	if (status != DMASIM_OK)
		return status;
	status = plat_describe_timing(d);
	if (status == DMASIM_OK)
		status = plat_describe_cpus(d);
	if (status == DMASIM_OK)
		status = plat_describe_hierarchy(d);
	for (int i = 0; i < d->tree.count && status == DMASIM_OK; i++)
		status = describe_node(d, i);
	if (status == DMASIM_OK)
		status = plat_describe_counters(d);
	if (status == DMASIM_OK && d->ram_count == 0)
		status = plat_fail(&d->tree, 0, "no memory node");
	if (status == DMASIM_OK)
		status = plat_describe_devices(d, disks);
	if (status == DMASIM_OK)
		status = plat_check_overlap(d);
	if (status != DMASIM_OK)
		plat_describe_end(d);
	return status;
}

void plat_describe_end(struct plat_desc *d)
{
	plat_tree_close(&d->tree);
}
