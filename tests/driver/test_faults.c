/* SPDX-License-Identifier: MIT */
/*
 * Sabotage at any moment: the process of the driver is canceled, its linear
 * map or its registers go away. Whatever it was doing ends with an error,
 * nothing crashes, and all memory comes back.
 */
#include "scene.h"

#include <stdlib.h>

#define MOMENT (1700 * DMASIM_NS)

enum sabotage {
	CANCEL,
	UNMAP_RAM,
	UNMAP_REGISTERS,
};

struct fault {
	struct scene s;
	enum sabotage kind;
	struct dmasim_proc *proc;
	bool struck;
};

/** Take mappings away, or put them back. */
static void change_maps(struct fault *f, bool away)
{
	static const uint64_t registers[] = {0x2b400000, 0x2b410000, 0xa000000,
	                                     0x4010010000, 0x3eff1000};
	struct dmasim_cpu *cpu = f->s.r.cpu;

	if (f->kind == UNMAP_RAM && away) {
		dmasim_cpu_unmap(cpu, DMASIM_LINEAR_BASE + RAM0);
	} else if (f->kind == UNMAP_RAM) {
		dmasim_cpu_map(cpu, DMASIM_LINEAR_BASE + RAM0, RAM0, 0x4000000,
		               &dmasim_attr_wb);
	} else if (f->kind == UNMAP_REGISTERS) {
		for (size_t i = 0; i < sizeof(registers) / sizeof(uint64_t);
		     i++) {
			uint64_t va = DMASIM_IO_BASE + registers[i];

			if (away)
				dmasim_cpu_unmap(cpu, va);
			else
				dmasim_cpu_map(cpu, va, registers[i], RIG_PAGE,
				               &dmasim_attr_device);
		}
	}
}

static void strike(void *obj, uint32_t op, uint64_t arg)
{
	struct fault *f = obj;

	(void)op;
	(void)arg;
	if (dmasim_proc_done(f->proc))
		return;
	f->struck = true;
	if (f->kind == CANCEL)
		dmasim_proc_cancel(f->proc);
	else
		change_maps(f, true);
}

/** One run that is struck at @when; returns false if it had ended. */
static bool struck_at(enum sabotage kind, size_t disk, uint64_t when,
                      const struct rig_options *o)
{
	struct fault f = {.kind = kind, .s = {.disk = disk, .rc = 1}};
	struct dmasim_proc_config proc = {
	        .name = "driver", .fn = scene_drive, .arg = &f.s};
	struct dmasim_call call = {0};
	struct drv_extent before;

	rig_open(&f.s.r, o);
	before = f.s.r.g->pages.free[1];
	assert_int_equal(dmasim_actor_register(f.s.r.k, "strike", strike, &f,
	                                       &call.actor),
	                 0);
	assert_int_equal(dmasim_call_at(f.s.r.k, when, 0, &call, NULL), 0);
	assert_int_equal(dmasim_spawn(f.s.r.k, &proc, &f.proc), 0);
	assert_int_equal(dmasim_run_idle(f.s.r.k, 30 * DMASIM_SEC), 0);
	assert_true(dmasim_proc_done(f.proc));
	assert_true(f.s.rc <= 0);
	if (kind == CANCEL && f.s.rc)
		assert_int_equal(f.s.rc, DMASIM_E_CANCELED);
	if (!f.struck)
		assert_int_equal(f.s.rc, 0);
	if (f.struck && kind != CANCEL)
		change_maps(&f, false);
	dmasim_actor_unregister(f.s.r.k, call.actor);
	scene_end(&f.s, &before);
	return f.struck;
}

/** All moments of a run, to its end. */
static void sweep(enum sabotage kind, size_t disk)
{
	struct rig_options o = {.no_smmu = true,
	                        .no_checker = true,
	                        .edits = {{"dma-coherent; /* smmu */", ""},
	                                  {"dma-coherent; /* disk 0 */", ""},
	                                  {"dma-coherent; /* disk 2 */", ""}}};
	unsigned n = 0;

	rig_compile(&o);
	while (struck_at(kind, disk, n * MOMENT, &o))
		n++;
	free(o.fdt);
	assert_true(n > 100);
}

static void a_canceled_process_ends_cleanly(void **state)
{
	(void)state;
	sweep(CANCEL, BOARD_MMIO2_SMMU);
}

static void a_canceled_process_ends_cleanly_on_pci(void **state)
{
	(void)state;
	sweep(CANCEL, BOARD_PCI);
}

static void without_its_memory_the_driver_fails(void **state)
{
	(void)state;
	sweep(UNMAP_RAM, BOARD_MMIO1);
}

static void without_its_registers_the_driver_fails(void **state)
{
	(void)state;
	sweep(UNMAP_REGISTERS, BOARD_MMIO2_SMMU);
}

static void without_its_registers_the_driver_fails_on_pci(void **state)
{
	(void)state;
	sweep(UNMAP_REGISTERS, BOARD_PCI);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_canceled_process_ends_cleanly),
        cmocka_unit_test(a_canceled_process_ends_cleanly_on_pci),
        cmocka_unit_test(without_its_memory_the_driver_fails),
        cmocka_unit_test(without_its_registers_the_driver_fails),
        cmocka_unit_test(without_its_registers_the_driver_fails_on_pci),
};
CHECK_MAIN(tests)
