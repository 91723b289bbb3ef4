/* SPDX-License-Identifier: MIT */
/* The loader by itself: numbers, words, tables, rows. */
#include "folder.h"

#include "recording_internal.h"

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} numbers[] = {
	        {"0", true, 0},
	        {"42", true, 42},
	        {"0x2a", true, 42},
	        {"0X2A", true, 42},
	        {"18446744073709551615", true, UINT64_MAX},
	        {"18446744073709551616", false, 0},
	        {"0xffffffffffffffff", true, UINT64_MAX},
	        {"0x10000000000000000", false, 0},
	        {"", false, 0},
	        {"0x", false, 0},
	        {"-1", false, 0},
	        {"+1", false, 0},
	        {" 1", false, 0},
	        {"1 ", false, 0},
	        {"12a", false, 0},
	        {"0xg", false, 0},
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		assert_int_equal(rec_number(numbers[i].text, &value),
		                 numbers[i].good);
		if (numbers[i].good)
			assert_true(value == numbers[i].value);
	}
}

static void test_words(void **state)
{
	char text[] = "  one\ttwo  three";
	char *cursor = text;

	(void)state;
	assert_string_equal(rec_word(&cursor), "one");
	assert_string_equal(rec_word(&cursor), "two");
	assert_string_equal(rec_word(&cursor), "three");
	assert_null(rec_word(&cursor));
	assert_null(rec_word(&cursor));
}

static void test_arena(void **state)
{
	struct rec_arena a = {NULL};

	(void)state;
	assert_null(rec_alloc(&a, SIZE_MAX, 2));
	assert_null(rec_alloc(&a, SIZE_MAX / 2, 3));
	assert_string_equal(rec_join(&a, "a", "/", "b"), "a/b");
	rec_free_all(&a);
	assert_null(a.blocks);
}

static void test_lines(void **state)
{
	char *dir = folder_create();
	struct rec_arena a = {NULL};
	struct rec_text t;

	(void)state;
	folder_write_text(dir, "t", "one\r\n\ntwo");
	assert_int_equal(rec_text_load(&a, folder_path(dir, "t"), &t, NULL), 0);
	assert_string_equal(rec_text_line(&t), "one");
	assert_string_equal(rec_text_line(&t), "");
	assert_string_equal(rec_text_line(&t), "two");
	assert_int_equal(t.line, 3);
	assert_null(rec_text_line(&t));
	assert_int_equal(rec_text_load(&a, folder_path(dir, "u"), &t, NULL),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(rec_text_load(&a, folder_path(dir, "t/u"), &t, NULL),
	                 DMASIM_E_NOTFOUND);
	rec_free_all(&a);
	folder_remove(dir);
}

struct loaded {
	char *dir;
	struct rec_arena arena;
	struct rec_list list;
	struct dmasim_diag diag;
	int status;
};

static void load(struct loaded *l, enum rec_kind kind, const char *text)
{
	memset(l, 0, sizeof(*l));
	l->dir = folder_create();
	folder_write_text(l->dir, "list.tsv", text);
	l->status = rec_list_load(&l->arena, folder_path(l->dir, "list.tsv"),
	                          kind, &l->list, &l->diag);
}

static void unload(struct loaded *l)
{
	rec_free_all(&l->arena);
	folder_remove(l->dir);
}

static void test_columns_by_name(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, REC_PROBES,
	     "# prose about an access\n"
	     "# note\tresult: pa or record\tIOVA (hex)\tSID\textra\taccess\n"
	     "x\tpa 0x1000 perm 1\t0x2000\t8\ty\tR\n");
	assert_int_equal(l.status, 0);
	assert_int_equal(l.list.rows, 1);
	assert_int_equal(l.list.row[0].sid, 8);
	assert_int_equal(l.list.row[0].iova, 0x2000);
	assert_int_equal(l.list.row[0].pa, 0x1000);
	assert_int_equal(l.list.row[0].perm, 1);
	assert_int_equal(l.list.row[0].outcome, REC_SUCCESS);
	unload(&l);
}

