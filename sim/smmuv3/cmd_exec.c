/* SPDX-License-Identifier: MIT */
/* What commands do (chapter 4), and which of them are CERROR_ILL. */
#include "smmuv3_internal.h"

unsigned smmu_cmd_needs(const struct smmu_bank *b, bool feature)
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

/* 4.3: a Secure queue can name the streams of either Security state. */
static unsigned cfgi(struct smmu_bank *b, const uint64_t *cmd)
{
	uint64_t op = FIELD_GET(CMD0_OP, cmd[0]);
	uint32_t sid = (uint32_t)FIELD_GET(CMD0_SID, cmd[0]), mask;
	struct smmu_bank *target;

	if (!smmu_cmd_bank(b, cmd, &target))
		return CERROR_ILL;
	switch (op) {
	case SMMU_CMD_CFGI_STE:
		smmu_config_inval_sid(target, sid, sid, cmd[1] & CFGI1_LEAF);
		break;
	case SMMU_CMD_CFGI_STE_RANGE:
		/* 2^(Range + 1) streams; 31 is all: CFGI_ALL. */
		mask = UINT32_MAX >> (31 - FIELD_GET(CFGI1_RANGE, cmd[1]));
		smmu_config_inval_sid(target, sid & ~mask, sid | mask, false);
		break;
	default:
		/* 4.3.3, 4.3.4: there are no CDs without stage 1. */
		if (!b->smmu->caps.s1p)
			return CERROR_ILL;
		smmu_config_inval_cd(target, sid, op == SMMU_CMD_CFGI_CD_ALL,
		                     (uint32_t)FIELD_GET(CMD0_SSID, cmd[0]));
		break;
	}
	return CERROR_NONE;
}

static unsigned prefetch(struct smmu_bank *b, const uint64_t *cmd)
{
	struct smmu_bank *target;

	if (!smmu_cmd_bank(b, cmd, &target))
		return smmu_cmd_needs(b, false);
	smmu_prefetch(target, cmd);
	return CERROR_NONE;
}

unsigned smmu_cmd_execute(struct smmu_cmdq *q, const uint64_t *cmd)
{
	struct smmu_bank *b = q->bank;
	uint64_t op = FIELD_GET(CMD0_OP, cmd[0]);

	if (smmu_cmd_is_tlbi(op))
		return smmu_cmd_tlbi(b, cmd);
	switch (op) {
	case SMMU_CMD_PREFETCH_CONFIG:
	case SMMU_CMD_PREFETCH_ADDR:
		return prefetch(b, cmd);
	case SMMU_CMD_CFGI_STE:
	case SMMU_CMD_CFGI_STE_RANGE:
	case SMMU_CMD_CFGI_CD:
	case SMMU_CMD_CFGI_CD_ALL:
		return cfgi(b, cmd);
	case SMMU_CMD_ATC_INV:
		return smmu_cmd_atc_inv(q, cmd);
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
		/* CFGI_VMS_PIDM and DPTI_* are of features that the model does
		 * not have: MPAM and the DPT. */
		return CERROR_ILL;
	}
}
