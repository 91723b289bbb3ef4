/* SPDX-License-Identifier: MIT */
/* dmasim run: boot the disk driver on a machine, do I/O, report. */
#include <getopt.h>
#include <string.h>

#include "run_internal.h"

#define DEFAULT_LIMIT (10 * DMASIM_SEC)
#define DEFAULT_SEED  1u

static const char help_text[] =
        "Usage: dmasim run [OPTION]... PLATFORM\n"
        "\n"
        "Builds the machine that PLATFORM (a .dtb, or a .dts) describes, runs "
        "an SMMU\n"
        "driver and a virtio-blk driver on its first CPU, does I/O to a disk, "
        "and reports:\n"
        "what the driver decided and why, whether every byte arrived, and "
        "each hazard with\n"
        "the driver's line, the device's operation, the bytes and the missing "
        "step.\n"
        "docs/device-tree.md says what is read from PLATFORM.\n"
        "\n"
        "Machine:\n"
        "  --image FILE             raw disk image; repeat for disk 1, 2 ... "
        "(default: 1 MiB\n"
        "                           in memory with a partition table)\n"
        "  --read-only              open the images read-only\n"
        "  --disk N                 which disk the driver uses (default 0, "
        "in node order)\n"
        "  --profile NAME           every SMMU as arch, arch-full, fvp-2017, "
        "mmu-600-like,\n"
        "                           mmu-700-like, qemu-7.2 or qemu-10\n"
        "  --ring-fault NAME        what disks do when a ring access is "
        "aborted: stop, 2017,\n"
        "                           ignore\n"
        "\n"
        "Driver:\n"
        "  --dma-policy NAME        when the driver uses the DMA API: dma-api "
        "(always, the\n"
        "                           default), linux-4.10-rc6, linux-6.1\n"
        "  --mapping NAME           auto (by policy and device tree, the "
        "default), physical,\n"
        "                           coherent, noncoherent, iommu\n"
        "  --domain NAME            what the SMMU driver gives the disk's "
        "stream: dma (the\n"
        "                           default), bypass, abort\n"
        "\n"
        "Workload:\n"
        "  --workload NAME          read-partition (default), rw (random "
        "writes and reads),\n"
        "                           verify (read the disk and compare)\n"
        "  --requests N             rw: number of requests (default 32)\n"
        "  --sectors N              rw: most sectors of a request (default "
        "8); verify and\n"
        "                           --read-to: sectors read (default: all)\n"
        "  --write-from FILE        write FILE to the disk, from sector 0\n"
        "  --read-to FILE           read the disk into FILE (after "
        "--write-from)\n"
        "  --limit TIME             simulated time after which it counts as "
        "hung, such as\n"
        "                           500us, 20ms (default 10s)\n"
        "\n"
        "Choices (docs/exploration.md):\n"
        "  --schedule FILE          what the architecture leaves open is "
        "answered by the lines\n"
        "                           of this file\n"
        "  --record-schedule FILE   write such a file, with every answer of "
        "this run\n"
        "\n"
        "Views (docs/views.md):\n"
        "  --view-line ADDR|NAME    the life of one cache line, step by step: "
        "by physical\n"
        "                           address, or of what is there, such as "
        "'virtqueue 0 used'\n"
        "  --html FILE              as a page for a browser, instead of in "
        "the report\n"
        "  --chrome-trace FILE      what agents do and hold, for "
        "ui.perfetto.dev\n"
        "  --vcd FILE               the same as waveforms, for GTKWave\n"
        "\n";

