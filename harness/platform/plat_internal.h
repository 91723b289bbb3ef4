/* SPDX-License-Identifier: MIT */
/*
 * What a device tree says about a machine, checked, before any part of it is
 * built; and the machine.
 */
#ifndef DMASIM_PLATFORM_PLAT_INTERNAL_H
#define DMASIM_PLATFORM_PLAT_INTERNAL_H

#include "dmasim/platform.h"
#include "dt_internal.h"

#define PLAT_RAM_MAX      64
#define PLAT_CPU_MAX      64
#define PLAT_SMMU_MAX     16
#define PLAT_HOST_MAX     16
#define PLAT_DISK_MAX     256
#define PLAT_TESTDEV_MAX  64
#define PLAT_DOORBELL_MAX 16
/* Everything that takes addresses; a host bridge has four ranges. */
#define PLAT_RANGE_MAX                                                         \
	(PLAT_RAM_MAX + (1 + 2 * DMASIM_SMMU_PMCGS) * PLAT_SMMU_MAX +          \
	 4 * PLAT_HOST_MAX + PLAT_DISK_MAX + PLAT_DOORBELL_MAX)

#define PLAT_NO_LINE UINT32_MAX

/** A piece of the physical address space, and whose it is. */
struct plat_range {
	uint64_t base, size;
	int node;
	const char *what; /**< "memory", "registers" ... */
};

struct plat_cache_desc {
	uint32_t size, line, ways; /**< 0: not said */
};

/** A counter group: where its pages are. */
struct plat_pmcg_desc {
	int node;
	uint64_t page[2];
	uint32_t line; /**< PLAT_NO_LINE */
	struct dmasim_smmu_pmcg_config cfg;
};

/** IDR0 to IDR6. */
#define PLAT_IDRS        7u
#define PLAT_IDR0_COHACC 0x10u

struct plat_smmu_desc {
	int node;
	uint64_t base;
	uint64_t frame;             /**< bytes of registers that are mapped */
	bool coherent;              /**< what firmware says */
	enum dmasim_port_kind port; /**< what is true */
	uint32_t inner_domain;
	enum dmasim_smmu_profile profile;
	uint32_t oas_bits, sid_bits, ssid_bits_plus1; /**< 0: the profile's */
	/** Bit n: the register instead of the profile's. */
	uint8_t idr_valid, s_idr_valid;
	uint32_t idr[PLAT_IDRS], s_idr[PLAT_IDRS];
	uint32_t tlb_entries, walk_entries, config_entries; /**< 0: usual */
	uint32_t evtq, priq, sync, gerror;                  /**< PLAT_NO_LINE */
	struct plat_pmcg_desc pmcg[DMASIM_SMMU_PMCGS];
	unsigned pmcgs;
};

struct plat_host_desc {
	int node;
	uint64_t ecam_base, ecam_size;
	uint32_t bus_min, bus_max;
	struct dmasim_pci_window io, mem32, mem64;
	uint32_t intx[4];
	/** Pins of every device go to the same four wires. */
	bool straight;
};

/** How a device reaches memory. */
struct plat_master_desc {
	bool coherent;
	enum dmasim_port_kind port;
	uint32_t inner_domain;
	int smmu; /**< index, -1 */
	uint32_t stream_id;
	uint64_t dma_offset, dma_limit;
};

struct plat_disk_desc {
	int node;
	enum dmasim_transport transport;
	uint64_t regs;
	uint32_t line;
	uint32_t mmio_version;
	int host; /**< PCI: index */
	uint16_t bdf;
	struct plat_master_desc master;
	uint32_t queue_size;
	enum dmasim_ring_fault ring_fault;
	uint64_t features;
	const char *serial;
};

struct plat_testdev_desc {
	int node;
	int host;
	uint16_t bdf;
	struct plat_master_desc master;
};

struct plat_doorbell_desc {
	int node;
	uint64_t base;
};

struct plat_desc {
	struct plat_tree tree;
	struct plat_range ranges[PLAT_RANGE_MAX];
	struct plat_range ram[PLAT_RAM_MAX];
	struct plat_smmu_desc smmu[PLAT_SMMU_MAX];
	struct plat_host_desc host[PLAT_HOST_MAX];
	struct plat_disk_desc disk[PLAT_DISK_MAX];
	struct plat_testdev_desc testdev[PLAT_TESTDEV_MAX];
	struct plat_doorbell_desc doorbell[PLAT_DOORBELL_MAX];
	size_t range_count, ram_count, smmu_count, host_count, disk_count;
	size_t testdev_count, doorbell_count;
	uint32_t cpus;
	uint64_t period; /**< of the CPUs' clock in ps; 0: not said */
	/** With an l3 the l2 is each CPU's own, else the shared one. */
	struct plat_cache_desc l1, l2, l3, system;
	enum dmasim_protocol protocol;
	enum dmasim_replacement replacement;
	uint32_t ask_every;
	/** dmasim,timing, and where it is; the profile with what the tree
	 * says otherwise. */
	bool timed;
	int timing_node;
	struct dmasim_timing_profile timing;
};

