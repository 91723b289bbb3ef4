/* SPDX-License-Identifier: MIT */
/* Pages that the map remembers from the access before: whatever happens in
 * between, an access does what it does on a page that nobody touched. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/mem.h"

#define RAM      0x10000ull
#define RAM_SIZE 0x10000ull
/* Addresses so far apart share a place in the map's memory of pages. */
#define SAME_PLACE (64ull * 1024 * 4096)

struct rig {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_port port;
	unsigned device_accesses;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (!r || dmasim_kernel_create(NULL, &r->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = r->k},
	                      &r->map) ||
	    dmasim_map_add_ram(r->map, "ram", RAM, RAM_SIZE))
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

	r->device_accesses++;
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0x5a, txn->size);
	return DMASIM_TXN_OK;
}

static enum dmasim_result move(struct rig *r, enum dmasim_op op, uint64_t addr,
                               void *data, uint32_t size)
{
	struct dmasim_txn txn;

	dmasim_txn_init(&txn);
	txn.op = op;
	txn.addr = addr;
	txn.size = size;
	txn.data = data;
	return dmasim_access(&r->port, &txn);
}

static uint64_t get(struct rig *r, uint64_t addr)
{
	uint64_t v = 0;

	assert_int_equal(move(r, DMASIM_READ, addr, &v, 8), DMASIM_TXN_OK);
	return v;
}

static void put(struct rig *r, uint64_t addr, uint64_t v)
{
	assert_int_equal(move(r, DMASIM_WRITE, addr, &v, 8), DMASIM_TXN_OK);
}

