/* SPDX-License-Identifier: MIT */
/* Options of the verbs that find something: where findings go, in which form,
 * and which of them count. */
#ifndef DMASIM_TOOL_FINDINGS_H
#define DMASIM_TOOL_FINDINGS_H

#include "dmasim/finding_report.h"
#include "tool.h"

struct tool_findings {
	const char *path;          /**< NULL: no file */
	const char *suppress_path; /**< NULL: none */
	enum dmasim_report_format format;
	bool observed_only;
	struct dmasim_suppressions *suppressions;
	struct dmasim_finding_report *report;
};

enum {
	TOOL_FINDINGS_FIRST = 0x2000,
	TOOL_OPT_FINDINGS = TOOL_FINDINGS_FIRST,
	TOOL_OPT_FORMAT,
	TOOL_OPT_SUPPRESS,
	TOOL_OPT_MIN_SEVERITY,
	TOOL_FINDINGS_END,
};

/* clang-format off */
#define TOOL_FINDINGS_OPTIONS                                                  \
	{"findings", required_argument, NULL, TOOL_OPT_FINDINGS},              \
	{"format", required_argument, NULL, TOOL_OPT_FORMAT},                  \
	{"suppress", required_argument, NULL, TOOL_OPT_SUPPRESS},              \
	{"min-severity", required_argument, NULL, TOOL_OPT_MIN_SEVERITY}

#define TOOL_FINDINGS_HELP                                                     \
	"Findings:\n"                                                          \
	"  --findings FILE          write the findings into FILE\n"            \
	"  --format NAME            of FILE: text (the default), json, sarif\n" \
	"  --suppress FILE          leave out what FILE names, a line each:\n" \
	"                           KIND|* [addr=FIRST-LAST] [source=GLOB]\n"  \
	"  --min-severity NAME      observed, or potential (the default): what\n" \
	"                           counts\n\n"
/* clang-format on */

/** As tool_option(), for the values from TOOL_FINDINGS_FIRST on. */
int tool_findings_option(const struct tool *t, struct tool_findings *f, int opt,
                         const char *arg);
/** After the options. TOOL_OK, or the exit status with a message given. */
int tool_findings_open(const struct tool *t, struct tool_findings *f);
/** Write the file, name suppressions that were not used, and free. Returns the
 * worse of @status and what goes wrong. */
int tool_findings_close(const struct tool *t, struct tool_findings *f,
                        int status);

#endif
