/* SPDX-License-Identifier: MIT */
/* Disks in memory and in image files. */
#include "check.h"

#include <stdlib.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dmasim/virtio_blk.h"

struct files {
	char dir[64];
	char path[128];
	struct dmasim_diag diag;
	struct dmasim_disk *disk;
};

static int setup(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	*state = f;
	snprintf(f->dir, sizeof(f->dir), "/tmp/dmasim-disk-XXXXXX");
	if (!mkdtemp(f->dir))
		return 1;
	snprintf(f->path, sizeof(f->path), "%s/image", f->dir);
	return 0;
}

static int teardown(void **state)
{
	struct files *f = *state;

	dmasim_disk_destroy(f->disk);
	unlink(f->path);
	rmdir(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void make_image(struct files *f, size_t size, mode_t mode)
{
	FILE *out = fopen(f->path, "wb");

	assert_non_null(out);
	for (size_t i = 0; i < size; i++)
		fputc((int)(i * 7 % 251), out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(f->path, mode), 0);
}

static void memory_disk_reads_what_was_written(void **state)
{
	struct files *f = *state;
	uint8_t *out = malloc(20000), *in = malloc(20000);

	assert_int_equal(dmasim_disk_memory(1 << 20, &f->disk), DMASIM_OK);
	assert_int_equal(dmasim_disk_sectors(f->disk), 2048);
	assert_false(dmasim_disk_read_only(f->disk));
	memset(in, 0xaa, 20000);
	assert_int_equal(dmasim_disk_read(f->disk, 4000, in, 20000), DMASIM_OK);
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(in[i], 0);
		out[i] = (uint8_t)(i * 13 / 7);
	}
	/* Across chunks, not aligned to anything. */
	assert_int_equal(dmasim_disk_write(f->disk, 4001, out, 20000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_disk_read(f->disk, 4001, in, 20000), DMASIM_OK);
	assert_memory_equal(in, out, 20000);
	assert_int_equal(dmasim_disk_read(f->disk, 3999, in, 3), DMASIM_OK);
	assert_int_equal(in[0] | in[1], 0);
	assert_int_equal(in[2], out[0]);
	/* Zeros over data, zeros over nothing. */
	memset(out, 0, 20000);
	assert_int_equal(dmasim_disk_write(f->disk, 0, out, 20000), DMASIM_OK);
	assert_int_equal(dmasim_disk_read(f->disk, 0, in, 20000), DMASIM_OK);
	assert_memory_equal(in, out, 20000);
	assert_int_equal(dmasim_disk_flush(f->disk), DMASIM_OK);
	free(out);
	free(in);
}

static void memory_disk_of_any_size(void **state)
{
	struct files *f = *state;
	static const uint64_t sizes[] = {512,
	                                 4096,
	                                 4608,
	                                 1ull << 21,
	                                 (1ull << 21) + 512,
	                                 1ull << 30,
	                                 1ull << 52,
	                                 UINT64_MAX & ~511ull};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct dmasim_disk *d = NULL;
		uint8_t out[4] = {1, 2, 3, 4}, in[4] = {0};

		assert_int_equal(dmasim_disk_memory(sizes[i], &d), DMASIM_OK);
		assert_true(dmasim_disk_sectors(d) == sizes[i] / 512);
		assert_int_equal(dmasim_disk_write(d, sizes[i] - 4, out, 4),
		                 DMASIM_OK);
		assert_int_equal(dmasim_disk_read(d, sizes[i] - 4, in, 4),
		                 DMASIM_OK);
		assert_memory_equal(in, out, 4);
		assert_int_equal(dmasim_disk_read(d, 0, in, 4), DMASIM_OK);
		assert_int_equal(in[0], 0);
		assert_int_equal(dmasim_disk_write(d, sizes[i] - 3, out, 4),
		                 DMASIM_E_RANGE);
		assert_int_equal(dmasim_disk_read(d, sizes[i], in, 1),
		                 DMASIM_E_RANGE);
		assert_int_equal(dmasim_disk_read(d, UINT64_MAX, in, 1),
		                 DMASIM_E_RANGE);
		assert_int_equal(dmasim_disk_read(d, sizes[i], in, 0),
		                 DMASIM_OK);
		dmasim_disk_destroy(d);
	}
	assert_int_equal(dmasim_disk_memory(0, &f->disk), DMASIM_E_INVAL);
	assert_int_equal(dmasim_disk_memory(513, &f->disk), DMASIM_E_INVAL);
	assert_int_equal(dmasim_disk_memory(512, NULL), DMASIM_E_INVAL);
	dmasim_disk_destroy(NULL);
}

static void image_file_is_read_and_written(void **state)
{
	struct files *f = *state;
	uint8_t buf[600];
	struct stat st;
	FILE *in;

	make_image(f, 4096, 0644);
	assert_int_equal(dmasim_disk_file(f->path, false, &f->disk, &f->diag),
	                 DMASIM_OK);
	assert_string_equal(f->diag.text, "");
	assert_int_equal(dmasim_disk_sectors(f->disk), 8);
	assert_int_equal(dmasim_disk_read(f->disk, 1000, buf, 600), DMASIM_OK);
	for (unsigned i = 0; i < 600; i++)
		assert_int_equal(buf[i], (1000 + i) * 7 % 251);
	memset(buf, 0x5a, sizeof(buf));
	assert_int_equal(dmasim_disk_write(f->disk, 3496, buf, 600), DMASIM_OK);
	assert_int_equal(dmasim_disk_write(f->disk, 3497, buf, 600),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_disk_flush(f->disk), DMASIM_OK);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 4096);
	in = fopen(f->path, "rb");
	assert_non_null(in);
	fseek(in, 3495, SEEK_SET);
	assert_int_equal(fgetc(in), 3495 * 7 % 251);
	assert_int_equal(fgetc(in), 0x5a);
	fclose(in);
}

