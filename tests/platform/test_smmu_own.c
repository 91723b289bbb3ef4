/* SPDX-License-Identifier: MIT */
/* SMMUs of a tree's own making: profiles, registers, sizes of caches. */
#include "plat_internal.h"
#include "tree.h"

#define PROFILE "dmasim,profile = \"qemu-7.2\";"
#define SIZES                                                                  \
	"		dmasim,output-bits = <48>;\n"                                       \
	"		dmasim,stream-id-bits = <20>;\n"                                    \
	"		dmasim,substream-id-bits = <0>;\n"
#define REG  "reg = <0x0 0x2b400000 0x0 0x20000>"
#define SMMU "/iommu@2b400000: "

/** The base tree's SMMU with @props instead of its own properties. */
static char *own_tree(const char *props)
{
	char *text = tree_replace(tree_base(), SIZES, "");

	return tree_replace(text, PROFILE, props);
}

struct machine {
	struct tree tree;
	struct dmasim_machine *m;
};

static struct machine build(char *text, struct dmasim_machine_config cfg)
{
	struct machine x = {.tree = tree_compile(text)};
	struct dmasim_diag diag = {""};
	int status;

	cfg.fdt = x.tree.fdt;
	cfg.fdt_size = x.tree.size;
	status = dmasim_machine_create(&cfg, &x.m, &diag);
	assert_string_equal(diag.text, "");
	assert_int_equal(status, DMASIM_OK);
	return x;
}

static void end(struct machine *x)
{
	dmasim_machine_destroy(x->m);
	free(x->tree.fdt);
}

