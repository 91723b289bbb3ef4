/* SPDX-License-Identifier: MIT */
#include "mutate.h"

bool mutate_candidate(const struct prog *p, unsigned at)
{
	switch (p->step[at].op) {
	/* Of a lock: those of flags from one CPU to the next pass on what a
	 * third party has done. */
	case PROG_ACQ:
		return at && p->step[at - 1].op == PROG_LOCK;
	case PROG_REL:
		return at + 1 < p->steps && p->step[at + 1].op == PROG_UNLOCK;
	case PROG_MAP:
	case PROG_UNMAP:
	case PROG_SYNC_DEV:
	case PROG_SYNC_CPU:
	case PROG_CLEAN:
	case PROG_INVAL:
	case PROG_DSB:
	case PROG_WMB:
	case PROG_MB:
	case PROG_RMB:
	case PROG_PT_SET:
	case PROG_PT_CLEAN:
	case PROG_SYNC:
		return true;
	default:
		return false;
	}
}

static unsigned index_of(const struct prog *p, unsigned id)
{
	for (unsigned i = 0; i < p->steps; i++)
		if (p->step[i].id == id)
			return i;
	return p->steps;
}

/* The next step of the same CPU in a direction; steps if there is none. */
static unsigned neighbour(const struct prog *p, unsigned at, bool earlier)
{
	for (unsigned i = at;;) {
		if (earlier ? i == 0 : i + 1 >= p->steps)
			return p->steps;
		i = earlier ? i - 1 : i + 1;
		if (p->step[i].cpu == p->step[at].cpu &&
		    p->step[i].op != PROG_NONE)
			return i;
	}
}

void mutate_again(const struct prog *p, const struct mutation *m,
                  struct prog *out)
{
	unsigned from = index_of(p, m->id), to;
	struct prog_step s;

	*out = *p;
	if (from == p->steps)
		return;
	s = p->step[from];
	out->step[from].op = PROG_NONE;
	if (!m->to)
		return;
	to = index_of(p, m->to);
	/* The steps between close the gap. */
	for (unsigned i = from; i != to; i += to > from ? 1u : -1u)
		out->step[i] = p->step[to > from ? i + 1 : i - 1];
	out->step[to] = s;
}

static bool choose_move(const struct prog *p, uint64_t *seed, unsigned at,
                        struct mutation *m)
{
	unsigned far = 1 + prog_below(seed, 8), to = at;

	m->earlier = prog_below(seed, 2);
	while (far--) {
		unsigned next = neighbour(p, to, m->earlier);

		if (next == p->steps)
			break;
		to = next;
	}
	if (to == at)
		return false;
	m->to = p->step[to].id;
	return true;
}

/* A kind of step first, so that rare ones are not drowned. */
static enum prog_op choose_kind(const struct prog *p, uint64_t *seed)
{
	bool there[PROG_OPS] = {false};
	unsigned kinds = 0, n;

	for (unsigned i = 0; i < p->steps; i++)
		if (mutate_candidate(p, i))
			there[p->step[i].op] = true;
	for (unsigned op = 0; op < PROG_OPS; op++)
		kinds += there[op];
	n = kinds ? prog_below(seed, kinds) : 0;
	for (unsigned op = 0; op < PROG_OPS; op++)
		if (there[op] && n-- == 0)
			return (enum prog_op)op;
	return PROG_NONE;
}

static unsigned choose_step(const struct prog *p, uint64_t *seed,
                            enum prog_op op)
{
	unsigned count = 0, n;

	for (unsigned i = 0; i < p->steps; i++)
		count += p->step[i].op == op && mutate_candidate(p, i);
	n = prog_below(seed, count);
	for (unsigned i = 0;; i++)
		if (p->step[i].op == op && mutate_candidate(p, i) && n-- == 0)
			return i;
}

bool mutate(const struct prog *p, uint64_t seed, struct prog *out,
            struct mutation *m)
{
	enum prog_op op;
	unsigned at;

	/* Other numbers than those that made the program. */
	seed = prog_random(&seed);
	op = choose_kind(p, &seed);
	if (op == PROG_NONE)
		return false;
	at = choose_step(p, &seed, op);
	*m = (struct mutation){
	        .id = p->step[at].id, .op = op, .what = p->step[at].what};
	if (prog_below(&seed, 3) == 0)
		choose_move(p, &seed, at, m);
	mutate_again(p, m, out);
	return true;
}
