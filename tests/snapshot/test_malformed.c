/* SPDX-License-Identifier: MIT */
/*
 * Malformed recordings: one message with the place, no crash, nothing
 * replayed.
 */
#include <stdlib.h>

#include "folder.h"

#define CASE     RECORDINGS "/smmu-badcfg-k72-qemu10"
#define CONFIG   "config-faults.tsv"
#define TABLES   "pagetable-faults.tsv"
#define REGS     "base-default/regs.txt"
#define PAGES    "base-default/pages.tsv"
#define MAPPINGS "base-default/mappings.tsv"
#define TRANS    "base-default/translations.tsv"
#define CMDQ     "base-default/cmdq.txt"
#define MACHINE  "machine.txt"
#define DRIVER   RECORDINGS "/smmu-driver-faults-k61"
#define USER     RECORDINGS "/smmu-faults-user-k72-qemu10"
#define PROBES   RECORDINGS "/smmu-vfio-map-k61"

struct malformed {
	const char *name;
	const char *from;
	const char *file, *before, *after;
	const char *message; /**< in the diagnosis */
};

static const struct malformed cases[] = {
        /* machine.txt */
        {"machine_no_ram", CASE, MACHINE, "ram ", "# ", "no RAM"},
        {"machine_ram_text", CASE, MACHINE, "0x20000000", "much",
         "machine.txt:1: not \"ram BASE SIZE\""},
        {"machine_ram_no_size", CASE, MACHINE, " 0x20000000", "",
         "machine.txt:1: not \"ram BASE SIZE\""},
        {"machine_ram_odd", CASE, MACHINE, "0x20000000", "0x20000001",
         "machine.txt:1: RAM is not whole pages"},
        {"machine_ram_zero", CASE, MACHINE, "0x20000000", "0",
         "machine.txt:1: RAM is not whole pages"},
        {"machine_ram_huge", CASE, MACHINE, "0x20000000", "0xfffffffffffff000",
         "within 52 bits"},
        {"machine_ram_overlap", CASE, MACHINE, "profile",
         "ram 0x40001000 0x1000\nprofile",
         "machine.txt:2: RAM overlaps that of line 1"},
        {"machine_smmu_in_ram", CASE, MACHINE, "smmuv3 0x9050000",
         "smmuv3 0x50000000", "machine.txt:3: the SMMU overlaps the RAM"},
        {"machine_smmu_small", CASE, MACHINE, "0x9050000 0x20000",
         "0x9050000 0x1000", "machine.txt:3: an SMMU takes 128 KiB"},
        {"machine_smmu_text", CASE, MACHINE, "0x9050000 0x20000", "here",
         "machine.txt:3: not \"smmuv3 BASE SIZE\""},
        {"machine_two_smmus", CASE, MACHINE, "smmuv3",
         "smmuv3 0x1000000 0x20000\nsmmuv3",
         "machine.txt:4: a second SMMU; line 3 names one"},
        {"machine_no_smmu_but_registers", CASE, MACHINE, "smmuv3", "gicv3",
         "names no smmuv3"},
        {"machine_profile_unknown", CASE, MACHINE, "qemu-10", "kvm-10",
         "machine.txt:2: \"kvm-10\" is not a profile"},
        {"machine_profile_no_version", CASE, MACHINE, "qemu-10", "qemu-new",
         "machine.txt:2: \"qemu-new\" is not a profile"},
        {"machine_profile_odd_version", CASE, MACHINE, "qemu-10", "qemu-10x",
         "machine.txt:2: \"qemu-10x\" is not a profile"},
        {"machine_profile_empty", CASE, MACHINE, "profile qemu-10", "profile",
         "machine.txt:2: not \"profile NAME\""},
        {"machine_profile_missing", CASE, MACHINE, "profile qemu-10", "",
         "no profile"},
        /* regs.txt */
        {"regs_three_columns", CASE, REGS, "IDR1 0x4 4 ", "IDR1 0x4 ",
         "regs.txt:4: not a register"},
        {"regs_size", CASE, REGS, "IDR1 0x4 4", "IDR1 0x4 3",
         "regs.txt:4: IDR1 is not a register of 4 or 8 bytes"},
        {"regs_offset", CASE, REGS, "IDR1 0x4 4", "IDR1 0x20000 4",
         "regs.txt:4: IDR1 is not a register"},
        {"regs_unaligned", CASE, REGS, "IDR1 0x4 4", "IDR1 0x5 4",
         "regs.txt:4: IDR1 is not a register"},
        {"regs_value_too_large", CASE, REGS, "0x02730010", "0x100000000",
         "regs.txt:4: the value of IDR1 does not fit 32 bits"},
        {"regs_no_strtab", CASE, REGS, "STRTAB_BASE ", "STRTAB_BASS ",
         "regs.txt: no STRTAB_BASE"},
        {"regs_no_cmdq", CASE, REGS, "CMDQ_BASE ", "CMDQ_BASS ",
         "regs.txt: no CMDQ_BASE"},
        {"regs_no_eventq", CASE, REGS, "EVENTQ_BASE ", "EVENTQ_BASS ",
         "regs.txt: no EVENTQ_BASE"},
        {"regs_cmdq_not_ram", CASE, REGS, "0x400000005bf00010",
         "0x4000000000000010", "the queue of CMDQ_BASE is not RAM"},
        {"regs_cmdq_wraps", CASE, REGS, "0x400000005bf00010",
         "0x400fffffffffff13", "the queue of CMDQ_BASE is not RAM"},
        {"regs_eventq_too_large", CASE, REGS, "0x400000005c00000f",
         "0x400000005c00001f", "the queue of EVENTQ_BASE is not RAM"},
        {"regs_empty", CASE, REGS, NULL, "# nothing\n",
         "regs.txt:1: no register"},
        {"regs_binary", CASE, REGS, NULL, NULL,
         "regs.txt: not a text: byte 0 is zero"},
        /* pages */
        {"pages_not_ram", CASE, PAGES, "0x43ff7000\t0x", "0x13ff7000\t0x",
         "page 0x13ff7000 is not RAM"},
        {"pages_unaligned", CASE, PAGES, "0x43ff7000\t", "0x43ff7008\t",
         "\"0x43ff7008\" is not the address of a page"},
        {"pages_offset_beyond", CASE, PAGES, "\t0x1000\t", "\t0x100000\t",
         "offset 0x100000 lies beyond pages.bin (77824 bytes)"},
        {"pages_offset_overflow", CASE, PAGES, "\t0x1000\t",
         "\t0xfffffffffffff000\t", "is not an offset in pages.bin"},
        {"pages_offset_last_byte", CASE, PAGES, "\t0x1000\t", "\t0x12001\t",
         "lies beyond pages.bin"},
        {"pages_twice", CASE, PAGES, "0x5be21000\t", "0x5be20000\t",
         "page 0x5be20000 was listed in line"},
        {"pages_one_column", CASE, PAGES, "0x43ff7000\t", "0x43ff7000\n#",
         "no column \"file_offset\" in this row"},
        {"pages_no_column", CASE, PAGES, "# pa\tfile_offset", "# pa\tfile_size",
         "the head names no column \"file_offset\""},
        /* queues */
        {"cmdq_words", CASE, CMDQ, "0x000000000000001f", "",
         "cmdq.txt:2: not 2 64-bit words"},
        {"cmdq_text", CASE, CMDQ, "0x04:", "first",
         "cmdq.txt:2: not a queue entry"},
        {"cmdq_type", CASE, CMDQ,
         "0x04:", "0x05:", "cmdq.txt:2: not a queue entry"},
        /* lists of a snapshot */
        {"mappings_empty", CASE, MAPPINGS, NULL, "",
         "mappings.tsv: empty: neither a head nor a row"},
        {"mappings_sid", CASE, MAPPINGS, "0x18\t2", "sid\t2",
         "mappings.tsv:3: \"sid\" is not a StreamID"},
        {"mappings_sid_too_large", CASE, MAPPINGS, "0x18\t2", "0xffffffff\t2",
         "is not a StreamID"},
        {"mappings_size_zero", CASE, MAPPINGS, "\t0x1000\t", "\t0\t",
         "mappings.tsv:3: \"0\" is not a size"},
        {"mappings_wraps", CASE, MAPPINGS, "\t0x1000\t",
         "\t0xffffffffffffffff\t", "mappings.tsv:3: the range wraps around"},
        {"mappings_stage", CASE, MAPPINGS, "\t1\t0xfffff000", "\t3\t0xfffff000",
         "\"3\" is not a stage"},
        {"mappings_descriptor", CASE, MAPPINGS, "0x0060000008090e4b", "pte",
         "\"pte\" is not a descriptor"},
        {"mappings_descriptor_pa", CASE, MAPPINGS, "0x455ecff8", "0x455ecff9",
         "is not the address of a descriptor"},
        {"mappings_no_column", CASE, MAPPINGS, "\tiova\t", "\tiovas\t",
         "mappings.tsv: the head names no column \"iova\""},
        {"mappings_short_row", CASE, MAPPINGS, "0x18\t2\t1\t0xfffff000",
         "0x18\t2\t1\n#", "mappings.tsv:3: no column \"iova\""},
        {"mappings_number_overflow", CASE, MAPPINGS, "0x8090000\t",
         "0x10000000000000000\t", "is not an address"},
        {"translations_iova", CASE, TRANS, "0xfffff040", "iova",
         "translations.tsv:3: \"iova\" is not an input address"},
        {"translations_perm", CASE, TRANS, "0x8090040\t3", "0x8090040\t4",
         "\"4\" is not a permission"},
        /* lists of a case */
        {"config_access", CASE, CONFIG, "0x20\tR\t", "0x20\tX\t",
         "config-faults.tsv:3: \"X\" is not an access"},
        {"config_poke_text", CASE, CONFIG,
         "0x5be20800:", "ste:", "is not a change of a 64-bit word"},
        {"config_poke_unaligned", CASE, CONFIG,
         "0x5be20800:", "0x5be20804:", "is not a change of a 64-bit word"},
        {"config_poke_no_new_word", CASE, CONFIG, ">0x000000004560300a", "",
         "is not a change of a 64-bit word"},
        {"config_poke_not_ram", CASE, CONFIG, "0x5be20800:", "0x10:",
         "config-faults.tsv:3: the changed word 0x10 is not RAM"},
        {"config_record_short", CASE, CONFIG,
         "0x0000002000000004 0x0000000000000000", "0x0000002000000004",
         "config-faults.tsv:3: a record of 3 words instead of 4"},
        {"config_record_long", CASE, CONFIG, "0x0000002000000004",
         "0x0000002000000004 0x1", "is not one of a record's four words"},
        {"config_record_text", CASE, CONFIG, "0x0000002000000004", "C_BAD_STE",
         "\"C_BAD_STE\" is not one of a record's"},
        {"config_record_only_semicolon", CASE, CONFIG,
         "0x0000002000000004 0x0000000000000000 0x0000000000000000 "
         "0x0000000000000000",
         " ; ", "a record of 0 words"},
        {"tables_outcome", CASE, TABLES, "success pa=0x42b3e010", "maybe",
         "pagetable-faults.tsv:3: \"maybe\" is not an outcome"},
        {"tables_outcome_no_pa", CASE, TABLES, "success pa=0x42b3e010",
         "success at=0x42b3e010", "is not followed by pa=ADDRESS"},
        {"tables_abort_no_address", CASE, TABLES,
         "success pa=0x42b3e010 perm=0x3", "abort",
         "is not followed by addr=ADDRESS"},
        {"driver_record", DRIVER, "K1/driver-faults.tsv",
         "0x0000000800000000 0x00000000ffffd002", "0x00000000ffffd002",
         "K1/driver-faults.tsv:2: a record of 3 words"},
        {"faults_address", USER, "faults.tsv", "W 0x32002000+4",
         "W 0x32002000-4", "is not an address"},
        {"faults_address_overflow", USER, "faults.tsv", "W 0x32002000+4",
         "W 0xffffffffffffffff+4", "is not an address"},
        {"probes_result", PROBES, "probes.tsv", "pa 0x44ad6678 perm 0x3",
         "pa here", "probes.tsv:3: \"here\" is not an address"},
        {"probes_perm", PROBES, "probes.tsv", "pa 0x44ad6678 perm 0x3",
         "pa 0x44ad6678 perm 9", "\"9\" is not a permission"},
        {"probes_no_perm", PROBES, "probes.tsv", "pa 0x44ad6678 perm 0x3",
         "pa 0x44ad6678 perms", "is not a permission"},
        {"probes_empty_pa", PROBES, "probes.tsv", "pa 0x44ad6678 perm 0x3",
         "pa ", "is not an address"},
};

