/* SPDX-License-Identifier: MIT */
/* The machine of a snapshot: RAM and its pages, SMMU, CPU, test endpoint. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

#define ECAM_BASE 0x40000000ull
#define ECAM_SIZE 0x100000ull

static enum dmasim_result tap_access(void *obj, struct dmasim_txn *txn)
{
	struct snap_tap *tap = obj;

	if (!tap->count++)
		tap->pa = txn->addr;
	return dmasim_access(&tap->down, txn);
}

static uint32_t recorded_id(const struct rec_snapshot *s, const char *name)
{
	const struct rec_reg *reg = rec_reg_find(s, name);

	return reg ? (uint32_t)reg->value : 0;
}

static int build_memory(struct snap_machine *m)
{
	const struct recording *r = m->recording;
	const struct rec_pages *p = &m->snapshot->pages;
	struct dmasim_map_config map_cfg = {.kernel = m->kernel};
	struct dmasim_memsys_config cfg = {
	        .kernel = m->kernel,
	        .choice = m->choice,
	        .cpus = 1,
	};
	int err = dmasim_map_create(&map_cfg, &m->map);

	for (size_t i = 0; !err && i < r->rams; i++)
		err = dmasim_map_add_ram(m->map, "ram", r->ram[i].base,
		                         r->ram[i].size);
	for (size_t i = 0; !err && i < p->count; i++)
		if (p->page[i].stored)
			err = dmasim_map_load(m->map, p->page[i].pa,
			                      p->data + p->page[i].offset,
			                      REC_PAGE);
	cfg.map = m->map;
	return err ? err : dmasim_memsys_create(&cfg, &m->memsys);
}

/** What the profile itself shows, for the report; then the machine takes what
 * was recorded. */
static int read_profile_ids(struct snap_machine *m,
                            const struct dmasim_smmu_config *cfg)
{
	struct dmasim_smmu *smmu;
	struct dmasim_port regs;
	int err = dmasim_smmu_create(cfg, &smmu);

	if (err)
		return err;
	regs = dmasim_smmu_regs(smmu);
	for (unsigned i = 0; !err && i < SNAP_IDS; i++) {
		uint8_t data[4] = {0};
		struct dmasim_txn txn = {
		        .op = DMASIM_READ,
		        .addr = m->recording->smmu_base + 4 * i,
		        .offset = 4 * i,
		        .size = sizeof(data),
		        .attr = dmasim_attr_device,
		        .data = data,
		};

		err = dmasim_access_wait(m->kernel, &regs, &txn);
		m->profile_id[i] = (uint32_t)data[0] | (uint32_t)data[1] << 8 |
		                   (uint32_t)data[2] << 16 |
		                   (uint32_t)data[3] << 24;
	}
	dmasim_smmu_destroy(smmu);
	return err;
}

/** The recorded IDRn or S_IDRn, as far as they are there. */
static void take_recorded(const struct snap_machine *m, const char *prefix,
                          uint8_t *valid, uint32_t *id)
{
	for (unsigned i = 0; i < SNAP_ALL_IDS; i++) {
		const struct rec_reg *reg;
		char name[16];

		snprintf(name, sizeof(name), "%s%u", prefix, i);
		reg = rec_reg_find(m->snapshot, name);
		if (!reg)
			continue;
		*valid = (uint8_t)(*valid | 1u << i);
		id[i] = (uint32_t)reg->value;
	}
}

static void take_recorded_ids(const struct snap_machine *m,
                              struct dmasim_smmu_config *cfg)
{
	take_recorded(m, "IDR", &cfg->idr_valid, cfg->idr);
	/* What no register tells of is not there: Secure state decides on
	 * stalls (6.3.1). */
	take_recorded(m, "S_IDR", &cfg->s_idr_valid, cfg->s_idr);
	cfg->s_idr_valid = UINT8_MAX >> (8 - SNAP_ALL_IDS);
}

static int build_smmu(struct snap_machine *m)
{
	struct dmasim_device_port_config own = {
	        .name = "smmu",
	        .kind = m->coherent ? DMASIM_PORT_COHERENT
	                            : DMASIM_PORT_NONCOHERENT,
	        .agent_kind = DMASIM_AGENT_SMMU,
	};
	struct dmasim_device_port_config endpoint = {
	        .name = "endpoint",
	        .kind = DMASIM_PORT_COHERENT,
	        .agent_kind = DMASIM_AGENT_COHERENT_DEVICE,
	};
	struct dmasim_smmu_config cfg = {
	        .kernel = m->kernel,
	        .name = "smmu",
	        .profile = m->profile,
	        .coherent = m->coherent,
	        .choice = m->choice,
	        .map = m->map,
	};
	struct dmasim_port tap = {tap_access, &m->tap};
	struct dmasim_port regs;
	int err = dmasim_memsys_add_port(m->memsys, &own, &cfg.mem, NULL);

	if (!err)
		err = dmasim_memsys_add_port(m->memsys, &endpoint, &m->tap.down,
		                             NULL);
	if (!err)
		err = read_profile_ids(m, &cfg);
	take_recorded_ids(m, &cfg);
	if (!err)
		err = dmasim_smmu_create(&cfg, &m->smmu);
	if (!err)
		err = dmasim_smmu_attach(m->smmu, &tap, &m->client);
	if (err)
		return err;
	regs = dmasim_smmu_regs(m->smmu);
	return dmasim_map_add_mmio(m->map, "smmu", m->recording->smmu_base,
	                           DMASIM_SMMU_REGS_SIZE, &regs);
}

