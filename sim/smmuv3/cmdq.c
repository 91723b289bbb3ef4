/* SPDX-License-Identifier: MIT */
/*
 * The command queue (chapter 4, 7.1). Commands run in order, one fetch at a
 * time, inside the register write that makes them visible, unless a fetch is
 * pending.
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

/* 4.4.1: addresses of an invalidation, in all or by NUM and SCALE. False: the
 * combination is CERROR_ILL. */
static bool tlbi_range(const struct smmu_bank *b, const uint64_t *cmd,
                       struct smmu_tlb_inval *i)
{
	uint64_t tg = b->smmu->caps.ril ? FIELD_GET(TLBI1_TG, cmd[1]) : 0;
	uint64_t num = FIELD_GET(TLBI0_NUM, cmd[0]);
	uint64_t scale = FIELD_GET(TLBI0_SCALE, cmd[0]);
	uint64_t ttl = FIELD_GET(TLBI1_TTL, cmd[1]), bytes;

	i->by_va = true;
	i->leaf = cmd[1] & TLBI1_LEAF;
	i->first = cmd[1] & TLBI1_ADDR & SMMU_BITS(55, 0);
	if (tg == 0) {
		i->last = i->first | 0xfff;
		return true;
	}
	if (num == 0 && scale == 0 && ttl == 0 &&
	    !smmu_quirk(b->smmu, SMMU_QUIRK_CMD_TOLERANT))
		return false;
	i->granule = (uint8_t)(10 + 2 * tg);
	/* 16 KiB has no level 1 leaf: TTL 1 is no hint there. */
	i->level = (uint8_t)(tg == 2 && ttl == 1 ? 0 : ttl);
	i->first &= UINT64_MAX << i->granule;
	bytes = (num + 1) << scale << i->granule;
	/* The range does not wrap. */
	i->last = bytes - 1 < SMMU_BITS(55, 0) - i->first ? i->first + bytes - 1
	                                                  : SMMU_BITS(55, 0);
	return true;
}

static unsigned tlbi(struct smmu_bank *b, const uint64_t *cmd)
{
	uint64_t op = FIELD_GET(CMD0_OP, cmd[0]);
	struct smmu_tlb_inval i = {
	        .world = SMMU_WORLD_NS_EL1,
	        .stage1 = op != SMMU_CMD_TLBI_S2_IPA,
	        .ipa = op == SMMU_CMD_TLBI_NSNH_ALL ||
	               op == SMMU_CMD_TLBI_S12_VMALL ||
	               op == SMMU_CMD_TLBI_S2_IPA,
	        .by_vmid = true,
	        .vmid = (uint16_t)FIELD_GET(TLBI0_VMID, cmd[0]),
	        .by_asid = op == SMMU_CMD_TLBI_NH_ASID ||
	                   op == SMMU_CMD_TLBI_NH_VA,
	        .asid = (uint16_t)FIELD_GET(TLBI0_ASID, cmd[0]),
	};

	/* Without stage 2 there are no VMIDs: the field is ignored. */
	if (!b->smmu->caps.s2p)
		i.vmid = 0;
	else if (!b->smmu->caps.vmid16)
		i.vmid &= UINT8_MAX;
	if (!b->smmu->caps.asid16)
		i.asid &= UINT8_MAX;
	if (op == SMMU_CMD_TLBI_NSNH_ALL)
		i.by_vmid = false;
	if ((op == SMMU_CMD_TLBI_NH_VA || op == SMMU_CMD_TLBI_NH_VAA ||
	     op == SMMU_CMD_TLBI_S2_IPA) &&
	    !tlbi_range(b, cmd, &i))
		return CERROR_ILL;
	smmu_tlb_inval(b->smmu, &i);
	return CERROR_NONE;
}

static unsigned cfgi(struct smmu_bank *b, const uint64_t *cmd)
{
	uint64_t op = FIELD_GET(CMD0_OP, cmd[0]);
	uint32_t sid = (uint32_t)FIELD_GET(CMD0_SID, cmd[0]), mask;

	/* 4.3: a Non-secure queue cannot name Secure streams. */
	if (cmd[0] & CMD0_SSEC)
		return CERROR_ILL;
	switch (op) {
	case SMMU_CMD_CFGI_STE:
		smmu_config_inval_sid(b, sid, sid, cmd[1] & CFGI1_LEAF);
		break;
	case SMMU_CMD_CFGI_STE_RANGE:
		/* 2^(Range + 1) streams; 31 is all: CFGI_ALL. */
		mask = UINT32_MAX >> (31 - FIELD_GET(CFGI1_RANGE, cmd[1]));
		smmu_config_inval_sid(b, sid & ~mask, sid | mask, false);
		break;
	default:
		smmu_config_inval_cd(b, sid, op == SMMU_CMD_CFGI_CD_ALL,
		                     (uint32_t)FIELD_GET(CMD0_SSID, cmd[0]));
		break;
	}
	return CERROR_NONE;
}

