/* SPDX-License-Identifier: MIT */
/* Schedules of dmasim run: written, read again, changed, refused. */
#include "command.h"

static void a_recorded_run_runs_again(void **state)
{
	char dir[] = TEMP_FOLDER, schedule[64], first[64], second[64];
	char *a, *b;
	size_t an, bn;
	struct result r, again;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(schedule, sizeof(schedule), "%s/schedule", dir);
	snprintf(first, sizeof(first), "%s/first", dir);
	snprintf(second, sizeof(second), "%s/second", dir);
	r = RUN("run", "--seed", "3", "--record-schedule", schedule, "--trace",
	        first, KVMTOOL);
	again = RUN("run", "--seed", "3", "--schedule", schedule, "--trace",
	            second, KVMTOOL);
	assert_int_equal(again.status, r.status);
	assert_string_equal(again.out, r.out);
	a = read_file(first, &an);
	b = read_file(second, &bn);
	assert_int_equal(an, bn);
	assert_memory_equal(a, b, an);
	free(a);
	free(b);
	a = read_file(schedule, &an);
	expect_text(a, "# Give --seed 3, too");
	expect_text(a, "\nstore-drain ");
	free(a);
	end_result(&r);
	end_result(&again);
	remove(schedule);
	remove(first);
	remove(second);
	rmdir(dir);
}

/* The device tree lacks dma-coherent, so that the ring hangs. Where the
 * hardware lets Non-cacheable accesses hit, the ring works; where it also
 * cleans what it invalidates, as it does for guests, so does the buffer. */
static void a_line_by_hand_changes_the_run(void **state)
{
	static const char *const lines[] = {
	        "nc-hit 1 always\n",
	        "nc-hit 1 always\nivac-cleans 1 always\n",
	        "nc-hit 1 always\nevent-merge 1\n",
	};
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/schedule", dir);
	write_file(path, lines[0], strlen(lines[0]));
	r = RUN("run", "--schedule", path, KVMTOOL);
	expect_run(&r, 1, "wrong bytes");
	end_result(&r);
	write_file(path, lines[1], strlen(lines[1]));
	r = RUN("run", "--schedule", path, KVMTOOL);
	expect_run(&r, 0, "pass");
	end_result(&r);
	write_file(path, lines[2], strlen(lines[2]));
	r = RUN("run", "--schedule", path, KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, ": line 2: the run asked for fewer answers of "
	                   "event-merge\n");
	end_result(&r);
	remove(path);
	rmdir(dir);
}

static void what_cannot_be_used_is_refused(void **state)
{
	static const char bad[] = "# x\nnc-hit\n";
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/schedule", dir);
	write_file(path, bad, strlen(bad));
	r = RUN("run", "--schedule", path, KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, ": line 2: 'nc-hit' has no answer\n");
	assert_string_equal(r.out, "");
	end_result(&r);
	remove(path);
	rmdir(dir);
	r = RUN("run", "--schedule", "/nowhere/schedule", KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "/nowhere/schedule");
	end_result(&r);
	r = RUN("run", "--schedule", "a", "--record-schedule", "b", KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "--record-schedule: there is a --schedule already");
	end_result(&r);
	r = RUN("run", "--record-schedule", "/dev/full", KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "dmasim: /dev/full: cannot write");
	end_result(&r);
	r = RUN("run", "--record-schedule", "/nowhere/schedule", KVMTOOL);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "dmasim: /nowhere/schedule: cannot write");
	end_result(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_recorded_run_runs_again),
	        cmocka_unit_test(a_line_by_hand_changes_the_run),
	        cmocka_unit_test(what_cannot_be_used_is_refused),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
