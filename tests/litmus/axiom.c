/* SPDX-License-Identifier: MIT */
/*
 * Executions: for each location alone, every way in which its reads read from
 * its writes and its writes follow one another that internal visibility and
 * atomicity leave; then every combination of them in which ordered-before has
 * no cycle.
 */
#include "axiom_internal.h"

#include <stdlib.h>
#include <string.h>

/** One way for one location. */
struct way {
	/** Who reads from whom; by read event. */
	int8_t from[AX_EVENTS];
	/** Observed-by rows: between agents only. */
	ax_set seen[AX_EVENTS];
	int last;
};

struct ways {
	struct way *list;
	size_t count, cap;
};

struct search {
	struct ax_graph g;
	struct axiom_result *r;
	struct ways ways[LITMUS_LOCATIONS];
	const struct way *chosen[LITMUS_LOCATIONS];
	/** While the ways of one location are enumerated. */
	int location;
	int writes[AX_WRITES], write_count;
	int reads[AX_READS], read_count;
	int order[AX_WRITES]; /**< writes, in coherence order */
	bool used[AX_WRITES];
	int8_t from[AX_EVENTS];
	/** Toggles of success. */
	bool *toggle[2 * LITMUS_AGENTS];
	int toggle_count;
};

static int rank(const struct search *s, int write)
{
	for (int i = 0; i < s->write_count; i++)
		if (s->order[i] == write)
			return i;
	return -1;
}

static void edge(const struct ax_graph *g, ax_set *all, ax_set *seen, int a,
                 int b)
{
	all[a] |= ax_bit(b);
	if (g->ev[a].agent >= 0 && g->ev[a].agent != g->ev[b].agent)
		seen[a] |= ax_bit(b);
}

/* Atomicity: no other agent's write between what the read half reads and the
 * write half. */
static bool atomic(const struct search *s)
{
	const struct ax_graph *g = &s->g;

	for (int i = 0; i < s->read_count; i++) {
		int r = s->reads[i], w = g->ev[r].partner;
		int from = rank(s, s->from[r]);

		if (w < 0)
			continue;
		for (int k = from + 1; k < rank(s, w); k++)
			if (g->ev[s->order[k]].agent != g->ev[r].agent)
				return false;
	}
	return true;
}

/* Internal visibility: program order of one location agrees with what reads
 * and writes saw. */
static void try_way(struct search *s)
{
	const struct ax_graph *g = &s->g;
	struct ways *ways = &s->ways[s->location];
	ax_set all[AX_EVENTS] = {0};
	struct way w = {.last = s->order[s->write_count - 1]};

	for (int i = 0; i < s->write_count; i++)
		for (int j = i + 1; j < s->write_count; j++)
			edge(g, all, w.seen, s->order[i], s->order[j]);
	for (int i = 0; i < s->read_count; i++) {
		int r = s->reads[i], from = rank(s, s->from[r]);

		w.from[r] = s->from[r];
		edge(g, all, w.seen, s->from[r], r);
		for (int k = from + 1; k < s->write_count; k++)
			edge(g, all, w.seen, r, s->order[k]);
	}
	for (int i = 0; i < g->count; i++)
		all[i] |= g->po_loc[i] & g->at[s->location];
	/* A read-modify-write does not write before it reads. */
	if (!ax_acyclic(all, g->count) || !atomic(s))
		return;
	if (ways->count == ways->cap) {
		ways->cap = ways->cap ? 2 * ways->cap : 64;
		ways->list =
		        realloc(ways->list, ways->cap * sizeof(*ways->list));
		if (!ways->list)
			abort();
	}
	ways->list[ways->count++] = w;
}

static void choose_from(struct search *s, int i)
{
	if (i == s->read_count) {
		try_way(s);
		return;
	}
	for (int k = 0; k < s->write_count; k++) {
		s->from[s->reads[i]] = (int8_t)s->writes[k];
		choose_from(s, i + 1);
	}
}

static void choose_order(struct search *s, int n)
{
	if (n == s->write_count) {
		choose_from(s, 0);
		return;
	}
	for (int k = 1; k < s->write_count; k++) {
		if (s->used[k])
			continue;
		s->used[k] = true;
		s->order[n] = s->writes[k];
		choose_order(s, n + 1);
		s->used[k] = false;
	}
}

