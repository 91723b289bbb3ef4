/* SPDX-License-Identifier: MIT */
/* Who answers what the architecture leaves open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_internal.h"

#define SCHEDULE_MAX (64u << 20)

static int load(struct run *r)
{
	const struct tool *t = &r->opt->tool;
	struct dmasim_diag diag = {""};
	char *text;
	size_t size;
	int status = tool_load(t, r->opt->schedule, SCHEDULE_MAX, &text, &size);

	if (status != TOOL_OK)
		return status;
	status = dmasim_schedule_parse(text, size, &r->schedule, &diag);
	free(text);
	if (status == DMASIM_OK)
		return TOOL_OK;
	return tool_fail(t, tool_exit_status(status), r->opt->schedule, "%s",
	                 diag.text[0] ? diag.text : dmasim_strerror(status));
}

int run_choices_open(struct run *r, struct dmasim_choice_config *cfg)
{
	const struct run_options *o = r->opt;
	int status;

	if (o->schedule) {
		status = load(r);
		if (status == TOOL_OK)
			*cfg = dmasim_schedule_choice(r->schedule);
		return status;
	}
	*cfg = (struct dmasim_choice_config){
	        .mode = o->tool.has_seed ? DMASIM_CHOICE_SEED
	                                 : DMASIM_CHOICE_DEFAULTS,
	        .seed = o->tool.seed};
	if (!o->record_schedule)
		return TOOL_OK;
	if (dmasim_schedule_record(cfg, &r->schedule) != DMASIM_OK)
		return tool_fail(&o->tool, TOOL_INTERNAL, NULL,
		                 "out of memory");
	*cfg = dmasim_schedule_choice(r->schedule);
	return TOOL_OK;
}

static int write_recording(const struct run *r, const char *text)
{
	const struct run_options *o = r->opt;
	FILE *f = fopen(o->record_schedule, "w");
	bool bad = !f;

	if (f) {
		if (o->tool.has_seed)
			fprintf(f,
			        "# Give --seed %llu, too: the workload's data "
			        "come from it.\n",
			        (unsigned long long)o->tool.seed);
		fputs(text, f);
		bad = ferror(f);
		bad |= fclose(f) != 0;
	}
	if (!bad)
		return TOOL_OK;
	return tool_fail(&o->tool, TOOL_BAD_INPUT, o->record_schedule,
	                 "cannot write: %s", strerror(errno));
}

int run_choices_end(struct run *r)
{
	const struct run_options *o = r->opt;
	struct dmasim_diag diag = {""};
	int status;
	char *text;

	if (!r->schedule)
		return TOOL_OK;
	status = dmasim_schedule_check(r->schedule, &diag);
	if (status != DMASIM_OK)
		return tool_fail(
		        &o->tool, tool_exit_status(status),
		        o->schedule ? o->schedule : o->record_schedule, "%s",
		        diag.text[0] ? diag.text : dmasim_strerror(status));
	if (!o->record_schedule)
		return TOOL_OK;
	text = dmasim_schedule_text(r->schedule);
	if (!text)
		return tool_fail(&o->tool, TOOL_INTERNAL, NULL,
		                 "out of memory");
	status = write_recording(r, text);
	free(text);
	return status;
}
