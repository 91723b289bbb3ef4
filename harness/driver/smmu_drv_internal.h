/* SPDX-License-Identifier: MIT */
#ifndef SMMU_DRV_INTERNAL_H
#define SMMU_DRV_INTERNAL_H

#include "driver_internal.h"
#include "smmu_hw.h"

/** How long Linux polls a register or the command queue. */
#define SMMU_POLL_TIMEOUT DMASIM_SEC

/** STEs of one second-level table, as a power of two. */
#define SMMU_SPLIT 8u
/** First-level entries, as a power of two, at most: 1 MiB. */
#define SMMU_L1_LOG2_MAX 17u
/** StreamID bits that a linear table covers at most: 4 MiB. */
#define SMMU_LINEAR_LOG2_MAX 16u
#define SMMU_VA_BITS         48u
#define SMMU_BATCH           64u

/** Memory that CPU and SMMU share, as dma_alloc_coherent() gives it. */
struct smmu_mem {
	uint64_t va, dma, pa, size; /**< size 0: none */
};

struct smmu_queue {
	struct smmu_mem mem;
	unsigned log2;
	unsigned entry; /**< bytes */
	/** Index and wrap bit of the side that is the driver's: PROD of
	 * commands, CONS of events. */
	uint32_t ptr;
	/** The other side's register, as read last. */
	uint32_t other;
};

/** A second-level stream table. */
struct smmu_l2 {
	uint32_t index;
	struct smmu_mem mem;
};

struct smmu_domain {
	uint16_t asid;
	struct smmu_mem cd;
	uint64_t root;   /**< physical address of the level 0 table */
	uint64_t *pages; /**< every table page, root first */
	size_t page_count, page_cap;
};

struct smmu_stream {
	uint32_t sid;
	enum dmasim_domain type;
	struct smmu_domain *domain; /**< DMASIM_DOMAIN_DMA only */
};

struct smmu_cmd {
	uint64_t word[2];
};

/** What to map, with the descriptor bits that every leaf gets. */
struct smmu_pt_range {
	uint64_t iova, pa, size, prot;
};

struct smmu_record {
	uint64_t word[4];
};

struct dmasim_smmu_drv {
	struct dmasim_smmu_drv_config cfg;
	struct dmasim_guest *guest;
	struct dmasim_smmu_info info;
	struct dmasim_dma *dma; /**< for smmu_mem */
	uint64_t regs;          /**< virtual address */
	bool running;           /**< it may be on, and is to be switched off */

	/* Features. */
	bool stall, range_inval, hyp;
	unsigned sid_bits, oas_bits, asid_bits;

	/* Stream table. */
	bool two_level;
	unsigned strtab_log2; /**< StreamID bits covered */
	struct smmu_mem strtab;
	struct smmu_l2 *l2;
	size_t l2_count, l2_cap;
	struct smmu_stream *streams;
	size_t stream_count, stream_cap;

	struct smmu_queue cmdq, evtq;
	unsigned cmd_error;  /**< code of the last command error; 0: none */
	uint32_t cmd_errors; /**< since the commands last handed over */

	/* Set by the interrupt handlers, cleared by the poll. */
	bool evtq_irq, gerror_irq;
	struct smmu_record *records;
	size_t record_count, record_cap;
	bool overflowed;
	uint32_t ovack; /**< OVACKFLG as written last */
};

static inline uint64_t smmu_queue_size(const struct smmu_queue *q)
{
	return 1ull << q->log2;
}

/** Index and wrap bit. */
static inline uint32_t smmu_queue_mask(const struct smmu_queue *q)
{
	return (uint32_t)(2 * smmu_queue_size(q) - 1);
}

static inline uint64_t smmu_queue_va(const struct smmu_queue *q, uint32_t ptr)
{
	return q->mem.va + (ptr & (smmu_queue_size(q) - 1)) * q->entry;
}

