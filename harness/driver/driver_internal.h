/* SPDX-License-Identifier: MIT */
/* What the parts of the driver's side share: pages, registers, interrupts. */
#ifndef DRIVER_INTERNAL_H
#define DRIVER_INTERNAL_H

#include "dmasim/driver.h"

#define DRV_PAGE_SIZE  4096ull
#define DRV_PAGE_SHIFT 12u

/** Physical addresses that the linear map, and the alias windows behind it,
 * can hold. */
#define DRV_PA_LIMIT (DMASIM_NC_BASE - DMASIM_LINEAR_BASE)

/** Room kept for the ring at guest_config.ring_address: the largest split
 * ring takes 832 KiB. */
#define DRV_RING_WINDOW 0x100000ull

/** A growing array: *@p, a pointer of any type, has room for @need elements of
 * @size bytes afterwards. OK, E_NOMEM. */
int drv_grow(void *p, size_t *cap, size_t need, size_t size);

static inline uint64_t drv_align_up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

static inline uint64_t drv_align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

static inline bool drv_power_of_two(uint64_t v)
{
	return v && !(v & (v - 1));
}

/** The least power of two from a page on that is not less than @v, which is at
 * most 2^63. */
static inline uint64_t drv_power_of_two_above(uint64_t v)
{
	uint64_t n = DRV_PAGE_SIZE;

	while (n < v)
		n *= 2;
	return n;
}

/*
 * Free physical pages: extents in address order that neither touch nor
 * overlap.
 */
struct drv_extent {
	uint64_t base, size;
};

struct drv_pages {
	struct drv_extent *ram; /**< what the linear map covers */
	size_t ram_count, ram_cap;
	struct drv_extent *free;
	size_t free_count, free_cap;
	/** Kept for the next ring; size 0: no wish, or it was granted. */
	struct drv_extent ring;
};

void drv_pages_destroy(struct drv_pages *p);
/** Add RAM. OK, E_NOMEM. */
int drv_pages_add(struct drv_pages *p, uint64_t base, uint64_t size);
/** Keep pages at @pa for the ring. E_INVAL, E_RANGE, E_NOMEM. */
int drv_pages_wish(struct drv_pages *p, uint64_t pa);
/** @max: highest address that may be used. OK, E_NOMEM, E_INVAL. */
int drv_pages_alloc(struct drv_pages *p, uint64_t size, uint64_t align,
                    uint64_t max, uint64_t *pa);
int drv_pages_alloc_at(struct drv_pages *p, uint64_t pa, uint64_t size);
/** The first @size bytes of the window kept for the ring. E_RANGE: the ring is
 * larger than that. */
int drv_pages_alloc_ring(struct drv_pages *p, uint64_t size, uint64_t *pa);
void drv_pages_free(struct drv_pages *p, uint64_t pa, uint64_t size);
bool drv_pages_is_ram(const struct drv_pages *p, uint64_t pa, uint64_t size);

/*
 * The guest.
 */
struct drv_irq_action {
	struct dmasim_irq irq;
	dmasim_irq_handler *fn;
	void *ctx;
};

/** An I/O BAR that was assigned. */
struct drv_io_bar {
	uint64_t window; /**< CPU address of the I/O window */
	uint16_t bdf;
	uint64_t offset, size; /**< within the window */
};

struct dmasim_guest {
	struct dmasim_machine *machine;
	struct dmasim_kernel *kernel;
	struct dmasim_cpu *cpu;
	struct dmasim_checker *checker; /**< NULL: none */
	struct drv_pages pages;
	uint64_t *io_pages; /**< physical addresses of mapped register pages */
	size_t io_count, io_cap;
	struct drv_irq_action *irqs;
	size_t irq_count, irq_cap;
	struct dmasim_event *wake; /**< notified after each interrupt */
	struct drv_io_bar *bars;
	size_t bar_count, bar_cap;
};

/** As dmasim_guest_alloc(), below @max. */
int drv_guest_alloc_below(struct dmasim_guest *g, uint64_t size, uint64_t align,
                          uint64_t max, uint64_t *pa);
/** Where the next ring goes: the wish if there is one. */
int drv_guest_alloc_ring(struct dmasim_guest *g, uint64_t size, uint64_t max,
                         uint64_t *pa);
/** The linear map's address of @pa. */
static inline uint64_t drv_va(uint64_t pa)
{
	return DMASIM_LINEAR_BASE + pa;
}
/** Write zeros through the linear map. */
int drv_guest_zero(struct dmasim_guest *g, uint64_t pa, uint64_t size);
/** A place for an I/O BAR of @size bytes in the window; the same function
 * gets the same place again. OK, E_FULL, E_NOMEM. */
int drv_guest_io_bar(struct dmasim_guest *g, uint64_t window,
                     uint64_t window_size, uint16_t bdf, uint64_t size,
                     uint64_t *offset);

/** Call @fn when the line becomes pending. Lines may be shared. An
 * unconnected line never calls. OK, E_NOMEM, E_RANGE. */
int drv_irq_request(struct dmasim_guest *g, struct dmasim_irq irq,
                    dmasim_irq_handler *fn, void *ctx);
void drv_irq_free(struct dmasim_guest *g, struct dmasim_irq irq, void *ctx);
typedef bool drv_ready_fn(void *ctx);
/** Let time pass until @ready says so; it is asked again after every
 * interrupt. OK, E_TIMEOUT, E_HANG (outside a process: nothing is left to
 * run), E_CANCELED, E_STATE, E_KERNEL. */
int drv_wait(struct dmasim_guest *g, drv_ready_fn *ready, void *ctx,
             uint64_t timeout);

/** For saved state: whole pages of RAM from @pa, which is aligned. */
bool drv_state_pages(const struct dmasim_guest *g, uint64_t pa, uint64_t size);

/* Device registers at @va of ioremap(). A write is ordered after the memory
 * accesses before it, as Linux's writel() is. */
int drv_reg_read(struct dmasim_guest *g, uint64_t va, uint32_t size,
                 uint64_t *value, struct dmasim_origin origin);
int drv_reg_write(struct dmasim_guest *g, uint64_t va, uint32_t size,
                  uint64_t value, struct dmasim_origin origin);

/*
 * DMA.
 */
/** As dmasim_dma_alloc(), for a ring: honours guest_config.ring_address. */
int drv_dma_alloc_ring(struct dmasim_dma *d, uint64_t size, uint64_t *va,
                       uint64_t *dma, uint64_t *pa);
/** Highest physical address that the device reaches. */
uint64_t drv_dma_max_pa(const struct dmasim_dma *d);

/*
 * SMMU driver.
 */
/** The index of its SMMU in the machine. */
size_t drv_smmu_index(const struct dmasim_smmu_drv *d);
/** Whether the stream has been attached to something. */
bool drv_smmu_attached(const struct dmasim_smmu_drv *d, uint32_t stream_id);
/** Whether an interrupt asks for dmasim_smmu_drv_poll(). */
bool drv_smmu_pending(const struct dmasim_smmu_drv *d);

#endif
