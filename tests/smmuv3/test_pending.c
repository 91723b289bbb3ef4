/* SPDX-License-Identifier: MIT */
/*
 * Every access of the SMMU, and every one that comes out of it, may be PENDING:
 * the results are the same as without, whatever happens in between.
 */
#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

static struct tables_half setup(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	for (unsigned i = 0; i < 4; i++)
		tables_map(&r->t, &h, VA + 0x1000 * i, PA + 0x2000 * i, 3,
		           LEAF_RW);
	return h;
}

/* A transaction that is begun and not waited for. */
static void begin(struct rig *r, struct dmasim_txn *t, uint64_t va,
                  uint32_t size)
{
	*t = (struct dmasim_txn){
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .stream_id = SID,
	        .addr = va,
	        .size = size,
	        .data = r->buf,
	        .done = {r->actor, RIG_NOBODY, 0},
	};
	assert_int_equal(dmasim_access(&r->client, t), DMASIM_TXN_PENDING);
}

/* ---- the same results ---- */

static void scenario(struct rig *r)
{
	struct tables_half h = setup(r);
	uint64_t cd = tables_alloc(&r->t, 64, 64);

	memcpy(r->buf, "dmasim!!", 8);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA + 0xffc, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(tables_get(&r->t, PA + 0xff8) >> 32, 0x73616d64);
	assert_int_equal(tables_get(&r->t, PA + 0x2000) & UINT32_MAX,
	                 0x21216d69);
	memset(r->buf, 0, 8);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0xffc, 8),
	                 DMASIM_TXN_OK);
	assert_memory_equal(r->buf, "dmasim!!", 8);
	/* A fault on the second page, and aborts at each kind of read. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x3ffc, 8),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA + 0x4000, 0);
	assert_int_equal(rig_dma(r, DMASIM_READ, 300, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, EV(2, 300), 0, 0, 0);
	tables_ste_stage1(&r->t, &r->streams, SID + 1, RIG_HOLE);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID + 1, VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(9, SID + 1), 0, 0, RIG_HOLE);
	h.ttb = RIG_HOLE;
	tables_cd(&r->t, cd, &h, NULL, 2);
	tables_ste_stage1(&r->t, &r->streams, SID + 2, cd);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID + 2, VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x0b, SID + 2), EV_TT | EV_READ, VA, RIG_HOLE);
	/* An access that fails downstream. */
	r->refuse_from = PA;
	r->refuse_to = PA + 0x1000;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_SLAVE);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0xff8, 16),
	                 DMASIM_TXN_SLAVE);
	r->refuse_to = 0;
	/* Commands, their errors and messages. */
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	rig_cmd(r, cmd_sync_msi(RIG_MSI, 77));
	assert_int_equal(tables_get(&r->t, RIG_MSI), 77);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	rig_cmd(r, (struct tables_cmd){0xff, 0});
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1 << 24 | 2);
	assert_int_equal(rig_r32(r, GERROR), 1);
	rig_expect_none(r);
}

RIG_TEST(same_results_at_once, 0)
{
	scenario(r);
}

RIG_TEST(same_results_pending, .pend = true)
{
	scenario(r);
}

RIG_TEST(same_results_pending_downstream, .pend = true)
{
	r->pend_causes = 1u << DMASIM_CAUSE_DMA;
	scenario(r);
}

RIG_TEST(every_read_is_made_once, .pend = true)
{
	setup(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 1);
}

/* ---- many at a time ---- */

RIG_TEST(many_at_a_time, .pend = true)
{
	static struct dmasim_txn t[40];

	setup(r);
	for (unsigned i = 0; i < 40; i++)
		begin(r, &t[i], VA + 0x1000ull * (i % 4) + i, 4);
	rig_settle(r);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(t[i].result, DMASIM_TXN_OK);
		assert_int_equal(t[i].addr, VA + 0x1000ull * (i % 4) + i);
	}
	rig_expect_none(r);
}

/* ---- invalidation in between ---- */

static void step(struct rig *r, unsigned n)
{
	while (n--)
		assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
}

/* However far a translation has come, an invalidation that completes makes it
 * see what memory holds then. */
