/* SPDX-License-Identifier: MIT */
/*
 * Endpoints with address translation caches, and CMD_ATC_INV (4.5.1, 3.9.1.4,
 * 3.9.1.5): an invalidation goes to its endpoint at once; CMD_SYNC waits until
 * the endpoint has ended it, and fails if one has not.
 */
#include <stdlib.h>

#include "smmuv3_internal.h"

#define DEFAULT_TIMEOUT (60 * DMASIM_SEC)

struct smmu_ats *smmu_ats_of(const struct dmasim_smmu *s, uint32_t sid)
{
	for (struct smmu_ats *a = s->ats; a; a = a->next)
		if (sid >= a->cfg.first_sid && sid <= a->cfg.last_sid)
			return a;
	return NULL;
}

int dmasim_smmu_attach_ats(struct dmasim_smmu *s,
                           const struct dmasim_smmu_ats_config *cfg,
                           struct dmasim_ats_host *host)
{
	struct smmu_ats *a;

	if (!s || !cfg || cfg->first_sid > cfg->last_sid)
		return DMASIM_E_INVAL;
	for (a = s->ats; a; a = a->next)
		if (cfg->first_sid <= a->cfg.last_sid &&
		    cfg->last_sid >= a->cfg.first_sid)
			return DMASIM_E_EXISTS;
	a = calloc(1, sizeof(*a));
	if (!a)
		return DMASIM_E_NOMEM;
	a->smmu = s;
	a->cfg = *cfg;
	if (a->cfg.timeout == 0)
		a->cfg.timeout = DEFAULT_TIMEOUT;
	a->next = s->ats;
	s->ats = a;
	if (host)
		*host = (struct dmasim_ats_host){smmu_page_request, a};
	return DMASIM_OK;
}

void smmu_ats_free(struct dmasim_smmu *s)
{
	while (s->ats) {
		struct smmu_ats *a = s->ats;

		s->ats = a->next;
		free(a);
	}
}

/* 4.5: the Secure queue has them unless S_IDR3.SAMS says no. */
bool smmu_ats_commands(const struct smmu_bank *b, bool feature)
{
	return feature && !(b->id == SMMU_S && b->smmu->caps.sams);
}

/* 4.5: without SMMUEN of its own Security state they are ignored. */
bool smmu_ats_operates(const struct smmu_bank *b)
{
	return b->reg[SMMU_CR0ACK] & CR0_SMMUEN;
}

bool smmu_atc_room(const struct dmasim_smmu *s)
{
	return s->atcs_used < SMMU_ATC_MAX;
}

static uint64_t atc_arg(const struct dmasim_smmu *s, uint32_t i)
{
	return (uint64_t)s->atc[i].generation << 32 | i;
}

static uint32_t take_slot(struct smmu_cmdq *q)
{
	struct dmasim_smmu *s = q->bank->smmu;
	uint32_t i = 0;

	while (s->atc[i].used)
		i++;
	s->atc[i].used = true;
	s->atc[i].queue = q;
	s->atc[i].generation++;
	s->atc[i].ticket = 0;
	s->atcs_used++;
	return i;
}

static void free_slot(struct dmasim_smmu *s, uint32_t i)
{
	s->atc[i].used = false;
	s->atcs_used--;
}

/* 4.5.1: a span of 4096 x 2^Size bytes, aligned to itself; with a PASID where
 * there are any. */
static struct dmasim_ats_invalidation decode(const struct smmu_bank *b,
                                             const uint64_t *cmd)
{
	uint64_t size = FIELD_GET(ATC1_SIZE, cmd[1]);
	uint64_t low = size >= 52 ? UINT64_MAX : SMMU_BIT(size + 12) - 1;
	bool ssv = (cmd[0] & CMD0_SSV) && b->smmu->caps.ssid_bits != 0;

	return (struct dmasim_ats_invalidation){
	        .stream_id = (uint32_t)FIELD_GET(CMD0_SID, cmd[0]),
	        .pasid_valid = ssv,
	        .pasid = ssv ? (uint32_t)FIELD_GET(CMD0_SSID, cmd[0]) : 0,
	        .global = ssv && (cmd[0] & ATC0_GLOBAL),
	        .first = cmd[1] & ATC1_ADDR & ~low,
	        .last = cmd[1] | low,
	};
}

/* Until it ends, or its time is over. */
static void send(struct smmu_cmdq *q, const struct smmu_ats *a,
                 struct dmasim_ats_invalidation *inv)
{
	struct dmasim_smmu *s = q->bank->smmu;
	uint32_t i = take_slot(q);

	inv->done = (struct dmasim_call){s->actor, SMMU_CALL_ATC_DONE,
	                                 atc_arg(s, i)};
	inv->failed = (struct dmasim_call){s->actor, SMMU_CALL_ATC_FAILED,
	                                   atc_arg(s, i)};
	if (a->cfg.endpoint.invalidate(a->cfg.endpoint.obj, inv) !=
	    DMASIM_ATS_LATER) {
		/* 3.9.1.5: Unsupported Request ends it without an error. */
		free_slot(s, i);
		return;
	}
	if (dmasim_call_at(s->cfg.kernel,
	                   dmasim_now(s->cfg.kernel) + a->cfg.timeout, 0,
	                   &inv->failed, &s->atc[i].ticket) != DMASIM_OK) {
		q->atc_failed = true;
		free_slot(s, i);
	}
}

unsigned smmu_cmd_atc_inv(struct smmu_cmdq *q, const uint64_t *cmd)
{
	struct smmu_bank *b = q->bank;
	struct dmasim_smmu *s = b->smmu;
	struct dmasim_ats_invalidation inv = decode(b, cmd);
	const struct smmu_ats *a = smmu_ats_of(s, inv.stream_id);

	if (!smmu_ats_commands(b, s->caps.ats))
		return smmu_quirk(s, SMMU_QUIRK_CMD_TOLERANT) ? CERROR_NONE
		                                              : CERROR_ILL;
	/* Permitted for spans that do not exist. */
	if (FIELD_GET(ATC1_SIZE, cmd[1]) > 52)
		return CERROR_ILL;
	if (!smmu_ats_operates(b) || !a || !a->cfg.endpoint.invalidate)
		return CERROR_NONE;
	s->stats.atc_invalidations++;
	/* Transactions that may have used the translation are waited for. */
	s->epoch++;
	send(q, a, &inv);
	return CERROR_NONE;
}

void smmu_atc_ended(struct dmasim_smmu *s, uint64_t arg, bool ok)
{
	uint32_t i = (uint32_t)arg;
	struct smmu_cmdq *q;

	if (i >= SMMU_ATC_MAX || !s->atc[i].used ||
	    s->atc[i].generation != arg >> 32)
		return;
	q = s->atc[i].queue;
	dmasim_cancel(s->cfg.kernel, s->atc[i].ticket);
	free_slot(s, i);
	q->atc_failed |= !ok;
	/* What came translated before now is awaited by the CMD_SYNC. */
	s->epoch++;
	if (q->syncing)
		q->sync_epoch = s->epoch;
	smmu_sync_poll(s);
	for (unsigned n = 0; n < SMMU_BANKS; n++)
		smmu_cmdq_run(&s->bank[n]);
}
