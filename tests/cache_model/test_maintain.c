/* SPDX-License-Identifier: MIT */
/* Maintenance to other points, by set and way; exclusive accesses. */
#include "rig.h"

#include "invariants.h"
#include "memsys_internal.h"

#define A  (RIG_RAM + 0x1000)
#define WB &dmasim_attr_wb
#define NC &dmasim_attr_nc

static void points(void **state)
{
	struct rig *r = *state;

	/* Unification: the next level below the private ones. */
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(
	        rig_move(r, &r->core[1], DMASIM_CLEAN_POU, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(dmasim_memsys_clean(r->ms, DMASIM_SHARED_CACHE, A),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 5);
	/* Persistence: as coherency, where memory is behind that. */
	rig_write(r, &r->core[0], A, 6, WB);
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_CLEAN_POP, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 6);
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 6);
	rig_no_findings(r);
}

static void unification_without_a_shared_cache(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.shared = {.cycles = 1}});

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_CLEAN_POU, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 5);
	rig_free(r);
}

/* It waits for memory behind the system cache, too. */
static void persistence_pends(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .delay = 1000,
	        .system = {.size = 1024, .ways = 2, .cycles = 5}});
	uint64_t before;

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN, A, NULL, 8, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 0);
	before = dmasim_now(r->k);
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_CLEAN_POP, A, NULL, 64, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 5);
	assert_true(dmasim_now(r->k) >= before + 1000);
	/* Past the caches, behind a line that is on its way out. */
	rig_write(r, &r->core[0], A + 64, 6, WB);
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_CLEAN, A + 64, NULL, 8, WB),
	        DMASIM_TXN_OK);
	before = 1;
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A + 64,
	                          &before, 8, NC),
	                 DMASIM_TXN_OK);
	assert_int_equal(before, 6);
	assert_int_equal(rig_ram(r, A + 64), 7);
	rig_free(r);
}

/* The operand of DC xSW for @way of the set of A, at @level from 1. */
static uint64_t operand(const struct rig *r, const struct cache *c,
                        uint32_t level, uint32_t way)
{
	uint64_t set = (A >> r->ms->line_shift) % c->sets;
	uint32_t bits = 0;

	while (1u << bits < c->ways)
		bits++;
	return set << r->ms->line_shift | (level - 1) << 1 |
	       (bits ? (uint64_t)way << (32 - bits) : 0);
}

static uint32_t way_of(const struct rig *r, const struct cache *c)
{
	int32_t way = cache_find(c, A >> r->ms->line_shift);

	assert_true(way >= 0);
	return (uint32_t)way % c->ways;
}

static void by_way(struct rig *r, uint32_t cpu, enum dmasim_op op,
                   uint64_t operand)
{
	assert_int_equal(rig_move(r, &r->core[cpu], op, operand, NULL, 0, WB),
	                 DMASIM_TXN_OK);
}

/* Each operation, level by level, of the executing CPU alone. */
static void sets_and_ways(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct rig *r = rig_new(&(struct rig_config){
		        .l1 = {.size = 64 * 6, .ways = 3, .cycles = 1},
		        .l2 = {.size = 64 * 16, .ways = 4, .cycles = 1}});
		const struct ms_port *p = ms_cached_port(r->ms, 0);
		uint64_t op1, op2;

		rig_write(r, &r->core[0], A, 5, WB);
		op1 = operand(r, p->l1, 1, way_of(r, p->l1));
		/* Not another CPU's. */
		by_way(r, 1, DMASIM_INVALIDATE_SW, op1);
		assert_int_equal(rig_read(r, &r->core[0], A, WB), 5);
		/* Not another way's, set's or level's. */
		by_way(r, 0, DMASIM_INVALIDATE_SW, op1 ^ 1u << 30);
		by_way(r, 0, DMASIM_INVALIDATE_SW, op1 ^ 1u << 6);
		by_way(r, 0, DMASIM_INVALIDATE_SW, op1 | 1u << 1);
		by_way(r, 0, DMASIM_INVALIDATE_SW, op1 | 7u << 1);
		assert_int_equal(rig_read(r, &r->core[0], A, WB), 5);
		if (i == 0) {
			by_way(r, 0, DMASIM_INVALIDATE_SW, op1);
			assert_int_equal(
			        rig_findings(r, DMASIM_DISCARDED_WRITE), 1);
			assert_int_equal(rig_read(r, &r->core[0], A, WB), 0);
			rig_free(r);
			continue;
		}
		/* Clean: to the shared cache. */
		by_way(r, 0, DMASIM_CLEAN_SW, op1);
		assert_int_equal(rig_ram(r, A), 0);
		by_way(r, 0,
		       i == 1 ? DMASIM_CLEAN_INVALIDATE_SW
		              : DMASIM_INVALIDATE_SW,
		       op1);
		assert_int_equal(cache_find(p->l1, A >> 6), -1);
		assert_int_equal(rig_read(r, &r->core[0], A, WB), 5);
		/* Now from the L2 behind it, and the shared one. */
		for (uint64_t n = 1; n < 4; n++)
			rig_read(r, &r->core[0], A + n * 128, WB);
		op2 = operand(r, p->l2, 2, way_of(r, p->l2));
		by_way(r, 0, DMASIM_CLEAN_INVALIDATE_SW, op2);
		assert_int_equal(cache_find(p->l2, A >> 6), -1);
		op2 = operand(r, r->ms->shared, 3, way_of(r, r->ms->shared));
		by_way(r, 0, DMASIM_CLEAN_INVALIDATE_SW, op2);
		assert_int_equal(cache_find(r->ms->shared, A >> 6), -1);
		assert_int_equal(rig_ram(r, A), 5);
		rig_no_findings(r);
		rig_free(r);
	}
}

