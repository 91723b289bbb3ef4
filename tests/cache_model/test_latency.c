/* SPDX-License-Identifier: MIT */
/* What accesses cost, and what is there with a level of caches absent. */
#include "rig.h"

#define A (RIG_RAM + 0x1000)

static uint64_t cost(struct rig *r, const struct dmasim_port *p,
                     enum dmasim_op op, uint64_t addr, uint32_t size,
                     const struct dmasim_attr *attr)
{
	uint8_t data[512] = {1};
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = size,
	                         .data = data,
	                         .attr = *attr};

	assert_int_equal(rig_access(r, p, &txn), DMASIM_TXN_OK);
	return txn.latency;
}

static void latency(void **state)
{
	struct rig *r = *state;
	const struct dmasim_attr *wb = &dmasim_attr_wb, *nc = &dmasim_attr_nc;
	uint64_t miss, hit, l2, shared, dirty, upgrade, past, dma, dma_hit;

	miss = cost(r, &r->core[0], DMASIM_READ, A, 8, wb);
	hit = cost(r, &r->core[0], DMASIM_READ, A, 8, wb);
	assert_int_equal(hit, 3 * DMASIM_NS);
	/* Out of the L1, still in the L2. */
	for (uint64_t a = 0; a < 0x10000; a += 64)
		cost(r, &r->core[0], DMASIM_READ, RIG_RAM + 0x20000 + a, 8, wb);
	l2 = cost(r, &r->core[0], DMASIM_READ, A, 8, wb);
	assert_int_equal(l2, 15 * DMASIM_NS);
	shared = cost(r, &r->core[1], DMASIM_READ, A, 8, wb);
	upgrade = cost(r, &r->core[1], DMASIM_WRITE, A, 8, wb);
	dirty = cost(r, &r->core[0], DMASIM_READ, A, 8, wb);
	past = cost(r, &r->core[0], DMASIM_READ, A, 8, nc);
	dma_hit = cost(r, &r->coherent, DMASIM_READ, A, 8, wb);
	dma = cost(r, &r->coherent, DMASIM_READ, A + 0x8000, 8, wb);
	/* More way, more time. */
	assert_true(hit < upgrade && upgrade < l2);
	assert_true(l2 < shared && shared == dirty);
	assert_true(dirty < miss);
	assert_true(l2 < past && past < miss);
	assert_true(dma_hit < dma);
	/* Two lines cost two accesses. */
	assert_int_equal(cost(r, &r->core[0], DMASIM_READ, A - 4, 8, wb) > 0,
	                 1);
	assert_int_equal(cost(r, &r->core[0], DMASIM_READ, A - 4, 8, wb),
	                 2 * hit);
	/* More bytes, more time. */
	assert_true(cost(r, &r->noncoherent, DMASIM_READ, A, 512, wb) >
	            cost(r, &r->noncoherent, DMASIM_READ, A, 8, wb));
	assert_true(cost(r, &r->coherent, DMASIM_WRITE, A, 512, wb) >
	            cost(r, &r->coherent, DMASIM_WRITE, A, 64, wb));
	/* Cleaning something costs more than cleaning nothing. */
	cost(r, &r->core[0], DMASIM_WRITE, A, 8, wb);
	dirty = cost(r, &r->core[0], DMASIM_CLEAN, A, 8, wb);
	assert_true(dirty > cost(r, &r->core[0], DMASIM_CLEAN, A, 8, wb));
	assert_true(cost(r, &r->core[0], DMASIM_READ, RIG_MMIO, 4, wb) >
	            100 * DMASIM_NS);
}

static void functional_mode(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.no_timing = true});
	const struct dmasim_attr *wb = &dmasim_attr_wb;

	(void)state;
	assert_int_equal(cost(r, &r->core[0], DMASIM_WRITE, A, 100, wb), 0);
	assert_int_equal(cost(r, &r->core[1], DMASIM_READ, A, 100, wb), 0);
	assert_int_equal(cost(r, &r->coherent, DMASIM_WRITE, A, 100, wb), 0);
	assert_int_equal(cost(r, &r->noncoherent, DMASIM_READ, A, 100, wb), 0);
	assert_int_equal(cost(r, &r->core[0], DMASIM_CLEAN, A, 100, wb), 0);
	assert_int_equal(cost(r, &r->core[0], DMASIM_READ, RIG_MMIO, 4, wb), 0);
	rig_free(r);
}

static void levels_that_are_absent(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.shared = {.cycles = 1}});
	struct dmasim_cache_stats s;

	(void)state;
	assert_int_equal(dmasim_memsys_stats(r->ms, 2, 0, &s),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	rig_free(r);
	r = rig_new(&(struct rig_config){.l1 = {.cycles = 1}});
	rig_write(r, &r->core[0], A, 1, &dmasim_attr_wb);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_stats(r->ms, 2, 0, &s), DMASIM_OK);
	assert_int_equal(s.writes, 1);
	rig_free(r);
	r = rig_new(&(struct rig_config){.l1 = {.cycles = 1},
	                                 .shared = {.cycles = 1}});
	rig_write(r, &r->core[0], A, 1, &dmasim_attr_wb);
	assert_int_equal(rig_ram(r, A), 1);
	assert_int_equal(dmasim_memsys_stats(r->ms, 2, 0, &s),
	                 DMASIM_E_NOTFOUND);
	rig_free(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(latency),
        cmocka_unit_test(functional_mode),
        cmocka_unit_test(levels_that_are_absent),
};

CHECK_MAIN(tests)
