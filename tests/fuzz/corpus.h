/* SPDX-License-Identifier: MIT */
/* What fuzzing has left, run again. */
#ifndef DMASIM_TESTS_FUZZ_CORPUS_H
#define DMASIM_TESTS_FUZZ_CORPUS_H

#include "check.h"

#include <dirent.h>
#include <stdlib.h>

typedef uint64_t corpus_fn(const uint8_t *data, size_t size);

static inline uint8_t *corpus_load(const char *folder, const char *name,
                                   size_t *size)
{
	char path[512];
	uint8_t *data;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	*size = (size_t)ftell(f);
	rewind(f);
	data = malloc(*size + 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, *size, f), *size);
	fclose(f);
	return data;
}

/* Every file, twice, with the same end. Returns how many there are. */
static inline unsigned corpus_run(const char *folder, corpus_fn *fn)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned files = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		uint8_t *data;
		size_t size;

		if (entry->d_name[0] == '.')
			continue;
		data = corpus_load(folder, entry->d_name, &size);
		if (fn(data, size) != fn(data, size))
			fail_msg("%s: two runs differ", entry->d_name);
		free(data);
		files++;
	}
	closedir(dir);
	return files;
}

#endif
