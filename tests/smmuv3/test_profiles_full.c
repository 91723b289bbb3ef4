/* SPDX-License-Identifier: MIT */
/* What the profiles of whole implementations show, and what contradicts. */
#include "nest.h"

#include "smmuv3_internal.h"

static uint32_t id(struct rig *r, uint32_t offset)
{
	return rig_r32(r, offset);
}

/* The rig's own SMMU has the Secure registers that its options name: another
 * one shows the profile's. */
static void whole(struct rig *r, enum dmasim_smmu_profile profile)
{
	struct dmasim_smmu_config c = {.kernel = r->k,
	                               .name = "other",
	                               .profile = profile,
	                               .coherent = true,
	                               .mem = r->mem};

	dmasim_smmu_destroy(r->smmu);
	assert_int_equal(dmasim_smmu_create(&c, &r->smmu), DMASIM_OK);
	r->regs = dmasim_smmu_regs(r->smmu);
}

/* docs/profiles.md has the bits one by one. */
RIG_TEST(arch_full_shows, .off = true)
{
	static const uint32_t idr[] = {0x089ff69b, 0x8e739d20, 0,
	                               0x00437714, 0,          0x004004f6};

	whole(r, DMASIM_SMMU_ARCH_FULL);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(id(r, 4 * i), idr[i]);
	assert_int_equal(id(r, 0x190), 0x00030000);
	assert_int_equal(id(r, 0x18), 0);
	assert_int_equal(id(r, 0x1c), 4);
	assert_int_equal(id(r, GBPA), 0x1000);
	rig_secure(r, true);
	assert_int_equal(id(r, S(0x00)), 0x80002000);
	assert_int_equal(id(r, S(0x04)), 0xa0000020);
	assert_int_equal(id(r, S(0x08)), 1);
	assert_int_equal(id(r, S(0x0c)), 0);
	assert_int_equal(id(r, S(0x10)), 0);
	assert_int_equal(id(r, S(0x190)), 0x00030000);
}

RIG_TEST(mmu_600_shows, .off = true)
{
	whole(r, DMASIM_SMMU_MMU_600_LIKE);
	assert_int_equal(id(r, 0x00), 0x080f7e1b);
	assert_int_equal(id(r, 0x04), 0x0e739d18);
	assert_int_equal(id(r, 0x0c), 0x3c);
	assert_int_equal(id(r, 0x14), 0x00400075);
	assert_int_equal(id(r, 0x18), 0x4832243b);
	assert_int_equal(id(r, 0x1c), 1);
	assert_int_equal(id(r, GBPA), 0);
	assert_int_equal(id(r, 0xfd0), 0x04);
	assert_int_equal(id(r, 0xfe0), 0x83);
	assert_int_equal(id(r, 0xfe4), 0xb4);
	assert_int_equal(id(r, 0xfe8), 0x2b);
	rig_secure(r, true);
	assert_int_equal(id(r, S(0x04)), 0x80000018);
	assert_int_equal(id(r, S(0x0c)), 0x40);
}

RIG_TEST(mmu_700_shows, .off = true)
{
	whole(r, DMASIM_SMMU_MMU_700_LIKE);
	assert_int_equal(id(r, 0x00), 0x080f769b);
	assert_int_equal(id(r, 0x04), 0x0e739d20);
	assert_int_equal(id(r, 0x0c), 0x173c);
	assert_int_equal(id(r, 0x14), 0x02000475);
	assert_int_equal(id(r, 0x18), 0x4871243b);
	assert_int_equal(id(r, 0x1c), 2);
	assert_int_equal(id(r, GBPA), 0);
	rig_secure(r, true);
	assert_int_equal(id(r, S(0x04)), 0xa0000020);
}

/* 6.3.2: ECMDQs are not there where accesses are not coherent. */
static void not_coherent(void **state)
{
	struct dmasim_smmu_config cfg = {.profile = DMASIM_SMMU_ARCH_FULL,
	                                 .coherent = true};
	uint64_t size;

	(void)state;
	/* VATOS and S_VATOS; a control page of each Security state. */
	assert_int_equal(dmasim_smmu_regs_size(&cfg, &size), DMASIM_OK);
	assert_int_equal(size, 0x60000);
	cfg.coherent = false;
	assert_int_equal(dmasim_smmu_regs_size(&cfg, &size), DMASIM_OK);
	assert_int_equal(size, 0x40000);
}

