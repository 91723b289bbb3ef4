/* SPDX-License-Identifier: MIT */
/* What the stages of the SMMU share. */
#ifndef SMMUV3_INTERNAL_H
#define SMMUV3_INTERNAL_H

#include <stddef.h>

#include "dmasim/smmuv3.h"
#include "pmcg_internal.h"
#include "profile_internal.h"
#include "spec/bits.h"
#include "spec/cd.h"
#include "spec/cmd.h"
#include "spec/event.h"
#include "spec/pte.h"
#include "spec/regs_table.h"
#include "spec/ste.h"

/* Operations of the SMMU's actor: what a completed access belongs to. */
enum smmu_call_op {
	SMMU_CALL_FETCH,     /* arg: context */
	SMMU_CALL_CLIENT,    /* arg: context */
	SMMU_CALL_CMDQ,      /* arg: bank */
	SMMU_CALL_CMDQ_MORE, /* arg: bank */
	SMMU_CALL_EVTQ,      /* arg: bank */
	SMMU_CALL_MSI,       /* arg: bank */
	SMMU_CALL_PMCG,      /* arg: counter group */
	SMMU_CALL_PMCG_MSI,  /* arg: counter group */
	SMMU_CALL_RETRY,     /* arg: context */
};

/* A programming interface (6.1): registers, queues, interrupts and the streams
 * of one Security state. */
enum smmu_bank_id {
	SMMU_NS,
	SMMU_S,
	SMMU_BANKS,
};

struct smmu_bank;

/* Outcome of a stage. */
enum smmu_step {
	SMMU_OK,
	SMMU_FAULT,
	SMMU_PENDING,
};

/* Exception level and security state of a stream (3.3.4): a TLB tag. */
enum smmu_world {
	SMMU_WORLD_NS_EL1,
	SMMU_WORLD_NS_EL2,
	SMMU_WORLD_NS_EL2_E2H,
	SMMU_WORLD_S_EL1,
	SMMU_WORLD_S_EL2,
	SMMU_WORLD_S_EL2_E2H,
	SMMU_WORLD_EL3,
	SMMU_WORLDS,
};

/* What an access needs and a translation grants, for the two privileges. */
#define SMMU_PERM_PR           0x01u
#define SMMU_PERM_PW           0x02u
#define SMMU_PERM_PX           0x04u
#define SMMU_PERM_UR           0x08u
#define SMMU_PERM_UW           0x10u
#define SMMU_PERM_UX           0x20u
#define SMMU_PERM_UNPRIV_SHIFT 3
#define SMMU_PERM_ALL          0x3fu

/* ---- configuration ---- */

/* Changes to the attributes of incoming transactions (13.1.2, 13.4). */
struct smmu_override {
	uint32_t flags_and, flags_or; /* DMASIM_TXN_PRIVILEGED, _INSTRUCTION */
	bool mtcfg;
	uint8_t memattr, shcfg, alloccfg;
};

enum smmu_ste_kind {
	SMMU_STE_ABORT,
	SMMU_STE_BYPASS,
	SMMU_STE_S1,
};

struct smmu_ste {
	uint64_t word[STE_WORDS]; /* as fetched: what is saved */
	bool secure;              /* of the Secure stream table */
	uint8_t kind;             /* enum smmu_ste_kind */
	uint8_t s1fmt, s1cdmax, s1dss;
	uint8_t world; /* enum smmu_world */
	uint16_t vmid;
	uint64_t s1contextptr;
	struct dmasim_attr cd_attr;
	struct smmu_override ovr;
};

/* One half of the address space: TTB0 or TTB1. */
struct smmu_tt {
	bool epd, tbi, had;
	uint8_t tsz;
	uint8_t granule; /* log2 */
	uint64_t ttb;
	struct dmasim_attr attr; /* of the walks */
};

