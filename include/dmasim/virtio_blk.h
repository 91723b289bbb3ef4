/* SPDX-License-Identifier: MIT */
/*
 * The virtio block device (virtio 1.3, 5.2) and its backends.
 */
#ifndef DMASIM_VIRTIO_BLK_H
#define DMASIM_VIRTIO_BLK_H

#include "dmasim/virtio.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DMASIM_SECTOR 512u

struct dmasim_disk;
struct dmasim_blk;

/** A disk in memory that reads zero at first; it takes memory only for what
 * was written. @size a multiple of 512. OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_disk_memory(uint64_t size, struct dmasim_disk **out);
/** A raw image file, locked while open (shared if @read_only). A file whose
 * mode has no write bit counts as not writable for everybody. OK, E_INVAL,
 * E_NOMEM; E_FORMAT: size is not a multiple of 512, or 0; E_IO: cannot open,
 * not a regular file, not writable without @read_only, or locked; each with
 * the path in @diag. */
DMASIM_API int dmasim_disk_file(const char *path, bool read_only,
                                struct dmasim_disk **out,
                                struct dmasim_diag *diag);
DMASIM_API void dmasim_disk_destroy(struct dmasim_disk *d);
DMASIM_API uint64_t dmasim_disk_sectors(const struct dmasim_disk *d);
DMASIM_API bool dmasim_disk_read_only(const struct dmasim_disk *d);
/** OK, E_RANGE, E_IO (also a write to a read-only disk). flush: what was
 * written is on stable storage. */
DMASIM_API int dmasim_disk_read(struct dmasim_disk *d, uint64_t offset,
                                void *buf, uint32_t size);
DMASIM_API int dmasim_disk_write(struct dmasim_disk *d, uint64_t offset,
                                 const void *buf, uint32_t size);
DMASIM_API int dmasim_disk_flush(struct dmasim_disk *d);

/**
 * Requests: IN, OUT, FLUSH, GET_ID; others end with UNSUPP. The descriptors
 * of a request may be cut anywhere, on every transport. IOERR: not whole
 * sectors, no sectors, beyond the end, a write to a read-only disk, an error
 * of the backend, or a refused DMA access to header or data. A chain without
 * 16 readable and one writable byte, and a refused write of the status,
 * stop the device. Device features offered: SEG_MAX, BLK_SIZE, FLUSH, and RO
 * for a read-only disk.
 */
struct dmasim_blk_config {
	struct dmasim_kernel *kernel;
	const char *name; /**< "virtio-blk 0" */
	struct dmasim_port dma;
	uint32_t stream_id;
	struct dmasim_disk *disk; /**< borrowed */
	const char *serial;  /**< at most 20 bytes, for GET_ID; may be NULL */
	uint64_t features;   /**< transport features offered */
	uint16_t queue_size; /**< 0: 256 */
	enum dmasim_ring_fault ring_fault;
	struct dmasim_choice *choice;
	/** As in struct dmasim_virtio_config. */
	struct dmasim_checker *checker;
	uint32_t agent;
};

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_blk_create(const struct dmasim_blk_config *cfg,
                                 struct dmasim_blk **out);
DMASIM_API void dmasim_blk_destroy(struct dmasim_blk *b);
/** To give to dmasim_virtio_mmio() or dmasim_virtio_pci_legacy(). */
DMASIM_API struct dmasim_virtio *dmasim_blk_virtio(struct dmasim_blk *b);

struct dmasim_blk_stats {
	uint64_t reads, writes, flushes, ids, errors, unsupported;
	uint64_t bytes_read, bytes_written;
};
DMASIM_API void dmasim_blk_get_stats(const struct dmasim_blk *b,
                                     struct dmasim_blk_stats *s);
/** Includes the virtio state; memory disks are saved, files are not. E_STATE
 * while a request is served. After an error of restore (also E_FORMAT,
 * E_NOMEM) the device is to be destroyed. */
DMASIM_API int dmasim_blk_save(const struct dmasim_blk *b,
                               struct dmasim_writer *w);
DMASIM_API int dmasim_blk_restore(struct dmasim_blk *b,
                                  struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
