/* SPDX-License-Identifier: MIT */
/*
 * Streams that stall, an endpoint that caches translations and asks for pages,
 * and software that answers anything, from seeded numbers: nothing is answered
 * twice, everything ends when the SMMU is switched off, and the same seed gives
 * the same end.
 */
#include "clients.h"
#include "endpoint.h"

#include <stdlib.h>

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

#define FUZZ_IDS                                                               \
	.idr_clear = {7u << 24},                                               \
	.idr_set = {1u << 10 | 1u << 16, 7u << 11, 0, 0, 0, 3u << 16}

struct fuzz {
	struct rig *r;
	struct clients cs;
	struct endpoint ep;
	struct tables_half h;
	uint64_t state, digest;
	unsigned ended; /* invalidations */
};

static uint32_t rnd(struct fuzz *z, uint32_t n)
{
	z->state = z->state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(z->state >> 33) % n;
}

static void see(struct fuzz *z, uint64_t v)
{
	z->digest = (z->digest ^ v) * 0x9e3779b97f4a7c15ull;
}

static void set_up(struct fuzz *z, struct rig *r, uint64_t seed)
{
	uint64_t cd, priq;

	memset(z, 0, sizeof(*z));
	z->r = r;
	z->state = seed;
	clients_open(&z->cs, r, "clients");
	endpoint_open(&z->ep, r, SID, SID + 1, DMASIM_MS);
	cd = rig_stream(r, SID, 1, &z->h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 44);
	tables_ste_stage1(&r->t, &r->streams, SID + 1, cd);
	rig_ste_word(r, SID, 1, 0, 1ull << 28);
	rig_ste_word(r, SID + 1, 1, 0, 1ull << 28 | 1ull << 18);
	priq = tables_alloc(&r->t, 64, 64);
	rig_w64(r, PRIQ_BASE, priq | 2);
	rig_w32(r, CR0, EN_ALL | 2 | 0x10);
	for (unsigned i = 0; i < CLIENTS; i++)
		z->cs.c[i].done = 1;
}

static void some_access(struct fuzz *z)
{
	static const uint32_t flags[] = {0, 0, 0, DMASIM_TXN_ATS_TRANSLATED,
	                                 DMASIM_TXN_ATS_REQUEST};
	unsigned i = rnd(z, CLIENTS);
	struct client *c = &z->cs.c[i];

	if (c->done == 0)
		return;
	c->t = (struct dmasim_txn){
	        .op = rnd(z, 2) ? DMASIM_READ : DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = flags[rnd(z, 5)],
	        .stream_id = SID + rnd(z, 2),
	        .addr = rnd(z, 8) ? VA + 0x800 * rnd(z, 8) : PA,
	        .size = 8u << rnd(z, 9),
	        .data = c->data,
	        .done = {z->cs.actor, 7, i},
	};
	c->done = 0;
	if (dmasim_access(&z->r->client, &c->t) != DMASIM_TXN_PENDING)
		c->done = 1;
	see(z, c->done ? c->t.result : 77);
}

static void some_command(struct fuzz *z)
{
	struct tables_cmd c = cmd_sync(0);
	uint32_t sid = SID + rnd(z, 2);

	switch (rnd(z, 7)) {
	case 0:
	case 1:
		c = cmd_resume(sid, (uint16_t)rnd(z, 4),
		               (uint64_t)rnd(z, 4) << 12);
		break;
	case 2:
		c = cmd_stall_term(sid);
		break;
	case 3:
		c = cmd_atc_inv(sid, VA, rnd(z, 53));
		break;
	case 4:
		c = cmd_pri_resp(sid, rnd(z, 512), rnd(z, 3));
		break;
	case 5:
		c = cmd_tlbi(0x30, 0, 0, 0);
		break;
	default:
		break;
	}
	{
		uint32_t prod = rig_r32(z->r, CMDQ_PROD);
		uint32_t mask = (1u << z->r->queue_log2) - 1;
		uint64_t at = z->r->cmdq + 16ull * (prod & mask);

		/* Not over what has not been read. */
		if (((prod - rig_r32(z->r, CMDQ_CONS)) & mask) > mask / 2)
			return;
		tables_set(&z->r->t, at, c.d0);
		tables_set(&z->r->t, at + 8, c.d1);
		rig_w32(z->r, CMDQ_PROD, (prod + 1) & (2 * mask + 1));
	}
}

