/* SPDX-License-Identifier: MIT */
/* Records that are mixed, lost or cut short, and the lines around them. */
#include "log_text.h"

#define A "[    1.000000] arm-smmu-v3 2b400000.smmu: "
#define B "[    1.000000] arm-smmu-v3 2b500000.smmu: "

static void test_two_smmus_mixed(void **state)
{
	struct dmasim_log *log = parse_text(
	        A "event 0x10 received:\n" B "event 0x13 received:\n" A
	          "\t0x0000000100000010\n" A "\t0x0000020800000000\n" B
	          "\t0x0000000200000013\n"
	          "[    1.000000] usb 1-1: new high-speed USB device\n" A
	          "\t0x0000000000001000\n" B "\t0x0000020000000000\n" B
	          "\t0x0000000000002000\n" B "\t0x0000000000000000\n" A
	          "\t0x0000000000000000\n");
	const struct dmasim_log_record *r;

	(void)state;
	assert_int_equal(dmasim_log_count(log), 2);
	r = dmasim_log_get(log, 0);
	assert_string_equal(dmasim_log_smmu(log, r->smmu), "2b500000.smmu");
	assert_true(r->words[0] == 0x0000000200000013);
	assert_true(r->words[2] == 0x2000);
	assert_int_equal(r->line, 2);
	r = dmasim_log_get(log, 1);
	assert_string_equal(dmasim_log_smmu(log, r->smmu), "2b400000.smmu");
	assert_true(r->words[0] == 0x0000000100000010);
	assert_true(r->words[2] == 0x1000);
	assert_int_equal(r->line, 1);
	assert_null(dmasim_log_get(log, 2));
	assert_null(dmasim_log_smmu(log, 2));
	dmasim_log_destroy(log);
}

static void test_other_drivers(void **state)
{
	struct dmasim_log *log = parse_text(
	        "[    1.0] acpi LNXPWRBN:00: event 0x80 received:\n"
	        "[    1.0] pci 0000:00:01.0: 0x0000000000000001\n"
	        "[    1.0] pci 0000:00:01.0: event: x client: y\n"
	        "[    1.0] arm-smmu-v3 2b400000.smmu: ias 44-bit, oas 44-bit "
	        "(features 0x00000f0d)\n" FIVE(
	                "[    1.2] arm-smmu-v3 ") "[    1.3] arm-smmu-v3 "
	                                          "2b400000.smmu: event 0x10 "
	                                          "handled\n"
	                                          "[    1.3] arm-smmu-v3 "
	                                          "2b400000.smmu: event 0xzz "
	                                          "received:\n"
	                                          "[    1.3] foo: 0x12\n"
	                                          "[    1.3] priv data\n");

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_null(dmasim_log_note(log, 0));
	dmasim_log_destroy(log);
}

static void test_suppressed(void **state)
{
	struct dmasim_log *log = parse_text(
	        FIVE("arm-smmu-v3 ") "[ 9.9] arm_smmu_evtq_thread: 11 "
	                             "callbacks suppressed\n"
	                             "[ 9.9] net_ratelimit: 100 "
	                             "callbacks suppressed\n"
	                             "[ 9.9] arm_smmu_evtq_handler: 2 "
	                             "callbacks suppressed\n"
	                             "[ 9.9] arm_smmu_x: many callbacks "
	                             "suppressed\n");

	(void)state;
	assert_true(dmasim_log_suppressed(log) == 13);
	dmasim_log_destroy(log);
}

static void test_trouble(void **state)
{
	struct dmasim_log *log = parse_text(
	        A "unexpected global error reported (0x00000004), this could "
	          "be serious\n" A
	          "EVTQ write aborted -- events may have been lost\n" FIVE(
	                  "arm-smmu-v3 ") A
	        "EVTQ overflow detected -- events lost\n"
	        "[ 1.0] x: CMD_SYNC timeout of something else\n"
	        "[ 1.0] arm-smmu-v3 a: unexpected global error reported "
	        "(0x00000105), this could be serious\n");

	(void)state;
	assert_string_equal(dmasim_log_note(log, 0),
	                    "line 1: 2b400000.smmu: unexpected global error "
	                    "reported (0x00000004), this could be serious: "
	                    "GERROR EVENTQ_ABT_ERR");
	assert_string_equal(dmasim_log_note(log, 1),
	                    "line 2: 2b400000.smmu: EVTQ write aborted -- "
	                    "events may have been lost");
	assert_string_equal(dmasim_log_note(log, 2),
	                    "line 8: 2b400000.smmu: EVTQ overflow detected -- "
	                    "events lost");
	assert_string_equal(dmasim_log_note(log, 3),
	                    "line 10: a: unexpected global error reported "
	                    "(0x00000105), this could be serious: GERROR "
	                    "CMDQ_ERR, EVENTQ_ABT_ERR, SFM_ERR");
	assert_null(dmasim_log_note(log, 4));
	dmasim_log_destroy(log);
}

