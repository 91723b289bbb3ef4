/* SPDX-License-Identifier: MIT */
/* What is said about structures, field by field. */
#include "fields.h"

/* ---- events ---- */

static size_t event(uint64_t d0, uint64_t d1, uint64_t d2, uint64_t d3)
{
	const uint64_t record[4] = {d0, d1, d2, d3};

	return dmasim_event_fields(record, f, MAX);
}

/* The first record of the 2017 log. */
static void the_2017_record(void **state)
{
	size_t n = event(0xfffff010, 0x0000020800000000, 0x8fa081002, 0);

	(void)state;
	has(n, "Event number", 0x10);
	has(n, "SSV", 0);
	has(n, "StreamID", 0);
	lacks(n, "SubstreamID");
	has(n, "RnW", 1);
	says(n, "RnW", "read");
	has(n, "PnU", 0);
	has(n, "InD", 0);
	has(n, "S2", 0);
	has(n, "CLASS", 2);
	says(n, "CLASS", "IN: the input address");
	has(n, "Stall", 0);
	lacks(n, "STAG");
	lacks(n, "IPA");
	has(n, "InputAddr", 0x8fa081002);
	assert_int_equal(field(n, "CLASS")->word, 1);
	assert_int_equal(field(n, "CLASS")->hi, 41);
	assert_int_equal(field(n, "CLASS")->lo, 40);
	assert_int_equal(field(n, "InputAddr")->hi, 63);
	assert_int_equal(field(n, "InputAddr")->lo, 0);
}

static void conditional_fields(void **state)
{
	size_t n =
	        event(0x80012345ull << 32 | 0xabcdeull << 12 | 1 << 11 | 0x13,
	              1ull << 44 | 1ull << 40 | 1ull << 39 | 1ull << 38 |
	                      1ull << 31 | 0x77,
	              ~0ull, 0x00fffffffffff000);

	(void)state;
	has(n, "StreamID", 0x80012345);
	has(n, "SubstreamID", 0xabcde);
	has(n, "Stall", 1);
	has(n, "STAG", 0x77);
	has(n, "TTRnW", 1);
	has(n, "NSIPA", 1);
	has(n, "IPA", 0x00fffffffffff000);
	/* TTRnW is for permission faults of tables. */
	n = event(0x12, 1ull << 44 | 1ull << 40, 0, 0);
	lacks(n, "TTRnW");
	n = event(0x13, 2ull << 40, 0, 0);
	lacks(n, "TTRnW");
}

static void other_events(void **state)
{
	size_t n;

	(void)state;
	n = event(0x01, 1ull << 34 | 3, 0x123, 0);
	has(n, "Reason", 3);
	has(n, "InD", 1);
	has(n, "InputAddr", 0x123);
	for (uint64_t type = 3; type <= 9; type += 6) {
		n = event(type, 1 << 16 | 9, 0, 0x0080000000000ff8);
		has(n, "Reason", 9);
		has(n, "GPCF", 1);
		has(n, "FetchAddr", 0x0080000000000ff8);
	}
	n = event(0x25, 0, 0, 0x40);
	has(n, "FetchAddr", 0x40);
	n = event(0x02, 0, 0, 0);
	assert_int_equal(n, 3);
	n = event(0x07, 1ull << 35, 0x1000, 0);
	has(n, "RnW", 1);
	lacks(n, "PnU");
	n = event(0x05, 1ull << 31 | 1ull << 29 | 1ull << 28 | 9, 0x5fff, 0);
	has(n, "InputAddr", 0x5000);
	has(n, "R", 1);
	has(n, "W", 0);
	has(n, "X", 1);
	says(n, "PRIV", "privileged");
	has(n, "Span", 9);
	/* The SubstreamID is valid although SSV is 0. */
	n = event(0x08 | 7 << 12, 0, 0, 0);
	has(n, "SubstreamID", 7);
	n = event(0x0b, 1ull << 40, 0x1000, 0x2008);
	has(n, "FetchAddr", 0x2008);
	says(n, "CLASS", "TT: reading a translation table");
	n = event(0x20, 1ull << 39, 0, 0x3000);
	has(n, "IPA", 0x3000);
	n = event(0x20, 0, 0, 0x3000);
	lacks(n, "IPA");
	n = event(0x21, 5, 0, 0);
	has(n, "Reason", 5);
	n = event(0x24, 1ull << 35 | 2ull << 44, 0x12345fff, 0);
	has(n, "uR", 1);
	has(n, "Span", 2);
	has(n, "InputAddr", 0x12345000);
	/* A number that nobody has named: the common fields, raw. */
	n = event(0xe5, ~0ull, ~0ull, ~0ull);
	assert_int_equal(n, 3);
}

