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
	c->offset = 0;
	c->latency = 0;
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

static const struct smmu_log_entry *logged(const struct smmu_ctx *c,
                                           const struct smmu_read *r)
{
	for (uint32_t i = 0; i < c->logged; i++) {
		const struct smmu_log_entry *e = &c->log[i];

		if (e->addr == r->addr && e->size == r->size &&
		    e->cause == r->cause)
			return e;
	}
	return NULL;
}

/* What became of the read in c->fetch. */
static void add_to_log(struct smmu_ctx *c, const struct smmu_read *r)
{
	struct smmu_log_entry *e = &c->log[c->logged++];

	e->addr = r->addr;
	e->size = r->size;
	e->cause = (uint8_t)r->cause;
	e->ok = c->fetch.result == DMASIM_TXN_OK;
	memcpy(e->data, c->fetch_data, r->size);
	c->latency += c->fetch.latency;
}

enum smmu_step smmu_read(struct smmu_ctx *c, const struct smmu_read *r,
                         uint8_t *data)
{
	struct dmasim_smmu *s = c->smmu;
	const struct smmu_log_entry *e = logged(c, r);

	if (!e) {
		if (c->logged == SMMU_LOG_MAX)
			return SMMU_FAULT;
		smmu_own_txn(&c->fetch, r, c->fetch_data);
		c->fetch.stream_id = c->req.sid;
		c->fetch.flags |= c->req.flags & DMASIM_TXN_DEBUG;
		smmu_pmu_access(c, r->cause);
		c->fetch.done =
		        (struct dmasim_call){s->actor, SMMU_CALL_FETCH, c->id};
		if (dmasim_access(&s->cfg.mem, &c->fetch) ==
		    DMASIM_TXN_PENDING) {
			c->state = SMMU_CTX_FETCH;
			return SMMU_PENDING;
		}
		add_to_log(c, r);
		e = &c->log[c->logged - 1];
	}
	if (!e->ok)
		return SMMU_FAULT;
	memcpy(data, e->data, r->size);
	return SMMU_OK;
}

void smmu_ctx_log_fetch(struct smmu_ctx *c)
{
	const struct smmu_read r = {
	        .addr = c->fetch.addr,
	        .size = c->fetch.size,
	        .cause = c->fetch.cause,
	};

	c->state = SMMU_CTX_RUNNING;
	add_to_log(c, &r);
}
