/* SPDX-License-Identifier: MIT */
/* Tab-separated lists: the head comment names the columns. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "recording_internal.h"

static const struct {
	const char *text;
	enum rec_column column;
} column_names[] = {
        {"test", REC_TEST},
        {"device", REC_DEVICE},
        {"sid", REC_SID},
        {"StreamID", REC_SID},
        {"endpoint", REC_SID},
        {"access", REC_ACCESS},
        {"iova", REC_IOVA},
        {"poke", REC_POKES},
        {"pokes", REC_POKES},
        {"outcome", REC_OUTCOME},
        {"QEMU trace outcome", REC_OUTCOME},
        {"record", REC_RECORDS},
        {"records", REC_RECORDS},
        {"event queue records", REC_RECORDS},
        {"result", REC_RESULT},
        {"what", REC_WHAT},
        {"pa", REC_PA},
        {"perm", REC_PERM},
        {"asid", REC_ASID},
        {"asid_or_vmid", REC_ASID},
        {"agrees", REC_AGREES},
        {"stage", REC_STAGE},
        {"size", REC_SIZE},
        {"level", REC_LEVEL},
        {"descriptor", REC_DESCRIPTOR},
        {"descriptor_pa", REC_DESCRIPTOR_PA},
        {"base-snapshot", REC_BASE},
        {"queue-IOVAs", REC_QUEUES},
        {"file_offset", REC_OFFSET},
        {"offset", REC_OFFSET},
        {"role", REC_ROLES},
        {"roles", REC_ROLES},
};

static const enum rec_column translations_order[] = {
        REC_SID, REC_IOVA, REC_PA, REC_PERM, REC_ASID, REC_AGREES};
static const enum rec_column mappings_order[] = {
        REC_SID, REC_ASID,  REC_STAGE,      REC_IOVA,         REC_SIZE,
        REC_PA,  REC_LEVEL, REC_DESCRIPTOR, REC_DESCRIPTOR_PA};
static const enum rec_column probes_order[] = {REC_SID, REC_ACCESS, REC_IOVA,
                                               REC_RESULT};
static const enum rec_column pokes_order[] = {
        REC_TEST,  REC_SID,     REC_ACCESS,  REC_IOVA,
        REC_POKES, REC_OUTCOME, REC_RECORDS, REC_WHAT};
static const enum rec_column driver_order[] = {
        REC_TEST,    REC_SID,  REC_QUEUES, REC_POKES,
        REC_RECORDS, REC_BASE, REC_WHAT};
static const enum rec_column faults_order[] = {
        REC_TEST, REC_DEVICE, REC_SID, REC_WHAT, REC_ACCESS, REC_RECORDS};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HAS(column)  (1u << (column))

const struct rec_schema rec_schemas[REC_KINDS] = {
        [REC_TRANSLATIONS] = {"translations.tsv", translations_order,
                              COUNT(translations_order),
                              HAS(REC_SID) | HAS(REC_IOVA) | HAS(REC_PA)},
        [REC_MAPPINGS] = {"mappings.tsv", mappings_order, COUNT(mappings_order),
                          HAS(REC_SID) | HAS(REC_IOVA) | HAS(REC_SIZE) |
                                  HAS(REC_PA)},
        [REC_PROBES] = {"probes.tsv", probes_order, COUNT(probes_order),
                        HAS(REC_SID) | HAS(REC_ACCESS) | HAS(REC_IOVA) |
                                HAS(REC_RESULT)},
        [REC_CONFIG_FAULTS] = {"config-faults.tsv", pokes_order,
                               COUNT(pokes_order),
                               HAS(REC_SID) | HAS(REC_ACCESS) | HAS(REC_IOVA) |
                                       HAS(REC_POKES) | HAS(REC_RECORDS)},
        [REC_PAGETABLE_FAULTS] = {"pagetable-faults.tsv", pokes_order,
                                  COUNT(pokes_order),
                                  HAS(REC_SID) | HAS(REC_ACCESS) |
                                          HAS(REC_IOVA) | HAS(REC_POKES) |
                                          HAS(REC_RECORDS)},
        [REC_DRIVER_FAULTS] = {"driver-faults.tsv", driver_order,
                               COUNT(driver_order),
                               HAS(REC_SID) | HAS(REC_POKES) |
                                       HAS(REC_RECORDS)},
        [REC_FAULTS] = {"faults.tsv", faults_order, COUNT(faults_order),
                        HAS(REC_SID) | HAS(REC_ACCESS) | HAS(REC_RECORDS)},
};

/** The column that @cell names: a known name, and no letter behind it. */
static int column_of(const char *cell)
{
	size_t best = 0;
	int column = -1;

	cell += strspn(cell, " ");
	for (size_t i = 0; i < COUNT(column_names); i++) {
		size_t n = strlen(column_names[i].text);
		unsigned char behind;

		if (n <= best || strncasecmp(cell, column_names[i].text, n))
			continue;
		behind = (unsigned char)cell[n];
		if (isalnum(behind) || behind == '_' || behind == '-')
			continue;
		best = n;
		column = (int)column_names[i].column;
	}
	return column;
}

static uint32_t columns_present(const int column[REC_COLUMNS])
{
	uint32_t present = 0;

	for (int i = 0; i < REC_COLUMNS; i++)
		present |= column[i] >= 0 ? HAS(i) : 0;
	return present;
}

