/* SPDX-License-Identifier: MIT */
/* What the stages of the SMMU share. */
#ifndef SMMUV3_INTERNAL_H
#define SMMUV3_INTERNAL_H

#include <stddef.h>

#include "dmasim/smmuv3.h"
#include "pmcg_internal.h"
#include "cmdq_internal.h"
#include "profile_internal.h"
#include "shortcut_internal.h"
#include "spec/bits.h"
#include "spec/cd.h"
#include "spec/cmd.h"
#include "spec/event.h"
#include "spec/pte.h"
#include "spec/regs_table.h"
#include "spec/ste.h"
#include "translate_internal.h"
#include "watch_internal.h"
#include "faults_internal.h"
#include "ats_internal.h"

/* Operations of the SMMU's actor: what a completed access belongs to. */
enum smmu_call_op {
	SMMU_CALL_FETCH,     /* arg: context */
	SMMU_CALL_CLIENT,    /* arg: context */
	SMMU_CALL_CMDQ,      /* arg: queue * SMMU_BANKS + bank */
	SMMU_CALL_CMDQ_MORE, /* arg: bank */
	SMMU_CALL_EVTQ,      /* arg: bank */
	SMMU_CALL_MSI,       /* arg: bank */
	SMMU_CALL_PMCG,      /* arg: counter group */
	SMMU_CALL_PMCG_MSI,  /* arg: counter group */
	SMMU_CALL_RETRY,     /* arg: context */
	SMMU_CALL_PRIQ,
	SMMU_CALL_ATC_DONE,   /* arg: slot, generation */
	SMMU_CALL_ATC_FAILED, /* the same */
};

/* A programming interface (6.1): registers, queues, interrupts and the streams
 * of one Security state. */
enum smmu_bank_id {
	SMMU_NS,
	SMMU_S,
	SMMU_BANKS,
};

/* ---- requests: what is to be translated ---- */

enum smmu_kind {
	SMMU_KIND_CLIENT,     /* a transaction, untranslated */
	SMMU_KIND_ATS,        /* a PCIe ATS translation request */
	SMMU_KIND_ATOS,       /* an address translation operation (9) */
	SMMU_KIND_PREFETCH,   /* CMD_PREFETCH_CONFIG, CMD_PREFETCH_ADDR */
	SMMU_KIND_PRI,        /* STE.PPAR, for an automatic response */
	SMMU_KIND_TRANSLATED, /* a PCIe transaction marked translated */
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
	bool config_only; /* not further than STE and CD */
	bool by_vmid;     /* VATOS: streams of this VMID only */
	uint16_t vmid;
	uint8_t op; /* enum dmasim_op */
	bool ssv;
	uint32_t sid, ssid;
	uint32_t flags; /* DMASIM_TXN_*, as presented */
	uint64_t addr;
	struct dmasim_attr attr;
};

/* ---- contexts: a request on its way ---- */

/* Five levels, each through five of stage 2, the fetches of a CD, and as many
 * updates of flags. */
#define SMMU_LOG_MAX 160u

struct smmu_read {
	uint64_t addr;
	uint32_t size;
	struct dmasim_attr attr;
	enum dmasim_cause cause;
	uint32_t flags; /* DMASIM_TXN_SECURE */
	const char *what;
};

/* A compare and swap of 8 bytes. */
struct smmu_swap {
	uint64_t old, new;
};

struct smmu_log_entry {
	uint64_t addr;
	uint8_t size;
	uint8_t cause; /* enum dmasim_cause */
	bool ok;
	bool swaps; /* a compare and swap, else a read */
	struct smmu_swap swap;
	uint64_t time; /* when it began */
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
	uint8_t op; /* enum dmasim_op */
	struct dmasim_call done;

	/* SMMU_KIND_PREFETCH: addresses to go, log2 of pages between them. */
	uint32_t prefetches;
	uint8_t stride;
	uint32_t offset;   /* bytes done */
	uint32_t fragment; /* bytes downstream */
	uint32_t missed;   /* PMCG_EV_*_MISS: 1 << event */
	uint64_t latency;  /* of what is done */
	/* Of the fragment in hand: own accesses, and what they cost. */
	uint64_t own;
	uint32_t accesses;

