/* SPDX-License-Identifier: MIT */
#include "pci_toy.h"

static void header_of_a_function(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	uint16_t bdf = DMASIM_PCI_BDF(0, 4, 0);

	add(b, &t, bdf);
	assert_int_equal(rd(b, cfg_addr(bdf, 0), 4), 0x10011af4);
	assert_int_equal(rd(b, cfg_addr(bdf, 2), 2), 0x1001);
	assert_int_equal(rd(b, cfg_addr(bdf, 1), 1), 0x1a);
	assert_int_equal(rd(b, cfg_addr(bdf, 8), 4), 0x01000007);
	assert_int_equal(rd(b, cfg_addr(bdf, 0x2c), 4), 0x00021af4);
	assert_int_equal(rd(b, cfg_addr(bdf, 0x3d), 1), 1);
	assert_int_equal(rd(b, cfg_addr(bdf, 0x0e), 1), 0);
	assert_int_equal(rd(b, cfg_addr(bdf, CMD), 2), 0);
	assert_int_equal(rd(b, cfg_addr(bdf, BAR(0)), 4), 1);
	assert_int_equal(rd(b, cfg_addr(bdf, BAR(1)), 4), 0);
	assert_int_equal(rd(b, cfg_addr(bdf, BAR(2)), 4), 4);
}

/** All ones, then all zeros, to every register: what sticks. */
static void writable_bits_of_the_header(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	uint16_t bdf = DMASIM_PCI_BDF(1, 31, 7);
	static const struct {
		unsigned reg;
		uint32_t writable;
		uint32_t fixed;
	} rows[] = {
	        {0x00, 0, 0x10011af4}, {0x04, 0x0547, 0},
	        {0x08, 0, 0x01000007}, {0x0c, 0xff, 0},
	        {0x10, 0xffffff80, 1}, {0x14, 0xfffff000, 0},
	        {0x18, 0xffffc000, 4}, {0x1c, 0xffffffff, 0},
	        {0x20, 0, 0},          {0x24, 0, 0},
	        {0x28, 0, 0},          {0x2c, 0, 0x00021af4},
	        {0x30, 0, 0},          {0x34, 0, 0},
	        {0x38, 0, 0},          {0x3c, 0xff, 0x100},
	        {0x40, 0, 0},          {0xfc, 0, 0},
	        {0x100, 0, 0},         {0xffc, 0, 0},
	};

	add(b, &t, bdf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t a = cfg_addr(bdf, rows[i].reg);

		wr(b, a, 4, 0xffffffff);
		assert_int_equal(rd(b, a, 4), rows[i].writable | rows[i].fixed);
		wr(b, a, 4, 0);
		assert_int_equal(rd(b, a, 4), rows[i].fixed);
	}
}

static void absent_functions_read_all_ones(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};

	add(b, &t, DMASIM_PCI_BDF(0, 0, 1));
	for (unsigned bdf = 0; bdf < 512; bdf++) {
		if (bdf == 1)
			continue;
		wr(b, cfg_addr((uint16_t)bdf, CMD), 2, 7);
		assert_int_equal(rd(b, cfg_addr((uint16_t)bdf, 0), 4),
		                 0xffffffff);
		assert_int_equal(rd(b, cfg_addr((uint16_t)bdf, 0xffe), 2),
		                 0xffff);
	}
	/* Beyond the buses that the host has. */
	assert_int_equal(probe(b, cfg_addr(512, 0), 4), DMASIM_TXN_DECODE);
}

static void ecam_access_sizes(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	uint64_t a = cfg_addr(8, 0x3c);
	uint64_t v = 0xffffffffff;

	add(b, &t, 8);
	wr(b, a, 1, 0x5a);
	assert_int_equal(rd(b, a, 1), 0x5a);
	assert_int_equal(rd(b, a, 2), 0x15a);
	assert_int_equal(bus(b, DMASIM_READ, a, 8, &v), DMASIM_TXN_SLAVE);
	assert_int_equal(bus(b, DMASIM_READ, a + 1, 2, &v), DMASIM_TXN_SLAVE);
	assert_int_equal(bus(b, DMASIM_READ, a + 2, 4, &v), DMASIM_TXN_SLAVE);
	assert_int_equal(bus(b, DMASIM_WRITE, a, 3, &v), DMASIM_TXN_SLAVE);
	assert_int_equal(bus(b, DMASIM_ATOMIC_ADD, a, 4, &v), DMASIM_TXN_SLAVE);
	assert_int_equal(bus(b, DMASIM_CLEAN, a, 4, &v), DMASIM_TXN_OK);
	assert_int_equal(rd(b, a, 1), 0x5a);
}

