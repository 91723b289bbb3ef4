/* SPDX-License-Identifier: MIT */
/* Enhanced Command queues (3.5.6, 6.2.5, 6.3.107). */
#include "rig.h"

/* 2 pages of 4 queues; a Secure page of 1 queue behind them. */
#define NUMP 2u
#define NUMQ 4u
#define ECMDQS                                                                 \
	.idr_set = {0, 1u << 31, 0, 0, 0, 0, 1u << 24 | 2u << 16},             \
	.s_idr = {1u << 31 | 1u << 13, 1u << 31 | 16}
#define AT(n)     (0x20000u + (n) / NUMQ * 0x10000 + (n) % NUMQ * 0x4000)
#define SECURE_AT 0x40000u
#define BASE      0x0
#define PROD      0x8
#define CONS      0xc

#define EN     (1u << 31)
#define ENACK  (1u << 31)
#define ERRACK (1u << 23)
#define ERR    (1u << 23)
#define ILL    (1u << 24)
#define ABT    (2u << 24)
#define LOG2   3u

#define CMDQP 0x200u /* GERROR */

static uint64_t line(struct rig *r, uint32_t n)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, n});
}

#define SYNCS(r) line(r, 76)
#define SEVS(r)  line(r, 90)

/* The queue's memory. */
static uint64_t setup(struct rig *r, uint32_t at)
{
	uint64_t base = tables_alloc(&r->t, 16ull << LOG2, 16ull << LOG2);

	rig_w64(r, at + BASE, base | LOG2);
	rig_w32(r, at + CONS, 0);
	rig_w32(r, at + PROD, EN);
	assert_int_equal(rig_r32(r, at + CONS), ENACK);
	return base;
}

static void put(struct rig *r, uint64_t base, unsigned i, struct tables_cmd c)
{
	tables_set(&r->t, base + 16ull * (i % (1u << LOG2)), c.d0);
	tables_set(&r->t, base + 16ull * (i % (1u << LOG2)) + 8, c.d1);
}

RIG_TEST(where_they_are, ECMDQS)
{
	assert_int_equal(rig_r32(r, 0x190), 1u << 24 | 2u << 16);
	for (unsigned n = 0; n < NUMP; n++) {
		uint32_t at = 0x4000 + 32 * n;

		assert_int_equal(rig_r64(r, at), (0x20000 + n * 0x10000) | 3);
		assert_int_equal(rig_r32(r, at + 4), 0);
		assert_int_equal(rig_r32(r, at + 8), 1);
		assert_int_equal(rig_r32(r, at + 12), 1);
		assert_int_equal(rig_r32(r, at + 16), 0);
		/* Two registers at once. */
		assert_int_equal(rig_r64(r, at + 8), 0);
		rig_w64(r, at, 0);
		assert_int_equal(rig_r64(r, at), (0x20000 + n * 0x10000) | 3);
	}
	assert_int_equal(rig_r64(r, 0x4000 + 32 * NUMP), 0);
	assert_int_equal(rig_r32(r, 0x4008 + 32 * NUMP), 0);
	/* The Secure ones follow, for Secure accesses. */
	assert_int_equal(rig_r64(r, 0xc000), 0);
	rig_secure(r, true);
	assert_int_equal(rig_r64(r, 0xc000), SECURE_AT | 3);
	assert_int_equal(rig_r32(r, 0xc008), 1);
	assert_int_equal(rig_r64(r, 0xc020), 0);
}

