/* SPDX-License-Identifier: MIT */
/* A recording: machine.txt, the cases below it, their snapshots and lists. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "recording_internal.h"

#define MAX_RAMS 64u
/** A case holds cases (one per test), and these hold snapshots. */
#define MAX_DEPTH 3u
#define MAX_CASES 256u

/* ---- machine.txt ---- */

static int bad_line(const struct recording *r, const struct rec_text *t,
                    const char *wanted, struct dmasim_diag *diag)
{
	return rec_fail(diag, r->machine_path, t->line, "not \"%s\"", wanted);
}

static bool two_numbers(char **cursor, uint64_t *first, uint64_t *second)
{
	const char *a = rec_word(cursor), *b = rec_word(cursor);

	return a && b && rec_number(a, first) && rec_number(b, second);
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/** Whole pages within the physical address space. */
static bool good_range(uint64_t base, uint64_t size)
{
	return size && base % REC_PAGE == 0 && size % REC_PAGE == 0 &&
	       base <= DMASIM_PA_MAX && size - 1 <= DMASIM_PA_MAX - base;
}

static int parse_ram(struct recording *r, struct rec_text *t, char *cursor,
                     struct dmasim_diag *diag)
{
	struct rec_ram *ram = &r->ram[r->rams];

	if (r->rams == MAX_RAMS)
		return rec_fail(diag, r->machine_path, t->line,
		                "more than %u RAM ranges", MAX_RAMS);
	if (!two_numbers(&cursor, &ram->base, &ram->size))
		return bad_line(r, t, "ram BASE SIZE", diag);
	if (!good_range(ram->base, ram->size))
		return rec_fail(diag, r->machine_path, t->line,
		                "RAM is not whole pages within 52 bits");
	for (size_t i = 0; i < r->rams; i++)
		if (overlap(ram->base, ram->size, r->ram[i].base,
		            r->ram[i].size))
			return rec_fail(diag, r->machine_path, t->line,
			                "RAM overlaps that of line %u",
			                r->ram[i].line);
	ram->line = t->line;
	r->rams++;
	return DMASIM_OK;
}

static int parse_smmu(struct recording *r, struct rec_text *t, char *cursor,
                      struct dmasim_diag *diag)
{
	if (r->has_smmu)
		return rec_fail(diag, r->machine_path, t->line,
		                "a second SMMU; line %u names one",
		                r->smmu_line);
	if (!two_numbers(&cursor, &r->smmu_base, &r->smmu_size))
		return bad_line(r, t, "smmuv3 BASE SIZE", diag);
	if (!good_range(r->smmu_base, r->smmu_size) ||
	    r->smmu_size < DMASIM_SMMU_REGS_SIZE)
		return rec_fail(diag, r->machine_path, t->line,
		                "an SMMU takes 128 KiB of whole pages");
	r->has_smmu = true;
	r->smmu_line = t->line;
	return DMASIM_OK;
}

static int parse_machine_line(struct recording *r, struct rec_text *t,
                              char *line, struct dmasim_diag *diag)
{
	char *cursor = line;
	const char *word = rec_word(&cursor);

	if (!word || *word == '#')
		return DMASIM_OK;
	if (!strcmp(word, "ram"))
		return parse_ram(r, t, cursor, diag);
	if (!strcmp(word, "smmuv3"))
		return parse_smmu(r, t, cursor, diag);
	if (!strcmp(word, "profile")) {
		r->profile = rec_word(&cursor);
		if (!r->profile)
			return bad_line(r, t, "profile NAME", diag);
		r->has_profile = true;
		r->profile_line = t->line;
	}
	/* Other words describe what is not replayed. */
	return DMASIM_OK;
}

static int parse_machine(struct recording *r, struct rec_text *t,
                         struct dmasim_diag *diag)
{
	char *line;
	int err = DMASIM_OK;

	r->ram = rec_alloc(&r->arena, MAX_RAMS, sizeof(*r->ram));
	if (!r->ram)
		return DMASIM_E_NOMEM;
	while (!err && (line = rec_text_line(t)))
		err = parse_machine_line(r, t, line, diag);
	if (!err && !r->rams)
		err = rec_fail(diag, r->machine_path, t->line, "no RAM");
	for (size_t i = 0; !err && r->has_smmu && i < r->rams; i++)
		if (overlap(r->smmu_base, r->smmu_size, r->ram[i].base,
		            r->ram[i].size))
			err = rec_fail(diag, r->machine_path, r->smmu_line,
			               "the SMMU overlaps the RAM of line %u",
			               r->ram[i].line);
	return err;
}

/** machine.txt lies in the case; a snapshot or a test lies below it. */
static int load_machine(struct recording *r, const char *dir,
                        struct dmasim_diag *diag)
{
	static const char *const places[] = {"/machine.txt", "/../machine.txt",
	                                     "/../../machine.txt"};
	struct rec_text t;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		int err;

		r->machine_path = rec_join(&r->arena, dir, places[i], "");
		if (!r->machine_path)
			return DMASIM_E_NOMEM;
		err = rec_text_load(&r->arena, r->machine_path, &t, diag);
		if (err != DMASIM_E_NOTFOUND)
			return err ? err : parse_machine(r, &t, diag);
	}
	return dmasim_diag_set(diag, DMASIM_E_FORMAT,
	                       "%s: not a recording: no machine.txt there, nor "
	                       "in the two folders above",
	                       dir);
}

