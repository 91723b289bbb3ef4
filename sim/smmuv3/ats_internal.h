/* SPDX-License-Identifier: MIT */
/* PCIe ATS and PRI (3.9, chapter 8): endpoints, invalidations, page
 * requests. */
#ifndef SMMUV3_ATS_INTERNAL_H
#define SMMUV3_ATS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/smmu_ats.h"
#include "spec/pri.h"
#include "translate_internal.h"

struct dmasim_smmu;
struct smmu_bank;
struct smmu_cmdq;
struct smmu_ctx;
struct smmu_request;
struct smmu_event;

/* An endpoint and its streams. */
struct smmu_ats {
	struct dmasim_smmu *smmu;
	struct smmu_ats *next;
	struct dmasim_smmu_ats_config cfg;
};

/* Invalidations that endpoints have not ended yet. */
#define SMMU_ATC_MAX 64u

struct smmu_atc {
	bool used;
	struct smmu_cmdq *queue; /* whose command it was */
	/* Tells a late call about an earlier use of this slot. */
	uint32_t generation;
	uint64_t ticket; /* of the timeout */
};

#define SMMU_PRI_FIFO 64u

struct smmu_priq {
	struct dmasim_page_request fifo[SMMU_PRI_FIFO];
	uint32_t head, count;
	bool running, waiting;
	struct dmasim_txn txn;
	uint8_t data[PRI_SIZE];
};

/* atc.c */
struct smmu_ats *smmu_ats_of(const struct dmasim_smmu *s, uint32_t sid);
void smmu_ats_free(struct dmasim_smmu *s);
/* 4.5: ATS and PRI commands of @b exist, and act. */
bool smmu_ats_commands(const struct smmu_bank *b, bool feature);
bool smmu_ats_operates(const struct smmu_bank *b);
/* CERROR_*. */
unsigned smmu_cmd_atc_inv(struct smmu_cmdq *q, const uint64_t *cmd);
/* There is a slot for one more. */
bool smmu_atc_room(const struct dmasim_smmu *s);
/* SMMU_CALL_ATC_DONE, SMMU_CALL_ATC_FAILED. */
void smmu_atc_ended(struct dmasim_smmu *s, uint64_t arg, bool ok);

/* ats.c: translation requests */
enum dmasim_result smmu_ats_run(struct smmu_ctx *c);
/* SMMU_FAULT: @ste does not answer translation requests; e->type is 0 where
 * that is not recorded. */
enum smmu_step smmu_ats_check(const struct smmu_bank *b,
                              const struct smmu_ste *ste, struct smmu_event *e);
/* SMMU_PERM_*, any of which makes it worth while. */
uint8_t smmu_ats_need(const struct smmu_request *q,
                      const struct smmu_override *ovr, uint32_t flags);

/* priq.c */
int smmu_page_request(void *obj, const struct dmasim_page_request *r);
unsigned smmu_cmd_pri_resp(struct smmu_bank *b, const uint64_t *cmd);
void smmu_priq_run(struct dmasim_smmu *s);
void smmu_priq_written(struct dmasim_smmu *s);
/* The STE of an automatic response has been read. */
void smmu_pri_fetched(struct smmu_ctx *c);

#endif