static void bars_appear_and_move(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	uint16_t bdf = 8;
	struct dmasim_region_info info;

	add(b, &t, bdf);
	wr(b, cfg_addr(bdf, BAR(0)), 4, 0x1000);
	wr(b, cfg_addr(bdf, BAR(1)), 4, MEM32_CPU + 0x3000);
	wr(b, cfg_addr(bdf, BAR(2)), 4, 0x00010000);
	wr(b, cfg_addr(bdf, BAR(3)), 4, 0x10);
	assert_int_equal(probe(b, IO_CPU + 0x1000, 4), DMASIM_TXN_DECODE);
	/* I/O and memory decode are enabled apart. */
	wr(b, cfg_addr(bdf, CMD), 2, 1);
	assert_int_equal(probe(b, IO_CPU + 0x1000, 4), DMASIM_TXN_OK);
	assert_int_equal(probe(b, MEM32_CPU + 0x3000, 4), DMASIM_TXN_DECODE);
	wr(b, cfg_addr(bdf, CMD), 2, 2);
	assert_int_equal(probe(b, IO_CPU + 0x1000, 4), DMASIM_TXN_DECODE);
	wr(b, MEM32_CPU + 0x3000 + 4, 4, 0xabcd);
	assert_int_equal(t.index, 1);
	assert_int_equal(t.offset, 4);
	assert_int_equal(t.bytes[1][4], 0xcd);
	assert_int_equal(rd(b, MEM64_CPU + 0x10000 + 8, 2), 0);
	assert_int_equal(t.index, 2);
	assert_int_equal(t.offset, 8);
	assert_int_equal(dmasim_map_find(b->map, MEM64_CPU + 0x10000, &info),
	                 DMASIM_OK);
	assert_string_equal(info.name, "pcie 00:01.0 bar 2");
	/* It moves while enabled. */
	wr(b, cfg_addr(bdf, BAR(1)), 4, MEM32_CPU + 0x9000);
	assert_int_equal(probe(b, MEM32_CPU + 0x3000, 4), DMASIM_TXN_DECODE);
	assert_int_equal(rd(b, MEM32_CPU + 0x9004, 2), 0xabcd);
	wr(b, cfg_addr(bdf, CMD), 2, 0);
	assert_int_equal(probe(b, MEM32_CPU + 0x9000, 4), DMASIM_TXN_DECODE);
}

static void bars_outside_a_window_are_not_decoded(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};

	add(b, &t, 8);
	wr(b, cfg_addr(8, CMD), 2, 3);
	/* BAR 0 is 0, which lies in the I/O window; the others do not. */
	assert_int_equal(probe(b, IO_CPU, 4), DMASIM_TXN_OK);
	/* Sizing with decode on. */
	wr(b, cfg_addr(8, BAR(0)), 4, 0xffffffff);
	assert_int_equal(probe(b, IO_CPU, 4), DMASIM_TXN_DECODE);
	wr(b, cfg_addr(8, BAR(1)), 4, 0xffffffff);
	/* Onto RAM, ECAM, across the end of the window. */
	wr(b, cfg_addr(8, BAR(1)), 4, RAM);
	wr(b, cfg_addr(8, BAR(2)), 4, (uint32_t)ECAM);
	wr(b, cfg_addr(8, BAR(3)), 4, ECAM >> 32);
	wr(b, RAM, 4, 0x11223344);
	assert_int_equal(rd(b, RAM, 4), 0x11223344);
	assert_int_equal(rd(b, cfg_addr(8, 0), 4), 0x10011af4);
	wr(b, cfg_addr(8, BAR(0)), 4, 0xffc0);
	assert_int_equal(probe(b, IO_CPU + 0xff80, 4), DMASIM_TXN_OK);
	wr(b, cfg_addr(8, BAR(0)), 4, 0x10000);
	assert_int_equal(probe(b, IO_CPU + 0xff80, 4), DMASIM_TXN_DECODE);
	/* A 64-bit BAR may lie in the 32-bit window. */
	wr(b, cfg_addr(8, BAR(3)), 4, 0);
	wr(b, cfg_addr(8, BAR(2)), 4, MEM32_CPU);
	assert_int_equal(probe(b, MEM32_CPU, 4), DMASIM_TXN_OK);
	/* A 32-bit one not in the 64-bit window. */
	assert_int_equal(probe(b, MEM64_CPU, 4), DMASIM_TXN_DECODE);
}

