/* SPDX-License-Identifier: MIT */
/*
 * A generic PCI host bridge (pci-host-ecam-generic): ECAM configuration
 * space, an I/O window and memory windows; functions with BARs that the
 * driver assigns, INTx pins, and a DMA port whose transactions carry the
 * function's requester ID.
 */
#ifndef DMASIM_PCI_H
#define DMASIM_PCI_H

#include "dmasim/ats.h"
#include "dmasim/irq.h"
#include "dmasim/mem.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_pci_host;
struct dmasim_pci_function;

#define DMASIM_PCI_BDF(bus, dev, fn)                                           \
	((uint16_t)(((bus) << 8) | ((dev) << 3) | (fn)))

struct dmasim_pci_window {
	uint64_t cpu_base, pci_base, size; /**< size 0: absent */
};

struct dmasim_pci_host_config {
	struct dmasim_kernel *kernel;
	const char *name;
	struct dmasim_map *map;
	uint64_t ecam_base, ecam_size; /**< 1 MiB per bus, from bus_min */
	uint8_t bus_min;
	struct dmasim_pci_window io, mem32, mem64;
	/** INTA..INTD of device 0; device d's pin p is wire (d + p) % 4. */
	struct dmasim_irq intx[4];
	/** Pin p of every device is wire p instead. */
	bool intx_straight;
};

enum dmasim_bar_kind {
	DMASIM_BAR_NONE,
	DMASIM_BAR_IO,
	DMASIM_BAR_MEM32,
	DMASIM_BAR_MEM64,
};

struct dmasim_pci_bar {
	enum dmasim_bar_kind kind;
	uint32_t size; /**< a power of two; I/O >= 4, memory >= 16 */
};

struct dmasim_pci_function_config {
	uint16_t bdf; /**< requester ID */
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class_code; /**< 24 bits */
	uint8_t revision;
	uint8_t interrupt_pin; /**< 0 none, 1 INTA .. 4 INTD */
	struct dmasim_pci_bar bars[6];
	/** BAR @index was accessed: txn->offset from its base. Returns the
	 * result; txn->offset and txn->data as for MMIO. */
	enum dmasim_result (*bar_access)(void *obj, unsigned index,
	                                 struct dmasim_txn *txn);
	void *obj;
};

/**
 * Functions answer in ECAM once added: 1, 2 or 4 bytes, naturally aligned
 * (others are SLAVE errors); absent ones read all ones; the extended space
 * reads zero. A BAR is in the address map while the command register enables
 * its kind and it lies whole in a window of its kind (a 64-bit one also in
 * mem32); of BARs that overlap, the first in (bus, device, function, index)
 * order is. @map outlives the host. OK, E_INVAL, E_NOMEM, or as
 * dmasim_map_add_mmio() for the ECAM.
 */
DMASIM_API int dmasim_pci_host_create(const struct dmasim_pci_host_config *cfg,
                                      struct dmasim_pci_host **out);
DMASIM_API const char *dmasim_pci_host_name(const struct dmasim_pci_host *h);
/** Functions are destroyed with it. */
DMASIM_API void dmasim_pci_host_destroy(struct dmasim_pci_host *h);
/** OK, E_INVAL, E_RANGE (bus), E_EXISTS, E_NOMEM. */
DMASIM_API int dmasim_pci_add(struct dmasim_pci_host *h,
                              const struct dmasim_pci_function_config *cfg,
                              struct dmasim_pci_function **out);
/** Take a function away and free it, with its BARs and its INTx. A device
 * does this when it is destroyed before its host. NULL is fine. */
DMASIM_API void dmasim_pci_remove(struct dmasim_pci_function *f);
DMASIM_API uint16_t dmasim_pci_bdf(const struct dmasim_pci_function *f);
/** Command register bit 2: without it the function must not do DMA. */
DMASIM_API bool dmasim_pci_bus_master(const struct dmasim_pci_function *f);
/** Drive the function's INTx pin. */
DMASIM_API void dmasim_pci_set_intx(struct dmasim_pci_function *f, bool level);
/** Append a capability, read-only to software: @body is what follows its id
 * and next pointer. *@offset (may be NULL) is where it lies. OK, E_INVAL,
 * E_FULL. */
DMASIM_API int dmasim_pci_add_capability(struct dmasim_pci_function *f,
                                         uint8_t id, const uint8_t *body,
                                         uint8_t body_size, uint8_t *offset);
/** OK; what fails is kept in @w. Devices save themselves. */
DMASIM_API int dmasim_pci_save(const struct dmasim_pci_host *h,
                               struct dmasim_writer *w);
/** Into a host with the same functions: their registers, the map and the
 * pins. Wires are not driven: the interrupt controller restores its own
 * lines. On error (E_FORMAT, E_NOMEM) nothing has changed. */
DMASIM_API int dmasim_pci_restore(struct dmasim_pci_host *h,
                                  struct dmasim_reader *r);

