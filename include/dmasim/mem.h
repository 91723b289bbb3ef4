/* SPDX-License-Identifier: MIT */
/*
 * Physical memory and the address map.
 *
 * Memory is sparse (4 KiB pages, allocated on the first write that is not
 * zero) over a 52-bit physical address space. The map routes a transaction
 * to RAM or to an MMIO device; an access that no region covers whole gives
 * DMASIM_TXN_DECODE. RAM has nothing to maintain: maintenance of it is OK.
 * A look (DMASIM_TXN_DEBUG) reads RAM and is refused by everything else.
 */
#ifndef DMASIM_MEM_H
#define DMASIM_MEM_H

#include "dmasim/state.h"
#include "dmasim/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DMASIM_PA_BITS 52
#define DMASIM_PA_MAX  ((1ull << DMASIM_PA_BITS) - 1)

struct dmasim_map;

struct dmasim_map_config {
	struct dmasim_kernel *kernel;
	/** Constant part of a RAM access in ps. 0: 60 ns. (52 ps more for
	 * each byte.) DMASIM_FOREVER: nothing; what stands in front of the
	 * map charges (dmasim/timing.h). */
	uint64_t ram_latency;
	/** MMIO latency in ps. 0: 100 ns. */
	uint64_t mmio_latency;
};

struct dmasim_region_info {
	const char *name;
	uint64_t base;
	uint64_t size;
	bool ram;
};

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_map_create(const struct dmasim_map_config *cfg,
                                 struct dmasim_map **out);
DMASIM_API void dmasim_map_destroy(struct dmasim_map *m);

/** RAM that reads zero at first. @base and @size multiples of 4 KiB. @name is
 * copied (at most 127 characters). OK, E_INVAL, E_RANGE (beyond 52 bits),
 * E_OVERLAP, E_NOMEM. */
DMASIM_API int dmasim_map_add_ram(struct dmasim_map *m, const char *name,
                                  uint64_t base, uint64_t size);
/** The device sees txn->offset from @base. A region of size 0 is E_INVAL. */
DMASIM_API int dmasim_map_add_mmio(struct dmasim_map *m, const char *name,
                                   uint64_t base, uint64_t size,
                                   const struct dmasim_port *port);
/** Remove the region that starts at @base (a BAR that moves), and what RAM
 * held. OK, E_NOTFOUND. */
DMASIM_API int dmasim_map_remove(struct dmasim_map *m, uint64_t base);
/** The region that holds @addr. OK, E_NOTFOUND. */
DMASIM_API int dmasim_map_find(const struct dmasim_map *m, uint64_t addr,
                               struct dmasim_region_info *info);
/** One region of RAM holds all of [addr, addr+size). */
DMASIM_API bool dmasim_map_is_ram(const struct dmasim_map *m, uint64_t addr,
                                  uint64_t size);
/** The same, and it is read next: what the host needs for that may begin. */
DMASIM_API bool dmasim_map_expect(const struct dmasim_map *m, uint64_t addr,
                                  uint32_t size);
/** By index, in address order; E_NOTFOUND past the end. */
DMASIM_API int dmasim_map_region(const struct dmasim_map *m, size_t index,
                                 struct dmasim_region_info *info);
DMASIM_API struct dmasim_port dmasim_map_port(struct dmasim_map *m);

/** Preload RAM before the machine runs (images, recordings). E_RANGE unless
 * RAM covers all of it. */
DMASIM_API int dmasim_map_load(struct dmasim_map *m, uint64_t addr,
                               const void *data, size_t size);
/** Look at RAM itself, behind all caches: for tests and reports only. */
DMASIM_API int dmasim_map_peek(const struct dmasim_map *m, uint64_t addr,
                               void *data, size_t size);
/** Host memory that RAM takes now, in bytes. It grows with the pages that were
 * written, not with the size of the regions; the pages of a region that was
 * removed serve others. */
DMASIM_API uint64_t dmasim_map_footprint(const struct dmasim_map *m);

/** Regions of RAM and their contents; restoring replaces those of @m and
 * leaves its MMIO regions. After an error it is as it was. OK, E_NOMEM,
 * E_RANGE (too much to save), E_FORMAT. */
DMASIM_API int dmasim_map_save(const struct dmasim_map *m,
                               struct dmasim_writer *w);
DMASIM_API int dmasim_map_restore(struct dmasim_map *m,
                                  struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