static void first_of_overlapping_bars_answers(void **state)
{
	struct bench *b = *state;
	struct toy one = {0}, two = {0};
	struct dmasim_pci_function *f;

	two.bytes[1][0] = 2;
	one.bytes[1][0] = 1;
	add(b, &two, 16);
	f = add(b, &one, 8);
	wr(b, cfg_addr(16, BAR(1)), 4, MEM32_CPU);
	wr(b, cfg_addr(16, CMD), 2, 2);
	assert_int_equal(rd(b, MEM32_CPU, 1), 2);
	wr(b, cfg_addr(8, BAR(1)), 4, MEM32_CPU);
	wr(b, cfg_addr(8, CMD), 2, 2);
	assert_int_equal(rd(b, MEM32_CPU, 1), 1);
	/* Half overlap by a larger BAR. */
	wr(b, cfg_addr(8, CMD), 2, 0);
	wr(b, cfg_addr(8, BAR(2)), 4, MEM32_CPU);
	assert_int_equal(rd(b, MEM32_CPU, 1), 2);
	wr(b, cfg_addr(8, BAR(1)), 4, 0);
	wr(b, cfg_addr(8, CMD), 2, 2);
	assert_int_equal(rd(b, MEM32_CPU, 1), 0);
	dmasim_pci_remove(f);
	assert_int_equal(rd(b, MEM32_CPU, 1), 2);
	assert_int_equal(rd(b, cfg_addr(8, 0), 4), 0xffffffff);
	dmasim_pci_remove(NULL);
}

static void region_in_the_way_of_a_bar(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};

	assert_int_equal(dmasim_map_add_ram(b->map, "odd", MEM32_CPU, 0x1000),
	                 DMASIM_OK);
	add(b, &t, 8);
	wr(b, cfg_addr(8, BAR(1)), 4, MEM32_CPU);
	wr(b, cfg_addr(8, CMD), 2, 2);
	wr(b, MEM32_CPU, 4, 0x55);
	assert_int_equal(t.bytes[1][0], 0);
	assert_int_equal(dmasim_map_remove(b->map, MEM32_CPU), DMASIM_OK);
	wr(b, cfg_addr(8, CMD), 2, 2);
	wr(b, MEM32_CPU, 4, 0x55);
	assert_int_equal(t.bytes[1][0], 0x55);
}

static void bar_without_a_device_is_an_error(void **state)
{
	struct bench *b = *state;
	struct dmasim_pci_function_config c = toy_config(NULL, 8);

	c.bar_access = NULL;
	assert_int_equal(dmasim_pci_add(b->host, &c, NULL), DMASIM_OK);
	wr(b, cfg_addr(8, CMD), 2, 1);
	assert_int_equal(probe(b, IO_CPU, 4), DMASIM_TXN_SLAVE);
}

