/* SPDX-License-Identifier: MIT */
/* Traces, log messages and JSON for every verb. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

struct tool_trace {
	FILE *file;
};

int tool_trace_open(struct tool *t)
{
	if (!t->trace_path)
		return TOOL_OK;
	t->trace = calloc(1, sizeof(*t->trace));
	if (!t->trace)
		return tool_fail(t, TOOL_INTERNAL, NULL, "out of memory");
	t->trace->file = fopen(t->trace_path, "w");
	if (t->trace->file)
		return TOOL_OK;
	free(t->trace);
	t->trace = NULL;
	return tool_fail(t, TOOL_BAD_INPUT, t->trace_path, "%s",
	                 strerror(errno));
}

void tool_trace_line(void *ctx, uint64_t time_ps, const char *source,
                     const char *text)
{
	struct tool_trace *trace = ctx;

	fprintf(trace->file, "%llu %s: %s\n", (unsigned long long)time_ps,
	        source, text);
}

dmasim_trace_fn *tool_trace_fn(const struct tool *t)
{
	return t->trace ? tool_trace_line : NULL;
}

int tool_end(struct tool *t, int status)
{
	bool failed;

	if (!t->trace)
		return status;
	failed = ferror(t->trace->file) != 0;
	failed |= fclose(t->trace->file) != 0;
	free(t->trace);
	t->trace = NULL;
	if (!failed)
		return status;
	fprintf(stderr, "dmasim: %s: cannot write the trace\n", t->trace_path);
	return TOOL_INTERNAL;
}

void tool_log(void *ctx, enum dmasim_log_level level, const char *source,
              const char *text)
{
	static const char *const names[] = {"error", "warning", "info"};

	(void)ctx;
	fprintf(stderr, "dmasim: %s: %s: %s\n", names[level], source, text);
}

json_t *tool_json(const struct tool *t, int status)
{
	static const char *const names[] = {"ok", "finding", "bad-input",
	                                    "internal-error"};
	char schema[64];
	json_t *j = json_object();

	snprintf(schema, sizeof(schema), "dmasim.%s.1", t->verb);
	json_object_set_new(j, "schema", json_string(schema));
	json_object_set_new(j, "status", json_string(names[status]));
	return j;
}

json_t *tool_json_hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

int tool_json_print(json_t *j)
{
	int status = json_dumpf(j, stdout, JSON_INDENT(2));

	json_decref(j);
	putchar('\n');
	return status == 0 ? TOOL_OK : TOOL_INTERNAL;
}

bool tool_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no);
}
