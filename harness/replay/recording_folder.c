/* SPDX-License-Identifier: MIT */
/* One folder of a recording: names, registers, raw queues. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "recording_internal.h"

/** More than any recording has; a bound on what is read. */
#define MAX_NAMES 4096u
#define MAX_REGS  1024u

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/** The name, with '/' if it is a folder. */
static char *name_of(struct rec_arena *a, const char *dir, const char *name)
{
	struct stat st;
	char *path = rec_join(a, dir, "/", name);

	if (!path)
		return NULL;
	return rec_join(a, name, "",
	                !stat(path, &st) && S_ISDIR(st.st_mode) ? "/" : "");
}

int rec_dir_names(struct rec_arena *a, const char *dir, char ***names,
                  size_t *count, struct dmasim_diag *diag)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	int err = DMASIM_OK;

	if (!d)
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: %s", dir,
		                       strerror(errno));
	*count = 0;
	*names = rec_alloc(a, MAX_NAMES, sizeof(**names));
	if (!*names)
		err = DMASIM_E_NOMEM;
	while (!err && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (*count == MAX_NAMES) {
			err = dmasim_diag_set(diag, DMASIM_E_FORMAT,
			                      "%s: more than %u files", dir,
			                      MAX_NAMES);
			break;
		}
		(*names)[*count] = name_of(a, dir, e->d_name);
		if (!(*names)[(*count)++])
			err = DMASIM_E_NOMEM;
	}
	closedir(d);
	if (!err && *count)
		qsort(*names, *count, sizeof(**names), by_name);
	return err;
}

/** "NAME OFFSET SIZE VALUE". */
static int parse_reg(struct rec_text *t, char *line, struct rec_reg *reg,
                     struct dmasim_diag *diag)
{
	char *cursor = line;
	char *offset, *size, *value;
	uint64_t bytes;

	reg->line = t->line;
	reg->name = rec_word(&cursor);
	offset = rec_word(&cursor);
	size = rec_word(&cursor);
	value = rec_word(&cursor);
	if (!value || !rec_number(offset, &reg->offset) ||
	    !rec_number(size, &bytes) || !rec_number(value, &reg->value))
		return rec_fail(diag, t->path, t->line,
		                "not a register (name offset size value)");
	if ((bytes != 4 && bytes != 8) ||
	    reg->offset > DMASIM_SMMU_REGS_SIZE - bytes || reg->offset % bytes)
		return rec_fail(diag, t->path, t->line,
		                "%s is not a register of 4 or 8 bytes within "
		                "the SMMU's 128 KiB",
		                reg->name);
	if (bytes == 4 && reg->value > UINT32_MAX)
		return rec_fail(diag, t->path, t->line,
		                "the value of %s does not fit 32 bits",
		                reg->name);
	reg->size = (unsigned)bytes;
	return DMASIM_OK;
}

static int load_regs(struct rec_arena *a, struct rec_snapshot *s,
                     struct dmasim_diag *diag)
{
	struct rec_text t;
	char *line;
	int err = rec_text_load(a, s->regs_path, &t, diag);

	if (err)
		return err == DMASIM_E_NOTFOUND ? DMASIM_OK : err;
	s->reg = rec_alloc(a, MAX_REGS, sizeof(*s->reg));
	if (!s->reg)
		return DMASIM_E_NOMEM;
	while (!err && (line = rec_text_line(&t))) {
		if (!line[strspn(line, " \t")] || *line == '#')
			continue;
		if (s->regs == MAX_REGS)
			return rec_fail(diag, t.path, t.line,
			                "more than %u registers", MAX_REGS);
		err = parse_reg(&t, line, &s->reg[s->regs++], diag);
	}
	if (!err && !s->regs)
		err = rec_fail(diag, t.path, t.line, "no register");
	return err;
}

