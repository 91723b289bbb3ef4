/* SPDX-License-Identifier: MIT */
/*
 * The driver's side: code of our own that runs on a CPU agent and behaves as
 * Linux does: page allocator, DMA API, SMMU driver, vring and virtio-blk.
 *
 * Functions that touch simulated memory run in a process of the machine's
 * kernel or outside any run, as dmasim/cpu.h says; besides their own errors
 * they return E_INVAL, E_NOMEM and those of dmasim_cpu_read().
 */
#ifndef DMASIM_DRIVER_H
#define DMASIM_DRIVER_H

#include "dmasim/dma_note.h"
#include "dmasim/platform.h"
#include "dmasim/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The guest's memory: a page allocator over the machine's RAM and the linear
 * map (VA = PA + DMASIM_LINEAR_BASE, Normal WB) of one CPU. Non-cacheable
 * aliases lie at DMASIM_NC_BASE + PA, device registers at
 * DMASIM_IO_BASE + PA.
 */
#define DMASIM_LINEAR_BASE 0xffff000000000000ull
#define DMASIM_NC_BASE     0xffff400000000000ull
#define DMASIM_IO_BASE     0xffff800000000000ull

struct dmasim_guest;

struct dmasim_guest_config {
	struct dmasim_machine *machine;
	size_t cpu;
	/** Allocations come from the top of the first RAM region that holds
	 * them; a physical address here makes the next ring allocation land
	 * on it. 0: no wish. Must be page-aligned RAM. */
	uint64_t ring_address;
};

/** RAM from 64 TiB on lies beyond the linear map and is left alone. OK,
 * E_NOTFOUND (CPU, RAM), E_RANGE (ring_address), E_OVERLAP (the CPU's map). */
DMASIM_API int dmasim_guest_create(const struct dmasim_guest_config *cfg,
                                   struct dmasim_guest **out);
DMASIM_API void dmasim_guest_destroy(struct dmasim_guest *g);
DMASIM_API struct dmasim_cpu *dmasim_guest_cpu(struct dmasim_guest *g);
DMASIM_API struct dmasim_machine *dmasim_guest_machine(struct dmasim_guest *g);
/** Zeroed pages, aligned to @align (a power of two >= 4096). *@pa is their
 * physical address. */
DMASIM_API int dmasim_guest_alloc(struct dmasim_guest *g, uint64_t size,
                                  uint64_t align, uint64_t *pa);
/** At exactly @pa. E_EXISTS if any of it is in use, E_RANGE if not RAM. */
DMASIM_API int dmasim_guest_alloc_at(struct dmasim_guest *g, uint64_t pa,
                                     uint64_t size);
DMASIM_API void dmasim_guest_free(struct dmasim_guest *g, uint64_t pa,
                                  uint64_t size);
/** Map device registers; idempotent. *@va is where. OK, E_RANGE. */
DMASIM_API int dmasim_guest_ioremap(struct dmasim_guest *g, uint64_t pa,
                                    uint64_t size, uint64_t *va);

/*
 * An SMMUv3 driver: probe as Linux does (reset, tables, queues, IRQs), a
 * stage 1 domain per stream, map and unmap with invalidation, and an event
 * queue handler that keeps the records it reads.
 */
struct dmasim_smmu_drv;

struct dmasim_smmu_drv_config {
	struct dmasim_guest *guest;
	size_t smmu; /**< index in the machine */
	bool linear_stream_table;
	/** Entries, as a power of two. 0: 2^8 commands, 2^7 events. */
	unsigned cmdq_log2, evtq_log2;
	/** Streams without a domain: abort (default) or bypass. */
	bool bypass_by_default;
};

/** OK, E_NOTFOUND, E_UNSUPPORTED (no stage 1 with 4 KiB granule, or preset
 * tables), E_TIMEOUT, E_DEVICE (a command was refused). */
DMASIM_API int dmasim_smmu_drv_create(const struct dmasim_smmu_drv_config *cfg,
                                      struct dmasim_smmu_drv **out);