/* ---- folders ---- */

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

static bool is_snapshot(char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], "regs.txt") ||
		    !strcmp(names[i], "pages.tsv"))
			return true;
	return false;
}

static enum rec_kind kind_of(const struct recording *r, const char *name)
{
	if (!r->has_smmu)
		return REC_UNKNOWN;
	for (int k = 0; k < REC_KINDS; k++)
		if (!strcmp(name, rec_schemas[k].file))
			return (enum rec_kind)k;
	return REC_UNKNOWN;
}

static int add_list(struct recording *r, struct rec_case *c, const char *dir,
                    const char *prefix, const char *name,
                    struct dmasim_diag *diag)
{
	struct rec_list *l = &c->list[c->lists];
	const char *path = rec_join(&r->arena, dir, "/", name);
	enum rec_kind kind = kind_of(r, name);
	int err;

	l->name = rec_join(&r->arena, prefix, "", name);
	if (!path || !l->name)
		return DMASIM_E_NOMEM;
	err = kind == REC_UNKNOWN
	              ? rec_unknown_load(&r->arena, path, l, diag)
	              : rec_list_load(&r->arena, path, kind, l, diag);
	if (!err)
		c->lists++;
	return err;
}

static int add_snapshot(struct recording *r, struct rec_case *c,
                        const char *path, const char *name, const char *prefix,
                        struct dmasim_diag *diag)
{
	struct rec_snapshot *s = &c->snapshot[c->snapshots];
	int err = rec_snapshot_load(&r->arena, path, name, prefix, s, diag);

	if (err)
		return err;
	c->snapshots++;
	if (s->regs && !r->has_smmu)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: names no smmuv3, but %s has its "
		                       "registers",
		                       r->machine_path, s->regs_path);
	return DMASIM_OK;
}

static int load_case(struct recording *r, const char *dir, const char *prefix,
                     unsigned depth, struct dmasim_diag *diag);

/** A folder in a case: a snapshot, or a case of its own. */
static int add_folder(struct recording *r, struct rec_case *c, const char *dir,
                      const char *prefix, const char *name, unsigned depth,
                      struct dmasim_diag *diag)
{
	char *path = rec_join(&r->arena, dir, "/", name);
	const char *below = rec_join(&r->arena, prefix, name, "");
	char *folder = rec_join(&r->arena, name, "", "");
	char **names;
	size_t count;
	int err;

	if (!path || !below || !folder)
		return DMASIM_E_NOMEM;
	path[strlen(path) - 1] = '\0';
	folder[strlen(folder) - 1] = '\0';
	err = rec_dir_names(&r->arena, path, &names, &count, diag);
	if (err)
		return err;
	if (is_snapshot(names, count))
		return add_snapshot(r, c, path, folder, below, diag);
	if (depth + 1 == MAX_DEPTH)
		return DMASIM_OK;
	return load_case(r, path, below, depth + 1, diag);
}

