/* SPDX-License-Identifier: MIT */
/*
 * Every recording of traces/recordings: nothing differs, and each list's
 * counts are those of its file.
 */
#include <stdlib.h>

#include "folder.h"

struct recording_case {
	const char *dir;
	const char *profile; /**< NULL: as recorded */
	bool nothing_agrees; /**< no SMMU, or no list with rows */
};

/** Rows of a file: lines that are neither blank nor comments. */
static size_t rows_of(const char *dir, const char *file)
{
	char *text = folder_read(dir, file, NULL), *save = NULL;
	size_t rows = 0;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		rows += *line != '#';
	free(text);
	return rows;
}

/** A list's numbers, its line in the report, and no row without a reason. */
static void check_list(const struct replayed *r, const char *dir,
                       const json_t *list, const char *first)
{
	const char *name = json_string_value(json_object_get(list, "list"));
	const char *as = json_string_value(json_object_get(list, "profile"));
	size_t rows = replay_count(list, "rows");
	size_t agree = replay_count(list, "agree");
	size_t skipped = replay_count(list, "skipped"), reasons = 0;
	const json_t *skips = json_object_get(list, "skips");
	char line[256];

	assert_int_equal(rows, rows_of(dir, name));
	assert_int_equal(replay_count(list, "differ"), 0);
	assert_int_equal(agree + skipped, rows);
	for (size_t i = 0; i < json_array_size(skips); i++) {
		const json_t *s = json_array_get(skips, i);

		assert_true(json_string_length(json_object_get(s, "reason")) >
		            0);
		reasons += replay_count(s, "rows");
	}
	assert_int_equal(reasons, skipped);
	snprintf(line, sizeof(line),
	         "%s%s%s: %zu rows, %zu agree, 0 differ, %zu skipped", name,
	         strcmp(as, first) ? " as " : "", strcmp(as, first) ? as : "",
	         rows, agree, skipped);
	if (!replay_says(r, line))
		fail_msg("no line \"%s\" in:\n%s", line, r->report);
}

static void recorded_profile(const char *dir, char *buf, size_t size)
{
	char *machine = folder_read(dir, "machine.txt", NULL);
	const char *at = strstr(machine, "profile ");

	assert_non_null(at);
	snprintf(buf, size, "%.*s", (int)strcspn(at + 8, "\n"), at + 8);
	free(machine);
}

static void test_recording(void **state)
{
	const struct recording_case *c = *state;
	const char *dir = folder_path(RECORDINGS, c->dir);
	char recorded[32];
	struct replayed r;
	size_t agree = 0;
	const json_t *lists;

	recorded_profile(dir, recorded, sizeof(recorded));
	replay_run(&r, dir, c->profile);
	if (r.status != DMASIM_OK)
		fail_msg("%s\n%s", r.diag.text, r.report);
	lists = json_object_get(r.json, "lists");
	assert_true(json_array_size(lists) > 0);
	for (size_t i = 0; i < json_array_size(lists); i++) {
		const json_t *list = json_array_get(lists, i);
		const char *name =
		        json_string_value(json_object_get(list, "list"));

		check_list(&r, folder_path(RECORDINGS, c->dir), list,
		           c->profile ? c->profile : recorded);
		if (!strstr(name, "regs.txt") && !strstr(name, "cmdq.txt"))
			agree += replay_count(list, "agree");
	}
	assert_int_equal(agree == 0, c->nothing_agrees);
	replay_free(&r);
}

/** Stage 2 alone: nothing is skipped but what is not the SMMU's. */
static void test_stage_2(void **state)
{
	static const char *const profiles[] = {NULL, "arch"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *as = profiles[i] ? profiles[i] : "qemu-10";
		struct replayed r;

		replay_run(&r, RECORDINGS "/smmu-stage2-blk-k61-qemu10",
		           profiles[i]);
		assert_int_equal(r.status, DMASIM_OK);
		assert_int_equal(
		        replay_count(replay_list(&r,
		                                 "snapshot/translations.tsv",
		                                 as),
		                     "agree"),
		        101);
		assert_int_equal(
		        replay_count(
		                replay_list(&r, "snapshot/mappings.tsv", as),
		                "agree"),
		        33);
		assert_int_equal(
		        replay_count(replay_list(&r, "snapshot/cmdq.txt", as),
		                     "agree"),
		        363);
		/* The IPA's low bits, where a page was refused. */
		assert_int_equal(profiles[i] != NULL,
		                 replay_says(&r, "has all bits of the IPA"));
		replay_free(&r);
	}
}

/** Under the recorded profile nothing needs an explanation. */
static void test_native_names_nothing(void **state)
{
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-badcfg-k61", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_int_equal(
	        json_array_size(json_object_get(
	                replay_list(&r, "config-faults.tsv", "qemu-7.2"),
	                "named")),
	        0);
	assert_int_equal(
	        json_array_size(json_object_get(
	                replay_list(&r, "pagetable-faults.tsv", "qemu-7.2"),
	                "named")),
	        0);
	replay_free(&r);
}