/** Returns 0 or the first error of the shutdown. Frees in any case. */
DMASIM_API int dmasim_smmu_drv_destroy(struct dmasim_smmu_drv *d);

enum dmasim_domain {
	DMASIM_DOMAIN_ABORT,
	DMASIM_DOMAIN_BYPASS,
	DMASIM_DOMAIN_DMA, /**< stage 1, 4 KiB granule, empty at first */
};

/** OK; E_RANGE: StreamID beyond the table; E_FULL: no ASID is left. */
DMASIM_API int dmasim_smmu_drv_attach(struct dmasim_smmu_drv *d,
                                      uint32_t stream_id,
                                      enum dmasim_domain type);
/** Pages, or blocks where they fit: all or nothing. OK; E_INVAL (not pages),
 * E_RANGE (more than 48 bits, or the SMMU's output size), E_EXISTS (mapped
 * already), E_NOTFOUND (no DMA domain). */
DMASIM_API int dmasim_smmu_drv_map(struct dmasim_smmu_drv *d,
                                   uint32_t stream_id, uint64_t iova,
                                   uint64_t pa, uint64_t size, bool writable,
                                   bool coherent);
/** What was unmapped is invalidated before it returns. OK; E_INVAL (not pages,
 * or part of a block), E_RANGE, E_NOTFOUND (what comes before a hole is
 * unmapped). */
DMASIM_API int dmasim_smmu_drv_unmap(struct dmasim_smmu_drv *d,
                                     uint32_t stream_id, uint64_t iova,
                                     uint64_t size);
/** Physical address of the STE, the CD, and the leaf descriptor of @iova;
 * for tests and for replays that need a broken one. E_NOTFOUND. */
DMASIM_API int dmasim_smmu_drv_find(struct dmasim_smmu_drv *d,
                                    uint32_t stream_id, uint64_t iova,
                                    uint64_t *ste, uint64_t *cd, uint64_t *pte,
                                    int *level);
/** CFGI_STE + TLBI for the stream, and SYNC: after a table was changed by
 * hand. */
DMASIM_API int dmasim_smmu_drv_invalidate(struct dmasim_smmu_drv *d,
                                          uint32_t stream_id);
/** Let the event queue be read (the interrupt does it too). */
DMASIM_API int dmasim_smmu_drv_poll(struct dmasim_smmu_drv *d);
DMASIM_API size_t dmasim_smmu_drv_event_count(const struct dmasim_smmu_drv *d);
/** Record @index, as read from the queue in memory. NULL past the end. */
DMASIM_API const uint64_t *
dmasim_smmu_drv_event(const struct dmasim_smmu_drv *d, size_t index);
DMASIM_API void dmasim_smmu_drv_clear_events(struct dmasim_smmu_drv *d);
DMASIM_API bool dmasim_smmu_drv_overflowed(const struct dmasim_smmu_drv *d);

/*
 * The DMA API for one device.
 */
enum dmasim_dma_mode {
	/** No DMA API: the device gets physical addresses, the ring is WB. */
	DMASIM_DMA_PHYSICAL,
	/** dma-direct, device not coherent: NC rings, cache maintenance. */
	DMASIM_DMA_NONCOHERENT,
	/** dma-direct, device coherent. */
	DMASIM_DMA_COHERENT,
	/** dma-iommu: IOVAs, mapped through the SMMU driver; WB or NC and
	 * maintenance as the device's coherence says. */
	DMASIM_DMA_IOMMU,
};

struct dmasim_dma;

struct dmasim_dma_config {
	struct dmasim_guest *guest;
	enum dmasim_dma_mode mode;
	bool coherent;                /**< IOMMU mode only */
	struct dmasim_smmu_drv *smmu; /**< IOMMU mode only */
	uint32_t stream_id;
	uint64_t offset, limit; /**< dma-ranges; limit 0: none */
};

DMASIM_API int dmasim_dma_create(const struct dmasim_dma_config *cfg,
                                 struct dmasim_dma **out);
