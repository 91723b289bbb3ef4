/* SPDX-License-Identifier: MIT */
/*
 * Driver/device programs: a machine, buffers, requests and a list of steps,
 * each done by one CPU. A device serves the requests. A program says all that
 * happens but for what the architecture leaves open.
 *
 * A step keeps its number when others are removed: findings name it as the
 * line of the file PROG_FILE.
 */
#ifndef DMASIM_TESTS_PROG_H
#define DMASIM_TESTS_PROG_H

#include "check.h"
#include "trace_hash.h"

#include "dmasim/explore.h"
#include "dmasim/finding.h"

#define PROG_FILE  "program"
#define PROG_STEPS 400u
#define PROG_BUFS  6u
#define PROG_REQS  16u
#define PROG_CPUS  3u
/** IOVA slots: fewer than buffers, so that they are used again. */
#define PROG_SLOTS 3u
#define PROG_HANDS 16u

enum prog_op {
	PROG_NONE,
	PROG_FILL,     /**< a CPU writes [off, off + len) of a buffer */
	PROG_CHECK,    /**< and reads it: all as it must be */
	PROG_MAP,      /**< dma_map_single() */
	PROG_UNMAP,    /**< dma_unmap_single() */
	PROG_SYNC_DEV, /**< dma_sync_single_for_device() */
	PROG_SYNC_CPU, /**< dma_sync_single_for_cpu() */
	PROG_CLEAN,    /**< DC CVAC of a buffer */
	PROG_INVAL,    /**< DC IVAC */
	PROG_DSB,      /**< completes maintenance, or a table's update */
	PROG_DESC,     /**< the descriptor of a request */
	PROG_WMB,      /**< dma_wmb(): descriptor before index */
	PROG_INDEX,    /**< the index that exposes it */
	PROG_MB,       /**< wmb(): index before doorbell */
	PROG_KICK,     /**< doorbell */
	PROG_WAIT_IRQ, /**< the request is done: by interrupt */
	PROG_POLL,     /**< by the device's index */
	PROG_RMB,      /**< dma_rmb(): index before what it exposes */
	PROG_USED,     /**< the device's record of the request */
	PROG_HAND,     /**< pass a flag to another CPU */
	PROG_TAKE,     /**< wait for it */
	PROG_LOCK,
	PROG_UNLOCK,
	PROG_ACQ,    /**< after TAKE or LOCK */
	PROG_REL,    /**< before HAND or UNLOCK */
	PROG_SHARED, /**< under the lock: look at and change shared bytes */
	PROG_NOISE,  /**< a CPU's own memory, in the way of the others */
	PROG_PT_SET, /**< a descriptor of a request's IOVA */
	PROG_PT_CLEAR,
	PROG_PT_CLEAN, /**< DC CVAC of it */
	PROG_TLBI,
	PROG_SYNC, /**< CMD_SYNC, and wait for it */
	PROG_OPS,
};

enum prog_dir {
	PROG_TO_DEVICE,
	PROG_FROM_DEVICE,
	PROG_BOTH,
};

struct prog_step {
	uint8_t op; /**< enum prog_op */
	uint8_t cpu;
	uint8_t what; /**< number of the buffer, request, flag */
	/** Its number + 1 in the whole program. */
	uint16_t id;
	uint16_t off, len;
	/** Steps that only make sense together have the same. */
	uint16_t group;
};

struct prog_buf {
	uint32_t at; /**< offset in its area */
	uint32_t size;
	bool both; /**< of dma_alloc_coherent(), never mapped */
};

struct prog_req {
	uint8_t buf, slot, dir;
	/** Steps between which the device has it. */
	uint16_t kick, wait;
	uint16_t off, len;
	uint16_t group;
	/** Its steps were left out: the device passes over it. */
	bool gone;
};

/** How the device reaches memory, and what the driver believes. */
enum prog_device {
	PROG_COHERENT,    /**< dma-coherent, snoops */
	PROG_NONCOHERENT, /**< no dma-coherent, does not */
	PROG_HOST,        /**< dma-coherent, a cached process of the host */
	/** The same without dma-coherent; FEAT_S2FWB makes up for it. */
	PROG_HOST_FWB,
	PROG_DEVICES,
};

struct prog_machine {
	uint8_t device; /**< enum prog_device */
	uint8_t cpus;
	uint16_t line;
	bool smmu, smmu_coherent;
	/** Levels beside the L1s and, unless @no_shared, a shared cache. */
	bool private_l2, system, no_shared;
	bool moesi;
	uint8_t replacement; /**< enum dmasim_replacement */
	/** As dmasim_memsys_config has it. */
	uint8_t ask_every;
	/** Maintenance by the driver itself instead of the DMA API. */
	bool bare;
	/** The device looks at the index by itself. */
	bool device_polls;
	/** A machine of a device tree, and harness/driver's DMA API and SMMU
	 * driver instead of steps of the program's own. */
	bool harness;
};

/** What the driver believes: no dma-coherent. */
static inline bool prog_noncoherent(const struct prog_machine *m)
{
	return m->device == PROG_NONCOHERENT || m->device == PROG_HOST_FWB;
}

struct prog {
	uint64_t seed;
	struct prog_machine m;
	uint8_t bufs, reqs;
	uint16_t steps;
	struct prog_buf buf[PROG_BUFS];
	struct prog_req req[PROG_REQS];
	struct prog_step step[PROG_STEPS];
};

/** Leave out the steps and requests of a group. */
void prog_drop(struct prog *p, unsigned group);

/** A program that is right. */
void prog_generate(struct prog *p, uint64_t seed);
/** One that uses harness/driver. */
void prog_generate_harness(struct prog *p, uint64_t seed);
const char *prog_op_name(unsigned op);
/** One line per step. */
void prog_print(const struct prog *p, FILE *f);

/** What came of a run. */
enum prog_end {
	PROG_OK,
	PROG_WRONG, /**< somebody saw wrong data */
	PROG_HANG,  /**< somebody waited in vain */
	PROG_FAULT, /**< the device's access was refused */
};

#define PROG_FOUND 8u

struct prog_found {
	enum dmasim_finding_kind kind;
	bool potential;
	uint64_t addr;
	/** Steps of the parties (0: none, or the device's); requests. */
	unsigned reader, writer;
	bool reader_is_device, writer_is_device;
	/** The SMMU is a party: at any time after the other's step. */
	bool smmu;
	uint64_t reader_request, writer_request;
	char remedy[sizeof(((struct dmasim_finding *)0)->remedy)];
	char object[sizeof(((struct dmasim_finding *)0)->object)];
};

struct prog_result {
	enum prog_end end;
	unsigned found_count;
	struct prog_found found[PROG_FOUND];
	char first[3072]; /**< the text of the first finding */
	char why[128];    /**< of an end that is not OK */
};

struct prog_run_config {
	const struct dmasim_backend *backend;
	/** NULL: defaults. */
	struct dmasim_choice *choice;
	struct trace_hash *trace; /**< NULL: no trace */
};

/** Build the machine, run, take it down. */
void prog_run(const struct prog *p, const struct prog_run_config *cfg,
              struct prog_result *r);

static inline uint64_t prog_random(uint64_t *s)
{
	uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/** 0 .. n - 1 */
static inline unsigned prog_below(uint64_t *s, unsigned n)
{
	return (unsigned)((prog_random(s) >> 32) * n >> 32);
}

#endif
