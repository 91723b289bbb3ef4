/* SPDX-License-Identifier: MIT */
/* Identification registers, reset and shutdown, in the order of Linux 6.1. */
#include "smmu_drv_internal.h"

/** 0: @wanted is not given. Queues end where the implementation's limit is. */
static unsigned queue_log2(unsigned wanted, unsigned standard, uint64_t limit)
{
	unsigned log2 = wanted ? wanted : standard;

	return log2 > limit ? (unsigned)limit : log2;
}

static int probe_idr0(struct dmasim_smmu_drv *d)
{
	uint64_t idr0, ttendian, ttf;
	int rc = drv_smmu_read(d, HW_IDR0, 4, &idr0, DMASIM_AT("IDR0"));

	if (rc)
		return rc;
	d->two_level = HW_GET(HW_IDR0_ST_LEVEL, idr0) == 1 &&
	               !d->cfg.linear_stream_table;
	d->asid_bits = idr0 & HW_IDR0_ASID16 ? 16 : 8;
	d->hyp = idr0 & HW_IDR0_HYP;
	/* STALL_MODEL 0: faults may stall, unless the STE forbids it. */
	d->stall = HW_GET(HW_IDR0_STALL_MODEL, idr0) == 0;
	/* Little-endian (2) or both (0); AArch64 tables (2) or both (3). */
	ttendian = HW_GET(HW_IDR0_TTENDIAN, idr0);
	ttf = HW_GET(HW_IDR0_TTF, idr0);
	if ((ttendian != 0 && ttendian != 2) || ttf < 2 ||
	    !(idr0 & HW_IDR0_S1P))
		return DMASIM_E_UNSUPPORTED;
	return DMASIM_OK;
}

static int probe_idr1(struct dmasim_smmu_drv *d)
{
	uint64_t idr1;
	int rc = drv_smmu_read(d, HW_IDR1, 4, &idr1, DMASIM_AT("IDR1"));

	if (rc)
		return rc;
	/* Tables or queues at fixed places are not ours to allocate. */
	if (HW_GET(HW_IDR1_PRESET, idr1))
		return DMASIM_E_UNSUPPORTED;
	d->sid_bits = (unsigned)HW_GET(HW_IDR1_SIDSIZE, idr1);
	if (d->sid_bits > 32)
		d->sid_bits = 32;
	d->cmdq.log2 =
	        queue_log2(d->cfg.cmdq_log2, 8, HW_GET(HW_IDR1_CMDQS, idr1));
	d->cmdq.entry = 16;
	d->evtq.log2 =
	        queue_log2(d->cfg.evtq_log2, 7, HW_GET(HW_IDR1_EVENTQS, idr1));
	d->evtq.entry = 32;
	/* One level is enough for what one second-level table covers. */
	if (d->sid_bits <= SMMU_SPLIT)
		d->two_level = false;
	return DMASIM_OK;
}

int drv_smmu_probe(struct dmasim_smmu_drv *d)
{
	/* 6.3.6: OAS encodings 0 .. 6. */
	static const uint8_t oas[8] = {32, 36, 40, 42, 44, 48, 52, 52};
	uint64_t idr;
	int rc = probe_idr0(d);

	if (!rc)
		rc = probe_idr1(d);
	if (!rc)
		rc = drv_smmu_read(d, HW_IDR3, 4, &idr, DMASIM_AT("IDR3"));
	if (rc)
		return rc;
	d->range_inval = idr & HW_IDR3_RIL;
	rc = drv_smmu_read(d, HW_IDR5, 4, &idr, DMASIM_AT("IDR5"));
	if (rc)
		return rc;
	if (!(idr & HW_IDR5_GRAN4K))
		return DMASIM_E_UNSUPPORTED;
	/* Tables of 4 KiB granule hold addresses of 48 bits. */
	d->oas_bits = oas[HW_GET(HW_IDR5_OAS, idr)];
	if (d->oas_bits > 48)
		d->oas_bits = 48;
	return DMASIM_OK;
}

/** 6.3.14: one write with Update = 1, then poll until it reads as 0. */
static int update_gbpa(struct dmasim_smmu_drv *d, uint64_t set, uint64_t clear)
{
	uint64_t start = dmasim_now(d->guest->kernel), delay = 0, v;
	int rc = drv_smmu_read(d, HW_GBPA, 4, &v, DMASIM_AT("GBPA"));

	if (rc)
		return rc;
	v = (v & ~clear) | set | HW_GBPA_UPDATE;
	rc = drv_smmu_write(d, HW_GBPA, 4, v, DMASIM_AT("GBPA"));
	while (!rc) {
		rc = drv_smmu_read(d, HW_GBPA, 4, &v, DMASIM_AT("GBPA"));
		if (rc || !(v & HW_GBPA_UPDATE))
			break;
		rc = drv_smmu_backoff(d, start, &delay);
	}
	return rc;
}

static int write_cr0(struct dmasim_smmu_drv *d, uint64_t value)
{
	return drv_smmu_write_sync(d, HW_CR0, HW_CR0ACK, value,
	                           DMASIM_AT("CR0"));
}