static int load_case(struct recording *r, const char *dir, const char *prefix,
                     unsigned depth, struct dmasim_diag *diag)
{
	struct rec_case *c;
	char **names;
	size_t count;
	int err = rec_dir_names(&r->arena, dir, &names, &count, diag);

	if (err)
		return err;
	if (r->cases == MAX_CASES)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: more than %u cases", dir,
		                       MAX_CASES);
	c = &r->cases_[r->cases++];
	c->snapshot = rec_alloc(&r->arena, count + 1, sizeof(*c->snapshot));
	c->list = rec_alloc(&r->arena, count + 1, sizeof(*c->list));
	if (!c->snapshot || !c->list)
		return DMASIM_E_NOMEM;
	if (!depth && is_snapshot(names, count))
		return add_snapshot(r, c, dir, "", prefix, diag);
	for (size_t i = 0; !err && i < count; i++) {
		if (ends_with(names[i], "/"))
			err = add_folder(r, c, dir, prefix, names[i], depth,
			                 diag);
		else if (ends_with(names[i], ".tsv"))
			err = add_list(r, c, dir, prefix, names[i], diag);
	}
	return err;
}

/* ---- what needs more than one file ---- */

bool rec_in_ram(const struct recording *r, uint64_t addr, uint64_t size)
{
	for (size_t i = 0; i < r->rams; i++) {
		uint64_t offset = addr - r->ram[i].base;

		if (addr >= r->ram[i].base && offset < r->ram[i].size &&
		    size <= r->ram[i].size - offset)
			return true;
	}
	return false;
}

static int check_pages(const struct recording *r, const struct rec_snapshot *s,
                       struct dmasim_diag *diag)
{
	for (size_t i = 0; i < s->pages.count; i++) {
		const struct rec_page *p = &s->pages.page[i];

		if (!rec_in_ram(r, p->pa, REC_PAGE))
			return rec_fail(diag, s->pages.path, p->line,
			                "page 0x%" PRIx64 " is not RAM", p->pa);
	}
	return DMASIM_OK;
}

static int check_pokes(const struct recording *r, const struct rec_list *l,
                       struct dmasim_diag *diag)
{
	for (size_t i = 0; l->row && i < l->rows; i++) {
		const struct rec_row *row = &l->row[i];

		for (size_t k = 0; k < row->pokes; k++)
			if (!rec_in_ram(r, row->poke[k].pa, 8))
				return rec_fail(diag, l->path, row->line,
				                "the changed word 0x%" PRIx64
				                " is not RAM",
				                row->poke[k].pa);
	}
	return DMASIM_OK;
}

static int check_case(const struct recording *r, const struct rec_case *c,
                      struct dmasim_diag *diag)
{
	int err = DMASIM_OK;

	for (size_t i = 0; !err && i < c->snapshots; i++)
		err = check_pages(r, &c->snapshot[i], diag);
	for (size_t i = 0; !err && i < c->lists; i++)
		err = check_pokes(r, &c->list[i], diag);
	return err;
}

const struct rec_reg *rec_reg_find(const struct rec_snapshot *s,
                                   const char *name)
{
	for (size_t i = 0; i < s->regs; i++)
		if (!strcmp(s->reg[i].name, name))
			return &s->reg[i];
	return NULL;
}

int recording_load(const char *dir, struct recording **out,
                   struct dmasim_diag *diag)
{
	struct recording *r = calloc(1, sizeof(*r));
	size_t snapshots = 0;
	int err;

	if (!r)
		return DMASIM_E_NOMEM;
	r->cases_ = rec_alloc(&r->arena, MAX_CASES, sizeof(*r->cases_));
	err = r->cases_ ? load_machine(r, dir, diag) : DMASIM_E_NOMEM;
	if (!err)
		err = load_case(r, dir, "", 0, diag);
	for (size_t i = 0; !err && i < r->cases; i++) {
		snapshots += r->cases_[i].snapshots;
		err = check_case(r, &r->cases_[i], diag);
	}
	if (!err && !snapshots)
		err = dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                      "%s: not a recording: no folder with "
		                      "regs.txt or pages.tsv",
		                      dir);
	if (err) {
		recording_free(r);
		return err;
	}
	*out = r;
	return DMASIM_OK;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	rec_free_all(&r->arena);
	free(r);
}
