/* SPDX-License-Identifier: MIT */
/*
 * An SMMU in a story: one stream, one context, one table, as a driver has set
 * them up before the story begins (so they lie in memory, whole). What the
 * story changes of them goes through a CPU.
 */
#include <string.h>

#include "teach_internal.h"

#define SMMU_BASE   0x9050000ull
#define ASID        4u
#define FIRST_IOVA  0xffff0000ull
#define QUEUE_LOG2  4u
#define QUEUE_SLOTS (1u << QUEUE_LOG2)

/* Registers (IHI 0070, 6.3). */
#define CR0             0x20u
#define CR1             0x28u
#define STRTAB_BASE     0x80u
#define STRTAB_BASE_CFG 0x88u
#define CMDQ_BASE       0x90u
#define CMDQ_PROD       0x98u
#define CMDQ_CONS       0x9cu
#define EVENTQ_BASE     0xa0u
/* CR1: tables and queues Write-Back Inner Shareable. CR0: CMDQEN, EVENTQEN,
 * SMMUEN. */
#define CR1_CACHED 0xd75u
#define CR0_ON     0xdu

static void keep_event(void *ctx, const uint64_t record[4], bool lost,
                       const struct dmasim_txn *cause)
{
	struct teach_smmu *s = ctx;

	(void)lost;
	(void)cause;
	s->event = (uint8_t)record[0];
	s->evented = true;
}

static int create(struct dmasim_stage *st, struct dmasim_agent *device,
                  const struct dmasim_lesson_smmu *config)
{
	struct dmasim_device_port_config pc = {
	        .name = "smmu",
	        .kind = config->noncoherent ? DMASIM_PORT_NONCOHERENT
	                                    : DMASIM_PORT_COHERENT,
	        .agent_kind = DMASIM_AGENT_SMMU};
	struct dmasim_smmu_config sc = {.kernel = st->kernel,
	                                .name = "smmu",
	                                .profile = DMASIM_SMMU_ARCH_FULL,
	                                .coherent = !config->noncoherent,
	                                .checker = st->checker,
	                                .map = st->map,
	                                .on_event = keep_event,
	                                .on_event_ctx = &st->smmu};
	struct dmasim_port regs, down = device->port;
	uint64_t size;
	int status;

	status = dmasim_memsys_add_port(st->memsys, &pc, &sc.mem, NULL);
	if (!status)
		status = dmasim_smmu_create(&sc, &st->smmu.smmu);
	if (!status)
		status = dmasim_smmu_regs_size(&sc, &size);
	if (status)
		return status;
	regs = dmasim_smmu_regs(st->smmu.smmu);
	status = dmasim_map_add_mmio(st->map, "smmu", SMMU_BASE, size, &regs);
	if (!status)
		status =
		        dmasim_smmu_attach(st->smmu.smmu, &down, &device->port);
	return status;
}

/* One stream, one context, an empty table. */
static int build_tables(struct dmasim_stage *st, bool no_ste,
                        struct dmasim_tables_streams *streams)
{
	struct teach_smmu *s = &st->smmu;
	struct dmasim_tables *t = &s->tables;
	struct dmasim_tables_cds cds;
	struct dmasim_tables_cd cd = {
	        .ips = 5, .mair = 0xff, .asid = ASID, .r = 1, .a = 1};
	uint64_t at;
	int status;

	*t = (struct dmasim_tables){.map = st->map,
	                            .next = STAGE_TABLES,
	                            .end = STAGE_RAM + STAGE_RAM_SIZE};
	s->space = (struct dmasim_tables_space){.tsz = 32, .granule = 12};
	s->ste = (struct dmasim_tables_ste){.config = 5};
	status = dmasim_tables_space_new(t, &s->space);
	if (!status)
		status = dmasim_tables_cds_new(t, &cds, 0, 0);
	if (status)
		return status;
	dmasim_tables_cd_stage1(&cd, &s->space, NULL);
	status = dmasim_tables_cd(t, &cds, 0, &at);
	if (!status)
		status = dmasim_tables_write_cd(t, at, &cd);
	if (!status)
		status = dmasim_tables_streams_new(t, streams, 4, 0);
	if (status)
		return status;
	dmasim_tables_ste_cds(&s->ste, &cds);
	status =
	        dmasim_tables_ste(t, streams, DMASIM_LESSON_STREAM, &s->ste_pa);
	if (!status && !no_ste)
		status = dmasim_tables_write_ste(t, s->ste_pa, &s->ste);
	return status;
}