/** Read and check all of it; @disks is how many the caller brings. On error
 * there is nothing to close. */
int plat_describe(const void *fdt, size_t size, size_t disks,
                  struct dmasim_diag *diag, struct plat_desc *d);
void plat_describe_end(struct plat_desc *d);

/* Parts of plat_describe(). */
int plat_claim(struct plat_desc *d, int node, const char *what, uint64_t base,
               uint64_t size);
int plat_check_overlap(const struct plat_desc *d);
int plat_describe_cpus(struct plat_desc *d);
int plat_describe_timing(struct plat_desc *d);
/** How the caches of plat_describe_cpus() work together. */
int plat_describe_hierarchy(struct plat_desc *d);
/** Size, line and sets of one cache; @level1: properties begin with "d-". */
int plat_cache(const struct plat_tree *t, int node, bool level1,
               struct plat_cache_desc *c);
/** What next-level-cache leads to from CPU @node. */
int plat_next_caches(const struct plat_tree *t, int node,
                     struct plat_cache_desc *l2, struct plat_cache_desc *l3);
/** dmasim,inner-domain of the node or the nearest bus that says it. */
int plat_inner_domain(const struct plat_tree *t, int node, uint32_t *domain);
int plat_describe_memory(struct plat_desc *d, int node);
int plat_describe_smmu(struct plat_desc *d, int node);
/** Own properties, once @s has its port. */
int plat_describe_smmu_own(const struct plat_tree *t, int node,
                           struct plat_smmu_desc *s);
/** What of @cfg the description says, but for the profile. */
void plat_smmu_config(const struct plat_smmu_desc *s,
                      struct dmasim_smmu_config *cfg);
int plat_describe_host(struct plat_desc *d, int node);
/** After all SMMUs are known. */
int plat_describe_counters(struct plat_desc *d);
/** After all SMMUs and hosts are known. */
int plat_describe_devices(struct plat_desc *d, size_t disks);
int plat_port_kind(const struct plat_tree *t, int node,
                   enum dmasim_port_kind *kind);

/*
 * A bus between a device and memory whose addresses differ from physical ones
 * or do not reach all of them (dma-ranges).
 */
struct plat_window;

int plat_window_create(struct dmasim_kernel *k, const char *name,
                       struct plat_window **out);
void plat_window_destroy(struct plat_window *w);
/** @offset is added to every address up to @limit; above it nothing answers. */
struct dmasim_port plat_window_port(struct plat_window *w,
                                    const struct dmasim_port *down,
                                    uint64_t offset, uint64_t limit);
/** Whether it holds an access that is not complete. */
bool plat_window_busy(const struct plat_window *w);

/** Says who a device's transactions are from before an IOMMU sees them; memory
 * itself would only say it behind it. */
struct plat_tag {
	struct dmasim_port down;
	uint32_t agent;
};

struct dmasim_port plat_tag_port(struct plat_tag *t,
                                 const struct dmasim_port *down,
                                 uint32_t agent);

/** Everything between a device and memory. */
struct plat_way {
	struct plat_tag tag;
	struct plat_window *window; /**< NULL: bus addresses are physical */
};

struct plat_smmu {
	struct dmasim_smmu *smmu;
	struct dmasim_smmu_info info;
};

struct plat_disk {
	struct dmasim_blk *blk;
	struct plat_way way;
	struct dmasim_disk *own; /**< when the caller brought none */
	struct dmasim_disk_info info;
};

struct plat_testdev {
	struct dmasim_testdev *dev;
	struct plat_way way;
	struct dmasim_testdev_info info;
};

struct dmasim_machine {
	struct dmasim_kernel *kernel;
	struct dmasim_choice *choice;
	struct dmasim_checker *checker;
	struct dmasim_map *map;
	/** NULL without dmasim,timing. */
	struct dmasim_dram *dram;
	struct dmasim_interconnect *interconnect;
	struct dmasim_timing_profile timing;
	struct dmasim_memsys *memsys;
	struct dmasim_irqc *irqc;
	struct dmasim_cpu *cpus[PLAT_CPU_MAX];
	struct dmasim_pci_host *hosts[PLAT_HOST_MAX];
	struct plat_smmu smmus[PLAT_SMMU_MAX];
	struct plat_disk *disks;
	struct plat_testdev *testdevs;
	struct plat_range ram[PLAT_RAM_MAX];
	size_t cpu_count, host_count, smmu_count, disk_count, testdev_count;
	size_t ram_count;
	/** Of the blob: a state goes only into a machine of the same tree. */
	uint64_t fingerprint;
};

/** DRAM and the interconnect; @memory is where the caches' misses go. */
int plat_build_timing(struct dmasim_machine *m, const struct plat_desc *d,
                      struct dmasim_port *memory);
/** Caches and clock of @cfg by the profile, but for what the tree says. */
void plat_timed_caches(const struct plat_desc *d,
                       struct dmasim_memsys_config *cfg);

/** Build @m, which is zeroed, from the description. On error the caller
 * destroys what is there. */
int plat_build(struct dmasim_machine *m, const struct plat_desc *d,
               const struct dmasim_machine_config *cfg);

#endif
