/* SPDX-License-Identifier: MIT */
/* Trees that are refused: each names the node and what is wrong with it. */
#include "plat_internal.h"
#include "tree.h"

struct edit {
	const char *old, *new;
};

struct malformed {
	const char *name;
	struct edit edits[3];
	size_t disks;
	const char *message;
};

#define SMMU_REG   "reg = <0x0 0x2b400000 0x0 0x20000>;"
#define MEMORY     "<0x0 0x80000000 0x0 0x10000000>"
#define HIGH       "<0x1 0x00000000 0x0 0x01000000>"
#define CPU_SETS   "d-cache-sets = <128>;"
#define IO_RANGE   "<0x01000000 0x0 0x00000000 0x0 0x5f000000 0x0 0x00010000>"
#define MEM_RANGE  "<0x02000000 0x0 0x50000000 0x0 0x50000000 0x0 0x08000000>"
#define IOMMU_MAP  "<0x0 &smmu 0x100 0x10>, <0x10 &off 0x0 0x8>"
#define PCI_MAP    "<0x0800 0 0 1 &gic 0 0 0 4 4>,"
#define PCI_LAST   "<0x1000 0 0 1 &gic 0 0 0 5 4>;"
#define FPGA_DMA   "dma-ranges = <0x0 0 0x10000000 0x8000000>;"
#define PCI        "/pci@40000000: "
#define SMMU       "/iommu@2b400000: "
#define DISK1      "/virtio@10000: "
#define FPGA       "/bus@60000000/motherboard/fpga@300000000"
#define FPGA_DISK  FPGA "/virtio@130000: "
#define NAMES      "\"eventq\", \"priq\", \"cmdq-sync\", \"gerror\""
#define ADDR_CELLS "	#address-cells = <2>;\n	#size-cells = <2>;\n"

