/* SPDX-License-Identifier: MIT */
/*
 * Command queues (3.5.6, 4.1, 7.1). Commands of a queue run in order, one
 * fetch at a time, inside the register write that makes them visible, unless
 * a fetch is pending or a CMD_SYNC has to wait.
 */
#include <inttypes.h>

#include "smmuv3_internal.h"

/* Commands run in one go; a guest whose SYNC messages write to CMDQ_PROD could
 * otherwise keep us here. The rest follows after a pause. */
#define BURST       4096u
#define BURST_PAUSE DMASIM_US

uint64_t smmu_queue_base(const struct dmasim_smmu *s, uint64_t base,
                         uint8_t max_log2, unsigned entry_log2,
                         unsigned *log2size)
{
	unsigned log2 = (unsigned)FIELD_GET(Q_BASE_LOG2SIZE, base);

	/* 6.3.26: the size is capped, and the base aligned to it. */
	*log2size = log2 < max_log2 ? log2 : max_log2;
	base &= Q_BASE_ADDR;
	if (!smmu_quirk(s, SMMU_QUIRK_QUEUE_UNALIGNED))
		base &= ~(SMMU_BIT(*log2size + entry_log2) - 1);
	/* 3.4.3 */
	return base & (SMMU_BIT(s->caps.oas) - 1);
}

/* ---- the registers of a queue ---- */

static uint64_t base_of(const struct smmu_cmdq *q)
{
	return q->id == 0 ? q->bank->reg[SMMU_CMDQ_BASE] : q->base;
}

static uint64_t prod_of(const struct smmu_cmdq *q)
{
	return q->id == 0 ? q->bank->reg[SMMU_CMDQ_PROD] : q->prod;
}

static uint64_t cons_of(const struct smmu_cmdq *q)
{
	return q->id == 0 ? q->bank->reg[SMMU_CMDQ_CONS] : q->cons;
}

static void set_cons(struct smmu_cmdq *q, uint64_t cons)
{
	if (q->id == 0)
		q->bank->reg[SMMU_CMDQ_CONS] = cons;
	else
		q->cons = (uint32_t)cons;
}

static uint64_t index_mask(const struct smmu_cmdq *q)
{
	const struct dmasim_smmu *s = q->bank->smmu;
	unsigned log2;

	smmu_queue_base(s, base_of(q), s->caps.cmdq_log2, 4, &log2);
	return SMMU_BIT(log2 + 1) - 1;
}

/* 6.3.9.3, 3.5.6.2 */
bool smmu_queue_on(const struct smmu_cmdq *q)
{
	if (q->id == 0)
		return smmu_on(q->bank, CR0_CMDQEN);
	return (q->prod & ECMDQ_PROD_EN) && (q->cons & ECMDQ_CONS_ENACK);
}

static bool error_active(const struct smmu_cmdq *q)
{
	const struct smmu_bank *b = q->bank;

	if (q->id == 0)
		return ((b->reg[SMMU_GERROR] ^ b->reg[SMMU_GERRORN]) &
		        GERROR_CMDQ_ERR) != 0;
	return FIELD_GET(ECMDQ_PROD_ERRACK, q->prod) !=
	       FIELD_GET(ECMDQ_CONS_ERR, q->cons);
}

/* 7.1, 3.5.6.3: the reason is visible before the error; the index stays on the
 * command. */
static void command_error(struct smmu_cmdq *q, unsigned error)
{
	struct smmu_bank *b = q->bank;
	uint64_t cons = cons_of(q);

	if (dmasim_tracing(b->smmu->cfg.kernel))
		dmasim_trace(b->smmu->cfg.kernel, b->smmu->name,
		             "command error %u", error);
	if (q->id == 0) {
		set_cons(q, FIELD_SET(CMDQ_CONS_ERR, cons, error));
		smmu_gerror(b, GERROR_CMDQ_ERR);
		return;
	}
	cons = FIELD_SET(ECMDQ_CONS_ERR_REASON, cons, error);
	set_cons(q, cons ^ ECMDQ_CONS_ERR);
	smmu_gerror(b, GERROR_CMDQP_ERR);
}

