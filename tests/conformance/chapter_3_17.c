/* SPDX-License-Identifier: MIT */
/* IHI 0070, 3.17 and 4.4: tags of cached translations, and which invalidation
 * takes which. One entry of every kind is cached, all for one address; then
 * one command is run, and what is left is seen by what was changed in memory
 * meanwhile. */
#include "nest.h"

#define A N_VA
#define B (N_VA + 0x1000)

enum entry {
	EL1,        /* VMID 3, ASID 7 */
	EL1_GLOBAL, /* VMID 3, filled by ASID 9 of the other ASET */
	EL1_ASID8,  /* VMID 3 */
	EL1_VMID4,  /* ASID 7 */
	NESTED,     /* VMID 3, ASID 10 */
	IPA,        /* VMID 3 */
	IPA_VMID4,
	EL2,
	S_EL1, /* VMID 0, ASID 7 */
	S_EL1_GLOBAL,
	S_NESTED, /* VMID 3, ASID 7 */
	S_IPA,    /* VMID 3, Secure IPA */
	S_IPA_NS, /* VMID 3, Non-secure IPA */
	S_EL2,
	EL3,
	ENTRIES,
};

static const struct {
	uint8_t config, strw, vmid, asid, aset, nscfg;
	bool secure, global;
} kinds[ENTRIES] = {
        [EL1] = {5, 0, 3, 7, 0, 0, false, false},
        [EL1_GLOBAL] = {5, 0, 3, 9, 1, 0, false, true},
        [EL1_ASID8] = {5, 0, 3, 8, 0, 0, false, false},
        [EL1_VMID4] = {5, 0, 4, 7, 0, 0, false, false},
        [NESTED] = {7, 0, 3, 10, 0, 0, false, false},
        [IPA] = {6, 0, 3, 0, 0, 0, false, false},
        [IPA_VMID4] = {6, 0, 4, 0, 0, 0, false, false},
        [EL2] = {5, 2, 0, 0, 0, 0, false, false},
        [S_EL1] = {5, 0, 0, 7, 0, 0, true, false},
        [S_EL1_GLOBAL] = {5, 0, 0, 9, 1, 0, true, true},
        [S_NESTED] = {7, 0, 3, 7, 0, 0, true, false},
        [S_IPA] = {6, 0, 3, 0, 0, 2, true, false},
        [S_IPA_NS] = {6, 0, 3, 0, 0, 3, true, false},
        [S_EL2] = {5, 2, 0, 0, 0, 0, true, false},
        [EL3] = {5, 1, 0, 0, 0, 0, true, false},
};

struct world {
	struct rig *r;
	struct secure s;
	struct tables_half s2; /* RAM where it is, and A */
	struct tables_half h[ENTRIES];
};

static void open_entry(struct world *w, unsigned i)
{
	struct tables *t = &w->r->t;
	struct dmasim_tables_ste ste = {
	        .config = kinds[i].config,
	        .strw = kinds[i].strw,
	        .s2vmid = kinds[i].vmid,
	        .nscfg = kinds[i].nscfg,
	        .shcfg = 1,
	        .s2ps = 5,
	};
	struct dmasim_tables_cd cd = {.ips = 5,
	                              .a = 1,
	                              .r = 1,
	                              .asid = kinds[i].asid,
	                              .aset = kinds[i].aset,
	                              .mair = TABLES_MAIR};
	struct dmasim_tables_cds one = {.base = tables_alloc(t, 64, 64)};

	assert_true(tables_half_new(t, &w->h[i], 25, 12));
	dmasim_tables_cd_stage1(&cd, &w->h[i], NULL);
	dmasim_tables_write_cd(t, one.base, &cd);
	dmasim_tables_ste_cds(&ste, &one);
	dmasim_tables_ste_stage2(&ste, &w->s2, false);
	dmasim_tables_ste_stage2(&ste, &w->s2, true);
	dmasim_tables_write_ste(
	        t,
	        tables_ste(t, kinds[i].secure ? &w->s.streams : &w->r->streams,
	                   i),
	        &ste);
}

