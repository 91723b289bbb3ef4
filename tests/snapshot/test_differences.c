/* SPDX-License-Identifier: MIT */
/*
 * Recordings in which something was changed: the replay finds it, and says
 * where.
 */
#include <stdlib.h>

#include "folder.h"

struct change {
	const char *name;
	const char *from, *file, *before, *after;
	const char *list; /**< the one that differs */
	size_t differ;
	const char *text; /**< in the report */
};

#define BADCFG RECORDINGS "/smmu-badcfg-k61"
#define USER   RECORDINGS "/smmu-faults-user-k61"
#define DRIVER RECORDINGS "/smmu-driver-faults-k61"
#define VFIO   RECORDINGS "/smmu-vfio-map-k61"
#define BLK    RECORDINGS "/smmu-blk-1disk-k61"

static const struct change changes[] = {
        {"record_type", BADCFG, "config-faults.tsv", "0x0000000800000009",
         "0x000000080000000a", "config-faults.tsv", 1,
         "line 7 S5: sid 0x8 read 0x4000: recorded C_BAD_CD"},
        {"record_address", BADCFG, "config-faults.tsv",
         "0x0000002000000000 0x0000000000000000\tSTE.S1ContextPtr",
         "0x0000002000000040 0x0000000000000000\tSTE.S1ContextPtr",
         "config-faults.tsv", 1, "here F_CD_FETCH"},
        {"record_class", BADCFG, "pagetable-faults.tsv",
         "0x0000010800000000 0x0000000060000008",
         "0x0000020800000000 0x0000000060000008", "pagetable-faults.tsv", 1,
         "recorded F_WALK_EABT"},
        {"record_instead_of_success", BADCFG, "pagetable-faults.tsv",
         "success pa=0x41e8d010 perm=0x3\t-",
         "-\t0x0000000800000010 0x0000000800000000 0x20000010 0",
         "pagetable-faults.tsv", 1, "here passed to 0x41e8d010, ok"},
        {"success_elsewhere", BADCFG, "pagetable-faults.tsv",
         "success pa=0x41e8d010", "success pa=0x41e8d014",
         "pagetable-faults.tsv", 1, "recorded translated to 0x41e8d014"},
        {"permission_of_leaf", BADCFG, "pagetable-faults.tsv",
         "success pa=0x41e8d010 perm=0x3", "success pa=0x41e8d010 perm=0x1",
         "pagetable-faults.tsv", 1,
         "sid 0x8 write 0x20000010: recorded F_PERMISSION"},
        {"abort_instead_of_bypass", BADCFG, "config-faults.tsv",
         "bypass addr=0x40001000", "abort addr=0x40001000", "config-faults.tsv",
         1, "recorded aborted, no record; here passed"},
        {"bypass_instead_of_abort", BADCFG, "config-faults.tsv",
         "abort addr=0x4000", "bypass addr=0x4000", "config-faults.tsv", 1,
         "recorded passed as 0x4000; here"},
        {"nothing_instead_of_record", BADCFG, "pagetable-faults.tsv",
         "0x0000000800000013 0x0000000000000000 0x0000000020008010 "
         "0x0000000000000000",
         "-", "pagetable-faults.tsv", 1, "recorded no record; here"},
        {"poke_before", BADCFG, "pagetable-faults.tsv",
         "0x48085020:0x0000000041e8ef47", "0x48085020:0x0000000041e8ef46",
         "pagetable-faults.tsv", 1,
         "the word at 0x48085020 is 0x0000000041e8ef47, the list says"},
        {"poke_after", BADCFG, "pagetable-faults.tsv", ">0x0000000041e8ffc7",
         ">0x0000000041e8ff47", "pagetable-faults.tsv", 1,
         "write 0x20008010: recorded F_PERMISSION"},
        {"mapping_pa", VFIO, "snapshot/mappings.tsv", "0x0\t0x1000\t0x",
         "0x0\t0x1000\t0x1", "snapshot/mappings.tsv", 1, "differs: line 3"},
        {"mapping_descriptor", BLK, "snapshot/mappings.tsv", "f47\t", "fc7\t",
         "snapshot/mappings.tsv", 1, "the descriptor at"},
        {"mapping_size", BLK, "snapshot/mappings.tsv", "\t0x1000\t",
         "\t0x2000\t", "snapshot/mappings.tsv", 1, "differs: line 3"},
        {"translation_pa", BLK, "snapshot/translations.tsv", "\t3\t", "0\t3\t",
         "snapshot/translations.tsv", 1, "recorded translated to"},
        {"translation_perm", BLK, "snapshot/translations.tsv", "\t3\t", "\t1\t",
         "snapshot/translations.tsv", 1, "recorded F_PERMISSION"},
        {"translation_stream", BLK, "snapshot/translations.tsv", "0x8\t",
         "0x9\t", "snapshot/translations.tsv", 1, "here abort, no record"},
        {"probe_record", VFIO, "probes.tsv", "0x0000003800000010 0x",
         "0x0000003800000012 0x", "probes.tsv", 1, "recorded F_ACCESS"},
        {"probe_pa", VFIO, "probes.tsv", "pa 0x44ad6678", "pa 0x44ad667c",
         "probes.tsv", 1, "differs: line 3"},
        {"driver_record", DRIVER, "K1/driver-faults.tsv", "0x00000000ffffd01a",
         "0x00000000ffffc01a", "K1/driver-faults.tsv", 1,
         "read 0xffffc01a: recorded F_TRANSLATION"},
        {"fault_none_listed", USER, "faults.tsv",
         "0x0000001800000010 0x0000000800000000 0x0000000050004000",
         "0x0000001800000010 0x0000000800000000 0x0000000050004008",
         "faults.tsv", 1, "C2"},
        {"fault_must_pass", USER, "faults.tsv", "er 0x50000000 4\tnone",
         "er 0x51000000 4\tnone", "faults.tsv", 1,
         "recorded passed, no record; here F_TRANSLATION"},
        {"fault_other_record", USER, "faults.tsv",
         "0x0000001000000013 0x0000000000000000 0x0000000018006008",
         "0x0000001000000013 0x0000000800000000 0x0000000018006008",
         "faults.tsv", 0, "1 of these do not fault in the snapshot"},
        {"fault_other_record_type", USER, "faults.tsv",
         "0x0000001000000013 0x0000000000000000 0x0000000018006008",
         "0x0000001000000010 0x0000000000000000 0x0000000018006008",
         "faults.tsv", 1, "B8"},
        {"event_in_memory", USER, "snapshot-blk/eventq.txt",
         "0x10: 0x0000001000000010", "0x10: 0x0000001100000010",
         "snapshot-blk/eventq.txt", 1, "word 0 of entry 0 in memory"},
        {"page_bytes", BLK, "snapshot/pages.tsv", "0x1000\t", "0x0\t", NULL, 1,
         "differs"},
        {"ring_pa", BLK, "snapshot/vrings.txt", "pa 0x48045000",
         "pa 0x48046000", "snapshot/vrings.txt", 1, "differs: line 3"},
};