static void test_malformed(void **state)
{
	const struct malformed *c = *state;
	char *dir = folder_copy(c->from);
	struct replayed r;

	if (c->before)
		folder_edit(dir, c->file, c->before, c->after);
	else if (c->after)
		folder_write_text(dir, c->file, c->after);
	else
		folder_write(dir, c->file, "\0\1", 2);
	replay_run(&r, dir, NULL);
	if (r.status != DMASIM_E_FORMAT || !strstr(r.diag.text, c->message))
		fail_msg("status %d: \"%s\" instead of \"%s\"\n%s", r.status,
		         r.diag.text, c->message, r.report);
	assert_null(r.json);
	replay_free(&r);
	folder_remove(dir);
}

static void check_refused(const char *dir, int status, const char *message)
{
	struct replayed r;

	replay_run(&r, dir, NULL);
	if (r.status != status || !strstr(r.diag.text, message))
		fail_msg("status %d: %s", r.status, r.diag.text);
	replay_free(&r);
}

static void test_no_folder(void **state)
{
	(void)state;
	check_refused(RECORDINGS "/none", DMASIM_E_FORMAT,
	              "not a recording: no machine.txt");
}

static void test_empty_folder(void **state)
{
	char *dir = folder_create();

	(void)state;
	check_refused(dir, DMASIM_E_FORMAT, "not a recording: no machine.txt");
	folder_write_text(dir, "machine.txt",
	                  "ram 0x1000 0x1000\nprofile qemu-10\n");
	check_refused(dir, DMASIM_E_FORMAT,
	              "no folder with regs.txt or pages.tsv");
	folder_remove(dir);
}

