/* SPDX-License-Identifier: MIT */
/* The machine that comes out: its parts, their wiring, its life. */
#include "plat_internal.h"
#include "tree.h"

#define SMMU_IDR1 0x2b400004u

struct bench {
	struct tree tree;
	struct dmasim_machine *m;
	struct dmasim_diag diag;
};

static int try_create(struct bench *b, char *text,
                      struct dmasim_machine_config cfg)
{
	memset(b, 0, sizeof(*b));
	b->tree = tree_compile(text);
	cfg.fdt = b->tree.fdt;
	cfg.fdt_size = b->tree.size;
	return dmasim_machine_create(&cfg, &b->m, &b->diag);
}

static void create_with(struct bench *b, char *text,
                        struct dmasim_machine_config cfg)
{
	int status = try_create(b, text, cfg);

	assert_string_equal(b->diag.text, "");
	assert_int_equal(status, DMASIM_OK);
}

static void create(struct bench *b)
{
	create_with(b, tree_base(), (struct dmasim_machine_config){0});
}

static void end(struct bench *b)
{
	dmasim_machine_destroy(b->m);
	free(b->tree.fdt);
}

static enum dmasim_result bus(struct bench *b, enum dmasim_op op, uint64_t addr,
                              void *data, uint32_t size)
{
	struct dmasim_port port = dmasim_map_port(dmasim_machine_map(b->m));
	struct dmasim_txn txn = {
	        .op = op, .addr = addr, .size = size, .data = data};

	assert_int_equal(
	        dmasim_access_wait(dmasim_machine_kernel(b->m), &port, &txn),
	        DMASIM_OK);
	return txn.result;
}

static uint32_t reg(struct bench *b, uint64_t addr)
{
	uint8_t v[4];

	assert_int_equal(bus(b, DMASIM_READ, addr, v, 4), DMASIM_TXN_OK);
	return (uint32_t)v[0] | (uint32_t)v[1] << 8 | (uint32_t)v[2] << 16 |
	       (uint32_t)v[3] << 24;
}

static void parts(void **state)
{
	struct dmasim_smmu_info s;
	uint64_t base, size;
	struct bench b;

	(void)state;
	create(&b);
	assert_non_null(dmasim_machine_cpu(b.m, 0));
	assert_int_equal(dmasim_cpu_index(dmasim_machine_cpu(b.m, 1)), 1);
	assert_null(dmasim_machine_cpu(b.m, 2));
	assert_non_null(dmasim_machine_pci(b.m, 0));
	assert_null(dmasim_machine_pci(b.m, 1));
	assert_non_null(dmasim_machine_irqc(b.m));
	assert_non_null(dmasim_machine_choice(b.m));
	assert_non_null(dmasim_machine_checker(b.m));
	assert_int_equal(dmasim_memsys_line_size(dmasim_machine_memsys(b.m)),
	                 64);
	assert_int_equal(dmasim_machine_ram(b.m, 1, &base, &size), DMASIM_OK);
	assert_int_equal(base, 0x100000000);
	assert_int_equal(size, 0x1000000);
	assert_int_equal(dmasim_machine_ram(b.m, 3, &base, &size),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_machine_smmu(b.m, 0, &s), DMASIM_OK);
	assert_string_equal(s.path, "/iommu@2b400000");
	assert_string_equal(s.name, "2b400000.iommu");
	assert_string_equal(dmasim_smmu_name(s.smmu), "2b400000.iommu");
	assert_int_equal(s.base, 0x2b400000);
	assert_true(s.coherent);
	assert_true(s.phandle != 0);
	assert_int_equal(s.evtq.line, 74);
	assert_int_equal(s.sync.line, 76);
	assert_int_equal(s.gerror.line, 77);
	assert_ptr_equal(s.evtq.irqc, dmasim_machine_irqc(b.m));
	assert_int_equal(dmasim_machine_smmu(b.m, 1, &s), DMASIM_E_NOTFOUND);
	end(&b);
}

