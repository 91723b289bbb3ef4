/* SPDX-License-Identifier: MIT */
/* CPU agents in time: clocks, processes, callbacks, memory that pends. */
#include "rig.h"

#include <stdlib.h>

#define A  (RIG_RAM + 0x3000)
#define WB (RIG_WB + 0x3000)
#define NC (RIG_NC + 0x3000)

static int store(struct rig *r, uint64_t va, uint32_t size, uint64_t value)
{
	return dmasim_cpu_store(r->cpu[0], va, size, value);
}

static uint64_t load_by(struct rig *r, unsigned cpu, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(r->cpu[cpu], va, 8, &v), DMASIM_OK);
	return v;
}

static int barrier(struct rig *r, enum dmasim_barrier kind)
{
	return dmasim_cpu_barrier(r->cpu[0], kind, DMASIM_HERE);
}

static void time_passes(void **state)
{
	struct rig *r = *state;
	uint64_t t0 = dmasim_now(r->k), t1;

	assert_int_equal(dmasim_cpu_delay(r->cpu[0], 12345), DMASIM_OK);
	assert_int_equal(dmasim_now(r->k), t0 + 12345);
	load_by(r, 0, WB);
	/* A hit takes 3 ns; time comes in quanta of 1 us. */
	t1 = dmasim_now(r->k);
	for (unsigned i = 0; i < 300; i++)
		load_by(r, 0, WB);
	assert_int_equal(dmasim_now(r->k), t1);
	for (unsigned i = 0; i < 100; i++)
		load_by(r, 0, WB);
	assert_true(dmasim_now(r->k) >= t1 + DMASIM_US);
	assert_true(dmasim_now(r->k) < t1 + 1200 * DMASIM_NS);
	/* A barrier lets the rest pass. */
	t1 = dmasim_now(r->k);
	load_by(r, 0, WB);
	assert_int_equal(barrier(r, DMASIM_DMB_LD), DMASIM_OK);
	assert_true(dmasim_now(r->k) > t1);
	t1 = dmasim_now(r->k);
	assert_int_equal(barrier(r, DMASIM_DSB), DMASIM_OK);
	assert_int_equal(dmasim_now(r->k), t1);
	/* To the end of time, and not beyond. */
	assert_int_equal(dmasim_cpu_delay(r->cpu[0], UINT64_MAX), DMASIM_OK);
	assert_true(dmasim_now(r->k) == DMASIM_FOREVER - 1);
	assert_int_equal(store(r, WB, 8, 1), DMASIM_OK);
	assert_int_equal(dmasim_cpu_delay(r->cpu[0], UINT64_MAX), DMASIM_OK);
}

struct worker {
	struct rig *r;
	unsigned cpu;
	int status[8];
	uint64_t seen[4], at[4];
};

static void polling(void *arg)
{
	struct worker *w = arg;
	uint64_t v = 0;

	/* Waits for a flag that another process sets later. */
	while (!v) {
		w->status[0] = dmasim_cpu_load(w->r->cpu[w->cpu], WB, 8, &v);
		if (w->status[0])
			return;
		w->seen[1]++;
	}
	w->seen[0] = v;
	w->at[0] = dmasim_now(w->r->k);
	w->status[2] = dmasim_cpu_barrier(w->r->cpu[w->cpu], DMASIM_DMB_LD,
	                                  DMASIM_HERE);
	w->status[1] =
	        dmasim_cpu_load(w->r->cpu[w->cpu], WB + 64, 8, &w->seen[2]);
}

static void setting(void *arg)
{
	struct worker *w = arg;
	struct dmasim_cpu *c = w->r->cpu[w->cpu];

	w->status[0] = dmasim_cpu_delay(c, 20 * DMASIM_US);
	w->status[1] = dmasim_cpu_store(c, WB + 64, 8, 42);
	w->status[2] = dmasim_cpu_barrier(c, DMASIM_DMB_ST, DMASIM_HERE);
	w->status[3] = dmasim_cpu_store(c, WB, 8, 1);
	w->status[4] = dmasim_cpu_barrier(c, DMASIM_DSB, DMASIM_HERE);
	w->at[0] = dmasim_now(w->r->k);
}

static void spawn(struct rig *r, dmasim_proc_fn *fn, void *arg,
                  struct dmasim_proc **p)
{
	assert_int_equal(dmasim_spawn(r->k,
	                              &(struct dmasim_proc_config){.name = "p",
	                                                           .fn = fn,
	                                                           .arg = arg},
	                              p),
	                 DMASIM_OK);
}

static void two_cpus_in_processes(void **state)
{
	struct rig *r = *state;
	struct worker a = {.r = r, .cpu = 0}, b = {.r = r, .cpu = 1};

	spawn(r, polling, &a, NULL);
	spawn(r, setting, &b, NULL);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(a.status[i], DMASIM_OK);
		assert_int_equal(b.status[i], DMASIM_OK);
	}
	assert_int_equal(a.seen[0], 1);
	assert_int_equal(a.seen[2], 42);
	/* It polled about every 3 ns, and saw it soon. */
	assert_true(a.seen[1] > 6000 && a.seen[1] < 8000);
	assert_true(a.at[0] >= 20 * DMASIM_US && a.at[0] < 23 * DMASIM_US);
	rig_no_findings(r);
}

