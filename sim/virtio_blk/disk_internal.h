/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_DISK_INTERNAL_H
#define DMASIM_DISK_INTERNAL_H

#include "dmasim/virtio_blk.h"

/** What a kind of disk does; ranges are checked by the caller. */
struct disk_ops {
	int (*read)(struct dmasim_disk *d, uint64_t offset, uint8_t *buf,
	            uint32_t size);
	int (*write)(struct dmasim_disk *d, uint64_t offset, const uint8_t *buf,
	             uint32_t size);
	int (*flush)(struct dmasim_disk *d);
	void (*destroy)(struct dmasim_disk *d);
	/** NULL: the contents are not part of the state. */
	void (*save)(const struct dmasim_disk *d, struct dmasim_writer *w);
	int (*restore)(struct dmasim_disk *d, struct dmasim_reader *r);
};

/** The head of every kind of disk. */
struct dmasim_disk {
	const struct disk_ops *ops;
	uint64_t size;
	bool read_only;
};

int disk_save(const struct dmasim_disk *d, struct dmasim_writer *w);
int disk_restore(struct dmasim_disk *d, struct dmasim_reader *r);

#endif
