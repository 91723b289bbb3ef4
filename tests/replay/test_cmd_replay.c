/* SPDX-License-Identifier: MIT */
/* dmasim replay and dmasim decode as a user runs them. */
#include <jansson.h>

#include "e2e/command.h"

#define TRACE "traces/2017-01-fvp-virtio-blk.log"

static void check_status(const struct result *r, int status)
{
	if (r->status != status)
		fail_msg("exit status %d, %d expected:\n%s%s", r->status,
		         status, r->out, r->err);
}

static void test_main_job(void **state)
{
	struct result r = RUN("replay", TRACE);

	(void)state;
	check_status(&r, 0);
	assert_string_equal(r.err, "");
	expect_text(r.out, TRACE ": 2 event records\n");
	expect_text(r.out, "legacy ring of 256 entries at 0x8fa080000");
	expect_text(r.out, "partition 1: type 0x83");
	expect_text(r.out, "result: 2 of 2 records reproduced\n");
	end_result(&r);
}

/** On both keepers of time, and twice: the same bytes. */
static void test_same_bytes(void **state)
{
	static const char *const kernels[] = {"native", "systemc", "native"};
	char dir[] = TEMP_FOLDER;
	char *first = NULL, *first_trace = NULL;
	size_t first_size = 0, first_trace_size = 0;

	(void)state;
	make_folder(dir);
	for (size_t i = 0; i < 3; i++) {
		char path[64];
		struct result r;
		char *trace;
		size_t size;

		snprintf(path, sizeof(path), "%s/trace", dir);
		r = RUN("replay", "--kernel", kernels[i], "--seed", "3",
		        "--trace", path, TRACE);
		check_status(&r, 0);
		trace = read_file(path, &size);
		if (!first) {
			first = r.out;
			first_size = r.out_size;
			first_trace = trace;
			first_trace_size = size;
			free(r.err);
			continue;
		}
		assert_int_equal(r.out_size, first_size);
		assert_memory_equal(r.out, first, first_size);
		assert_int_equal(size, first_trace_size);
		assert_memory_equal(trace, first_trace, size);
		free(trace);
		end_result(&r);
	}
	free(first);
	free(first_trace);
	remove_folder(dir);
}

static void test_json(void **state)
{
	struct result r = RUN("replay", "--json", TRACE, TRACE);
	json_t *j = json_loads(r.out, 0, NULL);
	json_t *logs = json_object_get(j, "logs");

	(void)state;
	check_status(&r, 0);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "schema")),
	                    "dmasim.replay.1");
	assert_string_equal(json_string_value(json_object_get(j, "status")),
	                    "ok");
	assert_int_equal(json_array_size(logs), 2);
	assert_true(
	        json_equal(json_array_get(logs, 0), json_array_get(logs, 1)));
	json_decref(j);
	end_result(&r);
}

/** Match, mismatch and bad input are told apart; the worst one counts. */
static void test_exit_status(void **state)
{
	struct result r = RUN("replay", "--profile", "qemu-7.2", TRACE);
	json_t *j;

	(void)state;
	check_status(&r, 1);
	expect_text(r.out, "  2 different\n");
	end_result(&r);
	r = RUN("replay", "--json", "--profile", "qemu-7.2", TRACE);
	check_status(&r, 1);
	j = json_loads(r.out, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(j, "status")),
	                    "finding");
	json_decref(j);
	end_result(&r);
	r = RUN("replay", TRACE, "README.md");
	check_status(&r, 2);
	expect_text(r.out, "result: 2 of 2 records reproduced");
	expect_text(r.err, "dmasim: README.md: line ");
	end_result(&r);
	r = RUN("replay", "README.md", TRACE);
	check_status(&r, 2);
	assert_string_equal(r.out, "");
	end_result(&r);
}

static void test_options(void **state)
{
	struct result r =
	        RUN("replay", "--queue-size", "0x400", "--layout", "legacy",
	            "--dtb", FVP, "--profile", "fvp-2017", TRACE);

	(void)state;
	expect_text(r.out, "legacy ring of 1024 entries at 0x8fa07d000");
	end_result(&r);
	r = RUN("replay", "--layout=modern", TRACE);
	check_status(&r, 0);
	expect_text(r.out, "modern avail ring of any size");
	end_result(&r);
}

static void test_stdin_and_trace(void **state)
{
	static const char text[] =
	        " x [0] ..... 1.0: map: IOMMU: iova=0x8fa081000 - 0x8fa082000 "
	        "paddr=0x1000 size=4096\n"
	        " x [0] ..... 1.2: unmap: IOMMU: iova=0x8fa081000 - "
	        "0x8fa082000 size=4096 unmapped_size=4096\n";
	char dir[] = TEMP_FOLDER;
	char command[512], path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/trace", dir);
	write_file(path, text, sizeof(text) - 1);
	snprintf(command, sizeof(command),
	         COMMAND " replay --iommu-trace %s - < " TRACE, path);
	r = run_program((const char *const[]){"sh", "-c", command, NULL});
	check_status(&r, 0);
	expect_text(r.out, "stdin: 2 event records\n");
	expect_text(r.out, "in the trace: unmapped 11.721 ms before, by line "
	                   "of the trace 2");
	end_result(&r);
	remove_folder(dir);
}