static void event_names(void **state)
{
	unsigned named = 0;

	(void)state;
	assert_string_equal(dmasim_event_name(0x10), "F_TRANSLATION");
	assert_string_equal(dmasim_event_name(0x0b), "F_WALK_EABT");
	assert_string_equal(dmasim_event_name(0x25), "F_VMS_FETCH");
	assert_null(dmasim_event_name(0));
	for (unsigned i = 0; i < 256; i++)
		named += dmasim_event_name((uint8_t)i) != NULL;
	assert_int_equal(named, 19);
}

static void no_room(void **state)
{
	const uint64_t record[4] = {0x10, 0, 0, 0};
	size_t n = dmasim_event_fields(record, f, MAX);

	(void)state;
	f[2].name = "untouched";
	assert_int_equal(dmasim_event_fields(record, f, 2), n);
	assert_string_equal(f[2].name, "untouched");
	assert_int_equal(dmasim_event_fields(record, NULL, 0), n);
}

static void defined_bits(void **state)
{
	const uint64_t plain[4] = {0xfffff010, 2ull << 40, 0, 0};
	const uint64_t stage2[4] = {1 << 11 | 0x13,
	                            1ull << 31 | 1ull << 39 | 1ull << 40, 0, 0};
	const uint64_t substream[4] = {0x08, 0, 0, 0};
	const uint64_t unknown[4] = {0xe5 | 1 << 11, 0, 0, 0};
	uint64_t mask[4];

	(void)state;
	dmasim_event_defined(plain, mask);
	assert_int_equal(mask[0], 0xffffffff00000fff);
	assert_int_equal(mask[1], ~(1ull << 44 | 1ull << 38 | 0xffff));
	assert_int_equal(mask[2], UINT64_MAX);
	assert_int_equal(mask[3], 0xff00000000000fff);
	dmasim_event_defined(stage2, mask);
	for (int i = 0; i < 4; i++)
		assert_int_equal(mask[i], UINT64_MAX);
	dmasim_event_defined(substream, mask);
	assert_int_equal(mask[0], UINT64_MAX);
	dmasim_event_defined(unknown, mask);
	assert_int_equal(mask[0], UINT64_MAX);
	assert_int_equal(mask[3], UINT64_MAX);
}

/* ---- STE and CD: of a recording of Linux ---- */

static void linux_ste(void **state)
{
	const uint64_t ste[8] = {0x00000000480b400b, 0xd6};
	size_t n = dmasim_ste_fields(ste, f, MAX);

	(void)state;
	says(n, "V", "valid");
	says(n, "Config", "stage 1 translates");
	has(n, "S1ContextPtr", 0x480b4000);
	has(n, "S1CDMax", 0);
	says(n, "S1DSS", "without SubstreamID: use CD 0");
	says(n, "S1CIR", "Write-Back, write-allocate");
	says(n, "S1CSH", "Inner Shareable");
	has(n, "STRW", 0);
	lacks(n, "S2VMID");
}