/*
 * The DMA test endpoint: a PCI function (1b36:0005, as QEMU's iommu-testdev,
 * with extensions) that does one DMA access of any kind. Registers in BAR 0
 * (8 KiB, 32-bit accesses; DATA also 1, 2 and 8 bytes, aligned):
 *
 * 0x00 RO  TRIGGER: a read runs the armed access and gives 0
 * 0x04 RW  IOVA low, 0x08 RW IOVA high
 * 0x0c RW  length in bytes, 1 .. 64 KiB
 * 0x10 RO  RESULT: 0 done, 0xffffffff idle, 0xfffffffe armed or running,
 *          0xdead0001 bad length, 0xdead0002 DMA write refused,
 *          0xdead0003 DMA read refused, 0xdead0004 read-back refused,
 *          0xdead0005 data differ, 0xdead0006 not armed,
 *          0xdead0007 bad OP or attribute, 0xdead0008 bus master is off
 * 0x14 RW  DOORBELL: write 1 arms; reads 1 while armed
 * 0x18 RW  ATTRS: bit 0 secure; the rest is kept and ignored
 * 0x1c RW  physical address low, 0x20 high: where a write of the pattern
 *          0x12345678 is read back (only OP 0)
 * Extensions:
 * 0x40 RW  OP: 0 write the pattern and read back, 1 read, 2 write, 3 and up
 *          the atomics of enum dmasim_op in order, from SWAP
 * 0x44 RW  FLAGS: bit 0 privileged, 1 instruction, 2 No_snoop, 3 SSV,
 *          4 StreamID register is used instead of the requester ID,
 *          5 attribute register is used, 6 ATS: the access uses the ATC,
 *          7 PRI: what ATS denies is requested as a page once
 * 0x48 RW  StreamID, 0x4c RW SubstreamID
 * 0x50 RW  attribute: type 3:0, inner 5:4, outer 7:6, shareability 9:8
 * 0x54 RO  bus result of the last access (enum dmasim_result)
 * 0x58 RO  latency of the last access in ps, 64 bits
 * With FLAGS.ATS the access goes out as translated, in parts, by translations
 * of the endpoint's cache (8 entries) or new ones; a refused or denied
 * translation is a refused access. Time: as of the parts.
 * 0x60 RO  how the last translation was had: 1 from the cache, 2 by a request;
 *          or not: 3 denied, 4 Unsupported Request, 5 Completer Abort, 6 the
 *          page request failed
 * 0x64 RW  bit 0: invalidations are not ended until it is cleared; bit 1:
 *          invalidations fail
 * 0x68 RO  the entry of the last answer (dmasim/ats.h), 64 bits
 * 0x70 RO  translations in the cache, 0x74 RO invalidations received
 * 0x78 RO  page requests sent, 0x7c RO code of the last page response
 * 0x1000.. DATA: 4 KiB, the first bytes that reads fill and writes take;
 *          what lies beyond 4 KiB repeats it; an atomic takes its operand
 *          (CAS: then the comparand) from the start and leaves the old value
 *
 * The read of TRIGGER takes the time of the access. If the access is PENDING
 * (a stalled transaction), the read returns at once, RESULT says running
 * until the access completes, and further triggers are ignored meanwhile.
 */
struct dmasim_testdev;

struct dmasim_testdev_config {
	struct dmasim_kernel *kernel;
	struct dmasim_pci_host *host;
	uint16_t bdf;
	struct dmasim_port dma; /**< where its DMA goes (an SMMU, memory) */
	struct dmasim_port physical; /**< read-back of OP 0 */
	uint32_t agent;
};

/** OK, E_INVAL, or as dmasim_pci_add() and dmasim_actor_register(). */
DMASIM_API int dmasim_testdev_create(const struct dmasim_testdev_config *cfg,
                                     struct dmasim_testdev **out);
/** Before its host. The kernel must not run again if an access was pending. */
DMASIM_API void dmasim_testdev_destroy(struct dmasim_testdev *t);
DMASIM_API struct dmasim_pci_function *
dmasim_testdev_function(struct dmasim_testdev *t);

/** What an IOMMU tells the endpoint (dmasim/ats.h), and what the endpoint
 * tells the IOMMU; without the latter it makes no page requests. */
DMASIM_API struct dmasim_ats_endpoint
dmasim_testdev_ats(struct dmasim_testdev *t);
DMASIM_API void dmasim_testdev_set_ats_host(struct dmasim_testdev *t,
                                            const struct dmasim_ats_host *host);

struct dmasim_testdev_access {
	enum dmasim_op op;
	uint32_t flags; /**< DMASIM_TXN_* */
	uint64_t addr;
	uint32_t size;
	uint32_t stream_id; /**< UINT32_MAX: the requester ID */
	uint32_t substream_id;
	struct dmasim_attr attr; /**< all zero: Normal WB ISH */
	uint8_t *data;
	const char *what; /**< for traces; may be NULL */
};

/** The same access as through the registers, called by a harness: it does not
 * ask whether bus mastering is on. Reads, writes and atomics (CAS: 2 x size
 * bytes of data). Waits on PENDING. OK (look at *result; @latency may be
 * NULL), E_INVAL, or as dmasim_access_wait(). */
DMASIM_API int dmasim_testdev_dma(struct dmasim_testdev *t,
                                  const struct dmasim_testdev_access *a,
                                  enum dmasim_result *result,
                                  uint64_t *latency);

/** E_STATE while an access is pending. */
DMASIM_API int dmasim_testdev_save(const struct dmasim_testdev *t,
                                   struct dmasim_writer *w);
DMASIM_API int dmasim_testdev_restore(struct dmasim_testdev *t,
                                      struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
