/* SPDX-License-Identifier: MIT */
/* The virtio block device (virtio 1.3, 5.2). */
#include <stdlib.h>
#include <string.h>

#include "blk_internal.h"

static void put_le(uint8_t *p, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void vblk_config_read(void *obj, uint32_t offset, uint8_t *buf,
                             uint32_t size)
{
	const struct dmasim_blk *b = obj;

	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = offset + i;

		buf[i] = at < VBLK_CONFIG_SIZE ? b->config[at] : 0;
	}
}

static const struct dmasim_virtio_ops vblk_ops = {
        .name = "virtio-blk",
        .device_id = 2,
        .config_read = vblk_config_read,
        .serve = vblk_serve,
};

static uint64_t vblk_features(const struct dmasim_blk_config *cfg)
{
	uint64_t f = VBLK_F_SEG_MAX | VBLK_F_BLK_SIZE | VBLK_F_FLUSH;

	if (dmasim_disk_read_only(cfg->disk))
		f |= VBLK_F_RO;
	return cfg->features | f;
}

static void vblk_fill_config(struct dmasim_blk *b)
{
	uint16_t n = b->cfg.queue_size;

	put_le(&b->config[VBLK_CONFIG_CAPACITY],
	       dmasim_disk_sectors(b->cfg.disk), 8);
	/* Header and status take a descriptor each. */
	put_le(&b->config[VBLK_CONFIG_SEG_MAX], n > 2 ? n - 2u : 1u, 4);
	put_le(&b->config[VBLK_CONFIG_BLK_SIZE], DMASIM_SECTOR, 4);
}

int dmasim_blk_create(const struct dmasim_blk_config *cfg,
                      struct dmasim_blk **out)
{
	struct dmasim_virtio_config vc = {
	        .ops = &vblk_ops,
	        .queues = 1,
	};
	struct dmasim_blk *b;
	int status;

	if (!cfg || !out || !cfg->disk ||
	    (cfg->serial && strlen(cfg->serial) > VBLK_ID_SIZE))
		return DMASIM_E_INVAL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return DMASIM_E_NOMEM;
	b->cfg = *cfg;
	if (!b->cfg.queue_size)
		b->cfg.queue_size = VBLK_QUEUE_SIZE;
	if (cfg->serial)
		memcpy(b->id, cfg->serial, strlen(cfg->serial));
	vblk_fill_config(b);
	vc.kernel = cfg->kernel;
	vc.name = cfg->name;
	vc.obj = b;
	vc.dma = cfg->dma;
	vc.stream_id = cfg->stream_id;
	vc.features = vblk_features(cfg);
	vc.queue_size = b->cfg.queue_size;
	vc.ring_fault = cfg->ring_fault;
	vc.choice = cfg->choice;
	vc.checker = cfg->checker;
	vc.agent = cfg->agent;
	status = dmasim_virtio_create(&vc, &b->virtio);
	if (status) {
		free(b);
		return status;
	}
	*out = b;
	return DMASIM_OK;
}

void dmasim_blk_destroy(struct dmasim_blk *b)
{
	if (!b)
		return;
	dmasim_virtio_destroy(b->virtio);
	free(b);
}

struct dmasim_virtio *dmasim_blk_virtio(struct dmasim_blk *b)
{
	return b->virtio;
}

void dmasim_blk_get_stats(const struct dmasim_blk *b,
                          struct dmasim_blk_stats *s)
{
	*s = b->stats;
}
