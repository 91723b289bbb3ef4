/* SPDX-License-Identifier: MIT */
/* Performance monitor counter groups: registers and events. */
#include "atos.h"
#include "ats_asks.h"
#include "pmcg.h"

static groups one = {{.counters = 4}};
static groups small = {{.counters = 3,
                        .counter_bits = 32,
                        .single_filter = true,
                        .no_capture = true,
                        .no_msi = true,
                        .events = 0x3}};
static groups two_pages = {{.counters = 64, .page1 = true}};
static groups many = {{.counters = 1},
                      {.counters = 2, .counter_bits = 36, .cycle = 500},
                      {.counters = 0},
                      {.counters = 1}};

/* ---- registers ---- */

RIG_TEST(identification, .pmcg = one, .off = true)
{
	assert_int_equal(r32(r, CFGR), 3 | 63 << 8 | 1 << 21 | 1 << 22);
	assert_int_equal(r64(r, CEID0), 0x3f);
	assert_int_equal(r64(r, CEID0 + 8), 0);
	assert_int_equal(r32(r, 0xe70), rig_r32(r, 0x1c));
	assert_int_equal(r32(r, 0xe08), 0);
	assert_int_equal(r32(r, 0xfb8), 0);
	assert_int_equal(r32(r, 0xfbc), 0x47702a56);
	assert_int_equal(r32(r, 0xfcc), 0x56);
	assert_int_equal(r32(r, 0xff0), 0x0d);
	assert_int_equal(r32(r, 0xff4), 0x90);
	assert_int_equal(r32(r, 0xff8), 0x05);
	assert_int_equal(r32(r, 0xffc), 0xb1);
	/* No write changes any of it. */
	for (uint32_t i = 0xe00; i < 0x1000; i += 4) {
		uint32_t was = r32(r, i);

		if (i == CR || (i >= G_IRQ_CTRL && i < IRQ_STATUS))
			continue;
		w32(r, i, ~0u);
		assert_int_equal(r32(r, i), was);
	}
}

RIG_TEST(events_of_ats, .pmcg = one, .off = true, .idr_set = {IDR0_ATS})
{
	assert_int_equal(r64(r, CEID0), 0xff);
}

RIG_TEST(identification_of_a_small_group, .pmcg = small, .off = true)
{
	assert_int_equal(r32(r, CFGR), 2 | 31 << 8 | 1 << 23);
	assert_int_equal(r64(r, CEID0), 3);
	/* No Secure state: no SCR. */
	assert_int_equal(r32(r, SCR), 0);
	w32(r, SCR, ~0u);
	assert_int_equal(r32(r, SCR), 0);
}

static void check_mask(struct rig *r, uint32_t offset, bool wide, uint64_t mask)
{
	uint32_t f = wide ? WIDE : 0;

	put(r, 0, offset, f, ~0ull);
	assert_int_equal(get(r, 0, offset, f), mask);
	if (wide) {
		assert_int_equal(r32(r, offset + 4), mask >> 32);
		w32(r, offset + 4, 0);
		assert_int_equal(get(r, 0, offset, f), (uint32_t)mask);
	}
	put(r, 0, offset, f, 0);
	assert_int_equal(get(r, 0, offset, f), 0);
}

RIG_TEST(write_masks, .pmcg = one, .off = true)
{
	for (unsigned i = 0; i < 4; i++) {
		check_mask(r, EVCNTR(i), true, ~0ull);
		check_mask(r, EVTYPER(i), false, CAP | SPAN | 0xffff);
		check_mask(r, SMR(i), false, 0xffff);
		check_mask(r, SVR(i), true, 0);
	}
	/* Counters that do not exist. */
	for (unsigned i = 4; i < 64; i++) {
		check_mask(r, EVCNTR(i), true, 0);
		check_mask(r, EVTYPER(i), false, 0);
		check_mask(r, SMR(i), false, 0);
		check_mask(r, SVR(i), true, 0);
	}
	check_mask(r, CR, false, 1);
	check_mask(r, CAPR, false, 0);
	check_mask(r, G_IRQ_CFG0, true, 0x00fffffffffffffcull);
	check_mask(r, G_IRQ_CFG1, false, 0xffffffff);
	check_mask(r, G_IRQ_CFG2, false, 0x3f);
	check_mask(r, G_IRQ_CTRL, false, 1);
	assert_int_equal(r32(r, G_IRQ_ACK), 0);
}