DMASIM_API void dmasim_dma_destroy(struct dmasim_dma *d);
DMASIM_API enum dmasim_dma_mode dmasim_dma_mode(const struct dmasim_dma *d);
DMASIM_API const char *dmasim_dma_mode_name(enum dmasim_dma_mode mode);

/** dma_alloc_coherent: *@va for the CPU, *@dma for the device, *@pa where,
 * aligned to the power of two that holds @size. OK, E_RANGE. */
DMASIM_API int dmasim_dma_alloc(struct dmasim_dma *d, uint64_t size,
                                uint64_t *va, uint64_t *dma, uint64_t *pa);
DMASIM_API int dmasim_dma_free(struct dmasim_dma *d, uint64_t size, uint64_t va,
                               uint64_t dma, uint64_t pa);
/** dma_map_single of memory in the linear map. OK; E_RANGE: not RAM, or beyond
 * the device's reach. Unmap and free: E_NOTFOUND if just that is not mapped. */
DMASIM_API int dmasim_dma_map(struct dmasim_dma *d, uint64_t pa, uint64_t size,
                              enum dmasim_dma_dir dir, uint64_t *dma);
DMASIM_API int dmasim_dma_unmap(struct dmasim_dma *d, uint64_t dma,
                                uint64_t size, enum dmasim_dma_dir dir);
/** dma_sync_single_for_cpu() or _for_device() of a part of one mapping. OK,
 * E_NOTFOUND. */
DMASIM_API int dmasim_dma_sync(struct dmasim_dma *d, uint64_t dma,
                               uint64_t size, enum dmasim_sync to);

/*
 * A split virtqueue, driver side.
 */
struct dmasim_vring;

struct dmasim_sg {
	uint64_t dma;
	uint32_t size;
	bool device_writes;
};

struct dmasim_vring_config {
	struct dmasim_guest *guest;
	struct dmasim_dma *dma;
	uint16_t queue; /**< number, for names */
	uint16_t size;
	bool legacy;           /**< one block, used ring aligned to 4096 */
	bool weak_barriers;    /**< false: DSB-strength (ORDER_PLATFORM) */
	uint32_t agent_stream; /**< StreamID, for findings */
};

DMASIM_API int dmasim_vring_create(const struct dmasim_vring_config *cfg,
                                   struct dmasim_vring **out);
DMASIM_API int dmasim_vring_destroy(struct dmasim_vring *v);
/** Addresses for the device, and where the ring lies. */
DMASIM_API void dmasim_vring_addresses(const struct dmasim_vring *v,
                                       uint64_t *desc, uint64_t *avail,
                                       uint64_t *used, uint64_t *pa);
/** Expose a chain. *@head names it. OK; E_FULL: no descriptors left; E_INVAL:
 * no valid chain; E_DEVICE: the ring is broken. */
DMASIM_API int dmasim_vring_add(struct dmasim_vring *v,
                                const struct dmasim_sg *sg, unsigned count,
                                uint16_t *head);
/** *@kick: whether the device wants a notification. */
DMASIM_API int dmasim_vring_should_kick(struct dmasim_vring *v, bool *kick);
/** Take one used element. E_NOTFOUND: none; E_DEVICE: id is not a head, with
 * the text in dmasim_vring_error(). */
DMASIM_API int dmasim_vring_get(struct dmasim_vring *v, uint16_t *head,
                                uint32_t *len);
DMASIM_API const char *dmasim_vring_error(const struct dmasim_vring *v);

/*
 * The virtio-blk driver on virtio-mmio (both versions) and legacy virtio-pci.
 */
struct dmasim_blk_drv;

enum dmasim_driver_mapping {
	/** As policy and firmware say. */
	DMASIM_MAPPING_AUTO,
	DMASIM_MAPPING_PHYSICAL,
	DMASIM_MAPPING_COHERENT,
	DMASIM_MAPPING_NONCOHERENT,
	DMASIM_MAPPING_IOMMU,
};

