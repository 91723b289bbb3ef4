/* SPDX-License-Identifier: MIT */
/*
 * Arm SMMUv3 (IHI 0070): register file, stream table, context descriptors,
 * translation table walks, command and event queues.
 *
 * All of its structures lie in simulated memory and are reached through one
 * port, with the attributes that the registers, STE and CD give.
 */
#ifndef DMASIM_SMMUV3_H
#define DMASIM_SMMUV3_H

#include "dmasim/choice.h"
#include "dmasim/finding.h"
#include "dmasim/irq.h"
#include "dmasim/mem.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_smmu;

/** Register frame: page 0 and page 1, 64 KiB each. More pages follow where
 * VATOS or ECMDQs are implemented: dmasim_smmu_regs_size(). */
#define DMASIM_SMMU_REGS_SIZE 0x20000u

/**
 * Implementation profiles: identification registers, and what an
 * implementation does differently from the architecture in a record.
 */
enum dmasim_smmu_profile {
	/** As IHI 0070 says. */
	DMASIM_SMMU_ARCH,
	/** The model of the January 2017 log: SubstreamID 0xfffff when SSV is
	 * 0 (the field is UNKNOWN then). */
	DMASIM_SMMU_FVP_2017,
	/** QEMU 7.2: CLASS 0 in records, no access flag, output size or AP[1]
	 * checks, and the rest of docs/profiles.md. */
	DMASIM_SMMU_QEMU_7_2,
	DMASIM_SMMU_QEMU_10,
	/** SMMUv3.4, with all that the model has. */
	DMASIM_SMMU_ARCH_FULL,
	/** What the manuals of Arm's MMU-600 and MMU-700 say, as far as it is
	 * public: identification, sizes of caches. */
	DMASIM_SMMU_MMU_600_LIKE,
	DMASIM_SMMU_MMU_700_LIKE,
	DMASIM_SMMU_PROFILES,
};

#define DMASIM_SMMU_PROFILE_NAMES                                              \
	"arch, arch-full, fvp-2017, mmu-600-like, mmu-700-like, qemu-7.2, "    \
	"qemu-10"

DMASIM_API const char *
dmasim_smmu_profile_name(enum dmasim_smmu_profile profile);
/** By DMASIM_SMMU_PROFILE_NAMES. OK, E_NOTFOUND. */
DMASIM_API int dmasim_smmu_profile_parse(const char *name,
                                         enum dmasim_smmu_profile *profile);

/** Called after a record was written to the event queue or lost (@lost).
 * @cause is the client transaction, or NULL. For reports and tests. */
typedef void dmasim_smmu_event_fn(void *ctx, const uint64_t record[4],
                                  bool lost, const struct dmasim_txn *cause);

/** Counter groups (chapter 10) that an SMMU may have. */
#define DMASIM_SMMU_PMCGS 4u
/** A group's page 0 and page 1. */
#define DMASIM_SMMU_PMCG_SIZE 0x1000u

/** A counter of cycles whose overflow interrupts or captures keeps the kernel
 * from being idle, as a timer does. */
struct dmasim_smmu_pmcg_config {
	uint8_t counters; /**< 1 .. 64; 0: no group */
	/** 32, 36, 40, 44, 48, 64. 0: 64 */
	uint8_t counter_bits;
	bool single_filter; /**< one StreamID filter for all counters */
	bool no_capture, no_msi;
	bool page1;  /**< counter values and overflow are in page 1 */
	bool secure; /**< has SCR: who may use it and observe what */
	/** Bit n: event n, at most those that there are. 0: all of them */
	uint64_t events;
	uint64_t cycle;        /**< ps between events 0. 0: 1 ns */
	struct dmasim_irq irq; /**< overflow, where there is no MSI */
};

/**
 * What translations and commands cost, in ps: a translation buffer unit with
 * a micro-TLB at each client port, and a control unit with TLB, configuration
 * caches and walkers. Accesses to memory cost what their path costs, and come
 * on top. It changes when something happens, never what.
 */
struct dmasim_smmu_timing {
	uint64_t tbu_lookup;    /**< micro-TLB, hit or miss */
	uint64_t tcu_hop;       /**< to the control unit and back */
	uint64_t tlb_lookup;    /**< TLB */
	uint64_t config_lookup; /**< STE and CD */
	uint64_t walk_lookup;   /**< walk cache, before a walk or a fetch */
	uint64_t walk_step;     /**< each access of a walk or a fetch */
	uint64_t command;       /**< each command */
	uint32_t utlb_entries;  /**< of each port, at most 4096; 0: none */
	/** Walks and configuration fetches at a time, at most 1024; further
	 * ones wait. 0: no limit. */
	uint32_t walks;
	/** Hits pass a port's earlier misses; else they wait for them. */
	bool hit_under_miss;
};

