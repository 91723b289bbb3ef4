/* SPDX-License-Identifier: MIT */
/* The machine of a device tree, and harness/driver on its first CPU. */
#include "rig.h"

#include <libfdt.h>

/* Of which harness/driver takes pages from the top. */
#define TREE_RAM     0x400000u
#define SMMU_PHANDLE 1u

static void reg(void *fdt, uint64_t at, uint64_t size)
{
	const fdt64_t cells[2] = {cpu_to_fdt64(at), cpu_to_fdt64(size)};

	fdt_property(fdt, "reg", cells, sizeof(cells));
}

static void cpus(void *fdt, const struct prog_machine *m)
{
	fdt_begin_node(fdt, "cpus");
	fdt_property_u32(fdt, "#address-cells", 1);
	fdt_property_u32(fdt, "#size-cells", 0);
	for (unsigned i = 0; i < m->cpus; i++) {
		char name[16];

		snprintf(name, sizeof(name), "cpu@%u", i);
		fdt_begin_node(fdt, name);
		fdt_property_string(fdt, "device_type", "cpu");
		fdt_property_u32(fdt, "reg", i);
		fdt_property_u32(fdt, "d-cache-size", m->line * 16u);
		fdt_property_u32(fdt, "d-cache-line-size", m->line);
		fdt_property_u32(fdt, "d-cache-sets", 8);
		fdt_property_u32(fdt, "next-level-cache", SMMU_PHANDLE + 1);
		fdt_end_node(fdt);
	}
	fdt_begin_node(fdt, "l2-cache");
	fdt_property_string(fdt, "compatible", "cache");
	fdt_property_u32(fdt, "cache-size", m->line * 256u);
	fdt_property_u32(fdt, "cache-line-size", m->line);
	fdt_property_u32(fdt, "cache-sets", 64);
	fdt_property_u32(fdt, "phandle", SMMU_PHANDLE + 1);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
}

static void smmu(void *fdt, const struct prog_machine *m)
{
	fdt_begin_node(fdt, "iommu@a000000");
	fdt_property_string(fdt, "compatible", "arm,smmu-v3");
	reg(fdt, SMMU_REGS, 0x20000);
	fdt_property_u32(fdt, "#iommu-cells", 1);
	fdt_property_u32(fdt, "phandle", SMMU_PHANDLE);
	if (m->smmu_coherent)
		fdt_property(fdt, "dma-coherent", "", 0);
	fdt_end_node(fdt);
}

static size_t tree(void *fdt, size_t size, const struct prog_machine *m)
{
	fdt_create(fdt, (int)size);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	fdt_property_u32(fdt, "#address-cells", 2);
	fdt_property_u32(fdt, "#size-cells", 2);
	cpus(fdt, m);
	fdt_begin_node(fdt, "memory@80000000");
	fdt_property_string(fdt, "device_type", "memory");
	reg(fdt, RAM_AT, TREE_RAM);
	fdt_end_node(fdt);
	if (m->smmu)
		smmu(fdt, m);
	fdt_end_node(fdt);
	assert_int_equal(fdt_finish(fdt), 0);
	return fdt_totalsize(fdt);
}

static uint32_t forward(void *ctx, const struct dmasim_choice_query *q)
{
	return dmasim_choose(ctx, q);
}

static int machine(struct prog_rig *g, const struct prog_run_config *cfg)
{
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK,
	        .fn = forward,
	        .fn_ctx = cfg->choice};
	uint64_t fdt[512];
	const struct dmasim_machine_config mc = {
	        .fdt = fdt,
	        .fdt_size = tree(fdt, sizeof(fdt), &g->p->m),
	        .backend = cfg->backend,
	        .trace = cfg->trace ? trace_hash_line : NULL,
	        .trace_ctx = cfg->trace,
	        .choice = cfg->choice ? &choice : NULL};
	struct dmasim_diag diag;

	if (dmasim_machine_create(&mc, &g->machine, &diag))
		fail_msg("%s", diag.text);
	g->k = dmasim_machine_kernel(g->machine);
	g->map = dmasim_machine_map(g->machine);
	g->checker = dmasim_machine_checker(g->machine);
	g->ms = dmasim_machine_memsys(g->machine);
	for (unsigned i = 0; i < g->p->m.cpus; i++)
		g->cpu[i] = dmasim_machine_cpu(g->machine, i);
	return rig_add_device(g);
}

static int api(struct prog_rig *g)
{
	struct dmasim_dma_config cfg = {.mode = DMASIM_DMA_COHERENT,
	                                .stream_id = STREAM,
	                                .coherent = g->p->m.device !=
	                                            PROG_NONCOHERENT};
	const struct dmasim_guest_config guest = {.machine = g->machine};
	struct dmasim_smmu_drv_config smmu = {.smmu = 0};
	int rc = dmasim_guest_create(&guest, &g->guest);

	if (!cfg.coherent)
		cfg.mode = DMASIM_DMA_NONCOHERENT;
	/* What the program's steps use by themselves. */
	if (!rc)
		rc = dmasim_guest_alloc_at(g->guest, RAM_AT, RAM_SIZE);
	cfg.guest = smmu.guest = g->guest;
	if (!rc && g->p->m.smmu) {
		rc = dmasim_smmu_drv_create(&smmu, &g->smmu_drv);
		if (!rc)
			rc = dmasim_smmu_drv_attach(g->smmu_drv, STREAM,
			                            DMASIM_DOMAIN_DMA);
		cfg.mode = DMASIM_DMA_IOMMU;
		cfg.smmu = g->smmu_drv;
	}
	if (!rc && !g->p->m.smmu)
		cfg.coherent = false;
	if (!rc)
		rc = dmasim_dma_create(&cfg, &g->api);
	return rc ? rc
	          : dmasim_dma_alloc(g->api, COHERENT_SIZE, &g->both_va,
	                             &g->both_dma, &g->both_pa);
}

int rig_build_harness(struct prog_rig *g, const struct prog_run_config *cfg)
{
	struct dmasim_smmu_info info;
	bool nc = g->p->m.device == PROG_NONCOHERENT;

	if (machine(g, cfg) || api(g) || rig_finish(g))
		return -1;
	/* Every CPU sees it where the first one's driver does. */
	g->both_va = nc ? VA_NC : VA_BOTH;
	for (unsigned i = 0; i < g->p->m.cpus; i++)
		if (!nc && dmasim_cpu_map(g->cpu[i], VA_BOTH, g->both_pa,
		                          COHERENT_SIZE, &dmasim_attr_wb))
			return -1;
	if (!g->p->m.smmu)
		return 0;
	return dmasim_machine_smmu(g->machine, 0, &info) ||
	       dmasim_smmu_attach(info.smmu, &g->memory, &g->dma);
}

void rig_end_harness(struct prog_rig *g)
{
	dmasim_dma_destroy(g->api);
	(void)dmasim_smmu_drv_destroy(g->smmu_drv);
	dmasim_guest_destroy(g->guest);
	dmasim_event_destroy(g->irq);
	dmasim_event_destroy(g->bell);
	dmasim_machine_destroy(g->machine);
}