/* Commands of features: with the feature they find nothing to do in this
 * model, without it they are CERROR_ILL. */
static unsigned needs(const struct smmu_bank *b, bool feature)
{
	return feature || smmu_quirk(b->smmu, SMMU_QUIRK_CMD_TOLERANT)
	               ? CERROR_NONE
	               : CERROR_ILL;
}

bool smmu_cmd_bank(struct smmu_bank *b, const uint64_t *cmd,
                   struct smmu_bank **target)
{
	bool secure = cmd[0] & CMD0_SSEC;

	*target = &b->smmu->bank[secure ? SMMU_S : SMMU_NS];
	return !secure || b->id == SMMU_S;
}

static unsigned execute(struct smmu_bank *b, const uint64_t *cmd)
{
	const struct smmu_caps *caps = &b->smmu->caps;

	switch (FIELD_GET(CMD0_OP, cmd[0])) {
	case SMMU_CMD_PREFETCH_CONFIG:
	case SMMU_CMD_PREFETCH_ADDR:
		/* 4.2: a hint that may be ignored. */
		return needs(b, !(cmd[0] & CMD0_SSEC));
	case SMMU_CMD_CFGI_STE:
	case SMMU_CMD_CFGI_STE_RANGE:
	case SMMU_CMD_CFGI_CD:
	case SMMU_CMD_CFGI_CD_ALL:
		return cfgi(b, cmd);
	case SMMU_CMD_TLBI_NH_ALL:
	case SMMU_CMD_TLBI_NH_ASID:
	case SMMU_CMD_TLBI_NH_VA:
	case SMMU_CMD_TLBI_NH_VAA:
		return caps->s1p ? tlbi(b, cmd) : CERROR_ILL;
	case SMMU_CMD_TLBI_NSNH_ALL:
		return tlbi(b, cmd);
	case SMMU_CMD_TLBI_S12_VMALL:
		return caps->s2p ? tlbi(b, cmd) : needs(b, false);
	case SMMU_CMD_TLBI_S2_IPA:
		return caps->s2p ? tlbi(b, cmd) : needs(b, false);
	case SMMU_CMD_TLBI_EL2_ALL:
	case SMMU_CMD_TLBI_EL2_ASID:
	case SMMU_CMD_TLBI_EL2_VA:
	case SMMU_CMD_TLBI_EL2_VAA:
		return needs(b, caps->hyp);
	case SMMU_CMD_TLBI_EL3_ALL:
	case SMMU_CMD_TLBI_EL3_VA:
		/* Secure queue only. */
		return needs(b, false);
	case SMMU_CMD_ATC_INV:
		return smmu_cmd_atc_inv(b, cmd);
	case SMMU_CMD_PRI_RESP:
		return smmu_cmd_pri_resp(b, cmd);
	case SMMU_CMD_RESUME:
		return smmu_cmd_resume(b, cmd);
	case SMMU_CMD_STALL_TERM:
		return smmu_cmd_stall_term(b, cmd);
	case SMMU_CMD_SYNC:
		/* 4.7.3: CS = 3 is reserved. */
		return FIELD_GET(SYNC0_CS, cmd[0]) <= SYNC_CS_SEV ||
		                       smmu_quirk(b->smmu, SMMU_QUIRK_SYNC_CS3)
		               ? CERROR_NONE
		               : CERROR_ILL;
	default:
		return CERROR_ILL;
	}
}

/* 4.7.3: all effects, and CONS, are visible before the signal. */
static void sync_signal(struct smmu_bank *b, const uint64_t *cmd)
{
	uint64_t cs = FIELD_GET(SYNC0_CS, cmd[0]);

	if (cs & SYNC_CS_IRQ)
		smmu_sync_signal(b, cmd);
	else if (cs == SYNC_CS_SEV && b->smmu->caps.sev)
		dmasim_irq_pulse(b->smmu->cfg.sev);
}

/* 7.1: ERR is visible before GERROR; CONS stays on the command. */
static void command_error(struct smmu_bank *b, unsigned error)
{
	if (dmasim_tracing(b->smmu->cfg.kernel))
		dmasim_trace(b->smmu->cfg.kernel, b->smmu->name,
		             "command error %u", error);
	b->reg[SMMU_CMDQ_CONS] =
	        FIELD_SET(CMDQ_CONS_ERR, b->reg[SMMU_CMDQ_CONS], error);
	smmu_gerror(b, GERROR_CMDQ_ERR);
}

