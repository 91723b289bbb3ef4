/* SPDX-License-Identifier: MIT */
/* dmasim replay: reproduce the faults of a kernel log or a recording. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/replay.h"
#include "findings.h"
#include "tool.h"

/** Kernel logs are a few MiB; more is a mistake. */
#define MAX_LOG (256u << 20)

struct options {
	struct dmasim_replay_options replay;
	const char *snapshot, *dtb, *iommu_trace;
	bool keep_going;
	void *fdt;
	struct tool_findings findings;
	/** There was no memory for a finding. */
	bool lost;
};

static const char help[] =
        "Usage: dmasim replay [OPTION]... FILE...\n"
        "       dmasim replay [OPTION]... --snapshot DIR\n\n"
        "Reproduces SMMUv3 faults and says what they were.\n\n"
        "FILE is a kernel log (dmesg, journalctl, a console, a mail; - is "
        "stdin) with\n"
        "'event 0x10 received:' records. Each record is decoded. If its "
        "addresses are\n"
        "fields of a virtqueue, a machine with that ring is built, the disk "
        "driver runs on\n"
        "it, and the records that the simulated SMMU writes are compared "
        "with those of the\n"
        "log, word by word; then the same driver runs with the DMA API. "
        "Every other record\n"
        "is made by one access of a DMA test endpoint of that stream. Trace "
        "lines of\n"
        "iommu:map and iommu:unmap tell what had been mapped.\n\n"
        "DIR is a recording of registers and memory (a case or one snapshot "
        "of it): every\n"
        "translation, access and poke that it lists is done and compared.\n\n"
        "Options:\n"
        "  --queue-size N           only rings of N entries\n"
        "  --layout legacy|modern   only rings of this layout\n"
        "  --dtb FILE               the machine (.dtb or .dts): where RAM "
        "is, its SMMU and disks\n"
        "  --profile NAME           whose SMMU wrote the records: arch, "
        "arch-full, fvp-2017,\n"
        "                           mmu-600-like, mmu-700-like, qemu-7.2, "
        "qemu-10 (default:\n"
        "                           what the records, or the tree or the "
        "recording, say)\n"
        "  --iommu-trace FILE       text of a trace buffer with iommu:map "
        "and iommu:unmap\n"
        "  --keep-going             leave damaged records out instead of "
        "refusing the log\n"
        "  --snapshot DIR           replay a recording\n\n" TOOL_FINDINGS_HELP
        "  With --findings, what the drivers that were run did wrong counts "
        "as a mismatch.\n\n"
        "All verbs:\n" TOOL_OPTIONS_HELP "\nExamples:\n"
        "  The faults of a disk whose driver forgot the DMA API:\n"
        "    dmasim replay traces/2017-01-fvp-virtio-blk.log\n"
        "  What the machine at hand says just now:\n"
        "    dmesg | dmasim replay -\n\n" TOOL_EXIT_HELP;

/* ---- options ---- */

enum {
	OPT_QUEUE_SIZE = 1,
	OPT_LAYOUT,
	OPT_DTB,
	OPT_PROFILE,
	OPT_IOMMU_TRACE,
	OPT_KEEP_GOING,
	OPT_SNAPSHOT,
};

static int set_queue_size(const struct tool *t, struct options *o,
                          const char *arg)
{
	uint64_t n;

	if (!tool_parse_number(arg, &n) || n == 0 || n > 32768 || (n & (n - 1)))
		return tool_fail(t, TOOL_BAD_INPUT, "--queue-size",
		                 "'%s' is no power of two up to 32768", arg);
	o->replay.explain.queue_size = (unsigned)n;
	return TOOL_OK;
}

static int set_layout(const struct tool *t, struct options *o, const char *arg)
{
	bool legacy = strcmp(arg, "legacy") == 0;

	if (!legacy && strcmp(arg, "modern") != 0)
		return tool_fail(t, TOOL_BAD_INPUT, "--layout",
		                 "'%s' is neither legacy nor modern", arg);
	o->replay.explain.has_layout = true;
	o->replay.explain.layout =
	        legacy ? DMASIM_LAYOUT_LEGACY : DMASIM_LAYOUT_MODERN;
	return TOOL_OK;
}

static int set_profile(const struct tool *t, struct options *o, const char *arg)
{
	o->replay.has_profile = true;
	if (dmasim_smmu_profile_parse(arg, &o->replay.profile) == DMASIM_OK)
		return TOOL_OK;
	return tool_fail(t, TOOL_BAD_INPUT, "--profile",
	                 "'%s' is none of " DMASIM_SMMU_PROFILE_NAMES, arg);
}

