/* SPDX-License-Identifier: MIT */
/* Sparse memory and the address map. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/mem.h"

struct rig {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_port port;
	/* What the register block saw. */
	unsigned accesses;
	uint64_t offset;
	uint32_t size;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (!r || dmasim_kernel_create(NULL, &r->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = r->k},
	                      &r->map))
		return -1;
	r->port = dmasim_map_port(r->map);
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	dmasim_map_destroy(r->map);
	dmasim_kernel_destroy(r->k);
	free(r);
	return 0;
}

static enum dmasim_result registers(void *obj, struct dmasim_txn *txn)
{
	struct rig *r = obj;

	r->accesses++;
	r->offset = txn->offset;
	r->size = txn->size;
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0x5a, txn->size);
	return txn->size == 4 ? DMASIM_TXN_OK : DMASIM_TXN_SLAVE;
}

static enum dmasim_result move(struct rig *r, enum dmasim_op op, uint64_t addr,
                               void *data, uint32_t size)
{
	struct dmasim_txn txn = {
	        .op = op, .addr = addr, .size = size, .data = data};

	return dmasim_access(&r->port, &txn);
}

static void regions(void **state)
{
	struct rig *r = *state;
	struct dmasim_port dev = {registers, r};
	struct dmasim_region_info info;
	char long_name[200];

	assert_int_equal(dmasim_map_add_ram(r->map, "ram", 0x80000000, 0x10000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "low", 0x1000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_mmio(r->map, "uart", 0x9000000, 0x20, &dev),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "x", 0x8000f000, 0x1000),
	                 DMASIM_E_OVERLAP);
	assert_int_equal(dmasim_map_add_ram(r->map, "x", 0, 0x2000),
	                 DMASIM_E_OVERLAP);
	assert_int_equal(dmasim_map_add_mmio(r->map, "x", 0x900001f, 1, &dev),
	                 DMASIM_E_OVERLAP);
	assert_int_equal(dmasim_map_add_ram(r->map, "x", 0x800, 0x1000),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_map_add_ram(r->map, "x", 0x10000, 0x800),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_map_add_ram(r->map, "x", 0x10000, 0),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_map_add_ram(r->map, NULL, 0x10000, 0x1000),
	                 DMASIM_E_INVAL);
	memset(long_name, 'n', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(dmasim_map_add_ram(r->map, long_name, 0x10000, 0x1000),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_map_add_mmio(r->map, "x", 0x10000, 0, &dev),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_map_add_mmio(r->map, "x", 0x10000, 4, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_map_add_mmio(r->map, "x", 0x10000, 4,
	                                     &(struct dmasim_port){NULL, NULL}),
	                 DMASIM_E_INVAL);

	assert_int_equal(dmasim_map_region(r->map, 0, &info), DMASIM_OK);
	assert_string_equal(info.name, "low");
	assert_int_equal(dmasim_map_region(r->map, 1, &info), DMASIM_OK);
	assert_string_equal(info.name, "uart");
	assert_false(info.ram);
	assert_int_equal(dmasim_map_region(r->map, 3, &info),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_map_find(r->map, 0x8000ffff, &info), DMASIM_OK);
	assert_string_equal(info.name, "ram");
	assert_true(info.base == 0x80000000 && info.size == 0x10000 &&
	            info.ram);
	assert_int_equal(dmasim_map_find(r->map, 0x80010000, &info),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_map_find(r->map, 0xfff, &info),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_map_create(&(struct dmasim_map_config){0},
	                                   &(struct dmasim_map *){0}),
	                 DMASIM_E_INVAL);
}

static void many_regions(void **state)
{
	struct rig *r = *state;
	struct dmasim_region_info info;
	uint8_t b = 0;

	/* Added in an order that is not the order of addresses. */
	for (unsigned i = 0; i < 100; i++) {
		unsigned at = i * 37 % 100;
		char name[16];

		snprintf(name, sizeof(name), "r%u", at);
		assert_int_equal(dmasim_map_add_ram(r->map, name,
		                                    at * 0x2000ull, 0x1000),
		                 DMASIM_OK);
	}
	for (unsigned i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "r%u", i);
		assert_int_equal(dmasim_map_region(r->map, i, &info),
		                 DMASIM_OK);
		assert_string_equal(info.name, name);
		b = (uint8_t)i;
		assert_int_equal(
		        move(r, DMASIM_WRITE, i * 0x2000ull + 0xfff, &b, 1),
		        DMASIM_TXN_OK);
		assert_int_equal(
		        move(r, DMASIM_READ, i * 0x2000ull + 0x1000, &b, 1),
		        DMASIM_TXN_DECODE);
	}
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(
		        move(r, DMASIM_READ, i * 0x2000ull + 0xfff, &b, 1),
		        DMASIM_TXN_OK);
		assert_int_equal(b, i);
	}
}

