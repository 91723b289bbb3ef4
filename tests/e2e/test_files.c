/* SPDX-License-Identifier: MIT */
/* File systems that were written through the simulated disk. */
#include "command.h"

#define IMAGE_SIZE (4u * 1024 * 1024)

struct folder {
	char dir[sizeof(TEMP_FOLDER)];
	char disk[64], fs[64], back[64], file[64];
	char text[20000];
};

static struct result program(const char *a, const char *b, const char *c,
                             const char *d, const char *e, const char *f)
{
	const char *const argv[] = {a, b, c, d, e, f, NULL};

	return run_program(argv);
}

/** Skip, by name, where a program is not installed. */
static void need(const char *name)
{
	char script[64];
	struct result r;
	int status;

	snprintf(script, sizeof(script), "command -v %s", name);
	r = program("sh", "-c", script, NULL, NULL, NULL);
	status = r.status;
	end_result(&r);
	if (status == 0)
		return;
	print_message("skipped: %s is not installed\n", name);
	skip();
}

static void must(struct result r)
{
	if (r.status != 0)
		fail_msg("exit status %d:\n%s%s", r.status, r.out, r.err);
	end_result(&r);
}

/** A folder with an empty disk and a file whose bytes are easy to know. */
static void start(struct folder *f)
{
	/* mkfs and fsck live where only the superuser's PATH points. */
	assert_int_equal(setenv("PATH",
	                        "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
	                        1),
	                 0);
	strcpy(f->dir, TEMP_FOLDER);
	make_folder(f->dir);
	snprintf(f->disk, sizeof(f->disk), "%s/disk.img", f->dir);
	snprintf(f->fs, sizeof(f->fs), "%s/fs.img", f->dir);
	snprintf(f->back, sizeof(f->back), "%s/back.img", f->dir);
	snprintf(f->file, sizeof(f->file), "%s/file", f->dir);
	for (size_t i = 0; i < sizeof(f->text); i++)
		f->text[i] = "0123456789abcdef"[(i * 7 + i / 251) % 16];
	write_file(f->file, f->text, sizeof(f->text));
	write_file(f->disk, "", 0);
	assert_int_equal(truncate(f->disk, IMAGE_SIZE), 0);
	write_file(f->fs, "", 0);
	assert_int_equal(truncate(f->fs, IMAGE_SIZE), 0);
}

static void expect_same(const char *a, const char *b)
{
	size_t a_size, b_size;
	char *x = read_file(a, &a_size), *y = read_file(b, &b_size);

	assert_int_equal(a_size, b_size);
	assert_memory_equal(x, y, a_size);
	free(x);
	free(y);
}

/** Write fs.img to disk.img through the driver, and read it back. */
static void copy_through(const struct folder *f, const char *platform,
                         const char *policy)
{
	struct result r =
	        RUN("run", "--image", f->disk, "--write-from", f->fs,
	            "--read-to", f->back, "--dma-policy", policy, platform);

	expect_run(&r, 0, "pass");
	expect_text(r.out, "findings   0\n");
	end_result(&r);
	expect_same(f->disk, f->fs);
	expect_same(f->back, f->fs);
}

static void make_ext4(const struct folder *f)
{
	char root[64], path[80];

	need("mkfs.ext4");
	need("fsck.ext4");
	need("debugfs");
	snprintf(root, sizeof(root), "%s/root", f->dir);
	assert_int_equal(mkdir(root, 0755), 0);
	snprintf(path, sizeof(path), "%s/numbers", root);
	write_file(path, f->text, sizeof(f->text));
	must(program("mkfs.ext4", "-q", "-d", root, f->fs, NULL));
}

static void expect_ext4(const struct folder *f)
{
	struct result r;

	must(program("fsck.ext4", "-f", "-n", f->disk, NULL, NULL));
	r = program("debugfs", "-R", "cat /numbers", f->disk, NULL, NULL);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.out_size, sizeof(f->text));
	assert_memory_equal(r.out, f->text, sizeof(f->text));
	end_result(&r);
}

static void ext4_through(const char *platform, const char *policy)
{
	struct folder f;

	start(&f);
	make_ext4(&f);
	copy_through(&f, platform, policy);
	expect_ext4(&f);
	remove_folder(f.dir);
}

static void ext4_behind_the_smmu(void **state)
{
	(void)state;
	ext4_through(FVP, "dma-api");
}

static void ext4_on_the_host_s_cache(void **state)
{
	(void)state;
	ext4_through(KVMTOOL, "linux-6.1");
}

static void ext4_on_qemu(void **state)
{
	(void)state;
	ext4_through(QEMU, "dma-api");
}

static void make_vfat(const struct folder *f)
{
	need("mkfs.vfat");
	need("fsck.vfat");
	need("mcopy");
	must(program("mkfs.vfat", "-n", "DMASIM", f->fs, NULL, NULL));
	must(program("mcopy", "-i", f->fs, f->file, "::numbers", NULL));
}

static void expect_vfat(const struct folder *f)
{
	char copy[80];

	must(program("fsck.vfat", "-n", f->disk, NULL, NULL, NULL));
	snprintf(copy, sizeof(copy), "%s/copy", f->dir);
	must(program("mcopy", "-i", f->disk, "::numbers", copy, NULL));
	expect_same(copy, f->file);
}

static void vfat_behind_the_smmu(void **state)
{
	struct folder f;

	(void)state;
	start(&f);
	make_vfat(&f);
	copy_through(&f, FVP, "dma-api");
	expect_vfat(&f);
	remove_folder(f.dir);
}

/** Random I/O must not touch what it does not write. */
static void reading_changes_nothing(void **state)
{
	struct folder f;
	struct result r;

	(void)state;
	start(&f);
	make_ext4(&f);
	r = RUN("run", "--image", f.fs, "--read-only", "--workload", "rw",
	        "--requests", "200", FVP);
	expect_run(&r, 0, "pass");
	end_result(&r);
	r = RUN("run", "--image", f.fs, "--workload", "verify", FVP);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "4194304 bytes compared");
	end_result(&r);
	must(program("cp", f.fs, f.disk, NULL, NULL, NULL));
	expect_ext4(&f);
	remove_folder(f.dir);
}

/** Two images: --disk says which, and the other stays as it was. */
static void second_image(void **state)
{
	struct folder f;
	struct result r;
	char *bytes;
	size_t size;

	(void)state;
	start(&f);
	r = RUN("run", "--image", f.fs, "--image", f.disk, "--disk", "1",
	        "--write-from", f.file, FVP);
	/* 20000 bytes are no whole sectors. */
	assert_int_equal(r.status, 2);
	expect_text(r.err, "file: the size is not a multiple of 512 bytes\n");
	end_result(&r);
	write_file(f.file, f.text, 512 * 30);
	r = RUN("run", "--image", f.fs, "--image", f.disk, "--disk", "1",
	        "--write-from", f.file, FVP);
	expect_run(&r, 0, "pass");
	end_result(&r);
	bytes = read_file(f.disk, &size);
	assert_int_equal(size, IMAGE_SIZE);
	assert_memory_equal(bytes, f.text, 512 * 30);
	free(bytes);
	bytes = read_file(f.fs, &size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], 0);
	free(bytes);
	remove_folder(f.dir);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ext4_behind_the_smmu),
        cmocka_unit_test(ext4_on_the_host_s_cache),
        cmocka_unit_test(ext4_on_qemu),
        cmocka_unit_test(vfat_behind_the_smmu),
        cmocka_unit_test(reading_changes_nothing),
        cmocka_unit_test(second_image),
};

CHECK_MAIN(tests)
