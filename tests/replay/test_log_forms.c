/* SPDX-License-Identifier: MIT */
/* Every form in which the lines of a record reach a reader. */
#include "log_text.h"

static void check_2017(const char *text, const char *smmu, const char *time)
{
	struct dmasim_log *log = parse_text(text);
	const struct dmasim_log_record *r = dmasim_log_get(log, 0);

	assert_int_equal(dmasim_log_count(log), 1);
	assert_true(r->raw);
	assert_true(r->words[0] == W2017_0);
	assert_true(r->words[1] == W2017_1);
	assert_true(r->words[2] == W2017_IDX);
	assert_true(r->words[3] == 0);
	for (int i = 0; i < 4; i++)
		assert_true(r->mask[i] == ~0ull);
	assert_string_equal(dmasim_log_smmu(log, r->smmu), smmu);
	assert_string_equal(r->time, time);
	assert_null(dmasim_log_note(log, 0));
	dmasim_log_destroy(log);
}

#define S "2b400000.smmu"

static void test_printk_time(void **state)
{
	(void)state;
	check_2017(FIVE("[    1.211721] arm-smmu-v3 "), S, "1.211721");
}

static void test_no_prefix(void **state)
{
	(void)state;
	check_2017(FIVE("arm-smmu-v3 "), S, "");
}

static void test_caller_ids(void **state)
{
	(void)state;
	check_2017(FIVE("[    1.211721][  T123] arm-smmu-v3 "), S, "1.211721");
	check_2017(FIVE("[    1.211721] [C0] arm-smmu-v3 "), S, "1.211721");
}

static void test_syslog_level(void **state)
{
	(void)state;
	check_2017(FIVE("<6>[    1.211721] arm-smmu-v3 "), S, "1.211721");
	check_2017(FIVE("<6>Nov 21 07:00:01 host kernel: arm-smmu-v3 "), S,
	           "Nov 21 07:00:01");
}

static void test_journalctl(void **state)
{
	(void)state;
	check_2017(FIVE("Nov 21 07:00:01 host kernel: arm-smmu-v3 "), S,
	           "Nov 21 07:00:01");
	check_2017(FIVE("2017-01-09T17:00:44+0000 host kernel: arm-smmu-v3 "),
	           S, "2017-01-09T17:00:44+0000");
	check_2017(FIVE("Nov 21 07:00:01 host kernel: [    1.2] arm-smmu-v3 "),
	           S, "1.2");
}

static void test_dmesg_dates(void **state)
{
	(void)state;
	check_2017(FIVE("[Mon Jan  9 17:00:44 2017] arm-smmu-v3 "), S,
	           "Mon Jan  9 17:00:44");
	check_2017(FIVE("kern  :info  : [    1.211721] arm-smmu-v3 "), S,
	           "1.211721");
}

static void test_kmsg(void **state)
{
	struct dmasim_log *log;

	(void)state;
	check_2017(FIVE("6,1234,1211721,-;arm-smmu-v3 "), S, "1211721");
	log = parse_text(FIVE("6,1234,1211721,-;arm-smmu-v3 "));
	assert_true(dmasim_log_get(log, 0)->has_time);
	assert_true(dmasim_log_get(log, 0)->time_us == 1211721);
	dmasim_log_destroy(log);
}

static void test_tabs_and_crlf(void **state)
{
	(void)state;
	check_2017("[    1.2] arm-smmu-v3 " S ": event 0x10 received:\r\n"
	           "[    1.2] arm-smmu-v3 " S ": \t0x00000000fffff010\r\n"
	           "[    1.2] arm-smmu-v3 " S ": \t0x0000020800000000\r\n"
	           "[    1.2] arm-smmu-v3 " S ":\t0x00000008fa081002\t\r\n"
	           "[    1.2] arm-smmu-v3 " S ":\t\t0x0000000000000000\r\n",
	           S, "1.2");
}

static void test_colours(void **state)
{
	(void)state;
	check_2017(FIVE("\033[32m[    1.211721] \033[0m\033[33marm-smmu-v3 "
	                "\033[0m"),
	           S, "1.211721");
	check_2017(FIVE("\033(B\033[1;31marm-smmu-v3 \033[m"), S, "");
}