/* 6.3.107 - 6.3.109: reset values and bits, and what is not there. */
RIG_TEST(registers, ECMDQS)
{
	for (unsigned n = 0; n < NUMP * NUMQ; n++) {
		uint32_t at = AT(n);

		assert_int_equal(rig_r64(r, at), 0);
		assert_int_equal(rig_r32(r, at + PROD), 0);
		assert_int_equal(rig_r32(r, at + CONS), 0);
		rig_w64(r, at, UINT64_MAX);
		assert_int_equal(rig_r64(r, at), 0x4000ffffffffffff);
		rig_w32(r, at, 0);
		assert_int_equal(rig_r64(r, at), 0x4000ffff00000000);
		assert_int_equal(rig_r32(r, at + 4), 0x4000ffff);
		rig_w32(r, at + 4, 0x12);
		assert_int_equal(rig_r64(r, at), 0x0000001200000000);
		rig_w32(r, at + CONS, UINT32_MAX);
		assert_int_equal(rig_r32(r, at + CONS), 0x078fffff);
		rig_w32(r, at + CONS, 0);
		rig_w32(r, at + PROD, UINT32_MAX & ~EN);
		assert_int_equal(rig_r32(r, at + PROD), 0x008fffff);
		rig_w32(r, at + PROD, 0);
		rig_w64(r, at + PROD, UINT64_MAX);
		assert_int_equal(rig_r64(r, at + PROD), 0);
		assert_int_equal(rig_r32(r, at + PROD), 0);
		rig_w32(r, at + 0x10, UINT32_MAX);
		rig_w32(r, at + 0x3ffc, UINT32_MAX);
		assert_int_equal(rig_r32(r, at + 0x10), 0);
		assert_int_equal(rig_r32(r, at + 0x3ffc), 0);
	}
}

RIG_TEST(absent_without_the_feature, .off = true,
         .idr_set = {0, 0, 0, 0, 0, 0, 1u << 24 | 2u << 16})
{
	uint64_t size;
	struct dmasim_smmu_config cfg = {0};

	assert_int_equal(rig_r32(r, 0x190), 0);
	assert_int_equal(rig_r64(r, 0x4000), 0);
	assert_int_equal(dmasim_smmu_regs_size(&cfg, &size), DMASIM_OK);
	assert_int_equal(size, DMASIM_SMMU_REGS_SIZE);
}

RIG_TEST(each_runs_by_itself, ECMDQS)
{
	for (unsigned n = 0; n < NUMP * NUMQ; n++) {
		uint64_t base = setup(r, AT(n));

		for (unsigned i = 0; i < 20; i++) {
			put(r, base, i, cmd_sync(1));
			rig_w32(r, AT(n) + PROD, EN | ((i + 1) & 15));
			assert_int_equal(rig_r32(r, AT(n) + CONS),
			                 ENACK | ((i + 1) & 15));
		}
		assert_int_equal(SYNCS(r), 20 * (n + 1));
	}
	/* With the attributes of CR1, which is guarded meanwhile. */
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CMDQ)->attr.inner, DMASIM_WB);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 0);
	rig_w32(r, CR0, 0);
	rig_w32(r, CR1, 0);
	assert_int_equal(rig_r32(r, CR1), 0x35);
	for (unsigned n = 0; n < NUMP * NUMQ; n++) {
		rig_w32(r, CR1, 0);
		assert_int_equal(rig_r32(r, CR1), 0x35);
		rig_w32(r, AT(n) + PROD, 4);
		assert_int_equal(rig_r32(r, AT(n) + CONS), 4);
	}
	rig_w32(r, CR1, 0);
	assert_int_equal(rig_r32(r, CR1), 0);
}

/* 3.5.6.2: nothing runs while it is off, and nothing but PROD changes while
 * it is on. */
RIG_TEST(on_and_off, ECMDQS)
{
	uint64_t base = setup(r, AT(5)), was = rig_r64(r, AT(5));

	rig_w64(r, AT(5), 0);
	rig_w32(r, AT(5) + 4, 0);
	rig_w32(r, AT(5) + CONS, 3);
	assert_int_equal(rig_r64(r, AT(5)), was);
	assert_int_equal(rig_r32(r, AT(5) + CONS), ENACK);
	assert_non_null(strstr(r->warnings, "ECMDQ 5"));
	rig_w32(r, AT(5) + PROD, 0);
	assert_int_equal(rig_r32(r, AT(5) + CONS), 0);
	put(r, base, 0, cmd_sync(1));
	rig_w32(r, AT(5) + PROD, 1);
	assert_int_equal(SYNCS(r), 0);
	rig_w32(r, AT(5) + PROD, EN | 1);
	assert_int_equal(SYNCS(r), 1);
	assert_int_equal(rig_r32(r, AT(5) + CONS), ENACK | 1);
}

