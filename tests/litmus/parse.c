/* SPDX-License-Identifier: MIT */
/* The file as a whole: its directives, one a line. */
#include "parse_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool parse_fail(struct parser *ps, const char *format, ...)
{
	int used =
	        snprintf(ps->err, ps->err_size, "%s:%d: ", ps->file, ps->line);
	va_list args;

	va_start(args, format);
	if (used >= 0 && (size_t)used < ps->err_size)
		vsnprintf(ps->err + used, ps->err_size - (size_t)used, format,
		          args);
	va_end(args);
	return false;
}

static void skip_blanks(struct parser *ps)
{
	while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\t'))
		ps->p++;
}

bool parse_end(struct parser *ps)
{
	skip_blanks(ps);
	return ps->p == ps->end;
}

bool parse_char(struct parser *ps, char c)
{
	if (parse_end(ps) || *ps->p != c)
		return false;
	ps->p++;
	return true;
}

bool parse_word(struct parser *ps, char *word, size_t size)
{
	size_t n = 0;

	skip_blanks(ps);
	while (ps->p < ps->end && n + 1 < size &&
	       (isalnum((unsigned char)*ps->p) || strchr("_.+-:", *ps->p)))
		word[n++] = *ps->p++;
	word[n] = '\0';
	return n > 0;
}

bool parse_number(struct parser *ps, uint64_t *value)
{
	char word[24], extra;

	if (!parse_word(ps, word, sizeof(word)))
		return parse_fail(ps, "a number is missing");
	if (!isdigit((unsigned char)*word) ||
	    sscanf(word, "%" SCNu64 "%c", value, &extra) != 1)
		return parse_fail(ps, "'%s' is no number", word);
	return true;
}

int parse_find_agent(const struct litmus *t, const char *name)
{
	for (int i = 0; i < t->agent_count; i++)
		if (strcmp(t->agent[i].name, name) == 0)
			return i;
	return -1;
}

int parse_find_location(const struct litmus *t, const char *name)
{
	for (int i = 0; i < t->location_count; i++)
		if (strcmp(t->location[i].name, name) == 0)
			return i;
	return -1;
}

int parse_find_reg(const struct litmus_agent *a, const char *name)
{
	for (int i = 0; i < a->reg_count; i++)
		if (strcmp(a->reg[i].name, name) == 0)
			return i;
	return -1;
}

