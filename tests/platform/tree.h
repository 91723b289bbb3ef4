/* SPDX-License-Identifier: MIT */
/* Trees for tests: the base tree, with lines of it replaced. */
#ifndef DMASIM_TESTS_PLATFORM_TREE_H
#define DMASIM_TESTS_PLATFORM_TREE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

struct tree {
	void *fdt;
	size_t size;
};

static inline char *tree_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long n;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	assert_true(n >= 0);
	rewind(f);
	text = malloc((size_t)n + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)n, f), (size_t)n);
	fclose(f);
	text[n] = '\0';
	*size = (size_t)n;
	return text;
}

static inline char *tree_base(void)
{
	size_t size;

	return tree_read(DMASIM_SOURCE_DIR "/tests/platform/base.dts", &size);
}

/** The first @old in @text becomes @new; frees @text. */
static inline char *tree_replace(char *text, const char *old, const char *new)
{
	char *at = strstr(text, old);
	size_t before, rest;
	char *result;

	if (!at)
		fail_msg("the base tree has no '%s'", old);
	before = (size_t)(at - text);
	rest = strlen(at + strlen(old));
	result = malloc(before + strlen(new) + rest + 1);
	assert_non_null(result);
	memcpy(result, text, before);
	memcpy(result + before, new, strlen(new));
	memcpy(result + before + strlen(new), at + strlen(old), rest + 1);
	free(text);
	return result;
}

/** Whatever dtc can be forced to write; frees @text. */
static inline struct tree tree_compile(char *text)
{
	char source[] = "/tmp/dmasim-tree-XXXXXX";
	char blob[] = "/tmp/dmasim-blob-XXXXXX";
	int fd = mkstemp(source), out = mkstemp(blob), status = -1;
	struct tree t;
	pid_t pid;

	assert_true(fd >= 0 && out >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	close(out);
	free(text);
	pid = fork();
	if (pid == 0) {
		execlp("dtc", "dtc", "-qqq", "-f", "-I", "dts", "-O", "dtb",
		       "-o", blob, source, (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	t.fdt = tree_read(blob, &t.size);
	unlink(source);
	unlink(blob);
	assert_int_equal(status, 0);
	return t;
}

static inline struct tree tree_with(const char *old, const char *new)
{
	return tree_compile(tree_replace(tree_base(), old, new));
}

#endif