static void read_only_image(void **state)
{
	struct files *f = *state;
	uint8_t buf[512];

	make_image(f, 1024, 0444);
	assert_int_equal(dmasim_disk_file(f->path, true, &f->disk, &f->diag),
	                 DMASIM_OK);
	assert_true(dmasim_disk_read_only(f->disk));
	assert_int_equal(dmasim_disk_read(f->disk, 0, buf, 512), DMASIM_OK);
	assert_int_equal(dmasim_disk_write(f->disk, 0, buf, 512), DMASIM_E_IO);
	assert_int_equal(dmasim_disk_flush(f->disk), DMASIM_OK);
}

static void refused(struct files *f, bool read_only, int status,
                    const char *text)
{
	struct dmasim_disk *d = NULL;

	assert_int_equal(dmasim_disk_file(f->path, read_only, &d, &f->diag),
	                 status);
	assert_null(d);
	/* The path and the reason. */
	assert_non_null(strstr(f->diag.text, f->path));
	if (!strstr(f->diag.text, text))
		fail_msg("%s", f->diag.text);
	/* Without a diag it is the same. */
	assert_int_equal(dmasim_disk_file(f->path, read_only, &d, NULL),
	                 status);
}

static void images_that_are_refused(void **state)
{
	struct files *f = *state;

	refused(f, false, DMASIM_E_IO, "No such file");
	make_image(f, 0, 0644);
	refused(f, false, DMASIM_E_FORMAT, "the image is empty");
	make_image(f, 513, 0644);
	refused(f, false, DMASIM_E_FORMAT,
	        "the size of 513 bytes is not a multiple of 512");
	refused(f, true, DMASIM_E_FORMAT, "513 bytes");
	make_image(f, 1024, 0444);
	refused(f, false, DMASIM_E_IO, "read-only");
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(mkdir(f->path, 0755), 0);
	refused(f, false, DMASIM_E_IO, "directory");
	refused(f, true, DMASIM_E_IO, "not a regular file");
	assert_int_equal(rmdir(f->path), 0);
	assert_int_equal(mkfifo(f->path, 0644), 0);
	refused(f, true, DMASIM_E_IO, "not a regular file");
	refused(f, false, DMASIM_E_IO, "not a regular file");
	assert_int_equal(dmasim_disk_file(NULL, true, &f->disk, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_disk_file(f->path, true, NULL, NULL),
	                 DMASIM_E_INVAL);
}

/** In a child that is not root, which may read and write what it likes. */
static bool refused_to_others(const char *path, bool read_only,
                              const char *text)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct dmasim_disk *d = NULL;
		struct dmasim_diag diag;

		if (geteuid() == 0 && setuid(65534))
			_exit(2);
		if (dmasim_disk_file(path, read_only, &d, &diag) !=
		            DMASIM_E_IO ||
		    !strstr(diag.text, text))
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void image_without_permission(void **state)
{
	struct files *f = *state;

	assert_int_equal(chmod(f->dir, 0755), 0);
	make_image(f, 1024, 0200);
	assert_true(refused_to_others(f->path, true, "Permission denied"));
	assert_int_equal(chmod(f->path, 0446), 0);
	assert_true(refused_to_others(f->path, false,
	                              "cannot be opened for writing"));
}

static void image_is_locked_while_open(void **state)
{
	struct files *f = *state;
	struct dmasim_disk *reader = NULL, *other = NULL;

	make_image(f, 1024, 0644);
	assert_int_equal(dmasim_disk_file(f->path, false, &f->disk, &f->diag),
	                 DMASIM_OK);
	refused(f, false, DMASIM_E_IO, "in use (locked)");
	refused(f, true, DMASIM_E_IO, "in use (locked)");
	dmasim_disk_destroy(f->disk);
	f->disk = NULL;
	/* Readers share it. */
	assert_int_equal(dmasim_disk_file(f->path, true, &reader, &f->diag),
	                 DMASIM_OK);
	assert_int_equal(dmasim_disk_file(f->path, true, &other, &f->diag),
	                 DMASIM_OK);
	refused(f, false, DMASIM_E_IO, "in use (locked)");
	dmasim_disk_destroy(reader);
	dmasim_disk_destroy(other);
	assert_int_equal(dmasim_disk_file(f->path, false, &f->disk, &f->diag),
	                 DMASIM_OK);
}

static void image_cut_behind_our_back(void **state)
{
	struct files *f = *state;
	uint8_t buf[1024];

	make_image(f, 2048, 0644);
	assert_int_equal(dmasim_disk_file(f->path, false, &f->disk, &f->diag),
	                 DMASIM_OK);
	assert_int_equal(truncate(f->path, 1500), 0);
	assert_int_equal(dmasim_disk_read(f->disk, 0, buf, 1024), DMASIM_OK);
	assert_int_equal(dmasim_disk_read(f->disk, 1024, buf, 1024),
	                 DMASIM_E_IO);
}

static void image_that_cannot_grow(void **state)
{
	struct files *f = *state;
	struct rlimit limit = {1024, 1024}, old;
	uint8_t buf[1024] = {1};
	int rc;

	make_image(f, 2048, 0644);
	assert_int_equal(dmasim_disk_file(f->path, false, &f->disk, &f->diag),
	                 DMASIM_OK);
	/* A full file system, as far as a write can tell. */
	assert_int_equal(truncate(f->path, 0), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = dmasim_disk_write(f->disk, 1024, buf, 1024);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, DMASIM_E_IO);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct CMUnitTest tests[] = {
        CASE(memory_disk_reads_what_was_written),
        CASE(memory_disk_of_any_size),
        CASE(image_file_is_read_and_written),
        CASE(read_only_image),
        CASE(images_that_are_refused),
        CASE(image_without_permission),
        CASE(image_is_locked_while_open),
        CASE(image_cut_behind_our_back),
        CASE(image_that_cannot_grow),
};

CHECK_MAIN(tests)
