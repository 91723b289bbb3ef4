/* SPDX-License-Identifier: MIT */
/* Global errors (7.5) and interrupts, wired or as messages (3.18). */
#include "smmuv3_internal.h"

/* 6.3.19: an error that is active (unlike in GERRORN) is not toggled again. */
void smmu_gerror(struct smmu_bank *b, uint64_t errors)
{
	uint64_t active = b->reg[SMMU_GERROR] ^ b->reg[SMMU_GERRORN];

	errors &= ~active;
	if (errors == 0)
		return;
	b->reg[SMMU_GERROR] ^= errors;
	smmu_signal(b, SMMU_IRQ_GERROR);
}

static void msi_run(struct smmu_bank *b)
{
	static const char *const what[] = {
	        [SMMU_IRQ_EVENTQ] = "event queue MSI",
	        [SMMU_IRQ_GERROR] = "global error MSI",
	        [SMMU_IRQ_SYNC] = "CMD_SYNC MSI",
	};
	struct smmu_msis *q = &b->msis;

	if (q->running)
		return;
	q->running = true;
	while (q->count != 0 && !q->waiting) {
		const struct smmu_msi *m = &q->fifo[q->head];
		const struct smmu_read w = {
		        .addr = m->addr,
		        .size = sizeof(q->data),
		        .attr = m->attr,
		        .cause = DMASIM_CAUSE_MSI,
		        .what = what[m->kind],
		        .flags = smmu_bank_flags(b),
		};

		smmu_put_le32(q->data, m->value);
		smmu_own_txn(&q->txn, &w, q->data);
		q->txn.op = DMASIM_WRITE;
		q->txn.done = (struct dmasim_call){b->smmu->actor,
		                                   SMMU_CALL_MSI, b->id};
		if (dmasim_access(&b->smmu->cfg.mem, &q->txn) ==
		    DMASIM_TXN_PENDING)
			q->waiting = true;
		else
			smmu_msi_written(b);
	}
	q->running = false;
}

/* 6.3.19: an aborted message is an error of its own. */
void smmu_msi_written(struct smmu_bank *b)
{
	static const uint64_t error[] = {
	        [SMMU_IRQ_EVENTQ] = GERROR_MSI_EVENTQ_ABT_ERR,
	        [SMMU_IRQ_GERROR] = GERROR_MSI_GERROR_ABT_ERR,
	        [SMMU_IRQ_SYNC] = GERROR_MSI_CMDQ_ABT_ERR,
	};
	struct smmu_msis *q = &b->msis;
	uint8_t kind = q->fifo[q->head].kind;

	q->waiting = false;
	q->head = (q->head + 1) % SMMU_MSI_FIFO;
	q->count--;
	if (q->txn.result != DMASIM_TXN_OK)
		smmu_gerror(b, error[kind]);
	msi_run(b);
}

/* Two places are kept for messages that CMD_SYNC does not send. */
bool smmu_msi_room(const struct smmu_bank *b)
{
	return b->msis.count < SMMU_MSI_FIFO - 4;
}

void smmu_msi_push(struct smmu_bank *b, const struct smmu_msi *m)
{
	struct smmu_msis *q = &b->msis;

	/* One that has not left yet says the same. */
	for (uint32_t i = q->waiting || q->running; i < q->count; i++)
		if (q->fifo[(q->head + i) % SMMU_MSI_FIFO].kind == m->kind &&
		    m->kind != SMMU_IRQ_SYNC)
			return;
	q->fifo[(q->head + q->count++) % SMMU_MSI_FIFO] = *m;
	msi_run(b);
}

void smmu_signal(struct smmu_bank *b, enum smmu_irq_kind kind)
{
	bool evtq = kind == SMMU_IRQ_EVENTQ;
	enum smmu_reg cfg0 = evtq ? SMMU_EVENTQ_IRQ_CFG0 : SMMU_GERROR_IRQ_CFG0;
	uint64_t enable = evtq ? IRQ_CTRL_EVENTQ : IRQ_CTRL_GERROR;
	uint64_t addr = b->reg[cfg0] & IRQ_CFG0_ADDR, cfg2 = b->reg[cfg0 + 2];

	if (!(b->reg[SMMU_IRQ_CTRLACK] & enable))
		return;
	if (b->smmu->caps.msi && addr != 0) {
		const struct smmu_msi m = {
		        .addr = addr,
		        .value = (uint32_t)b->reg[cfg0 + 1],
		        .kind = (uint8_t)kind,
		        .attr = smmu_attr_memattr(
		                (uint8_t)FIELD_GET(IRQ_CFG2_MEMATTR, cfg2),
		                FIELD_GET(IRQ_CFG2_SH, cfg2)),
		};

		smmu_msi_push(b, &m);
		return;
	}
	dmasim_irq_pulse(evtq ? b->smmu->cfg.evtq_irq
	                      : b->smmu->cfg.gerror_irq);
}