struct smmu_cd {
	uint64_t word[CD_WORDS]; /* as fetched: what is saved */
	uint16_t asid;
	uint8_t oas; /* effective output size in bits: min(IPS, OAS) */
	bool affd, wxn, pan, endi, a, r, s;
	struct smmu_tt tt[2];
	struct dmasim_attr mair[8]; /* shareability comes from the leaf */
};

/* Keys of a set-associative cache; the contents lie beside it. */
#define SMMU_CACHE_WAYS 4u
#define SMMU_NO_SLOT    UINT32_MAX

struct smmu_cache {
	uint32_t sets; /* a power of two */
	uint64_t *key; /* 0: empty */
	uint8_t *next; /* way to replace, by set */
};

/* ---- TLB ---- */

struct smmu_tlb_tag {
	uint64_t page;  /* address | size, world, valid */
	uint64_t space; /* ASID, VMID, global */
};

struct smmu_tlb_data {
	uint64_t pa;
	struct dmasim_attr attr;
	uint8_t perm;
	uint8_t level;
	uint8_t shift;
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
};

struct smmu_tlb_key {
	uint64_t va;
	uint16_t asid, vmid;
	uint8_t world;
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
	uint8_t level;        /* by_va: 0 or the only one hit */
};

#include "faults_internal.h"

/* ---- requests: what is to be translated ---- */

enum smmu_kind {
	SMMU_KIND_CLIENT,   /* a transaction, untranslated */
	SMMU_KIND_ATS,      /* a PCIe ATS translation request */
	SMMU_KIND_ATOS,     /* an address translation operation (9) */
	SMMU_KIND_PREFETCH, /* CMD_PREFETCH_ADDR */
};

/* Stages of translation. */
#define SMMU_STAGE1 1u
#define SMMU_STAGE2 2u

struct smmu_request {
	struct smmu_bank *bank; /* of the stream's Security state (SEC_SID) */
	uint8_t kind;           /* enum smmu_kind */
	/* SMMU_KIND_ATOS: the stages asked for, which are then configured (but
	 * S1DSS may bypass stage 1); else 0, and the STE's count. */
	uint8_t stages;
	bool no_httu; /* flags count as if updated, and nothing is updated */
	bool by_vmid; /* VATOS: streams of this VMID only */
	uint16_t vmid;
	uint8_t op; /* enum dmasim_op */
	bool ssv;
	uint32_t sid, ssid;
	uint32_t flags; /* DMASIM_TXN_*, as presented */
	uint64_t addr;
	struct dmasim_attr attr;
};

/* ---- contexts: a request on its way ---- */

#define SMMU_LOG_MAX 32u

struct smmu_read {
	uint64_t addr;
	uint32_t size;
	struct dmasim_attr attr;
	enum dmasim_cause cause;
	uint32_t flags; /* DMASIM_TXN_SECURE */
	const char *what;
};

struct smmu_log_entry {
	uint64_t addr;
	uint32_t size;
	uint8_t cause; /* enum dmasim_cause */
	bool ok;
	uint8_t data[64];
};

enum smmu_ctx_state {
	SMMU_CTX_FREE,
	SMMU_CTX_RUNNING,
	SMMU_CTX_FETCH,   /* an access of our own is pending */
	SMMU_CTX_CLIENT,  /* the translated access is pending downstream */
	SMMU_CTX_STALLED, /* has a STAG */
	SMMU_CTX_WAITING, /* would stall, but there is no STAG left */
	SMMU_CTX_RETRY,   /* has a verdict, which SMMU_CALL_RETRY carries out */
	SMMU_CTX_DECIDED, /* has a verdict, and waits for its client */
};

struct smmu_port;

struct smmu_ctx {
	struct dmasim_smmu *smmu;
	struct smmu_port *port;
	struct smmu_ctx *next_free;
	uint32_t id;
	uint8_t state; /* enum smmu_ctx_state */
	struct smmu_request req;
	/* SMMU_KIND_CLIENT and SMMU_KIND_ATS: the client's; else NULL. */
	struct dmasim_txn *txn;

