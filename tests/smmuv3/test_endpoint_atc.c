/* SPDX-License-Identifier: MIT */
/* The test endpoint with its translation cache behind the SMMU. */
#include "rig.h"

#include <stdlib.h>

#include "dmasim/pci.h"
#include "dmasim/smmu_ats.h"

#define ECAM 0x4010000000ull
#define BAR  0x10000000ull
#define BDF  DMASIM_PCI_BDF(0, 1, 0)
#define SID  ((uint32_t)BDF)
#define VA   0x12345000ull
#define PA   (RIG_DATA + 0x7000)

enum {
	TRIGGER = 0x00,
	IOVA = 0x04,
	LENGTH = 0x0c,
	RESULT = 0x10,
	DOORBELL = 0x14,
	PHYS = 0x1c,
	OP = 0x40,
	FLAGS = 0x44,
	SUBSTREAM = 0x4c,
	BUS_RESULT = 0x54,
	LATENCY = 0x58,
	STATUS = 0x60,
	CTRL = 0x64,
	ENTRY = 0x68,
	COUNT = 0x70,
	INVALIDATED = 0x74,
	PAGE_REQUESTS = 0x78,
	PAGE_RESPONSE = 0x7c,
	DATA = 0x1000,
};

#define READ       1u
#define WRITE      2u
#define ATOMIC_ADD 4u
#define SSV        0x08u
#define PRIV       0x01u
#define EXEC       0x02u
#define ATS        0x40u
#define PRI        0x80u

#define RUNNING 0xfffffffeu
#define REFUSED 0xdead0003u /* a read */
#define NO      0xdead0002u /* a write */

enum { NONE, HIT, GRANTED, DENIED, UNSUPPORTED, ABORTED, PAGE_FAILED };

struct bench {
	struct rig *r;
	struct dmasim_pci_host *host;
	struct dmasim_testdev *t;
	struct tables_half h;
	uint64_t cd, priq;
};

static void mmio(struct bench *b, enum dmasim_op op, uint64_t addr,
                 uint32_t size, uint32_t *v)
{
	struct dmasim_port map = dmasim_map_port(b->r->map);
	uint8_t d[4] = {(uint8_t)*v, (uint8_t)(*v >> 8), (uint8_t)(*v >> 16),
	                (uint8_t)(*v >> 24)};
	struct dmasim_txn t = {.op = op,
	                       .addr = addr,
	                       .size = size,
	                       .attr = dmasim_attr_device,
	                       .data = d};

	assert_int_equal(dmasim_access(&map, &t), DMASIM_TXN_OK);
	*v = (uint32_t)d[0] | (uint32_t)d[1] << 8 | (uint32_t)d[2] << 16 |
	     (uint32_t)d[3] << 24;
}

static uint32_t get(struct bench *b, uint32_t reg)
{
	uint32_t v = 0;

	mmio(b, DMASIM_READ, BAR + reg, 4, &v);
	return v;
}

static void set(struct bench *b, uint32_t reg, uint32_t v)
{
	mmio(b, DMASIM_WRITE, BAR + reg, 4, &v);
}

static void config(struct bench *b, uint32_t offset, uint32_t size, uint32_t v)
{
	mmio(b, DMASIM_WRITE, ECAM + ((uint64_t)BDF << 12) + offset, size, &v);
}

static void open_bench(struct bench *b, struct rig *r)
{
	const struct dmasim_pci_host_config hc = {
	        .kernel = r->k,
	        .name = "pcie",
	        .map = r->map,
	        .ecam_base = ECAM,
	        .ecam_size = 0x100000,
	        .mem32 = {BAR, BAR, 0x100000},
	};
	struct dmasim_testdev_config tc = {
	        .kernel = r->k,
	        .bdf = BDF,
	        .dma = r->client,
	        .physical = dmasim_map_port(r->map),
	};
	struct dmasim_smmu_ats_config ac = {
	        .first_sid = SID, .last_sid = SID, .timeout = DMASIM_MS};
	struct dmasim_ats_host host;

	memset(b, 0, sizeof(*b));
	b->r = r;
	assert_int_equal(dmasim_pci_host_create(&hc, &b->host), DMASIM_OK);
	tc.host = b->host;
	assert_int_equal(dmasim_testdev_create(&tc, &b->t), DMASIM_OK);
	ac.endpoint = dmasim_testdev_ats(b->t);
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &ac, &host),
	                 DMASIM_OK);
	dmasim_testdev_set_ats_host(b->t, &host);
	config(b, 0x10, 4, (uint32_t)BAR);
	config(b, 0x04, 2, 6);
	b->cd = rig_stream(r, SID, 1, &b->h);
	rig_ste_word(r, SID, 1, 0, 1ull << 28);
	b->priq = tables_alloc(&r->t, 256, 256);
	rig_w64(r, PRIQ_BASE, b->priq | 4);
	rig_w32(r, CR0, EN_ALL | 2);
	r->logged = 0;
}