/* It waits for the command that is being read; nothing is taken meanwhile. */
RIG_TEST(off_waits_for_the_command, ECMDQS)
{
	uint64_t base = setup(r, AT(0));

	put(r, base, 0, cmd_sync(1));
	r->pend = true;
	rig_w32(r, AT(0) + PROD, EN | 1);
	rig_w32(r, AT(0) + PROD, 1);
	assert_int_equal(rig_r32(r, AT(0) + CONS), ENACK);
	rig_w32(r, AT(0) + PROD, EN | 5);
	assert_int_equal(rig_r32(r, AT(0) + PROD), 1);
	rig_w64(r, AT(0), 0);
	assert_int_not_equal(rig_r64(r, AT(0)), 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, AT(0) + CONS), 1);
	assert_int_equal(SYNCS(r), 1);
}

/* 3.5.6.3: told in CONS and in GERROR, and acknowledged by ERRACK. */
static void error_and_back(struct rig *r, uint64_t base, unsigned i,
                           uint32_t ack, uint32_t reason)
{
	uint32_t at = AT(1), err = ack ^ ERR;

	rig_w32(r, at + PROD, EN | ack | (i + 2));
	assert_int_equal(rig_r32(r, at + CONS), ENACK | reason | err | i);
	/* Nothing goes on; other queues do. */
	put(r, base, i, cmd_sync(1));
	rig_w32(r, at + PROD, EN | ack | (i + 2));
	assert_int_equal(rig_r32(r, at + CONS) & 0xfffff, i);
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), rig_r32(r, CMDQ_PROD));
	r->refuse_to = 0;
	rig_w32(r, at + PROD, EN | err | (i + 2));
	assert_int_equal(rig_r32(r, at + CONS) & ~(7u << 24),
	                 ENACK | err | (i + 2));
}

RIG_TEST(errors, ECMDQS)
{
	uint64_t base = setup(r, AT(1)), gerrors = line(r, 77);

	put(r, base, 0, (struct tables_cmd){0xff, 0});
	put(r, base, 1, cmd_sync(1));
	error_and_back(r, base, 0, 0, ILL);
	assert_int_equal(rig_r32(r, GERROR), CMDQP);
	assert_int_equal(line(r, 77), gerrors + 1);
	assert_int_equal(SYNCS(r), 2);
	/* While GERROR is active it is not toggled again, and stops nothing. */
	put(r, base, 3, cmd_sync(1));
	r->refuse_from = base + 32;
	r->refuse_to = base + 48;
	error_and_back(r, base, 2, ERRACK, ABT);
	assert_int_equal(rig_r32(r, GERROR), CMDQP);
	assert_int_equal(line(r, 77), gerrors + 1);
	rig_w32(r, GERRORN, CMDQP);
	put(r, base, 4, (struct tables_cmd){0xff, 0});
	put(r, base, 5, cmd_sync(1));
	error_and_back(r, base, 4, 0, ILL);
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_int_equal(line(r, 77), gerrors + 2);
}

/* The Command queue's error does not stop them. */
RIG_TEST(independent_of_the_command_queue, ECMDQS)
{
	uint64_t base = setup(r, AT(2));

	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_int_equal(rig_r32(r, GERROR), 1);
	put(r, base, 0, cmd_sync(1));
	rig_w32(r, AT(2) + PROD, EN | 1);
	assert_int_equal(rig_r32(r, AT(2) + CONS), ENACK | 1);
	rig_w32(r, CR0, EN_SMMU);
	put(r, base, 1, cmd_sync(1));
	rig_w32(r, AT(2) + PROD, EN | 2);
	assert_int_equal(rig_r32(r, AT(2) + CONS), ENACK | 2);
	assert_int_equal(SYNCS(r), 2);
}

