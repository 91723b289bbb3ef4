/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "synthetic.h"

static size_t page_of(struct synth *s, uint64_t pa)
{
	size_t i = 0;

	pa &= ~0xfffull;
	while (i < s->pages && s->page[i].pa != pa)
		i++;
	if (i == s->pages) {
		assert_true(s->pages < SYNTH_PAGES);
		s->page[s->pages++].pa = pa;
	}
	return i;
}

void synth_role(struct synth *s, uint64_t pa, const char *roles)
{
	snprintf(s->page[page_of(s, pa)].roles, sizeof(s->page[0].roles), "%s",
	         roles);
}

uint64_t synth_get(struct synth *s, uint64_t pa)
{
	return s->page[page_of(s, pa)].word[pa % 4096 / 8];
}

void synth_put(struct synth *s, uint64_t pa, uint64_t value)
{
	s->page[page_of(s, pa)].word[pa % 4096 / 8] = value;
}

void synth_reg(struct synth *s, const char *name, uint64_t value)
{
	for (size_t i = 0; i < s->regs; i++)
		if (!strcmp(s->reg[i].name, name)) {
			s->reg[i].value = value;
			return;
		}
	fail_msg("no register %s", name);
}

static void add_reg(struct synth *s, const char *name, uint32_t offset,
                    unsigned size, uint64_t value)
{
	assert_true(s->regs < SYNTH_REGS);
	snprintf(s->reg[s->regs].name, sizeof(s->reg[0].name), "%s", name);
	s->reg[s->regs].offset = offset;
	s->reg[s->regs].size = size;
	s->reg[s->regs++].value = value;
}

static void add_regs(struct synth *s)
{
	bool old = !strcmp(s->profile, "qemu-7.2");

	add_reg(s, "IDR0", 0, 4, old ? 0x0d40101a : 0x0d44101b);
	add_reg(s, "IDR1", 4, 4, 0x02730010);
	add_reg(s, "IDR3", 0xc, 4, old ? 0x1404 : 0x1414);
	add_reg(s, "IDR5", 0x14, 4, 0x74);
	add_reg(s, "CR0", 0x20, 4, 0xd);
	add_reg(s, "CR0ACK", 0x24, 4, 0xd);
	add_reg(s, "CR1", 0x28, 4, 0xd75);
	add_reg(s, "CR2", 0x2c, 4, 0x6);
	add_reg(s, "IRQ_CTRL", 0x50, 4, 5);
	add_reg(s, "GERROR", 0x60, 4, 0);
	add_reg(s, "GERRORN", 0x64, 4, 0);
	add_reg(s, "STRTAB_BASE", 0x80, 8, SYNTH_STRTAB);
	add_reg(s, "STRTAB_BASE_CFG", 0x88, 4, 6);
	add_reg(s, "CMDQ_BASE", 0x90, 8, SYNTH_CMDQ | 4);
	add_reg(s, "CMDQ_PROD", 0x98, 4, 0);
	add_reg(s, "CMDQ_CONS", 0x9c, 4, 0);
	add_reg(s, "EVENTQ_BASE", 0xa0, 8, SYNTH_EVTQ | 4);
	add_reg(s, "EVENTQ_PROD", 0x100a8, 4, 0);
	add_reg(s, "EVENTQ_CONS", 0x100ac, 4, 0);
}

static void add_stream(struct synth *s)
{
	/* V, Config = stage 1; write-back, inner shareable CD fetches. */
	synth_put(s, SYNTH_STE, SYNTH_CD | 5 << 1 | 1);
	synth_put(s, SYNTH_STE + 8, 0xd6);
	/* T0SZ 16, 4 KiB, WB ISH, EPD1, V, IPS 44 bits, AA64, R, A, ASET. */
	synth_put(s, SYNTH_CD,
	          (uint64_t)SYNTH_ASID << 48 | 0x0000e204c0003510ull);
	synth_put(s, SYNTH_CD + 8, SYNTH_TABLE(0));
	synth_put(s, SYNTH_CD + 24, 0xff);
	for (unsigned level = 0; level < 3; level++)
		synth_put(s, SYNTH_TABLE(level),
		          SYNTH_TABLE(level + 1) | TABLE);
	for (unsigned n = 0; n < 8; n++) {
		synth_put(s, SYNTH_TABLE(3) + 8 * n,
		          SYNTH_DATA(n) | (n < 6 ? LEAF_RW : LEAF_RO));
		synth_put(s, SYNTH_DATA(n), 0x1111111111111111ull * (n + 1));
	}
	synth_role(s, SYNTH_STRTAB, "strtab");
	synth_role(s, SYNTH_CD, "cd[sid 0x3]");
	synth_role(s, SYNTH_TABLE(0), "pt_s1_l0[sid 0x3]");
	synth_role(s, SYNTH_TABLE(1), "pt_s1_l1[sid 0x3]");
	synth_role(s, SYNTH_TABLE(2), "pt_s1_l2[sid 0x3]");
	synth_role(s, SYNTH_TABLE(3), "pt_s1_l3[sid 0x3]");
}

