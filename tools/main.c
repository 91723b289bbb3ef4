/* SPDX-License-Identifier: MIT */
/* The command: finds the verb and hands over. */
#include <stdio.h>
#include <string.h>

#include "tool.h"

static const struct tool_verb verbs[] = {
        {"replay", "reproduce the SMMU faults of a kernel log or a recording",
         tool_replay},
        {"run", "run the disk driver on a machine from a device tree",
         tool_run},
        {"decode", "explain an event, STE, CD, command or descriptor",
         tool_decode},
        {"teach", "tell a lesson on DMA: what goes wrong, and the fix",
         tool_teach},
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static const struct tool_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static void print_help(FILE *f)
{
	fputs("Usage: dmasim VERB [OPTION]... [ARGUMENT]...\n\n"
	      "Runs DMA driver code against a simulated machine (caches, Arm "
	      "SMMUv3, virtio-blk)\n"
	      "and names the driver line, the byte and the missing step when "
	      "a driver and its\n"
	      "device stop seeing the same bytes, or when the IOMMU refuses "
	      "an access.\n\nVerbs:\n",
	      f);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(f, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fputs("\n'dmasim VERB --help' explains a verb with examples.\n\n", f);
	fputs(TOOL_EXIT_HELP, f);
}

/** Whatever was not written must not end as success. */
static int check_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fputs("dmasim: stdout: cannot write the report\n", stderr);
	return TOOL_INTERNAL;
}

int main(int argc, char **argv)
{
	const struct tool_verb *verb;
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		print_help(stderr);
		return TOOL_BAD_INPUT;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    (strcmp(name, "help") == 0 && argc == 2)) {
		print_help(stdout);
		return check_output(TOOL_OK);
	}
	if (strcmp(name, "--version") == 0) {
		puts("dmasim " DMASIM_VERSION);
		return check_output(TOOL_OK);
	}
	if (strcmp(name, "help") == 0) {
		char option[] = "--help";
		char *help[] = {argv[2], option, NULL};

		verb = find_verb(argv[2]);
		if (verb)
			return check_output(verb->run(2, help));
		name = argv[2];
	}
	verb = find_verb(name);
	if (!verb) {
		fprintf(stderr,
		        "dmasim: %s: no such verb (try 'dmasim --help')\n",
		        name);
		return TOOL_BAD_INPUT;
	}
	return check_output(verb->run(argc - 1, argv + 1));
}