RIG_TEST(write_masks_of_a_small_group, .pmcg = small, .off = true)
{
	/* 32-bit counters, four bytes apart. */
	for (unsigned i = 0; i < 3; i++)
		check_mask(r, 4 * i, false, 0xffffffff);
	check_mask(r, 12, false, 0);
	/* One filter. */
	check_mask(r, EVTYPER(0), false, SPAN | 0xffff);
	check_mask(r, SMR(0), false, 0xffff);
	check_mask(r, EVTYPER(1), false, 0xffff);
	check_mask(r, SMR(1), false, 0);
	/* No messages. */
	check_mask(r, G_IRQ_CFG0, true, 0);
	check_mask(r, G_IRQ_CFG1, false, 0);
	check_mask(r, G_IRQ_CFG2, false, 0);
	/* 64 bits at once from 32-bit registers. */
	w32(r, 0, 1);
	assert_int_equal(r64(r, 0), 0);
	w64(r, 0, 2);
	assert_int_equal(r32(r, 0), 1);
}

RIG_TEST(bitmaps, .pmcg = one, .off = true)
{
	static const uint32_t pair[3][2] = {
	        {CNTENSET, CNTENCLR}, {INTENSET, INTENCLR}, {OVSSET, OVSCLR}};

	for (unsigned i = 0; i < 3; i++) {
		w64(r, pair[i][0], ~0ull);
		assert_int_equal(r64(r, pair[i][0]), 0xf);
		assert_int_equal(r64(r, pair[i][1]), 0xf);
		w32(r, pair[i][1], 5);
		assert_int_equal(r64(r, pair[i][0]), 0xa);
		w32(r, pair[i][1] + 4, 0xa);
		assert_int_equal(r64(r, pair[i][1]), 0xa);
		w32(r, pair[i][0], 1);
		assert_int_equal(r64(r, pair[i][0]), 0xb);
		w64(r, pair[i][1], ~0ull);
		assert_int_equal(r64(r, pair[i][0]), 0);
	}
	/* OVS that software sets raises nothing. */
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	w64(r, OVSSET, 1);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 0);
}

static groups single_secure = {
        {.counters = 2, .single_filter = true, .secure = true}};

RIG_TEST(one_filter_of_a_secure_group, .pmcg = single_secure, .off = true)
{
	check_mask(r, EVTYPER(0), false, CAP | SEC | SPAN | 0xffff);
	check_mask(r, EVTYPER(1), false, CAP | 0xffff);
}

RIG_TEST(relocated, .pmcg = two_pages, .off = true)
{
	static const uint32_t moved[] = {0, 8, 0x1f8, OVSSET};

	assert_int_equal(r32(r, CFGR) >> 20 & 1, 1);
	for (unsigned i = 0; i < 4; i++) {
		put(r, 0, moved[i], WIDE, 7);
		assert_int_equal(get(r, 0, moved[i], WIDE), 0);
		assert_int_equal(get(r, 0x100, moved[i], WIDE), 0);
		put(r, 0x100, moved[i], WIDE, 7);
		assert_int_equal(get(r, 0x100, moved[i], WIDE), 7);
	}
	/* Capture by page 1 only. */
	w32(r, CAPR, 1);
	assert_int_equal(get(r, 0x100, SVR(63), WIDE), 0);
	put(r, 0x100, CAPR, 0, 1);
	assert_int_equal(get(r, 0x100, SVR(63), WIDE), 7);
	assert_int_equal(get(r, 0, SVR(63), WIDE), 0);
	/* The rest is in page 0. */
	w32(r, CR, 1);
	assert_int_equal(get(r, 0x100, CR, 0), 0);
	assert_int_equal(get(r, 0x100, CFGR, 0), 0);
}

RIG_TEST(no_page_1, .pmcg = one, .off = true)
{
	for (uint32_t i = 0; i < 0x1000; i += 8) {
		put(r, 0x100, i, WIDE, ~0ull);
		assert_int_equal(get(r, 0x100, i, WIDE), 0);
	}
}