/* smmu_drv.c */
int drv_smmu_read(struct dmasim_smmu_drv *d, uint32_t reg, uint32_t size,
                  uint64_t *value, struct dmasim_origin origin);
int drv_smmu_write(struct dmasim_smmu_drv *d, uint32_t reg, uint32_t size,
                   uint64_t value, struct dmasim_origin origin);
/** Write a control register, and wait until @ack shows the same. */
int drv_smmu_write_sync(struct dmasim_smmu_drv *d, uint32_t reg, uint32_t ack,
                        uint64_t value, struct dmasim_origin origin);
/** One more try of a poll that began at @start: waits longer each time.
 * OK, E_TIMEOUT. */
int drv_smmu_backoff(struct dmasim_smmu_drv *d, uint64_t start,
                     uint64_t *delay);
/** Zeroed memory; @what names it in findings. */
int drv_smmu_mem_alloc(struct dmasim_smmu_drv *d, uint64_t size,
                       const char *what, struct smmu_mem *m);
int drv_smmu_mem_free(struct dmasim_smmu_drv *d, struct smmu_mem *m);
/** A name for findings. */
int drv_smmu_name(struct dmasim_smmu_drv *d, uint64_t pa, uint64_t size,
                  const char *what);

/* smmu_probe.c */
int drv_smmu_probe(struct dmasim_smmu_drv *d);
int drv_smmu_reset(struct dmasim_smmu_drv *d);
int drv_smmu_disable(struct dmasim_smmu_drv *d);

/* smmu_tables.c */
int drv_smmu_strtab_alloc(struct dmasim_smmu_drv *d);
int drv_smmu_strtab_free(struct dmasim_smmu_drv *d);
/** Value of STRTAB_BASE_CFG. */
uint64_t drv_smmu_strtab_cfg(const struct dmasim_smmu_drv *d);
/** Where the STE of @sid lies. Allocates its second level if @alloc is set.
 * OK, E_RANGE, E_NOTFOUND, E_NOMEM. */
int drv_smmu_ste(struct dmasim_smmu_drv *d, uint32_t sid, bool alloc,
                 uint64_t *va, uint64_t *pa);
/** An STE without a table: @config is abort or bypass. */
int drv_smmu_ste_plain(struct dmasim_smmu_drv *d, uint32_t sid,
                       unsigned config);
int drv_smmu_ste_stage1(struct dmasim_smmu_drv *d, uint32_t sid,
                        const struct smmu_domain *domain);
int drv_smmu_cd_write(struct dmasim_smmu_drv *d,
                      const struct smmu_domain *domain);

/* smmu_domain.c */
struct smmu_stream *drv_smmu_stream(const struct dmasim_smmu_drv *d,
                                    uint32_t sid);
/** Frees the domain's memory. */
int drv_smmu_domain_free(struct dmasim_smmu_drv *d, struct smmu_domain *domain);

/* smmu_pgtable.c */
int drv_smmu_table_alloc(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                         uint64_t *pa);
/** The descriptor that decides about @iova: where it lies, its value and its
 * level. OK, or an error of the loads. */
int drv_smmu_walk(struct dmasim_smmu_drv *d, const struct smmu_domain *domain,
                  uint64_t iova, uint64_t *pte_pa, uint64_t *pte, int *level);
int drv_smmu_pt_map(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                    const struct smmu_pt_range *r);
int drv_smmu_pt_unmap(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                      uint64_t iova, uint64_t size);

/* smmu_cmdq.c */
/** Hand @n commands over; with @sync a CMD_SYNC follows and is waited for.
 * E_DEVICE: the SMMU refused a command. */
int drv_smmu_issue(struct dmasim_smmu_drv *d, const struct smmu_cmd *cmd,
                   size_t n, bool sync);
/** Handle global errors. */
int drv_smmu_gerror(struct dmasim_smmu_drv *d);

/* smmu_evtq.c */
void drv_smmu_evtq_irq(void *ctx, uint32_t line);
void drv_smmu_gerror_irq(void *ctx, uint32_t line);

#endif