/* The table of docs/profiles.md has each profile's words. */
static void words_are_documented(void **state)
{
	char text[65536];
	FILE *file = fopen(DMASIM_SOURCE_DIR "/docs/profiles.md", "r");
	size_t n;

	(void)state;
	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	for (unsigned i = 0; i < DMASIM_SMMU_PROFILES; i++) {
		const struct smmu_profile *p = smmu_profile_get(i);
		const uint32_t words[] = {p->idr[0], p->idr[1], p->idr[3],
		                          p->idr[5], p->aidr};
		char cells[160], row[64];
		const char *line;
		int at = 0;

		snprintf(row, sizeof(row), "\n| `%s` | ", p->name);
		line = strstr(text, row);
		if (!line)
			fail_msg("no row of %s", p->name);
		for (unsigned w = 0; w < 5; w++)
			at += snprintf(cells + at, sizeof(cells) - (size_t)at,
			               w == 4 || words[w] == 0 ? " %x |"
			                                       : " 0x%08x |",
			               words[w]);
		line = strstr(line + strlen(row), "|");
		assert_non_null(line);
		if (strncmp(line + 1, cells, strlen(cells)) != 0)
			fail_msg("%s: expected %s", p->name, cells);
	}
}

/* ---- what acts ---- */

/* Both stages, 52-bit addresses of 4 KiB, an access flag set by hardware. */
RIG_TEST(arch_full_translates, .profile = DMASIM_SMMU_ARCH_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.ds1 = true});
	n.cd.ha = 1;
	n.cd.hd = 1;
	n.ste.s2ha = 1;
	nest_write(&n);
	/* SH is part of the address. */
	nest_set1(&n, N_VA, 3,
	          nest_get1(&n, N_VA, 3) &
	                  ~(DMASIM_TABLES_AF | DMASIM_TABLES_SH(3)));
	rig_flush(r);
	nest_ok(&n, DMASIM_WRITE);
	assert_true(nest_get1(&n, N_VA, 3) & DMASIM_TABLES_AF);
	rig_expect_none(r);
}

/* 3.23.1: MemAttr 0b0100 of stage 2 is Write-Back where there is MTEPERM. */
static void no_tag(struct rig *r, uint8_t inner)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	nest_write(&n);
	nest_map2(&n, N_IPA, N_PA, 3,
	          (S2_RW & ~DMASIM_TABLES_MEMATTR(15)) |
	                  DMASIM_TABLES_MEMATTR(4));
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, N_SID, N_IPA, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.type,
	                 inner ? DMASIM_NORMAL : DMASIM_DEVICE_NGNRNE);
}

RIG_TEST(arch_full_has_mteperm, .profile = DMASIM_SMMU_ARCH_FULL)
{
	no_tag(r, 1);
}

RIG_TEST(mmu_700_has_no_mteperm, .profile = DMASIM_SMMU_MMU_700_LIKE)
{
	no_tag(r, 0);
}

/* A choice that merges wherever it may. */
static void repeat_faults(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, N_SID, 1, &h);
	rig_ste_word(r, N_SID, 1, 0, 1ull << 19);
	rig_flush(r);
	for (unsigned i = 0; i < 2; i++)
		rig_dma(r, DMASIM_READ, N_SID, N_VA, 4);
}

static uint64_t records_merged(struct rig *r)
{
	struct dmasim_smmu_stats st;

	dmasim_smmu_get_stats(r->smmu, &st);
	return st.records_merged;
}

static struct dmasim_choice *merging(void)
{
	struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_SEED,
	                                   .seed = 1};
	struct dmasim_choice *c;

	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_OK);
	return c;
}

static uint64_t merged_by(enum dmasim_smmu_profile profile)
{
	static struct rig r;
	struct dmasim_choice *c = merging();
	const struct rig_options o = {.profile = profile, .choice = c};
	uint64_t n;

	rig_open(&r, &o);
	for (unsigned i = 0; i < 8; i++)
		repeat_faults(&r);
	n = records_merged(&r);
	rig_close(&r);
	dmasim_choice_destroy(c);
	return n;
}

static void mmu_600_never_merges(void **state)
{
	(void)state;
	assert_true(merged_by(DMASIM_SMMU_ARCH_FULL) > 0);
	assert_int_equal(merged_by(DMASIM_SMMU_MMU_600_LIKE), 0);
	assert_int_equal(merged_by(DMASIM_SMMU_MMU_700_LIKE), 0);
}

