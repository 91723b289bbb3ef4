/* SPDX-License-Identifier: MIT */
/* Options, messages, numbers and files for every verb. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/status.h"
#ifdef TOOL_HAVE_SYSTEMC
#include "dmasim/systemc.h"
#endif
#include "tool.h"

static const struct dmasim_backend *default_backend(void)
{
#ifdef TOOL_HAVE_SYSTEMC
	return dmasim_backend_systemc();
#else
	return dmasim_backend_native();
#endif
}

void tool_init(struct tool *t, const char *verb, int argc, char **argv)
{
	*t = (struct tool){.verb = verb, .backend = default_backend()};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			break;
		if (strcmp(argv[i], "--json") == 0)
			t->json = true;
	}
	opterr = 0;
	optind = 1;
}

static int choose_backend(struct tool *t, const char *name)
{
	if (strcmp(name, "native") == 0) {
		t->backend = dmasim_backend_native();
		return TOOL_OK;
	}
#ifdef TOOL_HAVE_SYSTEMC
	if (strcmp(name, "systemc") == 0) {
		t->backend = dmasim_backend_systemc();
		return TOOL_OK;
	}
	return tool_fail(t, TOOL_BAD_INPUT, "--kernel",
	                 "'%s' is neither native nor systemc", name);
#else
	return tool_fail(t, TOOL_BAD_INPUT, "--kernel",
	                 "'%s' is not native, the only back end built in",
	                 name);
#endif
}

int tool_option(struct tool *t, int opt, const char *arg, char **argv)
{
	switch (opt) {
	case TOOL_OPT_JSON:
		return TOOL_OK;
	case TOOL_OPT_KERNEL:
		return choose_backend(t, arg);
	case TOOL_OPT_SEED:
		t->has_seed = true;
		if (tool_parse_number(arg, &t->seed))
			return TOOL_OK;
		return tool_fail(t, TOOL_BAD_INPUT, "--seed",
		                 "'%s' is not a number", arg);
	case TOOL_OPT_TRACE:
		t->trace_path = arg;
		return TOOL_OK;
	case ':':
		return tool_fail(t, TOOL_BAD_INPUT, argv[optind - 1],
		                 "needs an argument");
	default:
		/* getopt_long() names a long option that it knows. */
		if (optopt && strncmp(argv[optind - 1], "--", 2) == 0)
			return tool_fail(t, TOOL_BAD_INPUT, argv[optind - 1],
			                 "takes no argument");
		return tool_fail(t, TOOL_BAD_INPUT, argv[optind - 1],
		                 "no such option (try 'dmasim %s --help')",
		                 t->verb);
	}
}

int tool_fail(const struct tool *t, int status, const char *place,
              const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (place)
		fprintf(stderr, "dmasim: %s: %s\n", place, text);
	else
		fprintf(stderr, "dmasim: %s\n", text);
	if (t->json) {
		json_t *j = tool_json(t, status);
		json_t *e = json_object();

		/* A path need not be UTF-8; then the message is only on
		 * stderr. */
		json_object_set_new(e, "place",
		                    place ? json_string(place) : json_null());
		json_object_set_new(e, "text", json_string(text));
		json_object_set_new(j, "error", e);
		tool_json_print(j);
	}
	return status;
}

int tool_exit_status(int status)
{
	switch (status) {
	case DMASIM_OK:
		return TOOL_OK;
	case DMASIM_E_TIMEOUT:
	case DMASIM_E_HANG:
	case DMASIM_E_FAULT:
	case DMASIM_E_DEVICE:
		return TOOL_FINDING;
	case DMASIM_E_INVAL:
	case DMASIM_E_RANGE:
	case DMASIM_E_NOTFOUND:
	case DMASIM_E_IO:
	case DMASIM_E_FORMAT:
	case DMASIM_E_UNSUPPORTED:
		return TOOL_BAD_INPUT;
	default:
		return TOOL_INTERNAL;
	}
}

bool tool_parse_number(const char *text, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	char *end;

	/* strtoull alone would take signs, blanks and an empty text. */
	if (!(digits[0] >= '0' && digits[0] <= '9') &&
	    !(hex && strchr("abcdefABCDEF", digits[0]) && digits[0]))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	return errno == 0 && *end == '\0';
}

bool tool_parse_time(const char *text, uint64_t *ps)
{
	static const struct {
		const char *name;
		uint64_t ps;
	} units[] = {{"ps", 1},
	             {"ns", DMASIM_NS},
	             {"us", DMASIM_US},
	             {"ms", DMASIM_MS},
	             {"s", DMASIM_SEC}};
	char digits[24];
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		uint64_t value;

		if (strcmp(text + n, units[i].name) != 0)
			continue;
		if (!tool_parse_number(digits, &value) ||
		    value > UINT64_MAX / units[i].ps)
			return false;
		*ps = value * units[i].ps;
		return true;
	}
	return false;
}

const char *tool_time_text(uint64_t ps, char *buf, size_t size)
{
	static const struct {
		const char *name;
		uint64_t ps;
	} units[] = {{"s", DMASIM_SEC},
	             {"ms", DMASIM_MS},
	             {"us", DMASIM_US},
	             {"ns", DMASIM_NS}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (ps < units[i].ps)
			continue;
		snprintf(buf, size, "%llu.%03llu %s",
		         (unsigned long long)(ps / units[i].ps),
		         (unsigned long long)(ps % units[i].ps /
		                              (units[i].ps / 1000)),
		         units[i].name);
		return buf;
	}
	snprintf(buf, size, "%llu ps", (unsigned long long)ps);
	return buf;
}

static int read_all(FILE *f, size_t max, char **data, size_t *size)
{
	size_t room = 4096, used = 0;
	char *p = malloc(room);

	while (p) {
		size_t n = fread(p + used, 1, room - used - 1, f);
		char *q;

		used += n;
		if (n == 0 || used > max)
			break;
		if (room - used > 1)
			continue;
		room *= 2;
		q = realloc(p, room);
		if (!q)
			free(p);
		p = q;
	}
	if (!p)
		return DMASIM_E_NOMEM;
	if (ferror(f) || used > max) {
		int status = ferror(f) ? DMASIM_E_IO : DMASIM_E_RANGE;

		free(p);
		return status;
	}
	p[used] = '\0';
	*data = p;
	*size = used;
	return DMASIM_OK;
}

int tool_load(const struct tool *t, const char *path, size_t max, char **data,
              size_t *size)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	const char *place = is_stdin ? "stdin" : path;
	int status, error;

	if (!f)
		return tool_fail(t, TOOL_BAD_INPUT, place, "%s",
		                 strerror(errno));
	errno = 0;
	status = read_all(f, max, data, size);
	error = errno;
	if (!is_stdin)
		fclose(f);
	switch (status) {
	case DMASIM_OK:
		return TOOL_OK;
	case DMASIM_E_RANGE:
		return tool_fail(t, TOOL_BAD_INPUT, place,
		                 "larger than %zu bytes", max);
	case DMASIM_E_IO:
		return tool_fail(t, TOOL_BAD_INPUT, place, "cannot read: %s",
		                 strerror(error));
	default:
		return tool_fail(t, TOOL_INTERNAL, place, "out of memory");
	}
}
