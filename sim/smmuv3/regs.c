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
static enum smmu_reg find(const struct dmasim_smmu *s, uint32_t offset)
{
	const struct smmu_reg_info *info = smmu_reg_table;

	if (smmu_quirk(s, SMMU_QUIRK_PAGE_ALIAS)) {
		offset &= SMMU_PAGE1 - 1;
		if (offset == (info[SMMU_EVENTQ_PROD].offset & 0xffff) ||
		    offset == (info[SMMU_EVENTQ_CONS].offset & 0xffff))
			offset += SMMU_PAGE1;
	}
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		if (offset >= info[i].offset &&
		    offset < info[i].offset + info[i].size)
			return (enum smmu_reg)i;
	return SMMU_REG_COUNT;
}

/* What may not be on while @info is written; NULL: nothing is in the way. */
static const char *guarded_by(const struct dmasim_smmu *s,
                              const struct smmu_reg_info *info)
{
	uint64_t cr0 = s->reg[SMMU_CR0ACK], irq = s->reg[SMMU_IRQ_CTRLACK];

	if (smmu_quirk(s, SMMU_QUIRK_UNGUARDED))
		return NULL;
	switch (info->guard) {
	case SMMU_GUARD_SMMUEN:
		return cr0 & CR0_SMMUEN ? "SMMUEN" : NULL;
	case SMMU_GUARD_CMDQEN:
		return cr0 & CR0_CMDQEN ? "CMDQEN" : NULL;
	case SMMU_GUARD_EVENTQEN:
		return cr0 & CR0_EVENTQEN ? "EVENTQEN" : NULL;
	case SMMU_GUARD_GERROR_IRQEN:
		return irq & IRQ_CTRL_GERROR ? "GERROR_IRQEN" : NULL;
	case SMMU_GUARD_EVENTQ_IRQEN:
		return irq & IRQ_CTRL_EVENTQ ? "EVENTQ_IRQEN" : NULL;
	default:
		return NULL;
	}
}

/* The bits of @reg that a write changes now. */
static uint64_t writable(const struct dmasim_smmu *s, enum smmu_reg reg)
{
	const struct smmu_reg_info *info = &smmu_reg_table[reg];
	uint64_t mask = info->mask, cr0 = s->reg[SMMU_CR0ACK];

	/* 6.3.11: each half of CR1 has its own condition. */
	if (info->guard == SMMU_GUARD_CR1 &&
	    !smmu_quirk(s, SMMU_QUIRK_UNGUARDED)) {
		if (cr0 & CR0_SMMUEN)
			mask &= ~CR1_TABLE;
		if (cr0 & (CR0_CMDQEN | CR0_EVENTQEN))
			mask &= ~CR1_QUEUE;
	}
	/* 6.3.20: message registers are RES0 without IDR0.MSI. */
	if (!s->caps.msi && (info->guard == SMMU_GUARD_GERROR_IRQEN ||
	                     info->guard == SMMU_GUARD_EVENTQ_IRQEN))
		mask = 0;
	return mask;
}

/* 6.3.14: one write with Update set replaces all fields at once; every other
 * write is ignored. */
static void write_gbpa(struct dmasim_smmu *s, uint64_t value)
{
	if ((value & GBPA_UPDATE) && !smmu_quirk(s, SMMU_QUIRK_NO_GBPA))
		s->reg[SMMU_GBPA] = value & GBPA_FIELDS;
}

/* What a register sets going. */
static void written(struct dmasim_smmu *s, enum smmu_reg reg, uint64_t old)
{
	switch (reg) {
	case SMMU_CR0:
		/* Each field acknowledges at once (6.3.9). */
		s->reg[SMMU_CR0ACK] = s->reg[SMMU_CR0];
		s->gen++;
		break;
	case SMMU_IRQ_CTRL:
		s->reg[SMMU_IRQ_CTRLACK] = s->reg[SMMU_IRQ_CTRL];
		break;
	case SMMU_GERRORN:
		/* 6.3.19: to toggle what is not active is CONSTRAINED
		 * UNPREDICTABLE; it then becomes active here. */
		if ((old ^ s->reg[SMMU_GERRORN]) & ~(old ^ s->reg[SMMU_GERROR]))
			dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
			           "gerrorn-not-active: GERRORN toggles errors "
			           "that are not active");
		break;
	case SMMU_STRTAB_BASE_CFG:
		if (smmu_quirk(s, SMMU_QUIRK_FMT_STICKY) &&
		    FIELD_GET(STRTAB_BASE_CFG_FMT, s->reg[reg]) ==
		            STRTAB_FMT_2LVL)
			s->sticky_split =
			        (uint8_t)(FIELD_GET(STRTAB_BASE_CFG_SPLIT,
			                            s->reg[reg]) +
			                  1);
		break;
	default:
		break;
	}
	smmu_cmdq_run(s);
}

static void reg_write(struct dmasim_smmu *s, enum smmu_reg reg, uint64_t bits,
                      uint64_t value)
{
	const struct smmu_reg_info *info = &smmu_reg_table[reg];
	const char *guard = guarded_by(s, info);
	uint64_t old = s->reg[reg];

	if (info->access == SMMU_RO)
		return;
	if (guard) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
		           "guarded-register: write of 0x%" PRIx64
		           " to %s ignored while %s is 1",
		           value, info->name, guard);
		return;
	}
	if (reg == SMMU_GBPA) {
		write_gbpa(s, value);
		return;
	}
	bits &= writable(s, reg);
	s->reg[reg] = (old & ~bits) | (value & bits);
	written(s, reg, old);
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
	bool debug = txn->flags & DMASIM_TXN_DEBUG;
	uint64_t value = 0, bits = UINT64_MAX;
	enum smmu_reg reg;
	unsigned shift;

	if (txn->op == DMASIM_BARRIER || dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	/* 6.1: 32-bit accesses, 64-bit ones to 64-bit registers. */
	if ((txn->size != 4 && txn->size != 8) || txn->offset % txn->size ||
	    txn->offset > DMASIM_SMMU_REGS_SIZE - txn->size ||
	    txn->op > DMASIM_WRITE)
		return bad_size(s, txn);
	reg = find(s, (uint32_t)txn->offset);
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
		value = s->reg[reg] >> shift;
		for (unsigned i = 0; i < txn->size; i++)
			txn->data[i] = (uint8_t)(value >> (8 * i));
		return DMASIM_TXN_OK;
	}
	if (debug)
		return DMASIM_TXN_OK;
	for (unsigned i = 0; i < txn->size; i++)
		value |= (uint64_t)txn->data[i] << (8 * i + shift);
	s->cmdq.latency = 0;
	reg_write(s, reg, bits, value);
	txn->latency += s->cmdq.latency;
	return DMASIM_TXN_OK;
}

void smmu_regs_reset(struct dmasim_smmu *s)
{
	const struct smmu_profile *p = s->profile;

	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		s->reg[i] = smmu_reg_table[i].reset;
	for (unsigned i = 0; i < 6; i++)
		s->reg[SMMU_IDR0 + i] = s->caps.idr[i];
	for (unsigned i = 0; i < 8; i++)
		s->reg[SMMU_PIDR4 + i] = p->pidr[i];
	s->reg[SMMU_IIDR] = p->iidr;
	s->reg[SMMU_AIDR] = p->aidr;
	s->reg[SMMU_GBPA] = p->gbpa;
}
