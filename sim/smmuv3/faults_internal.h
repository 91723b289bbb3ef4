/* SPDX-License-Identifier: MIT */
/* Events, stalled transactions, and what a CMD_SYNC waits for. */
#ifndef SMMUV3_FAULTS_INTERNAL_H
#define SMMUV3_FAULTS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/state.h"
#include "dmasim/txn.h"
#include "spec/event.h"

struct dmasim_smmu;
struct smmu_bank;
struct smmu_ctx;

/* ---- events ---- */

struct smmu_event {
	uint8_t type; /* 0: fault without a record */
	uint8_t class;
	struct smmu_bank *bank; /* whose queue takes the record */
	uint32_t sid, ssid;
	bool ssv;
	bool rnw, pnu, ind;
	bool s2, ttrnw, nsipa;
	bool silent;    /* no record: CD.R = 0, STE.S2R = 0, RECINVSID = 0 */
	bool raz_wi;    /* CD.A = 0 */
	bool may_stall; /* the fault model says stall: CD.S, STE.S2S */
	bool stall;     /* the record of a stalled transaction */
	bool mev;       /* STE.MEV: may be merged */
	uint16_t stag;
	uint16_t reason;
	/* F_BAD_ATS_TREQ, E_PAGE_REQUEST: SMMU_PERM_* asked for, and the
	 * number of translations or pages. */
	uint8_t perm, span;
	uint64_t input;
	uint64_t ipa;
	uint64_t fetch;
};

/* ---- stalled transactions (3.12.2) ---- */

enum smmu_stall_record {
	SMMU_STALL_HELD,     /* until the event queue is writable */
	SMMU_STALL_QUEUED,   /* in the FIFO of the event queue */
	SMMU_STALL_RECORDED, /* visible, or lost by an external abort */
};

enum smmu_verdict {
	SMMU_VERDICT_RETRY,
	SMMU_VERDICT_ABORT,
	SMMU_VERDICT_RAZ_WI,
	SMMU_VERDICTS,
};

struct smmu_stall {
	struct smmu_event e;
	uint16_t stag;
	uint8_t record;  /* enum smmu_stall_record */
	uint8_t verdict; /* enum smmu_verdict, once there is one */
	bool admitted;   /* it waited for a STAG, and one is kept free */
	/* Next of those whose records are held, that wait for a STAG, or that
	 * are decided. */
	struct smmu_ctx *next;
	/* Restored, its client not yet back: what it has read so far. */
	uint8_t *read;
};

/* Oldest first. */
struct smmu_ctx_list {
	struct smmu_ctx *first, *last;
};

struct smmu_stalls {
	struct smmu_ctx **slot; /* by STAG */
	uint32_t max, used, next;
	uint32_t admitted;            /* how many */
	struct smmu_ctx_list waiting; /* for a STAG */
	uint32_t detached;            /* restored, no client yet */
	struct smmu_ctx_list decided; /* of these */
};

/* record.c */
void smmu_build_record(const struct smmu_bank *b, const struct smmu_event *e,
                       uint64_t record[EVENT_WORDS]);
/* 7.3.1: two records may be one. */
bool smmu_records_alike(const uint64_t a[EVENT_WORDS],
                        const uint64_t b[EVENT_WORDS]);

/* evtq.c */
void smmu_record(const struct smmu_event *e, const struct dmasim_txn *cause);
/* The record of @c, which has just stalled. */
void smmu_record_stall(struct smmu_ctx *c);
/* @c is no longer stalled: a record that is not on its way yet is not
 * written. */
void smmu_forget_stall(struct smmu_ctx *c);
void smmu_evtq_run(struct smmu_bank *b);
void smmu_evtq_written(struct smmu_bank *b);

/* stall.c */
int smmu_stalls_init(struct dmasim_smmu *s);
void smmu_stalls_free(struct dmasim_smmu *s);
/* STALL_MODEL for the streams of @b (3.12). */
uint8_t smmu_stall_model(const struct smmu_bank *b);
/* False: @c cannot wait, and has to be terminated. */
bool smmu_stall(struct smmu_ctx *c, const struct smmu_event *e);
/* It is to be tried again, as if it had just arrived. */
void smmu_stall_retry(struct smmu_ctx *c);
/* One that waits for a STAG arrives again, if there is one. */
void smmu_stall_admit(struct dmasim_smmu *s);
/* SMMU_CALL_RETRY. */
void smmu_stall_act(struct smmu_ctx *c);
/* 6.3.9.6: SMMUEN became 0. */
void smmu_stalls_disable(struct smmu_bank *b);
/* CERROR_*. */
unsigned smmu_cmd_resume(struct smmu_bank *b, const uint64_t *cmd);
unsigned smmu_cmd_stall_term(struct smmu_bank *b, const uint64_t *cmd);
void smmu_ctx_append(struct smmu_ctx_list *l, struct smmu_ctx *c);
void smmu_ctx_unlink(struct smmu_ctx_list *l, struct smmu_ctx *c);
/* stall_state.c */
void smmu_stalls_save(const struct dmasim_smmu *s, struct dmasim_writer *w);
/* OK, E_NOMEM, E_FORMAT. */
int smmu_stalls_restore(struct dmasim_smmu *s, struct dmasim_reader *r);
/* Forget what was restored and has no client. */
void smmu_stalls_drop(struct dmasim_smmu *s);
/* The restored context that @txn is, with what it had read; or NULL. */
struct smmu_ctx *smmu_stall_attach(struct dmasim_smmu *s,
                                   struct dmasim_txn *txn);

#endif