struct synth *synth_create(const char *profile)
{
	struct synth *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->profile = profile;
	s->dir = folder_create();
	folder_mkdir(s->dir, "snapshot");
	add_regs(s);
	add_stream(s);
	return s;
}

/* T0SZ 20, level 0, WB ISH, 4 KiB, 44 bits, AA64, S2R. */
#define STE2 (0x040c359400000000ull | SYNTH_VMID)

static void add_stage2(struct synth *s, unsigned config)
{
	synth_put(s, SYNTH_STE,
	          (synth_get(s, SYNTH_STE) & ~0xeull) | (uint64_t)config << 1);
	synth_put(s, SYNTH_STE + 16, STE2);
	synth_put(s, SYNTH_STE + 24, SYNTH_TABLE2(0));
	synth_put(s, SYNTH_TABLE2(0), SYNTH_TABLE2(1) | TABLE);
	for (unsigned level = 0; level < 5; level++) {
		char roles[64];

		snprintf(roles, sizeof(roles), "pt_s2_l%u[sid 0x3]",
		         level < 3 ? level : 3);
		synth_role(s, SYNTH_TABLE2(level), roles);
	}
}

void synth_stage2(struct synth *s)
{
	add_stage2(s, 6);
	synth_put(s, SYNTH_TABLE2(1), SYNTH_TABLE2(2) | TABLE);
	synth_put(s, SYNTH_TABLE2(2), SYNTH_TABLE2(3) | TABLE);
	for (unsigned n = 0; n < 8; n++)
		synth_put(s, SYNTH_TABLE2(3) + 8 * n,
		          SYNTH_DATA(n) | (n < 6    ? LEAF2_RW
		                           : n == 6 ? LEAF2_RO
		                                    : LEAF2_WO));
}

uint64_t synth_leaf2(uint64_t ipa)
{
	return SYNTH_TABLE2(ipa < 0x40200000 ? 3u : 4u) + (ipa >> 12 & 511) * 8;
}

void synth_nested(struct synth *s)
{
	add_stage2(s, 7);
	/* 0x40000000 is the second gigabyte. */
	synth_put(s, SYNTH_TABLE2(1) + 8, SYNTH_TABLE2(2) | TABLE);
	synth_put(s, SYNTH_TABLE2(2), SYNTH_TABLE2(3) | TABLE);
	synth_put(s, SYNTH_TABLE2(2) + 16, SYNTH_TABLE2(4) | TABLE);
	synth_put(s, synth_leaf2(SYNTH_CD), SYNTH_CD | LEAF2_RW);
	for (unsigned level = 0; level < 4; level++)
		synth_put(s, synth_leaf2(SYNTH_TABLE(level)),
		          SYNTH_TABLE(level) | LEAF2_RW);
	for (unsigned n = 0; n < 8; n++)
		synth_put(s, synth_leaf2(SYNTH_DATA(n)),
		          SYNTH_DATA((n + 2) % 8) | LEAF2_RW);
}

void synth_destroy(struct synth *s)
{
	folder_remove(s->dir);
	free(s);
}

