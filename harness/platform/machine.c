/* SPDX-License-Identifier: MIT */
/* The machine: its life, its parts, its state. */
#include <stdlib.h>
#include <string.h>

#include "plat_internal.h"

#define STATE_TAG     "MACH"
#define STATE_VERSION 2u

/** FNV-1a, to tell trees apart; nothing depends on its strength. */
static uint64_t fingerprint(const uint8_t *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

int dmasim_machine_create(const struct dmasim_machine_config *cfg,
                          struct dmasim_machine **out, struct dmasim_diag *diag)
{
	struct dmasim_machine *m;
	struct plat_desc *d;
	int status;

	if (diag)
		diag->text[0] = '\0';
	d = calloc(1, sizeof(*d));
	m = calloc(1, sizeof(*m));
	if (!d || !m) {
		free(d);
		free(m);
		return DMASIM_E_NOMEM;
	}
	status = plat_describe(cfg->fdt, cfg->fdt_size, cfg->disk_count, diag,
	                       d);
	if (status == DMASIM_OK) {
		m->fingerprint = fingerprint(cfg->fdt, cfg->fdt_size);
		status = plat_build(m, d, cfg);
		plat_describe_end(d);
	}
	free(d);
	if (status == DMASIM_OK) {
		*out = m;
		return DMASIM_OK;
	}
	dmasim_machine_destroy(m);
	return status;
}

static void destroy_devices(struct dmasim_machine *m)
{
	for (size_t i = m->testdev_count; i-- > 0;) {
		dmasim_testdev_destroy(m->testdevs[i].dev);
		plat_window_destroy(m->testdevs[i].way.window);
	}
	for (size_t i = m->disk_count; i-- > 0;) {
		dmasim_blk_destroy(m->disks[i].blk);
		plat_window_destroy(m->disks[i].way.window);
		dmasim_disk_destroy(m->disks[i].own);
	}
	for (size_t i = m->host_count; i-- > 0;)
		dmasim_pci_host_destroy(m->hosts[i]);
	for (size_t i = m->smmu_count; i-- > 0;)
		dmasim_smmu_destroy(m->smmus[i].smmu);
	free(m->testdevs);
	free(m->disks);
}

void dmasim_machine_destroy(struct dmasim_machine *m)
{
	if (!m)
		return;
	destroy_devices(m);
	for (size_t i = m->cpu_count; i-- > 0;)
		dmasim_cpu_destroy(m->cpus[i]);
	dmasim_irqc_destroy(m->irqc);
	dmasim_memsys_destroy(m->memsys);
	dmasim_interconnect_destroy(m->interconnect);
	dmasim_dram_destroy(m->dram);
	dmasim_map_destroy(m->map);
	dmasim_checker_destroy(m->checker);
	dmasim_choice_destroy(m->choice);
	dmasim_kernel_destroy(m->kernel);
	free(m);
}

struct dmasim_kernel *dmasim_machine_kernel(struct dmasim_machine *m)
{
	return m->kernel;
}

struct dmasim_map *dmasim_machine_map(struct dmasim_machine *m)
{
	return m->map;
}

struct dmasim_memsys *dmasim_machine_memsys(struct dmasim_machine *m)
{
	return m->memsys;
}

struct dmasim_checker *dmasim_machine_checker(struct dmasim_machine *m)
{
	return m->checker;
}

struct dmasim_irqc *dmasim_machine_irqc(struct dmasim_machine *m)
{
	return m->irqc;
}

struct dmasim_choice *dmasim_machine_choice(struct dmasim_machine *m)
{
	return m->choice;
}

struct dmasim_cpu *dmasim_machine_cpu(struct dmasim_machine *m, size_t index)
{
	return index < m->cpu_count ? m->cpus[index] : NULL;
}

struct dmasim_pci_host *dmasim_machine_pci(struct dmasim_machine *m,
                                           size_t index)
{
	return index < m->host_count ? m->hosts[index] : NULL;
}

int dmasim_machine_smmu(struct dmasim_machine *m, size_t index,
                        struct dmasim_smmu_info *info)
{
	if (index >= m->smmu_count)
		return DMASIM_E_NOTFOUND;
	*info = m->smmus[index].info;
	return DMASIM_OK;
}

int dmasim_machine_disk(struct dmasim_machine *m, size_t index,
                        struct dmasim_disk_info *info)
{
	if (index >= m->disk_count)
		return DMASIM_E_NOTFOUND;
	*info = m->disks[index].info;
	return DMASIM_OK;
}

int dmasim_machine_testdev(struct dmasim_machine *m, size_t index,
                           struct dmasim_testdev_info *info)
{
	if (index >= m->testdev_count)
		return DMASIM_E_NOTFOUND;
	*info = m->testdevs[index].info;
	return DMASIM_OK;
}

int dmasim_machine_ram(struct dmasim_machine *m, size_t index, uint64_t *base,
                       uint64_t *size)
{
	if (index >= m->ram_count)
		return DMASIM_E_NOTFOUND;
	*base = m->ram[index].base;
	*size = m->ram[index].size;
	return DMASIM_OK;
}

static bool windows_busy(const struct dmasim_machine *m)
{
	bool busy = false;

	for (size_t i = 0; i < m->disk_count; i++)
		busy |= plat_window_busy(m->disks[i].way.window);
	for (size_t i = 0; i < m->testdev_count; i++)
		busy |= plat_window_busy(m->testdevs[i].way.window);
	return busy;
}

/** Devices, in the order in which they are restored. */
static int save_devices(struct dmasim_machine *m, struct dmasim_writer *w)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < m->host_count && status == DMASIM_OK; i++)
		status = dmasim_pci_save(m->hosts[i], w);
	for (size_t i = 0; i < m->smmu_count && status == DMASIM_OK; i++)
		status = dmasim_smmu_save(m->smmus[i].smmu, w);
	for (size_t i = 0; i < m->disk_count && status == DMASIM_OK; i++)
		status = dmasim_blk_save(m->disks[i].blk, w);
	for (size_t i = 0; i < m->testdev_count && status == DMASIM_OK; i++)
		status = dmasim_testdev_save(m->testdevs[i].dev, w);
	return status;
}

