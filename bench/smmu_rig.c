/* SPDX-License-Identifier: MIT */
#include "smmu_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM         0x80000000ull
#define RAM_SIZE    (16ull << 30)
#define CMDQ        RAM
#define EVTQ        (RAM + 0x10000)
#define QUEUE_LOG2  8u
#define HOST_TABLES (RAM + 0x100000)
#define HOST_END    (RAM + 0x10000000)
/* What a guest owns: its CDs and tables, then the pages themselves. */
#define GUEST_TABLES (RAM + 0x20000000)
#define GUEST_END    (RAM + 0x30000000)
#define PAGES        (RAM + 0x100000000ull)

#define REG_IDR0            0x00u
#define REG_CR0             0x20u
#define REG_CR1             0x28u
#define REG_STRTAB_BASE     0x80u
#define REG_STRTAB_BASE_CFG 0x88u
#define REG_CMDQ_BASE       0x90u
#define REG_CMDQ_PROD       0x98u
#define REG_CMDQ_CONS       0x9cu
#define REG_EVENTQ_BASE     0xa0u

#define LEAF                                                                   \
	(DMASIM_TABLES_AF | DMASIM_TABLES_SH(3) | DMASIM_TABLES_AP1 |          \
	 DMASIM_TABLES_NG)
#define LEAF2                                                                  \
	(DMASIM_TABLES_AF | DMASIM_TABLES_SH(3) | DMASIM_TABLES_MEMATTR(15) |  \
	 DMASIM_TABLES_S2_READ | DMASIM_TABLES_S2_WRITE)

static void must(int status, const char *what)
{
	if (status != DMASIM_OK) {
		fprintf(stderr, "bench: %s: %s\n", what,
		        dmasim_strerror(status));
		exit(3);
	}
}

static enum dmasim_result sink(void *obj, struct dmasim_txn *txn)
{
	(void)obj;
	bench_use(txn->addr);
	return DMASIM_TXN_OK;
}

static uint64_t reg(struct smmu_rig *r, enum dmasim_op op, uint64_t offset,
                    uint64_t value, uint32_t size)
{
	struct dmasim_txn txn;

	dmasim_txn_init(&txn);
	txn.op = op;
	txn.offset = offset;
	txn.size = size;
	txn.attr = dmasim_attr_device;
	txn.data = (uint8_t *)&value;
	if (dmasim_access(&r->regs, &txn) != DMASIM_TXN_OK)
		abort();
	return value;
}

/* ---- tables ---- */

/* @n consecutive pages from @va to @pa. */
static void map_pages(struct dmasim_tables *t,
                      const struct dmasim_tables_space *s, uint64_t va,
                      struct dmasim_tables_leaf leaf, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		must(dmasim_tables_map(t, s, va + (i << 12), &leaf), "page");
		leaf.pa += 1u << 12;
	}
}

static void build_stage1(struct smmu_rig *r, struct dmasim_tables *t,
                         struct dmasim_tables_space *s)
{
	*s = (struct dmasim_tables_space){.tsz = 16, .granule = 12};
	must(dmasim_tables_space_new(t, s), "stage 1");
	map_pages(t, s, SMMU_RIG_IOVA,
	          (struct dmasim_tables_leaf){
	                  .pa = PAGES, .level = 3, .bits = LEAF},
	          r->o.pages);
}

static void build_stage2(struct smmu_rig *r, struct dmasim_tables *host,
                         const struct dmasim_tables *guest,
                         struct dmasim_tables_space *s)
{
	*s = (struct dmasim_tables_space){
	        .tsz = 16, .granule = 12, .stage2 = true};
	must(dmasim_tables_space_new(host, s), "stage 2");
	map_pages(host, s, GUEST_TABLES,
	          (struct dmasim_tables_leaf){
	                  .pa = GUEST_TABLES, .level = 3, .bits = LEAF2},
	          (guest->next - GUEST_TABLES + 0xfff) >> 12);
	map_pages(host, s, PAGES,
	          (struct dmasim_tables_leaf){
	                  .pa = PAGES, .level = 3, .bits = LEAF2},
	          r->o.pages);
}

static void build_stream(struct smmu_rig *r, struct dmasim_tables *guest,
                         const struct dmasim_tables_space *stage1,
                         struct dmasim_tables_ste *ste, uint32_t asid)
{
	struct dmasim_tables_cds cds;
	struct dmasim_tables_cd cd = {.ips = 5,
	                              .affd = 0,
	                              .r = 1,
	                              .a = 1,
	                              .asid = asid,
	                              .mair = 0xff,
	                              .aset = 1};
	uint64_t pa;