static void test_file_instead_of_folder(void **state)
{
	(void)state;
	check_refused(CASE "/README", DMASIM_E_FORMAT, "not a recording");
}

static void test_no_pages_bin(void **state)
{
	char *dir = folder_copy(CASE);

	(void)state;
	folder_delete(dir, "base-default/pages.bin");
	check_refused(dir, DMASIM_E_FORMAT,
	              "neither it nor pages.bin.xz is there");
	folder_remove(dir);
}

static void test_truncated_pages_bin(void **state)
{
	char *dir = folder_copy(CASE), *data;
	size_t size;

	(void)state;
	data = folder_read(dir, "base-default/pages.bin", &size);
	folder_write(dir, "base-default/pages.bin", data, size - 1);
	free(data);
	check_refused(dir, DMASIM_E_FORMAT, "lies beyond pages.bin");
	folder_remove(dir);
}

/** Every part of an xz file can be damaged; the message names the file. */
static void test_damaged_xz(void **state)
{
	static const char name[] = "base-vfio/pages.bin.xz";
	char *dir = folder_copy(CASE), *data;
	size_t size;

	(void)state;
	data = folder_read(dir, name, &size);
	folder_write(dir, name, data, size / 2);
	check_refused(dir, DMASIM_E_FORMAT, "pages.bin.xz: ends too early");
	folder_write(dir, name, data, size - 5);
	check_refused(dir, DMASIM_E_FORMAT, "pages.bin.xz: ends too early");
	data[size / 2] ^= 0x55;
	folder_write(dir, name, data, size);
	check_refused(dir, DMASIM_E_FORMAT, "pages.bin.xz: damaged");
	folder_write_text(dir, name, "not an xz file");
	check_refused(dir, DMASIM_E_FORMAT, "pages.bin.xz: not an xz file");
	folder_write_text(dir, name, "");
	check_refused(dir, DMASIM_E_FORMAT, "pages.bin.xz: ends too early");
	free(data);
	folder_remove(dir);
}

