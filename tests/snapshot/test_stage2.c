/* SPDX-License-Identifier: MIT */
/*
 * Recordings made by hand of streams with stage 2, alone and below stage 1,
 * and of pages of 64 KiB: what those of traces/recordings do not have.
 */
#include <inttypes.h>

#include "synthetic.h"

#define LEAF(n) (SYNTH_TABLE2(3) + 8 * (n))

#define FAULT(type) ((type) | (uint64_t)SYNTH_SID << 32)
#define IN          0x20000000000ull
#define TT          0x10000000000ull
#define S2          0x8000000000ull
#define READ        0x800000000ull
#define OAS         (1ull << 44)

static const char *record(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
	static char text[4][96];
	static unsigned next;
	char *t = text[next++ % 4];

	snprintf(t, sizeof(text[0]),
	         "0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64, w0, w1,
	         w2, w3);
	return t;
}

/** A list that agrees as recorded and as the architecture has it. */
static void agrees(struct synth *s, const char *file, const char *text,
                   size_t rows)
{
	static const char *const profiles[] = {NULL, "arch"};

	synth_write(s);
	folder_write_text(s->dir, file, text);
	for (size_t i = 0; i < 2; i++) {
		struct replayed r;

		replay_run(&r, s->dir, profiles[i]);
		if (r.status != DMASIM_OK)
			fail_msg("%s%s", r.report, r.diag.text);
		assert_int_equal(
		        replay_count(
		                replay_list(&r, file, i ? "arch" : s->profile),
		                "agree"),
		        rows);
		replay_free(&r);
	}
	folder_delete(s->dir, file);
}

/** One row that must differ. */
static void differs(struct synth *s, const char *file, const char *text,
                    const char *what)
{
	struct replayed r;

	synth_run_list(s, file, text, &r);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	if (!replay_says(&r, what))
		fail_msg("no \"%s\" in %s", what, r.report);
	replay_free(&r);
	folder_delete(s->dir, file);
}

#define MAPPINGS "snapshot/mappings.tsv"
#define MAPPING_HEAD                                                           \
	"# sid\tasid_or_vmid\tstage\tiova\tsize\tpa\tlevel\tdescriptor\t"      \
	"descriptor_pa\n"
#define TRANSLATIONS "snapshot/translations.tsv"

/* ---- stage 2 alone ---- */

static void leaves(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_stage2(s);
	synth_put(s, LEAF(3), SYNTH_DATA(3) | (LEAF2_RW & ~0x400ull));
	synth_put(s, LEAF(4), OAS | SYNTH_DATA(4) | LEAF2_RW);
	synth_put(s, LEAF(5), OAS | SYNTH_DATA(5) | LEAF2);
	agrees(s, MAPPINGS,
	       MAPPING_HEAD
	       "3\t5\t2\t0x0\t0x1000\t0x40400000\t3\t0x404007ff\t0x40133000\n"
	       "3\t5\t2\t0x3000\t0x1000\t0x40403000\t3\t0x404033ff\t0\n"
	       "3\t5\t2\t0x4000\t0x1000\t0x100040404000\t3\t0x1000404047ff\t0\n"
	       "3\t5\t2\t0x5000\t0x1000\t0x100040405000\t3\t0x10004040573f\t0\n"
	       "3\t5\t2\t0x6000\t0x1000\t0x40406000\t3\t0x4040677f\t0x40133030"
	       "\n"
	       "3\t5\t2\t0x7000\t0x1000\t0x40407000\t3\t0x404077bf\t0\n",
	       6);
	agrees(s, TRANSLATIONS,
	       "# sid\tiova\tpa\tperm\tasid\tagrees\n"
	       "3\t0x10\t0x40400010\t3\t-1\tyes\n"
	       "3\t0x6010\t0x40406010\t1\t-1\tyes\n"
	       "3\t0x7010\t0x40407010\t2\t-1\tyes\n",
	       3);
	differs(s, MAPPINGS,
	        MAPPING_HEAD
	        "3\t5\t2\t0x6000\t0x1000\t0x40406000\t3\t0x404067ff\t0\n",
	        "here F_PERMISSION");
	synth_destroy(s);
}

