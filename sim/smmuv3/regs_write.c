/* SPDX-License-Identifier: MIT */
/* Writes of registers (6.3): what stands in the way, and what they start. */
#include <inttypes.h>

#include "smmuv3_internal.h"

/* A field and its acknowledgement: guarded while either is 1 (6.2). */
static const char *cr0_guard(const struct smmu_bank *b, uint64_t field,
                             const char *name)
{
	return (b->reg[SMMU_CR0] | b->reg[SMMU_CR0ACK]) & field ? name : NULL;
}

static const char *irq_guard(const struct smmu_bank *b, uint64_t field,
                             const char *name)
{
	return (b->reg[SMMU_IRQ_CTRL] | b->reg[SMMU_IRQ_CTRLACK]) & field
	               ? name
	               : NULL;
}

static const char *atos_guard(const struct smmu_bank *b, enum smmu_reg ctrl)
{
	return b->reg[ctrl] & ATOS_CTRL_RUN ? "RUN = 1" : NULL;
}

/* What is in the way of a write of @info; NULL: nothing. */
static const char *guarded_by(const struct smmu_bank *b,
                              const struct smmu_reg_info *info)
{
	if (smmu_quirk(b->smmu, SMMU_QUIRK_UNGUARDED))
		return NULL;
	switch (info->guard) {
	case SMMU_GUARD_SMMUEN:
		return cr0_guard(b, CR0_SMMUEN, "SMMUEN = 1");
	case SMMU_GUARD_CMDQEN:
		return cr0_guard(b, CR0_CMDQEN, "CMDQEN = 1");
	case SMMU_GUARD_EVENTQEN:
		return cr0_guard(b, CR0_EVENTQEN, "EVENTQEN = 1");
	case SMMU_GUARD_PRIQEN:
		return cr0_guard(b, CR0_PRIQEN, "PRIQEN = 1");
	case SMMU_GUARD_GERROR_IRQEN:
		return irq_guard(b, IRQ_CTRL_GERROR, "GERROR_IRQEN = 1");
	case SMMU_GUARD_EVENTQ_IRQEN:
		return irq_guard(b, IRQ_CTRL_EVENTQ, "EVENTQ_IRQEN = 1");
	case SMMU_GUARD_PRIQ_IRQEN:
		return irq_guard(b, IRQ_CTRL_PRIQ, "PRIQ_IRQEN = 1");
	case SMMU_GUARD_GATOS_CTRL:
	case SMMU_GUARD_VATOS_CTRL:
		if (!smmu_on(b, CR0_SMMUEN))
			return "SMMUEN = 0";
		return info->guard == SMMU_GUARD_GATOS_CTRL
		               ? atos_guard(b, SMMU_GATOS_CTRL)
		               : atos_guard(b, SMMU_VATOS_CTRL);
	case SMMU_GUARD_GATOS:
		return atos_guard(b, SMMU_GATOS_CTRL);
	case SMMU_GUARD_VATOS:
		return atos_guard(b, SMMU_VATOS_CTRL);
	default:
		return NULL;
	}
}

/* The bits of @reg that a write changes now. */
static uint64_t writable(const struct smmu_bank *b, enum smmu_reg reg)
{
	uint64_t mask = b->mask[reg];

	if (reg == SMMU_CR1 && !smmu_quirk(b->smmu, SMMU_QUIRK_UNGUARDED)) {
		/* 6.3.11: each half of CR1 has its own condition. */
		if (cr0_guard(b, CR0_SMMUEN, "SMMUEN = 1"))
			mask &= ~CR1_TABLE;
		if (b->ecmdqs_on != 0 || cr0_guard(b, CR0_QUEUES, "queues"))
			mask &= ~CR1_QUEUE;
	}
	/* 6.3.9: a field that is being updated keeps its value. */
	if (reg == SMMU_CR0)
		mask &= ~(b->reg[SMMU_CR0] ^ b->reg[SMMU_CR0ACK]);
	if (reg == SMMU_IRQ_CTRL)
		mask &= ~(b->reg[SMMU_IRQ_CTRL] ^ b->reg[SMMU_IRQ_CTRLACK]);
	return mask;
}

/* 6.3.9: fields that take effect when what is under way has ended. */
static uint64_t cr0_busy(const struct smmu_bank *b)
{
	return (b->cmdq.waiting ? CR0_CMDQEN : 0) |
	       (b->evtq.waiting ? CR0_EVENTQEN : 0) |
	       (b->id == SMMU_NS && b->smmu->priq.waiting ? CR0_PRIQEN : 0);
}

/* 6.3.16: so that no message comes after the acknowledgement. */
static uint64_t irq_busy(const struct smmu_bank *b)
{
	return (smmu_msi_pending(b, SMMU_IRQ_GERROR) ? IRQ_CTRL_GERROR : 0) |
	       (smmu_msi_pending(b, SMMU_IRQ_PRIQ) ? IRQ_CTRL_PRIQ : 0) |
	       (smmu_msi_pending(b, SMMU_IRQ_EVENTQ) ? IRQ_CTRL_EVENTQ : 0);
}