RIG_TEST(reads_begun_before_an_invalidation_are_dropped, .pend = true,
         .queue_log2 = 8)
{
	struct dmasim_txn t;
	unsigned steps = 0;

	for (;; steps++) {
		struct tables_half h = setup(r);

		rig_flush(r);
		begin(r, &t, VA, 4);
		step(r, steps);
		/* The translated access is on its way: too late. */
		if (t.addr != VA)
			break;
		tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
		/* A command that is there at once. */
		r->pend = false;
		tables_set(&r->t, r->cmdq + 16ull * rig_r32(r, CMDQ_PROD),
		           0x30);
		rig_w32(r, CMDQ_PROD, rig_r32(r, CMDQ_PROD) + 1);
		r->pend = true;
		rig_settle(r);
		assert_int_equal(t.result, DMASIM_TXN_OK);
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
		/* Nothing old has got into the TLB. */
		assert_int_equal(rig_pa(r, SID, VA), NEW);
	}
	/* STE, CD and four descriptors: each is done, and told. */
	assert_int_equal(steps, 12);
	rig_settle(r);
}

/* ---- what a transaction looks like while it waits ---- */

RIG_TEST(no_state_is_saved_while_one_waits, .pend = true)
{
	struct dmasim_writer *w;
	struct dmasim_txn t;

	setup(r);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	begin(r, &t, VA, 4);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	rig_settle(r);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	dmasim_writer_destroy(w);
}

/* A master that cannot wait, over memory that lets it. */
RIG_TEST(a_target_sees_that_a_master_cannot_wait, 0)
{
	setup(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	r->pend = true;
	r->txn.done.actor = 0;
	assert_int_equal(dmasim_access(&r->client, &r->txn), DMASIM_TXN_OK);
}

RIG_TEST(a_lost_completion_is_named, .pend = true)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};

	setup(r);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_PENDING);
	rig_settle(r);
	assert_non_null(strstr(r->warnings, "lost-completion"));
}

/* A heap from anywhere may call for accesses that are not there. */
RIG_TEST(calls_for_nothing_are_ignored, .pend = true)
{
	static const uint64_t args[] = {0, 1, 2, 99, 1ull << 32, UINT64_MAX};
	struct dmasim_txn t;

	setup(r);
	begin(r, &t, VA, 4);
	for (uint32_t op = 0; op <= SMMU_CALL_ATC_FAILED + 1; op++)
		for (unsigned i = 0; i < sizeof(args) / sizeof(*args); i++) {
			uint64_t arg = args[i];
			struct dmasim_call call = {r->smmu->actor, op, arg};

			/* The one that is really waited for comes later. */
			if (op == SMMU_CALL_FETCH && arg == 0)
				continue;
			assert_int_equal(
			        dmasim_call_at(r->k, 0, 0, &call, NULL),
			        DMASIM_OK);
		}
	rig_settle(r);
	assert_int_equal(t.result, DMASIM_TXN_OK);
}

/* ---- odd transactions ---- */

RIG_TEST(barriers_pass, 0)
{
	struct dmasim_txn t = {.op = DMASIM_BARRIER, .stream_id = SID};

	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
}

RIG_TEST(empty_and_wrapping_transactions, 0)
{
	setup(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 0), DMASIM_TXN_SLAVE);
	rig_expect_none(r);
	/* F_UUT, with a reason of ours. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, UINT64_MAX - 3, 8),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(1, SID), EV_READ | 1, UINT64_MAX - 3, 0);
}

RIG_TEST(an_atomic_is_not_taken_apart, 0)
{
	setup(r);
	assert_int_equal(rig_dma(r, DMASIM_ATOMIC_ADD, SID, VA + 0xffc, 8),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(1, SID), 2, VA + 0xffc, 0);
}

RIG_TEST(pages_in_address_order, 0)
{
	setup(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0xf00, 0x2000),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 3);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x4000);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->size, 0xf00);
	/* The first fault ends it: what came before has happened. */
	r->logged = 0;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x3000, 0x1800),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 1);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA + 0x4000, 0);
}

RIG_TEST(debug_access_leaves_no_trace, 0)
{
	struct dmasim_smmu_stats st;
	struct tables_half h = setup(r);

	assert_int_equal(
	        rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_DEBUG),
	        DMASIM_TXN_OK);
	assert_int_equal(r->txn.latency, 0);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_STE)->flags,
	                 DMASIM_TXN_DEBUG);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, SID, VA + 0x8000,
	                               DMASIM_TXN_DEBUG),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.transactions + st.tlb_misses + st.walks +
	                         st.ste_fetches + st.cd_fetches,
	                 0);
	/* Nothing was cached: what changes is seen without invalidation. */
	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA), NEW);
	/* And a debug access sees what the caches hold. */
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_DEBUG);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.tlb_hits, 0);
}

