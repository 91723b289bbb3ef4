/* SPDX-License-Identifier: MIT */
/* The register file (chapter 6). */
#include <inttypes.h>

#include "smmuv3_internal.h"

const struct smmu_reg_info smmu_reg_table[SMMU_REG_COUNT] = {
#define X(reg, off, bytes, acc, grd, bits, value)                              \
	[SMMU_##reg] = {                                                       \
	        .name = #reg,                                                  \
	        .offset = (off),                                               \
	        .size = (bytes),                                               \
	        .access = SMMU_##acc,                                          \
	        .guard = SMMU_GUARD_##grd,                                     \
	        .mask = (bits),                                                \
	        .reset = (value),                                              \
	},
        SMMU_REGS(X)
#undef X
};

/* The register that holds the byte at @offset; SMMU_REG_COUNT: none. */
static enum smmu_reg find(const struct smmu_bank *b, uint32_t offset)
{
	const struct smmu_reg_info *info = smmu_reg_table;
	const struct dmasim_smmu *s = b->smmu;

	if (smmu_quirk(s, SMMU_QUIRK_PAGE_ALIAS)) {
		offset &= SMMU_PAGE1 - 1;
		if (offset == (info[SMMU_EVENTQ_PROD].offset & 0xffff) ||
		    offset == (info[SMMU_EVENTQ_CONS].offset & 0xffff))
			offset += SMMU_PAGE1;
	}
	/* 6.1: optional pages follow the first two. */
	if (offset >= SMMU_VATOS_BASE) {
		if (offset / SMMU_PAGE_SIZE != s->caps.vatos_page[b->id])
			return SMMU_REG_COUNT;
		offset = SMMU_VATOS_BASE + offset % SMMU_PAGE_SIZE;
	}
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		if (offset >= info[i].offset &&
		    offset < info[i].offset + info[i].size)
			return smmu_atos_present(b, (enum smmu_reg)i)
			               ? (enum smmu_reg)i
			               : SMMU_REG_COUNT;
	return SMMU_REG_COUNT;
}

static const char *atos_runs(const struct smmu_bank *b, enum smmu_reg ctrl)
{
	return b->reg[ctrl] & ATOS_CTRL_RUN ? "RUN = 1" : NULL;
}

/* What is in the way of a write of @info; NULL: nothing. */
static const char *guarded_by(const struct smmu_bank *b,
                              const struct smmu_reg_info *info)
{
	uint64_t cr0 = b->reg[SMMU_CR0ACK], irq = b->reg[SMMU_IRQ_CTRLACK];
	uint8_t guard = info->guard;

	if (smmu_quirk(b->smmu, SMMU_QUIRK_UNGUARDED))
		return NULL;
	switch (guard) {
	case SMMU_GUARD_SMMUEN:
		return cr0 & CR0_SMMUEN ? "SMMUEN = 1" : NULL;
	case SMMU_GUARD_CMDQEN:
		return cr0 & CR0_CMDQEN ? "CMDQEN = 1" : NULL;
	case SMMU_GUARD_EVENTQEN:
		return cr0 & CR0_EVENTQEN ? "EVENTQEN = 1" : NULL;
	case SMMU_GUARD_GERROR_IRQEN:
		return irq & IRQ_CTRL_GERROR ? "GERROR_IRQEN = 1" : NULL;
	case SMMU_GUARD_EVENTQ_IRQEN:
		return irq & IRQ_CTRL_EVENTQ ? "EVENTQ_IRQEN = 1" : NULL;
	case SMMU_GUARD_GATOS_CTRL:
	case SMMU_GUARD_VATOS_CTRL:
		if (!(cr0 & CR0_SMMUEN))
			return "SMMUEN = 0";
		return guard == SMMU_GUARD_GATOS_CTRL
		               ? atos_runs(b, SMMU_GATOS_CTRL)
		               : atos_runs(b, SMMU_VATOS_CTRL);
	case SMMU_GUARD_GATOS:
		return atos_runs(b, SMMU_GATOS_CTRL);
	case SMMU_GUARD_VATOS:
		return atos_runs(b, SMMU_VATOS_CTRL);
	default:
		return NULL;
	}
}

/* The bits of @reg that a write changes now. */
static uint64_t writable(const struct smmu_bank *b, enum smmu_reg reg)
{
	const struct smmu_reg_info *info = &smmu_reg_table[reg];
	uint64_t mask = info->mask, cr0 = b->reg[SMMU_CR0ACK];

	/* 6.3.11: each half of CR1 has its own condition. */
	if (info->guard == SMMU_GUARD_CR1 &&
	    !smmu_quirk(b->smmu, SMMU_QUIRK_UNGUARDED)) {
		if (cr0 & CR0_SMMUEN)
			mask &= ~CR1_TABLE;
		if (cr0 & (CR0_CMDQEN | CR0_EVENTQEN))
			mask &= ~CR1_QUEUE;
	}
	/* 6.3.20: message registers are RES0 without IDR0.MSI. */
	if (!b->smmu->caps.msi && (info->guard == SMMU_GUARD_GERROR_IRQEN ||
	                           info->guard == SMMU_GUARD_EVENTQ_IRQEN))
		mask = 0;
	return mask & smmu_atos_bits(b, reg);
}

/* 6.3.14: one write with Update set replaces all fields at once; every other
 * write is ignored. */
