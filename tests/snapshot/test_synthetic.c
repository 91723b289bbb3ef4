/* SPDX-License-Identifier: MIT */
/*
 * Recordings made by hand: what those of traces/recordings do not have.
 */
#include "synthetic.h"

#define MAPPING_HEAD                                                           \
	"# sid\tasid\tstage\tiova\tsize\tpa\tlevel\tdescriptor\t"              \
	"descriptor_pa\n"

static void test_sound(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_run_list(s, "snapshot/mappings.tsv",
	               MAPPING_HEAD
	               "3\t9\t1\t0x0\t0x1000\t0x40400000\t3\t0x40400743\t"
	               "0x40123000\n"
	               "3\t9\t1\t0x6000\t0x1000\t0x40406000\t3\t0x404067c3\t"
	               "0x40123030\n",
	               &r);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "mappings.tsv: 2 rows, 2 agree"));
	assert_true(replay_says(&r, "regs.txt: 19 rows, 19 agree"));
	replay_free(&r);
	synth_destroy(s);
}

/* ---- the rules that recordings do not show ---- */

static void test_two_level_span(void **state)
{
	struct synth *s = synth_create("qemu-10");
	char records[96];

	(void)state;
	synth_put(s, SYNTH_STRTAB, SYNTH_L2 | 7);
	for (unsigned i = 0; i < 8; i++)
		synth_put(s, SYNTH_L2 + 64 * SYNTH_SID + 8 * i,
		          synth_get(s, SYNTH_STE + 8 * i));
	synth_role(s, SYNTH_STRTAB, "strtab_l1");
	synth_role(s, SYNTH_L2, "strtab_l2[0x0]");
	synth_reg(s, "STRTAB_BASE_CFG", 0x10186);
	synth_check_row(s, "R", 0x1000, "-", "success pa=0x40401000 perm=0x3",
	                "-", NULL);
	/* Span 2 has STEs 0 and 1 in the architecture, 0 to 3 in QEMU. */
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_STRTAB, SYNTH_L2 | 2),
	                "success pa=0x40401000 perm=0x3", "-", "L1STD.Span");
	snprintf(records, sizeof(records), "0x0000000300000004 0 0 0");
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_STRTAB, SYNTH_L2 | 1), "-", records,
	                "L1STD.Span");
	/* An STE page without a known role: everything is invalidated. */
	synth_role(s, SYNTH_L2, "");
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_L2 + 64 * SYNTH_SID, 0), "-",
	                records, NULL);
	synth_destroy(s);
}

static void test_bad_stream_not_recorded(void **state)
{
	struct synth *s = synth_create("qemu-7.2");
	struct replayed r;

	(void)state;
	synth_reg(s, "CR2", 0);
	synth_poke_row(s, &r, NULL,
	               "X\t0x40\tR\t0x1000\t-\t-\t0x0000004000000002 0 0 0\tw");
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_true(replay_says(&r, "CR2.RECINVSID is 0: 1 row: X"));
	replay_free(&r);
	synth_destroy(s);
}

static void test_context_pointer(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_STE, 0x1ull << 46 | 5 << 1 | 1),
	                "-", "0x0000000300000009 0 0x400000000000 0",
	                "S1ContextPtr beyond");
	synth_destroy(s);
}

static void test_bypass_beyond_output_size(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_check_row(s, "R", 0x100000000000,
	                synth_poke(s, SYNTH_STE, 4 << 1 | 1),
	                "bypass addr=0x100000000000", "-", "bypassed address");
	synth_destroy(s);
}

static void test_input_above_48_bits(void **state)
{
	struct synth *s = synth_create("qemu-7.2");

	(void)state;
	synth_check_row(s, "R", 1ull << 48, "-", "-", "-", "2^48");
	synth_destroy(s);
	s = synth_create("qemu-10");
	synth_check_row(s, "R", 1ull << 48, "-", "-",
	                synth_record_text("qemu-10", 0x10, false, 1ull << 48),
	                NULL);
	synth_destroy(s);
}

