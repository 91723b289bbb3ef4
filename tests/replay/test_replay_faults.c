/* SPDX-License-Identifier: MIT */
/* Records that no ring explains: each is made by the test endpoint. */
#include "replay_run.h"

#define READ       0x0000000800000000ull
#define PRIV       0x0000000200000000ull
#define INST       0x0000000400000000ull
#define IN         0x0000020000000000ull
#define TT         0x0000010000000000ull
#define S2         0x0000008000000000ull
#define STALL      0x0000000080000000ull
#define SSV        0x0000000000000800ull
#define SID(n)     ((uint64_t)(n) << 32)
#define ANY_RESULT NULL

static struct run replay_words(const uint64_t words[4], const char *profile)
{
	struct dmasim_replay_options opt = {.has_profile = profile != NULL};
	struct text t = {0};

	if (profile)
		assert_int_equal(
		        dmasim_smmu_profile_parse(profile, &opt.profile),
		        DMASIM_OK);
	text_record(&t, "2b400000.smmu", words);
	return run_log(parse(&t), &opt);
}

/** @profile NULL: what the record tells. */
static void check_as(const char *profile, const uint64_t words[4],
                     const char *setup)
{
	struct run r = replay_words(words, profile);
	json_t *rec = run_record(&r, 0, 0);

	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(rec, "result"), "equal");
	assert_string_equal(run_string(rec, "by"), "endpoint");
	assert_string_equal(run_string(rec, "setup"), setup);
	run_end(&r);
}

static void check(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                  const char *setup)
{
	const uint64_t words[4] = {w0, w1, w2, w3};

	check_as("arch", words, setup);
}

/** A record of stage 2. */
static void check_s2(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                     const char *setup)
{
	const uint64_t words[4] = {w0, w1 | IN | S2, w2, w3};

	check_as(NULL, words, setup);
}

static void check_not_as(const char *profile, const uint64_t words[4],
                         const char *reason)
{
	struct run r = replay_words(words, profile);
	json_t *rec = run_record(&r, 0, 0);

	run_expect(&r, DMASIM_E_FAULT);
	assert_string_equal(run_string(rec, "result"), "not-reproduced");
	assert_string_equal(run_string(rec, "reason"), reason);
	run_has(&r, "    not reproduced: ");
	run_end(&r);
}

static void check_not(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                      const char *reason)
{
	const uint64_t words[4] = {w0, w1, w2, w3};

	check_not_as("arch", words, reason);
}

static void test_translation(void **state)
{
	(void)state;
	check(SID(8) | 0x10, IN | READ, 0xff9bc000, 0, "nothing mapped");
	check(SID(8) | 0x10, IN, 0x90000f040, 0, "nothing mapped");
	check(SID(8) | 0x10, IN, 0, 0, "nothing mapped");
	check(SID(8) | 0x10, IN | READ, 0xfff, 0, "nothing mapped");
	check(SID(8) | 0x10, IN | READ | PRIV | INST, 0x5000, 0,
	      "nothing mapped");
	check(SID(8) | 0x10, IN | READ, ~0ull, 0, "nothing mapped");
	check(SID(8) | 0x10, IN | READ, 0x1000000000000, 0, "nothing mapped");
	check(SID(0x1fe0700) | 0x10, IN | PRIV, 0xfffffffffffc, 0,
	      "nothing mapped");
}

static void test_address_size(void **state)
{
	(void)state;
	check(SID(1) | 0x11, IN | READ, 0x350120008, 0,
	      "a page whose output address is above the output size");
	check(SID(1) | 0x11, IN, 0x2000000350120008, 0,
	      "a stream that is bypassed, and an address above the output "
	      "size");
}

static void test_access_flag(void **state)
{
	(void)state;
	check(SID(2) | 0x12, IN | READ, 0x90004010, 0,
	      "a page whose access flag is clear");
	check(SID(2) | 0x12, IN | PRIV, 0x90004ffe, 0,
	      "a page whose access flag is clear");
}

static void test_permission(void **state)
{
	(void)state;
	check(SID(3) | 0x13, IN, 0x18006000, 0,
	      "a page that is mapped read-only");
	check(SID(3) | 0x13, IN | PRIV, 0xfffffffff000, 0,
	      "a page that is mapped read-only");
	check(SID(3) | 0x13, IN | READ, 0x18006000, 0,
	      "a page for privileged accesses alone");
	check(SID(3) | 0x13, IN | READ | INST, 0x18006000, 0,
	      "a page that must not be executed");
	check(SID(3) | 0x13, IN | READ | INST | PRIV, 0x18006000, 0,
	      "a page that must not be executed");
	check_not(SID(3) | 0x13, IN, 0x1000000006000, 0,
	          "no table maps this address");
	check_not(SID(3) | 0x13, IN | READ | PRIV, 0x18006000, 0,
	          "nothing denies a privileged read at stage 1");
}