static void close_bench(struct bench *b)
{
	dmasim_testdev_destroy(b->t);
	dmasim_pci_host_destroy(b->host);
}

static void map(struct bench *b, uint64_t va, uint64_t pa, uint64_t leaf)
{
	tables_map(&b->r->t, &b->h, va, pa, 3, leaf);
}

static void start(struct bench *b, uint32_t op, uint64_t va, uint32_t size,
                  uint32_t flags)
{
	set(b, IOVA, (uint32_t)va);
	set(b, IOVA + 4, (uint32_t)(va >> 32));
	set(b, LENGTH, size);
	set(b, OP, op);
	set(b, FLAGS, flags | ATS);
	set(b, DOORBELL, 1);
	get(b, TRIGGER);
}

static uint32_t run(struct bench *b, uint32_t op, uint64_t va, uint32_t size,
                    uint32_t flags)
{
	start(b, op, va, size, flags);
	rig_settle(b->r);
	return get(b, RESULT);
}

#define IDS                                                                    \
	.idr_clear = {3u << 6}, .idr_set = {1u << 10 | 1u << 16, 7u << 11},    \
	.log2size = 10

/* Every case also with all accesses pending. */
#define ATC_TEST(name)                                                         \
	static void name##_case(struct rig *r, struct bench *b);               \
	static void name##_run(struct rig *r)                                  \
	{                                                                      \
		static struct bench b;                                         \
                                                                               \
		open_bench(&b, r);                                             \
		name##_case(r, &b);                                            \
		close_bench(&b);                                               \
	}                                                                      \
	RIG_TEST(name, IDS)                                                    \
	{                                                                      \
		name##_run(r);                                                 \
	}                                                                      \
	RIG_TEST(name##_pend, IDS, .pend = true)                               \
	{                                                                      \
		name##_run(r);                                                 \
	}                                                                      \
	static void name##_case(struct rig *r, struct bench *b)
#define ATC_CASE(name) cmocka_unit_test(name), cmocka_unit_test(name##_pend)

/* ---- hits and misses ---- */

ATC_TEST(translates_once)
{
	struct dmasim_smmu_stats st;

	map(b, VA, PA, LEAF_RW);
	tables_set(&r->t, PA + 8, 0x1122334455667788);
	assert_int_equal(run(b, READ, VA + 8, 8, 0), 0);
	assert_int_equal(get(b, DATA), 0x55667788);
	assert_int_equal(get(b, STATUS), GRANTED);
	assert_int_equal(get(b, ENTRY), (uint32_t)PA | 3);
	assert_int_equal(get(b, COUNT), 1);
	/* The request is no DMA, and the access is one by its address. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 1);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 8);
	set(b, DATA, 0xabcd);
	assert_int_equal(run(b, WRITE, VA + 0x10, 4, 0), 0);
	assert_int_equal(get(b, STATUS), HIT);
	assert_int_equal(tables_get(&r->t, PA + 0x10) & UINT32_MAX, 0xabcd);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.ats_requests, 1);
}

/* A stale translation is used until it is invalidated. */
ATC_TEST(stale_until_invalidated)
{
	map(b, VA, PA, LEAF_RW);
	tables_set(&r->t, PA, 1);
	tables_set(&r->t, PA + 0x1000, 2);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	map(b, VA, PA + 0x1000, LEAF_RW);
	rig_flush(r);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(get(b, DATA), 1);
	/* Of another address. */
	rig_cmd(r,
	        (struct tables_cmd){0x40 | (uint64_t)SID << 32, VA + 0x1000});
	assert_int_equal(get(b, INVALIDATED), 1);
	assert_int_equal(get(b, COUNT), 1);
	rig_cmd(r, (struct tables_cmd){0x40 | (uint64_t)SID << 32, VA});
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), rig_r32(r, CMDQ_PROD));
	assert_int_equal(get(b, COUNT), 0);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(get(b, DATA), 2);
	assert_int_equal(get(b, STATUS), GRANTED);
}