static void open_world(struct world *w, struct rig *r)
{
	*w = (struct world){.r = r};
	secure_open(&w->s, r);
	w->s2 = (struct tables_half){.tsz = 25, .granule = 12, .stage2 = true};
	assert_int_equal(dmasim_tables_space_new(&r->t, &w->s2), DMASIM_OK);
	tables_map(&r->t, &w->s2, RIG_RAM, RIG_RAM, 1, S2_RW);
	for (unsigned i = 0; i < ENTRIES; i++)
		open_entry(w, i);
}

/* Every leaf says @pa from now on. */
static void set_leaves(struct world *w, uint64_t pa)
{
	struct tables *t = &w->r->t;

	for (unsigned i = 0; i < ENTRIES; i++)
		tables_map(t, &w->h[i], A, pa, 3,
		           kinds[i].global ? LEAF_RW & ~LEAF_NG : LEAF_RW);
	tables_map(t, &w->s2, A, pa, 3, S2_RW);
}

static uint64_t pa_of(struct world *w, unsigned i)
{
	assert_int_equal(
	        rig_dma_flags(w->r, DMASIM_READ, i, A,
	                      kinds[i].secure ? DMASIM_TXN_SEC_SID : 0),
	        DMASIM_TXN_OK);
	return rig_last(w->r, DMASIM_CAUSE_DMA)->addr;
}

/* The entries that @c takes from full caches: 1 << entry. */
static unsigned taken(struct world *w, struct tables_cmd c, bool secure)
{
	unsigned gone = 0;

	secure_reset(&w->s);
	set_leaves(w, N_PA);
	for (unsigned i = 0; i < ENTRIES; i++)
		assert_int_equal(pa_of(w, i), N_PA);
	set_leaves(w, N_PA + 0x1000);
	for (unsigned i = 0; i < ENTRIES; i++)
		assert_int_equal(pa_of(w, i), N_PA);
	if (secure) {
		secure_cmd(&w->s, c);
	} else {
		rig_cmd(w->r, c);
		assert_int_equal(rig_r32(w->r, CMDQ_CONS),
		                 rig_r32(w->r, CMDQ_PROD));
	}
	for (unsigned i = 0; i < ENTRIES; i++)
		gone |= (unsigned)(pa_of(w, i) != N_PA) << i;
	return gone;
}

struct row {
	uint8_t op;
	uint16_t vmid, asid;
	uint64_t address;
	unsigned takes;
};

#define M(entry) (1u << (entry))
#define EL1_3    (M(EL1) | M(EL1_GLOBAL) | M(EL1_ASID8) | M(NESTED))
#define S_ALL    (M(S_EL1) | M(S_EL1_GLOBAL) | M(S_NESTED))

static void check(struct rig *r, const struct row *rows, unsigned n,
                  bool secure)
{
	struct world w;

	open_world(&w, r);
	for (unsigned i = 0; i < n; i++) {
		const struct row *x = &rows[i];
		unsigned got =
		        taken(&w, cmd_tlbi(x->op, x->vmid, x->asid, x->address),
		              secure);

		if (got != x->takes)
			fail_msg("row %u, command 0x%02x: took 0x%x, not 0x%x",
			         i, x->op, got, x->takes);
	}
}

#define CHECK(r, rows, secure)                                                 \
	check(r, rows, sizeof(rows) / sizeof(*(rows)), secure)

/* 4.4.2 to 4.4.4, by the Non-secure queue. */
static const struct row nonsecure[] = {
        /* NH_ALL, NH_ASID, NH_VA, NH_VAA */
        {0x10, 3, 0, 0, EL1_3},
        {0x10, 4, 0, 0, M(EL1_VMID4)},
        {0x10, 5, 0, 0, 0},
        {0x11, 3, 7, 0, M(EL1)},
        {0x11, 3, 9, 0, 0},
        {0x11, 3, 10, 0, M(NESTED)},
        {0x11, 4, 7, 0, M(EL1_VMID4)},
        {0x12, 3, 7, A, M(EL1) | M(EL1_GLOBAL)},
        {0x12, 3, 99, A, M(EL1_GLOBAL)},
        {0x12, 3, 7, A | 1, M(EL1) | M(EL1_GLOBAL)},
        {0x12, 3, 7, B, 0},
        {0x13, 3, 0, A, EL1_3},
        {0x13, 4, 0, A | 1, M(EL1_VMID4)},
        {0x13, 3, 0, B, 0},
        /* S12_VMALL, S2_IPA, NSNH_ALL */
        {0x28, 3, 0, 0, EL1_3 | M(IPA)},
        {0x28, 4, 0, 0, M(EL1_VMID4) | M(IPA_VMID4)},
        {0x2a, 3, 0, A, M(IPA)},
        {0x2a, 4, 0, A | 1, M(IPA_VMID4)},
        {0x2a, 3, 0, B, 0},
        {0x30, 0, 0, 0, EL1_3 | M(EL1_VMID4) | M(IPA) | M(IPA_VMID4)},
};