static uint64_t index_mask(const struct smmu_bank *b)
{
	unsigned log2;

	smmu_queue_base(b->smmu, b->reg[SMMU_CMDQ_BASE],
	                b->smmu->caps.cmdq_log2, 4, &log2);
	return SMMU_BIT(log2 + 1) - 1;
}

/* The command in the buffer is done, or has failed. */
static void finish(struct smmu_bank *b, const uint64_t *cmd, unsigned error)
{
	uint64_t cons = b->reg[SMMU_CMDQ_CONS];

	if (error != CERROR_NONE) {
		command_error(b, error);
		return;
	}
	b->smmu->stats.commands++;
	b->reg[SMMU_CMDQ_CONS] =
	        (cons & CMDQ_CONS_ERR) | ((cons + 1) & index_mask(b));
	if (FIELD_GET(CMD0_OP, cmd[0]) == SMMU_CMD_SYNC)
		sync_signal(b, cmd);
}

void smmu_cmdq_synced(struct smmu_bank *b, unsigned error)
{
	const uint64_t cmd[2] = {smmu_le64(b->cmdq.data),
	                         smmu_le64(b->cmdq.data + 8)};

	finish(b, cmd, error);
	smmu_cmdq_run(b);
}

/* The command in the buffer has been read, or could not be. */
static void consume(struct smmu_bank *b)
{
	struct smmu_cmdq *q = &b->cmdq;
	const uint64_t cmd[2] = {smmu_le64(q->data), smmu_le64(q->data + 8)};
	unsigned error;

	q->latency += q->txn.latency + b->smmu->time.command;
	if (q->txn.result != DMASIM_TXN_OK) {
		command_error(b, CERROR_ABT);
		return;
	}
	if (dmasim_tracing(b->smmu->cfg.kernel)) {
		const char *name = dmasim_cmd_name((uint8_t)cmd[0]);

		dmasim_trace(b->smmu->cfg.kernel, b->smmu->name,
		             "%s 0x%016" PRIx64 " 0x%016" PRIx64,
		             name ? name : "unknown command", cmd[0], cmd[1]);
	}
	error = execute(b, cmd);
	if (error == CERROR_NONE &&
	    FIELD_GET(CMD0_OP, cmd[0]) == SMMU_CMD_SYNC) {
		if (smmu_sync_wait(b))
			return;
		error = smmu_sync_error(b);
	}
	finish(b, cmd, error);
}

/* 7.1: nothing is consumed while a command error is active. */
static bool ready(const struct smmu_bank *b)
{
	return smmu_on(b, CR0_CMDQEN) && !b->cmdq.waiting && !b->cmdq.syncing &&
	       !((b->reg[SMMU_GERROR] ^ b->reg[SMMU_GERRORN]) &
	         GERROR_CMDQ_ERR) &&
	       ((b->reg[SMMU_CMDQ_PROD] ^ b->reg[SMMU_CMDQ_CONS]) &
	        index_mask(b)) != 0 &&
	       smmu_msi_room(b) && smmu_atc_room(b->smmu);
}

static void fetch(struct smmu_bank *b)
{
	struct smmu_cmdq *q = &b->cmdq;
	uint64_t cr1 = b->reg[SMMU_CR1], base = b->reg[SMMU_CMDQ_BASE];
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
	r.addr += (b->reg[SMMU_CMDQ_CONS] & (SMMU_BIT(log2) - 1)) * CMD_SIZE;
	smmu_own_txn(&q->txn, &r, q->data);
	q->txn.done =
	        (struct dmasim_call){b->smmu->actor, SMMU_CALL_CMDQ, b->id};
	if (dmasim_access(&b->smmu->cfg.mem, &q->txn) == DMASIM_TXN_PENDING)
		q->waiting = true;
	else
		consume(b);
}

void smmu_cmdq_run(struct smmu_bank *b)
{
	const struct dmasim_call more = {b->smmu->actor, SMMU_CALL_CMDQ_MORE,
	                                 b->id};
	struct smmu_cmdq *q = &b->cmdq;
	unsigned n = 0;

	if (q->running)
		return;
	q->running = true;
	while (ready(b) && n++ < BURST)
		fetch(b);
	q->running = false;
	if (n > BURST && !q->paused)
		q->paused = dmasim_call_at(b->smmu->cfg.kernel,
		                           dmasim_now(b->smmu->cfg.kernel) +
		                                   BURST_PAUSE,
		                           0, &more, NULL) == DMASIM_OK;
}

void smmu_cmdq_fetched(struct smmu_bank *b)
{
	b->cmdq.waiting = false;
	consume(b);
	smmu_regs_ack(b);
	smmu_cmdq_run(b);
}
