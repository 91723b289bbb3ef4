/* SPDX-License-Identifier: MIT */
/* CMD_TLBI_* (4.4): which command drops what, from which queue. */
#include "nest.h"

#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

/* A stream in each regime, with one page each. */
enum {
	NS_EL1 = 1,
	NS_EL2 = 2,
	NS_IPA = 4,
	S_EL1 = 8,
	S_EL2 = 16,
	EL3 = 32,
	S_IPA = 64,
	STREAMS = 7,
};

struct world {
	struct rig *r;
	struct secure s;
	struct tables_half h[STREAMS];
	bool stage2[STREAMS];
};

static bool is_secure(unsigned i)
{
	return 1u << i >= S_EL1;
}

static void map(struct world *w, unsigned i, uint64_t pa)
{
	tables_map(&w->r->t, &w->h[i], VA, pa, 3,
	           w->stage2[i] ? S2_RW : LEAF_RW);
}

/* ASID 1; VMID 3, where there are VMIDs. */
static void add(struct world *w, unsigned i, unsigned strw)
{
	struct tables *t = &w->r->t;
	uint64_t cd_at = tables_alloc(t, 64, 64);
	struct dmasim_tables_cds one = {.base = cd_at};
	struct dmasim_tables_cd cd = {
	        .ips = 5, .r = 1, .a = 1, .asid = 1, .mair = TABLES_MAIR};
	struct dmasim_tables_ste ste = {
	        .config = w->stage2[i] ? 6 : 5,
	        .shcfg = 1,
	        .strw = strw,
	        .nscfg = is_secure(i) ? 2 : 0,
	        .s2ps = 5,
	        .s2vmid = 3,
	        .s2r = 1,
	};

	w->h[i] = (struct tables_half){
	        .tsz = 25, .granule = 12, .stage2 = w->stage2[i]};
	assert_int_equal(dmasim_tables_space_new(t, &w->h[i]), DMASIM_OK);
	dmasim_tables_cd_stage1(&cd, &w->h[i], NULL);
	if (w->stage2[i]) {
		dmasim_tables_ste_stage2(&ste, &w->h[i], false);
		dmasim_tables_ste_stage2(&ste, &w->h[i], true);
	} else {
		dmasim_tables_ste_cds(&ste, &one);
		dmasim_tables_write_cd(t, cd_at, &cd);
	}
	dmasim_tables_write_ste(
	        t,
	        tables_ste(t, is_secure(i) ? &w->s.streams : &w->r->streams,
	                   10 + i),
	        &ste);
}

static uint64_t pa_of(struct world *w, unsigned i)
{
	uint32_t flags =
	        is_secure(i) ? DMASIM_TXN_SEC_SID | DMASIM_TXN_SECURE : 0;

	assert_int_equal(rig_dma_flags(w->r, DMASIM_READ, 10 + i, VA, flags),
	                 DMASIM_TXN_OK);
	return rig_last(w->r, DMASIM_CAUSE_DMA)->addr;
}

static void open_world(struct rig *r, struct world *w)
{
	static const unsigned strw[STREAMS] = {0, 2, 0, 0, 2, 1, 0};

	*w = (struct world){.r = r};
	secure_open(&w->s, r);
	w->stage2[2] = w->stage2[6] = true;
	for (unsigned i = 0; i < STREAMS; i++)
		add(w, i, strw[i]);
}

/* Everything cached, and then changed in memory. */
static void refill(struct world *w)
{
	for (unsigned i = 0; i < STREAMS; i++)
		map(w, i, PA);
	secure_reset(&w->s);
	for (unsigned i = 0; i < STREAMS; i++) {
		assert_int_equal(pa_of(w, i), PA);
		map(w, i, NEW);
		assert_int_equal(pa_of(w, i), PA);
	}
}

static unsigned dropped(struct world *w)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < STREAMS; i++)
		mask |= (unsigned)(pa_of(w, i) == NEW) << i;
	return mask;
}

struct row {
	uint8_t op;
	bool secure; /* the queue */
	uint16_t vmid, asid;
	uint64_t va;
	uint64_t bits; /* of word 1 */
	unsigned drops;
};

static void issue(struct world *w, const struct row *row)
{
	struct tables_cmd c = cmd_tlbi(row->op, row->vmid, row->asid, row->va);

	c.d1 |= row->bits;
	if (row->secure)
		secure_cmd(&w->s, c);
	else
		rig_cmd(w->r, c);
}

static void check(struct world *w, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned got;

		refill(w);
		issue(w, &rows[i]);
		got = dropped(w);
		if (got != rows[i].drops)
			fail_msg("row %zu, command 0x%02x: dropped 0x%02x, not "
			         "0x%02x",
			         i, rows[i].op, got, rows[i].drops);
	}
}

#define CHECK(w, rows) check(w, rows, sizeof(rows) / sizeof(*(rows)))