RIG_TEST(s3_17_nonsecure_commands, NEST_SECURE)
{
	CHECK(r, nonsecure, false);
}

/* EL2_ALL, _ASID (of E2H alone), _VA, _VAA: the ASID means nothing. */
static const struct row el2[] = {
        {0x20, 0, 0, 0, M(EL2)}, {0x21, 0, 0, 0, 0},
        {0x22, 0, 5, A, M(EL2)}, {0x22, 0, 0, B, 0},
        {0x23, 0, 0, A, M(EL2)}, {0x23, 0, 0, B, 0},
};

RIG_TEST(s3_17_el2, NEST_SECURE)
{
	CHECK(r, el2, false);
}

/* The Secure queue: its own; and Non-secure EL2 and both stages by commands
 * of the same effect as on the other. */
static const struct row secure[] = {
        {0x10, 0, 0, 0, M(S_EL1) | M(S_EL1_GLOBAL)},
        {0x10, 3, 0, 0, M(S_NESTED)},
        {0x11, 0, 7, 0, M(S_EL1)},
        {0x11, 0, 9, 0, 0},
        {0x11, 3, 7, 0, M(S_NESTED)},
        {0x12, 0, 7, A, M(S_EL1) | M(S_EL1_GLOBAL)},
        {0x12, 0, 8, A, M(S_EL1_GLOBAL)},
        {0x13, 3, 0, A, M(S_NESTED)},
        {0x13, 0, 0, B, 0},
        /* EL3_ALL, EL3_VA */
        {0x18, 0, 0, 0, M(EL3)},
        {0x1a, 0, 0, A, M(EL3)},
        {0x1a, 0, 0, B, 0},
        {0x20, 0, 0, 0, M(EL2)},
        {0x22, 0, 0, A, M(EL2)},
        {0x28, 3, 0, 0, EL1_3 | M(IPA)},
        {0x2a, 3, 0, A, M(IPA)},
        {0x30, 0, 0, 0, EL1_3 | M(EL1_VMID4) | M(IPA) | M(IPA_VMID4)},
        /* S_EL2_ALL, _ASID, _VA, _VAA */
        {0x50, 0, 0, 0, M(S_EL2)},
        {0x51, 0, 0, 0, 0},
        {0x52, 0, 5, A, M(S_EL2)},
        {0x53, 0, 0, A, M(S_EL2)},
        {0x53, 0, 0, B, 0},
        /* S_S12_VMALL, S_S2_IPA (NS), SNH_ALL */
        {0x58, 3, 0, 0, M(S_NESTED) | M(S_IPA) | M(S_IPA_NS)},
        {0x58, 0, 0, 0, M(S_EL1) | M(S_EL1_GLOBAL)},
        {0x5a, 3, 0, A, M(S_IPA)},
        {0x5a, 3, 0, A | 2, M(S_IPA_NS)},
        {0x5a, 3, 0, B, 0},
        {0x60, 0, 0, 0, S_ALL | M(S_IPA) | M(S_IPA_NS)},
};

RIG_TEST(s3_17_secure_commands, NEST_SECURE)
{
	CHECK(r, secure, true);
}

/* With every access of the SMMU waiting. */
RIG_TEST(s3_17_in_pending_memory, NEST_SECURE, .pend = true)
{
	struct world w;

	open_world(&w, r);
	assert_int_equal(taken(&w, cmd_tlbi(0x28, 3, 0, 0), false),
	                 EL1_3 | M(IPA));
	assert_int_equal(taken(&w, cmd_tlbi(0x58, 3, 0, 0), true),
	                 M(S_NESTED) | M(S_IPA) | M(S_IPA_NS));
}

