/* SPDX-License-Identifier: MIT */
/* What is read from a well-formed tree. */
#include "plat_internal.h"
#include "tree.h"

struct described {
	struct tree tree;
	struct plat_desc *d;
};

static struct described describe(char *text, size_t disks)
{
	struct described x = {.tree = tree_compile(text)};
	struct dmasim_diag diag = {""};
	int status;

	x.d = calloc(1, sizeof(*x.d));
	assert_non_null(x.d);
	status = plat_describe(x.tree.fdt, x.tree.size, disks, &diag, x.d);
	assert_string_equal(diag.text, "");
	assert_int_equal(status, DMASIM_OK);
	return x;
}

static void end(struct described *x)
{
	plat_describe_end(x->d);
	free(x->d);
	free(x->tree.fdt);
}

static void expect_path(const struct plat_desc *d, int node, const char *want)
{
	char path[PLAT_PATH_MAX];

	assert_int_equal(plat_path(&d->tree, node, path, sizeof(path)),
	                 DMASIM_OK);
	assert_string_equal(path, want);
}

static void cpus_and_caches(void **state)
{
	struct described x = describe(tree_base(), 0);

	(void)state;
	/* The third is disabled. */
	assert_int_equal(x.d->cpus, 2);
	assert_int_equal(x.d->period, 500);
	assert_int_equal(x.d->l1.size, 0x8000);
	assert_int_equal(x.d->l1.line, 64);
	assert_int_equal(x.d->l1.ways, 4);
	assert_int_equal(x.d->l2.size, 0x40000);
	assert_int_equal(x.d->l2.ways, 8);
	end(&x);
}

static void no_cpus_is_one(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(), "	cpus {", "	cpus-not {"),
	        0);

	(void)state;
	assert_int_equal(x.d->cpus, 1);
	assert_int_equal(x.d->period, 0);
	assert_int_equal(x.d->l1.size, 0);
	end(&x);
}

static void caches_without_sets(void **state)
{
	char *text = tree_base();
	struct described x;

	(void)state;
	text = tree_replace(text, "d-cache-sets = <128>;", "");
	text = tree_replace(text, "d-cache-sets = <128>;", "");
	text = tree_replace(text, "cache-sets = <512>;", "");
	x = describe(text, 0);
	assert_int_equal(x.d->l1.ways, 4);
	assert_int_equal(x.d->l2.ways, 8);
	end(&x);
}

static void memory_regions(void **state)
{
	static const struct {
		uint64_t base, size;
		const char *path;
	} want[] = {
	        {0x80000000, 0x10000000, "/memory@80000000"},
	        {0x100000000, 0x1000000, "/memory@80000000"},
	        {0xc0000000, 0x100000, "/memory@c0000000"},
	};
	struct described x = describe(tree_base(), 0);

	(void)state;
	assert_int_equal(x.d->ram_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(x.d->ram[i].base, want[i].base);
		assert_int_equal(x.d->ram[i].size, want[i].size);
		expect_path(x.d, x.d->ram[i].node, want[i].path);
	}
	end(&x);
}

static void huge_sparse_memory(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(), "<0x1 0x00000000 0x0 0x01000000>",
	                     "<0x8000 0x00000000 0x7fff 0xfffff000>"),
	        0);

	(void)state;
	assert_int_equal(x.d->ram[1].size, 0x7ffffffff000);
	end(&x);
}

static void smmu_node(void **state)
{
	struct described x = describe(tree_base(), 0);
	const struct plat_smmu_desc *s = &x.d->smmu[0];

	(void)state;
	/* The second is disabled, the third is another kind. */
	assert_int_equal(x.d->smmu_count, 1);
	assert_int_equal(s->base, 0x2b400000);
	assert_int_equal(s->evtq, 74);
	assert_int_equal(s->priq, 75);
	assert_int_equal(s->sync, 76);
	assert_int_equal(s->gerror, 77);
	assert_true(s->coherent);
	assert_int_equal(s->port, DMASIM_PORT_COHERENT);
	assert_int_equal(s->profile, DMASIM_SMMU_QEMU_7_2);
	assert_int_equal(s->oas_bits, 48);
	assert_int_equal(s->sid_bits, 20);
	assert_int_equal(s->ssid_bits_plus1, 1);
	end(&x);
}

