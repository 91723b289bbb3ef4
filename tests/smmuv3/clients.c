/* SPDX-License-Identifier: MIT */
#include "clients.h"

#include <stdlib.h>

static void ended(void *obj, uint32_t op, uint64_t arg)
{
	struct clients *cs = obj;

	(void)op;
	cs->c[arg].done++;
}

void clients_open(struct clients *cs, struct rig *r, const char *name)
{
	memset(cs, 0, sizeof(*cs));
	cs->r = r;
	assert_int_equal(
	        dmasim_actor_register(r->k, name, ended, cs, &cs->actor),
	        DMASIM_OK);
}

void clients_close(struct clients *cs)
{
	dmasim_actor_unregister(cs->r->k, cs->actor);
}

enum dmasim_result client_start(struct clients *cs, unsigned i,
                                const struct dmasim_txn *t)
{
	struct client *c = &cs->c[i];
	enum dmasim_result result;

	c->t = *t;
	c->t.cause = DMASIM_CAUSE_DMA;
	c->t.data = c->data;
	c->t.done = (struct dmasim_call){cs->actor, 7, i};
	c->done = 0;
	result = dmasim_access(&cs->r->client, &c->t);
	if (result != DMASIM_TXN_PENDING) {
		c->done = 1;
		return result;
	}
	rig_settle(cs->r);
	return c->done ? c->t.result : DMASIM_TXN_PENDING;
}

enum dmasim_result client_access(struct clients *cs, unsigned i,
                                 enum dmasim_op op, uint32_t sid, uint64_t va,
                                 uint32_t size)
{
	const struct dmasim_txn t = {
	        .op = op,
	        .stream_id = sid,
	        .addr = va,
	        .size = size,
	        .attr = {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_NSH,
	                 DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE},
	};

	return client_start(cs, i, &t);
}

bool client_waits(const struct clients *cs, unsigned i)
{
	return cs->c[i].done == 0;
}

void client_ended(const struct clients *cs, unsigned i,
                  enum dmasim_result result)
{
	assert_int_equal(cs->c[i].done, 1);
	assert_int_equal(cs->c[i].t.result, result);
}

uint8_t *clients_save(struct clients *cs, size_t *size)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	uint8_t *copy;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(cs->r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, size), DMASIM_OK);
	copy = malloc(*size);
	assert_non_null(copy);
	memcpy(copy, data, *size);
	dmasim_writer_destroy(w);
	return copy;
}

int clients_restore(struct clients *cs, const uint8_t *blob, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	status = dmasim_smmu_restore(cs->r->smmu, reader);
	dmasim_reader_destroy(reader);
	return status;
}

struct tables_cmd cmd_resume(uint32_t sid, uint16_t stag, uint64_t action)
{
	return (struct tables_cmd){0x44 | action | (uint64_t)sid << 32, stag};
}

struct tables_cmd cmd_stall_term(uint32_t sid)
{
	return (struct tables_cmd){0x45 | (uint64_t)sid << 32, 0};
}