/* The same with a memory below that pends on every access. */
static void two_cpus_over_slow_memory(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 500});
	struct worker a = {.r = r, .cpu = 0}, b = {.r = r, .cpu = 1};

	(void)state;
	spawn(r, polling, &a, NULL);
	spawn(r, setting, &b, NULL);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(a.status[i], DMASIM_OK);
		assert_int_equal(b.status[i], DMASIM_OK);
	}
	assert_int_equal(a.seen[2], 42);
	rig_no_findings(r);
	rig_free(r);
}

static void busy(void *arg)
{
	struct worker *w = arg;
	struct dmasim_cpu *c = w->r->cpu[0];

	for (uint64_t i = 0; i < 200 && !w->status[0]; i++)
		w->status[0] =
		        dmasim_cpu_store(c, NC + 64 * w->cpu + i % 8, 1, i);
	w->status[1] = dmasim_cpu_barrier(c, DMASIM_DSB, DMASIM_HERE);
	w->status[2] = dmasim_cpu_load(c, NC + 64 * w->cpu, 8, &w->seen[0]);
}

/* A driver and its interrupt handler: two processes on one CPU. */
static void two_processes_on_one_cpu(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 700});
	struct worker w[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		w[i] = (struct worker){.r = r, .cpu = i};
		spawn(r, busy, &w[i], NULL);
	}
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(dmasim_live_processes(r->k), 0);
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned j = 0; j < 3; j++)
			assert_int_equal(w[i].status[j], DMASIM_OK);
		assert_true(w[i].seen[0] == 0xc7c6c5c4c3c2c1c0);
		assert_true(rig_ram(r, A + i * 64ull) == 0xc7c6c5c4c3c2c1c0);
	}
	rig_no_findings(r);
	rig_free(r);
}

/* Every kind of access outside a run, over a memory that pends. */
static void slow_memory_outside_a_run(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 900});
	uint64_t v = 5;

	(void)state;
	assert_int_equal(store(r, WB, 8, 10), DMASIM_OK);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, WB, &v,
	                                   8, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(v, 10);
	assert_int_equal(dmasim_cpu_maintain(r->cpu[0], DMASIM_CLEAN, WB, 8,
	                                     DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 15);
	for (uint64_t i = 0; i < 30; i++)
		assert_int_equal(store(r, NC + i * 8, 8, i), DMASIM_OK);
	for (uint64_t i = 0; i < 30; i++)
		assert_int_equal(load_by(r, 0, NC + i * 8), i);
	assert_int_equal(barrier(r, DMASIM_DSB), DMASIM_OK);
	assert_int_equal(rig_ram(r, A + 29 * 8), 29);
	/* By the clock alone. */
	for (uint64_t i = 0; i < 6; i++)
		assert_int_equal(store(r, NC + i * 8, 8, i + 100), DMASIM_OK);
	assert_int_equal(dmasim_cpu_delay(r->cpu[0], 10 * DMASIM_US),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 100);
	assert_int_equal(rig_ram(r, A + 40), 105);
	rig_free(r);
}

/* Memory that never answers: nothing is left to run. */
static void dead_memory(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = DMASIM_FOREVER});
	uint64_t v = 0;

	(void)state;
	assert_int_equal(dmasim_cpu_load(r->cpu[0], WB, 8, &v), DMASIM_E_HANG);
	assert_int_equal(store(r, NC, 8, 1), DMASIM_OK);
	assert_int_equal(barrier(r, DMASIM_DSB), DMASIM_E_HANG);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, NC, &v,
	                                   8, DMASIM_HERE),
	                 DMASIM_E_HANG);
	assert_int_equal(dmasim_cpu_maintain(r->cpu[0], DMASIM_CLEAN, NC, 8,
	                                     DMASIM_HERE),
	                 DMASIM_E_HANG);
	/* A load of the alias would have to wait for the store. */
	assert_int_equal(dmasim_cpu_load(r->cpu[0], WB, 8, &v), DMASIM_E_HANG);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(store(r, NC + 64 + i, 1, 1), DMASIM_OK);
	assert_int_equal(store(r, NC + 96, 1, 1), DMASIM_E_HANG);
	rig_free(r);
}

