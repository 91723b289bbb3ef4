/* SPDX-License-Identifier: MIT */
/* The order in which stores leave the store buffer, what gathers there, and
 * maintenance that waits. */
#include "cpu_spy.h"

#include "dmasim/cpu_ordered.h"

#define A   (RIG_RAM + 0x3000)
#define WB  (RIG_WB + 0x3000)
#define NC  (RIG_NC + 0x3000)
#define X   (WB)
#define Y   (WB + 256)
#define Z   (WB + 512)
#define GRE 0x50000000ull

static void store(struct cpu_spy *s, uint64_t va, uint64_t v)
{
	assert_int_equal(dmasim_cpu_store(s->cpu, va, 8, v), DMASIM_OK);
}

static uint64_t load(struct cpu_spy *s, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(s->cpu, va, 8, &v), DMASIM_OK);
	return v;
}

static void barrier(struct cpu_spy *s, enum dmasim_barrier kind)
{
	assert_int_equal(dmasim_cpu_barrier(s->cpu, kind, DMASIM_HERE),
	                 DMASIM_OK);
}

/** What the other CPU sees. */
static uint64_t seen(struct cpu_spy *s, uint64_t va)
{
	return rig_read(s->rig, &s->rig->core[1], RIG_RAM + (va - RIG_WB),
	                &dmasim_attr_wb);
}

/* Have one store leave: the next one asks. */
static void push(struct cpu_spy *s, struct cpu_answers *a)
{
	cpu_answer(a, DMASIM_CHOICE_STORE_DRAIN, 1);
	store(s, Z + 4096 * (1 + a->asked[DMASIM_CHOICE_STORE_DRAIN] % 16), 9);
	cpu_answer(a, DMASIM_CHOICE_STORE_DRAIN, 0);
}

/* Message passing in C: without a barrier the flag may be first. */
static void out_of_order(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});

	(void)state;
	store(s, X, 1);
	store(s, Y, 1);
	cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 1);
	push(s, &a);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_STORE_ORDER], 3);
	assert_int_equal(seen(s, Y), 1);
	assert_int_equal(seen(s, X), 0);
	/* Its own loads see all. */
	assert_int_equal(load(s, X), 1);
	assert_int_equal(load(s, Y), 1);
	barrier(s, DMASIM_DSB);
	assert_int_equal(seen(s, X), 1);
	cpu_spy_free_all(s);
}

static void same_bytes_in_order(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});

	(void)state;
	store(s, X, 1);
	assert_int_equal(dmasim_cpu_store(s->cpu, X + 6, 4, 2), DMASIM_OK);
	store(s, X + 8, 3);
	cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 7);
	push(s, &a);
	/* The first, or the one that was pushed. */
	assert_int_equal(a.alternatives[DMASIM_CHOICE_STORE_ORDER], 2);
	assert_int_equal(seen(s, X), 0);
	cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 0);
	push(s, &a);
	push(s, &a);
	assert_true(seen(s, X) == 0x2000000000001);
	assert_int_equal(seen(s, X + 8), 0);
	cpu_spy_free_all(s);
}

/* A barrier that leaves the stores where they are still orders them. */
static void marked(void **state)
{
	static const enum dmasim_barrier kinds[] = {DMASIM_DMB_ST, DMASIM_DMB};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct cpu_answers a;
		struct cpu_spy *s =
		        cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
		bool local = i % 2;

		cpu_answer(&a, DMASIM_CHOICE_STORE_DRAIN, 0);
		store(s, X, 1);
		assert_int_equal(dmasim_cpu_barrier_domain(s->cpu, kinds[i / 2],
		                                           local ? DMASIM_NSH
		                                                 : DMASIM_ISH,
		                                           DMASIM_HERE),
		                 DMASIM_OK);
		/* Only of a full one is it certain that it has left. */
		assert_int_equal(seen(s, X), i == 2);
		store(s, Y, 1);
		cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 1);
		push(s, &a);
		assert_int_equal(seen(s, X), i == 0 || i == 2);
		assert_int_equal(seen(s, Y), i == 1 || i == 3);
		cpu_spy_free_all(s);
	}
}