	/* Own accesses that completed, in order, so that a restart finds them
	 * again; those before replayed have been found. */
	uint32_t epoch; /* of the log: dmasim_smmu.epoch */
	uint32_t logged, replayed;
	uint64_t walk_reads;
	struct smmu_log_entry log[SMMU_LOG_MAX];
	struct dmasim_txn fetch;
	struct smmu_trail trail;
	/* The configuration in use, safe from what reads may set going. */
	struct smmu_ste ste;
	struct smmu_cd cd;
	/* What these are copies of, in that generation; else NULL. */
	const struct smmu_ste *held_ste;
	const struct smmu_cd *held_cd;
	uint64_t held_gen;

	struct smmu_stall stall;
};

/* A translated fragment. */
struct smmu_xlate {
	uint64_t pa;
	uint64_t left; /* bytes up to the end of the mapping */
	uint8_t shift; /* log2 of the mapping's size; 0: untranslated */
	struct dmasim_attr attr;
	uint32_t flags; /* of the client, overrides applied; the output space */
	uint8_t op;     /* enum dmasim_op: an invalidation may become more */
	bool bypass;
	/* A translation was used, with the CD of this SubstreamID if stage 1
	 * took part. */
	bool translated, stage1;
	uint32_t ssid;
	/* What the translation grants and covers, for ATS and ATOS. */
	uint8_t perm1, perm2;
	uint32_t slot; /* of the TLB; SMMU_NO_SLOT: none */
	bool global;
	const struct smmu_ste *ste; /* until the next access */
	/* The rights that the request asks for; writable-clean pages, and the
	 * output of stage 1 where both stages translate. */
	uint8_t need;
	bool clean;
	uint64_t ipa;
};

struct smmu_port {
	struct dmasim_smmu *smmu;
	struct smmu_port *next;
	struct dmasim_port down;
	/* timing.c */
	struct smmu_utlb *utlb;
	uint32_t utlb_next;
	uint64_t busy_until;
};

/* A slot of the TLB that a port's TBU knows, while it holds @tag. */
struct smmu_utlb {
	uint32_t slot;
	struct smmu_tlb_tag tag;
};

/* ---- queues and interrupts ---- */

#define SMMU_EVTQ_FIFO 256u

struct smmu_evtq {
	uint64_t fifo[SMMU_EVTQ_FIFO][EVENT_WORDS];
	/* Context + 1 of a stalled transaction's record; 0: of another. */
	uint32_t stalled[SMMU_EVTQ_FIFO];
	uint32_t head, count;
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
	uint8_t kind;            /* enum smmu_irq_kind */
	struct smmu_cmdq *queue; /* SMMU_IRQ_SYNC: where the CMD_SYNC was */
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
	struct smmu_cmdq *ecmdq;
	uint32_t ecmdqs, ecmdqs_on;
	bool paused;    /* all queues go on by SMMU_CALL_CMDQ_MORE */
	bool stopped;   /* some ECMDQ has stopped with commands left */
	uint32_t burst; /* commands since software did something, or time */
	uint64_t burst_time;
	uint64_t latency; /* of what ran inside one register access */
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
	struct smmu_cmdq *syncing; /* queues whose CMD_SYNC waits */
	bool failed;               /* Service Failure Mode (12.3) */
	/* Counts invalidations: reads begun before one are not used after. */
	uint32_t epoch;
	/* Changes when a cached configuration may have gone, or something that
	 * there is a shortcut for. */
	uint64_t gen;
	unsigned depth;    /* nesting of accesses through us */
	uint64_t no_input; /* address bits that are not even looked at */

	struct smmu_cache ste_cache, cd_cache, l1std_cache;
	uint32_t max_ssid; /* of CDs that were cached */
	struct smmu_ste *ste;
	struct smmu_cd *cd;
	uint64_t *l1std;
	struct smmu_tlb tlb;
	struct smmu_tlb walks; /* tables that walks went through */
	struct smmu_shortcuts shortcuts;
	struct smmu_combined combined;
	struct smmu_watch *watch; /* without a checker: NULL */