/* Page by page, across mappings. */
ATC_TEST(across_pages)
{
	map(b, VA, PA, LEAF_RW);
	map(b, VA + 0x1000, PA + 0x4000, LEAF_RW);
	tables_set(&r->t, PA + 0xff8, 0x1111111111111111);
	tables_set(&r->t, PA + 0x4000, 0x2222222222222222);
	assert_int_equal(run(b, READ, VA + 0xffc, 8, 0), 0);
	assert_int_equal(get(b, DATA), 0x11111111);
	assert_int_equal(get(b, DATA + 4), 0x22222222);
	assert_int_equal(get(b, COUNT), 2);
	/* An atomic is one access. */
	assert_int_equal(run(b, ATOMIC_ADD, VA + 0xffc, 8, 0), NO);
	assert_int_equal(get(b, BUS_RESULT), DMASIM_TXN_SLAVE);
	set(b, DATA, 1);
	assert_int_equal(run(b, ATOMIC_ADD, VA + 0xff8, 4, 0), 0);
	assert_int_equal(tables_get(&r->t, PA + 0xff8) & UINT32_MAX,
	                 0x11111112);
	/* The second page is missing. */
	tables_set(&r->t, tables_descriptor(&r->t, &b->h, VA + 0x1000, 3), 0);
	rig_flush(r);
	rig_cmd(r, (struct tables_cmd){0x40 | (uint64_t)SID << 32, 52});
	assert_int_equal(run(b, READ, VA + 0xffc, 8, 0), REFUSED);
	assert_int_equal(get(b, STATUS), DENIED);
	assert_int_equal(run(b, READ, UINT64_MAX - 3, 8, 0), REFUSED);
}

/* More than it holds: the oldest go. */
ATC_TEST(eight_translations)
{
	(void)r;
	for (unsigned i = 0; i < 9; i++) {
		map(b, VA + 0x1000 * i, PA, LEAF_RW);
		assert_int_equal(run(b, READ, VA + 0x1000 * i, 4, 0), 0);
		assert_int_equal(get(b, STATUS), GRANTED);
	}
	assert_int_equal(get(b, COUNT), 8);
	assert_int_equal(run(b, READ, VA + 0x1000, 4, 0), 0);
	assert_int_equal(get(b, STATUS), HIT);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(get(b, STATUS), GRANTED);
}

/* ---- rights and refusals ---- */

/* Asked for reading; a write asks again. */
ATC_TEST(rights_are_asked_for)
{
	map(b, VA, PA, LEAF_RO);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(get(b, ENTRY), (uint32_t)PA | 1);
	assert_int_equal(run(b, WRITE, VA, 4, 0), NO);
	assert_int_equal(get(b, STATUS), DENIED);
	assert_int_equal(get(b, BUS_RESULT), DMASIM_TXN_ABORT);
	rig_expect_none(r);
	map(b, VA, PA, LEAF_RW);
	rig_flush(r);
	assert_int_equal(run(b, WRITE, VA, 4, 0), 0);
	assert_int_equal(get(b, STATUS), GRANTED);
	assert_int_equal(get(b, COUNT), 1);
}

ATC_TEST(refusals_are_told_apart)
{
	rig_ste_word(r, SID, 1, 3ull << 28, 0);
	assert_int_equal(run(b, READ, VA, 4, 0), REFUSED);
	assert_int_equal(get(b, STATUS), UNSUPPORTED);
	assert_int_equal(get(b, BUS_RESULT), DMASIM_TXN_DECODE);
	rig_expect(r, EV(5, SID), 1ull << 31 | 1, VA, 0);
	rig_ste_word(r, SID, 0, 1, 0);
	rig_flush(r);
	assert_int_equal(run(b, WRITE, VA, 4, 0), NO);
	assert_int_equal(get(b, STATUS), ABORTED);
	/* The translated access itself is refused. */
	rig_ste_word(r, SID, 0, 0, 1);
	rig_ste_word(r, SID, 1, 0, 1ull << 28);
	map(b, VA, PA, LEAF_RW);
	rig_flush(r);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(run(b, READ, VA, 4, 0), REFUSED);
	rig_expect(r, EV(7, SID), EV_READ, PA, 0);
}