static void some_mapping(struct fuzz *z)
{
	static const uint64_t leaves[] = {LEAF_RW, LEAF_RO, LEAF_RW & ~LEAF_AF,
	                                  LEAF_RW & ~LEAF_AP1};
	uint64_t va = VA + 0x1000 * rnd(z, 4);

	if (rnd(z, 3))
		tables_map(&z->r->t, &z->h, va, PA + 0x1000 * rnd(z, 4), 3,
		           leaves[rnd(z, 4)]);
	else
		tables_set(&z->r->t, tables_descriptor(&z->r->t, &z->h, va, 3),
		           0);
}

static void software(struct fuzz *z)
{
	struct rig *r = z->r;

	switch (rnd(z, 6)) {
	case 0:
		rig_w32(r, EVENTQ_CONS, rig_r32(r, EVENTQ_PROD));
		break;
	case 1:
		rig_w32(r, PRIQ_CONS, rig_r32(r, PRIQ_PROD));
		break;
	case 2:
		rig_w32(r, GERRORN, rig_r32(r, GERROR));
		break;
	case 3:
		rig_w32(r, CR0, (EN_ALL | 2 | 0x10) & ~(1u << rnd(z, 5)));
		break;
	default:
		rig_w32(r, CR0, EN_ALL | 2 | 0x10);
		break;
	}
}

static void endpoint(struct fuzz *z)
{
	const struct dmasim_page_request q = {
	        .stream_id = SID + rnd(z, 2),
	        .pasid_valid = rnd(z, 2),
	        .pasid = rnd(z, 4),
	        .last = rnd(z, 2),
	        .read = rnd(z, 2),
	        .write = rnd(z, 2),
	        .group = (uint16_t)rnd(z, 512),
	        .addr = VA,
	};

	z->ep.answer = (enum dmasim_ats_answer)rnd(z, 3);
	if (rnd(z, 2)) {
		assert_int_equal(z->ep.host.page_request(z->ep.host.obj, &q),
		                 DMASIM_OK);
	} else if (z->ended < z->ep.invs) {
		endpoint_end(&z->ep, z->ended++ % ENDPOINT_LOG, rnd(z, 4),
		             rnd(z, 3) * DMASIM_NS);
	}
}

static void save_and_restore(struct fuzz *z)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	if (dmasim_smmu_save(z->r->smmu, w) == DMASIM_OK) {
		assert_int_equal(dmasim_writer_result(w, &data, &size),
		                 DMASIM_OK);
		for (size_t i = 0; i < size; i++)
			see(z, data[i]);
	}
	dmasim_writer_destroy(w);
}

static void step(struct fuzz *z)
{
	switch (rnd(z, 12)) {
	case 0:
	case 1:
	case 2:
		some_access(z);
		break;
	case 3:
	case 4:
		some_command(z);
		break;
	case 5:
		some_mapping(z);
		break;
	case 6:
		software(z);
		break;
	case 7:
		endpoint(z);
		break;
	case 8:
		if (rnd(z, 10) == 0)
			save_and_restore(z);
		break;
	default:
		for (uint32_t n = rnd(z, 6); n > 0; n--)
			dmasim_run_one(z->r->k);
		break;
	}
}

static uint64_t go(uint64_t seed, bool pend, unsigned steps)
{
	static struct rig rig;
	static struct fuzz z;
	struct rig_options o = {FUZZ_IDS, .queue_log2 = 4};

	o.pend = pend;
	rig_open(&rig, &o);
	set_up(&z, &rig, seed);
	for (unsigned i = 0; i < steps; i++)
		step(&z);
	/* All that is held is let go. */
	rig_w32(&rig, CR0, 0);
	rig_settle(&rig);
	rig_w32(&rig, CR0, 0);
	rig_settle(&rig);
	for (unsigned i = 0; i < CLIENTS; i++) {
		assert_int_equal(z.cs.c[i].done, 1);
		see(&z, z.cs.c[i].t.result);
	}
	see(&z, z.ep.resps);
	see(&z, rig.records);
	clients_close(&z.cs);
	rig_close(&rig);
	return z.digest;
}

static void at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		assert_true(go(seed, false, 3000) == go(seed, false, 3000));
}

static void pending(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		assert_true(go(seed, true, 3000) == go(seed, true, 3000));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_once),
        cmocka_unit_test(pending),
};

CHECK_MAIN(tests)
