/* SPDX-License-Identifier: MIT */
#include "catalogue.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT DMASIM_SOURCE_DIR "/tests/litmus"

static int by_path(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool add(struct catalogue *c, const char *folder, const char *file)
{
	if (c->count == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		c->path = realloc(c->path, (size_t)c->cap * sizeof(*c->path));
		if (!c->path)
			abort();
	}
	return snprintf(c->path[c->count++], sizeof(*c->path), "%s/%s", folder,
	                file) < (int)sizeof(*c->path);
}

static bool add_folder(struct catalogue *c, const char *folder)
{
	char path[512];
	struct dirent *d;
	bool ok = true;
	DIR *dir;

	snprintf(path, sizeof(path), ROOT "/%s", folder);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		const char *end = strrchr(d->d_name, '.');

		if (end && strcmp(end, ".litmus") == 0)
			ok &= add(c, folder, d->d_name);
	}
	if (dir)
		closedir(dir);
	return ok;
}

bool catalogue_open(struct catalogue *c)
{
	struct dirent *d;
	bool ok = true;
	DIR *dir;

	memset(c, 0, sizeof(*c));
	dir = opendir(ROOT);
	if (!dir)
		return false;
	while ((d = readdir(dir)))
		if (!strchr(d->d_name, '.'))
			ok &= add_folder(c, d->d_name);
	closedir(dir);
	if (c->count)
		qsort(c->path, (size_t)c->count, sizeof(*c->path), by_path);
	return ok;
}

void catalogue_close(struct catalogue *c)
{
	free(c->path);
}

void catalogue_name(const char *path, char *name)
{
	const char *start = strchr(path, '/') + 1;

	snprintf(name, LITMUS_NAME, "%.*s", (int)(strlen(start) - 7), start);
}

const char *catalogue_find(const struct catalogue *c, const char *name)
{
	char own[LITMUS_NAME];

	for (int i = 0; i < c->count; i++) {
		catalogue_name(c->path[i], own);
		if (strcmp(own, name) == 0)
			return c->path[i];
	}
	return NULL;
}

char *catalogue_read(const char *path)
{
	char whole[512], *text;
	size_t n;
	FILE *f;

	snprintf(whole, sizeof(whole), ROOT "/%s", path);
	f = fopen(whole, "r");
	if (!f)
		return NULL;
	text = calloc(1, 65536);
	if (!text)
		abort();
	n = fread(text, 1, 65535, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

bool catalogue_load(const char *path, struct litmus *t, char *err, size_t size)
{
	char *text = catalogue_read(path);
	char file[160], name[LITMUS_NAME];
	bool ok;

	if (!text) {
		snprintf(err, size, "%s: cannot be read", path);
		return false;
	}
	snprintf(file, sizeof(file), "tests/litmus/%s", path);
	ok = litmus_parse(file, text, t, err, size);
	free(text);
	catalogue_name(path, name);
	if (ok && strcmp(name, t->name) != 0) {
		snprintf(err, size, "%s: its name is '%s'", file, t->name);
		return false;
	}
	return ok;
}