static void smmu_defaults(void **state)
{
	char *text = tree_base();
	struct described x;

	(void)state;
	text = tree_replace(text, "dmasim,profile = \"qemu-7.2\";", "");
	text = tree_replace(text, "dmasim,output-bits = <48>;", "");
	text = tree_replace(text, "dmasim,stream-id-bits = <20>;", "");
	text = tree_replace(text, "dmasim,substream-id-bits = <0>;", "");
	text = tree_replace(text, "		dma-coherent;\n", "");
	text = tree_replace(text,
	                    "interrupt-names = \"eventq\", \"priq\", "
	                    "\"cmdq-sync\", \"gerror\";",
	                    "");
	x = describe(text, 0);
	assert_int_equal(x.d->smmu[0].profile, DMASIM_SMMU_ARCH);
	assert_int_equal(x.d->smmu[0].oas_bits, 0);
	assert_int_equal(x.d->smmu[0].ssid_bits_plus1, 0);
	assert_false(x.d->smmu[0].coherent);
	assert_int_equal(x.d->smmu[0].port, DMASIM_PORT_NONCOHERENT);
	assert_int_equal(x.d->smmu[0].evtq, PLAT_NO_LINE);
	end(&x);
}

#define OTHER "	other: iommu@2bc00000 {"
#define PMCG(at, more)                                                         \
	"	pmcg@" at " { compatible = \"arm,smmu-v3-pmcg\"; " more " };"  \
	"\n"

static void counter_groups(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(), OTHER,
	                     PMCG("2b420000", "reg = <0 0x2b420000 0 0x1000>,"
	                                      "<0 0x2b430000 0 0x1000>;"
	                                      "interrupts = <0 90 1>;"
	                                      "dmasim,smmu = <&smmu>;"
	                                      "dmasim,counters = <64>;"
	                                      "dmasim,counter-bits = <36>;"
	                                      "dmasim,cycle-ps = <500>;")
	                             PMCG("2b440000",
	                                  "reg = <0 0x2b440000 0 0x1000>;")
	                                     PMCG("2b450000",
	                                          "status = \"disabled\";")
	                                             OTHER),
	        0);
	const struct plat_smmu_desc *s = &x.d->smmu[0];

	(void)state;
	assert_int_equal(s->pmcgs, 2);
	assert_int_equal(s->pmcg[0].page[0], 0x2b420000);
	assert_int_equal(s->pmcg[0].page[1], 0x2b430000);
	assert_true(s->pmcg[0].cfg.page1);
	assert_int_equal(s->pmcg[0].line, 90);
	assert_int_equal(s->pmcg[0].cfg.counters, 64);
	assert_int_equal(s->pmcg[0].cfg.counter_bits, 36);
	assert_int_equal(s->pmcg[0].cfg.cycle, 500);
	/* One page, no interrupt, of the only SMMU. */
	assert_int_equal(s->pmcg[1].page[0], 0x2b440000);
	assert_false(s->pmcg[1].cfg.page1);
	assert_int_equal(s->pmcg[1].line, PLAT_NO_LINE);
	assert_int_equal(s->pmcg[1].cfg.counters, 4);
	assert_int_equal(s->pmcg[1].cfg.counter_bits, 64);
	assert_int_equal(s->pmcg[1].cfg.cycle, 0);
	expect_path(x.d, s->pmcg[1].node, "/pmcg@2b440000");
	end(&x);
}