struct dmasim_blk_drv_config {
	struct dmasim_guest *guest;
	size_t disk; /**< index in the machine */
	/** The driver of the SMMU that the disk is behind; NULL if none. */
	struct dmasim_smmu_drv *smmu;
	enum dmasim_policy policy;
	enum dmasim_driver_mapping mapping;
	/** Relative ps before a request counts as lost. 0: 1 s. */
	uint64_t timeout;
};

/** Probe: reset, features, ring, DRIVER_OK. A stream without a domain gets an
 * empty DMA domain, whether the driver maps or not. OK, E_NOTFOUND (no such
 * disk), E_UNSUPPORTED, E_TIMEOUT, E_DEVICE (features or queue), E_EXISTS
 * (queue in use), E_RANGE, E_FULL (I/O window); the log has the reason. */
DMASIM_API int dmasim_blk_drv_create(const struct dmasim_blk_drv_config *cfg,
                                     struct dmasim_blk_drv **out);
DMASIM_API int dmasim_blk_drv_destroy(struct dmasim_blk_drv *d);
DMASIM_API uint64_t dmasim_blk_drv_capacity(const struct dmasim_blk_drv *d);
DMASIM_API struct dmasim_vring *dmasim_blk_drv_vring(struct dmasim_blk_drv *d);
DMASIM_API enum dmasim_dma_mode
dmasim_blk_drv_mode(const struct dmasim_blk_drv *d);
/** Whole sectors. @buf is the host's; the data goes through guest memory, in
 * requests of at most 128 KiB. OK; E_HANG: no answer within the timeout, and
 * every call from then on; E_DEVICE: status not OK, the ring is broken, or the
 * device asks for a reset; E_RANGE: beyond the disk. */
DMASIM_API int dmasim_blk_drv_read(struct dmasim_blk_drv *d, uint64_t sector,
                                   void *buf, uint32_t sectors);
DMASIM_API int dmasim_blk_drv_write(struct dmasim_blk_drv *d, uint64_t sector,
                                    const void *buf, uint32_t sectors);
DMASIM_API int dmasim_blk_drv_flush(struct dmasim_blk_drv *d);
/** 20 bytes, not terminated. */
DMASIM_API int dmasim_blk_drv_get_id(struct dmasim_blk_drv *d, char id[20]);
/** What went wrong last, in words. */
DMASIM_API const char *dmasim_blk_drv_error(const struct dmasim_blk_drv *d);

/*
 * Saved state, beside the machine's. To go on from a blob: make machine, guest
 * and drivers from the same configurations in the same order, restore the
 * machine, then these. Not while a call is under way. A disk driver's includes
 * its DMA and its ring. OK; restoring also E_FORMAT, and all is as it was.
 */
DMASIM_API int dmasim_guest_save(const struct dmasim_guest *g,
                                 struct dmasim_writer *w);
DMASIM_API int dmasim_guest_restore(struct dmasim_guest *g,
                                    struct dmasim_reader *r);
DMASIM_API int dmasim_smmu_drv_save(const struct dmasim_smmu_drv *d,
                                    struct dmasim_writer *w);
DMASIM_API int dmasim_smmu_drv_restore(struct dmasim_smmu_drv *d,
                                       struct dmasim_reader *r);
DMASIM_API int dmasim_dma_save(const struct dmasim_dma *d,
                               struct dmasim_writer *w);
DMASIM_API int dmasim_dma_restore(struct dmasim_dma *d,
                                  struct dmasim_reader *r);
DMASIM_API int dmasim_vring_save(const struct dmasim_vring *v,
                                 struct dmasim_writer *w);
DMASIM_API int dmasim_vring_restore(struct dmasim_vring *v,
                                    struct dmasim_reader *r);
DMASIM_API int dmasim_blk_drv_save(const struct dmasim_blk_drv *d,
                                   struct dmasim_writer *w);
DMASIM_API int dmasim_blk_drv_restore(struct dmasim_blk_drv *d,
                                      struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
