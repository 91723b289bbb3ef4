/* SPDX-License-Identifier: MIT */
/* What IDRn leaves of the registers: fields of features that an SMMU does not
 * have are RES0 (6.3). */
#include "smmuv3_internal.h"

bool smmu_has(const struct smmu_bank *b, enum smmu_feature feature)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	bool msi = smmu_has_msi(b);

	switch (feature) {
	case SMMU_HAS_MSI:
		return msi;
	case SMMU_HAS_PRI:
		return caps->pri;
	case SMMU_HAS_PRI_MSI:
		return caps->pri && msi;
	case SMMU_HAS_ATOS:
		return caps->atos;
	case SMMU_HAS_VATOS:
		return caps->vatos_page[b->id] != 0;
	case SMMU_HAS_S2PI:
		return caps->s2pi;
	default:
		return true;
	}
}

static uint64_t cr0_absent(const struct smmu_bank *b)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	uint64_t absent = 0;

	if (!caps->pri)
		absent |= CR0_PRIQEN;
	if (!caps->ats)
		absent |= CR0_ATSCHK;
	if (!caps->vmw)
		absent |= CR0_VMW;
	/* 6.3.57: only where stalling is a choice. */
	if (caps->s_stall_model != STALL_BOTH)
		absent |= CR0_NSSTALLD;
	return absent;
}

static uint64_t cr2_absent(const struct smmu_bank *b)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	uint64_t absent = 0;

	if (smmu_quirk(b->smmu, SMMU_QUIRK_CR2_KEPT))
		return 0;
	if (b->id == SMMU_S ? !caps->sel2 : !caps->hyp)
		absent |= CR2_E2H;
	if (!caps->btm)
		absent |= CR2_PTM;
	if (!caps->atsrecerr)
		absent |= CR2_REC_CFG_ATS;
	return absent;
}

static uint64_t gerror_absent(const struct smmu_bank *b)
{
	uint64_t absent = 0;

	if (!b->smmu->caps.pri)
		absent |= GERROR_PRIQ;
	if (!smmu_has_msi(b))
		absent |= GERROR_MSI;
	if (b->smmu->caps.ecmdq_pages[b->id] == 0)
		absent |= GERROR_CMDQP_ERR;
	return absent;
}

/* 6.3.38, 6.3.84: bits of StreamIDs and SubstreamIDs that there can be. */
static uint64_t atos_sid_absent(const struct smmu_bank *b)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	unsigned bits = caps->sid_bits;
	uint64_t present = ATOS_SID_SSEC;

	if (b->id == SMMU_S && caps->s_sid_bits > bits)
		bits = caps->s_sid_bits;
	present |= SMMU_BIT(bits) - 1;
	if (caps->ssid_bits != 0)
		present |= ATOS_SID_SSID_VALID |
		           FIELD_PREP(ATOS_SID_SSID,
		                      SMMU_BIT(caps->ssid_bits) - 1);
	return ~present;
}

static uint64_t absent_bits(const struct smmu_bank *b, enum smmu_reg reg)
{
	const struct smmu_caps *caps = &b->smmu->caps;

	switch (reg) {
	case SMMU_CR0:
		return cr0_absent(b);
	case SMMU_CR2:
		return cr2_absent(b);
	case SMMU_IRQ_CTRL:
		return caps->pri ? 0 : IRQ_CTRL_PRIQ;
	case SMMU_GERRORN:
		return gerror_absent(b);
	case SMMU_STRTAB_BASE_CFG:
		return caps->st_2lvl
		               ? 0
		               : STRTAB_BASE_CFG_FMT | STRTAB_BASE_CFG_SPLIT;
	/* 6.3.36: LO is not part of the message. */
	case SMMU_PRIQ_IRQ_CFG2:
		return smmu_has_msi(b) ? 0 : SMMU_MASK_IRQ_CFG2;
	case SMMU_GATOS_SID:
	case SMMU_VATOS_SID:
		return atos_sid_absent(b);
	/* 6.3.85: there are two IPA spaces with Secure stage 2. */
	case SMMU_GATOS_ADDR:
		return caps->sel2 ? 0 : ATOS_ADDR_NS;
	case SMMU_VATOS_SEL:
		return caps->vmid16 ? 0 : SMMU_BITS(15, 8);
	/* Addresses end at the output size. */
	case SMMU_STRTAB_BASE:
	case SMMU_CMDQ_BASE:
	case SMMU_EVENTQ_BASE:
	case SMMU_PRIQ_BASE:
	case SMMU_GERROR_IRQ_CFG0:
	case SMMU_EVENTQ_IRQ_CFG0:
	case SMMU_PRIQ_IRQ_CFG0:
		return SMMU_BITS(55, caps->oas);
	default:
		return 0;
	}
}

void smmu_regs_init(struct smmu_bank *b)
{
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++) {
		enum smmu_reg reg = (enum smmu_reg)i;
		const struct smmu_reg_info *info = smmu_reg_info(b, reg);

		b->mask[i] = 0;
		if (info->access == SMMU_RW &&
		    smmu_has(b, (enum smmu_feature)info->feature))
			b->mask[i] = info->mask & ~absent_bits(b, reg);
	}
	/* What GERROR can show, GERRORN can acknowledge. */
	b->mask[SMMU_GERROR] = b->mask[SMMU_GERRORN];
}

void smmu_regs_reset(struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;
	const struct smmu_profile *p = s->profile;
	const uint32_t *idr = b->id == SMMU_S ? s->caps.s_idr : s->caps.idr;

	for (unsigned i = 0; i < SMMU_REG_COUNT; i++)
		b->reg[i] = smmu_reg_info(b, (enum smmu_reg)i)->reset;
	for (unsigned i = 0; i < 5; i++)
		b->reg[SMMU_IDR0 + i] = idr[i];
	b->reg[SMMU_IDR5] = idr[5];
	b->reg[SMMU_IDR6] = idr[6];
	b->sticky_split = 0;
	b->cmdq.atc_failed = false;
	if (b->id == SMMU_S)
		return;
	for (unsigned i = 0; i < 8; i++)
		b->reg[SMMU_PIDR4 + i] = p->pidr[i];
	b->reg[SMMU_IIDR] = p->iidr;
	b->reg[SMMU_AIDR] = p->aidr;
	b->reg[SMMU_GBPA] = p->gbpa;
}