int dmasim_machine_save(struct dmasim_machine *m, struct dmasim_writer *w)
{
	int status = DMASIM_OK;

	if (dmasim_running(m->kernel) || windows_busy(m))
		return DMASIM_E_STATE;
	dmasim_put_begin(w, STATE_TAG, STATE_VERSION);
	dmasim_put_u64(w, m->fingerprint);
	dmasim_put_u8(w, m->checker != NULL);
	status = dmasim_map_save(m->map, w);
	if (status == DMASIM_OK)
		status = dmasim_memsys_save(m->memsys, w);
	if (status == DMASIM_OK && m->dram) {
		dmasim_dram_save(m->dram, w);
		dmasim_interconnect_save(m->interconnect, w);
	}
	for (size_t i = 0; i < m->cpu_count && status == DMASIM_OK; i++)
		status = dmasim_cpu_save(m->cpus[i], w);
	if (status == DMASIM_OK)
		status = dmasim_irqc_save(m->irqc, w);
	if (status == DMASIM_OK)
		status = save_devices(m, w);
	if (status == DMASIM_OK && m->checker)
		status = dmasim_checker_save(m->checker, w);
	if (status == DMASIM_OK)
		status = dmasim_choice_save(m->choice, w);
	if (status == DMASIM_OK)
		status = dmasim_kernel_save(m->kernel, w);
	if (status == DMASIM_OK)
		dmasim_put_end(w);
	return status;
}

static int restore_devices(struct dmasim_machine *m, struct dmasim_reader *r)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < m->host_count && status == DMASIM_OK; i++)
		status = dmasim_pci_restore(m->hosts[i], r);
	for (size_t i = 0; i < m->smmu_count && status == DMASIM_OK; i++)
		status = dmasim_smmu_restore(m->smmus[i].smmu, r);
	for (size_t i = 0; i < m->disk_count && status == DMASIM_OK; i++)
		status = dmasim_blk_restore(m->disks[i].blk, r);
	for (size_t i = 0; i < m->testdev_count && status == DMASIM_OK; i++)
		status = dmasim_testdev_restore(m->testdevs[i].dev, r);
	return status;
}

int dmasim_machine_restore(struct dmasim_machine *m, struct dmasim_reader *r)
{
	int status;

	if (dmasim_running(m->kernel) || windows_busy(m))
		return DMASIM_E_STATE;
	dmasim_get_begin(r, STATE_TAG, STATE_VERSION);
	if (dmasim_get_u64(r) != m->fingerprint)
		dmasim_reader_fail(r, "saved by a machine of another tree");
	if (dmasim_get_u8(r) != (m->checker != NULL))
		dmasim_reader_fail(r, "saved with another checker setting");
	status = dmasim_reader_status(r);
	if (status == DMASIM_OK)
		status = dmasim_map_restore(m->map, r);
	if (status == DMASIM_OK)
		status = dmasim_memsys_restore(m->memsys, r);
	if (status == DMASIM_OK && m->dram)
		status = dmasim_dram_restore(m->dram, r);
	if (status == DMASIM_OK && m->dram)
		status = dmasim_interconnect_restore(m->interconnect, r);
	for (size_t i = 0; i < m->cpu_count && status == DMASIM_OK; i++)
		status = dmasim_cpu_restore(m->cpus[i], r);
	if (status == DMASIM_OK)
		status = dmasim_irqc_restore(m->irqc, r);
	if (status == DMASIM_OK)
		status = restore_devices(m, r);
	if (status == DMASIM_OK && m->checker)
		status = dmasim_checker_restore(m->checker, r);
	if (status == DMASIM_OK)
		status = dmasim_choice_restore(m->choice, r);
	if (status == DMASIM_OK)
		status = dmasim_kernel_restore(m->kernel, r);
	if (status != DMASIM_OK)
		return status;
	dmasim_get_end(r);
	return dmasim_reader_status(r);
}
