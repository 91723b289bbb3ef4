/* SPDX-License-Identifier: MIT */
/* Effects of a program, and the orders that each agent keeps by itself:
 * everything that does not depend on what reads from what. */
#include "axiom_internal.h"

#include <string.h>

static bool add(struct ax_graph *g, const struct ax_event *e, int *number)
{
	if (g->count == AX_EVENTS)
		return false;
	g->ev[g->count] = *e;
	*(e->write ? &g->writes : &g->reads) |= ax_bit(g->count);
	g->at[e->location] |= ax_bit(g->count);
	*number = g->count++;
	return true;
}

/* DC ZVA writes every location of the line, in no order; the others only one.
 */
static bool add_writes(struct ax_graph *g, struct ax_event e, int *number)
{
	const struct litmus *t = g->t;
	int line = t->location[e.location].line;

	e.write = true;
	if (e.insn->op != LITMUS_ZVA)
		return add(g, &e, number);
	for (int l = 0; l < t->location_count; l++) {
		e.location = l;
		if (t->location[l].line == line && !add(g, &e, number))
			return false;
	}
	return true;
}

/* The load that the store exclusive @place pairs with. */
static int load_of(const struct litmus_agent *a, int place)
{
	do
		place--;
	while (!a->insn[place].exclusive);
	return place;
}

static bool add_insn(struct ax_graph *g, int agent, int place)
{
	const struct litmus_agent *a = &g->t->agent[agent];
	const struct litmus_insn *in = &a->insn[place];
	struct ax_event e = {.agent = agent,
	                     .insn = in,
	                     .place = place,
	                     .location = in->location,
	                     .partner = -1};
	int *rd = &g->read_of[agent][place], *wr = &g->write_of[agent][place];

	*rd = *wr = -1;
	if (litmus_reads(in) && !add(g, &e, rd))
		return false;
	if (!litmus_writes(in) || !g->success[agent][place])
		return true;
	if (!add_writes(g, e, wr))
		return false;
	if (in->exclusive)
		rd = &g->read_of[agent][load_of(a, place)];
	if (*rd >= 0) {
		g->ev[*wr].partner = *rd;
		g->ev[*rd].partner = *wr;
	}
	return true;
}

bool ax_events(struct ax_graph *g)
{
	const struct litmus *t = g->t;
	int number;

	g->count = 0;
	g->reads = g->writes = 0;
	memset(g->at, 0, sizeof(g->at));
	memset(g->po, 0, sizeof(g->po));
	memset(g->po_loc, 0, sizeof(g->po_loc));
	for (int l = 0; l < t->location_count; l++)
		if (!add(g,
		         &(struct ax_event){.agent = -1,
		                            .location = l,
		                            .write = true,
		                            .partner = -1},
		         &number))
			return false;
	for (int a = 0; a < t->agent_count; a++)
		for (int i = 0; i < t->agent[a].insn_count; i++)
			if (!add_insn(g, a, i))
				return false;
	for (int i = 0; i < g->count; i++)
		for (int j = i + 1; j < g->count; j++) {
			const struct ax_event *a = &g->ev[i], *b = &g->ev[j];

			if (a->agent < 0 || a->agent != b->agent)
				continue;
			/* Both of one DC ZVA. */
			if (a->place == b->place && a->write)
				continue;
			g->po[i] |= ax_bit(j);
			if (a->location == b->location)
				g->po_loc[i] |= ax_bit(j);
		}
	return true;
}

/* Does a barrier of this domain reach every other agent that counts? */
static bool reaches(const struct litmus *t, int agent, enum litmus_share domain)
{
	if (domain >= LITMUS_OSH)
		return true;
	for (int i = 0; i < t->agent_count; i++) {
		enum litmus_agent_kind k = t->agent[i].kind;

		if (i == agent)
			continue;
		if (domain == LITMUS_NSH || k == LITMUS_OUTER ||
		    k == LITMUS_NONCOHERENT || k == LITMUS_WALKER ||
		    k == LITMUS_NOSNOOP)
			return false;
	}
	return true;
}

/* B2.3.7, Barrier-ordered-before and DSB-ordered-before: a barrier between the
 * two. DMB ST orders stores with stores alone, DSB ST with everything. */
static bool fenced(const struct ax_graph *g, const struct ax_event *a,
                   const struct ax_event *b)
{
	const struct litmus_agent *agent = &g->t->agent[a->agent];

	for (int i = a->place + 1; i < b->place; i++) {
		const struct litmus_insn *in = &agent->insn[i];

		if ((in->op != LITMUS_DMB && in->op != LITMUS_DSB) ||
		    !reaches(g->t, a->agent, in->domain))
			continue;
		if (in->half == LITMUS_FULL ||
		    (in->half == LITMUS_LD && !a->write) ||
		    (in->half == LITMUS_ST && a->write &&
		     (b->write || in->op == LITMUS_DSB)))
			return true;
	}
	return false;
}

static bool acquires(const struct ax_event *e)
{
	return !e->write && e->insn->acquire;
}

