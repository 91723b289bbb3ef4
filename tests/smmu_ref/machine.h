/* SPDX-License-Identifier: MIT */
/* The model under test: an SMMU over RAM, and what one access of a client
 * does. */
#ifndef DMASIM_TESTS_SMMU_REF_MACHINE_H
#define DMASIM_TESTS_SMMU_REF_MACHINE_H

#include "check.h"

#include "dmasim/smmu_commands.h"
#include "dmasim/smmu_tables.h"
#include "dmasim/smmuv3.h"
#include "ref.h"

/* Sparse; tables only. Where translated accesses go nothing is needed. */
#define RAM_BASE   0x40000000ull
#define RAM_SIZE   0x80000000ull
#define QUEUES     (RAM_BASE + 0x1000)
#define QUEUES_END (QUEUES + 0x2000)
#define HOST_FROM  0x41000000ull
#define HOST_TO    0x50000000ull
#define GUEST_FROM 0x60000000ull /* in 512 MiB that stage 2 can map whole */
#define GUEST_TO   0x60200000ull

#define CMDQ_LOG2 4u
#define EVTQ_LOG2 5u

struct machine_ids {
	uint32_t idr[7], s_idr[7];
	/* The stream is one of the Secure state. */
	bool secure;
	bool no_caches;
	uint32_t tlb_entries, config_entries; /* 0: the defaults */
};

struct machine_write {
	uint64_t pa, old, value;
};

/* What became of one access. */
struct machine_seen {
	enum dmasim_result result;
	bool stalled;
	unsigned outputs; /* accesses that came out */
	uint64_t pa;
	struct dmasim_attr attr;
	bool ns;   /* they came out in the Non-secure address space */
	bool zero; /* the data that was read is 0 */
	unsigned events;
	bool lost;
	uint64_t record[4];
	struct machine_write writes[64]; /* of descriptors */
	unsigned written;
};

struct machine {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_port ram, regs, client;
	struct dmasim_smmu *smmu;
	uint32_t actor;
	bool done;
	/* Registers of the Secure state: 0x8000, and no page 1. */
	bool secure;
	uint32_t bank, page1;
	struct ref_regs ref;
	uint32_t cmd_prod;
	struct machine_seen *seen;
};

/* What the model shows by itself. */
void machine_probe(struct machine_ids *ids);
void machine_open(struct machine *m, const struct machine_ids *ids);
void machine_close(struct machine *m);

void machine_w32(struct machine *m, uint32_t offset, uint32_t v);
void machine_w64(struct machine *m, uint32_t offset, uint64_t v);
uint32_t machine_r32(struct machine *m, uint32_t offset);
/* Off, set registers, on again. */
struct machine_setup {
	struct dmasim_tables_streams streams;
	uint32_t cr2, gbpa;
	bool off, sif;
};
void machine_setup(struct machine *m, const struct machine_setup *s);

void machine_command(struct machine *m, struct dmasim_tables_cmd c);
/* Forget all. */
void machine_flush(struct machine *m);
void machine_access(struct machine *m, const struct ref_txn *t,
                    struct machine_seen *seen);

#endif