	must(dmasim_tables_cds_new(guest, &cds, 0, 0), "CD");
	must(dmasim_tables_cd(guest, &cds, 0, &pa), "CD");
	dmasim_tables_cd_stage1(&cd, stage1, NULL);
	must(dmasim_tables_write_cd(guest, pa, &cd), "CD");
	dmasim_tables_ste_cds(ste, &cds);
	ste->config = r->o.nested ? 7 : 5;
	ste->s2vmid = r->o.nested;
	ste->s2ps = 5;
	ste->s2r = 1;
}

static void build(struct smmu_rig *r, struct dmasim_tables_streams *st)
{
	struct dmasim_tables host = {r->map, HOST_TABLES, HOST_END, 0};
	struct dmasim_tables guest = {r->map, GUEST_TABLES, GUEST_END, 0};
	struct dmasim_tables_space stage1, stage2;
	struct dmasim_tables_ste *ste = calloc(r->o.streams, sizeof(*ste));
	unsigned log2 = 0;

	if (!ste)
		abort();
	while (1u << log2 < r->o.streams)
		log2++;
	must(dmasim_tables_streams_new(&host, st, log2, 0), "stream table");
	build_stage1(r, &guest, &stage1);
	for (uint32_t i = 0; i < r->o.streams; i++)
		build_stream(r, &guest, &stage1, &ste[i], i);
	if (r->o.nested)
		build_stage2(r, &host, &guest, &stage2);
	for (uint32_t i = 0; i < r->o.streams; i++) {
		uint64_t pa;

		if (r->o.nested)
			dmasim_tables_ste_stage2(&ste[i], &stage2, false);
		must(dmasim_tables_ste(&host, st, i, &pa), "STE");
		must(dmasim_tables_write_ste(&host, pa, &ste[i]), "STE");
	}
	free(ste);
}

/* ---- the pages, in order ---- */

static void make_order(struct smmu_rig *r)
{
	uint64_t state = BENCH_SEED;

	r->order = malloc(r->o.used * sizeof(*r->order));
	if (!r->order)
		abort();
	for (uint32_t i = 0; i < r->o.used; i++)
		r->order[i] = i;
	for (uint32_t i = r->o.used - 1;
	     i > 0 && r->o.order == SMMU_RIG_SHUFFLED; i--) {
		uint32_t j = (uint32_t)(bench_random(&state) % (i + 1));
		uint32_t page = r->order[i];

		r->order[i] = r->order[j];
		r->order[j] = page;
	}
}

uint64_t smmu_rig_key(uint32_t sid, uint32_t page)
{
	return (uint64_t)sid << 40 | ((SMMU_RIG_IOVA >> 12) + page);
}

void smmu_rig_fill_baseline(struct smmu_rig *r)
{
	uint32_t n = r->o.used > r->o.streams ? r->o.used : r->o.streams;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t sid = i & (r->o.streams - 1);
		uint32_t page = r->order[i & (r->o.used - 1)];

		baseline_map_put(r->baseline, smmu_rig_key(sid, page),
		                 (PAGES >> 12) + page);
	}
}

/* ---- open and close ---- */

/* IDR0.S2P, whether the profile has it or not. */
static void add_stage2(struct smmu_rig *r, struct dmasim_smmu_config *cfg)
{
	must(dmasim_smmu_create(cfg, &r->smmu), "SMMU");
	r->regs = dmasim_smmu_regs(r->smmu);
	cfg->idr[0] = (uint32_t)reg(r, DMASIM_READ, REG_IDR0, 0, 4) | 1u;
	cfg->idr_valid = 1;
	dmasim_smmu_destroy(r->smmu);
}

static void create(struct smmu_rig *r)
{
	struct dmasim_smmu_config cfg = {
	        .name = "smmu",
	        .kernel = r->kernel,
	        .coherent = true,
	        .oas_bits = 48,
	        .no_tlb = r->o.cold,
	        .timing = r->o.timed ? NULL : &dmasim_smmu_timing_none,
	        .tlb_entries = r->o.tlb,
	        .config_entries = r->o.config};
	struct dmasim_memsys_config mc = {
	        .kernel = r->kernel, .map = r->map, .cpus = 1};
	struct dmasim_device_port_config pc = {.name = "smmu",
	                                       .kind = DMASIM_PORT_COHERENT,
	                                       .agent_kind = DMASIM_AGENT_SMMU};
	struct dmasim_port below = {sink, NULL};

	cfg.mem = r->ram;
	if (r->o.timed) {
		must(dmasim_memsys_create(&mc, &r->memsys), "memory system");
		must(dmasim_memsys_add_port(r->memsys, &pc, &cfg.mem, NULL),
		     "port");
	}
	if (r->o.nested)
		add_stage2(r, &cfg);
	must(dmasim_smmu_create(&cfg, &r->smmu), "SMMU");
	r->regs = dmasim_smmu_regs(r->smmu);
	must(dmasim_smmu_attach(r->smmu, &below, &r->port), "client port");
}

