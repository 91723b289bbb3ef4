/* SPDX-License-Identifier: MIT */
/* The event queue: interrupts only leave a note, the poll reads. */
#include "smmu_drv_internal.h"

void drv_smmu_evtq_irq(void *ctx, uint32_t line)
{
	struct dmasim_smmu_drv *d = ctx;

	(void)line;
	d->evtq_irq = true;
}

void drv_smmu_gerror_irq(void *ctx, uint32_t line)
{
	struct dmasim_smmu_drv *d = ctx;

	(void)line;
	d->gerror_irq = true;
}

bool drv_smmu_pending(const struct dmasim_smmu_drv *d)
{
	return d->evtq_irq || d->gerror_irq;
}

/** As the kernel's log shows a record. */
static void log_record(struct dmasim_smmu_drv *d, const struct smmu_record *r)
{
	struct dmasim_kernel *k = d->guest->kernel;

	dmasim_log(k, DMASIM_LOG_WARNING, d->info.name,
	           "event 0x%02x received:", (unsigned)(r->word[0] & 0xff));
	for (unsigned i = 0; i < 4; i++)
		dmasim_log(k, DMASIM_LOG_WARNING, d->info.name, "\t0x%016llx",
		           (unsigned long long)r->word[i]);
}

static int read_record(struct dmasim_smmu_drv *d)
{
	uint64_t va = smmu_queue_va(&d->evtq, d->evtq.ptr);
	struct smmu_record r;
	int rc = drv_grow(&d->records, &d->record_cap, d->record_count + 1,
	                  sizeof(*d->records));

	for (unsigned i = 0; i < 4 && !rc; i++)
		rc = dmasim_cpu_get(d->guest->cpu, va + 8 * i, 8, &r.word[i],
		                    DMASIM_AT("event record"));
	if (rc)
		return rc;
	d->records[d->record_count++] = r;
	log_record(d, &r);
	return DMASIM_OK;
}

/** 7.4: PROD.OVFLG differs from CONS.OVACKFLG after records were lost. */
static int read_prod(struct dmasim_smmu_drv *d)
{
	uint64_t prod;
	int rc = drv_smmu_read(d, HW_EVENTQ_PROD, 4, &prod,
	                       DMASIM_AT("EVENTQ_PROD"));

	if (rc)
		return rc;
	d->evtq.other = (uint32_t)prod & smmu_queue_mask(&d->evtq);
	if (((uint32_t)prod ^ d->ovack) & HW_EVENTQ_OVF) {
		d->ovack ^= (uint32_t)HW_EVENTQ_OVF;
		d->overflowed = true;
		dmasim_log(d->guest->kernel, DMASIM_LOG_WARNING, d->info.name,
		           "event queue overflow: records were lost");
	}
	/* Records are read after the index that announces them. */
	return dmasim_cpu_barrier(d->guest->cpu, DMASIM_DMB_LD,
	                          DMASIM_AT("after EVENTQ_PROD"));
}

/** Read the records up to PROD. *@moved: CONS has to be written. */
static int drain_once(struct dmasim_smmu_drv *d, uint64_t *left, bool *moved)
{
	uint32_t acked = d->ovack;
	int rc = read_prod(d);

	*moved = acked != d->ovack;
	while (!rc && d->evtq.ptr != d->evtq.other && *left) {
		rc = read_record(d);
		if (rc)
			break;
		d->evtq.ptr = (d->evtq.ptr + 1) & smmu_queue_mask(&d->evtq);
		*moved = true;
		--*left;
	}
	return rc;
}

static int drain(struct dmasim_smmu_drv *d)
{
	/* A PROD that runs away is followed for so long and no longer. */
	uint64_t left = 4 * smmu_queue_size(&d->evtq);
	bool moved = true;
	int rc = DMASIM_OK;

	while (moved && left && !rc) {
		rc = drain_once(d, &left, &moved);
		if (!rc && moved)
			rc = drv_smmu_write(d, HW_EVENTQ_CONS, 4,
			                    d->evtq.ptr | d->ovack,
			                    DMASIM_AT("EVENTQ_CONS"));
	}
	return rc;
}

int dmasim_smmu_drv_poll(struct dmasim_smmu_drv *d)
{
	int rc;

	if (!d)
		return DMASIM_E_INVAL;
	/* Without a wire nobody told: look in any case. */
	rc = drv_smmu_gerror(d);
	d->evtq_irq = false;
	return rc ? rc : drain(d);
}

size_t dmasim_smmu_drv_event_count(const struct dmasim_smmu_drv *d)
{
	return d->record_count;
}

const uint64_t *dmasim_smmu_drv_event(const struct dmasim_smmu_drv *d,
                                      size_t index)
{
	return index < d->record_count ? d->records[index].word : NULL;
}

void dmasim_smmu_drv_clear_events(struct dmasim_smmu_drv *d)
{
	d->record_count = 0;
}

bool dmasim_smmu_drv_overflowed(const struct dmasim_smmu_drv *d)
{
	return d->overflowed;
}
