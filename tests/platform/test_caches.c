/* SPDX-License-Identifier: MIT */
/* Levels of caches and how they work, by the tree. */
#include "plat_internal.h"
#include "tree.h"

#define L2_SETS "cache-sets = <512>;"
#define CPUS    "cpus {\n\t\t#address-cells = <1>;"
#define L3                                                                     \
	"cache-sets = <512>; next-level-cache = <&l3>; };\n"                   \
	"\t\tl3: l3-cache { compatible = \"cache\";\n"                         \
	"\t\t\tcache-size = <0x80000>; cache-line-size = <64>;\n"              \
	"\t\t\tcache-sets = <512>;"

/** The base tree with these properties in /cpus. */
static char *with(const char *props)
{
	char text[1024];

	snprintf(text, sizeof(text), CPUS "\n%s", props);
	return tree_replace(tree_base(), CPUS, text);
}

static struct dmasim_machine *machine_of(char *text)
{
	struct tree tree = tree_compile(text);
	struct dmasim_machine_config cfg = {.fdt = tree.fdt,
	                                    .fdt_size = tree.size};
	struct dmasim_machine *m = NULL;
	struct dmasim_diag diag = {""};

	assert_int_equal(dmasim_machine_create(&cfg, &m, &diag), DMASIM_OK);
	assert_string_equal(diag.text, "");
	free(tree.fdt);
	return m;
}

static void refused(char *text, const char *message)
{
	struct tree tree = tree_compile(text);
	struct dmasim_machine_config cfg = {.fdt = tree.fdt,
	                                    .fdt_size = tree.size};
	struct dmasim_machine *m = NULL;
	struct dmasim_diag diag = {""};

	assert_int_equal(dmasim_machine_create(&cfg, &m, &diag),
	                 DMASIM_E_FORMAT);
	assert_string_equal(diag.text, message);
	free(tree.fdt);
}

static int stats(struct dmasim_machine *m, int level)
{
	struct dmasim_cache_stats s;

	return dmasim_memsys_stats(dmasim_machine_memsys(m), level, 0, &s);
}

/* Of two caches behind the CPU's the first is its own. */
static void levels(void **state)
{
	struct dmasim_machine *m = machine_of(tree_base());

	(void)state;
	assert_int_equal(stats(m, 2), DMASIM_OK);
	assert_int_equal(stats(m, 3), DMASIM_E_NOTFOUND);
	assert_int_equal(stats(m, DMASIM_SYSTEM_LEVEL), DMASIM_E_NOTFOUND);
	dmasim_machine_destroy(m);
	m = machine_of(tree_replace(with("dmasim,system-cache-size = "
	                                 "<0x100000>;"),
	                            L2_SETS, L3));
	assert_int_equal(stats(m, 2), DMASIM_OK);
	assert_int_equal(stats(m, 3), DMASIM_OK);
	assert_int_equal(stats(m, DMASIM_SYSTEM_LEVEL), DMASIM_OK);
	dmasim_machine_destroy(m);
}

/* A dirty line that the other CPU reads: MESI writes it to the next level. */
static uint64_t writebacks(struct dmasim_machine *m)
{
	struct dmasim_cache_stats s;
	uint64_t v = 0;

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(dmasim_cpu_map(dmasim_machine_cpu(m, i), 0,
		                                0x80000000, 0x10000,
		                                &dmasim_attr_wb),
		                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(dmasim_machine_cpu(m, 0), 0, 8, 5),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(dmasim_machine_cpu(m, 0),
	                                    DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_load(dmasim_machine_cpu(m, 1), 0, 8, &v),
	                 DMASIM_OK);
	assert_int_equal(v, 5);
	assert_int_equal(
	        dmasim_memsys_stats(dmasim_machine_memsys(m), 1, 0, &s),
	        DMASIM_OK);
	return s.writebacks;
}

static void protocols(void **state)
{
	static const struct {
		const char *props;
		uint64_t writebacks;
	} rows[] = {
	        {"dmasim,cache-protocol = \"mesi\";", 1},
	        {"dmasim,cache-protocol = \"moesi\"; dmasim,ask-every = <3>;",
	         0},
	        {"dmasim,cache-replacement = \"plru\";", 1},
	        {"dmasim,cache-replacement = \"random\";", 1},
	        {"dmasim,cache-replacement = \"lru\";", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dmasim_machine *m = machine_of(with(rows[i].props));

		assert_int_equal(writebacks(m), rows[i].writebacks);
		dmasim_machine_destroy(m);
	}
}

static void inner_domains(void **state)
{
	char *text = tree_replace(
	        tree_replace(tree_base(), "iommus = <&smmu 7>;",
	                     "iommus = <&smmu 7>; dmasim,inner-domain = <2>;"),
	        "smmu: iommu@2b400000 {",
	        "smmu: iommu@2b400000 {\ndmasim,inner-domain = <1>;");
	struct tree tree = tree_compile(text);
	struct plat_desc *d = calloc(1, sizeof(*d));
	struct dmasim_diag diag = {""};
	unsigned in_two = 0;

	(void)state;
	assert_non_null(d);
	assert_int_equal(plat_describe(tree.fdt, tree.size, 0, &diag, d),
	                 DMASIM_OK);
	assert_string_equal(diag.text, "");
	assert_int_equal(d->smmu[0].inner_domain, 1);
	for (size_t i = 0; i < d->disk_count; i++)
		in_two += d->disk[i].master.inner_domain == 2;
	assert_int_equal(in_two, 1);
	plat_describe_end(d);
	free(d);
	free(tree.fdt);
}

static void mistakes(void **state)
{
	(void)state;
	refused(with("dmasim,cache-protocol = \"msi\";"),
	        "/cpus: dmasim,cache-protocol: 'msi' is unknown");
	refused(with("dmasim,cache-replacement = \"fifo\";"),
	        "/cpus: dmasim,cache-replacement: 'fifo' is unknown");
	refused(with("dmasim,system-cache-size = <1000>;"),
	        "/cpus: dmasim,system-cache-size: 1000 bytes are not 16 ways "
	        "of a power of two of sets of 64 bytes, at most 67108864");
	refused(with("dmasim,system-cache-size = <0x100000>;\n"
	             "dmasim,system-cache-ways = <33>;"),
	        "/cpus: dmasim,system-cache-size: 1048576 bytes are not 33 "
	        "ways of a power of two of sets of 64 bytes, at most "
	        "67108864");
	refused(with("dmasim,system-cache-size = <0x60000>;\n"
	             "dmasim,system-cache-ways = <12>;\n"
	             "dmasim,cache-replacement = \"plru\";"),
	        "/cpus: dmasim,cache-replacement: plru needs a power of two "
	        "of ways, and a cache has 12");
	refused(tree_replace(tree_base(), L2_SETS,
	                     L2_SETS " next-level-cache = <&l2>;"),
	        "/cpus/l2-cache: next-level-cache: the node itself");
	refused(tree_replace(tree_replace(tree_base(), L2_SETS, L3),
	                     "cache-size = <0x80000>; cache-line-size = <64>",
	                     "cache-size = <0x80000>; cache-line-size = <128>"),
	        "/cpus/cpu@0: cache-line-size: 64, but 128 in the next level");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels),
        cmocka_unit_test(protocols),
        cmocka_unit_test(inner_domains),
        cmocka_unit_test(mistakes),
};

CHECK_MAIN(tests)
