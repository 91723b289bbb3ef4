/* SPDX-License-Identifier: MIT */
/*
 * Contexts, and the reads that a translation makes for itself.
 *
 * A read may be PENDING. Its context is then run again from the start when it
 * completes, and finds the reads it made before in its log: nothing else has
 * happened, because a stage has no effect before its reads are done. Reads
 * begun before an invalidation are not used after it (the CMD_SYNC guarantee
 * of 4.7.3): the log is dropped then.
 */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

int smmu_ctx_get(struct dmasim_smmu *s, struct smmu_ctx **out)
{
	struct smmu_ctx *c = s->free_ctx;

	if (c) {
		s->free_ctx = c->next_free;
	} else {
		if (s->ctxs == s->ctx_room) {
			uint32_t room = s->ctx_room ? 2 * s->ctx_room : 16;
			struct smmu_ctx **grown =
			        realloc(s->ctx, room * sizeof(*grown));

			if (!grown)
				return DMASIM_E_NOMEM;
			s->ctx = grown;
			s->ctx_room = room;
		}
		c = calloc(1, sizeof(*c));
		if (!c)
			return DMASIM_E_NOMEM;
		c->smmu = s;
		c->id = s->ctxs;
		c->fetch.done =
		        (struct dmasim_call){s->actor, SMMU_CALL_FETCH, c->id};
		s->ctx[s->ctxs++] = c;
	}
	s->ctxs_busy++;
	c->state = SMMU_CTX_RUNNING;
	c->logged = 0;
	c->replayed = 0;
	c->offset = 0;
	c->latency = 0;
	c->own = 0;
	c->accesses = 0;
	c->walk_reads = 0;
	c->missed = 0;
	*out = c;
	return DMASIM_OK;
}

void smmu_ctx_put(struct smmu_ctx *c)
{
	struct dmasim_smmu *s = c->smmu;

	c->state = SMMU_CTX_FREE;
	c->next_free = s->free_ctx;
	s->free_ctx = c;
	s->ctxs_busy--;
}

void smmu_ctx_free_all(struct dmasim_smmu *s)
{
	for (uint32_t i = 0; i < s->ctxs; i++)
		free(s->ctx[i]);
	free(s->ctx);
}

void smmu_own_txn(struct dmasim_txn *t, const struct smmu_read *r,
                  uint8_t *data)
{
	*t = (struct dmasim_txn){
	        .op = DMASIM_READ,
	        .cause = r->cause,
	        .addr = r->addr,
	        .size = r->size,
	        .attr = r->attr,
	        .flags = r->flags,
	        .data = data,
	        .origin = {.what = r->what},
	};
}

/* The log entry of the same access made before this restart. The restart may
 * skip some, because others filled a cache meanwhile; once it differs, what
 * was logged later is of another path. */
static const struct smmu_log_entry *replay(struct smmu_ctx *c,
                                           const struct smmu_read *r,
                                           const struct smmu_swap *swap)
{
	for (uint32_t i = c->replayed; i < c->logged; i++) {
		const struct smmu_log_entry *e = &c->log[i];

		if (e->addr == r->addr && e->size == r->size &&
		    e->cause == r->cause && e->swaps == (swap != NULL) &&
		    (!swap ||
		     (e->swap.old == swap->old && e->swap.new == swap->new))) {
			c->replayed = i + 1;
			return e;
		}
	}
	c->logged = c->replayed;
	return NULL;
}

/* The transaction of the next log entry. What this leaves alone is as it was
 * when the context was made. */
static void begin_fetch(struct smmu_ctx *c, const struct smmu_read *r,
                        struct smmu_log_entry *e)
{
	struct dmasim_txn *t = &c->fetch;