RIG_TEST(bad_accesses, .pmcg = one, .off = true)
{
	static const struct {
		uint32_t offset, size;
		enum dmasim_op op;
	} bad[] = {{CR, 1, DMASIM_READ},     {CR, 2, DMASIM_WRITE},
	           {CR + 2, 4, DMASIM_READ}, {4, 8, DMASIM_READ},
	           {0x1000, 4, DMASIM_READ}, {CR, 4, DMASIM_ATOMIC_ADD}};
	struct dmasim_txn t;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		t = (struct dmasim_txn){.op = bad[i].op,
		                        .offset = bad[i].offset,
		                        .size = bad[i].size,
		                        .data = r->buf};
		r->warnings[0] = '\0';
		assert_int_equal(raw(r, &t, 0), DMASIM_TXN_SLAVE);
		assert_non_null(strstr(r->warnings, "register-size"));
	}
	t = (struct dmasim_txn){.op = DMASIM_CLEAN, .offset = CR, .size = 4};
	assert_int_equal(raw(r, &t, 0), DMASIM_TXN_OK);
	t.op = DMASIM_BARRIER;
	assert_int_equal(raw(r, &t, 0), DMASIM_TXN_OK);
	/* A look changes nothing. */
	put(r, 0, CR, DMASIM_TXN_DEBUG, 1);
	assert_int_equal(get(r, 0, CR, DMASIM_TXN_DEBUG), 0);
}

RIG_TEST(groups_that_are_not_there, .pmcg = many, .off = true)
{
	assert_non_null(dmasim_smmu_pmcg(r->smmu, 1, 1).access);
	assert_null(dmasim_smmu_pmcg(r->smmu, 1, 2).access);
	/* Those behind the first without counters are none. */
	assert_null(dmasim_smmu_pmcg(r->smmu, 2, 0).access);
	assert_null(dmasim_smmu_pmcg(r->smmu, 3, 0).access);
	assert_null(dmasim_smmu_pmcg(NULL, 0, 0).access);
}

static groups four = {
        {.counters = 1}, {.counters = 2}, {.counters = 3}, {.counters = 4}};

RIG_TEST(as_many_as_there_can_be, .pmcg = four, .off = true)
{
	for (unsigned g = 0; g < 4; g++)
		assert_int_equal(get(r, g, CFGR, 0) & 63, g);
	assert_null(dmasim_smmu_pmcg(r->smmu, 4, 0).access);
}

RIG_TEST(bad_configurations, .off = true)
{
	static const struct dmasim_smmu_pmcg_config bad[] = {
	        {.counters = 65},
	        {.counters = 1, .counter_bits = 33},
	        {.counters = 1, .events = 0x40},
	};
	struct dmasim_smmu_config cfg = {
	        .kernel = r->k, .name = "other", .mem = r->mem};
	struct dmasim_smmu *s;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cfg.pmcg[0] = bad[i];
		assert_int_equal(dmasim_smmu_create(&cfg, &s), DMASIM_E_INVAL);
	}
}

/* ---- events ---- */

static void setup(struct rig *r, struct tables_half *h)
{
	rig_stream(r, SID, 1, h);
	for (unsigned i = 0; i < 4; i++)
		tables_map(&r->t, h, VA + 0x1000 * i, PA + 0x1000 * i, 3,
		           LEAF_RW);
}

static uint64_t counted(struct rig *r, unsigned event)
{
	return get(r, 0x100, EVCNTR(event), WIDE);
}

static void events(struct rig *r)
{
	struct tables_half h;

	setup(r, &h);
	for (unsigned e = 1; e < 8; e++)
		count_all(r, e, e);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(counted(r, 1), 1);
	assert_int_equal(counted(r, 2), 1);
	/* STE and CD: one transaction that missed. */
	assert_int_equal(counted(r, 3), 1);
	assert_int_equal(counted(r, 4), 4);
	assert_int_equal(counted(r, 5), 2);
	/* A hit, the short way and the long. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(counted(r, 1), 3);
	assert_int_equal(counted(r, 2), 1);
	assert_int_equal(counted(r, 3), 1);
	assert_int_equal(counted(r, 4), 4);
	/* Across two mappings: one in each, one of them new. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0xffc, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(counted(r, 1), 5);
	assert_int_equal(counted(r, 2), 2);
	assert_int_equal(counted(r, 3), 1);
	/* Of the second walk only the last level: its tables are kept. */
	assert_int_equal(counted(r, 4), 5);
	/* One that is terminated, in the walk and before. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x4000, 4),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(counted(r, 1), 6);
	assert_int_equal(counted(r, 2), 3);
	assert_int_equal(counted(r, 4), 6);
	assert_int_equal(rig_dma(r, DMASIM_READ, 300, VA, 4), DMASIM_TXN_ABORT);
	assert_int_equal(counted(r, 1), 7);
	assert_int_equal(counted(r, 3), 2);
	assert_int_equal(counted(r, 5), 2);
	/* A look is none. */
	rig_dma_flags(r, DMASIM_READ, SID, VA + 0x2000, DMASIM_TXN_DEBUG);
	assert_int_equal(counted(r, 1), 7);
	assert_int_equal(counted(r, 2), 3);
	assert_int_equal(counted(r, 4), 6);
	assert_int_equal(counted(r, 6), 0);
	assert_int_equal(counted(r, 7), 0);
}

