/* SPDX-License-Identifier: MIT */
/*
 * A guest that does anything: registers, memory, transactions, time, saved
 * state, from seeded bytes. Nothing crashes, hangs, or is left pending; the
 * same bytes give the same end.
 */
#include "rig.h"

#include <stdlib.h>

#define SID 5u
#define VA  0x12345000ull

struct fuzz {
	struct rig *r;
	uint64_t state;
	struct tables_half h;
	uint64_t cd, digest;
	struct dmasim_txn txn[32];
	uint8_t data[32][64];
};

static uint32_t rnd(struct fuzz *z, uint32_t n)
{
	z->state = z->state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(z->state >> 33) % n;
}

/* Mostly a bit or two changed, at times anything. */
static uint64_t mangle(struct fuzz *z, uint64_t v)
{
	switch (rnd(z, 4)) {
	case 0:
		return (uint64_t)rnd(z, UINT32_MAX) << 32 | rnd(z, UINT32_MAX);
	case 1:
		return rnd(z, 256);
	default:
		for (uint32_t n = 1 + rnd(z, 3); n > 0; n--)
			v ^= 1ull << rnd(z, 64);
		return v;
	}
}

static void poke_memory(struct fuzz *z)
{
	struct rig *r = z->r;
	uint64_t where[] = {
	        tables_ste(&r->t, &r->streams, rnd(z, 16)) + 8 * rnd(z, 4),
	        z->cd + 8 * rnd(z, 4),
	        z->h.ttb + 8 * rnd(z, 8),
	        tables_descriptor(&r->t, &z->h, VA, 3) + 8 * rnd(z, 4),
	        r->cmdq + 8 * rnd(z, 16),
	        r->streams.base + 8 * rnd(z, 8),
	};
	uint64_t at = where[rnd(z, 6)];

	tables_set(&r->t, at, mangle(z, tables_get(&r->t, at)));
}

static void poke_register(struct fuzz *z)
{
	static const uint32_t regs[] = {CR0,
	                                CR1,
	                                CR2,
	                                GBPA,
	                                IRQ_CTRL,
	                                GERRORN,
	                                STRTAB_BASE,
	                                STRTAB_BASE_CFG,
	                                CMDQ_BASE,
	                                CMDQ_PROD,
	                                CMDQ_CONS,
	                                EVENTQ_BASE,
	                                EVENTQ_PROD,
	                                EVENTQ_CONS,
	                                EVENTQ_IRQ_CFG0,
	                                GERROR_IRQ_CFG0,
	                                CMDQ_PROD,
	                                CMDQ_PROD + 4,
	                                0x48};
	uint32_t offset = regs[rnd(z, 19)];
	uint32_t was = rig_r32(z->r, offset);

	rig_w32(z->r, offset, (uint32_t)mangle(z, was));
}

/* Back to a set-up that works, so that the depths are reached again. */
static void repair(struct fuzz *z)
{
	struct rig *r = z->r;

	rig_w32(r, CR0, 0);
	rig_w32(r, GERRORN, rig_r32(r, GERROR));
	rig_enable(r);
	tables_cd(&r->t, z->cd, &z->h, NULL, 1);
	for (uint32_t i = 0; i < 4; i++) {
		tables_ste_stage1(&r->t, &r->streams, SID + i, z->cd);
		tables_map(&r->t, &z->h, VA + 0x1000 * i, RIG_DATA + 0x1000 * i,
		           3, LEAF_RW);
	}
}

static void some_command(struct fuzz *z)
{
	static const uint8_t ops[] = {0x01, 0x03, 0x04, 0x05, 0x06,
	                              0x10, 0x11, 0x12, 0x13, 0x30,
	                              0x46, 0x46, 0x44, 0x20, 0xee};
	struct tables_cmd c = {ops[rnd(z, 15)], 0};

	if (rnd(z, 2)) {
		c.d0 |= (mangle(z, 0) & ~0xffull) | (uint64_t)SID << 32;
		c.d1 = mangle(z, VA);
	}
	rig_cmd(z->r, c);
}