/** The driver sees memory and registers where they are. */
static int build_cpu(struct snap_machine *m)
{
	const struct recording *r = m->recording;
	struct dmasim_cpu_config cfg = {
	        .kernel = m->kernel,
	        .memsys = m->memsys,
	        .choice = m->choice,
	};
	int err = dmasim_cpu_create(&cfg, &m->cpu);

	for (size_t i = 0; !err && i < r->rams; i++)
		err = dmasim_cpu_map(m->cpu, r->ram[i].base, r->ram[i].base,
		                     r->ram[i].size, &dmasim_attr_wb);
	if (!err)
		err = dmasim_cpu_map(m->cpu, r->smmu_base, r->smmu_base,
		                     DMASIM_SMMU_REGS_SIZE,
		                     &dmasim_attr_device);
	return err;
}

/** Firmware's part: let the endpoint master the bus. */
static int enable_endpoint(struct snap_machine *m)
{
	uint8_t command[2] = {0x06, 0};
	struct dmasim_port port = dmasim_map_port(m->bus);
	struct dmasim_txn txn = {
	        .op = DMASIM_WRITE,
	        .addr = ECAM_BASE + (8u << 12) + 4,
	        .size = sizeof(command),
	        .attr = dmasim_attr_device,
	        .data = command,
	};
	int err = dmasim_access_wait(m->kernel, &port, &txn);

	if (!err && txn.result != DMASIM_TXN_OK)
		err = DMASIM_E_FAULT;
	return err;
}

static int build_endpoint(struct snap_machine *m)
{
	struct dmasim_map_config map_cfg = {.kernel = m->kernel};
	struct dmasim_pci_host_config host_cfg = {
	        .kernel = m->kernel,
	        .name = "endpoint-bus",
	        .ecam_base = ECAM_BASE,
	        .ecam_size = ECAM_SIZE,
	};
	struct dmasim_testdev_config cfg = {
	        .kernel = m->kernel,
	        .bdf = DMASIM_PCI_BDF(0, 1, 0),
	        .dma = m->client,
	};
	int err = dmasim_map_create(&map_cfg, &m->bus);

	host_cfg.map = m->bus;
	if (!err)
		err = dmasim_pci_host_create(&host_cfg, &m->host);
	cfg.host = m->host;
	cfg.physical = m->tap.down;
	if (!err)
		err = dmasim_testdev_create(&cfg, &m->endpoint);
	return err ? err : enable_endpoint(m);
}

int snap_machine_create(const struct snap_setup *setup,
                        struct snap_machine **out, struct dmasim_diag *diag)
{
	struct dmasim_kernel_config kernel_cfg = {
	        .backend = setup->opt->backend,
	        .trace = setup->opt->trace,
	        .trace_ctx = setup->opt->trace_ctx,
	};
	struct dmasim_choice_config choice_cfg = {
	        .mode = DMASIM_CHOICE_SEED,
	        .seed = setup->opt->seed,
	};
	struct snap_machine *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return DMASIM_E_NOMEM;
	m->recording = setup->recording;
	m->snapshot = setup->snapshot;
	m->profile = setup->profile;
	m->coherent = recorded_id(m->snapshot, "IDR0") & IDR0_COHACC;
	m->readback = calloc(m->snapshot->regs + 1, sizeof(*m->readback));
	err = m->readback ? dmasim_kernel_create(&kernel_cfg, &m->kernel)
	                  : DMASIM_E_NOMEM;
	if (!err && setup->opt->has_seed)
		err = dmasim_choice_create(&choice_cfg, &m->choice);
	if (!err)
		err = build_memory(m);
	if (!err)
		err = build_smmu(m);
	if (!err)
		err = build_cpu(m);
	if (!err)
		err = build_endpoint(m);
	if (!err)
		err = snap_program(m, diag);
	if (err) {
		snap_machine_destroy(m);
		return err;
	}
	*out = m;
	return DMASIM_OK;
}

void snap_machine_destroy(struct snap_machine *m)
{
	if (!m)
		return;
	dmasim_testdev_destroy(m->endpoint);
	dmasim_pci_host_destroy(m->host);
	dmasim_map_destroy(m->bus);
	dmasim_cpu_destroy(m->cpu);
	dmasim_smmu_destroy(m->smmu);
	dmasim_memsys_destroy(m->memsys);
	dmasim_map_destroy(m->map);
	dmasim_choice_destroy(m->choice);
	dmasim_kernel_destroy(m->kernel);
	free(m->readback);
	free(m);
}