static void test_change(void **state)
{
	const struct change *c = *state;
	char *dir = folder_copy(c->from);
	struct replayed r;

	folder_edit(dir, c->file, c->before, c->after);
	replay_run(&r, dir, NULL);
	if (r.status != (c->differ ? DMASIM_E_FAULT : DMASIM_OK) ||
	    !replay_says(&r, c->text))
		fail_msg("status %d, no \"%s\":\n%s%s", r.status, c->text,
		         r.report, r.diag.text);
	if (c->list)
		assert_int_equal(
		        replay_count(replay_list(&r, c->list, "qemu-7.2"),
		                     "differ"),
		        c->differ);
	replay_free(&r);
	folder_remove(dir);
}

/** A difference in the architecture's pass that no rule explains. */
static void test_unnamed_difference(void **state)
{
	char *dir = folder_copy(BADCFG);
	struct replayed r;

	(void)state;
	/* As QEMU 7.2 with CLASS IN: right by the architecture alone. */
	folder_edit(dir, "config-faults.tsv",
	            "0x0000000800000010 0x0000000800000000",
	            "0x0000000800000010 0x0000020800000000");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_int_equal(
	        replay_count(replay_list(&r, "config-faults.tsv", "qemu-7.2"),
	                     "differ"),
	        1);
	assert_int_equal(
	        replay_count(replay_list(&r, "config-faults.tsv", "arch"),
	                     "differ"),
	        0);
	replay_free(&r);
	/* Nobody's: in both passes. */
	folder_edit(dir, "config-faults.tsv",
	            "0x0000000800000010 0x0000020800000000",
	            "0x0000000800000010 0x0000010800000000");
	replay_run(&r, dir, NULL);
	assert_int_equal(
	        replay_count(replay_list(&r, "config-faults.tsv", "arch"),
	                     "differ"),
	        1);
	replay_free(&r);
	folder_remove(dir);
}