static void reads_and_writes(void **state)
{
	struct rig *r = *state;
	uint8_t out[9000], in[9000];

	assert_int_equal(dmasim_map_add_ram(r->map, "ram", 0x10000, 0x10000),
	                 DMASIM_OK);
	memset(in, 0xaa, sizeof(in));
	assert_int_equal(move(r, DMASIM_READ, 0x10ffe, in, 9000),
	                 DMASIM_TXN_OK);
	for (size_t i = 0; i < sizeof(in); i++)
		assert_int_equal(in[i], 0);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 + 1);
	assert_int_equal(move(r, DMASIM_WRITE, 0x10ffe, out, 9000),
	                 DMASIM_TXN_OK);
	assert_int_equal(move(r, DMASIM_READ, 0x10ffe, in, 9000),
	                 DMASIM_TXN_OK);
	assert_memory_equal(in, out, sizeof(in));
	memset(in, 0, sizeof(in));
	assert_int_equal(dmasim_map_peek(r->map, 0x10ffe, in, 9000), DMASIM_OK);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(move(r, DMASIM_WRITE, 0x10000, NULL, 4),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(move(r, DMASIM_WRITE, 0x10000, out, 0),
	                 DMASIM_TXN_DECODE);
}

static void only_written_pages_are_kept(void **state)
{
	struct rig *r = *state;
	uint8_t zero[8192] = {0}, b = 1;
	uint64_t empty, one;

	/* 4 PiB less a page: nothing of it is stored. */
	assert_int_equal(dmasim_map_add_ram(r->map, "all", 0,
	                                    DMASIM_PA_MAX + 1 - 0x1000),
	                 DMASIM_OK);
	empty = dmasim_map_footprint(r->map);
	assert_int_equal(empty, 0);
	assert_int_equal(move(r, DMASIM_WRITE, 0x123400, zero, 8192),
	                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_map_footprint(r->map), 0);
	assert_int_equal(move(r, DMASIM_WRITE, 0x123400, &b, 1), DMASIM_TXN_OK);
	one = dmasim_map_footprint(r->map);
	assert_true(one >= 4096 && one <= 64 * 1024);
	/* A neighbour shares the directory. */
	assert_int_equal(move(r, DMASIM_WRITE, 0x124400, &b, 1), DMASIM_TXN_OK);
	assert_int_equal(dmasim_map_footprint(r->map), one + 4096);
	/* A page that exists takes zeros like anything else. */
	assert_int_equal(move(r, DMASIM_WRITE, 0x123400, zero, 1),
	                 DMASIM_TXN_OK);
	assert_int_equal(move(r, DMASIM_READ, 0x123400, &b, 1), DMASIM_TXN_OK);
	assert_int_equal(b, 0);
}