static bool ways_of(struct search *s, int location)
{
	const struct ax_graph *g = &s->g;

	s->location = location;
	s->write_count = s->read_count = 0;
	s->ways[location].count = 0;
	for (int i = 0; i < g->count; i++) {
		if (!(g->at[location] & ax_bit(i)))
			continue;
		if ((g->ev[i].write ? s->write_count : s->read_count) ==
		    (g->ev[i].write ? AX_WRITES : AX_READS))
			return false;
		if (g->ev[i].write)
			s->writes[s->write_count++] = i;
		else
			s->reads[s->read_count++] = i;
	}
	s->order[0] = s->writes[0];
	choose_order(s, 1);
	return true;
}

static int reads_from(const struct search *s, int r)
{
	return s->chosen[s->g.ev[r].location]->from[r];
}

/* The value of an event; false: it would come out of thin air. */
static bool value_of(const struct search *s, int e, int depth, uint64_t *v)
{
	const struct ax_graph *g = &s->g;
	const struct ax_event *ev = &g->ev[e];
	const struct litmus_insn *in = ev->insn;
	uint64_t old = 0, operand;

	if (depth > g->count)
		return false;
	if (ev->agent < 0) {
		*v = g->t->location[ev->location].init;
		return true;
	}
	if (!ev->write)
		return value_of(s, reads_from(s, e), depth + 1, v);
	if (in->op == LITMUS_ZVA) {
		*v = 0;
		return true;
	}
	operand = in->value;
	if (in->value_reg >= 0) {
		int place = g->t->agent[ev->agent].reg[in->value_reg].insn;
		uint64_t more;

		if (!value_of(s, g->read_of[ev->agent][place], depth + 1,
		              &more))
			return false;
		operand += more;
	}
	if (litmus_is_rmw(in->op) && !value_of(s, ev->partner, depth + 1, &old))
		return false;
	*v = in->op == LITMUS_ADD   ? old + operand
	     : in->op == LITMUS_SET ? old | operand
	     : in->op == LITMUS_CLR ? old & ~operand
	     : in->op == LITMUS_EOR ? old ^ operand
	                            : operand;
	return true;
}

/* Values that an instruction insists on: waits, and compare-and-swap. */
static bool insists(const struct search *s, int agent, int place, uint64_t old)
{
	const struct litmus_insn *in = &s->g.t->agent[agent].insn[place];

	if (in->op == LITMUS_WAIT_BELL || in->op == LITMUS_WAIT_IRQ)
		return old == 1;
	if (in->op == LITMUS_CAS)
		return (old == in->compare) == s->g.success[agent][place];
	return true;
}

static void conclude(struct search *s)
{
	const struct ax_graph *g = &s->g;
	const struct litmus *t = g->t;
	struct outcome o = {{0}};
	uint64_t v = 0;

	for (int a = 0; a < t->agent_count; a++)
		for (int i = 0; i < t->agent[a].insn_count; i++) {
			int reg = t->agent[a].insn[i].reg;
			int e = g->read_of[a][i];

			if (e >= 0 &&
			    (!value_of(s, e, 0, &v) || !insists(s, a, i, v)))
				return;
			if (e < 0)
				v = !g->success[a][i];
			if (reg >= 0)
				o.value[outcome_of_reg(t, a, reg)] = v;
		}
	for (int l = 0; l < t->location_count; l++) {
		if (!t->location[l].final)
			continue;
		if (!value_of(s, s->chosen[l]->last, 0, &v))
			return;
		o.value[outcome_of_location(t, l)] = v;
	}
	outcomes_add(&s->r->allowed, &o);
}

/* External visibility: ordered-before has no cycle. */
static void combine(struct search *s, int location, const ax_set *before)
{
	const struct ax_graph *g = &s->g;
	ax_set ob[AX_EVENTS];

	if (location == g->t->location_count) {
		s->r->candidates++;
		conclude(s);
		return;
	}
	for (size_t i = 0; i < s->ways[location].count; i++) {
		const struct way *w = &s->ways[location].list[i];

		for (int e = 0; e < g->count; e++)
			ob[e] = before[e] | w->seen[e];
		s->chosen[location] = w;
		if (ax_acyclic(ob, g->count))
			combine(s, location + 1, ob);
	}
}