/* What does not wait in the buffer waits for what a barrier put before it. */
static void before_a_doorbell(void **state)
{
	(void)state;
	for (unsigned fenced = 0; fenced < 2; fenced++) {
		struct cpu_answers a;
		struct cpu_spy *s =
		        cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
		uint64_t data[2] = {1, 0};

		cpu_answer(&a, DMASIM_CHOICE_STORE_DRAIN, 0);
		store(s, X, 1);
		if (fenced)
			barrier(s, DMASIM_DMB_ST);
		store(s, Y, 1);
		assert_int_equal(dmasim_cpu_store(s->cpu, RIG_DEV, 4, 1),
		                 DMASIM_OK);
		assert_int_equal(seen(s, X), fenced);
		assert_int_equal(seen(s, Y), 0);
		store(s, X, 2);
		if (fenced)
			barrier(s, DMASIM_DMB_ST);
		assert_int_equal(dmasim_cpu_atomic(s->cpu, DMASIM_ATOMIC_ADD, Z,
		                                   data, 8, DMASIM_HERE),
		                 DMASIM_OK);
		assert_int_equal(seen(s, X), fenced ? 2 : 0);
		cpu_spy_free_all(s);
	}
}

static void release(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
	uint64_t v;

	(void)state;
	store(s, X, 1);
	assert_int_equal(
	        dmasim_cpu_write_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_RELEASE, Y, 8), 1),
	        DMASIM_OK);
	/* The store after it may overtake it; it does not overtake. */
	cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 1);
	push(s, &a);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_STORE_ORDER], 2);
	assert_int_equal(seen(s, Y), 0);
	/* LDAPR does not wait for it; LDAR does, and so for what it does. */
	assert_int_equal(dmasim_cpu_read_order(
	                         s->cpu,
	                         DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE_PC, Z, 8),
	                         &v),
	                 DMASIM_OK);
	assert_int_equal(seen(s, Y), 0);
	assert_int_equal(
	        dmasim_cpu_read_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE, Z, 8), &v),
	        DMASIM_OK);
	assert_int_equal(seen(s, X), 1);
	assert_int_equal(seen(s, Y), 1);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->order,
	                 DMASIM_ORDER_ACQUIRE);
	cpu_spy_free_all(s);
}

/* One that leaves in the place of another also leaves it its time. */
static void in_time(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});

	(void)state;
	cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 1);
	store(s, X, 1);
	assert_int_equal(dmasim_run_until(s->rig->k, 400 * DMASIM_NS),
	                 DMASIM_OK);
	store(s, Y, 1);
	assert_int_equal(dmasim_run_until(s->rig->k, DMASIM_US), DMASIM_OK);
	assert_int_equal(seen(s, Y), 1);
	assert_int_equal(seen(s, X), 0);
	assert_int_equal(dmasim_run_until(s->rig->k, 1400 * DMASIM_NS),
	                 DMASIM_OK);
	assert_int_equal(seen(s, X), 1);
	assert_int_equal(dmasim_pending_calls(s->rig->k), 0);
	cpu_spy_free_all(s);
}

static void gathering(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
	struct dmasim_attr gre = dmasim_attr_device;

	(void)state;
	gre.type = DMASIM_DEVICE_GRE;
	assert_int_equal(dmasim_cpu_map(s->cpu, GRE, RIG_MMIO, 0x1000, &gre),
	                 DMASIM_OK);
	cpu_answer(&a, DMASIM_CHOICE_GATHER, 1);
	/* Beside, over and before it; but not cacheable ones. */
	store(s, NC, 0x11);
	store(s, NC + 8, 0x22);
	assert_int_equal(dmasim_cpu_store(s->cpu, NC + 4, 4, 0x33), DMASIM_OK);
	assert_int_equal(a.asked[DMASIM_CHOICE_GATHER], 2);
	store(s, WB + 256, 1);
	store(s, WB + 264, 1);
	assert_int_equal(a.asked[DMASIM_CHOICE_GATHER], 2);
	store(s, NC + 128 + 8, 0x44);
	store(s, NC + 128, 0x55);
	barrier(s, DMASIM_DSB);
	assert_int_equal(cpu_spy_count(s, DMASIM_WRITE), 4);
	assert_true(rig_ram(s->rig, A) == 0x3300000011);
	assert_int_equal(rig_ram(s->rig, A + 8), 0x22);
	assert_int_equal(rig_ram(s->rig, A + 128), 0x55);
	assert_int_equal(rig_ram(s->rig, A + 136), 0x44);
	/* Not over a gap, the end of a piece, or a barrier; nor an STLR. */
	a.asked[DMASIM_CHOICE_GATHER] = 0;
	store(s, NC, 1);
	store(s, NC + 16, 1);
	store(s, NC + 56, 1);
	store(s, NC + 64, 1);
	assert_int_equal(
	        dmasim_cpu_write_order(
	                s->cpu,
	                DMASIM_ORDERED(DMASIM_ORDER_RELEASE, NC + 72, 8), 1),
	        DMASIM_OK);
	store(s, NC + 80, 1);
	cpu_answer(&a, DMASIM_CHOICE_STORE_DRAIN, 0);
	barrier(s, DMASIM_DMB_ST);
	store(s, NC + 88, 1);
	assert_int_equal(a.asked[DMASIM_CHOICE_GATHER], 0);
	barrier(s, DMASIM_DSB);
	/* Device-GRE: two registers in one access; nGnRE never. */
	assert_int_equal(dmasim_cpu_store(s->cpu, GRE + 8, 4, 1), DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(s->cpu, GRE + 12, 4, 2), DMASIM_OK);
	assert_int_equal(s->rig->register_accesses, 0);
	barrier(s, DMASIM_DSB);
	assert_int_equal(s->rig->register_accesses, 1);
	assert_int_equal(s->rig->register_offset, 8);
	assert_int_equal(dmasim_cpu_store(s->cpu, RIG_DEV + 8, 4, 1),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(s->cpu, RIG_DEV + 12, 4, 2),
	                 DMASIM_OK);
	assert_int_equal(s->rig->register_accesses, 3);
	/* A load from there finds its own store done. */
	cpu_answer(&a, DMASIM_CHOICE_GATHER, 0);
	assert_int_equal(dmasim_cpu_store(s->cpu, GRE + 16, 4, 1), DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(s->cpu, GRE + 20, 4, 1), DMASIM_OK);
	assert_int_equal(load(s, GRE + 16), 0xd5d5d5d5d5d5d5d5);
	assert_int_equal(s->rig->register_accesses, 6);
	cpu_spy_free_all(s);
}

