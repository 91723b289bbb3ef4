/* SPDX-License-Identifier: MIT */
/*
 * The watch: what each entry of a cache was made from, so that the hazard
 * checker can tell that it is used although memory says something else. There
 * is one only beside a checker.
 */
#ifndef SMMUV3_WATCH_INTERNAL_H
#define SMMUV3_WATCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/finding.h"

struct dmasim_smmu;
struct smmu_cd;
struct smmu_cmdq;
struct smmu_ctx;
struct smmu_ste;
struct smmu_tlb_data;
struct smmu_tt;

/* Eight bytes of memory, as they were read (little-endian). */
struct smmu_source {
	uint64_t addr, word;
	uint64_t time; /* when the read began */
};

#define SMMU_CHAIN_MAX 5u

/* The descriptors of a walk, from the first table on. */
struct smmu_chain {
	struct smmu_source at[SMMU_CHAIN_MAX];
	uint8_t n;
	int8_t level; /* of the first */
	bool endi;
};

/* An STE or CD, whose words lie beside it, and the level 1 descriptor that led
 * there. */
struct smmu_origin {
	struct smmu_source self, level1;
	bool two_level;
};

/* What a context has read on its way. */
struct smmu_trail {
	struct smmu_source read; /* the last read, without the word */
	struct smmu_source level1;
	bool two_level;
	struct smmu_chain stage[2];
	bool differs; /* something that it uses is not what memory says */
};

/* Agents that hand commands over, by queue. */
#define SMMU_DRIVERS 64u

struct smmu_drivers {
	uint32_t count;
	struct dmasim_carried_out done[SMMU_DRIVERS];
	uint64_t handed[SMMU_DRIVERS]; /* when last */
	uint32_t queue[SMMU_DRIVERS];
};

struct smmu_watch {
	/* By slot of the cache. */
	struct smmu_chain (*tlb)[2];
	struct smmu_chain *walks;
	struct smmu_origin *ste, *cd;
	struct smmu_source *l1std;
	struct smmu_drivers drivers[2]; /* by enum smmu_bank_id */
	uint32_t agent;                 /* that writes a register */
};

/* watch.c. False: no memory. */
bool smmu_watch_init(struct dmasim_smmu *s);
void smmu_watch_free(struct dmasim_smmu *s);
void smmu_watch_reset(struct dmasim_smmu *s);

/* @agent writes to a register; PROD of @q; the CMD_SYNC at the end of @q is
 * complete. */
void smmu_watch_driver(struct dmasim_smmu *s, uint32_t agent);
void smmu_watch_handed(const struct smmu_cmdq *q);
void smmu_watch_carried_out(const struct smmu_cmdq *q);

/* Where there is a watch: a walk of @stage (SMMU_STAGE1, SMMU_STAGE2) begins;
 * has read the descriptor @word of @level; has replaced it. */
void smmu_watch_begin(struct smmu_ctx *c, unsigned stage,
                      const struct smmu_tt *tt);
void smmu_watch_read(struct smmu_ctx *c, unsigned stage, int level,
                     uint64_t word);
void smmu_watch_update(struct smmu_ctx *c, unsigned stage, uint64_t word);
/* A level 1 descriptor of STEs or CDs was read. */
void smmu_watch_level1(struct smmu_ctx *c, uint64_t word);

/* What was read is kept in this slot; SMMU_NO_SLOT: is not. */
void smmu_watch_keep(struct smmu_ctx *c, unsigned stages, uint32_t slot);
void smmu_watch_keep_table(struct smmu_ctx *c, unsigned stage, uint32_t slot);
void smmu_watch_keep_ste(struct smmu_ctx *c, uint32_t slot);
void smmu_watch_keep_cd(struct smmu_ctx *c, uint32_t ssid,
                        const struct smmu_source *read);
void smmu_watch_keep_l1std(struct smmu_ctx *c, uint32_t slot);

/* watch_check.c: what is kept is used for c->req. */
void smmu_watch_hit(struct smmu_ctx *c, const struct smmu_ste *ste,
                    const struct smmu_cd *cd, const struct smmu_tlb_data *d);
void smmu_watch_ipa(struct smmu_ctx *c, const struct smmu_ste *ste,
                    uint64_t ipa, const struct smmu_tlb_data *d);
/* @cd NULL: a table of stage 2. */
void smmu_watch_table(struct smmu_ctx *c, const struct smmu_ste *ste,
                      const struct smmu_cd *cd, uint64_t addr,
                      const struct smmu_tlb_data *d);
void smmu_watch_ste(struct smmu_ctx *c, const struct smmu_ste *ste);
void smmu_watch_cd(struct smmu_ctx *c, uint32_t ssid, const struct smmu_cd *cd);
void smmu_watch_l1std(struct smmu_ctx *c, uint32_t slot);
/* All of what a hit on @slot uses; there is a watch. */
void smmu_watch_fast(struct dmasim_smmu *s, const struct dmasim_txn *txn,
                     uint32_t slot);

/* watch_state.c */
void smmu_watch_save(const struct dmasim_smmu *s, struct dmasim_writer *w);
/* After the caches. */
void smmu_watch_restore(struct dmasim_smmu *s, struct dmasim_reader *r);

#endif
