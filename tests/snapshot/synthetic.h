/* SPDX-License-Identifier: MIT */
/*
 * A small recording made by hand: one stream with a linear stream table and
 * a 4 KiB stage 1. Tests change words and registers, add lists, and replay.
 */
#ifndef DMASIM_TESTS_SYNTHETIC_H
#define DMASIM_TESTS_SYNTHETIC_H

#include "folder.h"

#define SYNTH_SID    3u
#define SYNTH_ASID   9u
#define SYNTH_STRTAB 0x40100000ull
#define SYNTH_STE    (SYNTH_STRTAB + 64 * SYNTH_SID)
#define SYNTH_L2     0x40101000ull /**< STEs of a 2-level table */
#define SYNTH_CD     0x40110000ull
/** Tables of levels 0 to 3, a page each; all cover IOVA 0. */
#define SYNTH_TABLE(level) (0x40120000ull + 0x1000 * (level))
#define SYNTH_CMDQ         0x40200000ull
#define SYNTH_EVTQ         0x40300000ull
/** Page n of the IOVA space is mapped to this, for n below 8. */
#define SYNTH_DATA(n) (0x40400000ull + 0x1000 * (n))

/** Tables of stage 2, a page each: of levels 0 to 3, and one more of level 3.
 */
#define SYNTH_TABLE2(level) (0x40130000ull + 0x1000 * (level))
#define SYNTH_VMID          5u

/* Descriptor bits. */
#define LEAF_RW (0x743ull) /**< AF, AP[1], ISH, page, AttrIndx 0 */
#define LEAF_RO (LEAF_RW | 0x80)
#define TABLE   3ull
/** Stage 2: AF, ISH, Write-Back, page; and what may be done. */
#define LEAF2    0x73full
#define LEAF2_RO (LEAF2 | 0x40)
#define LEAF2_WO (LEAF2 | 0x80)
#define LEAF2_RW (LEAF2 | 0xc0)

#define SYNTH_PAGES 32u
#define SYNTH_REGS  40u

struct synth {
	char *dir;
	const char *profile;
	size_t pages;
	struct {
		uint64_t pa;
		char roles[64];
		uint64_t word[512];
	} page[SYNTH_PAGES];
	size_t regs;
	struct {
		char name[24];
		uint32_t offset;
		unsigned size;
		uint64_t value;
	} reg[SYNTH_REGS];
};

/** The stream is sound; pages 0 to 5 are writable, 6 and 7 read-only. */
struct synth *synth_create(const char *profile);
/** Stage 2 alone: pages 0 to 5 are writable, 6 read-only, 7 write-only. */
void synth_stage2(struct synth *s);
/** Both stages: what stage 1 maps, its tables and the CD are intermediate
 * addresses; those of data lead to the next page but one. */
void synth_nested(struct synth *s);
/** The leaf of stage 2 for an intermediate address that synth_nested() maps. */
uint64_t synth_leaf2(uint64_t ipa);
void synth_destroy(struct synth *s);
void synth_role(struct synth *s, uint64_t pa, const char *roles);
uint64_t synth_get(struct synth *s, uint64_t pa);
void synth_put(struct synth *s, uint64_t pa, uint64_t value);
void synth_reg(struct synth *s, const char *name, uint64_t value);
/** Write the folder; a list is added with folder_write_text(s->dir, ...). */
void synth_write(struct synth *s);
/** synth_write(), one list of changed words, and a replay. @row is printf-like
 * without the newline. */
void synth_poke_row(struct synth *s, struct replayed *r, const char *profile,
                    const char *row);
/** "pa:before>after" for a change of the word at @pa. */
const char *synth_poke(struct synth *s, uint64_t pa, uint64_t after);
/** A record of SYNTH_SID's translation fault of @type, as text. */
const char *synth_record_text(const char *profile, unsigned type, bool write,
                              uint64_t iova);
/** One row; @outcome may be "-". It must agree in both passes, and the arch
 * pass must name @rule (NULL: nothing). */
void synth_check_row(struct synth *s, const char *access, uint64_t iova,
                     const char *pokes, const char *outcome,
                     const char *records, const char *rule);
/** synth_write(), one more file, and a replay. */
void synth_run_list(struct synth *s, const char *file, const char *text,
                    struct replayed *r);

#endif
