/* SPDX-License-Identifier: MIT */
/*
 * Findings for CI: as text, as JSON, and as SARIF 2.1.0 (OASIS Standard,
 * "Static Analysis Results Interchange Format"), without those that a file of
 * suppressions names.
 */
#ifndef DMASIM_FINDING_REPORT_H
#define DMASIM_FINDING_REPORT_H

#include <jansson.h>

#include "dmasim/finding.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A file of suppressions: one a line, # begins a comment, words are separated
 * by blanks.
 *
 *     KIND|* [addr=FIRST-LAST|addr=FIRST+SIZE] [source=GLOB]
 *
 * A finding is suppressed by a line of its kind whose range holds its address
 * and whose pattern (POSIX fnmatch: * also matches /) matches the source file
 * of one of its parties, or "FILE:LINE". Each part that is left out matches.
 */
struct dmasim_suppressions;

/** OK; E_FORMAT with "NAME: line N: ..." in @diag; E_NOMEM. */
DMASIM_API int dmasim_suppressions_parse(const char *text, size_t size,
                                         const char *name,
                                         struct dmasim_suppressions **out,
                                         struct dmasim_diag *diag);
DMASIM_API void dmasim_suppressions_destroy(struct dmasim_suppressions *s);
/** Counts as a use of the first line that matches. */
DMASIM_API bool dmasim_suppressed(struct dmasim_suppressions *s,
                                  const struct dmasim_finding *f);
/** "line N: TEXT" of the index-th line that was not used yet; NULL past the
 * end. */
DMASIM_API const char *
dmasim_suppressions_unused(const struct dmasim_suppressions *s, size_t index);

enum dmasim_report_format {
	DMASIM_REPORT_TEXT,
	DMASIM_REPORT_JSON,
	DMASIM_REPORT_SARIF,
};

/** "text", "json", "sarif". OK, E_NOTFOUND. */
DMASIM_API int dmasim_report_format_parse(const char *name,
                                          enum dmasim_report_format *out);
/** "observed", "potential". OK, E_NOTFOUND. */
DMASIM_API int dmasim_severity_parse(const char *name,
                                     enum dmasim_severity *out);
/** One sentence on what a kind of finding is; for help. */
DMASIM_API const char *dmasim_finding_kind_help(enum dmasim_finding_kind kind);

/** Findings of one or more machines. */
struct dmasim_finding_report;

/** @s is borrowed, and may be NULL. Findings less severe than @least are left
 * out as if suppressed. OK, E_NOMEM. */
DMASIM_API int dmasim_finding_report_create(struct dmasim_suppressions *s,
                                            enum dmasim_severity least,
                                            struct dmasim_finding_report **out);
DMASIM_API void dmasim_finding_report_destroy(struct dmasim_finding_report *r);
/** Copies @f unless it is to be left out. OK, E_NOMEM. */
DMASIM_API int dmasim_finding_report_add(struct dmasim_finding_report *r,
                                         const struct dmasim_finding *f);
/** All findings of a checker, and the number of those it did not keep. */
DMASIM_API int dmasim_finding_report_add_all(struct dmasim_finding_report *r,
                                             const struct dmasim_checker *c);
DMASIM_API size_t
dmasim_finding_report_count(const struct dmasim_finding_report *r);
/** NULL past the end. */
DMASIM_API const struct dmasim_finding *
dmasim_finding_report_get(const struct dmasim_finding_report *r, size_t index);
DMASIM_API uint64_t
dmasim_finding_report_suppressed(const struct dmasim_finding_report *r);
/** A whole document; free with free(). NULL: no memory. */
DMASIM_API char *
dmasim_finding_report_write(const struct dmasim_finding_report *r,
                            enum dmasim_report_format format);

/** One finding, as in the JSON document. json_decref(). */
DMASIM_API json_t *dmasim_finding_json(const struct dmasim_finding *f);

#ifdef __cplusplus
}
#endif
#endif
