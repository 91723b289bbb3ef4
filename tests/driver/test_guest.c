/* SPDX-License-Identifier: MIT */
/* The guest on a machine: linear map, registers, interrupts, waiting. */
#include "rig.h"

#include <stdlib.h>

#include "driver_internal.h"

#define RAM0     0x80000000ull
#define RAM0_END 0x84000000ull
#define RAM1     0x880000000ull
#define UART     0x1c000000ull /* no device is there */

static int setup(void **state)
{
	struct rig *r = malloc(sizeof(*r));

	assert_non_null(r);
	rig_open(r, &(struct rig_options){.no_smmu = true});
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

static void bad_configurations_are_refused(void **state)
{
	struct rig *r = *state;
	struct dmasim_guest *g;
	struct dmasim_guest_config cfg = {.machine = r->m};

	assert_int_equal(dmasim_guest_create(NULL, &g), DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_create(&cfg, NULL), DMASIM_E_INVAL);
	/* The machine's first guest has the linear map. */
	assert_int_equal(dmasim_guest_create(&cfg, &g), DMASIM_E_OVERLAP);
	cfg.cpu = 7;
	assert_int_equal(dmasim_guest_create(&cfg, &g), DMASIM_E_NOTFOUND);
	cfg.machine = NULL;
	assert_int_equal(dmasim_guest_create(&cfg, &g), DMASIM_E_INVAL);
	dmasim_guest_destroy(NULL);
}

static void bad_ring_wishes_are_refused(void **state)
{
	struct rig *r = *state;
	struct dmasim_guest *g;
	struct dmasim_guest_config cfg = {.machine = r->m};

	dmasim_guest_destroy(r->g);
	r->g = NULL;
	cfg.ring_address = RAM0 + 1;
	assert_int_equal(dmasim_guest_create(&cfg, &g), DMASIM_E_INVAL);
	cfg.ring_address = UART;
	assert_int_equal(dmasim_guest_create(&cfg, &g), DMASIM_E_RANGE);
	cfg.ring_address = RAM1;
	assert_int_equal(dmasim_guest_create(&cfg, &r->g), DMASIM_OK);
}

static void all_ram_is_in_the_linear_map(void **state)
{
	struct rig *r = *state;
	const uint64_t probes[] = {RAM0, RAM0_END - 8, RAM1, RAM1 + 0xfffff8};

	assert_ptr_equal(dmasim_guest_cpu(r->g), r->cpu);
	assert_ptr_equal(dmasim_guest_machine(r->g), r->m);
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		struct dmasim_attr attr;
		uint64_t pa;

		assert_int_equal(dmasim_cpu_translate(
		                         r->cpu, DMASIM_LINEAR_BASE + probes[i],
		                         &pa, &attr),
		                 DMASIM_OK);
		assert_int_equal(pa, probes[i]);
		assert_memory_equal(&attr, &dmasim_attr_wb, sizeof(attr));
	}
}

static void pages_come_from_the_top_and_are_zero(void **state)
{
	struct rig *r = *state;
	uint64_t pa, v = 1;

	assert_int_equal(dmasim_cpu_store(r->cpu, drv_va(RAM0_END - 8), 8, ~0u),
	                 DMASIM_OK);
	assert_int_equal(dmasim_guest_alloc(r->g, 1, RIG_PAGE, &pa), DMASIM_OK);
	assert_int_equal(pa, RAM0_END - RIG_PAGE);
	assert_int_equal(dmasim_cpu_load(r->cpu, drv_va(RAM0_END - 8), 8, &v),
	                 DMASIM_OK);
	assert_int_equal(v, 0);
	dmasim_guest_free(r->g, pa, 1);
	assert_int_equal(dmasim_guest_alloc_at(r->g, pa, RIG_PAGE), DMASIM_OK);
	assert_int_equal(dmasim_guest_alloc_at(r->g, pa, RIG_PAGE),
	                 DMASIM_E_EXISTS);
}

