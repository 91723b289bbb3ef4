/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum edge_kind {
	EDGE_COM,
	EDGE_PO,
	EDGE_FENCE,
	EDGE_ADDR,
	EDGE_DATA,
	EDGE_CTRL,
	EDGE_CTRL_ISB,
	EDGE_AMO,
	EDGE_LXSX,
};

struct edge {
	enum edge_kind kind;
	bool external, same;
	char from, to;       /**< 'R' or 'W' */
	char annotation;     /**< of the target: 'A', 'Q', 'L' or 0 */
	const char *stem;    /**< of its name */
	const char *barrier; /**< of a fence */
};

struct cycle {
	int n;
	struct edge e[CYCLE_EDGES];
};

/* Stems with both ends and location left open. */
static const struct {
	const char *stem;
	enum edge_kind kind;
	const char *barrier;
} stems[] = {
        {"Po", EDGE_PO, NULL},
        {"Dmb", EDGE_FENCE, "DMB ISH"},
        {"DmbLd", EDGE_FENCE, "DMB ISHLD"},
        {"DmbSt", EDGE_FENCE, "DMB ISHST"},
        {"Dsb", EDGE_FENCE, "DSB ISH"},
        {"DsbLd", EDGE_FENCE, "DSB ISHLD"},
        {"DsbSt", EDGE_FENCE, "DSB ISHST"},
        {"Addr", EDGE_ADDR, NULL},
        {"Data", EDGE_DATA, NULL},
        {"Ctrl", EDGE_CTRL, NULL},
        {"CtrlIsb", EDGE_CTRL_ISB, NULL},
};

static const struct edge fixed[] = {
        {EDGE_COM, true, true, 'W', 'R', 0, "Rfe", NULL},
        {EDGE_COM, true, true, 'R', 'W', 0, "Fre", NULL},
        {EDGE_COM, true, true, 'W', 'W', 0, "Coe", NULL},
        {EDGE_AMO, false, true, 'R', 'W', 0, "Amo", NULL},
        {EDGE_LXSX, false, true, 'R', 'W', 0, "Lxsx", NULL},
};

#define STEMS (sizeof(stems) / sizeof(*stems))
#define FIXED (sizeof(fixed) / sizeof(*fixed))

static bool makes_sense(const struct edge *e)
{
	switch (e->kind) {
	case EDGE_ADDR:
	case EDGE_CTRL:
	case EDGE_CTRL_ISB:
		return e->from == 'R';
	case EDGE_DATA:
		return e->from == 'R' && e->to == 'W';
	default:
		break;
	}
	return e->annotation != 'L' || e->to == 'W';
}

static bool edge_parse(const char *word, struct edge *e)
{
	const char *colon = strchr(word, ':');
	size_t n = colon ? (size_t)(colon - word) : strlen(word);

	memset(e, 0, sizeof(*e));
	for (size_t i = 0; i < FIXED; i++)
		if (strlen(fixed[i].stem) == n &&
		    strncmp(fixed[i].stem, word, n) == 0)
			*e = fixed[i];
	for (size_t i = 0; i < STEMS; i++) {
		size_t k = strlen(stems[i].stem);

		if (n != k + 3 || strncmp(stems[i].stem, word, k) != 0 ||
		    !strchr("sd", word[k]) || !strchr("RW", word[k + 1]) ||
		    !strchr("RW", word[k + 2]))
			continue;
		e->kind = stems[i].kind;
		e->stem = stems[i].stem;
		e->barrier = stems[i].barrier;
		e->same = word[k] == 's';
		e->from = word[k + 1];
		e->to = word[k + 2];
	}
	if (colon)
		e->annotation = colon[1];
	return e->stem && makes_sense(e);
}

static int edge_name(const struct edge *e, char *buf, size_t size)
{
	char ends[4] = "", note[3] = "";

	if (e->kind != EDGE_COM && e->kind != EDGE_AMO && e->kind != EDGE_LXSX)
		snprintf(ends, sizeof(ends), "%c%c%c", e->same ? 's' : 'd',
		         e->from, e->to);
	if (e->annotation)
		snprintf(note, sizeof(note), ":%c", e->annotation);
	return snprintf(buf, size, "%s%s%s", e->stem, ends, note);
}

static void cycle_name(const struct cycle *c, char separator, char *buf,
                       size_t size)
{
	size_t used = 0;

	for (int i = 0; i < c->n && used < size; i++) {
		if (i)
			used += (size_t)snprintf(buf + used, size - used, "%c",
			                         separator);
		used += (size_t)edge_name(&c->e[i], buf + used, size - used);
	}
}