	/* The client's fields, while a fragment of it is downstream. */
	uint64_t addr;
	uint32_t size;
	uint8_t *data;
	struct dmasim_attr attr;
	uint32_t flags;
	struct dmasim_call done;

	uint32_t offset;   /* bytes done */
	uint32_t fragment; /* bytes downstream */
	uint32_t missed;   /* PMCG_EV_*_MISS: 1 << event */
	uint64_t latency;  /* of the SMMU's own accesses */

	/* Own reads that completed, so that a restart finds them. */
	uint32_t epoch; /* of the log: dmasim_smmu.epoch */
	uint32_t logged;
	uint64_t walk_reads;
	struct smmu_log_entry log[SMMU_LOG_MAX];
	struct dmasim_txn fetch;
	uint8_t fetch_data[64];

	struct smmu_stall stall;
};

/* A translated fragment. */
struct smmu_xlate {
	uint64_t pa;
	uint64_t left; /* bytes up to the end of the mapping */
	uint8_t shift; /* log2 of the mapping's size; 0: untranslated */
	struct dmasim_attr attr;
	uint32_t flags; /* of the client, overrides applied */
	bool bypass;
	/* Stage 1 was used, with the CD of this SubstreamID. */
	bool stage1;
	uint32_t ssid;
};

struct smmu_port {
	struct dmasim_smmu *smmu;
	struct smmu_port *next;
	struct dmasim_port down;
	/* The configuration used last; valid while gen is the SMMU's. */
	bool ready;
	uint32_t gen;
	uint32_t sid;
	uint64_t substream; /* flags & SSV ? ssid | 1 << 32 : 0 */
	const struct smmu_ste *ste;
	const struct smmu_cd *cd;
};

/* ---- queues and interrupts ---- */

#define SMMU_EVTQ_FIFO 256u

struct smmu_evtq {
	uint64_t fifo[SMMU_EVTQ_FIFO][EVENT_WORDS];
	/* Context + 1 of a stalled transaction's record; 0: of another. */
	uint32_t stalled[SMMU_EVTQ_FIFO];
	uint32_t head, count;
	uint32_t awaited; /* by a CMD_SYNC: so many of the oldest */
	bool running, waiting;
	/* Stalled transactions whose records wait for a writable queue. */
	struct smmu_ctx_list held;
	/* The newest record, with which the next one may be merged. */
	bool last_valid;
	uint64_t last[EVENT_WORDS], last_time;
	const struct dmasim_txn *cause; /* of the newest, while it runs */
	struct dmasim_txn txn;
	uint8_t data[EVENT_SIZE];
};

struct smmu_cmdq {
	bool running, waiting;
	bool paused;  /* goes on by SMMU_CALL_CMDQ_MORE */
	bool syncing; /* the CMD_SYNC in data waits */
	uint32_t sync_epoch;
	uint64_t latency; /* of what ran inside one register access */
	struct dmasim_txn txn;
	uint8_t data[CMD_SIZE];
};

enum smmu_irq_kind {
	SMMU_IRQ_EVENTQ,
	SMMU_IRQ_PRIQ,
	SMMU_IRQ_GERROR,
	SMMU_IRQ_SYNC,
	SMMU_IRQ_KINDS,
};

#define SMMU_MSI_FIFO 16u

struct smmu_msi {
	uint64_t addr;
	uint32_t value;
	uint8_t kind; /* enum smmu_irq_kind */
	struct dmasim_attr attr;
};

struct smmu_msis {
	struct smmu_msi fifo[SMMU_MSI_FIFO];
	uint32_t head, count;
	bool running, waiting;
	struct dmasim_txn txn;
	uint8_t data[4];
};

/* ---- address translation operations ---- */

enum smmu_atos_group {
	SMMU_GATOS,
	SMMU_VATOS,
	SMMU_ATOS_GROUPS,
};

