/* SPDX-License-Identifier: MIT */
/* From a description to a machine: every room in the order in which they
 * stand on one another, and within a room in the order of the tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plat_internal.h"

#define OWN_DISK_SIZE (1024u * 1024u)

/** Where a device's transactions go in, and where they come out. */
struct plat_ports {
	struct dmasim_port dma, memory;
	uint32_t agent;
};

struct builder {
	struct dmasim_machine *m;
	const struct plat_desc *d;
	const struct dmasim_machine_config *cfg;
};

/** What the description did not see, a room refused. */
static int refused(const struct builder *b, int node, int status)
{
	if (status == DMASIM_OK || status == DMASIM_E_NOMEM ||
	    status == DMASIM_E_KERNEL || status == DMASIM_E_STATE)
		return status;
	return plat_fail(&b->d->tree, node, "%s", dmasim_strerror(status));
}

static struct dmasim_irq wire(const struct builder *b, uint32_t line)
{
	if (line == PLAT_NO_LINE)
		return (struct dmasim_irq){0};
	return (struct dmasim_irq){b->m->irqc, line};
}

/** Let the user put a part of his own in front of @port. */
static void insert(const struct builder *b, const char *whose, const char *what,
                   struct dmasim_port *port)
{
	char name[128];

	if (!b->cfg->insert)
		return;
	snprintf(name, sizeof(name), "%s%s", whose, what);
	*port = b->cfg->insert(b->cfg->insert_ctx, b->m->kernel, name, port);
}

static int build_time(const struct builder *b)
{
	const struct dmasim_machine_config *cfg = b->cfg;
	struct dmasim_kernel_config kernel = {
	        .backend = cfg->backend,
	        .log = cfg->log,
	        .log_ctx = cfg->log_ctx,
	        .trace = cfg->trace,
	        .trace_ctx = cfg->trace_ctx,
	};
	int status = dmasim_kernel_create(&kernel, &b->m->kernel);

	if (status == DMASIM_OK)
		status = dmasim_choice_create(cfg->choice, &b->m->choice);
	return status;
}

static int build_memory(const struct builder *b)
{
	struct dmasim_machine *m = b->m;
	const struct plat_desc *d = b->d;
	uint32_t line = d->l1.line ? d->l1.line : d->l2.line;
	struct dmasim_checker_config checker = {.kernel = m->kernel,
	                                        .line_size = line};
	struct dmasim_map_config map = {
	        .kernel = m->kernel,
	        .ram_latency = d->timed ? DMASIM_FOREVER : 0,
	};
	struct dmasim_port memory;
	struct dmasim_memsys_config memsys = {
	        .kernel = m->kernel,
	        .choice = m->choice,
	        .cpus = d->cpus,
	        .line_size = line,
	        .period = d->period,
	        .protocol = d->protocol,
	        .ask_every = d->ask_every,
	};
	int status = DMASIM_OK;

	plat_timed_caches(d, &memsys);
	if (!b->cfg->no_checker)
		status = dmasim_checker_create(&checker, &m->checker);
	if (status == DMASIM_OK)
		status = dmasim_map_create(&map, &m->map);
	if (status != DMASIM_OK)
		return status;
	for (size_t i = 0; i < d->ram_count; i++) {
		const struct plat_range *r = &d->ram[i];
		char name[32];

		plat_name(&d->tree, r->node, name, sizeof(name));
		status = dmasim_map_add_ram(m->map, name, r->base, r->size);
		if (status != DMASIM_OK)
			return refused(b, r->node, status);
		m->ram[m->ram_count++] = *r;
	}
	memsys.map = m->map;
	memsys.checker = m->checker;
	if (d->timed) {
		status = plat_build_timing(m, d, &memory);
		memsys.memory = &memory;
	}
	if (status != DMASIM_OK)
		return status;
	return refused(b, 0, dmasim_memsys_create(&memsys, &m->memsys));
}

static int build_cpus(const struct builder *b)
{
	struct dmasim_machine *m = b->m;
	int status = DMASIM_OK;

	for (uint32_t i = 0; i < b->d->cpus && status == DMASIM_OK; i++) {
		struct dmasim_cpu_config cfg = {
		        .kernel = m->kernel,
		        .memsys = m->memsys,
		        .choice = m->choice,
		        .index = i,
		};

		if (b->d->timed)
			cfg.store_buffer = b->d->timing.store_buffer
			                           ? b->d->timing.store_buffer
			                           : UINT32_MAX;

		status = dmasim_cpu_create(&cfg, &m->cpus[i]);
		if (status == DMASIM_OK)
			m->cpu_count++;
	}
	return status;
}