	t->op = e->swaps ? DMASIM_ATOMIC_CAS : DMASIM_READ;
	t->cause = r->cause;
	t->flags = r->flags | (c->req.flags & DMASIM_TXN_DEBUG);
	t->initiator = 0;
	t->addr = r->addr;
	t->size = r->size;
	t->stream_id = c->req.sid;
	t->attr = r->attr;
	t->data = e->data;
	t->origin.what = r->what;
	t->latency = 0;
	t->ahead = c->latency + c->own;
	if (c->txn)
		t->ahead += dmasim_txn_ahead(c->txn);
}

static inline void end_fetch(struct smmu_ctx *c, struct smmu_log_entry *e)
{
	e->ok = c->fetch.result == DMASIM_TXN_OK;
	c->logged++;
	c->own += c->fetch.latency;
	c->accesses++;
}

/* The outcome of @r, now or from before. NULL: pending, or no room. */
static inline const struct smmu_log_entry *perform(struct smmu_ctx *c,
                                                   const struct smmu_read *r,
                                                   const struct smmu_swap *swap)
{
	struct dmasim_smmu *s = c->smmu;
	struct smmu_log_entry *e;

	if (c->replayed != c->logged) {
		const struct smmu_log_entry *old = replay(c, r, swap);

		if (old)
			return old;
	}
	if (c->logged == SMMU_LOG_MAX)
		return NULL;
	e = &c->log[c->logged];
	e->addr = r->addr;
	e->size = (uint8_t)r->size;
	e->cause = (uint8_t)r->cause;
	e->swaps = swap != NULL;
	if (s->watch)
		e->time = dmasim_now(s->cfg.kernel);
	if (swap) {
		e->swap = *swap;
		smmu_put_le64(e->data, swap->new);
		smmu_put_le64(e->data + 8, swap->old);
	}
	begin_fetch(c, r, e);
	if (s->pmu_events != 0)
		smmu_pmu_access(c, r->cause);
	if (dmasim_access(&s->cfg.mem, &c->fetch) == DMASIM_TXN_PENDING) {
		c->state = SMMU_CTX_FETCH;
		return NULL;
	}
	end_fetch(c, e);
	c->replayed = c->logged;
	return e;
}

static enum smmu_step outcome(const struct smmu_ctx *c,
                              const struct smmu_log_entry *e)
{
	if (e)
		return e->ok ? SMMU_OK : SMMU_FAULT;
	return c->state == SMMU_CTX_FETCH ? SMMU_PENDING : SMMU_FAULT;
}

/* What was read last, for the watch. */
static inline void note_read(struct smmu_ctx *c, const struct smmu_log_entry *e)
{
	if (!c->smmu->watch)
		return;
	c->trail.read.addr = e->addr;
	c->trail.read.time = e->time;
}

enum smmu_step smmu_read(struct smmu_ctx *c, const struct smmu_read *r,
                         uint8_t *data)
{
	const struct smmu_log_entry *e = perform(c, r, NULL);
	enum smmu_step step = outcome(c, e);

	if (step != SMMU_OK)
		return step;
	memcpy(data, e->data, r->size);
	note_read(c, e);
	return SMMU_OK;
}

enum smmu_step smmu_read_word(struct smmu_ctx *c, const struct smmu_read *r,
                              uint64_t *value)
{
	const struct smmu_log_entry *e = perform(c, r, NULL);

	if (!e || !e->ok)
		return outcome(c, e);
	*value = smmu_le64(e->data);
	note_read(c, e);
	return SMMU_OK;
}

enum smmu_step smmu_cas(struct smmu_ctx *c, const struct smmu_read *r,
                        const struct smmu_swap *swap, uint64_t *seen)
{
	const struct smmu_log_entry *e = perform(c, r, swap);
	enum smmu_step step = outcome(c, e);

	if (step == SMMU_OK)
		*seen = smmu_le64(e->data);
	return step;
}

void smmu_ctx_log_fetch(struct smmu_ctx *c)
{
	c->state = SMMU_CTX_RUNNING;
	end_fetch(c, &c->log[c->logged]);
}
