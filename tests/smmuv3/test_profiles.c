/* SPDX-License-Identifier: MIT */
/* Profiles: what each does differently, quirk by quirk, and creation. */
#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

#define D0(type) EV(type, SID)

static struct tables_half one_page(struct rig *r, uint64_t leaf)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, leaf);
	return h;
}

static void names(void **state)
{
	enum dmasim_smmu_profile p;

	(void)state;
	for (unsigned i = 0; i < DMASIM_SMMU_PROFILES; i++) {
		const char *name =
		        dmasim_smmu_profile_name((enum dmasim_smmu_profile)i);

		assert_int_equal(dmasim_smmu_profile_parse(name, &p),
		                 DMASIM_OK);
		assert_int_equal(p, i);
	}
	assert_int_equal(dmasim_smmu_profile_parse("qemu-11", &p),
	                 DMASIM_E_NOTFOUND);
	assert_string_equal(dmasim_smmu_profile_name(DMASIM_SMMU_PROFILES),
	                    "?");
}

/* Each quirk has a name and a text, and the page that lists them has it. */
static void quirks_are_documented(void **state)
{
	char text[65536];
	FILE *f = fopen(DMASIM_SOURCE_DIR "/docs/profiles.md", "r");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	for (unsigned i = 0; i < SMMU_QUIRK_COUNT; i++) {
		char cell[64];

		assert_non_null(smmu_quirk_text(i));
		snprintf(cell, sizeof(cell), "| `%s` |", smmu_quirk_name(i));
		if (!strstr(text, cell))
			fail_msg("docs/profiles.md has no row %s", cell);
	}
	assert_null(smmu_quirk_name(SMMU_QUIRK_COUNT));
	assert_null(smmu_quirk_text(SMMU_QUIRK_COUNT));
}

/* ---- fvp-2017 ---- */

RIG_TEST(fvp_fills_the_substream, .profile = DMASIM_SMMU_FVP_2017)
{
	struct tables_half h = one_page(r, LEAF_RW);
	uint64_t cd = tables_alloc(&r->t, 64 * 8, 64 * 8);

	rig_dma(r, DMASIM_READ, SID, 0x8fa081002, 2);
	rig_expect(r, D0(0xfffff010), EV_IN | EV_READ, 0x8fa081002, 0);
	rig_dma(r, DMASIM_READ, 300, VA, 4);
	rig_expect(r, EV(0xfffff002, 300), 0, 0, 0);
	/* Where the field is valid it says what it should. */
	rig_dma_ssid(r, SID, 3, VA);
	rig_expect(r, D0(8) | 3 << 12, 0, 0, 0);
	tables_cd(&r->t, cd, &h, NULL, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	rig_ste_word(r, SID, 0, 0, 3ull << 59);
	rig_flush(r);
	rig_dma_ssid(r, SID, 0, VA + 0x1000);
	rig_expect(r, D0(0x10) | 1 << 11, EV_IN | EV_READ, VA + 0x1000, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0xfffff006), 0, 0, 0);
}

/* ---- both QEMU versions ---- */

static void qemu_configuration(struct rig *r)
{
	uint64_t l1 = r->streams.base, desc, cd;
	struct tables_half h;

	rig_w32(r, CR2, 0);
	/* RECINVSID = 0, and recorded. */
	rig_dma(r, DMASIM_READ, 1u << 12, VA, 4);
	rig_expect(r, EV(2, 1u << 12), 0, 0, 0);
	cd = rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	desc = tables_get(&r->t, l1) & ~0x1full;
	/* Span 3 covers 8 streams; Span 2 covers 4, and 5 is C_BAD_STE. */
	tables_set(&r->t, l1, desc | 3);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	tables_set(&r->t, l1, desc | 2);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(4), 0, 0, 0);
	tables_set(&r->t, l1, desc);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(2), 0, 0, 0);
	tables_set(&r->t, l1, desc | 31);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	/* The address of a CD that cannot be read stands in word 2, and one
	 * above OAS is read. */
	rig_flush(r);
	rig_ste_word(r, SID, 0, 0, 1ull << 46);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(9), 0, cd | 1ull << 46, 0);
	rig_ste_word(r, SID, 0, 1ull << 46, 0);
	rig_flush(r);
	/* Bits that are not looked at, and one that is. */
	rig_ste_word(r, SID, 0, 0, 1ull << 48);
	tables_set(&r->t, cd + 8, h.ttb | 1ull << 51);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_ste_word(r, SID, 0, 1ull << 48, 0);
	tables_set(&r->t, cd + 8, h.ttb);
	tables_set(&r->t, l1, desc | 1ull << 52 | 9);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(3), 0, 0, (desc | 1ull << 52) + 64 * SID);
	tables_set(&r->t, l1, desc | 9);
	rig_flush(r);
	/* Once 2-level, always. */
	rig_w32(r, STRTAB_BASE_CFG, 12);
	assert_int_equal(rig_pa(r, SID, VA), PA);
}

