/* SPDX-License-Identifier: MIT */
/* The SMMU driver's life, and its access to registers and memory. */
#include <stdio.h>
#include <stdlib.h>

#include "dma_internal.h"
#include "smmu_drv_internal.h"

int drv_smmu_read(struct dmasim_smmu_drv *d, uint32_t reg, uint32_t size,
                  uint64_t *value, struct dmasim_origin origin)
{
	return drv_reg_read(d->guest, d->regs + reg, size, value, origin);
}

int drv_smmu_write(struct dmasim_smmu_drv *d, uint32_t reg, uint32_t size,
                   uint64_t value, struct dmasim_origin origin)
{
	return drv_reg_write(d->guest, d->regs + reg, size, value, origin);
}

int drv_smmu_backoff(struct dmasim_smmu_drv *d, uint64_t start, uint64_t *delay)
{
	if (dmasim_now(d->guest->kernel) - start > SMMU_POLL_TIMEOUT)
		return DMASIM_E_TIMEOUT;
	*delay = *delay ? *delay * 2 : DMASIM_US;
	if (*delay > DMASIM_MS)
		*delay = DMASIM_MS;
	return dmasim_cpu_delay(d->guest->cpu, *delay);
}

int drv_smmu_write_sync(struct dmasim_smmu_drv *d, uint32_t reg, uint32_t ack,
                        uint64_t value, struct dmasim_origin origin)
{
	uint64_t start = dmasim_now(d->guest->kernel), delay = 0, seen;
	int rc = drv_smmu_write(d, reg, 4, value, origin);

	while (!rc) {
		rc = drv_smmu_read(d, ack, 4, &seen, origin);
		if (rc || seen == value)
			break;
		rc = drv_smmu_backoff(d, start, &delay);
	}
	return rc;
}

int drv_smmu_name(struct dmasim_smmu_drv *d, uint64_t pa, uint64_t size,
                  const char *what)
{
	char name[96];

	if (!d->guest->checker)
		return DMASIM_OK;
	(void)snprintf(name, sizeof(name), "%s %s", d->info.name, what);
	return dmasim_name_region(d->guest->checker, pa, size, name, NULL,
	                          NULL);
}

int drv_smmu_mem_alloc(struct dmasim_smmu_drv *d, uint64_t size,
                       const char *what, struct smmu_mem *m)
{
	int rc = dmasim_dma_alloc(d->dma, size, &m->va, &m->dma, &m->pa);

	if (rc)
		return rc;
	m->size = size;
	return drv_smmu_name(d, m->pa, size, what);
}

int drv_smmu_mem_free(struct dmasim_smmu_drv *d, struct smmu_mem *m)
{
	int rc;

	if (!m->size)
		return DMASIM_OK;
	if (d->guest->checker)
		dmasim_unname_region(d->guest->checker, m->pa, m->size);
	rc = dmasim_dma_free(d->dma, m->size, m->va, m->dma, m->pa);
	m->size = 0;
	return rc;
}

static int smmu_drv_init(struct dmasim_smmu_drv *d)
{
	/* The SMMU's own accesses are of no stream. */
	struct dmasim_dma_config dma = {.guest = d->guest,
	                                .stream_id = UINT32_MAX};
	int rc = dmasim_machine_smmu(d->guest->machine, d->cfg.smmu, &d->info);

	if (rc)
		return rc;
	dma.mode =
	        d->info.coherent ? DMASIM_DMA_COHERENT : DMASIM_DMA_NONCOHERENT;
	rc = dmasim_guest_ioremap(d->guest, d->info.base, DMASIM_SMMU_REGS_SIZE,
	                          &d->regs);
	if (rc)
		return rc;
	dma.mode =
	        d->info.coherent ? DMASIM_DMA_COHERENT : DMASIM_DMA_NONCOHERENT;
	rc = dmasim_dma_create(&dma, &d->dma);
	if (rc)
		return rc;
	/* The SMMU's own memory is no buffer of a stream. */
	d->dma->unnoted = true;
	rc = drv_smmu_probe(d);
	if (!rc)
		rc = drv_smmu_strtab_alloc(d);
	if (!rc)
		rc = drv_smmu_mem_alloc(d, smmu_queue_size(&d->cmdq) * 16,
		                        "command queue", &d->cmdq.mem);
	if (!rc)
		rc = drv_smmu_mem_alloc(d, smmu_queue_size(&d->evtq) * 32,
		                        "event queue", &d->evtq.mem);
	if (!rc)
		rc = drv_irq_request(d->guest, d->info.evtq, drv_smmu_evtq_irq,
		                     d);
	if (!rc)
		rc = drv_irq_request(d->guest, d->info.gerror,
		                     drv_smmu_gerror_irq, d);
	return rc ? rc : drv_smmu_reset(d);
}

int dmasim_smmu_drv_create(const struct dmasim_smmu_drv_config *cfg,
                           struct dmasim_smmu_drv **out)
{
	struct dmasim_smmu_drv *d;
	int rc;

	if (!cfg || !cfg->guest || !out)
		return DMASIM_E_INVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return DMASIM_E_NOMEM;
	d->cfg = *cfg;
	d->guest = cfg->guest;
	rc = smmu_drv_init(d);
	if (rc) {
		(void)dmasim_smmu_drv_destroy(d);
		return rc;
	}
	*out = d;
	return DMASIM_OK;
}

int dmasim_smmu_drv_destroy(struct dmasim_smmu_drv *d)
{
	int rc = DMASIM_OK, first;

	if (!d)
		return DMASIM_OK;
	first = d->running ? drv_smmu_disable(d) : DMASIM_OK;
	drv_irq_free(d->guest, d->info.evtq, d);
	drv_irq_free(d->guest, d->info.gerror, d);
	for (size_t i = 0; i < d->stream_count; i++) {
		if (!d->streams[i].domain)
			continue;
		rc = drv_smmu_domain_free(d, d->streams[i].domain);
		first = first ? first : rc;
	}
	rc = drv_smmu_mem_free(d, &d->cmdq.mem);
	first = first ? first : rc;
	rc = drv_smmu_mem_free(d, &d->evtq.mem);
	first = first ? first : rc;
	rc = drv_smmu_strtab_free(d);
	first = first ? first : rc;
	dmasim_dma_destroy(d->dma);
	free(d->streams);
	free(d->records);
	free(d);
	return first;
}

size_t drv_smmu_index(const struct dmasim_smmu_drv *d)
{
	return d->cfg.smmu;
}