/* All sizes of counters; the second SMMU, by name. */
static void counter_sizes(void **state)
{
	static const char *const bits[] = {"32", "36", "40", "44", "48", "64"};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char node[256];
		struct described x;
		char *text;

		snprintf(node, sizeof(node),
		         PMCG("2b420000", "reg = <0 0x2b420000 0 0x1000>;"
		                          "dmasim,smmu = <&off>;"
		                          "dmasim,counter-bits = <%s>;") OTHER,
		         bits[i]);
		text = tree_replace(tree_base(), OTHER, node);
		text = tree_replace(
		        text,
		        "#iommu-cells = <1>;\n		status = \"disabled\"",
		        "#iommu-cells = <1>;\n		status = \"okay\"");
		x = describe(text, 0);
		assert_int_equal(x.d->smmu[0].pmcgs, 0);
		assert_int_equal(x.d->smmu[1].pmcgs, 1);
		assert_int_equal(x.d->smmu[1].pmcg[0].cfg.counter_bits,
		                 atoi(bits[i]));
		end(&x);
	}
}

static void smmu_combined_interrupt(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(),
	                     "\"eventq\", \"priq\", \"cmdq-sync\", \"gerror\"",
	                     "\"combined\""),
	        0);

	(void)state;
	assert_int_equal(x.d->smmu[0].evtq, 74);
	assert_int_equal(x.d->smmu[0].gerror, 74);
	assert_int_equal(x.d->smmu[0].sync, 74);
	end(&x);
}

static void host_bridge(void **state)
{
	struct described x = describe(tree_base(), 0);
	const struct plat_host_desc *h = &x.d->host[0];

	(void)state;
	assert_int_equal(x.d->host_count, 1);
	assert_int_equal(h->ecam_base, 0x40000000);
	assert_int_equal(h->ecam_size, 4 << 20);
	assert_int_equal(h->bus_min, 0);
	assert_int_equal(h->bus_max, 3);
	assert_int_equal(h->io.cpu_base, 0x5f000000);
	assert_int_equal(h->io.pci_base, 0);
	assert_int_equal(h->io.size, 0x10000);
	assert_int_equal(h->mem32.cpu_base, 0x50000000);
	assert_int_equal(h->mem32.size, 0x8000000);
	assert_int_equal(h->mem64.pci_base, 0x8000000000);
	assert_int_equal(h->mem64.size, 0x100000000);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(h->intx[i], 3 + i);
	assert_false(h->straight);
	end(&x);
}

static void straight_pins(void **state)
{
	char *text = tree_base();
	struct described x;

	(void)state;
	text = tree_replace(text, "interrupt-map-mask = <0x1800 0x0 0x0 0x7>",
	                    "interrupt-map-mask = <0 0 0 7>");
	x = describe(text, 0);
	assert_true(x.d->host[0].straight);
	assert_int_equal(x.d->disk[0].line, 3);
	end(&x);
}

static void no_interrupt_map(void **state)
{
	char *text = tree_base();
	struct described x;

	(void)state;
	text = tree_replace(text, "		interrupt-map = <0x0000",
	                    "		interrupt-nap = <0x0000");
	x = describe(text, 0);
	assert_int_equal(x.d->host[0].intx[0], PLAT_NO_LINE);
	assert_int_equal(x.d->disk[0].line, PLAT_NO_LINE);
	end(&x);
}

static void pci_disk(void **state)
{
	struct described x = describe(tree_base(), 0);
	const struct plat_disk_desc *b = &x.d->disk[0];

	(void)state;
	expect_path(x.d, b->node, "/pci@40000000/disk@1,0");
	assert_int_equal(b->transport, DMASIM_TRANSPORT_PCI_LEGACY);
	assert_int_equal(b->bdf, 0x08);
	assert_int_equal(b->regs, 0x40008000);
	assert_int_equal(b->line, 4);
	assert_int_equal(b->queue_size, 128);
	assert_int_equal(b->ring_fault, DMASIM_RING_FAULT_2017);
	assert_string_equal(b->serial, "pci-disk");
	assert_int_equal(b->features, 0);
	assert_true(b->master.coherent);
	assert_int_equal(b->master.smmu, 0);
	assert_int_equal(b->master.stream_id, 0x108);
	assert_int_equal(b->master.dma_limit, UINT64_MAX);
	end(&x);
}