RIG_TEST(from_the_non_secure_queue, NEST_SECURE)
{
	static const struct row rows[] = {
	        {0x10, false, 3, 0, 0, 0, NS_EL1},
	        {0x10, false, 4, 0, 0, 0, 0},
	        {0x11, false, 3, 1, 0, 0, NS_EL1},
	        {0x11, false, 3, 2, 0, 0, 0},
	        {0x11, false, 4, 1, 0, 0, 0},
	        {0x12, false, 3, 1, VA, 0, NS_EL1},
	        {0x12, false, 3, 1, VA, 1, NS_EL1},
	        {0x12, false, 3, 2, VA, 0, 0},
	        {0x12, false, 3, 1, VA + 0x1000, 0, 0},
	        {0x13, false, 3, 9, VA, 0, NS_EL1},
	        {0x13, false, 4, 9, VA, 0, 0},
	        {0x20, false, 0, 0, 0, 0, NS_EL2},
	        /* Without E2H there are no ASIDs. */
	        {0x21, false, 0, 1, 0, 0, 0},
	        {0x22, false, 0, 9, VA, 0, NS_EL2},
	        {0x22, false, 0, 9, VA + 0x1000, 0, 0},
	        {0x23, false, 0, 0, VA, 0, NS_EL2},
	        {0x28, false, 3, 0, 0, 0, NS_EL1 | NS_IPA},
	        {0x28, false, 4, 0, 0, 0, 0},
	        {0x2a, false, 3, 0, VA, 0, NS_IPA},
	        {0x2a, false, 3, 0, VA + 0x1000, 0, 0},
	        {0x2a, false, 4, 0, VA, 0, 0},
	        {0x30, false, 0, 0, 0, 0, NS_EL1 | NS_IPA},
	};
	struct world w;

	open_world(r, &w);
	CHECK(&w, rows);
}

/* 4.4.2: its own EL1, and whatever else it names. */
RIG_TEST(from_the_secure_queue, NEST_SECURE)
{
	static const struct row rows[] = {
	        {0x10, true, 0, 0, 0, 0, S_EL1},
	        {0x10, true, 3, 0, 0, 0, 0},
	        {0x11, true, 0, 1, 0, 0, S_EL1},
	        {0x11, true, 0, 2, 0, 0, 0},
	        {0x12, true, 0, 1, VA, 0, S_EL1},
	        {0x13, true, 0, 7, VA, 0, S_EL1},
	        {0x18, true, 0, 0, 0, 0, EL3},
	        {0x1a, true, 0, 9, VA, 0, EL3},
	        {0x1a, true, 0, 0, VA + 0x1000, 0, 0},
	        {0x20, true, 0, 0, 0, 0, NS_EL2},
	        {0x22, true, 0, 0, VA, 0, NS_EL2},
	        {0x23, true, 0, 0, VA, 0, NS_EL2},
	        {0x28, true, 3, 0, 0, 0, NS_EL1 | NS_IPA},
	        {0x2a, true, 3, 0, VA, 0, NS_IPA},
	        {0x30, true, 0, 0, 0, 0, NS_EL1 | NS_IPA},
	        {0x50, true, 0, 0, 0, 0, S_EL2},
	        {0x51, true, 0, 1, 0, 0, 0},
	        {0x52, true, 0, 9, VA, 0, S_EL2},
	        {0x53, true, 0, 0, VA, 0, S_EL2},
	        {0x53, true, 0, 0, VA + 0x1000, 0, 0},
	        {0x58, true, 3, 0, 0, 0, S_IPA},
	        {0x58, true, 0, 0, 0, 0, S_EL1},
	        {0x5a, true, 3, 0, VA, 0, S_IPA},
	        /* NS: of the other IPA space. */
	        {0x5a, true, 3, 0, VA, 2, 0},
	        {0x5a, true, 4, 0, VA, 0, 0},
	        {0x60, true, 0, 0, 0, 0, S_EL1 | S_IPA},
	};
	struct world w;

	open_world(r, &w);
	CHECK(&w, rows);
}

/* 4.4.2.8: with E2H of that Security state the same streams have ASIDs. */
RIG_TEST(with_e2h, NEST_SECURE)
{
	static const struct row rows[] = {
	        {0x20, false, 0, 0, 0, 0, NS_EL2},
	        {0x21, false, 0, 1, 0, 0, NS_EL2},
	        {0x21, false, 0, 2, 0, 0, 0},
	        {0x22, false, 0, 1, VA, 0, NS_EL2},
	        {0x22, false, 0, 2, VA, 0, 0},
	        {0x23, false, 0, 2, VA, 0, NS_EL2},
	        {0x22, true, 0, 1, VA, 0, NS_EL2},
	        {0x50, true, 0, 0, 0, 0, S_EL2},
	        {0x51, true, 0, 1, 0, 0, S_EL2},
	        {0x52, true, 0, 1, VA, 0, S_EL2},
	        {0x52, true, 0, 2, VA, 0, 0},
	        {0x53, true, 0, 2, VA, 0, S_EL2},
	};
	struct world w;

	open_world(r, &w);
	rig_w32(r, CR0, 0);
	rig_w32(r, S(CR0), 0);
	rig_w32(r, CR2, 3);
	rig_w32(r, S(CR2), 3);
	rig_w32(r, CR0, EN_ALL);
	rig_w32(r, S(CR0), EN_ALL);
	CHECK(&w, rows);
}

