/* SPDX-License-Identifier: MIT */
/*
 * What a CMD_SYNC waits for (4.7.3): records of events that happened before,
 * transactions on their way to memory whose translation has been invalidated
 * since, and invalidations that endpoints have not ended.
 */
#include "smmuv3_internal.h"

/* Event queues whose records count: a Secure CMD_SYNC also completes commands
 * that are about Non-secure structures. */
static bool awaits_records(const struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;

	return b->evtq.awaited != 0 ||
	       (b->id == SMMU_S && s->bank[SMMU_NS].evtq.awaited != 0);
}

/* A translation older than the last invalidation is still in use. */
static bool awaits_clients(const struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;

	for (uint32_t i = 0; i < s->ctxs; i++) {
		const struct smmu_ctx *c = s->ctx[i];

		if (c->state == SMMU_CTX_CLIENT &&
		    (int32_t)(c->epoch - b->cmdq.sync_epoch) < 0)
			return true;
	}
	return false;
}

/* Of its own queue: a Secure CMD_SYNC does not depend on Non-secure ones. */
static bool awaits_endpoints(const struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;

	for (uint32_t i = 0; s->atcs_used != 0 && i < SMMU_ATC_MAX; i++)
		if (s->atc[i].used && s->atc[i].queue == b->id)
			return true;
	return false;
}

static bool waits(const struct smmu_bank *b)
{
	return awaits_records(b) || awaits_endpoints(b) || awaits_clients(b);
}

/* 3.9.1.4: told once; the same CMD_SYNC completes when it is fetched again. */
unsigned smmu_sync_error(struct smmu_bank *b)
{
	bool failed = b->cmdq.atc_failed;

	b->cmdq.atc_failed = false;
	return failed ? CERROR_ATC_INV_SYNC : CERROR_NONE;
}

bool smmu_sync_wait(struct smmu_bank *b)
{
	struct dmasim_smmu *s = b->smmu;

	b->cmdq.sync_epoch = s->epoch;
	b->evtq.awaited = b->evtq.count;
	if (b->id == SMMU_S)
		s->bank[SMMU_NS].evtq.awaited = s->bank[SMMU_NS].evtq.count;
	b->cmdq.syncing = waits(b);
	return b->cmdq.syncing;
}

void smmu_sync_poll(struct dmasim_smmu *s)
{
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		struct smmu_bank *b = &s->bank[i];

		if (!b->cmdq.syncing)
			continue;
		/* 6.3.9.3: it has not been consumed, and is fetched again. */
		if (!(b->reg[SMMU_CR0ACK] & CR0_CMDQEN)) {
			b->cmdq.syncing = false;
		} else if (!waits(b)) {
			b->cmdq.syncing = false;
			smmu_cmdq_synced(b, smmu_sync_error(b));
		}
	}
}
