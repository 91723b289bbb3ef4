/* SPDX-License-Identifier: MIT */
/* The machine that a program runs on. */
#ifndef DMASIM_TESTS_PROG_RIG_H
#define DMASIM_TESTS_PROG_RIG_H

#include "prog.h"

#include "dmasim/driver.h"
#include "dmasim/smmu_commands.h"
#include "dmasim/smmu_tables.h"
#include "dmasim/smmuv3.h"

/* Physical memory. */
#define RAM_AT        0x80000000ull
#define RAM_SIZE      0x100000ull
#define RING_AT       RAM_AT /**< one page for the device's ring */
#define COHERENT_SIZE 0x2000ull
#define LOCK_AT       (RAM_AT + 0x10000) /**< the lock, on a page of its own */
#define HAND_AT       (RAM_AT + 0x11000) /**< flags between CPUs */
#define SHARED_AT     (RAM_AT + 0x12000) /**< what the lock protects */
#define NOISE_AT      (RAM_AT + 0x20000) /**< 0x4000 for each CPU */
#define BUFS_AT       (RAM_AT + 0x40000)
#define TABLES_AT     (RAM_AT + 0x80000)
#define CMDQ_AT       (RAM_AT + 0xf0000)
#define EVTQ_AT       (RAM_AT + 0xf4000)
#define CMDQ_LOG2     6u
#define DOORBELL      0x9000000ull
#define SMMU_REGS     0xa000000ull

/* The ring's parts. */
#define RING_DESC  0x0u /**< 16 bytes each */
#define RING_INDEX 0x400u
#define RING_USED  0x800u /**< 8 bytes each */
#define RING_DONE  0xc00u

/* Virtual addresses of the CPUs. */
#define VA_WB   0x10000000ull
#define VA_NC   0x20000000ull
#define VA_BOTH 0x28000000ull
#define VA_BELL 0x30000000ull
#define VA_SMMU 0x40000000ull

/* What the device uses, behind an SMMU. */
#define IOVA_RING 0x50000000ull
#define IOVA_SLOT 0x60000000ull

#define STREAM 1u

struct prog_rig {
	const struct prog *p;
	struct prog_result *r;
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_choice *choice;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu[PROG_CPUS];
	struct dmasim_port memory; /**< the device's, behind the SMMU */
	struct dmasim_port dma;    /**< what the device uses */
	uint32_t agent;            /**< the device */
	struct dmasim_smmu *smmu;
	struct dmasim_port smmu_regs;
	uint64_t pte[PROG_SLOTS];
	uint32_t cmd_prod;
	/** The memory for both sides: ring and buffers. */
	uint64_t both_va, both_dma, both_pa;
	struct dmasim_event *bell, *irq;
	unsigned kicks, irqs, done_cpus;
	/* With harness/driver. */
	struct dmasim_machine *machine;
	struct dmasim_guest *guest;
	struct dmasim_smmu_drv *smmu_drv;
	struct dmasim_dma *api;
	uint64_t bus[PROG_SLOTS]; /**< of what a slot maps */
	/* What everybody should see. */
	uint8_t golden[PROG_BUFS][4096];
	uint8_t shared[64];
	uint8_t fill; /**< the next pattern */
	uint8_t served;
};

int rig_build(struct prog_rig *g, const struct prog_run_config *cfg);
void rig_end(struct prog_rig *g);
/** The same with harness/driver. */
int rig_build_harness(struct prog_rig *g, const struct prog_run_config *cfg);
void rig_end_harness(struct prog_rig *g);
/** What both have: the device, its doorbell, the CPUs' mappings, names. */
int rig_finish(struct prog_rig *g);
int rig_add_device(struct prog_rig *g);
/** The checker's number of a CPU. */
uint32_t rig_agent(const struct prog_rig *g, unsigned cpu);
/** The SMMU's tables, queues and registers. */
int rig_smmu(struct prog_rig *g);
/** One CPU's steps; a process. */
struct prog_thread {
	struct prog_rig *g;
	unsigned cpu;
};
void rig_cpu(void *thread);
void rig_device(void *rig);
/** The first thing that goes wrong counts. */
void rig_fail(struct prog_rig *g, enum prog_end end, const char *fmt, ...)
        DMASIM_PRINTF(3, 4);

static inline uint64_t rig_pa(const struct prog_rig *g, unsigned buf)
{
	const struct prog_buf *b = &g->p->buf[buf];

	/* The ring has the first page. */
	return (b->both ? g->both_pa + 0x1000 : BUFS_AT) + b->at;
}

/** What the device calls [off, ...) of a request's buffer. */
static inline uint64_t rig_dma(const struct prog_rig *g,
                               const struct prog_req *q, uint32_t off)
{
	uint64_t pa = rig_pa(g, q->buf) + off;

	if (g->p->buf[q->buf].both)
		return g->both_dma + (pa - g->both_pa);
	if (g->p->m.harness)
		return g->bus[q->slot] + (off - q->off);
	return g->p->m.smmu ? IOVA_SLOT + 0x1000ull * q->slot + (pa & 0xfff)
	                    : pa;
}

static inline uint64_t rig_wb(uint64_t pa)
{
	return VA_WB + (pa - RAM_AT);
}

/** Where the CPUs see a buffer. */
static inline uint64_t rig_va(const struct prog_rig *g, unsigned buf)
{
	uint64_t pa = rig_pa(g, buf);

	return g->p->buf[buf].both ? g->both_va + (pa - g->both_pa)
	                           : rig_wb(pa);
}

#endif