/** Note that the cell with @index is called @name. False: it is not known. */
static bool name_column(int column[REC_COLUMNS], const char *name, int index)
{
	int c = column_of(name);

	if (c >= 0 && column[c] < 0)
		column[c] = index;
	return c >= 0;
}

/**
 * Is @comment (without its '#') the head? Cells are separated by tabs, as in
 * the rows; some lists have blanks there, and then a word such as
 * "pa:old>new" explains the one before it.
 */
static bool parse_head(const char *comment, const struct rec_schema *schema,
                       int column[REC_COLUMNS])
{
	bool tabs = strchr(comment, '\t') != NULL;
	const char *p = comment + strspn(comment, " ");
	int index = 0, known = 0;

	for (int i = 0; i < REC_COLUMNS; i++)
		column[i] = -1;
	while (*p) {
		size_t n = strcspn(p, tabs ? "\t" : " ");

		if (tabs || !memchr(p, '>', n))
			known += name_column(column, p, index++);
		if (!tabs && known < index && index == 1)
			return false;
		p += n;
		p += tabs ? *p == '\t' : strspn(p, " ");
	}
	/* Prose may begin with a known word; a head has all columns. */
	if (!tabs)
		return !(schema->required & ~columns_present(column));
	return known > 1;
}

static int find_columns(struct rec_table *t, const struct rec_schema *schema,
                        struct dmasim_diag *diag)
{
	uint32_t missing;

	for (size_t i = t->comments; i-- > 0;) {
		if (!parse_head(t->comment[i], schema, t->column))
			continue;
		missing = schema->required & ~columns_present(t->column);
		for (size_t k = 0; k < COUNT(column_names); k++)
			if (missing & HAS(column_names[k].column))
				return dmasim_diag_set(
				        diag, DMASIM_E_FORMAT,
				        "%s: the head names no column \"%s\"",
				        t->text.path, column_names[k].text);
		return DMASIM_OK;
	}
	for (int i = 0; i < REC_COLUMNS; i++)
		t->column[i] = -1;
	for (size_t i = 0; i < schema->columns; i++)
		t->column[schema->order[i]] = (int)i;
	return DMASIM_OK;
}

/** Cut @line at its tabs into a NULL-terminated array. */
static char **cut_cells(struct rec_arena *a, char *line)
{
	size_t count = 1;
	char **cell;

	for (const char *p = line; (p = strchr(p, '\t')); p++)
		count++;
	cell = rec_alloc(a, count + 1, sizeof(*cell));
	if (!cell)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		cell[i] = line;
		line += strcspn(line, "\t");
		*line++ = '\0';
	}
	return cell;
}

static int check_row(const struct rec_table *t, size_t row,
                     const struct rec_schema *schema, struct dmasim_diag *diag)
{
	for (size_t k = 0; k < COUNT(column_names); k++) {
		enum rec_column c = column_names[k].column;

		if ((schema->required & HAS(c)) && !rec_cell(t, row, c))
			return rec_fail(diag, t->text.path, t->line[row],
			                "no column \"%s\" in this row",
			                column_names[k].text);
	}
	return DMASIM_OK;
}

/** Room for as many rows and comments as the text has lines. */
static int make_room(struct rec_arena *a, struct rec_table *t)
{
	size_t lines = 1;

	for (size_t i = 0; i < t->text.size; i++)
		lines += t->text.data[i] == '\n';
	t->cell = rec_alloc(a, lines, sizeof(*t->cell));
	t->line = rec_alloc(a, lines, sizeof(*t->line));
	t->comment = rec_alloc(a, lines, sizeof(*t->comment));
	return t->cell && t->line && t->comment ? DMASIM_OK : DMASIM_E_NOMEM;
}

int rec_table_load(struct rec_arena *a, const char *path,
                   const struct rec_schema *schema, struct rec_table *t,
                   struct dmasim_diag *diag)
{
	char *line;
	int err;

	memset(t, 0, sizeof(*t));
	err = rec_text_load(a, path, &t->text, diag);
	/* A list of nothing has its head; this one has been cut off. */
	if (!err && t->text.size == 0)
		err = dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                      "%s: empty: neither a head nor a row",
		                      path);
	if (!err)
		err = make_room(a, t);
	if (err)
		return err;
	while ((line = rec_text_line(&t->text))) {
		if (!line[strspn(line, " \t")])
			continue;
		if (*line == '#') {
			if (!t->rows)
				t->comment[t->comments++] = line + 1;
			continue;
		}
		t->line[t->rows] = t->text.line;
		t->cell[t->rows] = cut_cells(a, line);
		if (!t->cell[t->rows++])
			return DMASIM_E_NOMEM;
	}
	err = find_columns(t, schema, diag);
	for (size_t i = 0; !err && i < t->rows; i++)
		err = check_row(t, i, schema, diag);
	return err;
}

char *rec_cell(const struct rec_table *t, size_t row, enum rec_column column)
{
	char **cell = t->cell[row];

	if (t->column[column] < 0)
		return NULL;
	for (int i = 0; i < t->column[column]; i++)
		if (!cell[i])
			return NULL;
	return cell[t->column[column]];
}