/** A folder where a file should be, and files that cannot be read. */
static void test_folder_instead_of_file(void **state)
{
	char *dir = folder_copy(CASE);

	(void)state;
	folder_delete(dir, "base-vfio/pages.bin.xz");
	folder_mkdir(dir, "base-vfio/pages.bin");
	check_refused(dir, DMASIM_E_FORMAT, "base-vfio/pages.bin");
	folder_remove(dir);
	dir = folder_copy(CASE);
	folder_delete(dir, MACHINE);
	folder_mkdir(dir, MACHINE);
	check_refused(dir, DMASIM_E_FORMAT, "machine.txt");
	folder_remove(dir);
}

static void test_device_tree_refused(void **state)
{
	struct dmasim_replay_options opt = {.fdt = "x", .fdt_size = 1};
	struct dmasim_diag diag;

	(void)state;
	assert_int_equal(
	        dmasim_replay_snapshot(CASE, &opt, NULL, NULL, NULL, &diag),
	        DMASIM_E_INVAL);
	assert_non_null(strstr(diag.text, "its own machine"));
	assert_int_equal(
	        dmasim_replay_snapshot(NULL, NULL, NULL, NULL, NULL, NULL),
	        DMASIM_E_INVAL);
}

/** An unknown profile does not matter when the user names one. */
static void test_profile_given(void **state)
{
	char *dir = folder_copy(CASE);
	struct replayed r;

	(void)state;
	folder_edit(dir, MACHINE, "qemu-10", "qemu-99");
	replay_run(&r, dir, "qemu-10");
	assert_int_equal(r.status, DMASIM_OK);
	replay_free(&r);
	folder_edit(dir, MACHINE, "profile qemu-99", "");
	replay_run(&r, dir, "qemu-10");
	assert_int_equal(r.status, DMASIM_OK);
	replay_free(&r);
	folder_remove(dir);
}

