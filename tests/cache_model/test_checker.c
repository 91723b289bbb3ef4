/* SPDX-License-Identifier: MIT */
/* What the checker keeps: who wrote each byte, how often, and for how long. */
#include "rig.h"

#include "checker_internal.h"

#define BUF (RIG_RAM + 0x2000)
#define WB  (RIG_WB + 0x2000)
#define NC  (RIG_NC + 0x2000)

static void put(struct rig *r, uint64_t va, uint64_t value)
{
	assert_int_equal(dmasim_cpu_store(r->cpu[0], va, 8, value), DMASIM_OK);
}

static uint64_t get(struct rig *r, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(r->cpu[0], va, 8, &v), DMASIM_OK);
	return v;
}

static void dsb(struct rig *r)
{
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
}

static const struct dmasim_finding *only(struct rig *r,
                                         enum dmasim_finding_kind kind)
{
	const struct dmasim_finding *f = dmasim_finding_get(r->checker, 0);

	if (dmasim_finding_count(r->checker) != 1)
		rig_no_findings(r);
	assert_int_equal(f->kind, kind);
	return f;
}

/* Images loaded while the machine runs are nobody's missed write. */
static void memory_loaded_from_outside(void **state)
{
	struct rig *r = *state;
	uint64_t v = 42;

	assert_int_equal(rig_dma_read(r, &r->noncoherent, BUF, "read"), 0);
	assert_int_equal(dmasim_map_load(r->map, BUF, &v, 8), DMASIM_OK);
	assert_int_equal(rig_dma_read(r, &r->noncoherent, BUF, "read"), 42);
	rig_no_findings(r);
	/* Over bytes that somebody wrote the checker must be told. */
	put(r, NC, 1);
	put(r, NC + 56, 1);
	put(r, NC + 64, 1);
	dsb(r);
	rig_dma_read(r, &r->host, BUF, "read");
	put(r, NC + 8, 1);
	dsb(r);
	v = 43;
	assert_int_equal(dmasim_map_load(r->map, BUF, &v, 8), DMASIM_OK);
	assert_int_equal(dmasim_map_load(r->map, BUF + 64, &v, 8), DMASIM_OK);
	dmasim_checker_forget(r->checker, BUF, 72);
	dmasim_checker_forget(r->checker, RIG_RAM + 0x80000, 10);
	assert_int_equal(get(r, NC), 43);
	assert_int_equal(get(r, NC + 64), 43);
	rig_no_findings(r);
}

/* Beyond max_findings they are counted. */
static void full_list(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.max_findings = 3});

	(void)state;
	for (uint64_t page = 0; page < 5; page++) {
		rig_write(r, &r->core[0], RIG_RAM + page * 4096, 1,
		          &dmasim_attr_wb);
		rig_dma_read(r, &r->noncoherent, RIG_RAM + page * 4096, "x");
	}
	assert_int_equal(dmasim_finding_count(r->checker), 3);
	assert_int_equal(dmasim_finding_dropped(r->checker), 2);
	assert_null(dmasim_finding_get(r->checker, 3));
	/* A known one is counted still. */
	rig_dma_read(r, &r->noncoherent, RIG_RAM, "x");
	assert_int_equal(dmasim_finding_dropped(r->checker), 2);
	assert_int_equal(dmasim_finding_get(r->checker, 0)->count, 1);
	rig_free(r);
}

/* Several writers in one line: each finding names its own. */
static void writers_by_byte(void **state)
{
	struct rig *r = *state;

	get(r, WB);
	rig_dma_write(r, &r->noncoherent, BUF, 0x0101010101010101, "write a");
	rig_dma_write(r, &r->noncoherent, BUF + 8, 0x0202020202020202,
	              "write b");
	rig_dma_write(r, &r->noncoherent, BUF + 4, 0x0303030303030303,
	              "write c");
	{
		uint8_t line[64];

		assert_int_equal(
		        dmasim_cpu_read(r->cpu[0], WB, line, 64, DMASIM_HERE),
		        DMASIM_OK);
	}
	assert_int_equal(dmasim_finding_count(r->checker), 3);
	assert_string_equal(dmasim_finding_get(r->checker, 0)->writer.where,
	                    "write a, queue 0, request 3");
	assert_int_equal(dmasim_finding_get(r->checker, 0)->size, 4);
	assert_string_equal(dmasim_finding_get(r->checker, 1)->writer.where,
	                    "write c, queue 0, request 3");
	assert_int_equal(dmasim_finding_get(r->checker, 1)->size, 8);
	assert_string_equal(dmasim_finding_get(r->checker, 2)->writer.where,
	                    "write b, queue 0, request 3");
	assert_int_equal(dmasim_finding_get(r->checker, 2)->size, 4);
}

/* Reuse of records: thousands of writes to one line cost no more memory, and
 * the last writer of each byte is the one that is named. */
static void many_writers(void **state)
{
	struct rig *r = *state;

	for (uint64_t i = 0; i < 5000; i++) {
		rig_write(r, &r->core[i & 1], BUF + i % 57, i, &dmasim_attr_wb);
		rig_write(r, &r->core[i & 1], BUF + (i * 7) % 57, i,
		          &dmasim_attr_nc);
	}
	/* Two for each byte, and one on its way. */
	assert_true(shadow_find(r->checker, BUF)->record_len <= 2 * 64 + 1);
	rig_write(r, &r->core[1], BUF, 0x1111111111111111, &dmasim_attr_wb);
	rig_dma_read(r, &r->noncoherent, BUF, "last");
	for (size_t i = 0; i < dmasim_finding_count(r->checker); i++) {
		const struct dmasim_finding *f =
		        dmasim_finding_get(r->checker, i);

		if (strstr(f->reader.where, "last")) {
			assert_string_equal(f->writer.agent, "cpu1");
			return;
		}
	}
	fail();
}

/* Atomics read and write, in the cache and past it. */
static void atomics(void **state)
{
	struct rig *r = *state;
	uint64_t v = 5;

	put(r, WB, 10);
	dsb(r);
	assert_int_equal(rig_move(r, &r->noncoherent, DMASIM_ATOMIC_ADD, BUF,
	                          &v, 8, &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	only(r, DMASIM_STALE_READ);
	assert_int_equal(rig_ram(r, BUF), 5);
	/* The CPU has not got the sum. */
	assert_int_equal(get(r, WB), 10);
	assert_int_equal(rig_findings(r, DMASIM_STALE_READ), 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(memory_loaded_from_outside),
        cmocka_unit_test(full_list),
        TEST(writers_by_byte),
        TEST(many_writers),
        TEST(atomics),
};

CHECK_MAIN(tests)
