/* SPDX-License-Identifier: MIT */
/* Accesses with an order or a reservation, and zeros. */
#include "cpu_spy.h"

#include "dmasim/cpu_ordered.h"

#define A  (RIG_RAM + 0x3000)
#define WB (RIG_WB + 0x3000)

static int spy_setup(void **state)
{
	*state = cpu_spy_new(rig_new(&(struct rig_config){0}),
	                     (struct dmasim_cpu_config){0});
	return 0;
}

static int spy_teardown(void **state)
{
	cpu_spy_free_all(*state);
	return 0;
}

static uint64_t seen(struct cpu_spy *s, uint64_t va)
{
	return rig_read(s->rig, &s->rig->core[1], RIG_RAM + (va - RIG_WB),
	                &dmasim_attr_wb);
}

static void put(struct cpu_spy *s, uint64_t va, uint64_t v)
{
	rig_write(s->rig, &s->rig->core[1], RIG_RAM + (va - RIG_WB), v,
	          &dmasim_attr_wb);
}

static void refused(void **state)
{
	static const struct {
		enum dmasim_order order;
		bool load, store, atomic, load_exclusive, store_exclusive;
	} rows[] = {
	        {DMASIM_ORDER_PLAIN, true, true, true, true, true},
	        {DMASIM_ORDER_ACQUIRE, true, false, true, true, false},
	        {DMASIM_ORDER_RELEASE, false, true, true, false, true},
	        {DMASIM_ORDER_ACQ_REL, false, false, true, false, false},
	        {DMASIM_ORDER_ACQUIRE_PC, true, false, false, false, false},
	};
	struct cpu_spy *s = *state;
	uint64_t v = 0, data[2] = {0, 0};
	bool stored;

	for (size_t i = 0; i < 5; i++) {
		const struct dmasim_ordered *at =
		        DMASIM_ORDERED(rows[i].order, WB, 8);

		assert_int_equal(dmasim_cpu_read_order(s->cpu, at, &v) ==
		                         DMASIM_E_INVAL,
		                 !rows[i].load);
		assert_int_equal(dmasim_cpu_write_order(s->cpu, at, 1) ==
		                         DMASIM_E_INVAL,
		                 !rows[i].store);
		assert_int_equal(
		        dmasim_cpu_atomic_order(s->cpu, DMASIM_ATOMIC_ADD, at,
		                                data) == DMASIM_E_INVAL,
		        !rows[i].atomic);
		assert_int_equal(dmasim_cpu_load_exclusive(s->cpu, at, &v) ==
		                         DMASIM_E_INVAL,
		                 !rows[i].load_exclusive);
		assert_int_equal(
		        dmasim_cpu_store_exclusive(s->cpu, at, 1, &stored) ==
		                DMASIM_E_INVAL,
		        !rows[i].store_exclusive);
	}
	assert_int_equal(dmasim_cpu_read_order(
	                         s->cpu,
	                         DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, WB, 3),
	                         &v),
	                 DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_cpu_read_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, WB + 4, 8),
	                &v),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_cpu_read_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, 0x1000, 8),
	                &v),
	        DMASIM_E_NOTFOUND);
	assert_int_equal(
	        dmasim_cpu_write_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_RELEASE, 0x1000, 8),
	                1),
	        DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_atomic_order(
	                         s->cpu, DMASIM_READ,
	                         DMASIM_ORDERED(DMASIM_ORDER_PLAIN, WB, 8),
	                         data),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_maintain_set_way(s->cpu, DMASIM_CLEAN, 0,
	                                             DMASIM_HERE),
	                 DMASIM_E_INVAL);
}