static void test_notes_are_bounded(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;

	(void)state;
	text_add(&t, FIVE("arm-smmu-v3 "));
	for (int i = 0; i < 1100; i++)
		text_add(&t, A "EVTQ overflow detected -- events lost\n");
	log = parse(&t);
	assert_non_null(dmasim_log_note(log, 999));
	assert_null(dmasim_log_note(log, 1000));
	dmasim_log_destroy(log);
}

/* ---- trace lines ---- */

static void test_map_lines(void **state)
{
	struct dmasim_log *log = parse_text(FIVE(
	        "arm-smmu-v3 ") "  kworker/u64:0-12      [011] .....     "
	                        "4.878076: map: IOMMU: "
	                        "iova=0x00000000fe980000 - 0x00000000fea00000 "
	                        "paddr=0x000000010ec80000 size=524288\n"
	                        "  kworker/u64:0-12      [011] .....     "
	                        "4.878079: unmap: "
	                        "IOMMU: iova=0x00000000fe980000 - "
	                        "0x00000000fea00000 "
	                        "size=524288 unmapped_size=4096\n"
	                        "  x 0 [000]     5.000000001: iommu:map: "
	                        "IOMMU: "
	                        "iova=0x0000000ffff36000 "
	                        "paddr=0x00000001164d8000 size=4096\n"
	                        "[    7.5] x-12  0.... 7654321us : unmap: "
	                        "IOMMU: dev=x "
	                        "iova=0x0000000ffff36000 size=4096 "
	                        "unmapped_size=0x1000\n"
	                        "[    8.5] unmap: IOMMU: iova=0x1000 size=1 "
	                        "unmapped_size=1\n");
	const struct dmasim_log_map *m;

	(void)state;
	assert_int_equal(dmasim_log_map_count(log), 5);
	m = dmasim_log_map_get(log, 0);
	assert_true(m->has_time && m->time_us == 4878076);
	assert_true(m->iova == 0xfe980000 && m->pa == 0x10ec80000);
	assert_true(m->size == 524288 && !m->unmap && m->line == 6);
	m = dmasim_log_map_get(log, 1);
	assert_true(m->unmap && m->size == 4096 && m->time_us == 4878079);
	m = dmasim_log_map_get(log, 2);
	assert_true(!m->unmap && m->time_us == 5000000);
	assert_true(m->iova == 0xffff36000 && m->pa == 0x1164d8000);
	m = dmasim_log_map_get(log, 3);
	assert_true(m->unmap && m->size == 4096 && m->time_us == 7654321);
	m = dmasim_log_map_get(log, 4);
	assert_true(m->has_time && m->time_us == 8500000);
	assert_null(dmasim_log_map_get(log, 5));
	dmasim_log_destroy(log);
}

static void test_wrapped_map_line(void **state)
{
	struct dmasim_log *log = parse_text(FIVE(
	        "arm-smmu-v3 ") "> x [010] .....     4.878076: map: IOMMU: "
	                        "iova=0x00000000fe980000 -\n"
	                        "> 0x00000000fea00000 paddr=0x000000010ec80000 "
	                        "size=524288\n"
	                        "> x [010] .....     4.9: map: IOMMU: "
	                        "iova=0xfe980000 -\n"
	                        "\n"
	                        "> x [010] .....     4.9: map: IOMMU: "
	                        "iova=0xffffffffffffffff paddr=0x0 "
	                        "size=4096\n");

	(void)state;
	assert_int_equal(dmasim_log_map_count(log), 1);
	assert_true(dmasim_log_map_get(log, 0)->size == 524288);
	assert_string_equal(dmasim_log_note(log, 0),
	                    "line 10: a mapping that passes the end of the "
	                    "address space; left out");
	dmasim_log_destroy(log);
}

