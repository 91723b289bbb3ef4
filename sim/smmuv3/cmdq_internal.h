/* SPDX-License-Identifier: MIT */
/* Command queues: the one that each programming interface has, and ECMDQs. */
#ifndef SMMUV3_CMDQ_INTERNAL_H
#define SMMUV3_CMDQ_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/state.h"
#include "dmasim/txn.h"
#include "spec/cmd.h"

struct dmasim_smmu;
struct smmu_bank;
struct smmu_tlb_inval;

struct smmu_cmdq {
	struct smmu_bank *bank;
	uint32_t id; /* 0: CMDQ_*; n + 1: ECMDQ n */
	bool running, waiting;
	bool syncing; /* the CMD_SYNC in data waits */
	/* For what: records of both event queues, the oldest so many; and
	 * transactions translated before. */
	uint32_t awaited[2];
	uint32_t sync_epoch;
	uint32_t messages; /* of CMD_SYNCs, not yet arrived */
	bool atc_failed;   /* the next CMD_SYNC says so */
	struct smmu_cmdq *next_sync;
	struct dmasim_txn txn;
	uint8_t data[CMD_SIZE];
	/* 6.3.107 - 6.3.109; those of CMDQ_* are in the bank. */
	uint64_t base;
	uint32_t prod, cons;
};

/* cmdq.c */
/* The Command queue of @b, and those ECMDQs that had to stop. */
void smmu_cmdq_run(struct smmu_bank *b);
void smmu_queue_run(struct smmu_cmdq *q);
/* The read of a command is complete. */
void smmu_cmdq_fetched(struct smmu_cmdq *q);
/* The CMD_SYNC that waited is complete, or failed. */
void smmu_cmdq_synced(struct smmu_cmdq *q, unsigned error);
bool smmu_queue_on(const struct smmu_cmdq *q);
/* Software has written a register: what follows is not the SMMU's own doing
 * alone. */
void smmu_cmdq_prompted(struct dmasim_smmu *s);
bool smmu_cmdq_busy(const struct smmu_bank *b);
/* By the argument of its calls; NULL: there is none. */
struct smmu_cmdq *smmu_cmdq_find(struct dmasim_smmu *s, uint64_t arg);
uint64_t smmu_queue_base(const struct dmasim_smmu *s, uint64_t base,
                         uint8_t max_log2, unsigned entry_log2,
                         unsigned *log2size);

/* cmd_exec.c: CERROR_*. */
unsigned smmu_cmd_execute(struct smmu_cmdq *q, const uint64_t *cmd);
/* Commands of features: CERROR_ILL without, unless the profile does not mind
 * (SMMU_QUIRK_CMD_TOLERANT). */
unsigned smmu_cmd_needs(const struct smmu_bank *b, bool feature);
/* 4.1.6: SSec says whose streams a command is for. False: CERROR_ILL. */
bool smmu_cmd_bank(struct smmu_bank *b, const uint64_t *cmd,
                   struct smmu_bank **target);
/* cmd_tlbi.c */
bool smmu_cmd_is_tlbi(uint64_t op);
unsigned smmu_cmd_tlbi(struct smmu_bank *b, const uint64_t *cmd);

/* ecmdq.c */
int smmu_ecmdq_init(struct smmu_bank *b);
void smmu_ecmdq_reset(struct smmu_bank *b);
/* An access to page @page of @b's control pages. */
uint64_t smmu_ecmdq_read(const struct smmu_bank *b, uint32_t page,
                         uint32_t offset, uint32_t size);
void smmu_ecmdq_write(struct smmu_bank *b, uint32_t page, uint32_t offset,
                      uint32_t size, uint64_t value);
/* Where those pages are: 6.3.49 - 6.3.51, at @offset of page 0. 0: there is
 * nothing. */
uint64_t smmu_ecmdq_control(const struct smmu_bank *b, uint32_t offset,
                            uint32_t size);
/* Something has ended that ENACK may wait for. */
void smmu_ecmdq_ack(struct smmu_cmdq *q);
void smmu_ecmdq_save(const struct smmu_bank *b, struct dmasim_writer *w);
void smmu_ecmdq_restore(struct smmu_bank *b, struct dmasim_reader *r);

/* sync.c: CMD_SYNC (4.7.3) */
/* The command starts to wait; false: it need not. */
bool smmu_sync_wait(struct smmu_cmdq *q);
/* CERROR_*: how one ends that need not wait any more. */
unsigned smmu_sync_error(struct smmu_cmdq *q);
/* Something that a CMD_SYNC may wait for has ended. */
void smmu_sync_poll(struct dmasim_smmu *s);
/* Record @i of those that @b's event queue has yet to write, the oldest is 0,
 * is written or dropped. */
void smmu_sync_record_gone(struct smmu_bank *b, uint32_t i);

#endif