struct smmu_bank {
	struct dmasim_smmu *smmu;
	uint8_t id; /* enum smmu_bank_id */
	/* SMMU_QUIRK_FMT_STICKY: SPLIT + 1 of the last 2-level format, or 0. */
	uint8_t sticky_split;
	uint64_t reg[SMMU_REG_COUNT];
	uint64_t mask[SMMU_REG_COUNT]; /* bits that software can write */
	struct smmu_evtq evtq;
	struct smmu_cmdq cmdq;
	struct smmu_msis msis;
	/* By group: the operation that RUN = 1 shows. */
	struct smmu_ctx *atos[SMMU_ATOS_GROUPS];
};

struct dmasim_smmu {
	struct dmasim_smmu_config cfg;
	char *name;
	const struct smmu_profile *profile;
	struct smmu_caps caps;
	uint32_t actor;

	struct smmu_bank bank[SMMU_BANKS];
	/* Counts invalidations: reads begun before one are not used after. */
	uint32_t epoch;
	/* Changes when a cached configuration may have gone. */
	uint32_t gen;
	unsigned depth;    /* nesting of accesses through us */
	uint64_t no_input; /* address bits that are not even looked at */

	struct smmu_cache ste_cache, cd_cache, l1std_cache;
	struct smmu_ste *ste;
	struct smmu_cd *cd;
	uint64_t *l1std;
	struct smmu_tlb tlb;

	struct smmu_ctx **ctx;
	uint32_t ctxs, ctx_room, ctxs_busy;
	struct smmu_ctx *free_ctx;
	struct smmu_port *ports;
	struct smmu_stalls stalls;

	struct smmu_pmcg *pmcg;
	uint32_t pmcgs;
	uint32_t pmu_events; /* 1 << event: some counter counts it */

	struct dmasim_smmu_stats stats;
};

static inline bool smmu_quirk(const struct dmasim_smmu *s, uint32_t quirk)
{
	return (s->profile->quirks & quirk) != 0;
}

/* Of the accesses that a programming interface makes for itself. */
static inline uint32_t smmu_bank_flags(const struct smmu_bank *b)
{
	return b->id == SMMU_S ? DMASIM_TXN_SECURE : 0;
}

/* An event of the stream @sid of @b (10.3). */
static inline void smmu_pmu_count(struct dmasim_smmu *s, unsigned event,
                                  const struct smmu_bank *b, uint32_t sid)
{
	if (s->pmu_events & 1u << event)
		smmu_pmcg_count(s, event, b, sid);
}
/* c->req had to look where @event says. */
static inline void smmu_pmu_missed(struct smmu_ctx *c, unsigned event)
{
	c->missed |= 1u << event;
}
/* c->req, of a client, was translated or terminated: count it, and what it
 * missed. One that crosses mappings is one in each. */
void smmu_pmu_request(struct smmu_ctx *c);
/* An access for @cause leaves on behalf of c->req. */
void smmu_pmu_access(const struct smmu_ctx *c, enum dmasim_cause cause);

static inline bool smmu_has_msi(const struct smmu_bank *b)
{
	return b->id == SMMU_S ? b->smmu->caps.s_msi : b->smmu->caps.msi;
}

/* 6.3.9: turned on, and not yet being turned off. */
static inline bool smmu_on(const struct smmu_bank *b, uint64_t cr0)
{
	return (b->reg[SMMU_CR0] & b->reg[SMMU_CR0ACK] & cr0) == cr0;
}

/* regs.c */
const struct smmu_reg_info *smmu_reg_info(const struct smmu_bank *b,
                                          enum smmu_reg reg);
enum dmasim_result smmu_regs_access(void *obj, struct dmasim_txn *txn);
/* regs_mask.c */
bool smmu_has(const struct smmu_bank *b, enum smmu_feature feature);
void smmu_regs_init(struct smmu_bank *b);
void smmu_regs_reset(struct smmu_bank *b);
/* regs_write.c */
void smmu_reg_write(struct smmu_bank *b, enum smmu_reg reg, uint64_t bits,
                    uint64_t value);
