/* SPDX-License-Identifier: MIT */
/*
 * Counter groups and translation operations under a guest that does anything,
 * with messages and tables that lead to the registers themselves. Nothing
 * hangs, and the same bytes give the same end.
 */
#include "pmcg.h"

/* Where the guest finds registers in memory. */
#define REGS   0x10000000ull
#define GROUPS 0x11000000ull

static groups some = {{.counters = 5, .counter_bits = 32},
                      {.counters = 64, .page1 = true, .secure = true},
                      {.counters = 3, .single_filter = true, .cycle = 333}};

struct fuzz {
	struct rig *r;
	uint64_t state, digest;
	struct tables_half h;
	struct dmasim_txn txn[16];
	uint8_t data[16][8];
};

static uint32_t rnd(struct fuzz *z, uint32_t n)
{
	z->state = z->state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(z->state >> 33) % n;
}

/* Values that matter: few bits, all but a few, addresses. */
static uint64_t value(struct fuzz *z)
{
	switch (rnd(z, 6)) {
	case 0:
		return rnd(z, 9);
	case 1:
		return ~(uint64_t)rnd(z, 200);
	case 2:
		return GROUPS + 4 * rnd(z, 0x1800);
	case 3:
		return REGS + 4 * rnd(z, 0x60);
	case 4:
		return RIG_MSI;
	default:
		return (uint64_t)rnd(z, UINT32_MAX) << rnd(z, 33);
	}
}

static void poke_group(struct fuzz *z)
{
	static const uint32_t often[] = {CNTENSET,   CR,         INTENSET,
	                                 EVCNTR(0),  EVTYPER(0), SMR(0),
	                                 G_IRQ_CTRL, G_IRQ_CFG0, CAPR,
	                                 SCR,        OVSCLR,     CNTENCLR};
	uint32_t offset = rnd(z, 3) ? often[rnd(z, 12)] : 4 * rnd(z, 0x400);
	uint32_t flags = rnd(z, 2) ? DMASIM_TXN_SECURE : 0;
	unsigned group = rnd(z, 3) | rnd(z, 2) << 8;

	if (offset % 8 == 0 && rnd(z, 2))
		flags |= WIDE;
	if (rnd(z, 4) == 0)
		z->digest = z->digest * 31 + get(z->r, group, offset, flags);
	else
		put(z->r, group, offset, flags, value(z));
}

/* What ordinary software sets up. */
static void program(struct fuzz *z)
{
	uint32_t f = DMASIM_TXN_SECURE;
	unsigned g = rnd(z, 3);

	put(z->r, g, SCR, f, 7);
	for (unsigned i = 0; i < 5; i++) {
		put(z->r, g, EVTYPER(i), f,
		    rnd(z, 6) | SPAN | (rnd(z, 3) ? 0 : CAP));
		put(z->r, g, SMR(i), f, rnd(z, 2) ? ~0u : SID);
	}
	put(z->r, g, G_IRQ_CTRL, f, 0);
	put(z->r, g, G_IRQ_CFG0, f | WIDE, value(z));
	put(z->r, g, INTENSET, f | WIDE, rnd(z, 32));
	put(z->r, g, CNTENSET, f | WIDE, rnd(z, 32));
	put(z->r, g, G_IRQ_CTRL, f, 1);
	put(z->r, g, CR, f, 1);
}

static void operate(struct fuzz *z)
{
	uint32_t base = rnd(z, 3) ? 0x100 : 0x20a00;
	struct rig *r = z->r;

	rig_w64(r, base + 8, rnd(z, 4) ? SID : value(z));
	rig_w64(r, base + 0x10,
	        ((VA + 0x1000ull * rnd(z, 5)) & ~0xfffull) | rnd(z, 64) << 6);
	rig_w32(r, base, 1);
	z->digest = z->digest * 31 + rig_r64(r, base + 0x18);
	if (rnd(z, 16) == 0) {
		rig_w32(r, CR0, 0);
		rig_w32(r, CR0, EN_ALL);
	}
}

static void use_client(struct fuzz *z)
{
	uint32_t i = rnd(z, 16);
	struct dmasim_txn *t = &z->txn[i];

	if (t->done.actor != 0 && t->result == DMASIM_TXN_PENDING)
		return;
	*t = (struct dmasim_txn){
	        .op = rnd(z, 2) ? DMASIM_READ : DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = rnd(z, 8) ? 0 : DMASIM_TXN_SEC_SID,
	        .stream_id = SID + rnd(z, 2),
	        .addr = VA + 4ull * rnd(z, 0x1400),
	        .size = rnd(z, 2) ? 4 : 8,
	        .data = z->data[i],
	        .done = {z->r->actor, RIG_NOBODY, i},
	        .result = DMASIM_TXN_PENDING,
	};
	dmasim_access(&z->r->client, t);
}

/* TLBI_NSNH_ALL, without the wait for everything that rig_cmd() is: counters
 * of cycles that interrupt never end. */
