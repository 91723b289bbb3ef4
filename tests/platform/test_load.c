/* SPDX-License-Identifier: MIT */
/* Reading a tree from a file. */
#include <sys/stat.h>

#include "plat_internal.h"
#include "tree.h"

struct file {
	char dir[32];
	char path[64];
};

static struct file make_file(const char *name, const void *data, size_t size)
{
	struct file f = {"/tmp/dmasim-load-XXXXXX", ""};
	FILE *out;

	assert_non_null(mkdtemp(f.dir));
	snprintf(f.path, sizeof(f.path), "%s/%s", f.dir, name);
	out = fopen(f.path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
	return f;
}

static void end_file(struct file *f)
{
	unlink(f->path);
	rmdir(f->dir);
}

static int load(const char *path, struct tree *t, struct dmasim_diag *diag)
{
	*t = (struct tree){0};
	return dmasim_fdt_load(path, &t->fdt, &t->size, diag);
}

/** Loading a file of this name and content fails with that. */
static void expect(const char *name, const char *text, int status,
                   const char *message)
{
	struct file f = make_file(name, text, strlen(text));
	struct dmasim_diag diag;
	struct tree t;

	assert_int_equal(load(f.path, &t, &diag), status);
	assert_non_null(strstr(diag.text, message));
	assert_null(t.fdt);
	end_file(&f);
}

static void blob(void **state)
{
	struct tree want = tree_compile(tree_base()), got;
	struct file f = make_file("any.name", want.fdt, want.size);
	struct dmasim_diag diag = {"old"};

	(void)state;
	assert_int_equal(load(f.path, &got, &diag), DMASIM_OK);
	assert_string_equal(diag.text, "");
	assert_int_equal(got.size, want.size);
	assert_memory_equal(got.fdt, want.fdt, want.size);
	free(got.fdt);
	free(want.fdt);
	end_file(&f);
}

static void source(void **state)
{
	struct tree want = tree_compile(tree_base()), got;

	(void)state;
	assert_int_equal(
	        load(DMASIM_SOURCE_DIR "/tests/platform/base.dts", &got, NULL),
	        DMASIM_OK);
	assert_int_equal(got.size, want.size);
	assert_memory_equal(got.fdt, want.fdt, want.size);
	free(got.fdt);
	free(want.fdt);
}

static void shipped_sources(void **state)
{
	static const char *const names[] = {"fvp-base-2017", "kvmtool-2017",
	                                    "qemu-virt"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct plat_desc *d = calloc(1, sizeof(*d));
		struct dmasim_diag diag;
		char path[256];
		struct tree t;

		assert_non_null(d);
		snprintf(path, sizeof(path),
		         DMASIM_SOURCE_DIR "/platforms/%s.dts", names[i]);
		assert_int_equal(load(path, &t, &diag), DMASIM_OK);
		assert_int_equal(plat_describe(t.fdt, t.size, 0, &diag, d),
		                 DMASIM_OK);
		assert_true(d->disk_count > 0);
		plat_describe_end(d);
		free(d);
		free(t.fdt);
	}
}

static void missing_file(void **state)
{
	struct dmasim_diag diag;
	struct tree t;

	(void)state;
	assert_int_equal(load("/nonexistent/x.dts", &t, &diag), DMASIM_E_IO);
	assert_string_equal(diag.text,
	                    "cannot open: No such file or directory");
}

static void directory(void **state)
{
	struct dmasim_diag diag;
	struct tree t;

	(void)state;
	assert_int_equal(load("/tmp", &t, &diag), DMASIM_E_IO);
	assert_string_equal(diag.text, "cannot read: Is a directory");
}

static void empty_file(void **state)
{
	(void)state;
	expect("x.dts", "", DMASIM_E_FORMAT, "the file is empty");
}

static void neither(void **state)
{
	(void)state;
	expect("x.txt", "hello", DMASIM_E_FORMAT, "no magic number at byte 0");
}

static void too_large(void **state)
{
	struct file f = make_file("x.dtb", "", 0);
	struct dmasim_diag diag;
	struct tree t;

	(void)state;
	assert_int_equal(truncate(f.path, 40 * 1024 * 1024), 0);
	assert_int_equal(load(f.path, &t, &diag), DMASIM_E_FORMAT);
	assert_string_equal(diag.text, "larger than 16777216 bytes");
	end_file(&f);
}

static void syntax_error(void **state)
{
	(void)state;
	expect("x.dts", "/dts-v1/;\n/ {\n  a = <1;\n};\n", DMASIM_E_FORMAT,
	       "x.dts:3.");
}

static void missing_label(void **state)
{
	(void)state;
	expect("x.dts", "/dts-v1/;\n/ { a = <&nobody>; };\n", DMASIM_E_FORMAT,
	       "nobody");
}

static void no_dtc(void **state)
{
	(void)state;
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	expect("x.dts", "/dts-v1/;\n/ { };\n", DMASIM_E_NOTFOUND,
	       "needs the program dtc (package device-tree-compiler)");
}

static void dtc_dies(void **state)
{
	struct file f = make_file("dtc", "#!/bin/sh\nkill -9 $$\n", 21);
	char path[128];

	(void)state;
	assert_int_equal(chmod(f.path, 0700), 0);
	snprintf(path, sizeof(path), "%s:/bin", f.dir);
	assert_int_equal(setenv("PATH", path, 1), 0);
	expect("x.dts", "/dts-v1/;\n/ { };\n", DMASIM_E_FORMAT, "dtc refuses");
	end_file(&f);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(blob),          cmocka_unit_test(source),
        cmocka_unit_test(missing_file),  cmocka_unit_test(directory),
        cmocka_unit_test(empty_file),    cmocka_unit_test(neither),
        cmocka_unit_test(too_large),     cmocka_unit_test(syntax_error),
        cmocka_unit_test(missing_label), cmocka_unit_test(shipped_sources),
        cmocka_unit_test(dtc_dies),      cmocka_unit_test(no_dtc),
};

CHECK_MAIN(tests)
