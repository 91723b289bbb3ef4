/* SPDX-License-Identifier: MIT */
/* A run: what may happen next, and that it happens. */
#include "machine_internal.h"

#include <string.h>

struct choices {
	struct action action[ENUMERATE_ACTIONS];
	int count;
};

#define STEP_ID 256u

static void add_action(const struct machine *m, struct choices *c, uint32_t id,
                       int location, uint64_t touches)
{
	const struct litmus *t = m->plan->t;

	touches |= UINT64_C(1) << t->location[location].line;
	if (machine_is_tiny(m->plan) || m->plan->every_order)
		touches |= 0xffff;
	if (c->count < ENUMERATE_ACTIONS)
		c->action[c->count++] = (struct action){id, touches};
}

static void cpu_actions(const struct machine *m, int agent, struct choices *c)
{
	const struct litmus_agent *a = &m->plan->t->agent[agent];
	const struct machine_agent *own = &m->agent[agent];
	uint32_t tokens[DMASIM_WINDOW], n;

	n = dmasim_cpu_ready(own->cpu, tokens, DMASIM_WINDOW);
	for (uint32_t k = 0; k < n; k++)
		for (int i = 0; i < a->insn_count; i++)
			if (own->issued[i] && own->token[i] == tokens[k])
				add_action(m, c, (uint32_t)(agent * 32 + i),
				           a->insn[i].location,
				           a->insn[i].exclusive
				                   ? UINT64_C(1) << (32 + agent)
				                   : 0);
	if (own->next < a->insn_count &&
	    (own->irq || a->insn[own->next].op != LITMUS_WAIT_IRQ))
		add_action(m, c, (uint32_t)(agent * 32 + own->next),
		           a->insn[own->next].location, 0);
}

static void agent_actions(const struct machine *m, int agent, struct choices *c)
{
	const struct litmus_agent *a = &m->plan->t->agent[agent];
	const struct machine_agent *own = &m->agent[agent];
	const struct litmus_insn *in;

	if (litmus_is_cpu(a)) {
		cpu_actions(m, agent, c);
		return;
	}
	if (own->next == a->insn_count)
		return;
	in = &a->insn[own->next];
	if (in->op != LITMUS_WAIT_BELL || own->bell)
		add_action(m, c, (uint32_t)(agent * 32 + own->next),
		           in->location, 0);
}

static bool take_step(struct machine *m, int i)
{
	const struct litmus *t = m->plan->t;
	const struct litmus_step *s = &t->step[i];
	uint64_t pa = MACHINE_RAM + machine_offset(t, s->location);
	uint32_t cpu = s->agent < 0 ? DMASIM_SHARED_CACHE
	                            : m->agent[s->agent].cpu_index;
	struct dmasim_attr attr = machine_attr(&s->attr);
	int status;

	m->steps_done |= 1u << i;
	status = s->kind == LITMUS_EVICT ? dmasim_memsys_evict(m->ms, cpu, pa)
	         : s->kind == LITMUS_CLEAN
	                 ? dmasim_memsys_clean(m->ms, cpu, pa)
	                 : dmasim_memsys_prefetch(m->ms, cpu, pa, &attr);
	/* Without effect it is as if it had not been taken. */
	if (status && status != DMASIM_E_NOTFOUND)
		m->error = "a step of the environment was refused";
	return status == DMASIM_OK || (m->plan->storm && !m->error);
}

static bool do_agent(struct machine *m, int agent, int i)
{
	const struct litmus_insn *in = &m->plan->t->agent[agent].insn[i];
	struct machine_agent *own = &m->agent[agent];

	if (own->cpu && in->op != LITMUS_WAIT_IRQ && !litmus_is_note(in->op)) {
		if (dmasim_cpu_perform(own->cpu, own->token[i]))
			m->error = "a CPU's access was refused";
		return !m->error;
	}
	if (litmus_is_note(in->op) && !machine_note(m, agent, in))
		return false;
	if (in->op == LITMUS_WAIT_IRQ && m->checker)
		dmasim_note_signal(m->checker, m->agent[own->irq_from].number,
		                   own->number);
	if (in->op == LITMUS_RAISE) {
		m->agent[in->agent].irq = true;
		m->agent[in->agent].irq_from = agent;
	} else if (!own->cpu && in->op != LITMUS_WAIT_BELL &&
	           !machine_device(m, agent, in))
		return false;
	own->next++;
	if (own->cpu && machine_issue(m, agent))
		m->error = "an instruction was refused";
	return !m->error;
}

static bool finished(const struct machine *m)
{
	const struct litmus *t = m->plan->t;

	for (int i = 0; i < t->agent_count; i++)
		if (m->agent[i].next < t->agent[i].insn_count)
			return false;
	return true;
}

bool machine_run(struct machine *m)
{
	const struct litmus *t = m->plan->t;

	for (int i = 0; i < t->agent_count; i++)
		if (m->agent[i].cpu && machine_issue(m, i)) {
			m->error = "an instruction was refused";
			return false;
		}
	for (;;) {
		struct choices c = {.count = 0};
		uint32_t id;
		int at;

		for (int i = 0; i < t->agent_count; i++)
			agent_actions(m, i, &c);
		if (!c.count)
			break;
		for (int i = 0; i < t->step_count; i++)
			if (!(m->steps_done >> i & 1))
				add_action(m, &c, STEP_ID + (uint32_t)i,
				           t->step[i].location, 0);
		at = enumeration_choose(m->e, c.action, c.count);
		if (at < 0)
			return false;
		id = c.action[at].id;
		if (id >= STEP_ID ? !take_step(m, (int)(id - STEP_ID))
		                  : !do_agent(m, (int)id / 32, (int)id % 32))
			return false;
	}
	if (!finished(m))
		m->error = "somebody waits for ever";
	return !m->error;
}

bool machine_outcome(struct machine *m, struct outcome *o)
{
	const struct litmus *t = m->plan->t;

	memset(o, 0, sizeof(*o));
	for (int a = 0; a < t->agent_count; a++)
		for (int r = 0; r < t->agent[a].reg_count; r++) {
			struct machine_agent *own = &m->agent[a];
			uint64_t v = own->reg[r];

			if (own->cpu &&
			    dmasim_cpu_result(
			            own->cpu,
			            own->token[t->agent[a].reg[r].insn], &v))
				return false;
			o->value[outcome_of_reg(t, a, r)] = v;
		}
	if (dmasim_memsys_flush(m->ms))
		return false;
	for (int l = 0; l < t->location_count; l++) {
		uint8_t bytes[8];
		uint64_t v = 0;

		if (!t->location[l].final)
			continue;
		if (dmasim_map_peek(m->map, MACHINE_RAM + machine_offset(t, l),
		                    bytes, 8))
			return false;
		for (int k = 0; k < 8; k++)
			v |= (uint64_t)bytes[k] << 8 * k;
		o->value[outcome_of_location(t, l)] = v;
	}
	return true;
}