/** Limits on what is read. */
static void test_too_much(void **state)
{
	char *dir = folder_copy(CASE), *text = malloc(200000), name[32];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 65; i++)
		n += (size_t)snprintf(text + n, 64, "ram 0x%x 0x1000\n",
		                      0x80000000u + i * 0x1000);
	folder_write(dir, MACHINE, text, n);
	check_refused(dir, DMASIM_E_FORMAT,
	              "machine.txt:65: more than 64 RAM ranges");
	folder_write_text(dir, MACHINE,
	                  "ram 0x40000000 0x20000000\nprofile qemu-10\n"
	                  "smmuv3 0x9050000 0x20000\n");
	n = 0;
	for (unsigned i = 0; i < 1025; i++)
		n += (size_t)snprintf(text + n, 64, "R%u 0x0 4 0\n", i);
	folder_write(dir, REGS, text, n);
	check_refused(dir, DMASIM_E_FORMAT,
	              "regs.txt:1025: more than 1024 registers");
	free(text);
	folder_remove(dir);

	dir = folder_copy(DRIVER);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "L%u", i);
		folder_mkdir(dir, name);
	}
	check_refused(dir, DMASIM_E_FORMAT, "more than 256 cases");
	folder_remove(dir);
}

/** Sparse files: large without taking room. */
static void test_huge_files(void **state)
{
	char *dir = folder_copy(CASE);

	(void)state;
	folder_resize(dir, "base-default/pages.bin", (1l << 30) + 1);
	check_refused(dir, DMASIM_E_FORMAT,
	              "base-default/pages.bin: 1073741825 bytes, more than "
	              "1024 MiB");
	folder_resize(dir, "base-default/pages.bin", 77824);
	folder_resize(dir, CONFIG, (64l << 20) + 1);
	check_refused(dir, DMASIM_E_FORMAT,
	              "config-faults.tsv: 67108865 bytes, more than 64 MiB");
	folder_remove(dir);
}