/* Across two mappings, of which the second is known: one miss. */
RIG_TEST(a_miss_and_a_hit, .pmcg = two_pages)
{
	struct tables_half h;

	setup(r, &h);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x1000, 4),
	                 DMASIM_TXN_OK);
	for (unsigned e = 1; e < 4; e++)
		count_all(r, e, e);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0xffc, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(counted(r, 1), 2);
	assert_int_equal(counted(r, 2), 1);
	assert_int_equal(counted(r, 3), 0);
}

RIG_TEST(events_at_once, .pmcg = two_pages)
{
	events(r);
}

RIG_TEST(events_pending, .pmcg = two_pages, .pend = true)
{
	events(r);
}

/* Through both stages, and with a flag to update: each access counts, and a
 * transaction misses once. */
static void two_stages(struct rig *r)
{
	struct nested n;

	nested_open(r, &n, 7);
	tables_set(&r->t, n.cd, tables_get(&r->t, n.cd) | CD0_HA);
	tables_set(&r->t, n.leaf, tables_get(&r->t, n.leaf) & ~LEAF_AF);
	for (unsigned e = 1; e < 6; e++)
		count_all(r, e, e);
	r->logged = 0;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(tables_get(&r->t, n.leaf) & LEAF_AF, LEAF_AF);
	assert_int_equal(counted(r, 1), 1);
	assert_int_equal(counted(r, 2), 1);
	assert_int_equal(counted(r, 3), 1);
	/* Four descriptors of stage 1, an update of one, and stage 2. */
	assert_true(counted(r, 4) > 5);
	assert_int_equal(counted(r, 4), rig_count(r, DMASIM_CAUSE_WALK));
	assert_int_equal(counted(r, 5), 2);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(counted(r, 1), 2);
	assert_int_equal(counted(r, 2), 1);
	/* Stage 2 alone. */
	n.ste.config = 6;
	nested_write(r, &n);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(rig_dma(r, DMASIM_READ, SID, IPA, 4),
		                 DMASIM_TXN_OK);
		assert_int_equal(counted(r, 1), 3 + i);
		assert_int_equal(counted(r, 2), 2);
		assert_int_equal(counted(r, 3), 2);
	}
}

#define HTTU_S2 IDR0_HTTU | IDR0_S2P

RIG_TEST(two_stages_at_once, .pmcg = two_pages, .idr_set = {HTTU_S2})
{
	two_stages(r);
}

RIG_TEST(two_stages_pending, .pmcg = two_pages, .idr_set = {HTTU_S2},
         .pend = true)
{
	two_stages(r);
}

/* Translation requests, answered or not, and translated transactions. */
static void ats(struct rig *r)
{
	struct nested n;
	uint64_t entry;

	nested_open(r, &n, 5);
	n.ste.eats = 1;
	nested_write(r, &n);
	rig_w32(r, CR0, EN_ALL | CR0_ATSCHK_BIT);
	for (unsigned e = 1; e < 8; e++)
		count_all(r, e, e);
	entry = ats_entry(r, SID, VA, 0);
	assert_int_equal(entry & ~0xfffull, IPA);
	assert_int_equal(counted(r, 1), 1);
	assert_int_equal(counted(r, 2), 1);
	assert_int_equal(counted(r, 3), 1);
	assert_int_equal(counted(r, 4), 4);
	assert_int_equal(counted(r, 6), 1);
	assert_int_equal(counted(r, 7), 0);
	/* A translation that is denied, a stream that is none. */
	ats_result(r, SID, VA + 0x1000);
	assert_int_equal(ats_result(r, 300, VA), ATS_CA);
	assert_int_equal(counted(r, 6), 3);
	assert_int_equal(counted(r, 1), 3);
	/* Translated: passed on, and terminated. */
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, SID, RIG_DATA,
	                               DMASIM_TXN_ATS_TRANSLATED),
	                 DMASIM_TXN_OK);
	assert_int_equal(counted(r, 7), 1);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, 300, RIG_DATA,
	                               DMASIM_TXN_ATS_TRANSLATED),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(counted(r, 7), 2);
	assert_int_equal(counted(r, 6), 3);
	assert_int_equal(counted(r, 1), 5);
	/* Answered without a look. */
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	assert_int_equal(ats_result(r, SID, VA), ATS_UR);
	assert_int_equal(counted(r, 6), 4);
}