/** The tests that a rule names, or "". */
static const char *named_tests(const json_t *list, const char *rule)
{
	const json_t *named = json_object_get(list, "named");

	for (size_t i = 0; i < json_array_size(named); i++) {
		const json_t *n = json_array_get(named, i);

		if (strstr(json_string_value(json_object_get(n, "rule")), rule))
			return json_string_value(json_object_get(n, "tests"));
	}
	return "";
}

/* FORMAT's list of what QEMU 7.2 does, row by row. */
static void test_arch_names_each_difference(void **state)
{
	const json_t *config, *tables;
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-badcfg-k61", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	config = replay_list(&r, "config-faults.tsv", "arch");
	tables = replay_list(&r, "pagetable-faults.tsv", "arch");
	assert_string_equal(named_tests(config, "CLASS 0"), "S0 D11 D10 R3");
	assert_string_equal(named_tests(config, "F_CD_FETCH"), "S5");
	assert_string_equal(named_tests(config, "L1STD.Span"), "L2");
	assert_string_equal(named_tests(config, "S1CDMax"), "S4");
	assert_string_equal(named_tests(tables, "access flag"), "T1 T30");
	assert_string_equal(named_tests(tables, "a leaf's output address"),
	                    "T4 T11 T31");
	assert_string_equal(named_tests(tables, "AP[1]"), "T3 T3b T24");
	assert_string_equal(named_tests(tables, "a table descriptor's"), "T22");
	assert_string_equal(named_tests(tables, "a block descriptor"), "T26");
	assert_int_equal(json_array_size(json_object_get(tables, "named")), 6);
	replay_free(&r);
}

static void test_arch_against_qemu_10(void **state)
{
	const json_t *tables;
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-badcfg-k72-qemu10", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	tables = replay_list(&r, "pagetable-faults.tsv", "arch");
	assert_int_equal(json_array_size(json_object_get(tables, "named")), 0);
	assert_string_equal(
	        named_tests(replay_list(&r, "config-faults.tsv", "arch"),
	                    "F_CD_FETCH"),
	        "S5");
	replay_free(&r);
}

/** All records of driver-faults.tsv are made, and QEMU's own are named. */
static void test_driver_faults(void **state)
{
	static const struct {
		const char *list;
		size_t listed, repeated, offsets, others;
	} wanted[] = {
	        {"K1/driver-faults.tsv", 8, 1, 3, 3},
	        {"K2/driver-faults.tsv", 4, 0, 3, 0},
	        {"K3/driver-faults.tsv", 5, 1, 1, 2},
	};
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-driver-faults-k61", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		const json_t *records = json_object_get(
		        replay_list(&r, wanted[i].list, "qemu-7.2"), "records");

		assert_int_equal(replay_count(records, "listed"),
		                 wanted[i].listed);
		assert_int_equal(replay_count(records, "repeated"),
		                 wanted[i].repeated);
		assert_int_equal(replay_count(records, "offsets"),
		                 wanted[i].offsets);
		assert_int_equal(replay_count(records, "others"),
		                 wanted[i].others);
		assert_int_equal(replay_count(records, "not_in_snapshot"), 0);
		assert_int_equal(
		        replay_count(replay_list(&r, wanted[i].list, "arch"),
		                     "agree"),
		        1);
	}
	replay_free(&r);
}

/** A sector of 512 bytes: 128 records of 4 bytes and one before them. */
static void test_faults_name_what_devices_add(void **state)
{
	const json_t *list, *records;
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-faults-user-k61", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	list = replay_list(&r, "faults.tsv", "qemu-7.2");
	records = json_object_get(list, "records");
	/* B4, B5, B8, B14: 127 each; B6: 3; B2, B9: the used element; C12,
	 * C13: 1. */
	assert_int_equal(replay_count(records, "per_4_bytes"),
	                 4 * 127 + 3 + 1 + 1 + 1);
	assert_int_equal(replay_count(records, "offsets"), 3 + 1 + 1);
	assert_int_equal(replay_count(records, "not_in_snapshot"), 0);
	assert_true(replay_says(&r, "no single access is named"));
	assert_true(replay_says(&r, "the row names no access"));
	assert_false(replay_says(&r, "another snapshot"));
	replay_free(&r);
}

static void test_one_snapshot_folder(void **state)
{
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-badcfg-k61/base-vfio", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_int_equal(
	        replay_count(replay_list(&r, "mappings.tsv", "qemu-7.2"),
	                     "agree"),
	        58);
	assert_false(replay_says(&r, "config-faults"));
	replay_free(&r);
}

static void test_one_test_of_a_case(void **state)
{
	struct replayed r;

	(void)state;
	replay_run(&r, RECORDINGS "/smmu-driver-faults-k61/K2", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "\ndriver-faults.tsv: 1 rows, 1 agree"));
	replay_free(&r);
	replay_run(&r, RECORDINGS "/smmu-driver-faults-k61/K2/base/", NULL);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "\nmappings.tsv: 3 rows, 3 agree"));
	replay_free(&r);
}