/* 3.17.6: low bits of the VMID, of each Security state by itself. */
RIG_TEST(s3_17_6_wildcards, NEST_SECURE)
{
	struct world w;

	open_world(&w, r);
	rig_w32(r, CR0, EN_ALL & ~EN_SMMU);
	rig_w32(r, CR0, (EN_ALL & ~EN_SMMU) | 1u << 6);
	rig_w32(r, CR0, EN_ALL | 1u << 6);
	assert_int_equal(taken(&w, cmd_tlbi(0x10, 2, 0, 0), false), EL1_3);
	assert_int_equal(taken(&w, cmd_tlbi(0x28, 5, 0, 0), false),
	                 M(EL1_VMID4) | M(IPA_VMID4));
	assert_int_equal(taken(&w, cmd_tlbi(0x2a, 2, 0, A), false), M(IPA));
	assert_int_equal(taken(&w, cmd_tlbi(0x58, 2, 0, 0), true), 0);
	/* Three bits: 0 to 7. */
	rig_w32(r, CR0, EN_ALL & ~EN_SMMU);
	rig_w32(r, CR0, (EN_ALL & ~EN_SMMU) | 3u << 6);
	rig_w32(r, CR0, EN_ALL | 3u << 6);
	assert_int_equal(taken(&w, cmd_tlbi(0x10, 0, 0, 0), false),
	                 EL1_3 | M(EL1_VMID4));
	assert_int_equal(taken(&w, cmd_tlbi(0x10, 8, 0, 0), false), 0);
}

RIG_TEST(s3_17_6_secure_wildcards, NEST_SECURE)
{
	struct world w;

	open_world(&w, r);
	rig_w32(r, S(CR0), EN_ALL & ~EN_SMMU);
	rig_w32(r, S(CR0), (EN_ALL & ~EN_SMMU) | 1u << 6);
	rig_w32(r, S(CR0), EN_ALL | 1u << 6);
	assert_int_equal(taken(&w, cmd_tlbi(0x58, 2, 0, 0), true),
	                 M(S_NESTED) | M(S_IPA) | M(S_IPA_NS));
	assert_int_equal(taken(&w, cmd_tlbi(0x10, 1, 0, 0), true),
	                 M(S_EL1) | M(S_EL1_GLOBAL));
	assert_int_equal(taken(&w, cmd_tlbi(0x5a, 2, 0, A), true), M(S_IPA));
	assert_int_equal(taken(&w, cmd_tlbi(0x28, 2, 0, 0), true), 0);
}

/* 4.4.1: ranges of IPAs, and hints of the leaf's size and level. */
RIG_TEST(s4_4_1_ranges_of_ipas, NEST_SECURE)
{
	/* NUM, SCALE, TG, TTL */
	static const unsigned fits[] = {1, 0, 1, 0}, level3[] = {0, 0, 1, 3},
	                      level2[] = {0, 0, 1, 2}, large[] = {1, 0, 2, 0};
	struct tables_cmd c;
	struct world w;

	open_world(&w, r);
	c = cmd_tlbi_range(0x2a, 0, A - 0x1000, fits);
	c.d0 |= 3ull << 32;
	assert_int_equal(taken(&w, c, false), M(IPA));
	c = cmd_tlbi_range(0x2a, 0, A - 0x2000, fits);
	c.d0 |= 3ull << 32;
	assert_int_equal(taken(&w, c, false), 0);
	c = cmd_tlbi_range(0x2a, 0, A, level3);
	c.d0 |= 3ull << 32;
	assert_int_equal(taken(&w, c, false), M(IPA));
	/* Entries of another level or granule need not go, and stay. */
	c = cmd_tlbi_range(0x2a, 0, A, level2);
	c.d0 |= 3ull << 32;
	assert_int_equal(taken(&w, c, false), 0);
	c = cmd_tlbi_range(0x2a, 0, A, large);
	c.d0 |= 3ull << 32;
	assert_int_equal(taken(&w, c, false), 0);
	c = cmd_tlbi_range(0x5a, 0, A, fits);
	c.d0 |= 3ull << 32;
	c.d1 |= 2;
	assert_int_equal(taken(&w, c, true), M(S_IPA_NS));
}

/* ---- E2H (3.17.5) ---- */

