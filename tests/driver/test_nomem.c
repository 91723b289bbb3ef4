/* SPDX-License-Identifier: MIT */
/* The host runs out of memory at any allocation of the drivers: an error, and
 * no leak. The drivers' sources are compiled for this test with allocators of
 * its own. */
#include "scene.h"

#include <stdlib.h>

/* Allocations until one fails; 0: none does. */
static unsigned countdown;

void *nomem_calloc(size_t n, size_t size);
void *nomem_realloc(void *p, size_t size);

static int fails(void)
{
	return countdown && --countdown == 0;
}

void *nomem_calloc(size_t n, size_t size)
{
	return fails() ? NULL : calloc(n, size);
}

void *nomem_realloc(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size);
}

/** The whole scene, in which allocation @n fails; false: it had fewer. */
static bool fails_at(unsigned n, size_t disk, const struct rig_options *o)
{
	struct scene s = {.disk = disk, .rc = 1};
	struct drv_extent before;
	bool reached;

	rig_open(&s.r, o);
	before = s.r.g->pages.free[1];
	countdown = n;
	scene_drive(&s);
	reached = countdown == 0;
	countdown = 0;
	assert_int_equal(s.rc, reached ? DMASIM_E_NOMEM : DMASIM_OK);
	scene_end(&s, &before);
	return reached;
}

static void sweep(const struct rig_options *o, size_t disk)
{
	struct rig_options c = *o;
	unsigned n = 1;

	c.no_smmu = true;
	rig_compile(&c);
	while (fails_at(n, disk, &c))
		n++;
	free(c.fdt);
	assert_true(n > 15);
}

static void the_drivers_stop_without_memory(void **state)
{
	(void)state;
	sweep(&(struct rig_options){0}, BOARD_PCI);
}

static void noncoherent_drivers_stop_without_memory(void **state)
{
	(void)state;
	sweep(&(struct rig_options){.edits = {{"dma-coherent; /* smmu */", ""},
	                                      {"dma-coherent; /* disk 2 */",
	                                       ""}}},
	      BOARD_MMIO2_SMMU);
}

static void the_guest_is_not_made_without_memory(void **state)
{
	struct rig r;
	unsigned n = 0;
	int rc;

	(void)state;
	rig_machine(&r, &(struct rig_options){0});
	do {
		countdown = ++n;
		rc = dmasim_guest_create(
		        &(struct dmasim_guest_config){.machine = r.m,
		                                      .ring_address = RAM1},
		        &r.g);
		assert_int_equal(rc, countdown ? 0 : DMASIM_E_NOMEM);
		countdown = 0;
	} while (rc);
	assert_true(n > 3);
	rig_close(&r);
}

static void restore_all(struct scene *s, const uint8_t *data, size_t size,
                        int *rc)
{
	struct dmasim_reader *r;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	*rc = dmasim_guest_restore(s->r.g, r);
	if (!*rc)
		*rc = dmasim_smmu_drv_restore(s->r.smmu, r);
	if (!*rc)
		*rc = dmasim_blk_drv_restore(s->blk, r);
	dmasim_reader_destroy(r);
}

static void nothing_is_restored_without_memory(void **state)
{
	struct scene s = {.disk = BOARD_PCI, .rc = 1};
	struct dmasim_writer *w;
	struct drv_extent before;
	const uint8_t *data;
	unsigned n = 0;
	size_t size;
	int rc;

	(void)state;
	rig_open(&s.r, &(struct rig_options){.no_smmu = true});
	before = s.r.g->pages.free[1];
	scene_drive(&s);
	assert_int_equal(s.rc, DMASIM_OK);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_guest_save(s.r.g, w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_save(s.r.smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_blk_drv_save(s.blk, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	do {
		countdown = ++n;
		restore_all(&s, data, size, &rc);
		assert_int_equal(rc, countdown ? DMASIM_OK : DMASIM_E_NOMEM);
		countdown = 0;
	} while (rc);
	assert_true(n > 10);
	dmasim_writer_destroy(w);
	scene_end(&s, &before);
}

/* What is given back may need a place in the list of what is free. */
static void freed_pages_are_lost_without_memory(void **state)
{
	struct drv_pages p = {0};
	uint64_t a[32];

	(void)state;
	assert_int_equal(drv_pages_add(&p, RAM0, 32 * RIG_PAGE), DMASIM_OK);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(drv_pages_alloc(&p, RIG_PAGE, RIG_PAGE,
		                                 UINT64_MAX, &a[i]),
		                 DMASIM_OK);
	for (unsigned i = 0; i < 16; i += 2)
		drv_pages_free(&p, a[i], RIG_PAGE);
	assert_int_equal(p.free_count, 8);
	countdown = 1;
	drv_pages_free(&p, a[16], RIG_PAGE);
	assert_int_equal(countdown, 0);
	assert_int_equal(p.free_count, 8);
	countdown = 1;
	assert_int_equal(drv_pages_alloc_at(&p, a[0], RIG_PAGE),
	                 DMASIM_E_NOMEM);
	assert_int_equal(
	        drv_pages_alloc(&p, RIG_PAGE, RIG_PAGE, UINT64_MAX, &a[0]),
	        DMASIM_OK);
	drv_pages_destroy(&p);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_drivers_stop_without_memory),
        cmocka_unit_test(noncoherent_drivers_stop_without_memory),
        cmocka_unit_test(the_guest_is_not_made_without_memory),
        cmocka_unit_test(nothing_is_restored_without_memory),
        cmocka_unit_test(freed_pages_are_lost_without_memory),
};
CHECK_MAIN(tests)
