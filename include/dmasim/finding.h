/* SPDX-License-Identifier: MIT */
/*
 * The hazard checker: keeps, beside the bytes, who wrote each byte last,
 * when, through which alias and from which source line, and reports findings.
 *
 * It never changes what an agent sees.
 */
#ifndef DMASIM_FINDING_H
#define DMASIM_FINDING_H

#include "dmasim/dma_note.h"
#include "dmasim/state.h"
#include "dmasim/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dmasim_finding_kind {
	/** A read returned older bytes than those written last. */
	DMASIM_STALE_READ,
	/** A dirty line was written back over newer bytes. */
	DMASIM_LOST_WRITE,
	/** Dirty bytes were invalidated. */
	DMASIM_DISCARDED_WRITE,
	/** As STALE_READ or LOST_WRITE, where the two parties reach the bytes
	 * through mappings whose attributes do not match. */
	DMASIM_MISMATCHED_ALIAS,
	DMASIM_SHARED_LINE,
	DMASIM_MISSING_BARRIER,
	DMASIM_OWNERSHIP,
	/** An IOMMU served an access by a translation that it keeps, although
	 * the descriptor in memory maps nothing any more. */
	DMASIM_USE_AFTER_UNMAP,
	DMASIM_OVERREACH,
	/** An IOVA where translation is bypassed, or a physical address where
	 * it is not. */
	DMASIM_UNTRANSLATED,
	/** As USE_AFTER_UNMAP, where the descriptor or the configuration in
	 * memory says something else, and whoever wrote it has waited for its
	 * invalidations, if it made any. */
	DMASIM_STALE_TRANSLATION,
	DMASIM_FINDING_KINDS,
};

enum dmasim_severity {
	/** Bytes were lost, missed or moved where they do not belong. */
	DMASIM_OBSERVED,
	/** Nothing was corrupted, this time. */
	DMASIM_POTENTIAL,
};

enum dmasim_agent_kind {
	DMASIM_AGENT_CPU,
	/** Snoops the inner-shareable domain. */
	DMASIM_AGENT_COHERENT_DEVICE,
	DMASIM_AGENT_NONCOHERENT_DEVICE,
	/** A process of the host that emulates a device: cached as a CPU is. */
	DMASIM_AGENT_HOST,
	DMASIM_AGENT_SMMU,
};

#define DMASIM_FINDING_BYTES 16

/** One party's access to the bytes. */
struct dmasim_party {
	char agent[48];  /**< "cpu0", "virtio-blk 0" */
	char where[160]; /**< "harness/driver/vring.c:120" or
	                  *   "read avail.idx, queue 0, request 3" */
	char alias[48];  /**< dmasim_attr_name() */
	char file[128];  /**< of a CPU's access: its source; else "" */
	uint32_t line;
	uint64_t time;  /**< ps */
	uint64_t cycle; /**< of the memory system's clock */
	bool known;     /**< false: nobody has written it */
};

struct dmasim_finding {
	enum dmasim_finding_kind kind;
	/** Of the worst of those that were counted. */
	enum dmasim_severity severity;
	uint64_t time;
	uint64_t addr; /**< physical address of the first wrong byte */
	/** From the first to the last wrong byte, 1 .. DMASIM_FINDING_BYTES.
	 * 0 for UNTRANSLATED, where no bytes were moved. */
	uint32_t size;
	uint64_t line;   /**< address of the cache line */
	char object[96]; /**< what is there: "virtqueue 0 used.idx" */
	uint8_t seen[DMASIM_FINDING_BYTES];
	uint8_t expected[DMASIM_FINDING_BYTES];
	/** Nothing but seen is known, or to be said. */
	bool no_expected;
	/** Who was hurt: read other bytes, dropped them, or (lost) wrote the
	 * older ones that replaced them. OWNERSHIP, SHARED_LINE, OVERREACH,
	 * UNTRANSLATED and those of kept translations: whose access it was. */
	struct dmasim_party reader;
	/** Whose bytes were missed or lost; the other party. */
	struct dmasim_party writer;
	char history[512]; /**< the line's states, oldest first */
	char remedy[384];
	uint64_t count; /**< how often the same finding came again */
	/** A write-back buried the bytes, rather than a read missed them:
	 * always for LOST_WRITE, maybe for MISMATCHED_ALIAS. */
	bool lost;
};

struct dmasim_checker;

