/* SPDX-License-Identifier: MIT */
/* Records of every type, merging, hints, and what CMD_SYNC says of records. */
#include "clients.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define MEV (1ull << 19)

/* ---- layouts ---- */

struct layout {
	uint8_t type;
	uint64_t d0, d1, d2, d3;
};

/* Every field is given; a type has those that 7.3 gives it. */
static void check_layout(const struct layout *l, bool stage2)
{
	static struct smmu_profile profile;
	static struct dmasim_smmu smmu = {.profile = &profile};
	struct smmu_bank bank = {.smmu = &smmu};
	const struct smmu_event e = {
	        .type = l->type,
	        .class = EVT_CLASS_TT,
	        .sid = 0x89abcdef,
	        .ssid = 0x76543,
	        .ssv = true,
	        .rnw = true,
	        .pnu = true,
	        .ind = true,
	        .s2 = stage2,
	        .ttrnw = true,
	        .nsipa = true,
	        .stall = true,
	        .stag = 0x1234,
	        .reason = 0x4321,
	        .perm = SMMU_PERM_PW | SMMU_PERM_UR | SMMU_PERM_PX,
	        .span = 0x0b,
	        .input = 0xfedcba9876543210,
	        .ipa = 0xff23456789abcdef,
	        .fetch = 0xffdcba9876543217,
	};
	uint64_t record[4];

	smmu_build_record(&bank, &e, record);
	if (record[0] != l->d0 || record[1] != l->d1 || record[2] != l->d2 ||
	    record[3] != l->d3)
		fail_msg("type 0x%x: %016llx %016llx %016llx %016llx", l->type,
		         (unsigned long long)record[0],
		         (unsigned long long)record[1],
		         (unsigned long long)record[2],
		         (unsigned long long)record[3]);
}

#define S0     0x89abcdef00000000ull
#define SS     0x0000000076543800ull
#define INPUT  0xfedcba9876543210ull
#define FETCH  0x00dcba9876543210ull
#define IPA    0x0023456789abc000ull
#define REASON 0x4321ull
#define ACCESS (7ull << 33)
#define S2     (3ull << 38)
#define STALL  (1ull << 31 | 0x1234)

static void layouts_of_stage_1(void **state)
{
	static const struct layout l[] = {
	        {0x01, S0 | SS | 0x01, ACCESS | REASON, INPUT, 0},
	        {0x02, S0 | SS | 0x02, 0, 0, 0},
	        {0x03, S0 | SS | 0x03, REASON, 0, FETCH},
	        {0x04, S0 | SS | 0x04, 0, 0, 0},
	        {0x05, S0 | SS | 0x05, 0xf000000b, INPUT & ~0xfffull, 0},
	        {0x06, S0 | 0x06, 0, 0, 0},
	        {0x07, S0 | 0x07, EV_READ, INPUT, 0},
	        {0x08, S0 | 0x76543008, 0, 0, 0},
	        {0x09, S0 | SS | 0x09, REASON, 0, FETCH},
	        {0x0a, S0 | SS | 0x0a, 0, 0, 0},
	        {0x0b, S0 | SS | 0x0b, ACCESS | EV_TT | REASON, INPUT, FETCH},
	        {0x10, S0 | SS | 0x10, ACCESS | EV_TT | STALL, INPUT, 0},
	        {0x11, S0 | SS | 0x11, ACCESS | EV_TT | STALL, INPUT, 0},
	        {0x12, S0 | SS | 0x12, ACCESS | EV_TT | STALL, INPUT, 0},
	        {0x13, S0 | SS | 0x13, ACCESS | EV_TT | STALL, INPUT, 0},
	        {0x20, S0 | SS | 0x20, ACCESS | REASON, INPUT, 0},
	        {0x21, S0 | SS | 0x21, REASON, 0, 0},
	        {0x24, S0 | SS | 0x24,
	         0x0bull << 44 | 1ull << 38 | 1ull << 37 | 1ull << 35,
	         INPUT & ~0xfffull, 0},
	        {0x25, S0 | SS | 0x25, REASON, 0, FETCH},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(l) / sizeof(*l); i++)
		check_layout(&l[i], false);
}