/* ---- commands ---- */

static void send_event(struct dmasim_smmu *s)
{
	smmu_note_signal(s);
	dmasim_irq_pulse(s->cfg.sev);
}

/* 4.7.3: all effects, and CONS, are visible before the signal. */
static void sync_signal(struct smmu_cmdq *q, const uint64_t *cmd)
{
	uint64_t cs = FIELD_GET(SYNC0_CS, cmd[0]);

	if (cs & SYNC_CS_IRQ)
		smmu_sync_signal(q, cmd);
	else if (cs == SYNC_CS_SEV && q->bank->smmu->caps.sev)
		send_event(q->bank->smmu);
}

/* 4.1.2: who waits for room in a full queue may do so by WFE. */
static void advance(struct smmu_cmdq *q)
{
	uint64_t cons = cons_of(q), mask = index_mask(q);
	bool full = ((cons ^ prod_of(q)) & mask) == (mask >> 1) + 1;

	set_cons(q, (cons & ~Q_INDEX) | ((cons + 1) & mask));
	if (full && q->bank->smmu->caps.sev)
		send_event(q->bank->smmu);
}

static bool empty(const struct smmu_cmdq *q)
{
	return ((prod_of(q) ^ cons_of(q)) & index_mask(q)) == 0;
}

/* The command in the buffer is done, or has failed. */
static void finish(struct smmu_cmdq *q, const uint64_t *cmd, unsigned error)
{
	if (error != CERROR_NONE) {
		command_error(q, error);
		return;
	}
	q->bank->smmu->stats.commands++;
	advance(q);
	if (FIELD_GET(CMD0_OP, cmd[0]) == SMMU_CMD_SYNC) {
		if (empty(q))
			smmu_watch_carried_out(q);
		sync_signal(q, cmd);
	}
}

void smmu_cmdq_synced(struct smmu_cmdq *q, unsigned error)
{
	const uint64_t cmd[2] = {smmu_le64(q->data), smmu_le64(q->data + 8)};

	finish(q, cmd, error);
	smmu_queue_run(q);
}

static void trace(const struct dmasim_smmu *s, const uint64_t *cmd)
{
	const char *name = dmasim_cmd_name((uint8_t)cmd[0]);

	if (dmasim_tracing(s->cfg.kernel))
		dmasim_trace(s->cfg.kernel, s->name,
		             "%s 0x%016" PRIx64 " 0x%016" PRIx64,
		             name ? name : "unknown command", cmd[0], cmd[1]);
}

/* The command in the buffer has been read, or could not be. */
static void consume(struct smmu_cmdq *q)
{
	const uint64_t cmd[2] = {smmu_le64(q->data), smmu_le64(q->data + 8)};
	struct smmu_bank *b = q->bank;
	unsigned error;

	b->latency += q->txn.latency + b->smmu->time.command;
	if (q->txn.result != DMASIM_TXN_OK) {
		command_error(q, CERROR_ABT);
		return;
	}
	trace(b->smmu, cmd);
	error = smmu_cmd_execute(q, cmd);
	if (error == CERROR_NONE &&
	    FIELD_GET(CMD0_OP, cmd[0]) == SMMU_CMD_SYNC) {
		if (smmu_sync_wait(q))
			return;
		error = smmu_sync_error(q);
	}
	finish(q, cmd, error);
}