/* Rotate so that edge @first comes first. */
static struct cycle rotated(const struct cycle *c, int first)
{
	struct cycle r = {.n = c->n};

	for (int i = 0; i < c->n; i++)
		r.e[i] = c->e[(i + first) % c->n];
	return r;
}

/* The rotation, among those that end with an external edge (and, if any edge
 * changes the location, one that starts a location), whose name is first. */
static bool canonical(struct cycle *c)
{
	char best[160] = "", name[160];
	struct cycle found = {0}, r;

	for (int i = 0; i < c->n; i++) {
		r = rotated(c, i);
		if (!r.e[c->n - 1].external)
			continue;
		cycle_name(&r, ' ', name, sizeof(name));
		if (!*best || strcmp(name, best) < 0) {
			memcpy(best, name, sizeof(best));
			found = r;
		}
	}
	*c = found;
	return *best != '\0';
}

/** What an access of the cycle is; number i is the source of edge i. */
struct access {
	char type, annotation;
	int thread, location, reg;
	int value; /**< written, or expected to be read */
};

struct layout {
	struct access a[CYCLE_EDGES];
	int threads, locations;
	int writes[CYCLE_EDGES]; /**< by location */
	int regs[CYCLE_EDGES];   /**< by thread */
};

static bool place_accesses(const struct cycle *c, struct layout *l)
{
	int n = c->n, moves = 0, first = 0;

	memset(l, 0, sizeof(*l));
	for (int i = 0; i < n; i++) {
		moves += !c->e[i].same;
		if (c->e[i].to != c->e[(i + 1) % n].from)
			return false;
		l->a[(i + 1) % n].type = c->e[i].to;
		l->a[(i + 1) % n].annotation = c->e[i].annotation;
	}
	if (moves == 1)
		return false;
	l->locations = moves ? moves : 1;
	for (int i = 0, x = 0, p = 0; i < n; i++) {
		l->a[i].thread = p;
		l->a[i].location = x % l->locations;
		x += !c->e[i].same;
		p += c->e[i].external;
		l->threads = p;
	}
	/* Values go up along the accesses to one location: start where the
	 * cycle comes to a location. */
	for (int i = 0; i < n && moves; i++)
		if (!c->e[(i + n - 1) % n].same) {
			first = i;
			break;
		}
	for (int k = 0; k < n; k++) {
		struct access *a = &l->a[(first + k) % n];

		if (a->type == 'W')
			l->writes[a->location]++;
		a->value = l->writes[a->location];
	}
	for (int i = 0; i < n; i++)
		if (l->a[i].type == 'R')
			l->a[i].reg = l->regs[l->a[i].thread]++;
	return l->threads >= 2 && l->threads <= 4 && l->locations <= 4;
}

/* The rows of one thread's column. */
struct column {
	int rows;
	char row[2 * CYCLE_EDGES + 2][40];
};

static const char *load_op(char annotation, bool exclusive)
{
	if (exclusive)
		return annotation == 'A' ? "LDAXR" : "LDXR";
	return annotation == 'A' ? "LDAR" : annotation == 'Q' ? "LDAPR" : "LDR";
}

static char *add_row(struct column *col)
{
	return col->row[col->rows++];
}

/* The access at the end of @in, an edge of the same thread, or the first one
 * of a thread (@in NULL). @out: the edge that leaves it. */