/** QEMU 10 finds the permission or the access flag first. */
static void test_output_size_last(void **state)
{
	struct synth *s = synth_create("qemu-10");
	uint64_t beyond = 1ull << 46 | SYNTH_DATA(1);

	(void)state;
	synth_check_row(s, "W", 0x1000,
	                synth_poke(s, SYNTH_TABLE(3) + 8, beyond | LEAF_RO),
	                "-", synth_record_text("qemu-10", 0x13, true, 0x1000),
	                "after the permissions");
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_TABLE(3) + 8,
	                           (beyond | LEAF_RW) & ~0x400ull),
	                "-", synth_record_text("qemu-10", 0x12, false, 0x1000),
	                "after the permissions");
	synth_destroy(s);
}

/** APTable[1] above an invalid leaf. */
static void test_table_read_only_first(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_put(s, SYNTH_TABLE(2), synth_get(s, SYNTH_TABLE(2)) | 1ull << 62);
	synth_check_row(s, "W", 0x9000, "-", "-",
	                synth_record_text("qemu-10", 0x13, true, 0x9000),
	                "APTable[1]");
	synth_destroy(s);
}

/** STE.PRIVCFG makes the access privileged: PnU = 1 by the architecture. */
static void test_privileged_by_ste(void **state)
{
	struct synth *s = synth_create("qemu-7.2");

	(void)state;
	synth_reg(s, "IDR1", 0x0e730010);
	synth_put(s, SYNTH_STE + 8, 0xd6 | 3ull << 48);
	synth_check_row(s, "R", 0x9000, "-", "-",
	                synth_record_text("qemu-7.2", 0x10, false, 0x9000),
	                "PnU and InD");
	synth_destroy(s);
}

static void test_blocks(void **state)
{
	struct synth *s = synth_create("qemu-7.2");

	(void)state;
	/* 2 MiB and 1 GiB are blocks of 4 KiB tables; 512 GiB is none. */
	synth_check_row(s, "R", 0x1008,
	                synth_poke(s, SYNTH_TABLE(2), 0x40400741),
	                "success "
	                "pa=0x40401008 perm=0x3",
	                "-", NULL);
	synth_check_row(s, "R", 0x401008,
	                synth_poke(s, SYNTH_TABLE(1), 0x40000741),
	                "success pa=0x40401008 perm=0x3", "-", NULL);
	synth_check_row(
	        s, "R", 0x40401008, synth_poke(s, SYNTH_TABLE(0), 0x741),
	        "success pa=0x40401008 perm=0x3", "-", "a block descriptor");
	synth_destroy(s);
}

/** Two words in one row, in different structures. */
static void test_two_changes(void **state)
{
	struct synth *s = synth_create("qemu-10");
	char pokes[200];

	(void)state;
	snprintf(pokes, sizeof(pokes), "%s %s",
	         synth_poke(s, SYNTH_CD + 8, SYNTH_TABLE(1)),
	         synth_poke(s, SYNTH_CD,
	                    (synth_get(s, SYNTH_CD) & ~0x3full) | 25));
	synth_check_row(s, "R", 0x1008, pokes, "success pa=0x40401008 perm=0x3",
	                "-", NULL);
	/* And all is as before. */
	synth_check_row(s, "R", 0x1008, "-", "success pa=0x40401008 perm=0x3",
	                "-", NULL);
	synth_destroy(s);
}

/* ---- leaves ---- */

/** What each profile makes of leaves with odd attributes. */
static void check_mappings(const char *profile, const char *text)
{
	struct synth *s = synth_create(profile);
	struct replayed r;

	synth_put(s, SYNTH_TABLE(3) + 8, SYNTH_DATA(1) | 0x343);
	synth_put(s, SYNTH_TABLE(3) + 16, SYNTH_DATA(2) | 0x703);
	synth_put(s, SYNTH_TABLE(3) + 24, 1ull << 45 | LEAF_RW);
	synth_run_list(s, "snapshot/mappings.tsv", text, &r);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_true(replay_says(&r, "mappings.tsv: 4 rows, 4 agree"));
	replay_free(&r);
	synth_destroy(s);
}