static bool executions(struct search *s)
{
	if (!ax_events(&s->g))
		return false;
	ax_local_order(&s->g);
	for (int l = 0; l < s->g.t->location_count; l++)
		if (!ways_of(s, l))
			return false;
	combine(s, 0, s->g.lob);
	return true;
}

/* Store exclusives may fail at any time; a compare-and-swap as values say. */
static bool find_toggles(struct search *s)
{
	const struct litmus *t = s->g.t;

	for (int a = 0; a < t->agent_count; a++)
		for (int i = 0; i < t->agent[a].insn_count; i++) {
			const struct litmus_insn *in = &t->agent[a].insn[i];

			s->g.success[a][i] = true;
			if (in->op != LITMUS_CAS &&
			    (in->op != LITMUS_STORE || !in->exclusive))
				continue;
			if (s->toggle_count == 2 * LITMUS_AGENTS)
				return false;
			s->toggle[s->toggle_count++] = &s->g.success[a][i];
		}
	return true;
}

bool axiom_allowed(const struct litmus *t, struct axiom_result *r)
{
	struct search *s = calloc(1, sizeof(*s));
	bool ok;

	if (!s)
		abort();
	memset(r, 0, sizeof(*r));
	s->g.t = t;
	s->r = r;
	ok = outcome_values(t) >= 0 && find_toggles(s);
	for (uint32_t set = 0; ok && !(set >> s->toggle_count); set++) {
		for (int i = 0; i < s->toggle_count; i++)
			*s->toggle[i] = set >> i & 1;
		ok = executions(s);
	}
	for (int l = 0; l < LITMUS_LOCATIONS; l++)
		free(s->ways[l].list);
	free(s);
	return ok;
}

/* What the memory sees of an access's attributes. */
static struct litmus_attr effective(const struct litmus_agent *a,
                                    const struct litmus_attr *attr)
{
	if (a->kind == LITMUS_NONCOHERENT || a->kind == LITMUS_NOSNOOP ||
	    a->kind == LITMUS_WALKER)
		return (struct litmus_attr){LITMUS_NC, LITMUS_OSH};
	return *attr;
}

struct uses {
	bool any[LITMUS_LOCATIONS];
	struct litmus_attr attr[LITMUS_LOCATIONS];
	int agent[LITMUS_LOCATIONS];
};

/* By line: what shares one is reached together. */
static bool use(const struct litmus *t, struct uses *u, int location, int agent,
                const struct litmus_attr *attr)
{
	int line = t->location[location].line;
	struct litmus_attr now = effective(&t->agent[agent], attr);

	if (t->location[location].signal)
		return true;
	/* Domains of agents meet in outer shareable memory alone. */
	if (t->agent[agent].kind == LITMUS_OUTER && now.share != LITMUS_OSH)
		return false;
	if (u->any[line] && !litmus_attr_equal(&u->attr[line], &now))
		return false;
	if (u->any[line] && u->agent[line] != agent && now.share == LITMUS_NSH)
		return false;
	u->any[line] = true;
	u->attr[line] = now;
	u->agent[line] = agent;
	return true;
}

bool axiom_applies(const struct litmus *t, const char **why)
{
	struct uses u = {{0}, {{0}}, {0}};

	*why = "mismatched attributes";
	for (int a = 0; a < t->agent_count; a++)
		for (int i = 0; i < t->agent[a].insn_count; i++) {
			const struct litmus_insn *in = &t->agent[a].insn[i];

			if (in->op == LITMUS_DC && in->dc == LITMUS_IVAC &&
			    t->agent[a].kind == LITMUS_CPU) {
				*why = "DC IVAC discards";
				return false;
			}
			if (in->condition) {
				*why = "conditions";
				return false;
			}
			if (t->agent[a].iommu) {
				*why = "an IOMMU may refuse";
				return false;
			}
			if (in->location >= 0 &&
			    !use(t, &u, in->location, a, &in->attr))
				return false;
		}
	for (int i = 0; i < t->step_count; i++)
		if (t->step[i].kind == LITMUS_PREFETCH &&
		    !use(t, &u, t->step[i].location, t->step[i].agent,
		         &t->step[i].attr))
			return false;
	*why = NULL;
	return true;
}
