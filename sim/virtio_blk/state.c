/* SPDX-License-Identifier: MIT */
#include "blk_internal.h"

#define VBLK_STATE_TAG     "VBLK"
#define VBLK_STATE_VERSION 1u

/** The counters, in the order of the blob. */
#define VBLK_COUNTERS(X)                                                       \
	X(reads)                                                               \
	X(writes)                                                              \
	X(flushes)                                                             \
	X(ids)                                                                 \
	X(errors)                                                              \
	X(unsupported)                                                         \
	X(bytes_read)                                                          \
	X(bytes_written)

int dmasim_blk_save(const struct dmasim_blk *b, struct dmasim_writer *w)
{
	int status;

	dmasim_put_begin(w, VBLK_STATE_TAG, VBLK_STATE_VERSION);
#define X(name) dmasim_put_u64(w, b->stats.name);
	VBLK_COUNTERS(X)
#undef X
	status = dmasim_virtio_save(b->virtio, w);
	if (!status)
		status = disk_save(b->cfg.disk, w);
	dmasim_put_end(w);
	return status;
}

int dmasim_blk_restore(struct dmasim_blk *b, struct dmasim_reader *r)
{
	struct dmasim_blk_stats stats;
	int status;

	if (!dmasim_get_begin(r, VBLK_STATE_TAG, VBLK_STATE_VERSION))
		return dmasim_reader_status(r);
#define X(name) stats.name = dmasim_get_u64(r);
	VBLK_COUNTERS(X)
#undef X
	status = dmasim_virtio_restore(b->virtio, r);
	if (!status)
		status = disk_restore(b->cfg.disk, r);
	dmasim_get_end(r);
	if (!status)
		status = dmasim_reader_status(r);
	if (!status)
		b->stats = stats;
	return status;
}
