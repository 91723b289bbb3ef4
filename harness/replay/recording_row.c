/* SPDX-License-Identifier: MIT */
/* The cells of a list's rows. */
#include <string.h>

#include "recording_internal.h"

/** One row that is being parsed. */
struct row_parser {
	struct rec_arena *arena;
	const struct rec_table *table;
	enum rec_kind kind;
	struct rec_row *row;
	struct dmasim_diag *diag;
};

static int bad_cell(const struct row_parser *p, const char *cell,
                    const char *wanted)
{
	return rec_fail(p->diag, p->table->text.path, p->row->line,
	                "\"%.60s\" is not %s", cell, wanted);
}

static bool is_none(const char *cell)
{
	return !*cell || !strcmp(cell, "-");
}

static int parse_test(struct row_parser *p, char *cell)
{
	p->row->test = cell;
	return DMASIM_OK;
}

static int parse_what(struct row_parser *p, char *cell)
{
	p->row->what = cell;
	return DMASIM_OK;
}

static int parse_base(struct row_parser *p, char *cell)
{
	p->row->base = is_none(cell) ? "" : cell;
	return DMASIM_OK;
}

static int parse_sid(struct row_parser *p, char *cell)
{
	uint64_t value;

	/* UINT32_MAX stands for the endpoint's own requester ID. */
	if (!rec_number(cell, &value) || value >= UINT32_MAX)
		return bad_cell(p, cell, "a StreamID");
	p->row->sid = (uint32_t)value;
	return DMASIM_OK;
}

static int parse_access(struct row_parser *p, char *cell)
{
	if (p->kind == REC_FAULTS) /* refers to other cells: later */
		return DMASIM_OK;
	if (strcmp(cell, "R") && strcmp(cell, "W"))
		return bad_cell(p, cell, "an access (R or W)");
	p->row->access = *cell == 'R' ? REC_READ : REC_WRITE;
	return DMASIM_OK;
}

static int parse_iova(struct row_parser *p, char *cell)
{
	return rec_number(cell, &p->row->iova)
	               ? DMASIM_OK
	               : bad_cell(p, cell, "an input address");
}

static int parse_pa(struct row_parser *p, char *cell)
{
	return rec_number(cell, &p->row->pa) ? DMASIM_OK
	                                     : bad_cell(p, cell, "an address");
}

static int parse_size(struct row_parser *p, char *cell)
{
	if (!rec_number(cell, &p->row->size) || !p->row->size)
		return bad_cell(p, cell, "a size");
	return DMASIM_OK;
}

static bool permission(const char *text, unsigned *perm)
{
	uint64_t value;

	if (!rec_number(text, &value) || value > 3)
		return false;
	*perm = (unsigned)value;
	return true;
}

static int parse_perm(struct row_parser *p, char *cell)
{
	if (!permission(cell, &p->row->perm))
		return bad_cell(p, cell, "a permission (0 .. 3)");
	p->row->has_perm = true;
	return DMASIM_OK;
}

static int parse_agrees(struct row_parser *p, char *cell)
{
	if (strcmp(cell, "yes") && !is_none(cell))
		p->row->skip = "the recording's own walk disagrees: what was "
		               "cached is no longer in its tables";
	return DMASIM_OK;
}

static int parse_stage(struct row_parser *p, char *cell)
{
	uint64_t value;

	if (!rec_number(cell, &value) || value < 1 || value > 2)
		return bad_cell(p, cell, "a stage (1 or 2)");
	p->row->stage = (unsigned)value;
	return DMASIM_OK;
}

static int parse_descriptor(struct row_parser *p, char *cell)
{
	p->row->has_descriptor = true;
	return rec_number(cell, &p->row->descriptor)
	               ? DMASIM_OK
	               : bad_cell(p, cell, "a descriptor");
}

static int parse_descriptor_pa(struct row_parser *p, char *cell)
{
	if (!rec_number(cell, &p->row->descriptor_pa) ||
	    p->row->descriptor_pa % 8)
		return bad_cell(p, cell, "the address of a descriptor");
	return DMASIM_OK;
}

/** "pa:before>after". */
static bool poke_of(const char *text, struct rec_poke *poke)
{
	const char *rest;

	return rec_number_prefix(text, &poke->pa, &rest) && *rest == ':' &&
	       rec_number_prefix(rest + 1, &poke->before, &rest) &&
	       *rest == '>' && rec_number(rest + 1, &poke->after) &&
	       poke->pa % 8 == 0;
}

static int parse_pokes(struct row_parser *p, char *cell)
{
	struct rec_row *row = p->row;
	char *save = NULL;

	if (is_none(cell))
		return DMASIM_OK;
	/* A poke takes at least six characters. */
	row->poke =
	        rec_alloc(p->arena, strlen(cell) / 6 + 1, sizeof(*row->poke));
	if (!row->poke)
		return DMASIM_E_NOMEM;
	for (char *word = strtok_r(cell, " ,;", &save); word;
	     word = strtok_r(NULL, " ,;", &save))
		if (!poke_of(word, &row->poke[row->pokes++]))
			return bad_cell(p, word,
			                "a change of a 64-bit word "
			                "(address:before>after)");
	return DMASIM_OK;
}

/** "key=number" at the start of the next word. */
static bool keyed(char **cursor, const char *key, uint64_t *value)
{
	char *word = rec_word(cursor);
	size_t n = strlen(key);

	return word && !strncmp(word, key, n) && word[n] == '=' &&
	       rec_number(word + n + 1, value);
}