/** "0x10: WORD WORD ...": what is before the colon says it again. */
static int parse_entry(struct rec_text *t, char *line, unsigned words,
                       uint64_t entry[4], struct dmasim_diag *diag)
{
	char *cursor = line, *word = rec_word(&cursor);
	size_t n = word ? strlen(word) : 0;
	uint64_t type;

	if (n && word[n - 1] == ':') {
		word[n - 1] = '\0';
		for (unsigned i = 0; i < words; i++) {
			char *value = rec_word(&cursor);

			if (!value || !rec_number(value, &entry[i]))
				return rec_fail(diag, t->path, t->line,
				                "not %u 64-bit words", words);
		}
		if (rec_number(word, &type) && type == (entry[0] & 0xff))
			return DMASIM_OK;
	}
	return rec_fail(diag, t->path, t->line,
	                "not a queue entry (TYPE: and %u words)", words);
}

static int load_queue(struct rec_arena *a, const char *path, unsigned words,
                      struct rec_queue *q, struct dmasim_diag *diag)
{
	struct rec_text t;
	size_t lines = 1;
	char *line;
	int err = rec_text_load(a, path, &t, diag);

	if (err == DMASIM_E_NOTFOUND) {
		q->name = NULL;
		return DMASIM_OK;
	}
	if (err)
		return err;
	for (size_t i = 0; i < t.size; i++)
		lines += t.data[i] == '\n';
	q->entry = rec_alloc(a, lines, sizeof(*q->entry));
	q->line = rec_alloc(a, lines, sizeof(*q->line));
	if (!q->entry || !q->line)
		return DMASIM_E_NOMEM;
	while (!err && (line = rec_text_line(&t))) {
		if (!line[strspn(line, " \t")] || *line == '#')
			continue;
		q->line[q->count] = t.line;
		err = parse_entry(&t, line, words, q->entry[q->count++], diag);
	}
	return err;
}

/** Without an SMMU the rows mean something else. */
static int load_list(struct rec_arena *a, const char *path, size_t which,
                     struct rec_list *l, struct dmasim_diag *diag)
{
	switch (which) {
	case 0:
		return rec_list_load(a, path, REC_TRANSLATIONS, l, diag);
	case 1:
		return rec_list_load(a, path, REC_MAPPINGS, l, diag);
	case 2:
		return rec_vrings_load(a, path, l, diag);
	default:
		return rec_unknown_load(a, path, l, diag);
	}
}

static int load_lists(struct rec_arena *a, const char *prefix,
                      struct rec_snapshot *s, struct dmasim_diag *diag)
{
	static const char *const files[] = {"translations.tsv", "mappings.tsv",
	                                    "vrings.txt"};

	s->list = rec_alloc(a, 3, sizeof(*s->list));
	if (!s->list)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < 3; i++) {
		struct rec_list *l = &s->list[s->lists];
		const char *file = files[i];
		const char *path = rec_join(a, s->path, "/", file);
		int err;

		l->name = rec_join(a, prefix, "", file);
		if (!path || !l->name)
			return DMASIM_E_NOMEM;
		err = load_list(a, path, s->regs ? i : 3, l, diag);
		if (err == DMASIM_E_NOTFOUND)
			continue;
		if (err)
			return err;
		s->lists++;
	}
	return DMASIM_OK;
}

int rec_snapshot_load(struct rec_arena *a, const char *path, const char *name,
                      const char *prefix, struct rec_snapshot *s,
                      struct dmasim_diag *diag)
{
	const char *cmdq = rec_join(a, path, "/", "cmdq.txt");
	const char *eventq = rec_join(a, path, "/", "eventq.txt");
	int err;

	s->path = path;
	s->name = name;
	s->regs_path = rec_join(a, path, "/", "regs.txt");
	s->regs_name = rec_join(a, prefix, "", "regs.txt");
	s->cmdq.name = rec_join(a, prefix, "", "cmdq.txt");
	s->eventq.name = rec_join(a, prefix, "", "eventq.txt");
	if (!cmdq || !eventq || !s->regs_path || !s->regs_name ||
	    !s->cmdq.name || !s->eventq.name)
		return DMASIM_E_NOMEM;
	err = load_regs(a, s, diag);
	if (!err)
		err = rec_pages_load(a, path, &s->pages, diag);
	if (!err)
		err = load_queue(a, cmdq, 2, &s->cmdq, diag);
	if (!err)
		err = load_queue(a, eventq, 4, &s->eventq, diag);
	return err ? err : load_lists(a, prefix, s, diag);
}