static void clean(struct cpu_spy *s, uint64_t va, uint64_t size)
{
	assert_int_equal(dmasim_cpu_maintain(s->cpu, DMASIM_CLEAN, va, size,
	                                     DMASIM_HERE),
	                 DMASIM_OK);
}

/* Maintenance that is not complete: what ends the wait, and what does not. */
static void delayed(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
	static const struct {
		enum dmasim_barrier kind;
		bool done;
	} rows[] = {{DMASIM_DMB_LD, false}, {DMASIM_DMB_ST, false},
	            {DMASIM_DSB_LD, false}, {DMASIM_DSB_ST, false},
	            {DMASIM_DMB, true},     {DMASIM_DSB, true}};

	(void)state;
	cpu_answer(&a, DMASIM_CHOICE_MAINTENANCE_DELAY, 1);
	for (unsigned i = 0; i < 6; i++) {
		uint64_t at = 128 * i;

		store(s, WB + at, 1 + i);
		clean(s, WB + at, 8);
		assert_int_equal(rig_ram(s->rig, A + at), 0);
		barrier(s, rows[i].kind);
		assert_int_equal(rig_ram(s->rig, A + at),
		                 rows[i].done ? 1 + i : 0);
		/* The doorbell does not wait for it. */
		store(s, RIG_DEV, 1);
		assert_int_equal(rig_ram(s->rig, A + at),
		                 rows[i].done ? 1 + i : 0);
		assert_int_equal(dmasim_cpu_barrier_domain(s->cpu, DMASIM_DSB,
		                                           DMASIM_NSH,
		                                           DMASIM_HERE),
		                 DMASIM_OK);
		assert_int_equal(rig_ram(s->rig, A + at),
		                 rows[i].done ? 1 + i : 0);
		barrier(s, DMASIM_DSB);
		assert_int_equal(rig_ram(s->rig, A + at), 1 + i);
	}
	cpu_spy_free_all(s);
}

/* The same line, in order: a load, a store, an STLR, an atomic, maintenance. */
static void delayed_until_the_line_is_used(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
	uint64_t data[2] = {0, 0};

	(void)state;
	cpu_answer(&a, DMASIM_CHOICE_MAINTENANCE_DELAY, 1);
	for (unsigned i = 0; i < 5; i++) {
		uint64_t at = 256 * i;

		store(s, WB + at, 1);
		clean(s, WB + at, 200);
		load(s, WB + at + 2048);
		store(s, WB + at + 2048, 1);
		assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN), i);
		if (i == 0)
			load(s, WB + at + 56);
		else if (i == 1)
			store(s, WB + at + 248, 1);
		else if (i == 2)
			assert_int_equal(
			        dmasim_cpu_write_order(
			                s->cpu,
			                DMASIM_ORDERED(DMASIM_ORDER_RELEASE,
			                               WB + at + 8, 8),
			                1),
			        DMASIM_OK);
		else if (i == 3)
			assert_int_equal(dmasim_cpu_atomic(s->cpu,
			                                   DMASIM_ATOMIC_ADD,
			                                   WB + at + 8, data, 8,
			                                   DMASIM_HERE),
			                 DMASIM_OK);
		else
			clean(s, WB + at, 8);
		assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN), i + 1);
	}
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN)->size, 200);
	barrier(s, DMASIM_DSB);
	assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN), 6);
	assert_true(cpu_spy_last(s, DMASIM_CLEAN)->po.number <
	            cpu_spy_last(s, DMASIM_BARRIER)->po.number);
	/* There is room for so many. */
	for (unsigned i = 0; i < 40; i++)
		clean(s, WB + 64 * i, 64);
	assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN), 6 + 24);
	barrier(s, DMASIM_DMB);
	assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN), 6 + 40);
	cpu_spy_free_all(s);
}