/* PASIDs and privileges have translations of their own. */
ATC_TEST(contexts_are_apart)
{
	uint64_t cd = tables_alloc(&r->t, 256, 256);

	for (unsigned i = 0; i < 4; i++)
		tables_cd(&r->t, cd + 64 * i, &b->h, NULL, (uint16_t)(i + 1));
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	rig_ste_word(r, SID, 0, 0, 2ull << 59);
	rig_ste_word(r, SID, 1, 3, 2 | 1ull << 28);
	rig_flush(r);
	map(b, VA, PA, LEAF_RW);
	map(b, VA + 0x1000, PA, LEAF_RW & ~LEAF_AP1);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	set(b, SUBSTREAM, 1);
	assert_int_equal(run(b, READ, VA, 4, SSV), 0);
	assert_int_equal(get(b, STATUS), GRANTED);
	set(b, SUBSTREAM, 2);
	assert_int_equal(run(b, READ, VA, 4, SSV), 0);
	assert_int_equal(get(b, COUNT), 3);
	assert_int_equal(run(b, READ, VA + 0x1000, 4, SSV), REFUSED);
	assert_int_equal(run(b, READ, VA + 0x1000, 4, SSV | PRIV), 0);
	assert_int_equal(get(b, ENTRY), (uint32_t)PA | 0x13);
	assert_int_equal(get(b, COUNT), 4);
	/* Instructions need a right of their own, and ask for it. */
	assert_int_equal(run(b, READ, VA, 4, SSV | EXEC), 0);
	assert_int_equal(get(b, STATUS), GRANTED);
	assert_int_equal(get(b, ENTRY), (uint32_t)PA | 0x0b);
	assert_int_equal(get(b, COUNT), 4);
	/* One context is invalidated, the others stay. */
	rig_cmd(r, (struct tables_cmd){0x40 | 1ull << 11 | 2ull << 12 |
	                                       (uint64_t)SID << 32,
	                               52});
	assert_int_equal(get(b, COUNT), 2);
	rig_cmd(r, (struct tables_cmd){0x40 | (uint64_t)SID << 32, 52});
	assert_int_equal(get(b, COUNT), 1);
	set(b, SUBSTREAM, 1);
	assert_int_equal(run(b, READ, VA, 4, SSV), 0);
	assert_int_equal(get(b, STATUS), HIT);
}

/* ---- invalidations in between ---- */

/* An invalidation ends after the access that uses the translation. */
RIG_TEST(an_access_on_its_way_is_waited_for, IDS, .pend = true)
{
	static struct bench b;
	struct tables_cmd inv = {0x40 | (uint64_t)SID << 32, VA};

	open_bench(&b, r);
	map(&b, VA, PA, LEAF_RW);
	assert_int_equal(run(&b, READ, VA, 4, 0), 0);
	r->pend_causes = 1u << DMASIM_CAUSE_DMA;
	start(&b, READ, VA, 4, 0);
	assert_int_equal(get(&b, RESULT), RUNNING);
	tables_set(&r->t, r->cmdq, inv.d0);
	tables_set(&r->t, r->cmdq + 8, inv.d1);
	tables_set(&r->t, r->cmdq + 16, cmd_sync(0).d0);
	rig_w32(r, CMDQ_PROD, 2);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	assert_int_equal(get(&b, COUNT), 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	assert_int_equal(get(&b, RESULT), 0);
	close_bench(&b);
}

/* An answer that was invalidated on its way is not used. */
RIG_TEST(an_answer_on_its_way_is_discarded, IDS, .pend = true)
{
	static struct bench b;
	struct tables_cmd inv = {0x40 | (uint64_t)SID << 32, VA};

	open_bench(&b, r);
	map(&b, VA, PA, LEAF_RW);
	r->pend_causes = 1u << DMASIM_CAUSE_WALK;
	start(&b, READ, VA, 4, 0);
	tables_set(&r->t, r->cmdq, inv.d0);
	tables_set(&r->t, r->cmdq + 8, inv.d1);
	rig_w32(r, CMDQ_PROD, 1);
	rig_settle(r);
	assert_int_equal(get(&b, RESULT), 0);
	assert_int_equal(get(&b, COUNT), 1);
	{
		struct dmasim_smmu_stats st;

		dmasim_smmu_get_stats(r->smmu, &st);
		assert_int_equal(st.ats_requests, 2);
	}
	close_bench(&b);
}

/* Held: CMD_SYNC waits, until it is let go, or fails in the end. */
ATC_TEST(invalidations_can_be_held)
{
	set(b, CTRL, 1);
	tables_set(&r->t, r->cmdq, 0x40 | (uint64_t)SID << 32);
	tables_set(&r->t, r->cmdq + 8, VA);
	tables_set(&r->t, r->cmdq + 16, cmd_sync(0).d0);
	rig_w32(r, CMDQ_PROD, 2);
	assert_int_equal(
	        dmasim_run_until(r->k, dmasim_now(r->k) + 10 * DMASIM_US),
	        DMASIM_OK);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	set(b, CTRL, 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 2);
	set(b, CTRL, 2);
	rig_cmd(r, (struct tables_cmd){0x40 | (uint64_t)SID << 32, VA});
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 3);
	rig_w32(r, GERRORN, rig_r32(r, GERROR));
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS) & 0xfffff, 4);
	/* And by the time it takes. */
	set(b, CTRL, 1);
	rig_cmd(r, (struct tables_cmd){0x40 | (uint64_t)SID << 32, VA});
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 3u << 24 | 5);
	set(b, CTRL, 0);
	rig_settle(r);
}

