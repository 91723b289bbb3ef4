/* SPDX-License-Identifier: MIT */
/*
 * A recording in memory (docs/recording-format.md): everything is parsed and
 * checked before a machine is built, so that malformed input is one message
 * with FILE:LINE and nothing else.
 */
#ifndef DMASIM_RECORDING_INTERNAL_H
#define DMASIM_RECORDING_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dmasim/smmuv3.h"

#define REC_PAGE 4096u

/* ---- memory that lives as long as the recording ---- */

struct rec_block;
struct rec_arena {
	struct rec_block *blocks;
};

/** Zeroed; NULL when there is no memory or @count x @size overflows. */
void *rec_alloc(struct rec_arena *a, size_t count, size_t size);
/** "@a@b@c"; any of them may be "". NULL: no memory. */
char *rec_join(struct rec_arena *a, const char *head, const char *mid,
               const char *tail);
void rec_free_all(struct rec_arena *a);

/* ---- text files ---- */

struct rec_text {
	const char *path;
	char *data; /**< lines are cut in place */
	size_t size;
	size_t next;
	unsigned line; /**< of the line returned last, from 1 */
};

/** Bounds on what is read: a recording is user input. */
#define REC_TEXT_MAX  (64u << 20)
#define REC_PAGES_MAX ((size_t)1 << 30)

/** OK; E_NOTFOUND: no such file (no message); E_IO; E_FORMAT: too large or a
 * zero byte; E_NOMEM. */
int rec_text_load(struct rec_arena *a, const char *path, struct rec_text *t,
                  struct dmasim_diag *diag);
/** The next line without its end, or NULL. */
char *rec_text_line(struct rec_text *t);
/** E_FORMAT with "PATH:LINE: ...". */
int rec_fail(struct dmasim_diag *diag, const char *path, unsigned line,
             const char *fmt, ...) DMASIM_PRINTF(4, 5);
/** Whole text: 0x hexadecimal or decimal, at most 64 bits. */
bool rec_number(const char *text, uint64_t *value);
/** A number at the start of @text; *@rest is what follows. */
bool rec_number_prefix(const char *text, uint64_t *value, const char **rest);
/** Cut the next word (blanks and tabs separate) out of *@cursor; NULL: none. */
char *rec_word(char **cursor);

/* ---- pages ---- */

struct rec_page {
	uint64_t pa;
	uint64_t offset; /**< in pages.bin */
	bool stored;     /**< false: all zero */
	const char *roles;
	unsigned line;
};

struct rec_pages {
	const char *path;
	size_t count;
	struct rec_page *page; /**< by address */
	const uint8_t *data;
	size_t size;
};

/** pages.tsv and pages.bin or pages.bin.xz of @dir; none: no pages. */
int rec_pages_load(struct rec_arena *a, const char *dir, struct rec_pages *p,
                   struct dmasim_diag *diag);
/** The 64-bit word at @pa; zero where nothing is stored. */
uint64_t rec_pages_word(const struct rec_pages *p, uint64_t pa);
/** The roles of the page that holds @pa, or "". */
const char *rec_pages_roles(const struct rec_pages *p, uint64_t pa);

/* ---- lists ---- */

enum rec_kind {
	REC_TRANSLATIONS,
	REC_MAPPINGS,
	REC_PROBES,
	REC_CONFIG_FAULTS,
	REC_PAGETABLE_FAULTS,
	REC_DRIVER_FAULTS,
	REC_FAULTS,
	REC_KINDS,
	/** Rings of vrings.txt that have a StreamID: translations. */
	REC_VRINGS = REC_KINDS,
	/** A list that the format does not describe: only its rows count. */
	REC_UNKNOWN,
};

enum rec_column {
	REC_TEST,
	REC_DEVICE,
	REC_SID,
	REC_ACCESS,
	REC_IOVA,
	REC_POKES,
	REC_OUTCOME,
	REC_RECORDS,
	REC_RESULT,
	REC_WHAT,
	REC_PA,
	REC_PERM,
	REC_ASID,
	REC_AGREES,
	REC_STAGE,
	REC_SIZE,
	REC_LEVEL,
	REC_DESCRIPTOR,
	REC_DESCRIPTOR_PA,
	REC_BASE,
	REC_QUEUES,
	REC_OFFSET,
	REC_ROLES,
	REC_COLUMNS,
};

/** A file of tab-separated cells; the head comment names the columns. */
struct rec_table {
	struct rec_text text;
	int column[REC_COLUMNS]; /**< index of the cell, -1: not there */
	size_t rows;
	char ***cell; /**< per row, NULL-terminated */
	unsigned *line;
	size_t comments;
	char **comment; /**< those before the first row */
};

/** Which columns a kind of file has when its head does not name them, and
 * those that it cannot do without. */
struct rec_schema {
	const char *file;
	const enum rec_column *order;
	size_t columns;
	uint32_t required; /**< 1 << enum rec_column */
};