static const char help_end[] = TOOL_FINDINGS_HELP
        "All verbs:\n" TOOL_OPTIONS_HELP "\n"
        "Examples:\n"
        "  dmasim run platforms/kvmtool-2017.dts\n"
        "      The device tree lacks dma-coherent: the ring is mapped "
        "non-cacheable, the\n"
        "      device reads it through a cache, and the disk hangs (exit "
        "status 1).\n"
        "  dmasim run --dma-policy linux-6.1 platforms/kvmtool-2017.dts\n"
        "      The same disk, by the policy of today's Linux: it works.\n"
        "  dmasim run --image fs.img --workload verify --read-only "
        "platforms/qemu-virt.dts\n"
        "      Read a whole image through PCI, SMMU and caches, and compare.\n"
        "\n"
        "The result is 'pass', 'wrong bytes', 'hang' or 'guest failure'; a "
        "pass with findings\n"
        "means that the bytes arrived by luck.\n"
        "\n" TOOL_EXIT_HELP;

enum {
	OPT_IMAGE = 1,
	OPT_READ_ONLY,
	OPT_DISK,
	OPT_PROFILE,
	OPT_RING_FAULT,
	OPT_POLICY,
	OPT_MAPPING,
	OPT_DOMAIN,
	OPT_WORKLOAD,
	OPT_REQUESTS,
	OPT_SECTORS,
	OPT_WRITE_FROM,
	OPT_READ_TO,
	OPT_LIMIT,
	OPT_VIEW_LINE,
	OPT_HTML,
	OPT_CHROME_TRACE,
	OPT_VCD,
	OPT_SCHEDULE,
	OPT_RECORD_SCHEDULE,
};

static const struct option long_options[] = {
        TOOL_OPTIONS,
        TOOL_FINDINGS_OPTIONS,
        {"image", required_argument, NULL, OPT_IMAGE},
        {"read-only", no_argument, NULL, OPT_READ_ONLY},
        {"disk", required_argument, NULL, OPT_DISK},
        {"profile", required_argument, NULL, OPT_PROFILE},
        {"ring-fault", required_argument, NULL, OPT_RING_FAULT},
        {"dma-policy", required_argument, NULL, OPT_POLICY},
        {"policy", required_argument, NULL, OPT_POLICY},
        {"mapping", required_argument, NULL, OPT_MAPPING},
        {"domain", required_argument, NULL, OPT_DOMAIN},
        {"workload", required_argument, NULL, OPT_WORKLOAD},
        {"requests", required_argument, NULL, OPT_REQUESTS},
        {"sectors", required_argument, NULL, OPT_SECTORS},
        {"write-from", required_argument, NULL, OPT_WRITE_FROM},
        {"read-to", required_argument, NULL, OPT_READ_TO},
        {"limit", required_argument, NULL, OPT_LIMIT},
        {"view-line", required_argument, NULL, OPT_VIEW_LINE},
        {"html", required_argument, NULL, OPT_HTML},
        {"chrome-trace", required_argument, NULL, OPT_CHROME_TRACE},
        {"vcd", required_argument, NULL, OPT_VCD},
        {"schedule", required_argument, NULL, OPT_SCHEDULE},
        {"record-schedule", required_argument, NULL, OPT_RECORD_SCHEDULE},
        {NULL, 0, NULL, 0},
};

static int no_such(const struct tool *t, const char *option, const char *arg,
                   const char *known)
{
	return tool_fail(t, TOOL_BAD_INPUT, option, "'%s' is none of %s", arg,
	                 known);
}

/** The place of @arg in @names (separated by ", "), or -1 with a message. */
static int choose(const struct tool *t, const char *option, const char *arg,
                  const char *names)
{
	const char *at = names;
	size_t n = strlen(arg);

	for (int i = 0; *at; i++) {
		size_t length = strcspn(at, ",");

		if (length == n && strncmp(at, arg, n) == 0)
			return i;
		at += length;
		at += strspn(at, ", ");
	}
	no_such(t, option, arg, names);
	return -1;
}

static int parse_count(const struct tool *t, const char *option,
                       const char *arg, uint64_t least, uint64_t *value)
{
	if (tool_parse_number(arg, value) && *value >= least)
		return TOOL_OK;
	return tool_fail(t, TOOL_BAD_INPUT, option, "'%s' is not a number%s",
	                 arg, least ? " above 0" : "");
}

