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
	/* 7.5.1: an aborted message is not followed by one like it. */
	if (errors != GERROR_MSI_GERROR_ABT_ERR)
		smmu_signal(b, SMMU_IRQ_GERROR);
}

static void msi_run(struct smmu_bank *b)
{
	static const char *const what[] = {
	        [SMMU_IRQ_EVENTQ] = "event queue MSI",
	        [SMMU_IRQ_PRIQ] = "PRI queue MSI",
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
	        [SMMU_IRQ_PRIQ] = GERROR_MSI_PRIQ_ABT_ERR,
	        [SMMU_IRQ_GERROR] = GERROR_MSI_GERROR_ABT_ERR,
	        [SMMU_IRQ_SYNC] = GERROR_MSI_CMDQ_ABT_ERR,
	};
	struct smmu_msis *q = &b->msis;
	uint8_t kind = q->fifo[q->head].kind;
	struct smmu_cmdq *queue = q->fifo[q->head].queue;

	q->waiting = false;
	q->head = (q->head + 1) % SMMU_MSI_FIFO;
	q->count--;
	if (q->txn.result != DMASIM_TXN_OK)
		smmu_gerror(b, error[kind]);
	smmu_regs_ack(b);
	if (queue)
		queue->messages--;
	smmu_sync_poll(b->smmu);
	msi_run(b);
}

/* Four places are kept for messages that CMD_SYNC does not send: one under way
 * and one of each kind. */
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

bool smmu_msi_pending(const struct smmu_bank *b, enum smmu_irq_kind kind)
{
	const struct smmu_msis *q = &b->msis;

	for (uint32_t i = 0; i < q->count; i++)
		if (q->fifo[(q->head + i) % SMMU_MSI_FIFO].kind == kind)
			return true;
	return false;
}

void smmu_note_signal(struct dmasim_smmu *s)
{
	if (s->cfg.checker && s->cfg.agent)
		dmasim_note_signal(s->cfg.checker, s->cfg.agent, 0);
}

/* 3.18.2: a message if one is configured, and the wire, which may lead
 * nowhere. */
static void send(struct smmu_bank *b, const struct smmu_msi *m, bool message)
{
	const struct dmasim_smmu_config *cfg = &b->smmu->cfg;
	const struct dmasim_irq wire[SMMU_BANKS][SMMU_IRQ_KINDS] = {
	        [SMMU_NS] = {[SMMU_IRQ_EVENTQ] = cfg->evtq_irq,
	                     [SMMU_IRQ_PRIQ] = cfg->priq_irq,
	                     [SMMU_IRQ_GERROR] = cfg->gerror_irq,
	                     [SMMU_IRQ_SYNC] = cfg->sync_irq},
	        [SMMU_S] = {[SMMU_IRQ_EVENTQ] = cfg->s_evtq_irq,
	                    [SMMU_IRQ_GERROR] = cfg->s_gerror_irq,
	                    [SMMU_IRQ_SYNC] = cfg->s_sync_irq},
	};

	if (smmu_has_msi(b) && message) {
		if (m->queue)
			m->queue->messages++;
		smmu_msi_push(b, m);
	}
	smmu_note_signal(b->smmu);
	dmasim_irq_pulse(wire[b->id][m->kind]);
}

void smmu_signal(struct smmu_bank *b, enum smmu_irq_kind kind)
{
	static const struct {
		enum smmu_reg cfg0; /* cfg1 and cfg2 follow */
		uint64_t enable;
	} sources[] = {
	        [SMMU_IRQ_EVENTQ] = {SMMU_EVENTQ_IRQ_CFG0, IRQ_CTRL_EVENTQ},
	        [SMMU_IRQ_PRIQ] = {SMMU_PRIQ_IRQ_CFG0, IRQ_CTRL_PRIQ},
	        [SMMU_IRQ_GERROR] = {SMMU_GERROR_IRQ_CFG0, IRQ_CTRL_GERROR},
	};
	const uint64_t *cfg = &b->reg[sources[kind].cfg0];
	const struct smmu_msi m = {
	        .addr = cfg[0],
	        .value = (uint32_t)cfg[1],
	        .kind = (uint8_t)kind,
	        .attr = smmu_attr_memattr(
	                (uint8_t)FIELD_GET(IRQ_CFG2_MEMATTR, cfg[2]),
	                FIELD_GET(IRQ_CFG2_SH, cfg[2])),
	};

	if (b->reg[SMMU_IRQ_CTRL] & b->reg[SMMU_IRQ_CTRLACK] &
	    sources[kind].enable)
		send(b, &m, m.addr != 0);
}

/* 4.7.3: the address is cut off at the output size, after it was compared to
 * 0. */
void smmu_sync_signal(struct smmu_cmdq *q, const uint64_t *cmd)
{
	struct smmu_bank *b = q->bank;
	const struct smmu_msi m = {
	        .addr = cmd[1] & SYNC1_MSIADDR &
	                (SMMU_BIT(b->smmu->caps.oas) - 1),
	        .value = (uint32_t)FIELD_GET(SYNC0_MSIDATA, cmd[0]),
	        .kind = SMMU_IRQ_SYNC,
	        .queue = q,
	        .attr = smmu_attr_memattr(
	                (uint8_t)FIELD_GET(SYNC0_MSIATTR, cmd[0]),
	                FIELD_GET(SYNC0_MSH, cmd[0])),
	};

	send(b, &m, (cmd[1] & SYNC1_MSIADDR) != 0);
}
