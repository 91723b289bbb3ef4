/* SPDX-License-Identifier: MIT */
/* Configuration and translation: what STE, CD, walker and caches share. */
#ifndef SMMUV3_TRANSLATE_INTERNAL_H
#define SMMUV3_TRANSLATE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/state.h"
#include "dmasim/txn.h"
#include "spec/cd.h"
#include "spec/pte.h"
#include "spec/ste.h"

struct dmasim_smmu;
struct smmu_bank;
struct smmu_ctx;
struct smmu_event;
struct smmu_caps;

/* Outcome of a stage. */
enum smmu_step {
	SMMU_OK,
	SMMU_FAULT,
	SMMU_PENDING,
};

/*
 * Translation regimes (3.3.4, 3.17), a tag of every cached translation: the
 * StreamWorlds, and the IPA spaces of stage 2 (a Secure stream has two).
 */
enum smmu_world {
	SMMU_WORLD_NS_EL1,
	SMMU_WORLD_NS_EL2,
	SMMU_WORLD_NS_EL2_E2H,
	SMMU_WORLD_S_EL1, /* "Secure" */
	SMMU_WORLD_S_EL2,
	SMMU_WORLD_S_EL2_E2H,
	SMMU_WORLD_EL3,
	SMMU_WORLD_NS_IPA,
	SMMU_WORLD_S_IPA_NS, /* Secure stream, Non-secure IPA space */
	SMMU_WORLD_S_IPA_S,
	SMMU_WORLDS,
};

/* Regimes with one table and no unprivileged accesses (5.4.1). */
static inline bool smmu_world_single(uint8_t world)
{
	return world == SMMU_WORLD_NS_EL2 || world == SMMU_WORLD_S_EL2 ||
	       world == SMMU_WORLD_EL3;
}

static inline bool smmu_world_ipa(uint8_t world)
{
	return world >= SMMU_WORLD_NS_IPA;
}

/* What an access needs and a translation grants, for the two privileges. */
#define SMMU_PERM_PR           0x01u
#define SMMU_PERM_PW           0x02u
#define SMMU_PERM_PX           0x04u
#define SMMU_PERM_UR           0x08u
#define SMMU_PERM_UW           0x10u
#define SMMU_PERM_UX           0x20u
#define SMMU_PERM_UNPRIV_SHIFT 3
#define SMMU_PERM_W            (SMMU_PERM_PW | SMMU_PERM_UW)
#define SMMU_PERM_ALL          0x3fu

/* ---- configuration ---- */

/* Changes to the attributes of incoming transactions (13.1.4). */
struct smmu_override {
	uint32_t flags_and, flags_or; /* DMASIM_TXN_PRIVILEGED and so on */
	bool mtcfg;
	uint8_t memattr, shcfg, alloccfg;
};

/* A table, decoded: where a walk starts, and how its descriptors are read. */
struct smmu_tt {
	bool epd, tbi, had, e0pd;
	bool ds;   /* 52-bit descriptors of 4 and 16 KiB */
	bool lpa;  /* 52-bit descriptors of 64 KiB */
	bool ns;   /* of a Secure stream: the table lies in Non-secure memory */
	bool endi; /* big-endian */
	uint8_t tsz;
	uint8_t granule;         /* log2 */
	int16_t level;           /* of the first table */
	uint8_t bits;            /* of the first index */
	uint8_t oas;             /* effective output size in bits */
	uint64_t ttb;            /* aligned */
	struct dmasim_attr attr; /* of the walks */
	uint8_t sh;              /* with ds: of what it maps */
	bool affd, ha, hd;
};

enum smmu_ste_kind {
	SMMU_STE_ABORT,
	SMMU_STE_BYPASS,
	SMMU_STE_TRANSLATE,
};

struct smmu_ste {
	bool secure;  /* of the Secure stream table */
	bool e2h;     /* CR2.E2H when it was fetched */
	uint8_t kind; /* enum smmu_ste_kind */
	bool s1, s2;  /* stages that translate */
	uint8_t s1fmt, s1cdmax, s1dss;
	bool s1stalld;
	uint8_t world; /* enum smmu_world: StreamWorld */
	uint16_t vmid;
	uint8_t eats;
	bool mev, dre, dcp, ppar;
	uint64_t s1contextptr;
	struct dmasim_attr cd_attr;
	struct smmu_override ovr;
	/* Stage 2, by the Security state of the IPA. */
	struct smmu_tt s2tt[2];
	bool s2out_ns[2]; /* output space of each */
	bool s2fwb, s2ptw, s2s, s2r;
	uint64_t word[STE_WORDS]; /* as fetched: what is saved; last, see
	                             hold() in translate.c */
};