static bool releases(const struct ax_event *e)
{
	return e->write && e->insn->release;
}

/* Barrier-ordered-before, the rest: acquire and release. */
static bool ordered_by_kind(const struct ax_event *a, const struct ax_event *b)
{
	if (acquires(a) || (!a->write && a->insn->acquire_pc))
		return true;
	if (releases(b))
		return true;
	if (!releases(a))
		return false;
	/* A release is before an acquire, and one that is the store of an
	 * atomic with an acquiring load is before everything. */
	return acquires(b) || (a->insn->acquire && litmus_is_rmw(a->insn->op));
}

/* Is there a branch on a load of @mask before @place, for effects from there
 * on? @isb: and then an ISB. */
static bool controls(const struct ax_graph *g, const struct ax_event *load,
                     int place, bool isb)
{
	const struct litmus_agent *agent = &g->t->agent[load->agent];
	bool branched = false;

	if (load->write || load->insn->reg < 0)
		return false;
	for (int i = load->place + 1; i <= place; i++) {
		const struct litmus_insn *in = &agent->insn[i];

		branched |= in->control_dep >> load->insn->reg & 1;
		if (branched && (!isb || (in->op == LITMUS_ISB && i < place)))
			return true;
	}
	return false;
}

static bool depends(const struct ax_event *load, const struct ax_event *b,
                    bool data)
{
	if (load->write || load->insn->reg < 0)
		return false;
	if (b->insn->address_dep >> load->insn->reg & 1)
		return true;
	return data && b->write && (b->insn->data_dep >> load->insn->reg & 1);
}

/* E2 is a store and comes after E3, whose address depends on E1; or E2 comes
 * after an ISB after E3. */
static bool after_address(const struct ax_graph *g, int a, int b)
{
	const struct litmus_agent *agent = &g->t->agent[g->ev[a].agent];

	for (int c = a + 1; c < b; c++) {
		bool isb = false;

		if (!(g->po[a] & ax_bit(c)) || !(g->po[c] & ax_bit(b)) ||
		    !depends(&g->ev[a], &g->ev[c], false))
			continue;
		for (int i = g->ev[c].place + 1; i < g->ev[b].place; i++)
			isb |= agent->insn[i].op == LITMUS_ISB;
		if (g->ev[b].write || isb)
			return true;
	}
	return false;
}

/* E2 is the local read successor of @c: the store before it, of the same
 * location, with no other between. */
static bool local_successor(const struct ax_graph *g, int c, int b)
{
	if (!g->ev[c].write || g->ev[b].write || !(g->po_loc[c] & ax_bit(b)))
		return false;
	for (int i = c + 1; i < b; i++)
		if (g->ev[i].write && (g->po_loc[c] & ax_bit(i)) &&
		    (g->po_loc[i] & ax_bit(b)))
			return false;
	return true;
}

/* Address or data of a store from E1, and E2 may be forwarded from it; or the
 * store is the other half of E1, and E2 acquires. */
static bool through_store(const struct ax_graph *g, int a, int b)
{
	const struct ax_event *to = &g->ev[b];

	for (int c = a + 1; c < b; c++) {
		if (!local_successor(g, c, b))
			continue;
		if (depends(&g->ev[a], &g->ev[c], true))
			return true;
		if (g->ev[a].partner == c &&
		    (to->insn->acquire || to->insn->acquire_pc))
			return true;
	}
	return false;
}

static bool locally_before(const struct ax_graph *g, int i, int j)
{
	const struct ax_event *a = &g->ev[i], *b = &g->ev[j];

	/* A device does one access after the other, and what waits for a
	 * signal comes after it. */
	if (!litmus_is_cpu(&g->t->agent[a->agent]) ||
	    a->insn->op == LITMUS_WAIT_IRQ)
		return true;
	/* Two halves of one atomic: Atomic-ordered-before. */
	if (a->partner == j)
		return true;
	if (a->place == b->place)
		return false;
	/* Local memory write successor. */
	if (b->write && (g->po_loc[i] & ax_bit(j)))
		return true;
	return fenced(g, a, b) || ordered_by_kind(a, b) ||
	       depends(a, b, true) || controls(g, a, b->place, !b->write) ||
	       after_address(g, i, j) || through_store(g, i, j);
}

void ax_local_order(struct ax_graph *g)
{
	memset(g->lob, 0, sizeof(g->lob));
	for (int i = 0; i < g->count; i++)
		for (int j = i + 1; j < g->count; j++)
			if ((g->po[i] & ax_bit(j)) && locally_before(g, i, j))
				g->lob[i] |= ax_bit(j);
}

bool ax_acyclic(const ax_set *after, int count)
{
	ax_set left = count == 64 ? ~UINT64_C(0) : ax_bit(count) - 1;
	bool progress = true;

	/* Take away what nothing is after. */
	while (left && progress) {
		progress = false;
		for (int i = 0; i < count; i++)
			if ((left & ax_bit(i)) && !(after[i] & left)) {
				left &= ~ax_bit(i);
				progress = true;
			}
	}
	return !left;
}
