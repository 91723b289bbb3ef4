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
                                           const struct smmu_log_entry *want)
{
	for (uint32_t i = c->replayed; i < c->logged; i++) {
		const struct smmu_log_entry *e = &c->log[i];

		if (e->addr == want->addr && e->size == want->size &&
		    e->op == want->op && e->cause == want->cause &&
		    e->old == want->old && e->new == want->new) {
			c->replayed = i + 1;
			return e;
		}
	}
	c->logged = c->replayed;
	return NULL;
}

/* What became of the access in c->fetch; its key is there already. */
static const struct smmu_log_entry *add_to_log(struct smmu_ctx *c)
{
	struct smmu_log_entry *e = &c->log[c->logged++];

	e->ok = c->fetch.result == DMASIM_TXN_OK;
	memcpy(e->data, c->fetch_data, e->size);
	c->own += c->fetch.latency;
	c->accesses++;
	return e;
}

/* The outcome of @want, now or from before. NULL: pending, or no room. */
static const struct smmu_log_entry *perform(struct smmu_ctx *c,
                                            const struct smmu_read *r,
                                            const struct smmu_log_entry *want)
{
	struct dmasim_smmu *s = c->smmu;
	const struct smmu_log_entry *e = replay(c, want);
	struct smmu_log_entry *next = &c->log[c->logged];

	if (e || c->logged == SMMU_LOG_MAX)
		return e;
	next->addr = want->addr;
	next->size = want->size;
	next->op = want->op;
	next->cause = want->cause;
	next->old = want->old;
	next->new = want->new;
	smmu_own_txn(&c->fetch, r, c->fetch_data);
	if (want->op == DMASIM_ATOMIC_CAS) {
		c->fetch.op = DMASIM_ATOMIC_CAS;
		smmu_put_le64(c->fetch_data, want->new);
		smmu_put_le64(c->fetch_data + 8, want->old);
	}
	c->fetch.stream_id = c->req.sid;
	c->fetch.flags |= c->req.flags & DMASIM_TXN_DEBUG;
	smmu_pmu_access(c, r->cause);
	c->fetch.done = (struct dmasim_call){s->actor, SMMU_CALL_FETCH, c->id};
	if (dmasim_access(&s->cfg.mem, &c->fetch) == DMASIM_TXN_PENDING) {
		c->state = SMMU_CTX_FETCH;
		return NULL;
	}
	c->replayed = c->logged + 1;
	return add_to_log(c);
}

enum smmu_step smmu_read(struct smmu_ctx *c, const struct smmu_read *r,
                         uint8_t *data)
{
	const struct smmu_log_entry want = {
	        .addr = r->addr,
	        .size = (uint8_t)r->size,
	        .op = DMASIM_READ,
	        .cause = (uint8_t)r->cause,
	};
	const struct smmu_log_entry *e = perform(c, r, &want);

	if (!e)
		return c->state == SMMU_CTX_FETCH ? SMMU_PENDING : SMMU_FAULT;
	if (!e->ok)
		return SMMU_FAULT;
	memcpy(data, e->data, r->size);
	return SMMU_OK;
}

enum smmu_step smmu_cas(struct smmu_ctx *c, const struct smmu_read *r,
                        uint64_t old, uint64_t new, uint64_t *seen)
{
	const struct smmu_log_entry want = {
	        .addr = r->addr,
	        .size = (uint8_t)r->size,
	        .op = DMASIM_ATOMIC_CAS,
	        .cause = (uint8_t)r->cause,
	        .old = old,
	        .new = new,
	};
	const struct smmu_log_entry *e = perform(c, r, &want);

	if (!e)
		return c->state == SMMU_CTX_FETCH ? SMMU_PENDING : SMMU_FAULT;
	if (!e->ok)
		return SMMU_FAULT;
	*seen = smmu_le64(e->data);
	return SMMU_OK;
}

void smmu_ctx_log_fetch(struct smmu_ctx *c)
{
	c->state = SMMU_CTX_RUNNING;
	add_to_log(c);
}
