/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include "dmasim/cpu_map.h"

#include <stdarg.h>
#include <stdlib.h>

void rig_fail(struct prog_rig *g, enum prog_end end, const char *fmt, ...)
{
	va_list ap;

	if (g->r->end)
		return;
	g->r->end = end;
	va_start(ap, fmt);
	vsnprintf(g->r->why, sizeof(g->r->why), fmt, ap);
	va_end(ap);
}

static enum dmasim_result doorbell(void *obj, struct dmasim_txn *txn)
{
	struct prog_rig *g = obj;

	dmasim_note_doorbell(g->checker, txn, g->agent);
	if (txn->op == DMASIM_WRITE) {
		g->kicks++;
		dmasim_event_notify(g->bell, 0);
	} else {
		memset(txn->data, 0, txn->size);
	}
	return DMASIM_TXN_OK;
}

int rig_add_device(struct prog_rig *g)
{
	static const enum dmasim_port_kind kinds[] = {
	        [PROG_COHERENT] = DMASIM_PORT_COHERENT,
	        [PROG_NONCOHERENT] = DMASIM_PORT_NONCOHERENT,
	        [PROG_HOST] = DMASIM_PORT_CACHED,
	        [PROG_HOST_FWB] = DMASIM_PORT_CACHED};
	static const enum dmasim_agent_kind agents[] = {
	        [PROG_COHERENT] = DMASIM_AGENT_COHERENT_DEVICE,
	        [PROG_NONCOHERENT] = DMASIM_AGENT_NONCOHERENT_DEVICE,
	        [PROG_HOST] = DMASIM_AGENT_HOST,
	        [PROG_HOST_FWB] = DMASIM_AGENT_HOST};
	const struct dmasim_device_port_config cfg = {
	        .name = "device",
	        .kind = kinds[g->p->m.device],
	        .agent_kind = agents[g->p->m.device]};

	return dmasim_memsys_add_port(g->ms, &cfg, &g->memory, &g->agent);
}

/* All of it, Write-Back whatever stage 1 says; registers as they are. */
static int stage2(struct dmasim_cpu *cpu)
{
	const struct dmasim_s2_attr ram = {DMASIM_S2_FWB_WB, DMASIM_ISH};
	const struct dmasim_s2_attr mmio = {DMASIM_S2_FWB_STAGE1, DMASIM_ISH};
	int rc = dmasim_cpu_map_stage2(cpu, RAM_AT, RAM_AT, RAM_SIZE, &ram);

	if (!rc)
		rc = dmasim_cpu_map_stage2(cpu, DOORBELL, DOORBELL, 0x1000,
		                           &mmio);
	return rc ? rc
	          : dmasim_cpu_map_stage2(cpu, SMMU_REGS, SMMU_REGS, 0x20000,
	                                  &mmio);
}

static int add_cpus(struct prog_rig *g)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < g->p->m.cpus; i++) {
		const struct dmasim_cpu_config cpu = {
		        .kernel = g->k,
		        .memsys = g->ms,
		        .choice = g->choice,
		        .index = i,
		        .stage2 = g->p->m.device == PROG_HOST_FWB,
		        .fwb = g->p->m.device == PROG_HOST_FWB};

		rc = dmasim_cpu_create(&cpu, &g->cpu[i]);
		if (!rc && cpu.fwb)
			rc = stage2(g->cpu[i]);
	}
	return rc;
}

static int map_cpus(struct prog_rig *g)
{
	for (uint32_t i = 0; i < g->p->m.cpus; i++)
		if (dmasim_cpu_map(g->cpu[i], VA_WB, RAM_AT, RAM_SIZE,
		                   &dmasim_attr_wb) ||
		    dmasim_cpu_map(g->cpu[i], VA_NC, g->both_pa, COHERENT_SIZE,
		                   &dmasim_attr_nc) ||
		    dmasim_cpu_map(g->cpu[i], VA_BELL, DOORBELL, 0x1000,
		                   &dmasim_attr_device) ||
		    dmasim_cpu_map(g->cpu[i], VA_SMMU, SMMU_REGS, 0x20000,
		                   &dmasim_attr_device))
			return -1;
	return 0;
}

static int name_all(struct prog_rig *g)
{
	int rc = dmasim_name_region(g->checker, g->both_pa, 0x1000, "ring",
	                            NULL, NULL);

	for (unsigned b = 0; !rc && b < g->p->bufs; b++) {
		char name[16];

		snprintf(name, sizeof(name), "buffer %u", b);
		rc = dmasim_name_region(g->checker, rig_pa(g, b),
		                        g->p->buf[b].size, name, NULL, NULL);
	}
	return rc;
}

static int note_all(struct prog_rig *g)
{
	int rc = dmasim_note_map(g->checker, STREAM, g->both_dma, g->both_pa,
	                         COHERENT_SIZE);

	/* Without the DMA API nobody notes its buffers. */
	if (!rc && !g->p->m.bare)
		rc = dmasim_note_watch(g->checker, g->agent, STREAM);
	return rc;
}

uint32_t rig_agent(const struct prog_rig *g, unsigned cpu)
{
	char name[16];
	uint32_t n = 1;

	snprintf(name, sizeof(name), "cpu%u", cpu);
	while (strcmp(dmasim_agent_name(g->checker, n), name) != 0)
		n++;
	return n;
}

int rig_finish(struct prog_rig *g)
{
	const struct dmasim_port bell = {doorbell, g};

	g->dma = g->memory;
	if (dmasim_map_add_mmio(g->map, "doorbell", DOORBELL, 0x1000, &bell) ||
	    dmasim_event_create(g->k, "bell", &g->bell) ||
	    dmasim_event_create(g->k, "irq", &g->irq) || map_cpus(g))
		return -1;
	return name_all(g);
}

