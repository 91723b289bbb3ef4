/* SPDX-License-Identifier: MIT */
/* All that the drivers do, in one go that ends at the first error. */
#ifndef DMASIM_TESTS_DRIVER_SCENE_H
#define DMASIM_TESTS_DRIVER_SCENE_H

#include "blk_rig.h"
#include "smmu_drv_internal.h"

#define RAM0  0x80000000ull
#define RAM1  0x880000000ull
#define ASIDE 0x300u /**< a stream of nobody */

struct scene {
	struct rig r;
	size_t disk;
	struct dmasim_blk_drv *blk;
	int rc;
};

/** Mapping, unmapping and faults of a stream aside. */
static inline int scene_smmu(struct scene *s)
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

static inline int scene_disk(struct scene *s)
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

static inline void scene_drive(void *arg)
{
	struct scene *s = arg;

	s->rc = dmasim_smmu_drv_create(
	        &(struct dmasim_smmu_drv_config){.guest = s->r.g}, &s->r.smmu);
	if (!s->rc)
		s->rc = scene_smmu(s);
	if (!s->rc)
		s->rc = dmasim_blk_drv_create(
		        &(struct dmasim_blk_drv_config){.guest = s->r.g,
		                                        .smmu = s->r.smmu,
		                                        .disk = s->disk},
		        &s->blk);
	if (!s->rc)
		s->rc = scene_disk(s);
}

/** After the end: all memory is free, as it was with @top alone. */
static inline void scene_end(struct scene *s, const struct drv_extent *top)
{
	(void)dmasim_blk_drv_destroy(s->blk);
	(void)dmasim_smmu_drv_destroy(s->r.smmu);
	s->r.smmu = NULL;
	assert_int_equal(s->r.g->pages.free_count, 2);
	assert_memory_equal(&s->r.g->pages.free[1], top, sizeof(*top));
	assert_int_equal(s->r.g->irq_count, 0);
	rig_close(&s->r);
}

#endif