	struct dmasim_smmu_timing time;
	bool timed;            /* something of it costs time */
	uint64_t *walker_free; /* when each walker is */

	struct smmu_ctx **ctx;
	uint32_t ctxs, ctx_room, ctxs_busy;
	struct smmu_ctx *free_ctx;
	struct smmu_port *ports;
	struct smmu_stalls stalls;

	struct smmu_ats *ats;
	struct smmu_atc atc[SMMU_ATC_MAX];
	uint32_t atcs_used;
	struct smmu_priq priq;

	struct smmu_pmcg *pmcg;
	uint32_t pmcgs;
	uint32_t pmu_events; /* 1 << event: some counter counts it */

	struct dmasim_smmu_stats stats;
};

/* @v is that of @txn, and of now. */
static inline bool smmu_view_is(const struct dmasim_smmu *s,
                                const struct smmu_view *v,
                                const struct dmasim_txn *txn)
{
	return v->sid == txn->stream_id && v->flags == txn->flags &&
	       v->gen == s->gen && v->ssid == txn->substream_id &&
	       smmu_attr_same(&v->attr, &txn->attr);
}

/* shortcut.c */
int smmu_shortcuts_init(struct smmu_shortcuts *t, uint32_t views,
                        uint32_t hits);
void smmu_shortcuts_free(struct smmu_shortcuts *t);
/* @txn hit the TLB at @addr, and @x is what came of it. */
void smmu_shortcut_add(struct dmasim_smmu *s, const struct dmasim_txn *txn,
                       uint64_t addr, const struct smmu_xlate *x);

static inline bool smmu_quirk(const struct dmasim_smmu *s,
                              enum smmu_quirk quirk)
{
	return s->profile->quirks >> quirk & 1;
}

/* No invalidation has come since what @c read was begun: it may be kept
 * (4.7.3). A read can set going what invalidates. */