static void other_stes(void **state)
{
	uint64_t ste[8] = {0};
	size_t n = dmasim_ste_fields(ste, f, MAX);

	(void)state;
	assert_int_equal(n, 2);
	ste[0] = 1;
	assert_int_equal(dmasim_ste_fields(ste, f, MAX), 2);
	ste[0] = 1 | 4 << 1;
	n = dmasim_ste_fields(ste, f, MAX);
	says(n, "Config", "bypass");
	has(n, "MTCFG", 0);
	lacks(n, "S1Fmt");
	ste[0] = 1 | 6 << 1;
	ste[2] = 0x1234 | 5ull << 48;
	ste[3] = 0x7000;
	n = dmasim_ste_fields(ste, f, MAX);
	lacks(n, "S1Fmt");
	has(n, "S2VMID", 0x1234);
	says(n, "S2PS", "48 bits");
	has(n, "S2TTB", 0x7000);
	ste[0] = 1 | 7 << 1;
	n = dmasim_ste_fields(ste, f, MAX);
	has(n, "S1Fmt", 0);
	has(n, "S2TTB", 0x7000);
}

/* Every field of stage 2, and of a Secure stream's second one. */
static void whole_stage_2(void **state)
{
	const uint64_t ste[8] = {1 | 6 << 1,
	                         1ull << 25 | 2ull << 28 | 1ull << 30 |
	                                 9ull << 32 | 3ull << 46,
	                         7 | 24ull << 32 | 1ull << 38 | 2ull << 46 |
	                                 6ull << 48 | 0x7ffull << 51,
	                         0x40000f | 0x7ull << 48,
	                         16ull << 32 | 2ull << 38 | 1ull << 46,
	                         0,
	                         0x800007};
	size_t n = dmasim_ste_fields(ste, f, MAX);

	(void)state;
	assert_true(n <= MAX);
	says(n, "S2FWB", "MemAttr of a leaf decides");
	says(n, "EATS",
	     "split-stage ATS: only stage 1 is kept by the endpoint");
	says(n, "STRW", "EL3: Secure streams alone; else reserved");
	says(n, "MemAttr", "Normal, outer WT, inner NC");
	says(n, "NSCFG", "Non-secure");
	has(n, "S2SL0", 1);
	has(n, "S2SL0_2", 1);
	says(n, "S2TG", "16 KiB");
	says(n, "S2PS", "52 bits");
	says(n, "S2DS", "addresses of 52 bits with 4 and 16 KiB");
	says(n, "S2AA64", "AArch64 tables");
	says(n, "S2ENDI", "big-endian tables");
	says(n, "S2AFFD", "AF = 0 does not fault");
	says(n, "S2PTW", "stage 1 tables in Device memory fault");
	has(n, "S2HD", 1);
	has(n, "S2HA", 1);
	has(n, "S2HAFT", 1);
	has(n, "S2PIE", 1);
	has(n, "S2POE", 1);
	says(n, "S2S", "faults stall");
	says(n, "S2R", "faults are recorded");
	has(n, "S2TTB", 0x0007000000400000);
	says(n, "S2NSW", "Secure: S2TTB is in Non-secure memory");
	says(n, "S2NSA", "Secure: Non-secure IPAs lead to Non-secure memory");
	has(n, "S_S2T0SZ", 16);
	has(n, "S_S2SL0", 2);
	has(n, "S_S2SL0_2", 1);
	says(n, "S_S2TG", "64 KiB");
	says(n, "S2SW", "Secure: S_S2TTB is in Non-secure memory");
	says(n, "S2SA", "Secure: Secure IPAs lead to Non-secure memory");
	has(n, "S_S2TTB", 0x800000);
}