/* S2, NSIPA, IPA, TTRnW. */
static void layouts_of_stage_2(void **state)
{
	static const struct layout l[] = {
	        {0x0b, S0 | SS | 0x0b, ACCESS | S2 | EV_TT | REASON, INPUT,
	         FETCH},
	        {0x10, S0 | SS | 0x10, ACCESS | S2 | EV_TT | STALL, INPUT, IPA},
	        {0x11, S0 | SS | 0x11, ACCESS | S2 | EV_TT | STALL, INPUT, IPA},
	        {0x12, S0 | SS | 0x12, ACCESS | S2 | EV_TT | STALL, INPUT, IPA},
	        {0x13, S0 | SS | 0x13, ACCESS | S2 | EV_TT | STALL | 1ull << 44,
	         INPUT, IPA},
	        {0x20, S0 | SS | 0x20, ACCESS | S2 | REASON, INPUT, IPA},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(l) / sizeof(*l); i++)
		check_layout(&l[i], true);
}

/* ---- F_UUT ---- */

/* The attributes are those that came in: STE.PRIVCFG does not count. */
RIG_TEST(unsupported_transactions, 0)
{
	struct tables_half h;
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = SID,
	                       .addr = UINT64_MAX - 1,
	                       .size = 4,
	                       .flags = DMASIM_TXN_SSV | DMASIM_TXN_INSTRUCTION,
	                       .substream_id = 9,
	                       .data = r->buf};

	rig_stream(r, SID, 1, &h);
	rig_ste_word(r, SID, 1, 0, 3ull << 48); /* privileged */
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	rig_expect(r, EV(1, SID) | 1 << 11 | 9 << 12, EV_READ | EV_IND | 1,
	           UINT64_MAX - 1, 0);
	/* 7.3.2: with SMMUEN = 0 as well. */
	rig_w32(r, CR0, EN_EVENTQ);
	t.op = DMASIM_WRITE;
	t.flags = DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	rig_expect(r, EV(1, SID), EV_PNU | 1, UINT64_MAX - 1, 0);
	/* A look leaves nothing. */
	t.flags = DMASIM_TXN_DEBUG;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

RIG_TEST(an_atomic_across_pages, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &h, VA + 0x1000, PA + 0x1000, 3, LEAF_RW);
	assert_int_equal(rig_dma(r, DMASIM_ATOMIC_SWAP, SID, VA + 0xffe, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, EV(1, SID), 2, VA + 0xffe, 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 0);
}

/* ---- E_PAGE_REQUEST ---- */

RIG_TEST(page_hints, 0)
{
	struct dmasim_smmu_page_hint hint = {
	        .stream_id = SID,
	        .substream_id = 3,
	        .flags = DMASIM_TXN_SSV,
	        .addr = VA + 0x123,
	        .pages = 255,
	        .access = DMASIM_SMMU_HINT_UR | DMASIM_SMMU_HINT_UW,
	};

	assert_int_equal(dmasim_smmu_page_hint(r->smmu, &hint), DMASIM_OK);
	rig_expect(r, EV(0x24, SID) | 1 << 11 | 3 << 12,
	           255ull << 44 | 1ull << 35 | 1ull << 34, VA, 0);
	hint.access = DMASIM_SMMU_HINT_PX;
	hint.flags = 0;
	hint.pages = 1;
	assert_int_equal(dmasim_smmu_page_hint(r->smmu, &hint), DMASIM_OK);
	rig_expect(r, EV(0x24, SID), 1ull << 44 | 1ull << 37, VA, 0);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(dmasim_smmu_page_hint(r->smmu, &hint), DMASIM_OK);
	rig_expect_none(r);
}