static void test_add_trace(void **state)
{
	static const char trace[] =
	        "# tracer: nop\n"
	        " x [0] ..... 1.5: map: IOMMU: iova=0x1000 - 0x2000\n"
	        "paddr=0x5000 size=4096\n";
	struct dmasim_log *log = parse_text(FIVE("arm-smmu-v3 "));
	struct dmasim_diag diag = {""};

	(void)state;
	assert_int_equal(
	        dmasim_log_add_trace(log, trace, sizeof(trace) - 1, &diag),
	        DMASIM_OK);
	assert_int_equal(dmasim_log_map_count(log), 1);
	assert_int_equal(dmasim_log_add_trace(log, "a\nb\n", 4, &diag),
	                 DMASIM_E_FORMAT);
	assert_string_equal(diag.text,
	                    "line 2: the end, and no map or unmap line of the "
	                    "iommu trace events");
	assert_int_equal(dmasim_log_add_trace(log, "", 0, &diag),
	                 DMASIM_E_FORMAT);
	dmasim_log_destroy(log);
}

/* ---- damage ---- */

static void test_lost_lines(void **state)
{
	struct dmasim_log *log =
	        parse_text(A "event 0x10 received:\n" A "\t0x0000000100000010\n"
	                     "** 12 printk messages dropped **\n" A
	                     "\t0x0000000000000000\n" FIVE("arm-smmu-v3 "));

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_string_equal(dmasim_log_note(log, 0),
	                    "line 3: lines were lost here; the record of line "
	                    "1 is left out");
	assert_string_equal(dmasim_log_note(log, 1),
	                    "line 4: the end of a record whose beginning is "
	                    "lost; left out");
	dmasim_log_destroy(log);
	log = parse_text(
	        A "event 0x10 received:\n"
	          "systemd-journald[1]: Missed 3 kernel messages\n"
	          "rsyslogd: 5 messages lost due to rate-limiting\n" FIVE(
	                  "arm-smmu-v3 "));
	assert_int_equal(dmasim_log_count(log), 1);
	dmasim_log_destroy(log);
}

static void test_begins_within_record(void **state)
{
	struct dmasim_log *log =
	        parse_text(A "\t0x0000000000001000\n" A
	                     "\t0x0000000000000000\n" FIVE("arm-smmu-v3 "));

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_string_equal(dmasim_log_note(log, 0),
	                    "line 1: the end of a record whose beginning is "
	                    "lost; left out");
	dmasim_log_destroy(log);
}

static void test_keep_going(void **state)
{
	static const char text[] =
	        A "event 0x10 received:\n" A
	          "\t0x0000000100000010\n" FIVE("[    2.0] arm-smmu-v3 ") A
	        "\t0x0000000100000010\n" A "event 0x110 received:\n" A
	        "event 0x10 received:\n" A "\t0x123\n" A
	        "event 0x13 received:\n" A "\t0x0000000100000010\n"
	        "[    3.0] arm-smmu-v3 2b400000.smmu: event 0x10 received:\n"
	        "[    2.9] arm-smmu-v3 2b400000.smmu: "
	        "\t0x0000000100000010\n" A "event 0x10 received:\n";
	static const char *const notes[] = {
	        "line 1: this record has only 1 of its 4 words; left out",
	        "line 8: a word that belongs to no record: lines are missing "
	        "or out of order; left out",
	        "line 9: an event number has 8 bits; left out",
	        "line 11: word 0 of the record of line 10 is not 0x and 16 "
	        "digits; left out",
	        "line 13: the record says event 0x13, its first word 0x10: "
	        "the log is out of order; left out",
	        "line 15: this word is older than the line before it in its "
	        "record: the log is out of order; left out",
	        "line 16: this record has only 0 of its 4 words; left out",
	};
	struct dmasim_log *log = NULL;
	struct dmasim_diag diag = {""};

	(void)state;
	assert_int_equal(dmasim_log_parse_flags(text, sizeof(text) - 1, "x",
	                                        DMASIM_LOG_KEEP_GOING, &log,
	                                        &diag),
	                 DMASIM_OK);
	assert_int_equal(dmasim_log_count(log), 1);
	assert_string_equal(dmasim_log_name(log), "x");
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		assert_string_equal(dmasim_log_note(log, i), notes[i]);
	dmasim_log_destroy(log);
	dmasim_log_destroy(NULL);
}

