/* SPDX-License-Identifier: MIT */
/*
 * The tree of --dtb: where RAM is, which SMMU the log speaks of, and a disk
 * with the log's StreamID, which is plugged in where the tree has none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "replay_log_internal.h"

/** Room for one more node. */
#define TREE_EXTRA 1024

static int list_ram(struct rl *r, struct dmasim_machine *m)
{
	size_t n = 0;

	while (dmasim_machine_ram(m, n, &(uint64_t){0}, &(uint64_t){0}) ==
	       DMASIM_OK)
		n++;
	r->tree.ram = calloc(n + 1, sizeof(*r->tree.ram));
	if (!r->tree.ram)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < n; i++)
		dmasim_machine_ram(m, i, &r->tree.ram[i].base,
		                   &r->tree.ram[i].size);
	r->tree.ram_count = n;
	return DMASIM_OK;
}

/** The SMMU of that name; the only one, if there is one only. */
static int find_smmu(struct dmasim_machine *m, const char *name,
                     struct dmasim_smmu_info *info)
{
	int last = -1;

	for (size_t i = 0; dmasim_machine_smmu(m, i, info) == DMASIM_OK; i++) {
		if (strcmp(info->name, name) == 0)
			return (int)i;
		last = (int)i;
	}
	if (last != 0)
		return -1;
	dmasim_machine_smmu(m, 0, info);
	return 0;
}

static void read_profile(struct rl *r, struct rl_smmu *s, const char *path)
{
	int node = fdt_path_offset(r->tree.fdt, path);
	const char *name = node < 0 ? NULL
	                            : fdt_getprop(r->tree.fdt, node,
	                                          "dmasim,profile", NULL);

	s->tree_says = name && dmasim_smmu_profile_parse(
	                               name, &s->tree_profile) == DMASIM_OK;
}

int rl_tree_open(struct rl *r)
{
	struct dmasim_machine_config cfg = {.fdt = r->opt->fdt,
	                                    .fdt_size = r->opt->fdt_size};
	struct dmasim_machine *m;
	int status;

	if (!r->opt->fdt)
		return DMASIM_OK;
	status = dmasim_machine_create(&cfg, &m, r->diag);
	if (status != DMASIM_OK)
		return status;
	r->tree.fdt = r->opt->fdt;
	r->tree.size = r->opt->fdt_size;
	status = list_ram(r, m);
	for (size_t i = 0; i < r->smmu_count && status == DMASIM_OK; i++) {
		struct rl_smmu *s = &r->smmus[i];
		struct dmasim_smmu_info info;

		s->index = find_smmu(m, s->name, &info);
		if (s->index >= 0)
			read_profile(r, s, info.path);
		else
			status = dmasim_diag_set(r->diag, DMASIM_E_NOTFOUND,
			                         "the tree has no SMMU called "
			                         "'%s'",
			                         s->name);
	}
	dmasim_machine_destroy(m);
	return status;
}

/* ---- a disk with that stream ---- */

static uint32_t cell(const fdt32_t *cells, int i)
{
	return fdt32_to_cpu(cells[i]);
}

/** iommu-map (pci-iommu binding): {requester ID, phandle, StreamID, length};
 * the requester ID that becomes @stream. -1: none. */
static int requester_of(const void *fdt, int host, uint32_t phandle,
                        uint32_t stream)
{
	int size = 0;
	const fdt32_t *map = fdt_getprop(fdt, host, "iommu-map", &size);

	/* A mask folds several requester IDs into one; the first one will do,
	 * if it folds nothing. */
	if (!map || fdt_getprop(fdt, host, "iommu-map-mask", NULL))
		return -1;
	for (int i = 0; i + 3 < size / 4; i += 4) {
		uint32_t rid = cell(map, i), first = cell(map, i + 2);

		if (cell(map, i + 1) == phandle && stream >= first &&
		    stream - first < cell(map, i + 3) &&
		    rid + (stream - first) <= 0xffff)
			return (int)(rid + (stream - first));
	}
	return -1;
}

