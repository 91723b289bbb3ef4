/* SPDX-License-Identifier: MIT */
/* dmasim decode: explain one structure of an SMMUv3, field by field. */
#include <getopt.h>
#include <string.h>

#include "dmasim/smmuv3.h"
#include "tool.h"

/** More than any structure has. */
#define MAX_FIELDS 96
#define MAX_WORDS  8

struct options {
	int stage, level, granule_bits;
};

struct kind {
	const char *name;
	const char *title;
	size_t words;
	size_t (*fields)(const struct options *o, const uint64_t *words,
	                 struct dmasim_field *f, size_t max);
	/** What the structure is called; may be NULL. */
	const char *(*subject)(const uint64_t *words);
};

static size_t event_fields(const struct options *o, const uint64_t *words,
                           struct dmasim_field *f, size_t max)
{
	(void)o;
	return dmasim_event_fields(words, f, max);
}

static const char *event_subject(const uint64_t *words)
{
	const char *name = dmasim_event_name((uint8_t)words[0]);

	return name ? name : "a number that the architecture does not name";
}

static size_t ste_fields(const struct options *o, const uint64_t *words,
                         struct dmasim_field *f, size_t max)
{
	(void)o;
	return dmasim_ste_fields(words, f, max);
}

static size_t cd_fields(const struct options *o, const uint64_t *words,
                        struct dmasim_field *f, size_t max)
{
	(void)o;
	return dmasim_cd_fields(words, f, max);
}

static size_t cmd_fields(const struct options *o, const uint64_t *words,
                         struct dmasim_field *f, size_t max)
{
	(void)o;
	return dmasim_cmd_fields(words, f, max);
}

static const char *cmd_subject(const uint64_t *words)
{
	const char *name = dmasim_cmd_name((uint8_t)words[0]);

	return name ? name : "an opcode that the architecture does not name";
}

static size_t pte_fields(const struct options *o, const uint64_t *words,
                         struct dmasim_field *f, size_t max)
{
	return dmasim_pte_fields(words[0], o->stage, o->level, o->granule_bits,
	                         f, max);
}

static const struct kind kinds[] = {
        {"event", "event record", 4, event_fields, event_subject},
        {"ste", "stream table entry", 8, ste_fields, NULL},
        {"cd", "context descriptor", 8, cd_fields, NULL},
        {"cmd", "command", 2, cmd_fields, cmd_subject},
        {"pte", "translation table descriptor", 1, pte_fields, NULL},
};

static const char help[] =
        "Usage: dmasim decode event W0 W1 W2 W3\n"
        "       dmasim decode ste W0 ... W7\n"
        "       dmasim decode cd W0 ... W7\n"
        "       dmasim decode cmd W0 W1\n"
        "       dmasim decode pte [--stage 1|2] [--level N] "
        "[--granule 4k|16k|64k] D\n\n"
        "Explains a structure of an Arm SMMUv3. Words are 64 bits, in "
        "hexadecimal with or\n"
        "without 0x, word 0 first.\n\n"
        "Options:\n"
        "  --stage N    stage of the descriptor (default 1)\n"
        "  --level N    its level of the walk, -1 to 3 (default 3)\n"
        "  --granule G  4k, 16k or 64k (default 4k)\n"
        "  --json       one JSON object on stdout\n"
        "  --help       this text\n\n"
        "Examples:\n"
        "  The first record of the log that dmasim was made for:\n"
        "    dmasim decode event 0x00000000fffff010 0x0000020800000000 \\\n"
        "                        0x00000008fa081002 0x0000000000000000\n"
        "  A page descriptor that a driver wrote:\n"
        "    dmasim decode pte --level 3 0x00e8000043113f47\n\n" TOOL_EXIT_HELP;

/* ---- arguments ---- */

static bool parse_word(const char *text, uint64_t *value)
{
	char digits[20];

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	if (strlen(text) == 0 || strlen(text) > 16)
		return false;
	snprintf(digits, sizeof(digits), "0x%s", text);
	return tool_parse_number(digits, value);
}

static int parse_choice(const struct tool *t, const char *option,
                        const char *arg, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(arg, names[i]) == 0)
			return i;
	tool_fail(t, TOOL_BAD_INPUT, option, "'%s': %s to %s expected", arg,
	          names[0], names[count - 1]);
	return -1;
}

static bool take_option(struct tool *t, struct options *o, int opt, char *arg)
{
	static const char *const stages[] = {"1", "2"};
	static const char *const levels[] = {"-1", "0", "1", "2", "3"};
	static const char *const granules[] = {"4k", "16k", "64k"};
	int i;

	switch (opt) {
	case 's':
		i = parse_choice(t, "--stage", arg, stages, 2);
		o->stage = i + 1;
		break;
	case 'l':
		i = parse_choice(t, "--level", arg, levels, 5);
		o->level = i - 1;
		break;
	default:
		i = parse_choice(t, "--granule", arg, granules, 3);
		o->granule_bits = 12 + 2 * i;
		break;
	}
	return i >= 0;
}

