/* SPDX-License-Identifier: MIT */
/* A tree from a file: a blob as it is, a source through the dtc program. */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dmasim/platform.h"

/* Linux takes blobs of up to 2 MiB. */
#define MAX_SIZE   (16u * 1024 * 1024)
#define MAGIC_SIZE 4

extern char **environ;

/** Everything that @f holds. OK, E_IO, E_RANGE (too large), E_NOMEM. */
static int read_all(FILE *f, void **data, size_t *size)
{
	size_t room = 64 * 1024, used = 0;
	char *p = malloc(room);

	while (p) {
		size_t n = fread(p + used, 1, room - used, f);
		char *q;

		used += n;
		if (n == 0)
			break;
		if (used < room)
			continue;
		if (room >= MAX_SIZE) {
			free(p);
			return DMASIM_E_RANGE;
		}
		room *= 2;
		q = realloc(p, room);
		if (!q)
			free(p);
		p = q;
	}
	if (!p)
		return DMASIM_E_NOMEM;
	if (ferror(f)) {
		free(p);
		return DMASIM_E_IO;
	}
	*data = p;
	*size = used;
	return DMASIM_OK;
}

static bool is_blob(const void *data, size_t size)
{
	static const unsigned char magic[MAGIC_SIZE] = {0xd0, 0x0d, 0xfe, 0xed};

	return size >= MAGIC_SIZE && memcmp(data, magic, MAGIC_SIZE) == 0;
}

static bool is_source(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".dts") == 0;
}

/** 0 and *@pid, or an errno. */
static int start_dtc(const char *path, int out, int err, pid_t *pid)
{
	/* posix_spawn() does not change what it is given. */
	const char *const argv[] = {"dtc", "-q", "-I", "dts", "-O",
	                            "dtb", "--", path, NULL};
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, err,
		                                         STDERR_FILENO);
	if (!error)
		error = posix_spawnp(pid, "dtc", &actions, NULL,
		                     (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/** What dtc said, on one line. */
static int report_dtc(const char *path, FILE *err, struct dmasim_diag *diag)
{
	char text[400];
	size_t n;

	rewind(err);
	n = fread(text, 1, sizeof(text) - 1, err);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	return dmasim_diag_set(diag, DMASIM_E_FORMAT, "dtc refuses %s: %s",
	                       path, n ? text : "no message");
}

static int compile(const char *path, FILE *out, FILE *err,
                   struct dmasim_diag *diag)
{
	pid_t pid = 0;
	int status = 0;
	int error = start_dtc(path, fileno(out), fileno(err), &pid);

	if (error == ENOENT)
		return dmasim_diag_set(
		        diag, DMASIM_E_NOTFOUND,
		        "needs the program dtc (package "
		        "device-tree-compiler) to read a source; a .dtb "
		        "needs nothing");
	if (error)
		return dmasim_diag_set(diag, DMASIM_E_IO, "cannot run dtc: %s",
		                       strerror(error));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return dmasim_diag_set(diag, DMASIM_E_IO,
			                       "cannot wait for dtc: %s",
			                       strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return report_dtc(path, err, diag);
	return DMASIM_OK;
}

static int load_source(const char *path, void **fdt, size_t *size,
                       struct dmasim_diag *diag)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status;

	if (!out || !err) {
		status = dmasim_diag_set(diag, DMASIM_E_IO,
		                         "no temporary file: %s",
		                         strerror(errno));
	} else {
		status = compile(path, out, err, diag);
		rewind(out);
		if (status == DMASIM_OK)
			status = read_all(out, fdt, size);
	}
	if (out)
		fclose(out);
	if (err)
		fclose(err);
	return status;
}

int dmasim_fdt_load(const char *path, void **fdt, size_t *size,
                    struct dmasim_diag *diag)
{
	FILE *f = fopen(path, "rb");
	void *data = NULL;
	size_t n = 0;
	int status;

	if (diag)
		diag->text[0] = '\0';
	if (!f)
		return dmasim_diag_set(diag, DMASIM_E_IO, "cannot open: %s",
		                       strerror(errno));
	errno = 0;
	status = read_all(f, &data, &n);
	if (status == DMASIM_E_RANGE)
		status = dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                         "larger than %u bytes", MAX_SIZE);
	else if (status == DMASIM_E_IO)
		status = dmasim_diag_set(diag, DMASIM_E_IO, "cannot read: %s",
		                         strerror(errno));
	fclose(f);
	if (status != DMASIM_OK)
		return status;
	if (is_blob(data, n)) {
		*fdt = data;
		*size = n;
		return DMASIM_OK;
	}
	free(data);
	if (n == 0)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "the file is empty");
	if (!is_source(path))
		return dmasim_diag_set(
		        diag, DMASIM_E_FORMAT,
		        "neither a flattened device tree (no "
		        "magic number at byte 0) nor named .dts");
	return load_source(path, fdt, size, diag);
}