/* Something has ended that an acknowledgement may wait for. */
void smmu_regs_ack(struct smmu_bank *b);

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
/* Every member has a value that exists: for restored state. */
bool smmu_attr_sound(const struct dmasim_attr *a);

/* access.c: own reads of a context */
enum smmu_step smmu_read(struct smmu_ctx *c, const struct smmu_read *r,
                         uint8_t *data);
void smmu_own_txn(struct dmasim_txn *t, const struct smmu_read *r,
                  uint8_t *data);
int smmu_ctx_get(struct dmasim_smmu *s, struct smmu_ctx **out);
void smmu_ctx_put(struct smmu_ctx *c);
/* The pending read of @c completed. */
void smmu_ctx_log_fetch(struct smmu_ctx *c);
void smmu_ctx_free_all(struct dmasim_smmu *s);

/* cache.c */
int smmu_cache_init(struct smmu_cache *c, uint32_t entries);
void smmu_cache_free(struct smmu_cache *c);
uint32_t smmu_cache_slots(const struct smmu_cache *c);
uint32_t smmu_cache_find(const struct smmu_cache *c, uint64_t key);
uint32_t smmu_cache_add(struct dmasim_smmu *s, struct smmu_cache *c,
                        uint64_t key);
void smmu_cache_clear(struct smmu_cache *c);
/* The keys; the caller adds what lies beside them. */
void smmu_cache_save(const struct smmu_cache *c, struct dmasim_writer *w);
void smmu_cache_restore(struct smmu_cache *c, struct dmasim_reader *r);

/* config.c: stream table, STE, and the caches of both STE and CD */
enum smmu_step smmu_get_ste(struct smmu_ctx *c, struct smmu_event *e,
                            struct smmu_ste *ste);
/* Everything else of @ste from its words. SMMU_FAULT: ILLEGAL. */
enum smmu_step smmu_decode_ste(struct dmasim_smmu *s, struct smmu_ste *ste);
static inline struct smmu_override smmu_no_override(void)
{
	return (struct smmu_override){
	        .flags_and = UINT32_MAX,
	        .shcfg = CFG_SH_INCOMING,
	};
}
struct smmu_override smmu_decode_override(const struct dmasim_smmu *s,
                                          uint64_t ste1);
void smmu_config_inval_sid(struct smmu_bank *b, uint32_t first, uint32_t last,
                           bool leaf);
void smmu_config_inval_cd(struct smmu_bank *b, uint32_t sid, bool all,
                          uint32_t ssid);
const struct smmu_ste *smmu_cached_ste(struct smmu_bank *b, uint32_t sid);
void smmu_cache_cd(struct smmu_bank *b, uint32_t sid, uint32_t ssid,
                   const struct smmu_cd *cd);
const struct smmu_cd *smmu_cached_cd(struct smmu_bank *b, uint32_t sid,
                                     uint32_t ssid);

/* cd.c */
enum smmu_step smmu_get_cd(struct smmu_ctx *c, const struct smmu_ste *ste,
                           uint32_t ssid, struct smmu_event *e,
                           struct smmu_cd *cd);
/* Everything else of @cd from its words. SMMU_FAULT: ILLEGAL. */
enum smmu_step smmu_decode_cd(const struct dmasim_smmu *s, struct smmu_cd *cd);

/* walk.c */
enum smmu_step smmu_walk(struct smmu_ctx *c, const struct smmu_cd *cd,
                         uint8_t need, struct smmu_event *e,
                         struct smmu_tlb_data *out, bool *global);
/* 3.4.1: bit 55 chooses the half; the bits above its size must all equal it,
 * except those that TBI ignores. NULL: no table translates @va. */
static inline const struct smmu_tt *smmu_select_half(const struct smmu_cd *cd,
                                                     uint64_t va)
{
	uint64_t half = va >> 55 & 1, top = va ^ (0 - half);
	const struct smmu_tt *tt = &cd->tt[half];

	if (tt->tbi)
		top &= SMMU_BITS(55, 0);
	return tt->epd || top >> (64 - tt->tsz) != 0 ? NULL : tt;
}