static void bad_arguments_of_the_allocator_are_refused(void **state)
{
	struct rig *r = *state;
	uint64_t pa;

	assert_int_equal(dmasim_guest_alloc(NULL, 1, RIG_PAGE, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_alloc(r->g, 1, RIG_PAGE, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_alloc(r->g, 1, 64, &pa), DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_alloc(r->g, 0x4001000, RIG_PAGE, &pa),
	                 DMASIM_E_NOMEM);
	assert_int_equal(dmasim_guest_alloc_at(NULL, RAM0, 1), DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_alloc_at(r->g, UART, 1), DMASIM_E_RANGE);
	dmasim_guest_free(NULL, RAM0, RIG_PAGE);
}

static void registers_are_mapped_once_as_device_memory(void **state)
{
	struct rig *r = *state;
	struct dmasim_attr attr;
	uint64_t va, again, pa;

	assert_int_equal(dmasim_guest_ioremap(r->g, UART + 0xff0, 0x20, &va),
	                 DMASIM_OK);
	assert_int_equal(va, DMASIM_IO_BASE + UART + 0xff0);
	assert_int_equal(dmasim_guest_ioremap(r->g, UART, 0x3000, &again),
	                 DMASIM_OK);
	assert_int_equal(again, DMASIM_IO_BASE + UART);
	assert_int_equal(
	        dmasim_cpu_translate(r->cpu, again + 0x2fff, &pa, &attr),
	        DMASIM_OK);
	assert_int_equal(pa, UART + 0x2fff);
	assert_memory_equal(&attr, &dmasim_attr_device, sizeof(attr));
	assert_int_equal(
	        dmasim_cpu_translate(r->cpu, again + 0x3000, &pa, NULL),
	        DMASIM_E_NOTFOUND);
}

static void bad_register_ranges_are_refused(void **state)
{
	struct rig *r = *state;
	uint64_t va;

	assert_int_equal(dmasim_guest_ioremap(NULL, UART, 4, &va),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_ioremap(r->g, UART, 4, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_ioremap(r->g, UART, 0, &va),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_ioremap(r->g, RAM0, 4, &va),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_guest_ioremap(r->g, DRV_PA_LIMIT, 4, &va),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_guest_ioremap(r->g, DRV_PA_LIMIT - 4, 8, &va),
	                 DMASIM_E_RANGE);
}

static void io_bars_get_places_that_do_not_overlap(void **state)
{
	struct dmasim_guest *g = ((struct rig *)*state)->g;
	uint64_t a, b, c;

	assert_int_equal(drv_guest_io_bar(g, 1, 0x10000, 8, 0x80, &a), 0);
	assert_int_equal(a, 0x1000);
	assert_int_equal(drv_guest_io_bar(g, 1, 0x10000, 16, 0x100, &b), 0);
	assert_int_equal(b, 0x1100);
	/* The same function again; another window. */
	assert_int_equal(drv_guest_io_bar(g, 1, 0x10000, 8, 0x80, &c), 0);
	assert_int_equal(c, 0x1000);
	assert_int_equal(drv_guest_io_bar(g, 2, 0x10000, 8, 0x80, &c), 0);
	assert_int_equal(c, 0x1000);
	/* A small window is used from its start, and ends. */
	assert_int_equal(drv_guest_io_bar(g, 3, 0x100, 8, 0x80, &c), 0);
	assert_int_equal(c, 0);
	assert_int_equal(drv_guest_io_bar(g, 3, 0x100, 16, 0x80, &c), 0);
	assert_int_equal(c, 0x80);
	assert_int_equal(drv_guest_io_bar(g, 3, 0x100, 24, 4, &c),
	                 DMASIM_E_FULL);
	assert_int_equal(drv_guest_io_bar(g, 4, 0x40, 8, 0x80, &c),
	                 DMASIM_E_FULL);
}

struct counter {
	unsigned calls;
	uint32_t line;
};

static void count(void *ctx, uint32_t line)
{
	struct counter *c = ctx;

	c->calls++;
	c->line = line;
}

static bool called(void *ctx)
{
	return ((struct counter *)ctx)->calls != 0;
}

static void a_line_may_have_several_actions(void **state)
{
	struct rig *r = *state;
	struct dmasim_irq line = {dmasim_machine_irqc(r->m), 99};
	struct dmasim_irq other = {dmasim_machine_irqc(r->m), 98};
	struct counter a = {0}, b = {0};

	assert_int_equal(drv_irq_request(r->g, line, count, &a), DMASIM_OK);
	assert_int_equal(drv_irq_request(r->g, line, count, &b), DMASIM_OK);
	assert_int_equal(drv_irq_request(r->g, other, count, &b), DMASIM_OK);
	dmasim_irq_pulse(line);
	assert_int_equal(a.calls, 1);
	assert_int_equal(a.line, 99);
	assert_int_equal(b.calls, 1);
	drv_irq_free(r->g, line, &a);
	dmasim_irq_pulse(line);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 2);
	drv_irq_free(r->g, line, &b);
	dmasim_irq_pulse(line);
	assert_int_equal(b.calls, 2);
	dmasim_irq_pulse(other);
	assert_int_equal(b.calls, 3);
}

static void a_line_that_is_not_there_never_calls(void **state)
{
	struct rig *r = *state;
	struct dmasim_irq none = {NULL, 0};
	struct dmasim_irq beyond = {dmasim_machine_irqc(r->m), 5000};
	struct counter c = {0};

	assert_int_equal(drv_irq_request(r->g, none, count, &c), DMASIM_OK);
	drv_irq_free(r->g, none, &c);
	assert_int_equal(drv_irq_request(r->g, beyond, count, &c),
	                 DMASIM_E_RANGE);
	assert_int_equal(c.calls, 0);
}

/* Something that raises line 99 later. */
static void raise(void *obj, uint32_t op, uint64_t arg)
{
	struct rig *r = obj;

	(void)op;
	(void)arg;
	dmasim_irq_pulse((struct dmasim_irq){dmasim_machine_irqc(r->m), 99});
}

static uint32_t raise_at(struct rig *r, uint64_t time)
{
	struct dmasim_call call = {0};

	assert_int_equal(
	        dmasim_actor_register(r->k, "raise", raise, r, &call.actor), 0);
	assert_int_equal(dmasim_call_at(r->k, time, 0, &call, NULL), 0);
	return call.actor;
}

static void waiting_outside_a_run_runs_the_kernel(void **state)
{
	struct rig *r = *state;
	struct dmasim_irq line = {dmasim_machine_irqc(r->m), 99};
	struct counter c = {0};
	uint32_t actor = raise_at(r, 5 * DMASIM_US);

	assert_int_equal(drv_irq_request(r->g, line, count, &c), DMASIM_OK);
	assert_int_equal(drv_wait(r->g, called, &c, DMASIM_US),
	                 DMASIM_E_TIMEOUT);
	assert_int_equal(dmasim_now(r->k), DMASIM_US);
	assert_int_equal(drv_wait(r->g, called, &c, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(dmasim_now(r->k), 5 * DMASIM_US);
	c.calls = 0;
	assert_int_equal(drv_wait(r->g, called, &c, DMASIM_SEC), DMASIM_E_HANG);
	dmasim_actor_unregister(r->k, actor);
}

static void a_failed_run_ends_the_wait(void **state)
{
	struct rig *r = *state;
	struct counter c = {0};
	uint32_t actor = raise_at(r, 5 * DMASIM_US);

	dmasim_fail(r->k, "test");
	assert_int_equal(drv_wait(r->g, called, &c, DMASIM_SEC),
	                 DMASIM_E_KERNEL);
	dmasim_fail(r->k, "test");
	assert_int_equal(drv_wait(r->g, called, &c, DMASIM_US),
	                 DMASIM_E_KERNEL);
	dmasim_actor_unregister(r->k, actor);
}

struct waiter {
	struct rig *r;
	struct counter c;
	int rc[3];
	uint64_t at[3];
};

static void wait_process(void *arg)
{
	struct waiter *w = arg;

	w->rc[0] = drv_wait(w->r->g, called, &w->c, DMASIM_US);
	w->at[0] = dmasim_now(w->r->k);
	w->rc[1] = drv_wait(w->r->g, called, &w->c, DMASIM_SEC);
	w->at[1] = dmasim_now(w->r->k);
	w->c.calls = 0;
	w->rc[2] = drv_wait(w->r->g, called, &w->c, DMASIM_FOREVER);
}

static void waiting_in_a_process_sleeps(void **state)
{
	struct rig *r = *state;
	struct waiter w = {.r = r};
	struct dmasim_irq line = {dmasim_machine_irqc(r->m), 99};
	struct dmasim_proc_config cfg = {
	        .name = "waiter", .fn = wait_process, .arg = &w};
	struct dmasim_proc *p;
	uint32_t actor = raise_at(r, 5 * DMASIM_US);

	assert_int_equal(drv_irq_request(r->g, line, count, &w.c), DMASIM_OK);
	assert_int_equal(dmasim_spawn(r->k, &cfg, &p), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_SEC), DMASIM_OK);
	assert_int_equal(w.rc[0], DMASIM_E_TIMEOUT);
	assert_int_equal(w.at[0], DMASIM_US);
	assert_int_equal(w.rc[1], DMASIM_OK);
	assert_int_equal(w.at[1], 5 * DMASIM_US);
	assert_false(dmasim_proc_done(p));
	dmasim_proc_cancel(p);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_SEC), DMASIM_OK);
	assert_true(dmasim_proc_done(p));
	assert_int_equal(w.rc[2], DMASIM_E_CANCELED);
	dmasim_actor_unregister(r->k, actor);
}

static void wait_in_callback(void *obj, uint32_t op, uint64_t arg)
{
	struct waiter *w = obj;

	(void)op;
	(void)arg;
	w->rc[0] = drv_wait(w->r->g, called, &w->c, DMASIM_US);
}

static void a_callback_cannot_wait(void **state)
{
	struct rig *r = *state;
	struct waiter w = {.r = r};
	struct dmasim_call call = {0};

	assert_int_equal(dmasim_actor_register(r->k, "cb", wait_in_callback, &w,
	                                       &call.actor),
	                 0);
	assert_int_equal(dmasim_call_at(r->k, 0, 0, &call, NULL), 0);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_SEC), DMASIM_OK);
	assert_int_equal(w.rc[0], DMASIM_E_STATE);
	dmasim_actor_unregister(r->k, call.actor);
}