/* An aborted message of any of them is in GERROR. */
RIG_TEST(aborted_message, ECMDQS)
{
	uint64_t base = setup(r, AT(3));

	put(r, base, 0, cmd_sync_msi(RIG_HOLE, 1));
	rig_w32(r, AT(3) + PROD, EN | 1);
	assert_int_equal(rig_r32(r, GERROR), 1 << 4);
}

/* 4.1.2: a queue that is full no more tells by an event. */
RIG_TEST(event_when_there_is_room, ECMDQS)
{
	uint64_t base = setup(r, AT(4));

	for (unsigned i = 0; i < 8; i++)
		put(r, base, i, cmd_sync(0));
	rig_w32(r, AT(4) + PROD, EN | 7);
	assert_int_equal(SEVS(r), 0);
	rig_w32(r, AT(4) + PROD, EN | 15);
	assert_int_equal(SEVS(r), 1);
	assert_int_equal(rig_r32(r, AT(4) + CONS), ENACK | 15);
}

/* All wait for memory at once, and share the room for messages. */
RIG_TEST(many_at_once, ECMDQS)
{
	r->pend = false;
	for (unsigned n = 0; n < NUMP * NUMQ; n++) {
		uint64_t base = setup(r, AT(n));

		for (unsigned i = 0; i < 8; i++)
			put(r, base, i,
			    cmd_sync_msi(RIG_MSI + 64 * n + 8 * i, i + 1));
	}
	r->pend = true;
	for (unsigned n = 0; n < NUMP * NUMQ; n++)
		rig_w32(r, AT(n) + PROD, EN | 8);
	rig_settle(r);
	for (unsigned n = 0; n < NUMP * NUMQ; n++) {
		assert_int_equal(rig_r32(r, AT(n) + CONS), ENACK | 8);
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(
			        tables_get(&r->t, RIG_MSI + 64 * n + 8 * i),
			        i + 1);
	}
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 64);
}

/* More queues than there is room for messages: who finds none when its command
 * arrives reads it again. */
RIG_TEST(more_than_there_is_room_for,
         .idr_set = {0, 1u << 31, 0, 0, 0, 0, 1u << 24 | 3u << 16})
{
	r->pend = false;
	for (unsigned n = 0; n < 16; n++) {
		uint64_t base = setup(r, 0x20000 + 0x2000 * n);

		put(r, base, 0, cmd_sync_msi(RIG_MSI + 8 * n, n + 1));
	}
	r->pend = true;
	for (unsigned n = 0; n < 16; n++)
		rig_w32(r, 0x20000 + 0x2000 * n + PROD, EN | 1);
	rig_settle(r);
	for (unsigned n = 0; n < 16; n++) {
		assert_int_equal(rig_r32(r, 0x20000 + 0x2000 * n + CONS),
		                 ENACK | 1);
		assert_int_equal(tables_get(&r->t, RIG_MSI + 8 * n), n + 1);
	}
	assert_int_equal(SYNCS(r), 16);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 16);
	assert_true(rig_count(r, DMASIM_CAUSE_CMDQ) > 16);
}

/* A CMD_SYNC that waits is given up when its queue is turned off, and is
 * fetched again when it is on. */
RIG_TEST(off_while_a_sync_waits, ECMDQS)
{
	struct tables_cmd c = cmd_sync_msi(RIG_MSI, 1);
	uint64_t base = setup(r, AT(0));

	put(r, base, 0, c);
	put(r, base, 1, cmd_sync(1));
	r->pend = true;
	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	rig_w32(r, AT(0) + PROD, EN | 2);
	assert_int_equal(rig_r32(r, AT(0) + CONS), ENACK | 1);
	rig_w32(r, AT(0) + PROD, 2);
	assert_int_equal(rig_r32(r, AT(0) + CONS), 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, AT(0) + CONS), 1);
	assert_int_equal(SYNCS(r), 1);
	rig_w32(r, AT(0) + PROD, EN | 2);
	assert_int_equal(rig_r32(r, AT(0) + CONS), ENACK | 2);
	assert_int_equal(SYNCS(r), 2);
}

