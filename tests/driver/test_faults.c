/* SPDX-License-Identifier: MIT */
/*
 * Sabotage at any moment: the process of the driver is canceled, its linear
 * map or its registers go away. Whatever it was doing ends with an error,
 * nothing crashes, and all memory comes back.
 */
#include "blk_rig.h"

#include <stdlib.h>

#include "smmu_drv_internal.h"

#define RAM0   0x80000000ull
#define RAM1   0x880000000ull
#define ASIDE  0x300u /* a stream of nobody */
#define MOMENT (1700 * DMASIM_NS)

enum sabotage {
	CANCEL,
	UNMAP_RAM,
	UNMAP_REGISTERS,
};

struct scene {
	struct rig r;
	enum sabotage kind;
	size_t disk;
	struct dmasim_proc *proc;
	struct dmasim_blk_drv *blk;
	int rc;
	bool struck;
};

/** Mapping, unmapping and faults of a stream aside. */
static int use_smmu(struct scene *s)
{
	struct dmasim_smmu_drv *d = s->r.smmu;
	int rc = dmasim_smmu_drv_attach(d, ASIDE, DMASIM_DOMAIN_DMA);

	if (!rc)
		rc = dmasim_smmu_drv_map(d, ASIDE, 0x1ff000, RAM1, 0x203000,
		                         true, false);
	if (!rc)
		rc = dmasim_smmu_drv_unmap(d, ASIDE, 0x1ff000, 0x203000);
	if (!rc)
		rc = dmasim_smmu_drv_invalidate(d, ASIDE);
	if (!rc)
		rc = dmasim_smmu_drv_attach(d, ASIDE, DMASIM_DOMAIN_BYPASS);
	return rc ? rc : dmasim_smmu_drv_poll(d);
}

static int use_disk(struct scene *s)
{
	uint8_t buf[1024] = {0};
	char id[20];
	int rc = dmasim_blk_drv_write(s->blk, 3, buf, 2);

	if (!rc)
		rc = dmasim_blk_drv_read(s->blk, 3, buf, 2);
	if (!rc)
		rc = dmasim_blk_drv_flush(s->blk);
	return rc ? rc : dmasim_blk_drv_get_id(s->blk, id);
}

static void drive(void *arg)
{
	struct scene *s = arg;

	s->rc = dmasim_smmu_drv_create(
	        &(struct dmasim_smmu_drv_config){.guest = s->r.g}, &s->r.smmu);
	if (!s->rc)
		s->rc = use_smmu(s);
	if (!s->rc)
		s->rc = dmasim_blk_drv_create(
		        &(struct dmasim_blk_drv_config){.guest = s->r.g,
		                                        .smmu = s->r.smmu,
		                                        .disk = s->disk},
		        &s->blk);
	if (!s->rc)
		s->rc = use_disk(s);
}

/** Take mappings away, or put them back. */
static void change_maps(struct scene *s, bool away)
{
	static const uint64_t registers[] = {0x2b400000, 0x2b410000, 0xa000000,
	                                     0x4010010000, 0x3eff1000};
	struct dmasim_cpu *cpu = s->r.cpu;

	if (s->kind == UNMAP_RAM && away) {
		dmasim_cpu_unmap(cpu, DMASIM_LINEAR_BASE + RAM0);
	} else if (s->kind == UNMAP_RAM) {
		dmasim_cpu_map(cpu, DMASIM_LINEAR_BASE + RAM0, RAM0, 0x4000000,
		               &dmasim_attr_wb);
	} else if (s->kind == UNMAP_REGISTERS) {
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
	struct scene *s = obj;

	(void)op;
	(void)arg;
	if (dmasim_proc_done(s->proc))
		return;
	s->struck = true;
	if (s->kind == CANCEL)
		dmasim_proc_cancel(s->proc);
	else
		change_maps(s, true);
}

/** One run that is struck at @when; returns false if it had ended. */
static bool struck_at(enum sabotage kind, size_t disk, uint64_t when,
                      const struct rig_options *o)
{
	struct scene s = {.kind = kind, .disk = disk, .rc = 1};
	struct dmasim_proc_config proc = {
	        .name = "driver", .fn = drive, .arg = &s};
	struct dmasim_call call = {0};
	struct drv_extent before;

	rig_open(&s.r, o);
	before = s.r.g->pages.free[1];
	assert_int_equal(
	        dmasim_actor_register(s.r.k, "strike", strike, &s, &call.actor),
	        0);
	assert_int_equal(dmasim_call_at(s.r.k, when, 0, &call, NULL), 0);
	assert_int_equal(dmasim_spawn(s.r.k, &proc, &s.proc), 0);
	assert_int_equal(dmasim_run_idle(s.r.k, 30 * DMASIM_SEC), 0);
	assert_true(dmasim_proc_done(s.proc));
	assert_true(s.rc <= 0);
	if (kind == CANCEL && s.rc)
		assert_int_equal(s.rc, DMASIM_E_CANCELED);
	if (!s.struck)
		assert_int_equal(s.rc, 0);
	if (s.struck && kind != CANCEL)
		change_maps(&s, false);
	(void)dmasim_blk_drv_destroy(s.blk);
	(void)dmasim_smmu_drv_destroy(s.r.smmu);
	s.r.smmu = NULL;
	assert_int_equal(s.r.g->pages.free_count, 2);
	assert_memory_equal(&s.r.g->pages.free[1], &before, sizeof(before));
	assert_int_equal(s.r.g->irq_count, 0);
	dmasim_actor_unregister(s.r.k, call.actor);
	rig_close(&s.r);
	return s.struck;
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
