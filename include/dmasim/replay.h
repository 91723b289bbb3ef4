/* SPDX-License-Identifier: MIT */
/*
 * Replays: a kernel log with SMMU event records, and recordings of registers
 * and memory (docs/recording-format.md). Each builds a machine, makes the
 * accesses and compares the records produced with those recorded.
 */
#ifndef DMASIM_REPLAY_H
#define DMASIM_REPLAY_H

#include <jansson.h>

#include "dmasim/platform.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the log ---- */

struct dmasim_log_record {
	uint64_t words[4];
	/** All four words were printed; false: built from decoded lines, and
	 * only the bits in mask are known. */
	bool raw;
	uint64_t mask[4];
	unsigned line;   /**< of the log, from 1 */
	unsigned smmu;   /**< index into the log's SMMU names */
	char time[32];   /**< as printed, or "" */
	char client[32]; /**< "0000:00:09.0" of newer kernels, or "" */
	/** On printk's clock, if the lines have it. */
	bool has_time;
	uint64_t time_us;
};

/** iommu:map and iommu:unmap trace lines. */
struct dmasim_log_map {
	bool has_time;
	uint64_t time_us;
	uint64_t iova, pa, size; /**< pa: 0 for unmap */
	bool unmap;
	unsigned line;
	bool added; /**< by dmasim_log_add_trace(): line is of that text */
};

struct dmasim_log;

/** Records with damage become notes, instead of an error. */
#define DMASIM_LOG_KEEP_GOING 1u

/**
 * Parse a text. OK with at least one usable record, which is one whose number
 * the architecture names; E_FORMAT with "line N: ..." in @diag: empty,
 * binary, a record cut short or out of order (unless the log itself says
 * that lines were lost there, or begins within a record), no usable record;
 * E_NOMEM. @name is for reports. Time is linear in @size.
 */
DMASIM_API int dmasim_log_parse(const char *text, size_t size, const char *name,
                                struct dmasim_log **out,
                                struct dmasim_diag *diag);
/** The same with DMASIM_LOG_* in @flags. */
DMASIM_API int dmasim_log_parse_flags(const char *text, size_t size,
                                      const char *name, unsigned flags,
                                      struct dmasim_log **out,
                                      struct dmasim_diag *diag);
/** Add the map and unmap lines of another text (a trace buffer). OK; E_FORMAT
 * if it has none; E_NOMEM. */
DMASIM_API int dmasim_log_add_trace(struct dmasim_log *l, const char *text,
                                    size_t size, struct dmasim_diag *diag);
DMASIM_API const char *dmasim_log_name(const struct dmasim_log *l);
DMASIM_API void dmasim_log_destroy(struct dmasim_log *l);
DMASIM_API size_t dmasim_log_count(const struct dmasim_log *l);
DMASIM_API const struct dmasim_log_record *
dmasim_log_get(const struct dmasim_log *l, size_t index);
DMASIM_API const char *dmasim_log_smmu(const struct dmasim_log *l,
                                       size_t index);
DMASIM_API size_t dmasim_log_map_count(const struct dmasim_log *l);
DMASIM_API const struct dmasim_log_map *
dmasim_log_map_get(const struct dmasim_log *l, size_t index);
/** Records that the kernel said it suppressed. */
DMASIM_API uint64_t dmasim_log_suppressed(const struct dmasim_log *l);
/** Lines about the log itself that the user should know (GERROR, overflow,
 * truncated blocks): each "line N: ...". NULL past the end. */
DMASIM_API const char *dmasim_log_note(const struct dmasim_log *l,
                                       size_t index);

/* ---- what the addresses belong to ---- */

enum dmasim_layout {
	/** One block: descriptors, avail ring, used ring at the next multiple
	 * of 4096 (virtio 1.3, 2.7.2). */
	DMASIM_LAYOUT_LEGACY,
	/** Three parts that are aligned by themselves (virtio 1.3, 2.7). */
	DMASIM_LAYOUT_MODERN,
};

/** One ring that explains records of one stream. */
struct dmasim_explanation {
	enum dmasim_layout layout;
	uint32_t stream_id;
	unsigned queue_size; /**< 0: open (modern avail ring) */
	uint64_t base; /**< legacy: descriptor table; modern: avail ring */
	/** The parts. Where a modern ring's size is open, desc and used are 0:
	 * not known. */
	uint64_t desc, avail, used;
	size_t records; /**< explained */
	bool profile_size, profile_order, page_aligned;
	bool equal_to_previous; /**< ranks with the one before it */
	char reason[256];
};

/** A range of physical addresses that is RAM. */
struct dmasim_ram_range {
	uint64_t base, size;
};

struct dmasim_explain_options {
	unsigned queue_size; /**< 0: any */
	bool has_layout;
	enum dmasim_layout layout;
	unsigned profile_queue_size; /**< 0: 256 */
	/** Rings that do not lie in these are dropped. May be NULL. */
	const struct dmasim_ram_range *ram;
	size_t ram_count;
};

/**
 * All consistent explanations of the records of one SMMU and stream, best
 * first: more records, then the profile's queue size and access order
 * (avail->idx, then avail->flags), then legacy before modern where the base
 * is page-aligned, then the smaller ring, then page-aligned ones. *@out is
 * freed with free(); NULL and 0 if no virtqueue explains a record. OK, E_INVAL,
 * E_NOMEM.
 *
 * A ring is taken for one only if its index was accessed, which is what every
 * device does first: avail->idx was read, or used->idx written. Addresses of
 * one kind alone fit some ring always.
 */
DMASIM_API int dmasim_explain(const struct dmasim_log *log, unsigned smmu,
                              uint32_t stream_id,
                              const struct dmasim_explain_options *opt,
                              struct dmasim_explanation **out, size_t *count);
/** The field of the ring that @r is about ("avail->idx"), into @buf. False:
 * none. */
DMASIM_API bool dmasim_explain_field(const struct dmasim_explanation *e,
                                     const struct dmasim_log_record *r,
                                     char *buf, size_t size);

/* ---- replays ---- */

struct dmasim_replay_options {
	const struct dmasim_backend *backend;
	struct dmasim_explain_options explain;
	bool has_profile;
	enum dmasim_smmu_profile profile;
	/** A device tree to build the machine from; NULL: one is made up. */
	const void *fdt;
	size_t fdt_size;
	/** Choices from a generator; else fixed defaults. */
	bool has_seed;
	uint64_t seed;
	dmasim_trace_fn *trace;
	void *trace_ctx;
	/** Told of what the hazard checker found in each run of a driver. */
	void (*on_finding)(void *ctx, const struct dmasim_finding *f);
	void *on_finding_ctx;
};

/** Receives the report, piece by piece. */
typedef void dmasim_report_fn(void *ctx, const char *text);

/**
 * Replay a parsed log: report as text to @report (may be NULL) and as JSON in
 * *@json (may be NULL; json_decref). OK: all records match; E_FAULT: at least
 * one does not; other errors: with @diag.
 */
DMASIM_API int dmasim_replay_log(const struct dmasim_log *log,
                                 const struct dmasim_replay_options *opt,
                                 dmasim_report_fn *report, void *report_ctx,
                                 json_t **json, struct dmasim_diag *diag);

/** Replay a recording: @dir is a case folder or one snapshot folder. Results
 * as dmasim_replay_log(). */
DMASIM_API int dmasim_replay_snapshot(const char *dir,
                                      const struct dmasim_replay_options *opt,
                                      dmasim_report_fn *report,
                                      void *report_ctx, json_t **json,
                                      struct dmasim_diag *diag);

#ifdef __cplusplus
}
#endif
#endif
