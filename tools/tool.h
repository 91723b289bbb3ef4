/* SPDX-License-Identifier: MIT */
/*
 * What the verbs of the command share: exit status, messages, options that
 * every verb takes, JSON, files, traces.
 *
 * Reports go to stdout, messages to stderr. With --json stdout is one JSON
 * object with "schema" and "status", for errors too.
 */
#ifndef DMASIM_TOOL_H
#define DMASIM_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "dmasim/kernel.h"

/** Exit status of every verb. */
enum tool_exit {
	TOOL_OK = 0,        /**< done, matched, no finding */
	TOOL_FINDING = 1,   /**< mismatch, finding, guest failure or hang */
	TOOL_BAD_INPUT = 2, /**< bad usage or input */
	TOOL_INTERNAL = 3,  /**< internal error */
};

/** The paragraph on exit status that ends every verb's help. */
#define TOOL_EXIT_HELP                                                         \
	"Exit status:\n"                                                       \
	"  0  done: everything matched, no finding\n"                          \
	"  1  it ran, and there is a mismatch, a finding, a guest failure or " \
	"a hang\n"                                                             \
	"  2  bad usage or bad input; one message on stderr names the place\n" \
	"  3  internal error\n"

struct tool_trace;

struct tool {
	const char *verb;
	bool json;
	const struct dmasim_backend *backend;
	uint64_t seed;
	bool has_seed;
	const char *trace_path; /**< NULL: no trace */
	struct tool_trace *trace;
};

struct tool_verb {
	const char *name;
	const char *help; /**< one line */
	int (*run)(int argc, char **argv);
};

/* The verbs; argv[0] is the verb's name. */
int tool_run(int argc, char **argv);
int tool_replay(int argc, char **argv);
int tool_decode(int argc, char **argv);
int tool_teach(int argc, char **argv);

/*
 * Options. A verb's table of long options begins with TOOL_OPTIONS; its own
 * use values below TOOL_OPT_FIRST.
 */
enum {
	TOOL_OPT_FIRST = 0x1000,
	TOOL_OPT_HELP = TOOL_OPT_FIRST,
	TOOL_OPT_JSON,
	TOOL_OPT_KERNEL,
	TOOL_OPT_SEED,
	TOOL_OPT_TRACE,
};

/* clang-format off */
#define TOOL_OPTIONS                                                           \
	{"help", no_argument, NULL, TOOL_OPT_HELP},                            \
	{"json", no_argument, NULL, TOOL_OPT_JSON},                            \
	{"kernel", required_argument, NULL, TOOL_OPT_KERNEL},                  \
	{"seed", required_argument, NULL, TOOL_OPT_SEED},                      \
	{"trace", required_argument, NULL, TOOL_OPT_TRACE}

#define TOOL_OPTIONS_HELP                                                      \
	"  --kernel native|systemc  who keeps time (default: systemc where it\n" \
	"                           was built); the results are the same bytes\n" \
	"  --seed N                 answer what the architecture leaves open\n" \
	"                           from a generator with this seed, instead of\n" \
	"                           fixed defaults\n"                           \
	"  --trace FILE             write one line per simulated event\n"      \
	"  --json                   one JSON object on stdout\n"               \
	"  --help                   this text\n"
/* clang-format on */

/** Call first: defaults, and whether --json is among the arguments, so that
 * errors in the options themselves are reported as JSON too. */
void tool_init(struct tool *t, const char *verb, int argc, char **argv);
/** Close the trace. Returns @status, or TOOL_INTERNAL with a message if the
 * trace could not be written. */
int tool_end(struct tool *t, int status);

/**
 * Handle the option @opt that getopt_long() returned (with optstring "-:" or
 * ":" so that it prints nothing itself). TOOL_OK: it was one of TOOL_OPTIONS;
 * else the exit status, with a message given: unknown options and missing
 * arguments. --help is the verb's own.
 */
int tool_option(struct tool *t, int opt, const char *arg, char **argv);

/** Message "dmasim: PLACE: TEXT" on stderr (@place may be NULL), and on
 * stdout the JSON object if --json. Returns @status. */
int tool_fail(const struct tool *t, int status, const char *place,
              const char *fmt, ...) DMASIM_PRINTF(4, 5);
/** The exit status for a negative enum dmasim_status. */
int tool_exit_status(int status);

/** Decimal or 0x hexadecimal, the whole text. */
bool tool_parse_number(const char *text, uint64_t *value);
/** A number with ps, ns, us, ms or s: simulated time in ps. */
bool tool_parse_time(const char *text, uint64_t *ps);
/** Simulated time for people: "1.250 ms". Returns @buf. */
const char *tool_time_text(uint64_t ps, char *buf, size_t size);

/** A whole file ("-": stdin) of at most @max bytes, with a zero byte behind
 * it. Free with free(). TOOL_OK, or the exit status with a message given. */
int tool_load(const struct tool *t, const char *path, size_t max, char **data,
              size_t *size);

/** Open --trace. TOOL_OK, or the exit status with a message given. */
int tool_trace_open(struct tool *t);
/** A dmasim_trace_fn; @ctx is t->trace. */
void tool_trace_line(void *ctx, uint64_t time_ps, const char *source,
                     const char *text);
/** tool_trace_line if a trace is open, else NULL. */
dmasim_trace_fn *tool_trace_fn(const struct tool *t);
/** A dmasim_log_fn for stderr; @ctx is not used. */
void tool_log(void *ctx, enum dmasim_log_level level, const char *source,
              const char *text);

/** {"schema": "dmasim.VERB.1", "status": ...}; the verb adds to it. */
json_t *tool_json(const struct tool *t, int status);
/** Whether text for stdout is coloured: a terminal, and no NO_COLOR. */
bool tool_colour(void);

/** "0x8fa081002": addresses and words do not fit JSON's numbers. */
json_t *tool_json_hex(uint64_t value);
/** Print on stdout and release. TOOL_OK or TOOL_INTERNAL. */
int tool_json_print(json_t *j);

#endif