static void test_endpoints(void **state)
{
	struct described x = describe(tree_base(), 0);
	const struct plat_testdev_desc *e = x.d->testdev;

	(void)state;
	assert_int_equal(x.d->testdev_count, 2);
	/* Requester 0x11: in the second entry, whose SMMU is disabled. */
	assert_int_equal(e[0].bdf, 0x11);
	assert_int_equal(e[0].master.smmu, -1);
	assert_true(e[0].master.coherent);
	/* Requester 0x18: in no entry. */
	assert_int_equal(e[1].bdf, 0x18);
	assert_int_equal(e[1].master.smmu, -1);
	assert_false(e[1].master.coherent);
	assert_int_equal(e[1].master.port, DMASIM_PORT_NONCOHERENT);
	end(&x);
}

static void iommu_map_mask(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(), "		iommu-map = <0x0",
	                     "		iommu-map-mask = <0x7>;\n"
	                     "		iommu-map = <0x0"),
	        0);

	(void)state;
	assert_int_equal(x.d->disk[0].master.stream_id, 0x100);
	assert_int_equal(x.d->testdev[0].master.smmu, 0);
	assert_int_equal(x.d->testdev[0].master.stream_id, 0x101);
	end(&x);
}

static void mmio_disks(void **state)
{
	struct described x = describe(tree_base(), 0);
	const struct plat_disk_desc *b = x.d->disk;

	(void)state;
	assert_int_equal(x.d->disk_count, 5);
	expect_path(x.d, b[1].node, "/virtio@10000");
	assert_int_equal(b[1].transport, DMASIM_TRANSPORT_MMIO);
	assert_int_equal(b[1].mmio_version, 2);
	assert_int_equal(b[1].regs, 0x10000);
	assert_int_equal(b[1].line, 20);
	assert_int_equal(b[1].features,
	                 DMASIM_VIRTIO_F_VERSION_1 |
	                         DMASIM_VIRTIO_F_INDIRECT_DESC |
	                         DMASIM_VIRTIO_F_ACCESS_PLATFORM);
	assert_int_equal(b[1].master.smmu, 0);
	assert_int_equal(b[1].master.stream_id, 7);
	assert_true(b[1].master.coherent);
	assert_int_equal(b[1].ring_fault, DMASIM_RING_FAULT_IGNORE);

	assert_int_equal(b[2].mmio_version, 1);
	assert_int_equal(b[2].features, 0);
	assert_int_equal(b[2].master.smmu, -1);
	assert_false(b[2].master.coherent);
	assert_int_equal(b[2].master.port, DMASIM_PORT_CACHED);
	assert_int_equal(b[2].ring_fault, DMASIM_RING_FAULT_STOP);
	assert_int_equal(b[2].queue_size, 0);

	/* Its SMMU is disabled; the tree lies about its coherence. */
	assert_int_equal(b[3].master.smmu, -1);
	assert_false(b[3].master.coherent);
	assert_int_equal(b[3].master.port, DMASIM_PORT_COHERENT);
	end(&x);
}

static void buses_are_crossed(void **state)
{
	struct described x = describe(tree_base(), 0);
	const struct plat_disk_desc *b = &x.d->disk[4];

	(void)state;
	expect_path(x.d, b->node,
	            "/bus@60000000/motherboard/fpga@300000000/virtio@130000");
	/* Two ranges up, and through the map of the outer bus. */
	assert_int_equal(b->regs, 0x6c130000);
	assert_int_equal(b->line, 141);
	/* Bus address 0 is 0x10000000 one bus up, which is 0x80000000. */
	assert_int_equal(b->master.dma_offset, 0x80000000);
	assert_int_equal(b->master.dma_limit, 0x7ffffff);
	end(&x);
}

