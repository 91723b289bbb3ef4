/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_SMMU_REF_INTERNAL_H
#define DMASIM_TESTS_SMMU_REF_INTERNAL_H

#include "ref.h"

/* 7.3: event numbers. */
enum ref_event {
	C_BAD_STREAMID = 0x02,
	F_STE_FETCH = 0x03,
	C_BAD_STE = 0x04,
	F_STREAM_DISABLED = 0x06,
	C_BAD_SUBSTREAMID = 0x08,
	F_CD_FETCH = 0x09,
	C_BAD_CD = 0x0a,
	F_WALK_EABT = 0x0b,
	F_TRANSLATION = 0x10,
	F_ADDR_SIZE = 0x11,
	F_ACCESS = 0x12,
	F_PERMISSION = 0x13,
};

enum ref_class {
	CLASS_CD = 0,
	CLASS_TT = 1,
	CLASS_IN = 2,
};

/* What a translation is for. */
struct ref_access {
	bool read, write, exec, priv;
	/* RJCXVS: a read for stage 1 that may mark the page dirty. */
	bool may_dirty;
	/* Of stage 2: the IPA is a Non-secure one. */
	bool ns;
};

/* One run. */
struct ref {
	const struct ref_regs *regs;
	const struct ref_env *env;
	const struct ref_txn *txn;
	struct ref_out *out;
	/* After the overrides of the STE. */
	bool priv, inst, ns;
	struct ref_attr attr;
	/* As the configuration has them now; and what translations use. */
	uint64_t ste[8], cd[8], walk_ste[8], walk_cd[8];
	bool stage1, stage2; /* that translate */
	/* A stage 1 update that comes after the access itself. */
	bool late;
	bool late_ns;
	uint64_t late_ipa, late_set, late_clear;
	struct ref_tags tags;
};

/* Bits of a structure of 64-bit words, by the specification's numbers. */
static inline uint64_t bits(const uint64_t *w, unsigned hi, unsigned lo)
{
	uint64_t v = w[lo / 64] >> (lo % 64);
	unsigned n = hi - lo + 1;

	return n == 64 ? v : v & ((1ull << n) - 1);
}

static inline uint64_t field(uint64_t v, unsigned hi, unsigned lo)
{
	return bits(&v, hi, lo);
}

static inline void ref_copy(uint64_t to[8], const uint64_t from[8])
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = from[i];
}

/* Sizes of addresses: IDR5.OAS, CD.IPS, STE.S2PS capped to OAS. */
unsigned ref_oas(const struct ref *r);
unsigned ref_ias(const struct ref *r);
unsigned ref_capped_size(const struct ref *r, uint64_t ps);
static inline bool above(uint64_t address, unsigned bits_)
{
	return bits_ < 64 && address >> bits_ != 0;
}

/* 12, 16, 14 by TG0 and S2TG; by TG1; 0: reserved. */
unsigned ref_tg0(uint64_t tg);
unsigned ref_tg1(uint64_t tg);

bool ref_ste_illegal(const struct ref *r);
bool ref_cd_illegal(const struct ref *r);
/* Of a start level: -1 to 3, 4: the encoding is reserved. */
int ref_s2_start(unsigned granule, bool ds, uint64_t sl0);

/* All return false: the transaction ends here. */
bool ref_config_fault(struct ref *r, enum ref_event e);
bool ref_fetch_fault(struct ref *r, enum ref_event e, uint64_t pa);
bool ref_walk_fault(struct ref *r, bool s2, enum ref_class c, uint64_t pa);
/* @rnw: of the record. @ttrnw counts with CLASS_TT. */
struct ref_cause {
	bool s2;
	enum ref_class class;
	uint64_t ipa;
	bool nsipa;
	bool rnw, ttrnw;
	bool always_abort;
};
bool ref_translation_fault(struct ref *r, enum ref_event e,
                           const struct ref_cause *c);

/* S_CR0.SIF: no instructions from Non-secure memory. */
static inline bool ref_forbidden_fetch(const struct ref *r, bool ns)
{
	return r->regs->secure && field(r->regs->cr0, 5, 5) && r->inst && ns;
}

/* ref_walk.c */
bool ref_stage1(struct ref *r, uint64_t va, uint64_t *ipa);
/* Of CLASS_IN also the attributes. */
bool ref_stage2(struct ref *r, uint64_t ipa, enum ref_class c,
                const struct ref_access *a, uint64_t *pa);
void ref_update(struct ref *r, const struct ref_update *u);
bool ref_late_update(struct ref *r);

/* ref_perm.c */
struct ref_perms {
	bool ur, uw, ux, pr, pw, px;
};
/* What the tables above limit. */
struct ref_limits {
	unsigned aptable;
	bool xntable, pxntable;
};
/* Stage 1 permissions of leaf @d. @clean_is_written: a writable-clean leaf
 * counts as writable in everything. */
struct ref_perms ref_s1_perms(const struct ref *r, uint64_t d,
                              const struct ref_limits *l);
bool ref_s1_allowed(const struct ref *r, const struct ref_perms *p,
                    const struct ref_access *a);
bool ref_s2_allowed(const struct ref *r, uint64_t d,
                    const struct ref_access *a);

/* ref_attr.c */
struct ref_attr ref_input_attr(const struct dmasim_attr *a);
/* STE and GBPA give these alike. */
struct ref_override {
	bool mtcfg;
	uint64_t memattr, shcfg, alloccfg, privcfg, instcfg, nscfg;
};
void ref_apply_override(struct ref *r, const struct ref_override *o);
void ref_s1_attr(struct ref *r, uint64_t mair, unsigned share);
void ref_s2_attr(struct ref *r, unsigned memattr, unsigned share);
bool ref_s2_is_device(const struct ref *r, unsigned memattr,
                      const struct ref_attr *in);
void ref_consistent(struct ref_attr *a);

#endif