static void sets_and_ways_of_others(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .domains = true,
	        .delay = 1000,
	        .l1 = {.size = 128, .ways = 1, .cycles = 1},
	        .shared = {.cycles = 1}});
	const struct ms_port *p = ms_cached_port(r->ms, 0);
	uint64_t op;

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	op = operand(r, p->l1, 1, 0);
	/* A device has none. */
	assert_int_equal(rig_move(r, &r->coherent, DMASIM_INVALIDATE_SW, op,
	                          NULL, 0, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_move(r, &r->foreign, DMASIM_INVALIDATE_SW, op | 2,
	                          NULL, 0, WB),
	                 DMASIM_TXN_OK);
	/* It is complete when memory has the bytes. */
	by_way(r, 0, DMASIM_CLEAN_SW, op);
	assert_int_equal(rig_ram(r, A), 5);
	/* ... and waits for what holds the line. */
	rig_write(r, &r->core[0], A, 6, WB);
	assert_int_equal(dmasim_memsys_clean(r->ms, 0, A), DMASIM_OK);
	by_way(r, 0, DMASIM_CLEAN_INVALIDATE_SW, op);
	assert_int_equal(rig_ram(r, A), 6);
	rig_free(r);
}

static uint32_t cleans(void *ctx, const struct dmasim_choice_query *q)
{
	(void)ctx;
	return q->point == DMASIM_CHOICE_IVAC_CLEANS ? 1 : q->preferred;
}

static void invalidate_by_way_that_cleans(void **state)
{
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = cleans};
	struct rig *r = rig_new(&(struct rig_config){.choice = &choice});
	const struct cache *c = ms_cached_port(r->ms, 0)->l1;

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	by_way(r, 0, DMASIM_INVALIDATE_SW, operand(r, c, 1, way_of(r, c)));
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 5);
	rig_no_findings(r);
	rig_free(r);
}

/* Exclusive accesses. */
static uint64_t load(struct rig *r, const struct dmasim_port *p, uint64_t addr,
                     const struct dmasim_attr *attr)
{
	uint64_t v = 0;
	struct dmasim_txn txn = {.addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .flags = DMASIM_TXN_EXCLUSIVE,
	                         .attr = *attr};

	assert_int_equal(rig_access(r, p, &txn), DMASIM_TXN_OK);
	return v;
}

static bool store(struct rig *r, const struct dmasim_port *p, uint64_t addr,
                  uint64_t value, const struct dmasim_attr *attr)
{
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)&value,
	                         .flags = DMASIM_TXN_EXCLUSIVE,
	                         .attr = *attr};
	enum dmasim_result result = rig_access(r, p, &txn);

	assert_true(result == DMASIM_TXN_OK ||
	            result == DMASIM_TXN_EXCLUSIVE_FAIL);
	return result == DMASIM_TXN_OK;
}

/* What another agent does between the two, and whether the store succeeds. */
enum between {
	NOTHING,
	READ,
	OWN_WRITE,
	OTHER_LINE,
	STORE_X,
	MAINTAIN,
	/* From here on it is lost. */
	CPU_WRITE,
	HOST_WRITE,
	COHERENT_WRITE,
	PAST_WRITE,
	UNCACHED_WRITE,
	ATOMIC,
	BETWEEN_KINDS,
};