static void devices(void **state)
{
	struct dmasim_testdev_info t;
	struct dmasim_disk_info d;
	struct bench b;

	(void)state;
	create(&b);
	assert_int_equal(dmasim_machine_disk(b.m, 0, &d), DMASIM_OK);
	assert_string_equal(d.path, "/pci@40000000/disk@1,0");
	assert_int_equal(d.transport, DMASIM_TRANSPORT_PCI_LEGACY);
	assert_int_equal(d.bdf, 8);
	assert_int_equal(d.regs, 0x40008000);
	assert_int_equal(d.irq.line, 4);
	assert_int_equal(d.pci_io_cpu, 0x5f000000);
	assert_int_equal(d.pci_io_bus, 0);
	assert_int_equal(d.pci_io_size, 0x10000);
	assert_int_equal(d.smmu, 0);
	assert_int_equal(d.stream_id, 0x108);
	assert_int_equal(dmasim_machine_disk(b.m, 2, &d), DMASIM_OK);
	assert_int_equal(d.mmio_version, 1);
	assert_int_equal(d.port, DMASIM_PORT_CACHED);
	assert_false(d.coherent);
	assert_int_equal(d.smmu, -1);
	assert_int_equal(d.irq.line, 21);
	assert_int_equal(dmasim_machine_disk(b.m, 4, &d), DMASIM_OK);
	assert_int_equal(d.dma_offset, 0x80000000);
	assert_int_equal(d.dma_limit, 0x7ffffff);
	assert_int_equal(dmasim_machine_disk(b.m, 5, &d), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_machine_testdev(b.m, 1, &t), DMASIM_OK);
	assert_string_equal(t.path, "/pci@40000000/testdev@3,0");
	assert_int_equal(t.bdf, 0x18);
	assert_int_equal(dmasim_machine_testdev(b.m, 2, &t), DMASIM_E_NOTFOUND);
	end(&b);
}

static void registers_are_where_the_tree_says(void **state)
{
	struct bench b;

	(void)state;
	create(&b);
	/* virtio-mmio: magic, version and device type. */
	assert_int_equal(reg(&b, 0x10000), 0x74726976);
	assert_int_equal(reg(&b, 0x10004), 2);
	assert_int_equal(reg(&b, 0x10204), 1);
	assert_int_equal(reg(&b, 0x6c130008), 2);
	/* Disabled: nothing there. */
	assert_int_equal(bus(&b, DMASIM_READ, 0x10600, (uint8_t[4]){0}, 4),
	                 DMASIM_TXN_DECODE);
	/* Configuration space: vendor and device. */
	assert_int_equal(reg(&b, 0x40008000), 0x10011af4);
	assert_int_equal(reg(&b, 0x40011000), 0x00051b36);
	assert_int_equal(reg(&b, 0x40000000), 0xffffffff);
	/* IDR1: StreamID bits of the tree, no substreams. */
	assert_int_equal(reg(&b, SMMU_IDR1) & 0x7ff, 20);
	end(&b);
}

static void profile_can_be_overridden(void **state)
{
	struct bench b;

	(void)state;
	create_with(&b, tree_base(),
	            (struct dmasim_machine_config){
	                    .has_profile = true, .profile = DMASIM_SMMU_ARCH});
	/* AIDR: version 3.2, while QEMU says 3.1. */
	assert_int_equal(reg(&b, 0x2b40001c), 2);
	end(&b);
}