#define SMMU_IPA_NS     0 /* also the only one of a Non-secure stream */
#define SMMU_IPA_SECURE 1

struct smmu_cd {
	/* Of the STE that led here: they decide how the words are read. */
	uint8_t world;
	bool s1stalld, s2;
	uint16_t asid;
	bool aset;
	bool wxn, pan, epan, a, r, s;
	struct smmu_tt tt[2];
	struct dmasim_attr mair[8]; /* shareability comes from the leaf */
	uint64_t word[CD_WORDS];    /* as struct smmu_ste's */
};

/* Keys of a set-associative cache; the contents lie beside it. */
#define SMMU_CACHE_WAYS 4u
#define SMMU_NO_SLOT    UINT32_MAX

struct smmu_cache {
	uint32_t sets; /* a power of two */
	uint64_t *key; /* 0: empty */
	uint8_t *next; /* way to replace, by set */
	bool touched;  /* something was added since it was cleared */
};

/* ---- cached translations ---- */

struct smmu_tlb_tag {
	uint64_t page;  /* address | size, world, valid */
	uint64_t space; /* ASID, VMID, global, ASET */
};

/* What a translation gives. A table (walk cache) is kept likewise: pa and ipa
 * are those of the next table, perm1 what the tables above leave. */
struct smmu_tlb_data {
	uint64_t pa;
	uint64_t ipa;   /* output of stage 1, where both stages translate */
	uint64_t ready; /* when the walk that made it ended (timing.c) */
	uint32_t slot;  /* its own; SMMU_NO_SLOT: not kept */
	struct dmasim_attr attr;
	uint8_t perm1, perm2;  /* SMMU_PERM_*, by stage; all of a stage that
	                          does not translate */
	uint8_t shift;         /* log2 of what it covers */
	int16_t level;         /* of the leaf: stage 1's if that translates */
	uint8_t granule;       /* of that leaf */
	bool clean1, clean2;   /* writable-clean (3.13.3), by stage */
	bool ns, out_ns;       /* of a Secure stream: output space of stage 1,
	                          and in the end */
	uint8_t memattr2, sh2; /* stage 2 alone: how it combines */
	bool shortcut;         /* there is one: see shortcut.c */
};

struct smmu_tlb {
	uint32_t sets;
	unsigned hash_shift;
	struct smmu_tlb_tag *tag;
	struct smmu_tlb_data *data;
	uint8_t *next;
	uint64_t sizes;        /* bit n: an entry of 2^n bytes may exist */
	uint32_t by_size[64];  /* how many */
	uint32_t used, global; /* how many */
	uint32_t split;        /* how many cover less than their leaf */
};

struct smmu_tlb_key {
	uint64_t va;
	uint16_t asid, vmid;
	uint8_t world;
	bool aset;
};

/* Which entries go (4.4). */
struct smmu_tlb_inval {
	bool by_vmid, by_asid, by_va;
	bool leaf;   /* the last level of a walk only */
	bool stage1; /* what stage 1 had part in */
	bool ipa;    /* what stage 2 translated alone: first, last are IPAs */
	bool ns_ipa; /* ipa, Secure: of the Non-secure IPA space */
	uint8_t world;
	uint16_t vmid, asid;
	uint16_t vmid_wild;   /* bits of VMID that match whatever they are */
	uint64_t first, last; /* by_va: 56-bit addresses, inclusive */
	uint8_t granule;      /* by_va: 0 or the only one hit, log2 */
	uint16_t level;       /* by_va: 0 or the only one hit */
};

/* attr.c */
struct dmasim_attr smmu_attr_normal(unsigned inner, unsigned outer,
                                    unsigned alloc, unsigned sh);
struct dmasim_attr smmu_attr_cr1(uint64_t ic, uint64_t oc, uint64_t sh,
                                 unsigned alloc);
struct dmasim_attr smmu_attr_tcr(uint64_t ir, uint64_t or, uint64_t sh);
struct dmasim_attr smmu_attr_mair(uint8_t byte);
struct dmasim_attr smmu_attr_memattr(uint8_t memattr, uint64_t sh);
struct dmasim_attr smmu_attr_share(struct dmasim_attr attr, uint64_t sh);
struct dmasim_attr smmu_attr_override(struct dmasim_attr attr,
                                      const struct smmu_override *o);
/* 13.4.2: the hints of the input combine with those of stage 1's @attr. */
struct dmasim_attr smmu_attr_hints(struct dmasim_attr attr,
                                   struct dmasim_attr input);