/* 5.2, ALLOCCFG: 0b1000 takes the hints away. */
static uint8_t hints_of(enum dmasim_smmu_profile profile)
{
	static struct rig r;
	const struct rig_options o = {.profile = profile};
	uint8_t alloc;

	rig_open(&r, &o);
	tables_ste_config(&r.t, &r.streams, N_SID, 4);
	rig_ste_word(&r, N_SID, 1, 0, 8ull << 37);
	rig_flush(&r);
	rig_dma(&r, DMASIM_READ, N_SID, RIG_DATA, 4);
	alloc = rig_last(&r, DMASIM_CAUSE_DMA)->attr.alloc;
	rig_close(&r);
	return alloc;
}

static void mmu_600_ignores_alloccfg(void **state)
{
	(void)state;
	assert_int_equal(hints_of(DMASIM_SMMU_ARCH_FULL), 0);
	assert_int_not_equal(hints_of(DMASIM_SMMU_MMU_600_LIKE), 0);
}

/* ---- contradictions ---- */

static void profiles_are_sound(void **state)
{
	struct dmasim_smmu_config cfg = {0};

	(void)state;
	for (unsigned i = 0; i < 2 * DMASIM_SMMU_PROFILES; i++) {
		const char *fault;

		cfg.profile = (enum dmasim_smmu_profile)(i / 2);
		cfg.coherent = i & 1;
		fault = dmasim_smmu_config_fault(&cfg);
		if (fault)
			fail_msg("%s: %s",
			         dmasim_smmu_profile_name(cfg.profile), fault);
	}
	assert_non_null(dmasim_smmu_config_fault(NULL));
	cfg.profile = DMASIM_SMMU_PROFILES;
	assert_non_null(dmasim_smmu_config_fault(&cfg));
	cfg.profile = DMASIM_SMMU_ARCH;
	cfg.oas_bits = 33;
	assert_non_null(dmasim_smmu_config_fault(&cfg));
}

/* arch-full with bits of one register changed; 7 and above: S_IDRn. */
static const struct {
	unsigned reg;
	uint32_t clear, set;
	const char *fault;
} contradictions[] = {
        {0, 0, 1u << 5, "IDR0 has bits of BTM"},
        {0, 0, 1u << 8, "IDR0 has bits of BTM, DORMHINT"},
        {0, 1u << 15, 0, "IDR0.VATOS needs"},
        {0, 1u << 0, 1u << 11, "IDR0.VATOS needs ATOS, S1P and S2P"},
        {0, 1u << 0 | 1u << 20, 1u << 11, "IDR0.NS1ATS needs"},
        {0, 1u << 10, 0, "IDR0.PRI needs ATS"},
        {0, 1u << 10 | 1u << 16, 0, "IDR0.ATSRECERR needs ATS"},
        {0, 1u << 0 | 1u << 20, 0, "IDR0.VMW needs S2P"},
        {0, 1u << 0 | 1u << 20 | 1u << 17, 0, "IDR0.VMID16 needs S2P"},
        {0, 1u << 13, 0, "IDR1.ECMDQ needs MSI"},
        {0, 1u << 1 | 1u << 20, 0, "S_IDR1.SECURE_IMPL needs S1P"},
        {0, 3u << 2, 1u << 2, "IDR0.TTF must be 2"},
        {0, 0, 3u << 6, "IDR0.HTTU is at most 2"},
        {0, 3u << 27, 0, "IDR1.SIDSIZE of 7 and more needs"},
        {1, 0, 1u << 30, "IDR1 has presets"},
        {1, 0, 0x3f, "IDR1.SIDSIZE is at most 32"},
        {1, 0, 0x1f << 6, "IDR1.SSIDSIZE is at most 20"},
        {2, 0, 1u << 10, "IDR2 has reserved bits"},
        {2, 0, 1, "a size that no field"}, /* where S_VATOS is */
        {3, 0, 1u << 7, "IDR3 has bits of MPAM"},
        {3, 1u << 2, 1u << 3, "IDR3.PBHA needs HAD"},
        {3, 1u << 9, 0, "S_IDR1.SEL2 needs IDR3.STT"},
        {5, 0, 1u << 8, "IDR5 has bits of D128"},
        {5, 7u << 4, 0, "IDR5 has no granule"},
        {5, 3u << 10, 0, "IDR5.DS needs VAX"},
        {5, 3u << 10, 2u << 10, "IDR5 has addresses of more"},
        {5, 0, 7, "IDR5 has addresses of more"},
        {5, 1u << 6 | 1u << 7, 0, "IDR5: 52-bit addresses need"},
        {6, 0, 1u << 15, "IDR6 has reserved bits"},
        {6, 0, 15u << 16, "a size that no field"},
        {7, 0, 1, "S_IDR0 has reserved bits"},
        {7, 1u << 13, 0, "S_IDR0.ECMDQ needs MSI"},
        {7, 0, 3u << 24, "IDR0.STALL_MODEL is at most 2"},
        {8, 0, 1u << 30, "S_IDR1 has reserved bits"},
        {9, 0, 1u << 31, "S_IDR2 has reserved bits"},
        {10, 0, 1, "S_IDR3 has reserved bits"},
        {13, 0, 1u << 31, "S_IDR6 has reserved bits"},
};