static void test_mail_quotes(void **state)
{
	(void)state;
	check_2017(FIVE("> [    1.211721] arm-smmu-v3 "), S, "1.211721");
	check_2017(FIVE(">> > \t[    1.211721] arm-smmu-v3 "), S, "1.211721");
}

static void test_web_blanks(void **state)
{
	(void)state;
	check_2017(FIVE("\xc2\xa0[    1.211721]\xc2\xa0"
	                "arm-smmu-v3\xc2\xa0"),
	           S, "1.211721");
}

static void test_wrapped_words(void **state)
{
	(void)state;
	check_2017("> [    1.211721] arm-smmu-v3 " S ": event\n"
	           "> 0x10 received:\n"
	           "> [    1.211800] arm-smmu-v3 " S ":\n"
	           "> 0x00000000fffff010\n"
	           "> [    1.211880] arm-smmu-v3\n"
	           "> " S ":    0x0000020800000000\n"
	           "> [    1.211959] arm-smmu-v3 " S ":    0x00000008fa081002\n"
	           "> [    1.212075] arm-smmu-v3 " S ":\n"
	           ">  0x0000000000000000\n",
	           S, "1.211721");
	check_2017("arm-smmu-v3 " S ": event 0x10\nreceived:\n"
	           "arm-smmu-v3 " S ":\n0x00000000fffff010\n"
	           "arm-smmu-v3 " S ":\n0x0000020800000000\n"
	           "arm-smmu-v3 " S ":\n0x00000008fa081002\n"
	           "arm-smmu-v3 " S ":\n0x0000000000000000\n",
	           S, "");
}

static void test_trimmed(void **state)
{
	(void)state;
	check_2017("event 0x10 received:\n"
	           "\t0x00000000fffff010\n"
	           "\t0x0000020800000000\n"
	           "\t0x00000008fa081002\n"
	           "\t0x0000000000000000\n",
	           "", "");
	check_2017("[    1.2] arm-smmu-v3 " S ": event 0x10 received:\n"
	           "[    1.2] 0x00000000fffff010\n"
	           "[    1.2] 0x0000020800000000\n"
	           "[    1.2] 0x00000008fa081002\n"
	           "[    1.2] 0x0000000000000000",
	           S, "1.2");
}

static void test_upper_case(void **state)
{
	(void)state;
	check_2017("ARM-SMMU-V3 " S ": event 0x10 received\n"
	           "ARM-SMMU-V3 " S ": 0x00000000FFFFF010\n"
	           "ARM-SMMU-V3 " S ": 0X0000020800000000\n"
	           "ARM-SMMU-V3 " S ": 0x00000008FA081002\n"
	           "ARM-SMMU-V3 " S ": 0x0000000000000000\n",
	           S, "");
}

static void test_acpi_names(void **state)
{
	(void)state;
	check_2017("[ 70.3] arm-smmu-v3 arm-smmu-v3.5.auto: event 0x10 "
	           "received:\n"
	           "[ 70.3] arm-smmu-v3 arm-smmu-v3.5.auto:  "
	           "0x00000000fffff010\n"
	           "[ 70.3] arm-smmu-v3 arm-smmu-v3.5.auto:  "
	           "0x0000020800000000\n"
	           "[ 70.3] arm-smmu-v3 arm-smmu-v3.5.auto:  "
	           "0x00000008fa081002\n"
	           "[ 70.3] arm-smmu-v3 arm-smmu-v3.5.auto:  "
	           "0x0000000000000000\n",
	           "arm-smmu-v3.5.auto", "70.3");
}

static void test_xen(void **state)
{
	(void)state;
	check_2017("(XEN) SMMUv3: /soc/iommu@2b400000: event 0x10 received:\n"
	           "(XEN) SMMUv3: /soc/iommu@2b400000: 0x00000000fffff010\n"
	           "(XEN) SMMUv3: /soc/iommu@2b400000: 0x0000020800000000\n"
	           "(XEN) SMMUv3: /soc/iommu@2b400000: 0x00000008fa081002\n"
	           "(XEN) SMMUv3: /soc/iommu@2b400000: 0x0000000000000000\n",
	           "/soc/iommu@2b400000", "");
}

