/* SPDX-License-Identifier: MIT */
/*
 * A driver takes a page away from a device: it clears the descriptor, and
 * forgets the TLB. The device writes to the page all the same, whoever has it
 * now. With CMD_TLBI_NH_VA and CMD_SYNC ("./use_after_unmap invalidate") the
 * write ends in an event record.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dmasim/dmasim.h>

#define RAM    0x80000000ull
#define TABLES (RAM + 0x100000) /* what dmasim_tables takes from */
#define PAGE   (RAM + 0x345000)
#define IOVA   0x7040201000ull
#define SMMU   0x9050000ull
#define STREAM 0x1234u
#define ASID   4

/* Registers (6.1). */
#define CR0             0x20
#define CR1             0x28
#define STRTAB_BASE     0x80
#define STRTAB_BASE_CFG 0x88
#define CMDQ_BASE       0x90
#define CMDQ_PROD       0x98
#define EVENTQ_BASE     0xa0
#define EVENTQ_PROD     0x100a8
#define QUEUE_LOG2SIZE  4

struct machine {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	struct dmasim_smmu *smmu;
	struct dmasim_port device; /* into the SMMU */
	uint32_t nic;              /* who the device is, in findings */
	struct dmasim_tables tables;
	uint64_t descriptor; /* of IOVA */
	uint64_t cmdq, evtq;
	uint32_t prod;
};

static void must(int status, const char *what)
{
	if (status != DMASIM_OK) {
		fprintf(stderr, "%s: %s\n", what, dmasim_strerror(status));
		exit(3);
	}
}

/* A store of the driver: findings name the line it stands in. */
#define STORE(m, va, size, value)                                              \
	must(dmasim_cpu_store((m)->cpu, va, size, value), "store")

static struct dmasim_port memory_port(struct machine *m, const char *name,
                                      enum dmasim_agent_kind kind,
                                      uint32_t *agent)
{
	struct dmasim_device_port_config pc = {
	        .name = name,
	        .kind = DMASIM_PORT_COHERENT,
	        .agent_kind = kind,
	};
	struct dmasim_port port;

	must(dmasim_memsys_add_port(m->ms, &pc, &port, agent), name);
	return port;
}

static void make_machine(struct machine *m)
{
	struct dmasim_checker_config hc;
	struct dmasim_memsys_config mc;
	struct dmasim_smmu_config sc;
	struct dmasim_port regs, down;
	uint64_t size;

	must(dmasim_kernel_create(&(struct dmasim_kernel_config){0}, &m->k),
	     "kernel");
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = m->k},
	                       &m->map),
	     "map");
	must(dmasim_map_add_ram(m->map, "ram", RAM, 0x1000000), "ram");
	hc = (struct dmasim_checker_config){.kernel = m->k};
	must(dmasim_checker_create(&hc, &m->checker), "checker");
	mc = (struct dmasim_memsys_config){.kernel = m->k,
	                                   .map = m->map,
	                                   .checker = m->checker,
	                                   .cpus = 1};
	must(dmasim_memsys_create(&mc, &m->ms), "memory system");
	must(dmasim_cpu_create(&(struct dmasim_cpu_config){.kernel = m->k,
	                                                   .memsys = m->ms},
	                       &m->cpu),
	     "cpu");
	sc = (struct dmasim_smmu_config){
	        .kernel = m->k,
	        .name = "smmu",
	        .mem = memory_port(m, "smmu", DMASIM_AGENT_SMMU, NULL),
	        .profile = DMASIM_SMMU_ARCH_FULL,
	        .coherent = true,
	        .checker = m->checker,
	        .map = m->map,
	};
	must(dmasim_smmu_create(&sc, &m->smmu), "smmu");
	must(dmasim_smmu_regs_size(&sc, &size), "frame");
	regs = dmasim_smmu_regs(m->smmu);
	must(dmasim_map_add_mmio(m->map, "smmu", SMMU, size, &regs), "frame");
	down = memory_port(m, "nic", DMASIM_AGENT_COHERENT_DEVICE, &m->nic);
	must(dmasim_smmu_attach(m->smmu, &down, &m->device), "attach");
	must(dmasim_cpu_map(m->cpu, RAM, RAM, 0x1000000, &dmasim_attr_wb),
	     "map ram");
	must(dmasim_cpu_map(m->cpu, SMMU, SMMU, size, &dmasim_attr_device),
	     "map frame");
}