static void values(void **state)
{
	struct cpu_spy *s = *state;
	uint64_t v = 0, data[2] = {5, 0};

	put(s, WB, 0x1122334455667788);
	assert_int_equal(
	        dmasim_cpu_read_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, WB + 2, 2),
	                &v),
	        DMASIM_OK);
	assert_int_equal(v, 0x5566);
	/* It waits in the buffer, as any store does. */
	assert_int_equal(
	        dmasim_cpu_write_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_RELEASE, WB, 4), 7),
	        DMASIM_OK);
	assert_int_equal(cpu_spy_count(s, DMASIM_WRITE), 0);
	/* The same bytes: it leaves first. */
	assert_int_equal(dmasim_cpu_read_order(
	                         s->cpu,
	                         DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE_PC, WB, 8),
	                         &v),
	                 DMASIM_OK);
	assert_true(v == 0x1122334400000007);
	assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->order,
	                 DMASIM_ORDER_RELEASE);
	assert_int_equal(dmasim_cpu_atomic_order(
	                         s->cpu, DMASIM_ATOMIC_ADD,
	                         DMASIM_ORDERED(DMASIM_ORDER_ACQ_REL, WB, 4),
	                         data),
	                 DMASIM_OK);
	assert_int_equal((uint32_t)data[0], 7);
	assert_int_equal(seen(s, WB) & 0xff, 12);
	assert_int_equal(cpu_spy_last(s, DMASIM_ATOMIC_ADD)->order,
	                 DMASIM_ORDER_ACQ_REL);
	/* Registers. */
	assert_int_equal(
	        dmasim_cpu_read_order(
	                s->cpu,
	                DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, RIG_DEV, 4), &v),
	        DMASIM_OK);
	assert_int_equal(v, 0xd5d5d5d5);
	assert_int_equal(
	        dmasim_cpu_write_order(
	                s->cpu,
	                DMASIM_ORDERED(DMASIM_ORDER_RELEASE, RIG_DEV, 4), 1),
	        DMASIM_OK);
	assert_int_equal(s->rig->register_accesses, 2);
}

/* An atomic that releases is behind every store; one that does not is not. */
static void atomic_release(void **state)
{
	struct cpu_spy *s = *state;
	uint64_t data[2] = {1, 0};

	assert_int_equal(dmasim_cpu_store(s->cpu, WB, 8, 1), DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_atomic_order(
	                s->cpu, DMASIM_ATOMIC_ADD,
	                DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, WB + 64, 8), data),
	        DMASIM_OK);
	assert_int_equal(seen(s, WB), 0);
	assert_int_equal(
	        dmasim_cpu_atomic_order(
	                s->cpu, DMASIM_ATOMIC_ADD,
	                DMASIM_ORDERED(DMASIM_ORDER_RELEASE, WB + 64, 8), data),
	        DMASIM_OK);
	assert_int_equal(seen(s, WB), 1);
}