RIG_TEST(qemu_7_2_configuration, .profile = DMASIM_SMMU_QEMU_7_2,
         .log2size = 12, .split = 8)
{
	qemu_configuration(r);
}

RIG_TEST(qemu_10_configuration, .profile = DMASIM_SMMU_QEMU_10, .log2size = 12,
         .split = 8)
{
	qemu_configuration(r);
}

static void qemu_permissions(struct rig *r, uint64_t class)
{
	struct tables_half h = one_page(r, LEAF_RW & ~LEAF_AP1);
	uint64_t l1, plain;

	/* Only AP[2], and only for writes. */
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA, 4), DMASIM_TXN_OK);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO | LEAF_PXN | LEAF_UXN);
	rig_flush(r);
	assert_int_equal(
	        rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_INSTRUCTION),
	        DMASIM_TXN_OK);
	rig_dma_flags(r, DMASIM_WRITE, SID, VA, DMASIM_TXN_PRIVILEGED);
	rig_expect(r, D0(0x13), class, VA, 0);
	/* APTable faults a write on the way down, even to nothing ... */
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	l1 = tables_descriptor(&r->t, &h, VA, 1);
	plain = tables_get(&r->t, l1);
	tables_set(&r->t, l1, plain | 1ull << 62);
	rig_flush(r);
	rig_dma(r, DMASIM_WRITE, SID, VA + 0x1000, 4);
	rig_expect(r, D0(0x13), class, VA + 0x1000, 0);
	/* ... and is forgotten once a read has filled the TLB. */
	rig_dma(r, DMASIM_WRITE, SID, VA, 4);
	rig_expect(r, D0(0x13), class, VA, 0);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA, 4), DMASIM_TXN_OK);
	rig_expect_none(r);
	/* APTable[0] never counts. */
	tables_set(&r->t, l1, plain | 1ull << 61);
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	/* A next-level table above OAS is read. */
	tables_set(&r->t, l1, plain | 1ull << 46);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0x0b), EV_TT | EV_READ, VA,
	           (plain & ~0xfffull) + (1ull << 46) + 8 * (VA >> 21 & 511));
	/* A block at level 0. */
	tables_map(&r->t, &h, 0x8000000000, 0, 0, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, 0x8000000000 + RIG_DATA), RIG_DATA);
	rig_expect_none(r);
}

RIG_TEST(qemu_7_2_permissions, .profile = DMASIM_SMMU_QEMU_7_2)
{
	qemu_permissions(r, 0);
}

RIG_TEST(qemu_10_permissions, .profile = DMASIM_SMMU_QEMU_10)
{
	qemu_permissions(r, EV_IN);
}

RIG_TEST(qemu_7_2_leaves, .profile = DMASIM_SMMU_QEMU_7_2)
{
	struct tables_half h = one_page(r, LEAF_RW & ~LEAF_AF);

	assert_int_equal(rig_pa(r, SID, VA), PA);
	tables_set(&r->t, tables_descriptor(&r->t, &h, VA + 0x1000, 3),
	           UINT64_MAX);
	rig_dma(r, DMASIM_READ, SID, VA + 0x1010, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, 0xfffffffff010);
	rig_expect_none(r);
	/* The attributes of the client are not even looked at in records. */
	rig_dma_flags(r, DMASIM_READ, SID, VA + 0x2000,
	              DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION);
	rig_expect(r, D0(0x10), EV_READ, VA + 0x2000, 0);
	/* 2^48 and above do not reach the SMMU. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, 1ull << 48, 4),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(rig_dma(r, DMASIM_READ, 1u << 20, 1ull << 48, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
	/* A page of the stream that is cached does not change that. */
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, 1ull << 48 | VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

RIG_TEST(qemu_10_leaves, .profile = DMASIM_SMMU_QEMU_10)
{
	struct tables_half h = one_page(r, LEAF_RO & ~LEAF_AF);
	uint64_t at = tables_descriptor(&r->t, &h, VA, 3);

	/* The access flag, then permissions, then the size. */
	tables_set(&r->t, at, tables_get(&r->t, at) | 1ull << 46);
	rig_dma(r, DMASIM_WRITE, SID, VA, 4);
	rig_expect(r, D0(0x12), EV_IN, VA, 0);
	tables_set(&r->t, at, tables_get(&r->t, at) | LEAF_AF);
	rig_dma(r, DMASIM_WRITE, SID, VA, 4);
	rig_expect(r, D0(0x13), EV_IN, VA, 0);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0x11), EV_IN | EV_READ, VA, 0);
	rig_dma(r, DMASIM_READ, SID, 1ull << 48, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 1ull << 48, 0);
}