static void some_access(struct fuzz *z)
{
	static const enum dmasim_op ops[] = {
	        DMASIM_READ,       DMASIM_WRITE,      DMASIM_READ,
	        DMASIM_ATOMIC_ADD, DMASIM_ATOMIC_CAS, DMASIM_CLEAN,
	        DMASIM_INVALIDATE, DMASIM_BARRIER};
	uint32_t i = rnd(z, 32);
	struct dmasim_txn *t = &z->txn[i];

	if (t->done.actor != 0)
		return; /* still under way */
	*t = (struct dmasim_txn){
	        .op = ops[rnd(z, 8)],
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = rnd(z, 64),
	        .stream_id = SID + rnd(z, 5),
	        .substream_id = rnd(z, 3),
	        .addr = rnd(z, 8) ? VA + rnd(z, 0x5000) : mangle(z, VA),
	        .size = 1u << rnd(z, 5),
	        .data = z->data[i],
	        .done = {z->r->actor, RIG_NOBODY, i},
	};
	if (dmasim_op_is_atomic(t->op))
		t->size = 1u << rnd(z, 4);
	if (dmasim_access(&z->r->client, t) != DMASIM_TXN_PENDING)
		t->done.actor = 0;
}

static void save_and_restore(struct fuzz *z)
{
	struct dmasim_reader *reader;
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(z->r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(z->r->smmu, reader), DMASIM_OK);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
}

/* Let all that is under way end, and note how. */
static void settle(struct fuzz *z)
{
	assert_int_equal(
	        dmasim_run_idle(z->r->k, dmasim_now(z->r->k) + DMASIM_MS),
	        DMASIM_OK);
	for (unsigned i = 0; i < 32; i++) {
		if (z->txn[i].done.actor != 0)
			z->digest = z->digest * 31 + z->txn[i].result;
		assert_int_not_equal(z->txn[i].result, DMASIM_TXN_PENDING);
		z->txn[i].done.actor = 0;
	}
	z->r->warnings[0] = '\0';
}

static uint64_t run(const struct rig_options *o, uint64_t seed, unsigned steps)
{
	static struct fuzz z;
	static struct rig rig;
	struct dmasim_smmu_stats st;

	memset(&z, 0, sizeof(z));
	z.r = &rig;
	z.state = seed;
	rig_open(z.r, o);
	z.cd = rig_stream(z.r, SID, 1, &z.h);
	repair(&z);
	for (unsigned i = 0; i < steps; i++) {
		uint32_t what = rnd(&z, 64);

		if (what < 10)
			poke_memory(&z);
		else if (what < 14)
			poke_register(&z);
		else if (what < 20)
			some_command(&z);
		else if (what < 22)
			repair(&z);
		else if (what < 26)
			settle(&z);
		else
			some_access(&z);
		if (what == 63) {
			settle(&z);
			save_and_restore(&z);
		}
	}
	settle(&z);
	dmasim_smmu_get_stats(z.r->smmu, &st);
	z.digest = z.digest * 31 + st.walk_reads;
	z.digest = z.digest * 31 + st.records;
	z.digest = z.digest * 31 + dmasim_now(z.r->k);
	rig_close(z.r);
	return z.digest;
}

static void fuzz(const struct rig_options *o)
{
	for (uint64_t seed = 1; seed < 9; seed++) {
		uint64_t digest = run(o, seed, 1500);

		assert_int_equal(run(o, seed, 1500), digest);
	}
}

static void arch(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.tlb_entries = 8, .config_entries = 4});
}

static void arch_pending(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.pend = true});
}

static void two_level(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.log2size = 12, .split = 8, .pend = true});
}

static void raz_wi_and_everything_shown(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.idr_set = {0x3ffff},
	                           .idr_clear = {1u << 26}});
}

static void fvp(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.profile = DMASIM_SMMU_FVP_2017});
}

static void qemu_7_2(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){
	        .profile = DMASIM_SMMU_QEMU_7_2, .log2size = 12, .split = 8});
}

static void qemu_10(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.profile = DMASIM_SMMU_QEMU_10,
	                           .pend = true});
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(arch),
        cmocka_unit_test(arch_pending),
        cmocka_unit_test(two_level),
        cmocka_unit_test(raz_wi_and_everything_shown),
        cmocka_unit_test(fvp),
        cmocka_unit_test(qemu_7_2),
        cmocka_unit_test(qemu_10),
};

CHECK_MAIN(tests)
