/* SPDX-License-Identifier: MIT */
/*
 * virtio, device side: common state, split virtqueues, and the transports
 * virtio-mmio (version 1 and 2) and virtio-pci (legacy 0.9.5).
 *
 * A device type is an ops struct and an object; transports know nothing of
 * it. Rings are read and written through the device's DMA port, field by
 * field, each a transaction with the name of the field in its origin:
 * "read avail.idx", "read avail.ring", "read desc" (16 bytes), "read indirect
 * desc", then what the device type does with the data, "write used.ring"
 * (8 bytes), "write used.idx", "read avail.flags" or "read used_event", and
 * "write avail_event" before it sleeps; with the queue's number, and the
 * request's: the n-th chain that this device takes, from 1 (avail.idx is read
 * for the next). Accesses are Normal WB ISH and never cross 4 KiB.
 *
 * A kick starts a process that serves the queues until they are empty; while
 * it is alive the device cannot be saved. A reset takes effect at once for
 * the driver; the process then touches nothing more, except that an access
 * which an IOMMU had stalled is finished by that IOMMU. The device is
 * destroyed before its kernel, in or outside a request, but not from inside a
 * run.
 */
#ifndef DMASIM_VIRTIO_H
#define DMASIM_VIRTIO_H

#include "dmasim/choice.h"
#include "dmasim/finding.h"
#include "dmasim/irq.h"
#include "dmasim/mem.h"
#include "dmasim/pci.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_virtio;
struct dmasim_virtio_chain;

/* Feature bits (virtio 1.3, 6), as masks. */
#define DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY (1ull << 24)
#define DMASIM_VIRTIO_F_ANY_LAYOUT      (1ull << 27)
#define DMASIM_VIRTIO_F_INDIRECT_DESC   (1ull << 28)
#define DMASIM_VIRTIO_F_EVENT_IDX       (1ull << 29)
#define DMASIM_VIRTIO_F_VERSION_1       (1ull << 32)
#define DMASIM_VIRTIO_F_ACCESS_PLATFORM (1ull << 33)
#define DMASIM_VIRTIO_F_ORDER_PLATFORM  (1ull << 36)

/** What the device does when an access to a ring is aborted. */
enum dmasim_ring_fault {
	/** Set DEVICE_NEEDS_RESET (modern) or stop (legacy) until the driver
	 * resets the device: the default. */
	DMASIM_RING_FAULT_STOP,
	/** The profile of 2017: when the read of avail.idx is aborted, read
	 * avail.flags too; then stop. */
	DMASIM_RING_FAULT_2017,
	/** As QEMU: take what was not read as zero, lose what was not written,
	 * and go on; requests whose data was refused end with success. */
	DMASIM_RING_FAULT_IGNORE,
};

struct dmasim_virtio_ops {
	const char *name; /**< "virtio-blk" */
	uint32_t device_id;
	/** The driver reset the device. May be NULL. */
	void (*reset)(void *obj);
	/** Device configuration space. Reads beyond it give zero; any offset
	 * and a size of 1, 2, 4 or 8 may come. config_write may be NULL. */
	void (*config_read)(void *obj, uint32_t offset, uint8_t *buf,
	                    uint32_t size);
	void (*config_write)(void *obj, uint32_t offset, const uint8_t *buf,
	                     uint32_t size);
	/** Runs in a process: serve one chain and return the bytes written to
	 * device-writable descriptors; negative status: the chain is bad and
	 * the device needs reset. After E_CANCELED from a chain function @obj
	 * may be gone: return E_CANCELED at once. */
	int64_t (*serve)(void *obj, struct dmasim_virtio_chain *chain);
};