/** A link to itself can be neither opened nor taken as absent. */
static void test_unreadable(void **state)
{
	static const char *const files[] = {MACHINE,
	                                    REGS,
	                                    PAGES,
	                                    "base-default/pages.bin",
	                                    CMDQ,
	                                    "base-default/eventq.txt",
	                                    "base-default/vrings.txt",
	                                    MAPPINGS,
	                                    CONFIG};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char *dir = folder_copy(CASE);

		folder_delete(dir, files[i]);
		folder_link(dir, files[i]);
		check_refused(dir, DMASIM_E_IO, files[i]);
		folder_remove(dir);
	}
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/** Random damage of every text file: refused or replayed, never worse. */
static void test_random_damage(void **state)
{
	static const char *const files[] = {MACHINE,
	                                    CONFIG,
	                                    TABLES,
	                                    REGS,
	                                    PAGES,
	                                    MAPPINGS,
	                                    TRANS,
	                                    CMDQ,
	                                    "base-vfio/regs.txt",
	                                    "base-vfio/pages.tsv",
	                                    "base-vfio/mappings.tsv",
	                                    "base-vfio/eventq.txt"};
	char *dir = folder_copy(CASE);
	uint64_t seed = 20170117;

	(void)state;
	for (unsigned i = 0; i < 120; i++) {
		const char *file = files[i % (sizeof(files) / sizeof(*files))];
		size_t size;
		char *good = folder_read(dir, file, &size);
		char *bad = malloc(size);
		struct replayed r;

		memcpy(bad, good, size);
		for (unsigned k = 0; k < 1 + i % 7; k++)
			bad[next_random(&seed) % size] =
			        (char)next_random(&seed);
		folder_write(dir, file, bad,
		             i % 3 ? size : next_random(&seed) % size);
		replay_run(&r, dir, NULL);
		assert_true(r.status == DMASIM_OK ||
		            r.status == DMASIM_E_FAULT || *r.diag.text);
		replay_free(&r);
		folder_write(dir, file, good, size);
		free(good);
		free(bad);
	}
	folder_remove(dir);
}

#define CASES (sizeof(cases) / sizeof(*cases))

int main(int argc, char **argv)
{
	static const struct CMUnitTest more[] = {
	        cmocka_unit_test(test_no_folder),
	        cmocka_unit_test(test_empty_folder),
	        cmocka_unit_test(test_file_instead_of_folder),
	        cmocka_unit_test(test_no_pages_bin),
	        cmocka_unit_test(test_truncated_pages_bin),
	        cmocka_unit_test(test_damaged_xz),
	        cmocka_unit_test(test_folder_instead_of_file),
	        cmocka_unit_test(test_device_tree_refused),
	        cmocka_unit_test(test_profile_given),
	        cmocka_unit_test(test_too_much),
	        cmocka_unit_test(test_huge_files),
	        cmocka_unit_test(test_unreadable),
	        cmocka_unit_test(test_random_damage),
	};
	struct CMUnitTest tests[CASES + sizeof(more) / sizeof(*more)];

	memset(tests, 0, sizeof(tests));
	for (size_t i = 0; i < CASES; i++) {
		tests[i].name = cases[i].name;
		tests[i].test_func = test_malformed;
		tests[i].initial_state = (void *)&cases[i];
	}
	memcpy(tests + CASES, more, sizeof(more));
	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