/* More than it can hold back: those are unsupported. */
RIG_TEST(too_many_held, IDS, .queue_log2 = 8)
{
	static struct bench b;
	const struct dmasim_ats_invalidation inv = {
	        .stream_id = SID,
	        .last = UINT64_MAX,
	        .done = {r->actor, RIG_NOBODY, 0}};
	struct dmasim_ats_endpoint ep;

	open_bench(&b, r);
	ep = dmasim_testdev_ats(b.t);
	set(&b, CTRL, 1);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(ep.invalidate(ep.obj, &inv), DMASIM_ATS_LATER);
	assert_int_equal(ep.invalidate(ep.obj, &inv), DMASIM_ATS_UNSUPPORTED);
	set(&b, CTRL, 0);
	rig_settle(r);
	assert_int_equal(ep.invalidate(ep.obj, &inv), DMASIM_ATS_DONE);
	close_bench(&b);
}

/* ---- page requests ---- */

static uint64_t requested(struct rig *r, struct bench *b, unsigned i)
{
	assert_int_equal(rig_r32(r, PRIQ_PROD), i + 1);
	return tables_get(&r->t, b->priq + 16 * i);
}

ATC_TEST(a_page_is_requested_and_then_used)
{
	assert_int_equal(run(b, WRITE, VA, 4, PRI), RUNNING);
	assert_int_equal(get(b, PAGE_REQUESTS), 1);
	/* W, Last, the StreamID. */
	assert_true(requested(r, b, 0) == (1ull << 61 | 1ull << 62 | SID));
	assert_true(tables_get(&r->t, b->priq + 8) == VA);
	map(b, VA, PA, LEAF_RW);
	set(b, DATA, 0x4321);
	/* Of another group: not for this one. */
	rig_cmd(r,
	        (struct tables_cmd){0x41 | (uint64_t)SID << 32, 1 | 2u << 12});
	assert_int_equal(get(b, RESULT), RUNNING);
	rig_cmd(r, (struct tables_cmd){0x41 | (uint64_t)SID << 32, 2u << 12});
	assert_int_equal(get(b, RESULT), 0);
	assert_int_equal(get(b, PAGE_RESPONSE), 0);
	/* The next group has the next index. */
	assert_int_equal(run(b, READ, VA + 0x1000, 4, PRI), RUNNING);
	assert_true(requested(r, b, 1) == (1ull << 60 | 1ull << 62 | SID));
	assert_true(tables_get(&r->t, b->priq + 24) == ((VA + 0x1000) | 1));
	rig_cmd(r,
	        (struct tables_cmd){0x41 | (uint64_t)SID << 32, 1 | 1u << 12});
	assert_int_equal(get(b, RESULT), REFUSED);
	assert_int_equal(get(b, STATUS), PAGE_FAILED);
	assert_int_equal(get(b, PAGE_RESPONSE), 1);
}