RIG_TEST(ats_at_once, .pmcg = two_pages, .idr_set = {IDR0_ATS})
{
	ats(r);
}

RIG_TEST(ats_pending, .pmcg = two_pages, .idr_set = {IDR0_ATS}, .pend = true)
{
	ats(r);
}

/* An operation is no transaction, but its accesses are accesses. */
RIG_TEST(operations, .pmcg = two_pages, .idr_set = {IDR0_ATOS})
{
	struct tables_half h;

	setup(r, &h);
	for (unsigned e = 1; e < 8; e++)
		count_all(r, e, e);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | 1 << 10 | 1 << 8);
	rig_w32(r, 0x100, 1);
	assert_int_equal(rig_r64(r, 0x118) & 1, 0);
	assert_int_equal(counted(r, 1), 0);
	assert_int_equal(counted(r, 2), 0);
	assert_int_equal(counted(r, 3), 0);
	assert_int_equal(counted(r, 4), 4);
	assert_int_equal(counted(r, 5), 2);
	/* Nothing of its misses is the next transaction's. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(counted(r, 1), 1);
	assert_int_equal(counted(r, 2), 0);
	assert_int_equal(counted(r, 3), 0);
}

RIG_TEST(disabled, .pmcg = one)
{
	w64(r, EVCNTR(0), 10);
	count_all(r, 0, 1);
	w32(r, CR, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 10);
	w32(r, CR, 1);
	w64(r, CNTENCLR, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 10);
	w64(r, CNTENSET, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 11);
	/* While SMMUEN is 0 transactions count all the same. */
	rig_w32(r, CR0, 0);
	rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 12);
}

/* Numbers that name no event, and events that this group does not have. */
RIG_TEST(other_events, .pmcg = small)
{
	for (unsigned i = 0; i < 3; i++) {
		static const uint32_t type[] = {2, 8, 0xffff};

		w32(r, EVTYPER(i), type[i]);
		w32(r, EVTYPER(0), SPAN | type[0]);
		w32(r, SMR(0), ~0u);
	}
	w64(r, CNTENSET, 7);
	w32(r, CR, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(r32(r, 4 * i), 0);
	w32(r, EVTYPER(2), 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r32(r, 8), 1);
}

RIG_TEST(groups_count_for_themselves, .pmcg = many)
{
	for (unsigned g = 0; g < 2; g++) {
		put(r, g, EVTYPER(0), 0, SPAN | 1);
		put(r, g, SMR(0), 0, ~0u);
		put(r, g, CNTENSET, WIDE, 1);
		put(r, g, CR, 0, 1);
	}
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	put(r, 0, CR, 0, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(get(r, 0, EVCNTR(0), WIDE), 1);
	assert_int_equal(get(r, 1, EVCNTR(0), WIDE), 2);
}

/* S_INIT empties the caches of the SMMU; groups stand for themselves (10.2). */
RIG_TEST(init_leaves_groups_alone, .pmcg = one,
         .s_idr = {0, S_IDR1_SECURE_IMPL})
{
	count_all(r, 0, 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_w32(r, CR0, 0);
	r->regs_flags = DMASIM_TXN_SECURE;
	rig_w32(r, S_INIT, 1);
	assert_string_equal(r->warnings, "");
	assert_int_equal(r64(r, EVCNTR(0)), 1);
	assert_int_equal(r32(r, CR), 1);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(identification),
        cmocka_unit_test(events_of_ats),
        cmocka_unit_test(identification_of_a_small_group),
        cmocka_unit_test(write_masks),
        cmocka_unit_test(write_masks_of_a_small_group),
        cmocka_unit_test(bitmaps),
        cmocka_unit_test(one_filter_of_a_secure_group),
        cmocka_unit_test(relocated),
        cmocka_unit_test(no_page_1),
        cmocka_unit_test(bad_accesses),
        cmocka_unit_test(groups_that_are_not_there),
        cmocka_unit_test(as_many_as_there_can_be),
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(a_miss_and_a_hit),
        cmocka_unit_test(events_at_once),
        cmocka_unit_test(events_pending),
        cmocka_unit_test(two_stages_at_once),
        cmocka_unit_test(two_stages_pending),
        cmocka_unit_test(ats_at_once),
        cmocka_unit_test(ats_pending),
        cmocka_unit_test(operations),
        cmocka_unit_test(disabled),
        cmocka_unit_test(other_events),
        cmocka_unit_test(groups_count_for_themselves),
        cmocka_unit_test(init_leaves_groups_alone),
};

CHECK_MAIN(tests)