static void multifunction_bit(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	struct dmasim_pci_function *f;

	add(b, &t, DMASIM_PCI_BDF(0, 3, 0));
	assert_int_equal(rd(b, cfg_addr(24, 0x0e), 1), 0);
	f = add(b, &t, DMASIM_PCI_BDF(0, 3, 5));
	add(b, &t, DMASIM_PCI_BDF(0, 2, 0));
	assert_int_equal(rd(b, cfg_addr(24, 0x0e), 1), 0x80);
	assert_int_equal(rd(b, cfg_addr(29, 0x0e), 1), 0x80);
	assert_int_equal(rd(b, cfg_addr(16, 0x0e), 1), 0);
	dmasim_pci_remove(f);
	assert_int_equal(rd(b, cfg_addr(24, 0x0e), 1), 0);
}

static void capability_list(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	struct dmasim_pci_function *f = add(b, &t, 8);
	uint8_t body[255] = {0x11, 0x22, 0x33};
	uint8_t at = 0;

	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0);
	assert_int_equal(dmasim_pci_add_capability(f, 9, body, 3, &at),
	                 DMASIM_OK);
	assert_int_equal(at, 0x40);
	assert_int_equal(dmasim_pci_add_capability(f, 5, NULL, 0, &at),
	                 DMASIM_OK);
	assert_int_equal(at, 0x48);
	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0x10);
	assert_int_equal(rd(b, cfg_addr(8, 0x34), 1), 0x40);
	assert_int_equal(rd(b, cfg_addr(8, 0x40), 4), 0x22114809);
	assert_int_equal(rd(b, cfg_addr(8, 0x48), 4), 0x5);
	wr(b, cfg_addr(8, 0x40), 4, 0);
	assert_int_equal(rd(b, cfg_addr(8, 0x40), 4), 0x22114809);
	assert_int_equal(dmasim_pci_add_capability(f, 9, body, 255, &at),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_pci_add_capability(f, 9, NULL, 1, &at),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_pci_add_capability(f, 9, body, 0xb2, NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_pci_add_capability(f, 9, NULL, 0, NULL),
	                 DMASIM_E_FULL);
}

static void intx_pins_share_wires(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	struct dmasim_pci_function *f[8];

	/* Devices 1 and 5 meet on wire 1, device 4 is on wire 0. */
	f[1] = add(b, &t, DMASIM_PCI_BDF(0, 1, 0));
	f[5] = add(b, &t, DMASIM_PCI_BDF(0, 5, 0));
	f[4] = add(b, &t, DMASIM_PCI_BDF(0, 4, 0));
	dmasim_pci_set_intx(f[1], true);
	dmasim_pci_set_intx(f[5], true);
	assert_true(wire(b, 1));
	assert_false(wire(b, 0));
	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0x08);
	dmasim_pci_set_intx(f[1], false);
	assert_true(wire(b, 1));
	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0);
	/* The disable bit holds the pin back, and the status tells anyway. */
	wr(b, cfg_addr(DMASIM_PCI_BDF(0, 5, 0), CMD), 2, 0x400);
	assert_false(wire(b, 1));
	assert_int_equal(rd(b, cfg_addr(DMASIM_PCI_BDF(0, 5, 0), STATUS), 2),
	                 0x08);
	wr(b, cfg_addr(DMASIM_PCI_BDF(0, 5, 0), CMD), 2, 0);
	assert_true(wire(b, 1));
	dmasim_pci_remove(f[5]);
	assert_false(wire(b, 1));
	dmasim_pci_set_intx(f[4], true);
	assert_true(wire(b, 0));
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){b->ic, 4}), 2);
}

static void every_pin_has_its_wire(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};

	for (unsigned dev = 0; dev < 6; dev++) {
		for (uint8_t pin = 0; pin <= 4; pin++) {
			struct dmasim_pci_function_config c =
			        toy_config(&t, DMASIM_PCI_BDF(0, dev, 0));
			struct dmasim_pci_function *f = NULL;

			c.interrupt_pin = pin;
			assert_int_equal(dmasim_pci_add(b->host, &c, &f),
			                 DMASIM_OK);
			dmasim_pci_set_intx(f, true);
			for (unsigned w = 0; w < 4; w++)
				assert_int_equal(wire(b, w),
				                 pin && w == (dev + pin - 1) %
				                                         4);
			dmasim_pci_remove(f);
		}
	}
}