/* ---- the newer form ---- */

#define NEW "[    2.2] arm-smmu-v3 9050000.smmuv3: "
#define NEW_WORDS                                                              \
	NEW "event 0x10 received:\n" NEW "\t0x0000004800000010\n" NEW          \
	    "\t0x0000020000000000\n" NEW "\t0x0000000030002000\n" NEW          \
	    "\t0x0000000000000000\n"
#define NEW_EVENT                                                              \
	"event: F_TRANSLATION client: 0000:00:09.0 sid: 0x48 ssid: 0x0 iova: " \
	"0x30002000 ipa: 0x0\n"
#define NEW_ACCESS                                                             \
	"unpriv data write s1 \"Input address caused fault\" stag: 0x0\n"

static void test_newer_form(void **state)
{
	struct dmasim_log *log =
	        parse_text(NEW_WORDS NEW NEW_EVENT NEW NEW_ACCESS);
	const struct dmasim_log_record *r = dmasim_log_get(log, 0);

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_true(r->raw);
	assert_true(r->mask[0] == ~0ull && r->mask[1] == ~0ull);
	assert_true(r->words[2] == 0x30002000);
	assert_string_equal(r->client, "0000:00:09.0");
	assert_null(dmasim_log_note(log, 0));
	dmasim_log_destroy(log);
}

static void check_decoded(const struct dmasim_log_record *r)
{
	assert_false(r->raw);
	assert_true(r->words[0] == 0x0000004800000010);
	assert_true(r->mask[0] == 0xffffffff000000ff);
	assert_true(r->words[1] == 0x0000020000000000);
	/* STAG, Stall, PnU, InD, RnW, S2, CLASS. */
	assert_true(r->mask[1] == 0x0000038e8000ffff);
	assert_true(r->words[2] == 0x30002000);
	assert_true(r->mask[2] == ~0ull);
	assert_true(r->words[3] == 0);
	assert_true(r->mask[3] == 0x000ffffffffff000);
	assert_string_equal(r->client, "0000:00:09.0");
}

static void test_decoded_alone(void **state)
{
	struct dmasim_log *log = parse_text(NEW NEW_EVENT NEW NEW_ACCESS);

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	check_decoded(dmasim_log_get(log, 0));
	assert_int_equal(dmasim_log_get(log, 0)->line, 1);
	dmasim_log_destroy(log);
}

static void test_decoded_wrapped(void **state)
{
	struct dmasim_log *log = parse_text(
	        "> " NEW "event: F_TRANSLATION client: 0000:00:09.0\n"
	        "> sid: 0x48 ssid: 0x0 iova:\n"
	        "> 0x30002000 ipa: 0x0\n"
	        "> " NEW "unpriv data write s1 \"Input address\n"
	        "> caused fault\" stag: 0x0\n");

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	check_decoded(dmasim_log_get(log, 0));
	dmasim_log_destroy(log);
}

static void test_decoded_without_access(void **state)
{
	struct dmasim_log *log = parse_text(NEW NEW_EVENT);
	const struct dmasim_log_record *r = dmasim_log_get(log, 0);

	(void)state;
	assert_true(r->mask[1] == 0);
	assert_true(r->words[2] == 0x30002000);
	dmasim_log_destroy(log);
}

static void test_decoded_details(void **state)
{
	struct dmasim_log *log = parse_text(
	        NEW "event: F_PERMISSION client: (unassigned sid) sid: 0x5 "
	            "ssid: 0x7 iova: 0xabc000 ipa: 0x1234567000\n" NEW
	            "priv inst read s2 \"Stage 1 translation table fetch\" "
	            "ttd_read stall stag: 0x12\n" NEW
	            "event: F_CD_FETCH client: 0000:00:09.0 sid: 0x48 ssid: "
	            "0x0 fetch_addr: 0x880001040\n" NEW
	            "event: C_BAD_STE client: 0000:00:09.0 sid: 0x48 ssid: "
	            "0x0\n");
	const struct dmasim_log_record *r = dmasim_log_get(log, 0);

	(void)state;
	assert_int_equal(dmasim_log_count(log), 3);
	assert_string_equal(r->client, "(unassigned sid)");
	assert_true(r->words[0] == 0x0000000500007813);
	assert_true(r->mask[0] == 0xfffffffffffff8ff);
	assert_true(r->words[1] == 0x0000118e80000012);
	assert_true(r->mask[1] == 0x0000138e8000ffff);
	assert_true(r->words[3] == 0x1234567000);
	r = dmasim_log_get(log, 1);
	assert_true(r->words[0] == 0x0000004800000009);
	assert_true(r->words[3] == 0x880001040);
	assert_true(r->mask[2] == 0);
	r = dmasim_log_get(log, 2);
	assert_true(r->words[0] == 0x0000004800000004);
	assert_true(r->mask[3] == 0);
	dmasim_log_destroy(log);
}