/* tlb.c */
int smmu_tlb_init(struct smmu_tlb *t, uint32_t entries);
void smmu_tlb_free(struct smmu_tlb *t);
const struct smmu_tlb_data *smmu_tlb_find(const struct smmu_tlb *t,
                                          const struct smmu_tlb_key *k);
void smmu_tlb_add(struct dmasim_smmu *s, const struct smmu_tlb_key *k,
                  bool global, const struct smmu_tlb_data *d);
void smmu_tlb_inval(struct dmasim_smmu *s, const struct smmu_tlb_inval *i);
void smmu_tlb_clear(struct smmu_tlb *t);
void smmu_tlb_save(const struct smmu_tlb *t, struct dmasim_writer *w);
void smmu_tlb_restore(struct smmu_tlb *t, struct dmasim_reader *r);

/* client.c */
enum dmasim_result smmu_client_access(void *obj, struct dmasim_txn *txn);
void smmu_ctx_fetched(struct smmu_ctx *c);
void smmu_ctx_forwarded(struct smmu_ctx *c);
/* Go on with a transaction whose client waits. */
void smmu_ctx_resume(struct smmu_ctx *c);
/* What is not done of it ends so; answers a client that waits. */
void smmu_ctx_terminate(struct smmu_ctx *c, bool raz_wi);

/* translate.c: c->req, from the start. A request whose reads are pending is
 * run again when they complete. */
enum smmu_step smmu_translate(struct smmu_ctx *c, struct smmu_event *e,
                              struct smmu_xlate *x);
uint8_t smmu_need(uint32_t flags, enum dmasim_op op);
static inline uint32_t smmu_override_flags(const struct smmu_override *o,
                                           uint32_t flags)
{
	return (flags & o->flags_and) | o->flags_or;
}

/* atos.c (9) */
/* RUN was written as 1. */
void smmu_atos_start(struct smmu_bank *b, enum smmu_atos_group g);
/* A pending read of an operation completed. */
void smmu_atos_fetched(struct smmu_ctx *c);
/* SMMUEN of @b was cleared: what needs it ends. */
void smmu_atos_stop(struct smmu_bank *b);
/* Whether @ste can answer c->req; SMMU_FAULT: e->type, a FAULTCODE. */
enum smmu_step smmu_atos_check(const struct smmu_ctx *c,
                               const struct smmu_ste *ste,
                               struct smmu_event *e);

/* cmdq.c */
void smmu_cmdq_run(struct smmu_bank *b);
/* The CMD_SYNC that waited is complete, or failed. */
void smmu_cmdq_synced(struct smmu_bank *b, unsigned error);
/* 4.1.6: SSec says whose streams a command is for. False: CERROR_ILL. */
bool smmu_cmd_bank(struct smmu_bank *b, const uint64_t *cmd,
                   struct smmu_bank **target);
void smmu_cmdq_fetched(struct smmu_bank *b);
uint64_t smmu_queue_base(const struct dmasim_smmu *s, uint64_t base,
                         uint8_t max_log2, unsigned entry_log2,
                         unsigned *log2size);

/* irq.c */
void smmu_gerror(struct smmu_bank *b, uint64_t errors);
void smmu_signal(struct smmu_bank *b, enum smmu_irq_kind kind);
/* A CMD_SYNC with CS = SIG_IRQ is complete. */
void smmu_sync_signal(struct smmu_bank *b, const uint64_t *cmd);
bool smmu_msi_room(const struct smmu_bank *b);
/* A message of @kind has not arrived yet. */
bool smmu_msi_pending(const struct smmu_bank *b, enum smmu_irq_kind kind);
void smmu_msi_push(struct smmu_bank *b, const struct smmu_msi *m);
void smmu_msi_written(struct smmu_bank *b);

/* smmu.c */
void smmu_reset(struct dmasim_smmu *s);
/* Configuration caches and TLB, of both Security states. */
void smmu_drop_caches(struct dmasim_smmu *s);

#endif
