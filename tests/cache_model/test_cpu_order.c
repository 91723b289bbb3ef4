/* SPDX-License-Identifier: MIT */
/* The place in the program that every transaction of a CPU carries. */
#include "cpu_spy.h"

#define WB (RIG_WB + 0x3000)
#define NC (RIG_NC + 0x3000)

static int spy_setup(void **state)
{
	*state = cpu_spy_new(rig_new(&(struct rig_config){0}),
	                     (struct dmasim_cpu_config){0});
	return 0;
}

static int spy_teardown(void **state)
{
	struct cpu_spy *s = *state;
	struct rig *r = s->rig;

	cpu_spy_free(s);
	rig_free(r);
	return 0;
}

static const struct dmasim_program_order *load(struct cpu_spy *s)
{
	uint64_t v;

	assert_int_equal(dmasim_cpu_load(s->cpu, WB, 8, &v), DMASIM_OK);
	return &cpu_spy_last(s, DMASIM_READ)->po;
}

/* A store to a register: it is not held back. */
static const struct dmasim_program_order *store(struct cpu_spy *s)
{
	assert_int_equal(dmasim_cpu_store(s->cpu, RIG_DEV, 4, 1), DMASIM_OK);
	return &cpu_spy_last(s, DMASIM_WRITE)->po;
}

static uint64_t barrier(struct cpu_spy *s, enum dmasim_barrier kind,
                        enum dmasim_shareability share)
{
	const struct dmasim_txn *t;

	assert_int_equal(
	        dmasim_cpu_barrier_domain(s->cpu, kind, share, DMASIM_HERE),
	        DMASIM_OK);
	t = cpu_spy_last(s, DMASIM_BARRIER);
	assert_int_equal(t->barrier, kind);
	assert_int_equal(t->attr.share, share);
	assert_false(t->po.maybe);
	return t->po.number;
}

static void numbers(void **state)
{
	struct cpu_spy *s = *state;
	uint64_t data[2] = {1, 0};

	assert_int_equal(load(s)->number, 1);
	/* It waits, and keeps its place. */
	assert_int_equal(dmasim_cpu_store(s->cpu, NC + 64, 8, 1), DMASIM_OK);
	assert_int_equal(load(s)->number, 3);
	assert_int_equal(cpu_spy_count(s, DMASIM_WRITE), 0);
	assert_int_equal(barrier(s, DMASIM_DSB, DMASIM_SY), 4);
	assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->po.number, 2);
	assert_true(cpu_spy_last(s, DMASIM_WRITE)->po.maybe);
	assert_int_equal(dmasim_cpu_atomic(s->cpu, DMASIM_ATOMIC_ADD, WB, data,
	                                   8, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(cpu_spy_last(s, DMASIM_ATOMIC_ADD)->po.number, 5);
	assert_int_equal(dmasim_cpu_maintain(s->cpu, DMASIM_CLEAN_POU, WB, 8,
	                                     DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN_POU)->po.number, 6);
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN_POU)->po.complete, 4);
	assert_int_equal(store(s)->number, 7);
}

static void nothing_is_ordered_by_itself(void **state)
{
	struct cpu_spy *s = *state;

	load(s);
	store(s);
	assert_int_equal(load(s)->loads, 0);
	assert_int_equal(load(s)->stores, 0);
	assert_int_equal(store(s)->loads, 0);
	assert_int_equal(store(s)->stores, 0);
	assert_int_equal(store(s)->complete, 0);
}

/* What each barrier raises: of a load, of a store. */
static void barriers(void **state)
{
	static const struct {
		enum dmasim_barrier kind;
		bool loads, stores_of_load, stores_of_store, complete;
	} rules[] = {
	        {DMASIM_DMB_LD, true, false, false, false},
	        {DMASIM_DMB_ST, false, false, true, false},
	        {DMASIM_DMB, true, true, true, false},
	        {DMASIM_DSB_LD, true, false, false, false},
	        {DMASIM_DSB_ST, false, true, true, false},
	        {DMASIM_DSB, true, true, true, true},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct dmasim_program_order *po;
		struct cpu_spy *s;
		uint64_t n;

		spy_teardown(state);
		spy_setup(state);
		s = *state;
		load(s);
		store(s);
		barrier(s, rules[i].kind, DMASIM_NSH);
		assert_int_equal(load(s)->loads, 0);
		n = barrier(s, rules[i].kind, DMASIM_ISH);
		po = load(s);
		assert_int_equal(po->loads, rules[i].loads ? n : 0);
		assert_int_equal(po->stores, rules[i].stores_of_load ? n : 0);
		assert_int_equal(po->complete, rules[i].complete ? n : 0);
		po = store(s);
		assert_int_equal(po->loads, rules[i].loads ? n : 0);
		assert_int_equal(po->stores, rules[i].stores_of_store ? n : 0);
		assert_int_equal(po->complete, rules[i].complete ? n : 0);
	}
}

static void refused(void **state)
{
	struct cpu_spy *s = *state;

	assert_int_equal(dmasim_cpu_barrier_domain(s->cpu, DMASIM_DMB,
	                                           (enum dmasim_shareability)4,
	                                           DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_maintain(s->cpu, DMASIM_CLEAN_SW, WB, 8,
	                                     DMASIM_HERE),
	                 DMASIM_E_INVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, spy_setup, spy_teardown)

static const struct CMUnitTest tests[] = {
        TEST(numbers),
        TEST(nothing_is_ordered_by_itself),
        TEST(barriers),
        TEST(refused),
};

CHECK_MAIN(tests)
