/* SPDX-License-Identifier: MIT */
/* The program that a lesson is when it is compiled alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "teach_internal.h"

static const char usage[] =
        "Usage: LESSON [OPTION]...\n"
        "\n"
        "Tells the lesson: what driver and device do, what each of them sees, "
        "and the fix.\n"
        "\n"
        "  --html FILE  write it as a page, too\n"
        "  --seed N     answer what the story leaves open from a seed\n"
        "  --json       one JSON object on stdout\n"
        "  --help       this text\n";

struct request {
	struct dmasim_lesson_options o;
	const char *program;
	const char *html;
	bool json;
	bool help;
};

static int fail(const struct request *r, int status, const char *place,
                const char *text)
{
	fprintf(stderr, "%s: %s%s%s\n", r->program, place ? place : "",
	        place ? ": " : "", text);
	if (r->json) {
		fprintf(stdout,
		        "{\"schema\":\"dmasim.teach.1\",\"status\":\"%s"
		        "\",\"error\":{\"place\":",
		        status == 2 ? "bad-input" : "internal-error");
		if (place)
			dmasim_view_json_string(stdout, place);
		else
			fputs("null", stdout);
		fputs(",\"text\":", stdout);
		dmasim_view_json_string(stdout, text);
		fputs("}}\n", stdout);
	}
	return status;
}

static int parse_seed(struct request *r, const char *text)
{
	char *end;

	errno = 0;
	r->o.seed = strtoull(text, &end, 0);
	r->o.has_seed = true;
	if (!*text || *end || errno || *text == '-')
		return fail(r, 2, "--seed", "not a number");
	return 0;
}

static int parse(struct request *r, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		r->json |= strcmp(argv[i], "--json") == 0;
	for (int i = 1; i < argc; i++) {
		bool html = strcmp(argv[i], "--html") == 0;
		bool seed = strcmp(argv[i], "--seed") == 0;

		if (strcmp(argv[i], "--json") == 0)
			continue;
		if (strcmp(argv[i], "--help") == 0) {
			r->help = true;
			continue;
		}
		if (!html && !seed)
			return fail(r, 2, argv[i], "no such option");
		if (i + 1 == argc)
			return fail(r, 2, argv[i], "needs an argument");
		i++;
		if (html)
			r->html = argv[i];
		else if (parse_seed(r, argv[i]))
			return 2;
	}
	return 0;
}

static int tell(struct request *r, const struct dmasim_lesson *lesson)
{
	struct dmasim_diag diag;
	bool as_told;
	int status;

	if (r->html) {
		r->o.html = fopen(r->html, "wb");
		if (!r->o.html)
			return fail(r, 2, r->html, strerror(errno));
	}
	if (r->json)
		r->o.json = stdout;
	else
		r->o.out = stdout;
	r->o.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	status = dmasim_lesson_tell(lesson, &r->o, &as_told, &diag);
	if (r->o.html) {
		bool failed = ferror(r->o.html) != 0;

		failed |= fclose(r->o.html) != 0;
		if (failed)
			return fail(r, 3, r->html, "cannot write it");
	}
	if (status != DMASIM_OK)
		return fail(r, status == DMASIM_E_INVAL ? 2 : 3, lesson->name,
		            diag.text);
	return as_told ? 0 : 1;
}

int dmasim_lesson_main(int argc, char **argv,
                       const struct dmasim_lesson *lesson)
{
	struct request r = {.program = lesson->name};
	int status = parse(&r, argc, argv);

	if (status)
		return status;
	if (r.help) {
		fputs(usage, stdout);
		return 0;
	}
	status = tell(&r, lesson);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: stdout: cannot write\n", r.program);
		return 3;
	}
	return status;
}
