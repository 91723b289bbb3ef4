/* SPDX-License-Identifier: MIT */
/* The main job: the two records of the 2017 log, and the cure. */
#include "replay_run.h"

static void test_both_records_equal(void **state)
{
	static const char *const addrs[] = {"0x8fa081002", "0x8fa081000"};
	static const char *const fields[] = {"avail->idx", "avail->flags"};
	struct run r = run_log(load_log(TRACE_2017), NULL);

	(void)state;
	run_expect(&r, DMASIM_OK);
	for (size_t i = 0; i < 2; i++) {
		json_t *rec = run_record(&r, 0, i);
		json_t *words = json_object_get(rec, "words");
		json_t *access = json_object_get(rec, "access");

		assert_string_equal(run_string(rec, "result"), "equal");
		assert_string_equal(run_string(rec, "by"), "driver");
		assert_string_equal(run_string(rec, "field"), fields[i]);
		assert_true(
		        json_equal(words, json_object_get(rec, "produced")));
		assert_string_equal(json_string_value(json_array_get(words, 0)),
		                    "0xfffff010");
		assert_string_equal(json_string_value(json_array_get(words, 1)),
		                    "0x20800000000");
		assert_string_equal(json_string_value(json_array_get(words, 2)),
		                    addrs[i]);
		assert_string_equal(json_string_value(json_array_get(words, 3)),
		                    "0x0");
		assert_string_equal(run_string(access, "direction"), "read");
		assert_string_equal(run_string(access, "class"), "IN");
	}
	run_end(&r);
}

static void test_report_says(void **state)
{
	struct run r = run_log(load_log(TRACE_2017), NULL);

	(void)state;
	run_has(&r, "StreamID 0x0 of 2b400000.smmu: 2 records\n"
	            "  a virtqueue: legacy ring of 256 entries at 0x8fa080000 "
	            "(avail 0x8fa081000, used 0x8fa082000)\n"
	            "    first avail->idx at 0x8fa081002, then avail->flags at "
	            "0x8fa081000\n");
	run_has(&r, "profile fvp-2017: SubstreamID is 0xfffff though SSV is 0 "
	            "(line 1)");
	run_has(&r, "on a legacy virtio-pci disk at 00:00.0 (StreamID 0x0 "
	            "behind 2b400000.smmu, machine made up)");
	run_has(&r, "it gave the device the ring's physical address "
	            "0x8fa080000, while the SMMU translates this stream");
	run_has(&r, "it caused 2 event records: the log's 2 of this ring, in "
	            "the same order");
	run_has(&r, "UNTRANSLATED: virtqueue 0 avail.idx at 0x8fa081002");
	run_has(&r, "record 1 (line 1, 1.211721): F_TRANSLATION (0x10), "
	            "StreamID 0x0, read at 0x8fa081002, data, unprivileged, "
	            "stage 1, class IN: avail->idx\n"
	            "    by the driver's run: equal in all four words\n"
	            "    word 0  log 0x00000000fffff010  produced "
	            "0x00000000fffff010\n"
	            "    word 1  log 0x0000020800000000  produced "
	            "0x0000020800000000\n"
	            "    word 2  log 0x00000008fa081002  produced "
	            "0x00000008fa081002\n"
	            "    word 3  log 0x0000000000000000  produced "
	            "0x0000000000000000\n");
	run_has(&r, "less likely: legacy ring of 512 entries at 0x8fa07f000");
	run_has(&r, "less likely: modern avail ring of any size at "
	            "0x8fa081000");
	run_has(&r, "result: 2 of 2 records reproduced\n"
	            "  2 equal in all four words\n");
	run_end(&r);
}