/* 13.1.5, 13.1.6: @attr of stage 1 or of the input, with stage 2's MemAttr and
 * SH. */
struct dmasim_attr smmu_attr_stage2(struct dmasim_attr attr, uint8_t memattr,
                                    uint64_t sh, bool fwb);
/* The last answer of the two, by all that they were asked. */
struct smmu_combined {
	bool kept; /* there is one */
	bool fwb;
	uint8_t memattr2, sh2;
	struct dmasim_attr asked;
	struct dmasim_attr attr;
	bool device;
};
/* A stage 2 leaf whose own type is Device (5.2, S2PTW). */
bool smmu_attr_stage2_device(uint8_t memattr, bool fwb);
/* Every member has a value that exists: for restored state. */
bool smmu_attr_sound(const struct dmasim_attr *a);

/* cache.c */
int smmu_cache_init(struct smmu_cache *c, uint32_t entries);
void smmu_cache_free(struct smmu_cache *c);
uint32_t smmu_cache_slots(const struct smmu_cache *c);
uint32_t smmu_cache_find(const struct smmu_cache *c, uint64_t key);
uint32_t smmu_cache_add(struct dmasim_smmu *s, struct smmu_cache *c,
                        uint64_t key);
void smmu_cache_drop(struct smmu_cache *c, uint64_t key);
void smmu_cache_clear(struct smmu_cache *c);
/* The keys; the caller adds what lies beside them. */
void smmu_cache_save(const struct smmu_cache *c, struct dmasim_writer *w);
void smmu_cache_restore(struct smmu_cache *c, struct dmasim_reader *r);

/* config.c: stream table, and the caches of both STE and CD. *@ste points
 * into a cache or into @c, and holds until the next read of @c. */
enum smmu_step smmu_get_ste(struct smmu_ctx *c, struct smmu_event *e,
                            const struct smmu_ste **ste);
void smmu_config_inval_sid(struct smmu_bank *b, uint32_t first, uint32_t last,
                           bool leaf);
void smmu_config_inval_cd(struct smmu_bank *b, uint32_t sid, bool all,
                          uint32_t ssid);
const struct smmu_ste *smmu_cached_ste(struct smmu_bank *b, uint32_t sid);
void smmu_cache_cd(struct smmu_bank *b, uint32_t sid, uint32_t ssid,
                   const struct smmu_cd *cd);
const struct smmu_cd *smmu_cached_cd(struct smmu_bank *b, uint32_t sid,
                                     uint32_t ssid);

/* ste.c: everything else of @ste from its words, secure and e2h. SMMU_FAULT:
 * ILLEGAL. */
enum smmu_step smmu_decode_ste(const struct dmasim_smmu *s,
                               struct smmu_ste *ste);
static inline struct smmu_override smmu_no_override(void)
{
	return (struct smmu_override){
	        .flags_and = UINT32_MAX,
	        .shcfg = CFG_SH_INCOMING,
	};
}
struct smmu_override smmu_decode_override(const struct dmasim_smmu *s,
                                          uint64_t ste1);
/* What NSCFG, of an STE or of S_GBPA, makes of the streams of @b. */
void smmu_override_ns(const struct smmu_bank *b, uint64_t nscfg,
                      struct smmu_override *o);
static inline uint32_t smmu_override_flags(const struct smmu_override *o,
                                           uint32_t flags)
{
	return (flags & o->flags_and) | o->flags_or;
}

/* tt.c: geometry of tables. @tt has granule, tsz and ttb. Stage 2; false: no
 * walk can start so. */
void smmu_tt_start_stage1(struct smmu_tt *tt);
bool smmu_tt_start_stage2(const struct smmu_caps *caps, struct smmu_tt *tt,
                          unsigned sl);
/* The granule of a TG0 or S2TG code, of a TG1 code; 0: reserved or not
 * implemented. */
uint8_t smmu_granule(const struct smmu_caps *caps, uint64_t tg, bool upper);
/* What @tt's descriptor of a table or a leaf at a size of 2^@shift points
 * to. */
static inline uint64_t smmu_tt_address(const struct smmu_tt *tt, uint64_t desc,
                                       unsigned shift)
{
	uint64_t addr = desc & PTE_ADDR;

	if (tt->ds)
		addr = (desc & PTE_ADDR_DS) | FIELD_GET(PTE_ADDR_DS_HIGH, desc)
		                                      << 50;
	addr &= UINT64_MAX << shift;
	if (tt->lpa)
		addr |= FIELD_GET(PTE_ADDR_64K_HIGH, desc) << 48;
	return addr;
}
/* Arm ARM D8.3: a block may stand at this level. */
bool smmu_tt_block(const struct smmu_tt *tt, int level);

