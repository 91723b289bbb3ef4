/* SPDX-License-Identifier: MIT */
/*
 * What drivers, device models and IOMMUs tell the hazard checker about DMA:
 * which buffers there are and whose turn it is, which devices use nothing
 * else, and addresses that do not fit.
 *
 * A streaming buffer belongs to the device from its mapping to its unmapping,
 * except between dmasim_note_sync() to the CPU and back (Linux,
 * Documentation/core-api/dma-api-howto.rst, streaming mappings). Memory that
 * was allocated for both sides belongs to both at any time.
 */
#ifndef DMASIM_DMA_NOTE_H
#define DMASIM_DMA_NOTE_H

#include "dmasim/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_checker;

enum dmasim_dma_dir {
	DMASIM_TO_DEVICE,
	DMASIM_FROM_DEVICE,
	DMASIM_BIDIRECTIONAL,
};

/** Where a CPU stands in its program: what it did before a note is told by the
 * accesses' own numbers, since stores may leave late. */
struct dmasim_program_place {
	uint32_t cpu; /**< index + 1; 0: not known, the note counts from now */
	uint64_t number; /**< of its youngest access */
};

struct dmasim_dma_buffer {
	uint32_t stream_id;
	uint64_t dma;  /**< the address that the device must use */
	uint64_t pa;   /**< where it lies */
	uint64_t size; /**< bytes, at least 1 */
	enum dmasim_dma_dir direction;
	/** Allocated for both sides (dma_alloc_coherent()): nobody owns it, and
	 * direction is not looked at. */
	bool both;
	/** The device's accesses snoop the CPUs' caches, so that no line needs
	 * maintenance. */
	bool coherent;
	/** For findings, copied; NULL: what dmasim_name_region() says. */
	const char *name;
	uint64_t request;        /**< the driver's number for it; 0: none */
	struct dmasim_origin by; /**< who mapped it; may be all zero */
	struct dmasim_program_place at;
};

/** A buffer that was mapped for DMA. The newest mapping of a bus address is
 * the one that counts. OK; E_INVAL (no bytes, or beyond 2^64); E_NOMEM. */
DMASIM_API int dmasim_note_buffer(struct dmasim_checker *c,
                                  const struct dmasim_dma_buffer *b);
/** dmasim_note_buffer() of memory for both sides, where nothing else is known.
 */
DMASIM_API int dmasim_note_map(struct dmasim_checker *c, uint32_t stream_id,
                               uint64_t dma, uint64_t pa, uint64_t size);

enum dmasim_sync {
	DMASIM_SYNC_TO_CPU,    /**< dma_sync_single_for_cpu() */
	DMASIM_SYNC_TO_DEVICE, /**< dma_sync_single_for_device() */
};

/** The bytes change hands, for the CPU that is at @at. Those that no buffer
 * holds are left out. OK; E_NOMEM. */
DMASIM_API int dmasim_note_sync(struct dmasim_checker *c, uint32_t stream_id,
                                uint64_t dma, uint64_t size,
                                enum dmasim_sync to,
                                struct dmasim_program_place at);
DMASIM_API void dmasim_note_unmap(struct dmasim_checker *c, uint32_t stream_id,
                                  uint64_t dma, uint64_t size);

/** Every buffer of this stream is noted: what @agent (0: any) touches beside
 * them is OVERREACH, or USE_AFTER_UNMAP; until as many calls of unwatch as of
 * watch. OK; E_NOMEM. */
DMASIM_API int dmasim_note_watch(struct dmasim_checker *c, uint32_t agent,
                                 uint32_t stream_id);
DMASIM_API void dmasim_note_unwatch(struct dmasim_checker *c, uint32_t agent,
                                    uint32_t stream_id);

/** An IOMMU refused @txn because nothing translates its address. A finding
 * UNTRANSLATED if that address is a named or RAM physical address rather
 * than a mapped IOVA. @ram says whether it lies in RAM. */
DMASIM_API void dmasim_note_dma_fault(struct dmasim_checker *c,
                                      const struct dmasim_txn *txn, bool ram);
/** @txn passed untranslated. A finding UNTRANSLATED if its address is an IOVA
 * of that stream that differs from its physical address. */
DMASIM_API void dmasim_note_dma_bypass(struct dmasim_checker *c,
                                       const struct dmasim_txn *txn);

/*
 * Order between agents, where no transaction tells it.
 */

/** An interrupt was delivered, or a message arrived: everything that @from did
 * and made visible happens before what @to does from now on. @to 0: every
 * CPU. */
DMASIM_API void dmasim_note_signal(struct dmasim_checker *c, uint32_t from,
                                   uint32_t to);
/** A CPU's access to a register of the device that is @agent. A write is a
 * doorbell: the device starts what it tells it to. A read completes what the
 * device did before it answered. */
DMASIM_API void dmasim_note_doorbell(struct dmasim_checker *c,
                                     const struct dmasim_txn *mmio,
                                     uint32_t agent);
/** Whoever stores to the first range and then loads from the second needs a
 * full barrier in between (an index, then the other side's wish to be
 * notified). OK; E_INVAL; E_NOMEM. */
DMASIM_API int dmasim_note_dekker(struct dmasim_checker *c, uint64_t store,
                                  uint64_t store_size, uint64_t load,
                                  uint64_t load_size);
/** Hints that may be read at any time, and old. OK; E_INVAL; E_NOMEM. */
DMASIM_API int dmasim_note_racy(struct dmasim_checker *c, uint64_t addr,
                                uint64_t size);
/** Forget what was said by these two of bytes in [addr, addr+size). */
DMASIM_API void dmasim_note_order_end(struct dmasim_checker *c, uint64_t addr,
                                      uint64_t size);

#ifdef __cplusplus
}
#endif
#endif
