/* SPDX-License-Identifier: MIT */
/* Counter groups: state, and what counts. */
#ifndef SMMUV3_PMCG_INTERNAL_H
#define SMMUV3_PMCG_INTERNAL_H

#include "dmasim/smmuv3.h"
#include "spec/pmcg.h"

struct smmu_bank;
struct smmu_ctx;
struct smmu_pmcg;

struct smmu_pmcg_page {
	struct smmu_pmcg *group;
	uint8_t number; /* 0, 1 */
};

/* A group; 10.5 names the registers. */
struct smmu_pmcg {
	struct dmasim_smmu *smmu;
	struct dmasim_smmu_pmcg_config cfg;
	struct smmu_pmcg_page page[2];
	uint8_t id;
	uint64_t exists; /* bit n: there is a counter n */
	uint64_t max;    /* of a counter */
	uint64_t events; /* CEID0 */

	uint64_t value[PMCG_COUNTERS], shadow[PMCG_COUNTERS];
	uint32_t type[PMCG_COUNTERS], match[PMCG_COUNTERS];
	uint64_t cnten, inten, ovs;
	uint64_t irq_cfg0;
	uint32_t irq_cfg1, irq_cfg2, scr;
	bool on, irqen, irqen_ack, irq_abt;

	/* By event: the counters that count it now. */
	uint64_t counts[PMCG_EVENTS];
	/* Cycles that the counters of event 0 have seen. */
	uint64_t cycles;
	/* A call at the next overflow of one of those that somebody waits for;
	 * DMASIM_FOREVER: none. */
	uint64_t due, ticket;

	bool sending, again; /* a message, and one more */
	struct dmasim_txn txn;
	uint8_t data[4];
};

/* pmcg.c */
int smmu_pmcg_init(struct dmasim_smmu *s);
void smmu_pmcg_free(struct dmasim_smmu *s);
void smmu_pmcg_reset(struct smmu_pmcg *g);
/* An event of the stream @sid of @b. */
void smmu_pmcg_count(struct dmasim_smmu *s, unsigned event,
                     const struct smmu_bank *b, uint32_t sid);
/* Count the cycles up to now. */
void smmu_pmcg_tick(struct smmu_pmcg *g);
/* What is counted or waited for has changed. */
void smmu_pmcg_changed(struct smmu_pmcg *g);
void smmu_pmcg_capture(struct smmu_pmcg *g);
void smmu_pmcg_enable_irq(struct smmu_pmcg *g, bool on);
/* Calls of the SMMU's actor. */
void smmu_pmcg_due(struct smmu_pmcg *g);
void smmu_pmcg_sent(struct smmu_pmcg *g);
bool smmu_pmcg_busy(const struct dmasim_smmu *s);
void smmu_pmcg_save(const struct dmasim_smmu *s, struct dmasim_writer *w);
void smmu_pmcg_restore(struct dmasim_smmu *s, struct dmasim_reader *r);

/* pmcg_regs.c */
enum dmasim_result smmu_pmcg_access(void *obj, struct dmasim_txn *txn);
/* The bits of register @n of these that exist. */
uint32_t smmu_pmcg_type_bits(const struct smmu_pmcg *g, unsigned n);
uint32_t smmu_pmcg_match_bits(const struct smmu_pmcg *g, unsigned n);
uint32_t smmu_pmcg_scr_bits(const struct smmu_pmcg *g);

#endif