/* The linear map ends at 64 TiB, and takes what it can of a region. */
static void ram_beyond_the_linear_map_is_left_alone(void **state)
{
	struct rig r;
	uint64_t pa;

	(void)state;
	rig_open(&r, &(struct rig_options){
	                     .no_smmu = true,
	                     .edits = {{"/* more memory */",
	                                ", <0x3fff 0xfffff000 0x0 0x2000>"
	                                ", <0x8000 0x0 0x0 0x10000>"}}});
	assert_int_equal(dmasim_guest_alloc_at(r.g, 0x3ffffffff000, RIG_PAGE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_guest_alloc_at(r.g, 0x400000000000, RIG_PAGE),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_guest_alloc_at(r.g, 0x800000000000, RIG_PAGE),
	                 DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_cpu_translate(r.cpu, DMASIM_LINEAR_BASE + 0x400000000000,
	                             &pa, NULL),
	        DMASIM_E_NOTFOUND);
	rig_close(&r);
}

static void a_machine_without_usable_ram_has_no_guest(void **state)
{
	struct rig r;
	struct dmasim_guest *g;

	(void)state;
	rig_machine(
	        &r,
	        &(struct rig_options){
	                .edits = {{"reg = <0x0 0x80000000 0x0 0x04000000>,",
	                           "reg ="},
	                          {"<0x8 0x80000000", "<0x8000 0x80000000"}}});
	assert_int_equal(
	        dmasim_guest_create(
	                &(struct dmasim_guest_config){.machine = r.m}, &g),
	        DMASIM_E_NOTFOUND);
	rig_close(&r);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
        CASE(bad_configurations_are_refused),
        CASE(bad_ring_wishes_are_refused),
        CASE(all_ram_is_in_the_linear_map),
        CASE(pages_come_from_the_top_and_are_zero),
        CASE(bad_arguments_of_the_allocator_are_refused),
        CASE(registers_are_mapped_once_as_device_memory),
        CASE(bad_register_ranges_are_refused),
        CASE(io_bars_get_places_that_do_not_overlap),
        CASE(a_line_may_have_several_actions),
        CASE(a_line_that_is_not_there_never_calls),
        CASE(waiting_outside_a_run_runs_the_kernel),
        CASE(a_failed_run_ends_the_wait),
        CASE(waiting_in_a_process_sleeps),
        CASE(a_callback_cannot_wait),
        cmocka_unit_test(ram_beyond_the_linear_map_is_left_alone),
        cmocka_unit_test(a_machine_without_usable_ram_has_no_guest),
};
CHECK_MAIN(tests)