RIG_TEST(qemu_bypass_has_no_limit, .profile = DMASIM_SMMU_QEMU_10)
{
	tables_ste_config(&r->t, &r->streams, SID, 4);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, 1ull << 50, 4),
	                 DMASIM_TXN_DECODE);
	rig_expect_none(r);
}

RIG_TEST(qemu_tbi1_is_tbi0, .profile = DMASIM_SMMU_QEMU_10)
{
	struct tables_half low, high;
	uint64_t cd = rig_stream(r, SID, 1, &low), w;

	assert_true(tables_half_new(&r->t, &high, 16, 12));
	tables_cd(&r->t, cd, &low, &high, 1);
	tables_map(&r->t, &high, 0xffff00001000, PA, 3, LEAF_RW);
	w = tables_get(&r->t, cd);
	tables_set(&r->t, cd, w | 1ull << 39);
	rig_dma(r, DMASIM_READ, SID, 0xabffffff00001000, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0xabffffff00001000, 0);
	tables_set(&r->t, cd, w | 1ull << 38);
	rig_flush(r);
	assert_int_equal(rig_pa(r, SID, 0xabffffff00001000), PA);
}

RIG_TEST(qemu_queues_need_no_alignment, .profile = DMASIM_SMMU_QEMU_10,
         .off = true)
{
	rig_enable(r);
	rig_w64(r, CMDQ_BASE, (r->cmdq + 0x20) | 6);
	tables_set(&r->t, r->cmdq + 0x20, 0x46 | 1 << 12);
	rig_w32(r, CMDQ_PROD, 1);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){r->irqc, 76}), 1);
}

/* ---- creation ---- */

static int create(struct rig *r, struct dmasim_smmu_config *cfg)
{
	struct dmasim_smmu *s;
	int status = dmasim_smmu_create(cfg, &s);

	(void)r;
	if (status == DMASIM_OK)
		dmasim_smmu_destroy(s);
	return status;
}

RIG_TEST(creation_checks_its_arguments, .off = true)
{
	const struct dmasim_smmu_config good = {
	        .kernel = r->k, .name = "other", .mem = r->mem};
	struct dmasim_smmu_config c = good;
	struct dmasim_port port;

	assert_int_equal(create(r, &c), DMASIM_OK);
	assert_int_equal(dmasim_smmu_create(NULL, &r->smmu), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_create(&c, NULL), DMASIM_E_INVAL);
	c.kernel = NULL;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.name = NULL;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.mem.access = NULL;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.profile = DMASIM_SMMU_PROFILES;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.tlb_entries = UINT32_MAX;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.walk_entries = UINT32_MAX;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.config_entries = UINT32_MAX;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.oas_bits = 33;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.sid_bits = 33;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.ssid_bits_plus1 = 22;
	assert_int_equal(create(r, &c), DMASIM_E_INVAL);
	c = good;
	c.name = "smmu"; /* taken */
	assert_int_equal(create(r, &c), DMASIM_E_EXISTS);
	assert_int_equal(dmasim_smmu_attach(NULL, &r->mem, &port),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_attach(r->smmu, NULL, &port),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_attach(r->smmu, &r->mem, NULL),
	                 DMASIM_E_INVAL);
	port.access = NULL;
	assert_int_equal(dmasim_smmu_attach(r->smmu, &port, &port),
	                 DMASIM_E_INVAL);
	assert_string_equal(dmasim_smmu_name(r->smmu), "smmu");
	dmasim_smmu_destroy(NULL);
}