static void test_stage_2(void **state)
{
	(void)state;
	check_s2(SID(4) | 0x10, READ, 0x5008, 0x5000,
	         "nothing mapped by stage 2");
	check_s2(SID(4) | 0x11, READ, 0x350120008, 0x350120000,
	         "a page of stage 2 whose output address is above the output "
	         "size");
	check_s2(SID(4) | 0x12, 0, 0x90004010, 0x90004000,
	         "a page of stage 2 whose access flag is clear");
	check_s2(SID(4) | 0x13, 0, 0x18006000, 0x18006000,
	         "a page of stage 2 that is read-only");
	check_s2(SID(4) | 0x13, READ, 0x18006010, 0x18006000,
	         "a page of stage 2 that is write-only");
	check_s2(SID(4) | 0x13, READ | INST, 0x18006010, 0x18006000,
	         "a page of stage 2 that must not be executed");
	check_s2(SID(4) | 0x0b, READ, 0x18006000, 0x2000000030,
	         "a level 3 table of stage 2 where nothing answers");
	check_s2(SID(4) | 0x0b, READ, 0x8000006000, 0x2000000008,
	         "a level 0 table of stage 2 where nothing answers");
	check_not_as(NULL,
	             (const uint64_t[4]){SID(4) | 0x0b, IN | READ | S2,
	                                 0x18006000, 0x2000000ff8},
	             "the fetch address is no descriptor of this address with "
	             "a 4 KiB granule");
	check_not_as(NULL,
	             (const uint64_t[4]){SID(4) | 0x10, IN | READ | S2,
	                                 0x1000000005008, 0x5000},
	             "an address above those of stage 2");
	check_not(SID(4) | 0x10, IN | READ | S2, 0x5008, 0x5000,
	          "the SMMU of this profile has no stage 2");
	/* QEMU's, by the low bits of its IPA. */
	check_s2(SID(4) | 0x10, READ, 0x5008, 0x5008,
	         "nothing mapped by stage 2");
	check_s2(SID(4) | 0x13, 0, 0x18006010, 0x18006010,
	         "a page of stage 2 that is read-only");
	check_s2(SID(4) | 0x11, READ, 0x50120008, 0x50120008,
	         "a page of stage 2 whose output address is above the output "
	         "size");
}

/** The place of the descriptor tells the level of the table. */
static void test_walk(void **state)
{
	(void)state;
	check(SID(4) | 0x0b, TT | READ, 0x60000008, 0x2000000000,
	      "a level 3 table where nothing answers");
	check(SID(4) | 0x0b, TT, 0xa0000008, 0x2000000800,
	      "a level 2 table where nothing answers");
	check(SID(4) | 0x0b, TT | READ, 0x40a0203000, 0x2000000810,
	      "a level 1 table where nothing answers");
	check(SID(4) | 0x0b, TT | READ, 0x8000a0203000, 0x2000000800,
	      "a level 0 table where nothing answers");
	/* A fetch address where the first machine has RAM, and where it has
	 * registers. */
	check(SID(4) | 0x0b, TT | READ, 0x60000008, 0x80001000,
	      "a level 3 table where nothing answers");
	check(SID(4) | 0x0b, TT | READ, 0x60000008, 0x2b400000,
	      "a level 3 table where nothing answers");
	check_not(SID(4) | 0x0b, TT | READ, 0x60000008, 0x2000000ff8,
	          "the fetch address is no descriptor of this address with a "
	          "4 KiB granule");
}

static void test_configuration(void **state)
{
	(void)state;
	check(SID(8) | 0x02, 0, 0, 0,
	      "an entry of the level 1 stream table that is invalid");
	check(SID(0x50000) | 0x02, 0, 0, 0,
	      "a StreamID beyond the stream table");
	check(SID(8) | 0x03, 0, 0, 0x2000000200,
	      "a level 2 stream table where nothing answers");
	check(SID(0) | 0x03, 0, 0, 0x80000040,
	      "a level 2 stream table where nothing answers");
	check(SID(8) | 0x04, 0, 0, 0, "an STE with V = 0");
	check(SID(8) | 0x09, 0, 0, 0x2000000040,
	      "an STE whose context descriptor is where nothing answers");
	check(SID(8) | 0x0a, 0, 0, 0, "a CD with V = 0");
	check_not(SID(8) | 0x03, 0, 0, 0x2000000240,
	          "the fetch address is none of this stream's entry in a "
	          "two-level table");
	check_not(SID(8) | 0x03, 0, 0, 0x40,
	          "the fetch address is none of this stream's entry in a "
	          "two-level table");
	check_not(SID(8) | 0x09, 0, 0, 0x2000000048,
	          "a CD lies at a multiple of 64");
}

