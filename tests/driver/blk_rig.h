/* SPDX-License-Identifier: MIT */
/* A rig with a driver on one of its disks. */
#ifndef DMASIM_TESTS_DRIVER_BLK_RIG_H
#define DMASIM_TESTS_DRIVER_BLK_RIG_H

#include "blk_internal.h"
#include "rig.h"

struct disk {
	struct rig r;
	struct dmasim_blk_drv *blk;
};

static inline void open_disk(struct disk *d, const struct rig_options *o,
                             struct dmasim_blk_drv_config cfg)
{
	rig_open(&d->r, o);
	cfg.guest = d->r.g;
	cfg.smmu = d->r.smmu;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &d->blk), DMASIM_OK);
}

static inline void close_disk(struct disk *d)
{
	assert_int_equal(dmasim_blk_drv_destroy(d->blk), DMASIM_OK);
	rig_close(&d->r);
}

#endif