static void test_dma_api_reads_the_partition_table(void **state)
{
	struct run r = run_log(load_log(TRACE_2017), NULL);
	json_t *ring = run_ring(&r, 0, 0);
	json_t *bad = json_object_get(ring, "physical");
	json_t *good = json_object_get(ring, "dma_api");
	json_t *part = json_array_get(json_object_get(good, "partitions"), 0);

	(void)state;
	assert_true(json_is_false(json_object_get(bad, "read_ok")));
	assert_int_equal(json_array_size(json_object_get(bad, "records")), 2);
	assert_true(json_is_true(json_object_get(good, "read_ok")));
	assert_int_equal(json_array_size(json_object_get(good, "records")), 0);
	assert_string_equal(run_string(bad, "ring_dma"), "0x8fa080000");
	assert_string_equal(run_string(good, "ring_physical"), "0x8fa080000");
	assert_string_not_equal(run_string(good, "ring_dma"), "0x8fa080000");
	assert_int_equal(json_integer_value(json_object_get(part, "type")),
	                 0x83);
	assert_int_equal(json_integer_value(json_object_get(part, "first")),
	                 2048);
	run_has(&r, "the same machine, the driver with the DMA API:\n"
	            "    the ring at physical 0x8fa080000 is mapped at IOVA "
	            "0x");
	run_has(&r, "; 0 event records\n"
	            "    read of sector 0: done; partition table:\n"
	            "      partition 1: type 0x83, from sector 2048, 2048 "
	            "sectors\n");
	run_end(&r);
}

/** What the architecture leaves open may differ; nothing else may. */
static void test_other_profiles(void **state)
{
	struct dmasim_replay_options opt = {.has_profile = true,
	                                    .profile = DMASIM_SMMU_ARCH};
	struct run r = run_log(load_log(TRACE_2017), &opt);

	(void)state;
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 0), "result"),
	                    "equal-defined");
	run_has(&r, "profile arch: as asked for");
	run_has(&r, "log 0x00000000fffff010  produced 0x0000000000000010  <-");
	run_end(&r);
	opt.profile = DMASIM_SMMU_QEMU_7_2;
	r = run_log(load_log(TRACE_2017), &opt);
	run_expect(&r, DMASIM_E_FAULT);
	assert_string_equal(run_string(run_record(&r, 0, 0), "result"),
	                    "different");
	run_end(&r);
}

static void test_queue_sizes(void **state)
{
	static const unsigned sizes[] = {256, 512, 1024, 4096};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct dmasim_replay_options opt = {.explain.queue_size =
		                                            sizes[i]};
		struct run r = run_log(load_log(TRACE_2017), &opt);

		run_expect(&r, DMASIM_OK);
		assert_string_equal(run_string(run_record(&r, 0, 0), "by"),
		                    "driver");
		run_end(&r);
	}
}

static void test_modern_layout(void **state)
{
	struct dmasim_replay_options opt = {.explain.has_layout = true,
	                                    .explain.layout =
	                                            DMASIM_LAYOUT_MODERN};
	struct run r = run_log(load_log(TRACE_2017), &opt);

	(void)state;
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 1), "by"), "driver");
	run_has(&r, "modern avail ring of any size at 0x8fa081000");
	run_has(&r, "a virtio-mmio disk of version 2");
	run_end(&r);
}

/** Blocks that our driver cannot place are left to the test endpoint. */
static void test_ring_within_a_page(void **state)
{
	struct dmasim_replay_options opt = {.explain.queue_size = 64};
	struct run r = run_log(load_log(TRACE_2017), &opt);

	(void)state;
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 0), "by"), "endpoint");
	run_has(&r, "the driver was not run there: the driver's rings begin "
	            "at a page");
	run_end(&r);
}

static void check_ring(uint32_t stream, uint64_t idx, int status,
                       const char *text)
{
	struct text t = {0};
	struct run r;

	text_fault(&t, stream, false, idx);
	text_fault(&t, stream, false, idx - 2);
	r = run_log(parse(&t), NULL);
	run_expect(&r, status);
	run_has(&r, text);
	run_end(&r);
}

/** What our driver can do, and why it cannot. */
static void test_places(void **state)
{
	(void)state;
	/* An open size is what makes the block begin at a page. */
	check_ring(8, 0x90000042, DMASIM_OK, "machine made up");
	check_ring(8, 0x4000000001002, DMASIM_OK,
	           "the driver was not run there: the driver's memory ends at "
	           "2^46");
	check_ring(0x2000008, 0x8fa081002, DMASIM_E_FAULT,
	           "the driver was not run there: the driver's stream table "
	           "ends at 2^25");
	check_ring(8, 0x1002, DMASIM_OK,
	           "the driver was not run there: the ring would "
	           "begin at address 0 or below");
}