/* A store to the line after the maintenance is not cleaned by it. */
static void delayed_not_beyond_later_stores(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});

	(void)state;
	cpu_answer(&a, DMASIM_CHOICE_MAINTENANCE_DELAY, 1);
	store(s, WB, 1);
	clean(s, WB, 8);
	store(s, WB, 2);
	barrier(s, DMASIM_DSB);
	assert_int_equal(rig_ram(s->rig, A), 1);
	assert_int_equal(seen(s, WB), 2);
	/* One that fails tells the barrier. */
	assert_int_equal(
	        dmasim_cpu_map(s->cpu, 0x1000, 0, 0x1000, &dmasim_attr_wb),
	        DMASIM_OK);
	clean(s, 0x1000, 8);
	(void)dmasim_cpu_barrier(s->cpu, DMASIM_DSB, DMASIM_HERE);
	assert_int_equal(cpu_spy_count(s, DMASIM_CLEAN), 2);
	cpu_spy_free_all(s);
}

static void take(struct dmasim_cpu *cpu, struct dmasim_writer **w,
                 const uint8_t **blob, size_t *size)
{
	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	assert_int_equal(dmasim_cpu_save(cpu, *w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(*w, blob, size), DMASIM_OK);
}

/* Holes, marks and delayed maintenance go along. */
static void saved(void **state)
{
	struct cpu_answers a, b;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
	struct cpu_spy *t = cpu_spy_asking(&b, (struct dmasim_cpu_config){0});
	struct dmasim_writer *w[2];
	struct dmasim_reader *reader;
	const uint8_t *blob[2];
	size_t size[2];

	(void)state;
	cpu_answer(&a, DMASIM_CHOICE_MAINTENANCE_DELAY, 1);
	cpu_answer(&a, DMASIM_CHOICE_STORE_DRAIN, 0);
	store(s, X, 1);
	store(s, Y, 2);
	store(s, WB + 1024, 3);
	clean(s, WB + 2048, 8);
	cpu_answer(&a, DMASIM_CHOICE_STORE_ORDER, 1);
	push(s, &a);
	barrier(s, DMASIM_DMB_ST);
	assert_int_equal(
	        dmasim_cpu_write_order(
	                s->cpu, DMASIM_ORDERED(DMASIM_ORDER_RELEASE, Z, 8), 4),
	        DMASIM_OK);
	take(s->cpu, &w[0], &blob[0], &size[0]);
	assert_int_equal(dmasim_reader_create(blob[0], size[0], &reader),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_restore(t->cpu, reader), DMASIM_OK);
	take(t->cpu, &w[1], &blob[1], &size[1]);
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(blob[0], blob[1], size[0]);
	/* Nothing but the first may leave: the release is behind the mark. */
	cpu_answer(&b, DMASIM_CHOICE_STORE_ORDER, 7);
	push(t, &b);
	assert_int_equal(seen(t, Z), 0);
	assert_int_equal(cpu_spy_count(t, DMASIM_CLEAN), 0);
	barrier(t, DMASIM_DSB);
	assert_int_equal(cpu_spy_count(t, DMASIM_CLEAN), 1);
	assert_int_equal(seen(t, Z), 4);
	assert_int_equal(seen(t, X), 1);
	assert_int_equal(seen(t, Y), 0);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w[0]);
	dmasim_writer_destroy(w[1]);
	cpu_spy_free_all(s);
	cpu_spy_free_all(t);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_order),
        cmocka_unit_test(same_bytes_in_order),
        cmocka_unit_test(marked),
        cmocka_unit_test(before_a_doorbell),
        cmocka_unit_test(release),
        cmocka_unit_test(in_time),
        cmocka_unit_test(gathering),
        cmocka_unit_test(delayed),
        cmocka_unit_test(delayed_until_the_line_is_used),
        cmocka_unit_test(delayed_not_beyond_later_stores),
        cmocka_unit_test(saved),
};

CHECK_MAIN(tests)