static void flush(struct rig *r)
{
	uint32_t prod = rig_r32(r, CMDQ_PROD);
	uint32_t mask = (2u << r->queue_log2) - 1;

	tables_set(&r->t, r->cmdq + 16ull * (prod & mask >> 1), 0x30);
	rig_w32(r, CMDQ_PROD, (prod + 1) & mask);
}

/* Tables that lead to registers: walks are reads of them. */
static void poke_tables(struct fuzz *z)
{
	uint64_t at = tables_descriptor(&z->r->t, &z->h, VA, 3);

	switch (rnd(z, 4)) {
	case 0:
		tables_map(&z->r->t, &z->h, VA, REGS, 3, LEAF_RW);
		break;
	case 1:
		tables_map(&z->r->t, &z->h, VA, GROUPS, 3, LEAF_RW);
		break;
	case 2:
		tables_set(&z->r->t, at, value(z) | 3);
		break;
	default:
		tables_map(&z->r->t, &z->h, VA, PA, 3, LEAF_RW);
		flush(z->r);
		break;
	}
}

static void pass_some(struct fuzz *z)
{
	pass(z->r,
	     rnd(z, 4) ? rnd(z, 50) * DMASIM_NS : rnd(z, 4000) * DMASIM_NS);
	z->r->warnings[0] = '\0';
}

static void save_and_restore(struct fuzz *z)
{
	struct dmasim_reader *reader;
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;
	int status;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	status = dmasim_smmu_save(z->r->smmu, w);
	if (status == DMASIM_OK) {
		assert_int_equal(dmasim_writer_result(w, &data, &size),
		                 DMASIM_OK);
		assert_int_equal(dmasim_reader_create(data, size, &reader),
		                 DMASIM_OK);
		assert_int_equal(dmasim_smmu_restore(z->r->smmu, reader),
		                 DMASIM_OK);
		dmasim_reader_destroy(reader);
	} else {
		assert_int_equal(status, DMASIM_E_STATE);
	}
	dmasim_writer_destroy(w);
}

static void open_rig(struct fuzz *z, const struct rig_options *o)
{
	struct rig *r = z->r;
	struct dmasim_port port;

	rig_open(r, o);
	assert_int_equal(
	        dmasim_map_add_mmio(r->map, "smmu", REGS, 0x30000, &r->regs),
	        DMASIM_OK);
	for (unsigned i = 0; i < 6; i++) {
		port = dmasim_smmu_pmcg(r->smmu, i / 2, i % 2);
		assert_int_equal(dmasim_map_add_mmio(r->map, "pmcg",
		                                     GROUPS + 0x1000 * i,
		                                     0x1000, &port),
		                 DMASIM_OK);
	}
	rig_stream(r, SID, 1, &z->h);
	for (unsigned i = 0; i < 4; i++)
		tables_map(&r->t, &z->h, VA + 0x1000 * i, PA + 0x1000 * i, 3,
		           LEAF_RW);
}

static uint64_t run(const struct rig_options *o, uint64_t seed)
{
	static struct fuzz z;
	static struct rig rig;

	memset(&z, 0, sizeof(z));
	z.r = &rig;
	z.state = seed;
	open_rig(&z, o);
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t what = rnd(&z, 64);

		if (what < 16)
			poke_group(&z);
		else if (what < 20)
			program(&z);
		else if (what < 28)
			operate(&z);
		else if (what < 30)
			poke_tables(&z);
		else if (what < 40)
			pass_some(&z);
		else if (what == 63)
			save_and_restore(&z);
		else
			use_client(&z);
	}
	/* Whatever waits in the end comes to an end. */
	pass(z.r, 10 * DMASIM_US);
	for (unsigned i = 0; i < 16; i++)
		assert_int_not_equal(z.txn[i].done.actor != 0 ? z.txn[i].result
		                                              : DMASIM_TXN_OK,
		                     DMASIM_TXN_PENDING);
	assert_int_equal(rig_r32(z.r, 0x100) | rig_r32(z.r, 0x20a00), 0);
	for (unsigned g = 0; g < 3; g++)
		for (uint32_t at = 0; at < 0x1000; at += 4)
			z.digest = z.digest * 31 +
			           get(z.r, g, at, DMASIM_TXN_SECURE);
	z.digest = z.digest * 31 + dmasim_irq_count(line(z.r, 0));
	rig_close(z.r);
	return z.digest;
}

static void fuzz(const struct rig_options *o)
{
	for (uint64_t seed = 1; seed < 9; seed++) {
		uint64_t digest = run(o, seed);

		assert_int_equal(run(o, seed), digest);
	}
}

#define ALL IDR0_ATOS | IDR0_VATOS

static void at_once(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){.pmcg = some, .idr_set = {ALL}});
}

static void pending(void **state)
{
	(void)state;
	fuzz(&(struct rig_options){
	        .pmcg = some, .idr_set = {ALL}, .pend = true});
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_once),
        cmocka_unit_test(pending),
};

CHECK_MAIN(tests)
