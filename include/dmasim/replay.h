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
};

/** iommu:map and iommu:unmap trace lines. */
struct dmasim_log_map {
	uint64_t time_us;
	uint64_t iova, pa, size;
	bool unmap;
	unsigned line;
};

struct dmasim_log;

/** Parse a text. OK with at least one usable record; E_FORMAT with "line N:
 * ..." in @diag. */
DMASIM_API int dmasim_log_parse(const char *text, size_t size, const char *name,
                                struct dmasim_log **out,
                                struct dmasim_diag *diag);
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
	DMASIM_LAYOUT_LEGACY,
	DMASIM_LAYOUT_MODERN,
};

/** One ring that explains records of one stream. */
struct dmasim_explanation {
	enum dmasim_layout layout;
	uint32_t stream_id;
	unsigned queue_size; /**< 0: open (modern avail ring) */
	uint64_t base;  /**< legacy: descriptor table; modern: avail ring */
	size_t records; /**< explained */
	bool profile_size, profile_order, page_aligned;
	bool equal_to_previous; /**< ranks with the one before it */
	char reason[256];
};

struct dmasim_explain_options {
	unsigned queue_size; /**< 0: any */
	bool has_layout;
	enum dmasim_layout layout;
	unsigned profile_queue_size; /**< 0: 256 */
};

/** All consistent explanations of the records of one SMMU and stream, best
 * first. *@out is freed with free(). */
DMASIM_API int dmasim_explain(const struct dmasim_log *log, unsigned smmu,
                              uint32_t stream_id,
                              const struct dmasim_explain_options *opt,
                              struct dmasim_explanation **out, size_t *count);

/* ---- replays ---- */

struct dmasim_replay_options {
	const struct dmasim_backend *backend;
	struct dmasim_explain_options explain;
	bool has_profile;
	enum dmasim_smmu_profile profile;
	/** A device tree to build the machine from; NULL: one is made up. */
	const void *fdt;
	size_t fdt_size;
	uint64_t seed;
	dmasim_trace_fn *trace;
	void *trace_ctx;
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
