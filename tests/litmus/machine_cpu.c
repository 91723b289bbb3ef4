/* SPDX-License-Identifier: MIT */
/* A CPU's instructions, as its window takes them. */
#include "machine_internal.h"

enum dmasim_op machine_op(const struct litmus_insn *in)
{
	static const enum dmasim_op ops[] = {
	        [LITMUS_LOAD] = DMASIM_READ,
	        [LITMUS_STORE] = DMASIM_WRITE,
	        [LITMUS_SWP] = DMASIM_ATOMIC_SWAP,
	        [LITMUS_ADD] = DMASIM_ATOMIC_ADD,
	        [LITMUS_SET] = DMASIM_ATOMIC_SET,
	        [LITMUS_CLR] = DMASIM_ATOMIC_CLR,
	        [LITMUS_EOR] = DMASIM_ATOMIC_EOR,
	        [LITMUS_CAS] = DMASIM_ATOMIC_CAS,
	        [LITMUS_DMB] = DMASIM_BARRIER,
	        [LITMUS_DSB] = DMASIM_BARRIER,
	        [LITMUS_ZVA] = DMASIM_WRITE,
	        [LITMUS_BELL] = DMASIM_WRITE,
	};
	static const enum dmasim_op maintenance[] = {
	        [LITMUS_CVAC] = DMASIM_CLEAN,
	        [LITMUS_CVAU] = DMASIM_CLEAN_POU,
	        [LITMUS_CVAP] = DMASIM_CLEAN_POP,
	        [LITMUS_CIVAC] = DMASIM_CLEAN_INVALIDATE,
	        [LITMUS_IVAC] = DMASIM_INVALIDATE,
	};

	return in->op == LITMUS_DC ? maintenance[in->dc] : ops[in->op];
}

static enum dmasim_order order_of(const struct litmus_insn *in)
{
	if (in->acquire && in->release)
		return DMASIM_ORDER_ACQ_REL;
	return in->acquire      ? DMASIM_ORDER_ACQUIRE
	       : in->acquire_pc ? DMASIM_ORDER_ACQUIRE_PC
	       : in->release    ? DMASIM_ORDER_RELEASE
	                        : DMASIM_ORDER_PLAIN;
}

static enum dmasim_barrier barrier_of(const struct litmus_insn *in)
{
	static const enum dmasim_barrier dmb[] = {DMASIM_DMB_LD, DMASIM_DMB_ST,
	                                          DMASIM_DMB};
	static const enum dmasim_barrier dsb[] = {DMASIM_DSB_LD, DMASIM_DSB_ST,
	                                          DMASIM_DSB};

	return in->op == LITMUS_DMB ? dmb[in->half] : dsb[in->half];
}

static uint64_t tokens_of(const struct litmus_agent *a,
                          const struct machine_agent *own, uint32_t regs)
{
	uint64_t mask = 0;

	for (int r = 0; r < a->reg_count; r++)
		if (regs >> r & 1)
			mask |= dmasim_token_bit(own->token[a->reg[r].insn]);
	return mask;
}

static struct dmasim_insn translate(const struct machine *m, int agent, int i)
{
	static const enum dmasim_shareability domains[] = {
	        DMASIM_NSH, DMASIM_ISH, DMASIM_OSH, DMASIM_SY};
	const struct litmus *t = m->plan->t;
	const struct litmus_agent *a = &t->agent[agent];
	const struct machine_agent *own = &m->agent[agent];
	const struct litmus_insn *in = &a->insn[i];
	struct dmasim_insn out = {
	        .op = machine_op(in),
	        .order = order_of(in),
	        .flags = in->exclusive ? DMASIM_TXN_EXCLUSIVE : 0,
	        .size = in->op == LITMUS_ZVA ? MACHINE_LINE : 8,
	        .value = in->value,
	        .compare = in->compare,
	        .address_dep = tokens_of(a, own, in->address_dep),
	        .data_dep = tokens_of(a, own, in->data_dep),
	        .control_dep = own->branches,
	        .isb_dep = own->isbs,
	        .origin = {.file = t->file, .line = (uint32_t)in->line},
	};

	if (out.op == DMASIM_BARRIER) {
		out.barrier = barrier_of(in);
		out.domain = domains[in->domain];
	}
	if (in->value_reg >= 0)
		out.data_from = own->token[a->reg[in->value_reg].insn] + 1;
	if (in->op == LITMUS_BELL)
		out.va = MACHINE_BELLS + (uint64_t)in->agent * 8;
	else if (in->location >= 0)
		out.va = machine_alias(&in->attr) +
		         machine_offset(t, in->location);
	if (in->op == LITMUS_ZVA)
		out.va -= out.va % MACHINE_LINE;
	return out;
}

int machine_issue(struct machine *m, int agent)
{
	const struct litmus_agent *a = &m->plan->t->agent[agent];
	struct machine_agent *own = &m->agent[agent];

	for (; own->next < a->insn_count; own->next++) {
		const struct litmus_insn *in = &a->insn[own->next];
		struct dmasim_insn out;
		int status;

		if (in->op == LITMUS_WAIT_IRQ || litmus_is_note(in->op))
			break;
		own->branches |= tokens_of(a, own, in->control_dep);
		if (in->op == LITMUS_ISB) {
			own->isbs |= own->branches | own->addresses;
			continue;
		}
		out = translate(m, agent, own->next);
		status = dmasim_cpu_issue(own->cpu, &out,
		                          &own->token[own->next]);
		if (status)
			return status;
		own->addresses |= out.address_dep;
		own->issued[own->next] = true;
	}
	return DMASIM_OK;
}