static int machine_option(struct run_options *o, int opt, const char *arg)
{
	const struct tool *t = &o->tool;
	int n;

	switch (opt) {
	case OPT_IMAGE:
		if (o->image_count == RUN_IMAGES_MAX)
			return tool_fail(t, TOOL_BAD_INPUT, "--image",
			                 "at most %d", RUN_IMAGES_MAX);
		o->images[o->image_count++] = arg;
		return TOOL_OK;
	case OPT_READ_ONLY:
		o->read_only = true;
		return TOOL_OK;
	case OPT_DISK:
		if (parse_count(t, "--disk", arg, 0, &o->disk) != TOOL_OK)
			return TOOL_BAD_INPUT;
		if (o->disk < RUN_IMAGES_MAX)
			return TOOL_OK;
		return tool_fail(t, TOOL_BAD_INPUT, "--disk", "at most %d",
		                 RUN_IMAGES_MAX - 1);
	case OPT_PROFILE:
		o->has_profile = true;
		if (dmasim_smmu_profile_parse(arg, &o->profile) == DMASIM_OK)
			return TOOL_OK;
		return no_such(t, "--profile", arg, DMASIM_SMMU_PROFILE_NAMES);
	default:
		n = choose(t, "--ring-fault", arg, "stop, 2017, ignore");
		o->has_ring_fault = true;
		o->ring_fault = (enum dmasim_ring_fault)n;
		return n < 0 ? TOOL_BAD_INPUT : TOOL_OK;
	}
}

static int driver_option(struct run_options *o, int opt, const char *arg)
{
	const struct tool *t = &o->tool;
	int n;

	switch (opt) {
	case OPT_POLICY:
		if (dmasim_policy_parse(arg, &o->policy) == DMASIM_OK)
			return TOOL_OK;
		return no_such(t, "--dma-policy", arg,
		               "dma-api, linux-4.10-rc6, linux-6.1");
	case OPT_MAPPING:
		n = choose(t, "--mapping", arg,
		           "auto, physical, coherent, noncoherent, iommu");
		o->mapping = (enum dmasim_driver_mapping)n;
		return n < 0 ? TOOL_BAD_INPUT : TOOL_OK;
	default:
		n = choose(t, "--domain", arg, "abort, bypass, dma");
		o->domain = (enum dmasim_domain)n;
		return n < 0 ? TOOL_BAD_INPUT : TOOL_OK;
	}
}

static int workload_option(struct run_options *o, int opt, const char *arg)
{
	const struct tool *t = &o->tool;
	int n;

	switch (opt) {
	case OPT_WORKLOAD:
		n = choose(t, "--workload", arg, "read-partition, rw, verify");
		o->workload = (enum run_workload)n;
		return n < 0 ? TOOL_BAD_INPUT : TOOL_OK;
	case OPT_REQUESTS:
		return parse_count(t, "--requests", arg, 1, &o->requests);
	case OPT_SECTORS:
		return parse_count(t, "--sectors", arg, 1, &o->sectors);
	case OPT_WRITE_FROM:
		o->write_from = arg;
		return TOOL_OK;
	case OPT_READ_TO:
		o->read_to = arg;
		return TOOL_OK;
	default:
		if (tool_parse_time(arg, &o->limit) && o->limit)
			return TOOL_OK;
		return tool_fail(t, TOOL_BAD_INPUT, "--limit",
		                 "'%s' is not a time such as 500us, 20ms or "
		                 "10s",
		                 arg);
	}
}

static int view_option(struct run_options *o, int opt, const char *arg)
{
	switch (opt) {
	case OPT_VIEW_LINE:
		o->view_line = arg;
		if (*arg)
			return TOOL_OK;
		return tool_fail(&o->tool, TOOL_BAD_INPUT, "--view-line",
		                 "neither an address nor a name");
	case OPT_HTML:
		o->html = arg;
		return TOOL_OK;
	case OPT_CHROME_TRACE:
		o->chrome_trace = arg;
		return TOOL_OK;
	default:
		o->vcd = arg;
		return run_can_vcd(&o->tool);
	}
}