static int take_option(struct tool *t, struct options *o, int opt, char **argv)
{
	switch (opt) {
	case OPT_QUEUE_SIZE:
		return set_queue_size(t, o, optarg);
	case OPT_LAYOUT:
		return set_layout(t, o, optarg);
	case OPT_PROFILE:
		return set_profile(t, o, optarg);
	case OPT_DTB:
		o->dtb = optarg;
		return TOOL_OK;
	case OPT_IOMMU_TRACE:
		o->iommu_trace = optarg;
		return TOOL_OK;
	case OPT_KEEP_GOING:
		o->keep_going = true;
		return TOOL_OK;
	case OPT_SNAPSHOT:
		o->snapshot = optarg;
		return TOOL_OK;
	default:
		if (opt >= TOOL_FINDINGS_FIRST && opt < TOOL_FINDINGS_END)
			return tool_findings_option(t, &o->findings, opt,
			                            optarg);
		return tool_option(t, opt, optarg, argv);
	}
}

static int parse_options(struct tool *t, struct options *o, int argc,
                         char **argv, bool *done)
{
	static const struct option table[] = {
	        TOOL_OPTIONS,
	        TOOL_FINDINGS_OPTIONS,
	        {"queue-size", required_argument, NULL, OPT_QUEUE_SIZE},
	        {"layout", required_argument, NULL, OPT_LAYOUT},
	        {"dtb", required_argument, NULL, OPT_DTB},
	        {"profile", required_argument, NULL, OPT_PROFILE},
	        {"iommu-trace", required_argument, NULL, OPT_IOMMU_TRACE},
	        {"keep-going", no_argument, NULL, OPT_KEEP_GOING},
	        {"snapshot", required_argument, NULL, OPT_SNAPSHOT},
	        {0},
	};
	int opt, status = TOOL_OK;

	while (status == TOOL_OK &&
	       (opt = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (opt == TOOL_OPT_HELP) {
			fputs(help, stdout);
			*done = true;
			return TOOL_OK;
		}
		status = take_option(t, o, opt, argv);
	}
	if (status != TOOL_OK)
		return status;
	if (o->snapshot && optind < argc)
		return tool_fail(t, TOOL_BAD_INPUT, argv[optind],
		                 "a log and --snapshot cannot be replayed at "
		                 "once");
	if (!o->snapshot && optind == argc)
		return tool_fail(t, TOOL_BAD_INPUT, NULL,
		                 "replay: a log or --snapshot DIR expected");
	return TOOL_OK;
}

/* ---- reports ---- */

static void print(void *ctx, const char *text)
{
	(void)ctx;
	fputs(text, stdout);
}

/** A message of the library's about @place. */
static int fail(const struct tool *t, const char *place, int status,
                const struct dmasim_diag *diag)
{
	return tool_fail(t, tool_exit_status(status), place, "%s",
	                 diag->text[0] ? diag->text : dmasim_strerror(status));
}

/** The worse of two: any error counts more than a mismatch. */
static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* ---- logs ---- */

static int add_trace(const struct tool *t, const struct options *o,
                     struct dmasim_log *log)
{
	struct dmasim_diag diag = {""};
	char *text;
	size_t size;
	int status = tool_load(t, o->iommu_trace, MAX_LOG, &text, &size);

	if (status != TOOL_OK)
		return status;
	status = dmasim_log_add_trace(log, text, size, &diag);
	free(text);
	return status == DMASIM_OK ? TOOL_OK
	                           : fail(t, o->iommu_trace, status, &diag);
}

static int parse_log(const struct tool *t, const struct options *o,
                     const char *path, struct dmasim_log **log)
{
	struct dmasim_diag diag = {""};
	const char *place = strcmp(path, "-") == 0 ? "stdin" : path;
	char *text;
	size_t size;
	int status = tool_load(t, path, MAX_LOG, &text, &size);

	if (status != TOOL_OK)
		return status;
	status = dmasim_log_parse_flags(
	        text, size, place, o->keep_going ? DMASIM_LOG_KEEP_GOING : 0,
	        log, &diag);
	free(text);
	if (status != DMASIM_OK)
		return fail(t, place, status, &diag);
	status = o->iommu_trace ? add_trace(t, o, *log) : TOOL_OK;
	if (status != TOOL_OK)
		dmasim_log_destroy(*log);
	return status;
}

/** @reports collects the JSON of every log. */
static int replay_log(const struct tool *t, const struct options *o,
                      const char *path, json_t *reports)
{
	struct dmasim_diag diag = {""};
	struct dmasim_log *log;
	json_t *report = NULL;
	int status = parse_log(t, o, path, &log);

	if (status != TOOL_OK)
		return status;
	status = dmasim_replay_log(log, &o->replay, t->json ? NULL : print,
	                           NULL, t->json ? &report : NULL, &diag);
	if (report)
		json_array_append_new(reports, report);
	dmasim_log_destroy(log);
	if (status == DMASIM_OK || status == DMASIM_E_FAULT)
		return tool_exit_status(status);
	return fail(t, o->dtb ? o->dtb : path, status, &diag);
}

static int replay_logs(const struct tool *t, const struct options *o, int argc,
                       char **argv)
{
	json_t *reports = json_array(), *j;
	int status = TOOL_OK;

	for (int i = optind; i < argc && status < TOOL_BAD_INPUT; i++) {
		if (i > optind && !t->json)
			putchar('\n');
		status = worse(status, replay_log(t, o, argv[i], reports));
	}
	/* An error has printed its own object. */
	if (!t->json || status >= TOOL_BAD_INPUT) {
		json_decref(reports);
		return status;
	}
	j = tool_json(t, status);
	json_object_set_new(j, "logs", reports);
	return worse(status, tool_json_print(j));
}

/* ---- recordings ---- */

static int replay_snapshot(const struct tool *t, const struct options *o)
{
	struct dmasim_diag diag = {""};
	json_t *report = NULL, *j;
	int status = dmasim_replay_snapshot(o->snapshot, &o->replay,
	                                    t->json ? NULL : print, NULL,
	                                    t->json ? &report : NULL, &diag);

	if (status != DMASIM_OK && status != DMASIM_E_FAULT) {
		json_decref(report);
		return fail(t, o->snapshot, status, &diag);
	}
	status = tool_exit_status(status);
	if (!t->json)
		return status;
	j = tool_json(t, status);
	json_object_set_new(j, "snapshot", report);
	return worse(status, tool_json_print(j));
}

static int load_tree(const struct tool *t, struct options *o)
{
	struct dmasim_diag diag = {""};
	int status;

	if (!o->dtb)
		return TOOL_OK;
	status = dmasim_fdt_load(o->dtb, &o->fdt, &o->replay.fdt_size, &diag);
	if (status != DMASIM_OK)
		return fail(t, o->dtb, status, &diag);
	o->replay.fdt = o->fdt;
	return TOOL_OK;
}

static void on_finding(void *ctx, const struct dmasim_finding *f)
{
	struct options *o = ctx;

	o->lost |= dmasim_finding_report_add(o->findings.report, f) != 0;
}

/** Findings count if they were asked for. */
static int count_findings(const struct tool *t, const struct options *o,
                          int status)
{
	if (o->lost)
		return tool_fail(t, TOOL_INTERNAL, NULL, "no memory");
	if (status == TOOL_OK && o->findings.path &&
	    dmasim_finding_report_count(o->findings.report))
		return TOOL_FINDING;
	return status;
}

int tool_replay(int argc, char **argv)
{
	struct options o = {0};
	struct tool t;
	bool done = false;
	int status;

	tool_init(&t, "replay", argc, argv);
	status = parse_options(&t, &o, argc, argv, &done);
	if (status != TOOL_OK || done)
		return status;
	status = tool_findings_open(&t, &o.findings);
	if (status != TOOL_OK)
		return status;
	status = load_tree(&t, &o);
	if (status == TOOL_OK)
		status = tool_trace_open(&t);
	if (status != TOOL_OK) {
		free(o.fdt);
		return tool_findings_close(&t, &o.findings, status);
	}
	o.replay.on_finding = on_finding;
	o.replay.on_finding_ctx = &o;
	o.replay.backend = t.backend;
	o.replay.has_seed = t.has_seed;
	o.replay.seed = t.seed;
	o.replay.trace = tool_trace_fn(&t);
	o.replay.trace_ctx = t.trace;
	status = o.snapshot ? replay_snapshot(&t, &o)
	                    : replay_logs(&t, &o, argc, argv);
	free(o.fdt);
	status = tool_end(&t, count_findings(&t, &o, status));
	return tool_findings_close(&t, &o.findings, status);
}