static void straight_wires(void **state)
{
	struct bench *b = *state;
	struct dmasim_pci_host_config c = host_config(b);
	struct dmasim_pci_function_config fc = toy_config(NULL, 8);
	struct dmasim_pci_host *h = NULL;
	struct dmasim_pci_function *f = NULL;

	c.ecam_base = ECAM + 0x10000000;
	c.intx_straight = true;
	fc.interrupt_pin = 3;
	assert_int_equal(dmasim_pci_host_create(&c, &h), DMASIM_OK);
	assert_int_equal(dmasim_pci_add(h, &fc, &f), DMASIM_OK);
	dmasim_pci_set_intx(f, true);
	assert_true(wire(b, 2));
	dmasim_pci_host_destroy(h);
}

static void window_smaller_than_a_bar(void **state)
{
	struct bench *b = *state;
	struct dmasim_pci_host_config c = host_config(b);
	struct dmasim_pci_function_config fc = toy_config(NULL, 8);
	struct dmasim_pci_host *h = NULL;

	c.ecam_base = ECAM + 0x10000000;
	c.io = (struct dmasim_pci_window){IO_CPU, 0, 64};
	assert_int_equal(dmasim_pci_host_create(&c, &h), DMASIM_OK);
	assert_int_equal(dmasim_pci_add(h, &fc, NULL), DMASIM_OK);
	wr(b, c.ecam_base + 0x8000 + CMD, 2, 1);
	assert_int_equal(probe(b, IO_CPU, 4), DMASIM_TXN_DECODE);
	dmasim_pci_host_destroy(h);
}

static void bus_master_bit(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	struct dmasim_pci_function *f = add(b, &t, 8);

	assert_false(dmasim_pci_bus_master(f));
	wr(b, cfg_addr(8, CMD), 1, 4);
	assert_true(dmasim_pci_bus_master(f));
}

static void first_bus_may_be_another(void **state)
{
	struct bench *b = *state;
	struct dmasim_pci_host_config c = host_config(b);
	struct dmasim_pci_host *h = NULL;
	struct dmasim_pci_function_config fc = toy_config(NULL, 0x4008);

	c.ecam_base = ECAM + 0x10000000;
	c.ecam_size = 0x100000;
	c.bus_min = 0x40;
	c.name = "pcie2";
	assert_int_equal(dmasim_pci_host_create(&c, &h), DMASIM_OK);
	assert_string_equal(dmasim_pci_host_name(h), "pcie2");
	assert_int_equal(dmasim_pci_add(h, &fc, NULL), DMASIM_OK);
	assert_int_equal(rd(b, c.ecam_base + 0x8000, 4), 0x10011af4);
	fc.bdf = 0x3f08;
	assert_int_equal(dmasim_pci_add(h, &fc, NULL), DMASIM_E_RANGE);
	fc.bdf = 0x4108;
	assert_int_equal(dmasim_pci_add(h, &fc, NULL), DMASIM_E_RANGE);
	dmasim_pci_host_destroy(h);
	assert_int_equal(probe(b, c.ecam_base, 4), DMASIM_TXN_DECODE);
}

static void bad_host_configurations(void **state)
{
	struct bench *b = *state;
	struct dmasim_pci_host_config good = host_config(b), c;
	struct dmasim_pci_host *h = NULL;

	good.ecam_base = ECAM + 0x10000000;
#define BAD(field, value)                                                      \
	c = good;                                                              \
	c.field = value;                                                       \
	assert_int_equal(dmasim_pci_host_create(&c, &h), DMASIM_E_INVAL)
	BAD(kernel, NULL);
	BAD(map, NULL);
	BAD(name, NULL);
	BAD(ecam_size, 0);
	BAD(ecam_size, 0x180000);
	BAD(ecam_size, 0x10100000);
	BAD(bus_min, 255);
	BAD(io.cpu_base, 1ull << 52);
	BAD(mem32.size, UINT64_MAX);
	BAD(mem64.pci_base, UINT64_MAX);
#undef BAD
	assert_int_equal(dmasim_pci_host_create(NULL, &h), DMASIM_E_INVAL);
	assert_int_equal(dmasim_pci_host_create(&good, NULL), DMASIM_E_INVAL);
	c = good;
	c.ecam_base = ECAM;
	assert_int_equal(dmasim_pci_host_create(&c, &h), DMASIM_E_OVERLAP);
	dmasim_pci_host_destroy(NULL);
}