/** docs/smmuv3.md has the source of each number. */
DMASIM_API extern const struct dmasim_smmu_timing dmasim_smmu_timing_generic;
/** Functional mode: nothing costs time. */
DMASIM_API extern const struct dmasim_smmu_timing dmasim_smmu_timing_none;

struct dmasim_smmu_config {
	struct dmasim_kernel *kernel;
	const char *name; /**< "9050000.smmuv3"; copied */
	/** STE, CD, table walks, queues and MSIs. */
	struct dmasim_port mem;
	enum dmasim_smmu_profile profile;
	/** IDR0.COHACC: the SMMU's own accesses are IO-coherent. */
	bool coherent;
	/** 0: the profile's. Output address size 32, 36, 40, 42, 44, 48, 52;
	 * StreamID bits 1 .. 32; SubstreamID bits 0 .. 20 (+1, so that 0 is
	 * the profile's: 1 means none). */
	uint8_t oas_bits, sid_bits, ssid_bits_plus1;
	/** Bit n: idr[n] instead of the profile's IDRn (as a recording's
	 * regs.txt has it); the three above come after. A feature that the
	 * model lacks (docs/smmuv3.md) is then shown, but does not act. */
	uint8_t idr_valid;
	uint32_t idr[7];
	/** The same for S_IDRn (there is no S_IDR5). S_IDR1.SECURE_IMPL makes
	 * the Secure programming interface. */
	uint8_t s_idr_valid;
	uint32_t s_idr[7];
	struct dmasim_irq evtq_irq, priq_irq, sync_irq, gerror_irq;
	struct dmasim_irq s_evtq_irq, s_sync_irq, s_gerror_irq;
	/** Pulsed where the SMMU sends an event to the CPUs (IDR0.SEV). */
	struct dmasim_irq sev;
	/** Entries of the TLB and of the configuration cache. 0: 2048 and 64.
	 */
	uint32_t tlb_entries, config_entries;
	/** Tables that walks went through, kept to start later walks lower (4
	 * levels and both stages share them). 0: 512. */
	uint32_t walk_entries;
	/** Keep nothing at all: no TLB, no configuration cache. */
	bool no_caches;
	/** Keep no translations and no tables: every access walks all levels.
	 */
	bool no_tlb;
	/** What its parts cost; copied. NULL: dmasim_smmu_timing_generic. */
	const struct dmasim_smmu_timing *timing;
	/** Those up to the first without counters. */
	struct dmasim_smmu_pmcg_config pmcg[DMASIM_SMMU_PMCGS];
	struct dmasim_checker *checker; /**< may be NULL */
	/** Who makes the accesses of @mem, for the checker; 0: not known. */
	uint32_t agent;
	struct dmasim_choice *choice;
	/** To tell whether a faulting address is one of RAM; may be NULL. */
	const struct dmasim_map *map;
	dmasim_smmu_event_fn *on_event;
	void *on_event_ctx;
};

struct dmasim_smmu_stats {
	uint64_t transactions, tlb_hits, tlb_misses, walks, walk_reads;
	uint64_t ste_fetches, cd_fetches, commands, records, records_lost;
	uint64_t records_merged, stalls;
	uint64_t page_requests, page_requests_lost, atc_invalidations;
	uint64_t ats_requests;
};

/** OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_smmu_create(const struct dmasim_smmu_config *cfg,
                                  struct dmasim_smmu **out);
DMASIM_API void dmasim_smmu_destroy(struct dmasim_smmu *s);
/** What of the resulting identification registers does not act here, or is
 * not allowed together (6.3.1 to 6.3.6); NULL: nothing. dmasim_smmu_create()
 * takes them all the same: a recording shows what it shows. */
DMASIM_API const char *
dmasim_smmu_config_fault(const struct dmasim_smmu_config *cfg);
/** Bytes of the register frame of such an SMMU. OK, E_INVAL. */
DMASIM_API int dmasim_smmu_regs_size(const struct dmasim_smmu_config *cfg,
                                     uint64_t *size);
/** The register frame, for the address map: 32- and 64-bit accesses. Secure
 * registers answer transactions with DMASIM_TXN_SECURE only. */
DMASIM_API struct dmasim_port dmasim_smmu_regs(struct dmasim_smmu *s);
/** @page 0 or 1 of a counter group; each is 4 KiB, anywhere. Without an
 * access function: there is no such page. */
DMASIM_API struct dmasim_port dmasim_smmu_pmcg(struct dmasim_smmu *s,
                                               unsigned index, unsigned page);
/**
 * A client port: transactions with a StreamID go in, translated ones come out
 * at @downstream with the attributes of the translation. A transaction may
 * cross pages: each page is translated by itself, in address order, and the
 * first fault ends it. Ports live as long as the SMMU.
 */