/* A stream of EL2-E2H; the same again in the tables of another. */
static void e2h_stream(struct world *w, uint32_t sid, bool of_secure,
                       unsigned asid, struct tables_half *h)
{
	struct tables *t = &w->r->t;
	struct dmasim_tables_ste ste = {.config = 5, .strw = 2, .shcfg = 1};
	struct dmasim_tables_cd cd = {.ips = 5,
	                              .a = 1,
	                              .r = 1,
	                              .asid = asid,
	                              .aset = asid == 9,
	                              .mair = TABLES_MAIR};
	struct dmasim_tables_cds one = {.base = tables_alloc(t, 64, 64)};

	assert_true(tables_half_new(t, h, 25, 12));
	dmasim_tables_cd_stage1(&cd, h, NULL);
	dmasim_tables_write_cd(t, one.base, &cd);
	dmasim_tables_ste_cds(&ste, &one);
	dmasim_tables_write_ste(
	        t,
	        tables_ste(t, of_secure ? &w->s.streams : &w->r->streams, sid),
	        &ste);
}

/* ASID 7, ASID 8, and a global one: which does @c take? */
static unsigned e2h_taken(struct world *w, bool of_secure,
                          struct tables_half h[3], struct tables_cmd c)
{
	uint32_t flags = of_secure ? DMASIM_TXN_SEC_SID : 0;
	unsigned gone = 0;

	secure_reset(&w->s);
	for (unsigned step = 0; step < 2; step++) {
		for (unsigned i = 0; i < 3; i++)
			tables_map(&w->r->t, &h[i], A, N_PA + 0x1000 * step, 3,
			           i == 2 ? LEAF_RW & ~LEAF_NG : LEAF_RW);
		for (unsigned i = 0; i < 3; i++)
			rig_dma_flags(w->r, DMASIM_READ, 100 + i, A, flags);
	}
	if (of_secure)
		secure_cmd(&w->s, c);
	else
		rig_cmd(w->r, c);
	for (unsigned i = 0; i < 3; i++) {
		rig_dma_flags(w->r, DMASIM_READ, 100 + i, A, flags);
		gone |= (unsigned)(rig_last(w->r, DMASIM_CAUSE_DMA)->addr !=
		                   N_PA)
		        << i;
	}
	return gone;
}

static void e2h(struct rig *r, bool of_secure, uint8_t all)
{
	static const struct {
		uint8_t op; /* beyond EL2_ALL */
		uint16_t asid;
		uint64_t address;
		unsigned takes;
	} rows[] = {
	        {0, 0, 0, 7}, {1, 7, 0, 1}, {1, 9, 0, 0}, {2, 7, A, 5},
	        {2, 3, A, 4}, {2, 7, B, 0}, {3, 0, A, 7}, {3, 0, B, 0},
	};
	struct tables_half h[3];
	struct world w;

	open_world(&w, r);
	rig_w32(r, CR0, EN_CMDQ | EN_EVENTQ);
	rig_w32(r, S(CR0), EN_CMDQ | EN_EVENTQ);
	rig_w32(r, of_secure ? S(CR2) : CR2, of_secure ? 1 : 3);
	rig_w32(r, CR0, EN_ALL);
	rig_w32(r, S(CR0), EN_ALL);
	for (unsigned i = 0; i < 3; i++)
		e2h_stream(&w, 100 + i, of_secure, 7 + i, &h[i]);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
		        e2h_taken(&w, of_secure, h,
		                  cmd_tlbi((uint8_t)(all + rows[i].op), 0,
		                           rows[i].asid, rows[i].address)),
		        rows[i].takes);
}

RIG_TEST(s3_17_5_e2h, NEST_SECURE)
{
	e2h(r, false, 0x20);
}

RIG_TEST(s3_17_5_e2h_secure, NEST_SECURE)
{
	e2h(r, true, 0x50);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s3_17_nonsecure_commands),
        cmocka_unit_test(s3_17_el2),
        cmocka_unit_test(s3_17_secure_commands),
        cmocka_unit_test(s3_17_in_pending_memory),
        cmocka_unit_test(s3_17_6_wildcards),
        cmocka_unit_test(s3_17_6_secure_wildcards),
        cmocka_unit_test(s4_4_1_ranges_of_ipas),
        cmocka_unit_test(s3_17_5_e2h),
        cmocka_unit_test(s3_17_5_e2h_secure),
};

CHECK_MAIN(tests)