RIG_TEST(page_hints_that_cannot_be, 0)
{
	const struct dmasim_smmu_page_hint bad[] = {
	        {.stream_id = SID, .access = 1},
	        {.stream_id = SID, .pages = 1, .access = 0x40},
	        {.stream_id = SID, .pages = 1, .flags = DMASIM_TXN_DEBUG},
	        {.stream_id = SID, .pages = 1, .substream_id = 0x100000},
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(dmasim_smmu_page_hint(r->smmu, &bad[i]),
		                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_page_hint(r->smmu, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_page_hint(NULL, &bad[0]), DMASIM_E_INVAL);
	rig_expect_none(r);
}

/* ---- merging ---- */

static uint32_t merge(void *ctx, const struct dmasim_choice_query *q)
{
	unsigned *asked = ctx;

	if (q->point != DMASIM_CHOICE_EVENT_MERGE)
		return q->preferred;
	assert_int_equal(q->alternatives, 2);
	assert_int_equal(q->preferred, 0);
	(*asked)++;
	return 1;
}

/* An SMMU that merges wherever it may; *asked counts how often. */
static void merging(struct rig *r, void (*body)(struct rig *r),
                    const struct rig_options *o, unsigned *asked)
{
	const struct dmasim_choice_config cfg = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = merge, .fn_ctx = asked};
	struct rig_options mine = *o;

	assert_int_equal(dmasim_choice_create(&cfg, &mine.choice), DMASIM_OK);
	rig_open(r, &mine);
	body(r);
	rig_close(r);
	dmasim_choice_destroy(mine.choice);
}

static unsigned queued(struct rig *r)
{
	return rig_r32(r, EVENTQ_PROD) & 0xfffff;
}

static void fault_at(struct rig *r, uint64_t va, enum dmasim_op op)
{
	assert_int_equal(rig_dma(r, op, SID, va, 4), DMASIM_TXN_ABORT);
}

static void merges_alike(struct rig *r)
{
	struct dmasim_smmu_stats st;
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	rig_ste_word(r, SID, 1, 0, MEV);
	fault_at(r, VA, DMASIM_READ);
	fault_at(r, VA + 4, DMASIM_READ); /* the low bits do not count */
	assert_int_equal(queued(r), 1);
	fault_at(r, VA + 0x1000, DMASIM_READ);
	assert_int_equal(queued(r), 2);
	fault_at(r, VA + 0x1000, DMASIM_WRITE);
	assert_int_equal(queued(r), 3);
	/* With the newest one only. */
	fault_at(r, VA, DMASIM_READ);
	assert_int_equal(queued(r), 4);
	fault_at(r, VA, DMASIM_READ);
	assert_int_equal(queued(r), 4);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.records_merged, 2);
	assert_int_equal(st.records, 4);
}

static void not_what_was_consumed(struct rig *r)
{
	struct tables_half h;
	uint64_t record[4];

	rig_stream(r, SID, 1, &h);
	rig_ste_word(r, SID, 1, 0, MEV);
	fault_at(r, VA, DMASIM_READ);
	assert_true(rig_event(r, record));
	fault_at(r, VA, DMASIM_READ);
	assert_true(rig_event(r, record));
	fault_at(r, VA, DMASIM_READ);
	/* Nor what is long ago. */
	assert_int_equal(
	        dmasim_run_until(r->k, dmasim_now(r->k) + 2 * DMASIM_US),
	        DMASIM_OK);
	fault_at(r, VA, DMASIM_READ);
	assert_int_equal(queued(r), 4);
}

static void not_what_was_lost(struct rig *r)
{
	struct tables_half h;
	uint64_t record[4];

	rig_stream(r, SID, 1, &h);
	rig_ste_word(r, SID, 1, 0, MEV);
	fault_at(r, VA, DMASIM_READ);
	fault_at(r, VA + 0x1000, DMASIM_READ);
	fault_at(r, VA + 0x2000, DMASIM_READ); /* lost */
	assert_true(rig_event(r, record));
	fault_at(r, VA + 0x2000, DMASIM_READ);
	assert_int_equal(queued(r), 3);
}

