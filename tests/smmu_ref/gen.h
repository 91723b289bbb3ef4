/* SPDX-License-Identifier: MIT */
/* Random machines, tables and accesses, all of one seed. */
#ifndef DMASIM_TESTS_SMMU_REF_GEN_H
#define DMASIM_TESTS_SMMU_REF_GEN_H

#include "machine.h"

struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *r);
/* 0 to @n - 1. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* True @percent times of 100. */
bool rng_chance(struct rng *r, unsigned percent);

#define GEN_PLACES 12
#define GEN_WORDS  256

/* An address that something is mapped at. */
struct gen_place {
	uint64_t at;
	uint64_t size; /* of the leaf */
};

/* A word that a mutation may hit. */
struct gen_word {
	uint64_t pa;
	bool big_endian;
};

struct gen_scene {
	struct rng rng;
	struct machine_ids ids;
	struct machine m;
	struct machine_setup setup;
	/* Tables in RAM as it is; and those that lie behind stage 2. */
	struct dmasim_tables host, guest;

	uint32_t sid, ssid;
	struct dmasim_tables_ste ste;
	struct dmasim_tables_cds cds;
	struct dmasim_tables_cd cd;
	uint64_t ste_pa, cd_pa;
	/* s2s: the Secure IPA space of a Secure stream. */
	struct dmasim_tables_space low, high, s2, s2s;
	bool has_low, has_high, ds;
	struct gen_place vas[GEN_PLACES], ipas[GEN_PLACES];
	unsigned n_vas, n_ipas;
	struct gen_word words[GEN_WORDS];
	unsigned n_words;
};

/* Of what the model shows: everything, or less. */
void gen_ids(struct rng *r, const struct machine_ids *all,
             struct machine_ids *ids);
/* A machine with one stream that is described; gen_close() ends it. */
void gen_open(struct gen_scene *g, uint64_t seed, const struct machine_ids *all,
              bool no_caches);
void gen_close(struct gen_scene *g);
void gen_access(struct gen_scene *g, struct ref_txn *t);

/* gen_tables.c */
void gen_tables(struct gen_scene *g);
void gen_word(struct gen_scene *g, uint64_t pa, bool big_endian);
uint64_t gen_s2_bits(struct gen_scene *g);
uint64_t gen_s1_bits(struct gen_scene *g);

/* gen_config.c */
void gen_ste(struct gen_scene *g);
void gen_cd(struct gen_scene *g);
void gen_write_config(struct gen_scene *g);

#endif
