/* SPDX-License-Identifier: MIT */
/* dmasim teach: list lessons, tell one, or compile and run a user's own. */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "lessons.h"
#include "teach_request.h"

static const char help_text[] =
        "Usage: dmasim teach [OPTION]... [LESSON | FILE.c]\n"
        "\n"
        "Without an argument: lists the lessons. With one: tells it, twice, "
        "as it goes wrong\n"
        "and with the fix, step by step: what driver and device do, what each "
        "of them then\n"
        "sees of the cache line, and what the hazard checker finds. Every "
        "lesson is a real\n"
        "run of a short source file, which --source prints, to copy and to "
        "change. FILE.c is\n"
        "compiled (cc, or $CC) with the installed library (pkg-config "
        "dmasim), and told.\n"
        "\n"
        "  --html FILE              write it as a page for a browser, too\n"
        "  --source                 print the source of LESSON\n"
        "\n"
        "All verbs:\n" TOOL_OPTIONS_HELP "\n"
        "Examples:\n"
        "  dmasim teach missing-clean\n"
        "      Why a device that does not snoop sends the wrong packet.\n"
        "  dmasim teach --html page.html early-invalidate\n"
        "      A page with the life of the line, to step through.\n"
        "  dmasim teach --source stale-tlb > mine.c && dmasim teach mine.c\n"
        "      A lesson of one's own.\n"
        "\n"
        "Exit status is 0 if a lesson went as it is told: its hazard was "
        "found, and with the\n"
        "fix nothing was.\n"
        "\n" TOOL_EXIT_HELP;

enum {
	OPT_HTML = 1,
	OPT_SOURCE,
};

static const struct option long_options[] = {
        TOOL_OPTIONS,
        {"html", required_argument, NULL, OPT_HTML},
        {"source", no_argument, NULL, OPT_SOURCE},
        {NULL, 0, NULL, 0},
};

struct entry {
	const struct dmasim_lesson *lesson;
	const char *source;
};

#define LESSON_ENTRY(id) {&id, (const char *)lesson_source_##id},
static const struct entry entries[] = {LESSONS(LESSON_ENTRY)};
#undef LESSON_ENTRY
#define ENTRIES (sizeof(entries) / sizeof(*entries))

static const struct entry *find_entry(const char *name)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (strcmp(entries[i].lesson->name, name) == 0)
			return &entries[i];
	return NULL;
}

static int list(const struct tool *t)
{
	json_t *j, *all;

	if (!t->json) {
		for (size_t i = 0; i < ENTRIES; i++)
			printf("%-18s %s\n", entries[i].lesson->name,
			       entries[i].lesson->title);
		puts("\n'dmasim teach LESSON' tells one; 'dmasim teach --help' "
		     "says more.");
		return TOOL_OK;
	}
	j = tool_json(t, TOOL_OK);
	all = json_array();
	for (size_t i = 0; i < ENTRIES; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "name",
		                    json_string(entries[i].lesson->name));
		json_object_set_new(one, "title",
		                    json_string(entries[i].lesson->title));
		json_array_append_new(all, one);
	}
	json_object_set_new(j, "lessons", all);
	return tool_json_print(j);
}

static int tell(const struct teach_request *r, const struct entry *e)
{
	const struct tool *t = &r->tool;
	struct dmasim_lesson_options o = {.backend = t->backend,
	                                  .has_seed = t->has_seed,
	                                  .seed = t->seed,
	                                  .trace = tool_trace_fn(t),
	                                  .trace_ctx = t->trace,
	                                  .source = e->source};
	struct dmasim_diag diag;
	bool as_told = false;
	int status;

	if (r->html) {
		o.html = fopen(r->html, "wb");
		if (!o.html)
			return tool_fail(t, TOOL_BAD_INPUT, r->html, "%s",
			                 strerror(errno));
	}
	if (t->json)
		o.json = stdout;
	else
		o.out = stdout;
	o.colour = tool_colour();
	status = dmasim_lesson_tell(e->lesson, &o, &as_told, &diag);
	if (o.html) {
		bool failed = ferror(o.html) != 0;

		failed |= fclose(o.html) != 0;
		if (failed)
			return tool_fail(t, TOOL_INTERNAL, r->html,
			                 "cannot write it");
	}
	if (status != DMASIM_OK)
		return tool_fail(t, TOOL_INTERNAL, e->lesson->name, "%s",
		                 diag.text);
	return as_told ? TOOL_OK : TOOL_FINDING;
}

static bool is_source(const char *name)
{
	size_t n = strlen(name);

	return n > 2 && strcmp(name + n - 2, ".c") == 0;
}

static int teach(struct teach_request *r, int argc, char **argv)
{
	const struct tool *t = &r->tool;
	const struct entry *e;
	const char *name;

	if (optind == argc && (r->html || r->source))
		return tool_fail(t, TOOL_BAD_INPUT,
		                 r->html ? "--html" : "--source",
		                 "needs a LESSON");
	if (optind == argc)
		return list(t);
	if (argc - optind > 1)
		return tool_fail(t, TOOL_BAD_INPUT, argv[optind + 1],
		                 "one lesson at a time");
	name = argv[optind];
	e = find_entry(name);
	if (r->source && e) {
		fputs(e->source, stdout);
		return TOOL_OK;
	}
	if (e)
		return tell(r, e);
	if (is_source(name) && !r->source)
		return teach_file(r, name);
	return tool_fail(t, TOOL_BAD_INPUT, name,
	                 "no such lesson ('dmasim teach' lists them%s)",
	                 r->source ? "" : "; a file of one's own ends in .c");
}

int tool_teach(int argc, char **argv)
{
	struct teach_request r = {.html = NULL};
	int opt, status;

	tool_init(&r.tool, "teach", argc, argv);
	while ((opt = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		status = TOOL_OK;
		if (opt == TOOL_OPT_HELP) {
			fputs(help_text, stdout);
			return TOOL_OK;
		}
		if (opt == OPT_HTML)
			r.html = optarg;
		else if (opt == OPT_SOURCE)
			r.source = true;
		else
			status = tool_option(&r.tool, opt, optarg, argv);
		if (status != TOOL_OK)
			return status;
	}
	status = tool_trace_open(&r.tool);
	if (status != TOOL_OK)
		return status;
	return tool_end(&r.tool, teach(&r, argc, argv));
}
