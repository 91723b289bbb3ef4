/* SPDX-License-Identifier: MIT */
/* What the trace lines of iommu:map and iommu:unmap add to a report. */
#include "replay_run.h"

#define SMMU "arm-smmu-v3 2b400000.smmu: "

static void add_fault(struct text *t, const char *time, unsigned type,
                      bool write, uint64_t addr)
{
	const uint64_t words[4] = {
	        0x0000000800000000 | type,
	        write ? 0x0000020000000000 : 0x0000020800000000, addr, 0};

	text_add(t, "%s" SMMU "event 0x%02x received:\n", time, type);
	for (int i = 0; i < 4; i++)
		text_add(t, "%s" SMMU "\t0x%016llx\n", time,
		         (unsigned long long)words[i]);
}

static void add_map(struct text *t, const char *time, uint64_t iova,
                    uint64_t size)
{
	text_add(t,
	         " kworker/0:1-12 [000] ..... %s map: IOMMU: iova=0x%016llx - "
	         "0x%016llx paddr=0x0000000088000000 size=%llu\n",
	         time, (unsigned long long)iova,
	         (unsigned long long)(iova + size), (unsigned long long)size);
}

static void add_unmap(struct text *t, const char *time, uint64_t iova,
                      uint64_t size)
{
	text_add(t,
	         " kworker/0:1-12 [000] ..... %s unmap: IOMMU: "
	         "iova=0x%016llx - 0x%016llx size=%llu unmapped_size=%llu\n",
	         time, (unsigned long long)iova,
	         (unsigned long long)(iova + size), (unsigned long long)size,
	         (unsigned long long)size);
}

static const char *history(const struct run *r, size_t index)
{
	return run_string(run_record(r, 0, index), "history");
}

static void test_stories(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	add_map(&t, "1.000000:", 0x10000000, 0x2000);
	add_map(&t, "1.000100:", 0x20000000, 0x1000);
	add_map(&t, "1.000200:", 0x20001000, 0x1000);
	add_fault(&t, "[    1.500000] ", 0x10, false, 0x30000000);
	add_fault(&t, "[    1.500000] ", 0x10, false, 0x10002040);
	add_fault(&t, "[    1.500000] ", 0x13, true, 0x10001ff0);
	add_fault(&t, "[    1.500000] ", 0x13, false, 0x10001ff0);
	add_fault(&t, "[    1.500000] ", 0x10, false, 0x20000800);
	add_unmap(&t, "2.000000:", 0x20000000, 0x1000);
	add_fault(&t, "[    2.003210] ", 0x10, true, 0x20000800);
	add_fault(&t, "[    2.003210] ", 0x10, true, 0x20001800);
	add_map(&t, "3.000000:", 0x20000000, 0x1000);
	add_fault(&t, "[    3.500000] ", 0x10, true, 0x20000800);
	r = run_log(parse(&t), NULL);
	run_expect(&r, DMASIM_OK);
	assert_string_equal(history(&r, 0), "never mapped");
	assert_string_equal(history(&r, 1),
	                    "0x40 bytes past the end of the mapping of line 1 "
	                    "(0x2000 bytes at 0x10000000)");
	assert_string_equal(history(&r, 2),
	                    "mapped by line 1 (0x2000 bytes at 0x10000000), "
	                    "without the right to write");
	assert_string_equal(history(&r, 3),
	                    "mapped by line 1 (0x2000 bytes at 0x10000000), "
	                    "without the right to read");
	assert_string_equal(history(&r, 4),
	                    "mapped by line 2 (0x1000 bytes at 0x20000000): "
	                    "for another device, or not as the SMMU sees it");
	assert_string_equal(history(&r, 5),
	                    "unmapped 3.210 ms before, by line 29 (0x1000 "
	                    "bytes at 0x20000000)");
	assert_string_equal(history(&r, 6),
	                    "mapped by line 3 (0x1000 bytes at 0x20001000): "
	                    "for another device, or not as the SMMU sees it");
	assert_string_equal(history(&r, 7),
	                    "mapped by line 40 (0x1000 bytes at 0x20000000): "
	                    "for another device, or not as the SMMU sees it");
	run_has(&r, "    in the trace: 0x40 bytes past the end of the mapping "
	            "of line 1");
	run_end(&r);
}

/** The trace stands behind the messages, as it does when both were saved. */
static void test_order_is_by_time(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	add_fault(&t, "[    2.000000] ", 0x10, false, 0x10000000);
	add_unmap(&t, "1.999000:", 0x10000000, 0x1000);
	add_map(&t, "1.000000:", 0x10000000, 0x1000);
	add_map(&t, "2.500000:", 0x10000000, 0x1000);
	r = run_log(parse(&t), NULL);
	assert_string_equal(history(&r, 0),
	                    "unmapped 1.000 ms before, by line 6 (0x1000 bytes "
	                    "at 0x10000000)");
	run_end(&r);
}