static void newer_cd(void **state)
{
	const uint64_t cd[8] = {
	        1ull << 31 | 1ull << 41,
	        0x5000 | 1 << 2 | 1 << 3 | 1ull << 58 | 1ull << 59 | 9ull << 60,
	        0x6000 | 1 << 3 | 1ull << 58 | 1ull << 59 | 6ull << 60,
	        0,
	        0xabcd,
	};
	size_t n = dmasim_cd_fields(cd, f, MAX);

	(void)state;
	says(n, "E0PD0", "unprivileged accesses fault");
	says(n, "E0PD1", "walked for all");
	has(n, "HAFT", 1);
	has(n, "PnCH", 1);
	says(n, "EPAN", "PAN looks at execution, too");
	has(n, "HWU0", 9);
	has(n, "HWU1", 6);
	has(n, "AIE", 1);
	says(n, "DS", "addresses of 52 bits with 4 and 16 KiB");
	has(n, "PIE", 1);
	has(n, "TTB0", 0x5000);
	has(n, "TTB1", 0x6000);
	has(n, "AMAIR", 0xabcd);
}

static void linux_cd(void **state)
{
	const uint64_t cd[8] = {0x0008e204c0003510, 0x480ea000, 0,
	                        0xfffffffff404ff44};
	size_t n = dmasim_cd_fields(cd, f, MAX);

	(void)state;
	has(n, "ASID", 8);
	has(n, "T0SZ", 16);
	says(n, "TG0", "4 KiB");
	says(n, "IPS", "44 bits");
	has(n, "TTB0", 0x480ea000);
	has(n, "EPD0", 0);
	has(n, "EPD1", 1);
	lacks(n, "T1SZ");
	has(n, "MAIR", 0xfffffffff404ff44);
	says(n, "A", "terminated: abort");
	says(n, "ASID", NULL);
}

static void upper_half(void **state)
{
	const uint64_t cd[8] = {25ull << 16 | 2ull << 22 | 1ull << 14, 0,
	                        0x5002, 0};
	size_t n = dmasim_cd_fields(cd, f, MAX);

	(void)state;
	lacks(n, "T0SZ");
	has(n, "T1SZ", 25);
	says(n, "TG1", "4 KiB");
	has(n, "HAD1", 1);
	has(n, "TTB1", 0x5000);
}

/* ---- descriptors ---- */

static size_t pte(uint64_t v, int stage, int level, int granule)
{
	return dmasim_pte_fields(v, stage, level, granule, f, MAX);
}

static void pages_and_blocks(void **state)
{
	size_t n = pte(0x0008000041e9afc7, 1, 3, 12);

	(void)state;
	says(n, "Type", "page");
	has(n, "Output address", 0x41e9a000);
	says(n, "AP[2:1]", "read-only for all");
	has(n, "DBM", 1);
	says(n, "nG", "of its ASID");
	says(n, "AF", "accessed");
	n = pte(0x0000000042100f45, 1, 2, 12);
	says(n, "Type", "block");
	/* Bits below the block are no address. */
	has(n, "Output address", 0x42000000);
	n = pte(0x40000f45, 1, 1, 12);
	has(n, "Output address", 0x40000000);
	n = pte(0x4000000000ull | 0x45, 1, 2, 16);
	has(n, "Output address", 0x4000000000);
	/* Level 0 of 64 KiB: a block of more than all. */
	n = pte(0x45, 1, 0, 16);
	lacks(n, "Output address");
	n = pte(0x46, 1, 3, 12);
	says(n, "Type", "invalid");
	assert_int_equal(n, 1);
	n = pte(0x45, 1, 3, 12);
	says(n, "Type", "reserved");
	assert_int_equal(n, 1);
}

static void tables(void **state)
{
	size_t n = pte(0x4000000048031003, 1, 2, 12);

	(void)state;
	says(n, "Type", "table");
	has(n, "Next-level table", 0x48031000);
	says(n, "APTable", "no write");
	lacks(n, "AF");
	n = pte(0x48034003, 2, 1, 14);
	has(n, "Next-level table", 0x48034000);
	lacks(n, "APTable");
}