static int set_register(struct teach_smmu *s, uint32_t offset, uint32_t size,
                        uint64_t value)
{
	return dmasim_cpu_put(s->cpu->cpu, SMMU_BASE + offset, size, value,
	                      DMASIM_HERE);
}

/* The queue lies where a non-coherent SMMU sees it, too. */
static int start(struct dmasim_stage *st, bool noncoherent,
                 const struct dmasim_tables_streams *streams)
{
	struct teach_smmu *s = &st->smmu;
	uint64_t evtq;
	int status = dmasim_cpu_map(s->cpu->cpu, SMMU_BASE, SMMU_BASE, 0x40000,
	                            &dmasim_attr_device);

	if (!status)
		status = dmasim_tables_alloc(&s->tables, STAGE_PAGE, STAGE_PAGE,
		                             &s->cmdq);
	if (!status)
		status = dmasim_tables_alloc(&s->tables, STAGE_PAGE, STAGE_PAGE,
		                             &evtq);
	s->cmdq_va = s->cmdq;
	if (!status && noncoherent)
		status = stage_add_alias(s->cpu, s->cmdq, &dmasim_attr_nc,
		                         &s->cmdq_va);
	if (!status)
		status = set_register(s, STRTAB_BASE, 8, streams->base);
	if (!status)
		status = set_register(s, STRTAB_BASE_CFG, 4,
		                      dmasim_tables_streams_cfg(streams));
	if (!status)
		status = set_register(s, CMDQ_BASE, 8, s->cmdq | QUEUE_LOG2);
	if (!status)
		status = set_register(s, EVENTQ_BASE, 8, evtq | QUEUE_LOG2);
	if (!status)
		status = set_register(s, CR1, 4, CR1_CACHED);
	if (!status)
		status = set_register(s, CR0, 4, CR0_ON);
	return status ? status : dmasim_run_idle(st->kernel, DMASIM_FOREVER);
}

/* The CPU that the driver of the SMMU runs on: the story's first. */
static struct dmasim_agent *first_cpu(struct dmasim_stage *st)
{
	struct dmasim_agent *cpu = NULL;

	for (struct dmasim_agent *a = st->agents; a; a = a->next)
		if (a->cpu)
			cpu = a;
	return cpu;
}

void dmasim_lesson_smmu(struct dmasim_agent *device,
                        const struct dmasim_lesson_smmu *config)
{
	struct dmasim_tables_streams streams;
	struct dmasim_stage *st = device ? device->stage : NULL;
	int status = DMASIM_OK;

	if (!st || !stage_ok(st))
		return;
	st->smmu.cpu = first_cpu(st);
	st->smmu.next_iova = FIRST_IOVA;
	if (st->smmu.smmu || device->cpu || !st->smmu.cpu)
		status = DMASIM_E_STATE;
	if (!status)
		status = create(st, device, config);
	if (!status)
		status = build_tables(st, config->no_ste, &streams);
	if (!status)
		status = start(st, config->noncoherent, &streams);
	device->smmu = &st->smmu;
	if (status)
		stage_fail(st, status, NULL, "smmu");
}

void smmu_end(struct teach_smmu *s)
{
	dmasim_smmu_destroy(s->smmu);
}

static struct dmasim_area *structure(struct dmasim_stage *st, const char *name,
                                     uint64_t pa, uint32_t size)
{
	struct dmasim_area whole = {.stage = st,
	                            .pa = STAGE_TABLES,
	                            .size = (uint32_t)(STAGE_RAM_SIZE / 2)};

	return dmasim_lesson_part(&whole, name, (uint32_t)(pa - STAGE_TABLES),
	                          size);
}

struct dmasim_area *dmasim_lesson_dma_map(struct dmasim_agent *device,
                                          struct dmasim_area *area)
{
	struct dmasim_tables_leaf leaf = {
	        .level = 3,
	        .bits = DMASIM_TABLES_AF | DMASIM_TABLES_AP1 |
	                DMASIM_TABLES_NG | DMASIM_TABLES_SH(3)};
	struct teach_smmu *s = device ? device->smmu : NULL;
	struct dmasim_stage *st = device ? device->stage : NULL;
	uint64_t iova, pa;
	char name[96];
	int status;