static void dma_ranges_with_one_offset(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(),
	                     "dma-ranges = <0x0 0 0x10000000 0x8000000>",
	                     "dma-ranges = <0x0 0 0x10000000 0x1000000>, "
	                     "<0x4000000 0 0x14000000 0x1000>"),
	        0);

	(void)state;
	assert_int_equal(x.d->disk[4].master.dma_offset, 0x80000000);
	assert_int_equal(x.d->disk[4].master.dma_limit, 0x4000fff);
	end(&x);
}

static void doorbells(void **state)
{
	struct described x = describe(tree_base(), 0);

	(void)state;
	assert_int_equal(x.d->doorbell_count, 2);
	assert_int_equal(x.d->doorbell[0].base, 0x2f030000);
	assert_int_equal(x.d->doorbell[1].base, 0x2f100000);
	end(&x);
}

static char *without_our_devices(void)
{
	char *text = tree_base();

	while (strstr(text, "dmasim,device"))
		text = tree_replace(text, "dmasim,device", "x-device");
	return text;
}

static void foreign_tree_without_disks(void **state)
{
	struct described x = describe(without_our_devices(), 0);

	(void)state;
	assert_int_equal(x.d->disk_count, 0);
	assert_int_equal(x.d->testdev_count, 0);
	end(&x);
}

static void foreign_tree_fills_from_the_top(void **state)
{
	struct described x = describe(without_our_devices(), 3);

	(void)state;
	assert_int_equal(x.d->disk_count, 3);
	assert_int_equal(x.d->disk[0].regs, 0x6c130000);
	assert_int_equal(x.d->disk[1].regs, 0x10400);
	assert_int_equal(x.d->disk[2].regs, 0x10200);
	end(&x);
}

/** Children of what is disabled are disabled too, "ok" is as good as "okay",
 * and a device tree may say "cpus" elsewhere. */
static void status_of_parents(void **state)
{
	char *text = tree_base();
	struct described x;

	(void)state;
	text = tree_replace(text, "	pci@40000000 {",
	                    "	pci@40000000 {\nstatus = \"fail\";");
	text = tree_replace(text, "	virtio@10000 {",
	                    "	virtio@10000 {\nstatus = \"ok\";");
	text = tree_replace(text, "	virtio@10200 {",
	                    "	virtio@10200 {\nstatus = \"okay\";");
	text = tree_replace(text, "	motherboard {",
	                    "	cpus { cpu@9 { device_type = \"cpu\"; }; };\n"
	                    "	motherboard {");
	x = describe(text, 0);
	assert_int_equal(x.d->host_count, 0);
	assert_int_equal(x.d->testdev_count, 0);
	assert_int_equal(x.d->disk_count, 4);
	assert_int_equal(x.d->cpus, 2);
	end(&x);
}

static void interrupts_extended(void **state)
{
	struct described x =
	        describe(tree_replace(tree_base(), "interrupts = <0 21 1>;",
	                              "interrupts = <0 999 1>;\n"
	                              "interrupts-extended = <&gic 0 33 1>;"),
	                 0);

	(void)state;
	assert_int_equal(x.d->disk[2].line, 33);
	end(&x);
}

/** A bridge below a bus that moves addresses. */
static char *host_below_a_bus(const char *window)
{
	char *text = malloc(2000);

	assert_non_null(text);
	snprintf(text, 2000,
	         "/dts-v1/;\n/ { #address-cells = <2>; #size-cells = <2>;\n"
	         "memory@80000000 { device_type = \"memory\"; "
	         "reg = <0 0x80000000 0 0x1000>; };\n"
	         "soc { #address-cells = <1>; #size-cells = <1>;\n"
	         "ranges = <0x10000000 0x1 0x10000000 0x10000000>;\n"
	         "pci { compatible = \"pci-host-ecam-generic\"; "
	         "#address-cells = <3>; #size-cells = <2>; "
	         "reg = <0x10000000 0x100000>;\n"
	         "ranges = <0x2000000 0 0 %s 0 0x100000>; }; }; };\n",
	         window);
	return text;
}