static int choice_option(struct run_options *o, int opt, const char *arg)
{
	if (opt == OPT_SCHEDULE)
		o->schedule = arg;
	else
		o->record_schedule = arg;
	if (!o->schedule || !o->record_schedule)
		return TOOL_OK;
	return tool_fail(&o->tool, TOOL_BAD_INPUT, "--record-schedule",
	                 "there is a --schedule already");
}

static int check_options(struct run_options *o, int argc, char **argv,
                         bool has_workload)
{
	const struct tool *t = &o->tool;

	if (optind == argc)
		return tool_fail(t, TOOL_BAD_INPUT, NULL,
		                 "run: no PLATFORM given (try 'dmasim run "
		                 "--help')");
	if (argc - optind > 1)
		return tool_fail(t, TOOL_BAD_INPUT, argv[optind + 1],
		                 "one PLATFORM is enough");
	o->platform = argv[optind];
	if (o->html && !o->view_line)
		return tool_fail(t, TOOL_BAD_INPUT, "--html",
		                 "shows one line: give --view-line, too");
	if (o->write_from && o->read_only)
		return tool_fail(t, TOOL_BAD_INPUT, "--write-from",
		                 "cannot write with --read-only");
	if (!o->write_from && !o->read_to)
		return TOOL_OK;
	if (has_workload)
		return tool_fail(t, TOOL_BAD_INPUT, "--workload",
		                 "--write-from and --read-to are workloads of "
		                 "their own");
	o->workload = RUN_COPY;
	return TOOL_OK;
}

/** TOOL_OK to go on; *@done: --help was given. */
static int parse_options(struct run_options *o, int argc, char **argv,
                         bool *done)
{
	bool has_workload = false;
	int opt;

	while ((opt = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		int status;

		if (opt == TOOL_OPT_HELP) {
			fputs(help_text, stdout);
			fputs(help_end, stdout);
			*done = true;
			return TOOL_OK;
		}
		has_workload |= opt == OPT_WORKLOAD;
		if (opt >= OPT_IMAGE && opt <= OPT_RING_FAULT)
			status = machine_option(o, opt, optarg);
		else if (opt >= OPT_POLICY && opt <= OPT_DOMAIN)
			status = driver_option(o, opt, optarg);
		else if (opt >= OPT_WORKLOAD && opt <= OPT_LIMIT)
			status = workload_option(o, opt, optarg);
		else if (opt >= OPT_VIEW_LINE && opt <= OPT_VCD)
			status = view_option(o, opt, optarg);
		else if (opt == OPT_SCHEDULE || opt == OPT_RECORD_SCHEDULE)
			status = choice_option(o, opt, optarg);
		else if (opt >= TOOL_FINDINGS_FIRST && opt < TOOL_FINDINGS_END)
			status = tool_findings_option(&o->tool, o->findings,
			                              opt, optarg);
		else
			status = tool_option(&o->tool, opt, optarg, argv);
		if (status != TOOL_OK)
			return status;
	}
	return check_options(o, argc, argv, has_workload);
}

int tool_run(int argc, char **argv)
{
	struct tool_findings findings = {.path = NULL};
	struct run_options o = {
	        .findings = &findings,
	        .policy = DMASIM_POLICY_DMA_API,
	        .domain = DMASIM_DOMAIN_DMA,
	        .limit = DEFAULT_LIMIT,
	};
	bool done = false;
	int status;

	tool_init(&o.tool, "run", argc, argv);
	status = parse_options(&o, argc, argv, &done);
	if (status != TOOL_OK || done)
		return status;
	status = tool_findings_open(&o.tool, &findings);
	if (status != TOOL_OK)
		return status;
	status = tool_trace_open(&o.tool);
	if (status == TOOL_OK)
		status = tool_end(&o.tool, run_machine(&o, DEFAULT_SEED));
	return tool_findings_close(&o.tool, &findings, status);
}