static void not_without_mev(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	fault_at(r, VA, DMASIM_READ);
	fault_at(r, VA, DMASIM_READ);
	assert_int_equal(queued(r), 2);
}

static void four_types_always(struct rig *r)
{
	struct tables_half h;
	uint64_t ste;

	rig_dma(r, DMASIM_READ, 300, VA, 4);
	rig_dma(r, DMASIM_READ, 300, VA, 4);
	assert_int_equal(queued(r), 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(queued(r), 2);
	rig_stream(r, SID, 1, &h);
	ste = tables_ste(&r->t, &r->streams, SID);
	r->refuse_from = ste;
	r->refuse_to = ste + 64;
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(queued(r), 3);
	rig_dma(r, DMASIM_READ, SID, UINT64_MAX, 4);
	rig_dma(r, DMASIM_READ, SID, UINT64_MAX, 4);
	assert_int_equal(queued(r), 4);
	/* F_UUT counts all bits of the address. */
	rig_dma(r, DMASIM_READ, SID, UINT64_MAX - 1, 4);
	assert_int_equal(queued(r), 5);
	/* F_STREAM_DISABLED is none of them. */
	r->refuse_to = 0;
	rig_ste_word(r, SID, 0, 0, 1ull << 59);
	rig_ste_word(r, SID, 1, 3, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(queued(r), 7);
}

/* 7.3.1: never with Stall = 1. */
static void never_stalls(struct rig *r)
{
	static struct clients cs;
	struct tables_half h;
	uint64_t cd;

	clients_open(&cs, r, "clients");
	cd = rig_stream(r, SID, 1, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 44);
	rig_ste_word(r, SID, 1, 0, MEV);
	for (unsigned i = 0; i < 3; i++)
		client_access(&cs, i, DMASIM_READ, SID, VA, 4);
	assert_int_equal(queued(r), 3);
	/* Nor with one that stalls. */
	fault_at(r, VA, DMASIM_READ);
	assert_int_equal(queued(r), 4);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	clients_close(&cs);
}

#define MERGE_TEST(name, body, times, ...)                                     \
	static void name(void **state)                                         \
	{                                                                      \
		static struct rig rig;                                         \
		const struct rig_options o = {__VA_ARGS__};                    \
		unsigned asked = 0;                                            \
                                                                               \
		(void)state;                                                   \
		merging(&rig, body, &o, &asked);                               \
		assert_int_equal(asked, times);                                \
	}

MERGE_TEST(events_alike_are_merged, merges_alike, 2, 0)
MERGE_TEST(consumed_records_are_not_merged_with, not_what_was_consumed, 0, 0)
MERGE_TEST(lost_records_are_not_merged_with, not_what_was_lost, 0,
           .queue_log2 = 1)
MERGE_TEST(mev_permits_merging, not_without_mev, 0, 0)
MERGE_TEST(these_types_may_always_be_merged, four_types_always, 4, 0)
MERGE_TEST(stalls_are_never_merged, never_stalls, 0, STALL_IDS)

RIG_TEST(nothing_is_merged_by_default, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	rig_ste_word(r, SID, 1, 0, MEV);
	fault_at(r, VA, DMASIM_READ);
	fault_at(r, VA, DMASIM_READ);
	assert_int_equal(queued(r), 2);
}

/* ---- CMD_SYNC (4.7.3) ---- */

static void queue_sync(struct rig *r, uint32_t at, struct tables_cmd c)
{
	tables_set(&r->t, r->cmdq + 16ull * at, c.d0);
	tables_set(&r->t, r->cmdq + 16ull * at + 8, c.d1);
	rig_w32(r, CMDQ_PROD, at + 1);
}

/* So many accesses fault, and memory takes its time with their records. */
static void records_wait(struct rig *r, unsigned n)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 300,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};

	r->pend_causes = 1u << DMASIM_CAUSE_EVTQ;
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(dmasim_access(&r->client, &t),
		                 DMASIM_TXN_ABORT);
}