RIG_TEST(sizes_are_configured, .off = true)
{
	struct dmasim_smmu_config c = {.kernel = r->k,
	                               .name = "other",
	                               .mem = r->mem,
	                               .oas_bits = 40,
	                               .sid_bits = 9,
	                               .ssid_bits_plus1 = 5};
	struct dmasim_smmu *s, *was = r->smmu;

	assert_int_equal(dmasim_smmu_create(&c, &s), DMASIM_OK);
	r->regs = dmasim_smmu_regs(s);
	assert_int_equal(rig_r32(r, 0x14) & 7, 2);
	assert_int_equal(rig_r32(r, IDR1) & 0x3f, 9);
	assert_int_equal(rig_r32(r, IDR1) >> 6 & 0x1f, 4);
	/* Not coherent. */
	assert_int_equal(rig_r32(r, IDR0) & 1 << 4, 0);
	r->regs = dmasim_smmu_regs(was);
	assert_int_equal(rig_r32(r, IDR0) & 1 << 4, 1 << 4);
	dmasim_smmu_destroy(s);
}

/* 6.1: the pages that follow page 0 and page 1. */
static uint64_t frame(const struct dmasim_smmu_config *cfg)
{
	uint64_t size;
	int status = dmasim_smmu_regs_size(cfg, &size);

	return status == DMASIM_OK ? size / 0x10000 : (uint64_t)status;
}

static void frame_size(void **state)
{
	struct dmasim_smmu_config cfg = {0};
	uint64_t size;

	(void)state;
	assert_int_equal(frame(&cfg), 2);
	/* ATOS without VATOS has no page; VATOS lies where IDR2 says. */
	cfg.idr_valid = 1 << 0 | 1 << 2;
	cfg.idr[0] = 3 | 1u << 15;
	cfg.idr[2] = 3;
	assert_int_equal(frame(&cfg), 2);
	cfg.idr[0] |= 1u << 20;
	assert_int_equal(frame(&cfg), 6);
	/* The Secure one is there with Secure stage 2. */
	cfg.s_idr_valid = 1 << 1 | 1 << 2;
	cfg.s_idr[1] = 1u << 31;
	cfg.s_idr[2] = 5;
	assert_int_equal(frame(&cfg), 6);
	cfg.s_idr[1] |= 1u << 29;
	assert_int_equal(frame(&cfg), 8);
	cfg.s_idr[2] = 3;
	assert_int_equal(frame(&cfg), DMASIM_E_INVAL);
	cfg.s_idr[2] = 0;
	assert_int_equal(frame(&cfg), 6);
	/* 4 pages of ECMDQs, and 1 Secure one. */
	cfg.idr_valid |= 1 << 1 | 1 << 6;
	cfg.idr[1] = 1u << 31 | 16;
	cfg.idr[6] = 2u << 24 | 8u << 16;
	assert_int_equal(frame(&cfg), 10);
	cfg.s_idr_valid |= 1 << 0;
	cfg.s_idr[0] = 1u << 31;
	assert_int_equal(frame(&cfg), 11);
	cfg.idr[6] = 2u << 24 | 9u << 16;
	assert_int_equal(frame(&cfg), DMASIM_E_INVAL);
	cfg.idr[6] = 9u << 24;
	assert_int_equal(frame(&cfg), DMASIM_E_INVAL);
	cfg.idr[6] = 0;
	cfg.s_idr_valid |= 1 << 6;
	cfg.s_idr[6] = 9u << 24;
	assert_int_equal(frame(&cfg), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_regs_size(NULL, &size), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_regs_size(&cfg, NULL), DMASIM_E_INVAL);
	cfg.profile = DMASIM_SMMU_PROFILES;
	assert_int_equal(frame(&cfg), DMASIM_E_INVAL);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_size),
        cmocka_unit_test(names),
        cmocka_unit_test(quirks_are_documented),
        cmocka_unit_test(fvp_fills_the_substream),
        cmocka_unit_test(qemu_7_2_configuration),
        cmocka_unit_test(qemu_10_configuration),
        cmocka_unit_test(qemu_7_2_permissions),
        cmocka_unit_test(qemu_10_permissions),
        cmocka_unit_test(qemu_7_2_leaves),
        cmocka_unit_test(qemu_10_leaves),
        cmocka_unit_test(qemu_bypass_has_no_limit),
        cmocka_unit_test(qemu_tbi1_is_tbi0),
        cmocka_unit_test(qemu_queues_need_no_alignment),
        cmocka_unit_test(creation_checks_its_arguments),
        cmocka_unit_test(sizes_are_configured),
};

CHECK_MAIN(tests)