static void caches(const struct prog_machine *m,
                   struct dmasim_memsys_config *ms)
{
	/* Small, so that lines go. */
	const struct dmasim_cache_config way = {
	        .size = m->line * 16u,
	        .ways = 2,
	        .cycles = 3,
	        .replacement = (enum dmasim_replacement)m->replacement};

	ms->l1 = ms->shared = way;
	ms->shared.size = m->no_shared ? 0 : 8 * way.size;
	if (m->private_l2)
		ms->l2 = way;
	if (m->system)
		ms->system = way;
	ms->protocol = m->moesi ? DMASIM_MOESI : DMASIM_MESI;
	ms->ask_every = m->ask_every;
}

int rig_build(struct prog_rig *g, const struct prog_run_config *cfg)
{
	const struct dmasim_kernel_config kernel = {
	        .backend = cfg->backend,
	        .trace = cfg->trace ? trace_hash_line : NULL,
	        .trace_ctx = cfg->trace};
	struct dmasim_memsys_config ms = {.cpus = g->p->m.cpus,
	                                  .line_size = g->p->m.line};

	caches(&g->p->m, &ms);
	g->choice = cfg->choice;
	g->both_pa = RING_AT;
	g->both_dma = g->p->m.smmu ? IOVA_RING : RING_AT;
	g->both_va = prog_noncoherent(&g->p->m) ? VA_NC : VA_WB;
	if (dmasim_kernel_create(&kernel, &g->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = g->k},
	                      &g->map) ||
	    dmasim_map_add_ram(g->map, "ram", RAM_AT, RAM_SIZE) ||
	    dmasim_checker_create(
	            &(struct dmasim_checker_config){.kernel = g->k,
	                                            .line_size = g->p->m.line},
	            &g->checker))
		return -1;
	ms.kernel = g->k;
	ms.map = g->map;
	ms.checker = g->checker;
	ms.choice = g->choice;
	if (dmasim_memsys_create(&ms, &g->ms) || rig_add_device(g) ||
	    add_cpus(g) || rig_finish(g) || note_all(g))
		return -1;
	return g->p->m.smmu ? rig_smmu(g) : 0;
}

void rig_end(struct prog_rig *g)
{
	dmasim_smmu_destroy(g->smmu);
	for (unsigned i = 0; i < g->p->m.cpus; i++)
		dmasim_cpu_destroy(g->cpu[i]);
	dmasim_memsys_destroy(g->ms);
	dmasim_checker_destroy(g->checker);
	dmasim_event_destroy(g->irq);
	dmasim_event_destroy(g->bell);
	dmasim_map_destroy(g->map);
	dmasim_kernel_destroy(g->k);
}

/* ---- results ---- */

static unsigned step_of(const struct dmasim_party *p)
{
	const char *prefix = PROG_FILE ":";

	if (!p->known || strncmp(p->where, prefix, strlen(prefix)) != 0)
		return 0;
	return (unsigned)strtoul(p->where + strlen(prefix), NULL, 10);
}

static uint64_t request_of(const struct dmasim_party *p, bool *device)
{
	const char *at = strstr(p->where, "request ");

	*device = p->known && strcmp(p->agent, "device") == 0;
	return *device && at ? strtoull(at + 8, NULL, 10) : 0;
}

static void take_finding(struct prog_result *r, const struct dmasim_finding *f)
{
	struct prog_found *o = &r->found[r->found_count];

	if (r->found_count == 0)
		dmasim_finding_text(f, r->first, sizeof(r->first));
	if (r->found_count++ >= PROG_FOUND)
		return;
	*o = (struct prog_found){.kind = f->kind, .addr = f->addr};
	o->potential = f->severity == DMASIM_POTENTIAL;
	o->reader = step_of(&f->reader);
	o->writer = step_of(&f->writer);
	o->reader_request = request_of(&f->reader, &o->reader_is_device);
	o->writer_request = request_of(&f->writer, &o->writer_is_device);
	o->smmu = strcmp(f->reader.agent, "smmu") == 0 ||
	          strcmp(f->writer.agent, "smmu") == 0;
	snprintf(o->remedy, sizeof(o->remedy), "%s", f->remedy);
	snprintf(o->object, sizeof(o->object), "%s", f->object);
}

void prog_run(const struct prog *p, const struct prog_run_config *cfg,
              struct prog_result *r)
{
	struct prog_rig g = {.p = p, .r = r};
	struct prog_thread threads[PROG_CPUS];
	struct dmasim_proc_config proc = {.name = "device",
	                                  .fn = rig_device,
	                                  .arg = &g,
	                                  .stack_size = 65536};
	int rc;

	memset(r, 0, sizeof(*r));
	assert_int_equal(p->m.harness ? rig_build_harness(&g, cfg)
	                              : rig_build(&g, cfg),
	                 0);
	rc = dmasim_spawn(g.k, &proc, NULL);
	for (unsigned i = 0; !rc && i < p->m.cpus; i++) {
		threads[i] = (struct prog_thread){&g, i};
		proc.name = "cpu";
		proc.fn = rig_cpu;
		proc.arg = &threads[i];
		rc = dmasim_spawn(g.k, &proc, NULL);
	}
	assert_int_equal(rc, 0);
	rc = dmasim_run_idle(g.k, DMASIM_SEC);
	if (rc)
		rig_fail(&g, PROG_HANG, "%s: %s", dmasim_strerror(rc),
		         dmasim_kernel_error(g.k));
	for (size_t i = 0; i < dmasim_finding_count(g.checker); i++)
		take_finding(r, dmasim_finding_get(g.checker, i));
	if (p->m.harness)
		rig_end_harness(&g);
	else
		rig_end(&g);
}
