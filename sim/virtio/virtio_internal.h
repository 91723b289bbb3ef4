/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_VIRTIO_INTERNAL_H
#define DMASIM_VIRTIO_INTERNAL_H

#include "dmasim/virtio.h"

/* Device status (virtio 1.3, 2.1). */
#define VIRTIO_STATUS_ACKNOWLEDGE 0x01u
#define VIRTIO_STATUS_DRIVER      0x02u
#define VIRTIO_STATUS_DRIVER_OK   0x04u
#define VIRTIO_STATUS_FEATURES_OK 0x08u
#define VIRTIO_STATUS_NEEDS_RESET 0x40u
#define VIRTIO_STATUS_FAILED      0x80u

#define VIRTIO_ISR_QUEUE  0x1u
#define VIRTIO_ISR_CONFIG 0x2u

#define VIRTIO_MAX_QUEUES 64u
/* A DMA burst does not cross a 4 KiB boundary (PCI Express 2.2.7). */
#define VIRTIO_BURST 4096u

/* Split virtqueue (virtio 1.3, 2.7): offsets in its parts. */
#define VRING_DESC_SIZE        16u
#define VRING_DESC_F_NEXT      0x1u
#define VRING_DESC_F_WRITE     0x2u
#define VRING_DESC_F_INDIRECT  0x4u
#define VRING_AVAIL_FLAGS      0u
#define VRING_AVAIL_IDX        2u
#define VRING_AVAIL_RING       4u
#define VRING_AVAIL_NO_INTR    0x1u
#define VRING_USED_IDX         2u
#define VRING_USED_RING        4u
#define VRING_USED_ELEM        8u
#define VRING_LEGACY_PCI_ALIGN 4096u

enum virtio_transport {
	VIRTIO_TRANSPORT_NONE,
	VIRTIO_TRANSPORT_MMIO_1,
	VIRTIO_TRANSPORT_MMIO_2,
	VIRTIO_TRANSPORT_PCI_LEGACY,
};

struct virtio_queue {
	uint16_t size; /**< what the driver chose */
	bool ready;
	/** Kicked, and not looked at since. */
	bool kicked;
	uint64_t desc, avail, used;
	uint16_t last_avail; /**< the next entry to take */
	uint16_t used_idx;
	/** Changes when the driver takes the queue away from the device: what
	 * a process was doing with it is over then. Survives a reset. */
	uint32_t generation;
	/** Chains taken and not completed. */
	uint32_t outstanding;
	uint32_t pfn;   /**< legacy */
	uint32_t align; /**< legacy mmio */
};

struct virtio_segment {
	uint64_t addr;
	uint32_t size;
};

/** A place in one of the two streams of a chain. */
struct virtio_cursor {
	uint32_t segment;
	uint64_t offset; /**< of that segment in the stream */
};

/** Segments 0 .. readers-1 are device-readable, the rest device-writable. */
struct dmasim_virtio_chain {
	struct virtio_engine *engine;
	struct virtio_segment *segments;
	uint32_t count, readers;
	uint64_t readable, writable;
	struct virtio_cursor read_at, write_at;
};

/**
 * What the process that serves the rings works with. It belongs to the device
 * while no process is alive, and to the process once the device is destroyed:
 * after every access and every wait v may be NULL.
 */
struct virtio_engine {
	struct dmasim_virtio *v;
	struct dmasim_kernel *kernel;
	bool live;
	/** The kernel told the process to end. */
	bool cancelled;
	uint16_t queue;
	/** Of that queue, when the process began to serve it. */
	uint32_t generation;
	uint64_t request;
	/** Time that accesses took and that has not been waited for. */
	uint64_t debt;
	struct dmasim_virtio_chain chain;
	uint8_t buffer[VIRTIO_BURST];
};

struct dmasim_virtio {
	struct dmasim_virtio_config cfg;
	char *name;
	struct virtio_engine *engine;
	struct virtio_queue *queues;

	enum virtio_transport transport;
	uint64_t offered; /**< by device and transport */
	uint64_t accepted;
	uint8_t status;
	uint8_t isr;
	bool broken;
	char error[200];
	uint32_t config_generation;
	uint64_t requests; /**< chains taken since creation */

	uint16_t queue_select;
	uint32_t device_features_select, driver_features_select;
	uint32_t page_size; /**< legacy mmio */
	struct dmasim_irq irq;
	struct dmasim_pci_function *function;
};

