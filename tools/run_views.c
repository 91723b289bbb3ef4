/* SPDX-License-Identifier: MIT */
/* The views of a run: files opened first, watching, files written at its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef TOOL_HAVE_SYSTEMC
#include "dmasim/systemc.h"
#endif
#include "run_internal.h"

int run_can_vcd(const struct tool *t)
{
#ifdef TOOL_HAVE_SYSTEMC
	(void)t;
	return TOOL_OK;
#else
	return tool_fail(t, TOOL_BAD_INPUT, "--vcd",
	                 "SystemC writes them, and it is not built in");
#endif
}

static int open_one(const struct tool *t, const char *path, FILE **f)
{
	if (!path)
		return TOOL_OK;
	*f = fopen(path, "wb");
	if (*f)
		return TOOL_OK;
	return tool_fail(t, TOOL_BAD_INPUT, path, "%s", strerror(errno));
}

int run_views_open(struct run *r)
{
	const struct run_options *o = r->opt;
	struct run_views *v = &r->views;
	int status = open_one(&o->tool, o->html, &v->html);

	if (status == TOOL_OK)
		status = open_one(&o->tool, o->chrome_trace, &v->chrome_file);
	if (status == TOOL_OK)
		status = open_one(&o->tool, o->vcd, &v->vcd);
	return status;
}

/* An interrupt line is a signal from its first change on. */
static void on_irq(void *ctx, uint32_t line, bool level)
{
	struct run_views *v = ctx;
	uint32_t signal = v->irq_signals[line];
	char name[32];

	if (!signal) {
		snprintf(name, sizeof(name), "irq.line_%u", line);
		if (dmasim_waves_signal(v->waves, name, 1, &signal) !=
		    DMASIM_OK)
			return;
		v->irq_signals[line] = ++signal;
	}
	dmasim_waves_set(v->waves, signal - 1, level);
}

/* The line by number or by name. TOOL_OK, or a message was given. */
static int which_line(const struct run *r, struct dmasim_view_config *cfg)
{
	const struct run_options *o = r->opt;
	struct dmasim_region_info info;

	if (!o->view_line)
		return TOOL_OK;
	if (!tool_parse_number(o->view_line, &cfg->addr)) {
		cfg->name = o->view_line;
		return TOOL_OK;
	}
	if (dmasim_map_find(cfg->map, cfg->addr, &info) == DMASIM_OK &&
	    info.ram)
		return TOOL_OK;
	return tool_fail(&o->tool, TOOL_BAD_INPUT, "--view-line",
	                 "there is no RAM at 0x%llx",
	                 (unsigned long long)cfg->addr);
}

int run_views_start(struct run *r)
{
	struct run_views *v = &r->views;
	struct dmasim_view_config cfg = {
	        .kernel = dmasim_machine_kernel(r->machine),
	        .memsys = dmasim_machine_memsys(r->machine),
	        .map = dmasim_machine_map(r->machine),
	        .checker = dmasim_machine_checker(r->machine)};
	struct dmasim_view_config all;
	int status = which_line(r, &cfg);

	if (status != TOOL_OK)
		return status;
	/* Where a line is asked for by address, the others show it alone. */
	all = cfg;
	all.name = NULL;
	all.size = r->opt->view_line && !cfg.name ? 1 : 0;
	all.shared = !all.size;
	if (r->opt->view_line)
		status = dmasim_line_view_create(&cfg, &v->line);
	if (status == DMASIM_OK && v->chrome_file)
		status = dmasim_chrome_trace_create(&all, v->chrome_file,
		                                    &v->chrome);
	if (status == DMASIM_OK && v->vcd)
		status = dmasim_waves_create(&all, &v->waves);
	if (status == DMASIM_OK && v->waves)
		dmasim_irqc_watch(dmasim_machine_irqc(r->machine), on_irq, v);
	return status == DMASIM_OK ? TOOL_OK
	                           : tool_fail(&r->opt->tool, TOOL_INTERNAL,
	                                       NULL, "out of memory");
}