RIG_TEST(debug_access_through_two_level_tables, .log2size = 12, .split = 8)
{
	setup(r);
	assert_int_equal(
	        rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_DEBUG),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	/* The level-1 descriptor was not cached either. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 4);
}

/* ---- several clients ---- */

RIG_TEST(streams_alternate_on_one_port, 0)
{
	struct tables_half h;

	setup(r);
	rig_stream(r, SID + 1, 2, &h);
	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(rig_pa(r, SID, VA), PA);
		assert_int_equal(rig_pa(r, SID + 1, VA), NEW);
	}
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 8);
}

RIG_TEST(two_ports_share_the_caches, 0)
{
	struct dmasim_port other = r->client;

	setup(r);
	assert_int_equal(dmasim_smmu_attach(r->smmu, &r->mem, &r->client),
	                 DMASIM_OK);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	r->client = other;
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4);
}

/* A device that is reached by its own DMA, and does it again. */
static enum dmasim_result again(void *obj, struct dmasim_txn *txn)
{
	struct rig *r = obj;
	struct dmasim_txn t = *txn;

	t.addr = VA;
	t.stream_id = SID;
	t.done.actor = 0;
	return dmasim_access(&r->client, &t);
}

static void accesses_that_cause_one_another_end(struct rig *r, bool cached)
{
	const struct dmasim_port loop = {again, r};
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	if (cached)
		assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_int_equal(dmasim_smmu_attach(r->smmu, &loop, &r->client),
	                 DMASIM_OK);
	if (!cached)
		tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	assert_non_null(strstr(r->warnings, "access-loop"));
	rig_expect_none(r);
}

RIG_TEST(loops_end, 0)
{
	accesses_that_cause_one_another_end(r, false);
}

RIG_TEST(loops_of_hits_end, 0)
{
	accesses_that_cause_one_another_end(r, true);
}

/* A device that is reached by a table walk, and walks the same way. */
static void walk_again(struct rig *r, const struct dmasim_txn *txn)
{
	uint8_t data[4];
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 4,
	                       .data = data};

	if (txn->cause != DMASIM_CAUSE_WALK)
		return;
	r->hook = NULL;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
}

/* 4.7.3: while a walk reads its last descriptor, a table above it is replaced
 * and the translation invalidated. What the walk finds must not be kept. */
static struct tables_half replaced;
static uint64_t other_table;

static void invalidate_meanwhile(struct rig *r, const struct dmasim_txn *txn)
{
	uint64_t at = tables_descriptor(&r->t, &replaced, VA, 3);

	if (txn->cause != DMASIM_CAUSE_WALK || txn->addr != at)
		return;
	r->hook = NULL;
	tables_set(&r->t, tables_descriptor(&r->t, &replaced, VA, 2),
	           other_table | 3);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	rig_cmd(r, cmd_sync(0));
}

RIG_TEST(an_invalidation_inside_a_walk_counts, 0)
{
	rig_stream(r, SID, 1, &replaced);
	tables_map(&r->t, &replaced, VA, RIG_DATA, 3, LEAF_RW);
	other_table = tables_alloc(&r->t, 4096, 4096);
	tables_set(&r->t, other_table + 8 * (VA >> 12 & 511),
	           (RIG_DATA + 0x1000) | LEAF_RW | 2);
	r->hook = invalidate_meanwhile;
	assert_int_equal(rig_pa(r, SID, VA), RIG_DATA);
	assert_null(r->hook);
	assert_int_equal(rig_pa(r, SID, VA), RIG_DATA + 0x1000);
}

/* The same for the table of STEs that an STE is read from. */
static void reconfigure_meanwhile(struct rig *r, const struct dmasim_txn *txn)
{
	uint64_t l1std = r->streams.base + 8 * (SID >> 6);

	if (txn->cause != DMASIM_CAUSE_STE || txn->size != 64)
		return;
	r->hook = NULL;
	tables_set(&r->t, l1std, other_table | 7);
	rig_cmd(r, cmd_cfgi_ste(SID, false));
	rig_cmd(r, cmd_sync(0));
}

