/* SPDX-License-Identifier: MIT */
/* What the verbs share, and a run, where the host's memory ends. */
#include <fcntl.h>

#include "command.h"
#include "dmasim/status.h"
#include "fail_alloc.h"
#include "tool.h"

/** stdout and stderr into the void while the command runs in here. */
struct quiet {
	int out, err;
};

static struct quiet quieten(void)
{
	struct quiet q;
	int null = open("/dev/null", O_WRONLY);

	assert_true(null >= 0);
	fflush(NULL);
	q = (struct quiet){dup(1), dup(2)};
	assert_true(dup2(null, 1) == 1 && dup2(null, 2) == 2);
	close(null);
	return q;
}

static void loud(const struct quiet *q)
{
	fflush(NULL);
	assert_true(dup2(q->out, 1) == 1 && dup2(q->err, 2) == 2);
	close(q->out);
	close(q->err);
}

static void exit_statuses(void **state)
{
	static const struct {
		int status, exit_status;
	} cases[] = {
	        {DMASIM_OK, TOOL_OK},
	        {DMASIM_E_HANG, TOOL_FINDING},
	        {DMASIM_E_TIMEOUT, TOOL_FINDING},
	        {DMASIM_E_FAULT, TOOL_FINDING},
	        {DMASIM_E_DEVICE, TOOL_FINDING},
	        {DMASIM_E_FORMAT, TOOL_BAD_INPUT},
	        {DMASIM_E_IO, TOOL_BAD_INPUT},
	        {DMASIM_E_NOTFOUND, TOOL_BAD_INPUT},
	        {DMASIM_E_UNSUPPORTED, TOOL_BAD_INPUT},
	        {DMASIM_E_NOMEM, TOOL_INTERNAL},
	        {DMASIM_E_KERNEL, TOOL_INTERNAL},
	        {-1000, TOOL_INTERNAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(tool_exit_status(cases[i].status),
		                 cases[i].exit_status);
}

static void numbers(void **state)
{
	static const char *const bad[] = {
	        "",   "x",   "-1", "+1", " 1",  "1 ",
	        "0x", "0xg", "1k", "1.", "08x", "18446744073709551616"};
	uint64_t v;

	(void)state;
	assert_true(tool_parse_number("0", &v) && v == 0);
	assert_true(tool_parse_number("010", &v) && v == 10);
	assert_true(tool_parse_number("0xfF", &v) && v == 255);
	assert_true(tool_parse_number("0Xa0", &v) && v == 160);
	assert_true(tool_parse_number("18446744073709551615", &v) &&
	            v == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(tool_parse_number(bad[i], &v));
}

static void times(void **state)
{
	static const struct {
		const char *text;
		uint64_t ps;
		const char *shown;
	} good[] = {
	        {"0ps", 0, "0 ps"},
	        {"999ps", 999, "999 ps"},
	        {"1ns", 1000, "1.000 ns"},
	        {"1500ps", 1500, "1.500 ns"},
	        {"20us", 20000000, "20.000 us"},
	        {"7ms", 7000000000, "7.000 ms"},
	        {"10s", 10000000000000, "10.000 s"},
	};
	static const char *const bad[] = {
	        "",     "s",         "10",
	        "1 s",  "1m",        "-1s",
	        "0x1s", "18446745s", "111111111111111111111111s"};
	char text[32];
	uint64_t ps;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(tool_parse_time(good[i].text, &ps));
		assert_int_equal(ps, good[i].ps);
		assert_string_equal(tool_time_text(ps, text, sizeof(text)),
		                    good[i].shown);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(tool_parse_time(bad[i], &ps));
}

static void files(void **state)
{
	char dir[] = TEMP_FOLDER, path[64], big[10000];
	struct tool t = {.verb = "test"};
	struct quiet q;
	char *data;
	size_t size;
	int status[4];

	(void)state;
	memset(big, 'b', sizeof(big));
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/big", dir);
	write_file(path, big, sizeof(big));
	assert_int_equal(tool_load(&t, path, sizeof(big), &data, &size),
	                 TOOL_OK);
	assert_int_equal(size, sizeof(big));
	assert_memory_equal(data, big, size);
	assert_int_equal(data[size], 0);
	free(data);
	q = quieten();
	status[0] = tool_load(&t, path, sizeof(big) - 1, &data, &size);
	status[1] = tool_load(&t, dir, sizeof(big), &data, &size);
	for (int n = 0; n < 3; n++) {
		fail_alloc_after = n;
		status[2 + (n == 2)] =
		        tool_load(&t, path, sizeof(big), &data, &size);
	}
	fail_alloc_after = -1;
	loud(&q);
	assert_int_equal(status[0], TOOL_BAD_INPUT);
	assert_int_equal(status[1], TOOL_BAD_INPUT);
	assert_int_equal(status[2], TOOL_INTERNAL);
	assert_int_equal(status[3], TOOL_INTERNAL);
	remove_folder(dir);
}

static void input_from_stdin(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct tool t = {.verb = "test"};
	char *data;
	size_t size;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/in", dir);
	write_file(path, "hello", 5);
	assert_non_null(freopen(path, "r", stdin));
	assert_int_equal(tool_load(&t, "-", 100, &data, &size), TOOL_OK);
	assert_string_equal(data, "hello");
	free(data);
	remove_folder(dir);
}

static void trace_without_memory(void **state)
{
	struct tool t = {.verb = "test", .trace_path = "/dev/null"};
	struct quiet q;
	int status;

	(void)state;
	q = quieten();
	fail_alloc_after = 0;
	status = tool_trace_open(&t);
	fail_alloc_after = -1;
	loud(&q);
	assert_int_equal(status, TOOL_INTERNAL);
	assert_null(t.trace);
	assert_int_equal(tool_trace_open(&t), TOOL_OK);
	assert_non_null(tool_trace_fn(&t));
	assert_int_equal(tool_end(&t, TOOL_FINDING), TOOL_FINDING);
	assert_null(tool_trace_fn(&t));
}

/** dmasim run with allocation @n failing; whether one did. */
static bool run_failing(int n, const char *dtb, const char *policy,
                        const char *json, int *status)
{
	char verb[] = "run", kernel[] = "--kernel", native[] = "native";
	char option[] = "--dma-policy", name[32], path[64], form[16];
	char *argv[] = {verb, kernel, native, option, name, path, form, NULL};

	snprintf(name, sizeof(name), "%s", policy);
	snprintf(path, sizeof(path), "%s", dtb);
	snprintf(form, sizeof(form), "%s", json);
	fail_alloc_hit = false;
	fail_alloc_after = n;
	*status = tool_run(json[0] ? 7 : 6, argv);
	fail_alloc_after = -1;
	return fail_alloc_hit;
}

/** From the first allocation to the last of a small run: every one may be
 * refused; the command says so and ends. */
static void each_allocation(const char *platform, const char *policy,
                            const char *json)
{
	char dir[] = TEMP_FOLDER, dtb[64], script[256];
	unsigned worst[4] = {0};
	struct result r;
	struct quiet q;
	bool hit = true;
	int last = -1;

	make_folder(dir);
	snprintf(dtb, sizeof(dtb), "%s/p.dtb", dir);
	snprintf(script, sizeof(script), "dtc -q -I dts -O dtb -o %s %s", dtb,
	         platform);
	r = run_program((const char *const[]){"sh", "-c", script, NULL});
	assert_int_equal(r.status, 0);
	end_result(&r);
	q = quieten();
	/* Closely at first, where things are made; then, where pages and
	 * cache lines come and go, here and there. */
	for (int n = 0; hit && n < 100000; n += n < 250 ? 1 : 1 + n / 4) {
		hit = run_failing(n, dtb, policy, json, &last);
		if (hit && last >= 0 && last <= 3)
			worst[last]++;
		else if (hit)
			break;
	}
	loud(&q);
	remove_folder(dir);
	assert_false(hit);
	/* Out of memory is an internal error, or, where the simulated guest's
	 * own code meets it, a failure of the guest. */
	assert_true(worst[3] > 50);
	assert_int_equal(worst[2], 0);
}

static void run_without_memory(void **state)
{
	(void)state;
	each_allocation(FVP, "dma-api", "");
}

static void hang_without_memory(void **state)
{
	(void)state;
	each_allocation(KVMTOOL, "dma-api", "--json");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_statuses),
        cmocka_unit_test(numbers),
        cmocka_unit_test(times),
        cmocka_unit_test(files),
        cmocka_unit_test(trace_without_memory),
        cmocka_unit_test(run_without_memory),
        cmocka_unit_test(hang_without_memory),
        cmocka_unit_test(input_from_stdin),
};

CHECK_MAIN(tests)