static int write_irq_ctrl(struct dmasim_smmu_drv *d, uint64_t value)
{
	return drv_smmu_write_sync(d, HW_IRQ_CTRL, HW_IRQ_CTRLACK, value,
	                           DMASIM_AT("IRQ_CTRL"));
}

/** Attributes, stream table and command queue, all while disabled. */
static int reset_bases(struct dmasim_smmu_drv *d)
{
	const uint64_t cr1 = HW_PREP(HW_CR1_TABLE_SH, HW_SH_ISH) |
	                     HW_PREP(HW_CR1_TABLE_OC, HW_CR1_WB) |
	                     HW_PREP(HW_CR1_TABLE_IC, HW_CR1_WB) |
	                     HW_PREP(HW_CR1_QUEUE_SH, HW_SH_ISH) |
	                     HW_PREP(HW_CR1_QUEUE_OC, HW_CR1_WB) |
	                     HW_PREP(HW_CR1_QUEUE_IC, HW_CR1_WB);
	const struct {
		uint32_t reg, size;
		uint64_t value;
	} writes[] = {
	        {HW_CR1, 4, cr1},
	        {HW_CR2, 4, HW_CR2_PTM | HW_CR2_RECINVSID},
	        {HW_STRTAB_BASE, 8, HW_BASE_RA | d->strtab.dma},
	        {HW_STRTAB_CFG, 4, drv_smmu_strtab_cfg(d)},
	        {HW_CMDQ_BASE, 8, HW_BASE_RA | d->cmdq.mem.dma | d->cmdq.log2},
	        {HW_CMDQ_PROD, 4, 0},
	        {HW_CMDQ_CONS, 4, 0},
	};
	int rc = DMASIM_OK;

	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes) && !rc; i++)
		rc = drv_smmu_write(d, writes[i].reg, writes[i].size,
		                    writes[i].value,
		                    DMASIM_AT("control registers"));
	return rc;
}

/** Nothing may be left in the SMMU's caches. */
static int reset_caches(struct dmasim_smmu_drv *d)
{
	static const struct smmu_cmd cfgi = {
	        {HW_CMD_CFGI_ALL, HW_CMD1_RANGE_ALL}};
	static const struct smmu_cmd el2 = {{HW_CMD_TLBI_EL2_ALL, 0}};
	static const struct smmu_cmd nsnh = {{HW_CMD_TLBI_NSNH_ALL, 0}};
	int rc = drv_smmu_issue(d, &cfgi, 1, true);

	if (!rc && d->hyp)
		rc = drv_smmu_issue(d, &el2, 1, true);
	return rc ? rc : drv_smmu_issue(d, &nsnh, 1, true);
}

static int reset_evtq(struct dmasim_smmu_drv *d)
{
	int rc = drv_smmu_write(d, HW_EVENTQ_BASE, 8,
	                        HW_BASE_RA | d->evtq.mem.dma | d->evtq.log2,
	                        DMASIM_AT("EVENTQ_BASE"));

	if (!rc)
		rc = drv_smmu_write(d, HW_EVENTQ_PROD, 4, 0,
		                    DMASIM_AT("EVENTQ_PROD"));
	return rc ? rc
	          : drv_smmu_write(d, HW_EVENTQ_CONS, 4, 0,
	                           DMASIM_AT("EVENTQ_CONS"));
}

/** Wired interrupts: no message addresses. */
static int reset_irqs(struct dmasim_smmu_drv *d)
{
	int rc = write_irq_ctrl(d, 0);

	if (!rc)
		rc = drv_smmu_write(d, HW_GERROR_IRQ_CFG0, 8, 0,
		                    DMASIM_AT("GERROR_IRQ_CFG0"));
	if (!rc)
		rc = drv_smmu_write(d, HW_EVENTQ_IRQ_CFG0, 8, 0,
		                    DMASIM_AT("EVENTQ_IRQ_CFG0"));
	return rc ? rc : write_irq_ctrl(d, HW_IRQ_EVENTQ | HW_IRQ_GERROR);
}

int drv_smmu_reset(struct dmasim_smmu_drv *d)
{
	uint64_t cr0;
	int rc = drv_smmu_read(d, HW_CR0, 4, &cr0, DMASIM_AT("CR0"));

	d->running = true;
	/* Whoever left it on: nothing gets through while it is set up. */
	if (!rc && cr0 & HW_CR0_SMMUEN)
		rc = update_gbpa(d, HW_GBPA_ABORT, 0);
	if (!rc)
		rc = write_cr0(d, 0);
	if (!rc)
		rc = reset_bases(d);
	cr0 = HW_CR0_CMDQEN;
	if (!rc)
		rc = write_cr0(d, cr0);
	if (!rc)
		rc = reset_caches(d);
	if (!rc)
		rc = reset_evtq(d);
	cr0 |= HW_CR0_EVENTQEN;
	if (!rc)
		rc = write_cr0(d, cr0);
	if (!rc)
		rc = reset_irqs(d);
	return rc ? rc : write_cr0(d, cr0 | HW_CR0_SMMUEN);
}

int drv_smmu_disable(struct dmasim_smmu_drv *d)
{
	int rc = write_cr0(d, 0);
	int rc2 = write_irq_ctrl(d, 0);

	return rc ? rc : rc2;
}