/* cd.c: as smmu_get_ste(). */
enum smmu_step smmu_get_cd(struct smmu_ctx *c, const struct smmu_ste *ste,
                           uint32_t ssid, struct smmu_event *e,
                           const struct smmu_cd **cd);
/* Everything else of @cd from its words, world, s1stalld and s2. */
enum smmu_step smmu_decode_cd(const struct dmasim_smmu *s, struct smmu_cd *cd);

/* walk.c */
struct smmu_walk_result {
	struct smmu_tlb_data d;
	bool global;
};
enum smmu_step smmu_walk_stage1(struct smmu_ctx *c, const struct smmu_ste *ste,
                                const struct smmu_cd *cd, uint8_t need,
                                struct smmu_event *e,
                                struct smmu_walk_result *out);

/* An access to an IPA. */
struct smmu_ipa {
	uint64_t addr;
	bool ns;       /* of a Secure stream: which space */
	uint8_t need;  /* SMMU_PERM_* */
	uint8_t class; /* EVT_CLASS_*: on whose behalf */
	bool dirty;    /* a write that marks the page dirty */
};
static inline unsigned smmu_ipa_space(const struct smmu_ste *ste, bool ns)
{
	return ste->secure && !ns ? SMMU_IPA_SECURE : SMMU_IPA_NS;
}

static inline uint8_t smmu_ipa_world(const struct smmu_ste *ste, bool ns)
{
	if (!ste->secure)
		return SMMU_WORLD_NS_IPA;
	return ns ? SMMU_WORLD_S_IPA_NS : SMMU_WORLD_S_IPA_S;
}

/* A translation by stage 2: in the TLB until that changes, or in @walked. */
struct smmu_found {
	const struct smmu_tlb_data *d;
	struct smmu_tlb_data walked;
};

/* walk.c: by a walk. */
enum smmu_step smmu_walk_stage2(struct smmu_ctx *c, const struct smmu_ste *ste,
                                const struct smmu_ipa *in, struct smmu_event *e,
                                struct smmu_tlb_data *out);

/* stage2.c. The fault @type of @in; returns SMMU_FAULT. */
enum smmu_step smmu_fault_stage2(const struct smmu_ipa *in,
                                 struct smmu_event *e, uint8_t type);
/* The translation of @in, from the TLB or by a walk. A fault is in @e. */
enum smmu_step smmu_stage2(struct smmu_ctx *c, const struct smmu_ste *ste,
                           const struct smmu_ipa *in, struct smmu_event *e,
                           struct smmu_found *out);
/* The same for an access of the SMMU's own (a CD, a stage 1 descriptor):
 * @attr in, combined out; @flags as for the access. */
enum smmu_step smmu_stage2_own(struct smmu_ctx *c, const struct smmu_ste *ste,
                               const struct smmu_ipa *in, struct smmu_event *e,
                               uint64_t *pa, struct dmasim_attr *attr,
                               uint32_t *flags);

/* 3.4.1: bit 55 chooses the half; the bits above its size must all equal it,
 * except those that TBI ignores. NULL: no table translates @va. */
static inline const struct smmu_tt *smmu_select_half(const struct smmu_cd *cd,
                                                     uint64_t va)
{
	uint64_t half = va >> 55 & 1, top = va ^ (0 - half);
	const struct smmu_tt *tt = &cd->tt[half];

	if (tt->tbi)
		top &= UINT64_MAX >> 8;
	return tt->epd || top >> (64 - tt->tsz) != 0 ? NULL : tt;
}

/* tlb.c */
int smmu_tlb_init(struct smmu_tlb *t, uint32_t entries);
uint32_t smmu_tlb_slots(const struct smmu_tlb *t);
void smmu_tlb_free(struct smmu_tlb *t);
const struct smmu_tlb_data *smmu_tlb_find(const struct smmu_tlb *t,
                                          const struct smmu_tlb_key *k);
/* Returns the slot; SMMU_NO_SLOT: nothing is kept. */
uint32_t smmu_tlb_add(struct dmasim_smmu *s, struct smmu_tlb *t,
                      const struct smmu_tlb_key *k, bool global,
                      const struct smmu_tlb_data *d);
void smmu_tlb_inval(struct dmasim_smmu *s, const struct smmu_tlb_inval *i);
void smmu_tlb_clear(struct smmu_tlb *t);
void smmu_tlb_save(const struct smmu_tlb *t, struct dmasim_writer *w);
/* @table: of the walk cache. */
void smmu_tlb_restore(struct smmu_tlb *t, struct dmasim_reader *r, bool table);

#endif