struct dmasim_virtio_config {
	struct dmasim_kernel *kernel;
	const char *name; /**< "virtio-blk 0"; copied */
	const struct dmasim_virtio_ops *ops;
	void *obj;
	struct dmasim_port dma;
	uint32_t stream_id;
	/** Offered; legacy transports drop bits 32 and up, the modern one
	 * drops bits 24 and 27 and adds VERSION_1. */
	uint64_t features;
	uint16_t queues;     /**< 1 .. 64 */
	uint16_t queue_size; /**< a power of two, 1 .. 32768 */
	enum dmasim_ring_fault ring_fault;
	/** DEVICE_DELAY is asked once per kick, with 4 alternatives. */
	struct dmasim_choice *choice;
	/** Device work per request in ps. 0: 10 us. */
	uint64_t service_time;
	/** Told of doorbells, register reads and interrupts of @agent, which
	 * is who makes the accesses of @dma. NULL: nobody. */
	struct dmasim_checker *checker;
	uint32_t agent;
};

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_virtio_create(const struct dmasim_virtio_config *cfg,
                                    struct dmasim_virtio **out);
DMASIM_API void dmasim_virtio_destroy(struct dmasim_virtio *v);
/** Requests taken from rings and not yet completed; a device that stopped keeps
 * them until it is reset. */
DMASIM_API uint32_t dmasim_virtio_outstanding(const struct dmasim_virtio *v);
/** Status register as the driver sees it (virtio 1.3, 2.1). */
DMASIM_API uint8_t dmasim_virtio_status(const struct dmasim_virtio *v);
/** Why the device stopped, or "". */
DMASIM_API const char *dmasim_virtio_error(const struct dmasim_virtio *v);
/** The configuration space changed: raise the interrupt. */
DMASIM_API void dmasim_virtio_config_changed(struct dmasim_virtio *v);

/* A chain of descriptors, already checked: as two byte streams. */
DMASIM_API uint64_t dmasim_chain_readable(const struct dmasim_virtio_chain *c);
DMASIM_API uint64_t dmasim_chain_writable(const struct dmasim_virtio_chain *c);
/** Read from / write to the stream at @offset through the DMA port. @what is a
 * constant that names the access ("read request header"). OK, E_RANGE,
 * E_FAULT (refused; never with RING_FAULT_IGNORE), E_CANCELED. */
DMASIM_API int dmasim_chain_read(struct dmasim_virtio_chain *c, uint64_t offset,
                                 void *buf, uint32_t size, const char *what);
DMASIM_API int dmasim_chain_write(struct dmasim_virtio_chain *c,
                                  uint64_t offset, const void *buf,
                                  uint32_t size, const char *what);

/** virtio-mmio (virtio 1.3, 4.2): 0x200 bytes of registers. @version 1 or 2.
 * Registers take aligned 32-bit accesses, the configuration space from 0x100
 * on 1, 2, 4 and 8 bytes; others are SLAVE errors. What the driver does at
 * the wrong time is ignored with a warning. OK, E_INVAL, E_STATE (it has a
 * transport). */
DMASIM_API int dmasim_virtio_mmio(struct dmasim_virtio *v, unsigned version,
                                  struct dmasim_irq irq,
                                  struct dmasim_port *regs);
/** Legacy virtio-pci (virtio 1.3, 4.1.4.10): 1af4:1000+, an I/O BAR of 128
 * bytes, INTA. DMA needs the bus master bit. OK, E_INVAL, E_STATE,
 * E_UNSUPPORTED (device type without a legacy number), or as
 * dmasim_pci_add(). */
DMASIM_API int dmasim_virtio_pci_legacy(struct dmasim_virtio *v,
                                        struct dmasim_pci_host *host,
                                        uint16_t bdf);

/** E_STATE while requests are being served. Includes the transport; wires are
 * the interrupt controller's. After an error of restore (also E_FORMAT,
 * E_NOMEM) nothing has changed. */
DMASIM_API int dmasim_virtio_save(const struct dmasim_virtio *v,
                                  struct dmasim_writer *w);
DMASIM_API int dmasim_virtio_restore(struct dmasim_virtio *v,
                                     struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