/* A file that was not written whole is told of when it is closed. */
static void write_html(const struct run *r)
{
	const struct run_options *o = r->opt;
	const char *because = run_explain(r);
	char title[300], text[1200];
	struct dmasim_page_run one = {.name = o->platform,
	                              .view = r->views.line};
	struct dmasim_view_page page = {
	        .title = title, .text = text, .runs = &one, .run_count = 1};

	snprintf(title, sizeof(title), "The life of a cache line: %s",
	         o->view_line);
	snprintf(text, sizeof(text), "dmasim run %s: %s.%s%s%s%s", o->platform,
	         run_outcome_name(r->outcome), *r->failure ? " " : "",
	         r->failure, because ? "\n\nBecause " : "",
	         because ? because : "");
	(void)dmasim_view_html(&page, r->views.html);
}

static int write_vcd(struct run *r)
{
#ifdef TOOL_HAVE_SYSTEMC
	struct dmasim_vcd vcd;
	int status;

	vcd.signals = dmasim_waves_signals(r->views.waves, &vcd.signal_count);
	vcd.changes = dmasim_waves_changes(r->views.waves, &vcd.change_count);
	status = dmasim_systemc_vcd(&vcd, r->views.vcd);
	/* What the file refuses is told when it is closed. */
	if (status == DMASIM_OK || ferror(r->views.vcd))
		return TOOL_OK;
	return tool_fail(&r->opt->tool, TOOL_INTERNAL, r->opt->vcd, "%s",
	                 dmasim_strerror(status));
#else
	(void)r;
	return TOOL_OK;
#endif
}

int run_views_write(struct run *r)
{
	struct run_views *v = &r->views;

	if (r->outcome == RUN_HOST_FAILURE)
		return TOOL_OK;
	if (v->line)
		dmasim_line_view_finish(v->line);
	if (v->line && !dmasim_line_view_found(v->line))
		return tool_fail(&r->opt->tool, TOOL_BAD_INPUT, "--view-line",
		                 "nothing named '%s' was accessed",
		                 r->opt->view_line);
	if (v->html)
		write_html(r);
	return v->waves ? write_vcd(r) : TOOL_OK;
}

static int close_one(FILE *f, const char *path, int status)
{
	bool failed = f && ferror(f);

	failed |= f && fclose(f) != 0;
	if (!failed)
		return status;
	fprintf(stderr, "dmasim: %s: cannot write it\n", path);
	return TOOL_INTERNAL;
}

int run_views_end(struct run *r, int status)
{
	struct run_views *v = &r->views;
	const struct run_options *o = r->opt;

	if (v->waves)
		dmasim_irqc_watch(dmasim_machine_irqc(r->machine), NULL, NULL);
	(void)dmasim_chrome_trace_destroy(v->chrome);
	dmasim_line_view_destroy(v->line);
	dmasim_waves_destroy(v->waves);
	status = close_one(v->html, o->html, status);
	status = close_one(v->chrome_file, o->chrome_trace, status);
	return close_one(v->vcd, o->vcd, status);
}

void run_print_line(const struct run *r)
{
	if (!r->views.line || r->opt->html)
		return;
	printf("\nline       the life of %s, step by step\n"
	       "           M modified, O owned, E exclusive, S shared, I not "
	       "here; of a byte: * dirty,\n"
	       "           ! stale (not what was written last), %% both, . not "
	       "held\n\n",
	       r->opt->view_line);
	(void)dmasim_line_view_text(r->views.line, stdout, tool_colour());
}

json_t *run_line_json(const struct run *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	json_t *j = NULL;

	if (f) {
		(void)dmasim_line_view_json(r->views.line, f,
		                            r->opt->view_line);
		if (fclose(f) == 0)
			j = json_loadb(text, size, 0, NULL);
	}
	free(text);
	return j ? j : json_null();
}
