/* SPDX-License-Identifier: MIT */
/* Running the real command, from the top of the source tree. */
#ifndef DMASIM_TESTS_COMMAND_H
#define DMASIM_TESTS_COMMAND_H

#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define COMMAND    DMASIM_BINARY_DIR "/tools/dmasim"
#define KVMTOOL    "platforms/kvmtool-2017.dts"
#define FVP        "platforms/fvp-base-2017.dts"
#define QEMU       "platforms/qemu-virt.dts"
#define NO_PROGRAM 127

struct result {
	int status; /**< exit status; 128 + signal if it was killed */
	char *out, *err;
	size_t out_size;
};

static inline char *slurp(FILE *f, size_t *size)
{
	char *text;
	long n;

	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	assert_true(n >= 0);
	rewind(f);
	text = malloc((size_t)n + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)n, f), (size_t)n);
	text[n] = '\0';
	*size = (size_t)n;
	return text;
}

static inline char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *text;

	if (!f)
		fail_msg("cannot open %s", path);
	text = slurp(f, size);
	fclose(f);
	return text;
}

static inline void write_file(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/** argv[0] is looked for in PATH; the list ends with NULL. */
static inline struct result run_program(const char *const *argv)
{
	FILE *out = tmpfile(), *err = tmpfile();
	struct result r = {0};
	size_t err_size;
	int status;
	pid_t pid;

	assert_non_null(out);
	assert_non_null(err);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (chdir(DMASIM_SOURCE_DIR) != 0 || dup2(fileno(out), 1) < 0 ||
		    dup2(fileno(err), 2) < 0)
			_exit(NO_PROGRAM);
		/* exec does not change what it is given. */
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(NO_PROGRAM);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	r.status = WIFEXITED(status) ? WEXITSTATUS(status)
	                             : 128 + WTERMSIG(status);
	r.out = slurp(out, &r.out_size);
	r.err = slurp(err, &err_size);
	fclose(out);
	fclose(err);
	return r;
}

static inline void end_result(struct result *r)
{
	free(r->out);
	free(r->err);
}

/** dmasim with these arguments: RUN("run", KVMTOOL). */
#define RUN(...) run_program((const char *const[]){COMMAND, __VA_ARGS__, NULL})

static inline void expect_text(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/** What each report of a run must have. */
static inline void expect_run(const struct result *r, int status,
                              const char *result)
{
	char line[64];

	if (r->status != status)
		fail_msg("exit status %d, %d expected:\n%s%s", r->status,
		         status, r->out, r->err);
	snprintf(line, sizeof(line), "\nresult     %s\n", result);
	expect_text(r->out, line);
}

/** A folder of its own for a test; the path is @dir afterwards. */
#define TEMP_FOLDER "/tmp/dmasim-test-XXXXXX"

static inline void make_folder(char *dir)
{
	assert_non_null(mkdtemp(dir));
}

static inline void remove_folder(const char *dir)
{
	struct result r = run_program(
	        (const char *const[]){"rm", "-rf", "--", dir, NULL});

	assert_int_equal(r.status, 0);
	end_result(&r);
}

/** A file of @text with the first @old replaced, in @dir. */
static inline void edited_copy(const char *from, const char *old,
                               const char *new, const char *to)
{
	char source[256];
	size_t size, at;
	char *text, *found;
	FILE *f;

	snprintf(source, sizeof(source), DMASIM_SOURCE_DIR "/%s", from);
	text = read_file(source, &size);
	found = strstr(text, old);
	assert_non_null(found);
	at = (size_t)(found - text);
	f = fopen(to, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, at, f), at);
	assert_true(fputs(new, f) >= 0);
	assert_true(fputs(found + strlen(old), f) >= 0);
	assert_int_equal(fclose(f), 0);
	free(text);
}

#endif
