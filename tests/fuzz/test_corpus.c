/* SPDX-License-Identifier: MIT */
/* The corpus that fuzzing has left: every file again, twice, with the same
 * end. And that the streams do what they are for. */
#include "check.h"
#include "stream.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER DMASIM_SOURCE_DIR "/tests/fuzz/corpus"

static uint8_t *load(const char *name, size_t *size)
{
	char path[512];
	uint8_t *data;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
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

static void the_corpus(void **state)
{
	DIR *dir = opendir(FOLDER);
	const struct dirent *entry;
	unsigned files = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		uint8_t *data;
		size_t size;

		if (entry->d_name[0] == '.')
			continue;
		data = load(entry->d_name, &size);
		if (fuzz_smmu(data, size) != fuzz_smmu(data, size))
			fail_msg("%s: two runs differ", entry->d_name);
		free(data);
		files++;
	}
	closedir(dir);
	assert_true(files >= 16);
}

/* Two streams that differ in one access end differently: the digest sees
 * something. */
static void the_digest_sees(void **state)
{
	const uint8_t read[] = {0, 8, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 7};
	uint8_t other[sizeof(read)];

	(void)state;
	memcpy(other, read, sizeof(read));
	other[6] = 1; /* a write */
	assert_int_equal(fuzz_smmu(read, sizeof(read)),
	                 fuzz_smmu(read, sizeof(read)));
	assert_int_not_equal(fuzz_smmu(read, sizeof(read)),
	                     fuzz_smmu(other, sizeof(other)));
}

static void nothing_at_all(void **state)
{
	(void)state;
	fuzz_smmu(NULL, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus),
        cmocka_unit_test(the_digest_sees),
        cmocka_unit_test(nothing_at_all),
};

CHECK_MAIN(tests)