static int add_node(void *fdt, int host, int bdf, unsigned queue_size)
{
	static const char kind[] = "blk-legacy";
	const fdt32_t reg[5] = {cpu_to_fdt32((uint32_t)bdf << 8)};
	char name[48];
	int node, error;

	snprintf(name, sizeof(name), "replayed-disk@%x,%x", bdf >> 3 & 0x1f,
	         bdf & 7);
	node = fdt_add_subnode(fdt, host, name);
	if (node < 0)
		return node;
	error = fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
	if (!error)
		error = fdt_setprop(fdt, node, "dmasim,device", kind,
		                    sizeof(kind));
	if (!error)
		error = fdt_setprop_u32(fdt, node, "dmasim,queue-size",
		                        queue_size);
	return error;
}

static bool plug_in(void *fdt, uint32_t phandle, uint32_t stream,
                    unsigned queue_size)
{
	static const char compatible[] = "pci-host-ecam-generic";
	int host = -1;

	while ((host = fdt_node_offset_by_compatible(fdt, host, compatible)) >=
	       0) {
		int bdf = requester_of(fdt, host, phandle, stream);

		if (bdf >= 0)
			return add_node(fdt, host, bdf, queue_size) == 0;
	}
	return false;
}

/** The disk of @m behind that SMMU with that stream and layout. */
static bool find_disk(struct dmasim_machine *m, int smmu, uint32_t stream,
                      enum dmasim_layout layout, size_t *disk)
{
	struct dmasim_disk_info info;

	for (size_t i = 0; dmasim_machine_disk(m, i, &info) == DMASIM_OK; i++) {
		bool modern = info.transport == DMASIM_TRANSPORT_MMIO &&
		              info.mmio_version == 2;

		if (info.smmu != smmu || info.stream_id != stream ||
		    modern != (layout == DMASIM_LAYOUT_MODERN))
			continue;
		*disk = i;
		return true;
	}
	return false;
}

static bool try_tree(const void *fdt, size_t size, int smmu,
                     const struct rl_stream *s, const struct rl_ring *ring,
                     size_t *disk, uint32_t *phandle)
{
	struct dmasim_machine_config cfg = {.fdt = fdt, .fdt_size = size};
	struct dmasim_smmu_info info;
	struct dmasim_machine *m;
	bool found;

	if (dmasim_machine_create(&cfg, &m, NULL) != DMASIM_OK)
		return false;
	found = find_disk(m, smmu, s->id, ring->explanations[0].layout, disk);
	if (dmasim_machine_smmu(m, (size_t)smmu, &info) == DMASIM_OK)
		*phandle = info.phandle;
	dmasim_machine_destroy(m);
	return found;
}

int rl_tree_with_disk(const struct rl *r, const struct rl_stream *s,
                      const struct rl_ring *ring, void **fdt, size_t *size,
                      size_t *disk)
{
	int smmu = r->smmus[s->smmu].index;
	uint32_t phandle = 0;
	bool found;

	if (!r->tree.fdt)
		return DMASIM_E_NOTFOUND;
	*size = fdt_totalsize(r->tree.fdt) + TREE_EXTRA;
	*fdt = malloc(*size);
	if (!*fdt)
		return DMASIM_E_NOMEM;
	if (fdt_open_into(r->tree.fdt, *fdt, (int)*size) != 0) {
		free(*fdt);
		return DMASIM_E_NOTFOUND;
	}
	found = try_tree(*fdt, *size, smmu, s, ring, disk, &phandle);
	if (!found && ring->explanations[0].layout == DMASIM_LAYOUT_LEGACY &&
	    plug_in(*fdt, phandle, s->id, ring->queue_size))
		found = try_tree(*fdt, *size, smmu, s, ring, disk, &phandle);
	if (found)
		return DMASIM_OK;
	free(*fdt);
	*fdt = NULL;
	return DMASIM_E_NOTFOUND;
}
