/* SPDX-License-Identifier: MIT */
/*
 * A user's own lesson: compiled in a temporary folder with what pkg-config
 * says of the installed library, and run in the place of this command's own
 * lessons. No shell is involved; a path may have any characters.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "teach_request.h"

#define WORDS_MAX  128
#define TEXT_MAX   8192
#define NO_PROGRAM 127

struct words {
	const char *word[WORDS_MAX];
	size_t count;
};

static void add_word(struct words *w, const char *word)
{
	/* The last place is for the NULL. */
	if (w->count < WORDS_MAX - 1)
		w->word[w->count++] = word;
}

/* Split @text at blanks, in place. */
static void add_words(struct words *w, char *text)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest))
		add_word(w, word);
}

/**
 * Run it, and wait. @out: where its stdout goes, at most TEXT_MAX - 1 bytes;
 * NULL: to ours. Returns its exit status, NO_PROGRAM if there is none, or -1
 * with errno.
 */
static int run(const struct words *w, char *out)
{
	int pipes[2] = {-1, -1}, status;
	size_t used = 0;
	ssize_t n = 1;
	pid_t pid;

	if (out && pipe(pipes) != 0)
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (out && dup2(pipes[1], STDOUT_FILENO) < 0)
			_exit(NO_PROGRAM);
		/* exec does not change what it is given. */
		execvp(w->word[0], (char *const *)(uintptr_t)w->word);
		_exit(NO_PROGRAM);
	}
	if (out) {
		close(pipes[1]);
		while (pid > 0 && n > 0 && used < TEXT_MAX - 1) {
			n = read(pipes[0], out + used, TEXT_MAX - 1 - used);
			used += n > 0 ? (size_t)n : 0;
		}
		out[used] = '\0';
		close(pipes[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What pkg-config says of dmasim. TOOL_OK, or a message was given. */
static int ask(const struct tool *t, const char *what, char *text)
{
	const char *program = getenv("PKG_CONFIG");
	struct words w = {{NULL}, 0};
	int status;

	program = program && *program ? program : "pkg-config";
	add_word(&w, program);
	add_word(&w, what);
	if (strncmp(what, "--variable", 10) != 0)
		add_word(&w, "--cflags");
	add_word(&w, "dmasim");
	status = run(&w, text);
	if (status == 0)
		return TOOL_OK;
	if (status == NO_PROGRAM)
		return tool_fail(t, TOOL_BAD_INPUT, program,
		                 "not found: it says where the library is");
	return tool_fail(t, TOOL_BAD_INPUT, program,
	                 "does not know the library dmasim: install it "
	                 "(cmake --install), or set PKG_CONFIG_PATH to where "
	                 "dmasim.pc is");
}

static int compile(const struct tool *t, const char *path, const char *program)
{
	char flags[TEXT_MAX], libdir[TEXT_MAX], rpath[TEXT_MAX + 16];
	const char *cc = getenv("CC");
	struct words w = {{NULL}, 0};
	int status = ask(t, "--libs", flags);

	if (status == TOOL_OK)
		status = ask(t, "--variable=libdir", libdir);
	if (status != TOOL_OK)
		return status;
	libdir[strcspn(libdir, "\n")] = '\0';
	snprintf(rpath, sizeof(rpath), "-Wl,-rpath,%s", libdir);
	cc = cc && *cc ? cc : "cc";
	add_word(&w, cc);
	add_word(&w, "-std=c11");
	add_word(&w, "-g");
	add_word(&w, "-Wall");
	add_word(&w, "-o");
	add_word(&w, program);
	add_word(&w, path);
	add_words(&w, flags);
	add_word(&w, rpath);
	status = run(&w, NULL);
	if (status == 0)
		return TOOL_OK;
	if (status == NO_PROGRAM)
		return tool_fail(t, TOOL_BAD_INPUT, cc,
		                 "not found: a C compiler is needed for a "
		                 "lesson of one's own");
	return tool_fail(t, TOOL_BAD_INPUT, path, "%s does not compile it", cc);
}

/* The lesson tells itself, and ends as this command would. */
static int tell(const struct teach_request *r, const char *path,
                const char *program)
{
	const struct tool *t = &r->tool;
	struct words w = {{NULL}, 0};
	char seed[32];
	int status;

	add_word(&w, program);
	if (r->html) {
		add_word(&w, "--html");
		add_word(&w, r->html);
	}
	if (t->has_seed) {
		snprintf(seed, sizeof(seed), "%llu",
		         (unsigned long long)t->seed);
		add_word(&w, "--seed");
		add_word(&w, seed);
	}
	if (t->json)
		add_word(&w, "--json");
	status = run(&w, NULL);
	if (status >= TOOL_OK && status <= TOOL_INTERNAL)
		return status;
	return tool_fail(t, TOOL_BAD_INPUT, path,
	                 "the lesson ended with status %d", status);
}

int teach_file(const struct teach_request *r, const char *path)
{
	const struct tool *t = &r->tool;
	const char *tmp = getenv("TMPDIR");
	char folder[512], program[sizeof(folder) + 16];
	int status;

	if (t->trace_path)
		return tool_fail(t, TOOL_BAD_INPUT, "--trace",
		                 "only for the command's own lessons");
	if (access(path, R_OK) != 0)
		return tool_fail(t, TOOL_BAD_INPUT, path, "%s",
		                 strerror(errno));
	snprintf(folder, sizeof(folder), "%s/dmasim-teach-XXXXXX",
	         tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return tool_fail(t, TOOL_INTERNAL, folder, "%s",
		                 strerror(errno));
	snprintf(program, sizeof(program), "%s/lesson", folder);
	status = compile(t, path, program);
	if (status == TOOL_OK)
		status = tell(r, path, program);
	(void)unlink(program);
	(void)rmdir(folder);
	return status;
}
