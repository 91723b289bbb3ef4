/* SPDX-License-Identifier: MIT */
/*
 * A second SMMUv3, to compare the first one with: what one transaction comes
 * to, as a pure function of registers and memory. No caches, no time, no
 * tricks; written from the tables and pseudocode of IHI 0070 and the Arm ARM
 * alone, with their bit numbers. VMSAv8-64; one security state at a time.
 *
 * Where the architecture leaves a choice, or where memory can be read in more
 * than one version, the environment chooses; running it again with other
 * choices gives every outcome that is allowed.
 */
#ifndef DMASIM_TESTS_SMMU_REF_H
#define DMASIM_TESTS_SMMU_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/attr.h"

struct ref_regs {
	uint32_t idr0, idr1, idr3, idr5, aidr;
	uint32_t cr0, cr2, gbpa;
	uint64_t strtab_base;
	uint32_t strtab_base_cfg;
	/* Secure state: the registers above from cr0 on are S_ ones. */
	bool secure;
	uint32_t s_idr0, s_idr1;
};

struct ref_txn {
	uint32_t sid, ssid;
	bool ssv;
	uint64_t addr;
	bool read, write; /* both: an atomic */
	bool inst, priv, no_snoop;
	bool ns; /* of a Secure stream: the NS attribute */
	struct dmasim_attr attr;
};

/* Memory type with the hints of both levels. */
struct ref_attr {
	enum dmasim_memtype type;
	enum dmasim_cacheability inner, outer;
	enum dmasim_shareability share;
	unsigned inner_hints, outer_hints; /* DMASIM_ALLOC_* */
};

enum ref_world {
	REF_EL1,
	REF_EL2,
	REF_EL2_E2H,
};

/* The tags that what is cached of a translation carries. */
struct ref_tags {
	enum ref_world world;
	uint16_t vmid, asid;
	uint64_t va; /* input to stage 1; to stage 2 if it is alone */
	bool nested;
	bool stage1;
};

enum ref_what {
	REF_L1STD,
	REF_STE,
	REF_L1CD,
	REF_CD,
	REF_TT1,
	REF_TT2,
};

struct ref_read {
	enum ref_what what;
	uint64_t pa;
	unsigned words; /* 1 or 8 */
	uint32_t sid, ssid;
	/* Of a translation table descriptor. */
	int level;
	unsigned granule;
	bool big_endian;
	uint64_t in; /* what this stage translates */
	const struct ref_tags *tags;
};

/* Why there is a choice. */
enum ref_choice {
	/* 5.2, ALLOCCFG: with MTCFG = 0 it may or may not act. */
	REF_CHOICE_ALLOCCFG,
	/* 3.4.3: an S1ContextPtr or L2Ptr beyond IAS. */
	REF_CHOICE_CD_IPA,
	/* Arm ARM RNSCNC: whether Device and Non-cacheable of stage 1 enter
	 * stage 2 as Outer Shareable. */
	REF_CHOICE_SHARE,
	/* RLXCKP: a stage 1 update that stage 2 refuses, and the access. */
	REF_CHOICE_UPDATE_LAST,
};

struct ref_env {
	void *ctx;
	/* Little-endian words. False: an external abort. */
	bool (*read)(void *ctx, const struct ref_read *r, uint64_t *words);
	/* One of 0 to @n - 1. */
	unsigned (*choose)(void *ctx, unsigned n, enum ref_choice why);
	/* An L1STD, STE, L1CD or CD that is taken as it was cached: nothing is
	 * fetched then. NULL: never. */
	bool (*cached)(void *ctx, enum ref_what what, uint32_t sid,
	               uint32_t ssid, uint64_t *words);
	/* CD and STE for what translations may keep of them: the words may be
	 * replaced by those of another version, those of the STE for each
	 * translation of stage 2 anew. NULL: never. */
	void (*walk_cd)(void *ctx, const struct ref_tags *tags, uint64_t cd[8]);
	void (*walk_ste)(void *ctx, const struct ref_tags *tags,
	                 uint64_t ste[8]);
};

enum ref_kind {
	REF_OK,
	REF_ABORT,
	REF_RAZWI,
	REF_STALL,
};

/* A hardware update of a descriptor (3.13), as little-endian words. */
struct ref_update {
	uint64_t pa, set, clear;
	/* Bits that may be set as well. */
	uint64_t may;
};

#define REF_UPDATES 64

struct ref_out {
	enum ref_kind kind;
	uint64_t pa;
	struct ref_attr attr;
	bool ns; /* it comes out in the Non-secure address space */
	bool event;
	uint64_t record[4];
	/* Something was met for which more is allowed than is told here: a
	 * reserved encoding whose effect is CONSTRAINED UNPREDICTABLE. */
	bool vague;
	/* The same of the allocation hints alone: what is cacheable on one
	 * level only went into a stage, or FWB made Write-Back of what stage 1
	 * has no hints for. */
	bool hints_vague;
	/* The environment chose a version that is ILLEGAL, and so never
	 * translated anything. */
	bool impossible;
	/* Made if kind is REF_OK; else each may or may not have been made. */
	struct ref_update updates[REF_UPDATES];
	unsigned updated;
};

void ref_run(const struct ref_regs *regs, const struct ref_env *env,
             const struct ref_txn *txn, struct ref_out *out);

#endif