static void test_odd_leaves(void **state)
{
	static const char text[] = MAPPING_HEAD
	        "3\t9\t1\t0x1000\t0x1000\t0x40401000\t3\t0x40401343\t-\n"
	        "3\t9\t1\t0x2000\t0x1000\t0x40402000\t3\t0x40402703\t-\n"
	        "3\t9\t1\t0x3000\t0x1000\t0x200000000000\t3\t"
	        "0x200000000743\t-\n"
	        "3\t9\t1\t0x7000\t0x1\t0x40407000\t3\t0x404077c3\t-\n";
	char known[sizeof(text) + 64];

	(void)state;
	snprintf(known, sizeof(known), "%s", text);
	for (char *p = known; (p = strstr(p, "\t-\n"));)
		memcpy(p, "\t0\n", 3);
	check_mappings("qemu-7.2", known);
	check_mappings("qemu-10", known);
	check_mappings("arch", known);
}

/** Columns that a list may lack. */
static void test_mappings_without_descriptor(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_run_list(s, "snapshot/mappings.tsv",
	               "# sid\tiova\tsize\tpa\n3\t0x6000\t0x1000\t0x40406000\n",
	               &r);
	assert_int_equal(r.status, DMASIM_OK);
	replay_free(&r);
	synth_destroy(s);
}

/** QEMU 7.2 used an offset as an address, and that address is mapped. */
static void test_offset_that_is_mapped(void **state)
{
	static const char records[] =
	        "0x0000000300000010 0x0000000800000000 0x9000 0 ; "
	        "0x0000000300000010 0x0000000800000000 0x8 0";
	struct synth *s = synth_create("qemu-7.2");
	struct replayed r;
	char list[256];

	(void)state;
	synth_write(s);
	snprintf(list, sizeof(list), "K\t3\t-\t-\t%s\tsnapshot\tw\n", records);
	folder_write_text(s->dir, "driver-faults.tsv", list);
	snprintf(list, sizeof(list), "C\te\t3\tw\tR 0x9000\t%s\n", records);
	folder_write_text(s->dir, "faults.tsv", list);
	replay_run(&r, s->dir, NULL);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_int_equal(
	        replay_count(
	                json_object_get(replay_list(&r, "driver-faults.tsv",
	                                            "qemu-7.2"),
	                                "records"),
	                "not_in_snapshot"),
	        1);
	assert_int_equal(
	        replay_count(json_object_get(
	                             replay_list(&r, "faults.tsv", "qemu-7.2"),
	                             "records"),
	                     "not_in_snapshot"),
	        1);
	replay_free(&r);
	synth_destroy(s);
}

/** "+page" is a page of the stream's granule. */
static void test_granule_of_16_kib(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	/* One level of 16 KiB tables for 25 bits. */
	synth_put(s, SYNTH_CD,
	          (synth_get(s, SYNTH_CD) & ~0xffull) | 2 << 6 | 39);
	synth_put(s, SYNTH_CD + 8, 0x40120000);
	synth_put(s, 0x40120000, 0x40400000 | LEAF_RW);
	synth_put(s, 0x40120008, 0);
	synth_write(s);
	folder_write_text(s->dir, "faults.tsv",
	                  "C0\te\t3\ter 0x3ff0 4\tnone\t-\n"
	                  "C1\te\t3\twords\tW 0x0+page\t0x0000000300000010 "
	                  "0x0000020000000000 0x4000 0\n");
	replay_run(&r, s->dir, NULL);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_true(replay_says(&r, "faults.tsv: 2 rows, 2 agree"));
	replay_free(&r);
	synth_destroy(s);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_two_level_span),
        cmocka_unit_test(test_bad_stream_not_recorded),
        cmocka_unit_test(test_context_pointer),
        cmocka_unit_test(test_bypass_beyond_output_size),
        cmocka_unit_test(test_input_above_48_bits),
        cmocka_unit_test(test_output_size_last),
        cmocka_unit_test(test_table_read_only_first),
        cmocka_unit_test(test_privileged_by_ste),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_two_changes),
        cmocka_unit_test(test_odd_leaves),
        cmocka_unit_test(test_mappings_without_descriptor),
        cmocka_unit_test(test_offset_that_is_mapped),
        cmocka_unit_test(test_granule_of_16_kib),
};

CHECK_MAIN(tests)