static void stage_2_leaves(void **state)
{
	size_t n = pte(0x41e9a7ff, 2, 3, 12);

	(void)state;
	has(n, "MemAttr", 0xf);
	says(n, "MemAttr", "Normal, outer WB, inner WB");
	says(n, "MemAttr with S2FWB", "as stage 1 says");
	says(n, "XN", "executable for all");
	says(n, "DBM", "writable as it stands");
	lacks(n, "nT");
	says(n, "S2AP", "read/write");
	lacks(n, "nG");
}

/* MemAttr both ways, rights, and the rest of long addresses. */
static void other_stage_2_leaves(void **state)
{
	size_t n = pte(0x00480000400007d9ull | 2ull << 52, 2, 2, 12);

	(void)state;
	says(n, "Type", "block");
	has(n, "MemAttr", 6);
	says(n, "MemAttr", "Normal, outer NC, inner WT");
	says(n, "MemAttr with S2FWB", "Normal Write-Back");
	says(n, "DBM", "hardware may make it writable");
	has(n, "Contiguous", 0);
	has(n, "nT", 0);
	n = pte(0x00500000400104c5ull, 2, 2, 12);
	says(n, "MemAttr", "Device-nGnRE");
	says(n, "MemAttr with S2FWB", "Device-nGnRE");
	has(n, "Contiguous", 1);
	has(n, "nT", 1);
	says(n, "XN", "not executable");
	n = pte(3ull << 53 | 0x3, 2, 3, 12);
	says(n, "S2AP", "no access");
	says(n, "XN", "executable for EL1 alone");
	n = pte(1ull << 53 | 0x93, 2, 3, 12);
	says(n, "MemAttr", "reserved");
	says(n, "MemAttr with S2FWB", "reserved");
	says(n, "S2AP", "write-only");
	says(n, "XN", "executable for EL0 alone");
}

static void long_addresses(void **state)
{
	size_t n = pte(0x0000000012340000ull | 0xa000 | 0x743, 1, 3, 16);

	(void)state;
	has(n, "Output address", 0x12340000);
	has(n, "Address bits 51:48", 0xa);
	lacks(n, "Address bits 49:48 with DS");
	n = pte(0x0003000012345000ull | 2 << 8 | 0x443, 1, 3, 12);
	has(n, "Output address", 0x12345000);
	has(n, "Address bits 49:48 with DS", 3);
	has(n, "Address bits 51:50 with DS", 2);
	lacks(n, "Address bits 51:48");
	n = pte(0x0001000012344000ull | 1 << 8 | 3, 1, -1, 14);
	says(n, "Type", "table");
	has(n, "Address bits 49:48 with DS", 1);
	has(n, "Address bits 51:50 with DS", 1);
	lacks(n, "nT");
}

static void nonsense(void **state)
{
	(void)state;
	assert_int_equal(pte(3, 1, 4, 12), 1);
	assert_int_equal(pte(3, 1, -2, 12), 1);
	assert_int_equal(pte(3, 1, 1, 0), 1);
	assert_int_equal(pte(3, 1, 1, 64), 1);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_2017_record),
        cmocka_unit_test(conditional_fields),
        cmocka_unit_test(other_events),
        cmocka_unit_test(event_names),
        cmocka_unit_test(no_room),
        cmocka_unit_test(defined_bits),
        cmocka_unit_test(linux_ste),
        cmocka_unit_test(other_stes),
        cmocka_unit_test(whole_stage_2),
        cmocka_unit_test(newer_cd),
        cmocka_unit_test(linux_cd),
        cmocka_unit_test(upper_half),
        cmocka_unit_test(pages_and_blocks),
        cmocka_unit_test(tables),
        cmocka_unit_test(stage_2_leaves),
        cmocka_unit_test(other_stage_2_leaves),
        cmocka_unit_test(long_addresses),
        cmocka_unit_test(nonsense),
};

CHECK_MAIN(tests)