static const struct malformed cases[] = {
        /* memory */
        {"ram_overlaps_itself",
         {{HIGH, "<0x0 0x8f000000 0x0 0x02000000>"}},
         0,
         "/memory@80000000: memory at 0x8f000000 (0x2000000 bytes) overlaps "
         "memory of /memory@80000000 at 0x80000000 (0x10000000 bytes)"},
        {"ram_overlaps_other_node",
         {{"<0x0 0xc0000000 0x0 0x00100000>",
           "<0x0 0x80000000 0x0 0x00100000>"}},
         0,
         "/memory@c0000000: memory at 0x80000000 (0x100000 bytes) overlaps "
         "memory of /memory@80000000 at 0x80000000 (0x10000000 bytes)"},
        {"ram_overlaps_registers",
         {{HIGH, "<0x0 0x2b410000 0x0 0x1000>"}},
         0,
         SMMU "registers at 0x2b400000 (0x20000 bytes) overlaps memory of "
              "/memory@80000000 at 0x2b410000 (0x1000 bytes)"},
        {"ram_of_size_0",
         {{HIGH, "<0x1 0x00000000 0x0 0x0>"}},
         0,
         "/memory@80000000: memory of size 0 at 0x100000000"},
        {"ram_beyond_52_bits",
         {{HIGH, "<0x0 0xd0000000 0xfffff 0x40000000>"}},
         0,
         "/memory@80000000: memory: 0xfffff40000000 bytes at 0xd0000000 go "
         "beyond the 52-bit physical address space"},
        {"ram_of_absurd_size",
         {{HIGH, "<0x1 0x00000000 0x100000 0x0>"}},
         0,
         "/memory@80000000: memory: 0x10000000000000 bytes at 0x100000000 go "
         "beyond the 52-bit physical address space"},
        {"ram_above_52_bits",
         {{HIGH, "<0x100000 0x0 0x0 0x1000>"}},
         0,
         "/memory@80000000: memory: 0x1000 bytes at 0x10000000000000 go "
         "beyond the 52-bit physical address space"},
        {"ram_wraps",
         {{HIGH, "<0xffffffff 0xfffff000 0x0 0x2000>"}},
         0,
         "/memory@80000000: reg: 0x2000 bytes at 0xfffffffffffff000 wrap "
         "around"},
        {"ram_not_pages",
         {{HIGH, "<0x1 0x00000000 0x0 0x800>"}},
         0,
         "/memory@80000000: memory: 0x800 bytes at 0x100000000 are not whole "
         "pages of 4 KiB"},
        {"ram_reg_incomplete",
         {{HIGH, "<0x1 0x00000000 0x0>"}},
         0,
         "/memory@80000000: reg: 7 cells, a multiple of 4 expected"},
        {"ram_reg_not_cells",
         {{HIGH, "[01 02 03]"}},
         0,
         "/memory@80000000: reg: 19 bytes are not a whole number of 32-bit "
         "cells"},
        {"ram_without_reg",
         {{"		reg = <0x0 0xc0000000 0x0 0x00100000>;", ""}},
         0,
         "/memory@c0000000: reg: missing"},
        {"no_memory",
         {{"device_type = \"memory\";", "status = \"disabled\";"},
          {"memory@c0000000", "storage@c0000000"}},
         0,
         "/: no memory node"},

        /* cells and buses */
        {"address_cells_too_many",
         {{ADDR_CELLS, "	#address-cells = <4>;\n	#size-cells = <2>;\n"}},
         0,
         "/: #address-cells: 4, at most 3"},
        {"address_cells_pci_at_root",
         {{ADDR_CELLS, "	#address-cells = <3>;\n	#size-cells = <2>;\n"}},
         0,
         "/memory@80000000: reg: the parent has #address-cells 3 and "
         "#size-cells 2, which give no memory address"},
        {"size_cells_too_many",
         {{ADDR_CELLS, "	#address-cells = <2>;\n	#size-cells = <3>;\n"}},
         0,
         "/: #size-cells: 3, at most 2"},
        {"address_cells_two_values",
         {{ADDR_CELLS,
           "	#address-cells = <2 2>;\n	#size-cells = <2>;\n"}},
         0,
         "/: #address-cells: 2 cells, 1 expected"},
        {"no_ranges_on_the_way",
         {{"ranges = <0x0 3 0x0 0x200000>;", ""}},
         0,
         FPGA_DISK "0x200 bytes at 0x130000: no entry in ranges of the parent "
                   "bus holds them"},
        {"outside_ranges",
         {{"ranges = <0x0 3 0x0 0x200000>", "ranges = <0x0 3 0x0 0x130100>"}},
         0,
         FPGA_DISK "0x200 bytes at 0x130000: no entry in ranges of the parent "
                   "bus holds them"},
        {"ranges_incomplete",
         {{"ranges = <0x0 3 0x0 0x200000>", "ranges = <0x0 3 0x0>"}},
         0,
         FPGA ": ranges: 3 cells do not fit entries of 1 + 2 + 1 cells"},
        {"ranges_entry_empty",
         {{"ranges = <0x0 3 0x0 0x200000>", "ranges = <0x0 3 0x0 0>"}},
         0,
         FPGA ": ranges: entry 0 is empty or wraps around: 0x0 bytes at 0x0"},
        {"dma_ranges_wrap",
         {{FPGA_DMA, "dma-ranges = <0x1000 0 0x10000000 0xffffffff>, "
                     "<0x0 0xffffffff 0xfffff000 0x2000>;"},
          {"dma-ranges = <0 0x10000000 0x0 0x80000000 0x10000000>;", ""}},
         0,
         FPGA ": dma-ranges: entry 1 is empty or wraps around: 0x2000 bytes "
              "at 0x0"},
        {"dma_ranges_do_not_nest",
         {{FPGA_DMA, "dma-ranges = <0x0 0 0x90000000 0x8000000>;"}},
         0,
         FPGA ": 0x8000000 bytes at 0x90000000: no entry in dma-ranges of "
              "the parent bus holds them"},
        {"dma_ranges_two_offsets",
         {{FPGA_DMA, "dma-ranges = <0x0 0 0x10000000 0x1000>, "
                     "<0x1000 0 0x12000000 0x1000>;"}},
         0,
         FPGA ": dma-ranges: entries with different offsets are not modelled"},
        {"dma_ranges_before_smmu",
         {{"interrupts = <41>;", "interrupts = <41>; iommus = <&smmu 3>;"}},
         0,
         FPGA_DISK "dma-ranges with an offset in front of an SMMU are not "
                   "modelled"},

        /* references */
        {"iommus_missing_phandle",
         {{"iommus = <&smmu 7>", "iommus = <0x77 7>"}},
         0,
         DISK1 "iommus: no node has phandle 0x77"},
        {"iommus_empty",
         {{"iommus = <&smmu 7>", "iommus"}},
         0,
         DISK1 "iommus: empty"},
        {"iommus_phandle_0",
         {{"iommus = <&smmu 7>", "iommus = <0 7>"}},
         0,
         DISK1 "iommus: no node has phandle 0x0"},
        {"iommus_no_iommu",
         {{"iommus = <&smmu 7>", "iommus = <&gic 7>"}},
         0,
         DISK1 "iommus: /interrupt-controller@2f000000 is no IOMMU (no "
               "#iommu-cells)"},
        {"iommus_other_iommu",
         {{"iommus = <&smmu 7>", "iommus = <&other 7>"}},
         0,
         DISK1 "iommus: /iommu@2bc00000 is not an arm,smmu-v3"},
        {"iommus_two_streams",
         {{"iommus = <&smmu 7>", "iommus = <&smmu 7>, <&smmu 8>"}},
         0,
         DISK1 "iommus: 4 cells; one stream (2 cells) is what this model "
               "knows"},
        {"iommus_without_stream",
         {{"iommus = <&smmu 7>", "iommus = <&smmu>"}},
         0,
         DISK1 "iommus: 1 cells; one stream (2 cells) is what this model "
               "knows"},
        {"iommu_map_missing_phandle",
         {{IOMMU_MAP, "<0x0 0x77 0x0 0x100>"}},
         0,
         PCI "iommu-map: no node has phandle 0x77"},
        {"iommu_map_incomplete",
         {{IOMMU_MAP, "<0x0 &smmu 0x0>"}},
         0,
         PCI "iommu-map: 3 cells, a multiple of 4 expected"},
        {"iommu_map_empty_entry",
         {{IOMMU_MAP, "<0x0 &smmu 0x0 0x0>"}},
         0,
         PCI "iommu-map: entry 0 maps 0x0 requesters from 0x0 to streams "
             "from 0x0"},
        {"iommu_map_beyond_requesters",
         {{IOMMU_MAP, "<0x1 &smmu 0x0 0x10000>"}},
         0,
         PCI "iommu-map: entry 0 maps 0x10000 requesters from 0x1 to streams "
             "from 0x0"},
        {"iommu_map_streams_wrap",
         {{IOMMU_MAP, "<0x0 &smmu 0xffffffff 0x2>"}},
         0,
         PCI "iommu-map: entry 0 maps 0x2 requesters from 0x0 to streams "
             "from 0xffffffff"},
        {"iommu_map_mask_two_cells",
         {{"iommu-map = ", "iommu-map-mask = <1 2>; iommu-map = "}},
         0,
         PCI "iommu-map-mask: 2 cells, 1 expected"},
        {"phandle_used_twice",
         {{"	virtio@10000 {", "	virtio@10000 {\n phandle = <0x55>;"},
          {"	virtio@10200 {", "	virtio@10200 {\n phandle = <0x55>;"}},
         0,
         "/virtio@10200: phandle 0x55 is that of /virtio@10000 too"},
        {"next_level_cache_missing",
         {{"next-level-cache = <&l2>", "next-level-cache = <0x99>"}},
         0,
         "/cpus/cpu@0: next-level-cache: no node has phandle 0x99"},

        /* interrupts */
        {"interrupt_parent_missing",
         {{"interrupt-parent = <&gic>", "interrupt-parent = <0x98>"}},
         0,
         "/: interrupt-parent: no node has phandle 0x98"},
        {"no_interrupt_parent",
         {{"	interrupt-parent = <&gic>;", ""}},
         0,
         SMMU "interrupts: no interrupt-parent"},
        {"interrupts_incomplete",
         {{"interrupts = <0 20 1>", "interrupts = <0 20>"}},
         0,
         DISK1 "interrupts: 2 cells, a multiple of 3 expected"},
        {"interrupts_empty",
         {{"interrupts = <0 20 1>", "interrupts"}},
         0,
         DISK1 "interrupts: 0 cells, a multiple of 3 expected"},
        {"interrupts_missing",
         {{"interrupts = <0 20 1>;", ""}},
         0,
         DISK1 "interrupts: missing"},
        {"interrupt_private",
         {{"interrupts = <0 20 1>", "interrupts = <1 20 1>"}},
         0,
         DISK1 "interrupts: type 1 is not a shared peripheral interrupt (0)"},
        {"interrupt_number_too_large",
         {{"interrupts = <0 20 1>", "interrupts = <0 1020 1>"}},
         0,
         DISK1 "interrupts: SPI 1020, at most 1019"},
        {"interrupt_cells_absurd",
         {{"#interrupt-cells = <3>", "#interrupt-cells = <9>"}},
         0,
         "/interrupt-controller@2f000000: #interrupt-cells: 9, from 1 to 4 "
         "expected"},
        {"interrupt_cells_of_no_gic",
         {{"#interrupt-cells = <3>", "#interrupt-cells = <2>"},
          {"<0 74 1>, <0 75 1>, <0 76 1>, <0 77 1>",
           "<74 1>, <75 1>, <76 1>, <77 1>"}},
         0,
         "/interrupt-controller@2f000000: #interrupt-cells: 2; only "
         "controllers of the GIC kind (3 or 4) are known"},
        {"interrupts_extended_missing_phandle",
         {{"interrupts = <0 20 1>", "interrupts-extended = <0x97 0 20 1>"}},
         0,
         DISK1 "interrupts-extended: no node has phandle 0x97"},
        {"interrupts_extended_incomplete",
         {{"interrupts = <0 20 1>", "interrupts-extended = <&gic 0 20>"}},
         0,
         DISK1 "interrupts-extended: ends within an entry"},
        {"interrupt_not_in_map",
         {{"interrupts = <41>", "interrupts = <43>"}},
         0,
         FPGA_DISK "interrupts: no entry in interrupt-map of /bus@60000000 "
                   "matches"},
        {"interrupt_map_missing_phandle",
         {{"<0 0 40 &gic 0 0 0 140 4>", "<0 0 40 0x96 0 0 0 140 4>"}},
         0,
         "/bus@60000000: interrupt-map: no node has phandle 0x96"},
        {"interrupt_map_incomplete",
         {{"<0 0 41 &gic 0 0 0 141 4>", "<0 0 41 &gic 0 0 0 141>"}},
         0,
         "/bus@60000000: interrupt-map: ends within an entry"},
        {"interrupt_map_ends_early",
         {{"<0 0 40 &gic 0 0 0 140 4>", "<0 0>"},
          {"				<0 0 41 &gic 0 0 0 141 4>;", "<40>;"}},
         0,
         "/bus@60000000: interrupt-map: ends within an entry"},
        {"interrupt_map_mask_size",
         {{"interrupt-map-mask = <0 0 63>", "interrupt-map-mask = <0 63>"}},
         0,
         "/bus@60000000: interrupt-map-mask: 2 cells, 3 expected"},
        {"interrupt_map_circle",
         {{"	bus@60000000 {", "	circle: bus@60000000 {"},
          {"<0 0 41 &gic 0 0 0 141 4>", "<0 0 41 &circle 0 0 41>"}},
         0,
         FPGA_DISK "interrupts: interrupt-map leads in a circle"},
        {"interrupt_cells_differ_up",
         {{"			#interrupt-cells = <1>;\n		"
           "	"
           "ranges;\n",
           "			#interrupt-cells = <2>;\n		"
           "	"
           "ranges;\n"},
          {"interrupts = <41>", "interrupts = <41 0>"}},
         0,
         "/bus@60000000/motherboard: #interrupt-cells: 2, but its interrupt "
         "parent takes 1 and there is no interrupt-map"},
        {"interrupt_map_needs_unit_address",
         {{"	pci@40000000 {", "	pci: pci@40000000 {"},
          {"interrupts = <41>", "interrupt-parent = <&pci>; interrupts = <1>"}},
         0,
         FPGA_DISK "reg: too short for the interrupt-map that its interrupts "
                   "go through"},

        /* SMMU */
        {"smmu_registers_too_small",
         {{SMMU_REG, "reg = <0x0 0x2b400000 0x0 0x1000>;"}},
         0,
         SMMU "reg: 0x1000 bytes, an SMMUv3 has 0x20000"},
        {"smmu_without_iommu_cells",
         {{"		dma-coherent;\n		#iommu-cells = <1>;", ""}},
         0,
         SMMU "#iommu-cells: 0, 1 expected"},
        {"smmu_unknown_profile",
         {{"\"qemu-7.2\"", "\"qemu-99\""}},
         0,
         SMMU "dmasim,profile: 'qemu-99' is none of arch, fvp-2017, qemu-7.2, "
              "qemu-10"},
        {"smmu_profile_not_terminated",
         {{"dmasim,profile = \"qemu-7.2\"", "dmasim,profile = [61 62]"}},
         0,
         SMMU "dmasim,profile: not one terminated string"},
        {"smmu_interrupt_name",
         {{NAMES, "\"eventq\", \"priq\", \"sync\", \"gerror\""}},
         0,
         SMMU "interrupt-names: 'sync' is none of eventq, priq, cmdq-sync, "
              "gerror, combined"},
        {"smmu_interrupt_names_not_terminated",
         {{NAMES, "\"eventq\", [61 62]"}},
         0,
         SMMU "interrupt-names: the last string has no end"},
        {"smmu_interrupt_names_too_many",
         {{NAMES, "\"eventq\", \"priq\", \"cmdq-sync\", \"gerror\", "
                  "\"combined\""}},
         0,
         SMMU "interrupt-names: 'combined' has no entry in interrupts"},
        {"smmu_output_bits",
         {{"dmasim,output-bits = <48>", "dmasim,output-bits = <47>"}},
         0,
         SMMU "dmasim,output-bits: 47 is none of 32, 36, 40, 42, 44, 48, 52"},
        {"smmu_stream_id_bits",
         {{"dmasim,stream-id-bits = <20>", "dmasim,stream-id-bits = <33>"}},
         0,
         SMMU "dmasim,stream-id-bits: 33, at most 32"},
        {"smmu_substream_id_bits",
         {{"dmasim,substream-id-bits = <0>",
           "dmasim,substream-id-bits = <21>"}},
         0,
         SMMU "dmasim,substream-id-bits: 21, at most 20"},
        {"port_unknown",
         {{"\"host-cpu\"", "\"magic\""}},
         0,
         "/virtio@10200: dmasim,port: 'magic' is none of coherent, "
         "non-coherent, host-cpu"},

        /* PCI */
        {"ecam_less_than_a_bus",
         {{"0x0 0x00400000", "0x0 0x00080000"}},
         0,
         PCI "reg: 0x80000 bytes of ECAM, less than one bus (1 MiB)"},
        {"bus_range_beyond_ecam",
         {{"bus-range = <0x0 0x3>", "bus-range = <0x0 0x4>"}},
         0,
         PCI "bus-range: 0 to 4 do not fit 0x400000 bytes of ECAM"},
        {"bus_range_backwards",
         {{"bus-range = <0x0 0x3>", "bus-range = <0x3 0x0>"}},
         0,
         PCI "bus-range: 3 to 0 do not fit 0x400000 bytes of ECAM"},
        {"bus_range_one_cell",
         {{"bus-range = <0x0 0x3>", "bus-range = <0x3>"}},
         0,
         PCI "bus-range: 1 cells, 2 expected"},
        {"pci_size_cells",
         {{"#size-cells = <2>;\n		#interrupt-cells = "
           "<1>;\n	"
           "	bus-range",
           "#size-cells = <1>;\n		#interrupt-cells = "
           "<1>;\n	"
           "	bus-range"}},
         0,
         PCI "a PCI bus has #address-cells 3 and #size-cells 2, not 3 and 1"},
        {"pci_ranges_incomplete",
         {{IO_RANGE, "<0x01000000 0x0 0x0 0x0 0x5f000000 0x0>"}},
         0,
         PCI "ranges: 20 cells do not fit entries of 7"},
        {"pci_ranges_configuration",
         {{IO_RANGE, "<0x00000000 0x0 0x0 0x0 0x5f000000 0x0 0x10000>"}},
         0,
         PCI "ranges: phys.hi 0x0 names configuration space"},
        {"pci_ranges_twice",
         {{IO_RANGE, MEM_RANGE}},
         0,
         PCI "ranges: more than one 32-bit memory window"},
        {"pci_ranges_empty",
         {{IO_RANGE, "<0x01000000 0x0 0x0 0x0 0x5f000000 0x0 0x0>"}},
         0,
         PCI "ranges: I/O window of 0x0 bytes at bus address 0x0"},
        {"pci_ranges_32_bits",
         {{MEM_RANGE, "<0x02000000 0x0 0xf0000000 0x0 0x50000000 0x0 "
                      "0x20000000>"}},
         0,
         PCI "ranges: 32-bit memory window of 0x20000000 bytes at bus address "
             "0xf0000000"},
        {"pci_windows_overlap",
         {{"0x0 0x5f000000 0x0 0x00010000", "0x0 0x50001000 0x0 0x00010000"}},
         0,
         PCI "32-bit memory window at 0x50000000 (0x8000000 bytes) overlaps "
             "I/O window of /pci@40000000 at 0x50001000 (0x10000 bytes)"},
        {"pci_no_io_window",
         {{IO_RANGE ",", ""}},
         0,
         "/pci@40000000/disk@1,0: a legacy virtio-pci device needs an I/O "
         "window in ranges of its bridge"},
        {"pci_map_mask",
         {{"interrupt-map-mask = <0x1800 0x0 0x0 0x7>",
           "interrupt-map-mask = <0x1800>"}},
         0,
         PCI "interrupt-map-mask: 1 cells, 4 expected"},
        {"pci_interrupt_cells",
         {{"#interrupt-cells = <1>;\n		bus-range",
           "#interrupt-cells = <2>;\n		bus-range"}},
         0,
         PCI "interrupt-map: a PCI bus has 3 address cells and 1 interrupt "
             "cell"},
        {"pci_wiring_unknown",
         {{PCI_MAP, "<0x0800 0 0 1 &gic 0 0 0 99 4>,"}},
         0,
         PCI "interrupt-map: INTA of the devices is wired neither straight "
             "nor rotated by device number"},
        {"function_without_reg",
         {{"reg = <0x0800 0x0 0x0 0x0 0x0>", "reg"}},
         0,
         "/pci@40000000/disk@1,0: reg: 0 cells; 5 say which function it is"},
        {"function_is_a_bar",
         {{"reg = <0x0800 0x0 0x0 0x0 0x0>",
           "reg = <0x02000810 0x0 0x0 0x0 0x0>"}},
         0,
         "/pci@40000000/disk@1,0: reg: 0x2000810 is not the configuration "
         "address of a function"},
        {"function_beyond_buses",
         {{"reg = <0x0800 0x0 0x0 0x0 0x0>",
           "reg = <0x40800 0x0 0x0 0x0 0x0>"}},
         0,
         "/pci@40000000/disk@1,0: reg: bus 4 is not in 0 to 3"},
        {"function_twice",
         {{"reg = <0x1100 0x0 0x0 0x0 0x0>", "reg = <0x0800 0x0 0x0 0x0 0x0>"}},
         0,
         "/pci@40000000/testdev@2,1: reg: function used twice"},
        {"testdev_twice",
         {{"reg = <0x1800 0x0 0x0 0x0 0x0>", "reg = <0x1100 0x0 0x0 0x0 0x0>"}},
         0,
         "/pci@40000000/testdev@3,0: reg: function used twice"},

        /* devices */
        {"device_unknown",
         {{"dmasim,device = \"testdev\"", "dmasim,device = \"net\""}},
         0,
         "/pci@40000000/testdev@2,1: dmasim,device: 'net': a virtio,mmio node "
         "takes blk or none; a child of a PCI host bridge takes blk-legacy, "
         "testdev or none"},
        {"device_misplaced",
         {{"		compatible = \"test,iommu\";",
           "		dmasim,device = \"blk\";"}},
         0,
         "/iommu@2bc00000: dmasim,device: 'blk'"},
        {"device_not_a_string",
         {{"dmasim,device = \"testdev\"", "dmasim,device = <1>"}},
         0,
         "/pci@40000000/testdev@2,1: dmasim,device: not one terminated "
         "string"},
        {"mmio_registers_too_small",
         {{"reg = <0x0 0x10000 0x0 0x200>", "reg = <0x0 0x10000 0x0 0x100>"}},
         0,
         DISK1 "reg: 0x100 bytes, virtio-mmio has 0x200"},
        {"mmio_registers_overlap",
         {{"reg = <0x0 0x10200 0x0 0x200>", "reg = <0x0 0x10100 0x0 0x200>"}},
         0,
         "/virtio@10200: registers at 0x10100 (0x200 bytes) overlaps "
         "registers of /virtio@10000 at 0x10000 (0x200 bytes)"},
        {"virtio_version",
         {{"dmasim,virtio-version = <2>", "dmasim,virtio-version = <3>"}},
         0,
         DISK1 "dmasim,virtio-version: 3, 1 or 2 expected"},
        {"virtio_feature",
         {{"\"access-platform\"", "\"teleport\""}},
         0,
         DISK1 "dmasim,features: no feature is called 'teleport'"},
        {"virtio_queue_size",
         {{"dmasim,queue-size = <128>", "dmasim,queue-size = <100>"}},
         0,
         "/pci@40000000/disk@1,0: dmasim,queue-size: 100, a power of two up "
         "to 32768 expected"},
        {"virtio_ring_fault",
         {{"dmasim,ring-fault = \"2017\"", "dmasim,ring-fault = \"2018\""}},
         0,
         "/pci@40000000/disk@1,0: dmasim,ring-fault: '2018' is none of stop, "
         "2017, ignore"},
        {"virtio_serial",
         {{"\"pci-disk\"", "\"a-serial-of-more-than-20\""}},
         0,
         "/pci@40000000/disk@1,0: dmasim,serial: 24 characters, at most 20"},
        {"more_disks_than_nodes",
         {{NULL, NULL}},
         6,
         "/: 6 disks, but the tree has 5"},

        /* processors and caches */
        {"cpus_differ",
         {{CPU_SETS, "d-cache-sets = <256>;"}},
         0,
         "/cpus/cpu@1: caches or clock differ from those of the first CPU"},
        {"cache_sets",
         {{CPU_SETS, "d-cache-sets = <100>;"}},
         0,
         "/cpus/cpu@0: d-cache-size: 32768 bytes are not 1 to 32 ways of 100 "
         "sets (a power of two) of 64 bytes"},
        {"cache_absurd",
         {{"		d-cache-size = <0x8000>",
           "		d-cache-size = <0x80000000>"}},
         0,
         "/cpus/cpu@0: d-cache-size: 2147483648 bytes, at most 4194304"},
        {"cache_line",
         {{"d-cache-line-size = <64>", "d-cache-line-size = <48>"}},
         0,
         "/cpus/cpu@0: d-cache-line-size: 48, a power of two from 16 to 2048 "
         "expected"},
        {"cache_lines_differ",
         {{"d-cache-line-size = <64>", "d-cache-line-size = <128>"},
          {CPU_SETS, "d-cache-sets = <64>;"}},
         0,
         "/cpus/cpu@0: d-cache-line-size: 128, but 64 in the next level"},
        {"cpu_clock",
         {{"clock-frequency = <2000000000>", "clock-frequency = <1000>"}},
         0,
         "/cpus/cpu@0: clock-frequency: 1000 Hz, from 1 MHz to 1 THz "
         "expected"},
        {"cpu_clock_cells",
         {{"clock-frequency = <2000000000>", "clock-frequency = <1 2 3>"}},
         0,
         "/cpus/cpu@0: clock-frequency: 3 cells, 1 or 2 expected"},
        {"doorbell_too_small",
         {{"reg = <0x0 0x2f020000 0x0 0x20000>",
           "reg = <0x0 0x2f020000 0x0 0x10000>"}},
         0,
         "/interrupt-controller@2f000000/msi-controller@2f020000: reg: "
         "0x10000 bytes, too small"},
};

#define CASES (sizeof(cases) / sizeof(*cases))

static void refused(void **state)
{
	const struct malformed *c = *state;
	struct plat_desc *d = calloc(1, sizeof(*d));
	struct dmasim_diag diag = {""};
	char *text = tree_base();
	struct tree t;
	int status;

	assert_non_null(d);
	for (size_t i = 0; i < 3 && c->edits[i].old; i++)
		text = tree_replace(text, c->edits[i].old, c->edits[i].new);
	t = tree_compile(text);
	status = plat_describe(t.fdt, t.size, c->disks, &diag, d);
	free(d);
	free(t.fdt);
	if (strncmp(diag.text, c->message, strlen(c->message)) != 0)
		fail_msg("expected '%s'\n     got '%s'", c->message, diag.text);
	assert_int_equal(status, DMASIM_E_FORMAT);
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