static void contradictions_are_told(void **state)
{
	const struct smmu_profile *p = smmu_profile_get(DMASIM_SMMU_ARCH_FULL);

	(void)state;
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(*contradictions);
	     i++) {
		unsigned reg = contradictions[i].reg, n = reg % 7;
		struct dmasim_smmu_config cfg = {
		        .profile = DMASIM_SMMU_ARCH_FULL,
		        .coherent = true,
		};
		uint32_t *word = reg < 7 ? &cfg.idr[n] : &cfg.s_idr[n];
		uint8_t *valid = reg < 7 ? &cfg.idr_valid : &cfg.s_idr_valid;
		const char *fault;

		*word = reg < 7 ? p->idr[n] : p->s_idr[n];
		if (reg == 0)
			*word |= 1u << 4;
		*word = (*word & ~contradictions[i].clear) |
		        contradictions[i].set;
		*valid = (uint8_t)(1u << n);
		fault = dmasim_smmu_config_fault(&cfg);
		if (!fault || strncmp(fault, contradictions[i].fault,
		                      strlen(contradictions[i].fault)) != 0)
			fail_msg("%zu: expected '%s', got '%s'", i,
			         contradictions[i].fault,
			         fault ? fault : "nothing");
	}
}

/* Those that need two registers. */
static void contradictions_of_two(void **state)
{
	struct dmasim_smmu_config cfg = {.profile = DMASIM_SMMU_ARCH,
	                                 .idr_valid = 1};

	(void)state;
	/* Nothing to translate with. */
	cfg.idr[0] = 2u << 2 | 1u << 27;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "IDR0 has neither S1P nor S2P");
	/* Of stage 2, without it. */
	cfg.idr[0] |= 1u << 1;
	cfg.idr_valid = 1 << 0 | 1 << 3;
	cfg.idr[3] = 1u << 8;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "IDR3.FWB needs S2P");
	cfg.idr[3] = 1u << 4;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "IDR3.XNX needs S2P");
	cfg.idr[3] = 1u << 5;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "IDR3.PPS needs PRI");
	cfg.idr[3] = 1u << 16;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "IDR3.PASIDTT needs ATS");
	cfg.idr[3] = 0;
	assert_null(dmasim_smmu_config_fault(&cfg));
	/* Secure EL2 without stage 2, Secure ECMDQs without coherency. */
	cfg.s_idr_valid = 1 << 0 | 1 << 1;
	cfg.s_idr[1] = 1u << 31 | 1u << 29 | 8;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "S_IDR1.SEL2 needs S2P");
	cfg.s_idr[1] = 1u << 31 | 8;
	cfg.s_idr[0] = 1u << 31 | 1u << 13;
	assert_string_equal(dmasim_smmu_config_fault(&cfg),
	                    "S_IDR0.ECMDQ needs an SMMU that is coherent");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(arch_full_shows),
        cmocka_unit_test(mmu_600_shows),
        cmocka_unit_test(mmu_700_shows),
        cmocka_unit_test(not_coherent),
        cmocka_unit_test(words_are_documented),
        cmocka_unit_test(arch_full_translates),
        cmocka_unit_test(arch_full_has_mteperm),
        cmocka_unit_test(mmu_700_has_no_mteperm),
        cmocka_unit_test(mmu_600_never_merges),
        cmocka_unit_test(mmu_600_ignores_alloccfg),
        cmocka_unit_test(profiles_are_sound),
        cmocka_unit_test(contradictions_are_told),
        cmocka_unit_test(contradictions_of_two),
};

CHECK_MAIN(tests)
