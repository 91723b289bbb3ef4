/* SPDX-License-Identifier: MIT */
/*
 * A machine from a flattened device tree: kernel, RAM, caches, CPUs, SMMUs,
 * host bridge, disks, as the tree says. docs/device-tree.md lists what is
 * read; properties of our own begin with "dmasim,".
 */
#ifndef DMASIM_PLATFORM_H
#define DMASIM_PLATFORM_H

#include "dmasim/cpu.h"
#include "dmasim/smmuv3.h"
#include "dmasim/timing.h"
#include "dmasim/virtio_blk.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_machine;

enum dmasim_transport {
	DMASIM_TRANSPORT_MMIO,
	DMASIM_TRANSPORT_PCI_LEGACY,
};

/**
 * A part of the user's own in the machine: called once for each port that the
 * machine wires, it returns the port to use instead: @below itself, or one of
 * the user's in front of it (a monitor, a delay, a fault). @name says whose:
 * "virtio-blk 0" before its IOMMU, "virtio-blk 0 memory" past it,
 * "2b400000.smmu tables" for an SMMU's own accesses.
 */
typedef struct dmasim_port dmasim_insert_fn(void *ctx, struct dmasim_kernel *k,
                                            const char *name,
                                            const struct dmasim_port *below);

struct dmasim_machine_config {
	/** The blob; checked with libfdt as hostile. Borrowed while creating.
	 */
	const void *fdt;
	size_t fdt_size;
	const struct dmasim_backend *backend;
	dmasim_log_fn *log;
	void *log_ctx;
	dmasim_trace_fn *trace;
	void *trace_ctx;
	const struct dmasim_choice_config *choice; /**< NULL: defaults */
	/** Disk n of the tree, in node order, gets backend n; missing ones and
	 * NULL get 1 MiB in memory. More than the tree has is E_FORMAT. In a
	 * tree without dmasim,device there are exactly as many disks as
	 * backends, from the highest virtio,mmio slot down. Borrowed. */
	struct dmasim_disk *const *disks;
	size_t disk_count;
	/** Overrides the tree's profile when has_profile is set. */
	bool has_profile;
	enum dmasim_smmu_profile profile;
	/** Overrides the tree's ring-fault behaviour when set. */
	bool has_ring_fault;
	enum dmasim_ring_fault ring_fault;
	/** For every SMMU. May be NULL. */
	dmasim_smmu_event_fn *on_event;
	void *on_event_ctx;
	/** NULL: nothing is inserted. */
	dmasim_insert_fn *insert;
	void *insert_ctx;
	bool no_checker;
};

/** OK; E_FORMAT with the node path in @diag; E_NOMEM; E_KERNEL and E_STATE of
 * dmasim_kernel_create(). */
DMASIM_API int dmasim_machine_create(const struct dmasim_machine_config *cfg,
                                     struct dmasim_machine **out,
                                     struct dmasim_diag *diag);
DMASIM_API void dmasim_machine_destroy(struct dmasim_machine *m);

/** Read a .dtb, or a .dts through the dtc program. Free with free().
 * OK; E_IO, E_FORMAT, E_NOTFOUND (no dtc) with the place in @diag. */
DMASIM_API int dmasim_fdt_load(const char *path, void **fdt, size_t *size,
                               struct dmasim_diag *diag);

DMASIM_API struct dmasim_kernel *
dmasim_machine_kernel(struct dmasim_machine *m);
DMASIM_API struct dmasim_map *dmasim_machine_map(struct dmasim_machine *m);
DMASIM_API struct dmasim_memsys *
dmasim_machine_memsys(struct dmasim_machine *m);
DMASIM_API struct dmasim_checker *
dmasim_machine_checker(struct dmasim_machine *m);
DMASIM_API struct dmasim_irqc *dmasim_machine_irqc(struct dmasim_machine *m);
DMASIM_API struct dmasim_choice *
dmasim_machine_choice(struct dmasim_machine *m);
/** NULL past the end. */
DMASIM_API struct dmasim_cpu *dmasim_machine_cpu(struct dmasim_machine *m,
                                                 size_t index);
DMASIM_API struct dmasim_pci_host *dmasim_machine_pci(struct dmasim_machine *m,
                                                      size_t index);

/** What the firmware tells the driver about an SMMU. */
struct dmasim_smmu_info {
	struct dmasim_smmu *smmu;
	char path[128]; /**< node path */
	char name[64];  /**< as Linux names it: "2b400000.smmu" */
	uint64_t base;  /**< registers */
	bool coherent;  /**< dma-coherent on its node */
	uint32_t phandle;
	struct dmasim_irq evtq, gerror, sync;
};

/** What the firmware tells the driver about a block device. */
struct dmasim_disk_info {
	struct dmasim_blk *blk;
	char path[128];
	enum dmasim_transport transport;
	unsigned mmio_version; /**< 1 or 2 */
	uint64_t regs;         /**< MMIO registers, or the ECAM address */
	struct dmasim_irq irq;
	uint16_t bdf;
	bool coherent; /**< dma-coherent on the node or a parent (devicetree
	                * dma-coherent binding) */
	/** How it reaches memory in truth; no driver may look at this. */
	enum dmasim_port_kind port;
	int smmu; /**< index, -1: not behind one */
	uint32_t stream_id;
	/** dma-ranges of the parents: bus address = PA - offset; limit is the
	 * highest reachable bus address. */
	uint64_t dma_offset, dma_limit;
	uint64_t pci_io_cpu, pci_io_size; /**< legacy PCI: the I/O window */
	uint64_t pci_io_bus;
};

struct dmasim_testdev_info {
	struct dmasim_testdev *dev;
	char path[128];
	uint16_t bdf;
	int smmu;
	uint32_t stream_id;
};

/** OK, E_NOTFOUND past the end. */
DMASIM_API int dmasim_machine_smmu(struct dmasim_machine *m, size_t index,
                                   struct dmasim_smmu_info *info);
DMASIM_API int dmasim_machine_disk(struct dmasim_machine *m, size_t index,
                                   struct dmasim_disk_info *info);
DMASIM_API int dmasim_machine_testdev(struct dmasim_machine *m, size_t index,
                                      struct dmasim_testdev_info *info);
DMASIM_API int dmasim_machine_ram(struct dmasim_machine *m, size_t index,
                                  uint64_t *base, uint64_t *size);

/** What a tree with dmasim,timing has between caches and RAM. */
struct dmasim_machine_timing {
	/** With what the tree says otherwise. */
	const struct dmasim_timing_profile *profile;
	struct dmasim_dram *dram;
	/** By agent: dmasim_interconnect_stats() of its number. */
	struct dmasim_interconnect *interconnect;
};

/** False: the tree has none, and RAM costs what the map says. */
DMASIM_API bool dmasim_machine_timing(struct dmasim_machine *m,
                                      struct dmasim_machine_timing *timing);

/** The whole machine, into one of the same tree and checker setting. E_STATE
 * while it runs, a process is alive or an access is pending; E_FORMAT. After a
 * failed restore it is fit only to be destroyed. */
DMASIM_API int dmasim_machine_save(struct dmasim_machine *m,
                                   struct dmasim_writer *w);
DMASIM_API int dmasim_machine_restore(struct dmasim_machine *m,
                                      struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