struct dmasim_checker_config {
	struct dmasim_kernel *kernel;
	/** Bytes; 0: 64. A power of two from 16 to 2048. */
	uint32_t line_size;
	/** Findings kept; further ones are counted. 0: 1000. */
	size_t max_findings;
};

DMASIM_API int dmasim_checker_create(const struct dmasim_checker_config *cfg,
                                     struct dmasim_checker **out);
DMASIM_API void dmasim_checker_destroy(struct dmasim_checker *c);

/** Agents are numbered from 1. @name is copied. OK, E_NOMEM. */
DMASIM_API int dmasim_agent_add(struct dmasim_checker *c, const char *name,
                                enum dmasim_agent_kind kind, uint32_t *agent);
DMASIM_API const char *dmasim_agent_name(const struct dmasim_checker *c,
                                         uint32_t agent);

/** Writes a name for the byte at @offset into @buf. */
typedef void dmasim_describe_fn(void *ctx, uint64_t offset, char *buf,
                                size_t size);

/** Bytes in [addr, addr+size) were changed behind the machine's back (an image
 * loaded while it runs): nobody's write is missed there. */
DMASIM_API void dmasim_checker_forget(struct dmasim_checker *c, uint64_t addr,
                                      uint64_t size);

/** Give a physical range a name for findings. @describe may be NULL (then
 * "name+0x10"). Later names win over earlier ones. */
DMASIM_API int dmasim_name_region(struct dmasim_checker *c, uint64_t addr,
                                  uint64_t size, const char *name,
                                  dmasim_describe_fn *describe, void *ctx);
DMASIM_API void dmasim_unname_region(struct dmasim_checker *c, uint64_t addr,
                                     uint64_t size);
DMASIM_API void dmasim_describe(const struct dmasim_checker *c, uint64_t addr,
                                char *buf, size_t size);

/** What @agent had handed to an IOMMU by @time has been carried out. */
struct dmasim_carried_out {
	uint32_t agent;
	uint64_t time; /**< ps */
};

/** A structure in memory that an IOMMU keeps, and uses for an access. */
struct dmasim_kept {
	const struct dmasim_txn *txn; /**< the access, as the device made it */
	uint64_t addr;                /**< physical */
	uint32_t size;
	const uint8_t *seen;     /**< as it was read */
	const uint8_t *relevant; /**< the bits that matter; NULL: all */
	uint64_t since;          /**< when it was read, ps */
	/** Where the byte is whose bit 0 is clear if nothing is mapped; @size:
	 * there is none. */
	uint32_t valid;
	/** An access to what is not mapped any more cannot be recovered from:
	 * it is a bug even before the invalidation has been waited for. */
	bool strict;
	const struct dmasim_carried_out *carried_out;
	uint32_t carried_outs;
	/** Says which step is missing. */
	void (*explain)(void *ctx, char *buf, size_t size);
	void *ctx;
};

/** True: somebody but an SMMU has written other bytes since. A finding
 * USE_AFTER_UNMAP or STALE_TRANSLATION unless the invalidation may still be on
 * its way: until what the writer handed over after the write has been carried
 * out, kept translations are used by right. */
DMASIM_API bool dmasim_note_kept(struct dmasim_checker *c,
                                 const struct dmasim_kept *k);

DMASIM_API size_t dmasim_finding_count(const struct dmasim_checker *c);
DMASIM_API uint64_t dmasim_finding_dropped(const struct dmasim_checker *c);
/** NULL past the end. */
DMASIM_API const struct dmasim_finding *
dmasim_finding_get(const struct dmasim_checker *c, size_t index);
DMASIM_API const char *dmasim_finding_kind_name(enum dmasim_finding_kind k);
DMASIM_API const char *dmasim_severity_name(enum dmasim_severity s);
/** The multi-line text of a report. Returns the length as snprintf does. */
DMASIM_API int dmasim_finding_text(const struct dmasim_finding *f, char *buf,
                                   size_t size);

/** Restore into a checker with the same agents. Descriptions of names are
 * functions: they are taken from the names of the same range that are
 * registered before the restore. OK, E_NOMEM, E_FORMAT; after an error the
 * checker is as it was. */
DMASIM_API int dmasim_checker_save(const struct dmasim_checker *c,
                                   struct dmasim_writer *w);
DMASIM_API int dmasim_checker_restore(struct dmasim_checker *c,
                                      struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