DMASIM_API int dmasim_smmu_attach(struct dmasim_smmu *s,
                                  const struct dmasim_port *downstream,
                                  struct dmasim_port *port);
DMASIM_API void dmasim_smmu_get_stats(const struct dmasim_smmu *s,
                                      struct dmasim_smmu_stats *st);

/** What a client will soon access (E_PAGE_REQUEST, 7.3.19). */
struct dmasim_smmu_page_hint {
	uint64_t addr;
	uint32_t stream_id, substream_id;
	/** DMASIM_TXN_SSV, DMASIM_TXN_SEC_SID. */
	uint32_t flags;
	uint8_t pages; /**< of 4 KiB */
	/** DMASIM_SMMU_HINT_*. */
	uint8_t access;
};

#define DMASIM_SMMU_HINT_PR 0x01u /**< privileged read, write, execute */
#define DMASIM_SMMU_HINT_PW 0x02u
#define DMASIM_SMMU_HINT_PX 0x04u
#define DMASIM_SMMU_HINT_UR 0x08u /**< unprivileged */
#define DMASIM_SMMU_HINT_UW 0x10u
#define DMASIM_SMMU_HINT_UX 0x20u

/** A client's hint for software, in the event queue; no answer comes. While
 * the SMMU is disabled it is dropped. OK, E_INVAL. */
DMASIM_API int dmasim_smmu_page_hint(struct dmasim_smmu *s,
                                     const struct dmasim_smmu_page_hint *hint);
DMASIM_API const char *dmasim_smmu_name(const struct dmasim_smmu *s);

/** Service Failure Mode (12.3), as after an error that nothing can correct:
 * transactions are terminated, queues are not accessed any more, and
 * GERROR.SFM_ERR says so. It ends with a reset. */
DMASIM_API void dmasim_smmu_enter_sfm(struct dmasim_smmu *s);
/** Registers as at the start, caches and statistics empty. OK; E_STATE while
 * something is pending or stalled. */
DMASIM_API int dmasim_smmu_reset(struct dmasim_smmu *s);

/** E_STATE while a transaction or a queue access is pending, except
 * transactions that are stalled. */
DMASIM_API int dmasim_smmu_save(const struct dmasim_smmu *s,
                                struct dmasim_writer *w);
/**
 * OK; E_STATE (something is pending); E_FORMAT, E_NOMEM: the SMMU is as after
 * reset. Clients of transactions that were stalled hand them in again: the
 * same fields and the same done call. They are then PENDING as before, without
 * a new record, or end as software has decided meanwhile.
 */
DMASIM_API int dmasim_smmu_restore(struct dmasim_smmu *s,
                                   struct dmasim_reader *r);

/*
 * Layouts as data: explain a structure field by field. Used by `dmasim
 * decode`, reports and tests; no state.
 */
struct dmasim_field {
	const char *name; /**< as the architecture names it */
	uint8_t word;     /**< 64-bit word */
	uint8_t hi, lo;   /**< bit positions */
	uint64_t value;   /**< extracted; addresses in place */
	const char *text; /**< what this value means, or NULL */
};

/** What @record says. At most @max fields that are valid for its type;
 * returns how many there are. Type 0 or unknown: the raw common fields. */
DMASIM_API size_t dmasim_event_fields(const uint64_t record[4],
                                      struct dmasim_field *f, size_t max);
/** "F_TRANSLATION"; NULL for a number that the architecture does not name. */
DMASIM_API const char *dmasim_event_name(uint8_t type);
DMASIM_API size_t dmasim_ste_fields(const uint64_t ste[8],
                                    struct dmasim_field *f, size_t max);
DMASIM_API size_t dmasim_cd_fields(const uint64_t cd[8], struct dmasim_field *f,
                                   size_t max);
DMASIM_API size_t dmasim_cmd_fields(const uint64_t cmd[2],
                                    struct dmasim_field *f, size_t max);
DMASIM_API const char *dmasim_cmd_name(uint8_t opcode);
/** A VMSAv8-64 descriptor. @stage 1 or 2, @level -1 .. 3, @granule_bits 12,
 * 14 or 16. */
DMASIM_API size_t dmasim_pte_fields(uint64_t pte, int stage, int level,
                                    int granule_bits, struct dmasim_field *f,
                                    size_t max);

/**
 * Which bits of a record are defined, word by word, so that two records can
 * be compared as the architecture allows (7.3): SubstreamID is masked if SSV
 * is 0, IPA if S2 is 0, TTRnW unless CLASS is TT, STAG if Stall is 0.
 */
DMASIM_API void dmasim_event_defined(const uint64_t record[4],
                                     uint64_t mask[4]);

#ifdef __cplusplus
}
#endif
#endif