/** Without a clock that all lines share, their order in the file counts. */
static void test_order_is_by_line(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	add_map(&t, "5.000000:", 0x10000000, 0x1000);
	add_fault(&t, "Nov 21 07:00:01 host kernel: ", 0x10, false, 0x20000000);
	add_fault(&t, "Nov 21 07:00:01 host kernel: ", 0x10, false, 0x10000000);
	add_unmap(&t, "4.000000:", 0x10000000, 0x1000);
	add_fault(&t, "Nov 21 07:00:01 host kernel: ", 0x10, false, 0x10000000);
	r = run_log(parse(&t), NULL);
	assert_string_equal(history(&r, 0), "never mapped");
	assert_string_equal(history(&r, 1),
	                    "mapped by line 1 (0x1000 bytes at 0x10000000): "
	                    "for another device, or not as the SMMU sees it");
	assert_string_equal(history(&r, 2),
	                    "unmapped, by line 12 (0x1000 bytes at "
	                    "0x10000000)");
	run_end(&r);
}

static void test_trace_of_its_own(void **state)
{
	struct text t = {0}, trace = {0};
	struct dmasim_log *log;
	struct dmasim_diag diag;
	struct run r;

	(void)state;
	add_fault(&t, "Nov 21 07:00:01 host kernel: ", 0x10, false, 0x10000fff);
	add_fault(&t, "Nov 21 07:00:01 host kernel: ", 0x10, false, 0x10001fff);
	log = parse(&t);
	add_map(&trace, "5.000000:", 0x10000000, 0x2000);
	add_unmap(&trace, "6.000000:", 0x10001000, 0x1000);
	assert_int_equal(
	        dmasim_log_add_trace(log, trace.data, trace.size, &diag),
	        DMASIM_OK);
	free(trace.data);
	r = run_log(log, NULL);
	assert_string_equal(history(&r, 0),
	                    "mapped by line of the trace 1 (0x2000 bytes at "
	                    "0x10000000): for another device, or not as the "
	                    "SMMU sees it");
	assert_string_equal(history(&r, 1),
	                    "unmapped, by line of the trace 2 (0x1000 bytes at "
	                    "0x10001000)");
	run_end(&r);
}

static void test_edges(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	add_map(&t, "1.000000:", 0, 0x1000);
	add_map(&t, "1.000000:", 0x5000, 0);
	add_map(&t, "1.000000:", 0xfffffffffffff000, 0xfff);
	add_unmap(&t, "1.000000:", 0x1000, 0x1000);
	add_fault(&t, "[    2.000000] ", 0x10, false, 0);
	add_fault(&t, "[    2.000000] ", 0x10, false, 0x2000);
	add_fault(&t, "[    2.000000] ", 0x10, false, 0x5000);
	add_fault(&t, "[    2.000000] ", 0x10, false, ~0ull);
	add_fault(&t, "[    2.000000] ", 0x04, false, 0);
	add_fault(&t, "[    2.000000] ", 0x10, false, 0x11000);
	r = run_log(parse(&t), NULL);
	assert_string_equal(history(&r, 0),
	                    "mapped by line 1 (0x1000 bytes at 0x0): for "
	                    "another device, or not as the SMMU sees it");
	/* What ends there was unmapped. */
	assert_string_equal(history(&r, 1), "never mapped");
	assert_string_equal(history(&r, 2), "never mapped");
	assert_string_equal(history(&r, 3),
	                    "0x0 bytes past the end of the mapping of line 3 "
	                    "(0xfff bytes at 0xfffffffffffff000)");
	assert_string_equal(history(&r, 4), "(none)");
	assert_string_equal(history(&r, 5), "never mapped");
	run_end(&r);
}

/** Against a plain replay of all lines, one by one. */
static void test_random_lines(void **state)
{
	uint64_t seed = 5;
	unsigned char mapped[64] = {0};
	unsigned char expected[200];
	struct text t = {0};
	size_t faults = 0;
	struct run r;

	(void)state;
	for (unsigned i = 0; faults < 200; i++) {
		unsigned at, n;
		char time[32];

		seed = seed * 6364136223846793005ull + 1;
		at = (unsigned)(seed >> 33) % 64;
		n = 1 + (unsigned)(seed >> 43) % (64 - at);
		snprintf(time, sizeof(time), "%u.%06u:", i / 1000,
		         i % 1000 * 1000);
		switch (seed >> 60 & 3) {
		case 0:
			add_map(&t, time, 0x40000000 + at * 0x1000ull,
			        n * 0x1000ull);
			memset(mapped + at, 1, n);
			break;
		case 1:
			add_unmap(&t, time, 0x40000000 + at * 0x1000ull,
			          n * 0x1000ull);
			memset(mapped + at, 2, n);
			break;
		default:
			snprintf(time, sizeof(time), "[    %u.%06u] ", i / 1000,
			         i % 1000 * 1000);
			add_fault(&t, time, 0x10, false,
			          0x40000000 + at * 0x1000ull);
			expected[faults++] = mapped[at];
			break;
		}
	}
	r = run_log(parse(&t), NULL);
	for (size_t i = 0; i < faults; i++) {
		const char *text = history(&r, i);

		if (expected[i] == 1)
			assert_memory_equal(text, "mapped by", 9);
		else if (expected[i] == 2)
			assert_memory_equal(text, "unmapped", 8);
		else
			assert_true(strstr(text, "never mapped") ||
			            strstr(text, "past the end"));
	}
	run_end(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_order_is_by_time),
        cmocka_unit_test(test_order_is_by_line),
        cmocka_unit_test(test_trace_of_its_own),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_random_lines),
};

CHECK_MAIN(tests)
