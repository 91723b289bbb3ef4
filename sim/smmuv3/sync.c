/* SPDX-License-Identifier: MIT */
/*
 * What a CMD_SYNC waits for (4.7.3): messages of those before it in the same
 * queue, records of events that happened before, transactions on their way to
 * memory whose translation has been invalidated since, and invalidations that
 * endpoints have not ended.
 */
#include "smmuv3_internal.h"

/* A translation older than the last invalidation is still in use. */
static bool awaits_clients(const struct smmu_cmdq *q)
{
	const struct dmasim_smmu *s = q->bank->smmu;

	for (uint32_t i = 0; i < s->ctxs; i++) {
		const struct smmu_ctx *c = s->ctx[i];

		if (c->state == SMMU_CTX_CLIENT &&
		    (int32_t)(c->epoch - q->sync_epoch) < 0)
			return true;
	}
	return false;
}

/* Of its own queue: a Secure CMD_SYNC does not depend on Non-secure ones. */
static bool awaits_endpoints(const struct smmu_cmdq *q)
{
	const struct dmasim_smmu *s = q->bank->smmu;

	for (uint32_t i = 0; s->atcs_used != 0 && i < SMMU_ATC_MAX; i++)
		if (s->atc[i].used && s->atc[i].queue == q)
			return true;
	return false;
}

static bool waits(const struct smmu_cmdq *q)
{
	return q->messages != 0 || q->awaited[SMMU_NS] != 0 ||
	       q->awaited[SMMU_S] != 0 || awaits_endpoints(q) ||
	       awaits_clients(q);
}

/* 3.9.1.4: told once; the same CMD_SYNC completes when it is fetched again. */
unsigned smmu_sync_error(struct smmu_cmdq *q)
{
	bool failed = q->atc_failed;

	q->atc_failed = false;
	return failed ? CERROR_ATC_INV_SYNC : CERROR_NONE;
}

bool smmu_sync_wait(struct smmu_cmdq *q)
{
	struct dmasim_smmu *s = q->bank->smmu;
	bool secure = q->bank->id == SMMU_S;

	q->sync_epoch = s->epoch;
	/* A Secure CMD_SYNC also completes commands that are about Non-secure
	 * structures. */
	q->awaited[SMMU_NS] = s->bank[SMMU_NS].evtq.count;
	q->awaited[SMMU_S] = secure ? s->bank[SMMU_S].evtq.count : 0;
	if (!waits(q))
		return false;
	q->syncing = true;
	q->next_sync = s->syncing;
	s->syncing = q;
	return true;
}

void smmu_sync_record_gone(struct smmu_bank *b, uint32_t i)
{
	for (struct smmu_cmdq *q = b->smmu->syncing; q; q = q->next_sync)
		q->awaited[b->id] -= i < q->awaited[b->id];
}

/* One that has nothing to wait for any more, taken off the list; or NULL. */
static struct smmu_cmdq *next_done(struct dmasim_smmu *s)
{
	for (struct smmu_cmdq **p = &s->syncing; *p; p = &(*p)->next_sync) {
		struct smmu_cmdq *q = *p;

		if (smmu_queue_on(q) && waits(q))
			continue;
		*p = q->next_sync;
		q->syncing = false;
		return q;
	}
	return NULL;
}

void smmu_sync_poll(struct dmasim_smmu *s)
{
	struct smmu_cmdq *q;

	while (s->syncing && (q = next_done(s)) != NULL)
		/* 6.3.9.3: of a queue that has been turned off, it has not
		 * been consumed, and is fetched again. */
		if (smmu_queue_on(q))
			smmu_cmdq_synced(q, smmu_sync_error(q));
}