static void happen(struct rig *r, enum between what,
                   const struct dmasim_attr *a)
{
	uint64_t v = 1;

	switch (what) {
	case READ:
		rig_read(r, &r->core[1], A, a);
		break;
	case OWN_WRITE:
		rig_write(r, &r->core[0], A + 8, 1, a);
		break;
	case OTHER_LINE:
		rig_write(r, &r->core[1], A + 64, 1, a);
		break;
	case STORE_X:
		/* It fails, and clears nobody's but its own. */
		assert_false(store(r, &r->core[1], A, 9, a));
		break;
	case MAINTAIN:
		assert_int_equal(rig_move(r, &r->core[1],
		                          DMASIM_CLEAN_INVALIDATE, A, NULL, 8,
		                          a),
		                 DMASIM_TXN_OK);
		break;
	case CPU_WRITE:
		rig_write(r, &r->core[1], A + 8, 1, a);
		break;
	case HOST_WRITE:
		rig_write(r, &r->host, A, 1, WB);
		break;
	case COHERENT_WRITE:
		rig_write(r, &r->coherent, A + 56, 1, WB);
		break;
	case PAST_WRITE:
		rig_write(r, &r->noncoherent, A - 4, 1, WB);
		break;
	case UNCACHED_WRITE:
		rig_write(r, &r->core[1], A, 1, NC);
		break;
	case ATOMIC:
		assert_int_equal(rig_move(r, &r->core[1], DMASIM_ATOMIC_ADD, A,
		                          &v, 8, a),
		                 DMASIM_TXN_OK);
		break;
	default:
		break;
	}
}

static void reservations(void **state)
{
	static const struct dmasim_attr *const attrs[] = {
	        &dmasim_attr_wb, &dmasim_attr_wt, &dmasim_attr_nc};

	(void)state;
	for (unsigned i = 0; i < BETWEEN_KINDS * 6; i++) {
		const struct dmasim_attr *a = attrs[i / BETWEEN_KINDS % 3];
		enum between what = (enum between)(i % BETWEEN_KINDS);
		struct rig *r = rig_new(&(struct rig_config){
		        .no_checker = true,
		        .delay = i < BETWEEN_KINDS * 3 ? 0 : 100});

		load(r, &r->core[0], A, a);
		happen(r, what, a);
		assert_int_equal(store(r, &r->core[0], A, 5, a),
		                 what < CPU_WRITE);
		if (what < CPU_WRITE)
			assert_int_equal(rig_read(r, &r->core[0], A, a), 5);
		/* Either way it is used up. */
		assert_false(store(r, &r->core[0], A, 6, a));
		rig_free(r);
	}
}

static void two_reservations(void **state)
{
	struct rig *r = *state;

	/* The first to store wins. */
	load(r, &r->core[0], A, WB);
	load(r, &r->core[1], A, WB);
	assert_true(store(r, &r->core[1], A, 1, WB));
	assert_false(store(r, &r->core[0], A, 2, WB));
	/* A second load moves it. */
	load(r, &r->core[0], A, WB);
	load(r, &r->core[0], A + 64, WB);
	assert_false(store(r, &r->core[0], A, 3, WB));
	load(r, &r->core[0], A, WB);
	load(r, &r->core[0], A + 64, WB);
	assert_true(store(r, &r->core[0], A + 72, 4, WB));
	assert_int_equal(rig_read(r, &r->core[1], A, WB), 1);
	/* A device's port has one, too; so has memory that nobody caches. */
	load(r, &r->coherent, A, WB);
	load(r, &r->noncoherent, A, WB);
	rig_write(r, &r->core[0], A + 8, 4, WB);
	assert_false(store(r, &r->coherent, A, 5, WB));
	assert_false(store(r, &r->noncoherent, A, 5, WB));
	load(r, &r->noncoherent, A, WB);
	assert_true(store(r, &r->noncoherent, A, 5, WB));
	assert_int_equal(rig_ram(r, A), 5);
}

static void refused_exclusives(void **state)
{
	struct rig *r = *state;
	uint8_t data[16] = {0};
	struct dmasim_txn txn = {.addr = A + 60,
	                         .size = 8,
	                         .data = data,
	                         .flags = DMASIM_TXN_EXCLUSIVE,
	                         .attr = dmasim_attr_wb};

	assert_int_equal(rig_access(r, &r->core[0], &txn), DMASIM_TXN_SLAVE);
	txn.addr = A;
	txn.op = DMASIM_ATOMIC_ADD;
	assert_int_equal(rig_access(r, &r->core[0], &txn), DMASIM_TXN_SLAVE);
	/* Registers keep no reservation. */
	txn.op = DMASIM_READ;
	txn.addr = RIG_MMIO;
	txn.attr = dmasim_attr_device;
	assert_int_equal(rig_access(r, &r->core[0], &txn), DMASIM_TXN_OK);
	txn.op = DMASIM_WRITE;
	assert_int_equal(rig_access(r, &r->core[0], &txn),
	                 DMASIM_TXN_EXCLUSIVE_FAIL);
	assert_int_equal(r->register_accesses, 1);
}

#define ON_RIG(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        ON_RIG(points),
        cmocka_unit_test(unification_without_a_shared_cache),
        cmocka_unit_test(persistence_pends),
        cmocka_unit_test(sets_and_ways),
        cmocka_unit_test(sets_and_ways_of_others),
        cmocka_unit_test(invalidate_by_way_that_cleans),
        cmocka_unit_test(reservations),
        ON_RIG(two_reservations),
        ON_RIG(refused_exclusives),
};

CHECK_MAIN(tests)