static void test_not_modelled(void **state)
{
	static const char substream[] =
	        "a transaction with a SubstreamID; the test machine has one "
	        "context per stream";

	(void)state;
	check_not(SID(1) | SSV | 0x10, IN | READ, 0x1000, 0, substream);
	check_not(SID(1) | SSV | 0x04, 0, 0, 0, substream);
	check_not(SID(1) | 0x10, 0x10000000000 | READ | S2, 0x1000, 0x1000,
	          "a CD or a table that stage 2 keeps back; the test machine "
	          "has one stage at a time");
	check_not(SID(1) | 0x10, IN | READ | STALL | 5, 0x1000, 0,
	          "a stalled transaction; the test machine terminates them");
	check_not(SID(1) | 0x20, IN | READ, 0x1000, 0,
	          "this model never writes such a record");
	check_not(SID(0xffffffff) | 0x02, 0, 0, 0,
	          "the test endpoint has no StreamID 0xffffffff");
	check_not(SID(0x2000000) | 0x10, IN | READ, 0x1000, 0,
	          "the driver's stream table ends at 2^25");
}

/** One stream after another, on one machine, and one fault after another of
 * one stream: each is put back. */
static void test_one_machine(void **state)
{
	static const uint64_t faults[][4] = {
	        {SID(0x500) | 0x02, 0, 0, 0},
	        {SID(8) | 0x10, IN | READ, 0xabc000, 0},
	        {SID(8) | 0x04, 0, 0, 0},
	        {SID(8) | 0x0a, 0, 0, 0},
	        {SID(8) | 0x13, IN, 0xabc000, 0},
	        {SID(8) | 0x12, IN | READ, 0xabc000, 0},
	        {SID(8) | 0x11, IN | READ, 0xabc000, 0},
	        {SID(8) | 0x11, IN | READ, 0x1000000abc000, 0},
	        {SID(8) | 0x0b, TT | READ, 0x60000008, 0x2000000000},
	        {SID(8) | 0x0b, TT | READ, 0x60000008, 0x90000000},
	        {SID(8) | 0x10, IN | READ, 0xabc000, 0},
	        {SID(9) | 0x13, IN, 0xabc000, 0},
	        {SID(0x100) | 0x10, IN, 0xabc000, 0},
	        {SID(8) | 0x02, 0, 0, 0},
	        {SID(8) | 0x03, 0, 0, 0x2000000200},
	        {SID(8) | 0x09, 0, 0, 0x2000000200},
	        {SID(8) | 0x10, IN | READ, 0xabc000, 0},
	};
	struct text t = {0};
	struct run r;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		text_record(&t, "2b400000.smmu", faults[i]);
	r = run_log(parse(&t), NULL);
	run_expect(&r, DMASIM_OK);
	run_has(&r, "17 equal in all four words");
	run_end(&r);
}

/** QEMU 7.2 looks at no access flag: the access is made, and no record. */
static void test_no_record(void **state)
{
	const uint64_t words[4] = {SID(2) | 0x12, IN | READ, 0x90004010, 0};
	struct run r = replay_words(words, "qemu-7.2");

	(void)state;
	run_expect(&r, DMASIM_E_FAULT);
	assert_string_equal(run_string(run_record(&r, 0, 0), "result"),
	                    "no-record");
	run_has(&r, "no record was made\n"
	            "    word 0  log 0x0000000200000012\n");
	run_end(&r);
}

static void test_unknown_number(void **state)
{
	const uint64_t unknown[4] = {SID(1) | 0x77, 1, 2, 3};
	struct text t = {0};
	struct run r;

	(void)state;
	text_record(&t, "2b400000.smmu", unknown);
	text_fault(&t, 1, false, 0xff9bc000);
	r = run_log(parse(&t), NULL);
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 0), "result"),
	                    "unknown-event");
	run_has(&r, "event 0x77\n    unknown event number, shown raw\n"
	            "    word 0  log 0x0000000100000077\n"
	            "    word 1  log 0x0000000000000001\n"
	            "    word 2  log 0x0000000000000002\n"
	            "    word 3  log 0x0000000000000003\n");
	run_has(&r, "result: 1 of 1 record reproduced");
	run_end(&r);
}

/** What other hardware leaves in bits that mean nothing. */
static void test_undefined_bits(void **state)
{
	const uint64_t words[4] = {SID(1) | 0x10, IN | READ, 0xabc000,
	                           0x123456000};
	struct run r = replay_words(words, "arch");

	(void)state;
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 0), "result"),
	                    "equal-defined");
	run_end(&r);
}