/** A register of the SMMU; ~0: nothing answers. */
static uint32_t reg(struct machine *x, uint32_t offset, uint32_t flags)
{
	struct dmasim_port port = dmasim_map_port(dmasim_machine_map(x->m));
	uint8_t data[4];
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .addr = 0x2b400000ull + offset,
	                         .size = 4,
	                         .flags = flags,
	                         .data = data};

	assert_int_equal(
	        dmasim_access_wait(dmasim_machine_kernel(x->m), &port, &txn),
	        DMASIM_OK);
	if (txn.result != DMASIM_TXN_OK)
		return UINT32_MAX;
	return (uint32_t)data[0] | (uint32_t)data[1] << 8 |
	       (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

static void registers_of_ones_own(void **state)
{
	struct machine x = build(own_tree("dmasim,profile = \"arch-full\";\n"
	                                  "dmasim,idr0 = <0x0806d689>;\n"
	                                  "dmasim,idr1 = <0x0e739d10>;\n"
	                                  "dmasim,idr2 = <0x0>;\n"
	                                  "dmasim,idr3 = <0x00000500>;\n"
	                                  "dmasim,idr4 = <0x12345678>;\n"
	                                  "dmasim,idr5 = <0x00400015>;\n"
	                                  "dmasim,idr6 = <0>;\n"
	                                  "dmasim,s-idr1 = <0>;\n"),
	                         (struct dmasim_machine_config){0});

	(void)state;
	/* COHACC is the platform's. */
	assert_int_equal(reg(&x, 0x00, 0), 0x0806d699);
	assert_int_equal(reg(&x, 0x04, 0), 0x0e739d10);
	assert_int_equal(reg(&x, 0x08, 0), 0);
	assert_int_equal(reg(&x, 0x0c, 0), 0x500);
	assert_int_equal(reg(&x, 0x10, 0), 0x12345678);
	assert_int_equal(reg(&x, 0x14, 0), 0x00400015);
	assert_int_equal(reg(&x, 0x1c, 0), 4);
	assert_int_equal(reg(&x, 0x8004, DMASIM_TXN_SECURE), 0);
	end(&x);
}

/** The sizes come after the registers, and COHACC is cleared, too. */
static void order_of_properties(void **state)
{
	char *text = own_tree("dmasim,idr0 = <0x0d08701a>;\n"
	                      "dmasim,idr5 = <0x00000075>;\n"
	                      "dmasim,output-bits = <40>;\n"
	                      "dmasim,port = \"non-coherent\";");
	struct machine x = build(text, (struct dmasim_machine_config){0});

	(void)state;
	assert_int_equal(reg(&x, 0x00, 0), 0x0d08700a);
	assert_int_equal(reg(&x, 0x14, 0), 0x72);
	end(&x);
}

static void secure_registers(void **state)
{
	struct machine x = build(own_tree("dmasim,profile = \"arch-full\";\n"
	                                  "dmasim,s-idr0 = <0x2000>;\n"
	                                  "dmasim,s-idr1 = <0xa0000008>;\n"
	                                  "dmasim,s-idr2 = <0x1>;\n"
	                                  "dmasim,s-idr3 = <0x40>;\n"
	                                  "dmasim,s-idr4 = <7>;\n"
	                                  "dmasim,s-idr6 = <0>;\n"),
	                         (struct dmasim_machine_config){0});

	(void)state;
	assert_int_equal(reg(&x, 0x8000, DMASIM_TXN_SECURE), 0x2000);
	assert_int_equal(reg(&x, 0x8004, DMASIM_TXN_SECURE), 0xa0000008);
	assert_int_equal(reg(&x, 0x8008, DMASIM_TXN_SECURE), 1);
	assert_int_equal(reg(&x, 0x800c, DMASIM_TXN_SECURE), 0x40);
	assert_int_equal(reg(&x, 0x8010, DMASIM_TXN_SECURE), 7);
	end(&x);
}

/** Pages beyond the first two are there as far as `reg` goes. */
static void frame(void **state)
{
	char *text = own_tree("dmasim,profile = \"arch-full\";");
	struct machine x;

	(void)state;
	x = build(text, (struct dmasim_machine_config){0});
	assert_int_equal(reg(&x, 0x1fffc, 0), 0);
	assert_int_equal(reg(&x, 0x20000, 0), UINT32_MAX);
	end(&x);
	text = tree_replace(own_tree("dmasim,profile = \"arch-full\";"), REG,
	                    "reg = <0x0 0x2b400000 0x0 0x100000>");
	x = build(text, (struct dmasim_machine_config){0});
	assert_int_equal(reg(&x, 0x20000, 0), 0);
	assert_int_equal(reg(&x, 0x5fffc, 0), 0);
	assert_int_equal(reg(&x, 0x60000, 0), UINT32_MAX);
	end(&x);
}

/** --profile changes the base, not what the tree says of it. */
static void profile_of_the_caller(void **state)
{
	struct machine x = build(own_tree("dmasim,idr4 = <5>;"),
	                         (struct dmasim_machine_config){
	                                 .has_profile = true,
	                                 .profile = DMASIM_SMMU_MMU_600_LIKE});

	(void)state;
	assert_int_equal(reg(&x, 0x18, 0), 0x4832243b);
	assert_int_equal(reg(&x, 0x10, 0), 5);
	end(&x);
}

static void caches(void **state)
{
	struct plat_desc *d = calloc(1, sizeof(*d));
	struct dmasim_smmu_config cfg = {0};
	struct dmasim_diag diag = {""};
	struct tree t = tree_compile(own_tree("dmasim,tlb-entries = <64>;\n"
	                                      "dmasim,walk-entries = <16>;\n"
	                                      "dmasim,config-entries = <8>;"));

	(void)state;
	assert_non_null(d);
	assert_int_equal(plat_describe(t.fdt, t.size, 0, &diag, d), DMASIM_OK);
	plat_smmu_config(&d->smmu[0], &cfg);
	assert_int_equal(cfg.tlb_entries, 64);
	assert_int_equal(cfg.walk_entries, 16);
	assert_int_equal(cfg.config_entries, 8);
	assert_int_equal(cfg.idr_valid, 0);
	assert_int_equal(cfg.s_idr_valid, 0);
	plat_describe_end(d);
	free(d);
	free(t.fdt);
}

static const struct {
	const char *props, *message;
} refusals[] = {
        {"dmasim,profile = \"arch-half\";",
         SMMU "dmasim,profile: 'arch-half' is none of arch, arch-full, "
              "fvp-2017, mmu-600-like, mmu-700-like, qemu-7.2, qemu-10"},
        {"dmasim,idr0;", SMMU "dmasim,idr0: "},
        {"dmasim,idr3 = <0 1>;", SMMU "dmasim,idr3: "},
        {"dmasim,s-idr1 = \"x\";", SMMU "dmasim,s-idr1: "},
        {"dmasim,idr3 = <0x80>;",
         SMMU "dmasim,idr: IDR3 has bits of MPAM, DPT"},
        {"dmasim,idr0 = <0x0d18700a>;",
         SMMU "dmasim,idr: IDR0.VATOS needs ATOS, S1P and S2P"},
        {"dmasim,s-idr1 = <0xa0000008>;",
         SMMU "dmasim,s-idr: S_IDR1.SEL2 needs S2P"},
        {"dmasim,tlb-entries = <0>;",
         SMMU "dmasim,tlb-entries: 0, 1 to 1048576"},
        {"dmasim,tlb-entries = <1048577>;",
         SMMU "dmasim,tlb-entries: 1048577, 1 to 1048576"},
        {"dmasim,walk-entries = <0>;", SMMU "dmasim,walk-entries: 0"},
        {"dmasim,config-entries = <65537>;",
         SMMU "dmasim,config-entries: 65537, 1 to 65536"},
        {"dmasim,config-entries = \"many\";", SMMU "dmasim,config-entries: "},
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		struct plat_desc *d = calloc(1, sizeof(*d));
		struct tree t = tree_compile(own_tree(refusals[i].props));
		struct dmasim_diag diag = {""};

		assert_non_null(d);
		assert_int_equal(plat_describe(t.fdt, t.size, 0, &diag, d),
		                 DMASIM_E_FORMAT);
		if (strncmp(diag.text, refusals[i].message,
		            strlen(refusals[i].message)) != 0)
			fail_msg("expected '%s'\n     got '%s'",
			         refusals[i].message, diag.text);
		free(d);
		free(t.fdt);
	}
}

/** What docs/device-tree.md shows. */
static void example(void **state)
{
	size_t size;
	char *text = tree_read(DMASIM_SOURCE_DIR "/docs/device-tree.md", &size);
	char *from = strstr(text, "            dmasim,profile = \"arch-full\""),
	     *to;
	struct machine x;

	(void)state;
	assert_non_null(from);
	to = strstr(from, "\n    };");
	assert_non_null(to);
	*to = '\0';
	x = build(own_tree(from), (struct dmasim_machine_config){0});
	assert_int_equal(reg(&x, 0x1c, 0), 4);
	end(&x);
	free(text);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_of_ones_own),
        cmocka_unit_test(order_of_properties),
        cmocka_unit_test(secure_registers),
        cmocka_unit_test(frame),
        cmocka_unit_test(profile_of_the_caller),
        cmocka_unit_test(caches),
        cmocka_unit_test(refused),
        cmocka_unit_test(example),
};

CHECK_MAIN(tests)