static void test_keep_going(void **state)
{
	static const char text[] = "arm-smmu-v3 a: event 0x10 received:\n"
	                           "arm-smmu-v3 a: event 0x04 received:\n"
	                           "arm-smmu-v3 a: 0x0000000800000004\n"
	                           "arm-smmu-v3 a: 0x0000000000000000\n"
	                           "arm-smmu-v3 a: 0x0000000000000000\n"
	                           "arm-smmu-v3 a: 0x0000000000000000\n";
	char dir[] = TEMP_FOLDER;
	char path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/log", dir);
	write_file(path, text, sizeof(text) - 1);
	r = RUN("replay", "--keep-going", path);
	check_status(&r, 0);
	expect_text(r.out, "  line 1: this record has only 0 of its 4 words; "
	                   "left out\n");
	expect_text(r.out, "1 of 1 record reproduced");
	end_result(&r);
	remove_folder(dir);
}

/** The other half of the verb has its own tests; here it is only reached. */
static void test_snapshot(void **state)
{
	static const char dir[] = "traces/recordings/smmu-evtq-overflow-k61";
	struct result r = RUN("replay", "--snapshot", dir);
	json_t *j;

	(void)state;
	check_status(&r, 0);
	expect_text(r.out, " rows, ");
	end_result(&r);
	r = RUN("replay", "--json", "--snapshot", dir);
	check_status(&r, 0);
	j = json_loads(r.out, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(j, "schema")),
	                    "dmasim.replay.1");
	assert_true(json_is_object(json_object_get(j, "snapshot")));
	json_decref(j);
	end_result(&r);
	r = RUN("replay", "--snapshot", "traces/nothing-here");
	check_status(&r, 2);
	assert_string_equal(r.out, "");
	end_result(&r);
}

static void test_help(void **state)
{
	struct result r = RUN("replay", "--help");

	(void)state;
	check_status(&r, 0);
	expect_text(r.out, "Usage: dmasim replay [OPTION]... FILE...\n");
	expect_text(r.out, "--queue-size N");
	expect_text(r.out, "Exit status:\n");
	end_result(&r);
	r = RUN("decode", "--help");
	check_status(&r, 0);
	expect_text(r.out, "Usage: dmasim decode event W0 W1 W2 W3\n");
	end_result(&r);
}

/* ---- decode ---- */

static void test_decode_event(void **state)
{
	struct result r = RUN("decode", "event", "0x00000000fffff010",
	                      "20800000000", "0X8FA081002", "0");

	(void)state;
	check_status(&r, 0);
	expect_text(r.out, "event record: F_TRANSLATION\n");
	expect_text(r.out, "RnW              0x1  read\n");
	expect_text(r.out, "InputAddr        0x8fa081002");
	end_result(&r);
	r = RUN("decode", "event", "77", "0", "0", "0");
	check_status(&r, 0);
	expect_text(r.out, "event record: a number that the architecture does "
	                   "not name\n");
	end_result(&r);
}

static void test_decode_others(void **state)
{
	struct result r = RUN("decode", "ste", "480e800b", "0", "0", "0", "0",
	                      "0", "0", "0");

	(void)state;
	check_status(&r, 0);
	expect_text(r.out, "stream table entry\n");
	expect_text(r.out, "Config");
	end_result(&r);
	r = RUN("decode", "cd", "80000010", "0", "0", "0", "0", "0", "0", "0");
	check_status(&r, 0);
	expect_text(r.out, "context descriptor\n");
	expect_text(r.out, "T0SZ");
	end_result(&r);
	r = RUN("decode", "cmd", "0x0000000800000003", "1");
	check_status(&r, 0);
	expect_text(r.out, "command: CMD_CFGI_STE\n");
	end_result(&r);
	r = RUN("decode", "cmd", "0xff", "0");
	check_status(&r, 0);
	expect_text(r.out,
	            "command: an opcode that the architecture does not name\n");
	end_result(&r);
	r = RUN("decode", "pte", "--level", "3", "0x00e8000043113f47");
	check_status(&r, 0);
	expect_text(r.out, "translation table descriptor\n");
	expect_text(r.out, "0x43113000");
	end_result(&r);
	r = RUN("decode", "pte", "--stage=2", "--level", "-1", "--granule",
	        "64k", "3");
	check_status(&r, 0);
	end_result(&r);
}

static void test_decode_json(void **state)
{
	struct result r =
	        RUN("decode", "--json", "event", "fffff010", "0", "1000", "0");
	json_t *j = json_loads(r.out, 0, NULL);
	json_t *field = json_array_get(json_object_get(j, "fields"), 0);

	(void)state;
	check_status(&r, 0);
	assert_string_equal(json_string_value(json_object_get(j, "schema")),
	                    "dmasim.decode.1");
	assert_string_equal(json_string_value(json_object_get(j, "kind")),
	                    "event");
	assert_string_equal(json_string_value(json_object_get(j, "name")),
	                    "F_TRANSLATION");
	assert_int_equal(json_array_size(json_object_get(j, "words")), 4);
	assert_string_equal(json_string_value(json_object_get(field, "value")),
	                    "0x10");
	json_decref(j);
	end_result(&r);
	r = RUN("decode", "--json", "pte", "0");
	check_status(&r, 0);
	j = json_loads(r.out, 0, NULL);
	assert_true(json_is_null(json_object_get(j, "name")));
	json_decref(j);
	end_result(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_main_job),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_exit_status),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_stdin_and_trace),
        cmocka_unit_test(test_keep_going),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_decode_event),
        cmocka_unit_test(test_decode_others),
        cmocka_unit_test(test_decode_json),
};

CHECK_MAIN(tests)