	if (!st || !area || !stage_ok(st))
		return NULL;
	if (!s || area->size > STAGE_PAGE) {
		stage_fail(st, DMASIM_E_STATE, NULL, "dma_map");
		return NULL;
	}
	iova = s->next_iova;
	s->next_iova -= STAGE_PAGE;
	leaf.pa = area->pa & ~(uint64_t)(STAGE_PAGE - 1);
	area->dma = iova + (area->pa - leaf.pa);
	status = dmasim_tables_map(&s->tables, &s->space, iova, &leaf);
	if (!status)
		status = dmasim_tables_descriptor(&s->tables, &s->space, iova,
		                                  3, &pa);
	if (!status)
		status = dmasim_note_map(st->checker, DMASIM_LESSON_STREAM,
		                         area->dma, area->pa, area->size);
	if (status) {
		stage_fail(st, status, NULL, "dma_map");
		return NULL;
	}
	snprintf(name, sizeof(name), "descriptor of %s", area->name);
	return structure(st, name, pa, 8);
}

void dmasim_lesson_give(struct dmasim_agent *device, struct dmasim_area *area,
                        uint64_t dma)
{
	if (device && area && stage_ok(device->stage))
		area->dma = dma;
}

struct dmasim_area *dmasim_lesson_ste(struct dmasim_agent *device,
                                      uint64_t words[8])
{
	if (!device || !stage_ok(device->stage))
		return NULL;
	if (!device->smmu) {
		stage_fail(device->stage, DMASIM_E_STATE, NULL, "ste");
		return NULL;
	}
	(void)dmasim_tables_pack_ste(&device->smmu->ste, words);
	return structure(device->stage, "STE of the stream",
	                 device->smmu->ste_pa, 64);
}

/* One command into the queue; not yet told to the SMMU. */
static int queue_command(struct teach_smmu *s, struct dmasim_agent *cpu,
                         struct dmasim_tables_cmd cmd,
                         struct dmasim_origin origin)
{
	uint64_t at = s->cmdq_va + 16ull * (s->prod & (QUEUE_SLOTS - 1));
	int status = dmasim_cpu_put(cpu->cpu, at, 8, cmd.d0, origin);

	if (!status)
		status = dmasim_cpu_put(cpu->cpu, at + 8, 8, cmd.d1, origin);
	s->prod = (s->prod + 1) & (2 * QUEUE_SLOTS - 1);
	return status;
}

static int run_commands(struct teach_smmu *s, struct dmasim_agent *cpu,
                        struct dmasim_tables_cmd cmd,
                        struct dmasim_origin origin)
{
	struct dmasim_tables_cmd sync =
	        dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE);
	uint64_t cons = 0;
	int status = queue_command(s, cpu, cmd, origin);

	if (!status)
		status = queue_command(s, cpu, sync, origin);
	/* The commands must be there before the SMMU is told of them. */
	if (!status)
		status = dmasim_cpu_barrier(cpu->cpu, DMASIM_DSB_ST, origin);
	if (!status)
		status = dmasim_cpu_put(cpu->cpu, SMMU_BASE + CMDQ_PROD, 4,
		                        s->prod, origin);
	if (!status)
		status = dmasim_run_idle(cpu->stage->kernel, DMASIM_FOREVER);
	if (!status)
		status = dmasim_cpu_get(cpu->cpu, SMMU_BASE + CMDQ_CONS, 4,
		                        &cons, origin);
	/* Consumed, and without an error in its upper bits. */
	if (!status && cons != s->prod)
		status = DMASIM_E_DEVICE;
	return status;
}

void dmasim_lesson_command(struct dmasim_agent *cpu, const char *name,
                           struct dmasim_tables_cmd cmd,
                           struct dmasim_origin origin)
{
	struct dmasim_stage *st = cpu ? cpu->stage : NULL;
	char what[128];
	int status = DMASIM_E_STATE;

	if (!st || !stage_ok(st))
		return;
	snprintf(what, sizeof(what),
	         "queues %s and CMD_SYNC, and waits until both are done", name);
	if (st->view)
		dmasim_line_view_begin(st->view, cpu->name, what, &origin);
	/* Only the CPU that runs the driver has the queue mapped. */
	if (st->smmu.smmu && cpu == st->smmu.cpu)
		status = run_commands(&st->smmu, cpu, cmd, origin);
	if (st->view)
		dmasim_line_view_end(st->view);
	if (status)
		stage_fail(st, status, &origin, name);
}

void dmasim_lesson_tlbi(struct dmasim_agent *cpu, struct dmasim_agent *device,
                        struct dmasim_area *area, struct dmasim_origin origin)
{
	struct dmasim_tables_tlbi_fields f = {.op = DMASIM_TABLES_TLBI_NH_VA,
	                                      .asid = ASID};

	if (!device || !area)
		return;
	f.address = area->dma;
	dmasim_lesson_command(cpu, "CMD_TLBI_NH_VA", dmasim_tables_tlbi(&f),
	                      origin);
}