static int build_doorbells(const struct builder *b)
{
	struct dmasim_port port = dmasim_irqc_doorbell(b->m->irqc);

	for (size_t i = 0; i < b->d->doorbell_count; i++) {
		const struct plat_doorbell_desc *e = &b->d->doorbell[i];
		char name[32];
		int status;

		plat_name(&b->d->tree, e->node, name, sizeof(name));
		status = dmasim_map_add_mmio(b->m->map, name, e->base, 4096,
		                             &port);
		if (status != DMASIM_OK)
			return refused(b, e->node, status);
	}
	return DMASIM_OK;
}

/* The registers, and the pages of counter groups. */
static int map_smmu(const struct builder *b, const struct plat_smmu_desc *e,
                    const char *name, struct dmasim_smmu *s)
{
	struct dmasim_port port = dmasim_smmu_regs(s);
	struct dmasim_map *map = b->m->map;
	int status = dmasim_map_add_mmio(map, name, e->base, e->frame, &port);

	if (status != DMASIM_OK)
		return refused(b, e->node, status);
	for (unsigned i = 0; i < 2 * e->pmcgs; i++) {
		const struct plat_pmcg_desc *g = &e->pmcg[i / 2];
		char node[32], group[64];

		if (i % 2 == 1 && !g->cfg.page1)
			continue;
		port = dmasim_smmu_pmcg(s, i / 2, i % 2);
		plat_name(&b->d->tree, g->node, node, sizeof(node));
		snprintf(group, sizeof(group), "%llx.%s",
		         (unsigned long long)g->page[i % 2], node);
		status = dmasim_map_add_mmio(map, group, g->page[i % 2],
		                             DMASIM_SMMU_PMCG_SIZE, &port);
		if (status != DMASIM_OK)
			return refused(b, g->node, status);
	}
	return DMASIM_OK;
}

static int build_smmu(const struct builder *b, const struct plat_smmu_desc *e)
{
	struct dmasim_machine *m = b->m;
	struct plat_smmu *s = &m->smmus[m->smmu_count];
	struct dmasim_device_port_config port = {
	        .name = s->info.name,
	        .kind = e->port,
	        .agent_kind = DMASIM_AGENT_SMMU,
	        .inner_domain = e->inner_domain,
	};
	struct dmasim_smmu_config cfg = {
	        .kernel = m->kernel,
	        .name = s->info.name,
	        .profile = b->cfg->has_profile ? b->cfg->profile : e->profile,
	        .evtq_irq = wire(b, e->evtq),
	        .priq_irq = wire(b, e->priq),
	        .sync_irq = wire(b, e->sync),
	        .gerror_irq = wire(b, e->gerror),
	        .checker = m->checker,
	        .choice = m->choice,
	        .map = m->map,
	        .on_event = b->cfg->on_event,
	        .on_event_ctx = b->cfg->on_event_ctx,
	};
	char name[32];
	int status;

	plat_smmu_config(e, &cfg);
	for (unsigned i = 0; i < e->pmcgs; i++) {
		cfg.pmcg[i] = e->pmcg[i].cfg;
		cfg.pmcg[i].irq = wire(b, e->pmcg[i].line);
	}
	plat_name(&b->d->tree, e->node, name, sizeof(name));
	snprintf(s->info.name, sizeof(s->info.name), "%llx.%s",
	         (unsigned long long)e->base, name);
	status = plat_path(&b->d->tree, e->node, s->info.path,
	                   sizeof(s->info.path));
	if (status != DMASIM_OK)
		return plat_fail(&b->d->tree, e->node, "the path is too long");
	status = dmasim_memsys_add_port(m->memsys, &port, &cfg.mem, &cfg.agent);
	if (status == DMASIM_OK) {
		insert(b, s->info.name, " tables", &cfg.mem);
		status = dmasim_smmu_create(&cfg, &s->smmu);
	}
	if (status != DMASIM_OK)
		return refused(b, e->node, status);
	m->smmu_count++;
	s->info.smmu = s->smmu;
	s->info.base = e->base;
	s->info.coherent = e->coherent;
	s->info.phandle = b->d->tree.nodes[e->node].phandle;
	s->info.evtq = cfg.evtq_irq;
	s->info.gerror = cfg.gerror_irq;
	s->info.sync = cfg.sync_irq;
	return map_smmu(b, e, s->info.name, s->smmu);
}