static void doorbell_rings(void **state)
{
	uint8_t number[4] = {123, 0, 0, 0};
	struct dmasim_irq irq;
	struct bench b;

	(void)state;
	create(&b);
	irq = (struct dmasim_irq){dmasim_machine_irqc(b.m), 123};
	assert_int_equal(bus(&b, DMASIM_WRITE, 0x2f030040, number, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(bus(&b, DMASIM_WRITE, 0x2f100040, number, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_irq_count(irq), 2);
	end(&b);
}

static enum dmasim_result dma(struct bench *b, size_t index, enum dmasim_op op,
                              uint64_t addr, void *data, uint32_t size)
{
	struct dmasim_testdev_info t;
	enum dmasim_result result = DMASIM_TXN_PENDING;
	struct dmasim_testdev_access a = {.op = op,
	                                  .addr = addr,
	                                  .size = size,
	                                  .stream_id = UINT32_MAX,
	                                  .data = data};

	assert_int_equal(dmasim_machine_testdev(b->m, index, &t), DMASIM_OK);
	assert_int_equal(dmasim_testdev_dma(t.dev, &a, &result, NULL),
	                 DMASIM_OK);
	return result;
}

/** INTA of device 1 is line 4 if pins rotate, line 3 if they do not. */
static void pins_are_wired_as_mapped(void **state)
{
	static const char *const masks[] = {"<0x1800 0x0 0x0 0x7>",
	                                    "<0 0 0 7>"};

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		const uint32_t line = 4 - i;
		uint8_t command[2] = {1, 0}, bar[4] = {0, 0x10, 0, 0};
		uint8_t status[1] = {7};
		struct dmasim_irq irq;
		struct dmasim_disk_info d;
		struct bench b;

		create_with(&b, tree_replace(tree_base(), masks[0], masks[i]),
		            (struct dmasim_machine_config){0});
		assert_int_equal(dmasim_machine_disk(b.m, 0, &d), DMASIM_OK);
		assert_int_equal(d.irq.line, line);
		/* I/O BAR at port 0x1000, decoding on, DRIVER_OK. */
		assert_int_equal(bus(&b, DMASIM_WRITE, d.regs + 0x10, bar, 4),
		                 DMASIM_TXN_OK);
		assert_int_equal(bus(&b, DMASIM_WRITE, d.regs + 4, command, 2),
		                 DMASIM_TXN_OK);
		assert_int_equal(bus(&b, DMASIM_WRITE, 0x5f001012, status, 1),
		                 DMASIM_TXN_OK);
		dmasim_virtio_config_changed(dmasim_blk_virtio(d.blk));
		irq = (struct dmasim_irq){dmasim_machine_irqc(b.m), 3};
		assert_int_equal(dmasim_irq_level(irq), line == 3);
		irq.line = 4;
		assert_int_equal(dmasim_irq_level(irq), line == 4);
		end(&b);
	}
}

static void dma_reaches_memory(void **state)
{
	uint8_t out[8] = "message", in[8] = "";
	struct bench b;

	(void)state;
	create(&b);
	assert_int_equal(dma(&b, 0, DMASIM_WRITE, 0x80001ffc, out, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(dma(&b, 1, DMASIM_READ, 0x80001ffc, in, 8),
	                 DMASIM_TXN_OK);
	assert_memory_equal(in, out, 8);
	assert_int_equal(dma(&b, 0, DMASIM_READ, 0x90000000, in, 8),
	                 DMASIM_TXN_DECODE);
	end(&b);
}

/** A coherent device sees what a CPU's cache holds, another does not. */
static void ports_are_of_the_tree_s_kind(void **state)
{
	const uint64_t va = 0xffff000080000000, pa = 0x80000000;
	struct dmasim_cpu *cpu;
	uint8_t out[4] = {1, 2, 3, 4}, in[4] = "";
	struct bench b;

	(void)state;
	create(&b);
	cpu = dmasim_machine_cpu(b.m, 0);
	assert_int_equal(dmasim_cpu_map(cpu, va, pa, 4096, &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_write(cpu, va, out, 4, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(cpu, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dma(&b, 0, DMASIM_READ, pa, in, 4), DMASIM_TXN_OK);
	assert_memory_equal(in, out, 4);
	assert_int_equal(dma(&b, 1, DMASIM_READ, pa, in, 4), DMASIM_TXN_OK);
	assert_memory_equal(in, "\0\0\0", 4);
	end(&b);
}

static void smmu_stands_before_memory(void **state)
{
	char *text = tree_replace(tree_base(), "<0x10 &off 0x0 0x8>",
	                          "<0x10 &smmu 0x10 0x8>");
	uint8_t gbpa[4] = {0, 0, 0x10, 0x80};
	uint8_t in[4];
	struct bench b;

	(void)state;
	/* A profile whose bypass can be told to abort (GBPA.ABORT). */
	text = tree_replace(text, "\"qemu-7.2\"", "\"arch\"");
	create_with(&b, text, (struct dmasim_machine_config){0});
	assert_int_equal(dma(&b, 0, DMASIM_READ, 0x80000000, in, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(bus(&b, DMASIM_WRITE, 0x2b400044, gbpa, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(dma(&b, 0, DMASIM_READ, 0x80000000, in, 4),
	                 DMASIM_TXN_ABORT);
	/* The other one is behind none. */
	assert_int_equal(dma(&b, 1, DMASIM_READ, 0x80000000, in, 4),
	                 DMASIM_TXN_OK);
	end(&b);
}

static void bus_offset_is_added(void **state)
{
	char *text = tree_replace(
	        tree_base(), "		bus-range = <0x0 0x3>;",
	        "		bus-range = <0x0 0x3>;\n"
	        "dma-ranges = <0x02000000 0 0x1000 0 0x80000000 0 0x2000>;\n"
	        "iommu-map-mask = <0xff00>;");
	uint8_t out[4] = {1, 2, 3, 4}, in[4] = "";
	struct bench b;

	(void)state;
	text = tree_replace(text,
	                    "iommu-map = <0x0 &smmu 0x100 0x10>, "
	                    "<0x10 &off 0x0 0x8>;",
	                    "");
	create_with(&b, text, (struct dmasim_machine_config){0});
	assert_int_equal(dma(&b, 0, DMASIM_WRITE, 0x1010, out, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(
	        dmasim_map_peek(dmasim_machine_map(b.m), 0x80000010, in, 4),
	        DMASIM_OK);
	assert_memory_equal(in, out, 4);
	assert_int_equal(dma(&b, 0, DMASIM_READ, 0x3000, in, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(dma(&b, 0, DMASIM_READ, 0x80000010, in, 4),
	                 DMASIM_TXN_DECODE);
	end(&b);
}

static void tag_names_who_has_no_name(void **state)
{
	uint8_t in[4];
	struct dmasim_txn txn = {
	        .op = DMASIM_READ, .addr = 0x80000000, .size = 4, .data = in};
	struct dmasim_port down, tagged;
	struct plat_tag tag;
	struct bench b;

	(void)state;
	create(&b);
	down = dmasim_map_port(dmasim_machine_map(b.m));
	tagged = plat_tag_port(&tag, &down, 5);
	assert_int_equal(dmasim_access(&tagged, &txn), DMASIM_TXN_OK);
	assert_int_equal(txn.initiator, 5);
	txn.initiator = 2;
	assert_int_equal(dmasim_access(&tagged, &txn), DMASIM_TXN_OK);
	assert_int_equal(txn.initiator, 2);
	end(&b);
}

static void disks_of_the_caller(void **state)
{
	struct dmasim_disk *disks[2] = {NULL, NULL};
	struct dmasim_disk_info d;
	struct bench b;

	(void)state;
	assert_int_equal(dmasim_disk_memory(4096, &disks[1]), DMASIM_OK);
	create_with(&b, tree_base(),
	            (struct dmasim_machine_config){.disks = disks,
	                                           .disk_count = 2});
	/* Capacity, in sectors: 1 MiB of our own, then the caller's. */
	assert_int_equal(dmasim_machine_disk(b.m, 1, &d), DMASIM_OK);
	assert_int_equal(reg(&b, d.regs + 0x100), 8);
	assert_int_equal(dmasim_machine_disk(b.m, 2, &d), DMASIM_OK);
	assert_int_equal(reg(&b, d.regs + 0x100), 2048);
	end(&b);
	dmasim_disk_destroy(disks[1]);
}

static void ring_fault_and_checker_settings(void **state)
{
	struct bench b;

	(void)state;
	create_with(&b, tree_base(),
	            (struct dmasim_machine_config){
	                    .has_ring_fault = true,
	                    .ring_fault = DMASIM_RING_FAULT_IGNORE,
	                    .no_checker = true});
	assert_null(dmasim_machine_checker(b.m));
	end(&b);
}

static void long_paths_are_refused(void **state)
{
	static const struct {
		const char *old, *before, *after;
	} edits[] = {
	        {"	virtio@10000 {", "	", " {"},
	        {"		testdev@2,1 {", "		", " {"},
	        {"	smmu: iommu@2b400000 {", "	smmu: ", " {"},
	};
	char name[160], line[200];
	struct bench b;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "%s%s%s", edits[i].before, name,
		         edits[i].after);
		assert_int_equal(try_create(&b,
		                            tree_replace(tree_base(),
		                                         edits[i].old, line),
		                            (struct dmasim_machine_config){0}),
		                 DMASIM_E_FORMAT);
		assert_non_null(strstr(b.diag.text, "the path is too long"));
		free(b.tree.fdt);
	}
}

static void bad_tree_leaves_nothing(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(
	        try_create(&b,
	                   tree_replace(tree_base(), "<&smmu 7>", "<0x77 7>"),
	                   (struct dmasim_machine_config){0}),
	        DMASIM_E_FORMAT);
	assert_string_equal(b.diag.text,
	                    "/virtio@10000: iommus: no node has phandle 0x77");
	assert_null(b.m);
	free(b.tree.fdt);
	dmasim_machine_destroy(NULL);
}

static void many_machines(void **state)
{
	struct bench b[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		create(&b[i]);
	for (size_t i = 0; i < 8; i += 2)
		end(&b[i]);
	for (size_t i = 1; i < 8; i += 2) {
		assert_int_equal(reg(&b[i], 0x10000), 0x74726976);
		end(&b[i]);
	}
}

/* Counter groups, each page where the tree has it. */
static void counters(void **state)
{
	static const char other[] = "	other: iommu@2bc00000 {";
	char node[512];
	struct bench b;

	(void)state;
	snprintf(node, sizeof(node),
	         "	pmcg@2b420000 { compatible = \"arm,smmu-v3-pmcg\"; "
	         "reg = <0 0x2b420000 0 0x1000>, <0 0x2b430000 0 0x1000>; };\n"
	         "	pmcg@2b440000 { compatible = \"arm,smmu-v3-pmcg\"; "
	         "reg = <0 0x2b440000 0 0x1000>; dmasim,counters = <1>; };\n%s",
	         other);
	create_with(&b, tree_replace(tree_base(), other, node),
	            (struct dmasim_machine_config){0});
	/* CFGR: four counters in page 1, and one. */
	assert_int_equal(reg(&b, 0x2b420e00), 3 | 63 << 8 | 7 << 20);
	assert_int_equal(reg(&b, 0x2b430e00), 0);
	assert_int_equal(reg(&b, 0x2b440e00), 0 | 63 << 8 | 6 << 20);
	end(&b);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters),
        cmocka_unit_test(parts),
        cmocka_unit_test(devices),
        cmocka_unit_test(registers_are_where_the_tree_says),
        cmocka_unit_test(profile_can_be_overridden),
        cmocka_unit_test(doorbell_rings),
        cmocka_unit_test(pins_are_wired_as_mapped),
        cmocka_unit_test(dma_reaches_memory),
        cmocka_unit_test(ports_are_of_the_tree_s_kind),
        cmocka_unit_test(smmu_stands_before_memory),
        cmocka_unit_test(bus_offset_is_added),
        cmocka_unit_test(tag_names_who_has_no_name),
        cmocka_unit_test(disks_of_the_caller),
        cmocka_unit_test(ring_fault_and_checker_settings),
        cmocka_unit_test(long_paths_are_refused),
        cmocka_unit_test(bad_tree_leaves_nothing),
        cmocka_unit_test(many_machines),
};

CHECK_MAIN(tests)
