/* SPDX-License-Identifier: MIT */
/* The same inputs give the same bytes: of the report and of the trace. */
#include "command.h"

struct bytes {
	struct result r;
	char *trace;
	size_t trace_size;
};

static struct bytes run_once(const char *dir, const char *platform,
                             const char *kernel, const char *seed)
{
	char path[64];
	struct bytes b;

	snprintf(path, sizeof(path), "%s/trace", dir);
	b.r = RUN("run", "--kernel", kernel, "--seed", seed, "--workload", "rw",
	          "--trace", path, platform);
	assert_true(b.r.status <= 1);
	b.trace = read_file(path, &b.trace_size);
	assert_true(b.trace_size > 0);
	return b;
}

static void end_bytes(struct bytes *b)
{
	end_result(&b->r);
	free(b->trace);
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->r.status == b->r.status && a->r.out_size == b->r.out_size &&
	       memcmp(a->r.out, b->r.out, a->r.out_size) == 0 &&
	       strcmp(a->r.err, b->r.err) == 0 &&
	       a->trace_size == b->trace_size &&
	       memcmp(a->trace, b->trace, a->trace_size) == 0;
}

static const char *const platforms[] = {KVMTOOL, FVP, QEMU};

static void two_runs(void **state)
{
	char dir[] = TEMP_FOLDER;

	(void)state;
	make_folder(dir);
	for (size_t i = 0; i < 3; i++) {
		struct bytes a = run_once(dir, platforms[i], "systemc", "1");
		struct bytes b = run_once(dir, platforms[i], "systemc", "1");

		assert_true(same(&a, &b));
		end_bytes(&a);
		end_bytes(&b);
	}
	remove_folder(dir);
}

static void each_seed_repeats_itself(void **state)
{
	static const char *const seeds[] = {"2", "3", "0xffffffffffffffff",
	                                    "0"};
	char dir[] = TEMP_FOLDER;
	struct bytes first;
	bool all_same = true;

	(void)state;
	make_folder(dir);
	first = run_once(dir, FVP, "native", "1");
	for (size_t i = 0; i < 4; i++) {
		struct bytes a = run_once(dir, FVP, "native", seeds[i]);
		struct bytes b = run_once(dir, FVP, "native", seeds[i]);

		assert_true(same(&a, &b));
		all_same &= same(&a, &first);
		end_bytes(&a);
		end_bytes(&b);
	}
	/* A seed is used at all. */
	assert_false(all_same);
	end_bytes(&first);
	remove_folder(dir);
}

static void both_kernels(void **state)
{
	char dir[] = TEMP_FOLDER;

	(void)state;
	make_folder(dir);
	for (size_t i = 0; i < 3; i++) {
		struct bytes a = run_once(dir, platforms[i], "systemc", "5");
		struct bytes b = run_once(dir, platforms[i], "native", "5");

		assert_true(same(&a, &b));
		end_bytes(&a);
		end_bytes(&b);
	}
	remove_folder(dir);
}

/** Where the program lies in memory is another every time (ASLR); a new
 * environment moves the stack too. */
static void another_environment(void **state)
{
	char dir[] = TEMP_FOLDER;
	char filler[2000];
	struct bytes a, b;

	(void)state;
	make_folder(dir);
	a = run_once(dir, FVP, "systemc", "1");
	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	assert_int_equal(setenv("DMASIM_TEST_FILLER", filler, 1), 0);
	assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	b = run_once(dir, FVP, "systemc", "1");
	assert_true(same(&a, &b));
	end_bytes(&a);
	end_bytes(&b);
	remove_folder(dir);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_runs),
        cmocka_unit_test(each_seed_repeats_itself),
        cmocka_unit_test(both_kernels),
        cmocka_unit_test(another_environment),
};

CHECK_MAIN(tests)