static void test_unknown_number_is_kept(void **state)
{
	struct dmasim_log *log = parse_text(
	        A "event 0x77 received:\n" A "\t0x0000000100000077\n" A
	          "\t0x0000000000000001\n" A "\t0x0000000000000002\n" A
	          "\t0x0000000000000003\n" FIVE("arm-smmu-v3 "));

	(void)state;
	assert_int_equal(dmasim_log_count(log), 2);
	assert_true(dmasim_log_get(log, 0)->words[3] == 3);
	dmasim_log_destroy(log);
}

/* ---- size ---- */

static void test_long_lines_are_cut(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;

	(void)state;
	for (int i = 0; i < 100; i++)
		text_add(&t, "%0500d", i);
	text_add(&t, "\n");
	text_add(&t, FIVE("arm-smmu-v3 "));
	log = parse(&t);
	assert_int_equal(dmasim_log_count(log), 1);
	assert_int_equal(dmasim_log_get(log, 0)->line, 2);
	dmasim_log_destroy(log);
}

static void test_many_records(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		text_fault(&t, i % 7, i % 2, 0x1000 + i * 4ull);
	log = parse(&t);
	assert_int_equal(dmasim_log_count(log), 5000);
	assert_true(dmasim_log_get(log, 4999)->words[2] ==
	            0x1000 + 4999 * 4ull);
	dmasim_log_destroy(log);
}

static void test_many_smmus(void **state)
{
	struct text t = {0};

	(void)state;
	for (int i = 0; i < 257; i++)
		text_add(&t,
		         "arm-smmu-v3 %x.smmu: event 0x10 received:\n"
		         "arm-smmu-v3 %x.smmu: 0x0000000000000010\n"
		         "arm-smmu-v3 %x.smmu: 0x0000020800000000\n"
		         "arm-smmu-v3 %x.smmu: 0x0000000000001000\n"
		         "arm-smmu-v3 %x.smmu: 0x0000000000000000\n",
		         i, i, i, i, i);
	refuse(t.data, t.size, "line 1281: more than 256 SMMUs");
	free(t.data);
	t = (struct text){0};
	/* The same through words and decoded lines. */
	for (int i = 0; i < 257; i++)
		text_add(&t, "arm-smmu-v3 %x.smmu: 0x0000000000000010\n", i);
	refuse(t.data, t.size, "line 257: more than 256 SMMUs");
	free(t.data);
	t = (struct text){0};
	for (int i = 0; i < 257; i++)
		text_add(&t,
		         "arm-smmu-v3 %x.smmu: event: C_BAD_CD client: c sid: "
		         "0x1 ssid: 0x0\n",
		         i);
	refuse(t.data, t.size, "line 257: more than 256 SMMUs");
	free(t.data);
	t = (struct text){0};
	for (int i = 0; i < 257; i++)
		text_add(&t,
		         "arm-smmu-v3 %x.smmu: unpriv data read s1 \"CD "
		         "fetch\" stag: 0x0\n",
		         i);
	refuse(t.data, t.size, "line 257: more than 256 SMMUs");
	free(t.data);
}

static void test_long_name(void **state)
{
	static const char name[] =
	        "a-name-that-is-longer-than-any-device-of-any-kernel-was-so-"
	        "far.smmu";
	const uint64_t words[4] = {0x10, 0, 0x1000, 0};
	struct text t = {0};
	struct dmasim_log *log;

	(void)state;
	text_record(&t, name, words);
	text_record(&t, name, words);
	log = parse(&t);
	assert_int_equal(dmasim_log_count(log), 2);
	assert_memory_equal(dmasim_log_smmu(log, 0), name, 63);
	assert_null(dmasim_log_smmu(log, 1));
	dmasim_log_destroy(log);
}

