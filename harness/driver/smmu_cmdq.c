/* SPDX-License-Identifier: MIT */
/* The command queue, and the global errors that stop it. */
#include "smmu_drv_internal.h"

static const struct smmu_cmd cmd_sync = {
        {HW_CMD_SYNC | HW_PREP(HW_SYNC_CS, HW_CS_SEV) |
                 HW_PREP(HW_SYNC_MSH, HW_SH_ISH) |
                 HW_PREP(HW_SYNC_MSIATTR, HW_MSIATTR_WB),
         0}};

static int write_command(struct dmasim_smmu_drv *d, uint32_t ptr,
                         const struct smmu_cmd *cmd)
{
	uint64_t va = smmu_queue_va(&d->cmdq, ptr);
	struct dmasim_cpu *cpu = d->guest->cpu;
	int rc = dmasim_cpu_put(cpu, va, 8, cmd->word[0],
	                        DMASIM_AT("command word 0"));

	return rc ? rc
	          : dmasim_cpu_put(cpu, va + 8, 8, cmd->word[1],
	                           DMASIM_AT("command word 1"));
}

/** 7.1: CONS stays on the command that failed, and the queue stands still
 * until the error is acknowledged. As Linux does, put a CMD_SYNC in the place
 * of the command and go on. */
static int skip_command(struct dmasim_smmu_drv *d)
{
	uint64_t cons;
	int rc = drv_smmu_read(d, HW_CMDQ_CONS, 4, &cons,
	                       DMASIM_AT("CMDQ_CONS"));

	if (rc)
		return rc;
	d->cmd_error = (unsigned)HW_GET(HW_CMDQ_CONS_ERR, cons);
	d->cmd_errors++;
	dmasim_log(d->guest->kernel, DMASIM_LOG_WARNING, d->info.name,
	           "command %u failed with error %u; skipping it",
	           (unsigned)(cons & (smmu_queue_size(&d->cmdq) - 1)),
	           d->cmd_error);
	return write_command(d, (uint32_t)cons, &cmd_sync);
}

int drv_smmu_gerror(struct dmasim_smmu_drv *d)
{
	uint64_t gerror, gerrorn, active;
	int rc;

	d->gerror_irq = false;
	rc = drv_smmu_read(d, HW_GERROR, 4, &gerror, DMASIM_AT("GERROR"));
	if (!rc)
		rc = drv_smmu_read(d, HW_GERRORN, 4, &gerrorn,
		                   DMASIM_AT("GERRORN"));
	if (rc)
		return rc;
	active = gerror ^ gerrorn;
	if (!active)
		return DMASIM_OK;
	dmasim_log(d->guest->kernel, DMASIM_LOG_WARNING, d->info.name,
	           "global error 0x%x%s%s%s", (unsigned)active,
	           active & HW_GERROR_SFM ? ", service failure mode" : "",
	           active & HW_GERROR_EVENTQ ? ", event queue write aborted"
	                                     : "",
	           active & HW_GERROR_CMDQ ? ", command queue" : "");
	if (active & HW_GERROR_CMDQ)
		rc = skip_command(d);
	return rc ? rc
	          : drv_smmu_write(d, HW_GERRORN, 4, gerror,
	                           DMASIM_AT("GERRORN"));
}

/** Commands that the SMMU has not consumed, as far as is known. */
static uint32_t outstanding(const struct smmu_queue *q)
{
	return (q->ptr - q->other) & smmu_queue_mask(q);
}

/** Wait until at most @left commands are outstanding. */
static int wait_consumed(struct dmasim_smmu_drv *d, uint32_t left)
{
	uint64_t start = dmasim_now(d->guest->kernel), delay = 0, cons;
	uint32_t most = outstanding(&d->cmdq);
	int rc;

	for (;;) {
		rc = drv_smmu_read(d, HW_CMDQ_CONS, 4, &cons,
		                   DMASIM_AT("CMDQ_CONS"));
		if (rc)
			return rc;
		d->cmdq.other = (uint32_t)cons;
		if (outstanding(&d->cmdq) <= left)
			return DMASIM_OK;
		/* The interrupt may come later than the code, or never. */
		if (d->gerror_irq || HW_GET(HW_CMDQ_CONS_ERR, cons)) {
			rc = drv_smmu_gerror(d);
			if (rc)
				return rc;
			/* Each error costs one command: with more of them
			 * what is written does not arrive. */
			if (d->cmd_errors > most)
				return DMASIM_E_DEVICE;
		}
		rc = drv_smmu_backoff(d, start, &delay);
		if (rc)
			return rc;
	}
}

static int publish(struct dmasim_smmu_drv *d)
{
	return drv_smmu_write(d, HW_CMDQ_PROD, 4, d->cmdq.ptr,
	                      DMASIM_AT("CMDQ_PROD"));
}

static int append(struct dmasim_smmu_drv *d, const struct smmu_cmd *cmd)
{
	struct smmu_queue *q = &d->cmdq;
	uint32_t size = (uint32_t)smmu_queue_size(q);
	int rc = DMASIM_OK;

	if (outstanding(q) >= size) {
		rc = publish(d);
		if (!rc)
			rc = wait_consumed(d, size - 1);
	}
	if (!rc)
		rc = write_command(d, q->ptr, cmd);
	if (!rc)
		q->ptr = (q->ptr + 1) & smmu_queue_mask(q);
	return rc;
}

int drv_smmu_issue(struct dmasim_smmu_drv *d, const struct smmu_cmd *cmd,
                   size_t n, bool sync)
{
	int rc = DMASIM_OK;

	d->cmd_errors = 0;
	for (size_t i = 0; i < n && !rc; i++)
		rc = append(d, &cmd[i]);
	if (!rc && sync)
		rc = append(d, &cmd_sync);
	if (!rc)
		rc = publish(d);
	if (!rc && sync)
		rc = wait_consumed(d, 0);
	if (rc)
		return rc;
	return d->cmd_errors ? DMASIM_E_DEVICE : DMASIM_OK;
}