static void faults(void **state)
{
	struct synth *s = synth_create("qemu-10");
	uint64_t leaf = SYNTH_DATA(1) | LEAF2_RW;

	(void)state;
	synth_stage2(s);
	synth_check_row(s, "R", 0x1000, "-", "success pa=0x40401000 perm=0x3",
	                "-", NULL);
	/* Low bits of the IPA are QEMU's own. */
	synth_check_row(s, "R", 0x1010, synth_poke(s, LEAF(1), 0), "-",
	                record(FAULT(0x10), S2 | IN | READ, 0x1010, 0x1010),
	                "all bits of the IPA");
	synth_check_row(s, "W", 0x1000,
	                synth_poke(s, LEAF(1), leaf & ~0x400ull), "-",
	                record(FAULT(0x12), S2 | IN, 0x1000, 0x1000), NULL);
	synth_check_row(s, "W", 0x1000, synth_poke(s, LEAF(1), leaf & ~0x80ull),
	                "-", record(FAULT(0x13), S2 | IN, 0x1000, 0x1000),
	                NULL);
	synth_check_row(s, "R", 0x1000, synth_poke(s, LEAF(1), leaf | OAS), "-",
	                record(FAULT(0x11), S2 | IN | READ, 0x1000, 0x1000),
	                NULL);
	/* Permissions before the size, as in stage 1. */
	synth_check_row(s, "W", 0x1000,
	                synth_poke(s, LEAF(1), (leaf & ~0x80ull) | OAS), "-",
	                record(FAULT(0x13), S2 | IN, 0x1000, 0x1000),
	                "checked after the permissions");
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_TABLE2(0), LEAF2_RW & ~2ull),
	                "success pa=0x1000 perm=0x3", "-",
	                "a block descriptor");
	synth_check_row(s, "R", 1ull << 45, "-", "-", "-", "above its size");
	synth_destroy(s);
}

static void configuration(void **state)
{
	struct synth *s = synth_create("qemu-10");
	uint64_t ste2;

	(void)state;
	synth_stage2(s);
	ste2 = synth_get(s, SYNTH_STE + 16);
	/* An output of 36 bits below an input of 44. */
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_STE + 16,
	                           (ste2 & ~(7ull << 48)) | 1ull << 48),
	                "-", "0x0000000300000004 0 0 0", "S2T0SZ");
	synth_check_row(s, "R", 0x1000,
	                synth_poke(s, SYNTH_STE + 16, ste2 | 3ull << 55),
	                "success pa=0x40401000 perm=0x3", "-", "S2HA and S2HD");
	synth_check_row(
	        s, "R", 0x1000,
	        synth_poke(s, SYNTH_STE, synth_get(s, SYNTH_STE) | 2ull << 59),
	        "-", "0x0000000300000004 0 0 0", "S1CDMax");
	synth_check_row(s, "R", 0x1000, synth_poke(s, SYNTH_STE + 16, 0), "-",
	                "0x0000000300000004 0 0 0", NULL);
	/* Faults that are not recorded. */
	synth_put(s, SYNTH_STE + 16, ste2 & ~(1ull << 58));
	synth_check_row(s, "R", 0x1000, synth_poke(s, LEAF(1), 0), "-", "-",
	                NULL);
	synth_destroy(s);
}

/** What the TLB holds decides what QEMU tells. */
static void kept_pages(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;
	char list[512];

	(void)state;
	synth_stage2(s);
	snprintf(list, sizeof(list),
	         "A\t3\tW\t0x7010\t-\tsuccess pa=0x40407010\t-\tw\n"
	         "B\t3\tR\t0x7010\t-\t-\t-\tkept: silent\n"
	         "C\t3\tR\t0x6010\t-\tsuccess pa=0x40406010\t-\tw\n"
	         "D\t3\tW\t0x6010\t-\t-\t%s\tkept: no IPA\n"
	         "E\t3\tW\t0x6010\t-\t-\t%s\tnot kept\n",
	         record(FAULT(0x13), S2 | IN, 0x6010, 0),
	         record(FAULT(0x13), S2 | IN, 0x6010, 0x6010));
	synth_poke_row(s, &r, NULL, list);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_true(replay_says(&r, "5 rows, 5 agree"));
	assert_true(replay_says(&r, "is never recorded (F_PERMISSION, 7.3.16): "
	                            "1 row: B"));
	replay_free(&r);
	/* The other way round it must not be taken. */
	snprintf(list, sizeof(list), "A\t3\tW\t0x6010\t-\t-\t%s\tw\n",
	         record(FAULT(0x13), S2 | IN, 0x6010, 0x5010));
	synth_poke_row(s, &r, NULL, list);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	replay_free(&r);
	synth_destroy(s);
}

/* ---- both stages ---- */

