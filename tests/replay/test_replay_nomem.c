/* SPDX-License-Identifier: MIT */
/* A host that runs out of memory at any allocation: an error, and no leak. */
#include "fail_alloc.h"
#include "replay_run.h"

/** One of each: a ring, a fault of another stream, a note, trace lines. */
static const char text[] =
        "[    1.2] arm-smmu-v3 2b400000.smmu: event 0x10 received:\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x00000000fffff010\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x0000020800000000\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x00000008fa081002\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x0000000000000000\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: event 0x13 received:\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x00000008fffff013\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x0000020000000000\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x00000000ff9bc000\n"
        "[    1.2] arm-smmu-v3 2b400000.smmu: \t0x0000000000000000\n"
        "[    1.3] arm-smmu-v3 2b400000.smmu: EVTQ overflow detected\n"
        " x [0] ..... 1.0: map: IOMMU: iova=0x8fa081000 paddr=0x1000 "
        "size=4096\n";

static void discard(void *ctx, const char *piece)
{
	(void)ctx;
	(void)piece;
}

/** Parse and replay; the status of whichever failed. */
static int whole(const struct dmasim_replay_options *opt)
{
	struct dmasim_diag diag = {""};
	struct dmasim_log *log;
	int status =
	        dmasim_log_parse(text, sizeof(text) - 1, "log", &log, &diag);

	if (status != DMASIM_OK)
		return status;
	status = dmasim_replay_log(log, opt, discard, NULL, NULL, &diag);
	dmasim_log_destroy(log);
	return status;
}

/** Let allocation @n fail. False: there are fewer. */
static bool fails_at(int n, const struct dmasim_replay_options *opt)
{
	int status;

	fail_alloc_hit = false;
	fail_alloc_after = n;
	status = whole(opt);
	fail_alloc_after = -1;
	/* What the simulated devices want memory for may be done without. */
	if (status > DMASIM_OK)
		fail_msg("status %d at allocation %d", status, n);
	return fail_alloc_hit;
}

static void test_parse(void **state)
{
	int n = 0;

	(void)state;
	for (;; n++) {
		struct dmasim_diag diag = {""};
		struct dmasim_log *log = NULL;
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		status = dmasim_log_parse(text, sizeof(text) - 1, "log", &log,
		                          &diag);
		fail_alloc_after = -1;
		if (!fail_alloc_hit) {
			assert_int_equal(status, DMASIM_OK);
			dmasim_log_destroy(log);
			break;
		}
		assert_int_equal(status, DMASIM_E_NOMEM);
		assert_null(log);
	}
	assert_true(n >= 5);
}

static void test_explain(void **state)
{
	struct dmasim_log *log = parse_text(text);
	int n = 0;

	(void)state;
	for (;; n++) {
		struct dmasim_explanation *e = NULL;
		size_t count = 0;
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		status = dmasim_explain(log, 0, 0, NULL, &e, &count);
		fail_alloc_after = -1;
		free(e);
		if (!fail_alloc_hit) {
			assert_int_equal(status, DMASIM_OK);
			break;
		}
		assert_int_equal(status, DMASIM_E_NOMEM);
	}
	assert_true(n >= 4);
	dmasim_log_destroy(log);
}

/** Each of the first ones; then samples, for there are thousands. */
static void fail_each(const struct dmasim_replay_options *opt)
{
	int n = 0;

	assert_int_equal(whole(opt), DMASIM_OK);
	while (fails_at(n, opt))
		n += n < 60 ? 1 : 101;
	assert_true(n > 60);
}

static void test_replay(void **state)
{
	static const struct dmasim_replay_options none;

	(void)state;
	fail_each(&none);
}

static void test_replay_on_a_tree(void **state)
{
	struct dmasim_replay_options opt = {0};
	struct dmasim_diag diag = {""};
	void *fdt;

	(void)state;
	assert_int_equal(dmasim_fdt_load(DMASIM_SOURCE_DIR
	                                 "/platforms/fvp-base-2017.dts",
	                                 &fdt, &opt.fdt_size, &diag),
	                 DMASIM_OK);
	opt.fdt = fdt;
	fail_each(&opt);
	free(fdt);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_replay_on_a_tree),
};

CHECK_MAIN(tests)