static void in_callback(void *obj, uint32_t op, uint64_t arg)
{
	struct worker *w = obj;
	struct dmasim_cpu *c = w->r->cpu[0];

	(void)op;
	(void)arg;
	w->status[0] = dmasim_cpu_store(c, NC, 8, 1);
	w->status[1] = dmasim_cpu_barrier(c, DMASIM_DSB, DMASIM_HERE);
	w->status[2] = dmasim_cpu_load(c, WB, 8, &w->seen[0]);
	w->status[3] = dmasim_cpu_delay(c, 5);
	w->status[4] = dmasim_cpu_load(c, RIG_DEV, 4, &w->seen[1]);
	for (unsigned i = 0; i < 1000; i++)
		w->status[5] |= dmasim_cpu_load(c, NC + 8, 8, &w->seen[2]);
	w->at[0] = dmasim_now(w->r->k);
}

static void callbacks(void **state)
{
	struct dmasim_call call = {0};

	(void)state;
	for (unsigned slow = 0; slow < 2; slow++) {
		struct rig *r =
		        rig_new(&(struct rig_config){.delay = slow ? 1000 : 0});
		struct worker w = {.r = r};

		assert_int_equal(dmasim_actor_register(r->k, "irq", in_callback,
		                                       &w, &call.actor),
		                 DMASIM_OK);
		assert_int_equal(dmasim_call_at(r->k, 100, 0, &call, NULL),
		                 DMASIM_OK);
		assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER),
		                 DMASIM_OK);
		assert_int_equal(w.status[0], DMASIM_OK);
		assert_int_equal(w.status[3], DMASIM_E_STATE);
		/* Time cannot pass in a callback. */
		assert_int_equal(w.at[0], 100);
		if (slow) {
			assert_int_equal(w.status[1], DMASIM_E_STATE);
			assert_int_equal(w.status[2], DMASIM_E_STATE);
			assert_int_equal(w.status[4], DMASIM_E_STATE);
		} else {
			assert_int_equal(w.status[1], DMASIM_OK);
			assert_int_equal(w.status[2], DMASIM_OK);
			assert_int_equal(w.status[4], DMASIM_OK);
			assert_int_equal(w.status[5], DMASIM_OK);
			/* It passes when it can. */
			assert_int_equal(dmasim_cpu_delay(r->cpu[0], 0),
			                 DMASIM_OK);
			assert_true(dmasim_now(r->k) > 60 * DMASIM_US);
		}
		/* What was begun ends without anybody's frame. */
		assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER),
		                 DMASIM_OK);
		assert_int_equal(rig_ram(r, A), 1);
		rig_free(r);
	}
}

static void canceled(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 5000});
	struct worker w[2] = {{.r = r, .cpu = 0}, {.r = r, .cpu = 1}};
	struct dmasim_proc *p[2];

	(void)state;
	spawn(r, polling, &w[0], &p[0]);
	spawn(r, busy, &w[1], &p[1]);
	assert_int_equal(dmasim_run_until(r->k, 2000), DMASIM_OK);
	dmasim_proc_cancel(p[0]);
	dmasim_proc_cancel(p[1]);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_true(dmasim_proc_done(p[0]) && dmasim_proc_done(p[1]));
	assert_int_equal(w[0].status[0], DMASIM_E_CANCELED);
	assert_int_equal(w[1].status[0], DMASIM_E_CANCELED);
	rig_free(r);
}

/* A mapping that goes away while an access over it waits. */
static void long_read(void *arg)
{
	struct worker *w = arg;
	uint8_t buf[256];

	w->status[0] =
	        dmasim_cpu_read(w->r->cpu[0], 0x1000, buf, 256, DMASIM_HERE);
	w->status[1] = dmasim_cpu_unmap(w->r->cpu[0], 0x2000);
	w->status[2] =
	        dmasim_cpu_write(w->r->cpu[0], 0x5000, buf, 256, DMASIM_HERE);
}

static void unmapped_meanwhile(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .delay = 5000, .store_buffer = UINT32_MAX});
	struct worker w = {.r = r};

	(void)state;
	assert_int_equal(dmasim_cpu_map(r->cpu[0], 0x1000, RIG_RAM, 0x1000,
	                                &dmasim_attr_nc),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(r->cpu[0], 0x5000, RIG_RAM, 0x1000,
	                                &dmasim_attr_nc),
	                 DMASIM_OK);
	spawn(r, long_read, &w, NULL);
	assert_int_equal(dmasim_run_until(r->k, 2000), DMASIM_OK);
	assert_int_equal(dmasim_cpu_unmap(r->cpu[0], 0x1000), DMASIM_OK);
	assert_int_equal(dmasim_run_until(r->k, 7000), DMASIM_OK);
	assert_int_equal(w.status[0], DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_unmap(r->cpu[0], 0x5000), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(w.status[2], DMASIM_E_NOTFOUND);
	rig_free(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(time_passes),
        TEST(two_cpus_in_processes),
        cmocka_unit_test(two_cpus_over_slow_memory),
        cmocka_unit_test(two_processes_on_one_cpu),
        cmocka_unit_test(slow_memory_outside_a_run),
        cmocka_unit_test(dead_memory),
        cmocka_unit_test(callbacks),
        cmocka_unit_test(canceled),
        cmocka_unit_test(unmapped_meanwhile),
};

CHECK_MAIN(tests)