/* Success without the page: denied, and not asked for again. */
ATC_TEST(a_page_is_requested_once)
{
	assert_int_equal(run(b, READ, VA, 4, PRI), RUNNING);
	rig_cmd(r, (struct tables_cmd){0x41 | (uint64_t)SID << 32, 2u << 12});
	assert_int_equal(get(b, RESULT), REFUSED);
	assert_int_equal(get(b, STATUS), DENIED);
	assert_int_equal(get(b, PAGE_REQUESTS), 1);
}

/* The SMMU answers by itself: no queue. */
ATC_TEST(requests_without_a_queue_fail)
{
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(run(b, READ, VA, 4, PRI), REFUSED);
	assert_int_equal(get(b, STATUS), PAGE_FAILED);
	assert_int_equal(get(b, PAGE_RESPONSE), 15);
	/* Nor without anybody who takes them. */
	dmasim_testdev_set_ats_host(b->t, &(struct dmasim_ats_host){0});
	assert_int_equal(run(b, READ, VA, 4, PRI), REFUSED);
	assert_int_equal(get(b, STATUS), DENIED);
	assert_int_equal(get(b, PAGE_REQUESTS), 1);
}

/* Streams that are not the endpoint's. */
ATC_TEST(requests_that_are_refused)
{
	tables_ste_stage1(&r->t, &r->streams, SID + 1, b->cd);
	rig_ste_word(r, SID + 1, 1, 0, 1ull << 28);
	set(b, 0x48, SID + 1);
	assert_int_equal(run(b, READ, VA, 4, PRI | 0x10), REFUSED);
	assert_int_equal(get(b, STATUS), PAGE_FAILED);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 0);
}

/* ---- the pattern, saved state ---- */

ATC_TEST(the_pattern_is_read_back)
{
	map(b, VA, PA, LEAF_RW);
	set(b, PHYS, (uint32_t)PA);
	assert_int_equal(run(b, 0, VA, 64, 0), 0);
	assert_int_equal(tables_get(&r->t, PA) & UINT32_MAX, 0x12345678);
}

ATC_TEST(the_cache_is_saved)
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	const uint8_t *data;
	size_t size;

	map(b, VA, PA, LEAF_RW);
	tables_set(&r->t, PA, 0x77);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_testdev_save(b->t, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	rig_cmd(r, (struct tables_cmd){0x40 | (uint64_t)SID << 32, 52});
	map(b, VA, PA + 0x1000, LEAF_RW);
	rig_flush(r);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(get(b, DATA), 0);
	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	assert_int_equal(dmasim_testdev_restore(b->t, rd), DMASIM_OK);
	dmasim_reader_destroy(rd);
	assert_int_equal(run(b, READ, VA, 4, 0), 0);
	assert_int_equal(get(b, STATUS), HIT);
	assert_int_equal(get(b, DATA), 0x77);
	for (size_t i = size - 250; i < size; i++) {
		uint8_t *bad = malloc(size);

		assert_non_null(bad);
		memcpy(bad, data, size);
		bad[i] ^= 0xff;
		assert_int_equal(dmasim_reader_create(bad, size, &rd),
		                 DMASIM_OK);
		dmasim_testdev_restore(b->t, rd);
		dmasim_reader_destroy(rd);
		free(bad);
		run(b, READ, VA, 4, 0);
	}
	/* Not while invalidations are held. */
	set(b, CTRL, 1);
	tables_set(&r->t, r->cmdq, 0);
	rig_cmd(r, cmd_sync(0));
	rig_w32(r, GERRORN, rig_r32(r, GERROR));
	set(b, CTRL, 0);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        ATC_CASE(translates_once),
        ATC_CASE(stale_until_invalidated),
        ATC_CASE(across_pages),
        ATC_CASE(eight_translations),
        ATC_CASE(rights_are_asked_for),
        ATC_CASE(refusals_are_told_apart),
        ATC_CASE(contexts_are_apart),
        cmocka_unit_test(an_access_on_its_way_is_waited_for),
        cmocka_unit_test(an_answer_on_its_way_is_discarded),
        ATC_CASE(invalidations_can_be_held),
        cmocka_unit_test(too_many_held),
        ATC_CASE(a_page_is_requested_and_then_used),
        ATC_CASE(a_page_is_requested_once),
        ATC_CASE(requests_without_a_queue_fail),
        ATC_CASE(requests_that_are_refused),
        ATC_CASE(the_pattern_is_read_back),
        ATC_CASE(the_cache_is_saved),
};

CHECK_MAIN(tests)