static void bridge_below_a_bus(void **state)
{
	struct described x = describe(host_below_a_bus("0x18000000"), 0);
	struct dmasim_diag diag;
	struct tree t;
	int status;

	(void)state;
	assert_int_equal(x.d->host[0].ecam_base, 0x110000000);
	assert_int_equal(x.d->host[0].mem32.cpu_base, 0x118000000);
	assert_int_equal(x.d->host[0].mem32.pci_base, 0);
	end(&x);
	t = tree_compile(host_below_a_bus("0x20000000"));
	x.d = calloc(1, sizeof(*x.d));
	assert_non_null(x.d);
	status = plat_describe(t.fdt, t.size, 0, &diag, x.d);
	assert_int_equal(status, DMASIM_E_FORMAT);
	assert_string_equal(diag.text,
	                    "/soc/pci: 0x100000 bytes at 0x20000000: no entry "
	                    "in ranges of the parent bus holds them");
	free(x.d);
	free(t.fdt);
}

/** Slots of a foreign tree are read only when a disk goes into them. */
static void foreign_tree_with_bad_slots(void **state)
{
	static const struct {
		const char *old, *new, *message;
	} edits[] = {
	        {"reg = <0x0 0x10400 0x0 0x200>", "reg = <0x0 0x10400 0x0>",
	         "/virtio@10400: reg: 3 cells, a multiple of 4 expected"},
	        {"interrupts = <41>", "interrupts = <1 2>",
	         "/bus@60000000/motherboard/fpga@300000000/virtio@130000: "
	         "interrupts: no entry in interrupt-map of /bus@60000000 "
	         "matches"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tree t = tree_compile(tree_replace(
		        without_our_devices(), edits[i].old, edits[i].new));
		struct plat_desc *d = calloc(1, sizeof(*d));
		struct dmasim_diag diag;

		assert_non_null(d);
		assert_int_equal(plat_describe(t.fdt, t.size, 1, &diag, d),
		                 DMASIM_E_FORMAT);
		assert_string_equal(diag.text, edits[i].message);
		free(d);
		free(t.fdt);
	}
}

static void port_is_inherited(void **state)
{
	struct described x = describe(
	        tree_replace(tree_base(), "		bus-range = <0x0 0x3>;",
	                     "		bus-range = <0x0 0x3>;\n"
	                     "		dmasim,port = \"non-coherent\";"),
	        0);

	(void)state;
	assert_true(x.d->disk[0].master.coherent);
	assert_int_equal(x.d->disk[0].master.port, DMASIM_PORT_NONCOHERENT);
	end(&x);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpus_and_caches),
        cmocka_unit_test(no_cpus_is_one),
        cmocka_unit_test(caches_without_sets),
        cmocka_unit_test(memory_regions),
        cmocka_unit_test(huge_sparse_memory),
        cmocka_unit_test(smmu_node),
        cmocka_unit_test(smmu_defaults),
        cmocka_unit_test(counter_groups),
        cmocka_unit_test(counter_sizes),
        cmocka_unit_test(smmu_combined_interrupt),
        cmocka_unit_test(host_bridge),
        cmocka_unit_test(straight_pins),
        cmocka_unit_test(no_interrupt_map),
        cmocka_unit_test(pci_disk),
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(iommu_map_mask),
        cmocka_unit_test(mmio_disks),
        cmocka_unit_test(buses_are_crossed),
        cmocka_unit_test(dma_ranges_with_one_offset),
        cmocka_unit_test(doorbells),
        cmocka_unit_test(foreign_tree_without_disks),
        cmocka_unit_test(foreign_tree_fills_from_the_top),
        cmocka_unit_test(status_of_parents),
        cmocka_unit_test(interrupts_extended),
        cmocka_unit_test(bridge_below_a_bus),
        cmocka_unit_test(foreign_tree_with_bad_slots),
        cmocka_unit_test(port_is_inherited),
};

CHECK_MAIN(tests)
