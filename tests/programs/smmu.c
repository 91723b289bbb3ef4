/* SPDX-License-Identifier: MIT */
/* The SMMU of a program: stage 1 for one stream, its ring mapped, and a leaf
 * for each slot that the program's steps fill. */
#include "rig.h"

enum {
	CR0 = 0x20,
	CR1 = 0x28,
	STRTAB_BASE = 0x80,
	STRTAB_BASE_CFG = 0x88,
	CMDQ_BASE = 0x90,
	CMDQ_PROD = 0x98,
	CMDQ_CONS = 0x9c,
	EVENTQ_BASE = 0xa0,
};

static void reg(struct prog_rig *g, uint32_t offset, uint64_t v, uint32_t size)
{
	uint8_t b[8];
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .addr = offset,
	                       .offset = offset,
	                       .size = size,
	                       .data = b};

	for (unsigned i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	assert_int_equal(dmasim_access(&g->smmu_regs, &t), DMASIM_TXN_OK);
	assert_int_equal(dmasim_run_idle(g->k, DMASIM_SEC), DMASIM_OK);
}

static int tables(struct prog_rig *g, struct dmasim_tables_streams *st)
{
	struct dmasim_tables t = {
	        .map = g->map, .next = TABLES_AT, .end = CMDQ_AT};
	struct dmasim_tables_space low = {.tsz = 25, .granule = 12};
	struct dmasim_tables_ste ste = {.config = 5, .strw = 0};
	struct dmasim_tables_cd cd = {.ips = 2, .asid = 1, .r = 1, .a = 1};
	struct dmasim_tables_leaf ring = {
	        .pa = RING_AT,
	        .level = 3,
	        .bits = DMASIM_TABLES_AF | DMASIM_TABLES_SH(3) |
	                DMASIM_TABLES_AP1 | DMASIM_TABLES_NG};
	struct dmasim_tables_cds cds;
	uint64_t ste_pa, cd_pa;
	int rc;

	if (dmasim_tables_streams_new(&t, st, 4, 0) ||
	    dmasim_tables_ste(&t, st, STREAM, &ste_pa) ||
	    dmasim_tables_cds_new(&t, &cds, 0, 0) ||
	    dmasim_tables_cd(&t, &cds, 0, &cd_pa) ||
	    dmasim_tables_space_new(&t, &low) ||
	    dmasim_tables_map(&t, &low, IOVA_RING, &ring))
		return -1;
	ring.pa = RING_AT + 0x1000;
	if (dmasim_tables_map(&t, &low, IOVA_RING + 0x1000, &ring))
		return -1;
	for (unsigned i = 0; i < PROG_SLOTS; i++)
		if (dmasim_tables_descriptor(
		            &t, &low, IOVA_SLOT + 0x1000ull * i, 3, &g->pte[i]))
			return -1;
	cd.mair = 0xff;
	dmasim_tables_cd_stage1(&cd, &low, NULL);
	dmasim_tables_ste_cds(&ste, &cds);
	rc = dmasim_tables_write_cd(&t, cd_pa, &cd);
	return rc ? rc : dmasim_tables_write_ste(&t, ste_pa, &ste);
}

int rig_smmu(struct prog_rig *g)
{
	const struct dmasim_device_port_config port = {
	        .name = "smmu",
	        .kind = g->p->m.smmu_coherent ? DMASIM_PORT_COHERENT
	                                      : DMASIM_PORT_NONCOHERENT,
	        .agent_kind = DMASIM_AGENT_SMMU};
	struct dmasim_smmu_config cfg = {.kernel = g->k,
	                                 .name = "smmu",
	                                 .coherent = g->p->m.smmu_coherent,
	                                 .checker = g->checker,
	                                 .choice = g->choice,
	                                 .map = g->map};
	struct dmasim_tables_streams st;

	if (tables(g, &st) ||
	    dmasim_memsys_add_port(g->ms, &port, &cfg.mem, NULL) ||
	    dmasim_smmu_create(&cfg, &g->smmu) ||
	    dmasim_smmu_attach(g->smmu, &g->memory, &g->dma))
		return -1;
	g->smmu_regs = dmasim_smmu_regs(g->smmu);
	if (dmasim_map_add_mmio(g->map, "smmu", SMMU_REGS, 0x20000,
	                        &g->smmu_regs))
		return -1;
	reg(g, CR1, 0xd75, 4);
	reg(g, CMDQ_BASE, CMDQ_AT | CMDQ_LOG2, 8);
	reg(g, EVENTQ_BASE, EVTQ_AT | 5, 8);
	reg(g, CR0, 0xc, 4);
	reg(g, STRTAB_BASE, st.base, 8);
	reg(g, STRTAB_BASE_CFG, dmasim_tables_streams_cfg(&st), 4);
	reg(g, CR0, 0xd, 4);
	return 0;
}