/* 3.17.6: the low bits of a VMID that VMW names do not count, each side by its
 * own. */
RIG_TEST(wildcards, NEST_SECURE)
{
	static const unsigned far[] = {0, 1, 3, 7, 15, 0, 0, 0};
	struct world w;

	open_world(r, &w);
	for (unsigned vmw = 0; vmw < 8; vmw++) {
		uint16_t first = (uint16_t)(far[vmw] ^ 3);
		const struct row rows[] = {
		        {0x10, false, first, 0, 0, 0, NS_EL1},
		        {0x10, false, (uint16_t)(3 + far[vmw] + 1), 0, 0, 0, 0},
		        {0x12, false, first, 1, VA, 0, NS_EL1},
		        {0x28, true, first, 0, 0, 0, NS_EL1 | NS_IPA},
		        {0x2a, false, first, 0, VA, 0, NS_IPA},
		        {0x58, true, 3, 0, 0, 0, S_IPA},
		        {0x58, true, 2, 0, 0, 0, 0},
		};

		rig_w32(r, CR0, EN_ALL | vmw << 6);
		CHECK(&w, rows);
	}
	rig_w32(r, CR0, EN_ALL);
	for (unsigned vmw = 1; vmw < 5; vmw++) {
		uint16_t first = (uint16_t)(far[vmw] ^ 3);
		const struct row rows[] = {
		        {0x58, true, first, 0, 0, 0,
		         S_IPA | (first == 0 || vmw > 1 ? S_EL1 : 0)},
		        {0x10, false, 2, 0, 0, 0, 0},
		};

		rig_w32(r, S(CR0), EN_ALL | vmw << 6);
		CHECK(&w, rows);
	}
}

/* 4.4.1.1: ranges, hints and what they leave. */
RIG_TEST(ranges_and_hints, NEST_SECURE)
{
#define NUM(n)   ((uint64_t)(n) << 12)
#define SCALE(n) ((uint64_t)(n) << 20)
#define TTL(n)   ((uint64_t)(n) << 8)
#define TG(n)    ((uint64_t)(n) << 10)
	static const struct {
		uint64_t d0, d1;
		bool drops;
	} rows[] = {
	        {NUM(4), (VA - 0x4000) | TG(1), true},
	        {NUM(3), (VA - 0x4000) | TG(1), false},
	        {SCALE(3), (VA & ~0x7fffull) | TG(1), true},
	        {0, VA | TG(1) | TTL(3), true},
	        {0, VA | TG(1) | TTL(2), false},
	        {NUM(1), VA | TG(3), false},
	        {NUM(31) | SCALE(39), TG(1), true},
	        /* DS: the sixth bit of SCALE, and more than 39 act as 39. */
	        {SCALE(63), TG(1), true},
	        {SCALE(32), TG(1), true},
	};
	struct world w;

	open_world(r, &w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tables_cmd c = {0x13 | 3ull << 32 | rows[i].d0,
		                       rows[i].d1};

		refill(&w);
		rig_cmd(r, c);
		assert_int_equal(dropped(&w), rows[i].drops ? NS_EL1 : 0);
		assert_int_equal(rig_r32(r, GERROR), rig_r32(r, GERRORN));
	}
	/* DS gives 16 KiB tables a level 1 leaf, so that TTL 1 is a hint. */
	rig_cmd(r, (struct tables_cmd){0x13, TG(2) | TTL(1)});
	assert_int_equal(rig_r32(r, GERROR), 0);
}

/* Without DS, bit 25 is RES0, and TTL 1 of 16 KiB is no hint: a range of
 * nothing. */
RIG_TEST(ranges_without_ds, NEST_LESS(0u, 0u, I5_DS | I5_VAX))
{
	struct tables_half h;

	rig_stream(r, 5, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, 5, VA), PA);
	tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	rig_cmd(r, (struct tables_cmd){0x13 | SCALE(32), TG(1) | TTL(3)});
	assert_int_equal(rig_pa(r, 5, VA), PA);
	rig_cmd(r, (struct tables_cmd){0x13, TG(2) | TTL(1)});
	assert_int_equal(rig_r32(r, GERROR), 1);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_non_secure_queue),
        cmocka_unit_test(from_the_secure_queue),
        cmocka_unit_test(with_e2h),
        cmocka_unit_test(wildcards),
        cmocka_unit_test(ranges_and_hints),
        cmocka_unit_test(ranges_without_ds),
};

CHECK_MAIN(tests)