/** More differences than are shown, and names that are not UTF-8. */
static void test_many_differences(void **state)
{
	char *dir = folder_copy(BADCFG);
	struct replayed r;
	const json_t *list;

	(void)state;
	for (unsigned i = 0; i < 7; i++)
		folder_edit(dir, "config-faults.tsv", "0x000000080000000a",
		            "0x000000080000000b");
	folder_edit(dir, "config-faults.tsv", "\nD1\t", "\n\xff\xfe\t");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	list = replay_list(&r, "config-faults.tsv", "qemu-7.2");
	assert_int_equal(replay_count(list, "differ"), 7);
	assert_int_equal(json_array_size(json_object_get(list, "differences")),
	                 5);
	assert_true(replay_says(&r, "... and 2 more"));
	replay_free(&r);
	folder_remove(dir);
}

/** A fault row that only another snapshot than the expected one explains. */
static void test_another_snapshot(void **state)
{
	char *dir = folder_copy(USER);
	struct replayed r;

	(void)state;
	folder_write_text(dir, "faults.tsv",
	                  "A9\tedu\t0x18\ter 0x50000000 4\tnone\t-\n");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "1 rows agree with another snapshot"));
	replay_free(&r);
	folder_remove(dir);
}

static void test_missing_snapshots(void **state)
{
	char *dir = folder_copy(BADCFG);
	struct replayed r;

	(void)state;
	folder_edit(dir, "config-faults.tsv", "base-default/", "base-none/");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "config-faults.tsv: 25 rows, 25 agree"));
	replay_free(&r);
	folder_delete(dir, "base-default/regs.txt");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(
	        &r, "config-faults.tsv: 25 rows, 0 agree, 0 differ, 25 "
	            "skipped (the snapshot has no registers)"));
	replay_free(&r);
	folder_remove(dir);

	dir = folder_copy(DRIVER);
	folder_edit(dir, "K1/driver-faults.tsv", "\tbase\t", "\tnone\t");
	folder_edit(dir, "K2/driver-faults.tsv", "\tbase\t", "\t-\t");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "1 skipped (its snapshot is not there)"));
	assert_true(replay_says(&r, "K2/driver-faults.tsv: 1 rows, 1 agree"));
	replay_free(&r);
	folder_remove(dir);
}

/** Files may be missing; only regs.txt makes a snapshot replayable. */
static void test_missing_files(void **state)
{
	static const char *const files[] = {"translations.tsv", "mappings.tsv",
	                                    "cmdq.txt",         "eventq.txt",
	                                    "vrings.txt",       "streams.txt"};
	char *dir = folder_copy(BLK);
	struct replayed r;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char name[64];

		snprintf(name, sizeof(name), "snapshot/%s", files[i]);
		folder_delete(dir, name);
		replay_run(&r, dir, NULL);
		assert_int_equal(r.status, DMASIM_OK);
		replay_free(&r);
	}
	folder_remove(dir);

	dir = folder_copy(USER);
	folder_delete(dir, "snapshot-blk/regs.txt");
	folder_delete(dir, "snapshot-edu/regs.txt");
	replay_run(&r, dir, NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "no snapshot has registers"));
	replay_free(&r);
	folder_remove(dir);
}

static void test_driver_row_without_record(void **state)
{
	char *dir = folder_copy(DRIVER);
	struct replayed r;

	(void)state;
	folder_write_text(dir, "K1/driver-faults.tsv",
	                  "K1\t0x28\tdesc 0x0\t-\t-\tbase\twords\n"
	                  "K9\t0x28\tdesc 0x0\t-\t0x0000002900000002 0 0 0\t"
	                  "base\tno such stream: a record without address\n");
	replay_run(&r, dir, NULL);
	assert_true(replay_says(&r, "1 skipped (the row lists no record)"));
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_true(replay_says(&r, "sid 0x29 read 0x0"));
	replay_free(&r);
	folder_remove(dir);
}

#define CHANGES (sizeof(changes) / sizeof(*changes))

int main(int argc, char **argv)
{
	static const struct CMUnitTest more[] = {
	        cmocka_unit_test(test_unnamed_difference),
	        cmocka_unit_test(test_many_differences),
	        cmocka_unit_test(test_another_snapshot),
	        cmocka_unit_test(test_missing_snapshots),
	        cmocka_unit_test(test_missing_files),
	        cmocka_unit_test(test_driver_row_without_record),
	};
	struct CMUnitTest tests[CHANGES + sizeof(more) / sizeof(*more)];

	memset(tests, 0, sizeof(tests));
	for (size_t i = 0; i < CHANGES; i++) {
		tests[i].name = changes[i].name;
		tests[i].test_func = test_change;
		tests[i].initial_state = (void *)&changes[i];
	}
	memcpy(tests + CHANGES, more, sizeof(more));
	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