static void write_pages(struct synth *s)
{
	FILE *index = fopen(folder_path(s->dir, "snapshot/pages.tsv"), "w");
	FILE *data = fopen(folder_path(s->dir, "snapshot/pages.bin"), "wb");

	assert_non_null(index);
	assert_non_null(data);
	fprintf(index, "# pa\tfile_offset\troles\n");
	for (size_t i = 0; i < s->pages; i++) {
		fprintf(index, "0x%" PRIx64 "\t0x%zx\t%s\n", s->page[i].pa,
		        4096 * i, s->page[i].roles);
		for (unsigned w = 0; w < 512; w++)
			for (unsigned b = 0; b < 64; b += 8)
				fputc((int)(s->page[i].word[w] >> b & 0xff),
				      data);
	}
	fclose(index);
	fclose(data);
}

void synth_write(struct synth *s)
{
	char machine[128];
	FILE *regs = fopen(folder_path(s->dir, "snapshot/regs.txt"), "w");

	assert_non_null(regs);
	for (size_t i = 0; i < s->regs; i++)
		fprintf(regs, "%s 0x%x %u 0x%" PRIx64 "\n", s->reg[i].name,
		        s->reg[i].offset, s->reg[i].size, s->reg[i].value);
	fclose(regs);
	snprintf(machine, sizeof(machine),
	         "# by hand\nram 0x40000000 0x1000000\nprofile %s\n"
	         "smmuv3 0x9050000 0x20000\n",
	         s->profile);
	folder_write_text(s->dir, "machine.txt", machine);
	write_pages(s);
}

void synth_poke_row(struct synth *s, struct replayed *r, const char *profile,
                    const char *row)
{
	char list[1024];

	snprintf(list, sizeof(list),
	         "# base state: snapshot/\n"
	         "# test\tsid\taccess\tiova\tpokes\toutcome\trecords\twhat\n"
	         "%s\n",
	         row);
	synth_write(s);
	folder_write_text(s->dir, "pagetable-faults.tsv", list);
	replay_run(r, s->dir, profile);
}

const char *synth_poke(struct synth *s, uint64_t pa, uint64_t after)
{
	static char text[4][80];
	static unsigned next;
	char *t = text[next++ % 4];

	snprintf(t, sizeof(text[0]), "0x%" PRIx64 ":0x%" PRIx64 ">0x%" PRIx64,
	         pa, synth_get(s, pa), after);
	return t;
}

/** A record of SYNTH_SID's translation fault, as text. */
const char *synth_record_text(const char *profile, unsigned type, bool write,
                              uint64_t iova)
{
	static char text[4][96];
	static unsigned next;
	char *t = text[next++ % 4];
	uint64_t class = strcmp(profile, "qemu-7.2") ? 0x20000000000ull : 0;
	uint64_t read = write ? 0 : 0x800000000ull;

	snprintf(t, sizeof(text[0]),
	         "0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x0",
	         type | (uint64_t)SYNTH_SID << 32, class | read, iova);
	return t;
}

/** One row; @outcome may be "-". The row must agree in both passes, and the
 * arch pass must name @rule (NULL: nothing). */
void synth_check_row(struct synth *s, const char *access, uint64_t iova,
                     const char *pokes, const char *outcome,
                     const char *records, const char *rule)
{
	char row[512];
	struct replayed r;
	const json_t *named;

	snprintf(row, sizeof(row), "X\t3\t%s\t0x%" PRIx64 "\t%s\t%s\t%s\tw",
	         access, iova, pokes, outcome, records);
	synth_poke_row(s, &r, NULL, row);
	if (r.status != DMASIM_OK)
		fail_msg("%s\n%s%s", row, r.report, r.diag.text);
	assert_int_equal(replay_count(replay_list(&r, "pagetable-faults.tsv",
	                                          s->profile),
	                              "agree"),
	                 1);
	named = json_object_get(replay_list(&r, "pagetable-faults.tsv", "arch"),
	                        "named");
	if (!rule) {
		assert_int_equal(json_array_size(named), 0);
	} else {
		const char *text = json_string_value(
		        json_object_get(json_array_get(named, 0), "rule"));

		assert_int_equal(json_array_size(named), 1);
		if (!strstr(text, rule))
			fail_msg("\"%s\" instead of \"%s\"", text, rule);
	}
	replay_free(&r);
}

/** One list of the snapshot. */
void synth_run_list(struct synth *s, const char *file, const char *text,
                    struct replayed *r)
{
	synth_write(s);
	folder_write_text(s->dir, file, text);
	replay_run(r, s->dir, NULL);
}