extern const struct rec_schema rec_schemas[REC_KINDS];

/** OK; E_NOTFOUND; E_FORMAT: a required column or cell is missing. */
int rec_table_load(struct rec_arena *a, const char *path,
                   const struct rec_schema *schema, struct rec_table *t,
                   struct dmasim_diag *diag);
/** The cell, or NULL if the row has none. */
char *rec_cell(const struct rec_table *t, size_t row, enum rec_column column);

enum rec_access {
	REC_NO_ACCESS, /**< none is named */
	REC_READ,
	REC_WRITE,
};

enum rec_outcome {
	REC_NOTHING, /**< no record; what the bus answered is not known */
	REC_RECORDED,
	REC_SUCCESS,
	REC_BYPASS,
	REC_ABORT,
};

struct rec_poke {
	uint64_t pa, before, after;
};

struct rec_row {
	unsigned line;
	const char *test; /**< "" if the list does not name tests */
	const char *what;
	const char *base; /**< snapshot that the row names, or "" */
	const char *skip; /**< why it is not replayed, or NULL */
	uint32_t sid;
	enum rec_access access;
	bool must_pass; /**< faults.tsv: `none` */
	uint64_t iova;
	bool plus_page; /**< and one page of the stream's granule */
	uint64_t size;  /**< of the leaf, or of the access; 0: not named */
	uint64_t pa;
	bool has_perm;
	unsigned perm; /**< 1 read, 2 write */
	unsigned stage;
	bool has_descriptor;
	uint64_t descriptor, descriptor_pa;
	enum rec_outcome outcome;
	size_t pokes;
	struct rec_poke *poke;
	size_t records;
	uint64_t (*record)[4];
};

struct rec_list {
	enum rec_kind kind;
	const char *path;
	const char *name; /**< relative to the recording */
	size_t heads;     /**< comments before the first row */
	char **head;
	size_t rows;
	struct rec_row *row;
};

int rec_list_load(struct rec_arena *a, const char *path, enum rec_kind kind,
                  struct rec_list *l, struct dmasim_diag *diag);
int rec_vrings_load(struct rec_arena *a, const char *path, struct rec_list *l,
                    struct dmasim_diag *diag);
/** Count the rows of a list of unknown kind. */
int rec_unknown_load(struct rec_arena *a, const char *path, struct rec_list *l,
                     struct dmasim_diag *diag);
/** The cells of one row, by the columns that the table has. */
int rec_row_parse(struct rec_arena *a, const struct rec_table *t, size_t index,
                  enum rec_kind kind, struct rec_row *row,
                  struct dmasim_diag *diag);
/** The access column of faults.tsv, with what was done. */
int rec_access_parse(const struct rec_table *t, size_t index,
                     struct rec_row *row, struct dmasim_diag *diag);

/* ---- the recording ---- */

struct rec_reg {
	const char *name;
	uint64_t offset;
	uint64_t value;
	unsigned size;
	unsigned line;
};

/** Raw queue entries of cmdq.txt or eventq.txt. */
struct rec_queue {
	const char *name; /**< relative; NULL: the file is not there */
	size_t count;
	uint64_t (*entry)[4];
	unsigned *line;
};

struct rec_snapshot {
	const char *name; /**< of the folder */
	const char *path;
	const char *regs_path, *regs_name;
	size_t regs; /**< 0: no regs.txt */
	struct rec_reg *reg;
	struct rec_pages pages;
	struct rec_queue cmdq, eventq;
	size_t lists;
	struct rec_list *list;
};

/** A folder with lists and the snapshots that they belong to. */
struct rec_case {
	size_t snapshots;
	struct rec_snapshot *snapshot;
	size_t lists;
	struct rec_list *list;
};

struct rec_ram {
	uint64_t base, size;
	unsigned line;
};

struct recording {
	struct rec_arena arena;
	const char *machine_path;
	size_t rams;
	struct rec_ram *ram;
	bool has_profile;
	const char *profile; /**< as written */
	unsigned profile_line;
	bool has_smmu;
	uint64_t smmu_base, smmu_size;
	unsigned smmu_line;
	size_t cases;
	struct rec_case *cases_;
};

int recording_load(const char *dir, struct recording **out,
                   struct dmasim_diag *diag);
void recording_free(struct recording *r);
/** NULL: the snapshot has no such register. */
const struct rec_reg *rec_reg_find(const struct rec_snapshot *s,
                                   const char *name);
bool rec_in_ram(const struct recording *r, uint64_t addr, uint64_t size);

/* One folder (recording_folder.c). */
/** Names in @dir, sorted; folders end with '/'. */
int rec_dir_names(struct rec_arena *a, const char *dir, char ***names,
                  size_t *count, struct dmasim_diag *diag);
int rec_snapshot_load(struct rec_arena *a, const char *path, const char *name,
                      const char *prefix, struct rec_snapshot *s,
                      struct dmasim_diag *diag);

#endif
