/* SPDX-License-Identifier: MIT */
/*
 * What memory held when, and what was invalidated when: which versions of a
 * word a cache may still have.
 *
 * Time counts steps. A version is [from, to): a cache may have taken it until
 * just before @to, and gives it up at the first completed invalidation that
 * covers it and comes at @to or later. Coverage is understood narrowly: what
 * the specification does not say to be invalidated may stay.
 */
#ifndef DMASIM_TESTS_SMMU_REF_HISTORY_H
#define DMASIM_TESTS_SMMU_REF_HISTORY_H

#include "ref.h"

#define HISTORY_WORDS    192
#define HISTORY_VERSIONS 12
#define HISTORY_COMMANDS 96
#define HISTORY_NOW      (~0u)

struct version {
	uint64_t value;
	unsigned from, to; /* HISTORY_NOW: it is there now */
};

struct word_history {
	uint64_t pa;
	struct version v[HISTORY_VERSIONS];
	unsigned n;
};

/* A structure of eight words, or a descriptor of its table (one word). */
struct structure_version {
	uint64_t words[8];
	unsigned from, to;
};

struct structure {
	uint64_t pa;
	unsigned words;
	struct structure_version v[HISTORY_VERSIONS];
	unsigned n;
};

enum command_kind {
	/* Configuration. */
	ALL_STES,
	ONE_STE,
	ONE_CD,
	ALL_CDS,
	/* Translations. */
	ALL_EL1,  /* NSNH_ALL */
	ALL_VMID, /* S12_VMALL */
	S1_VMID,  /* NH_ALL */
	S1_ASID,  /* NH_ASID */
	S1_VA,    /* NH_VA, EL2_VA */
	S1_VAA,   /* NH_VAA, EL2_VAA */
	S2_IPA,
	ALL_EL2,
	COMMANDS,
};

struct command {
	enum command_kind kind;
	unsigned time;
	uint32_t sid, ssid;
	uint16_t vmid, asid;
	bool el2, e2h;          /* S1_VA, S1_VAA: of which world */
	uint64_t address, span; /* bytes */
	bool leaf;
	unsigned granule, level; /* 0: any */
};

struct history {
	unsigned now;
	struct word_history words[HISTORY_WORDS];
	unsigned n_words;
	/* By enum ref_what, REF_L1STD to REF_CD; pa 0: there is none. */
	struct structure structures[4];
	struct command commands[HISTORY_COMMANDS];
	unsigned n_commands;
	/* Too much for the tables above. */
	bool full;
};

/* Memory has @value at @pa from now on; @before is what it had. */
void history_set(struct history *h, uint64_t pa, uint64_t before,
                 uint64_t value);
/* What is to be taken for the word's versions: all but those that are gone.
 * NULL: it never changed. */
const struct word_history *history_of(const struct history *h, uint64_t pa);
void history_structure(struct history *h, enum ref_what what, uint64_t pa,
                       const uint64_t *words);
/* After words of it have changed. */
void history_structure_set(struct history *h, enum ref_what what,
                           const uint64_t *words);
/* Whether @pa lies in one of them. */
bool history_is_structure(const struct history *h, uint64_t pa);
void history_command(struct history *h, const struct command *c);

/* Whether a cache may still have the version of the descriptor. */
bool history_kept(const struct history *h, const struct version *v,
                  const struct ref_read *r);
/* The same of STE, CD and the descriptors of their tables. */
bool history_config_kept(const struct history *h, enum ref_what what,
                         unsigned to, uint32_t sid, uint32_t ssid);
/* Whether a translation may still be made of fields of an STE or a CD that
 * was there until @to. */
bool history_walk_kept(const struct history *h, enum ref_what what, unsigned to,
                       uint32_t sid, uint32_t ssid,
                       const struct ref_tags *tags);

#endif
