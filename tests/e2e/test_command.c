/* SPDX-License-Identifier: MIT */
/* The manners of the command: help, JSON, exit status, output. */
#include <jansson.h>

#include "command.h"

static const char *const verbs[] = {"run", "decode", "replay"};

static void general_help(void **state)
{
	struct result r = RUN("--help"), h = RUN("help"), none;

	(void)state;
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out, h.out);
	assert_string_equal(r.err, "");
	for (size_t i = 0; i < 3; i++) {
		char line[32];

		snprintf(line, sizeof(line), "\n  %-8s ", verbs[i]);
		expect_text(r.out, line);
	}
	expect_text(r.out, "Exit status:");
	none = run_program((const char *const[]){COMMAND, NULL});
	assert_int_equal(none.status, 2);
	assert_string_equal(none.out, "");
	assert_string_equal(none.err, r.out);
	end_result(&none);
	end_result(&r);
	end_result(&h);
}

static void help_of_each_verb(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct result r = RUN(verbs[i], "--help");
		struct result h = RUN("help", verbs[i]);
		char usage[64];

		assert_int_equal(r.status, 0);
		assert_string_equal(r.err, "");
		assert_string_equal(r.out, h.out);
		snprintf(usage, sizeof(usage), "Usage: dmasim %s ", verbs[i]);
		expect_text(r.out, usage);
		expect_text(r.out, "Example");
		expect_text(r.out, "Exit status:");
		expect_text(r.out, "--json");
		end_result(&r);
		end_result(&h);
	}
}

static void version(void **state)
{
	struct result r = RUN("--version");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_int_equal(strncmp(r.out, "dmasim ", 7), 0);
	end_result(&r);
}

static void no_such_verb(void **state)
{
	struct result r = RUN("fly"), h = RUN("help", "fly");

	(void)state;
	assert_int_equal(r.status, 2);
	assert_string_equal(
	        r.err, "dmasim: fly: no such verb (try 'dmasim --help')\n");
	assert_int_equal(h.status, 2);
	assert_string_equal(h.err, r.err);
	end_result(&r);
	end_result(&h);
}

static json_t *parse(const struct result *r)
{
	json_error_t e;
	json_t *j = json_loads(r->out, JSON_REJECT_DUPLICATES, &e);

	if (!j)
		fail_msg("line %d: %s in:\n%s", e.line, e.text, r->out);
	return j;
}

static const char *text_at(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	assert_non_null(text);
	return text;
}

static void json_of_a_pass(void **state)
{
	struct result r = RUN("run", "--json", FVP);
	json_t *j = parse(&r), *part, *table;

	(void)state;
	assert_int_equal(r.status, 0);
	assert_string_equal(text_at(j, "schema"), "dmasim.run.1");
	assert_string_equal(text_at(j, "status"), "ok");
	assert_string_equal(text_at(j, "result"), "pass");
	assert_true(json_is_null(json_object_get(j, "failure")));
	assert_true(json_integer_value(json_object_get(j, "time_ps")) > 0);
	part = json_object_get(j, "machine");
	assert_string_equal(text_at(part, "platform"), FVP);
	assert_int_equal(json_integer_value(json_object_get(part, "cpus")), 2);
	assert_int_equal(json_array_size(json_object_get(part, "ram")), 2);
	part = json_object_get(j, "disk");
	assert_string_equal(text_at(part, "path"),
	                    "/pci@40000000/virtio-blk@0,0");
	assert_string_equal(text_at(part, "port"), "coherent");
	part = json_object_get(j, "driver");
	assert_string_equal(text_at(part, "policy"), "dma-api");
	assert_string_equal(text_at(part, "mapping"), "iommu");
	part = json_object_get(j, "workload");
	table = json_object_get(part, "partitions");
	assert_int_equal(json_array_size(table), 1);
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 0);
	json_decref(j);
	end_result(&r);
}

static void json_of_a_hang(void **state)
{
	struct result r = RUN("run", "--json", KVMTOOL);
	json_t *j = parse(&r), *f;

	(void)state;
	assert_int_equal(r.status, 1);
	assert_string_equal(text_at(j, "status"), "finding");
	assert_string_equal(text_at(j, "result"), "hang");
	expect_text(text_at(j, "because"), "non-cacheable");
	f = json_array_get(json_object_get(j, "findings"), 0);
	assert_string_equal(text_at(f, "kind"), "MISMATCHED_ALIAS");
	assert_string_equal(text_at(f, "object"), "virtqueue 0 used.idx");
	assert_string_equal(text_at(f, "seen"), "00");
	assert_string_equal(text_at(f, "expected"), "01");
	assert_string_equal(text_at(json_object_get(f, "writer"), "agent"),
	                    "virtio-blk 0");
	assert_string_equal(text_at(json_object_get(f, "reader"), "alias"),
	                    "Normal NC");
	json_decref(j);
	end_result(&r);
}

static void json_of_bad_input(void **state)
{
	struct result r = RUN("run", "/nonexistent.dts", "--json");
	json_t *j = parse(&r), *e;

	(void)state;
	assert_int_equal(r.status, 2);
	assert_string_equal(text_at(j, "status"), "bad-input");
	e = json_object_get(j, "error");
	assert_string_equal(text_at(e, "place"), "/nonexistent.dts");
	expect_text(text_at(e, "text"), "No such file");
	expect_text(r.err, "dmasim: /nonexistent.dts: ");
	json_decref(j);
	end_result(&r);
}

static void json_of_bad_options(void **state)
{
	struct result r = RUN("run", "--fly", "--json");
	json_t *j = parse(&r);

	(void)state;
	assert_int_equal(r.status, 2);
	assert_string_equal(text_at(j, "status"), "bad-input");
	json_decref(j);
	end_result(&r);
}

static void trace_is_written(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;
	unsigned long long last = 0;
	char *text, *line;
	size_t size;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/trace", dir);
	r = RUN("run", "--trace", path, FVP);
	assert_int_equal(r.status, 0);
	text = read_file(path, &size);
	assert_true(size > 0);
	/* Each line is "TIME SOURCE: TEXT", in order of time. */
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *end;
		unsigned long long time = strtoull(line, &end, 10);

		assert_true(end > line && *end == ' ' && time >= last);
		assert_non_null(strstr(end, ": "));
		last = time;
	}
	free(text);
	end_result(&r);
	remove_folder(dir);
}

static void full_output_is_an_error(void **state)
{
	struct result r = run_program((const char *const[]){
	        "sh", "-c", COMMAND " run " FVP " >/dev/full", NULL});

	(void)state;
	assert_int_equal(r.status, 3);
	expect_text(r.err, "dmasim: stdout: cannot write the report\n");
	end_result(&r);
	r = RUN("run", "--trace", "/dev/full", FVP);
	assert_int_equal(r.status, 3);
	expect_text(r.err, "dmasim: /dev/full: cannot write the trace\n");
	end_result(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(general_help),
        cmocka_unit_test(help_of_each_verb),
        cmocka_unit_test(version),
        cmocka_unit_test(no_such_verb),
        cmocka_unit_test(json_of_a_pass),
        cmocka_unit_test(json_of_a_hang),
        cmocka_unit_test(json_of_bad_input),
        cmocka_unit_test(json_of_bad_options),
        cmocka_unit_test(trace_is_written),
        cmocka_unit_test(full_output_is_an_error),
};

CHECK_MAIN(tests)