static void zeros(void **state)
{
	struct cpu_spy *s = *state;

	for (uint64_t i = 0; i < 24; i++)
		put(s, WB + 8 * i, UINT64_MAX);
	assert_int_equal(dmasim_cpu_zva(s->cpu, WB + 100, DMASIM_HERE),
	                 DMASIM_OK);
	/* It is a store. */
	assert_int_equal(seen(s, WB + 64), UINT64_MAX);
	assert_int_equal(dmasim_cpu_barrier(s->cpu, DMASIM_DMB, DMASIM_HERE),
	                 DMASIM_OK);
	for (uint64_t i = 0; i < 24; i++)
		assert_true(seen(s, WB + 8 * i) ==
		            (i >= 8 && i < 16 ? 0 : UINT64_MAX));
	assert_int_equal(dmasim_cpu_zva(s->cpu, RIG_DEV, DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_zva(s->cpu, 0x1000, DMASIM_HERE),
	                 DMASIM_E_NOTFOUND);
}

/* Exclusives: the pair, and what comes between. */
static void exclusive_pair(void **state)
{
	static const struct {
		enum dmasim_order load, store;
	} forms[] = {{DMASIM_ORDER_PLAIN, DMASIM_ORDER_PLAIN},
	             {DMASIM_ORDER_ACQUIRE, DMASIM_ORDER_RELEASE}};
	struct cpu_spy *s = *state;
	bool stored;
	uint64_t v;

	for (unsigned f = 0; f < 2; f++) {
		const struct dmasim_ordered *ld =
		        DMASIM_ORDERED(forms[f].load, WB, 8);
		const struct dmasim_ordered *st =
		        DMASIM_ORDERED(forms[f].store, WB, 8);

		put(s, WB, 5);
		assert_int_equal(
		        dmasim_cpu_store_exclusive(s->cpu, st, 9, &stored),
		        DMASIM_OK);
		assert_false(stored);
		assert_int_equal(dmasim_cpu_load_exclusive(s->cpu, ld, &v),
		                 DMASIM_OK);
		assert_int_equal(v, 5);
		assert_int_equal(cpu_spy_last(s, DMASIM_READ)->order,
		                 forms[f].load);
		assert_int_equal(
		        dmasim_cpu_store_exclusive(s->cpu, st, 6, &stored),
		        DMASIM_OK);
		assert_true(stored);
		assert_int_equal(seen(s, WB), 6);
		assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->order,
		                 forms[f].store);
		/* Once. */
		assert_int_equal(
		        dmasim_cpu_store_exclusive(s->cpu, st, 7, &stored),
		        DMASIM_OK);
		assert_false(stored);
		/* Another's store between them. */
		assert_int_equal(dmasim_cpu_load_exclusive(s->cpu, ld, &v),
		                 DMASIM_OK);
		put(s, WB, 8);
		assert_int_equal(
		        dmasim_cpu_store_exclusive(s->cpu, st, 9, &stored),
		        DMASIM_OK);
		assert_false(stored);
		assert_int_equal(seen(s, WB), 8);
	}
	/* Its own store waits in the buffer: the load sees it. */
	assert_int_equal(dmasim_cpu_store(s->cpu, WB, 8, 10), DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_load_exclusive(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_PLAIN, WB, 8), &v),
	        DMASIM_OK);
	assert_int_equal(v, 10);
	assert_int_equal(dmasim_cpu_load_exclusive(
	                         s->cpu,
	                         DMASIM_ORDERED(DMASIM_ORDER_PLAIN, 0x1000, 8),
	                         &v),
	                 DMASIM_E_NOTFOUND);
}

/* A release has everything before it leave; plain ones do not. */
static void exclusive_release(void **state)
{
	struct cpu_spy *s = *state;
	bool stored;
	uint64_t v;

	for (unsigned release = 0; release < 2; release++) {
		enum dmasim_order o =
		        release ? DMASIM_ORDER_RELEASE : DMASIM_ORDER_PLAIN;

		assert_int_equal(
		        dmasim_cpu_load_exclusive(
		                s->cpu,
		                DMASIM_ORDERED(DMASIM_ORDER_PLAIN, WB + 128, 8),
		                &v),
		        DMASIM_OK);
		assert_int_equal(dmasim_cpu_store(s->cpu, WB, 8, 3), DMASIM_OK);
		assert_int_equal(dmasim_cpu_store_exclusive(
		                         s->cpu, DMASIM_ORDERED(o, WB + 128, 8),
		                         1, &stored),
		                 DMASIM_OK);
		assert_true(stored);
		assert_int_equal(seen(s, WB), release ? 3 : 0);
	}
}

static void set_and_way(void **state)
{
	struct cpu_spy *s = *state;

	assert_int_equal(dmasim_cpu_store(s->cpu, WB, 8, 3), DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(s->cpu, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	/* Every set and way of the L1: 32 KiB, 4 ways, 64 bytes. */
	for (uint64_t set = 0; set < 128; set++)
		for (uint64_t way = 0; way < 4; way++)
			assert_int_equal(dmasim_cpu_maintain_set_way(
			                         s->cpu, DMASIM_CLEAN_SW,
			                         way << 30 | set << 6,
			                         DMASIM_HERE),
			                 DMASIM_OK);
	assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN_SW), 512);
	/* What there is not, nothing happens to. */
	assert_int_equal(dmasim_cpu_maintain_set_way(s->cpu, DMASIM_CLEAN_SW,
	                                             7 << 1, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN_SW)->po.complete, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, spy_setup, spy_teardown)

static const struct CMUnitTest tests[] = {
        TEST(refused),     TEST(values),         TEST(atomic_release),
        TEST(zeros),       TEST(exclusive_pair), TEST(exclusive_release),
        TEST(set_and_way),
};

CHECK_MAIN(tests)