/* One stream, one context, one page. */
static void make_tables(struct machine *m)
{
	struct dmasim_tables *t = &m->tables;
	struct dmasim_tables_streams streams;
	struct dmasim_tables_cds cds;
	struct dmasim_tables_space s = {.tsz = 16, .granule = 12};
	struct dmasim_tables_leaf leaf = {
	        .pa = PAGE,
	        .level = 3,
	        .bits = DMASIM_TABLES_AF | DMASIM_TABLES_AP1 |
	                DMASIM_TABLES_NG | DMASIM_TABLES_SH(3),
	};
	struct dmasim_tables_cd cd = {
	        .ips = 5, .mair = 0xff, .asid = ASID, .r = 1, .a = 1};
	struct dmasim_tables_ste ste = {.config = 5};
	uint64_t at;

	*t = (struct dmasim_tables){
	        .map = m->map, .next = TABLES, .end = TABLES + 0x100000};
	must(dmasim_name_region(m->checker, TABLES, 0x100000, "SMMU tables",
	                        NULL, NULL),
	     "name");
	must(dmasim_tables_space_new(t, &s), "tables");
	must(dmasim_tables_map(t, &s, IOVA, &leaf), "leaf");
	must(dmasim_tables_descriptor(t, &s, IOVA, 3, &m->descriptor), "leaf");
	must(dmasim_tables_cds_new(t, &cds, 0, 0), "contexts");
	dmasim_tables_cd_stage1(&cd, &s, NULL);
	must(dmasim_tables_cd(t, &cds, 0, &at), "context");
	must(dmasim_tables_write_cd(t, at, &cd), "context");
	must(dmasim_tables_streams_new(t, &streams, 16, 8), "streams");
	dmasim_tables_ste_cds(&ste, &cds);
	must(dmasim_tables_ste(t, &streams, STREAM, &at), "stream");
	must(dmasim_tables_write_ste(t, at, &ste), "stream");
	must(dmasim_tables_alloc(t, 4096, 4096, &m->cmdq), "queue");
	must(dmasim_tables_alloc(t, 4096, 4096, &m->evtq), "queue");

	STORE(m, SMMU + STRTAB_BASE, 8, streams.base);
	STORE(m, SMMU + STRTAB_BASE_CFG, 4,
	      dmasim_tables_streams_cfg(&streams));
	STORE(m, SMMU + CMDQ_BASE, 8, m->cmdq | QUEUE_LOG2SIZE);
	STORE(m, SMMU + EVENTQ_BASE, 8, m->evtq | QUEUE_LOG2SIZE);
	/* Tables and queues are Write-Back Inner Shareable. */
	STORE(m, SMMU + CR1, 4, 0xd75);
	/* CMDQEN, EVENTQEN, SMMUEN */
	STORE(m, SMMU + CR0, 4, 0xd);
	must(dmasim_run_idle(m->k, DMASIM_FOREVER), "run");
}

static void command(struct machine *m, struct dmasim_tables_cmd cmd)
{
	uint64_t at = m->cmdq + 16 * (m->prod & 15);

	STORE(m, at, 8, cmd.d0);
	STORE(m, at + 8, 8, cmd.d1);
	must(dmasim_cpu_barrier(m->cpu, DMASIM_DSB_ST, DMASIM_HERE), "barrier");
	m->prod = (m->prod + 1) & 31;
	STORE(m, SMMU + CMDQ_PROD, 4, m->prod);
	must(dmasim_run_idle(m->k, DMASIM_FOREVER), "run");
}

static void unmap(struct machine *m, bool invalidate)
{
	struct dmasim_tables_tlbi_fields tlbi = {
	        .op = DMASIM_TABLES_TLBI_NH_VA, .asid = ASID, .address = IOVA};

	STORE(m, m->descriptor, 8, 0);
	must(dmasim_cpu_barrier(m->cpu, DMASIM_DSB_ST, DMASIM_HERE), "barrier");
	if (invalidate)
		command(m, dmasim_tables_tlbi(&tlbi));
	command(m, dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE));
}

static void device_writes(struct machine *m, const char *what)
{
	uint8_t bytes[4] = {1, 2, 3, 4};
	struct dmasim_txn txn = {
	        .op = DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .initiator = m->nic,
	        .addr = IOVA,
	        .size = sizeof(bytes),
	        .stream_id = STREAM,
	        .attr = dmasim_attr_wb,
	        .data = bytes,
	        .origin = {.what = what},
	};

	must(dmasim_access_wait(m->k, &m->device, &txn), what);
	printf("%s: %s\n", what, dmasim_result_name(txn.result));
}

static void report(struct machine *m)
{
	uint64_t prod = 0, word[4] = {0};
	char text[4096];

	for (size_t i = 0; i < dmasim_finding_count(m->checker); i++) {
		dmasim_finding_text(dmasim_finding_get(m->checker, i), text,
		                    sizeof(text));
		printf("%s\n", text);
	}
	must(dmasim_cpu_get(m->cpu, SMMU + EVENTQ_PROD, 4, &prod, DMASIM_HERE),
	     "read EVENTQ_PROD");
	if (!prod)
		return;
	for (unsigned i = 0; i < 4; i++)
		must(dmasim_cpu_get(m->cpu, m->evtq + 8 * i, 8, &word[i],
		                    DMASIM_HERE),
		     "read event");
	printf("event %s, StreamID %#" PRIx64 ", address %#" PRIx64 "\n",
	       dmasim_event_name((uint8_t)word[0]), word[0] >> 32, word[2]);
}

int main(int argc, char **argv)
{
	struct machine m = {0};

	make_machine(&m);
	make_tables(&m);
	device_writes(&m, "write before unmap");
	unmap(&m, argc > 1 && !strcmp(argv[1], "invalidate"));
	device_writes(&m, "write after unmap");
	report(&m);

	dmasim_smmu_destroy(m.smmu);
	dmasim_cpu_destroy(m.cpu);
	dmasim_memsys_destroy(m.ms);
	dmasim_checker_destroy(m.checker);
	dmasim_map_destroy(m.map);
	dmasim_kernel_destroy(m.k);
	return 0;
}