static enum dmasim_result to_regs(void *obj, struct dmasim_txn *txn)
{
	struct rig *r = obj;

	txn->offset = txn->addr & 0x7ffff;
	return dmasim_access(&r->regs, txn);
}

/* Three queues whose messages keep each other going: time passes. */
RIG_TEST(queues_that_feed_one_another, ECMDQS)
{
	const struct dmasim_port regs = {to_regs, r};
	const uint64_t mmio = 0x9080000;
	unsigned steps = 0;

	assert_int_equal(
	        dmasim_map_add_mmio(r->map, "smmu", mmio, 0x50000, &regs),
	        DMASIM_OK);
	for (unsigned n = 0; n < 3; n++) {
		uint64_t base = setup(r, AT(n));
		uint64_t next = mmio + AT((n + 1) % 3) + PROD;

		/* Its own index moves by one each time round. */
		for (unsigned i = 0; i < 8; i++)
			put(r, base, i,
			    cmd_sync_msi(next, EN | ((i + (n == 2) + 1) & 15)));
	}
	rig_w32(r, AT(0) + PROD, EN | 1);
	while (steps < 3 && dmasim_run_one(r->k) == DMASIM_OK)
		steps++;
	for (unsigned n = 0; n < 3; n++)
		rig_w32(r, AT(n) + PROD, 0);
	rig_settle(r);
	assert_in_range(rig_count(r, DMASIM_CAUSE_CMDQ), 9, RIG_LOG);
}

/* The Secure ones: Secure commands, accesses and errors. */
RIG_TEST(secure_queues, ECMDQS)
{
	uint64_t base;

	rig_w32(r, SECURE_AT + PROD, EN);
	assert_int_equal(rig_r32(r, SECURE_AT + CONS), 0);
	rig_secure(r, true);
	assert_int_equal(rig_r32(r, SECURE_AT + PROD), 0);
	rig_w32(r, S(IRQ_CTRL), 5);
	base = setup(r, SECURE_AT);
	put(r, base, 0, cmd_tlbi(0x18, 0, 0, 0));
	put(r, base, 1, cmd_sync_msi(RIG_MSI, 0x77));
	rig_w32(r, SECURE_AT + PROD, EN | 2);
	assert_int_equal(rig_r32(r, SECURE_AT + CONS), ENACK | 2);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_CMDQ)->flags &
	                         DMASIM_TXN_SECURE,
	                 DMASIM_TXN_SECURE);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_MSI)->flags &
	                         DMASIM_TXN_SECURE,
	                 DMASIM_TXN_SECURE);
	assert_int_equal(line(r, 86), 1);
	assert_int_equal(SYNCS(r), 0);
	put(r, base, 2, (struct tables_cmd){0xff, 0});
	rig_w32(r, SECURE_AT + PROD, EN | 3);
	assert_int_equal(rig_r32(r, SECURE_AT + CONS), ENACK | ILL | ERR | 2);
	assert_int_equal(rig_r32(r, S(GERROR)), CMDQP);
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_int_equal(line(r, 87), 1);
}

/* ---- state ---- */

static size_t save(struct rig *r, uint8_t *copy, size_t max)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_true(size <= max);
	memcpy(copy, data, size);
	dmasim_writer_destroy(w);
	return size;
}

static int restore(struct rig *r, const uint8_t *data, size_t size)
{
	struct dmasim_reader *rd;
	int status;

	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	status = dmasim_smmu_restore(r->smmu, rd);
	dmasim_reader_destroy(rd);
	return status;
}

