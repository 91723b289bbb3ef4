/* SPDX-License-Identifier: MIT */
/*
 * The reader of kernel logs, in three steps: log_text.c gives clean lines,
 * log_match.c says what one line is, log_parse.c puts records together.
 */
#ifndef REPLAY_LOG_INTERNAL_H
#define REPLAY_LOG_INTERNAL_H

#include "dmasim/replay.h"
#include "replay_internal.h"

/** Longer lines are cut; no kernel prints such. */
#define LOG_LINE_MAX 2048u

/* ---- log_text.c ---- */

struct log_text {
	const char *data;
	size_t size;
	size_t pos;
	unsigned line; /**< number of the line read last */
};

/** Why the text is no log ("the file is empty", a binary), or OK. */
int log_text_check(const char *data, size_t size, struct dmasim_diag *diag);
/** The next line, without colours, carriage return, other control characters
 * and mail quotes; tabs become blanks. @buf of LOG_LINE_MAX. False at the
 * end. */
bool log_text_next(struct log_text *t, char *buf);

/* ---- log_match.c ---- */

enum log_kind {
	LOG_OTHER,
	LOG_HEADER, /**< event 0x10 received: */
	LOG_WORD,   /**< 0x00000000fffff010 */
	/** Something in the place of a word: cut or garbled digits. */
	LOG_BAD_WORD,
	LOG_EVENT,  /**< event: F_TRANSLATION client: ... */
	LOG_ACCESS, /**< unpriv data read s1 "..." stag: 0x0 */
	LOG_MAP,
	LOG_UNMAP,
	LOG_SUPPRESSED, /**< value: how many */
	LOG_DROPPED,    /**< the kernel or journald lost lines here */
	LOG_TROUBLE,    /**< GERROR, overflow, aborted writes */
	LOG_VIOMMU,     /**< a fault of a virtio-iommu, which has no record */
};

struct log_name {
	const char *text; /**< in the line; NULL: none */
	size_t size;
};

struct log_line {
	enum log_kind kind;
	/** The rest may have been wrapped onto the next line. */
	bool partial;
	bool smmu;            /**< something in the line names an SMMU */
	struct log_name name; /**< of the SMMU */
	uint64_t value;       /**< event number, word, or count */
	/** A word without anything that says whose it is. */
	bool bare;
	struct log_name time; /**< as printed */
	bool has_time;
	uint64_t time_us;
	/* LOG_EVENT and LOG_ACCESS. */
	struct log_name event, client;
	uint64_t words[4], mask[4];
	/* LOG_MAP and LOG_UNMAP; size is what was really unmapped. */
	uint64_t iova, pa, size;
	const char *message; /**< LOG_TROUBLE: from the SMMU's name on */
};

/** @line is terminated; results point into it. */
void log_match(const char *line, struct log_line *l);
/** Whether a line could be the rest of a wrapped one. */
bool log_may_continue(const char *line, const struct log_line *l);

/* ---- log_store.c, log_parse.c ---- */

struct log_smmu {
	char name[64];
	/** Words may come without a header: where the log begins, and after
	 * lines were lost. */
	bool headless;
	/* The block being read. */
	bool open;
	unsigned words;
	uint64_t number;
	uint64_t last_us; /**< time of the block's last line */
	struct dmasim_log_record rec;
	/** Index + 1 of the record that decoded lines belong to; 0: none. */
	size_t last;
	bool has_event_line;
};

struct dmasim_log {
	char name[256];
	struct dmasim_log_record *records;
	size_t count, room;
	struct log_smmu *smmus;
	size_t smmu_count, smmu_room;
	struct dmasim_log_map *maps;
	size_t map_count, map_room;
	char **notes;
	size_t note_count, note_room;
	uint64_t suppressed;
};

#define LOG_MAX_SMMUS 256u
#define LOG_MAX_NOTES 1000u

int log_add_record(struct dmasim_log *log, const struct dmasim_log_record *r);
int log_add_map(struct dmasim_log *log, const struct dmasim_log_map *m);
/** "line N: ..."; beyond LOG_MAX_NOTES they are left out. */
int log_add_note(struct dmasim_log *log, unsigned line, const char *fmt, ...)
        DMASIM_PRINTF(3, 4);
/** Index of the SMMU of that name, made if needed; negative status. */
int log_find_smmu(struct dmasim_log *log, struct log_name name);

#endif
