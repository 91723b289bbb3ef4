/* SPDX-License-Identifier: MIT */
/* The views of dmasim run, as files that a user opens. */
#include <jansson.h>

#include "command.h"

static const char *path_in(char *buf, size_t size, const char *dir,
                           const char *name)
{
	snprintf(buf, size, "%s/%s", dir, name);
	return buf;
}

static void life_in_the_report(void **state)
{
	struct result r =
	        RUN("run", "--view-line", "virtqueue 0 used", KVMTOOL);

	(void)state;
	expect_run(&r, 1, "hang");
	expect_text(r.out, "\nline       the life of virtqueue 0 used,");
	expect_text(r.out, ". cpu0 reads past the caches virtqueue 0 used.idx");
	expect_text(r.out, "     ! MISMATCHED_ALIAS: virtqueue 0 used.idx");
	end_result(&r);
}

static void life_in_json(void **state)
{
	struct result r = RUN("run", "--json", "--view-line",
	                      "virtqueue 0 used", KVMTOOL);
	json_t *j = json_loads(r.out, 0, NULL), *line;

	(void)state;
	assert_non_null(j);
	line = json_object_get(j, "line");
	assert_string_equal(json_string_value(json_object_get(line, "line")),
	                    "0x8ffde000");
	assert_true(json_array_size(json_object_get(line, "steps")) >= 3);
	json_decref(j);
	end_result(&r);
}

static void by_address(void **state)
{
	struct result r = RUN("run", "--view-line", "0x8ffde002", KVMTOOL);

	(void)state;
	/* From the very first write: the allocator's zeroes. */
	expect_text(r.out, "the life of 0x8ffde002, step by step");
	expect_text(r.out, "  1. cpu0 puts into its store buffer ");
	end_result(&r);
}

static void page(void **state)
{
	char dir[] = TEMP_FOLDER, path[64], *html;
	struct result r;
	size_t size;

	(void)state;
	make_folder(dir);
	path_in(path, sizeof(path), dir, "page.html");
	r = RUN("run", "--view-line", "virtqueue 0 used", "--html", path,
	        KVMTOOL);
	expect_run(&r, 1, "hang");
	assert_null(strstr(r.out, "step by step"));
	html = read_file(path, &size);
	expect_text(html, "<title>The life of a cache line: virtqueue 0 used");
	expect_text(html, "MISMATCHED_ALIAS");
	expect_text(html, "no answer in time");
	free(html);
	end_result(&r);
	remove_folder(dir);
}

static void chrome_trace(void **state)
{
	char dir[] = TEMP_FOLDER, path[64], *text;
	struct result r;
	size_t size;
	json_t *j;

	(void)state;
	make_folder(dir);
	path_in(path, sizeof(path), dir, "trace.json");
	r = RUN("run", "--chrome-trace", path, FVP);
	assert_int_equal(r.status, 0);
	text = read_file(path, &size);
	j = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_true(json_array_size(json_object_get(j, "traceEvents")) > 100);
	json_decref(j);
	free(text);
	end_result(&r);
	remove_folder(dir);
}

/* A hang, an error of the driver, the limit: the JSON is whole each time. */
static void whole_after_errors(void **state)
{
	static const char *const limits[] = {"1ns", "60us", "80us", "20ms"};
	char dir[] = TEMP_FOLDER, path[64];

	(void)state;
	make_folder(dir);
	path_in(path, sizeof(path), dir, "trace.json");
	for (size_t i = 0; i < 4; i++) {
		struct result r = RUN("run", "--limit", limits[i],
		                      "--chrome-trace", path, KVMTOOL);
		size_t size;
		char *text = read_file(path, &size);
		json_t *j = json_loadb(text, size, 0, NULL);

		assert_int_equal(r.status, 1);
		assert_non_null(j);
		json_decref(j);
		free(text);
		end_result(&r);
	}
	remove_folder(dir);
}

