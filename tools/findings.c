/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** More lines than anybody writes. */
#define MAX_SUPPRESSIONS (16u << 20)

int tool_findings_option(const struct tool *t, struct tool_findings *f, int opt,
                         const char *arg)
{
	enum dmasim_severity least;

	switch (opt) {
	case TOOL_OPT_FINDINGS:
		f->path = arg;
		return TOOL_OK;
	case TOOL_OPT_SUPPRESS:
		f->suppress_path = arg;
		return TOOL_OK;
	case TOOL_OPT_FORMAT:
		if (dmasim_report_format_parse(arg, &f->format) == DMASIM_OK)
			return TOOL_OK;
		return tool_fail(t, TOOL_BAD_INPUT, "--format",
		                 "'%s' is none of text, json, sarif", arg);
	default:
		if (dmasim_severity_parse(arg, &least) != DMASIM_OK)
			return tool_fail(t, TOOL_BAD_INPUT, "--min-severity",
			                 "'%s' is neither observed nor "
			                 "potential",
			                 arg);
		f->observed_only = least == DMASIM_OBSERVED;
		return TOOL_OK;
	}
}

static int load(const struct tool *t, struct tool_findings *f)
{
	struct dmasim_diag diag = {""};
	char *text;
	size_t size;
	int status =
	        tool_load(t, f->suppress_path, MAX_SUPPRESSIONS, &text, &size);

	if (status != TOOL_OK)
		return status;
	status = dmasim_suppressions_parse(text, size, f->suppress_path,
	                                   &f->suppressions, &diag);
	free(text);
	if (status == DMASIM_OK)
		return TOOL_OK;
	return tool_fail(t, tool_exit_status(status), NULL, "%s",
	                 diag.text[0] ? diag.text : dmasim_strerror(status));
}

int tool_findings_open(const struct tool *t, struct tool_findings *f)
{
	int status = f->suppress_path ? load(t, f) : TOOL_OK;

	if (status != TOOL_OK)
		return status;
	if (dmasim_finding_report_create(f->suppressions,
	                                 f->observed_only ? DMASIM_OBSERVED
	                                                  : DMASIM_POTENTIAL,
	                                 &f->report) == DMASIM_OK)
		return TOOL_OK;
	dmasim_suppressions_destroy(f->suppressions);
	return tool_fail(t, TOOL_INTERNAL, NULL, "no memory");
}

static int write_file(const struct tool *t, const struct tool_findings *f)
{
	char *text = dmasim_finding_report_write(f->report, f->format);
	FILE *file = text ? fopen(f->path, "w") : NULL;
	int status = TOOL_OK;

	if (!text)
		return tool_fail(t, TOOL_INTERNAL, NULL, "no memory");
	if (!file)
		status = tool_fail(t, TOOL_BAD_INPUT, f->path, "%s",
		                   strerror(errno));
	if (file && fputs(text, file) == EOF)
		status = TOOL_INTERNAL;
	if (file && fclose(file) != 0)
		status = TOOL_INTERNAL;
	if (status == TOOL_INTERNAL)
		tool_fail(t, TOOL_INTERNAL, f->path, "cannot be written");
	free(text);
	return status;
}

int tool_findings_close(const struct tool *t, struct tool_findings *f,
                        int status)
{
	const char *text;
	int written = TOOL_OK;

	if (!f->report)
		return status;
	if (f->path && status < TOOL_BAD_INPUT)
		written = write_file(t, f);
	for (size_t i = 0; f->suppressions && status < TOOL_BAD_INPUT; i++) {
		text = dmasim_suppressions_unused(f->suppressions, i);
		if (!text)
			break;
		fprintf(stderr, "dmasim: %s: %s: not used\n", f->suppress_path,
		        text);
	}
	dmasim_finding_report_destroy(f->report);
	dmasim_suppressions_destroy(f->suppressions);
	return written > status ? written : status;
}