void smmu_rig_open(struct smmu_rig *r, const struct smmu_rig_options *o)
{
	struct dmasim_tables_streams st;

	*r = (struct smmu_rig){.o = *o};
	r->o.pages = o->pages ? o->pages : 65536;
	r->o.used = o->used ? o->used : r->o.pages;
	r->o.streams = o->streams ? o->streams : 1;
	must(dmasim_kernel_create(NULL, &r->kernel), "kernel");
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = r->kernel},
	                       &r->map),
	     "map");
	must(dmasim_map_add_ram(r->map, "ram", RAM, RAM_SIZE), "RAM");
	r->ram = dmasim_map_port(r->map);
	create(r);
	build(r, &st);
	reg(r, DMASIM_WRITE, REG_STRTAB_BASE, st.base, 8);
	reg(r, DMASIM_WRITE, REG_STRTAB_BASE_CFG,
	    dmasim_tables_streams_cfg(&st), 4);
	reg(r, DMASIM_WRITE, REG_CMDQ_BASE, CMDQ | QUEUE_LOG2, 8);
	reg(r, DMASIM_WRITE, REG_EVENTQ_BASE, EVTQ | QUEUE_LOG2, 8);
	reg(r, DMASIM_WRITE, REG_CR1, 0xd75, 4); /* all WB ISH */
	reg(r, DMASIM_WRITE, REG_CR0, 0xd, 4);   /* SMMUEN, both queues */
	make_order(r);
	r->baseline = baseline_map_create(
	        r->o.used > r->o.streams ? r->o.used : r->o.streams);
	smmu_rig_fill_baseline(r);
}

void smmu_rig_close(struct smmu_rig *r)
{
	baseline_map_destroy(r->baseline);
	free(r->order);
	dmasim_smmu_destroy(r->smmu);
	dmasim_memsys_destroy(r->memsys);
	dmasim_map_destroy(r->map);
	dmasim_kernel_destroy(r->kernel);
}

/* ---- work ---- */

bool smmu_rig_access(struct smmu_rig *r, uint32_t sid, uint32_t page)
{
	struct dmasim_txn txn;
	uint64_t data;

	dmasim_txn_init(&txn);
	txn.addr = SMMU_RIG_IOVA + ((uint64_t)page << 12) + SMMU_RIG_OFFSET;
	txn.size = sizeof(data);
	txn.stream_id = sid;
	txn.attr = dmasim_attr_wb;
	txn.data = (uint8_t *)&data;
	return dmasim_access(&r->port, &txn) == DMASIM_TXN_OK;
}

void smmu_rig_run(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint64_t i = 0; i < n; i++, r->at++) {
		uint32_t page = r->order[r->at & (r->o.used - 1)];
		uint32_t sid = (uint32_t)r->at & (r->o.streams - 1);

		if (!smmu_rig_access(r, sid, page))
			abort();
	}
}

void smmu_rig_run_baseline(void *ctx, uint64_t n)
{
	struct smmu_rig *r = ctx;

	for (uint64_t i = 0; i < n; i++, r->at++) {
		uint32_t page = r->order[r->at & (r->o.used - 1)];
		uint32_t sid = (uint32_t)r->at & (r->o.streams - 1);

		bench_use(
		        baseline_map_get(r->baseline, smmu_rig_key(sid, page)));
	}
}

void smmu_rig_command(struct smmu_rig *r, uint64_t word0, uint64_t word1)
{
	uint64_t words[2] = {word0, word1};
	struct dmasim_txn txn;

	dmasim_txn_init(&txn);
	txn.op = DMASIM_WRITE;
	txn.addr = CMDQ + 16ull * (r->cmdq_prod & ((1u << QUEUE_LOG2) - 1));
	txn.size = sizeof(words);
	txn.attr = dmasim_attr_wb;
	txn.data = (uint8_t *)words;
	if (dmasim_access(&r->ram, &txn) != DMASIM_TXN_OK)
		abort();
	/* The bit above the index is the wrap bit (3.5.1). */
	r->cmdq_prod = (r->cmdq_prod + 1) & ((2u << QUEUE_LOG2) - 1);
}

void smmu_rig_go(struct smmu_rig *r)
{
	reg(r, DMASIM_WRITE, REG_CMDQ_PROD, r->cmdq_prod, 4);
	for (;;) {
		int status = dmasim_run_one(r->kernel);

		if (status == DMASIM_E_NOTFOUND)
			break;
		must(status, "command queue");
	}
	if ((uint32_t)reg(r, DMASIM_READ, REG_CMDQ_CONS, 0, 4) != r->cmdq_prod)
		abort();
}