#ifdef HAVE_SYSTEMC
static void waves(void **state)
{
	char dir[] = TEMP_FOLDER, path[64], *text;
	struct result r;
	size_t size;

	(void)state;
	make_folder(dir);
	path_in(path, sizeof(path), dir, "waves");
	r = RUN("run", "--vcd", path, FVP);
	assert_int_equal(r.status, 0);
	text = read_file(path, &size);
	assert_memory_equal(text, "$timescale", 10);
	expect_text(text, "$scope module irq $end");
	expect_text(text, "$scope module cpu0 $end");
	expect_text(text, " barriers ");
	free(text);
	end_result(&r);
	remove_folder(dir);
}
#else
static void waves(void **state)
{
	struct result r = RUN("run", "--vcd", "/dev/null", FVP);

	(void)state;
	assert_int_equal(r.status, 2);
	expect_text(r.err, "SystemC");
	end_result(&r);
}
#endif

/* One view from each kernel: the same bytes. */
static void same_bytes(void **state)
{
	static const char *const kernels[] = {"native", "systemc"};
	char dir[] = TEMP_FOLDER, html[64], trace[64], vcd[64];
	char *first[3] = {NULL};
	size_t sizes[3];

	(void)state;
	make_folder(dir);
	path_in(html, sizeof(html), dir, "h");
	path_in(trace, sizeof(trace), dir, "t");
	path_in(vcd, sizeof(vcd), dir, "v");
	for (size_t i = 0; i < 2; i++) {
		const char *paths[] = {html, trace, vcd};
		struct result r = RUN("run", "--kernel", kernels[i],
		                      "--view-line", "virtqueue 0 avail",
		                      "--html", html, "--chrome-trace", trace,
		                      "--vcd", vcd, "--workload", "rw", FVP);

		if (i == 1 && r.status == 2) {
			end_result(&r);
			break; /* a build without SystemC */
		}
		for (size_t k = 0; k < 3 && r.status != 2; k++) {
			size_t size;
			char *text = read_file(paths[k], &size);

			if (i == 0) {
				first[k] = text;
				sizes[k] = size;
				continue;
			}
			assert_int_equal(size, sizes[k]);
			assert_memory_equal(text, first[k], size);
			free(text);
		}
		end_result(&r);
	}
	for (size_t k = 0; k < 3; k++)
		free(first[k]);
	remove_folder(dir);
}

static void refused(void **state)
{
	static const struct {
		const char *option, *argument, *message;
	} bad[] = {
	        {"--view-line", "", "neither an address nor a name"},
	        {"--view-line", "0x10", "there is no RAM at 0x10"},
	        {"--view-line", "0x9000000000", "there is no RAM"},
	        {"--view-line", "no such thing",
	         "nothing named 'no such thing' was accessed"},
	        {"--html", "/tmp/x", "give --view-line, too"},
	        {"--chrome-trace", "/nonexistent/x", "/nonexistent/x: No such"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct result r =
		        RUN("run", bad[i].option, bad[i].argument, KVMTOOL);

		assert_int_equal(r.status, 2);
		expect_text(r.err, bad[i].message);
		assert_string_equal(r.out, "");
		end_result(&r);
	}
}

static void full_disk(void **state)
{
	struct result r = RUN("run", "--chrome-trace", "/dev/full", FVP);

	(void)state;
	assert_int_equal(r.status, 3);
	expect_text(r.err, "dmasim: /dev/full: cannot write it");
	end_result(&r);
	r = RUN("run", "--view-line", "virtqueue 0 used", "--html", "/dev/full",
	        FVP);
	assert_int_equal(r.status, 3);
	expect_text(r.err, "dmasim: /dev/full: cannot write it");
	end_result(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(life_in_the_report),
        cmocka_unit_test(life_in_json),
        cmocka_unit_test(by_address),
        cmocka_unit_test(page),
        cmocka_unit_test(chrome_trace),
        cmocka_unit_test(whole_after_errors),
        cmocka_unit_test(waves),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(refused),
        cmocka_unit_test(full_disk),
};

CHECK_MAIN(tests)