static void test_same_bytes_twice(void **state)
{
	struct replayed a, b;
	char *x, *y;

	(void)state;
	replay_run(&a, RECORDINGS "/smmu-badcfg-k72-qemu10", NULL);
	replay_run(&b, RECORDINGS "/smmu-badcfg-k72-qemu10", NULL);
	assert_string_equal(a.report, b.report);
	x = json_dumps(a.json, JSON_SORT_KEYS);
	y = json_dumps(b.json, JSON_SORT_KEYS);
	assert_string_equal(x, y);
	free(x);
	free(y);
	replay_free(&a);
	replay_free(&b);
}

/** What the architecture leaves open does not change a record. */
static void test_seeds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct dmasim_replay_options opt = {.has_seed = true,
		                                    .seed = seed};

		assert_int_equal(
		        dmasim_replay_snapshot(RECORDINGS "/smmu-badcfg-k61",
		                               &opt, NULL, NULL, NULL, NULL),
		        DMASIM_OK);
	}
}

/** The full queue is in the pages, and the driver had acknowledged it. */
static void test_no_outputs_asked_for(void **state)
{
	(void)state;
	assert_int_equal(dmasim_replay_snapshot(RECORDINGS
	                                        "/smmu-evtq-overflow-k61",
	                                        NULL, NULL, NULL, NULL, NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_replay_snapshot(RECORDINGS "/dtb", NULL, NULL,
	                                        NULL, NULL, NULL),
	                 DMASIM_E_FORMAT);
}

#define RECORDING(dir)                                                         \
	{                                                                      \
		dir, test_recording, NULL, NULL,                               \
		        (void *)&(const struct recording_case)                 \
		{                                                              \
			dir, NULL, false                                       \
		}                                                              \
	}
#define RECORDING_AS(dir, profile)                                             \
	{                                                                      \
		dir "_as_" profile, test_recording, NULL, NULL,                \
		        (void *)&(const struct recording_case)                 \
		{                                                              \
			dir, profile, false                                    \
		}                                                              \
	}
#define RECORDING_SKIPPED(dir)                                                 \
	{                                                                      \
		dir, test_recording, NULL, NULL,                               \
		        (void *)&(const struct recording_case)                 \
		{                                                              \
			dir, NULL, true                                        \
		}                                                              \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        RECORDING("smmu-badcfg-k61"),
	        RECORDING("smmu-badcfg-k72-qemu10"),
	        RECORDING("smmu-blk-1disk-k61"),
	        RECORDING("smmu-blk-1disk-k72-16k"),
	        RECORDING("smmu-blk-passthrough-k612"),
	        RECORDING("smmu-driver-faults-k61"),
	        RECORDING("smmu-faults-user-k61"),
	        RECORDING("smmu-faults-user-k72-qemu10"),
	        RECORDING("smmu-stage2-blk-k61-qemu10"),
	        RECORDING("smmu-vfio-map-k61"),
	        RECORDING_SKIPPED("smmu-evtq-overflow-k61"),
	        RECORDING_SKIPPED("viommu-1disk-k612"),
	        RECORDING_SKIPPED("mmio-legacy-1disk-k61"),
	        RECORDING_AS("smmu-badcfg-k61", "arch"),
	        RECORDING_AS("smmu-badcfg-k61", "qemu-10"),
	        RECORDING_AS("smmu-badcfg-k61", "fvp-2017"),
	        RECORDING_AS("smmu-badcfg-k72-qemu10", "arch"),
	        RECORDING_AS("smmu-badcfg-k72-qemu10", "qemu-7.2"),
	        RECORDING_AS("smmu-driver-faults-k61", "arch"),
	        RECORDING_AS("smmu-faults-user-k61", "arch"),
	        RECORDING_AS("smmu-faults-user-k72-qemu10", "arch"),
	        RECORDING_AS("smmu-faults-user-k72-qemu10", "qemu-7.2"),
	        RECORDING_AS("smmu-stage2-blk-k61-qemu10", "arch"),
	        RECORDING_AS("smmu-stage2-blk-k61-qemu10", "fvp-2017"),
	        RECORDING_AS("smmu-vfio-map-k61", "arch"),
	        RECORDING_AS("smmu-vfio-map-k61", "fvp-2017"),
	        cmocka_unit_test(test_stage_2),
	        cmocka_unit_test(test_native_names_nothing),
	        cmocka_unit_test(test_arch_names_each_difference),
	        cmocka_unit_test(test_arch_against_qemu_10),
	        cmocka_unit_test(test_driver_faults),
	        cmocka_unit_test(test_faults_name_what_devices_add),
	        cmocka_unit_test(test_one_snapshot_folder),
	        cmocka_unit_test(test_one_test_of_a_case),
	        cmocka_unit_test(test_same_bytes_twice),
	        cmocka_unit_test(test_seeds),
	        cmocka_unit_test(test_no_outputs_asked_for),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