static void put_access(struct column *col, const struct layout *l, int i,
                       const struct cycle *c)
{
	const struct access *a = &l->a[i], *w = &l->a[(i + 1) % c->n];
	const struct edge *in = &c->e[(i + c->n - 1) % c->n], *out = &c->e[i];
	char dep[16] = "", x = (char)('x' + a->location % 3);
	int source = l->a[(i + c->n - 1) % c->n].reg;
	size_t size = sizeof(col->row[0]);

	if (a->location == 3)
		x = 'w';
	if (!in->external && in->kind == EDGE_FENCE)
		snprintf(add_row(col), size, "%s", in->barrier);
	if (!in->external && in->kind == EDGE_CTRL_ISB)
		snprintf(add_row(col), size, "ISB ctrl(R%d)", source);
	if (!in->external && in->kind >= EDGE_ADDR && in->kind <= EDGE_CTRL)
		snprintf(dep, sizeof(dep), " %s(R%d)",
		         in->kind == EDGE_ADDR   ? "addr"
		         : in->kind == EDGE_DATA ? "data"
		                                 : "ctrl",
		         source);
	if (in->kind == EDGE_AMO)
		return;
	if (a->type == 'R' && out->kind == EDGE_AMO)
		snprintf(add_row(col), size, "SWP%s%s %d, R%d, %c%s",
		         a->annotation == 'A' ? "A" : "",
		         w->annotation == 'L' ? "L" : "", w->value, a->reg, x,
		         dep);
	else if (a->type == 'R')
		snprintf(add_row(col), size, "%s R%d, %c%s",
		         load_op(a->annotation, out->kind == EDGE_LXSX), a->reg,
		         x, dep);
	else if (in->kind == EDGE_LXSX)
		snprintf(add_row(col), size, "%s S%d, %d, %c%s",
		         a->annotation == 'L' ? "STLXR" : "STXR", i, a->value,
		         x, dep);
	else
		snprintf(add_row(col), size, "%s %d, %c%s",
		         a->annotation == 'L' ? "STLR" : "STR", a->value, x,
		         dep);
}

static size_t append(char *text, size_t size, size_t used, const char *more)
{
	int n = used < size ? snprintf(text + used, size - used, "%s", more)
	                    : 0;

	return used + (size_t)n;
}

static size_t put_program(const struct cycle *c, const struct layout *l,
                          char *text, size_t size, size_t used)
{
	struct column col[4] = {{0}};
	int rows = 0, width[4] = {2, 2, 2, 2};
	char cell[48];

	for (int i = 0; i < c->n; i++)
		put_access(&col[l->a[i].thread], l, i, c);
	for (int p = 0; p < l->threads; p++) {
		rows = col[p].rows > rows ? col[p].rows : rows;
		for (int r = 0; r < col[p].rows; r++)
			if ((int)strlen(col[p].row[r]) > width[p])
				width[p] = (int)strlen(col[p].row[r]);
	}
	used = append(text, size, used, "\nprogram\n");
	for (int r = -1; r < rows; r++) {
		for (int p = 0; p < l->threads; p++) {
			char head[4] = {'P', (char)('0' + p), 0, 0};
			const char *what = r < 0 ? head : col[p].row[r];
			bool last = p + 1 == l->threads;

			snprintf(cell, sizeof(cell), "%s%-*s%s",
			         !p      ? ""
			         : *what ? " | "
			                 : " |",
			         last ? 0 : width[p] - (p && !*what), what,
			         last ? "\n" : "");
			used = append(text, size, used, cell);
		}
	}
	return append(text, size, used, "\n");
}

static size_t put_verdict(const struct cycle *c, const struct layout *l,
                          const char *verdict, char *text, size_t size,
                          size_t used)
{
	static const char names[] = "xyzw";
	char term[48];

	used = append(text, size, used, verdict);
	for (int i = 0; i < c->n; i++) {
		if (l->a[i].type == 'R')
			snprintf(term, sizeof(term), " P%d:R%d=%d",
			         l->a[i].thread, l->a[i].reg, l->a[i].value);
		else if (c->e[(i + c->n - 1) % c->n].kind == EDGE_LXSX)
			snprintf(term, sizeof(term), " P%d:S%d=0",
			         l->a[i].thread, i);
		else
			continue;
		used = append(text, size, used, term);
	}
	for (int x = 0; x < l->locations; x++)
		if (l->writes[x] > 1) {
			snprintf(term, sizeof(term), " %c=%d", names[x],
			         l->writes[x]);
			used = append(text, size, used, term);
		}
	return append(text, size, used, "\n");
}

static bool put_litmus(const struct cycle *c, const char *name,
                       const char *verdict, char *text, size_t size)
{
	static const char *const inits[] = {"x=0", "x=0 y=0", "x=0 y=0 z=0",
	                                    "x=0 y=0 z=0 w=0"};
	static const char *const finals[] = {
	        "final x\n", "final x y\n", "final x y z\n", "final x y z w\n"};
	char line[256], own[160];
	struct layout l;
	size_t used;

	if (!place_accesses(c, &l) || (verdict && l.locations < 2))
		return false;
	cycle_name(c, '.', own, sizeof(own));
	snprintf(line, sizeof(line), "litmus %s\nshows ", name ? name : own);
	used = append(text, size, 0, line);
	cycle_name(c, ' ', own, sizeof(own));
	snprintf(line, sizeof(line), "%s\n\ninit %s\n", own,
	         inits[l.locations - 1]);
	used = append(text, size, used, line);
	for (int p = 0; p < l.threads; p++) {
		snprintf(line, sizeof(line), "agent P%d cpu\n", p);
		used = append(text, size, used, line);
	}
	used = put_program(c, &l, text, size, used);
	if (verdict)
		used = put_verdict(c, &l, verdict, text, size, used);
	else
		used = append(text, size, used, finals[l.locations - 1]);
	return used < size;
}