static void test_columns_of_blanks(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, REC_DRIVER_FAULTS,
	     "# test sid queue-IOVAs poke pa:old>new records(4x64) "
	     "base-snapshot what\n"
	     "K\t1\tdesc 0x0\t0x8:0x1>0x2, 0x10:3>4;0x18:5>6\t"
	     "1 2 3 4 ; 5 6 7 8\tbase\twords\n");
	assert_int_equal(l.status, 0);
	assert_int_equal(l.list.row[0].pokes, 3);
	assert_int_equal(l.list.row[0].poke[2].pa, 0x18);
	assert_int_equal(l.list.row[0].poke[2].before, 5);
	assert_int_equal(l.list.row[0].poke[2].after, 6);
	assert_int_equal(l.list.row[0].records, 2);
	assert_int_equal(l.list.row[0].record[1][3], 8);
	assert_string_equal(l.list.row[0].base, "base");
	assert_string_equal(l.list.row[0].what, "words");
	unload(&l);
}

/** Without a head the usual order counts; a row may lack what it needs not. */
static void test_columns_without_head(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, REC_TRANSLATIONS, "# sid of the device: 8\n\n8\t0x10\t0x20\n");
	assert_int_equal(l.status, 0);
	assert_int_equal(l.list.row[0].iova, 0x10);
	assert_false(l.list.row[0].has_perm);
	assert_null(l.list.row[0].skip);
	unload(&l);
	load(&l, REC_TRANSLATIONS, "8\t0x10\n");
	assert_int_equal(l.status, DMASIM_E_FORMAT);
	assert_non_null(strstr(l.diag.text, ":1: no column \"pa\""));
	unload(&l);
}

static void test_stale_translation(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, REC_TRANSLATIONS,
	     "8\t0x10\t0x20\t3\t1\tyes\n8\t0x10\t0x20\t3\t1\tno\n"
	     "8\t0x10\t0x20\t3\t1\t-\n");
	assert_int_equal(l.status, 0);
	assert_null(l.list.row[0].skip);
	assert_non_null(strstr(l.list.row[1].skip, "own walk disagrees"));
	assert_null(l.list.row[2].skip);
	unload(&l);
}

static void test_outcomes(void **state)
{
	struct loaded l;
	const struct rec_row *row;

	(void)state;
	load(&l, REC_CONFIG_FAULTS,
	     "A\t1\tR\t0x10\t-\tsuccess pa=0x20 perm=0x1\t-\tw\n"
	     "B\t1\tW\t0x10\t-\tsuccess pa=0x20\t-\tw\n"
	     "C\t1\tR\t0x10\t-\tbypass addr=0x10\t-\tw\n"
	     "D\t1\tR\t0x10\t-\tdisable addr=0x10\t-\tw\n"
	     "E\t1\tR\t0x10\t-\tabort addr=0x10\t-\tw\n"
	     "F\t1\tR\t0x10\t-\t-\t-\tw\n"
	     "G\t1\tR\t0x10\t-\tsuccess pa=0x20\t1 2 3 4\tw\n");
	assert_int_equal(l.status, 0);
	row = l.list.row;
	assert_int_equal(row[0].outcome, REC_SUCCESS);
	assert_int_equal(row[0].perm, 1);
	assert_int_equal(row[1].outcome, REC_SUCCESS);
	assert_false(row[1].has_perm);
	assert_int_equal(row[1].access, REC_WRITE);
	assert_int_equal(row[2].outcome, REC_BYPASS);
	assert_int_equal(row[3].outcome, REC_BYPASS);
	assert_int_equal(row[4].outcome, REC_ABORT);
	assert_int_equal(row[5].outcome, REC_NOTHING);
	assert_int_equal(row[6].outcome, REC_RECORDED);
	unload(&l);
}