/** Lines that look like others for a while. */
static void test_near_misses(void **state)
{
	struct dmasim_log *log = parse_text(FIVE(
	        "arm-smmu-v3 ") "6,1234 arm-smmu-v3 a: 6,1,x\n"
	                        "6,1,2,3 no semicolon\n"
	                        "fault: event: F_TRANSLATION client: c sid: "
	                        "0x1 ssid: 0x0\n"
	                        "arm-smmu-v3 a: event: F_TRANSLATION client: c "
	                        "sid:\n"
	                        "arm-smmu-v3 a: event: C_BAD_CD client: c sid: "
	                        "0x1\n"
	                        "arm-smmu-v3 b: unpriv data\n"
	                        "arm-smmu-v3 b: unpriv data read s3 x\n"
	                        "arm-smmu-v3 b: unpriv data read s1 \"Some "
	                        "other class\"\n"
	                        "arm-smmu-v3 b: unpriv data read s1 \"CD "
	                        "fetch\" stag: 0x0\n"
	                        "x us : map: IOMMU: iova=0x1 paddr=0x1 size=1\n"
	                        "s : map: IOMMU: iova=0x1 paddr=0x1 size=1\n"
	                        "x [0] 1.2.3: map: IOMMU: iova=0x1 paddr=0x1 "
	                        "size=1\n"
	                        "map: IOMMU: iova=0x1 paddr=0x1 size=0x1\n"
	                        "map: IOMMU: iova=0x1 paddr=0x1 size=\n"
	                        "\033[31");

	(void)state;
	/* The one without its addresses is a record all the same. */
	assert_int_equal(dmasim_log_count(log), 2);
	assert_int_equal(dmasim_log_map_count(log), 4);
	for (size_t i = 0; i < 4; i++)
		assert_false(dmasim_log_map_get(log, i)->has_time);
	dmasim_log_destroy(log);
}

/** Every cut of a log of one record, and random damage, are survived; a log
 * is only taken if its record is whole. */
static void test_every_cut(void **state)
{
	static const char text[] = FIVE("[    1.211721] arm-smmu-v3 ");
	/* Without the last newline the last word is there, too. */
	const size_t whole = sizeof(text) - 2;

	(void)state;
	for (size_t n = 0; n <= sizeof(text) - 1; n++) {
		struct dmasim_log *log = NULL;
		struct dmasim_diag diag = {""};
		char *copy = malloc(n + 1);
		int status;

		assert_non_null(copy);
		memcpy(copy, text, n);
		status = dmasim_log_parse(copy, n, "cut", &log, &diag);
		assert_int_equal(status,
		                 n >= whole ? DMASIM_OK : DMASIM_E_FORMAT);
		if (status != DMASIM_OK)
			assert_memory_equal(diag.text, "line ", 5);
		dmasim_log_destroy(log);
		free(copy);
	}
}

static void test_random_damage(void **state)
{
	static const char text[] = FIVE("[    1.2] arm-smmu-v3 ") A
	        "event: F_TRANSLATION client: c sid: 0x1 ssid: 0x0 iova: "
	        "0x1 ipa: 0x0\n" A "unpriv data read s1 \"Input address "
	        "caused fault\" stag: 0x0\n"
	        " x [0] ..... 1.5: map: IOMMU: iova=0x1000 paddr=0x1 "
	        "size=1\n" A "unexpected global error reported (0x4), x\n";
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct dmasim_log *log = NULL;
		char copy[sizeof(text)];

		memcpy(copy, text, sizeof(text));
		for (int i = 0; i < 3; i++) {
			seed = seed * 6364136223846793005ull + 1;
			copy[(seed >> 33) % (sizeof(text) - 1)] =
			        (char)(seed >> 25);
		}
		dmasim_log_parse_flags(copy, sizeof(text) - 1, "x",
		                       round % 2 ? DMASIM_LOG_KEEP_GOING : 0,
		                       &log, NULL);
		dmasim_log_destroy(log);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_smmus_mixed),
        cmocka_unit_test(test_other_drivers),
        cmocka_unit_test(test_suppressed),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_notes_are_bounded),
        cmocka_unit_test(test_map_lines),
        cmocka_unit_test(test_wrapped_map_line),
        cmocka_unit_test(test_add_trace),
        cmocka_unit_test(test_lost_lines),
        cmocka_unit_test(test_begins_within_record),
        cmocka_unit_test(test_keep_going),
        cmocka_unit_test(test_unknown_number_is_kept),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_many_records),
        cmocka_unit_test(test_many_smmus),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_random_damage),
};

CHECK_MAIN(tests)
