/* SPDX-License-Identifier: MIT */
/* `dmasim run` of machines that say how long things take. */
#include "command.h"

#define MODEL "model = \"linux,dummy-virt\";"

/** platforms/qemu-virt.dts with @props at its root, as @dir/board.dts. */
static void make_board(const char *dir, const char *props, char path[64])
{
	size_t size;
	char *text = read_file(DMASIM_SOURCE_DIR "/" QEMU, &size);
	char *at = strstr(text, MODEL), *board;
	int n;

	assert_non_null(at);
	board = malloc(size + 512);
	assert_non_null(board);
	n = snprintf(board, size + 512, "%.*s%s%s", (int)(at - text), text,
	             props, at);
	assert_true(n > 0 && (size_t)n < size + 512);
	snprintf(path, 64, "%s/board.dts", dir);
	write_file(path, board, (size_t)n);
	free(board);
	free(text);
}

static const char *const profiles[] = {"generic", "cortex-a53-like",
                                       "cortex-a72-like", "neoverse-n1-like"};

/* Reports and traces on both kernel back ends, and twice on each. */
static void same_bytes(void **state)
{
	static const char *const kernels[] = {"systemc", "native", "systemc",
	                                      "native"};
	char dir[] = TEMP_FOLDER;

	(void)state;
	make_folder(dir);
	for (size_t i = 0; i < 4; i++) {
		char path[64], trace[64], props[128], *first = NULL;
		char *report = NULL;
		size_t first_size = 0;

		snprintf(props, sizeof(props), "dmasim,timing = \"%s\";\n",
		         profiles[i]);
		make_board(dir, props, path);
		snprintf(trace, sizeof(trace), "%s/trace", dir);
		for (size_t k = 0; k < 4; k++) {
			struct result r = RUN("run", "--kernel", kernels[k],
			                      "--seed", "7", "--workload", "rw",
			                      "--trace", trace, path);
			size_t size;
			char *text = read_file(trace, &size);

			expect_run(&r, 0, "pass");
			expect_text(r.out, profiles[i]);
			if (!first) {
				first = text;
				first_size = size;
				report = r.out;
				free(r.err);
				continue;
			}
			assert_int_equal(size, first_size);
			assert_memory_equal(text, first, size);
			assert_string_equal(r.out, report);
			free(text);
			end_result(&r);
		}
		free(first);
		free(report);
	}
	remove_folder(dir);
}

/* Where the time went, as text and as JSON. */
static void report(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	make_board(dir, "dmasim,timing = \"cortex-a72-like\";\n", path);
	r = RUN("run", path);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "\ntiming     cortex-a72-like\n");
	expect_text(r.out, "\n           interconnect: ");
	expect_text(r.out, "\n           DRAM: ");
	expect_text(r.out, "\n           rows: ");
	end_result(&r);
	r = RUN("run", "--json", path);
	assert_int_equal(r.status, 0);
	expect_text(r.out, "\"profile\": \"cortex-a72-like\"");
	expect_text(r.out, "\"row_conflicts\": ");
	end_result(&r);
	r = RUN("run", "--json", QEMU);
	assert_int_equal(r.status, 0);
	assert_null(strstr(r.out, "row_conflicts"));
	end_result(&r);
	remove_folder(dir);
}

static void refused(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	make_board(dir, "dmasim,timing = \"pentium\";\n", path);
	r = RUN("run", path);
	assert_int_equal(r.status, 2);
	expect_text(r.err, "/: dmasim,timing: no such profile");
	end_result(&r);
	remove_folder(dir);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(report),
        cmocka_unit_test(refused),
};

CHECK_MAIN(tests)
