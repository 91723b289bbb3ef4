/* SPDX-License-Identifier: MIT */
/*
 * Stalled transactions (3.12.2, 4.7.1, 4.7.2).
 *
 * A transaction that stalls is held with a STAG, and its record goes to the
 * event queue. It is never tried again by itself (3.12.2.2 would allow it)
 * once its record is visible. Those that find no STAG free wait without a
 * record, and are tried again, oldest first, as STAGs become free: software
 * sees them as if they arrived then.
 *
 * After a restore a stalled transaction is known by its fields alone until its
 * client hands it in again. What is decided about it meanwhile is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

void smmu_ctx_append(struct smmu_ctx_list *l, struct smmu_ctx *c)
{
	c->stall.next = NULL;
	if (l->last)
		l->last->stall.next = c;
	else
		l->first = c;
	l->last = c;
}

void smmu_ctx_unlink(struct smmu_ctx_list *l, struct smmu_ctx *c)
{
	struct smmu_ctx *before = NULL;

	for (struct smmu_ctx *i = l->first; i && i != c; i = i->stall.next)
		before = i;
	if (before)
		before->stall.next = c->stall.next;
	else
		l->first = c->stall.next;
	if (l->last == c)
		l->last = before;
}

int smmu_stalls_init(struct dmasim_smmu *s)
{
	struct smmu_stalls *t = &s->stalls;

	if (s->caps.stall_model == STALL_NONE)
		return DMASIM_OK;
	/* 6.3.6: no value is given for 0; one transaction it is then. */
	t->max = s->caps.stall_max ? s->caps.stall_max : 1;
	t->slot = calloc(t->max, sizeof(struct smmu_ctx *));
	return t->slot ? DMASIM_OK : DMASIM_E_NOMEM;
}

void smmu_stalls_free(struct dmasim_smmu *s)
{
	for (uint32_t i = 0; i < s->ctxs; i++)
		free(s->ctx[i]->stall.read);
	free(s->stalls.slot);
}

/* 3.12: S_CR0.NSSTALLD leaves Non-secure streams the terminate model. */
uint8_t smmu_stall_model(const struct smmu_bank *b)
{
	const struct dmasim_smmu *s = b->smmu;

	if (b->id == SMMU_NS && s->caps.stall_model == STALL_BOTH &&
	    (s->bank[SMMU_S].reg[SMMU_CR0ACK] & CR0_NSSTALLD))
		return STALL_NONE;
	return s->caps.stall_model;
}

/* Tags are used in turn, so that one comes back as late as it can. */
static void take_tag(struct smmu_ctx *c)
{
	struct smmu_stalls *t = &c->smmu->stalls;

	while (t->slot[t->next])
		t->next = (t->next + 1) % t->max;
	t->slot[t->next] = c;
	t->used++;
	c->stall.stag = (uint16_t)t->next;
	c->stall.e.stag = c->stall.stag;
	t->next = (t->next + 1) % t->max;
}

bool smmu_stall(struct smmu_ctx *c, const struct smmu_event *e)
{
	struct dmasim_smmu *s = c->smmu;

	if (smmu_stall_model(e->bank) == STALL_NONE)
		return false;
	if (c->txn->done.actor == 0) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
		           "stall-impossible: StreamID 0x%x stalls on faults, "
		           "but its client cannot wait; aborted",
		           (unsigned)e->sid);
		return false;
	}
	c->stall.e = *e;
	c->stall.e.stall = true;
	if (s->stalls.used == s->stalls.max) {
		c->state = SMMU_CTX_WAITING;
		smmu_ctx_append(&s->stalls.waiting, c);
		return true;
	}
	c->state = SMMU_CTX_STALLED;
	s->stats.stalls++;
	take_tag(c);
	smmu_record_stall(c);
	return true;
}

static void decide(struct smmu_ctx *c, enum smmu_verdict verdict)
{
	struct dmasim_smmu *s = c->smmu;
	const struct dmasim_call call = {s->actor, SMMU_CALL_RETRY, c->id};
	bool new = c->state != SMMU_CTX_RETRY && c->state != SMMU_CTX_DECIDED;

	c->stall.verdict = (uint8_t)verdict;
	c->state = c->txn ? SMMU_CTX_RETRY : SMMU_CTX_DECIDED;
	if (new && !c->txn)
		smmu_ctx_append(&s->stalls.decided, c);
	/* Later: the register write or queue access that decided is not
	 * over. */
	if (new && c->txn &&
	    dmasim_call_at(s->cfg.kernel, dmasim_now(s->cfg.kernel), 0, &call,
	                   NULL) != DMASIM_OK)
		smmu_stall_act(c);
}

/* Whoever waits longest for a STAG arrives again, if there is one. */
void smmu_stall_admit(struct dmasim_smmu *s)
{
	struct smmu_stalls *t = &s->stalls;
	struct smmu_ctx *c = t->waiting.first;

	if (!c || t->used + t->admitted >= t->max)
		return;
	smmu_ctx_unlink(&t->waiting, c);
	if (c->txn) {
		c->stall.admitted = true;
		t->admitted++;
	}
	decide(c, SMMU_VERDICT_RETRY);
}