static int build_host(const struct builder *b, const struct plat_host_desc *e)
{
	struct dmasim_machine *m = b->m;
	char name[64], node[32];
	struct dmasim_pci_host_config cfg = {
	        .kernel = m->kernel,
	        .name = name,
	        .map = m->map,
	        .ecam_base = e->ecam_base,
	        .ecam_size = e->ecam_size,
	        .bus_min = (uint8_t)e->bus_min,
	        .io = e->io,
	        .mem32 = e->mem32,
	        .mem64 = e->mem64,
	        .intx_straight = e->straight,
	};
	int status;

	plat_name(&b->d->tree, e->node, node, sizeof(node));
	snprintf(name, sizeof(name), "%llx.%s",
	         (unsigned long long)e->ecam_base, node);
	for (int i = 0; i < 4; i++)
		cfg.intx[i] = wire(b, e->intx[i]);
	status = dmasim_pci_host_create(&cfg, &m->hosts[m->host_count]);
	if (status != DMASIM_OK)
		return refused(b, e->node, status);
	m->host_count++;
	return DMASIM_OK;
}

/** The way of a device's transactions: its name, a bus, an SMMU, memory.
 * @memory is where they end up, past the SMMU. */
static int build_master(const struct builder *b, const char *name,
                        const struct plat_master_desc *e, struct plat_way *p,
                        struct plat_ports *ports)
{
	static const enum dmasim_agent_kind kinds[] = {
	        [DMASIM_PORT_COHERENT] = DMASIM_AGENT_COHERENT_DEVICE,
	        [DMASIM_PORT_NONCOHERENT] = DMASIM_AGENT_NONCOHERENT_DEVICE,
	        [DMASIM_PORT_CACHED] = DMASIM_AGENT_HOST,
	};
	struct dmasim_device_port_config cfg = {
	        .name = name,
	        .kind = e->port,
	        .agent_kind = kinds[e->port],
	        .inner_domain = e->inner_domain,
	};
	struct dmasim_port down;
	char window[64];
	int status = dmasim_memsys_add_port(b->m->memsys, &cfg, &ports->memory,
	                                    &ports->agent);

	if (status == DMASIM_OK)
		insert(b, name, " memory", &ports->memory);
	down = ports->memory;
	if (status == DMASIM_OK && e->smmu >= 0)
		status = dmasim_smmu_attach(b->m->smmus[e->smmu].smmu,
		                            &ports->memory, &down);
	if (status == DMASIM_OK &&
	    (e->dma_offset || e->dma_limit != UINT64_MAX)) {
		snprintf(window, sizeof(window), "%s bus", name);
		status = plat_window_create(b->m->kernel, window, &p->window);
		if (status == DMASIM_OK)
			down = plat_window_port(p->window, &down, e->dma_offset,
			                        e->dma_limit);
	}
	if (status == DMASIM_OK) {
		insert(b, name, "", &down);
		ports->dma = plat_tag_port(&p->tag, &down, ports->agent);
	}
	return status;
}

static int disk_backend(const struct builder *b, struct plat_disk *p,
                        size_t index, struct dmasim_disk **disk)
{
	*disk = NULL;
	if (index < b->cfg->disk_count)
		*disk = b->cfg->disks[index];
	if (*disk)
		return DMASIM_OK;
	*disk = NULL;
	p->own = NULL;
	if (dmasim_disk_memory(OWN_DISK_SIZE, &p->own) != DMASIM_OK)
		return DMASIM_E_NOMEM;
	*disk = p->own;
	return DMASIM_OK;
}

static int plug_disk(const struct builder *b, const struct plat_disk_desc *e,
                     struct plat_disk *p)
{
	struct dmasim_virtio *v = dmasim_blk_virtio(p->blk);
	struct dmasim_port regs;
	char name[64];
	int status;

	if (e->transport == DMASIM_TRANSPORT_PCI_LEGACY) {
		const struct plat_host_desc *h = &b->d->host[e->host];

		p->info.pci_io_cpu = h->io.cpu_base;
		p->info.pci_io_bus = h->io.pci_base;
		p->info.pci_io_size = h->io.size;
		return dmasim_virtio_pci_legacy(v, b->m->hosts[e->host],
		                                e->bdf);
	}
	status = dmasim_virtio_mmio(v, e->mmio_version, p->info.irq, &regs);
	if (status != DMASIM_OK)
		return status;
	plat_name(&b->d->tree, e->node, name, 32);
	return dmasim_map_add_mmio(b->m->map, name, e->regs, 0x200, &regs);
}