static void nested(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_nested(s);
	agrees(s, TRANSLATIONS,
	       "# sid\tiova\tpa\tperm\tasid\tagrees\n"
	       "3\t0x1010\t0x40403010\t3\t9\tyes\n"
	       "3\t0x6010\t0x40400010\t1\t9\tyes\n",
	       2);
	agrees(s, MAPPINGS,
	       MAPPING_HEAD
	       "3\t9\t1\t0x1000\t0x1000\t0x40401000\t3\t0x40401743\t"
	       "0x40123008\n"
	       "3\t5\t2\t0x40401000\t0x1000\t0x40403000\t3\t0x404037ff\t0\n",
	       2);
	differs(s, MAPPINGS,
	        MAPPING_HEAD
	        "3\t9\t1\t0x1000\t0x1000\t0x40403000\t3\t0x40401743\t0\n",
	        "stage 1 leads 0x1000 to 0x40401000");
	differs(s, MAPPINGS,
	        MAPPING_HEAD
	        "3\t5\t2\t0x50000000\t0x1000\t0x40403000\t3\t0x404037ff\t0\n",
	        "stage 2 leads 0x50000000 to nothing");
	synth_destroy(s);
}

static void nested_faults(void **state)
{
	struct synth *s = synth_create("qemu-10");
	uint64_t data = synth_leaf2(SYNTH_DATA(1));
	uint64_t table = synth_leaf2(SYNTH_TABLE(2));

	(void)state;
	synth_nested(s);
	synth_check_row(s, "W", 0x1000, synth_poke(s, data, 0), "-",
	                record(FAULT(0x10), S2 | IN, 0x1000, SYNTH_DATA(1)),
	                NULL);
	synth_check_row(
	        s, "W", 0x1000, synth_poke(s, data, SYNTH_DATA(3) | LEAF2_RO),
	        "-", record(FAULT(0x13), S2 | IN, 0x1000, SYNTH_DATA(1)), NULL);
	/* Stage 1 refuses first. */
	synth_check_row(s, "W", 0x6000,
	                synth_poke(s, synth_leaf2(SYNTH_DATA(6)), 0), "-",
	                record(FAULT(0x13), IN, 0x6000, 0), NULL);
	synth_check_row(
	        s, "R", 0x1000, synth_poke(s, table, 0), "-",
	        record(FAULT(0x10), S2 | TT | READ, 0x1000, SYNTH_TABLE(2)),
	        NULL);
	/* A write that is refused where a table cannot be read: TTRnW. */
	synth_check_row(s, "W", 0x1000,
	                synth_poke(s, table, SYNTH_TABLE(2) | LEAF2_WO), "-",
	                record(FAULT(0x13), S2 | TT, 0x1000, SYNTH_TABLE(2)),
	                "a CD or table that stage 2 refuses");
	synth_destroy(s);
}

static void nested_cd(void **state)
{
	struct synth *s = synth_create("qemu-10");
	uint64_t cd = synth_leaf2(SYNTH_CD);

	(void)state;
	synth_nested(s);
	synth_check_row(s, "R", 0x1000, synth_poke(s, cd, 0), "-",
	                record(FAULT(0x10), S2 | READ, 0x1000, SYNTH_CD), NULL);
	synth_check_row(s, "W", 0x1000, synth_poke(s, cd, 0), "-",
	                record(FAULT(0x10), S2 | READ, 0x1000, SYNTH_CD),
	                "a CD or table that stage 2 refuses");
	synth_destroy(s);
}

/* ---- stalls, and versions ---- */

/** The recorded SMMU can stall: the driver ends what it finds stalled. */
static void stalled_accesses(void **state)
{
	struct synth *s = synth_create("arch");
	struct replayed r;
	char list[512];

	(void)state;
	synth_reg(s, "IDR0", 0x0c40101a);
	synth_put(s, SYNTH_CD, synth_get(s, SYNTH_CD) | 1ull << 44);
	snprintf(list, sizeof(list),
	         "A\t3\tR\t0x9000\t-\t-\t%s\tstalls\n"
	         "B\t3\tR\t0x1000\t-\tsuccess pa=0x40401000\t-\tw\n"
	         "C\t3\tR\t0x9000\t-\t-\t%s\tstalls again\n",
	         record(FAULT(0x10), IN | READ | 1ull << 31, 0x9000, 0),
	         record(FAULT(0x10), IN | READ | 1ull << 31, 0x9000, 0));
	synth_poke_row(s, &r, NULL, list);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_true(replay_says(&r, "3 rows, 3 agree"));
	replay_free(&r);
	synth_destroy(s);
}