/* To turn off may have to wait; to turn on never does. */
static uint64_t acknowledge(uint64_t ctrl, uint64_t ack, uint64_t busy)
{
	return ctrl | (ack & ~ctrl & busy);
}

void smmu_regs_ack(struct smmu_bank *b)
{
	uint64_t *ack = &b->reg[SMMU_CR0ACK], *irq = &b->reg[SMMU_IRQ_CTRLACK];
	uint64_t was = *ack;

	*ack = acknowledge(b->reg[SMMU_CR0], *ack, cr0_busy(b));
	*irq = acknowledge(b->reg[SMMU_IRQ_CTRL], *irq, irq_busy(b));
	if (*ack != was)
		b->smmu->gen++;
}

/* 6.3.14: one write with Update set replaces all fields at once; every other
 * write is ignored. */
static void write_gbpa(struct smmu_bank *b, uint64_t value)
{
	if ((value & GBPA_UPDATE) && !smmu_quirk(b->smmu, SMMU_QUIRK_NO_GBPA))
		b->reg[SMMU_GBPA] = value & b->mask[SMMU_GBPA];
}

/* 6.3.62: while nothing is translated, drop all that is cached. */
static void invalidate_all(struct smmu_bank *b)
{
	struct dmasim_smmu *s = b->smmu;

	b->reg[SMMU_INIT] = 0;
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		if (cr0_guard(&s->bank[i], CR0_SMMUEN, "SMMUEN = 1")) {
			dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
			           "guarded-register: S_INIT.INV_ALL ignored "
			           "while SMMUEN = 1");
			return;
		}
	}
	smmu_drop_caches(s);
}

/* 6.3.20: to toggle what is not active is CONSTRAINED UNPREDICTABLE; it then
 * becomes active here. */
static void check_gerrorn(const struct smmu_bank *b, uint64_t old)
{
	uint64_t toggled = old ^ b->reg[SMMU_GERRORN];

	if (toggled & ~(old ^ b->reg[SMMU_GERROR]))
		dmasim_log(b->smmu->cfg.kernel, DMASIM_LOG_WARNING,
		           b->smmu->name,
		           "gerrorn-not-active: GERRORN toggles errors "
		           "that are not active");
}

/* What a register sets going. */
static void written(struct smmu_bank *b, enum smmu_reg reg, uint64_t old)
{
	uint64_t value = b->reg[reg];

	switch (reg) {
	case SMMU_CR0:
		smmu_regs_ack(b);
		if (old & ~value & CR0_SMMUEN) {
			smmu_stalls_disable(b);
			smmu_atos_stop(b);
		}
		break;
	case SMMU_IRQ_CTRL:
		smmu_regs_ack(b);
		break;
	case SMMU_GATOS_CTRL:
		if (value & ATOS_CTRL_RUN)
			smmu_atos_start(b, SMMU_GATOS);
		break;
	case SMMU_VATOS_CTRL:
		if (value & ATOS_CTRL_RUN)
			smmu_atos_start(b, SMMU_VATOS);
		break;
	case SMMU_GERRORN:
		check_gerrorn(b, old);
		break;
	case SMMU_STRTAB_BASE_CFG:
		if (smmu_quirk(b->smmu, SMMU_QUIRK_FMT_STICKY) &&
		    FIELD_GET(STRTAB_BASE_CFG_FMT, value) == STRTAB_FMT_2LVL)
			b->sticky_split =
			        (uint8_t)(FIELD_GET(STRTAB_BASE_CFG_SPLIT,
			                            value) +
			                  1);
		break;
	case SMMU_INIT:
		if (value & INIT_INV_ALL)
			invalidate_all(b);
		break;
	default:
		break;
	}
	smmu_evtq_run(b);
	smmu_cmdq_run(b);
}

void smmu_reg_write(struct smmu_bank *b, enum smmu_reg reg, uint64_t bits,
                    uint64_t value)
{
	const struct smmu_reg_info *info = smmu_reg_info(b, reg);
	const char *guard = guarded_by(b, info);
	uint64_t old = b->reg[reg];

	if (info->access == SMMU_RO)
		return;
	if (guard) {
		dmasim_log(b->smmu->cfg.kernel, DMASIM_LOG_WARNING,
		           b->smmu->name,
		           "guarded-register: write of 0x%" PRIx64
		           " to %s ignored while %s",
		           value, info->name, guard);
		return;
	}
	if (reg == SMMU_GBPA) {
		write_gbpa(b, value);
		return;
	}
	bits &= writable(b, reg);
	b->reg[reg] = (old & ~bits) | (value & bits);
	written(b, reg, old);
}
