/* SPDX-License-Identifier: MIT */
/* Lists as a whole, and the accesses that faults.tsv describes in words. */
#include <string.h>

#include "recording_internal.h"

static const char no_access[] = "the row names no access";
static const char no_single_access[] = "no single access is named";
static const char no_address[] = "the access has no address";

/**
 * "er ADDRESS SIZE" or "ew ADDRESS SIZE": how the tool that drove the device
 * was called.
 */
static bool tool_access(const char *what, enum rec_access *access,
                        uint64_t *addr, uint64_t *size)
{
	for (const char *p = what; *p; p++) {
		const char *rest;

		if (p != what && p[-1] != ' ')
			continue;
		if (strncmp(p, "er ", 3) && strncmp(p, "ew ", 3))
			continue;
		*access = p[1] == 'r' ? REC_READ : REC_WRITE;
		if (!rec_number_prefix(p + 3, addr, &rest))
			continue;
		*size = 0;
		if (*rest == ' ' &&
		    (!rec_number_prefix(rest + 1, size, &rest) ||
		     *size > REC_PAGE))
			*size = 0;
		return true;
	}
	return false;
}

/** "... at ADDRESS". */
static bool address_in_words(const char *what, uint64_t *addr)
{
	const char *p = strstr(what, " at 0x"), *rest;

	return p && rec_number_prefix(p + 4, addr, &rest);
}

/** Where the access goes, when its column has only the direction. */
static void access_from_words(struct rec_row *row)
{
	enum rec_access access;

	if (tool_access(row->what, &access, &row->iova, &row->size)) {
		if (row->must_pass)
			row->access = access;
	} else if (row->must_pass) {
		row->skip = no_single_access;
	} else if (!address_in_words(row->what, &row->iova)) {
		row->skip = no_address;
	}
}

/** "0x1000", "0x1000+4", "0x1000+page"; then a blank and a remark, or the
 * end. */
static bool parse_place(const char *text, struct rec_row *row)
{
	const char *p;
	uint64_t more;

	if (!rec_number_prefix(text, &row->iova, &p))
		return false;
	while (*p == '+') {
		if (!strncmp(p, "+page", 5)) {
			row->plus_page = true;
			p += 5;
			continue;
		}
		if (!rec_number_prefix(p + 1, &more, &p) ||
		    more > UINT64_MAX - row->iova)
			return false;
		row->iova += more;
	}
	return !*p || *p == ' ';
}

int rec_access_parse(const struct rec_table *t, size_t index,
                     struct rec_row *row, struct dmasim_diag *diag)
{
	const char *cell = rec_cell(t, index, REC_ACCESS);
	enum rec_access access;
	uint64_t addr, size;

	if (!*cell || !strcmp(cell, "-")) {
		row->skip = no_access;
		return DMASIM_OK;
	}
	if (!strcmp(cell, "none")) {
		row->must_pass = true;
		access_from_words(row);
		return DMASIM_OK;
	}
	if ((*cell != 'R' && *cell != 'W') || (cell[1] && cell[1] != ' ')) {
		row->skip = no_single_access;
		return DMASIM_OK;
	}
	row->access = *cell == 'R' ? REC_READ : REC_WRITE;
	if (!cell[1] || strncmp(cell + 2, "0x", 2)) {
		access_from_words(row);
		return DMASIM_OK;
	}
	if (!parse_place(cell + 2, row))
		return rec_fail(diag, t->text.path, row->line,
		                "\"%.60s\" is not an address", cell + 2);
	if (tool_access(row->what, &access, &addr, &size) && addr == row->iova)
		row->size = size;
	return DMASIM_OK;
}

int rec_list_load(struct rec_arena *a, const char *path, enum rec_kind kind,
                  struct rec_list *l, struct dmasim_diag *diag)
{
	struct rec_table t;
	int err = rec_table_load(a, path, &rec_schemas[kind], &t, diag);

	if (err)
		return err;
	l->kind = kind;
	l->path = path;
	l->heads = t.comments;
	l->head = t.comment;
	l->row = rec_alloc(a, t.rows, sizeof(*l->row));
	if (!l->row)
		return DMASIM_E_NOMEM;
	l->rows = t.rows;
	for (size_t i = 0; i < t.rows && !err; i++)
		err = rec_row_parse(a, &t, i, kind, &l->row[i], diag);
	return err;
}

int rec_unknown_load(struct rec_arena *a, const char *path, struct rec_list *l,
                     struct dmasim_diag *diag)
{
	struct rec_text t;
	const char *line;
	int err = rec_text_load(a, path, &t, diag);

	l->kind = REC_UNKNOWN;
	l->path = path;
	while (!err && (line = rec_text_line(&t)))
		l->rows += *line && *line != '#';
	return err;
}

/** "path name sid queue part address bytes pa": cells of words, for people. */
static void parse_vring(char *line, struct rec_row *row)
{
	char *cell[8] = {NULL}, *save = NULL;
	uint64_t sid;

	row->test = row->what = row->base = "";
	row->stage = 1;
	row->access = REC_READ;
	row->outcome = REC_SUCCESS;
	row->skip = "not a ring with an address behind the SMMU";
	for (size_t i = 0; i < 8; i++) {
		cell[i] = strtok_r(i ? NULL : line, "\t", &save);
		if (!cell[i])
			return;
	}
	if (strncmp(cell[2], "sid ", 4) || strncmp(cell[7], "pa ", 3) ||
	    !rec_number(cell[2] + 4, &sid) || sid >= UINT32_MAX ||
	    !rec_number(cell[5], &row->iova) ||
	    !rec_number(cell[7] + 3, &row->pa))
		return;
	row->sid = (uint32_t)sid;
	row->skip = NULL;
}

int rec_vrings_load(struct rec_arena *a, const char *path, struct rec_list *l,
                    struct dmasim_diag *diag)
{
	struct rec_text t;
	size_t lines = 1;
	char *line;
	int err = rec_text_load(a, path, &t, diag);

	if (err)
		return err;
	l->kind = REC_VRINGS;
	l->path = path;
	for (size_t i = 0; i < t.size; i++)
		lines += t.data[i] == '\n';
	l->row = rec_alloc(a, lines, sizeof(*l->row));
	if (!l->row)
		return DMASIM_E_NOMEM;
	while ((line = rec_text_line(&t))) {
		if (!line[strspn(line, " \t")] || *line == '#')
			continue;
		l->row[l->rows].line = t.line;
		parse_vring(line, &l->row[l->rows++]);
	}
	return DMASIM_OK;
}