static void test_accesses_in_words(void **state)
{
	struct loaded l;
	const struct rec_row *row;

	(void)state;
	load(&l, REC_FAULTS,
	     "A\td\t1\twords\tR 0x1002 (avail.idx)\t1 2 3 4\n"
	     "B\td\t1\twords\tW 0x2000+4+0x10 (used element)\t1 2 3 4\n"
	     "C\td\t1\twords\tW 0x6000+page\t1 2 3 4\n"
	     "D\td\t1\ter 0x50004000 4\tR\t1 2 3 4\n"
	     "E\td\t1\tew 0x50003ff8 16\tW crossing\t1 2 3 4\n"
	     "F\td\t1\tread again at 0x50020020\tR\t1 2 3 4\n"
	     "G\td\t1\ter 0x50000000 4\tnone\t-\n"
	     "H\td\t1\teverything mapped\tnone\t-\n"
	     "I\td\t1\twords\tas the device likes\t1 2 3 4\n"
	     "J\td\t1\twords\t-\t-\n"
	     "K\td\t1\twords only\tR\t1 2 3 4\n"
	     "L\td\t1\tew 0x1000 4\tR 0x1000\t1 2 3 4\n"
	     "M\td\t1\ter 0x1000 99999\tR\t1 2 3 4\n"
	     "N\td\t1\tthe offer 0x10 and er nothing\tR\t1 2 3 4\n"
	     "O\td\t1\twords\tReads a lot\t1 2 3 4\n");
	assert_int_equal(l.status, 0);
	row = l.list.row;
	assert_int_equal(row[0].iova, 0x1002);
	assert_int_equal(row[0].access, REC_READ);
	assert_int_equal(row[1].iova, 0x2014);
	assert_int_equal(row[1].access, REC_WRITE);
	assert_true(row[2].plus_page);
	assert_int_equal(row[3].iova, 0x50004000);
	assert_int_equal(row[3].size, 4);
	assert_int_equal(row[4].access, REC_WRITE);
	assert_int_equal(row[4].size, 16);
	assert_int_equal(row[5].iova, 0x50020020);
	assert_true(row[6].must_pass);
	assert_int_equal(row[6].access, REC_READ);
	assert_string_equal(row[7].skip, "no single access is named");
	assert_string_equal(row[8].skip, "no single access is named");
	assert_string_equal(row[9].skip, "the row names no access");
	assert_string_equal(row[10].skip, "the access has no address");
	assert_int_equal(row[11].access, REC_READ);
	assert_int_equal(row[11].size, 4);
	assert_int_equal(row[12].size, 0);
	assert_string_equal(row[13].skip, "the access has no address");
	assert_string_equal(row[14].skip, "no single access is named");
	unload(&l);
}

static void test_pages_from_xz(void **state)
{
	static const char dir[] = RECORDINGS "/smmu-vfio-map-k61/snapshot";
	struct rec_arena a = {NULL};
	struct rec_pages p = {.path = NULL};

	(void)state;
	assert_int_equal(rec_pages_load(&a, dir, &p, NULL), 0);
	assert_int_equal(p.count, 98);
	assert_int_equal(p.size, 389120);
	/* The leaf of 0x700e5000, as mappings.tsv has it. */
	assert_true(rec_pages_word(&p, 0x45545728) == 0x43ae0f47);
	assert_true(rec_pages_word(&p, 0x1000) == 0);
	assert_non_null(strstr(rec_pages_roles(&p, 0x45545728), "pt_s1_l3"));
	assert_string_equal(rec_pages_roles(&p, 0x1000), "");
	rec_free_all(&a);
}

static void test_no_pages(void **state)
{
	char *dir = folder_create();
	struct rec_arena a = {NULL};
	struct rec_pages p = {.path = NULL};

	(void)state;
	assert_int_equal(rec_pages_load(&a, dir, &p, NULL), 0);
	assert_int_equal(p.count, 0);
	folder_write_text(dir, "pages.tsv", "0x1000\t-\tzero\n");
	assert_int_equal(rec_pages_load(&a, dir, &p, NULL), 0);
	assert_int_equal(p.count, 1);
	assert_true(rec_pages_word(&p, 0x1000) == 0);
	rec_free_all(&a);
	folder_remove(dir);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_columns_by_name),
        cmocka_unit_test(test_columns_of_blanks),
        cmocka_unit_test(test_columns_without_head),
        cmocka_unit_test(test_stale_translation),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_accesses_in_words),
        cmocka_unit_test(test_pages_from_xz),
        cmocka_unit_test(test_no_pages),
};

CHECK_MAIN(tests)
