/* SPDX-License-Identifier: MIT */
/* More of a kind than a machine has room for. */
#include "plat_internal.h"
#include "tree.h"

/** @count nodes, each by @format with its number, between @before and @after.
 */
struct many {
	const char *before, *format, *after;
	unsigned count;
	const char *message; /**< NULL: it is taken */
};

static struct tree build(const struct many *m)
{
	size_t room = 1024 + (size_t)m->count * 512, used;
	char *text = malloc(room);

	assert_non_null(text);
	used = (size_t)snprintf(text, room,
	                        "/dts-v1/;\n/ {\n#address-cells = <2>;\n"
	                        "#size-cells = <2>;\ninterrupt-parent = "
	                        "<&gic>;\nmemory@0 { reg = <0x10 0 0 0x1000>; "
	                        "device_type = \"memory\"; };\n"
	                        "gic: gic { interrupt-controller; "
	                        "#interrupt-cells = <3>; };\n%s",
	                        m->before);
	for (unsigned i = 0; i < m->count; i++)
		used += (size_t)snprintf(text + used, room - used, m->format, i,
		                         i, i, i);
	snprintf(text + used, room - used, "%s\n};\n", m->after);
	return tree_compile(text);
}

static void check(const struct many *m)
{
	struct plat_desc *d = calloc(1, sizeof(*d));
	struct dmasim_diag diag = {""};
	struct tree t = build(m);
	int status;

	assert_non_null(d);
	status = plat_describe(t.fdt, t.size, 0, &diag, d);
	free(t.fdt);
	if (status == DMASIM_OK)
		plat_describe_end(d);
	free(d);
	if (!m->message) {
		assert_string_equal(diag.text, "");
		assert_int_equal(status, DMASIM_OK);
		return;
	}
	assert_int_equal(status, DMASIM_E_FORMAT);
	if (!strstr(diag.text, m->message))
		fail_msg("no '%s' in '%s'", m->message, diag.text);
}

/** As many as fit, and one more. */
static void both(struct many m, unsigned most, const char *message)
{
	m.count = most;
	check(&m);
	m.count = most + 1;
	m.message = message;
	check(&m);
}

static void memory_regions(void **state)
{
	(void)state;
	/* One is in the head. */
	both((struct many){"",
	                   "memory@a%x { reg = <0 0x%x000 0 0x1000>; "
	                   "device_type = \"memory\"; };\n",
	                   "", 0, NULL},
	     PLAT_RAM_MAX - 1, "/memory@a3f: more than 64 memory regions");
}

static void processors(void **state)
{
	(void)state;
	both((struct many){"cpus { #address-cells = <1>; #size-cells = <0>;\n",
	                   "cpu@%x { device_type = \"cpu\"; reg = <0x%x>; };\n",
	                   "};", 0, NULL},
	     PLAT_CPU_MAX, "/cpus/cpu@40: more than 64 CPUs");
}

static void smmus(void **state)
{
	(void)state;
	both((struct many){"",
	                   "smmu@%x0000 { compatible = \"arm,smmu-v3\"; "
	                   "#iommu-cells = <1>; reg = <1 0x%x00000 0 0x20000>; "
	                   "};\n",
	                   "", 0, NULL},
	     PLAT_SMMU_MAX, "/smmu@100000: more than 16 SMMUs");
}

static void counter_groups(void **state)
{
	(void)state;
	both((struct many){.before = "smmu { compatible = \"arm,smmu-v3\"; "
	                             "reg = <1 0 0 0x20000>; "
	                             "#iommu-cells = <1>; };",
	                   .format = "pmcg@%x000 { compatible = "
	                             "\"arm,smmu-v3-pmcg\"; "
	                             "reg = <0 0x%x000 0 0x1000>; };",
	                   .after = ""},
	     DMASIM_SMMU_PMCGS,
	     "/pmcg@4000: more than 4 counter groups of one SMMU");
}

static void host_bridges(void **state)
{
	(void)state;
	both((struct many){"",
	                   "pci@%x { compatible = \"pci-host-ecam-generic\"; "
	                   "#address-cells = <3>; #size-cells = <2>; "
	                   "reg = <1 0x%x00000 0 0x100000>; };\n",
	                   "", 0, NULL},
	     PLAT_HOST_MAX, "/pci@10: more than 16 PCI host bridges");
}

static void mmio_disks(void **state)
{
	(void)state;
	both((struct many){"",
	                   "virtio@%x { compatible = \"virtio,mmio\"; "
	                   "reg = <1 0x%x000 0 0x200>; interrupts = <0 %u 1>; "
	                   "dmasim,device = \"blk\"; };\n",
	                   "", 0, NULL},
	     PLAT_DISK_MAX, "/virtio@100: more than 256 disks");
}

#define PCI_BEFORE                                                             \
	"pci@0 { compatible = \"pci-host-ecam-generic\"; "                     \
	"#address-cells = <3>; #size-cells = <2>; "                            \
	"reg = <1 0 0 0x1000000>; ranges = <0x1000000 0 0 2 0 0 0x10000>;\n"

static void pci_disks(void **state)
{
	(void)state;
	both((struct many){PCI_BEFORE,
	                   "disk@%x { reg = <(0x%x * 0x800) 0 0 0 0>; "
	                   "dmasim,device = \"blk-legacy\"; };\n",
	                   "};", 0, NULL},
	     PLAT_DISK_MAX, "/pci@0/disk@100: more than 256 disks");
}

static void test_endpoints(void **state)
{
	(void)state;
	both((struct many){PCI_BEFORE,
	                   "testdev@%x { reg = <(0x%x * 0x800) 0 0 0 0>; "
	                   "dmasim,device = \"testdev\"; };\n",
	                   "};", 0, NULL},
	     PLAT_TESTDEV_MAX,
	     "/pci@0/testdev@40: more than 64 test endpoints");
}

static void doorbells(void **state)
{
	(void)state;
	both((struct many){"",
	                   "its@%x { compatible = \"arm,gic-v2m-frame\"; "
	                   "reg = <1 0x%x000 0 0x1000>; };\n",
	                   "", 0, NULL},
	     PLAT_DOORBELL_MAX, "/its@10: more than 16 doorbells");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_regions), cmocka_unit_test(processors),
        cmocka_unit_test(smmus),          cmocka_unit_test(counter_groups),
        cmocka_unit_test(host_bridges),   cmocka_unit_test(mmio_disks),
        cmocka_unit_test(pci_disks),      cmocka_unit_test(test_endpoints),
        cmocka_unit_test(doorbells),
};

CHECK_MAIN(tests)