static void test_decoded_completes_words(void **state)
{
	struct dmasim_log *log = parse_text(
	        NEW "event 0x10 received:\n" NEW "\t0x0000004800000010\n" NEW
	            "\t0x0000020000000000\n" NEW NEW_EVENT NEW NEW_ACCESS);
	const struct dmasim_log_record *r = dmasim_log_get(log, 0);

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_false(r->raw);
	assert_true(r->mask[0] == ~0ull && r->mask[1] == ~0ull);
	assert_true(r->words[2] == 0x30002000 && r->mask[2] == ~0ull);
	dmasim_log_destroy(log);
}

static void test_decoded_contradiction(void **state)
{
	struct dmasim_log *log = parse_text(
	        NEW_WORDS NEW "event: F_TRANSLATION client: 0000:00:09.0 sid: "
	                      "0x49 ssid: 0x0 iova: 0x30002000 ipa: 0x0\n");

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_true(dmasim_log_get(log, 0)->words[0] == 0x0000004800000010);
	assert_string_equal(dmasim_log_note(log, 0),
	                    "line 6: this line does not say what the words of "
	                    "line 1 say; the words count");
	dmasim_log_destroy(log);
}

static void test_two_decoded_records(void **state)
{
	struct dmasim_log *log = parse_text(
	        NEW NEW_EVENT NEW NEW_ACCESS NEW NEW_EVENT NEW NEW_ACCESS);

	(void)state;
	assert_int_equal(dmasim_log_count(log), 2);
	check_decoded(dmasim_log_get(log, 0));
	check_decoded(dmasim_log_get(log, 1));
	dmasim_log_destroy(log);
}

static void test_unnamed_decoded(void **state)
{
	struct dmasim_log *log = parse_text(
	        NEW_WORDS NEW "event: UNKNOWN client: (unassigned sid) sid: "
	                      "0x48 ssid: 0x0\n" NEW
	                      "event: UNKNOWN client: (unassigned sid) sid: "
	                      "0x4 ssid: 0x0\n");

	(void)state;
	assert_int_equal(dmasim_log_count(log), 1);
	assert_string_equal(dmasim_log_note(log, 0),
	                    "line 7: an event without a name that the "
	                    "architecture has, and without its words; left "
	                    "out");
	dmasim_log_destroy(log);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printk_time),
        cmocka_unit_test(test_no_prefix),
        cmocka_unit_test(test_caller_ids),
        cmocka_unit_test(test_syslog_level),
        cmocka_unit_test(test_journalctl),
        cmocka_unit_test(test_dmesg_dates),
        cmocka_unit_test(test_kmsg),
        cmocka_unit_test(test_tabs_and_crlf),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_mail_quotes),
        cmocka_unit_test(test_web_blanks),
        cmocka_unit_test(test_wrapped_words),
        cmocka_unit_test(test_trimmed),
        cmocka_unit_test(test_upper_case),
        cmocka_unit_test(test_acpi_names),
        cmocka_unit_test(test_xen),
        cmocka_unit_test(test_newer_form),
        cmocka_unit_test(test_decoded_alone),
        cmocka_unit_test(test_decoded_wrapped),
        cmocka_unit_test(test_decoded_without_access),
        cmocka_unit_test(test_decoded_details),
        cmocka_unit_test(test_decoded_completes_words),
        cmocka_unit_test(test_decoded_contradiction),
        cmocka_unit_test(test_two_decoded_records),
        cmocka_unit_test(test_unnamed_decoded),
};

CHECK_MAIN(tests)