/* ---- decoded lines alone ---- */

#define NEW "[    2.2] arm-smmu-v3 9050000.smmuv3: "

static void test_decoded(void **state)
{
	struct run r = run_log(
	        parse_text(NEW
	                   "event: F_PERMISSION client: 0000:00:09.0 sid: 0x48 "
	                   "ssid: 0x0 iova: 0x30002000 ipa: 0x0\n" NEW
	                   "unpriv data write s1 \"Input address caused "
	                   "fault\" stag: 0x0\n" NEW
	                   "event: F_TRANSLATION client: 0000:00:09.0 sid: "
	                   "0x48 ssid: 0x0 iova: 0x30003000 ipa: 0x0\n" NEW
	                   "event: C_BAD_STE client: 0000:00:09.0 sid: 0x48 "
	                   "ssid: 0x0\n"),
	        NULL);

	(void)state;
	run_expect(&r, DMASIM_OK);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(run_string(run_record(&r, 0, i), "result"),
		                    "equal-known");
	run_has(&r, "client 0000:00:09.0");
	run_has(&r, "access to 0x30003000");
	run_has(&r, "3 equal in every bit that the log shows");
	run_end(&r);
}

static void test_decoded_without_address(void **state)
{
	struct run r = run_log(
	        parse_text(NEW "event 0x10 received:\n" NEW
	                       "\t0x0000004800000010\n" NEW
	                       "event: C_BAD_CD client: c sid: 0x48 ssid: "
	                       "0x0\n"),
	        NULL);

	(void)state;
	run_expect(&r, DMASIM_E_FAULT);
	assert_string_equal(run_string(run_record(&r, 0, 0), "reason"),
	                    "the log does not show the address");
	run_end(&r);
}

/* ---- words ---- */

static void check_cause(const uint64_t words[4], const char *cause)
{
	struct run r = replay_words(words, "arch");

	assert_string_equal(run_string(run_record(&r, 0, 0), "cause"), cause);
	run_end(&r);
}

#define CAUSE(cause, ...) check_cause((const uint64_t[4]){__VA_ARGS__}, cause)

static void test_causes(void **state)
{
	(void)state;
	CAUSE("address 0: probably a null pointer", 0x10, IN, 0, 0);
	CAUSE("in the first page: probably a null pointer plus 0x48, or an "
	      "offset without its base",
	      0x10, IN, 0x48, 0);
	CAUSE("above the 48 bits that a stage 1 of 4 KiB pages takes: probably "
	      "no address at all",
	      0x10, IN, 0xdead000000000100, 0);
	CAUSE("nothing maps it for this stream", 0x10, IN, 0xff9bc000, 0);
	CAUSE("mapped to an address that is larger than the context may output",
	      0x11, IN, 0x1000, 0);
	CAUSE("mapped with a clear access flag, which software has to set",
	      0x12, IN, 0x1000, 0);
	CAUSE("mapped, but not for writes", 0x13, IN, 0x1000, 0);
	CAUSE("mapped, but not for unprivileged reads", 0x13, IN | READ, 0x1000,
	      0);
	CAUSE("mapped, but not for instructions", 0x13, IN | READ | INST,
	      0x1000, 0);
	CAUSE("the translation table at 0x2000000000 cannot be read", 0x0b,
	      TT | READ, 0x60000008, 0x2000000000);
	CAUSE("the stream table has no entry for this StreamID: an unknown "
	      "device, or a wrong iommu-map",
	      0x02, 0, 0, 0);
	CAUSE("the stream table entry at 0x2000000000 cannot be read", 0x03, 0,
	      0, 0x2000000000);
	CAUSE("the stream table entry is not valid", 0x04, 0, 0, 0);
	CAUSE("the context descriptor at 0x2000000000 cannot be read", 0x09, 0,
	      0, 0x2000000000);
	CAUSE("the context descriptor is not valid", 0x0a, 0, 0, 0);
	CAUSE("(none)", 0x20, 0, 0, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_translation),
        cmocka_unit_test(test_address_size),
        cmocka_unit_test(test_access_flag),
        cmocka_unit_test(test_permission),
        cmocka_unit_test(test_stage_2),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_not_modelled),
        cmocka_unit_test(test_one_machine),
        cmocka_unit_test(test_no_record),
        cmocka_unit_test(test_unknown_number),
        cmocka_unit_test(test_undefined_bits),
        cmocka_unit_test(test_decoded),
        cmocka_unit_test(test_decoded_without_address),
        cmocka_unit_test(test_causes),
};

CHECK_MAIN(tests)