static inline bool smmu_fresh(const struct smmu_ctx *c)
{
	return c->epoch == c->smmu->epoch;
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

/* access.c: own reads of a context */
enum smmu_step smmu_read(struct smmu_ctx *c, const struct smmu_read *r,
                         uint8_t *data);
/* A little-endian 64-bit word. */
enum smmu_step smmu_read_word(struct smmu_ctx *c, const struct smmu_read *r,
                              uint64_t *value);
/* Replace the 64-bit word at r->addr by swap->new if it is swap->old
 * (little-endian both); *@seen is what was there. */
enum smmu_step smmu_cas(struct smmu_ctx *c, const struct smmu_read *r,
                        const struct smmu_swap *swap, uint64_t *seen);
void smmu_own_txn(struct dmasim_txn *t, const struct smmu_read *r,
                  uint8_t *data);
int smmu_ctx_get(struct dmasim_smmu *s, struct smmu_ctx **out);
void smmu_ctx_put(struct smmu_ctx *c);
/* The pending read of @c completed. */
void smmu_ctx_log_fetch(struct smmu_ctx *c);
void smmu_ctx_free_all(struct dmasim_smmu *s);

/* client.c */
enum dmasim_result smmu_client_access(void *obj, struct dmasim_txn *txn);
void smmu_ctx_fetched(struct smmu_ctx *c);
void smmu_ctx_forwarded(struct smmu_ctx *c);
/* Go on with a transaction whose client waits. */
void smmu_ctx_resume(struct smmu_ctx *c);
/* Answer a client that waits. */
void smmu_ctx_finish(struct smmu_ctx *c, enum dmasim_result r);
/* What is not done of it ends so; answers a client that waits. */
void smmu_ctx_terminate(struct smmu_ctx *c, bool raz_wi);

/* translate.c: c->req, from the start. A request whose reads are pending is
 * run again when they complete. */
enum smmu_step smmu_translate(struct smmu_ctx *c, struct smmu_event *e,
                              struct smmu_xlate *x);
uint8_t smmu_need(uint32_t flags, enum dmasim_op op);
/* 3.13.3, 3.13.8: it modifies the page; an invalidation does not count. */
static inline bool smmu_dirties(const struct smmu_request *q)
{
	/* 13.7: a translation request speaks for writes to come. */
	if (q->kind == SMMU_KIND_ATS)
		return !(q->flags & DMASIM_TXN_ATS_NO_WRITE);
	return dmasim_op_writes((enum dmasim_op)q->op);
}
/* 13.7.1: of what a translation request asks for any right is enough. */
static inline bool smmu_grants(const struct smmu_request *q, unsigned perm,
                               unsigned need)
{
	return q->kind == SMMU_KIND_ATS ? (perm & need) != 0
	                                : (perm & need) == need;
}
/* The same where @ipa may be an access of the SMMU's own, which needs all that
 * it asks for. */
static inline bool smmu_ipa_grants(const struct smmu_request *q,
                                   const struct smmu_ipa *ipa, unsigned perm,
                                   unsigned need)
{
	if (ipa && ipa->class != EVT_CLASS_IN)
		return (perm & need) == need;
	return smmu_grants(q, perm, need);
}
/* Nothing is updated, and so nothing may be kept either. */
static inline bool smmu_leaves_no_trace(const struct smmu_request *q)
{
	return q->no_httu || (q->flags & DMASIM_TXN_DEBUG);
}
/* 13.1.1: an atomic that may write (@granted of what it needs), but not read,
 * is recorded as a read. */
static inline void smmu_atomic_rnw(const struct smmu_request *q,
                                   struct smmu_event *e, unsigned granted)
{
	if (dmasim_op_is_atomic((enum dmasim_op)q->op) &&
	    (granted & SMMU_PERM_W))
		e->rnw = true;
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

/* irq.c */
void smmu_gerror(struct smmu_bank *b, uint64_t errors);
/** Tell the checker that CPUs learn of what was done so far. */
void smmu_note_signal(struct dmasim_smmu *s);
void smmu_signal(struct smmu_bank *b, enum smmu_irq_kind kind);
/* A CMD_SYNC with CS = SIG_IRQ is complete. */
void smmu_sync_signal(struct smmu_cmdq *q, const uint64_t *cmd);
bool smmu_msi_room(const struct smmu_bank *b);
/* A message of @kind has not arrived yet. */
bool smmu_msi_pending(const struct smmu_bank *b, enum smmu_irq_kind kind);
void smmu_msi_push(struct smmu_bank *b, const struct smmu_msi *m);
void smmu_msi_written(struct smmu_bank *b);

/* downgrade.c: what is not allowed of x->op and x->flags. */
void smmu_downgrade(const struct smmu_ste *ste, const struct smmu_tlb_data *d,
                    struct smmu_xlate *x);

/* prefetch.c */
void smmu_prefetch(struct smmu_bank *b, const uint64_t *cmd);
/* Go on with one whose read completed. */
void smmu_prefetch_run(struct smmu_ctx *c);

/* timing.c */
int smmu_time_init(struct dmasim_smmu *s);
int smmu_time_init_port(struct smmu_port *p);
void smmu_time_reset(struct dmasim_smmu *s);
/* What a look-up that begins at @at takes to find the entry in @slot, or to
 * find none (SMMU_NO_SLOT). */
uint64_t smmu_time_lookup(struct smmu_port *p, uint32_t slot, uint64_t at);
/* Add what the translation of a fragment took, found or faulted, to
 * c->latency. */
void smmu_time_fragment(struct smmu_ctx *c, const struct smmu_xlate *x);
void smmu_time_save(const struct dmasim_smmu *s, struct dmasim_writer *w);
void smmu_time_restore(struct dmasim_smmu *s, struct dmasim_reader *r);

/* smmu.c */
void smmu_reset(struct dmasim_smmu *s);
/* Configuration caches and TLB, of both Security states. */
void smmu_drop_caches(struct dmasim_smmu *s);

#endif
