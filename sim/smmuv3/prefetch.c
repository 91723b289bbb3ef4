/* SPDX-License-Identifier: MIT */
/*
 * CMD_PREFETCH_CONFIG and CMD_PREFETCH_ADDR (4.2): what a transaction would
 * read is read ahead of it, into the caches. Nothing of it is a fault, and
 * the command does not wait for it.
 */
#include "smmuv3_internal.h"

/* 4.2.2: not more than would push out what the same command brought. */
static uint32_t limit(const struct dmasim_smmu *s, unsigned size)
{
	uint32_t most = smmu_tlb_slots(&s->tlb) / 2;

	if (most > 256)
		most = 256;
	return size < 9 && 1u << size < most ? 1u << size : most;
}

void smmu_prefetch_run(struct smmu_ctx *c)
{
	for (;;) {
		struct smmu_event e;
		struct smmu_xlate x;
		enum smmu_step step = smmu_translate(c, &e, &x);

		if (step == SMMU_PENDING)
			return;
		smmu_time_fragment(c, &x);
		/* What has no configuration has no second address either. */
		if (c->prefetches <= 1 || (step == SMMU_FAULT && !x.ste))
			break;
		c->prefetches--;
		c->logged = 0;
		c->req.addr += SMMU_BIT(12 + c->stride);
	}
	smmu_ctx_put(c);
}

void smmu_prefetch(struct smmu_bank *b, const uint64_t *cmd)
{
	struct dmasim_smmu *s = b->smmu;
	bool config = FIELD_GET(CMD0_OP, cmd[0]) == SMMU_CMD_PREFETCH_CONFIG;
	struct smmu_ctx *c;

	if (!(b->reg[SMMU_CR0ACK] & CR0_SMMUEN) ||
	    smmu_quirk(s, SMMU_QUIRK_NO_PREFETCH) ||
	    smmu_ctx_get(s, &c) != DMASIM_OK)
		return;
	c->port = NULL;
	c->txn = NULL;
	c->req = (struct smmu_request){
	        .bank = b,
	        .kind = SMMU_KIND_PREFETCH,
	        .config_only = config,
	        .op = DMASIM_READ,
	        .ssv = cmd[0] & CMD0_SSV,
	        .sid = (uint32_t)FIELD_GET(CMD0_SID, cmd[0]),
	        .ssid = (uint32_t)FIELD_GET(CMD0_SSID, cmd[0]),
	        .attr = dmasim_attr_wb,
	};
	if (b->id == SMMU_S && !(cmd[1] & PREFETCH1_NS))
		c->req.flags = DMASIM_TXN_SECURE;
	c->prefetches = 1;
	if (!config) {
		c->req.addr = cmd[1] & PREFETCH1_ADDR;
		c->stride = (uint8_t)FIELD_GET(PREFETCH1_STRIDE, cmd[1]);
		c->prefetches =
		        limit(s, (unsigned)FIELD_GET(PREFETCH1_SIZE, cmd[1]));
	}
	smmu_prefetch_run(c);
}