static void test_open_size(void **state)
{
	struct dmasim_replay_options opt = {.explain.has_layout = true,
	                                    .explain.layout =
	                                            DMASIM_LAYOUT_MODERN};
	struct text t = {0};
	struct run r;

	(void)state;
	text_fault(&t, 8, false, 0x90000042);
	text_fault(&t, 8, false, 0x90000040);
	r = run_log(parse(&t), &opt);
	assert_string_equal(
	        run_string(json_object_get(run_ring(&r, 0, 0), "physical"),
	                   "ring_dma"),
	        "0x90000000");
	run_end(&r);
	/* No size makes it begin at a page. */
	text_fault(&t, 8, false, 0x90000052);
	text_fault(&t, 8, false, 0x90000050);
	r = run_log(parse(&t), &opt);
	run_has(&r, "the driver's rings begin at a page");
	run_end(&r);
	/* The used ring where another driver puts it. */
	text_fault(&t, 8, false, 0x90001002);
	text_fault(&t, 8, true, 0x90001208);
	text_fault(&t, 8, true, 0x9000120a);
	r = run_log(parse(&t), &opt);
	run_has(&r, "the driver's used ring would lie elsewhere");
	run_end(&r);
}

/** A hostile log has any number of rings; the driver's runs are bounded. */
static void test_many_rings(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	for (uint32_t i = 0; i < 66; i++) {
		text_fault(&t, i, false, 0x8fa081002);
		text_fault(&t, i, false, 0x8fa081000);
	}
	r = run_log(parse(&t), NULL);
	run_expect(&r, DMASIM_OK);
	run_has(&r, "it was run at 64 other rings of this log");
	run_has(&r, "132 equal in all four words");
	run_end(&r);
}

static void trace_line(void *ctx, uint64_t time_ps, const char *source,
                       const char *text)
{
	size_t *lines = ctx;

	(void)time_ps;
	(void)source;
	(void)text;
	++*lines;
}

/** Same inputs, same bytes; a seed changes what is open and repeats itself. */
static void test_same_bytes(void **state)
{
	size_t lines = 0;
	struct dmasim_replay_options opt = {.has_seed = true,
	                                    .seed = 7,
	                                    .trace = trace_line,
	                                    .trace_ctx = &lines};
	struct run a = run_log(load_log(TRACE_2017), &opt);
	struct run b = run_log(load_log(TRACE_2017), &opt);

	(void)state;
	run_expect(&a, DMASIM_OK);
	assert_string_equal(a.text.data, b.text.data);
	assert_true(json_equal(a.json, b.json));
	assert_true(lines > 0);
	run_end(&a);
	run_end(&b);
}

/** The kernel tries again and again: the same run, compared again. */
static void test_repeated_attempts(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	for (int i = 0; i < 12; i++) {
		text_fault(&t, 0x18, false, 0x8fa081002);
		text_fault(&t, 0x18, false, 0x8fa081000);
	}
	r = run_log(parse(&t), NULL);
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 23), "by"), "driver");
	run_has(&r, "then avail->flags at 0x8fa081000, then 20 more");
	run_has(&r, "24 equal in all four words");
	run_end(&r);
}

/** Two disks, two SMMUs, rings in RAM that begins at 0. */
static void test_two_smmus(void **state)
{
	const uint64_t a[4] = {0x10, W2017_1, 0x10001002, 0};
	const uint64_t b[4] = {0x0003020800000010, W2017_1, 0x20041002, 0};
	struct text t = {0};
	struct run r;

	(void)state;
	text_record(&t, "9050000.smmuv3", a);
	text_record(&t, "arm-smmu-v3.1.auto", b);
	text_record(&t, "fc900000.iommu", a);
	r = run_log(parse(&t), NULL);
	run_expect(&r, DMASIM_OK);
	run_has(&r, "legacy ring of 256 entries at 0x10000000");
	run_has(&r, "legacy ring of 256 entries at 0x20040000");
	run_has(&r, "StreamID 0x30208 of arm-smmu-v3.1.auto");
	run_has(&r, "3 equal in all four words");
	assert_string_equal(run_string(run_record(&r, 1, 0), "by"), "driver");
	run_end(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_records_equal),
        cmocka_unit_test(test_report_says),
        cmocka_unit_test(test_dma_api_reads_the_partition_table),
        cmocka_unit_test(test_other_profiles),
        cmocka_unit_test(test_queue_sizes),
        cmocka_unit_test(test_modern_layout),
        cmocka_unit_test(test_ring_within_a_page),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_open_size),
        cmocka_unit_test(test_many_rings),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_repeated_attempts),
        cmocka_unit_test(test_two_smmus),
};

CHECK_MAIN(tests)