static int build_disk(const struct builder *b, const struct plat_disk_desc *e)
{
	struct dmasim_machine *m = b->m;
	size_t index = m->disk_count;
	struct plat_disk *p = &m->disks[index];
	char name[32];
	struct dmasim_blk_config cfg = {
	        .kernel = m->kernel,
	        .name = name,
	        .stream_id = e->master.stream_id,
	        .serial = e->serial,
	        .features = e->features,
	        .queue_size = (uint16_t)e->queue_size,
	        .ring_fault = b->cfg->has_ring_fault ? b->cfg->ring_fault
	                                             : e->ring_fault,
	        .choice = m->choice,
	};
	struct plat_ports ports = {0};
	int status;

	p->info = (struct dmasim_disk_info){
	        .transport = e->transport,
	        .mmio_version = e->mmio_version,
	        .regs = e->regs,
	        .irq = wire(b, e->line),
	        .bdf = e->bdf,
	        .coherent = e->master.coherent,
	        .port = e->master.port,
	        .smmu = e->master.smmu,
	        .stream_id = e->master.stream_id,
	        .dma_offset = e->master.dma_offset,
	        .dma_limit = e->master.dma_limit,
	};
	snprintf(name, sizeof(name), "virtio-blk %zu", index);
	if (plat_path(&b->d->tree, e->node, p->info.path,
	              sizeof(p->info.path)) != DMASIM_OK)
		return plat_fail(&b->d->tree, e->node, "the path is too long");
	status = build_master(b, name, &e->master, &p->way, &ports);
	cfg.dma = ports.dma;
	cfg.agent = ports.agent;
	cfg.checker = m->checker;
	if (status == DMASIM_OK)
		status = disk_backend(b, p, index, &cfg.disk);
	if (status == DMASIM_OK)
		status = dmasim_blk_create(&cfg, &p->blk);
	m->disk_count++;
	if (status != DMASIM_OK)
		return refused(b, e->node, status);
	p->info.blk = p->blk;
	return refused(b, e->node, plug_disk(b, e, p));
}

static int build_testdev(const struct builder *b,
                         const struct plat_testdev_desc *e)
{
	struct dmasim_machine *m = b->m;
	size_t index = m->testdev_count;
	struct plat_testdev *p = &m->testdevs[index];
	struct dmasim_testdev_config cfg = {
	        .kernel = m->kernel,
	        .host = m->hosts[e->host],
	        .bdf = e->bdf,
	};
	struct plat_ports ports = {0};
	char name[32];
	int status;

	snprintf(name, sizeof(name), "testdev %zu", index);
	p->info = (struct dmasim_testdev_info){
	        .bdf = e->bdf,
	        .smmu = e->master.smmu,
	        .stream_id = e->master.stream_id,
	};
	if (plat_path(&b->d->tree, e->node, p->info.path,
	              sizeof(p->info.path)) != DMASIM_OK)
		return plat_fail(&b->d->tree, e->node, "the path is too long");
	status = build_master(b, name, &e->master, &p->way, &ports);
	cfg.dma = ports.dma;
	cfg.physical = ports.memory;
	cfg.agent = ports.agent;
	if (status == DMASIM_OK)
		status = dmasim_testdev_create(&cfg, &p->dev);
	m->testdev_count++;
	p->info.dev = p->dev;
	return refused(b, e->node, status);
}

static int build_devices(const struct builder *b)
{
	const struct plat_desc *d = b->d;
	int status = DMASIM_OK;

	b->m->disks = calloc(d->disk_count + 1, sizeof(*b->m->disks));
	b->m->testdevs = calloc(d->testdev_count + 1, sizeof(*b->m->testdevs));
	if (!b->m->disks || !b->m->testdevs)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < d->smmu_count && status == DMASIM_OK; i++)
		status = build_smmu(b, &d->smmu[i]);
	for (size_t i = 0; i < d->host_count && status == DMASIM_OK; i++)
		status = build_host(b, &d->host[i]);
	for (size_t i = 0; i < d->disk_count && status == DMASIM_OK; i++)
		status = build_disk(b, &d->disk[i]);
	for (size_t i = 0; i < d->testdev_count && status == DMASIM_OK; i++)
		status = build_testdev(b, &d->testdev[i]);
	return status;
}

int plat_build(struct dmasim_machine *m, const struct plat_desc *d,
               const struct dmasim_machine_config *cfg)
{
	struct builder b = {m, d, cfg};
	int status = build_time(&b);

	if (status == DMASIM_OK)
		status = build_memory(&b);
	if (status == DMASIM_OK)
		status = build_cpus(&b);
	if (status == DMASIM_OK)
		status = dmasim_irqc_create(m->kernel, "gic", &m->irqc);
	if (status == DMASIM_OK)
		status = build_doorbells(&b);
	if (status == DMASIM_OK)
		status = build_devices(&b);
	return status;
}