static void removed_between(void **state)
{
	struct rig *r = *state;
	struct dmasim_port dev = {registers, r};
	uint64_t v = 0;

	put(r, RAM + 8, 7);
	assert_true(get(r, RAM + 8) == 7);
	assert_int_equal(dmasim_map_remove(r->map, RAM), DMASIM_OK);
	assert_int_equal(move(r, DMASIM_READ, RAM + 8, &v, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_WRITE, RAM + 8, &v, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_ATOMIC_ADD, RAM + 8, &v, 8),
	                 DMASIM_TXN_DECODE);
	/* A device now. */
	assert_int_equal(dmasim_map_add_mmio(r->map, "dev", RAM, 0x1000, &dev),
	                 DMASIM_OK);
	assert_true(get(r, RAM + 8) == 0x5a5a5a5a5a5a5a5aull);
	put(r, RAM + 8, 1);
	assert_int_equal(r->device_accesses, 2);
	/* RAM again, and smaller. */
	assert_int_equal(dmasim_map_remove(r->map, RAM), DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "ram", RAM, 0x1000),
	                 DMASIM_OK);
	assert_true(get(r, RAM + 8) == 0);
	put(r, RAM + 8, 9);
	assert_true(get(r, RAM + 8) == 9);
	assert_int_equal(move(r, DMASIM_READ, RAM + 0x1000, &v, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(r->device_accesses, 2);
}

static void added_between(void **state)
{
	struct rig *r = *state;
	uint64_t v = 0;

	assert_int_equal(move(r, DMASIM_READ, RAM + RAM_SIZE, &v, 8),
	                 DMASIM_TXN_DECODE);
	put(r, RAM, 1);
	/* Regions in front of, and behind, the one used last. */
	assert_int_equal(dmasim_map_add_ram(r->map, "low", 0x1000, 0x1000),
	                 DMASIM_OK);
	assert_true(get(r, RAM) == 1);
	assert_int_equal(
	        dmasim_map_add_ram(r->map, "high", RAM + RAM_SIZE, 0x1000),
	        DMASIM_OK);
	assert_true(get(r, RAM + RAM_SIZE) == 0);
	put(r, RAM + RAM_SIZE, 2);
	assert_true(get(r, RAM) == 1);
	assert_true(get(r, RAM + RAM_SIZE) == 2);
	assert_int_equal(dmasim_map_remove(r->map, 0x1000), DMASIM_OK);
	assert_true(get(r, RAM + RAM_SIZE) == 2);
}

static void written_after_known_absent(void **state)
{
	struct rig *r = *state;
	uint64_t operand[2] = {5, 0}, v = 4;

	assert_true(get(r, RAM) == 0);
	put(r, RAM, 3);
	assert_true(get(r, RAM) == 3);

	assert_true(get(r, RAM + 0x1000) == 0);
	assert_int_equal(dmasim_map_load(r->map, RAM + 0x1ff8, &v, 8),
	                 DMASIM_OK);
	assert_true(get(r, RAM + 0x1ff8) == 4);

	assert_true(get(r, RAM + 0x2000) == 0);
	assert_int_equal(move(r, DMASIM_ATOMIC_CAS, RAM + 0x2000, operand, 8),
	                 DMASIM_TXN_OK);
	assert_true(operand[0] == 0);
	assert_true(get(r, RAM + 0x2000) == 5);

	/* Zeros do not make a page. */
	assert_true(get(r, RAM + 0x3000) == 0);
	v = dmasim_map_footprint(r->map);
	put(r, RAM + 0x3000, 0);
	assert_true(dmasim_map_footprint(r->map) == v);
	assert_true(get(r, RAM + 0x3000) == 0);
}

static void restored_between(void **state)
{
	struct rig *r = *state;
	struct dmasim_writer *w;
	struct dmasim_reader *reader;
	const uint8_t *blob;
	size_t size;

	put(r, RAM, 1);
	assert_true(get(r, RAM + 0x1000) == 0);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_map_save(r->map, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	put(r, RAM, 2);
	put(r, RAM + 0x1000, 3);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_map_restore(r->map, reader), DMASIM_OK);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
	assert_true(get(r, RAM) == 1);
	assert_true(get(r, RAM + 0x1000) == 0);
	put(r, RAM + 0x1000, 4);
	assert_true(get(r, RAM + 0x1000) == 4);
}

static void pages_that_share_a_place(void **state)
{
	struct rig *r = *state;

	assert_int_equal(
	        dmasim_map_add_ram(r->map, "far", RAM + SAME_PLACE, RAM_SIZE),
	        DMASIM_OK);
	for (uint64_t i = 1; i < 5; i++) {
		put(r, RAM, i);
		put(r, RAM + SAME_PLACE, 100 * i);
		assert_true(get(r, RAM) == i);
		assert_true(get(r, RAM + SAME_PLACE) == 100 * i);
	}
	/* Absent beside present. */
	put(r, RAM + 0x1000, 1);
	assert_true(get(r, RAM + SAME_PLACE + 0x1000) == 0);
	assert_true(get(r, RAM + 0x1000) == 1);
}

/* The ends of a page that is remembered, of its region, and odd requests. */
static void what_is_refused(void **state)
{
	struct rig *r = *state;
	uint64_t end = RAM + RAM_SIZE, v = 0x1122334455667788ull;
	uint8_t data[32] = {0};

	put(r, end - 0x1000, v);
	put(r, end - 8, v);
	assert_int_equal(move(r, DMASIM_READ, end - 4, data, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_WRITE, end - 4, data, 8),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, end - 8, data, UINT32_MAX),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, end - 8, data, 0),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(move(r, DMASIM_READ, end - 8, NULL, 8),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(move(r, DMASIM_ATOMIC_SWAP, end - 0x1000, data, 3),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(move(r, DMASIM_ATOMIC_SWAP, end - 0x1000, data, 16),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(move(r, DMASIM_CLEAN, end - 0x1000, NULL, 64),
	                 DMASIM_TXN_OK);
	assert_int_equal(move(r, DMASIM_INVALIDATE, end - 0x1000, data, 64),
	                 DMASIM_TXN_OK);
	assert_int_equal(move(r, DMASIM_BARRIER, end - 8, data, 8),
	                 DMASIM_TXN_OK);
	assert_true(get(r, end - 0x1000) == v);
	assert_true(get(r, end - 8) == v);
	/* The same address in what lies above the address space. */
	assert_int_equal(move(r, DMASIM_READ, end - 8 + (1ull << 52), data, 8),
	                 DMASIM_TXN_DECODE);
}

static void costs_the_same(void **state)
{
	struct rig *r = *state;
	uint64_t data[2] = {0}, first = 0;
	struct dmasim_txn txn;

	for (unsigned i = 0; i < 4; i++) {
		dmasim_txn_init(&txn);
		txn.op = i == 1 ? DMASIM_WRITE : DMASIM_READ;
		txn.addr = RAM;
		txn.size = 8;
		txn.data = (uint8_t *)data;
		txn.latency = 5;
		data[0] = 1;
		assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
		if (i == 0)
			first = txn.latency;
		assert_true(first > 5 && txn.latency == first);
	}
	txn.op = DMASIM_ATOMIC_CAS;
	txn.latency = 5;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
	assert_true(txn.latency == first);
	/* A look costs nothing, and writes nothing. */
	txn.op = DMASIM_READ;
	txn.flags = DMASIM_TXN_DEBUG;
	txn.latency = 0;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_OK);
	assert_true(txn.latency == 0);
	txn.op = DMASIM_WRITE;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_SLAVE);
	txn.op = DMASIM_ATOMIC_SET;
	assert_int_equal(dmasim_access(&r->port, &txn), DMASIM_TXN_SLAVE);
	assert_true(txn.latency == 0);
}

/* Every size up to a cache line and beyond, at every place in it, and over
 * the end of a page. */
static void sizes_and_places(void **state)
{
	struct rig *r = *state;
	uint8_t model[3 * 4096] = {0}, out[130], in[130];
	unsigned value = 1;

	for (unsigned at = 4096 - 66; at < 4096 + 66; at++) {
		for (uint32_t n = 1; n <= 66; n++) {
			for (uint32_t i = 0; i < n; i++)
				out[i] = (uint8_t)(value += 3);
			memcpy(model + at, out, n);
			assert_int_equal(
			        move(r, DMASIM_WRITE, RAM + at, out, n),
			        DMASIM_TXN_OK);
			memset(in, 0xee, sizeof(in));
			assert_int_equal(
			        move(r, DMASIM_READ, RAM + at - 1, in, n + 2),
			        DMASIM_TXN_OK);
			assert_memory_equal(in, model + at - 1, n + 2);
			assert_int_equal(in[n + 2], 0xee);
		}
	}
}

static void atomics_of_each_size(void **state)
{
	struct rig *r = *state;

	for (uint32_t size = 1; size <= 8; size *= 2) {
		uint8_t mem[8], data[16], expected[16];

		for (int op = DMASIM_ATOMIC_SWAP; op <= DMASIM_ATOMIC_CAS;
		     op++) {
			uint64_t before = 0x8182838485868788ull;

			put(r, RAM + 0x40, before);
			memcpy(mem, &before, 8);
			memset(data, op + 0x70, sizeof(data));
			/* Half of the comparisons are equal. */
			if (size > 2)
				memcpy(data + size, mem, size);
			memcpy(expected, data, sizeof(data));
			assert_int_equal(dmasim_atomic_apply((enum dmasim_op)op,
			                                     mem, expected,
			                                     size),
			                 DMASIM_OK);
			assert_int_equal(move(r, (enum dmasim_op)op, RAM + 0x40,
			                      data, size),
			                 DMASIM_TXN_OK);
			assert_memory_equal(data, expected, sizeof(data));
			before = get(r, RAM + 0x40);
			assert_memory_equal(&before, mem, 8);
		}
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
        TEST(removed_between),
        TEST(added_between),
        TEST(written_after_known_absent),
        TEST(restored_between),
        TEST(pages_that_share_a_place),
        TEST(what_is_refused),
        TEST(costs_the_same),
        TEST(sizes_and_places),
        TEST(atomics_of_each_size),
};

CHECK_MAIN(tests)