static inline uint32_t virtio_get16(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t virtio_get32(const uint8_t *p)
{
	return virtio_get16(p) | virtio_get16(p + 2) << 16;
}

static inline uint64_t virtio_get64(const uint8_t *p)
{
	return virtio_get32(p) | (uint64_t)virtio_get32(p + 4) << 32;
}

static inline void virtio_put(uint8_t *p, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline bool virtio_power_of_two(uint64_t v)
{
	return v && !(v & (v - 1));
}

/* device.c */
bool virtio_legacy(const struct dmasim_virtio *v);
bool virtio_has(const struct dmasim_virtio *v, uint64_t feature);
void virtio_warn(const struct dmasim_virtio *v, const char *fmt, ...)
        DMASIM_PRINTF(2, 3);
int virtio_attach(struct dmasim_virtio *v, enum virtio_transport transport);
void virtio_set_status(struct dmasim_virtio *v, uint8_t value);
uint32_t virtio_read_features(const struct dmasim_virtio *v, uint32_t word);
void virtio_write_features(struct dmasim_virtio *v, uint32_t word,
                           uint32_t value);
/** NULL if the selected queue does not exist. */
struct virtio_queue *virtio_selected(struct dmasim_virtio *v);
void virtio_queue_reset(struct dmasim_virtio *v, struct virtio_queue *q);
/** The driver takes the ring back; size and alignment stay. */
void virtio_queue_stop(struct virtio_queue *q);
/** Whether the addresses make a ring that can be used. */
bool virtio_queue_valid(const struct virtio_queue *q);
/** Place the ring of a legacy queue at page @pfn, or free it (0). */
void virtio_queue_set_pfn(struct dmasim_virtio *v, struct virtio_queue *q,
                          uint32_t pfn, uint32_t page_size);
/** Parts of a legacy ring, from pfn and align. */
void virtio_queue_layout(struct virtio_queue *q, uint32_t page_size);
void virtio_kick(struct dmasim_virtio *v, uint32_t index);
/** Tell the checker of an access to a register; @notify: of a kick. */
void virtio_note(struct dmasim_virtio *v, const struct dmasim_txn *txn,
                 bool notify);
void virtio_interrupt(struct dmasim_virtio *v, uint8_t bits);
void virtio_interrupt_clear(struct dmasim_virtio *v, uint8_t bits);
/** Stop until the driver resets the device. */
void virtio_break(struct dmasim_virtio *v, const char *fmt, ...)
        DMASIM_PRINTF(2, 3);

/* engine.c: time and accesses of the process */
struct virtio_engine *virtio_engine_new(struct dmasim_virtio *v);
void virtio_engine_release(struct virtio_engine *e);
void virtio_engine_start(struct dmasim_virtio *v);
/** Wait for what the accesses took. OK, E_CANCELED (the device is gone or was
 * reset, or the kernel ends: touch nothing). */
int virtio_engine_sync(struct virtio_engine *e);
/** One access through the DMA port. OK, E_CANCELED, E_FAULT: refused; then
 * @txn tells. */
int virtio_engine_access(struct virtio_engine *e, struct dmasim_txn *txn);

/* ring.c */
/** Serve the queue until it is empty. */
void virtio_serve_queue(struct virtio_engine *e, uint16_t index);

enum virtio_ring_result {
	VIRTIO_RING_OK,
	/** Device gone, reset or broken: leave without touching anything. */
	VIRTIO_RING_STOP,
};

/** A field of a ring; a refused access breaks the device as configured. */
enum virtio_ring_result virtio_ring_access(struct virtio_engine *e,
                                           struct dmasim_txn *txn);

/* chain.c */
/** Read the descriptors from @head on. */
enum virtio_ring_result virtio_chain_collect(struct virtio_engine *e,
                                             uint16_t head);

/* pci_legacy.c */
/** Device configuration space, which begins at offset @base of the registers.
 */
enum dmasim_result virtio_config_access(struct dmasim_virtio *v, uint32_t base,
                                        struct dmasim_txn *txn);
enum dmasim_result virtio_pci_access(void *obj, unsigned index,
                                     struct dmasim_txn *txn);
/* mmio.c */
enum dmasim_result virtio_mmio_access(void *obj, struct dmasim_txn *txn);

#endif