static void versions_of_qemu(void **state)
{
	static const struct {
		const char *name, *taken_as;
	} versions[] = {
	        {"qemu-6", "qemu-7.2"},     {"qemu-8.2.1", "qemu-7.2"},
	        {"qemu-9.0", "qemu-7.2"},   {"qemu-9.1", "qemu-10"},
	        {"qemu-10.0.2", "qemu-10"}, {"qemu-11", "qemu-10"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		struct synth *s = synth_create(versions[i].name);
		struct replayed r;
		char line[64];

		synth_write(s);
		replay_run(&r, s->dir, NULL);
		assert_int_equal(r.status, DMASIM_OK);
		snprintf(line, sizeof(line), "profile %s\n",
		         versions[i].taken_as);
		assert_true(replay_says(&r, line));
		replay_free(&r);
		synth_destroy(s);
	}
}

/* ---- 64 KiB ---- */

#define BIG_TABLE 0x40540000ull /* level 2, 64 KiB of them */
#define BIG_LEAF  0x40550000ull
#define BIG_PAGE  0x40560000ull

static void big_tables(struct synth *s, const char *stage)
{
	char roles[64];

	synth_put(s, BIG_TABLE, BIG_LEAF | TABLE);
	snprintf(roles, sizeof(roles), "pt_%s_l2[sid 0x3]", stage);
	synth_role(s, BIG_TABLE, roles);
	snprintf(roles, sizeof(roles), "pt_%s_l3[sid 0x3]", stage);
	synth_role(s, BIG_LEAF, roles);
	synth_put(s, BIG_PAGE + 0x10, 0x77);
}

static void pages_of_64_kib(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;
	char list[512];

	(void)state;
	/* T0SZ 22, 64 KiB. */
	synth_put(s, SYNTH_CD,
	          (synth_get(s, SYNTH_CD) & ~0xffull) | 1 << 6 | 22);
	synth_put(s, SYNTH_CD + 8, BIG_TABLE);
	big_tables(s, "s1");
	synth_put(s, BIG_LEAF + 8, BIG_PAGE | LEAF_RW);
	agrees(s, MAPPINGS,
	       MAPPING_HEAD
	       "3\t9\t1\t0x10000\t0x10000\t0x40560000\t3\t0x40560743\t"
	       "0x40550008\n",
	       1);
	agrees(s, TRANSLATIONS,
	       "# sid\tiova\tpa\tperm\tasid\tagrees\n"
	       "3\t0x1fff0\t0x4056fff0\t3\t9\tyes\n",
	       1);
	/* One page further is 64 KiB further. */
	snprintf(list, sizeof(list),
	         "# test\tdevice\tsid\twhat\taccess\trecords\n"
	         "C\tedu\t3\tw\tR 0x10000+page\t%s\n",
	         record(FAULT(0x10), IN | READ, 0x20000, 0));
	synth_write(s);
	folder_write_text(s->dir, "faults.tsv", list);
	folder_write_text(s->dir, MAPPINGS,
	                  MAPPING_HEAD "3\t9\t1\t0x10000\t0x10000\t0x40560000"
	                               "\t3\t0x40560743\t0x40550008\n");
	replay_run(&r, s->dir, NULL);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	assert_true(replay_says(&r, "faults.tsv: 1 rows, 1 agree"));
	replay_free(&r);
	folder_delete(s->dir, "faults.tsv");
	synth_check_row(s, "R", 0x10010, synth_poke(s, BIG_LEAF + 8, 0), "-",
	                record(FAULT(0x10), IN | READ, 0x10010, 0), NULL);
	synth_destroy(s);
}

static void stage_2_of_64_kib(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_stage2(s);
	/* T0SZ 22, level 2, 64 KiB. */
	synth_put(s, SYNTH_STE + 16,
	          (synth_get(s, SYNTH_STE + 16) & ~0xc0ff00000000ull) |
	                  22ull << 32 | 1ull << 38 | 1ull << 46);
	synth_put(s, SYNTH_STE + 24, BIG_TABLE);
	big_tables(s, "s2");
	synth_put(s, BIG_LEAF + 8, BIG_PAGE | LEAF2_RO);
	agrees(s, MAPPINGS,
	       MAPPING_HEAD
	       "3\t5\t2\t0x10000\t0x10000\t0x40560000\t3\t0x4056077f\t"
	       "0x40550008\n",
	       1);
	synth_check_row(s, "R", 0x20000, "-", "-",
	                record(FAULT(0x10), S2 | IN | READ, 0x20000, 0x20000),
	                NULL);
	synth_destroy(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(leaves),
	        cmocka_unit_test(faults),
	        cmocka_unit_test(configuration),
	        cmocka_unit_test(kept_pages),
	        cmocka_unit_test(nested),
	        cmocka_unit_test(nested_faults),
	        cmocka_unit_test(nested_cd),
	        cmocka_unit_test(stalled_accesses),
	        cmocka_unit_test(versions_of_qemu),
	        cmocka_unit_test(pages_of_64_kib),
	        cmocka_unit_test(stage_2_of_64_kib),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