int parse_share(const char *word)
{
	static const char *const names[] = {"nsh", "ish", "osh", "sy"};

	for (int i = 0; i < 4; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	return -1;
}

bool parse_attr(struct parser *ps, const char *word, struct litmus_attr *attr)
{
	static const char *const types[] = {"wb",   "wt",    "nc",    "gre",
	                                    "ngre", "ngnre", "ngnrne"};
	char type[16] = "";
	const char *dot = strchr(word, '.');
	size_t n = dot ? (size_t)(dot - word) : strlen(word);
	int share;

	for (size_t i = 0; i < n && i < sizeof(type) - 1; i++)
		type[i] = (char)tolower((unsigned char)word[i]);
	for (int i = 0; i <= LITMUS_NGNRNE; i++) {
		if (strcmp(types[i], type) != 0)
			continue;
		attr->type = (enum litmus_type)i;
		attr->share = i <= LITMUS_WT ? LITMUS_ISH : LITMUS_OSH;
		if (!dot)
			return true;
		share = parse_share(dot + 1);
		if (share < 0 || share == LITMUS_SY)
			return parse_fail(ps, "'%s': nsh, ish or osh", dot + 1);
		if (i > LITMUS_WT)
			return parse_fail(ps, "'%s' is always osh", type);
		attr->share = (enum litmus_share)share;
		return true;
	}
	return parse_fail(ps, "'%s' is no memory type", word);
}

/* "a new name" for agents, locations and registers. */
static bool new_name(struct parser *ps, char name[16])
{
	if (!parse_word(ps, name, 16))
		return parse_fail(ps, "a name is missing");
	if (!isalpha((unsigned char)*name) || strpbrk(name, "+-:"))
		return parse_fail(ps, "'%s' is no name", name);
	if (parse_find_agent(ps->t, name) >= 0 ||
	    parse_find_location(ps->t, name) >= 0)
		return parse_fail(ps, "'%s' stands for something already",
		                  name);
	return true;
}

static struct litmus_location *add_location(struct parser *ps, const char *name)
{
	struct litmus *t = ps->t;
	struct litmus_location *l;

	if (t->location_count == LITMUS_LOCATIONS) {
		parse_fail(ps, "more than %d locations", LITMUS_LOCATIONS);
		return NULL;
	}
	l = &t->location[t->location_count++];
	snprintf(l->name, sizeof(l->name), "%s", name);
	return l;
}

static bool parse_init(struct parser *ps)
{
	char name[16];

	do {
		struct litmus_location *l;
		uint64_t value;

		if (!new_name(ps, name))
			return false;
		if (!parse_char(ps, '='))
			return parse_fail(ps, "'=' is missing after '%s'",
			                  name);
		if (!parse_number(ps, &value))
			return false;
		l = add_location(ps, name);
		if (!l)
			return false;
		l->init = value;
		l->line = ps->t->line_count++;
	} while (!parse_end(ps));
	return true;
}

static bool known_location(struct parser *ps, int *location)
{
	char name[16];

	if (!parse_word(ps, name, sizeof(name)))
		return parse_fail(ps, "a location is missing");
	*location = parse_find_location(ps->t, name);
	if (*location < 0 || ps->t->location[*location].signal)
		return parse_fail(ps, "there is no location '%s'", name);
	return true;
}

/* `line x y`: they share a line. */
static bool parse_line_of(struct parser *ps)
{
	int first = 0, other = 0, slot = 0;

	if (!known_location(ps, &first))
		return false;
	while (!parse_end(ps)) {
		if (!known_location(ps, &other))
			return false;
		if (ps->t->location[other].slot || other == first)
			return parse_fail(ps, "'%s' has a place already",
			                  ps->t->location[other].name);
		ps->t->location[other].line = ps->t->location[first].line;
		ps->t->location[other].slot = ++slot;
	}
	if (!slot || slot > 1)
		return slot ? parse_fail(ps, "at most two share a line")
		            : parse_fail(ps, "with whom shall it share?");
	return true;
}

static bool parse_marks(struct parser *ps, bool racy)
{
	int l = 0;

	do {
		if (!known_location(ps, &l))
			return false;
		if (racy)
			ps->t->location[l].racy = true;
		else
			ps->t->location[l].final = true;
	} while (!parse_end(ps));
	return true;
}

/* `dekker x y` */
static bool parse_dekker(struct parser *ps)
{
	int store = 0, load = 0;

	if (!known_location(ps, &store) || !known_location(ps, &load))
		return false;
	ps->t->location[store].dekker = load + 1;
	return true;
}

static bool parse_agent(struct parser *ps)
{
	static const char *const kinds[] = {
	        "cpu",  "guest",   "coherent", "outer",          "noncoherent",
	        "host", "nosnoop", "walker",   "walker-coherent"};
	struct litmus *t = ps->t;
	struct litmus_agent *a;
	char name[16], word[24];
	int kind = -1;

	if (!new_name(ps, name))
		return false;
	if (t->agent_count == LITMUS_AGENTS)
		return parse_fail(ps, "more than %d agents", LITMUS_AGENTS);
	if (!parse_word(ps, word, sizeof(word)))
		return parse_fail(ps, "what is '%s'?", name);
	for (int i = 0; i <= LITMUS_WALKER_COHERENT; i++)
		if (strcmp(kinds[i], word) == 0)
			kind = i;
	if (kind < 0)
		return parse_fail(ps, "'%s' is no kind of agent", word);
	a = &t->agent[t->agent_count++];
	snprintf(a->name, sizeof(a->name), "%s", name);
	a->kind = (enum litmus_agent_kind)kind;
	a->attr = (struct litmus_attr){LITMUS_WB, LITMUS_ISH};
	a->bell = a->irq = -1;
	while (parse_word(ps, word, sizeof(word))) {
		if (strcmp(word, "iommu") == 0 && !litmus_is_cpu(a))
			a->iommu = true;
		else if (!parse_attr(ps, word, &a->attr))
			return false;
	}
	return true;
}

/* `env evict x [from P0]`, `env prefetch x into P0 [as ATTR]`, `env clean x
 * [from P0]` */
static bool parse_env(struct parser *ps)
{
	static const char *const kinds[] = {"evict", "prefetch", "clean"};
	struct litmus *t = ps->t;
	struct litmus_step *s = &t->step[t->step_count];
	char word[24];
	int kind = -1;

	if (t->step_count == LITMUS_STEPS)
		return parse_fail(ps, "more than %d steps", LITMUS_STEPS);
	parse_word(ps, word, sizeof(word));
	for (int i = 0; i < 3; i++)
		if (strcmp(kinds[i], word) == 0)
			kind = i;
	if (kind < 0)
		return parse_fail(ps, "'%s': evict, prefetch or clean", word);
	s->kind = (enum litmus_step_kind)kind;
	s->agent = -1;
	s->line = ps->line;
	if (!known_location(ps, &s->location))
		return false;
	if (parse_word(ps, word, sizeof(word))) {
		if (strcmp(word, kind == LITMUS_PREFETCH ? "into" : "from"))
			return parse_fail(ps, "'%s' is not expected", word);
		parse_word(ps, word, sizeof(word));
		s->agent = parse_find_agent(t, word);
		if (s->agent < 0)
			return parse_fail(ps, "there is no agent '%s'", word);
		if (!litmus_is_cpu(&t->agent[s->agent]) &&
		    t->agent[s->agent].kind != LITMUS_HOST)
			return parse_fail(ps, "'%s' has no cache", word);
		s->attr = t->agent[s->agent].attr;
	}
	if (kind == LITMUS_PREFETCH && s->agent < 0)
		return parse_fail(ps, "a prefetch into whose cache?");
	if (kind == LITMUS_PREFETCH && parse_word(ps, word, sizeof(word))) {
		if (strcmp(word, "as"))
			return parse_fail(ps, "'%s' is not expected", word);
		parse_word(ps, word, sizeof(word));
		if (!parse_attr(ps, word, &s->attr))
			return false;
	}
	if (kind == LITMUS_PREFETCH && s->attr.type > LITMUS_WT)
		return parse_fail(ps, "only a cacheable mapping is prefetched");
	t->step_count++;
	return true;
}

static bool parse_bound(struct parser *ps)
{
	const char *at = ps->p;
	char word[24];

	if (parse_word(ps, word, sizeof(word)) && strcmp(word, "all") == 0) {
		ps->t->bound = 0;
		return true;
	}
	ps->p = at;
	if (!parse_number(ps, &ps->t->bound))
		return false;
	return ps->t->bound || parse_fail(ps, "a bound of no run");
}

/* The rest of the line, blanks at its ends aside, behind what is there. */
static bool parse_text(struct parser *ps, char *out, size_t size)
{
	size_t used = strlen(out);
	const char *end = ps->end;

	if (parse_end(ps))
		return parse_fail(ps, "says nothing");
	while (end > ps->p && isspace((unsigned char)end[-1]))
		end--;
	if (used + (size_t)(end - ps->p) + 2 > size)
		return parse_fail(ps, "too long");
	if (used)
		out[used++] = ' ';
	memcpy(out + used, ps->p, (size_t)(end - ps->p));
	out[used + (size_t)(end - ps->p)] = '\0';
	ps->p = ps->end;
	return true;
}

static bool parse_name(struct parser *ps)
{
	return *ps->t->name ? parse_fail(ps, "it has a name already")
	       : parse_word(ps, ps->t->name, LITMUS_NAME)
	               ? true
	               : parse_fail(ps, "a name is missing");
}

static bool directive(struct parser *ps, const char *word)
{
	struct litmus *t = ps->t;
	char rest[8];

	if (strcmp(word, "litmus") == 0)
		return parse_name(ps);
	if (strcmp(word, "shows") == 0)
		return parse_text(ps, t->shows, sizeof(t->shows));
	if (strcmp(word, "choices") == 0)
		return parse_text(ps, t->choices, sizeof(t->choices));
	if (strcmp(word, "init") == 0)
		return parse_init(ps);
	if (strcmp(word, "line") == 0)
		return parse_line_of(ps);
	if (strcmp(word, "final") == 0 || strcmp(word, "racy") == 0)
		return parse_marks(ps, *word == 'r');
	if (strcmp(word, "dekker") == 0)
		return parse_dekker(ps);
	if (strcmp(word, "agent") == 0)
		return parse_agent(ps);
	if (strcmp(word, "env") == 0)
		return parse_env(ps);
	if (strcmp(word, "must") == 0)
		return parse_verdict(ps, LITMUS_MUST);
	if (strcmp(word, "never") == 0)
		return parse_verdict(ps, LITMUS_NEVER);
	if (strcmp(word, "finding") == 0)
		return parse_finding(ps);
	if (strcmp(word, "bound") == 0)
		return parse_bound(ps);
	if (strcmp(word, "quiet") == 0) {
		t->quiet = true;
		return true;
	}
	if (strcmp(word, "cache") == 0) {
		t->tiny = parse_word(ps, rest, sizeof(rest)) &&
		          strcmp(rest, "tiny") == 0;
		return t->tiny || parse_fail(ps, "a cache can be tiny");
	}
	return parse_fail(ps, "'%s' is no directive", word);
}

static bool parse_heads(struct parser *ps)
{
	char name[16];

	do {
		int a;

		if (!parse_word(ps, name, sizeof(name)))
			return parse_fail(ps, "an agent is missing");
		a = parse_find_agent(ps->t, name);
		if (a < 0)
			return parse_fail(ps, "there is no agent '%s'", name);
		for (int i = 0; i < ps->column_count; i++)
			if (ps->column[i] == a)
				return parse_fail(ps, "two columns for '%s'",
				                  name);
		ps->column[ps->column_count++] = a;
	} while (parse_char(ps, '|'));
	return parse_end(ps) || parse_fail(ps, "'%c' is not expected", *ps->p);
}

static bool parse_row(struct parser *ps)
{
	const char *end = ps->end;

	for (int i = 0; i < ps->column_count; i++) {
		const char *bar = memchr(ps->p, '|', (size_t)(end - ps->p));

		ps->end = bar ? bar : end;
		if (!parse_end(ps) && !parse_insn(ps, ps->column[i]))
			return false;
		if (!parse_end(ps))
			return parse_fail(ps, "'%c' is not expected", *ps->p);
		ps->p = bar ? bar + 1 : end;
		if (bar && i + 1 == ps->column_count)
			return parse_fail(ps, "more cells than columns");
	}
	ps->end = end;
	return true;
}

enum part { PART_BEFORE, PART_HEADS, PART_ROWS, PART_AFTER };

static bool parse_line(struct parser *ps, enum part *part)
{
	char word[24];

	if (parse_end(ps)) {
		if (*part == PART_HEADS)
			return parse_fail(ps, "the program has no columns");
		if (*part == PART_ROWS)
			*part = PART_AFTER;
		return true;
	}
	if (*ps->p == '#')
		return true;
	if (*part == PART_HEADS) {
		*part = PART_ROWS;
		return parse_heads(ps);
	}
	if (*part == PART_ROWS)
		return parse_row(ps);
	if (!parse_word(ps, word, sizeof(word)))
		return parse_fail(ps, "'%c' is not expected", *ps->p);
	if (strcmp(word, "program") == 0) {
		if (*part == PART_AFTER)
			return parse_fail(ps, "a second program");
		*part = PART_HEADS;
	} else if (!directive(ps, word)) {
		return false;
	}
	return parse_end(ps) || parse_fail(ps, "'%c' is not expected", *ps->p);
}

static bool signal_served(struct parser *ps, int a, enum litmus_op from,
                          enum litmus_op to)
{
	const struct litmus *t = ps->t;
	int sent = 0, awaited = 0;

	for (int i = 0; i < t->agent_count; i++)
		for (int j = 0; j < t->agent[i].insn_count; j++) {
			const struct litmus_insn *in = &t->agent[i].insn[j];

			sent += in->op == from && in->agent == a;
			awaited += in->op == to && i == a;
		}
	if (sent > 1 || awaited > 1)
		return parse_fail(ps, "'%s' is signalled more than once",
		                  t->agent[a].name);
	return sent >= awaited ||
	       parse_fail(ps, "'%s' waits for ever", t->agent[a].name);
}

static bool check_whole(struct parser *ps, enum part part)
{
	struct litmus *t = ps->t;

	if (!*t->name)
		return parse_fail(ps, "the file names no test");
	if (!*t->shows)
		return parse_fail(ps, "what does it show?");
	if (part != PART_AFTER && part != PART_ROWS)
		return parse_fail(ps, "there is no program");
	for (int i = 0; i < t->agent_count; i++)
		if (!t->agent[i].insn_count)
			return parse_fail(ps, "'%s' does nothing",
			                  t->agent[i].name);
	for (int i = 0; i < t->agent_count; i++)
		if (!signal_served(ps, i, LITMUS_BELL, LITMUS_WAIT_BELL) ||
		    !signal_served(ps, i, LITMUS_RAISE, LITMUS_WAIT_IRQ))
			return false;
	return true;
}

bool litmus_parse(const char *file, const char *text, struct litmus *t,
                  char *err, size_t size)
{
	struct parser ps = {.file = file, .t = t, .err = err, .err_size = size};
	enum part part = PART_BEFORE;

	memset(t, 0, sizeof(*t));
	snprintf(t->file, sizeof(t->file), "%s", file);
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");

		ps.line++;
		ps.p = p;
		ps.end = p + n;
		if (!parse_line(&ps, &part))
			return false;
		p += n + (p[n] == '\n');
	}
	return check_whole(&ps, part);
}
