/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

char *folder_create(void)
{
	char *dir = strdup(DMASIM_BINARY_DIR "/recording-XXXXXX");

	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	return dir;
}

const char *folder_path(const char *dir, const char *name)
{
	/* Tests are one thread; a few paths live side by side. */
	static char paths[8][1024];
	static unsigned next;
	char *path = paths[next++ % 8];

	assert_true(snprintf(path, sizeof(paths[0]), "%s/%s", dir, name) <
	            (int)sizeof(paths[0]));
	return path;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void copy_into(const char *from, const char *to)
{
	DIR *d = opendir(from);
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char *source, *target;

		if (e->d_name[0] == '.')
			continue;
		source = strdup(folder_path(from, e->d_name));
		target = strdup(folder_path(to, e->d_name));
		if (is_folder(source)) {
			assert_int_equal(mkdir(target, 0700), 0);
			copy_into(source, target);
		} else {
			size_t size;
			char *data = folder_read(from, e->d_name, &size);

			folder_write(to, e->d_name, data, size);
			free(data);
		}
		free(source);
		free(target);
	}
	closedir(d);
}

char *folder_copy(const char *from)
{
	char *dir = folder_create();

	copy_into(from, dir);
	return dir;
}

static void remove_tree(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char *path;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		path = strdup(folder_path(dir, e->d_name));
		if (is_folder(path))
			remove_tree(path);
		else
			unlink(path);
		free(path);
	}
	closedir(d);
	rmdir(dir);
}

void folder_remove(char *dir)
{
	remove_tree(dir);
	free(dir);
}

char *folder_read(const char *dir, const char *name, size_t *size)
{
	FILE *f = fopen(folder_path(dir, name), "rb");
	char *data;
	long end;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	end = ftell(f);
	rewind(f);
	data = malloc((size_t)end + 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)end, f), end);
	data[end] = '\0';
	fclose(f);
	if (size)
		*size = (size_t)end;
	return data;
}

void folder_write(const char *dir, const char *name, const void *data,
                  size_t size)
{
	FILE *f = fopen(folder_path(dir, name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

void folder_write_text(const char *dir, const char *name, const char *text)
{
	folder_write(dir, name, text, strlen(text));
}

void folder_mkdir(const char *dir, const char *name)
{
	assert_int_equal(mkdir(folder_path(dir, name), 0700), 0);
}

void folder_edit(const char *dir, const char *name, const char *before,
                 const char *after)
{
	size_t size, head;
	char *old = folder_read(dir, name, &size), *at, *edited;

	at = strstr(old, before);
	assert_non_null(at);
	head = (size_t)(at - old);
	edited = malloc(size + strlen(after) + 1);
	assert_non_null(edited);
	snprintf(edited, size + strlen(after) + 1, "%.*s%s%s", (int)head, old,
	         after, at + strlen(before));
	folder_write_text(dir, name, edited);
	free(edited);
	free(old);
}

void folder_delete(const char *dir, const char *name)
{
	assert_int_equal(unlink(folder_path(dir, name)), 0);
}

void folder_resize(const char *dir, const char *name, long size)
{
	assert_int_equal(truncate(folder_path(dir, name), size), 0);
}

void folder_link(const char *dir, const char *name)
{
	const char *base = strrchr(name, '/');

	assert_int_equal(
	        symlink(base ? base + 1 : name, folder_path(dir, name)), 0);
}

static void append(void *ctx, const char *text)
{
	struct replayed *r = ctx;
	size_t old = strlen(r->report), more = strlen(text);
	char *grown = realloc(r->report, old + more + 1);

	if (!grown)
		abort();
	memcpy(grown + old, text, more + 1);
	r->report = grown;
}

void replay_run(struct replayed *r, const char *dir, const char *profile)
{
	struct dmasim_replay_options opt = {.has_profile = profile != NULL};

	memset(r, 0, sizeof(*r));
	r->report = calloc(1, 1);
	if (profile)
		assert_int_equal(
		        dmasim_smmu_profile_parse(profile, &opt.profile), 0);
	r->status = dmasim_replay_snapshot(dir, &opt, append, r, &r->json,
	                                   &r->diag);
}

void replay_free(struct replayed *r)
{
	free(r->report);
	json_decref(r->json);
}

const json_t *replay_list(const struct replayed *r, const char *list,
                          const char *profile)
{
	const json_t *lists = json_object_get(r->json, "lists");

	for (size_t i = 0; i < json_array_size(lists); i++) {
		const json_t *l = json_array_get(lists, i);
		const char *name =
		        json_string_value(json_object_get(l, "list"));
		const char *as =
		        json_string_value(json_object_get(l, "profile"));

		if (name && as && !strcmp(name, list) &&
		    (!profile || !strcmp(as, profile)))
			return l;
	}
	fail_msg("no list %s in:\n%s%s", list, r->report, r->diag.text);
	return NULL;
}

size_t replay_count(const json_t *list, const char *key)
{
	const json_t *value = json_object_get(list, key);

	assert_true(json_is_integer(value));
	return (size_t)json_integer_value(value);
}

bool replay_says(const struct replayed *r, const char *text)
{
	return strstr(r->report, text) || strstr(r->diag.text, text);
}