static void bad_functions(void **state)
{
	struct bench *b = *state;
	struct dmasim_pci_function_config good = toy_config(NULL, 8), c;

#define BAD(field, value)                                                      \
	c = good;                                                              \
	c.field = value;                                                       \
	assert_int_equal(dmasim_pci_add(b->host, &c, NULL), DMASIM_E_INVAL)
	BAD(interrupt_pin, 5);
	BAD(class_code, 0x1000000);
	BAD(bars[0].size, 0);
	BAD(bars[0].size, 2);
	BAD(bars[0].size, 100);
	BAD(bars[0].kind, (enum dmasim_bar_kind)9);
	BAD(bars[1].size, 8);
	BAD(bars[3].kind, DMASIM_BAR_MEM32);
#undef BAD
	c = good;
	c.bars[5] = (struct dmasim_pci_bar){DMASIM_BAR_MEM64, 4096};
	assert_int_equal(dmasim_pci_add(b->host, &c, NULL), DMASIM_E_INVAL);
	c = good;
	c.bars[3] = (struct dmasim_pci_bar){DMASIM_BAR_MEM32, 4096};
	assert_int_equal(dmasim_pci_add(b->host, &c, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_pci_add(NULL, &good, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_pci_add(b->host, NULL, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_pci_add(b->host, &good, NULL), DMASIM_OK);
	assert_int_equal(dmasim_pci_add(b->host, &good, NULL), DMASIM_E_EXISTS);
}

static void random_configuration_writes(void **state)
{
	struct bench *b = *state;
	struct toy t[4] = {{0}};
	uint32_t seed = 42;

	for (unsigned i = 0; i < 4; i++)
		add(b, &t[i], (uint16_t)(8 * i));
	for (unsigned i = 0; i < 20000; i++) {
		uint16_t bdf;
		unsigned reg;
		uint32_t size;
		static const uint32_t bases[] = {0x10000000, 0x10001000,
		                                 0x1ffff000, 0, 0x1000};

		seed = seed * 1664525u + 1013904223u;
		bdf = (uint16_t)(((seed >> 8) & 3) * 8);
		reg = (seed >> 10) & 0x1c;
		size = 1u << ((seed >> 20) % 3);
		if (seed & 0x80)
			wr(b, cfg_addr(bdf, reg), size, seed);
		else
			wr(b, cfg_addr(bdf, reg), 4, bases[(seed >> 16) % 5]);
	}
	/* Whatever is decoded now, all of it goes. */
	for (unsigned i = 0; i < 4; i++)
		wr(b, cfg_addr((uint16_t)(8 * i), CMD), 2, 0);
	for (size_t i = 0;; i++) {
		struct dmasim_region_info info;

		if (dmasim_map_region(b->map, i, &info)) {
			assert_int_equal(i, 2);
			break;
		}
	}
}

#define CASE(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

static const struct CMUnitTest tests[] = {
        CASE(header_of_a_function),
        CASE(writable_bits_of_the_header),
        CASE(absent_functions_read_all_ones),
        CASE(ecam_access_sizes),
        CASE(bars_appear_and_move),
        CASE(bars_outside_a_window_are_not_decoded),
        CASE(first_of_overlapping_bars_answers),
        CASE(region_in_the_way_of_a_bar),
        CASE(bar_without_a_device_is_an_error),
        CASE(multifunction_bit),
        CASE(capability_list),
        CASE(intx_pins_share_wires),
        CASE(every_pin_has_its_wire),
        CASE(straight_wires),
        CASE(window_smaller_than_a_bar),
        CASE(bus_master_bit),
        CASE(first_bus_may_be_another),
        CASE(bad_host_configurations),
        CASE(bad_functions),
        CASE(random_configuration_writes),
};

CHECK_MAIN(tests)
