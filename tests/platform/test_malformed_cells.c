/* SPDX-License-Identifier: MIT */
/* Each property of cells that is read, one byte too long. */
#include "plat_internal.h"
#include "tree.h"

struct cells {
	const char *name;
	const char *line; /**< in the base tree */
	const char *path; /**< of its node */
	const char *prop; /**< how the message begins behind the path */
};

#define FPGA "/bus@60000000/motherboard/fpga@300000000"

static const struct cells cases[] = {
        {"address_cells", "#address-cells = <2>;\n	#size", "/",
         "#address-cells"},
        {"size_cells", "#size-cells = <2>;\n	interrupt", "/", "#size-cells"},
        {"clock", "clock-frequency = <2000000000>", "/cpus/cpu@0",
         "clock-frequency"},
        {"l1_size", "d-cache-size = <0x8000>", "/cpus/cpu@0", "d-cache-size"},
        {"l1_line", "d-cache-line-size = <64>", "/cpus/cpu@0",
         "d-cache-line-size"},
        {"l1_sets", "d-cache-sets = <128>", "/cpus/cpu@0", "d-cache-sets"},
        {"next_level", "next-level-cache = <&l2>", "/cpus/cpu@0",
         "next-level-cache"},
        {"l2_size", "cache-size = <0x40000>", "/cpus/l2-cache", "cache-size"},
        {"l2_line",
         "cache-line-size = <64>;\n			cache-sets = "
         "<512>",
         "/cpus/l2-cache", "cache-line-size"},
        {"l2_sets", "cache-sets = <512>", "/cpus/l2-cache", "cache-sets"},
        {"memory", "reg = <0x0 0x80000000", "/memory@80000000", "reg"},
        {"doorbell", "reg = <0x0 0x2f100000", "/v2m@2f100000", "reg"},
        {"smmu_reg", "reg = <0x0 0x2b400000", "/iommu@2b400000", "reg"},
        {"smmu_interrupts", "interrupts = <0 74 1>", "/iommu@2b400000",
         "interrupts"},
        {"iommu_cells", "#iommu-cells = <1>", "/iommu@2b400000",
         "#iommu-cells"},
        {"output_bits", "dmasim,output-bits = <48>", "/iommu@2b400000",
         "dmasim,output-bits"},
        {"stream_id_bits", "dmasim,stream-id-bits = <20>", "/iommu@2b400000",
         "dmasim,stream-id-bits"},
        {"substream_id_bits", "dmasim,substream-id-bits = <0>",
         "/iommu@2b400000", "dmasim,substream-id-bits"},
        {"bus_range", "bus-range = <0x0 0x3>", "/pci@40000000", "bus-range"},
        {"ecam", "reg = <0x0 0x40000000", "/pci@40000000", "reg"},
        {"pci_ranges", "ranges = <0x01000000", "/pci@40000000", "ranges"},
        {"pci_address_cells", "#address-cells = <3>", "/pci@40000000",
         "#address-cells"},
        {"pci_interrupt_cells", "#interrupt-cells = <1>;\n		bus",
         "/pci@40000000", "#interrupt-cells"},
        {"pci_map_mask", "interrupt-map-mask = <0x1800", "/pci@40000000",
         "interrupt-map-mask"},
        {"pci_map", "interrupt-map = <0x0000", "/pci@40000000",
         "interrupt-map"},
        {"iommu_map", "iommu-map = <0x0", "/pci@40000000", "iommu-map"},
        {"function", "reg = <0x0800", "/pci@40000000/disk@1,0", "reg"},
        {"queue_size", "dmasim,queue-size = <128>", "/pci@40000000/disk@1,0",
         "dmasim,queue-size"},
        {"mmio_reg", "reg = <0x0 0x10000 ", "/virtio@10000", "reg"},
        {"mmio_interrupts", "interrupts = <0 20 1>", "/virtio@10000",
         "interrupts"},
        {"iommus", "iommus = <&smmu 7>", "/virtio@10000", "iommus"},
        {"virtio_version", "dmasim,virtio-version = <2>", "/virtio@10000",
         "dmasim,virtio-version"},
        {"ranges", "ranges = <0x0 3 0x0", FPGA, "ranges"},
        {"dma_ranges", "dma-ranges = <0x0 0 0x10000000", FPGA, "dma-ranges"},
        {"outer_dma_ranges", "dma-ranges = <0 0x10000000", "/bus@60000000",
         "dma-ranges"},
        {"nexus_map", "interrupt-map = <0 0 40", "/bus@60000000",
         "interrupt-map"},
        {"nexus_mask", "interrupt-map-mask = <0 0 63>", "/bus@60000000",
         "interrupt-map-mask"},
};

#define CASES (sizeof(cases) / sizeof(*cases))

static void refused(void **state)
{
	const struct cells *c = *state;
	struct plat_desc *d = calloc(1, sizeof(*d));
	const char *equals = strstr(c->line, " = ");
	struct dmasim_diag diag = {""};
	char line[128], begin[160];
	struct tree t;

	assert_non_null(d);
	assert_non_null(equals);
	snprintf(line, sizeof(line), "%.*s = [01], %s", (int)(equals - c->line),
	         c->line, equals + 3);
	t = tree_with(c->line, line);
	assert_int_equal(plat_describe(t.fdt, t.size, 0, &diag, d),
	                 DMASIM_E_FORMAT);
	snprintf(begin, sizeof(begin), "%s: %s: ", c->path, c->prop);
	if (strncmp(diag.text, begin, strlen(begin)) != 0 ||
	    !strstr(diag.text, " bytes are not a whole number of 32-bit cells"))
		fail_msg("expected '%s', got '%s'", begin, diag.text);
	free(t.fdt);
	free(d);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[CASES];

	for (size_t i = 0; i < CASES; i++) {
		/* cmocka's state is not const; the cases are only read. */
		tests[i] = (struct CMUnitTest){
		        .name = cases[i].name,
		        .test_func = refused,
		        .initial_state = (void *)(uintptr_t)&cases[i],
		};
	}
	return check_main(argc, argv, tests, CASES);
}