static int parse_options(struct tool *t, struct options *o, int argc,
                         char **argv, bool *done)
{
	static const struct option table[] = {
	        {"help", no_argument, NULL, TOOL_OPT_HELP},
	        {"json", no_argument, NULL, TOOL_OPT_JSON},
	        {"stage", required_argument, NULL, 's'},
	        {"level", required_argument, NULL, 'l'},
	        {"granule", required_argument, NULL, 'g'},
	        {0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		int status = TOOL_OK;

		if (opt == TOOL_OPT_HELP) {
			fputs(help, stdout);
			*done = true;
			return TOOL_OK;
		}
		if (opt == 's' || opt == 'l' || opt == 'g')
			status = take_option(t, o, opt, optarg)
			                 ? TOOL_OK
			                 : TOOL_BAD_INPUT;
		else
			status = tool_option(t, opt, optarg, argv);
		if (status != TOOL_OK)
			return status;
	}
	return TOOL_OK;
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- the report ---- */

static void print_text(const struct kind *k, const uint64_t *words,
                       const struct dmasim_field *f, size_t count)
{
	const char *subject = k->subject ? k->subject(words) : NULL;

	printf("%s%s%s\n", k->title, subject ? ": " : "",
	       subject ? subject : "");
	for (size_t i = 0; i < k->words; i++)
		printf("  word %zu  0x%016llx\n", i,
		       (unsigned long long)words[i]);
	for (size_t i = 0; i < count; i++) {
		char bits[16];

		if (f[i].hi == f[i].lo)
			snprintf(bits, sizeof(bits), "%u[%u]", f[i].word,
			         f[i].lo);
		else
			snprintf(bits, sizeof(bits), "%u[%u:%u]", f[i].word,
			         f[i].hi, f[i].lo);
		printf("  %-9s %-16s 0x%llx%s%s\n", bits, f[i].name,
		       (unsigned long long)f[i].value, f[i].text ? "  " : "",
		       f[i].text ? f[i].text : "");
	}
}

static int print_json(const struct tool *t, const struct kind *k,
                      const uint64_t *words, const struct dmasim_field *f,
                      size_t count)
{
	const char *subject = k->subject ? k->subject(words) : NULL;
	json_t *j = tool_json(t, TOOL_OK);
	json_t *list = json_array();

	json_object_set_new(j, "kind", json_string(k->name));
	json_object_set_new(j, "name",
	                    subject ? json_string(subject) : json_null());
	for (size_t i = 0; i < k->words; i++)
		json_array_append_new(list, tool_json_hex(words[i]));
	json_object_set_new(j, "words", list);
	list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *field = json_object();

		json_object_set_new(field, "name", json_string(f[i].name));
		json_object_set_new(field, "word", json_integer(f[i].word));
		json_object_set_new(field, "hi", json_integer(f[i].hi));
		json_object_set_new(field, "lo", json_integer(f[i].lo));
		json_object_set_new(field, "value", tool_json_hex(f[i].value));
		json_object_set_new(field, "text",
		                    f[i].text ? json_string(f[i].text)
		                              : json_null());
		json_array_append_new(list, field);
	}
	json_object_set_new(j, "fields", list);
	return tool_json_print(j);
}

int tool_decode(int argc, char **argv)
{
	struct options o = {.stage = 1, .level = 3, .granule_bits = 12};
	struct dmasim_field fields[MAX_FIELDS];
	uint64_t words[MAX_WORDS] = {0};
	const struct kind *k;
	struct tool t;
	bool done = false;
	size_t count;
	int status;

	tool_init(&t, "decode", argc, argv);
	status = parse_options(&t, &o, argc, argv, &done);
	if (status != TOOL_OK || done)
		return status;
	if (optind == argc)
		return tool_fail(&t, TOOL_BAD_INPUT, NULL,
		                 "decode: event, ste, cd, cmd or pte expected");
	k = find_kind(argv[optind]);
	if (!k)
		return tool_fail(&t, TOOL_BAD_INPUT, argv[optind],
		                 "event, ste, cd, cmd or pte expected");
	count = (size_t)(argc - optind - 1);
	if (count != k->words)
		return tool_fail(&t, TOOL_BAD_INPUT, k->name,
		                 "%zu words expected, %zu given", k->words,
		                 count);
	for (size_t i = 0; i < count; i++) {
		const char *text = argv[optind + 1 + (int)i];

		if (!parse_word(text, &words[i]))
			return tool_fail(&t, TOOL_BAD_INPUT, text,
			                 "not a hexadecimal word of at most 16 "
			                 "digits");
	}
	count = k->fields(&o, words, fields, MAX_FIELDS);
	if (count > MAX_FIELDS)
		count = MAX_FIELDS;
	if (t.json)
		return print_json(&t, k, words, fields, count);
	print_text(k, words, fields, count);
	return TOOL_OK;
}