static void fetch(struct smmu_cmdq *q)
{
	struct smmu_bank *b = q->bank;
	uint64_t cr1 = b->reg[SMMU_CR1], base = base_of(q);
	struct smmu_read r = {
	        .size = CMD_SIZE,
	        .attr = smmu_attr_cr1(FIELD_GET(CR1_QUEUE_IC, cr1),
	                              FIELD_GET(CR1_QUEUE_OC, cr1),
	                              FIELD_GET(CR1_QUEUE_SH, cr1),
	                              base & Q_BASE_HINT ? DMASIM_ALLOC_READ
	                                                 : 0),
	        .cause = DMASIM_CAUSE_CMDQ,
	        .what = "command fetch",
	        .flags = smmu_bank_flags(b),
	};
	unsigned log2;

	r.addr = smmu_queue_base(b->smmu, base, b->smmu->caps.cmdq_log2, 4,
	                         &log2);
	r.addr += (cons_of(q) & (SMMU_BIT(log2) - 1)) * CMD_SIZE;
	smmu_own_txn(&q->txn, &r, q->data);
	q->txn.done =
	        (struct dmasim_call){b->smmu->actor, SMMU_CALL_CMDQ,
	                             (uint64_t)q->id * SMMU_BANKS + b->id};
	if (dmasim_access(&b->smmu->cfg.mem, &q->txn) == DMASIM_TXN_PENDING)
		q->waiting = true;
	else
		consume(q);
}

/* ---- which queue runs, and for how long ---- */

void smmu_cmdq_prompted(struct dmasim_smmu *s)
{
	/* What a message of our own writes is no prompt. */
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		if (s->bank[i].msis.running)
			return;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		s->bank[i].burst = 0;
}

/* One more command now? If not, all queues of the interface go on later. */
static bool may_go_on(struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;
	const struct dmasim_call more = {s->actor, SMMU_CALL_CMDQ_MORE, b->id};
	uint64_t now = dmasim_now(s->cfg.kernel);

	if (b->paused)
		return false;
	if (b->burst_time != now) {
		b->burst_time = now;
		b->burst = 0;
	}
	if (b->burst++ < BURST)
		return true;
	b->paused = dmasim_call_at(s->cfg.kernel, now + BURST_PAUSE, 0, &more,
	                           NULL) == DMASIM_OK;
	return false;
}

/* 7.1: nothing is consumed while a command error is active. */
static bool has_work(const struct smmu_cmdq *q)
{
	return smmu_queue_on(q) && !q->waiting && !q->syncing &&
	       !error_active(q) && !empty(q) && !q->bank->smmu->failed;
}

/* What a command may leave behind has a place. */
static bool has_room(const struct smmu_bank *b)
{
	return smmu_msi_room(b) && smmu_atc_room(b->smmu);
}

void smmu_queue_run(struct smmu_cmdq *q)
{
	struct smmu_bank *b = q->bank;

	if (q->running)
		return;
	q->running = true;
	while (has_work(q)) {
		if (!has_room(b) || !may_go_on(b)) {
			b->stopped |= q->id != 0;
			break;
		}
		fetch(q);
	}
	q->running = false;
}

void smmu_cmdq_run(struct smmu_bank *b)
{
	smmu_queue_run(&b->cmdq);
	if (!b->stopped)
		return;
	b->stopped = false;
	for (uint32_t i = 0; i < b->ecmdqs; i++)
		smmu_queue_run(&b->ecmdq[i]);
}

void smmu_cmdq_fetched(struct smmu_cmdq *q)
{
	struct smmu_bank *b = q->bank;

	q->waiting = false;
	/* Others may have taken the room: it is read again when there is
	 * some. */
	if (has_room(b))
		consume(q);
	else
		b->stopped |= q->id != 0;
	smmu_regs_ack(b);
	smmu_ecmdq_ack(q);
	smmu_queue_run(q);
}

bool smmu_cmdq_busy(const struct smmu_bank *b)
{
	if (b->paused || b->cmdq.waiting || b->cmdq.syncing)
		return true;
	for (uint32_t i = 0; i < b->ecmdqs; i++)
		if (b->ecmdq[i].waiting || b->ecmdq[i].syncing)
			return true;
	return false;
}

struct smmu_cmdq *smmu_cmdq_find(struct dmasim_smmu *s, uint64_t arg)
{
	struct smmu_bank *b = &s->bank[arg % SMMU_BANKS];
	uint64_t id = arg / SMMU_BANKS;

	if (id == 0)
		return &b->cmdq;
	return id - 1 < b->ecmdqs ? &b->ecmdq[id - 1] : NULL;
}
