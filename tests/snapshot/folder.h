/* SPDX-License-Identifier: MIT */
/* Scratch copies of recordings, and replays whose report is kept. */
#ifndef DMASIM_TESTS_FOLDER_H
#define DMASIM_TESTS_FOLDER_H

#include "check.h"

#include "dmasim/replay.h"

#define RECORDINGS DMASIM_SOURCE_DIR "/traces/recordings"

/** An empty scratch folder; folder_remove() frees it. */
char *folder_create(void);
/** A scratch copy of @from. */
char *folder_copy(const char *from);
void folder_remove(char *dir);

/** "@dir/@name"; valid until the next but seven calls. */
const char *folder_path(const char *dir, const char *name);
/** The whole file, zero-terminated; free() it. */
char *folder_read(const char *dir, const char *name, size_t *size);
void folder_write(const char *dir, const char *name, const void *data,
                  size_t size);
void folder_write_text(const char *dir, const char *name, const char *text);
void folder_mkdir(const char *dir, const char *name);
/** Replace the first @before by @after; it must be there. */
void folder_edit(const char *dir, const char *name, const char *before,
                 const char *after);
void folder_delete(const char *dir, const char *name);
/** Cut it, or let it grow without taking room. */
void folder_resize(const char *dir, const char *name, long size);
/** A symbolic link to itself. */
void folder_link(const char *dir, const char *name);

struct replayed {
	int status;
	char *report;
	json_t *json;
	struct dmasim_diag diag;
};

/** @profile NULL: the recording's. */
void replay_run(struct replayed *r, const char *dir, const char *profile);
void replay_free(struct replayed *r);
/** The list's object; fails the test if there is none. @profile NULL: any. */
const json_t *replay_list(const struct replayed *r, const char *list,
                          const char *profile);
size_t replay_count(const json_t *list, const char *key);
bool replay_says(const struct replayed *r, const char *text);

#endif