bool cycle_litmus(const char *cycle, const char *name, const char *verdict,
                  char *text, size_t size)
{
	struct cycle c = {0};
	char word[24];
	int n;

	while (sscanf(cycle, "%23s%n", word, &n) == 1) {
		if (c.n == CYCLE_EDGES || !edge_parse(word, &c.e[c.n++]))
			return false;
		cycle += n;
	}
	/* As it is written, if that begins with a thread. */
	return c.n && (c.e[c.n - 1].external || canonical(&c)) &&
	       put_litmus(&c, name, verdict, text, size);
}

#define SLOTS 65536u

struct generator {
	uint64_t seed;
	/** Names that were given, in a hash table. */
	char *seen[SLOTS];
};

struct generator *generator_new(uint64_t seed)
{
	struct generator *g = calloc(1, sizeof(*g));

	if (g)
		g->seed = seed;
	return g;
}

void generator_free(struct generator *g)
{
	for (size_t i = 0; i < SLOTS; i++)
		free(g->seen[i]);
	free(g);
}

static uint32_t below(struct generator *g, uint32_t n)
{
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 7;
	g->seed ^= g->seed << 17;
	return (uint32_t)((g->seed >> 16) % n);
}

static bool is_new(struct generator *g, const char *name)
{
	uint32_t h = 2166136261u;
	size_t size = strlen(name) + 1;

	for (const char *p = name; *p; p++)
		h = (h ^ (uint8_t)*p) * 16777619u;
	for (h %= SLOTS; g->seen[h]; h = (h + 1) % SLOTS)
		if (strcmp(g->seen[h], name) == 0)
			return false;
	g->seen[h] = malloc(size);
	if (!g->seen[h])
		abort();
	memcpy(g->seen[h], name, size);
	return true;
}

/* An edge from a @from; @external or not. */
static struct edge random_edge(struct generator *g, char from, bool external)
{
	struct edge e;

	for (;;) {
		if (external || below(g, 10) == 0) {
			e = fixed[below(g, FIXED)];
		} else {
			uint32_t i = below(g, STEMS);

			e = (struct edge){.kind = stems[i].kind,
			                  .stem = stems[i].stem,
			                  .barrier = stems[i].barrier,
			                  .from = from,
			                  .to = "RW"[below(g, 2)]};
			e.same = e.kind <= EDGE_FENCE && below(g, 4) == 0;
		}
		if (below(g, 4) == 0)
			e.annotation = e.to == 'W' ? 'L' : "AQ"[below(g, 2)];
		if (e.from == from && e.external == external && makes_sense(&e))
			return e;
	}
}

/* A pair of halves cannot have what one instruction does not: SWP has no RCpc
 * acquire, LDXR neither; and an edge into the store half is that of the pair.
 */
static bool fits(const struct cycle *c)
{
	for (int i = 0; i < c->n; i++) {
		const struct edge *in = &c->e[(i + c->n - 1) % c->n];
		const struct edge *out = &c->e[i];

		if (out->from != in->to)
			return false;
		if ((out->kind == EDGE_AMO || out->kind == EDGE_LXSX) &&
		    in->annotation == 'Q')
			return false;
	}
	return true;
}

void generator_next(struct generator *g, char *text, size_t size)
{
	char name[160];

	for (;;) {
		struct cycle c = {.n = 3 + (int)below(g, CYCLE_EDGES - 3)};
		char at = "RW"[below(g, 2)];
		bool external = false;

		for (int i = 0; i < c.n; i++) {
			/* Two threads meet: mostly not twice in a row. */
			external = i + 1 == c.n ||
			           below(g, 6) < (external ? 1u : 3u);
			c.e[i] = random_edge(g, at, external);
			at = c.e[i].to;
		}
		if (!fits(&c) || !canonical(&c))
			continue;
		cycle_name(&c, '.', name, sizeof(name));
		if (strlen(name) > 120 ||
		    !put_litmus(&c, NULL, NULL, text, size))
			continue;
		if (is_new(g, name))
			return;
	}
}
