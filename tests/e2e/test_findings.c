/* SPDX-License-Identifier: MIT */
/* What dmasim run and replay do with findings: files, forms, suppressions. */
#include "command.h"

#include <jansson.h>

#define LOG "traces/2017-01-fvp-virtio-blk.log"

struct folder {
	char dir[sizeof(TEMP_FOLDER)];
	char out[64], supp[64];
};

static void open_folder(struct folder *f, const char *suppressions)
{
	memcpy(f->dir, TEMP_FOLDER, sizeof(f->dir));
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->out, sizeof(f->out), "%s/out", f->dir);
	snprintf(f->supp, sizeof(f->supp), "%s/supp", f->dir);
	write_file(f->supp, suppressions, strlen(suppressions));
}

static void close_folder(struct folder *f)
{
	remove(f->out);
	remove(f->supp);
	rmdir(f->dir);
}

static json_t *load(const struct folder *f)
{
	json_t *j = json_load_file(f->out, 0, NULL);

	assert_non_null(j);
	return j;
}

static void written_in_each_form(void **state)
{
	struct folder f;
	struct result r;
	json_t *j;
	char *text;
	size_t size;

	(void)state;
	open_folder(&f, "");
	r = RUN("run", "--findings", f.out, KVMTOOL);
	expect_run(&r, 1, "hang");
	text = read_file(f.out, &size);
	expect_text(text, "1. MISMATCHED_ALIAS: virtqueue 0 used.idx");
	free(text);
	end_result(&r);
	r = RUN("run", "--findings", f.out, "--format", "json", KVMTOOL);
	j = load(&f);
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 1);
	json_decref(j);
	end_result(&r);
	r = RUN("run", "--findings", f.out, "--format", "sarif", KVMTOOL);
	j = load(&f);
	assert_string_equal(json_string_value(json_object_get(j, "version")),
	                    "2.1.0");
	json_decref(j);
	end_result(&r);
	close_folder(&f);
}

static void suppressed(void **state)
{
	struct folder f;
	struct result r;

	(void)state;
	open_folder(&f, "MISMATCHED_ALIAS source=harness/driver/*\n"
	                "LOST_WRITE # none there\n");
	r = RUN("run", "--suppress", f.supp, KVMTOOL);
	expect_run(&r, 1, "hang");
	expect_text(r.out, "findings   0 (1 suppressed)\n");
	expect_text(r.err, "line 2: LOST_WRITE: not used\n");
	end_result(&r);
	/* A replay tells of its drivers if it is asked. */
	r = RUN("replay", LOG);
	assert_int_equal(r.status, 0);
	end_result(&r);
	r = RUN("replay", "--findings", f.out, LOG);
	assert_int_equal(r.status, 1);
	end_result(&r);
	write_file(f.supp, "UNTRANSLATED\n", 13);
	r = RUN("replay", "--findings", f.out, "--suppress", f.supp, LOG);
	assert_int_equal(r.status, 0);
	end_result(&r);
	close_folder(&f);
}

static void refused(void **state)
{
	struct folder f;
	struct result r;

	(void)state;
	open_folder(&f, "*\nNOTHING\n");
	r = RUN("run", "--suppress", f.supp, KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "supp: line 2: 'NOTHING' is no kind of finding\n");
	end_result(&r);
	r = RUN("run", "--suppress", "/nowhere/at/all", KVMTOOL);
	assert_int_equal(r.status, 2);
	end_result(&r);
	r = RUN("run", "--format", "xml", KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "--format: 'xml' is none of text, json, sarif\n");
	end_result(&r);
	r = RUN("replay", "--min-severity", "high", LOG);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "--min-severity: 'high' is neither");
	end_result(&r);
	r = RUN("run", "--findings", "/nowhere/at/all", KVMTOOL);
	assert_int_equal(r.status, 2);
	end_result(&r);
	r = RUN("run", "--findings", "/dev/full", "--min-severity", "observed",
	        KVMTOOL);
	assert_int_equal(r.status, 3);
	end_result(&r);
	close_folder(&f);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_in_each_form),
        cmocka_unit_test(suppressed),
        cmocka_unit_test(refused),
};

CHECK_MAIN(tests)