/* Records of what was terminated before are there when it is done. */
RIG_TEST(sync_waits_for_records, .pend = true)
{
	records_wait(r, 3);
	queue_sync(r, 0, cmd_sync_msi(RIG_MSI, 0x77));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rig_r32(r, CMDQ_CONS), 0);
		assert_int_equal(rig_r32(r, EVENTQ_PROD), i);
		assert_int_equal(tables_get(&r->t, RIG_MSI), 0);
		/* The access, and its completion. */
		assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
		assert_int_equal(dmasim_run_one(r->k), DMASIM_OK);
		/* One later is none of its business. */
		records_wait(r, 1);
	}
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 3);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x77);
	rig_settle(r);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 6);
}

/* Nothing after it runs before. */
RIG_TEST(commands_wait_for_the_sync, .pend = true)
{
	records_wait(r, 1);
	queue_sync(r, 0, cmd_sync(0));
	queue_sync(r, 1, (struct tables_cmd){0xff, 0});
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24 | 1);
	assert_int_equal(rig_r32(r, GERROR), 1);
}

/* 6.3.9.3: with CMDQEN = 0 the SYNC has not been consumed. */
RIG_TEST(a_sync_that_waits_can_be_taken_back, .pend = true)
{
	records_wait(r, 1);
	queue_sync(r, 0, cmd_sync(0));
	rig_w32(r, CR0, EN_SMMU | EN_EVENTQ);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
}

/* A transaction that is on its way with a translation that was invalidated
 * since. */
RIG_TEST(sync_waits_for_transactions, .pend = true)
{
	static struct clients cs;
	struct tables_half h;
	uint8_t *data = cs.c[0].data;
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 4};

	clients_open(&cs, r, "clients");
	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	client_access(&cs, 0, DMASIM_READ, SID, VA, 4);
	r->pend_causes = 1u << DMASIM_CAUSE_DMA;
	memset(data, 0x5a, 4);
	t.data = data;
	t.done = (struct dmasim_call){cs.actor, 7, 0};
	/* Twice: by the long way and by the short one. */
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(dmasim_access(&r->client, &t),
		                 DMASIM_TXN_PENDING);
		/* Nothing was invalidated. */
		queue_sync(r, 3 * i, cmd_sync(0));
		assert_int_equal(rig_r32(r, CMDQ_CONS), 3 * i + 1);
		queue_sync(r, 3 * i + 1, cmd_tlbi(0x30, 0, 0, 0));
		queue_sync(r, 3 * i + 2, cmd_sync(0));
		assert_int_equal(rig_r32(r, CMDQ_CONS), 3 * i + 2);
		rig_settle(r);
		assert_int_equal(rig_r32(r, CMDQ_CONS), 3 * i + 3);
	}
	assert_int_equal(tables_get(&r->t, PA) & UINT32_MAX, 0x5a5a5a5a);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_of_stage_1),
        cmocka_unit_test(layouts_of_stage_2),
        cmocka_unit_test(unsupported_transactions),
        cmocka_unit_test(an_atomic_across_pages),
        cmocka_unit_test(page_hints),
        cmocka_unit_test(page_hints_that_cannot_be),
        cmocka_unit_test(events_alike_are_merged),
        cmocka_unit_test(consumed_records_are_not_merged_with),
        cmocka_unit_test(lost_records_are_not_merged_with),
        cmocka_unit_test(mev_permits_merging),
        cmocka_unit_test(these_types_may_always_be_merged),
        cmocka_unit_test(stalls_are_never_merged),
        cmocka_unit_test(nothing_is_merged_by_default),
        cmocka_unit_test(sync_waits_for_records),
        cmocka_unit_test(commands_wait_for_the_sync),
        cmocka_unit_test(a_sync_that_waits_can_be_taken_back),
        cmocka_unit_test(sync_waits_for_transactions),
};

CHECK_MAIN(tests)