RIG_TEST(saved_and_restored, ECMDQS)
{
	static uint8_t blob[1 << 18];
	uint64_t base = setup(r, AT(6));
	size_t size;

	put(r, base, 0, (struct tables_cmd){0xff, 0});
	rig_w32(r, AT(6) + PROD, EN | 1);
	size = save(r, blob, sizeof(blob));
	rig_w32(r, AT(6) + PROD, 0);
	rig_w64(r, AT(6), 0);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	assert_int_equal(rig_r64(r, AT(6)), base | LOG2);
	assert_int_equal(rig_r32(r, AT(6) + PROD), EN | 1);
	assert_int_equal(rig_r32(r, AT(6) + CONS), ENACK | ILL | ERR);
	/* It guards CR1 as before, and goes on. */
	put(r, base, 0, cmd_sync(1));
	rig_w32(r, AT(6) + PROD, EN | ERRACK | 1);
	assert_int_equal(SYNCS(r), 1);
	rig_w32(r, CR0, 0);
	rig_w32(r, CR1, 0);
	assert_int_equal(rig_r32(r, CR1), 0x35);
}

/* Nothing is saved while a queue waits for memory. */
RIG_TEST(not_saved_while_reading, ECMDQS)
{
	uint64_t base = setup(r, AT(7));
	struct dmasim_writer *w;

	put(r, base, 0, cmd_sync(0));
	r->pend = true;
	rig_w32(r, AT(7) + PROD, EN | 1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	assert_int_equal(dmasim_smmu_reset(r->smmu), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	rig_settle(r);
	assert_int_equal(dmasim_smmu_reset(r->smmu), DMASIM_OK);
	assert_int_equal(rig_r64(r, AT(7)), 0);
	assert_int_equal(rig_r32(r, AT(7) + PROD), 0);
}

/* Any byte of it may be anything. */
RIG_TEST(hostile_state, ECMDQS)
{
	static uint8_t blob[1 << 18], copy[1 << 18];
	uint64_t base = setup(r, AT(0));
	unsigned taken = 0, refused = 0;
	size_t size, at;

	/* Where the first queue is: its base is nowhere else. */
	rig_w32(r, AT(0) + PROD, 0);
	rig_w64(r, AT(0), 0x123456789ab40 | LOG2);
	rig_w64(r, AT(0), (base & ~0xffffull) | 0xabc0 | LOG2);
	size = save(r, blob, sizeof(blob));
	for (at = 0; at + 8 <= size; at++)
		if (blob[at] == (0xc0 | LOG2) && blob[at + 1] == 0xab)
			break;
	assert_true(at + 8 <= size);
	/* The number of queues is in front. */
	for (size_t i = at - 5; i < at + 3 * 17; i++) {
		memcpy(copy, blob, size);
		copy[i] ^= 0xff;
		if (restore(r, copy, size) == DMASIM_OK)
			taken++;
		else
			refused++;
		put(r, base, 0, cmd_sync(0));
		rig_w32(r, AT(0) + PROD, EN);
		rig_w32(r, AT(0) + PROD, 0);
	}
	assert_true(taken > 10);
	assert_true(refused > 20);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_they_are),
        cmocka_unit_test(registers),
        cmocka_unit_test(absent_without_the_feature),
        cmocka_unit_test(each_runs_by_itself),
        cmocka_unit_test(on_and_off),
        cmocka_unit_test(off_waits_for_the_command),
        cmocka_unit_test(errors),
        cmocka_unit_test(independent_of_the_command_queue),
        cmocka_unit_test(aborted_message),
        cmocka_unit_test(event_when_there_is_room),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(more_than_there_is_room_for),
        cmocka_unit_test(off_while_a_sync_waits),
        cmocka_unit_test(queues_that_feed_one_another),
        cmocka_unit_test(secure_queues),
        cmocka_unit_test(saved_and_restored),
        cmocka_unit_test(not_saved_while_reading),
        cmocka_unit_test(hostile_state),
};

CHECK_MAIN(tests)
