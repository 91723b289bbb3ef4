/* SPDX-License-Identifier: MIT */
/* Rooms that refuse what the description let pass, or what is saved: the
 * machine says where, and nothing is lost. */
#include "plat_internal.h"
#include "tree.h"

/** The function that fails, after how many calls, and how. */
static const char *failing;
static int good_calls, failure;

static bool fails(const char *name)
{
	return failing && strcmp(failing, name) == 0 && good_calls-- <= 0;
}

/** X(name, parameters, arguments). */
#define WRAPPED(X)                                                             \
	X(dmasim_map_add_ram,                                                  \
	  (struct dmasim_map * a, const char *b, uint64_t c, uint64_t d),      \
	  (a, b, c, d))                                                        \
	X(dmasim_map_add_mmio,                                                 \
	  (struct dmasim_map * a, const char *b, uint64_t c, uint64_t d,       \
	   const struct dmasim_port *e),                                       \
	  (a, b, c, d, e))                                                     \
	X(dmasim_smmu_create,                                                  \
	  (const struct dmasim_smmu_config *a, struct dmasim_smmu **b),        \
	  (a, b))                                                              \
	X(dmasim_pci_host_create,                                              \
	  (const struct dmasim_pci_host_config *a,                             \
	   struct dmasim_pci_host **b),                                        \
	  (a, b))                                                              \
	X(dmasim_virtio_mmio,                                                  \
	  (struct dmasim_virtio * a, unsigned b, struct dmasim_irq c,          \
	   struct dmasim_port *d),                                             \
	  (a, b, c, d))                                                        \
	X(dmasim_testdev_create,                                               \
	  (const struct dmasim_testdev_config *a, struct dmasim_testdev **b),  \
	  (a, b))                                                              \
	SAVED(X)

#define SAVED(X)                                                               \
	STATE(X, map)                                                          \
	STATE(X, memsys)                                                       \
	STATE(X, cpu)                                                          \
	X(dmasim_irqc_save,                                                    \
	  (const struct dmasim_irqc *a, struct dmasim_writer *b), (a, b))      \
	X(dmasim_irqc_restore,                                                 \
	  (struct dmasim_irqc * a, struct dmasim_reader * b), (a, b))          \
	X(dmasim_pci_save,                                                     \
	  (const struct dmasim_pci_host *a, struct dmasim_writer *b), (a, b))  \
	X(dmasim_pci_restore,                                                  \
	  (struct dmasim_pci_host * a, struct dmasim_reader * b), (a, b))      \
	STATE(X, smmu)                                                         \
	STATE(X, blk)                                                          \
	STATE(X, testdev)                                                      \
	STATE(X, checker)                                                      \
	STATE(X, choice)                                                       \
	STATE(X, kernel)

#define STATE(X, room)                                                         \
	X(dmasim_##room##_save,                                                \
	  (const struct dmasim_##room *a, struct dmasim_writer *b), (a, b))    \
	X(dmasim_##room##_restore,                                             \
	  (struct dmasim_##room * a, struct dmasim_reader * b), (a, b))

#define WRAPPER(name, parameters, arguments)                                   \
	int __real_##name parameters;                                          \
	int __wrap_##name parameters;                                          \
	int __wrap_##name parameters                                           \
	{                                                                      \
		return fails(#name) ? failure : __real_##name arguments;       \
	}

WRAPPED(WRAPPER)

#define NAME(name, parameters, arguments) #name,

static struct tree tree;

static int create(struct dmasim_machine **m, struct dmasim_diag *diag)
{
	const struct dmasim_machine_config cfg = {.fdt = tree.fdt,
	                                          .fdt_size = tree.size};

	return dmasim_machine_create(&cfg, m, diag);
}

static void build_refused(void **state)
{
	static const struct {
		const char *name, *path;
	} cases[] = {
	        {"dmasim_map_add_ram", "/memory@80000000"},
	        {"dmasim_map_add_mmio",
	         "/interrupt-controller@2f000000/msi-controller@2f020000"},
	        {"dmasim_smmu_create", "/iommu@2b400000"},
	        {"dmasim_pci_host_create", "/pci@40000000"},
	        {"dmasim_virtio_mmio", "/virtio@10000"},
	        {"dmasim_testdev_create", "/pci@40000000/testdev@2,1"},
	};

	(void)state;
	tree = tree_compile(tree_base());
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dmasim_machine *m = NULL;
		struct dmasim_diag diag;
		char want[200];

		failing = cases[i].name;
		failure = DMASIM_E_INVAL;
		snprintf(want, sizeof(want), "%s: %s", cases[i].path,
		         dmasim_strerror(failure));
		assert_int_equal(create(&m, &diag), DMASIM_E_FORMAT);
		assert_string_equal(diag.text, want);
		/* What is no fault of the tree is passed on as it is. */
		failure = i % 2 ? DMASIM_E_KERNEL : DMASIM_E_STATE;
		assert_int_equal(create(&m, &diag), failure);
		assert_string_equal(diag.text, "");
		assert_null(m);
	}
	failing = NULL;
	free(tree.fdt);
}

/* The third region of devices is an SMMU's, the others its counter groups. */
static void regions_refused(void **state)
{
	static const char other[] = "	other: iommu@2bc00000 {";
	static const char *const paths[] = {
	        "/interrupt-controller@2f000000/msi-controller@2f020000",
	        "/v2m@2f100000", "/iommu@2b400000", "/pmcg@2b420000",
	        "/pmcg@2b420000"};
	char node[256];

	(void)state;
	snprintf(node, sizeof(node),
	         "	pmcg@2b420000 { compatible = \"arm,smmu-v3-pmcg\"; "
	         "reg = <0 0x2b420000 0 0x1000>, <0 0x2b430000 0 0x1000>; };\n"
	         "%s",
	         other);
	tree = tree_compile(tree_replace(tree_base(), other, node));
	failing = "dmasim_map_add_mmio";
	failure = DMASIM_E_INVAL;
	for (int i = 0; i < 5; i++) {
		struct dmasim_machine *m = NULL;
		struct dmasim_diag diag;

		good_calls = i;
		assert_int_equal(create(&m, &diag), DMASIM_E_FORMAT);
		assert_int_equal(strncmp(diag.text, paths[i], strlen(paths[i])),
		                 0);
	}
	failing = NULL;
	good_calls = 0;
	free(tree.fdt);
}

static void state_refused(void **state)
{
	static const char *const names[] = {SAVED(NAME)};
	struct dmasim_machine *m = NULL;
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;

	(void)state;
	tree = tree_compile(tree_base());
	assert_int_equal(create(&m, NULL), DMASIM_OK);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_machine_save(m, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	failure = DMASIM_E_STATE;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct dmasim_writer *broken;
		struct dmasim_reader *r;

		failing = names[i];
		assert_int_equal(dmasim_writer_create(&broken), DMASIM_OK);
		assert_int_equal(dmasim_reader_create(data, size, &r),
		                 DMASIM_OK);
		/* Saving and restoring come in turn. */
		assert_int_equal(i % 2 ? dmasim_machine_restore(m, r)
		                       : dmasim_machine_save(m, broken),
		                 DMASIM_E_STATE);
		dmasim_writer_destroy(broken);
		dmasim_reader_destroy(r);
	}
	failing = NULL;
	dmasim_writer_destroy(w);
	dmasim_machine_destroy(m);
	free(tree.fdt);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(build_refused),
        cmocka_unit_test(regions_refused),
        cmocka_unit_test(state_refused),
};

CHECK_MAIN(tests)