static void what_is_ram(void **state)
{
	struct rig *r = *state;
	struct dmasim_port dev = {registers, r};
	const uint64_t base = 0x5000000000;

	assert_int_equal(dmasim_map_add_ram(r->map, "a", base, 0x2000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "b", base + 0x2000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_mmio(r->map, "c", base + 0x3000, 0x1000, &dev),
	        DMASIM_OK);
	assert_true(dmasim_map_is_ram(r->map, base, 0x2000));
	assert_true(dmasim_map_is_ram(r->map, base + 0x1ff8, 8));
	assert_true(dmasim_map_is_ram(r->map, base + 0x2000, 0x1000));
	/* Two regions are not one, and there is an end of the address space. */
	assert_false(dmasim_map_is_ram(r->map, base + 0x1ff8, 9));
	assert_false(dmasim_map_is_ram(r->map, base + 8, UINT64_MAX));
	assert_false(dmasim_map_is_ram(r->map, base + 0x3000, 8));
	assert_false(dmasim_map_is_ram(r->map, base + 0x4000, 8));
	assert_false(dmasim_map_is_ram(r->map, base - 1, 8));
}

/* A walk of 1 GiB that touches one page in 64, in no order: what it takes is
 * those pages and their directories. */
static void memory_as_touched(void **state)
{
	struct rig *r = *state;
	const uint64_t pages = 1ull << 18, step = 64, base = 0x4000000000;
	uint64_t touched = pages / step, got = 0, v;

	assert_int_equal(
	        dmasim_map_add_ram(r->map, "1 GiB", base, pages * 4096),
	        DMASIM_OK);
	for (uint64_t i = 0; i < pages; i++) {
		v = 0;
		assert_int_equal(
		        move(r, DMASIM_READ, base + i * 4096 + 8, &v, 8),
		        DMASIM_TXN_OK);
		assert_true(v == 0);
	}
	assert_int_equal(dmasim_map_footprint(r->map), 0);
	for (uint64_t i = 0; i < touched; i++) {
		v = i + 1;
		assert_int_equal(move(r, DMASIM_WRITE,
		                      base + i * 2741 % touched * step * 4096,
		                      &v, 8),
		                 DMASIM_TXN_OK);
	}
	got = dmasim_map_footprint(r->map);
	print_message("%llu pages of 4 KiB: %llu KiB\n",
	              (unsigned long long)touched,
	              (unsigned long long)got / 1024);
	/* 256 directories of 8 KiB, and those above them. */
	assert_true(got >= touched * 4096 &&
	            got <= touched * 4096 + 260 * 8192);
	for (uint64_t i = 0; i < touched; i++) {
		uint64_t at = base + i * 2741 % touched * step * 4096;

		assert_int_equal(move(r, DMASIM_READ, at, &v, 8),
		                 DMASIM_TXN_OK);
		assert_true(v == i + 1);
	}
	/* Removed and written again: the same pages serve. */
	assert_int_equal(dmasim_map_remove(r->map, base), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_ram(r->map, "again", base, pages * 4096),
	        DMASIM_OK);
	for (uint64_t i = 0; i < touched; i++) {
		assert_int_equal(move(r, DMASIM_WRITE, base + i * 4096, &v, 8),
		                 DMASIM_TXN_OK);
		assert_int_equal(
		        move(r, DMASIM_READ, base + i * 4096 + 4088, &v, 8),
		        DMASIM_TXN_OK);
		assert_true(v == 0);
		v = 1;
	}
	assert_int_equal(dmasim_map_footprint(r->map), got);
}

static void edges_of_52_bits(void **state)
{
	struct rig *r = *state;
	uint8_t out[8] = {1, 2, 3, 4, 5, 6, 7, 8}, in[8];
	uint64_t top = DMASIM_PA_MAX - 0xfff;

	assert_int_equal(dmasim_map_add_ram(r->map, "x", top + 0x1000, 0x1000),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_map_add_ram(r->map, "x", top, 0x2000),
	                 DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_map_add_ram(r->map, "x", 0x1000, UINT64_MAX - 0xfff),
	        DMASIM_E_RANGE);
	assert_int_equal(dmasim_map_add_ram(r->map, "top", top, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "bottom", 0, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(move(r, DMASIM_WRITE, DMASIM_PA_MAX - 7, out, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(move(r, DMASIM_READ, DMASIM_PA_MAX - 7, in, 8),
	                 DMASIM_TXN_OK);
	assert_memory_equal(in, out, 8);
	assert_int_equal(move(r, DMASIM_READ, 0, in, 8), DMASIM_TXN_OK);
	assert_int_equal(in[0], 0);
	assert_int_equal(move(r, DMASIM_READ, DMASIM_PA_MAX - 6, in, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, DMASIM_PA_MAX + 1, in, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, UINT64_MAX, in, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, DMASIM_PA_MAX, in, UINT32_MAX),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(dmasim_map_peek(r->map, DMASIM_PA_MAX, in, 1),
	                 DMASIM_OK);
	assert_int_equal(in[0], 8);
	assert_int_equal(dmasim_map_peek(r->map, DMASIM_PA_MAX, in, 2),
	                 DMASIM_E_RANGE);
}

static void mmio(void **state)
{
	struct rig *r = *state;
	struct dmasim_port dev = {registers, r};
	uint8_t buf[8] = {0};
	struct dmasim_txn txn = {
	        .op = DMASIM_READ, .addr = 0x9000014, .size = 4, .data = buf};

	assert_int_equal(
	        dmasim_map_add_mmio(r->map, "uart", 0x9000010, 0x20, &dev),
	        DMASIM_OK);
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
	assert_int_equal(txn.result, DMASIM_TXN_OK);
	assert_true(txn.latency == 100 * DMASIM_NS);
	assert_int_equal(r->offset, 4);
	assert_int_equal(buf[3], 0x5a);
	assert_int_equal(move(r, DMASIM_READ, 0x9000010, buf, 8),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(r->accesses, 2);
	/* Whole or not at all. */
	assert_int_equal(move(r, DMASIM_READ, 0x900002e, buf, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, 0x900000e, buf, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(r->accesses, 2);
	/* A look has no effect, so registers are not looked at. */
	txn.flags = DMASIM_TXN_DEBUG;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_SLAVE);
	assert_int_equal(r->accesses, 2);
	assert_int_equal(dmasim_map_peek(r->map, 0x9000010, buf, 4),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_map_remove(r->map, 0x9000014),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_map_remove(r->map, 0x9000010), DMASIM_OK);
	assert_int_equal(move(r, DMASIM_READ, 0x9000010, buf, 4),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(dmasim_map_remove(r->map, 0x9000010),
	                 DMASIM_E_NOTFOUND);
}

static void straddling_regions(void **state)
{
	struct rig *r = *state;
	uint8_t data[16], in[16];

	assert_int_equal(dmasim_map_add_ram(r->map, "a", 0x1000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "b", 0x2000, 0x1000),
	                 DMASIM_OK);
	for (unsigned i = 0; i < 16; i++)
		data[i] = (uint8_t)(i + 1);
	/* No region covers it whole. */
	assert_int_equal(move(r, DMASIM_WRITE, 0x1ff8, data, 16),
	                 DMASIM_TXN_DECODE);
	/* A preload is not an access. */
	assert_int_equal(dmasim_map_load(r->map, 0x1ff8, data, 16), DMASIM_OK);
	assert_int_equal(dmasim_map_peek(r->map, 0x1ff8, in, 16), DMASIM_OK);
	assert_memory_equal(in, data, 16);
	assert_int_equal(move(r, DMASIM_READ, 0x2000, in, 8), DMASIM_TXN_OK);
	assert_memory_equal(in, data + 8, 8);
	assert_int_equal(dmasim_map_load(r->map, 0x2ff8, data, 16),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_map_load(r->map, 0x2ff8, data, 0), DMASIM_OK);
}

static void removed_ram_is_forgotten(void **state)
{
	struct rig *r = *state;
	uint8_t b = 7;

	assert_int_equal(dmasim_map_add_ram(r->map, "a", 0x1000, 0x2000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "b", 0x3000, 0x1000),
	                 DMASIM_OK);
	for (uint64_t a = 0x1000; a < 0x4000; a += 0x1000)
		assert_int_equal(move(r, DMASIM_WRITE, a, &b, 1),
		                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_map_remove(r->map, 0x1000), DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "a", 0x1000, 0x2000),
	                 DMASIM_OK);
	assert_int_equal(move(r, DMASIM_READ, 0x2000, &b, 1), DMASIM_TXN_OK);
	assert_int_equal(b, 0);
	assert_int_equal(move(r, DMASIM_READ, 0x3000, &b, 1), DMASIM_TXN_OK);
	assert_int_equal(b, 7);
}

static void atomics_and_maintenance(void **state)
{
	struct rig *r = *state;
	uint8_t data[16] = {1}, in[8];

	assert_int_equal(dmasim_map_add_ram(r->map, "a", 0x1000, 0x2000),
	                 DMASIM_OK);
	assert_int_equal(move(r, DMASIM_ATOMIC_ADD, 0x1ffc, data, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(data[0], 0);
	data[0] = 4;
	assert_int_equal(move(r, DMASIM_ATOMIC_ADD, 0x1ffc, data, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(data[0], 1);
	assert_int_equal(move(r, DMASIM_READ, 0x1ffc, in, 8), DMASIM_TXN_OK);
	assert_int_equal(in[0], 5);
	assert_int_equal(move(r, DMASIM_ATOMIC_ADD, 0x1000, data, 3),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(move(r, DMASIM_ATOMIC_ADD, 0x1000, data, 16),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(move(r, DMASIM_CLEAN, 0x1000, NULL, 64),
	                 DMASIM_TXN_OK);
	assert_int_equal(move(r, DMASIM_CLEAN_INVALIDATE, 0x8000, NULL, 64),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_BARRIER, 0, NULL, 0), DMASIM_TXN_OK);
}

static void latency_and_looks(void **state)
{
	struct rig *r = *state;
	uint8_t buf[64] = {1};
	struct dmasim_txn txn = {
	        .op = DMASIM_READ, .addr = 0x1000, .size = 4, .data = buf};
	uint64_t small;

	assert_int_equal(dmasim_map_add_ram(r->map, "a", 0x1000, 0x2000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
	small = txn.latency;
	assert_true(small > 60 * DMASIM_NS && small < 61 * DMASIM_NS);
	txn.size = 64;
	txn.latency = 0;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
	assert_true(txn.latency > small);
	txn.flags = DMASIM_TXN_DEBUG;
	txn.latency = 0;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
	assert_int_equal(txn.latency, 0);
	txn.op = DMASIM_WRITE;
	buf[0] = 9;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_SLAVE);
	assert_int_equal(dmasim_map_peek(r->map, 0x1000, buf, 1), DMASIM_OK);
	assert_int_equal(buf[0], 0);
}

static void configured_latency(void **state)
{
	struct rig *r = *state;
	struct dmasim_map *map;
	uint8_t buf[4];
	struct dmasim_txn txn = {
	        .op = DMASIM_READ, .addr = 0x1000, .size = 4, .data = buf};
	struct dmasim_port port, dev = {registers, r};

	assert_int_equal(
	        dmasim_map_create(
	                &(struct dmasim_map_config){.kernel = r->k,
	                                            .ram_latency = 1000,
	                                            .mmio_latency = 2000},
	                &map),
	        DMASIM_OK);
	port = dmasim_map_port(map);
	assert_int_equal(dmasim_map_add_ram(map, "a", 0x1000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_mmio(map, "b", 0x2000, 16, &dev),
	                 DMASIM_OK);
	assert_int_equal(dmasim_access(&port, &txn), DMASIM_TXN_OK);
	assert_int_equal(txn.latency, 1000 + 4 * 52);
	txn.addr = 0x2000;
	txn.latency = 0;
	assert_int_equal(dmasim_access(&port, &txn), DMASIM_TXN_OK);
	assert_int_equal(txn.latency, 2000);
	dmasim_map_destroy(map);
	dmasim_map_destroy(NULL);
}

/* Random reads and writes all over the address space equal a flat list. */
static void random_pages(void **state)
{
	struct rig *r = *state;
	uint64_t seed = 1, pages[64];
	static uint8_t model[64][4096];

	assert_int_equal(
	        dmasim_map_add_ram(r->map, "all", 0, DMASIM_PA_MAX + 1),
	        DMASIM_OK);
	memset(model, 0, sizeof(model));
	for (unsigned i = 0; i < 64; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		pages[i] = seed >> 12 & (DMASIM_PA_MAX & ~0xfffull);
	}
	for (unsigned i = 0; i < 50000; i++) {
		uint8_t buf[64];
		unsigned page, off, n;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		page = (unsigned)(seed >> 58 & 63);
		off = seed >> 40 & 0xfff;
		n = 1 + (seed >> 30 & 63);
		if (off + n > 4096)
			n = 4096 - off;
		if (seed >> 20 & 1) {
			memset(buf, (int)(seed >> 21 & 0xff), n);
			memcpy(&model[page][off], buf, n);
			assert_int_equal(move(r, DMASIM_WRITE,
			                      pages[page] + off, buf, n),
			                 DMASIM_TXN_OK);
		} else {
			assert_int_equal(
			        move(r, DMASIM_READ, pages[page] + off, buf, n),
			        DMASIM_TXN_OK);
			assert_memory_equal(buf, &model[page][off], n);
		}
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
        TEST(regions),
        TEST(many_regions),
        TEST(reads_and_writes),
        TEST(only_written_pages_are_kept),
        TEST(what_is_ram),
        TEST(memory_as_touched),
        TEST(edges_of_52_bits),
        TEST(mmio),
        TEST(straddling_regions),
        TEST(removed_ram_is_forgotten),
        TEST(atomics_and_maintenance),
        TEST(latency_and_looks),
        TEST(configured_latency),
        TEST(random_pages),
};

CHECK_MAIN(tests)