static void free_tag(struct smmu_ctx *c)
{
	struct smmu_stalls *t = &c->smmu->stalls;

	t->slot[c->stall.stag] = NULL;
	t->used--;
	smmu_stall_admit(c->smmu);
}

/* End the stall of @c, whichever kind it is. */
static void end_stall(struct smmu_ctx *c, enum smmu_verdict verdict)
{
	struct dmasim_smmu *s = c->smmu;
	bool tagged = c->state == SMMU_CTX_STALLED;

	if (c->state == SMMU_CTX_WAITING)
		smmu_ctx_unlink(&s->stalls.waiting, c);
	if (tagged) {
		smmu_forget_stall(c);
		free_tag(c);
	}
	decide(c, verdict);
}

void smmu_stall_retry(struct smmu_ctx *c)
{
	if (c->state == SMMU_CTX_STALLED)
		free_tag(c);
	decide(c, SMMU_VERDICT_RETRY);
}

void smmu_stall_act(struct smmu_ctx *c)
{
	struct dmasim_smmu *s = c->smmu;

	s->stalls.admitted -= c->stall.admitted;
	c->stall.admitted = false;
	c->state = SMMU_CTX_RUNNING;
	c->logged = 0;
	if (c->stall.verdict == SMMU_VERDICT_RETRY)
		smmu_ctx_resume(c);
	else
		smmu_ctx_terminate(c, c->stall.verdict == SMMU_VERDICT_RAZ_WI);
	/* It may not have needed its STAG. */
	smmu_stall_admit(s);
}

/* Stalled in any sense, and nothing is decided that cannot be undone. */
static bool outstanding(const struct smmu_ctx *c)
{
	return c->state == SMMU_CTX_STALLED || c->state == SMMU_CTX_WAITING ||
	       c->state == SMMU_CTX_RETRY || c->state == SMMU_CTX_DECIDED;
}

/* @sid NULL: of all streams. First those that wait: they do not take the STAGs
 * that become free. */
static void end_all(struct smmu_bank *b, const uint32_t *sid)
{
	struct dmasim_smmu *s = b->smmu;

	for (unsigned waiting = 2; waiting-- > 0;) {
		for (uint32_t i = 0; i < s->ctxs; i++) {
			struct smmu_ctx *c = s->ctx[i];

			if (outstanding(c) && c->req.bank == b &&
			    (!sid || c->req.sid == *sid) &&
			    (c->state == SMMU_CTX_WAITING) == (waiting == 1))
				end_stall(c, SMMU_VERDICT_ABORT);
		}
	}
}

void smmu_stalls_disable(struct smmu_bank *b)
{
	end_all(b, NULL);
}

/* 4.7.1, 4.7.2: without the Stall model they are unknown commands. */
static unsigned begin_command(struct smmu_bank *b, const uint64_t *cmd,
                              struct smmu_bank **target)
{
	if (smmu_stall_model(b) == STALL_NONE &&
	    !smmu_quirk(b->smmu, SMMU_QUIRK_CMD_TOLERANT))
		return CERROR_ILL;
	return smmu_cmd_bank(b, cmd, target) ? CERROR_NONE : CERROR_ILL;
}

/* 4.7.1: StreamID and STAG both have to be those of a record that software has
 * seen; else nothing happens. */
unsigned smmu_cmd_resume(struct smmu_bank *b, const uint64_t *cmd)
{
	const struct smmu_stalls *t = &b->smmu->stalls;
	uint64_t stag = FIELD_GET(RESUME1_STAG, cmd[1]);
	struct smmu_bank *target;
	struct smmu_ctx *c;

	if (begin_command(b, cmd, &target) != CERROR_NONE)
		return CERROR_ILL;
	c = stag < t->max ? t->slot[stag] : NULL;
	if (!c || c->req.bank != target ||
	    c->req.sid != FIELD_GET(CMD0_SID, cmd[0]) ||
	    c->stall.record != SMMU_STALL_RECORDED)
		return CERROR_NONE;
	if (cmd[0] & RESUME0_AC)
		end_stall(c, SMMU_VERDICT_RETRY);
	else
		end_stall(c, (cmd[0] & RESUME0_AB) || b->smmu->caps.term_abort
		                     ? SMMU_VERDICT_ABORT
		                     : SMMU_VERDICT_RAZ_WI);
	return CERROR_NONE;
}

unsigned smmu_cmd_stall_term(struct smmu_bank *b, const uint64_t *cmd)
{
	uint32_t sid = (uint32_t)FIELD_GET(CMD0_SID, cmd[0]);
	struct smmu_bank *target;

	if (begin_command(b, cmd, &target) != CERROR_NONE)
		return CERROR_ILL;
	end_all(target, &sid);
	return CERROR_NONE;
}