RIG_TEST(an_invalidation_inside_a_fetch_counts, .split = 6)
{
	rig_stream(r, SID, 1, &replaced);
	tables_map(&r->t, &replaced, VA, RIG_DATA, 3, LEAF_RW);
	rig_flush(r);
	/* There the stream is bypassed. */
	other_table = tables_alloc(&r->t, 4096, 4096);
	tables_set(&r->t, other_table + 64 * (SID & 63), 9);
	r->hook = reconfigure_meanwhile;
	assert_int_equal(rig_pa(r, SID, VA), RIG_DATA);
	assert_null(r->hook);
	assert_int_equal(rig_pa(r, SID, RIG_DATA + 8), RIG_DATA + 8);
}

RIG_TEST(a_walk_inside_a_walk_leaves_one_entry, 0)
{
	struct tables_half h = setup(r);

	r->hook = walk_again;
	assert_int_equal(rig_pa(r, SID, VA), PA);
	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	assert_int_equal(rig_pa(r, SID, VA), NEW);
}

/* Maintenance has no data, whether it passes, in parts, or ends as RAZ/WI. */
RIG_TEST(maintenance_has_no_data, .idr_clear = {1u << 26})
{
	struct dmasim_txn t = {
	        .op = DMASIM_CLEAN,
	        .cause = DMASIM_CAUSE_DMA,
	        .stream_id = SID,
	        .addr = VA + 0xff0,
	        .size = 0x20,
	};
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	/* CD.A = 0. */
	tables_set(&r->t, cd, tables_get(&r->t, cd) & ~(1ull << 46));
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, VA + 0x1000, NEW, 3, LEAF_RW);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 2);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
	assert_null(t.data);
	rig_expect_none(r);
	/* The second part finds nothing. */
	t.addr += 0x1000;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 3);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA + 0x2000, 0);
	assert_null(t.data);
}

/* ---- findings ---- */

RIG_TEST(a_physical_address_where_there_is_translation, 0)
{
	setup(r);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
	assert_int_equal(dmasim_finding_get(r->checker, 0)->kind,
	                 DMASIM_UNTRANSLATED);
	assert_int_equal(dmasim_finding_get(r->checker, 0)->addr, RIG_DATA);
}

RIG_TEST(an_unmapped_iova_is_no_finding, 0)
{
	setup(r);
	rig_dma(r, DMASIM_READ, SID, 0x7000000, 4);
	assert_int_equal(dmasim_finding_count(r->checker), 0);
}

RIG_TEST(an_iova_where_there_is_none, 0)
{
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(dmasim_note_map(r->checker, SID, RIG_DATA + 0x100000,
	                                 RIG_DATA, 0x1000),
	                 DMASIM_OK);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA + 0x100010, 4);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
	assert_int_equal(dmasim_finding_get(r->checker, 0)->kind,
	                 DMASIM_UNTRANSLATED);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_results_at_once),
        cmocka_unit_test(same_results_pending),
        cmocka_unit_test(same_results_pending_downstream),
        cmocka_unit_test(every_read_is_made_once),
        cmocka_unit_test(many_at_a_time),
        cmocka_unit_test(reads_begun_before_an_invalidation_are_dropped),
        cmocka_unit_test(no_state_is_saved_while_one_waits),
        cmocka_unit_test(a_target_sees_that_a_master_cannot_wait),
        cmocka_unit_test(a_lost_completion_is_named),
        cmocka_unit_test(calls_for_nothing_are_ignored),
        cmocka_unit_test(barriers_pass),
        cmocka_unit_test(empty_and_wrapping_transactions),
        cmocka_unit_test(an_atomic_is_not_taken_apart),
        cmocka_unit_test(pages_in_address_order),
        cmocka_unit_test(debug_access_leaves_no_trace),
        cmocka_unit_test(debug_access_through_two_level_tables),
        cmocka_unit_test(streams_alternate_on_one_port),
        cmocka_unit_test(two_ports_share_the_caches),
        cmocka_unit_test(loops_end),
        cmocka_unit_test(loops_of_hits_end),
        cmocka_unit_test(a_walk_inside_a_walk_leaves_one_entry),
        cmocka_unit_test(an_invalidation_inside_a_walk_counts),
        cmocka_unit_test(an_invalidation_inside_a_fetch_counts),
        cmocka_unit_test(maintenance_has_no_data),
        cmocka_unit_test(a_physical_address_where_there_is_translation),
        cmocka_unit_test(an_unmapped_iova_is_no_finding),
        cmocka_unit_test(an_iova_where_there_is_none),
};

CHECK_MAIN(tests)