static int parse_outcome(struct row_parser *p, char *cell)
{
	struct rec_row *row = p->row;
	char *cursor = cell, *word;
	uint64_t perm;

	if (is_none(cell))
		return DMASIM_OK;
	word = rec_word(&cursor);
	if (word && !strcmp(word, "success")) {
		row->outcome = REC_SUCCESS;
		if (!keyed(&cursor, "pa", &row->pa))
			return bad_cell(p, cell, "followed by pa=ADDRESS");
		row->has_perm = keyed(&cursor, "perm", &perm) && perm <= 3;
		row->perm = row->has_perm ? (unsigned)perm : 0;
		return DMASIM_OK;
	}
	if (word && (!strcmp(word, "bypass") || !strcmp(word, "disable")))
		row->outcome = REC_BYPASS;
	else if (word && !strcmp(word, "abort"))
		row->outcome = REC_ABORT;
	else
		return bad_cell(p, cell,
		                "an outcome (success, bypass, disable, abort)");
	return keyed(&cursor, "addr", &row->pa)
	               ? DMASIM_OK
	               : bad_cell(p, cell, "followed by addr=ADDRESS");
}

/** Records of four words, with ';' between them. */
static int parse_records(struct row_parser *p, char *cell)
{
	struct rec_row *row = p->row;
	size_t words = 0, room;
	char *save = NULL, *word;

	if (is_none(cell))
		return DMASIM_OK;
	/* A record takes at least eight characters. */
	room = strlen(cell) / 8 + 1;
	row->record = rec_alloc(p->arena, room, sizeof(*row->record));
	if (!row->record)
		return DMASIM_E_NOMEM;
	for (char *one = strtok_r(cell, ";", &save); one;
	     one = strtok_r(NULL, ";", &save), words = 0) {
		while ((word = rec_word(&one))) {
			if (words == 4 || row->records == room ||
			    !rec_number(word,
			                &row->record[row->records][words++]))
				return bad_cell(p, word,
				                "one of a record's four words");
		}
		if (words != 4)
			return rec_fail(p->diag, p->table->text.path, row->line,
			                "a record of %zu words instead of 4",
			                words);
		row->records++;
	}
	row->outcome = REC_RECORDED;
	return DMASIM_OK;
}

/** probes.tsv: "pa ADDRESS perm N", or records. */
static int parse_result(struct row_parser *p, char *cell)
{
	char *cursor = cell, *word;

	if (strncmp(cell, "pa ", 3))
		return parse_records(p, cell);
	rec_word(&cursor);
	word = rec_word(&cursor);
	if (!word || !rec_number(word, &p->row->pa))
		return bad_cell(p, word ? word : "", "an address");
	p->row->outcome = REC_SUCCESS;
	word = rec_word(&cursor);
	if (!word)
		return DMASIM_OK;
	p->row->has_perm = true;
	word = strcmp(word, "perm") ? NULL : rec_word(&cursor);
	return word && permission(word, &p->row->perm)
	               ? DMASIM_OK
	               : bad_cell(p, word ? word : "", "a permission (0 .. 3)");
}

typedef int cell_parser(struct row_parser *p, char *cell);

/* In this order: RECORDS decides over OUTCOME. */
static cell_parser *const parsers[REC_COLUMNS] = {
        [REC_TEST] = parse_test,
        [REC_SID] = parse_sid,
        [REC_ACCESS] = parse_access,
        [REC_IOVA] = parse_iova,
        [REC_POKES] = parse_pokes,
        [REC_OUTCOME] = parse_outcome,
        [REC_RECORDS] = parse_records,
        [REC_RESULT] = parse_result,
        [REC_WHAT] = parse_what,
        [REC_PA] = parse_pa,
        [REC_PERM] = parse_perm,
        [REC_AGREES] = parse_agrees,
        [REC_STAGE] = parse_stage,
        [REC_SIZE] = parse_size,
        [REC_DESCRIPTOR] = parse_descriptor,
        [REC_DESCRIPTOR_PA] = parse_descriptor_pa,
        [REC_BASE] = parse_base,
};

/** What only makes sense when all cells are known. */
static int check_row(struct row_parser *p, size_t index)
{
	struct rec_row *row = p->row;
	int err = DMASIM_OK;

	if (p->kind == REC_TRANSLATIONS || p->kind == REC_MAPPINGS)
		row->outcome = REC_SUCCESS;
	/* Pages of stage 2 can be writable alone. */
	if (p->kind == REC_TRANSLATIONS)
		row->access =
		        row->has_perm && row->perm == 2 ? REC_WRITE : REC_READ;
	if (p->kind == REC_FAULTS)
		err = rec_access_parse(p->table, index, row, p->diag);
	if (!err && row->size && row->iova > UINT64_MAX - (row->size - 1))
		err = rec_fail(p->diag, p->table->text.path, row->line,
		               "the range wraps around");
	return err;
}

int rec_row_parse(struct rec_arena *a, const struct rec_table *t, size_t index,
                  enum rec_kind kind, struct rec_row *row,
                  struct dmasim_diag *diag)
{
	struct row_parser p = {a, t, kind, row, diag};
	int err = DMASIM_OK;

	row->line = t->line[index];
	row->test = row->what = row->base = "";
	row->stage = 1;
	for (int c = 0; !err && c < REC_COLUMNS; c++) {
		char *cell = rec_cell(t, index, (enum rec_column)c);

		if (parsers[c] && cell)
			err = parsers[c](&p, cell);
	}
	return err ? err : check_row(&p, index);
}