static void write_gbpa(struct smmu_bank *b, uint64_t value)
{
	if ((value & GBPA_UPDATE) && !smmu_quirk(b->smmu, SMMU_QUIRK_NO_GBPA))
		b->reg[SMMU_GBPA] = value & GBPA_FIELDS;
}

/* What a register sets going. */
static void written(struct smmu_bank *b, enum smmu_reg reg, uint64_t old)
{
	switch (reg) {
	case SMMU_CR0:
		/* Each field acknowledges at once (6.3.9). */
		b->reg[SMMU_CR0ACK] = b->reg[SMMU_CR0];
		b->smmu->gen++;
		if (old & ~b->reg[SMMU_CR0] & CR0_SMMUEN) {
			smmu_stalls_disable(b);
			smmu_atos_stop(b);
		}
		break;
	case SMMU_GATOS_CTRL:
		if (b->reg[reg] & ATOS_CTRL_RUN)
			smmu_atos_start(b, SMMU_GATOS);
		break;
	case SMMU_VATOS_CTRL:
		if (b->reg[reg] & ATOS_CTRL_RUN)
			smmu_atos_start(b, SMMU_VATOS);
		break;
	case SMMU_IRQ_CTRL:
		b->reg[SMMU_IRQ_CTRLACK] = b->reg[SMMU_IRQ_CTRL];
		break;
	case SMMU_GERRORN:
		/* 6.3.19: to toggle what is not active is CONSTRAINED
		 * UNPREDICTABLE; it then becomes active here. */
		if ((old ^ b->reg[SMMU_GERRORN]) & ~(old ^ b->reg[SMMU_GERROR]))
			dmasim_log(b->smmu->cfg.kernel, DMASIM_LOG_WARNING,
			           b->smmu->name,
			           "gerrorn-not-active: GERRORN toggles errors "
			           "that are not active");
		break;
	case SMMU_STRTAB_BASE_CFG:
		if (smmu_quirk(b->smmu, SMMU_QUIRK_FMT_STICKY) &&
		    FIELD_GET(STRTAB_BASE_CFG_FMT, b->reg[reg]) ==
		            STRTAB_FMT_2LVL)
			b->sticky_split =
			        (uint8_t)(FIELD_GET(STRTAB_BASE_CFG_SPLIT,
			                            b->reg[reg]) +
			                  1);
		break;
	default:
		break;
	}
	smmu_evtq_run(b);
	smmu_cmdq_run(b);
}

static void reg_write(struct smmu_bank *b, enum smmu_reg reg, uint64_t bits,
                      uint64_t value)
{
	const struct smmu_reg_info *info = &smmu_reg_table[reg];
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

static enum dmasim_result bad_size(struct dmasim_smmu *s, struct dmasim_txn *t)
{
	dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
	           "register-size: access of %u bytes at offset 0x%" PRIx64,
	           (unsigned)t->size, t->offset);
	return DMASIM_TXN_SLAVE;
}

enum dmasim_result smmu_regs_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_smmu *s = obj;
	struct smmu_bank *b = &s->bank[SMMU_NS];
	bool debug = txn->flags & DMASIM_TXN_DEBUG;
	uint64_t value = 0, bits = UINT64_MAX;
	enum smmu_reg reg;
	unsigned shift;

	if (txn->op == DMASIM_BARRIER || dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	/* 6.1: 32-bit accesses, 64-bit ones to 64-bit registers. */
	if ((txn->size != 4 && txn->size != 8) || txn->offset % txn->size ||
	    txn->offset >
	            (uint64_t)s->caps.pages * SMMU_PAGE_SIZE - txn->size ||
	    txn->op > DMASIM_WRITE)
		return bad_size(s, txn);
	reg = find(b, (uint32_t)txn->offset);
	if (reg == SMMU_REG_COUNT || txn->size > smmu_reg_table[reg].size) {
		/* RAZ/WI */
		if (txn->op == DMASIM_READ)
			for (unsigned i = 0; i < txn->size; i++)
				txn->data[i] = 0;
		return DMASIM_TXN_OK;
	}
	shift = 8 * ((unsigned)txn->offset & (smmu_reg_table[reg].size - 1u));
	if (txn->size == 4)
		bits = (uint64_t)UINT32_MAX << shift;
	if (txn->op == DMASIM_READ) {
		value = b->reg[reg] >> shift;
		for (unsigned i = 0; i < txn->size; i++)
			txn->data[i] = (uint8_t)(value >> (8 * i));
		return DMASIM_TXN_OK;
	}
	if (debug)
		return DMASIM_TXN_OK;
	for (unsigned i = 0; i < txn->size; i++)
		value |= (uint64_t)txn->data[i] << (8 * i + shift);
	b->cmdq.latency = 0;
	reg_write(b, reg, bits, value);
	txn->latency += b->cmdq.latency;
	return DMASIM_TXN_OK;
}

void smmu_regs_reset(struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;
	const struct smmu_profile *p = s->profile;

	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		b->reg[i] = smmu_reg_table[i].reset;
	for (unsigned i = 0; i < 6; i++)
		b->reg[SMMU_IDR0 + i] = s->caps.idr[i];
	for (unsigned i = 0; i < 8; i++)
		b->reg[SMMU_PIDR4 + i] = p->pidr[i];
	b->reg[SMMU_IIDR] = p->iidr;
	b->reg[SMMU_AIDR] = p->aidr;
	b->reg[SMMU_GBPA] = p->gbpa;
	b->sticky_split = 0;
}
